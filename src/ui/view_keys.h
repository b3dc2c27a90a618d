/* SPDX-License-Identifier: MIT
 *
 * view_keys - the bottom line: the keys that matter now, as many as fit.
 */
#ifndef UI_VIEW_KEYS_H
#define UI_VIEW_KEYS_H

#include <stdbool.h>

#include "ui/view.h"

/* One key in the line. Fixed keys of the typing modes have a name; the others are looked
 * up in the keymap and left out when they are bound to nothing. */
struct key_hint {
    enum action action; /* ACTION_NONE: keys is shown as it is */
    const char *keys;   /* NULL = the action's first key */
    const char *label;
};

void view_keys_draw(const struct view *view, struct cells *cells, struct rect row);
/* Any hints; those that find no room are left out. Returns the column behind the last. */
int view_hints_draw(const struct view *view, struct cells *cells, struct rect row,
                    const struct key_hint *hints, size_t count);

#endif
