/* SPDX-License-Identifier: MIT
 *
 * llm_models - which models an endpoint lists. For llm only.
 */
#ifndef LLM_LLM_MODELS_H
#define LLM_LLM_MODELS_H

#include <stddef.h>

#include "config/endpoint.h"
#include "net/http.h"

/* Sends the question; NULL when this kind of endpoint cannot be asked. */
struct http_call *llm_models_send(struct http *http, const struct endpoint *endpoint,
                                  const struct http_handler *handler);
/* The name of a model in an answer of {"data":[{"id"}]}, a bare list (Together), or
 * {"models":[{"name"}]}. NULL when there are not so many. Owned. */
char *llm_models_name(const char *body, size_t len, size_t at);

#endif
