/* SPDX-License-Identifier: MIT
 * Beside the answer itself: phrases, corrections, flags, the guidelines beside, pastes,
 * with the whole program.
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/all_questions.h"
#include "tests/support/pilot_screen.h"

static void expect(struct pilot_screen *stand, const struct id *id,
                   enum response_status status, int rating, const char *feedback)
{
    pilot_rest(stand);
    pilot_expect(&stand->pilot, id, status, rating, feedback);
}

/* ---- phrases ---- */

static struct pilot_screen *start_with_phrases(int records)
{
    struct pilot_screen *stand = pilot_screen_new(records, 0);
    struct settings *settings = &stand->pilot.settings;
    settings->snippets = xcalloc(2, sizeof *settings->snippets);
    settings->snippet_count = 2;
    settings->snippets[0] =
        (struct snippet_setting){xstrdup("long"), xstrdup("Too long for a joke.")};
    settings->snippets[1] =
        (struct snippet_setting){xstrdup("facts"), xstrdup("Wrong facts.")};
    pilot_screen_reopen(stand);
    return stand;
}

static void a_phrase_is_two_keys_and_one_undo(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_with_phrases(2);
    struct id first = pilot_current(stand);
    pilot_keys(stand, ";");
    pilot_see(stand, "A phrase into the feedback");
    pilot_see(stand, "1  long   Too long for a joke.");
    pilot_keys(stand, "1");
    pilot_see(stand, "Feedback   Too long for a joke.");
    expect(stand, &first, RESPONSE_DRAFT, 0, "Too long for a joke.");
    pilot_keys(stand, ";2"); /* behind what is there */
    expect(stand, &first, RESPONSE_DRAFT, 0, "Too long for a joke. Wrong facts.");
    pilot_keys(stand, "u");
    expect(stand, &first, RESPONSE_DRAFT, 0, "Too long for a joke.");
    pilot_keys(stand, "<Ctrl-R>4<Enter>");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, "Too long for a joke. Wrong facts.");
    pilot_screen_free(stand);
}

static void in_prose_a_semicolon_is_one_and_esc_with_it_the_phrases(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_with_phrases(2);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "One; two ; three");
    pilot_keys(stand, "<Home><Ctrl-Right><Alt-;>");
    pilot_see(stand, "A phrase into the feedback");
    pilot_keys(stand, "2");
    pilot_type(stand, "!");
    pilot_see(stand, "One Wrong facts.!; two ; three");
    pilot_keys(stand, "<Ctrl-Z><Ctrl-Z>"); /* the letter, then the phrase as one */
    pilot_see(stand, "▸Feedback   One; two ; three");
    pilot_keys(stand, "<Alt-;>?");
    pilot_see(stand, "In the list of phrases");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "A phrase into the feedback");
    pilot_keys(stand, "<Esc>"); /* not now: writing goes on */
    pilot_type(stand, " so");
    pilot_keys(stand, "<Esc>");
    expect(stand, &first, RESPONSE_DRAFT, 0, "One so; two ; three");
    pilot_screen_free(stand);
}

static void what_was_written_twice_is_a_phrase(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(4, 0);
    pilot_keys(stand, ";");
    pilot_see(stand, "There are no phrases yet");
    for (int i = 0; i < 3; i++) {
        pilot_keys(stand, "<Esc>3f");
        pilot_type(stand, i == 1 ? "Only once." : "Dry, but true.");
        pilot_keys(stand, "<Esc><Enter>");
        pilot_see(stand, "submitted and saved");
    }
    struct id fourth = pilot_current(stand);
    pilot_keys(stand, ";");
    pilot_see(stand, "1  Dry, but true.");
    assert_false(pilot_sees(stand, "Only once."));
    pilot_keys(stand, "7");
    pilot_see(stand, "There is no phrase 7; Esc goes back.");
    pilot_keys(stand, "1");
    expect(stand, &fourth, RESPONSE_DRAFT, 0, "Dry, but true.");
    pilot_screen_free(stand);
}

static void no_phrase_goes_into_the_correction(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_with_phrases(1);
    struct id first = pilot_current(stand);
    stand->pilot.settings.correction_question = xstrdup("response-feedback");
    pilot_screen_reopen(stand);
    pilot_keys(stand, ";");
    pilot_see(stand, "no place for phrases");
    pilot_keys(stand, "1"); /* it was to be the first phrase, and rates nothing */
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_screen_free(stand);
}

