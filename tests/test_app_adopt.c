/* SPDX-License-Identifier: MIT
 * The server's dataset is another one than was thought: it has other fields, is gone, was
 * made anew, or asks other things now. At any moment, and nothing is lost by it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/ask.h"
#include "app/batch.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_model.h"
#include "tests/support/pilot_screen.h"

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
    fake_argilla_add_dataset(fixture->argilla, NAME);
    *state = fixture;
    return 0;
}

/* ---- what becomes of the server's dataset ---- */

/* Text and stars. */
static void reshape(json_t *dataset)
{
    json_t *fields = json_object_get(dataset, "fields");
    json_t *questions = json_object_get(dataset, "questions");
    json_array_remove(fields, 1);
    json_object_set_new(json_array_get(fields, 0), "name", json_string("text"));
    json_object_set_new(json_array_get(fields, 0), "title", json_string("Text"));
    json_array_remove(questions, 1);
    json_object_set_new(json_array_get(questions, 0), "name", json_string("stars"));
    json_object_set_new(json_array_get(questions, 0), "title", json_string("Stars"));
}

static void ask_for_a_reason(json_t *dataset)
{
    json_t *questions = json_object_get(dataset, "questions");
    json_t *more = json_deep_copy(json_array_get(questions, 1));
    json_object_set_new(more, "id", json_string("9d9d9d9d-0000-4000-8000-000000000001"));
    json_object_set_new(more, "name", json_string("reason"));
    json_object_set_new(more, "title", json_string("Reason"));
    json_array_append_new(questions, more);
    json_object_set_new(json_object_get(dataset, "head"), "guidelines",
                        json_string("Be strict."));
}

static void delete (json_t *dataset)
{
    json_t *head = json_object_get(dataset, "head");
    json_object_set_new(head, "name", json_string("(deleted)"));
    json_object_set_new(head, "id", json_string("00000000-0000-4000-8000-00000000dead"));
}

static bool has_half(const struct pilot *pilot)
{
    size_t len = 0;
    return !strcmp(session_response(pilot->session, &len), "Half. ");
}

static bool has_other_shape(const struct pilot *pilot)
{
    struct dataset guide;
    dataset_init_guide(&guide, "", "", "");
    bool is_guide = dataset_asks_same(&guide, &pilot->session->dataset);
    dataset_clear(&guide);
    return !is_guide;
}

static void expect_rest(struct fixture *fixture, const struct id *id)
{
    struct pilot *pilot = &fixture->pilot;
    struct record record;
    size_t len = 0;
    assert_int_equal(pilot->session->stream_count, 0);
    pilot_expect_notice(pilot, "asks other things now. What was typed and what came is "
                               "kept.");
    pilot_settle(pilot);
    pilot_go(pilot, id);
    assert_string_equal(session_prompt(pilot->session, &len), "HOLD on");
    assert_string_equal(session_response(pilot->session, &len), "Half. ");
    pilot_read(pilot, id, &record);
    assert_int_equal(record.completion.state, COMPLETION_CUT);
    record_clear(&record);
    pilot_expect(pilot, id, RESPONSE_DRAFT, 4, "as it streams");
    assert_false(app_ask(pilot->app, "Why?", 4, NULL, NULL));
    pilot_expect_notice(pilot, "no text fields for a prompt and its response");
}

static void another_shape_ends_streams_and_keeps_what_came(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_edit(fixture->argilla, NAME, reshape);
    pilot->is_offline = true;
    pilot_start(pilot);
    assert_true(app_ask(pilot->app, "HOLD on", 7, NULL, NULL));
    struct id id = pilot->session->current.id;
    pilot_until(pilot, has_half);
    pilot_rate(pilot, 4);
    pilot_write(pilot, "as it streams");
    app_connect(pilot->app);
    pilot_until(pilot, has_other_shape);
    assert_string_equal(pilot->session->dataset.questions[0].name, "stars");
    expect_rest(fixture, &id);
    fake_server_open_gate(fake_model_server(fixture->model));
}

static void another_shape_in_mid_session_does_so_too(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_start(pilot);
    assert_true(app_ask(pilot->app, "HOLD on", 7, NULL, NULL));
    struct id id = pilot->session->current.id;
    pilot_until(pilot, has_half);
    pilot_rate(pilot, 4);
    pilot_write(pilot, "as it streams");
    fake_argilla_edit(fixture->argilla, NAME, reshape);
    app_sync(pilot->app);
    pilot_until(pilot, has_other_shape);
    expect_rest(fixture, &id);
    fake_server_open_gate(fake_model_server(fixture->model));
}

static void count_end(void *ctx, const struct batch_event *event)
{
    ((size_t *)ctx)[event->outcome]++;
}

