/* SPDX-License-Identifier: MIT
 *
 * The built program's commands against a server that refuses, fails, goes away and comes
 * back: exit codes, sentences, and what is on the server in the end.
 */
#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "store/store.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_model.h"
#include "tests/support/fake_server.h"
#include "tests/support/pty.h"
#include "json/json.h"

enum { MAX_WORDS = 24 };

struct fixture {
    struct fake_argilla *fake;
    struct fake_model *model;
    char dir[64];
    char *store, *out_path, *err_path;
    struct buf out, err; /* of the last command */
};

static void start(struct fixture *fixture, const char *version)
{
    snprintf(fixture->dir, sizeof fixture->dir, "/tmp/sherd-cli-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    fixture->store = paths_join(fixture->dir, "store.db");
    fixture->out_path = paths_join(fixture->dir, "out");
    fixture->err_path = paths_join(fixture->dir, "err");
    fixture->fake = fake_argilla_new(version);
    fixture->model = fake_model_new();
    fake_argilla_add_dataset(fixture->fake, "guide");
    setenv("HOME", fixture->dir, 1);
    setenv("ARGILLA_API_URL", fake_argilla_url(fixture->fake), 1);
    setenv("ARGILLA_API_KEY", FAKE_ARGILLA_KEY, 1);
    setenv("OPENAI_BASE_URL", fake_model_url(fixture->model), 1);
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    start(fixture, "2.8.0");
    *state = fixture;
    return 0;
}

static int remove_one(const char *path, const struct stat *facts, int kind,
                      struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_free(fixture->fake);
    fake_model_free(fixture->model);
    nftw(fixture->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture->store);
    free(fixture->out_path);
    free(fixture->err_path);
    buf_clear(&fixture->out);
    buf_clear(&fixture->err);
    free(fixture);
    return 0;
}

static void read_file(const char *path, struct buf *text)
{
    char piece[4096];
    size_t len;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    buf_reset(text);
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(text, piece, len);
    fclose(file);
}

/* The program on its store, and what it writes into files. */
static pid_t spawn(struct fixture *fixture, const char *words)
{
    char *program = getenv("SHERD_BIN"), *copy = xstrdup(words);
    if (!program)
        abort(); /* make check sets it */
    char store[] = "--store";
    char *argv[MAX_WORDS] = {program, store, fixture->store};
    size_t count = 3;
    for (char *rest = copy, *word; (word = strsep(&rest, " ")) && count < MAX_WORDS - 1;)
        argv[count++] = word;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, fixture->out_path,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, fixture->err_path,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    assert_int_equal(posix_spawn(&child, program, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    free(copy);
    return child;
}

/* Its exit code, its words in out and err. */
static int finish(struct fixture *fixture, pid_t child)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    read_file(fixture->out_path, &fixture->out);
    read_file(fixture->err_path, &fixture->err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_plain(struct fixture *fixture, const char *words)
{
    return finish(fixture, spawn(fixture, words));
}

/* The same on the dataset "guide", unless words name another. */
static int run(struct fixture *fixture, const char *words)
{
    char *all = xasprintf("--dataset guide %s", words);
    int code = run_plain(fixture, all);
    free(all);
    return code;
}

static void expect(struct fixture *fixture, int code, int wanted, const char *part)
{
    const char *words = buf_text(&fixture->err);
    if (code != wanted || (part && !strstr(words, part)) ||
        strstr(words, FAKE_ARGILLA_KEY))
        fail_msg("exit %d, expected %d and \"%s\": %s", code, wanted, part ? part : "",
                 words);
}

static size_t count_lines(const struct buf *text)
{
    size_t lines = 0;
    for (const char *at = buf_text(text); (at = strchr(at, '\n')); at++)
        lines++;
    return lines;
}

static json_t *records_on_server(struct fixture *fixture)
{
    json_t *all = fake_argilla_dataset(fixture->fake, "guide");
    json_t *records = json_incref(json_object_get(all, "records"));
    json_decref(all);
    return records;
}

static size_t count_on_server(struct fixture *fixture)
{
    json_t *records = records_on_server(fixture);
    size_t count = json_array_size(records);
    json_decref(records);
    return count;
}

static void an_annotator_reviews_and_does_not_log(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_record(fixture->fake, "guide", "Hello", "Hi");
    fake_argilla_set_role(fixture->fake, "annotator");
    for (int i = 0; i < 2; i++) { /* the dataset is new here, then known */
        int code = run(fixture, "log --prompt p --response r");
        expect(fixture, code, 3, "only owners and admins");
        expect(fixture, run(fixture, "ask Hello"), 3,
               "Reviewing works: sherd rate, sherd discard, or the screen. --local keeps "
               "records here.");
        assert_int_equal(run(fixture, "sync"), 0);
    }
    assert_int_equal(fake_model_count(fixture->model), 0);
    expect(fixture, run(fixture, "records --order disagreement"), 0,
           "Nothing is ordered");
    assert_int_equal(run(fixture, "records"), 0);
    assert_int_equal(count_lines(&fixture->out), 1); /* nothing that can never be sent */
    char words[64] = "rate XXXXXXXX 4 --feedback fine";
    memcpy(words + 5, buf_text(&fixture->out), 8);
    expect(fixture, run(fixture, words), 0, "submitted, rating 4");
    json_t *records = records_on_server(fixture);
    char *text = json_dumps(records, 0);
    assert_non_null(strstr(text, "fine"));
    free(text);
    json_decref(records);
}

static void a_record_is_deleted_there_when_it_is_time(void **state)
{
    struct fixture *fixture = *state;
    char words[64] = "delete XXXXXXXX";
    assert_int_equal(run(fixture, "log --prompt p --response r"), 0);
    memcpy(words + 7, buf_text(&fixture->out), 8);
    assert_int_equal(run(fixture, "log --prompt q --response r"), 0);
    expect(fixture, run_plain(fixture, words), 0, "1 record deleted here");
    assert_int_equal(count_on_server(fixture), 2);
    expect(fixture, run_plain(fixture, "undo"), 0, "Taken back");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 2);
    expect(fixture, run(fixture, "delete --filter pending --yes"), 0, "2 records");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 0);
    expect(fixture, run(fixture, "undo"), 1, NULL);
    fake_argilla_add_record(fixture->fake, "guide", "Hello", "Hi");
    fake_argilla_set_role(fixture->fake, "annotator");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    int code = run(fixture, "delete --filter pending --yes");
    expect(fixture, code, 3, "only owners and admins may delete records");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 1);
}

/* Whatever comes instead of an answer: one sentence, nothing lost, sent once later. */
static void trouble_is_told_and_made_good(void **state)
{
    static const struct {
        int code;
        const char *headers, *body;
        int exit_code;
        const char *part;
    } rows[] = {
        {401, "Content-Type: application/json\r\n", "{\"detail\":\"Unauthorized\"}", 3,
         "does not accept the API key"},
        {403, "Content-Type: application/json\r\n", "{\"detail\":\"Forbidden\"}", 3,
         "does not let this key"},
        {403, "Content-Type: text/html\r\n", "<title>Blocked</title>", 3, "Blocked"},
        {404, "Content-Type: application/json\r\n", "{\"detail\":\"Not Found\"}", 4,
         "not as an Argilla server"},
        {409, "Content-Type: application/json\r\n", "{\"detail\":\"It exists\"}", 4,
         "It exists"},
        {422, "Content-Type: application/json\r\n",
         "{\"detail\":[{\"loc\":[\"body\",\"x\"],\"msg\":\"inner words\"}]}", 4,
         "x: inner words"},
        {500, "Content-Type: text/plain\r\n", "Internal Server Error", 4, "500"},
        {502, "Content-Type: text/html\r\n", "<title>502 Bad Gateway</title>", 4,
         "502 Bad Gateway"},
        {200, "Content-Type: text/html\r\n", "<title>Sign in</title>", 4, "Sign in"},
    };
    struct fixture *fixture = *state;
    const char *host = fake_argilla_url(fixture->fake) + strlen("http://");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_argilla_fail(fixture->fake, 1000, rows[i].code, rows[i].headers,
                          rows[i].body);
        int code = run(fixture, "log --prompt p --response r");
        expect(fixture, code, rows[i].exit_code, rows[i].part);
        expect(fixture, code, rows[i].exit_code, host);
        assert_int_equal(count_lines(&fixture->err), 1);
        assert_int_equal(count_lines(&fixture->out), 1); /* the id: it is kept */
        expect(fixture, run(fixture, "sync"), rows[i].exit_code, rows[i].part);
        fake_argilla_fail(fixture->fake, 0, 200, "", "");
        expect(fixture, run(fixture, "sync"), 0, NULL);
        assert_int_equal(count_on_server(fixture), i + 1);
    }
    expect(fixture, run(fixture, "outbox"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 0);
}

static void a_sync_that_finds_no_dataset_leaves_none(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_fail(fixture->fake, 1000, 503, "", "");
    expect(fixture, run_plain(fixture, "--dataset typo sync"), 1, "503");
    fake_argilla_fail(fixture->fake, 0, 200, "", "");
    assert_int_not_equal(run_plain(fixture, "--dataset typo sync"), 0);
    assert_int_equal(run_plain(fixture, "--local dataset list"), 0);
    assert_null(strstr(buf_text(&fixture->out), "typo"));
}

/* What the store has in other datasets is not meant. */
static void a_sync_of_a_mistyped_name_makes_and_decides_nothing(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->fake, "other");
    expect(fixture, run_plain(fixture, "--local log --prompt p --response r"), 0, NULL);
    expect(fixture, run(fixture, "log --prompt p --response r --rating 2"), 0, NULL);
    char words[64] = "rate XXXXXXXX 3";
    memcpy(words + 5, buf_text(&fixture->out), 8);
    fake_argilla_answer(fixture->fake, "guide", 0, "submitted", 4);
    expect(fixture, run(fixture, words), 4, "another response of yours to 1 record");
    expect(fixture, run_plain(fixture, "--dataset typo sync --keep server"), 1, "typo");
    expect(fixture, run_plain(fixture, "dataset show typo"), 1, "typo");
    expect(fixture, run_plain(fixture, "--dataset guide outbox --json"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "\"state\":\"clash\""));
}

static void drop_records(json_t *dataset)
{
    json_array_clear(json_object_get(dataset, "records"));
}

/* 3 = a key, 4 = the server has not all of it. */
static void exit_codes_tell_a_refused_key_and_what_is_gone(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, "log --prompt p --response r"), 0);
    fake_argilla_edit(fixture->fake, "guide", drop_records);
    expect(fixture, run(fixture, "sync"), 4,
           "1 record is gone from the server. “sherd sync --gone send” sends it again, "
           "“--gone drop” drops it here.\n");
    fake_argilla_set_role(fixture->fake, "annotator"); /* who could never send it */
    expect(fixture, run(fixture, "sync --gone send"), 3, "an annotator's");
    fake_argilla_set_role(fixture->fake, "owner");
    expect(fixture, run(fixture, "sync"), 4, "1 record is gone from the server.");
    fake_argilla_set_key(fixture->fake, "another");
    assert_int_equal(run_plain(fixture, "doctor"), 3);
    assert_non_null(strstr(buf_text(&fixture->out), "does not accept the API key"));
}

/* Who may make no records is not told to send them anew, and can drop them. */
static void an_annotator_can_only_drop_what_is_gone(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_record(fixture->fake, "guide", "p", "r");
    fake_argilla_set_role(fixture->fake, "annotator");
    assert_int_equal(run(fixture, "sync"), 0);
    fake_argilla_edit(fixture->fake, "guide", drop_records);
    for (int i = 0; i < 2; i++) {
        expect(fixture, run(fixture, "sync"), 4,
               "1 record is gone from the server. “sherd sync --gone drop” drops it "
               "here.\n");
        expect(fixture, run(fixture, "outbox"), 0, "--gone drop");
        assert_null(strstr(buf_text(&fixture->err), "--gone send"));
        expect(fixture, run(fixture, "sync --gone send"), 3, "only owners and admins");
    }
    expect(fixture, run(fixture, "sync --gone drop"), 0,
           "Dropped 1 record that is gone from the server, for good.");
    assert_int_equal(run(fixture, "records"), 0);
    assert_int_equal(count_lines(&fixture->out), 0);
}

