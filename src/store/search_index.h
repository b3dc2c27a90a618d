/* SPDX-License-Identifier: MIT
 *
 * search_index - the texts of records, and a file of their trigrams beside the store.
 *
 * One row for so many records, which halves its size: whoever asks looks at the records
 * themselves. So a changed record is added again, and what was taken out of it stays in
 * the index until that is made anew. The mark
 * (revision, row) says how far it goes in the order of the changes. Private to the store.
 */
#ifndef STORE_SEARCH_INDEX_H
#define STORE_SEARCH_INDEX_H

#include "store/parts.h"
#include "text/match.h"

#define INDEX_BLOCK 8 /* records, by their row: block n has those from n * 8 on */

/* Columns 0 to 2 of a query that find_in_texts reads from. */
#define TEXT_COLUMNS "r.row, r.metadata, p.answers, r.flags & 64" /* deleted */
#define TEXT_TABLES " LEFT JOIN response p ON p.record = r.row AND p.user = ''"

/* Whether it stands in a text of the record that query stands at: its fields, its
 * metadata a line each, what we answered. is_raw_same: it stands in JSON only where it
 * stands in what that says. */
enum match_result find_in_texts(struct db *db, struct query *query, struct match *match,
                                bool is_raw_same, struct err *err);

struct index_mark {
    int64_t made; /* a random number of the file; 0 = there is no index */
    int64_t revision, row;
};

/* On the reading thread. A reading transaction of the index (db_rollback ends it), NULL
 * when there is none that can be used; mark is as of then. */
struct db *index_begin(struct store *store, int64_t dataset, struct index_mark *mark);
/* What it was asked failed. */
void index_damaged(struct store *store, const struct err *err);
/* What the index is asked with, owned; NULL = it is no use for these words. */
char *index_expression(const char *words);

/* On the loop: goes on making the dataset's index, in idle time. */
void index_follow(struct store *store, int64_t dataset);
void index_close(struct store *store);

#endif
