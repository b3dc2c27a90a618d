/* SPDX-License-Identifier: MIT
 * The store: the user's changes, undo, redo, the event log. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "store/store_bulk.h"
#include "tests/support/store_rig.h"

static int64_t events(struct store_rig *rig)
{
    return store_rig_number(rig, "SELECT count(*) FROM event");
}

/* As after a successful send: nothing waits, the server has the record. */
static void settle_all(struct store_rig *rig, const char *remote_id)
{
    for (int kind = OUTBOX_RECORD; kind <= OUTBOX_RESPONSE; kind++) {
        const struct outbox_query query = {.kind = (enum outbox_kind)kind, .max = 99};
        struct outbox_item *items;
        size_t count;
        assert_int_equal(store_list_outbox(rig->store, &query, &items, &count, NULL),
                         STATUS_OK);
        for (size_t i = 0; i < count; i++) {
            const struct outcome outcome = {.item = items[i].kind,
                                            .record = items[i].record,
                                            .version = items[i].version,
                                            .remote_id =
                                                kind == OUTBOX_RECORD ? remote_id : NULL};
            store_rig_ok(rig, store_settle_outbox(rig->store, &outcome, 1, &rig->err));
            outbox_item_clear(&items[i]);
        }
        free(items);
    }
}

static size_t unsent(struct store_rig *rig)
{
    struct outbox_counts counts;
    store_count_outbox(rig->store, rig->dataset, &counts);
    return counts.unsent;
}

static void undo_and_redo_walk_over_every_kind_of_change(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_DRAFT, 3, NULL, CHANGE_RATE, 0);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 3, "hm", CHANGE_FEEDBACK, 1);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 3, "hm", CHANGE_SUBMIT, 0);
    store_rig_put(rig, &id, RESPONSE_DISCARDED, 3, "hm", CHANGE_DISCARD, 0);

    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "discard");
    assert_true(id_equal(&rig->undone.record, &id));
    assert_int_equal(rig->undone.response.status, RESPONSE_SUBMITTED);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 3, "hm");
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "submit");
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 3, "hm");
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "feedback");
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 3, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "rate");
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
    assert_int_equal(rig->undone.response.status, RESPONSE_PENDING);
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
    assert_string_equal(rig->err.text, "There is nothing to undo in this dataset.");

    for (int i = 0; i < 4; i++)
        assert_int_equal(store_rig_redo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "discard");
    store_rig_expect(rig, &id, RESPONSE_DISCARDED, 3, "hm");
    assert_int_equal(store_rig_redo(rig), STATUS_NOT_FOUND);
    assert_string_equal(rig->err.text, "There is nothing to redo in this dataset.");
    assert_int_equal(events(rig), 12);
}

static void undo_outlives_the_session(void **state)
{
    struct store_rig *rig = *state;
    struct id a = store_rig_add(rig, "a", "1"), b = store_rig_add(rig, "b", "2");
    store_rig_put(rig, &a, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_put(rig, &b, RESPONSE_SUBMITTED, 2, NULL, CHANGE_SUBMIT, 0);
    store_rig_reopen(rig);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_true(id_equal(&rig->undone.record, &b));
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_true(id_equal(&rig->undone.record, &a));
    store_rig_reopen(rig);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    store_rig_expect(rig, &a, RESPONSE_SUBMITTED, 4, NULL);
    store_rig_expect(rig, &b, RESPONSE_PENDING, 0, NULL);
}

static void a_change_after_an_undo_ends_redo(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_DRAFT, 1, NULL, CHANGE_RATE, 0);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 2, NULL, CHANGE_RATE, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 5, NULL, CHANGE_RATE, 0);
    assert_int_equal(store_rig_redo(rig), STATUS_NOT_FOUND);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 1, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
    assert_int_equal(events(rig), 6); /* nothing is ever taken out of the log */
}