/* Each prompt of a run is told once, whatever ended it. */
static void another_shape_ends_a_run(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const char *const texts[] = {"HOLD 1", "HOLD 2", "HOLD 3", NULL};
    size_t ends[BATCH_NOTE + 1] = {0};
    struct err err = {0};
    fake_argilla_edit(fixture->argilla, NAME, reshape);
    pilot->is_offline = true;
    pilot_start(pilot);
    struct batch_options options = {
        .name = "p.txt", .fd = pilot_file(texts), .samples = 1, .concurrency = 2};
    struct batch *batch = batch_start(pilot->app, &options, count_end, ends, &err);
    while (fake_model_count(fixture->model) < 2)
        pilot_run(pilot, 5);
    app_connect(pilot->app);
    pilot_until(pilot, has_other_shape);
    pilot_settle(pilot);
    pilot_run(pilot, 100);
    assert_true(batch_is_over(batch));
    assert_int_equal(ends[BATCH_STARTED], 2);
    assert_int_equal(ends[BATCH_FAILED], 3); /* the third cannot be added any more */
    assert_int_equal(fake_model_count(fixture->model), 2);
    batch_free(batch);
    close(options.fd);
    fake_server_open_gate(fake_model_server(fixture->model));
}

static bool has_words(const struct pilot *pilot)
{
    return pilot->session->stream_count && pilot->session->streams[0]->text.len;
}

/* On the screen: an answer streams, the feedback is being written, and the questions
 * become others. */
static void the_form_is_closed_when_its_questions_go(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen stand = {
        .rows = 24, .cols = 80, .token_ms = 50, .records = 1, .pilot = fixture->pilot};
    struct pilot *pilot = &stand.pilot;
    pilot_start(&fixture->pilot); /* for pilot_tear_down */
    pilot->model = NULL;          /* they are the fixture's */
    pilot->argilla = NULL;
    pilot->is_offline = true;
    fake_argilla_edit(fixture->argilla, NAME, reshape);
    pilot_screen_start(&stand);
    pilot_keys(&stand, "iWhy?<Enter>");
    pilot_until(pilot, has_words);
    pilot_see(&stand, "x stop");
    pilot_keys(&stand, "4f");
    pilot_type(&stand, "half a sen");
    struct id id = pilot_current(&stand);
    app_connect(pilot->app);
    pilot_until(pilot, has_other_shape);
    pilot_see(&stand, "asks other things now");
    pilot_keys(&stand, "<Esc><Esc>5");
    pilot_rest(&stand);
    struct record record;
    pilot_read(pilot, &id, &record);
    const struct value *value = values_find(&record.response.values, "response-feedback");
    assert_string_equal(value ? value->text : "", "half a sen");
    record_clear(&record);
    pilot_screen_end(&stand);
}

static void changed_questions_are_taken_by_a_sync(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    pilot_rate(pilot, 4);
    pilot_settle(pilot);
    fake_argilla_edit(fixture->argilla, NAME, ask_for_a_reason);
    app_sync(pilot->app);
    pilot_until(pilot, has_other_shape);
    pilot_settle(pilot);
    const struct dataset *dataset = &pilot->session->dataset;
    assert_int_equal(dataset->question_count, 3);
    assert_string_equal(dataset->guidelines, "Be strict.");
    assert_int_equal(pilot->session->queue.rows[0].rating, 4);
    char name[] = "reason", text[] = "why not";
    struct value value = {.question = name, .type = QUESTION_TEXT, .text = text};
    assert_true(app_set_value(pilot->app, &value, SET_VALUE));
    pilot_settle(pilot);
    json_t *copy = fake_argilla_dataset(fixture->argilla, NAME);
    char *all = json_dumps(copy, JSON_COMPACT);
    assert_non_null(strstr(all, "why not"));
    free(all);
    json_decref(copy);
}

/* ---- deleted ---- */

static void a_deleted_dataset_is_said_alike_by_all_and_made_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_edit(fixture->argilla, NAME, ask_for_a_reason);
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    fake_argilla_edit(fixture->argilla, NAME, delete);
    app_sync(pilot->app);
    pilot_settle(pilot);
    assert_true(pilot->session->dataset_missing);
    pilot_expect_notice(pilot, "has no dataset \"" NAME "\" any more: C creates it anew");
    app_dismiss_notice(pilot->app);
    app_sync(pilot->app); /* and again */
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "has no dataset \"" NAME "\" any more: C creates it anew");
    pilot_rate(pilot, 3);
    pilot_settle(pilot);
    app_create_dataset(pilot->app);
    pilot_settle(pilot);
    assert_false(pilot->session->dataset_missing);
    assert_int_equal(pilot->session->dataset.question_count, 3);
    assert_string_equal(pilot->session->dataset.guidelines, "Be strict.");
    json_t *copy = fake_argilla_dataset(fixture->argilla, NAME);
    assert_int_equal(json_array_size(json_object_get(copy, "questions")), 3);
    /* what came from the lost one is not pushed into the new one without asking */
    assert_int_equal(json_array_size(json_object_get(copy, "records")), 0);
    json_decref(copy);
}

