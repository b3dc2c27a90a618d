/* SPDX-License-Identifier: MIT
 * The store: siblings, which of them was preferred, and the pairs that follow from picks
 * and ratings. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"

struct answers {
    struct store_rig rig;
    struct id ids[5];
    int64_t rows[5]; /* the first, three asked again from it, one of another prompt */
};

static struct id add(struct store_rig *rig, const char *prompt, const char *response,
                     const struct id *parent)
{
    struct record record;
    store_rig_fill(rig, &record, prompt, response, parent);
    return store_rig_keep(rig, &record);
}

static void add_answers(struct answers *answers)
{
    static const char *const texts[] = {"one", "two", "three", "four", "five"};
    for (int i = 0; i < 5; i++) {
        answers->ids[i] = add(&answers->rig, i < 4 ? "Why?" : "And then?", texts[i],
                              i ? &answers->ids[0] : NULL);
        answers->rows[i] = answers->rig.record_row;
    }
}

static int set_up(void **state)
{
    struct answers *answers = calloc(1, sizeof *answers);
    store_rig_start(&answers->rig);
    store_rig_put_dataset(&answers->rig, "langchain-dataset", "https://argilla.example");
    add_answers(answers);
    *state = answers;
    return 0;
}

static int set_up_faulty(void **state)
{
    struct answers *answers = calloc(1, sizeof *answers);
    fault_vfs_register();
    store_rig_start_closed(&answers->rig);
    answers->rig.vfs = "fault";
    store_rig_reopen(&answers->rig);
    store_rig_put_dataset(&answers->rig, "langchain-dataset", "");
    add_answers(answers);
    *state = answers;
    return 0;
}

static int tear_down(void **state)
{
    struct answers *answers = *state;
    store_rig_check(&answers->rig);
    store_rig_end(&answers->rig);
    free(answers);
    return 0;
}

/* Of answers a and b (and so on, as digits in the order shown), the chosen-th shown. */
static void pick(struct answers *answers, const char *shown, int chosen, int strength)
{
    struct pick one = {.chosen = chosen, .strength = strength, .seed = 42};
    for (; *shown; shown++)
        one.rows[one.count++] = answers->rows[*shown - '0'];
    store_rig_ok(&answers->rig,
                 store_put_pick(answers->rig.store, &one, &answers->rig.err));
}

struct said {
    struct answers *answers;
    char text[200];
};

static bool say_pair(void *ctx, const struct store_pair *pair)
{
    struct said *said = ctx;
    int better = -1, worse = -1;
    for (int i = 0; i < 5; i++) {
        if (said->answers->rows[i] == pair->chosen)
            better = i;
        if (said->answers->rows[i] == pair->rejected)
            worse = i;
    }
    size_t used = strlen(said->text);
    snprintf(said->text + used, sizeof said->text - used, "%s%d>%d%s%d", used ? " " : "",
             better, worse, pair->is_picked ? "p" : "r", (int)pair->margin);
    return true;
}

/* "0>1p2": answer 0 is better than 1 by a pick of strength 2. */
static void expect_pairs(struct answers *answers, const char *pairs)
{
    struct said said = {.answers = answers};
    store_rig_ok(&answers->rig,
                 store_each_pair(answers->rig.store, answers->rig.dataset, false, NULL,
                                 say_pair, &said, &answers->rig.err));
    assert_string_equal(said.text, pairs);
}

static void rate(struct answers *answers, int index, int rating)
{
    store_rig_put(&answers->rig, &answers->ids[index], RESPONSE_SUBMITTED, rating, NULL,
                  CHANGE_SUBMIT, 0);
}

static size_t siblings(struct answers *answers, int index, size_t max, int64_t *first)
{
    int64_t *rows;
    size_t count;
    store_rig_ok(&answers->rig,
                 store_list_siblings(answers->rig.store, answers->rows[index], max, &rows,
                                     &count, &answers->rig.err));
    for (size_t i = 1; i < count; i++)
        assert_true(rows[i - 1] < rows[i]);
    *first = rows[0];
    free(rows);
    return count;
}

/* ---- siblings ---- */

static void answers_to_one_prompt_are_siblings_from_wherever_one_looks(void **state)
{
    struct answers *answers = *state;
    int64_t first;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(siblings(answers, i, 99, &first), 4);
        assert_int_equal(first, answers->rows[0]);
    }
    assert_int_equal(siblings(answers, 4, 99, &first), 1); /* another prompt */
    assert_int_equal(first, answers->rows[4]);
    assert_int_equal(siblings(answers, 0, 2, &first), 2); /* itself and the newest */
    assert_int_equal(first, answers->rows[0]);
}

