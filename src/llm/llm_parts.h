/* SPDX-License-Identifier: MIT
 *
 * llm_parts - what the files of llm share: what differs between endpoint kinds, the
 * stream that all of them read, what an endpoint said went wrong, how an answer ended,
 * and what refusals have taught. For llm only.
 */
#ifndef LLM_LLM_PARTS_H
#define LLM_LLM_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "llm/llm.h"
#include "net/sse.h"

#define STREAM_MAX_TEXT ((size_t)64 << 20) /* bytes of one answer */

struct stream;

/* ---- what an endpoint says went wrong, in any of the shapes seen in the wild ---- */

/* Stands for "200, and yet no answer" in llm_error.status. */
#define LLM_ERROR_NO_ANSWER 200

struct llm_error {
    char message[280]; /* safe to show, without secrets; "" = none was given */
    char code[128];    /* its codes and type, as given; "" = none */
    char param[64];    /* the parameter it is about; "" = not said */
    long status;       /* an HTTP-like number in it; 0 = none */
    int64_t wait_ms;   /* that it asks for in its details or its words; -1 = none */
};

/* Whether this piece of a stream, or this whole document, is an error. */
bool llm_error_is(const json_t *json);
/* endpoint: whose secrets are taken out before anything is cut. */
void llm_error_from_json(struct llm_error *error, const json_t *json,
                         const struct endpoint *endpoint);
/* From the body of a refusal: JSON, a proxy's HTML page, or text. */
void llm_error_from_body(struct llm_error *error, const char *body, size_t len,
                         const struct endpoint *endpoint);
/* One of these words (divided by '|') stands in its codes, or else in its message. */
bool llm_error_has(const struct llm_error *error, const char *words, bool in_message);
/* The number that stands for an error inside a stream; 500 when nothing tells. */
long llm_error_status(const struct llm_error *error);

/* ---- how a request to one endpoint and model is written ---- */

enum {
    WIRE_MAX_COMPLETION_TOKENS = 1, /* that name, not max_tokens */
    WIRE_NO_TEMPERATURE = 2,
    WIRE_NO_SEED = 4,
    WIRE_RANDOM_SEED = 8, /* Mistral's name of it */
    WIRE_NO_STREAM_OPTIONS = 16,
    WIRE_NO_STREAM = 32,
    WIRE_DEVELOPER = 64, /* that role, not "system" */
    WIRE_NO_SYSTEM = 128 /* what the system says goes in front of the user's words */
};

struct wire {
    unsigned flags;
    unsigned learned;       /* flags that a refusal has turned, each once */
    const char *key_header; /* NULL = the protocol's */
    const char *key_prefix;
    const char *default_model; /* NULL = the first one that it lists */
};

/* What is known of famous hosts beforehand. */
void wire_init(struct wire *wire, const struct endpoint *endpoint);
/* True when the refusal names a parameter or a role that can be left out or named
 * otherwise, and that has not been tried: send the request again. */
bool wire_learn(struct wire *wire, const struct llm_error *error, long status,
                const struct sampling *sampling);

/* memory may be NULL everywhere: nothing is known or kept. */
void memory_begin(struct llm_memory *memory); /* an answer is under way */
void memory_end(struct llm_memory *memory);
bool memory_is_alone(const struct llm_memory *memory); /* no other answer is under way */
/* How many answers were begun before: so that the demo's next one is another. */
unsigned memory_turn(struct llm_memory *memory);
/* The wire flags that a refusal taught for this model; false = none did. */
bool memory_find(const struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned *flags);
void memory_keep(struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned flags);
/* The model to ask for where none was set; NULL = not known yet. Borrowed. */
const char *memory_model(const struct llm_memory *memory,
                         const struct endpoint *endpoint);
/* NULL forgets it: what failed may have been for its sake. */
void memory_keep_model(struct llm_memory *memory, const struct endpoint *endpoint,
                       const char *model);