/* What an annotator's key cannot send is said, and can be deleted where it is. */
/* It is one's own work, and no undo brings it back. */
static void what_was_dropped_is_said(void **state)
{
    struct fixture *fixture = *state;
    static const char *const given[] = {"4 --note mine", "3 --draft"};
    for (int i = 0; i < 3; i++)
        fake_argilla_add_record(fixture->fake, "guide", "p", "r");
    assert_int_equal(run(fixture, "sync"), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(run(fixture, "records --status pending"), 0);
        char *words = xasprintf("rate %.8s %s", buf_text(&fixture->out), given[i]);
        expect(fixture, run(fixture, words), 0, NULL);
        free(words);
    }
    assert_int_equal(run(fixture, "sync"), 0);
    fake_argilla_edit(fixture->fake, "guide", drop_records);
    assert_int_equal(run(fixture, "sync"), 4);
    expect(fixture, run(fixture, "sync --gone drop --json"), 0,
           "Dropped 3 records that are gone from the server, for good, with 1 answer, 1 "
           "draft and 1 note of yours.");
    assert_non_null(strstr(buf_text(&fixture->out), "\"dropped\":3"));
    expect(fixture, run(fixture, "sync --gone drop"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->err), "Dropped"));
}

static void an_annotator_can_delete_what_is_only_here(void **state)
{
    struct fixture *fixture = *state;
    char words[64] = "delete XXXXXXXX";
    expect(fixture,
           run_plain(fixture, "--local --dataset guide log --prompt p --response r"), 0,
           NULL);
    fake_argilla_set_role(fixture->fake, "annotator");
    expect(fixture, run(fixture, "sync"), 4, "1 record is refused by the server");
    assert_int_equal(run(fixture, "records"), 0);
    memcpy(words + 7, buf_text(&fixture->out), 8);
    expect(fixture, run(fixture, "outbox"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "is an annotator"));
    fake_argilla_add_record(fixture->fake, "guide", "theirs", "r");
    expect(fixture, run(fixture, "sync"), 4, NULL);
    expect(
        fixture, run(fixture, "delete --filter pending --yes"), 3,
        "only owners and admins may delete records. “sherd discard” discards for you.");
    expect(fixture, run_plain(fixture, words), 0, "1 record deleted here");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 1);
}

static void a_record_is_rated_wherever_it_is(void **state)
{
    struct fixture *fixture = *state;
    char words[64] = "rate XXXXXXXX 5";
    assert_int_equal(run(fixture, "log --prompt p --response r"), 0);
    memcpy(words + 5, buf_text(&fixture->out), 8);
    expect(fixture, run_plain(fixture, words), 0, "submitted, rating 5");
    json_t *records = records_on_server(fixture);
    char *text = json_dumps(records, 0);
    assert_non_null(strstr(text, "\"value\": 5"));
    free(text);
    json_decref(records);
    /* its server is not the one that is set: no key goes there */
    setenv("ARGILLA_API_URL", "http://127.0.0.1:1", 1);
    expect(fixture, run_plain(fixture, "undo"), 4, fake_argilla_url(fixture->fake));
    expect(fixture, run_plain(fixture, "outbox"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 1);
    setenv("ARGILLA_API_URL", fake_argilla_url(fixture->fake), 1);
    expect(fixture, run_plain(fixture, "sync"), 0, NULL);
    expect(fixture, run_plain(fixture, "outbox"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 0);
}

static void refuse_more_metadata(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "allow_extra_metadata",
                        json_false());
}

static void what_a_sync_leaves_out_is_named(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_edit(fixture->fake, "guide", refuse_more_metadata);
    expect(fixture, run(fixture, "sync"), 0, NULL);
    fake_argilla_fail(fixture->fake, 1000, 503, "", "");
    expect(fixture, run(fixture, "ask Hello"), 4, NULL);
    fake_argilla_fail(fixture->fake, 0, 200, "", "");
    expect(fixture, run(fixture, "sync"), 0, "sherd: Left out on the server, as ");
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

/* A name of the server that was mistyped. */
static void the_nearest_of_the_servers_names_is_offered(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->fake, "guide-two");
    static const char *const commands[] = {"sync --dataset giude-two",
                                           "dataset show giude-two",
                                           "dataset clone giude-two new"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        assert_int_not_equal(run_plain(fixture, commands[i]), 0);
        if (!strstr(buf_text(&fixture->err), "Did you mean \"guide-two\"?"))
            fail_msg("%s: %s", commands[i], buf_text(&fixture->err));
    }
}

/* It may have them: only its word is missing. */
static void what_a_cut_reply_leaves_open_is_not_called_unsent(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_cut(fixture->fake, 0, FAKE_CUT_MIDDLE);
    expect(fixture, run(fixture, "log --prompt p --response r"), 4,
           "not confirmed 1 record");
    assert_int_equal(count_on_server(fixture), 1);
    assert_null(strstr(buf_text(&fixture->err), "not sent"));
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 1);
}

static void what_was_done_alone_is_sent_once(void **state)
{
    struct fixture *fixture = *state;
    char *prompts = paths_join(fixture->dir, "prompts");
    write_text(prompts, "One\nTwo\n");
    char *words = xasprintf("run %s --repeat 2", prompts);
    fake_argilla_fail(fixture->fake, 100000, 503, "", "");
    expect(fixture, run(fixture, "log --prompt p --response r --rating 3"), 4, "503");
    expect(fixture, run(fixture, "ask Hello --rating 5"), 4, "nothing is lost");
    expect(fixture, run(fixture, words), 4, "4 logged");
    expect(fixture, run(fixture, "undo"), 4, "pending");
    expect(fixture, run(fixture, "sync"), 4, "has not confirmed 6 records yet");
    fake_argilla_fail(fixture->fake, 0, 200, "", "");
    for (int i = 0; i < 2; i++) {
        expect(fixture, run(fixture, "sync"), 0, NULL);
        assert_int_equal(count_on_server(fixture), 6);
    }
    expect(fixture, run(fixture, words), 0, "0 logged, 4 there already");
    assert_int_equal(count_on_server(fixture), 6);
    free(words);
    free(prompts);
}

static void a_cut_answer_makes_no_second_record(void **state)
{
    struct fixture *fixture = *state;
    static const enum fake_cut cuts[] = {FAKE_CUT_BEFORE, FAKE_CUT_AFTER,
                                         FAKE_CUT_MIDDLE};
    assert_int_equal(run(fixture, "sync"), 0);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        fake_argilla_cut(fixture->fake, i % 2, cuts[i]);
        int code = run(fixture, "log --prompt p --response r --rating 3");
        assert_true(code == 0 || code == 4);
        expect(fixture, run(fixture, "sync"), 0, NULL);
        assert_int_equal(count_on_server(fixture), i + 1);
    }
}

static void an_old_server_is_told(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_free(fixture->fake);
    fixture->fake = fake_argilla_new("1.20.0");
    setenv("ARGILLA_API_URL", fake_argilla_url(fixture->fake), 1);
    expect(fixture, run(fixture, "log --prompt p --response r"), 4, "1.20.0");
    expect(fixture, run(fixture, "dataset list"), 1, "1.20.0");
    expect(fixture, run(fixture, "sync"), 4, "1.20.0");
}

static void a_wrong_workspace_or_dataset_is_named(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "--workspace nowhere sync"), 3, "nowhere");
    expect(fixture, run(fixture, "dataset show nothing"), 1, "nothing");
    expect(fixture, run(fixture, "--dataset nothing sync"), 1, "nothing");
}

/* The environment's and a [server] section's count for every command. */
static void the_workspace_is_chosen_in_one_place(void **state)
{
    struct fixture *fixture = *state;
    setenv("ARGILLA_WORKSPACE", "other", 1);
    expect(fixture, run(fixture, "dataset create mine"), 0, "workspace other");
    expect(fixture, run(fixture, "dataset show mine"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "other"));
    expect(fixture, run(fixture, "dataset show guide"), 1, "other"); /* in "argilla" */
    expect(fixture, run(fixture, "--workspace argilla dataset show guide"), 0, NULL);
    unsetenv("ARGILLA_WORKSPACE");
    char *config = paths_join(fixture->dir, "config");
    char *text = xasprintf("[sherd]\nserver = lab\n[server lab]\nurl = %s\n"
                           "workspace = other\napi_key_env = ARGILLA_API_KEY\n"
                           "[server away]\nurl = http://127.0.0.1:1\n",
                           fake_argilla_url(fixture->fake));
    write_text(config, text);
    unsetenv("ARGILLA_API_URL");
    char *words = xasprintf("--config %s --dataset mine dataset show", config);
    expect(fixture, run(fixture, words), 0, NULL);
    free(words);
    words = xasprintf("--config %s dataset create second", config);
    expect(fixture, run(fixture, words), 0, "workspace other");
    free(words);
    words = xasprintf("--config %s --dataset second log --prompt p --response r", config);
    expect(fixture, run(fixture, words), 0, NULL);
    free(words);
    /* and a dataset is named as review takes it, with another server chosen too */
    static const char *const names[] = {"second@lab", "other/second", "other/second@lab",
                                        "second@away"};
    static const char *const all[] = {"records", "export", "stats"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < sizeof all / sizeof *all; j++) {
            words =
                xasprintf("--config %s --server away %s %s", config, all[j], names[i]);
            expect(fixture, run_plain(fixture, words), i == 3,
                   i == 3 ? "no dataset" : NULL);
            free(words);
        }
    free(text);
    free(config);
}

static char *fields_on_server(struct fixture *fixture, const char *dataset)
{
    json_t *all = fake_argilla_dataset(fixture->fake, dataset);
    const json_t *record = json_array_get(json_object_get(all, "records"), 0);
    char *text = json_print(json_object_get(record, "fields"));
    json_decref(all);
    return text;
}

/* Marked spans count from the start of the text. */
static void blanks_at_the_ends_stay_in_what_no_model_wrote_here(void **state)
{
    struct fixture *fixture = *state;
    static const char wanted[] = "{\"prompt\":\"p\",\"response\":\"\\n   Ana went  \"}";
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    char *words = xasprintf("import %s", rows), *text;
    fake_argilla_add_dataset(fixture->fake, "pulled");
    fake_argilla_add_record(fixture->fake, "pulled", "p", "\n   Ana went  ");
    write_text(rows, "{\"id\":\"a\",\"fields\":{\"prompt\":\"p\","
                     "\"response\":\"\\n   Ana went  \"},"
                     "\"completion\":{\"model\":\"m\",\"state\":\"done\"}}\n");
    expect(fixture, run(fixture, words), 0, NULL);
    expect(fixture, run(fixture, "sync"), 0, NULL);
    expect(fixture, run_plain(fixture, "--dataset pulled sync"), 0, NULL);
    expect(fixture, run_plain(fixture, "dataset clone pulled copy --records"), 0, NULL);
    expect(fixture, run_plain(fixture, "dataset clone guide second --records"), 0, NULL);
    expect(fixture, run_plain(fixture, "sync"), 0, NULL);
    static const char *const names[] = {"guide", "pulled", "copy", "second"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text = fields_on_server(fixture, names[i]);
        assert_string_equal(text, wanted);
        free(text);
    }
    free(words);
    free(rows);
}

static void a_clone_goes_where_its_original_is(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run_plain(fixture, "--workspace other dataset create mine"), 0, NULL);
    expect(fixture, run_plain(fixture, "dataset clone mine first"), 0,
           "in the workspace other");
    expect(fixture, run_plain(fixture, "--workspace argilla dataset clone mine second"),
           0, "in the workspace argilla");
    /* on a server that has no such workspace */
    fake_argilla_free(fixture->fake);
    fixture->fake = fake_argilla_new("2.8.0");
    setenv("ARGILLA_API_URL", fake_argilla_url(fixture->fake), 1);
    fake_argilla_rename_workspace(fixture->fake, "other", "another");
    expect(fixture, run_plain(fixture, "dataset clone first third"), 0,
           "in the workspace argilla");
    expect(fixture, 0, 0, "has no workspace other of yours");
}

