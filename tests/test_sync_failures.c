/* SPDX-License-Identifier: MIT
 *
 * The ends of failures: what is kept, told, tried again.
 */
#include "config.h"

#include "sync/sync.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/sync_bench.h"
#include "json/json.h"

#define HTML_HEAD "Content-Type: text/html\r\n"

/* The only item of that kind; clear it. */
static struct outbox_item only_item(struct bench *bench, enum outbox_kind kind)
{
    struct outbox_item *items = NULL, item;
    size_t count = 0;
    const struct outbox_query query = {.kind = kind, .max = 9};
    assert_int_equal(
        store_list_outbox(bench->rig.store.store, &query, &items, &count, NULL),
        STATUS_OK);
    assert_int_equal(count, 1);
    item = items[0];
    free(items);
    return item;
}

static void assert_tried(struct bench *bench, int attempts, const char *part)
{
    struct outbox_item item = only_item(bench, OUTBOX_RECORD);
    assert_int_equal(item.attempts, attempts);
    assert_non_null(item.last_error);
    if (!strstr(item.last_error, part))
        fail_msg("\"%s\" is not in: %s", part, item.last_error);
    assert_false(item.is_refused);
    outbox_item_clear(&item);
}

/* ---- every failure is kept with what waits ---- */

static void every_failure_is_kept_with_what_waits(void **state)
{
    static const struct {
        int code;
        const char *headers, *body, *part;
        enum sync_state state;
    } rows[] = {
        {500, JSON_HEAD, "{}", "500", SYNC_WAITING},
        {503, HTML_HEAD, "<title>Down</title>", "Down", SYNC_WAITING},
        {429, JSON_HEAD "Retry-After: 7\r\n", "{}", "429", SYNC_WAITING},
        {200, HTML_HEAD, "<title>Sign in</title>", "Sign in", SYNC_WAITING},
        {401, JSON_HEAD, "{\"detail\":\"no\"}", "API key", SYNC_STOPPED},
        {403, JSON_HEAD, "{\"detail\":\"no\"}", "does not let", SYNC_STOPPED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench *bench = *state;
        sync_rig_add(&bench->rig, "a", 4);
        assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
        for (int attempt = 1; attempt <= 2; attempt++) {
            fake_argilla_fail(bench->fake, 1, rows[i].code, rows[i].headers,
                              rows[i].body);
            sync_now(bench->rig.sync);
            assert_int_equal(sync_rig_rest(&bench->rig), rows[i].state);
            assert_tried(bench, attempt, rows[i].part);
            const struct sync_report *report = sync_report(bench->rig.sync);
            assert_int_equal(report->sent, 0);
            assert_int_equal(report->retry_at_ms != 0, report->state == SYNC_WAITING);
        }
        bench_tear_down(state);
        bench_set_up(state);
    }
}

/* Only the dataset itself can say that it is gone. */
static void what_is_not_found_is_not_the_dataset(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    fake_argilla_fail(bench->fake, 1, 404, JSON_HEAD,
                      "{\"detail\":\"Record with id `x` not found\"}");
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    assert_tried(bench, 1, "Record with id");
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 4);
}

static void refused_connection_is_kept_with_what_waits(void **state)
{
    struct bench *bench = *state;
    sync_rig_add(&bench->rig, "a", 4);
    fake_argilla_free(bench->fake);
    bench->fake = NULL;
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_NETWORK);
    assert_true(sync_report(bench->rig.sync)->offline_since_ms > 0);
    assert_tried(bench, 1, "127.0.0.1");
}

/* Before there is a sync: the caller could not even reach the server. */
static void failure_before_a_sync_is_kept(void **state)
{
    struct bench *bench = *state;
    struct err why = {0};
    sync_rig_add(&bench->rig, "a", 4);
    err_set(&why, STATUS_NETWORK, "Nobody answers.");
    sync_note_failure(bench->rig.store.store, &bench->rig.store.clock,
                      bench->rig.store.dataset, &why);
    assert_tried(bench, 1, "Nobody answers.");
    /* and does not keep it from being sent at once */
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
}

/* ---- our own disk ---- */

