/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app_parts.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "net/url.h"
#include "store/store_stats.h"
#include "json/dataset_json.h"

enum {
    NUMBER_DIGITS = 7, /* more are the start of an id */
    ID_START = 13,     /* of ids in commands: one in millions */
    PROGRESS_MS = 10000
};

static bool is_number(const char *name)
{
    size_t len = strlen(name);
    return len <= NUMBER_DIGITS && strspn(name, "0123456789") == len;
}

/* Its index in the queue; SIZE_MAX = it is not there. */
static size_t find(struct app *app, const char *name, struct err *err)
{
    const struct queue *queue = &app->session.queue;
    if (is_number(name)) {
        size_t number = strtoul(name, NULL, 10);
        return number && number <= queue->count ? number - 1 : SIZE_MAX;
    }
    struct id id;
    struct record record = {0};
    size_t index = SIZE_MAX;
    if (store_find_record(app->store, app->session.dataset.row, name, &id, err) ==
            STATUS_OK &&
        store_get_record(app->store, &id, &record, err) == STATUS_OK)
        index = queue_find(queue, record.row);
    record_clear(&record);
    return index;
}

/* More records may come. */
static bool is_reading(const struct app *app)
{
    return app->is_loading_queue || app->is_link_due || app->is_linking ||
           (app->sync && sync_report(app->sync)->is_pulling);
}

bool place_is_server(const struct settings *settings, const char *url, const char *name,
                     size_t len)
{
    char *wanted = xmemdup0(name, len), *host = *url ? url_host(url) : NULL;
    bool is_it = !strcmp(url, wanted) || (!*url && !strcmp(wanted, "local")) ||
                 (host && !strcmp(host, wanted));
    for (size_t i = 0; i < settings->server_count; i++)
        is_it = is_it ||
                (settings->servers[i].url && !strcmp(settings->servers[i].name, wanted) &&
                 !strcmp(settings->servers[i].url, url));
    free(wanted);
    free(host);
    return is_it;
}

bool place_is_called(const struct settings *settings, const struct dataset *dataset,
                     const char *given)
{
    static const char gone[] = "@gone";
    const char *server = dataset->server ? dataset->server : "";
    const char *workspace = dataset->workspace ? dataset->workspace : "";
    char *where = dataset_where(dataset);
    bool is_it = !strcmp(where, given) || !strcmp(dataset->name, given);
    free(where);
    size_t space = strlen(workspace), name = strlen(dataset->name);
    if (!strncmp(given, workspace, space) && given[space] == '/')
        given += space + 1;
    if (is_it || strncmp(given, dataset->name, name) != 0)
        return is_it;
    const char *at = given + name;
    size_t len = strlen(at), end = sizeof gone - 1;
    if (dataset->is_gone && len >= end && !strcmp(at + len - end, gone))
        len -= end;
    return !len || (*at == '@' && place_is_server(settings, server, at + 1, len - 1));
}

bool place_is_elsewhere(const struct app *app, const struct dataset *dataset)
{
    struct settings *settings = app->settings;
    const char *url = dataset->server ? dataset->server : "";
    struct err none = {0};
    const struct server_settings *chosen = setting_choose_server(settings, &none);
    if (!chosen || !chosen->url || app->session.is_demo || !strcmp(chosen->url, url))
        return false;
    if (settings->has_server || (settings->server && setting_is_url(settings->server)))
        return true;
    return *url && !dataset->is_gone && !setting_find_address(settings, url);
}

int64_t place_home(struct app *app, const char *name, bool may_be_number)
{
    struct record record = {0};
    struct id id;
    int64_t row = 0;
    if (name && !(may_be_number && is_number(name)) &&
        store_find_record(app->store, 0, name, &id, NULL) == STATUS_OK &&
        store_get_record(app->store, &id, &record, NULL) == STATUS_OK)
        row = record.dataset_row;
    record_clear(&record);
    return row;
}

bool place_say_home(struct app *app, const char *name)
{
    struct dataset home = {0};
    int64_t row = place_home(app, name, true);
    bool is_elsewhere = row && row != app->session.dataset.row &&
                        store_get_dataset(app->store, row, &home, NULL) == STATUS_OK;
    if (is_elsewhere) {
        char *where = dataset_where(&home);
        app_notify(app, NOTICE_WARNING,
                   "Record %.40s is in %s: sherd review %s --record %.40s", name, where,
                   where, name);
        free(where);
    }
    dataset_clear(&home);
    return is_elsewhere;
}

bool app_goto(struct app *app, const char *name)
{
    struct err err = {0};
    size_t index = find(app, name, &err);
    setting_text(&app->wanted_record, NULL);
    if (index != SIZE_MAX)
        return app_go(app, index);
    if (is_reading(app)) {
        setting_text(&app->wanted_record, name);
        app_notify(app, NOTICE_INFO, "Record %.80s is not here yet: it is waited for.",
                   name);
    } else if (place_say_home(app, name)) {
        return false;
    } else if (!app->session.queue.count) {
        app_notify(app, NOTICE_ERROR, "There is no record yet.");
    } else if (is_number(name)) {
        app_notify(app, NOTICE_ERROR, "There is no record %.80s; the last one is %zu.",
                   name, app->session.queue.count);
    } else {
        app_notify_err(app, &err);
    }
    return false;
}