static void a_clone_of_what_is_nowhere_makes_nothing(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run_plain(fixture, "dataset clone nosuch copy"), 1, "nosuch");
    expect(fixture, 1, 1, "no dataset");
    assert_int_equal(fake_argilla_count(fixture->fake, "POST", "/api/v1/datasets"), 0);
    expect(fixture, run_plain(fixture, "dataset clone guide copy"), 0,
           "Created copy@"); /* the store has not read it */
    expect(fixture, run_plain(fixture, "dataset show copy"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "response-rating"));
    expect(fixture, run_plain(fixture, "dataset clone nosuch copy"), 1, "nosuch");
}

/* Argilla 1. */
static void a_server_that_knows_no_min_submitted_is_told_of(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_free(fixture->fake);
    fixture->fake = fake_argilla_new("1.29.0");
    setenv("ARGILLA_API_URL", fake_argilla_url(fixture->fake), 1);
    char *file = paths_join(fixture->dir, "template.json");
    char *words = xasprintf("dataset create two --from %s", file);
    write_text(file,
               "{\"fields\":[{\"name\":\"t\",\"type\":\"text\",\"required\":true}],"
               "\"questions\":[{\"name\":\"q\",\"type\":\"text\",\"required\":true}],"
               "\"distribution\":{\"min_submitted\":2}}");
    fake_argilla_fail(fixture->fake, 1000, 503, "", "");
    expect(fixture, run_plain(fixture, words), 1, "503"); /* nothing is known of it */
    assert_null(strstr(buf_text(&fixture->err), "min_submitted"));
    fake_argilla_fail(fixture->fake, 0, 200, "", "");
    expect(fixture, run_plain(fixture, words), 0, "knows no min_submitted");
    expect(fixture, run_plain(fixture, words), 0, NULL);
    free(words);
    free(file);
    expect(fixture, run_plain(fixture, "dataset create one"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->err), "min_submitted"));
}

static void what_has_no_answer_is_discarded_and_not_rated(void **state)
{
    struct fixture *fixture = *state;
    assert_int_not_equal(run_plain(fixture, "--local ask FAIL"), 0);
    assert_int_equal(run_plain(fixture, "--local records --json"), 0);
    const char *id = strstr(buf_text(&fixture->out), "\"id\":\"");
    assert_non_null(id);
    char *rate = xasprintf("--local rate %.36s 4", id + 6);
    char *discard = xasprintf("--local discard %.36s", id + 6);
    expect(fixture, run_plain(fixture, rate), 1, "There is no answer to rate in it.");
    expect(fixture, run_plain(fixture, discard), 0, NULL);
    free(rate);
    free(discard);
}

/* Longer than the store itself waits: what changes it waits on, and is done then. */
/* The command's code; it must not end while another program holds the store. */
static int run_held(struct fixture *fixture, const char *words)
{
    sqlite3 *other;
    assert_int_equal(sqlite3_open(fixture->store, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    pid_t child = spawn(fixture, words);
    siginfo_t ended = {0};
    int64_t end = clock_mono_ms(&clock_system) + 800;
    while (!ended.si_pid && clock_mono_ms(&clock_system) < end) {
        assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT),
                         0);
        sched_yield();
    }
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    int code = finish(fixture, child);
    return ended.si_pid ? -1 : code;
}

/* Where the key is refused, the first to be written is what one asks for. */
static void what_is_unfinished_waits_for_a_held_store(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "ask CUT"), 1, "is kept; try again");
    fake_argilla_set_key(fixture->fake, "another");
    expect(fixture, run_held(fixture, "--dataset guide sync --unfinished"), 3,
           "has not confirmed 1 record");
}

static void a_store_that_another_program_holds_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run_plain(fixture, "--local log --prompt p --response r"), 0, NULL);
    assert_int_equal(run_plain(fixture, "--local records --json"), 0);
    const char *id = strstr(buf_text(&fixture->out), "\"id\":\"");
    assert_non_null(id);
    char *rate = xasprintf("--local rate %.36s 4", id + 6);
    char *flag = xasprintf("--local flag %.36s", id + 6);
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    char *import = xasprintf("--local import --dataset read %s", rows);
    write_text(rows, "{\"prompt\":\"p\",\"response\":\"r\"}\n");
    const char *const commands[] = {rate,
                                    flag,
                                    "--local undo",
                                    "--local undo",
                                    "--local log --prompt q --response r",
                                    "--local dataset create tales",
                                    "--local dataset clone tales more",
                                    "dataset create there",
                                    "--dataset guide log --prompt q --response r",
                                    "--dataset guide sync --gone drop",
                                    "dataset clone guide like-it",
                                    "--local log --dataset new --prompt q --response r",
                                    import,
                                    "--local dataset forget langchain-dataset --yes"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        int code = run_held(fixture, commands[i]);
        if (code)
            fail_msg("%s: %d %s", commands[i], code, buf_text(&fixture->err));
    }
    assert_int_equal(run_plain(fixture, "--local dataset list"), 0);
    assert_null(strstr(buf_text(&fixture->out), "langchain"));
    free(rate);
    free(flag);
    free(import);
    unlink(rows);
    free(rows);
}

/* 1 2 3 4, and 1 2 3 1. */
static void add_two_peoples_answers(json_t *dataset)
{
    static const char *const users[] = {FAKE_ARGILLA_PEER,
                                        "3b8f3d1c-f97b-4682-b2f7-da1f00101bc4"};
    json_t *record;
    size_t i;
    json_array_foreach(json_object_get(dataset, "records"), i, record) for (int k = 0;
                                                                            k < 2; k++)
        json_array_append_new(json_object_get(record, "responses"),
                              json_pack("{s:s,s:s,s:{s:{s:i}}}", "user_id", users[k],
                                        "status", "submitted", "values",
                                        "response-rating", "value",
                                        i == 3 && k == 1 ? 1 : (int)i + 1));
}

static void how_people_agree_is_told_as_json(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 4; i++)
        fake_argilla_add_record(fixture->fake, "guide", i == 3 ? "odd" : "even", "r");
    fake_argilla_edit(fixture->fake, "guide", add_two_peoples_answers);
    expect(fixture, run(fixture, "sync"), 0, NULL);
    expect(fixture, run(fixture, "stats --json"), 0, NULL);
    json_t *stats = json_parse(buf_text(&fixture->out), fixture->out.len, NULL);
    const json_t *agreement = json_object_get(stats, "agreement");
    const json_t *rating = json_array_get(json_object_get(agreement, "questions"), 0);
    assert_true(json_text_is(rating, "question", "response-rating"));
    assert_int_equal(json_integer_value(json_object_get(rating, "answers")), 8);
    assert_true(json_number_value(json_object_get(rating, "equal")) == 0.75);
    assert_true(json_is_null(json_object_get(rating, "self")));
    for (int i = 0; i < 2; i++) { /* of the question, and of all that is asked */
        const json_t *of = i ? agreement : rating;
        double low = json_number_value(json_object_get(of, "low"));
        double alpha = json_number_value(json_object_get(of, "alpha"));
        assert_true(json_is_number(json_object_get(of, "low")));
        assert_true(low < alpha);
        assert_true(json_number_value(json_object_get(of, "high")) >= alpha);
    }
    const json_t *pairs = json_object_get(rating, "pairs");
    const json_t *pair = json_array_get(pairs, 0);
    assert_int_equal(json_array_size(pairs), 1);
    assert_int_equal(json_integer_value(json_object_get(pair, "answers")), 4);
    assert_int_equal(json_integer_value(json_object_get(pair, "equal")), 3);
    for (size_t i = 0; i < 2; i++) {
        json_int_t at =
            json_integer_value(json_array_get(json_object_get(pair, "people"), i));
        const json_t *person =
            json_array_get(json_object_get(stats, "people"), (size_t)at);
        assert_int_equal(json_integer_value(json_object_get(person, "submitted")), 4);
    }
    const json_t *lowest = json_array_get(json_object_get(rating, "lowest"), 0);
    assert_true(json_number_value(json_object_get(lowest, "distance")) > 0);
    expect(fixture, run(fixture, "records --json"), 0, NULL);
    char *odd = strstr(buf_text(&fixture->out), json_get_text(lowest, "record", NULL));
    assert_non_null(odd);
    *strchr(odd, '\n') = '\0';
    assert_non_null(strstr(odd, "\"odd\""));
    json_decref(stats);
}

