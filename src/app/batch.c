/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"

enum {
    COMMITS = 64,  /* answers that may wait for the disk beside those that stream */
    SLICE = 200,   /* prompts looked at in one turn of the loop */
    CALM_MS = 1000 /* refusals closer together than this count as one */
};

/* A prompt and how often the same text stands in the file: each is a sample of its own.
 */
struct item {
    struct batch_prompt prompt;
    size_t twin;  /* this is the twin'th of them, from 0 */
    size_t twins; /* of so many */
};

struct batch {
    struct app *app;
    struct item *items;
    size_t count;
    size_t next; /* of progress.total */
    char *key;
    struct id run;
    struct sampling sampling;
    size_t most;  /* the concurrency asked for */
    size_t limit; /* what the endpoint takes now */
    size_t calm;  /* answers since the limit changed */
    int64_t refused_at_ms;
    struct batch_progress progress;
    struct batch_job **jobs; /* progress.running of them, with those being committed */
    size_t streaming;        /* of them */
    struct loop_timer *timer;
    batch_fn fn;
    void *ctx;
    bool is_refused; /* the key is: nothing more is started */
    bool is_cancelled;
    bool is_freed; /* by its owner; lives on until its answers have ended */
};

/* One answer under way. */
struct batch_job {
    struct batch *batch;
    size_t line;
    int sample;
    bool is_streaming;
    struct id record;
};

/* ---- prompts ---- */

static int compare_items(const void *a, const void *b)
{
    const struct item *const *left = a;
    const struct item *const *right = b;
    const struct batch_prompt *first = &(*left)->prompt;
    const struct batch_prompt *second = &(*right)->prompt;
    size_t len = first->len < second->len ? first->len : second->len;
    int order = memcmp(first->text, second->text, len);
    if (!order && first->len != second->len)
        order = first->len < second->len ? -1 : 1;
    return order ? order : *left < *right ? -1 : *left > *right;
}

static bool is_same(const struct item *a, const struct item *b)
{
    return a->prompt.len == b->prompt.len &&
           !memcmp(a->prompt.text, b->prompt.text, a->prompt.len);
}

static void count_twins(struct batch *batch)
{
    struct item **sorted = xcalloc(batch->count + 1, sizeof(struct item *));
    for (size_t i = 0; i < batch->count; i++)
        sorted[i] = &batch->items[i];
    qsort(sorted, batch->count, sizeof(struct item *), compare_items);
    for (size_t start = 0, end = 0; start < batch->count; start = end) {
        while (end < batch->count && is_same(sorted[start], sorted[end]))
            end++;
        for (size_t i = start; i < end; i++) {
            sorted[i]->twin = i - start;
            sorted[i]->twins = end - start;
        }
    }
    free(sorted);
}

static void copy_prompts(struct batch *batch, const struct batch_options *options)
{
    batch->count = options->count;
    batch->items = xcalloc(options->count + 1, sizeof *batch->items);
    for (size_t i = 0; i < options->count; i++) {
        const struct batch_prompt *prompt = &options->prompts[i];
        batch->items[i].prompt = *prompt;
        batch->items[i].prompt.text = xmemdup0(prompt->text, prompt->len);
    }
    count_twins(batch);
}

/* ---- ids ---- */

/* "sherd batch" as a name space; never changes, or runs would be repeated. */
static const struct id name_space = {{0x5b, 0x1e, 0x2d, 0x70, 0x84, 0x0a, 0x4c, 0x51,
                                      0x9f, 0x37, 0x2b, 0x66, 0x8c, 0x05, 0xd1, 0xe9}};

static void dataset_space(const struct dataset *dataset, const char *server,
                          const char *workspace, struct id *out)
{
    struct buf name = {0};
    buf_add(&name, server, strlen(server) + 1);
    if (workspace)
        buf_add(&name, workspace, strlen(workspace) + 1);
    buf_add_text(&name, dataset->name);
    id_by_name(out, &name_space, name.data, name.len);
    buf_clear(&name);
}

/* The number in thousandths, so that no locale and no rounding of printf matters. */
static long long thousandths(double number)
{
    return (long long)(number * 1000 + 0.5);
}

static void record_id(const struct batch *batch, const struct id *space,
                      const struct batch_prompt *prompt, int sample, struct id *out)
{
    const struct sampling *sampling = &batch->sampling;
    const char *model = sampling->model ? sampling->model : "";
    const char *system = sampling->system_prompt ? sampling->system_prompt : "";
    struct buf name = {0};
    buf_add(&name, batch->key, strlen(batch->key) + 1);
    buf_add(&name, prompt->text, prompt->len + 1);
    buf_add(&name, model, strlen(model) + 1);
    buf_add(&name, system, strlen(system) + 1);
    if (sampling->has_temperature)
        buf_addf(&name, "t%lld", thousandths(sampling->temperature));
    if (sampling->has_seed)
        buf_addf(&name, "s%lld", (long long)sampling->seed);
    buf_addf(&name, "m%lld#%d", (long long)sampling->max_tokens, sample);
    id_by_name(out, space, name.data, name.len);
    buf_clear(&name);
}

