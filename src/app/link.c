/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "net/url.h"
#include "text/sanitise.h"

enum { FIRST_RETRY_MS = 5000, MAX_RETRY_MS = 60000 };

/* ---- what the screen is told while there is no sync ---- */

static void show_counts(struct app *app)
{
    if (app->session.has_server && !app->sync)
        store_count_outbox(app->store, app->session.dataset.row,
                           &app->session.sync.outbox);
}

static void show_state(struct app *app, enum sync_state state, const struct err *err)
{
    struct sync_report *report = &app->session.sync;
    report->state = state;
    report->err = err ? *err : (struct err){0};
    report->retry_at_ms = 0;
    if (state != SYNC_WAITING)
        report->offline_since_ms = 0;
    else if (!report->offline_since_ms)
        report->offline_since_ms = clock_wall_ms(app->clock);
    show_counts(app);
    app_changed(app);
}

static bool is_transient(enum status code)
{
    return code == STATUS_NETWORK || code == STATUS_TIMEOUT || code == STATUS_BUSY;
}

static void wait_and_retry(struct app *app, const struct err *err)
{
    int64_t delay = FIRST_RETRY_MS;
    for (int i = 0; i < app->link_attempts && delay < MAX_RETRY_MS; i++)
        delay *= 2;
    if (delay > MAX_RETRY_MS)
        delay = MAX_RETRY_MS;
    if (!app->link_attempts)
        app_notify(app, NOTICE_WARNING, "%s Work goes on; it is tried again.", err->text);
    app->link_attempts++;
    loop_timer_start(app->link_timer, delay, 0);
    show_state(app, SYNC_WAITING, err);
    app->session.sync.retry_at_ms = clock_wall_ms(app->clock) + delay;
}

static void link_failed(struct app *app, const struct err *err)
{
    app->is_linking = false;
    if (is_transient(err->code)) {
        wait_and_retry(app, err);
        return;
    }
    app_notify_err(app, err);
    show_state(app, SYNC_STOPPED, err);
}

/* ---- the mirror ---- */

static void say_away(struct app *app, const struct sync_report *report)
{
    app_notify(app, NOTICE_WARNING, "%s Work goes on; it is tried again.",
               report->err.text);
}

/* Who asked for a sync is told how it ended; what goes on by itself is not told. */
static void answer_sync(struct app *app, const struct sync_report *report)
{
    bool has_failed =
        report->state == SYNC_WAITING && report->retry_at_ms != app->asked_retry_ms;
    bool is_done = report->state == SYNC_IDLE && !report->is_pulling;
    if (!has_failed && !is_done && report->state != SYNC_STOPPED)
        return;
    app->is_sync_asked = false;
    if (has_failed)
        say_away(app, report);
    else if (is_done && report->outbox.refused)
        app_notify(app, NOTICE_WARNING,
                   "The server refuses %zu of the records; %s says why.",
                   report->outbox.refused, app_key_name(app, ACTION_OUTBOX).text);
    else if (is_done)
        app_notify(app, NOTICE_DONE,
                   "Everything is sent, and all of the server's records "
                   "are here.");
}

static void on_report(void *ctx, const struct sync_report *report)
{
    struct app *app = ctx;
    enum sync_state before = app->session.sync.state;
    bool was_away = app->session.sync.offline_since_ms != 0;
    app->session.sync = *report;
    if (report->state == SYNC_STOPPED && before != SYNC_STOPPED && report->err.code)
        app_notify_err(app, &report->err);
    else if (app->is_sync_asked)
        answer_sync(app, report);
    else if (report->state == SYNC_WAITING && report->offline_since_ms && !was_away)
        say_away(app, report); /* once; the status line keeps saying since when */
    app_changed(app);
}

static void on_records(void *ctx, bool has_new)
{
    struct app *app = ctx;
    if (has_new && app->loads_queue && !app->is_closing)
        app_load_queue(app);
}

static void start_sync(struct app *app)
{
    struct session *session = &app->session;
    if (app->sync)
        sync_free(app->sync);
    memset(&session->sync, 0, sizeof session->sync);
    app->sync = sync_new(&(struct sync_setup){
        .loop = app->loop,
        .clock = app->clock,
        .store = app->store,
        .argilla = app->argilla,
        .dataset = &session->dataset,
        .strip = app->settings->strip,
        .fn = on_report,
        .records_fn = on_records,
        .ctx = app,
    });
    session->sync = *sync_report(app->sync);
    sync_now(app->sync);
    if (app->loads_queue)
        sync_pull(app->sync);
}

/* ---- the dataset ---- */

static void on_dataset_stored(void *ctx, const struct store_result *result)
{
    struct app *app = ctx;
    app->is_linking = false;
    if (app->is_closing)
        return;
    if (result->err.code) {
        link_failed(app, &result->err);
        return;
    }
    app->session.dataset.row = result->dataset_row;
    app->session.dataset_missing = false;
    app->link_attempts = 0;
    start_sync(app);
    app_changed(app);
}

