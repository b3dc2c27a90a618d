/* SPDX-License-Identifier: MIT
 * How answers came about in the store: with the answer or not at all; second showings as
 * undo steps of their own; and what statistics make of both. */
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

#include "base/xalloc.h"
#include "store/store_stats.h"
#include "tests/support/store_rig.h"

enum { RECORDS = 50 };

static struct id id_of(int number)
{
    struct id id;
    char text[ID_TEXT];
    snprintf(text, sizeof text, "00000000-0000-4000-8000-%012d", number);
    assert_true(id_parse(text, &id));
    return id;
}

static int start(void **state)
{
    struct store_rig *rig = xcalloc(1, sizeof *rig);
    store_rig_start(rig);
    store_rig_put_dataset(rig, "d", "");
    for (int i = 1; i <= RECORDS; i++) {
        struct record record = {.dataset_row = rig->dataset};
        record.id = id_of(i);
        record_set_field(&record, "prompt", "Why?", 4);
        record_set_field(&record, "response", "Because.", 8);
        store_rig_ok(rig, store_add_record(rig->store, &record, true, NULL, &rig->err));
        record_clear(&record);
    }
    *state = rig;
    return 0;
}

static int end(void **state)
{
    store_rig_end(*state);
    free(*state);
    return 0;
}

/* An answer that took so long, the number-th of all. */
static void answer(struct store_rig *rig, int number, int rating, int64_t took_ms,
                   int64_t paused_ms)
{
    struct id id = id_of(number);
    struct response response = {.status = RESPONSE_SUBMITTED};
    response.viewing = (struct viewing){.shown_ms = number * 1000000,
                                        .answered_ms = number * 1000000 + took_ms,
                                        .paused_ms = paused_ms};
    values_set_rating(&response.values, "response-rating", rating);
    store_rig_ok(rig, store_put_response(rig->store, &id, &response, NULL, CHANGE_SUBMIT,
                                         0, &rig->err));
    response_clear(&response);
}

static void answer_again(struct store_rig *rig, int number, int rating)
{
    struct id id = id_of(number);
    struct response response = {.status = RESPONSE_SUBMITTED};
    values_set_rating(&response.values, "response-rating", rating);
    store_rig_ok(rig, store_put_again(rig->store, &id, &response, &rig->err));
    response_clear(&response);
}

static void on_stats(void *ctx, struct stats *stats, int64_t revision,
                     const struct err *err)
{
    (void)revision;
    assert_int_equal(err->code, STATUS_OK);
    *(struct stats **)ctx = stats;
}

static struct stats *load(struct store_rig *rig)
{
    struct stats *stats = NULL;
    struct dataset dataset = {0};
    store_rig_ok(rig, store_get_dataset(rig->store, rig->dataset, &dataset, &rig->err));
    store_load_stats(rig->store, &dataset, on_stats, &stats);
    dataset_clear(&dataset);
    while (!stats)
        loop_turn(rig->loop);
    return stats;
}

static void the_pace_is_of_looking_where_that_is_known(void **state)
{
    struct store_rig *rig = *state;
    answer(rig, 1, 4, 3000, 0);
    answer(rig, 2, 4, 5000, 0);
    answer(rig, 3, 4, 9000, 0);
    answer(rig, 4, 4, 200000, 190000); /* says nothing of the pace */
    struct stats *stats = load(rig);
    assert_int_equal(stats->people[0].median_ms, 5000);
    assert_int_equal(stats->people[0].spent_ms, 17000);
    assert_int_equal(stats->left_ms, 5000 * (RECORDS - 4));
    stats_free(stats);
}

