/* SPDX-License-Identifier: MIT
 *
 * mcp - one server that speaks the Model Context Protocol, over stdio or streamable HTTP:
 * its tools, and calls of them. Revisions 2024-11-05 to 2025-11-25 (a handshake, perhaps
 * a session) and 2026-07-28 (neither); which one it speaks is found out. Source:
 * llm-protocols.md §2.4.
 *
 * No callback comes from inside a call of these functions.
 */
#ifndef LLM_MCP_H
#define LLM_MCP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "llm/tools.h"
#include "net/http.h"

struct mcp;
struct mcp_call;

/* As the server says it: untrusted. */
struct mcp_tool {
    char *name;
    char *description; /* never NULL */
    json_t *schema;    /* an object */
};

/* Adds the servers of agent.mcp_file, those but that the settings have, or are told not
 * to use; once. CONFIG with the place. */
enum status mcp_read_file(struct settings *settings, struct err *err);

/* settings are borrowed. */
struct mcp *mcp_new(struct http *http, struct loop *loop,
                    const struct tool_settings *settings);
/* Not from inside a callback of the loop; gives a child a moment to end by itself. */
void mcp_free(struct mcp *mcp);
/* Connects, unless it is connected, and lists its tools: fn comes once. */
typedef void (*mcp_fn)(void *ctx, const struct err *err);
void mcp_open(struct mcp *mcp, mcp_fn fn, void *ctx);
/* Rises with each listing. */
unsigned mcp_generation(const struct mcp *mcp);
const struct mcp_tool *mcp_tools(const struct mcp *mcp, size_t *count);

/* arguments: an object. fn once, unless it is cancelled; the call is gone after it. */
struct mcp_call *mcp_start(struct mcp *mcp, const char *tool, const json_t *arguments,
                           tool_fn fn, void *ctx);
void mcp_cancel(struct mcp_call *call);

#endif
