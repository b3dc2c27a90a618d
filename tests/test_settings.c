/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/loop.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "config/settings.h"
#include "config/settings_parts.h"
#include "net/url.h"

static const char *const variables[] = {
    "OPENAI_API_KEY",    "OPENAI_BASE_URL", "OPENAI_MODEL", "ARGILLA_API_URL",
    "ARGILLA_API_KEY",   "NO_COLOR",        "LAB_KEY",      "XDG_CONFIG_HOME",
    "ARGILLA_WORKSPACE", "SERPAPI_API_KEY", "SERPAPI_KEY",
};

struct fixture {
    char dir[64];
    char *path;
    struct settings settings;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    memcpy(fixture->dir, "/tmp/sherd-settings-XXXXXX", 27);
    if (!mkdtemp(fixture->dir))
        return -1;
    fixture->path = paths_join(fixture->dir, "config");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    setenv("HOME", fixture->dir, 1);
    settings_init(&fixture->settings);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    settings_clear(&fixture->settings);
    unlink(fixture->path);
    char *key = paths_join(fixture->dir, "key");
    unlink(key);
    free(key);
    rmdir(fixture->dir);
    free(fixture->path);
    free(fixture);
    return 0;
}

static void write_file(const char *path, mode_t mode, const char *text, size_t len)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (int)len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static enum status read_text(struct fixture *fixture, const char *text)
{
    write_file(fixture->path, 0600, text, strlen(text));
    settings_clear(&fixture->settings);
    settings_init(&fixture->settings);
    err_clear(&fixture->err);
    return settings_read_file(&fixture->settings, fixture->path, &fixture->err);
}

/* The refusal must be "PATH:" followed by tail's start. */
static void expect_refused(struct fixture *fixture, const char *text, const char *place,
                           const char *words)
{
    assert_int_equal(read_text(fixture, text), STATUS_CONFIG);
    char *start = xasprintf("%s:%s%s", fixture->path, place, *place ? ": " : "");
    if (strncmp(fixture->err.text, start, strlen(start)) != 0 ||
        !strstr(fixture->err.text, words))
        fail_msg("%s\nnot: %s…%s", fixture->err.text, start, words);
    free(start);
}

static void reads_every_setting(void **state)
{
    struct fixture *fixture = *state;
    const char *text = "# a comment\n"
                       "[sherd]\n"
                       "endpoint = second\n"
                       "server=lab\n"
                       "dataset = my data\n"
                       "workspace = w\n"
                       "store = ~/s.db\n"
                       "strip = no\n"
                       "colour = never\n"
                       "theme = light\n"
                       "ascii = yes\n"
                       "[endpoint first]\r\n"
                       "url = http://127.0.0.1:1/v1/\r\n"
                       "[endpoint second]\n"
                       "kind = openai-chat\n"
                       "url = https://h.example/v1/chat/completions\n"
                       "model = m:1 ; not a comment\n"
                       "temperature = 0.75\n"
                       "max_tokens = 300\n"
                       "system = One.\\nTwo \\\\ three.\n"
                       "seed = -7\n"
                       "connect_timeout = 1.5\n"
                       "first_token_timeout = 20\n"
                       "idle_timeout = 1.005\n"
                       "allow_plain_key = true\n"
                       "api_key = sk-x\n"
                       "[server lab]\n"
                       "url = http://lab.example:6900/\n"
                       "workspace = argilla\n"
                       "api_key_cmd = pass show lab\n";
    assert_int_equal(read_text(fixture, text), STATUS_OK);
    struct settings *settings = &fixture->settings;
    assert_string_equal(settings->dataset, "my data");
    assert_true(settings->has_dataset);
    assert_string_equal(settings->workspace, "w");
    char *store = paths_join(fixture->dir, "s.db");
    assert_string_equal(settings->store, store);
    free(store);
    assert_false(settings->strip);
    assert_true(settings->ascii);
    assert_int_equal(settings->colour, COLOUR_NEVER);
    assert_int_equal(settings->theme, THEME_LIGHT);
    const struct endpoint *endpoint = settings_endpoint(settings, NULL, &fixture->err);
    assert_non_null(endpoint);
    assert_string_equal(endpoint->name, "second");
    assert_string_equal(endpoint->base_url, "https://h.example/v1");
    assert_string_equal(endpoint->defaults.model, "m:1 ; not a comment");
    assert_true(endpoint->defaults.has_temperature);
    assert_true(endpoint->defaults.temperature > 0.7499 &&
                endpoint->defaults.temperature < 0.7501);
    assert_int_equal(endpoint->defaults.max_tokens, 300);
    assert_int_equal(endpoint->defaults.seed, -7);
    assert_string_equal(endpoint->defaults.system_prompt, "One.\nTwo \\ three.");
    assert_int_equal(endpoint->connect_timeout_ms, 1500);
    assert_int_equal(endpoint->first_token_timeout_ms, 20000);
    assert_int_equal(endpoint->idle_timeout_ms, 1005);
    assert_true(endpoint->allow_plain_key);
    assert_string_equal(endpoint->key.text, "sk-x");
    const struct server_settings *server = settings_server(settings, &fixture->err);
    assert_non_null(server);
    assert_string_equal(server->url, "http://lab.example:6900");
    assert_string_equal(server->workspace, "argilla");
    assert_string_equal(server->key_command, "pass show lab");
}

static void the_ways_to_answer_are_set(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    assert_int_equal(settings->suggestions, SUGGESTIONS_START);
    assert_true(settings->submit_single);
    assert_false(settings->fast);
    assert_int_equal(read_text(fixture, "[sherd]\nsuggestions = hidden\nfast = yes\n"
                                        "submit_single = no\n"
                                        "correction_question = better\n"
                                        "[snippets]\nlong = Too long.\\nCut it.\n"
                                        "wrong facts = Wrong; see 1.\n"),
                     STATUS_OK);
    assert_int_equal(settings->suggestions, SUGGESTIONS_HIDDEN);
    assert_true(settings->fast);
    assert_false(settings->submit_single);
    assert_string_equal(settings->correction_question, "better");
    assert_int_equal(settings->snippet_count, 2);
    assert_string_equal(settings->snippets[0].text, "Too long.\nCut it.");
    assert_string_equal(settings->snippets[1].name, "wrong facts");
    assert_string_equal(settings->snippets[1].text, "Wrong; see 1.");
}

static void a_snippet_that_has_no_text_or_no_key_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct buf text = {0};
    expect_refused(fixture, "[sherd]\nsuggestions = maybe\n", "2:15",
                   "write show, start or hidden");
    expect_refused(fixture, "[snippets]\nlong =\n", "2:7", "missing");
    expect_refused(fixture, "[snippets]\na = x\na = y\n", "3:1", "before");
    buf_add_text(&text, "[snippets]\n");
    for (int i = 0; i <= SNIPPETS_MAX; i++)
        buf_addf(&text, "n%d = x%d\n", i, i);
    expect_refused(fixture, text.data, "37:1", "35 snippets");
    buf_clear(&text);
}

