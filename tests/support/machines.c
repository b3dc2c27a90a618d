/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/machines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"

void machines_start(struct machines *machines, const char *url, const char *key)
{
    struct id id;
    char text[ID_TEXT];
    *machines = (struct machines){.url = url, .key = key};
    id_random(&id);
    id_format(&id, text);
    snprintf(machines->name, sizeof machines->name, "sync-two-%.8s", text);
    sync_rig_start_with(&machines->a, url, machines->name, key);
    sync_rig_start_with(&machines->b, url, machines->name, key);
}

static void delete_there(struct sync_rig *rig, const char *what, const char *id)
{
    long code = 0;
    char *path = xasprintf("/api/v1/%s/%s", what, id);
    json_t *json = call_raw(&rig->call, "DELETE", path, NULL, &code);
    json_decref(json);
    free(path);
    assert_int_equal(code, 200);
}

void machines_end(struct machines *machines)
{
    char *path = xasprintf("/api/v1/datasets/%s", machines->a.call.dataset.remote_id);
    json_decref(call_raw(&machines->a.call, "DELETE", path, NULL, NULL));
    free(path);
    sync_rig_end(&machines->a);
    sync_rig_end(&machines->b);
}

/* ---- what the cases are made of ---- */

/* A record that both have. */
static struct id share(struct machines *machines)
{
    struct id id = sync_rig_add(&machines->a, "p", 0);
    sync_rig_finish(&machines->a, 1);
    assert_int_equal(sync_rig_pull(&machines->b), SYNC_IDLE);
    return id;
}

static void rate(struct sync_rig *rig, const struct id *id, int rating)
{
    sync_rig_respond(rig, id, RESPONSE_SUBMITTED, rating);
}

static void send(struct sync_rig *rig)
{
    sync_rig_finish(rig, 1);
}

static void rate_and_send(struct sync_rig *rig, const struct id *id, int rating)
{
    rate(rig, id, rating);
    send(rig);
}

static void pull(struct sync_rig *rig)
{
    assert_int_equal(sync_rig_pull(rig), SYNC_IDLE);
}

/* At what is new alone, where the server can tell it. */
static void look(struct sync_rig *rig)
{
    sync_look(rig->sync);
    assert_int_equal(sync_rig_rest(rig), SYNC_IDLE);
}

static void expect(struct sync_rig *rig, const struct id *id, enum response_status status,
                   int rating)
{
    store_rig_expect(&rig->store, id, status, rating, NULL);
}

/* The response's id on the server, "" = none. */
static const char *there(struct machines *machines, const struct id *id,
                         enum response_status status, int rating)
{
    struct sync_rig *rig = &machines->a;
    struct record record = {0};
    assert_int_equal(store_get_record(rig->store.store, id, &record, NULL), STATUS_OK);
    assert_int_equal(call_read(&rig->call, &record, 1), STATUS_OK);
    record_clear(&record);
    const struct response *response = &rig->call.found[0].response;
    const struct value *value = values_find(&response->values, "response-rating");
    assert_int_equal(response->status, status);
    assert_int_equal(value ? value->rating : 0, rating);
    return rig->call.found[0].response_id;
}

static void expect_counts(struct sync_rig *rig, size_t unsent, size_t clashes)
{
    struct outbox_counts counts = sync_rig_outbox(rig);
    assert_int_equal(counts.unsent, unsent);
    assert_int_equal(counts.clashes, clashes);
    assert_int_equal(sync_report(rig->sync)->outbox.clashes, clashes);
}

static void choose(struct sync_rig *rig, const struct id *id, bool keeps_ours)
{
    store_rig_ok(&rig->store, store_choose_response(rig->store.store, id, keeps_ours,
                                                    &rig->store.err));
}

/* ---- nothing is overwritten silently ---- */

static void clash(struct machines *machines, struct sync_rig *first,
                  struct sync_rig *second)
{
    struct id id = share(machines);
    rate_and_send(first, &id, 5);
    rate_and_send(second, &id, 2);
    expect_counts(second, 0, 1);
    expect(second, &id, RESPONSE_SUBMITTED, 2);
    there(machines, &id, RESPONSE_SUBMITTED, 5);
    /* it waits, however often it is asked to send */
    send(second);
    there(machines, &id, RESPONSE_SUBMITTED, 5);
    struct record record = {0};
    assert_int_equal(store_get_record(second->store.store, &id, &record, NULL),
                     STATUS_OK);
    assert_true(record.has_clash);
    assert_int_equal(values_find(&record.theirs.values, "response-rating")->rating, 5);
    record_clear(&record);
}

