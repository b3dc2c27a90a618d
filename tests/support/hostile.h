/* SPDX-License-Identifier: MIT
 *
 * hostile - text that tries to take over, reorder or choke a terminal.
 *
 * Every escape sequence family, bidi and zero-width tricks, broken UTF-8 cut at
 * every byte, and very large items. For unit tests, fake servers and end-to-end
 * tests alike.
 */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H

#include <stddef.h>

#define HOSTILE_HUGE (10 * 1024 * 1024) /* bytes of the largest items */
#define HOSTILE_MARKS 100000            /* combining marks on one base */
#define HOSTILE_SMALL 4096              /* items up to this size are cheap to repeat */

size_t hostile_count(void);
/* The bytes of item i (may hold NUL) and its name for messages. Borrowed; alive
 * until the program ends. */
const char *hostile_item(size_t i, const char **name, size_t *len);

#endif
