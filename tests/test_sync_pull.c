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

#include "store/parts.h"
#include "store/store_bulk.h"
#include "sync/state.h"
#include "tests/support/sync_bench.h"

/* ---- what was sent from here ---- */

static void expect_sent(const struct sent *sent, const char *expected)
{
    char text[200] = "";
    for (size_t i = 0; i < sent->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s-%s:%zu",
                 i ? " " : "", sent->list[i].from, sent->list[i].to, sent->list[i].count);
    assert_string_equal(text, expected);
}

static void expect_asked(const struct sent *sent, const char *after, const char *until)
{
    struct argilla_place place = {.skip = 7};
    assert_true(sent_ask(sent, &place));
    assert_string_equal(place.after, after);
    assert_string_equal(place.until, until);
    assert_int_equal(place.kind, ARGILLA_CHANGED);
    assert_int_equal(place.skip, 0);
}

/* All together, then halves, until each is as it was sent or stands alone. */
static void stretches_that_changed_are_found_by_halves(void **state)
{
    (void)state;
    struct sent sent = {.count = 5, .span = 5};
    struct argilla_place place = {0};
    for (size_t i = 0; i < 5; i++) {
        struct stretch *stretch = &sent.list[i];
        snprintf(stretch->from, sizeof stretch->from, "%zu0", i + 1);
        snprintf(stretch->to, sizeof stretch->to, "%zu5", i + 1);
        stretch->count = i + 1;
    }
    struct sent whole = sent;
    sent_told(&whole, 15);
    expect_sent(&whole, "10-55:15");
    assert_false(sent_ask(&whole, &place));
    expect_asked(&sent, "10", "55");
    sent_told(&sent, 14);
    expect_asked(&sent, "10", "25");
    sent_told(&sent, 3);
    expect_sent(&sent, "10-25:3 30-35:3 40-45:4 50-55:5");
    expect_asked(&sent, "30", "55");
    sent_told(&sent, 11);
    expect_asked(&sent, "30", "35");
    sent_told(&sent, 2); /* one of it changed: it is read */
    expect_sent(&sent, "10-25:3 40-45:4 50-55:5");
    expect_asked(&sent, "40", "55");
    sent_told(&sent, 9);
    expect_sent(&sent, "10-25:3 40-55:9");
    assert_false(sent_ask(&sent, &place));

    /* a reading ends where one begins, and goes on behind it */
    static const struct {
        const char *after, *until;
    } bounds[] = {{"05", "10"}, {"10", "10"}, {"11", "40"}, {"40", "40"}, {"41", ""}};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        place = (struct argilla_place){.until = "old"};
        snprintf(place.after, sizeof place.after, "%s", bounds[i].after);
        sent_bound(&sent, &place);
        assert_string_equal(place.until, bounds[i].until);
    }
    assert_false(sent_skip(&sent, &place));
    place = (struct argilla_place){.after = "05", .until = "10", .skip = 3};
    assert_true(sent_skip(&sent, &place));
    assert_string_equal(place.after, "25");
    assert_string_equal(place.until, "40");
    assert_int_equal(place.skip, 0);
    assert_true(sent_skip(&sent, &place));
    assert_string_equal(place.after, "55");
    assert_string_equal(place.until, "");
    assert_false(sent_skip(&sent, &place));
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
    bool is_old = !argilla_pull_is_exact(bench->rig.call.argilla);
    struct queue_row *rows = store_rig_queue(&bench->rig.store, &count);
    assert_int_equal(count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        char snippet[16], prompt[16];
        /* 1.29 gives what was answered at the end */
        size_t number = !is_old || i < 7 ? i : i == COUNT - 1 ? 7 : i + 1;
        snprintf(prompt, sizeof prompt, "p%zu", number);
        assert_true(store_get_snippet(bench->rig.store.store, rows[i].row, snippet,
                                      sizeof snippet));
        assert_string_equal(snippet, prompt);
        assert_int_equal(rows[i].status,
                         number == 7 ? RESPONSE_SUBMITTED : RESPONSE_PENDING);
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

static void pull_keeps_both_of_two_answers(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_answer(bench->fake, "guide", 0, "submitted", 2);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 5);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_SUBMITTED, 5, NULL);
    assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 1);
    /* until somebody chooses, nothing is overwritten */
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 2);
    store_rig_ok(&bench->rig.store, store_choose_response(bench->rig.store.store, &id,
                                                          true, &bench->rig.store.err));
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
    /* the names of the questions, the newest record, then the page */
    while (fake_server_count(fake_argilla_server(bench->fake)) < before + 3)
        loop_poll(bench->rig.store.loop);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 5);
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

