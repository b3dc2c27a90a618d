/* SPDX-License-Identifier: MIT
 *
 * scroll - which lines of a text are in view.
 *
 * Pure state. Invariant after scroll_fit: top + rows <= lines, or top == 0.
 */
#ifndef UI_SCROLL_H
#define UI_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

struct scroll {
    size_t top;   /* first line in view */
    size_t lines; /* lines in all, as of the last scroll_fit */
    size_t rows;  /* rows in view, as of the last scroll_fit */
    bool follows; /* stays at the end while the text grows */
};

/* Tells the size of the text and of its place; keeps the end in view when it follows. */
void scroll_fit(struct scroll *scroll, size_t lines, size_t rows);
/* Moves by delta lines, stops at the ends. True if it moved. */
bool scroll_by(struct scroll *scroll, long delta);
/* Moves by delta pages, one line of the former page stays in view. */
bool scroll_page(struct scroll *scroll, int delta);
bool scroll_is_at_end(const struct scroll *scroll);
/* Moves as little as needed to have the line in view. */
void scroll_show(struct scroll *scroll, size_t line);

#endif
