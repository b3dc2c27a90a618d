/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/ask.h"
#include "base/xalloc.h"

enum {
    SLICE = 200,    /* prompts looked at in one turn of the loop */
    CALM_MS = 1000, /* refusals closer together than this count as one */
    AGAIN_MS = 500, /* what could not be kept is looked at again */
    LIKELY = 3      /* such failures in a row are enough */
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
    struct id space; /* of this store */
    struct sampling sampling;
    size_t most;  /* the concurrency asked for */
    size_t limit; /* what the endpoint takes now */
    size_t calm;  /* answers since the limit changed */
    int64_t refused_at_ms;
    struct batch_progress progress;
    struct batch_job **jobs; /* progress.running of them */
    struct loop_timer *timer;
    batch_fn fn;
    void *ctx;
    struct err fault;     /* why nothing more is started */
    size_t likely;        /* failures in a row that the next prompts may meet, too */
    bool waits_for_store; /* it could not take the next prompt */
    bool is_cancelled;
};

/* One answer under way. */
struct batch_job {
    struct batch *batch;
    size_t line;
    int sample;
    bool is_unwritten; /* it has ended, and is not in the store yet */
    struct id record;
};

/* ---- prompts ---- */

static int compare_prompts(const struct batch_prompt *a, const struct batch_prompt *b)
{
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Equal ones stay in the file's order. */
static int compare_items(const void *a, const void *b)
{
    const struct item *left = *(const struct item *const *)a;
    const struct item *right = *(const struct item *const *)b;
    int order = compare_prompts(&left->prompt, &right->prompt);
    return order ? order : (left > right) - (left < right);
}

static void count_twins(struct batch *batch)
{
    struct item **sorted = xcalloc(batch->count + 1, sizeof(struct item *));
    for (size_t i = 0; i < batch->count; i++)
        sorted[i] = &batch->items[i];
    qsort(sorted, batch->count, sizeof(struct item *), compare_items);
    for (size_t start = 0, end = 0; start < batch->count; start = end) {
        while (end < batch->count &&
               !compare_prompts(&sorted[start]->prompt, &sorted[end]->prompt))
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

/* The number in thousandths, so that no locale and no rounding of printf matters. */
static long long thousandths(double number)
{
    return (long long)(number * 1000 + (number < 0 ? -0.5 : 0.5));
}

static void add_part(struct buf *name, const char *text)
{
    buf_add(name, text ? text : "", (text ? strlen(text) : 0) + 1);
}

/* What tells datasets of one name apart, tried in this order. The name alone comes first:
 * a dataset keeps its ids when it goes to a server. The last ones are what it was before
 * the server had told its id and workspace, and before there was a server.
 */
enum { BY_NAME, BY_ID, BY_WORKSPACE, BY_SERVER, BY_STORE, WAYS };

static void add_dataset(struct buf *name, const struct dataset *dataset, int way)
{
    add_part(name, dataset->name);
    if (way == BY_ID)
        add_part(name, dataset->remote_id);
    if (way > BY_ID) {
        add_part(name, way == BY_STORE ? "" : dataset->server);
        add_part(name, way == BY_WORKSPACE ? dataset->workspace
                       : way == BY_STORE   ? "local"
                                           : "");
    }
}

/* Finds the record of an earlier run, or an id for a new one: the first that no record
 * has, of another dataset of this name in the store. The store's own id keeps two people
 * with the same file apart. True when the record is there. */
static bool find_record(struct batch *batch, const struct batch_prompt *prompt,
                        int sample, struct id *id, struct record *record)
{
    const struct app *app = batch->app;
    const struct dataset *dataset = &app->session.dataset;
    const struct sampling *sampling = &batch->sampling;
    bool is_chosen = false;
    for (int way = 0; way < WAYS; way++) {
        struct buf name = {0};
        struct id made;
        if (way == BY_ID && !dataset->remote_id)
            continue;
        add_part(&name, batch->key);
        add_dataset(&name, dataset, way);
        buf_add(&name, prompt->text, prompt->len + 1);
        add_part(&name, sampling->model ? sampling->model : app->endpoint.base_url);
        add_part(&name, sampling->system_prompt);
        if (sampling->has_temperature)
            buf_addf(&name, "t%lld", thousandths(sampling->temperature));
        if (sampling->has_seed)
            buf_addf(&name, "s%lld", (long long)sampling->seed);
        buf_addf(&name, "m%lld#%d", (long long)sampling->max_tokens, sample);
        id_by_name(&made, &batch->space, name.data, name.len);
        buf_clear(&name);
        bool is_taken = store_get_record(app->store, &made, record, NULL) == STATUS_OK;
        if (is_taken && record->dataset_row == dataset->row) {
            *id = made;
            return true;
        }
        if (!is_chosen)
            *id = made;
        is_chosen = is_chosen || !is_taken;
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
    if (batch->fn)
        batch->fn(batch->ctx, &event);
}

static void pump_later(struct batch *batch, int64_t delay_ms)
{
    if (!batch->app->is_closing)
        loop_timer_start(batch->timer, delay_ms, 0);
}

/* ---- one answer ---- */

static void remove_job(struct batch *batch, const struct batch_job *job)
{
    size_t i = 0;
    while (batch->jobs[i] != job)
        i++;
    batch->jobs[i] = batch->jobs[--batch->progress.running];
}

/* Nothing more is started; what is under way may end. */
static void stop_for(struct batch *batch, const struct err *why)
{
    if (!batch->fault.code)
        batch->fault = *why;
}

/* A failure that every other prompt would meet ends the run at once; one that they would
 * probably meet after a few, with no answer between. */
static void judge(struct batch *batch, const struct answered *answered)
{
    bool is_likely = answered->fault == LLM_FAULT_LIKELY;
    batch->likely = is_likely ? batch->likely + 1 : 0;
    if (answered->fault != LLM_FAULT_CERTAIN && batch->likely < LIKELY)
        return;
    struct err why = {0};
    long long seconds = (answered->wait_ms + 999) / 1000;
    if (seconds >= 120)
        err_set(&why, answered->err->code, "%s It asks to wait %lld minutes.",
                answered->err->text, (seconds + 59) / 60);
    else if (seconds > 0)
        err_set(&why, answered->err->code, "%s It asks to wait %lld s.",
                answered->err->text, seconds);
    stop_for(batch, seconds > 0 ? &why : answered->err);
}

static void take_failure(struct batch *batch, const struct batch_job *job,
                         const struct record *record, const struct err *err)
{
    struct err why = *err;
    const char *known = record ? record->completion.error : NULL;
    err_set(&why, STATUS_PROTOCOL, "%s", known ? known : "The answer was cut off.");
    batch->progress.failed++;
    batch->progress.done++;
    tell(batch, BATCH_FAILED, job, record, &why);
}

static void settle_job(struct batch *batch, struct batch_job *job,
                       const struct record *record, const struct err *err)
{
    bool is_kept = !err->code && record;
    remove_job(batch, job);
    if (is_kept && record->completion.state == COMPLETION_DONE) {
        batch->progress.done++;
        batch->likely = 0;
        if (++batch->calm >= batch->limit && batch->limit < batch->most) {
            batch->limit++;
            batch->calm = 0;
        }
        tell(batch, BATCH_LOGGED, job, record, NULL);
    } else if (is_kept && batch->is_cancelled) {
        tell(batch, BATCH_STOPPED, job, record, NULL);
    } else {
        take_failure(batch, job, record, err);
    }
    free(job);
}

static void on_end(void *ctx, const struct answered *answered)
{
    struct batch_job *job = ctx;
    struct batch *batch = job->batch;
    if (answered->err->code && !batch->is_cancelled)
        judge(batch, answered);
    /* an answer is told as logged once it is; until then it is kept here */
    job->is_unwritten = !answered->err->code && unsaved_find(batch->app, &job->record,
                                                             UNSAVED_COMPLETION) != NULL;
    if (!job->is_unwritten)
        settle_job(batch, job, answered->record, answered->err);
    pump_later(batch, 0);
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

static void skip(struct batch *batch, const struct batch_job *job,
                 const struct record *record, bool is_elsewhere)
{
    batch->progress.skipped++;
    batch->progress.elsewhere += is_elsewhere;
    batch->progress.done++;
    tell(batch, BATCH_SKIPPED, job, record, NULL);
}

/* Claims and asks; a prompt that the store cannot take is not asked. */
static void ask(struct batch *batch, const struct batch_job *what,
                const struct batch_prompt *prompt)
{
    struct batch_job *job = xmalloc(sizeof *job);
    struct record record = {0};
    struct err err = {0};
    enum claim claim = CLAIM_OURS;
    *job = *what;
    struct asked asked = {.id = job->record,
                          .prompt = prompt->text,
                          .len = prompt->len,
                          .sampling = &batch->sampling,
                          .run = batch->run,
                          .sample = job->sample,
                          .on_end = on_end,
                          .on_wait = on_wait,
                          .ctx = job};
    enum status status = complete_start(batch->app, &asked, &record, &claim, &err);
    if (status == STATUS_OK && claim == CLAIM_OURS) {
        batch->jobs[batch->progress.running++] = job;
        tell(batch, BATCH_STARTED, job, NULL, NULL);
        job = NULL;
    } else if (status == STATUS_OK) {
        skip(batch, job, NULL, claim == CLAIM_ELSEWHERE);
    } else if (status == STATUS_BUSY) {
        batch->next--;
        batch->waits_for_store = true;
        app_notify(batch->app, NOTICE_WARNING, "%s The run waits for it.", err.text);
    } else {
        stop_for(batch, &err);
        take_failure(batch, job, NULL, &err);
    }
    free(job);
    record_clear(&record);
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
    bool is_finished = is_there && (!record.has_completion ||
                                    record.response.status != RESPONSE_PENDING ||
                                    record.completion.state == COMPLETION_DONE ||
                                    session_stream(&batch->app->session, &record.id));
    if (is_finished)
        skip(batch, &job, &record, false);
    else
        ask(batch, &job, &item->prompt);
    record_clear(&record);
}

/* ---- the run ---- */

static bool has_room(const struct batch *batch)
{
    return !batch->is_cancelled && !batch->fault.code && !batch->waits_for_store &&
           !unsaved_has_failed(batch->app) && batch->next < batch->progress.total &&
           batch->progress.running < batch->limit;
}

/* Those whose answers have reached the store since. */
static bool settle_unwritten(struct batch *batch)
{
    bool is_waiting = false;
    for (size_t i = batch->progress.running; i-- > 0;) {
        struct batch_job *job = batch->jobs[i];
        struct record record = {0};
        struct err err = {0};
        if (!job->is_unwritten)
            continue;
        if (unsaved_find(batch->app, &job->record, UNSAVED_COMPLETION)) {
            is_waiting = true;
            continue;
        }
        store_get_record(batch->app->store, &job->record, &record, &err);
        settle_job(batch, job, &record, &err);
        record_clear(&record);
    }
    return is_waiting;
}

static void pump(void *ctx)
{
    struct batch *batch = ctx;
    batch->waits_for_store = false;
    bool is_waiting = settle_unwritten(batch);
    for (int i = 0; i < SLICE && has_room(batch); i++)
        take_next(batch);
    if (has_room(batch))
        pump_later(batch, 0);
    else if (!batch_is_over(batch) &&
             (is_waiting || batch->waits_for_store || unsaved_has_failed(batch->app)))
        pump_later(batch, AGAIN_MS);
    app_changed(batch->app);
}

/* Nothing can be asked: said once, for the first prompt. */
static void refuse(void *ctx)
{
    struct batch *batch = ctx;
    struct err err = {0};
    err_set(&err, STATUS_CONFIG, "%s", batch->app->session.notice.text);
    struct batch_job job = {.batch = batch, .line = batch->items[0].prompt.line};
    stop_for(batch, &err);
    take_failure(batch, &job, NULL, &err);
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
    batch->jobs = xcalloc(batch->most, sizeof *batch->jobs);
    batch->progress.total =
        options->count * (size_t)(options->repeat > 0 ? options->repeat : 1);
    sampling_copy(&batch->sampling, &app->session.sampling);
    const struct id *store = store_id(app->store);
    id_by_name(&batch->space, &name_space, (const char *)store->bytes,
               sizeof store->bytes);
    id_by_name(&batch->run, &batch->space, batch->key, strlen(batch->key));
    copy_prompts(batch, options);
    bool can_ask = !batch->count || app_can_ask(app);
    batch->timer = loop_timer_new(app->loop, can_ask ? pump : refuse, batch);
    pump_later(batch, 0);
    return batch;
}

const struct batch_progress *batch_progress(const struct batch *batch)
{
    return &batch->progress;
}

const struct err *batch_fault(const struct batch *batch)
{
    return &batch->fault;
}

bool batch_is_over(const struct batch *batch)
{
    const struct batch_progress *progress = &batch->progress;
    return !progress->running && (batch->is_cancelled || batch->fault.code ||
                                  progress->done == progress->total);
}

void batch_cancel(struct batch *batch)
{
    if (batch->is_cancelled)
        return;
    batch->is_cancelled = true;
    for (size_t i = batch->progress.running; i-- > 0;)
        complete_cancel(batch->app, &batch->jobs[i]->record);
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    batch_cancel(batch);
    for (size_t i = 0; i < batch->progress.running; i++) {
        complete_forget(batch->app, batch->jobs[i]);
        free(batch->jobs[i]);
    }
    for (size_t i = 0; i < batch->count; i++)
        free(batch->items[i].prompt.text);
    free(batch->items);
    free(batch->jobs);
    free(batch->key);
    sampling_clear(&batch->sampling);
    loop_timer_free(batch->timer);
    free(batch);
}
