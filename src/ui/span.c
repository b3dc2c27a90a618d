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
#include "app/search.h"
#include "app/suggest.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "text/editlayout.h"
#include "ui/parts.h"
#include "ui/questions.h"

#define QUOTE_BYTES 80
#define DOUBLE_MS 400 /* between the two clicks of one */

static void begin(struct marking *marking, struct screen *screen)
{
    const struct record *record = &screen_session(screen)->current;
    *marking = (struct marking){.screen = screen,
                                .app = screen->app,
                                .match = screen_session(screen)->finding.match,
                                .pane = &screen->frame.span,
                                .question = screen_question(screen)};
    marking->text = span_text(record, marking->question, &marking->len);
    spans_read(&marking->spans, suggest_value(record, marking->question), marking->text,
               marking->len);
    segments_make(&marking->segments, marking->text, marking->len);
    struct span_pane *pane = marking->pane;
    bool has_base = pane->is_open || pane->is_pressed;
    bool is_outside = pane->to > marking->len || pane->from >= pane->to ||
                      (has_base && pane->base_to > marking->len);
    if (is_outside) { /* the text is another one now */
        pane->is_open = pane->is_walked = pane->is_pressed = false;
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
    mark_put(marking, from, to);
    pane->is_walked = walked != SIZE_MAX && same == SIZE_MAX;
    say(marking, same == SIZE_MAX ? question->options[option].text : "No span any more",
        from, to, replaced);
}

/* The span that the byte is in, of several the shortest; SIZE_MAX = none. */
static size_t span_around(const struct spans *spans, size_t at)
{
    size_t found = SIZE_MAX, shortest = SIZE_MAX;
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *span = &spans->items[i];
        if (span->from <= at && at < span->to && span->to - span->from < shortest) {
            found = i;
            shortest = span->to - span->from;
        }
    }
    return found;
}

static void remove_here(struct marking *marking)
{
    size_t found = span_around(&marking->spans, marking->pane->from);
    for (size_t i = 0; i < marking->spans.count && found == SIZE_MAX; i++)
        if (marking->spans.items[i].to == 0)
            found = i; /* it is nowhere else to be removed */
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
    pane->is_walked = pane->is_dragged = false;
    pane->base_from = pane->from;
    pane->base_to = pane->to;
}

/* The marked words and their label: a reader of the screen hears only the last line. */
static void tell_mark(struct marking *marking)
{
    char quote[QUOTE_BYTES];
    size_t from, to, at;
    span_selection(marking->pane, &from, &to);
    if (!marking->screen->is_plain || from >= to)
        return;
    const char *label = "";
    if ((at = span_at(&marking->spans, from, to)) != SIZE_MAX)
        label = question_option_text(marking->question, marking->spans.items[at].label);
    sanitise_line(marking->text + from, to - from, quote, sizeof quote);
    app_notify(marking->screen->app, NOTICE_INFO, "“%s”%s%.60s.", quote,
               *label ? ": " : "", label);
}

/* ---- the mouse ---- */

/* A word gets the mark, of a span the whole; the same word again the label used last. */
static void press(struct marking *marking, int row, int col)
{
    struct span_pane *pane = marking->pane;
    int64_t now = clock_mono_ms(marking->screen->clock);
    bool is_added;
    size_t from, to, at = span_pointed(pane, row, col, &is_added);
    size_t here = span_around(&marking->spans, is_added && at > 0 ? at - 1 : at);
    if (here == SIZE_MAX) /* else it is a label, or the end of a span */
        here = span_around(&marking->spans, at);
    if (!mark_find_word(marking, at, &from, &to))
        return;
    bool is_again = now - pane->pressed_ms <= DOUBLE_MS && pane->from <= from &&
                    to <= pane->to && here == SIZE_MAX;
    pane->pressed_ms = now;
    if (pane->is_open && pane->is_dragged)
        pane->is_open = false;
    if (is_again) {
        give_label(marking, pane->label);
        return;
    }
    pane->is_pressed = true;
    if (pane->is_open) {
        mark_put(marking, from, to);
        return;
    }
    pane->base_from = from;
    pane->base_to = to;
    if (here != SIZE_MAX)
        mark_span(marking, here);
    else
        mark_put(marking, from, to);
}

void span_press(struct screen *screen, int row, int col)
{
    struct marking marking;
    if (screen->mode != MODE_SPAN)
        return;
    begin(&marking, screen);
    press(&marking, row, col);
    end(&marking);
}

