/* SPDX-License-Identifier: MIT
 * Several people: their progress, what they answered, deciding between them, how many
 * answers a dataset wants, and what a role may do. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/app.h"
#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/pilot_screen.h"

enum { RECORDS = 4 };
static const char name[] = "langchain-dataset";

struct fixture {
    struct pilot_screen stand;
    struct fake_argilla *fake;
};

/* Ann has answered the first two, Bob the first. Two answers are wanted. */
static void add_answers(json_t *dataset)
{
    static const char *const answers[] = {
        "{\"id\":\"00000000-0000-4000-8000-0000000000a1\",\"user_id\":"
        "\"" FAKE_ARGILLA_PEER
        "\",\"status\":\"submitted\",\"values\":{\"response-rating\":{\"value\":2},"
        "\"response-feedback\":{\"value\":\"The date is wrong.\"}},"
        "\"updated_at\":\"2026-01-31T12:00:00\"}",
        "{\"id\":\"00000000-0000-4000-8000-0000000000a2\",\"user_id\":"
        "\"3a8f3d1c-f97b-4682-b2f7-da1f00101bc4\",\"status\":\"submitted\",\"values\":"
        "{\"response-rating\":{\"value\":5}},\"updated_at\":\"2026-01-31T12:00:00\"}",
        "{\"id\":\"00000000-0000-4000-8000-0000000000a3\",\"user_id\":"
        "\"" FAKE_ARGILLA_PEER
        "\",\"status\":\"draft\",\"values\":{\"response-rating\":{\"value\":1}},"
        "\"updated_at\":\"2026-01-31T12:00:00\"}",
    };
    static const size_t at[] = {0, 0, 2};
    json_t *records = json_object_get(dataset, "records"), *record;
    size_t i;
    json_array_foreach(records, i, record)
        json_object_set_new(record, "status", json_string(i ? "pending" : "completed"));
    for (i = 0; i < sizeof at / sizeof *at; i++)
        json_array_append_new(
            json_object_get(json_array_get(records, at[i]), "responses"),
            json_loads(answers[i], 0, NULL));
}

static void want_two(json_t *dataset)
{
    json_object_set_new(
        json_object_get(dataset, "head"), "distribution",
        json_pack("{s:s,s:i}", "strategy", "overlap", "min_submitted", 2));
}

static struct fixture *start_as(const char *version, const char *role)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    struct pilot_screen *stand = &fixture->stand;
    fixture->fake = pilot_use_argilla(&stand->pilot, version);
    fake_argilla_set_role(fixture->fake, role);
    fake_argilla_add_dataset(fixture->fake, name);
    for (int i = 1; i <= RECORDS; i++) {
        char *prompt = xasprintf("Question %d", i);
        fake_argilla_add_record(fixture->fake, name, prompt, "Because.");
        free(prompt);
    }
    fake_argilla_edit(fixture->fake, name, add_answers);
    if (version[0] == '2')
        fake_argilla_edit(fixture->fake, name, want_two);
    pilot_screen_start(stand);
    pilot_see(stand, "Question");
    pilot_settle(&stand->pilot);
    return fixture;
}

static int start(void **state)
{
    *state = start_as("2.8.0", "owner");
    return 0;
}

static int start_old(void **state)
{
    *state = start_as("1.29.1", "owner");
    return 0;
}

static int start_annotator(void **state)
{
    *state = start_as("2.8.0", "annotator");
    return 0;
}

/* Our response on the server to a record, as JSON text; "" = none. Owned. */
static char *on_server(struct fixture *fixture, size_t at)
{
    json_t *dataset = fake_argilla_dataset(fixture->fake, name);
    const json_t *responses = json_object_get(
        json_array_get(json_object_get(dataset, "records"), at), "responses");
    size_t i;
    const json_t *response;
    char *text = NULL;
    json_array_foreach(responses, i, response)
    {
        const char *user = json_string_value(json_object_get(response, "user_id"));
        if (strncmp(user, "da8f", 4) == 0)
            text = json_dumps(response, JSON_SORT_KEYS | JSON_COMPACT);
    }
    json_decref(dataset);
    return text ? text : xstrdup("");
}

