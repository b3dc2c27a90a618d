/* SPDX-License-Identifier: MIT */
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
