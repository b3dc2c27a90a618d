/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <netinet/in.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/doctor.h"
#include "base/buf.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "store/store.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_mcp.h"
#include "tests/support/fake_model.h"
#include "tests/support/pty.h"

static const char *server_program; /* serve_mcp, beside this program */

#define NAME "langchain-dataset"

struct fixture {
    char dir[64];
    struct loop *loop;
    struct settings settings;
    struct fake_model *model;
    struct fake_argilla *argilla;
    struct buf text; /* "name state text\n" for each check */
    enum doctor_state worst;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    memcpy(fixture->dir, "/tmp/sherd-doctor-XXXXXX", sizeof "/tmp/sherd-doctor-XXXXXX");
    if (!mkdtemp(fixture->dir))
        return -1;
    fixture->loop = loop_new();
    fixture->model = fake_model_new();
    fixture->argilla = fake_argilla_new("2.8.0");
    settings_init(&fixture->settings);
    fixture->settings.store = paths_join(fixture->dir, "store.db");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    settings_clear(&fixture->settings);
    loop_free(fixture->loop);
    fake_model_free(fixture->model);
    fake_argilla_free(fixture->argilla);
    buf_clear(&fixture->text);
    DIR *dir = opendir(fixture->dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char *file = paths_join(fixture->dir, entry->d_name);
        unlink(file);
        free(file);
    }
    closedir(dir);
    int failed = rmdir(fixture->dir);
    free(fixture);
    return failed;
}

static void on_check(void *ctx, const struct doctor_check *check)
{
    struct fixture *fixture = ctx;
    buf_addf(&fixture->text, "%s %s %s\n", check->name, doctor_state_name(check->state),
             check->text);
}

static const char *run(struct fixture *fixture, const struct err *file_err)
{
    buf_reset(&fixture->text);
    struct doctor *doctor = doctor_start(fixture->loop, &clock_system, &fixture->settings,
                                         file_err, on_check, fixture);
    assert_int_equal(fixture->text.len, 0);
    while (!doctor_is_over(doctor) && loop_turn(fixture->loop))
        continue;
    assert_true(doctor_is_over(doctor));
    fixture->worst = doctor_worst(doctor);
    doctor_free(doctor);
    return buf_text(&fixture->text);
}

static void expect(struct fixture *fixture, const char *words)
{
    if (!strstr(buf_text(&fixture->text), words))
        fail_msg("no \"%s\" in:\n%s", words, buf_text(&fixture->text));
}

static struct endpoint *add_endpoint(struct fixture *fixture, const char *name,
                                     const char *url)
{
    struct settings *settings = &fixture->settings;
    settings->endpoints = xreallocarray(settings->endpoints, settings->endpoint_count + 1,
                                        sizeof *settings->endpoints);
    struct endpoint *endpoint = &settings->endpoints[settings->endpoint_count++];
    struct err err = {0};
    memset(endpoint, 0, sizeof *endpoint);
    endpoint_init(endpoint);
    endpoint->name = xstrdup(name);
    assert_int_equal(endpoint_set_url(endpoint, url, &err), STATUS_OK);
    return endpoint;
}

static struct server_settings *add_server(struct fixture *fixture, const char *key)
{
    struct settings *settings = &fixture->settings;
    settings->servers = xcalloc(1, sizeof *settings->servers);
    settings->server_count = 1;
    settings->servers->name = xstrdup("lab");
    settings->servers->url = xstrdup(fake_argilla_url(fixture->argilla));
    secret_set(&settings->servers->key, key);
    return settings->servers;
}

static void with_nothing_configured_it_says_what_to_set(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, NULL);
    expect(fixture, "locale ok");
    expect(fixture, "terminal ");
    expect(fixture, "config ok There is no file");
    expect(fixture, "store ok ");
    expect(fixture, "is whole and can be written: 0 records in 0 datasets, schema");
    expect(fixture, "endpoint warn No model endpoint is configured: set OPENAI_BASE_URL");
    expect(fixture, "server ok No Argilla server is configured");
    assert_true(fixture->worst < DOCTOR_FAIL);
}

