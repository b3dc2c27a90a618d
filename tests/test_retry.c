/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/retry.h"

#define NOW_MS INT64_C(1735689600000) /* 2025-01-01T00:00:00Z */

static struct http_reply answer(long code)
{
    return (struct http_reply){.code = code, .retry_after_ms = -1};
}

static void only_passing_faults_are_retried(void **state)
{
    (void)state;
    static const long passing[] = {408, 429, 498, 500, 502, 503, 504, 524, 529};
    static const long lasting[] = {200, 301, 400, 401, 402, 403, 404, 409, 413, 422};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        struct http_reply reply = answer(passing[i]);
        assert_true(retry_is_transient(&reply));
    }
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++) {
        struct http_reply reply = answer(lasting[i]);
        assert_false(retry_is_transient(&reply));
    }
}

static void broken_connections_are_retried_and_bad_settings_are_not(void **state)
{
    (void)state;
    struct http_reply reply = {.status = STATUS_NETWORK};
    assert_true(retry_is_transient(&reply));
    reply = (struct http_reply){.status = STATUS_NETWORK, .code = 200}; /* cut short */
    assert_true(retry_is_transient(&reply));
    reply.status = STATUS_TIMEOUT;
    assert_true(retry_is_transient(&reply));
    reply = (struct http_reply){.status = STATUS_CONFIG};
    assert_false(retry_is_transient(&reply));
    reply = (struct http_reply){.status = STATUS_FULL, .code = 500};
    assert_false(retry_is_transient(&reply));
}

static void the_server_may_overrule(void **state)
{
    (void)state;
    struct http_reply reply = answer(400);
    reply.retry_hint = HTTP_RETRY_YES;
    assert_true(retry_is_transient(&reply));
    reply = answer(503);
    reply.retry_hint = HTTP_RETRY_NO;
    assert_false(retry_is_transient(&reply));
}

static void own_delays_double_up_to_the_most(void **state)
{
    (void)state;
    struct http_reply reply = answer(500);
    struct retry_policy policy = {9, 500, 3000, 1000};
    assert_int_equal(retry_delay(&policy, 1, &reply, 0), 500);
    assert_int_equal(retry_delay(&policy, 2, &reply, 0), 1000);
    assert_int_equal(retry_delay(&policy, 3, &reply, 0), 2000);
    assert_int_equal(retry_delay(&policy, 4, &reply, 0), 3000);
    assert_int_equal(retry_delay(&policy, 8, &reply, 0), 3000);
    assert_int_equal(retry_delay(&policy, 1, &reply, 0.999), 500 - 124);
}

static void attempts_end(void **state)
{
    (void)state;
    struct http_reply reply = answer(500);
    assert_true(retry_delay(&retry_model, retry_model.max_attempts - 1, &reply, 0) > 0);
    assert_int_equal(retry_delay(&retry_model, retry_model.max_attempts, &reply, 0), -1);
    assert_int_equal(retry_delay(&retry_server, 1000000, &reply, 0), 60000);
    reply = answer(404);
    assert_int_equal(retry_delay(&retry_server, 1, &reply, 0), -1);
}

static void the_server_says_how_long_unless_it_is_too_long(void **state)
{
    (void)state;
    struct http_reply reply = answer(429);
    reply.retry_after_ms = 12000;
    assert_int_equal(retry_delay(&retry_model, 1, &reply, 0.5), 12000);
    reply.retry_after_ms = 0;
    assert_int_equal(retry_delay(&retry_model, 1, &reply, 0), 500);
    reply.retry_after_ms = 120000;
    assert_int_equal(retry_delay(&retry_model, 1, &reply, 0), 120000);
    reply.retry_after_ms = 120001;
    assert_int_equal(retry_delay(&retry_model, 1, &reply, 0), -1);
}

static void retry_after_is_read_in_all_its_forms(void **state)
{
    (void)state;
    static const struct {
        const char *ms, *value;
        int64_t expected;
    } rows[] = {
        {NULL, NULL, -1},
        {NULL, "7", 7000},
        {NULL, "1.5", 1500},
        {NULL, "0", 0},
        {NULL, ".5", -1},
        {NULL, "-3", -1},
        {NULL, "soon", -1},
        {NULL, "", -1},
        {NULL, "Wed, 01 Jan 2025 00:00:30 GMT", 30000},
        {NULL, "Tue, 31 Dec 2024 23:59:00 GMT", 0},
        {NULL, "99999999999999999999999999", INT64_C(1000000000000)},
        {"250", "7", 250},
        {"250.75", NULL, 250},
        {"junk", "7", 7000},
        {"junk", NULL, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(retry_after_parse(rows[i].ms, rows[i].value, NOW_MS),
                         rows[i].expected);
}

static void a_wait_is_found_in_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t expected;
    } rows[] = {
        {"Please retry after 2 seconds. Please go here", 2000},
        {"Please retry in 33.5s.", 33500},
        {"Please try again in 7m12.48s.", 432480},
        {"Try again in 250ms", 250},
        {"try again after 1 minute", 60000},
        {"retry in 1h30m", 5400000},
        {"retry in 2 days", 172800000},
        {"retry in 1 hour", 3600000},
        {"retry in 10 milliseconds", 10},
        {"retry in a while, or try again in 3 sec", 3000},
        {"retry in 5", -1},
        {"retry in .5s", -1},
        {"retry", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (retry_wait_in_text(rows[i].text) != rows[i].expected)
            fail_msg("\"%s\" is read as %lld", rows[i].text,
                     (long long)retry_wait_in_text(rows[i].text));
    assert_int_equal(retry_duration("33s"), 33000);
    assert_int_equal(retry_duration("soon"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_passing_faults_are_retried),
        cmocka_unit_test(broken_connections_are_retried_and_bad_settings_are_not),
        cmocka_unit_test(the_server_may_overrule),
        cmocka_unit_test(own_delays_double_up_to_the_most),
        cmocka_unit_test(attempts_end),
        cmocka_unit_test(the_server_says_how_long_unless_it_is_too_long),
        cmocka_unit_test(retry_after_is_read_in_all_its_forms),
        cmocka_unit_test(a_wait_is_found_in_a_sentence),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