static void another_record_ends_the_choice_of_a_phrase(void **state)
{
    (void)state;
    struct pilot_screen *stand = start_with_phrases(2);
    struct id second;
    pilot_keys(stand, "l");
    second = pilot_current(stand);
    pilot_keys(stand, "hf");
    pilot_type(stand, "Kept");
    pilot_keys(stand, "<Alt-;>");
    pilot_go(&stand->pilot, &second);
    pilot_see(stand, "Another record is shown now");
    pilot_keys(stand, "1"); /* is not put into the other one, and rates nothing yet */
    expect(stand, &second, RESPONSE_PENDING, 0, NULL);
    pilot_screen_free(stand);
}

/* ---- correction ---- */

static void add_correction(struct dataset *dataset)
{
    size_t count = dataset->question_count++;
    dataset->questions =
        xreallocarray(dataset->questions, count + 1, sizeof *dataset->questions);
    dataset->questions[count] = (struct question){.name = xstrdup("response-correction"),
                                                  .title = xstrdup("Correct it"),
                                                  .type = QUESTION_TEXT};
}

static char *correction(struct pilot_screen *stand, const struct id *id)
{
    struct record record = {0};
    pilot_rest(stand);
    pilot_read(&stand->pilot, id, &record);
    const struct value *value =
        values_find(&record.response.values, "response-correction");
    char *text = value ? xstrdup(value->text) : NULL;
    record_clear(&record);
    return text;
}

static void a_correction_starts_from_the_answer_and_keeps_it(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 2, .prepare = add_correction};
    pilot_screen_start(&stand);
    struct id first = pilot_current(&stand);
    pilot_keys(&stand, "E");
    pilot_see(&stand, "Answer **1** to it.");
    pilot_keys(&stand, "<Esc>"); /* unchanged: no answer */
    assert_null(correction(&stand, &first));
    pilot_keys(&stand, "E<Backspace>");
    pilot_type(&stand, ", and more.");
    pilot_keys(&stand, "<Esc>");
    char *text = correction(&stand, &first);
    assert_string_equal(text, "Answer **1** to it, and more.");
    free(text);
    text = pilot_field(&stand.pilot, &first, "response");
    assert_string_equal(text, "Answer **1** to it.");
    free(text);
    pilot_keys(&stand, "=");
    pilot_see(&stand, "The correction: [-taken out-] {+put in+}");
    pilot_see(&stand, "Answer **1** to it{+, and more+}.");
    pilot_keys(&stand, "=E"); /* goes on from what was written */
    pilot_type(&stand, "!");
    pilot_keys(&stand, "<Esc>u");
    text = correction(&stand, &first);
    assert_string_equal(text, "Answer **1** to it, and more.");
    free(text);
    pilot_keys(&stand, "E");
    for (int i = 0; i < 30; i++)
        pilot_paste(&stand, "\nMore.");
    pilot_keys(&stand, "<Esc>=");
    pilot_see(&stand, "20 of 31 lines");
    pilot_keys(&stand, "<Space>");
    pilot_see(&stand, "31 of 31 lines");
    pilot_see_gone(&stand, "Answer **1**");
    pilot_screen_end(&stand);
}

static void only_one_text(struct dataset *dataset)
{
    add_correction(dataset);
    free(dataset->fields[1].name);
    free(dataset->fields[1].title);
    free(dataset->fields[1].type);
    dataset->field_count = 1;
}

static void where_there_is_one_text_it_is_what_is_corrected(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 1, .prepare = only_one_text};
    pilot_screen_start(&stand);
    pilot_keys(&stand, "E");
    pilot_see(&stand, "▸Correct it   Question 1");
    pilot_type(&stand, "?");
    pilot_keys(&stand, "<Esc>=");
    pilot_see(&stand, "Question 1{+?+}");
    pilot_screen_end(&stand);
}

static void a_dataset_without_a_question_for_it_says_so(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "E");
    pilot_see(stand, "This dataset has no question for a correction");
    stand->pilot.settings.correction_question = xstrdup("response-feedback");
    pilot_screen_reopen(stand);
    pilot_keys(stand, "E");
    pilot_see(stand, "▸Feedback   Answer **1** to it.");
    pilot_screen_free(stand);
}

/* ---- flags ---- */

