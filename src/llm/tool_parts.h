/* SPDX-License-Identifier: MIT
 *
 * tool_parts - what the kinds of tools offer to toolset.c, and MCP's two ways to a
 * server. For these files only.
 */
#ifndef LLM_TOOL_PARTS_H
#define LLM_TOOL_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "config/settings.h"
#include "llm/tools.h"
#include "net/http.h"
#include "json/json.h"

/* ---- calculator.c ---- */

/* The value of an expression, written with up to 15 digits. USAGE with what is wrong. */
enum status calculator_run(const char *expression, char *out, size_t size,
                           struct err *err) __attribute__((warn_unused_result));

/* ---- serpapi.c ---- */

/* What is asked for, with the key in it: never to be shown. Owned. */
char *serpapi_url(const struct tool_settings *settings, const char *query);
/* What a reply says, in the order in which LangChain's wrapper looks for it; false when
 * it is an error of the service. */
bool serpapi_read(const struct http_reply *reply, struct buf *out);
/* The demo's search: a few pages that it knows by heart. */
const char *canned_search(const char *query);

/* ---- command.c: a program of the user's ---- */

struct tool_run;
/* The sentence of a template that cannot be used. */
enum status command_check(const struct tool_settings *settings, const json_t *schema,
                          struct err *err);
/* A schema with a text for each {field} of the command. New reference. */
json_t *command_schema(const struct tool_settings *settings);
/* fn is called once, from the loop. NULL with err when it cannot start. */
struct tool_run *command_start(struct loop *loop, const struct tool_settings *settings,
                               const json_t *arguments, tool_fn fn, void *ctx,
                               struct err *err);
/* Ends it, if it still runs; nobody is told. NULL is allowed. */
void command_free(struct tool_run *run);
/* The environment for a child: ours without what looks like a key, except those named in
 * pass, and more (NULL = nothing). Owned, as are its texts; free with
 * command_free_environment. */
char **command_environment(const char *pass, char **more);
void command_free_environment(char **environment);
/* Takes out of len bytes of text, as secret_redact, what a tool of any kind was given
 * that is secret: its key, headers, variables. Before anything is cut. */
size_t tool_redact(const struct tool_settings *settings, char *text, size_t len);

/* ---- mcp_server.c: one server that speaks the Model Context Protocol, over stdio or
 * streamable HTTP: its tools, and calls of them. Revisions 2024-11-05 to 2025-11-25 (a
 * handshake, perhaps a session) and 2026-07-28 (neither); which one it speaks is found
 * out. No callback comes from inside a call. Source: llm-protocols.md §2.4 ---- */

struct mcp;
struct mcp_call;

/* As the server says it: untrusted. */
struct mcp_tool {
    char *name;
    char *description; /* never NULL */
    json_t *schema;    /* an object */
};

/* settings are borrowed. */
struct mcp *mcp_new(struct http *http, struct loop *loop,
                    const struct tool_settings *settings);
/* Not from inside a callback of the loop; gives a child a moment to end by itself. */
void mcp_free(struct mcp *mcp);
/* Connects, unless it is connected, and lists its tools: fn comes once. */
typedef void (*mcp_fn)(void *ctx, const struct err *err);
void mcp_open(struct mcp *mcp, mcp_fn fn, void *ctx);

/* arguments: an object. fn once, unless it is cancelled; the call is gone after it. */
struct mcp_call *mcp_start(struct mcp *mcp, const char *tool, const json_t *arguments,
                           tool_fn fn, void *ctx);
void mcp_cancel(struct mcp_call *call);

/* ---- mcp_link.c, mcp_http.c: messages to and from one server ---- */

enum {
    MCP_MAX_MESSAGE = 16 * 1024 * 1024,
    PARTING_TURNS = 100, /* of PARTING_MS, for a server to end by itself */
    PARTING_MS = 10
};

struct mcp_link_handler {
    /* Owned by the callee (json_decref). */
    void (*on_message)(void *ctx, json_t *message);
    /* The request of this id gets no reply; 0 = none will get one, the server has ended.
     * code: of HTTP; 0 = none. */
    void (*on_fault)(void *ctx, int64_t id, long code, const struct err *err);
    /* What asks nothing has arrived. */
    void (*on_accepted)(void *ctx);
    void *ctx;
};

