/* SPDX-License-Identifier: MIT
 * Whole sessions of marking, changing many records in one go, and taking it back. */
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

#include "app/app.h"
#include "tests/support/all_questions.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/pilot_screen.h"
#include "json/dataset_json.h"

#define MANY 100 /* more than a slice */

static size_t count_of(const struct pilot_screen *stand, enum response_status status)
{
    return stand->pilot.session->queue.counts[status];
}

/* Waits until so many have the status, and nothing is under way. */
static void see_counts(struct pilot_screen *stand, enum response_status status,
                       size_t count)
{
    for (int i = 0; i < 10000 && (count_of(stand, status) != count ||
                                  stand->pilot.session->bulk.phase != BULK_NONE);
         i++)
        pilot_run(&stand->pilot, 1);
    assert_int_equal(stand->pilot.session->bulk.phase, BULK_NONE);
    assert_int_equal(count_of(stand, status), count);
}

static void expect_status(struct pilot_screen *stand, size_t index,
                          enum response_status status)
{
    struct record record = {0};
    int64_t row = stand->pilot.session->queue.rows[index].row;
    assert_int_equal(
        store_get_record_row(app_store(stand->pilot.app), row, &record, NULL), STATUS_OK);
    assert_int_equal(record.response.status, status);
    record_clear(&record);
}

static void all_shown_are_discarded_after_a_question(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 20);
    pilot_keys(stand, "B");
    pilot_see(stand, "For all 100 shown");
    pilot_keys(stand, "d");
    pilot_see(stand, "Discard 100 records? y: yes; any other key: no.");
    pilot_keys(stand, "j"); /* anything else */
    pilot_see(stand, "Nothing is changed.");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    assert_int_equal(count_of(stand, RESPONSE_DISCARDED), 0);

    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "y: yes");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_DISCARDED, MANY);
    pilot_see(stand, "100 records discarded and saved; u takes it back.");
    expect_status(stand, 99, RESPONSE_DISCARDED);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_PENDING, MANY);
    pilot_see(stand, "Undid discard of 100 records.");
    pilot_keys(stand, "<Ctrl-R>");
    see_counts(stand, RESPONSE_DISCARDED, MANY);
    pilot_screen_reopen(stand);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_PENDING, MANY);
    expect_status(stand, 0, RESPONSE_PENDING);
    pilot_screen_free(stand);
}

/* On a machine where a record takes milliseconds, a key waits for a few of them. */
static void a_key_gets_in_between_the_records(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 20);
    const struct session *session = stand->pilot.session;
    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "y: yes");
    pilot_slow_down(&stand->pilot);
    pilot_keys(stand, "y");
    assert_int_equal(session->bulk.phase, BULK_WRITING);
    assert_true(session->bulk.done >= 1 && session->bulk.done <= 8);
    size_t before = session->queue.position;
    pilot_keys(stand, "l");
    assert_int_equal(session->queue.position, before + 1);
    assert_int_equal(session->bulk.phase, BULK_WRITING);
    see_counts(stand, RESPONSE_DISCARDED, MANY);
    pilot_keys(stand, "u");
    assert_int_equal(session->bulk.phase, BULK_WALKING);
    assert_true(session->bulk.done >= 1 && session->bulk.done <= 8);
    see_counts(stand, RESPONSE_PENDING, MANY);
    pilot_screen_free(stand);
}

static void single_changes_before_and_after_it_are_steps_of_their_own(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 20);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "3<Enter>");
    pilot_type(stand, ":bulk rate 5 submit\n");
    pilot_see(stand, "Give and submit Rating 5 for 100 records, changing 1 submitted?");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_SUBMITTED, MANY);
    pilot_see(stand, "100 records given Rating 5, submitted and saved;");
    pilot_go(&stand->pilot, &first);
    pilot_keys(stand, "2");
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 2, NULL);
    pilot_keys(stand, "u");
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 5, NULL);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_SUBMITTED, 1);
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 3, NULL);
    pilot_keys(stand, "u");
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 3, NULL);
    pilot_keys(stand, "<Ctrl-R><Ctrl-R>");
    see_counts(stand, RESPONSE_SUBMITTED, MANY);
    pilot_keys(stand, "<Ctrl-R>");
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 2, NULL);
    pilot_screen_free(stand);
}

static void the_marked_ones_alone_are_changed(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(20, 20);
    pilot_keys(stand, "w");
    pilot_see(stand, "1 marked.");
    pilot_keys(stand, "vjjwjjjW"); /* 3, and 3 to 6 */
    pilot_see(stand, "5 marked");
    pilot_see(stand, "*");
    pilot_keys(stand, "w"); /* not 6 */
    pilot_see(stand, "4 marked");
    pilot_type(stand, ":mark 10-12\n");
    pilot_see(stand, "7 marked");
    pilot_type(stand, ":bulk rate 4\n");
    pilot_see(stand, "Give Rating 4 to 7 marked records?");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_DRAFT, 7);
    expect_status(stand, 0, RESPONSE_DRAFT);
    expect_status(stand, 1, RESPONSE_PENDING);
    expect_status(stand, 5, RESPONSE_PENDING);
    expect_status(stand, 11, RESPONSE_DRAFT);
    pilot_keys(stand, "u"); /* from the list as well */
    see_counts(stand, RESPONSE_PENDING, 20);
    pilot_type(stand, ":mark 2\n:mark none\n");
    pilot_see(stand, "0 marked.");
    pilot_keys(stand, "<Esc>B<Esc>");
    pilot_screen_free(stand);
}