static void a_flag_is_seen_counted_undone_and_kept_and_is_no_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand);
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "4b");
    pilot_see(stand, "#1 is flagged; u takes that back.");
    pilot_see(stand, "Prompt #1 · flagged");
    pilot_see(stand, "▶ 1⚑★★★★·~");
    pilot_see(stand, "Discarded 0 │ Flagged 1");
    expect(stand, &first, RESPONSE_DRAFT, 4, NULL);
    pilot_keys(stand, "l2<Enter>uu"); /* its step is one among the others */
    pilot_see(stand, "Undid rate of #2");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid flag of #1");
    pilot_see_gone(stand, "Flagged");
    expect(stand, &first, RESPONSE_DRAFT, 4, NULL);
    pilot_keys(stand, "<Ctrl-R>");
    pilot_see(stand, "Redid flag of #1");
    pilot_see(stand, "Flagged 1");
    pilot_keys(stand, "<Enter>"); /* an answer leaves it */
    pilot_screen_reopen(stand);
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "Flagged 1");
    pilot_keys(stand, ":filter flag<Enter>");
    pilot_see(stand, "Prompt #1 · flagged");
    expect(stand, &first, RESPONSE_SUBMITTED, 4, NULL);
    pilot_keys(stand, "b");
    pilot_see(stand, "#1 is not flagged any more");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid unflag of #1");
    pilot_see(stand, "Flagged 1");
    pilot_screen_free(stand);
}

static void a_flag_of_another_sherd_comes_and_a_full_disk_is_said(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_flag_by_other(&stand->pilot, &first, true);
    pilot_see(stand, "Prompt #1 · flagged");
    pilot_flag_by_other(&stand->pilot, &first, false);
    pilot_see_gone(stand, "flagged");
    pilot_fill_disk(true);
    pilot_keys(stand, "b");
    pilot_see(stand, "disk");
    assert_false(pilot_sees(stand, "Prompt #1 · flagged"));
    pilot_fill_disk(false);
    pilot_keys(stand, "b");
    pilot_see(stand, "Prompt #1 · flagged");
    pilot_screen_free(stand);
}

/* ---- a text that another sherd has changed since its box was opened ---- */

static bool has_clash(const struct pilot *pilot)
{
    return pilot->session->current.has_clash;
}

static const char *other_text; /* of the question in response */

static bool has_other_text(const struct pilot *pilot)
{
    const struct values *values = &pilot->session->current.response.values;
    const struct value *value = values_find(values, "response-feedback");
    return value ? !strcmp(value->text, other_text) : !*other_text;
}

static void see_other(struct pilot_screen *stand, const char *text)
{
    struct id id = pilot_current(stand);
    bool is_any = *text != '\0';
    other_text = text;
    pilot_put_by_other(&stand->pilot, &id, is_any ? RESPONSE_DRAFT : RESPONSE_PENDING, 0,
                       is_any ? text : NULL);
    pilot_until(&stand->pilot, has_other_text);
}

static void a_text_that_came_while_its_box_was_open_is_a_choice(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "one");
    expect(stand, &first, RESPONSE_DRAFT, 0, "one");
    see_other(stand, "one bbb"); /* here, too: but not in the box */
    pilot_type(stand, " aaa");
    pilot_see(stand, "Another sherd has changed #1 meanwhile.");
    pilot_type(stand, "4"); /* the box is open still */
    pilot_until(&stand->pilot, has_clash);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "one bbb");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "From another sherd");
    pilot_see(stand, "one bbb");
    pilot_see(stand, "one aaa4");
    pilot_type(stand, "<");
    pilot_see_gone(stand, "From another sherd");
    expect(stand, &first, RESPONSE_DRAFT, 0, "one aaa4");
    pilot_keys(stand, "f"); /* what was chosen is what one goes on from */
    pilot_type(stand, "!");
    expect(stand, &first, RESPONSE_DRAFT, 0, "one aaa4!");
    see_other(stand, ""); /* taken away is another answer as well */
    pilot_type(stand, "?");
    pilot_until(&stand->pilot, has_clash);
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "nothing: it was taken away");
    pilot_screen_free(stand);
}

/* Nothing is there when they are opened: what comes is not seen either. */
static void a_first_text_and_one_of_elsewhere_are_a_choice(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    see_other(stand, "theirs");
    pilot_type(stand, "mine");
    pilot_until(&stand->pilot, has_clash);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "theirs");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "From another sherd");
    pilot_type(stand, ">");
    expect(stand, &first, RESPONSE_DRAFT, 0, "theirs");
    pilot_keys(stand, "f");
    pilot_put_by_other(&stand->pilot, &first, RESPONSE_DRAFT, 5, "theirs");
    pilot_see(stand, "[5]");
    pilot_type(stand, "!"); /* another question's answer is no clash, it is seen */
    expect(stand, &first, RESPONSE_DRAFT, 5, "theirs!");
    pilot_screen_free(stand);
}

