/* SPDX-License-Identifier: MIT
 *
 * What is said: the notice line, the labels and key names in its sentences.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/log.h"
#include "base/sanitise.h"
#include "net/url.h"

enum { NOTICE_MS = 3000, ERROR_MS = 15000 };

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

void app_dismiss_notice(struct app *app)
{
    app->session.notice.until_ms = 0;
    app->session.notice.text[0] = '\0';
}

const char *app_record_label(const struct app *app, const struct record *record,
                             char *out, size_t size)
{
    const struct session *session = &app->session;
    bool is_again = session->is_again && record == &session->current;
    size_t index =
        is_again ? session->queue.position : queue_find(&session->queue, record->row);
    const char *gone = record->is_gone ? ", gone from the server," : "";
    if (app->session.is_queue_loaded && index != SIZE_MAX)
        snprintf(out, size, "#%zu%s", index + 1, gone);
    else
        snprintf(out, size, "Record %.8s%s", id_text(&record->id).text, gone);
    return out;
}

/* "#1, #3 and 4 more", each record once, `most` by name; returns how many they are. */
size_t app_name_unsaved(const struct app *app, size_t most, char *out, size_t size)
{
    size_t count = 0, len = 0;
    for (size_t i = 0; i < app->unsaved_count; i++) {
        const struct unsaved *item = app->unsaved[i];
        bool is_named = item->is_aside; /* undo brings that */
        for (size_t j = 0; j < i && !is_named; j++)
            is_named = !app->unsaved[j]->is_aside &&
                       id_equal(&app->unsaved[j]->record, &item->record);
        if (!is_named && count++ < most)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "",
                                    item->label);
    }
    if (count > most)
        snprintf(out + len, size - len, " and %zu more", count - most);
    return count;
}

struct key_name app_key_name(const struct app *app, enum action action)
{
    struct key_name name = {0};
    size_t count = 0;
    struct key_binding *keys = settings_keys(app->settings, &count);
    for (size_t i = count; i > 0; i--)
        if (keys[i - 1].action == action)
            key_format(keys[i - 1].key, name.text, sizeof name.text);
    free(keys);
    if (!name.text[0])
        snprintf(name.text, sizeof name.text, ":%s", action_name(action));
    return name;
}

void app_name_server(const struct app *app, const char *url, char *out, size_t size)
{
    const struct settings *settings = app->settings;
    const char *name = NULL;
    for (size_t i = 0; i < settings->server_count && !name; i++)
        if (settings->servers[i].url && !strcmp(settings->servers[i].url, url) &&
            strcmp(settings->servers[i].name, "env") != 0 &&
            !setting_is_url(settings->servers[i].name))
            name = settings->servers[i].name;
    char *host = *url ? url_host(url) : NULL;
    out[0] = '\0';
    if (host) {
        const char *shown = name ? name : host;
        sanitise_line(shown, strlen(shown), out, size);
    }
    free(host);
}

struct err app_name_fault(const struct app *app, const char *url, const struct err *err)
{
    char name[80];
    struct err named = *err;
    char *host = url_host(url);
    app_name_server(app, url, name, sizeof name);
    if (strstr(err->text, host) && !strstr(err->text, name))
        err_prefix(&named, "%s", name);
    free(host);
    return named;
}
