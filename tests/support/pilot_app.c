/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/pilot_app.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "app/app_parts.h"
#include "app/respond.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "model/dataset.h"
#include "store/store_bulk.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_model.h"
#include "tests/support/hurry.h"

enum { PATIENCE_MS = 10000 };

static int64_t now(void *ctx)
{
    const struct pilot *pilot = ctx;
    return pilot->now_ms;
}

static void count_change(void *ctx)
{
    struct pilot *pilot = ctx;
    pilot->changes++;
}

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static void add_endpoint(struct pilot *pilot)
{
    struct settings *settings = &pilot->settings;
    struct err err = {0};
    settings->endpoints = xcalloc(1, sizeof *settings->endpoints);
    settings->endpoint_count = 1;
    struct endpoint *endpoint = settings->endpoints;
    endpoint_init(endpoint);
    endpoint->name = xstrdup("fake");
    assert_int_equal(endpoint_set_url(endpoint, pilot->endpoint_url, &err), STATUS_OK);
    if (pilot->key_command)
        endpoint->key_command = xstrdup(pilot->key_command);
    free(endpoint->defaults.model);
    endpoint->defaults.model = xstrdup("fake-1");
}

static void add_server(struct pilot *pilot)
{
    struct settings *settings = &pilot->settings;
    settings->servers = xcalloc(1, sizeof *settings->servers);
    settings->server_count = 1;
    settings->servers->name = xstrdup("fake");
    settings->servers->url = xstrdup(pilot->server_url);
    secret_set(&settings->servers->key, pilot->server_key);
}

