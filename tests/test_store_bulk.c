/* SPDX-License-Identifier: MIT
 * The store: one change to many records in slices, its undo, and deletion. */
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
#include "store/store_bulk.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"

#define MANY 12

static enum bulk_fate rate_four(void *ctx, const struct record *seen,
                                struct response *next)
{
    (void)ctx;
    const struct response *now = &seen->response;
    response_copy(next, now);
    values_set_rating(&next->values, "response-rating", 4);
    next->status = RESPONSE_DRAFT;
    return now->status == RESPONSE_DRAFT && values_equal(&next->values, &now->values)
               ? BULK_SAME
               : BULK_DONE;
}

static enum bulk_fate discard(void *ctx, const struct record *seen, struct response *next)
{
    (void)ctx;
    const struct response *now = &seen->response;
    response_copy(next, now);
    next->status = RESPONSE_DISCARDED;
    return now->status == RESPONSE_DISCARDED ? BULK_SAME : BULK_DONE;
}

/* MANY records; their ids and rows. */
static void add_many(struct store_rig *rig, struct id *ids, int64_t *rows)
{
    for (int i = 0; i < MANY; i++) {
        char prompt[16];
        snprintf(prompt, sizeof prompt, "prompt %d", i);
        ids[i] = store_rig_add(rig, prompt, "text");
        rows[i] = rig->record_row;
    }
}

static void put(struct store_rig *rig, struct bulk *bulk, const int64_t *rows,
                size_t count, bool is_last)
{
    err_clear(&rig->err);
    store_rig_ok(rig, store_put_bulk(rig->store, bulk, rows, count, is_last, &rig->err));
}

static void put_all(struct store_rig *rig, struct bulk *bulk, const int64_t *rows)
{
    for (size_t i = 0; i < MANY; i += 5)
        put(rig, bulk, rows + i, MANY - i < 5 ? MANY - i : 5, i + 5 >= MANY);
}

static int64_t leases(struct store_rig *rig)
{
    return store_rig_number(rig, "SELECT count(*) FROM lease");
}

static void slices_are_one_step(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four};
    add_many(rig, ids, rows);
    store_rig_put(rig, &ids[3], RESPONSE_DRAFT, 4, NULL, CHANGE_RATE, 0);
    store_rig_put(rig, &ids[4], RESPONSE_SUBMITTED, 2, "so", CHANGE_SUBMIT, 0);
    put_all(rig, &bulk, rows);
    assert_int_equal(bulk.counts[BULK_DONE], MANY - 1);
    assert_int_equal(bulk.counts[BULK_SAME], 1);
    assert_int_equal(leases(rig), 0);
    store_rig_put(rig, &ids[0], RESPONSE_DRAFT, 1, NULL, CHANGE_RATE, 0);

    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* the single one after it */
    assert_int_equal(rig->undone.count, 1);
    store_rig_expect(rig, &ids[0], RESPONSE_DRAFT, 4, NULL);
    store_rig_reopen(rig);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "rate");
    assert_int_equal(rig->undone.count, MANY - 1);
    store_rig_expect(rig, &ids[0], RESPONSE_PENDING, 0, NULL);
    store_rig_expect(rig, &ids[3], RESPONSE_DRAFT, 4, NULL);
    store_rig_expect(rig, &ids[4], RESPONSE_SUBMITTED, 2, "so");
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* the single one before it */
    assert_string_equal(rig->undone.what, "submit");
    store_rig_reopen(rig);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    assert_int_equal(rig->undone.count, MANY - 1);
    store_rig_expect(rig, &ids[4], RESPONSE_DRAFT, 4, "so");
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    store_rig_expect(rig, &ids[0], RESPONSE_DRAFT, 1, NULL);
    assert_int_equal(store_rig_redo(rig), STATUS_NOT_FOUND);
}

/* A millisecond goes by at each look at the clock. */
static int64_t tick(void *ctx)
{
    struct store_rig *rig = ctx;
    return rig->now_ms++;
}

