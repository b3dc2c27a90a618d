/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "store/store_bulk.h"

enum { FIRST_RETRY_MS = 5000, MAX_RETRY_MS = 60000 };

/* ---- what the screen is told while there is no sync ---- */

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
    mirror_show_counts(app);
    app_changed(app);
}

static void link_failed(struct app *app, const struct err *err)
{
    struct err named = app_name_fault(app, app->server.url, err);
    err = &named;
    mirror_set_linking(app, false);
    if (app->session.dataset.row) /* 0 would be all of them */
        sync_note_failure(app->store, app->clock, app->session.dataset.row, err);
    enum status code = err->code;
    bool is_transient = code == STATUS_NETWORK || code == STATUS_TIMEOUT ||
                        code == STATUS_BUSY || code == STATUS_IO || code == STATUS_FULL;
    if (is_transient) {
        /* also a full disk or a held store may be better in a while */
        int64_t delay = FIRST_RETRY_MS
                        << (app->link_attempts < 8 ? app->link_attempts : 8);
        if (delay > MAX_RETRY_MS)
            delay = MAX_RETRY_MS;
        if (!app->link_attempts)
            app_notify(app, NOTICE_WARNING, "%s Work goes on; it is tried again.",
                       err->text);
        app->link_attempts++;
        loop_timer_start(app->link_timer, delay, 0);
        show_state(app, SYNC_WAITING, err);
        app->session.sync.retry_at_ms = clock_wall_ms(app->clock) + delay;
        return;
    }
    app_notify_err(app, err);
    show_state(app, SYNC_STOPPED, err);
}

/* ---- the role: known from the last session until the server tells ---- */

/* Keys differ by workspace. */
static char *role_key(const char *url, const char *workspace)
{
    return xasprintf("role %s %s", url, workspace ? workspace : "");
}

static void keep_role(struct app *app)
{
    char *key = role_key(app->server.url, app->session.dataset.workspace);
    char *known = store_get_note(app->store, key);
    const char *role = session_role(&app->session);
    if (!known || strcmp(known, role) != 0)
        (void)store_put_note(app->store, key, role, NULL);
    free(known);
    free(key);
}

bool app_may_log(struct store *store, const char *url, const char *workspace)
{
    char *key = role_key(url, workspace);
    char *known = store_get_note(store, key);
    bool may_log = !known || strcmp(known, "annotator") != 0;
    free(known);
    free(key);
    return may_log;
}

/* ---- the dataset ---- */

bool server_found_other_shape(const struct app *app)
{
    return !dataset_asks_same(&app->session.dataset, &app->found);
}

/* The command is written out, to be pasted. */
static void tell_replaced(struct app *app, int64_t row)
{
    struct dataset *now = &app->session.dataset, old = {0};
    if (store_get_dataset(app->store, row, &old, NULL) != STATUS_OK)
        return;
    char *from = dataset_word(&old), *to = dataset_word(now);
    app_notify(app, NOTICE_WARNING,
               "\"%s\" was deleted on %s and made anew. What the old one had is kept "
               "here, apart: sherd dataset move %s %s",
               now->name, app->session.server, from, to);
    free(from);
    free(to);
    dataset_clear(&old);
}

