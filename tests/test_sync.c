/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sync/state.h"
#include "sync/sync.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>

#include "base/xalloc.h"
#include "store/store_bulk.h"
#include "tests/support/sync_bench.h"
#include "json/json.h"

/* ---- push ---- */

static void everything_reaches_the_server(void **state)
{
    struct bench *bench = *state;
    struct id plain = sync_rig_add(&bench->rig, "a", 0);
    struct id rated = sync_rig_add(&bench->rig, "b", 4);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 2);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &plain, NULL, 0);
    assert_on_server(bench, &rated, "submitted", 4);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
    assert_int_equal(sync_report(bench->rig.sync)->outbox.unsent, 0);
    assert_int_equal(sync_report(bench->rig.sync)->sent, 3);
}

static void undo_and_discard_reach_the_server(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    sync_rig_respond(&bench->rig, &id, RESPONSE_DISCARDED, 0);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "discarded", 0);
    store_rig_undo(&bench->rig.store);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 4);
    store_rig_undo(&bench->rig.store);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, NULL, 0);
}

/* Records in all requests together. */
static size_t records_put(struct bench *bench)
{
    struct fake_server *server = fake_argilla_server(bench->fake);
    size_t count = 0, all = fake_server_count(server);
    for (size_t i = 0; i < all; i++) {
        const struct fake_request *request = fake_server_request(server, i);
        if (strcmp(request->method, "PUT") != 0 || !strstr(request->path, "/bulk"))
            continue;
        json_t *body = json_parse(request->body, request->body_len, NULL);
        count += json_array_size(json_object_get(body, "items"));
        json_decref(body);
    }
    return count;
}

static void many_records_go_in_few_requests(void **state)
{
    struct bench *bench = *state;
    enum { COUNT = 700 };
    for (int i = 0; i < COUNT; i++) {
        char prompt[16];
        snprintf(prompt, sizeof prompt, "%d", i);
        sync_rig_add(&bench->rig, prompt, i % 5);
    }
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(records_on_server(bench), COUNT);
    assert_true(fake_argilla_count(bench->fake, "PUT", "/api/v1/datasets") < 12);
    assert_int_equal(records_put(bench), COUNT);
    /* in the order they were made, each once */
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    for (size_t i = 0; i < COUNT; i++) {
        const json_t *record = json_array_get(json_object_get(whole, "records"), i);
        const char *prompt =
            json_get_text(json_object_get(record, "fields"), "prompt", NULL);
        assert_int_equal(strtol(prompt, NULL, 10), (int)i);
    }
    json_decref(whole);
}

static void a_note_is_in_no_request(void **state)
{
    struct bench *bench = *state;
    struct fake_server *server = fake_argilla_server(bench->fake);
    struct store *store = bench->rig.store.store;
    struct err *err = &bench->rig.store.err;
    struct id id = sync_rig_add(&bench->rig, "a prompt", 1);
    store_rig_ok(&bench->rig.store,
                 store_note_record(store, &id, "mine alone", "", 0, NULL, err));
    sync_rig_finish(&bench->rig, 1);
    store_rig_ok(&bench->rig.store,
                 store_note_record(store, &id, "mine alone, too", NULL, 0, NULL, err));
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 2);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 2);
    bool has_prompt = false;
    for (size_t i = 0; i < fake_server_count(server); i++) {
        const char *body = fake_server_request(server, i)->body;
        has_prompt |= body && strstr(body, "a prompt");
        assert_false(body && strstr(body, "mine alone"));
    }
    assert_true(has_prompt);
}

/* More of ours than one page of them holds. */
static void many_answers_are_changed_over_their_own(void **state)
{
    struct bench *bench = *state;
    enum { COUNT = 130 };
    struct id ids[COUNT];
    for (int i = 0; i < COUNT; i++)
        ids[i] = sync_rig_add(&bench->rig, "p", 1);
    sync_rig_finish(&bench->rig, 1);
    for (int i = 0; i < COUNT; i++)
        sync_rig_respond(&bench->rig, &ids[i], RESPONSE_SUBMITTED, 2);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 0);
    assert_on_server(bench, &ids[0], "submitted", 2);
    assert_on_server(bench, &ids[COUNT - 1], "submitted", 2);
}

