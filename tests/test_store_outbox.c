/* SPDX-License-Identifier: MIT
 * The store: what waits for the server, and moving a local dataset to one. */
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
#include "tests/support/store_rig.h"

#define SERVER "https://argilla.example"

/* The counts are kept by triggers: whatever a test did, they must be what counting gives.
 */
static void check_counts(struct store_rig *rig)
{
    assert_int_equal(
        store_rig_number(
            rig, "SELECT count(*) FROM outbox_count c WHERE unsent <>"
                 " (SELECT count(*) FROM (SELECT 1 FROM outbox o WHERE o.dataset ="
                 " c.dataset GROUP BY record HAVING max(is_refused) = 0 AND"
                 " max(is_clash) = 0)) OR clashes <> (SELECT count(*) FROM (SELECT 1"
                 " FROM outbox o WHERE o.dataset = c.dataset GROUP BY record"
                 " HAVING max(is_clash) = 1)) OR refused <>"
                 " (SELECT count(*) FROM (SELECT 1 FROM outbox o WHERE o.dataset ="
                 " c.dataset GROUP BY record HAVING max(is_refused) = 1))"),
        0);
}

static int tear_down(void **state)
{
    check_counts(*state);
    store_rig_check(*state);
    store_rig_end(*state);
    free(*state);
    return 0;
}

static void expect_counts(struct store_rig *rig, size_t unsent, size_t refused)
{
    struct outbox_counts counts;
    store_count_outbox(rig->store, rig->dataset, &counts);
    assert_int_equal(counts.unsent, unsent);
    assert_int_equal(counts.refused, refused);
}

/* The due items; at most 8. last_error is dropped. */
static size_t list(struct store_rig *rig, enum outbox_kind kind, struct outbox_item *out)
{
    const struct outbox_query query = {.dataset_row = rig->dataset,
                                       .kind = kind,
                                       .is_due = true,
                                       .now_ms = rig->now_ms,
                                       .max = 8};
    struct outbox_item *items;
    size_t count;
    assert_int_equal(store_list_outbox(rig->store, &query, &items, &count, NULL),
                     STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        out[i] = items[i];
        out[i].last_error = NULL;
        outbox_item_clear(&items[i]);
    }
    free(items);
    return count;
}

static struct outcome outcome_of(const struct outbox_item *item, const char *remote_id)
{
    return (struct outcome){.item = item->kind,
                            .record = item->record,
                            .version = item->version,
                            .remote_id = remote_id};
}

static void settle(struct store_rig *rig, const struct outcome *outcome)
{
    store_rig_ok(rig, store_settle_outbox(rig->store, outcome, 1, &rig->err));
}

static void a_record_goes_first_and_its_response_after_it(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id id = store_rig_add(rig, "a", "1");
    expect_counts(rig, 1, 0);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    expect_counts(rig, 1, 0);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    const struct outcome sent = outcome_of(&items[0], "remote-1");
    settle(rig, &sent);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 0);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    expect_counts(rig, 1, 0);
    struct record record = {0};
    store_get_record(rig->store, &id, &record, NULL);
    assert_string_equal(record.remote_id, "remote-1");
    record_clear(&record);
    const struct outcome answered = outcome_of(&items[0], NULL);
    settle(rig, &answered);
    expect_counts(rig, 0, 0);
}

static void a_change_during_the_send_is_kept(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id id = store_rig_add(rig, "a", "1");
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    const struct outcome record = outcome_of(&items[0], "remote-1");
    settle(rig, &record);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 4, NULL, CHANGE_RATE, 0);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    const struct outcome sent = outcome_of(&items[0], NULL);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 5, NULL, CHANGE_RATE, 0);
    settle(rig, &sent);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    assert_true(items[0].version > sent.version);
    const struct outcome again = outcome_of(&items[0], NULL);
    settle(rig, &again);
    expect_counts(rig, 0, 0);
    /* A version never comes again, not even after the box was empty. */
    store_rig_put(rig, &id, RESPONSE_DRAFT, 1, NULL, CHANGE_RATE, 0);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    assert_true(items[0].version > again.version);
    settle(rig, &again);
    expect_counts(rig, 1, 0);
}

