/* SPDX-License-Identifier: MIT
 *
 * store_bulk - one change to many records: in slices that keep no key waiting, all of
 * them one undo step; and records that are deleted.
 *
 * Should the process die between two slices, what it had done is one step all the same:
 * store_find_cut_bulk finds it, and undo takes it back.
 */
#ifndef STORE_STORE_BULK_H
#define STORE_STORE_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store_records.h"

struct store;

/* Until then a deletion is not sent by itself, and a local one not made final. */
enum { STORE_DELETE_DELAY_MS = 10 * 60 * 1000 };

/* What becomes of a record in it. */
enum bulk_fate {
    BULK_DONE,
    BULK_SAME,       /* there is nothing to change */
    BULK_FAILED,     /* there is no answer to judge */
    BULK_STREAMING,  /* its answer is still being written */
    BULK_CLASH,      /* two answers, of which one is to be chosen first */
    BULK_INCOMPLETE, /* a required question is not answered */
    BULK_REFUSED,    /* a server would not take a value */
    BULK_ABSENT,     /* deleted meanwhile */
    BULK_MEANWHILE,  /* its response is another one since the trial */
    BULK_FATE_COUNT
};

/* What our response to a record becomes: of seen there are its row, the fields, the
 * response as it is now and what is suggested, nothing else. next is an empty one, yours
 * to fill. DONE, SAME, INCOMPLETE or REFUSED. */
typedef enum bulk_fate (*store_bulk_fn)(void *ctx, const struct record *seen,
                                        struct response *next);

/* Beside each row of a call. */
struct bulk_seen {
    int64_t stamp;       /* which response the trial judged */
    enum bulk_fate fate; /* of the last call */
};

struct bulk {
    enum change_kind kind;
    store_bulk_fn change; /* NULL = the records are flagged or deleted */
    void *ctx;
    int flag;                       /* 1 = flagged, -1 = not any more, 0 = deleted */
    bool is_trial;                  /* nothing is written: what would be is counted */
    struct bulk_seen *seen;         /* the trial's, and then the change's; NULL = none */
    int64_t slice_ms;               /* a call ends when it has taken so long; 0 = never */
    size_t taken;                   /* of the last call's rows */
    int64_t batch;                  /* names the step; 0 = nothing is changed yet */
    size_t counts[BULK_FATE_COUNT]; /* so far */
};

/* The next of its records, all of one dataset: one transaction, of one of them at least
 * and of as many as the time allows. Whatever fails changes neither the store nor *bulk.
 * is_last: once all of them are taken the step is whole. */
enum status store_put_bulk(struct store *store, struct bulk *bulk, const int64_t *rows,
                           size_t count, bool is_last, struct err *err);
/* The step of the dataset that a process which is gone has left half done; 0 = none. */
enum status store_find_cut_bulk(struct store *store, int64_t dataset_row, int64_t *batch,
                                struct err *err);
/* What is deleted here and not yet on the server is due at once. */
enum status store_hasten_deletions(struct store *store, int64_t dataset_row,
                                   struct err *err);
/* Takes out of the store, for good, what was deleted, is not on a server any more and is
 * out of undo's reach. */
enum status store_purge_deleted(struct store *store, struct err *err);

#endif
