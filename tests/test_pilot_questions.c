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

#include "app/choice.h"
#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/pilot_screen.h"
#include "json/dataset_json.h"

static struct pilot_screen *open_all(int records)
{
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
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
    pilot_keys(stand, "u"); /* one decision, one step */
    assert_null(value_of(stand, "score"));
    pilot_see(stand, "Undid rate of #1: Score.");
    pilot_keys(stand, "<Ctrl-R>");
    assert_int_equal(value_of(stand, "score")->rating, 10);
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>10"); /* the same again is no change */
    assert_int_equal(value_of(stand, "score")->rating, 10);
    pilot_keys(stand, "u");
    assert_null(value_of(stand, "score"));
    stand->clock_base_ms += 600;
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>0");
    assert_int_equal(value_of(stand, "score")->rating, 0);
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>1");
    stand->clock_base_ms += 600; /* too late to go on */
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>0");
    assert_int_equal(value_of(stand, "score")->rating, 0);
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>1");
    pilot_see(stand, "▸Faults");
    stand->clock_base_ms += 60000; /* where it is of no other use, never too late */
    pilot_keys(stand, "0");
    assert_int_equal(value_of(stand, "score")->rating, 10);
    assert_null(value_of(stand, "faults"));
    stand->clock_base_ms += 600;
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>1");
    stand->clock_base_ms += 600;
    pilot_keys(stand, "<Tab>0"); /* one has gone on by oneself */
    assert_int_equal(value_of(stand, "score")->rating, 1);
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
    pilot_keys(stand, "uuu"); /* a step a record, whatever became of its digits */
    pilot_see(stand, "Undid submit of #1");
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_PENDING], 3);
    pilot_keys(stand, "<Ctrl-R><Ctrl-R>");
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_SUBMITTED], 2);
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
    pilot_keys(stand, "<Ctrl-U>");
    pilot_paste(stand, "t7");
    pilot_see(stand, "▸ [ ] topic 7"); /* by what is sent, too */
    pilot_resize(stand, 12, 40);
    pilot_see(stand, "▸ [ ] topic 7");
    pilot_keys(stand, "<Esc>u");
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
    pilot_keys(stand, "2"); /* in no name: the digit that it has in the form */
    pilot_see(stand, "4 of 4 chosen");
    pilot_keys(stand, "29");
    pilot_see(stand, "No option has this in its name.");
    pilot_keys(stand, "<Ctrl-U>");
    pilot_see(stand, "3 of 4 chosen");
    pilot_type(stand, "wr");
    pilot_keys(stand, "<Esc><Enter>"); /* whatever is in the find line */
    pilot_see(stand, "#1 submitted");
    assert_text(stand, "faults", "[\"long\",\"rude\",\"dull\"]");
    pilot_screen_free(stand);
}