struct mcp_link {
    struct http *http;
    struct loop *loop;
    const struct tool_settings *settings;
    struct mcp_link_handler handler;

    struct loop_child *child; /* NULL = over HTTP, or not started */
    struct loop_watch *reading, *writing;
    int in, out;         /* its stdin and stdout; -1 */
    struct buf line, to; /* read so far; not written yet */

    struct mcp_post *posts;
    char *version; /* NULL = none agreed on yet */
    char *session;
    bool is_modern;
};

/* settings are borrowed. */
struct mcp_link *mcp_link_new(struct http *http, struct loop *loop,
                              const struct tool_settings *settings,
                              const struct mcp_link_handler *handler);
/* Starts the server where it is a command. */
enum status mcp_link_open(struct mcp_link *link, struct err *err);
/* Over HTTP: the headers of what is sent from now on. NULL = none yet. */
void mcp_link_use_version(struct mcp_link *link, const char *version, bool is_modern);
/* schema: of the tool that is called, for its headers; or NULL. Faults come later. */
void mcp_link_send(struct mcp_link *link, const json_t *message, const json_t *schema);
/* Whether what a tool's schema says of headers can be done. */
bool mcp_headers_fit(const json_t *schema);
/* The reply to this request is not waited for. */
void mcp_link_drop(struct mcp_link *link, int64_t id);
/* Over HTTP: the server may forget the session. Turns the loop for a moment. */
void mcp_end_session(struct mcp_link *link);
void mcp_link_free(struct mcp_link *link);

/* mcp_http.c's */
struct mcp_post;
/* That of a reply; 0 = none that is ours. */
int64_t mcp_id(const json_t *message);
void mcp_post(struct mcp_link *link, int64_t id, const json_t *message, const char *body,
              const json_t *schema);
void mcp_drop_posts(struct mcp_link *link);

/* ---- mcp_server.c, mcp_call.c: what is asked over it ---- */

enum mcp_state {
    MCP_CLOSED,
    MCP_PROBING,
    MCP_SHAKING,
    MCP_GREETING,
    MCP_LISTING,
    MCP_OPEN
};

/* A request that waits for its reply. result or error NULL, or both: fault says why. */
typedef void (*mcp_reply_fn)(struct mcp *mcp, void *ctx, const json_t *result,
                             const json_t *error, const struct err *fault);
struct mcp_pending {
    int64_t id; /* 0 = free */
    mcp_reply_fn fn;
    void *ctx;
};

struct mcp_call {
    struct mcp *mcp;
    int64_t id; /* 0 = none is under way */
    char *tool;
    json_t *arguments;
    tool_fn fn;
    void *ctx;
    struct loop_timer *timer;
    bool was_anew; /* a lost session was begun anew for it */
    struct mcp_call *next;
};

struct mcp {
    struct loop *loop;
    const struct tool_settings *settings;
    struct mcp_link *link;
    enum mcp_state state;
    bool is_modern;
    bool has_met_old; /* what it said to the probe: it is not asked again */
    int64_t last_id;
    struct mcp_pending *pending;
    size_t pending_count;
    struct loop_timer *timer; /* of opening */
    int64_t probe;            /* the request that finds out */
    int pages;
    unsigned generation;             /* rises with each listing */
    struct mcp_tool *tools, *listed; /* listed: so far; they take the others' place */
    size_t tool_count, listed_count;
    int listings;           /* that it has asked for by itself since it was opened */
    bool is_stale;          /* its tools are others now */
    int64_t stays_until_ms; /* a modern one's list; monotonic */
    mcp_fn fn;              /* NULL = nobody waits */
    void *ctx;
    struct mcp_call *calls;
};

/* schema: of the tool that is called; NULL = none is. Takes the params' reference. */
void mcp_send(struct mcp *mcp, const char *method, json_t *params, int64_t id,
              const json_t *schema);
/* The number of the request, whose reply fn gets. */
int64_t mcp_ask(struct mcp *mcp, const char *method, json_t *params, const json_t *schema,
                mcp_reply_fn fn, void *ctx);
/* Nobody waits for it from now on; what had been waiting. */
struct mcp_pending mcp_take_pending(struct mcp *mcp, int64_t id);
/* Takes it out of the list, too. */
void mcp_free_call(struct mcp_call *call);

#endif
