/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/editlayout.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unictype.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <unistr.h>
#include <uniwbrk.h>

#include "base/sanitise.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "text/width.h"

/* --- lines --- */

#define LINE_BYTES_MAX 8192 /* text that takes no columns is cut here */

static void push(struct edit_offsets *offsets, size_t at)
{
    offsets->at =
        xgrow(offsets->at, offsets->count, &offsets->capacity, sizeof *offsets->at);
    offsets->at[offsets->count++] = at;
}

void edit_layout_clear(struct edit_layout *layout)
{
    free(layout->start.at);
    free(layout->fresh.at);
    free(layout->border.at);
    free(layout->breaks);
    *layout = (struct edit_layout){0};
}

static bool is_ascii(char byte)
{
    return (unsigned char)byte < 0x80;
}

/* The longest prefix of text[0..size) that does not end inside a code point. */
static size_t whole_points(const char *text, size_t len, size_t size)
{
    if (size >= len)
        return len;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    return size;
}

/* u8_grapheme_next knows no flags and no emoji sequences, u8_grapheme_breaks does: it
 * is asked about a piece that grows until it holds a whole grapheme. */
static size_t grapheme_size(const char *text, size_t len)
{
    char few[64];
    for (size_t size = 16;; size *= 4) {
        size_t piece = whole_points(text, len, size);
        char *breaks = piece > sizeof few ? xmalloc(piece) : few;
        u8_grapheme_breaks((const uint8_t *)text, piece, breaks);
        size_t end = 1;
        while (end < piece && !breaks[end])
            end++;
        if (breaks != few)
            free(breaks);
        if (end < piece || piece == len)
            return end;
    }
}

size_t edit_grapheme_end(const char *text, size_t len, size_t at)
{
    /* the text holds no CR, so ASCII joins nothing but what is not ASCII */
    if (is_ascii(text[at]) && (at + 1 == len || is_ascii(text[at + 1])))
        return at + 1;
    return at + grapheme_size(text + at, len - at);
}

int edit_grapheme_width(const char *text, size_t at, size_t end, int col)
{
    int width = 0;
    struct cluster cluster;
    for (; at < end; at += cluster.bytes) {
        sanitise_next(text, end, at, &cluster);
        if (cluster.kind == CLUSTER_TAB)
            width += WRAP_TAB - (col + width) % WRAP_TAB;
        else if (cluster.kind != CLUSTER_NEWLINE)
            width += cluster.width;
    }
    return width;
}

/* The last place in (start, over] where a line may end; over when there is none. */
static size_t best_break(struct edit_layout *layout, const char *text, size_t start,
                         size_t over, size_t over_end)
{
    size_t size = over_end - start;
    if (size > layout->breaks_size) {
        layout->breaks_size = size * 2;
        layout->breaks = xreallocarray(layout->breaks, layout->breaks_size, 1);
    }
    u8_possible_linebreaks((const uint8_t *)text + start, size, "UTF-8", layout->breaks);
    push(&layout->border, over);
    for (size_t i = layout->border.count; i-- > 1;) {
        size_t at = layout->border.at[i];
        if (layout->breaks[at - start] == UC_BREAK_POSSIBLE)
            return at;
    }
    return over;
}

static size_t next_line(struct edit_layout *layout, const char *text, size_t len,
                        size_t start)
{
    int room = layout->columns > 1 ? layout->columns - 1 : 1;
    int width = 0;
    layout->border.count = 0;
    for (size_t at = start; at < len;) {
        if (text[at] == '\n')
            return at + 1;
        size_t end = edit_grapheme_end(text, len, at);
        int grapheme = edit_grapheme_width(text, at, end, width);
        bool is_blank = text[at] == ' ' || text[at] == '\t'; /* they may hang over */
        bool is_over = at - start >= LINE_BYTES_MAX;
        if (is_over || (width + grapheme > room && !is_blank))
            return at == start ? end : best_break(layout, text, start, at, end);
        push(&layout->border, at);
        width += grapheme;
        at = end;
    }
    return len;
}

/* Whether the text has a line that starts at position: an empty one after the last
 * newline counts. */
static bool starts_line(const char *text, size_t len, size_t position)
{
    return position < len || (position > 0 && text[position - 1] == '\n');
}

void edit_layout_all(struct edit_layout *layout, const char *text, size_t len,
                     int columns)
{
    layout->columns = columns > 0 ? columns : 1;
    layout->start.count = 0;
    push(&layout->start, 0);
    for (size_t at = 0; at < len;) {
        at = next_line(layout, text, len, at);
        if (starts_line(text, len, at))
            push(&layout->start, at);
    }
}

