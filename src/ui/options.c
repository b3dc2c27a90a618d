/* SPDX-License-Identifier: MIT
 *
 * The options of the question in focus, one a row in the form's place: typing finds them
 * among hundreds, Enter takes one; those of a ranking are put in order.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/choice.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "ui/parts.h"
#include "ui/questions.h"

#define PAGE_ROWS 8
#define HERE_CP 0x25B8 /* ▸ */

/* What is typed stands in the option: 2 = at its start, 1 = elsewhere, 0 = not. */
static int matches(const struct question *question, size_t choice, const char *typed)
{
    char number[16];
    const char *text = question_choice_text(question, choice, number, sizeof number);
    if (strncasecmp(text, typed, strlen(typed)) == 0)
        return 2;
    if (strcasestr(text, typed))
        return 1;
    return question->type != QUESTION_RATING &&
           strcasestr(question->options[choice].value, typed) != NULL;
}

/* The choices in the order of their rows; owned. */
static size_t *make_rows(const struct options_list *list, const struct question *question,
                         const struct record *record, size_t *count)
{
    size_t all = question_choice_count(question), used = 0;
    size_t *order = xcalloc(all + 1, sizeof *order);
    size_t *rows = xcalloc(all + 1, sizeof *rows);
    int *ranks = xcalloc(all + 1, sizeof *ranks);
    const char *typed = editbuf_text(list->filter);
    question_read_choices(question, record, order, ranks);
    if (question->type == QUESTION_RANKING) {
        /* those that have a rank by their rank, then the others */
        for (int rank = 1; used < all && rank <= (int)all; rank++)
            for (size_t i = 0; i < all; i++)
                if (ranks[i] == rank || (rank == (int)all && ranks[i] > rank))
                    rows[used++] = i;
        for (size_t i = 0; i < all; i++)
            if (ranks[i] <= 0)
                rows[used++] = i;
    } else {
        for (int how = 2; how > 0; how--)
            for (size_t i = 0; i < all; i++)
                if (matches(question, order[i], typed) == how)
                    rows[used++] = order[i];
    }
    free(order);
    free(ranks);
    *count = used;
    return rows;
}

/* ---- keys ---- */

/* What one comes for: the option that is chosen; in a ranking the next that has no rank,
 * else where the focus is. */
static void focus_first(struct screen *screen, const struct question *question)
{
    struct options_list *list = &screen->frame.options;
    size_t count = question_choice_count(question);
    size_t *order = xcalloc(count + 1, sizeof *order);
    int *ranks = xcalloc(count + 1, sizeof *ranks);
    bool is_ranking = question->type == QUESTION_RANKING;
    question_read_choices(question, &screen_session(screen)->current, order, ranks);
    for (size_t i = 0; i < count; i++) {
        if ((ranks[i] > 0) != is_ranking) {
            list->focus = i;
            break;
        }
    }
    free(order);
    free(ranks);
}

void options_enter(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct question *question = screen_question(screen);
    struct options_list *list = &screen->frame.options;
    if (!question || !question_has_choices(question) ||
        !question_choice_count(question)) {
        app_notify(screen->app, NOTICE_INFO, "There is nothing to choose here.");
        return;
    }
    if (!app_can_respond(screen->app))
        return;
    size_t count;
    editbuf_set(list->filter, "", 0);
    size_t *rows = make_rows(list, question, &session->current, &count);
    list->focus = rows[0];
    list->scroll = (struct scroll){0};
    free(rows);
    if (question->type != QUESTION_MULTI_LABEL)
        focus_first(screen, question);
    free(screen->writing);
    screen->writing = xstrdup(question->name);
    screen->mode = MODE_OPTIONS;
}

/* Rows down, or up. */
static void move(struct screen *screen, const struct question *question, long delta)
{
    struct options_list *list = &screen->frame.options;
    size_t count, at = 0;
    size_t *rows = make_rows(list, question, &screen_session(screen)->current, &count);
    while (at + 1 < count && rows[at] != list->focus)
        at++;
    size_t steps = (size_t)(delta < 0 ? -delta : delta);
    at = delta > 0 ? at + steps : at < steps ? 0 : at - steps;
    if (count > 0)
        list->focus = rows[at < count ? at : count - 1];
    free(rows);
}

