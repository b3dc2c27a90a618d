/* SPDX-License-Identifier: MIT
 *
 * Every type of question answered from the keyboard, and what the store has then.
 */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/pilot_screen.h"

static struct pilot_screen *open_all(int records)
{
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 80;
    stand->records = records;
    stand->prepare = all_questions;
    pilot_screen_start(stand);
    return stand;
}

static const struct value *value_of(const struct pilot_screen *stand,
                                    const char *question)
{
    return values_find(&stand->pilot.session->current.response.values, question);
}

static void assert_text(const struct pilot_screen *stand, const char *question,
                        const char *text)
{
    const struct value *value = value_of(stand, question);
    assert_string_equal(value && value->text ? value->text : "", text);
}

/* The session as the app would change it when the server's dataset comes. */
static struct dataset *dataset_of(const struct pilot_screen *stand)
{
    return &((struct session *)(uintptr_t)stand->pilot.session)->dataset;
}

static void ten_is_typed_with_two_digits(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    pilot_keys(stand, "1");
    assert_int_equal(value_of(stand, "score")->rating, 1);
    pilot_see(stand, "▸Faults"); /* one has gone on, and yet */
    pilot_keys(stand, "0");
    assert_int_equal(value_of(stand, "score")->rating, 10);
    assert_null(value_of(stand, "faults"));
    pilot_see(stand, "[10]");
    stand->clock_base_ms += 600;
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>0");
    assert_int_equal(value_of(stand, "score")->rating, 0);
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>1");
    stand->clock_base_ms += 600; /* too late to go on */
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>0");
    assert_int_equal(value_of(stand, "score")->rating, 0);
    pilot_screen_free(stand);
}

static void a_key_that_submits_waits_for_the_second_digit(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(3);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "!10");
    pilot_see(stand, "#1 submitted");
    pilot_keys(stand, "1");
    pilot_see(stand, "Question 2");
    pilot_see(stand, "#2 submitted");
    pilot_see(stand, "Question 3");
    pilot_keys(stand, "7");
    pilot_see(stand, "#3 submitted");
    struct record record;
    pilot_read(&stand->pilot, &first, &record);
    assert_int_equal(values_find(&record.response.values, "score")->rating, 10);
    record_clear(&record);
    pilot_keys(stand, "<Left>");
    assert_int_equal(value_of(stand, "score")->rating, 1);
    pilot_screen_free(stand);
}

static void one_of_hundreds_is_found_by_typing(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    pilot_keys(stand, "<Shift-Tab>");
    pilot_see(stand, "▸Topic");
    pilot_see(stand, "5 topic 5");
    pilot_see(stand, "+295 more: p");
    pilot_keys(stand, "p");
    pilot_see(stand, "0 of 300 chosen");
    pilot_type(stand, "c 29");
    pilot_see(stand, "11 of 300 · 0 chosen");
    pilot_see(stand, "▸ [ ] topic 29");
    pilot_keys(stand, "<Down><Down>");
    pilot_see(stand, "▸ [ ] topic 291");
    pilot_keys(stand, "<Enter>");
    assert_text(stand, "topic", "t291");
    pilot_keys(stand, "<Shift-Tab>");
    pilot_see(stand, "[topic 291]");
    pilot_keys(stand, "p");
    pilot_see(stand, "▸ [x] topic 291");
    pilot_type(stand, "nothing");
    pilot_see(stand, "No option has this in its name.");
    pilot_keys(stand, "<Enter>");
    assert_text(stand, "topic", "t291");
    pilot_keys(stand, "<Esc>");
    pilot_paste(stand, "t7");
    pilot_see(stand, "▸ [ ] topic 7"); /* by what is sent, too */
    pilot_resize(stand, 12, 40);
    pilot_see(stand, "▸ [ ] topic 7");
    pilot_keys(stand, "<Esc><Esc>u");
    assert_null(value_of(stand, "topic"));
    pilot_screen_free(stand);
}

static void several_are_taken_one_after_the_other(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    pilot_keys(stand, "5p");
    pilot_see(stand, "Too long  Over 200 words");
    pilot_keys(stand, "<Space><Down><Down><Space>");
    assert_text(stand, "faults", "[\"long\",\"rude\"]");
    pilot_type(stand, "du");
    pilot_keys(stand, "<Enter>");
    assert_text(stand, "faults", "[\"long\",\"rude\",\"dull\"]");
    pilot_see(stand, "3 of 4 chosen");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_screen_free(stand);
}

static void a_ranking_is_put_in_order(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    pilot_keys(stand, "5<Tab>p");
    pilot_see(stand, "0 of 3 chosen");
    pilot_keys(stand, "<Space><Space><Space>");
    assert_text(stand, "order",
                "[{\"value\":\"a\",\"rank\":1},{\"value\":\"b\",\"rank\":2},"
                "{\"value\":\"c\",\"rank\":3}]");
    pilot_keys(stand, "<Shift-Up>"); /* the last one taken */
    pilot_keys(stand, "K");
    assert_text(stand, "order",
                "[{\"value\":\"a\",\"rank\":2},{\"value\":\"b\",\"rank\":3},"
                "{\"value\":\"c\",\"rank\":1}]");
    pilot_keys(stand, "jj=");
    assert_text(stand, "order",
                "[{\"value\":\"a\",\"rank\":2},{\"value\":\"b\",\"rank\":2},"
                "{\"value\":\"c\",\"rank\":1}]");
    pilot_see(stand, "#2  Alpha");
    pilot_keys(stand, "x");
    pilot_see(stand, "x does nothing here");
    pilot_keys(stand, "<Backspace>");
    pilot_keys(stand, "<Alt-Enter>");
    pilot_see(stand, "Order ranks only some");
    pilot_see(stand, "▸Order");
    pilot_keys(stand, "p3<Esc><Enter>");
    pilot_see(stand, "#1 submitted");
    assert_text(stand, "order",
                "[{\"value\":\"a\",\"rank\":2},{\"value\":\"b\",\"rank\":3},"
                "{\"value\":\"c\",\"rank\":1}]");
    pilot_screen_free(stand);
}

static void a_list_of_options_ends_with_its_question(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(2);
    pilot_keys(stand, "<Shift-Tab>p");
    pilot_see(stand, "0 of 300 chosen");
    struct dataset *dataset = dataset_of(stand);
    size_t count = dataset->question_count;
    dataset->question_count = 2;
    pilot_type(stand, "3");
    pilot_see(stand, "The dataset asks other things now.");
    dataset->question_count = count;
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_is_typed_with_two_digits),
        cmocka_unit_test(a_key_that_submits_waits_for_the_second_digit),
        cmocka_unit_test(one_of_hundreds_is_found_by_typing),
        cmocka_unit_test(several_are_taken_one_after_the_other),
        cmocka_unit_test(a_ranking_is_put_in_order),
        cmocka_unit_test(a_list_of_options_ends_with_its_question),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