void span_drag(struct screen *screen, int row, int col, bool is_let_go)
{
    struct marking marking;
    struct span_pane *pane = &screen->frame.span;
    bool is_added;
    size_t from, to;
    if (screen->mode != MODE_SPAN ||
        layout_is_too_small(screen->frame.cells.rows, screen->frame.cells.cols))
        return;
    begin(&marking, screen);
    if (pane->is_pressed &&
        mark_find_word(&marking, span_pointed(pane, row, col, &is_added), &from, &to) &&
        (pane->is_open || from != pane->base_from)) {
        if (!pane->is_open)
            pane->is_open = pane->is_dragged = true;
        pane->pressed_ms = 0;
        mark_put(&marking, from, to);
    }
    if (pane->is_pressed && is_let_go && pane->is_open && pane->is_dragged &&
        marking.question->option_count == 1)
        give_label(&marking, 0);
    if (is_let_go)
        pane->is_pressed = false;
    end(&marking);
}

void span_find(struct screen *screen)
{
    struct marking marking;
    begin(&marking, screen);
    mark_find(&marking, 0);
    tell_mark(&marking);
    end(&marking);
}

void span_take(struct screen *screen, size_t index)
{
    struct marking marking;
    begin(&marking, screen);
    if (index < marking.spans.count && marking.spans.items[index].to)
        mark_span(&marking, index);
    end(&marking);
}

/* ---- the mode ---- */

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
    pane->is_open = pane->is_walked = pane->is_pressed = pane->is_wheeled = false;
    pane->is_searching = false;
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
enum action span_key(struct screen *screen, struct key key)
{
    struct marking marking;
    struct span_pane *pane = &screen->frame.span;
    enum action asked = keymap_find(&screen->keymap, key), action = ACTION_NONE;
    size_t was_from, was_to, from, to;
    size_t option = key.code == '0' ? 9 : (size_t)key.code - '1';
    bool is_digit = key.mods == 0 && key.code >= '0' && key.code <= '9';
    bool is_end = (key.code == KEYCODE_ESCAPE && key.mods == 0) ||
                  (key.code == 'c' && key.mods == KEY_CTRL_BIT);
    begin(&marking, screen);
    span_selection(pane, &was_from, &was_to);
    if (is_end && pane->is_open) {
        pane->is_open = false;
    } else if (is_end && pane->is_searching) {
        pane->is_searching = false;
        app_search(screen->app, NULL, NULL);
    } else if (is_end || key.code == KEYCODE_TAB) {
        screen->mode = MODE_BROWSE;
        action = is_end ? ACTION_NONE : asked;
    } else if (mark_key(&marking, key)) {
        span_selection(pane, &from, &to);
        if (from != was_from || to != was_to)
            tell_mark(&marking);
    } else if (is_digit && option < marking.question->option_count) {
        give_label(&marking, option);
    } else if (is_digit) {
        app_notify(screen->app, NOTICE_WARNING, "There is no label %u.",
                   (unsigned)(key.code - '0'));
    } else if (key.code == ' ' && key.mods == 0) {
        toggle_open(&marking);
    } else if (key.code == KEYCODE_ENTER && key.mods == 0) {
        choose_label(&marking);
    } else if (key.code == KEYCODE_ENTER) {
        screen->mode = MODE_BROWSE;
        action = ACTION_SUBMIT; /* with Ctrl or Alt: Esc Enter comes as Alt-Enter */
    } else if (asked == ACTION_UNDO || asked == ACTION_REDO || asked == ACTION_SEARCH ||
               asked == ACTION_SUGGESTION || asked == ACTION_REDRAW ||
               asked == ACTION_SUSPEND || asked == ACTION_HELP ||
               asked == ACTION_GUIDELINES) {
        action = asked;
    } else if (key.mods == 0 && (key.code == 'x' || key.code == KEYCODE_DELETE ||
                                 key.code == KEYCODE_BACKSPACE)) {
        remove_here(&marking);
    } else {
        screen_refuse_key(screen, key);
    }
    end(&marking);
    return action;
}

void span_hints(const struct span_pane *pane, const struct view *view,
                struct hints *hints)
{
    hints_add_key(hints, "← →", "word");
    if (!pane->is_open)
        hints_add_key(hints, "Space", "open");
    hints_add_key(hints, "1–9", "label");
    hints_add_key(hints, "x", "remove");
    hints_add_key(hints, "Esc",
                  pane->is_open        ? "drop"
                  : pane->is_searching ? "end the search"
                                       : "done");
    hints_add(hints, view, ACTION_HELP, "help");
    hints_add_key(hints, "( )", "sentence");
    hints_add_key(hints, "n N", pane->is_searching ? "hit" : "span");
    hints_add(hints, view, ACTION_SEARCH, "find");
    hints_add_key(hints, "Shift-← →", "letter");
    hints_add(hints, view, ACTION_UNDO, "undo");
}