static void all_is_well(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->argilla, NAME);
    struct endpoint *endpoint =
        add_endpoint(fixture, "local", fake_model_url(fixture->model));
    endpoint->defaults.model = xstrdup("fake-1");
    secret_set(&endpoint->key, "sk-secret-1");
    add_server(fixture, FAKE_ARGILLA_KEY);
    const char *text = run(fixture, NULL);
    expect(fixture, "endpoint local ok 127.0.0.1:");
    expect(fixture, " and takes the key; the model is fake-1.");
    expect(fixture, "server lab ok Argilla 2.8.0 takes the key of ");
    expect(fixture, "langchain-dataset is in the workspace argilla.");
    assert_null(strstr(text, "sk-secret-1"));
    assert_null(strstr(text, FAKE_ARGILLA_KEY));
}

static void the_checks_come_in_a_steady_order(void **state)
{
    struct fixture *fixture = *state;
    add_endpoint(fixture, "b", fake_model_url(fixture->model));
    add_endpoint(fixture, "a", fake_model_url(fixture->model));
    add_server(fixture, FAKE_ARGILLA_KEY);
    const char *text = run(fixture, NULL);
    static const char *const order[] = {"locale ",      "\nterminal ",   "\nconfig ",
                                        "\nstore ",     "\nendpoint b ", "\nendpoint a ",
                                        "\nserver lab "};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        text = strstr(text, order[i]);
        assert_non_null(text);
    }
}

static void a_bad_configuration_is_told_with_its_place(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    err_set(&err, STATUS_CONFIG, "config:3:1: no.");
    run(fixture, &err);
    expect(fixture, "config fail config:3:1: no.");
    /* what else is configured is not known: the cause alone is told */
    assert_null(strstr(buf_text(&fixture->text), "is configured"));
    assert_int_equal(fixture->worst, DOCTOR_DENIED);
}

static void an_endpoint_that_is_away_fails(void **state)
{
    struct fixture *fixture = *state;
    add_endpoint(fixture, "gone", "http://127.0.0.1:1/v1");
    run(fixture, NULL);
    expect(fixture, "endpoint gone fail ");
    assert_int_equal(fixture->worst, DOCTOR_FAIL);
}

static void a_model_that_is_not_listed_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    add_endpoint(fixture, "local", fake_model_url(fixture->model))->defaults.model =
        xstrdup("fake-2");
    run(fixture, NULL);
    expect(fixture, "does not list the model fake-2; it lists fake-1.");
    assert_int_equal(fixture->worst, DOCTOR_WARN);
}

/* On the server's thread: models with a last day, and Anthropic's path alone. */
static void only_messages(void *ctx, const struct fake_request *request,
                          struct fake_reply *reply)
{
    (void)ctx;
    bool is_list = !strncmp(request->path, "/v1/models", 10);
    bool is_there = is_list || !strcmp(request->path, "/v1/messages");
    fake_reply_http(reply,
                    is_list    ? 200
                    : is_there ? 400
                               : 404,
                    "application/json",
                    is_list ? "{\"data\":[{\"id\":\"old-1\",\"shutdown_date\":"
                              "\"2026-12-01\"},{\"id\":\"new-1\"}]}"
                            : "{\"error\":{\"message\":\"no\"}}");
}

static void another_kind_and_a_last_day_are_told(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *server = fake_model_server(fixture->model);
    fake_server_respond(server, only_messages, NULL);
    const char *url = fake_model_url(fixture->model);
    add_endpoint(fixture, "wrong", url);
    struct endpoint *old = add_endpoint(fixture, "old", url);
    old->kind = ENDPOINT_ANTHROPIC;
    old->defaults.model = xstrdup("old-1");
    struct endpoint *new = add_endpoint(fixture, "new", url);
    new->kind = ENDPOINT_ANTHROPIC;
    new->defaults.model = xstrdup("new-1");
    run(fixture, NULL);
    expect(fixture, "endpoint wrong fail 127.0.0.1");
    expect(fixture, "does not speak openai-chat at this address: set kind = anthropic.");
    expect(fixture, "its model old-1 is there until 2026-12-01 only");
    expect(fixture, "endpoint new ok");
}