static void the_second_answer_waits_for_a_choice(struct machines *machines)
{
    clash(machines, &machines->a, &machines->b);
}

static void and_the_other_way_round(struct machines *machines)
{
    clash(machines, &machines->b, &machines->a);
}

static void ours_is_chosen(struct machines *machines)
{
    struct id id = share(machines);
    rate_and_send(&machines->a, &id, 5);
    rate_and_send(&machines->b, &id, 2);
    choose(&machines->b, &id, true);
    send(&machines->b);
    expect_counts(&machines->b, 0, 0);
    there(machines, &id, RESPONSE_SUBMITTED, 2);
    pull(&machines->a);
    expect(&machines->a, &id, RESPONSE_SUBMITTED, 2);
    expect_counts(&machines->a, 0, 0);
}

static void theirs_is_chosen(struct machines *machines)
{
    struct id id = share(machines);
    rate_and_send(&machines->a, &id, 5);
    rate_and_send(&machines->b, &id, 2);
    choose(&machines->b, &id, false);
    send(&machines->b);
    expect(&machines->b, &id, RESPONSE_SUBMITTED, 5);
    expect_counts(&machines->b, 0, 0);
    there(machines, &id, RESPONSE_SUBMITTED, 5);
    /* and goes on from there */
    rate_and_send(&machines->b, &id, 1);
    there(machines, &id, RESPONSE_SUBMITTED, 1);
}

static void the_same_answer_twice_is_no_clash(struct machines *machines)
{
    struct id id = share(machines);
    rate_and_send(&machines->a, &id, 4);
    rate_and_send(&machines->b, &id, 4);
    expect_counts(&machines->b, 0, 0);
    /* theirs is the base now */
    rate_and_send(&machines->b, &id, 3);
    there(machines, &id, RESPONSE_SUBMITTED, 3);
    pull(&machines->a);
    expect(&machines->a, &id, RESPONSE_SUBMITTED, 3);
}

static void draft_does_not_undo_a_discard(struct machines *machines)
{
    struct id id = share(machines);
    sync_rig_respond(&machines->b, &id, RESPONSE_DISCARDED, 0);
    send(&machines->b);
    sync_rig_respond(&machines->a, &id, RESPONSE_DRAFT, 3);
    send(&machines->a);
    expect_counts(&machines->a, 0, 1);
    there(machines, &id, RESPONSE_DISCARDED, 0);
}

static void discard_does_not_take_an_answer(struct machines *machines)
{
    struct id id = share(machines);
    rate_and_send(&machines->b, &id, 4);
    sync_rig_respond(&machines->a, &id, RESPONSE_DISCARDED, 0);
    send(&machines->a);
    expect_counts(&machines->a, 0, 1);
    there(machines, &id, RESPONSE_SUBMITTED, 4);
}

/* ---- taking back ---- */

static void undo_deletes_only_its_own(struct machines *machines)
{
    struct id id = share(machines);
    rate_and_send(&machines->a, &id, 5);
    pull(&machines->b);
    expect(&machines->b, &id, RESPONSE_SUBMITTED, 5);
    rate_and_send(&machines->b, &id, 2);
    assert_int_equal(store_rig_undo(&machines->a.store), STATUS_OK);
    send(&machines->a);
    there(machines, &id, RESPONSE_SUBMITTED, 2);
    expect_counts(&machines->a, 0, 1);
}

static void undo_of_a_first_answer_is_one_everywhere(struct machines *machines)
{
    struct id id = share(machines);
    share(machines); /* the newest is looked at each time */
    rate_and_send(&machines->a, &id, 5);
    pull(&machines->b);
    assert_int_equal(store_rig_undo(&machines->a.store), STATUS_OK);
    send(&machines->a);
    expect_counts(&machines->a, 0, 0);
    assert_string_equal(there(machines, &id, RESPONSE_PENDING, 0), "");
    look(&machines->b);
    expect(&machines->b, &id, RESPONSE_PENDING, 0);
    expect_counts(&machines->b, 0, 0);
}

static void answer_to_one_that_was_taken_back_goes(struct machines *machines)
{
    struct id id = share(machines);
    rate_and_send(&machines->a, &id, 5);
    pull(&machines->b);
    assert_int_equal(store_rig_undo(&machines->a.store), STATUS_OK);
    send(&machines->a);
    /* made over the 5, which is no more: somebody has to look */
    rate_and_send(&machines->b, &id, 2);
    expect_counts(&machines->b, 0, 1);
    there(machines, &id, RESPONSE_PENDING, 0);
}

