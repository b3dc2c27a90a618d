/* SPDX-License-Identifier: MIT
 * What an agent may call: the calculator, SerpAPI, commands, MCP servers. */
#include "config.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "llm/tool_parts.h"
#include "tests/support/fake_mcp.h"
#include "tests/support/fake_server.h"

static const char *server_program; /* serve_mcp, beside this program */

struct fixture {
    struct loop *loop;
    struct http *http;
    struct loop_timer *tick;
    struct toolset *set;
    struct tool_settings settings[3];
    struct fake_server *server;
    struct err err;
    bool is_open;
    bool has_result;
    bool is_error;
    struct buf text;
};

static void do_nothing(void *ctx)
{
    (void)ctx;
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->loop = loop_new();
    fixture->http = http_new(fixture->loop);
    fixture->tick = loop_timer_new(fixture->loop, do_nothing, NULL);
    loop_timer_start(fixture->tick, 5, 5);
    fixture->set = toolset_new(fixture->http, fixture->loop);
    for (size_t i = 0; i < 3; i++) {
        fixture->settings[i].timeout_ms = 10000;
        fixture->settings[i].max_output = 1000;
    }
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    toolset_free(fixture->set);
    loop_timer_free(fixture->tick);
    http_free(fixture->http);
    loop_free(fixture->loop);
    fake_server_free(fixture->server);
    for (size_t i = 0; i < 3; i++) {
        struct tool_settings *settings = &fixture->settings[i];
        free(settings->name);
        free(settings->command);
        free(settings->url);
        free(settings->only);
        secret_clear(&settings->key);
    }
    buf_clear(&fixture->text);
    free(fixture);
    return 0;
}

static struct tool_settings *describe(struct fixture *fixture, size_t at,
                                      const char *name, enum tool_kind kind)
{
    struct tool_settings *settings = &fixture->settings[at];
    settings->name = xstrdup(name);
    settings->kind = kind;
    return settings;
}

static void on_open(void *ctx, const struct err *err)
{
    struct fixture *fixture = ctx;
    fixture->is_open = true;
    fixture->err = *err;
}

static void wait_for(struct fixture *fixture, const bool *is_there)
{
    int64_t end_ms = clock_mono_ms(&clock_system) + 60000;
    while (!*is_there && clock_mono_ms(&clock_system) < end_ms)
        loop_turn(fixture->loop); /* the tick ends it */
    assert_true(*is_there);
}

static enum status open_set(struct fixture *fixture)
{
    fixture->is_open = false;
    toolset_open(fixture->set, on_open, fixture);
    assert_false(fixture->is_open); /* not from inside */
    wait_for(fixture, &fixture->is_open);
    return fixture->err.code;
}

static void on_result(void *ctx, const struct tool_result *result)
{
    struct fixture *fixture = ctx;
    fixture->has_result = true;
    fixture->is_error = result->is_error;
    buf_reset(&fixture->text);
    buf_add(&fixture->text, result->text, result->len);
}

static const char *run(struct fixture *fixture, const char *name, const char *arguments)
{
    fixture->has_result = false;
    toolset_call(fixture->set, name, arguments, on_result, fixture);
    assert_false(fixture->has_result);
    wait_for(fixture, &fixture->has_result);
    return buf_text(&fixture->text);
}

/* ---- the calculator ---- */