/* Puts the fresh lines in place of lines [first, last) and moves those after. */
static void replace_lines(struct edit_layout *layout, size_t first, size_t last,
                          struct edit_span span)
{
    struct edit_offsets *start = &layout->start;
    size_t tail = start->count - last;
    size_t count = first + layout->fresh.count + tail;
    while (start->capacity < count) {
        start->capacity *= 2;
        start->at = xreallocarray(start->at, start->capacity, sizeof *start->at);
    }
    size_t *moved = start->at + first + layout->fresh.count;
    memmove(moved, start->at + last, tail * sizeof *start->at);
    for (size_t i = 0; i < tail; i++)
        moved[i] = moved[i] - span.removed + span.added;
    if (layout->fresh.count)
        memcpy(start->at + first, layout->fresh.at,
               layout->fresh.count * sizeof *start->at);
    start->count = count;
}

void edit_layout_update(struct edit_layout *layout, const char *text, size_t len,
                        struct edit_span span)
{
    const struct edit_offsets *start = &layout->start;
    /* a line looks at most one grapheme past the next one */
    size_t line = edit_layout_line_at(layout, span.at);
    size_t first = line > 2 ? line - 2 : 0;
    size_t old = first + 1;
    size_t at = start->at[first];
    layout->fresh.count = 0;
    while (at < len) {
        at = next_line(layout, text, len, at);
        if (!starts_line(text, len, at))
            break;
        while (old < start->count && (start->at[old] < span.at + span.removed ||
                                      start->at[old] - span.removed + span.added < at))
            old++;
        if (old < start->count && start->at[old] - span.removed + span.added == at) {
            replace_lines(layout, first + 1, old, span);
            return;
        }
        push(&layout->fresh, at);
    }
    replace_lines(layout, first + 1, start->count, span);
}

size_t edit_layout_line_at(const struct edit_layout *layout, size_t position)
{
    size_t low = 0, high = layout->start.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (layout->start.at[middle] <= position)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t edit_layout_end(const struct edit_layout *layout, size_t line, size_t len)
{
    return line + 1 < layout->start.count ? layout->start.at[line + 1] : len;
}

/* --- words --- */

/* breaks[i] != 0: a segment starts at byte i. Owned. */
static char *segments(const char *text, size_t len)
{
    char *breaks = xcalloc(len + 1, 1);
    u8_wordbreaks((const uint8_t *)text, len, breaks);
    return breaks;
}

static bool is_word_at(const char *text, size_t len, size_t at)
{
    uint32_t cp;
    if (((unsigned char)text[at] & 0xc0) == 0x80)
        return false; /* inside a code point */
    utf8_decode(text, len, at, &cp);
    return uc_is_alnum(cp);
}

size_t edit_word_left(const char *text, size_t len, size_t at)
{
    char *breaks = segments(text, len);
    bool has_word = false;
    while (at > 0) {
        at--;
        has_word = has_word || is_word_at(text, len, at);
        if (has_word && breaks[at])
            break;
    }
    free(breaks);
    return at;
}

size_t edit_word_right(const char *text, size_t len, size_t at)
{
    char *breaks = segments(text, len);
    bool has_word = false;
    for (; at < len; at++) {
        if (has_word && breaks[at])
            break;
        has_word = has_word || is_word_at(text, len, at);
    }
    free(breaks);
    return at;
}

/* --- letters, words and sentences, for a mark --- */

/* START and END of each unit, by its place in the enum. */
#define START(unit) ((unsigned char)(1u << (2 * (unit))))
#define END(unit) ((unsigned char)(2u << (2 * (unit))))

void segments_clear(struct segments *segments)
{
    free(segments->bits);
    *segments = (struct segments){0};
}

static bool is_white(uint32_t cp)
{
    return uc_is_property_white_space(cp) ||
           uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Cc);
}

enum script { SCRIPT_OTHER, SCRIPT_HAN, SCRIPT_HIRAGANA };

static enum script script_of(uint32_t cp)
{
    if ((cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x3400 && cp <= 0x4DBF) ||
        (cp >= 0x20000 && cp <= 0x3FFFF) || cp == 0x3005)
        return SCRIPT_HAN;
    return cp >= 0x3041 && cp <= 0x309F ? SCRIPT_HIRAGANA : SCRIPT_OTHER;
}

/* Chinese has no kana, and its runs are whole sentences: there each sign is a word. */
static bool has_kana(const char *text, size_t len)
{
    uint32_t cp;
    for (size_t at = 0; at < len;) {
        at += utf8_decode(text, len, at, &cp);
        if (cp >= 0x3041 && cp <= 0x30FF)
            return true;
    }
    return false;
}

static bool is_stop(uint32_t cp)
{
    return cp && (u8_strchr((const uint8_t *)"!?…。．！？｡", cp) != NULL);
}

