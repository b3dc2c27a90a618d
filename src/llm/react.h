/* SPDX-License-Identifier: MIT
 *
 * react - an agent's way in plain text, for models and endpoints that take no tools: the
 * zero-shot format of Thought, Action, Action Input, Observation and Final Answer, as
 * LangChain writes it. Source: llm-protocols.md §2.2.
 */
#ifndef LLM_REACT_H
#define LLM_REACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "llm/llm.h"

/* Where the model must stop: it would make up the observation. NULL at the end. */
extern const char *const react_stops[];

/* The prompt: what there is to use, the format, the question, and what was done so far
 * (react_add_step), at which the model goes on. */
void react_write(struct buf *out, const struct llm_tool *tools, size_t count,
                 const char *question, size_t len, const struct buf *steps);
/* What the model wrote, and what came of it. */
void react_add_step(struct buf *steps, const char *written, size_t len,
                    const char *observation, size_t observation_len);

enum react_kind {
    REACT_CALL,   /* tool, input */
    REACT_ANSWER, /* input: the final answer */
    REACT_UNCLEAR /* input: what the model is told of it */
};

struct react {
    enum react_kind kind;
    char *tool;  /* as written, without quotes; NULL unless CALL */
    char *input; /* never NULL */
    size_t used; /* bytes of the text up to what the model made up itself */
};

/* Reads what a model wrote behind "Thought:". Bold and numbered labels, quotes, code
 * fences, JSON and calls with parentheses are understood. */
void react_read(struct react *react, const char *text, size_t len);
void react_clear(struct react *react);

/* The part of a text that was shown as the final answer, while it comes. */
struct react_shown {
    size_t from, len;
};
/* How much more of the text may be shown, now that so many bytes came: what stands behind
 * "Final Answer:", or where the agent calls functions (is_text false), all; without the
 * blanks at its ends. Sets from. */
size_t react_show(struct react_shown *shown, bool is_text, const struct buf *text,
                  size_t came);

#endif
