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

#include "base/xalloc.h"
#include "tests/support/pilot_screen.h"

static struct pilot_screen *start(int records, int64_t token_ms)
{
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 80;
    stand->records = records;
    stand->token_ms = token_ms;
    pilot_screen_start(stand);
    return stand;
}

static void end(struct pilot_screen *stand)
{
    pilot_screen_end(stand);
    free(stand);
}

static struct id current(const struct pilot_screen *stand)
{
    return stand->pilot.session->current.id;
}

static size_t position(const struct pilot_screen *stand)
{
    return stand->pilot.session->queue.position;
}

/* ---- rating ---- */

static void a_record_is_rated_and_submitted_with_few_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(3, 0);
    struct id first = current(stand);
    pilot_keys(stand, "4f");
    pilot_type(stand, "Warm, d q 1 and all.");
    pilot_see(stand, "▸Feedback   Warm, d q 1 and all.");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "#1 submitted and saved");
    pilot_see(stand, "Prompt #2");
    pilot_see(stand, "1 of 3 done");
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 4, "Warm, d q 1 and all.");
    end(stand);
}

static void two_keys_rate_and_go_on(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(3, 0);
    for (int i = 0; i < 3; i++)
        pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "All 3 records are done.");
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_SUBMITTED], 3);
    end(stand);
}

static void the_same_digit_clears(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "3");
    pilot_see(stand, "[3]");
    pilot_keys(stand, "3");
    pilot_see_gone(stand, "[3]");
    pilot_see(stand, "pending");
    end(stand);
}

static void submit_without_a_rating_says_what_is_missing(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(2, 0);
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "response-rating has no answer yet");
    assert_int_equal(position(stand), 0);
    end(stand);
}

static void undo_goes_back_over_a_submit_and_redo_forward(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(2, 0);
    struct id first = current(stand);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#1 submitted");
    pilot_keys(stand, "u");
    pilot_see(stand, "Undid submit of #1");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "u");
    pilot_see(stand, "pending");
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "<Ctrl-R><Ctrl-R>");
    pilot_see(stand, "submitted ──");
    pilot_expect(&stand->pilot, &first, RESPONSE_SUBMITTED, 4, NULL);
    end(stand);
}

static void discard_and_draft_go_on(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(3, 0);
    pilot_keys(stand, "d");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "2s");
    pilot_see(stand, "Prompt #3");
    pilot_rest(stand);
    const struct queue *queue = &stand->pilot.session->queue;
    assert_int_equal(queue->counts[RESPONSE_DISCARDED], 1);
    assert_int_equal(queue->counts[RESPONSE_DRAFT], 1);
    end(stand);
}

static void esc_enter_comes_as_alt_enter_and_submits(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(2, 0);
    pilot_keys(stand, "5f");
    pilot_type(stand, "a\nb");
    pilot_keys(stand, "<Alt-Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_see(stand, "#1 submitted");
    end(stand);
}

/* ---- typing ---- */

static void typing_is_saved_without_leaving_the_box(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    struct id first = current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "half a sent");
    pilot_see(stand, "saving…");
    pilot_see(stand, "draft saved");
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "half a sent");
    end(stand);
}

static void the_text_box_knows_the_usual_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "one two three");
    pilot_keys(stand, "<Ctrl-W>");
    pilot_see(stand, "▸Feedback   one two ");
    pilot_keys(stand, "<Ctrl-A>");
    pilot_type(stand, "zero ");
    pilot_see(stand, "▸Feedback   zero one two");
    pilot_keys(stand, "<Ctrl-E><Backspace><Backspace>");
    pilot_see(stand, "▸Feedback   zero one tw ");
    pilot_keys(stand, "<Ctrl-Z>");
    pilot_see(stand, "▸Feedback   zero one two ");
    pilot_keys(stand, "<Ctrl-U>");
    pilot_see_gone(stand, "zero");
    pilot_keys(stand, "<Ctrl-Y>");
    pilot_see(stand, "zero one");
    end(stand);
}

static void a_paste_while_browsing_runs_no_command(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(2, 0);
    pilot_paste(stand, "d4\nq");
    pilot_see(stand, "press f or i first.");
    assert_int_equal(position(stand), 0);
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    assert_false(screen_wants_quit(stand->screen));
    end(stand);
}

static void a_paste_in_the_box_is_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    struct id first = current(stand);
    pilot_keys(stand, "f");
    pilot_paste(stand, "two\nlines: 灯台");
    pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "two\nlines: 灯台");
    end(stand);
}

static void an_unknown_key_is_named(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "z");
    pilot_see(stand, "z does nothing here; ? shows the keys.");
    pilot_keys(stand, "<F7>");
    pilot_see(stand, "F7 does nothing here");
    end(stand);
}

/* ---- asking ---- */

