/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "demo/reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "demo/answers.h"
#include "json/json.h"

enum stage {
    STAGE_ROLE,
    STAGE_TOKENS,
    STAGE_FINISH,
    STAGE_USAGE,
    STAGE_MARK,
    STAGE_OVER
};

struct reply {
    char *text;
    size_t len; /* bytes of text that are sent: max_tokens may cut it */
    size_t at;
    enum stage stage;
    int64_t created;
    json_int_t prompt_tokens, completion_tokens;
    bool is_stream;
    bool wants_usage;
    bool is_cut;
};

static size_t count_tokens(const char *text)
{
    size_t count = 0;
    for (size_t len; (len = answers_token(text)); text += len)
        count++;
    return count;
}

/* Bytes of the first max_tokens tokens; 0 = no limit. */
static size_t limit_tokens(const char *text, json_int_t max_tokens)
{
    const char *at = text;
    size_t len;
    for (json_int_t i = 0; (len = answers_token(at)); i++) {
        if (max_tokens > 0 && i >= max_tokens)
            break;
        at += len;
    }
    return (size_t)(at - text);
}

static const char *message_text(const json_t *message)
{
    const char *text = json_get_text(message, "content", NULL);
    return text ? text : "";
}

static json_int_t get_limit(const json_t *request)
{
    const json_t *limit = json_object_get(request, "max_completion_tokens");
    if (!limit)
        limit = json_object_get(request, "max_tokens");
    return json_integer_value(limit);
}

static struct reply *reply_from(const json_t *request, const json_t *messages,
                                unsigned turn)
{
    struct reply *reply = xcalloc(1, sizeof *reply);
    const json_t *seed = json_object_get(request, "seed");
    const json_t *options = json_object_get(request, "stream_options");
    size_t count = json_array_size(messages);
    for (size_t i = 0; i < count; i++)
        reply->prompt_tokens +=
            (json_int_t)count_tokens(message_text(json_array_get(messages, i)));
    if (json_is_integer(seed))
        turn = (unsigned)json_integer_value(seed);
    reply->text = answers_find(message_text(json_array_get(messages, count - 1)), turn);
    reply->len = limit_tokens(reply->text, get_limit(request));
    reply->is_cut = reply->text[reply->len] != '\0';
    reply->text[reply->len] = '\0';
    reply->completion_tokens = (json_int_t)count_tokens(reply->text);
    reply->is_stream = json_is_true(json_object_get(request, "stream"));
    reply->wants_usage = json_is_true(json_object_get(options, "include_usage"));
    reply->created = clock_wall_ms(&clock_system) / 1000;
    return reply;
}

struct reply *reply_new(const char *body, size_t len, unsigned turn)
{
    json_t *request = json_parse(body, len, NULL);
    const json_t *messages = json_object_get(request, "messages");
    struct reply *reply =
        json_array_size(messages) ? reply_from(request, messages, turn) : NULL;
    json_decref(request);
    return reply;
}

void reply_free(struct reply *reply)
{
    free(reply->text);
    free(reply);
}

bool reply_is_stream(const struct reply *reply)
{
    return reply->is_stream;
}

bool reply_is_over(const struct reply *reply)
{
    return reply->stage > STAGE_TOKENS;
}

static json_t *usage(const struct reply *reply)
{
    return json_pack("{sIsIsI}", "prompt_tokens", reply->prompt_tokens,
                     "completion_tokens", reply->completion_tokens, "total_tokens",
                     reply->prompt_tokens + reply->completion_tokens);
}

static const char *finish_reason(const struct reply *reply)
{
    return reply->is_cut ? "length" : "stop";
}

static void add_chunk(struct buf *out, const struct reply *reply, json_t *choices,
                      json_t *counts)
{
    json_t *chunk = json_pack(
        "{sssssIssso}", "id", "demo", "object", "chat.completion.chunk", "created",
        (json_int_t)reply->created, "model", "demo", "choices", choices);
    if (counts)
        json_object_set_new(chunk, "usage", counts);
    char *text = json_print(chunk);
    buf_addf(out, "data: %s\n\n", text);
    free(text);
    json_decref(chunk);
}

static json_t *choice(json_t *delta, const char *reason)
{
    return json_pack("[{sisoss?}]", "index", 0, "delta", delta, "finish_reason", reason);
}

static void put_role(struct reply *reply, struct buf *out)
{
    json_t *delta = json_pack("{ssss}", "role", "assistant", "content", "");
    add_chunk(out, reply, choice(delta, NULL), NULL);
    reply->stage = STAGE_TOKENS;
}

static void put_token(struct reply *reply, struct buf *out)
{
    const char *text = reply->text + reply->at;
    size_t len = answers_token(text);
    json_t *delta = json_pack("{so}", "content", json_new_text(text, len));
    add_chunk(out, reply, choice(delta, NULL), NULL);
    reply->at += len;
    if (reply->at >= reply->len)
        reply->stage = STAGE_FINISH;
}

static void put_finish(struct reply *reply, struct buf *out)
{
    add_chunk(out, reply, choice(json_object(), finish_reason(reply)), NULL);
    reply->stage = reply->wants_usage ? STAGE_USAGE : STAGE_MARK;
}

static void put_usage(struct reply *reply, struct buf *out)
{
    add_chunk(out, reply, json_array(), usage(reply));
    reply->stage = STAGE_MARK;
}

static void put_mark(struct reply *reply, struct buf *out)
{
    buf_add_text(out, "data: [DONE]\n\n");
    reply->stage = STAGE_OVER;
}

bool reply_next(struct reply *reply, struct buf *out)
{
    static void (*const put[])(struct reply *, struct buf *) = {
        [STAGE_ROLE] = put_role,     [STAGE_TOKENS] = put_token,
        [STAGE_FINISH] = put_finish, [STAGE_USAGE] = put_usage,
        [STAGE_MARK] = put_mark,
    };
    if (reply->stage == STAGE_OVER)
        return false;
    put[reply->stage](reply, out);
    return true;
}

static char *print_and_free(json_t *json)
{
    char *text = json_print(json);
    json_decref(json);
    return text;
}

char *reply_document(const struct reply *reply)
{
    json_t *message = json_pack("{ssso}", "role", "assistant", "content",
                                json_new_text(reply->text, reply->len));
    return print_and_free(json_pack(
        "{sssssIsss[{sisoss}]so}", "id", "demo", "object", "chat.completion", "created",
        (json_int_t)reply->created, "model", "demo", "choices", "index", 0, "message",
        message, "finish_reason", finish_reason(reply), "usage", usage(reply)));
}

char *reply_models(void)
{
    return print_and_free(json_pack("{sss[{ssssss}]}", "object", "list", "data", "id",
                                    "demo", "object", "model", "owned_by", "sherd"));
}

char *reply_error(const char *message)
{
    return print_and_free(json_pack("{s{ssss}}", "error", "message", message, "type",
                                    "invalid_request_error"));
}