static void refused_record_is_set_aside_and_others_go_on(void **state)
{
    struct bench *bench = *state;
    struct id first = sync_rig_add(&bench->rig, "a", 0);
    sync_rig_add(&bench->rig, "BAD", 3);
    struct id last = sync_rig_add(&bench->rig, "c", 2);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &first, NULL, 0);
    assert_on_server(bench, &last, "submitted", 2);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 1);
    struct outbox_item *items = NULL;
    size_t count = 0;
    const struct outbox_query query = {.kind = OUTBOX_RECORD, .max = 9};
    assert_int_equal(
        store_list_outbox(bench->rig.store.store, &query, &items, &count, NULL),
        STATUS_OK);
    assert_int_equal(count, 1);
    assert_true(items[0].is_refused);
    assert_non_null(strstr(items[0].last_error, "because it is bad"));
    outbox_item_clear(&items[0]);
    free(items);
}

static void record_that_breaks_the_server_stands_back_for_others(void **state)
{
    struct bench *bench = *state;
    enum { COUNT = 40 };
    struct id ids[COUNT];
    for (int i = 0; i < COUNT; i++)
        ids[i] = sync_rig_add(&bench->rig, i == 13 ? "BOOM" : "p", 1);
    int tries = 0;
    for (; tries < 20 && sync_rig_outbox(&bench->rig).unsent > 1; tries++) {
        sync_now(bench->rig.sync);
        assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
        bench->rig.store.now_ms += 1000;
    }
    assert_true(tries <= 8); /* halved at once, not one wait for each size */
    for (int i = 0; i < COUNT; i++)
        if (i != 13)
            assert_on_server(bench, &ids[i], "submitted", 1);
    const struct sync_report *report = sync_report(bench->rig.sync);
    assert_int_equal(report->outbox.unsent, 1);
    assert_int_equal(report->outbox.refused, 0);
    assert_non_null(strstr(report->err.text, "it went boom"));
    assert_true(report->retry_at_ms > 0);
}

/* It is on its way, and the server waits before it answers. */
static void hold_push(struct bench *bench)
{
    fake_argilla_hold(bench->fake, 0);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_poke(bench->rig.sync, false);
    while (fake_server_count(fake_argilla_server(bench->fake)) == before)
        loop_poll(bench->rig.store.loop);
}

static void change_during_a_push_is_sent_after_it(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    sync_rig_finish(&bench->rig, 1);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 2);
    hold_push(bench);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 3);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &id, "submitted", 3);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
}

/* Taking back is two requests; what was answered meanwhile must come after both. */
static void answer_given_while_one_is_taken_back_stays(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    sync_rig_finish(&bench->rig, 1);
    sync_rig_respond(&bench->rig, &id, RESPONSE_PENDING, 0);
    hold_push(bench);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 5);
    sync_poke(bench->rig.sync, false);
    loop_turn(bench->rig.store.loop);
    loop_turn(bench->rig.store.loop);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &id, "submitted", 5);
}

/* ---- what we sent ourselves is nobody else's answer ---- */

static int rating_on_server(struct bench *bench)
{
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    json_t *record = json_array_get(json_object_get(whole, "records"), 0);
    json_t *response = json_array_get(json_object_get(record, "responses"), 0);
    json_t *value =
        json_object_get(json_object_get(response, "values"), "response-rating");
    int rating = (int)json_integer_value(json_object_get(value, "value"));
    json_decref(whole);
    return rating;
}

static void finish_with(struct bench *bench, const struct id *id, const char *status,
                        int rating)
{
    sync_rig_finish(&bench->rig, 4);
    store_rig_expect(&bench->rig.store, id,
                     status[0] == 'd' ? RESPONSE_DRAFT : RESPONSE_SUBMITTED, rating,
                     NULL);
    assert_on_server(bench, id, status, rating);
    assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 0);
}

/* The server has it, and we are not told. */
static void send_untold(struct bench *bench, const struct id *id, int rating)
{
    fake_argilla_hold(bench->fake, 0);
    sync_rig_respond(&bench->rig, id, RESPONSE_SUBMITTED, rating);
    sync_poke(bench->rig.sync, false);
    while (rating_on_server(bench) != rating)
        loop_poll(bench->rig.store.loop);
}

/* Changed, or changed back, while the one before is on its way and a page shows it. */
static void page_that_shows_what_is_on_its_way_is_no_clash(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    for (int next = 3; next <= 4; next++) {
        send_untold(bench, &id, 2);
        sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, next);
        sync_pull(bench->rig.sync);
        while (sync_report(bench->rig.sync)->is_pulling)
            loop_poll(bench->rig.store.loop);
        assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 0);
        fake_server_open_gate(fake_argilla_server(bench->fake));
        assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
        finish_with(bench, &id, "submitted", next);
    }
}

