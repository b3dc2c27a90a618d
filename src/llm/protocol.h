/* SPDX-License-Identifier: MIT
 *
 * protocol - what differs between endpoint kinds: where to post, how to write a
 * request, how to read a piece of the answer. A new kind is one more of these. For llm
 * only.
 */
#ifndef LLM_PROTOCOL_H
#define LLM_PROTOCOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/endpoint.h"
#include "llm/stream.h"
#include "llm/wire.h"

struct protocol_request {
    const json_t *messages; /* [{"role", "content"}], the system prompt first */
    const struct sampling *sampling;
    const struct wire *wire;
};

struct protocol {
    enum endpoint_kind kind;
    const char *path;        /* after the base URL */
    const char *models_path; /* lists the models; NULL = cannot */
    /* The body. New reference. */
    json_t *(*write)(const struct protocol_request *request);
    struct stream_reader reader;
};

extern const struct protocol protocol_openai_chat;

const struct protocol *protocol_find(enum endpoint_kind kind);
/* The base URL with path; a query of the base stays at the end. Owned. */
char *protocol_url(const struct endpoint *endpoint, const char *path);

#endif