static void expect_on_server(struct fixture *fixture, size_t at, const char *words)
{
    char *text = on_server(fixture, at);
    if (!strstr(text, words))
        fail_msg("%s is not in %s", words, text);
    free(text);
}

/* ---- how many answers are wanted ---- */

static void what_has_enough_answers_is_not_offered(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_see(stand, "Prompt #2"); /* not the first */
    pilot_keys(stand, "4<Enter>4<Enter>4<Enter>");
    pilot_see(stand, "Prompt #4");
    pilot_keys(stand, "o");
    pilot_see(stand, "submitted, discarded or has enough answers");
    pilot_keys(stand, "<Home>");
    pilot_see(stand, "has enough answers");
    pilot_keys(stand, "I");
    pilot_see(stand, "2 of each record; others gave enough");
    pilot_keys(stand, "<Esc>v");
    pilot_see(stand, "✓✓");
    /* whoever goes there may answer it, and take that back: it stays theirs */
    pilot_keys(stand, "<Esc>3<Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_settle(&stand->pilot);
    expect_on_server(fixture, 0, "\"submitted\"");
}

static void take_an_answer_away(json_t *dataset)
{
    json_t *record = json_array_get(json_object_get(dataset, "records"), 0);
    json_object_set_new(record, "status", json_string("pending"));
    json_array_remove(json_object_get(record, "responses"), 1);
}

static void room_is_made_again_on_the_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "<Home>");
    pilot_see(stand, "has enough answers");
    fake_argilla_edit(fixture->fake, name, take_an_answer_away);
    app_sync(stand->pilot.app);
    pilot_see_gone(stand, "has enough answers");
    pilot_keys(stand, "lo"); /* round: the first is open */
    pilot_keys(stand, "oo");
    pilot_see(stand, "Prompt #1");
}

/* ---- what others answered ---- */

static void others_are_shown_after_ones_own_is_submitted(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "<Home>T");
    pilot_see(stand, "You are argilla, an owner on");
    pilot_see(stand, "2 others have answered it.");
    assert_false(pilot_sees(stand, "The date is wrong."));
    pilot_keys(stand, "1"); /* nothing to take: it is not shown */
    pilot_see(stand, "shown after yours is submitted");
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    pilot_keys(stand, "<Esc>4");
    pilot_keys(stand, "T"); /* a draft does not open them */
    assert_false(pilot_sees(stand, "The date is wrong."));
    pilot_keys(stand, "<Esc><Enter><Home>T");
    pilot_see(stand, "1 ann");
    pilot_see(stand, "Feedback: The date is wrong.");
    pilot_see(stand, "yours: submitted");
    pilot_keys(stand, "ll"); /* Ann's draft to the third is not told */
    pilot_see(stand, "Answers to #3");
    pilot_see(stand, "Nobody else had submitted one");
    pilot_keys(stand, "u"); /* the submit: they are hidden again */
    pilot_see(stand, "Answers to #1");
    pilot_see(stand, "2 others have answered it.");
}

static void answer_the_third(json_t *dataset)
{
    json_array_append_new(
        json_object_get(json_array_get(json_object_get(dataset, "records"), 3),
                        "responses"),
        json_loads("{\"id\":\"00000000-0000-4000-8000-0000000000a9\",\"user_id\":"
                   "\"" FAKE_ARGILLA_PEER "\",\"status\":\"submitted\",\"values\":"
                   "{\"response-rating\":{\"value\":3}},"
                   "\"updated_at\":\"2026-01-31T13:00:00\"}",
                   0, NULL));
}

static void progress_is_the_servers_and_follows(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "T");
    pilot_see(stand, "Each record wants 2 submitted answers");
    pilot_see(stand, "1 of 4 have them");
    pilot_see(stand, "ann                         1         0         1         3");
    pilot_see(stand, "argilla (you)               0");
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "░░░");
    pilot_resize(stand, 24, 80);
    pilot_keys(stand, "<Esc>4<Enter>");
    pilot_settle(&stand->pilot);
    stand->clock_base_ms += 20000;
    pilot_keys(stand, "T");
    pilot_see(stand, "argilla (you)               1");
    pilot_settle(&stand->pilot);
    fake_argilla_edit(fixture->fake, name, answer_the_third);
    stand->clock_base_ms += 20000;
    pilot_resize(stand, 24, 81); /* the page stays open and follows */
    pilot_see(stand, "ann                         2 ");
}

