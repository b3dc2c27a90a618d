/* SPDX-License-Identifier: MIT
 *
 * openai-chat: the chat completions of OpenAI and of all who speak like it.
 * Source: llm-protocols.md §1.1 to §1.9.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "llm/protocol.h"

void openai_set_sampling(json_t *body, const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    unsigned flags = request->wire->flags;
    const char *max_name =
        flags & WIRE_MAX_COMPLETION_TOKENS ? "max_completion_tokens" : "max_tokens";
    const char *seed_name = flags & WIRE_RANDOM_SEED ? "random_seed" : "seed";
    if (sampling->max_tokens > 0)
        json_object_set_new(body, max_name, json_integer(sampling->max_tokens));
    if (sampling->has_temperature && !(flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(body, "temperature", json_real(sampling->temperature));
    if (sampling->has_seed && !(flags & WIRE_NO_SEED))
        json_object_set_new(body, seed_name, json_integer(sampling->seed));
    protocol_set_stop(body, "stop", request);
}

static json_t *write_request(const struct protocol_request *request)
{
    unsigned flags = request->wire->flags;
    json_t *body = protocol_body(request, "messages", protocol_messages(request, false));
    if (!(flags & (WIRE_NO_STREAM | WIRE_NO_STREAM_OPTIONS)))
        json_object_set_new(body, "stream_options",
                            json_pack("{s:b}", "include_usage", 1));
    openai_set_sampling(body, request);
    protocol_set_tools(body, request);
    return body;
}

/* On every chunk, on the last, on the last but one, or zero at first: the last counts. */
static void read_usage(struct stream *stream, const json_t *root)
{
    const json_t *usage = json_object_get(root, "usage");
    if (!json_is_object(usage)) /* Groq */
        usage = json_object_get(json_object_get(root, "x_groq"), "usage");
    stream_count(&stream->prompt_tokens, usage, "prompt_tokens");
    stream_count(&stream->completion_tokens, usage, "completion_tokens");
    stream_count(&stream->reasoning_tokens,
                 json_object_get(usage, "completion_tokens_details"), "reasoning_tokens");
}

/* Mistral: {"type":"thinking","thinking":[{"type":"text","text":…}]} or text. */
static void read_thinking(struct stream *stream, const json_t *thinking)
{
    if (json_is_string(thinking))
        stream_add_reasoning(stream, json_string_value(thinking),
                             json_string_length(thinking));
    for (size_t i = 0; i < json_array_size(thinking); i++) {
        size_t len = 0;
        const char *text = json_get_text(json_array_get(thinking, i), "text", &len);
        stream_add_reasoning(stream, text, text ? len : 0);
    }
}

static void read_content_part(struct stream *stream, const json_t *part)
{
    size_t len = 0;
    const char *text = json_get_text(part, "text", &len);
    if (json_is_string(part))
        stream_add_text(stream, json_string_value(part), json_string_length(part));
    else if (json_object_get(part, "thinking"))
        read_thinking(stream, json_object_get(part, "thinking"));
    else
        stream_add_text(stream, text, text ? len : 0);
}

/* Content may be text, null, or a list of parts. */
static void read_content(struct stream *stream, const json_t *content)
{
    if (json_is_string(content))
        stream_add_text(stream, json_string_value(content), json_string_length(content));
    for (size_t i = 0; i < json_array_size(content); i++)
        read_content_part(stream, json_array_get(content, i));
}

/* Both names at once say the same twice. */
static void read_reasoning(struct stream *stream, const json_t *delta)
{
    size_t len = 0;
    const char *text = json_get_text(delta, "reasoning_content", &len);
    if (text && len) /* DeepSeek refuses its calls without it */
        stream->kept_reasoning = "reasoning_content";
    else
        text = json_get_text(delta, "reasoning", &len);
    stream_add_reasoning(stream, text, text ? len : 0);
}

static void read_refusal(struct stream *stream, const json_t *delta)
{
    size_t len = 0;
    const char *text = json_get_text(delta, "refusal", &len);
    if (!text || !len || (stream->has_text && !stream->is_refusal))
        return;
    stream->is_refusal = true;
    stream_add_text(stream, text, len);
}

