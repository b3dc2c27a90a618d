/* SPDX-License-Identifier: MIT
 *
 * A run's answers: how each ended, what that says of its endpoint, what it cost.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/batch_parts.h"
#include "base/xalloc.h"

enum {
    CALM_MS = 1000, /* refusals closer together than this count as one */
    LIKELY = 3      /* such failures in a row are enough, or as many as run at once */
};

/* ---- events ---- */

void batch_tell(struct batch *batch, enum batch_outcome outcome,
                const struct batch_job *job, const struct record *record,
                const struct err *err)
{
    struct batch_event event = {.outcome = outcome, .record = record, .err = err};
    if (job) {
        bool is_new = outcome == BATCH_STARTED || outcome == BATCH_PLANNED;
        event.line = job->line;
        event.sample = job->sample;
        event.model = job->target->sampling.model;
        event.prompt = is_new ? job->lane->rows.prompt : NULL;
    }
    if (batch->fn)
        batch->fn(batch->ctx, &event);
}

void batch_pump_later(struct batch *batch, int64_t delay_ms)
{
    if (!batch->app->is_closing)
        loop_timer_start(batch->timer, delay_ms, 0);
}

/* Nothing more is started; what is under way may end. */
void batch_stop_for(struct batch *batch, const struct err *why)
{
    if (!batch->fault.code)
        batch->fault = *why;
    batch->progress.goes_on = false;
    for (size_t i = 0; i < batch->lane_count; i++) {
        batch->lanes[i].is_over = true;
        for (size_t j = 0; j < batch->lanes[i].target_count; j++)
            batch->lanes[i].targets[j].is_over = true;
    }
}

/* ---- one answer ---- */

void batch_free_job(struct batch_job *job)
{
    if (!job)
        return;
    free(job->values);
    free(job);
}

/* A failure that every other prompt would meet ends the target at once; one that they
 * would probably meet after a few, with no answer between. */
static void judge(const struct batch_job *job, const struct answered *answered)
{
    struct batch_target *target = job->target;
    struct batch *batch = job->lane->batch;
    size_t enough = batch->most > LIKELY ? batch->most : LIKELY;
    bool is_likely = answered->fault == LLM_FAULT_LIKELY;
    target->likely = is_likely ? target->likely + 1 : 0;
    if (answered->fault != LLM_FAULT_CERTAIN && target->likely < enough)
        return;
    struct err why = {0};
    long long seconds = (answered->wait_ms + 999) / 1000;
    bool is_said = strstr(answered->err->text, "It asks not ") != NULL;
    if (seconds >= 120 && !is_said)
        err_set(&why, answered->err->code, "%s It asks to wait %lld minutes.",
                answered->err->text, (seconds + 59) / 60);
    else if (seconds > 0 && !is_said)
        err_set(&why, answered->err->code, "%s It asks to wait %lld s.",
                answered->err->text, seconds);
    else
        why = *answered->err;
    target->is_over = true;
    batch->progress.goes_on = false;
    for (size_t i = 0; i < batch->lane_count; i++) {
        struct batch_lane *lane = &batch->lanes[i];
        bool is_over = true;
        for (size_t j = 0; j < lane->target_count; j++)
            is_over = is_over && lane->targets[j].is_over;
        lane->is_over |= is_over;
        batch->progress.goes_on |= !is_over;
    }
    if (!batch->fault.code)
        batch->fault = why;
}

void batch_fail_job(struct batch *batch, const struct batch_job *job,
                    const struct record *record, const struct err *err)
{
    struct err why = *err;
    const char *known = record ? record->completion.error : NULL;
    err_set(&why, STATUS_PROTOCOL, "%s", known ? known : "The answer was cut off.");
    batch->progress.failed++;
    batch->progress.done++;
    batch_tell(batch, BATCH_FAILED, job, record, &why);
}

/* What was cut off or failed is paid for, too. */
static void charge(struct batch *batch, const struct batch_job *job,
                   const struct completion *completion)
{
    const char *model = completion->sampling.model;
    const struct price *price = batch_price(&job->lane->endpoint, model);
    int64_t in = completion->prompt_tokens > 0 ? completion->prompt_tokens : 0;
    int64_t out = completion->completion_tokens > 0 ? completion->completion_tokens : 0;
    int places = batch->max_cost < 0.01 ? 6 : 4;
    struct err why = {0};
    batch->progress.tokens += out;
    if (price)
        batch->progress.cost += ((double)in * price->in + (double)out * price->out) / 1e6;
    if (batch->max_cost <= 0)
        return;
    if (!price && model)
        err_set(&why, STATUS_CONFIG,
                "--max-cost needs the price of %.80s: \"price = %.80s IN OUT\", for a "
                "million tokens, in the [endpoint] of the configuration file.",
                model, model);
    else if (batch->progress.cost >= batch->max_cost)
        err_set(&why, STATUS_FULL, "The answers have cost %.*f, and --max-cost is %.*f.",
                places, batch->progress.cost, places, batch->max_cost);
    if (why.code)
        batch_stop_for(batch, &why);
}

static void settle_job(struct batch *batch, struct batch_job *job,
                       const struct record *record, const struct err *err)
{
    bool is_kept = !err->code && record;
    size_t i = 0;
    while (batch->jobs[i] != job)
        i++;
    batch->jobs[i] = batch->jobs[--batch->progress.running];
    job->lane->running--;
    if (record)
        charge(batch, job, &record->completion);
    if (is_kept && record->completion.state == COMPLETION_DONE) {
        struct batch_lane *lane = job->lane;
        batch->progress.done++;
        job->target->likely = 0;
        if (++lane->calm >= lane->limit && lane->limit < batch->most) {
            lane->limit++;
            lane->calm = 0;
        }
        batch_tell(batch, BATCH_LOGGED, job, record, NULL);
    } else if (is_kept && batch->is_cancelled) {
        batch_tell(batch, BATCH_STOPPED, job, record, NULL);
    } else {
        batch_fail_job(batch, job, record, err);
    }
    batch_free_job(job);
}

