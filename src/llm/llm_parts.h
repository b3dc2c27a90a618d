/* SPDX-License-Identifier: MIT
 *
 * llm_parts - what the files of llm share: what an endpoint said went wrong, the stream
 * that all kinds read, how an answer ended, and what refusals have taught. For llm only.
 */
#ifndef LLM_LLM_PARTS_H
#define LLM_LLM_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "llm/llm.h"
#include "net/sse.h"
#include "json/json.h"

struct protocol;

/* ---- what an endpoint says went wrong, in any of the shapes seen in the wild ---- */

/* Stands for "200, and yet no answer" in llm_error.status. */
#define LLM_ERROR_NO_ANSWER 200

struct llm_error {
    char message[280];  /* safe to show, without secrets; "" = none was given */
    char code[128];     /* its codes and type, as given; "" = none */
    char param[64];     /* the parameter it is about; "" = not said */
    long status;        /* an HTTP-like number in it; 0 = none */
    int64_t wait_ms;    /* that it asks for in its details or its words; -1 = none */
    const char *speaks; /* the kind whose form it has; NULL = several have it */
};

/* The kind whose form a piece or a document has: "anthropic"; NULL = several have it. */
const char *llm_error_speaks(const json_t *json);
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

/* ---- the bytes of one answer, cut anywhere, to pieces of text and an outcome ---- */

#define STREAM_MAX_TEXT ((size_t)64 << 20) /* bytes of one answer */

typedef void (*stream_fn)(void *ctx, bool is_reasoning, const char *text, size_t len);

enum stream_framing { STREAM_UNKNOWN, STREAM_EVENTS, STREAM_LINES, STREAM_DOCUMENT };

/* Where <think> … </think> at the start of the text is. */
enum stream_think { THINK_AHEAD, THINK_INSIDE, THINK_BEHIND, THINK_OVER };

/* A tool call whose arguments may still be coming. */
struct stream_call {
    int64_t slot; /* the endpoint's number for it; -1 = none */
    char *id, *name;
    struct buf arguments;
};

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

    const char *const *stops; /* it ends in front of the first of these; NULL = none */
    size_t stop_count;
    int64_t max_tokens; /* that were asked for; 0 = no limit */
    struct buf tail;    /* text that may be the begin of one */
    bool is_stopped;    /* one came; the endpoint may not know of it */

    bool takes_calls; /* tools were offered; else calls are none */
    struct stream_call *calls;
    size_t call_count, call_room;
    struct llm_tool_call *taken; /* what stream_calls gave */
    char *kept_text;             /* what stream_kept gave */
    size_t call_len;             /* bytes of them */
    json_t *kept;                /* what the endpoint wants back with the calls; NULL */
    size_t kept_len;             /* bytes of it */
    const char *kept_reasoning;  /* it wants the reasoning back under this name; NULL */
    json_t *block;               /* the protocol's: what is not whole yet; NULL */
    struct buf gathered;         /* likewise */

    char *model;         /* what the server says it is; NULL */
    char *finish_reason; /* NULL = none yet */
    char *explanation;   /* of it; NULL = none */
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
/* What was held back is text after all, or endless reasoning. Part of stream_end. */
void stream_release(struct stream *stream);
/* A finish reason or the end mark was seen. */
bool stream_is_complete(const struct stream *stream);

/* For protocols. */
void stream_add_text(struct stream *stream, const char *text, size_t len);
void stream_add_reasoning(struct stream *stream, const char *text, size_t len);
/* The member of that name, where it is a text. */
void stream_take_text(struct stream *stream, const json_t *object, const char *key);
void stream_take_reasoning(struct stream *stream, const json_t *object, const char *key);
/* The document is no answer of this kind, and perhaps no error either. */
void stream_set_no_answer(struct stream *stream, const json_t *json);
/* A piece of a tool call, or a whole one: slot -1 = it has no number; id and name NULL,
 * "" or "null" = none in this piece; arguments: a part of their JSON text. */
void stream_add_call(struct stream *stream, int64_t slot, const char *id,
                     const char *name, const char *arguments, size_t len);
/* The newest call of that number, of -1 the newest of all; NULL = none. */
struct stream_call *stream_call_at(const struct stream *stream, int64_t slot);
/* Adds item to the list of that name that goes back with the calls. */
void stream_keep_back(struct stream *stream, const char *name, json_t *item);
/* The calls of an answer that has ended, call_count of them: "{}" for no arguments, ids
 * made up where there are none. Borrowed. */
