/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/failing_model.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "tests/support/fake_reply.h"
#include "tests/support/fake_server.h"

/* A reply that is no answer: a status and a body, or what stands in a stream. */
static const struct way {
    int code; /* 0 = a stream */
    const char *headers;
    const char *body;
    char end; /* of a stream or of nothing at all: 'c' closed, 'r' reset */
} ways[] = {
    {500, "",
     "{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}",
     0},
    {502, "Content-Type: text/html\r\n", "<html><title>502 Bad Gateway</title></html>",
     0},
    {503, "",
     "{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}", 0},
    {503, "", "", 0},
    {504, "", "upstream request timeout", 0},
    {520, "", "", 0},
    {529, "", "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
     0},
    {498, "", "{\"error\":{\"message\":\"capacity\"}}", 0},
    {408, "", "{}", 0},
    {409, "", "{\"error\":{\"message\":\"conflict\"}}", 0},
    {429, "Retry-After: 0\r\n", "{\"error\":{\"message\":\"Rate limit reached\"}}", 0},
    {429, "retry-after-ms: 5\r\n", "{\"error\":{\"message\":\"Rate limit reached\"}}", 0},
    {429, "Retry-After: 0.01\r\n", "", 0},
    {429, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", "Too many requests", 0},
    {429, "Retry-After: 3600\r\n", "{\"error\":{\"message\":\"Come back later\"}}", 0},
    {429, "", "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"Quota\"}}", 0},
    {400, "", "{\"error\":{\"message\":\"I do not like it\"}}", 0},
    {400, "", "[{\"error\":{\"status\":\"INVALID_ARGUMENT\",\"message\":\"No\"}}]", 0},
    {400, "", "{\"error\":\"context length exceeded\"}", 0},
    {401, "", "{\"error\":{\"message\":\"Bad key\"}}", 0},
    {402, "", "{\"error\":{\"message\":\"No credit\"}}", 0},
    {403, "", "{\"error\":{\"message\":\"Forbidden\"}}", 0},
    {404, "", "{\"error\":{\"code\":\"model_not_found\",\"message\":\"No such model\"}}",
     0},
    {413, "", "Payload too large", 0},
    {422, "", "{\"detail\":[{\"msg\":\"field required\"}]}", 0},
    {200, "Content-Type: application/json\r\n",
     "{\"error\":{\"message\":\"In disguise\"}}", 0},
    {200, "Content-Type: text/html\r\n", "<html>A login page</html>", 0},
    {200, "Content-Type: application/json\r\n", "", 0},
    {200, "Content-Type: application/json\r\n", "{\"choices\":null}", 0},
    {0, NULL, NULL, 'c'},
    {0, NULL, NULL, 'r'},
    {0, NULL, "", 'c'},
    {0, NULL, "", 'r'},
    {0, NULL, ": OPENROUTER PROCESSING\n\n", 'c'},
    {0, NULL, "data: [DONE]\n\n", 'c'},
    {0, NULL, "data: {\"choices\":[]}\n\n", 'c'},
    {0, NULL, "data: {\"error\":{\"message\":\"In the stream\"}}\n\ndata: [DONE]\n\n",
     'c'},
    {0, NULL, "event: error\ndata: {\"error\":{\"message\":\"An event\"}}\n\n", 'c'},
    {0, NULL, "error: {\"code\":500,\"message\":\"A field\"}\n\ndata: [DONE]\n\n", 'c'},
    {0, NULL, "{\"error\":{\"code\":429,\"message\":\"Bare\"}}", 'c'},
    {0, NULL, "data: {\"object\":\"error\",\"message\":\"Flat\",\"code\":500}\n\n", 'c'},
    {0, NULL, "data: {\"error\":\"a string\"}\n\n", 'c'},
    {0, NULL, "data: {\"choices\":[{\"delta\":{\"content\":\"Half. \"}}]}\n\n", 'c'},
    {0, NULL, "data: {\"choices\":[{\"delta\":{\"content\":\"Half. \"}}]}\n\n", 'r'},
    {0, NULL,
     "data: {\"choices\":[{\"delta\":{\"content\":\"Half. \"}}]}\n\n"
     "data: {\"error\":{\"message\":\"Late\"}}\n\ndata: [DONE]\n\n",
     'c'},
    {0, NULL,
     "data: {\"error\":{\"code\":502,\"message\":\"Both\"},\"choices\":[{\"delta\":{},"
     "\"finish_reason\":\"error\"}]}\n\n",
     'c'},
    {0, NULL,
     "data: {\"choices\":[{\"delta\":{\"content\":\"Cut\"},\"finish_reason\":"
     "\"insufficient_system_resource\"}]}\n\n",
     'c'},
    {0, NULL, "data: {\"choices\":[{\"delta\":{\"content\":\"Cut in a wo", 'r'},
};
enum { WAYS = sizeof ways / sizeof *ways };

struct failing_model {
    struct fake_server *server;
    char *url;
    unsigned percent;
    int64_t latency_ms;
    uint32_t random; /* one call at a time */
    size_t next;     /* way */
    atomic_size_t count;
    atomic_size_t shown;
};

static void fail_by(struct fake_reply *reply, const struct way *way)
{
    if (way->code) {
        fake_reply_http_with(reply, way->code, way->headers, way->body,
                             strlen(way->body));
        return;
    }
    if (way->body) {
        fake_reply_stream(reply);
        fake_reply_text(reply, way->body);
    }
    if (way->end == 'r')
        fake_reply_reset(reply);
    else
        fake_reply_close(reply);
}

static void answer(struct fake_reply *reply, const struct fake_request *request)
{
    json_t *body = json_loadb(request->body, request->body_len, 0, NULL);
    json_t *messages = json_object_get(body, "messages");
    json_t *last = json_array_get(messages, json_array_size(messages) - 1);
    char *text =
        xasprintf("Answer to %s.", json_string_value(json_object_get(last, "content")));
    json_t *chunk = json_pack("{s:[{s:{s:s}, s:s}], s:{s:i, s:i}}", "choices", "delta",
                              "content", text, "finish_reason", "stop", "usage",
                              "prompt_tokens", 5, "completion_tokens", 3);
    char *line = json_dumps(chunk, JSON_COMPACT);
    char *event = xasprintf("data: %s\n\ndata: [DONE]\n\n", line);
    fake_reply_http(reply, 200, "text/event-stream", event);
    free(event);
    free(line);
    free(text);
    json_decref(chunk);
    json_decref(body);
}

static void respond(void *ctx, const struct fake_request *request,
                    struct fake_reply *reply)
{
    struct failing_model *model = ctx;
    atomic_fetch_add(&model->count, 1);
    model->random = model->random * 1664525u + 1013904223u;
    if (model->latency_ms)
        fake_reply_pause(reply, model->latency_ms);
    if ((model->random >> 8) % 100 >= model->percent) {
        answer(reply, request);
        return;
    }
    fail_by(reply, &ways[model->next++ % WAYS]);
    atomic_fetch_add(&model->shown, 1);
}

struct failing_model *failing_model_new(unsigned percent, int64_t latency_ms,
                                        uint32_t seed)
{
    struct failing_model *model = xcalloc(1, sizeof *model);
    model->percent = percent;
    model->latency_ms = latency_ms;
    model->random = seed;
    model->server = fake_server_new();
    model->url = xasprintf("%s/v1", fake_server_url(model->server));
    fake_server_respond(model->server, respond, model);
    return model;
}

void failing_model_free(struct failing_model *model)
{
    fake_server_free(model->server);
    free(model->url);
    free(model);
}

const char *failing_model_url(const struct failing_model *model)
{
    return model->url;
}

size_t failing_model_count(struct failing_model *model)
{
    return atomic_load(&model->count);
}

size_t failing_model_shown(struct failing_model *model, size_t *all)
{
    size_t shown = atomic_load(&model->shown);
    *all = WAYS;
    return shown < WAYS ? shown : WAYS;
}
