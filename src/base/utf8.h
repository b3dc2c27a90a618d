/* SPDX-License-Identifier: MIT
 *
 * utf8 - one code point in, one code point out; is it UTF-8 at all.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX 4          /* bytes of the longest code point */
#define UTF8_BAD UINT32_MAX /* what utf8_decode says of a byte that is no UTF-8 */
#define UTF8_REPLACEMENT 0xFFFDU

/* Reads the code point at text[at] (at < len) into *cp; returns its bytes. A bad
 * byte gives UTF8_BAD and 1. */
size_t utf8_decode(const char *text, size_t len, size_t at, uint32_t *cp);
/* Writes cp, which must be a valid code point; returns the bytes written. */
size_t utf8_encode(uint32_t cp, char out[UTF8_MAX]);
/* Where the first byte is that is no UTF-8; len when there is none. */
size_t utf8_check(const char *text, size_t len);
/* Code points of a text that is UTF-8. */
size_t utf8_count(const char *text, size_t len);
/* Only white space of ASCII, or nothing. */
bool utf8_is_blank(const char *text, size_t len);

#endif
