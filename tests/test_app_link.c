/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/ask.h"
#include "app/respond.h"
#include "app/search.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_model.h"
#include "tests/support/hurry.h"
#include "tests/support/pilot_app.h"

#define NAME "langchain-dataset"

struct fixture {
    struct pilot pilot;
    struct fake_model *model;
    struct fake_argilla *argilla;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->model = pilot_use_model(&fixture->pilot);
    fixture->argilla = pilot_use_argilla(&fixture->pilot, "2.8.0");
    *state = fixture;
    return 0;
}

static size_t count_remote(struct fixture *fixture)
{
    json_t *dataset = fake_argilla_dataset(fixture->argilla, NAME);
    size_t count = json_array_size(json_object_get(dataset, "records"));
    json_decref(dataset);
    return count;
}

/* The status of our response to remote record at; "" when there is none. Owned. */
static char *remote_text(struct fixture *fixture)
{
    json_t *dataset = fake_argilla_dataset(fixture->argilla, NAME);
    char *text = json_dumps(json_object_get(dataset, "records"), JSON_COMPACT);
    json_decref(dataset);
    return text;
}

static void expect_remote(struct fixture *fixture, const char *words, bool is_there)
{
    char *text = remote_text(fixture);
    if ((strstr(text, words) != NULL) != is_there)
        fail_msg("%s: %s", words, text);
    free(text);
}

static void an_answer_and_its_rating_reach_the_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    assert_true(pilot->session->is_connected && pilot->session->can_log);
    assert_false(pilot->session->dataset_missing);
    assert_string_equal(pilot->session->dataset.workspace, "argilla");
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    assert_int_equal(count_remote(fixture), 1);
    expect_remote(fixture, "Answer to Why?.", true);
    expect_remote(fixture, "\"fake-1\"", true);
    pilot_rate(pilot, 4);
    pilot_write(pilot, "warm");
    app_submit(pilot->app);
    pilot_settle(pilot);
    expect_remote(fixture, "\"submitted\"", true);
    expect_remote(fixture, "warm", true);
    app_undo(pilot->app);
    pilot_settle(pilot);
    expect_remote(fixture, "\"submitted\"", false);
    expect_remote(fixture, "\"draft\"", true);
    app_undo(pilot->app);
    app_undo(pilot->app);
    pilot_settle(pilot);
    expect_remote(fixture, "\"draft\"", false);
    assert_int_equal(count_remote(fixture), 1);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
}

static void a_missing_dataset_is_created_when_asked(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_start(pilot);
    assert_true(pilot->session->dataset_missing);
    pilot_ask(pilot, "Before?");
    pilot_settle(pilot);
    assert_int_equal(pilot->session->sync.outbox.unsent, 1);
    app_create_dataset(pilot->app);
    pilot_settle(pilot);
    assert_false(pilot->session->dataset_missing);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
    assert_int_equal(count_remote(fixture), 1);
    app_create_dataset(pilot->app);
    pilot_expect_notice(pilot, "on the server already");
    pilot_reopen(pilot);
    assert_int_equal(pilot->session->queue.count, 1);
    assert_non_null(pilot->session->dataset.remote_id);
}

static void why_none_can_be_created_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_start(pilot);
    setting_text(&pilot->settings.workspace, "nosuch");
    pilot_reopen(pilot);
    pilot_settle(pilot);
    app_dismiss_notice(pilot->app);
    app_create_dataset(pilot->app);
    pilot_expect_notice(pilot, "no workspace \"nosuch\"");
}

static void a_cut_off_answer_is_sent_once_it_is_rated(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    pilot_ask(pilot, "CUT it");
    pilot_settle(pilot);
    assert_int_equal(count_remote(fixture), 0);
    pilot_rate(pilot, 1);
    app_submit(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(count_remote(fixture), 1);
    expect_remote(fixture, "\"submitted\"", true);
}

static void records_of_the_server_are_read_and_rated(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "From LangChain?", "Yes.");
    pilot_start(pilot);
    assert_int_equal(pilot->session->queue.count, 1);
    assert_true(pilot->session->has_current);
    size_t len = 0;
    assert_string_equal(session_prompt(pilot->session, &len), "From LangChain?");
    pilot_rate(pilot, 5);
    app_submit(pilot->app);
    pilot_settle(pilot);
    expect_remote(fixture, "\"submitted\"", true);
    fake_argilla_add_record(fixture->argilla, NAME, "Later?", "Yes.");
    app_sync(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.count, 2);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 1);
}

