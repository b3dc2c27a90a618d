/* SPDX-License-Identifier: MIT
 * A whole review by keys alone, of a dataset that asks one question of every type; and
 * what becomes of a half-filled form when the dataset asks other things of a sudden. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/app.h"
#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/fake_argilla_paths.h"
#include "tests/support/pilot_screen.h"
#include "json/dataset_json.h"

enum { RECORDS = 12 };
static const char name[] = "langchain-dataset";
static const char response[] = "Ana Botín went to 東京だ.";

struct fixture {
    struct pilot_screen stand;
    struct fake_argilla *fake;
};

/* ---- the dataset ---- */

static void suggest(json_t *dataset, size_t at, const char *question, json_t *value)
{
    json_t *record = json_array_get(json_object_get(dataset, "records"), at);
    const json_t *found =
        fake_argilla_find(json_object_get(dataset, "questions"), NULL, "name", question);
    if (!json_object_get(record, "suggestions"))
        json_object_set_new(record, "suggestions", json_array());
    json_array_append_new(json_object_get(record, "suggestions"),
                          json_pack("{s:O,s:o,s:s,s:f}", "question_id",
                                    json_object_get(found, "id"), "value", value, "agent",
                                    "judge", "score", 0.83));
}

/* Every type of question, a correction, a chat and an object beside the two texts. */
static void ask_everything(json_t *dataset)
{
    json_t *questions = all_questions_json(), *question, *record;
    size_t i;
    json_array_append_new(
        questions,
        json_loads("{\"name\":\"response-correction\",\"settings\":{\"type\":\"text\"}}",
                   0, NULL));
    json_array_foreach(questions, i, question) fake_argilla_set_id(question);
    json_object_set_new(dataset, "questions", questions);
    json_object_set_new(json_object_get(dataset, "head"), "guidelines",
                        json_string("Be **strict**."));
    json_t *fields = json_object_get(dataset, "fields");
    json_array_append_new(fields,
                          json_loads("{\"name\":\"history\",\"settings\":{\"type\":"
                                     "\"chat\"}}",
                                     0, NULL));
    json_array_append_new(fields, json_loads("{\"name\":\"card\",\"settings\":{\"type\":"
                                             "\"custom\",\"template\":\"<b>x</b>\"}}",
                                             0, NULL));
    json_array_foreach(json_object_get(dataset, "records"), i, record)
    {
        json_object_update_new(json_object_get(record, "fields"),
                               json_pack("{s:[{s:s,s:s}],s:{s:i}}", "history", "role",
                                         "user", "content", "Where did she go?", "card",
                                         "year", (int)(1900 + i)));
    }
    suggest(dataset, 1, "score", json_integer(4));
    suggest(dataset, 1, "faults", json_pack("[s]", "long"));
    suggest(dataset, 2, "score", json_integer(4));
    suggest(dataset, 2, "why", json_string("Kind."));
}

static int start(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    struct pilot_screen *stand = &fixture->stand;
    fixture->fake = pilot_use_argilla(&stand->pilot, "2.8.0");
    fake_argilla_add_dataset(fixture->fake, name);
    for (int i = 1; i <= RECORDS; i++) {
        char *prompt = xasprintf("Question %d, and where?", i);
        fake_argilla_add_record(fixture->fake, name, prompt, response);
        free(prompt);
    }
    fake_argilla_edit(fixture->fake, name, ask_everything);
    stand->rows = 40;
    stand->cols = 120;
    pilot_screen_start(stand);
    pilot_see(stand, "Question 1,");
    pilot_settle(&stand->pilot);
    *state = fixture;
    return 0;
}

/* ---- what came of it ---- */

static void assert_answer(const char *where, size_t at, const char *status,
                          const json_t *values, const char *wanted)
{
    json_t *json = json_loads(wanted, 0, NULL);
    const char *question;
    json_t *value;
    assert_non_null(json);
    json_object_foreach(json, question, value)
        json_object_set_new(json, question, json_pack("{s:O}", "value", value));
    char *has = json_dumps(values, JSON_SORT_KEYS | JSON_COMPACT);
    char *wants = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT);
    if (strcmp(has, wants) != 0)
        fail_msg("%s #%zu: %s %s, not %s", where, at + 1, status, has, wants);
    free(has);
    free(wants);
    json_decref(json);
}