static void the_calculator_computes(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *value; /* NULL = refused */
    } cases[] = {
        {"1 + 2 * 3", "7"},
        {"(1 + 2) * 3", "9"},
        {"2^3^2", "512"},
        {"-2^2", "-4"},
        {"2**-1", "0.5"},
        {"25^0.43", "3.9912984526"},
        {"10 % 4", "2"},
        {"20% * 50", "10"},
        {"50 + 10%", "50.1"},
        {"1,234,567 + 1", "1234568"},
        {"pow(2, 10)", "1024"},
        {"max(1,234)", "234"},
        {"sqrt(16) - |", NULL},
        {"sqrt(2)*sqrt(2)", "2"},
        {"round(2.5) + floor(-1.5)", "1"},
        {"1e3 + 1E-1", "1000.1"},
        {"2 \xc3\x97 3 \xc3\xb7 4 \xe2\x88\x92 1", "0.5"},
        {"pi", "3.14159265358979"},
        {"2 = ", "2"},
        {"1/0", NULL},
        {"0/0", NULL},
        {"", NULL},
        {"1 +", NULL},
        {"(1", NULL},
        {"sqrt(4", NULL},
        {"max(1, 2", NULL},
        {"1)", NULL},
        {"foo(1)", NULL},
        {"system('rm')", NULL},
        {"pow(1)", NULL},
        {"1.2.3", NULL},
        {"__import__('os')", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char value[64] = "";
        struct err err = {0};
        enum status status =
            calculator_run(cases[i].expression, value, sizeof value, &err);
        if (!status != !!cases[i].value ||
            (cases[i].value &&
             strncmp(value, cases[i].value, strlen(cases[i].value)) != 0))
            fail_msg("%s: %s %s", cases[i].expression, value, err.text);
    }
    char deep[5000];
    struct err err = {0};
    char value[64];
    memset(deep, '(', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_int_equal(calculator_run(deep, value, sizeof value, &err), STATUS_USAGE);
    memset(deep, '-', sizeof deep - 1);
    err_clear(&err);
    assert_int_equal(calculator_run(deep, value, sizeof value, &err), STATUS_USAGE);
}

static void what_is_wrong_is_told_to_the_model(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    assert_int_equal(toolset_add(fixture->set,
                                 describe(fixture, 0, "calculator", TOOL_CALCULATOR),
                                 &err),
                     STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_OK);
    assert_string_equal(run(fixture, "calculator", "{\"expression\":\"6*7\"}"), "42");
    assert_false(fixture->is_error);
    assert_string_equal(run(fixture, "rm", "{}"),
                        "rm is not a valid tool, try one of [calculator].");
    assert_true(fixture->is_error);
    assert_string_equal(run(fixture, "r\x1b[31mm", "{}"),
                        "r\xef\xbf\xbd[31mm is not a valid tool, try one of "
                        "[calculator].");
    assert_non_null(strstr(run(fixture, "calculator", "{\"expr"), "no JSON object"));
    assert_non_null(strstr(run(fixture, "calculator", "[]"), "no JSON object"));
    assert_non_null(strstr(run(fixture, "calculator", ""), "missing"));
    assert_non_null(
        strstr(run(fixture, "calculator", "{\"expression\":\"1/0\"}"), "no number"));
    char *arguments = toolset_arguments(fixture->set, "calculator", "2 + 2");
    assert_string_equal(arguments, "{\"expression\":\"2 + 2\"}");
    free(arguments);
    arguments = toolset_arguments(fixture->set, "calculator", "{\"expression\": \"3\"}");
    assert_string_equal(arguments, "{\"expression\":\"3\"}");
    free(arguments);
    arguments = toolset_arguments(fixture->set, "nobody", "2 + 2");
    assert_string_equal(arguments, "{}");
    free(arguments);
}

/* ---- SerpAPI ---- */

struct found {
    const char *reply, *text;
    bool is_error;
};

static const struct found found[] = {
    {"{\"answer_box\":{\"result\":\"42\",\"answer\":\"no\"}}", "42", false},
    {"{\"answer_box\":{\"answer\":\"George\",\"snippet\":\"no\"}}", "George", false},
    {"{\"answer_box\":{\"snippet\":\"He was.\",\"snippet_highlighted_words\":[\"no\"]}}",
     "He was.", false},
    {"{\"answer_box\":{\"snippet_highlighted_words\":[\"a\",\"b\"]}}", "a, b", false},
    {"{\"answer_box\":{\"type\":\"weather_result\",\"temperature\":8,\"link\":\"https://"
     "x\",\"forecast\":[1]}}",
     "type: weather_result, temperature: 8", false},
    {"{\"answer_box\":[{\"answer\":\"first\"},{\"answer\":\"no\"}]}", "first", false},
    {"{\"answer_box_list\":[{\"answer\":\"listed\"}],\"answer_box\":{\"answer\":\"no\"}}",
     "listed", false},
    {"{\"events_results\":[{\"title\":\"Fair\",\"link\":\"https://x\"}],\"organic_"
     "results\":[{\"snippet\":\"no\"}]}",
     "title: Fair", false},
    {"{\"sports_results\":{\"title\":\"Lakers\",\"score\":3}}", "title: Lakers, score: 3",
     false},
    {"{\"top_stories\":[{\"title\":\"A\"},{\"title\":\"B\"}]}", "title: A\ntitle: B",
     false},
    {"{\"news_results\":[{\"title\":\"N\"}]}", "title: N", false},
    /* the first of them is enough */
    {"{\"answer_box\":{\"answer\":\"A\"},\"top_stories\":[{\"title\":\"no\"}],"
     "\"organic_results\":[{\"snippet\":\"no\"}]}",
     "A", false},
    {"{\"answer_box\":{\"type\":\"x\",\"link\":\"http://y\",\"none\":null},"
     "\"organic_results\":[{\"snippet\":\"no\"}]}",
     "type: x", false},
    {"{\"answer_box\":{\"answer\":null,\"link\":\"http://y\"},"
     "\"organic_results\":[{\"snippet\":\"s\"}]}",
     "s", false},
    {"{\"sports_results\":{\"title\":\"L\"},\"top_stories\":[{\"title\":\"no\"}]}",
     "title: L", false},
    {"{\"events_results\":[{\"title\":\"1\"},{\"title\":\"2\"},{\"title\":\"3\"},{"
     "\"title\":"
     "\"4\"},{\"title\":\"5\"},{\"title\":\"6\"},{\"title\":\"7\"},{\"title\":\"8\"},{"
     "\"title\":\"9\"},{\"title\":\"10\"},{\"title\":\"11\"}],\"news_results\":[{"
     "\"title\":\"no\"}]}",
     "title: 1\ntitle: 2\ntitle: 3\ntitle: 4\ntitle: 5\ntitle: 6\ntitle: 7\ntitle: 8\n"
     "title: 9\ntitle: 10",
     false},
    {"{\"jobs_results\":{\"jobs\":[{\"title\":\"J\"}]}}", "title: J", false},
    {"{\"shopping_results\":[{\"title\":\"1\"},{\"title\":\"2\"},{\"title\":\"3\"},{"
     "\"title\":\"4\"}]}",
     "title: 1\ntitle: 2\ntitle: 3", false},
    {"{\"shopping_results\":[{\"price\":1}],\"organic_results\":[{\"snippet\":\"s\"}]}",
     "s", false},
    {"{\"questions_and_answers\":[{\"question\":\"q\",\"answer\":\"a\"}]}",
     "question: q, answer: a", false},
    {"{\"popular_destinations\":{\"destinations\":[{\"title\":\"Rome\"}]}}",
     "title: Rome", false},
    {"{\"top_sights\":{\"sights\":[{\"title\":\"Tower\"}]}}", "title: Tower", false},
    {"{\"images_results\":[{\"thumbnail\":\"https://x/1\"},{\"thumbnail\":\"https://x/"
     "2\"}]}",
     "https://x/1\nhttps://x/2", false},
    {"{\"knowledge_graph\":{\"title\":\"Washington\",\"type\":\"President\",\"descripti"
     "on\":\"The first.\",\"born_link\":\"no\",\"image\":\"https://no\",\"born\":\"1732"
     "\"},\"organic_results\":[{\"snippet\":\"s1\"},{\"snippet_highlighted_words\":["
     "\"w\"]},{\"link\":\"https://l\"}]}",
     "The first.\nWashington type: President.\nWashington born: 1732.\ns1\nw\nhttps://l",
     false},
    {"{\"local_results\":{\"places\":[{\"title\":\"Cafe\"}]}}", "title: Cafe", false},
    {"{\"local_results\":[{\"title\":\"Cafe\"}],\"buying_guide\":\"Buy.\",\"organic_"
     "results\":[{\"snippet\":\"s\"}]}",
     "s\nBuy.\ntitle: Cafe", false},
    {"{\"search_metadata\":{\"status\":\"Success\"}}", "No good search result found",
     false},
    {"{\"error\":\"Google hasn't returned any results for this query.\"}",
     "No good search result found", false},
    {"{\"error\":\"Invalid API key. k-secret-123\"}",
     "SerpAPI answered: Invalid API key. [key]", true},
    {"<html>", "The search failed: what came is no JSON.", true},
    {"[]", "The search failed: what came is no JSON.", true},
};

static void a_search_finds_the_answer_in_the_wrappers_order(void **state)
{
    struct fixture *fixture = *state;
    struct tool_settings *settings = describe(fixture, 0, "serpapi", TOOL_SERPAPI);
    struct err err = {0};
    fixture->server = fake_server_new();
    settings->url = xasprintf("%s/search.json", fake_server_url(fixture->server));
    secret_set(&settings->key, "k-secret-123");
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_OK);
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        fake_reply_http(fake_server_queue(fixture->server), 200, "application/json",
                        found[i].reply);
        assert_string_equal(run(fixture, "serpapi", "{\"query\":\"who & what\"}"),
                            found[i].text);
        assert_int_equal(fixture->is_error, found[i].is_error);
    }
    const struct fake_request *request = fake_server_request(fixture->server, 0);
    assert_non_null(strstr(request->path, "&q=who%20%26%20what&"));
    assert_non_null(strstr(request->path, "api_key=k-secret-123"));
    fake_reply_http(fake_server_queue(fixture->server), 401, "application/json",
                    "{\"error\":\"Invalid API key\"}");
    assert_string_equal(run(fixture, "serpapi", "{\"query\":\"x\"}"),
                        "SerpAPI answered: Invalid API key");
    fake_reply_http(fake_server_queue(fixture->server), 500, "text/html", "<p>");
    assert_string_equal(run(fixture, "serpapi", "{\"query\":\"x\"}"),
                        "SerpAPI answered with HTTP 500.");
}

