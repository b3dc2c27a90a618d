/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "net/url.h"

enum {
    IDLE_TIMEOUT_MS = 30000,
    LATE_MS = 10 /* for the next request's bytes to go out first */
};

/* A copy of a reply that is read a little later. */
struct late_reply {
    struct http_reply reply;
    char *content_type;
    char *body;
    struct loop_timer *timer;
};

static void free_late(struct late_reply *late)
{
    if (!late)
        return;
    loop_timer_free(late->timer);
    free(late->content_type);
    free(late->body);
    free(late);
}

static void free_jobs(struct job **list)
{
    while (*list) {
        struct job *job = *list;
        *list = job->next;
        if (job->clear)
            job->clear(job);
        http_cancel(job->call);
        loop_timer_free(job->soon);
        free_late(job->late);
        free(job->goal);
        free(job);
    }
}

static void on_reap(void *ctx)
{
    struct argilla *argilla = ctx;
    free_jobs(&argilla->ended);
}

void *job_new(struct argilla *argilla, size_t size)
{
    struct job *job = xcalloc(1, size);
    job->argilla = argilla;
    job->next = argilla->jobs;
    argilla->jobs = job;
    return job;
}

static void read_reply(struct job *job, const struct http_reply *http)
{
    struct job_reply reply = {
        .code = http->code, .is_page = reply_is_page(http), .size = http->body_len};
    if (http->status == STATUS_OK && http->body_len > 0)
        reply.json = json_parse(http->body, http->body_len, NULL);
    struct complaint complaint = {.argilla = job->argilla, .goal = job->goal};
    explain_reply(&complaint, http, reply.json, &reply.err);
    job->step(job, &reply);
    json_decref(reply.json);
}

static void on_late(void *ctx)
{
    struct job *job = ctx;
    struct late_reply *late = job->late;
    job->late = NULL;
    read_reply(job, &late->reply);
    free_late(late);
}

static void read_later(struct job *job, const struct http_reply *reply)
{
    struct late_reply *late = xcalloc(1, sizeof *late);
    late->content_type = xstrdup(reply->content_type);
    late->body = xmemdup0(reply->body, reply->body_len);
    late->reply = *reply;
    late->reply.content_type = late->content_type;
    late->reply.body = late->body;
    late->timer = loop_timer_new(job->argilla->loop, on_late, job);
    loop_timer_start(late->timer, LATE_MS, 0);
    job->late = late;
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    struct job *job = ctx;
    job->call = NULL;
    job->argilla->retry_after_ms = reply->retry_after_ms;
    job->argilla->last_code = reply->code;
    if (job->arrived && reply->status == STATUS_OK && job->arrived(job, reply->code))
        read_later(job, reply);
    else
        read_reply(job, reply);
}

static void send(struct job *job, const char *method, const char *path, const char *body,
                 size_t len, bool has_key)
{
    const struct argilla *argilla = job->argilla;
    char *url = url_join(argilla->url, path);
    has_key = has_key && secret_is_set(&argilla->key);
    struct http_request http = {
        .method = method,
        .url = url,
        .body = body,
        .body_len = len,
        .key_header = has_key ? "X-Argilla-Api-Key" : NULL,
        .key_prefix = "",
        .key = has_key ? &argilla->key : NULL,
        .allow_plain_key = argilla->allow_plain_key,
        .connection = &argilla->connection,
        .idle_timeout_ms = argilla->patience_ms   ? argilla->patience_ms
                           : job->idle_timeout_ms ? job->idle_timeout_ms
                                                  : IDLE_TIMEOUT_MS,
    };
    struct http_handler handler = {.on_done = on_reply, .ctx = job};
    job->call = http_send(argilla->http, &http, &handler);
    free(url);
}

void job_send(struct job *job, const char *method, const char *path, const char *body,
              size_t len, job_step_fn step)
{
    job->step = step;
    send(job, method, path, body, len, true);
}

void job_ask(struct job *job, const char *method, char *path, json_t *json,
             job_step_fn step)
{
    char *body = json ? json_print_new(json) : NULL;
    job_send(job, method, path, body, body ? strlen(body) : 0, step);
    free(body);
    free(path);
}

void job_soon(struct job *job, int64_t delay_ms, loop_fn fn)
{
    if (!job->soon)
        job->soon = loop_timer_new(job->argilla->loop, fn, job);
    loop_timer_start(job->soon, delay_ms, 0);
}

