/* SPDX-License-Identifier: MIT
 * The base layer: errors, bytes, ids, secrets, paths, the log. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "base/words.h"
#include "base/xalloc.h"

static void the_first_error_wins(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, STATUS_IO, "disk %d", 1), STATUS_IO);
    assert_int_equal(err_set(&err, STATUS_AUTH, "later"), STATUS_AUTH);
    assert_int_equal(err.code, STATUS_IO);
    assert_string_equal(err.text, "disk 1");
    err_prefix(&err, "loading %s", "x");
    assert_string_equal(err.text, "loading x: disk 1");
    assert_int_equal(err_set(NULL, STATUS_FULL, "nobody listens"), STATUS_FULL);
}

/* What stands in a sentence may be from anywhere. */
static void an_error_is_safe_to_show(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, STATUS_IO, "%s is gone: %s.", "a\x1b]0;x\a",
            "\u202Eb\n\xff"
            "c");
    assert_string_equal(err.text, "a\uFFFD]0;x\uFFFD is gone: b \uFFFDc.");
    err_prefix(&err, "in\033[2J");
    assert_memory_equal(err.text, "in\uFFFD[2J: a", strlen("in\uFFFD[2J: a"));
    char longest[700];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    err_clear(&err);
    err_set(&err, STATUS_IO, "%s", longest);
    assert_string_equal(err.text + strlen(err.text) - 4,
                        "x\u2026"); /* one sees the cut */
}

static void a_prefix_on_a_full_error_is_cut_not_overrun(void **state)
{
    (void)state;
    struct err err = {0};
    char longest[600];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    err_set(&err, STATUS_IO, "%s", longest);
    err_prefix(&err, "front");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "front: xxx", 10);
}

static void a_buf_refuses_what_passes_its_cap_whole(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    assert_true(buf_add_text(&buf, "12345678"));
    assert_false(buf_add_text(&buf, "abc"));
    assert_string_equal(buf_text(&buf), "12345678");
    assert_true(buf_addf(&buf, "%02d", 9));
    assert_false(buf_add_byte(&buf, '!'));
    assert_false(buf_add(&buf, "x", SIZE_MAX));
    buf_consume(&buf, 8);
    assert_string_equal(buf_text(&buf), "09");
    buf_clear(&buf);
    assert_string_equal(buf_text(&buf), "");
}

static void a_buf_keeps_bytes_with_nul(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_true(buf_add(&buf, "a\0b", 3));
    assert_int_equal(buf.len, 3);
    char *bytes = buf_take(&buf);
    assert_memory_equal(bytes, "a\0b", 4);
    assert_int_equal(buf.len, 0);
    free(bytes);
}

/* RFC 9562, appendix A.4: the v5 example. */
static void code_points_are_counted_at_every_length(void **state)
{
    (void)state;
    static const char text[] = "a\u00e9\u65e5\U0001f469z\u672c\u8a9eab\u00fccdefgh\u00df";
    for (size_t start = 0; start < sizeof text; start++) {
        size_t count = 0;
        for (size_t i = start; i < sizeof text; i++) {
            assert_int_equal(utf8_count(text + start, i - start), count);
            count += ((unsigned char)text[i] & 0xc0) != 0x80;
        }
    }
}

