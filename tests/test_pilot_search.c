/* SPDX-License-Identifier: MIT
 *
 * Searching on the screen: golden screens of its hits, and whole runs of it while an
 * answer streams, records come, the window changes and things are undone.
 */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/search.h"
#include "base/xalloc.h"
#include "tests/support/golden.h"
#include "tests/support/pilot_screen.h"
#include "tests/support/stage.h"
#include "text/match.h"

/* ---- golden screens ---- */

static const char remark[] = "The gull \U0001F426 is good; a lighthouse too.";

static void check(const char *name, const char *typed, size_t chosen, enum ui_mode mode,
                  int rows, int cols)
{
    struct stage stage;
    char file[64];
    stage_init(&stage, rows, cols);
    stage_answer(&stage, 4, remark, RESPONSE_DRAFT);
    stage.session.current.metadata_json = xstrdup("{\"topic\":\"lighthouse\"}");
    struct finding *finding = &stage.session.finding;
    finding->match = match_parse(typed, NULL);
    finding->number = 1;
    finding->records = 57;
    finding->here = 4;
    finding->is_counting = mode == MODE_SEARCH;
    const char *line = typed[0] == '/' ? typed + 1 : typed; /* "re/" is a pattern there */
    editbuf_set(stage.frame.search.edit, line, strlen(line));
    stage_draw(&stage, MODE_BROWSE);
    stage.frame.search.chosen = chosen;
    stage.frame.search.is_new = true;
    stage_draw(&stage, mode);
    snprintf(file, sizeof file, "search-%s-%dx%d", name, cols, rows);
    golden_check(file, &stage.frame.cells);
    match_free(finding->match);
    finding->match = NULL;
    stage_clear(&stage);
}

static void hits_stand_out_in_every_text(void **state)
{
    (void)state;
    check("hits", "the", 1, MODE_BROWSE, 24, 80);
    check("hits", "the", 1, MODE_BROWSE, 40, 120);
    check("hits", "the", 1, MODE_BROWSE, 10, 40);
    check("aside", "lighthouse", 1, MODE_BROWSE, 24, 80);
}

static void hits_are_seen_while_one_types(void **state)
{
    (void)state;
    check("typing", "/li\\w+/", 0, MODE_SEARCH, 24, 80);
    check("typing", "/li\\w+/", 0, MODE_SEARCH, 40, 120);
}

/* ---- runs ---- */

static void next_goes_through_the_hits_and_then_the_records(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, "/");
    pilot_type(stand, "question");
    pilot_see(stand, "in this record · record 1 of 3");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "hit 1 of 1 in this record · record 1 of 3");
    pilot_keys(stand, "n");
    pilot_see(stand, "hit 1 of 1 in this record · record 2 of 3");
    pilot_keys(stand, "nn");
    pilot_see(stand, "On from the first record again.");
    pilot_keys(stand, "N");
    pilot_see(stand, "On from the last record again.");
    pilot_keys(stand, "h");
    pilot_see(stand, "record 2 of 3");
    pilot_keys(stand, "N"); /* the last one here is the next */
    pilot_see(stand, "hit 1 of 1 in this record · record 2 of 3");
    pilot_keys(stand, "<Esc>");
    assert_false(pilot_sees(stand, "record 2 of 3"));
    pilot_keys(stand, "n"); /* again */
    pilot_see(stand, "record 2 of 3");
    pilot_screen_free(stand);
}

static void ones_own_feedback_is_found_from_its_first_letter_on(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, "lf");
    pilot_type(stand, "xylophone");
    pilot_keys(stand, "<Esc>h");
    pilot_keys(stand, "/");
    pilot_type(stand, "XYLO"); /* a capital: as it is written */
    pilot_see(stand, "no record has it");
    pilot_keys(stand, "<Ctrl-U>");
    pilot_type(stand, "xylo");
    pilot_see(stand, "1 record has it");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "hit 1 of 1 in this record · record 1 of 1");
    assert_int_equal(stand->pilot.session->queue.position, 1);
    pilot_keys(stand, "f");
    pilot_type(stand, " and another xylophone");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "of 2 in this record");
    pilot_keys(stand, "uuuu"); /* nothing of it is left */
    pilot_keys(stand, "n");
    pilot_see(stand, "xylo is not found.");
    pilot_screen_free(stand);
}