/* ---- page after page ---- */

static void add_numbered(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        char prompt[16];
        snprintf(prompt, sizeof prompt, "p%d", i);
        fake_argilla_add_record(bench->fake, "guide", prompt, "r");
    }
}

static size_t queue_length(struct bench *bench)
{
    size_t count = 0;
    free(store_rig_queue(&bench->rig.store, &count));
    return count;
}

/* The same without a turn of the loop, in which the pull would go on. */
static int64_t stored(struct bench *bench)
{
    return store_rig_number(&bench->rig.store, "SELECT count(*) FROM record");
}

static bool is_page(const struct bench *bench, const struct fake_request *request)
{
    return strstr(request->path, bench->rig.call.dataset.remote_id) &&
           strstr(request->path, "/records") && strstr(request->path, "limit=");
}

/* Without what only asks for the newest record. */
static size_t pages_asked(struct bench *bench)
{
    struct fake_server *server = fake_argilla_server(bench->fake);
    size_t count = 0;
    for (size_t i = 0; i < fake_server_count(server); i++)
        count += is_page(bench, fake_server_request(server, i)) &&
                 strstr(fake_server_request(server, i)->path, "include=") &&
                 !strstr(fake_server_request(server, i)->path, "limit=1&");
    return count;
}

/* Runs until so many were taken over. */
static void pull_until(struct bench *bench, size_t count)
{
    while (sync_report(bench->rig.sync)->pulled < count)
        loop_poll(bench->rig.store.loop); /* the timers once */
    assert_int_equal(sync_report(bench->rig.sync)->pulled, count);
}

/* As on the screen: nobody helps. */
static void on_real_time(struct bench *bench)
{
    bench->rig.clock = &clock_system;
    sync_rig_restart(&bench->rig);
}

static void first_page_is_seen_before_the_rest(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 300);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    sync_pull(bench->rig.sync);
    pull_until(bench, 25);
    assert_int_equal(stored(bench), 25);
    assert_true(sync_report(bench->rig.sync)->is_pulling);
    assert_int_equal(sync_report(bench->rig.sync)->pull_total, 300);
    sync_rig_rest(&bench->rig);
    assert_int_equal(queue_length(bench), 300);
}

static void failed_page_is_asked_for_again_by_itself(void **state)
{
    struct bench *bench = *state;
    on_real_time(bench);
    add_numbered(bench, 60);
    sync_pull(bench->rig.sync);
    pull_until(bench, 25);
    fake_argilla_fail(bench->fake, 1, 502, JSON_HEAD, "{}");
    const struct sync_report *report = sync_report(bench->rig.sync);
    while (report->state != SYNC_WAITING)
        assert_true(loop_turn(bench->rig.store.loop));
    size_t reports = bench->rig.reports;
    assert_true(reports > 0);
    assert_int_equal(bench->rig.told.state, SYNC_WAITING);
    assert_int_equal(bench->rig.told.err.code, STATUS_BUSY);
    assert_true(bench->rig.told.retry_at_ms > 0);
    assert_true(report->is_pulling);
    assert_int_equal(stored(bench), 25);
    /* nothing but the timers */
    while (report->is_pulling) {
        assert_true(loop_turn(bench->rig.store.loop));
        if (report->pulled > 25)
            assert_int_equal(report->offline_since_ms, 0);
    }
    assert_int_equal(report->err.code, STATUS_OK);
    assert_int_equal(queue_length(bench), 60);
    assert_int_equal(report->gone, 0);
    /* what was here is not asked for again */
    assert_int_equal(report->pulled, 60);
}

static void last_page_may_be_full(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 25);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(pages_asked(bench), 1);
    add_numbered(bench, 100);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(pages_asked(bench), 1 + 2);
    assert_int_equal(queue_length(bench), 125);
}

static void page_goes_into_the_store_in_slices(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 220);
    sync_pull(bench->rig.sync);
    size_t before = 0;
    while (sync_report(bench->rig.sync)->is_pulling) {
        loop_poll(bench->rig.store.loop);
        size_t now = sync_report(bench->rig.sync)->pulled;
        assert_true(now - before <= 25);
        before = now;
    }
    assert_int_equal(before, 220);
}

