/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/batch.h"

#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "app/batch_parts.h"
#include "base/xalloc.h"

enum {
    CHECK_SLICE = 500, /* rows checked in one turn of the loop */
    SLICE = 50,        /* prompts looked at in one turn of the loop, of each lane */
    AGAIN_MS = 500,    /* what could not be kept is looked at again */
    PLANNED = 3
};

/* ---- the next prompt ---- */

static void skip(struct batch *batch, const struct batch_job *job,
                 const struct record *record, bool is_elsewhere)
{
    batch->progress.skipped++;
    batch->progress.elsewhere += is_elsewhere;
    batch->progress.done++;
    batch_tell(batch, BATCH_SKIPPED, job, record, NULL);
}

/* Claims and asks; a prompt that the store cannot take is not asked. False when the store
 * is to be waited for. */
static bool ask(struct batch_lane *lane, const struct batch_job *what)
{
    struct batch *batch = lane->batch;
    struct rows *rows = &lane->rows;
    struct batch_job *job = memcpy(xmalloc(sizeof *job), what, sizeof *job);
    struct record record = {0};
    struct err err = {0};
    enum claim claim = CLAIM_OURS;
    char *metadata = rows_metadata(rows), *conversation = rows_conversation(rows);
    struct asked asked = {.id = job->record,
                          .prompt = rows->prompt,
                          .len = rows->len,
                          .messages = rows->messages,
                          .message_count = rows->message_count,
                          .conversation = conversation,
                          .metadata = metadata,
                          .endpoint = &lane->endpoint,
                          .sampling = &job->target->sampling,
                          .parent = lane->head,
                          .run = batch->run,
                          .sample = job->sample,
                          .on_end = batch_on_end,
                          .on_wait = batch_on_wait,
                          .on_answer = batch->plan->step_count ? batch_on_answer : NULL,
                          .ctx = job};
    if (id_equal(&lane->head, &job->record))
        asked.parent = (struct id){{0}};
    if (asked.on_answer)
        job->values = rows_keep(rows, &job->value_count);
    enum status status = complete_start(batch->app, &asked, &record, &claim, &err);
    if (status == STATUS_OK && claim == CLAIM_OURS) {
        batch_keep_job(batch, job, &record);
        job = NULL;
    } else if (status == STATUS_OK) {
        skip(batch, job, NULL, claim == CLAIM_ELSEWHERE);
    } else if (status == STATUS_BUSY) {
        batch->progress.is_held = true;
        app_notify(batch->app, NOTICE_WARNING, "%s The run waits for it.", err.text);
    } else {
        batch_stop_for(batch, &err);
        batch_fail_job(batch, job, NULL, &err);
    }
    batch_free_job(job);
    free(metadata);
    free(conversation);
    record_clear(&record);
    return status != STATUS_BUSY;
}

/* The id of the group's first record: sample 0 of the first target. */
static void find_head(struct batch_lane *lane)
{
    struct batch *batch = lane->batch;
    struct record record = {0};
    lane->head = (struct id){0};
    if (batch->samples == 1 && batch->target_count == 1)
        return;
    for (size_t i = 0; i < batch->lane_count; i++)
        if (batch->lanes[i].targets->number == 0)
            batch_find(&batch->names, &lane->rows, &batch->lanes[i],
                       batch->lanes[i].targets, 0, &lane->head, &record);
    record_clear(&record);
}

/* Puts the walk on the next row; false when there is none. */
static bool find_row(struct batch_lane *lane)
{
    struct batch *batch = lane->batch;
    while (!lane->has_row && !lane->is_over) {
        struct err err = {0};
        enum status status = rows_next(&lane->rows, &err);
        if (status == STATUS_OK) {
            lane->has_row = true;
            lane->target = 0;
            find_head(lane);
        } else if (status == STATUS_NOT_FOUND && lane->sample + 1 < batch->samples) {
            lane->sample++;
            rows_clear(&lane->rows);
            rows_init(&lane->rows, batch->plan, false);
        } else if (status == STATUS_NOT_FOUND) {
            lane->is_over = true;
        } else if (status != STATUS_USAGE) { /* bad rows were told by the check */
            batch_stop_for(batch, &err);
        }
    }
    return lane->has_row && !lane->is_over;
}

/* False when the store is to be waited for. */
static bool take_next(struct batch_lane *lane)
{
    struct batch *batch = lane->batch;
    struct batch_job job = {.lane = lane,
                            .target = &lane->targets[lane->target],
                            .line = lane->rows.line,
                            .sample = lane->sample};
    struct record record = {0};
    bool is_there = batch_find(&batch->names, &lane->rows, lane, job.target, job.sample,
                               &job.record, &record);
    bool is_finished = is_there && (!record.has_completion ||
                                    record.response.status != RESPONSE_PENDING ||
                                    record.completion.state == COMPLETION_DONE ||
                                    session_stream(&batch->app->session, &record.id));
    bool is_taken = true;
    if (batch->only_failed && (!is_there || is_finished)) {
        batch->progress.total--;
    } else if (is_finished) {
        skip(batch, &job, &record, false);
    } else if (batch->is_dry) {
        batch->progress.done++;
        if (batch->progress.done - batch->progress.skipped <= PLANNED)
            batch_tell(batch, BATCH_PLANNED, &job, NULL, NULL);
    } else if (!job.target->is_over) {
        is_taken = ask(lane, &job);
    }
    record_clear(&record);
    if (is_taken && ++lane->target == lane->target_count)
        lane->has_row = false;
    return is_taken;
}

/* ---- the run ---- */