/* Argilla's page: a digit is the rank of the option that comes next. */
static void with_argillas_keys_a_digit_is_a_rank(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    stand->pilot.settings.preset = PRESET_ARGILLA;
    pilot_screen_reopen(stand);
    pilot_keys(stand, "<Tab><Tab><Esc><Tab>");
    pilot_see(stand, "▸Order");
    pilot_keys(stand, "2");
    pilot_see(stand, "[1 Alpha #2]");
    pilot_keys(stand, "11");
    assert_text(stand, "order",
                "[{\"value\":\"a\",\"rank\":2},{\"value\":\"b\",\"rank\":1},"
                "{\"value\":\"c\",\"rank\":1}]");
    pilot_keys(stand, "3");
    pilot_see(stand, "Every option has a rank of yours");
    pilot_keys(stand, "u4");
    pilot_see(stand, "There is no rank 4.");
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

static void a_rank_goes_on_to_the_next_option_without_one(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    pilot_keys(stand, "5<Tab>p");
    pilot_see(stand, "Enter take  Esc back  ? help");
    pilot_keys(stand, "j1"); /* Beta; on to Gamma, then round to Alpha */
    pilot_see(stand, "▸ –   Gamma");
    pilot_keys(stand, "2");
    pilot_see(stand, "▸ –   Alpha");
    pilot_keys(stand, "4");
    pilot_see(stand, "There is no rank 4.");
    pilot_keys(stand, "3");
    pilot_see(stand, "▸ #3  Alpha"); /* all have one: here it can be moved */
    pilot_keys(stand, "0");
    pilot_see(stand, "▸ –   Alpha");
    assert_text(stand, "order",
                "[{\"value\":\"b\",\"rank\":1},{\"value\":\"c\",\"rank\":2}]");
    pilot_paste(stand, "1");
    pilot_see(stand, "Pasted text is taken in the feedback box");
    pilot_click(stand, "#1  Beta"); /* goes there, and again is Enter */
    pilot_see(stand, "▸ #1  Beta");
    pilot_click(stand, "Beta");
    assert_text(stand, "order", "[{\"value\":\"c\",\"rank\":1}]");
    pilot_screen_free(stand);
}

static void a_row_that_scrolled_is_clicked(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(1);
    struct event down = {.kind = EVENT_WHEEL, .delta = 1};
    pilot_keys(stand, "<Shift-Tab>p<PageDown><PageDown>");
    for (int i = 0; i < 10; i++)
        screen_handle(stand->screen, &down);
    pilot_see(stand, "▸ [ ] topic 27");
    pilot_click(stand, "topic 24");
    pilot_see(stand, "▸ [ ] topic 24");
    assert_null(value_of(stand, "topic"));
    pilot_click(stand, "topic 24");
    assert_text(stand, "topic", "t24");
    pilot_see(stand, "[topic 24]");
    pilot_screen_free(stand);
}

/* ---- texts ---- */

static void want_two_texts(struct dataset *dataset)
{
    json_t *json = json_loads(
        "[{\"name\":\"score\",\"required\":true,\"settings\":{\"type\":\"rating\","
        "\"options\":[{\"value\":1},{\"value\":2}]}},{\"name\":\"why\",\"required\":true,"
        "\"settings\":{\"type\":\"text\",\"use_markdown\":true}},{\"name\":\"more\","
        "\"required\":true,\"settings\":{\"type\":\"text\"}}]",
        0, NULL);
    dataset_clear_questions(dataset);
    dataset_questions_from_json(dataset, json);
    json_decref(json);
    for (size_t i = 0; i < dataset->field_count; i++)
        dataset->fields[i].use_markdown = true;
}

/* On the smallest screen and another: a table that is wider than both, and two texts that
 * must be given. */
static void texts_are_asked_for_and_tables_fit_in_any_size(void **state)
{
    (void)state;
    static const char table[] =
        "| Name | What it does |\n|---|--:|\n"
        "| an_identifier_without_any_blank_in_it | 東京タワー"
        "に行った人は一人もいなかった |\n| last | one two three |\n";
    static const int sizes[][2] = {{10, 40}, {24, 80}};
    for (size_t i = 0; i < 2; i++) {
        struct pilot_screen stand = {
            .rows = sizes[i][0], .cols = sizes[i][1], .prepare = want_two_texts};
        pilot_screen_start(&stand);
        pilot_add(&stand.pilot, "Which?", table);
        pilot_see(&stand, "Name");
        for (int k = 0; k < 20 && !pilot_sees(&stand, "last"); k++)
            pilot_keys(&stand, "j");
        pilot_see(&stand, "│");
        pilot_see(&stand, "last");
        pilot_keys(&stand, "2<Enter>");
        pilot_see(&stand, "Not submitted: Why has no answer yet");
        pilot_see(&stand, "▸Why *");
        pilot_keys(&stand, "p");
        pilot_paste(&stand, table);
        pilot_keys(&stand, "<Ctrl-T>");
        pilot_see(&stand, "▸Why *");
        pilot_see(&stand, "Name");
        assert_false(pilot_sees(&stand, "| Name |"));
        pilot_keys(&stand, "<Alt-Enter>");
        pilot_see(&stand, "Not submitted: More has no answer yet");
        pilot_see(&stand, "▸More *");
        pilot_keys(&stand, "p<Alt-Enter>"); /* nothing is no text */
        pilot_see(&stand, "More has no answer yet");
        pilot_keys(&stand, "p.<Alt-Enter>");
        pilot_see(&stand, "#1 submitted");
        assert_text(&stand, "more", ".");
        pilot_screen_end(&stand);
    }
}

static void ask_only_of_a_text(struct dataset *dataset)
{
    static const char questions[] =
        "[{\"name\":\"good\",\"settings\":{\"type\":\"rating\",\"options\":"
        "[{\"value\":1},{\"value\":2}]}}]";
    json_t *json = json_parse(questions, sizeof questions - 1, NULL);
    dataset_questions_from_json(dataset, json);
    json_decref(json);
    free(dataset->fields[1].type); /* the response's */
    dataset->fields[1].type = xstrdup("chat");
}

static void a_text_alone_has_the_room_and_reading_keys_move_it(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 24, .cols = 80, .prepare = ask_only_of_a_text};
    struct buf text = {0};
    pilot_screen_start(&stand);
    for (int i = 1; i <= 40; i++)
        buf_addf(&text, "line %d of it\n", i);
    struct record record = {.dataset_row = stand.pilot.session->dataset.row};
    id_random(&record.id);
    record_set_field(&record, "prompt", buf_text(&text), text.len);
    pilot_add_record(&stand.pilot, &record, true);
    record_clear(&record);
    buf_clear(&text);
    pilot_see(&stand, "line 17 of it"); /* all but the frame and the form */
    assert_false(pilot_sees(&stand, "Record"));
    pilot_keys(&stand, "j");
    pilot_see(&stand, "line 18 of it");
    pilot_keys(&stand, "<Space>");
    pilot_see(&stand, "line 34 of it");
    pilot_keys(&stand, "<Space>");
    pilot_see(&stand, "line 40 of it");
    pilot_screen_end(&stand);
}