static void declare_the_model(json_t *dataset)
{
    json_object_set_new(dataset, "properties",
                        json_pack("[{s:s,s:{s:s,s:[s]}}]", "name", "model", "settings",
                                  "type", "terms", "values", "other"));
}

static void a_fact_that_is_refused_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_edit(fixture->argilla, NAME, declare_the_model);
    pilot_start(pilot);
    for (size_t i = 0; i < 3; i++) {
        pilot_ask(pilot, "Why?");
        pilot_settle(pilot);
        assert_int_equal(count_remote(fixture), i + 1);
        if (!i)
            pilot_expect_notice(pilot, "\"model\"");
        else
            assert_null(strstr(pilot->session->notice.text, "\"model\""));
        app_dismiss_notice(pilot->app);
    }
}

static void an_annotators_key_reviews_and_does_not_add(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    fake_argilla_set_role(fixture->argilla, "annotator");
    pilot_start(pilot);
    assert_false(pilot->session->can_log);
    assert_false(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    pilot_expect_notice(pilot, "annotator");
    pilot_rate(pilot, 3);
    assert_true(app_submit(pilot->app));
    pilot_settle(pilot);
    expect_remote(fixture, "\"submitted\"", true);
    assert_string_equal(pilot->session->server, "fake"); /* as it is configured */
    pilot->is_offline = true; /* the role is remembered, until the server tells another */
    pilot_reopen(pilot);
    assert_non_null(session_lacks_right(pilot->session, ACTION_PROMPT));
    /* of another workspace, with a key of its own, nothing is known */
    setting_text(&pilot->settings.workspace, "other");
    pilot_reopen(pilot);
    assert_null(session_lacks_right(pilot->session, ACTION_PROMPT));
    setting_text(&pilot->settings.workspace, NULL);
    fake_argilla_set_role(fixture->argilla, "owner");
    pilot->is_offline = false;
    pilot_reopen(pilot);
    pilot_settle(pilot);
    assert_null(session_lacks_right(pilot->session, ACTION_PROMPT));
}

static void a_bad_key_stops_with_a_sentence(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot->server_key = "wrong-key-5";
    pilot_start(pilot);
    assert_int_equal(pilot->session->sync.state, SYNC_STOPPED);
    assert_int_equal(pilot->session->sync.err.code, STATUS_AUTH);
    assert_int_equal(pilot->session->notice.kind, NOTICE_ERROR);
    assert_null(strstr(pilot->session->notice.text, "wrong-key-5"));
    struct id id = pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    pilot_rate(pilot, 2);
    pilot_settle(pilot);
    pilot_expect(pilot, &id, RESPONSE_DRAFT, 2, NULL);
    assert_int_equal(pilot->session->sync.outbox.unsent, 1);
}

static bool is_due_later(const struct pilot *pilot)
{
    return pilot->session->sync.state == SYNC_WAITING &&
           pilot->session->sync.retry_at_ms > pilot->now_ms;
}

static void a_servers_key_comes_from_the_environment_else_from_its_command(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *key = pilot->server_key;
    char *print = xasprintf("printf %s", key);
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot->is_offline = true;
    pilot->server_key = NULL;
    pilot_start(pilot);
    struct server_settings *server = pilot->settings.servers;
    setting_text(&server->key_command, "false");
    pilot->is_offline = false;
    pilot_reopen(pilot);
    assert_false(pilot->session->is_connected);
    pilot_expect_notice(pilot, "api_key_cmd: false failed");
    struct key_source *source =
        setting_key_source(&pilot->settings, KEY_OF_SERVER, server->name);
    source->variable = xstrdup("SHERD_TEST_SERVER_KEY");
    setenv("SHERD_TEST_SERVER_KEY", key, true);
    pilot_reopen(pilot);
    assert_true(pilot->session->is_connected);
    setenv("SHERD_TEST_SERVER_KEY", "", true);
    free(source->variable);
    source->variable = NULL;
    setting_text(&server->key_command, print);
    pilot_reopen(pilot);
    assert_true(pilot->session->is_connected);
    free(print);
}

static void away_it_works_on_and_catches_up(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "{}");
    hurry(1000);
    pilot_start(pilot);
    assert_int_equal(pilot->session->sync.state, SYNC_WAITING);
    assert_int_equal(pilot->session->notice.kind, NOTICE_WARNING);
    assert_false(pilot->session->is_connected);
    /* later each time, but never as late as two minutes; and said once */
    pilot_expect_notice(pilot, "Work goes on; it is tried again.");
    app_dismiss_notice(pilot->app);
    int64_t wait = 0;
    for (int i = 0; i < 8; i++) {
        int64_t before = wait, due = pilot->session->sync.retry_at_ms;
        wait = due - pilot->now_ms;
        assert_true(wait >= before && wait > 0 && wait <= 60000);
        pilot->now_ms = due;
        pilot_until(pilot, is_due_later);
        assert_string_equal(pilot->session->notice.text, "");
    }
    assert_int_equal(wait, 60000);
    hurry(10);
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    pilot_rate(pilot, 4);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->sync.outbox.unsent, 1);
    fake_argilla_fail(fixture->argilla, 0, 200, "", "");
    app_sync(pilot->app);
    pilot_settle(pilot);
    assert_true(pilot->session->is_connected);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
    assert_int_equal(count_remote(fixture), 1);
    expect_remote(fixture, "\"draft\"", true);
}