static void an_id_by_name_is_the_standards(void **state)
{
    (void)state;
    struct id dns, id;
    assert_true(id_parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8", &dns));
    id_by_name(&id, &dns, "www.example.com", strlen("www.example.com"));
    char text[ID_TEXT];
    id_format(&id, text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    assert_false(id_parse("2ed6657d", &id));
    assert_false(id_is_zero(&dns));
    assert_true(id_is_zero(&(struct id){{0}}));
}

static void random_ids_differ(void **state)
{
    (void)state;
    struct id a, b;
    id_random(&a);
    id_random(&b);
    assert_false(id_equal(&a, &b));
}

static void a_secret_is_trimmed_and_redacted(void **state)
{
    (void)state;
    struct secret secret = {0};
    secret_set(&secret, "  sk-123456789\n");
    assert_string_equal(secret.text, "sk-123456789");
    char text[] = "key sk-123456789 and sk-123456789.";
    assert_int_equal(secret_redact(&secret, text, strlen(text)), 20);
    assert_string_equal(text, "key [key] and [key].");
    char odd[] = "a\0sk-123456789"; /* behind a NUL, too */
    assert_int_equal(secret_redact(&secret, odd, sizeof odd - 1), 7);
    assert_memory_equal(odd, "a\0[key]", 8);
    secret_set(&secret, " \n");
    assert_false(secret_is_set(&secret));
    /* a dummy would garble every sentence */
    secret_set(&secret, "e");
    char tiny[] = "The endpoint";
    assert_int_equal(secret_redact(&secret, tiny, strlen(tiny)), 12);
    assert_string_equal(tiny, "The endpoint");
    secret_set(&secret, "12345678");
    char least[] = "12345678";
    secret_redact(&secret, least, 8);
    assert_string_equal(least, "[key]");
    secret_clear(&secret);
}

static void utc_is_written_with_milliseconds(void **state)
{
    (void)state;
    char text[32];
    clock_format_utc(1700000000642, text, sizeof text);
    assert_string_equal(text, "2023-11-14T22:13:20.642Z");
}

static void paths_follow_xdg_and_ignore_relative_ones(void **state)
{
    (void)state;
    setenv("HOME", "/nowhere", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    char *data = paths_xdg("XDG_DATA_HOME", ".local/share", "store.db");
    char *config = paths_xdg("XDG_CONFIG_HOME", ".config", "config");
    assert_string_equal(data, "/data/sherd/store.db");
    assert_string_equal(config, "/nowhere/.config/sherd/config");
    free(data);
    free(config);
}

static char directory[] = "/tmp/sherd-base-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    char *log = paths_join(directory, "a/b/log"), *b = paths_join(directory, "a/b"),
         *a = paths_join(directory, "a");
    int failed = unlink(log) || rmdir(b) || rmdir(a) || rmdir(directory);
    free(log);
    free(b);
    free(a);
    return failed;
}

static void the_log_is_private_and_blanks_controls(void **state)
{
    (void)state;
    struct err err = {0};
    char *path = paths_join(directory, "a/b/log");
    assert_int_equal(paths_make_parent(path, &err), STATUS_OK);
    assert_int_equal(log_open(path, &err), STATUS_OK);
    log_line("hello %s", "\033[31mred\n");
    log_close();
    log_line("dropped");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    FILE *file = fopen(path, "r");
    char line[200];
    assert_non_null(fgets(line, sizeof line, file));
    assert_non_null(strstr(line, "hello \uFFFD[31mred \n"));
    assert_null(fgets(line, sizeof line, file));
    fclose(file);
    free(path);
}

static void a_log_that_cannot_open_says_where(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(log_open("/nonexistent/log", &err), STATUS_IO);
    assert_non_null(strstr(err.text, "/nonexistent/log"));
}

static void a_word_is_in_a_list_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *list, *word;
        bool is_there;
    } rows[] = {
        {NULL, "a", false},  {"", "a", false},       {" , ", "a", false},
        {"a", "a", true},    {"ab", "a", false},     {"a", "ab", false},
        {"b, a", "a", true}, {"b,\ta,c", "a", true}, {"b c", "a", false},
        {"b a ", "a", true}, {"A", "a", false},      {"bb,b", "b", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (words_has(rows[i].list, rows[i].word, strlen(rows[i].word)) !=
            rows[i].is_there)
            fail_msg("%s in %s", rows[i].word, rows[i].list);
    assert_true(words_has("a b", "a=1", 1));
}

static void a_command_is_split_as_a_shell_does(void **state)
{
    static const struct {
        const char *text;
        const char *words[5];
    } samples[] = {
        {"vi", {"vi"}},
        {"  code\t--wait  ", {"code", "--wait"}},
        {"'/opt/my editor/ed' -n", {"/opt/my editor/ed", "-n"}},
        {"emacsclient -a \"\" -t", {"emacsclient", "-a", "", "-t"}},
        {"sh -c 'cat \"$1\"' x", {"sh", "-c", "cat \"$1\"", "x"}},
        {"a\\ b \"c\\\"d\" 'e\\f'", {"a b", "c\"d", "e\\f"}},
        {"\"C:\\new\" x\\", {"C:\\new", "x\\"}},
        {"'a\\\\b' c d e", {"a\\\\b", "c", "d", "e"}},
        {"a b c d e f", {"a", "b", "c", "d", "e"}},
        {"pre'f i'\"x\"", {"pref ix"}},
        {"ask $KEY ~/x * ; `id`", {"ask", "$KEY", "~/x", "*", ";"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        size_t count;
        char **words = words_split("$EDITOR", samples[i].text, &count, NULL);
        assert_non_null(words);
        size_t known = 0;
        for (; known < 5 && samples[i].words[known]; known++)
            assert_string_equal(words[known], samples[i].words[known]);
        assert_true(known == 5 || known == count);
        assert_null(words[count]);
        assert_null(words[count + 1]);
        free(words);
    }
}

static void a_word_is_quoted_where_it_must_be(void **state)
{
    static const char *const samples[][2] = {
        {"langchain-dataset", "langchain-dataset"},
        {"set@http://127.0.0.1:6900", "set@http://127.0.0.1:6900"},
        {"two words", "'two words'"},
        {"it's $HOME", "'it'\\''s $HOME'"},
        {"", "''"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        size_t count;
        char *word = words_quote(samples[i][0]), *line = xasprintf("x %s", word);
        assert_string_equal(word, samples[i][1]);
        char **words = words_split("", line, &count, NULL);
        assert_int_equal(count, 2);
        assert_string_equal(words[1], samples[i][0]);
        free(words);
        free(line);
        free(word);
    }
}

static void a_command_that_is_none_is_named(void **state)
{
    static const struct {
        const char *text, *says;
    } samples[] = {
        {"vi 'x", "$EDITOR has a ' without its end."},
        {"vi \"x\\\"", "$EDITOR has a \" without its end."},
        {"", "$EDITOR names no command."},
        {" \t ", "$EDITOR names no command."},
        {"'' x", "$EDITOR names no command."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct err err = {0};
        size_t count;
        assert_null(words_split("$EDITOR", samples[i].text, &count, &err));
        assert_int_equal(err.code, STATUS_CONFIG);
        assert_string_equal(err.text, samples[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(an_error_is_safe_to_show),
        cmocka_unit_test(a_prefix_on_a_full_error_is_cut_not_overrun),
        cmocka_unit_test(a_buf_refuses_what_passes_its_cap_whole),
        cmocka_unit_test(a_buf_keeps_bytes_with_nul),
        cmocka_unit_test(code_points_are_counted_at_every_length),
        cmocka_unit_test(an_id_by_name_is_the_standards),
        cmocka_unit_test(random_ids_differ),
        cmocka_unit_test(a_word_is_in_a_list_or_not),
        cmocka_unit_test(a_command_is_split_as_a_shell_does),
        cmocka_unit_test(a_word_is_quoted_where_it_must_be),
        cmocka_unit_test(a_command_that_is_none_is_named),
        cmocka_unit_test(a_secret_is_trimmed_and_redacted),
        cmocka_unit_test(utc_is_written_with_milliseconds),
        cmocka_unit_test(paths_follow_xdg_and_ignore_relative_ones),
        cmocka_unit_test(the_log_is_private_and_blanks_controls),
        cmocka_unit_test(a_log_that_cannot_open_says_where),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