static void one_made_anew_is_another_one(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    pilot_rate(pilot, 3);
    pilot_settle(pilot);
    struct id old = pilot->session->current.id;
    fake_argilla_edit(fixture->argilla, NAME, delete);
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "New?", "No.");
    pilot_rate(pilot, 5);
    app_sync(pilot->app);
    pilot_settle(pilot);
    assert_false(pilot->session->dataset_missing);
    assert_int_equal(pilot->session->queue.count, 1);
    size_t len = 0;
    assert_string_equal(session_prompt(pilot->session, &len), "New?");
    pilot_expect(pilot, &old, RESPONSE_DRAFT, 5, NULL); /* kept, apart */
    json_t *copy = fake_argilla_dataset(fixture->argilla, NAME);
    assert_int_equal(json_array_size(json_object_get(copy, "records")), 1);
    json_decref(copy);
    app_list_unsent(pilot->app);
    assert_int_equal(pilot->session->unsent.count, 0);
    assert_int_equal(pilot->session->sync.state, SYNC_IDLE);
}

/* ---- what only looks like it ---- */

static void rename_it(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "name", json_string("other"));
}

/* Whoever opens it by its former name has it, even when another one has that name. */
static void a_renamed_dataset_is_not_called_deleted(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    fake_argilla_add_record(fixture->argilla, NAME, "Old?", "Yes.");
    pilot_start(pilot);
    pilot_settle(pilot);
    struct id id = pilot->session->current.id;
    fake_argilla_edit(fixture->argilla, NAME, rename_it);
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_add_record(fixture->argilla, NAME, "New?", "No.");
    pilot_reopen(pilot);
    pilot_settle(pilot);
    pilot_expect_notice(pilot, "\"" NAME "\" is called \"other\" on ");
    assert_false(pilot->session->dataset_missing);
    assert_string_equal(pilot->session->dataset.name, "other");
    assert_int_equal(pilot->session->queue.count, 1);
    pilot_rate(pilot, 3);
    assert_true(app_submit(pilot->app));
    pilot_settle(pilot);
    pilot_expect(pilot, &id, RESPONSE_SUBMITTED, 3, NULL);
    json_t *copy = fake_argilla_dataset(fixture->argilla, "other");
    const json_t *record = json_array_get(json_object_get(copy, "records"), 0);
    assert_int_equal(json_array_size(json_object_get(record, "responses")), 1);
    json_decref(copy);
    fake_argilla_edit(fixture->argilla, "other", delete);
    app_sync(pilot->app);
    pilot_settle(pilot);
    assert_true(pilot->session->dataset_missing);
}

static bool is_resting(const struct pilot *pilot)
{
    const struct sync_report *sync = &pilot->session->sync;
    return sync->outbox.unsent == 1 && sync->state != SYNC_RUNNING;
}

static void a_rating_while_it_streams_waits_for_its_record(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_start(pilot);
    pilot_settle(pilot);
    assert_true(app_ask(pilot->app, "HOLD on", 7, NULL, NULL));
    struct id id = pilot->session->current.id;
    pilot_until(pilot, has_half);
    pilot_rate(pilot, 4);
    app_sync(pilot->app); /* drafts too are sent at once */
    pilot_until(pilot, is_resting);
    assert_int_equal(pilot->session->sync.err.code, STATUS_OK);
    assert_int_equal(pilot->session->sync.state, SYNC_IDLE);
    assert_false(pilot->session->dataset_missing);
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
    assert_int_equal(pilot->session->sync.outbox.unsent, 0);
    pilot_expect(pilot, &id, RESPONSE_DRAFT, 4, NULL);
    json_t *copy = fake_argilla_dataset(fixture->argilla, NAME);
    const json_t *record = json_array_get(json_object_get(copy, "records"), 0);
    assert_int_equal(json_array_size(json_object_get(record, "responses")), 1);
    json_decref(copy);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(another_shape_ends_streams_and_keeps_what_came),
        CASE(another_shape_in_mid_session_does_so_too),
        CASE(another_shape_ends_a_run),
        CASE(the_form_is_closed_when_its_questions_go),
        CASE(changed_questions_are_taken_by_a_sync),
        CASE(a_deleted_dataset_is_said_alike_by_all_and_made_as_it_was),
        CASE(one_made_anew_is_another_one),
        CASE(a_renamed_dataset_is_not_called_deleted),
        CASE(a_rating_while_it_streams_waits_for_its_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
