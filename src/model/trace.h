/* SPDX-License-Identifier: MIT
 *
 * trace - what an agent did on the way to a completion, step by step. What models and
 * tools wrote stands in it: untrusted.
 */
#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_kind {
    TRACE_THOUGHT, /* text: what the model wrote besides its calls */
    TRACE_CALL,    /* tool; text: its arguments */
    TRACE_RESULT,  /* tool; text: what came back */
    TRACE_END      /* text: why the agent stopped before an answer */
};

struct trace_step {
    enum trace_kind kind;
    int64_t at_ms;   /* wall clock */
    int64_t took_ms; /* THOUGHT, RESULT: the model, the tool; -1 = not measured */
    const char *tool;
    const char *text;
    size_t len;
    bool is_error; /* RESULT */
};

const char *trace_kind_name(enum trace_kind kind); /* "thought", … */
/* False when there is none of that name. */
bool trace_kind_parse(const char *name, enum trace_kind *kind);

#endif
