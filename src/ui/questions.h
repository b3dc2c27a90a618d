/* SPDX-License-Identifier: MIT
 *
 * questions - how the questions of any dataset are named, walked and drawn on the screen.
 */
#ifndef UI_QUESTIONS_H
#define UI_QUESTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/dataset.h"
#include "model/record.h"
#include "text/cells.h"
#include "text/editbuf.h"
#include "text/flow.h"
#include "ui/layout.h"
#include "ui/view.h"

/* NULL when there are not so many. */
const struct question *question_at(const struct dataset *dataset, size_t index);
/* What is asked, in a sentence: its description, else its title. */
const char *question_asks(const struct question *question);
/* What the form shows for it, suggested or not; NULL = none. record may be NULL. */
const struct value *question_value(const struct record *record,
                                   const struct question *question);
/* Answered with digits. */
bool question_has_choices(const struct question *question);
/* Choices in all: ratings or options. */
size_t question_choice_count(const struct question *question);
/* A choice as it is named: a rating's number, written to number, or the option's text. */
const char *question_choice_text(const struct question *question, size_t choice,
                                 char *number, size_t size);
/* order: the choices as they are shown; ranks: of each choice, 0 = it is not chosen, in a
 * ranking its rank, else 1. Both have question_choice_count places. record may be NULL.
 */
void question_read_choices(const struct question *question, const struct record *record,
                           size_t *order, int *ranks);
/* The choice that a digit (0..9) means, or SIZE_MAX: for ratings the number itself (0 is
 * ten when zero is not allowed), else the place where the option is shown, from 1. */
size_t question_choice_of_digit(const struct question *question,
                                const struct record *record, int digit);
/* Whether a rating starts with this one's digits, as 10 does with 1. */
bool question_number_may_grow(const struct question *question, int number);
/* The index of the next question that can be answered, walking round; index itself when
 * there is no other. */
size_t question_next(const struct dataset *dataset, size_t index, int direction);
/* The first that can be answered with digits; 0 when there is none. */
size_t question_first(const struct dataset *dataset);
/* Draws the choices with those that the record has in brackets, in round ones while they
 * are only suggested (cells NULL: only measures); those beyond the question's
 * visible_options, or beyond FOLD_MAX, only when they are chosen, and how many are left
 * out. Returns the rows they take and, in *end_col, where the last row ends. */
int question_draw_choices(const struct view *view, const struct question *question,
                          struct cells *cells, struct rect area, int *end_col);

/* ---- form.c: "Your answer", every question with the record's response ---- */

struct form {
    size_t focus;         /* the question that digits and typing go to */
    struct editbuf *edit; /* its text while view.mode is MODE_FEEDBACK */
    struct flow **flows;  /* one a question, for texts at rest */
    size_t flow_count;
};

void form_init(struct form *form);
void form_clear(struct form *form);
/* Rows that it wants; lays its texts out for columns. */
int form_measure(struct form *form, const struct view *view, int columns);
/* After form_measure for the same columns. Less room than wanted: the focused question
 * stays in view. */
void form_draw(struct form *form, const struct view *view, struct cells *cells,
               struct rect rule, struct rect area);
void form_hints(const struct view *view, struct hints *hints);

/* ---- choose.c: the options of one question in its place ---- */

struct options_list {
    struct editbuf *filter;
    size_t focus; /* the option that Enter takes, by its place in the question */
    struct scroll scroll;
};

/* Rows that it wants for the question in focus. */
int options_measure(const struct view *view);
void options_draw(struct options_list *list, const struct view *view, struct cells *cells,
                  struct rect rule, struct rect area);
void options_hints(const struct view *view, struct hints *hints);

#endif
