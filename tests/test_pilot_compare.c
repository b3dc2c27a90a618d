/* SPDX-License-Identifier: MIT
 * Whole sessions of comparing the answers to one prompt. */
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
#include <sqlite3.h>

#include "app/app.h"
#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/pilot_screen.h"

/* ---- the stand ---- */

/* Answer n (from 1) of the one prompt: "Answer n here.", by model-n; the first one is the
 * parent of the others. */
static struct id add_answer(struct pilot_screen *stand, int number,
                            const struct id *parent, enum completion_state state)
{
    char text[64], model[32];
    struct record record = {.dataset_row = stand->pilot.session->dataset.row,
                            .has_completion = true};
    snprintf(text, sizeof text, "Answer %d here.", number);
    snprintf(model, sizeof model, "model-%d", number);
    id_random(&record.id);
    completion_init(&record.completion);
    record.completion.state = state;
    record.completion.model_used = xstrdup(model);
    if (parent)
        record.completion.parent = *parent;
    record_set_field(&record, "prompt", "The one prompt", 14);
    record_set_field(&record, "response", text,
                     state == COMPLETION_FAILED ? 0 : strlen(text));
    struct id id = record.id;
    pilot_add_record(&stand->pilot, &record, true);
    record_clear(&record);
    return id;
}

struct answers {
    struct pilot_screen *stand;
    struct id ids[6];
};

/* So many answers at 80 by 24, the first on the screen, and a record of another prompt.
 */
static struct answers start(int count)
{
    struct answers answers = {.stand = pilot_screen_new(1, 20)};
    for (int i = 0; i < count; i++)
        answers.ids[i] =
            add_answer(answers.stand, i + 1, i ? &answers.ids[0] : NULL, COMPLETION_DONE);
    pilot_rest(answers.stand);
    pilot_go(&answers.stand->pilot, &answers.ids[0]);
    pilot_see(answers.stand, "Answer 1 here.");
    return answers;
}

/* Which answer (1…) stands in a place (0…) of what is compared. */
static int at(const struct answers *answers, int place)
{
    const struct comparison *comparison = &answers->stand->pilot.session->comparison;
    for (int i = 0; i < 6; i++)
        if (id_equal(&comparison->records[place].id, &answers->ids[i]))
            return i + 1;
    return 0;
}

struct pairs {
    char text[200];
    struct pilot_screen *stand;
};

static bool note_pair(void *ctx, const struct store_pair *pair)
{
    struct pairs *pairs = ctx;
    size_t used = strlen(pairs->text);
    snprintf(pairs->text + used, sizeof pairs->text - used, "%s%lld>%lld by %d",
             used ? " " : "", (long long)pair->chosen - 1, (long long)pair->rejected - 1,
             (int)pair->margin);
    return true;
}

/* "2>1 by 0": answer 2 was preferred over answer 1; the records' rows begin at 2. */
static void expect_pairs(struct answers *answers, const char *text)
{
    struct pairs pairs = {.stand = answers->stand};
    struct err err = {0};
    assert_int_equal(store_each_pair(app_store(answers->stand->pilot.app),
                                     answers->stand->pilot.session->dataset.row, false,
                                     NULL, note_pair, &pairs, &err),
                     STATUS_OK);
    assert_string_equal(pairs.text, text);
}

static const char *pair_text(int better, int worse, int margin)
{
    static char text[64];
    snprintf(text, sizeof text, "%d>%d by %d", better, worse, margin);
    return text;
}

/* What a command opens below the record is seen, though answers stood over it. */
static void a_box_that_a_command_opens_ends_the_comparison(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    static const char *const boxes[][2] = {{":feedback<Enter>hm", "Feedback   hm"},
                                           {":prompt<Enter>hm", "New prompt"},
                                           {":note<Enter>hm", "Note on #"},
                                           {":settings<Enter>", "Max tokens"},
                                           {":pick<Enter>", "0 of 5 chosen"}};
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        pilot_keys(stand, "c");
        pilot_see(stand, "Which is better?");
        pilot_keys(stand, boxes[i][0]);
        pilot_see(stand, boxes[i][1]);
        pilot_see_gone(stand, "Which is better?");
        pilot_keys(stand, "<Esc>");
        pilot_see(stand, "Your answer");
        assert_false(stand->pilot.session->comparison.is_open);
    }
    pilot_screen_free(stand);
}

