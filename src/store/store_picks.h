/* SPDX-License-Identifier: MIT
 *
 * store_picks - answers to the same prompt beside each other: which they are, which of
 * them a person preferred, and the pairs that follow from it.
 */
#ifndef STORE_STORE_PICKS_H
#define STORE_STORE_PICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* The records that answer the same prompt as this one, itself too, in order: those that
 * have its parent, are its parent, or have it as theirs. At most max of them, the newest.
 * rows is malloc'd and yours. */
enum status store_list_siblings(struct store *store, int64_t row, size_t max,
                                int64_t **rows, size_t *count, struct err *err);

enum { PICK_MAX = 4, PICK_STRENGTH_MAX = 3 };

/* One judgement: of the candidates, in the order in which they were shown, one was
 * preferred. */
struct pick {
    int64_t rows[PICK_MAX];  /* of the records */
    size_t count;            /* 2 to PICK_MAX */
    int chosen;              /* index into rows; -1 = they are alike */
    int strength;            /* 1 to PICK_STRENGTH_MAX; 0 = not said, or alike */
    uint64_t seed;           /* of the shuffle */
    int64_t at_ms;           /* when; put: it was made elsewhere, then; 0 = now */
    struct id ids[PICK_MAX]; /* of the records, in what is read */
};

/* Keeps it in one transaction, as one undo step of the dataset of its records; one that
 * was made elsewhere is no step. A later one of the same two records is what counts
 * between them. */
enum status store_put_pick(struct store *store, const struct pick *pick, struct err *err);
/* The last pick of exactly these records, in whatever order; count 0 = there is none. */
enum status store_get_pick(struct store *store, const int64_t *rows, size_t count,
                           struct pick *out, struct err *err);

/* All that count of those that this record was in, in order. Owned array. */
enum status store_list_picks(struct store *store, int64_t row, struct pick **picks,
                             size_t *count, struct err *err);

/* Two answers to one prompt of which one is better. */
struct store_pair {
    int64_t chosen, rejected; /* rows of the records */
    bool is_picked;           /* by a person; else it follows from their ratings */
    double margin; /* PICKED: the strength, 0 = not said; else of the ratings */
};
/* Walks the pairs of a dataset: of the picks, then of the submitted ratings of siblings
 * (by_prompt: of all that have the same prompt, asked together or not) that no pick has
 * judged. fn returns false to stop. rating: what a record counts for, below 0 = not at
 * all; NULL = our submitted rating. */
typedef double (*store_rating_fn)(void *ctx, int64_t row);
typedef bool (*store_pair_fn)(void *ctx, const struct store_pair *pair);
enum status store_each_pair(struct store *store, int64_t dataset_row, bool by_prompt,
                            store_rating_fn rating, store_pair_fn fn, void *ctx,
                            struct err *err);
/* What the last pick that this record was in says of it, ties left aside. */
enum verdict { VERDICT_NONE, VERDICT_CHOSEN, VERDICT_REJECTED };
enum status store_get_verdict(struct store *store, int64_t row, enum verdict *verdict,
                              struct err *err);

/* From here on every read sees the store as it is now, whatever others write, until
 * store_end_reading. Nothing can be written meanwhile. */
enum status store_begin_reading(struct store *store, struct err *err);
void store_end_reading(struct store *store);

#endif