/* The key is in the address: whatever goes wrong, it is not shown. */
static void a_search_never_shows_its_key(void **state)
{
    struct fixture *fixture = *state;
    struct tool_settings *settings = describe(fixture, 0, "serpapi", TOOL_SERPAPI);
    struct err err = {0};
    fixture->server = fake_server_new();
    settings->url = xasprintf("%s/search.json", fake_server_url(fixture->server));
    secret_set(&settings->key, "k-secret-123");
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    fake_reply_reset(fake_server_queue(fixture->server));
    assert_null(strstr(run(fixture, "serpapi", "{\"query\":\"x\"}"), "k-secret-123"));
    assert_true(fixture->is_error);
    fake_reply_http_with(fake_server_queue(fixture->server), 302,
                         "Location: http://elsewhere.example/?api_key=k-secret-123\r\n",
                         "", 0);
    assert_null(strstr(run(fixture, "serpapi", "{\"query\":\"x\"}"), "k-secret-123"));
    fake_reply_http(fake_server_queue(fixture->server), 200, "application/json",
                    "{\"answer_box\":{\"answer\":\"key k-secret-123 here\"}}");
    assert_string_equal(run(fixture, "serpapi", "{\"query\":\"x\"}"), "key [key] here");
    char *error = xasprintf("{\"error\":\"%0290d k-secret-123\"}", 0); /* cut there */
    fake_reply_http(fake_server_queue(fixture->server), 401, "application/json", error);
    free(error);
    assert_null(strstr(run(fixture, "serpapi", "{\"query\":\"x\"}"), "k-secret"));
    free(settings->url);
    settings->url = xstrdup("http://192.0.2.1/search");
    assert_non_null(
        strstr(run(fixture, "serpapi", "{\"query\":\"x\"}"), "over plain http"));
}