/* What waits for a choice beside another's answer. */
static void what_is_aside_is_one_step_until_the_choice(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    struct response ours = {.status = RESPONSE_SUBMITTED};
    int64_t step = 0, first = 0;
    store_rig_put(rig, &id, RESPONSE_DRAFT, 3, NULL, CHANGE_RATE, 0);
    for (int rating = 4; rating <= 5; rating++) { /* the later in the former's place */
        values_set_rating(&ours.values, "response-rating", rating);
        store_rig_ok(rig, store_set_aside(rig->store, &id, &ours, &step, &rig->err));
        first = rating == 4 ? step : first;
        assert_int_equal(step, first);
    }
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 3, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* as after a kill */
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 5, NULL);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 3, NULL);

    store_rig_ok(rig, store_set_aside(rig->store, &id, NULL, &step, &rig->err));
    assert_int_equal(step, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* the one before */
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
    response_clear(&ours);
}

static void typing_in_one_edit_is_one_step(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, NULL, CHANGE_RATE, 0);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, "to", CHANGE_FEEDBACK, 7);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, "too l", CHANGE_FEEDBACK, 7);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, "too long", CHANGE_FEEDBACK, 7);
    assert_int_equal(events(rig), 2);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, "too long!", CHANGE_FEEDBACK, 8);
    assert_int_equal(events(rig), 3);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 4, "too long");
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 4, NULL);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_DRAFT, 4, "too long");
}

static void an_edit_does_not_join_over_another_step_or_record_or_session(void **state)
{
    struct store_rig *rig = *state;
    struct id a = store_rig_add(rig, "a", "1"), b = store_rig_add(rig, "b", "2");
    store_rig_put(rig, &a, RESPONSE_DRAFT, 0, "a", CHANGE_FEEDBACK, 1);
    store_rig_put(rig, &b, RESPONSE_DRAFT, 0, "b", CHANGE_FEEDBACK, 1);
    store_rig_put(rig, &a, RESPONSE_DRAFT, 0, "aa", CHANGE_FEEDBACK, 1);
    assert_int_equal(events(rig), 3);
    store_rig_put(rig, &a, RESPONSE_DRAFT, 2, "aa", CHANGE_RATE, 0);
    store_rig_put(rig, &a, RESPONSE_DRAFT, 2, "aaa", CHANGE_FEEDBACK, 1);
    assert_int_equal(events(rig), 5);
    store_rig_reopen(rig); /* edit numbers begin again in the next session */
    store_rig_put(rig, &a, RESPONSE_DRAFT, 2, "aaaa", CHANGE_FEEDBACK, 1);
    assert_int_equal(events(rig), 6);
    store_rig_put(rig, &a, RESPONSE_DRAFT, 2, "aaaaa", CHANGE_FEEDBACK, 0);
    store_rig_put(rig, &a, RESPONSE_DRAFT, 2, "aaaaaa", CHANGE_FEEDBACK, 0);
    assert_int_equal(events(rig), 8); /* 0 = joins nothing */
}

static void typing_that_comes_back_to_its_start_is_no_step(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, NULL, CHANGE_RATE, 0);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, "x", CHANGE_FEEDBACK, 1);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, NULL, CHANGE_FEEDBACK, 1);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "rate");
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
}

static void a_change_that_alters_nothing_writes_nothing(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_PENDING, 0, NULL, CHANGE_CLEAR, 0);
    store_rig_put(rig, &id, RESPONSE_PENDING, 5, "ignored", CHANGE_CLEAR, 0);
    assert_int_equal(events(rig), 0);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, "x", CHANGE_SUBMIT, 0);
    settle_all(rig, "r-1");
    rig->now_ms += 5000;
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, "x", CHANGE_SUBMIT, 0);
    assert_int_equal(events(rig), 1);
    assert_int_equal(unsent(rig), 0);
}