/* ---- one after the other ---- */

static void brackets_go_round_the_answers_to_one_prompt(void **state)
{
    (void)state;
    struct answers answers = start(3);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "]");
    pilot_see(stand, "Answer 2 of 3 to this prompt; c compares them.");
    pilot_see(stand, "Answer 2 here.");
    pilot_keys(stand, "]]");
    pilot_see(stand, "Answer 1 here.");
    pilot_keys(stand, "[");
    pilot_see(stand, "Answer 3 here.");
    pilot_keys(stand, "<Home>]");
    pilot_see(stand, "the only answer to its prompt; r asks for another");
    pilot_keys(stand, "c");
    pilot_see(stand, "the only answer");
    assert_false(stand->pilot.session->comparison.is_open);
    pilot_screen_free(stand);
}

static void brackets_reach_answers_that_the_filter_hides(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "3<Enter>");
    pilot_see(stand, "submitted and saved");
    pilot_go(&stand->pilot, &answers.ids[1]);
    pilot_keys(stand, ":filter pending<Enter>");
    pilot_see(stand, "only pending");
    pilot_keys(stand, "]");
    pilot_see(stand, "Answer 1 here.");
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    pilot_keys(stand, "1<Esc>");
    pilot_see(stand, "only pending");
    pilot_screen_free(stand);
}

/* ---- choosing ---- */

static void a_choice_shows_the_names_and_outlives_a_restart(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    pilot_see(stand, "Answer 1 here.");
    pilot_see(stand, "Answer 2 here.");
    assert_false(pilot_sees(stand, "model-"));
    int better = at(&answers, 1), worse = at(&answers, 0);
    pilot_keys(stand, "2");
    pilot_see(stand, "is better, saved; u takes it back");
    pilot_see(stand, "2 · better · model-");
    expect_pairs(&answers, pair_text(better, worse, 0));
    pilot_screen_reopen(stand);
    pilot_go(&stand->pilot, &answers.ids[0]);
    pilot_keys(stand, "c");
    pilot_see(stand, "2 · better · model-");
    assert_int_equal(at(&answers, 1), better);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid pick of");
    pilot_see(stand, "Which is better?");
    assert_false(pilot_sees(stand, "model-"));
    expect_pairs(&answers, "");
    pilot_keys(stand, "<Ctrl-R>");
    pilot_see(stand, "Redid pick of");
    pilot_see(stand, "Your choice");
    expect_pairs(&answers, pair_text(better, worse, 0));
    pilot_screen_free(stand);
}

static void the_order_is_shuffled_and_the_same_after_a_restart(void **state)
{
    (void)state;
    int orders = 0;
    for (int round = 0; round < 12; round++) {
        struct answers answers = start(4);
        pilot_keys(answers.stand, "c");
        int before[4];
        bool is_as_asked = true;
        for (int i = 0; i < 4; i++) {
            before[i] = at(&answers, i);
            is_as_asked = is_as_asked && before[i] == i + 1;
        }
        orders += !is_as_asked;
        pilot_screen_reopen(answers.stand);
        pilot_go(&answers.stand->pilot, &answers.ids[3]);
        pilot_keys(answers.stand, "c");
        for (int i = 0; i < 4; i++)
            assert_int_equal(at(&answers, i), before[i]);
        pilot_screen_free(answers.stand);
    }
    assert_true(orders > 6); /* of twelve stores; by chance alone 11.5 */
}

/* As a pick that was imported has it. */
static void a_choice_is_shown_in_the_order_in_which_it_was_made(void **state)
{
    (void)state;
    struct answers answers = start(3);
    struct pilot_screen *stand = answers.stand;
    struct err err = {0};
    static const int orders[][3] = {{3, 1, 2}, {2, 3, 1}};
    for (int i = 0; i < 2; i++) {
        struct pick pick = {.count = 3, .chosen = 1};
        for (int place = 0; place < 3; place++)
            pick.rows[place] = orders[i][place] + 1;
        assert_int_equal(store_put_pick(app_store(stand->pilot.app), &pick, &err),
                         STATUS_OK);
        pilot_keys(stand, "c");
        pilot_see(stand, "2 is the best");
        for (int place = 0; place < 3; place++)
            assert_int_equal(at(&answers, place), orders[i][place]);
        pilot_keys(stand, "<Esc>");
        pilot_see_gone(stand, "2 is the best");
    }
    pilot_screen_free(stand);
}