static void run_until_requests(struct bench *bench, size_t count)
{
    struct fake_server *server = fake_argilla_server(bench->fake);
    while (fake_server_count(server) < count)
        loop_poll(bench->rig.store.loop);
}

/* The server has it, the store cannot say so: that is not "sent". */
static void what_cannot_be_settled_is_not_sent(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 0);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    fake_argilla_hold(bench->fake, 0);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_poke(bench->rig.sync, false);
    run_until_requests(bench, before + 2); /* the properties, then the record */
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(bench->rig.store.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    const struct sync_report *report = sync_report(bench->rig.sync);
    assert_int_equal(report->sent, 0);
    assert_int_equal(report->err.code, STATUS_IO);
    assert_int_equal(report->offline_since_ms, 0); /* the server is there */
    assert_int_equal(bench->rig.told.state, SYNC_WAITING);
    sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 1);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(report->sent, 1);
    assert_on_server(bench, &id, NULL, 0);
    assert_int_equal(records_on_server(bench), 1);
}

/* Nothing goes out that a power cut could take back here. */
static void what_the_disk_does_not_have_is_not_sent(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    sync_free(bench->rig.sync);
    store_rig_close(&bench->rig.store);
    fault_vfs_register();
    bench->rig.store.vfs = "fault";
    struct err err = {0};
    assert_int_equal(store_rig_open(&bench->rig.store, &err), STATUS_OK);
    bench->rig.sync = NULL;
    sync_rig_restart(&bench->rig);
    struct id id = sync_rig_add(&bench->rig, "a", 0);
    assert_int_equal(store_flush(bench->rig.store.store, &err), STATUS_OK);
    fault_vfs_arm(FAULT_SYNC, 1, true);
    struct id late = sync_rig_add(&bench->rig, "b", 0);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_IO);
    assert_int_equal(fake_server_count(fake_argilla_server(bench->fake)), before);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 2);
    fault_vfs_arm(0, 0, false);
    assert_int_equal(store_flush(bench->rig.store.store, &err), STATUS_OK);
    sync_rig_finish(&bench->rig, 2);
    assert_on_server(bench, &id, NULL, 0);
    assert_on_server(bench, &late, NULL, 0);
}

/* It takes what is sent and says nothing: that is told long before the call ends. */
static void silence_is_told_soon(void **state)
{
    struct bench *bench = *state;
    sync_rig_add(&bench->rig, "a", 0);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    fake_argilla_hold(bench->fake, 0);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_poke(bench->rig.sync, false);
    run_until_requests(bench, before + 2);
    assert_int_equal(sync_report(bench->rig.sync)->silent_since_ms, 0);
    int64_t since = bench->rig.store.now_ms;
    bench->rig.store.now_ms += 5000;
    sync_poke(bench->rig.sync, true);
    while (sync_report(bench->rig.sync)->silent_since_ms == 0)
        assert_true(loop_turn(bench->rig.store.loop));
    assert_int_equal(bench->rig.told.silent_since_ms, since);
    assert_int_equal(bench->rig.told.state, SYNC_RUNNING);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(bench->rig.told.silent_since_ms, 0);
}

/* ---- two at once ---- */

/* Another process: claims, says so, and lets go when it is told to. */
static void claim_and_wait(const struct bench *bench, int told, int say)
{
    struct store *store = NULL;
    struct loop *loop = loop_new();
    bool is_ours = false;
    char byte = 'n';
    const struct store_options options = {.path = bench->rig.store.path,
                                          .clock = &clock_system};
    if (store_open(&store, loop, &options, NULL) == STATUS_OK &&
        store_claim_sending(store, bench->rig.store.dataset, &is_ours, NULL) ==
            STATUS_OK &&
        is_ours)
        byte = 'y';
    if (write(say, &byte, 1) == 1 && read(told, &byte, 1) == 1)
        store_release_sending(store, bench->rig.store.dataset);
    store_close(store);
    _exit(0);
}

