/* SPDX-License-Identifier: MIT
 *
 * A line that starts in the first column after an empty line ends every block but
 * two: a fenced code block, and a list, which it may continue with another item.
 * Where this scanner is unsure it does not cut; that only costs speed.
 */
#include "config.h"

#include "text/section.h"

#include <string.h>

struct line {
    const char *text; /* after its indentation */
    size_t len;       /* without its newline */
    size_t indent;
};

struct fence {
    char mark; /* '`', '~'; 0 = none is open */
    size_t length, indent;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static struct line line_of(const char *text, size_t end, size_t at)
{
    struct line line = {.text = text + at, .len = end - at};
    while (line.len > 0 && is_blank(line.text[line.len - 1]))
        line.len--;
    while (line.len > 0 && is_blank(line.text[0])) {
        line.text++;
        line.len--;
        line.indent++;
    }
    return line;
}

/* "- ", "12. " and the like; the bytes they take, 0 if the line is no item. */
static size_t marker_length(const struct line *line)
{
    size_t at = 0;
    while (at < line->len && at < 10 && is_digit(line->text[at]))
        at++;
    if (at == line->len)
        return 0;
    if (strchr(at > 0 ? ".)" : "-+*", line->text[at]) == NULL || line->text[at] == '\0')
        return 0;
    at++;
    return at == line->len || is_blank(line->text[at]) ? at : 0;
}

static size_t count_mark(const struct line *line, char mark)
{
    size_t count = 0;
    while (count < line->len && line->text[count] == mark)
        count++;
    return count;
}

/* Steps over what can stand before a fence: quote bars and list markers. */
static struct line skip_containers(struct line line)
{
    for (;;) {
        size_t skip = line.len > 0 && line.text[0] == '>' ? 1 : marker_length(&line);
        while (skip > 0 && skip < line.len && is_blank(line.text[skip]))
            skip++;
        if (skip == 0 || skip >= line.len)
            return line;
        line.text += skip;
        line.len -= skip;
        line.indent += skip;
    }
}

static void follow_fence(struct fence *fence, struct line line)
{
    line = skip_containers(line);
    if (line.len == 0)
        return;
    char mark = line.text[0];
    size_t count = count_mark(&line, mark);
    if (fence->mark != 0) {
        bool closes = mark == fence->mark && count >= fence->length &&
                      count == line.len && line.indent <= fence->indent + 3;
        if (closes)
            fence->mark = 0;
        return;
    }
    bool is_tick = mark == '`' && !memchr(line.text + count, '`', line.len - count);
    if (count >= 3 && (is_tick || mark == '~'))
        *fence = (struct fence){mark, count, line.indent};
}

static bool is_border(const struct line *line, bool is_list)
{
    return line->indent == 0 && !(is_list && marker_length(line) > 0);
}

size_t section_end(const char *text, size_t len, size_t start, bool *is_closed)
{
    struct fence fence = {0};
    bool is_list = false;
    bool has_text = false;
    bool was_blank = false;
    for (size_t at = start; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t end = newline ? (size_t)(newline - text) : len;
        struct line line = line_of(text, end, at);
        if (has_text && was_blank && line.len > 0 && fence.mark == 0 &&
            is_border(&line, is_list)) {
            *is_closed = newline != NULL;
            return at;
        }
        if (line.len > 0 && !has_text)
            is_list = marker_length(&line) > 0;
        has_text = has_text || line.len > 0;
        was_blank = line.len == 0;
        follow_fence(&fence, line);
        at = newline ? end + 1 : len;
    }
    *is_closed = false;
    return len;
}