static void an_absent_file_is_fine_only_at_its_default_place(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    setenv("XDG_CONFIG_HOME", fixture->dir, 1);
    assert_int_equal(settings_read_file(settings, NULL, &fixture->err), STATUS_OK);
    assert_non_null(strstr(settings->path, "/sherd/config"));
    assert_null(settings_endpoint(settings, NULL, &fixture->err));
    assert_null(settings_server(settings, &fixture->err));
    assert_int_equal(fixture->err.code, STATUS_OK);
    assert_string_equal(settings->dataset, "langchain-dataset");
    assert_false(settings->has_dataset);
    assert_true(settings->strip);
    assert_int_equal(settings_read_file(settings, "/nowhere/config", &fixture->err),
                     STATUS_CONFIG);
    assert_string_equal(fixture->err.text,
                        "The configuration file /nowhere/config cannot "
                        "be opened: No such file or directory.");
    err_clear(&fixture->err);
    assert_int_equal(settings_read_file(settings, "/tmp", &fixture->err), STATUS_CONFIG);
    assert_string_equal(fixture->err.text, "The configuration file /tmp cannot be read.");
}

static void the_example_is_good(void **state)
{
    struct fixture *fixture = *state;
    const char *path = TOP_SRCDIR "/data/config.example";
    assert_int_equal(settings_read_file(&fixture->settings, path, &fixture->err),
                     STATUS_OK);
}

/* Every "#name = value" line of the example, switched on. */
static void the_example_is_good_with_all_its_lines(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(TOP_SRCDIR "/data/config.example", "r");
    assert_non_null(file);
    struct buf text = {0};
    char line[512];
    while (fgets(line, sizeof line, file)) {
        bool is_setting = line[0] == '#' && line[1] != ' ' && line[1] != '\n';
        buf_add_text(&text, line + is_setting);
    }
    fclose(file);
    enum status status = read_text(fixture, buf_text(&text));
    buf_clear(&text);
    if (status != STATUS_OK)
        fail_msg("%s", fixture->err.text);
    assert_int_equal(fixture->settings.endpoint_count, 2);
    assert_int_equal(fixture->settings.server_count, 1);
    assert_string_equal(fixture->settings.endpoint, "local");
}

static void refuses_with_line_and_column(void **state)
{
    struct fixture *fixture = *state;
    expect_refused(fixture, "[sherd]\nendpont = x\n", "2:1", "\"endpoint\"?");
    expect_refused(fixture, "[sherd]\n\n  banana = x\n", "3:3", "not known here");
    expect_refused(fixture, "[shred]\n", "1:2", "[sherd]?");
    expect_refused(fixture, "\n[banana]\n", "2:2", "no such section");
    expect_refused(fixture, "[sherd\n", "1:1", "closing ]");
    expect_refused(fixture, "[sherd]\nhello\n", "2:1", "neither");
    expect_refused(fixture, "endpoint = x\n", "1:1", "must come first");
    expect_refused(fixture, "[sherd]\nstrip =  maybe\n", "2:10", "yes or no");
    expect_refused(fixture, "[sherd]\nstore =\n", "2:8", "missing");
    expect_refused(fixture, "[sherd]\ntheme = pink\n", "2:9", "auto, dark or light");
    expect_refused(fixture, "[sherd]\nascii = no\nascii = no\n", "3:1", "before");
    expect_refused(fixture, "[sherd]\n[keys]\n[sherd]\n", "3:2", "there before");
    expect_refused(fixture, "[endpoint]\n", "1:2", "letters");
    expect_refused(fixture, "[endpoint http://x]\n", "1:2", "letters");
    expect_refused(fixture, "[endpoint env]\n", "1:2", "environment");
    expect_refused(fixture, "[server a]\n[server a]\n", "2:2", "two sections");
    expect_refused(fixture, "[endpoint a]\nurl = ftp://x\n", "2:7", "");
    expect_refused(fixture, "[server a]\nurl = nothing\n", "2:7", "");
    expect_refused(fixture, "[endpoint a]\nkind = telepathy\n", "2:8", "ollama");
    expect_refused(fixture, "[sherd]\nstore = a\xff\n", "2:10", "UTF-8");
}

