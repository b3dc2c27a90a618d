/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/questions.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/choice.h"
#include "app/suggest.h"
#include "base/xalloc.h"
#include "text/width.h"
#include "ui/view.h"

#define FOLD_MAX 20   /* more choices than these are folded away: */
#define FOLD_SHOWN 10 /* but for those with a digit */

const struct question *question_at(const struct dataset *dataset, size_t index)
{
    return index < dataset->question_count ? &dataset->questions[index] : NULL;
}

const char *question_asks(const struct question *question)
{
    if (question->description && question->description[0] != '\0')
        return question->description;
    return question->title ? question->title : question->name;
}

int question_draw_description(const struct question *question, struct cells *cells,
                              struct rect area)
{
    const char *text = question->description ? question->description : "";
    struct wrap wrap = {
        .text = text, .len = strlen(text), .columns = area.cols > 0 ? area.cols : 1};
    int rows = 0;
    for (size_t at = 0, end; at < wrap.len && rows < area.rows; at = end, rows++) {
        end = wrap_next(&wrap, at);
        if (cells && rows + 1 == area.rows)
            cells_string(cells, area.row + rows, area.col, area.cols, text + at,
                         STYLE_DIM);
        else if (cells)
            cells_text(cells, area.row + rows, area.col, area.cols, text + at, end - at,
                       STYLE_DIM);
    }
    wrap_clear(&wrap);
    return rows;
}

struct rect question_draw_head(const struct question *question, struct cells *cells,
                               struct rect area)
{
    int rows = question_draw_description(
        question, cells, (struct rect){area.row, area.col, area.rows / 3, area.cols});
    return (struct rect){area.row + rows, area.col, area.rows - rows, area.cols};
}

const struct value *question_correction(const struct session *session)
{
    const struct question *question =
        dataset_correction_question(&session->dataset, session->correction);
    return question && session->has_current ? suggest_value(&session->current, question)
                                            : NULL;
}

bool question_has_choices(const struct question *question)
{
    return question->type == QUESTION_RATING || question->type == QUESTION_LABEL ||
           question->type == QUESTION_MULTI_LABEL || question->type == QUESTION_RANKING;
}

size_t question_choice_count(const struct question *question)
{
    return question->type == QUESTION_RATING ? question->rating_count
                                             : question->option_count;
}

static size_t rating_index(const struct question *question, int rating)
{
    for (size_t i = 0; i < question->rating_count; i++)
        if (question->ratings[i] == rating)
            return i;
    return SIZE_MAX;
}

const char *question_choice_text(const struct question *question, size_t choice,
                                 char *number, size_t size)
{
    if (question->type != QUESTION_RATING)
        return question->options[choice].text;
    snprintf(number, size, "%d", question->ratings[choice]);
    return number;
}

void question_read_choices(const struct question *question, const struct record *record,
                           size_t *order, int *ranks)
{
    const struct value *value = suggest_value(record, question);
    if (question->type == QUESTION_RATING) {
        for (size_t i = 0; i < question->rating_count; i++) {
            if (order)
                order[i] = i;
            ranks[i] = value && value->rating == question->ratings[i];
        }
        return;
    }
    if (order)
        choice_order(question, suggest_find(record, question), order);
    choice_read(question, value, ranks, question->option_count);
}

size_t question_choice_of_digit(const struct question *question,
                                const struct record *record, int digit)
{
    if (question->type == QUESTION_RATING) {
        size_t index = rating_index(question, digit);
        return index == SIZE_MAX && digit == 0 ? rating_index(question, 10) : index;
    }
    size_t place = digit == 0 ? 9 : (size_t)digit - 1;
    if (place >= question->option_count)
        return SIZE_MAX;
    size_t *order = xcalloc(question->option_count, sizeof *order);
    choice_order(question, suggest_find(record, question), order);
    place = order[place];
    free(order);
    return place;
}

bool question_number_may_grow(const struct question *question, int number)
{
    for (size_t i = 0; number > 0 && i < question->rating_count; i++)
        for (int rating = question->ratings[i] / 10; rating > 0; rating /= 10)
            if (rating == number)
                return true;
    return false;
}

size_t question_next(const struct dataset *dataset, size_t index, int direction)
{
    size_t count = dataset->question_count;
    size_t step = direction > 0 ? 1 : count - 1;
    for (size_t i = 0, at = index; i + 1 < count; i++) {
        at = (at + step) % count;
        const struct question *question = &dataset->questions[at];
        if (question->type == QUESTION_TEXT || question_has_choices(question) ||
            question->type == QUESTION_SPAN)
            return at;
    }
    return index;
}