/* The page was read before it arrived: it still has what ours is again by now. */
static void change_back_outlives_what_was_on_its_way(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    fake_argilla_hold_search(bench->fake);
    sync_pull(bench->rig.sync);
    while (fake_server_count(fake_argilla_server(bench->fake)) < before + 3)
        loop_poll(bench->rig.store.loop);
    send_untold(bench, &id, 2);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 4);
    fake_server_open_gate(fake_argilla_server(bench->fake)); /* of the page, or of both */
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    finish_with(bench, &id, "submitted", 4);
}

static void change_after_a_lost_reply_is_no_clash(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    for (int next = 3; next <= 4; next++) {
        fake_argilla_cut(bench->fake, 0, FAKE_CUT_MIDDLE);
        sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 2);
        sync_poke(bench->rig.sync, false);
        assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
        assert_int_equal(rating_on_server(bench), 2);
        sync_rig_restart(&bench->rig); /* another process knows of it too */
        sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, next);
        finish_with(bench, &id, "submitted", next);
    }
    /* what another wrote meanwhile is one all the same */
    fake_argilla_cut(bench->fake, 0, FAKE_CUT_MIDDLE);
    sync_rig_respond(&bench->rig, &id, RESPONSE_SUBMITTED, 2);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    fake_argilla_answer(bench->fake, "guide", 0, "submitted", 1);
    sync_now(bench->rig.sync);
    sync_rig_rest(&bench->rig);
    assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 1);
    assert_int_equal(rating_on_server(bench), 1);
}

/* Replies come late, in another order, or not at all; pages are read all the time. */
static void quick_changes_of_a_draft_never_clash(void **state)
{
    struct bench *bench = *state;
    uint32_t dice = 2463534242u;
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    sync_rig_finish(&bench->rig, 1);
    for (int i = 0; i < 200; i++) {
        dice ^= dice << 13, dice ^= dice >> 17, dice ^= dice << 5;
        if (dice % 3 == 0)
            fake_argilla_hold(bench->fake, 0);
        if (dice / 3 % 3 == 0)
            fake_argilla_hold_search(bench->fake);
        if (dice / 9 % 5 == 0)
            fake_argilla_cut(bench->fake, 0, (enum fake_cut)(dice / 45 % 3));
        sync_rig_respond(&bench->rig, &id, RESPONSE_DRAFT, 1 + (int)(dice / 135 % 5));
        sync_now(bench->rig.sync);
        if (dice / 675 % 2)
            sync_pull(bench->rig.sync);
        else
            sync_look(bench->rig.sync);
        for (uint32_t turns = dice / 1350 % 40; turns > 0; turns--)
            loop_poll(bench->rig.store.loop);
        if (dice / 54000 % 2)
            fake_server_open_gate(fake_argilla_server(bench->fake));
        assert_int_equal(sync_rig_outbox(&bench->rig).clashes, 0);
    }
    for (int i = 0; i < 400; i++) /* all that is held, now and later */
        fake_server_open_gate(fake_argilla_server(bench->fake));
    sync_rig_respond(&bench->rig, &id, RESPONSE_DRAFT, 3);
    finish_with(bench, &id, "draft", 3);
}

static void unpublish(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "status", json_string("draft"));
}

static void publish(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "status", json_string("ready"));
}

static void nothing_is_sent_to_a_draft_until_it_is_published(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    fake_argilla_edit(bench->fake, "guide", unpublish);
    bench->rig.call.dataset.is_published = false;
    sync_rig_restart(&bench->rig);
    assert_int_equal(sync_report(bench->rig.sync)->state, SYNC_STOPPED);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_STOPPED);
    assert_int_equal(fake_server_count(fake_argilla_server(bench->fake)), before);
    for (int i = 0; i < 2; i++) { /* each time that somebody asks */
        sync_now(bench->rig.sync);
        sync_pull(bench->rig.sync);
        assert_int_equal(sync_rig_rest(&bench->rig), SYNC_STOPPED);
        assert_non_null(strstr(sync_report(bench->rig.sync)->err.text, "still a draft"));
        assert_false(sync_report(bench->rig.sync)->is_pulling);
    }
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 1);
    fake_argilla_edit(bench->fake, "guide", publish);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 1);
    assert_true(bench->rig.call.dataset.is_published); /* which the store knows, too */
}

