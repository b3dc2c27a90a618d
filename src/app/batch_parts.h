/* SPDX-License-Identifier: MIT
 *
 * batch_parts - what the files of a run share: the rows that it asks, and whom.
 *
 * A plan is what all walks through the file share; a walk gives one prompt after the
 * other. The first walk checks: it must go to the end before any other begins. A lane is
 * one endpoint with its own walk and its own pace.
 */
#ifndef APP_BATCH_PARTS_H
#define APP_BATCH_PARTS_H

#include "app/app_parts.h"
#include "app/batch.h"
#include "base/buf.h"

/* ---- batch_rows.c ---- */

struct rows_plan {
    char *name; /* safe to show */
    int fd;
    char *file;
    enum prompts_kind kind;
    struct template *template;
    struct template **steps;
    size_t step_count;
    struct buf step_texts; /* of all: what tells its answers from another plan's */
    char **texts;          /* "name\0value" of each var */
    struct template_value *vars;
    size_t var_count;
    char **meta;
    size_t meta_count;
    struct buf note; /* what the first row said that is worth a word; may be empty */
    /* hashes of prompts that may be twins; the filter knows all of the first walk */
    uint64_t *twins;
    size_t twin_count, twin_capacity;
    unsigned char *filter;
};

struct rows_plan *rows_plan_new(const struct batch_options *options, struct err *err);
void rows_plan_free(struct rows_plan *plan);

struct rows {
    struct rows_plan *plan;
    /* The row where the walk stands: */
    size_t line;
    size_t twin; /* so many rows before it have the same prompt */
    const char *prompt;
    size_t len;
    const struct llm_message *messages; /* NULL = the prompt, by the user */
    size_t message_count;

    struct prompts *prompts;
    struct prompts_row row;
    struct template_value *values; /* the row's, then the plan's */
    size_t value_count, value_capacity;
    struct llm_message *made; /* of the template's messages */
    struct buf *texts;        /* theirs */
    struct buf described;
    unsigned *twins; /* seen so far, of the plan's */
    bool is_check;
    bool is_first;  /* none has said yet whether file and templates fit */
    struct err odd; /* what the first row would say, if all were as odd */
};

void rows_init(struct rows *rows, struct rows_plan *plan, bool is_check);
void rows_clear(struct rows *rows);
/* As prompts_next. CONFIG: the file and the templates do not fit each other. */
enum status rows_next(struct rows *rows, struct err *err);
/* The messages of the row as JSON; NULL when it has none. Owned. */
char *rows_conversation(const struct rows *rows);
/* The metadata of the row: a JSON object, or NULL. Owned. */
char *rows_metadata(const struct rows *rows);
/* A copy of the row's values, in one block. */
struct template_value *rows_keep(const struct rows *rows, size_t *count);
/* The prompt of a step, from what rows_keep has kept and the answer before; false when it
 * would be too long. */
bool rows_step(const struct rows_plan *plan, size_t step,
               const struct template_value *values, size_t count, const char *output,
               size_t len, struct buf *out);

/* ---- batch_targets.c ---- */

struct batch_target {
    struct sampling sampling;
    size_t number; /* 0 = the first one */
    size_t likely; /* failures in a row that its next prompts may meet, too */
    bool is_over;  /* nothing more is asked of it */
};

struct batch_lane {
    struct batch *batch;
    struct endpoint endpoint;
    struct batch_target *targets;
    size_t target_count;
    struct rows rows;
    int sample;
    size_t target; /* the next one for the row */
    bool has_row;
    bool is_over;   /* nothing more is started here */
    struct id head; /* of the row's group */
    size_t running, limit;
    size_t calm; /* answers since the limit changed */
    int64_t refused_at_ms;
};

/* Whom options ask, an endpoint a lane. */
enum status lanes_new(struct app *app, const struct batch_options *options,
                      struct batch_lane **lanes, size_t *count, struct err *err);
void lanes_free(struct batch_lane *lanes, size_t count);
/* NULL = the configuration has none. */
const struct price *batch_price(const struct endpoint *endpoint, const char *model);

/* What names a run's records. */
struct batch_names {
    const struct app *app;
    const char *key, *steps;
    struct id space; /* of this store */
    bool has_lanes;  /* several endpoints: their addresses count */
};
struct id batch_space(struct app *app);
/* Finds the record of an earlier run, or an id for a new one: the first that no record
 * has, of another dataset of this name in the store. True when the record is there. */
bool batch_find(const struct batch_names *names, const struct rows *rows,
                const struct batch_lane *lane, const struct batch_target *target,
                int sample, struct id *id, struct record *record);

/* ---- the run ---- */

struct batch {
    struct app *app;
    struct rows_plan *plan;
    struct rows check; /* the first walk */
    struct batch_lane *lanes;
    size_t lane_count, target_count;
    int samples;
    char *key;
    struct batch_names names;
    struct id run;
    size_t most; /* the concurrency asked for */
    double max_cost;
    bool is_strict, is_dry, only_failed;
    struct batch_progress progress;
    struct batch_job **jobs; /* progress.running of them */
    size_t job_capacity;
    struct loop_timer *timer;
    batch_fn fn;
    void *ctx;
    struct err fault; /* why something is not asked */
    bool is_cancelled;
};

/* One answer under way. */
struct batch_job {
    struct batch_lane *lane;
    struct batch_target *target;
    size_t line;
    int sample;
    bool is_unwritten; /* it has ended, and is not in the store yet */
    struct id record;
    size_t step;                   /* the next one */
    struct template_value *values; /* of the row, for the steps; owned */
    size_t value_count;
};

/* ---- batch_answer.c ---- */

/* job NULL = the event is about none. */
void batch_tell(struct batch *batch, enum batch_outcome outcome,
                const struct batch_job *job, const struct record *record,
                const struct err *err);
void batch_pump_later(struct batch *batch, int64_t delay_ms);
/* Nothing more is started; what is under way may end. */
void batch_stop_for(struct batch *batch, const struct err *why);
/* It is under way: told, and shown where a screen shows nothing yet. */
void batch_keep_job(struct batch *batch, struct batch_job *job,
                    const struct record *record);
/* record may be NULL. */
void batch_fail_job(struct batch *batch, const struct batch_job *job,
                    const struct record *record, const struct err *err);
void batch_free_job(struct batch_job *job);
/* Those whose answers have reached the store since; true when some have not. */
bool batch_settle(struct batch *batch);
/* For struct asked; ctx is the job. */
void batch_on_end(void *ctx, const struct answered *answered);
void batch_on_wait(void *ctx, const struct err *err);
bool batch_on_answer(void *ctx, const char *text, size_t len, struct buf *next);

#endif
