/* SPDX-License-Identifier: MIT
 *
 * agents - asking with tools: which ones, the steps that are kept, and the user's word
 * where a tool waits for it.
 */
#ifndef APP_AGENTS_H
#define APP_AGENTS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/id.h"
#include "llm/llm.h"

struct app;
struct agent_run;
struct stream;

/* What is asked from now on is asked by an agent with these tools (names with blanks or
 * commas between; "" = those of the configuration, or the demo's); NULL = by none. CONFIG
 * with a sentence when one of them cannot be used; BUSY while an agent runs. */
enum status app_set_agent(struct app *app, const char *tools, struct err *err)
    __attribute__((warn_unused_result));
/* A person is there to be asked before a tool runs. Without one such a tool is refused,
 * unless the settings allow all. */
void app_answer_tools(struct app *app);
/* The word for the tool that waits in this record's agent. */
void app_decide_tool(struct app *app, const struct id *record, bool is_allowed,
                     bool for_all);

/* ---- for the app's own files ---- */
void agents_open(struct app *app);
void agents_close(struct app *app); /* after its agents have ended */
/* Asks in the place of llm_start, with the session's tools. Gone after END. */
struct agent_run *agents_start(struct app *app, struct stream *stream,
                               const struct llm_request *request, llm_fn fn, void *ctx);
void agents_cancel(struct agent_run *run); /* NULL is allowed */

#endif