/* A short answer below a long prompt: what has more is what moves. */
static void reading_keys_move_the_text_that_has_more(void **state)
{
    (void)state;
    struct pilot_screen stand = {.rows = 24, .cols = 80};
    struct buf text = {0};
    pilot_screen_start(&stand);
    for (int i = 1; i <= 40; i++)
        buf_addf(&text, "line %d of it\n", i);
    pilot_add(&stand.pilot, buf_text(&text), "Short.");
    buf_clear(&text);
    pilot_see(&stand, "line 1 of it");
    pilot_keys(&stand, "j");
    pilot_see_gone(&stand, "line 1 of it");
    pilot_see(&stand, "Short.");
    pilot_screen_end(&stand);
}

static void ask_eight_things(struct dataset *dataset)
{
    struct buf text = {0};
    buf_add_text(&text, "[");
    for (int i = 1; i <= 7; i++)
        buf_addf(&text,
                 "{\"name\":\"q%d\",\"settings\":{\"type\":\"rating\",\"options\":"
                 "[{\"value\":1},{\"value\":2}]}},",
                 i);
    buf_add_text(&text, "{\"name\":\"note\",\"settings\":{\"type\":\"text\"}}]");
    json_t *json = json_parse(buf_text(&text), text.len, NULL);
    dataset_questions_from_json(dataset, json);
    json_decref(json);
    buf_clear(&text);
}

static void only_what_cannot_be_seen_is_below(void **state)
{
    (void)state;
    struct pilot_screen stand = {
        .rows = 24, .cols = 80, .records = 1, .prepare = ask_eight_things};
    pilot_screen_start(&stand);
    pilot_see(&stand, "Note");
    assert_false(pilot_sees(&stand, "below"));
    pilot_resize(&stand, 20, 80);
    pilot_see(&stand, "+1 below");
    pilot_screen_end(&stand);
}

/* ---- spans ---- */

static const char family[] =
    "👨‍👩‍👧 Ana Botín went to 東京だ. It no\u0301t far.";

/* One record whose response is that text, the first question of spans open. */
static struct pilot_screen *open_spans(const char *text)
{
    struct pilot_screen *stand = open_all(0);
    pilot_add(&stand->pilot, "Say who, and where.", text);
    pilot_see(stand, "Say who");
    pilot_keys(stand, "5<Tab><Tab>");
    pilot_see(stand, "1 Person");
    return stand;
}

static void a_word_and_a_stretch_are_marked_with_a_few_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans(family);
    /* the family is a word of five code points; Ana Botín is 6 to 15 */
    pilot_keys(stand, "l<Space>l1");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":6,\"end\":15}]");
    pilot_see(stand, "[Ana Botín|Person] went");
    pilot_see(stand, "▸ Person “Ana Botín”");
    pilot_keys(stand, "<Right><Right><Right>2");
    pilot_see(stand, "[東京|Place]だ.");
    assert_text(stand, "parts",
                "[{\"label\":\"person\",\"start\":6,\"end\":15},"
                "{\"label\":\"place\",\"start\":24,\"end\":26}]");
    pilot_keys(stand, "u");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":6,\"end\":15}]");
    pilot_keys(stand, "<Ctrl-R><Esc>");
    pilot_see(stand, "[Ana Botín|Person] went to [東京|Place]だ. It"); /* at rest */
    pilot_see(stand, "[Person “Ana Botín”] [Place “東京”]");
    pilot_keys(stand, "p");
    pilot_see(stand, "1 Person  2 Place");
    pilot_keys(stand, "<Esc>");
    pilot_see_gone(stand, "1 Person");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_screen_free(stand);
}

static void letters_and_sentences_are_marked_too(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans(family);
    pilot_keys(stand, "))<Space><Enter>"); /* the second sentence */
    pilot_see(stand, "▸ [ ] Person");
    pilot_type(stand, "ti");
    pilot_keys(stand, "<Enter>");
    assert_text(stand, "parts", "[{\"label\":\"time\",\"start\":29,\"end\":41}]");
    /* a letter with its mark is two code points and one letter */
    pilot_keys(stand, "x<Home><End>hL<Shift-Right><Space>L3");
    assert_text(stand, "parts", "[{\"label\":\"time\",\"start\":33,\"end\":36}]");
    pilot_keys(stand, "<Space>L3");
    pilot_keys(stand, "u");
    pilot_keys(stand, "<Home>1"); /* the family */
    assert_text(stand, "parts",
                "[{\"label\":\"person\",\"start\":0,\"end\":5},"
                "{\"label\":\"time\",\"start\":33,\"end\":36}]");
    pilot_screen_free(stand);
}

