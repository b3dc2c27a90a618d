/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fake_mcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"

enum { BIG = 3 * 1024 * 1024, HUGE_SIZE = 17 * 1024 * 1024 };

const char *fake_mcp_program(const char *argv0)
{
    static char program[4096];
    const char *slash = strrchr(argv0, '/'), *other = getenv("SERVE_MCP");
    snprintf(program, sizeof program, "%.*sserve_mcp",
             slash ? (int)(slash - argv0) + 1 : 0, argv0);
    return other ? other : program;
}

bool fake_mcp_is(const struct fake_mcp *mcp, const char *word)
{
    return strstr(mcp->words, word) != NULL;
}

static json_t *tool(const char *name)
{
    return json_pack("{s:s, s:s, s:{s:s, s:{s:{s:s, s:s}}, s:[s]}}", "name", name,
                     "description", "A tool of the fake.\x1b[31m", "inputSchema", "type",
                     "object", "properties", "text", "type", "string", "x-mcp-header",
                     "Text", "required", "text");
}

static json_t *list(const struct fake_mcp *mcp, const char *cursor)
{
    static const char *const names[] = {"echo", "fail",  "count", "big",
                                        "slow", "mixed", "die",   "a.b/c"};
    size_t count = sizeof names / sizeof *names;
    size_t at = cursor ? (size_t)strtoul(cursor, NULL, 10) : 0;
    json_t *tools = json_array(), *result = json_object();
    bool has_pages = fake_mcp_is(mcp, "pages");
    if (fake_mcp_is(mcp, "growing") && !mcp->calls)
        count = 1;
    for (size_t i = at; i < count && !fake_mcp_is(mcp, "empty"); i++) {
        json_array_append_new(tools, tool(names[i]));
        if (has_pages && i + 1 < count) {
            char *next = xasprintf("%zu", i + 1);
            json_object_set_new(result, "nextCursor", json_string(next));
            free(next);
            break;
        }
    }
    json_object_set_new(result, "tools", tools);
    if (fake_mcp_is(mcp, "keeps"))
        json_object_set_new(result, "ttlMs", json_integer(600000));
    return result;
}

static json_t *text_result(const char *text, bool is_error)
{
    return json_pack("{s:[{s:s, s:s}], s:b}", "content", "type", "text", "text", text,
                     "isError", is_error);
}

static json_t *call(struct fake_mcp *mcp, const json_t *params)
{
    const char *name = json_string_value(json_object_get(params, "name"));
    const char *text =
        json_string_value(json_object_get(json_object_get(params, "arguments"), "text"));
    mcp->calls++;
    if (!strcmp(name, "slow"))
        return NULL;
    if (!strcmp(name, "die")) {
        mcp->wants_end = true;
        return NULL;
    }
    if (!strcmp(name, "mixed"))
        return json_pack("{s:[{s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:{s:s, s:s}}]}",
                         "content", "type", "text", "text", "seen", "type", "image",
                         "mimeType", "image/png", "data", "AAAA", "type", "resource",
                         "resource", "uri", "file:///x", "text", "of a file");
    if (!strcmp(name, "count")) {
        char *number = xasprintf("%d", mcp->calls);
        json_t *result = text_result(number, false);
        free(number);
        return result;
    }
    if (!strcmp(name, "big")) {
        size_t size = text && !strcmp(text, "huge") ? HUGE_SIZE : BIG;
        char *many = xmalloc(size + 1);
        memset(many, 'x', size);
        many[size] = '\0';
        json_t *result = text_result(many, false);
        free(many);
        return result;
    }
    return text_result(text ? text : "no text", !strcmp(name, "fail"));
}