/* Word for word: what is to be written instead stands in it. */
static void a_refusal_says_what_to_write(void **state)
{
    struct fixture *fixture = *state;
    static const char *const rows[][2] = {
        {"[shred]\n", "1:2: there is no such section; did you mean [sherd]?"},
        {"[banana]\n",
         "1:2: there is no such section; there are [sherd], [endpoint NAME], [server "
         "NAME], [agent], [tool NAME], [mcp NAME], [snippets] and [keys]."},
        {"[sherd x]\n", "1:2: [sherd] takes no name."},
        {"[sherd\n", "1:1: this section has no closing ]."},
        {"[endpoint]\n", "1:2: a name is made of letters, digits, - _ and ., such as "
                         "[endpoint lab]."},
        {"[server a b]\n",
         "1:2: a name is made of letters, digits, - _ and ., such as [server lab]."},
        {"[mcp]\n",
         "1:2: a name is made of letters, digits, - _ and ., such as [tool lab]."},
        {"[tool env]\n", "1:2: the name \"env\" is kept for what the environment says."},
        {"[tool x]\n[mcp x]\n", "2:2: there are two sections with this name."},
        {"[sherd]\nhello\n", "2:1: this line is neither a [section] nor a setting "
                             "\"name = value\" nor a # comment."},
        {"[endpoint a]\nidle_timeout = 0.0001\n",
         "2:16: write seconds, from 0.001 to 86400."},
        {"[agent]\nsteps = 1000001\n", "2:9: write a whole number, from 1 to 1000000."},
        {"[endpoint a]\nkind = chat\n",
         "2:8: this kind of endpoint is not known; write openai-chat, "
         "openai-completions, openai-responses, anthropic or ollama."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        expect_refused(fixture, rows[i][0], "", "");
        assert_string_equal(fixture->err.text + strlen(fixture->path) + 1, rows[i][1]);
    }
    assert_int_equal(read_text(fixture,
                               "[endpoint a]\nurl = http://h\nidle_timeout = 0.001\n"
                               "connect_timeout = 86400\n[agent]\nsteps = 1000000\n"),
                     STATUS_OK);
    assert_int_equal(fixture->settings.agent.steps, 1000000);
    assert_int_equal(fixture->settings.endpoints[0].idle_timeout_ms, 1);
    assert_int_equal(fixture->settings.endpoints[0].connect_timeout_ms, 86400000);
}

static void refuses_numbers_that_are_none(void **state)
{
    struct fixture *fixture = *state;
    expect_refused(fixture, "[endpoint a]\ntemperature = 0,7\n", "2:15", "0.7");
    expect_refused(fixture, "[endpoint a]\ntemperature = nan\n", "2:15", "0.7");
    expect_refused(fixture, "[endpoint a]\ntemperature = 1e3\n", "2:15", "0.7");
    expect_refused(fixture, "[endpoint a]\nmax_tokens = 0\n", "2:14",
                   "from 1 to 10000000");
    expect_refused(fixture, "[endpoint a]\nmax_tokens = 12x\n", "2:14",
                   "from 1 to 10000000");
    expect_refused(fixture, "[endpoint a]\nidle_timeout = 0\n", "2:16", "seconds");
    expect_refused(fixture, "[endpoint a]\nidle_timeout = 86401\n", "2:16", "seconds");
    expect_refused(fixture, "[endpoint a]\nseed = 1.5\n", "2:8", "whole number");
}

static void refuses_nul_and_overlong_lines(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    write_file(fixture->path, 0600, "[sherd]\nsto\0re = x\n", 19);
    assert_int_equal(settings_read_file(settings, fixture->path, &fixture->err),
                     STATUS_CONFIG);
    assert_non_null(strstr(fixture->err.text, ":2:4: "));
    struct buf text = {0};
    buf_add_text(&text, "[endpoint a]\nsystem = ");
    for (int i = 0; i < 70000; i++)
        buf_add_byte(&text, 'x');
    expect_refused(fixture, buf_text(&text), "2:65529", "too long");
    text.len = 30000; /* a long system prompt is fine */
    text.data[30000] = '\0';
    assert_int_equal(read_text(fixture, buf_text(&text)), STATUS_OK);
    assert_int_equal(strlen(fixture->settings.endpoints[0].defaults.system_prompt),
                     30000 - strlen("[endpoint a]\nsystem = "));
    buf_clear(&text);
}

static void a_key_in_the_file_needs_mode_0600(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    const char *text = "[server a]\nurl = http://h\napi_key = secret-1\n";
    write_file(fixture->path, 0640, text, strlen(text));
    assert_int_equal(settings_read_file(settings, fixture->path, &fixture->err),
                     STATUS_CONFIG);
    assert_non_null(strstr(fixture->err.text, ":3:11: "));
    assert_non_null(strstr(fixture->err.text, "chmod 600"));
    assert_null(strstr(fixture->err.text, "secret-1"));
    assert_int_equal(read_text(fixture, text), STATUS_OK);
}

static void a_command_in_a_file_that_others_can_change_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const char *text = "[server a]\nurl = http://h\napi_key_cmd = echo x\n";
    write_file(fixture->path, 0602, text, strlen(text));
    assert_int_equal(settings_read_file(&fixture->settings, fixture->path, &fixture->err),
                     STATUS_CONFIG);
    assert_non_null(strstr(fixture->err.text, "chmod go-w"));
}

static void an_endpoint_and_a_server_of_one_name_have_their_own_keys(void **state)
{
    struct fixture *fixture = *state;
    setenv("LAB_KEY", "of the server", 1);
    setenv("OPENAI_MODEL", "of the endpoint", 1);
    assert_int_equal(
        read_text(fixture, "[endpoint lab]\nurl = http://h\napi_key_env = OPENAI_MODEL\n"
                           "[server lab]\nurl = http://h\napi_key_env = LAB_KEY\n"),
        STATUS_OK);
    assert_string_equal(settings_server(&fixture->settings, &fixture->err)->key.text,
                        "of the server");
    assert_string_equal(
        settings_endpoint(&fixture->settings, NULL, &fixture->err)->key.text,
        "of the endpoint");
}

static void names_have_their_length_and_values_their_place(void **state)
{
    struct fixture *fixture = *state;
    char text[128];
    /* 49 bytes between the brackets, and one more */
    snprintf(text, sizeof text, "[endpoint %040d]\nurl = http://h\n", 1);
    assert_int_equal(read_text(fixture, text), STATUS_OK);
    assert_int_equal(strlen(fixture->settings.endpoints[0].name), 40);
    snprintf(text, sizeof text, "[endpoint %041d]\nurl = http://h\n", 1);
    expect_refused(fixture, text, "1:1", "this section's name is too long");
    expect_refused(fixture, "[sherd]\nendpoint: zzz\n", "2:11", "no section");
    expect_refused(fixture, "[sherd]\n  endpoint   =  zzz\n", "2:17", "no section");
}

static void reads_keys_from_files_and_variables(void **state)
{
    struct fixture *fixture = *state;
    char *key = paths_join(fixture->dir, "key");
    const char *text = "[server a]\nurl = http://h\napi_key_file = ~/key\n"
                       "[server b]\nurl = http://g\napi_key_env = LAB_KEY\n";
    assert_int_equal(read_text(fixture, text), STATUS_OK);
    assert_null(settings_server(&fixture->settings, &fixture->err));
    char *words =
        xasprintf("The key file %s cannot be opened: No such file or directory.", key);
    assert_string_equal(fixture->err.text, words);
    free(words);
    static const mode_t modes[] = {0604, 0640, 0620, 0601};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        write_file(key, modes[i], "k1\nnote\n", 8);
        err_clear(&fixture->err);
        assert_null(settings_server(&fixture->settings, &fixture->err));
        words = xasprintf("The key file %s can be read by others: run chmod 600 %s.", key,
                          key);
        assert_string_equal(fixture->err.text, words);
        free(words);
    }
    write_file(key, 0600, "\nnote\n", 6);
    err_clear(&fixture->err);
    assert_null(settings_server(&fixture->settings, &fixture->err));
    words = xasprintf("The key file %s is empty.", key);
    assert_string_equal(fixture->err.text, words);
    free(words);
    write_file(key, 0600, "k1\nnote\n", 8);
    err_clear(&fixture->err);
    const struct server_settings *server =
        settings_server(&fixture->settings, &fixture->err);
    assert_non_null(server);
    assert_string_equal(server->key.text, "k1");
    fixture->settings.server = xstrdup("b");
    assert_null(settings_server(&fixture->settings, &fixture->err));
    assert_non_null(strstr(fixture->err.text, "LAB_KEY"));
    setenv("LAB_KEY", "k2", 1);
    err_clear(&fixture->err);
    server = settings_server(&fixture->settings, &fixture->err);
    assert_string_equal(server->key.text, "k2");
    /* the file is looked at when the variable is not set */
    unsetenv("LAB_KEY");
    assert_int_equal(read_text(fixture,
                               "[server c]\nurl = http://f\napi_key_env = LAB_KEY\n"
                               "api_key_file = ~/key\n"),
                     STATUS_OK);
    server = settings_server(&fixture->settings, &fixture->err);
    assert_string_equal(server->key.text, "k1");
    free(key);
}

