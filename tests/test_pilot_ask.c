/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pilot_screen.h"

/* ---- asking ---- */

static void a_prompt_streams_and_is_rated(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 1);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke");
    pilot_see(stand, "New prompt");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_see(stand, "19 tok");
    pilot_see(stand, "r again");
    pilot_rest(stand);
    struct id asked = pilot_current(stand);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#2 submitted");
    pilot_expect(&stand->pilot, &asked, RESPONSE_SUBMITTED, 4, NULL);
    char *text = pilot_field(&stand->pilot, &asked, "response");
    assert_true(strlen(text) > 10);
    free(text);
    pilot_screen_free(stand);
}

static void older_records_are_rated_while_two_answers_stream(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 40);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "1 streaming");
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a poem\n");
    pilot_see(stand, "2 streaming");
    pilot_keys(stand, "<Home>");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "3<Enter>");
    pilot_see(stand, "#1 submitted and saved");
    assert_int_equal(stand->pilot.session->stream_count, 2);
    pilot_screen_free(stand);
}

static void what_has_no_word_yet_is_not_submitted(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 60000);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "1 streaming");
    struct id asked = pilot_current(stand);
    pilot_keys(stand, "4<Enter>"); /* what is typed is kept all the same */
    pilot_see(stand, "Not submitted: no word of this answer has come yet.");
    pilot_expect(&stand->pilot, &asked, RESPONSE_DRAFT, 4, NULL);
    pilot_keys(stand, "!5");
    pilot_see(stand, "[5]");
    pilot_expect(&stand->pilot, &asked, RESPONSE_DRAFT, 5, NULL);
    pilot_keys(stand, "x");
    pilot_screen_free(stand);
}

static void a_stopped_answer_keeps_its_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 30);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    pilot_keys(stand, "x");
    pilot_see(stand, "cut off here: you stopped it");
    pilot_rest(stand);
    struct id asked = pilot_current(stand);
    char *text = pilot_field(&stand->pilot, &asked, "response");
    assert_true(strlen(text) > 0);
    free(text);
    pilot_screen_free(stand);
}

static void asking_again_keeps_the_parent(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "r");
    pilot_see(stand, "Prompt #2");
    pilot_rest(stand);
    const struct record *now = &stand->pilot.session->current;
    assert_false(id_equal(&now->id, &first));
    assert_true(id_equal(&now->completion.parent, &first));
    pilot_screen_free(stand);
}

static void the_unsent_prompt_is_kept_over_a_restart(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "unfinished tho");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "kept for later");
    pilot_screen_reopen(stand);
    pilot_keys(stand, "i");
    pilot_see(stand, "unfinished tho");
    pilot_screen_free(stand);
}

static void former_prompts_come_back_with_up(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "An older one\n");
    pilot_rest(stand);
    pilot_keys(stand, "i");
    pilot_type(stand, "A newer one\n");
    pilot_rest(stand);
    pilot_keys(stand, "<Home>i");
    pilot_type(stand, "mine");
    pilot_keys(stand, "<Up>");
    pilot_see(stand, "A newer one");
    pilot_keys(stand, "<Up>");
    pilot_see(stand, "An older one");
    pilot_keys(stand, "<Up>");
    pilot_see(stand, "New prompt");
    pilot_see_gone(stand, "An older one");
    pilot_keys(stand, "<Up>");
    pilot_see(stand, "There is no older prompt.");
    pilot_keys(stand, "<Down><Down><Down>");
    pilot_see(stand, " mine ");
    pilot_keys(stand, "<Down>");
    pilot_see(stand, " mine ");
    pilot_keys(stand, "<Alt-Enter>two<Alt-Enter>three<Up>"); /* inside it a line each */
    pilot_type(stand, "(2)");
    pilot_keys(stand, "<Up>");
    pilot_type(stand, "(1)");
    pilot_keys(stand, "<Down><Down>");
    pilot_type(stand, "(3)");
    pilot_keys(stand, "<Up><Up><Up>");
    pilot_see(stand, " A newer one ");
    pilot_keys(stand, "<Down>");
    pilot_see(stand, "(1)");
    pilot_see(stand, "two(2)");
    pilot_see(stand, "(3)");
    pilot_screen_free(stand);
}

static void settings_of_one_request_are_for_it_alone(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "Hello");
    pilot_keys(stand, "<Ctrl-O><Down>");
    pilot_type(stand, "0.25");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "T 0.25 · this one only");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_rest(stand);
    const struct sampling *used = &stand->pilot.session->current.completion.sampling;
    assert_true(used->has_temperature && used->temperature > 0.24 &&
                used->temperature < 0.26);
    assert_false(stand->pilot.session->sampling.has_temperature);
    pilot_screen_free(stand);
}

static void a_wrong_setting_is_refused_with_a_sentence(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "<Ctrl-O><Down>");
    pilot_type(stand, "hot");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "\"hot\" is not a number from 0 to 10");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prompt_streams_and_is_rated),
        cmocka_unit_test(older_records_are_rated_while_two_answers_stream),
        cmocka_unit_test(what_has_no_word_yet_is_not_submitted),
        cmocka_unit_test(a_stopped_answer_keeps_its_text),
        cmocka_unit_test(asking_again_keeps_the_parent),
        cmocka_unit_test(the_unsent_prompt_is_kept_over_a_restart),
        cmocka_unit_test(former_prompts_come_back_with_up),
        cmocka_unit_test(settings_of_one_request_are_for_it_alone),
        cmocka_unit_test(a_wrong_setting_is_refused_with_a_sentence),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
