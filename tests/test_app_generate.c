/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app_parts.h"
#include "app/ask.h"
#include "app/respond.h"
#include "base/xalloc.h"
#include "tests/support/fake_model.h"
#include "tests/support/pilot_app.h"

struct fixture {
    struct pilot pilot;
    struct fake_model *model;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->model = pilot_use_model(&fixture->pilot);
    pilot_start(&fixture->pilot);
    *state = fixture;
    return 0;
}

static void expect_field(struct pilot *pilot, const struct id *id, const char *name,
                         const char *text)
{
    char *found = pilot_field(pilot, id, name);
    assert_string_equal(found, text);
    free(found);
}

static void expect_state(struct pilot *pilot, const struct id *id,
                         enum completion_state state)
{
    struct record record;
    pilot_read(pilot, id, &record);
    assert_true(record.has_completion);
    assert_string_equal(completion_state_name(record.completion.state),
                        completion_state_name(state));
    record_clear(&record);
}

static bool has_half(const struct pilot *pilot)
{
    size_t len = 0;
    return !strcmp(session_response(pilot->session, &len), "Half. ");
}

static void an_answer_is_shown_and_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "Why?");
    assert_true(pilot->session->has_current);
    assert_int_equal(pilot->session->stream_count, 1);
    assert_int_equal(pilot->session->queue.count, 1);
    assert_int_equal(pilot->session->queue.rows[0].flags, QUEUE_STREAMING);
    assert_string_equal(app_snippet(pilot->app, 0), "Why?");
    pilot_settle(pilot);
    size_t len = 0;
    assert_string_equal(session_response(pilot->session, &len), "Answer to Why?.");
    assert_string_equal(session_prompt(pilot->session, &len), "Why?");
    assert_int_equal(pilot->session->queue.rows[0].flags, 0);
    assert_string_equal(app_snippet(pilot->app, 0), "Why?");
    expect_field(pilot, &id, "prompt", "Why?");
    expect_field(pilot, &id, "response", "Answer to Why?.");
}

static void the_facts_of_the_run_are_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct sampling sampling = {.temperature = 0.5, .has_temperature = true};
    struct record record;
    assert_true(app_ask(pilot->app, "Why?", 4, &sampling, NULL));
    struct id id = pilot->session->current.id;
    pilot_settle(pilot);
    pilot_read(pilot, &id, &record);
    const struct completion *completion = &record.completion;
    assert_int_equal(completion->state, COMPLETION_DONE);
    assert_string_equal(completion->endpoint, "fake");
    assert_string_equal(completion->sampling.model, "fake-1");
    assert_true(completion->sampling.has_temperature);
    assert_string_equal(completion->finish_reason, "stop");
    assert_int_equal(completion->completion_tokens, 3);
    assert_false(id_is_zero(&completion->run));
    assert_true(id_is_zero(&completion->parent));
    assert_true(record.row > 0 && record.row == pilot->session->current.row);
    record_clear(&record);
}

static void a_record_is_in_the_store_before_its_answer(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    expect_field(pilot, &id, "prompt", "HOLD on");
    expect_state(pilot, &id, COMPLETION_RUNNING);
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
    expect_state(pilot, &id, COMPLETION_DONE);
}

static void what_was_shown_a_moment_ago_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    pilot_run(pilot, 450);
    expect_field(pilot, &id, "response", "Half. ");
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
}

/* More than a few are kept each second. */
static void what_many_streams_showed_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id ids[10];
    for (size_t i = 0; i < 10; i++)
        ids[i] = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half); /* the last one */
    pilot_run(pilot, 1300);
    for (size_t i = 0; i < 10; i++)
        expect_field(pilot, &ids[i], "response", "Half. ");
}

static void one_rates_others_while_it_streams(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id old = pilot_ask(pilot, "Old?");
    pilot_settle(pilot);
    struct id held = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    struct id second = pilot_ask(pilot, "Second?");
    pilot_go(pilot, &old);
    pilot_rate(pilot, 4);
    assert_true(app_submit(pilot->app));
    pilot_go(pilot, &held);
    assert_true(has_half(pilot));
    pilot_rate(pilot, 2);
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
    assert_false(has_half(pilot));
    assert_int_equal(pilot->session->current.response.status, RESPONSE_DRAFT);
    pilot_expect(pilot, &old, RESPONSE_SUBMITTED, 4, NULL);
    pilot_expect(pilot, &held, RESPONSE_DRAFT, 2, NULL);
    expect_field(pilot, &held, "response", "Half. Answer to HOLD on.");
    expect_field(pilot, &second, "response", "Answer to Second?.");
    assert_int_equal(pilot->session->queue.count, 3);
}