/* What a key does, all in all. */
static enum action action_of(const struct settings *settings, const char *name)
{
    struct key key;
    size_t count = 0;
    enum action action = ACTION_NONE;
    assert_true(key_parse(name, &key));
    struct key_binding *keys = settings_keys(settings, &count);
    for (size_t i = 0; i < count; i++)
        if (key_equal(keys[i].key, key))
            action = keys[i].action;
    free(keys);
    return action;
}

static void other_keys_replace_an_actions_own(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(read_text(fixture, "[keys]\ndiscard = 1 Ctrl-D\nrate-1 = a\n"
                                        "command = :\nquit =\n"),
                     STATUS_OK);
    const struct settings *settings = &fixture->settings;
    assert_int_equal(action_of(settings, "1"), ACTION_DISCARD);
    assert_int_equal(action_of(settings, "Ctrl-D"), ACTION_DISCARD);
    assert_int_equal(action_of(settings, "d"), ACTION_NONE);
    assert_int_equal(action_of(settings, "a"), ACTION_RATE_1);
    assert_int_equal(action_of(settings, ":"), ACTION_COMMAND);
    assert_int_equal(action_of(settings, "q"), ACTION_NONE);
    assert_int_equal(action_of(settings, "x"), ACTION_CANCEL);
    /* a default key that was freed by one line may be given by the next */
    assert_int_equal(read_text(fixture, "[keys]\ndiscard = Ctrl-D\nsync = d\n"),
                     STATUS_OK);
    assert_int_equal(action_of(settings, "d"), ACTION_SYNC);
    /* and one that was given before stays given; twice is once */
    assert_int_equal(read_text(fixture, "[keys]\nsync = d S S\ndiscard = Ctrl-D\n"),
                     STATUS_OK);
    assert_int_equal(action_of(settings, "d"), ACTION_SYNC);
    assert_int_equal(action_of(settings, "S"), ACTION_SYNC);
}

static void an_action_has_so_many_keys(void **state)
{
    struct fixture *fixture = *state;
    for (size_t size = 256; size <= 257; size++) { /* bytes of a line of them */
        struct buf text = {0};
        buf_add_text(&text, "[keys]\nsubmit = x");
        for (size_t i = 1; i < size - 1; i++)
            buf_add_text(&text, " ");
        buf_add_text(&text, "y\n");
        if (size == 256)
            assert_int_equal(read_text(fixture, buf_text(&text)), STATUS_OK);
        else
            expect_refused(fixture, buf_text(&text), "2:10", "too many keys for submit.");
        buf_clear(&text);
        if (size == 256)
            assert_int_equal(action_of(&fixture->settings, "y"), ACTION_SUBMIT);
    }
}

/* Wherever its line stands, own keys go over it. */
static void a_preset_is_named_among_the_keys(void **state)
{
    struct fixture *fixture = *state;
    const struct settings *settings = &fixture->settings;
    assert_int_equal(read_text(fixture, "[keys]\ndiscard =\npreset = prodigy\n"
                                        "flag = F2\n"),
                     STATUS_OK);
    assert_int_equal(action_of(settings, "a"), ACTION_SUBMIT);
    assert_int_equal(action_of(settings, "x"), ACTION_NONE);
    assert_int_equal(action_of(settings, "F2"), ACTION_FLAG);
    assert_int_equal(action_of(settings, "f"), ACTION_NONE);
    expect_refused(fixture, "[keys]\npreset = vim\n", "2:10",
                   "write sherd, argilla or prodigy");
    expect_refused(fixture, "[keys]\npreset = sherd\npreset = argilla\n", "3:1",
                   "before");
}

static void a_price_is_of_one_model_or_of_the_others(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(read_text(fixture, "[endpoint a]\nurl = http://h\nprice = 1.5 2\n"
                                        "price = big 3 4\n"),
                     STATUS_OK);
    const struct endpoint *endpoint = &fixture->settings.endpoints[0];
    assert_int_equal(endpoint->price_count, 2);
    assert_null(endpoint->prices[0].model);
    assert_true(endpoint->prices[0].in > 1.4 && endpoint->prices[0].out > 1.9);
    assert_string_equal(endpoint->prices[1].model, "big");
    static const char *const bad[] = {"",        "'m 1 2", "1",    "a b c",
                                      "m 1 2 3", "-1 2",   "m 1 x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *text = xasprintf("[endpoint a]\nprice = %s\n", bad[i]);
        expect_refused(fixture, text, "2:9", "a price is MODEL IN OUT");
        free(text);
    }
}

static void refuses_bad_bindings(void **state)
{
    struct fixture *fixture = *state;
    expect_refused(fixture, "[keys]\nsubmitt = x\n", "2:1", "\"submit\"?");
    expect_refused(fixture, "[keys]\nsubmit = Ctlr-X\n", "2:10", "no key");
    expect_refused(fixture, "[keys]\nsubmit = x\ndiscard = y x\n", "3:13",
                   "the key x is already given to submit in line 2");
    expect_refused(fixture, "[keys]\nsubmit = x\n\nsubmit = y\n", "4:1",
                   "submit has its keys in line 2 already");
}

static void the_environment_alone_is_enough(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    setenv("OPENAI_API_KEY", "sk-1", 1);
    setenv("ARGILLA_API_URL", "http://127.0.0.1:6900//", 1);
    setenv("ARGILLA_API_KEY", "arg-1", 1);
    setenv("ARGILLA_WORKSPACE", "w", 1);
    setenv("NO_COLOR", "1", 1);
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    const struct endpoint *endpoint = settings_endpoint(settings, NULL, &fixture->err);
    assert_string_equal(endpoint->name, "env");
    assert_string_equal(endpoint->base_url, "https://api.openai.com/v1");
    assert_string_equal(endpoint->key.text, "sk-1");
    assert_non_null(endpoint->defaults.model);
    const struct server_settings *server = settings_server(settings, &fixture->err);
    assert_string_equal(server->url, "http://127.0.0.1:6900");
    assert_string_equal(server->key.text, "arg-1");
    assert_string_equal(server->workspace, "w");
    assert_int_equal(settings->colour, COLOUR_NEVER);
    settings->is_local = true;
    assert_null(settings_server(settings, &fixture->err));
    assert_int_equal(fixture->err.code, STATUS_OK);
    assert_int_equal(read_text(fixture, "[sherd]\ncolour = always\n"), STATUS_OK);
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    assert_int_equal(settings->colour, COLOUR_ALWAYS);
}

