/* SPDX-License-Identifier: MIT
 *
 * Review sessions on the screen: the datasets, and from one to another.
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
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/fake_argilla.h"
#include "tests/support/pilot_screen.h"

static void another_dataset_is_opened_from_the_list(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_add_other(stand, "other");
    pilot_keys(stand, "4L");
    pilot_see(stand, "langchain-dataset");
    pilot_type(stand, "oth");
    pilot_see_gone(stand, "  langchain-dataset"); /* its row; the top line stays */
    pilot_keys(stand, "<Enter>");
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_go_over(stand);
    pilot_see(stand, "Elsewhere?");
    /* :open goes back, to the same place; its rating is there and can be undone */
    pilot_type(stand, ":open langchain-dataset\n");
    pilot_screen_go_over(stand);
    pilot_see(stand, "Question 1");
    pilot_see(stand, "[4]");
    pilot_keys(stand, "u");
    pilot_see(stand, "pending");
    pilot_screen_free(stand);
}

static enum status forget(struct store *store, const void *what, struct err *err)
{
    return store_forget_dataset(store, *(const int64_t *)what, err);
}

static enum status mark_gone(struct store *store, const void *what, struct err *err)
{
    return store_mark_dataset(store, *(const int64_t *)what, true, err);
}

static enum status make(struct store *store, const void *what, struct err *err)
{
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, what, "local", "");
    enum status status = store_put_dataset(store, &dataset, &dataset.row, NULL, err);
    dataset_clear(&dataset);
    return status;
}

static void the_open_list_follows_what_others_do(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    int64_t row = pilot_add_other(stand, "other");
    pilot_keys(stand, "L");
    pilot_see(stand, "  other");
    pilot_by_other(&stand->pilot, make, "a new one");
    pilot_see(stand, "  a new one");
    pilot_keys(stand, "<Down><Down>");
    pilot_see(stand, "▶ a new one");
    pilot_by_other(&stand->pilot, make, "and another");
    pilot_see(stand, "  and another");
    pilot_see(stand, "▶ a new one"); /* the cursor stays on its item */
    pilot_by_other(&stand->pilot, mark_gone, &row);
    pilot_see(stand, " gone ");
    pilot_by_other(&stand->pilot, forget, &row);
    pilot_see_gone(stand, "  other");
    pilot_keys(stand, "<Enter>");
    pilot_screen_go_over(stand);
    assert_string_equal(stand->pilot.session->dataset.name, "a new one");
    pilot_screen_free(stand);
}

static void what_is_pasted_filters_the_datasets(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_add_other(stand, "another");
    pilot_add_other(stand, "other");
    pilot_keys(stand, "L");
    pilot_see(stand, "langchain-dataset");
    pilot_paste(stand, "other");
    pilot_see_gone(stand, "  langchain-dataset");
    pilot_keys(stand, "<Enter>");
    pilot_screen_go_over(stand);
    pilot_see(stand, "Elsewhere?");
    assert_string_equal(stand->pilot.session->dataset.name, "other");
    pilot_screen_free(stand);
}

static void the_list_is_left_as_it_was_entered(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_add_other(stand, "other");
    pilot_keys(stand, "Lx");
    pilot_see(stand, "No dataset has this in its name.");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "There is no dataset to open here.");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "other");
    pilot_keys(stand, "<Enter>"); /* the one that is open */
    pilot_see(stand, "Answer 1 to it.");
    pilot_keys(stand, "L<Esc>");
    pilot_see(stand, "Answer 1 to it.");
    pilot_keys(stand, "L<Down>t<Enter>"); /* both fit: again the first one */
    pilot_see(stand, "Answer 1 to it.");
    assert_false(screen_wants_quit(stand->screen));
    pilot_type(stand, ":open langchain-dataset\n");
    pilot_see(stand, "That is the one that is open.");
    pilot_type(stand, ":open othr\n");
    pilot_see(stand, "There is no dataset \"othr\". Did you mean \"other\"?");
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, ":open nosuch\n");
    pilot_see(stand,
              "There is no dataset \"nosuch\". The list has those that there are.");
    pilot_screen_free(stand);
}

