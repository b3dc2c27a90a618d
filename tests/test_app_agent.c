/* SPDX-License-Identifier: MIT
 * Agents in the app and on the screen: what becomes the record, the steps, the user's
 * word; beside a full disk, a quit, a crash and another agent. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/app.h"
#include "app/ask.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_model.h"
#include "tests/support/fake_server.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/pilot_screen.h"

#define PRESIDENT "Who was the first president of the United States of America?"

struct counted {
    size_t count, calls, results;
    struct buf text;
};

static void count_step(void *ctx, const struct trace_step *step)
{
    struct counted *counted = ctx;
    counted->count++;
    counted->calls += step->kind == TRACE_CALL;
    counted->results += step->kind == TRACE_RESULT;
    buf_add(&counted->text, step->text, step->len);
    buf_add_text(&counted->text, "\n");
}

static struct counted read_steps(struct pilot *pilot, const struct id *id)
{
    struct counted counted = {0};
    struct err err = {0};
    assert_int_equal(
        store_each_step(app_store(pilot->app), id, count_step, &counted, &err),
        STATUS_OK);
    return counted;
}

static void ask(struct pilot_screen *stand, const char *prompt)
{
    pilot_keys(stand, "i");
    pilot_type(stand, prompt);
    pilot_keys(stand, "<Enter>");
}

static void command(struct pilot_screen *stand, const char *text)
{
    pilot_keys(stand, ":");
    pilot_type(stand, text);
    pilot_keys(stand, "<Enter>");
}

static void only_the_prompt_and_the_answer_are_the_record(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "t");
    pilot_see(stand, "No agent wrote this answer");
    pilot_keys(stand, "t");
    command(stand, "agent search");
    pilot_see(stand, "an agent's, with search");
    ask(stand, PRESIDENT);
    pilot_see(stand, "George Washington was the first president");
    pilot_rest(stand);
    struct id asked = pilot_current(stand);
    char *prompt = pilot_field(&stand->pilot, &asked, "prompt");
    char *response = pilot_field(&stand->pilot, &asked, "response");
    assert_string_equal(prompt, PRESIDENT);
    assert_null(strstr(response, "Thought"));
    assert_null(strstr(response, "search"));
    free(prompt);
    free(response);
    pilot_screen_reopen(stand); /* the steps are there the next time as well */
    pilot_keys(stand, "<End>t");
    pilot_see(stand, "What the agent did");
    pilot_see(stand, "> + thought");
    pilot_see(stand, "+ search");
    pilot_keys(stand, "j<Enter>");
    pilot_see(stand, "> - search");
    pilot_see(stand, "    {\"query\":");
    pilot_keys(stand, "<Enter>k"); /* folded; up to the first, and no more */
    pilot_see(stand, "> + thought");
    pilot_see(stand, "  + search");
    pilot_keys(stand, "k");
    pilot_see(stand, "> + thought");
    pilot_keys(stand, "<Esc>");
    pilot_see_gone(stand, "What the agent did");
    command(stand, "agent off");
    pilot_see(stand, "without tools");
    pilot_screen_free(stand);
}

static void what_cannot_be_used_is_named(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    command(stand, "agent nobody");
    pilot_see(stand, "There is no tool named \"nobody\"");
    unsetenv("SERPAPI_API_KEY");
    unsetenv("SERPAPI_KEY");
    command(stand, "agent serpapi");
    pilot_see(stand, "SERPAPI_API_KEY");
    assert_null(stand->pilot.session->agent);
    pilot_screen_free(stand);
}

/* Its first tool waits for the user's word. */
static struct pilot_screen *start_asking(int records)
{
    struct pilot_screen *stand = pilot_screen_new(records, 0);
    stand->pilot.settings.agent.asks = true;
    command(stand, "agent search");
    ask(stand, PRESIDENT);
    pilot_see(stand, "The agent wants to run search");
    return stand;
}

/* It is fetched before the first question: it fails, or is stopped with it. */
static void a_tools_key_comes_from_its_command(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct tool_settings *tool = setting_add_tool(&stand->pilot.settings, "web");
    tool->kind = TOOL_SERPAPI;
    setting_text(&tool->key_command, "false");
    command(stand, "agent web");
    pilot_see(stand, "an agent's, with web");
    ask(stand, PRESIDENT);
    pilot_see(stand, "api_key_cmd: false failed");
    pilot_rest(stand);
    const struct completion *completion = &stand->pilot.session->current.completion;
    assert_int_equal(completion->state, COMPLETION_FAILED);
    setting_text(&tool->key_command, "echo key-of-web");
    for (int i = 0; i < 2; i++) { /* the second knows it */
        ask(stand, PRESIDENT);
        pilot_rest(stand);
        assert_true(secret_is_set(&tool->key));
        assert_int_equal(completion->state, COMPLETION_DONE);
    }
    secret_clear(&tool->key);
    setting_text(&tool->key_command, "sleep 100");
    ask(stand, PRESIDENT);
    pilot_see(stand, "Prompt #5");
    assert_int_equal(stand->pilot.session->stream_count, 1);
    pilot_keys(stand, "<Ctrl-C>");
    pilot_see(stand, "Stopped before it was sent.");
    assert_int_equal(stand->pilot.session->stream_count, 0);
    assert_int_equal(completion->state, COMPLETION_CUT);
    pilot_screen_free(stand);
}