static void a_refused_item_is_set_aside_until_told_or_changed(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id bad = store_rig_add(rig, "bad", "1");
    store_rig_add(rig, "good", "2");
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 2);
    assert_true(id_equal(&items[0].record, &bad));
    struct outcome refused = outcome_of(&items[0], NULL);
    refused.kind = OUTCOME_REFUSED;
    refused.error = "The server says no.";
    settle(rig, &refused);
    expect_counts(rig, 1, 1);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);

    struct outbox_item *all;
    size_t count;
    const struct outbox_query query = {.kind = OUTBOX_RECORD, .max = 9};
    store_list_outbox(rig->store, &query, &all, &count, NULL);
    assert_int_equal(count, 2);
    assert_true(all[0].is_refused);
    assert_string_equal(all[0].last_error, "The server says no.");
    assert_int_equal(all[0].attempts, 1);
    outbox_item_clear(&all[0]);
    outbox_item_clear(&all[1]);
    free(all);

    store_rig_ok(rig, store_retry_refused(rig->store, rig->dataset, &rig->err));
    expect_counts(rig, 2, 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 2);
    settle(rig, &refused);
    expect_counts(rig, 1, 1);
    store_rig_put(rig, &bad, RESPONSE_SUBMITTED, 1, NULL, CHANGE_SUBMIT, 0);
    expect_counts(rig, 2, 0);
}

static void a_later_try_waits_for_its_time(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    store_rig_add(rig, "a", "1");
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    struct outcome later = outcome_of(&items[0], NULL);
    later.kind = OUTCOME_LATER;
    later.next_try_ms = rig->now_ms + 1000;
    later.error = "The server is busy.";
    settle(rig, &later);
    settle(rig, &later);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 0);
    expect_counts(rig, 1, 0);
    rig->now_ms += 1000;
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    assert_int_equal(items[0].attempts, 2);
}

static void a_change_cancels_the_waiting_time(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id id = store_rig_add(rig, "a", "1");
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    struct outcome later = outcome_of(&items[0], NULL);
    later.kind = OUTCOME_LATER;
    later.next_try_ms = rig->now_ms + 1000;
    settle(rig, &later);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 3, NULL, CHANGE_SUBMIT, 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    assert_int_equal(items[0].attempts, 0);
}

static void end_completion(struct store_rig *rig, const struct id *id,
                           enum completion_state state)
{
    struct completion completion;
    completion_init(&completion);
    completion.state = state;
    store_rig_ok(rig,
                 store_put_completion(rig->store, id, "text", 4, &completion, &rig->err));
    completion_clear(&completion);
}

static void a_completion_enters_when_it_is_done(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_start_completion(rig);
    expect_counts(rig, 0, 0);
    end_completion(rig, &id, COMPLETION_RUNNING);
    expect_counts(rig, 0, 0);
    end_completion(rig, &id, COMPLETION_DONE);
    expect_counts(rig, 1, 0);
}

static void a_cut_off_answer_enters_when_it_is_rated(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id id = store_rig_start_completion(rig);
    end_completion(rig, &id, COMPLETION_CUT);
    expect_counts(rig, 0, 0);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 2, NULL, CHANGE_RATE, 0);
    expect_counts(rig, 1, 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
}

static void an_answer_rated_while_it_streams_enters_at_its_end(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id id = store_rig_start_completion(rig);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 2, NULL, CHANGE_RATE, 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 0);
    end_completion(rig, &id, COMPLETION_CUT);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
}

