/* SPDX-License-Identifier: MIT
 *
 * wire - how a request to one endpoint and model is written: what is known of famous
 * hosts beforehand, and what a refusal teaches. For llm only.
 */
#ifndef LLM_WIRE_H
#define LLM_WIRE_H

#include <stdbool.h>

#include "config/endpoint.h"
#include "llm/llm_error.h"

enum {
    WIRE_MAX_COMPLETION_TOKENS = 1, /* that name, not max_tokens */
    WIRE_NO_TEMPERATURE = 2,
    WIRE_NO_SEED = 4,
    WIRE_RANDOM_SEED = 8, /* Mistral's name of it */
    WIRE_NO_STREAM_OPTIONS = 16,
    WIRE_NO_STREAM = 32
};

struct wire {
    unsigned flags;
    unsigned learned; /* flags that a refusal has turned, each once */
    const char *key_header;
    const char *key_prefix;
    const char *default_model; /* NULL = the first one that it lists */
};

void wire_init(struct wire *wire, const struct endpoint *endpoint);
/* True when the refusal names a parameter that can be left out or named otherwise, and
 * that has not been tried: send the request again. */
bool wire_learn(struct wire *wire, const struct llm_error *error, long status,
                const struct sampling *sampling);

#endif
