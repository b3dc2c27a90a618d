/* SPDX-License-Identifier: MIT
 *
 * width - how many columns text takes, as libc's wcwidth has it (and so ncurses).
 */
#ifndef TEXT_WIDTH_H
#define TEXT_WIDTH_H

#include <stddef.h>

/* Columns of one line of text after sanitise; tabs count to the next multiple of 8. */
size_t width_of(const char *text, size_t len);
/* Bytes of the longest prefix that takes at most columns; cut at a cluster. */
size_t width_fit(const char *text, size_t len, size_t columns);

#endif
