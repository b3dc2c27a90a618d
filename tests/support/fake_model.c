/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fake_model.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"

enum { MAX_SEEN = 64 };

struct fake_model {
    struct fake_server *server;
    char *url;
    atomic_size_t count;
    char *seen[MAX_SEEN]; /* prompts that were refused once; connection threads only */
    size_t seen_count;
};

static char *last_prompt(const struct fake_request *request)
{
    json_t *body = json_loadb(request->body, request->body_len, 0, NULL);
    json_t *messages = json_object_get(body, "messages");
    json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    const char *text = json_string_value(json_object_get(last, "content"));
    char *copy = xstrdup(text ? text : "");
    json_decref(body);
    return copy;
}

static bool is_first_time(struct fake_model *model, const char *prompt)
{
    for (size_t i = 0; i < model->seen_count; i++) {
        if (!strcmp(model->seen[i], prompt))
            return false;
    }
    if (model->seen_count < MAX_SEEN)
        model->seen[model->seen_count++] = xstrdup(prompt);
    return true;
}

static void add_piece(struct fake_reply *reply, const char *text, const char *finish)
{
    json_t *chunk =
        json_pack("{s:s, s:s, s:[{s:i, s:{s:s}, s:s?}]}", "object",
                  "chat.completion.chunk", "model", "fake-1", "choices", "index", 0,
                  "delta", "content", text, "finish_reason", finish);
    char *line = json_dumps(chunk, JSON_COMPACT);
    char *event = xasprintf("data: %s\n\n", line);
    fake_reply_text(reply, event);
    free(event);
    free(line);
    json_decref(chunk);
}

static void answer(struct fake_reply *reply, const char *prompt)
{
    fake_reply_stream(reply);
    bool muses = !strncmp(prompt, "MUSE", 4);
    if (muses)
        fake_reply_text(reply, "data: {\"choices\":[{\"delta\":{\"reasoning_content\":"
                               "\"Hm.\"}}]}\n\n");
    if (!strncmp(prompt, "HOLD", 4) || !strncmp(prompt, "CUT", 3))
        add_piece(reply, "Half. ", NULL);
    if (!strncmp(prompt, "CUT", 3)) {
        fake_reply_close(reply);
        return;
    }
    if (!strncmp(prompt, "HOLD", 4) || muses)
        fake_reply_gate(reply);
    add_piece(reply, "Answer to ", NULL);
    add_piece(reply, prompt, NULL);
    add_piece(reply, ".", "stop");
    fake_reply_text(reply, "data: {\"object\":\"chat.completion.chunk\",\"choices\":[],"
                           "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3}}\n\n"
                           "data: [DONE]\n\n");
    fake_reply_close(reply);
}

static void respond(void *ctx, const struct fake_request *request,
                    struct fake_reply *reply)
{
    struct fake_model *model = ctx;
    if (!strcmp(request->method, "GET")) {
        fake_reply_http(reply, 200, "application/json",
                        "{\"object\":\"list\",\"data\":[{\"id\":\"fake-1\"}]}");
        return;
    }
    char *prompt = last_prompt(request);
    atomic_fetch_add(&model->count, 1);
    bool is_once = !strncmp(prompt, "ONCE", 4) && is_first_time(model, prompt);
    bool is_busy = !strncmp(prompt, "BUSY", 4) && is_first_time(model, prompt);
    if (!strncmp(prompt, "FAIL", 4) || is_once)
        fake_reply_http(reply, 400, "application/json",
                        "{\"error\":{\"message\":\"I do not like it\"}}");
    else if (!strncmp(prompt, "OPTS", 4) &&
             memmem(request->body, request->body_len, "stream_options", 14))
        fake_reply_http(reply, 400, "application/json",
                        "{\"error\":{\"message\":\"Unknown parameter\",\"param\":"
                        "\"stream_options\"}}");
    else if (is_busy)
        fake_reply_http_with(
            reply, 429, "Content-Type: application/json\r\nRetry-After: 0\r\n", "{}", 2);
    else
        answer(reply, prompt);
    free(prompt);
}

struct fake_model *fake_model_new(void)
{
    struct fake_model *model = xcalloc(1, sizeof *model);
    model->server = fake_server_new();
    model->url = xasprintf("%s/v1", fake_server_url(model->server));
    fake_server_respond(model->server, respond, model);
    return model;
}

void fake_model_free(struct fake_model *model)
{
    if (!model)
        return;
    fake_server_free(model->server);
    for (size_t i = 0; i < model->seen_count; i++)
        free(model->seen[i]);
    free(model->url);
    free(model);
}

const char *fake_model_url(const struct fake_model *model)
{
    return model->url;
}

struct fake_server *fake_model_server(struct fake_model *model)
{
    return model->server;
}

size_t fake_model_count(struct fake_model *model)
{
    return atomic_load(&model->count);
}

const struct fake_request *fake_model_request(struct fake_model *model, size_t at)
{
    size_t count = fake_server_count(model->server), found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct fake_request *request = fake_server_request(model->server, i);
        if (strcmp(request->method, "POST") == 0 && found++ == at)
            return request;
    }
    return NULL;
}
