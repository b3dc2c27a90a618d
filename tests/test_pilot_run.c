/* SPDX-License-Identifier: MIT
 *
 * :run on the screen: its page, and rating while it goes on. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/pilot_screen.h"

static int set_up(void **state)
{
    *state = pilot_screen_new(0, 5);
    return 0;
}

static int tear_down(void **state)
{
    pilot_screen_free(*state);
    return 0;
}

static void begin(struct pilot_screen *stand, const char *text, const char *options)
{
    char path[96], line[256];
    snprintf(path, sizeof path, "%s/prompts.csv", stand->pilot.dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    snprintf(line, sizeof line, ":run %s %s\n", path, options);
    pilot_type(stand, line);
}

static void a_run_fills_the_queue_and_its_records_can_be_rated(void **state)
{
    struct pilot_screen *stand = *state;
    begin(stand, "title,n\nOne,1\nTwo,2\nbad\nThree,3\n",
          "--template 'Tell {title}' --concurrency 1");
    pilot_see(stand, "Being answered");
    pilot_see(stand, "this row has 1 column");
    pilot_see(stand, "Logged, the last first");
    pilot_keys(stand, "<Esc>");
    pilot_see(stand, "Tell One");
    pilot_keys(stand, "4");
    struct id id = pilot_current(stand);
    pilot_see(stand, "The run has ended: 3 logged, 0 there already, 0 failed.");
    pilot_rest(stand);
    pilot_expect(&stand->pilot, &id, RESPONSE_DRAFT, 4, NULL);
    assert_int_equal(stand->pilot.session->queue.count, 3);
    pilot_keys(stand, "R");
    pilot_see(stand, "3 of 3 done");
    pilot_see(stand, "It has ended.");
}

static void its_key_stops_it_and_the_same_line_goes_on(void **state)
{
    struct pilot_screen *stand = *state;
    static const char rows[] = "prompt\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
    begin(stand, rows, "--concurrency 1");
    pilot_see(stand, "Logged, the last first");
    pilot_keys(stand, "<Esc>");
    pilot_type(stand, ":run /nowhere.txt\n"); /* one at a time: its page is shown */
    pilot_see(stand, "A run is under way; it can be stopped on its page.");
    pilot_see(stand, "Logged, the last first");
    pilot_keys(stand, "x");
    pilot_see(stand, "The run is stopped; the same :run goes on where it was.");
    pilot_see(stand, " to go; the same :run goes on.");
    assert_false(pilot_sees(stand, "It has ended."));
    size_t count = stand->pilot.session->queue.count;
    assert_true(count > 0 && count < 12);
    app_dismiss_notice(stand->pilot.app);
    pilot_keys(stand, "x");
    pilot_see(stand, "No run is under way.");
    pilot_keys(stand, "<Esc>");
    begin(stand, rows, "--concurrency 4");
    pilot_see(stand, "12 of 12 done");
    pilot_rest(stand);
    assert_int_equal(stand->pilot.session->queue.count, 12);
}

static void what_another_run_asks_is_told(void **state)
{
    struct pilot_screen *stand = *state;
    begin(stand, "prompt\n1\n2\n", "");
    pilot_see(stand, "The run has ended: 2 logged");
    pilot_rest(stand);
    pilot_keys(stand, "<Esc>");
    struct id id = pilot_current(stand);
    pilot_claim_for_other(&stand->pilot, &id);
    begin(stand, "prompt\n1\n2\n", "");
    pilot_see(stand, "1 there already · 1 being asked by"); /* another run */
    pilot_kill_other(&stand->pilot);
}

static void quitting_would_stop_it_and_is_asked_once(void **state)
{
    struct pilot_screen *stand = *state;
    begin(stand, "prompt\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "--concurrency 1");
    pilot_see(stand, "Logged, the last first");
    pilot_keys(stand, "<Esc>q");
    pilot_see(stand, "A run is under way: q once more quits");
    assert_false(screen_wants_quit(stand->screen));
    pilot_keys(stand, "q");
    assert_true(screen_wants_quit(stand->screen));
}

static void what_is_wrong_with_it_is_said(void **state)
{
    struct pilot_screen *stand = *state;
    pilot_type(stand, ":run /nowhere.txt\n");
    pilot_see(stand, "/nowhere.txt cannot be opened");
    pilot_type(stand, ":run x --sampels 3\n");
    pilot_see(stand, "Did you mean --samples");
    pilot_type(stand, ":run x --local\n");
    pilot_see(stand, "--local is for the command line");
    pilot_type(stand, ":run x --tool search\n");
    pilot_see(stand, "--tool is for the command line");
    pilot_type(stand, ":run -\n");
    pilot_see(stand, "cannot be opened");
    begin(stand, "title\nOne\n", "--template 'On {heading}'");
    pilot_see(stand, "Nothing gives the template's {heading}");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_run_fills_the_queue_and_its_records_can_be_rated),
        CASE(its_key_stops_it_and_the_same_line_goes_on),
        CASE(what_another_run_asks_is_told),
        CASE(quitting_would_stop_it_and_is_asked_once),
        CASE(what_is_wrong_with_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
