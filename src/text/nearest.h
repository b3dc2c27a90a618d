/* SPDX-License-Identifier: MIT
 *
 * nearest - the known word that a mistyped one was probably meant to be.
 */
#ifndef TEXT_NEAREST_H
#define TEXT_NEAREST_H

#include <stddef.h>

/* How many letters must be put in, left out, changed or swapped with their neighbour to
 * make a of b. Words longer than 31 bytes count as far away. */
size_t nearest_distance(const char *a, const char *b);

/* The nearest of the words that is near enough to be meant, or NULL. */
const char *nearest_word(const char *typed, const char *const *words, size_t count);

#endif