/* Argilla's page counts an emoji twice, its server and we once. */
static void that_spans_behind_an_emoji_look_off_elsewhere_is_said(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("Ana saw 🎉 東京タワー. 👩 too");
    pilot_keys(stand, "1");
    assert_false(pilot_sees(stand, "Argilla's page")); /* it is before all of them */
    pilot_keys(stand, "lll2");
    assert_text(stand, "parts",
                "[{\"label\":\"person\",\"start\":0,\"end\":3},"
                "{\"label\":\"place\",\"start\":10,\"end\":12}]");
    pilot_see(stand,
              "Argilla's page shows spans behind 🎉 too early; their offsets are right.");
    pilot_keys(stand, "u");
    assert_false(pilot_sees(stand, "Argilla's page"));
    pilot_screen_free(stand);
    stand = open_spans("Ana saw 東京だ\u0301."); /* of two bytes in either count */
    pilot_keys(stand, "<End>1");
    assert_false(pilot_sees(stand, "Argilla's page"));
    pilot_screen_free(stand);
}

static void spans_are_walked_relabelled_and_removed(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four");
    pilot_keys(stand, "1ll2<Home>");
    pilot_keys(stand, "nn");
    pilot_see(stand, "▸ Place “three”");
    pilot_keys(stand, "3");
    pilot_see(stand, "▸ Time “three”");
    pilot_keys(stand, "n");
    pilot_see(stand, "There is no further span.");
    pilot_keys(stand, "N");
    pilot_see(stand, "▸ Person “One”");
    pilot_keys(stand, "1"); /* the same again takes it back */
    assert_text(stand, "parts", "[{\"label\":\"time\",\"start\":8,\"end\":13}]");
    /* without overlap what is in the way goes */
    pilot_keys(stand, "<Home><Space>lll1");
    pilot_see(stand, "it took the place of a span");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":0,\"end\":18}]");
    pilot_keys(stand, "hx");
    assert_text(stand, "parts", "");
    pilot_keys(stand, "x");
    pilot_see(stand, "No span is marked here.");
    pilot_keys(stand, "9");
    pilot_see(stand, "There is no label 9.");
    pilot_keys(stand, "<Home><Space>l<Esc>"); /* what was opened is closed, no more */
    pilot_see(stand, "1 Person");
    pilot_keys(stand, "1");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":4,\"end\":7}]");
    pilot_keys(stand, "<Alt-Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_screen_free(stand);
}

/* Prodigy's page undoes with Backspace; x removes. */
static void a_preset_undoes_where_spans_are_marked(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(0);
    stand->pilot.settings.preset = PRESET_PRODIGY;
    pilot_screen_reopen(stand);
    pilot_add(&stand->pilot, "Say who, and where.", "One two three");
    pilot_see(stand, "Say who");
    pilot_keys(stand, "5<Tab><Tab>1l2");
    pilot_see(stand, "Place “two”");
    pilot_keys(stand, "<Home><Backspace>");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":0,\"end\":3}]");
    pilot_keys(stand, "x");
    assert_text(stand, "parts", "");
    pilot_keys(stand, "<Delete>");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":0,\"end\":3}]");
    pilot_screen_free(stand);
}

static void spans_may_lie_over_each_other_where_the_dataset_lets_them(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("Any.");
    pilot_keys(stand, "<Tab>"); /* of the prompt */
    pilot_see(stand, "1 mark a");
    pilot_keys(stand, "<Space>l1");
    pilot_keys(stand, "<Home>l<Space>l2");
    pilot_see(stand, "[Say [who|mark a], and|mark b]");
    assert_text(stand, "marks",
                "[{\"label\":\"a\",\"start\":0,\"end\":7},"
                "{\"label\":\"b\",\"start\":4,\"end\":12}]");
    pilot_keys(stand, "<Enter>");
    pilot_type(stand, "mark l");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "[Say [[who|mark a], and|mark l]|mark b]");
    pilot_keys(stand, "<Home><Enter>");
    pilot_paste(stand, "mark\nk"); /* one line of it */
    pilot_see(stand, "▸ [ ] mark k");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "[[Say|mark k] [[who");
    pilot_keys(stand, "<Home>lx"); /* of those that lie there, the shortest */
    assert_text(stand, "marks",
                "[{\"label\":\"k\",\"start\":0,\"end\":3},"
                "{\"label\":\"b\",\"start\":4,\"end\":12},"
                "{\"label\":\"l\",\"start\":4,\"end\":12}]");
    pilot_resize(stand, 40, 180);
    pilot_click(stand, "0 mark j"); /* the tenth has a digit too, and what lies there */
    pilot_see(stand, "|mark j]");
    pilot_click(stand, "+2 more: Enter"); /* is the list of all */
    pilot_see(stand, "▸ [ ] mark ");
    pilot_screen_free(stand);
}