static void a_scale_says_by_how_much(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c<Enter>");
    pilot_see(stand, "A digit chooses one");
    pilot_keys(stand, "<Left><Left><Left><Left>");
    pilot_see(stand, "1 is better  [3]");
    pilot_keys(stand, "l<Enter>");
    pilot_see(stand, "1 is better.");
    expect_pairs(&answers, pair_text(at(&answers, 0), at(&answers, 1), 2));
    pilot_keys(stand, "<Right><Right><Right><Enter>"); /* never to the other side */
    pilot_see(stand, "1 is better, slightly.");
    pilot_keys(stand, "u");
    pilot_see(stand, "; 1 counts as better now.");
    pilot_keys(stand, "<Left>2"); /* another mind: its digit ends the scale */
    pilot_see(stand, "2 is better.");
    pilot_see(stand, "← → less/more");
    pilot_keys(stand, "<Left><Enter>");
    pilot_see(stand, "2 is better, slightly.");
    expect_pairs(&answers, pair_text(at(&answers, 1), at(&answers, 0), 1));
    pilot_keys(stand, "0");
    pilot_see(stand, "They are alike.");
    expect_pairs(&answers, "");
    pilot_see(stand, "Alike, saved; u takes it back.");
    pilot_keys(stand, "1");
    pilot_see(stand, "1 is better.");
    pilot_keys(stand, "u");
    pilot_see(stand, "; they count as alike now.");
    pilot_keys(stand, "uuu");
    pilot_see(stand, "1 is better.");
    pilot_keys(stand, "u");
    pilot_see(stand, "; no choice counts now.");
    pilot_screen_free(stand);
}

static void enter_goes_on_to_the_next_open_record(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c1");
    pilot_see(stand, "Enter next record");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Your answer");
    assert_false(stand->pilot.session->comparison.is_open);
    assert_false(pilot_sees(stand, "Your choice"));
    pilot_keys(stand, "4"); /* and digits rate again */
    pilot_see(stand, "[4]");
    pilot_screen_free(stand);
}

static void of_more_than_four_one_marks_which(void **state)
{
    (void)state;
    struct answers answers = start(6);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c");
    pilot_see(stand, "Mark two to four");
    pilot_keys(stand, " <Enter>");
    pilot_see(stand, "Mark two to 4 of them; 1 is marked.");
    pilot_keys(stand, "jj jj ");
    pilot_see(stand, "[x] #6");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Which is best?");
    int sum = at(&answers, 0) + at(&answers, 1) + at(&answers, 2);
    assert_int_equal(sum, 1 + 3 + 5);
    int best = at(&answers, 2), one = at(&answers, 0), other = at(&answers, 1);
    pilot_keys(stand, "4"); /* there is no fourth */
    pilot_see(stand, "does nothing here");
    pilot_keys(stand, "3");
    pilot_see(stand, "3 is the best.");
    char text[64];
    snprintf(text, sizeof text, "%d>%d by 0 %d>%d by 0", best, one, best, other);
    expect_pairs(&answers, text);
    pilot_screen_free(stand);
}

static void a_choice_that_the_disk_refuses_shows_no_names(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c");
    pilot_fill_disk(true);
    pilot_keys(stand, "1");
    pilot_see(stand, "The choice is not kept:");
    assert_false(pilot_sees(stand, "model-"));
    pilot_see(stand, "Which is better?");
    pilot_fill_disk(false);
    pilot_keys(stand, "1");
    pilot_see(stand, "1 · better · model-");
    expect_pairs(&answers, pair_text(at(&answers, 0), at(&answers, 1), 0));
    pilot_screen_free(stand);
}

/* ---- answers that are not whole ---- */

static void an_answer_that_streams_is_compared_at_once(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 30);
    pilot_keys(stand, "r");
    pilot_see(stand, "tok/s");
    struct id asked = pilot_current(stand);
    pilot_keys(stand, "c");
    pilot_see(stand, "being written");
    bool is_second = id_equal(&stand->pilot.session->comparison.records[1].id, &asked);
    pilot_keys(stand, is_second ? "2" : "1"); /* what one has read is enough */
    pilot_see(stand, "better · demo");
    pilot_see_gone(stand, "tok/s"); /* it went on, and ended */
    pilot_rest(stand);
    const struct record *ended =
        &stand->pilot.session->comparison.records[is_second ? 1 : 0];
    assert_int_equal(ended->completion.state, COMPLETION_DONE);
    size_t len;
    const char *text = session_record_response(stand->pilot.session, ended, &len);
    assert_true(len > 20);
    assert_non_null(text);
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    pilot_screen_free(stand);
}

