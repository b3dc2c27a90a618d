/* SPDX-License-Identifier: MIT
 *
 * job - one write: a transaction on the writing worker, then done() on the loop.
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/worker.h"
#include "store/db.h"
#include "store/store.h"

/* The edit that a next CHANGE_FEEDBACK may join. */
struct open_edit {
    int64_t event; /* 0 = none */
    int64_t record;
    int64_t edit;
};

/* What a write works with, on the writing worker. */
struct writing {
    struct db *db;
    const char *owner; /* this process, in completion.owner */
    int64_t now_ms;    /* wall clock, when the write was asked for */
    struct open_edit *edit;
    struct store_result *result;
    struct err *err; /* the result's */
};

/* A status that is not OK takes everything back. */
typedef enum status (*job_write_fn)(struct writing *writing, void *args);
typedef void (*job_free_fn)(void *args);

struct job_kind {
    job_write_fn write;
    job_free_fn free_args;
    bool is_durable; /* its commit outlives a power cut */
};

struct store {
    char *path;
    char *vfs;
    bool is_throwaway;
    char *owner;
    struct loop *loop;
    const struct clock *clock;
    struct db *reader; /* the loop's */

    struct worker *writing;
    struct db *writer; /* the writing worker's, once it runs */
    struct open_edit edit;

    struct worker *reading; /* for long reads; NULL until the first */
    struct db *long_reader; /* the reading worker's */
};

/* Takes over args. kind must be static. */
void job_submit(struct store *store, const struct job_kind *kind, void *args,
                store_done_fn done, void *ctx);

#endif