static void answers_in_another_dataset_are_no_siblings(void **state)
{
    struct answers *answers = *state;
    int64_t first, here = answers->rig.dataset;
    store_rig_put_dataset(&answers->rig, "other", "");
    add(&answers->rig, "Why?", "elsewhere", &answers->ids[0]);
    assert_int_equal(siblings(answers, 0, 99, &first), 4);
    answers->rig.dataset = here;
}

/* ---- picks ---- */

static void a_pick_is_kept_with_its_order_and_its_seed(void **state)
{
    struct answers *answers = *state;
    struct pick found;
    pick(answers, "2013", 1, 0);
    store_rig_reopen(&answers->rig);
    const int64_t *rows = answers->rows;
    assert_int_equal(
        store_get_pick(answers->rig.store, rows, 4, &found, &answers->rig.err),
        STATUS_OK);
    assert_int_equal(found.count, 4);
    assert_int_equal(found.rows[0], rows[2]);
    assert_int_equal(found.rows[found.chosen], rows[0]);
    assert_int_equal(found.seed, 42);
    store_get_pick(answers->rig.store, rows, 3, &found, NULL);
    assert_int_equal(found.count, 0); /* of exactly these there is none */
}

static void a_pick_is_undone_and_redone_after_a_restart_and_the_answers_stay(void **state)
{
    struct answers *answers = *state;
    rate(answers, 0, 2);
    pick(answers, "10", 0, 3);
    rate(answers, 2, 5);
    store_rig_reopen(&answers->rig);
    assert_int_equal(store_rig_undo(&answers->rig), STATUS_OK);
    assert_string_equal(answers->rig.undone.what, "submit");
    assert_int_equal(store_rig_undo(&answers->rig), STATUS_OK);
    assert_string_equal(answers->rig.undone.what, "pick");
    assert_int_equal(answers->rig.undone.record_row, answers->rows[1]);
    expect_pairs(answers, "");
    store_rig_expect(&answers->rig, &answers->ids[0], RESPONSE_SUBMITTED, 2, NULL);
    store_rig_reopen(&answers->rig);
    assert_int_equal(store_rig_redo(&answers->rig), STATUS_OK);
    assert_string_equal(answers->rig.undone.what, "pick");
    expect_pairs(answers, "1>0p3");
    assert_int_equal(store_rig_redo(&answers->rig), STATUS_OK);
    store_rig_expect(&answers->rig, &answers->ids[2], RESPONSE_SUBMITTED, 5, NULL);
}

static void a_rating_keeps_no_pick_from_being_undone(void **state)
{
    struct answers *answers = *state;
    rate(answers, 1, 4);
    pick(answers, "10", 0, 0);
    assert_int_equal(store_rig_undo(&answers->rig), STATUS_OK);
    assert_string_equal(answers->rig.undone.what, "pick");
    assert_int_equal(answers->rig.undone.response.status, RESPONSE_SUBMITTED);
    store_rig_expect(&answers->rig, &answers->ids[1], RESPONSE_SUBMITTED, 4, NULL);
    assert_int_equal(store_rig_redo(&answers->rig), STATUS_OK);
    expect_pairs(answers, "1>0p0");
    store_rig_expect(&answers->rig, &answers->ids[1], RESPONSE_SUBMITTED, 4, NULL);
}

static void a_pick_sends_nothing_and_is_seen_by_others(void **state)
{
    struct answers *answers = *state;
    struct outbox_counts before, after;
    store_count_outbox(answers->rig.store, 0, &before);
    int64_t revision = store_revision(answers->rig.store, answers->rig.dataset);
    pick(answers, "01", 0, 0);
    store_count_outbox(answers->rig.store, 0, &after);
    assert_int_equal(before.unsent, after.unsent);
    assert_true(store_revision(answers->rig.store, answers->rig.dataset) > revision);
}

static void a_pick_that_the_disk_refuses_leaves_nothing_behind(void **state)
{
    struct answers *answers = *state;
    const struct pick one = {.rows = {answers->rows[0], answers->rows[1]}, .count = 2};
    fault_vfs_arm(FAULT_WRITE, 1, true);
    enum status status = store_put_pick(answers->rig.store, &one, &answers->rig.err);
    fault_vfs_arm(0, 0, false);
    assert_true(status != STATUS_OK);
    assert_int_equal(store_rig_number(&answers->rig, "SELECT count(*) FROM event"), 0);
    err_clear(&answers->rig.err);
    expect_pairs(answers, "");
    pick(answers, "01", 0, 0);
    expect_pairs(answers, "0>1p0");
}

