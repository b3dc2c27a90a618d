/* SPDX-License-Identifier: MIT
 *
 * The list of models: golden screens of it, and the whole program with it. Which prompt
 * goes where is seen in the store.
 */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "cli/export.h"
#include "config/settings_parts.h"
#include "tests/support/fake_model.h"
#include "tests/support/golden.h"
#include "tests/support/pilot_screen.h"
#include "tests/support/stage.h"

static const struct {
    const char *endpoint, *model, *note;
    bool is_fault;
} choices[] = {
    {"lab", "smollm2", NULL, false},
    {"lab", "qwen3:8b", NULL, false},
    {"openai", "gpt-4.1", "closes on 2026-12-31", false},
    {"openai", "gpt-5-mini", NULL, false},
    {"away", NULL, "The endpoint away: Nothing listens at 127.0.0.1:9.", true},
    {"slow", "m\x1b[31m-\xe7\x81\xaf", "not answered yet", false},
};

static void fill(struct stage *stage)
{
    struct session *session = &stage->session;
    size_t count = sizeof choices / sizeof *choices;
    session->choices = xcalloc(count, sizeof *session->choices);
    for (size_t i = 0; i < count; i++)
        session->choices[i] =
            (struct model_choice){.endpoint = xstrdup(choices[i].endpoint),
                                  .model = xstrdup_or_null(choices[i].model),
                                  .note = xstrdup_or_null(choices[i].note),
                                  .is_fault = choices[i].is_fault};
    session->choice_count = count;
    session->choices_awaited = 1;
    snprintf(session->endpoint, sizeof session->endpoint, "lab");
    setting_text(&session->sampling.model, "smollm2");
    session->marked = xcalloc(1, sizeof *session->marked);
    session->marked[0] = (struct model_mark){xstrdup("openai"), xstrdup("gpt-4.1")};
    session->marked_count = 1;
    stage->frame.models.focus = 1;
}

static void check_at(int rows, int cols, const char *filter, const char *name,
                     bool is_plain)
{
    struct stage stage;
    stage_init(&stage, rows, cols);
    stage.view.is_plain = is_plain;
    fill(&stage);
    editbuf_set(stage.frame.models.filter, filter, strlen(filter));
    stage_draw(&stage, MODE_MODELS);
    golden_check(name, &stage.frame.cells);
    stage_clear(&stage);
}

static void models_stand_one_a_row(void **state)
{
    (void)state;
    check_at(24, 80, "", "models-80x24", false);
    check_at(10, 40, "", "models-40x10", false);
    check_at(24, 110, "", "plain-models-110x24", true);
    check_at(24, 80, "ai/GPT-5", "models-filtered-80x24", false);
}

/* ---- the whole program ---- */

struct fixture {
    struct pilot_screen stand;
    struct fake_model *other;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    struct pilot_screen *stand = &fixture->stand;
    stand->records = 1;
    fixture->other = fake_model_new();
    pilot_screen_start(stand);
    struct endpoint *endpoint = setting_add_endpoint(&stand->pilot.settings, "other-box");
    setting_text(&endpoint->base_url, fake_model_url(fixture->other));
    endpoint = setting_add_endpoint(&stand->pilot.settings, "away-box");
    setting_text(&endpoint->base_url, "http://127.0.0.1:1/v1");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    pilot_screen_end(&fixture->stand);
    fake_model_free(fixture->other);
    free(fixture);
    return 0;
}

/* Endpoint and model of the record's completion. */
static void check_asked(struct pilot_screen *stand, size_t index, const char *endpoint,
                        const char *model)
{
    struct record record = {0};
    assert_int_equal(store_get_record_row(app_store(stand->pilot.app),
                                          stand->pilot.session->queue.rows[index].row,
                                          &record, NULL),
                     STATUS_OK);
    assert_string_equal(record.completion.endpoint, endpoint);
    assert_string_equal(record.completion.sampling.model, model);
    record_clear(&record);
}

static void another_endpoint_is_found_by_typing_and_taken(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "M");
    pilot_see(stand, "Models");
    pilot_see(stand, "fake-1");
    pilot_see(stand, "Nothing listens");
    pilot_type(stand, "other");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompts go to other-box and its model fake-1 from now on.");
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke");
    pilot_see(stand, "fake-1");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Answer to Tell me a joke.");
    pilot_rest(stand);
    check_asked(stand, 1, "other-box", "fake-1");
}

static bool is_all_saved(const struct pilot *pilot)
{
    return pilot->session->unsaved[0] == '\0';
}