static void a_prompt_streams_and_is_rated(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 1);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke");
    pilot_see(stand, "New prompt");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_see(stand, "tok/s");
    pilot_see(stand, "r again");
    pilot_rest(stand);
    struct id asked = current(stand);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#2 submitted");
    pilot_expect(&stand->pilot, &asked, RESPONSE_SUBMITTED, 4, NULL);
    char *text = pilot_field(&stand->pilot, &asked, "response");
    assert_true(strlen(text) > 10);
    free(text);
    end(stand);
}

static void older_records_are_rated_while_two_answers_stream(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(2, 40);
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
    end(stand);
}

static void a_stopped_answer_keeps_its_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(0, 30);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    pilot_keys(stand, "x");
    pilot_see(stand, "cut off here: you stopped it");
    pilot_rest(stand);
    struct id asked = current(stand);
    char *text = pilot_field(&stand->pilot, &asked, "response");
    assert_true(strlen(text) > 0);
    free(text);
    end(stand);
}

static void asking_again_keeps_the_parent(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    struct id first = current(stand);
    pilot_keys(stand, "r");
    pilot_see(stand, "Prompt #2");
    pilot_rest(stand);
    const struct record *now = &stand->pilot.session->current;
    assert_false(id_equal(&now->id, &first));
    assert_true(id_equal(&now->generation.parent, &first));
    end(stand);
}

static void the_unsent_prompt_is_kept_over_a_restart(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "unfinished tho");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "kept for later");
    pilot_screen_reopen(stand);
    pilot_keys(stand, "i");
    pilot_see(stand, "unfinished tho");
    end(stand);
}

static void former_prompts_come_back_with_up(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
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
    pilot_keys(stand, "<Down><Down>");
    pilot_see(stand, " mine ");
    end(stand);
}

static void settings_of_one_request_are_for_it_alone(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "Hello");
    pilot_keys(stand, "<Ctrl-O><Down>");
    pilot_type(stand, "0.25");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "T 0.25 · this one only");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_rest(stand);
    const struct sampling *used = &stand->pilot.session->current.generation.sampling;
    assert_true(used->has_temperature && used->temperature > 0.24 &&
                used->temperature < 0.26);
    assert_false(stand->pilot.session->sampling.has_temperature);
    end(stand);
}

static void a_wrong_setting_is_refused_with_a_sentence(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "<Ctrl-O><Down>");
    pilot_type(stand, "hot");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "\"hot\" is not a temperature from 0 to 5");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    end(stand);
}

/* ---- moving, commands, pages ---- */

static void commands_move_filter_and_set(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(12, 0);
    pilot_keys(stand, ":");
    pilot_type(stand, "goto 7\n");
    pilot_see(stand, "Prompt #7");
    pilot_keys(stand, "4<Enter>:");
    pilot_type(stand, "filter submitted\n");
    pilot_see(stand, "Prompt #7");
    pilot_keys(stand, ":");
    pilot_type(stand, "filter all\n");
    pilot_keys(stand, ":");
    pilot_type(stand, "temperature 0.5\n");
    assert_true(stand->pilot.session->sampling.has_temperature);
    pilot_keys(stand, ":");
    pilot_type(stand, "goto 99\n");
    pilot_see(stand, "There is no record 99; the last one is 12.");
    pilot_keys(stand, ":");
    pilot_type(stand, "nonsense\n");
    pilot_see(stand, "There is no command \":nonsense\"");
    end(stand);
}

static void commands_complete_and_remember(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(3, 0);
    pilot_keys(stand, ":got<Tab>3<Enter>");
    pilot_see(stand, "Prompt #3");
    pilot_keys(stand, ":<Up>");
    pilot_see(stand, ":goto 3");
    pilot_keys(stand, "<Esc>");
    pilot_see_gone(stand, ":goto 3");
    end(stand);
}

static void pages_open_scroll_and_close(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "?");
    pilot_see(stand, "── Keys");
    pilot_keys(stand, "<End>");
    pilot_see(stand, "an option of the question in focus");
    pilot_keys(stand, "?");
    pilot_see(stand, "Your answer");
    pilot_keys(stand, "g");
    pilot_see(stand, "You're asked to rate the quality");
    pilot_keys(stand, "<Esc>I");
    pilot_see(stand, "── Facts of the record");
    pilot_keys(stand, "4q");
    pilot_see(stand, "Your answer");
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    assert_false(screen_wants_quit(stand->screen));
    end(stand);
}

static void the_queue_opens_over_a_narrow_screen(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(5, 0);
    pilot_keys(stand, "v");
    pilot_see(stand, "── Records");
    pilot_keys(stand, "jj");
    pilot_see(stand, "▶ 3");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompt #3");
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    end(stand);
}