/* ---- endpoint kinds ---- */

struct protocol_request {
    const struct llm_message *messages; /* the system prompt first */
    size_t message_count;
    const struct sampling *sampling;
    const struct wire *wire;
    unsigned turn; /* see memory_turn */
};

/* How one kind is spoken; nothing outside its file knows more of it. A whole JSON
 * document or a page instead of the stream that was asked for is understood for all. */
struct protocol {
    enum endpoint_kind kind;
    const char *path;        /* after the base URL */
    const char *models_path; /* lists the models; NULL = cannot */
    const char *accept;
    const char *key_header, *key_prefix;
    const char *const *headers; /* more of them, "Name: value"; NULL = none */
    bool has_lines;             /* a JSON document a line, not server-sent events */
    const char *end_mark;       /* data that ends a stream; NULL = none */
    const char *missing; /* what to do where path is not there; NULL = check the url */
    /* The body. New reference. */
    json_t *(*write)(const struct protocol_request *request);
    /* One piece of a stream, or the whole document: by stream_add_… and
     * stream_finish. */
    void (*read)(struct stream *stream, const json_t *json);
    /* Instead of all that, without a network: begins an answer, gives its next piece
     * (false after the last), frees it. */
    void *(*begin)(const struct protocol_request *request);
    bool (*next)(void *answer, struct stream *stream);
    void (*free)(void *answer);
};

/* The last line of every canned answer. */
#define CANNED_LABEL "(canned answer of sherd's built-in demo)"
/* An answer to prompt; another turn gives another one. Owned. */
char *canned_find(const char *prompt, unsigned turn);

extern const struct protocol protocol_openai_chat;
extern const struct protocol protocol_openai_completions;
extern const struct protocol protocol_openai_responses;
extern const struct protocol protocol_anthropic;
extern const struct protocol protocol_ollama;
extern const struct protocol protocol_canned;

const struct protocol *protocol_find(enum endpoint_kind kind);
/* ---- what several of them write and read alike ---- */

/* [{"role", "content"}]: the system prompt under the name that the endpoint takes, or in
 * front of what the user says. New reference. */
json_t *protocol_messages(const struct protocol_request *request);
/* What the system says, joined; "" = nothing. Owned. For protocols with a place of its
 * own for it, which then leave it out of the messages. */
char *protocol_system(const struct protocol_request *request);
json_t *protocol_turns(const struct protocol_request *request); /* without the system's */
/* A body with the model, what is asked under its name (takes the reference), and whether
 * it is to stream. New reference. */
json_t *protocol_body(const struct protocol_request *request, const char *name,
                      json_t *asked);
/* The limits and chances as OpenAI names them. */
void openai_set_sampling(json_t *body, const struct protocol_request *request);
void openai_read(struct stream *stream, const json_t *root);

/* The base URL with path; a query of the base stays at the end. Owned. */
char *protocol_url(const struct endpoint *endpoint, const char *path);

/* Sends the question for the models; NULL when this kind cannot be asked. */
struct http_call *models_send(struct http *http, const struct endpoint *endpoint,
                              const struct http_handler *handler);
/* The name of a model in {"data":[{"id"}]}, a bare list (Together), or
 * {"models":[{"name"}]}. NULL when there are not so many. Owned. */
char *models_name(const char *body, size_t len, size_t at);

/* ---- the bytes of one answer, cut anywhere, to pieces of text and an outcome ---- */

typedef void (*stream_fn)(void *ctx, bool is_reasoning, const char *text, size_t len);

enum stream_framing { STREAM_UNKNOWN, STREAM_EVENTS, STREAM_LINES, STREAM_DOCUMENT };

/* Where <think> … </think> at the start of the text is. */
enum stream_think { THINK_AHEAD, THINK_INSIDE, THINK_BEHIND, THINK_OVER };