void job_end(struct job *job)
{
    struct argilla *argilla = job->argilla;
    struct job **link = &argilla->jobs;
    while (*link != job)
        link = &(*link)->next;
    *link = job->next;
    job->next = argilla->ended;
    argilla->ended = job;
    loop_timer_start(argilla->reaper, 0, 0);
    if (job->ended)
        job->ended(job);
}

void job_fail(struct job *job, const struct err *err)
{
    struct err kept = *err;
    job_end(job);
    job->fail(job, &kept);
}

bool job_has_failed(struct job *job, const struct job_reply *reply)
{
    if (reply->err.code == STATUS_OK)
        return false;
    job_fail(job, &reply->err);
    return true;
}

bool job_has_no_items(struct job *job, const struct job_reply *reply)
{
    if (job_has_failed(job, reply))
        return true;
    if (json_is_array(json_object_get(reply->json, "items")))
        return false;
    struct err err = {0};
    err_set(&err, STATUS_PROTOCOL,
            "The Argilla server at %s sent something else than was asked for. Check "
            "whether a proxy stands before it.",
            job->argilla->host);
    job_fail(job, &err);
    return true;
}

/* ---- the first requests to a server: its version, then who we are ----
 *
 * Which paths a version has: argilla-api.md §3, §4.3. */

enum { OLDEST_MAJOR = 1, OLDEST_MINOR = 28 };

static void copy_line(const json_t *object, const char *key, char *out, size_t size)
{
    size_t len = 0;
    const char *text = json_get_text(object, key, &len);
    sanitise_line(text ? text : "", len, out, size);
}

static void got_identity(struct job *job, const struct job_reply *reply)
{
    struct argilla *argilla = job->argilla;
    if (job_has_failed(job, reply))
        return;
    struct argilla_identity *identity = &argilla->identity;
    copy_line(reply->json, "id", identity->user_id, sizeof identity->user_id);
    copy_line(reply->json, "username", identity->username, sizeof identity->username);
    const char *role = json_get_text(reply->json, "role", NULL);
    identity->role = ARGILLA_ANNOTATOR;
    if (role && (strcmp(role, "owner") == 0 || strcmp(role, "admin") == 0))
        identity->role = *role == 'o' ? ARGILLA_OWNER : ARGILLA_ADMIN;
    if (!identity->user_id[0]) {
        struct err err = {0};
        err_set(&err, STATUS_PROTOCOL,
                "%s did not say who this key belongs to. Check the address in %s.",
                argilla->host, argilla->url_place);
        job_fail(job, &err);
        return;
    }
    argilla->is_connected = true;
    job->first(job);
}

static bool is_before(const struct argilla_identity *identity, int major, int minor)
{
    return identity->version_major < major ||
           (identity->version_major == major && identity->version_minor < minor);
}

/* "2.8.0", "1.29.0-dev", "2.3.0dev0" */
static bool read_version(struct argilla_identity *identity, const json_t *json)
{
    copy_line(json, "version", identity->version, sizeof identity->version);
    char *end = NULL;
    identity->version_major = (int)strtol(identity->version, &end, 10);
    bool has_minor = end > identity->version && *end == '.';
    identity->version_minor = has_minor ? (int)strtol(end + 1, NULL, 10) : 0;
    return end > identity->version;
}

static void ask_identity(struct job *job)
{
    const struct argilla_identity *identity = &job->argilla->identity;
    if (!is_before(identity, OLDEST_MAJOR, OLDEST_MINOR)) {
        job_ask(job, "GET",
                xstrdup(is_before(identity, 1, 29) ? "/api/me" : "/api/v1/me"), NULL,
                got_identity);
        return;
    }
    struct err err = {0};
    err_set(&err, STATUS_REFUSED,
            "The Argilla server at %s is version %s; sherd needs %d.%d or newer. Ask "
            "for an upgrade of the server.",
            job->argilla->host, identity->version, OLDEST_MAJOR, OLDEST_MINOR);
    job_fail(job, &err);
}

static void got_old_version(struct job *job, const struct job_reply *reply)
{
    if (read_version(&job->argilla->identity, reply->json)) {
        ask_identity(job);
        return;
    }
    struct err err = reply->err;
    err_set(&err, STATUS_PROTOCOL,
            "%s answers, but not as an Argilla server. Check the address in %s.",
            job->argilla->host, job->argilla->url_place);
    job_fail(job, &err);
}

