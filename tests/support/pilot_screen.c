/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/pilot_screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "tests/support/drawn.h"
#include "text/width.h"

enum { PATIENCE_MS = 10000, NOTICE_MS = 3000 };

/* ---- the terminal ---- */

static void flush(void *ctx, const struct cells *cells)
{
    struct pilot_screen *stand = ctx;
    buf_reset(&stand->frame);
    cells_dump(cells, &stand->frame);
    stand->cursor_row = cells->cursor_row;
    stand->cursor_col = cells->cursor_col;
    if (stand->flushes < sizeof stand->flushed_ms / sizeof stand->flushed_ms[0])
        stand->flushed_ms[stand->flushes] =
            stand->pilot.now_ms; /* what the screen knows */
    stand->flushes++;
}

static void redraw(void *ctx)
{
    ((struct pilot_screen *)ctx)->redraws++;
}

static bool copy(void *ctx, const char *text, size_t len)
{
    struct pilot_screen *stand = ctx;
    buf_reset(&stand->copied);
    buf_add(&stand->copied, text, len);
    return !stand->refuses_copy;
}

static void suspend(void *ctx)
{
    ((struct pilot_screen *)ctx)->suspends++;
}

static void leave(void *ctx)
{
    ((struct pilot_screen *)ctx)->leaves++;
}

