/* SPDX-License-Identifier: MIT
 * Where two things of a review session meet: each case crosses two of them. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/all_questions.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/pilot_screen.h"

#define MANY 100 /* more than a slice of a bulk change */

static bool has_no_bulk(const struct pilot *pilot)
{
    return pilot->session->bulk.phase == BULK_NONE;
}

static void a_bulk_change_is_whole_when_another_dataset_is_opened(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 0);
    pilot_add_other(stand, "other");
    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "y: yes");
    pilot_slow_down(&stand->pilot); /* a few records a slice */
    pilot_keys(stand, "y");
    assert_int_equal(stand->pilot.session->bulk.phase, BULK_WRITING);
    pilot_open_other(stand, "other");
    pilot_see(stand, "Elsewhere?");
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_DISCARDED], 0);
    pilot_keys(stand, "u"); /* is about this dataset */
    pilot_see(stand, "nothing to undo in this dataset");
    pilot_open_other(stand, "langchain-dataset");
    pilot_until(&stand->pilot, has_no_bulk);
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_DISCARDED], MANY);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid discard of 100 records.");
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_PENDING], MANY);
    pilot_screen_free(stand);
}

static void what_is_typed_ahead_for_another_dataset_answers_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 1000);
    pilot_add_other(stand, "other");
    pilot_ask(&stand->pilot, "What streams?");
    struct id asked = pilot_current(stand);
    pilot_keys(stand, "h");
    struct id id = pilot_current(stand);
    assert_false(id_equal(&id, &asked));
    pilot_type(stand, ":open other\n4\n");
    pilot_see(stand, ":open once more opens the other dataset; until then keys act on");
    pilot_expect(&stand->pilot, &id, RESPONSE_PENDING, 0, NULL);
    stand->clock_base_ms += 2000;
    pilot_keys(stand, "4");
    pilot_see(stand, "[4]");
    pilot_type(stand, ":open other\n"); /* another key has come between */
    stand->clock_base_ms += 2000;
    pilot_open_other(stand, "other");
    pilot_see(stand, "Elsewhere?");
    pilot_screen_free(stand);
}

static void a_search_ends_with_its_dataset(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_add_other(stand, "other");
    pilot_type(stand, ":open othar\n");
    pilot_see(stand, "Did you mean \"other\"?");
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, ":search question\n");
    pilot_see(stand, "of 3");
    pilot_open_other(stand, "other");
    pilot_see(stand, "Elsewhere?");
    assert_false(pilot_sees(stand, "hit"));
    assert_false(pilot_sees(stand, "not here"));
    pilot_keys(stand, "n"); /* the last words, here */
    pilot_see(stand, "no record has it");
    pilot_screen_free(stand);
}

static void what_is_deleted_is_not_found_and_undo_finds_it_again(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_add(&stand->pilot, "A xylophone", "plays");
    pilot_type(stand, ":search xylophone\n");
    pilot_see(stand, "record 1 of 1");
    pilot_keys(stand, "<Delete>");
    pilot_see(stand, "y: yes");
    pilot_keys(stand, "y");
    pilot_see(stand, "no record has it: xylophone");
    pilot_keys(stand, "u");
    pilot_see(stand, "A xylophone");
    pilot_see(stand, "record 1 of 1");
    pilot_screen_free(stand);
}

static void a_filter_lets_go_of_what_is_deleted(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    pilot_type(stand, ":filter \"question\" order:random:7\n");
    pilot_until(&stand->pilot, pilot_has_selected);
    pilot_type(stand, ":bulk delete\n");
    pilot_see(stand, "Delete 4 records?");
    pilot_keys(stand, "y");
    pilot_see(stand, "4 records deleted");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid delete of 4 records.");
    pilot_screen_reopen(stand);
    pilot_see(stand, "random"); /* there next time, with all of them */
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_PENDING], 4);
    pilot_screen_free(stand);
}

/* ---- spans ---- */

static void open_spans(struct pilot_screen *stand)
{
    pilot_screen_start(stand);
    pilot_add(&stand->pilot, "Say who.", "Ana went to 東京だ.");
    pilot_see(stand, "Say who");
    pilot_keys(stand, "5<Tab><Tab>");
    pilot_see(stand, "1 Person");
}