void place_look_again(struct app *app)
{
    struct err err = {0};
    if (!app->wanted_record)
        return;
    size_t index = find(app, app->wanted_record, &err);
    if (index == SIZE_MAX && is_reading(app))
        return;
    char *name = app->wanted_record;
    app->wanted_record = NULL;
    app_goto(app, name);
    free(name);
}

/* ---- the command and the address that lead to it ---- */

void place_command(const struct session *session, struct buf *out)
{
    const struct dataset *dataset = &session->dataset;
    bool is_local = !dataset->server || !*dataset->server;
    char *name = dataset->is_gone ? dataset_where(dataset)
                 : is_local       ? xasprintf("%s@local", dataset->name)
                 : dataset->workspace && *dataset->workspace
                     ? xasprintf("%s/%s", dataset->workspace, dataset->name)
                     : xstrdup(dataset->name);
    char *word = words_quote(name);
    buf_addf(out, "sherd review %s", word);
    if (session->has_current)
        buf_addf(out, " --record %.*s", ID_START, id_text(&session->current.id).text);
    free(word);
    free(name);
}

void place_count(struct app *app)
{
    struct session *session = &app->session;
    int64_t row = session->has_current ? session->current.row : 0;
    session->web_page.row = dataset_min_submitted(&session->dataset) ? 0 : row;
    if (session->web_page.row)
        session->web_page.number = (size_t)store_count_before(app->store, row) + 1;
}

/* The page numbers the records of one status, those that were logged first in front.
 * Source: argilla-frontend's useRoutes and RecordCriteria, the same in 1.29 and 2.8. */
bool place_address(const struct session *session, struct buf *out)
{
    const struct dataset *dataset = &session->dataset;
    const struct record *record = &session->current;
    const struct queue *queue = &session->queue;
    bool is_counted = session->web_page.row == record->row;
    size_t page = is_counted ? session->web_page.number : 1;
    if (!session->has_current || !record->remote_id || record->is_gone ||
        !dataset->remote_id || !dataset->server || !*dataset->server)
        return false;
    unsigned not_there =
        QUEUE_GONE | QUEUE_DELETED |
        (record->response.status == RESPONSE_PENDING ? QUEUE_COMPLETED : 0u);
    for (size_t i = 0; !is_counted && i < queue->count; i++) {
        if (queue->rows[i].row == record->row)
            break;
        page += queue->rows[i].status == record->response.status &&
                !(queue->rows[i].flags & not_there);
    }
    buf_addf(out,
             "%s/dataset/%s/annotation-mode?page=%zu&status=%s"
             "&sort=record.inserted_at.asc",
             dataset->server, dataset->remote_id, page,
             response_status_name(record->response.status));
    return true;
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static void on_browsed(void *ctx, int status)
{
    struct app *app = ctx;
    (void)status;
    loop_child_free(app->browser);
    app->browser = NULL;
}

bool place_browse(struct app *app, const char *address)
{
    bool has_desktop = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    bool is_far = is_set("SSH_CONNECTION") && !has_desktop;
    const char *browser = is_set("BROWSER") ? getenv("BROWSER")
                          : has_desktop     ? "xdg-open"
                                            : NULL;
    struct err err = {0};
    size_t count = 0;
    int out = -1;
    if (!browser || is_far || app->browser)
        return false;
    char **words = words_split("$BROWSER", browser, &count, &err);
    if (!words)
        return false;
    /* in a session of its own: it outlives us */
    char setsid[] = "setsid", fork[] = "-f", *url = xstrdup(address);
    char **argv = xcalloc(count + 4, sizeof *argv);
    argv[0] = setsid;
    argv[1] = fork;
    memcpy(argv + 2, words, count * sizeof *words);
    argv[count + 2] = url;
    app->browser = loop_child_new(app->loop, argv, &out, on_browsed, app, &err);
    if (app->browser)
        close(out);
    free(url);
    free(argv);
    free(words);
    return app->browser != NULL;
}

/* ---- who has answered how much ---- */

static void on_progress(void *ctx, const struct argilla_progress *told,
                        const struct err *err)
{
    struct app *app = ctx;
    struct people_told *progress = &app->session.progress;
    snprintf(progress->why_not, sizeof progress->why_not, "%.199s", err->text);
    if (!told) {
        app_changed(app);
        return;
    }
    free(progress->told.people);
    progress->told = *told;
    progress->told.people = xcalloc(told->count + 1, sizeof *told->people);
    memcpy(progress->told.people, told->people, told->count * sizeof *told->people);
    progress->row = app->session.dataset.row;
    progress->wall_ms = clock_wall_ms(app->clock);
    app_changed(app);
}

void app_ask_progress(struct app *app)
{
    struct session *session = &app->session;
    int64_t now = clock_mono_ms(app->clock);
    bool is_due =
        !session->progress.asked_ms || now - session->progress.asked_ms > PROGRESS_MS;
    if (!session->is_connected || !session->dataset.remote_id || !is_due)
        return;
    session->progress.asked_ms = now;
    argilla_read_progress(app->argilla, &session->dataset, on_progress, app);
}

void app_read_people(struct app *app)
{
    if (app->sync && app->session.can_log && app->session.is_connected)
        mirror_sync(app, false);
    app->session.progress.asked_ms = 0;
    app_ask_progress(app);
}
