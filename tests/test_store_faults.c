/* SPDX-License-Identifier: MIT
 * The store when the disk or the memory fails: each operation in turn fails once, a
 * session goes on over it, and afterwards what was reported as saved is there, the rest
 * is there whole or not at all, and the reason was a sentence. */
#include "config.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/xalloc.h"
#include "store/store_bulk.h"
#include "store/store_stats.h"
#include "tests/support/fault_memory.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"

#define RECORDS 2
#define SERVER "https://argilla.example"

/* ---- one session ---- */

/* What a session reported as saved. */
struct session {
    struct store_rig *rig;
    bool dataset;
    bool added[RECORDS];
    bool generated[RECORDS];
    bool answered[RECORDS];
    bool settled[RECORDS];
    bool undone; /* the last answer */
    bool noted;
    int failed;
};

static void expect_sentence(const struct err *err)
{
    size_t len = strlen(err->text);
    bool is_sentence = len > 20 && isupper((unsigned char)err->text[0]) &&
                       err->text[len - 1] == '.' && !strchr(err->text, '\n') &&
                       strchr(err->text, ' ');
    if (!is_sentence)
        fail_msg("not a sentence: \"%s\"", err->text);
}

/* Keeps what a write came to. */
static void note(struct session *session, bool *flag, enum status status,
                 const struct err *err)
{
    assert_int_equal(err->code, status);
    *flag = status == STATUS_OK;
    if (status == STATUS_OK)
        return;
    session->failed++;
    expect_sentence(err);
}

static struct id id_of(size_t index)
{
    static const struct id parent;
    struct id id;
    id_by_name(&id, &parent, &index, sizeof index);
    return id;
}

static void put_dataset(struct session *session)
{
    struct dataset dataset = {0};
    struct err err = {0};
    dataset_init_guide(&dataset, "langchain-dataset", "argilla", SERVER);
    enum status status = store_put_dataset(session->rig->store, &dataset,
                                           &session->rig->dataset, NULL, &err);
    note(session, &session->dataset, status, &err);
    dataset_clear(&dataset);
}

static void add_record(struct session *session, size_t index)
{
    struct record record = {.id = id_of(index), .dataset_row = session->rig->dataset};
    struct err err = {0};
    enum claim claim;
    completion_init(&record.completion);
    record_set_field(&record, "prompt", "why", 3);
    record_set_field(&record, "response", "", 0);
    enum status status =
        store_claim_completion(session->rig->store, &record, &claim, &err);
    note(session, &session->added[index], status, &err);
    record_clear(&record);
}

static void end_completion(struct session *session, size_t index)
{
    struct completion completion;
    struct id id = id_of(index);
    struct err err = {0};
    char text[6000]; /* more than a page */
    memset(text, 'a' + (int)index, sizeof text);
    completion_init(&completion);
    completion.state = COMPLETION_DONE;
    enum status status = store_put_completion(session->rig->store, &id, text, sizeof text,
                                              &completion, &err);
    note(session, &session->generated[index], status, &err);
    completion_clear(&completion);
}

static void answer(struct session *session, size_t index)
{
    struct response response = {.status = RESPONSE_SUBMITTED};
    struct id id = id_of(index);
    struct err err = {0};
    values_set_rating(&response.values, "response-rating", 1 + (int)index);
    enum status status = store_put_response(session->rig->store, &id, &response, NULL,
                                            CHANGE_SUBMIT, 0, &err);
    note(session, &session->answered[index], status, &err);
    response_clear(&response);
}

static void settle(struct session *session, size_t index)
{
    const struct outbox_query query = {.dataset_row = session->rig->dataset,
                                       .kind = OUTBOX_RECORD,
                                       .is_due = true,
                                       .max = 1};
    struct outbox_item *items = NULL;
    size_t count = 0;
    struct err err = {0};
    if (store_list_outbox(session->rig->store, &query, &items, &count, &err) != STATUS_OK)
        expect_sentence(&err);
    for (size_t i = 0; i < count; i++) {
        const struct outcome outcome = {.item = OUTBOX_RECORD,
                                        .record = items[i].record,
                                        .version = items[i].version,
                                        .remote_id = "remote"};
        struct id id = id_of(index);
        struct err fault = {0};
        if (id_equal(&id, &items[i].record))
            note(session, &session->settled[index],
                 store_settle_outbox(session->rig->store, &outcome, 1, &fault), &fault);
        outbox_item_clear(&items[i]);
    }
    free(items);
}