bool server_adopt(struct app *app)
{
    struct session *session = &app->session;
    struct dataset *found = &app->found;
    int64_t before = session->dataset.row, replaced = 0;
    bool is_other = server_found_other_shape(app);
    bool had_records = session->queue.count || session->has_current;
    bool is_known = app->sync && session->dataset.remote_id && found->remote_id &&
                    strcmp(session->dataset.remote_id, found->remote_id) == 0;
    struct err err = {0};
    mirror_set_linking(app, false);
    if (store_put_dataset(app->store, found, &found->row, &replaced, &err) != STATUS_OK) {
        dataset_clear(found);
        link_failed(app, &err);
        return false;
    }
    unsaved_committed(app, false);
    dataset_copy(&session->dataset, found);
    dataset_clear(found);
    session->dataset_missing = false;
    app->link_attempts = 0;
    if (session->is_connected)
        keep_role(app);
    if (app->loads_queue)
        mirror_count_elsewhere(app);
    if (replaced) {
        tell_replaced(app, replaced);
    } else if (is_other && had_records) {
        app->is_sync_asked = false; /* this is the word that is waited for */
        app_notify(app, NOTICE_WARNING,
                   "\"%s\" on %s asks other things now. What was typed and what came is "
                   "kept.",
                   session->dataset.name, session->server);
    }
    if (!app->is_found_stored) {
        if (!is_known || is_other || session->dataset.row != before)
            mirror_start(app);
        mirror_sync(app, false);
    }
    app_changed(app);
    return is_other || session->dataset.row != before;
}

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct app *app = ctx;
    struct session *session = &app->session;
    mirror_set_linking(app, false);
    if (!err->code) {
        mirror_take_found(app, dataset, false);
    } else if (err->code == STATUS_NOT_FOUND) {
        bool was_there = session->dataset.remote_id != NULL;
        struct err why = *err;
        if (was_there)
            sync_describe_gone(&session->dataset, true, &why);
        mirror_drop(app);
        session->dataset_missing = true;
        const char *place = was_there ? "" : argilla_identity(app->argilla)->workspace;
        sanitise_line(place, strlen(place), session->missing_in,
                      sizeof session->missing_in);
        app->is_sync_asked = false;
        if (was_there &&
            store_mark_dataset(app->store, session->dataset.row, true, NULL) == STATUS_OK)
            unsaved_committed(app, false);
        session->dataset.is_gone = was_there;
        if (app->loads_queue) /* a screen names the key, a command line the command */
            app_say_alone(app);
        else
            app_notify(app, NOTICE_WARNING, "%s", why.text);
        show_state(app, SYNC_STOPPED, &why);
    } else {
        app->is_sync_asked = false;
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

static void open_named(struct app *app, argilla_dataset_fn fn)
{
    argilla_open_dataset(app->argilla, app->session.dataset.name, workspace_or_null(app),
                         fn, app);
}

static void on_known(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct app *app = ctx;
    if (err->code) {
        open_named(app, on_dataset);
        return;
    }
    app_notify(app, NOTICE_INFO, "\"%s\" is called \"%s\" on %s now.",
               app->session.dataset.name, dataset->name, app->session.server);
    on_dataset(ctx, dataset, err);
}

/* That nothing or another one has its name does not mean that it was deleted. */
static void on_named(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct app *app = ctx;
    const struct dataset *known = &app->session.dataset;
    bool is_other = err->code == STATUS_NOT_FOUND || err->code == STATUS_AUTH ||
                    (!err->code && known->remote_id &&
                     strcmp(known->remote_id, dataset->remote_id) != 0);
    if (is_other && known->remote_id && !known->is_gone)
        argilla_load_dataset(app->argilla, known, on_known, app);
    else
        on_dataset(ctx, dataset, err);
}

/* Whether it is still there, and what it asks now. */
static void look_again(void *ctx)
{
    struct app *app = ctx;
    if (app->is_linking)
        return;
    mirror_set_linking(app, true);
    app->has_looked = true;
    open_named(app, on_named);
}

/* ---- who one is ---- */

static void on_identity(void *ctx, const struct argilla_identity *identity,
                        const struct err *err)
{
    struct app *app = ctx;
    struct session *session = &app->session;
    mirror_set_linking(app, false);
    if (err->code) {
        link_failed(app, err);
        return;
    }
    session->is_connected = true;
    bool could_log = session->can_log; /* or that it may not is known from last time */
    session->can_log = identity->role != ARGILLA_ANNOTATOR;
    session->role = identity->role;
    keep_role(app);
    sanitise_line(identity->username, strlen(identity->username), session->user,
                  sizeof session->user);
    if (!could_log && session->can_log) /* it may send what it might not */
        (void)store_retry_refused(app->store, session->dataset.row, NULL);
    if (could_log && !session->can_log)
        app_notify(app, NOTICE_INFO,
                   "Your key for %s is an annotator's: you review, new records cannot be "
                   "added.",
                   session->server);
    look_again(app);
    app_changed(app);
}

/* ---- connecting ---- */

static void send_hello(struct app *app)
{
    if (!app->argilla) {
        app->argilla = argilla_new(app->http, app->loop, app->server.url,
                                   &app->server.key, app->server.allow_plain_key);
        argilla_use(app->argilla, &app->server.connection, app->server.key_place,
                    app->server.url_place);
        argilla_send_times(app->argilla, app->settings->send_times);
    }
    argilla_connect(app->argilla, on_identity, app);
}

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    (void)command;
    struct app *app = ctx;
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
    if (settings_find_server_key(app->settings, &app->server, &err) != STATUS_OK) {
        link_failed(app, &err);
        return;
    }
    mirror_set_linking(app, true);
    show_state(app, SYNC_RUNNING, NULL);
    if (app->server.key_command && !secret_is_set(&app->server.key))
        keyring_fetch(app->keyring, app->server.key_command, on_key, app);
    else
        send_hello(app);
}

