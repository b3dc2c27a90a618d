/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/agreement.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

const char *agreement_metric_name(enum agreement_metric metric)
{
    static const char *const names[] = {"nominal", "ordinal", "interval"};
    return names[metric];
}

void tally_clear(struct tally *tally)
{
    for (size_t m = 0; m < tally->level_count; m++)
        free(tally->levels[m].matrix);
    free(tally->levels);
    free(tally->counts);
    *tally = (struct tally){0};
}

void tally_zero(struct tally *tally)
{
    size_t categories = tally->categories;
    memset(tally->counts, 0, categories * sizeof *tally->counts);
    tally->total = 0;
    for (size_t m = 0; m < tally->level_count; m++) {
        struct level *level = &tally->levels[m];
        level->pairs = level->equal = 0;
        if (level->matrix)
            memset(level->matrix, 0, categories * categories * sizeof *level->matrix);
    }
}

static struct level *tally_level(struct tally *tally, size_t answers)
{
    if (answers >= tally->level_count) {
        tally->levels = xreallocarray(tally->levels, answers + 1, sizeof *tally->levels);
        memset(tally->levels + tally->level_count, 0,
               (answers + 1 - tally->level_count) * sizeof *tally->levels);
        tally->level_count = answers + 1;
    }
    struct level *level = &tally->levels[answers];
    if (tally->has_matrix && !level->matrix)
        level->matrix =
            xcalloc(tally->categories * tally->categories, sizeof *level->matrix);
    return level;
}

void tally_add(struct tally *tally, const struct mark *marks, size_t count, int64_t times)
{
    if (count < 2)
        return;
    struct level *level = tally_level(tally, count);
    tally->total += (int64_t)count * times;
    level->pairs += (int64_t)(count * (count - 1)) * times;
    for (size_t i = 0; i < count; i++) {
        size_t category = marks[i].category;
        tally->counts[category] += times;
        for (size_t k = 0; k < count; k++) {
            if (k == i)
                continue;
            level->equal += marks[k].category == category ? times : 0;
            if (level->matrix)
                level->matrix[category * tally->categories + marks[k].category] += times;
        }
    }
}

int64_t *tally_sums(const struct tally *tally)
{
    int64_t *sums = xcalloc(tally->categories + 1, sizeof *sums);
    for (size_t c = 0; c < tally->categories; c++)
        sums[c + 1] = sums[c] + tally->counts[c];
    return sums;
}

double tally_distance(const struct scale *scale, size_t a, size_t b)
{
    const int64_t *counts = scale->tally->counts;
    if (a == b)
        return 0;
    if (scale->metric == AGREEMENT_NOMINAL || !scale->values)
        return 1;
    double apart = (double)scale->values[a] - scale->values[b];
    if (scale->metric == AGREEMENT_ORDINAL) {
        size_t low = a < b ? a : b, high = a < b ? b : a;
        apart = (double)(scale->sums[high + 1] - scale->sums[low]) -
                (double)(counts[a] + counts[b]) / 2;
    }
    return apart * apart;
}

static bool nominal_alpha(const struct tally *tally, double *alpha)
{
    double observed = 0, squares = 0, total = (double)tally->total;
    for (size_t m = 2; m < tally->level_count; m++)
        observed +=
            (double)(tally->levels[m].pairs - tally->levels[m].equal) / (double)(m - 1);
    for (size_t c = 0; c < tally->categories; c++)
        squares += (double)tally->counts[c] * (double)tally->counts[c];
    double expected = (total * total - squares) / (total - 1);
    if (tally->total < 2 || !(expected > 0))
        return false;
    *alpha = 1 - observed / expected;
    return true;
}

bool tally_alpha(const struct tally *tally, const int *values,
                 enum agreement_metric metric, double *alpha)
{
    if (metric == AGREEMENT_NOMINAL)
        return nominal_alpha(tally, alpha);
    if (!values || tally->total < 2)
        return false;
    int64_t *sums = tally_sums(tally);
    const struct scale scale = {tally, values, sums, metric};
    double observed = 0, expected = 0;
    for (size_t a = 0; a < tally->categories; a++) {
        for (size_t b = 0; b < tally->categories; b++) {
            double apart = tally_distance(&scale, a, b), pairs = 0;
            size_t at = a * tally->categories + b;
            for (size_t m = 2; m < tally->level_count; m++)
                if (tally->levels[m].matrix)
                    pairs += (double)tally->levels[m].matrix[at] / (double)(m - 1);
            observed += pairs * apart;
            expected += (double)tally->counts[a] * (double)tally->counts[b] * apart;
        }
    }
    free(sums);
    expected /= (double)(tally->total - 1);
    if (!(expected > 0))
        return false;
    *alpha = 1 - observed / expected;
    return true;
}