static void an_empty_text_has_nothing_to_mark(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_all(0);
    pilot_add(&stand->pilot, "Say who, and where.", "");
    pilot_see(stand, "Say who");
    pilot_keys(stand, "5<Tab><Tab>");
    pilot_see(stand, "▸Parts");
    app_dismiss_notice(stand->pilot.app);
    pilot_keys(stand, "p");
    pilot_see(stand, "There is no text to mark in this record.");
    assert_false(pilot_sees(stand, "1 Person")); /* one goes on answering */
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, "1 mark a");
    pilot_screen_free(stand);
}

static void marking_ends_with_its_question_and_survives_a_resize(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four");
    pilot_keys(stand, "<Space>l");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "One two three four");
    pilot_resize(stand, 9, 39);
    pilot_keys(stand, "1"); /* nobody sees it */
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "1");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":0,\"end\":7}]");
    struct dataset *dataset = dataset_of(stand);
    struct question *parts = &dataset->questions[4];
    char *field = parts->field, none[] = "none";
    parts->field = none; /* it is about a text that is not here */
    pilot_keys(stand, "<Space>l1");
    pilot_see(stand, "There is no text to mark.");
    struct event press = {.kind = EVENT_CLICK, .rows = 3, .cols = 3};
    screen_handle(stand->screen, &press);
    pilot_keys(stand, "/a<Enter>nN2");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":0,\"end\":7}]");
    parts->field = field;
    size_t count = dataset->question_count;
    dataset->question_count = 2;
    pilot_keys(stand, "2");
    pilot_see(stand, "The dataset asks other things now.");
    dataset->question_count = count;
    pilot_screen_free(stand);
}

static void spans_are_marked_with_the_mouse(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four.");
    pilot_click(stand, "three");
    pilot_keys(stand, "2");
    assert_text(stand, "parts", "[{\"label\":\"place\",\"start\":8,\"end\":13}]");
    pilot_click(stand, "ne two");
    pilot_drag(stand, "wo", false);
    pilot_drag(stand, "wo", true);
    pilot_see(stand, "Esc drop"); /* it is open: a key, or the label's name, closes it */
    pilot_click(stand, "Person");
    pilot_see(stand, "[One two|Person] [three|Place] four.");
    pilot_click(stand, "|Place]"); /* on a span, its brackets too: the whole of it */
    pilot_see(stand, "▸ Place “three”");
    pilot_keys(stand, "3");
    pilot_see(stand, "[three|Time]");
    pilot_click(stand, "four");
    pilot_click(stand, "[three"); /* and where they begin */
    pilot_see(stand, "▸ Time “three”");
    pilot_click(stand, "Person “One two”"); /* in the list below, too */
    pilot_see(stand, "▸ Person “One two”");
    pilot_keys(stand, "x");
    pilot_see(stand, "One two [three|Time] four.");
    pilot_keys(stand, "uuu");
    assert_text(stand, "parts", "[{\"label\":\"place\",\"start\":8,\"end\":13}]");
    pilot_click(stand, "One");
    pilot_keys(stand, "<Space>"); /* an open one grows to the click */
    pilot_click(stand, "two");
    pilot_keys(stand, "1");
    pilot_see(stand, "[One two|Person]");
    pilot_click(stand, "four");
    stand->clock_base_ms += 500; /* two clicks, no double one */
    pilot_click(stand, "four");
    assert_false(pilot_sees(stand, "[four"));
    stand->clock_base_ms += 500;
    pilot_click(stand, "four"); /* twice: the label used last */
    pilot_click(stand, "four");
    pilot_see(stand, "[four|Person].");
    pilot_click(stand, "four");
    pilot_click(stand, "four"); /* of a span it takes nothing back */
    pilot_see(stand, "[four|Person].");
    pilot_screen_free(stand);
}

/* It takes two columns on every terminal: whole, or as what stands for it. */
static void a_click_right_of_a_family_is_on_what_one_sees(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans(family);
    pilot_click(stand, "otín");
    pilot_keys(stand, "1");
    pilot_see(stand, "\U0001F468 Ana [Botín|Person] went");
    pilot_click(stand, "京だ");
    pilot_keys(stand, "2");
    pilot_click(stand, "\U0001F468 Ana");
    pilot_keys(stand, "3");
    assert_text(stand, "parts",
                "[{\"label\":\"time\",\"start\":0,\"end\":5},"
                "{\"label\":\"person\",\"start\":10,\"end\":15},"
                "{\"label\":\"place\",\"start\":24,\"end\":26}]");
    pilot_screen_free(stand);
}

