/* SPDX-License-Identifier: MIT
 *
 * ollama: its own API, one JSON document a line. Source: llm-protocols.md §1.13.
 */
#include "config.h"

#include <string.h>

#include "llm/protocol.h"

static json_t *write_request(const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    unsigned flags = request->wire->flags;
    json_t *body = protocol_body(request, "messages", protocol_messages(request, true));
    json_t *options = json_object();
    if (sampling->max_tokens > 0)
        json_object_set_new(options, "num_predict", json_integer(sampling->max_tokens));
    if (sampling->has_temperature && !(flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(options, "temperature", json_real(sampling->temperature));
    if (sampling->has_seed && !(flags & WIRE_NO_SEED))
        json_object_set_new(options, "seed", json_integer(sampling->seed));
    protocol_set_stop(options, "stop", request);
    protocol_set_tools(body, request);
    protocol_set_list(body, "options", options);
    return body;
}

static void read_line(struct stream *stream, const json_t *root)
{
    const json_t *message = json_object_get(root, "message");
    if (llm_error_is(root)) {
        stream_set_error(stream, root);
        return;
    }
    if (!message && !json_object_get(root, "done")) {
        stream_set_no_answer(stream, root);
        return;
    }
    stream_keep(stream, &stream->model, json_get_text(root, "model", NULL));
    if (json_string_length(json_object_get(message, "thinking")))
        stream->kept_reasoning = "thinking";
    stream_take_reasoning(stream, message, "thinking");
    stream_take_text(stream, message, "content");
    openai_read_calls(stream, json_object_get(message, "tool_calls"));
    stream_count(&stream->prompt_tokens, root, "prompt_eval_count");
    stream_count(&stream->completion_tokens, root, "eval_count");
    if (json_is_true(json_object_get(root, "done"))) {
        stream_finish(stream, json_get_text(root, "done_reason", NULL));
        stream->has_end_mark = true;
    }
}

const struct protocol protocol_ollama = {
    .kind = ENDPOINT_OLLAMA,
    .path = "/api/chat",
    .models_path = "/api/tags",
    .accept = "application/x-ndjson, application/json",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .has_lines = true,
    .missing = "Check its url: it ends before /api/chat, mostly in the port 11434.",
    .write = write_request,
    .read = read_line,
};