static void expect_parts(struct pilot_screen *stand, const char *json)
{
    struct record record = {0};
    struct id id = pilot_current(stand);
    pilot_rest(stand);
    pilot_read(&stand->pilot, &id, &record);
    const struct value *value = values_find(&record.response.values, "parts");
    assert_string_equal(value ? value->text : "", json);
    record_clear(&record);
}

static void a_reader_of_the_screen_hears_what_is_marked(void **state)
{
    (void)state;
    struct pilot_screen stand = {.prepare = all_questions};
    stand.pilot.is_plain = true;
    open_spans(&stand);
    pilot_see(&stand, "“Ana”.");
    pilot_keys(&stand, "1<Right>");
    pilot_see(&stand, "“went”.");
    pilot_keys(&stand, "<Left>");
    pilot_see(&stand, "“Ana”: Person.");
    pilot_keys(&stand, "<Shift-Right>");
    pilot_see(&stand, "“A”.");
    pilot_screen_end(&stand);
}

static void a_span_that_the_disk_does_not_take_is_kept(void **state)
{
    (void)state;
    struct pilot_screen stand = {.prepare = all_questions};
    stand.pilot.vfs = "fault";
    open_spans(&stand);
    pilot_fill_disk(true);
    pilot_keys(&stand, "1");
    pilot_see(&stand, "NOT SAVED");
    pilot_see(&stand, "[Ana|Person]");
    pilot_keys(&stand, "<Right><Right><Right>2");
    pilot_see(&stand, "[東京|Place]");
    pilot_fill_disk(false);
    pilot_see_gone(&stand, "NOT SAVED");
    expect_parts(&stand, "[{\"label\":\"person\",\"start\":0,\"end\":3},"
                         "{\"label\":\"place\",\"start\":12,\"end\":14}]");
    pilot_screen_end(&stand);
}

static void a_span_over_another_sherds_answer_is_a_choice(void **state)
{
    (void)state;
    struct pilot_screen stand = {.prepare = all_questions};
    open_spans(&stand);
    struct id id = pilot_current(&stand);
    pilot_keys(&stand, "1");
    pilot_see(&stand, "[Ana|Person]");
    pilot_rest(&stand);
    pilot_hold_store(&stand.pilot, true);
    pilot_keys(&stand, "<Right><Right><Right>2"); /* not written yet */
    pilot_hold_store(&stand.pilot, false);
    pilot_put_by_other(&stand.pilot, &id, RESPONSE_DRAFT, 1, NULL);
    pilot_see(&stand, "another sherd has changed it; choose which one stays");
    pilot_see(&stand, "[東京|Place]"); /* nothing that was marked is gone */
    pilot_keys(&stand, "<Esc>");
    pilot_see(&stand, "From another sherd");
    pilot_type(&stand, "<");
    pilot_see_gone(&stand, "From another sherd");
    expect_parts(&stand, "[{\"label\":\"person\",\"start\":0,\"end\":3},"
                         "{\"label\":\"place\",\"start\":12,\"end\":14}]");
    pilot_screen_end(&stand);
}

static void marking_is_there_after_another_start(void **state)
{
    (void)state;
    struct pilot_screen stand = {.prepare = all_questions};
    open_spans(&stand);
    pilot_keys(&stand, "1");
    pilot_see(&stand, "[Ana|Person]");
    pilot_rest(&stand);
    pilot_screen_reopen(&stand);
    pilot_see(&stand, "[Ana|Person]");
    pilot_keys(&stand, "u");
    pilot_see_gone(&stand, "[Ana|Person]");
    expect_parts(&stand, "");
    pilot_screen_end(&stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bulk_change_is_whole_when_another_dataset_is_opened),
        cmocka_unit_test(what_is_typed_ahead_for_another_dataset_answers_nothing),
        cmocka_unit_test(a_search_ends_with_its_dataset),
        cmocka_unit_test(what_is_deleted_is_not_found_and_undo_finds_it_again),
        cmocka_unit_test(a_filter_lets_go_of_what_is_deleted),
        cmocka_unit_test(a_reader_of_the_screen_hears_what_is_marked),
        cmocka_unit_test(a_span_that_the_disk_does_not_take_is_kept),
        cmocka_unit_test(a_span_over_another_sherds_answer_is_a_choice),
        cmocka_unit_test(marking_is_there_after_another_start),
    };
    setlocale(LC_ALL, "C.UTF-8");
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