static void a_correction_and_what_an_editor_wrote_are_a_choice_too(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    stand->pilot.settings.correction_question = xstrdup("response-feedback");
    pilot_screen_reopen(stand);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "E");
    see_other(stand, "theirs");
    pilot_type(stand, "!");
    pilot_until(&stand->pilot, has_clash);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "theirs");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Feedback: Answer **1** to it.!");
    pilot_keys(stand, "lf");
    struct id second = pilot_current(stand);
    see_other(stand, "of elsewhere");
    setenv("VISUAL", "sh -c 'echo edited >\"$1\"' sh", 1);
    pilot_keys(stand, "<Ctrl-X>");
    pilot_until(&stand->pilot, has_clash);
    unsetenv("VISUAL");
    pilot_expect(&stand->pilot, &second, RESPONSE_DRAFT, 0, "of elsewhere");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Feedback: edited");
    pilot_screen_free(stand);
}

/* ---- notes ---- */

/* On disk; NULL = none. */
static void expect_note(struct pilot_screen *stand, const struct id *id, const char *text)
{
    struct record record = {0};
    pilot_rest(stand);
    pilot_read(&stand->pilot, id, &record);
    if (text)
        assert_string_equal(record.note, text);
    else
        assert_null(record.note);
    record_clear(&record);
}

static void write_note(struct pilot_screen *stand, const char *text)
{
    pilot_keys(stand, "+");
    pilot_see(stand, "for you alone, never sent");
    pilot_type(stand, text);
    pilot_keys(stand, "<Esc>");
}

/* What is typed is kept, as by Esc. */
static void a_click_on_another_record_leaves_a_box_first(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand), second;
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "+");
    pilot_type(stand, "Ask Kim");
    pilot_click(stand, "Question 2");
    pilot_see(stand, "Prompt #2");
    pilot_rest(stand);
    expect_note(stand, &first, "Ask Kim");
    second = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "Warm.");
    pilot_click(stand, "Question 1");
    pilot_see(stand, "Prompt #1");
    pilot_rest(stand);
    expect(stand, &second, RESPONSE_DRAFT, 0, "Warm.");
    pilot_keys(stand, "i");
    pilot_type(stand, "And why?");
    pilot_click(stand, "Question 2");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "i");
    pilot_see(stand, "And why?");
    pilot_keys(stand, "<Esc>Bf");
    pilot_type(stand, "For all");
    pilot_click(stand, "Question 3");
    pilot_see(stand, "Prompt #3");
    pilot_keys(stand, "B4<Enter>");
    pilot_see(stand, "Submit");
    pilot_click(stand, "Question 1"); /* which is no yes */
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "B");
    pilot_see(stand, "For all");
    pilot_keys(stand, "<Esc>:fil");
    pilot_click(stand, "Question 3"); /* where it would be lost */
    pilot_see(stand, "Esc leaves what is open here first.");
    pilot_see(stand, ":fil");
    pilot_screen_free(stand);
}

static void a_note_is_written_in_one_line_too(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, ":note Ask Kim<Enter>");
    pilot_see(stand, "Noted on #1; u takes that back.");
    pilot_see(stand, "note: Ask Kim ──");
    pilot_rest(stand);
    expect_note(stand, &first, "Ask Kim");
    pilot_keys(stand, ":note Ask Lee<Enter>");
    pilot_see(stand, "note: Ask Lee ──");
    pilot_keys(stand, ":note Ask Lee<Enter>"); /* nothing to take back */
    pilot_see(stand, "That is its note already.");
    pilot_keys(stand, "u");
    pilot_see(stand, "note: Ask Kim ──");
    pilot_keys(stand, "u");
    pilot_see_gone(stand, "note: Ask");
    expect_note(stand, &first, NULL);
    pilot_fill_disk(true);
    pilot_keys(stand, ":note Ask Mo<Enter>");
    pilot_see(stand, "is not saved: The store");
    pilot_fill_disk(false);
    pilot_keys(stand, ":note<Enter>");
    pilot_see(stand, "for you alone, never sent");
    pilot_type(stand, "e");
    pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    expect_note(stand, &first, "Ask Moe");
    pilot_screen_free(stand);
}