static void drafts_wait_until_typing_stops(void **state)
{
    struct bench *bench = *state;
    struct id typed = sync_rig_add(&bench->rig, "a", 0);
    sync_rig_finish(&bench->rig, 1);
    sync_rig_respond(&bench->rig, &typed, RESPONSE_DRAFT, 2);
    sync_poke(bench->rig.sync, true);
    /* another record is sent meanwhile, the draft is not */
    struct id other = sync_rig_add(&bench->rig, "b", 5);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_on_server(bench, &other, "submitted", 5);
    assert_on_server(bench, &typed, NULL, 0);
    int64_t till = bench->rig.store.now_ms + 1998; /* answering took one */
    bench->rig.store.now_ms = till;
    sync_poke(bench->rig.sync, false);
    sync_rig_rest(&bench->rig);
    assert_on_server(bench, &typed, NULL, 0);
    bench->rig.store.now_ms = till + 1;
    sync_poke(bench->rig.sync, false);
    sync_rig_rest(&bench->rig);
    assert_on_server(bench, &typed, "draft", 2);
}

static void now_does_not_wait_for_drafts(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 0);
    sync_rig_respond(&bench->rig, &id, RESPONSE_DRAFT, 2);
    sync_poke(bench->rig.sync, true);
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "draft", 2);
}

/* ---- a server that is away ---- */

static void server_away_is_waited_for_and_caught_up(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 3);
    fake_argilla_fail(bench->fake, 1, 503, "Content-Type: text/html\r\n",
                      "<title>Down</title>");
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_WAITING);
    const struct sync_report *report = sync_report(bench->rig.sync);
    assert_int_equal(report->err.code, STATUS_BUSY);
    assert_non_null(strstr(report->err.text, "(\"Down\")"));
    assert_true(report->offline_since_ms > 0);
    int64_t wait = report->retry_at_ms - bench->rig.store.now_ms;
    assert_true(wait >= 750 && wait <= 1000);
    assert_int_equal(report->outbox.unsent, 1);
    /* by itself, when the time has come */
    bench->rig.store.now_ms += 1000;
    while (report->state == SYNC_WAITING)
        loop_turn(bench->rig.store.loop);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(report->offline_since_ms, 0);
    assert_int_equal(report->err.code, STATUS_OK);
    assert_on_server(bench, &id, "submitted", 3);
}

static void pokes_do_not_hammer_a_server_that_is_away(void **state)
{
    struct bench *bench = *state;
    sync_rig_add(&bench->rig, "a", 0);
    fake_argilla_fail(bench->fake, 100, 503, JSON_HEAD "Retry-After: 30\r\n", "{}");
    sync_poke(bench->rig.sync, false);
    sync_rig_rest(&bench->rig);
    int64_t wait = sync_report(bench->rig.sync)->retry_at_ms - bench->rig.store.now_ms;
    assert_int_equal(wait, 30000);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    for (int i = 0; i < 20; i++) {
        sync_rig_add(&bench->rig, "b", 1);
        sync_poke(bench->rig.sync, false);
        loop_poll(bench->rig.store.loop);
    }
    assert_int_equal(fake_server_count(fake_argilla_server(bench->fake)), before);
    assert_int_equal(sync_report(bench->rig.sync)->state, SYNC_WAITING);
    assert_int_equal(sync_report(bench->rig.sync)->outbox.unsent, 21);
}

static void waits_grow_up_to_a_minute(void **state)
{
    struct bench *bench = *state;
    sync_rig_add(&bench->rig, "a", 0);
    fake_argilla_fail(bench->fake, 100, 503, JSON_HEAD, "{}");
    int64_t wait = 0;
    for (int i = 0; i < 10; i++) {
        sync_now(bench->rig.sync);
        sync_rig_rest(&bench->rig);
        int64_t now = sync_report(bench->rig.sync)->retry_at_ms - bench->rig.store.now_ms;
        assert_true(now > wait || now >= 45000);
        wait = now;
    }
    assert_true(wait <= 60000);
}

static void every_cut_leaves_one_of_each(void **state)
{
    struct bench *bench = *state;
    enum { ROUNDS = 30, EACH = 3 };
    struct id ids[ROUNDS * EACH];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < EACH; i++)
            ids[round * EACH + i] = sync_rig_add(&bench->rig, "p", 1 + i);
        if (round > 0)
            sync_rig_respond(&bench->rig, &ids[(round - 1) * EACH], RESPONSE_PENDING, 0);
        fake_argilla_cut(bench->fake, (size_t)round % 4, (enum fake_cut)(round % 3));
        sync_rig_finish(&bench->rig, 4);
    }
    assert_int_equal(records_on_server(bench), ROUNDS * EACH);
    for (int i = 0; i < ROUNDS * EACH; i++) {
        bool is_undone = i % EACH == 0 && i < (ROUNDS - 1) * EACH;
        assert_on_server(bench, &ids[i], is_undone ? NULL : "submitted",
                         is_undone ? 0 : 1 + i % EACH);
    }
}

