/* SPDX-License-Identifier: MIT
 *
 * drawn - what a laid-out text shows, as a string.
 */
#ifndef TESTS_SUPPORT_DRAWN_H
#define TESTS_SUPPORT_DRAWN_H

#include "text/flow.h"

/* Every line of the flow at this width, "|line |\n" each. Owned. */
char *drawn_text(const struct flow *flow, int columns);
/* The same, one style letter a cell. Owned. */
char *drawn_styles(const struct flow *flow, int columns);
/* The code points of all cells but blanks, as UTF-8. Owned. */
char *drawn_ink(const struct flow *flow, int columns);

#endif
