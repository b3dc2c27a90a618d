/* SPDX-License-Identifier: MIT
 * A session that goes through a part of the records: keys in, screens out. */
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
#include "tests/support/fake_argilla.h"
#include "tests/support/pilot_screen.h"

static void command(struct pilot_screen *stand, const char *line)
{
    pilot_keys(stand, ":");
    pilot_type(stand, line);
    pilot_keys(stand, "<Enter>");
    pilot_until(&stand->pilot, pilot_has_selected);
}

static void one_key_shows_one_status(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    pilot_keys(stand, "4<Enter>3<Enter>d2s");
    pilot_see(stand, "3 of 5 done");
    pilot_keys(stand, "U");
    pilot_see(stand, "only submitted: 2 of 5");
    pilot_see(stand, "Prompt #2"); /* the nearest, there is none behind */
    pilot_keys(stand, "X");
    pilot_see(stand, "only discarded: 1 of 5");
    pilot_see(stand, "Prompt #3");
    pilot_keys(stand, "D");
    pilot_see(stand, "only draft: 1 of 5");
    pilot_see(stand, "Prompt #4");
    pilot_keys(stand, "P");
    pilot_see(stand, "only pending: 1 of 5");
    pilot_see(stand, "Prompt #5");
    pilot_keys(stand, "P"); /* the same again: all */
    pilot_see(stand, "3 of 5 done");
    pilot_keys(stand, "U*");
    pilot_see(stand, "3 of 5 done");
    pilot_keys(stand, "<End>d"); /* the last pending one */
    pilot_keys(stand, "P");
    pilot_see(stand, "There is no pending record.");
    pilot_see(stand, "4 of 5 done");
    pilot_keys(stand, "vU"); /* in the list, too */
    pilot_see(stand, "[Submitted 2]");
    pilot_screen_free(stand);
}

static void a_session_stays_within_its_filter(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(6, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "d");
    pilot_keys(stand, "F");
    pilot_see(stand, ":filter");
    pilot_type(stand, "pending length:16..");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "filter: status:pending length:16..");
    pilot_see(stand, "0 of 5 done");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "4<Enter>"); /* it keeps its place */
    pilot_see(stand, "1 of 5 done");
    pilot_see(stand, "Prompt #3");
    pilot_keys(stand, "h");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "h");
    pilot_see(stand, "This is the first record of the filter.");
    pilot_keys(stand, "u");
    pilot_see(stand, "0 of 5 done");
    pilot_keys(stand, "<Ctrl-R>l");
    pilot_see(stand, "Prompt #3");
    pilot_keys(stand, "F"); /* the present one, to be changed */
    pilot_see(stand, ":filter status:pending length:16..");
    pilot_type(stand, "-failed");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "0 of 4 done"); /* looked at again */
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "filter: status:pending length:16.. -failed");
    pilot_see(stand, "Pending 4 │ Draft 0 │ Submitted 0 │ Discarded 0");
    pilot_resize(stand, 24, 80);
    pilot_screen_reopen(stand);
    pilot_see(stand, "filter: status:pending length:16.. -failed");
    pilot_see(stand, "0 of 4 done");
    pilot_keys(stand, "*");
    pilot_see(stand, "2 of 6 done");
    pilot_see_gone(stand, "filter:");
    pilot_expect(&stand->pilot, &first, RESPONSE_DISCARDED, 0, NULL);
    pilot_screen_free(stand);
}

/* As in the search box of Argilla's page. */
static void bare_words_are_looked_for(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(12, 0);
    command(stand, "filter question 1");
    pilot_see(stand, "filter: question 1");
    pilot_see(stand, "0 of 4 done"); /* 1, 10, 11, 12 */
    command(stand, "filter question -2 1 pending");
    pilot_see(stand, "filter: question -2 1 status:pending");
    pilot_see(stand, "0 of 3 done");
    command(stand, "filter prompt:/n 1$/ response:answer");
    pilot_see(stand, "0 of 1 done");
    command(stand, "save one");
    command(stand, "filter response:question");
    pilot_see(stand, "No record meets the filter; * shows all.");
    command(stand, "filter pendign");
    pilot_see(stand, "meets the filter (was \"pendign\" to be pending?); * shows all.");
    command(stand, "filter -pendign");
    pilot_see(stand, "At 2, \"pendign\": \"pending\" perhaps; or quotes");
    command(stand, "filter prmpt:x");
    pilot_see(stand, "At 1, \"prmpt:x\": there is no such term");
    pilot_screen_reopen(stand);
    command(stand, "filter @one");
    pilot_see(stand, "filter: prompt:/n 1$/ response:answer");
    pilot_see(stand, "0 of 1 done");
    pilot_screen_free(stand);
}

