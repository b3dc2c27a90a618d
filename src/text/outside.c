/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/outside.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static enum status refuse(const struct buf *text, size_t at, const char *name,
                          const char *what, struct err *err)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++) {
        if (text->data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return err_set(err, STATUS_USAGE, "%.250s:%zu:%zu: %s", name, line, at - start + 1,
                   what);
}

enum status outside_text(struct buf *text, const char *name, struct err *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (text->len >= 2 &&
        (!memcmp(text->data, "\xFF\xFE", 2) || !memcmp(text->data, "\xFE\xFF", 2)))
        return refuse(text, 0, name, "this is UTF-16, not UTF-8. Save it as UTF-8.", err);
    size_t bad = utf8_check(buf_text(text), text->len);
    const char *nul = memchr(buf_text(text), '\0', bad);
    if (nul)
        return refuse(text, (size_t)(nul - text->data), name,
                      "there is a NUL byte here; is this a text file?", err);
    if (bad < text->len)
        return refuse(text, bad, name, "this is not UTF-8. Save it as UTF-8.", err);
    if (text->len >= 3 && !memcmp(text->data, mark, 3))
        buf_consume(text, 3);
    size_t kept = 0;
    for (size_t i = 0; i < text->len; i++) {
        bool is_line_end = i + 1 == text->len || text->data[i + 1] == '\n';
        if (text->data[i] != '\r' || !is_line_end)
            text->data[kept++] = text->data[i];
    }
    text->len = kept;
    if (text->data)
        text->data[kept] = '\0';
    return STATUS_OK;
}

/* ---- numbers ---- */

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

/* ---- words ---- */

#define WORD_MAX 31

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: cost[i][j] makes i letters of a into j of b. */
size_t nearest_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), cost[WORD_MAX + 1][WORD_MAX + 1];
    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= a_len; i++) {
        for (size_t j = 0; j <= b_len; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            size_t best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = smaller(best, smaller(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[a_len][b_len];
}

const char *nearest_word(const char *typed, const char *const *words, size_t count)
{
    const char *found = NULL;
    size_t typed_len = strlen(typed);
    size_t best = typed_len < 5 ? 1 : 2; /* in a short word two letters are too much */
    for (size_t i = 0; i < count; i++) {
        if (typed_len >= 3 && !strncmp(words[i], typed, typed_len))
            return words[i];
        size_t distance = nearest_distance(typed, words[i]);
        if (distance < best || (distance == best && !found)) {
            best = distance;
            found = words[i];
        }
    }
    return found;
}