static void a_drag_survives_a_new_size_and_ends_with_its_question(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four five six.");
    pilot_click(stand, "two");
    pilot_drag(stand, "three", false);
    pilot_resize(stand, 30, 40);
    pilot_drag(stand, "four", false);
    pilot_resize(stand, 9, 39); /* nothing can be pointed at */
    struct event away = {.kind = EVENT_DRAG, .rows = 5, .cols = 3, .delta = 0};
    screen_handle(stand->screen, &away);
    pilot_resize(stand, 24, 80);
    pilot_drag(stand, "five", true);
    pilot_drag(stand, "six", false); /* the button is up */
    pilot_keys(stand, "1u<Ctrl-R>");
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":4,\"end\":23}]");
    struct dataset *dataset = dataset_of(stand);
    dataset->questions[4].option_count = 1; /* nothing is left to be chosen */
    pilot_click(stand, "six");
    pilot_drag(stand, "six", true); /* a click */
    pilot_see(stand, "1 span");
    pilot_click(stand, "two");
    pilot_drag(stand, "One", true);
    pilot_see(stand, "[One two|Person] three");
    dataset->questions[4].option_count = 3;
    pilot_click(stand, "One");
    size_t count = dataset->question_count;
    dataset->question_count = 2;
    pilot_drag(stand, "six", false);
    pilot_see(stand, "The dataset asks other things now.");
    pilot_drag(stand, "Your answer", true);
    dataset->question_count = count;
    pilot_screen_free(stand);
}

static void the_wheel_goes_through_the_text_that_is_marked(void **state)
{
    (void)state;
    struct buf text = {0};
    for (int i = 1; i <= 60; i++)
        buf_addf(&text, "line%d of it\n", i);
    struct pilot_screen *stand = open_spans(buf_text(&text));
    struct event down = {.kind = EVENT_WHEEL, .delta = 1};
    for (int i = 0; i < 10; i++)
        screen_handle(stand->screen, &down);
    pilot_see(stand, "line31 ");
    assert_false(pilot_sees(stand, "line1 "));
    pilot_click(stand, "line33");
    pilot_keys(stand, "1");
    pilot_see(stand, "[line33|Person]");
    pilot_see(stand, "line31 "); /* where it was */
    pilot_click(stand, "line32");
    for (int i = 0; i < 3; i++) { /* beyond the edge it goes on */
        struct event above = {.kind = EVENT_DRAG, .rows = 1, .cols = 2};
        screen_handle(stand->screen, &above);
        pilot_see(stand, "Person “line33”");
    }
    pilot_see(stand, "line28 ");
    buf_clear(&text);
    pilot_screen_free(stand);
}

static void help_opens_where_the_keys_of_the_place_are(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four");
    pilot_see(stand, "Esc done  ? help");
    pilot_keys(stand, "?");
    pilot_see(stand, "While spans are marked");
    assert_false(pilot_sees(stand, "While reading and rating"));
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "0 spans");
    pilot_keys(stand, "<Esc>v?");
    pilot_see(stand, "In the list of records");
    pilot_see(stand, "mark it, or all to here from the last");
    pilot_keys(stand, "<Esc><Esc>?");
    pilot_see(stand, "While reading and rating");
    static const char *const pages[][2] = {{"T", "On the page of people"},
                                           {"t", "On the page of what an agent did"},
                                           {"%", "On the other pages"},
                                           {"O", "On the other pages"}};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        pilot_keys(stand, "<Esc>");
        pilot_keys(stand, pages[i][0]);
        pilot_keys(stand, "?");
        pilot_see(stand, pages[i][1]);
        assert_false(pilot_sees(stand, "While reading and rating"));
    }
    pilot_screen_free(stand);
}

