/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/screen.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "ui/screen_parts.h"

#define FRAME_MS 33
#define WHEEL_LINES 3

struct mode_row {
    void (*key)(struct screen *screen, struct key key);
    void (*paste)(struct screen *screen, const struct event *event);
};

static const struct mode_row modes[MODE_COUNT] = {
    [MODE_BROWSE] = {browse_key, browse_paste},
    [MODE_FEEDBACK] = {feedback_key, feedback_paste},
    [MODE_PROMPT] = {prompt_key, prompt_paste},
    [MODE_COMMAND] = {command_key, command_paste},
    [MODE_SETTINGS] = {settings_key, settings_paste},
    [MODE_PAGER] = {page_key, browse_paste},
    [MODE_QUEUE] = {queue_key, browse_paste},
};

const struct session *screen_session(const struct screen *screen)
{
    return app_session(screen->app);
}

static const char *snippet(void *ctx, size_t index)
{
    return app_snippet(ctx, index);
}

void screen_view(const struct screen *screen, struct view *view)
{
    *view = (struct view){.session = screen_session(screen),
                          .keymap = &screen->keymap,
                          .mode = screen->mode,
                          .now_ms = clock_mono_ms(screen->clock),
                          .wall_ms = clock_wall_ms(screen->clock),
                          .snippet = snippet,
                          .snippet_ctx = screen->app};
}

const struct question *screen_question(const struct screen *screen)
{
    return frame_question(&screen->frame, screen_session(screen));
}

void screen_refuse_key(struct screen *screen, struct key key)
{
    char name[64], help[32];
    key_format(key, name, sizeof name);
    keymap_first_key(&screen->keymap, ACTION_HELP, help, sizeof help);
    app_notify(screen->app, NOTICE_INFO, "%s does nothing here; %s shows the keys.", name,
               help[0] != '\0' ? help : ":help");
}

void screen_quit(struct screen *screen)
{
    feedback_leave(screen);
    prompt_keep(screen);
    screen->wants_quit = true;
    loop_stop(app_loop(screen->app));
}

/* ---- time ---- */

static struct id shown_record(const struct screen *screen)
{
    const struct session *session = screen_session(screen);
    return session->has_current ? session->current.id : (struct id){0};
}

static void mark_dirty(void *ctx)
{
    struct screen *screen = ctx;
    screen->is_dirty = true;
}

/* Text that grows can wait for the next frame, another record (the first one after the
 * start) cannot. */
static void on_change(void *ctx)
{
    struct screen *screen = ctx;
    struct id now = shown_record(screen);
    mark_dirty(screen);
    screen->is_urgent = screen->is_urgent || !id_equal(&now, &screen->seen_record);
}

/* The prompt is on disk soon as well. */
static void autosave(void *ctx)
{
    prompt_keep(ctx);
}

/* ---- events ---- */

static void follow_record(struct screen *screen)
{
    struct id now = shown_record(screen);
    if (id_equal(&now, &screen->seen_record))
        return;
    screen->seen_record = now;
    answer_start_record(screen);
}

static void on_wheel(struct screen *screen, int delta)
{
    if (screen->mode == MODE_QUEUE) {
        browse_run(screen, delta > 0 ? ACTION_NEXT : ACTION_PREVIOUS);
        return;
    }
    struct scroll *scroll = screen->mode == MODE_PAGER ? &screen->frame.pager.scroll
                                                       : &screen->frame.record.scroll;
    scroll_by(scroll, (long)delta * WHEEL_LINES);
    scroll->follows = false;
}

void screen_handle(struct screen *screen, const struct event *event)
{
    screen->is_dirty = screen->is_urgent = true;
    if (event->kind == EVENT_KEY || event->kind == EVENT_PASTE)
        app_wait_for_undo(screen->app);
    follow_record(screen);
    switch (event->kind) {
    case EVENT_KEY:
        app_dismiss_notice(screen->app);
        modes[screen->mode].key(screen, event->key);
        break;
    case EVENT_PASTE:
        app_dismiss_notice(screen->app);
        modes[screen->mode].paste(screen, event);
        break;
    case EVENT_RESIZE:
        cells_resize(&screen->frame.cells, event->rows, event->cols);
        break;
    case EVENT_WHEEL:
        on_wheel(screen, event->delta);
        break;
    case EVENT_HANGUP:
        screen_quit(screen);
        break;
    case EVENT_RESUMED:
        screen->terminal.redraw(screen->terminal.ctx);
        break;
    }
    follow_record(screen);
}

/* The page of what is unsent follows the sending. */
static void refresh_outbox(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct outbox_counts *now = &session->sync.outbox;
    const struct outbox_counts *listed = &session->unsent.counts;
    bool is_shown =
        screen->mode == MODE_PAGER && screen->frame.pager.page == PAGER_OUTBOX;
    if (is_shown && (now->unsent != listed->unsent || now->refused != listed->refused))
        app_list_unsent(screen->app);
}

void screen_paint(struct screen *screen)
{
    int64_t now = clock_mono_ms(screen->clock);
    if (!screen->is_dirty || screen->is_away)
        return;
    if (!screen->is_urgent && now - screen->painted_ms < FRAME_MS) {
        loop_timer_start(screen->wake, FRAME_MS - (now - screen->painted_ms), 0);
        return;
    }
    screen->is_dirty = screen->is_urgent = false;
    screen->painted_ms = now;
    follow_record(screen);
    refresh_outbox(screen);
    struct view view;
    screen_view(screen, &view);
    frame_draw(&screen->frame, &view);
    screen->terminal.flush(screen->terminal.ctx, &screen->frame.cells);
    int64_t next = frame_next_change(&view);
    if (next >= 0)
        loop_timer_start(screen->wake, next, 0);
    else
        loop_timer_stop(screen->wake);
}

/* ---- life ---- */

struct screen *screen_new(struct app *app, const struct settings *settings,
                          const struct screen_terminal *terminal, int rows, int cols)
{
    struct screen *screen = xcalloc(1, sizeof *screen);
    screen->app = app;
    screen->terminal = *terminal;
    screen->clock = &clock_system;
    keymap_init(&screen->keymap, settings->bindings, settings->binding_count);
    frame_init(&screen->frame, rows, cols);
    screen->autosave = loop_timer_new(app_loop(app), autosave, screen);
    screen->wake = loop_timer_new(app_loop(app), mark_dirty, screen);
    screen->is_dirty = screen->is_urgent = true;
    app_on_change(app, on_change, screen);
    const char *name = screen_session(screen)->dataset.name;
    screen->terminal.title(screen->terminal.ctx, name ? name : "sherd");
    follow_record(screen);
    return screen;
}

void screen_free(struct screen *screen)
{
    if (!screen)
        return;
    feedback_leave(screen); /* a signal may have ended us in the middle of a word */
    prompt_keep(screen);
    app_on_change(screen->app, NULL, NULL);
    editor_free(screen->editor);
    loop_timer_free(screen->autosave);
    loop_timer_free(screen->wake);
    former_clear(&screen->prompt_history);
    former_clear(&screen->command_history);
    frame_clear(&screen->frame);
    keymap_clear(&screen->keymap);
    free(screen);
}

void screen_use_clock(struct screen *screen, const struct clock *clock)
{
    screen->clock = clock;
}

bool screen_wants_quit(const struct screen *screen)
{
    return screen->wants_quit;
}

bool screen_wants_demo(const struct screen *screen)
{
    return screen->wants_demo;
}
