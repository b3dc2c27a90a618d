/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/questions.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/choice.h"
#include "app/suggest.h"
#include "text/width.h"
#include "ui/view.h"

#define RANKS_MAX 256 /* choices shown of one question */

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

const struct value *question_value(const struct record *record,
                                   const struct question *question)
{
    return suggest_value(record, question);
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

size_t question_choice_of_digit(const struct question *question, int digit)
{
    if (question->type == QUESTION_RATING) {
        size_t index = rating_index(question, digit);
        return index == SIZE_MAX && digit == 0 ? rating_index(question, 10) : index;
    }
    size_t place = digit == 0 ? 9 : (size_t)digit - 1;
    return place < question->option_count ? place : SIZE_MAX;
}

size_t question_next(const struct dataset *dataset, size_t index, int direction)
{
    size_t count = dataset->question_count;
    size_t step = direction > 0 ? 1 : count - 1;
    for (size_t i = 0, at = index; i + 1 < count; i++) {
        at = (at + step) % count;
        const struct question *question = &dataset->questions[at];
        if (question->type == QUESTION_TEXT || question_has_choices(question))
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

/* ---- choices on the screen ---- */

/* "[4]" or " 4 "; "[2 no]"; "[1 clear #2]". */
static void format_choice(const struct question *question, size_t index, int rank,
                          char *out, size_t size)
{
    const char *open = rank > 0 ? "[" : " ";
    const char *close = rank > 0 ? "]" : " ";
    if (question->type == QUESTION_RATING) {
        snprintf(out, size, "%s%d%s", open, question->ratings[index], close);
        return;
    }
    char digit[8] = "";
    char place[16] = "";
    if (index < 10)
        snprintf(digit, sizeof digit, "%d ", (int)((index + 1) % 10));
    if (question->type == QUESTION_RANKING && rank > 0)
        snprintf(place, sizeof place, " #%d", rank);
    snprintf(out, size, "%s%s%.60s%s%s", open, digit, question->options[index].text,
             place, close);
}

int question_draw_choices(const struct question *question, const struct record *record,
                          struct cells *cells, struct rect area, int *end_col)
{
    int ranks[RANKS_MAX];
    const struct value *value = question_value(record, question);
    size_t count = question_choice_count(question);
    if (count > RANKS_MAX)
        count = RANKS_MAX;
    if (question->type != QUESTION_RATING)
        choice_read(question, value, ranks, count);
    for (size_t i = 0; question->type == QUESTION_RATING && i < count; i++)
        ranks[i] = value && value->rating == question->ratings[i];

    bool is_start = suggest_is_start(record, question);
    int row = area.row, col = area.col;
    for (size_t i = 0; i < count; i++) {
        char text[128];
        format_choice(question, i, ranks[i], text, sizeof text);
        int width = (int)width_of(text, strlen(text));
        if (is_start && ranks[i] > 0) { /* chosen, but not by the person */
            text[0] = '(';
            text[strlen(text) - 1] = ')';
        }
        if (col > area.col && col + width > area.col + area.cols) {
            row++;
            col = area.col;
        }
        if (cells)
            cells_string(cells, row, col, area.col + area.cols - col, text,
                         ranks[i] == 0 ? STYLE_TEXT
                         : is_start    ? STYLE_SUGGESTION
                                       : STYLE_ACCENT);
        if (cells)
            cells_add_spot(cells, (struct rect){row, col, 1, width}, SPOT_CHOICE, i);
        col += width + 1;
    }
    *end_col = col;
    return row - area.row + 1;
}
