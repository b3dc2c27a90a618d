/* SPDX-License-Identifier: MIT
 *
 * fake_mcp - what an MCP server says: tools "echo" (text), "fail" (an error of the tool),
 * "count" (how many calls came), "big" (megabytes; text "huge": too many), "slow" (no
 * reply), "mixed" (all kinds of content), "die". How it behaves is said in words:
 *
 *     modern    2026-07-28, no handshake
 *     mute      says nothing to what it does not know
 *     dies      ends when asked what it does not know
 *     old       the handshake's revision is 2024-11-05
 *     unknown   the handshake's revision is one that nobody knows
 *     pages     lists one tool a page
 *     noise     prints lines that are no messages, and asks things itself
 *     session   (HTTP) a session, which is lost before the second call
 *     events    (HTTP) replies are streams of events
 *     empty     has no tools
 *     growing   has only "echo" until that is called; then it says that its tools changed
 */
#ifndef TESTS_SUPPORT_FAKE_MCP_H
#define TESTS_SUPPORT_FAKE_MCP_H

#include <stdbool.h>

#include "tests/support/fake_server.h"

struct fake_mcp {
    const char *words;
    int calls;
    bool is_shaken;
    bool wants_end; /* "die" or "dies" */
};

/* The program that is one on its standard input and output, beside the test that argv0
 * is; SERVE_MCP names another. Borrowed. */
const char *fake_mcp_program(const char *argv0);
/* The reply to a message, or NULL = none. Owned. */
char *fake_mcp_reply(struct fake_mcp *mcp, const char *message);
bool fake_mcp_is(const struct fake_mcp *mcp, const char *word);
/* Answers over HTTP with it; its ctx is a fake_mcp. */
void fake_mcp_respond(void *ctx, const struct fake_request *request,
                      struct fake_reply *reply);

#endif
