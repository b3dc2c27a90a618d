/* SPDX-License-Identifier: MIT
 *
 * questions - how the questions of any dataset are named, walked and drawn on the screen.
 */
#ifndef UI_QUESTIONS_H
#define UI_QUESTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "event/event.h"
#include "model/dataset.h"
#include "model/record.h"
#include "text/cells.h"
#include "text/editbuf.h"
#include "text/editlayout.h"
#include "text/flow.h"
#include "ui/layout.h"
#include "ui/view.h"
#include "json/dataset_json.h"

struct screen;

/* NULL when there are not so many. */
const struct question *question_at(const struct dataset *dataset, size_t index);
/* What is asked, in a sentence: its description, else its title. */
const char *question_asks(const struct question *question);
/* What its description says, dimmed, in as many rows as area has at most; what is left
 * ends in "…". cells NULL: only measures. Returns the rows, none when there is none. */
int question_draw_description(const struct question *question, struct cells *cells,
                              struct rect area);
/* The same in a third of the rows; returns the area that is left. */
struct rect question_draw_head(const struct question *question, struct cells *cells,
                               struct rect area);
/* The correction of the record's answer, written or suggested; NULL = there is none. */
const struct value *question_correction(const struct session *session);
/* Answered with digits. */
bool question_has_choices(const struct question *question);
/* Choices in all: ratings or options. */
size_t question_choice_count(const struct question *question);
/* A choice as it is named: a rating's number, written to number, or the option's text. */
const char *question_choice_text(const struct question *question, size_t choice,
                                 char *number, size_t size);
/* order: the choices as they are shown; ranks: of each choice, 0 = it is not chosen, in a
 * ranking its rank, else 1. Both have question_choice_count places. record and order may
 * be NULL. */
void question_read_choices(const struct question *question, const struct record *record,
                           size_t *order, int *ranks);
/* The choices that have what is typed in their name, as a list of them has them: a
 * ranking by rank, and all of it. Owned. */
size_t *question_list(const struct question *question, const struct record *record,
                      const char *typed, size_t *count);
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
    bool is_preview;      /* then: it is shown as Markdown, from here on: */
    struct scroll preview;
    int spare;           /* rows that no question needs; set by form_draw */
    struct flow **flows; /* one a question, for texts at rest */
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
/* While a text is written. */
void form_writing_hints(const struct form *form, const struct view *view,
                        struct hints *hints);

/* ---- choose.c: the options of one question in its place; questions.c draws them ---- */

struct options_list {
    struct editbuf *filter;
    size_t focus; /* the option that Enter takes, by its place in the question */
    struct scroll scroll;
};

/* The options of any question; take gets the one that is taken, and the mode is then the
 * one that it was before. */
void options_open(struct screen *screen, size_t focus,
                  void (*take)(struct screen *screen, size_t option));
void options_enter(struct screen *screen);
void options_move(struct screen *screen, long delta); /* rows down, or up */
enum action options_key(struct screen *screen, struct key key);
void options_paste(struct screen *screen, const struct event *event);

/* questions.c: rows that it wants for the question in focus. */
int options_measure(const struct view *view, int columns);
void options_draw(struct options_list *list, const struct view *view, struct cells *cells,
                  struct rect rule, struct rect area);
void options_hints(const struct view *view, struct hints *hints);

/* ---- span_draw.c: spans in a text, in brackets wherever it is shown; and while they are
 * marked (span.c), with the mark, the labels and a list of them ---- */

struct span_pane {
    size_t from, to; /* the mark: bytes of the text */
    bool is_open;    /* a span from here to the mark: */
    size_t base_from, base_to;
    bool is_walked;  /* the mark is on a span that n, N or a click went to */
    bool is_pressed; /* the mouse's button is held; it was on the word at base: */
    int64_t pressed_ms;
    bool is_dragged;       /* what is open was opened so */
    bool is_wheeled;       /* the mark need not be in view */
    bool is_searching;     /* n and N go to what is searched for: */
    size_t hit, hit_count; /* the one that the mark is on, from 1; as of span_lay_out */
    size_t label;          /* the option that was given last */
    struct rect area;      /* of the last drawing */
    struct scroll scroll;
    struct marked marked;
    size_t *starts; /* of its visual lines */
    size_t count, capacity;
    int columns;
};