static void an_undo_outside_of_the_filter_is_seen_in_its_place(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    pilot_keys(stand, "4<Enter>");
    command(stand, "filter pending order:-dataset");
    pilot_see(stand, "order: -dataset");
    pilot_see(stand, "Prompt #4");
    pilot_keys(stand, "uu"); /* of #1, which is no part of it */
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "h"); /* back to where one was */
    pilot_see(stand, "Prompt #4");
    pilot_keys(stand, "v");
    pilot_see(stand, "▶ 4");
    pilot_see(stand, "Pending 4"); /* #1 is pending again */
    pilot_screen_free(stand);
}

static void what_is_wrong_is_told_and_comes_back_to_be_mended(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    command(stand, "filter flag colour:red");
    pilot_see(stand, "At 6, \"colour:red\": there is no such term");
    pilot_see(stand, "0 of 3 done");
    pilot_keys(stand, ":<Up>");
    pilot_see(stand, ":filter flag colour:red");
    pilot_keys(stand, "<Esc>");
    command(stand, "filter @nothing");
    pilot_see(stand, "No filter was saved as nothing");
    command(stand, "order sideways");
    pilot_see(stand, "an order is dataset, random");
    command(stand, "save");
    pilot_see(stand, ":save needs a name of one word");
    pilot_screen_free(stand);
}

static void names_are_completed(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct record record = {.dataset_row = stand->pilot.session->dataset.row};
    id_random(&record.id);
    record_set_field(&record, "prompt", "Why?", 4);
    record_set_field(&record, "response", "Because.", 8);
    record.metadata_json = xstrdup("{\"topic\":\"sea\",\"model\":\"smol\"}");
    pilot_add_record(&stand->pilot, &record, true);
    record_clear(&record);
    pilot_keys(stand, "F");
    pilot_type(stand, "meta.to");
    pilot_see(stand, "filter meta.topic:");
    pilot_keys(stand, "<Tab>");
    pilot_type(stand, "sea model:");
    pilot_see(stand, "model:smol");
    pilot_keys(stand, "<Tab><Enter>");
    pilot_see(stand, "filter: meta.topic:sea model:smol");
    pilot_see(stand, "0 of 1 done");
    pilot_see(stand, "Because.");
    command(stand, "save mine");
    pilot_see(stand, "Saved: :filter @mine is");
    pilot_keys(stand, "*F");
    pilot_type(stand, "@");
    pilot_keys(stand, "<Tab><Enter>");
    pilot_see(stand, "0 of 1 done");
    pilot_screen_free(stand);
}

static void add_with_metadata(struct pilot_screen *stand, const char *metadata)
{
    struct record record = {.dataset_row = stand->pilot.session->dataset.row};
    id_random(&record.id);
    record_set_field(&record, "prompt", "Why?", 4);
    record_set_field(&record, "response", "Because.", 8);
    record.metadata_json = xstrdup(metadata);
    pilot_add_record(&stand->pilot, &record, true);
    record_clear(&record);
}

static void declare(struct dataset *dataset)
{
    dataset->more_json = xstrdup(
        "{\"metadata_properties\":["
        "{\"name\":\"topic\",\"settings\":{\"type\":\"terms\",\"values\":[\"deep "
        "sea\"]}},"
        "{\"name\":\"pages\",\"settings\":{\"type\":\"integer\",\"min\":1,\"max\":90}},"
        "{\"name\":\"share\",\"settings\":{\"type\":\"float\",\"min\":0,\"max\":9}},"
        "{\"name\":\"any\",\"settings\":{\"type\":\"float\",\"min\":null,\"max\":null}}]"
        "}");
}

/* Types start, and Tab (or the first look) shows what may follow; then the next. */
static void expect_values(struct pilot_screen *stand, const char *start,
                          const char *first, const char *second)
{
    pilot_keys(stand, "F<Ctrl-U>");
    pilot_type(stand, "filter ");
    pilot_type(stand, start);
    pilot_see(stand, first);
    pilot_keys(stand, "<Tab><Tab>");
    pilot_see(stand, second);
    pilot_keys(stand, "<Esc>");
}