/* The answer to a record, in the store and on the server; status NULL = none. */
static void expect(struct fixture *fixture, size_t at, const char *status,
                   const char *values)
{
    const struct pilot *pilot = &fixture->stand.pilot;
    struct record record = {0};
    assert_int_equal(store_get_record_row(app_store(pilot->app),
                                          pilot->session->queue.rows[at].row, &record,
                                          NULL),
                     STATUS_OK);
    const char *stored = response_status_name(record.response.status);
    assert_string_equal(stored, status ? status : "pending");
    json_t *own = values_to_json(&record.response.values);
    if (status)
        assert_answer("store", at, stored, own, values);
    json_decref(own);
    record_clear(&record);

    json_t *dataset = fake_argilla_dataset(fixture->fake, name);
    const json_t *responses = json_object_get(
        json_array_get(json_object_get(dataset, "records"), at), "responses");
    assert_int_equal(json_array_size(responses), status ? 1 : 0);
    const json_t *there = json_array_get(responses, 0);
    if (status) {
        assert_string_equal(json_string_value(json_object_get(there, "status")), status);
        assert_answer("server", at, status, json_object_get(there, "values"), values);
    }
    json_decref(dataset);
}

static bool has_no_bulk(const struct pilot *pilot)
{
    return pilot->session->bulk.phase == BULK_NONE;
}

/* ---- a whole session ---- */

static void answer_with_texts(struct pilot_screen *stand)
{
    pilot_keys(stand, "10f"); /* a ten, and why */
    pilot_type(stand, "Clear.");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_see(stand, "(4)"); /* suggested */
    pilot_see(stand, "(1 Too long)");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#2 submitted");
    pilot_see(stand, "Kind.");
    pilot_keys(stand, "7<Enter>"); /* one of two is changed */
    pilot_see(stand, "#3 submitted");
    pilot_keys(stand, "b3f");
    pilot_type(stand, "Clear.");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "#4 submitted");
    pilot_keys(stand, "5;"); /* what was written twice is a phrase */
    pilot_see(stand, "Clear.");
    pilot_keys(stand, "1<Enter>");
    pilot_see(stand, "#5 submitted");
    pilot_keys(stand, "6E");
    pilot_type(stand, " Then home.");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Then home.");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#6 submitted");
}

/* All that is not a text, with the guidelines beside it. */
static void answer_everything_else(struct pilot_screen *stand)
{
    pilot_keys(stand, "G");
    pilot_see(stand, "Be strict.");
    pilot_see(stand, "Where did she go?"); /* the chat */
    pilot_see(stand, "1906");              /* the object */
    pilot_keys(stand, "212");              /* a two; two faults */
    pilot_keys(stand, "<Tab>312");         /* the ranking */
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, "1 Person");
    pilot_keys(stand, "1<Tab>"); /* Ana; into the other text */
    pilot_see(stand, "1 mark a");
    pilot_keys(stand, "<Space>l2<Tab>p");
    pilot_type(stand, "topic 29");
    pilot_keys(stand, "<Enter><Enter>");
    pilot_see(stand, "#7 submitted");
}

