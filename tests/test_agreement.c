/* SPDX-License-Identifier: MIT
 * Alpha against the krippendorff package: tests/fixtures/agreement.txt, or the vectors
 * that SHERD_AGREEMENT_VECTORS names (make live makes fresh ones). */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/agreement.h"

#define VECTORS TOP_SRCDIR "/tests/fixtures/agreement.txt"

enum { MOST_RATERS = 8, MOST_UNITS = 64, MISSING = -1000 };

struct sample {
    char name[32];
    int values[16];
    size_t value_count;
    int answers[MOST_RATERS][MOST_UNITS];
    size_t raters, units;
    char alphas[3][32]; /* "none" = not defined */
};

static size_t read_numbers(const char *text, const char *separators, int *out)
{
    char copy[512], *rest = NULL;
    size_t count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, separators, &rest); word && count < MOST_UNITS;
         word = strtok_r(NULL, separators, &rest))
        out[count++] = strcmp(word, ".") == 0 ? MISSING : (int)strtol(word, NULL, 10);
    return count;
}

static bool read_sample(FILE *in, struct sample *sample)
{
    char line[512], values[128];
    *sample = (struct sample){0};
    while (fgets(line, sizeof line, in)) {
        if (line[0] == '#')
            continue;
        if (sscanf(line, "case %31s %127s", sample->name, values) == 2) {
            sample->value_count = read_numbers(values, ",\n", sample->values);
        } else if (sscanf(line, "alpha %31s %31s %31s", sample->alphas[0],
                          sample->alphas[1], sample->alphas[2]) == 3) {
            return true;
        } else {
            assert_true(sample->raters < MOST_RATERS);
            sample->units = read_numbers(line, " \n", sample->answers[sample->raters++]);
        }
    }
    return false;
}

/* By detours: from the last to the first, another answer first, some taken out and back.
 */
static struct agreement *fill(const struct sample *sample)
{
    struct agreement *agreement = agreement_new(sample->values, sample->value_count);
    for (size_t unit = sample->units; unit > 0; unit--) {
        for (size_t rater = 0; rater < sample->raters; rater++) {
            int answer = sample->answers[rater][unit - 1];
            int64_t number = (int64_t)unit * 7;
            agreement_put(agreement, number, rater, sample->values[(unit + rater) % 2]);
            if (answer == MISSING || unit % 3 == 0)
                agreement_remove(agreement, number, rater);
            if (answer != MISSING)
                agreement_put(agreement, number, rater, answer);
        }
    }
    return agreement;
}

static void check_alpha(const struct sample *sample, enum agreement_metric metric)
{
    double alpha = 0;
    struct agreement *agreement = fill(sample);
    bool is_defined = agreement_alpha(agreement, metric, &alpha);
    const char *wanted = sample->alphas[metric];
    if (is_defined != (strcmp(wanted, "none") != 0) ||
        (is_defined && fabs(alpha - strtod(wanted, NULL)) > 1e-9))
        fail_msg("%s, %s: %.12g, not %s", sample->name, agreement_metric_name(metric),
                 is_defined ? alpha : (double)NAN, wanted);
    agreement_free(agreement);
}

static void alpha_is_the_packages_within_1e_9(void **state)
{
    (void)state;
    const char *path = getenv("SHERD_AGREEMENT_VECTORS");
    struct sample sample;
    size_t samples = 0;
    FILE *in = fopen(path ? path : VECTORS, "r");
    assert_non_null(in);
    for (; read_sample(in, &sample); samples++)
        for (int metric = 0; metric < 3; metric++)
            check_alpha(&sample, (enum agreement_metric)metric);
    fclose(in);
    assert_true(samples > 40);
}

static const int five[] = {1, 2, 3, 4, 5};

static struct agreement *ratings(void)
{
    return agreement_new(five, 5);
}

static void put_three(struct agreement *agreement, int64_t unit, int a, int b, int c)
{
    const int answers[] = {a, b, c};
    for (size_t rater = 0; rater < 3; rater++)
        if (answers[rater])
            agreement_put(agreement, unit, rater, answers[rater]);
}