/* ---- clocks ---- */

static void fast_clock_wins_nothing(struct machines *machines)
{
    struct id id = share(machines);
    machines->a.store.now_ms += 5 * 60 * 1000;
    rate_and_send(&machines->a, &id, 1);
    pull(&machines->b);
    rate_and_send(&machines->b, &id, 4);
    there(machines, &id, RESPONSE_SUBMITTED, 4);
    pull(&machines->a);
    expect(&machines->a, &id, RESPONSE_SUBMITTED, 4);
    expect_counts(&machines->a, 0, 0);
}

static void old_answer_overwrites_no_later_one(struct machines *machines)
{
    struct id id = share(machines);
    rate(&machines->a, &id, 5); /* offline */
    machines->b.store.now_ms += 60 * 60 * 1000;
    rate_and_send(&machines->b, &id, 2);
    send(&machines->a);
    there(machines, &id, RESPONSE_SUBMITTED, 2);
    expect_counts(&machines->a, 0, 1);
    /* a pull sees it too, before anything is sent */
    choose(&machines->a, &id, false);
    rate(&machines->a, &id, 3);
    rate_and_send(&machines->b, &id, 1);
    pull(&machines->a);
    expect_counts(&machines->a, 0, 1);
    there(machines, &id, RESPONSE_SUBMITTED, 1);
}

/* ---- absence is news ---- */

static void deleted_answer_is_noticed(struct machines *machines)
{
    struct id id = share(machines);
    share(machines);
    rate_and_send(&machines->a, &id, 5);
    char *response = xstrdup(there(machines, &id, RESPONSE_SUBMITTED, 5));
    pull(&machines->a);
    delete_there(&machines->a, "responses", response);
    free(response);
    look(&machines->a);
    expect(&machines->a, &id, RESPONSE_PENDING, 0);
    assert_int_equal(sync_report(machines->a.sync)->changed, 1);
}

static char *remote_id(struct sync_rig *rig, const struct id *id)
{
    struct record record = {0};
    assert_int_equal(store_get_record(rig->store.store, id, &record, NULL), STATUS_OK);
    char *remote = xstrdup(record.remote_id);
    record_clear(&record);
    return remote;
}

static void deleted_record_is_noticed(struct machines *machines)
{
    struct id kept = sync_rig_add(&machines->a, "kept", 0);
    struct id id = share(machines);
    char *remote = remote_id(&machines->a, &id);
    delete_there(&machines->a, "records", remote);
    free(remote);
    pull(&machines->a);
    assert_int_equal(sync_report(machines->a.sync)->gone, 1);
    assert_int_equal(sync_rig_outbox(&machines->a).gone, 1);
    struct record record = {0};
    store_get_record(machines->a.store.store, &id, &record, NULL);
    assert_true(record.is_gone);
    store_get_record(machines->a.store.store, &kept, &record, NULL);
    assert_false(record.is_gone);
    record_clear(&record);
    /* once is enough */
    pull(&machines->a);
    assert_int_equal(sync_report(machines->a.sync)->gone, 0);
}

static void answer_to_a_deleted_record_finds_it_gone(struct machines *machines)
{
    struct id id = share(machines);
    char *remote = remote_id(&machines->a, &id);
    delete_there(&machines->a, "records", remote);
    free(remote);
    rate_and_send(&machines->b, &id, 4);
    assert_int_equal(sync_rig_outbox(&machines->b).gone, 1);
    assert_int_equal(sync_rig_outbox(&machines->b).unsent, 0);
    assert_int_equal(sync_rig_outbox(&machines->b).refused, 0);
}

static void deleted_dataset_is_noticed(struct machines *machines)
{
    struct id id = share(machines);
    delete_there(&machines->a, "datasets", machines->a.call.dataset.remote_id);
    rate(&machines->a, &id, 4);
    sync_now(machines->a.sync);
    assert_int_equal(sync_rig_rest(&machines->a), SYNC_STOPPED);
    assert_non_null(strstr(sync_report(machines->a.sync)->err.text, "was deleted there"));
    assert_int_equal(sync_rig_outbox(&machines->a).unsent, 1);
    assert_int_equal(sync_rig_pull(&machines->b), SYNC_STOPPED);
    assert_false(sync_report(machines->b.sync)->is_pulling);
    assert_non_null(strstr(sync_report(machines->b.sync)->err.text, "was deleted there"));
    /* whoever comes later is told as well, and nothing is called sent */
    sync_rig_restart(&machines->a);
    sync_now(machines->a.sync);
    assert_int_equal(sync_rig_rest(&machines->a), SYNC_STOPPED);
}

