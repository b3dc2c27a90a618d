/* SPDX-License-Identifier: MIT
 *
 * ollama: its own API, one JSON document a line. Source: llm-protocols.md §1.13.
 */
#include "config.h"

#include <stdlib.h>
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
    if (json_object_size(options))
        json_object_set(body, "options", options);
    json_decref(options);
    return body;
}

static void read_line(struct stream *stream, const json_t *root)
{
    const json_t *message = json_object_get(root, "message");
    size_t len = 0, thought_len = 0;
    const char *text = json_get_text(message, "content", &len);
    const char *thought = json_get_text(message, "thinking", &thought_len);
    if (llm_error_is(root) || (!message && !json_object_get(root, "done"))) {
        bool is_error = llm_error_is(root);
        stream_set_error(stream, root);
        if (!is_error)
            stream->error.status = LLM_ERROR_NO_ANSWER;
        return;
    }
    stream_keep(stream, &stream->model, json_get_text(root, "model", NULL));
    if (thought_len)
        stream->kept_reasoning = "thinking";
    stream_add_reasoning(stream, thought, thought ? thought_len : 0);
    stream_add_text(stream, text, text ? len : 0);
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