static void what_is_left_out_is_said(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 20);
    pilot_keys(stand, "4");
    pilot_type(stand, ":bulk submit\n");
    pilot_see(stand, "Submit 1 record?");
    pilot_see(stand, "no. Left as they are: 3 without a");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_SUBMITTED, 1);
    pilot_type(stand, ":bulk submit\n");
    pilot_see(stand,
              "There is nothing to change. Left as they are: 1 as asked for already,");
    pilot_type(stand, ":bulk rate 9\n");
    pilot_see(stand, "It takes 1 to 5.");
    pilot_type(stand, ":bulk rate\n");
    pilot_see(stand, ":bulk rate needs a number");
    pilot_type(stand, ":bulk submit twice\n");
    pilot_see(stand, "Nothing comes behind that word");
    pilot_type(stand, ":bulk burn\n");
    pilot_see(stand, ":bulk takes QUESTION=VALUE");
    pilot_type(stand, ":mark some\n");
    pilot_see(stand, ":mark takes 12-40");
    pilot_type(stand, ":bulk rate 2\n");
    pilot_see(stand,
              "Give Rating 2 to 4 records, 1 of which is done and opens again? y: yes;");
    pilot_keys(stand, "n");
    pilot_type(stand, ":bulk rate 2 draft\ny"); /* another value, told by the word too */
    see_counts(stand, RESPONSE_DRAFT, 4);
    assert_int_equal(stand->pilot.session->queue.changed, 1);
    pilot_see(stand, "draft, was submitted");
    pilot_screen_free(stand);
}

static void answers_that_were_given_are_counted_in_the_question(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 20);
    pilot_keys(stand, "4<Enter>4<Enter>d");
    pilot_type(stand, ":bulk rate 3 submit\n");
    pilot_see(stand, "Give and submit Rating 3 for 4 records, changing 2 submitted and 1 "
                     "discarded?");
    pilot_keys(stand, "n");
    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "Discard 3 records, changing 2 submitted? y: yes;");
    pilot_keys(stand, "n");
    pilot_screen_free(stand);
}

static void what_is_changed_while_it_is_asked_is_left(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 20);
    struct record record = {0};
    int64_t row = stand->pilot.session->queue.rows[2].row;
    store_get_record_row(app_store(stand->pilot.app), row, &record, NULL);
    pilot_type(stand, ":mark 2-4\n:bulk rate 3 submit\n");
    pilot_see(stand, "for 3 marked records? y: yes;");
    pilot_put_by_other(&stand->pilot, &record.id, RESPONSE_SUBMITTED, 5, NULL);
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_SUBMITTED, 3);
    pilot_see(stand, "2 records given Rating 3, submitted and saved;");
    pilot_see(stand, "Left as they are: 1 answered meanwhile.");
    assert_int_equal(stand->pilot.session->marks.count, 1); /* the one to look at */
    assert_int_equal(stand->pilot.session->marks.rows[0], row);
    pilot_expect(&stand->pilot, &record.id, RESPONSE_SUBMITTED, 5, NULL);
    record_clear(&record);
    pilot_screen_free(stand);
}

static void spans_are_submitted_and_what_is_refused_is_said(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 3, .prepare = all_questions};
    pilot_screen_start(&stand);
    pilot_keys(&stand, "5<Tab><Tab><Space>1<Esc>"); /* a word */
    pilot_see(&stand, "[Person “");
    pilot_type(&stand, ":bulk rate 4 submit\n");
    pilot_see(&stand,
              "Give and submit Score 4 for 3 records? y: yes; any other key: no.");
    pilot_keys(&stand, "n");
    pilot_type(&stand, ":bulk submit\n");
    pilot_see(&stand, "Submit 1 record?");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_SUBMITTED, 1);
    pilot_keys(&stand, "<Shift-Tab>1"); /* one of three to be ranked */
    see_counts(&stand, RESPONSE_DRAFT, 1);
    pilot_type(&stand, ":bulk submit\n");
    pilot_see(
        &stand,
        "There is nothing to change. Left as they are: 2 without a required answer");
    pilot_see(&stand, "with an answer that is refused (#1: Order ranks only some;");
    pilot_screen_end(&stand);
}

/* After the question. */
static void fill_disk_while_written(struct pilot_screen *stand)
{
    pilot_slow_down(&stand->pilot); /* a few records a slice */
    pilot_keys(stand, "y");
    assert_int_equal(stand->pilot.session->bulk.phase, BULK_WRITING);
    pilot_fill_disk(true);
    pilot_see(stand, "Nothing is changed: The store ");
    app_dismiss_notice(stand->pilot.app);
    pilot_see(stand, "Not all is taken back yet: The store ");
    assert_string_equal(stand->pilot.session->bulk.text, "Taking back");
    pilot_fill_disk(false);
    see_counts(stand, RESPONSE_PENDING, MANY);
}

static void a_full_disk_leaves_nothing_half(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = MANY};
    stand.pilot.vfs = "fault";
    pilot_screen_start(&stand);
    pilot_type(&stand, ":bulk discard\n");
    pilot_see(&stand, "y: yes");
    fill_disk_while_written(&stand);
    pilot_see(&stand, "A bulk change was not finished");
    expect_status(&stand, 0, RESPONSE_PENDING);
    pilot_screen_end(&stand);
}

