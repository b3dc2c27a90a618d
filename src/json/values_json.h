/* SPDX-License-Identifier: MIT
 *
 * values_json - answers and suggestions as Argilla writes them:
 * {"response-rating":{"value":4},"response-feedback":{"value":"text"}}.
 * Source: reference/argilla-api.md §8.
 */
#ifndef JSON_VALUES_JSON_H
#define JSON_VALUES_JSON_H

#include <jansson.h>

#include "model/dataset.h"
#include "model/values.h"

/* New reference; {} when empty, never null. */
json_t *values_to_json(const struct values *values);
/* dataset tells the type of each question; NULL = guess from the JSON. Unknown
 * shapes are kept as QUESTION_OTHER. Replaces what values holds. */
void values_from_json(struct values *values, const json_t *json,
                      const struct dataset *dataset);
/* One bare value ("value" of a suggestion). */
void value_from_json(struct value *value, const char *question, const json_t *json,
                     const struct dataset *dataset);

#endif
