/* SPDX-License-Identifier: MIT
 *
 * allowed - what every Argilla from 1.28 on says of a value before it takes it, drafts
 * and discards too. Source: reference/argilla-api.md §8.4, and 1.29 and 2.8 themselves.
 */
#ifndef APP_ALLOWED_H
#define APP_ALLOWED_H

#include <jansson.h>
#include <stdbool.h>

#include "model/dataset.h"
#include "model/record.h"

/* Why the question does not take the value, as Argilla writes it: half a sentence, "does
 * not know this label"; NULL = it does. */
const char *allowed_value_fault(const struct record *record,
                                const struct question *question, const json_t *value);
/* The first question whose value in values is refused, with *why; NULL = none is.
 * to_submit: the required ones and whole rankings too. record has the texts that spans
 * are in. */
const struct question *allowed_find_fault(const struct dataset *dataset,
                                          const struct record *record,
                                          const struct values *values, bool to_submit,
                                          const char **why);

#endif