static void a_rating_taken_back_before_anything_was_sent_leaves_nothing(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_start_completion(rig);
    store_rig_put(rig, &id, RESPONSE_DRAFT, 2, NULL, CHANGE_RATE, 0);
    expect_counts(rig, 1, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    expect_counts(rig, 0, 0);
}

/* ---- local datasets ---- */

static int64_t link_dataset(struct store_rig *rig, const char *remote_id)
{
    int64_t row = 0;
    store_rig_ok(rig, store_link_dataset(rig->store, rig->dataset, SERVER, "argilla",
                                         remote_id, &row, &rig->err));
    return row;
}

static void a_local_dataset_sends_nothing_until_it_is_linked(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    store_rig_put_dataset(rig, "mine", "");
    struct id a = store_rig_add(rig, "a", "1");
    store_rig_add(rig, "b", "2");
    struct id cut = store_rig_start_completion(rig),
              running = store_rig_start_completion(rig);
    end_completion(rig, &cut, COMPLETION_CUT);
    store_rig_put(rig, &a, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    expect_counts(rig, 0, 0);

    assert_int_equal(link_dataset(rig, "dataset-1"), rig->dataset);
    expect_counts(rig, 2, 0); /* neither the running one nor the cut one nobody rated */
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 2);
    assert_true(id_equal(&items[0].record, &a));
    const struct outcome sent = outcome_of(&items[0], "remote-1");
    settle(rig, &sent);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    end_completion(rig, &running, COMPLETION_DONE);
    expect_counts(rig, 3, 0);

    struct dataset dataset = {0};
    assert_int_equal(
        store_find_dataset(rig->store, SERVER, "argilla", "mine", &dataset, NULL),
        STATUS_OK);
    assert_string_equal(dataset.remote_id, "dataset-1");
    dataset_clear(&dataset);
    assert_int_equal(store_link_dataset(rig->store, rig->dataset, SERVER, "argilla",
                                        "dataset-1", NULL, &rig->err),
                     STATUS_REFUSED);
}

static void linking_to_a_dataset_that_is_known_moves_the_records_there(void **state)
{
    struct store_rig *rig = *state;
    int64_t there = rig->dataset;
    store_rig_add(rig, "old", "0");
    store_rig_put_dataset(rig, "langchain-dataset", "");
    assert_int_not_equal(rig->dataset, there);
    struct id a = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &a, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    assert_int_equal(link_dataset(rig, NULL), there);
    rig->dataset = there;
    expect_counts(rig, 2, 0);
    size_t count;
    free(store_rig_queue(rig, &count));
    assert_int_equal(count, 2);
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* the steps moved with them */
    store_rig_expect(rig, &a, RESPONSE_PENDING, 0, NULL);
    struct dataset dataset = {0};
    assert_int_equal(
        store_find_dataset(rig->store, "", NULL, "langchain-dataset", &dataset, NULL),
        STATUS_NOT_FOUND);
}

static int64_t put_with_remote_id(struct store_rig *rig, const char *remote_id,
                                  int64_t *replaced)
{
    struct dataset dataset = {0};
    int64_t row = 0;
    dataset_init_guide(&dataset, "langchain-dataset", "argilla", SERVER);
    dataset.remote_id = xstrdup_or_null(remote_id);
    store_rig_ok(rig, store_put_dataset(rig->store, &dataset, &row, replaced, &rig->err));
    dataset_clear(&dataset);
    return row;
}

static void send_all(struct store_rig *rig, const char *remote_id)
{
    struct outbox_item items[8];
    for (int kind = OUTBOX_RECORD; kind <= OUTBOX_RESPONSE; kind++) {
        assert_int_equal(list(rig, (enum outbox_kind)kind, items), 1);
        const struct outcome sent = outcome_of(&items[0], remote_id);
        settle(rig, &sent);
    }
}

static void
a_dataset_made_anew_on_the_server_gets_nothing_of_the_old_unasked(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    int64_t old = rig->dataset, replaced = 0;
    assert_int_equal(put_with_remote_id(rig, "first", NULL), old);
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    send_all(rig, "remote-1");
    struct id unsent = store_rig_add(rig, "b", "2");
    /* Opened without the server: nothing is known. */
    assert_int_equal(put_with_remote_id(rig, NULL, &replaced), old);
    assert_int_equal(put_with_remote_id(rig, "first", &replaced), old);
    assert_int_equal(replaced, 0);

    rig->dataset = put_with_remote_id(rig, "second", &replaced);
    assert_int_not_equal(rig->dataset, old);
    assert_int_equal(replaced, old);
    expect_counts(rig, 0, 0);
    assert_int_equal(put_with_remote_id(rig, "second", &replaced), rig->dataset);
    assert_int_equal(replaced, 0);
    struct dataset dataset = {0};
    assert_int_equal(store_find_dataset(rig->store, SERVER, "argilla",
                                        "langchain-dataset", &dataset, NULL),
                     STATUS_OK);
    assert_int_equal(dataset.row, rig->dataset);
    dataset_clear(&dataset);
    /* What waits for the old one is not due, not even when all datasets are asked for. */
    const struct outbox_query query = {
        .kind = OUTBOX_RECORD, .is_due = true, .now_ms = rig->now_ms, .max = 8};
    struct outbox_item *all;
    size_t count;
    assert_int_equal(store_list_outbox(rig->store, &query, &all, &count, NULL),
                     STATUS_OK);
    assert_int_equal(count, 0);
    free(all);

    /* Asked for, all of it goes there as new. */
    store_rig_ok(rig,
                 store_move_records(rig->store, old, rig->dataset, &count, &rig->err));
    assert_int_equal(count, 2);
    expect_counts(rig, 2, 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 2);
    assert_true(id_equal(&items[0].record, &id));
    assert_true(id_equal(&items[1].record, &unsent));
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 0);
    const struct outcome sent = {.item = OUTBOX_RECORD,
                                 .record = id,
                                 .version = items[0].version,
                                 .remote_id = "remote-2"};
    settle(rig, &sent);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* the steps moved with them */
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
    assert_int_equal(store_get_dataset(rig->store, old, &dataset, &rig->err),
                     STATUS_NOT_FOUND);
}

