/* SPDX-License-Identifier: MIT
 *
 * dataset_json - fields and questions as Argilla writes them, both ways.
 * Source: reference/argilla-api.md §5.3, §5.4.
 */
#ifndef JSON_DATASET_JSON_H
#define JSON_DATASET_JSON_H

#include <jansson.h>

#include "model/dataset.h"

json_t *field_to_json(const struct field *field);          /* new reference */
json_t *question_to_json(const struct question *question); /* new reference */
/* Arrays of such objects; replace what the dataset holds. Items we cannot read
 * are skipped (fields) or kept as QUESTION_OTHER (questions). */
void dataset_fields_from_json(struct dataset *dataset, const json_t *array);
void dataset_questions_from_json(struct dataset *dataset, const json_t *array);

#endif
