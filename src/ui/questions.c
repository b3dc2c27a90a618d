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
    char text[128], key[32];
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
        view_format_key(view, ACTION_PICK, key, sizeof key);
        snprintf(text, sizeof text, "+%zu more: %s", left_out, key);
        put_choice(&pen, text, STYLE_DIM, SIZE_MAX);
    }
    free(order);
    free(ranks);
    *end_col = pen.col;
    return pen.row - area.row + 1;
}