static void a_prompt_goes_to_all_that_are_marked(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    const char *ours = stand->pilot.session->endpoint;
    char *name = xstrdup(ours);
    pilot_keys(stand, "M");
    pilot_see(stand, "fake-1");
    pilot_see(stand, "Nothing listens");
    pilot_keys(stand, "<Space>");
    pilot_type(stand, "away");
    pilot_keys(stand, "<Space>"); /* what does not answer cannot be marked */
    pilot_see(stand, "1 marked");
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, "other");
    pilot_keys(stand, "<Space>");
    pilot_see(stand, "2 marked");
    pilot_keys(stand, "<Enter>i");
    pilot_see(stand, "2 marked models");
    pilot_hold_store(&stand->pilot, true);
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "is held by");
    pilot_see(stand, "2 marked models"); /* what was typed stays in its box */
    pilot_see(stand, "Tell me a joke");
    pilot_hold_store(&stand->pilot, false);
    pilot_until(&stand->pilot, is_all_saved);
    pilot_keys(stand, "<Enter>");
    pilot_rest(stand);
    assert_int_equal(stand->pilot.session->queue.count, 3);
    check_asked(stand, 1, name, "demo");
    check_asked(stand, 2, "other-box", "fake-1");
    /* taken away again, prompts go to one */
    pilot_keys(stand, "M");
    pilot_type(stand, "other");
    pilot_keys(stand, "<Space><Esc><Space><Enter>");
    pilot_see(stand, "from now on");
    assert_int_equal(stand->pilot.session->marked_count, 0);
    free(name);
}

static bool never_stops(void *ctx, size_t records)
{
    (void)ctx;
    (void)records;
    return false;
}

/* The lines that an export of pairs writes of the stand's dataset. Owned. */
static char *export_pairs(struct pilot_screen *stand)
{
    struct export export = {.store = app_store(stand->pilot.app),
                            .dataset = &stand->pilot.session->dataset,
                            .format = EXPORT_TRL_PREFERENCE,
                            .is_stopped = never_stops};
    struct output out;
    struct err err = {0};
    char *lines = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&lines, &len);
    assert_non_null(file);
    output_init(&out, file, true);
    export.out = &out;
    assert_int_equal(export_run(&export, &err), STATUS_OK);
    output_finish(&out);
    fclose(file);
    return lines;
}

static void mark_both(struct pilot_screen *stand)
{
    pilot_keys(stand, "M");
    pilot_see(stand, "Nothing listens");
    pilot_keys(stand, "<Space>");
    pilot_type(stand, "other");
    pilot_keys(stand, "<Space>");
    pilot_see(stand, "2 marked");
    pilot_keys(stand, "<Enter>");
}

static void two_marked_models_are_compared_and_the_choice_is_exported(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    mark_both(stand);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_rest(stand);
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    pilot_keys(stand, "1");
    pilot_see(stand, "1 is better.");
    char *pairs = export_pairs(stand);
    assert_non_null(strstr(pairs, "\"chosen\""));
    assert_non_null(strstr(pairs, "Answer to Tell me a joke."));
    free(pairs);
    pilot_keys(stand, "u");
    pilot_rest(stand);
    pairs = export_pairs(stand);
    assert_string_equal(pairs, "");
    free(pairs);
    pilot_keys(stand, "<Ctrl-R>");
    pilot_rest(stand);
    pairs = export_pairs(stand);
    assert_non_null(strstr(pairs, "\"rejected\""));
    free(pairs);
}

static void a_run_goes_to_all_that_are_marked(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    const char *const lines[] = {"One", "Two", NULL};
    char line[64];
    int fd = pilot_file(lines);
    mark_both(stand);
    snprintf(line, sizeof line, ":run /proc/self/fd/%d --as text\n", fd);
    pilot_type(stand, line);
    pilot_see(stand, "The run asks the 2 marked models");
    pilot_see(stand, "4 of 4 done");
    pilot_rest(stand);
    assert_int_equal(stand->pilot.session->queue.count, 5);
    size_t others = 0;
    for (size_t i = 1; i < 5; i++) {
        struct record record = {0};
        assert_int_equal(store_get_record_row(app_store(stand->pilot.app),
                                              stand->pilot.session->queue.rows[i].row,
                                              &record, NULL),
                         STATUS_OK);
        others += !strcmp(record.completion.endpoint, "other-box");
        record_clear(&record);
    }
    assert_int_equal(others, 2);
    /* who is named in the line is asked alone */
    snprintf(line, sizeof line, ":run /proc/self/fd/%d --as text --model m\n", fd);
    pilot_type(stand, line);
    pilot_see(stand, "2 of 2 done");
    close(fd);
}

/* What is not listed is said with the nearest that is, and taken all the same. */
static void a_model_that_is_not_listed_is_said(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "M");
    pilot_see(stand, "fake-1");
    pilot_type(stand, "other");
    pilot_keys(stand, "<Enter>:");
    pilot_type(stand, "model fkae-1");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "does not list a model \"fkae-1\"");
    pilot_see(stand, "did you mean \"fake-1\"?");
    assert_string_equal(stand->pilot.session->sampling.model, "fkae-1");
    pilot_keys(stand, ":");
    pilot_type(stand, "model fake-1");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Model of the next prompts: fake-1.");
    pilot_rest(stand);
    assert_null(strstr(stand->pilot.session->notice.text, "does not list"));
}