static void a_page_goes_back_to_the_room_that_it_lies_over(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four");
    pilot_keys(stand, "<Space>l?:"); /* a command could be about anything else */
    pilot_see(stand, ": does nothing here");
    pilot_keys(stand, "g"); /* another page */
    pilot_see(stand, "Guidelines");
    pilot_keys(stand, "<Esc>1"); /* with what was open */
    assert_text(stand, "parts", "[{\"label\":\"person\",\"start\":0,\"end\":7}]");
    pilot_keys(stand, "<Enter>?"); /* the list of labels */
    pilot_see(stand, "In the list of options");
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, "pla");
    pilot_keys(stand, "?<Esc><Enter>");
    assert_text(stand, "parts", "[{\"label\":\"place\",\"start\":0,\"end\":7}]");
    pilot_see(stand, "1 span");
    pilot_keys(stand, "<Esc><Shift-Tab>p?");
    pilot_see(stand, "In the list of options");
    pilot_keys(stand, "<Esc>2"); /* a ranking */
    assert_text(stand, "order", "[{\"value\":\"a\",\"rank\":2}]");
    pilot_keys(stand, "<Esc>B<Tab><Tab>p?"); /* a list over the form for many */
    pilot_see(stand, "In the list of options");
    pilot_keys(stand, "<Esc>2<Esc>?");
    pilot_see(stand, "In the form for many records");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "[2 Wrong]");
    pilot_see(stand, "For all 1 shown");
    pilot_keys(stand, "<Esc>M?");
    pilot_see(stand, "In the list of models");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Enter take");
    pilot_keys(stand, "<Esc>L?");
    pilot_see(stand, "In the list of datasets");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Touched");
    pilot_screen_free(stand);
}

static void what_a_page_lies_over_ends_with_its_question(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_spans("One two three four");
    pilot_keys(stand, "?");
    struct dataset *dataset = dataset_of(stand);
    size_t count = dataset->question_count;
    dataset->question_count = 2;
    pilot_resize(stand, 24, 80);
    pilot_see(stand, "The dataset asks other things now.");
    pilot_see(stand, "While spans are marked"); /* the page is read on */
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    dataset->question_count = count;
    pilot_add(&stand->pilot, "Another.", "Five six");
    pilot_keys(stand, "<Tab><Tab><Tab><Tab>?T");
    pilot_see(stand, "People");
    pilot_keys(stand, "l"); /* another record, behind the page */
    pilot_see(stand, "Another record is shown now.");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    pilot_screen_free(stand);
}

static void a_text_is_searched_while_its_spans_are_marked(void **state)
{
    (void)state;
    struct pilot_screen *stand =
        open_spans("One two three. Two more of two. Cafe\u0301. o\u0301.");
    pilot_keys(stand, "1/");
    pilot_type(stand, "tw");
    pilot_see(stand, "/tw");
    pilot_see(stand, "1 span"); /* the page stays */
    pilot_type(stand, "o");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "hit 1 of 3");
    pilot_keys(stand, "2n2n2");
    assert_text(stand, "parts",
                "[{\"label\":\"person\",\"start\":0,\"end\":3},"
                "{\"label\":\"place\",\"start\":4,\"end\":7},"
                "{\"label\":\"place\",\"start\":15,\"end\":18},"
                "{\"label\":\"place\",\"start\":27,\"end\":30}]");
    pilot_keys(stand, "n");
    pilot_see(stand, "hit 1 of 3"); /* round */
    pilot_keys(stand, "N");
    pilot_see(stand, "hit 3 of 3");
    pilot_keys(stand, "/");
    pilot_type(stand, "four");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "The text does not have it.");
    pilot_keys(stand, "/cafe<Enter><Home>");
    pilot_see(stand, "1 hit ──");
    pilot_keys(stand, "n3"); /* a letter is not cut from its mark */
    pilot_see(stand, "[Cafe\u0301|Time]");
    pilot_keys(stand, "u/"); /* a part of a letter, and the next one */
    pilot_type(stand, "\\p{M}/");
    pilot_keys(stand, "<Enter>3n3");
    pilot_see(stand, "Caf[e\u0301|Time].");
    pilot_see(stand, "[o\u0301|Time].");
    pilot_keys(stand, "uu<Esc><Home>n"); /* the search is over: from span to span */
    pilot_see(stand, "▸ Person “One”");
    pilot_keys(stand, "/<Esc>n");
    pilot_see(stand, "▸ Place “two”");
    pilot_keys(stand, "?");
    pilot_see(stand, "While spans are marked");
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
    pilot_keys(stand, "<Esc><Shift-Tab>p");
    pilot_see(stand, "0 of 300 chosen");
    pilot_type(stand, "300");
    pilot_see(stand, "▸ [ ] topic 300");
    struct question *topic = &dataset->questions[count - 1];
    topic->option_count = 2; /* the same question, and what is in focus is none of it */
    pilot_keys(stand, "<Ctrl-U>");
    pilot_see(stand, "▸ [ ] topic 1");
    topic->option_count = 300;
    pilot_type(stand, "300");
    topic->option_count = 2;
    pilot_keys(stand, "<Enter>");
    assert_null(value_of(stand, "topic"));
    topic->option_count = 300;
    pilot_screen_free(stand);
}

