/* SPDX-License-Identifier: MIT
 *
 * Marking spans in a text by the keyboard alone: a mark goes by words, letters, sentences
 * and lines, Space opens a span there, a digit gives it a label.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/respond.h"
#include "app/suggest.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "text/editlayout.h"
#include "ui/parts.h"
#include "ui/questions.h"

#define QUOTE_BYTES 80

/* What the keys work on; made anew for each key. */
struct marking {
    struct screen *screen;
    struct span_pane *pane;
    const struct question *question;
    const char *text;
    size_t len;
    struct spans spans;
    struct segments segments;
};

static void begin(struct marking *marking, struct screen *screen)
{
    const struct record *record = &screen_session(screen)->current;
    *marking = (struct marking){.screen = screen,
                                .pane = &screen->frame.span,
                                .question = screen_question(screen)};
    marking->text = span_text(record, marking->question, &marking->len);
    spans_read(&marking->spans, suggest_value(record, marking->question), marking->text,
               marking->len);
    segments_make(&marking->segments, marking->text, marking->len);
    struct span_pane *pane = marking->pane;
    bool is_outside = pane->to > marking->len || pane->from >= pane->to ||
                      (pane->is_open && pane->base_to > marking->len);
    if (is_outside) { /* the text is another one now */
        pane->is_open = pane->is_walked = false;
        pane->from = pane->to = 0;
        if (!segments_find(&marking->segments, SEGMENT_WORD, 0, 1, &pane->from,
                           &pane->to))
            segments_find(&marking->segments, SEGMENT_LETTER, 0, 1, &pane->from,
                          &pane->to);
    }
}

static void end(struct marking *marking)
{
    segments_clear(&marking->segments);
    spans_clear(&marking->spans);
}

/* ---- moving ---- */

static void put_mark(struct marking *marking, size_t from, size_t to)
{
    marking->pane->from = from;
    marking->pane->to = to;
    marking->pane->is_walked = false;
}

/* The next word or sentence, or the start of this one and then the one before. */
static void move(struct marking *marking, enum segment_unit unit, int direction)
{
    const struct span_pane *pane = marking->pane;
    size_t from, to;
    if (segments_find(&marking->segments, unit, direction > 0 ? pane->to : pane->from,
                      direction, &from, &to))
        put_mark(marking, from, to);
    else if (segments_find(&marking->segments, unit, pane->from, 1, &from, &to) &&
             from <= pane->from && to >= pane->to)
        put_mark(marking, from, to); /* the last one, as a whole */
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
        put_mark(marking, direction > 0 ? first_from : last_from,
                 direction > 0 ? first_to : last_to);
        return;
    }
    /* the letter where the selection ends then */
    size_t at = direction > 0 ? (is_behind || is_one ? pane->to : first_to)
                              : (is_behind && !is_one ? last_from : pane->from);
    size_t from, to;
    if (segments_find(&marking->segments, SEGMENT_LETTER, at, direction, &from, &to))
        put_mark(marking, from, to);
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
            put_mark(marking, from, to);
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
        app_notify(marking->screen->app, NOTICE_INFO, "There is no %s span.",
                   spans->count == 0 ? "marked"
                   : direction > 0   ? "further"
                                     : "earlier");
        return;
    }
    pane->is_open = false;
    put_mark(marking, spans->items[found].from, spans->items[found].to);
    pane->is_walked = true;
}

/* ---- changing ---- */

/* own: VALUE_OWN of the byte where the span that was given begins. */
static bool put_spans(struct marking *marking, uint64_t own)
{
    /* none is an answer, too: to what is suggested, as Argilla's page has it */
    bool has_any =
        marking->spans.count > 0 || marking->question->is_required ||
        suggest_find(&screen_session(marking->screen)->current, marking->question);
    struct value value = {.question = marking->question->name,
                          .type = QUESTION_SPAN,
                          .text = has_any ? spans_print(&marking->spans) : NULL,
                          .own = own};
    bool is_put = app_set_value(marking->screen->app, &value, SET_VALUE);
    free(value.text);
    return is_put;
}

static void say(struct marking *marking, const char *label, size_t from, size_t to,
                size_t replaced)
{
    char quote[QUOTE_BYTES];
    sanitise_line(marking->text + from, to - from, quote, sizeof quote);
    app_notify(marking->screen->app, NOTICE_DONE, "%.60s: “%s”%s.", label, quote,
               replaced == 1  ? "; it took the place of a span"
               : replaced > 1 ? "; it took the place of others"
                              : "");
}