static void another_process_goes_on_where_one_was_killed(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 3);
    /* the server has it, the store never hears of it */
    hold_push(bench);
    sync_rig_restart(&bench->rig);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 1);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(records_on_server(bench), 1);
    assert_on_server(bench, &id, "submitted", 3);
}

/* ---- what only the user can mend ---- */

static void wrong_key_stops_it_until_it_is_told(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 3);
    fake_argilla_set_key(bench->fake, "another");
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_STOPPED);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_AUTH);
    size_t before = fake_server_count(fake_argilla_server(bench->fake));
    sync_poke(bench->rig.sync, false);
    loop_poll(bench->rig.store.loop);
    assert_int_equal(fake_server_count(fake_argilla_server(bench->fake)), before);
    assert_int_equal(sync_report(bench->rig.sync)->state, SYNC_STOPPED);
    fake_argilla_set_key(bench->fake, FAKE_ARGILLA_KEY);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_OK);
    assert_on_server(bench, &id, "submitted", 3);
}

static void annotator_still_sends_answers(void **state)
{
    struct bench *bench = *state;
    fake_argilla_add_record(bench->fake, "guide", "theirs", "r");
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    size_t count = 0;
    struct queue_row *rows = store_rig_queue(&bench->rig.store, &count);
    assert_int_equal(count, 1);
    struct record record = {0};
    store_get_record_row(bench->rig.store.store, rows[0].row, &record, NULL);
    free(rows);
    fake_argilla_set_role(bench->fake, "annotator");
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    sync_rig_add(&bench->rig, "mine", 2);
    sync_rig_respond(&bench->rig, &record.id, RESPONSE_SUBMITTED, 5);
    sync_poke(bench->rig.sync, false);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 1);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
    assert_int_equal(store_rig_number(&bench->rig.store,
                                      "SELECT count(*) FROM outbox WHERE kind = 0"
                                      " AND last_error LIKE '%may not store%'"),
                     1);
    fake_argilla_add_record(bench->fake, "guide", "meanwhile", "r");
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE); /* reading goes on */
    assert_int_equal(sync_report(bench->rig.sync)->added, 1);
    json_t *whole = fake_argilla_dataset(bench->fake, "guide");
    json_t *first = json_array_get(json_object_get(whole, "records"), 0);
    assert_int_equal(json_array_size(json_object_get(first, "responses")), 1);
    json_decref(whole);
    /* with another key the record goes too */
    fake_argilla_set_role(bench->fake, "owner");
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    store_rig_ok(&bench->rig.store,
                 store_retry_refused(bench->rig.store.store, bench->rig.store.dataset,
                                     &bench->rig.store.err));
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(records_on_server(bench), 3);
    record_clear(&record);
}

/* How many the record requests held, from the at-th on. */
static size_t size_of_put(struct bench *bench, size_t at)
{
    struct fake_server *server = fake_argilla_server(bench->fake);
    size_t all = fake_server_count(server), size = 0;
    for (size_t i = 0; i < all && !size; i++) {
        const struct fake_request *request = fake_server_request(server, i);
        if (strcmp(request->method, "PUT") != 0 || !strstr(request->path, "/bulk") ||
            at-- > 0)
            continue;
        json_t *body = json_loadb(request->body, request->body_len, 0, NULL);
        size = json_array_size(json_object_get(body, "items"));
        json_decref(body);
    }
    return size;
}

/* Of a server that took ten seconds the next batch is a tenth. */
static void a_batch_takes_about_a_second(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 32; i++)
        sync_rig_add(&bench->rig, "p", 0);
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    fake_argilla_hold(bench->fake, 0);
    sync_now(bench->rig.sync);
    while (!size_of_put(bench, 0))
        assert_true(loop_turn(bench->rig.store.loop));
    bench->rig.store.now_ms += 10000;
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(size_of_put(bench, 0), 32);
    for (int i = 0; i < 32; i++)
        sync_rig_add(&bench->rig, "p", 0);
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(size_of_put(bench, 1), 3);
    assert_int_equal(records_on_server(bench), 64);
}