static int64_t put_at(struct store_rig *rig, const char *server, const char *workspace,
                      const char *name, const char *remote_id)
{
    struct dataset dataset = {0};
    int64_t row = 0;
    dataset_init_guide(&dataset, name, workspace, server);
    dataset.remote_id = xstrdup_or_null(remote_id);
    store_rig_ok(rig, store_put_dataset(rig->store, &dataset, &row, NULL, &rig->err));
    dataset_clear(&dataset);
    return row;
}

static void a_dataset_is_the_server_s_id_whatever_the_way_to_it(void **state)
{
    struct store_rig *rig = *state;
    struct dataset dataset = {0};
    int64_t row = put_at(rig, "http://localhost:6900", "argilla", "d", "id-1");
    assert_int_equal(put_at(rig, "http://127.0.0.1:6900", "argilla", "d", "id-1"), row);
    assert_int_equal(put_at(rig, "http://127.0.0.1:6900", "team", "renamed", "id-1"),
                     row);
    store_rig_ok(rig, store_get_dataset(rig->store, row, &dataset, &rig->err));
    assert_string_equal(dataset.server, "http://127.0.0.1:6900");
    assert_string_equal(dataset.workspace, "team");
    assert_string_equal(dataset.name, "renamed");
    dataset_clear(&dataset);

    /* Opened under another address without the server, and answered there. */
    rig->dataset = put_at(rig, "http://argilla.lan", NULL, "renamed", NULL);
    assert_int_not_equal(rig->dataset, row);
    struct id id = store_rig_add(rig, "a", "1");
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    int64_t stranded = rig->dataset, since = store_revision(rig->store, row);
    assert_int_equal(put_at(rig, "http://argilla.lan", "team", "renamed", "id-1"), row);
    assert_int_equal(store_get_dataset(rig->store, stranded, &dataset, &rig->err),
                     STATUS_NOT_FOUND);
    rig->dataset = row;
    expect_counts(rig, 1, 0);
    assert_true(store_revision(rig->store, row) > since);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    store_rig_expect(rig, &id, RESPONSE_PENDING, 0, NULL);
}

static void a_local_dataset_linked_to_one_made_anew_leaves_the_old_alone(void **state)
{
    struct store_rig *rig = *state;
    int64_t old = put_at(rig, SERVER, "argilla", "langchain-dataset", "id-1");
    assert_int_equal(old, rig->dataset);
    store_rig_add(rig, "old", "0");
    store_rig_put_dataset(rig, "langchain-dataset", "");
    int64_t local = rig->dataset;
    store_rig_add(rig, "mine", "1");
    assert_int_equal(link_dataset(rig, "id-2"), local);
    expect_counts(rig, 1, 0);
    struct dataset found = {0};
    assert_int_equal(store_find_dataset(rig->store, SERVER, "argilla",
                                        "langchain-dataset", &found, NULL),
                     STATUS_OK);
    assert_int_equal(found.row, local);
    dataset_clear(&found);
    rig->dataset = old;
    size_t count;
    free(store_rig_queue(rig, &count));
    assert_int_equal(count, 1);
    /* And one that the store has is met by its id, whatever it is called there. */
    rig->dataset = put_at(rig, "", "local", "other", NULL);
    store_rig_add(rig, "mine too", "2");
    assert_int_equal(link_dataset(rig, "id-2"), local);
    rig->dataset = local;
    expect_counts(rig, 2, 0);
}