static void raw_and_rendered_are_one_key_apart(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_see(stand, "Answer 1 to it.");
    pilot_keys(stand, "m");
    pilot_see(stand, "Answer **1** to it.");
    pilot_keys(stand, "m");
    pilot_see(stand, "Answer 1 to it.");
    end(stand);
}

static void copying_says_how_much(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "y");
    pilot_see(stand, "Copied the response: 19 characters.");
    assert_string_equal(buf_text(&stand->copied), "Answer **1** to it.");
    pilot_keys(stand, "Y");
    assert_string_equal(buf_text(&stand->copied), "Question 1");
    stand->refuses_copy = true;
    pilot_keys(stand, "y");
    pilot_see(stand, "too long for a terminal's clipboard");
    end(stand);
}

/* ---- the terminal ---- */

static void every_size_is_painted(void **state)
{
    (void)state;
    static const int sizes[][2] = {{10, 40}, {5, 20}, {60, 200}, {100, 300}, {24, 80}};
    struct pilot_screen *stand = start(3, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "kept");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pilot_resize(stand, sizes[i][0], sizes[i][1]);
        pilot_see(stand, sizes[i][1] < 40 ? "sherd needs" : "kept");
    }
    end(stand);
}

static void ctrl_z_stops_the_program_or_undoes_typing(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    pilot_keys(stand, "<Ctrl-Z>");
    assert_int_equal(stand->suspends, 1);
    pilot_keys(stand, "f");
    pilot_type(stand, "word");
    pilot_keys(stand, "<Ctrl-Z>");
    pilot_see_gone(stand, "word");
    assert_int_equal(stand->suspends, 1);
    end(stand);
}

static void the_editor_takes_and_gives_the_feedback(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    struct id first = current(stand);
    setenv("VISUAL", TOP_SRCDIR "/tests/support/editor.sh", 1);
    pilot_keys(stand, "f");
    pilot_type(stand, "before");
    pilot_keys(stand, "<Esc>e");
    assert_int_equal(stand->leaves, 1);
    pilot_see(stand, "and after");
    assert_int_equal(stand->returns, 1);
    pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "before\nand after");
    setenv("VISUAL", "false", 1);
    pilot_keys(stand, "e");
    pilot_see(stand, "the text stays as it was");
    setenv("VISUAL", "/no/such/editor", 1);
    pilot_keys(stand, "<Esc>e");
    assert_int_equal(stand->leaves, stand->returns);
    end(stand);
    unsetenv("VISUAL");
}

static void a_hang_up_loses_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 0);
    struct id first = current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "in mid-sent");
    struct event event = {.kind = EVENT_HANGUP};
    screen_handle(stand->screen, &event);
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_reopen(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "in mid-sent");
    end(stand);
}

static void quitting_asks_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(1, 30);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    pilot_keys(stand, "q");
    assert_true(screen_wants_quit(stand->screen));
    assert_false(screen_wants_demo(stand->screen));
    pilot_screen_reopen(stand);
    pilot_see(stand, "cut off");
    end(stand);
}

static void the_first_start_offers_the_demo(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 80;
    stand->has_no_endpoint = true;
    pilot_screen_start(stand);
    pilot_see(stand, "Press D to try the demo now");
    pilot_keys(stand, "i");
    pilot_see(stand, "No model endpoint is configured");
    pilot_keys(stand, "D");
    assert_true(screen_wants_quit(stand->screen) && screen_wants_demo(stand->screen));
    end(stand);
}

static void streams_are_painted_at_most_every_33_ms(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(0, 1);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    size_t from = stand->flushes;
    pilot_see(stand, "r again");
    for (size_t i = from + 1; i < stand->flushes && i < 4096; i++)
        assert_true(stand->flushed_ms[i] - stand->flushed_ms[i - 1] >= 32);
    end(stand);
}

static void a_key_is_painted_in_its_own_turn(void **state)
{
    (void)state;
    struct pilot_screen *stand = start(2, 0);
    for (int i = 0; i < 20; i++) {
        size_t before = stand->flushes;
        pilot_keys(stand, i % 2 == 0 ? "l" : "h");
        assert_true(stand->flushes > before);
        assert_true(pilot_sees(stand, i % 2 == 0 ? "Prompt #2" : "Prompt #1"));
    }
    end(stand);
}

/* ---- other datasets ---- */

static void add_option(struct question *question, const char *text)
{
    question->options = xreallocarray(question->options, question->option_count + 1,
                                      sizeof *question->options);
    question->options[question->option_count++] =
        (struct question_option){.value = xstrdup(text), .text = xstrdup(text)};
}

static struct question *add_question(struct dataset *dataset, const char *name,
                                     enum question_type type)
{
    dataset->questions = xreallocarray(dataset->questions, dataset->question_count + 1,
                                       sizeof *dataset->questions);
    struct question *question = &dataset->questions[dataset->question_count++];
    *question =
        (struct question){.name = xstrdup(name), .title = xstrdup(name), .type = type};
    return question;
}

