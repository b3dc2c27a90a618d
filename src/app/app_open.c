/* SPDX-License-Identifier: MIT
 *
 * Opening, waiting, closing; and what happens in one room and concerns another.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app_parts.h"
#include "app/ask.h"
#include "app/bulk_parts.h"
#include "app/current.h"
#include "app/narrow.h"
#include "app/respond.h"
#include "app/search.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"

enum { PATIENCE_MS = 60000 };

/* ---- between the rooms ---- */

/* Streams and typing end before another shape of dataset takes the place. */
static void on_found(void *ctx)
{
    struct app *app = ctx;
    app_end_text(app);
    if (server_found_other_shape(app)) {
        bulk_leave(app);
        complete_end_all(app, "cancelled",
                         "The dataset asks other things now; what came is kept.");
    }
    if (server_adopt(app)) {
        comparison_clear(&app->session.comparison);
        navigate_start_over(app);
        app_search_follow(app);
    }
}

static void on_pulled(void *ctx)
{
    navigate_take_changes(ctx);
    place_look_again(ctx);
    compare_refresh(ctx);
    app_search_follow(ctx);
}

static void on_loaded(void *ctx)
{
    struct app *app = ctx;
    place_look_again(app);
    if (!app->session.sync.is_pulling)
        app_narrow_again(app);
}

static void on_undone(void *ctx)
{
    compare_refresh(ctx);
    app_search_follow(ctx);
}

/* Another process has committed something, or the store's file is gone. */
static void on_watch(void *ctx)
{
    struct app *app = ctx;
    if (app->is_closing)
        return;
    store_mend_completions(app->store, NULL, NULL);
    unsaved_committed(app, false); /* so that a store that is gone is told */
    navigate_take_changes(app);
    mirror_follow(app);
    compare_refresh(app);
    app_search_follow(app);
}

static void on_unsaved_due(void *ctx)
{
    unsaved_write(ctx);
}

/* ---- a local dataset goes to the server ---- */

bool app_link_local(struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    struct dataset local = {0};
    struct err err = {0};
    int64_t row = 0;
    if (!app->session.has_server || app->is_linking ||
        store_find_dataset(app->store, "", NULL, dataset->name, &local, &err) !=
            STATUS_OK)
        return false;
    store_link_dataset(app->store, local.row, app->server.url, dataset->workspace,
                       dataset->remote_id, &row, &err);
    dataset_clear(&local);
    if (err.code) {
        app_notify_err(app, &err);
        return false;
    }
    unsaved_committed(app, false);
    app->session.dataset.row = row;
    if (app->sync) {
        mirror_start(app);
        mirror_sync(app, false);
    }
    mirror_show_counts(app);
    app->on_pulled(app);
    app_changed(app);
    return true;
}

/* ---- the demo ---- */

static enum status open_demo(struct app *app, int64_t token_ms, struct err *err)
{
    const char *temp = getenv("TMPDIR");
    char *dir = paths_join(temp && temp[0] == '/' ? temp : "/tmp", "sherd-demo-XXXXXX");
    if (!mkdtemp(dir)) {
        err_set(err, STATUS_IO, "A directory for the demo cannot be made as %s: %s.", dir,
                strerror(errno));
        free(dir);
        return err->code;
    }
    app->demo_dir = dir;
    endpoint_init(&app->endpoint);
    endpoint_set_demo(&app->endpoint);
    if (token_ms >= 0)
        app->endpoint.token_ms = token_ms;
    app->session.is_demo = true;
    return STATUS_OK;
}

