/* SPDX-License-Identifier: MIT
 *
 * batch - many prompts through the endpoint, each answer logged as it ends; started
 * again with the same prompts it finishes what is missing and repeats nothing, also
 * while another process runs the same.
 *
 * Record ids are UUIDv5 of (this store's id, run name, dataset, prompt, model or
 * endpoint, parameters, sample number).
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
    const char *key; /* the run's name (--name); NULL = none; copied */
};

enum batch_outcome {
    BATCH_STARTED,
    BATCH_LOGGED,
    BATCH_SKIPPED, /* it is there, or another process is asking it */
    BATCH_FAILED,
    BATCH_STOPPED /* by batch_cancel: the next run asks again */
};

struct batch_event {
    enum batch_outcome outcome;
    size_t line;
    int sample;
    const struct record *record; /* LOGGED, SKIPPED, FAILED, STOPPED; may be NULL */
    const struct err *err;       /* FAILED */
};

struct batch_progress {
    size_t total, done, failed, skipped, running;
    size_t elsewhere; /* of the skipped: another process is asking them */
};

typedef void (*batch_fn)(void *ctx, const struct batch_event *event);

/* Runs by itself on the app's loop; fn is called from there only. Ends when
 * progress.done == total, or early when no other prompt can succeed. */
struct batch *batch_start(struct app *app, const struct batch_options *options,
                          batch_fn fn, void *ctx);
const struct batch_progress *batch_progress(const struct batch *batch);
bool batch_is_over(const struct batch *batch);
/* Why it ended early by itself; code OK when it did not. Borrowed. */
const struct err *batch_fault(const struct batch *batch);
/* Starts nothing more and cancels what streams; their events come from the loop. */
void batch_cancel(struct batch *batch);
/* No event comes any more. The app must still be open. */
void batch_free(struct batch *batch);

/* One prompt a line of text that went through outside_text; blank lines are skipped, one
 * over 1 MiB is refused with NAME:LINE:COLUMN (name is safe to show). Owned array of
 * owned texts. */
enum status batch_split_prompts(const char *name, const struct buf *text,
                                struct batch_prompt **out, size_t *count, struct err *err)
    __attribute__((warn_unused_result));
void batch_free_prompts(struct batch_prompt *prompts, size_t count);

#endif
