/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/sampling.h"

static void a_number_is_plain_decimals_within_its_limits(void **state)
{
    (void)state;
    static const struct number_limits real = {false, -1, 10};
    static const struct {
        const char *text;
        double value; /* NaN = refused */
    } cases[] = {{"0", 0},
                 {"0.7", 0.7},
                 {"10", 10},
                 {"10.0", 10},
                 {"-1", -1},
                 {".5", 0.5},
                 {"5.", 5},
                 {"10.01", (double)NAN},
                 {"-1.01", (double)NAN},
                 {"", (double)NAN},
                 {".", (double)NAN},
                 {"-", (double)NAN},
                 {"1e1", (double)NAN},
                 {"0x1", (double)NAN},
                 {"nan", (double)NAN},
                 {"inf", (double)NAN},
                 {" 1", (double)NAN},
                 {"1 ", (double)NAN},
                 {"+1", (double)NAN},
                 {"1,5", (double)NAN},
                 {"1.2.3", (double)NAN},
                 {"--1", (double)NAN},
                 {"0.12345678901234567890", (double)NAN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 99;
        bool is_good = number_read(cases[i].text, &real, &value);
        if (is_good == isnan(cases[i].value))
            fail_msg("\"%s\" is %staken", cases[i].text, is_good ? "" : "not ");
        assert_true(fabs(value - (is_good ? cases[i].value : 99)) < 1e-9);
    }
}

static void a_whole_number_has_no_point_and_keeps_its_edges(void **state)
{
    (void)state;
    const struct number_limits ten = {true, 0, 10}, large = {true, 0, 9.3e18};
    double value = 5;
    assert_false(number_read("1.0", &ten, &value));
    assert_false(number_read("11", &ten, &value));
    assert_false(number_read("-1", &ten, &value));
    assert_false(number_read("99999999999999999999", &large, &value));
    assert_int_equal((int)value, 5);
    assert_true(number_read("10", &ten, &value));
    assert_int_equal((int)value, 10);
    assert_true(number_read("9007199254740991", &large, &value));
    assert_int_equal((int64_t)value, 9007199254740991);
}

static void limits_are_told_in_words(void **state)
{
    (void)state;
    char out[96];
    struct number_limits whole = {true, 1, 10000000}, real = {false, 0, 0.5};
    assert_string_equal(number_describe(&whole, out, sizeof out),
                        "a whole number from 1 to 10000000");
    assert_string_equal(number_describe(&real, out, sizeof out),
                        "a number from 0 to 0.5");
}

static void every_parameter_is_set_shown_and_left_to_the_endpoint(void **state)
{
    (void)state;
    static const char *const texts[SAMPLING_FIELD_COUNT] = {[SAMPLING_MODEL] = "m",
                                                            [SAMPLING_TEMPERATURE] = "0",
                                                            [SAMPLING_MAX_TOKENS] = "1",
                                                            [SAMPLING_SEED] =
                                                                "-9007199254740991",
                                                            [SAMPLING_SYSTEM] = "s"};
    struct sampling sampling = {0}, copy = {0};
    struct err err = {0};
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        assert_false(sampling_has(&sampling, field));
        assert_int_equal(sampling_set(&sampling, field, texts[i], &err), STATUS_OK);
        assert_true(sampling_has(&sampling, field));
        char *shown = sampling_format(&sampling, field);
        assert_string_equal(shown, texts[i]);
        free(shown);
    }
    sampling_copy(&copy, &sampling);
    for (int i = 0; i < SAMPLING_FIELD_COUNT; i++) {
        enum sampling_field field = (enum sampling_field)i;
        assert_int_equal(sampling_set(&sampling, field, i % 2 ? "default" : "", &err),
                         STATUS_OK);
        assert_false(sampling_has(&sampling, field));
        assert_true(sampling_has(&copy, field));
    }
    sampling_clear(&sampling);
    sampling_clear(&copy);
}

static void what_is_set_is_not_filled_over(void **state)
{
    (void)state;
    struct sampling to = {0}, from = {0};
    struct err err = {0};
    assert_int_equal(sampling_set(&to, SAMPLING_TEMPERATURE, "0", &err), STATUS_OK);
    assert_int_equal(sampling_set(&from, SAMPLING_TEMPERATURE, "2", &err), STATUS_OK);
    assert_int_equal(sampling_set(&from, SAMPLING_MODEL, "m", &err), STATUS_OK);
    sampling_fill(&to, &from);
    assert_true(to.has_temperature && to.temperature == 0);
    assert_string_equal(to.model, "m");
    sampling_clear(&to);
    sampling_clear(&from);
}

static void a_bad_value_changes_nothing_and_says_what_is_good(void **state)
{
    (void)state;
    struct sampling sampling = {.max_tokens = 7};
    struct err err = {0};
    assert_int_equal(sampling_set(&sampling, SAMPLING_MAX_TOKENS, "0", &err),
                     STATUS_USAGE);
    assert_string_equal(err.text,
                        "Max tokens: \"0\" is not a whole number from 1 to 10000000, "
                        "such as 512; nothing there leaves it to the endpoint.");
    assert_int_equal(sampling.max_tokens, 7);
    sampling_set_number(&sampling, SAMPLING_MAX_TOKENS, 10000001);
    sampling_set_number(&sampling, SAMPLING_TEMPERATURE, (double)NAN);
    assert_int_equal(sampling.max_tokens, 7);
    assert_false(sampling.has_temperature);
    sampling_set_number(&sampling, SAMPLING_MAX_TOKENS, 10000000);
    assert_int_equal(sampling.max_tokens, 10000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_plain_decimals_within_its_limits),
        cmocka_unit_test(a_whole_number_has_no_point_and_keeps_its_edges),
        cmocka_unit_test(limits_are_told_in_words),
        cmocka_unit_test(every_parameter_is_set_shown_and_left_to_the_endpoint),
        cmocka_unit_test(what_is_set_is_not_filled_over),
        cmocka_unit_test(a_bad_value_changes_nothing_and_says_what_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