static void one_that_quitting_meets_is_finished(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 20);
    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "y: yes");
    pilot_slow_down(&stand->pilot); /* a few records a slice */
    pilot_keys(stand, "y");
    assert_int_equal(stand->pilot.session->bulk.phase, BULK_WRITING);
    pilot_keys(stand, "u"); /* not yet */
    pilot_screen_reopen(stand);
    see_counts(stand, RESPONSE_DISCARDED, MANY);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_PENDING, MANY);
    pilot_screen_free(stand);
}

static void what_streams_and_what_another_sherd_changes_is_met(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 1000000);
    int64_t row = stand->pilot.session->queue.rows[50].row;
    struct record record = {0};
    pilot_keys(stand, "i");
    pilot_type(stand, "And now?\n");
    pilot_see(stand, "stop");
    pilot_type(stand, ":bulk rate 3\n");
    pilot_see(stand, "Give Rating 3 to 100 records?");
    pilot_see(stand, "still being written");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_DRAFT, MANY);
    pilot_see(stand, "given Rating 3 and saved");
    store_get_record_row(app_store(stand->pilot.app), row, &record, NULL);
    pilot_put_by_other(&stand->pilot, &record.id, RESPONSE_SUBMITTED, 5, NULL);
    pilot_keys(stand, "u"); /* the other's was the last step */
    pilot_see(stand, "Undid rate of #51: Rating.");
    pilot_expect(&stand->pilot, &record.id, RESPONSE_DRAFT, 3, NULL);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_DRAFT, 0);
    pilot_see(stand, "Undid rate of 100 records.");
    record_clear(&record);
    pilot_screen_free(stand);
}

static void flags_are_put_and_taken_off_in_one_go(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(MANY, 20);
    const struct queue *queue = &stand->pilot.session->queue;
    pilot_keys(stand, "b");
    pilot_type(stand, ":bulk flag\n");
    pilot_see(stand,
              "Flag 99 records? y: yes; any other key: no. Left as they are: 1 as");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_PENDING, MANY);
    pilot_see(stand, "99 records flagged and saved");
    assert_int_equal(queue->flagged, MANY);
    pilot_type(stand, ":bulk unflag\n");
    pilot_see(stand, "Take the flags off 100 records?");
    pilot_keys(stand, "y");
    pilot_see(stand, "not flagged any more and saved");
    assert_int_equal(queue->flagged, 0);
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid unflag of 100 records.");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid flag of 99 records.");
    assert_int_equal(queue->flagged, 1);
    pilot_screen_free(stand);
}

/* ---- several answers in one go ---- */

static void expect_answer(struct pilot_screen *stand, size_t index, const char *question,
                          const char *text)
{
    struct record record = {0};
    int64_t row = stand->pilot.session->queue.rows[index].row;
    assert_int_equal(
        store_get_record_row(app_store(stand->pilot.app), row, &record, NULL), STATUS_OK);
    const struct value *value = values_find(&record.response.values, question);
    char number[16];
    if (text) {
        assert_non_null(value);
        snprintf(number, sizeof number, "%d", value->rating);
        assert_string_equal(value->type == QUESTION_RATING ? number : value->text, text);
    } else {
        assert_null(value);
    }
    record_clear(&record);
}

static void a_form_is_filled_once_for_all_that_are_marked(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 4, .prepare = all_questions};
    pilot_screen_start(&stand);
    pilot_type(&stand, ":mark 2-3\n");
    pilot_keys(&stand, "B");
    pilot_see(&stand, "For 2 marked");
    pilot_keys(&stand, "721"); /* a score, two faults */
    pilot_keys(&stand, "f");
    pilot_type(&stand, "Same\nremark.");
    pilot_keys(&stand, "<Esc><Tab><Tab>213<Tab>2"); /* order, topic */
    pilot_keys(&stand, "<Enter>");
    pilot_see(&stand, "Give and submit Score 7, Faults ");
    pilot_see(&stand, "for 2 marked records?");
    pilot_keys(&stand, "n"); /* what is filled in stays */
    pilot_keys(&stand, "<Alt-Enter>");
    pilot_see(&stand, "for 2 marked records?");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_SUBMITTED, 2);
    pilot_see(&stand, "The marks are off.");
    pilot_see(&stand, "Your answer");
    assert_int_equal(stand.pilot.session->marks.count, 0);
    for (size_t i = 1; i < 3; i++) {
        expect_status(&stand, i, RESPONSE_SUBMITTED);
        expect_answer(&stand, i, "score", "7");
        expect_answer(&stand, i, "topic", "t2");
        expect_answer(&stand, i, "why", "Same\nremark.");
        expect_answer(&stand, i, "faults", "[\"long\",\"wrong\"]");
        expect_answer(&stand, i, "order",
                      "[{\"value\":\"a\",\"rank\":2},{\"value\":\"b\",\"rank\":1},"
                      "{\"value\":\"c\",\"rank\":3}]");
    }
    expect_status(&stand, 3, RESPONSE_PENDING);
    pilot_screen_reopen(&stand);
    pilot_keys(&stand, "u"); /* all of it is one step */
    see_counts(&stand, RESPONSE_PENDING, 4);
    pilot_see(&stand, "Undid submit of 2 records.");
    expect_answer(&stand, 1, "why", NULL);
    pilot_screen_end(&stand);
}

