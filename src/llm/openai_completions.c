/* SPDX-License-Identifier: MIT
 *
 * openai-completions: a text that goes on, as vLLM, llama.cpp, Ollama and others serve it
 * (OpenAI itself no more). Its pieces look like chat's, with text for delta.
 * Source: llm-protocols.md §1.4.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "llm/protocol.h"

/* Servers stop after 16 tokens where nothing is said; this is LangChain's limit. */
enum { MAX_TOKENS = 256 };

static json_t *write_request(const struct protocol_request *request)
{
    struct buf prompt = {0};
    for (size_t i = 0; i < request->message_count; i++) {
        if (prompt.len)
            buf_add_text(&prompt, "\n\n");
        buf_add(&prompt, request->messages[i].text, request->messages[i].len);
    }
    json_t *body =
        protocol_body(request, "prompt", json_new_text(buf_text(&prompt), prompt.len));
    buf_clear(&prompt);
    if (!(request->wire->flags & (WIRE_NO_STREAM | WIRE_NO_STREAM_OPTIONS)))
        json_object_set_new(body, "stream_options",
                            json_pack("{s:b}", "include_usage", 1));
    openai_set_sampling(body, request);
    if (request->sampling->max_tokens <= 0)
        json_object_set_new(body, "max_tokens", json_integer(MAX_TOKENS));
    return body;
}

const struct protocol protocol_openai_completions = {
    .kind = ENDPOINT_OPENAI_COMPLETIONS,
    .path = "/completions",
    .models_path = "/models",
    .accept = "text/event-stream, application/json",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .has_no_tools = true,
    .end_mark = "[DONE]",
    .missing = "OpenAI has closed this path, and many hosts have only chat: set kind = "
               "openai-chat, or check its url.",
    .write = write_request,
    .read = openai_read,
};