static void nothing_is_defined_without_a_shared_unit(void **state)
{
    (void)state;
    double alpha;
    struct agreement *agreement = ratings(), *names = agreement_new(NULL, 0);
    agreement_remove(agreement, 1, 0);
    assert_false(agreement_alpha(agreement, AGREEMENT_ORDINAL, &alpha));
    assert_false(agreement_alpha(names, AGREEMENT_NOMINAL, &alpha));
    put_three(agreement, 1, 4, 0, 0);
    put_three(agreement, 2, 0, 0, 5);
    assert_int_equal(agreement_answers(agreement), 0);
    assert_int_equal(agreement_pairs(agreement).count, 0);
    assert_false(agreement_alpha(agreement, AGREEMENT_NOMINAL, &alpha));
    agreement_free(agreement);
    agreement_free(names);
}

static void names_have_no_order(void **state)
{
    (void)state;
    double alpha;
    struct agreement *names = agreement_new(NULL, 0);
    put_three(names, 1, 40, 40, 0); /* one that is far from the others */
    put_three(names, 2, 1, 1, 0);
    put_three(names, 3, 1, 2, 0);
    assert_true(agreement_alpha(names, AGREEMENT_NOMINAL, &alpha));
    assert_true(fabs(alpha - (1 - 2.0 / (36 - 9 - 1 - 4) * 5)) < 1e-12);
    assert_false(agreement_alpha(names, AGREEMENT_ORDINAL, &alpha));
    agreement_free(names);
}

static void pairs_are_counted_by_two_raters(void **state)
{
    (void)state;
    struct agreement *agreement = ratings();
    put_three(agreement, 1, 3, 3, 4);
    put_three(agreement, 2, 2, 0, 2);
    put_three(agreement, 3, 5, 0, 1);
    assert_int_equal(agreement_pairs(agreement).count, 5);
    assert_int_equal(agreement_pairs(agreement).equal, 2);
    assert_int_equal(agreement_between(agreement, 0, 1).equal, 1);
    assert_int_equal(agreement_between(agreement, 2, 0).count, 3);
    assert_int_equal(agreement_between(agreement, 2, 0).equal, 1);
    assert_int_equal(agreement_between(agreement, 0, 7).count, 0);
    agreement_put(agreement, 3, 2, 5); /* changed */
    assert_int_equal(agreement_between(agreement, 0, 2).equal, 2);
    agreement_put(agreement, 3, 2, 9); /* no answer to this question */
    assert_int_equal(agreement_between(agreement, 0, 2).count, 2);
    agreement_free(agreement);
}

static void the_lowest_agreement_comes_first(void **state)
{
    (void)state;
    struct agreement_unit *units;
    struct agreement *agreement = ratings();
    put_three(agreement, 10, 3, 3, 4);
    put_three(agreement, 20, 5, 1, 0);
    put_three(agreement, 30, 2, 2, 2);
    put_three(agreement, 40, 1, 0, 0); /* alone: not among them */
    put_three(agreement, 5, 1, 1, 0);
    assert_int_equal(agreement_lowest(agreement, AGREEMENT_INTERVAL, &units), 4);
    assert_int_equal(units[0].unit, 20);
    assert_true(units[0].distance == 16);
    assert_int_equal(units[1].unit, 10);
    assert_int_equal(units[2].unit, 5);
    assert_int_equal(units[3].unit, 30);
    free(units);
    agreement_free(agreement);
}

static void all_questions_weigh_by_their_answers(void **state)
{
    (void)state;
    struct agreement *one = ratings(), *other = ratings(), *none = ratings();
    put_three(one, 1, 1, 1, 1);
    put_three(one, 2, 2, 2, 2);
    put_three(other, 1, 1, 2, 0);
    put_three(other, 2, 2, 1, 0);
    const struct agreement_question questions[] = {
        {one, AGREEMENT_NOMINAL}, {other, AGREEMENT_NOMINAL}, {none, AGREEMENT_ORDINAL}};
    double alpha;
    assert_true(agreement_overall(questions, 3, &alpha));
    assert_true(fabs(alpha - (6 * 1.0 + 4 * -0.5) / 10) < 1e-12);
    assert_false(agreement_overall(&questions[2], 1, &alpha));
    agreement_free(one);
    agreement_free(other);
    agreement_free(none);
}