static void a_second_answer_is_compared_and_counts_for_nothing_else(void **state)
{
    struct store_rig *rig = *state;
    double alpha = 0, wanted = 0;
    struct agreement *pair = agreement_new((const int[]){1, 2, 3, 4, 5}, 5);
    for (int i = 1; i <= 10; i++) {
        int second = i % 3 == 0 ? i % 5 + 1 : i % 4 + 1;
        answer(rig, i, i % 4 + 1, 3000, 0);
        answer_again(rig, i, second);
        agreement_put(pair, i, 0, i % 4 + 1);
        agreement_put(pair, i, 1, second);
    }
    struct stats *stats = load(rig);
    assert_true(agreement_alpha(pair, AGREEMENT_ORDINAL, &wanted));
    assert_true(agreement_alpha(stats->questions[0].self, AGREEMENT_ORDINAL, &alpha));
    assert_true(fabs(alpha - wanted) < 1e-12);
    assert_true(stats->questions[0].self_range.is_known);
    assert_true(stats->questions[0].self_range.low <= alpha);
    assert_int_equal(agreement_pairs(stats->questions[0].agreement).count, 0);
    assert_int_equal(stats->people[0].ratings.count, 10);
    assert_int_equal(stats->person_count, 1);
    stats_free(stats);
    agreement_free(pair);
    struct outbox_counts counts;
    store_count_outbox(rig->store, rig->dataset, &counts);
    assert_int_equal(counts.unsent, 0); /* of a local dataset */
}

static int64_t find(struct store_rig *rig, int64_t span, int64_t spread)
{
    int64_t row = 0;
    const struct again_wish wish = {rig->dataset, 30, span, spread};
    store_rig_ok(rig, store_find_again(rig->store, &wish, &row, &rig->err));
    return row;
}

static int64_t since(struct store_rig *rig)
{
    int64_t count = 0;
    store_rig_ok(rig,
                 store_count_since_again(rig->store, rig->dataset, 7, &count, &rig->err));
    return count;
}

static void only_what_is_thirty_answers_old_is_shown_again_and_once(void **state)
{
    struct store_rig *rig = *state;
    for (int i = 1; i <= 30; i++)
        answer(rig, i, 4, 3000, 0);
    assert_int_equal(find(rig, 5, 0), 0);
    assert_int_equal(since(rig), 7); /* as far as it counts */
    for (int i = 31; i <= 33; i++)
        answer(rig, i, 4, 3000, 0);
    int64_t row = find(rig, 5, 0);
    assert_true(row >= 1 && row <= 3);
    int64_t fifth = find(rig, 5, 1);
    assert_true(fifth >= 1 && fifth <= 3);
    assert_int_equal(find(rig, 1, 7), 3);
    struct record record = {0};
    store_rig_ok(rig, store_get_record_row(rig->store, row, &record, &rig->err));
    struct response response = {.status = RESPONSE_SUBMITTED};
    values_set_rating(&response.values, "response-rating", 2);
    store_rig_ok(rig, store_put_again(rig->store, &record.id, &response, &rig->err));
    response_clear(&response);
    record_clear(&record);
    for (int64_t spread = 0; spread < 6; spread++)
        assert_int_not_equal(find(rig, 5, spread), row);
}

static void undo_takes_a_second_answer_back_and_redo_brings_it(void **state)
{
    struct store_rig *rig = *state;
    struct undone undone;
    struct id id = id_of(1);
    answer(rig, 1, 4, 3000, 0);
    answer_again(rig, 1, 2);
    store_rig_ok(rig, store_undo(rig->store, rig->dataset, &undone, &rig->err));
    assert_true(undone.is_again);
    assert_string_equal(undone.what, "submit");
    assert_int_equal(values_find(&undone.response.values, "response-rating")->rating, 2);
    response_clear(&undone.response);
    struct stats *stats = load(rig);
    assert_int_equal(agreement_pairs(stats->questions[0].self).count, 0);
    stats_free(stats);
    store_rig_reopen(rig);
    store_rig_ok(rig, store_rig_redo_in(rig->store, rig->dataset, &undone, &rig->err));
    assert_true(undone.is_again);
    response_clear(&undone.response);
    stats = load(rig);
    assert_int_equal(agreement_pairs(stats->questions[0].self).count, 1);
    stats_free(stats);
    struct record record = {0};
    store_rig_ok(rig, store_get_record(rig->store, &id, &record, &rig->err));
    assert_int_equal(values_find(&record.response.values, "response-rating")->rating, 4);
    record_clear(&record);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        CASE(the_pace_is_of_looking_where_that_is_known),
        CASE(a_second_answer_is_compared_and_counts_for_nothing_else),
        CASE(only_what_is_thirty_answers_old_is_shown_again_and_once),
        CASE(undo_takes_a_second_answer_back_and_redo_brings_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
