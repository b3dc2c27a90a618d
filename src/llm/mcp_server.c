/* SPDX-License-Identifier: MIT
 *
 * One server that speaks the Model Context Protocol: how it is opened, and what comes.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "llm/tool_parts.h"

#define MODERN "2026-07-28"
#define LEGACY "2025-11-25" /* the newest that begins with a handshake */
enum {
    PROBE_MS = 5000, /* old servers may say nothing at all to what they do not know */
    OPEN_MS = 60000, /* npx and uvx fetch a package first */
    MAX_TOOLS = 128,
    MAX_PAGES = 50,
    MAX_LISTINGS = 20,
    MAX_STAY_MS = 24 * 3600 * 1000,
    METHOD_NOT_FOUND = -32601,
    MODERN_FIRST = -32022, /* UnsupportedProtocolVersion; -32020 HeaderMismatch */
    MODERN_LAST = -32020
};

/* ---- requests ---- */

static json_t *client_info(void)
{
    return json_pack("{s:s, s:s}", "name", "sherd", "version", PACKAGE_VERSION);
}

void mcp_send(struct mcp *mcp, const char *method, json_t *params, int64_t id,
              const json_t *schema)
{
    json_t *message = json_pack("{s:s, s:s}", "jsonrpc", "2.0", "method", method);
    if (id)
        json_object_set_new(message, "id", json_integer(id));
    if (mcp->is_modern)
        json_object_set_new(params, "_meta",
                            json_pack("{s:s, s:o, s:{}}",
                                      "io.modelcontextprotocol/protocolVersion", MODERN,
                                      "io.modelcontextprotocol/clientInfo", client_info(),
                                      "io.modelcontextprotocol/clientCapabilities"));
    json_object_set_new(message, "params", params);
    mcp_link_send(mcp->link, message, schema);
    json_decref(message);
}

int64_t mcp_ask(struct mcp *mcp, const char *method, json_t *params, const json_t *schema,
                mcp_reply_fn fn, void *ctx)
{
    size_t at = 0;
    while (at < mcp->pending_count && mcp->pending[at].id)
        at++;
    if (at == mcp->pending_count)
        mcp->pending =
            xreallocarray(mcp->pending, ++mcp->pending_count, sizeof *mcp->pending);
    mcp->pending[at] = (struct mcp_pending){.id = ++mcp->last_id, .fn = fn, .ctx = ctx};
    mcp_send(mcp, method, params, mcp->last_id, schema);
    return mcp->last_id;
}

struct mcp_pending mcp_take_pending(struct mcp *mcp, int64_t id)
{
    for (size_t i = 0; i < mcp->pending_count && id; i++)
        if (mcp->pending[i].id == id) {
            struct mcp_pending found = mcp->pending[i];
            mcp->pending[i] = (struct mcp_pending){0};
            return found;
        }
    return (struct mcp_pending){0};
}

void mcp_free_call(struct mcp_call *call)
{
    struct mcp_call **at = &call->mcp->calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    loop_timer_free(call->timer);
    json_decref(call->arguments);
    free(call->tool);
    free(call);
}

/* ---- opening ---- */

static void shake(struct mcp *mcp);
static void list(struct mcp *mcp, const char *cursor);

static void end_open(struct mcp *mcp, const struct err *err)
{
    mcp_fn fn = mcp->fn;
    static const struct err fine;
    mcp->fn = NULL;
    mcp->state = err ? MCP_CLOSED : MCP_OPEN;
    loop_timer_stop(mcp->timer);
    for (struct mcp_call *call = mcp->calls; call; call = call->next)
        if (!call->id) /* its session was lost */
            loop_timer_start(call->timer, 0, 0);
    if (fn)
        fn(mcp->ctx, err ? err : &fine);
}