static void a_slice_takes_what_fits_into_its_time(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four, .slice_ms = 4};
    struct undone undone = {0};
    struct walk walk = {.dataset_row = rig->dataset, .most = MANY, .slice_ms = 4};
    size_t at = 0;
    add_many(rig, ids, rows);
    rig->clock.mono_ms = tick;
    while (at < MANY) {
        put(rig, &bulk, rows + at, MANY - at, true);
        assert_true(bulk.taken >= 1 && bulk.taken <= 4);
        at += bulk.taken;
        assert_int_equal(leases(rig), at < MANY); /* it is whole at its end only */
    }
    assert_int_equal(bulk.counts[BULK_DONE], MANY);
    for (size_t left = MANY; left; left -= undone.count) {
        store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
        response_clear(&undone.response);
        assert_true(undone.count >= 1 && undone.count <= 4);
        walk.batch = undone.batch;
    }
    walk.is_redo = true; /* without a time, all of it */
    walk.slice_ms = 0;
    store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
    response_clear(&undone.response);
    assert_int_equal(undone.count, MANY);
}

static void a_trial_counts_and_writes_nothing(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct bulk bulk = {.kind = CHANGE_DISCARD, .change = discard, .is_trial = true};
    add_many(rig, ids, rows);
    int64_t events = store_rig_number(rig, "SELECT count(*) FROM event");
    put_all(rig, &bulk, rows);
    assert_int_equal(bulk.counts[BULK_DONE], MANY);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM event"), events);
    assert_int_equal(bulk.batch, 0);
    store_rig_expect(rig, &ids[0], RESPONSE_PENDING, 0, NULL);
}

static void what_cannot_be_answered_is_left_and_counted(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    enum meeting meeting;
    struct record record = {.dataset_row = rig->dataset};
    const struct response theirs = {.status = RESPONSE_DISCARDED};
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four};
    add_many(rig, ids, rows);
    /* running, failed, in a clash, deleted, never there */
    for (int i = 0; i < 2; i++) {
        enum claim claim;
        id_random(&record.id);
        completion_init(&record.completion);
        store_rig_ok(rig, store_claim_completion(rig->store, &record, &claim, &rig->err));
        rows[i] = record.row;
    }
    record.completion.state = COMPLETION_FAILED;
    store_rig_ok(rig, store_put_completion(rig->store, &record.id, "", 0,
                                           &record.completion, &rig->err));
    completion_clear(&record.completion);
    record_clear(&record);
    store_rig_put(rig, &ids[2], RESPONSE_DRAFT, 1, NULL, CHANGE_RATE, 0);
    store_rig_ok(rig, store_meet_response(rig->store, &ids[2], &theirs, NULL, &meeting,
                                          &rig->err));
    assert_int_equal(meeting, MEETING_CLASH);
    struct bulk deletion = {0};
    put(rig, &deletion, rows + 3, 1, true);
    rows[4] = 4711;

    put_all(rig, &bulk, rows);
    assert_int_equal(bulk.counts[BULK_STREAMING], 1);
    assert_int_equal(bulk.counts[BULK_FAILED], 1);
    assert_int_equal(bulk.counts[BULK_CLASH], 1);
    assert_int_equal(bulk.counts[BULK_ABSENT], 2);
    assert_int_equal(bulk.counts[BULK_DONE], MANY - 5);
    struct bulk away = {.kind = CHANGE_DISCARD, .change = discard};
    put_all(rig, &away, rows);
    assert_int_equal(away.counts[BULK_FAILED], 0); /* out of the way */
    assert_int_equal(away.counts[BULK_DONE], MANY - 4);
}

static void what_was_changed_since_is_not_undone_and_counted(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four};
    enum meeting meeting;
    const struct response theirs = {.status = RESPONSE_DISCARDED};
    add_many(rig, ids, rows);
    put_all(rig, &bulk, rows);
    /* sent, and then changed on the server */
    for (int i = 0; i < 2; i++) {
        struct response sent = {0};
        values_set_rating(&sent.values, "response-rating", 4);
        sent.status = RESPONSE_DRAFT;
        store_rig_ok(rig, store_meet_response(rig->store, &ids[i], &sent, NULL, &meeting,
                                              &rig->err));
        store_rig_ok(rig, store_meet_response(rig->store, &ids[i], &theirs, NULL,
                                              &meeting, &rig->err));
        assert_int_equal(meeting, MEETING_TAKEN);
        response_clear(&sent);
    }
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_int_equal(rig->undone.count, MANY - 2);
    assert_int_equal(rig->undone.missed, 2);
    store_rig_expect(rig, &ids[0], RESPONSE_DISCARDED, 0, NULL);
    store_rig_expect(rig, &ids[2], RESPONSE_PENDING, 0, NULL);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    assert_int_equal(rig->undone.count, MANY - 2);
}