static void a_whole_review_is_done_by_keys(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    answer_with_texts(stand);
    answer_everything_else(stand);

    pilot_keys(stand, "8f");
    pilot_type(stand, "Half a");
    pilot_screen_reopen(stand);
    pilot_see(stand, "Question 8,");
    pilot_see(stand, "Half a");
    pilot_keys(stand, "f");
    pilot_type(stand, " word.");
    pilot_keys(stand, "<Esc>d");
    pilot_see(stand, "#8 discarded");
    pilot_keys(stand, "9s");
    pilot_see(stand, "#9 kept as a draft");
    pilot_keys(stand, "0<Enter>");
    pilot_see(stand, "#10 submitted");
    pilot_keys(stand, "uu");
    pilot_see(stand, "Undid rate of #10");
    pilot_keys(stand, "<Ctrl-R>ll"); /* back once, as a draft */

    pilot_see(stand, "Question 12,");
    pilot_keys(stand, "whw");
    pilot_type(stand, ":bulk rate 3 submit\n");
    pilot_see(stand, "Give and submit Score 3 for 2 marked records?");
    pilot_keys(stand, "y");
    pilot_until(&stand->pilot, has_no_bulk);
    pilot_keys(stand, "u");
    pilot_until(&stand->pilot, has_no_bulk);
    pilot_settle(&stand->pilot);
    expect(fixture, 10, NULL, NULL);
    pilot_screen_reopen(stand);
    pilot_keys(stand, "<Ctrl-R>"); /* after another start, too */
    pilot_until(&stand->pilot, has_no_bulk);
    pilot_see(stand, "Redid");
    pilot_settle(&stand->pilot);

    expect(fixture, 0, "submitted", "{\"score\":10,\"why\":\"Clear.\"}");
    expect(fixture, 1, "submitted", "{\"score\":4,\"faults\":[\"long\"]}");
    expect(fixture, 2, "submitted", "{\"score\":7,\"why\":\"Kind.\"}");
    expect(fixture, 3, "submitted", "{\"score\":3,\"why\":\"Clear.\"}");
    assert_true(stand->pilot.session->queue.rows[3].flags & QUEUE_FLAGGED);
    expect(fixture, 4, "submitted", "{\"score\":5,\"why\":\"Clear.\"}");
    expect(fixture, 5, "submitted",
           "{\"score\":6,\"response-correction\":\"Ana Botín went to 東京だ. Then "
           "home.\"}");
    expect(fixture, 6, "submitted",
           "{\"score\":2,\"faults\":[\"long\",\"wrong\"],\"order\":[{\"value\":\"a\","
           "\"rank\":2},{\"value\":\"b\",\"rank\":3},{\"value\":\"c\",\"rank\":1}],"
           "\"parts\":[{\"label\":\"person\",\"start\":0,\"end\":3}],\"marks\":[{"
           "\"label\":\"b\",\"start\":0,\"end\":10}],\"topic\":\"t29\"}");
    expect(fixture, 7, "discarded", "{\"score\":8,\"why\":\"Half a word.\"}");
    expect(fixture, 8, "draft", "{\"score\":9}");
    expect(fixture, 9, "draft", "{\"score\":0}");
    expect(fixture, 10, "submitted", "{\"score\":3}");
    expect(fixture, 11, "submitted", "{\"score\":3}");
    pilot_see(stand, "10 of 12 done");
}

/* ---- the dataset asks other things ---- */

static json_t *question_of(json_t *dataset, const char *question)
{
    return fake_argilla_find(json_object_get(dataset, "questions"), NULL, "name",
                             question);
}

/* An option is gone, a question must be answered now, and another one came. */
static void ask_otherwise(json_t *dataset)
{
    json_t *faults = json_object_get(question_of(dataset, "faults"), "settings");
    json_array_remove(json_object_get(faults, "options"), 0);
    json_object_set_new(question_of(dataset, "why"), "required", json_true());
    json_t *more = json_loads("{\"name\":\"reason\",\"required\":true,\"settings\":{"
                              "\"type\":\"text\"}}",
                              0, NULL);
    fake_argilla_set_id(more);
    json_array_insert_new(json_object_get(dataset, "questions"), 1, more);
}

static void drop_why(json_t *dataset)
{
    json_array_remove(json_object_get(dataset, "questions"), 1);
}

static void drop_score(json_t *dataset)
{
    json_array_remove(json_object_get(dataset, "questions"), 0);
}

static size_t asked_before;

static bool asks_otherwise(const struct pilot *pilot)
{
    return pilot->session->dataset.question_count != asked_before &&
           pilot->session->has_current;
}

static void change(struct fixture *fixture, void (*how)(json_t *dataset))
{
    struct pilot *pilot = &fixture->stand.pilot;
    asked_before = pilot->session->dataset.question_count;
    fake_argilla_edit(fixture->fake, name, how);
    app_sync(pilot->app);
    pilot_until(pilot, asks_otherwise);
    pilot_see(&fixture->stand, "asks other things now");
    pilot_settle(pilot);
}

static void what_is_half_filled_is_kept_when_the_questions_change(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "712<Shift-Tab>"); /* a seven, two faults, and in the box: */
    pilot_type(stand, "half a sen");
    change(fixture, ask_otherwise);
    pilot_see(stand, "Question 1,");
    pilot_see(stand, "half a sen");
    pilot_see(stand, "[1 Wrong]  2 Rude   3 Dull   has a label that it does not know");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "Not submitted: Reason has no answer yet");
    pilot_see(stand, "▸Reason");
    pilot_keys(stand, "p");
    pilot_type(stand, "new");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "Not submitted: Faults has a label that it does not know");
    pilot_see(stand, "▸Faults");
    pilot_keys(stand, "2"); /* Rude; the one that is gone goes with it */
    pilot_see(stand, "[2 Rude]");
    assert_false(pilot_sees(stand, "it does not know"));
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_settle(&stand->pilot);
    expect(fixture, 0, "submitted",
           "{\"score\":7,\"why\":\"half a sen\",\"reason\":\"new\",\"faults\":[\"wrong\","
           "\"rude\"]}");
}