/* 65 MiB in one page: smaller ones are asked for. */
static void page_over_the_cap_is_asked_for_in_parts(void **state)
{
    struct bench *bench = *state;
    size_t size = (size_t)65 << 20;
    char *huge = malloc(size + 1);
    memset(huge, ' ', size);
    huge[size] = '\0';
    add_numbered(bench, 30);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    fake_argilla_hold_search(bench->fake);
    sync_pull(bench->rig.sync);
    while (pages_asked(bench) == 0)
        loop_poll(bench->rig.store.loop);
    fake_argilla_fail(bench->fake, 1, 200, JSON_HEAD, huge);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    free(huge);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(queue_length(bench), 30);
    assert_int_equal(sync_report(bench->rig.sync)->pulled, 30);
    size_t smaller = 0;
    struct fake_server *server = fake_argilla_server(bench->fake);
    for (size_t i = 0; i < fake_server_count(server); i++)
        smaller += strstr(fake_server_request(server, i)->path, "&limit=50&") != NULL;
    assert_int_equal(smaller, 1);
}

static void end_in_the_middle_of_a_page_is_silent(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 225);
    sync_pull(bench->rig.sync);
    pull_until(bench, 50); /* the second page holds 100 */
    size_t reports = bench->rig.reports;
    sync_rig_restart(&bench->rig);
    loop_poll(bench->rig.store.loop);
    assert_int_equal(bench->rig.reports, reports);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(queue_length(bench), 225);
}

/* ---- what is new, and what was broken off ---- */

static void delete_third(json_t *dataset)
{
    json_array_remove(json_object_get(dataset, "records"), 2);
}

static void look(struct bench *bench)
{
    sync_look(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
}

static void take_answers_back(json_t *dataset)
{
    json_t *records = json_object_get(dataset, "records"), *record;
    size_t i;
    json_array_foreach(records, i, record)
        json_array_clear(json_object_get(record, "responses"));
}

/* Where the store cannot be written just then all is read later. */
static void an_answer_is_missed_until_all_is_read(void **state)
{
    struct bench *bench = *state;
    struct sync *sync = bench->rig.sync;
    struct store *store = bench->rig.store.store;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_add(&bench->rig, "the newest is looked at each time", 0);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    fake_argilla_edit(bench->fake, "guide", take_answers_back);
    sync_look(sync);
    while (sync->pull.phase != PULL_ANSWERED)
        loop_poll(bench->rig.store.loop);
    store->is_read_only = true;
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    store->is_read_only = false;
    sync_now(sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_PENDING, 0, NULL);
}

static void mark_metadata(json_t *dataset)
{
    json_t *records = json_object_get(dataset, "records"), *record;
    size_t i;
    json_array_foreach(records, i, record)
        json_object_set_new(record, "metadata", json_pack("{s:i}", "seen", 1));
}

static void mark_and_touch_second(json_t *dataset)
{
    json_t *records = json_object_get(dataset, "records");
    mark_metadata(dataset);
    json_object_set_new(json_array_get(records, 1), "updated_at",
                        json_string("2999-01-01T00:00:00.000000"));
}

static int64_t marked(struct bench *bench)
{
    return store_rig_number(&bench->rig.store,
                            "SELECT count(*) FROM record WHERE metadata IS NOT NULL");
}

/* After a pull of all only what was added, changed or answered is read. */
static void what_is_new_alone_is_read(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 300);
    look(bench); /* the first one is of all */
    assert_int_equal(queue_length(bench), 300);
    sync_rig_restart(&bench->rig);
    fake_argilla_edit(bench->fake, "guide", mark_and_touch_second);
    fake_argilla_answer(bench->fake, "guide", 7, "submitted", 3);
    add_numbered(bench, 2);
    look(bench);
    assert_int_equal(queue_length(bench), 302);
    /* the second, since it changed; the eighth, since it is answered; and the last one of
     * before, where the new ones begin */
    assert_int_equal(marked(bench), 3);
    assert_true(sync_report(bench->rig.sync)->pulled <= 6);
    assert_int_equal(store_rig_number(&bench->rig.store,
                                      "SELECT count(*) FROM record WHERE status = 2"),
                     1);
    /* asked for all, it reads all */
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(marked(bench), 300);
}