/* Finds the record of an earlier run, or an id for a new one. A dataset that was local
 * then keeps its ids when it moves to a server; two datasets of one name in different
 * workspaces must not share theirs. True when the record is there. */
static bool find_record(struct batch *batch, const struct batch_prompt *prompt,
                        int sample, struct id *id, struct record *record)
{
    const struct dataset *dataset = &batch->app->session.dataset;
    const char *workspace = dataset->workspace ? dataset->workspace : "";
    const struct {
        const char *server, *workspace;
    } ways[] = {{"", NULL}, {dataset->server, workspace}, {dataset->server, NULL}};
    bool is_taken = false;
    for (size_t i = 0; i < 3; i++) {
        struct id space;
        dataset_space(dataset, ways[i].server, ways[i].workspace, &space);
        record_id(batch, &space, prompt, sample, id);
        is_taken = store_get_record(batch->app->store, id, record, NULL) == STATUS_OK;
        if (is_taken && record->dataset_row == dataset->row)
            return true;
    }
    if (is_taken) { /* by the other workspace's dataset */
        struct id space;
        dataset_space(dataset, dataset->server, workspace, &space);
        record_id(batch, &space, prompt, sample, id);
    }
    return false;
}

/* ---- events ---- */

static void tell(struct batch *batch, enum batch_outcome outcome,
                 const struct batch_job *job, const struct record *record,
                 const struct err *err)
{
    struct batch_event event = {.outcome = outcome,
                                .line = job->line,
                                .sample = job->sample,
                                .record = record,
                                .err = err};
    if (batch->fn && !batch->is_freed)
        batch->fn(batch->ctx, &event);
}

static void really_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        free(batch->items[i].prompt.text);
    free(batch->items);
    free(batch->jobs);
    free(batch->key);
    sampling_clear(&batch->sampling);
    loop_timer_free(batch->timer);
    free(batch);
}

static void pump_later(struct batch *batch)
{
    if (!batch->is_freed && !batch->app->is_closing)
        loop_timer_start(batch->timer, 0, 0);
}

/* ---- one answer ---- */

static void fail(struct batch *batch, const struct batch_job *job,
                 const struct record *record, const struct err *err)
{
    batch->progress.failed++;
    batch->progress.done++;
    tell(batch, BATCH_FAILED, job, record, err);
}

static void take_success(struct batch *batch, const struct batch_job *job,
                         const struct record *record)
{
    batch->progress.done++;
    if (++batch->calm >= batch->limit && batch->limit < batch->most) {
        batch->limit++;
        batch->calm = 0;
    }
    tell(batch, BATCH_LOGGED, job, record, NULL);
}

static void remove_job(struct batch *batch, const struct batch_job *job)
{
    size_t i = 0;
    while (batch->jobs[i] != job)
        i++;
    batch->jobs[i] = batch->jobs[--batch->progress.running];
}

/* A key that is refused or missing fails every prompt alike. */
static bool ends_all(enum status code)
{
    return code == STATUS_AUTH || code == STATUS_CONFIG;
}

static void free_place(struct batch_job *job)
{
    job->batch->streaming -= job->is_streaming;
    job->is_streaming = false;
    pump_later(job->batch);
}

/* The endpoint is free for the next while the disk still writes this one. */
static void on_streamed(void *ctx)
{
    struct batch_job *job = ctx;
    struct batch *batch = job->batch;
    batch->is_refused |= ends_all(batch->app->session.answer_code);
    free_place(job);
}

static void take_failure(struct batch *batch, const struct batch_job *job,
                         const struct record *record, const struct err *err)
{
    struct err why = *err;
    const char *known = record ? record->completion.error : NULL;
    err_set(&why, STATUS_PROTOCOL, "%s", known ? known : "The answer was cut off.");
    fail(batch, job, record, &why);
    if (ends_all(why.code))
        batch_cancel(batch);
}

static void on_end(void *ctx, const struct record *record, const struct err *err)
{
    struct batch_job *job = ctx;
    struct batch *batch = job->batch;
    free_place(job);
    remove_job(batch, job);
    if (!err->code && record && record->completion.state == COMPLETION_DONE)
        take_success(batch, job, record);
    else if (!err->code && batch->is_cancelled)
        tell(batch, BATCH_STOPPED, job, record, NULL);
    else
        take_failure(batch, job, record, err);
    free(job);
    if (batch->is_freed && !batch->progress.running)
        really_free(batch);
    else
        pump_later(batch);
}