/* An answer that is being written: asked once, then it ends, and what came is kept. */
static void going_over_ends_a_stream_truthfully(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 10000);
    pilot_add_other(stand, "other");
    pilot_keys(stand, "i");
    pilot_type(stand, "Why?\n");
    pilot_see(stand, "1 streaming");
    struct id id = pilot_current(stand);
    pilot_type(stand, ":open other\n");
    pilot_see(stand, "An answer is still being written");
    assert_false(screen_wants_quit(stand->screen));
    stand->clock_base_ms += 1500; /* what is typed ahead goes nowhere */
    pilot_type(stand, ":open other\n");
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_go_over(stand);
    pilot_see(stand, "Elsewhere?");
    struct record record = {0};
    pilot_read(&stand->pilot, &id, &record);
    assert_int_not_equal(record.completion.state, COMPLETION_RUNNING);
    assert_non_null(strstr(record.completion.error, "Another dataset was opened"));
    record_clear(&record);
    pilot_screen_free(stand);
}

/* `sherd review` alone: the list is all that there is, and leaving it quits. */
static void without_a_name_the_list_is_the_screen(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_add_other(stand, "other");
    stand->pilot.chooses = true;
    pilot_screen_reopen(stand);
    pilot_see(stand, "langchain-dataset");
    pilot_see(stand, "Esc quit");
    pilot_resize(stand, 10, 40);
    pilot_see(stand, "other");
    pilot_type(stand, "other\n");
    pilot_screen_go_over(stand);
    pilot_see(stand, "Elsewhere?");
    stand->pilot.row = 0;
    stand->pilot.chooses = true;
    pilot_screen_reopen(stand);
    pilot_keys(stand, "<Esc>");
    assert_true(screen_wants_quit(stand->screen));
    assert_int_equal(screen_next_dataset(stand->screen), 0);
    pilot_screen_free(stand);
}

/* Keys that are meant for the dataset that was named open no other one. */
static void a_name_that_is_not_there_takes_no_keys_before_it_is_read(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_add_other(stand, "other");
    stand->pilot.chooses = true;
    stand->pilot.review = "nosuch";
    pilot_screen_reopen(stand);
    pilot_see(stand, "There is no dataset \"nosuch\"");
    pilot_keys(stand, "<Enter>4<Enter>");
    assert_int_equal(screen_next_dataset(stand->screen), 0);
    pilot_see(stand, "other");
    stand->clock_base_ms += 1500;
    pilot_type(stand, "other\n");
    pilot_screen_go_over(stand);
    pilot_see(stand, "Elsewhere?");
    pilot_screen_free(stand);
}

/* The key line and the help page follow the preset. */
static void a_preset_is_what_the_keys_do(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    stand->pilot.settings.preset = PRESET_ARGILLA;
    pilot_screen_reopen(stand);
    pilot_see(stand, "Backspace discard");
    pilot_keys(stand, "4<Ctrl-S>");
    pilot_see(stand, "Question 2");
    pilot_keys(stand, "<Backspace><Left><Left>");
    pilot_see(stand, "Question 1");
    pilot_see(stand, "[4]");
    pilot_keys(stand, "?");
    pilot_see(stand, "Backspace");
    pilot_keys(stand, "<Down>"); /* where there are no questions it goes down */
    pilot_see_gone(stand, "While reading and rating");
    pilot_keys(stand, "qv<Down>");
    pilot_see(stand, "▶");
    assert_int_equal(stand->pilot.session->queue.position, 1);
    pilot_keys(stand, "<Up><Esc>");
    stand->pilot.settings.preset = PRESET_PRODIGY;
    pilot_screen_reopen(stand);
    pilot_see(stand, "a submit");
    pilot_keys(stand, "a");
    pilot_see(stand, "2 of 3 done"); /* the second was discarded */
    pilot_keys(stand, "<Delete>");
    pilot_see(stand, "1 of 3 done");
    pilot_screen_free(stand);
}

