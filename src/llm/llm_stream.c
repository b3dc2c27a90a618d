/* SPDX-License-Identifier: MIT
 *
 * The bytes of one answer to pieces of text. Knows framing (events, lines, or one
 * document in spite of being asked for a stream), characters cut in two, and <think>;
 * what is in a piece is the protocol's. No I/O.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "llm/protocol.h"

static void on_event(void *ctx, const struct sse_event *event);

void stream_init(struct stream *stream, const struct protocol *protocol,
                 const struct endpoint *endpoint, stream_fn fn, void *ctx)
{
    *stream = (struct stream){.protocol = protocol,
                              .endpoint = endpoint,
                              .fn = fn,
                              .ctx = ctx,
                              .think = endpoint->keeps_think ? THINK_OVER : THINK_AHEAD,
                              .prompt_tokens = -1,
                              .completion_tokens = -1,
                              .reasoning_tokens = -1};
    sse_init(&stream->sse, on_event, stream);
    stream->sse.is_early = true;
    buf_init(&stream->line, STREAM_MAX_TEXT);
    buf_init(&stream->document, STREAM_MAX_TEXT);
}

void stream_clear(struct stream *stream)
{
    sse_clear(&stream->sse);
    buf_clear(&stream->line);
    buf_clear(&stream->document);
    buf_clear(&stream->held);
    buf_clear(&stream->tail);
    stream_clear_calls(stream);
    json_decref(stream->block);
    buf_clear(&stream->gathered);
    free(stream->model);
    free(stream->finish_reason);
    free(stream->explanation);
    memset(stream, 0, sizeof *stream);
}

void stream_keep(const struct stream *stream, char **to, const char *text)
{
    if (!text || !*text)
        return;
    free(*to);
    *to = xstrdup(text);
    if (stream->endpoint)
        endpoint_redact(stream->endpoint, *to, strlen(*to));
}

void stream_count(int64_t *count, const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    if (json_is_integer(number) && json_integer_value(number) >= 0)
        *count = json_integer_value(number);
}

void stream_finish(struct stream *stream, const char *reason)
{
    if (!reason || !strcmp(reason, "null"))
        return;
    stream_keep(stream, &stream->finish_reason, reason);
    stream->reasons += *reason != '\0';
}

/* ---- text ---- */

static const char lost_text[] = "\xEF\xBF\xBD"; /* U+FFFD */

static void deliver(struct stream *stream, bool is_reasoning, const char *text,
                    size_t len)
{
    size_t *count = is_reasoning ? &stream->reasoning_len : &stream->text_len;
    if (!len || stream->is_too_large)
        return;
    stream->is_too_large = len > STREAM_MAX_TEXT - *count;
    if (stream->is_too_large)
        return;
    *count += len;
    for (size_t i = 0; i < len && !is_reasoning && !stream->has_words; i++)
        stream->has_words = !strchr(" \t\r\n", text[i]) || !text[i];
    stream->fn(stream->ctx, is_reasoning, text, len);
}

/* How many bytes at the end of text may be the begin of the mark. */
static size_t begun_mark(const char *text, size_t len, const char *mark)
{
    size_t most = strlen(mark) - 1;
    for (size_t part = len < most ? len : most; part; part--)
        if (!memcmp(text + len - part, mark, part))
            return part;
    return 0;
}

/* Stop sequences are kept to here, too: not every endpoint knows them. */
static void deliver_text(struct stream *stream, const char *text, size_t len)
{
    if (!stream->stop_count || stream->is_stopped) {
        deliver(stream, false, text, stream->is_stopped ? 0 : len);
        return;
    }
    struct buf *tail = &stream->tail;
    buf_add(tail, text, len);
    size_t rest = tail->len, begun = 0;
    for (size_t i = 0; i < stream->stop_count; i++) {
        const char *stop = stream->stops[i];
        size_t part = *stop ? begun_mark(buf_text(tail), tail->len, stop) : 0;
        const char *at = *stop ? memmem(buf_text(tail), rest, stop, strlen(stop)) : NULL;
        stream->is_stopped |= at != NULL;
        if (at)
            rest = (size_t)(at - tail->data);
        begun = part > begun ? part : begun;
    }
    if (!stream->is_stopped)
        rest -= begun;
    deliver(stream, false, buf_text(tail), rest);
    buf_consume(tail, rest);
    if (!stream->is_stopped)
        return;
    buf_reset(tail);
    stream->has_end_mark = true;
    stream_finish(stream, "stop");
}

