/* SPDX-License-Identifier: MIT
 *
 * anthropic: the Messages API. Source: llm-protocols.md §1.12 and what changed in 2026.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "llm/protocol.h"
#include "json/readable.h"

/* It must be said; thinking counts in it. What older models can write is less. */
enum { MAX_TOKENS = 16000, FEW_TOKENS = 4096 };

static json_t *write_calls(const struct llm_message *message)
{
    json_t *blocks = protocol_kept(message, "blocks");
    if (message->len)
        json_array_append_new(blocks,
                              json_pack("{s:s, s:o}", "type", "text", "text",
                                        json_new_text(message->text, message->len)));
    for (size_t i = 0; i < message->call_count; i++)
        json_array_append_new(
            blocks, json_pack("{s:s, s:s, s:s, s:o}", "type", "tool_use", "id",
                              message->calls[i].id, "name", message->calls[i].name,
                              "input", protocol_object(message->calls[i].arguments)));
    return json_pack("{s:s, s:o}", "role", "assistant", "content", blocks);
}

/* All results of a turn are one message of the user's. */
static void add_result(json_t *messages, const struct llm_message *message)
{
    json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    json_t *blocks = json_object_get(last, "content");
    const char *id = message->call_id ? message->call_id : "";
    if (!json_text_is(last, "role", "user") || !json_is_array(blocks)) {
        blocks = json_array();
        json_array_append_new(messages,
                              json_pack("{s:s, s:o}", "role", "user", "content", blocks));
    }
    json_array_append_new(blocks, json_pack("{s:s, s:s, s:o}", "type", "tool_result",
                                            "tool_use_id", id, "content",
                                            json_new_text(message->text, message->len)));
}

static json_t *write_turns(const struct protocol_request *request)
{
    json_t *messages = json_array();
    for (size_t i = 0; i < request->message_count; i++) {
        const struct llm_message *message = &request->messages[i];
        if (!strcmp(message->role, "tool"))
            add_result(messages, message);
        else if (message->call_count)
            json_array_append_new(messages, write_calls(message));
        else if (strcmp(message->role, "system") != 0)
            conversation_add(messages, message->role, message->text, message->len);
    }
    const char *last =
        request->message_count ? request->messages[request->message_count - 1].role : "";
    if (request->wire->flags & WIRE_NO_PREFILL && !strcmp(last, "assistant"))
        conversation_add(messages, "user", "Go on.", 6);
    return messages;
}