static void a_failing_key_command_is_told(void **state)
{
    struct fixture *fixture = *state;
    add_endpoint(fixture, "bad", fake_model_url(fixture->model))->key_command =
        xstrdup("false");
    add_endpoint(fixture, "good", fake_model_url(fixture->model))->key_command =
        xstrdup("echo sk-cmd-3");
    const char *text = run(fixture, NULL);
    expect(fixture, "endpoint bad fail api_key_cmd: false failed (exit code 1)");
    expect(fixture, "endpoint good ok");
    assert_null(strstr(text, "sk-cmd-3"));
    const struct fake_request *request =
        fake_server_request(fake_model_server(fixture->model), 0);
    char *header = fake_request_header(request, "Authorization");
    assert_string_equal(header, "Bearer sk-cmd-3");
    free(header);
}

static void a_servers_key_role_and_dataset_are_checked(void **state)
{
    struct fixture *fixture = *state;
    struct server_settings *server = add_server(fixture, "wrong-key-7");
    const char *text = run(fixture, NULL);
    expect(fixture, "server lab fail ");
    assert_null(strstr(text, "wrong-key-7"));
    secret_set(&server->key, FAKE_ARGILLA_KEY);
    run(fixture, NULL);
    expect(fixture, "server lab warn ");
    expect(fixture, "sherd dataset create");
    fake_argilla_add_dataset(fixture->argilla, NAME);
    fake_argilla_set_role(fixture->argilla, "annotator");
    run(fixture, NULL);
    expect(fixture, "an annotator: langchain-dataset in argilla can be reviewed");
    secret_clear(&server->key);
    run(fixture, NULL);
    expect(fixture, "server lab fail There is no key for ");
    fixture->settings.is_local = true;
    run(fixture, NULL);
    expect(fixture, "server ok No Argilla server");
}

static void a_servers_key_comes_from_its_command(void **state)
{
    struct fixture *fixture = *state;
    struct server_settings *server = add_server(fixture, NULL);
    server->key_command = xstrdup("false");
    run(fixture, NULL);
    expect(fixture, "server lab fail api_key_cmd: false failed (exit code 1)");
    assert_int_equal(fake_argilla_count(fixture->argilla, "GET", "/"), 0);
    setting_text(&server->key_command, "echo " FAKE_ARGILLA_KEY);
    fake_argilla_add_dataset(fixture->argilla, NAME);
    const char *text = run(fixture, NULL);
    expect(fixture, "server lab ok ");
    assert_null(strstr(text, FAKE_ARGILLA_KEY));
    free(server->url);
    server->url = NULL;
    run(fixture, NULL);
    expect(fixture, "server lab fail It has no url: add one to its section.");
}

/* Where ARGILLA_API_KEY would not be taken, it is not named. */
static void the_way_to_a_servers_key_can_be_gone(void **state)
{
    struct fixture *fixture = *state;
    struct settings *settings = &fixture->settings;
    struct server_settings *server = add_server(fixture, NULL);
    run(fixture, NULL);
    expect(fixture, ": set ARGILLA_API_KEY, or api_key_env, api_key_file or api_key_cmd "
                    "in [server lab] of the config file.");
    setting_text(&server->name, server->url); /* of --server URL */
    run(fixture, NULL);
    expect(fixture, ": set ARGILLA_API_KEY, or add a [server NAME] with this url and "
                    "api_key_file in the config file.");
    setting_text(&server->name, "env");
    run(fixture, NULL);
    expect(fixture, ": set ARGILLA_API_KEY.\n");
    settings->servers = xreallocarray(settings->servers, 3, sizeof *settings->servers);
    settings->servers[1] = (struct server_settings){.name = xstrdup("other"),
                                                    .url = xstrdup("http://127.0.0.1:1")};
    settings->servers[2] = (struct server_settings){.name = xstrdup("http://127.0.0.1:2"),
                                                    .url = xstrdup("http://127.0.0.1:2")};
    settings->server_count = 3;
    run(fixture, NULL);
    expect(fixture, "127.0.0.1:1: set api_key_env, api_key_file or api_key_cmd in "
                    "[server other] of the config file.");
    expect(fixture, "127.0.0.1:2: ARGILLA_API_KEY is for the server of ARGILLA_API_URL; "
                    "add a [server NAME] with this url");
}

