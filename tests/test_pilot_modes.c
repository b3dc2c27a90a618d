/* SPDX-License-Identifier: MIT
 *
 * What keys mean in each mode of the screen, and how a mode ends: by the user, by a
 * window that became too small, by a dataset that became another one, by an editor that
 * died.
 */
#include "config.h"

#include <glob.h>
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
#include "tests/support/fake_argilla.h"
#include "tests/support/pilot_screen.h"

/* The session as the app would change it when the server's dataset comes. */
static struct session *session_of(const struct pilot_screen *stand)
{
    return (struct session *)(uintptr_t)stand->pilot.session;
}

static enum response_status status_of(const struct pilot_screen *stand)
{
    return stand->pilot.session->current.response.status;
}

static const char *text_of(const struct pilot_screen *stand, const char *question)
{
    const struct value *value =
        values_find(&stand->pilot.session->current.response.values, question);
    return value && value->text ? value->text : "";
}

static void set_string(char **slot, const char *text)
{
    free(*slot);
    *slot = xstrdup(text);
}

/* ---- a dataset of another shape ---- */

/* Somebody looked away, and types on: into no box, and so it runs nothing. */
static void what_is_typed_after_a_pause_into_a_box_that_ended_runs_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "half a sen");
    set_string(&session_of(stand)->dataset.questions[1].name, "remark");
    pilot_resize(stand, 24, 80);
    pilot_see(stand, "The dataset asks other things now.");
    stand->clock_base_ms += 60000;
    pilot_type(stand, "5"); /* a warning that nobody saw is said anew */
    pilot_see(stand, "What was open here has ended, and that key did nothing");
    pilot_type(stand, " d4q");
    struct id now = pilot_current(stand);
    assert_true(id_equal(&now, &first));
    assert_false(screen_wants_quit(stand->screen));
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_DRAFT);
    assert_null(
        values_find(&stand->pilot.session->current.response.values, "response-rating"));
    stand->clock_base_ms += 2000;
    pilot_keys(stand, "4"); /* it was seen */
    assert_non_null(
        values_find(&stand->pilot.session->current.response.values, "response-rating"));
    pilot_screen_free(stand);
}

static void a_text_whose_question_is_gone_is_kept_for_the_next_box(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "half a sen");
    set_string(&session_of(stand)->dataset.questions[1].name, "remark");
    set_string(&session_of(stand)->dataset.questions[1].title, "Remark");
    pilot_type(stand, "d4q"); /* still typing */
    pilot_see(stand, "The dataset asks other things now.");
    assert_int_equal(stand->pilot.session->queue.position, 0);
    assert_false(screen_wants_quit(stand->screen));
    assert_null(
        values_find(&stand->pilot.session->current.response.values, "response-rating"));
    pilot_keys(stand, "<Esc>f");
    pilot_see(stand, "▸Remark");
    pilot_see(stand, "half a sen");
    assert_string_equal(text_of(stand, "remark"), "half a sen");
    pilot_type(stand, "tence");
    assert_string_equal(text_of(stand, "remark"), "half a sentence");
    pilot_keys(stand, "<Esc>lf");
    pilot_see(stand, "▸Remark");
    assert_false(pilot_sees(stand, "half a sen"));
    pilot_screen_free(stand);
}

static void keys_act_again_after_a_pause(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "half");
    set_string(&session_of(stand)->dataset.questions[1].name, "remark");
    set_string(&session_of(stand)->dataset.questions[1].title, "Remark");
    pilot_type(stand, " 4");
    assert_false(pilot_sees(stand, "[4]"));
    stand->clock_base_ms += 900;
    pilot_keys(stand, "4"); /* still in the same breath */
    stand->clock_base_ms += 900;
    pilot_keys(stand, "4");
    assert_false(pilot_sees(stand, "[4]"));
    stand->clock_base_ms += 1100;
    pilot_keys(stand, "4");
    pilot_see(stand, "[4]");
    pilot_screen_free(stand);
}

static void a_text_goes_on_where_its_question_went(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "half ");
    struct question *questions = session_of(stand)->dataset.questions;
    struct question rating = questions[0];
    questions[0] = questions[1];
    questions[1] = rating;
    pilot_type(stand, "whole");
    assert_string_equal(text_of(stand, "response-feedback"), "half whole");
    pilot_keys(stand, "<Esc>4");
    pilot_see(stand, "[4]");
    pilot_screen_free(stand);
}

static void a_focus_on_a_question_that_is_gone_goes_to_the_first(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f<Tab><Tab>"); /* the text, the rating, the text again */
    struct dataset *dataset = &session_of(stand)->dataset;
    dataset->question_count = 1;
    pilot_keys(stand, "x<Esc>");
    pilot_keys(stand, "3");
    pilot_see(stand, "[3]");
    pilot_keys(stand, "<Tab>5");
    pilot_see(stand, "[5]");
    dataset->question_count = 0;
    pilot_keys(stand, "4f<Tab><Shift-Tab>");
    pilot_see(stand, "Your answer");
    dataset->question_count = 2;
    pilot_screen_free(stand);
}

/* ---- a window that is too small ---- */

static void nothing_acts_behind_too_small(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    struct id first = pilot_current(stand);
    pilot_resize(stand, 9, 39);
    pilot_see(stand, "sherd needs a window of 40");
    pilot_keys(stand, "1dsl?i<Enter>");
    pilot_paste(stand, "text");
    pilot_resize(stand, 24, 80);
    pilot_see(stand, "Prompt #1 ");
    pilot_see(stand, "r again");
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "f");
    pilot_resize(stand, 24, 39);
    pilot_type(stand, "q");
    pilot_paste(stand, "pasted");
    assert_false(screen_wants_quit(stand->screen));
    pilot_resize(stand, 24, 80);
    assert_false(pilot_sees(stand, "Feedback   q"));
    assert_false(pilot_sees(stand, "pasted"));
    pilot_keys(stand, "<Esc>");
    pilot_resize(stand, 9, 80);
    int redraws = stand->redraws;
    pilot_keys(stand, "<Ctrl-L><Ctrl-Z>");
    assert_int_equal(stand->redraws, redraws + 1);
    assert_int_equal(stand->suspends, 1);
    pilot_keys(stand, "q");
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_free(stand);
}

