/* SPDX-License-Identifier: MIT
 *
 * anthropic: the Messages API. Source: llm-protocols.md §1.12 and what changed in 2026.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "llm/llm_parts.h"
#include "json/json.h"

/* It must be said; thinking counts in it. */
enum { MAX_TOKENS = 4096 };

static json_t *write_request(const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    int64_t most = sampling->max_tokens > 0 ? sampling->max_tokens : MAX_TOKENS;
    json_t *body = protocol_body(request, "messages", protocol_turns(request));
    char *system = protocol_system(request);
    json_object_set_new(body, "max_tokens", json_integer(most));
    if (*system)
        json_object_set_new(body, "system", json_new_text(system, strlen(system)));
    if (sampling->has_temperature && !(request->wire->flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(body, "temperature", json_real(sampling->temperature));
    free(system);
    return body;
}

static void add_text(struct stream *stream, const json_t *object)
{
    size_t len = 0, thought_len = 0;
    const char *text = json_get_text(object, "text", &len);
    const char *thought = json_get_text(object, "thinking", &thought_len);
    stream_add_reasoning(stream, thought, thought ? thought_len : 0);
    stream_add_text(stream, text, text ? len : 0);
}

/* What came from a cache was asked for, too. */
static void read_usage(struct stream *stream, const json_t *usage)
{
    int64_t input = -1, part = 0;
    stream_count(&input, usage, "input_tokens");
    if (input >= 0) {
        stream_count(&part, usage, "cache_read_input_tokens");
        input += part;
        part = 0;
        stream_count(&part, usage, "cache_creation_input_tokens");
        stream->prompt_tokens = input + part;
    }
    stream_count(&stream->completion_tokens, usage, "output_tokens");
}

/* At the begin of a stream, or instead of one. */
static void read_message(struct stream *stream, const json_t *message)
{
    const json_t *content = json_object_get(message, "content");
    stream_keep(&stream->model, json_get_text(message, "model", NULL));
    read_usage(stream, json_object_get(message, "usage"));
    for (size_t i = 0; i < json_array_size(content); i++)
        add_text(stream, json_array_get(content, i));
    stream_finish(stream, json_get_text(message, "stop_reason", NULL));
}

static void read_event(struct stream *stream, const json_t *root)
{
    const char *type = json_get_text(root, "type", NULL);
    if (llm_error_is(root)) {
        stream_set_error(stream, root);
    } else if (!type || !strcmp(type, "message")) {
        if (json_object_get(root, "content")) {
            read_message(stream, root);
        } else if (stream->framing == STREAM_DOCUMENT) {
            stream_set_error(stream, root);
            stream->error.status = LLM_ERROR_NO_ANSWER;
        }
    } else if (!strcmp(type, "message_start")) {
        read_message(stream, json_object_get(root, "message"));
    } else if (!strcmp(type, "content_block_start")) {
        add_text(stream, json_object_get(root, "content_block"));
    } else if (!strcmp(type, "content_block_delta")) {
        add_text(stream, json_object_get(root, "delta"));
    } else if (!strcmp(type, "message_delta")) {
        stream_finish(stream,
                      json_get_text(json_object_get(root, "delta"), "stop_reason", NULL));
        read_usage(stream, json_object_get(root, "usage"));
    } else if (!strcmp(type, "message_stop")) {
        stream->has_end_mark = true;
    }
}

static const char *const headers[] = {"anthropic-version: 2023-06-01", NULL};

const struct protocol protocol_anthropic = {
    .kind = ENDPOINT_ANTHROPIC,
    .path = "/messages",
    .models_path = "/models",
    .accept = "text/event-stream, application/json",
    .key_header = "x-api-key",
    .key_prefix = "",
    .headers = headers,
    .write = write_request,
    .read = read_event,
};