static size_t times(const struct pilot_screen *stand, const char *text)
{
    size_t count = 0;
    for (const char *at = buf_text(&stand->frame); (at = strstr(at, text)); at++)
        count++;
    return count;
}

static void several_answers_stream_side_by_side(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 60);
    const struct ask_target target = {0};
    pilot_resize(stand, 40, 120);
    assert_int_equal(
        app_ask_many(stand->pilot.app, "Tell me a joke", 14, &target, 1, 3, NULL), 3);
    pilot_expect_notice(&stand->pilot,
                        "3 answers are asked for; c puts them side by side.");
    pilot_see(stand, "answer 1 of 3"); /* and more than the notice, it stays */
    pilot_see(stand, "c compare");
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is best?");
    pilot_see_gone(stand, "waiting");
    assert_int_equal(times(stand, "being written"), 3);
    assert_false(pilot_sees(stand, "demo"));
    pilot_see_gone(stand, "being written");
    pilot_rest(stand);
    pilot_keys(stand, "2");
    pilot_see(stand, "2 · best · demo");
    pilot_keys(stand, "<Enter>"); /* the next open one is one of them */
    pilot_see(stand, "Tell me a joke");
    pilot_screen_free(stand);
}

static void an_answer_that_never_came_cannot_be_chosen(void **state)
{
    (void)state;
    struct answers answers = start(1);
    struct pilot_screen *stand = answers.stand;
    answers.ids[1] = add_answer(stand, 2, &answers.ids[0], COMPLETION_FAILED);
    pilot_rest(stand);
    pilot_keys(stand, "c");
    pilot_see(stand, "No answer came.");
    bool is_second = at(&answers, 1) == 2;
    pilot_keys(stand, is_second ? "2" : "1");
    pilot_see(stand, "to choose.");
    pilot_keys(stand, is_second ? "1" : "2");
    pilot_see(stand, "There is no other answer to compare it with.");
    pilot_keys(stand, "<Esc>");
    answers.ids[2] = add_answer(stand, 3, &answers.ids[0], COMPLETION_CUT);
    pilot_rest(stand);
    pilot_keys(stand, "c");
    pilot_see(stand, "cut off");
    for (int i = 0; i < 3; i++)
        if (at(&answers, i) == 3) /* one has seen what there is of it */
            pilot_keys(stand, i == 0 ? "1" : i == 1 ? "2" : "3");
    pilot_see(stand, "is the best.");
    pilot_screen_free(stand);
}

/* ---- meanwhile ---- */

static void another_sherd_chooses_meanwhile(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    const struct record *records = stand->pilot.session->comparison.records;
    pilot_pick_by_other(&stand->pilot,
                        &(struct pick){.rows = {records[0].row, records[1].row},
                                       .count = 2,
                                       .chosen = 1,
                                       .strength = 3});
    pilot_see(stand, "2 is better, by far.");
    pilot_see(stand, "2 · better · model-");
    pilot_keys(stand, "1"); /* and mine is the later one */
    pilot_see(stand, "1 is better.");
    expect_pairs(&answers, pair_text(at(&answers, 0), at(&answers, 1), 0));
    pilot_keys(stand, "u");
    pilot_see(stand, "2 is better, by far.");
    pilot_screen_free(stand);
}

/* As `sherd sync --gone drop` does. */
static void an_answer_that_is_dropped_elsewhere_closes_the_comparison(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    sqlite3 *db;
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    assert_int_equal(sqlite3_open(store_path(app_store(stand->pilot.app)), &db),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DELETE FROM field WHERE record = 3;"
                                  "DELETE FROM completion WHERE record = 3;"
                                  "DELETE FROM record WHERE row = 3",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    pilot_see_gone(stand, "Which is better?");
    pilot_see(stand, "There is no record number 3 in the store.");
    assert_false(stand->pilot.session->comparison.is_open);
    pilot_see(stand, "Answer 1 here.");
    pilot_screen_free(stand);
}

static void taking_back_something_else_ends_the_comparison(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "<Home>2");
    pilot_see(stand, "[2]");
    pilot_go(&stand->pilot, &answers.ids[0]);
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    pilot_keys(stand, "u");
    pilot_see_gone(stand, "Which is better?");
    pilot_see(stand, "Prompt #1");
    assert_false(stand->pilot.session->comparison.is_open);
    pilot_see(stand, "Undid rate of #1");
    pilot_screen_free(stand);
}

