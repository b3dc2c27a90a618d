/* SPDX-License-Identifier: MIT
 *
 * form_pane - "Your answer" as it is drawn: every question with the record's response
 * (form.c), and in its place the options of one question (options.c).
 */
#ifndef UI_FORM_PANE_H
#define UI_FORM_PANE_H

#include <stddef.h>

#include "text/cells.h"
#include "text/editbuf.h"
#include "text/flow.h"
#include "ui/layout.h"
#include "ui/view.h"

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

/* ---- options.c ---- */

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