static void picks_of_records_that_are_dropped_go_with_them(void **state)
{
    struct answers *answers = *state;
    struct gone_counts count;
    pick(answers, "0123", 2, 0);
    pick(answers, "13", 0, 0);
    pick(answers, "12", 0, 0);
    /* the second answer: chosen once, chosen again, and not chosen */
    store_rig_number(&answers->rig,
                     "UPDATE record SET is_gone = 1 WHERE row = 2 RETURNING row");
    assert_int_equal(answers->rows[1], 2);
    store_rig_ok(&answers->rig, store_drop_gone(answers->rig.store, answers->rig.dataset,
                                                &count, &answers->rig.err));
    assert_int_equal(count.records, 1);
    expect_pairs(answers, "2>0p0 2>3p0");
}

/* ---- pairs ---- */

static void pairs_come_from_picks_then_from_ratings(void **state)
{
    struct answers *answers = *state;
    rate(answers, 0, 4);
    rate(answers, 1, 2);
    rate(answers, 2, 2);
    rate(answers, 4, 5); /* another prompt */
    expect_pairs(answers, "0>1r2 0>2r2");
    pick(answers, "312", 0, 0);
    expect_pairs(answers, "3>1p0 3>2p0 0>1r2 0>2r2");
    pick(answers, "10", 0, 2); /* against the ratings: what a person says of two wins */
    expect_pairs(answers, "3>1p0 3>2p0 1>0p2 0>2r2");
}

static void of_two_picks_of_the_same_two_the_later_counts(void **state)
{
    struct answers *answers = *state;
    pick(answers, "01", 0, 1);
    pick(answers, "0123", 1, 0);
    expect_pairs(answers, "1>0p0 1>2p0 1>3p0");
    pick(answers, "10", -1, 0); /* alike: no pair of these */
    expect_pairs(answers, "1>2p0 1>3p0");
    assert_int_equal(store_rig_undo(&answers->rig), STATUS_OK);
    expect_pairs(answers, "1>0p0 1>2p0 1>3p0");
    pick(answers, "023", 0, 0); /* says nothing of 2 and 3, nor of 1 */
    expect_pairs(answers, "1>0p0 1>2p0 1>3p0 0>2p0 0>3p0");
}

static void drafts_and_discarded_ratings_make_no_pair(void **state)
{
    struct answers *answers = *state;
    rate(answers, 0, 4);
    store_rig_put(&answers->rig, &answers->ids[1], RESPONSE_DRAFT, 1, NULL, CHANGE_RATE,
                  0);
    store_rig_put(&answers->rig, &answers->ids[2], RESPONSE_DISCARDED, 1, NULL,
                  CHANGE_DISCARD, 0);
    expect_pairs(answers, "");
}

static void the_last_pick_is_the_verdict_on_a_record(void **state)
{
    struct answers *answers = *state;
    enum verdict verdict;
    pick(answers, "01", 0, 0);
    pick(answers, "02", 1, 0);
    pick(answers, "03", -1, 0);
    static const enum verdict expected[] = {VERDICT_REJECTED, VERDICT_REJECTED,
                                            VERDICT_CHOSEN, VERDICT_NONE};
    for (int i = 0; i < 4; i++) {
        store_rig_ok(&answers->rig, store_get_verdict(answers->rig.store,
                                                      answers->rows[i], &verdict, NULL));
        assert_int_equal(verdict, expected[i]);
    }
}

/* ---- a snapshot ---- */

static void a_long_read_sees_one_moment(void **state)
{
    struct answers *answers = *state;
    struct store *store = answers->rig.store;
    struct record record = {0};
    store_rig_ok(&answers->rig, store_begin_reading(store, &answers->rig.err));
    store_get_record_row(store, answers->rows[0], &record, NULL);
    store_rig_number(&answers->rig, "UPDATE field SET text = 'new' RETURNING 1");
    store_get_record_row(store, answers->rows[1], &record, NULL);
    assert_string_equal(record_field(&record, "response")->text, "two");
    store_end_reading(store);
    store_get_record_row(store, answers->rows[1], &record, NULL);
    assert_string_equal(record_field(&record, "response")->text, "new");
    pick(answers, "01", 0, 0); /* and it can be written again */
    record_clear(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            answers_to_one_prompt_are_siblings_from_wherever_one_looks, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(answers_in_another_dataset_are_no_siblings,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pick_is_kept_with_its_order_and_its_seed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_pick_is_undone_and_redone_after_a_restart_and_the_answers_stay, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(a_rating_keeps_no_pick_from_being_undone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_pick_sends_nothing_and_is_seen_by_others,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_pick_that_the_disk_refuses_leaves_nothing_behind, set_up_faulty, tear_down),
        cmocka_unit_test_setup_teardown(picks_of_records_that_are_dropped_go_with_them,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(pairs_come_from_picks_then_from_ratings, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(of_two_picks_of_the_same_two_the_later_counts,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(drafts_and_discarded_ratings_make_no_pair, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_last_pick_is_the_verdict_on_a_record, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_long_read_sees_one_moment, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