/* One step through what is held; false when more must come first. */
static bool step_think(struct stream *stream)
{
    static const char open[] = "<think>", shut[] = "</think>";
    struct buf *held = &stream->held;
    const char *text = buf_text(held);
    size_t blanks = 0;
    while (blanks < held->len && text[blanks] && strchr(" \t\r\n", text[blanks]))
        blanks++;
    size_t rest = held->len - blanks;
    const char *end;
    switch (stream->think) {
    case THINK_AHEAD:
        if (rest < sizeof open - 1 && !memcmp(text + blanks, open, rest))
            return false;
        if (rest < sizeof open - 1 || memcmp(text + blanks, open, sizeof open - 1) != 0) {
            stream->think = THINK_OVER;
            return true;
        }
        buf_consume(held, blanks + sizeof open - 1);
        stream->think = THINK_INSIDE;
        return true;
    case THINK_INSIDE:
        end = memmem(text, held->len, shut, sizeof shut - 1);
        rest = end ? (size_t)(end - text) : held->len - begun_mark(text, held->len, shut);
        deliver(stream, true, text, rest);
        buf_consume(held, rest + (end ? sizeof shut - 1 : 0));
        if (end)
            stream->think = THINK_BEHIND;
        return end != NULL;
    case THINK_BEHIND:
        buf_consume(held, blanks);
        if (rest)
            stream->think = THINK_OVER;
        return rest > 0;
    case THINK_OVER:
        deliver_text(stream, text, held->len);
        buf_reset(held);
        return false;
    }
    return false;
}

static void pass_text(struct stream *stream, const char *text, size_t len)
{
    stream->has_text |= len > 0;
    if (stream->think == THINK_OVER) {
        deliver_text(stream, text, len);
        return;
    }
    buf_add(&stream->held, text, len);
    while (step_think(stream))
        continue;
}

void stream_release(struct stream *stream)
{
    if (stream->think == THINK_INSIDE)
        deliver(stream, true, buf_text(&stream->held), stream->held.len);
    else
        deliver_text(stream, buf_text(&stream->held), stream->held.len);
    deliver(stream, false, buf_text(&stream->tail), stream->tail.len);
    buf_reset(&stream->held);
    buf_reset(&stream->tail);
}

/* The half that waits was in vain: a U+FFFD stands in its place. */
static bool take_lost_half(struct stream *stream)
{
    if (!stream->half || !stream->has_lost_half)
        return false;
    stream->half = 0;
    stream->has_lost_half = false;
    return true;
}

void stream_add_text(struct stream *stream, const char *text, size_t len)
{
    if (len && take_lost_half(stream))
        pass_text(stream, lost_text, sizeof lost_text - 1);
    pass_text(stream, text, len);
}

void stream_add_reasoning(struct stream *stream, const char *text, size_t len)
{
    if (len && take_lost_half(stream))
        deliver(stream, true, lost_text, sizeof lost_text - 1);
    deliver(stream, true, text, len);
}

void stream_take_text(struct stream *stream, const json_t *object, const char *key)
{
    size_t len;
    const char *text = json_get_text(object, key, &len);
    stream_add_text(stream, text, len);
}

void stream_take_reasoning(struct stream *stream, const json_t *object, const char *key)
{
    size_t len;
    const char *text = json_get_text(object, key, &len);
    stream_add_reasoning(stream, text, len);
}

/* ---- a character outside the basic plane is two escapes in JSON, and some servers cut
 * a stream between them: the two are joined before either is read ---- */

enum { ESCAPE = 6 }; /* \ud83d */

/* Copies a text from behind its opening quote to its closing one, without a first half
 * at its end; returns where it ended. */
static const char *join_text(struct stream *stream, unsigned *next, const char *at,
                             const char *end, struct buf *out)
{
    uint32_t first = json_escape_at(at, (size_t)(end - at));
    if (stream->half && first >= 0xDC00 && first <= 0xDFFF) {
        buf_addf(out, "\\u%04x", stream->half);
        stream->has_lost_half = false;
    }
    while (at < end && *at != '"') {
        uint32_t unit = json_escape_at(at, (size_t)(end - at));
        size_t step = unit != UINT32_MAX ? ESCAPE : *at == '\\' ? 2 : 1;
        if (step > (size_t)(end - at))
            step = (size_t)(end - at);
        if (unit >= 0xD800 && unit <= 0xDBFF && at + step < end && at[step] == '"')
            *next = unit;
        else
            buf_add(out, at, step);
        at += step;
    }
    return at;
}

