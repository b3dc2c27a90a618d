/* SPDX-License-Identifier: MIT
 *
 * store - the journal on disk: the truth until the server has confirmed it.
 *
 * One SQLite file (WAL), mode 0600 in a directory 0700. Every write is one transaction on
 * the loop's own connection and is done when the function returns: the next read sees it,
 * in this process and in any other. That is not yet "saved": one flusher thread makes the
 * commits durable and tells the loop (store_flushed, store_on_flushed). Only then the
 * screen may say "saved", and only then something may be sent.
 *
 * A write that fails changes nothing; err says why and what to do, and the caller still
 * has what it wanted to write. STATUS_BUSY: another program holds the file; try again
 * later. Everything handed in is copied.
 *
 * The header is whole with these five, by subject: datasets, records (with their
 * completions, our responses and the queue), picks, outbox, pull.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/loop.h"
#include "store/store_datasets.h"
#include "store/store_outbox.h"
#include "store/store_picks.h"
#include "store/store_pull.h"
#include "store/store_records.h"

struct store;

struct store_options {
    const char *path; /* NULL = the default place; ":memory:" is not allowed */
    const char *vfs;  /* NULL = SQLite's own; for fault tests */
    const struct clock *clock;
    bool is_throwaway; /* nobody opens it again: commits need not reach the disk */
};

/* A store that cannot be written (file or folder read-only) opens for reading: every
 * write then fails with a sentence. */
enum status store_open(struct store **out, struct loop *loop,
                       const struct store_options *options, struct err *err)
    __attribute__((warn_unused_result));
/* Makes all durable and closes; nobody is called any more. */
void store_close(struct store *store);
const char *store_path(const struct store *store);
bool store_is_read_only(const struct store *store);
/* The store's own random id, made with it: part of the ids of a run's records. */
const struct id *store_id(const struct store *store);

/* ---- durable ---- */

/* Commits of this process are counted from 1: the last one, and up to which the disk has
 * them. */
uint64_t store_committed(const struct store *store);
uint64_t store_flushed(const struct store *store);
/* Why the last flush failed; code OK when it did not. A failed one is tried again each
 * second. Borrowed. */
const struct err *store_flush_fault(const struct store *store);
/* Calls fn once, from the loop, when all that is committed now is on disk, or (err->code
 * not OK) when that flush failed. Also when nothing is to be flushed. */
typedef void (*store_flushed_fn)(void *ctx, const struct err *err);
void store_on_flushed(struct store *store, store_flushed_fn fn, void *ctx);
/* Takes back every store_on_flushed and store_watch of this ctx. */
void store_forget(struct store *store, const void *ctx);
/* Waits on the calling thread until all is on disk; the callbacks come later, from the
 * loop. */
enum status store_flush(struct store *store, struct err *err);

/* ---- what other processes do ---- */

/* Calls fn from the loop within a second after another process has committed something,
 * and when the file was found deleted or moved away. */
void store_watch(struct store *store, loop_fn fn, void *ctx);
/* Looks the whole file over, on the reading thread (for doctor). */
struct store_health {
    int64_t version; /* of the schema */
    int64_t datasets;
    int64_t records;
};
typedef void (*store_check_fn)(void *ctx, const struct store_health *health,
                               const struct err *err);
void store_check(struct store *store, store_check_fn fn, void *ctx);

/* Small facts kept between sessions: the unsent prompt, the position in a dataset, the
 * command history, what an endpoint refuses. NULL when absent. Owned. */
char *store_get_note(struct store *store, const char *key);
enum status store_put_note(struct store *store, const char *key, const char *value,
                           struct err *err);

#endif
