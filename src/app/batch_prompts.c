/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/batch.h"
#include "base/buf.h"
#include "base/xalloc.h"

enum { MAX_LINE = 1024 * 1024 };

struct reading {
    struct batch_prompt *prompts;
    size_t count;
    size_t capacity;
    size_t line;
};

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return true;
}

static void add(struct reading *reading, const char *text, size_t len)
{
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? reading->capacity * 2 : 64;
        reading->prompts =
            xreallocarray(reading->prompts, reading->capacity, sizeof *reading->prompts);
    }
    reading->prompts[reading->count++] = (struct batch_prompt){
        .text = xmemdup0(text, len), .len = len, .line = reading->line};
}

enum status batch_split_prompts(const char *name, const struct buf *text,
                                struct batch_prompt **out, size_t *count, struct err *err)
{
    struct reading reading = {0};
    enum status status = STATUS_OK;
    for (size_t at = 0; at < text->len && status == STATUS_OK;) {
        const char *line = text->data + at;
        const char *end = memchr(line, '\n', text->len - at);
        size_t len = end ? (size_t)(end - line) : text->len - at;
        reading.line++;
        at += len + 1;
        if (len > MAX_LINE)
            status =
                err_set(err, STATUS_USAGE, "%s:%zu:%d: this line is longer than 1 MiB.",
                        name, reading.line, MAX_LINE + 1);
        else if (!is_blank(line, len))
            add(&reading, line, len);
    }
    if (status != STATUS_OK) {
        batch_free_prompts(reading.prompts, reading.count);
        reading = (struct reading){0};
    }
    *out = reading.prompts;
    *count = reading.count;
    return status;
}

void batch_free_prompts(struct batch_prompt *prompts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(prompts[i].text);
    free(prompts);
}
