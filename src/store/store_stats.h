/* SPDX-License-Identifier: MIT
 *
 * store_stats - what everybody answered to a dataset, counted (model/stats.h); how our
 * answers came about (model/record.h: struct viewing), and what we answered to a record
 * that was shown a second time, to compare oneself with.
 */
#ifndef STORE_STORE_STATS_H
#define STORE_STORE_STATS_H

#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "model/record.h"
#include "model/stats.h"

struct store;

/* All of the dataset as of revision, settled, on the reading thread; dataset->row says
 * which. stats is yours; NULL when err is not OK. */
typedef void (*store_stats_fn)(void *ctx, struct stats *stats, int64_t revision,
                               const struct err *err);
void store_load_stats(struct store *store, const struct dataset *dataset,
                      store_stats_fn fn, void *ctx);
/* Takes in what changed after *revision, and moves that on: a few ten µs a record. With
 * more than most changed records nothing is taken, and STATUS_BUSY says to load anew. */
enum status store_follow_stats(struct store *store, struct stats *stats,
                               int64_t *revision, size_t most, struct err *err);

/* Our answer to the record was chosen with those of others before our eyes: it is none of
 * an independent person's, in statistics and the order of disagreement. */
enum status store_mark_decided(struct store *store, int64_t record, struct err *err);

/* Submitted answers of others to the record. */
int64_t store_count_others(struct store *store, int64_t record);
/* Records of its dataset and status, neither gone nor deleted nor pending with enough
 * answers of others, that the server had before it. */
int64_t store_count_before(struct store *store, int64_t record);

/* ---- a second showing ---- */

/* What was answered to a record that is answered already, when it was shown once more:
 * one undo step, and nothing else. The response stays as it is, nothing is sent. */
enum status store_put_again(struct store *store, const struct id *record,
                            const struct response *answer, struct err *err);
/* Answers of ours in the dataset since the last of those; counts to most. */
enum status store_count_since_again(struct store *store, int64_t dataset, int64_t most,
                                    int64_t *count, struct err *err);
/* A submitted record, not asked a second time yet, whose answer has at least distance
 * others behind it, and at most distance + span; which one, spread says. Row 0 = none. */
struct again_wish {
    int64_t dataset;
    int64_t distance, span;
    int64_t spread; /* any number of 0 or more */
};
enum status store_find_again(struct store *store, const struct again_wish *wish,
                             int64_t *row, struct err *err);

/* ---- for the store's own files ---- */

/* Of the record in r.row. */
#define IS_DECIDED "(r.flags & 256)"
#define FLAG_DECIDED 256 /* beside enum queue_flag: no queue knows it */

struct db;
extern const char again_kind[]; /* the event's */
/* In a write: keeps how a final answer came about; does nothing where it is not known. */
void viewing_write(struct store *store, int64_t record, const struct response *response);
/* Fills in how the last final answer came about; that is no part of the transaction. */
void viewing_read(struct db *db, int64_t record, struct response *response);

#endif
