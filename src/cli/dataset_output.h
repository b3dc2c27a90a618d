/* SPDX-License-Identifier: MIT
 *
 * dataset_output - a dataset as a page, as a row and as one JSON object. The names of
 * the object's members are a promise: docs/json.md.
 */
#ifndef CLI_DATASET_OUTPUT_H
#define CLI_DATASET_OUTPUT_H

#include <stdbool.h>

#include "cli/output.h"
#include "model/dataset.h"

/* Everything about one: its guidelines, a line for each field and question. */
void dataset_print(struct output *out, const struct dataset *dataset);
/* One of a list. */
void dataset_print_row(struct output *out, const struct dataset *dataset, bool is_first);

#endif