/* It is the same one by its id: both go on, and whoever reads it learns the name. */
static void renamed_dataset_is_the_same(struct machines *machines)
{
    struct id id = share(machines);
    char *path = xasprintf("/api/v1/datasets/%s", machines->a.call.dataset.remote_id);
    char *name = xasprintf("%s-new", machines->name);
    char *body = xasprintf("{\"name\":\"%s\"}", name);
    long code = 0;
    json_decref(call_raw(&machines->a.call, "PATCH", path, body, &code));
    assert_int_equal(code, 200);
    rate_and_send(&machines->b, &id, 4);
    there(machines, &id, RESPONSE_SUBMITTED, 4);
    sync_rig_add(&machines->a, "after it", 3);
    send(&machines->a);
    pull(&machines->b);
    assert_int_equal(sync_report(machines->b.sync)->added, 1);
    assert_string_equal(machines->b.call.dataset.name, name);
    sync_rig_restart(&machines->b);
    pull(&machines->b);
    assert_int_equal(sync_report(machines->b.sync)->added, 0);
    size_t count = 0;
    free(store_rig_queue(&machines->b.store, &count));
    assert_int_equal(count, 2);
    free(path);
    free(name);
    free(body);
}

/* Both saw it before somebody published it. */
static void draft_that_was_published_since_is_used(struct machines *machines)
{
    struct sync_rig *both[] = {&machines->a, &machines->b};
    for (int i = 0; i < 2; i++) {
        both[i]->call.dataset.is_published = false;
        sync_rig_restart(both[i]);
        assert_int_equal(sync_report(both[i]->sync)->state, SYNC_STOPPED);
    }
    struct id id = sync_rig_add(&machines->a, "p", 2);
    send(&machines->a);
    pull(&machines->b);
    expect(&machines->b, &id, RESPONSE_SUBMITTED, 2);
}

/* Under the same name it is another one: nothing of the old goes there. */
static void dataset_made_anew_is_another(struct machines *machines)
{
    struct id old = sync_rig_add(&machines->a, "old", 3);
    sync_rig_finish(&machines->a, 1);
    sync_rig_add(&machines->a, "old, not sent", 3);
    delete_there(&machines->a, "datasets", machines->a.call.dataset.remote_id);
    struct dataset template;
    dataset_init_guide(&template, machines->name, "argilla", "");
    assert_int_equal(call_create(&machines->a.call, &template), STATUS_OK);
    dataset_clear(&template);
    sync_rig_restart(&machines->a);
    sync_rig_finish(&machines->a, 1);
    pull(&machines->a);
    assert_int_equal(sync_report(machines->a.sync)->pull_total, 0);
    struct id fresh = sync_rig_add(&machines->a, "new", 0);
    sync_rig_finish(&machines->a, 1);
    pull(&machines->a);
    size_t count = 0;
    free(store_rig_queue(&machines->a.store, &count));
    assert_int_equal(count, 1);
    assert_int_equal(call_pull(&machines->a.call, 10), STATUS_OK);
    assert_int_equal(machines->a.call.count, 1);
    assert_true(id_equal(&machines->a.call.records[0].id, &fresh));
    struct record record = {0};
    assert_int_equal(store_get_record(machines->a.store.store, &old, &record, NULL),
                     STATUS_OK);
    record_clear(&record);
}

#define CASE(name)                                                                       \
    {                                                                                    \
#name, name                                                                      \
    }
const struct machines_case machines_cases[] = {
    CASE(the_second_answer_waits_for_a_choice),
    CASE(and_the_other_way_round),
    CASE(ours_is_chosen),
    CASE(theirs_is_chosen),
    CASE(the_same_answer_twice_is_no_clash),
    CASE(draft_does_not_undo_a_discard),
    CASE(discard_does_not_take_an_answer),
    CASE(undo_deletes_only_its_own),
    CASE(undo_of_a_first_answer_is_one_everywhere),
    CASE(answer_to_one_that_was_taken_back_goes),
    CASE(fast_clock_wins_nothing),
    CASE(old_answer_overwrites_no_later_one),
    CASE(deleted_answer_is_noticed),
    CASE(deleted_record_is_noticed),
    CASE(answer_to_a_deleted_record_finds_it_gone),
    CASE(deleted_dataset_is_noticed),
    CASE(renamed_dataset_is_the_same),
    CASE(draft_that_was_published_since_is_used),
    CASE(dataset_made_anew_is_another),
};
const size_t machines_case_count = sizeof machines_cases / sizeof *machines_cases;
