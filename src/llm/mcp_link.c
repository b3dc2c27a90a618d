/* SPDX-License-Identifier: MIT
 *
 * mcp_link - JSON-RPC messages to and from one MCP server: a line each through a child's
 * pipes, or a POST each over streamable HTTP. Source: llm-protocols.md §2.4.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "llm/tool_parts.h"

struct mcp_link *mcp_link_new(struct http *http, struct loop *loop,
                              const struct tool_settings *settings,
                              const struct mcp_link_handler *handler)
{
    struct mcp_link *link = xcalloc(1, sizeof *link);
    *link = (struct mcp_link){.http = http,
                              .loop = loop,
                              .settings = settings,
                              .handler = *handler,
                              .in = -1,
                              .out = -1};
    buf_init(&link->line, MCP_MAX_MESSAGE);
    return link;
}

void mcp_link_use_version(struct mcp_link *link, const char *version, bool is_modern)
{
    free(link->version);
    link->version = xstrdup_or_null(version);
    link->is_modern = is_modern;
    if (version)
        return;
    free(link->session);
    link->session = NULL;
}

/* ---- a child's pipes ---- */

static void close_pipes(struct mcp_link *link)
{
    loop_watch_free(link->reading);
    loop_watch_free(link->writing);
    link->reading = link->writing = NULL;
    if (link->in >= 0)
        close(link->in);
    if (link->out >= 0)
        close(link->out);
    link->in = link->out = -1;
    buf_reset(&link->line);
    buf_reset(&link->to);
}

static void fail_all(struct mcp_link *link, const struct err *err)
{
    close_pipes(link);
    loop_child_free(link->child);
    link->child = NULL;
    link->handler.on_fault(link->handler.ctx, 0, 0, err);
}

static void on_end(void *ctx, int status)
{
    struct mcp_link *link = ctx;
    struct err err = {0};
    err_set(
        &err, STATUS_IO,
        "The MCP server \"%s\" has ended (%s %d): run its command by hand to see why.",
        link->settings->name, status < 0 ? "signal" : "exit code",
        status < 0 ? -status : status);
    fail_all(link, &err);
}

/* Servers print all sorts of things where only messages should be. */
static void take_line(struct mcp_link *link)
{
    json_t *message = link->line.len && *link->line.data == '{'
                          ? json_parse(link->line.data, link->line.len, NULL)
                          : NULL;
    if (!message && link->line.len)
        log_line("mcp %s: a line of %zu bytes is no message", link->settings->name,
                 link->line.len);
    buf_reset(&link->line);
    if (message)
        link->handler.on_message(link->handler.ctx, message);
}

static void on_readable(void *ctx, int events)
{
    struct mcp_link *link = ctx;
    char piece[65536];
    (void)events;
    ssize_t len = read(link->out, piece, sizeof piece);
    if (len <= 0) {
        if (!len || (errno != EAGAIN && errno != EINTR))
            loop_watch_set(link->reading, 0); /* its end comes by itself */
        return;
    }
    for (const char *at = piece, *end = piece + len; at < end && link->out >= 0;) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        size_t part = (size_t)((lf ? lf : end) - at);
        if (!buf_add(&link->line, at, part)) {
            struct err err = {0};
            err_set(&err, STATUS_FULL,
                    "The MCP server \"%s\" sent a message of more than %d MiB and was "
                    "stopped.",
                    link->settings->name, MCP_MAX_MESSAGE >> 20);
            fail_all(link, &err);
            return;
        }
        if (lf)
            take_line(link);
        at += part + (lf != NULL);
    }
}

static void on_writable(void *ctx, int events)
{
    struct mcp_link *link = ctx;
    (void)events;
    ssize_t len = write(link->in, link->to.data, link->to.len);
    if (len > 0)
        buf_consume(&link->to, (size_t)len);
    bool is_shut = len < 0 && errno != EAGAIN && errno != EINTR;
    if (is_shut) /* its end comes by itself */
        buf_reset(&link->to);
    loop_watch_set(link->writing, link->to.len ? LOOP_WRITE : 0);
}

enum status mcp_link_open(struct mcp_link *link, struct err *err)
{
    size_t count = 0;
    if (link->settings->url || link->child)
        return STATUS_OK;
    char **words = words_split("command", link->settings->command, &count, err);
    if (!words)
        return err->code;
    char **env = command_environment(link->settings->pass, link->settings->environment);
    struct loop_pipes pipes = {.has_in = true};
    link->child = loop_child_new_group(link->loop, words, env, &pipes, on_end, link, err);
    link->in = pipes.in;
    link->out = pipes.out;
    if (link->child) {
        link->reading = loop_watch_new(link->loop, link->out, on_readable, link);
        link->writing = loop_watch_new(link->loop, link->in, on_writable, link);
        loop_watch_set(link->reading, LOOP_READ);
    } else {
        err_prefix(err, "The MCP server \"%s\"", link->settings->name);
    }
    command_free_environment(env);
    free(words);
    return link->child ? STATUS_OK : STATUS_CONFIG;
}

/* ---- both ---- */

void mcp_link_send(struct mcp_link *link, const json_t *message, const json_t *schema)
{
    char *text = json_print(message);
    int64_t id = json_object_get(message, "method")
                     ? json_integer_value(json_object_get(message, "id"))
                     : 0;
    if (link->settings->url) {
        mcp_post(link, id, message, text, schema);
    } else if (link->in >= 0) {
        buf_add_text(&link->to, text);
        buf_add_text(&link->to, "\n");
        loop_watch_set(link->writing, LOOP_WRITE);
        if (!id)
            link->handler.on_accepted(link->handler.ctx);
    }
    free(text);
}

/* A server ends by itself when its stdin is closed; one that does not is made to. */
static void part(struct mcp_link *link)
{
    if (link->in >= 0)
        close(link->in);
    loop_watch_free(link->writing);
    link->writing = NULL;
    link->in = -1;
    loop_watch_free(link->reading);
    link->reading = NULL;
    for (int turn = 0; link->child && turn < PARTING_TURNS; turn++) {
        loop_poll(link->loop);
        if (link->child)
            usleep(PARTING_MS * 1000);
    }
    close_pipes(link);
    loop_child_free(link->child);
}

static void ignore_fault(void *ctx, int64_t id, long code, const struct err *err)
{
    (void)ctx;
    (void)id;
    (void)code;
    (void)err;
}

void mcp_link_free(struct mcp_link *link)
{
    if (!link)
        return;
    link->handler.on_fault = ignore_fault;
    if (link->child)
        part(link);
    mcp_drop_posts(link);
    if (link->session)
        mcp_end_session(link);
    buf_clear(&link->line);
    buf_clear(&link->to);
    free(link->version);
    free(link->session);
    free(link);
}