static void add_suggestion(json_t *dataset)
{
    const json_t *question = json_array_get(json_object_get(dataset, "questions"), 0);
    json_object_set_new(
        json_array_get(json_object_get(dataset, "records"), 1), "suggestions",
        json_pack("[{s:O,s:i,s:s,s:f},{s:s,s:i},{s:O,s:n}]", "question_id",
                  json_object_get(question, "id"), "value", 4, "agent", "judge", "score",
                  0.5, "question_id", "nobody's", "value", 1, "question_id",
                  json_object_get(question, "id"), "value"));
}

static void send(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++)
        sync_rig_add(&bench->rig, "ours", 0);
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
}

static size_t answered(struct bench *bench)
{
    return (size_t)store_rig_number(&bench->rig.store,
                                    "SELECT count(*) FROM record WHERE status = 2");
}

/* Of what was sent from here only what others changed is read. */
static void what_was_sent_from_here_is_not_read_back(void **state)
{
    struct bench *bench = *state;
    bool is_old = !argilla_pull_is_exact(bench->rig.call.argilla);
    send(bench, 150);
    look(bench);
    assert_true(sync_report(bench->rig.sync)->pulled <= 4);
    if (!is_old) /* nothing is left of it to be remembered */
        assert_int_equal(store_rig_number(&bench->rig.store,
                                          "SELECT count(*) FROM note WHERE key LIKE"
                                          " 'sent:%' AND CAST(value AS TEXT) = '[]'"),
                         1);
    send(bench, 1); /* a batch of one begins where it ends */
    look(bench);
    /* more, after a reading, and by another process; on 1.29 no time tells what is new */
    send(bench, 150);
    if (!is_old)
        sync_rig_restart(&bench->rig);
    look(bench);
    assert_true(sync_report(bench->rig.sync)->pulled <= (is_old ? 160 : 4));
    send(bench, 150);
    if (!is_old)
        fake_argilla_edit(bench->fake, "guide", mark_and_touch_second);
    fake_argilla_answer(bench->fake, "guide", 320, "submitted", 3);
    add_numbered(bench, 1);
    look(bench);
    assert_int_equal(queue_length(bench), 452);
    assert_int_equal(answered(bench), 1);
    if (!is_old) {
        assert_int_equal(
            store_rig_number(&bench->rig.store, "SELECT pull FROM record WHERE row = 2"),
            store_rig_number(&bench->rig.store, "SELECT max(pull) FROM record"));
        assert_true(sync_report(bench->rig.sync)->pulled < 40);
    }
    fake_argilla_edit(bench->fake, "guide", delete_third);
    look(bench);
    assert_int_equal(sync_report(bench->rig.sync)->gone, 1);
}

/* What was sent from here too, which may have changed since. */
static void a_pull_of_all_leaves_out_nothing(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 450);
    look(bench);
    assert_int_equal(answered(bench), 0);
    fake_argilla_answer(bench->fake, "guide", 449, "submitted", 3);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_report(bench->rig.sync)->pulled, 450);
    assert_int_equal(answered(bench), 1);
}

/* No time tells of suggestions: others may have put some before anything was read. */
static void suggestions_to_what_was_sent_are_read(void **state)
{
    struct bench *bench = *state;
    send(bench, 3);
    fake_argilla_edit(bench->fake, "guide", add_suggestion);
    sync_rig_restart(&bench->rig);
    look(bench);
    assert_int_equal(
        store_rig_number(&bench->rig.store,
                         "SELECT count(*) FROM record WHERE suggestions IS NOT NULL"),
        1);
}

/* Stored before, with an answer since: it is not as it was sent. */
static void what_was_stored_before_its_reply_was_lost_is_read(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    for (int i = 0; i < 5; i++)
        sync_rig_add(&bench->rig, "ours", 0);
    fake_argilla_cut(bench->fake, 0, FAKE_CUT_MIDDLE);
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    fake_argilla_answer(bench->fake, "guide", 2, "submitted", 3);
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    look(bench);
    assert_int_equal(answered(bench), 1);
}

/* That something is gone is told by the numbers. */
static void what_is_gone_is_found_without_being_looked_for(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 60);
    look(bench);
    fake_argilla_edit(bench->fake, "guide", delete_third);
    look(bench);
    assert_int_equal(sync_report(bench->rig.sync)->gone, 1);
    look(bench);
    assert_int_equal(sync_report(bench->rig.sync)->gone, 0);
}

