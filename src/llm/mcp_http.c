/* SPDX-License-Identifier: MIT
 *
 * mcp_http - streamable HTTP: a POST for each message, its reply one document or a stream
 * of events.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "llm/llm_parts.h"
#include "llm/tool_parts.h"
#include "net/sse.h"

enum { MAX_HEADERS = 16 };

/* A message on its way, until its reply has come. */
struct mcp_post {
    struct mcp_link *link;
    struct mcp_post *next;
    int64_t id; /* 0 = it asks nothing */
    struct http_call *call;
    struct sse sse;
    bool is_stream;
    bool is_answered;
};

static void free_post(struct mcp_post *post)
{
    struct mcp_post **at = &post->link->posts;
    while (*at && *at != post)
        at = &(*at)->next;
    if (*at)
        *at = post->next;
    sse_clear(&post->sse);
    free(post);
}

int64_t mcp_id(const json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    const char *digits = json_string_value(id); /* some make a text of it */
    return digits ? strtoll(digits, NULL, 10) : json_integer_value(id);
}

static void take_reply(struct mcp_post *post, const char *text, size_t len)
{
    json_t *message = json_parse(text, len, NULL);
    struct mcp_link *link = post->link;
    size_t count = json_is_array(message) ? json_array_size(message) : 1;
    for (size_t i = 0; message && i < count; i++) { /* 2025-03-26 had batches */
        json_t *each = json_is_array(message) ? json_array_get(message, i) : message;
        if (!json_is_object(each))
            continue;
        bool is_reply = !json_object_get(each, "method");
        bool is_error = json_is_object(json_object_get(each, "error"));
        /* an error that could not name its request, or calls it "server-error" */
        if (is_reply && is_error && (!post->is_stream || !mcp_id(each)))
            json_object_set_new(each, "id", json_integer(post->id));
        post->is_answered |= is_reply && mcp_id(each) == post->id;
        link->handler.on_message(link->handler.ctx, json_incref(each));
    }
    json_decref(message);
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct mcp_post *post = ctx;
    if (post->is_answered || !event->len)
        return;
    take_reply(post, event->data, event->len);
}

static void keep_session(struct mcp_link *link, const struct http_reply *reply)
{
    if (!*reply->mcp_session || reply->code >= 300)
        return;
    free(link->session);
    link->session = xstrdup(reply->mcp_session);
}

static bool on_headers(void *ctx, const struct http_reply *reply)
{
    struct mcp_post *post = ctx;
    keep_session(post->link, reply);
    post->is_stream =
        reply->code < 300 && !strncasecmp(reply->content_type, "text/event-stream", 17);
    return post->is_stream;
}

static void on_data(void *ctx, const char *bytes, size_t len)
{
    struct mcp_post *post = ctx;
    if (sse_feed(&post->sse, bytes, len))
        return;
    http_cancel(post->call);
    struct mcp_link *link = post->link;
    int64_t id = post->id;
    struct err err = {0};
    free_post(post);
    err_set(&err, STATUS_FULL, "The MCP server \"%s\" sent too much.",
            link->settings->name);
    link->handler.on_fault(link->handler.ctx, id, 0, &err);
}

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct mcp_post *post = ctx;
    struct mcp_link *link = post->link;
    post->call = NULL;
    keep_session(link, reply);
    bool is_lost = reply->code == 404 && link->session;
    if (post->is_stream)
        sse_end(&post->sse);
    else if (post->id && !is_lost && reply->body_len)
        take_reply(post, reply->body, reply->body_len);
    int64_t id = post->id;
    bool is_answered = post->is_answered;
    free_post(post);
    if (!id)
        link->handler.on_accepted(link->handler.ctx);
    if (!id || is_answered)
        return;
    struct err err = {0};
    struct llm_error said = {0};
    char *body = xmemdup0(reply->body ? reply->body : "", reply->body_len);
    llm_error_from_body(&said, body, tool_redact(link->settings, body, reply->body_len),
                        NULL);
    free(body);
    char *words = said.message;
    for (size_t len = strlen(words); len && strchr(". ", words[len - 1]);)
        words[--len] = '\0';
    if (reply->status != STATUS_OK)
        err_set(&err, reply->status, "The MCP server \"%s\": %s", link->settings->name,
                reply->err.text);
    else if (reply->code == 401 || reply->code == 403)
        err_set(&err, STATUS_AUTH,
                "The MCP server \"%s\" refused the key (HTTP %ld%s%s): see api_key_… or "
                "header in its section.",
                link->settings->name, reply->code, *words ? ": " : "", words);
    else if (reply->code >= 300)
        err_set(&err, STATUS_PROTOCOL,
                "The MCP server \"%s\" answered with HTTP %ld%s%s.", link->settings->name,
                reply->code, *words ? ": " : "", words);
    else if (*words)
        err_set(&err, STATUS_PROTOCOL,
                "The MCP server \"%s\" answered with something else: %s.",
                link->settings->name, words);
    else
        err_set(&err, STATUS_PROTOCOL,
                "The MCP server \"%s\" closed its reply without an answer.",
                link->settings->name);
    link->handler.on_fault(link->handler.ctx, id, reply->code, &err);
}

static void on_dropped(void *ctx)
{
    struct mcp_post *post = ctx;
    post->call = NULL;
}

