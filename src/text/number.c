/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/number.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 17 }; /* a double holds no more */

bool number_read(const char *text, const struct number_limits *limits, double *out)
{
    bool is_negative = *text == '-';
    const char *digits = text + is_negative;
    double value = 0, scale = 1;
    size_t count = 0;
    bool has_point = false;
    for (const char *at = digits; *at; at++) {
        if (*at == '.' && !has_point && !limits->is_whole) {
            has_point = true;
        } else if (*at >= '0' && *at <= '9' && count < DIGITS_MAX) {
            count++;
            value = value * 10 + (*at - '0');
            scale *= has_point ? 10 : 1;
        } else {
            return false;
        }
    }
    value = (is_negative ? -value : value) / scale;
    if (!count || value < limits->min || value > limits->max)
        return false;
    *out = value;
    return true;
}

const char *number_describe(const struct number_limits *limits, char *out, size_t size)
{
    if (limits->is_whole)
        snprintf(out, size, "a whole number from %.0f to %.0f", limits->min, limits->max);
    else
        snprintf(out, size, "a number from %g to %g", limits->min, limits->max);
    return out;
}