static struct tool_settings *add_tool(struct fixture *fixture, const char *name,
                                      enum tool_kind kind, const char *command,
                                      const char *url)
{
    struct tool_settings *tool = setting_add_tool(&fixture->settings, name);
    tool->kind = kind;
    tool->command = xstrdup_or_null(command);
    tool->url = xstrdup_or_null(url);
    return tool;
}

static void tools_and_what_offers_them_are_tried(void **state)
{
    struct fixture *fixture = *state;
    char *command = xasprintf("%s pages", server_program);
    add_tool(fixture, "good", TOOL_MCP, command, NULL);
    free(command);
    add_tool(fixture, "gone", TOOL_MCP, "/no/such/program --x", NULL);
    add_tool(fixture, "ends", TOOL_MCP, "sh -c 'exit 3'", NULL);
    add_tool(fixture, "away", TOOL_MCP, NULL, "http://127.0.0.1:1/mcp");
    add_tool(fixture, "both", TOOL_MCP, "true", "http://127.0.0.1:1/mcp");
    setting_text(
        &add_tool(fixture, "typo", TOOL_COMMAND, "lls {path}", NULL)->description,
        "Lists.");
    setting_text(&add_tool(fixture, "fine", TOOL_COMMAND, "ls {path}", NULL)->description,
                 "Lists.");
    add_tool(fixture, "mute", TOOL_COMMAND, "ls", NULL);
    add_tool(fixture, "serpapi", TOOL_SERPAPI, NULL, NULL)->key_command =
        xstrdup("echo k3y");
    run(fixture, NULL);
    expect(fixture, "mcp good ok It answers; 8 tools: echo, fail, ");
    expect(fixture, "mcp gone fail Its program /no/such/program is not there: install");
    expect(fixture, "mcp ends fail The MCP server \"ends\" has ended (exit code 3): run "
                    "its command by hand to see why.");
    expect(fixture, "mcp away fail The MCP server \"away\": ");
    expect(fixture, "mcp both fail The MCP server \"both\" needs either a command or");
    expect(fixture, "tool typo fail Its program lls is not there");
    expect(fixture, "tool fine ok It can be used.");
    expect(fixture, "tool mute fail The tool \"mute\" has no description");
    expect(fixture, "tool serpapi ok It has a key; no search was made");
    assert_null(strstr(buf_text(&fixture->text), "k3y"));
    assert_int_equal(fixture->worst, DOCTOR_DENIED);
}

/* Whoever runs it may have mended an endpoint. */
static void what_was_refused_before_is_tried_once_more(void **state)
{
    struct fixture *fixture = *state;
    struct store_options options = {.path = fixture->settings.store,
                                    .clock = &clock_system};
    struct store *store = NULL;
    assert_int_equal(store_open(&store, fixture->loop, &options, NULL), STATUS_OK);
    assert_int_equal(store_put_note(store, "lessons", "{\"x\":{}}", NULL), STATUS_OK);
    store_close(store);
    run(fixture, NULL);
    assert_int_equal(store_open(&store, fixture->loop, &options, NULL), STATUS_OK);
    char *lessons = store_get_note(store, "lessons");
    assert_string_equal(lessons, "{}");
    free(lessons);
    store_close(store);
}

static void a_store_that_is_no_store_fails(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->settings.store);
    fixture->settings.store = xstrdup("/proc/nowhere/store.db");
    run(fixture, NULL);
    expect(fixture, "store fail ");
}