static void a_deletion_made_again_ends_the_comparison(void **state)
{
    (void)state;
    struct answers answers = start(3);
    struct pilot_screen *stand = answers.stand;
    pilot_type(stand, ":bulk delete\ny");
    pilot_see(stand, "deleted and saved");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid delete of");
    pilot_go(&stand->pilot, &answers.ids[0]);
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is best?");
    pilot_keys(stand, "<Ctrl-R>"); /* what is deleted cannot be chosen */
    pilot_see_gone(stand, "Which is best?");
    pilot_see(stand, "0 of 0 done");
    assert_int_equal(stand->pilot.session->comparison.count, 0);
    pilot_screen_free(stand);
}

static void pages_and_commands_keep_the_names_hidden(void **state)
{
    (void)state;
    struct answers answers = start(2);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "c:");
    pilot_type(stand, "temperature 0.3");
    assert_false(pilot_sees(stand, "model-"));
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Which is better?");
    pilot_keys(stand, "?");
    pilot_see(stand, "While answers stand beside each other");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Which is better?");
    pilot_keys(stand, "I4f");
    pilot_see(stand, "does nothing here");
    assert_false(pilot_sees(stand, "model-"));
    pilot_paste(stand, "1");
    pilot_see(stand, "Pasted text is taken");
    expect_pairs(&answers, "");
    pilot_screen_free(stand);
}

static void a_smaller_window_shows_one_after_the_other(void **state)
{
    (void)state;
    struct answers answers = start(3);
    struct pilot_screen *stand = answers.stand;
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "c");
    for (int i = 1; i <= 3; i++) {
        char text[32];
        snprintf(text, sizeof text, "Answer %d here.", i);
        pilot_see(stand, text);
    }
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, "All answers are in view.");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "1 of 3");
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, "2 of 3");
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>");
    pilot_see(stand, "3 of 3");
    pilot_resize(stand, 9, 30);
    pilot_see(stand, "sherd needs a window");
    pilot_keys(stand, "1"); /* what is not seen is not chosen */
    expect_pairs(&answers, "");
    pilot_resize(stand, 24, 80);
    pilot_see(stand, "Which is best?");
    pilot_keys(stand, "3");
    pilot_see(stand, "3 is the best.");
    pilot_screen_free(stand);
}

static void long_answers_scroll_together(void **state)
{
    (void)state;
    struct answers answers = start(1);
    struct pilot_screen *stand = answers.stand;
    for (int i = 0; i < 2; i++) {
        struct buf text = {0};
        struct record record = {.dataset_row = stand->pilot.session->dataset.row,
                                .has_completion = true};
        for (int line = 1; line <= 60 - 20 * i; line++)
            buf_addf(&text, "%c%d.\n\n", 'p' + i, line);
        id_random(&record.id);
        completion_init(&record.completion);
        record.completion.state = COMPLETION_DONE;
        record.completion.parent = answers.ids[0];
        record_set_field(&record, "prompt", "The one prompt", 14);
        record_set_field(&record, "response", text.data, text.len);
        pilot_add_record(&stand->pilot, &record, true);
        record_clear(&record);
        buf_clear(&text);
    }
    pilot_rest(stand);
    pilot_resize(stand, 24, 130);
    pilot_keys(stand, "c");
    pilot_see(stand, "p1.");
    pilot_see(stand, "q1.");
    pilot_keys(stand, "jj");
    pilot_see_gone(stand, "p1.");
    assert_false(pilot_sees(stand, "q1."));
    pilot_keys(stand, "<End>");
    pilot_see(stand, "p60.");
    assert_false(pilot_sees(stand, "q40."));
    pilot_keys(stand, "<Home>");
    pilot_see(stand, "q1.");
    pilot_screen_free(stand);
}