/* What stands there is what a click means; in a list the second one takes it. */
static void a_click_is_what_it_points_at(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_click(stand, "4   5");
    pilot_see(stand, "[4]");
    pilot_click(stand, "Feedback");
    pilot_type(stand, "fine");
    pilot_click(stand, "Esc done");
    pilot_click(stand, "Enter submit");
    pilot_see(stand, "Question 2");
    pilot_keys(stand, "v");
    pilot_click(stand, "3 ·····");
    pilot_see(stand, "▶ 3");
    pilot_click(stand, "▶ 3");
    pilot_see(stand, "Answer 3 to it.");
    pilot_click(stand, "Answer 3 to it."); /* means nothing */
    pilot_keys(stand, "h");
    pilot_see(stand, "Answer 2 to it.");
    pilot_add_other(stand, "other");
    pilot_keys(stand, "L");
    pilot_click(stand, "  other");
    pilot_click(stand, "▶ other");
    pilot_screen_go_over(stand);
    pilot_see(stand, "Elsewhere?");
    pilot_resize(stand, 40, 120);
    pilot_keys(stand, "2<Enter>");
    pilot_click(stand, "[2]"); /* the rating that is chosen: taken back */
    pilot_see_gone(stand, "[2]");
    pilot_screen_free(stand);
}

/* W sends to the clipboard what leads to the record. */
static void where_a_record_is_can_be_pasted(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "W");
    pilot_see(stand, "copied");
    assert_non_null(strstr(buf_text(&stand->copied),
                           "sherd review langchain-dataset@local"
                           " --record "));
    stand->refuses_copy = true;
    pilot_type(stand, ":web\n");
    pilot_expect_notice(&stand->pilot, "it is on no server");
    assert_null(strstr(stand->pilot.session->notice.text, "copied"));
    pilot_screen_free(stand);
}

/* Where a browser is: not on the far side of ssh, where nobody would see it. */
static void where_a_record_is_opens_in_a_browser(void **state)
{
    (void)state;
    char dir[] = "/tmp/sherd-web-XXXXXX", address[300] = "";
    assert_non_null(mkdtemp(dir));
    struct pilot_screen stand = {.rows = 24, .cols = 80};
    struct fake_argilla *fake = pilot_use_argilla(&stand.pilot, "2.8.0");
    fake_argilla_add_dataset(fake, "langchain-dataset");
    fake_argilla_add_record(fake, "langchain-dataset", "Question 1", "Because.");
    pilot_screen_start(&stand);
    pilot_see(&stand, "Question 1");
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    unsetenv("SSH_CONNECTION");
    unsetenv("BROWSER");
    pilot_keys(&stand, "W");
    assert_null(strstr(stand.pilot.session->notice.text, "opening"));
    char *path = xasprintf("%s/address", dir);
    char *browser = xasprintf("sh -c 'echo \"$0\" >%s/a && mv %s/a %s'", dir, dir, path);
    setenv("BROWSER", browser, 1);
    setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22", 1);
    pilot_keys(&stand, "W");
    assert_null(strstr(stand.pilot.session->notice.text, "opening"));
    setenv("DISPLAY", ":9", 1); /* forwarded */
    pilot_keys(&stand, "W");
    assert_non_null(strstr(stand.pilot.session->notice.text, "opening"));
    for (int i = 0; i < 5000 && access(path, F_OK) != 0; i++)
        pilot_run(&stand.pilot, 1);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(address, sizeof address, file));
    fclose(file);
    assert_non_null(strstr(address, "/annotation-mode?page=1&status=pending"));
    assert_non_null(strstr(buf_text(&stand.copied), "sherd review argilla/"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    unsetenv("BROWSER");
    unsetenv("DISPLAY");
    unsetenv("SSH_CONNECTION");
    pilot_screen_end(&stand);
    free(path);
    free(browser);
}

static void what_is_changed_after_its_submit_is_told_and_found(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 20);
    const struct queue *queue = &stand->pilot.session->queue;
    pilot_keys(stand, "4<Enter>u<Ctrl-R>h"); /* undo alone changes nothing */
    assert_int_equal(queue->changed, 0);
    pilot_keys(stand, "5");
    pilot_see(stand, "draft, was submitted");
    assert_int_equal(queue->changed, 1);
    pilot_keys(stand, "I");
    pilot_see(stand, "your answer      draft, was submitted");
    pilot_keys(stand, "<Esc>l");
    pilot_see(
        stand,
        "#1 was submitted and is a draft since it was changed; Enter there submits it.");
    pilot_keys(stand, "l"); /* from another one there is nothing to tell */
    pilot_see_gone(stand, "was changed");
    pilot_keys(stand, "v");
    pilot_see(stand, "Changed 1");
    pilot_keys(stand, "<Esc>");
    pilot_screen_reopen(stand);
    pilot_rest(stand);
    queue = &stand->pilot.session->queue;
    assert_int_equal(queue->changed, 1);
    pilot_type(stand, ":filter changed\n");
    pilot_see(stand, "Prompt #1");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "#1 submitted and saved");
    assert_int_equal(queue->changed, 0);
    pilot_keys(stand, "u");
    assert_int_equal(queue->changed, 1);
    pilot_keys(stand, "u"); /* as it was submitted first */
    assert_int_equal(queue->changed, 0);
    pilot_see(stand, "submitted ──");
    pilot_keys(stand, "<Ctrl-R>s"); /* on purpose */
    assert_int_equal(queue->changed, 0);
    pilot_type(stand, ":filter all\n:2\n");
    pilot_keys(stand, "4<Enter>h4"); /* its only answer is taken away */
    pilot_see(stand, "pending, was submitted");
    pilot_keys(stand, "l");
    pilot_see(stand, "#2 was submitted and is open since it was changed; Enter there");
    pilot_type(stand, "4\n:3\n43"); /* and given again */
    pilot_see(stand, "draft, was submitted");
    assert_int_equal(queue->changed, 1);
    pilot_keys(stand, "u");
    pilot_screen_free(stand);
}