/* A key, or what a mouse or a window may do, that the number stands for. */
static struct event any_event(uint32_t number)
{
    static const char keys[] = "hlHLjkJK()nNxpgu?/:0123456789 =\tbZ\x1b\x1b\r\rdA";
    unsigned draw = number >> 24, what = number >> 8 & 0xFF;
    struct event event = {.kind = draw < 70    ? EVENT_CLICK
                                  : draw < 110 ? EVENT_DRAG
                                  : draw < 116 ? EVENT_WHEEL
                                  : draw < 118 ? EVENT_RESIZE
                                               : EVENT_KEY,
                          .rows = 1 + (int)(what % 24),
                          .cols = 1 + (int)(number >> 16 & 0x7F) % 80,
                          .delta = draw & 1};
    unsigned char letter = (unsigned char)keys[what % (sizeof keys - 1)];
    if (letter == 27)
        event.key = key_make(KEYCODE_ESCAPE, 0);
    else
        event.key =
            letter < 0x20 ? key_make(letter + 0x60u, KEY_CTRL_BIT) : key_make(letter, 0);
    if (event.kind == EVENT_RESIZE) {
        event.rows += 9;
        event.cols += 39;
    }
    return event;
}

/* With fewer questions at times, too: it lives, and the server would take what it keeps.
 */
static void any_hand_on_keys_and_mouse_leaves_it_whole(void **state)
{
    (void)state;
    struct pilot_screen *stand =
        open_spans("Ana 🎉 saw two men. Two of\n東京タワー, and Bo.");
    struct dataset *dataset = dataset_of(stand);
    size_t count = dataset->question_count;
    uint32_t number = 20261126;
    for (int i = 0; i < 3000 && !screen_wants_quit(stand->screen); i++) {
        if (i % 60 == 0) /* from wherever it is to the texts with spans */
            pilot_keys(stand, "<Esc><Esc><Esc><Esc>ggp<Esc><Shift-Tab><Shift-Tab>");
        number = number * 1664525 + 1013904223;
        struct event event = any_event(number);
        dataset->question_count = number >> 24 == 255 ? 3 : count;
        screen_handle(stand->screen, &event);
        screen_paint(stand->screen);
        loop_poll(stand->pilot.loop);
    }
    const struct record *record = &stand->pilot.session->current;
    const char *why = NULL;
    dataset->question_count = count;
    assert_null(
        choice_find_fault(dataset, record, &record->response.values, false, &why));
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_is_typed_with_two_digits),
        cmocka_unit_test(a_key_that_submits_waits_for_the_second_digit),
        cmocka_unit_test(one_of_hundreds_is_found_by_typing),
        cmocka_unit_test(several_are_taken_one_after_the_other),
        cmocka_unit_test(with_argillas_keys_a_digit_is_a_rank),
        cmocka_unit_test(a_ranking_is_put_in_order),
        cmocka_unit_test(a_rank_goes_on_to_the_next_option_without_one),
        cmocka_unit_test(a_row_that_scrolled_is_clicked),
        cmocka_unit_test(texts_are_asked_for_and_tables_fit_in_any_size),
        cmocka_unit_test(a_text_alone_has_the_room_and_reading_keys_move_it),
        cmocka_unit_test(reading_keys_move_the_text_that_has_more),
        cmocka_unit_test(only_what_cannot_be_seen_is_below),
        cmocka_unit_test(a_word_and_a_stretch_are_marked_with_a_few_keys),
        cmocka_unit_test(letters_and_sentences_are_marked_too),
        cmocka_unit_test(that_spans_behind_an_emoji_look_off_elsewhere_is_said),
        cmocka_unit_test(spans_are_walked_relabelled_and_removed),
        cmocka_unit_test(a_preset_undoes_where_spans_are_marked),
        cmocka_unit_test(spans_may_lie_over_each_other_where_the_dataset_lets_them),
        cmocka_unit_test(an_empty_text_has_nothing_to_mark),
        cmocka_unit_test(marking_ends_with_its_question_and_survives_a_resize),
        cmocka_unit_test(spans_are_marked_with_the_mouse),
        cmocka_unit_test(a_click_right_of_a_family_is_on_what_one_sees),
        cmocka_unit_test(a_drag_survives_a_new_size_and_ends_with_its_question),
        cmocka_unit_test(the_wheel_goes_through_the_text_that_is_marked),
        cmocka_unit_test(help_opens_where_the_keys_of_the_place_are),
        cmocka_unit_test(a_page_goes_back_to_the_room_that_it_lies_over),
        cmocka_unit_test(what_a_page_lies_over_ends_with_its_question),
        cmocka_unit_test(a_text_is_searched_while_its_spans_are_marked),
        cmocka_unit_test(any_hand_on_keys_and_mouse_leaves_it_whole),
        cmocka_unit_test(a_list_of_options_ends_with_its_question),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