/* The selection gets the label; one that is only suggested becomes the person's, again
 * takes it back; a span that was walked to changes its label. */
static void give_label(struct marking *marking, size_t option)
{
    const struct question *question = marking->question;
    struct span_pane *pane = marking->pane;
    const char *label = question->options[option].value;
    size_t from, to;
    span_selection(pane, &from, &to);
    if (from >= to) {
        app_notify(marking->screen->app, NOTICE_INFO, "There is no text to mark.");
        return;
    }
    size_t same = SIZE_MAX,
           walked = pane->is_walked ? span_at(&marking->spans, from, to) : SIZE_MAX;
    for (size_t i = 0; i < marking->spans.count; i++)
        if (marking->spans.items[i].from == from && marking->spans.items[i].to == to &&
            strcmp(marking->spans.items[i].label, label) == 0)
            same = i;
    size_t replaced = 0;
    struct spans untouched = {0};
    span_read_untouched(&screen_session(marking->screen)->current, question, &untouched);
    bool is_agreed = same != SIZE_MAX && span_at(&untouched, from, to) != SIZE_MAX;
    spans_clear(&untouched);
    if (is_agreed) {
        same = SIZE_MAX;
    } else if (same != SIZE_MAX) {
        spans_remove(&marking->spans, same);
    } else {
        if (walked != SIZE_MAX)
            spans_remove(&marking->spans, walked);
        replaced = spans_add(&marking->spans, marking->text, from, to, label,
                             question->allows_overlap);
    }
    pane->label = option;
    if (!put_spans(marking, VALUE_OWN(from)))
        return;
    pane->is_open = false;
    put_mark(marking, from, to);
    pane->is_walked = walked != SIZE_MAX && same == SIZE_MAX;
    say(marking, same == SIZE_MAX ? question->options[option].text : "No span any more",
        from, to, replaced);
}

/* The span that the mark is on, of several the shortest. */
static void remove_here(struct marking *marking)
{
    const struct span_pane *pane = marking->pane;
    size_t found = SIZE_MAX, shortest = SIZE_MAX;
    for (size_t i = 0; i < marking->spans.count; i++) {
        const struct span *span = &marking->spans.items[i];
        bool is_here = span->from <= pane->from && pane->from < span->to;
        if (is_here && span->to - span->from < shortest) {
            found = i;
            shortest = span->to - span->from;
        }
        if (found == SIZE_MAX && span->to == 0)
            found = i; /* it is nowhere else to be removed */
    }
    if (found == SIZE_MAX) {
        app_notify(marking->screen->app, NOTICE_INFO, "No span is marked here.");
        return;
    }
    struct span gone = marking->spans.items[found];
    gone.label = NULL;
    spans_remove(&marking->spans, found);
    if (put_spans(marking, 0))
        say(marking, "No span any more", gone.from, gone.to, 0);
}

static void take_label(struct screen *screen, size_t option)
{
    struct marking marking;
    begin(&marking, screen);
    give_label(&marking, option);
    end(&marking);
}

/* One label: given at once; several: the list, where the last one used stands ready. */
static void choose_label(struct marking *marking)
{
    if (marking->question->option_count == 1)
        give_label(marking, 0);
    else
        options_open(marking->screen, marking->pane->label, take_label);
}

static void toggle_open(struct marking *marking)
{
    struct span_pane *pane = marking->pane;
    if (pane->is_open) {
        choose_label(marking);
        return;
    }
    pane->is_open = true;
    pane->is_walked = false;
    pane->base_from = pane->from;
    pane->base_to = pane->to;
}

/* ---- the mode ---- */

/* The marked words and their label: a reader of the screen hears only the last line. */
static void tell_mark(struct marking *marking)
{
    const struct question *question = marking->question;
    char quote[QUOTE_BYTES];
    size_t from, to, at;
    span_selection(marking->pane, &from, &to);
    if (!marking->screen->is_plain || from >= to)
        return;
    const char *label = "";
    if ((at = span_at(&marking->spans, from, to)) != SIZE_MAX)
        label = marking->spans.items[at].label;
    for (size_t i = 0; i < question->option_count; i++)
        if (strcmp(question->options[i].value, label) == 0)
            label = question->options[i].text;
    sanitise_line(marking->text + from, to - from, quote, sizeof quote);
    app_notify(marking->screen->app, NOTICE_INFO, "“%s”%s%.60s.", quote,
               *label ? ": " : "", label);
}

