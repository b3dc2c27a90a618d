/* SPDX-License-Identifier: MIT
 *
 * search_index - a file of the trigrams of records' texts, beside the store.
 *
 * One row for so many records, which halves its size: whoever asks looks at the records
 * themselves. So a changed record is added again, and what was taken out of it stays in
 * the index until that is made anew. The mark
 * (revision, row) says how far it goes in the order of the changes. Private to the store.
 */
#ifndef STORE_SEARCH_INDEX_H
#define STORE_SEARCH_INDEX_H

#include "store/parts.h"

#define INDEX_BLOCK 8 /* records, by their row: block n has those from n * 8 on */

struct index_mark {
    int64_t made; /* a random number of the file; 0 = there is no index */
    int64_t revision, row;
};

/* On the reading thread. A reading transaction of the index (db_rollback ends it), NULL
 * when there is none that can be used; mark is as of then. */
struct db *index_begin(struct store *store, int64_t dataset, struct index_mark *mark);
/* What it was asked failed. */
void index_damaged(struct store *store, const struct err *err);
/* What the index is asked with, owned; NULL = it is no use for these words. One or two
 * signs are asked for by the trigrams that begin with them, where those are few. */
char *index_expression(struct db *index, const char *words);

/* On the loop: goes on making the dataset's index, in idle time. */
void index_follow(struct store *store, int64_t dataset);
void index_close(struct store *store);

#endif