static json_t *write_request(const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    unsigned flags = request->wire->flags;
    int64_t most = sampling->max_tokens > 0  ? sampling->max_tokens
                   : flags & WIRE_FEW_TOKENS ? FEW_TOKENS
                                             : MAX_TOKENS;
    json_t *body = protocol_body(request, "messages", write_turns(request));
    char *system = protocol_system(request);
    json_object_set_new(body, "max_tokens", json_integer(most));
    if (*system)
        json_object_set_new(body, "system", json_text(system));
    if (sampling->has_temperature && !(flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(body, "temperature", json_real(sampling->temperature));
    json_t *tools = json_array();
    for (size_t i = 0; i < request->tool_count; i++)
        json_array_append_new(tools, protocol_tool(&request->tools[i], "input_schema"));
    protocol_set_list(body, "tools", tools);
    protocol_set_stop(body, "stop_sequences", request);
    free(system);
    return body;
}

/* A block as it begins, or a whole one. Thinking goes back with the calls, signed. */
static void begin_block(struct stream *stream, int64_t slot, const json_t *block)
{
    size_t thought_len;
    const char *thought = json_get_text(block, "thinking", &thought_len);
    const char *type = json_get_text(block, "type", NULL);
    const json_t *input = json_object_get(block, "input");
    stream_add_reasoning(stream, thought, thought_len);
    stream_take_text(stream, block, "text");
    if (type && !strcmp(type, "tool_use")) {
        char *arguments = json_object_size(input) ? json_print(input) : xstrdup("");
        stream_add_call(stream, slot, json_get_text(block, "id", NULL),
                        json_get_text(block, "name", NULL), arguments, strlen(arguments));
        free(arguments);
    }
    json_decref(stream->block);
    stream->block = NULL;
    buf_reset(&stream->gathered);
    if (type && strstr(type, "thinking")) {
        stream->block = json_deep_copy(block);
        buf_add(&stream->gathered, thought, thought_len);
    }
}

static void end_block(struct stream *stream)
{
    if (!stream->block)
        return;
    if (json_object_get(stream->block, "thinking"))
        json_object_set_new(
            stream->block, "thinking",
            json_new_text(buf_text(&stream->gathered), stream->gathered.len));
    stream_keep_back(stream, "blocks", stream->block);
    json_decref(stream->block);
    stream->block = NULL;
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

/* A refusal may be explained. */
static void read_stop(struct stream *stream, const json_t *object)
{
    const json_t *details = json_object_get(object, "stop_details");
    stream_finish(stream, json_get_text(object, "stop_reason", NULL));
    stream_keep(stream, &stream->explanation, json_get_text(details, "category", NULL));
    stream_keep(stream, &stream->explanation,
                json_get_text(details, "explanation", NULL));
}

/* At the begin of a stream, or instead of one. */
static void read_message(struct stream *stream, const json_t *message)
{
    const json_t *content = json_object_get(message, "content");
    stream_keep(stream, &stream->model, json_get_text(message, "model", NULL));
    read_usage(stream, json_object_get(message, "usage"));
    for (size_t i = 0; i < json_array_size(content); i++) {
        begin_block(stream, (int64_t)i, json_array_get(content, i));
        end_block(stream);
    }
    read_stop(stream, message);
}

static void read_event(struct stream *stream, const json_t *root)
{
    const char *type = json_get_text(root, "type", NULL);
    int64_t slot = json_integer_value(json_object_get(root, "index"));
    if (llm_error_is(root)) {
        stream_set_error(stream, root);
    } else if (!type || !strcmp(type, "message")) {
        if (json_object_get(root, "content"))
            read_message(stream, root);
        else if (stream->framing == STREAM_DOCUMENT)
            stream_set_no_answer(stream, root);
    } else if (!strcmp(type, "message_start")) {
        read_message(stream, json_object_get(root, "message"));
    } else if (!strcmp(type, "content_block_start")) {
        begin_block(stream, slot, json_object_get(root, "content_block"));
    } else if (!strcmp(type, "content_block_delta")) {
        const json_t *delta = json_object_get(root, "delta");
        size_t thought_len, part_len;
        const char *thought = json_get_text(delta, "thinking", &thought_len);
        const char *part = json_get_text(delta, "partial_json", &part_len);
        const char *signature = json_get_text(delta, "signature", NULL);
        stream_add_reasoning(stream, thought, thought_len);
        stream_take_text(stream, delta, "text");
        if (part)
            stream_add_call(stream, slot, NULL, NULL, part, part_len);
        if (stream->block) {
            buf_add(&stream->gathered, thought, thought_len);
            if (signature)
                json_object_set_new(stream->block, "signature", json_string(signature));
        }
    } else if (!strcmp(type, "content_block_stop")) {
        end_block(stream);
    } else if (!strcmp(type, "message_delta")) {
        read_stop(stream, json_object_get(root, "delta"));
        read_usage(stream, json_object_get(root, "usage"));
    } else if (!strcmp(type, "message_stop")) {
        stream->has_end_mark = true;
    }
}

static const char *const headers[] = {"anthropic-version: 2023-06-01", NULL};

const struct protocol protocol_anthropic = {
    .kind = ENDPOINT_ANTHROPIC,
    .path = "/messages",
    .models_path = "/models?limit=1000", /* else there are pages */
    .accept = "text/event-stream, application/json",
    .key_header = "x-api-key",
    .key_prefix = "",
    .headers = headers,
    .write = write_request,
    .read = read_event,
};