static void figures_that_cannot_be_read_are_no_success(void **state)
{
    struct fixture *fixture = *state;
    sqlite3 *db = NULL;
    expect(fixture, run(fixture, "--local log --prompt p --response r"), 0, NULL);
    assert_int_equal(sqlite3_open(fixture->store, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE again", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    expect(fixture, run(fixture, "--local stats"), 1, "again");
    assert_int_equal(fixture->out.len, 0);
}

static void use_another_store(struct fixture *fixture, const char *name)
{
    free(fixture->store);
    fixture->store = paths_join(fixture->dir, name);
}

static void what_was_never_read_here_is_said(void **state)
{
    struct fixture *fixture = *state;
    static const char advice[] = "“sherd sync --dataset guide” reads";
    char *rows = paths_join(fixture->dir, "rows.jsonl"), *words;
    fake_argilla_add_record(fixture->fake, "guide", "Hello", "Hi");
    fake_argilla_add_record(fixture->fake, "guide", "Bye", "So long");
    expect(fixture, run_plain(fixture, "dataset list"), 0, NULL); /* makes the store */
    expect(fixture, run_plain(fixture, "records guide"), 1, advice);
    expect(fixture, run_plain(fixture, "stats guide"), 1, advice);
    expect(fixture, run_plain(fixture, "export guide"), 1, advice);
    expect(fixture, run_plain(fixture, "dataset clone guide copy --records"), 1, advice);
    assert_int_equal(fake_argilla_count(fixture->fake, "POST", "/api/v1/datasets"), 0);
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    expect(fixture, run(fixture, "records"), 0, advice);
    expect(fixture, run(fixture, "stats"), 0, advice);
    expect(fixture, run(fixture, "delete --filter draft --yes"), 0, advice);
    expect(fixture, run(fixture, "sync"), 0, NULL);
    words = xasprintf("export -o %s", rows);
    expect(fixture, run(fixture, words), 0, "Wrote 3 records");
    free(words);
    assert_null(strstr(buf_text(&fixture->err), "never read"));
    expect(fixture, run_plain(fixture, "dataset clone guide copy --records"), 0,
           "with 3 records");
    use_another_store(fixture, "second.db");
    words = xasprintf("import %s", rows);
    expect(fixture, run(fixture, words), 0, "0 records added to guide, 3 there already");
    assert_int_equal(count_on_server(fixture), 3);
    free(words);
    free(rows);
}

static void expect_unnamed(struct fixture *fixture, const char *name)
{
    assert_int_equal(run_plain(fixture, "--local dataset list"), 0);
    assert_null(strstr(buf_text(&fixture->out), name));
}

static void a_refused_key_ends_an_import_before_its_rows(void **state)
{
    struct fixture *fixture = *state;
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    char *words = xasprintf("import %s", rows);
    write_text(rows, "{\"prompt\":\"p\",\"response\":\"r\",\"values\":{\"score\":3},"
                     "\"fields\":{\"prompt\":\"p\",\"response\":\"r\"}}\n");
    fake_argilla_set_key(fixture->fake, "another");
    expect(fixture, run(fixture, words), 3, "does not accept the API key");
    assert_null(strstr(buf_text(&fixture->err), "rows.jsonl:1"));
    assert_null(strstr(buf_text(&fixture->err), "dataset create"));
    expect_unnamed(fixture, "guide");
    fake_argilla_set_key(fixture->fake, FAKE_ARGILLA_KEY);
    write_text(rows, "{\"fields\":{\"prompt\":\"p\",\"response\":\"r\"},\"responses\":[{"
                     "\"user_id\":\"00000000-0000-4000-8000-00000000beef\",\"status\":"
                     "\"submitted\",\"values\":{\"response-rating\":{\"value\":4}}}]}\n");
    expect(fixture, run(fixture, words), 0, "1 answer of others stays in this store");
    free(words);
    free(rows);
}

/* A dataset that is only named is not made by what fails before its first record. */
static void what_fails_leaves_no_dataset_behind(void **state)
{
    struct fixture *fixture = *state;
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    char *prompts = paths_join(fixture->dir, "prompts");
    write_text(rows, "{\"text\":\"p\"}\n");
    write_text(prompts, "One\n");
    char *words = xasprintf("--local --dataset phantom import %s", rows);
    expect(fixture, run_plain(fixture, words), 1, "rows.jsonl:1");
    free(words);
    words = xasprintf("--local --dataset phantom run %s --dry-run", prompts);
    expect(fixture, run_plain(fixture, words), 0, NULL);
    free(words);
    expect(fixture,
           run_plain(fixture, "--local --dataset phantom log --prompt p --response r "
                              "--rating 9"),
           2, NULL);
    expect(fixture,
           run_plain(fixture, "--local --dataset phantom ask p --endpoint nowhere"), 3,
           NULL);
    fake_argilla_set_role(fixture->fake, "annotator");
    expect(fixture, run_plain(fixture, "--dataset phantom log --prompt p --response r"),
           3, NULL);
    expect_unnamed(fixture, "phantom");
    write_text(rows, "{\"prompt\":\"p\",\"response\":\"r\"}\n");
    words = xasprintf("--local --dataset real import %s", rows);
    expect(fixture, run_plain(fixture, words), 0, "1 record added to real");
    expect(fixture, run_plain(fixture, words), 0, "0 records added to real, 1 there");
    free(words);
    words = xasprintf("--local --dataset asked run %s", prompts);
    expect(fixture, run_plain(fixture, words), 0, "1 logged");
    assert_int_equal(run_plain(fixture, "--local records asked"), 0);
    assert_int_equal(count_lines(&fixture->out), 1);
    free(words);
    free(prompts);
    free(rows);
}

static void a_clone_tells_whose_answers_stay(void **state)
{
    struct fixture *fixture = *state;
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    char *words = xasprintf("import %s", rows);
    write_text(rows, "{\"id\":\"a\",\"fields\":{\"prompt\":\"p\",\"response\":\"r\"},"
                     "\"decided\":true,\"status\":\"submitted\",\"values\":"
                     "{\"response-rating\":{\"value\":2}},\"responses\":[{\"user_id\":"
                     "\"ann\",\"status\":\"submitted\","
                     "\"values\":{\"response-rating\":{\"value\":2}}},"
                     "{\"user_id\":\"bob\",\"status\":\"submitted\","
                     "\"values\":{\"response-rating\":{\"value\":3}}}]}\n");
    expect(fixture, run(fixture, words), 0, NULL);
    expect(fixture, run_plain(fixture, "dataset clone guide copy --answers"), 0,
           "2 answers of others stay in this store");
    expect(fixture, run_plain(fixture, "dataset clone guide bare --records"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->err), "stay in this store"));
    run_plain(fixture, "records copy --json");
    assert_non_null(strstr(buf_text(&fixture->out), "\"decided\":true"));
    run_plain(fixture,
              "records bare --json"); /* no answer, and so none that was decided */
    assert_non_null(strstr(buf_text(&fixture->out), "\"decided\":false"));
    free(words);
    free(rows);
}

static void limit_n(json_t *dataset)
{
    json_object_set_new(dataset, "properties",
                        json_loads("[{\"id\":\"00000000-0000-4000-8000-0000000000aa\","
                                   "\"name\":\"n\",\"settings\":{\"type\":\"integer\","
                                   "\"min\":0,\"max\":100}}]",
                                   0, NULL));
}

/* A value that a property of the dataset refuses is no row, and named by its line. */
static void metadata_out_of_range_is_a_bad_row(void **state)
{
    struct fixture *fixture = *state;
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    char *words = xasprintf("import %s", rows);
    fake_argilla_edit(fixture->fake, "guide", limit_n);
    write_text(rows, "{\"prompt\":\"p\",\"response\":\"r\",\"n\":50}\n"
                     "{\"prompt\":\"q\",\"response\":\"r\",\"n\":500}\n");
    expect(fixture, run(fixture, words), 1,
           ":2: the metadata “n” is 500; the dataset takes "
           "{\"type\":\"integer\",\"min\":0,\"max\":100}");
    assert_int_equal(count_on_server(fixture), 1);
    free(words);
    free(rows);
}

/* What the commands have to show when something waits, here and for another server. */
static void nothing_that_waits_is_hidden(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->fake, "second");
    fake_argilla_fail(fixture->fake, 100000, 503, "", "");
    expect(fixture, run(fixture, "log --prompt p --response r --rating 2"), 4, "503");
    expect(fixture, run(fixture, "--dataset second log --prompt p --response r"), 4,
           "503");
    assert_int_equal(run_plain(fixture, "outbox --json"), 0);
    const char *out = buf_text(&fixture->out);
    assert_int_equal(count_lines(&fixture->out), 3);
    assert_non_null(strstr(out, "\"kind\":\"record\""));
    assert_non_null(strstr(out, "\"kind\":\"response\""));
    assert_non_null(strstr(out, "\"state\":\"waiting\""));
    assert_non_null(strstr(out, "\"dataset\":\"guide\""));
    assert_non_null(strstr(out, "\"dataset\":\"second\""));
    if (strstr(out, "\"kind\":\"record\",\"state\":\"waiting\",\"attempts\":0"))
        fail_msg("%s", out);
    assert_non_null(strstr(out, "503"));
    assert_non_null(strstr(out, "\"attempts\":0,\"next_try_at\":null,\"error\":null"));
    assert_int_equal(run_plain(fixture, "outbox"), 0);
    out = buf_text(&fixture->out);
    assert_non_null(strstr(out, "second@http://127.0.0.1:"));
    assert_non_null(strstr(out, "503"));
    assert_non_null(strstr(out, "  its record goes first"));
    assert_int_equal(run_plain(fixture, "--dataset guide outbox"), 0);
    assert_int_equal(count_lines(&fixture->out), 2);
    /* sync without a name is about everything */
    fake_argilla_fail(fixture->fake, 0, 200, "", "");
    expect(fixture, run_plain(fixture, "sync --json"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 2);
    out = buf_text(&fixture->out);
    assert_non_null(strstr(out, "\"sent\":2"));
    assert_non_null(strstr(out, "\"sent\":1"));
    assert_non_null(strstr(out, "\"created\":false,\"error\":null"));
    assert_int_equal(count_on_server(fixture), 1);
    expect(fixture, run_plain(fixture, "outbox"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 0);
    /* a local dataset of the same name is another one */
    expect(fixture, run(fixture, "--local log --prompt here --response r"), 0, NULL);
    expect(fixture, run(fixture, "records"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->out), "here"));
    expect(fixture, run(fixture, "--local records"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "here"));
    /* one of them that fails is enough */
    expect(fixture, run(fixture, "--dataset second log --prompt BAD --response r"), 4,
           "refused");
    size_t before = fake_argilla_count(fixture->fake, "PUT", "/api/v1/datasets");
    expect(fixture, run_plain(fixture, "sync"), 4, "1 record is refused");
    assert_int_equal(fake_argilla_count(fixture->fake, "PUT", "/api/v1/datasets"),
                     before + 1); /* it was tried again */
}

static void what_waits_for_another_server_is_said(void **state)
{
    struct fixture *fixture = *state;
    setenv("ARGILLA_API_URL", "http://127.0.0.1:1", 1);
    expect(fixture, run(fixture, "--dataset lost log --prompt p --response r"), 4, NULL);
    setenv("ARGILLA_API_URL", fake_argilla_url(fixture->fake), 1);
    expect(fixture, run(fixture, "log --prompt q --response r"), 0, NULL);
    expect(fixture, run(fixture, "--local --dataset here log --prompt l --response r"), 0,
           NULL);
    expect(fixture, run_plain(fixture, "sync"), 4,
           "1 record waits in lost for http://127.0.0.1:1");
    expect(fixture, 4, 4, "The dataset here is in the store alone");
    assert_non_null(strstr(buf_text(&fixture->out), "0 unsent"));
    expect(fixture, run_plain(fixture, "sync --json"), 4, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "\"server\":\"http://127.0.0.1:1\""));
    expect(fixture, run_plain(fixture, "dataset move lost guide"), 0, "Moved 1 record");
    expect(fixture, run_plain(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 2);
}

/* Its reply would name the server's record for one that is another dataset's by then. */
static void what_another_process_sends_is_not_moved(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = NULL;
    struct dataset dataset = {0};
    struct err err = {0};
    bool is_ours = false;
    fake_argilla_add_dataset(fixture->fake, "other");
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    expect(fixture, run_plain(fixture, "sync --dataset other"), 0, NULL);
    struct loop *loop = loop_new();
    const struct store_options options = {.path = fixture->store, .clock = &clock_system};
    assert_int_equal(store_open(&store, loop, &options, &err), STATUS_OK);
    assert_int_equal(store_find_dataset(store, fake_argilla_url(fixture->fake), NULL,
                                        "guide", &dataset, &err),
                     STATUS_OK);
    store_claim_sending(store, dataset.row, &is_ours, &err);
    assert_true(is_ours);
    expect(fixture, run_plain(fixture, "dataset move guide other"), 1, "sends guide");
    expect(fixture, run_plain(fixture, "dataset forget guide --yes"), 1, "sends guide");
    store_release_sending(store, dataset.row);
    store_close(store);
    loop_free(loop);
    dataset_clear(&dataset);
    expect(fixture, run_plain(fixture, "dataset move guide other"), 0, "Moved 1 record");
    assert_non_null(strstr(buf_text(&fixture->err), "may have was not read, and stays"));
    expect(fixture, run_plain(fixture, "sync --dataset other"), 0, NULL);
    expect(fixture, run_plain(fixture, "sync --dataset guide"), 0, NULL);
    fake_argilla_add_dataset(fixture->fake, "third");
    expect(fixture, run_plain(fixture, "sync --dataset third"), 0, NULL);
    expect(fixture, run_plain(fixture, "dataset move other third"), 0, "Moved 1 record");
    assert_null(strstr(buf_text(&fixture->err), "was not read"));
}

/* The server would take both for one, and the second would never reach it. */
static void what_the_other_dataset_has_too_is_not_moved(void **state)
{
    struct fixture *fixture = *state;
    char *file = paths_join(fixture->dir, "copy.jsonl");
    char *exported = xasprintf("--local export copy --output %s", file);
    char *imported = xasprintf("--dataset guide import %s", file);
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    expect(fixture, run_plain(fixture, "--local dataset clone guide copy --records"), 0,
           "with 1 record");
    expect(fixture,
           run_plain(fixture, "--local --dataset copy log --prompt q --response s"), 0,
           NULL);
    expect(fixture, run_plain(fixture, "dataset move copy@local guide"), 1,
           "Nothing is moved: guide has 1 of these records already");
    expect(fixture, run_plain(fixture, exported), 0, NULL);
    expect(fixture, run_plain(fixture, imported), 0, "1 record added");
    expect(fixture, run_plain(fixture, "sync"), 0, "copy is in the store alone");
    assert_int_equal(count_on_server(fixture), 2);
    expect(fixture, run_plain(fixture, "records guide"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 2);
    free(exported);
    free(imported);
    free(file);
}

static void a_sync_of_all_closes_each_dataset(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->fake, "langchain-dataset");
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    expect(fixture, run_plain(fixture, "log --prompt p --response r"), 0, NULL);
    expect(fixture, run_plain(fixture, "sync"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 2);
    char *log = xasprintf("%s-wal", fixture->store); /* goes with the last that is open */
    assert_int_equal(access(log, F_OK), -1);
    free(log);
}

static void a_store_that_cannot_be_opened_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    free(fixture->store);
    fixture->store = xstrdup("/dev/null/store.db");
    expect(fixture, run(fixture, "sync --dataset guide"), 1, "/dev/null/store.db cannot");
    const char *told = strstr(buf_text(&fixture->err), "cannot be opened");
    assert_null(strstr(told + 1, "cannot be opened"));
}

static void delete_it(json_t *dataset)
{
    json_t *head = json_object_get(dataset, "head");
    json_object_set_new(head, "name", json_string("(deleted)"));
    json_object_set_new(head, "id", json_string("00000000-0000-4000-8000-00000000dead"));
}

static void rename_it(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "name", json_string("other"));
}