/* The server's dataset takes the place of what we held for it. */
static void adopt(struct app *app, const struct dataset *found)
{
    struct session *session = &app->session;
    struct dataset fresh = {0};
    dataset_copy(&fresh, found);
    fresh.row = session->dataset.row;
    setting_text(&fresh.server, app->server.url);
    dataset_copy(&session->dataset, &fresh);
    app->is_linking = true;
    store_put_dataset(app->store, &fresh, on_dataset_stored, app);
    dataset_clear(&fresh);
}

/* A command line names the command, a screen the key. */
static void say_missing(struct app *app, const struct err *err)
{
    if (app->loads_queue)
        app_notify(app, NOTICE_WARNING,
                   "%s has no dataset \"%s\": %s offers to create it. Until then records "
                   "are kept here.",
                   app->session.server, app->session.dataset.name,
                   app_key_name(app, ACTION_CREATE).text);
    else
        app_notify(app, NOTICE_WARNING, "%s", err->text);
}

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct app *app = ctx;
    app->is_linking = false;
    if (!err->code) {
        adopt(app, dataset);
    } else if (err->code == STATUS_NOT_FOUND) {
        app->session.dataset_missing = true;
        say_missing(app, err);
        show_state(app, SYNC_STOPPED, err);
    } else {
        link_failed(app, err);
    }
    app_changed(app);
}

static void on_created(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct app *app = ctx;
    if (!err->code)
        app_notify(app, NOTICE_DONE, "Created the dataset \"%s\" in workspace \"%s\".",
                   dataset->name, dataset->workspace ? dataset->workspace : "");
    on_dataset(ctx, dataset, err);
}

static const char *workspace_or_null(const struct app *app)
{
    const char *known = app->session.dataset.workspace;
    const char *wanted = app->server.workspace;
    return wanted && *wanted ? wanted : known && *known ? known : NULL;
}

static void on_identity(void *ctx, const struct argilla_identity *identity,
                        const struct err *err)
{
    struct app *app = ctx;
    struct session *session = &app->session;
    app->is_linking = false;
    if (err->code) {
        link_failed(app, err);
        return;
    }
    session->is_connected = true;
    session->can_log = identity->role != ARGILLA_ANNOTATOR;
    sanitise_line(identity->username, strlen(identity->username), session->user,
                  sizeof session->user);
    if (!session->can_log)
        app_notify(app, NOTICE_INFO,
                   "Your key for %s is an annotator's: you review, new records cannot be "
                   "added.",
                   session->server);
    app->is_linking = true;
    argilla_open_dataset(app->argilla, session->dataset.name, workspace_or_null(app),
                         on_dataset, app);
    app_changed(app);
}

/* ---- connecting ---- */

static void send_hello(struct app *app)
{
    if (!app->argilla)
        app->argilla = argilla_new(app->http, app->loop, app->server.url,
                                   &app->server.key, app->server.allow_plain_key);
    argilla_connect(app->argilla, on_identity, app);
}

static void on_key(struct app *app, struct secret *key, const struct err *err)
{
    if (err->code) {
        link_failed(app, err);
        return;
    }
    secret_copy(&app->server.key, key);
    send_hello(app);
}

static void link_now(void *ctx)
{
    struct app *app = ctx;
    struct err err = {0};
    app->is_link_due = false;
    if (app->is_linking || app->is_closing)
        return;
    if (settings_find_key(app->settings, true, app->server.name, &app->server.key,
                          &err) != STATUS_OK) {
        link_failed(app, &err);
        return;
    }
    app->is_linking = true;
    show_state(app, SYNC_RUNNING, NULL);
    if (app->server.key_command && !secret_is_set(&app->server.key))
        keyring_fetch(app, app->server.key_command, on_key);
    else
        send_hello(app);
}

static bool has_server(struct app *app)
{
    if (!app->session.has_server)
        app_notify(app, NOTICE_INFO,
                   "No server is configured: set ARGILLA_API_URL and ARGILLA_API_KEY, "
                   "or add a [server NAME] with a url to %s.",
                   app->settings->path ? app->settings->path : "the config file");
    return app->session.has_server;
}

void app_connect(struct app *app)
{
    if (!has_server(app) || app->is_linking)
        return;
    if (app->sync) {
        sync_now(app->sync);
        return;
    }
    loop_timer_stop(app->link_timer);
    app->link_attempts = 0;
    link_now(app);
}

void app_create_dataset(struct app *app)
{
    if (!has_server(app) || app->is_linking)
        return;
    if (!app->session.is_connected) {
        app_notify(app, NOTICE_WARNING, "%s has not answered yet: %s tries again.",
                   app->session.server, app_key_name(app, ACTION_SYNC).text);
        return;
    }
    if (!app->session.dataset_missing) {
        app_notify(app, NOTICE_INFO, "The dataset is on the server already.");
        return;
    }
    struct dataset template = {0};
    dataset_copy(&template, &app->session.dataset);
    setting_text(&template.workspace, workspace_or_null(app));
    setting_text(&template.remote_id, NULL);
    app->is_linking = true;
    show_state(app, SYNC_RUNNING, NULL);
    argilla_create_dataset(app->argilla, &template, on_created, app);
    dataset_clear(&template);
}