static void a_list_and_marks_stay_when_the_questions_change(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "7<Tab><Tab>");
    pilot_see(stand, "1 Person");
    pilot_keys(stand, "1");
    pilot_see(stand, "Person: “Ana”");
    change(fixture, ask_otherwise);
    pilot_keys(stand, "<Esc>"); /* typed on, else */
    pilot_see(stand, "[Person “Ana”]");
    pilot_see(stand, "▸Parts"); /* it keeps the focus, one place further down */
    pilot_keys(stand, "<Tab><Tab>");
    pilot_keys(stand, "p");
    pilot_see(stand, "0 of 300 chosen");
    pilot_type(stand, "29");
    change(fixture, drop_why); /* the reason, in its place */
    pilot_see(stand, "▸ [ ] topic 29");
    pilot_keys(stand, "<Esc><Esc>");
    pilot_see_gone(stand, "300 chosen");
    pilot_see(stand, "▸Topic");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Not submitted: Why has no answer yet");
}

/* The text of a question that is gone is offered to the next box, and is not sent. */
static void a_text_whose_question_is_gone_is_kept_for_the_next_box(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "7f");
    pilot_type(stand, "half a sen");
    change(fixture, drop_why);
    pilot_keys(stand, "<Esc>f");
    pilot_see(stand, "half a sen");
    pilot_type(stand, "tence");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_settle(&stand->pilot);
    expect(fixture, 0, "submitted",
           "{\"score\":7,\"response-correction\":\"half a sentence\"}");
}

/* What was asked was about another form. */
static void a_bulk_change_that_waits_for_yes_ends_with_its_questions(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_type(stand, ":bulk rate 3 submit\n");
    pilot_see(stand, "y: yes");
    change(fixture, drop_score);
    pilot_keys(stand, "y");
    pilot_until(&stand->pilot, has_no_bulk);
    pilot_settle(&stand->pilot);
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_PENDING], RECORDS);
    expect(fixture, 11, NULL, NULL);
}

/* An editor that ends once it is told to. */
static void open_editor(struct fixture *fixture, char *pipe, size_t size)
{
    snprintf(pipe, size, "%s/go", fixture->stand.pilot.dir);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    char *command =
        xasprintf("sh -c 'read word <%s; echo \"and more\" >>\"$1\"' sh", pipe);
    setenv("VISUAL", command, 1);
    free(command);
    pilot_keys(&fixture->stand, "<Ctrl-X>");
}

static void end_editor(const char *pipe)
{
    FILE *file = fopen(pipe, "w");
    assert_non_null(file);
    fputs("\n", file);
    fclose(file);
    unlink(pipe);
    unsetenv("VISUAL");
}

static bool is_asking_otherwise(const struct pilot *pilot)
{
    return pilot->session->dataset.question_count != asked_before &&
           pilot->session->has_current && pilot->session->is_queue_loaded;
}

static void change_behind(struct fixture *fixture, void (*how)(json_t *dataset))
{
    struct pilot *pilot = &fixture->stand.pilot;
    asked_before = pilot->session->dataset.question_count;
    fake_argilla_edit(fixture->fake, name, how);
    app_sync(pilot->app);
    pilot_until(pilot, is_asking_otherwise);
}

/* A filter by a question that is gone shows all, and says why. */
static void a_filter_ends_with_its_question(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    pilot_keys(stand, "7<Enter>");
    pilot_type(stand, ":filter rating:7\n");
    pilot_until(&stand->pilot, pilot_has_selected);
    pilot_see(stand, "Question 1,");
    change_behind(fixture, drop_score);
    pilot_see(stand,
              "The filter of last time is off: At 1, \"rating:7\": the dataset has");
    pilot_settle(&stand->pilot);
    assert_false(pilot_sees(stand, "filter: rating:7"));
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_PENDING], RECORDS - 1);
    pilot_see(stand, "Question 12,");
    pilot_see(stand, " 1 ✓    "); /* without the number that is not asked for */
}