/* Two thirds of 300 are the same. */
static struct agreement *mixed(void)
{
    struct agreement *agreement = ratings();
    for (int unit = 0; unit < 300; unit++)
        put_three(agreement, unit, 1 + unit % 5, unit % 3 ? 1 + unit % 5 : 1 + unit % 4,
                  0);
    return agreement;
}

static void a_seed_gives_one_interval_round_alpha(void **state)
{
    (void)state;
    double alpha;
    struct agreement *agreement = mixed(), *equal = ratings();
    struct agreement_range first[3], again[3], other[3];
    put_three(equal, 1, 4, 4, 4);
    const struct agreement_question questions[] = {{agreement, AGREEMENT_ORDINAL},
                                                   {equal, AGREEMENT_ORDINAL}};
    agreement_bootstrap(questions, 2, 1, first);
    agreement_bootstrap(questions, 2, 1, again);
    agreement_bootstrap(questions, 2, 2, other);
    assert_true(agreement_alpha(agreement, AGREEMENT_ORDINAL, &alpha));
    assert_true(first[0].is_known && first[0].low < alpha && alpha < first[0].high);
    /* 300 units of two: the width that a normal error of a share of 300 has, or so */
    assert_true(first[0].high - first[0].low > 0.05);
    assert_true(first[0].high - first[0].low < 0.3);
    assert_true(first[0].low == again[0].low && first[0].high == again[0].high);
    assert_true(first[0].low != other[0].low && fabs(first[0].low - other[0].low) < 0.05);
    assert_false(first[1].is_known);
    assert_true(first[2].is_known);
    assert_true(fabs(first[0].low - 0.604634306720) < 1e-9);
    assert_true(fabs(first[0].high - 0.774422129976) < 1e-9);
    /* what is undefined in every drawing adds nothing to the whole, wherever it stands */
    const struct agreement_question turned[] = {questions[1], questions[0]};
    agreement_bootstrap(turned, 2, 1, again);
    assert_false(again[0].is_known);
    assert_true(fabs(again[2].low - again[1].low) < 1e-12);
    assert_true(fabs(again[2].high - again[1].high) < 1e-12);
    agreement_free(agreement);
    agreement_free(equal);
}

/* What nobody else has said stands for itself in the drawings, too. */
static void answers_that_occur_once_are_drawn(void **state)
{
    (void)state;
    static const int given[][2] = {{1, 1}, {1, 2}, {2, 2}, {2, 4}, {3, 3},
                                   {3, 4}, {4, 4}, {5, 4}, {5, 5}, {1, 3}};
    struct agreement *agreement = ratings();
    struct agreement_range ranges[2];
    for (int i = 0; i < 10; i++)
        put_three(agreement, i, given[i][0], given[i][1], 0);
    const struct agreement_question question = {agreement, AGREEMENT_ORDINAL};
    agreement_bootstrap(&question, 1, 1, ranges);
    /* worked out apart from this program, with the same random numbers */
    assert_true(ranges[0].is_known);
    assert_true(fabs(ranges[0].low - 0.165974025974) < 1e-9);
    assert_true(fabs(ranges[0].high - 0.921357615894) < 1e-9);
    agreement_free(agreement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alpha_is_the_packages_within_1e_9),
        cmocka_unit_test(nothing_is_defined_without_a_shared_unit),
        cmocka_unit_test(names_have_no_order),
        cmocka_unit_test(pairs_are_counted_by_two_raters),
        cmocka_unit_test(the_lowest_agreement_comes_first),
        cmocka_unit_test(all_questions_weigh_by_their_answers),
        cmocka_unit_test(a_seed_gives_one_interval_round_alpha),
        cmocka_unit_test(answers_that_occur_once_are_drawn),
    };
    return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