static void fill_demo(struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    size_t count = 0;
    struct err err = {0};
    const struct llm_demo_pair *pairs = llm_demo_pairs(&count);
    struct record *records = xcalloc(count, sizeof *records);
    for (size_t i = 0; i < count; i++) {
        struct record *record = &records[i];
        struct completion *completion = &record->completion;
        record->dataset_row = dataset->row;
        record->has_completion = true;
        id_random(&record->id);
        record->inserted_ms = clock_wall_ms(app->clock);
        completion_init(completion);
        completion->state = COMPLETION_DONE;
        completion->endpoint = xstrdup("demo");
        completion->model_used = xstrdup("demo");
        completion->started_ms = record->inserted_ms;
        record_set_field(record, "prompt", pairs[i].prompt, strlen(pairs[i].prompt));
        record_set_field(record, "response", pairs[i].response,
                         strlen(pairs[i].response));
    }
    if (store_add_records(app->store, records, count, &err) != STATUS_OK)
        app_notify(app, NOTICE_ERROR, "The demo is not whole: %s", err.text);
    for (size_t i = 0; i < count; i++)
        record_clear(&records[i]);
    free(records);
}

/* Only our own files are in it: the store and what SQLite keeps beside it. */
static void remove_demo(struct app *app)
{
    const char *path = app->demo_dir;
    DIR *dir = path ? opendir(path) : NULL;
    if (!dir)
        return;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char *file = paths_join(path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(file);
        free(file);
    }
    closedir(dir);
    rmdir(path);
    free(app->demo_dir);
    app->demo_dir = NULL;
}

/* ---- opening ---- */

/* A name that is unknown stops the program; a key that is not there only stops asking. */
static enum status open_endpoint(struct app *app, struct err *err)
{
    struct settings *settings = app->settings;
    struct endpoint *chosen = setting_choose_endpoint(settings, err);
    if (err->code)
        return err->code;
    if (!chosen)
        return STATUS_OK;
    if (settings_find_key(settings, KEY_OF_ENDPOINT, chosen->name, &chosen->key,
                          &app->endpoint_err) == STATUS_OK)
        endpoint_copy(&app->endpoint, chosen);
    return STATUS_OK;
}

static void fill_endpoint_facts(struct app *app)
{
    struct session *session = &app->session;
    sampling_copy(&session->sampling, &app->settings->sampling);
    session->suggestion_use = app->settings->suggestions;
    session->is_fast = app->settings->fast;
    session->correction = app->settings->correction_question;
    session->submits_single = app->settings->submit_single;
    if (!app->endpoint.base_url && app->endpoint.kind != ENDPOINT_CANNED)
        return;
    session->has_endpoint = true;
    sanitise_line(app->endpoint.name, strlen(app->endpoint.name), session->endpoint,
                  sizeof session->endpoint);
    sampling_fill(&session->sampling, &app->endpoint.defaults);
    /* from here on a setting that was taken away stays away */
    sampling_clear(&app->endpoint.defaults);
}

/* Another process may have learned more meanwhile. */
static void on_lesson(void *ctx)
{
    struct app *app = ctx;
    if (!app->store)
        return;
    char *known = store_get_note(app->store, "lessons");
    llm_memory_load(app->memory, known, clock_wall_ms(app->clock));
    char *all = llm_memory_save(app->memory);
    if (store_put_note(app->store, "lessons", all, NULL) != STATUS_OK)
        log_line("what an endpoint refuses could not be kept for the next session");
    free(all);
    free(known);
}

static enum status open_store(struct app *app, struct err *err)
{
    char *demo_path = app->demo_dir ? paths_join(app->demo_dir, "store.db") : NULL;
    struct store_options options = {.path = demo_path ? demo_path : app->settings->store,
                                    .vfs = app->store_vfs,
                                    .clock = app->clock,
                                    .is_throwaway = app->demo_dir != NULL};
    enum status status = store_open(&app->store, app->loop, &options, err);
    free(demo_path);
    if (status != STATUS_OK)
        return status;
    store_watch(app->store, on_watch, app);
    store_mend_completions(app->store, NULL, NULL);
    char *lessons = store_get_note(app->store, "lessons");
    llm_memory_load(app->memory, lessons, clock_wall_ms(app->clock));
    llm_memory_watch(app->memory, on_lesson, app);
    free(lessons);
    return STATUS_OK;
}

