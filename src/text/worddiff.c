/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/worddiff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <uniwbrk.h>

#include "base/xalloc.h"

enum { EDITS_MAX = 1000 };

struct word {
    size_t start, end; /* bytes */
    size_t next;       /* end with the white space behind it */
    bool is_common;
};

struct words {
    const char *text;
    struct word *item;
    size_t count;
    size_t first; /* byte: white space before the first word */
};

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static void split(struct words *words, const char *text, size_t len)
{
    char *breaks = xcalloc(len + 1, 1);
    size_t capacity = 0, at = 0;
    words->text = text;
    u8_wordbreaks((const uint8_t *)text, len, breaks);
    while (at < len && is_space(text[at]))
        at++;
    words->first = at;
    while (at < len) {
        struct word word = {.start = at++};
        while (at < len && !breaks[at] && !is_space(text[at]))
            at++;
        word.end = at;
        while (at < len && is_space(text[at]))
            at++;
        word.next = at;
        words->item = xgrow(words->item, words->count, &capacity, sizeof *words->item);
        words->item[words->count++] = word;
    }
    free(breaks);
}

static bool is_same(const struct words *a, size_t i, const struct words *b, size_t j)
{
    const struct word *one = &a->item[i], *other = &b->item[j];
    size_t len = one->end - one->start;
    return len == other->end - other->start &&
           memcmp(a->text + one->start, b->text + other->start, len) == 0;
}

static void mark(struct words *a, size_t i, struct words *b, size_t j)
{
    a->item[i].is_common = b->item[j].is_common = true;
}

/* The part of both in which the differences lie. */
struct span {
    size_t from, a_end, b_end;
};

/* Where diagonal k was reached from: downwards (a word of b) or to the right. */
static bool comes_down(const int *reach, int edits, int k)
{
    return k == -edits || (k != edits && reach[k - 1] < reach[k + 1]);
}

/* Back along the way, whose reach after each edit is kept; marks what both have. */
static void walk_back(struct words *a, struct words *b, const struct span *span,
                      int *const *kept, int edits)
{
    int x = (int)(span->a_end - span->from), y = (int)(span->b_end - span->from);
    for (; edits >= 0; edits--) {
        int k = x - y, before_x = 0, before_y = 0;
        if (edits > 0) {
            const int *reach = kept[edits - 1] + edits - 1;
            int from = comes_down(reach, edits, k) ? k + 1 : k - 1;
            before_x = reach[from];
            before_y = before_x - from;
        }
        while (x > before_x && y > before_y) {
            x--;
            y--;
            mark(a, span->from + (size_t)x, b, span->from + (size_t)y);
        }
        x = before_x;
        y = before_y;
    }
}

/* The shortest way from one to the other, by the number of edits; none of too many. */
static void match(struct words *a, struct words *b, const struct span *span)
{
    int a_count = (int)(span->a_end - span->from);
    int b_count = (int)(span->b_end - span->from);
    int *kept[EDITS_MAX + 1] = {0};
    int *line = xcalloc(2 * EDITS_MAX + 3, sizeof *line), *reach = line + EDITS_MAX + 1;
    bool is_found = false;
    int edits = 0;
    for (; !is_found && edits <= EDITS_MAX; edits++) {
        for (int k = -edits; !is_found && k <= edits; k += 2) {
            int x = comes_down(reach, edits, k) ? reach[k + 1] : reach[k - 1] + 1;
            x = edits ? x : 0;
            while (x < a_count && x - k < b_count && x - k >= 0 &&
                   is_same(a, span->from + (size_t)x, b, span->from + (size_t)(x - k)))
                x++;
            reach[k] = x;
            is_found = x >= a_count && x - k >= b_count;
        }
        if (!is_found) {
            size_t size = (2 * (size_t)edits + 1) * sizeof *line;
            kept[edits] = xcalloc(1, size);
            memcpy(kept[edits], reach - edits, size);
        }
    }
    if (is_found)
        walk_back(a, b, span, kept, edits - 1);
    for (int i = 0; i <= EDITS_MAX; i++)
        free(kept[i]);
    free(line);
}

/* The words from *at that only one text has, between marks. Returns how many. */
static size_t write_own(const struct words *words, size_t *at, const char *marks,
                        enum style style, struct rich *out)
{
    size_t from = *at;
    while (*at < words->count && !words->item[*at].is_common)
        (*at)++;
    if (*at == from)
        return 0;
    const struct word *last = &words->item[*at - 1];
    size_t start = words->item[from].start;
    bool has_gap = from > 0 && words->item[from - 1].end < start;
    if (has_gap && out->text.len && !is_space(out->text.data[out->text.len - 1]) &&
        out->text.data[out->text.len - 1] != ']')
        rich_add_text(out, " ", STYLE_TEXT); /* the other text ends there */
    rich_add(out, marks, 2, style);
    rich_add(out, words->text + start, last->end - start, style);
    rich_add(out, marks + 2, 2, style);
    if (style == STYLE_ACCENT)
        rich_add(out, words->text + last->end, last->next - last->end, STYLE_TEXT);
    else if (last->next > last->end)
        rich_add_text(out, " ", STYLE_TEXT);
    return *at - from;
}

size_t worddiff_write(const char *a, size_t a_len, const char *b, size_t b_len,
                      struct rich *out)
{
    struct words old = {0}, new = {0};
    size_t different = 0;
    split(&old, a, a_len);
    split(&new, b, b_len);
    struct span span = {0, old.count, new.count};
    while (span.from < span.a_end && span.from < span.b_end &&
           is_same(&old, span.from, &new, span.from)) {
        mark(&old, span.from, &new, span.from);
        span.from++;
    }
    while (span.a_end > span.from && span.b_end > span.from &&
           is_same(&old, span.a_end - 1, &new, span.b_end - 1))
        mark(&old, --span.a_end, &new, --span.b_end);
    if (span.a_end > span.from && span.b_end > span.from)
        match(&old, &new, &span);
    rich_add(out, b, new.first, STYLE_TEXT);
    for (size_t i = 0, j = 0; i < old.count || j < new.count;) {
        different += write_own(&old, &i, "[--]", STYLE_WARNING, out);
        different += write_own(&new, &j, "{++}", STYLE_ACCENT, out);
        for (; i < old.count &&
               j < new.count &&old.item[i].is_common &&new.item[j].is_common;
             i++, j++)
            rich_add(out, b + new.item[j].start, new.item[j].next - new.item[j].start,
                     STYLE_TEXT);
    }
    free(old.item);
    free(new.item);
    return different;
}
