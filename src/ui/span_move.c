/* SPDX-License-Identifier: MIT
 *
 * Where the mark goes while spans are marked: by words, letters, sentences and lines,
 * from span to span, to what is pointed at.
 */
#include "config.h"

#include <stdint.h>

#include "app/app.h"
#include "text/match.h"
#include "ui/questions.h"

void mark_put(struct marking *marking, size_t from, size_t to)
{
    marking->pane->from = from;
    marking->pane->to = to;
    marking->pane->is_walked = marking->pane->is_wheeled = false;
}

void mark_span(struct marking *marking, size_t index)
{
    marking->pane->is_open = false;
    mark_put(marking, marking->spans.items[index].from, marking->spans.items[index].to);
    marking->pane->is_walked = true;
}

/* The next word or sentence, or the start of this one and then the one before. */
static void move(struct marking *marking, enum segment_unit unit, int direction)
{
    const struct span_pane *pane = marking->pane;
    size_t from, to;
    if (segments_find(&marking->segments, unit, direction > 0 ? pane->to : pane->from,
                      direction, &from, &to))
        mark_put(marking, from, to);
    else if (segments_find(&marking->segments, unit, pane->from, 1, &from, &to) &&
             from <= pane->from && to >= pane->to)
        mark_put(marking, from, to); /* the last one, as a whole */
}

/* Into the word that the mark is on, letter by letter; of an open span the end that moves
 * goes a letter on or back. */
static void move_letter(struct marking *marking, int direction)
{
    const struct span_pane *pane = marking->pane;
    size_t first_from, first_to, last_from, last_to;
    if (!segments_find(&marking->segments, SEGMENT_LETTER, pane->from, 1, &first_from,
                       &first_to) ||
        !segments_find(&marking->segments, SEGMENT_LETTER, pane->to, -1, &last_from,
                       &last_to))
        return;
    bool is_one = first_to >= pane->to;
    bool is_behind = !pane->is_open || pane->to > pane->base_to;
    if (!pane->is_open && !is_one) {
        mark_put(marking, direction > 0 ? first_from : last_from,
                 direction > 0 ? first_to : last_to);
        return;
    }
    /* the letter where the selection ends then */
    size_t at = direction > 0 ? (is_behind || is_one ? pane->to : first_to)
                              : (is_behind && !is_one ? last_from : pane->from);
    size_t from, to;
    if (segments_find(&marking->segments, SEGMENT_LETTER, at, direction, &from, &to))
        mark_put(marking, from, to);
}

static void move_line(struct marking *marking, int direction)
{
    struct span_pane *pane = marking->pane;
    size_t line, from, to;
    int col;
    span_cell(pane, pane->from, &line, &col);
    if (direction < 0 && line == 0)
        return;
    while (direction < 0 ? line-- > 0 : ++line < pane->count) {
        size_t at = span_byte(pane, line, col);
        size_t line_end = span_byte(pane, line, pane->columns);
        if (!segments_find(&marking->segments, SEGMENT_WORD, at, 1, &from, &to))
            from = marking->len;
        bool is_there = from <= line_end && from < marking->len;
        if (!is_there) /* nothing behind that column: the last word before it */
            is_there =
                segments_find(&marking->segments, SEGMENT_WORD, at, -1, &from, &to) &&
                from >= span_byte(pane, line, 0);
        if (is_there) {
            mark_put(marking, from, to);
            return;
        }
    }
}

static void walk(struct marking *marking, int direction)
{
    const struct spans *spans = &marking->spans;
    struct span_pane *pane = marking->pane;
    size_t here = span_at(spans, pane->from, pane->to), found = SIZE_MAX;
    if (pane->is_walked && here != SIZE_MAX) {
        found = direction > 0 ? here + 1 : here - 1; /* 0 - 1 is SIZE_MAX */
        while (found < spans->count && spans->items[found].to == 0)
            found += (size_t)direction;
    } else {
        for (size_t i = 0; i < spans->count; i++) {
            const struct span *span = &spans->items[i];
            bool is_after = span->to && span->from >= pane->from;
            bool is_before = span->to && span->from < pane->from;
            if (direction > 0 ? is_after && found == SIZE_MAX : is_before)
                found = i;
        }
    }
    if (found >= spans->count) {
        app_notify(marking->app, NOTICE_INFO, "There is no %s span.",
                   spans->count == 0 ? "marked"
                   : direction > 0   ? "further"
                                     : "earlier");
        return;
    }
    mark_span(marking, found);
}