/* Another process goes on where one was killed, and reads what changed meanwhile. */
static void a_pull_that_was_broken_off_goes_on(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 325);
    sync_pull(bench->rig.sync);
    while (sync_report(bench->rig.sync)->pulled < 150)
        loop_poll(bench->rig.store.loop);
    fake_argilla_edit(bench->fake, "guide", mark_and_touch_second);
    sync_rig_restart(&bench->rig);
    look(bench);
    assert_int_equal(sync_report(bench->rig.sync)->gone, 0);
    assert_int_equal(queue_length(bench), 325);
    /* 125 of the pages before it had, but for the second record */
    assert_int_equal(marked(bench), 325 - 125 + 1);
}

/* The server is upgraded under its address; there the list has another order, so that
 * where the pull stood says nothing. */
static void a_pull_that_was_broken_off_by_an_upgrade_begins_anew(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 325);
    fake_argilla_answer(bench->fake, "guide", 7, "submitted", 3);
    sync_pull(bench->rig.sync);
    while (sync_report(bench->rig.sync)->pulled < 150)
        loop_poll(bench->rig.store.loop);
    fake_argilla_set_version(bench->fake, "2.8.0");
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    sync_rig_restart(&bench->rig);
    for (int i = 0; i < 2; i++) {
        look(bench);
        assert_int_equal(sync_report(bench->rig.sync)->gone, 0);
        assert_int_equal(queue_length(bench), 325);
    }
    /* what was answered meanwhile is seen by time now */
    fake_argilla_answer(bench->fake, "guide", 9, "submitted", 3);
    look(bench);
    assert_int_equal(sync_report(bench->rig.sync)->changed, 1);
    assert_true(sync_report(bench->rig.sync)->pulled < 10);
}

/* Once a day all is read. */
static void after_a_day_all_is_read(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 50);
    look(bench);
    fake_argilla_edit(bench->fake, "guide", mark_metadata);
    look(bench);
    assert_int_equal(marked(bench), 1);
    bench->rig.store.now_ms += INT64_C(25) * 3600 * 1000;
    look(bench);
    assert_int_equal(marked(bench), 50);
}

/* ---- what happens in the middle of a pull ---- */

/* Taken out of the store by another process: nothing more of it comes in, and it is said
 * once. */
static void a_dataset_that_is_forgotten_in_mid_pull_ends_it(void **state)
{
    struct bench *bench = *state;
    struct store_rig *store = &bench->rig.store;
    add_numbered(bench, 300);
    sync_pull(bench->rig.sync);
    pull_until(bench, 25);
    store_rig_ok(store, store_forget_dataset(store->store, store->dataset, &store->err));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_STOPPED);
    assert_non_null(strstr(sync_report(bench->rig.sync)->err.text, "forgotten"));
    assert_int_equal(store_rig_number(store, "SELECT count(*) FROM record"), 0);
    assert_int_equal(store_rig_number(store, "SELECT count(*) FROM note WHERE key LIKE"
                                             " 'pull:%' OR key LIKE 'sent:%'"),
                     0);
}

/* The key is changed on the server, and in the config then: the pull goes on. */
static void a_key_that_is_refused_in_mid_pull_costs_nothing(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 300);
    sync_pull(bench->rig.sync);
    pull_until(bench, 25);
    fake_argilla_set_key(bench->fake, "another");
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_STOPPED);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_AUTH);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 0);
    fake_argilla_set_key(bench->fake, FAKE_ARGILLA_KEY);
    look(bench);
    assert_int_equal(queue_length(bench), 300);
    assert_int_equal(sync_report(bench->rig.sync)->gone, 0);
}

/* A machine whose clock was wrong: no answer is older or newer for it. */
static void a_clock_that_is_set_back_loses_nothing(void **state)
{
    struct bench *bench = *state;
    struct id ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = sync_rig_add(&bench->rig, "p", 2);
    sync_rig_finish(&bench->rig, 1);
    look(bench);
    sync_rig_respond(&bench->rig, &ids[0], RESPONSE_SUBMITTED, 4);
    bench->rig.store.now_ms -= INT64_C(48) * 3600 * 1000;
    fake_argilla_answer(bench->fake, "guide", 1, "submitted", 5);
    add_numbered(bench, 1);
    look(bench);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &ids[0], "submitted", 4);
    store_rig_expect(&bench->rig.store, &ids[1], RESPONSE_SUBMITTED, 5, NULL);
    assert_int_equal(queue_length(bench), 4);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 0);
    /* what was done last is taken back first */
    sync_rig_respond(&bench->rig, &ids[2], RESPONSE_SUBMITTED, 1);
    store_rig_ok(&bench->rig.store, store_rig_undo(&bench->rig.store));
    store_rig_expect(&bench->rig.store, &ids[2], RESPONSE_SUBMITTED, 2, NULL);
    store_rig_expect(&bench->rig.store, &ids[0], RESPONSE_SUBMITTED, 4, NULL);
}