struct stream {
    const struct protocol *protocol;
    const struct endpoint *endpoint;
    stream_fn fn;
    void *ctx;
    enum stream_framing framing;
    struct sse sse;
    struct buf line; /* of STREAM_LINES */
    struct buf document;
    unsigned half; /* \ud83d at the end of a text: the other half may come; 0 = none */
    bool has_lost_half;
    enum stream_think think;
    struct buf held; /* text that may be a tag, or blanks in front of one */

    char *model;         /* what the server says it is; NULL */
    char *finish_reason; /* NULL = none yet */
    int64_t prompt_tokens, completion_tokens, reasoning_tokens; /* -1 = not said */
    size_t text_len;                                            /* delivered so far */
    size_t reasoning_len;                                       /* delivered so far */
    bool has_text;         /* some has come, though it may be held back */
    bool has_words;        /* not only blanks were delivered */
    bool is_refusal;       /* the text is the model's refusal, and whole */
    bool has_end_mark;     /* nothing after it counts */
    bool knows_reasons;    /* the pieces have a place for a finish reason */
    size_t reasons;        /* how many finish reasons came */
    bool has_early_reason; /* content came after one: they tell nothing */
    bool rides;            /* the last one came with content */
    bool has_error;
    bool is_too_large;
    int lost_pieces; /* that looked like ours and could not be read */
    struct llm_error error;
};

/* endpoint is borrowed. */
void stream_init(struct stream *stream, const struct protocol *protocol,
                 const struct endpoint *endpoint, stream_fn fn, void *ctx);
void stream_clear(struct stream *stream);
/* False once a cap was passed. fn may not clear the stream. */
bool stream_feed(struct stream *stream, const char *bytes, size_t len);
/* No more bytes will come. */
void stream_end(struct stream *stream);
/* What was held back is text after all, or reasoning without an end. Part of
 * stream_end. */
void stream_release(struct stream *stream);
/* A finish reason or the end mark was seen. */
bool stream_is_complete(const struct stream *stream);

/* For protocols. */
void stream_add_text(struct stream *stream, const char *text, size_t len);
void stream_add_reasoning(struct stream *stream, const char *text, size_t len);
/* NULL, "" and "null" are none; the last one counts. */
void stream_finish(struct stream *stream, const char *reason);
void stream_set_error(struct stream *stream, const json_t *json);
/* Replaces *to by a copy of text, unless text is NULL or "". */
void stream_keep(char **to, const char *text);
/* Sets *count when the member is an integer >= 0. */
void stream_count(int64_t *count, const json_t *object, const char *key);

/* ---- how an answer ended: done, cut off or failed, and the sentence ---- */

enum llm_error_class {
    LLM_ERROR_LASTING, /* the same request would fail again */
    LLM_ERROR_PASSING, /* try again after a while */
    LLM_ERROR_LOADING  /* the model is not ready yet: ask until it is */
};

struct verdict {
    enum completion_state state;
    struct err err; /* empty when DONE */
    enum llm_error_class class;
    enum llm_fault fault;
    int64_t wait_ms;     /* that the server asked for; -1 = nothing */
    bool is_interrupted; /* by another request, perhaps one of ours */
};

/* Of a stream that has ended; reply NULL or OK = it ended in peace. */
void verdict_of_stream(struct verdict *verdict, const struct stream *stream,
                       const struct http_reply *reply);
/* Of an error that the endpoint told; status 0 = inside a stream. asked_ms: the wait of
 * the reply's headers, -1 = none. */
void verdict_of_error(struct verdict *verdict, const struct llm_error *error, long status,
                      int64_t asked_ms, const struct endpoint *endpoint,
                      const char *model);
void verdict_of_transport(struct verdict *verdict, const struct endpoint *endpoint,
                          const struct err *why);
void verdict_no_first_token(struct verdict *verdict, const struct endpoint *endpoint);
void verdict_idle(struct verdict *verdict, const struct endpoint *endpoint);
void verdict_cancelled(struct verdict *verdict, const struct err *why);

#endif
