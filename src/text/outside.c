/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/outside.h"

#include <string.h>

#include "base/utf8.h"

static enum status refuse(const struct buf *text, size_t at, const char *name,
                          const char *what, struct err *err)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++) {
        if (text->data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return err_set(err, STATUS_USAGE, "%.250s:%zu:%zu: %s", name, line, at - start + 1,
                   what);
}

enum status outside_text(struct buf *text, const char *name, struct err *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (text->len >= 2 &&
        (!memcmp(text->data, "\xFF\xFE", 2) || !memcmp(text->data, "\xFE\xFF", 2)))
        return refuse(text, 0, name, "this is UTF-16, not UTF-8. Save it as UTF-8.", err);
    size_t bad = utf8_check(buf_text(text), text->len);
    const char *nul = memchr(buf_text(text), '\0', bad);
    if (nul)
        return refuse(text, (size_t)(nul - text->data), name,
                      "there is a NUL byte here; is this a text file?", err);
    if (bad < text->len)
        return refuse(text, bad, name, "this is not UTF-8. Save it as UTF-8.", err);
    if (text->len >= 3 && !memcmp(text->data, mark, 3))
        buf_consume(text, 3);
    size_t kept = 0;
    for (size_t i = 0; i < text->len; i++) {
        bool is_line_end = i + 1 == text->len || text->data[i + 1] == '\n';
        if (text->data[i] != '\r' || !is_line_end)
            text->data[kept++] = text->data[i];
    }
    text->len = kept;
    if (text->data)
        text->data[kept] = '\0';
    return STATUS_OK;
}
