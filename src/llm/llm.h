/* SPDX-License-Identifier: MIT
 *
 * llm - a prompt in, a stream of events out, the same for every endpoint kind.
 *
 * Retries happen before the first shown piece only. Text that was delivered is
 * never taken back. No event ever comes from inside llm_start or a cancel: each comes
 * from the loop.
 */
#ifndef LLM_LLM_H
#define LLM_LLM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "config/endpoint.h"
#include "model/completion.h"
#include "net/http.h"

struct llm_call;

/* What one process has learned of its endpoints: how each model wants its requests
 * written and which model an endpoint offers first, so that each costs one request and
 * not one a prompt. Shared by the calls of one app. */
struct llm_memory;
struct llm_memory *llm_memory_new(void);
/* After the last call has ended. NULL is allowed. */
void llm_memory_free(struct llm_memory *memory);
/* What refusals have taught, as JSON for the next session, without addresses. Owned. */
char *llm_memory_save(const struct llm_memory *memory);
/* Adds what was saved (NULL = nothing): what is not known yet and not older than thirty
 * days. now_ms: wall clock. */
void llm_memory_load(struct llm_memory *memory, const char *json, int64_t now_ms);
/* on_lesson is called whenever there is more to save. */
void llm_memory_watch(struct llm_memory *memory, void (*on_lesson)(void *ctx), void *ctx);

/* How long an endpoint has asked, by Retry-After, to be left alone: all its calls wait.
 * 0 = it has not. now_ms: monotonic. memory may be NULL. */
int64_t llm_paused_ms(const struct llm_memory *memory, const struct endpoint *endpoint,
                      int64_t now_ms);

/* A tool that the model may call. */
struct llm_tool {
    const char *name;        /* letters, digits, '_' and '-' */
    const char *description; /* what the model is told of it */
    const char *schema;      /* JSON Schema of the arguments, an object */
};

struct llm_tool_call {
    char *id;        /* never NULL: made up where the endpoint gives none */
    char *name;      /* as the model wrote it: untrusted */
    char *arguments; /* JSON text as the model wrote it, perhaps broken; "{}" = none */
};

struct llm_message {
    const char *role; /* "system", "user", "assistant", "tool" */
    const char *text;
    size_t len;
    /* assistant: what it called, besides text */
    const struct llm_tool_call *calls;
    size_t call_count;
    const char *kept;    /* assistant: llm_event.kept of that turn; NULL = none */
    const char *call_id; /* tool: whose result text is */
};

/* Messages and all that they point to, in memory of their own; zeroed = none. */
struct llm_messages {
    struct llm_message *items;
    size_t count;
    void **owned; /* what was copied, each a block */
    size_t owned_count, owned_room;
};
/* Copies it. Texts are NUL-terminated then. */
void llm_messages_add(struct llm_messages *list, const struct llm_message *from);
void llm_messages_clear(struct llm_messages *list);

struct llm_request {
    const struct endpoint *endpoint; /* copied */
    const struct llm_message *messages;
    size_t message_count;
    const struct sampling *sampling; /* over the endpoint's defaults; its system
                                      * prompt goes in front; NULL = defaults */
    struct llm_memory *memory;       /* outlives the call; NULL = none */
    const struct llm_tool *tools;
    size_t tool_count;
    const char *const *stop; /* stop sequences, NULL at the end; NULL = none */
};

enum llm_event_kind {
    LLM_TEXT,      /* text, len: the next piece of the answer */
    LLM_REASONING, /* text, len: thinking, kept apart */
    LLM_WAITING,   /* wait_ms; err says why, NULL = another prompt was told to wait */
    LLM_END        /* completion is filled; the last event */
};

/* What a failed answer says of the prompts that would be asked next. */
enum llm_fault {
    LLM_FAULT_NONE,    /* it did not fail */
    LLM_FAULT_PASSING, /* nothing: it is about this prompt, or about this moment */
    LLM_FAULT_LIKELY,  /* they would probably fail, too: stop after a few in a row */
    LLM_FAULT_CERTAIN  /* they fail until something is changed, or wait_ms is over */
};

struct llm_event {
    enum llm_event_kind kind;
    const char *text;
    size_t len;
    size_t takes_back; /* TEXT of an agent: bytes told before that it comes instead of */
    const char *model; /* TEXT, REASONING: that was asked; NULL = not known */
    int64_t wait_ms;   /* WAITING; END: what the server asked for, -1 = nothing */
    const struct err *err;               /* WAITING; END when FAILED or CUT; else NULL */
    enum llm_fault fault;                /* END */
    const struct completion *completion; /* END: state, sampling, usage, times, error */
    /* END of an answer that calls tools (its state is DONE): */
    const struct llm_tool_call *calls;
    size_t call_count;
    const char *kept; /* JSON that the same endpoint wants back with the calls; or NULL */
    bool refuses_tools; /* END, FAILED: the endpoint or model takes no tools at all */
};

typedef void (*llm_fn)(void *ctx, const struct llm_event *event);

/* Never NULL; failures are told through END. The call is gone after END, which http and
 * loop must wait for. */
struct llm_call *llm_start(struct http *http, struct loop *loop,
                           const struct clock *clock, const struct llm_request *request,
                           llm_fn fn, void *ctx);
/* Nothing more is read; END is the next event and comes with the loop's next turn:
 * state CUT, finish reason "cancelled". NULL is allowed, and twice is once. */
void llm_cancel(struct llm_call *call);

/* Whether it is worth asking with tools: the kind has them, and this model (NULL = the
 * endpoint's) has not refused them yet. memory may be NULL. */
bool llm_takes_tools(const struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model);

struct llm_model {
    char *name;          /* as the endpoint has it: untrusted */
    char *shutdown_date; /* "2026-12-31", as the endpoint has it; NULL = none */
};

/* Asks for the models that it lists: fn gets OK and the models, or the sentence. Takes
 * half a minute at most. */
typedef void (*llm_models_fn)(void *ctx, const struct err *err,
                              const struct llm_model *models, size_t count);
void llm_list_models(struct http *http, const struct endpoint *endpoint, llm_models_fn fn,
                     void *ctx);
/* Finds the kind that an address speaks by empty requests, which cost nothing: found has
 * the kind and address that answer, its own first; NULL = nobody can tell. */
typedef void (*llm_kind_fn)(void *ctx, const struct endpoint *found);
void llm_find_kind(struct http *http, const struct endpoint *endpoint, llm_kind_fn fn,
                   void *ctx);

/* The records that the demo's queue opens on, so that there is something to rate. */
struct llm_demo_pair {
    const char *prompt;
    const char *response;
};
const struct llm_demo_pair *llm_demo_pairs(size_t *count);

#endif