/* The first walk: counts, and finds what is wrong before anything is asked. */
static void check(struct batch *batch)
{
    struct batch_progress *progress = &batch->progress;
    for (int i = 0; i < CHECK_SLICE && progress->is_checking; i++) {
        struct err err = {0};
        enum status status = rows_next(&batch->check, &err);
        if (status == STATUS_OK) {
            progress->rows++;
            progress->total += (size_t)batch->samples * batch->target_count;
            continue;
        }
        progress->is_checking = status == STATUS_USAGE;
        if (status == STATUS_USAGE) {
            progress->bad++;
            batch_tell(batch, BATCH_BAD_ROW, NULL, NULL, &err);
        } else if (status != STATUS_NOT_FOUND) {
            batch_stop_for(batch, &err);
        }
    }
    if (progress->is_checking)
        return;
    struct err why = {0};
    if (*buf_text(&batch->plan->note) && !batch->fault.code) {
        err_set(&why, STATUS_USAGE, "%s", buf_text(&batch->plan->note));
        batch_tell(batch, BATCH_NOTE, NULL, NULL, &why);
    }
    err_clear(&why);
    if (batch->is_strict && progress->bad)
        err_set(&why, STATUS_USAGE, "%zu bad row%s, and --strict.", progress->bad,
                progress->bad == 1 ? "" : "s");
    else if (!progress->rows)
        err_set(&why, STATUS_NOT_FOUND, "There is no prompt in %s.", batch->plan->name);
    if (why.code)
        batch_stop_for(batch, &why);
    rows_clear(&batch->check);
    for (size_t i = 0; i < batch->lane_count; i++)
        rows_init(&batch->lanes[i].rows, batch->plan, false);
}

static bool has_room(const struct batch_lane *lane)
{
    const struct batch *batch = lane->batch;
    return !lane->is_over && !batch->is_cancelled && !batch->progress.is_held &&
           !unsaved_has_failed(batch->app) && lane->running < lane->limit;
}

static void pump(void *ctx)
{
    struct batch *batch = ctx;
    bool goes_on = batch->progress.is_checking;
    int64_t now = clock_mono_ms(batch->app->clock);
    int64_t pause_ms = -1; /* of the lane that may go on first */
    batch->progress.is_held = false;
    if (batch->progress.is_checking && !batch->is_cancelled)
        check(batch);
    bool is_waiting = batch_settle(batch);
    for (size_t l = 0; l < batch->lane_count && !batch->progress.is_checking; l++) {
        struct batch_lane *lane = &batch->lanes[l];
        int64_t left_ms =
            batch->is_dry ? 0 : llm_paused_ms(batch->app->memory, &lane->endpoint, now);
        if (left_ms > 0 && has_room(lane) && find_row(lane)) {
            pause_ms = pause_ms < 0 || left_ms < pause_ms ? left_ms : pause_ms;
            continue;
        }
        for (int i = 0; i < SLICE && has_room(lane) && find_row(lane); i++)
            if (!take_next(lane))
                break;
        goes_on = goes_on || has_room(lane);
    }
    if (goes_on)
        batch_pump_later(batch, 0);
    else if (!batch_is_over(batch) &&
             (is_waiting || batch->progress.is_held || unsaved_has_failed(batch->app)))
        batch_pump_later(batch, AGAIN_MS);
    else if (pause_ms >= 0)
        batch_pump_later(batch, pause_ms);
    app_changed(batch->app);
}

struct batch *batch_start(struct app *app, const struct batch_options *options,
                          batch_fn fn, void *ctx, struct err *err)
{
    struct rows_plan *plan = rows_plan_new(options, err);
    struct batch_lane *lanes = NULL;
    size_t count = 0;
    if (plan && !app_can_ask(app))
        err_set(err, STATUS_CONFIG, "%s", app->session.notice.text);
    if (!plan || err->code || lanes_new(app, options, &lanes, &count, err)) {
        rows_plan_free(plan);
        return NULL;
    }
    struct batch *batch = xcalloc(1, sizeof *batch);
    *batch = (struct batch){
        .app = app,
        .plan = plan,
        .lanes = lanes,
        .lane_count = count,
        .fn = fn,
        .ctx = ctx,
        .samples = options->samples > 0 ? options->samples : 1,
        .most = options->concurrency > 0 ? (size_t)options->concurrency : 1,
        .max_cost = options->max_cost,
        .is_strict = options->is_strict,
        .is_dry = options->is_dry,
        .only_failed = options->only_failed};
    batch->target_count = options->target_count ? options->target_count : 1;
    batch->key = xstrdup(options->key ? options->key : "");
    batch->names = (struct batch_names){.app = app,
                                        .key = batch->key,
                                        .steps = buf_text(&plan->step_texts),
                                        .space = batch_space(app),
                                        .has_lanes = count > 1};
    id_by_name(&batch->run, &batch->names.space, batch->key, strlen(batch->key));
    for (size_t i = 0; i < count; i++) {
        lanes[i].batch = batch;
        lanes[i].limit = batch->most;
    }
    rows_init(&batch->check, plan, true);
    batch->progress.is_checking = true;
    batch->timer = loop_timer_new(app->loop, pump, batch);
    batch_pump_later(batch, 0);
    return batch;
}

const struct err *batch_fault(const struct batch *batch)
{
    return &batch->fault;
}

bool batch_is_over(const struct batch *batch)
{
    bool is_over = !batch->progress.is_checking;
    for (size_t i = 0; i < batch->lane_count; i++)
        is_over = is_over && batch->lanes[i].is_over;
    return !batch->progress.running && (is_over || batch->is_cancelled);
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
        batch_free_job(batch->jobs[i]);
    }
    rows_clear(&batch->check);
    lanes_free(batch->lanes, batch->lane_count);
    rows_plan_free(batch->plan);
    free(batch->jobs);
    free(batch->key);
    loop_timer_free(batch->timer);
    free(batch);
}