static void a_note_is_seen_found_undone_and_kept_and_is_no_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand);
    write_note(stand, "Ask Kim\nabout it");
    pilot_see(stand, "Your answer ─── note: Ask Kim about it ──");
    expect_note(stand, &first, "Ask Kim\nabout it");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_resize(stand, 10, 40); /* no room for its words */
    pilot_see(stand, "Your answer ─── note ─── pending ──");
    pilot_resize(stand, 24, 80);
    pilot_keys(stand, "I");
    pilot_see(stand, "your note (never sent)");
    pilot_see(stand, "about it");
    pilot_keys(stand, "<Esc>l");
    pilot_see_gone(stand, "note:");
    pilot_keys(stand, "/Kim<Enter>"); /* it is searched, too */
    pilot_see(stand, "Prompt #1");
    pilot_see(stand, "in your note");
    pilot_keys(stand, "<Esc>l4<Enter>u"); /* its step is one among the others */
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid rate of #2");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid note of #1.");
    expect_note(stand, &first, NULL);
    pilot_see_gone(stand, "note:");
    pilot_keys(stand, "<Ctrl-R>");
    pilot_see(stand, "Redid note of #1.");
    pilot_screen_reopen(stand);
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "✎│ Question 1");
    pilot_see(stand, "Discarded 0 │ Noted 1");
    pilot_keys(stand, ":filter note:kim<Enter>");
    pilot_see(stand, "filter: note:kim");
    pilot_see(stand, "note: Ask Kim about it");
    pilot_see(stand, "Discarded 0 │ Noted 1");
    pilot_keys(stand, "b:filter -note<Enter>"); /* counts of what is shown, all of them */
    pilot_see(stand, "filter: -note");
    pilot_see_gone(stand, "Noted 1");
    pilot_see_gone(stand, "Flagged 1");
    pilot_keys(stand, ":filter all<Enter>");
    pilot_see(stand, "Flagged 1 │ Noted 1");
    pilot_keys(stand, ":1<Enter>+<Ctrl-End><Ctrl-U><Backspace><Ctrl-U><Esc>");
    pilot_see_gone(stand, "Noted");
    expect_note(stand, &first, NULL);
    pilot_screen_free(stand);
}

static void a_note_is_on_disk_while_it_is_written(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "+");
    pilot_type(stand, "half a wo");
    expect_note(stand, &first, "half a wo"); /* without a key that ends it */
    pilot_see(stand, "Esc done");
    pilot_put_by_other(&stand->pilot, &first, RESPONSE_DRAFT, 2, NULL);
    pilot_see(stand, "Note on #1"); /* another's answer is not about it */
    pilot_type(stand, "rd");
    pilot_keys(stand, "<Esc>u");
    pilot_see(stand, "Undid note of #1.");
    expect(stand, &first, RESPONSE_DRAFT, 2, NULL);
    expect_note(stand, &first, "half a wo"); /* theirs came between */
    pilot_screen_free(stand);
}

static bool has_other_note(const struct pilot *pilot)
{
    return !strcmp(pilot->session->current.note, "other");
}

static void a_note_of_another_sherd_comes_and_the_box_stays_open(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_note_by_other(&stand->pilot, &first, "theirs");
    pilot_see(stand, "note: theirs");
    pilot_keys(stand, "+");
    pilot_type(stand, " and mine");
    expect_note(stand, &first, "theirs and mine");
    pilot_note_by_other(&stand->pilot, &first, "other");
    pilot_until(&stand->pilot, has_other_note);
    pilot_type(stand, ", 5 d"); /* typed on: into the box */
    pilot_see(stand, "Another sherd had changed the note of #1");
    expect_note(stand, &first, "theirs and mine, 5 d");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "x"); /* said once */
    pilot_see_gone(stand, "Another sherd");
    expect_note(stand, &first, "theirs and mine, 5 dx");
    assert_false(pilot_sees(stand, "Another sherd"));
    pilot_keys(stand, "<Esc>u");
    pilot_see(stand, "note: other");
    pilot_keys(stand, "u");
    pilot_see(stand, "note: theirs and mine ");
    /* Both at once: ours is the last, and nothing is lost. */
    pilot_keys(stand, "+<Ctrl-U>");
    pilot_type(stand, "mine alone");
    pilot_note_by_other(&stand->pilot, &first, "unseen");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Another sherd had changed the note of #1");
    expect_note(stand, &first, "mine alone");
    pilot_keys(stand, "u");
    pilot_see(stand, "note: unseen");
    pilot_screen_free(stand);
}

static void a_note_waits_for_a_full_disk_and_is_said_to(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    write_note(stand, "before");
    expect_note(stand, &first, "before");
    pilot_fill_disk(true);
    write_note(stand, " and after");
    pilot_see(stand, "#1 is not saved: ");
    pilot_see(stand, "note: before and after");
    pilot_keys(stand, "lh"); /* it is kept while one goes elsewhere */
    pilot_see(stand, "note: before and after");
    pilot_keys(stand, "u");
    pilot_see(stand, "Nothing is taken back");
    pilot_fill_disk(false);
    pilot_see_gone(stand, "NOT SAVED");
    expect_note(stand, &first, "before and after");
    pilot_screen_free(stand);
}