static void urls_of_the_environment_win_over_the_file(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    assert_int_equal(read_text(fixture, "[sherd]\nendpoint = a\nserver = b\n"
                                        "[endpoint a]\nurl = http://a/v1\n"
                                        "[server b]\nurl = http://b\n"),
                     STATUS_OK);
    setenv("OPENAI_API_KEY", "sk-1", 1);
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    assert_string_equal(settings_endpoint(settings, NULL, &fixture->err)->name, "a");
    assert_false(secret_is_set(&settings_endpoint(settings, NULL, &fixture->err)->key));
    assert_string_equal(settings_server(settings, &fixture->err)->name, "b");
    setenv("OPENAI_BASE_URL", "http://c/v1", 1);
    setenv("OPENAI_MODEL", "mm", 1);
    setenv("ARGILLA_API_URL", "http://d", 1);
    read_text(fixture, "[sherd]\nendpoint = a\nserver = b\nworkspace = w\n"
                       "[endpoint a]\nurl = http://a/v1\n[server b]\nurl = http://b\n");
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    assert_string_equal(settings_endpoint(settings, NULL, &fixture->err)->base_url,
                        "http://c/v1");
    assert_string_equal(settings_endpoint(settings, NULL, &fixture->err)->defaults.model,
                        "mm");
    assert_string_equal(settings_server(settings, &fixture->err)->url, "http://d");
    assert_string_equal(settings->workspace, "w");
    /* a workspace of the environment is for the environment's server, and wins there */
    setenv("ARGILLA_WORKSPACE", "e", 1);
    read_text(fixture, "[sherd]\nworkspace = w\n");
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    const struct server_settings *server = settings_server(settings, &fixture->err);
    assert_string_equal(settings_workspace(settings, server), "e");
}

static void bad_urls_of_the_environment_are_named(void **state)
{
    struct fixture *fixture = *state;
    setenv("ARGILLA_API_URL", "here", 1);
    assert_int_not_equal(settings_read_environment(&fixture->settings, &fixture->err),
                         STATUS_OK);
    assert_non_null(strstr(fixture->err.text, "ARGILLA_API_URL"));
}

static void a_url_gets_the_environments_key_only_on_the_same_host(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    setenv("OPENAI_API_KEY", "sk-1", 1);
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    settings->endpoint = xstrdup("https://api.openai.com/v2");
    assert_string_equal(settings_endpoint(settings, NULL, &fixture->err)->key.text,
                        "sk-1");
    free(settings->endpoint);
    settings->endpoint = xstrdup("https://evil.example/v1");
    assert_null(settings_endpoint(settings, NULL, &fixture->err)->key.text);
    size_t count = settings->endpoint_count;
    assert_non_null(settings_endpoint(settings, NULL, &fixture->err));
    assert_int_equal(settings->endpoint_count, count);
    setting_text(&settings->server, "nowhere");
    assert_null(settings_server(settings, &fixture->err));
    assert_int_equal(fixture->err.code, STATUS_CONFIG);
    assert_non_null(strstr(fixture->err.text, "nowhere"));
}

static void a_servers_key_is_for_its_address_alone(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    static const char text[] = "[server a]\nurl = http://a\n"
                               "[server b]\nurl = http://b/x\napi_key_env = LAB_KEY\n"
                               "[server c]\nurl = http://c\n"
                               "[server d]\nurl = http://d\napi_key_cmd = pass show d\n";
    static const char by_command[] = "what api_key_cmd of [server d] prints";
    static const struct {
        const char *url, *server, *key, *place;
    } cases[] = {
        {NULL, NULL, "arg-1", "ARGILLA_API_KEY"}, /* the default's */
        {NULL, "b", "lab-1", "LAB_KEY"},
        {NULL, "http://B:80/x/", "lab-1", "LAB_KEY"},
        {NULL, "http://b/y", "arg-1", "ARGILLA_API_KEY"},
        {NULL, "c", "arg-1", "ARGILLA_API_KEY"},
        {NULL, "d", NULL, by_command},
        {NULL, "HTTP://D/", NULL, by_command},
        {NULL, "https://new:443", "arg-1", "ARGILLA_API_KEY"},
        {"http://c", NULL, "arg-1", "ARGILLA_API_KEY"},
        {"http://c", "c", "arg-1", "ARGILLA_API_KEY"},
        {"http://c/x", "c", "arg-1", "ARGILLA_API_KEY"},
        {"http://c/x", "HTTP://C:80/y", "arg-1", "ARGILLA_API_KEY"},
        {"http://c:80", "http://c", "arg-1", "ARGILLA_API_KEY"},
        {"http://c", "https://c", NULL, ""},
        {"http://c", "http://c:81", NULL, ""},
        {"http://c", "http://c.evil", NULL, ""},
        {"http://c", "http://b/y", NULL, ""},
        {"http://c", "a", NULL, ""},
        {"http://c", "b", "lab-1", "LAB_KEY"},
        {"http://d/x", "d", NULL, by_command},
    };
    setenv("ARGILLA_API_KEY", "arg-1", 1);
    setenv("LAB_KEY", "lab-1", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *url = cases[i].url;
        assert_int_equal(read_text(fixture, text), STATUS_OK);
        unsetenv("ARGILLA_API_URL");
        if (url)
            setenv("ARGILLA_API_URL", url, 1);
        assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
        if (cases[i].server)
            setting_text(&settings->server, cases[i].server);
        const struct server_settings *server = settings_server(settings, &fixture->err);
        assert_non_null(server);
        if (cases[i].key)
            assert_string_equal(server->key.text, cases[i].key);
        else
            assert_null(server->key.text);
        assert_string_equal(server->key_place, cases[i].place);
        /* nor do the others of a list get one that is not for them */
        for (size_t j = 0; j < settings->server_count; j++) {
            struct server_settings *other = &settings->servers[j];
            assert_int_equal(settings_find_server_key(settings, other, &fixture->err), 0);
            bool is_lab = !strcmp(other->url, "http://b/x");
            if (secret_is_set(&other->key))
                assert_string_equal(other->key.text, is_lab ? "lab-1" : "arg-1");
            if (secret_is_set(&other->key) && !is_lab)
                assert_true(url_same_origin(other->url, url ? url : server->url));
        }
    }
    /* an address alone is of the section that has a key for it */
    assert_int_equal(read_text(fixture, text), STATUS_OK);
    unsetenv("ARGILLA_API_KEY");
    setenv("ARGILLA_API_URL", "http://b/x/", 1);
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    assert_string_equal(settings_server(settings, &fixture->err)->key.text, "lab-1");
    assert_null(settings->workspace);
    setenv("ARGILLA_WORKSPACE", "e", 1); /* as is a workspace */
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    const struct server_settings *server = settings_server(settings, &fixture->err);
    assert_string_equal(server->name, "b");
    assert_non_null(settings->workspace);
    assert_string_equal(settings_workspace(settings, server), "e");
    assert_int_equal(read_text(fixture, ""),
                     STATUS_OK); /* and a key alone is no server */
    unsetenv("ARGILLA_API_URL");
    setenv("ARGILLA_API_KEY", "arg-1", 1);
    assert_int_equal(settings_read_environment(settings, &fixture->err), STATUS_OK);
    assert_null(settings_server(settings, &fixture->err));
}