/* ---- commands ---- */

static struct tool_settings *command(struct fixture *fixture, size_t at,
                                     const char *words)
{
    struct tool_settings *settings = describe(fixture, at, "notes", TOOL_COMMAND);
    settings->command = xstrdup(words);
    static char description[] = "Looks things up.";
    settings->description = description;
    return settings;
}

static void a_command_gets_its_fields_and_no_shell(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    assert_int_equal(
        toolset_add(fixture->set,
                    command(fixture, 0, "printf '[%s]' {word} 'a {word}' {{word} -{n}-"),
                    &err),
        STATUS_OK);
    assert_string_equal(run(fixture, "notes", "{\"word\":\"$(id); `id` > x\",\"n\":7}"),
                        "[$(id); `id` > x][a $(id); `id` > x][{{word}][-7-]");
    size_t count;
    const struct llm_tool *tools = toolset_list(fixture->set, &count);
    assert_int_equal(count, 1);
    assert_string_equal(tools->schema,
                        "{\"type\":\"object\",\"properties\":{\"word\":{\"type\":"
                        "\"string\"},\"n\":{\"type\":\"string\"}},\"required\":["
                        "\"word\",\"n\"]}");
    assert_string_equal(run(fixture, "notes", "{\"n\":1}"), "[a ][{{word}][-1-]");
}

static void a_command_has_limits_and_no_keys(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    setenv("SHERD_TEST_API_KEY", "k-secret-1", 1);
    setenv("SHERD_TEST_TOKEN", "k-secret-2", 1);
    setenv("SHERD_TEST_PLAIN", "plain", 1);
    struct tool_settings *settings =
        command(fixture, 0,
                "sh -c 'echo $SHERD_TEST_API_KEY$SHERD_TEST_TOKEN$SHERD_TEST_PLAIN; "
                "echo oops >&2; exit 3'");
    char pass[] = "X, SHERD_TEST_TOKEN";
    settings->pass = pass;
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    assert_string_equal(run(fixture, "notes", "{}"),
                        "[key]plain\noops\nThe tool failed (exit code 3).");
    assert_true(fixture->is_error);

    free(settings->command); /* a last line without its end */
    settings->command = xstrdup("sh -c 'printf half; exit 4'");
    assert_string_equal(run(fixture, "notes", "{}"),
                        "half\nThe tool failed (exit code 4).");

    free(settings->command); /* nothing said */
    settings->command = xstrdup("false");
    assert_string_equal(run(fixture, "notes", "{}"), "The tool failed (exit code 1).");

    free(settings->command);
    settings->command = xstrdup("yes");
    settings->max_output = 10;
    assert_string_equal(run(fixture, "notes", "{}"),
                        "y\ny\ny\ny\ny\n\n(cut off here: only 10 characters are shown)");
    assert_false(fixture->is_error);

    free(settings->command);
    settings->command = xstrdup("sh -c 'trap \"\" TERM; echo begun; while :; do sleep "
                                "0.05; done'");
    settings->max_output = 1000;
    settings->timeout_ms = 50;
    assert_non_null(strstr(run(fixture, "notes", "{}"),
                           "The tool did not end within 0.05 s and was stopped."));

    free(settings->command);
    settings->command = xstrdup("sherd-no-such-program");
    assert_non_null(strstr(run(fixture, "notes", "{}"), "cannot be started"));
    settings->pass = NULL;
}

static void a_command_that_is_given_up_ends(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    char path[] = "/tmp/sherd-tool-XXXXXX";
    int fd = mkstemp(path);
    struct tool_settings *settings = command(fixture, 0, "");
    free(settings->command);
    settings->command = xasprintf(
        "sh -c 'trap \"\" TERM; echo $$ > %s; while :; do sleep 1; done'", path);
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    struct tool_call *call =
        toolset_call(fixture->set, "notes", "{}", on_result, fixture);
    char text[32] = "";
    while (pread(fd, text, sizeof text - 1, 0) < 2)
        loop_poll(fixture->loop);
    tool_cancel(call);
    pid_t pid = (pid_t)strtol(text, NULL, 10);
    while (kill(pid, 0) == 0)
        loop_poll(fixture->loop);
    assert_int_equal(errno, ESRCH);
    assert_false(fixture->has_result);
    close(fd);
    unlink(path);
}

static void a_bad_template_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *command, *schema, *words;
    } cases[] = {{"{word} x", NULL, "program itself"},
                 {"grep {word}", "{\"properties\":{}}", "its schema has not"},
                 {"grep {word}", "{\"properties\":", "no JSON object"},
                 {"grep x", "[]", "no JSON object"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[] = "notes", description[] = "x";
        struct tool_settings settings = {.name = name, .description = description};
        struct err err = {0};
        settings.command = xstrdup(cases[i].command);
        settings.schema = xstrdup_or_null(cases[i].schema);
        assert_int_equal(toolset_add(fixture->set, &settings, &err), STATUS_CONFIG);
        assert_non_null(strstr(err.text, cases[i].words));
        free(settings.command);
        free(settings.schema);
    }
}