/* As kill -9 leaves it, at every slice. */
static void one_that_was_cut_short_is_found_and_taken_back(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY], batch = 0;
    struct undone undone = {0};
    add_many(rig, ids, rows);
    for (size_t slices = 1; slices <= 4; slices++) {
        struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four};
        for (size_t i = 0; i < slices; i++)
            put(rig, &bulk, rows + 3 * i, 3, i == 3);
        store_rig_reopen(rig);
        store_rig_ok(rig,
                     store_find_cut_bulk(rig->store, rig->dataset, &batch, &rig->err));
        assert_int_equal(batch, slices == 4 ? 0 : bulk.batch);
        if (!batch) {
            assert_int_equal(store_rig_undo(rig), STATUS_OK);
            break;
        }
        /* and the taking back is cut short as well */
        struct walk walk = {.dataset_row = rig->dataset, .batch = batch, .most = 2};
        store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
        response_clear(&undone.response);
        assert_int_equal(undone.batch, batch);
        store_rig_reopen(rig);
        store_rig_ok(rig,
                     store_find_cut_bulk(rig->store, rig->dataset, &batch, &rig->err));
        assert_int_equal(batch, bulk.batch);
        while (walk.batch) {
            store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
            response_clear(&undone.response);
            walk.batch = undone.batch;
        }
        assert_int_equal(leases(rig), 0);
        for (int i = 0; i < MANY; i++)
            store_rig_expect(rig, &ids[i], RESPONSE_PENDING, 0, NULL);
        assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
    }
}

/* The server's page says what the bulk change had made, and comes between two parts of
 * its undo: what is taken back stays so, the rest is taken back too, and nothing clashes.
 */
static void a_page_comes_while_a_bulk_change_is_undone(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY], pull = 0;
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four};
    struct record page[MANY];
    struct outcome outcomes[MANY];
    struct outbox_counts counts;
    store_rig_put_dataset(rig, "there", "https://argilla.example");
    add_many(rig, ids, rows);
    for (int kind = OUTBOX_RECORD; kind <= OUTBOX_RESPONSE; kind++) {
        struct outbox_query query = {
            .dataset_row = rig->dataset, .kind = (enum outbox_kind)kind, .max = MANY};
        struct outbox_item *items = NULL;
        size_t count = 0;
        store_rig_ok(rig,
                     store_list_outbox(rig->store, &query, &items, &count, &rig->err));
        assert_int_equal(count, MANY);
        for (size_t i = 0; i < count; i++) {
            struct record *record = &page[i];
            if (kind == OUTBOX_RECORD)
                *record = (struct record){
                    .remote_id = xasprintf("11111111-0000-4000-8000-0000000000%02zu", i),
                    .external_id = xstrdup(id_text(&items[i].record).text)};
            outcomes[i] = (struct outcome){.kind = OUTCOME_CONFIRMED,
                                           .item = items[i].kind,
                                           .record = items[i].record,
                                           .version = items[i].version,
                                           .remote_id = record->remote_id};
        }
        store_rig_ok(rig, store_settle_outbox(rig->store, outcomes, count, &rig->err));
        outbox_items_free(items, count);
        if (kind == OUTBOX_RECORD)
            put_all(rig, &bulk, rows);
    }
    struct undone undone = {0};
    struct walk walk = {.dataset_row = rig->dataset, .most = 5};
    store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
    response_clear(&undone.response);
    walk.batch = undone.batch;
    for (int i = 0; i < MANY; i++) {
        page[i].response.status = RESPONSE_DRAFT;
        values_set_rating(&page[i].response.values, "response-rating", 4);
    }
    store_rig_ok(rig, store_begin_pull(rig->store, &pull, &rig->err));
    store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, pull, page, MANY, NULL,
                                       &rig->err));
    walk.most = MANY;
    store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
    response_clear(&undone.response);
    assert_int_equal(undone.missed, 0);
    assert_int_equal(undone.count, MANY - 5);
    for (int i = 0; i < MANY; i++) {
        store_rig_expect(rig, &ids[i], RESPONSE_PENDING, 0, NULL);
        record_clear(&page[i]);
    }
    store_count_outbox(rig->store, rig->dataset, &counts);
    assert_int_equal(counts.unsent, MANY);
    assert_int_equal(counts.clashes, 0);
}