static void only_one_process_sends(void **state)
{
    struct bench *bench = *state;
    int up[2], down[2], status = 0;
    char byte = 0;
    struct id id = sync_rig_add(&bench->rig, "a", 0);
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    pid_t child = fork();
    if (child == 0)
        claim_and_wait(bench, down[0], up[1]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_now(bench->rig.sync);
    const struct sync_report *report = sync_report(bench->rig.sync);
    while (!report->is_elsewhere)
        loop_poll(bench->rig.store.loop);
    assert_true(bench->rig.told.is_elsewhere);
    assert_int_equal(report->state, SYNC_RUNNING);
    assert_int_equal(fake_server_count(fake_argilla_server(bench->fake)), before);
    /* the other one is done: ours looks again by itself */
    assert_int_equal(write(down[1], &byte, 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_false(report->is_elsewhere);
    assert_on_server(bench, &id, NULL, 0);
    /* and lets go in its turn */
    assert_int_equal(store_rig_number(&bench->rig.store, "SELECT count(*) FROM lease"),
                     0);
    for (int i = 0; i < 2; i++) {
        close(up[i]);
        close(down[i]);
    }
}

static size_t count_puts(struct bench *bench)
{
    return fake_argilla_count(bench->fake, "PUT", "/api/v1/datasets");
}

static void collision_is_tried_once_more(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "TWIN", 0);
    size_t before = count_puts(bench);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(count_puts(bench) - before, 2);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_OK);
    assert_on_server(bench, &id, NULL, 0);
}

/* The search engine's 409 too; but not for ever, and nothing ends by it. */
static void conflict_of_the_search_engine_passes(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 0);
    /* the properties are known then */
    sync_rig_finish(&bench->rig, 1);
    struct id second = sync_rig_add(&bench->rig, "b", 0);
    fake_argilla_fail(bench->fake, 2, 409, JSON_HEAD,
                      "{\"detail\":\"version conflict\"}");
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    assert_tried(bench, 1, "version conflict");
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, NULL, 0);
    assert_on_server(bench, &second, NULL, 0);
}

/* ---- one bad one among many ---- */

static void odd_answer_in_a_batch_is_refused_alone(void **state)
{
    struct bench *bench = *state;
    enum { COUNT = 7 };
    struct id ids[COUNT];
    for (int i = 0; i < COUNT; i++) {
        ids[i] = sync_rig_add(&bench->rig, "p", 0);
        store_rig_put(&bench->rig.store, &ids[i], RESPONSE_SUBMITTED, 1 + i % 5,
                      i == 4 ? "ODD" : "fine", CHANGE_SUBMIT, 0);
    }
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 1);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
    assert_int_equal(sync_report(bench->rig.sync)->sent, COUNT + COUNT - 1);
    struct outbox_item item = only_item(bench, OUTBOX_RESPONSE);
    assert_true(id_equal(&item.record, &ids[4]));
    assert_non_null(strstr(item.last_error, "not a valid dict"));
    outbox_item_clear(&item);
    for (int i = 0; i < COUNT; i++)
        assert_on_server(bench, &ids[i], i == 4 ? NULL : "submitted",
                         i == 4 ? 0 : 1 + i % 5);
}

/* The server's own trouble with one of them: the others are stored, and it is tried again
 * when it is its time. */
static void one_that_could_not_be_stored_now_waits_alone(void **state)
{
    struct bench *bench = *state;
    struct id ids[3];
    for (int i = 0; i < 3; i++) {
        ids[i] = sync_rig_add(&bench->rig, "p", 0);
        store_rig_put(&bench->rig.store, &ids[i], RESPONSE_SUBMITTED, 3,
                      i == 1 ? "TWIN" : "fine", CHANGE_SUBMIT, 0);
    }
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    const struct sync_report *report = sync_report(bench->rig.sync);
    assert_int_equal(report->sent, 5);
    assert_true(report->retry_at_ms > bench->rig.store.now_ms);
    assert_non_null(strstr(report->err.text, "Connection timed out"));
    assert_int_equal(report->outbox.refused, 0);
    struct outbox_item item = only_item(bench, OUTBOX_RESPONSE);
    assert_true(id_equal(&item.record, &ids[1]));
    assert_int_equal(item.attempts, 1);
    assert_int_equal(item.next_try_ms, report->retry_at_ms);
    outbox_item_clear(&item);
    sync_rig_finish(&bench->rig, 1);
    for (int i = 0; i < 3; i++)
        assert_on_server(bench, &ids[i], "submitted", 3);
}