/* ---- MCP ---- */

static void check_server(struct fixture *fixture)
{
    size_t count;
    const struct llm_tool *tools = toolset_list(fixture->set, &count);
    assert_int_equal(count, 8);
    assert_string_equal(tools[0].name, "echo");
    assert_string_equal(tools[7].name, "a_b_c");
    assert_null(strchr(tools[0].description, 0x1b));
    assert_string_equal(run(fixture, "echo", "{\"text\":\"h\xc3\xa9\\nllo\"}"),
                        "h\xc3\xa9\nllo");
    assert_false(fixture->is_error);
    assert_string_equal(run(fixture, "fail", "{\"text\":\"bad\"}"), "bad");
    assert_true(fixture->is_error);
    assert_string_equal(run(fixture, "mixed", "{}"),
                        "seen\n[image image/png]\nof a file");
    const char *big = run(fixture, "big", "{}");
    assert_non_null(strstr(big, "only 1000 characters"));
    assert_true(strlen(big) < 1100);
    fixture->settings[0].timeout_ms = 30;
    assert_string_equal(run(fixture, "slow", "{}"),
                        "The tool did not answer within 0.03 s.");
    fixture->settings[0].timeout_ms = 10000;
    assert_string_equal(run(fixture, "a_b_c", "{\"text\":\"x\"}"), "x");
}

static const char *const ways[] = {"",      "modern",       "old", "pages",
                                   "noise", "modern pages", "dies"};

static void a_server_over_stdio_is_understood(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct err err = {0};
        struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
        settings->command = xasprintf("%s '%s'", server_program, ways[i]);
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        if (open_set(fixture) != STATUS_OK)
            fail_msg("%s: %s", ways[i], fixture->err.text);
        check_server(fixture);
        assert_string_equal(
            run(fixture, "big", "{\"text\":\"huge\"}"),
            "The MCP server \"lab\" sent a message of more than 16 MiB and "
            "was stopped.");
        assert_int_equal(open_set(fixture), STATUS_OK);
        /* its death is told, and the next opening starts it again */
        assert_string_equal(run(fixture, "die", "{}"),
                            "The MCP server \"lab\" has ended (exit code 3): run its "
                            "command by hand to see why.");
        assert_true(fixture->is_error);
        assert_string_equal(run(fixture, "echo", "{}"),
                            "The MCP server \"lab\" is not there any more.");
        assert_int_equal(open_set(fixture), STATUS_OK);
        assert_string_equal(run(fixture, "echo", "{\"text\":\"x\"}"), "x");
        if (i + 1 < sizeof ways / sizeof *ways) {
            tear_down(state);
            set_up(state);
            fixture = *state;
        }
    }
}

/* Such a server tells nobody that its tools are others: they are asked for anew, unless
 * it says how long they stay. */
static void a_modern_servers_tools_are_as_old_as_it_allows(void **state)
{
    static const char *const words[] = {"modern growing", "modern growing keeps"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct fixture *fixture = *state;
        struct err err = {0};
        size_t count;
        struct fake_mcp mcp = {.words = words[i]};
        struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
        fixture->server = fake_server_new();
        fake_server_respond(fixture->server, fake_mcp_respond, &mcp);
        settings->url = xasprintf("%s/mcp", fake_server_url(fixture->server));
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        assert_int_equal(open_set(fixture), STATUS_OK);
        assert_string_equal(run(fixture, "echo", "{\"text\":\"x\"}"), "x");
        assert_int_equal(open_set(fixture), STATUS_OK);
        toolset_list(fixture->set, &count);
        assert_int_equal(count, i ? 1 : 8);
        tear_down(state);
        set_up(state);
    }
}

/* Neither the key nor what the "env" of a file gives, in what a server says of it. */
static void a_server_that_tells_its_keys_is_not_repeated(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
    char token[] = "LAB_TOKEN=k-secret-456", name[] = "LAB_NAME=laboratory";
    char *environment[] = {token, name, NULL};
    settings->environment = environment;
    settings->command = xstrdup("sh -c 'while read x; do for i in 1 2; do echo "
                                "\"{\\\"id\\\":$i,\\\"error\\\":{\\\"message\\\":"
                                "\\\"$LAB_NAME $LAB_TOKEN\\\"}}\"; done; done'");
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_PROTOCOL);
    assert_non_null(strstr(fixture->err.text, "laboratory [key]"));

    tear_down(state);
    set_up(state);
    fixture = *state;
    settings = describe(fixture, 0, "lab", TOOL_MCP);
    fixture->server = fake_server_new();
    settings->url = xasprintf("%s/mcp", fake_server_url(fixture->server));
    secret_set(&settings->key, "k-secret-123");
    for (int i = 1; i <= 2; i++) {
        char *reply = xasprintf("{\"id\":%d,\"error\":{\"message\":\"%0190d "
                                "k-secret-123\"}}",
                                i, 0);
        fake_reply_http(fake_server_queue(fixture->server), 200, "application/json",
                        reply);
        free(reply);
    }
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_PROTOCOL);
    assert_null(strstr(fixture->err.text, "k-secret"));
    assert_non_null(strstr(fixture->err.text, "[key]"));
}

