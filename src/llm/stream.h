/* SPDX-License-Identifier: MIT
 *
 * stream - the bytes of one answer, cut anywhere, to pieces of text and an outcome.
 * Knows framing (events, or one document in spite of being asked for a stream); what
 * is in an event is the protocol's. No I/O. For llm only.
 */
#ifndef LLM_STREAM_H
#define LLM_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "llm/halves.h"
#include "llm/llm_error.h"
#include "net/sse.h"

#define STREAM_MAX_TEXT ((size_t)64 << 20) /* bytes of one answer */

/* Stands for "200, and yet no answer" in error.status. */
#define STREAM_NO_ANSWER 200

struct stream;

/* How an endpoint kind reads what comes. */
struct stream_reader {
    const char *end_mark; /* data that ends a stream; NULL = none */
    /* One piece of a stream, or the whole document. */
    void (*read)(struct stream *stream, const json_t *json);
};

typedef void (*stream_fn)(void *ctx, bool is_reasoning, const char *text, size_t len);

enum stream_framing { STREAM_UNKNOWN, STREAM_EVENTS, STREAM_DOCUMENT };

struct stream {
    const struct stream_reader *reader;
    stream_fn fn;
    void *ctx;
    enum stream_framing framing;
    struct sse sse;
    struct buf document;
    struct halves halves; /* of a character cut between two pieces */

    char *model;         /* what the server says it is; NULL */
    char *finish_reason; /* NULL = none yet */
    int64_t prompt_tokens, completion_tokens, reasoning_tokens; /* -1 = not said */
    size_t text_len;                                            /* delivered so far */
    size_t reasoning_len;                                       /* delivered so far */
    bool is_refusal;    /* the text is the model's refusal */
    bool has_end_mark;  /* nothing after it counts */
    bool knows_reasons; /* the pieces have a place for a finish reason */
    bool has_error;
    bool is_too_large;
    int lost_pieces; /* that looked like ours and could not be read */
    struct llm_error error;
};

void stream_init(struct stream *stream, const struct stream_reader *reader, stream_fn fn,
                 void *ctx);
void stream_clear(struct stream *stream);
/* False once a cap was passed. fn may not clear the stream. */
bool stream_feed(struct stream *stream, const char *bytes, size_t len);
/* No more bytes will come. */
void stream_end(struct stream *stream);
/* A finish reason or the end mark was seen. */
bool stream_is_complete(const struct stream *stream);

/* For protocols. */
void stream_add_text(struct stream *stream, const char *text, size_t len);
void stream_add_reasoning(struct stream *stream, const char *text, size_t len);
void stream_set_error(struct stream *stream, const json_t *json);
/* Replaces *to by a copy of text, unless text is NULL or "". */
void stream_keep(char **to, const char *text);

#endif