static bool is_connected(const struct pilot *pilot)
{
    return pilot->session->is_connected;
}

static bool is_silent(const struct pilot *pilot)
{
    return pilot->session->sync.silent_since_ms != 0;
}

static void a_server_that_stalls_while_one_connects_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(listener, 4), 0); /* connects, and is never answered */
    char *url = xasprintf("http://127.0.0.1:%d", ntohs(address.sin_port));
    pilot->server_url = url;
    pilot->is_offline = true;
    hurry(10);
    pilot_start(pilot);
    app_connect(pilot->app);
    assert_false(is_silent(pilot));
    pilot_until(pilot, is_silent);
    pilot_expect_notice(pilot, "has not replied for 5 s. Work goes on, all is kept here");
    close(listener);
    pilot_settle(pilot);
    assert_false(is_silent(pilot));
    assert_true(pilot->session->sync.offline_since_ms != 0);
    hurry(1);
    free(url);
}

static void who_was_away_is_asked_again_by_a_timer_alone(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "{}");
    pilot_start(pilot);
    assert_int_equal(pilot->session->sync.state, SYNC_WAITING);
    hurry(1);
    fake_argilla_fail(fixture->argilla, 0, 200, "", "");
    pilot_until(pilot, is_connected); /* after five seconds in a hurry */
}

static bool is_stopped(const struct pilot *pilot)
{
    return pilot->session->sync.state == SYNC_STOPPED;
}

static void who_was_away_and_is_refused_then_is_not_offline(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "{}");
    pilot_start(pilot);
    assert_int_equal(pilot->session->sync.state, SYNC_WAITING);
    assert_true(pilot->session->sync.offline_since_ms > 0);
    assert_true(pilot->session->sync.retry_at_ms > 0);
    hurry(1);
    fake_argilla_fail(fixture->argilla, 1000, 401, "", "{}");
    pilot_until(pilot, is_stopped);
    assert_int_equal(pilot->session->sync.err.code, STATUS_AUTH);
    assert_int_equal(pilot->session->sync.offline_since_ms, 0);
    assert_int_equal(pilot->session->sync.retry_at_ms, 0);
}

static void fade_notice(struct pilot *pilot)
{
    app_dismiss_notice(pilot->app);
    assert_string_equal(pilot->session->notice.text, "");
}

static bool has_notice(const struct pilot *pilot)
{
    return pilot->session->notice.text[0] != '\0';
}

static void sync_and_expect(struct pilot *pilot, const char *notice)
{
    fade_notice(pilot);
    app_sync(pilot->app);
    pilot_until(pilot, has_notice);
    pilot_expect_notice(pilot, notice);
}