static void undo_of_a_sent_submit_asks_the_server_to_delete(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    settle_all(rig, "r-1");
    assert_int_equal(unsent(rig), 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
    assert_int_equal(unsent(rig), 1);
    const struct outbox_query query = {
        .dataset_row = rig->dataset, .kind = OUTBOX_RESPONSE, .is_due = true, .max = 9};
    struct outbox_item *items;
    size_t count;
    assert_int_equal(store_list_outbox(rig->store, &query, &items, &count, NULL),
                     STATUS_OK);
    assert_int_equal(count, 1);
    assert_true(id_equal(&items[0].record, &id));
    outbox_item_clear(&items[0]);
    free(items);
    settle_all(rig, NULL);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, NULL);
    assert_int_equal(unsent(rig), 1);
}

static void undo_stays_within_its_dataset(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    store_rig_put_dataset(rig, "other", "");
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, NULL);
}

static void a_response_given_with_its_record_can_be_undone(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.dataset_row = rig->dataset};
    id_random(&record.id);
    record_set_field(&record, "prompt", "p", 1);
    record_set_field(&record, "response", "r", 1);
    record.response.status = RESPONSE_SUBMITTED;
    values_set_rating(&record.response.values, "response-rating", 5);
    store_rig_ok(rig, store_add_record(rig->store, &record, true, NULL, &rig->err));
    store_rig_expect(rig, &record.id, RESPONSE_SUBMITTED, 5, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "submit");
    store_rig_expect(rig, &record.id, RESPONSE_PENDING, 0, NULL);
    record_clear(&record);
}

static void the_log_says_what_was_before_and_after(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_DRAFT, 3, NULL, CHANGE_RATE, 0);
    rig->now_ms += 1000;
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 3, NULL, CHANGE_SUBMIT, 0);
    store_rig_undo(rig);
    assert_int_equal(
        store_rig_number(rig, "SELECT count(*) FROM event WHERE number = 1 AND kind ="
                              " 'rate' AND before IS NULL AND json_extract(after,"
                              " '$.values.response-rating.value') = 3"),
        1);
    assert_int_equal(
        store_rig_number(rig, "SELECT count(*) FROM event WHERE number = 2 AND kind ="
                              " 'submit' AND before = (SELECT after FROM event WHERE"
                              " number = 1) AND at_ms = 1700000001000"),
        1);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM event WHERE number = 3"
                                           " AND kind = 'undo' AND of = 2"),
                     1);
}

static void a_change_to_a_record_that_is_not_there_is_a_sentence(void **state)
{
    struct store_rig *rig = *state;
    struct id id;
    struct response response = {.status = RESPONSE_DISCARDED};
    id_random(&id);
    assert_int_equal(store_put_response(rig->store, &id, &response, NULL, CHANGE_DISCARD,
                                        0, &rig->err),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(rig->err.text, "There is no record "));
    assert_int_equal(events(rig), 0);
}

/* ---- notes ---- */

static void note(struct store_rig *rig, const struct id *id, const char *text,
                 int64_t edit)
{
    store_rig_ok(rig,
                 store_note_record(rig->store, id, text, NULL, edit, NULL, &rig->err));
}

/* NULL = none. */
static void expect_note(struct store_rig *rig, const struct id *id, const char *text)
{
    struct record record = {0};
    size_t count;
    store_rig_ok(rig, store_get_record(rig->store, id, &record, &rig->err));
    if (text)
        assert_string_equal(record.note, text);
    else
        assert_null(record.note);
    struct queue_row *rows = store_rig_queue(rig, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].row == record.row)
            assert_int_equal(rows[i].flags & QUEUE_NOTED, text ? QUEUE_NOTED : 0);
    free(rows);
    record_clear(&record);
}

