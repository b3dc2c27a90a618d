/* SPDX-License-Identifier: MIT
 *
 * memory - what one process has learned of its endpoints: how each model wants its
 * requests written and which model an endpoint offers first, so that each costs one
 * request and not one a prompt; and how many answers are under way. Shared by the calls
 * of one app.
 */
#ifndef LLM_MEMORY_H
#define LLM_MEMORY_H

#include <stdbool.h>

#include "config/endpoint.h"

struct llm_memory;

struct llm_memory *llm_memory_new(void);
/* After the last call has ended. NULL is allowed. */
void llm_memory_free(struct llm_memory *memory);

/* ---- for llm only; memory may be NULL everywhere: nothing is known or kept ---- */

void llm_memory_begin(struct llm_memory *memory); /* an answer is under way */
void llm_memory_end(struct llm_memory *memory);
/* No other answer is under way. */
bool llm_memory_is_alone(const struct llm_memory *memory);
/* The wire flags that a refusal taught for this model; false = none did. */
bool llm_memory_find(const struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model, unsigned *flags);
void llm_memory_keep(struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model, unsigned flags);
/* The model to ask for where none was set; NULL = not known yet. Borrowed. */
const char *llm_memory_model(const struct llm_memory *memory,
                             const struct endpoint *endpoint);
/* NULL forgets it: what failed may have been for its sake. */
void llm_memory_keep_model(struct llm_memory *memory, const struct endpoint *endpoint,
                           const char *model);

#endif