static void a_text_in_an_editor_goes_to_its_question_wherever_that_is_then(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    char pipe[128];
    pilot_keys(stand, "7f");
    pilot_type(stand, "half");
    open_editor(fixture, pipe, sizeof pipe);
    change_behind(fixture, ask_otherwise); /* another text stands in its place now */
    end_editor(pipe);
    pilot_see(stand, "and more");
    pilot_keys(stand, "<Esc>");
    pilot_settle(&stand->pilot);
    const struct values *values = &stand->pilot.session->current.response.values;
    assert_null(values_find(values, "reason"));
    assert_string_equal(values_find(values, "why")->text, "half\nand more");
}

static void a_text_in_an_editor_outlives_its_question_and_its_record(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    char pipe[128];
    pilot_keys(stand, "7f");
    open_editor(fixture, pipe, sizeof pipe);
    change_behind(fixture, drop_why);
    pilot_resize(stand, 30, 110); /* its window is ours */
    end_editor(pipe);
    pilot_see(stand, "the next text box");
    pilot_keys(stand, "<Esc>f");
    pilot_see(stand, "and more");
    open_editor(fixture, pipe, sizeof pipe);
    app_go(stand->pilot.app, 2); /* as what is deleted elsewhere goes away */
    end_editor(pipe);
    pilot_see(stand, "Another record is shown now.");
    assert_null(values_find(&stand->pilot.session->current.response.values,
                            "response-correction"));
    pilot_keys(stand, "<Esc>f<Esc>"); /* not here */
    assert_false(pilot_sees(stand, "and more"));
    app_go(stand->pilot.app, 0);
    pilot_keys(stand, "f<Esc>");
    pilot_settle(&stand->pilot);
    assert_string_equal(
        values_find(&stand->pilot.session->current.response.values, "response-correction")
            ->text,
        "and more\nand more");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, start, pilot_screen_tear_down)

static void delete_dataset(json_t *dataset)
{
    json_t *head = json_object_get(dataset, "head");
    json_object_set_new(head, "name", json_string("(deleted)"));
    json_object_set_new(head, "id", json_string("00000000-0000-4000-8000-00000000dead"));
}

static void delete_first(json_t *dataset)
{
    json_array_remove(json_object_get(dataset, "records"), 0);
}

/* A record that the server has no more is said where it stands, and is not counted. */
static void a_record_that_is_gone_is_said_and_not_counted(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    fake_argilla_edit(fixture->fake, name, delete_first);
    pilot_see(stand, "0 of 12 done");
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "The server has 1 of the records no more.");
    pilot_see(stand, "1 gone");
    pilot_see(stand, "0 of 11 done");
    pilot_keys(stand, "h");
    pilot_see(stand, "gone from the server");
    pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "#1, gone from the server,");
    pilot_see(stand, "0 of 11 done");
    pilot_keys(stand, "O");
    pilot_see(stand, "--gone send");
    fake_argilla_set_role(fixture->fake, "annotator");
    pilot_screen_reopen(stand);
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "O"); /* whose key can add none */
    pilot_see(stand, "--gone drop");
    assert_false(pilot_sees(stand, "--gone send"));
    pilot_keys(stand, "<Esc>:filter gone<Enter>");
    pilot_see(stand, "1 shown");
    pilot_keys(stand, "<Delete>y");
    pilot_see(stand, "0 of 0 done"); /* nothing is shown any more */
}

/* Deleted there, and opened again: what waits is seen, and what one can do. */
static void a_dataset_that_was_deleted_keeps_its_server(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    fake_argilla_edit(fixture->fake, name, delete_dataset);
    pilot_keys(stand, "4");
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "S");
    pilot_see(stand, "deleted on the server");
    stand->pilot.row = stand->pilot.session->dataset.row;
    pilot_screen_reopen(stand);
    pilot_settle(&stand->pilot);
    pilot_see(stand, "1 unsent");
    pilot_see(stand, "deleted on the server");
    pilot_keys(stand, "S");
    pilot_see(stand, "has no dataset \"langchain-dataset\" any more");
    pilot_keys(stand, "O");
    pilot_see(stand, "#1     answer");
    pilot_see(stand, "any more: C creates it anew");
    pilot_see(stand, "drops it.");
    /* to who may not create one it is not offered */
    pilot_keys(stand, "<Esc>");
    fake_argilla_set_role(fixture->fake, "annotator");
    stand->pilot.row = stand->pilot.session->dataset.row;
    pilot_screen_reopen(stand);
    pilot_settle(&stand->pilot);
    pilot_see(stand, "annotator's key cannot make it");
    assert_false(pilot_sees(stand, "C creates"));
    fake_argilla_set_role(fixture->fake, "owner");
    pilot_screen_reopen(stand);
    pilot_settle(&stand->pilot);
    pilot_keys(stand, "O");
    pilot_see(stand, "C creates it anew");
    /* made anew by somebody: that one has its own records, this one is named */
    pilot_keys(stand, "<Esc>");
    fake_argilla_add_dataset(fixture->fake, name);
    pilot_keys(stand, "S");
    pilot_see(stand, "was deleted on fake and made anew");
    pilot_screen_reopen(stand);
    pilot_settle(&stand->pilot);
    pilot_see(stand, "deleted there");
    pilot_see(stand, "1 unsent");
    pilot_keys(stand, "S");
    pilot_see(stand, "was deleted on");
    pilot_keys(stand, "O");
    pilot_see(stand, "made anew");
    pilot_see(stand, "#1     answer");
}

