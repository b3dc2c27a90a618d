/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sync/sync.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sync_bench.h"

/* ---- pull ---- */

static void pull_brings_records_and_answers(void **state)
{
    struct bench *bench = *state;
    enum { COUNT = 450 };
    for (int i = 0; i < COUNT; i++) {
        char prompt[16];
        snprintf(prompt, sizeof prompt, "p%d", i);
        fake_argilla_add_record(bench->fake, "guide", prompt, "r");
    }
    fake_argilla_answer(bench->fake, "guide", 7, "submitted", 3);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_report(bench->rig.sync)->pulled, COUNT);
    assert_int_equal(sync_report(bench->rig.sync)->pull_total, COUNT);
    assert_true(bench->rig.new_records >= 1);
    /* again: nothing twice, nothing to send */
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    size_t count = 0;
    struct queue_row *rows = store_rig_queue(&bench->rig.store, &count);
    assert_int_equal(count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        char snippet[16], prompt[16];
        snprintf(prompt, sizeof prompt, "p%zu", i);
        assert_true(store_get_snippet(bench->rig.store.store, rows[i].row, snippet,
                                      sizeof snippet));
        assert_string_equal(snippet, prompt);
        assert_int_equal(rows[i].status, i == 7 ? RESPONSE_SUBMITTED : RESPONSE_PENDING);
    }
    free(rows);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
}

static void pull_finds_our_own_records(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    size_t count = 0;
    free(store_rig_queue(&bench->rig.store, &count));
    assert_int_equal(count, 1);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_SUBMITTED, 4, NULL);
}

static void pull_takes_what_was_answered_elsewhere(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_answer(bench->fake, "guide", 0, "discarded", 2);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_DISCARDED, 2, NULL);
}

static void pull_leaves_unsent_answers_alone(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_answer(bench->fake, "guide", 0, "submitted", 2);
    sync_rig_answer(&bench->rig, &id, RESPONSE_SUBMITTED, 5);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_SUBMITTED, 5, NULL);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 5);
}

/* The page says what was there before our answer was sent: it comes too late. */
static void page_read_before_a_push_changes_nothing(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_hold_search(bench->fake);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_pull(bench->rig.sync);
    /* the names of the questions, then the page */
    while (fake_server_count(fake_argilla_server(bench->fake)) < before + 2)
        loop_poll(bench->rig.store.loop);
    sync_rig_answer(&bench->rig, &id, RESPONSE_SUBMITTED, 5);
    sync_poke(bench->rig.sync, false);
    while (sync_rig_outbox(&bench->rig).unsent > 0)
        loop_turn(bench->rig.store.loop);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_SUBMITTED, 5, NULL);
    assert_on_server(bench, &id, "submitted", 5);
}

static void pull_goes_on_after_the_server_was_away(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 300; i++)
        fake_argilla_add_record(bench->fake, "guide", "p", "r");
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    fake_argilla_fail(bench->fake, 1, 502, JSON_HEAD, "{}");
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_WAITING);
    assert_true(sync_report(bench->rig.sync)->is_pulling);
    sync_rig_finish(&bench->rig, 2);
    size_t count = 0;
    free(store_rig_queue(&bench->rig.store, &count));
    assert_int_equal(count, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_CASE(pull_brings_records_and_answers),
        BENCH_CASE_OLD(pull_brings_records_and_answers),
        BENCH_CASE(pull_finds_our_own_records),
        BENCH_CASE(pull_takes_what_was_answered_elsewhere),
        BENCH_CASE(pull_leaves_unsent_answers_alone),
        BENCH_CASE(page_read_before_a_push_changes_nothing),
        BENCH_CASE(pull_goes_on_after_the_server_was_away),
        BENCH_CASE_OLD(pull_goes_on_after_the_server_was_away),
    };
    return cmocka_run_group_tests_name("sync_pull", tests, NULL, NULL);
}