/* ---- what others change meanwhile ---- */

/* What is behind it moves up by one: none of those may be passed over, or called gone. */
static void record_deleted_during_a_pull_hides_no_other(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 60);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    sync_pull(bench->rig.sync);
    pull_until(bench, 25);
    fake_argilla_edit(bench->fake, "guide", delete_third);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_true(sync_rig_outbox(&bench->rig).gone <= 1);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 1);
    assert_int_equal(queue_length(bench), 60);
}

static void record_answered_during_a_pull_hides_no_other(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 60);
    sync_pull(bench->rig.sync);
    pull_until(bench, 25);
    /* it goes to the end, and the others move up */
    fake_argilla_answer(bench->fake, "guide", 3, "submitted", 2);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(queue_length(bench), 60);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 0);
}

static void record_sent_during_a_pull_is_not_gone(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 3);
    fake_argilla_hold_search(bench->fake);
    sync_pull(bench->rig.sync);
    while (pages_asked(bench) == 0)
        loop_poll(bench->rig.store.loop);
    struct id id = sync_rig_add(&bench->rig, "ours", 3);
    sync_poke(bench->rig.sync, false);
    while (sync_rig_outbox(&bench->rig).unsent > 0)
        loop_turn(bench->rig.store.loop);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_report(bench->rig.sync)->gone, 0);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_SUBMITTED, 3, NULL);
}

static void change_questions(json_t *dataset)
{
    json_t *question = json_array_get(json_object_get(dataset, "questions"), 0);
    json_object_set_new(question, "title", json_string("How good?"));
    json_object_set_new(json_object_get(dataset, "head"), "guidelines",
                        json_string("Be kind."));
}

static void changed_questions_and_guidelines_arrive(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(bench->rig.new_datasets, 0);
    fake_argilla_edit(bench->fake, "guide", change_questions);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(bench->rig.new_datasets, 1);
    assert_string_equal(bench->rig.call.dataset.guidelines, "Be kind.");
    struct dataset stored = {0};
    assert_int_equal(store_get_dataset(bench->rig.store.store, bench->rig.store.dataset,
                                       &stored, NULL),
                     STATUS_OK);
    assert_string_equal(stored.questions[0].title, "How good?");
    assert_string_equal(stored.guidelines, "Be kind.");
    dataset_clear(&stored);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(bench->rig.new_datasets, 1);
}

static void suggestions_come_with_their_records(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 2);
    fake_argilla_edit(bench->fake, "guide", add_suggestion);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    size_t count = 0;
    struct queue_row *rows = store_rig_queue(&bench->rig.store, &count);
    struct record record = {0};
    store_get_record_row(bench->rig.store.store, rows[0].row, &record, NULL);
    assert_int_equal(record.suggestion_count, 0);
    store_get_record_row(bench->rig.store.store, rows[1].row, &record, NULL);
    free(rows);
    assert_int_equal(record.suggestion_count, 1);
    assert_string_equal(record.suggestions[0].value.question, "response-rating");
    assert_int_equal(record.suggestions[0].value.rating, 4);
    assert_string_equal(record.suggestions[0].agent, "judge");
    assert_true(record.suggestions[0].score > 0.49 && record.suggestions[0].score < 0.51);
    record_clear(&record);
}

/* What is chosen like the suggestion is a choice on every machine. */
static void a_draft_of_ones_own_is_no_suggestion(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 2);
    fake_argilla_edit(bench->fake, "guide", add_suggestion);
    fake_argilla_answer(bench->fake, "guide", 1, "draft", 4);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    size_t count = 0;
    struct queue_row *rows = store_rig_queue(&bench->rig.store, &count);
    struct record record = {0};
    store_get_record_row(bench->rig.store.store, rows[1].row, &record, NULL);
    free(rows);
    assert_int_equal(record.response.status, RESPONSE_DRAFT);
    assert_int_equal(record.response.values.items[0].rating, 4);
    assert_int_not_equal(record.response.values.items[0].own, 0);
    assert_int_equal(record.suggestions[0].value.own, 0);
    record_clear(&record);
}

static void suggest_another_value(json_t *dataset)
{
    json_t *record = json_array_get(json_object_get(dataset, "records"), 1);
    json_object_set_new(json_array_get(json_object_get(record, "suggestions"), 0),
                        "value", json_integer(2));
}