/* As a kill would leave it. */
static void half_an_answer_has_the_model_that_writes_it(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct record record;
    sampling_clear(&pilot->settings.endpoints->defaults); /* the endpoint's first one */
    pilot_reopen(pilot);
    struct id id = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    pilot_run(pilot, 600);
    pilot_read(pilot, &id, &record);
    assert_string_equal(completion_model(&record.completion), "fake-1");
    record_clear(&record);
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
}

static void a_cancelled_answer_keeps_its_text(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    assert_true(app_cancel(pilot->app));
    pilot_settle(pilot);
    assert_true(has_half(pilot));
    assert_int_equal(pilot->session->queue.rows[0].flags, QUEUE_CUT);
    expect_state(pilot, &id, COMPLETION_CUT);
    expect_field(pilot, &id, "response", "Half. ");
    assert_false(app_cancel(pilot->app));
    fake_server_open_gate(fake_model_server(fixture->model));
}

static bool has_mused(const struct pilot *pilot)
{
    const struct session *session = pilot->session;
    return session->stream_count && session->streams[0]->reasoning.len > 0;
}

/* Apart from the answer, whether that came or not. */
static void what_a_model_thought_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    for (int i = 0; i < 2; i++) {
        struct record record;
        struct id id = pilot_ask(pilot, "MUSE on");
        pilot_until(pilot, has_mused);
        if (i == 0)
            assert_true(app_cancel(pilot->app));
        else
            fake_server_open_gate(fake_model_server(fixture->model));
        pilot_settle(pilot);
        pilot_read(pilot, &id, &record);
        assert_string_equal(record.completion.reasoning, "Hm.");
        assert_int_equal(record.completion.state, i ? COMPLETION_DONE : COMPLETION_CUT);
        record_clear(&record);
        expect_field(pilot, &id, "response", i ? "Answer to MUSE on." : "");
    }
}

static void closing_keeps_the_text_as_cut_off(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    pilot_reopen(pilot);
    assert_true(has_half(pilot));
    expect_state(pilot, &id, COMPLETION_CUT);
    const struct completion *completion = &pilot->session->current.completion;
    assert_string_equal(completion->finish_reason, "quit"); /* not "cancelled" */
    assert_non_null(strstr(completion->error, "sherd was quit"));
    assert_int_equal(pilot->session->queue.rows[0].flags, QUEUE_CUT);
    fake_server_open_gate(fake_model_server(fixture->model));
}

static void a_broken_connection_keeps_the_text_and_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "CUT it");
    pilot_settle(pilot);
    expect_field(pilot, &id, "response", "Half. ");
    assert_int_equal(pilot->session->queue.rows[0].flags, QUEUE_CUT);
    assert_non_null(pilot->session->current.completion.error);
    pilot_expect_notice(pilot, "#1: ");
}

static void a_failed_prompt_is_asked_again_in_place(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "ONCE more");
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.rows[0].flags, QUEUE_FAILED);
    expect_state(pilot, &id, COMPLETION_FAILED);
    pilot_expect_notice(pilot, "I do not like it");
    assert_non_null(strstr(pilot->session->current.completion.error, "I do not like it"));
    assert_true(app_regenerate(pilot->app));
    assert_memory_equal(&pilot->session->current.id, &id, sizeof id);
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.count, 1);
    assert_int_equal(pilot->session->queue.rows[0].flags, 0);
    expect_field(pilot, &id, "response", "Answer to ONCE more.");
    expect_state(pilot, &id, COMPLETION_DONE);
}

static void there_is_nothing_to_judge_where_nothing_came(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    struct id id = pilot_ask(pilot, "FAIL now");
    pilot_settle(pilot);
    assert_false(pilot_rate(pilot, 4));
    pilot_expect_notice(pilot, "There is no answer to rate: r asks again.");
    assert_false(pilot_write(pilot, "bad"));
    assert_false(app_submit(pilot->app));
    assert_false(app_draft(pilot->app));
    pilot_expect(pilot, &id, RESPONSE_PENDING, 0, NULL);
    app_go(pilot->app, 0);
    assert_false(app_go_next_open(pilot->app)); /* it is passed by */
    pilot_reopen(pilot);
    assert_int_equal(pilot->session->queue.position, 0);
    assert_int_equal(pilot->session->queue.rows[1].flags, QUEUE_FAILED); /* as live */
    app_go(pilot->app, 1);
    assert_false(pilot_rate(pilot, 4));
    assert_true(app_discard(pilot->app)); /* out of the way */
    pilot_settle(pilot);
    pilot_expect(pilot, &id, RESPONSE_DISCARDED, 0, NULL);
}