static void an_old_server_tells_no_progress_and_the_store_does(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "T");
    pilot_see(stand, "ann                         1");
    pilot_see(stand, "2.1 and later do.");
    assert_false(pilot_sees(stand, "Each record wants"));
}

static void what_others_have_answered_is_read_anew_with_the_page(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "<End>T");
    pilot_see(stand, "Nobody else had submitted one when it was read last.");
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "<Esc>");
    fake_argilla_edit(fixture->fake, name, answer_the_third);
    pilot_keys(stand, "T");
    pilot_see(stand, "1 other has answered it.");
    pilot_see(stand, "ann                         2         0         1         2");
    fake_argilla_edit(fixture->fake, name, take_an_answer_away);
    pilot_keys(stand, "S");             /* all of it */
    pilot_see(stand, "of 4 have them"); /* the page is still there */
    pilot_keys(stand, "<Esc><Home>T");
    pilot_see(stand, "1 other has answered it.");
}

/* ---- deciding ---- */

static void one_decides_with_a_digit_and_enter(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "<Home>T");
    pilot_see(stand, "2 others have answered it.");
    pilot_keys(stand, "c");
    pilot_see(stand, "Rating ≠");
    pilot_keys(stand, "1");
    pilot_see(stand, "yours: draft");
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Answers to #2");
    pilot_settle(&stand->pilot);
    expect_on_server(fixture, 0,
                     "\"response-feedback\":{\"value\":\"The date is wrong.\"}");
    expect_on_server(fixture, 0, "\"response-rating\":{\"value\":2}");
    expect_on_server(fixture, 0, "\"submitted\"");
    pilot_keys(stand, "uu"); /* the submit, the taking */
    pilot_see(stand, "Answers to #1");
    pilot_settle(&stand->pilot);
    char *text = on_server(fixture, 0);
    assert_string_equal(text, "");
    free(text);
    pilot_screen_reopen(stand); /* and after a restart undo and redo go on */
    pilot_see(stand, "Prompt #");
    pilot_keys(stand, "<Ctrl-R><Ctrl-R>");
    pilot_settle(&stand->pilot);
    expect_on_server(fixture, 0, "\"response-rating\":{\"value\":2}");
    /* what was opened to decide is closed with the page */
    pilot_keys(stand, "uu<Home>T");
    pilot_see(stand, "2 others have answered it.");
    pilot_keys(stand, "c");
    pilot_see(stand, "1 ann");
    pilot_keys(stand, "<Esc>T");
    pilot_see(stand, "2 others have answered it.");
}

/* The rating of one, the words of the other. */
static void one_decides_question_by_question(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "<Home>Tc<Tab>");
    pilot_see(stand, "▸Rating ≠");
    pilot_see(stand, "1-9 take this");
    pilot_keys(stand, "2");
    pilot_see(stand, "▸Feedback");
    pilot_see(stand, "yours: draft        5");
    pilot_keys(stand, "j1");    /* scrolling changes nothing */
    pilot_see_gone(stand, "▸"); /* all of them again */
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Answers to #2");
    pilot_settle(&stand->pilot);
    expect_on_server(fixture, 0, "\"response-rating\":{\"value\":5}");
    expect_on_server(fixture, 0,
                     "\"response-feedback\":{\"value\":\"The date is wrong.\"}");
    expect_on_server(fixture, 0, "\"submitted\"");
    pilot_keys(stand, "u<Shift-Tab>2"); /* who wrote nothing takes the words away */
    pilot_see_gone(stand, "yours: submitted");
    pilot_settle(&stand->pilot);
    char *text = on_server(fixture, 0);
    assert_null(strstr(text, "The date"));
    assert_non_null(strstr(text, "\"draft\""));
    free(text);
    pilot_keys(stand, "u"); /* each is a step */
    pilot_settle(&stand->pilot);
    expect_on_server(fixture, 0, "The date");
    pilot_keys(stand, "<Tab>l");
    pilot_see_gone(stand, "▸");
}