static void who_wishes_to_send_is_told_what_is_left(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    sync_and_expect(pilot,
                    "Everything is sent, and all of the server's records are here.");
    pilot_ask(pilot, "CUT one");
    pilot_settle(pilot);
    sync_and_expect(pilot, "All is sent but for 1 unfinished answer without a response, "
                           "kept here.");
    pilot_ask(pilot, "CUT two");
    pilot_settle(pilot);
    sync_and_expect(pilot, "All is sent but for 2 unfinished answers without a response, "
                           "kept here.");
    pilot_ask(pilot, "HOLD this");
    assert_true(pilot_rate(pilot, 4));
    sync_and_expect(pilot, "1 answer waits for a record that is still being written.");
    pilot_ask(pilot, "HOLD that");
    assert_true(pilot_rate(pilot, 4));
    sync_and_expect(pilot, "2 answers wait for a record that is still being written.");
    fake_server_open_gate(fake_model_server(fixture->model));
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
}

static void an_absence_is_said_once_and_a_wish_to_send_is_answered(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "{}");
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "Work goes on; it is tried again.");
    fade_notice(pilot);
    pilot_rate(pilot, 4);
    pilot_settle(pilot);
    assert_string_equal(pilot->session->notice.text, ""); /* no nagging */
    pilot->now_ms += 1000;
    app_sync(pilot->app); /* its pull goes on waiting, so nothing settles */
    pilot_until(pilot, has_notice);
    pilot_expect_notice(pilot, "Work goes on; it is tried again.");
    fake_argilla_fail(fixture->argilla, 0, 200, "", "");
    pilot_settle(pilot); /* the other request of that wish may have failed later */
    app_sync(pilot->app);
    pilot_settle(pilot);
    app_sync(pilot->app);
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "Everything is sent");
}

static void what_is_unsent_is_listed_with_its_reason(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    app_list_unsent(pilot->app);
    assert_int_equal(pilot->session->unsent.count, 0);
    fake_argilla_fail(fixture->argilla, 1000, 503, "", "{}");
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    pilot_rate(pilot, 4);
    pilot_settle(pilot);
    app_list_unsent(pilot->app);
    const struct unsent *unsent = &pilot->session->unsent;
    assert_int_equal(unsent->count, 2);
    assert_true(unsent->items[0].is_record && !unsent->items[1].is_record);
    assert_int_equal(unsent->items[0].number, 1);
    assert_int_equal(unsent->items[1].number, 1);
    assert_int_equal(pilot->session->sync.outbox.unsent, 1);
}

static void known_datasets_open_without_the_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    assert_int_equal(pilot->session->queue.count, 1);
    pilot->is_offline = true;
    pilot_reopen(pilot);
    assert_false(pilot->session->is_connected);
    assert_int_equal(pilot->session->queue.count, 1);
    assert_non_null(pilot->session->dataset.remote_id);
    pilot_rate(pilot, 5);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->sync.outbox.unsent, 1);
    app_connect(pilot->app);
    pilot_settle(pilot);
    expect_remote(fixture, "\"draft\"", true);
}

static void a_local_dataset_moves_to_the_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot->settings = (struct settings){0};
    const char *url = pilot->server_url;
    pilot->server_url = NULL;
    pilot_start(pilot);
    struct id id = pilot_ask(pilot, "Local?");
    pilot_settle(pilot);
    pilot_rate(pilot, 4);
    app_submit(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
    assert_false(app_link_local(pilot->app));

    pilot->settings.server = xstrdup(url);
    secret_set(&pilot->settings.spare_server_key, FAKE_ARGILLA_KEY);
    pilot_reopen(pilot);
    assert_true(pilot->session->dataset_missing);
    assert_int_equal(pilot->session->queue.count, 0);
    app_create_dataset(pilot->app);
    pilot_settle(pilot);
    assert_true(app_link_local(pilot->app));
    pilot_settle(pilot);
    assert_int_equal(count_remote(fixture), 1);
    expect_remote(fixture, "\"submitted\"", true);
    assert_int_equal(pilot->session->queue.count, 1);
    pilot_go(pilot, &id);
    app_undo(pilot->app);
    pilot_settle(pilot);
    expect_remote(fixture, "\"draft\"", true);
    assert_false(app_link_local(pilot->app));
}

