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

#include "model/tally.h"

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

#endif
