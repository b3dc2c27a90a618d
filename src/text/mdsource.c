/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/mdsource.h"

#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

#define REPLACEMENT "\xEF\xBF\xBD"

static bool is_letter(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || (unsigned char)byte >= 0x80;
}

/* The bytes of an item's number at `at`, which is counted anew when shown. */
static size_t number_length(const struct mdsource *source, size_t at)
{
    size_t end = at;
    if (at > 0 && is_letter(source->text.data[at - 1]))
        return 0;
    while (end < source->text.len && source->text.data[end] >= '0' &&
           source->text.data[end] <= '9')
        end++;
    bool has_mark = end < source->text.len &&
                    (source->text.data[end] == '.' || source->text.data[end] == ')');
    bool has_blank =
        end + 1 >= source->text.len || strchr(" \t\n", source->text.data[end + 1]);
    return has_mark && has_blank ? end - at : 0;
}

static void skip_to_letter(struct mdsource *source)
{
    while (source->at < source->text.len) {
        size_t number = number_length(source, source->at);
        if (number == 0 && is_letter(source->text.data[source->at]))
            return;
        source->at += number > 0 ? number : 1;
    }
}

/* Valid UTF-8 with plain newlines and no controls, guarded against definitions. */
static void prepare(const char *text, size_t len, struct buf *out)
{
    uint32_t cp;
    for (size_t at = 0, bytes; at < len; at += bytes) {
        bytes = utf8_decode(text, len, at, &cp);
        bool is_newline = cp == '\r';
        if (is_newline && at + 1 < len && text[at + 1] == '\n')
            bytes = 2;
        if (is_newline)
            buf_add_byte(out, '\n');
        else if (cp == UTF8_BAD || cp == 0x7F || (cp < 0x20 && cp != '\n' && cp != '\t'))
            buf_add_text(out, REPLACEMENT);
        else
            buf_add(out, text + at, bytes);
        if (cp == ']' && at + 1 < len && text[at + 1] == ':')
            buf_add_byte(out, MDSOURCE_GUARD);
    }
}

void mdsource_init(struct mdsource *source, const char *text, size_t len)
{
    *source = (struct mdsource){0};
    prepare(text, len, &source->text);
    skip_to_letter(source);
}

void mdsource_feed(struct mdsource *source, const char *text, size_t len)
{
    for (size_t i = 0; i < len && source->at < source->text.len; i++) {
        if (text[i] != source->text.data[source->at])
            continue;
        source->at++;
        skip_to_letter(source);
    }
}

bool mdsource_is_used(const struct mdsource *source)
{
    return source->at == source->text.len;
}

void mdsource_clear(struct mdsource *source)
{
    buf_clear(&source->text);
}
