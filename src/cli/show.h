/* SPDX-License-Identifier: MIT
 *
 * show - records and datasets as rows of a table, as pages and as JSON objects. The names
 * of the objects' members are a promise: docs/json.md.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <jansson.h>

#include "cli/output.h"
#include "model/dataset.h"
#include "model/record.h"

#define SHORT_ID 14 /* "1a2b3c4d-5e6f" and a NUL: unique among millions */

void record_short_id(const struct id *id, char out[SHORT_ID]);
/* New reference. */
json_t *record_to_json(const struct record *record, const struct dataset *dataset);
/* A wall clock time as "2026-01-31T12:00:00.123Z"; null for 0. */
json_t *time_to_json(int64_t wall_ms);
/* NULL is null. New reference. */
json_t *text_to_json(const char *text);

/* The titles of the table of records, and one row of it. */
void record_print_titles(struct output *out);
void record_print_row(struct output *out, const struct record *record,
                      const struct dataset *dataset);
/* With --json the whole record, else nothing: for commands whose words go to stderr. */
void record_print_json(struct output *out, const struct record *record,
                       const struct dataset *dataset);

/* Everything about one: its guidelines, a line for each field and question. */
void dataset_print(struct output *out, const struct dataset *dataset);
/* One of a list. */
void dataset_print_row(struct output *out, const struct dataset *dataset, bool is_first);

#endif