static void refuse(struct mcp *mcp, const char *what, const json_t *error,
                   const struct err *fault)
{
    struct err err = {0};
    size_t len = 0;
    const char *message = json_get_text(error, "message", &len);
    char *said = xmemdup0(message ? message : "", len);
    len = tool_redact(mcp->settings, said, len);
    while (len && strchr(". \n", said[len - 1]))
        said[--len] = '\0';
    if (fault)
        err = *fault;
    else
        err_set(&err, STATUS_PROTOCOL, "The MCP server \"%s\" %s%s%.200s.",
                mcp->settings->name, what, *said ? ": " : "", said);
    free(said);
    end_open(mcp, &err);
}

static void clear_tools(struct mcp_tool **tools, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        free((*tools)[i].name);
        free((*tools)[i].description);
        json_decref((*tools)[i].schema);
    }
    free(*tools);
    *tools = NULL;
    *count = 0;
}

static void on_list(struct mcp *mcp, void *ctx, const json_t *result, const json_t *error,
                    const struct err *fault)
{
    (void)ctx;
    if (!result) {
        refuse(mcp, "did not list its tools", error, fault);
        return;
    }
    const json_t *items = json_object_get(result, "tools");
    for (size_t i = 0; i < json_array_size(items) && mcp->listed_count < MAX_TOOLS; i++) {
        const json_t *item = json_array_get(items, i);
        const char *name = json_get_text(item, "name", NULL);
        const char *text = json_get_text(item, "description", NULL);
        json_t *schema = json_object_get(item, "inputSchema");
        const char *only = mcp->settings->only;
        if (!name || !*name || (only && !words_has(only, name, strlen(name))) ||
            !mcp_headers_fit(schema))
            continue;
        mcp->listed =
            xreallocarray(mcp->listed, mcp->listed_count + 1, sizeof *mcp->listed);
        mcp->listed[mcp->listed_count++] = (struct mcp_tool){
            .name = xstrdup(name),
            .description = xstrdup(text ? text : ""),
            .schema = json_is_object(schema) ? json_incref(schema)
                                             : json_pack("{s:s}", "type", "object")};
    }
    const char *cursor = json_get_text(result, "nextCursor", NULL);
    if (cursor && ++mcp->pages < MAX_PAGES && mcp->listed_count < MAX_TOOLS) {
        list(mcp, cursor);
    } else if (!mcp->listed_count) {
        refuse(mcp, "has no tools that may be used", NULL, NULL);
    } else {
        clear_tools(&mcp->tools, &mcp->tool_count);
        mcp->tools = mcp->listed;
        mcp->tool_count = mcp->listed_count;
        mcp->listed = NULL;
        mcp->listed_count = 0;
        mcp->generation++;
        int64_t stays_ms = json_integer_value(json_object_get(result, "ttlMs"));
        mcp->stays_until_ms = clock_mono_ms(&clock_system) +
                              (stays_ms < MAX_STAY_MS ? stays_ms : MAX_STAY_MS);
        end_open(mcp, NULL);
    }
}

static void list(struct mcp *mcp, const char *cursor)
{
    json_t *params = json_object();
    mcp->state = MCP_LISTING;
    if (cursor) {
        json_object_set_new(params, "cursor", json_string(cursor));
    } else {
        clear_tools(&mcp->listed, &mcp->listed_count);
        mcp->pages = 0;
        mcp->is_stale = false;
    }
    mcp_ask(mcp, "tools/list", params, NULL, on_list, NULL);
}

static void on_shaken(struct mcp *mcp, void *ctx, const json_t *result,
                      const json_t *error, const struct err *fault)
{
    static const char *const known[] = {LEGACY, "2025-06-18", "2025-03-26", "2024-11-05"};
    const char *version = json_get_text(result, "protocolVersion", NULL);
    bool is_known = false;
    (void)ctx;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= version && !strcmp(known[i], version);
    if (!result) {
        refuse(mcp, "refused the connection", error, fault);
    } else if (!is_known) {
        refuse(mcp, "speaks a revision of the protocol that sherd does not know", NULL,
               NULL);
    } else {
        mcp_link_use_version(mcp->link, version, false);
        mcp->state = MCP_GREETING; /* its tools are asked for when that has arrived */
        mcp_send(mcp, "notifications/initialized", json_object(), 0, NULL);
    }
}