static void set_title(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

static const char *read_key(const char *keys, struct key *key)
{
    char name[32];
    size_t len = strcspn(keys, ">");
    if (*keys != '<' || keys[len] != '>') {
        size_t bytes = utf8_decode(keys, strlen(keys), 0, &key->code);
        key->mods = 0;
        return keys + bytes;
    }
    snprintf(name, sizeof name, "%.*s", (int)len - 1, keys + 1);
    if (!key_parse(name, key))
        fail_msg("%s is no key's name", name);
    return keys + len + 1;
}

static void come_back(void *ctx, bool drops_typed)
{
    struct pilot_screen *stand = ctx;
    const char *keys = drops_typed ? NULL : stand->keys_at_return;
    stand->returns++;
    while (keys && *keys != '\0') {
        struct event event = {.kind = EVENT_KEY};
        keys = read_key(keys, &event.key);
        screen_handle(stand->screen, &event);
    }
}

/* ---- life ---- */

/* The test's clock goes on with the machine's, so that frames are due. */
static void on_idle(void *ctx)
{
    struct pilot_screen *stand = ctx;
    stand->pilot.now_ms = stand->clock_base_ms + clock_mono_ms(&clock_system);
    if (stand->screen)
        screen_paint(stand->screen);
}

static void open_screen(struct pilot_screen *stand)
{
    struct screen_terminal terminal = {.ctx = stand,
                                       .flush = flush,
                                       .redraw = redraw,
                                       .copy = copy,
                                       .suspend = suspend,
                                       .leave = leave,
                                       .come_back = come_back,
                                       .title = set_title};
    stand->screen = screen_new(stand->pilot.app, &stand->pilot.settings, &terminal,
                               stand->rows, stand->cols);
    screen_use_runs(stand->screen, run_options_start);
    screen_use_clock(stand->screen, &stand->pilot.clock);
    loop_on_idle(stand->pilot.loop, on_idle, stand);
    screen_paint(stand->screen);
}

static void close_screen(struct pilot_screen *stand)
{
    loop_on_idle(stand->pilot.loop, NULL, NULL);
    screen_free(stand->screen);
    stand->screen = NULL;
}

static void add_records(struct pilot_screen *stand)
{
    for (int i = 1; i <= stand->records; i++) {
        char prompt[32], response[64];
        snprintf(prompt, sizeof prompt, "Question %d", i);
        snprintf(response, sizeof response, "Answer **%d** to it.", i);
        pilot_add(&stand->pilot, prompt, response);
    }
    if (stand->records > 0)
        app_go(stand->pilot.app, 0);
}

static void prepare_dataset(struct pilot_screen *stand)
{
    struct dataset dataset = {0};
    struct err err = {0};
    int64_t row = 0;
    dataset_copy(&dataset, &stand->pilot.session->dataset);
    stand->prepare(&dataset);
    assert_int_equal(
        store_put_dataset(app_store(stand->pilot.app), &dataset, &row, NULL, &err),
        STATUS_OK);
    dataset_clear(&dataset);
    pilot_reopen(&stand->pilot);
}

static void add_endpoint(struct pilot_screen *stand)
{
    struct settings *settings = &stand->pilot.settings;
    for (size_t i = 0; i < settings->endpoint_count; i++)
        endpoint_clear(&settings->endpoints[i]);
    free(settings->endpoints);
    settings->endpoints = xcalloc(1, sizeof *settings->endpoints);
    settings->endpoint_count = 1;
    endpoint_init(settings->endpoints);
    settings->endpoints->name = xstrdup("local");
    settings->endpoints->kind = ENDPOINT_CANNED;
    settings->endpoints->token_ms = stand->token_ms;
    settings->endpoints->defaults.model = xstrdup("demo");
    pilot_reopen(&stand->pilot);
}

void pilot_screen_start(struct pilot_screen *stand)
{
    if (!stand->rows) {
        stand->rows = 24;
        stand->cols = 80;
    }
    pilot_start(&stand->pilot);
    stand->clock_base_ms = stand->pilot.now_ms - clock_mono_ms(&clock_system);
    if (!stand->has_no_endpoint)
        add_endpoint(stand);
    if (stand->prepare)
        prepare_dataset(stand);
    add_records(stand);
    open_screen(stand);
}

void pilot_screen_reopen(struct pilot_screen *stand)
{
    close_screen(stand);
    pilot_reopen(&stand->pilot);
    open_screen(stand);
}

void pilot_screen_go_over(struct pilot_screen *stand)
{
    stand->pilot.row = screen_next_dataset(stand->screen);
    assert_int_not_equal(stand->pilot.row, 0);
    stand->pilot.chooses = false;
    pilot_screen_reopen(stand);
}

void pilot_screen_end(struct pilot_screen *stand)
{
    close_screen(stand);
    buf_clear(&stand->frame);
    buf_clear(&stand->copied);
    pilot_end(&stand->pilot);
}

int pilot_screen_tear_down(void **state)
{
    pilot_screen_free(*state);
    return 0;
}

struct pilot_screen *pilot_screen_new(int records, int64_t token_ms)
{
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = records;
    stand->token_ms = token_ms;
    pilot_screen_start(stand);
    return stand;
}

void pilot_screen_free(struct pilot_screen *stand)
{
    pilot_screen_end(stand);
    free(stand);
}

struct id pilot_current(const struct pilot_screen *stand)
{
    return stand->pilot.session->current.id;
}

/* ---- events ---- */

static void send(struct pilot_screen *stand, const struct event *event)
{
    on_idle(stand);
    screen_handle(stand->screen, event);
    on_idle(stand);
    loop_poll(stand->pilot.loop);
}

static void send_key(struct pilot_screen *stand, struct key key)
{
    struct event event = {.kind = EVENT_KEY, .key = key};
    send(stand, &event);
}

void pilot_keys(struct pilot_screen *stand, const char *keys)
{
    while (*keys != '\0') {
        struct key key;
        keys = read_key(keys, &key);
        send_key(stand, key);
    }
}

void pilot_type(struct pilot_screen *stand, const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at < len;) {
        struct key key = {0};
        at += utf8_decode(text, len, at, &key.code);
        if (key.code == '\n')
            key.code = KEYCODE_ENTER;
        send_key(stand, key);
    }
}

void pilot_paste(struct pilot_screen *stand, const char *text)
{
    struct event event = {.kind = EVENT_PASTE, .text = text, .len = strlen(text)};
    send(stand, &event);
}