static void regenerating_makes_a_sibling_with_its_parent(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id first = pilot_ask(pilot, "Why?");
    assert_false(app_regenerate(pilot->app));
    pilot_expect_notice(pilot, "still streams");
    pilot_settle(pilot);
    assert_true(app_regenerate(pilot->app));
    struct id second = pilot->session->current.id;
    assert_memory_not_equal(&first, &second, sizeof first);
    pilot_settle(pilot);
    struct record record;
    pilot_read(pilot, &second, &record);
    assert_memory_equal(&record.completion.parent, &first, sizeof first);
    record_clear(&record);
    expect_field(pilot, &second, "prompt", "Why?");
    expect_field(pilot, &first, "response", "Answer to Why?.");
    assert_int_equal(pilot->session->queue.count, 2);
}

static void a_pause_that_the_endpoint_asks_for_is_shown(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "BUSY now");
    pilot_settle(pilot);
    expect_field(pilot, &id, "response", "Answer to BUSY now.");
    assert_int_equal(fake_model_count(fixture->model), 2);
    struct record record;
    pilot_read(pilot, &id, &record);
    assert_int_equal(record.completion.attempts, 2);
    record_clear(&record);
}

static void an_empty_prompt_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_false(app_ask(pilot->app, " \n\t", 3, NULL, NULL));
    pilot_expect_notice(pilot, "The prompt is empty.");
    assert_int_equal(pilot->session->queue.count, 0);
}

static void settings_of_the_session_are_sent(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    char model[] = "other";
    char system[] = "Be brief.";
    struct sampling sampling = {.model = model, .system_prompt = system};
    app_set_sampling(pilot->app, &sampling);
    pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    const struct fake_request *request = fake_model_request(fixture->model, 0);
    assert_non_null(strstr(request->body, "\"other\""));
    assert_non_null(strstr(request->body, "Be brief."));
}

static void asking_before_the_queue_is_read_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_add(pilot, "One?", "Yes.");
    navigate_load(pilot->app);
    struct id id = pilot_ask(pilot, "Two?");
    navigate_load(pilot->app);
    pilot_settle(pilot);
    const struct session *session = pilot->session;
    assert_int_equal(session->queue.count, 2);
    assert_int_equal(session->queue.position, 1);
    assert_memory_equal(&session->current.id, &id, sizeof id);
    assert_true(session->queue.rows[1].row < INT64_MAX / 2);
    assert_int_equal(session->queue.rows[1].flags, 0);
}

static void without_an_endpoint_one_is_told_what_to_set(void **state)
{
    (void)state;
    struct pilot pilot = {0};
    pilot_start(&pilot);
    assert_false(app_ask(pilot.app, "Why?", 4, NULL, NULL));
    pilot_expect_notice(&pilot, "OPENAI_BASE_URL");
    assert_false(pilot.session->has_endpoint);
    pilot_end(&pilot);
}

static void a_key_command_is_run_when_first_needed(void **state)
{
    struct fixture *fixture = *state;
    struct pilot pilot = {.endpoint_url = fake_model_url(fixture->model),
                          .key_command = "printf sk-77"};
    pilot_start(&pilot);
    struct id first = pilot_ask(&pilot, "Why?");
    struct id second = pilot_ask(&pilot, "How?");
    assert_int_equal(pilot.session->stream_count, 2);
    pilot_settle(&pilot);
    expect_field(&pilot, &first, "response", "Answer to Why?.");
    expect_field(&pilot, &second, "response", "Answer to How?.");
    char *header = fake_request_header(
        fake_server_request(fake_model_server(fixture->model), 0), "Authorization");
    assert_string_equal(header, "Bearer sk-77");
    free(header);
    pilot_end(&pilot);
}

static void a_failing_key_command_fails_the_record(void **state)
{
    struct fixture *fixture = *state;
    struct pilot pilot = {.endpoint_url = fake_model_url(fixture->model),
                          .key_command = "false"};
    pilot_start(&pilot);
    struct id id = pilot_ask(&pilot, "Why?");
    pilot_settle(&pilot);
    expect_state(&pilot, &id, COMPLETION_FAILED);
    pilot_expect_notice(&pilot, "api_key_cmd");
    assert_int_equal(pilot.session->queue.rows[0].flags, QUEUE_FAILED);
    pilot_end(&pilot);
}