static void add_questions(struct dataset *dataset)
{
    struct question *tone = add_question(dataset, "tone", QUESTION_LABEL);
    tone->is_required = true;
    add_option(tone, "warm");
    add_option(tone, "cold");
    struct question *faults = add_question(dataset, "faults", QUESTION_MULTI_LABEL);
    add_option(faults, "long");
    add_option(faults, "wrong");
    add_question(dataset, "note", QUESTION_TEXT);
}

static void every_question_of_a_dataset_is_answered_with_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 80;
    stand->records = 2;
    stand->prepare = add_questions;
    pilot_screen_start(stand);
    struct id first = current(stand);
    pilot_keys(stand, "4"); /* goes on to the next that digits answer */
    pilot_see(stand, "▸Tone");
    pilot_keys(stand, "2");
    pilot_see(stand, "[2 cold]");
    pilot_see(stand, "▸Faults");
    pilot_keys(stand, "12");
    pilot_see(stand, "[1 long] [2 wrong]");
    pilot_keys(stand, "1");
    pilot_see(stand, " 1 long  [2 wrong]");
    pilot_keys(stand, "<Tab>");
    pilot_type(stand, "1 more word");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Note       1 more word");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#1 submitted");
    struct record record;
    pilot_read(&stand->pilot, &first, &record);
    const struct values *values = &record.response.values;
    assert_int_equal(values_find(values, "response-rating")->rating, 4);
    assert_string_equal(values_find(values, "tone")->text, "cold");
    assert_string_equal(values_find(values, "faults")->text, "[\"wrong\"]");
    assert_string_equal(values_find(values, "note")->text, "1 more word");
    record_clear(&record);
    end(stand);
}

static void a_missing_label_gets_the_focus(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 80;
    stand->records = 1;
    stand->prepare = add_questions;
    pilot_screen_start(stand);
    pilot_keys(stand, "4<Tab><Enter>");
    pilot_see(stand, "tone has no answer yet");
    pilot_see(stand, "▸Tone");
    pilot_keys(stand, ":choose wa<Tab><Enter>");
    pilot_see(stand, "[1 warm]");
    end(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_rated_and_submitted_with_few_keys),
        cmocka_unit_test(two_keys_rate_and_go_on),
        cmocka_unit_test(the_same_digit_clears),
        cmocka_unit_test(submit_without_a_rating_says_what_is_missing),
        cmocka_unit_test(undo_goes_back_over_a_submit_and_redo_forward),
        cmocka_unit_test(discard_and_draft_go_on),
        cmocka_unit_test(esc_enter_comes_as_alt_enter_and_submits),
        cmocka_unit_test(typing_is_saved_without_leaving_the_box),
        cmocka_unit_test(the_text_box_knows_the_usual_keys),
        cmocka_unit_test(a_paste_while_browsing_runs_no_command),
        cmocka_unit_test(a_paste_in_the_box_is_text),
        cmocka_unit_test(an_unknown_key_is_named),
        cmocka_unit_test(a_prompt_streams_and_is_rated),
        cmocka_unit_test(older_records_are_rated_while_two_answers_stream),
        cmocka_unit_test(a_stopped_answer_keeps_its_text),
        cmocka_unit_test(asking_again_keeps_the_parent),
        cmocka_unit_test(the_unsent_prompt_is_kept_over_a_restart),
        cmocka_unit_test(former_prompts_come_back_with_up),
        cmocka_unit_test(settings_of_one_request_are_for_it_alone),
        cmocka_unit_test(a_wrong_setting_is_refused_with_a_sentence),
        cmocka_unit_test(commands_move_filter_and_set),
        cmocka_unit_test(commands_complete_and_remember),
        cmocka_unit_test(pages_open_scroll_and_close),
        cmocka_unit_test(the_queue_opens_over_a_narrow_screen),
        cmocka_unit_test(raw_and_rendered_are_one_key_apart),
        cmocka_unit_test(copying_says_how_much),
        cmocka_unit_test(every_size_is_painted),
        cmocka_unit_test(ctrl_z_stops_the_program_or_undoes_typing),
        cmocka_unit_test(the_editor_takes_and_gives_the_feedback),
        cmocka_unit_test(a_hang_up_loses_nothing),
        cmocka_unit_test(quitting_asks_nothing),
        cmocka_unit_test(the_first_start_offers_the_demo),
        cmocka_unit_test(streams_are_painted_at_most_every_33_ms),
        cmocka_unit_test(a_key_is_painted_in_its_own_turn),
        cmocka_unit_test(every_question_of_a_dataset_is_answered_with_keys),
        cmocka_unit_test(a_missing_label_gets_the_focus),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