/* ---- scrolling ---- */

static void texts_scroll_by_lines_and_pages(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct buf lines = {0};
    for (int i = 1; i <= 60; i++)
        buf_addf(&lines, "%sline %d", i > 1 ? "\n\n" : "", i);
    pilot_add(&stand->pilot, buf_text(&lines), buf_text(&lines));
    buf_clear(&lines);
    pilot_keys(stand, "<End>");
    pilot_see(stand, "── 5 of 119 lines J K");
    pilot_see(stand, "── 9 of 119 lines ──");
    pilot_keys(stand, "<Space>");
    pilot_see(stand, "── 17 of 119 lines ──"); /* one line stays in view */
    pilot_keys(stand, "jj");
    pilot_see(stand, "── 19 of 119 lines ──");
    pilot_keys(stand, "k<PageUp>");
    pilot_see(stand, "── 10 of 119 lines ──");
    pilot_keys(stand, "JJ");
    pilot_see(stand, "── 7 of 119 lines J K");
    pilot_keys(stand, "<Ctrl-F>");
    pilot_see(stand, "── 11 of 119 lines J K");
    pilot_keys(stand, "K<Ctrl-B>");
    pilot_see(stand, "── 6 of 119 lines J K");
    pilot_see(stand, "── 10 of 119 lines ──");
    for (int i = 0; i < 20; i++)
        pilot_keys(stand, "<Space>");
    pilot_see(stand, "── 119 of 119 lines ──");
    pilot_resize(stand, 20, 80); /* nothing streams: what one reads stays */
    pilot_see(stand, "── 117 of 119 lines ──");
    pilot_resize(stand, 24, 80);
    pilot_keys(stand, "<Home>"); /* of the records */
    pilot_see(stand, "Prompt #1 ");
    pilot_keys(stand, "l");
    pilot_see(stand, "── 9 of 119 lines ──"); /* each record starts at its top */
    pilot_screen_free(stand);
}

/* What was whole in view shows its beginning in a smaller window, also where it has just
 * come. */
static void an_answer_begins_at_its_top_after_a_resize(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 1);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_rest(stand);
    char *text = NULL;
    struct id id = pilot_current(stand);
    text = pilot_field(&stand->pilot, &id, "response");
    char first[13];
    snprintf(first, sizeof first, "%.12s", text);
    free(text);
    pilot_see(stand, first);
    pilot_resize(stand, 12, 40);
    pilot_see(stand, first);
    pilot_screen_free(stand);
}

static void giving_up_a_command_goes_back_to_the_page(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "I");
    pilot_see(stand, "logged at");
    pilot_keys(stand, ":");
    pilot_type(stand, "fil");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "logged at");
    pilot_keys(stand, ":<Backspace>");
    pilot_see(stand, "logged at");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Your answer");
    pilot_screen_free(stand);
}

/* ---- the prompt's box ---- */

static void an_empty_prompt_stays_in_its_box(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4i<Enter>");
    pilot_see(stand, "The prompt is empty.");
    pilot_see(stand, "── New prompt");
    pilot_keys(stand, "<Enter> <Enter>");
    pilot_see(stand, "── New prompt");
    pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 4, NULL);
    pilot_screen_free(stand);
}

static void former_prompts_begin_anew_after_an_edit(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "first one\niand second\n");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "i<Up><Up>");
    pilot_see(stand, "first one");
    pilot_type(stand, " edited");
    pilot_keys(stand, "<Up>"); /* the newest again, not one older than the first */
    pilot_see(stand, "and second");
    pilot_keys(stand, "<Down>");
    pilot_see(stand, "first one edited");
    pilot_screen_free(stand);
}

static void nothing_is_written_about_what_is_not_there(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct record *record = &session_of(stand)->current;
    record->has_completion = true;
    record->completion.state = COMPLETION_FAILED;
    record_set_field(record, "response", " ", 1);
    pilot_keys(stand, "f");
    assert_false(pilot_sees(stand, "Esc done"));
    assert_true(stand->pilot.session->notice.text[0] != '\0'); /* says why */
    pilot_screen_free(stand);
}

static bool keeps_prompt(const struct pilot *pilot)
{
    char *kept = app_kept_prompt(pilot->app);
    bool is_kept = strcmp(kept, "half a prom") == 0;
    free(kept);
    return is_kept;
}

static void a_prompt_is_kept_while_it_is_typed(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "half a prom");
    pilot_until(&stand->pilot, keeps_prompt);
    pilot_screen_free(stand);
}

static enum status leave_prompt(struct store *store, const void *what, struct err *err)
{
    return store_put_own_note(store, "prompt", what, err);
}

static void prompts_that_were_left_unsent_come_one_by_one(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_by_other(&stand->pilot, leave_prompt, "Who was first?");
    pilot_by_other(&stand->pilot, leave_prompt, "Who was second?");
    pilot_keys(stand, "i");
    pilot_see(stand, "Who was second?");
    pilot_see(stand, "1 more prompt was left unsent");
    pilot_keys(stand, "<Esc>i");
    pilot_see(stand, "Who was second?");
    pilot_keys(stand, "<Ctrl-U><Esc>i");
    pilot_see(stand, "Who was first?");
    assert_false(pilot_sees(stand, "left unsent"));
    pilot_keys(stand, "<Ctrl-U><Esc>i");
    assert_false(pilot_sees(stand, "Who was"));
    pilot_screen_free(stand);
}

static void what_is_typed_after_a_refused_i_is_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = 2;
    stand->has_no_endpoint = true;
    pilot_screen_start(stand);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "i");
    pilot_see(stand, "No model endpoint is configured");
    pilot_type(stand, "4d? q\n");
    pilot_see(stand, "No model endpoint is configured"); /* said again, nothing lost */
    pilot_see(stand, "4d? q");
    pilot_see(stand, "no model endpoint");
    assert_false(screen_wants_quit(stand->screen));
    pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);
    pilot_keys(stand, "i");
    pilot_see(stand, "4d? q");
    pilot_screen_free(stand);
}