static void a_note_is_a_step_of_its_own_and_never_sent(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    settle_all(rig, "r-1");
    note(rig, &id, "a", 7);
    note(rig, &id, "ask K", 7);
    note(rig, &id, "ask\nKim", 7);
    expect_note(rig, &id, "ask\nKim");
    note(rig, &id, "tell Kim", 8);
    note(rig, &id, " \n", 9); /* a blank one is none */
    expect_note(rig, &id, NULL);
    assert_int_equal(unsent(rig), 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "note");
    assert_string_equal(rig->undone.question, "");
    expect_note(rig, &id, "tell Kim");
    store_rig_reopen(rig);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    expect_note(rig, &id, "ask\nKim");
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* all of one edit */
    expect_note(rig, &id, NULL);
    for (int i = 0; i < 2; i++)
        assert_int_equal(store_rig_redo(rig), STATUS_OK);
    expect_note(rig, &id, "tell Kim");
    assert_int_equal(unsent(rig), 0);
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "submit");
    expect_note(rig, &id, NULL);
}

/* True: over one that was not seen. */
static bool note_over(struct store_rig *rig, const struct id *id, const char *text,
                      const char *seen)
{
    bool is_over = false;
    store_rig_ok(rig,
                 store_note_record(rig->store, id, text, seen, 0, &is_over, &rig->err));
    return is_over;
}

static void a_note_over_one_that_was_not_seen_is_told_and_undo_has_it(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    assert_false(note_over(rig, &id, "mine", ""));
    assert_false(note_over(rig, &id, "theirs", "mine"));
    assert_false(note_over(rig, &id, "theirs", "mine")); /* both wrote the same */
    assert_true(note_over(rig, &id, "mine too", "mine"));
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    expect_note(rig, &id, "theirs");
    assert_true(note_over(rig, &id, "", ""));
    /* An undo that would overwrite what is not in the log is out of reach. */
    store_rig_number(rig, "UPDATE record SET note = 'other' RETURNING 1");
    assert_int_equal(store_rig_undo(rig), STATUS_CONFLICT);
    assert_string_equal(rig->err.text, "That was changed elsewhere since, and is not "
                                       "undone. Once more goes on with the change "
                                       "before.");
    err_clear(&rig->err);
    assert_int_equal(
        store_rig_number(rig, "SELECT count(*) FROM record WHERE note = 'other'"), 1);
}

static void a_deleted_record_takes_no_note_and_comes_back_with_its_own(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "a", "1");
    int64_t row = rig->record_row;
    struct bulk bulk = {0};
    note(rig, &id, "keep", 0);
    store_rig_ok(rig, store_put_bulk(rig->store, &bulk, &row, 1, true, &rig->err));
    assert_int_equal(store_note_record(rig->store, &id, "x", NULL, 0, NULL, &rig->err),
                     STATUS_REFUSED);
    assert_non_null(strstr(rig->err.text, "This record is deleted"));
    err_clear(&rig->err);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "delete");
    expect_note(rig, &id, "keep");
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, store_rig_set_up, store_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(undo_and_redo_walk_over_every_kind_of_change),
        CASE(undo_outlives_the_session),
        CASE(a_change_after_an_undo_ends_redo),
        CASE(what_is_aside_is_one_step_until_the_choice),
        CASE(typing_in_one_edit_is_one_step),
        CASE(an_edit_does_not_join_over_another_step_or_record_or_session),
        CASE(typing_that_comes_back_to_its_start_is_no_step),
        CASE(a_change_that_alters_nothing_writes_nothing),
        CASE(undo_of_a_sent_submit_asks_the_server_to_delete),
        CASE(undo_stays_within_its_dataset),
        CASE(a_response_given_with_its_record_can_be_undone),
        CASE(the_log_says_what_was_before_and_after),
        CASE(a_change_to_a_record_that_is_not_there_is_a_sentence),
        CASE(a_note_is_a_step_of_its_own_and_never_sent),
        CASE(a_note_over_one_that_was_not_seen_is_told_and_undo_has_it),
        CASE(a_deleted_record_takes_no_note_and_comes_back_with_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