static void open_app(struct pilot *pilot)
{
    struct err err = {0};
    struct app_options options = {.loop = pilot->loop,
                                  .clock = &pilot->clock,
                                  .settings = &pilot->settings,
                                  .is_demo = pilot->is_demo,
                                  .loads_queue = !pilot->is_headless,
                                  .connects = !pilot->is_offline,
                                  .chooses = pilot->chooses,
                                  .review = pilot->review,
                                  .record = pilot->record,
                                  .dataset_row = pilot->row,
                                  .store_vfs = pilot->vfs};
    if (app_open(&pilot->app, &options, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    pilot->session = app_session(pilot->app);
    app_on_change(pilot->app, count_change, pilot);
}

void pilot_start(struct pilot *pilot)
{
    memcpy(pilot->dir, "/tmp/sherd-pilot-XXXXXX", sizeof "/tmp/sherd-pilot-XXXXXX");
    assert_non_null(mkdtemp(pilot->dir));
    pilot->now_ms = 1700000000000;
    pilot->clock = (struct clock){.mono_ms = now, .wall_ms = now, .ctx = pilot};
    pilot->loop = loop_new();
    settings_init(&pilot->settings);
    pilot->settings.plain = pilot->is_plain;
    pilot->settings.store = paths_join(pilot->dir, "store.db");
    if (pilot->endpoint_url)
        add_endpoint(pilot);
    if (pilot->server_url)
        add_server(pilot);
    open_app(pilot);
    pilot_settle(pilot);
}

void pilot_reopen(struct pilot *pilot)
{
    pilot_reopen_early(pilot);
    pilot_settle(pilot);
}

void pilot_reopen_early(struct pilot *pilot)
{
    app_close(pilot->app);
    pilot->now_ms += 1000;
    open_app(pilot);
}

static void remove_directory(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char *file = paths_join(path, entry->d_name);
        unlink(file);
        free(file);
    }
    closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

struct fake_model *pilot_use_model(struct pilot *pilot)
{
    pilot->model = fake_model_new();
    pilot->endpoint_url = fake_model_url(pilot->model);
    return pilot->model;
}

struct fake_argilla *pilot_use_argilla(struct pilot *pilot, const char *version)
{
    pilot->argilla = fake_argilla_new(version);
    pilot->server_url = fake_argilla_url(pilot->argilla);
    pilot->server_key = FAKE_ARGILLA_KEY;
    return pilot->argilla;
}

void pilot_end(struct pilot *pilot)
{
    if (pilot->app) {
        pilot_kill_other(pilot);
        sqlite3_close(pilot->other_db);
        app_close(pilot->app);
        loop_free(pilot->loop);
        settings_clear(&pilot->settings);
        remove_directory(pilot->dir);
    }
    if (pilot->argilla)
        fake_argilla_free(pilot->argilla);
    if (pilot->model)
        fake_model_free(pilot->model);
}

int pilot_tear_down(void **state)
{
    pilot_end(*state);
    free(*state);
    return 0;
}

static int64_t tick(void *ctx)
{
    struct pilot *pilot = ctx;
    return pilot->now_ms++;
}

void pilot_slow_down(struct pilot *pilot)
{
    pilot->clock.mono_ms = tick;
}

void pilot_until(struct pilot *pilot, pilot_fn condition)
{
    int64_t end = clock_mono_ms(&clock_system) + PATIENCE_MS;
    struct loop_timer *timer = loop_timer_new(pilot->loop, do_nothing, NULL);
    loop_timer_start(timer, 20, 20);
    while (!condition(pilot) && clock_mono_ms(&clock_system) < end)
        loop_turn(pilot->loop);
    loop_timer_free(timer);
    if (!condition(pilot))
        fail_msg("it did not come; the notice says: %s", pilot->session->notice.text);
}

static void set_stop(void *ctx)
{
    struct pilot *pilot = ctx;
    pilot->is_late = true;
}

bool pilot_has_selected(const struct pilot *pilot)
{
    return !pilot->session->is_selecting;
}

static struct loop_timer *start_watch(struct pilot *pilot, int64_t ms)
{
    pilot->is_late = false;
    struct loop_timer *timer = loop_timer_new(pilot->loop, set_stop, pilot);
    loop_timer_start(timer, ms * hurry_times(), 0);
    return timer;
}

void pilot_settle(struct pilot *pilot)
{
    struct loop_timer *timer = start_watch(pilot, PATIENCE_MS);
    app_settle(pilot->app, &pilot->is_late);
    loop_timer_free(timer);
    if (pilot->is_late)
        fail_msg("it does not settle; the notice says: %s", pilot->session->notice.text);
}

void pilot_run(struct pilot *pilot, int64_t ms)
{
    struct loop_timer *timer = start_watch(pilot, ms);
    while (!pilot->is_late)
        loop_turn(pilot->loop);
    loop_timer_free(timer);
}

/* ---- what others do to the store ---- */

static struct sqlite3 *other_db(struct pilot *pilot)
{
    if (!pilot->other_db) {
        assert_int_equal(
            sqlite3_open(store_path(app_store(pilot->app)), &pilot->other_db), SQLITE_OK);
        sqlite3_busy_timeout(pilot->other_db, 5000);
    }
    return pilot->other_db;
}

static void run_sql(struct pilot *pilot, const char *sql)
{
    char *text = NULL;
    if (sqlite3_exec(other_db(pilot), sql, NULL, NULL, &text) != SQLITE_OK)
        fail_msg("%s: %s", sql, text);
}

void pilot_hold_store(struct pilot *pilot, bool is_held)
{
    run_sql(pilot, is_held ? "BEGIN IMMEDIATE" : "ROLLBACK");
}

/* As the store itself calls its owner: "BOOT PID START TOKEN". */
static char *owner_of(pid_t pid)
{
    char boot[40] = "", path[64], stat[1024] = "";
    unsigned long long start = 0;
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    assert_non_null(file);
    assert_int_equal(fread(boot, 1, 36, file), 36);
    fclose(file);
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(stat, 1, sizeof stat - 1, file) > 0);
    fclose(file);
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    start = at ? strtoull(at, NULL, 10) : 0;
    return xasprintf("%s %ld %llu other", boot, (long)pid, start);
}

void pilot_claim_for_other(struct pilot *pilot, const struct id *id)
{
    char text[ID_TEXT];
    pilot->other = fork();
    if (!pilot->other) {
        for (;;)
            pause();
    }
    char *owner = owner_of(pilot->other);
    struct record record;
    pilot_read(pilot, id, &record);
    id_format(id, text);
    char *sql = xasprintf(
        "BEGIN IMMEDIATE;"
        "UPDATE completion SET owner = '%s', state = %d WHERE record = %lld;"
        "UPDATE record SET flags = %d, revision = (SELECT max(revision) + 1 FROM record)"
        " WHERE row = %lld; COMMIT",
        owner, COMPLETION_RUNNING, (long long)record.row, QUEUE_STREAMING,
        (long long)record.row);
    run_sql(pilot, sql);
    free(sql);
    free(owner);
    record_clear(&record);
}

void pilot_kill_other(struct pilot *pilot)
{
    if (pilot->other) {
        kill(pilot->other, SIGKILL);
        waitpid(pilot->other, NULL, 0);
    }
    pilot->other = 0;
}

void pilot_by_other(struct pilot *pilot,
                    enum status (*put)(struct store *store, const void *what,
                                       struct err *err),
                    const void *what)
{
    struct store *store = NULL;
    struct err err = {0};
    struct loop *loop = loop_new();
    struct store_options options = {.path = store_path(app_store(pilot->app)),
                                    .clock = &pilot->clock};
    if (store_open(&store, loop, &options, &err) != STATUS_OK ||
        put(store, what, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    store_close(store);
    loop_free(loop);
}

struct put_response {
    const struct id *id;
    struct response response;
};

static enum status put_response(struct store *store, const void *what, struct err *err)
{
    const struct put_response *put = what;
    return store_put_response(store, put->id, &put->response, NULL, CHANGE_RATE, 0, err);
}

void pilot_put_by_other(struct pilot *pilot, const struct id *id,
                        enum response_status status, int rating, const char *feedback)
{
    struct put_response put = {.id = id, .response.status = status};
    struct values *values = &put.response.values;
    if (rating)
        values_set_rating(values, "response-rating", rating);
    if (feedback)
        values_set_text(values, "response-feedback", QUESTION_TEXT, feedback);
    pilot_by_other(pilot, put_response, &put);
    response_clear(&put.response);
}

struct put_flag {
    const struct id *id;
    bool is_flagged;
};

static enum status put_flag(struct store *store, const void *what, struct err *err)
{
    const struct put_flag *put = what;
    return store_put_flag(store, put->id, put->is_flagged, err);
}

void pilot_flag_by_other(struct pilot *pilot, const struct id *id, bool is_flagged)
{
    struct put_flag put = {id, is_flagged};
    pilot_by_other(pilot, put_flag, &put);
}

struct put_note {
    const struct id *id;
    const char *text;
};

static enum status put_note(struct store *store, const void *what, struct err *err)
{
    const struct put_note *put = what;
    return store_note_record(store, put->id, put->text, NULL, 0, NULL, err);
}

void pilot_note_by_other(struct pilot *pilot, const struct id *id, const char *text)
{
    struct put_note put = {id, text};
    pilot_by_other(pilot, put_note, &put);
}

static enum status delete_row(struct store *store, const void *what, struct err *err)
{
    struct bulk bulk = {0};
    return store_put_bulk(store, &bulk, what, 1, true, err);
}

void pilot_delete_by_other(struct pilot *pilot, int64_t row)
{
    pilot_by_other(pilot, delete_row, &row);
}

static enum status put_pick(struct store *store, const void *what, struct err *err)
{
    return store_put_pick(store, what, err);
}

void pilot_pick_by_other(struct pilot *pilot, const struct pick *pick)
{
    pilot_by_other(pilot, put_pick, pick);
}

/* A file that may not grow fails as a full disk does, whatever writes it. */
void pilot_fill_disk(bool is_full)
{
    static const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit limit;
    sigaction(SIGXFSZ, &ignore, NULL);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = is_full ? 1 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void pilot_add_record(struct pilot *pilot, struct record *record, bool is_finished)
{
    struct err err = {0};
    if (store_add_record(app_store(pilot->app), record, is_finished, NULL, &err) !=
        STATUS_OK)
        fail_msg("%s", err.text);
    navigate_take_changes(pilot->app);
}

struct id pilot_ask(struct pilot *pilot, const char *prompt)
{
    if (!app_ask(pilot->app, prompt, strlen(prompt), NULL, NULL))
        fail_msg("%s", pilot->session->notice.text);
    return pilot->session->current.id;
}

struct id pilot_add(struct pilot *pilot, const char *prompt, const char *response)
{
    struct record record = {.dataset_row = pilot->session->dataset.row};
    id_random(&record.id);
    record.inserted_ms = pilot->now_ms;
    record_set_field(&record, "prompt", prompt, strlen(prompt));
    record_set_field(&record, "response", response, strlen(response));
    pilot_add_record(pilot, &record, true);
    pilot_settle(pilot);
    struct id id = record.id;
    record_clear(&record);
    return id;
}

void pilot_go(struct pilot *pilot, const struct id *id)
{
    struct record record;
    pilot_read(pilot, id, &record);
    size_t index = queue_find(&pilot->session->queue, record.row);
    record_clear(&record);
    if (index == SIZE_MAX || !app_go(pilot->app, index))
        fail_msg("it is not in the queue; the notice says: %s",
                 pilot->session->notice.text);
}

bool pilot_rate(struct pilot *pilot, int rating)
{
    char name[] = "response-rating";
    struct value value = {.question = name, .type = QUESTION_RATING, .rating = rating};
    return app_set_value(pilot->app, &value, SET_TOGGLE);
}

bool pilot_write(struct pilot *pilot, const char *text)
{
    char name[] = "response-feedback";
    char *copy = xstrdup(text);
    struct value value = {.question = name, .type = QUESTION_TEXT, .text = copy};
    bool is_set = app_set_value(pilot->app, &value, SET_TYPED);
    free(copy);
    return is_set;
}

void pilot_read(struct pilot *pilot, const struct id *id, struct record *record)
{
    struct err err = {0};
    memset(record, 0, sizeof *record);
    if (store_get_record(app_store(pilot->app), id, record, &err) != STATUS_OK)
        fail_msg("the record is not on disk: %s", err.text);
}

void pilot_expect(struct pilot *pilot, const struct id *id, enum response_status status,
                  int rating, const char *feedback)
{
    struct record record;
    pilot_read(pilot, id, &record);
    const struct values *values = &record.response.values;
    const struct value *rated = values_find(values, "response-rating");
    const struct value *said = values_find(values, "response-feedback");
    assert_string_equal(response_status_name(record.response.status),
                        response_status_name(status));
    assert_int_equal(rated ? rated->rating : 0, rating);
    assert_string_equal(said ? said->text : "(none)", feedback ? feedback : "(none)");
    record_clear(&record);
}

void pilot_expect_notice(const struct pilot *pilot, const char *words)
{
    if (!strstr(pilot->session->notice.text, words))
        fail_msg("the notice says: %s", pilot->session->notice.text);
}

char *pilot_field(struct pilot *pilot, const struct id *id, const char *name)
{
    struct record record;
    pilot_read(pilot, id, &record);
    const struct record_field *field = record_field(&record, name);
    char *text = xstrdup(field && field->text ? field->text : "(no field)");
    record_clear(&record);
    return text;
}

int pilot_file(const char *const *lines)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    for (; *lines; lines++)
        assert_true(fprintf(file, "%s\n", *lines) > 0);
    assert_int_equal(fflush(file), 0);
    int fd = dup(fileno(file));
    fclose(file);
    return fd;
}
