/* SPDX-License-Identifier: MIT
 *
 * number - a text as a number within limits: plain decimals, in every locale, the whole
 * text or nothing.
 */
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

struct number_limits {
    bool is_whole;
    double min, max; /* whole ones: up to 2^53, as JSON has them */
};

/* False, and *out as it was, when the text is no number or outside the limits. */
bool number_read(const char *text, const struct number_limits *limits, double *out);
/* "a whole number from 1 to 256". Returns out. */
const char *number_describe(const struct number_limits *limits, char *out, size_t size);

#endif
