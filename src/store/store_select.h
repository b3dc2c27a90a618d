/* SPDX-License-Identifier: MIT
 *
 * store_select - the records that a selection asks for, in its order: found in slices
 * between the other long reads.
 */
#ifndef STORE_STORE_SELECT_H
#define STORE_STORE_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/dataset.h"
#include "model/selection.h"

struct store;
struct selecting;

struct selected {
    int64_t row;
    size_t index; /* in the dataset's order, as of the look at it */
};
/* From the loop: some more rows (perhaps none), in order; is_over with the last, or with
 * a fault. Those of the dataset's order come as they are found; of another once that is
 * known, or once all have been looked at, whichever costs less. Borrowed. */
typedef void (*store_selected_fn)(void *ctx, const struct selected *rows, size_t count,
                                  bool is_over, const struct err *err);

/* On the reading thread. dataset and selection are copied. refuses_unknown: it is over
 * with USAGE before any row when the selection names metadata that nothing in the dataset
 * has. The handle is gone when fn was told that it is over. */
struct selecting *store_select(struct store *store, const struct dataset *dataset,
                               const struct selection *selection, bool refuses_unknown,
                               store_selected_fn fn, void *ctx);
/* fn is not called any more; what is under way ends soon. */
void store_select_cancel(struct selecting *selecting);
/* Whether one record is among them, now. */
bool store_is_selected(struct store *store, const struct dataset *dataset,
                       const struct selection *selection, int64_t row);
/* The names of models, metadata and agents in the newest records: as many as a tenth of a
 * second shows, from the loop. */
typedef void (*store_words_fn)(void *ctx, const struct selection_words *words);
void store_list_words(struct store *store, int64_t dataset_row, store_words_fn fn,
                      void *ctx);

#endif