void openai_read_calls(struct stream *stream, const json_t *calls)
{
    for (size_t i = 0; i < json_array_size(calls); i++) {
        const json_t *call = json_array_get(calls, i);
        const json_t *function = json_object_get(call, "function");
        const json_t *arguments = json_object_get(function, "arguments");
        const json_t *index = json_object_get(call, "index");
        json_t *extra = json_object_get(call, "extra_content");
        char *text = json_is_object(arguments)   ? json_print(arguments)
                     : json_is_string(arguments) ? xstrdup(json_string_value(arguments))
                                                 : xstrdup("");
        size_t count = stream->call_count;
        stream_add_call(stream, json_is_integer(index) ? json_integer_value(index) : -1,
                        json_get_text(call, "id", NULL),
                        json_get_text(function, "name", NULL), text, strlen(text));
        free(text);
        /* one a call, in their order (Gemini's thought signature) */
        size_t kept = json_array_size(json_object_get(stream->kept, "extra_content"));
        for (; extra && kept + 1 < stream->call_count; kept++)
            stream_keep_back(stream, "extra_content", json_null());
        if (extra && stream->call_count > count)
            stream_keep_back(stream, "extra_content", extra);
    }
}

static void read_delta(struct stream *stream, const json_t *delta)
{
    const json_t *details = json_object_get(delta, "reasoning_details");
    const json_t *old = json_object_get(delta, "function_call");
    read_reasoning(stream, delta);
    read_content(stream, json_object_get(delta, "content"));
    read_refusal(stream, delta);
    openai_read_calls(stream, json_object_get(delta, "tool_calls"));
    if (json_is_object(old)) {
        json_t *calls = json_pack("[{s:i, s:O}]", "index", 0, "function", old);
        openai_read_calls(stream, calls);
        json_decref(calls);
    }
    for (size_t i = 0; i < json_array_size(details); i++)
        stream_keep_back(stream, "reasoning_details", json_array_get(details, i));
}

/* Perplexity repeats the whole answer in message beside each delta; Together has both
 * text and delta. A delta wins; a message counts only while there was no text. */
static void read_choice(struct stream *stream, const json_t *choice)
{
    const json_t *delta = json_object_get(choice, "delta");
    const json_t *message = json_object_get(choice, "message");
    if (json_is_object(delta))
        read_delta(stream, delta);
    else if (json_is_object(message) && !stream->has_text)
        read_delta(stream, message);
    else if (!json_is_object(message))
        read_content(stream, json_object_get(choice, "text"));
    const char *reason = json_get_text(choice, "finish_reason", NULL);
    stream_finish(stream, reason);
    /* the word "null" comes from servers that always write one */
    if (json_object_get(choice, "finish_reason") && !(reason && !strcmp(reason, "null")))
        stream->knows_reasons = true;
}

static void read_choices(struct stream *stream, const json_t *root)
{
    const json_t *choices = json_object_get(root, "choices");
    for (size_t i = 0; i < json_array_size(choices); i++) {
        /* we ask for one answer; of a server that sends more, one is read */
        const json_t *choice = json_array_get(choices, i);
        if (json_integer_value(json_object_get(choice, "index")) == 0)
            read_choice(stream, choice);
    }
    if (stream->is_refusal &&
        (stream->finish_reason && !strcmp(stream->finish_reason, "stop")))
        stream_keep(stream, &stream->finish_reason, "refusal");
}

void openai_read(struct stream *stream, const json_t *root)
{
    if (json_is_object(root)) {
        if (!stream->model)
            stream_keep(stream, &stream->model, json_get_text(root, "model", NULL));
        read_usage(stream, root);
        read_choices(stream, root);
    }
    bool is_error = llm_error_is(root);
    bool is_other =
        stream->framing == STREAM_DOCUMENT && !json_object_get(root, "choices");
    if (is_error || is_other)
        stream_set_error(stream, root);
    if (is_other && !is_error)
        stream->error.status = LLM_ERROR_NO_ANSWER;
}

const struct protocol protocol_openai_chat = {
    .kind = ENDPOINT_OPENAI_CHAT,
    .path = "/chat/completions",
    .models_path = "/models",
    .accept = "text/event-stream, application/json",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .end_mark = "[DONE]",
    .write = write_request,
    .read = openai_read,
};