static enum status make_dataset(struct app *app, const struct app_options *options,
                                const char *name, struct err *err)
{
    struct dataset *dataset = &app->session.dataset;
    bool is_local = !app->server.url;
    const char *workspace = is_local ? "local" : app->server.workspace;
    dataset_init_guide(dataset, name, workspace ? workspace : "",
                       is_local ? "" : app->server.url);
    return options->only_known ? STATUS_OK : app_make_dataset(app, err);
}

static enum status open_dataset(struct app *app, const struct app_options *options,
                                struct err *err)
{
    const char *name =
        app->session.is_demo ? "langchain-dataset" : app->settings->dataset;
    const char *server = app->server.url ? app->server.url : "";
    const char *workspace = app->server.url ? app->server.workspace : NULL;
    struct err why = {0};
    enum status status = store_find_dataset(app->store, server, workspace, name,
                                            &app->session.dataset, &why);
    if (status == STATUS_NOT_FOUND)
        return make_dataset(app, options, name, err);
    return status == STATUS_OK ? STATUS_OK : err_set(err, status, "%s", why.text);
}

static enum status open_parts(struct app *app, const struct app_options *options,
                              struct err *err)
{
    int64_t row = options->dataset_row;
    enum status status = options->is_demo ? open_demo(app, options->demo_token_ms, err)
                                          : open_endpoint(app, err);
    if (status != STATUS_OK)
        return status;
    fill_endpoint_facts(app);
    (void)setting_choose_server(app->settings, err); /* before anything is made */
    status = err->code ? err->code : open_store(app, err);
    if (status == STATUS_OK && options->chooses)
        row = datasets_choose(app, options->review, options->record);
    if (status == STATUS_OK && row)
        status = store_get_dataset(app->store, row, &app->session.dataset, err);
    bool is_choosing = app->session.is_choosing;
    if (status == STATUS_OK && !options->is_demo && !is_choosing)
        status = server_open(app, err);
    if (status == STATUS_OK && !row && !is_choosing)
        status = open_dataset(app, options, err);
    if (status == STATUS_OK && app->settings->agent.is_on)
        status = app_set_agent(app, "", err);
    app->session.is_read_only = app->store && store_is_read_only(app->store);
    return status;
}

/* Which dataset: the one that is named, else all are shown. */
static void choose(struct app *app, const struct app_options *options)
{
    if (options->review) {
        app_take_named(app, options->review);
        return;
    }
    app_list_datasets(app);
    if (options->record)
        place_say_home(app, options->record);
}

enum status app_open(struct app **out, const struct app_options *options, struct err *err)
{
    struct app *app = xcalloc(1, sizeof *app);
    struct err why = {0};
    app->loop = options->loop;
    app->clock = options->clock ? options->clock : &clock_system;
    app->settings = options->settings;
    app->loads_queue = options->loads_queue;
    app->store_vfs = options->store_vfs;
    app->session.can_log = true;
    id_random(&app->run);
    app->on_flushed = mirror_poke;
    app->on_put = current_update;
    app->on_found = on_found;
    app->on_pulled = on_pulled;
    app->on_loaded = on_loaded;
    app->on_undone = on_undone;
    app->unsaved_timer = loop_timer_new(app->loop, on_unsaved_due, app);
    current_open(app);
    navigate_open(app);
    app->http = http_new(app->loop);
    app->memory = llm_memory_new();
    app->keyring = keyring_new(app->loop, app->settings, 0);
    agents_open(app);
    if (open_parts(app, options, &why) != STATUS_OK) {
        app_close(app);
        return err_set(err, why.code, "%s", why.text);
    }
    if (app->endpoint_err.code)
        app_notify_err(app, &app->endpoint_err);
    if (app->session.is_read_only)
        app_notify(app, NOTICE_WARNING,
                   "The store %s can only be read: nothing that you do is kept.",
                   store_path(app->store));
    if (options->is_demo)
        fill_demo(app);
    narrow_open(app);
    bulk_open(app);
    undo_open(app);
    setting_text(&app->wanted_record, options->record);
    server_start(app, options->connects);
    navigate_load(app); /* in a short queue the record is looked for at once */
    if (app->session.is_choosing)
        choose(app, options);
    *out = app;
    return STATUS_OK;
}

