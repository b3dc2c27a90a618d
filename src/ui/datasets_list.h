/* SPDX-License-Identifier: MIT
 *
 * datasets_list - the datasets that can be opened, one a row: how much of each is
 * answered, and where it is.
 */
#ifndef UI_DATASETS_LIST_H
#define UI_DATASETS_LIST_H

#include "base/id.h"
#include "text/editbuf.h"
#include "ui/layout.h"

struct cells;
struct hints;
struct view;

struct datasets_list {
    struct editbuf *filter;
    size_t *shown; /* choices of the session, the best fit first; owned */
    size_t count;
    size_t focus;          /* a row of those shown */
    char focused[ID_TEXT]; /* whose it is: they move while the servers answer */
    struct scroll scroll;
};

void datasets_draw(struct datasets_list *list, const struct view *view,
                   struct cells *cells, struct rect area);
void datasets_hints(const struct view *view, struct hints *hints);

#endif