static void play(struct session *session)
{
    struct store_rig *rig = session->rig;
    struct undone undone;
    struct err err = {0}, fault = {0};
    put_dataset(session);
    for (size_t i = 0; i < RECORDS; i++) {
        add_record(session, i);
        end_completion(session, i);
        settle(session, i);
        answer(session, i);
    }
    enum status status = store_undo(rig->store, rig->dataset, &undone, &err);
    note(session, &session->undone, status, &err);
    response_clear(&undone.response);
    if (store_flush(rig->store, &fault) != STATUS_OK)
        expect_sentence(&fault);
}

/* ---- what must be true afterwards ---- */

static int64_t about(struct store_rig *rig, const char *what, size_t index)
{
    struct id id = id_of(index);
    char *sql = sqlite3_mprintf("SELECT %s FROM record r WHERE hex(r.id) = '", what);
    char *whole = sqlite3_mprintf(
        "SELECT coalesce((%s%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X%02X"
        "%02X'), 0)",
        sql, id.bytes[0], id.bytes[1], id.bytes[2], id.bytes[3], id.bytes[4], id.bytes[5],
        id.bytes[6], id.bytes[7], id.bytes[8], id.bytes[9], id.bytes[10], id.bytes[11],
        id.bytes[12], id.bytes[13], id.bytes[14], id.bytes[15]);
    int64_t number = store_rig_number(rig, whole);
    sqlite3_free(sql);
    sqlite3_free(whole);
    return number;
}

/* All parts of one write say the same: there, or not there. */
static void expect_whole(bool was_reported, const int64_t *parts, size_t count)
{
    for (size_t i = 1; i < count; i++)
        assert_int_equal(parts[i], parts[0]);
    if (was_reported)
        assert_int_equal(parts[0], 1);
}

static void check_record(const struct session *session, size_t i)
{
    struct store_rig *rig = session->rig;
    const int64_t added[] = {
        about(rig, "1", i),
        about(rig, "(SELECT count(*) = 2 FROM field WHERE record = r.row)", i),
        about(rig, "(SELECT count(*) FROM completion WHERE record = r.row)", i),
    };
    expect_whole(session->added[i], added, 3);
    const int64_t generated[] = {
        about(rig,
              "(SELECT length(text) = 6000 FROM field WHERE record = r.row AND name"
              " = 'response')",
              i),
        about(rig, "(SELECT state = 1 FROM completion WHERE record = r.row)", i),
        about(rig, "r.is_finished", i),
        about(rig,
              "r.remote_id IS NOT NULL OR EXISTS (SELECT 1 FROM outbox WHERE record ="
              " r.row AND kind = 0)",
              i),
    };
    expect_whole(session->generated[i], generated, 4);
    if (session->settled[i])
        assert_int_equal(about(rig,
                               "remote_id = 'remote' AND NOT EXISTS (SELECT 1 FROM"
                               " outbox WHERE record = r.row AND kind = 0)",
                               i),
                         1);
    int64_t is_undone = about(rig,
                              "EXISTS (SELECT 1 FROM event WHERE record = r.row AND"
                              " kind = 'undo')",
                              i);
    const int64_t answered[] = {
        about(rig,
              "EXISTS (SELECT 1 FROM event WHERE record = r.row AND kind = 'submit')", i),
        about(rig, "EXISTS (SELECT 1 FROM response WHERE record = r.row AND status = 2)",
              i) +
            is_undone,
        about(rig, "r.status = 2", i) + is_undone,
        about(rig,
              "EXISTS (SELECT 1 FROM step s JOIN event e ON e.number = s.event"
              " WHERE e.record = r.row)",
              i),
    };
    expect_whole(session->answered[i], answered, 4);
}