/* Letters that are typed elsewhere decide nothing. */
static void a_tool_waits_for_the_users_word(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_asking(1);
    pilot_keys(stand, "yn"); /* the notice goes, and what waits is still said */
    pilot_see(stand, "The agent wants to run search");
    pilot_see(stand, "t shows it and asks");
    assert_false(pilot_sees(stand, "Waiting for the first word"));
    pilot_keys(stand, "t");
    pilot_see(stand, "y runs it, a runs this and all that");
    pilot_see(stand, "refuse");
    pilot_keys(stand, "n");
    pilot_see(stand, "The user did not allow this call.");
    pilot_keys(stand, "t");
    pilot_see(stand, "George Washington was");
    pilot_rest(stand);
    struct id asked = pilot_current(stand);
    struct counted steps = read_steps(&stand->pilot, &asked);
    assert_int_equal(steps.calls, 1);
    assert_null(strstr(buf_text(&steps.text), "Founding Father"));
    buf_clear(&steps.text);
    ask(stand, PRESIDENT " Now.");
    pilot_see(stand, "The agent wants to run search");
    pilot_keys(stand, "ty");
    pilot_see(stand, "George Washington (Feb");
    pilot_rest(stand);
    pilot_screen_free(stand);
}

static void a_retry_is_not_told_any_more_when_a_tool_asks(void **state)
{
    (void)state;
    static const char call[] =
        "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"tool_"
        "calls\":[{"
        "\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"calculator\","
        "\"arguments\":"
        "\"{\\\"expression\\\":\\\"1+1\\\"}\"}}]},\"finish_reason\":\"tool_calls\"}]}";
    struct fake_server *server = fake_server_new();
    struct pilot pilot = {.endpoint_url = fake_server_url(server)};
    struct err err = {0};
    pilot_start(&pilot);
    pilot.settings.agent.asks = true;
    app_answer_tools(pilot.app);
    assert_int_equal(app_set_agent(pilot.app, "calculator", &err), STATUS_OK);
    fake_reply_http_with(fake_server_queue(server), 503, "Retry-After: 0\r\n", "{}", 2);
    fake_reply_http(fake_server_queue(server), 200, "application/json", call);
    assert_true(app_ask(pilot.app, "1+1", 3, NULL, NULL));
    int64_t end = clock_mono_ms(&clock_system) + 10000;
    while (pilot.session->stream_count && !pilot.session->streams[0]->asks[0] &&
           clock_mono_ms(&clock_system) < end)
        pilot_run(&pilot, 5);
    assert_int_equal(pilot.session->stream_count, 1);
    assert_string_equal(pilot.session->streams[0]->waiting, "");
    assert_int_equal(pilot.session->streams[0]->retry_at_ms, 0);
    assert_int_equal(fake_server_count(server), 2);
    pilot_end(&pilot);
    fake_server_free(server);
}

static void quitting_keeps_what_was_done(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_asking(0);
    struct id asked = pilot_current(stand);
    pilot_screen_reopen(stand);
    pilot_see(stand, "sherd was quit");
    struct counted steps = read_steps(&stand->pilot, &asked);
    assert_int_equal(steps.calls, 1);
    assert_int_equal(steps.results, 0);
    buf_clear(&steps.text);
    /* asked again, it begins anew */
    stand->pilot.settings.agent.asks = false;
    command(stand, "agent search");
    pilot_keys(stand, "r");
    pilot_see(stand, "George Washington was");
    pilot_rest(stand);
    asked = pilot_current(stand);
    steps = read_steps(&stand->pilot, &asked);
    assert_int_equal(steps.count, 3);
    buf_clear(&steps.text);
    pilot_screen_free(stand);
}

static void ctrl_c_stops_it(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_asking(0);
    pilot_keys(stand, "<Ctrl-C>");
    pilot_rest(stand);
    const struct completion *completion = &stand->pilot.session->current.completion;
    assert_int_equal(completion->state, COMPLETION_CUT);
    assert_string_equal(completion->finish_reason, "cancelled");
    assert_string_equal(completion->tools, "search");
    pilot_screen_free(stand);
}