static void a_line_has_several_answers(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 3, .prepare = all_questions};
    pilot_screen_start(&stand);
    pilot_type(&stand, ":bulk score=4 Topic='topic 7' faults=rude,long why=\"same "
                       "remark\" order=b,a=c submit\n");
    pilot_see(&stand, "Give and submit Score 4, Topic topic 7, Faults Rude, Too long,");
    pilot_see(&stand, "for 3 records?");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_SUBMITTED, 3);
    expect_answer(&stand, 2, "why", "same remark");
    expect_answer(&stand, 2, "topic", "t7");
    pilot_type(&stand, ":bulk faults=long,rude score=4\n"); /* in another order */
    pilot_see(&stand, "There is nothing to change.");
    pilot_type(&stand, ":bulk choose dull\n"); /* one more */
    pilot_see(&stand, "3 of which are done and open again");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_DRAFT, 3);
    expect_answer(&stand, 0, "faults", "[\"long\",\"rude\",\"dull\"]");
    pilot_type(&stand, ":bulk why= faults=dull discard\n");
    pilot_see(&stand, "Give Why nothing, Faults Dull to and discard 3 records?");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_DISCARDED, 3);
    expect_answer(&stand, 1, "why", NULL);
    expect_answer(&stand, 1, "faults", "[\"dull\"]");
    pilot_keys(&stand, "uuu");
    see_counts(&stand, RESPONSE_PENDING, 3);
    pilot_type(&stand, ":bulk choose topic 300\n"); /* of the last question */
    pilot_see(&stand, "Give Topic topic 300 to 3 records?");
    pilot_keys(&stand, "n");
    pilot_screen_end(&stand);
}

static void tab_completes_a_line_of_several_answers(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 2, .prepare = all_questions};
    pilot_screen_start(&stand);
    pilot_type(&stand, ":bulk sc");
    pilot_keys(&stand, "<Tab>");
    pilot_see(&stand, ":bulk score= ");
    pilot_type(&stand, "7 FAU");
    pilot_keys(&stand, "<Tab>");
    pilot_see(&stand, ":bulk score=7 faults= ");
    pilot_type(&stand, "to");
    pilot_keys(&stand, "<Tab>");
    pilot_see(&stand, ":bulk score=7 'faults=Too long'");
    pilot_type(&stand, " sub");
    pilot_keys(&stand, "<Tab><Enter>");
    pilot_see(&stand, "Give and submit Score 7, Faults Too long for 2 records?");
    pilot_keys(&stand, "n");
    pilot_type(&stand, ":bulk choose ru"); /* what it was focused on has no such one */
    pilot_keys(&stand, "<Tab>");
    pilot_see_gone(&stand, "choose Rude");
    pilot_keys(&stand, "<Esc><Tab><Tab>"); /* to the faults */
    pilot_type(&stand, ":bulk choose ru");
    pilot_keys(&stand, "<Tab>");
    pilot_see(&stand, ":bulk choose Rude");
    pilot_keys(&stand, "<Esc>");
    pilot_type(&stand, ":bulk top");
    pilot_keys(&stand, "<Tab><Tab>"); /* the one question, then its options */
    pilot_see(&stand, "topic=topic 1");
    pilot_keys(&stand, "<Esc>");
    pilot_type(&stand, ":mar");
    pilot_keys(&stand, "<Tab><Tab>"); /* it is one word, though a key's name as well */
    pilot_see(&stand, ":mark all");
    pilot_keys(&stand, "<Esc>");
    pilot_type(&stand, ":bulk parts");
    pilot_keys(&stand, "<Tab>");
    pilot_see_gone(&stand, "parts="); /* no spans */
    pilot_screen_end(&stand);
}

static void a_click_fills_the_form_for_many(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 2, .prepare = all_questions};
    pilot_screen_start(&stand);
    pilot_keys(&stand, "B");
    pilot_see(&stand, "For all 2 shown");
    pilot_click(&stand, "3 Rude");
    pilot_see(&stand, "[3 Rude]");
    pilot_click(&stand, "Parts");
    pilot_see(&stand, "Spans are in the text of one record");
    pilot_click(&stand, "Why");
    pilot_type(&stand, "So.");
    pilot_keys(&stand, "<Esc><Backspace>"); /* taken out again */
    pilot_see_gone(&stand, "So.");
    pilot_keys(&stand, "s");
    pilot_see(&stand, "Give Faults Rude to and make drafts of 2 records?");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_DRAFT, 2);
    expect_answer(&stand, 1, "faults", "[\"rude\"]");
    pilot_screen_end(&stand);
}

static void spans_before_a_text(struct dataset *dataset)
{
    json_t *all = all_questions_json();
    json_t *two = json_pack("[O,O]", json_array_get(all, 4), json_array_get(all, 1));
    dataset_questions_from_json(dataset, two);
    json_decref(two);
    json_decref(all);
}

static void the_form_for_many_begins_where_it_can_be_filled(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 2, .prepare = spans_before_a_text};
    pilot_screen_start(&stand);
    pilot_see(&stand, "Parts");
    pilot_keys(&stand, "B");
    pilot_see(&stand, "For all 2 shown");
    pilot_keys(&stand, "p");
    pilot_type(&stand, "Said.");
    pilot_see(&stand, "Said.");
    pilot_screen_end(&stand);
}

