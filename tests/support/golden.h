/* SPDX-License-Identifier: MIT
 *
 * golden - a screen compared with the text that was looked at and found good.
 *
 * tests/golden/NAME.txt holds the cells, then one style letter a cell. UPDATE_GOLDEN=1
 * writes it anew; the difference is then read like code.
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include "text/cells.h"

/* Fails the running cmocka test, with the rows that differ, unless they are the same. */
void golden_check(const char *name, const struct cells *cells);

#endif
