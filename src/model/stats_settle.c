/* SPDX-License-Identifier: MIT
 * What needs all answers at once: pace, length against rating, how sure an alpha is. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/stats.h"

enum { SEED = 20231 }; /* the same answers give the same interval */

/* ---- pace ---- */

static void settle_pace(struct stats_person *person)
{
    size_t count = 0;
    person->spent_ms = 0;
    if (person->span_count > 0) {
        qsort(person->spans, person->span_count, sizeof *person->spans, compare_numbers);
        for (size_t i = 0; i < person->span_count; i++)
            person->spent_ms += person->spans[i];
        person->median_ms = person->spans[person->span_count / 2];
        return;
    }
    int64_t *gaps = xcalloc(person->time_count, sizeof *gaps);
    if (person->time_count > 1)
        qsort(person->times, person->time_count, sizeof *person->times, compare_numbers);
    for (size_t i = 1; i < person->time_count; i++) {
        int64_t gap = person->times[i] - person->times[i - 1];
        if (gap <= 0 || gap > STATS_PAUSE_MS) /* 0: answered in one go */
            continue;
        gaps[count++] = gap;
        person->spent_ms += gap;
    }
    if (count > 1)
        qsort(gaps, count, sizeof *gaps, compare_numbers);
    person->median_ms = count > 0 ? gaps[count / 2] : -1;
    free(gaps);
}

/* ---- length against rating ---- */

struct point {
    int64_t length;
    int rating;
    double rank; /* of the length */
};

static int compare_points(const void *a, const void *b)
{
    const struct point *one = a, *other = b;
    if (one->length != other->length)
        return one->length < other->length ? -1 : 1;
    return (one->rating > other->rating) - (one->rating < other->rating);
}

/* Every rating that was given, by anybody. In order of length. */
static size_t list_points(const struct stats *stats, struct point **out)
{
    size_t count = 0, capacity = 0;
    struct point *points = NULL;
    for (size_t i = 0; i < stats->row_count; i++) {
        const struct stats_row *row = &stats->rows[i];
        for (size_t k = 0; k < row->count; k++) {
            const struct stats_mark *mark = &row->marks[k];
            if (mark->status != RESPONSE_SUBMITTED || mark->rating < 0)
                continue;
            points = xgrow(points, count, &capacity, sizeof *points);
            points[count++] = (struct point){row->length, mark->rating, 0};
        }
    }
    if (count > 1)
        qsort(points, count, sizeof *points, compare_points);
    *out = points;
    return count;
}

static void settle_lengths(struct stats *stats)
{
    struct point *points;
    size_t count = list_points(stats, &points);
    memset(stats->lengths, 0, stats->rating_count * sizeof *stats->lengths);
    for (size_t i = 0; i < count; i++)
        stats->lengths[points[i].rating].count++;
    for (size_t rating = 0; rating < stats->rating_count; rating++) {
        struct stats_length *length = &stats->lengths[rating];
        int64_t seen = 0;
        for (size_t i = 0; i < count && seen <= length->count / 2; i++) {
            if (points[i].rating != (int)rating)
                continue;
            length->median = points[i].length;
            seen++;
        }
    }
    /* equal lengths share the mean of their ranks */
    for (size_t j = 0, end; j < count; j = end) {
        for (end = j; end < count && points[end].length == points[j].length; end++)
            ;
        for (size_t k = j; k < end; k++)
            points[k].rank = (double)(j + end - 1) / 2;
    }
    /* Spearman's: the correlation of the ranks, shared where ratings are equal */
    double *ranks = xcalloc(stats->rating_count, sizeof *ranks);
    double before = 0, mean = (double)count / 2 - 0.5, xy = 0, xx = 0, yy = 0;
    for (size_t n = 0; n < stats->rating_count; n++) {
        double size = (double)stats->lengths[n].count;
        ranks[n] = before + (size - 1) / 2;
        before += size;
    }
    for (size_t n = 0; n < count; n++) {
        double x = points[n].rank - mean, y = ranks[points[n].rating] - mean;
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    stats->has_rho = xx > 0 && yy > 0;
    stats->rho = stats->has_rho ? xy / sqrt(xx * yy) : 0;
    free(ranks);
    free(points);
}

/* ---- agreement ---- */

static struct agreement_question *list_questions(const struct stats *stats)
{
    struct agreement_question *list = xcalloc(stats->question_count, sizeof *list);
    for (size_t i = 0; i < stats->question_count; i++)
        list[i] = (struct agreement_question){stats->questions[i].agreement,
                                              stats->questions[i].metric};
    return list;
}

bool stats_alpha(const struct stats *stats, double *alpha)
{
    struct agreement_question *list = list_questions(stats);
    bool is_defined = agreement_overall(list, stats->question_count, alpha);
    free(list);
    return is_defined;
}

void stats_settle(struct stats *stats)
{
    stats->left_ms = -1;
    for (size_t i = 0; i < stats->person_count; i++) {
        struct stats_person *person = &stats->people[i];
        settle_pace(person);
        if (person->user[0] == '\0' && person->median_ms >= 0)
            stats->left_ms = person->median_ms * stats->open;
    }
    settle_lengths(stats);
    size_t count = stats->question_count;
    struct agreement_question *list = list_questions(stats);
    struct agreement_range *ranges = xcalloc(count + 1, sizeof *ranges);
    agreement_bootstrap(list, count, SEED, ranges);
    for (size_t k = 0; k < count; k++) {
        struct stats_question *question = &stats->questions[k];
        struct agreement_unit *all;
        size_t units = agreement_lowest(question->agreement, question->metric, &all);
        question->range = ranges[k];
        free(question->lowest);
        question->lowest = xcalloc(STATS_LOWEST_MAX, sizeof *all);
        question->lowest_count = 0;
        while (question->lowest_count < units &&
               question->lowest_count < STATS_LOWEST_MAX &&
               all[question->lowest_count].distance > 0) {
            question->lowest[question->lowest_count] = all[question->lowest_count];
            question->lowest_count++;
        }
        free(all);
    }
    stats->range = ranges[count];
    for (size_t k = 0; k < count; k++)
        list[k].agreement = stats->questions[k].self;
    agreement_bootstrap(list, count, SEED, ranges);
    for (size_t k = 0; k < count; k++)
        stats->questions[k].self_range = ranges[k];
    free(ranges);
    free(list);
}