static void a_note_of_a_record_that_is_deleted_meanwhile_is_said(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    int64_t row = stand->pilot.session->current.row;
    pilot_keys(stand, "+");
    pilot_type(stand, "kept");
    expect_note(stand, &first, "kept");
    pilot_type(stand, " so far");
    pilot_delete_by_other(&stand->pilot, row);
    pilot_see(stand, "This record is deleted; undo brings it back");
    pilot_see(stand, "kept so far"); /* the box is open */
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "What you wrote is kept");
    pilot_see(stand, "note: kept ─");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid delete of #1");
    pilot_see(stand, "note: kept ─");
    pilot_keys(stand, "f");
    assert_false(pilot_sees(stand, "so far")); /* which is sent */
    pilot_keys(stand, "<Esc>+");
    pilot_see(stand, "kept so far");
    expect_note(stand, &first, "kept so far");
    pilot_screen_free(stand);
}

static void a_feedback_of_a_record_that_is_deleted_meanwhile_is_kept(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    int64_t row = stand->pilot.session->current.row;
    pilot_keys(stand, "f");
    pilot_type(stand, "kept so far");
    pilot_delete_by_other(&stand->pilot, row);
    pilot_see(stand, "This record is deleted; undo brings it back");
    pilot_keys(stand, "<Esc>u");
    pilot_see(stand, "Undid delete of #1");
    pilot_keys(stand, "+");
    assert_false(pilot_sees(stand, "so far"));
    pilot_keys(stand, "<Esc>f<Esc>");
    expect(stand, &first, RESPONSE_DRAFT, 0, "kept so far");
    pilot_screen_free(stand);
}

/* An editor that ends once its record is deleted by another sherd. */
static void edit_meanwhile(struct pilot_screen *stand, int64_t row)
{
    char *pipe = xasprintf("%s/go", stand->pilot.dir);
    char *command =
        xasprintf("sh -c 'read word <%s; echo \"and after\" >>\"$1\"' sh", pipe);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    setenv("VISUAL", command, 1);
    pilot_keys(stand, "<Ctrl-X>");
    pilot_delete_by_other(&stand->pilot, row);
    FILE *file = fopen(pipe, "w");
    assert_non_null(file);
    fputs("\n", file);
    fclose(file);
    unlink(pipe);
    unsetenv("VISUAL");
    free(command);
    free(pipe);
}

static void a_text_in_an_editor_outlives_its_deleted_record(void **state)
{
    (void)state;
    static const char *const boxes[] = {"+", "f"};
    for (size_t i = 0; i < 2; i++) {
        struct pilot_screen *stand = pilot_screen_new(2, 0);
        struct id first = pilot_current(stand);
        int64_t row = stand->pilot.session->current.row;
        pilot_keys(stand, boxes[i]);
        pilot_type(stand, "before");
        pilot_settle(&stand->pilot);
        edit_meanwhile(stand, row);
        if (i == 1) { /* the box stays open */
            pilot_see(stand, "and after");
            pilot_see(stand, "This record is deleted; undo brings it back");
            pilot_keys(stand, "<Esc>");
        }
        pilot_see(stand, "What you wrote");
        pilot_keys(stand, "<Esc>u");
        pilot_see(stand, "Undid delete of #1");
        pilot_keys(stand, boxes[i]);
        pilot_see(stand, "and after");
        pilot_keys(stand, "<Esc>");
        if (i == 0)
            expect_note(stand, &first, "before\nand after");
        else
            expect(stand, &first, RESPONSE_DRAFT, 0, "before\nand after");
        pilot_screen_free(stand);
    }
}

static void what_is_pasted_into_a_note_is_text_whatever_it_holds(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "+");
    pilot_paste(stand, "1. red\n4. blue\n");
    pilot_paste(stand, "\033]0;x\a\033[2J\xe2\x80\xae"
                       "evil · note\x7f");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "note: 1. red 4. blue ");
    expect(stand, &first, RESPONSE_PENDING, 0, NULL);
    for (const char *at = buf_text(&stand->frame); *at; at++)
        assert_true(*at == '\n' || (unsigned char)*at >= ' ');
    assert_null(strstr(buf_text(&stand->frame), "\xe2\x80\xae"));
    pilot_keys(stand, "I");
    pilot_see(stand, "4. blue");
    pilot_keys(stand, "<Esc>");
    pilot_note_by_other(&stand->pilot, &first, "a\033[2Jb\r\n");
    pilot_see(stand, "note: a");
    pilot_keys(stand, "+"); /* what a box leaves out is no change of another */
    pilot_see(stand, "Note on #1");
    pilot_type(stand, "c");
    pilot_see(stand, "Note on #1");
    pilot_keys(stand, "<Esc>I");
    pilot_see(stand, "your note (never sent)");
    for (const char *at = buf_text(&stand->frame); *at; at++)
        assert_true(*at == '\n' || (unsigned char)*at >= ' ');
    pilot_screen_free(stand);
}