/* The header says that pages are free which are not: no query meets it. */
static void a_damaged_store_fails(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, NULL);
    expect(fixture, "store ok ");
    static const unsigned char seven[] = {0, 0, 0, 7};
    int fd = open(fixture->settings.store, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, seven, sizeof seven, 36), sizeof seven);
    close(fd);
    run(fixture, NULL);
    expect(fixture, "store fail ");
    expect(fixture, "damaged");
    assert_int_equal(fixture->worst, DOCTOR_FAIL);
}

static void a_folder_that_others_can_change_is_a_warning(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chmod(fixture->dir, 0777), 0);
    run(fixture, NULL);
    expect(fixture, "store warn ");
    char *words = xasprintf("run chmod go-w %s.", fixture->dir);
    expect(fixture, words);
    free(words);
    assert_int_equal(chmod(fixture->dir, 01777), 0); /* as /tmp is */
    run(fixture, NULL);
    expect(fixture, "store ok ");
    assert_int_equal(chmod(fixture->dir, 0755), 0);
    run(fixture, NULL);
    expect(fixture, "store ok ");
}

/* The screen works in it: C.UTF-8 takes its place. */
static void another_locale_is_a_warning_at_most(void **state)
{
    struct fixture *fixture = *state;
    setlocale(LC_ALL, "C");
    run(fixture, NULL);
    setlocale(LC_ALL, "C.UTF-8");
    expect(fixture, "locale warn The locale's character set is ANSI");
    assert_true(fixture->worst < DOCTOR_FAIL);
}

/* Runs the checks with a terminal of that size as standard output. */
static void run_on_terminal(struct fixture *fixture, const char *term, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};
    int master = -1, slave = -1, before = dup(STDOUT_FILENO);
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    setenv("TERM", term, 1);
    fflush(stdout);
    dup2(slave, STDOUT_FILENO);
    run(fixture, NULL);
    dup2(before, STDOUT_FILENO);
    close(before);
    close(master);
    close(slave);
}

static void a_terminal_is_described(void **state)
{
    struct fixture *fixture = *state;
    unsetenv("COLORTERM");
    run_on_terminal(fixture, "xterm-256color", 24, 80);
    expect(fixture,
           "terminal ok xterm-256color, 80×24, with the colours that TERM says.");
    setenv("COLORTERM", "truecolor", 1);
    run_on_terminal(fixture, "tmux-256color", 10, 40);
    expect(fixture, "terminal ok tmux-256color, 40×10, with 24-bit colour.");
    run_on_terminal(fixture, "xterm", 9, 40);
    expect(fixture, "terminal warn The terminal is 40×9: make it at least 40×10");
    run_on_terminal(fixture, "xterm", 10, 39);
    expect(fixture, "terminal warn The terminal is 39×10");
    run_on_terminal(fixture, "dumb", 24, 80);
    expect(fixture, "terminal fail TERM is dumb");
    fixture->settings.colour = COLOUR_NEVER;
    run_on_terminal(fixture, "xterm", 24, 80);
    expect(fixture, "without colour.");
    unsetenv("COLORTERM");
}

static void stopped_early_it_cleans_up(void **state)
{
    struct fixture *fixture = *state;
    add_endpoint(fixture, "slow", fake_model_url(fixture->model))->key_command =
        xstrdup("tail -f /dev/null");
    struct doctor *doctor = doctor_start(fixture->loop, &clock_system, &fixture->settings,
                                         NULL, on_check, fixture);
    for (int i = 0; i < 20 && !strstr(buf_text(&fixture->text), "store "); i++)
        loop_turn(fixture->loop);
    assert_false(doctor_is_over(doctor));
    doctor_free(doctor);
}

static int listen_here(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(silent, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(silent, 8), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&address, &len), 0);
    snprintf(url, size, "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
    return silent;
}

