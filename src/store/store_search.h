/* SPDX-License-Identifier: MIT
 *
 * store_search - finds the records of a dataset in whose texts something stands: fields,
 * metadata and our own response.
 *
 * It runs on the store's reading thread in slices, beside other long reads, and tells
 * what it found in portions. A dataset of some size gets an index of trigrams in a file
 * beside the store ("STORE-search"), which is made while one searches: what it does not
 * have yet, what is too short for it and what is no plain words is looked through.
 * Nothing depends on that file: it is made anew when it is damaged or gone, and given up
 * when there is no room for it.
 */
#ifndef STORE_STORE_SEARCH_H
#define STORE_STORE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/selection.h"

struct store;
struct search;

struct search_query {
    int64_t dataset_row;
    int64_t from_row;  /* records behind this one come first */
    int64_t since;     /* only what changed after this revision; 0 = all */
    const char *typed; /* as match_parse takes it; copied */
};

struct search_portion {
    const int64_t *found; /* records with a hit, once each unless they change meanwhile */
    size_t found_count;
    const int64_t *lost; /* since > 0: looked at, and without a hit */
    size_t lost_count;
    size_t hard;           /* records that the pattern is too hard for, so far */
    bool is_end;           /* all is known that the dataset had up to: */
    int64_t revision;      /* when the search began */
    const struct err *err; /* at the end, when it could not go on; else NULL */
};
/* From the loop, until is_end. It may start another search, or stop this one. */
typedef void (*search_fn)(void *ctx, const struct search_portion *portion);

/* NULL with a sentence when typed is no pattern. */
struct search *store_search(struct store *store, const struct search_query *query,
                            search_fn fn, void *ctx, struct err *err);
/* fn is not called any more. Not to be called after is_end. */
void store_search_stop(struct search *search);
/* Whether the index has all of the dataset. */
bool store_search_is_indexed(struct store *store, int64_t dataset_row);

/* ---- the records that a selection asks for, in its order, found in slices, too ---- */

struct selecting;

struct selected {
    int64_t row;
    size_t index; /* in the dataset's order, as of the look at it */
    bool is_last; /* it has nothing that the order asks for: behind those that have */
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
/* The names of models, metadata and agents, and the values of metadata, that are declared
 * or in the newest records: as many as a tenth of a second shows, from the loop. */
typedef void (*store_words_fn)(void *ctx, const struct selection_words *words);
void store_list_words(struct store *store, const struct dataset *dataset,
                      store_words_fn fn, void *ctx);

#endif
