/* SPDX-License-Identifier: MIT
 *
 * llm - a prompt in, a stream of events out, the same for every endpoint kind.
 *
 * Retries happen before the first shown piece only. Text that was delivered is
 * never taken back.
 */
#ifndef LLM_LLM_H
#define LLM_LLM_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "config/endpoint.h"
#include "llm/memory.h"
#include "model/completion.h"
#include "net/http.h"

struct llm_call;

struct llm_message {
    const char *role; /* "system", "user", "assistant" */
    const char *text;
    size_t len;
};

struct llm_request {
    const struct endpoint *endpoint; /* copied */
    const struct llm_message *messages;
    size_t message_count;
    const struct sampling *sampling; /* over the endpoint's defaults; its system
                                      * prompt goes in front; NULL = defaults */
    struct llm_memory *memory;       /* shared by calls, outlives them; NULL = none */
};

enum llm_event_kind {
    LLM_TEXT,      /* text, len: the next piece of the answer */
    LLM_REASONING, /* text, len: thinking, kept apart */
    LLM_WAITING,   /* a retry: wait_ms, error says why */
    LLM_END        /* completion is filled; the last event */
};

struct llm_event {
    enum llm_event_kind kind;
    const char *text;
    size_t len;
    int64_t wait_ms;
    const struct err *err;               /* WAITING; END when FAILED or CUT; else NULL */
    const struct completion *completion; /* END: state, sampling, usage, times, error */
};

typedef void (*llm_fn)(void *ctx, const struct llm_event *event);

/* Never NULL; failures are told through END, never from inside llm_start. The call is
 * gone after END. */
struct llm_call *llm_start(struct http *http, struct loop *loop,
                           const struct clock *clock, const struct llm_request *request,
                           llm_fn fn, void *ctx);
/* Ends it now: END comes from inside llm_cancel, state CUT, finish reason
 * "cancelled". */
void llm_cancel(struct llm_call *call);
/* Ends it without END, for closing the program. NULL is allowed. */
void llm_abandon(struct llm_call *call);

/* GET BASE/models, for doctor: on_done gets OK or the sentence, and the model names
 * one a line. */
typedef void (*llm_models_fn)(void *ctx, const struct err *err, const char *names);
void llm_list_models(struct http *http, const struct endpoint *endpoint, llm_models_fn fn,
                     void *ctx);

#endif