static void undo_in_parts_counts_what_is_left(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct bulk bulk = {.kind = CHANGE_RATE, .change = rate_four};
    struct undone undone = {0};
    struct walk walk = {.dataset_row = rig->dataset, .most = 5};
    add_many(rig, ids, rows);
    put_all(rig, &bulk, rows);
    store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
    response_clear(&undone.response);
    assert_int_equal(undone.count, 5);
    assert_int_equal(undone.left, MANY - 5);
    /* a change between the parts: redo ends at it, the undo goes on */
    store_rig_put(rig, &ids[MANY - 1], RESPONSE_DRAFT, 2, NULL, CHANGE_RATE, 0);
    for (walk.batch = undone.batch; walk.batch; walk.batch = undone.batch) {
        store_rig_ok(rig, store_walk(rig->store, &walk, &undone, &rig->err));
        response_clear(&undone.response);
    }
    store_rig_expect(rig, &ids[0], RESPONSE_PENDING, 0, NULL);
    store_rig_expect(rig, &ids[MANY - 1], RESPONSE_DRAFT, 2, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_int_equal(rig->undone.count, 1);
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
}

/* What the store says of a bulk change is what it has, whichever write fails: whole
 * slices, each record with its step, and all of it can be taken back. */
static bool survives_a_fault(bool is_full, long n)
{
    struct store_rig rig;
    struct id ids[MANY];
    int64_t rows[MANY], batch = 0;
    struct bulk bulk = {.kind = CHANGE_DISCARD, .change = discard};
    struct undone undone = {0};
    struct err err = {0};
    enum status status = STATUS_OK;
    store_rig_start_closed(&rig);
    rig.vfs = "fault";
    fault_vfs_arm(0, 0, false);
    store_rig_reopen(&rig);
    store_rig_put_dataset(&rig, "langchain-dataset", "https://a.example");
    add_many(&rig, ids, rows);
    fault_vfs_arm(FAULT_WRITE, n, is_full);
    for (size_t i = 0; status == STATUS_OK && i < MANY; i += 3)
        status = store_put_bulk(rig.store, &bulk, rows + i, 3, i + 3 == MANY, &err);
    struct walk walk = {.dataset_row = rig.dataset, .batch = bulk.batch, .most = 5};
    if (status == STATUS_OK) {
        status = store_walk(rig.store, &walk, &undone, &err);
        response_clear(&undone.response);
    }
    bool was_struck = fault_vfs_struck();
    assert_true(was_struck || status == STATUS_OK);
    fault_vfs_arm(0, 0, false);
    int64_t steps = store_rig_number(
        &rig, "SELECT count(*) FROM step WHERE batch IS NOT NULL AND is_undone = 0");
    assert_int_equal(bulk.counts[BULK_DONE] - undone.count, steps);
    assert_int_equal(
        store_rig_number(&rig, "SELECT count(*) FROM record WHERE status = 3"), steps);
    assert_int_equal(store_rig_number(&rig, "SELECT count(*) FROM outbox WHERE kind = 1"),
                     steps);
    store_rig_reopen(&rig); /* and as the next start finds it */
    store_rig_ok(&rig, store_find_cut_bulk(rig.store, rig.dataset, &batch, &rig.err));
    bool is_whole = bulk.counts[BULK_DONE] == MANY && undone.count == 0;
    assert_int_equal(batch, is_whole || !bulk.batch ? 0 : bulk.batch);
    if (bulk.batch)
        assert_int_equal(store_rig_undo(&rig), STATUS_OK);
    for (int i = 0; i < MANY; i++)
        store_rig_expect(&rig, &ids[i], RESPONSE_PENDING, 0, NULL);
    store_rig_check(&rig);
    store_rig_end(&rig);
    return was_struck;
}

static void whichever_write_fails_whole_slices_are_left(void **state)
{
    (void)state;
    for (int is_full = 0; is_full <= 1; is_full++)
        for (long n = 1; survives_a_fault(is_full, n); n++)
            assert_true(n < 10000);
}

/* ---- deletion ---- */

static int64_t waiting(struct store_rig *rig, enum outbox_kind kind)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE kind = %d", (int)kind);
    return store_rig_number(rig, sql);
}

