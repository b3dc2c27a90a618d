/* SPDX-License-Identifier: MIT
 *
 * agent - a model with tools in a loop, until it answers or a limit is reached: function
 * calls where the endpoint has them, else the text of react.h.
 *
 * Towards its caller it is one answer, with the events of llm_start: LLM_TEXT is the
 * final answer only (whole, or as it comes), LLM_END comes once, with the sums of all
 * turns. At a limit the answer is agent_stopped, as LangChain's executor says it; finish
 * reason "agent_steps" or "agent_time".
 */
#ifndef LLM_AGENT_H
#define LLM_AGENT_H

#include <stdbool.h>

#include "config/settings.h"
#include "llm/llm.h"
#include "llm/tools.h"
#include "model/completion.h"

struct agent;

extern const char agent_stopped[];

struct agent_request {
    struct llm_request llm; /* the last message is the question; tools, stop: not used */
    struct toolset *tools;  /* outlives the agent */
    const struct agent_settings *settings; /* copied but for its tools */
    /* Called before anything comes of the step. False = the agent stops. */
    bool (*on_step)(void *ctx, const struct trace_step *step);
    /* A tool waits for the user: agent_decide must follow. NULL = there is nobody to be
     * asked: it is refused, and the model told. */
    void (*on_confirm)(void *ctx, const char *tool, const char *arguments);
    bool allows_all; /* instead of asking */
    bool streams; /* what may be the final answer is told as it comes; taken_back tells of
                     what is none */
};

/* ctx: of fn, on_step and on_confirm. Never NULL; gone after END. */
struct agent *agent_start(struct http *http, struct loop *loop, const struct clock *clock,
                          const struct agent_request *request, llm_fn fn, void *ctx);
/* The user's word; for_all: and for the rest of this answer. */
void agent_decide(struct agent *agent, bool is_allowed, bool for_all);
/* END is the next event, with the loop's next turn. NULL is allowed, twice is once. */
void agent_cancel(struct agent *agent);

#endif
