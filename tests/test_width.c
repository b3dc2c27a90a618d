/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/width.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static size_t width(const char *text)
{
    return width_of(text, strlen(text));
}

static size_t fit(const char *text, size_t columns)
{
    return width_fit(text, strlen(text), columns);
}

static void width_counts_columns_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(width(""), 0);
    assert_int_equal(width("abc"), 3);
    assert_int_equal(width("é漢字"), 5);
    assert_int_equal(width("e\u0301"), 1);
    assert_int_equal(width("\U0001F468\u200D\U0001F469"), 2);
    assert_int_equal(width("\U0001F1EE\U0001F1F9"), 2);
    assert_int_equal(width("\u202E\u200B"), 0);
    assert_int_equal(width("\033[1m"), 4);
}

static void width_takes_tabs_to_the_next_stop(void **state)
{
    (void)state;
    assert_int_equal(width("\t"), 8);
    assert_int_equal(width("abc\td"), 9);
    assert_int_equal(width("12345678\tx"), 17);
}

static void fit_cuts_between_clusters(void **state)
{
    (void)state;
    assert_int_equal(fit("abc", 2), 2);
    assert_int_equal(fit("abc", 3), 3);
    assert_int_equal(fit("abc", 99), 3);
    assert_int_equal(fit("abc", 0), 0);
    assert_int_equal(fit("漢字", 3), 3);
    assert_int_equal(fit("ae\u0301b", 2), 4);
    assert_int_equal(fit("a\tb", 7), 1);
    assert_int_equal(fit("a\tb", 8), 2);
}

static void fit_takes_what_has_no_width(void **state)
{
    (void)state;
    assert_int_equal(fit("\u200B\u200Ba", 0), 6);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_counts_columns_not_bytes),
        cmocka_unit_test(width_takes_tabs_to_the_next_stop),
        cmocka_unit_test(fit_cuts_between_clusters),
        cmocka_unit_test(fit_takes_what_has_no_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