/* A box that does not open takes no keys, and neither does anything else, until one has
 * seen it. */
static void what_is_typed_after_a_refused_box_runs_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *key, *why;
    } boxes[] = {
        {"f", "asks for no text"},          {"E", "no question for a correction"},
        {"e", "asks for no text"},          {"i", "needs the key of an owner"},
        {"a", "needs the key of an owner"}, {";", "asks for no text"}};
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct session *session = session_of(stand);
    struct id first = pilot_current(stand);
    session->dataset.questions[1].type = QUESTION_RATING;
    session->has_server = true;
    session->can_log = false;
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        struct id now;
        pilot_keys(stand, boxes[i].key);
        pilot_see(stand, boxes[i].why);
        pilot_type(stand, "bad 4ldq");
        assert_false(screen_wants_quit(stand->screen));
        pilot_see(stand, boxes[i].why);
        now = pilot_current(stand);
        assert_true(id_equal(&now, &first));
        assert_int_equal(session->current.response.status, RESPONSE_PENDING);
        stand->clock_base_ms += 1500; /* it was seen */
    }
    pilot_keys(stand, "i<Esc>5");
    pilot_see(stand, "[5]");
    session->has_server = false;
    pilot_screen_free(stand);
}

/* ---- Ctrl-C ---- */

static void the_first_ctrl_c_stops_the_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 30);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    pilot_keys(stand, "<Ctrl-C>");
    assert_false(screen_wants_quit(stand->screen));
    pilot_see(stand, "cut off");
    pilot_rest(stand);
    pilot_keys(stand, "<Ctrl-C>");
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_free(stand);
}

/* ---- the editor ---- */

/* The path that the sentence names; it may be cut by line ends. */
static void remove_kept(const struct pilot_screen *stand)
{
    const char *path = strstr(stand->pilot.session->notice.text, "kept in /");
    assert_non_null(path);
    path += strlen("kept in ");
    char *file = xmemdup0(path, strlen(path) - 1); /* without the full stop */
    assert_int_equal(access(file, R_OK), 0);
    assert_int_equal(unlink(file), 0);
    *strrchr(file, '/') = '\0';
    assert_int_equal(rmdir(file), 0);
    free(file);
}