static void shake(struct mcp *mcp)
{
    mcp->state = MCP_SHAKING;
    mcp->is_modern = false;
    mcp->has_met_old = true;
    mcp_take_pending(mcp, mcp->probe);
    mcp_link_use_version(mcp->link, NULL, false);
    loop_timer_start(mcp->timer, OPEN_MS, 0);
    mcp_ask(mcp, "initialize",
            json_pack("{s:s, s:{}, s:o}", "protocolVersion", LEGACY, "capabilities",
                      "clientInfo", client_info()),
            NULL, on_shaken, NULL);
}

static bool has_version(const json_t *list, const char *version)
{
    bool has = false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *each = json_string_value(json_array_get(list, i));
        has |= each && !strcmp(each, version);
    }
    return has;
}

static void on_probed(struct mcp *mcp, void *ctx, const json_t *result,
                      const json_t *error, const struct err *fault)
{
    const json_t *supported = json_object_get(result, "supportedVersions");
    json_int_t code = json_integer_value(json_object_get(error, "code"));
    bool is_modern = code >= MODERN_FIRST && code <= MODERN_LAST;
    (void)ctx;
    if (is_modern)
        supported = json_object_get(json_object_get(error, "data"), "supported");
    bool is_unreachable =
        fault && (fault->code == STATUS_NETWORK || fault->code == STATUS_TIMEOUT ||
                  fault->code == STATUS_AUTH);
    if (has_version(supported, MODERN) && !error)
        list(mcp, NULL);
    else if (is_unreachable)
        refuse(mcp, "", NULL, fault);
    else
        shake(mcp);
}

/* A server that does not know the probe may say so, or nothing, or end. */
static void probe(struct mcp *mcp)
{
    mcp->state = MCP_PROBING;
    mcp->is_modern = true;
    mcp_link_use_version(mcp->link, MODERN, true);
    loop_timer_start(mcp->timer, PROBE_MS, 0);
    mcp->probe = mcp_ask(mcp, "server/discover", json_object(), NULL, on_probed, NULL);
}

static void on_timer(void *ctx)
{
    struct mcp *mcp = ctx;
    struct err err = {0};
    /* such a server says nothing of a change to those who did not subscribe */
    bool is_old = mcp->is_modern && clock_mono_ms(&clock_system) >= mcp->stays_until_ms;
    if (mcp->state == MCP_CLOSED) {
        if (mcp_link_open(mcp->link, &err) != STATUS_OK)
            end_open(mcp, &err);
        else if (mcp->has_met_old)
            shake(mcp);
        else
            probe(mcp);
    } else if (mcp->state == MCP_PROBING) {
        mcp_link_drop(mcp->link, mcp->probe);
        shake(mcp);
    } else if (mcp->state == MCP_OPEN && (mcp->is_stale || is_old)) {
        loop_timer_start(mcp->timer, OPEN_MS, 0);
        list(mcp, NULL);
    } else if (mcp->state == MCP_OPEN) {
        end_open(mcp, NULL);
    } else {
        mcp_take_pending(mcp, mcp->last_id);
        mcp_link_drop(mcp->link, mcp->last_id);
        err_set(&err, STATUS_TIMEOUT, "The MCP server \"%s\" did not answer within %d s.",
                mcp->settings->name, OPEN_MS / 1000);
        end_open(mcp, &err);
    }
}

void mcp_open(struct mcp *mcp, mcp_fn fn, void *ctx)
{
    mcp->fn = fn;
    mcp->ctx = ctx;
    mcp->listings = 0;
    if (mcp->state == MCP_CLOSED || mcp->state == MCP_OPEN)
        loop_timer_start(mcp->timer, 0, 0);
}

/* ---- what comes ---- */