size_t question_first(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        if (question_has_choices(&dataset->questions[i]))
            return i;
    return 0;
}

/* ---- the rows of a list of choices ---- */

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

/* By their rank, and those without one at the end. */
static size_t add_ranked(const int *ranks, size_t all, size_t *rows)
{
    size_t used = 0;
    for (size_t rank = 1; rank <= all + 1; rank++)
        for (size_t i = 0; i < all; i++) {
            size_t own = ranks[i] <= 0 ? all + 1 : (size_t)ranks[i];
            if (own == rank || (own > all && ranks[i] > 0 && rank == all))
                rows[used++] = i;
        }
    return used;
}

size_t *question_list(const struct question *question, const struct record *record,
                      const char *typed, size_t *count)
{
    size_t all = question_choice_count(question), used = 0;
    size_t *order = xcalloc(all + 1, sizeof *order);
    size_t *rows = xcalloc(all + 1, sizeof *rows);
    int *ranks = xcalloc(all + 1, sizeof *ranks);
    question_read_choices(question, record, order, ranks);
    if (question->type == QUESTION_RANKING)
        used = add_ranked(ranks, all, rows);
    for (int how = question->type == QUESTION_RANKING ? 0 : 2; how > 0; how--)
        for (size_t i = 0; i < all; i++)
            if (matches(question, order[i], typed) == how)
                rows[used++] = order[i];
    free(order);
    free(ranks);
    *count = used;
    return rows;
}

/* ---- choices on the screen ---- */

/* "[4]" or " 4 "; "[2 no]"; "[1 clear #2]". place: where it is shown, from 0. */
static void format_choice(const struct question *question, size_t index, size_t place,
                          int rank, char *out, size_t size)
{
    const char *open = rank > 0 ? "[" : " ";
    const char *close = rank > 0 ? "]" : " ";
    if (question->type == QUESTION_RATING) {
        snprintf(out, size, "%s%d%s", open, question->ratings[index], close);
        return;
    }
    char digit[8] = "";
    char ranked[16] = "";
    if (place < 10)
        snprintf(digit, sizeof digit, "%d ", (int)((place + 1) % 10));
    if (question->type == QUESTION_RANKING && rank > 0)
        snprintf(ranked, sizeof ranked, " #%d", rank);
    snprintf(out, size, "%s%s%.60s%s%s", open, digit, question->options[index].text,
             ranked, close);
}

/* What is drawn so far. */
struct pen {
    struct cells *cells; /* NULL = it is only measured */
    struct rect area;
    int row, col;
};

/* choice: its index, for the mouse; SIZE_MAX = it is none. */
static void put_choice(struct pen *pen, const char *text, enum style style, size_t choice)
{
    const struct rect *area = &pen->area;
    int width = (int)width_of(text, strlen(text));
    if (pen->col > area->col && pen->col + width > area->col + area->cols) {
        pen->row++;
        pen->col = area->col;
    }
    if (pen->cells)
        cells_string(pen->cells, pen->row, pen->col, area->col + area->cols - pen->col,
                     text, style);
    if (pen->cells && choice != SIZE_MAX)
        cells_add_spot(pen->cells, (struct rect){pen->row, pen->col, 1, width},
                       SPOT_CHOICE, choice);
    pen->col += width + 1;
}

int question_draw_choices(const struct view *view, const struct question *question,
                          struct cells *cells, struct rect area, int *end_col)
{
    struct pen pen = {cells, area, area.row, area.col};
    size_t count = question_choice_count(question), left_out = 0;
    size_t *order = xcalloc(count + 1, sizeof *order);
    int *ranks = xcalloc(count + 1, sizeof *ranks);
    size_t fold = question->visible_options ? question->visible_options
                  : count > FOLD_MAX        ? FOLD_SHOWN
                                            : count;
    char text[128];
    question_read_choices(question, view->record, order, ranks);
    /* what is chosen out of the fold stands first: the row may have no second one */
    for (size_t at = 0; at < 2 * count; at++) {
        size_t place = at < count ? at : at - count, i = order[place];
        bool is_folded = place >= fold;
        left_out += at < count && is_folded && ranks[i] <= 0;
        if (at < count ? !is_folded || ranks[i] <= 0 : is_folded)
            continue;
        format_choice(question, i, place, ranks[i], text, sizeof text);
        bool is_start = ranks[i] > 0 && suggest_is_untouched(view->record, question, i);
        if (is_start) { /* chosen, but not by the person */
            text[0] = '(';
            text[strlen(text) - 1] = ')';
        }
        put_choice(&pen, text,
                   ranks[i] <= 0 ? STYLE_TEXT
                   : is_start    ? STYLE_SUGGESTION
                                 : STYLE_ACCENT,
                   i);
    }
    if (left_out > 0) {
        snprintf(text, sizeof text, "+%zu more: %s", left_out,
                 view_key(view, ACTION_PICK).text);
        put_choice(&pen, text, STYLE_DIM, SIZE_MAX);
    }
    free(order);
    free(ranks);
    *end_col = pen.col;
    return pen.row - area.row + 1;
}