/* A finished record of another dataset, that its server has not confirmed. */
static struct id add_elsewhere(struct pilot *pilot, const char *server, const char *name)
{
    struct dataset dataset = {0};
    struct record record = {0};
    struct err err = {0};
    dataset_init_guide(&dataset, name, "argilla", server);
    assert_int_equal(
        store_put_dataset(app_store(pilot->app), &dataset, &dataset.row, NULL, &err),
        STATUS_OK);
    id_random(&record.id);
    record.dataset_row = dataset.row;
    record_set_field(&record, "prompt", "There?", 6);
    record_set_field(&record, "response", "Yes.", 4);
    pilot_add_record(pilot, &record, true);
    struct id id = record.id;
    record_clear(&record);
    dataset_clear(&dataset);
    return id;
}

static void what_waits_in_other_datasets_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    add_elsewhere(pilot, "http://wrong.example:6900", "other");
    add_elsewhere(pilot, "http://wrong.example:6900", "third");
    app_sync(pilot->app);
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "Everything is sent, and all of the server's records are "
                               "here. 2 more wait in \"other\" on wrong.example");
    assert_int_equal(pilot->session->notice.kind, NOTICE_WARNING);
    app_list_unsent(pilot->app);
    assert_int_equal(pilot->session->unsent.count, 0);
    assert_int_equal(pilot->session->elsewhere.count, 2);
}

static bool has_elsewhere(const struct pilot *pilot)
{
    return pilot->session->elsewhere.on_server > 0;
}

/* A session sends only its own: what the one before left in another is told at once. */
static void what_waits_for_the_same_server_is_known_at_the_start(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    add_elsewhere(pilot, "http://wrong.example:6900", "other");
    add_elsewhere(pilot, pilot->server_url, "third");
    pilot_reopen(pilot);
    pilot_until(pilot, has_elsewhere);
    assert_int_equal(pilot->session->elsewhere.on_server, 1);
    assert_int_equal(pilot->session->elsewhere.count, 2);
}

static enum status settle(struct store *store, const void *what, struct err *err)
{
    return store_settle_outbox(store, what, 1, err);
}

static enum status drop(struct store *store, const void *what, struct err *err)
{
    struct gone_counts counts;
    return store_drop_gone(store, *(const int64_t *)what, &counts, err);
}

static bool has_gone(const struct pilot *pilot)
{
    return pilot->session->sync.outbox.gone == 1;
}

static bool has_none_gone(const struct pilot *pilot)
{
    return pilot->session->sync.outbox.gone == 0;
}

static bool has_none_elsewhere(const struct pilot *pilot)
{
    return pilot->session->elsewhere.count == 0;
}

/* Whichever sherd has sent it, or was told that it is gone. */
static void what_others_send_is_counted_here(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "Why?", "So.");
    pilot_start(pilot);
    pilot_settle(pilot);
    struct outcome outcome = {.kind = OUTCOME_GONE,
                              .item = OUTBOX_RESPONSE,
                              .record = pilot->session->current.id};
    assert_true(pilot->session->has_current);
    pilot_by_other(pilot, settle, &outcome);
    pilot_until(pilot, has_gone);
    pilot_by_other(pilot, drop, &pilot->session->dataset.row);
    pilot_until(pilot, has_none_gone);
    struct id id = add_elsewhere(pilot, pilot->server_url, "third");
    pilot_reopen(pilot);
    pilot_until(pilot, has_elsewhere);
    outcome = (struct outcome){.kind = OUTCOME_GONE, .item = OUTBOX_RECORD, .record = id};
    pilot_by_other(pilot, settle, &outcome);
    pilot_until(pilot, has_none_elsewhere);
    assert_int_equal(pilot->session->elsewhere.on_server, 0);
}

static void what_is_kept_here_is_not_called_sent(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    pilot_ask(pilot, "CUT it");
    pilot_settle(pilot);
    assert_int_equal(pilot->session->sync.outbox.kept, 1);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
    app_sync(pilot->app);
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "All is sent but for 1 unfinished answer without a "
                               "response, kept here.");
}

static bool has_clash(const struct pilot *pilot)
{
    return pilot->session->current.has_clash;
}

