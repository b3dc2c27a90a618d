/* SPDX-License-Identifier: MIT
 * What one more rating costs when 100,000 are there: put, and all that is shown of it. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/bootstrap.h"

enum { RATINGS = 100000, RATERS = 5, UNITS = RATINGS / RATERS, CHANGES = 2000 };

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

int main(void)
{
    static const int values[] = {1, 2, 3, 4, 5};
    static double times[CHANGES];
    struct agreement *agreement = agreement_new(values, 5);
    unsigned random = 1;
    double alpha = 0, overall = 0;
    for (int i = 0; i < RATINGS; i++) {
        random = random * 1103515245 + 12345;
        int same = 1 + i / RATERS % 5, other = 1 + (int)(random >> 16) % 5;
        agreement_put(agreement, i / RATERS, (size_t)(i % RATERS), i % 3 ? same : other);
    }
    const struct agreement_question question = {agreement, AGREEMENT_ORDINAL};
    for (int i = 0; i < CHANGES; i++) {
        double start = now_ms();
        random = random * 1103515245 + 12345;
        agreement_put(agreement, (int)(random >> 8) % UNITS, (size_t)(i % RATERS),
                      1 + i % 5);
        for (int metric = 0; metric < 3; metric++)
            agreement_alpha(agreement, (enum agreement_metric)metric, &alpha);
        agreement_overall(&question, 1, &overall);
        times[i] = now_ms() - start;
    }
    qsort(times, CHANGES, sizeof *times, compare);
    double worst = times[CHANGES - 1];
    printf("alpha per rating at %d ratings: p50 %.4f ms, worst of %d %.4f ms, bound "
           "1 ms%s\n",
           RATINGS, times[CHANGES / 2], CHANGES, worst, worst > 1 ? " OVER" : "");
    struct agreement_range ranges[2];
    double start = now_ms();
    agreement_bootstrap(&question, 1, 1, ranges);
    printf("  its interval, beside the loop: %.0f ms (alpha %.3f, %.3f to %.3f)\n",
           now_ms() - start, overall, ranges[0].low, ranges[0].high);
    agreement_free(agreement);
    return 0;
}
