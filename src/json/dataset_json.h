/* SPDX-License-Identifier: MIT
 *
 * dataset_json - fields and questions as Argilla writes them, both ways; and answers and
 * suggestions: {"response-rating":{"value":4},"response-feedback":{"value":"text"}}.
 * Source: reference/argilla-api.md §5.3, §5.4, §8.
 */
#ifndef JSON_DATASET_JSON_H
#define JSON_DATASET_JSON_H

#include "json/json.h"

#include "model/dataset.h"
#include "model/record.h"
#include "model/values.h"

json_t *field_to_json(const struct field *field);          /* new reference */
json_t *question_to_json(const struct question *question); /* new reference */
/* Arrays of such objects; replace what the dataset holds. Items we cannot read
 * are skipped (fields) or kept as QUESTION_OTHER (questions). */
void dataset_fields_from_json(struct dataset *dataset, const json_t *array);
void dataset_questions_from_json(struct dataset *dataset, const json_t *array);

/* How many submitted answers the dataset wants of each record; 0 = the server has no say
 * in it (1.x). */
int dataset_min_submitted(const struct dataset *dataset);

/* New reference; {} when empty, never null. */
json_t *values_to_json(const struct values *values);
/* dataset tells the type of each question; NULL = guess from the JSON. Unknown
 * shapes are kept as QUESTION_OTHER. Replaces what values holds. */
void values_from_json(struct values *values, const json_t *json,
                      const struct dataset *dataset);
/* One bare value ("value" of a suggestion). */
void value_from_json(struct value *value, const char *question, const json_t *json,
                     const struct dataset *dataset);
/* Score, agent and type of a suggestion, as members of object; and from them. What is not
 * known is left out. */
void suggestion_add_facts(json_t *object, const struct suggestion *suggestion);
void suggestion_read_facts(struct suggestion *suggestion, const json_t *object);

#endif