/* The same person has answered on the web page, and here while the server was away. */
static void clash(struct fixture *fixture)
{
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    fake_argilla_answer(fixture->argilla, NAME, 0, "submitted", 5);
    assert_true(pilot_rate(pilot, 2));
    assert_true(pilot_write(pilot, "a long remark"));
    assert_true(app_submit(pilot->app));
    pilot_until(pilot, has_clash);
    pilot_settle(pilot);
    assert_false(pilot->session->is_clash_here);
    assert_int_equal(pilot->session->sync.outbox.clashes, 1);
    pilot_expect_notice(pilot, "#1: the server has another answer of yours");
    assert_int_equal(pilot->session->current.theirs.status, RESPONSE_SUBMITTED);
    assert_int_equal(pilot->session->queue.rows[0].flags, QUEUE_CLASH);
    struct id id = pilot->session->current.id;
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 2, "a long remark");
    expect_remote(fixture, "a long remark", false); /* nothing is overwritten */
    app_sync(pilot->app);
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "1 of your responses differs from the server's");
    app_list_unsent(pilot->app);
    assert_true(pilot->session->unsent.count == 1 &&
                pilot->session->unsent.items[0].is_clash);
}

static void ours_is_sent_over_the_servers_when_chosen(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    clash(fixture);
    assert_true(app_choose_response(pilot->app, true));
    pilot_expect_notice(pilot, "Yours stays");
    pilot_settle(pilot);
    assert_false(has_clash(pilot));
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 1);
    expect_remote(fixture, "a long remark", true);
    assert_int_equal(pilot->session->sync.outbox.clashes, 0);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
    struct id id = pilot->session->current.id;
    app_undo(pilot->app); /* as the notice has promised: one chooses again */
    pilot_settle(pilot);
    assert_true(has_clash(pilot));
    expect_remote(fixture, "a long remark", true);
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 2, "a long remark");
    app_redo(pilot->app); /* the same choice once more */
    pilot_settle(pilot);
    assert_false(has_clash(pilot));
    app_undo(pilot->app);
    pilot_reopen(pilot);
    pilot_until(pilot, has_clash);
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 2, "a long remark");
    assert_true(app_choose_response(pilot->app, false)); /* theirs goes over ours */
    pilot_settle(pilot);
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 5, NULL);
    expect_remote(fixture, "a long remark", false);
}

static void a_servers_clash_is_not_done_and_no_key_ends_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    clash(fixture);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 0);
    assert_false(app_submit(pilot->app));
    pilot_expect_notice(pilot, "Choose first: < keeps yours, > takes the other.");
    app_undo(pilot->app);
    assert_true(has_clash(pilot));
    pilot_reopen(pilot);
    assert_int_equal(pilot->session->queue.counts[RESPONSE_SUBMITTED], 0);
}

static void the_servers_is_taken_when_chosen_and_undo_opens_the_choice(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    clash(fixture);
    struct id id = pilot->session->current.id;
    assert_true(app_choose_response(pilot->app, false));
    pilot_settle(pilot);
    assert_false(has_clash(pilot));
    assert_int_equal(pilot->session->queue.rows[0].rating, 5);
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 5, NULL);
    app_undo(pilot->app);
    pilot_settle(pilot);
    assert_true(has_clash(pilot));
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 2, "a long remark");
}

/* With nothing of ours changed, the server's is simply the newer one. */
static void what_the_web_page_changed_is_shown_in_place(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    pilot_rate(pilot, 2);
    pilot_settle(pilot);
    fake_argilla_answer(fixture->argilla, NAME, 0, "submitted", 4);
    fake_argilla_add_record(fixture->argilla, NAME, "New?", "No.");
    app_sync(pilot->app);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->current.response.status, RESPONSE_SUBMITTED);
    assert_int_equal(pilot->session->queue.rows[0].rating, 4);
    assert_int_equal(pilot->session->queue.count, 2);
    assert_int_equal(pilot->session->queue.position, 0);
}

static void a_draft_is_not_sent_with_every_key(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    pilot_start(pilot);
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    size_t before = fake_argilla_count(fixture->argilla, "POST", "/api/v1/me/responses");
    for (int i = 0; i < 4; i++) {
        char text[] = "abcd";
        text[i + 1] = '\0';
        pilot_write(pilot, text);
        pilot_run(pilot, 270);
    }
    assert_int_equal(fake_argilla_count(fixture->argilla, "POST", "/api/v1/me/responses"),
                     before);
    pilot_settle(pilot);
    assert_int_equal(fake_argilla_count(fixture->argilla, "POST", "/api/v1/me/responses"),
                     before + 1);
    expect_remote(fixture, "abcd", true);
}