/* Argilla's page discards with Backspace, which else takes an answer out. */
static void a_preset_is_what_the_keys_of_the_form_for_many_do(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    stand->pilot.settings.preset = PRESET_ARGILLA;
    pilot_screen_reopen(stand);
    pilot_keys(stand, "B4:");
    pilot_see(stand, ":bulk");
    pilot_keys(stand, "<Esc>"); /* back to the form */
    pilot_see(stand, "For all 2 shown");
    pilot_see(stand, "[4]");
    pilot_see(stand, "Backspace discard");
    pilot_keys(stand, "<Delete>");
    pilot_see_gone(stand, "[4]");
    pilot_keys(stand, "<Backspace>");
    pilot_see(stand, "Discard 2 records?");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_DISCARDED, 2);
    pilot_screen_free(stand);
}

static void where_there_is_no_record_none_is_changed(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 0);
    pilot_type(stand, ":bulk discard\n");
    pilot_see(stand, "There is no record yet: i writes a prompt.");
    assert_int_equal(stand->pilot.session->bulk.phase, BULK_NONE);
    pilot_screen_free(stand);
}

static void what_cannot_be_given_to_many_is_refused(void **state)
{
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"parts=person:0-3", "“parts” asks for spans"},
        {"score=4 score=5", "“score” is answered twice."},
        {"score=4 nosuch=1", "The dataset has no question “nosuch”; it asks score, why, "
                             "faults, order, parts, marks, topic."},
        {"score=44", "“score” does not take this rating: “44”. It takes 0 to 10."},
        {"score=x", "“score” does not take this: “x”. It takes 0 to 10."},
        {"score=4 topic", "An answer is QUESTION=VALUE; “topic” has no “=”."},
        {"topic=x", "“topic” does not know this label: “x”. It takes one of t1, t2, "},
        {"topic=x", ", t30 and 270 more."},
        {"why=\"half", "without its end"},
        {"faults=long,nosuch",
         "It takes some, with commas between, of long, wrong, rude, "
         "dull."},
        {"order=a,x", "It takes in their order, the best first, with a comma between "
                      "ranks and = between equals: a, b, c."},
        {"choose", ":bulk choose needs an option; Tab shows them."},
        {"choose nosuch", "No label question has the option \"nosuch\"; Tab shows them."},
        {"rate", ":bulk rate needs a number, such as :bulk rate 4."},
        {"rate 11", "“score” does not take this rating: “11”. It takes 0 to 10."},
    };
    (void)state;
    struct pilot_screen stand = {.records = 2, .prepare = all_questions};
    pilot_screen_start(&stand);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pilot_type(&stand, ":bulk ");
        pilot_type(&stand, rows[i].line);
        pilot_type(&stand, "\n");
        pilot_expect_notice(&stand.pilot, rows[i].says);
        assert_int_equal(stand.pilot.session->bulk.phase, BULK_NONE);
    }
    pilot_screen_end(&stand);
}

static void as_here_takes_the_form_of_the_record_without_its_spans(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 3, .prepare = all_questions};
    pilot_screen_start(&stand);
    pilot_type(&stand, ":bulk here submit\n");
    pilot_see(&stand, "has no answer that many could have");
    pilot_keys(&stand, "5<Tab><Tab><Space>1<Esc>"); /* a word */
    pilot_see(&stand, "[Person “");
    pilot_keys(&stand, "f");
    pilot_type(&stand, "Why not?");
    pilot_keys(&stand, "<Esc>BB");
    pilot_see(&stand, "Filled in as #1 is. Spans are in the text of one record");
    pilot_keys(&stand, "<Enter>");
    pilot_see(&stand, "Give and submit Score 5, Why “Why not?” for 3 records?");
    pilot_keys(&stand, "y");
    see_counts(&stand, RESPONSE_SUBMITTED, 3);
    expect_answer(&stand, 2, "why", "Why not?");
    expect_answer(&stand, 0, "why", "Why not?");
    expect_answer(&stand, 2, "parts", NULL);
    pilot_screen_end(&stand);
}

static void what_is_filled_in_stays_until_it_is_given(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 20);
    pilot_keys(stand, "4");
    pilot_see(stand, "draft saved");
    pilot_keys(stand, "B");
    pilot_see(stand, "For all 3 shown");
    pilot_see_gone(stand, "draft saved"); /* what is filled in is saved nowhere */
    pilot_keys(stand, "5f");
    pilot_see(stand, "Esc done  Esc Enter submit all  Tab next question");
    pilot_type(stand, "yped.");
    pilot_keys(stand, "<Ctrl-A>T"); /* among the keys of Ctrl, c alone ends it */
    pilot_see(stand, " Typed.");
    pilot_keys(stand, "<Ctrl-C>B");
    pilot_see(stand, "Filled in as #1 is, where nothing was.");
    pilot_see(stand, "[5]");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "What you filled in is kept for the next time, and saved nowhere.");
    pilot_keys(stand, "lB");
    pilot_see(stand, "Filled in as you left it; Delete takes an answer out.");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Give and submit Rating 5, Feedback “Typed.” for 3 records?");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_SUBMITTED, 3);
    pilot_keys(stand, "BB");
    pilot_see(stand, "Filled in as #2 is.");
    pilot_keys(stand, "<Delete><Tab><Delete><Esc>B"); /* emptied */
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "There is nothing to change.");
    pilot_screen_free(stand);
}

