/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "text/sanitise.h"

enum { NOTICE_MS = 3000, ERROR_MS = 15000, WRITE_AGAIN_MS = 2000 };

/* ---- what is shown ---- */

const struct session *app_session(const struct app *app)
{
    return &app->session;
}

struct store *app_store(struct app *app)
{
    return app->store;
}

struct loop *app_loop(struct app *app)
{
    return app->loop;
}

void app_on_change(struct app *app, loop_fn changed, void *ctx)
{
    app->changed = changed;
    app->changed_ctx = ctx;
}

void app_changed(struct app *app)
{
    if (app->changed && !app->is_closing)
        app->changed(app->changed_ctx);
}

void app_notify(struct app *app, enum notice_kind kind, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct notice *notice = &app->session.notice;
    notice->kind = kind;
    sanitise_line(text, strlen(text), notice->text, sizeof notice->text);
    notice->until_ms =
        clock_mono_ms(app->clock) + (kind == NOTICE_ERROR ? ERROR_MS : NOTICE_MS);
    if (kind == NOTICE_ERROR)
        log_line("%s", notice->text);
    app_changed(app);
}

void app_notify_err(struct app *app, const struct err *err)
{
    app_notify(app, NOTICE_ERROR, "%s", err->text);
}

void app_say_unsaved(struct app *app, const char *what, const struct err *err)
{
    app->unsaved.code = STATUS_OK;
    err_set(&app->unsaved, err->code, "%s is not saved: %s", what, err->text);
    bool is_news = app->session.unsaved[0] == '\0';
    snprintf(app->session.unsaved, sizeof app->session.unsaved, "%s: %s", what,
             err->text);
    if (is_news)
        app_notify(app, NOTICE_ERROR,
                   "%s It is kept here and written again by itself, and with the next "
                   "change.",
                   app->unsaved.text);
    if (!app->is_closing)
        loop_timer_start(app->write_timer, WRITE_AGAIN_MS, 0);
}

void app_dismiss_notice(struct app *app)
{
    app->session.notice.until_ms = 0;
    app->session.notice.text[0] = '\0';
}

const char *app_record_label(const struct app *app, const struct record *record,
                             char *out, size_t size)
{
    size_t index = queue_find(&app->session.queue, record->row);
    if (app->session.is_queue_loaded && index != SIZE_MAX) {
        snprintf(out, size, "#%zu", index + 1);
    } else {
        char id[ID_TEXT];
        id_format(&record->id, id);
        snprintf(out, size, "Record %.8s", id);
    }
    return out;
}

/* ---- opening ---- */

static void on_feedback_due(void *ctx)
{
    app_flush_feedback(ctx);
}

static void on_place_due(void *ctx)
{
    app_save_place(ctx);
}

static void on_checkpoint_due(void *ctx)
{
    answer_checkpoint(ctx);
}

static void on_write_due(void *ctx)
{
    app_write_failed_again(ctx);
}

/* A name that is unknown stops the program; a key that is not there only stops asking. */
static enum status open_endpoint(struct app *app, struct err *err)
{
    struct settings *settings = app->settings;
    struct endpoint *chosen = setting_choose_endpoint(settings, err);
    if (err->code)
        return err->code;
    if (!chosen)
        return STATUS_OK;
    if (settings_find_key(settings, false, chosen->name, &chosen->key,
                          &app->endpoint_err) == STATUS_OK)
        endpoint_copy(&app->endpoint, chosen);
    return STATUS_OK;
}

static void fill_endpoint_facts(struct app *app)
{
    struct session *session = &app->session;
    sampling_copy(&session->sampling, &app->settings->sampling);
    if (!app->endpoint.base_url && app->endpoint.kind != ENDPOINT_CANNED)
        return;
    session->has_endpoint = true;
    sanitise_line(app->endpoint.name, strlen(app->endpoint.name), session->endpoint,
                  sizeof session->endpoint);
    sampling_fill(&session->sampling, &app->endpoint.defaults);
    /* from here on a setting that was taken away stays away */
    sampling_clear(&app->endpoint.defaults);
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
    if (status == STATUS_OK)
        store_mend_running(app->store, NULL, NULL);
    return status;
}

struct row_job {
    int64_t row;
    struct err err;
};

static void on_dataset_row(void *ctx, const struct store_result *result)
{
    struct row_job *job = ctx;
    job->row = result->dataset_row;
    job->err = result->err;
}