void span_enter(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct question *question = screen_question(screen);
    struct span_pane *pane = &screen->frame.span;
    size_t len;
    if (!session->has_current || !app_can_respond(screen->app))
        return;
    span_text(&session->current, question, &len);
    if (len == 0 || question->option_count == 0) {
        app_notify(screen->app, NOTICE_INFO, "There is no text to mark in this record.");
        return;
    }
    struct marking marking;
    pane->is_open = pane->is_walked = false;
    pane->from = pane->to = 0;
    pane->scroll = (struct scroll){0};
    if (pane->label >= question->option_count)
        pane->label = 0;
    begin(&marking, screen);
    tell_mark(&marking);
    end(&marking);
    screen->choice_focus = screen->frame.form.focus;
    free(screen->writing);
    screen->writing = xstrdup(question->name);
    screen->mode = MODE_SPAN;
}

/* Key by key: NOLINTNEXTLINE(readability-function-cognitive-complexity) */
static bool move_key(struct marking *marking, struct key key)
{
    bool is_left = key.code == KEYCODE_LEFT, is_right = key.code == KEYCODE_RIGHT;
    bool is_shifted = key.mods == KEY_SHIFT_BIT, is_ctrl = key.mods == KEY_CTRL_BIT;
    uint32_t code = key.mods ? 0 : key.code;
    size_t from_before, to_before, from_now, to_now;
    span_selection(marking->pane, &from_before, &to_before);
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
            put_mark(marking, from, to);
    } else if (code == 'n' || code == 'N')
        walk(marking, code == 'n' ? 1 : -1);
    else
        return false;
    span_selection(marking->pane, &from_now, &to_now);
    if (from_now != from_before || to_now != to_before)
        tell_mark(marking);
    return true;
}

enum action span_key(struct screen *screen, struct key key)
{
    struct marking marking;
    struct span_pane *pane = &screen->frame.span;
    enum action action = keymap_find(&screen->keymap, key);
    begin(&marking, screen);
    size_t option = key.code == '0' ? 9 : (size_t)key.code - '1';
    bool is_digit = key.mods == 0 && key.code >= '0' && key.code <= '9';
    bool is_end = (key.code == KEYCODE_ESCAPE && key.mods == 0) ||
                  (key.code == 'c' && key.mods == KEY_CTRL_BIT);
    if (is_end && pane->is_open) {
        pane->is_open = false;
        action = ACTION_NONE;
    } else if (is_end) {
        screen->mode = MODE_BROWSE;
        action = ACTION_NONE;
    } else if (move_key(&marking, key)) {
        action = ACTION_NONE;
    } else if (is_digit && option < marking.question->option_count) {
        give_label(&marking, option);
        action = ACTION_NONE;
    } else if (is_digit) {
        app_notify(screen->app, NOTICE_WARNING, "There is no label %u.",
                   (unsigned)(key.code - '0'));
        action = ACTION_NONE;
    } else if (key.code == ' ' && key.mods == 0) {
        toggle_open(&marking);
        action = ACTION_NONE;
    } else if (key.code == KEYCODE_ENTER && key.mods == 0) {
        choose_label(&marking);
        action = ACTION_NONE;
    } else if (key.code == KEYCODE_ENTER) {
        screen->mode = MODE_BROWSE;
        action = ACTION_SUBMIT; /* with Ctrl or Alt: Esc Enter comes as Alt-Enter */
    } else if (key.code == KEYCODE_TAB) {
        screen->mode = MODE_BROWSE;
    } else if (key.mods == 0 && (key.code == 'x' || key.code == KEYCODE_DELETE ||
                                 key.code == KEYCODE_BACKSPACE)) {
        remove_here(&marking);
        action = ACTION_NONE;
    } else if (action != ACTION_UNDO && action != ACTION_REDO &&
               action != ACTION_SUGGESTION && action != ACTION_REDRAW &&
               action != ACTION_SUSPEND && action != ACTION_HELP &&
               action != ACTION_GUIDELINES) {
        screen_refuse_key(screen, key);
        action = ACTION_NONE;
    }
    end(&marking);
    return action;
}
