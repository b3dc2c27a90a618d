/* SPDX-License-Identifier: MIT
 *
 * search_line - what is searched for as it is typed, and the hits of the record that is
 * shown: in the prompt, the other texts and our own texts at rest, in this order.
 */
#ifndef UI_SEARCH_LINE_H
#define UI_SEARCH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/view.h"

struct frame;

/* To be chosen once the next record is laid out. */
enum hit_wanted { HIT_WANTED_NONE, HIT_WANTED_FIRST, HIT_WANTED_LAST };

struct search_line {
    struct editbuf *edit;
    char *before;  /* what was searched for when it was opened; NULL = nothing */
    char why[200]; /* it is no pattern; "" = it is */

    struct id record; /* what follows is of this record and search */
    uint64_t number;
    size_t count;      /* hits in its texts */
    size_t chosen;     /* SIZE_MAX = none */
    bool is_new;       /* the chosen one is still to be scrolled to */
    bool is_part;      /* there may be more */
    const char *aside; /* where else it stands: "in its metadata"; NULL = nowhere */
    char where[80];    /* why the chosen one cannot be seen; "" = it can */
    enum hit_wanted wanted;
    struct id wanted_not; /* of another record than this; zero = of any */
};

/* Finds the hits of the view's record, which is laid out, and scrolls to the chosen one.
 */
void search_mark(struct frame *frame, const struct view *view);
void search_draw(const struct search_line *line, const struct view *view,
                 struct cells *cells, struct rect row);
/* "hit 3 of 12 in this record · record 4 of 57"; right-aligned. Returns the columns that
 * it takes, none when nothing is searched for. */
int search_draw_words(const struct search_line *line, const struct view *view,
                      struct cells *cells, struct rect row);
void search_hints(struct hints *hints);

#endif