static enum status make_dataset(struct app *app, const char *name, struct err *err)
{
    struct dataset *dataset = &app->session.dataset;
    bool is_local = !app->server.url;
    const char *workspace = is_local ? "local" : app->server.workspace;
    dataset_init_guide(dataset, name, workspace ? workspace : "",
                       is_local ? "" : app->server.url);
    struct row_job job = {0};
    store_put_dataset(app->store, dataset, on_dataset_row, &job);
    store_drain(app->store);
    dataset->row = job.row;
    return job.err.code ? err_set(err, job.err.code, "%s", job.err.text) : STATUS_OK;
}

static enum status open_dataset(struct app *app, struct err *err)
{
    const char *name =
        app->session.is_demo ? "langchain-dataset" : app->settings->dataset;
    const char *server = app->server.url ? app->server.url : "";
    const char *workspace = app->server.url ? app->server.workspace : NULL;
    struct err why = {0};
    enum status status = store_find_dataset(app->store, server, workspace, name,
                                            &app->session.dataset, &why);
    if (status == STATUS_NOT_FOUND)
        return make_dataset(app, name, err);
    return status == STATUS_OK ? STATUS_OK : err_set(err, status, "%s", why.text);
}

static enum status open_parts(struct app *app, const struct app_options *options,
                              struct err *err)
{
    enum status status = options->is_demo
                             ? app_demo_open(app, options->demo_token_ms, err)
                             : open_endpoint(app, err);
    if (status == STATUS_OK && !options->is_demo)
        status = link_open(app, err);
    if (status != STATUS_OK)
        return status;
    fill_endpoint_facts(app);
    status = open_store(app, err);
    if (status == STATUS_OK)
        status = open_dataset(app, err);
    return status;
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
    app->feedback_timer = loop_timer_new(app->loop, on_feedback_due, app);
    app->place_timer = loop_timer_new(app->loop, on_place_due, app);
    app->checkpoint_timer = loop_timer_new(app->loop, on_checkpoint_due, app);
    app->write_timer = loop_timer_new(app->loop, on_write_due, app);
    app->http = http_new(app->loop);
    app->memory = llm_memory_new();
    if (open_parts(app, options, &why) != STATUS_OK) {
        app_close(app);
        return err_set(err, why.code, "%s", why.text);
    }
    if (app->endpoint_err.code)
        app_notify_err(app, &app->endpoint_err);
    if (options->is_demo)
        app_demo_fill(app);
    else if (app->loads_queue)
        app_load_queue(app);
    link_start(app, options->connects);
    *out = app;
    return STATUS_OK;
}

/* ---- waiting ---- */

static bool is_busy(const struct app *app)
{
    return app->session.stream_count || app->has_unsaved_feedback ||
           store_pending(app->store) || app->keys_running || app->is_loading_queue ||
           link_is_busy(app);
}

void app_settle(struct app *app, const volatile bool *stop)
{
    app->last_unsent = 0;
    app_flush_feedback(app);
    while (!(stop && *stop)) {
        if (!is_busy(app) && !link_send_rest(app))
            return;
        if (!loop_turn(app->loop))
            return;
    }
}

/* ---- closing ---- */

static void free_timers(struct app *app)
{
    loop_timer_free(app->write_timer);
    loop_timer_free(app->feedback_timer);
    loop_timer_free(app->place_timer);
    loop_timer_free(app->checkpoint_timer);
}

enum status app_finish(struct app *app, struct err *err)
{
    app->unsaved = (struct err){0};
    app_end_feedback(app);
    app_write_failed_again(app);
    app->is_closing = true;
    answer_cancel_all(app);
    store_drain(app->store);
    return app->unsaved.code ? err_set(err, app->unsaved.code, "%s", app->unsaved.text)
                             : STATUS_OK;
}

void app_close(struct app *app)
{
    if (!app)
        return;
    if (app->store) {
        app_finish(app, NULL);
        app_save_place(app);
    }
    app->is_closing = true;
    keyring_close(app);
    link_close(app);
    http_free(app->http);
    llm_memory_free(app->memory);
    if (app->store)
        store_close(app->store); /* waits for the commits; their done() need the app */
    app_demo_close(app);
    free_timers(app);
    flights_clear(app);
    history_clear(app);
    endpoint_clear(&app->endpoint);
    session_clear(&app->session);
    free(app->snippets);
    free(app);
}