static bool is_closer(uint32_t cp)
{
    return uc_is_general_category_withtable(cp,
                                            UC_CATEGORY_MASK_Pe | UC_CATEGORY_MASK_Pf) ||
           cp == '"' || cp == '\'';
}

/* Whether the full stop whose blanks end before at ended a sentence. */
static bool goes_on(const char *text, size_t len, size_t at)
{
    uint32_t cp = 0;
    if (at < len)
        utf8_decode(text, len, at, &cp);
    return uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Ll);
}

/* One pass with what is known so far:
 * NOLINTNEXTLINE(readability-function-cognitive-complexity) */
static void mark_sentences(struct segments *segments, const char *text)
{
    enum { NONE, FULL_STOP, STOP } ended = NONE; /* by what, and only closers since */
    size_t start = SIZE_MAX, end = 0;            /* without the blanks around it */
    bool has_blank = false;
    uint32_t cp = 0;
    for (size_t at = 0; at <= segments->len;) {
        bool is_over = at == segments->len;
        size_t bytes = is_over ? 1 : utf8_decode(text, segments->len, at, &cp);
        bool is_line =
            is_over || cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029;
        bool is_more = is_stop(cp) || cp == '.' || (is_closer(cp) && !has_blank);
        bool is_cut = is_line || (ended == STOP && !is_more && !is_white(cp)) ||
                      (ended == FULL_STOP && has_blank && !is_white(cp) &&
                       !goes_on(text, segments->len, at));
        if (is_cut && start != SIZE_MAX) {
            segments->bits[start] |= START(SEGMENT_SENTENCE);
            segments->bits[end] |= END(SEGMENT_SENTENCE);
            start = SIZE_MAX;
        }
        if (is_over)
            break;
        if (is_cut)
            ended = NONE;
        if (!is_white(cp)) {
            start = start == SIZE_MAX ? at : start;
            end = at + bytes;
            if (cp == '.')
                ended = FULL_STOP;
            else if (is_stop(cp))
                ended = STOP;
            else if (!is_closer(cp) || has_blank)
                ended = NONE;
        }
        has_blank = is_white(cp);
        at += bytes;
    }
}

void segments_make(struct segments *segments, const char *text, size_t len)
{
    segments_clear(segments);
    segments->len = len;
    segments->bits = xcalloc(len + 1, 1);
    char *breaks = xcalloc(len + 1, 1);
    u8_grapheme_breaks((const uint8_t *)text, len, breaks);
    for (size_t at = 0; at < len; at++)
        if (breaks[at] || at == 0)
            segments->bits[at] |= START(SEGMENT_LETTER) | (at ? END(SEGMENT_LETTER) : 0);
    if (len > 0)
        segments->bits[len] |= END(SEGMENT_LETTER);
    u8_wordbreaks((const uint8_t *)text, len, breaks);
    bool joins = has_kana(text, segments->len);
    enum script before = SCRIPT_OTHER;
    bool is_word = false;
    uint32_t cp;
    for (size_t at = 0; at < segments->len;) {
        size_t bytes = utf8_decode(text, segments->len, at, &cp);
        enum script script = script_of(cp);
        bool is_joined = joins && script != SCRIPT_OTHER && script == before;
        bool is_border = (segments->bits[at] & START(SEGMENT_LETTER)) != 0;
        if (at == 0 || (breaks[at] && is_border && !is_joined)) {
            if (is_word)
                segments->bits[at] |= END(SEGMENT_WORD);
            is_word = !is_white(cp) && !uc_is_general_category_withtable(
                                           cp, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_Z);
            if (is_word)
                segments->bits[at] |= START(SEGMENT_WORD);
        }
        before = is_border ? script : before; /* a mark belongs to what is before it */
        at += bytes;
    }
    if (is_word)
        segments->bits[segments->len] |= END(SEGMENT_WORD);
    free(breaks);
    mark_sentences(segments, text);
}

bool segments_find(const struct segments *segments, enum segment_unit unit, size_t at,
                   int direction, size_t *start, size_t *end)
{
    size_t from, to;
    if (!segments->bits)
        return false;
    if (direction > 0) {
        for (to = at + 1; to <= segments->len && !(segments->bits[to] & END(unit)); to++)
            ;
        if (to > segments->len)
            return false;
        for (from = to - 1; from > 0 && !(segments->bits[from] & START(unit)); from--)
            ;
    } else {
        for (from = at; from > 0 && !(segments->bits[from - 1] & START(unit)); from--)
            ;
        if (from == 0)
            return false;
        from--;
        for (to = from + 1; to < segments->len && !(segments->bits[to] & END(unit)); to++)
            ;
    }
    *start = from;
    *end = to;
    return true;
}
