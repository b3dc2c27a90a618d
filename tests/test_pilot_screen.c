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

#include "app/app.h"
#include "base/xalloc.h"
#include "tests/support/pilot_screen.h"

/* ---- moving, commands, pages ---- */

static void commands_move_filter_and_set(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(12, 0);
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
    pilot_screen_free(stand);
}

static void commands_complete_and_remember(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, ":got<Tab>3<Enter>");
    pilot_see(stand, "Prompt #3");
    pilot_keys(stand, ":<Up>");
    pilot_see(stand, ":goto 3");
    pilot_keys(stand, "<Esc>");
    pilot_see_gone(stand, ":goto 3");
    pilot_screen_free(stand);
}

static void pages_open_scroll_and_close(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
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
    pilot_screen_free(stand);
}

static void the_command_line_opens_from_every_page(void **state)
{
    (void)state;
    static const char *const pages[] = {"?", "I", "g", "O", "%", "t", "R"};
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        pilot_keys(stand, "<Home>");
        pilot_keys(stand, pages[i]);
        assert_false(pilot_sees(stand, "Your answer"));
        pilot_type(stand, ":2\n");
        pilot_see(stand, "Prompt #2");
        pilot_see(stand, "Your answer");
        pilot_keys(stand, pages[i]);
        pilot_keys(stand, ":<Esc>");
        assert_false(pilot_sees(stand, "Your answer")); /* the page is still there */
        pilot_keys(stand, "<Esc>");
        pilot_see(stand, "Your answer");
    }
    pilot_screen_free(stand);
}

static void the_queue_opens_over_a_narrow_screen(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    pilot_keys(stand, "v");
    pilot_see(stand, "── Records");
    pilot_keys(stand, "jj");
    pilot_see(stand, "▶ 3");
    pilot_keys(stand, "<Enter>");
    pilot_see(stand, "Prompt #3");
    assert_int_equal(stand->pilot.session->current.response.status, RESPONSE_PENDING);
    pilot_screen_free(stand);
}

static void raw_and_rendered_are_one_key_apart(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_see(stand, "Answer 1 to it.");
    pilot_keys(stand, "m");
    pilot_see(stand, "Answer **1** to it.");
    pilot_keys(stand, "m");
    pilot_see(stand, "Answer 1 to it.");
    pilot_screen_free(stand);
}

static void copying_says_how_much(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "y");
    pilot_see(stand, "The response is sent to the terminal's clipboard: 19 characters.");
    assert_string_equal(buf_text(&stand->copied), "Answer **1** to it.");
    pilot_keys(stand, "Y");
    assert_string_equal(buf_text(&stand->copied), "Question 1");
    stand->refuses_copy = true;
    pilot_keys(stand, "y");
    pilot_see(stand,
              "The response has 19 characters: too long for a terminal's clipboard.");
    stand->refuses_copy = false;
    pilot_add(&stand->pilot, "No answer", "");
    pilot_keys(stand, "<End>y");
    pilot_see(stand, "There is no response to copy yet.");
    pilot_screen_free(stand);
}

/* ---- the terminal ---- */

static void every_size_is_painted(void **state)
{
    (void)state;
    static const int sizes[][2] = {{10, 40}, {5, 20}, {60, 200}, {100, 300}, {24, 80}};
    struct pilot_screen *stand = pilot_screen_new(3, 0);
    pilot_keys(stand, "f");
    pilot_type(stand, "kept");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pilot_resize(stand, sizes[i][0], sizes[i][1]);
        pilot_see(stand, sizes[i][1] < 40 ? "sherd needs" : "kept");
    }
    pilot_screen_free(stand);
}

static void ctrl_z_stops_the_program_or_undoes_typing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    pilot_keys(stand, "<Ctrl-Z>");
    assert_int_equal(stand->suspends, 1);
    pilot_keys(stand, "f");
    pilot_type(stand, "word");
    pilot_keys(stand, "<Ctrl-Z>");
    pilot_see_gone(stand, "word");
    assert_int_equal(stand->suspends, 1);
    pilot_screen_free(stand);
}

static void the_editor_takes_and_gives_the_feedback(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct id first = pilot_current(stand);
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
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

static void a_hang_up_loses_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 0);
    struct id first = pilot_current(stand);
    pilot_keys(stand, "f");
    pilot_type(stand, "in mid-sent");
    struct event event = {.kind = EVENT_HANGUP};
    screen_handle(stand->screen, &event);
    assert_true(screen_wants_quit(stand->screen));
    pilot_screen_reopen(stand);
    pilot_expect(&stand->pilot, &first, RESPONSE_DRAFT, 0, "in mid-sent");
    pilot_screen_free(stand);
}

