/* SPDX-License-Identifier: MIT
 * The page of statistics: it follows our own answers, another sherd's and the server's, a
 * resize and a dataset that comes with other questions. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/app.h"
#include "app/respond.h"
#include "store/store.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/pilot_screen.h"

static int start(void **state)
{
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    *state = stand;
    return 0;
}

static int end(void **state)
{
    pilot_screen_free(*state);
    return 0;
}

static void the_page_counts_and_closes(void **state)
{
    struct pilot_screen *stand = *state;
    pilot_keys(stand, "%");
    pilot_see(stand, "Statistics");
    pilot_see(stand, "3 records, 3 open for you.");
    pilot_see(stand, "Nobody has answered yet.");
    assert_non_null(stand->pilot.session->stats);
    pilot_keys(stand, "4"); /* rates nothing behind the page */
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    pilot_keys(stand, "%");
    pilot_see(stand, "Question 1");
    assert_null(stand->pilot.session->stats);
    pilot_keys(stand, "4<Enter>:stats<Enter>");
    pilot_see(stand, "3 records, 2 open for you.");
    pilot_see(stand, "Agreement needs two people");
    pilot_keys(stand, "<Esc>u%"); /* the submit */
    pilot_see(stand, "3 records, 3 open for you.");
}

static void the_page_follows_another_sherd_and_a_resize(void **state)
{
    struct pilot_screen *stand = *state;
    struct id id = pilot_current(stand);
    pilot_keys(stand, "%");
    pilot_see(stand, "3 records, 3 open for you.");
    pilot_put_by_other(&stand->pilot, &id, RESPONSE_SUBMITTED, 5, NULL);
    pilot_see(stand, "3 records, 2 open for you.");
    pilot_see(stand, "By person");
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "Over time");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "3 records, 2 open for you.");
    pilot_resize(stand, 24, 80);
    pilot_see(stand, "By model");
    pilot_keys(stand, "o");
    pilot_see(stand, "does nothing here");
}

static void an_end_while_it_counts_is_silent(void **state)
{
    struct pilot_screen *stand = *state;
    app_show_stats(stand->pilot.app, true); /* closed by the end of the case */
}

/* ---- with a server ---- */

struct fixture {
    struct pilot pilot;
    struct fake_argilla *fake;
};

static int start_server(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->fake = pilot_use_argilla(&fixture->pilot, "2.8.0");
    fake_argilla_add_dataset(fixture->fake, "langchain-dataset");
    for (int i = 0; i < 30; i++)
        fake_argilla_add_record(fixture->fake, "langchain-dataset", "Why?", "Because.");
    pilot_start(&fixture->pilot);
    *state = fixture;
    return 0;
}

static bool has_thirty(const struct pilot *pilot)
{
    const struct stats *stats = pilot->session->stats;
    return stats && stats->row_count == 30;
}

static void add_answers_of_ann(json_t *dataset)
{
    json_t *records = json_object_get(dataset, "records"), *record;
    size_t i;
    json_array_foreach(records, i, record) json_array_append_new(
        json_object_get(record, "responses"),
        json_pack("{s:s,s:s,s:s,s:{s:{s:i}}}", "id",
                  "1a8f3d1c-f97b-4682-b2f7-da1f00101bc4", "user_id", FAKE_ARGILLA_PEER,
                  "status", "submitted", "values", "response-rating", "value",
                  (int)(1 + i % 5)));
}

static bool has_anns(const struct pilot *pilot)
{
    const struct stats *stats = pilot->session->stats;
    return stats && stats->person_count == 1 && stats->people[0].ratings.count == 30 &&
           strcmp(stats->people[0].name, "ann") == 0;
}

static bool agrees_on_one(const struct pilot *pilot)
{
    const struct stats *stats = pilot->session->stats;
    return stats && stats->person_count == 2 &&
           agreement_pairs(stats->questions[0].agreement).equal == 1;
}

static bool agrees_on_none(const struct pilot *pilot)
{
    const struct stats *stats = pilot->session->stats;
    return stats && agreement_pairs(stats->questions[0].agreement).count == 0;
}

/* Shown before the server has answered, through its first pull and the next. */
static void a_pull_under_way_is_followed(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_show_stats(pilot->app, true);
    pilot_until(pilot, has_thirty);
    fake_argilla_edit(fixture->fake, "langchain-dataset", add_answers_of_ann);
    app_sync(pilot->app);
    pilot_until(pilot, has_anns);
    assert_true(pilot_rate(pilot, 1)); /* as ann did with the first */
    app_submit(pilot->app);
    pilot_until(pilot, agrees_on_one);
    app_undo(pilot->app);
    pilot_until(pilot, agrees_on_none);
    app_redo(pilot->app);
    pilot_until(pilot, agrees_on_one);
}

static void ask_for_a_mood(json_t *dataset)
{
    json_array_append_new(json_object_get(dataset, "questions"),
                          json_pack("{s:s,s:s,s:s,s:b,s:{s:s,s:[{s:s,s:s},{s:s,s:s}]}}",
                                    "id", "3a8f3d1c-f97b-4682-b2f7-da1f00101bc4", "name",
                                    "mood", "title", "Mood", "required", 0, "settings",
                                    "type", "label_selection", "options", "value", "glad",
                                    "text", "Glad", "value", "sad", "text", "Sad"));
}

static bool knows_the_mood(const struct pilot *pilot)
{
    const struct stats *stats = pilot->session->stats;
    return stats && stats->question_count == 2 && stats->row_count == 30;
}

static void a_dataset_with_other_questions_is_counted_anew(void **state)
{
    struct fixture *fixture = *state;
    struct pilot *pilot = &fixture->pilot;
    app_show_stats(pilot->app, true);
    pilot_until(pilot, has_thirty);
    assert_int_equal(pilot->session->stats->question_count, 1);
    fake_argilla_edit(fixture->fake, "langchain-dataset", ask_for_a_mood);
    app_sync(pilot->app);
    pilot_until(pilot, knows_the_mood);
}

#define SCREEN(name) cmocka_unit_test_setup_teardown(name, start, end)
#define SERVER(name) cmocka_unit_test_setup_teardown(name, start_server, pilot_tear_down)

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        SCREEN(the_page_counts_and_closes),
        SCREEN(the_page_follows_another_sherd_and_a_resize),
        SCREEN(an_end_while_it_counts_is_silent),
        SERVER(a_pull_under_way_is_followed),
        SERVER(a_dataset_with_other_questions_is_counted_anew),
    };
    return cmocka_run_group_tests_name("pilot_stats", tests, NULL, NULL);
}