/* Some put the key there; the name is stored with each record and sent with it. */
static void a_query_is_no_part_of_an_endpoints_name(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.endpoint = xstrdup("http://127.0.0.1:9/v1?api-key=hush");
    const struct endpoint *endpoint =
        settings_endpoint(&fixture->settings, NULL, &fixture->err);
    assert_string_equal(endpoint->name, "http://127.0.0.1:9/v1");
    assert_string_equal(endpoint->base_url, "http://127.0.0.1:9/v1?api-key=hush");
}

struct fetched {
    bool is_over;
    struct secret key;
    struct err err;
};

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    struct fetched *fetched = ctx;
    (void)command;
    secret_copy(&fetched->key, key);
    fetched->err = *err;
    fetched->is_over = true;
}

static enum status run_key_command(struct fixture *fixture, const char *command,
                                   struct secret *key, int64_t limit_ms)
{
    struct fetched fetched = {0};
    struct loop *loop = loop_new();
    struct keyring *keyring = keyring_new(loop, NULL, limit_ms);
    keyring_fetch(keyring, command, on_key, &fetched);
    assert_false(fetched.is_over); /* never from inside */
    while (!fetched.is_over)
        loop_turn(loop);
    assert_false(keyring_is_busy(keyring));
    keyring_free(keyring);
    loop_free(loop);
    *key = fetched.key;
    fixture->err = fetched.err;
    return fetched.err.code;
}

static void a_key_command_gives_its_first_line(void **state)
{
    struct fixture *fixture = *state;
    struct secret key = {0};
    assert_int_equal(
        run_key_command(fixture, "printf '%s\\n%s' \"k 1\" second\\ word", &key, 0),
        STATUS_OK);
    assert_string_equal(key.text, "k 1");
    secret_clear(&key);
}

static void a_key_command_is_no_shell(void **state)
{
    struct fixture *fixture = *state;
    struct secret key = {0};
    assert_int_equal(run_key_command(fixture, "echo $HOME;ls", &key, 0), STATUS_OK);
    assert_string_equal(key.text, "$HOME;ls");
    secret_clear(&key);
}

static void a_key_command_is_split_at_blanks_outside_quotes(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *command, *wanted;
    } cases[] = {{" printf  [%s]\ta b ", "[a][b]"},
                 {"printf [%s] 'a b' \"c d\"", "[a b][c d]"},
                 {"printf [%s] a'b c'\"'d\"e", "[ab c'de]"},
                 {"printf [%s] a\\ b \"c\\\"d\"", "[a b][c\"d]"},
                 {"printf [%s] 'a\"b' 'c''d' e''", "[a\"b][cd][e]"},
                 {"printf [%s]x \"\" ''", "[]x[]x"},
                 {"printf %s 'a\\\\b'", "a\\\\b"}};
    int were_open = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secret key = {0};
        if (run_key_command(fixture, cases[i].command, &key, 0))
            fail_msg("%s: %s", cases[i].command, fixture->err.text);
        assert_string_equal(key.text, cases[i].wanted);
        secret_clear(&key);
        int are_open = 0; /* nothing of it stays */
        for (int fd = 0; fd < 256; fd++)
            are_open += fcntl(fd, F_GETFD) >= 0;
        assert_true(i == 0 || are_open == were_open);
        were_open = are_open;
    }
}

static void key_commands_run_one_after_the_other(void **state)
{
    struct fixture *fixture = *state;
    struct fetched first = {0}, second = {0}, third = {0};
    char *file = paths_join(fixture->dir, "key");
    char *writes = xasprintf("sh -c 'sleep 0.05; echo %s >%s; echo one'", "1", file);
    char *reads = xasprintf("cat %s", file);
    struct loop *loop = loop_new();
    struct keyring *keyring = keyring_new(loop, NULL, 0);
    keyring_fetch(keyring, writes, on_key, &first);
    keyring_fetch(keyring, reads, on_key, &second);
    keyring_fetch(keyring, "/nowhere/x", on_key, &third);
    while (!third.is_over)
        loop_turn(loop);
    assert_string_equal(first.key.text, "one");
    assert_string_equal(second.key.text, "1");
    assert_int_equal(third.err.code, STATUS_CONFIG);
    secret_clear(&first.key);
    secret_clear(&second.key);
    keyring_free(keyring);
    loop_free(loop);
    free(reads);
    free(writes);
    free(file);
}

static void a_key_command_runs_once_for_all_that_have_it(void **state)
{
    struct fixture *fixture = *state;
    struct settings settings;
    char *file = paths_join(fixture->dir, "key");
    char *command = xasprintf("sh -c 'echo x >>%s; wc -l <%s'", file, file);
    struct loop *loop = loop_new();
    settings_init(&settings);
    setting_add_endpoint(&settings, "a")->key_command = xstrdup(command);
    setting_add_server(&settings, "b")->key_command = xstrdup(command);
    setting_add_tool(&settings, "c")->key_command = xstrdup(command);
    setting_add_tool(&settings, "d");
    for (int i = 0; i < 2; i++) { /* also by another keyring */
        struct fetched first = {0}, second = {0};
        struct keyring *keyring = keyring_new(loop, &settings, 0);
        keyring_fetch(keyring, command, on_key, &first);
        keyring_fetch(keyring, command, on_key, &second);
        assert_false(first.is_over);
        while (!second.is_over)
            loop_turn(loop);
        assert_string_equal(first.key.text, "1");
        assert_string_equal(second.key.text, "1");
        secret_clear(&first.key);
        secret_clear(&second.key);
        keyring_free(keyring);
    }
    assert_string_equal(settings.endpoints[0].key.text, "1");
    assert_string_equal(settings.servers[0].key.text, "1");
    assert_string_equal(settings.tools[0]->key.text, "1");
    assert_false(secret_is_set(&settings.tools[1]->key));
    settings_clear(&settings);
    loop_free(loop);
    free(command);
    unlink(file);
    free(file);
}

/* Its output is closed, and it lives on: the limit and a stop hold for that too. */
static void a_key_command_that_lives_on_is_ended(void **state)
{
    struct fixture *fixture = *state;
    static const char lives_on[] =
        "sh -c 'trap \"\" TERM; echo key; exec >&-; exec sleep 600'";
    struct secret key = {0};
    struct fetched never = {0};
    assert_int_equal(run_key_command(fixture, lives_on, &key, 50), STATUS_TIMEOUT);
    assert_string_equal(fixture->err.text, "api_key_cmd: sh did not end within 0.05 s.");
    assert_false(secret_is_set(&key));
    err_clear(&fixture->err);
    struct loop *loop = loop_new();
    struct keyring *keyring = keyring_new(loop, NULL, 0);
    keyring_fetch(keyring, lives_on, on_key, &never);
    keyring_fetch(keyring, "echo second", on_key, &never);
    assert_true(keyring_is_busy(keyring));
    loop_poll(loop);
    keyring_free(keyring);
    loop_free(loop);
    assert_false(never.is_over);
    assert_int_equal(run_key_command(fixture, "sleep 600", &key, 50), STATUS_TIMEOUT);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and none is left behind */
}

