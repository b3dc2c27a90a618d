/* SPDX-License-Identifier: MIT
 *
 * agreement - how far several people who answered one question say the same:
 * Krippendorff's alpha, kept up to date with each answer.
 *
 * A unit is what is judged (a record, by its number), a rater is a small number of the
 * caller's. An answer that is missing counts for nothing. Source: Krippendorff, Computing
 * Krippendorff's Alpha-Reliability (2011); equal to the "krippendorff" package of PyPI.
 */
#ifndef MODEL_AGREEMENT_H
#define MODEL_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the tally: pairs of answers, counted, and the alpha that comes of them ----
 *
 * Alpha is 1 - observed / expected disagreement. Each pair of answers to a unit with m
 * answers weighs 1 / (m - 1): pairs are counted in whole numbers, apart for each m, so
 * that no change leaves a rounding behind. */

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

/* For qsort: of int, of int64_t. */
int compare_ints(const void *a, const void *b);
int compare_numbers(const void *a, const void *b);

/* ---- units and raters ---- */

struct unit {
    int64_t number;
    struct mark *marks;
    size_t count;
};

struct agreement {
    int *values;        /* ascending; NULL = names */
    struct unit *units; /* ascending */
    size_t unit_count;
    size_t unit_capacity;
    struct tally tally;
    struct agreement_pairs *between; /* raters × raters, the lower first */
    size_t raters;
};

/* values: the numbers that can be answered, copied. NULL: answers are names, told apart
 * by a number from 0, and only AGREEMENT_NOMINAL is defined. */
struct agreement *agreement_new(const int *values, size_t count);
void agreement_free(struct agreement *agreement);
/* A rater's answer to a unit: takes the place of a former one. answer: one of the values
 * (another one is no answer), or the number of a name. */
void agreement_put(struct agreement *agreement, int64_t unit, size_t rater, int answer);
void agreement_remove(struct agreement *agreement, int64_t unit, size_t rater);

/* 1 = all the same, 0 = as by chance. False where it is not defined: nobody shares a
 * unit, or all shared answers are one. O(values²), whatever the number of answers. */
bool agreement_alpha(const struct agreement *agreement, enum agreement_metric metric,
                     double *alpha);
/* Answers that alpha rests on: to units with two or more. */
size_t agreement_answers(const struct agreement *agreement);
/* Pairs of answers of two people to the same unit, and how many of them are equal. */
struct agreement_pairs {
    int64_t count;
    int64_t equal;
};
struct agreement_pairs agreement_pairs(const struct agreement *agreement);
struct agreement_pairs agreement_between(const struct agreement *agreement, size_t a,
                                         size_t b);

/* Units with two answers or more, the lowest agreement first, then by number. distance:
 * the mean over the unit's pairs, by the metric. Owned array. */
struct agreement_unit {
    int64_t unit;
    double distance;
};
size_t agreement_lowest(const struct agreement *agreement, enum agreement_metric metric,
                        struct agreement_unit **out);

/* ---- bootstrap.c: over several questions, and how sure it is ---- */

struct agreement_question {
    const struct agreement *agreement;
    enum agreement_metric metric;
};
/* The mean of their alphas, each by the answers that it rests on. False: none has one. */
bool agreement_overall(const struct agreement_question *questions, size_t count,
                       double *alpha);
/* Between what 95 of 100 alphas lie when the units are drawn anew, with replacement. The
 * same seed gives the same. ranges: one a question, and one more for all of them. Takes
 * up to a second with a million answers: not for the loop. */
struct agreement_range {
    bool is_known;
    double low, high;
};
void agreement_bootstrap(const struct agreement_question *questions, size_t count,
                         uint64_t seed, struct agreement_range *ranges);

#endif
