/* SPDX-License-Identifier: MIT
 *
 * worddiff - two texts as one: "[-what only the first has-]", "{+what only the second
 * has+}", and what both have as it is.
 *
 * By words (UAX 29; of a script without blanks by characters). Source: E. Myers, An O(ND)
 * Difference Algorithm, 1986.
 */
#ifndef TEXT_WORDDIFF_H
#define TEXT_WORDDIFF_H

#include <stddef.h>

#include "text/page.h"

/* Appends to out. White space alone makes no difference: the second's is shown. Texts
 * that differ in more than a thousand words are all different between what they begin and
 * end with. Returns the words that only one of them has. */
size_t worddiff_write(const char *a, size_t a_len, const char *b, size_t b_len,
                      struct rich *out);

#endif