static void deciding_begins_with_what_they_are_furthest_apart_on(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, ":order disagreement<Enter>");
    pilot_until(&stand->pilot, pilot_has_selected);
    pilot_keys(stand, "<Home>");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "Tc");
    pilot_see(stand, "Rating ≠");
    pilot_keys(stand, "2");
    pilot_see(stand, "yours: draft");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Answers to #2");
    pilot_settle(&stand->pilot);
    expect_on_server(fixture, 0, "\"response-rating\":{\"value\":5}");
    expect_on_server(fixture, 0, "\"submitted\"");
}

/* Bob, and Ann where she has not, answer all but the third: they have enough. */
static void answer_all_but_one(json_t *dataset)
{
    static const char *const people[] = {FAKE_ARGILLA_PEER,
                                         "3a8f3d1c-f97b-4682-b2f7-da1f00101bc4"};
    json_t *records = json_object_get(dataset, "records");
    for (size_t at = 1; at < RECORDS; at += 2) {
        json_t *record = json_array_get(records, at);
        json_object_set_new(record, "status", json_string("completed"));
        for (size_t who = 0; who < 2; who++) {
            char *id = xasprintf("00000000-0000-4000-8000-0000000001%zu%zu", at, who);
            json_array_append_new(json_object_get(record, "responses"),
                                  json_pack("{s:s,s:s,s:s,s:{s:{s:i}},s:s}", "id", id,
                                            "user_id", people[who], "status", "submitted",
                                            "values", "response-rating", "value",
                                            (int)(1 + at * who), "updated_at",
                                            "2026-01-31T12:00:00"));
            free(id);
        }
    }
}

static void deciding_goes_on_to_what_is_to_be_decided(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    fake_argilla_edit(fixture->fake, name, answer_all_but_one);
    app_sync(stand->pilot.app);
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "<Home>Tc");
    pilot_see(stand, "Answers to #1");
    pilot_keys(stand, "1<Enter>");
    pilot_see(stand, "Answers to #2");
    pilot_keys(stand, "h");
    pilot_see(stand, "yours: decided");
    pilot_keys(stand, "l1<Enter>");
    pilot_see(stand, "Answers to #4"); /* nobody has answered the third */
    pilot_keys(stand, "1<Enter>");
    pilot_see(stand, "Answers to #3"); /* the open one */
    pilot_keys(stand, "%");
    pilot_see(stand, "Agreement");
    pilot_keys(stand, "<End>"); /* what was copied is no third opinion */
    pilot_see(stand, "Not counted here: 3 of yours, decided between others.");
    pilot_see(stand, "not measured: free text");
    pilot_keys(stand, "<Esc>:order disagreement<Enter>");
    pilot_until(&stand->pilot, pilot_has_selected);
    pilot_keys(stand, "<Home>");
    pilot_see(stand, "Prompt #1"); /* 2 and 5; of the 4th 1 and 4 */
}

/* ---- roles ---- */

static void advice_is_what_an_annotator_can_follow(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    fake_argilla_set_role(fixture->fake, "owner");
    pilot_screen_reopen(stand);
    pilot_see(stand, "all sent");
    fake_argilla_set_role(fixture->fake, "annotator");
    pilot_screen_reopen(stand);
    pilot_see(stand, "is an annotator's: you review");
    pilot_screen_reopen(stand); /* it is said once */
    pilot_see(stand, "review only");
    assert_false(pilot_sees(stand, "is an annotator's"));
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "c");
    pilot_see(stand, "This is the only answer to its prompt.");
    pilot_paste(stand, "Pasted.");
    pilot_see(stand, "taken in the feedback box: press f first.");
    pilot_see(stand, "0 of 3 done"); /* the first has enough */
    pilot_keys(stand, "v");
    pilot_see(stand, "Pending 3 │ Draft 0 │ Submitted 0 │ Discarded 0 │ Enough 1");
}