static void on_retry(void *ctx, const struct store_result *result)
{
    struct app *app = ctx;
    (void)result; /* what was refused stays refused; nothing else depends on it */
    if (app->sync)
        sync_now(app->sync);
}

void app_sync(struct app *app)
{
    if (!app->sync) {
        app_connect(app);
        return;
    }
    store_retry_refused(app->store, app->session.dataset.row, on_retry, app);
    app->is_sync_asked = app->loads_queue;
    app->asked_retry_ms = app->session.sync.retry_at_ms;
    sync_now(app->sync);
    if (app->loads_queue)
        sync_pull(app->sync);
}

void app_pull(struct app *app)
{
    if (app->sync)
        sync_pull(app->sync);
}

/* ---- a local dataset goes to the server ---- */

static void on_local_linked(void *ctx, const struct store_result *result)
{
    struct app *app = ctx;
    app->is_linking = false;
    if (app->is_closing)
        return;
    if (result->err.code) {
        app_notify_err(app, &result->err);
        return;
    }
    app->session.dataset.row = result->dataset_row;
    if (app->sync)
        start_sync(app);
    show_counts(app);
    if (app->loads_queue)
        app_load_queue(app);
    app_changed(app);
}

bool app_link_local(struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    struct dataset local = {0};
    struct err err = {0};
    if (!app->session.has_server || app->is_linking ||
        store_find_dataset(app->store, "", "local", dataset->name, &local, &err) !=
            STATUS_OK)
        return false;
    app->is_linking = true;
    store_link_dataset(app->store, local.row, app->server.url, dataset->workspace,
                       dataset->remote_id, on_local_linked, app);
    dataset_clear(&local);
    return true;
}

/* ---- for the rest of the app ---- */

enum status link_open(struct app *app, struct err *err)
{
    struct settings *settings = app->settings;
    const struct server_settings *chosen = setting_choose_server(settings, err);
    if (!chosen)
        return err->code;
    struct server_settings *server = &app->server;
    setting_text(&server->name, chosen->name);
    setting_text(&server->url, chosen->url);
    setting_text(&server->workspace, settings_workspace(settings, chosen));
    setting_text(&server->key_command, chosen->key_command);
    server->allow_plain_key = chosen->allow_plain_key;
    http_connection_copy(&server->connection, &chosen->connection);
    secret_copy(&server->key, &chosen->key);
    if (!secret_is_set(&server->key) && !server->key_command)
        secret_copy(&server->key, &settings->spare_server_key);
    app->link_timer = loop_timer_new(app->loop, link_now, app);
    app->session.has_server = true;
    char *host = url_host(server->url);
    sanitise_line(host, strlen(host), app->session.server, sizeof app->session.server);
    free(host);
    return STATUS_OK;
}

void link_start(struct app *app, bool connects)
{
    show_counts(app);
    if (app->session.has_server && connects) {
        app->session.sync.state = SYNC_RUNNING;
        app->is_link_due = true;
        loop_timer_start(app->link_timer, 0, 0);
    }
}

void link_poke(struct app *app, bool is_draft)
{
    if (app->sync && !app->is_closing)
        sync_poke(app->sync, is_draft);
    else
        show_counts(app);
}

bool link_is_busy(const struct app *app)
{
    if (app->is_linking || app->is_link_due)
        return true;
    const struct sync_report *report = app->sync ? sync_report(app->sync) : NULL;
    bool is_resting =
        report && (report->state == SYNC_WAITING || report->state == SYNC_STOPPED);
    return report && !is_resting && (report->state == SYNC_RUNNING || report->is_pulling);
}

bool link_send_rest(struct app *app)
{
    if (!app->sync || sync_report(app->sync)->state != SYNC_IDLE)
        return false;
    struct outbox_counts counts = {0};
    store_count_outbox(app->store, app->session.dataset.row, &counts);
    if (!counts.unsent || counts.unsent == app->last_unsent)
        return false;
    app->last_unsent = counts.unsent;
    sync_now(app->sync);
    return true;
}

void link_close(struct app *app)
{
    if (app->sync)
        sync_free(app->sync);
    app->sync = NULL;
    if (app->argilla)
        argilla_free(app->argilla);
    app->argilla = NULL;
    loop_timer_free(app->link_timer);
    app->link_timer = NULL;
    free(app->server.name);
    free(app->server.url);
    free(app->server.workspace);
    free(app->server.key_command);
    secret_clear(&app->server.key);
    http_connection_clear(&app->server.connection);
}
