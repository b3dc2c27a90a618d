/* SPDX-License-Identifier: MIT
 *
 * page - records as the server writes them. Private to src/argilla.
 */
#ifndef ARGILLA_PAGE_H
#define ARGILLA_PAGE_H

#include <jansson.h>

#include "argilla/argilla.h"

struct page_context {
    const char *user_id;           /* whose responses are ours */
    const struct dataset *dataset; /* what its questions are */
    const json_t *question_names;  /* question id -> name */
};

/* One item of a search answer: {"record": {…}}. False when it is no record. *order is
 * the time of insertion in microseconds: a batch shares its milliseconds. */
bool page_read_record(const struct page_context *context, const json_t *item,
                      struct record *record, int64_t *order);
/* "2026-11-23T13:16:31.832724", UTC without a zone; 0 when it is no time. */
int64_t page_parse_time_us(const char *text);

#endif
