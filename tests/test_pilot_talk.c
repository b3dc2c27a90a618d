/* SPDX-License-Identifier: MIT
 * Asking on in the same conversation, and asking again. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/fake_model.h"
#include "tests/support/pilot_screen.h"

/* ---- the stand ---- */

struct talk {
    struct pilot_screen stand;
    struct fake_model *model;
};

static int set_up(void **state)
{
    struct talk *talk = xcalloc(1, sizeof *talk);
    talk->stand.has_no_endpoint = true;
    talk->model = pilot_use_model(&talk->stand.pilot);
    *state = talk;
    return 0;
}

static void ask(struct talk *talk, const char *key, const char *text)
{
    pilot_keys(&talk->stand, key);
    pilot_type(&talk->stand, text);
    pilot_keys(&talk->stand, "<Enter>");
    pilot_rest(&talk->stand);
}

/* The body of the last chat request. */
static const char *last_body(const struct talk *talk)
{
    size_t count = fake_model_count(talk->model);
    return fake_model_request(talk->model, count - 1)->body;
}

static void expect_sent(const struct talk *talk, const char *words)
{
    if (!strstr(last_body(talk), words))
        fail_msg("%s is not in %s", words, last_body(talk));
}

static void expect_field(struct talk *talk, const char *name, const char *text)
{
    struct id id = pilot_current(&talk->stand);
    char *found = pilot_field(&talk->stand.pilot, &id, name);
    assert_string_equal(found, text);
    free(found);
}

#define TALK                                                                             \
    "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},"                              \
    "{\"role\":\"assistant\",\"content\":\"Answer to Hi.\"},"                            \
    "{\"role\":\"user\",\"content\":\"Bye\"}]"

/* ---- asking on ---- */

static void the_whole_conversation_is_sent_and_is_the_prompt(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    ask(talk, "i", "Hi");
    pilot_see(stand, "Answer to Hi.");
    pilot_keys(stand, "a");
    pilot_see(stand, "Ask on from #1");
    pilot_type(stand, "Bye\n");
    pilot_rest(stand);
    expect_sent(talk, TALK);
    pilot_see(stand, "Answer to Bye.");
    expect_field(talk, "prompt", "User: Hi\n\nAssistant: Answer to Hi.\n\nUser: Bye");
    /* not another answer to the same prompt */
    assert_true(id_is_zero(&stand->pilot.session->current.completion.parent));
    ask(talk, "a", "And?");
    expect_sent(talk, "{\"role\":\"assistant\",\"content\":\"Answer to Bye.\"},"
                      "{\"role\":\"user\",\"content\":\"And?\"}]");
    expect_field(talk, "prompt",
                 "User: Hi\n\nAssistant: Answer to Hi.\n\nUser: Bye\n\n"
                 "Assistant: Answer to Bye.\n\nUser: And?");
}

/* The question that is rated stands in view, and what was said before above it. */
static void a_long_conversation_starts_at_its_last_turn(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    ask(talk, "i", "First of all");
    ask(talk, "a", "Second of all");
    ask(talk, "a", "Third of all");
    pilot_see(stand, "User: Third of all");
    assert_false(pilot_sees(stand, "User: First of all"));
    pilot_keys(stand, "KKKKKKKKKK");
    pilot_see(stand, "User: First of all");
    pilot_keys(stand, "hl");
    pilot_see(stand, "User: Third of all");
}

static void asking_again_in_a_conversation_sends_all_of_it(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    ask(talk, "i", "Hi");
    ask(talk, "a", "Bye");
    struct id first = pilot_current(stand);
    pilot_screen_reopen(stand);
    pilot_go(&stand->pilot, &first);
    pilot_keys(stand, "r");
    pilot_rest(stand);
    assert_int_equal(fake_model_count(talk->model), 3);
    expect_sent(talk, TALK);
    assert_true(id_equal(&stand->pilot.session->current.completion.parent, &first));
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
}