static void a_dataset_that_is_gone_comes_after_one_that_is_there(void **state)
{
    struct store_rig *rig = *state;
    struct dataset found = {0};
    int64_t old = put_at(rig, SERVER, "argilla", "d", "id-1");
    store_rig_ok(rig, store_mark_dataset(rig->store, old, true, &rig->err));
    assert_int_equal(store_find_dataset(rig->store, SERVER, NULL, "d", &found, NULL),
                     STATUS_OK);
    assert_int_equal(found.row, old); /* there is no other */
    assert_true(found.is_gone);
    int64_t anew = put_at(rig, SERVER, "argilla", "d", "id-2");
    assert_int_not_equal(anew, old);
    store_find_dataset(rig->store, SERVER, NULL, "d", &found, NULL);
    assert_int_equal(found.row, anew);
    assert_false(found.is_gone);
    store_rig_ok(rig, store_mark_dataset(rig->store, anew, true, &rig->err));
    store_find_dataset(rig->store, SERVER, NULL, "d", &found, NULL);
    assert_int_equal(found.row, anew); /* the last that there was */
    store_rig_ok(rig, store_mark_dataset(rig->store, old, false, &rig->err));
    store_find_dataset(rig->store, SERVER, NULL, "d", &found, NULL);
    assert_int_equal(found.row, old);
    dataset_clear(&found);
}

static void a_move_that_cannot_be_is_a_sentence_and_changes_nothing(void **state)
{
    struct store_rig *rig = *state;
    size_t count = 9;
    store_rig_add(rig, "a", "1");
    assert_int_equal(
        store_move_records(rig->store, rig->dataset, rig->dataset, &count, &rig->err),
        STATUS_USAGE);
    err_clear(&rig->err);
    assert_int_equal(
        store_move_records(rig->store, rig->dataset, 4711, &count, &rig->err),
        STATUS_NOT_FOUND);
    assert_non_null(strstr(rig->err.text, "4711"));
    assert_int_equal(count, 0);
    assert_int_equal(
        store_move_records(rig->store, 4711, rig->dataset, &count, &rig->err),
        STATUS_NOT_FOUND);
    expect_counts(rig, 1, 0);
}

/* The server would take both for one: by the external id, or ours where there is none. */
static void what_the_other_dataset_has_too_is_not_moved(void **state)
{
    struct store_rig *rig = *state;
    const struct id id = store_rig_add(rig, "a", "1");
    struct record copy = {0};
    size_t count = 9, added;
    const int64_t here = put_at(rig, SERVER, "argilla", "langchain-dataset", "id-1");
    const int64_t there = put_at(rig, "", "local", "copy", NULL);
    store_get_record(rig->store, &id, &copy, NULL);
    copy.dataset_row = there;
    store_rig_ok(rig, store_import_records(rig->store, &copy, 1, &added, &rig->err));
    assert_int_equal(added, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_move_records(rig->store, i ? here : there,
                                            i ? there : here, &count, &rig->err),
                         STATUS_REFUSED);
        assert_non_null(strstr(rig->err.text, "has 1 of these records already"));
        assert_non_null(strstr(rig->err.text, i ? "copy" : "langchain-dataset"));
        assert_int_equal(count, 0);
        err_clear(&rig->err);
    }
    expect_counts(rig, 1, 0);
    assert_int_equal(
        store_link_dataset(rig->store, there, SERVER, "argilla", "id-1", NULL, &rig->err),
        STATUS_REFUSED);
    err_clear(&rig->err);
    /* What it is told to do instead finds them, too. */
    record_clear(&copy);
    store_get_record_row(rig->store, 2, &copy, NULL);
    copy.dataset_row = here;
    store_rig_ok(rig, store_import_records(rig->store, &copy, 1, &added, &rig->err));
    assert_int_equal(added, 0);
    record_clear(&copy);
}

