/* SPDX-License-Identifier: MIT
 *
 * phrases_pane - lines with a name and a key for each. What one often writes into the
 * feedback: the [snippets] of the configuration, then remarks that one has made more than
 * once; or the dataset's saved filters, to take or forget one.
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
    bool is_writing;  /* it goes in at the cursor, and writing goes on */
    bool has_filters; /* these, instead */
    size_t focus;     /* of filters */
    bool is_asked;    /* whether to forget it */
};

void phrases_clear(struct phrases *phrases);
void phrases_draw(const struct phrases *phrases, const struct view *view,
                  struct cells *cells, struct rect area);
void phrases_hints(const struct phrases *phrases, struct hints *hints);

#endif