/* What a header cannot hold goes as "=?base64?…?=". Owned. */
static char *header_value(const char *text)
{
    size_t len = strlen(text);
    bool is_plain =
        strncmp(text, "=?base64?", 9) != 0 && len && *text != ' ' && text[len - 1] != ' ';
    for (size_t i = 0; i < len; i++)
        is_plain = is_plain && text[i] >= ' ' && text[i] < 0x7f;
    if (is_plain)
        return xstrdup(text);
    struct buf out = {0};
    buf_add_text(&out, "=?base64?");
    buf_add_base64(&out, text, len);
    buf_add_text(&out, "?=");
    return buf_take(&out);
}

static void add_header(char **headers, size_t *count, const char *prefix,
                       const char *name, const char *value)
{
    char *text = header_value(value);
    if (*count < MAX_HEADERS)
        headers[(*count)++] = xasprintf("%s%s: %s", prefix, name, text);
    free(text);
}

bool mcp_headers_fit(const json_t *schema)
{
    static const char token[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    const char *key;
    json_t *property;
    bool fits = true;
    json_object_foreach(json_object_get(schema, "properties"), key, property)
    {
        const json_t *header = json_object_get(property, "x-mcp-header");
        const char *name = json_string_value(header);
        const char *type = json_get_text(property, "type", NULL);
        bool is_plain = type && strcmp(type, "object") != 0 && strcmp(type, "array") != 0;
        if (header)
            fits = fits && is_plain && name && *name && !name[strspn(name, token)];
    }
    return fits;
}

/* With the session's headers and more of them, NULL at the end. */
static struct http_call *ask(struct mcp_link *link, struct http_request request,
                             char *const *more, const struct http_handler *handler)
{
    const char *headers[MAX_HEADERS + 4];
    char *made[2] = {
        link->version ? xasprintf("MCP-Protocol-Version: %s", link->version) : NULL,
        link->session ? xasprintf("Mcp-Session-Id: %s", link->session) : NULL};
    size_t count = 0;
    for (size_t i = 0; i < 2; i++)
        if (made[i])
            headers[count++] = made[i];
    for (size_t i = 0; more[i]; i++)
        headers[count++] = more[i];
    headers[count] = NULL;
    request.url = link->settings->url;
    request.key_header = "Authorization";
    request.key_prefix = "Bearer ";
    request.key = &link->settings->key;
    request.headers = headers;
    request.allow_plain_key = link->settings->allow_plain_key;
    request.connection = &link->settings->connection;
    request.max_body = MCP_MAX_MESSAGE;
    struct http_call *call = http_send(link->http, &request, handler);
    free(made[0]);
    free(made[1]);
    return call;
}

void mcp_post(struct mcp_link *link, int64_t id, const json_t *message, const char *body,
              const json_t *schema)
{
    char *more[MAX_HEADERS + 1] = {NULL};
    if (link->is_modern) {
        /* the modern revision names in headers what the body asks; a tool's schema may
         * want some of its arguments there, too */
        const json_t *params = json_object_get(message, "params"), *arguments;
        const char *method = json_get_text(message, "method", NULL), *key;
        const char *name = json_get_text(params, "name", NULL);
        json_t *property;
        size_t count = 0;
        arguments = json_object_get(params, "arguments");
        if (method)
            add_header(more, &count, "", "Mcp-Method", method);
        if (name)
            add_header(more, &count, "", "Mcp-Name", name);
        json_object_foreach(json_object_get(schema, "properties"), key, property)
        {
            const char *header = json_get_text(property, "x-mcp-header", NULL);
            const json_t *value = json_object_get(arguments, key);
            if (!header || !value || json_is_null(value))
                continue;
            char *text = json_is_string(value) ? xstrdup(json_string_value(value))
                                               : json_print(value);
            add_header(more, &count, "Mcp-Param-", header, text);
            free(text);
        }
    }
    struct mcp_post *post = xcalloc(1, sizeof *post);
    post->link = link;
    post->id = id;
    post->next = link->posts;
    link->posts = post;
    sse_init(&post->sse, on_event, post);
    const struct http_request request = {.method = "POST",
                                         .body = body,
                                         .body_len = strlen(body),
                                         .accept = "application/json, text/event-stream"};
    struct http_handler handler = {.on_headers = on_headers,
                                   .on_data = on_data,
                                   .on_done = on_done,
                                   .ctx = post,
                                   .on_dropped = on_dropped};
    post->call = ask(link, request, more, &handler);
    for (size_t i = 0; more[i]; i++)
        free(more[i]);
}

static void on_forgotten(void *ctx, const struct http_reply *reply)
{
    (void)reply; /* whatever it says */
    *(struct http_call **)ctx = NULL;
}

void mcp_end_session(struct mcp_link *link)
{
    char *const more[] = {NULL};
    struct http_call *call = NULL;
    const struct http_request request = {
        .method = "DELETE", .total_timeout_ms = INT64_C(1) * PARTING_TURNS * PARTING_MS};
    struct http_handler handler = {.on_done = on_forgotten, .ctx = &call};
    call = ask(link, request, more, &handler);
    for (int turn = 0; call && turn < PARTING_TURNS; turn++) {
        loop_poll(link->loop);
        if (call)
            usleep(PARTING_MS * 1000);
    }
    http_cancel(call);
}

void mcp_link_drop(struct mcp_link *link, int64_t id)
{
    struct mcp_post *post = link->posts;
    while (post && post->id != id)
        post = post->next;
    if (!post)
        return;
    http_cancel(post->call);
    free_post(post);
}

void mcp_drop_posts(struct mcp_link *link)
{
    while (link->posts) {
        struct mcp_post *post = link->posts;
        link->posts = post->next;
        http_cancel(post->call);
        sse_clear(&post->sse);
        free(post);
    }
}
