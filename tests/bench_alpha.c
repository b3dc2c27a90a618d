/* SPDX-License-Identifier: MIT
 * What one more rating costs when 100,000 are there: alpha alone, and all statistics with
 * the page that is drawn of them. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/app.h"

enum { RATINGS = 100000, RATERS = 5, UNITS = RATINGS / RATERS, CHANGES = 2000 };

/* The processor's: the machine may have other things to do. */
static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static unsigned next_random(void)
{
    static unsigned state = 1;
    state = state * 1103515245 + 12345;
    return state >> 8;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static void say(const char *what, double *times, size_t count)
{
    qsort(times, count, sizeof *times, compare);
    double late = times[count * 99 / 100];
    printf("%s per rating at %d ratings: p50 %.4f ms, p99 %.4f ms, bound 1 ms%s\n", what,
           RATINGS, times[count / 2], late, late > 1 ? " OVER" : "");
}

/* Two of three as the record is, the others as it comes. */
static int rating_of(int unit, int rater)
{
    return (unit + rater) % 3 ? 1 + unit % 5 : 1 + (int)(next_random() % 5);
}

static void bench_alpha(void)
{
    static const int values[] = {1, 2, 3, 4, 5};
    static double times[CHANGES];
    struct agreement *agreement = agreement_new(values, 5);
    double alpha = 0;
    for (int i = 0; i < RATINGS; i++)
        agreement_put(agreement, i / RATERS, (size_t)(i % RATERS),
                      rating_of(i / RATERS, i % RATERS));
    for (int i = 0; i < CHANGES; i++) {
        double start = now_ms();
        agreement_put(agreement, (int64_t)(next_random() % UNITS), (size_t)(i % RATERS),
                      1 + i % 5);
        for (int metric = 0; metric < 3; metric++)
            agreement_alpha(agreement, (enum agreement_metric)metric, &alpha);
        times[i] = now_ms() - start;
    }
    say("alpha", times, CHANGES);
    agreement_free(agreement);
}

static void put(struct stats *stats, int unit)
{
    static char users[RATERS][2] = {"", "a", "b", "c", "d"};
    struct peer answers[RATERS] = {0};
    for (int i = 0; i < RATERS; i++) {
        answers[i].user = users[i];
        answers[i].response.status = RESPONSE_SUBMITTED;
        answers[i].response.updated_ms = 1700000000000 + unit * (int64_t)20000;
        values_set_rating(&answers[i].response.values, "response-rating",
                          rating_of(unit, i));
    }
    stats_put(stats, &(struct stats_input){.row = unit + 1,
                                           .model = unit % 2 ? "one" : "other",
                                           .length = 100 + unit % 900,
                                           .answers = answers,
                                           .count = RATERS});
    for (int i = 0; i < RATERS; i++)
        response_clear(&answers[i].response);
}

static void label(void *ctx, int64_t row, char *out, size_t size)
{
    (void)ctx;
    snprintf(out, size, "#%lld", (long long)row);
}

static void bench_stats(void)
{
    static double times[CHANGES];
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "bench", "local", "");
    struct stats *stats = stats_new(&dataset);
    for (int unit = 0; unit < UNITS; unit++)
        put(stats, unit);
    double start = now_ms();
    stats_settle(stats);
    double settled = now_ms() - start;
    for (int i = 0; i < CHANGES; i++) {
        struct buf text = {0};
        start = now_ms();
        put(stats, (int)(next_random() % UNITS));
        stats_write(
            &(struct stats_page){
                .stats = stats, .columns = 80, .you = "", .label = label},
            &text);
        times[i] = now_ms() - start;
        buf_clear(&text);
    }
    say("all statistics and their page", times, CHANGES);
    printf("  what is settled beside the loop: %.0f ms (alpha %.3f to %.3f)\n", settled,
           stats->range.low, stats->range.high);
    stats_free(stats);
    dataset_clear(&dataset);
}

int main(void)
{
    bench_alpha();
    bench_stats();
    return 0;
}
