/* SPDX-License-Identifier: MIT
 *
 * editword - where the words of a text start and end (UAX 29).
 *
 * A word is a segment with a letter or a digit; what is between is passed over.
 */
#ifndef TEXT_EDITWORD_H
#define TEXT_EDITWORD_H

#include <stddef.h>

/* The start of the word that at is in or after; 0 when there is none. */
size_t edit_word_left(const char *text, size_t len, size_t at);
/* The end of the word that at is in or before; len when there is none. */
size_t edit_word_right(const char *text, size_t len, size_t at);

#endif
