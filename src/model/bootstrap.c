/* SPDX-License-Identifier: MIT
 * How sure an alpha is: the units are drawn anew, many times. */
#include "config.h"

#include "model/agreement.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum {
    MOST_DRAWS = 50 * 1000 * 1000, /* of units, in a bootstrap: about a second */
    MOST_ROUNDS = 1000,
    LEAST_ROUNDS = 200
};

bool agreement_overall(const struct agreement_question *questions, size_t count,
                       double *alpha)
{
    double sum = 0, weight = 0, one;
    for (size_t i = 0; i < count; i++) {
        if (!agreement_alpha(questions[i].agreement, questions[i].metric, &one))
            continue;
        sum += one * (double)agreement_answers(questions[i].agreement);
        weight += (double)agreement_answers(questions[i].agreement);
    }
    *alpha = weight > 0 ? sum / weight : 0;
    return weight > 0;
}

/* Units with the same answers in the same number are one pattern, counted once. */
struct pattern {
    const struct mark *marks; /* in order, owned */
    size_t count;
    size_t place; /* of its unit among all */
};

struct drawing {
    struct pattern *patterns;
    size_t count;
    size_t *of_place; /* the pattern of each unit, count = it has none */
    int64_t *hits;
    struct tally tally;
    double *alphas;
    size_t alpha_count;
};

static int compare_marks(const void *a, const void *b)
{
    const struct mark *one = a, *other = b;
    return (one->category > other->category) - (one->category < other->category);
}

static int compare_patterns(const void *a, const void *b)
{
    const struct pattern *one = a, *other = b;
    if (one->count != other->count)
        return one->count < other->count ? -1 : 1;
    for (size_t i = 0; i < one->count; i++) {
        int order = compare_marks(&one->marks[i], &other->marks[i]);
        if (order)
            return order;
    }
    return 0;
}

/* The units that anybody shares, of all questions, ascending. */
static size_t list_shared(const struct agreement_question *questions, size_t count,
                          int64_t **out)
{
    size_t all = 0, kept = 0;
    for (size_t q = 0; q < count; q++)
        all += questions[q].agreement->unit_count;
    int64_t *numbers = xcalloc(all + 1, sizeof *numbers);
    all = 0;
    for (size_t q = 0; q < count; q++) {
        const struct agreement *agreement = questions[q].agreement;
        for (size_t i = 0; i < agreement->unit_count; i++)
            if (agreement->units[i].count >= 2)
                numbers[all++] = agreement->units[i].number;
    }
    qsort(numbers, all, sizeof *numbers, compare_numbers);
    for (size_t i = 0; i < all; i++)
        if (kept == 0 || numbers[kept - 1] != numbers[i])
            numbers[kept++] = numbers[i];
    *out = numbers;
    return kept;
}

static void find_patterns(struct drawing *drawing, const struct agreement *agreement,
                          const int64_t *numbers, size_t places)
{
    struct pattern *found = xcalloc(agreement->unit_count + 1, sizeof *found);
    size_t count = 0, kept = 0;
    for (size_t i = 0, place = 0; i < agreement->unit_count; i++) {
        const struct unit *unit = &agreement->units[i];
        if (unit->count < 2)
            continue;
        while (numbers[place] != unit->number)
            place++;
        struct mark *marks = xcalloc(unit->count, sizeof *marks);
        memcpy(marks, unit->marks, unit->count * sizeof *marks);
        qsort(marks, unit->count, sizeof *marks, compare_marks);
        found[count++] = (struct pattern){marks, unit->count, place};
    }
    qsort(found, count, sizeof *found, compare_patterns);
    drawing->of_place = xcalloc(places + 1, sizeof *drawing->of_place);
    for (size_t place = 0; place < places; place++)
        drawing->of_place[place] = count; /* beyond all patterns */
    for (size_t i = 0; i < count; i++) {
        bool is_new = kept == 0 || compare_patterns(&found[kept - 1], &found[i]) != 0;
        drawing->of_place[found[i].place] = is_new ? kept : kept - 1;
        if (is_new)
            found[kept++] = found[i];
        else
            free((void *)(uintptr_t)found[i].marks);
    }
    drawing->patterns = found;
    drawing->count = kept;
    drawing->hits = xcalloc(count + 1, sizeof *drawing->hits);
    drawing->tally.categories = agreement->tally.categories;
    drawing->tally.has_matrix = agreement->tally.has_matrix;
    drawing->tally.counts =
        xcalloc(agreement->tally.categories + 1, sizeof *drawing->tally.counts);
    drawing->alphas = xcalloc(MOST_ROUNDS, sizeof *drawing->alphas);
}

