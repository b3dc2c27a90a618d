/* SPDX-License-Identifier: MIT
 *
 * phrases_pane - what one often writes into the feedback, with a key for each: the
 * [snippets] of the configuration, then remarks that one has made more than once.
 */
#ifndef UI_PHRASES_PANE_H
#define UI_PHRASES_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "text/cells.h"

struct hints;
struct view;

struct phrase {
    char *name; /* "" = a remark */
    char *text;
};

struct phrases {
    struct phrase items[SNIPPETS_MAX];
    size_t count;
    bool is_writing; /* it goes in at the cursor, and writing goes on */
};

void phrases_clear(struct phrases *phrases);
void phrases_draw(const struct phrases *phrases, const struct view *view,
                  struct cells *cells, struct rect area);
void phrases_hints(const struct phrases *phrases, struct hints *hints);

#endif