static void a_command_to_paste_has_its_names_in_quotes(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    stand->pilot.row = pilot_add_other(stand, "two words");
    pilot_screen_reopen(stand);
    pilot_keys(stand, "O");
    pilot_see(stand, "sherd sync --dataset 'two words'");
}

static enum status put_off(struct store *store, const void *what, struct err *err)
{
    struct outbox_query query = {.kind = OUTBOX_RESPONSE, .max = 1};
    struct outbox_item *items = NULL;
    size_t count = 0;
    if (store_list_outbox(store, &query, &items, &count, err) != STATUS_OK)
        return err->code;
    assert_int_equal(count, 1);
    struct outcome outcome = {.kind = OUTCOME_LATER,
                              .item = OUTBOX_RESPONSE,
                              .record = items->record,
                              .version = items->version,
                              .next_try_ms = INT64_MAX,
                              .error = what};
    outbox_items_free(items, count);
    return store_settle_outbox(store, &outcome, 1, err);
}

/* As many wait as before. */
static void what_another_sherd_tries_is_told_on_the_open_page(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    fake_argilla_fail(fixture->fake, 1000, 401, "", "{}"); /* not tried again */
    pilot_keys(stand, "4");
    pilot_see(stand, "1 unsent");
    pilot_keys(stand, "O");
    pilot_see(stand, "#1     answer  Something before Argilla");
    pilot_settle(&stand->pilot);
    pilot_by_other(&stand->pilot, put_off, "Another one was told to wait.");
    pilot_see(stand, "Another one was told to wait.");
}

struct step {
    struct id record;
    int64_t number;
    const char *text;
};

static enum status put_step(struct store *store, const void *what, struct err *err)
{
    const struct step *step = what;
    const struct trace_step trace = {.kind = TRACE_THOUGHT,
                                     .took_ms = -1,
                                     .text = step->text,
                                     .len = strlen(step->text)};
    return store_put_step(store, &step->record, step->number, &trace, err);
}

static void what_another_sherds_agent_does_is_told_on_the_open_page(void **state)
{
    struct fixture *fixture = *state;
    struct pilot_screen *stand = &fixture->stand;
    const struct id id = pilot_current(stand);
    const char *const texts[] = {"Think of it.", "Look it up.", "Look there, too."};
    struct step step = {.record = id};
    pilot_keys(stand, "t");
    pilot_see(stand, "No agent wrote this");
    for (; step.number < 3; step.number++) {
        step.text = texts[step.number];
        pilot_by_other(&stand->pilot, put_step, &step);
        pilot_see(stand, step.text);
        if (step.number == 1)
            pilot_keys(stand, "k"); /* and there the cursor stays */
    }
    pilot_see(stand, "> + thought    Think of it.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_whole_review_is_done_by_keys),
        CASE(what_is_half_filled_is_kept_when_the_questions_change),
        CASE(a_list_and_marks_stay_when_the_questions_change),
        CASE(a_dataset_that_was_deleted_keeps_its_server),
        CASE(a_record_that_is_gone_is_said_and_not_counted),
        CASE(a_command_to_paste_has_its_names_in_quotes),
        CASE(what_another_sherd_tries_is_told_on_the_open_page),
        CASE(what_another_sherds_agent_does_is_told_on_the_open_page),
        CASE(a_text_whose_question_is_gone_is_kept_for_the_next_box),
        CASE(a_bulk_change_that_waits_for_yes_ends_with_its_questions),
        CASE(a_filter_ends_with_its_question),
        CASE(a_text_in_an_editor_goes_to_its_question_wherever_that_is_then),
        CASE(a_text_in_an_editor_outlives_its_question_and_its_record),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