static void the_steps_are_those_of_the_last_asking(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_asking(0);
    pilot_keys(stand, "x");
    pilot_rest(stand);
    pilot_keys(stand, "t");
    pilot_see(stand, "You stopped the agent.");
    pilot_keys(stand, "<Esc>");
    stand->pilot.settings.agent.asks = false;
    pilot_keys(stand, "r");
    pilot_see(stand, "George Washington was");
    pilot_rest(stand);
    pilot_keys(stand, "t");
    pilot_see(stand, "+ result");
    assert_false(pilot_sees(stand, "You stopped the agent."));
    pilot_screen_free(stand);
}

static void two_agents_work_at_once(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 1);
    command(stand, "agent search");
    ask(stand, PRESIDENT);
    struct id one = pilot_current(stand);
    ask(stand, "What NFL team won the Super Bowl in the year Justin Bieber was born?");
    struct id two = pilot_current(stand);
    assert_int_equal(stand->pilot.session->stream_count, 2);
    command(stand, "agent off"); /* not under their hands */
    pilot_see(stand, "An agent is at work");
    pilot_rest(stand);
    struct counted first = read_steps(&stand->pilot, &one);
    struct counted second = read_steps(&stand->pilot, &two);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 2);
    assert_null(strstr(buf_text(&first.text), "Bieber"));
    assert_non_null(strstr(buf_text(&second.text), "Cowboys"));
    buf_clear(&first.text);
    buf_clear(&second.text);
    pilot_screen_free(stand);
}

static void say_in_pieces(struct fake_model *model, const char *text, const char *more)
{
    struct fake_reply *reply = fake_server_queue(fake_model_server(model));
    char *first = xasprintf("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                            "\"%s\"}}]}\n\n",
                            text);
    char *second = xasprintf("data: {\"choices\":[{\"index\":0,\"delta\":{%s},"
                             "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
                             more);
    fake_reply_stream(reply);
    fake_reply_text(reply, first);
    fake_reply_gate(reply);
    fake_reply_text(reply, second);
    fake_reply_close(reply);
    free(first);
    free(second);
}

/* It is shown as it comes, and was no answer when a tool is called behind it. */
static void a_thought_goes_from_the_screen_again(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 1);
    struct fake_model *model = fake_model_new();
    struct endpoint *endpoint = setting_add_endpoint(&stand->pilot.settings, "box");
    setting_text(&endpoint->base_url, fake_model_url(model));
    pilot_keys(stand, "M");
    pilot_see(stand, "fake-1");
    pilot_type(stand, "box\n");
    pilot_see(stand, "Prompts go to box");
    say_in_pieces(model, "Let me see.",
                  "\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\","
                  "\"function\":{\"name\":\"calculator\",\"arguments\":"
                  "\"{\\\"expression\\\":\\\"6*7\\\"}\"}}]");
    say_in_pieces(model, "It is", "\"content\":\" 42.\"");
    command(stand, "agent calculator");
    ask(stand, "What is 6*7?");
    pilot_see(stand, "Let me see.");
    fake_server_open_gate(fake_model_server(model));
    pilot_see(stand, "It is");
    pilot_see_gone(stand, "Let me see.");
    fake_server_open_gate(fake_model_server(model));
    pilot_rest(stand);
    struct id id = pilot_current(stand);
    char *text = pilot_field(&stand->pilot, &id, "response");
    assert_string_equal(text, "It is 42.");
    free(text);
    pilot_screen_free(stand);
    fake_model_free(model);
}

static bool one_is_left(const struct pilot *pilot)
{
    return pilot->session->stream_count == 1;
}

static void of_two_agents_each_waits_for_its_own_word(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 1);
    stand->pilot.settings.agent.asks = true;
    command(stand, "agent search");
    ask(stand, PRESIDENT);
    ask(stand, "What NFL team won the Super Bowl in the year Justin Bieber was born?");
    pilot_keys(stand, "<Home>t");
    pilot_see(stand, "y runs it");
    pilot_keys(stand, "y<Esc>");
    pilot_until(&stand->pilot, one_is_left);
    pilot_see(stand, "George Washington was");
    pilot_keys(stand, "<End>t");
    pilot_see(stand, "y runs it");
    pilot_keys(stand, "a"); /* that is found when the other has ended */
    pilot_rest(stand);
    struct id second = pilot_current(stand);
    struct counted steps = read_steps(&stand->pilot, &second);
    assert_int_equal(steps.calls, 2);
    assert_int_equal(steps.results, 2);
    assert_int_equal(stand->pilot.session->current.completion.state, COMPLETION_DONE);
    buf_clear(&steps.text);
    pilot_screen_free(stand);
}