static void a_server_over_http_is_understood(void **state)
{
    struct fixture *fixture = *state;
    static const char *const more[] = {"",        "modern", "events", "modern events",
                                       "session", "pages",  "old"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        struct err err = {0};
        struct fake_mcp mcp = {.words = more[i]};
        struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
        fixture->server = fake_server_new();
        fake_server_respond(fixture->server, fake_mcp_respond, &mcp);
        settings->url = xasprintf("%s/mcp", fake_server_url(fixture->server));
        secret_set(&settings->key, "k-secret-123");
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        if (open_set(fixture) != STATUS_OK)
            fail_msg("%s: %s", more[i], fixture->err.text);
        check_server(fixture);
        const struct fake_request *last =
            fake_server_request(fixture->server, fake_server_count(fixture->server) - 1);
        char *version = fake_request_header(last, "mcp-protocol-version");
        char *param = fake_request_header(last, "mcp-param-text");
        char *key = fake_request_header(last, "authorization");
        assert_string_equal(version, strstr(more[i], "modern") ? "2026-07-28"
                                     : strstr(more[i], "old")  ? "2024-11-05"
                                                               : "2025-11-25");
        assert_string_equal(key, "Bearer k-secret-123");
        if (strstr(more[i], "modern"))
            assert_string_equal(param, "x");
        else
            assert_null(param);
        free(version);
        free(param);
        free(key);
        toolset_free(fixture->set);
        fixture->set = NULL;
        if (!strcmp(more[i], "session")) { /* it is told that the session is over */
            last = fake_server_request(fixture->server,
                                       fake_server_count(fixture->server) - 1);
            assert_string_equal(last->method, "DELETE");
            char *session = fake_request_header(last, "mcp-session-id");
            assert_string_equal(session, "second");
            free(session);
        }
        tear_down(state);
        set_up(state);
        fixture = *state;
    }
}

static void tools_that_change_are_listed_again(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    size_t count;
    struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
    settings->command = xasprintf("%s growing", server_program);
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_OK);
    toolset_list(fixture->set, &count);
    assert_int_equal(count, 1);
    assert_string_equal(run(fixture, "echo", "{\"text\":\"x\"}"), "x");
    int64_t end_ms = clock_mono_ms(&clock_system) + 60000;
    while (count < 8 && clock_mono_ms(&clock_system) < end_ms) {
        loop_turn(fixture->loop);
        toolset_list(fixture->set, &count);
    }
    assert_int_equal(count, 8);
    assert_string_equal(run(fixture, "a_b_c", "{\"text\":\"y\"}"), "y");
}

static void write_servers(struct settings *settings, const char *text)
{
    static char path[] = "/tmp/sherd-mcp-XXXXXX";
    memcpy(path, "/tmp/sherd-mcp-XXXXXX", sizeof path);
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    setting_text(&settings->agent.mcp_file, path);
    settings->agent.has_mcp_file = false;
}

static void another_clients_servers_are_taken(void **state)
{
    struct fixture *fixture = *state;
    struct settings settings;
    struct err err = {0};
    size_t count;
    char *text;
    settings_init(&settings);
    setting_add_tool(&settings, "known")->kind = TOOL_CALCULATOR;
    setenv("SHERD_TEST_TOKEN", "t0ken-of-mine", 1);
    text = xasprintf("\xEF\xBB\xBF{\"mcpServers\": {\"my lab\": {\"command\": \"sh\", "
                     "\"args\": [\"-c\", "
                     "\"test \\\"$MY_KEY\\\" = 'it is' && exec '%s' pages\"], \"env\": "
                     "{\"MY_KEY\": \"it is\"}}, \"known\": {\"command\": \"false\"}, "
                     "\"off\": {\"disabled\": true}, \"far\": {\"url\": "
                     "\"https://x.test/mcp\", \"headers\": {\"Authorization\": \"Bearer "
                     "${SHERD_TEST_TOKEN}\"}}}}",
                     server_program);
    write_servers(&settings, text);
    free(text);
    if (mcp_read_file(&settings, &err))
        fail_msg("%s", err.text);
    unlink(settings.agent.mcp_file);
    assert_int_equal(mcp_read_file(&settings, &err), STATUS_OK); /* once is enough */
    assert_int_equal(settings.tool_count, 3);
    assert_int_equal(setting_find_tool(&settings, "known")->kind, TOOL_CALCULATOR);
    const struct tool_settings *far = setting_find_tool(&settings, "far");
    assert_int_equal(far->connection.header_count, 1);
    assert_string_equal(far->connection.headers->value.text, "Bearer t0ken-of-mine");
    assert_int_equal(
        toolset_add(fixture->set, setting_find_tool(&settings, "my-lab"), &err),
        STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_OK);
    toolset_list(fixture->set, &count);
    assert_int_equal(count, 8);
    toolset_free(fixture->set); /* it borrows the settings */
    fixture->set = NULL;
    settings_clear(&settings);
    unsetenv("SHERD_TEST_TOKEN");
}

