/* SPDX-License-Identifier: MIT
 *
 * dataset_json - fields and questions as Argilla writes them, both ways; and answers and
 * suggestions: {"response-rating":{"value":4},"response-feedback":{"value":"text"}}.
 * Source: reference/argilla-api.md §5.3, §5.4, §8.
 */
#ifndef JSON_DATASET_JSON_H
#define JSON_DATASET_JSON_H

#include <jansson.h>

#include "json/json.h"

#include "model/completion.h"
#include "model/dataset.h"
#include "model/record.h"
#include "model/values.h"

json_t *field_to_json(const struct field *field);          /* new reference */
json_t *question_to_json(const struct question *question); /* new reference */
/* Arrays of such objects; replace what the dataset holds. Items we cannot read
 * are skipped (fields) or kept as QUESTION_OTHER (questions). */
void dataset_fields_from_json(struct dataset *dataset, const json_t *array);
void dataset_questions_from_json(struct dataset *dataset, const json_t *array);

/* How many submitted answers the dataset wants of each record; 0 = it has no say in it
 * (1.x). */
int dataset_min_submitted(const struct dataset *dataset);

/* A metadata value as a declared property ({"name", "settings"}) takes it, a new
 * reference; NULL = not at all. */
json_t *metadata_fit(const json_t *property, json_t *value);

/* New reference; {} when empty, never null. */
json_t *values_to_json(const struct values *values);
/* dataset tells the type of each question; NULL = guess from the JSON. Unknown
 * shapes are kept as QUESTION_OTHER. Replaces what values holds. */
void values_from_json(struct values *values, const json_t *json,
                      const struct dataset *dataset);
/* One bare value ("value" of a suggestion). */
void value_from_json(struct value *value, const char *question, const json_t *json,
                     const struct dataset *dataset);
/* {"value", "agent", "type", "score"}, without what is not known; a new reference. */
json_t *suggestion_to_json(const struct suggestion *suggestion);
/* All but the value. */
void suggestion_read_facts(struct suggestion *suggestion, const json_t *object);

/* ---- spans: stretches of one field's text, each with a label ----
 *
 * The servers count code points and check against them (an emoji is one, a family five);
 * so do Argilla's SDKs. The page counts UTF-16 units, as its browser does, and sends them
 * as they are: what it marks behind an emoji is off by one. Here it is code points.
 */

struct span {
    size_t start, end; /* code points, as they are sent */
    size_t from, to;   /* the same in bytes; 0, 0 = it is not in the text */
    char *label;       /* the value of an option */
};

/* In the order of their starts, the longer first. A zeroed struct is an empty one. */
struct spans {
    struct span *items;
    size_t count;
};

/* value NULL = none. Replaces what is there. */
void spans_read(struct spans *spans, const struct value *value, const char *text,
                size_t len);
/* The value's JSON, "[]" without any. Owned. */
char *spans_print(const struct spans *spans);
/* Adds the text's bytes [from, to), a whole number of letters, and not twice with one
 * label. Unless they may overlap, those that are in its way go. Returns how many went. */
size_t spans_add(struct spans *spans, const char *text, size_t from, size_t to,
                 const char *label, bool may_overlap);
void spans_remove(struct spans *spans, size_t index);
void spans_clear(struct spans *spans);

/* ---- completion_json.c: a completion as one flat object, for the store's column, a
 * record's metadata on the server and the --json output ---- */

/* Everything, for the store. New reference. */
json_t *completion_to_json(const struct completion *completion);
void completion_from_json(struct completion *completion, const json_t *json);
/* What goes into the record's metadata, only known facts, numbers as numbers:
 * model, endpoint, temperature, max_tokens, seed, prompt_tokens,
 * completion_tokens, time_to_first_token_ms, total_time_ms, finish_reason,
 * run_id, parent_id, sample. New reference. */
json_t *completion_metadata(const struct completion *completion);

#endif
