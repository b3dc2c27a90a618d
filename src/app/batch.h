/* SPDX-License-Identifier: MIT
 *
 * batch - a file's prompts through models, each answer logged as it ends; started again
 * with the same file it finishes what is missing and repeats nothing, also while another
 * process runs the same. The file is read as answers are made, whatever its size.
 *
 * Record ids are UUIDv5 of (this store's id, run name, dataset, prompt, model or
 * endpoint, parameters, sample number).
 */
#ifndef APP_BATCH_H
#define APP_BATCH_H

#include <stddef.h>

#include "app/app.h"
#include "app/ask.h"
#include "llm/prompts.h"

struct batch;

struct batch_options {
    const char *name; /* of the file, for sentences and by its ending */
    int fd;           /* a regular file, open for reading */
    enum prompts_kind kind;
    const char *template_text; /* NULL = the column "prompt", or "messages" */
    const char *const *steps;  /* more templates, each asked with {output} */
    size_t step_count;
    const char *const *vars; /* "name=value" */
    size_t var_count;
    const char *const *meta; /* columns that become the record's metadata */
    size_t meta_count;
    const struct ask_target *targets;
    size_t target_count;             /* 0 = the session's endpoint and model */
    const struct sampling *sampling; /* over the session's; NULL = nothing */
    int samples;                     /* >= 1; the guide: ["a","b"] * 3 = a b a b a b */
    int concurrency;  /* >= 1, of each endpoint; halves on 429, grows by one after */
    const char *key;  /* the run's name (--name); NULL = none */
    double max_cost;  /* in the config's currency; 0 = no limit */
    bool is_strict;   /* a bad row ends it before the first request */
    bool is_dry;      /* asks nothing: PLANNED for the first few, and the counts */
    bool only_failed; /* only what an earlier run has begun and not finished */
};

enum batch_outcome {
    BATCH_STARTED,
    BATCH_LOGGED,
    BATCH_SKIPPED, /* it is there, or another process is asking it */
    BATCH_FAILED,
    BATCH_STOPPED, /* by batch_cancel: the next run asks again */
    BATCH_BAD_ROW, /* err names the place */
    BATCH_PLANNED, /* prompt */
    BATCH_NOTE     /* err holds a remark */
};

struct batch_event {
    enum batch_outcome outcome;
    size_t line;
    int sample;
    const struct record *record; /* LOGGED, SKIPPED, FAILED, STOPPED; may be NULL */
    const struct err *err;
    const char *prompt; /* STARTED, PLANNED */
    const char *model;  /* that is asked; may be NULL */
};

struct batch_progress {
    bool is_checking; /* the file is being read a first time: total grows */
    bool is_held;     /* the store could not take the next prompt: it is waited for */
    bool goes_on;     /* there is a fault, but of one model or endpoint of several */
    size_t rows, bad; /* good ones, and bad ones */
    size_t total, done, failed, skipped, running;
    size_t elsewhere; /* of the skipped: another process is asking them */
    size_t retries;
    int64_t tokens; /* of the answers, as the endpoints said */
    double cost;    /* 0 = no prices */
};

typedef void (*batch_fn)(void *ctx, const struct batch_event *event);

/* What knows the words that options are written in: batch_start with those of line. */
typedef struct batch *(*batch_line_fn)(struct app *app, const char *line, batch_fn fn,
                                       void *ctx, struct err *err);

/* Copies the options. NULL with err when they are no good: a template
 * that cannot be read, an endpoint that is unknown. Runs by itself on the app's loop; fn
 * is called from there only. */
struct batch *batch_start(struct app *app, const struct batch_options *options,
                          batch_fn fn, void *ctx, struct err *err);
const struct batch_progress *batch_progress(const struct batch *batch);
bool batch_is_over(const struct batch *batch);
/* "[###       ] 12 of 60 done · 2 failed · 4 running · 1.3 a second · 31 tokens/s · 40 s
 * left": tokens of the answers that are under way, too, about. */
void batch_format(const struct batch_progress *counts, const struct session *session,
                  int64_t elapsed_ms, char *out, size_t size);
/* "3 logged, 1 there already, 2 being asked by another run, 0 failed. 1 bad row." */
void batch_format_end(const struct batch_progress *counts, char *out, size_t size);
/* Why it ended early by itself; code OK when it did not. Borrowed. */
const struct err *batch_fault(const struct batch *batch);
/* Starts nothing more and cancels what streams; their events come from the loop. */
void batch_cancel(struct batch *batch);
/* No event comes any more. The app must still be open. NULL is allowed. */
void batch_free(struct batch *batch);

#endif