static void check_tables(const struct session *session)
{
    struct store_rig *rig = session->rig;
    if (session->dataset)
        assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM dataset"), 1);
    for (size_t i = 0; i < RECORDS; i++)
        check_record(session, i);
    if (session->undone)
        assert_int_equal(
            store_rig_number(rig, "SELECT count(*) FROM event WHERE kind = 'undo'"), 1);
    if (session->noted)
        assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM note"), 1);
}

static void check_session(const struct session *session)
{
    struct store_rig *rig = session->rig;
    store_rig_peek(rig);
    store_rig_check(rig);
    if (store_rig_number(rig, "PRAGMA user_version"))
        check_tables(session);
    else
        assert_false(session->dataset); /* it never opened */
    store_rig_unpeek(rig);
}

/* ---- runs ---- */

struct fault_plan {
    unsigned kinds; /* 0 = memory */
    bool goes_on;
    long step;
};

static void arm(const struct fault_plan *plan, long n)
{
    if (plan->kinds)
        fault_vfs_arm(plan->kinds, n, plan->goes_on);
    else
        fault_memory_arm(n);
}

static bool struck(const struct fault_plan *plan)
{
    return plan->kinds ? fault_vfs_struck() : fault_memory_struck();
}

/* Once the cause is gone, the same open store must write again. */
static void write_after(struct session *session)
{
    struct err err = {0};
    note(session, &session->noted,
         store_put_note(session->rig->store, "after", "x", &err), &err);
    assert_true(session->noted);
    if (store_flush(session->rig->store, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(store_flushed(session->rig->store),
                     store_committed(session->rig->store));
}

/* Returns whether the fault was met. */
static bool run(const struct fault_plan *plan, long n, int *failed)
{
    struct store_rig rig;
    struct err err = {0};
    store_rig_start_closed(&rig);
    struct session session = {.rig = &rig};
    rig.vfs = "fault";
    arm(plan, n);
    if (store_rig_open(&rig, &err) == STATUS_OK) {
        play(&session);
        bool was_struck = struck(plan);
        arm(plan, 0);
        write_after(&session);
        store_rig_close(&rig);
        *failed += session.failed > 0;
        check_session(&session);
        store_rig_end(&rig);
        return was_struck;
    }
    expect_sentence(&err);
    ++*failed;
    arm(plan, 0);
    check_session(&session);
    store_rig_reopen(&rig); /* the cause is gone: it opens */
    store_rig_end(&rig);
    return true;
}

static void run_all(const struct fault_plan *plan)
{
    long n = 1;
    int failed = 0;
    while (run(plan, n, &failed))
        n += plan->step;
    printf("# %ld operations, %d runs in which something was refused\n", n, failed);
    assert_true(failed > 0);
}

static void a_failing_write_loses_nothing_that_was_reported(void **state)
{
    (void)state;
    run_all(&(struct fault_plan){.kinds = FAULT_WRITE, .step = 1});
}

static void a_full_disk_loses_nothing_that_was_reported(void **state)
{
    (void)state;
    run_all(&(struct fault_plan){.kinds = FAULT_WRITE, .goes_on = true, .step = 1});
}

static void a_failing_sync_or_truncate_loses_nothing_that_was_reported(void **state)
{
    (void)state;
    run_all(&(struct fault_plan){.kinds = FAULT_SYNC | FAULT_TRUNCATE, .step = 1});
}

static void a_failing_open_or_lock_or_map_loses_nothing_that_was_reported(void **state)
{
    (void)state;
    run_all(
        &(struct fault_plan){.kinds = FAULT_OPEN | FAULT_LOCK | FAULT_MAP, .step = 1});
}

static void a_failing_read_loses_nothing_that_was_reported(void **state)
{
    (void)state;
    run_all(&(struct fault_plan){.kinds = FAULT_READ, .step = 1});
}

static void a_failing_allocation_loses_nothing_that_was_reported(void **state)
{
    (void)state;
    /* About 40,000 of them: every one takes minutes, so by default some. */
    const char *step = getenv("SHERD_FAULT_STEP");
    run_all(&(struct fault_plan){.step = step ? strtol(step, NULL, 10) : 151});
}

static void be_told(void *ctx, const struct err *err)
{
    *(bool *)ctx = err->code == STATUS_OK;
}

static void a_throwaway_store_waits_for_no_disk(void **state)
{
    (void)state;
    struct store_rig rig;
    store_rig_start_closed(&rig);
    rig.vfs = "fault";
    rig.is_throwaway = true;
    fault_vfs_arm(FAULT_SYNC, 1, true);
    store_rig_reopen(&rig);
    store_rig_put_dataset(&rig, "d", "");
    struct id id = store_rig_add(&rig, "p", "r");
    store_rig_put(&rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    assert_int_equal(store_flushed(rig.store), store_committed(rig.store));
    assert_int_equal(store_flush(rig.store, &rig.err), STATUS_OK);
    bool is_told = false;
    store_on_flushed(rig.store, be_told, &is_told);
    while (!is_told && loop_turn(rig.loop))
        ;
    assert_true(is_told);
    assert_false(fault_vfs_struck());
    fault_vfs_arm(0, 0, false);
    store_rig_end(&rig);
}

/* ---- each write ---- */

struct written {
    struct store_rig *rig;
    struct id ids[4]; /* unsent, on the server, cut off, deleted */
    int64_t rows[4];
    int64_t pull;
};

static enum status outcome_of(const struct written *at, enum outcome_kind kind,
                              struct err *err)
{
    struct outbox_item *items = NULL;
    const struct outbox_query query = {
        .dataset_row = at->rig->dataset, .kind = OUTBOX_RECORD, .max = 1};
    size_t count = 0;
    assert_int_equal(store_list_outbox(at->rig->store, &query, &items, &count, NULL),
                     STATUS_OK);
    assert_int_equal(count, 1);
    const struct outcome outcome = {.item = OUTBOX_RECORD,
                                    .kind = kind,
                                    .record = items[0].record,
                                    .version = items[0].version,
                                    .next_try_ms = 5,
                                    .error = "no"};
    enum status status = store_settle_outbox(at->rig->store, &outcome, 1, err);
    outbox_items_free(items, count);
    return status;
}

static enum status bring(const struct written *at, const char *remote_id, bool is_found,
                         struct err *err)
{
    struct record record = {.dataset_row = at->rig->dataset};
    struct pulled pulled;
    size_t added;
    int64_t row;
    record.remote_id = xstrdup(remote_id);
    record_set_field(&record, "prompt", "theirs", 6);
    record_set_field(&record, "response", "r", 1);
    enum status status = is_found ? store_take_found(at->rig->store, at->rig->dataset,
                                                     &record, 1, &row, &added, err)
                                  : store_apply_pull(at->rig->store, at->rig->dataset,
                                                     at->pull, &record, 1, &pulled, err);
    record_clear(&record);
    return status;
}

static enum status add_by(const struct written *at, bool is_import, struct err *err)
{
    struct record record = {.dataset_row = at->rig->dataset};
    size_t added;
    id_random(&record.id);
    record_set_field(&record, "prompt", "p", 1);
    record_set_field(&record, "response", "r", 1);
    enum status status =
        is_import ? store_import_records(at->rig->store, &record, 1, &added, err)
                  : store_add_records(at->rig->store, &record, 1, err);
    record_clear(&record);
    return status;
}

static enum status respond(const struct written *at, bool is_again, struct err *err)
{
    struct response response = {.status = RESPONSE_SUBMITTED};
    values_set_rating(&response.values, "response-rating", is_again ? 5 : 2);
    enum status status =
        is_again ? store_put_again(at->rig->store, &at->ids[0], &response, err)
                 : store_put_response(at->rig->store, &at->ids[0], &response, NULL,
                                      CHANGE_SUBMIT, 0, err);
    response_clear(&response);
    return status;
}

/* Each changes something, after those before it. */
static enum status write_one(struct written *at, int way, struct err *err)
{
    struct store *store = at->rig->store;
    int64_t dataset = at->rig->dataset;
    struct bulk flagging = {.flag = 1}, deleting = {0};
    const struct pick pick = {.rows = {at->rows[0], at->rows[1]}, .count = 2};
    struct undone undone = {0};
    struct gone_counts gone;
    size_t count;
    bool is_over;
    enum status status;
    switch (way) {
    case 0:
        return store_put_note(store, "a", "b", err);
    case 1:
        return store_put_own_note(store, "a", "b", err);
    case 2:
        return respond(at, false, err);
    case 3:
        return store_put_flag(store, &at->ids[0], true, err);
    case 4:
        return store_note_record(store, &at->ids[0], "odd", NULL, 0, &is_over, err);
    case 5:
        return store_send_kept(store, dataset, &count, err);
    case 6:
        return outcome_of(at, OUTCOME_LATER, err);
    case 7:
        return outcome_of(at, OUTCOME_REFUSED, err);
    case 8:
        return store_retry_refused(store, dataset, err);
    case 9:
        return store_refuse_records(store, dataset, "no", err);
    case 10:
        return bring(at, "22222222-2222-4222-8222-222222222222", false, err);
    case 11:
        return bring(at, "33333333-3333-4333-8333-333333333333", true, err);
    case 12:
        return add_by(at, false, err);
    case 13:
        return add_by(at, true, err);
    case 14:
        return store_put_bulk(store, &flagging, &at->rows[1], 1, true, err);
    case 15:
        return store_put_bulk(store, &deleting, &at->rows[3], 1, true, err);
    case 16:
        return store_put_pick(store, &pick, err);
    case 17:
        return respond(at, true, err);
    case 18:
        return store_mark_decided(store, at->rows[0], err);
    case 19:
        status = store_undo(store, dataset, &undone, err);
        response_clear(&undone.response);
        return status;
    case 20:
        return store_mark_dataset(store, dataset, true, err);
    case 21:
        return store_begin_pull(store, &at->pull, err);
    case 22:
        return store_end_pull(store, dataset, at->pull, &count, err);
    case 23:
        return store_send_gone(store, dataset, &count, err);
    case 24:
        at->rig->now_ms += 2 * STORE_DELETE_DELAY_MS;
        return store_purge_deleted(store, err);
    case 25:
        return outcome_of(at, OUTCOME_GONE, err);
    case 26:
        return store_drop_gone(store, dataset, &gone, err);
    default:
        return store_forget_dataset(store, dataset, err);
    }
}

enum { WRITES = 28 };

/* What is in the file, as a number. */
static int64_t sum_of(struct store_rig *rig)
{
    return store_rig_number(
        rig, "SELECT (SELECT coalesce(sum(revision * 7 + is_gone * 3 + flags + row), 0)"
             "  FROM record) + 31 * (SELECT coalesce(sum(version + attempts * 5 +"
             "  is_refused * 3 + next_try_ms), 0) FROM outbox) + 101 * (SELECT count(*)"
             "  FROM event) + 1009 * (SELECT count(*) FROM note) + 10007 * (SELECT"
             "  coalesce(sum(value), 0) FROM counter) + 17 * (SELECT coalesce(sum(is_gone"
             "  + length(server)), 0) FROM dataset)");
}

static void a_write_that_fails_says_so_and_leaves_what_was_there(void **state)
{
    (void)state;
    struct store_rig rig;
    struct written at = {.rig = &rig};
    store_rig_start_closed(&rig);
    rig.vfs = "fault";
    store_rig_reopen(&rig);
    store_rig_put_dataset(&rig, "d", SERVER);
    for (int i = 0; i < 4; i++) {
        if (i == 1) {
            store_rig_ok(&rig, store_begin_pull(rig.store, &at.pull, &rig.err));
            store_rig_ok(&rig, bring(&at, "11111111-1111-4111-8111-111111111111", false,
                                     &rig.err));
            at.rows[1] = store_rig_number(&rig, "SELECT max(row) FROM record");
        } else if (i == 2) {
            struct completion completion;
            completion_init(&completion);
            completion.state = COMPLETION_CUT;
            at.ids[2] = store_rig_start_completion(&rig);
            store_rig_ok(&rig, store_put_completion(rig.store, &at.ids[2], "half", 4,
                                                    &completion, &rig.err));
            completion_clear(&completion);
        } else {
            at.ids[i] = store_rig_add(&rig, "p", "r");
            at.rows[i] = rig.record_row;
        }
    }
    for (int way = 0; way < WRITES; way++) {
        struct err err = {0};
        int64_t before = sum_of(&rig);
        int64_t revision = store_revision(rig.store, rig.dataset);
        uint64_t committed = store_committed(rig.store);
        fault_vfs_arm(FAULT_WRITE, 1, true);
        enum status status = write_one(&at, way, &err);
        if (status == STATUS_OK || err.code != status || !fault_vfs_struck())
            fail_msg("write %d: %d, %s", way, status, err.text);
        expect_sentence(&err);
        fault_vfs_arm(0, 0, false);
        assert_int_equal(store_committed(rig.store), committed);
        assert_int_equal(store_revision(rig.store, rig.dataset), revision);
        if (sum_of(&rig) != before)
            fail_msg("write %d has changed something", way);
        err_clear(&err);
        status = write_one(&at, way, &err);
        if (status != STATUS_OK || sum_of(&rig) == before)
            fail_msg("write %d changes nothing: %s", way, err.text);
    }
    store_rig_end(&rig);
}

/* ---- each read ---- */

static bool count_record(void *ctx, const struct record *record)
{
    *(int64_t *)ctx += (int64_t)record->field_count;
    return true;
}

static void count_row(void *ctx, const struct queue_row *row)
{
    *(int64_t *)ctx += row->row;
}

static void count_step(void *ctx, const struct trace_step *step)
{
    *(int64_t *)ctx += (int64_t)step->len;
}

static double rate_row(void *ctx, int64_t row)
{
    (void)ctx;
    return (double)row;
}

static bool count_pair(void *ctx, const struct store_pair *pair)
{
    *(int64_t *)ctx += pair->chosen;
    return true;
}

struct queue_found {
    size_t count;
    struct err err;
};

/* A short one comes before the call returns. */
static void take_queue(void *ctx, struct queue_row *rows, size_t count, int64_t revision,
                       const struct err *err)
{
    (void)revision;
    assert_true(err->code == STATUS_OK || (!rows && !count));
    *(struct queue_found *)ctx = (struct queue_found){count, *err};
    free(rows);
}

/* What is found, in a number. */
static enum status read_one(const struct written *at, int way, int64_t *found,
                            struct err *err)
{
    struct store *store = at->rig->store;
    int64_t dataset = at->rig->dataset, row = 0;
    struct dataset *datasets = NULL, one = {0};
    struct outbox_item *items = NULL;
    const struct outbox_query query = {
        .dataset_row = dataset, .kind = OUTBOX_RECORD, .max = 10};
    struct pick *picks = NULL, pick = {0};
    struct record record = {0};
    struct queue_row *rows = NULL;
    struct queue_found queue = {0};
    struct id id;
    enum verdict verdict = VERDICT_NONE;
    int64_t *siblings = NULL;
    char **texts = NULL;
    size_t count = 0;
    enum status status;
    *found = 0;
    switch (way) {
    case 0:
        status = store_list_datasets(store, &datasets, &count, err);
        for (size_t i = 0; i < count; i++)
            dataset_clear(&datasets[i]);
        break;
    case 1:
        status = store_get_dataset(store, dataset, &one, err);
        count = one.question_count;
        break;
    case 2:
        status = store_list_outbox(store, &query, &items, &count, err);
        outbox_items_free(items, count);
        break;
    case 3:
        status = store_list_siblings(store, at->rows[0], 10, &siblings, &count, err);
        break;
    case 4:
        status = store_list_picks(store, at->rows[0], &picks, &count, err);
        break;
    case 5:
        status = store_get_pick(store, at->rows, 2, &pick, err);
        count = pick.count;
        break;
    case 6:
        status = store_each_pair(store, dataset, false, rate_row, count_pair, found, err);
        break;
    case 7:
        status = store_get_verdict(store, at->rows[1], &verdict, err);
        count = verdict;
        break;
    case 8:
        status = store_get_record(store, &at->ids[0], &record, err);
        count = record.field_count;
        break;
    case 9:
        status = store_find_record(store, dataset, id_text(&at->ids[0]).text, &id, err);
        count = status == STATUS_OK && id_equal(&id, &at->ids[0]);
        break;
    case 10:
        status = store_each_record(store, dataset, false, RESPONSE_PENDING, count_record,
                                   found, err);
        break;
    case 11:
        status = store_next_record(store, dataset, &row, err);
        count = (size_t)row;
        break;
    case 12:
        status = store_read_head(store, dataset, &rows, &count, err);
        break;
    case 13:
        status = store_list_prompts(store, 10, &texts, &count, err);
        break;
    case 14:
        status = store_list_remarks(store, dataset, "response-feedback", 10, &texts,
                                    &count, err);
        break;
    case 15:
        status = store_each_change(store, dataset, 0, count_row, found, err);
        break;
    case 16:
        status = store_each_step(store, &at->ids[0], count_step, found, err);
        break;
    case 17:
        status = store_count_since_again(store, dataset, 100, found, err);
        break;
    case 18:
        store_load_queue(store, dataset, take_queue, &queue);
        status = queue.err.code;
        *err = queue.err;
        count = queue.count;
        break;
    case 19: /* there is nothing to purge: it only looks */
        status = store_purge_deleted(store, err);
        break;
    default:
        status =
            store_find_again(store, &(struct again_wish){.dataset = dataset}, found, err);
    }
    *found = *found * 100 + (int64_t)count;
    for (size_t i = 0; texts && i < count; i++)
        free(texts[i]);
    free(texts);
    free(rows);
    free(siblings);
    free(picks);
    free(datasets);
    dataset_clear(&one);
    record_clear(&record);
    return status;
}

enum { READS = 21 };

/* SQLite can do without some of its memory: then all is found. */
static void a_read_that_fails_says_so_and_is_never_half(void **state)
{
    (void)state;
    struct store_rig rig;
    struct written at = {.rig = &rig};
    store_rig_start(&rig);
    store_rig_put_dataset(&rig, "d", SERVER);
    for (int i = 0; i < 3; i++) {
        at.ids[i] = store_rig_add(&rig, "why", "r");
        at.rows[i] = rig.record_row;
        store_rig_put(&rig, &at.ids[i], RESPONSE_SUBMITTED, 3 + i, "Too short.",
                      CHANGE_SUBMIT, 0);
    }
    const struct trace_step step = {.kind = TRACE_END, .text = "so", .len = 2};
    store_rig_ok(&rig, store_put_step(rig.store, &at.ids[0], 1, &step, &rig.err));
    store_rig_ok(&rig, store_put_pick(rig.store,
                                      &(struct pick){.rows = {at.rows[0], at.rows[1]},
                                                     .count = 2,
                                                     .chosen = 1},
                                      &rig.err));
    for (int way = 0; way < READS; way++) {
        int64_t expected, found;
        store_rig_reopen(&rig);
        store_rig_ok(&rig, read_one(&at, way, &expected, &rig.err));
        bool is_struck = true;
        int failed = 0;
        for (long n = 1; is_struck; n += way == 18 ? 1 : 7) {
            struct err err = {0};
            store_rig_reopen(&rig);
            fault_memory_arm(n);
            enum status status = read_one(&at, way, &found, &err);
            is_struck = fault_memory_struck();
            fault_memory_arm(0);
            failed += status != STATUS_OK;
            if (status == STATUS_OK ? found != expected || err.code : err.code != status)
                fail_msg("read %d, allocation %ld: %d, %lld: %s", way, n, status,
                         (long long)found, err.text);
        }
        if (!failed)
            fail_msg("read %d never failed", way);
    }
    store_rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_write_loses_nothing_that_was_reported),
        cmocka_unit_test(a_full_disk_loses_nothing_that_was_reported),
        cmocka_unit_test(a_failing_sync_or_truncate_loses_nothing_that_was_reported),
        cmocka_unit_test(a_failing_open_or_lock_or_map_loses_nothing_that_was_reported),
        cmocka_unit_test(a_failing_read_loses_nothing_that_was_reported),
        cmocka_unit_test(a_failing_allocation_loses_nothing_that_was_reported),
        cmocka_unit_test(a_write_that_fails_says_so_and_leaves_what_was_there),
        cmocka_unit_test(a_read_that_fails_says_so_and_is_never_half),
        cmocka_unit_test(a_throwaway_store_waits_for_no_disk),
    };
    fault_memory_register();
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
