/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/sse.h"

#include <string.h>

void sse_init(struct sse *sse, sse_fn fn, void *ctx)
{
    *sse = (struct sse){.fn = fn, .ctx = ctx, .at_start = true};
    buf_init(&sse->line, SSE_MAX_LINE);
    buf_init(&sse->data, SSE_MAX_LINE);
    buf_init(&sse->type, SSE_MAX_LINE);
    buf_init(&sse->error_field, SSE_MAX_LINE);
    buf_init(&sse->stray, SSE_MAX_LINE);
}

void sse_clear(struct sse *sse)
{
    buf_clear(&sse->line);
    buf_clear(&sse->data);
    buf_clear(&sse->type);
    buf_clear(&sse->error_field);
    buf_clear(&sse->stray);
}

static void dispatch(struct sse *sse)
{
    bool has_error = sse->error_field.len > 0;
    bool has_stray = sse->stray.len > 0;
    if (sse->has_data || has_error || has_stray) {
        struct sse_event event = {
            .type = sse->type.len ? sse->type.data : "message",
            .data = buf_text(&sse->data),
            .len = sse->data.len,
            .error_field = has_error ? sse->error_field.data : NULL,
            .stray = has_stray ? sse->stray.data : NULL,
        };
        sse->fn(sse->ctx, &event);
    }
    sse->has_data = false;
    buf_reset(&sse->data);
    buf_reset(&sse->type);
    buf_reset(&sse->error_field);
    buf_reset(&sse->stray);
}

/* Brackets that open and close, and nothing behind them. */
static bool is_whole_json(const char *text, size_t len)
{
    size_t depth = 0;
    bool is_text = false;
    while (len && strchr(" \t\r\n", text[len - 1]))
        len--;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && is_text)
            i++;
        else if (text[i] == '"')
            is_text = !is_text;
        else if (!is_text && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!is_text && (text[i] == '}' || text[i] == ']') && depth && --depth == 0)
            return i + 1 == len;
        if (!depth && text[i] != ' ')
            return false;
    }
    return false;
}

static bool is_name(const char *line, size_t len, const char *name)
{
    return len == strlen(name) && !memcmp(line, name, len);
}

/* One field; the value has lost its one leading blank. False = over the cap. */
static bool take_field(struct sse *sse, size_t name_len, const char *value, size_t len)
{
    const char *line = sse->line.data;
    if (is_name(line, name_len, "data")) {
        bool is_first = !sse->has_data;
        sse->has_data = true;
        bool fits = (is_first || buf_add_byte(&sse->data, '\n')) &&
                    buf_add(&sse->data, value, len);
        if (sse->is_early && fits && is_first && is_whole_json(value, len))
            dispatch(sse);
        return fits;
    }
    if (is_name(line, name_len, "event")) {
        buf_reset(&sse->type);
        return buf_add(&sse->type, value, len);
    }
    if (is_name(line, name_len, "error"))
        return buf_add(&sse->error_field, value, len);
    return true; /* id, retry and unknown fields mean nothing to us */
}

/* Raw JSON or HTML begins with what no field begins with; what follows belongs to it. */
static bool is_stray(const struct sse *sse)
{
    static const char *const fields[] = {"data:", "event:", "error:", "id:", ":"};
    const struct buf *line = &sse->line;
    if (*line->data == '{' || *line->data == '<')
        return true;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (line->len >= strlen(fields[i]) &&
            !memcmp(line->data, fields[i], strlen(fields[i])))
            return false;
    return sse->stray.len > 0;
}

static bool take_line(struct sse *sse)
{
    static const char bom[] = "\xef\xbb\xbf";
    struct buf *line = &sse->line;
    if (sse->at_start && line->len >= 3 && !memcmp(line->data, bom, 3))
        buf_consume(line, 3);
    sse->at_start = false;
    /* a page has blank lines of its own */
    if (line->len == 0 && sse->stray.len && *sse->stray.data == '<')
        return true;
    if (line->len == 0) {
        dispatch(sse);
        return true;
    }
    if (is_stray(sse)) {
        bool fits = buf_add(&sse->stray, line->data, line->len) &&
                    buf_add_byte(&sse->stray, '\n');
        buf_reset(line);
        if (sse->is_early && fits && is_whole_json(sse->stray.data, sse->stray.len))
            dispatch(sse);
        return fits;
    }
    if (sse->stray.len)
        dispatch(sse);
    const char *colon = memchr(line->data, ':', line->len);
    size_t name_len = colon ? (size_t)(colon - line->data) : line->len;
    size_t value_at = colon ? name_len + 1 : name_len;
    if (value_at < line->len && line->data[value_at] == ' ')
        value_at++;
    bool fits = take_field(sse, name_len, line->data + value_at, line->len - value_at);
    buf_reset(line);
    return fits;
}

bool sse_feed(struct sse *sse, const char *bytes, size_t len)
{
    while (len && !sse->is_overlong) {
        /* the LF of a CRLF may come with the next read */
        if (sse->skip_lf && *bytes == '\n') {
            sse->skip_lf = false;
            bytes++;
            len--;
            continue;
        }
        sse->skip_lf = false;
        const char *lf = memchr(bytes, '\n', len);
        size_t end = lf ? (size_t)(lf - bytes) : len;
        const char *cr = memchr(bytes, '\r', end);
        size_t part = cr ? (size_t)(cr - bytes) : end;
        sse->is_overlong = !buf_add(&sse->line, bytes, part);
        if (part == len)
            break;
        sse->skip_lf = bytes[part] == '\r';
        if (!sse->is_overlong)
            sse->is_overlong = !take_line(sse);
        bytes += part + 1;
        len -= part + 1;
    }
    return !sse->is_overlong;
}

void sse_end(struct sse *sse)
{
    if (sse->is_overlong)
        return;
    if (sse->line.len)
        take_line(sse);
    dispatch(sse);
}
