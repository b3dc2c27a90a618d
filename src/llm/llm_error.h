/* SPDX-License-Identifier: MIT
 *
 * llm_error - what an endpoint says went wrong, in any of the shapes seen in the wild,
 * and what that means: the sentence, and whether another attempt can help.
 * Source: llm-protocols.md §1.6, §1.9, §1.10. For llm only.
 */
#ifndef LLM_LLM_ERROR_H
#define LLM_LLM_ERROR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/endpoint.h"

struct llm_error {
    char message[280]; /* safe to show; "" = none was given */
    char code[128];    /* its code and type, as given; "" = none */
    char param[64];    /* the parameter it is about; "" = not said */
    long status;       /* an HTTP-like number in it; 0 = none */
};

enum llm_error_class {
    LLM_ERROR_LASTING, /* the same request would fail again */
    LLM_ERROR_PASSING, /* try again after a while */
    LLM_ERROR_LOADING  /* the model is not ready yet: ask until it is */
};

/* Whether this piece of a stream, or this whole answer, is an error. */
bool llm_error_is(const json_t *json);
void llm_error_from_json(struct llm_error *error, const json_t *json);
/* From the body of a refusal: JSON, a proxy's HTML page, or text. */
void llm_error_from_body(struct llm_error *error, const char *body, size_t len);

/* Fills err with the sentence for an HTTP status (0 = none came: error->status and
 * error->code decide) and tells the class. */
enum llm_error_class llm_error_explain(const struct llm_error *error, long status,
                                       const struct endpoint *endpoint, const char *model,
                                       struct err *err);
/* The number that stands for an error inside a stream; 500 when nothing tells. */
long llm_error_status(const struct llm_error *error);

#endif