/* Nothing runs whose trace would be missing; the record says why there is no answer. */
static void a_full_disk_ends_it(void **state)
{
    (void)state;
    struct pilot_screen *stand = test_calloc(1, sizeof *stand);
    stand->pilot.vfs = "fault";
    pilot_screen_start(stand);
    stand->pilot.settings.agent.asks = true;
    command(stand, "agent search");
    ask(stand, PRESIDENT);
    pilot_see(stand, "The agent wants to run search");
    struct id asked = pilot_current(stand);
    pilot_fill_disk(true);
    pilot_keys(stand, "ty");
    pilot_see(stand, "The answer is not saved");
    pilot_fill_disk(false);
    pilot_keys(stand, "t");
    pilot_see(stand, "cannot be kept");
    pilot_see_gone(stand, "NOT SAVED");
    pilot_rest(stand);
    const struct completion *completion = &stand->pilot.session->current.completion;
    assert_int_equal(completion->state, COMPLETION_FAILED);
    assert_non_null(strstr(completion->error, "cannot be kept"));
    struct counted steps = read_steps(&stand->pilot, &asked);
    assert_int_equal(steps.calls, 1);
    assert_int_equal(steps.results, 0);
    buf_clear(&steps.text);
    pilot_screen_end(stand);
    test_free(stand);
}

static void rename_question(json_t *dataset)
{
    json_t *questions = json_object_get(dataset, "questions");
    json_array_remove(questions, 1);
    json_object_set_new(json_array_get(questions, 0), "name", json_string("stars"));
}

static bool has_stars(const struct pilot *pilot)
{
    return !strcmp(pilot->session->dataset.questions[0].name, "stars");
}

/* The dataset that the server tells of ends what streams; the steps stay with the record.
 */
static void a_dataset_that_arrives_ends_it(void **state)
{
    (void)state;
    struct fake_argilla *argilla = fake_argilla_new("2.8.0");
    struct pilot_screen *stand = test_calloc(1, sizeof *stand);
    fake_argilla_add_dataset(argilla, "langchain-dataset");
    fake_argilla_edit(argilla, "langchain-dataset", rename_question);
    stand->pilot.server_url = fake_argilla_url(argilla);
    stand->pilot.server_key = FAKE_ARGILLA_KEY;
    stand->pilot.is_offline = true;
    pilot_screen_start(stand);
    stand->pilot.settings.agent.asks = true;
    command(stand, "agent search");
    ask(stand, PRESIDENT);
    pilot_see(stand, "The agent wants to run search");
    struct id asked = pilot_current(stand);
    app_connect(stand->pilot.app);
    pilot_until(&stand->pilot, has_stars);
    assert_int_equal(stand->pilot.session->stream_count, 0);
    struct counted steps = read_steps(&stand->pilot, &asked);
    assert_int_equal(steps.calls, 1);
    buf_clear(&steps.text);
    struct record record = {0};
    struct err err = {0};
    assert_int_equal(store_get_record(app_store(stand->pilot.app), &asked, &record, &err),
                     STATUS_OK);
    assert_int_equal(record.completion.state, COMPLETION_CUT);
    record_clear(&record);
    pilot_screen_end(stand);
    test_free(stand);
    fake_argilla_free(argilla);
}

/* What is shown is in the store: also when the process dies at that moment. */
static void steps_survive_a_kill(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct id id = pilot_current(stand);
    pid_t child = fork();
    if (!child) {
        struct loop *loop = loop_new();
        struct store *store = NULL;
        struct err err = {0};
        const struct store_options options = {.path = stand->pilot.settings.store,
                                              .clock = &clock_system};
        const struct trace_step step = {
            .kind = TRACE_CALL, .took_ms = -1, .tool = "search", .text = "{}", .len = 2};
        if (store_open(&store, loop, &options, &err) == STATUS_OK &&
            store_put_step(store, &id, 0, &step, &err) == STATUS_OK)
            raise(SIGKILL);
        _exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    struct counted steps = read_steps(&stand->pilot, &id);
    assert_int_equal(steps.calls, 1);
    buf_clear(&steps.text);
    pilot_screen_free(stand);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_prompt_and_the_answer_are_the_record),
        cmocka_unit_test(what_cannot_be_used_is_named),
        cmocka_unit_test(a_tools_key_comes_from_its_command),
        cmocka_unit_test(a_tool_waits_for_the_users_word),
        cmocka_unit_test(a_retry_is_not_told_any_more_when_a_tool_asks),
        cmocka_unit_test(quitting_keeps_what_was_done),
        cmocka_unit_test(ctrl_c_stops_it),
        cmocka_unit_test(the_steps_are_those_of_the_last_asking),
        cmocka_unit_test(two_agents_work_at_once),
        cmocka_unit_test(of_two_agents_each_waits_for_its_own_word),
        cmocka_unit_test(a_thought_goes_from_the_screen_again),
        cmocka_unit_test(a_full_disk_ends_it),
        cmocka_unit_test(a_dataset_that_arrives_ends_it),
        cmocka_unit_test(steps_survive_a_kill),
    };
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