static void make_chat(struct dataset *dataset)
{
    struct field *field = &dataset->fields[0];
    free(field->name);
    free(field->type);
    field->name = xstrdup("talk");
    field->type = xstrdup("chat");
}

static void a_dataset_with_a_chat_field_gets_a_chat(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    stand->prepare = make_chat;
    pilot_screen_start(stand);
    ask(talk, "i", "Hi");
    expect_field(talk, "talk", "[{\"role\":\"user\",\"content\":\"Hi\"}]");
    expect_sent(talk, "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]");
    pilot_see(stand, "user");
    ask(talk, "a", "Bye");
    expect_sent(talk, TALK);
    expect_field(talk, "talk",
                 "[{\"role\":\"user\",\"content\":\"Hi\"},"
                 "{\"role\":\"assistant\",\"content\":\"Answer to Hi.\"},"
                 "{\"role\":\"user\",\"content\":\"Bye\"}]");
    pilot_keys(stand, "r");
    pilot_rest(stand);
    assert_int_equal(fake_model_count(talk->model), 3);
    expect_sent(talk, TALK);
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
}

static void it_goes_on_with_the_model_that_answered(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    pilot_keys(stand, ":model first<Enter>:temperature 0.25<Enter>");
    ask(talk, "i", "Hi");
    pilot_keys(stand, ":model second<Enter>:temperature default<Enter>a");
    pilot_see(stand, "T 0.25");
    pilot_type(stand, "Bye\n");
    pilot_rest(stand);
    expect_sent(talk, "\"model\":\"first\"");
    expect_sent(talk, "\"temperature\":0.25");
    pilot_keys(stand, "a");
    pilot_type(stand, "More");
    pilot_keys(stand, "<Ctrl-O><Down>");
    pilot_type(stand, "0.75");
    pilot_keys(stand, "<Enter><Enter>");
    pilot_rest(stand);
    expect_sent(talk, "0.75");
    expect_sent(talk, "\"content\":\"More\"");
}

/* Flags are for what is asked anew. */
static void asking_on_takes_the_parameters_of_the_answer_before(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    stand->pilot.settings.sampling.max_tokens = 16;
    pilot_screen_reopen(stand);
    ask(talk, "i", "Hi");
    expect_sent(talk, "tokens\":16");
    stand->pilot.settings.sampling.max_tokens = 30;
    pilot_screen_reopen(stand);
    ask(talk, "a", "Bye");
    expect_sent(talk, "tokens\":16");
    pilot_keys(stand, "r");
    pilot_rest(stand);
    expect_sent(talk, "tokens\":30");
}

static void several_models_are_asked_on_at_once(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    const struct ask_target targets[] = {{NULL, "first"}, {"fake", "second"}};
    pilot_screen_start(stand);
    ask(talk, "i", "Hi");
    struct id id = pilot_current(stand);
    assert_true(app_ask_on(stand->pilot.app, &id, "Bye", 3, targets, 2, NULL));
    pilot_expect_notice(&stand->pilot, "2 answers are asked for");
    pilot_rest(stand);
    assert_int_equal(fake_model_count(talk->model), 3);
    bool has_first = false, has_second = false;
    for (size_t i = 1; i < 3; i++) {
        const char *body = fake_server_request(fake_model_server(talk->model), i)->body;
        assert_non_null(strstr(body, TALK));
        has_first = has_first || strstr(body, "\"model\":\"first\"");
        has_second = has_second || strstr(body, "\"model\":\"second\"");
    }
    assert_true(has_first && has_second);
    pilot_keys(stand, "c"); /* beside each other, and not beside the first answer */
    pilot_see(stand, "1–2 better");
    assert_false(pilot_sees(stand, "second"));
    pilot_keys(stand, "1");
    pilot_see(stand, "1 · better");
    pilot_rest(stand); /* "saved" is said then, and would take the notice's place */
    assert_false(app_ask_on(stand->pilot.app, &id, "Bye", 3,
                            &(struct ask_target){"nowhere", NULL}, 1, NULL));
    pilot_expect_notice(&stand->pilot, "nowhere");
    assert_int_equal(fake_model_count(talk->model), 3);
}