/* ---- waiting ---- */

static bool is_busy(const struct app *app)
{
    bool is_flushing = store_flushed(app->store) < store_committed(app->store) &&
                       !store_flush_fault(app->store)->code;
    return app->session.stream_count || app->ended_count || is_flushing ||
           app->waits_for_flush || app->session.bulk.phase > BULK_ASKING ||
           keyring_is_busy(app->keyring) || app->is_loading_queue || mirror_is_busy(app);
}

void app_settle(struct app *app, const volatile bool *stop)
{
    int64_t end = clock_mono_ms(&clock_system) + PATIENCE_MS;
    app->last_unsent = 0;
    if (app->unsaved_count)
        unsaved_write(app);
    while (!(stop && *stop)) {
        /* A store that another program holds may be free in a moment; a full disk or a
         * choice that is not made may stay so for ever. */
        bool is_held = app->unsaved_count && app->fault.code == STATUS_BUSY &&
                       clock_mono_ms(&clock_system) < end;
        if (!is_busy(app) && !is_held && !mirror_send_rest(app))
            return;
        if (!loop_turn(app->loop))
            return;
    }
}

/* ---- closing ---- */

enum status app_finish(struct app *app, struct err *err)
{
    struct err why = {0};
    app->is_closing = true;
    app->edit = 0;
    bulk_finish(app);
    undo_finish(app);
    complete_end_all(app, "quit",
                     app->session.datasets.next_row
                         ? "Another dataset was opened while this answer was being "
                           "written."
                         : "sherd was quit while this answer was being written.");
    unsaved_write(app);
    if (unsaved_has_failed(app)) {
        char names[600] = "";
        size_t count = app_name_unsaved(app, 8, names, sizeof names);
        err_set(&why, app->fault.code, "%s %s not saved: %s", names,
                count == 1 ? "is" : "are", app->fault.text);
    }
    /* a choice that was not made: what the other wrote stays, ours is one undo away */
    for (size_t i = app->unsaved_count; i-- > 0;) {
        if (i >= app->unsaved_count || !app->unsaved[i]->is_clash)
            continue;
        struct id id = app->unsaved[i]->record;
        err_set(&why, STATUS_CONFLICT,
                "%s: what another sherd wrote stays; undo brings yours back.",
                app->unsaved[i]->label);
        unsaved_choose(app, &id, false);
    }
    struct err flush = {0};
    if (store_flush(app->store, &flush) != STATUS_OK)
        err_set(&why, flush.code, "The last changes are not saved: %s", flush.text);
    return why.code ? err_set(err, why.code, "%s", why.text) : STATUS_OK;
}

void app_close(struct app *app)
{
    if (!app)
        return;
    if (app->store) {
        navigate_save_place(app);
        app_finish(app, NULL);
        narrow_close(app);
        store_forget(app->store, app);
    }
    app->is_closing = true;
    app_search(app, NULL, NULL);
    keyring_free(app->keyring);
    datasets_close(app);
    server_close(app);
    complete_close(app);
    agents_close(app);
    bulk_close(app);
    undo_close(app);
    catalogue_free(app->catalogue);
    catalogue_free(app->check);
    http_free(app->http);
    llm_memory_free(app->memory);
    if (app->store)
        store_close(app->store);
    remove_demo(app);
    loop_timer_free(app->unsaved_timer);
    loop_timer_free(app->place_timer);
    loop_timer_free(app->elsewhere_timer);
    loop_timer_free(app->checkpoint_timer);
    loop_timer_free(app->stats_timer);
    unsaved_clear(app);
    current_close(app);
    history_clear(app);
    endpoint_clear(&app->endpoint);
    session_clear(&app->session);
    free(app->snippets);
    loop_child_free(app->browser);
    free(app->wanted_record);
    free(app->text_seen);
    free(app);
}