static void delete_last(json_t *dataset)
{
    json_array_remove(json_object_get(dataset, "records"), RECORDS - 1);
}

static void an_annotator_is_told_to_drop_what_is_gone(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    fake_argilla_edit(fixture->fake, name, delete_last);
    pilot_keys(stand, "S");
    pilot_see(stand, "1 gone");
    pilot_keys(stand, "O");
    pilot_see(stand, "--gone drop`");
    assert_false(pilot_sees(stand, "send`"));
}

static void an_annotator_is_told_what_others_may(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    static const char *const keys[] = {"i", "<Esc>a",   "<Esc>r",
                                       "C", "<Delete>", ":create<Enter>"};
    static const char *const why[] = {"Adding records",   "Adding records",
                                      "Adding records",   "Creating a dataset",
                                      "Deleting records", "Creating a dataset"};
    assert_false(pilot_sees(stand, " ask"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *words = xasprintf("%s needs the key of an owner or an admin", why[i]);
        pilot_keys(stand, keys[i]);
        pilot_see(stand, words);
        free(words);
    }
    pilot_keys(stand, ":order disagreement<Enter>");
    pilot_see(stand, "Not ordered by disagreement: you see one answer a record at most.");
    pilot_keys(stand, ":order rating<Enter>");
    pilot_see(stand, "Not ordered by rating: no record has what it asks for.");
    pilot_keys(stand, ":order dataset<Enter>?");
    for (int i = 0; i < 12; i++) {
        assert_false(pilot_sees(stand, "write a new prompt"));
        assert_false(pilot_sees(stand, "create the dataset on the server"));
        pilot_keys(stand, "<Space>");
    }
    pilot_keys(stand, "T");
    pilot_see(stand, "an annotator on");
    /* how much others have answered any key is told, not what */
    pilot_see(stand, "ann                         1         0         1         3");
    pilot_keys(stand, "c1");
    assert_false(pilot_sees(stand, "The date is wrong."));
    pilot_keys(stand, "<Esc><Home>4<Enter>T");
    assert_false(pilot_sees(stand, "The date is wrong."));
    assert_int_equal(fake_argilla_count(fixture->fake, "GET", "/api/v1/users"), 0);
}

/* ---- the times on the server ---- */

static void add_metadata(json_t *dataset)
{
    json_t *record = json_array_get(json_object_get(dataset, "records"), 1);
    json_object_set_new(record, "metadata", json_pack("{s:s}", "lang", "ja"));
}

static void take_no_other_metadata(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "allow_extra_metadata",
                        json_false());
    json_array_append_new(json_object_get(dataset, "properties"),
                          json_pack("{s:s,s:{s:s}}", "name", "answer-given-ms",
                                    "settings", "type", "integer"));
}

static json_t *metadata_on_server(struct fixture *fixture, size_t at)
{
    json_t *dataset = fake_argilla_dataset(fixture->fake, name);
    json_t *metadata = json_deep_copy(json_object_get(
        json_array_get(json_object_get(dataset, "records"), at), "metadata"));
    json_decref(dataset);
    return metadata;
}

/* On the server too, however often it had to be sent. */
static bool is_all_sent(const struct pilot *pilot)
{
    const struct session *session = pilot->session;
    return session->queue.rows[1].status == RESPONSE_SUBMITTED &&
           session->sync.outbox.unsent == 0;
}

static void answer_the_second(struct fixture *fixture)
{
    struct pilot_screen *stand = &fixture->stand;
    stand->pilot.settings.send_times = true;
    pilot_screen_reopen(stand);
    stand->clock_base_ms += 5000; /* its clock went on */
    pilot_see(stand, "Prompt #2");
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "Prompt #3");
    pilot_settle(&stand->pilot);
    pilot_until(&stand->pilot, is_all_sent);
    expect_on_server(fixture, 1, "\"submitted\"");
}

