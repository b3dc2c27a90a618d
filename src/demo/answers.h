/* SPDX-License-Identifier: MIT
 *
 * answers - what the demo endpoint says: canned texts, each of which says so.
 */
#ifndef DEMO_ANSWERS_H
#define DEMO_ANSWERS_H

#include <stddef.h>

/* The last line of every answer. */
#define ANSWERS_LABEL "(canned answer of sherd's built-in demo)"

/* An answer to prompt; another turn gives another one. Owned. */
char *answers_find(const char *prompt, unsigned turn);
/* Bytes of the next token of text: a word with what follows it, or a few characters of
 * a script without blanks. 0 at the end. */
size_t answers_token(const char *text);

#endif
