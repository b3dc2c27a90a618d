/* SPDX-License-Identifier: MIT
 *
 * view_queue - the records one a row: number, rating or state, start of the prompt.
 */
#ifndef UI_VIEW_QUEUE_H
#define UI_VIEW_QUEUE_H

#include "ui/view.h"

struct queue_pane {
    size_t top; /* index of the first row in view */
};

void view_queue_draw(struct queue_pane *pane, const struct view *view,
                     struct cells *cells, struct rect area);
/* "Pending 328 │ Draft 3 │ Submitted 9 │ Discarded 0        filter: draft" */
void view_counts_draw(const struct view *view, struct cells *cells, struct rect row);

#endif