static void the_times_go_to_the_server_where_one_says_so(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_edit(fixture->fake, name, add_metadata);
    answer_the_second(fixture);
    json_t *metadata = metadata_on_server(fixture, 1);
    int64_t shown = json_integer_value(json_object_get(metadata, "answer-shown-ms"));
    int64_t given = json_integer_value(json_object_get(metadata, "answer-given-ms"));
    assert_string_equal(json_string_value(json_object_get(metadata, "lang")), "ja");
    assert_true(shown > 0);
    assert_true(given >= shown);
    json_decref(metadata);
}

static void only_metadata_that_the_dataset_takes_is_sent(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_edit(fixture->fake, name, take_no_other_metadata);
    answer_the_second(fixture);
    json_t *metadata = metadata_on_server(fixture, 1);
    assert_int_equal(json_object_size(metadata), 1);
    assert_true(json_is_integer(json_object_get(metadata, "answer-given-ms")));
    json_decref(metadata);
}

static void no_time_is_sent_by_an_annotator_or_unasked(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_edit(fixture->fake, name, add_metadata);
    answer_the_second(fixture);
    assert_int_equal(fake_argilla_count(fixture->fake, "PATCH", "/"), 0);
    fake_argilla_set_role(fixture->fake, "owner");
    fixture->stand.pilot.settings.send_times = false;
    pilot_screen_reopen(&fixture->stand);
    pilot_see(&fixture->stand, "Prompt #3");
    pilot_keys(&fixture->stand, "4<Enter>");
    pilot_settle(&fixture->stand.pilot);
    expect_on_server(fixture, 2, "\"submitted\"");
    assert_int_equal(fake_argilla_count(fixture->fake, "PATCH", "/"), 0);
}

static void a_lost_reply_brings_times_and_answer_all_the_same(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_cut(fixture->fake, 0, FAKE_CUT_AFTER);
    answer_the_second(fixture);
    json_t *metadata = metadata_on_server(fixture, 1);
    assert_non_null(json_object_get(metadata, "answer-shown-ms"));
    json_decref(metadata);
}

/* As in the other pending queue: it is shown, but nobody waits for it. */
static void what_has_enough_answers_is_not_pending(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    const struct queue *queue = &stand->pilot.session->queue;
    assert_int_equal(queue->counts[RESPONSE_PENDING], RECORDS - 1);
    assert_int_not_equal(queue->position, 0); /* one does not start there */
    pilot_keys(stand, "%");
    pilot_see(stand, "3 open for you");
    pilot_keys(stand, "qL"); /* Pending, Done */
    pilot_see(stand, "open          3       0       0       0   0 %");
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, ":filter pending length:1..\n");
    pilot_see(stand, "0 of 3 done");
    pilot_type(stand, ":filter completed\n");
    pilot_see(stand, "Question 1");
    pilot_see(stand, "0 of 1 done");
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
#define CASE(case, begin)                                                                \
    cmocka_unit_test_setup_teardown(case, begin, pilot_screen_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_has_enough_answers_is_not_offered, start),
        CASE(what_has_enough_answers_is_not_pending, start),
        CASE(room_is_made_again_on_the_server, start),
        CASE(others_are_shown_after_ones_own_is_submitted, start),
        CASE(progress_is_the_servers_and_follows, start),
        CASE(what_others_have_answered_is_read_anew_with_the_page, start),
        CASE(an_old_server_tells_no_progress_and_the_store_does, start_old),
        CASE(one_decides_with_a_digit_and_enter, start),
        CASE(one_decides_question_by_question, start),
        CASE(deciding_begins_with_what_they_are_furthest_apart_on, start),
        CASE(deciding_goes_on_to_what_is_to_be_decided, start),
        CASE(the_times_go_to_the_server_where_one_says_so, start),
        CASE(only_metadata_that_the_dataset_takes_is_sent, start),
        CASE(no_time_is_sent_by_an_annotator_or_unasked, start_annotator),
        CASE(a_lost_reply_brings_times_and_answer_all_the_same, start),
        CASE(advice_is_what_an_annotator_can_follow, start_annotator),
        CASE(an_annotator_is_told_to_drop_what_is_gone, start_annotator),
        CASE(an_annotator_is_told_what_others_may, start_annotator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
