/* SPDX-License-Identifier: MIT
 *
 * view_form - "Your answer": every question of the dataset with the current record's
 * answer, and the text box that is being written in.
 */
#ifndef UI_VIEW_FORM_H
#define UI_VIEW_FORM_H

#include <stdbool.h>

#include "text/editbuf.h"
#include "text/flow.h"
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
void view_form_draw(struct form *form, const struct view *view, struct cells *cells,
                    struct rect rule, struct rect area);

#endif
