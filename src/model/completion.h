/* SPDX-License-Identifier: MIT
 *
 * completion - how an answer came to be: parameters asked for, what was measured,
 * how it ended.
 */
#ifndef MODEL_COMPLETION_H
#define MODEL_COMPLETION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "model/sampling.h"

enum completion_state {
    COMPLETION_RUNNING, /* also what a crash leaves behind */
    COMPLETION_DONE,    /* a finish reason, or the end mark where there are none */
    COMPLETION_CUT,     /* the stream ended without one, or the user stopped it */
    COMPLETION_FAILED   /* an error; text that came before it is kept */
};

struct completion {
    enum completion_state state;
    char *endpoint; /* name in the config, or the URL */
    struct sampling sampling;
    char *model_used;       /* what the server said; NULL = nothing */
    char *finish_reason;    /* as the server said it; "cancelled" = by the user; NULL */
    char *error;            /* the sentence; NULL = none */
    char *reasoning;        /* reasoning text, kept apart; NULL = none */
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
void completion_copy(struct completion *to, const struct completion *from);
void completion_clear(struct completion *completion);
const char *completion_state_name(enum completion_state state); /* "done", … */

#endif