static void a_dataset_that_was_renamed_is_told_by_its_name(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    fake_argilla_edit(fixture->fake, "guide", rename_it);
    expect(fixture, run(fixture, "sync"), 0, "The dataset guide is called other on ");
    expect(fixture, run_plain(fixture, "sync --dataset other"), 0, NULL);
    assert_string_equal(buf_text(&fixture->err), "");
    expect(fixture, run(fixture, "sync"), 1, "There is no dataset");
}

static void what_waits_in_a_deleted_dataset_is_said_and_moved(void **state)
{
    struct fixture *fixture = *state;
    char words[200];
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    fake_argilla_edit(fixture->fake, "guide", delete_it);
    expect(fixture, run(fixture, "log --prompt q --response r"), 4, NULL);
    fake_argilla_add_dataset(fixture->fake, "guide");
    for (int i = 0; i < 2; i++) {
        expect(fixture, run_plain(fixture, "sync"), 4,
               "1 record waits in the guide that was deleted on");
        assert_int_equal(count_lines(&fixture->out), 1);
    }
    expect(fixture, run_plain(fixture, "outbox"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "guide@deleted-1"));
    assert_non_null(strstr(buf_text(&fixture->out), "the dataset was deleted"));
    snprintf(words, sizeof words, "dataset move guide@deleted-1 guide@%s",
             fake_argilla_url(fixture->fake));
    expect(fixture, run_plain(fixture, "sync"), 4, words);
    expect(fixture, run_plain(fixture, words), 0, "Moved 2 records");
    expect(fixture, run_plain(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 2);
}

/* What was answered in one that somebody else had made anew meanwhile is not there. */
static void what_went_into_a_deleted_dataset_is_said_at_once(void **state)
{
    static const char words[] = "1 record waits in the guide that was deleted on";
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    char *rate = xasprintf("rate %.36s 4", buf_text(&fixture->out));
    fake_argilla_edit(fixture->fake, "guide", delete_it);
    fake_argilla_add_dataset(fixture->fake, "guide");
    expect(fixture, run_plain(fixture, rate), 4, words);
    expect(fixture, run(fixture, "sync"), 4, words);
    expect(fixture, run(fixture, "log --prompt q --response r"), 0, NULL);
    free(rate);
}

/* Local records go to the server: the dataset is made there, or found. */
static void a_local_dataset_is_created_or_linked(void **state)
{
    struct fixture *fixture = *state;
    const char *const rows[][2] = {{"made", "\"linked\":true,\"created\":true"},
                                   {"guide", "\"linked\":true,\"created\":false"}};
    for (size_t i = 0; i < 2; i++) {
        char words[96];
        snprintf(words, sizeof words, "--local --dataset %s log --prompt p --response r",
                 rows[i][0]);
        expect(fixture, run_plain(fixture, words), 0, NULL);
        snprintf(words, sizeof words, "--dataset %s sync --json", rows[i][0]);
        expect(fixture, run_plain(fixture, words), 0, NULL);
        const char *out = buf_text(&fixture->out);
        if (!strstr(out, rows[i][1]) || !strstr(out, "\"sent\":1"))
            fail_msg("%s: %s", rows[i][0], out);
        json_t *all = fake_argilla_dataset(fixture->fake, rows[i][0]);
        assert_int_equal(json_array_size(json_object_get(all, "records")), 1);
        json_decref(all);
    }
}

static void delete_dataset(json_t *dataset)
{
    json_t *head = json_object_get(dataset, "head");
    json_object_set_new(head, "name", json_string("(deleted)"));
    json_object_set_new(head, "id", json_string("00000000-0000-4000-8000-00000000dead"));
}

/* What a dataset had that was deleted and made anew is reached by a name, and moved. */
static void what_a_deleted_dataset_had_is_reached(void **state)
{
    struct fixture *fixture = *state;
    char words[256];
    expect(fixture, run(fixture, "log --prompt old --response r"), 0, NULL);
    fake_argilla_edit(fixture->fake, "guide", delete_dataset);
    /* the one name of it in all that is said, and a way that can be gone as it stands */
    expect(fixture, run(fixture, "sync"), 1, "sherd dataset move guide@deleted-1 guide`");
    expect(fixture, run_plain(fixture, "dataset move guide@deleted-1 guide"), 1,
           "“sherd dataset create guide” makes it.");
    expect(fixture, run_plain(fixture, "dataset move guide@gone guide"), 1,
           "not made anew yet");
    expect(fixture, run_plain(fixture, "dataset move guide@gone guide@gone"), 2,
           "the same dataset");
    expect(fixture, run(fixture, "dataset create"), 0,
           "sherd dataset move guide@deleted-");
    const char *command = strstr(buf_text(&fixture->err), "dataset move guide@deleted-");
    size_t len = strcspn(command, "\xe2");
    snprintf(words, sizeof words, "%.*s", (int)len, command);
    assert_non_null(strstr(words, "deleted-"));
    expect(fixture, run_plain(fixture, "records guide"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 0);
    expect(fixture, run_plain(fixture, "records guide@gone"), 0, NULL);
    expect(fixture, run_plain(fixture, "records guide@http://other.example@gone"), 1,
           NULL);
    char *full = xasprintf("records guide@%s@gone", fake_argilla_url(fixture->fake));
    expect(fixture, run_plain(fixture, full), 0, NULL);
    free(full);
    assert_non_null(strstr(buf_text(&fixture->out), "old"));
    char rate[] = "rate XXXXXXXX 4"; /* its dataset is nowhere any more: kept */
    memcpy(rate + 5, buf_text(&fixture->out), 8);
    expect(fixture, run_plain(fixture, rate), 4, "sherd dataset move guide@deleted-1 TO");
    expect(fixture, run_plain(fixture, "--dataset nowhere undo"), 1, "nothing to undo");
    expect(fixture, run_plain(fixture, "records guide@gone"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "submitted"));
    expect(fixture, run(fixture, "dataset list"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "deleted-"));
    expect(fixture, run_plain(fixture, words), 0, "Moved 1 record");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 1);
}

/* What is printed can be pasted, whatever it asked; and by whom. */
static void a_deleted_dataset_is_made_anew_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    char *file = paths_join(fixture->dir, "template.json");
    char *words = xasprintf("dataset create odd --from %s", file);
    write_text(file,
               "{\"fields\":[{\"name\":\"t\",\"type\":\"text\",\"required\":true}],"
               "\"questions\":[{\"name\":\"q\",\"type\":\"text\",\"required\":true}]}");
    expect(fixture, run_plain(fixture, words), 0, NULL);
    free(words);
    write_text(file, "{\"id\":\"a\",\"fields\":{\"t\":\"some text\"}}\n");
    words = xasprintf("--dataset odd import %s", file);
    expect(fixture, run_plain(fixture, words), 0, "1 record added");
    free(words);
    fake_argilla_edit(fixture->fake, "odd", delete_dataset);
    write_text(file, "{\"id\":\"b\",\"fields\":{\"t\":\"more text\"}}\n");
    words = xasprintf("--dataset odd import %s", file);
    expect(fixture, run_plain(fixture, words), 4, "sherd dataset create odd");
    expect(fixture, run_plain(fixture, "--dataset odd sync"), 4,
           "`sherd dataset move odd@deleted-1 odd`");
    fake_argilla_set_role(fixture->fake, "annotator");
    expect(fixture, run_plain(fixture, "--dataset odd sync"), 3, "sk an owner");
    assert_null(strstr(buf_text(&fixture->err), "sherd dataset create"));
    fake_argilla_set_role(fixture->fake, "owner");
    expect(fixture, run_plain(fixture, "dataset create odd"), 0, "with the fields");
    expect(fixture, run_plain(fixture, "dataset move odd@gone odd"), 0, "Moved 2 record");
    expect(fixture, run_plain(fixture, "--dataset odd sync"), 0, NULL);
    json_t *all = fake_argilla_dataset(fixture->fake, "odd");
    assert_int_equal(json_array_size(json_object_get(all, "records")), 2);
    json_decref(all);
    free(words);
    free(file);
}

/* Of a dataset that is gone nothing is left when one says so; never by the way. */
static void a_dataset_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "log --prompt p --response r --rating 3"), 0, NULL);
    expect(fixture, run_plain(fixture, "dataset forget guide"), 2, "Its server keeps");
    fake_argilla_edit(fixture->fake, "guide", delete_it);
    expect(fixture, run(fixture, "log --prompt q --response r"), 4, NULL);
    expect(fixture, run_plain(fixture, "dataset forget guide"), 1,
           "1 record of guide@deleted-1 was never sent");
    expect(fixture, run_plain(fixture, "dataset forget nosuch --yes"), 1, "no dataset");
    expect(fixture, run_plain(fixture, "dataset forget guide@gone --yes"), 0,
           "nothing of guide@deleted-1 any more");
    expect(fixture, run_plain(fixture, "outbox"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 0);
    expect(fixture, run_plain(fixture, "--local dataset list"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->out), "guide"));
    expect(fixture, run_plain(fixture, "doctor --local"), 0, NULL);
    fake_argilla_add_dataset(fixture->fake, "guide");
    expect(fixture, run(fixture, "sync"), 0, NULL);
}

static void what_is_kept_here_alone_goes_out_by_its_name(void **state)
{
    static const char name[] = "langchain-dataset";
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->fake, name);
    expect(fixture, run_plain(fixture, "--local log --prompt p --response r"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->err), "another one"));
    for (int i = 0; i < 2; i++) {
        expect(
            fixture, run_plain(fixture, "sync"), 0,
            "is in the store alone; “sherd sync --dataset langchain-dataset” takes it");
        json_t *dataset = fake_argilla_dataset(fixture->fake, name);
        assert_int_equal(json_array_size(json_object_get(dataset, "records")), 0);
        json_decref(dataset);
    }
    expect(fixture, run_plain(fixture, "sync --dataset langchain-dataset"), 0,
           "is now the one on");
    json_t *dataset = fake_argilla_dataset(fixture->fake, name);
    assert_int_equal(json_array_size(json_object_get(dataset, "records")), 1);
    json_decref(dataset);
    expect(fixture, run_plain(fixture, "--local log --prompt q --response r"), 0,
           "is another one: this one begins here, in the store alone.");
    expect(fixture, run_plain(fixture, "--local log --prompt s --response r"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->err), "another one"));
}

/* What a run wrote before the server had its dataset is not written once more, although
 * a local dataset of that name has the same prompts. */
static void a_run_goes_on_when_its_dataset_got_to_the_server(void **state)
{
    struct fixture *fixture = *state;
    char words[256];
    char *file = paths_join(fixture->dir, "prompts");
    write_text(file, "One\nTwo\n");
    snprintf(words, sizeof words, "--local --dataset later run %s", file);
    expect(fixture, run_plain(fixture, words), 0, "2 logged");
    snprintf(words, sizeof words, "--dataset later run %s", file);
    expect(fixture, run_plain(fixture, words), 4, "2 logged");
    expect(fixture, run_plain(fixture, "--dataset later dataset create"), 0, NULL);
    expect(fixture, run_plain(fixture, words), 0, NULL); /* and learns its id */
    expect(fixture, run_plain(fixture, words), 0, "0 logged, 2 there already");
    expect(fixture, run_plain(fixture, "--dataset later records --json"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 2);
    free(file);
}

/* Lets the server go on once the words are there, or after twenty seconds. */
static void *go_on(void *ctx)
{
    const struct fixture *fixture = ctx;
    const struct timespec pause = {.tv_nsec = 50000000};
    struct buf said = {0};
    for (int i = 0; i < 400 && !strstr(buf_text(&said), "it is waited for"); i++) {
        nanosleep(&pause, NULL);
        read_file(fixture->err_path, &said);
    }
    buf_clear(&said);
    fake_server_open_gate(fake_argilla_server(fixture->fake));
    return NULL;
}

static void a_silent_server_is_named_while_it_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    pthread_t thread;
    fake_argilla_add_record(fixture->fake, "guide", "p", "r");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_null(strstr(buf_text(&fixture->err), "waited for"));
    expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    fake_argilla_hold(fixture->fake, 0);
    assert_int_equal(pthread_create(&thread, NULL, go_on, fixture), 0);
    expect(fixture, run(fixture, "log --prompt q --response r"), 0,
           "has not replied for some seconds: it is waited for");
    pthread_join(thread, NULL);
}