static void a_full_disk_takes_all_of_the_answers_back(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = MANY};
    stand.pilot.vfs = "fault";
    pilot_screen_start(&stand);
    pilot_keys(&stand, "B4f");
    pilot_type(&stand, "Half.");
    pilot_keys(&stand, "<Esc><Enter>");
    pilot_see(&stand, "Give and submit Rating 4, Feedback “Half.” for 100 records?");
    fill_disk_while_written(&stand);
    for (size_t i = 0; i < MANY; i++)
        expect_answer(&stand, i, "response-feedback", NULL);
    pilot_screen_end(&stand);
}

/* ---- deletion ---- */

static void a_deleted_record_is_hidden_and_undo_brings_it_back(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 20);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "<Delete>");
    pilot_see(stand,
              "Delete #1? y: yes; any other key: no. u takes it back for 10 minutes;");
    pilot_keys(stand, "<Delete>");
    pilot_see(stand, "Nothing is changed.");
    pilot_type(stand, ":delete\ny");
    pilot_see(stand, "1 record deleted and saved");
    pilot_see(stand, "Prompt #2");
    see_counts(stand, RESPONSE_PENDING, 2);
    pilot_keys(stand, "h"); /* it is not there */
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid delete of #1.");
    see_counts(stand, RESPONSE_PENDING, 3);
    pilot_keys(stand, "<Ctrl-R>");
    see_counts(stand, RESPONSE_PENDING, 2);
    pilot_screen_reopen(stand);
    see_counts(stand, RESPONSE_PENDING, 2);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_PENDING, 3);
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);

    pilot_type(stand, ":bulk delete\n");
    pilot_see(stand, "Delete 3 records?");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_PENDING, 0);
    pilot_keys(stand, "4"); /* there is nothing to rate */
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_PENDING, 3);
    pilot_screen_free(stand);
}

struct remote {
    struct fake_argilla *argilla;
    struct pilot_screen stand;
};

static void start_remote(struct remote *remote, const char *role)
{
    *remote = (struct remote){0};
    remote->argilla = pilot_use_argilla(&remote->stand.pilot, "2.8.0");
    fake_argilla_add_dataset(remote->argilla, "langchain-dataset");
    fake_argilla_set_role(remote->argilla, role);
    for (int i = 1; i <= 3; i++) {
        char prompt[16];
        snprintf(prompt, sizeof prompt, "Remote %d", i);
        fake_argilla_add_record(remote->argilla, "langchain-dataset", prompt, "Text.");
    }
    pilot_screen_start(&remote->stand);
    see_counts(&remote->stand, RESPONSE_PENDING, 3);
}

static void end_remote(struct remote *remote)
{
    pilot_screen_end(&remote->stand);
}

static size_t count_remote(struct remote *remote)
{
    json_t *dataset = fake_argilla_dataset(remote->argilla, "langchain-dataset");
    size_t count = json_array_size(json_object_get(dataset, "records"));
    json_decref(dataset);
    return count;
}

static void a_deletion_is_sent_with_the_sync_that_is_asked_for(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_keys(stand, "<Delete>");
    pilot_see(stand, "no. Here at once; on the server after 10");
    pilot_keys(stand, "y");
    pilot_see(stand, "1 to delete");
    see_counts(stand, RESPONSE_PENDING, 2);
    pilot_keys(stand, "4"); /* an answer goes out at once, the deletion does not */
    pilot_rest(stand);
    assert_int_equal(count_remote(&remote), 3);
    pilot_keys(stand, "O");
    pilot_see(stand, "#1     delete  at ");
    pilot_keys(stand, "<Esc>S");
    pilot_see(stand, "all sent");
    assert_int_equal(count_remote(&remote), 2);
    pilot_keys(stand, "uu");
    pilot_see(stand, "The deletion has been sent: it cannot be undone");
    see_counts(stand, RESPONSE_PENDING, 2);
    pilot_screen_reopen(stand);
    see_counts(stand, RESPONSE_PENDING, 2);
    assert_int_equal(stand->pilot.session->queue.count, 2); /* it has left the store */
    end_remote(&remote);
}

/* The command is everybody's; the page counts by what oneself has answered. */
static void the_command_comes_before_the_address_which_is_ones_own(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_keys(stand, "W");
    const char *said = stand->pilot.session->notice.text;
    assert_ptr_equal(strstr(said, "sherd review argilla/langchain-dataset --record "),
                     said);
    const char *own = strstr(said, "for you on the web: http");
    assert_non_null(own);
    assert_non_null(strstr(own, "/annotation-mode?page=1"));
    assert_ptr_equal(strstr(buf_text(&stand->copied), "sherd review argilla/"),
                     buf_text(&stand->copied));
    assert_null(strstr(buf_text(&stand->copied), "http"));
    pilot_keys(stand, "I");
    pilot_see(stand, "web, for you     http");
    end_remote(&remote);
}

static void drop_first(json_t *dataset)
{
    json_array_remove(json_object_get(dataset, "records"), 0);
}

static void an_annotator_is_told_why_not(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "annotator");
    pilot_keys(&remote.stand, "<Delete>");
    pilot_see(&remote.stand, "Deleting records needs the key of an owner or an admin");
    pilot_type(&remote.stand, ":bulk delete\n");
    pilot_see(&remote.stand, "Your key is an annotator's: it may answer records, not");
    assert_int_equal(remote.stand.pilot.session->bulk.phase, BULK_NONE);
    /* what the server has no more goes with any key */
    fake_argilla_edit(remote.argilla, "langchain-dataset", drop_first);
    pilot_keys(&remote.stand, "S");
    pilot_see(&remote.stand, "gone from the server");
    pilot_keys(&remote.stand, "<Delete>");
    pilot_see(&remote.stand, "Delete #1?");
    pilot_keys(&remote.stand, "y");
    pilot_see(&remote.stand, "1 record deleted and saved");
    pilot_see_gone(&remote.stand, "1 gone");
    end_remote(&remote);
}