static void an_editor_that_dies_leaves_its_file(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    /* by its name: with a long path the sentence would be folded elsewhere */
    char *path = xasprintf(TOP_SRCDIR "/tests/support:%s", getenv("PATH"));
    setenv("PATH", path, 1);
    free(path);
    setenv("VISUAL", "'editor.sh' die", 1);
    pilot_keys(stand, "f");
    pilot_type(stand, "before");
    pilot_keys(stand, "<Ctrl-X>");
    pilot_see(stand, "was ended by signal 15 (Terminated); what it");
    pilot_see(stand, "wrote is kept in /");
    pilot_see(stand, "before"); /* the box is as it was */
    remove_kept(stand);
    setenv("VISUAL", "editor.sh fail", 1);
    pilot_keys(stand, "<Ctrl-X>");
    pilot_see(stand, "ended with an error; what it wrote is kept in");
    remove_kept(stand);
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

static void an_editor_that_leaves_no_text_is_told_where_its_file_is(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    setenv("VISUAL", TOP_SRCDIR "/tests/support/editor.sh spoil", 1);
    pilot_keys(stand, "f<Ctrl-X>");
    pilot_see(stand, "this is not UTF-8. Save it as UTF-8. For now what it");
    remove_kept(stand);
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

static void keys_typed_before_the_editor_came_up_wait_for_its_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    setenv("VISUAL", TOP_SRCDIR "/tests/support/editor.sh", 1);
    stand->keys_at_return = "<Enter>"; /* what the terminal held meanwhile */
    pilot_keys(stand, "i");
    pilot_type(stand, "before");
    pilot_keys(stand, "<Ctrl-X><Enter>");
    assert_int_equal(stand->pilot.session->stream_count, 0);
    pilot_see(stand, "and after");
    pilot_see(stand, "Prompt #2");
    pilot_rest(stand);
    char *prompt =
        pilot_field(&stand->pilot, &stand->pilot.session->current.id, "prompt");
    assert_string_equal(prompt, "before\nand after");
    free(prompt);
    setenv("VISUAL", "false", 1);
    pilot_keys(stand, "i");
    pilot_type(stand, "unedited");
    pilot_keys(stand, "<Ctrl-X>");
    pilot_see(stand, "the text stays as it was");
    assert_int_equal(stand->pilot.session->queue.count, 2); /* not sent unedited */
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

static void an_editor_from_browsing_ends_in_browsing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    setenv("VISUAL", TOP_SRCDIR "/tests/support/editor.sh", 1);
    pilot_keys(stand, "e");
    pilot_see(stand, "and after");
    pilot_keys(stand, "4");
    pilot_see(stand, "[4]");
    assert_string_equal(text_of(stand, "response-feedback"), "and after");
    setenv("VISUAL", "false", 1);
    pilot_keys(stand, "e");
    pilot_see(stand, "the text stays as it was");
    pilot_keys(stand, "q");
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

static void an_editor_that_wrote_nothing_leaves_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    setenv("VISUAL", "sh -c 'kill -INT $$'", 1);
    pilot_keys(stand, "f");
    pilot_type(stand, "before");
    pilot_keys(stand, "<Ctrl-X>");
    pilot_see(stand, "ended by signal 2 (Interrupt)");
    pilot_expect_notice(&stand->pilot, "; the text stays as it was.");
    setenv("VISUAL", "sh -c 'echo mine >\"${0%/*}/own\"; exit 1'", 1);
    pilot_keys(stand, "<Ctrl-X>");
    pilot_see(stand,
              "what it left is kept in /"); /* its text, which is as it was, is not */
    const char *path = strstr(stand->pilot.session->notice.text, "kept in /");
    char *own = xasprintf("%.*s/own", (int)strcspn(path + 8, "."), path + 8);
    assert_int_equal(unlink(own), 0);
    *strrchr(own, '/') = '\0';
    assert_int_equal(rmdir(own), 0);
    free(own);
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

/* VISUAL's text.md in a folder of its own below dir; NULL = there is none (yet). */
static const char *editors_file(const char *dir, struct stat *facts)
{
    static char path[256];
    glob_t found;
    char *pattern = xasprintf("%s/sherd-*/text.md", dir);
    bool is_there = glob(pattern, 0, NULL, &found) == 0;
    if (is_there)
        snprintf(path, sizeof path, "%s", found.gl_pathv[0]);
    globfree(&found);
    free(pattern);
    return is_there && stat(path, facts) == 0 ? path : NULL;
}

/* As by a signal: what somebody wrote stays, and nothing else does. */
static void leaving_with_an_editor_open_keeps_what_it_wrote(void **state)
{
    (void)state;
    char dir[] = "/tmp/sherd-edit-XXXXXX";
    assert_non_null(mkdtemp(dir));
    setenv("XDG_RUNTIME_DIR", dir, 1);
    unsetenv("VISUAL");
    for (int writes = 0; writes < 2; writes++) {
        struct pilot_screen *stand = pilot_screen_new(1, 0);
        struct stat facts = {0};
        setenv("EDITOR",
               writes ? "sh -c 'echo more >>\"$0\"; exec sleep 100'"
                      : "sh -c 'exec sleep 100'",
               1);
        pilot_keys(stand, "f");
        pilot_type(stand, "before");
        pilot_keys(stand, "<Ctrl-X>");
        for (int i = 0; i < 10000 && facts.st_size < (writes ? 12 : 7); i++) {
            pilot_run(&stand->pilot, 1);
            editors_file(dir, &facts);
        }
        assert_true(facts.st_size >= (writes ? 12 : 7));
        pilot_screen_free(stand);
        const char *path = editors_file(dir, &facts);
        assert_int_equal(path != NULL, writes);
        if (path)
            assert_int_equal(unlink(path), 0);
    }
    char *command = xasprintf("rmdir %s/sherd-* %s", dir, dir);
    assert_int_equal(system(command), 0); /* one folder was left */
    free(command);
    unsetenv("EDITOR");
    unsetenv("XDG_RUNTIME_DIR");
}

static void an_editor_without_a_place_or_with_too_much_is_refused(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    setenv("VISUAL", "true", 1);
    setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
    pilot_keys(stand, "e");
    pilot_see(stand, "A place for the editor's file could not be made in");
    unsetenv("XDG_RUNTIME_DIR");
    setenv("VISUAL", "sh -c 'head -c 1100000 /dev/zero | tr \\\\0 a >\"$0\"'", 1);
    pilot_keys(stand, "<Esc>e");
    pilot_see(stand, "is longer than 1 MiB; it was not taken.");
    remove_kept(stand);
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

/* ---- leaving with something unsaved ---- */

static void all_that_a_full_disk_does_not_take_is_counted(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    pilot_fill_disk(true);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "NOT SAVED: #1: The store");
    pilot_keys(stand, "4<Enter>3<Enter>2<Enter>1fw<Esc>");
    pilot_see(stand, "NOT SAVED: #1 and 4 more: The store");
    pilot_keys(stand, "q");
    assert_false(screen_wants_quit(stand->screen));
    pilot_see(stand, "Not saved: #1 and 4 more: The store");
    pilot_see(stand, "quits without saving.");
    pilot_fill_disk(false);
    pilot_see_gone(stand, "and 4 more");
    pilot_screen_free(stand);
}

static void quitting_asks_once_more_for_what_is_unsaved(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    pilot_hold_store(&stand->pilot, true);
    pilot_keys(stand, "4q");
    assert_false(screen_wants_quit(stand->screen));
    pilot_see(stand, "q once more quits without saving.");
    pilot_keys(stand, "jq");
    assert_false(screen_wants_quit(stand->screen));
    pilot_keys(stand, "q");
    assert_true(screen_wants_quit(stand->screen));
    pilot_hold_store(&stand->pilot, false);
    pilot_screen_free(stand);
}

/* ---- for screen readers ---- */

static void plain_says_at_once_what_is_saved(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    *stand = (struct pilot_screen){.records = 2};
    stand->pilot.is_plain = true;
    pilot_screen_start(stand);
    int64_t begun_ms = clock_mono_ms(&clock_system);
    pilot_keys(stand, "4");
    pilot_see(stand, "Rating: 4.");
    pilot_keys(stand, "4");
    pilot_see(stand, "Rating: no answer.");
    assert_true(clock_mono_ms(&clock_system) - begun_ms < 2000);
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "#1 submitted and saved; u takes it back.");
    int64_t said_ms = stand->pilot.session->notice.until_ms - 3000;
    assert_true(stand->flushed_ms[stand->flushes - 1] - said_ms < 1000);
    pilot_screen_free(stand);
}

/* ---- the queue over the whole screen ---- */

static void the_queue_is_filtered_with_one_key(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    pilot_keys(stand, "4<Enter>3<Enter>dv");
    pilot_see(stand, "── Records");
    pilot_keys(stand, "s");
    pilot_see(stand, "[Submitted 2]");
    pilot_see_gone(stand, "Question 5");
    pilot_keys(stand, "x");
    pilot_see(stand, "[Discarded 1]");
    pilot_keys(stand, "p");
    pilot_see(stand, "[Pending 2]");
    pilot_keys(stand, "a");
    pilot_see(stand, "Question 1");
    assert_false(stand->pilot.session->queue.has_filter);
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, "[Pending 2]");
    pilot_keys(stand, "<Tab>"); /* there is no draft */
    pilot_see(stand, "[Submitted 2]");
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>");
    pilot_see(stand, "Question 1");
    pilot_keys(stand, "<Shift-Tab>");
    pilot_see(stand, "[Discarded 1]");
    pilot_keys(stand, "<Tab>");
    assert_false(stand->pilot.session->queue.has_filter);
    pilot_keys(stand, "<Alt-/>"); /* not "/", which asks for a status */
    pilot_see(stand, "Alt-/ does nothing here");
    pilot_keys(stand, "4z");
    pilot_see(stand, "z does nothing here");
    assert_true(pilot_sees(stand, "── Records"));
    pilot_screen_free(stand);
}