void batch_on_end(void *ctx, const struct answered *answered)
{
    struct batch_job *job = ctx;
    struct batch *batch = job->lane->batch;
    if (answered->err->code && !batch->is_cancelled)
        judge(job, answered);
    /* an answer is told as logged once it is; until then it is kept here */
    job->is_unwritten = !answered->err->code && unsaved_find(batch->app, &job->record,
                                                             UNSAVED_COMPLETION) != NULL;
    if (!job->is_unwritten)
        settle_job(batch, job, answered->record, answered->err);
    batch_pump_later(batch, 0);
}

/* 429 or 5xx: the endpoint is asked for half as much at once. */
void batch_on_wait(void *ctx, const struct err *err)
{
    struct batch_lane *lane = ((struct batch_job *)ctx)->lane;
    int64_t now = clock_mono_ms(lane->batch->app->clock);
    lane->batch->progress.retries++;
    if (err->code != STATUS_BUSY ||
        (lane->refused_at_ms && now - lane->refused_at_ms < CALM_MS))
        return;
    lane->refused_at_ms = now;
    lane->calm = 0;
    lane->limit = lane->limit > 1 ? lane->limit / 2 : 1;
}

/* The chain's next prompt is made of the answer. */
bool batch_on_answer(void *ctx, const char *text, size_t len, struct buf *next)
{
    struct batch_job *job = ctx;
    const struct rows_plan *plan = job->lane->batch->plan;
    return job->step < plan->step_count &&
           rows_step(plan, job->step++, job->values, job->value_count, text, len, next);
}

void batch_keep_job(struct batch *batch, struct batch_job *job,
                    const struct record *record)
{
    batch->jobs = xgrow(batch->jobs, batch->progress.running, &batch->job_capacity,
                        sizeof(struct batch_job *));
    batch->jobs[batch->progress.running++] = job;
    job->lane->running++;
    batch_tell(batch, BATCH_STARTED, job, NULL, NULL);
    if (batch->app->loads_queue && !batch->app->session.has_current)
        current_show_record(batch->app, record);
}

/* Those whose answers have reached the store since. */
bool batch_settle(struct batch *batch)
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

const struct batch_progress *batch_progress(const struct batch *batch)
{
    return &batch->progress;
}

/* ---- in words ---- */

static void add_part(char *out, size_t size, const char *what, size_t count)
{
    size_t len = strlen(out);
    if (count && len < size)
        snprintf(out + len, size - len, " · %zu %s", count, what);
}

void batch_format(const struct batch_progress *counts, const struct session *session,
                  int64_t elapsed_ms, char *out, size_t size)
{
    static const char bar[] = "####################";
    enum { WIDTH = sizeof bar - 1 };
    if (counts->is_checking) {
        snprintf(out, size, "reading: %zu prompt%s so far", counts->rows,
                 counts->rows == 1 ? "" : "s");
        add_part(out, size, "bad rows", counts->bad);
        return;
    }
    size_t done = counts->done - counts->elsewhere; /* what others ask is not yet */
    size_t full = counts->total ? done * WIDTH / counts->total : 0;
    snprintf(out, size, "[%-*.*s] %zu of %zu done", WIDTH, (int)full, bar, done,
             counts->total);
    add_part(out, size, "there already", counts->skipped - counts->elsewhere);
    add_part(out, size, "being asked by another run", counts->elsewhere);
    add_part(out, size, "failed", counts->failed);
    add_part(out, size, "running", counts->running);
    add_part(out, size, "retries", counts->retries);
    add_part(out, size, "unsent", session->sync.outbox.unsent);
    int64_t tokens = counts->tokens;
    for (size_t i = 0; i < session->stream_count; i++)
        tokens += session->streams[i]->pieces;
    size_t made = counts->done > counts->skipped ? counts->done - counts->skipped : 0;
    size_t len = strlen(out);
    if ((!made && !tokens) || elapsed_ms < 1000 || len >= size)
        return;
    double elapsed_s = (double)elapsed_ms / 1000, speed = (double)tokens / elapsed_s;
    double left = (double)(counts->total - counts->done) * elapsed_s;
    if (made)
        snprintf(out + len, size - len, " · %.1f a second · %.0f tokens/s · %.0f s left",
                 (double)made / elapsed_s, speed, left / (double)made);
    else
        snprintf(out + len, size - len, " · %.0f tokens/s", speed);
}

void batch_format_end(const struct batch_progress *counts, char *out, size_t size)
{
    char elsewhere[64] = "", bad[64] = "";
    if (counts->elsewhere)
        snprintf(elsewhere, sizeof elsewhere, ", %zu being asked by another run",
                 counts->elsewhere);
    if (counts->bad)
        snprintf(bad, sizeof bad, " %zu bad row%s.", counts->bad,
                 counts->bad == 1 ? "" : "s");
    if (counts->rows && !counts->total) { /* --retry-failed */
        snprintf(out, size, "Nothing failed before, so nothing was asked.%s", bad);
        return;
    }
    snprintf(out, size, "%zu logged, %zu there already%s, %zu failed.%s",
             counts->done - counts->failed - counts->skipped,
             counts->skipped - counts->elsewhere, elsewhere, counts->failed, bad);
}