static void delete_all(json_t *dataset)
{
    json_array_clear(json_object_get(dataset, "records"));
}

static void what_another_process_found_to_be_gone_is_said(void **state)
{
    struct bench *bench = *state;
    struct store_rig *store = &bench->rig.store;
    sync_rig_add(&bench->rig, "a", 4);
    store_rig_ok(store,
                 store_mark_dataset(store->store, store->dataset, true, &store->err));
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_STOPPED);
    assert_int_equal(sync_report(bench->rig.sync)->err.code, STATUS_NOT_FOUND);
    assert_non_null(
        strstr(sync_report(bench->rig.sync)->err.text, "is gone from its server"));
    assert_int_equal(records_on_server(bench), 0);
}

/* As when the server comes back with what it had before. */
static void a_dataset_that_is_there_again_is_gone_no_more(void **state)
{
    struct bench *bench = *state;
    const struct sync *sync = bench->rig.sync;
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    struct id id = sync_rig_add(&bench->rig, "a", 4);
    for (int is_back = 0; is_back < 2; is_back++) {
        struct dataset known = {0};
        fake_argilla_fail(bench->fake, is_back ? 0 : SIZE_MAX, 404, JSON_HEAD,
                          "{\"detail\":\"Dataset not found\"}");
        assert_int_equal(sync_rig_pull(&bench->rig), is_back ? SYNC_IDLE : SYNC_STOPPED);
        assert_int_equal(store_get_dataset(bench->rig.store.store,
                                           bench->rig.store.dataset, &known, NULL),
                         STATUS_OK);
        assert_int_equal(known.is_gone, !is_back);
        dataset_clear(&known);
        while (sync->push.flights || sync->pull.is_asking || sync->is_looking)
            loop_turn(
                bench->rig.store.loop); /* what was on its way may tell a 404, too */
    }
    sync_rig_finish(&bench->rig, 1);
    assert_on_server(bench, &id, "submitted", 4);
}

/* The role was lost between the word to send them anew and the sending. */
static void what_an_annotator_cannot_make_anew_is_gone_as_before(void **state)
{
    struct bench *bench = *state;
    struct gone_counts dropped;
    size_t count = 0;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_edit(bench->fake, "guide", delete_all);
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 1);
    store_rig_ok(&bench->rig.store,
                 store_send_gone(bench->rig.store.store, bench->rig.store.dataset, &count,
                                 &bench->rig.store.err));
    sync_rig_add(&bench->rig, "never there", 2);
    fake_argilla_set_role(bench->fake, "annotator");
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 1);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 1);
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, 0);
    store_rig_expect(&bench->rig.store, &id, RESPONSE_SUBMITTED, 1, NULL);
    store_rig_ok(&bench->rig.store,
                 store_drop_gone(bench->rig.store.store, bench->rig.store.dataset,
                                 &dropped, &bench->rig.store.err));
    assert_int_equal(dropped.records, 1);
}

/* ---- deletions ---- */

static void delete_all_of(struct bench *bench, const struct id *ids, size_t count)
{
    struct bulk bulk = {0};
    struct record record = {0};
    int64_t *rows = xcalloc(count, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        store_get_record(bench->rig.store.store, &ids[i], &record, NULL);
        rows[i] = record.row;
    }
    err_clear(&bench->rig.store.err);
    store_rig_ok(&bench->rig.store, store_put_bulk(bench->rig.store.store, &bulk, rows,
                                                   count, true, &bench->rig.store.err));
    record_clear(&record);
    free(rows);
}

static void hasten(struct bench *bench)
{
    store_rig_ok(&bench->rig.store,
                 store_hasten_deletions(bench->rig.store.store, bench->rig.store.dataset,
                                        &bench->rig.store.err));
}

static void deletions_have_their_time_and_go_in_hundreds(void **state)
{
    struct bench *bench = *state;
    enum { COUNT = 230 };
    struct id ids[COUNT + 1];
    for (int i = 0; i <= COUNT; i++)
        ids[i] = sync_rig_add(&bench->rig, "p", 1);
    sync_rig_finish(&bench->rig, 1);
    delete_all_of(bench, ids, COUNT);
    sync_now(bench->rig.sync); /* as a command does that is about something else */
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(records_on_server(bench), COUNT + 1);
    assert_int_equal(sync_report(bench->rig.sync)->outbox.deleted, COUNT);
    assert_int_equal(sync_report(bench->rig.sync)->outbox.unsent, 0);
    /* a pull meanwhile brings none back */
    assert_int_equal(sync_rig_pull(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_report(bench->rig.sync)->added, 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).deleted, COUNT);
    hasten(bench);
    sync_rig_finish(&bench->rig, 1);
    assert_int_equal(records_on_server(bench), 1);
    assert_int_equal(fake_argilla_count(bench->fake, "DELETE", "/api/v1/datasets"), 3);
    assert_int_equal(sync_rig_outbox(&bench->rig).deleted, 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 0);
}