/* As a shell makes one of what a command prints. */
static void a_clients_file_may_be_a_pipe(void **state)
{
    (void)state;
    static const char text[] = "{\"servers\": {\"a\": {\"command\": \"x\"}}}";
    struct settings settings;
    struct err err = {0};
    int ends[2];
    settings_init(&settings);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, sizeof text - 1), sizeof text - 1);
    close(ends[1]);
    settings.agent.mcp_file = xasprintf("/dev/fd/%d", ends[0]);
    if (mcp_read_file(&settings, &err))
        fail_msg("%s", err.text);
    assert_int_equal(settings.tool_count, 1);
    close(ends[0]);
    settings_clear(&settings);
}

static void a_clients_file_that_cannot_be_used_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } files[] = {
        {"{\"mcpServers\": {\n", ", line 2)."},
        {NULL, "cannot be read (No such file or directory)."},
        {"{\"x\": 1}", "has no object \"mcpServers\""},
        {"{\"servers\": {\"a\": {}}}", "the server \"a\": it needs either a command"},
        {"{\"servers\": {\"a\": {\"type\": \"sse\", \"url\": \"http://x\"}}}",
         "the old SSE transport"},
        {"{\"servers\": {\"a\": {\"command\": \"x\", \"env\": {\"K\": "
         "\"${SHERD_NOT_SET}\"}}}}",
         "K wants a variable of the environment that is not set"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct settings settings;
        struct err err = {0};
        settings_init(&settings);
        write_servers(&settings, files[i].text ? files[i].text : "");
        if (!files[i].text)
            unlink(settings.agent.mcp_file);
        assert_int_equal(mcp_read_file(&settings, &err), STATUS_CONFIG);
        if (!strstr(err.text, files[i].words))
            fail_msg("%zu: %s", i, err.text);
        unlink(settings.agent.mcp_file);
        settings_clear(&settings);
    }
}

static void what_a_header_cannot_hold_is_encoded(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    struct fake_mcp mcp = {.words = "modern"};
    struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
    fixture->server = fake_server_new();
    fake_server_respond(fixture->server, fake_mcp_respond, &mcp);
    settings->url = xasprintf("%s/mcp", fake_server_url(fixture->server));
    assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    assert_int_equal(open_set(fixture), STATUS_OK);
    run(fixture, "echo", "{\"text\":\"a\\r\\nX-Evil: \xc3\xa9\"}");
    const struct fake_request *last =
        fake_server_request(fixture->server, fake_server_count(fixture->server) - 1);
    char *param = fake_request_header(last, "mcp-param-text");
    char *method = fake_request_header(last, "mcp-method");
    char *name = fake_request_header(last, "mcp-name");
    assert_string_equal(param, "=?base64?YQ0KWC1FdmlsOiDDqQ==?=");
    assert_string_equal(method, "tools/call");
    assert_string_equal(name, "echo");
    free(param);
    free(method);
    free(name);
}

static void a_server_that_cannot_be_used_is_named(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *command, *words;
    } cases[] = {{"sherd-no-such-server", "cannot be started"},
                 {"false", "has ended (exit code 1)"},
                 {"true", "has ended (exit code 0)"},
                 {"%s unknown", "does not know"},
                 {"%s empty", "no tools"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
        const char *hole = strstr(cases[i].command, "%s");
        settings->command = hole ? xasprintf("%s%s", server_program, hole + 2)
                                 : xstrdup(cases[i].command);
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        assert_int_not_equal(open_set(fixture), STATUS_OK);
        if (!strstr(fixture->err.text, cases[i].words) ||
            !strstr(fixture->err.text, "lab"))
            fail_msg("%s: %s", cases[i].command, fixture->err.text);
        tear_down(state);
        set_up(state);
        fixture = *state;
    }
}

