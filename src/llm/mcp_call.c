/* SPDX-License-Identifier: MIT
 *
 * mcp_call - one call of a tool of an MCP server, and its result in words.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "llm/tool_parts.h"

static void end_call(struct mcp_call *call, bool is_error, const char *text, size_t len)
{
    tool_fn fn = call->fn;
    void *ctx = call->ctx;
    mcp_free_call(call);
    fn(ctx, &(struct tool_result){.is_error = is_error, .text = text, .len = len});
}

/* Text as it is; what else there is, in words. */
static void add_content(struct buf *out, const json_t *item)
{
    size_t len = 0;
    const char *type = json_get_text(item, "type", NULL);
    const char *mime = json_get_text(item, "mimeType", NULL);
    const char *uri = json_get_text(item, "uri", NULL);
    const json_t *resource = json_object_get(item, "resource");
    const char *text = json_get_text(resource ? resource : item, "text", &len);
    if (out->len)
        buf_add_text(out, "\n");
    if (text) {
        buf_add(out, text, len);
        return;
    }
    if (resource)
        uri = json_get_text(resource, "uri", NULL);
    buf_addf(out, "[%s%s%s%s%s]", type ? type : "something", mime ? " " : "",
             mime ? mime : "", uri ? " " : "", uri ? uri : "");
}

static void on_called(struct mcp *mcp, void *ctx, const json_t *result,
                      const json_t *error, const struct err *fault)
{
    struct mcp_call *call = ctx;
    struct buf text = {0};
    const char *said = json_get_text(error, "message", NULL);
    const char *type = json_get_text(result, "resultType", NULL);
    const json_t *content = json_object_get(result, "content");
    bool needs_input = type && !strcmp(type, "input_required");
    bool is_error =
        !result || needs_input || json_is_true(json_object_get(result, "isError"));
    for (size_t i = 0; i < json_array_size(content); i++)
        add_content(&text, json_array_get(content, i));
    const json_t *structured = json_object_get(result, "structuredContent");
    if (!text.len && structured) {
        char *json = json_print(structured);
        buf_add_text(&text, json);
        free(json);
    }
    if (needs_input)
        buf_addf(&text, "The MCP server \"%s\" asks for more input than a call can give.",
                 mcp->settings->name);
    else if (!result)
        buf_addf(&text, "%s", fault ? fault->text : said ? said : "The call failed.");
    end_call(call, is_error, buf_text(&text), text.len);
    buf_clear(&text);
}

/* The server is asked to stop; the reply, if one still comes, is not heard. */
static void give_up(struct mcp_call *call)
{
    struct mcp *mcp = call->mcp;
    if (!mcp_take_pending(mcp, call->id).id)
        return;
    mcp_link_drop(mcp->link, call->id);
    if (!mcp->is_modern || !mcp->settings->url)
        mcp_send(mcp, "notifications/cancelled",
                 json_pack("{s:I, s:s}", "requestId", (json_int_t)call->id, "reason",
                           "it is not wanted any more"),
                 0, NULL);
}

static void on_call_timer(void *ctx)
{
    struct mcp_call *call = ctx;
    char text[200];
    if (!call->id && call->mcp->state == MCP_OPEN) {
        const struct mcp *mcp = call->mcp;
        const json_t *schema = NULL;
        for (size_t i = 0; i < mcp->tool_count && !schema; i++)
            if (!strcmp(mcp->tools[i].name, call->tool))
                schema = mcp->tools[i].schema;
        call->id = mcp_ask(
            call->mcp, "tools/call",
            json_pack("{s:s, s:O}", "name", call->tool, "arguments", call->arguments),
            schema, on_called, call);
        loop_timer_start(call->timer, call->mcp->settings->timeout_ms, 0);
        return;
    }
    if (!call->id && call->mcp->state != MCP_CLOSED)
        return; /* it waits for the new session */
    if (!call->id)
        snprintf(text, sizeof text, "The MCP server \"%.60s\" is not there any more.",
                 call->mcp->settings->name);
    else
        snprintf(text, sizeof text, "The tool did not answer within %g s.",
                 (double)call->mcp->settings->timeout_ms / 1000);
    give_up(call);
    end_call(call, true, text, strlen(text));
}

struct mcp_call *mcp_start(struct mcp *mcp, const char *tool, const json_t *arguments,
                           tool_fn fn, void *ctx)
{
    struct mcp_call *call = xcalloc(1, sizeof *call);
    *call = (struct mcp_call){.mcp = mcp,
                              .tool = xstrdup(tool),
                              .arguments = json_deep_copy(arguments),
                              .fn = fn,
                              .ctx = ctx,
                              .next = mcp->calls};
    call->timer = loop_timer_new(mcp->loop, on_call_timer, call);
    loop_timer_start(call->timer, 0, 0);
    mcp->calls = call;
    return call;
}

void mcp_cancel(struct mcp_call *call)
{
    if (!call)
        return;
    give_up(call);
    mcp_free_call(call);
}
