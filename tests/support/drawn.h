/* SPDX-License-Identifier: MIT
 *
 * drawn - what cells or a laid-out text show, as a string.
 */
#ifndef TESTS_SUPPORT_DRAWN_H
#define TESTS_SUPPORT_DRAWN_H

#include "text/cells.h"
#include "text/flow.h"

/* Text between bars, one line a row, for golden files: "|text  |\n". */
void cells_dump(const struct cells *cells, struct buf *out);
/* One style letter a cell, same form; '.' for plain. The cursor's cell is '_'. */
void cells_dump_styles(const struct cells *cells, struct buf *out);

/* Every line of the flow at this width, "|line |\n" each. Owned. */
char *drawn_text(const struct flow *flow, int columns);
/* The same, one style letter a cell. Owned. */
char *drawn_styles(const struct flow *flow, int columns);
/* The code points of all cells but blanks, as UTF-8. Owned. */
char *drawn_ink(const struct flow *flow, int columns);
/* Of those cells alone that show a hit. Owned. */
char *drawn_hits(const struct flow *flow, int columns);

#endif
