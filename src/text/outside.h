/* SPDX-License-Identifier: MIT
 *
 * outside - what people and files give: texts made alike, numbers within limits, and the
 * known word that a mistyped one was probably meant to be.
 */
#ifndef TEXT_OUTSIDE_H
#define TEXT_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Takes a byte order mark off the start and the CR off every line's end, in place.
 * Refuses (STATUS_USAGE) a byte that is no UTF-8, and NUL, with its place:
 * "NAME:LINE:COLUMN: …", columns in bytes. name needs not be safe. */
enum status outside_text(struct buf *text, const char *name, struct err *err)
    __attribute__((warn_unused_result));

/* ---- numbers ---- */

struct number_limits {
    bool is_whole;
    double min, max; /* whole ones: up to 2^53, as JSON has them */
};

/* False, and *out as it was, when the text is no number or outside the limits. */
bool number_read(const char *text, const struct number_limits *limits, double *out);
/* "a whole number from 1 to 256". Returns out. */
const char *number_describe(const struct number_limits *limits, char *out, size_t size);

/* ---- words that may be mistyped ---- */

/* How many letters must be put in, left out, changed or swapped with their neighbour to
 * make a of b. Words longer than 31 bytes count as far away. */
size_t nearest_distance(const char *a, const char *b);

/* The nearest of the words that is near enough to be meant, or NULL. */
const char *nearest_word(const char *typed, const char *const *words, size_t count);

#endif