static void a_note_is_written_in_the_editor_for_the_record_it_was_begun_on(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    setenv("VISUAL", TOP_SRCDIR "/tests/support/editor.sh", 1);
    pilot_keys(stand, ":note<Enter>");
    pilot_type(stand, "a");
    pilot_keys(stand, "<Ctrl-X>");
    pilot_see(stand, "and after");
    pilot_keys(stand, "<Esc>");
    expect_note(stand, &first, "a\nand after");
    pilot_keys(stand, "v");
    pilot_see(stand, "Records");
    pilot_keys(stand, ":note<Enter>"); /* over the list: on the record */
    pilot_see(stand, "Note on #1");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "Note on #1");
    pilot_resize(stand, 5, 20); /* nothing acts that is not seen */
    pilot_type(stand, "unseen");
    pilot_resize(stand, 24, 80);
    pilot_keys(stand, "<Esc>");
    expect_note(stand, &first, "a\nand after");
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

/* ---- guidelines beside ---- */

static void guidelines_stay_beside_the_record_and_are_remembered(void **state)
{
    (void)state;
    static const char text[] = "You're asked to rate the quality of the";
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "G");
    pilot_see(stand, "Guidelines stand beside the record from 110 columns on");
    pilot_see(stand, text);
    pilot_keys(stand, "<Esc>");
    pilot_see_gone(stand, text);
    pilot_resize(stand, 40, 110);
    pilot_keys(stand, "G");
    pilot_see(stand, "You're asked to rate");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "G");
    pilot_see_gone(stand, "You're asked to rate");
    pilot_resize(stand, 40, 120);
    pilot_see(stand, "Pending 2");
    pilot_keys(stand, "G");
    pilot_see(stand, "You're asked to rate the");
    assert_false(pilot_sees(stand, "Pending 2"));
    pilot_keys(stand, "4l"); /* it is rated beside it */
    pilot_see(stand, "Prompt #2");
    pilot_resize(stand, 24, 80);
    assert_false(pilot_sees(stand, "You're asked"));
    pilot_resize(stand, 60, 200);
    pilot_see(stand, "Pending 1");
    pilot_see(stand, "You're asked to rate the");
    pilot_screen_reopen(stand);
    pilot_resize(stand, 60, 200);
    pilot_see(stand, "You're asked to rate the");
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "v"); /* in the queue's place: the queue is back */
    pilot_see(stand, "Pending 1");
    assert_false(pilot_sees(stand, "You're asked"));
    pilot_screen_free(stand);
}

/* ---- Markdown ---- */

static void what_is_typed_is_shown_as_markdown_and_writing_goes_on(void **state)
{
    (void)state;
    struct pilot_screen stand = {.records = 1, .prepare = all_questions};
    pilot_screen_start(&stand);
    struct id first = pilot_current(&stand);
    pilot_keys(&stand, "f");
    pilot_see(&stand, "Ctrl-T as Markdown");
    pilot_type(&stand, "Too **long**.\n");
    for (int i = 1; i <= 20; i++)
        pilot_type(&stand, "- a point\n");
    pilot_see(&stand, "- a point");
    pilot_keys(&stand, "<Ctrl-T>");
    pilot_see(&stand, "Too long.");
    pilot_see(&stand, "• a point");
    pilot_see(&stand, "8 of 22 lines · as Markdown · draft");
    pilot_keys(&stand, "<Down><PageDown>");
    pilot_see_gone(&stand, "Too long.");
    pilot_keys(&stand, "<PageUp><Up>");
    pilot_see(&stand, "Too long.");
    pilot_resize(&stand, 10, 40);
    pilot_see(&stand, "Too long.");
    pilot_resize(&stand, 24, 80);
    pilot_keys(&stand, "<Ctrl-T>");
    pilot_see(&stand, "- a point");
    pilot_keys(&stand, "<Ctrl-T>E"); /* a letter is one */
    pilot_see(&stand, "- a point");
    pilot_type(&stand, "nd.");
    pilot_keys(&stand, "<Ctrl-T><Esc>");
    pilot_see(&stand, "Ctrl-T as Markdown");
    pilot_paste(&stand, " *Yes*");
    pilot_keys(&stand, "<Ctrl-T>");
    pilot_see(&stand, "as Markdown");
    pilot_keys(&stand, "<Alt-Enter>");
    pilot_see(&stand, "Score has no answer yet");
    pilot_keys(&stand, "4<Enter>");
    pilot_see(&stand, "#1 submitted");
    struct record record = {0};
    pilot_read(&stand.pilot, &first, &record);
    const char *text = values_find(&record.response.values, "why")->text;
    assert_string_equal(text + strlen(text) - 10, "End. *Yes*");
    record_clear(&record);
    pilot_screen_end(&stand);
}