static void what_was_made_here_is_not_called_unread(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run_plain(fixture, "dataset create mine"), 0, NULL);
    expect(fixture, run_plain(fixture, "records mine"), 0, "was never read here");
    expect(fixture, run_plain(fixture, "--dataset mine log --prompt p --response r"), 0,
           NULL);
    expect(fixture, run_plain(fixture, "records mine"), 0,
           "Of mine here is what came from here");
}

/* A cut-off answer that nobody rated is kept here, and said; it is sent when asked. */
static void an_unfinished_answer_is_kept_and_said(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "ask CUT"), 1, "is kept; try again");
    expect(fixture, run(fixture, "outbox"), 0,
           "1 unfinished answer of guide that nobody rated is kept here; “sherd sync "
           "--dataset guide --unfinished” sends it.");
    expect(fixture, run(fixture, "sync"), 0, "--unfinished");
    assert_non_null(strstr(buf_text(&fixture->out), "1 kept here"));
    assert_int_equal(count_on_server(fixture), 0);
    expect(fixture, run(fixture, "sync --json"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "\"kept\":1"));
    expect(fixture, run(fixture, "sync --unfinished"), 0, NULL);
    assert_int_equal(count_on_server(fixture), 1);
    assert_null(strstr(buf_text(&fixture->out), "kept here"));
    expect(fixture, run(fixture, "records"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "  cut "));
}

static void expect_record(struct fixture *fixture, const char *part)
{
    assert_int_equal(run(fixture, "records --json"), 0);
    if (!strstr(buf_text(&fixture->out), part))
        fail_msg("no %s in %s", part, buf_text(&fixture->out));
}

/* Answered here and on the web page: both are kept until a flag chooses. */
static void a_clash_is_kept_and_chosen(void **state)
{
    struct fixture *fixture = *state;
    expect(fixture, run(fixture, "log --prompt p --response r --rating 2"), 0, NULL);
    char words[64] = "rate XXXXXXXX 3";
    memcpy(words + 5, buf_text(&fixture->out), 8);
    fake_argilla_answer(fixture->fake, "guide", 0, "submitted", 4);
    expect(fixture, run(fixture, words), 4, "another response of yours to 1 record");
    expect(fixture, run(fixture, "outbox --json"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "\"state\":\"clash\""));
    expect(fixture, run(fixture, "sync"), 4, "--keep mine");
    expect_record(fixture, "\"rating\":3");
    expect(fixture, run(fixture, "sync --keep theirs"), 2, "mine or server");
    expect(fixture, run(fixture, "sync --keep server"), 0, NULL);
    expect_record(fixture, "\"rating\":4");
    fake_argilla_answer(fixture->fake, "guide", 0, "submitted", 5);
    words[14] = '1';
    expect(fixture, run(fixture, words), 4, "another response of yours");
    expect(fixture, run(fixture, "sync --keep mine"), 0, NULL);
    expect_record(fixture, "\"rating\":1");
    json_t *records = records_on_server(fixture);
    char *text = json_dumps(records, JSON_COMPACT);
    assert_non_null(strstr(text, "\"response-rating\":{\"value\":1}"));
    free(text);
    json_decref(records);
}

static void a_servers_key_comes_from_its_command(void **state)
{
    struct fixture *fixture = *state;
    char *config = paths_join(fixture->dir, "config"),
         *other = paths_join(fixture->dir, "told");
    static const char text[] =
        "[sherd]\nserver = lab\n[server lab]\nurl = %s\napi_key_cmd = %s\n";
    char *good =
        xasprintf(text, fake_argilla_url(fixture->fake), "printf " FAKE_ARGILLA_KEY);
    char *bad = xasprintf(text, fake_argilla_url(fixture->fake), "sh -c 'exit 3'");
    static const char *const words[] = {"log --prompt p --response r", "sync",
                                        "dataset list", "dataset show guide",
                                        "dataset create another"};
    write_text(config, good);
    write_text(other, bad);
    unsetenv("ARGILLA_API_URL");
    unsetenv("ARGILLA_API_KEY");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *all = xasprintf("--config %s %s", config, words[i]);
        expect(fixture, run(fixture, all), 0, NULL);
        free(all);
        all = xasprintf("--config %s %s", other, words[i]);
        expect(fixture, run(fixture, all), 3,
               "api_key_cmd: sh failed (exit code 3). Run it by hand");
        free(all);
    }
    assert_int_equal(count_on_server(fixture),
                     2); /* what waited for a key is sent with it */
    free(good);
    free(bad);
    free(config);
    free(other);
}

static void expect_way(struct fake_server *server, size_t least)
{
    assert_true(fake_server_count(server) >= least);
    for (size_t i = 0; i < fake_server_count(server); i++) {
        const struct fake_request *request = fake_server_request(server, i);
        char *way = fake_request_header(request, "X-Way");
        if (!way)
            fail_msg("%s %s went another way", request->method, request->path);
        free(way);
    }
}

/* What a section says of proxies, certificates and headers is for all that is asked
 * there. */
static void every_request_goes_the_way_that_is_set(void **state)
{
    struct fixture *fixture = *state;
    static const char *const words[] = {
        "log --prompt p --response r", "sync",   "dataset list", "dataset show guide",
        "dataset create another",      "ask Hi", "endpoints",    "doctor"};
    char *config = paths_join(fixture->dir, "config");
    char *text = xasprintf(
        "[sherd]\nserver = lab\nendpoint = box\n"
        "[server lab]\nurl = %s\napi_key_env = ARGILLA_API_KEY\nheader = X-Way: ours\n"
        "[endpoint box]\nurl = %s\nheader = X-Way: ours\n",
        fake_argilla_url(fixture->fake), fake_model_url(fixture->model));
    write_text(config, text);
    unsetenv("ARGILLA_API_URL");
    unsetenv("OPENAI_BASE_URL");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *all = xasprintf("--config %s %s", config, words[i]);
        expect(fixture, run(fixture, all), 0, NULL);
        free(all);
    }
    expect_way(fake_argilla_server(fixture->fake), 10);
    expect_way(fake_model_server(fixture->model), 4);
    free(text);
    free(config);
}

/* Two sections, of which the second is never the chosen one. */
static char *two_servers(struct fixture *fixture, const char *first, const char *second)
{
    char *config = paths_join(fixture->dir, "config");
    char *text = xasprintf("[server far]\nurl = %s\napi_key_env = ARGILLA_API_KEY\n"
                           "[server lab]\nurl = %s\napi_key_env = ARGILLA_API_KEY\n",
                           first, second);
    write_text(config, text);
    unsetenv("ARGILLA_API_URL");
    free(text);
    return config;
}

static void the_place_of_a_wrong_address_is_named(void **state)
{
    struct fixture *fixture = *state;
    const char *wrong = fake_model_url(fixture->model); /* answers, but not as Argilla */
    char *config = two_servers(fixture, wrong, fake_argilla_url(fixture->fake));
    char *ways[] = {xasprintf("--config %s", config), xasprintf("--server %s", wrong),
                    xstrdup("--log")};
    static const char *const places[] = {"Check the address in [server far].",
                                         "Check the address in --server.",
                                         "Check the address in ARGILLA_API_URL."};
    static const char *const words[] = {"dataset list", "sync", "doctor"};
    for (size_t i = 0; i < 3; i++) {
        if (i == 2)
            setenv("ARGILLA_API_URL", wrong, 1);
        for (size_t k = 0; k < 3; k++) {
            char *all = xasprintf("%s %s", ways[i], words[k]);
            (void)run(fixture, all);
            if (!strstr(buf_text(&fixture->err), places[i]) &&
                !strstr(buf_text(&fixture->out), places[i]))
                fail_msg("%s: %s%s", all, buf_text(&fixture->out),
                         buf_text(&fixture->err));
            free(all);
        }
        free(ways[i]);
    }
    free(config);
}

static void a_name_says_its_place_to_every_command(void **state)
{
    struct fixture *fixture = *state;
    char *config =
        two_servers(fixture, "http://127.0.0.1:1", fake_argilla_url(fixture->fake));
    char *rows = paths_join(fixture->dir, "rows.jsonl");
    write_text(rows, "{\"prompt\":\"p\",\"response\":\"r\"}\n");
    char *import = xasprintf("import %s", rows);
    const char *const words[] = {
        "log --prompt p --response r",   "sync", "ask Hi",      import,
        "delete --status pending --yes", "sync", "dataset show"};
    static const size_t there[] = {1, 1, 2, 3, 3, 0, 0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        /* the store does not know it at first */
        char *all = xasprintf("--config %s --dataset %s@lab %s", config,
                              i % 2 ? "argilla/guide" : "guide", words[i]);
        expect(fixture, run_plain(fixture, all), 0, NULL);
        assert_int_equal(count_on_server(fixture), there[i]);
        free(all);
        all = xasprintf("--config %s --dataset guide@lap %s", config, words[i]);
        expect(fixture, run_plain(fixture, all), 1, "There is no server lap");
        expect(fixture, 0, 0, "far, lab");
        free(all);
    }
    /* what is called so is no server's name */
    char *gone = xasprintf("--config %s --dataset guide@gone %s", config, *words);
    expect(fixture, run_plain(fixture, gone), 1, "guide");
    assert_null(strstr(buf_text(&fixture->err), "There is no server"));
    free(gone);
    char *host = xasprintf("--dataset guide@%s sync",
                           fake_argilla_url(fixture->fake) + strlen("http://"));
    size_t asked = fake_server_count(fake_argilla_server(fixture->fake));
    expect(fixture, run_plain(fixture, host), 0, NULL); /* without its section, too */
    assert_true(fake_server_count(fake_argilla_server(fixture->fake)) > asked);
    free(host);
    char *list = xasprintf("--config %s --local dataset list", config);
    expect(fixture, run_plain(fixture, list), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 1);
    free(list);
    static const struct {
        const char *words, *part;
        int code;
    } more[] = {{"--local --dataset new@lab sync", "--local and “new@lab” exclude", 2},
                {"dataset show argilla/guide@lab", NULL, 0},
                {"dataset create new@lab", "Created the dataset new", 0},
                {"dataset show new@local", "The store has no dataset new@local", 1},
                {"--dataset new@local sync", "The store has no dataset new@local", 1},
                {"dataset create new@local", "in the store, with", 0},
                {"dataset show local/new@local", NULL, 0}};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char *all = xasprintf("--config %s %s", config, more[i].words);
        expect(fixture, run_plain(fixture, all), more[i].code, more[i].part);
        free(all);
    }
    char *checks = xasprintf("--config %s --dataset argilla/guide@lab doctor", config);
    (void)run_plain(fixture, checks); /* the other server is not there */
    assert_non_null(strstr(buf_text(&fixture->out), "guide is in the workspace argilla"));
    free(checks);
    free(import);
    free(rows);
    free(config);
}

static void run_says_why_it_waits(void **state)
{
    struct fixture *fixture = *state;
    char *prompts = paths_join(fixture->dir, "prompts");
    write_text(prompts, "BUSY one\nBUSY two\nBUSY three\n");
    char *words = xasprintf("run %s", prompts);
    expect(fixture, run(fixture, words), 0, "tried again");
    expect(fixture, 0, 0, "3 logged");
    free(words);
    free(prompts);
}

/* Wherever it is cut, the same command again makes it whole. */
static void an_interrupted_create_is_completed(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 6; i++) {
        char words[64];
        snprintf(words, sizeof words, "dataset create half-%zu", i);
        fake_argilla_cut(fixture->fake, i, i % 2 ? FAKE_CUT_AFTER : FAKE_CUT_BEFORE);
        (void)run(fixture, words); /* may fail, or find out that it worked */
        fake_argilla_cut(fixture->fake, 1000, FAKE_CUT_BEFORE);
        expect(fixture, run(fixture, words), 0, NULL);
        assert_non_null(strstr(buf_text(&fixture->out), "response-feedback"));
        json_t *all =
            fake_argilla_dataset(fixture->fake, words + strlen("dataset create "));
        const char *status =
            json_string_value(json_object_get(json_object_get(all, "head"), "status"));
        assert_string_equal(status, "ready");
        json_decref(all);
        snprintf(words, sizeof words, "--dataset half-%zu log --prompt p --response r",
                 i);
        expect(fixture, run_plain(fixture, words), 0, NULL);
    }
}