static json_t *answer(struct fake_mcp *mcp, const char *method, const json_t *params,
                      int *code)
{
    bool is_modern = fake_mcp_is(mcp, "modern");
    const char *cursor = json_string_value(json_object_get(params, "cursor"));
    const char *version = fake_mcp_is(mcp, "old")       ? "2024-11-05"
                          : fake_mcp_is(mcp, "unknown") ? "1999-01-01"
                                                        : "2025-11-25";
    *code = 0;
    if (is_modern && !json_object_get(json_object_get(params, "_meta"),
                                      "io.modelcontextprotocol/protocolVersion"))
        *code = -32602;
    else if (is_modern && !strcmp(method, "server/discover"))
        return json_pack("{s:[s], s:{}}", "supportedVersions", "2026-07-28",
                         "capabilities");
    else if (!is_modern && !strcmp(method, "initialize"))
        return json_pack("{s:s, s:{s:{}}, s:{s:s, s:s}}", "protocolVersion", version,
                         "capabilities", "tools", "serverInfo", "name", "fake", "version",
                         "1");
    else if (!is_modern && !mcp->is_shaken)
        *code = -32602;
    else if (!strcmp(method, "tools/list"))
        return list(mcp, cursor);
    else if (!strcmp(method, "tools/call"))
        return call(mcp, params);
    else
        *code = -32601;
    return NULL;
}

char *fake_mcp_reply(struct fake_mcp *mcp, const char *message)
{
    json_t *root = json_loads(message, 0, NULL);
    const char *method = json_string_value(json_object_get(root, "method"));
    json_t *id = json_object_get(root, "id"), *out = NULL;
    int code = 0;
    if (method && !strcmp(method, "notifications/initialized"))
        mcp->is_shaken = true;
    if (method && id) {
        json_t *result = answer(mcp, method, json_object_get(root, "params"), &code);
        if (result)
            out = json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result",
                            result);
        else if (code && fake_mcp_is(mcp, "dies"))
            mcp->wants_end = true;
        else if (code && !fake_mcp_is(mcp, "mute"))
            out = json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", id,
                            "error", "code", code, "message", "No such thing");
    }
    char *text = out ? json_dumps(out, JSON_COMPACT) : NULL;
    json_decref(out);
    json_decref(root);
    return text;
}

void fake_mcp_respond(void *ctx, const struct fake_request *request,
                      struct fake_reply *reply)
{
    struct fake_mcp *mcp = ctx;
    char *session = fake_request_header(request, "mcp-session-id");
    bool has_session = fake_mcp_is(mcp, "session");
    bool is_first = strstr(request->body, "\"initialize\"") != NULL;
    bool is_lost = has_session && !is_first && strstr(request->body, "tools/call") &&
                   mcp->calls == 1 && session && !strcmp(session, "first");
    char *text = is_lost ? NULL : fake_mcp_reply(mcp, request->body);
    const char *headers = !has_session || !is_first ? ""
                          : mcp->calls              ? "Mcp-Session-Id: second\r\n"
                                                    : "Mcp-Session-Id: first\r\n";
    if (is_lost) {
        fake_reply_http(
            reply, 404, "application/json",
            "{\"jsonrpc\":\"2.0\",\"id\":\"server-error\",\"error\":{\"code\":"
            "-32600,\"message\":\"Session not found\"}}");
    } else if (!text && strstr(request->body, "\"slow\"")) {
        fake_reply_stall(reply);
    } else if (!text) {
        fake_reply_http(reply, 202, "text/plain", "");
    } else if (fake_mcp_is(mcp, "events")) {
        char *event = xasprintf(": hello\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
                                "\"notifications/message\"}\n\nevent: message\ndata: "
                                "%s\n\n",
                                text);
        fake_reply_stream(reply);
        fake_reply_text(reply, event);
        fake_reply_close(reply);
        free(event);
    } else {
        char *lines = xasprintf("Content-Type: application/json\r\n%s", headers);
        fake_reply_http_with(reply, strstr(text, "\"error\"") ? 400 : 200, lines, text,
                             strlen(text));
        free(lines);
    }
    free(session);
    free(text);
}