void span_enter(struct screen *screen);
enum action span_key(struct screen *screen, struct key key);
/* The mouse's button at a place of the screen: pressed; then moved, or let go. */
void span_press(struct screen *screen, int row, int col);
void span_drag(struct screen *screen, int row, int col, bool is_let_go);
void span_find(struct screen *screen); /* what is searched for, from the mark on */
/* The mark goes to that span of the question. */
void span_take(struct screen *screen, size_t index);

/* What its keys and the mouse work on; made anew for each. */
struct marking {
    struct screen *screen;
    struct app *app;
    struct match *match; /* what is searched for; NULL = nothing */
    struct span_pane *pane;
    const struct question *question;
    const char *text;
    size_t len;
    struct spans spans;
    struct segments segments;
};

/* span_move.c */
void mark_put(struct marking *marking, size_t from, size_t to);
void mark_span(struct marking *marking, size_t index);
/* The word that the byte is in, or the nearest one; false = there is none. */
bool mark_find_word(const struct marking *marking, size_t at, size_t *from, size_t *to);
/* The next place (+1) of what is searched for, the one before, or the one here (0). */
void mark_find(struct marking *marking, int step);
/* False when the key is none that moves the mark. */
bool mark_key(struct marking *marking, struct key key);

void span_pane_clear(struct span_pane *pane);
/* From where a span was opened to the mark; else the mark. */
void span_selection(const struct span_pane *pane, size_t *from, size_t *to);
/* The text that the question's spans are in; "" when the record has none. Borrowed. */
const char *span_text(const struct record *record, const struct question *question,
                      size_t *len);
/* The span that the record's response has, or starts from, at these bytes; SIZE_MAX =
 * none. */
size_t span_at(const struct spans *spans, size_t from, size_t to);
/* Of the record's spans those that stand as suggested and that the person has not given;
 * out is replaced. */
void span_read_untouched(const struct record *record, const struct question *question,
                         struct spans *out);
/* The field's text with the spans that the record has there; false when there are none.
 */
bool span_mark_field(const struct view *view, const struct field *field,
                     struct marked *out);

/* The text of the question in focus for so many columns; returns its lines. */
size_t span_lay_out(struct span_pane *pane, const struct view *view, int columns);
/* The line and the column where a byte of the text stands; and what stands there. After
 * span_lay_out. */
void span_cell(const struct span_pane *pane, size_t at, size_t *line, int *col);
size_t span_byte(const struct span_pane *pane, size_t line, int col);
/* The same of a place of the screen, or the nearest one; *is_added: it is of a bracket
 * or a label, which stands before that byte. */
size_t span_pointed(const struct span_pane *pane, int row, int col, bool *is_added);
void span_draw(struct span_pane *pane, const struct view *view, struct cells *cells,
               struct rect rule, struct rect area);
/* In the form's place. */
int span_measure_list(const struct view *view, int columns);
void span_draw_list(const struct span_pane *pane, const struct view *view,
                    struct cells *cells, struct rect rule, struct rect area);
/* "Person “Ana”, Place “Rome”"; false when the question is another type. */
bool span_write(const struct record *record, const struct question *question,
                const struct value *value, struct buf *out);
/* One row of the form: "[Person “Ana”] [Place “Rome”]". Returns the columns used.
 */
int span_draw_row(const struct view *view, const struct question *question,
                  struct cells *cells, struct rect row);
void span_hints(const struct span_pane *pane, const struct view *view,
                struct hints *hints);

#endif