static void what_cannot_be_used_says_why(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "M");
    pilot_see(stand, "Nothing listens");
    pilot_type(stand, "away");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Models"); /* it stays */
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, "nothing-so");
    pilot_see(stand, "No endpoint or model has this in its name.");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "There is no model to take here.");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "Models");
    pilot_keys(stand, "<Esc><Esc>");
    pilot_see(stand, "Your answer");
}

static void an_endpoint_that_lists_nothing_is_asked_all_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    const struct session *session = stand->pilot.session;
    fake_reply_http(fake_server_queue(fake_model_server(fixture->other)), 200,
                    "application/json", "{\"data\":[]}");
    pilot_keys(stand, "M");
    pilot_see(stand, "lists no models");
    pilot_see(stand, "Nothing listens");
    assert_int_equal(session->choices_awaited, 0);
    pilot_type(stand, "other");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompts go to other-box from now on.");
    assert_string_equal(session->endpoint, "other-box");
    assert_null(session->sampling.model);
    /* what has a fault is told and changes nothing */
    fake_reply_http(fake_server_queue(fake_model_server(fixture->other)), 200,
                    "application/json",
                    "{\"data\":[{\"id\":\"old\",\"shutdown_date\":\"2026-12-31\"}]}");
    pilot_keys(stand, "M");
    pilot_see(stand, "old · closes on 2026-12-31");
    pilot_type(stand, "away");
    pilot_keys(stand, "<Enter>");
    pilot_expect_notice(&stand->pilot, "Nothing listens at 127.0.0.1:1");
    assert_string_equal(session->endpoint, "other-box");
    app_dismiss_notice(stand->pilot.app);
    pilot_keys(stand, "<Space>");
    pilot_expect_notice(&stand->pilot, "Nothing listens at 127.0.0.1:1");
    assert_int_equal(session->marked_count, 0);
}

static void what_is_pasted_filters_the_list_from_its_start(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "M");
    pilot_see(stand, "other-box");
    pilot_see(stand, "Nothing listens");
    pilot_keys(stand, "<Down><Down>");
    pilot_paste(stand, "other-");
    pilot_see_gone(stand, "away-box");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompts go to other-box");
}

static void an_endpoints_key_comes_from_its_command(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    struct settings *settings = &stand->pilot.settings;
    struct endpoint *endpoint = setting_find_endpoint(settings, "other-box");
    setting_text(&endpoint->key_command, "echo sk-cmd-3");
    endpoint = setting_find_endpoint(settings, "away-box");
    setting_text(&endpoint->key_command, "false");
    setting_add_endpoint(settings, "no-box");
    pilot_keys(stand, "M");
    pilot_see(stand, "other-box");
    pilot_see(stand, "fake-1");
    pilot_see(stand, "api_key_cmd: false failed");
    pilot_see(stand, "It has no url: add one to its section.");
    char *header = fake_request_header(
        fake_server_request(fake_model_server(fixture->other), 0), "Authorization");
    assert_string_equal(header, "Bearer sk-cmd-3");
    free(header);
}

/* Nothing leaves the demo, whatever the environment names. */
static void the_demo_offers_itself_alone(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen demo = {.records = 1};
    (void)fixture;
    demo.pilot.is_demo = true;
    pilot_screen_start(&demo);
    struct endpoint *endpoint = setting_add_endpoint(&demo.pilot.settings, "env");
    setting_text(&endpoint->base_url, "http://127.0.0.1:1/v1");
    pilot_keys(&demo, "M");
    pilot_see(&demo, "demo");
    pilot_rest(&demo);
    assert_int_equal(demo.pilot.session->choice_count, 1);
    assert_string_equal(demo.pilot.session->choices[0].endpoint, "demo");
    assert_false(demo.pilot.session->choices[0].is_fault);
    pilot_keys(&demo, "<Enter>");
    pilot_see(&demo, "Prompts go to demo and its model");
    pilot_keys(&demo, "S");
    pilot_see(&demo, "The demo is on no server: all of it goes when you leave.");
    pilot_type(&demo, ":open other\n");
    pilot_see(&demo, "The demo has this one dataset.");
    pilot_screen_end(&demo);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_stand_one_a_row),
        CASE(another_endpoint_is_found_by_typing_and_taken),
        CASE(a_prompt_goes_to_all_that_are_marked),
        CASE(two_marked_models_are_compared_and_the_choice_is_exported),
        CASE(a_run_goes_to_all_that_are_marked),
        CASE(the_demo_offers_itself_alone),
        CASE(a_model_that_is_not_listed_is_said),
        CASE(what_cannot_be_used_says_why),
        CASE(an_endpoint_that_lists_nothing_is_asked_all_the_same),
        CASE(what_is_pasted_filters_the_list_from_its_start),
        CASE(an_endpoints_key_comes_from_its_command),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
