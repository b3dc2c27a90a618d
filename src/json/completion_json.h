/* SPDX-License-Identifier: MIT
 *
 * completion_json - a completion as one flat JSON object, for the store's column,
 * a record's metadata on the server and the --json output.
 */
#ifndef JSON_COMPLETION_JSON_H
#define JSON_COMPLETION_JSON_H

#include <jansson.h>

#include "model/completion.h"

/* Everything, for the store. New reference. */
json_t *completion_to_json(const struct completion *completion);
void completion_from_json(struct completion *completion, const json_t *json);
/* What goes into the record's metadata, only known facts, numbers as numbers:
 * model, endpoint, temperature, max_tokens, seed, prompt_tokens,
 * completion_tokens, time_to_first_token_ms, total_time_ms, finish_reason,
 * run_id, parent_id, sample. New reference. */
json_t *completion_metadata(const struct completion *completion);

#endif
