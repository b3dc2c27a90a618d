/* SPDX-License-Identifier: MIT
 *
 * view_prompt - the prompt being written, below the response; it grows to six lines.
 */
#ifndef UI_VIEW_PROMPT_H
#define UI_VIEW_PROMPT_H

#include <stdbool.h>

#include "text/editbuf.h"
#include "ui/view.h"

#define PROMPT_ROWS_MAX 6

/* Lays the text out; returns the rows it wants, at least at_least. */
int prompt_measure(struct editbuf *edit, int columns, int at_least);

struct prompt_view {
    struct editbuf *edit;
    const struct sampling *sampling; /* what it will be sent with */
    bool is_own;                     /* set for this one request */
};

/* After prompt_measure for the same columns. */
void view_prompt_draw(const struct prompt_view *prompt, const struct view *view,
                      struct cells *cells, struct rect rule, struct rect area);

#endif