static void the_queue_moves_by_rows_and_pages(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(25, 0);
    pilot_keys(stand, "v<PageDown>");
    pilot_see(stand, "▶ 11");
    pilot_keys(stand, "<Space>jk<PageUp>");
    pilot_see(stand, "▶ 11");
    pilot_keys(stand, "k");
    pilot_see(stand, "▶ 10");
    pilot_keys(stand, "<End>");
    pilot_see(stand, "▶ 25");
    pilot_keys(stand, "<Home>l");
    pilot_see(stand, "▶  2");
    pilot_screen_free(stand);
}

static void pages_and_commands_come_back_to_the_queue(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    pilot_keys(stand, "v?");
    pilot_see(stand, "── Keys");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "── Records");
    pilot_keys(stand, "/");
    pilot_see(stand, ":filter ");
    pilot_type(stand, "pending\n");
    pilot_see(stand, "[Pending 5]");
    pilot_see(stand, "── Records");
    pilot_keys(stand, ":<Esc>");
    pilot_see(stand, "── Records");
    pilot_keys(stand, ":");
    pilot_type(stand, "4\n");
    pilot_see(stand, "▶ 4");
    pilot_keys(stand, "<Enter>?<Esc>");
    pilot_see(stand, "Prompt #4");
    pilot_screen_free(stand);
}

/* ---- two versions of a response ---- */

/* As another process does on the same store. */
static void rate_elsewhere(const struct pilot_screen *stand, const struct id *id)
{
    struct response response = {.status = RESPONSE_SUBMITTED};
    struct err err = {0};
    values_set_rating(&response.values, "response-rating", 2);
    values_set_text(&response.values, "response-feedback", QUESTION_TEXT, "theirs");
    assert_int_equal(store_put_response(app_store(stand->pilot.app), id, &response, NULL,
                                        CHANGE_SUBMIT, 0, &err),
                     STATUS_OK);
    response_clear(&response);
}

static void a_clash_is_shown_and_chosen_with_one_key(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4>");
    pilot_see(stand, "There is no other version of this answer");
    pilot_keys(stand, "f");
    pilot_type(stand, "a long re");
    pilot_rest(stand);
    rate_elsewhere(stand, &first);
    pilot_type(stand, "mark");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "── Two answers of yours");
    pilot_see(stand, "Feedback: a long remark");
    pilot_see(stand, "From another sherd · submitted");
    pilot_see(stand, "Feedback: theirs");
    pilot_see(stand, "< keep yours");
    pilot_keys(stand, ">");
    pilot_see_gone(stand, "Two answers of yours");
    pilot_see(stand, "Theirs stays; u opens the choice again.");
    pilot_see(stand, "[2]");
    pilot_see(stand, "theirs");
    pilot_screen_free(stand);
}

static void ones_own_version_of_two_is_kept(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "4");
    pilot_rest(stand);
    rate_elsewhere(stand, &first);
    pilot_keys(stand, "5");
    pilot_see(stand, "── Two answers of yours");
    pilot_keys(stand, "I");
    pilot_see(stand, "the other one (submitted)");
    pilot_keys(stand, "<Esc><<>");
    pilot_see(stand, "Yours stays; u opens the choice again.");
    pilot_see(stand, "[5]");
    pilot_see_gone(stand, "Two answers of yours");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 5, NULL);
    pilot_screen_free(stand);
}

/* ---- beside a server ---- */

static void a_newer_answer_on_the_server_is_chosen_or_not(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    struct fake_argilla *argilla = pilot_use_argilla(&stand->pilot, "2.8.0");
    fake_argilla_add_dataset(argilla, "langchain-dataset");
    fake_argilla_add_record(argilla, "langchain-dataset", "Why?", "Because.");
    pilot_screen_start(stand);
    pilot_see(stand, "Because.");
    pilot_keys(stand, "4<Enter>");
    pilot_see(stand, "all sent");
    fake_argilla_answer(argilla, "langchain-dataset", 0, "submitted", 2);
    pilot_keys(stand, "5<Enter>");
    pilot_see(stand, "── Two answers of yours");
    pilot_see(stand, "1 to choose");
    pilot_see(stand,
              "#1: the server has another answer of yours; < keeps yours, > takes");
    pilot_see(stand, "> The server · submitted");
    pilot_see(stand, "Rating: 2");
    pilot_see(stand, "< This machine · submitted");
    assert_false(pilot_sees(stand, "feedback") || pilot_sees(stand, "Enter submit"));
    pilot_keys(stand, "O");
    pilot_see(stand, "Two versions; in the record < keeps yours, > takes the other:");
    pilot_see(stand, "#1     answer  the server's: submitted, 2");
    pilot_keys(stand, "<Esc>>");
    pilot_see(stand, "[2]");
    pilot_see(stand, "all sent");
    pilot_keys(stand, "O");
    pilot_see(stand, "Everything is on the server.");
    pilot_screen_free(stand);
}

static void a_missing_dataset_is_created_with_enter(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    struct fake_argilla *argilla = pilot_use_argilla(&stand->pilot, "2.8.0");
    pilot_screen_start(stand);
    pilot_see(stand, "C shows what would be created, and asks.");
    pilot_keys(stand, "C<Esc>");
    assert_int_equal(fake_argilla_count(argilla, "POST", "/api/v1/datasets"), 0);
    pilot_keys(stand, "C");
    pilot_see(stand, "Enter create it");
    pilot_see(stand, "workspace   argilla ");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "all sent");
    assert_true(fake_argilla_count(argilla, "POST", "/api/v1/datasets") > 0);
    pilot_screen_free(stand);
}