/* Of what is declared and what is there; of numbers as far as they go. */
static void values_of_metadata_are_completed(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 80;
    stand->records = 1;
    stand->prepare = declare;
    pilot_screen_start(stand);
    add_with_metadata(stand, "{\"topic\":\"sky\",\"share\":0.25,\"tags\":[\"a\",true]}");
    add_with_metadata(stand, "{\"topic\":\"sky\",\"share\":3,\"single\":7}");
    expect_values(stand, "meta.topic:", "meta.topic:\"deep sea\"",
                  "filter meta.topic:sky");
    expect_values(stand, "meta.share:", "meta.share:0.25..3",
                  "filter meta.share:0.25..3");
    expect_values(stand, "meta.pages:", "meta.pages:1..90", "filter meta.pages:1..90");
    expect_values(stand, "meta.single:", "meta.single:7", "filter meta.single:7");
    expect_values(stand, "meta.tags:", "meta.tags:true", "filter meta.tags:a");
    add_with_metadata(stand, "{\"share\":-1}"); /* one range, as it is now */
    pilot_keys(stand, "F<Ctrl-U>");
    pilot_type(stand, "filter meta.share:");
    pilot_see(stand, "meta.share:-1..3");
    pilot_see_gone(stand, "0.25..3");
    pilot_screen_free(stand);
}

static void saved_filters_are_listed_taken_and_forgotten(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    command(stand, "filters");
    pilot_see(stand, "No filter is saved for this dataset");
    command(stand, "filter pending length:1..");
    command(stand, "save wide");
    command(stand, "order -dataset");
    command(stand, "save back");
    pilot_keys(stand, "*");
    command(stand, "filters");
    pilot_see(stand, "Saved filters");
    pilot_see(stand, "1  back  status:pending length:1.. order:-dataset");
    pilot_see(stand, "2  wide  status:pending length:1..");
    pilot_keys(stand, "<Down><Enter>");
    pilot_see(stand, "filter: status:pending length:1..");
    pilot_see_gone(stand, "Saved filters");
    command(stand, "filters");
    pilot_keys(stand, "1");
    pilot_see(stand, "order: -dataset");
    pilot_see(stand, "Prompt #4");
    command(stand, "filters");
    pilot_keys(stand, "3");
    pilot_see(stand, "There is no filter 3; Esc goes back.");
    pilot_keys(stand, "<Delete>");
    pilot_see(stand, "Delete once more: back is forgotten.");
    pilot_keys(stand,
               "<Down><Up><Up><Delete>"); /* asked anew; up to the first, no more */
    pilot_see(stand, "Delete once more: back is forgotten.");
    pilot_keys(stand, "<Down><Down><Down><Delete>"); /* and down to the last */
    pilot_see(stand, "Delete once more: wide is forgotten.");
    pilot_keys(stand, "<Delete>");
    pilot_see(stand, "The filter wide is forgotten.");
    pilot_see(stand, "1  back");
    pilot_see_gone(stand, "2  wide");
    pilot_keys(stand, "<Esc>F<Ctrl-U>");
    pilot_type(stand, "filter @"); /* nor does Tab know it */
    pilot_see(stand, "filter @back");
    pilot_see_gone(stand, "filter @wide");
    pilot_keys(stand, "<Esc>");
    command(stand, "filters");
    pilot_keys(stand, "<Delete><Delete>");
    pilot_see(stand, "The filter back is forgotten.");
    pilot_see(stand, "Prompt #4");
    command(stand, "filter @back");
    pilot_see(stand, "No filter was saved as back");
    pilot_screen_free(stand);
}

static void another_sherd_changes_what_meets_the_filter(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    command(stand, "filter pending order:random:3");
    pilot_see(stand, "filter: status:pending  order: random:3");
    pilot_keys(stand, "l");
    pilot_see(stand, "Prompt #3");
    struct id second = pilot_current(stand);
    pilot_keys(stand, "h");
    pilot_put_by_other(&stand->pilot, &second, RESPONSE_SUBMITTED, 2, NULL);
    pilot_see(stand, "1 of 4 done"); /* it keeps its place */
    pilot_keys(stand, "v");
    pilot_until(&stand->pilot, pilot_has_selected);
    pilot_see(stand, "Pending 3 │ Draft 0 │ Submitted 0");
    pilot_keys(stand, "<Esc>"); /* and goes on through the three */
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "Prompt #4");
    pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "3 of 3 done");
    pilot_keys(stand, "o");
    pilot_see(stand, "Every record of the filter is submitted or discarded.");
    pilot_keys(stand, "v");
    pilot_see(stand, "Pending 0 │ Draft 0 │ Submitted 0");
    pilot_screen_free(stand);
}

static const char pulled_name[] = "langchain-dataset";