static void quitting_asks_nothing(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(1, 30);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    pilot_keys(stand, "q");
    assert_true(screen_wants_quit(stand->screen));
    assert_false(screen_wants_demo(stand->screen));
    pilot_screen_reopen(stand);
    pilot_see(stand, "cut off");
    pilot_screen_free(stand);
}

static void the_first_start_offers_the_demo(void **state)
{
    (void)state;
    struct pilot_screen *stand = xcalloc(1, sizeof *stand);
    stand->has_no_endpoint = true;
    pilot_screen_start(stand);
    pilot_see(stand, "Press D to try the demo now");
    pilot_keys(stand, "i");
    pilot_see(stand, "No model endpoint is configured");
    pilot_keys(stand, "<Alt-D><Esc>D");
    assert_true(screen_wants_quit(stand->screen) && screen_wants_demo(stand->screen));
    pilot_screen_free(stand);
}

static void streams_are_painted_at_most_every_33_ms(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(0, 20);
    pilot_keys(stand, "i");
    pilot_type(stand, "Tell me a joke\n");
    pilot_see(stand, "tok/s");
    size_t from = stand->flushes;
    pilot_see(stand, "r again");
    for (size_t i = from + 1; i < stand->flushes && i < 4096; i++)
        assert_true(stand->flushed_ms[i] - stand->flushed_ms[i - 1] >= 32);
    pilot_screen_free(stand);
}

static void a_key_is_painted_in_its_own_turn(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    for (int i = 0; i < 20; i++) {
        size_t before = stand->flushes;
        pilot_keys(stand, i % 2 == 0 ? "l" : "h");
        assert_true(stand->flushes > before);
        assert_true(pilot_sees(stand, i % 2 == 0 ? "Prompt #2" : "Prompt #1"));
    }
    pilot_screen_free(stand);
}

/* The first record comes a moment after the first frame. */
static void another_record_is_painted_at_once(void **state)
{
    (void)state;
    struct pilot_screen *stand = pilot_screen_new(2, 0);
    for (size_t i = 0; i < 20; i++) {
        size_t before = stand->flushes;
        app_go(stand->pilot.app, (i + 1) % 2);
        screen_paint(stand->screen);
        assert_int_equal(stand->flushes, before + 1);
    }
    pilot_screen_free(stand);
}

/* ---- anything ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* Any event that a terminal may send, quitting left out. */
static struct event random_event(uint32_t *seed)
{
    static const char letters[] = "12345fdsulhojkJKirmyYIgvSC:?xnz \xc3";
    static const char *const pastes[] = {"", "d4q\n", "\033[31m\xff", "灯台\n\n🐦"};
    struct event event = {.kind = EVENT_KEY};
    uint32_t draw = next_random(seed) % 100;
    if (draw < 3) {
        event.kind = EVENT_RESIZE;
        event.rows = 1 + (int)(next_random(seed) % 60);
        event.cols = 1 + (int)(next_random(seed) % 200);
    } else if (draw < 6) {
        event.kind = EVENT_PASTE;
        event.text = pastes[next_random(seed) % 4];
        event.len = strlen(event.text);
    } else if (draw < 9) {
        event.kind = EVENT_WHEEL;
        event.delta = draw % 2 ? 1 : -1;
    } else if (draw < 60) {
        event.key.code = (unsigned char)letters[next_random(seed) % (sizeof letters - 1)];
    } else {
        event.key.code = KEYCODE_ENTER + next_random(seed) % 16;
        event.key.mods = draw > 92 ? (uint8_t)(next_random(seed) % 8) : 0;
    }
    return event;
}

static void any_keys_in_any_order_leave_it_whole(void **state)
{
    (void)state;
    uint32_t seed = 20260131;
    struct pilot_screen *stand = pilot_screen_new(5, 0);
    setenv("VISUAL", "true", 1);
    for (int i = 0; i < 1500; i++) {
        struct event event = random_event(&seed);
        screen_handle(stand->screen, &event);
        screen_paint(stand->screen);
        loop_poll(stand->pilot.loop);
        assert_false(screen_wants_quit(stand->screen));
    }
    pilot_resize(stand, 24, 80);
    for (int i = 0; i < 4; i++)
        pilot_keys(stand, "<Esc>");
    pilot_rest(stand);
    pilot_see(stand, "? help");
    pilot_screen_free(stand);
    unsetenv("VISUAL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_move_filter_and_set),
        cmocka_unit_test(commands_complete_and_remember),
        cmocka_unit_test(pages_open_scroll_and_close),
        cmocka_unit_test(the_command_line_opens_from_every_page),
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
        cmocka_unit_test(another_record_is_painted_at_once),
        cmocka_unit_test(any_keys_in_any_order_leave_it_whole),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