static void a_hanging_key_command_does_not_hold_up_closing(void **state)
{
    struct fixture *fixture = *state;
    struct pilot pilot = {.endpoint_url = fake_model_url(fixture->model),
                          .key_command = "tail -f /dev/null"};
    pilot_start(&pilot);
    struct id id = pilot_ask(&pilot, "Why?");
    int64_t start = clock_mono_ms(&clock_system);
    free(pilot.settings.endpoints->key_command);
    pilot.settings.endpoints->key_command = NULL;
    pilot_reopen(&pilot);
    assert_true(clock_mono_ms(&clock_system) - start < 10000);
    expect_state(&pilot, &id, COMPLETION_CUT);
    pilot_end(&pilot);
}

static void a_prompt_that_cannot_be_kept_is_not_sent(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    pilot_fill_disk(true);
    assert_false(app_ask(pilot->app, "Why?", 4, NULL, NULL)); /* who asks still has it */
    pilot_settle(pilot);
    pilot_fill_disk(false);
    pilot_expect_notice(pilot, "Not asked, since it cannot be kept: ");
    assert_int_equal(fake_model_count(fixture->model), 0);
    assert_int_equal(pilot->session->queue.count, 0);
    struct id id = pilot_ask(pilot, "Why?");
    pilot_settle(pilot);
    expect_field(pilot, &id, "response", "Answer to Why?.");
    assert_int_equal(pilot->session->queue.count, 1);
}

static void an_answer_that_cannot_be_kept_is_written_later(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    struct id id = pilot_ask(pilot, "HOLD on");
    pilot_until(pilot, has_half);
    pilot_run(pilot, 100); /* the record itself is on disk */
    pilot_fill_disk(true);
    fake_server_open_gate(fake_model_server(fixture->model));
    pilot_settle(pilot);
    pilot_fill_disk(false);
    pilot_expect_notice(pilot, "The answer is not saved: ");
    size_t len = 0;
    assert_string_equal(session_response(pilot->session, &len),
                        "Half. Answer to HOLD on.");
    pilot_rate(pilot, 3);
    pilot_settle(pilot);
    expect_field(pilot, &id, "response", "Half. Answer to HOLD on.");
    expect_state(pilot, &id, COMPLETION_DONE);
    pilot_expect(pilot, &id, RESPONSE_DRAFT, 3, NULL);
}

static void the_demo_has_records_and_answers(void **state)
{
    (void)state;
    struct pilot pilot = {.is_demo = true};
    pilot_start(&pilot);
    assert_true(pilot.session->queue.count > 2);
    assert_true(pilot.session->has_current);
    assert_true(pilot.session->is_demo && pilot.session->has_endpoint);
    char *path = xstrdup(store_path(app_store(pilot.app)));
    pilot_ask(&pilot, "Tell me a joke");
    pilot_settle(&pilot);
    size_t len = 0;
    session_response(pilot.session, &len);
    if (!len)
        fail_msg("%s", pilot.session->notice.text);
    pilot_end(&pilot);
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_answer_is_shown_and_kept),
        CASE(the_facts_of_the_run_are_kept),
        CASE(a_record_is_in_the_store_before_its_answer),
        CASE(what_was_shown_a_moment_ago_is_kept),
        CASE(what_many_streams_showed_is_kept),
        CASE(one_rates_others_while_it_streams),
        CASE(half_an_answer_has_the_model_that_writes_it),
        CASE(a_cancelled_answer_keeps_its_text),
        CASE(what_a_model_thought_is_kept),
        CASE(closing_keeps_the_text_as_cut_off),
        CASE(a_broken_connection_keeps_the_text_and_says_so),
        CASE(a_failed_prompt_is_asked_again_in_place),
        CASE(there_is_nothing_to_judge_where_nothing_came),
        CASE(regenerating_makes_a_sibling_with_its_parent),
        CASE(a_pause_that_the_endpoint_asks_for_is_shown),
        CASE(an_empty_prompt_is_refused),
        CASE(settings_of_the_session_are_sent),
        CASE(asking_before_the_queue_is_read_loses_nothing),
        cmocka_unit_test(without_an_endpoint_one_is_told_what_to_set),
        CASE(a_key_command_is_run_when_first_needed),
        CASE(a_failing_key_command_fails_the_record),
        CASE(a_hanging_key_command_does_not_hold_up_closing),
        CASE(a_prompt_that_cannot_be_kept_is_not_sent),
        CASE(an_answer_that_cannot_be_kept_is_written_later),
        cmocka_unit_test(the_demo_has_records_and_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
