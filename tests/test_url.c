/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/url.h"

static void check_owned(char *got, const char *expected)
{
    assert_string_equal(got, expected);
    free(got);
}

static void join_puts_one_slash_between(void **state)
{
    (void)state;
    check_owned(url_join("http://h/v1", "/models"), "http://h/v1/models");
    check_owned(url_join("http://h/v1//", "/models"), "http://h/v1/models");
}

static void loopback_is_this_machine_only(void **state)
{
    (void)state;
    assert_true(url_is_loopback("http://localhost:8080/v1"));
    assert_true(url_is_loopback("http://LOCALHOST"));
    assert_true(url_is_loopback("https://127.0.0.1/"));
    assert_true(url_is_loopback("http://127.8.9.1:1"));
    assert_true(url_is_loopback("http://[::1]:11434/v1"));
    static const char *const others[] = {
        "http://0.0.0.0:1/v1", "http://localhost.:1/",     "http://[::ffff:127.0.0.1]/",
        "http://[::]:1/",      "http://[::ffff:0.0.0.0]/", "http://[0:0:0:0:0:0:0:1]/"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_true(url_is_loopback(others[i]));
    assert_false(url_is_loopback("http://[::ffff:10.0.0.1]/"));
    assert_false(url_is_loopback("http://[::7f00:1]/"));
    assert_false(url_is_loopback("http://0.0.0.1/"));
    assert_false(url_is_loopback("http://127.0.0.1.example.com/"));
    assert_false(url_is_loopback("http://localhost.example.com/"));
    assert_false(url_is_loopback("http://example.com/localhost"));
    assert_false(url_is_loopback("http://localhost@example.com/"));
    assert_false(url_is_loopback("http://192.168.0.1/"));
    assert_false(url_is_loopback("http://[::2]/"));
    assert_false(url_is_loopback("nonsense"));
}

static void only_http_and_https_addresses_are_taken(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(url_check("http://localhost:1/v1", &err), STATUS_OK);
    assert_int_equal(url_check("HTTPS://api.example.com", &err), STATUS_OK);
    static const char *const bad[] = {"localhost:8080", "file:///etc/passwd", "ftp://h/",
                                      "http://",        "http://a b/",        "",
                                      "http://h:99999/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&err);
        assert_int_equal(url_check(bad[i], &err), STATUS_CONFIG);
        assert_non_null(strstr(err.text, "Write it like"));
    }
}

static void a_password_in_an_address_is_refused_and_not_repeated(void **state)
{
    (void)state;
    static const char *const bad[] = {"http://me:hush@h/", "https://hush@h/v1",
                                      "me:hush@h", "http://hush@a b/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        assert_int_equal(url_check(bad[i], &err), STATUS_CONFIG);
        assert_null(strstr(err.text, "hush"));
    }
}

static void a_bad_address_is_made_safe_to_show(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(url_check("x\x1b[31m\ny", &err), STATUS_CONFIG);
    assert_null(strchr(err.text, '\x1b'));
    assert_null(strchr(err.text, '\n'));
}

static void host_is_named_without_path_and_query(void **state)
{
    (void)state;
    check_owned(url_host("http://localhost:8080/v1?x=1"), "localhost:8080");
    check_owned(url_host("http://example.com/"), "example.com:80");
    check_owned(url_host("https://api.openai.com/v1"), "api.openai.com");
    check_owned(url_host("https://api.openai.com:444/v1"), "api.openai.com:444");
    check_owned(url_host("http://[::1]:9/"), "[::1]:9");
    check_owned(url_host("nonsense:"), "?");
}

static void origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    assert_true(url_same_origin("http://h/a", "http://H:80/b"));
    assert_true(url_same_origin("https://h", "https://h:443/"));
    assert_false(url_same_origin("http://h/", "https://h/"));
    assert_false(url_same_origin("http://h:1/", "http://h:2/"));
    assert_false(url_same_origin("http://h/", "http://h.example.com/"));
    assert_false(url_same_origin("nonsense", "nonsense"));
}

static void escape_takes_every_unsafe_byte(void **state)
{
    (void)state;
    check_owned(url_escape("a b/c?\xc3\xa9"), "a%20b%2Fc%3F%C3%A9");
    check_owned(url_escape(""), "");
}

static void a_port_that_does_not_exist_is_said(void **state)
{
    (void)state;
    static const char port[] = "has a port that does not exist", host[] = "holds no host";
    static const struct {
        const char *url, *words; /* NULL = it is good */
    } rows[] = {{"http://127.0.0.1:99999/v1", port},
                {"http://127.0.0.1:65536", port},
                {"http://127.0.0.1:0/v1", port},
                {"http://[::1]:0/", port},
                {"http://a.example:99999999999999999999/", port},
                {"http://a.example:8o/", port},
                {"http://127.0.0.1:65535", NULL},
                {"http://127.0.0.1:1/", NULL},
                {"http://[::1]", NULL},
                {"http://[::1]:8080/v1?a=:0", NULL},
                {"http://:80/v1", host},
                {"http://", host}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err err = {0};
        enum status status = url_check(rows[i].url, &err);
        if (status != (rows[i].words ? STATUS_CONFIG : STATUS_OK) ||
            (rows[i].words && !strstr(err.text, rows[i].words)))
            fail_msg("%s: %s", rows[i].url, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_puts_one_slash_between),
        cmocka_unit_test(loopback_is_this_machine_only),
        cmocka_unit_test(only_http_and_https_addresses_are_taken),
        cmocka_unit_test(a_password_in_an_address_is_refused_and_not_repeated),
        cmocka_unit_test(a_bad_address_is_made_safe_to_show),
        cmocka_unit_test(host_is_named_without_path_and_query),
        cmocka_unit_test(origin_is_scheme_host_and_port),
        cmocka_unit_test(escape_takes_every_unsafe_byte),
        cmocka_unit_test(a_port_that_does_not_exist_is_said),
    };
    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