/* A page that was read before shows the record still: it is not to be deleted once more.
 */
static void a_page_read_before_a_deletion_brings_none_back(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_hold_search(bench->fake);
    sync_pull(bench->rig.sync);
    while (fake_argilla_count(bench->fake, "POST", "/api/v1/datasets") < 2)
        loop_turn(bench->rig.store.loop); /* the newest, then the page */
    delete_all_of(bench, &id, 1);
    hasten(bench);
    sync_now(bench->rig.sync);
    while (sync_rig_outbox(&bench->rig).deleted > 0)
        loop_turn(bench->rig.store.loop);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(records_on_server(bench), 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).deleted, 0);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 0);
}

static void a_cut_deletion_is_sent_again(void **state)
{
    struct bench *bench = *state;
    struct id ids[2] = {sync_rig_add(&bench->rig, "a", 1),
                        sync_rig_add(&bench->rig, "b", 1)};
    sync_rig_finish(&bench->rig, 1);
    for (int cut = FAKE_CUT_BEFORE; cut <= FAKE_CUT_AFTER; cut++) {
        delete_all_of(bench, &ids[cut], 1);
        hasten(bench);
        fake_argilla_cut(bench->fake, 0, (enum fake_cut)cut);
        sync_rig_finish(&bench->rig, 3);
        assert_int_equal(records_on_server(bench), 1 - cut);
        assert_int_equal(sync_rig_outbox(&bench->rig).deleted, 0);
    }
}

static void a_deletion_that_is_undone_on_its_way_leaves_a_gone_record(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    sync_rig_finish(&bench->rig, 1);
    delete_all_of(bench, &id, 1);
    hasten(bench);
    fake_argilla_hold(bench->fake, 0);
    sync_now(bench->rig.sync);
    while (fake_argilla_count(bench->fake, "DELETE", "/api/v1/datasets") == 0)
        loop_turn(bench->rig.store.loop);
    assert_int_equal(store_rig_undo(&bench->rig.store), STATUS_OK);
    fake_server_open_gate(fake_argilla_server(bench->fake));
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).gone, 1); /* here, to be sent anew */
}

static void an_annotators_deletion_is_set_aside(void **state)
{
    struct bench *bench = *state;
    struct id id = sync_rig_add(&bench->rig, "a", 1);
    sync_rig_finish(&bench->rig, 1);
    fake_argilla_set_role(bench->fake, "annotator");
    assert_int_equal(call_connect(&bench->rig.call), STATUS_OK);
    delete_all_of(bench, &id, 1);
    hasten(bench);
    sync_now(bench->rig.sync);
    assert_int_equal(sync_rig_rest(&bench->rig), SYNC_IDLE);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 1);
    assert_int_equal(records_on_server(bench), 1);
    assert_int_equal(store_rig_undo(&bench->rig.store), STATUS_OK);
    assert_int_equal(sync_rig_outbox(&bench->rig).refused, 0);
}

static void free_in_the_middle_is_silent(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 50; i++)
        sync_rig_add(&bench->rig, "p", 1);
    sync_now(bench->rig.sync);
    sync_pull(bench->rig.sync);
    for (int i = 0; i < 40; i++) {
        loop_poll(bench->rig.store.loop);
        if (i % 8 == 7) {
            sync_rig_restart(&bench->rig);
            sync_now(bench->rig.sync);
            sync_pull(bench->rig.sync);
        }
    }
    sync_rig_finish(&bench->rig, 2);
    assert_int_equal(records_on_server(bench), 50);
}

/* What waits, with the reason that it has, is looked at at every step: nothing of it may
 * stay in memory. */