static void suggest_for_the_text(json_t *dataset)
{
    const json_t *question = json_array_get(json_object_get(dataset, "questions"), 1);
    json_object_set_new(
        json_array_get(json_object_get(dataset, "records"), 2), "suggestions",
        json_pack("[{s:O,s:s,s:s}]", "question_id", json_object_get(question, "id"),
                  "value", "Fine.", "agent", "judge"));
}

/* No time tells that a suggestion was put: their sum does, and all is read. */
static void suggestions_alone_are_seen(void **state)
{
    static void (*const edits[])(json_t *) = {add_suggestion, suggest_another_value,
                                              suggest_for_the_text};
    struct bench *bench = *state;
    add_numbered(bench, 3);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    for (size_t i = 0; i < 3; i++) {
        size_t pages = pages_asked(bench);
        fake_argilla_edit(bench->fake, "guide", edits[i]);
        look(bench);
        assert_true(pages_asked(bench) > pages);
        int64_t found =
            store_rig_number(&bench->rig.store,
                             "SELECT sum(json_array_length(suggestions) * (1 + ifnull("
                             "json_extract(suggestions, '$[0].values.\"response-rating\""
                             ".value'), 0))) FROM record");
        static const int64_t wanted[] = {5, 3, 4};
        assert_int_equal(found, wanted[i]);
        pages = pages_asked(bench);
        look(bench); /* nothing is new */
        assert_int_equal(pages_asked(bench), pages + 2);
    }
}

static void add_answer_of_another(json_t *dataset)
{
    json_array_insert_new(
        json_object_get(json_array_get(json_object_get(dataset, "records"), 0),
                        "responses"),
        0,
        json_pack("{s:s,s:s,s:s,s:{s:{s:i}}}", "id",
                  "1a8f3d1c-f97b-4682-b2f7-da1f00101bc4", "user_id", FAKE_ARGILLA_PEER,
                  "status", "submitted", "values", "response-rating", "value", 4));
}

static void delete_answers(json_t *dataset)
{
    json_array_clear(json_object_get(
        json_array_get(json_object_get(dataset, "records"), 0), "responses"));
}

static int64_t peers_of_ann(struct bench *bench)
{
    return store_rig_number(&bench->rig.store,
                            "SELECT count(*) FROM response JOIN note ON key ="
                            " 'user:' || user AND value = 'ann' WHERE status = 2"
                            " AND json_extract(answers, '$.response-rating.value') = 4");
}

static void pull_answers_of_others(struct bench *bench, const char *role, int64_t wanted)
{
    size_t count = 0;
    fake_argilla_set_role(bench->fake, role);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    add_numbered(bench, 1);
    fake_argilla_answer(bench->fake, "guide", 0, "submitted", 2);
    fake_argilla_edit(bench->fake, "guide", add_answer_of_another);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    struct queue_row *rows = store_rig_queue(&bench->rig.store, &count);
    assert_int_equal(rows[0].status, RESPONSE_SUBMITTED);
    assert_int_equal(rows[0].rating, 2);
    free(rows);
    assert_int_equal(peers_of_ann(bench), wanted);
}

static void an_owner_sees_what_others_answered(void **state)
{
    struct bench *bench = *state;
    pull_answers_of_others(bench, "owner", 1);
    fake_argilla_edit(bench->fake, "guide", delete_answers);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(peers_of_ann(bench), 0);
}

static void an_admin_asks_the_workspace_who_they_are(void **state)
{
    pull_answers_of_others(*state, "admin", 1);
}

static void an_annotator_sees_their_own_answers_alone(void **state)
{
    pull_answers_of_others(*state, "annotator", 0);
}

static void make_anew(json_t *dataset)
{
    json_t *records = json_object_get(dataset, "records"), *record;
    size_t i;
    json_array_foreach(records, i, record)
    {
        char id[ID_TEXT];
        struct id random;
        id_random(&random);
        id_format(&random, id);
        json_object_set_new(record, "id", json_string(id));
        json_object_set_new(record, "responses", json_array());
    }
}

/* Our answers were there; then somebody deletes the records and logs them anew. */
static void a_record_made_anew_gets_our_answer_again(void **state)
{
    struct bench *bench = *state;
    struct id ids[2] = {sync_rig_add(&bench->rig, "one", 4),
                        sync_rig_add(&bench->rig, "two", 2)};
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    fake_argilla_edit(bench->fake, "guide", make_anew);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &ids[0], "submitted", 4);
    assert_on_server(bench, &ids[1], "submitted", 2);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 0);
}

