/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "json/json.h"

static void on_event(void *ctx, const struct sse_event *event);

void stream_init(struct stream *stream, const struct stream_reader *reader, stream_fn fn,
                 void *ctx)
{
    *stream = (struct stream){.reader = reader,
                              .fn = fn,
                              .ctx = ctx,
                              .prompt_tokens = -1,
                              .completion_tokens = -1,
                              .reasoning_tokens = -1};
    sse_init(&stream->sse, on_event, stream);
    buf_init(&stream->document, STREAM_MAX_TEXT);
}

void stream_clear(struct stream *stream)
{
    sse_clear(&stream->sse);
    buf_clear(&stream->document);
    free(stream->model);
    free(stream->finish_reason);
    memset(stream, 0, sizeof *stream);
}

void stream_keep(char **to, const char *text)
{
    if (!text || !*text)
        return;
    free(*to);
    *to = xstrdup(text);
}

static const char lost_text[] = "\xEF\xBF\xBD"; /* U+FFFD */

static void add(struct stream *stream, bool is_reasoning, const char *text, size_t len)
{
    size_t *count = is_reasoning ? &stream->reasoning_len : &stream->text_len;
    if (!len || stream->is_too_large)
        return;
    if (halves_take_lost(&stream->halves))
        add(stream, is_reasoning, lost_text, sizeof lost_text - 1);
    stream->is_too_large = len > STREAM_MAX_TEXT - *count;
    if (stream->is_too_large)
        return;
    *count += len;
    stream->fn(stream->ctx, is_reasoning, text, len);
}

void stream_add_text(struct stream *stream, const char *text, size_t len)
{
    add(stream, false, text, len);
}

void stream_add_reasoning(struct stream *stream, const char *text, size_t len)
{
    add(stream, true, text, len);
}

void stream_set_error(struct stream *stream, const json_t *json)
{
    if (stream->has_error)
        return;
    stream->has_error = true;
    llm_error_from_json(&stream->error, json);
}

static void set_error_text(struct stream *stream, const char *text, size_t len)
{
    if (stream->has_error)
        return;
    stream->has_error = true;
    llm_error_from_body(&stream->error, text, len);
}

static json_t *parse(struct stream *stream, const char *text, size_t len, struct err *err)
{
    if (!halves_concern(&stream->halves, text, len))
        return json_parse(text, len, err);
    struct buf joined = {0};
    halves_join(&stream->halves, text, len, &joined);
    json_t *json = json_parse(buf_text(&joined), joined.len, err);
    buf_clear(&joined);
    return json;
}

static void take_payload(struct stream *stream, const char *text, size_t len,
                         bool is_error)
{
    struct err err = {0};
    json_t *json = parse(stream, text, len, &err);
    if (json && is_error)
        stream_set_error(stream, json);
    else if (json)
        stream->reader->read(stream, json);
    else if (is_error)
        set_error_text(stream, text, len);
    else if (*text == '{')
        stream->lost_pieces++; /* a keep-alive of another shape loses no text */
    if (!json)
        log_line("llm stream: a piece of %zu bytes was not read: %s", len, err.text);
    json_decref(json);
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
    size_t blanks = strspn(event->data, " \t\n");
    if (blanks == event->len)
        return;
    const char *mark = stream->reader->end_mark;
    if (mark && !strncmp(event->data + blanks, mark, strlen(mark))) {
        stream->has_end_mark = true;
        return;
    }
    take_payload(stream, event->data + blanks, event->len - blanks,
                 !strcmp(event->type, "error"));
}

/* Blanks and a byte order mark in front tell nothing. The headers lie (opik#1138), the
 * first byte does not: no field of an event stream starts like JSON or HTML. */
static bool tells_framing(struct stream *stream, char byte)
{
    if (strchr(" \t\r\n\xef\xbb\xbf", byte))
        return false;
    stream->framing = strchr("{[<", byte) ? STREAM_DOCUMENT : STREAM_EVENTS;
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
    else if (stream->framing == STREAM_DOCUMENT)
        stream->is_too_large |= !buf_add(&stream->document, bytes, len);
    return !stream->is_too_large;
}

static void read_document(struct stream *stream)
{
    const char *text = buf_text(&stream->document);
    json_t *json = *text == '<' ? NULL : json_parse(text, stream->document.len, NULL);
    if (!json) {
        set_error_text(stream, text, stream->document.len);
        stream->error.status = STREAM_NO_ANSWER;
        return;
    }
    stream->reader->read(stream, json);
    /* a document that could be parsed is a whole one */
    stream->has_end_mark = !stream->has_error;
    json_decref(json);
}

void stream_end(struct stream *stream)
{
    if (stream->framing == STREAM_EVENTS) {
        sse_end(&stream->sse);
        if (halves_end(&stream->halves))
            stream_add_text(stream, lost_text, sizeof lost_text - 1);
    } else if (stream->framing == STREAM_DOCUMENT && !stream->is_too_large)
        read_document(stream);
}

bool stream_is_complete(const struct stream *stream)
{
    return stream->has_end_mark || stream->finish_reason;
}
