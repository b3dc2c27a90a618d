/* SPDX-License-Identifier: MIT
 *
 * paint - frames of cells onto the curses screen, only the rows that changed.
 *
 * Needs a started curses. Allocates when the size changes, never per frame.
 */
#ifndef TERM_PAINT_H
#define TERM_PAINT_H

#include <stdbool.h>

#include "text/cells.h"

struct paint;

struct paint_options {
    bool no_color;
    bool light;
    bool ascii;
};

struct paint *paint_new(const struct paint_options *options);
void paint_free(struct paint *paint);
/* Cuts the cells to the screen's size, or fills up with blanks. */
void paint_flush(struct paint *paint, const struct cells *cells);
/* Nobody knows what is on the terminal: the next flush paints all of it. */
void paint_forget(struct paint *paint);

#endif
