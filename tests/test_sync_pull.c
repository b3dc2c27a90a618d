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

#include "tests/support/fake_argilla.h"
#include "tests/support/sync_rig.h"
#include "json/json.h"

#define JSON_HEAD "Content-Type: application/json\r\n"

struct bench {
    struct fake_argilla *fake;
    struct sync_rig rig;
};

static int set_up_version(void **state, const char *version)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->fake = fake_argilla_new(version);
    sync_rig_start(&bench->rig, fake_argilla_url(bench->fake), "guide");
    *state = bench;
    return 0;
}

static int set_up(void **state)
{
    return set_up_version(state, "2.8.0");
}

static int set_up_old(void **state)
{
    return set_up_version(state, "1.29.1");
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    sync_rig_end(&bench->rig);
    fake_argilla_free(bench->fake);
    free(bench);
    return 0;
}

/* ---- what the server has ---- */

static json_t *find_on_server(json_t *whole, const struct id *id)
{
    char text[ID_TEXT];
    id_format(id, text);
    size_t i;
    json_t *record, *found = NULL;
    json_array_foreach(json_object_get(whole, "records"), i, record)
    {
        const char *external_id = json_get_text(record, "external_id", NULL);
        if (!external_id || strcmp(external_id, text) != 0)
            continue;
        assert_null(found); /* twice */
        found = record;
    }
    return found;
}

/* status NULL: the record is there, without an answer of ours. */
static void assert_on_server(struct bench *bench, const struct id *id, const char *status,
                             int rating)
{
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    const json_t *record = find_on_server(whole, id);
    assert_non_null(record);
    const json_t *responses = json_object_get(record, "responses");
    assert_int_equal(json_array_size(responses), status ? 1 : 0);
    const json_t *response = json_array_get(responses, 0);
    const json_t *values = json_object_get(response, "values");
    const json_t *value = json_object_get(values, "response-rating");
    if (status)
        assert_string_equal(json_get_text(response, "status", NULL), status);
    assert_int_equal(json_integer_value(json_object_get(value, "value")), rating);
    json_decref(whole);
}

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

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define CASE_OLD(name)                                                                   \
    {                                                                                    \
#name "_on_1_29", name, set_up_old, tear_down, NULL                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pull_brings_records_and_answers),
        CASE_OLD(pull_brings_records_and_answers),
        CASE(pull_finds_our_own_records),
        CASE(pull_takes_what_was_answered_elsewhere),
        CASE(pull_leaves_unsent_answers_alone),
        CASE(page_read_before_a_push_changes_nothing),
        CASE(pull_goes_on_after_the_server_was_away),
        CASE_OLD(pull_goes_on_after_the_server_was_away),
    };
    return cmocka_run_group_tests_name("sync_pull", tests, NULL, NULL);
}