/* Beside the number of a hit: where it stands, when that is not what one looks at. */
static void where_a_hit_stands_is_told_and_shown(void **state)
{
    static const struct {
        const char *typed, *says;
    } rows[] = {
        {"**", "hit 1 of 2 in this record · record 1 of 1 · in its marks"},
        {"bold", "hit 1 of 1 in this record · record 1 of 1"},
        {"third", "hit 1 of 1 in this record · record 1 of 1 · line 3 of your text"},
        {"first", "hit 1 of 1 in this record · record 1 of 1"},
        {"elsewhere", "in your note · record 1 of 1"},
        {"gull", "hit 1 of 1 in this record · record 1 of 1 · also in its metadata"},
        {"lighthouse", "in its metadata · record 1 of 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage stage;
        stage_init(&stage, 24, 100);
        stage_set_text(&stage, "prompt", "A bird.");
        stage_set_text(&stage, "response", "A **bold** gull.");
        stage_answer(&stage, 4, "The first.\nThe 2nd.\nThe third.", RESPONSE_DRAFT);
        stage.session.current.note = xstrdup("Look elsewhere.");
        stage.session.current.metadata_json =
            xstrdup("{\"topic\":\"lighthouse and gulls\"}");
        struct finding *finding = &stage.session.finding;
        finding->match = match_parse(rows[i].typed, NULL);
        finding->number = 1;
        finding->records = finding->here = 1;
        stage_draw(&stage, MODE_BROWSE);
        if (strncmp(rows[i].says, "hit", 3) == 0)
            stage.frame.search.chosen = 0;
        stage_draw(&stage, MODE_BROWSE);
        const char *row = stage_row(&stage, 22);
        size_t len = strlen(row), end = strlen(rows[i].says);
        if (len < end || strcmp(row + len - end, rows[i].says) != 0)
            fail_msg("%s: %s", rows[i].typed, row);
        match_free(finding->match);
        finding->match = NULL;
        stage_clear(&stage);
    }
}

/* In a prompt and in an answer of many lines. */
static void a_hit_comes_into_view(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct buf text = {0};
    for (int i = 1; i <= 60; i++)
        buf_addf(&text, "Line %d.\n\n", i);
    pilot_add(&stand->pilot, buf_text(&text), buf_text(&text));
    pilot_keys(stand, "<End>");
    pilot_see(stand, "Line 1.");
    pilot_type(stand, "/line 57\n");
    pilot_see(stand, "hit 1 of 2 in this record");
    pilot_see(stand, " Line 57."); /* of the prompt */
    assert_true(pilot_sees(stand, " Line 1."));
    pilot_keys(stand, "n");
    pilot_see(stand, "hit 2 of 2 in this record");
    pilot_see_gone(stand, " Line 1.");
    pilot_see(stand, " Line 57.");
    buf_clear(&text);
    pilot_screen_free(stand);
}

static void what_is_no_pattern_yet_is_told_and_nothing_lost(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "/");
    pilot_type(stand, "question");
    pilot_keys(stand, "<Enter>/");
    pilot_type(stand, "(q/");
    pilot_see(stand, "This is no pattern");
    pilot_keys(stand, "<Esc>"); /* what was searched for before stays */
    pilot_see(stand, "record 1 of 2");
    pilot_keys(stand, "/<Up>");
    pilot_see(stand, "/question");
    pilot_keys(stand, "<Esc>/");
    pilot_type(stand, "q.*n \\d/");
    pilot_see(stand, "in this record");
    pilot_keys(stand, "<Enter>n");
    pilot_see(stand, "record 2 of 2");
    pilot_screen_reopen(stand); /* kept */
    pilot_keys(stand, "/<Up>");
    pilot_see(stand, "/q.*n \\d/");
    pilot_keys(stand, "<Esc>n");
    pilot_see(stand, "hit 1 of 1");
    pilot_screen_free(stand);
}