/* The server's dataset has another text beside the two. */
static void add_field(json_t *dataset)
{
    json_t *fields = json_object_get(dataset, "fields");
    json_t *more = json_deep_copy(json_array_get(fields, 1));
    json_object_set_new(more, "id", json_string("9d9d9d9d-0000-4000-8000-000000000001"));
    json_object_set_new(more, "name", json_string("source"));
    json_object_set_new(more, "required", json_false());
    json_array_append_new(fields, more);
}

static void a_dataset_that_arrives_closes_the_comparison(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    struct fake_argilla *argilla = pilot_use_argilla(&stand->pilot, "2.8.0");
    fake_argilla_add_dataset(argilla, "langchain-dataset");
    fake_argilla_edit(argilla, "langchain-dataset", add_field);
    stand->pilot.is_offline = true;
    pilot_screen_start(stand);
    struct answers answers = {.stand = stand};
    for (int i = 0; i < 2; i++)
        answers.ids[i] =
            add_answer(stand, i + 1, i ? &answers.ids[0] : NULL, COMPLETION_DONE);
    pilot_go(&stand->pilot, &answers.ids[0]);
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?");
    app_sync(stand->pilot.app);
    pilot_see_gone(stand, "Which is better?");
    pilot_keys(stand, "1"); /* meant for the comparison */
    pilot_rest(stand);
    assert_false(stand->pilot.session->comparison.is_open);
    pilot_expect(&stand->pilot, &answers.ids[0], RESPONSE_PENDING, 0, NULL);
    pilot_expect(&stand->pilot, &answers.ids[1], RESPONSE_PENDING, 0, NULL);
    pilot_see(stand, "Your answer");
    pilot_go(&stand->pilot, &answers.ids[0]);
    pilot_run(&stand->pilot, 1100);
    pilot_keys(stand, "c");
    pilot_see(stand, "Which is better?"); /* and it can be opened again */
    pilot_screen_free(stand);
}

/* ---- words ---- */

static void the_words_that_differ_are_shown_of_each_two(void **state)
{
    (void)state;
    struct answers answers = start(3);
    struct pilot_screen *stand = answers.stand;
    pilot_keys(stand, "=");
    pilot_see(stand, "[-only 1-] {+only 2+}");
    char text[64];
    snprintf(text, sizeof text, "Answer [-%d-] {+%d+} here.", at(&answers, 0),
             at(&answers, 1));
    pilot_see(stand, text);
    pilot_see(stand, "2 words differ");
    pilot_keys(stand, "=");
    pilot_see(stand, "[-only 1-] {+only 3+}");
    pilot_keys(stand, "=");
    pilot_see(stand, "[-only 2-] {+only 3+}");
    pilot_keys(stand, "=");
    pilot_see_gone(stand, "[-only");
    pilot_keys(stand, "=2");
    pilot_see(stand, "2 · best · model-");
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_go_round_the_answers_to_one_prompt),
        cmocka_unit_test(a_box_that_a_command_opens_ends_the_comparison),
        cmocka_unit_test(brackets_reach_answers_that_the_filter_hides),
        cmocka_unit_test(a_choice_shows_the_names_and_outlives_a_restart),
        cmocka_unit_test(the_order_is_shuffled_and_the_same_after_a_restart),
        cmocka_unit_test(a_choice_is_shown_in_the_order_in_which_it_was_made),
        cmocka_unit_test(a_scale_says_by_how_much),
        cmocka_unit_test(enter_goes_on_to_the_next_open_record),
        cmocka_unit_test(of_more_than_four_one_marks_which),
        cmocka_unit_test(a_choice_that_the_disk_refuses_shows_no_names),
        cmocka_unit_test(an_answer_that_streams_is_compared_at_once),
        cmocka_unit_test(several_answers_stream_side_by_side),
        cmocka_unit_test(an_answer_that_never_came_cannot_be_chosen),
        cmocka_unit_test(another_sherd_chooses_meanwhile),
        cmocka_unit_test(an_answer_that_is_dropped_elsewhere_closes_the_comparison),
        cmocka_unit_test(taking_back_something_else_ends_the_comparison),
        cmocka_unit_test(a_deletion_made_again_ends_the_comparison),
        cmocka_unit_test(pages_and_commands_keep_the_names_hidden),
        cmocka_unit_test(a_smaller_window_shows_one_after_the_other),
        cmocka_unit_test(a_dataset_that_arrives_closes_the_comparison),
        cmocka_unit_test(long_answers_scroll_together),
        cmocka_unit_test(the_words_that_differ_are_shown_of_each_two),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