/* On a terminal, where typed has been typed already. */
static void expect_on_terminal(struct fixture *fixture, const char *words,
                               const char *typed, int code, const char *part)
{
    char *copy = xstrdup(words), store[] = "--store";
    char *argv[MAX_WORDS] = {getenv("SHERD_BIN"), store, fixture->store};
    size_t count = 3, len;
    for (char *rest = copy, *word; (word = strsep(&rest, " ")) && count < MAX_WORDS - 1;)
        argv[count++] = word;
    struct pty *pty = pty_start(argv, 24, 80);
    free(copy);
    if (!pty)
        skip();
    pty_write(pty, typed, strlen(typed));
    while (pty_read(pty, 10000))
        ;
    const char *bytes = pty_bytes(pty, &len);
    int ended = pty_end(pty);
    if (ended != code || (*part ? !strstr(bytes, part) : len != 0))
        fail_msg("%s: %d, expected %d and “%s”: %s", words, ended, code, part, bytes);
    pty_free(pty);
}

static void who_sits_at_a_terminal_is_told_more_and_asked(void **state)
{
    struct fixture *fixture = *state;
    static const char two[] = "--dataset guide delete --status pending",
                      forget[] = "--local --dataset x dataset forget mine";
    expect_on_terminal(fixture, "--local dataset list", "", 0,
                       "No datasets yet; “sherd dataset create” makes one.");
    expect_on_terminal(fixture, "--local dataset list --json", "", 0, "");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    for (int i = 0; i < 2; i++)
        expect(fixture, run(fixture, "log --prompt p --response r"), 0, NULL);
    expect_on_terminal(fixture, "outbox", "", 0, "sherd: Nothing is unsent.");
    expect_on_terminal(fixture, "outbox --json", "", 0, "");
    expect_on_terminal(fixture, "records guide --filter flag", "", 0,
                       "sherd: No records that are meant.");
    expect_on_terminal(fixture, "records guide --filter flag --json", "", 0, "");
    expect(fixture, run_plain(fixture, two), 2,
           "Nobody can be asked here: --yes does it.");
    expect_on_terminal(fixture, two, "\n", 1, "sherd: Nothing is changed.");
    expect_on_terminal(fixture, two, "n\n", 1, "sherd: Nothing is changed.");
    expect_on_terminal(fixture, "--dataset guide delete --filter pending", "y\n", 0,
                       "Delete 2 records of guide, here and on the server? y and Enter: "
                       "yes; Enter alone: no.");
    expect_on_terminal(fixture, "records guide", "", 0, "sherd: No records yet.");
    expect(fixture,
           run_plain(fixture, "--local --dataset mine log --prompt p --response r"), 0,
           NULL);
    expect_on_terminal(
        fixture, forget, "\n", 1,
        "Forget all that the store has of mine@local? It is nowhere else.");
    expect_on_terminal(fixture, forget, "Y\n", 0,
                       "sherd: The store has nothing of mine@local any more.");
    expect_on_terminal(fixture, "dataset forget guide", "\n", 1, "Its server keeps");
}

/* They are deleted in slices, and one change all the same. */
static void many_that_are_deleted_come_back_as_one(void **state)
{
    struct fixture *fixture = *state;
    char *path = paths_join(fixture->dir, "rows.jsonl");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1001; i++)
        fprintf(file, "{\"prompt\": \"p %d\", \"response\": \"r\"}\n", i);
    fclose(file);
    char *words = xasprintf("--local import %s", path);
    expect(fixture, run(fixture, words), 0,
           "sherd: 1001 records added to guide, 0 there already, 0 bad rows left out.\n");
    expect(fixture, run(fixture, "--local delete --status pending --yes"), 0,
           "sherd: 1001 records deleted; the next start of the screen in ten minutes or "
           "later is final; “sherd undo” takes it back until then.\n");
    expect(fixture, run(fixture, "--local undo"), 0,
           "sherd: Taken back: delete, of 1001 records.\nsherd: The last of them:\n");
    expect(fixture, run(fixture, "--local records"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 1001);
    free(words);
    free(path);
}

/* One sentence each, and nothing on standard output. */
static void what_cannot_be_done_is_said_in_a_sentence(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *words;
        int code;
        const char *sentence;
    } rows[] = {
        {"log --prompt p", 2, "“sherd log” needs --prompt P and --response R."},
        {"log --response r", 2, "“sherd log” needs --prompt P and --response R."},
        {"log --prompt - --response -", 2,
         "Only one of --prompt and --response can be read from standard input."},
        {"import nowhere.csv", 1,
         "nowhere.csv cannot be opened: No such file or directory."},
        {"import /tmp", 1, "/tmp cannot be read: Is a directory."},
        {"dataset create x --from nowhere.json", 1,
         "nowhere.json cannot be opened: No such file or directory."},
        {"dataset create x --from /tmp", 1, "/tmp cannot be read: Is a directory."},
        {"run", 2, "“sherd run” needs FILE|-, or --rows. “sherd run --help” says more."},
        {"run a --rows b", 2, "FILE and --rows say the same: leave one of the two out."},
        {"dataset move guide", 2,
         "“sherd dataset move” needs FROM and TO; “sherd --local "
         "dataset list” lists what the store has."},
        {"dataset clone guide", 2,
         "“sherd dataset clone” needs FROM and the NAME of the new one."},
        {"dataset forget", 2,
         "“sherd dataset forget” takes one NAME; “sherd --local "
         "dataset list” lists what the store has."},
        {"dataset forget a b", 2,
         "“sherd dataset forget” takes one NAME; “sherd --local "
         "dataset list” lists what the store has."},
        {"dataset move guide guide", 2, "FROM and TO are the same dataset."},
        {"dataset clone guide guide", 2, "FROM and NAME are the same dataset."},
        {"sync", 3,
         "There is no Argilla server to send to: set ARGILLA_API_URL and "
         "ARGILLA_API_KEY, or give --server URL and not --local."},
    };
    expect(fixture, run(fixture, "--local log --prompt p --response r"), 0, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *words = xasprintf("--local %s", rows[i].words);
        char *sentence = xasprintf("sherd: %s\n", rows[i].sentence);
        int code = run(fixture, words);
        if (code != rows[i].code || fixture->out.len ||
            strcmp(buf_text(&fixture->err), sentence) != 0)
            fail_msg("%s: %d %s", words, code, buf_text(&fixture->err));
        free(words);
        free(sentence);
    }
    unsetenv("ARGILLA_API_URL");
    expect(fixture, run(fixture, "sync"), 3, "or give --server URL.\n");
    unsetenv("OPENAI_BASE_URL");
    expect(
        fixture, run(fixture, "ask --no-log hello"), 3,
        "sherd: No model endpoint is configured: set OPENAI_API_KEY or OPENAI_BASE_URL, "
        "or give --endpoint URL.\n");
    static const char *const asking[] = {"ask hello", "run /dev/null", "endpoints"};
    for (int i = 0; i < 3; i++)
        expect(fixture, run(fixture, asking[i]), i == 2 ? 0 : 3,
               "sherd: No model endpoint is configured: set OPENAI_BASE_URL or "
               "OPENAI_API_KEY, or add an [endpoint NAME] with a url to /");
}

/* --dry-run asks nothing, and says all that would be asked. */
static void a_plan_is_told_in_numbers(void **state)
{
    struct fixture *fixture = *state;
    char *path = paths_join(fixture->dir, "rows.txt");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("one\n\ntwo\n", file);
    fclose(file);
    char *words = xasprintf("--local run %s --quiet", path);
    char *dry = xasprintf("%s --dry-run", words);
    char *more = xasprintf("%s --model a --model b --samples 2", dry);
    char *server = xasprintf("run %s --dry-run", path);
    expect(fixture, run(fixture, dry), 0,
           "sherd: 2 prompts × 1 sample × 1 model = 2 answers; 0 are there "
           "already.\nsherd: 2 would be asked, and logged in the dataset guide in the "
           "store.\n");
    assert_string_equal(buf_text(&fixture->out), "--- line 1\none\n--- line 3\ntwo\n");
    expect(fixture, run(fixture, server), 0, "in the dataset guide on 127.0.0.1:");
    assert_int_equal(fake_model_count(fixture->model), 0);
    file = fopen(path, "w");
    fputs("one\n", file);
    fclose(file);
    expect(fixture, run(fixture, words), 0, NULL);
    expect(fixture, run(fixture, dry), 0,
           "sherd: 1 prompt × 1 sample × 1 model = 1 answer; 1 is there already.\nsherd: "
           "0 would be asked, ");
    char *fresh = xasprintf("%s --fresh", words);
    expect(fixture, run(fixture, fresh), 0, "sherd: The name of this run is ");
    free(fresh);
    expect(fixture, run(fixture, more), 0,
           "sherd: 1 prompt × 2 samples × 2 models = 4 answers; 0 are there already.\n");
    assert_non_null(strstr(buf_text(&fixture->out), "--- line 1 (a)\none\n"));
    assert_non_null(strstr(buf_text(&fixture->out), "--- line 1 (b)\none\n"));
    free(words);
    free(dry);
    free(more);
    free(server);
    free(path);
}

static void expect_file(const char *path, const char *part)
{
    struct buf text = {0};
    read_file(path, &text);
    if (!strstr(buf_text(&text), part))
        fail_msg("%s lacks %s: %s", path, part, buf_text(&text));
    buf_clear(&text);
}

/* What is left out of an export is counted by its reason, and named in the manifest. */
static void what_an_export_leaves_out_is_counted(void **state)
{
    struct fixture *fixture = *state;
    static const char *const given[] = {
        "--rating 5", "--rating 1", "--rating 3", "--draft", "--rating 4 --discard", ""};
    char *path = paths_join(fixture->dir, "out.jsonl");
    char *manifest = paths_join(fixture->dir, "out.jsonl.manifest.json");
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        char *words = xasprintf("--local log --prompt p --response r%zu%s%s", i,
                                *given[i] ? " " : "", given[i]);
        expect(fixture, run(fixture, words), 0, NULL);
        free(words);
    }
    static const struct {
        const char *format, *said, *counts;
    } rows[] = {
        {"jsonl", "Wrote 6 records to %s.\n", "\n ], \"written\": 6, \"counts\": {}}\n"},
        {"trl-unpaired",
         "Wrote 2 records to %s; left out: 1 discarded, 2 neither rated nor chosen by "
         "you, "
         "1 "
         "rated in the middle; %s.manifest.json names them. --by mean or majority counts "
         "everybody's ratings.\n",
         "\n ], \"written\": 2, \"counts\": {\"discarded\": 1, \"neither rated nor "
         "chosen "
         "by you\": 2, \"rated in the middle\": 1}}\n"},
        {"trl-prompt-completion",
         "Wrote 1 record to %s; left out: 1 discarded, 2 neither rated nor chosen by "
         "you, "
         "1 "
         "rated in the middle, 1 rated low or not chosen; %s.manifest.json names them. "
         "--by mean or majority counts everybody's ratings.\n",
         "\"rated low or not chosen\": 1}}\n"},
        {"trl-preference",
         "Wrote 0 pairs to %s; left out: 1 discarded, 5 no better or worse answer beside "
         "it; %s.manifest.json names them. --pairs equal-prompt also pairs answers that "
         "were not asked together.\n",
         "\"written\": 0, \"counts\": {\"discarded\": 1, \"no better or worse answer "
         "beside it\": 5}}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf said = {0};
        for (const char *at = rows[i].said, *next; *at; at = next) {
            next = strstr(at, "%s") ? strstr(at, "%s") : at + strlen(at);
            buf_add(&said, at, (size_t)(next - at));
            if (*next)
                buf_add_text(&said, path), next += 2;
        }
        char *words =
            xasprintf("--local export guide --format %s -o %s", rows[i].format, path);
        expect(fixture, run_plain(fixture, words), 0, buf_text(&said));
        expect_file(manifest, rows[i].counts);
        free(words);
        buf_clear(&said);
    }
    expect(fixture, run_plain(fixture, "--local export guide -o -"), 0,
           "sherd: Wrote 6 records.\n");
    assert_int_equal(count_lines(&fixture->out), 6);
    assert_int_not_equal(access("-", F_OK), 0);
    free(path);
    free(manifest);
}

