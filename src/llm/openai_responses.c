/* SPDX-License-Identifier: MIT
 *
 * openai-responses: typed events without an end mark; the last one tells how it ended.
 * Source: llm-protocols.md, what changed in 2026.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "llm/protocol.h"
#include "json/readable.h"

static json_t *write_items(const struct protocol_request *request)
{
    json_t *items = json_array();
    for (size_t i = 0; i < request->message_count; i++) {
        const struct llm_message *message = &request->messages[i];
        if (!strcmp(message->role, "system"))
            continue;
        if (!strcmp(message->role, "tool")) {
            json_array_append_new(
                items, json_pack("{s:s, s:s, s:o}", "type", "function_call_output",
                                 "call_id", message->call_id ? message->call_id : "",
                                 "output", json_new_text(message->text, message->len)));
            continue;
        }
        json_t *kept = protocol_kept(message, "items");
        json_array_extend(items, kept);
        json_decref(kept);
        if (message->len || !message->call_count)
            conversation_add(items, message->role, message->text, message->len);
        for (size_t k = 0; k < message->call_count; k++) {
            const struct llm_tool_call *call = &message->calls[k];
            char *arguments = json_print_new(protocol_object(call->arguments));
            json_array_append_new(items,
                                  json_pack("{s:s, s:s, s:s, s:s}", "type",
                                            "function_call", "call_id", call->id, "name",
                                            call->name, "arguments", arguments));
            free(arguments);
        }
    }
    return items;
}

static json_t *write_request(const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    json_t *body = protocol_body(request, "input", write_items(request));
    char *system = protocol_system(request);
    if (*system)
        json_object_set_new(body, "instructions", json_text(system));
    if (sampling->max_tokens > 0)
        json_object_set_new(body, "max_output_tokens",
                            json_integer(sampling->max_tokens));
    if (sampling->has_temperature && !(request->wire->flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(body, "temperature", json_real(sampling->temperature));
    json_t *tools = json_array();
    for (size_t i = 0; i < request->tool_count; i++) {
        json_t *tool = protocol_tool(&request->tools[i], "parameters");
        json_object_set_new(tool, "type", json_string("function"));
        json_object_set_new(tool, "strict", json_false());
        json_array_append_new(tools, tool);
    }
    protocol_set_list(body, "tools", tools);
    /* what is rated here is kept here */
    if (!(request->wire->flags & WIRE_NO_STORE))
        json_object_set_new(body, "store", json_false());
    free(system);
    return body;
}

/* A function call as it begins, ends, or stands in the whole: the first that has its
 * arguments counts. */
static void read_call(struct stream *stream, int64_t slot, const json_t *item)
{
    const struct stream_call *call = stream_call_at(stream, slot);
    const char *id = json_get_text(item, "call_id", NULL);
    size_t len;
    const char *arguments = json_get_text(item, "arguments", &len);
    if (!call || slot < 0 || !call->arguments.len)
        stream_add_call(stream, slot, id ? id : json_get_text(item, "id", NULL),
                        json_get_text(item, "name", NULL), arguments, len);
}

/* What was not streamed of the output. */
static void read_output(struct stream *stream, const json_t *output)
{
    bool has_text = stream->has_text, has_reasoning = stream->reasoning_len > 0;
    bool is_kept = stream->kept != NULL;
    for (size_t i = 0; i < json_array_size(output); i++) {
        json_t *item = json_array_get(output, i);
        bool is_reasoning = json_text_is(item, "type", "reasoning");
        if (json_text_is(item, "type", "function_call"))
            read_call(stream, (int64_t)i, item);
        if (is_reasoning && !is_kept && json_object_get(item, "encrypted_content"))
            stream_keep_back(stream, "items", item);
        if (is_reasoning ? has_reasoning || has_text : has_text)
            continue;
        const json_t *parts = json_object_get(item, is_reasoning ? "summary" : "content");
        for (size_t k = 0; k < json_array_size(parts); k++) {
            const json_t *part = json_array_get(parts, k);
            (is_reasoning ? stream_take_reasoning : stream_take_text)(stream, part,
                                                                      "text");
            if (json_get_text(part, "refusal", NULL))
                stream->is_refusal = true;
            stream_take_text(stream, part, "refusal");
        }
    }
}

/* The response as a whole: at the end of a stream, or instead of one. */
static void read_response(struct stream *stream, const json_t *response)
{
    const char *status = json_get_text(response, "status", NULL);
    const json_t *usage = json_object_get(response, "usage");
    const json_t *output = json_object_get(response, "output");
    stream_keep(stream, &stream->model, json_get_text(response, "model", NULL));
    stream_count(&stream->prompt_tokens, usage, "input_tokens");
    stream_count(&stream->completion_tokens, usage, "output_tokens");
    stream_count(&stream->reasoning_tokens,
                 json_object_get(usage, "output_tokens_details"), "reasoning_tokens");
    if (!status || !strcmp(status, "in_progress") || !strcmp(status, "queued"))
        return;
    read_output(stream, output);
    if (!strcmp(status, "failed") || !strcmp(status, "cancelled")) {
        stream_set_error(stream, response);
        return;
    }
    const json_t *details = json_object_get(response, "incomplete_details");
    const char *reason = json_get_text(details, "reason", NULL);
    bool is_whole = !strcmp(status, "completed");
    /* llama.cpp and Ollama call whole what their limit has cut */
    bool is_cut = is_whole && stream->max_tokens > 0 && !stream->call_count &&
                  stream->completion_tokens >= stream->max_tokens;
    stream_finish(stream, reason     ? reason
                          : is_cut   ? "max_output_tokens"
                          : is_whole ? "stop"
                                     : "abort");
    stream->has_end_mark = true;
}

static void read_event(struct stream *stream, const json_t *root)
{
    const char *given = json_get_text(root, "type", NULL), *type = given ? given : "";
    const json_t *response = json_object_get(root, "response");
    const json_t *index = json_object_get(root, "output_index");
    int64_t slot = json_is_integer(index) ? json_integer_value(index) : -1;
    json_t *item = json_object_get(root, "item");
    if (llm_error_is(root)) {
        stream_set_error(stream, root);
    } else if (json_is_object(response)) {
        read_response(stream, response);
    } else if (!strcmp(type, "response.output_text.delta")) {
        stream_take_text(stream, root, "delta");
    } else if (!strcmp(type, "response.refusal.delta")) {
        stream->is_refusal = true;
        stream_take_text(stream, root, "delta");
    } else if (!strcmp(type, "response.reasoning_text.delta") ||
               !strcmp(type, "response.reasoning_summary_text.delta")) {
        stream_take_reasoning(stream, root, "delta");
    } else if (json_text_is(item, "type", "function_call")) {
        read_call(stream, slot, item);
    } else if (!strcmp(type, "response.function_call_arguments.delta")) {
        size_t len;
        const char *part = json_get_text(root, "delta", &len);
        stream_add_call(stream, slot, NULL, NULL, part, len);
    } else if (!strcmp(type, "response.output_item.done") &&
               json_object_get(item, "encrypted_content")) {
        stream_keep_back(stream, "items", item);
    } else if (stream->framing == STREAM_DOCUMENT && json_object_get(root, "output")) {
        read_response(stream, root);
    } else if (stream->framing == STREAM_DOCUMENT) {
        stream_set_no_answer(stream, root);
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
