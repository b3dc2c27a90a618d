/* SPDX-License-Identifier: MIT
 *
 * collect - all records of a dataset put into the order they were logged in, for
 * servers that page in another one. Private to src/argilla.
 *
 * 1.x shuffles /me searches by user, and where it runs on Python 3.11 it drops every
 * `sort` (seen on 1.29.1: the enum's name reaches the engine instead of "asc"), so
 * that a record moves to the end when somebody answers it. Therefore everything is
 * read, doubles are dropped, and pages are cut from the sorted whole.
 */
#ifndef ARGILLA_COLLECT_H
#define ARGILLA_COLLECT_H

#include "model/record.h"

struct collected_records;

struct collected_records *collected_new(const char *dataset_id);
void collected_free(struct collected_records *collected); /* NULL is allowed */
bool collected_is_of(const struct collected_records *collected, const char *dataset_id);
/* Takes the record's content. */
void collected_give(struct collected_records *collected, struct record *record,
                    int64_t order);
/* Sorts and drops doubles; how many are left. */
size_t collected_settle(struct collected_records *collected);
size_t collected_count(const struct collected_records *collected);
/* At most limit records from offset on. Borrowed. */
const struct record *collected_page(const struct collected_records *collected,
                                    size_t offset, size_t limit, size_t *count);

#endif