/* ---- metadata that the dataset refuses ---- */

static void declare_properties(json_t *dataset)
{
    json_object_set_new(dataset, "properties",
                        json_pack("[{s:s,s:{s:s}},{s:s,s:{s:s,s:[s]}},{s:s,s:{s:s,s:i}}]",
                                  "name", "total_time_ms", "settings", "type", "float",
                                  "name", "model", "settings", "type", "terms", "values",
                                  "other", "name", "completion_tokens", "settings",
                                  "type", "integer", "max", 5));
}

static struct id add_measured(struct bench *bench)
{
    struct record record = {.dataset_row = bench->rig.store.dataset,
                            .has_completion = true};
    id_random(&record.id);
    record_set_field(&record, "prompt", "p", 1);
    record_set_field(&record, "response", "r", 1);
    completion_init(&record.completion);
    record.completion.state = COMPLETION_DONE;
    record.completion.total_ms = 5;
    record.completion.prompt_tokens = 3;
    record.completion.completion_tokens = 9;
    record.completion.model_used = xstrdup("m");
    store_rig_ok(&bench->rig.store, store_add_record(bench->rig.store.store, &record,
                                                     true, NULL, &bench->rig.store.err));
    struct id id = record.id;
    record_clear(&record);
    return id;
}

static void facts_that_are_refused_stay_away_the_record_goes(void **state)
{
    struct bench *bench = *state;
    fake_argilla_edit(bench->fake, "guide", declare_properties);
    for (int round = 0; round < 2; round++) {
        struct id id = add_measured(bench);
        sync_poke(bench->rig.sync, false);
        assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
        assert_on_server(bench, &id, NULL, 0);
        assert_int_equal(sync_rig_outbox(&bench->rig).refused, 0);
        /* told, and once is enough */
        assert_non_null(strstr(bench->rig.told.notice, "\"model\""));
    }
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    const json_t *metadata =
        json_object_get(json_array_get(json_object_get(whole, "records"), 1), "metadata");
    assert_null(json_object_get(metadata, "model"));
    assert_null(json_object_get(metadata, "completion_tokens"));
    assert_true(json_is_real(json_object_get(metadata, "total_time_ms")));
    assert_int_equal(json_integer_value(json_object_get(metadata, "prompt_tokens")), 3);
    json_decref(whole);
}

/* Declared after we have asked: better without than never. */
static void property_declared_later_does_not_keep_the_record(void **state)
{
    struct bench *bench = *state;
    sync_rig_add(&bench->rig, "a", 0);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_edit(bench->fake, "guide", declare_properties);
    struct id id = add_measured(bench);
    struct id plain = sync_rig_add(&bench->rig, "b", 0);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &id, NULL, 0);
    assert_on_server(bench, &plain, NULL, 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 0);
    assert_true(bench->rig.told.notice[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_CASE(every_failure_is_kept_with_what_waits),
        BENCH_CASE(what_is_not_found_is_not_the_dataset),
        BENCH_CASE(refused_connection_is_kept_with_what_waits),
        BENCH_CASE(failure_before_a_sync_is_kept),
        BENCH_CASE(what_cannot_be_settled_is_not_sent),
        BENCH_CASE(what_the_disk_does_not_have_is_not_sent),
        BENCH_CASE(silence_is_told_soon),
        BENCH_CASE(only_one_process_sends),
        BENCH_CASE(collision_is_tried_once_more),
        BENCH_CASE(conflict_of_the_search_engine_passes),
        BENCH_CASE(odd_answer_in_a_batch_is_refused_alone),
        BENCH_CASE(one_that_could_not_be_stored_now_waits_alone),
        BENCH_CASE(facts_that_are_refused_stay_away_the_record_goes),
        BENCH_CASE(property_declared_later_does_not_keep_the_record),
    };
    return cmocka_run_group_tests_name("sync_failures", tests, NULL, NULL);
}