static void what_was_pulled_goes_with_a_move_as_new(void **state)
{
    struct store_rig *rig = *state;
    struct record record = {.remote_id = xstrdup("r-1"), .external_id = xstrdup("row-1")};
    struct outbox_item items[8];
    struct record back = {0};
    int64_t pull, from = rig->dataset;
    record_set_field(&record, "prompt", "p", 1);
    record_set_field(&record, "response", "r", 1);
    record.response.status = RESPONSE_DISCARDED;
    store_rig_ok(rig, store_begin_pull(rig->store, &pull, &rig->err));
    store_rig_ok(rig,
                 store_apply_pull(rig->store, from, pull, &record, 1, NULL, &rig->err));
    rig->dataset = put_at(rig, "https://other.example", "argilla", "d", "id-9");
    store_rig_ok(rig,
                 store_move_records(rig->store, from, rig->dataset, NULL, &rig->err));
    expect_counts(rig, 1, 0);
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 1);
    store_get_record_row(rig->store, 1, &back, NULL);
    assert_null(back.remote_id);
    assert_string_equal(back.external_id, "row-1");
    assert_int_equal(back.response.status, RESPONSE_DISCARDED);
    const struct outcome sent = outcome_of(&items[0], "r-new");
    settle(rig, &sent);
    assert_int_equal(list(rig, OUTBOX_RESPONSE, items), 1);
    record_clear(&record);
    record_clear(&back);
}

static void what_is_set_aside_is_listed_first_then_the_oldest(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item items[8];
    struct id ids[4];
    for (int i = 0; i < 4; i++)
        ids[i] = store_rig_add(rig, "p", "r");
    assert_int_equal(list(rig, OUTBOX_RECORD, items), 4);
    struct outcome refused = outcome_of(&items[2], NULL);
    refused.kind = OUTCOME_REFUSED;
    settle(rig, &refused);
    for (int64_t dataset = 0; dataset <= rig->dataset; dataset += rig->dataset) {
        static const int order[] = {2, 0, 1};
        const struct outbox_query query = {
            .dataset_row = dataset, .kind = OUTBOX_RECORD, .max = 3};
        struct outbox_item *all;
        size_t count;
        assert_int_equal(store_list_outbox(rig->store, &query, &all, &count, NULL),
                         STATUS_OK);
        assert_int_equal(count, 3);
        for (size_t i = 0; i < count; i++) {
            assert_true(id_equal(&all[i].record, &ids[order[i]]));
            assert_int_equal(all[i].dataset_row, rig->dataset);
            assert_true(all[i].record_row > 0);
            outbox_item_clear(&all[i]);
        }
        free(all);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, store_rig_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_record_goes_first_and_its_response_after_it),
        CASE(a_change_during_the_send_is_kept),
        CASE(a_refused_item_is_set_aside_until_told_or_changed),
        CASE(a_later_try_waits_for_its_time),
        CASE(a_change_cancels_the_waiting_time),
        CASE(a_completion_enters_when_it_is_done),
        CASE(a_cut_off_answer_enters_when_it_is_rated),
        CASE(an_answer_rated_while_it_streams_enters_at_its_end),
        CASE(a_rating_taken_back_before_anything_was_sent_leaves_nothing),
        CASE(a_local_dataset_sends_nothing_until_it_is_linked),
        CASE(linking_to_a_dataset_that_is_known_moves_the_records_there),
        CASE(a_dataset_made_anew_on_the_server_gets_nothing_of_the_old_unasked),
        CASE(a_dataset_is_the_server_s_id_whatever_the_way_to_it),
        CASE(a_local_dataset_linked_to_one_made_anew_leaves_the_old_alone),
        CASE(a_dataset_that_is_gone_comes_after_one_that_is_there),
        CASE(a_move_that_cannot_be_is_a_sentence_and_changes_nothing),
        CASE(what_the_other_dataset_has_too_is_not_moved),
        CASE(what_was_pulled_goes_with_a_move_as_new),
        CASE(what_is_set_aside_is_listed_first_then_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
