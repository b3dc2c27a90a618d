/* SPDX-License-Identifier: MIT
 *
 * generation_json - a generation as one flat JSON object, for the store's column,
 * a record's metadata on the server and the --json output.
 */
#ifndef JSON_GENERATION_JSON_H
#define JSON_GENERATION_JSON_H

#include <jansson.h>

#include "model/generation.h"

/* Everything, for the store. New reference. */
json_t *generation_to_json(const struct generation *generation);
void generation_from_json(struct generation *generation, const json_t *json);
/* What goes into the record's metadata, only known facts, numbers as numbers:
 * model, endpoint, temperature, max_tokens, seed, prompt_tokens,
 * completion_tokens, time_to_first_token_ms, total_time_ms, finish_reason,
 * run_id, parent_id, sample. New reference. */
json_t *generation_metadata(const struct generation *generation);

#endif
