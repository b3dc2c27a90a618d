/* SPDX-License-Identifier: MIT
 *
 * completion - how an answer came to be: parameters asked for, what was measured,
 * how it ended.
 */
#ifndef MODEL_COMPLETION_H
#define MODEL_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "model/sampling.h"

enum completion_state {
    COMPLETION_RUNNING, /* also what a crash leaves behind */
    COMPLETION_DONE,    /* whole, by its finish reason or the endpoint's end mark */
    COMPLETION_CUT,     /* some text came, but not all: an error, a limit of the model, a
                         * filter, or the user ended it */
    COMPLETION_FAILED   /* an error, and no text */
};

/* What a finish reason says of the text that came with it. The one table of them. */
struct finish {
    const char *reason;          /* NULL in the row of all others */
    enum completion_state state; /* of an answer with text */
    bool is_limit;               /* of tokens */
    const char *note;            /* half a sentence for the user; NULL = nothing to say */
};
/* Never NULL: a reason that is not known, or none, is that of a whole answer. */
const struct finish *finish_find(const char *reason);

struct completion {
    enum completion_state state;
    char *endpoint; /* name in the config, or the URL */
    struct sampling sampling;
    char *model_used;       /* what the server said; NULL = nothing */
    char *finish_reason;    /* as the server said it; "cancelled" = by the user; NULL */
    char *error;            /* the sentence; NULL = none */
    char *reasoning;        /* reasoning text, kept apart; NULL = none */
    char *messages;         /* JSON: what was asked, where it was more than the prompt: a
                             * conversation; NULL */
    char *tools;            /* names of what an agent could use; NULL = it was none */
    int64_t started_ms;     /* wall clock */
    int64_t first_token_ms; /* after the start; -1 = none came */
    int64_t total_ms;       /* after the start; -1 = still running */
    int64_t prompt_tokens;  /* -1 = not said */
    int64_t completion_tokens; /* -1 = not said */
    int attempts;              /* 1 = no retry */
    struct id run;             /* the session or batch it belongs to; zero = none */
    struct id parent;          /* the record it regenerates; zero = none */
    int sample;                /* 0-based number among the same prompt's samples */
};

void completion_init(struct completion *completion); /* -1 where nothing is known */
/* Another turn of one answer: its facts are the answer's, but for what is counted over
 * all; the first token is not known then. */
void completion_add_turn(struct completion *sum, const struct completion *turn);
void completion_copy(struct completion *to, const struct completion *from);
void completion_clear(struct completion *completion);
/* The model's name to show: what the endpoint said it was, but the one that was asked for
 * where it said the path of a file. NULL = nobody said. Borrowed. */
const char *completion_model(const struct completion *completion);
const char *completion_state_name(enum completion_state state); /* "done", … */

/* ---- what an agent did on the way to it, step by step. What models and tools wrote
 * stands in it: untrusted ---- */

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
