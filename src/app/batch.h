/* SPDX-License-Identifier: MIT
 *
 * batch - many prompts through the endpoint, each answer logged as it ends; started
 * again with the same prompts it finishes what is missing and repeats nothing.
 *
 * Record ids are UUIDv5 of (dataset, run key, prompt, model, parameters, sample number).
 */
#ifndef APP_BATCH_H
#define APP_BATCH_H

#include <stddef.h>

#include "app/app.h"
#include "base/buf.h"

struct batch;

struct batch_prompt {
    char *text;
    size_t len;
    size_t line; /* in the file, for messages */
};

struct batch_options {
    const struct batch_prompt *prompts; /* copied */
    size_t count;
    int repeat;      /* >= 1; the guide: ["a","b"] * 3 = a b a b a b */
    int concurrency; /* >= 1; halves on 429, grows by one after */
    const char *key; /* names the run: the file's name and the command; copied */
};

enum batch_outcome {
    BATCH_STARTED,
    BATCH_LOGGED,
    BATCH_SKIPPED,
    BATCH_FAILED,
    BATCH_STOPPED /* by batch_cancel: the next run asks again */
};

struct batch_event {
    enum batch_outcome outcome;
    size_t line;
    int sample;
    const struct record *record; /* LOGGED, SKIPPED, FAILED, STOPPED; else NULL */
    const struct err *err;       /* FAILED */
};

struct batch_progress {
    size_t total, done, failed, skipped, running;
};

typedef void (*batch_fn)(void *ctx, const struct batch_event *event);

/* Runs by itself on the app's loop; ends when progress.done == total, or early when the
 * key is refused: every other prompt would be, too. */
struct batch *batch_start(struct app *app, const struct batch_options *options,
                          batch_fn fn, void *ctx);
const struct batch_progress *batch_progress(const struct batch *batch);
bool batch_is_over(const struct batch *batch);
/* Starts nothing more and cancels what streams. */
void batch_cancel(struct batch *batch);
void batch_free(struct batch *batch);

/* One prompt a line of text that went through outside_text; blank lines are skipped, one
 * over 1 MiB is refused with NAME:LINE:COLUMN (name is safe to show). Owned array of
 * owned texts. */
enum status batch_split_prompts(const char *name, const struct buf *text,
                                struct batch_prompt **out, size_t *count, struct err *err)
    __attribute__((warn_unused_result));
void batch_free_prompts(struct batch_prompt *prompts, size_t count);

#endif