/* ---- searching there ---- */

static bool has_been_told(const struct pilot *pilot)
{
    return strstr(pilot->session->notice.text, "The server finds") != NULL;
}

static void search_there(const char *version, const char *role)
{
    struct fixture fixture = {.argilla = fake_argilla_new(version)};
    struct pilot *pilot = &fixture.pilot;
    pilot->server_url = fake_argilla_url(fixture.argilla);
    pilot->server_key = FAKE_ARGILLA_KEY;
    fake_argilla_set_role(fixture.argilla, role);
    fake_argilla_add_dataset(fixture.argilla, NAME);
    fake_argilla_add_record(fixture.argilla, NAME, "Why?", "For the lamp.");
    pilot_start(pilot);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.count, 1);
    fake_argilla_add_record(fixture.argilla, NAME, "A red xylophone", "and a lamp");
    fake_argilla_add_record(fixture.argilla, NAME, "Another", "one");
    app_search_server(pilot->app, "lamp xylophone");
    pilot_until(pilot, has_been_told);
    pilot_expect_notice(pilot, "The server finds 1 record; 1 was not here.");
    assert_int_equal(pilot->session->queue.count, 2);
    assert_int_equal(pilot->session->queue.position, 1);
    assert_int_equal(pilot->session->finding.here, 1); /* though not in one place */
    app_dismiss_notice(pilot->app);
    app_notify(pilot->app, NOTICE_INFO, "-");
    app_search_server(pilot->app, "nowhere");
    pilot_until(pilot, has_been_told);
    pilot_expect_notice(pilot, "The server finds 0 records; 0 were not here.");
    app_pull(pilot->app); /* nothing is gone, nothing comes twice */
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.count, 3);
    assert_int_equal(pilot->session->sync.gone, 0);
    pilot_end(pilot);
    fake_argilla_free(fixture.argilla);
}

static void what_only_the_server_has_is_searched_there(void **state)
{
    (void)state;
    search_there("2.8.0", "owner");
    search_there("1.29.1", "owner");
    search_there("2.8.0", "annotator");
}

static void without_a_server_nothing_is_asked_there(void **state)
{
    (void)state;
    struct pilot pilot = {0};
    pilot_start(&pilot);
    app_search_server(pilot.app, "lamp");
    pilot_expect_notice(&pilot, "There is no server to ask");
    pilot_end(&pilot);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_answer_and_its_rating_reach_the_server),
        CASE(a_missing_dataset_is_created_when_asked),
        CASE(why_none_can_be_created_is_said),
        CASE(a_cut_off_answer_is_sent_once_it_is_rated),
        CASE(records_of_the_server_are_read_and_rated),
        CASE(a_fact_that_is_refused_is_told_once),
        CASE(an_annotators_key_reviews_and_does_not_add),
        CASE(a_bad_key_stops_with_a_sentence),
        CASE(a_servers_key_comes_from_the_environment_else_from_its_command),
        CASE(away_it_works_on_and_catches_up),
        CASE(who_was_away_is_asked_again_by_a_timer_alone),
        CASE(who_was_away_and_is_refused_then_is_not_offline),
        CASE(a_server_that_stalls_while_one_connects_is_told),
        CASE(who_wishes_to_send_is_told_what_is_left),
        CASE(an_absence_is_said_once_and_a_wish_to_send_is_answered),
        CASE(what_is_unsent_is_listed_with_its_reason),
        CASE(known_datasets_open_without_the_server),
        CASE(a_local_dataset_moves_to_the_server),
        CASE(what_waits_in_other_datasets_is_said),
        CASE(what_waits_for_the_same_server_is_known_at_the_start),
        CASE(what_others_send_is_counted_here),
        CASE(what_is_kept_here_is_not_called_sent),
        CASE(ours_is_sent_over_the_servers_when_chosen),
        CASE(a_servers_clash_is_not_done_and_no_key_ends_it),
        CASE(the_servers_is_taken_when_chosen_and_undo_opens_the_choice),
        CASE(what_the_web_page_changed_is_shown_in_place),
        cmocka_unit_test(what_only_the_server_has_is_searched_there),
        cmocka_unit_test(without_a_server_nothing_is_asked_there),
        CASE(a_draft_is_not_sent_with_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