static void on_message(void *ctx, json_t *message)
{
    struct mcp *mcp = ctx;
    const char *method = json_get_text(message, "method", NULL);
    if (method && !strcmp(method, "notifications/tools/list_changed")) {
        mcp->is_stale = true; /* one that says so without end is asked at an opening */
        if (mcp->state == MCP_OPEN && mcp->listings++ < MAX_LISTINGS)
            loop_timer_start(mcp->timer, 0, 0);
    } else if (method) {
        /* A server of the older kind may ask something itself. */
        json_t *id = json_object_get(message, "id");
        if (id && !mcp->is_modern) {
            json_t *out =
                !strcmp(method, "ping")
                    ? json_pack("{s:s, s:O, s:{}}", "jsonrpc", "2.0", "id", id, "result")
                    : json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", id,
                                "error", "code", METHOD_NOT_FOUND, "message",
                                "Method not found");
            mcp_link_send(mcp->link, out, NULL);
            json_decref(out);
        }
    } else {
        struct mcp_pending pending = mcp_take_pending(mcp, mcp_id(message));
        const json_t *error = json_object_get(message, "error");
        const json_t *result = json_object_get(message, "result");
        if (pending.id)
            pending.fn(mcp, pending.ctx, error ? NULL : result, error, NULL);
    }
    json_decref(message);
}

/* The server knows the session no more: a new one, once for a call. */
static bool begin_anew(struct mcp *mcp, int64_t id)
{
    struct mcp_call *call = mcp->calls;
    while (call && call->id != id)
        call = call->next;
    if (!call || call->was_anew)
        return false;
    mcp_take_pending(mcp, id);
    call->was_anew = true;
    call->id = 0;
    loop_timer_stop(call->timer);
    if (mcp->state == MCP_OPEN) {
        mcp->state = MCP_CLOSED;
        mcp_link_use_version(mcp->link, NULL, false);
        mcp_open(mcp, NULL, NULL);
    }
    return true;
}

static void on_fault(void *ctx, int64_t id, long code, const struct err *err)
{
    struct mcp *mcp = ctx;
    if (code == 404 && mcp->link->session && begin_anew(mcp, id))
        return;
    if (!id && mcp->state == MCP_PROBING) { /* it did not bear the probe */
        mcp_take_pending(mcp, mcp->probe);
        mcp->has_met_old = true;
        mcp->state = MCP_CLOSED;
        loop_timer_start(mcp->timer, 0, 0);
        return;
    }
    if (!id)
        mcp->state = mcp->state == MCP_OPEN ? MCP_CLOSED : mcp->state;
    int64_t last = mcp->last_id;
    for (size_t i = 0; i < mcp->pending_count; i++) {
        struct mcp_pending pending = mcp->pending[i];
        if (!pending.id || pending.id > last || (id && pending.id != id))
            continue;
        mcp->pending[i] = (struct mcp_pending){0};
        pending.fn(mcp, pending.ctx, NULL, NULL, err);
    }
}

static void on_accepted(void *ctx)
{
    struct mcp *mcp = ctx;
    if (mcp->state != MCP_GREETING)
        return;
    list(mcp, NULL);
}

struct mcp *mcp_new(struct http *http, struct loop *loop,
                    const struct tool_settings *settings)
{
    struct mcp *mcp = xcalloc(1, sizeof *mcp);
    const struct mcp_link_handler handler = {.on_message = on_message,
                                             .on_fault = on_fault,
                                             .on_accepted = on_accepted,
                                             .ctx = mcp};
    mcp->loop = loop;
    mcp->settings = settings;
    mcp->link = mcp_link_new(http, loop, settings, &handler);
    mcp->timer = loop_timer_new(loop, on_timer, mcp);
    return mcp;
}

void mcp_free(struct mcp *mcp)
{
    if (!mcp)
        return;
    while (mcp->calls)             /* each leaves the list */
        mcp_free_call(mcp->calls); /* NOLINT(clang-analyzer-unix.Malloc) */
    mcp_link_free(mcp->link);
    loop_timer_free(mcp->timer);
    clear_tools(&mcp->tools, &mcp->tool_count);
    clear_tools(&mcp->listed, &mcp->listed_count);
    free(mcp->pending);
    free(mcp);
}