static void a_text_without_markdown_has_no_preview(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "**So**");
    assert_false(pilot_sees(stand, "as Markdown"));
    pilot_keys(stand, "<Ctrl-T>");
    pilot_see(stand, "as it is written, no Markdown");
    pilot_see(stand, "**So**");
    pilot_screen_free(stand);
}

/* ---- pasting ---- */

static void a_paste_that_is_too_long_goes_into_no_box(void **state)
{
    (void)state;
    static const struct {
        const char *open, *told;
    } boxes[] = {
        {"f", "That is too long: a text holds at most 1 MiB."},
        {"i", "That is too long: a prompt holds at most 1 MiB."},
        {"i<Ctrl-O>", "That is too long for a setting."},
        {"Bf", "That is too long for one text."},
        {":", "That is too long for a command."},
        {"/", "That is too long to search for."},
    };
    char *much = xcalloc(1, 1024 * 1024 + 2);
    memset(much, 'a', 1024 * 1024 + 1);
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        struct pilot_screen *stand = pilot_screen_new(1, 0);
        pilot_keys(stand, boxes[i].open);
        pilot_paste(stand, "little");
        pilot_see(stand, "little");
        pilot_expect_notice(&stand->pilot, "");
        pilot_paste(stand, much);
        pilot_see(stand, boxes[i].told);
        pilot_see(stand, "little");
        assert_false(pilot_sees(stand, "aaaa"));
        pilot_screen_free(stand);
    }
    free(much);
}

/* A sentence of several rows, too, and in a window where the keys have no row. */
static void a_warning_leaves_what_is_typed_in_view(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    for (int rows = 24; rows >= 10; rows -= 14) {
        pilot_resize(stand, rows, rows == 10 ? 40 : 80);
        pilot_keys(stand, ":");
        pilot_type(stand, "goto 1");
        app_notify(stand->pilot.app, NOTICE_WARNING,
                   "The first words of a warning that comes while something is typed, "
                   "and that goes on to its last words.");
        pilot_see(stand, "The first words");
        pilot_see(stand, "last words.");
        pilot_see(stand, ":goto 1");
        pilot_keys(stand, "<Esc>");
    }
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phrase_is_two_keys_and_one_undo),
        cmocka_unit_test(in_prose_a_semicolon_is_one_and_esc_with_it_the_phrases),
        cmocka_unit_test(what_was_written_twice_is_a_phrase),
        cmocka_unit_test(no_phrase_goes_into_the_correction),
        cmocka_unit_test(another_record_ends_the_choice_of_a_phrase),
        cmocka_unit_test(a_correction_starts_from_the_answer_and_keeps_it),
        cmocka_unit_test(where_there_is_one_text_it_is_what_is_corrected),
        cmocka_unit_test(a_dataset_without_a_question_for_it_says_so),
        cmocka_unit_test(a_flag_is_seen_counted_undone_and_kept_and_is_no_answer),
        cmocka_unit_test(a_flag_of_another_sherd_comes_and_a_full_disk_is_said),
        cmocka_unit_test(a_note_is_seen_found_undone_and_kept_and_is_no_answer),
        cmocka_unit_test(a_click_on_another_record_leaves_a_box_first),
        cmocka_unit_test(a_note_is_written_in_one_line_too),
        cmocka_unit_test(a_note_is_on_disk_while_it_is_written),
        cmocka_unit_test(a_text_that_came_while_its_box_was_open_is_a_choice),
        cmocka_unit_test(a_first_text_and_one_of_elsewhere_are_a_choice),
        cmocka_unit_test(a_correction_and_what_an_editor_wrote_are_a_choice_too),
        cmocka_unit_test(a_note_of_another_sherd_comes_and_the_box_stays_open),
        cmocka_unit_test(a_note_waits_for_a_full_disk_and_is_said_to),
        cmocka_unit_test(a_note_of_a_record_that_is_deleted_meanwhile_is_said),
        cmocka_unit_test(a_feedback_of_a_record_that_is_deleted_meanwhile_is_kept),
        cmocka_unit_test(a_text_in_an_editor_outlives_its_deleted_record),
        cmocka_unit_test(what_is_pasted_into_a_note_is_text_whatever_it_holds),
        cmocka_unit_test(a_note_is_written_in_the_editor_for_the_record_it_was_begun_on),
        cmocka_unit_test(guidelines_stay_beside_the_record_and_are_remembered),
        cmocka_unit_test(what_is_typed_is_shown_as_markdown_and_writing_goes_on),
        cmocka_unit_test(a_text_without_markdown_has_no_preview),
        cmocka_unit_test(a_paste_that_is_too_long_goes_into_no_box),
        cmocka_unit_test(a_warning_leaves_what_is_typed_in_view),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