/* ---- copying inside tmux ---- */

static void put_tmux(const struct pilot_screen *stand, const char *setting)
{
    char path[128];
    snprintf(path, sizeof path, "%s/tmux", stand->pilot.dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho %s \"$*\"\n", setting);
    assert_int_equal(fchmod(fileno(file), 0700), 0);
    assert_int_equal(fclose(file), 0);
}

static void copying_in_tmux_says_what_to_set(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    char *former = xstrdup(getenv("PATH"));
    char *path = xasprintf("%s:%s", stand->pilot.dir, former);
    setenv("TMUX", "/tmp/tmux-0/default,1,0", 1);
    setenv("PATH", path, 1);
    put_tmux(stand, "on");
    pilot_keys(stand, "y");
    pilot_see(stand, "The response is sent to the terminal's clipboard");
    pilot_see_gone(stand, "clipboard"); /* it fades: tmux has nothing against it */
    assert_false(pilot_sees(stand, "tmux"));
    put_tmux(stand, "external");
    pilot_keys(stand, "Y");
    pilot_see(stand, "The prompt was sent, but tmux keeps it");
    pilot_see(stand, "\"set -g set-clipboard on\"");
    pilot_keys(stand, "y");
    setenv("PATH", former, 1);
    unsetenv("TMUX");
    free(path);
    free(former);
    pilot_screen_free(stand);
}

/* ---- for screen readers ---- */

static void plain_says_the_end_of_an_answer(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->rows = 24;
    stand->cols = 120;
    stand->records = 1;
    stand->token_ms = 5;
    stand->pilot.is_plain = true;
    pilot_screen_start(stand);
    assert_false(pilot_sees(stand, "─"));
    assert_int_equal(stand->cursor_row, 18); /* the rating */
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "being written");
    size_t flushes = stand->flushes;
    pilot_see(stand, "The answer of #2 is complete.");
    assert_true(stand->flushes > flushes && stand->flushes <= flushes + 4); /* not each */
    pilot_keys(stand, "v");
    pilot_see(stand, "Records"); /* never beside the record */
    pilot_see(stand, "> 2 pending");
    pilot_screen_free(stand);
}

/* ---- facts ---- */

static void facts_name_a_record_by_its_number(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, "lr");
    pilot_see(stand, "Prompt #4");
    pilot_see(stand, "c compare"); /* it stands beside the first one */
    pilot_keys(stand, "I<End>");
    pilot_see(stand, "asked again from #2");
    const struct session *session = stand->pilot.session;
    assert_int_equal(session->web_page.row, session->current.row); /* as it is now */
    pilot_screen_free(stand);
}

/* ---- the mouse ---- */

static void turn_wheel(struct pilot_screen *stand, int delta)
{
    struct event event = {.kind = EVENT_WHEEL, .delta = delta};
    screen_handle(stand->screen, &event);
    pilot_run(&stand->pilot, 0);
}

static void the_wheel_scrolls_what_is_shown(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    pilot_keys(stand, "?");
    turn_wheel(stand, 1);
    pilot_see(stand, "23 of ");
    turn_wheel(stand, -1);
    pilot_see(stand, "20 of ");
    pilot_keys(stand, "<Esc>v");
    turn_wheel(stand, 1);
    pilot_see(stand, "▶ 2");
    turn_wheel(stand, -1);
    pilot_see(stand, "▶ 1");
    pilot_resize(stand, 8, 30);
    turn_wheel(stand, 1);
    pilot_resize(stand, 24, 80);
    pilot_see(stand, "▶ 1");
    pilot_screen_free(stand);
}

/* ---- the settings form ---- */

static void the_settings_form_knows_its_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    const struct sampling *sampling = &stand->pilot.session->sampling;
    pilot_keys(stand, "<Ctrl-O><Ctrl-U>");
    pilot_paste(stand, "a\nmodel");
    pilot_keys(stand, "<Ctrl-J><Down><Ctrl-U>0.5<Tab>");
    pilot_keys(stand, "77<Down>5<Up><Down><Tab>");
    pilot_type(stand, "one");
    pilot_keys(stand, "<Alt-Enter>");
    pilot_type(stand, "two");
    pilot_keys(stand, "<Ctrl-J>");
    pilot_paste(stand, "three\nfour");
    pilot_keys(stand, "<Up><Up><Up><F7>");
    pilot_see(stand, "F7 does nothing here");
    pilot_keys(stand, "<Up>"); /* out of the text, to the seed */
    pilot_keys(stand, "6<Shift-Tab>8<Enter>");
    pilot_see(stand, "Settings taken for the prompts from now on.");
    assert_string_equal(sampling->model, "a model");
    assert_true(sampling->has_temperature);
    assert_float_equal(sampling->temperature, 0.5, 0.0001);
    assert_int_equal(sampling->max_tokens, 778);
    assert_int_equal(sampling->seed, 56);
    assert_string_equal(sampling->system_prompt, "one\ntwo\nthree\nfour");
    pilot_keys(stand, "<Ctrl-O>x<Ctrl-C>");
    assert_string_equal(sampling->model, "a model");
    pilot_see(stand, "Your answer");
    pilot_screen_free(stand);
}

static void settings_of_one_prompt_end_with_it(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke");
    pilot_keys(stand, "<Ctrl-O><Tab>0.3<Tab><Tab><Tab>Be brief<Enter>");
    pilot_see(stand, "T 0.3 · system prompt · this one only");
    pilot_see(stand, "Tell me a joke");
    pilot_keys(stand, "<Ctrl-O>");
    pilot_see(stand, "for this one request");
    pilot_see(stand, "0.3");
    pilot_keys(stand, "<Esc><Enter>");
    pilot_see(stand, "Prompt #2");
    pilot_keys(stand, "i");
    pilot_see(stand, "── New prompt");
    assert_false(pilot_sees(stand, "this one only"));
    pilot_screen_free(stand);
}