static void confirm(struct store_rig *rig, enum outbox_kind kind, bool is_due)
{
    const struct outbox_query query = {
        .kind = kind, .is_due = is_due, .now_ms = rig->now_ms, .max = 99};
    struct outbox_item *items;
    size_t count;
    assert_int_equal(store_list_outbox(rig->store, &query, &items, &count, NULL),
                     STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        char remote[40];
        snprintf(remote, sizeof remote, "remote %lld", (long long)items[i].record_row);
        const struct outcome outcome = {.item = items[i].kind,
                                        .record = items[i].record,
                                        .version = items[i].version,
                                        .remote_id =
                                            kind == OUTBOX_RECORD ? remote : NULL};
        store_rig_ok(rig, store_settle_outbox(rig->store, &outcome, 1, &rig->err));
    }
    outbox_items_free(items, count);
}

static int flags_of(struct store_rig *rig, int64_t row)
{
    size_t count;
    struct queue_row *rows = store_rig_queue(rig, &count);
    int flags = -1;
    for (size_t i = 0; i < count; i++)
        if (rows[i].row == row)
            flags = rows[i].flags;
    free(rows);
    return flags;
}

static void a_deletion_waits_and_is_taken_back_until_it_is_sent(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct outbox_counts counts;
    struct bulk bulk = {0};
    add_many(rig, ids, rows);
    confirm(rig, OUTBOX_RECORD, false);
    store_rig_put(rig, &ids[0], RESPONSE_DRAFT, 3, NULL, CHANGE_RATE, 0);
    put(rig, &bulk, rows, 2, true);
    assert_int_equal(flags_of(rig, rows[0]), QUEUE_DELETED);
    assert_int_equal(waiting(rig, OUTBOX_RESPONSE), 0);
    store_count_outbox(rig->store, rig->dataset, &counts);
    assert_int_equal(counts.deleted, 2);
    assert_int_equal(counts.unsent, 0);
    confirm(rig, OUTBOX_DELETE, true); /* none is due */
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 2);
    struct response response = {.status = RESPONSE_DISCARDED};
    assert_int_equal(store_put_response(rig->store, &ids[0], &response, NULL,
                                        CHANGE_DISCARD, 0, &rig->err),
                     STATUS_REFUSED);
    err_clear(&rig->err);

    store_rig_reopen(rig);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "delete");
    assert_int_equal(rig->undone.count, 2);
    assert_int_equal(flags_of(rig, rows[0]), 0);
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 0);
    assert_int_equal(waiting(rig, OUTBOX_RESPONSE), 1); /* it had waited before */

    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    rig->now_ms += STORE_DELETE_DELAY_MS + 1;
    confirm(rig, OUTBOX_DELETE, true);
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 0);
    assert_int_equal(store_rig_undo(rig), STATUS_CONFLICT);
    assert_int_equal(store_rig_undo(rig), STATUS_CONFLICT); /* its rating is gone too */
    err_clear(&rig->err);
    store_count_outbox(rig->store, rig->dataset, &counts);
    assert_int_equal(counts.gone, 0);
    assert_int_equal(flags_of(rig, rows[0]) & QUEUE_DELETED, QUEUE_DELETED);
    store_rig_ok(rig, store_purge_deleted(rig->store, &rig->err));
    assert_int_equal(flags_of(rig, rows[0]), -1);
    assert_int_equal(flags_of(rig, rows[2]), 0);
}