static void take(struct screen *screen, const struct question *question, bool stays)
{
    struct options_list *list = &screen->frame.options;
    size_t count;
    size_t *rows = make_rows(list, question, &screen_session(screen)->current, &count);
    free(rows);
    if (count == 0) {
        app_notify(screen->app, NOTICE_INFO, "No option has this in its name.");
        return;
    }
    form_choose(screen, list->focus);
    editbuf_set(list->filter, "", 0);
    if (question->type == QUESTION_RANKING)
        focus_first(screen, question);
    if (!stays)
        screen->mode = MODE_BROWSE;
}

/* Of a ranking; false = it is none of its keys. */
static bool rank_key(struct screen *screen, const struct question *question,
                     struct key key)
{
    size_t option = screen->frame.options.focus;
    const struct value *value =
        question_value(&screen_session(screen)->current, question);
    bool is_up = key.code == KEYCODE_UP, is_shifted = key.mods & KEY_SHIFT_BIT;
    struct value next = {.question = question->name, .type = question->type};
    if (key.mods == 0 && (key.code == 'j' || key.code == 'k')) {
        move(screen, question, key.code == 'j' ? 1 : -1);
        return true;
    }
    if (key.code == 'J' || key.code == 'K')
        next.text = choice_move(question, value, option, key.code == 'J' ? 1 : -1);
    else if (is_shifted && (is_up || key.code == KEYCODE_DOWN))
        next.text = choice_move(question, value, option, is_up ? -1 : 1);
    else if (key.mods == 0 && key.code >= '0' && key.code <= '9')
        next.text = choice_rank(question, value, option, (int)(key.code - '0'));
    else if (key.code == KEYCODE_BACKSPACE || key.code == KEYCODE_DELETE)
        next.text = choice_rank(question, value, option, 0);
    else if (key.mods == 0 && key.code == '=')
        next.text = choice_tie(question, value, option);
    else
        return false;
    app_set_value(screen->app, &next, SET_VALUE);
    free(next.text);
    return true;
}

enum action options_key(struct screen *screen, struct key key)
{
    struct options_list *list = &screen->frame.options;
    const struct question *question = screen_question(screen);
    bool is_ranking = question->type == QUESTION_RANKING;
    bool is_plain = key.mods == 0, is_ctrl = key.mods == KEY_CTRL_BIT;
    if (is_ranking && rank_key(screen, question, key))
        return ACTION_NONE;
    if (key.code == KEYCODE_ESCAPE && is_plain && editbuf_len(list->filter) > 0) {
        editbuf_set(list->filter, "", 0);
    } else if ((key.code == KEYCODE_ESCAPE && is_plain) || (key.code == 'c' && is_ctrl)) {
        screen->mode = MODE_BROWSE;
    } else if (key.code == KEYCODE_TAB) {
        screen->mode = MODE_BROWSE;
        return key.mods & KEY_SHIFT_BIT ? ACTION_PREVIOUS_QUESTION : ACTION_NEXT_QUESTION;
    } else if (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN) {
        move(screen, question, key.code == KEYCODE_UP ? -1 : 1);
    } else if (key.code == KEYCODE_PAGE_UP || key.code == KEYCODE_PAGE_DOWN) {
        move(screen, question, key.code == KEYCODE_PAGE_UP ? -PAGE_ROWS : PAGE_ROWS);
    } else if (key.code == KEYCODE_ENTER && is_plain) {
        take(screen, question, question->type == QUESTION_MULTI_LABEL || is_ranking);
    } else if (key.code == KEYCODE_ENTER) {
        screen->mode = MODE_BROWSE;
        return ACTION_SUBMIT; /* with Ctrl or Alt: Esc Enter comes as Alt-Enter */
    } else if (key.code == ' ' && editbuf_len(list->filter) == 0) {
        take(screen, question, true);
    } else if (is_ranking) {
        screen_refuse_key(screen, key);
    } else {
        enum edit_outcome outcome = edit_key(list->filter, key);
        if (outcome == EDIT_UNKNOWN)
            screen_refuse_key(screen, key);
        if (outcome == EDIT_CHANGED)
            move(screen, question, -(long)question_choice_count(question));
    }
    return ACTION_NONE;
}

void options_paste(struct screen *screen, const struct event *event)
{
    const struct question *question = screen_question(screen);
    if (question->type == QUESTION_RANKING) {
        screen_refuse_paste(screen);
        return;
    }
    (void)edit_paste(screen->frame.options.filter, event, false);
    move(screen, question, -(long)question_choice_count(question));
}

/* ---- drawing ---- */

int options_measure(const struct view *view)
{
    bool is_ranking = view->question->type == QUESTION_RANKING;
    return (int)question_choice_count(view->question) + (is_ranking ? 0 : 1);
}