/* A short and a long record, which the server had. */
static struct pilot_screen *pull_two(struct fake_argilla **argilla)
{
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    *argilla = pilot_use_argilla(&stand->pilot, "2.8.0");
    fake_argilla_add_dataset(*argilla, pulled_name);
    fake_argilla_add_record(*argilla, pulled_name, "Short?", "Yes.");
    fake_argilla_add_record(*argilla, pulled_name, "Long?", "No, much longer.");
    pilot_screen_start(stand);
    pilot_see(stand, "0 of 2 done");
    pilot_see(stand, "all sent");
    return stand;
}

static void records_that_are_pulled_come_into_the_filter(void **state)
{
    (void)state;
    struct fake_argilla *argilla;
    struct pilot_screen *stand = pull_two(&argilla);
    command(stand, "filter length:10..");
    pilot_see(stand, "0 of 1 done");
    pilot_see(stand, "much longer");
    pilot_keys(stand, "f");
    pilot_type(stand, "half a word");
    fake_argilla_add_record(argilla, pulled_name, "Longer?", "Yes, as long as that.");
    pilot_keys(stand, "<Esc>S");
    pilot_see(stand, "0 of 2 done");
    pilot_see(stand, "much longer"); /* one is where one was */
    pilot_see(stand, "half a word");
    pilot_keys(stand, "l");
    pilot_see(stand, "as long as that");
    pilot_screen_free(stand);
}

/* Longer and longer; what comes finds its place by both keys. */
static void a_pull_brings_records_into_an_order_of_two_keys(void **state)
{
    (void)state;
    static const char name[] = "langchain-dataset";
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    struct fake_argilla *argilla = pilot_use_argilla(&stand->pilot, "2.8.0");
    fake_argilla_add_dataset(argilla, name);
    fake_argilla_add_record(argilla, name, "A?", "Short.");
    fake_argilla_add_record(argilla, name, "B?", "As long as that.");
    fake_argilla_add_record(argilla, name, "C?", "Between.");
    pilot_screen_start(stand);
    pilot_see(stand, "0 of 3 done");
    pilot_see(stand, "all sent");
    pilot_keys(stand, "<Home>2<Enter>"); /* Short. */
    command(stand, "order -rating,-length");
    pilot_see(stand, "Ordered by -rating,-length: this is the first record.");
    pilot_see(stand, "Short.");
    pilot_keys(stand, "l");
    pilot_see(stand, "As long as that.");
    fake_argilla_add_record(argilla, name, "D?", "Longer than all of the others.");
    fake_argilla_add_record(argilla, name, "E?", "Middling.");
    fake_argilla_answer(argilla, name, 2, "submitted", 5); /* Between. */
    pilot_keys(stand, "S");
    pilot_see(stand, "2 of 5 done");
    pilot_see(stand, "As long as that."); /* one is where one was */
    pilot_keys(stand, "h");
    pilot_see(stand, "Longer than all");
    pilot_keys(stand, "h");
    pilot_see(stand, "Short.");
    pilot_keys(stand, "h");
    pilot_see(stand, "Between.");
    pilot_keys(stand, "<Home>3<Enter>u"); /* the place stays, and so over a restart */
    pilot_screen_reopen(stand);
    pilot_see(stand, "order: -rating,-length");
    pilot_until(&stand->pilot, pilot_has_selected);
    pilot_keys(stand, "<End>");
    pilot_see(stand, "Middling.");
    pilot_keys(stand, "h");
    pilot_see(stand, "As long as that.");
    command(stand, "order -updated");
    pilot_see(stand, "this is the first record");
    command(stand, "order disagreement,length");
    pilot_see(stand, "No record has what disagreement asks for: only by length.");
    pilot_see(stand, "Short.");
    pilot_screen_free(stand);
}

static void rename_field(json_t *dataset)
{
    json_t *field = json_array_get(json_object_get(dataset, "fields"), 0);
    json_object_set_new(field, "name", json_string("question"));
}

static void a_field_that_goes_takes_its_filter_off(void **state)
{
    (void)state;
    struct fake_argilla *argilla;
    struct pilot_screen *stand = pull_two(&argilla);
    command(stand, "filter prompt:long");
    pilot_see(stand, "0 of 1 done");
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "1 of 1 done");
    pilot_see(stand, "all sent");
    fake_argilla_edit(argilla, pulled_name, rename_field);
    pilot_keys(stand, "S");
    pilot_see(stand, "The filter of last time is off: At 1, \"prompt:long\"");
    pilot_see(stand, "1 of 2 done");
    pilot_see_gone(stand, "filter: ");
    pilot_keys(stand, "u"); /* of what was answered within it */
    pilot_see(stand, "0 of 2 done");
    pilot_screen_reopen(stand);
    pilot_see(stand, "0 of 2 done");
    pilot_screen_free(stand);
}

