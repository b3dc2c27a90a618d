/* SPDX-License-Identifier: MIT
 *
 * tools - what an agent may call: the built-in tools, commands of the configuration, and
 * what MCP servers offer.
 *
 * Nothing runs that was not added. What comes back is untrusted and capped, and holds no
 * key of the configuration. Several agents may share a set.
 */
#ifndef LLM_TOOLS_H
#define LLM_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/loop.h"
#include "config/settings.h"
#include "llm/llm.h"
#include "net/http.h"

struct toolset;
struct tool_call;

/* Adds the servers of agent.mcp_file, those but that the settings have, or are told not
 * to use; once. CONFIG with the place. */
enum status mcp_read_file(struct settings *settings, struct err *err);

struct toolset *toolset_new(struct http *http, struct loop *loop);
/* After the last call has ended or was cancelled. Ends the MCP servers: a moment of
 * patience each. NULL is allowed. */
void toolset_free(struct toolset *set);
/* settings are borrowed. A tool or an MCP server; its key must be there. */
enum status toolset_add(struct toolset *set, const struct tool_settings *settings,
                        struct err *err) __attribute__((warn_unused_result));

/* It was added. */
bool toolset_uses(const struct toolset *set, const struct tool_settings *settings);

/* Starts what must be started (again: a server that has ended) and asks it for its tools.
 * fn comes once, from the loop: OK, or which server could not and why. */
typedef void (*toolset_fn)(void *ctx, const struct err *err);
void toolset_open(struct toolset *set, toolset_fn fn, void *ctx);
/* Nobody with this ctx waits for that any more. */
void toolset_forget(struct toolset *set, const void *ctx);

/* As of now: a server may say that its tools have changed. Borrowed until the next such
 * call or toolset_open. */
const struct llm_tool *toolset_list(struct toolset *set, size_t *count);
/* There is such a tool, and the user is to be asked before it runs; all: before any. */
bool toolset_asks(const struct toolset *set, const char *name, bool all);
/* What a model wrote as a tool's one input, as arguments: JSON. Owned. */
char *toolset_arguments(const struct toolset *set, const char *name, const char *input);

struct tool_result {
    bool is_error;
    const char *text; /* for the model */
    size_t len;
};
typedef void (*tool_fn)(void *ctx, const struct tool_result *result);
/* arguments: JSON text as the model wrote it. fn is called once, from the loop; the call
 * is gone after it. Never NULL: what cannot be done is told as an error. */
struct tool_call *toolset_call(struct toolset *set, const char *name,
                               const char *arguments, tool_fn fn, void *ctx);
/* fn is not called. NULL is allowed. */
void tool_cancel(struct tool_call *call);

#endif