static bool has_server(struct app *app)
{
    if (!app->session.has_server)
        app_notify(app, NOTICE_INFO, "%s", app->session.alone);
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

void app_sync(struct app *app)
{
    app->has_looked = false;
    app->session.progress.asked_ms = 0;
    if (!app->sync) {
        app_connect(app);
        return;
    }
    /* what was refused becomes due; when that fails nothing else depends on it */
    int64_t row = app->session.dataset.row;
    if (store_retry_refused(app->store, row, NULL) == STATUS_OK &&
        (!app->loads_queue || !store_hasten_deletions(app->store, row, NULL)))
        unsaved_committed(app, false);
    app->is_sync_asked = app->loads_queue;
    app->asked_retry_ms = app->session.sync.retry_at_ms;
    mirror_sync(app, true);
}

void app_create_dataset(struct app *app)
{
    const struct err *why = &app->session.sync.err; /* the link ended with it */
    if (!has_server(app))
        return;
    if (!app->session.dataset_missing && !app->sync && why->code) {
        app_notify_err(app, why);
        return;
    }
    if (!app->session.is_connected || app->is_linking) {
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
    mirror_set_linking(app, true);
    show_state(app, SYNC_RUNNING, NULL);
    argilla_create_dataset(app->argilla, &template, on_created, app);
    dataset_clear(&template);
}

/* ---- for the rest of the app ---- */

/* Deleted on its server, which has another of that name, or had one since. */
static bool is_replaced(struct app *app)
{
    const struct dataset *dataset = &app->session.dataset;
    struct dataset now = {0};
    bool is_it = dataset->is_gone &&
                 store_find_dataset(app->store, dataset->server, dataset->workspace,
                                    dataset->name, &now, NULL) == STATUS_OK &&
                 now.row != dataset->row;
    dataset_clear(&now);
    return is_it;
}

/* That of the dataset which is open already; else the configured one. */
static const struct server_settings *choose_server(struct app *app, struct err *err)
{
    const struct dataset *dataset = &app->session.dataset;
    const struct server_settings *chosen = setting_choose_server(app->settings, err);
    if (!dataset->row || !chosen)
        return chosen;
    if (app->settings->has_server && chosen->url &&
        strcmp(chosen->url, dataset->server) != 0)
        app_notify(app, NOTICE_INFO, "This dataset is not on %s, but %s%s.",
                   app->settings->server, *dataset->server ? "on " : "here alone",
                   dataset->server);
    if (!*dataset->server || is_replaced(app))
        return NULL;
    /* two sections may be two people on one server */
    return chosen->url && !strcmp(chosen->url, dataset->server)
               ? chosen
               : setting_find_address(app->settings, dataset->server);
}

enum status server_open(struct app *app, struct err *err)
{
    struct settings *settings = app->settings;
    const struct dataset *dataset = &app->session.dataset;
    const struct server_settings *chosen = choose_server(app, err);
    if (!chosen)
        return err->code;
    struct server_settings *server = &app->server;
    setting_text(&server->name, chosen->name);
    setting_text(&server->url, chosen->url);
    setting_text(&server->workspace, dataset->row && *dataset->workspace
                                         ? dataset->workspace
                                         : settings_workspace(settings, chosen));
    setting_text(&server->key_command, chosen->key_command);
    server->allow_plain_key = chosen->allow_plain_key;
    http_connection_copy(&server->connection, &chosen->connection);
    secret_copy(&server->key, &chosen->key);
    setting_text(&server->key_place, chosen->key_place);
    app->on_lost = look_again;
    app->link_timer = loop_timer_new(app->loop, link_now, app);
    mirror_open(app);
    app->session.has_server = true;
    app->session.dataset_missing = dataset->row && dataset->is_gone;
    app_name_server(app, server->url, app->session.server, sizeof app->session.server);
    return STATUS_OK;
}

void server_start(struct app *app, bool connects)
{
    mirror_show_counts(app);
    if (!app->session.has_server)
        app_say_alone(app);
    /* a command's first word is the server's */
    if (app->session.has_server && app->loads_queue &&
        !app_may_log(app->store, app->server.url, app->session.dataset.workspace)) {
        app->session.role = ARGILLA_ANNOTATOR;
        app->session.can_log = false;
    }
    if (app->session.has_server && connects) {
        app->session.sync.state = SYNC_RUNNING;
        app->is_link_due = true;
        loop_timer_start(app->link_timer, 0, 0);
    }
}

void server_close(struct app *app)
{
    mirror_drop(app);
    dataset_clear(&app->found);
    loop_timer_free(app->found_timer);
    argilla_free(app->argilla);
    loop_timer_free(app->link_timer);
    loop_timer_free(app->silence_timer);
    setting_clear_server(&app->server);
}