/* Round and round. */
void mark_find(struct marking *marking, int step)
{
    struct match *match = marking->match;
    struct match_hit hit = {0, 0}, first = hit, last = hit, before = hit, behind = hit;
    size_t here = marking->pane->from, from, to, unused;
    enum match_result result = MATCH_NONE;
    while (match && (result = match_find(match, marking->text, marking->len, last.end,
                                         &hit)) == MATCH_FOUND) {
        size_t at = hit.start; /* of its first letter as a whole */
        (void)segments_find(&marking->segments, SEGMENT_LETTER, at, 1, &at, &unused);
        last = hit;
        first = first.end ? first : hit;
        before = at < here ? hit : before;
        behind = !behind.end && at >= here + (step > 0) ? hit : behind;
    }
    if (!first.end) {
        app_notify(marking->app, NOTICE_INFO,
                   result == MATCH_HARD ? "That is too hard a pattern for this text."
                                        : "The text does not have it.");
        return;
    }
    if (step < 0)
        hit = before.end ? before : last;
    else
        hit = behind.end ? behind : first;
    /* whole letters */
    if (segments_find(&marking->segments, SEGMENT_LETTER, hit.start, 1, &from, &unused) &&
        segments_find(&marking->segments, SEGMENT_LETTER, hit.end, -1, &unused, &to))
        mark_put(marking, from, to);
}

bool mark_find_word(const struct marking *marking, size_t at, size_t *from, size_t *to)
{
    size_t next_from, next_to;
    bool has_next =
        segments_find(&marking->segments, SEGMENT_WORD, at, 1, &next_from, &next_to);
    if (has_next && next_from <= at) {
        *from = next_from;
        *to = next_to;
        return true;
    }
    bool has_one = segments_find(&marking->segments, SEGMENT_WORD, at, -1, from, to);
    if (has_next && (!has_one || next_from - at <= at - *to)) {
        *from = next_from;
        *to = next_to;
    }
    return has_one || has_next;
}

/* Key by key: NOLINTNEXTLINE(readability-function-cognitive-complexity) */
bool mark_key(struct marking *marking, struct key key)
{
    bool is_left = key.code == KEYCODE_LEFT, is_right = key.code == KEYCODE_RIGHT;
    bool is_shifted = key.mods == KEY_SHIFT_BIT, is_ctrl = key.mods == KEY_CTRL_BIT;
    uint32_t code = key.mods ? 0 : key.code;
    if (code == 'H' || code == 'L' || ((is_left || is_right) && is_shifted))
        move_letter(marking, code == 'L' || is_right ? 1 : -1);
    else if (code == '(' || code == ')' || ((is_left || is_right) && is_ctrl))
        move(marking, SEGMENT_SENTENCE, code == ')' || is_right ? 1 : -1);
    else if (code == 'h' || code == 'l' || ((is_left || is_right) && key.mods == 0))
        move(marking, SEGMENT_WORD, code == 'l' || is_right ? 1 : -1);
    else if (code == 'j' || code == 'k' || code == KEYCODE_DOWN || code == KEYCODE_UP)
        move_line(marking, code == 'j' || code == KEYCODE_DOWN ? 1 : -1);
    else if (code == KEYCODE_HOME || code == KEYCODE_END) {
        bool is_home = code == KEYCODE_HOME;
        size_t from, to;
        if (segments_find(&marking->segments, SEGMENT_WORD, is_home ? 0 : marking->len,
                          is_home ? 1 : -1, &from, &to))
            mark_put(marking, from, to);
    } else if ((code == 'n' || code == 'N') && marking->pane->is_searching)
        mark_find(marking, code == 'n' ? 1 : -1);
    else if (code == 'n' || code == 'N')
        walk(marking, code == 'n' ? 1 : -1);
    else
        return false;
    return true;
}