/* ---- pages ---- */

static void a_page_refuses_what_it_does_not_know(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    struct id first = pilot_current(stand);
    int redraws = stand->redraws;
    pilot_keys(stand, "?4");
    pilot_see(stand, "4 does nothing here; ? shows the keys.");
    pilot_keys(stand, "d<Ctrl-L>");
    assert_int_equal(stand->redraws, redraws + 1);
    pilot_keys(stand, "S");
    pilot_see(stand, "S does nothing here");
    pilot_paste(stand, "4");
    pilot_see(stand, "press f or i first");
    pilot_see(stand, "── Keys");
    pilot_keys(stand, "I");
    pilot_see(stand, "── Facts of the record");
    pilot_keys(stand, "I");
    pilot_see(stand, "Your answer");
    pilot_keys(stand, "C");
    pilot_see(stand, "No server is configured");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_PENDING, 0, NULL);
    pilot_screen_free(stand);
}

/* ---- commands and digits ---- */

static void add_scales(struct dataset *dataset)
{
    static const int numbers[] = {1, 5, 10};
    dataset->questions = xreallocarray(dataset->questions, dataset->question_count + 2,
                                       sizeof *dataset->questions);
    struct question *scale = &dataset->questions[dataset->question_count++];
    *scale = (struct question){
        .name = xstrdup("taste"), .title = xstrdup("Taste"), .type = QUESTION_RATING};
    scale->ratings = xcalloc(3, sizeof *scale->ratings);
    memcpy(scale->ratings, numbers, sizeof numbers);
    scale->rating_count = 3;
    struct question *tone = &dataset->questions[dataset->question_count++];
    *tone = (struct question){
        .name = xstrdup("tone"), .title = xstrdup("Tone"), .type = QUESTION_LABEL};
    tone->options = xcalloc(2, sizeof *tone->options);
    tone->option_count = 2;
    tone->options[0] =
        (struct question_option){.value = xstrdup("w"), .text = xstrdup("Warm")};
    tone->options[1] =
        (struct question_option){.value = xstrdup("c"), .text = xstrdup("Cold")};
}

static struct pilot_screen *open_scales(void)
{
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->records = 1;
    stand->prepare = add_scales;
    pilot_screen_start(stand);
    return stand;
}

static int rating_of(const struct pilot_screen *stand, const char *question)
{
    const struct value *value =
        values_find(&stand->pilot.session->current.response.values, question);
    return value ? value->rating : -1;
}

static void where_one_came_from_may_be_gone_after_a_text(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_scales();
    struct dataset *dataset = &session_of(stand)->dataset;
    pilot_keys(stand, "4f"); /* from Taste, the third question */
    dataset->question_count = 2;
    pilot_keys(stand, "<Esc>3");
    pilot_see(stand, "[3]");
    assert_int_equal(rating_of(stand, "response-rating"), 3);
    dataset->question_count = 4;
    pilot_screen_free(stand);
}

static void a_second_rating_is_given_and_taken_away(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_scales();
    pilot_keys(stand, "4");
    pilot_see(stand, "▸Taste");
    pilot_see(stand, "0–9 rate");
    pilot_keys(stand, "f");
    pilot_see(stand, "▸Feedback");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "▸Taste"); /* back where one was */
    pilot_keys(stand, "3");
    pilot_see(stand, "Taste can be 1, 5 or 10; 3 is not one of them.");
    assert_int_equal(rating_of(stand, "taste"), -1);
    pilot_keys(stand, "0");
    assert_int_equal(rating_of(stand, "taste"), 10);
    pilot_see(stand, "▸Tone");
    pilot_keys(stand, "<Shift-Tab>0");
    assert_int_equal(rating_of(stand, "taste"), -1); /* again takes it back */
    assert_int_equal(rating_of(stand, "response-rating"), 4);
    pilot_keys(stand, "5<Shift-Tab><Shift-Tab>");
    pilot_see(stand, "▸Feedback");
    pilot_keys(stand, "<Shift-Tab>7");
    pilot_see(stand, "Rating can be 1 to 5; 7 is not one of them.");
    assert_int_equal(rating_of(stand, "taste"), 5);
    pilot_screen_free(stand);
}

static void commands_rate_and_choose(void **state)
{
    (void)state;
    struct pilot_screen *stand = open_scales();
    pilot_keys(stand, ":");
    pilot_type(stand, "rate 3\n:rate 10\n");
    assert_int_equal(rating_of(stand, "response-rating"), 3);
    assert_int_equal(rating_of(stand, "taste"), 10);
    pilot_see(stand, "▸Tone");
    pilot_keys(stand, ":");
    pilot_type(stand, "choose cold\n");
    assert_string_equal(text_of(stand, "tone"), "c");
    pilot_keys(stand, ":");
    pilot_type(stand, "choose w\n");
    assert_string_equal(text_of(stand, "tone"), "w");
    pilot_keys(stand, ":");
    pilot_type(stand, "choose luke\n");
    pilot_see(stand, "That is not an option of the question in focus");
    pilot_keys(stand, "3");
    pilot_see(stand, "Tone has no choice 3.");
    pilot_keys(stand, ":");
    pilot_type(stand, "rate 4\n");
    pilot_see(stand, "4 is not one of the ratings.");
    assert_string_equal(text_of(stand, "tone"), "w");
    pilot_screen_free(stand);
}

static void the_command_line_knows_its_keys(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, ":fi<Tab>");
    pilot_see(stand, ":filter ");
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, ":filters ");
    pilot_keys(stand, "<Tab>");
    pilot_see(stand, ":first");
    pilot_keys(stand, "<Shift-Tab><Shift-Tab>");
    pilot_see(stand, ":filter ");
    pilot_keys(stand, "<Shift-Tab>"); /* there is none before */
    pilot_see(stand, ":filter ");
    pilot_keys(stand, "<Tab><Tab><Tab>"); /* round */
    pilot_see(stand, ":filter ");
    pilot_keys(stand, "<Ctrl-U>zz<Tab>");
    pilot_see(stand, ":zz");
    pilot_keys(stand, "<Backspace><Backspace>");
    pilot_see(stand, "Esc leave");
    pilot_keys(stand, "<F7>");
    pilot_paste(stand, "goto\n9");
    pilot_see(stand, ":goto 9");
    pilot_keys(stand, "<Ctrl-U><Backspace>");
    pilot_see(stand, "r again");
    pilot_keys(stand, ":x<Ctrl-C>");
    pilot_see(stand, "r again");
    assert_false(screen_wants_quit(stand->screen));
    pilot_screen_free(stand);
}

