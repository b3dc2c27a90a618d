/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fake_reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static void add_step(struct fake_reply *reply, enum step_kind kind, char *bytes,
                     size_t len)
{
    reply->steps = xreallocarray(reply->steps, reply->count + 1, sizeof *reply->steps);
    reply->steps[reply->count++] = (struct step){kind, bytes, len};
}

void fake_reply_free(struct fake_reply *reply)
{
    for (size_t i = 0; i < reply->count; i++)
        free(reply->steps[i].bytes);
    free(reply->steps);
    free(reply);
}

void fake_reply_bytes(struct fake_reply *reply, const void *bytes, size_t len)
{
    add_step(reply, STEP_BYTES, xmemdup0(bytes, len), len);
}

void fake_reply_text(struct fake_reply *reply, const char *text)
{
    fake_reply_bytes(reply, text, strlen(text));
}

void fake_reply_http_with(struct fake_reply *reply, int code, const char *headers,
                          const void *body, size_t len)
{
    char *head = xasprintf("HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s\r\n", code,
                           len, headers ? headers : "");
    fake_reply_text(reply, head);
    fake_reply_bytes(reply, body, len);
    free(head);
}

void fake_reply_http(struct fake_reply *reply, int code, const char *content_type,
                     const char *body)
{
    char *headers = xasprintf("Content-Type: %s\r\n", content_type);
    fake_reply_http_with(reply, code, headers, body, strlen(body));
    free(headers);
}

void fake_reply_stream(struct fake_reply *reply)
{
    fake_reply_text(reply, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Connection: close\r\n\r\n");
}

void fake_reply_piece(struct fake_reply *reply, size_t size)
{
    add_step(reply, STEP_PIECE, NULL, size);
}

void fake_reply_gate(struct fake_reply *reply)
{
    add_step(reply, STEP_GATE, NULL, 0);
}

void fake_reply_pause(struct fake_reply *reply, int64_t ms)
{
    add_step(reply, STEP_PAUSE, NULL, (size_t)ms);
}

void fake_reply_close(struct fake_reply *reply)
{
    add_step(reply, STEP_CLOSE, NULL, 0);
}

void fake_reply_reset(struct fake_reply *reply)
{
    add_step(reply, STEP_RESET, NULL, 0);
}

void fake_reply_stall(struct fake_reply *reply)
{
    add_step(reply, STEP_STALL, NULL, 0);
}
