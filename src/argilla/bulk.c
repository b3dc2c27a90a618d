/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum {
    TIMEOUT_MS = 30000,
    TIMEOUT_PER_ITEM_MS = 200 /* twenty times what 2.8 takes here */
};

static bool start_parked(struct argilla *argilla);

void bulk_clear(struct job *job)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    for (size_t i = 0; i < bulk->count; i++)
        free(bulk->items[i]);
    free(bulk->items);
    free(bulk->results);
    free(bulk->path);
    buf_clear(&bulk->body);
}

static void bulk_failed(struct job *job, const struct err *err)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    bulk->fn(bulk->job.ctx, NULL, 0, err);
}

/* The server has done this one: the next may go. */
static bool bulk_arrived(struct job *job, long code)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    struct argilla *argilla = job->argilla;
    if (argilla->turn != bulk || code != 200 || bulk->waiting_count > 0)
        return false;
    argilla->turn = NULL;
    return start_parked(argilla);
}

static void bulk_ended(struct job *job)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    struct argilla *argilla = job->argilla;
    struct bulk_job **link = &argilla->parked;
    while (*link && *link != bulk)
        link = &(*link)->next_parked;
    if (*link)
        *link = bulk->next_parked;
    if (argilla->turn != bulk)
        return;
    argilla->turn = NULL;
    start_parked(argilla);
}

void *bulk_new(struct argilla *argilla, size_t size, size_t count)
{
    struct bulk_job *bulk = job_new(argilla, size);
    bulk->job.fail = bulk_failed;
    bulk->job.clear = bulk_clear;
    bulk->job.arrived = bulk_arrived;
    bulk->job.ended = bulk_ended;
    bulk->items = xcalloc(count, sizeof *bulk->items);
    bulk->results = xcalloc(count, sizeof *bulk->results);
    bulk->count = count;
    return bulk;
}

static void bulk_deliver(struct bulk_job *bulk)
{
    job_end(&bulk->job);
    bulk->fn(bulk->job.ctx, bulk->results, bulk->count, &(struct err){0});
}

static void make_body(struct bulk_job *bulk)
{
    struct buf *body = &bulk->body;
    buf_reset(body);
    buf_add_text(body, "{\"items\":[");
    for (size_t i = bulk->now.from; i < bulk->now.to; i++) {
        if (i > bulk->now.from)
            buf_add_byte(body, ',');
        buf_add_text(body, bulk->items[i]);
    }
    buf_add_text(body, "]}");
}

static void send_next(struct bulk_job *bulk)
{
    bulk->has_retried = false;
    if (bulk->waiting_count > 0) {
        bulk->now = bulk->waiting[--bulk->waiting_count];
        bulk_go(bulk);
    } else if (bulk->sent) {
        bulk->sent(&bulk->job);
    } else {
        bulk_deliver(bulk);
    }
}

static void range_done(struct job *job, const struct job_reply *reply)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    struct err err = reply->err;
    /* Two that write the same at once: one of them gets the database's or the search
     * engine's complaint, and finds all in order when it tries again. */
    bool is_collision =
        reply->code == 409 || (reply->code == 500 && strstr(err.text, "IntegrityError"));
    if (is_collision && !bulk->has_retried) {
        bulk->has_retried = true;
        bulk_go(bulk);
        return;
    }
    if (err.code == STATUS_REFUSED) {
        /* One of them is to blame: each half alone. */
        struct bulk_range now = bulk->now;
        size_t middle = now.from + (now.to - now.from) / 2;
        if (now.to - now.from > 1) {
            bulk->waiting[bulk->waiting_count++] = (struct bulk_range){middle, now.to};
            bulk->waiting[bulk->waiting_count++] = (struct bulk_range){now.from, middle};
        } else if (bulk->refused && bulk->refused(bulk, now.from, &err)) {
            bulk->waiting[bulk->waiting_count++] = now;
        } else {
            bulk->results[now.from].err = err;
        }
        send_next(bulk);
        return;
    }
    const json_t *items = json_object_get(reply->json, "items");
    if (err.code == STATUS_OK &&
        json_array_size(items) == bulk->now.to - bulk->now.from &&
        bulk->taken(bulk, items)) {
        send_next(bulk);
        return;
    }
    if (err.code == STATUS_EXISTS)
        err.code = STATUS_BUSY;
    err_set(&err, STATUS_PROTOCOL,
            "The Argilla server at %s did not answer for what it was sent. Check "
            "whether a proxy stands before it.",
            job->argilla->host);
    job_fail(job, &err);
}

static void send_range(struct bulk_job *bulk)
{
    size_t count = bulk->now.to - bulk->now.from;
    bulk->job.idle_timeout_ms = TIMEOUT_MS + TIMEOUT_PER_ITEM_MS * (int64_t)count;
    job_send(&bulk->job, bulk->method, bulk->path, bulk->body.data, bulk->body.len,
             range_done);
    buf_clear(&bulk->body);
}

void bulk_go(struct bulk_job *bulk)
{
    make_body(bulk);
    send_range(bulk);
}

static void send_first(struct job *job)
{
    struct bulk_job *bulk = (struct bulk_job *)job;
    if (!bulk->prepare || bulk->prepare(bulk))
        send_range(bulk);
}

static bool start_parked(struct argilla *argilla)
{
    struct bulk_job *bulk = argilla->parked;
    if (argilla->turn || !bulk)
        return false;
    argilla->parked = bulk->next_parked;
    bulk->next_parked = NULL;
    argilla->turn = bulk;
    job_start(&bulk->job);
    return true;
}

static void nothing_to_send(void *ctx)
{
    struct bulk_job *bulk = ctx;
    if (bulk->sent)
        job_start(&bulk->job);
    else
        bulk_deliver(bulk);
}

void bulk_start(struct bulk_job *bulk)
{
    bulk->job.first = bulk->count ? send_first : bulk->sent;
    if (bulk->count == 0) {
        job_soon(&bulk->job, 0, nothing_to_send);
        return;
    }
    bulk->now = (struct bulk_range){0, bulk->count};
    make_body(bulk);
    struct bulk_job **link = &bulk->job.argilla->parked;
    while (*link)
        link = &(*link)->next_parked;
    *link = bulk;
    start_parked(bulk->job.argilla);
}
