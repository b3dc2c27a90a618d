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

/* Sampling parameters. Only what is set is sent. */
struct sampling {
    char *model;         /* NULL = the endpoint's */
    char *system_prompt; /* NULL = none */
    double temperature;
    bool has_temperature;
    int64_t max_tokens; /* 0 = not set */
    int64_t seed;
    bool has_seed;
};

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
void sampling_copy(struct sampling *to, const struct sampling *from);
void sampling_clear(struct sampling *sampling);
/* Takes from over every setting that from has and to lacks. */
void sampling_fill(struct sampling *to, const struct sampling *from);
const char *completion_state_name(enum completion_state state); /* "done", … */

#endif