static void got_version(struct job *job, const struct job_reply *reply)
{
    enum status code = reply->err.code;
    if (code == STATUS_OK && read_version(&job->argilla->identity, reply->json)) {
        ask_identity(job);
    } else if (code == STATUS_OK || reply->code == 404 ||
               (code == STATUS_PROTOCOL && reply->is_page)) {
        /* before 1.29 the path does not exist: 404, or the web page with 200 */
        job->step = got_old_version;
        send(job, "GET", "/api/_info", NULL, 0, false);
    } else {
        job_fail(job, &reply->err);
    }
}

static void connect_job(struct job *job)
{
    job->step = got_version;
    send(job, "GET", "/api/v1/version", NULL, 0, false);
}

void job_start(struct job *job)
{
    if (job->argilla->is_connected)
        job->first(job);
    else
        connect_job(job);
}

struct connect_call {
    struct job job;
    argilla_connect_fn fn;
};

static void connect_failed(struct job *job, const struct err *err)
{
    struct connect_call *connect = (struct connect_call *)job;
    connect->fn(job->ctx, NULL, err);
}

static void connect_done(struct job *job)
{
    struct connect_call *connect = (struct connect_call *)job;
    job_end(job);
    connect->fn(job->ctx, &job->argilla->identity, &(struct err){0});
}

void argilla_connect(struct argilla *argilla, argilla_connect_fn fn, void *ctx)
{
    struct connect_call *connect = job_new(argilla, sizeof *connect);
    connect->job.goal = xstrdup("tell who we are");
    connect->job.first = connect_done;
    connect->job.fail = connect_failed;
    connect->fn = fn;
    connect->job.ctx = ctx;
    /* asked for again on purpose: a server may have been upgraded, a key changed */
    connect_job(&connect->job);
}

const struct argilla_identity *argilla_identity(const struct argilla *argilla)
{
    return argilla->is_connected ? &argilla->identity : NULL;
}

/* ---- the client ---- */

struct argilla *argilla_new(struct http *http, struct loop *loop, const char *url,
                            const struct secret *key, bool allow_plain_key)
{
    struct argilla *argilla = xcalloc(1, sizeof *argilla);
    argilla->http = http;
    argilla->loop = loop;
    argilla->url = url_join(url, "");
    argilla->host = url_host(argilla->url);
    if (key)
        secret_copy(&argilla->key, key);
    argilla->allow_plain_key = allow_plain_key;
    argilla->retry_after_ms = -1;
    argilla->url_place = xstrdup("ARGILLA_API_URL");
    argilla->reaper = loop_timer_new(loop, on_reap, argilla);
    return argilla;
}

void argilla_use(struct argilla *argilla, const struct http_connection *connection,
                 const char *key_place, const char *url_place)
{
    free(argilla->key_place);
    free(argilla->url_place);
    argilla->url_place = xstrdup(url_place ? url_place : "ARGILLA_API_URL");
    argilla->key_place = xstrdup_or_null(key_place);
    http_connection_copy(&argilla->connection, connection);
}

void argilla_hurry(struct argilla *argilla, int64_t patience_ms)
{
    argilla->patience_ms = patience_ms;
}

void argilla_free(struct argilla *argilla)
{
    if (!argilla)
        return;
    http_connection_clear(&argilla->connection);
    free_jobs(&argilla->jobs);
    free_jobs(&argilla->ended);
    loop_timer_free(argilla->reaper);
    free(argilla->known_id);
    json_decref(argilla->question_names);
    json_decref(argilla->properties);
    json_decref(argilla->user_names);
    secret_clear(&argilla->key);
    free(argilla->key_place);
    free(argilla->url_place);
    free(argilla->url);
    free(argilla->host);
    free(argilla);
}

void argilla_cancel(struct argilla *argilla, const void *ctx)
{
    struct job *next;
    for (struct job *job = argilla->jobs; job; job = next) {
        next = job->next;
        if (job->ctx != ctx)
            continue;
        http_cancel(job->call);
        job->call = NULL;
        loop_timer_free(job->soon);
        job->soon = NULL;
        free_late(job->late);
        job->late = NULL;
        job_end(job);
    }
}

const char *argilla_url(const struct argilla *argilla)
{
    return argilla->url;
}

int64_t argilla_retry_after_ms(const struct argilla *argilla)
{
    return argilla->retry_after_ms;
}

long argilla_last_code(const struct argilla *argilla)
{
    return argilla->last_code;
}

const char *argilla_notice(const struct argilla *argilla)
{
    return argilla->notice;
}
