/* SPDX-License-Identifier: MIT
 *
 * openai-responses: typed events without an end mark; the last one tells how it ended.
 * Source: llm-protocols.md, what changed in 2026.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "llm/llm_parts.h"
#include "json/json.h"

static json_t *write_request(const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    json_t *body = protocol_body(request, "input", protocol_turns(request));
    char *system = protocol_system(request);
    if (*system)
        json_object_set_new(body, "instructions", json_new_text(system, strlen(system)));
    if (sampling->max_tokens > 0)
        json_object_set_new(body, "max_output_tokens",
                            json_integer(sampling->max_tokens));
    if (sampling->has_temperature && !(request->wire->flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(body, "temperature", json_real(sampling->temperature));
    /* what is rated here is kept here */
    json_object_set_new(body, "store", json_false());
    free(system);
    return body;
}

static void add_delta(struct stream *stream, const json_t *root, const char *key,
                      bool is_reasoning)
{
    size_t len = 0;
    const char *text = json_get_text(root, key, &len);
    if (text && is_reasoning)
        stream_add_reasoning(stream, text, len);
    else if (text)
        stream_add_text(stream, text, len);
}

/* The parts of an output item, where there was no stream. */
static void read_item(struct stream *stream, const json_t *item)
{
    bool is_reasoning = !strcmp(
        json_get_text(item, "type", NULL) ? json_get_text(item, "type", NULL) : "",
        "reasoning");
    const json_t *parts = json_object_get(item, is_reasoning ? "summary" : "content");
    for (size_t i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i);
        add_delta(stream, part, "text", is_reasoning);
        if (json_get_text(part, "refusal", NULL))
            stream->is_refusal = true;
        add_delta(stream, part, "refusal", false);
    }
}

/* The response as a whole: at the end of a stream, or instead of one. */
static void read_response(struct stream *stream, const json_t *response)
{
    const char *status = json_get_text(response, "status", NULL);
    const json_t *usage = json_object_get(response, "usage");
    const json_t *output = json_object_get(response, "output");
    stream_keep(&stream->model, json_get_text(response, "model", NULL));
    stream_count(&stream->prompt_tokens, usage, "input_tokens");
    stream_count(&stream->completion_tokens, usage, "output_tokens");
    stream_count(&stream->reasoning_tokens,
                 json_object_get(usage, "output_tokens_details"), "reasoning_tokens");
    if (!status || !strcmp(status, "in_progress") || !strcmp(status, "queued"))
        return;
    for (size_t i = 0; i < json_array_size(output) && !stream->has_text; i++)
        read_item(stream, json_array_get(output, i));
    if (!strcmp(status, "failed") || !strcmp(status, "cancelled")) {
        stream_set_error(stream, response);
        return;
    }
    const json_t *details = json_object_get(response, "incomplete_details");
    const char *reason = json_get_text(details, "reason", NULL);
    bool is_whole = !strcmp(status, "completed");
    stream_finish(stream, reason ? reason : is_whole ? "stop" : "abort");
    stream->has_end_mark = true;
}

static void read_event(struct stream *stream, const json_t *root)
{
    const char *type = json_get_text(root, "type", NULL);
    const json_t *response = json_object_get(root, "response");
    if (llm_error_is(root)) {
        stream_set_error(stream, root);
    } else if (json_is_object(response)) {
        read_response(stream, response);
    } else if (type && !strcmp(type, "response.output_text.delta")) {
        add_delta(stream, root, "delta", false);
    } else if (type && !strcmp(type, "response.refusal.delta")) {
        stream->is_refusal = true;
        add_delta(stream, root, "delta", false);
    } else if (type && (!strcmp(type, "response.reasoning_text.delta") ||
                        !strcmp(type, "response.reasoning_summary_text.delta"))) {
        add_delta(stream, root, "delta", true);
    } else if (stream->framing == STREAM_DOCUMENT) {
        if (json_object_get(root, "output")) {
            read_response(stream, root);
            return;
        }
        stream_set_error(stream, root);
        stream->error.status = LLM_ERROR_NO_ANSWER;
    }
}

const struct protocol protocol_openai_responses = {
    .kind = ENDPOINT_OPENAI_RESPONSES,
    .path = "/responses",
    .models_path = "/models",
    .accept = "text/event-stream, application/json",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .missing = "Many hosts have only chat: set kind = openai-chat, or check its url.",
    .write = write_request,
    .read = read_event,
};
