/* SPDX-License-Identifier: MIT
 *
 * store_stats - what everybody answered to a dataset, counted (model/stats.h).
 */
#ifndef STORE_STORE_STATS_H
#define STORE_STORE_STATS_H

#include <stdint.h>

#include "base/err.h"
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

#endif
