/* SPDX-License-Identifier: MIT
 *
 * view_help - every key there is: the action table with the live keymap, then the keys of
 * the typing modes.
 */
#ifndef UI_VIEW_HELP_H
#define UI_VIEW_HELP_H

#include <stddef.h>

#include "ui/view.h"

size_t help_line_count(const struct view *view, int columns);
/* Lines [first, first + area.rows). */
void view_help_draw(const struct view *view, struct cells *cells, struct rect area,
                    size_t first);

#endif
