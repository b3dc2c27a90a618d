/* SPDX-License-Identifier: MIT
 *
 * words - a command line to its words, as a shell reads it but without a shell:
 * nothing is expanded, and no character but blanks, quotes and backslash is special.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The words of text, then two NULLs: a caller may put one more word in the first one's
 * place. One block of memory: free() it. NULL and err (which names what: "api_key_cmd",
 * "$EDITOR") when a quote has no end or there is no word. */
char **words_split(const char *what, const char *text, size_t *count, struct err *err);
/* The word as a shell, and words_split, read it back: in quotes where it has more than
 * letters, digits and _-./:@. Owned. */
char *words_quote(const char *word);
/* Whether a list, divided by blanks and commas (NULL = empty), has the word. */
bool words_has(const char *list, const char *word, size_t len);

#endif