/* splitmix64: Steele, Lea, Flood (2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* The alpha of what was drawn; draws nothing. */
static bool drawn_alpha(struct drawing *drawing,
                        const struct agreement_question *question, double *alpha)
{
    tally_zero(&drawing->tally);
    for (size_t i = 0; i < drawing->count; i++) {
        const struct pattern *pattern = &drawing->patterns[i];
        if (drawing->hits[i])
            tally_add(&drawing->tally, pattern->marks, pattern->count, drawing->hits[i]);
    }
    if (!tally_alpha(&drawing->tally, question->agreement->values, question->metric,
                     alpha))
        return false;
    drawing->alphas[drawing->alpha_count++] = *alpha;
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    if (one == other)
        return 0;
    return one < other ? -1 : 1;
}

static struct agreement_range find_range(double *alphas, size_t count)
{
    if (count < LEAST_ROUNDS / 2)
        return (struct agreement_range){0};
    qsort(alphas, count, sizeof *alphas, compare_doubles);
    size_t cut = count / 40; /* 2.5 of 100 at each end */
    return (struct agreement_range){true, alphas[cut], alphas[count - 1 - cut]};
}

void agreement_bootstrap(const struct agreement_question *questions, size_t count,
                         uint64_t seed, struct agreement_range *ranges)
{
    int64_t *numbers;
    size_t places = list_shared(questions, count, &numbers);
    size_t rounds = MOST_DRAWS / (places + 1);
    rounds = rounds < LEAST_ROUNDS ? LEAST_ROUNDS : rounds;
    rounds = rounds > MOST_ROUNDS ? MOST_ROUNDS : rounds;
    struct drawing *drawings = xcalloc(count + 1, sizeof *drawings);
    struct drawing *all = &drawings[count];
    for (size_t q = 0; q < count; q++)
        find_patterns(&drawings[q], questions[q].agreement, numbers, places);
    all->alphas = xcalloc(MOST_ROUNDS, sizeof *all->alphas);
    for (size_t round = 0; places > 1 && round < rounds; round++) {
        double sum = 0, weight = 0, alpha;
        for (size_t q = 0; q < count; q++)
            memset(drawings[q].hits, 0, drawings[q].count * sizeof *drawings[q].hits);
        for (size_t i = 0; i < places; i++) {
            size_t place = (size_t)((next_random(&seed) >> 32) * places >> 32);
            for (size_t q = 0; q < count; q++)
                drawings[q].hits[drawings[q].of_place[place]]++;
        }
        for (size_t q = 0; q < count; q++) {
            if (!drawn_alpha(&drawings[q], &questions[q], &alpha))
                continue;
            sum += alpha * (double)drawings[q].tally.total;
            weight += (double)drawings[q].tally.total;
        }
        if (weight > 0)
            all->alphas[all->alpha_count++] = sum / weight;
    }
    for (size_t q = 0; q <= count; q++) {
        ranges[q] = find_range(drawings[q].alphas, drawings[q].alpha_count);
        for (size_t i = 0; i < drawings[q].count; i++)
            free((void *)(uintptr_t)drawings[q].patterns[i].marks);
        tally_clear(&drawings[q].tally);
        free(drawings[q].patterns);
        free(drawings[q].of_place);
        free(drawings[q].hits);
        free(drawings[q].alphas);
    }
    free(drawings);
    free(numbers);
}