static void a_sync_and_a_clone_tell_what_they_did(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++)
        fake_argilla_add_record(fixture->fake, "guide", "p", "r");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_string_equal(buf_text(&fixture->out),
                        "0 sent, 3 new of 3 fetched, 0 unsent, 0 refused\n");
    fake_argilla_fail(fixture->fake, 1000, 503, "", "");
    expect(
        fixture, run(fixture, "log --prompt p --response r"), 4,
        "sherd: The server has not confirmed 1 record yet; nothing is lost, “sherd sync” "
        "sends what is kept. ");
    expect(fixture, run(fixture, "sync"), 4, "has not confirmed 1 record yet");
    assert_string_equal(buf_text(&fixture->out),
                        "0 sent, 0 new of 0 fetched, 1 unsent, 0 refused\n");
    fake_argilla_fail(fixture->fake, 0, 200, "", "");
    expect(fixture, run_plain(fixture, "sync"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "guide: 1 sent, 0 new of "));
    assert_non_null(strstr(buf_text(&fixture->out), " fetched, 0 unsent, 0 refused\n"));
    const char *url = fake_argilla_url(fixture->fake);
    for (int i = 0; i < 2; i++) {
        char *said = xasprintf(
            "sherd: %s copy@%s in the workspace argilla like guide@%s, with %s\n",
            i ? "There already:" : "Created", url, url,
            i ? "0 records." : "4 records; “sherd sync” sends them.");
        expect(fixture, run_plain(fixture, "dataset clone guide copy --records"), 0,
               said);
        free(said);
    }
    expect(fixture, run_plain(fixture, "--local dataset clone guide here"), 0, NULL);
    char *said =
        xasprintf("sherd: Created here@local like guide@%s, with 0 records.\n", url);
    assert_string_equal(buf_text(&fixture->err), said);
    free(said);
    expect(fixture, run_plain(fixture, "--dataset copy sync"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "4 sent, 0 new of "));
}

/* Ctrl-C while the model writes. */
static void an_answer_that_is_kept_nowhere_can_be_stopped(void **state)
{
    struct fixture *fixture = *state;
    static const char *const ways[] = {"ask --no-log HOLD", "--local ask HOLD"};
    static const char *const ends[] = {
        "sherd: Stopped. Nothing was kept, as --no-log says.\n", "is kept as "};
    for (size_t i = 0; i < 2; i++) {
        pid_t child = spawn(fixture, ways[i]);
        do
            read_file(fixture->out_path, &fixture->out);
        while (!strstr(buf_text(&fixture->out), "Half. "));
        kill(child, SIGINT);
        expect(fixture, finish(fixture, child), 1, ends[i]);
        assert_string_equal(buf_text(&fixture->out), "Half. \n");
    }
    expect(fixture, run_plain(fixture, "--local records --json"), 0, NULL);
    assert_int_equal(count_lines(&fixture->out), 1);
    assert_non_null(strstr(buf_text(&fixture->out), "\"response\":\"Half."));
}

/* Whoever lists the records need not have opened the screen since. */
static void a_killed_ask_is_not_called_running(void **state)
{
    struct fixture *fixture = *state;
    pid_t child = spawn(fixture, "--local ask HOLD");
    do
        read_file(fixture->out_path, &fixture->out);
    while (!strstr(buf_text(&fixture->out), "Half. "));
    expect(fixture, run_plain(fixture, "--local records"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "  running  "));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    expect(fixture, run_plain(fixture, "--local records"), 0, NULL);
    if (!strstr(buf_text(&fixture->out), "  cut  ") &&
        !strstr(buf_text(&fixture->out), "  failed  "))
        fail_msg("%s", buf_text(&fixture->out));
}

/* 200 of each kind are told one by one; what is over is counted. */
static void a_long_list_of_failures_is_cut(void **state)
{
    struct fixture *fixture = *state;
    char *path = paths_join(fixture->dir, "rows.jsonl");
    char *words = xasprintf("--local run %s --quiet --concurrency 16", path);
    for (int bad = 200; bad <= 201; bad++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        for (int i = 0; i < bad; i++)
            fprintf(file, "[%d]\n", i);
        for (int i = 0; i < 468 - bad; i++) /* 201 or 200 fail */
            fprintf(file, "{\"prompt\": \"%s %d of %d\"}\n", i % 4 ? "FAIL" : "On", i,
                    bad);
        fclose(file);
        expect(fixture, run(fixture, words), 1,
               bad == 200 ? "sherd: … and 1 more that failed; --retry-failed asks"
                          : "sherd: … and 1 more bad row.\n");
        assert_null(
            strstr(buf_text(&fixture->err), bad == 200 ? "bad row." : "more that"));
        size_t told = 0;
        for (const char *at = buf_text(&fixture->err); (at = strstr(at, path)); at++)
            told++;
        assert_int_equal(told, 400);
    }
    free(words);
    free(path);
}

/* The server has it by then, and that is said. */
static void a_dataset_that_the_store_cannot_take_is_no_success(void **state)
{
    struct fixture *fixture = *state;
    use_another_store(fixture, "err/store.db"); /* below a file */
    expect(fixture, run_plain(fixture, "dataset create other"), 1, "err");
    static const char *const lists[] = {"dataset list", "--local dataset list",
                                        "--local dataset show", "records", "outbox"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        expect(fixture, run_plain(fixture, lists[i]), 1, "err");
    size_t made = fake_argilla_count(fixture->fake, "POST", "/api/v1/datasets");
    assert_int_not_equal(made, 0);
    expect(fixture, run_plain(fixture, "dataset create one two"), 2,
           "“sherd dataset create” takes one NAME.");
    expect(fixture, run_plain(fixture, "dataset show one two"), 2, "takes one NAME.");
    assert_int_equal(fake_argilla_count(fixture->fake, "POST", "/api/v1/datasets"), made);
}

static void halve(json_t *dataset)
{
    json_object_set_new(json_object_get(dataset, "head"), "status", json_string("draft"));
    json_array_remove(json_object_get(dataset, "fields"), 1);
    json_array_clear(json_object_get(dataset, "questions"));
}

/* The half of it is no shape to make it in. */
static void an_interrupted_create_that_was_read_is_completed(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_dataset(fixture->fake, "half");
    fake_argilla_edit(fixture->fake, "half", halve);
    expect(fixture, run_plain(fixture, "--dataset half sync"), 3,
           "`sherd dataset create` completes and publishes it");
    expect(fixture, run_plain(fixture, "dataset create half"), 0, NULL);
    assert_non_null(strstr(buf_text(&fixture->out), "response-feedback"));
    expect(fixture,
           run_plain(fixture, "--dataset half log --prompt p --response r --rating 4"), 0,
           NULL);
}

/* Two people, or one on two machines. */
static void two_stores_see_each_others_answers(void **state)
{
    struct fixture *fixture = *state;
    fake_argilla_add_record(fixture->fake, "guide", "Hello", "Hi");
    assert_int_equal(run(fixture, "log --prompt mine --response r --rating 2"), 0);
    char *first = fixture->store;
    fixture->store = paths_join(fixture->dir, "other.db");
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(run(fixture, "records --json"), 0);
    assert_non_null(strstr(buf_text(&fixture->out), "\"rating\":2"));
    assert_int_equal(run(fixture, "records"), 0);
    const char *row = strstr(buf_text(&fixture->out), "mine");
    while (row > buf_text(&fixture->out) && row[-1] != '\n')
        row--;
    char words[64] = "rate XXXXXXXX 5";
    memcpy(words + 5, row, 8);
    expect(fixture, run(fixture, words), 0, "rating 5");
    free(fixture->store);
    fixture->store = first;
    expect(fixture, run(fixture, "sync"), 0, NULL);
    assert_int_equal(run(fixture, "records --json"), 0);
    assert_non_null(strstr(buf_text(&fixture->out), "\"rating\":5"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_annotator_reviews_and_does_not_log),
        CASE(a_sync_that_finds_no_dataset_leaves_none),
        CASE(a_sync_of_a_mistyped_name_makes_and_decides_nothing),
        CASE(a_record_is_rated_wherever_it_is),
        CASE(exit_codes_tell_a_refused_key_and_what_is_gone),
        CASE(an_annotator_can_only_drop_what_is_gone),
        CASE(what_was_dropped_is_said),
        CASE(an_annotator_can_delete_what_is_only_here),
        CASE(a_record_is_deleted_there_when_it_is_time),
        CASE(trouble_is_told_and_made_good),
        CASE(the_nearest_of_the_servers_names_is_offered),
        CASE(what_a_cut_reply_leaves_open_is_not_called_unsent),
        CASE(what_was_done_alone_is_sent_once),
        CASE(what_another_process_sends_is_not_moved),
        CASE(what_the_other_dataset_has_too_is_not_moved),
        CASE(a_sync_of_all_closes_each_dataset),
        CASE(a_store_that_cannot_be_opened_is_told_once),
        CASE(a_cut_answer_makes_no_second_record),
        CASE(an_old_server_is_told),
        CASE(a_wrong_workspace_or_dataset_is_named),
        CASE(the_workspace_is_chosen_in_one_place),
        CASE(blanks_at_the_ends_stay_in_what_no_model_wrote_here),
        CASE(a_clone_goes_where_its_original_is),
        CASE(a_clone_tells_whose_answers_stay),
        CASE(a_clone_of_what_is_nowhere_makes_nothing),
        CASE(a_server_that_knows_no_min_submitted_is_told_of),
        CASE(what_has_no_answer_is_discarded_and_not_rated),
        CASE(a_store_that_another_program_holds_is_waited_for),
        CASE(what_is_unfinished_waits_for_a_held_store),
        CASE(how_people_agree_is_told_as_json),
        CASE(figures_that_cannot_be_read_are_no_success),
        CASE(what_a_sync_leaves_out_is_named),
        CASE(what_was_never_read_here_is_said),
        CASE(a_refused_key_ends_an_import_before_its_rows),
        CASE(what_fails_leaves_no_dataset_behind),
        CASE(nothing_that_waits_is_hidden),
        CASE(what_waits_for_another_server_is_said),
        CASE(a_dataset_that_was_renamed_is_told_by_its_name),
        CASE(what_waits_in_a_deleted_dataset_is_said_and_moved),
        CASE(what_went_into_a_deleted_dataset_is_said_at_once),
        CASE(a_local_dataset_is_created_or_linked),
        CASE(what_a_deleted_dataset_had_is_reached),
        CASE(a_deleted_dataset_is_made_anew_as_it_was),
        CASE(a_dataset_is_forgotten),
        CASE(metadata_out_of_range_is_a_bad_row),
        CASE(what_is_kept_here_alone_goes_out_by_its_name),
        CASE(a_run_goes_on_when_its_dataset_got_to_the_server),
        CASE(a_silent_server_is_named_while_it_is_waited_for),
        CASE(what_was_made_here_is_not_called_unread),
        CASE(an_unfinished_answer_is_kept_and_said),
        CASE(a_clash_is_kept_and_chosen),
        CASE(a_servers_key_comes_from_its_command),
        CASE(every_request_goes_the_way_that_is_set),
        CASE(the_place_of_a_wrong_address_is_named),
        CASE(a_name_says_its_place_to_every_command),
        CASE(run_says_why_it_waits),
        CASE(an_interrupted_create_is_completed),
        CASE(who_sits_at_a_terminal_is_told_more_and_asked),
        CASE(many_that_are_deleted_come_back_as_one),
        CASE(what_cannot_be_done_is_said_in_a_sentence),
        CASE(a_plan_is_told_in_numbers),
        CASE(what_an_export_leaves_out_is_counted),
        CASE(a_sync_and_a_clone_tell_what_they_did),
        CASE(an_answer_that_is_kept_nowhere_can_be_stopped),
        CASE(a_killed_ask_is_not_called_running),
        CASE(a_long_list_of_failures_is_cut),
        CASE(a_dataset_that_the_store_cannot_take_is_no_success),
        CASE(an_interrupted_create_that_was_read_is_completed),
        CASE(two_stores_see_each_others_answers),
    };
    return cmocka_run_group_tests_name("cli_server", tests, NULL, NULL);
}