/* ---- the list of them ---- */

static void draw_row(const struct view *view, struct cells *cells, struct rect row,
                     size_t choice, int rank, bool is_here)
{
    const struct question *question = view->question;
    bool is_start = rank > 0 && suggest_is_untouched(view->record, question, choice);
    char number[16], mark[16];
    enum style style = is_here ? STYLE_SELECTED : rank > 0 ? STYLE_ACCENT : STYLE_TEXT;
    if (question->type == QUESTION_RANKING)
        snprintf(mark, sizeof mark, rank > 0 ? "#%d" : "–", rank);
    else
        snprintf(mark, sizeof mark, is_start ? "(x)" : rank > 0 ? "[x]" : "[ ]");
    if (is_here) {
        cells_set_style(cells, row, STYLE_SELECTED);
        view_mark_focus(view, cells, row.row, row.col, style);
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
    int *ranks = xcalloc(all + 1, sizeof *ranks);
    size_t *rows =
        question_list(question, view->record, editbuf_text(list->filter), &count);
    char title[64], right[96];
    question_read_choices(question, view->record, NULL, ranks);
    size_t chosen = 0, given = 0; /* a rank has no room for brackets */
    for (size_t i = 0; i < all; i++) {
        chosen += ranks[i] > 0;
        given += question->type == QUESTION_RANKING && ranks[i] > 0 &&
                 suggest_is_untouched(view->record, question, i);
    }
    if (count < all)
        snprintf(right, sizeof right, "%zu of %zu · %zu chosen", count, all, chosen);
    else
        snprintf(right, sizeof right, "%zu of %zu chosen%s", chosen, all,
                 given == 0        ? ""
                 : given == chosen ? ", suggested"
                                   : ", some suggested");
    view_rule(cells, rule, question_label(question, title, sizeof title), right,
              STYLE_DIM);
    area = question_draw_head(question, cells, area);
    if (question->type != QUESTION_RANKING) {
        view_edit(list->filter, "find ", cells, area);
        area.row++;
        area.rows--;
    }
    while (here + 1 < count && rows[here] != list->focus)
        here++;
    scroll_fit(&list->scroll, count, (size_t)(area.rows > 0 ? area.rows : 0));
    scroll_show(&list->scroll, here);
    for (int i = 0; i < area.rows && list->scroll.top + (size_t)i < count; i++) {
        size_t at = list->scroll.top + (size_t)i;
        struct rect row = {area.row + i, area.col, 1, area.cols};
        cells_add_spot(cells, row, SPOT_ITEM, rows[at]);
        draw_row(view, cells, row, rows[at], ranks[rows[at]], at == here);
        if (at == here && question->type == QUESTION_RANKING)
            cells_set_cursor(cells, row.row, row.col);
    }
    if (count == 0)
        cells_string(cells, area.row, area.col + 2, area.cols - 2,
                     "No option has this in its name.", STYLE_DIM);
    free(ranks);
    free(rows);
}

int options_measure(const struct view *view, int columns)
{
    const struct question *question = view->question;
    return (int)question_choice_count(question) + (question->type != QUESTION_RANKING) +
           question_draw_description(question, NULL,
                                     (struct rect){0, 0, view->rows, columns});
}

void options_hints(const struct view *view, struct hints *hints)
{
    enum question_type type = view->question->type;
    if (type == QUESTION_RANKING) {
        char digits[16];
        size_t count = question_choice_count(view->question);
        snprintf(digits, sizeof digits, count > 1 ? "1–%zu" : "1", count < 9 ? count : 9);
        hints_add_key(hints, digits, "rank");
        hints_add_key(hints, "Shift-↑ ↓", "move it");
    } else {
        hints_add_key(hints, "letters", "find");
    }
    hints_add_key(hints, "Enter", "take");
    hints_add_key(hints, "Esc", "back");
    hints_add(hints, view, ACTION_HELP, "help");
    if (type == QUESTION_RANKING) {
        hints_add_key(hints, "=", "tie with the one above");
        hints_add_key(hints, "0", "no rank");
    }
    hints_add_key(hints, "Esc Enter", "submit");
    hints_add_key(hints, "Tab", "next question");
}
