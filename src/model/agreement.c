/* SPDX-License-Identifier: MIT
 * Who answered what, and the pairs that follow. */
#include "config.h"

#include "model/agreement.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* ---- the tally of pairs ---- */

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

void tally_add(struct tally *tally, const struct mark *marks, size_t count, int64_t times)
{
    if (count < 2)
        return;
    if (count >= tally->level_count) {
        tally->levels = xreallocarray(tally->levels, count + 1, sizeof *tally->levels);
        memset(tally->levels + tally->level_count, 0,
               (count + 1 - tally->level_count) * sizeof *tally->levels);
        tally->level_count = count + 1;
    }
    struct level *level = &tally->levels[count];
    if (tally->has_matrix && !level->matrix)
        level->matrix =
            xcalloc(tally->categories * tally->categories, sizeof *level->matrix);
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

/* sums[c]: the answers of the categories before c. Owned. */
static int64_t *tally_sums(const struct tally *tally)
{
    int64_t *sums = xcalloc(tally->categories + 1, sizeof *sums);
    for (size_t c = 0; c < tally->categories; c++)
        sums[c + 1] = sums[c] + tally->counts[c];
    return sums;
}

struct scale {
    const struct tally *tally;
    const int *values;
    const int64_t *sums;
    enum agreement_metric metric;
};

static double tally_distance(const struct scale *scale, size_t a, size_t b)
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

bool tally_alpha(const struct tally *tally, const int *values,
                 enum agreement_metric metric, double *alpha)
{
    if (metric == AGREEMENT_NOMINAL) {
        double observed = 0, squares = 0, total = (double)tally->total;
        for (size_t m = 2; m < tally->level_count; m++)
            observed += (double)(tally->levels[m].pairs - tally->levels[m].equal) /
                        (double)(m - 1);
        for (size_t c = 0; c < tally->categories; c++)
            squares += (double)tally->counts[c] * (double)tally->counts[c];
        double expected = (total * total - squares) / (total - 1);
        if (tally->total < 2 || !(expected > 0))
            return false;
        *alpha = 1 - observed / expected;
        return true;
    }
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

/* ---- units and raters ---- */

/* ---- answers ---- */

int compare_ints(const void *a, const void *b)
{
    int one = *(const int *)a, other = *(const int *)b;
    return (one > other) - (one < other);
}

int compare_numbers(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

struct agreement *agreement_new(const int *values, size_t count)
{
    struct agreement *agreement = xcalloc(1, sizeof *agreement);
    if (!values)
        return agreement;
    agreement->values = xcalloc(count + 1, sizeof *values);
    memcpy(agreement->values, values, count * sizeof *values);
    qsort(agreement->values, count, sizeof *values, compare_ints);
    agreement->tally.categories = count;
    agreement->tally.counts = xcalloc(count + 1, sizeof *agreement->tally.counts);
    agreement->tally.has_matrix = true;
    return agreement;
}

void agreement_free(struct agreement *agreement)
{
    if (!agreement)
        return;
    for (size_t i = 0; i < agreement->unit_count; i++)
        free(agreement->units[i].marks);
    tally_clear(&agreement->tally);
    free(agreement->units);
    free(agreement->between);
    free(agreement->values);
    free(agreement);
}

/* False: it is no answer. */
static bool find_category(struct agreement *agreement, int answer, size_t *category)
{
    struct tally *tally = &agreement->tally;
    if (agreement->values) {
        const int *found = bsearch(&answer, agreement->values, tally->categories,
                                   sizeof answer, compare_ints);
        *category = found ? (size_t)(found - agreement->values) : 0;
        return found != NULL;
    }
    if (answer < 0)
        return false;
    *category = (size_t)answer;
    if (*category >= tally->categories) {
        size_t categories = *category + *category / 2 + 8;
        tally->counts = xreallocarray(tally->counts, categories, sizeof *tally->counts);
        memset(tally->counts + tally->categories, 0,
               (categories - tally->categories) * sizeof *tally->counts);
        tally->categories = categories;
    }
    return true;
}

/* Where the unit is or would be. */
static size_t find_unit(const struct agreement *agreement, int64_t number, bool *is_there)
{
    size_t low = 0, high = agreement->unit_count;
    if (high > 0 && agreement->units[high - 1].number < number)
        low = high; /* they mostly come in order */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (agreement->units[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    *is_there = low < agreement->unit_count && agreement->units[low].number == number;
    return low;
}

static struct agreement_pairs *find_between(const struct agreement *agreement, size_t a,
                                            size_t b)
{
    return &agreement->between[(a < b ? a : b) * agreement->raters + (a < b ? b : a)];
}

/* A rater's answer beside the others' to the unit: added (by = 1) or taken out (-1). */
static void count_between(struct agreement *agreement, const struct unit *unit,
                          const struct mark *mark, int by)
{
    for (size_t i = 0; i < unit->count; i++) {
        const struct mark *other = &unit->marks[i];
        if (other->rater == mark->rater)
            continue;
        struct agreement_pairs *pairs =
            find_between(agreement, mark->rater, other->rater);
        pairs->count += by;
        pairs->equal += other->category == mark->category ? by : 0;
    }
}

void agreement_remove(struct agreement *agreement, int64_t number, size_t rater)
{
    bool is_there;
    size_t at = find_unit(agreement, number, &is_there);
    if (!is_there)
        return;
    struct unit *unit = &agreement->units[at];
    for (size_t i = 0; i < unit->count; i++) {
        if (unit->marks[i].rater != rater)
            continue;
        tally_add(&agreement->tally, unit->marks, unit->count, -1);
        count_between(agreement, unit, &unit->marks[i], -1);
        unit->marks[i] = unit->marks[--unit->count];
        tally_add(&agreement->tally, unit->marks, unit->count, 1);
        return;
    }
}

void agreement_put(struct agreement *agreement, int64_t number, size_t rater, int answer)
{
    size_t category;
    agreement_remove(agreement, number, rater);
    if (!find_category(agreement, answer, &category))
        return;
    size_t raters = agreement->raters;
    if (rater >= raters) {
        size_t wide = rater + 1 > 2 * raters ? rater + 1 : 2 * raters;
        struct agreement_pairs *wider = xcalloc(wide * wide, sizeof *wider);
        for (size_t a = 0; a < raters; a++)
            memcpy(&wider[a * wide], &agreement->between[a * raters],
                   raters * sizeof *wider);
        free(agreement->between);
        agreement->between = wider;
        agreement->raters = wide;
    }
    bool is_there;
    size_t at = find_unit(agreement, number, &is_there);
    if (!is_there) {
        agreement->units = xgrow(agreement->units, agreement->unit_count,
                                 &agreement->unit_capacity, sizeof *agreement->units);
        memmove(&agreement->units[at + 1], &agreement->units[at],
                (agreement->unit_count++ - at) * sizeof *agreement->units);
        agreement->units[at] = (struct unit){.number = number};
    }
    struct unit *unit = &agreement->units[at];
    const struct mark mark = {(uint32_t)rater, (uint32_t)category};
    tally_add(&agreement->tally, unit->marks, unit->count, -1);
    unit->marks = xreallocarray(unit->marks, unit->count + 1, sizeof mark);
    unit->marks[unit->count++] = mark;
    count_between(agreement, unit, &mark, 1);
    tally_add(&agreement->tally, unit->marks, unit->count, 1);
}

/* ---- what comes of it ---- */

bool agreement_alpha(const struct agreement *agreement, enum agreement_metric metric,
                     double *alpha)
{
    return tally_alpha(&agreement->tally, agreement->values, metric, alpha);
}

size_t agreement_answers(const struct agreement *agreement)
{
    return (size_t)agreement->tally.total;
}

struct agreement_pairs agreement_pairs(const struct agreement *agreement)
{
    struct agreement_pairs pairs = {0};
    for (size_t m = 2; m < agreement->tally.level_count; m++) {
        pairs.count += agreement->tally.levels[m].pairs / 2;
        pairs.equal += agreement->tally.levels[m].equal / 2;
    }
    return pairs;
}

struct agreement_pairs agreement_between(const struct agreement *agreement, size_t a,
                                         size_t b)
{
    if (a == b || a >= agreement->raters || b >= agreement->raters)
        return (struct agreement_pairs){0};
    return *find_between(agreement, a, b);
}

static int compare_units(const void *a, const void *b)
{
    const struct agreement_unit *one = a, *other = b;
    if (one->distance != other->distance)
        return one->distance < other->distance ? 1 : -1;
    return (one->unit > other->unit) - (one->unit < other->unit);
}

size_t agreement_lowest(const struct agreement *agreement, enum agreement_metric metric,
                        struct agreement_unit **out)
{
    struct agreement_unit *units = xcalloc(agreement->unit_count + 1, sizeof *units);
    int64_t *sums = tally_sums(&agreement->tally);
    const struct scale scale = {&agreement->tally, agreement->values, sums, metric};
    size_t found = 0;
    for (size_t i = 0; i < agreement->unit_count; i++) {
        const struct unit *unit = &agreement->units[i];
        double sum = 0;
        if (unit->count < 2)
            continue;
        for (size_t a = 0; a < unit->count; a++)
            for (size_t b = 0; b < a; b++)
                sum += tally_distance(&scale, unit->marks[a].category,
                                      unit->marks[b].category);
        size_t pairs = unit->count * (unit->count - 1) / 2;
        units[found++] = (struct agreement_unit){unit->number, sum / (double)pairs};
    }
    qsort(units, found, sizeof *units, compare_units);
    free(sums);
    *out = units;
    return found;
}
