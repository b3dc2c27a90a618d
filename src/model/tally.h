/* SPDX-License-Identifier: MIT
 *
 * tally - pairs of answers, counted, and the alpha that comes of them.
 *
 * Alpha is 1 - observed / expected disagreement. Each pair of answers to a unit with m
 * answers weighs 1 / (m - 1): pairs are counted in whole numbers, apart for each m, so
 * that no change leaves a rounding behind.
 */
#ifndef MODEL_TALLY_H
#define MODEL_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum agreement_metric {
    AGREEMENT_NOMINAL, /* the same or not */
    AGREEMENT_ORDINAL, /* how many answers lie between */
    AGREEMENT_INTERVAL /* the difference of the numbers */
};
const char *agreement_metric_name(enum agreement_metric metric); /* "nominal", … */

/* The pairs of answers in units with the same number of answers. */
struct level {
    int64_t pairs;
    int64_t equal;
    int64_t *matrix; /* of numbers: how often with which */
};

struct tally {
    int64_t *counts; /* of each category's answers, in units with two or more */
    size_t categories;
    int64_t total;
    struct level *levels; /* by the number of answers */
    size_t level_count;
    bool has_matrix;
};

struct mark {
    uint32_t rater;
    uint32_t category;
};

void tally_clear(struct tally *tally);
/* Counts nothing; keeps its room. */
void tally_zero(struct tally *tally);
/* A unit's answers, so many times; times < 0 takes them out again. */
void tally_add(struct tally *tally, const struct mark *marks, size_t count,
               int64_t times);
/* values NULL = names. */
bool tally_alpha(const struct tally *tally, const int *values,
                 enum agreement_metric metric, double *alpha);
/* sums[c]: the answers of the categories before c. Owned. */
int64_t *tally_sums(const struct tally *tally);
struct scale {
    const struct tally *tally;
    const int *values;
    const int64_t *sums;
    enum agreement_metric metric;
};

/* Between two categories. */
double tally_distance(const struct scale *scale, size_t a, size_t b);

#endif