static void what_waits_costs_no_memory(void **state)
{
    struct bench *bench = *state;
    enum { ITEMS = 16, STEPS = 300, MOST = 64 * 1024 };
    struct id ids[ITEMS];
    char reason[200];
    struct outcome later[ITEMS];
    struct outbox_query query = {
        .dataset_row = bench->rig.store.dataset, .kind = OUTBOX_RESPONSE, .max = ITEMS};
    struct outbox_item *items = NULL;
    size_t count = 0, before = 0;
    for (size_t i = 0; i < ITEMS; i++)
        ids[i] = sync_rig_add(&bench->rig, "p", 0);
    sync_rig_finish(&bench->rig, 1);
    for (size_t i = 0; i < ITEMS; i++)
        sync_rig_respond(&bench->rig, &ids[i], RESPONSE_DRAFT, 3);
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    store_rig_ok(&bench->rig.store,
                 store_list_outbox(bench->rig.store.store, &query, &items, &count,
                                   &bench->rig.store.err));
    assert_int_equal(count, ITEMS);
    for (size_t i = 0; i < count; i++)
        later[i] = (struct outcome){.kind = OUTCOME_LATER,
                                    .item = OUTBOX_RESPONSE,
                                    .record = items[i].record,
                                    .version = items[i].version,
                                    .error = reason};
    store_rig_ok(&bench->rig.store, store_settle_outbox(bench->rig.store.store, later,
                                                        count, &bench->rig.store.err));
    outbox_items_free(items, count);
    for (int i = 0; i < STEPS; i++) {
        if (i == STEPS / 2)
            before = mallinfo2().uordblks;
        sync_poke(bench->rig.sync, true); /* drafts wait while one types */
        loop_poll(bench->rig.store.loop);
    }
    assert_int_equal(sync_rig_outbox(&bench->rig).unsent, ITEMS);
    assert_true(mallinfo2().uordblks < before + MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_CASE(what_waits_costs_no_memory),
        BENCH_CASE(everything_reaches_the_server),
        BENCH_CASE_OLD(everything_reaches_the_server),
        BENCH_CASE(undo_and_discard_reach_the_server),
        BENCH_CASE(many_records_go_in_few_requests),
        BENCH_CASE(a_note_is_in_no_request),
        BENCH_CASE(many_answers_are_changed_over_their_own),
        BENCH_CASE_OLD(many_answers_are_changed_over_their_own),
        BENCH_CASE(refused_record_is_set_aside_and_others_go_on),
        BENCH_CASE(record_that_breaks_the_server_stands_back_for_others),
        BENCH_CASE(change_during_a_push_is_sent_after_it),
        BENCH_CASE(answer_given_while_one_is_taken_back_stays),
        BENCH_CASE(page_that_shows_what_is_on_its_way_is_no_clash),
        BENCH_CASE_OLD(page_that_shows_what_is_on_its_way_is_no_clash),
        BENCH_CASE(change_back_outlives_what_was_on_its_way),
        BENCH_CASE(change_after_a_lost_reply_is_no_clash),
        BENCH_CASE_OLD(change_after_a_lost_reply_is_no_clash),
        BENCH_CASE(quick_changes_of_a_draft_never_clash),
        BENCH_CASE_OLD(quick_changes_of_a_draft_never_clash),
        BENCH_CASE(nothing_is_sent_to_a_draft_until_it_is_published),
        BENCH_CASE(drafts_wait_until_typing_stops),
        BENCH_CASE(now_does_not_wait_for_drafts),
        BENCH_CASE(server_away_is_waited_for_and_caught_up),
        BENCH_CASE(pokes_do_not_hammer_a_server_that_is_away),
        BENCH_CASE(waits_grow_up_to_a_minute),
        BENCH_CASE(every_cut_leaves_one_of_each),
        BENCH_CASE(another_process_goes_on_where_one_was_killed),
        BENCH_CASE(wrong_key_stops_it_until_it_is_told),
        BENCH_CASE(annotator_still_sends_answers),
        BENCH_CASE(a_batch_takes_about_a_second),
        BENCH_CASE(what_another_process_found_to_be_gone_is_said),
        BENCH_CASE(a_dataset_that_is_there_again_is_gone_no_more),
        BENCH_CASE(what_an_annotator_cannot_make_anew_is_gone_as_before),
        BENCH_CASE(deletions_have_their_time_and_go_in_hundreds),
        BENCH_CASE_OLD(deletions_have_their_time_and_go_in_hundreds),
        BENCH_CASE(a_page_read_before_a_deletion_brings_none_back),
        BENCH_CASE(a_cut_deletion_is_sent_again),
        BENCH_CASE(a_deletion_that_is_undone_on_its_way_leaves_a_gone_record),
        BENCH_CASE(an_annotators_deletion_is_set_aside),
        BENCH_CASE(free_in_the_middle_is_silent),
    };
    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