/* Each is asked while the others are silent; what is known is told in their order. */
static void all_are_asked_at_once(void **state)
{
    enum { SILENT = 3 };
    struct fixture *fixture = *state;
    int silent[SILENT], met = 0;
    char url[64];
    for (int i = 0; i < 2; i++) {
        silent[i] = listen_here(url, sizeof url);
        add_endpoint(fixture, i ? "b" : "a", url);
    }
    silent[2] = listen_here(url, sizeof url);
    add_endpoint(fixture, "heard", fake_model_url(fixture->model));
    struct server_settings *server = add_server(fixture, FAKE_ARGILLA_KEY);
    free(server->url);
    server->url = xstrdup(url);
    struct doctor *doctor = doctor_start(fixture->loop, &clock_system, &fixture->settings,
                                         NULL, on_check, fixture);
    int64_t end_ms = clock_mono_ms(&clock_system) + 5000; /* half of one's patience */
    while ((met < SILENT || !strstr(buf_text(&fixture->text), "store ok")) &&
           clock_mono_ms(&clock_system) < end_ms) {
        loop_poll(fixture->loop);
        for (int i = 0; i < SILENT; i++) {
            int fd = accept(silent[i], NULL, NULL);
            met += fd >= 0;
        }
    }
    assert_int_equal(met, SILENT);
    expect(fixture, "store ok");
    assert_null(strstr(buf_text(&fixture->text), "endpoint "));
    assert_string_equal(doctor_check_name(doctor), "endpoint a");
    doctor_free(doctor);
}

/* On a terminal, for as long as it waits. */
static void what_is_waited_for_is_said(void **state)
{
    struct fixture *fixture = *state;
    char *config = paths_join(fixture->dir, "config");
    char *program = getenv("SHERD_BIN"), *store = paths_join(fixture->dir, "store.db");
    char flag[] = "--config", store_flag[] = "--store", local[] = "--local",
         doctor[] = "doctor";
    char *argv[] = {program, flag, config, store_flag, store, local, doctor, NULL};
    char url[64];
    int silent = listen_here(url, sizeof url);
    FILE *file = fopen(config, "w");
    assert_non_null(file);
    fprintf(file, "[endpoint slow]\nurl = %s\n", url);
    assert_int_equal(fclose(file), 0);
    struct pty *pty = program ? pty_start(argv, 24, 100) : NULL;
    if (pty) {
        assert_true(
            pty_wait(pty, "checking endpoint slow … Ctrl-C ends it", false, 10000));
        pty_write(pty, "\3", 1);
        assert_true(pty_wait(pty, "Stopped before every check was done.", false, 10000));
        assert_false(pty_shows(pty, "checking"));
        assert_int_equal(pty_end(pty), 1);
    }
    pty_free(pty);
    close(silent);
    free(config);
    free(store);
    if (!pty)
        skip();
}

int main(int argc, char **argv)
{
    (void)argc;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* as the program does */
    server_program = fake_mcp_program(argv[0]);
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        CASE(with_nothing_configured_it_says_what_to_set),
        CASE(all_is_well),
        CASE(the_checks_come_in_a_steady_order),
        CASE(a_bad_configuration_is_told_with_its_place),
        CASE(an_endpoint_that_is_away_fails),
        CASE(a_model_that_is_not_listed_is_a_warning),
        CASE(another_kind_and_a_last_day_are_told),
        CASE(a_failing_key_command_is_told),
        CASE(a_servers_key_role_and_dataset_are_checked),
        CASE(a_servers_key_comes_from_its_command),
        CASE(the_way_to_a_servers_key_can_be_gone),
        CASE(tools_and_what_offers_them_are_tried),
        CASE(what_was_refused_before_is_tried_once_more),
        CASE(a_store_that_is_no_store_fails),
        CASE(a_damaged_store_fails),
        CASE(a_folder_that_others_can_change_is_a_warning),
        CASE(another_locale_is_a_warning_at_most),
        CASE(a_terminal_is_described),
        CASE(stopped_early_it_cleans_up),
        CASE(all_are_asked_at_once),
        CASE(what_is_waited_for_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
