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

#endif
