/* SPDX-License-Identifier: MIT
 *
 * match - what a search looks for: words as they stand, or a pattern (PCRE2).
 *
 * Smart case: capital and small letters are the same unless what is looked for has a
 * capital. Letters behind a pattern, "/…/is": i they are the same, c they are not, s a
 * dot takes line ends too. Bytes that are no UTF-8 and NULs are passed over. However hard
 * a pattern is for a text, one look at it takes MATCH_MS of the processor at most.
 */
#ifndef TEXT_MATCH_H
#define TEXT_MATCH_H

#include <stddef.h>

#include "base/err.h"

#define MATCH_MS 20
#define MATCH_LENGTH_MAX 1000 /* bytes of what is looked for */

struct match; /* belongs to one thread */

/* Bytes [start, end) of a text; never empty. */
struct match_hit {
    size_t start, end;
};

enum match_result {
    MATCH_NONE,
    MATCH_FOUND,
    MATCH_HARD /* not known: the pattern is too hard for this text */
};

/* As people type it: "/…/" is a pattern, all else are words. USAGE with a sentence when
 * it is empty, too long or no pattern. */
struct match *match_parse(const char *typed, struct err *err);
/* Words, whatever they look like. */
struct match *match_new(const char *words, struct err *err);
/* The bytes of the pattern at the start of text, its slashes and flags too, up to one of
 * the characters in ends or the text's end; 0 = none. A backslash hides a slash. */
size_t match_pattern(const char *text, const char *ends);
void match_free(struct match *match);

/* The first hit that starts at or behind from, a start or end of a hit or 0. */
enum match_result match_find(struct match *match, const char *text, size_t len,
                             size_t from, struct match_hit *hit);
/* Words that stand in every hit, whatever their case; "" when none are known. */
const char *match_words(const struct match *match);

#endif