/* At once, with its own words, and without the key that they may hold. */
static void what_is_no_answer_over_http_is_told(void **state)
{
    static const struct {
        int code;
        const char *type, *body, *words;
    } cases[] = {
        {200, "application/json", "{}", "answered with something else: {}."},
        {200, "application/json", "", "without an answer"},
        {200, "text/html", "<title>Welcome</title>", "a web page titled \"Welcome\""},
        {200, "application/json", "{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{}}",
         "answered with something else: "},
        {200, "text/event-stream", "data: {\"jsonrpc\":\"2.0\",\"id\":77}\n\n",
         "without an answer"},
        {200, "text/event-stream",
         "data: {\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
         "\"message\":\"Not so.\"}}\n\n",
         "refused the connection: Not so."},
        {400, "application/json",
         "{\"jsonrpc\":\"2.0\",\"id\":\"server-error\",\"error\":{\"code\":-32600,"
         "\"message\":\"No k-secret-123 here\"}}",
         "refused the connection: No [key] here."},
        {401, "application/json", "{\"error\":\"invalid_token k-secret-123\"}",
         "refused the key (HTTP 401: invalid_token [key])"},
        {503, "text/plain", "Closed.\n", "answered with HTTP 503: Closed."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture *fixture = *state;
        struct err err = {0};
        struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
        fixture->server = fake_server_new();
        settings->url = xasprintf("%s/mcp", fake_server_url(fixture->server));
        secret_set(&settings->key, "k-secret-123");
        for (int j = 0; j < 2; j++) /* the probe, and the handshake */
            fake_reply_http(fake_server_queue(fixture->server), cases[i].code,
                            cases[i].type, cases[i].body);
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        assert_int_not_equal(open_set(fixture), STATUS_OK);
        if (!strstr(fixture->err.text, cases[i].words) || strstr(fixture->err.text, ".."))
            fail_msg("%zu: %s", i, fixture->err.text);
        tear_down(state);
        set_up(state);
    }
}

/* Two servers with the same names, and only some of the tools. */
static void names_that_clash_get_their_servers(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    for (size_t i = 0; i < 2; i++) {
        struct tool_settings *settings =
            describe(fixture, i, i ? "two" : "one", TOOL_MCP);
        settings->command = xasprintf("%s modern", server_program);
        settings->only = xstrdup("echo, count");
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
    }
    assert_int_equal(open_set(fixture), STATUS_OK);
    size_t count;
    const struct llm_tool *tools = toolset_list(fixture->set, &count);
    assert_int_equal(count, 4);
    assert_string_equal(tools[2].name, "two_echo");
    assert_string_equal(tools[3].name, "two_count");
    run(fixture, "echo", "{}");
    assert_string_equal(run(fixture, "count", "{}"), "2");
    assert_string_equal(run(fixture, "two_count", "{}"), "1");
    assert_non_null(strstr(run(fixture, "big", "{}"), "not a valid tool"));
    assert_int_equal(open_set(fixture), STATUS_OK); /* nothing is started twice */
    assert_string_equal(run(fixture, "count", "{}"), "3");
}

/* Which of the server's requests has that in it; -1 = none. */
static int find_request(struct fixture *fixture, const char *part)
{
    size_t count = fake_server_count(fixture->server);
    for (size_t i = 0; i < count; i++) {
        const struct fake_request *request = fake_server_request(fixture->server, i);
        if (request->body && memmem(request->body, request->body_len, part, strlen(part)))
            return (int)i;
    }
    return -1;
}

/* The server is told so, but where the end of the connection says it; and one that was
 * not sent yet never is. */
static void a_call_over_mcp_can_be_given_up(void **state)
{
    static const char *const words[] = {"", "modern", "stdio"};
    for (size_t i = 0; i < 3; i++) {
        struct fixture *fixture = *state;
        struct err err = {0};
        struct fake_mcp mcp = {.words = words[i]};
        bool is_stdio = i == 2;
        struct tool_settings *settings = describe(fixture, 0, "lab", TOOL_MCP);
        fixture->server = fake_server_new();
        fake_server_respond(fixture->server, fake_mcp_respond, &mcp);
        if (is_stdio)
            settings->command = xasprintf("%s modern", server_program);
        else
            settings->url = xasprintf("%s/mcp", fake_server_url(fixture->server));
        assert_int_equal(toolset_add(fixture->set, settings, &err), STATUS_OK);
        assert_int_equal(open_set(fixture), STATUS_OK);
        struct tool_call *call =
            toolset_call(fixture->set, "slow", "{}", on_result, fixture);
        for (int turn = 0; is_stdio ? turn < 5 : find_request(fixture, "\"slow\"") < 0;
             turn++)
            loop_poll(fixture->loop);
        tool_cancel(call);
        assert_string_equal(run(fixture, "echo", "{\"text\":\"x\"}"), "x");
        while (i == 0 && find_request(fixture, "\"notifications/cancelled\"") < 0)
            loop_poll(fixture->loop); /* on a connection of its own */
        if (i == 1)
            assert_true(find_request(fixture, "\"notifications/cancelled\"") < 0);
        fixture->has_result = false;
        settings->timeout_ms = 1;
        size_t sent = fake_server_count(fixture->server);
        call = toolset_call(fixture->set, "slow", "{}", on_result, fixture);
        tool_cancel(call); /* before it was sent */
        for (int64_t end = clock_mono_ms(&clock_system) + 10;
             clock_mono_ms(&clock_system) < end;)
            loop_turn(fixture->loop);
        assert_false(fixture->has_result);
        assert_int_equal(fake_server_count(fixture->server), sent);
        tear_down(state);
        set_up(state);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* as the program does */
    server_program = fake_mcp_program(argv[0]);
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calculator_computes),
        CASE(what_is_wrong_is_told_to_the_model),
        CASE(a_search_finds_the_answer_in_the_wrappers_order),
        CASE(a_search_never_shows_its_key),
        CASE(a_command_gets_its_fields_and_no_shell),
        CASE(a_command_has_limits_and_no_keys),
        CASE(a_command_that_is_given_up_ends),
        CASE(a_bad_template_is_refused),
        CASE(a_server_over_stdio_is_understood),
        CASE(a_server_that_tells_its_keys_is_not_repeated),
        CASE(a_server_over_http_is_understood),
        CASE(tools_that_change_are_listed_again),
        CASE(a_modern_servers_tools_are_as_old_as_it_allows),
        CASE(another_clients_servers_are_taken),
        cmocka_unit_test(a_clients_file_may_be_a_pipe),
        cmocka_unit_test(a_clients_file_that_cannot_be_used_is_named),
        CASE(what_a_header_cannot_hold_is_encoded),
        CASE(a_server_that_cannot_be_used_is_named),
        CASE(what_is_no_answer_over_http_is_told),
        CASE(names_that_clash_get_their_servers),
        CASE(a_call_over_mcp_can_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