/* A review of many records: a remark on every fifth, one undo in twenty. How many keys a
 * rated record took, remarks and undos apart. */
static double replay(struct pilot_screen *stand, const char *rate)
{
    size_t keys = 0;
    for (int i = 0; i < stand->records; i++) {
        struct id before = pilot_current(stand);
        if (i % 5 == 4)
            pilot_keys(stand, "fshort.<Esc>");
        pilot_keys(stand, rate);
        for (const char *at = rate; *at; at = *at == '<' ? strchr(at, '>') + 1 : at + 1)
            keys++;
        pilot_expect(&stand->pilot, &before, RESPONSE_SUBMITTED, 3,
                     i % 5 == 4 ? "short." : NULL);
        if (i % 20 == 19) {
            pilot_keys(stand, "u");
            assert_true(id_equal(&before, &stand->pilot.session->current.id));
            pilot_keys(stand, "<Ctrl-R>o");
        }
    }
    assert_int_equal(stand->pilot.session->queue.counts[RESPONSE_SUBMITTED],
                     stand->records);
    return (double)keys / stand->records;
}

static void a_rated_record_takes_two_keys_and_one_where_one_likes(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(40, 0);
    assert_true(replay(stand, "3<Enter>") <= 2);
    pilot_screen_free(stand);
    stand = pilot_screen_new(40, 0);
    pilot_type(stand, ":fast\n");
    assert_true(replay(stand, "3") <= 1);
    pilot_screen_free(stand);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_dataset_is_opened_from_the_list),
        cmocka_unit_test(the_open_list_follows_what_others_do),
        cmocka_unit_test(what_is_pasted_filters_the_datasets),
        cmocka_unit_test(the_list_is_left_as_it_was_entered),
        cmocka_unit_test(going_over_ends_a_stream_truthfully),
        cmocka_unit_test(without_a_name_the_list_is_the_screen),
        cmocka_unit_test(a_name_that_is_not_there_takes_no_keys_before_it_is_read),
        cmocka_unit_test(a_preset_is_what_the_keys_do),
        cmocka_unit_test(a_click_is_what_it_points_at),
        cmocka_unit_test(where_a_record_is_can_be_pasted),
        cmocka_unit_test(where_a_record_is_opens_in_a_browser),
        cmocka_unit_test(what_is_changed_after_its_submit_is_told_and_found),
        cmocka_unit_test(a_rated_record_takes_two_keys_and_one_where_one_likes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