/* Only a text that goes on where the last one ended can tell that a half is lost: its
 * own piece decides, so that fields beside it (ids, roles) do not. */
static void join_halves(struct stream *stream, const char *json, size_t len,
                        struct buf *out)
{
    const char *end = json + len;
    unsigned next = 0;
    stream->has_lost_half = stream->half != 0;
    for (const char *at = json; at < end;) {
        bool is_text = *at == '"';
        buf_add_byte(out, *at++);
        if (!is_text)
            continue;
        at = join_text(stream, &next, at, end, out);
        if (at < end)
            buf_add_byte(out, *at++);
    }
    if (!stream->has_lost_half)
        stream->half = 0;
    if (next) {
        stream->half = next;
        stream->has_lost_half = false; /* one at most is told */
    }
}

static json_t *parse(struct stream *stream, const char *text, size_t len)
{
    if (!stream->half && !memmem(text, len, "\\ud", 3) && !memmem(text, len, "\\uD", 3))
        return json_parse(text, len, NULL);
    struct buf joined = {0};
    join_halves(stream, text, len, &joined);
    json_t *json = json_parse(buf_text(&joined), joined.len, NULL);
    buf_clear(&joined);
    return json;
}

/* ---- pieces ---- */

void stream_set_error(struct stream *stream, const json_t *json)
{
    if (stream->has_error)
        return;
    stream->has_error = true;
    llm_error_from_json(&stream->error, json, stream->endpoint);
}

void stream_set_no_answer(struct stream *stream, const json_t *json)
{
    stream_set_error(stream, json);
    stream->error.status = LLM_ERROR_NO_ANSWER;
}

static void set_error_text(struct stream *stream, const char *text, size_t len)
{
    if (stream->has_error)
        return;
    stream->has_error = true;
    llm_error_from_body(&stream->error, text, len, stream->endpoint);
}

/* A reason closes nothing while content goes on: some servers put one on every piece. */
static void read_piece(struct stream *stream, const json_t *json)
{
    size_t before =
        stream->text_len + stream->reasoning_len + stream->held.len + stream->call_len;
    size_t reasons = stream->reasons;
    stream->protocol->read(stream, json);
    bool has_grown = before != stream->text_len + stream->reasoning_len +
                                   stream->held.len + stream->call_len;
    /* nothing was ours so far: it may be the answer of another kind */
    const char *speaks = stream->has_text || stream->reasoning_len || stream->call_len ||
                                 stream->has_error || stream_is_complete(stream)
                             ? NULL
                             : llm_error_speaks(json);
    const char *ours = endpoint_kind_name(stream->protocol->kind);
    /* chat and completions are read alike */
    bool is_alike = speaks && !strncmp(ours, "openai-c", 8) && !strncmp(speaks, ours, 8);
    if (speaks && !is_alike && strcmp(speaks, ours) != 0)
        stream_set_no_answer(stream, json);
    if (has_grown && reasons)
        stream->has_early_reason = true;
    if (stream->reasons != reasons)
        stream->rides = has_grown;
}

static void take_payload(struct stream *stream, const char *text, size_t len,
                         bool is_error)
{
    json_t *json = parse(stream, text, len);
    if (json && is_error)
        stream_set_error(stream, json);
    else if (json)
        read_piece(stream, json);
    else if (is_error)
        set_error_text(stream, text, len);
    else if (*text == '{')
        stream->lost_pieces++; /* a keep-alive of another shape loses no text */
    if (!json)
        log_line("llm stream: a piece of %zu bytes was not read", len);
    json_decref(json);
}

/* Without "data:" in front: the error of a backend, or the page of a proxy. */
static void take_stray(struct stream *stream, const char *text, size_t len)
{
    if (*text == '<')
        set_error_text(stream, text, len);
    else
        take_payload(stream, text, len, false);
}