/* Waits until the server has an answer to just these of the records. */
static void see_answered(struct remote *remote, bool first, bool second, bool third)
{
    const bool wanted[] = {first, second, third};
    bool is_so = false;
    for (int turn = 0; turn < 10000 && !is_so; turn++) {
        json_t *dataset = fake_argilla_dataset(remote->argilla, "langchain-dataset");
        json_t *records = json_object_get(dataset, "records");
        is_so = true;
        for (size_t i = 0; i < 3; i++) {
            json_t *record = json_array_get(records, i);
            size_t count = json_array_size(json_object_get(record, "responses"));
            is_so = is_so && count == wanted[i];
        }
        json_decref(dataset);
        pilot_run(&remote->stand.pilot, 1);
    }
    assert_true(is_so);
}

static void a_bulk_change_is_taken_back_on_the_server_too(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_type(stand, ":bulk rate 3 submit\ny");
    see_counts(stand, RESPONSE_SUBMITTED, 3);
    see_answered(&remote, true, true, true);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_SUBMITTED, 0);
    see_answered(&remote, false, false, false); /* pending again */
    pilot_keys(stand, "<Ctrl-R>");
    see_answered(&remote, true, true, true);
    /* one is changed on the web page meanwhile: that one stays */
    fake_argilla_answer(remote.argilla, "langchain-dataset", 1, "discarded", 5);
    pilot_keys(stand, "S");
    see_counts(stand, RESPONSE_DISCARDED, 1);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_PENDING, 2);
    pilot_see(stand, "Undid submit of 2 records. 1 was changed since by others");
    see_counts(stand, RESPONSE_DISCARDED, 1);
    see_answered(&remote, false, true, false);
    /* what another machine, or the page, made a draft of is one that was submitted */
    fake_argilla_answer(remote.argilla, "langchain-dataset", 1, "submitted", 5);
    pilot_keys(stand, "S");
    see_counts(stand, RESPONSE_SUBMITTED, 1);
    fake_argilla_answer(remote.argilla, "langchain-dataset", 1, "draft", 2);
    pilot_keys(stand, "S");
    see_counts(stand, RESPONSE_DRAFT, 1);
    assert_int_equal(stand->pilot.session->queue.changed, 1);
    pilot_type(stand, ":bulk submit\ny");
    see_counts(stand, RESPONSE_SUBMITTED, 1);
    assert_int_equal(stand->pilot.session->queue.changed, 0);
    pilot_type(stand, ":bulk rate 3\ny"); /* opens it again, and is told */
    see_counts(stand, RESPONSE_DRAFT, 3);
    assert_int_equal(stand->pilot.session->queue.changed, 1);
    pilot_keys(stand, "S");
    pilot_see(stand, "all sent");
    assert_int_equal(stand->pilot.session->queue.changed, 1);
    end_remote(&remote);
}

/* ---- and what others do meanwhile ---- */

static void set_completed(json_t *dataset)
{
    json_object_set_new(
        json_object_get(dataset, "head"), "distribution",
        json_pack("{s:s,s:i}", "strategy", "overlap", "min_submitted", 1));
    json_object_set_new(json_array_get(json_object_get(dataset, "records"), 2), "status",
                        json_string("completed"));
}

static void what_comes_while_the_form_is_filled_is_met(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_keys(stand, "B4");
    pilot_see(stand, "For all 3 shown");
    fake_argilla_add_record(remote.argilla, "langchain-dataset", "Remote 4", "Text.");
    /* the second is answered on the web page, the third by enough others */
    fake_argilla_answer(remote.argilla, "langchain-dataset", 1, "submitted", 1);
    fake_argilla_edit(remote.argilla, "langchain-dataset", set_completed);
    app_sync(stand->pilot.app);
    pilot_see(stand, "For all 4 shown");
    pilot_see(stand, "[4]"); /* it is still there */
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Give and submit Rating 4 for 4 records, changing 1 submitted?");
    pilot_keys(stand, "y");
    see_counts(stand, RESPONSE_SUBMITTED, 4);
    see_answered(&remote, true, true, true);
    pilot_keys(stand, "u");
    see_counts(stand, RESPONSE_SUBMITTED, 1); /* the one of the page is as it was */
    expect_answer(stand, 1, "response-rating", "1");
    pilot_rest(stand);
    end_remote(&remote);
}

static void rename_feedback(json_t *dataset)
{
    json_t *question = json_array_get(json_object_get(dataset, "questions"), 1);
    json_object_set_new(question, "name", json_string("comment"));
}

static void make_rating_a_text(json_t *dataset)
{
    json_t *question = json_array_get(json_object_get(dataset, "questions"), 0);
    json_object_set_new(question, "settings",
                        json_pack("{s:s,s:b}", "type", "text", "use_markdown", 0));
}