/* We ignore SIGPIPE; a pipeline in a script must not. */
static void a_key_command_gets_signals_as_usual(void **state)
{
    struct fixture *fixture = *state;
    struct secret key = {0};
    struct sigaction ignored = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignored, &before);
    (void)run_key_command(fixture, "sh -c 'kill -PIPE $$; echo key'", &key, 0);
    sigaction(SIGPIPE, &before, NULL);
    assert_false(secret_is_set(&key));
    assert_non_null(strstr(fixture->err.text, "signal 13"));
}

/* All that says how a server is reached, for endpoints and servers alike. */
static void connections_are_described(void **state)
{
    struct fixture *fixture = *state;
    static const char rows[] = "url = http://h\nca_file = ~/ca.pem\nclient_cert = c.pem\n"
                               "client_key = /k.pem\nproxy = http://p:1\n"
                               "header = X-Team: blue\nheader = X-Gate: $GATE\n"
                               "key_header = X-Api-Key\n";
    char *text = xasprintf("[endpoint a]\nthink = keep\n%s[server b]\n%s"
                           "[endpoint c]\nproxy = none\nthink = apart\n",
                           rows, rows);
    assert_int_equal(read_text(fixture, text), STATUS_OK);
    free(text);
    struct settings *settings = &fixture->settings;
    const struct http_connection *both[] = {&settings->endpoints[0].connection,
                                            &settings->servers[0].connection};
    char *ca_file = paths_join(fixture->dir, "ca.pem");
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(both[i]->ca_file, ca_file);
        assert_string_equal(both[i]->client_cert, "c.pem");
        assert_string_equal(both[i]->client_key, "/k.pem");
        assert_string_equal(both[i]->proxy, "http://p:1");
        assert_string_equal(both[i]->key_header, "X-Api-Key");
        assert_int_equal(both[i]->header_count, 2);
        assert_string_equal(both[i]->headers[1].name, "X-Gate");
        assert_string_equal(both[i]->headers[1].value.text, "$GATE");
    }
    free(ca_file);
    assert_true(settings->endpoints[0].keeps_think);
    assert_false(settings->endpoints[1].keeps_think);
    assert_string_equal(settings->endpoints[1].connection.proxy, "");
    expect_refused(fixture, "[endpoint a]\nheader = nothing\n", "2:10", "Name: value");
    expect_refused(fixture, "[endpoint a]\nthink = maybe\n", "2:9", "apart or keep");
}

static void a_secret_header_needs_mode_0600(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    static const char *const texts[] = {
        "[server a]\nheader = X-Auth-Token: hush\n",
        "[server a]\nheader = X-Auth-Token: $HUSH\nheader = X-Team: tokens\n"};
    write_file(fixture->path, 0644, texts[0], strlen(texts[0]));
    assert_int_equal(settings_read_file(settings, fixture->path, &fixture->err),
                     STATUS_CONFIG);
    assert_non_null(strstr(fixture->err.text, ":2:10: "));
    assert_null(strstr(fixture->err.text, "hush"));
    assert_int_equal(read_text(fixture, texts[0]), STATUS_OK);
    settings_clear(settings);
    settings_init(settings);
    write_file(fixture->path, 0644, texts[1], strlen(texts[1]));
    assert_int_equal(settings_read_file(settings, fixture->path, &fixture->err),
                     STATUS_OK);
}

static void a_key_and_a_place_for_one_exclude_each_other(void **state)
{
    struct fixture *fixture = *state;
    expect_refused(fixture, "[endpoint a]\napi_key_env = K\napi_key = k\n", "3:1",
                   "has api_key_env already");
    expect_refused(fixture, "[server a]\napi_key = k\nmodel = m\n", "3:1", "not known");
    expect_refused(fixture, "[server a]\napi_key = k\napi_key_cmd = c\n", "3:1",
                   "has api_key already");
    assert_int_equal(read_text(fixture, "[server a]\napi_key = k\n"
                                        "[server b]\napi_key_env = K\n"),
                     STATUS_OK);
}

static void a_name_without_a_section_is_refused_where_it_stands(void **state)
{
    struct fixture *fixture = *state;
    expect_refused(fixture, "[sherd]\nendpoint =  zzz\n[endpoint a]\n", "2:13",
                   "[endpoint zzz]");
    expect_refused(fixture, "[sherd]\nserver = zzz\n[endpoint zzz]\n", "2:10",
                   "[server zzz]");
    static const char *const good[] = {
        "[sherd]\nendpoint = a\nserver = b\n[endpoint a]\n[server b]\n",
        "[sherd]\nendpoint = env\nserver = env\n", "[sherd]\nendpoint = demo\n",
        "[sherd]\nendpoint = HTTP://h/v1\nserver = https://h\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(read_text(fixture, good[i]), STATUS_OK);
}

static void a_mark_at_the_start_is_no_text(void **state)
{
    struct fixture *fixture = *state;
    char *path = paths_join(fixture->dir, "key");
    write_file(path, 0600, "\xef\xbb\xbfk1\r\nnote\r\n", 13);
    assert_int_equal(read_text(fixture, "\xef\xbb\xbf[server a]\r\nurl = http://h\r\n"
                                        "api_key_file = ~/key\r\n"),
                     STATUS_OK);
    const struct server_settings *server =
        settings_server(&fixture->settings, &fixture->err);
    assert_string_equal(server->url, "http://h");
    assert_string_equal(server->key.text, "k1");
    free(path);
}

static void a_servers_address_is_one_whatever_its_case(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        read_text(fixture, "[server a]\nurl = HTTP://LAb.eXaMpLeZ:80/Path/\n"),
        STATUS_OK);
    assert_string_equal(fixture->settings.servers[0].url, "http://lab.examplez:80/Path");
    expect_refused(fixture, "[server a]\nurl = http://h/?x=1\n", "2:7", "before a ?");
    expect_refused(fixture, "[server a]\nurl = http://h/#f\n", "2:7", "before a ?");
    expect_refused(fixture, "[server a]\nurl = http://h:99999\n", "2:7", "1 to 65535");
}