static void without_an_answer_there_is_nothing_to_ask_on_from(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    pilot_keys(stand, "a"); /* no record: a prompt like any other */
    pilot_see(stand, "New prompt");
    pilot_type(stand, "FAIL this\n");
    pilot_rest(stand);
    ask(talk, "a", "Go on");
    pilot_see(stand, "There is no answer to ask on from");
    pilot_see(stand, "Go on"); /* still in the box */
    pilot_keys(stand, "<Esc>");
    pilot_keys(stand, "i<Ctrl-U>");
    pilot_see(stand, "New prompt");
    pilot_type(stand, "HOLD\n");
    pilot_see(stand, "Half.");
    pilot_keys(stand, "a");
    pilot_type(stand, "Too soon\n");
    pilot_see(stand, "The answer is still being written.");
    assert_int_equal(fake_model_count(talk->model), 2);
    fake_server_open_gate(fake_model_server(talk->model));
    pilot_rest(stand);
    pilot_keys(stand, "<Enter>");
    pilot_rest(stand);
    assert_int_equal(fake_model_count(talk->model), 3);
    expect_sent(talk, "\"content\":\"Too soon\"");
}

static void a_model_that_only_completes_goes_on_with_the_text(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    struct id id = pilot_add(&stand->pilot, "Hi", "Hello.");
    stand->pilot.settings.endpoints->kind = ENDPOINT_OPENAI_COMPLETIONS;
    pilot_screen_reopen(stand);
    pilot_go(&stand->pilot, &id);
    ask(talk, "a", "Bye");
    const struct fake_request *request =
        fake_server_request(fake_model_server(talk->model), 0);
    assert_non_null(strstr(request->body, "\"prompt\":\"User: Hi\\n\\nAssistant: Hello."
                                          "\\n\\nUser: Bye\\n\\nAssistant:\""));
    expect_field(talk, "prompt", "User: Hi\n\nAssistant: Hello.\n\nUser: Bye");
}

/* ---- asking again ---- */

static void asking_again_with_one_setting_changed_keeps_the_parent(void **state)
{
    struct talk *talk = *state;
    struct pilot_screen *stand = &talk->stand;
    pilot_screen_start(stand);
    ask(talk, "i", "Hi");
    struct id first = pilot_current(stand);
    pilot_keys(stand, ":temperature 0.25<Enter>r");
    pilot_rest(stand);
    const struct record *now = &stand->pilot.session->current;
    assert_true(id_equal(&now->completion.parent, &first));
    assert_true(now->completion.sampling.temperature < 0.26);
    expect_field(talk, "prompt", "Hi");
    expect_sent(talk, "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]");
    pilot_keys(stand, "r"); /* of the second: beside both */
    pilot_rest(stand);
    now = &stand->pilot.session->current;
    assert_true(id_equal(&now->completion.parent, &first));
    assert_null(now->completion.messages);
    pilot_keys(stand, "c");
    pilot_see(stand, "1–3 best");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, pilot_screen_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_whole_conversation_is_sent_and_is_the_prompt),
        CASE(a_long_conversation_starts_at_its_last_turn),
        CASE(asking_again_in_a_conversation_sends_all_of_it),
        CASE(a_dataset_with_a_chat_field_gets_a_chat),
        CASE(it_goes_on_with_the_model_that_answered),
        CASE(several_models_are_asked_on_at_once),
        CASE(asking_on_takes_the_parameters_of_the_answer_before),
        CASE(without_an_answer_there_is_nothing_to_ask_on_from),
        CASE(a_model_that_only_completes_goes_on_with_the_text),
        CASE(asking_again_with_one_setting_changed_keeps_the_parent),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