static void on_event(void *ctx, const struct sse_event *event)
{
    struct stream *stream = ctx;
    if (stream->has_end_mark || stream->has_error)
        return;
    if (event->error_field) { /* llama.cpp before September 2025 */
        take_payload(stream, event->error_field, strlen(event->error_field), true);
        return;
    }
    if (event->stray)
        take_stray(stream, event->stray, strlen(event->stray));
    size_t blanks = strspn(event->data, " \t\n");
    if (blanks == event->len)
        return;
    const char *mark = stream->protocol->end_mark;
    if (mark && !strncmp(event->data + blanks, mark, strlen(mark))) {
        stream->has_end_mark = true;
        return;
    }
    take_payload(stream, event->data + blanks, event->len - blanks,
                 !strcmp(event->type, "error"));
}

/* A line that is no JSON belongs to a document that has several. */
static void take_line(struct stream *stream)
{
    const char *text = buf_text(&stream->line);
    size_t len = stream->line.len;
    if (stream->has_end_mark || stream->has_error || strspn(text, " \t\r") == len)
        return;
    json_t *json = stream->document.len ? NULL : parse(stream, text, len);
    if (json)
        read_piece(stream, json);
    else
        stream->is_too_large |= !buf_add(&stream->document, text, len) ||
                                !buf_add_byte(&stream->document, '\n');
    json_decref(json);
}

static void feed_lines(struct stream *stream, const char *bytes, size_t len)
{
    while (len) {
        const char *lf = memchr(bytes, '\n', len);
        size_t part = lf ? (size_t)(lf - bytes) : len;
        stream->is_too_large |= !buf_add(&stream->line, bytes, part);
        if (!lf)
            return;
        take_line(stream);
        buf_reset(&stream->line);
        bytes += part + 1;
        len -= part + 1;
    }
}

/* Blanks and a byte order mark in front tell nothing. The headers lie (opik#1138), the
 * first byte does not: no field of an event stream starts like JSON or HTML. */
static bool tells_framing(struct stream *stream, char byte)
{
    if (strchr(" \t\r\n\xef\xbb\xbf", byte))
        return false;
    bool is_json = strchr("{[<", byte) != NULL;
    stream->framing = !is_json                                     ? STREAM_EVENTS
                      : stream->protocol->has_lines && byte == '{' ? STREAM_LINES
                                                                   : STREAM_DOCUMENT;
    return true;
}

bool stream_feed(struct stream *stream, const char *bytes, size_t len)
{
    while (stream->framing == STREAM_UNKNOWN && len &&
           (!*bytes || !tells_framing(stream, *bytes))) {
        bytes++;
        len--;
    }
    if (stream->framing == STREAM_EVENTS)
        stream->is_too_large |= !sse_feed(&stream->sse, bytes, len);
    else if (stream->framing == STREAM_LINES)
        feed_lines(stream, bytes, len);
    else if (stream->framing == STREAM_DOCUMENT)
        stream->is_too_large |= !buf_add(&stream->document, bytes, len);
    return !stream->is_too_large;
}

static void read_document(struct stream *stream)
{
    const char *text = buf_text(&stream->document);
    json_t *json = *text == '<' ? NULL : json_parse(text, stream->document.len, NULL);
    if (!json) {
        /* perhaps lines, which another kind sends */
        json_t *first = json_parse(text, strcspn(text, "\n"), NULL);
        if (llm_error_speaks(first))
            stream_set_error(stream, first);
        set_error_text(stream, text, stream->document.len);
        stream->error.status = LLM_ERROR_NO_ANSWER;
        json_decref(first);
        return;
    }
    stream->protocol->read(stream, json);
    /* a document that could be parsed is a whole one */
    stream->has_end_mark = !stream->has_error;
    json_decref(json);
}

void stream_end(struct stream *stream)
{
    if (stream->framing == STREAM_EVENTS)
        sse_end(&stream->sse);
    if (stream->framing == STREAM_LINES)
        take_line(stream);
    if (stream->document.len && !stream->is_too_large && !stream->has_error)
        read_document(stream);
    stream->has_lost_half = true;
    if (stream->framing != STREAM_DOCUMENT && take_lost_half(stream))
        pass_text(stream, lost_text, sizeof lost_text - 1);
    stream_release(stream);
}

bool stream_is_complete(const struct stream *stream)
{
    return stream->has_end_mark || stream->finish_reason;
}
