/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/job.h"

#include <stdlib.h>
#include <string.h>

#include "argilla/collect.h"
#include "argilla/errors.h"
#include "base/xalloc.h"
#include "net/url.h"
#include "json/json.h"

enum {
    IDLE_TIMEOUT_MS = 30000,
    LATE_MS = 10 /* for the next request's bytes to go out first */
};

/* A copy of an answer that is read a little later. */
struct late_answer {
    struct http_reply reply;
    char *content_type;
    char *body;
    struct loop_timer *timer;
};

static void free_late(struct late_answer *late)
{
    if (!late)
        return;
    loop_timer_free(late->timer);
    free(late->content_type);
    free(late->body);
    free(late);
}

static void free_job(struct job *job)
{
    if (job->clear)
        job->clear(job);
    http_cancel(job->call);
    loop_timer_free(job->soon);
    free_late(job->late);
    free(job->goal);
    free(job);
}

static void free_jobs(struct job **list)
{
    while (*list) {
        struct job *job = *list;
        *list = job->next;
        free_job(job);
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

void job_start(struct job *job)
{
    if (job->argilla->is_connected)
        job->first(job);
    else
        job_connect(job);
}

static void read_reply(struct job *job, const struct http_reply *reply)
{
    struct answer answer = {.code = reply->code};
    if (reply->status == STATUS_OK && reply->body_len > 0)
        answer.json = json_parse(reply->body, reply->body_len, NULL);
    struct complaint complaint = {.argilla = job->argilla, .goal = job->goal};
    explain_reply(&complaint, reply, answer.json, &answer.err);
    job->step(job, &answer);
    json_decref(answer.json);
}

static void on_late(void *ctx)
{
    struct job *job = ctx;
    struct late_answer *late = job->late;
    job->late = NULL;
    read_reply(job, &late->reply);
    free_late(late);
}

static void read_later(struct job *job, const struct http_reply *reply)
{
    struct late_answer *late = xcalloc(1, sizeof *late);
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

void job_send(struct job *job, const struct job_request *request, job_step_fn step)
{
    const struct argilla *argilla = job->argilla;
    char *url = url_join(argilla->url, request->path);
    bool has_key = !request->is_public && secret_is_set(&argilla->key);
    int64_t idle = request->idle_timeout_ms;
    struct http_request http = {
        .method = request->method,
        .url = url,
        .body = request->body,
        .body_len = request->body_len,
        .key_header = has_key ? "X-Argilla-Api-Key" : NULL,
        .key_prefix = "",
        .key = has_key ? &argilla->key : NULL,
        .allow_plain_key = argilla->allow_plain_key,
        .idle_timeout_ms = idle ? idle : IDLE_TIMEOUT_MS,
    };
    struct http_handler handler = {.on_done = on_reply, .ctx = job};
    job->step = step;
    job->call = http_send(argilla->http, &http, &handler);
    free(url);
}

void job_get(struct job *job, const char *path, job_step_fn step)
{
    struct job_request request = {.method = "GET", .path = path};
    job_send(job, &request, step);
}

void job_post(struct job *job, const char *path, json_t *json, job_step_fn step)
{
    char *body = json_print(json);
    struct job_request request = {
        .method = "POST", .path = path, .body = body, .body_len = strlen(body)};
    job_send(job, &request, step);
    free(body);
    json_decref(json);
}

static void on_soon(void *ctx)
{
    struct job *job = ctx;
    job->step(job, &(struct answer){0});
}

void job_soon(struct job *job, job_step_fn step)
{
    job->step = step;
    if (!job->soon)
        job->soon = loop_timer_new(job->argilla->loop, on_soon, job);
    loop_timer_start(job->soon, 0, 0);
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

bool job_has_failed(struct job *job, const struct answer *answer)
{
    if (answer->err.code == STATUS_OK)
        return false;
    job_fail(job, &answer->err);
    return true;
}

struct argilla *argilla_new(struct http *http, struct loop *loop, const char *url,
                            const struct secret *key, bool allow_plain_key)
{
    struct argilla *argilla = xcalloc(1, sizeof *argilla);
    argilla->http = http;
    argilla->loop = loop;
    argilla->url = url_join(url, "");
    argilla->host = url_host(url);
    if (key)
        secret_copy(&argilla->key, key);
    argilla->allow_plain_key = allow_plain_key;
    argilla->retry_after_ms = -1;
    argilla->reaper = loop_timer_new(loop, on_reap, argilla);
    return argilla;
}

void argilla_free(struct argilla *argilla)
{
    if (!argilla)
        return;
    free_jobs(&argilla->jobs);
    free_jobs(&argilla->ended);
    loop_timer_free(argilla->reaper);
    question_names_free(argilla->names);
    collected_free(argilla->collected);
    secret_clear(&argilla->key);
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