/* 429 or 5xx: the endpoint is asked for half as much at once. */
static void on_wait(void *ctx, const struct err *err)
{
    struct batch *batch = ((struct batch_job *)ctx)->batch;
    int64_t now = clock_mono_ms(batch->app->clock);
    if (err->code != STATUS_BUSY ||
        (batch->refused_at_ms && now - batch->refused_at_ms < CALM_MS))
        return;
    batch->refused_at_ms = now;
    batch->calm = 0;
    batch->limit = batch->limit > 1 ? batch->limit / 2 : 1;
}

/* What was answered meanwhile is not written over. */
static bool is_finished(const struct app *app, const struct record *record)
{
    return !record->has_completion || record->response.status != RESPONSE_PENDING ||
           record->completion.state == COMPLETION_DONE ||
           session_stream(&app->session, &record->id);
}

static void start(struct batch *batch, const struct batch_job *what,
                  const struct batch_prompt *prompt, bool is_again)
{
    struct batch_job *job = xmalloc(sizeof *job);
    *job = *what;
    struct answer_spec spec = {.id = job->record,
                               .prompt = prompt->text,
                               .len = prompt->len,
                               .sampling = &batch->sampling,
                               .run = batch->run,
                               .sample = job->sample,
                               .is_again = is_again,
                               .sends_at_once = true,
                               .on_streamed = on_streamed,
                               .on_end = on_end,
                               .on_wait = on_wait,
                               .ctx = job};
    struct err err = {0};
    batch->jobs[batch->progress.running++] = job;
    batch->streaming++;
    job->is_streaming = true;
    tell(batch, BATCH_STARTED, job, NULL, NULL);
    if (!answer_start(batch->app, &spec, &err))
        on_end(job, NULL, &err);
}

static void take_next(struct batch *batch)
{
    size_t number = batch->next++;
    const struct item *item = &batch->items[number % batch->count];
    size_t round = number / batch->count;
    struct batch_job job = {.batch = batch, .line = item->prompt.line};
    job.sample = (int)(round * item->twins + item->twin);
    struct record record = {0};
    bool is_there = find_record(batch, &item->prompt, job.sample, &job.record, &record);
    if (is_there && is_finished(batch->app, &record)) {
        batch->progress.skipped++;
        batch->progress.done++;
        tell(batch, BATCH_SKIPPED, &job, &record, NULL);
    } else {
        start(batch, &job, &item->prompt, is_there);
    }
    record_clear(&record);
}

static bool has_room(const struct batch *batch)
{
    return !batch->is_cancelled && !batch->is_refused &&
           batch->next < batch->progress.total && batch->streaming < batch->limit &&
           batch->progress.running < batch->most + COMMITS;
}

static void pump(void *ctx)
{
    struct batch *batch = ctx;
    for (int i = 0; i < SLICE && has_room(batch); i++)
        take_next(batch);
    if (has_room(batch))
        pump_later(batch);
    app_changed(batch->app);
}

/* ---- for its user ---- */

/* Nothing can be asked: said once, for the first prompt. */
static void refuse(void *ctx)
{
    struct batch *batch = ctx;
    struct err err = {0};
    err_set(&err, STATUS_CONFIG, "%s", batch->app->session.notice.text);
    struct batch_job job = {.batch = batch, .line = batch->items[0].prompt.line};
    batch->is_cancelled = true;
    fail(batch, &job, NULL, &err);
    app_changed(batch->app);
}

struct batch *batch_start(struct app *app, const struct batch_options *options,
                          batch_fn fn, void *ctx)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    batch->app = app;
    batch->fn = fn;
    batch->ctx = ctx;
    batch->key = xstrdup(options->key ? options->key : "");
    batch->most = options->concurrency > 0 ? (size_t)options->concurrency : 1;
    batch->limit = batch->most;
    batch->jobs = xcalloc(batch->most + COMMITS, sizeof *batch->jobs);
    batch->progress.total =
        options->count * (size_t)(options->repeat > 0 ? options->repeat : 1);
    sampling_copy(&batch->sampling, &app->session.sampling);
    id_by_name(&batch->run, &name_space, batch->key, strlen(batch->key));
    copy_prompts(batch, options);
    bool can_ask = !batch->count || app_can_ask(app);
    batch->timer = loop_timer_new(app->loop, can_ask ? pump : refuse, batch);
    pump_later(batch);
    return batch;
}

const struct batch_progress *batch_progress(const struct batch *batch)
{
    return &batch->progress;
}

bool batch_is_over(const struct batch *batch)
{
    const struct batch_progress *progress = &batch->progress;
    return !progress->running &&
           (batch->is_cancelled || progress->done == progress->total);
}

void batch_cancel(struct batch *batch)
{
    if (batch->is_cancelled)
        return;
    batch->is_cancelled = true;
    loop_timer_stop(batch->timer);
    for (size_t i = batch->progress.running; i-- > 0;)
        answer_cancel(batch->app, &batch->jobs[i]->record);
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    batch_cancel(batch);
    batch->is_freed = true;
    if (!batch->progress.running)
        really_free(batch);
}