const struct llm_tool_call *stream_calls(struct stream *stream);
/* What goes back with them as JSON; NULL = nothing. Borrowed. */
const char *stream_kept(struct stream *stream, const char *reasoning);
void stream_clear_calls(struct stream *stream); /* part of stream_clear */
/* NULL, "" and "null" are none; the last one counts. */
void stream_finish(struct stream *stream, const char *reason);
void stream_set_error(struct stream *stream, const json_t *json);
/* Replaces *to by text without the endpoint's secrets, unless it is NULL or "". */
void stream_keep(const struct stream *stream, char **to, const char *text);
/* Sets *count when the member is an integer >= 0. */
void stream_count(int64_t *count, const json_t *object, const char *key);

/* ---- how a request to one endpoint and model is written ---- */

/* Named in llm_learn.c, in this order. */
enum {
    WIRE_MAX_COMPLETION_TOKENS = 1 << 0, /* that name, not max_tokens */
    WIRE_NO_TEMPERATURE = 1 << 1,
    WIRE_NO_SEED = 1 << 2,
    WIRE_RANDOM_SEED = 1 << 3, /* Mistral's name of it */
    WIRE_NO_STREAM_OPTIONS = 1 << 4,
    WIRE_NO_STREAM = 1 << 5,
    WIRE_DEVELOPER = 1 << 6, /* that role, not "system" */
    WIRE_NO_SYSTEM = 1 << 7, /* what the system says goes in front of the user's words */
    WIRE_NO_STOP = 1 << 8,
    WIRE_NO_TOOLS = 1 << 9,
    WIRE_NO_PREFILL = 1 << 10, /* no message of the model's at the end */
    WIRE_FEW_TOKENS = 1 << 11, /* an older model's limit, where none was set */
    WIRE_NO_STORE = 1 << 12
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
/* True when the refusal names something of the body sent that can be left out or named
 * otherwise, and that has not been tried: send the request again. */
bool wire_learn(struct wire *wire, const struct llm_error *error, long status,
                const struct sampling *sampling, const json_t *body);
/* It says that this endpoint or model takes no tools at all. */
bool wire_refuses_tools(const struct llm_error *error, long status);

/* memory may be NULL everywhere: nothing is known or kept. */
/* An answer is under way. Returns how many were begun before: so that the demo's next one
 * is another. */
unsigned memory_begin(struct llm_memory *memory);
void memory_end(struct llm_memory *memory);
bool memory_is_alone(const struct llm_memory *memory); /* no other answer is under way */
/* The wire flags that a refusal taught for this model; else *flags stays. */
void memory_find(const struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned *flags);
/* The flags turned since before are kept; others may have learned something else
 * meanwhile, which is taken over. */
void memory_keep(struct llm_memory *memory, const struct endpoint *endpoint,
                 const char *model, unsigned before, unsigned *flags, int64_t now_ms);
/* The model to ask for where none was set; NULL = not known yet. Borrowed. */
const char *memory_model(const struct llm_memory *memory,
                         const struct endpoint *endpoint);
/* The endpoint asks to be left alone so long, as llm_paused_ms tells; for longer than a
 * call would wait it is no pause. now_ms: monotonic. */
void memory_pause(struct llm_memory *memory, const struct endpoint *endpoint,
                  int64_t wait_ms, int64_t now_ms);
/* NULL forgets it: what failed may have been for its sake. */
void memory_keep_model(struct llm_memory *memory, const struct endpoint *endpoint,
                       const char *model);

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
void verdict_too_late(struct verdict *verdict, const struct endpoint *endpoint,
                      bool has_begun);
void verdict_no_tools(struct verdict *verdict, const struct endpoint *endpoint);
void verdict_cancelled(struct verdict *verdict);

/* ---- unpack.c: the lines of a file, whatever it is packed with: gzip and zstd are known
 * by their first bytes. Or the items of a JSON array, of whatever size. A few hundred KiB
 * of memory for any file ---- */

struct unpack;

/* Reads fd by pread from its start, so that several may read one file. fd is borrowed;
 * name is for sentences. */
struct unpack *unpack_new(int fd, const char *name);
void unpack_free(struct unpack *unpack);
/* Replaces line by the next one, without its "\n". NOT_FOUND at the end; FULL when it is
 * longer than line's cap: it is passed over; IO when it cannot be read on. */
enum status unpack_line(struct unpack *unpack, struct buf *line, struct err *err);
/* Whether the file is one JSON array; to be asked before anything is read. */
bool unpack_begins_array(struct unpack *unpack);
/* Its next item, an object: a new reference, and the line on which it begins. NOT_FOUND
 * at the array's end; IO when it is no object, over max bytes, or cannot be read. */
enum status unpack_item(struct unpack *unpack, size_t max, json_t **item, size_t *line,
                        struct err *err);

#endif