static void send_mouse(struct pilot_screen *stand, enum event_kind kind, const char *text,
                       int delta)
{
    pilot_see(stand, text);
    int row = 1;
    const char *line = stand->frame.data, *found;
    for (; (found = strstr(line, text)) > strchr(line, '\n'); row++)
        line = strchr(line, '\n') + 1;
    struct event event = {.kind = kind,
                          .rows = row,
                          .cols = (int)width_of(line, (size_t)(found - line)) + 1,
                          .delta = delta};
    send(stand, &event);
}

void pilot_click(struct pilot_screen *stand, const char *text)
{
    send_mouse(stand, EVENT_CLICK, text, 0);
}

void pilot_drag(struct pilot_screen *stand, const char *text, bool is_let_go)
{
    send_mouse(stand, EVENT_DRAG, text, is_let_go);
}

void pilot_resize(struct pilot_screen *stand, int rows, int cols)
{
    struct event event = {.kind = EVENT_RESIZE, .rows = rows, .cols = cols};
    send(stand, &event);
}

/* ---- looking ---- */

bool pilot_sees(const struct pilot_screen *stand, const char *text)
{
    return strstr(buf_text(&stand->frame), text) != NULL;
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

/* What is not there yet may be behind the notice that was there before: the test's clock
 * goes on to its end, the machine's does not have to. An error stays. */
static void fade_notice(struct pilot_screen *stand, int64_t until_ms)
{
    int64_t left = until_ms - stand->pilot.now_ms;
    if (stand->pilot.session->notice.until_ms != until_ms || left <= 0 ||
        left > NOTICE_MS)
        return;
    stand->clock_base_ms += left;
    send(stand, &(struct event){.kind = EVENT_POSITION}); /* which does nothing */
}

static void wait_for(struct pilot_screen *stand, const char *text, bool is_there)
{
    int64_t begin = clock_mono_ms(&clock_system), end = begin + PATIENCE_MS;
    int64_t notice_ms = stand->pilot.session->notice.until_ms;
    struct loop_timer *timer = loop_timer_new(stand->pilot.loop, do_nothing, NULL);
    loop_timer_start(timer, 20, 20);
    while (pilot_sees(stand, text) != is_there && clock_mono_ms(&clock_system) < end) {
        loop_turn(stand->pilot.loop);
        if (clock_mono_ms(&clock_system) - begin > NOTICE_MS / 10)
            fade_notice(stand, notice_ms);
    }
    loop_timer_free(timer);
    if (pilot_sees(stand, text) == is_there)
        return;
    for (const char *row = buf_text(&stand->frame); *row != '\0';) {
        size_t len = strcspn(row, "\n");
        print_error("%.*s\n", (int)len, row);
        row += len + (row[len] == '\n');
    }
    fail_msg("\"%s\" %s on the screen", text, is_there ? "did not come" : "stayed");
}

void pilot_see(struct pilot_screen *stand, const char *text)
{
    wait_for(stand, text, true);
}

void pilot_see_gone(struct pilot_screen *stand, const char *text)
{
    wait_for(stand, text, false);
}

void pilot_rest(struct pilot_screen *stand)
{
    pilot_settle(&stand->pilot);
    on_idle(stand);
}

/* ---- another dataset ---- */

int64_t pilot_add_other(struct pilot_screen *stand, const char *name)
{
    struct dataset dataset = {0};
    struct record record = {0};
    dataset_init_guide(&dataset, name, "local", "");
    assert_int_equal(store_put_dataset(app_store(stand->pilot.app), &dataset,
                                       &dataset.row, NULL, NULL),
                     STATUS_OK);
    id_random(&record.id);
    record.dataset_row = dataset.row;
    record_set_field(&record, "prompt", "Elsewhere?", 10);
    record_set_field(&record, "response", "Here.", 5);
    pilot_add_record(&stand->pilot, &record, true);
    int64_t row = dataset.row;
    record_clear(&record);
    dataset_clear(&dataset);
    return row;
}

void pilot_open_other(struct pilot_screen *stand, const char *name)
{
    pilot_type(stand, ":open ");
    pilot_type(stand, name);
    pilot_type(stand, "\n");
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_go_over(stand);
}
