/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app_parts.h"
#include "app/ask.h"
#include "base/xalloc.h"
#include "tests/support/fake_model.h"
#include "tests/support/pilot_app.h"

struct fixture {
    struct pilot pilot;
    struct fake_model *model;
    struct fake_model *other; /* the endpoint "other", whose key a command prints */
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->model = pilot_use_model(&fixture->pilot);
    fixture->other = fake_model_new();
    pilot_start(&fixture->pilot);
    struct endpoint *endpoint = setting_add_endpoint(&fixture->pilot.settings, "other");
    setting_text(&endpoint->base_url, fake_model_url(fixture->other));
    setting_text(&endpoint->key_command, "printf sk-other");
    setting_text(&endpoint->defaults.model, "other-1");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    pilot_end(&fixture->pilot);
    fake_model_free(fixture->other);
    free(fixture);
    return 0;
}

static const struct ask_target targets[] = {{NULL, "one"}, {"other", NULL}};

static void one_prompt_goes_to_several_models_and_endpoints(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    static const char *const models[] = {"one", "one", "other-1", "other-1"};
    assert_int_equal(app_ask_many(pilot->app, "HOLD on", 7, targets, 2, 2, NULL), 4);
    assert_int_equal(pilot->session->stream_count, 4); /* all at once */
    struct id head = pilot->session->current.id;
    for (int i = 0; i < 2; i++) {
        fake_server_open_gate(fake_model_server(fixture->model));
        fake_server_open_gate(fake_model_server(fixture->other));
    }
    pilot_settle(pilot);
    assert_int_equal(pilot->session->queue.count, 4);
    for (size_t i = 0; i < 4; i++) {
        struct record record = {0};
        assert_int_equal(store_get_record_row(app_store(pilot->app),
                                              pilot->session->queue.rows[i].row, &record,
                                              NULL),
                         STATUS_OK);
        const struct completion *completion = &record.completion;
        assert_int_equal(completion->state, COMPLETION_DONE);
        assert_string_equal(completion->endpoint, i < 2 ? "fake" : "other");
        assert_string_equal(completion->sampling.model, models[i]);
        assert_int_equal(completion->sample, i % 2);
        assert_true(i ? id_equal(&completion->parent, &head)
                      : id_is_zero(&completion->parent) && id_equal(&record.id, &head));
        record_clear(&record);
    }
    for (size_t i = 0; i < 2; i++) {
        char *key = fake_request_header(
            fake_server_request(fake_model_server(fixture->other), i), "Authorization");
        assert_string_equal(key, "Bearer sk-other");
        free(key);
    }
}

static void what_was_refused_is_not_sent_by_the_next_session(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    assert_true(app_ask(pilot->app, "OPTS a", 6, NULL, NULL));
    pilot_settle(pilot);
    assert_int_equal(fake_model_count(fixture->model), 2);
    pilot_reopen(pilot);
    assert_true(app_ask(pilot->app, "OPTS b", 6, NULL, NULL));
    pilot_settle(pilot);
    assert_int_equal(fake_model_count(fixture->model), 3);
}

static void an_unknown_endpoint_asks_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const struct ask_target wrong[] = {{NULL, NULL}, {"nobody", NULL}};
    assert_int_equal(app_ask_many(pilot->app, "Why?", 4, wrong, 2, 1, NULL), 0);
    pilot_expect_notice(pilot, "There is no endpoint named \"nobody\".");
    assert_int_equal(pilot->session->stream_count, 0);
    assert_int_equal(pilot->session->queue.count, 0);
}

static void a_conversation_is_sent_and_its_text_logged(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    const struct llm_message messages[] = {{.role = "user", .text = "Why?", .len = 4},
                                           {.role = "assistant", .text = "So.", .len = 3},
                                           {.role = "user", .text = "And?", .len = 4}};
    const struct asked asked = {.prompt = "Why? So. And?",
                                .len = 13,
                                .messages = messages,
                                .message_count = 3,
                                .sampling = &pilot->session->sampling};
    struct record record;
    enum claim claim;
    struct err err = {0};
    assert_int_equal(complete_start(pilot->app, &asked, &record, &claim, &err),
                     STATUS_OK);
    pilot_settle(pilot);
    char *prompt = pilot_field(pilot, &record.id, "prompt");
    char *response = pilot_field(pilot, &record.id, "response");
    assert_string_equal(prompt, "Why? So. And?");
    assert_string_equal(response, "Answer to And?.");
    free(prompt);
    free(response);
    record_clear(&record);
    const char *body = fake_server_request(fake_model_server(fixture->model), 0)->body;
    assert_non_null(strstr(body, "\"assistant\""));
    assert_non_null(strstr(body, "\"So.\""));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(one_prompt_goes_to_several_models_and_endpoints),
        CASE(what_was_refused_is_not_sent_by_the_next_session),
        CASE(an_unknown_endpoint_asks_nobody),
        CASE(a_conversation_is_sent_and_its_text_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
