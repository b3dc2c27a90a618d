/* SPDX-License-Identifier: MIT
 *
 * nearest - optimal string alignment distance over three rows of a small table.
 */
#include "config.h"

#include "text/nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WORD_MAX 31

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct rows {
    size_t before[WORD_MAX + 1]; /* two letters of a back */
    size_t last[WORD_MAX + 1];
    size_t now[WORD_MAX + 1];
};

static void fill_row(struct rows *rows, const char *a, size_t row, const char *b,
                     size_t len)
{
    rows->now[0] = row;
    for (size_t col = 1; col <= len; col++) {
        bool is_same = a[row - 1] == b[col - 1];
        size_t best = rows->last[col - 1] + (is_same ? 0 : 1);
        best = smaller(best, rows->last[col] + 1);
        best = smaller(best, rows->now[col - 1] + 1);
        if (row > 1 && col > 1 && a[row - 1] == b[col - 2] && a[row - 2] == b[col - 1])
            best = smaller(best, rows->before[col - 2] + 1);
        rows->now[col] = best;
    }
}

size_t nearest_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return SIZE_MAX;
    struct rows rows = {0};
    for (size_t col = 0; col <= b_len; col++)
        rows.now[col] = col;
    for (size_t row = 1; row <= a_len; row++) {
        memcpy(rows.before, rows.last, sizeof rows.last);
        memcpy(rows.last, rows.now, sizeof rows.now);
        fill_row(&rows, a, row, b, b_len);
    }
    return rows.now[b_len];
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
