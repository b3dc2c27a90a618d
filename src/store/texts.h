/* SPDX-License-Identifier: MIT
 *
 * texts - what a search and a filter look through of a record: its fields, its metadata a
 * line each, what we answered. Private to the store.
 */
#ifndef STORE_TEXTS_H
#define STORE_TEXTS_H

#include "store/parts.h"
#include "text/match.h"

/* Columns 0 to 2 of a query that these read from. */
#define TEXT_COLUMNS "r.row, r.metadata, p.answers, r.flags & 64" /* deleted */
#define TEXT_TABLES " LEFT JOIN response p ON p.record = r.row AND p.user = ''"

/* Calls fn with each text of the record that query stands at, until fn is true; says
 * whether it was. words: texts in which they do not stand may be passed over; NULL =
 * none.
 */
typedef bool (*text_fn)(void *ctx, const char *text, size_t len);
bool each_text(struct db *db, struct query *query, struct match *words, text_fn fn,
               void *ctx, struct err *err);
/* Whether it stands in one of them. is_raw_same: it stands in JSON only where it stands
 * in what that says. */
enum match_result find_in_texts(struct db *db, struct query *query, struct match *match,
                                bool is_raw_same, struct err *err);

#endif
