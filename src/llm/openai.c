/* SPDX-License-Identifier: MIT
 *
 * openai-chat: the chat completions of OpenAI and of all who speak like it; and
 * openai-completions: a text that goes on, as vLLM, llama.cpp, Ollama and others serve it
 * (OpenAI itself no more). Source: llm-protocols.md §1.1 to §1.9.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "llm/protocol.h"

/* Servers complete 16 tokens where nothing is said; this is LangChain's limit. */
enum { MAX_TOKENS = 256 };

static void set_options(json_t *body, const struct protocol_request *request)
{
    const struct sampling *sampling = request->sampling;
    unsigned flags = request->wire->flags;
    const char *max_name =
        flags & WIRE_MAX_COMPLETION_TOKENS ? "max_completion_tokens" : "max_tokens";
    const char *seed_name = flags & WIRE_RANDOM_SEED ? "random_seed" : "seed";
    if (!(flags & (WIRE_NO_STREAM | WIRE_NO_STREAM_OPTIONS)))
        json_object_set_new(body, "stream_options",
                            json_pack("{s:b}", "include_usage", 1));
    if (sampling->max_tokens > 0)
        json_object_set_new(body, max_name, json_integer(sampling->max_tokens));
    if (sampling->has_temperature && !(flags & WIRE_NO_TEMPERATURE))
        json_object_set_new(body, "temperature", json_real(sampling->temperature));
    if (sampling->has_seed && !(flags & WIRE_NO_SEED))
        json_object_set_new(body, seed_name, json_integer(sampling->seed));
    protocol_set_stop(body, "stop", request);
}

static json_t *write_chat(const struct protocol_request *request)
{
    json_t *body = protocol_body(request, "messages", protocol_messages(request, false));
    set_options(body, request);
    protocol_set_tools(body, request);
    return body;
}

static json_t *write_completion(const struct protocol_request *request)
{
    struct buf prompt = {0};
    for (size_t i = 0; i < request->message_count; i++) {
        buf_add_text(&prompt, prompt.len ? "\n\n" : "");
        buf_add(&prompt, request->messages[i].text, request->messages[i].len);
    }
    json_t *body =
        protocol_body(request, "prompt", json_new_text(buf_text(&prompt), prompt.len));
    buf_clear(&prompt);
    set_options(body, request);
    if (request->sampling->max_tokens <= 0)
        json_object_set_new(body, "max_tokens", json_integer(MAX_TOKENS));
    return body;
}

static void read_content_part(struct stream *stream, const json_t *part)
{
    /* Mistral: {"type":"thinking","thinking":[{"type":"text","text":…}]} or text */
    const json_t *thinking = json_object_get(part, "thinking");
    for (size_t i = 0; i < json_array_size(thinking); i++)
        stream_take_reasoning(stream, json_array_get(thinking, i), "text");
    if (thinking)
        stream_take_reasoning(stream, part, "thinking");
    else if (json_is_string(part))
        stream_add_text(stream, json_string_value(part), json_string_length(part));
    else
        stream_take_text(stream, part, "text");
}

/* Content may be text, null, or a list of parts. */
static void read_content(struct stream *stream, const json_t *content)
{
    if (json_is_string(content))
        stream_add_text(stream, json_string_value(content), json_string_length(content));
    for (size_t i = 0; i < json_array_size(content); i++)
        read_content_part(stream, json_array_get(content, i));
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
    /* both names at once say the same twice */
    const char *name = "reasoning_content";
    if (json_string_length(json_object_get(delta, name)))
        stream->kept_reasoning = name; /* DeepSeek refuses its calls without it */
    else
        name = "reasoning";
    stream_take_reasoning(stream, delta, name);
    read_content(stream, json_object_get(delta, "content"));
    if (json_string_length(json_object_get(delta, "refusal")) &&
        (!stream->has_text || stream->is_refusal)) {
        stream->is_refusal = true;
        stream_take_text(stream, delta, "refusal");
    }
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

static void read_piece(struct stream *stream, const json_t *root)
{
    if (json_is_object(root)) {
        if (!stream->model)
            stream_keep(stream, &stream->model, json_get_text(root, "model", NULL));
        /* it may come on every chunk, also as zeros at first: the last one counts */
        const json_t *usage = json_object_get(root, "usage");
        if (!json_is_object(usage)) /* Groq */
            usage = json_object_get(json_object_get(root, "x_groq"), "usage");
        stream_count(&stream->prompt_tokens, usage, "prompt_tokens");
        stream_count(&stream->completion_tokens, usage, "completion_tokens");
        stream_count(&stream->reasoning_tokens,
                     json_object_get(usage, "completion_tokens_details"),
                     "reasoning_tokens");
        const json_t *choices = json_object_get(root, "choices");
        for (size_t i = 0; i < json_array_size(choices); i++) {
            /* we ask for one answer; of a server that sends more, one is read */
            const json_t *choice = json_array_get(choices, i);
            if (json_integer_value(json_object_get(choice, "index")) == 0)
                read_choice(stream, choice);
        }
        if (stream->is_refusal && stream->finish_reason &&
            !strcmp(stream->finish_reason, "stop"))
            stream_keep(stream, &stream->finish_reason, "refusal");
    }
    if (llm_error_is(root))
        stream_set_error(stream, root);
    else if (stream->framing == STREAM_DOCUMENT && !json_object_get(root, "choices"))
        stream_set_no_answer(stream, root);
}

const struct protocol protocol_openai_chat = {
    .kind = ENDPOINT_OPENAI_CHAT,
    .path = "/chat/completions",
    .models_path = "/models",
    .accept = "text/event-stream, application/json",
    .key_header = "Authorization",
    .key_prefix = "Bearer ",
    .end_mark = "[DONE]",
    .write = write_chat,
    .read = read_piece,
};

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
    .write = write_completion,
    .read = read_piece,
};
