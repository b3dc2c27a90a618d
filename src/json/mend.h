/* SPDX-License-Identifier: MIT
 *
 * mend - near-JSON made JSON: what servers emit and jansson refuses.
 * Source: reference/llm-protocols.md §1.11.
 *
 * Bad UTF-8 and lone surrogate escapes become U+FFFD, raw control bytes in strings
 * become escapes, NaN and Infinity (and numbers beyond a double) become null, integers
 * beyond 64 bits become reals. All else is left as it is.
 */
#ifndef JSON_MEND_H
#define JSON_MEND_H

#include <stddef.h>

/* Owned text; *out_len is set. */
char *json_mend(const char *text, size_t len, size_t *out_len);

#endif