static void draw_row(const struct view *view, struct cells *cells, struct rect row,
                     size_t choice, int rank, bool is_here)
{
    const struct question *question = view->question;
    char number[16], mark[16];
    enum style style = is_here ? STYLE_SELECTED : rank > 0 ? STYLE_ACCENT : STYLE_TEXT;
    if (question->type == QUESTION_RANKING)
        snprintf(mark, sizeof mark, rank > 0 ? "#%d" : "–", rank);
    else
        snprintf(mark, sizeof mark, "[%c]", rank > 0 ? 'x' : ' ');
    if (is_here) {
        cells_set_style(cells, row, STYLE_SELECTED);
        cells_fill(cells, (struct rect){row.row, row.col, 1, 1},
                   view->is_plain ? '>' : HERE_CP, style);
    }
    cells_string(cells, row.row, row.col + 2, 4, mark, style);
    int used = 6;
    used += cells_string(cells, row.row, row.col + used, row.cols - used,
                         question_choice_text(question, choice, number, sizeof number),
                         style);
    const char *description =
        question->type == QUESTION_RATING ? NULL : question->options[choice].description;
    if (description && row.cols - used > 4)
        cells_string(cells, row.row, row.col + used + 2, row.cols - used - 2, description,
                     is_here ? style : STYLE_DIM);
}

void options_draw(struct options_list *list, const struct view *view, struct cells *cells,
                  struct rect rule, struct rect area)
{
    const struct question *question = view->question;
    size_t all = question_choice_count(question), count, here = 0;
    size_t *order = xcalloc(all + 1, sizeof *order);
    int *ranks = xcalloc(all + 1, sizeof *ranks);
    size_t *rows = make_rows(list, question, view->record, &count);
    char title[64], right[96];
    question_read_choices(question, view->record, order, ranks);
    size_t chosen = 0;
    for (size_t i = 0; i < all; i++)
        chosen += ranks[i] > 0;
    if (count < all)
        snprintf(right, sizeof right, "%zu of %zu · %zu chosen", count, all, chosen);
    else
        snprintf(right, sizeof right, "%zu of %zu chosen", chosen, all);
    view_rule(cells, rule, question_label(question, title, sizeof title), right,
              STYLE_DIM);
    if (question->type != QUESTION_RANKING) {
        int label =
            cells_string(cells, area.row, area.col, area.cols, "find ", STYLE_TITLE);
        struct rect edit = {area.row, area.col + label, 1, area.cols - label};
        editbuf_layout(list->filter, edit.cols > 0 ? edit.cols : 1);
        editbuf_draw(list->filter, cells, edit, STYLE_TEXT, true);
        area.row++;
        area.rows--;
    }
    while (here + 1 < count && rows[here] != list->focus)
        here++;
    scroll_fit(&list->scroll, count, (size_t)(area.rows > 0 ? area.rows : 0));
    if (here < list->scroll.top)
        list->scroll.top = here;
    if (area.rows > 0 && here >= list->scroll.top + (size_t)area.rows)
        list->scroll.top = here + 1 - (size_t)area.rows;
    for (int i = 0; i < area.rows && list->scroll.top + (size_t)i < count; i++) {
        size_t at = list->scroll.top + (size_t)i;
        struct rect row = {area.row + i, area.col, 1, area.cols};
        draw_row(view, cells, row, rows[at], ranks[rows[at]], at == here);
        if (at == here && question->type == QUESTION_RANKING)
            cells_set_cursor(cells, row.row, row.col);
    }
    if (count == 0)
        cells_string(cells, area.row, area.col + 2, area.cols - 2,
                     "No option has this in its name.", STYLE_DIM);
    free(order);
    free(ranks);
    free(rows);
}

void options_hints(const struct view *view, struct hints *hints)
{
    enum question_type type = view->question->type;
    if (type == QUESTION_RANKING) {
        hints_add_key(hints, "1–9", "rank");
        hints_add_key(hints, "Shift-↑ ↓", "move it");
        hints_add_key(hints, "Space", "next rank");
        hints_add_key(hints, "=", "tie with the one above");
        hints_add_key(hints, "Esc", "done");
        hints_add_key(hints, "0", "no rank");
    } else {
        hints_add_key(hints, "letters", "find");
        hints_add_key(hints, "Enter",
                      type == QUESTION_MULTI_LABEL ? "take or not" : "take");
        hints_add_key(hints, "↑ ↓", "move");
        hints_add_key(hints, "Esc", "done");
    }
    hints_add_key(hints, "Esc Enter", "submit");
    hints_add_key(hints, "Tab", "next question");
}