static void give_twin_ids(json_t *dataset)
{
    json_t *records = json_object_get(dataset, "records");
    json_object_set_new(json_array_get(records, 0), "external_id",
                        json_string("0a8f3d1c-f97b-4682-b2f7-da1f00101bc4"));
    json_object_set_new(json_array_get(records, 1), "external_id",
                        json_string("0A8F3D1C-F97B-4682-B2F7-DA1F00101BC4"));
}

static void external_ids_in_another_case_are_others(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 2);
    fake_argilla_edit(bench->fake, "guide", give_twin_ids);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
        assert_int_equal(queue_length(bench), 2);
        assert_int_equal(sync_rig_outbox(&bench->rig).gone, 0);
    }
}

static void what_is_new_and_what_is_changed_is_counted(void **state)
{
    struct bench *bench = *state;
    add_numbered(bench, 30);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_report(bench->rig.sync)->added, 30);
    assert_int_equal(sync_report(bench->rig.sync)->changed, 0);
    fake_argilla_answer(bench->fake, "guide", 29, "submitted", 2);
    fake_argilla_add_record(bench->fake, "guide", "new", "r");
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_report(bench->rig.sync)->added, 1);
    assert_int_equal(sync_report(bench->rig.sync)->changed, 1);
}

#define BOTH(name) BENCH_CASE(name), BENCH_CASE_OLD(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretches_that_changed_are_found_by_halves),
        BENCH_CASE(pull_brings_records_and_answers),
        BENCH_CASE_OLD(pull_brings_records_and_answers),
        BENCH_CASE(pull_finds_our_own_records),
        BOTH(pull_takes_what_was_answered_elsewhere),
        BOTH(pull_keeps_both_of_two_answers),
        BENCH_CASE(an_answer_is_missed_until_all_is_read),
        BENCH_CASE(page_read_before_a_push_changes_nothing),
        BENCH_CASE(pull_goes_on_after_the_server_was_away),
        BENCH_CASE_OLD(pull_goes_on_after_the_server_was_away),
        BOTH(first_page_is_seen_before_the_rest),
        BOTH(failed_page_is_asked_for_again_by_itself),
        BOTH(last_page_may_be_full),
        BENCH_CASE(page_goes_into_the_store_in_slices),
        BENCH_CASE(page_over_the_cap_is_asked_for_in_parts),
        BENCH_CASE(end_in_the_middle_of_a_page_is_silent),
        BOTH(a_dataset_that_is_forgotten_in_mid_pull_ends_it),
        BOTH(a_key_that_is_refused_in_mid_pull_costs_nothing),
        BOTH(a_clock_that_is_set_back_loses_nothing),
        BOTH(record_deleted_during_a_pull_hides_no_other),
        BOTH(record_answered_during_a_pull_hides_no_other),
        BOTH(record_sent_during_a_pull_is_not_gone),
        BENCH_CASE(what_is_new_alone_is_read),
        BOTH(what_was_sent_from_here_is_not_read_back),
        BOTH(a_pull_of_all_leaves_out_nothing),
        BENCH_CASE(suggestions_to_what_was_sent_are_read),
        BOTH(what_was_stored_before_its_reply_was_lost_is_read),
        BENCH_CASE(what_is_gone_is_found_without_being_looked_for),
        BENCH_CASE(a_pull_that_was_broken_off_goes_on),
        BENCH_CASE_OLD(a_pull_that_was_broken_off_by_an_upgrade_begins_anew),
        BENCH_CASE(after_a_day_all_is_read),
        BENCH_CASE(changed_questions_and_guidelines_arrive),
        BENCH_CASE(suggestions_come_with_their_records),
        BENCH_CASE(a_draft_of_ones_own_is_no_suggestion),
        BENCH_CASE(suggestions_alone_are_seen),
        BENCH_CASE(external_ids_in_another_case_are_others),
        BOTH(a_record_made_anew_gets_our_answer_again),
        BOTH(an_owner_sees_what_others_answered),
        BOTH(an_admin_asks_the_workspace_who_they_are),
        BOTH(an_annotator_sees_their_own_answers_alone),
        BOTH(what_is_new_and_what_is_changed_is_counted),
    };
    return cmocka_run_group_tests_name("sync_pull", tests, NULL, NULL);
}