/* A question of that name that takes other answers has none of those. */
static void another_type_of_a_question_empties_its_part_of_the_form(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_keys(stand, "B4f");
    pilot_type(stand, "for all");
    pilot_keys(stand, "<Esc>");
    fake_argilla_edit(remote.argilla, "langchain-dataset", make_rating_a_text);
    app_sync(stand->pilot.app);
    pilot_see(stand, "Your answer");
    pilot_rest(stand);
    pilot_keys(stand, "<Esc>B");
    pilot_see(stand, "for all");
    pilot_click(stand, "Rating");
    pilot_type(stand, "good");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "“good”");
    pilot_keys(stand, "n");
    pilot_rest(stand);
    end_remote(&remote);
}

static void what_was_a_rating_when_it_was_asked_is_given_to_no_text(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_type(stand, ":bulk response-rating=4 draft\n");
    pilot_see(stand, "y: yes");
    fake_argilla_edit(remote.argilla, "langchain-dataset", make_rating_a_text);
    app_sync(stand->pilot.app);
    pilot_rest(stand);
    pilot_keys(stand, "y");
    pilot_rest(stand);
    assert_int_equal(count_of(stand, RESPONSE_PENDING), 3);
    end_remote(&remote);
}

static void another_shape_of_the_dataset_closes_the_form(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    pilot_keys(stand, "B4f");
    pilot_type(stand, "Too lo");
    fake_argilla_edit(remote.argilla, "langchain-dataset", rename_feedback);
    app_sync(stand->pilot.app);
    pilot_see(stand, "Your answer");
    pilot_type(stand, "ng"); /* goes nowhere */
    assert_int_equal(count_of(stand, RESPONSE_PENDING), 3);
    pilot_rest(stand);
    pilot_keys(stand, "<Esc>B");
    pilot_see(stand, "For all 3 shown");
    pilot_see(stand, "[4]"); /* that is still asked */
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Give and submit Rating 4 for 3 records?");
    pilot_keys(stand, "n");
    end_remote(&remote);
}

/* The page has answered before we know of it: both answers stay, to be chosen from. */
static void what_another_has_answered_meanwhile_is_a_choice(void **state)
{
    (void)state;
    struct remote remote;
    start_remote(&remote, "owner");
    struct pilot_screen *stand = &remote.stand;
    fake_argilla_answer(remote.argilla, "langchain-dataset", 0, "submitted", 1);
    pilot_type(stand, ":bulk response-rating=4 response-feedback=good submit\ny");
    for (int i = 0; i < 10000 && stand->pilot.session->sync.outbox.clashes == 0; i++)
        pilot_run(&stand->pilot, 1);
    assert_int_equal(stand->pilot.session->sync.outbox.clashes, 1);
    pilot_keys(stand, "B5<Enter>");
    pilot_see(stand, "Give and submit Rating 5 for 2 records, changing 2 submitted?");
    pilot_see(stand, "1 with two answers to");
    pilot_keys(stand, "n<Esc>");
    end_remote(&remote);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_shown_are_discarded_after_a_question),
        cmocka_unit_test(a_key_gets_in_between_the_records),
        cmocka_unit_test(single_changes_before_and_after_it_are_steps_of_their_own),
        cmocka_unit_test(the_marked_ones_alone_are_changed),
        cmocka_unit_test(what_is_left_out_is_said),
        cmocka_unit_test(answers_that_were_given_are_counted_in_the_question),
        cmocka_unit_test(what_is_changed_while_it_is_asked_is_left),
        cmocka_unit_test(spans_are_submitted_and_what_is_refused_is_said),
        cmocka_unit_test(a_full_disk_leaves_nothing_half),
        cmocka_unit_test(one_that_quitting_meets_is_finished),
        cmocka_unit_test(what_streams_and_what_another_sherd_changes_is_met),
        cmocka_unit_test(flags_are_put_and_taken_off_in_one_go),
        cmocka_unit_test(a_form_is_filled_once_for_all_that_are_marked),
        cmocka_unit_test(a_line_has_several_answers),
        cmocka_unit_test(tab_completes_a_line_of_several_answers),
        cmocka_unit_test(a_click_fills_the_form_for_many),
        cmocka_unit_test(the_form_for_many_begins_where_it_can_be_filled),
        cmocka_unit_test(a_preset_is_what_the_keys_of_the_form_for_many_do),
        cmocka_unit_test(where_there_is_no_record_none_is_changed),
        cmocka_unit_test(what_cannot_be_given_to_many_is_refused),
        cmocka_unit_test(as_here_takes_the_form_of_the_record_without_its_spans),
        cmocka_unit_test(what_is_filled_in_stays_until_it_is_given),
        cmocka_unit_test(a_full_disk_takes_all_of_the_answers_back),
        cmocka_unit_test(a_deleted_record_is_hidden_and_undo_brings_it_back),
        cmocka_unit_test(a_deletion_is_sent_with_the_sync_that_is_asked_for),
        cmocka_unit_test(the_command_comes_before_the_address_which_is_ones_own),
        cmocka_unit_test(an_annotator_is_told_why_not),
        cmocka_unit_test(a_bulk_change_is_taken_back_on_the_server_too),
        cmocka_unit_test(what_comes_while_the_form_is_filled_is_met),
        cmocka_unit_test(what_was_a_rating_when_it_was_asked_is_given_to_no_text),
        cmocka_unit_test(another_shape_of_the_dataset_closes_the_form),
        cmocka_unit_test(another_type_of_a_question_empties_its_part_of_the_form),
        cmocka_unit_test(what_another_has_answered_meanwhile_is_a_choice),
    };
    setlocale(LC_ALL, "C.UTF-8");
    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