static void a_setting_is_set_and_left_to_the_endpoint(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    const struct sampling *sampling = &stand->pilot.session->sampling;
    pilot_keys(stand, ":");
    pilot_type(stand, "model large\n:model\n");
    pilot_see(stand, ":model needs a value");
    assert_string_equal(sampling->model, "large");
    pilot_keys(stand, ":");
    pilot_type(stand, "model default\n");
    pilot_see(stand, "Model of the next prompts: the endpoint's own.");
    assert_null(sampling->model);
    pilot_screen_free(stand);
}

static void one_undo_takes_back_one_word(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "warm, but too long");
    pilot_keys(stand, "<Ctrl-Z>");
    assert_string_equal(text_of(stand, "response-feedback"), "warm, but too ");
    pilot_keys(stand, "<Ctrl-Z>");
    assert_string_equal(text_of(stand, "response-feedback"), "warm, but ");
    pilot_keys(stand, "<Ctrl-Z><Ctrl-Z><Ctrl-Z>");
    assert_string_equal(text_of(stand, "response-feedback"), "");
    pilot_screen_free(stand);
}

static void a_paste_is_undone_as_one(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "typed ");
    pilot_paste(stand, "two words\nand a line");
    pilot_see(stand, "and a line");
    pilot_keys(stand, "<Ctrl-Z>");
    assert_string_equal(text_of(stand, "response-feedback"), "typed ");
    pilot_keys(stand, "<Alt-z>");
    assert_string_equal(text_of(stand, "response-feedback"),
                        "typed two words\nand a line");
    assert_int_equal(status_of(stand), RESPONSE_DRAFT);
    pilot_screen_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_typed_after_a_pause_into_a_box_that_ended_runs_nothing),
        cmocka_unit_test(a_text_whose_question_is_gone_is_kept_for_the_next_box),
        cmocka_unit_test(keys_act_again_after_a_pause),
        cmocka_unit_test(a_text_goes_on_where_its_question_went),
        cmocka_unit_test(a_focus_on_a_question_that_is_gone_goes_to_the_first),
        cmocka_unit_test(nothing_acts_behind_too_small),
        cmocka_unit_test(texts_scroll_by_lines_and_pages),
        cmocka_unit_test(an_answer_begins_at_its_top_after_a_resize),
        cmocka_unit_test(giving_up_a_command_goes_back_to_the_page),
        cmocka_unit_test(an_empty_prompt_stays_in_its_box),
        cmocka_unit_test(former_prompts_begin_anew_after_an_edit),
        cmocka_unit_test(nothing_is_written_about_what_is_not_there),
        cmocka_unit_test(a_prompt_is_kept_while_it_is_typed),
        cmocka_unit_test(prompts_that_were_left_unsent_come_one_by_one),
        cmocka_unit_test(what_is_typed_after_a_refused_i_is_text),
        cmocka_unit_test(what_is_typed_after_a_refused_box_runs_nothing),
        cmocka_unit_test(the_first_ctrl_c_stops_the_answer),
        cmocka_unit_test(an_editor_that_dies_leaves_its_file),
        cmocka_unit_test(an_editor_that_leaves_no_text_is_told_where_its_file_is),
        cmocka_unit_test(an_editor_from_browsing_ends_in_browsing),
        cmocka_unit_test(an_editor_that_wrote_nothing_leaves_nothing),
        cmocka_unit_test(leaving_with_an_editor_open_keeps_what_it_wrote),
        cmocka_unit_test(an_editor_without_a_place_or_with_too_much_is_refused),
        cmocka_unit_test(all_that_a_full_disk_does_not_take_is_counted),
        cmocka_unit_test(quitting_asks_once_more_for_what_is_unsaved),
        cmocka_unit_test(plain_says_at_once_what_is_saved),
        cmocka_unit_test(keys_typed_before_the_editor_came_up_wait_for_its_text),
        cmocka_unit_test(the_queue_is_filtered_with_one_key),
        cmocka_unit_test(the_queue_moves_by_rows_and_pages),
        cmocka_unit_test(pages_and_commands_come_back_to_the_queue),
        cmocka_unit_test(a_clash_is_shown_and_chosen_with_one_key),
        cmocka_unit_test(ones_own_version_of_two_is_kept),
        cmocka_unit_test(a_newer_answer_on_the_server_is_chosen_or_not),
        cmocka_unit_test(a_missing_dataset_is_created_with_enter),
        cmocka_unit_test(copying_in_tmux_says_what_to_set),
        cmocka_unit_test(plain_says_the_end_of_an_answer),
        cmocka_unit_test(facts_name_a_record_by_its_number),
        cmocka_unit_test(the_wheel_scrolls_what_is_shown),
        cmocka_unit_test(the_settings_form_knows_its_keys),
        cmocka_unit_test(settings_of_one_prompt_end_with_it),
        cmocka_unit_test(a_page_refuses_what_it_does_not_know),
        cmocka_unit_test(where_one_came_from_may_be_gone_after_a_text),
        cmocka_unit_test(a_second_rating_is_given_and_taken_away),
        cmocka_unit_test(commands_rate_and_choose),
        cmocka_unit_test(the_command_line_knows_its_keys),
        cmocka_unit_test(a_setting_is_set_and_left_to_the_endpoint),
        cmocka_unit_test(one_undo_takes_back_one_word),
        cmocka_unit_test(a_paste_is_undone_as_one),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