static void a_pull_brings_no_deleted_record_back(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY], pull;
    struct bulk bulk = {0};
    struct pulled pulled;
    struct record record = {0};
    add_many(rig, ids, rows);
    /* one is deleted while it is on its way: the server has it all the same */
    put(rig, &bulk, rows, 1, true);
    assert_int_equal(waiting(rig, OUTBOX_RECORD), MANY - 1);
    store_rig_ok(rig, store_begin_pull(rig->store, &pull, &rig->err));
    record.external_id = xstrdup(id_text(&ids[0]).text);
    record.remote_id = xstrdup("remote");
    store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, pull, &record, 1,
                                       &pulled, &rig->err));
    assert_int_equal(pulled.added, 0);
    assert_int_equal(flags_of(rig, rows[0]), QUEUE_DELETED);
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 1);
    /* deleted by somebody else meanwhile */
    store_rig_ok(rig, store_begin_pull(rig->store, &pull, &rig->err));
    store_rig_ok(rig, store_end_pull(rig->store, rig->dataset, pull, NULL, &rig->err));
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 0);
    record_clear(&record);
}

/* Whether ours has been sent or waits. */
static void one_that_was_made_anew_since_its_deletion_is_not_deleted(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY], pull;
    struct bulk bulk = {0};
    struct pulled pulled;
    struct record record = {0};
    add_many(rig, ids, rows);
    confirm(rig, OUTBOX_RECORD, true);
    put(rig, &bulk, rows, 1, true);
    rig->now_ms += STORE_DELETE_DELAY_MS;
    confirm(rig, OUTBOX_DELETE, true);
    put(rig, &bulk, rows + 1, 1, true);
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 1);
    store_rig_ok(rig, store_begin_pull(rig->store, &pull, &rig->err));
    for (int i = 0; i < 2; i++) {
        record.external_id = xstrdup(id_text(&ids[i]).text);
        record.remote_id = xasprintf("new %d", i);
        store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, pull, &record, 1,
                                           &pulled, &rig->err));
        assert_int_equal(pulled.added, 1);
        assert_int_equal(flags_of(rig, rows[i]), 0);
        record_clear(&record);
    }
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 0);
}

static void a_local_one_is_final_after_some_time(void **state)
{
    struct store_rig *rig = *state;
    struct id ids[MANY];
    int64_t rows[MANY];
    struct bulk bulk = {0};
    store_rig_put_dataset(rig, "local", "");
    add_many(rig, ids, rows);
    store_rig_put(rig, &ids[0], RESPONSE_DRAFT, 3, NULL, CHANGE_RATE, 0);
    put(rig, &bulk, rows, 2, true);
    assert_int_equal(waiting(rig, OUTBOX_DELETE), 0);
    int64_t next = 0; /* what exports and lists walk over */
    store_rig_ok(rig, store_next_record(rig->store, rig->dataset, &next, &rig->err));
    assert_int_equal(next, rows[2]);
    store_rig_ok(rig, store_purge_deleted(rig->store, &rig->err));
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_int_equal(store_rig_redo(rig), STATUS_OK);
    rig->now_ms += STORE_DELETE_DELAY_MS + 1;
    store_rig_ok(rig, store_purge_deleted(rig->store, &rig->err));
    assert_int_equal(flags_of(rig, rows[0]), -1);
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
    store_rig_check(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(test)                                                                       \
    cmocka_unit_test_setup_teardown(test, store_rig_set_up, store_rig_tear_down)
        CASE(slices_are_one_step),
        CASE(a_slice_takes_what_fits_into_its_time),
        CASE(a_trial_counts_and_writes_nothing),
        CASE(what_cannot_be_answered_is_left_and_counted),
        CASE(what_was_changed_since_is_not_undone_and_counted),
        CASE(one_that_was_cut_short_is_found_and_taken_back),
        CASE(a_page_comes_while_a_bulk_change_is_undone),
        CASE(undo_in_parts_counts_what_is_left),
        cmocka_unit_test(whichever_write_fails_whole_slices_are_left),
        CASE(a_deletion_waits_and_is_taken_back_until_it_is_sent),
        CASE(a_pull_brings_no_deleted_record_back),
        CASE(one_that_was_made_anew_since_its_deletion_is_not_deleted),
        CASE(a_local_one_is_final_after_some_time),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