static void flags_win_and_the_workspace_is_chosen_once(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    assert_int_equal(read_text(fixture, "[sherd]\nserver = a\nstrip = yes\n"
                                        "[server a]\nurl = http://h\nworkspace = w\n"),
                     STATUS_OK);
    const struct server_settings *server = settings_server(settings, &fixture->err);
    assert_string_equal(settings_workspace(settings, server), "w");
    assert_string_equal(settings_workspace(settings, NULL), "local");
    assert_int_equal(settings_put(settings, "workspace", "flag", &fixture->err),
                     STATUS_OK);
    assert_int_equal(settings_put(settings, "strip", "no", &fixture->err), STATUS_OK);
    assert_int_equal(settings_put(settings, "dataset", "d", &fixture->err), STATUS_OK);
    assert_int_equal(settings_put(settings, "plain", "yes", &fixture->err), STATUS_OK);
    assert_string_equal(settings_workspace(settings, server), "flag");
    assert_string_equal(settings_workspace(settings, NULL), "local");
    assert_false(settings->strip);
    assert_true(settings->plain);
    assert_true(settings->has_dataset);
    assert_string_equal(settings->dataset, "d");
}

static void a_failing_key_command_says_why_and_shows_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *command, *words;
    } cases[] = {{"sh -c 'echo sk-9; exit 3'", "exit code 3"},
                 {"sh -c 'kill -9 $$'", "signal 9"},
                 {"/nowhere/x", "/nowhere/x"},
                 {"true", "printed no key"},
                 {"echo 'a", "without its end"},
                 {"   ", "no command"},
                 {"head -c 100000 /dev/zero", "64 KiB"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct secret key = {0};
        err_clear(&fixture->err);
        assert_int_not_equal(run_key_command(fixture, cases[i].command, &key, 0),
                             STATUS_OK);
        if (!strstr(fixture->err.text, cases[i].words))
            fail_msg("%s: %s", cases[i].command, fixture->err.text);
        assert_null(strstr(fixture->err.text, "sk-9"));
        assert_null(key.text);
    }
}

static void tools_are_described_or_built_in(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    assert_int_equal(
        read_text(fixture, "[agent]\ntools = notes lab\nsteps = 4\ntime_limit = 1.5\n"
                           "way = text\nconfirm = ask\n"
                           "[tool notes]\ncommand = grep -- {word} 'my notes'\n"
                           "description = Looks it up.\nmax_output = 20\nconfirm = ask\n"
                           "[mcp lab]\nurl = http://127.0.0.1/mcp\ntools = a b\n"
                           "api_key = k-12345678\nheader = X-Team: one\ntimeout = 2\n"
                           "[mcp both]\ncommand = x\nurl = http://127.0.0.1/\n"
                           "[tool mute]\ncommand = x\n[tool bare]\ndescription = y\n"),
        STATUS_OK);
    assert_int_equal(settings->agent.steps, 4);
    assert_int_equal(settings->agent.limit_ms, 1500);
    assert_int_equal(settings->agent.way, AGENT_TEXT);
    assert_true(settings->agent.asks);
    const struct tool_settings *notes = settings_tool(settings, "notes", &fixture->err);
    assert_int_equal(notes->kind, TOOL_COMMAND);
    assert_int_equal(notes->max_output, 20);
    assert_true(notes->asks);
    const struct tool_settings *lab = settings_tool(settings, "lab", &fixture->err);
    assert_int_equal(lab->kind, TOOL_MCP);
    assert_string_equal(lab->only, "a b");
    assert_string_equal(lab->key.text, "k-12345678");
    assert_int_equal(lab->timeout_ms, 2000);
    assert_int_equal(lab->connection.header_count, 1);
    assert_int_equal(settings_tool(settings, "calculator", &fixture->err)->kind,
                     TOOL_CALCULATOR);
    static const struct {
        const char *name, *words;
    } bad[] = {{"both", "either a command or a url"},
               {"mute", "no description"},
               {"bare", "no command"},
               {"serpapi", "SERPAPI_API_KEY"},
               {"nobody", "[tool nobody]"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&fixture->err);
        assert_null(settings_tool(settings, bad[i].name, &fixture->err));
        assert_non_null(strstr(fixture->err.text, bad[i].words));
    }
    setenv("SERPAPI_KEY", "second-choice", 1);
    setenv("SERPAPI_API_KEY", "first-choice", 1);
    const struct tool_settings *search =
        settings_tool(settings, "serpapi", &fixture->err);
    assert_string_equal(search->key.text, "first-choice");
    expect_refused(fixture, "[tool x]\ncommand = a 'b\n", "2:11", "without its end");
    expect_refused(fixture, "[tool x]\n[mcp x]\n", "2:2", "two sections");
    expect_refused(fixture, "[agent]\nsteps = 0\n", "2:9", "whole number");
    expect_refused(fixture, "[agent]\n[agent]\n", "2:2", "before");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(reads_every_setting),
        CASE(the_ways_to_answer_are_set),
        CASE(a_snippet_that_has_no_text_or_no_key_is_refused),
        CASE(an_absent_file_is_fine_only_at_its_default_place),
        CASE(the_example_is_good),
        CASE(the_example_is_good_with_all_its_lines),
        CASE(refuses_with_line_and_column),
        CASE(a_refusal_says_what_to_write),
        CASE(refuses_numbers_that_are_none),
        CASE(refuses_nul_and_overlong_lines),
        CASE(a_key_in_the_file_needs_mode_0600),
        CASE(a_command_in_a_file_that_others_can_change_is_refused),
        CASE(reads_keys_from_files_and_variables),
        CASE(an_endpoint_and_a_server_of_one_name_have_their_own_keys),
        CASE(names_have_their_length_and_values_their_place),
        CASE(other_keys_replace_an_actions_own),
        CASE(a_price_is_of_one_model_or_of_the_others),
        CASE(an_action_has_so_many_keys),
        CASE(a_preset_is_named_among_the_keys),
        CASE(refuses_bad_bindings),
        CASE(the_environment_alone_is_enough),
        CASE(urls_of_the_environment_win_over_the_file),
        CASE(bad_urls_of_the_environment_are_named),
        CASE(a_url_gets_the_environments_key_only_on_the_same_host),
        CASE(a_servers_key_is_for_its_address_alone),
        CASE(a_key_command_gives_its_first_line),
        CASE(a_key_command_is_no_shell),
        CASE(a_key_command_is_split_at_blanks_outside_quotes),
        CASE(a_failing_key_command_says_why_and_shows_nothing),
        CASE(key_commands_run_one_after_the_other),
        CASE(a_key_command_runs_once_for_all_that_have_it),
        CASE(a_key_command_that_lives_on_is_ended),
        CASE(a_key_command_gets_signals_as_usual),
        CASE(connections_are_described),
        CASE(a_secret_header_needs_mode_0600),
        CASE(a_key_and_a_place_for_one_exclude_each_other),
        CASE(a_name_without_a_section_is_refused_where_it_stands),
        CASE(a_mark_at_the_start_is_no_text),
        CASE(a_servers_address_is_one_whatever_its_case),
        CASE(flags_win_and_the_workspace_is_chosen_once),
        CASE(tools_are_described_or_built_in),
        CASE(a_query_is_no_part_of_an_endpoints_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