static void a_new_order_begins_with_its_first(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    pilot_keys(stand, "<End>4<Enter>l");
    command(stand, "order -dataset");
    pilot_see(stand, "Ordered by -dataset: this is the first record.");
    pilot_see(stand, "Prompt #4"); /* submitted or not */
    pilot_keys(stand, "l");
    pilot_see(stand, "Prompt #3");
    command(stand, "filter pending order:-dataset"); /* the same order: one stays */
    pilot_see(stand, "of 3 done");
    pilot_see(stand, "Prompt #3");
    pilot_screen_free(stand);
}

static void an_order_is_shown_short_where_the_line_is_full(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    command(
        stand,
        "filter answer -storm length:1.. order:length,-suggestion.response-rating.score");
    pilot_see(stand, "-storm length:1..  order: length,-response-rating.score");
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "order: length,-suggestion.response-rating.score");
    pilot_screen_free(stand);
}

/* As much as fits, and always the cursor. */
static void a_long_line_is_seen_to_its_cursor(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    command(stand, "filter status:pending,draft,submitted -flag length:1..100000 "
                   "prompt:/why|n/ order:-updated");
    pilot_keys(stand, "F");
    pilot_see(stand, ":ending,draft,submitted -flag length:1..100000 prompt:/why|n/ "
                     "order:-updated");
    pilot_keys(stand, "<Home>");
    pilot_see(stand, ":filter status:pending,draft,submitted -flag length:1..100000 "
                     "prompt:/why|n");
    pilot_keys(stand, "<End>");
    for (int i = 0; i < 60; i++)
        pilot_keys(stand, "<Left>");
    pilot_see(stand, ":ending,draft,submitted -flag length:1..100000 prompt:/why|n/ "
                     "order:-updated");
    pilot_keys(stand, "<Esc>");
    pilot_screen_free(stand);
}

static void metadata_that_nothing_has_is_refused(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    command(stand, "filter meta.length:1..");
    pilot_see(stand, "At 1, \"meta.length:1..\": no record has metadata.");
    add_with_metadata(stand, "{\"length\":3,\"topic\":\"sea\"}");
    command(stand, "filter flag meta.lenght:1..");
    pilot_see(stand, "At 6, \"meta.lenght:1..\": no record has this metadata");
    pilot_see(stand, "\"length\" perhaps");
    command(stand, "order meta.topik");
    pilot_see(stand, "\"topic\" perhaps");
    command(stand, "filter meta.length:1..");
    pilot_see(stand, "filter: meta.length:1..");
    pilot_screen_free(stand);
}

/* A store that was new opens on what was read first, and that may be answered. */
static void an_open_record_that_comes_is_gone_to_until_a_key_is_pressed(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "4<Enter>4<Enter>");
    pilot_screen_reopen(stand);
    pilot_see(stand, "2 of 2 done");
    add_with_metadata(stand, "{}");
    pilot_see(stand, "Because.");
    pilot_keys(stand, "4<Enter>");
    pilot_screen_reopen(stand);
    pilot_see(stand, "3 of 3 done");
    pilot_keys(stand, "<Home>");
    add_with_metadata(stand, "{}");
    pilot_see(stand, "3 of 4 done");
    pilot_see(stand, "Question 1");
    pilot_screen_free(stand);
}

#define CASE(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(one_key_shows_one_status),
        CASE(a_session_stays_within_its_filter),
        CASE(bare_words_are_looked_for),
        CASE(an_undo_outside_of_the_filter_is_seen_in_its_place),
        CASE(what_is_wrong_is_told_and_comes_back_to_be_mended),
        CASE(names_are_completed),
        CASE(values_of_metadata_are_completed),
        CASE(saved_filters_are_listed_taken_and_forgotten),
        CASE(another_sherd_changes_what_meets_the_filter),
        CASE(records_that_are_pulled_come_into_the_filter),
        CASE(a_pull_brings_records_into_an_order_of_two_keys),
        CASE(a_field_that_goes_takes_its_filter_off),
        CASE(a_new_order_begins_with_its_first),
        CASE(an_order_is_shown_short_where_the_line_is_full),
        CASE(a_long_line_is_seen_to_its_cursor),
        CASE(metadata_that_nothing_has_is_refused),
        CASE(an_open_record_that_comes_is_gone_to_until_a_key_is_pressed),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
