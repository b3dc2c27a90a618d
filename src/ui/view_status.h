/* SPDX-License-Identifier: MIT
 *
 * view_status - the line at the top (dataset, progress, what is unsent) and the line
 * near the bottom (what just happened; else whether all is saved).
 */
#ifndef UI_VIEW_STATUS_H
#define UI_VIEW_STATUS_H

#include <stdbool.h>

#include "ui/view.h"

void view_status_draw(const struct view *view, struct cells *cells, struct rect row);
/* Something must be said now that is worth more than the keys. */
bool view_notice_is_live(const struct view *view);
/* In the last row of area; a sentence too long for it starts in the row above. */
void view_notice_draw(const struct view *view, struct cells *cells, struct rect area);

#endif