static void a_search_keeps_up_with_an_answer_that_streams(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 5);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a story about a xylophone\n");
    pilot_keys(stand, "/");
    pilot_type(stand, "a");
    pilot_keys(stand, "<Enter>");
    pilot_resize(stand, 30, 100);
    pilot_see(stand, "in this record");
    pilot_resize(stand, 12, 40);
    pilot_resize(stand, 24, 80);
    pilot_keys(stand, "nNnn4");
    pilot_rest(stand);
    pilot_keys(stand, "/<Ctrl-U>");
    pilot_type(stand, "xylophone");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "record 1 of 1");
    pilot_screen_free(stand);
}

static void new_records_are_found_too(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "/");
    pilot_type(stand, "xylophone");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "xylophone is not found.");
    pilot_keys(stand, "Pn");
    pilot_see(stand, "xylophone is not found in what the filter shows.");
    pilot_keys(stand, "*");
    pilot_type(stand, ":filter status:pending length:1..\n");
    pilot_see(stand, "filter: status");
    pilot_keys(stand, "n");
    pilot_see(stand, "xylophone is not found in what the filter shows.");
    pilot_keys(stand, "*");
    pilot_add(&stand->pilot, "A xylophone", "plays");
    pilot_keys(stand, "n");
    pilot_keys(stand, "n");
    pilot_see(stand, "record 1 of 1");
    assert_int_equal(stand->pilot.session->queue.position, 1);
    pilot_screen_free(stand);
}

static bool has_first_hit(const struct pilot *pilot)
{
    return pilot->session->finding.records > 0;
}

/* The first pass goes round from the last record: what comes behind that is not in it. */
static void what_comes_during_a_search_is_searched_behind_it(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct record record = {.dataset_row = stand->pilot.session->dataset.row};
    id_random(&record.id);
    record_set_field(&record, "prompt", "A question", 10);
    record_set_field(&record, "response", "Because.", 8);
    pilot_keys(stand, "<End>");
    assert_true(app_search(stand->pilot.app, "question", NULL));
    pilot_until(&stand->pilot, has_first_hit);
    pilot_add_record(&stand->pilot, &record, true);
    app_search_follow(stand->pilot.app); /* as when others commit */
    pilot_see(stand, "record 3 of 4");
    record_clear(&record);
    pilot_screen_free(stand);
}

static void it_stays_inside_the_filter(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    pilot_keys(stand, "4<Enter>4<Enter>");
    pilot_keys(stand, ":");
    pilot_type(stand, "filter submitted\n");
    pilot_keys(stand, ":");
    pilot_type(stand, "search question\n");
    pilot_see(stand, "of 2");
    pilot_keys(stand, "nnn");
    assert_true(stand->pilot.session->queue.position < 2);
    pilot_screen_free(stand);
}

/* The two share a row: the filter is cut where the words about hits begin. */
static void it_leaves_the_filter_its_room(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    pilot_keys(stand, ":");
    pilot_type(stand, "filter pending length:1..99999 order:-length\n");
    pilot_keys(stand, ":");
    pilot_type(stand, "search question\n");
    pilot_keys(stand, "n");
    pilot_see(stand, "filter: status:pending length:1..9…  hit 1 of 1");
    pilot_screen_free(stand);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_stand_out_in_every_text),
        cmocka_unit_test(hits_are_seen_while_one_types),
        cmocka_unit_test(next_goes_through_the_hits_and_then_the_records),
        cmocka_unit_test(ones_own_feedback_is_found_from_its_first_letter_on),
        cmocka_unit_test(where_a_hit_stands_is_told_and_shown),
        cmocka_unit_test(a_hit_comes_into_view),
        cmocka_unit_test(what_is_no_pattern_yet_is_told_and_nothing_lost),
        cmocka_unit_test(a_search_keeps_up_with_an_answer_that_streams),
        cmocka_unit_test(new_records_are_found_too),
        cmocka_unit_test(what_comes_during_a_search_is_searched_behind_it),
        cmocka_unit_test(it_stays_inside_the_filter),
        cmocka_unit_test(it_leaves_the_filter_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
