/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/input.h"

#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "term/term.h"
#include "term/tty.h"

/* Events as text: "Up Ctrl-R <paste:a\nb> <wheel:-1>". */
static void note(void *ctx, const struct event *event)
{
    struct buf *out = ctx;
    char name[40];
    if (out->len)
        buf_add_byte(out, ' ');
    if (event->kind == EVENT_KEY) {
        key_format(event->key, name, sizeof name);
        buf_add_text(out, name);
    } else if (event->kind == EVENT_PASTE) {
        buf_add_text(out, event->is_cut ? "<cut:" : "<paste:");
        buf_add(out, event->text, event->len);
        buf_add_byte(out, '>');
    } else if (event->kind == EVENT_WHEEL) {
        buf_addf(out, "<wheel:%d>", event->delta);
    } else if (event->kind == EVENT_CLICK) {
        buf_addf(out, "<click:%d,%d>", event->rows, event->cols);
    } else if (event->kind == EVENT_DRAG) {
        buf_addf(out, event->delta ? "<let go:%d,%d>" : "<drag:%d,%d>", event->rows,
                 event->cols);
    } else if (event->kind == EVENT_POSITION) {
        buf_addf(out, "<at:%d,%d>", event->rows, event->cols);
    }
}

/* Feeds the bytes, in two pieces when cut is inside, and lets silence follow. */
static void assert_events(const char *bytes, size_t len, const char *events, size_t cut)
{
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    input_feed(input, bytes, cut);
    input_feed(input, bytes + cut, len - cut);
    while (input_wait_ms(input) >= 0)
        input_timeout(input);
    if (strcmp(buf_text(&out), events) != 0)
        fail_msg("%s (cut at %zu) gave \"%s\", not \"%s\"", bytes + (bytes[0] == 27), cut,
                 buf_text(&out), events);
    input_free(input);
    buf_clear(&out);
}

static void assert_read(const char *bytes, const char *events)
{
    size_t len = strlen(bytes);
    for (size_t cut = 0; cut <= len; cut++)
        assert_events(bytes, len, events, cut);
}

static void plain_keys_are_read(void **state)
{
    (void)state;
    assert_read("fF?", "f F ?");
    assert_read(" ", "Space");
    assert_read("\r", "Enter");
    assert_read("\n", "Ctrl-J");
    assert_read("\t", "Tab");
    assert_read("\b\x7f", "Backspace Backspace");
    assert_read("\x01\x1a\x12", "Ctrl-A Ctrl-Z Ctrl-R");
    assert_read("\x1c\x1d\x1f", "Ctrl-\\ Ctrl-] Ctrl-_");
    assert_events("\0", 1, "Ctrl-Space", 0);
}

static void utf8_is_put_together_from_pieces(void **state)
{
    (void)state;
    assert_read("é漢👍", "é 漢 👍");
    assert_read("\xff"
                "a\xc3"
                "b\x80"
                "c",
                "a b c");
    assert_read("\xed\xa0\x80x", "x"); /* a surrogate */
    assert_read("\xc2\x9b"
                "1x",
                "1 x"); /* C1 CSI is no key */
    assert_read("\xe6\xbc", "");
    assert_read("\xe6\x1b[A", "Up");
    /* an Alt ends with what it was for */
    assert_read("\033\xff"
                "a\033\xc2\x9b"
                "b\033\xe6"
                "c",
                "a b c");
}

static void escape_alone_and_with_a_key(void **state)
{
    (void)state;
    assert_read("\033", "Esc");
    assert_read("\033x", "Alt-x");
    assert_read("\033X", "Alt-X");
    assert_read("\033é", "Alt-é");
    assert_read("\033\r", "Alt-Enter");
    assert_read("\033\x7f", "Alt-Backspace");
    assert_read("\033\x06", "Ctrl-Alt-F");
    assert_read("\033\033", "Esc Esc");
    assert_read("\033\033x", "Esc Alt-x");
    assert_read("\033\033\033", "Esc Esc Esc");
    assert_read("\033\033[A", "Alt-Up");
    assert_read("\033[", "Alt-[");
    assert_read("\033O", "Alt-O");
    assert_read("\033]", "Alt-]");
}

static void xterm_sequences_are_read(void **state)
{
    (void)state;
    assert_read("\033[A\033[B\033[C\033[D", "Up Down Right Left");
    assert_read("\033OA\033OB\033OC\033OD", "Up Down Right Left");
    assert_read("\033[H\033[F\033OH\033OF", "Home End Home End");
    assert_read("\033[1~\033[4~\033[7~\033[8~", "Home End Home End");
    assert_read("\033[2~\033[3~\033[5~\033[6~", "Insert Delete PageUp PageDown");
    assert_read("\033[Z", "Shift-Tab");
    assert_read("\033[1;5C\033[1;3D\033[1;2A", "Ctrl-Right Alt-Left Shift-Up");
    assert_read("\033[1;6H\033[1;7F", "Ctrl-Shift-Home Ctrl-Alt-End");
    assert_read("\033[3;5~\033[3;2~\033[3;3~", "Ctrl-Delete Shift-Delete Alt-Delete");
    assert_read("\033OP\033OQ\033OR\033OS", "F1 F2 F3 F4");
    assert_read("\033[15~\033[17~\033[21~\033[23~\033[24~", "F5 F6 F10 F11 F12");
    assert_read("\033[1;5P\033[24;2~", "Ctrl-F1 Shift-F12");
    assert_read("\033OM\033Oj\033Oy", "Enter * 9");
}

static void other_terminals_sequences_are_read(void **state)
{
    (void)state;
    assert_read("\033[[A\033[[E", "F1 F5"); /* Linux console */
    assert_read("\033[a\033[d\033Oc\033Od", "Shift-Up Shift-Left Ctrl-Right Ctrl-Left");
    assert_read("\033[3^\033[3@", "Ctrl-Delete Ctrl-Shift-Delete"); /* rxvt */
    assert_read("\033O5A", "Ctrl-Up");
}

static void both_ways_to_report_any_key_are_read(void **state)
{
    (void)state;
    assert_read("\033[13;5u", "Ctrl-Enter");
    assert_read("\033[27;5;13~", "Ctrl-Enter");
    assert_read("\033[27;3;13~", "Alt-Enter");
    assert_read("\033[27u\033[27;1u", "Esc Esc");
    assert_read("\033[9;2u\033[9;5u", "Shift-Tab Ctrl-Tab");
    assert_read("\033[127;5u", "Ctrl-Backspace");
    assert_read("\033[114;5u", "Ctrl-R");
    assert_read("\033[114;69u", "Ctrl-R"); /* with Caps Lock */
    assert_read("\033[120;3u", "Alt-x");
    assert_read("\033[120;4u", "Alt-X");
    assert_read("\033[97:65;6u", "Ctrl-A");
    assert_read("\033[97;5:1u\033[97;5:3u", "Ctrl-A"); /* press and release */
    assert_read("\033[32;5u", "Ctrl-Space");
    assert_read("\033[57414;5u\033[57400u", "Ctrl-Enter 1");
    assert_read("\033[57441u", ""); /* a modifier alone */
}

static void unknown_sequences_never_act_as_keys(void **state)
{
    (void)state;
    static const char *const sequences[] = {
        "\033[99z",  "\033[?62;1;4c", "\033[I",       "\033[O",        "\033[1;2;3;4;5x",
        "\033[ q",   "\033[>1u",      "\033[0n",      "\033Oz",        "\033[E",
        "\033[999~", "\033[M !!",     "\033[<1;3;4M", "\033[55555;5u", "\033[12",
        "\033[1;",   "\033O5"};
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
        assert_read(sequences[i], "");
    assert_read("\033[99zq", "q");
    assert_read("\033]11;rgb:0000/0000/0000\033\\q", "q");
    assert_read("\033]11;rgb:0/0/0\aq", "q");
    assert_read("\033P>|xterm(370)\033\\q", "q");
    assert_read("\033_Gi=1;OK\033\\q", "q");
}

static void a_sequence_that_breaks_off_lets_the_next_key_through(void **state)
{
    (void)state;
    assert_read("\033[1;\033[A", "Up");
    assert_read("\033[1;\x01", "Ctrl-A");
    assert_read("\033[1;é", "é");
    struct buf bytes = {0};
    buf_add_text(&bytes, "\033[");
    for (int i = 0; i < 5000; i++)
        buf_add_text(&bytes, "1;");
    buf_add_text(&bytes, "Aq");
    assert_events(bytes.data, bytes.len, "q", 100);
    buf_clear(&bytes);
}

static void a_lone_escape_waits_shortly_a_cut_sequence_longer(void **state)
{
    (void)state;
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    assert_int_equal(input_wait_ms(input), -1);
    input_feed(input, "\033", 1);
    assert_int_equal(input_wait_ms(input), 25);
    input_feed(input, "[", 1);
    assert_true(input_wait_ms(input) > 25);
    input_feed(input, "1", 1);
    assert_true(input_wait_ms(input) >= 500);
    input_feed(input, ";5C", 3);
    assert_int_equal(input_wait_ms(input), -1);
    assert_string_equal(buf_text(&out), "Ctrl-Right");
    static const struct {
        const char *bytes, *events; /* what silence makes of them, and a C behind it */
    } cut[] = {
        {"\033[1;5", "C"},         {"\033[", "Alt-[ C"}, {"\033O", "Alt-O C"},
        {"\033\033", "Esc Esc C"}, {"\033", "Esc C"},    {"\033[M  ", "C"},
    };
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        buf_reset(&out);
        input_feed(input, cut[i].bytes, strlen(cut[i].bytes));
        assert_true(input_wait_ms(input) > 0);
        input_timeout(input);
        assert_int_equal(input_wait_ms(input), -1);
        input_feed(input, "C", 1);
        assert_string_equal(buf_text(&out), cut[i].events);
    }
    input_feed(input, "\033[200~x", 7);
    assert_int_equal(input_wait_ms(input), 500);
    input_free(input);
    buf_clear(&out);
}

static void a_paste_comes_as_one_event_without_controls(void **state)
{
    (void)state;
    assert_read("\033[200~one\rtwo\r\nthree\nfour\033[201~x",
                "<paste:one\ntwo\nthree\nfour> x");
    assert_read("\033[200~a\tb\x01\x7f\033[31mc\033[20\033[201~", "<paste:a\tb[31mc[20>");
    assert_read("\033[200~q\033q\033\033[201~", "<paste:qq>");
    assert_read("\033[200~漢\033[201~", "<paste:漢>");
    assert_read("\033[200~\033[201~", "<paste:>");
    assert_read("\033[200~lost end", "<paste:lost end>");
    assert_read("\033[201~x", "x");
    assert_read("\033[200~a\033[201~\033[200~b\033[201~", "<paste:a> <paste:b>");
}

static void a_paste_over_the_cap_is_refused_whole(void **state)
{
    (void)state;
    size_t size = INPUT_PASTE_MAX + 1;
    char *text = xmalloc(size);
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    memset(text, 'y', size);
    input_feed(input, "\033[200~", 6);
    input_feed(input, text, size);
    input_feed(input, "\033[201~k", 7);
    assert_string_equal(buf_text(&out), "<cut:> k");
    buf_reset(&out);
    input_feed(input, "\033[200~", 6);
    input_feed(input, text, size - 1);
    input_feed(input, "\033[201~", 6);
    assert_int_equal(out.len, strlen("<paste:>") + size - 1);
    input_free(input);
    buf_clear(&out);
    free(text);
}

/* What came in reads of the given size at most, without a pause; owned. */
static char *events_of(const char *bytes, size_t len, size_t first, size_t step)
{
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    for (size_t at = 0; at < len;) {
        size_t piece = at == 0 ? first : step;
        piece = piece < len - at ? piece : len - at;
        input_feed(input, bytes + at, piece);
        at += piece;
    }
    while (input_wait_ms(input) >= 0)
        input_timeout(input);
    input_free(input);
    return buf_take(&out);
}

/* However reads cut it, its first letters at most act as keys. */
static void a_paste_without_marks_is_no_command(void **state)
{
    static const char *const pastes[] = {
        "Which of these is best?\r1. red\r4. blue\r",
        "Which of these is best?\n1. red\n4. blue\n",
        "Which of these is best?\r\n\r\n1. red\r\n4. blue",
        "red\rgreen\rblue",
        "Rate this answer:\r5\r4\r",
        "5\r4\rthe last one\rand more\r",
        "dear all,\r\r\rquit now\r",
        "SELECT *\r  FROM records\r WHERE id = 4;\r",
        "\tif (value)\r\t\treturn 1;\r",
        "name,age\rBob,31\rEve,29\r",
        "10.5;20.25\r30.5;40.75\r",
        "\xe4\xbd\xa0\xe5\xa5\xbd\r\xe5\x86\x8d\xe8\xa7\x81\r",
        "- one\r- two\r- three\r",
        "{\r  \"prompt\": \"hi\",\r  \"rating\": 4\r}\r",
        "https://example.org/a\rhttps://example.org/b\r",
    };
    (void)state;
    for (size_t i = 0; i < sizeof pastes / sizeof pastes[0]; i++) {
        size_t len = strlen(pastes[i]);
        for (size_t cut = 1; cut <= len; cut++) {
            for (size_t step = 16; step <= len; step++) {
                char *events = events_of(pastes[i], len, cut, step);
                const char *paste = strstr(events, "<paste:");
                /* the first read's letters at most; CRLF is one */
                if (!paste || strlen(paste) + cut < strlen("<paste:>") + len - 4)
                    fail_msg("\"%s\" cut at %zu, then %zu: %s", pastes[i], cut, step,
                             events);
                free(events);
            }
        }
        char *events = events_of(pastes[i], len, len, len);
        assert_memory_equal(events, "<paste:", 7);
        free(events);
    }
    char *events = events_of(pastes[0], strlen(pastes[0]), 16, 16);
    assert_string_equal(events, "<paste:Which of these is best?\n1. red\n4. blue\n>");
    free(events);
}

static void keys_that_come_at_once_are_keys(void **state)
{
    (void)state;
    assert_read("4\r4\r4\r", "4 Enter 4 Enter 4 Enter");
    assert_read("1\r2\r3\r4\r5\r", "1 Enter 2 Enter 3 Enter 4 Enter 5 Enter");
    assert_read("4\t2\r5\t1\r", "4 Tab 2 Enter 5 Tab 1 Enter");
    assert_read("jjjjjjjj\rkkd\r", "j j j j j j j j Enter k k d Enter");
    assert_read("44dd\r4d4d\r", "4 4 d d Enter 4 d 4 d Enter");
    assert_read("d\rd3\ru\r", "d Enter d 3 Enter u Enter");
    assert_read("4\n4\n", "4 Ctrl-J 4 Ctrl-J");
    assert_read("\r\r\r\r", "Enter Enter Enter Enter");
    assert_read("5 5\r", "5 Space 5 Enter");
    assert_read("ihi there\r", "i h i Space t h e r e Enter");
    assert_read("ihi there\r4\r", "i h i Space t h e r e Enter 4 Enter");
    assert_read("/lamp\rn", "/ l a m p Enter n");
    assert_read(":rate 4\r", ": r a t e Space 4 Enter");
    assert_read("fgood\r\r\r5", "f g o o d Enter Enter Enter 5");
    assert_read("iold\x15new\x18\r", "i o l d Ctrl-U n e w Ctrl-X Enter");
    assert_read("ione\r\033[Atwo\r", "i o n e Enter Up t w o Enter");
    assert_read("what\r\033[200~is\rit\033[201~", "w h a t Enter <paste:is\nit>");
}

static void text_waits_shortly_for_its_next_line(void **state)
{
    (void)state;
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    input_feed(input, "4\r4\r", 4); /* cannot become text: at once */
    assert_string_equal(buf_text(&out), "4 Enter 4 Enter");
    assert_int_equal(input_wait_ms(input), -1);
    buf_reset(&out);
    input_feed(input, "red\r", 4);
    assert_string_equal(buf_text(&out), "");
    assert_int_equal(input_wait_ms(input), 50);
    input_feed(input, "blu", 3);
    assert_int_equal(input_wait_ms(input), 150); /* a paste for sure */
    input_feed(input, "e", 1);
    input_feed(input, "\033[A", 3); /* no more of it */
    assert_string_equal(buf_text(&out), "<paste:red\nblue> Up");
    buf_reset(&out);
    input_feed(input, "yes", 3); /* typed over a slow link */
    input_feed(input, "t", 1);
    assert_int_equal(input_wait_ms(input), 50);
    input_timeout(input);
    assert_string_equal(buf_text(&out), "y e s t");
    assert_int_equal(input_wait_ms(input), -1);
    input_free(input);
    buf_clear(&out);
}

static void a_paste_without_marks_has_the_same_cap(void **state)
{
    (void)state;
    size_t size = INPUT_PASTE_MAX + 2;
    char *text = xmalloc(size);
    memset(text, 'y', size);
    memcpy(text, "one\rtwo\r", 8);
    char *events = events_of(text, size - 2, 4096, 4096);
    assert_int_equal(strlen(events), strlen("<paste:>") + size - 2);
    free(events);
    events = events_of(text, size, 4096, 4096);
    assert_string_equal(events, "<cut:>");
    free(events);
    free(text);
}

/* The screen is left in the middle of a read: what came behind waits, or is forgotten. */
static void pause(void *ctx, const struct event *event)
{
    struct input **input = ctx;
    if (event->key.code == 'e')
        input_pause(*input);
}

struct leaver {
    struct buf out;
    struct input *input;
};

static void note_and_leave(void *ctx, const struct event *event)
{
    struct leaver *leaver = ctx;
    note(&leaver->out, event);
    pause(&leaver->input, event);
}

static void what_came_behind_a_pause_waits_or_is_forgotten(void **state)
{
    (void)state;
    struct leaver leaver = {0};
    leaver.input = input_new(note_and_leave, &leaver);
    input_feed(leaver.input, "je\rk", 4);
    input_feed(leaver.input, "\033[A", 3);
    assert_string_equal(buf_text(&leaver.out), "j e");
    input_resume(leaver.input);
    assert_string_equal(buf_text(&leaver.out), "j e Enter k Up");
    buf_reset(&leaver.out);
    input_feed(leaver.input, "e\rab", 4);
    assert_true(input_drop(leaver.input));
    assert_false(input_drop(leaver.input));
    input_resume(leaver.input);
    input_feed(leaver.input, "q", 1);
    assert_string_equal(buf_text(&leaver.out), "e q");
    buf_reset(&leaver.out);
    input_feed(leaver.input, "\033[200~half", 10); /* its rest is no command */
    input_pause(leaver.input);
    input_resume(leaver.input);
    input_feed(leaver.input, "qd\033[201~", 8);
    assert_string_equal(buf_text(&leaver.out), "<paste:halfqd>");
    buf_reset(&leaver.out);
    input_feed(leaver.input, "\033[", 2); /* a half read key is forgotten */
    input_pause(leaver.input);
    input_resume(leaver.input);
    input_feed(leaver.input, "A", 1);
    assert_string_equal(buf_text(&leaver.out), "A");
    input_free(leaver.input);
    buf_clear(&leaver.out);
}

static void the_wheel_is_read_and_other_buttons_are_not(void **state)
{
    (void)state;
    assert_read("\033[<64;10;5M\033[<65;10;5M", "<wheel:-1> <wheel:1>");
    assert_read("\033[<80;10;5M", "<wheel:-1>"); /* with Ctrl */
    assert_read("\033[<0;10;5M\033[<32;12;6M\033[<0;12;6m",
                "<click:5,10> <drag:6,12> <let go:6,12>");
    assert_read("\033[<4;10;5M\033[<1;9;9M\033[<2;9;9M\033[<33;9;9M\033[<35;9;9M", "");
    assert_read("\033[<64;1;1m\033[<66;1;1M\033[<3;1;1m\033[<36;1;1M", "");
}

static void a_cursor_position_is_no_key(void **state)
{
    (void)state;
    assert_read("\033[2;3R\033[24;80Rk", "<at:2,3> <at:24,80> k");
    assert_read("\033[1;3R\033[R", "Alt-F3 F3");
    assert_read("\033[?2;3R", "");
}

static const char *fake_capability(const char *name)
{
    static const char *const fake[][2] = {
        {"kcuu1", "\033A"}, {"kf1", "\033[[A"}, {"kf12", "\033Ozz"}, {"kRIT5", "\033[o"},
        {"kbs", "\b"},      {"kdch1", "\x7f"},  {"kLFT", "\033[3$"}, {"kend", "\033["},
    };
    for (size_t i = 0; i < sizeof fake / sizeof fake[0]; i++)
        if (strcmp(fake[i][0], name) == 0)
            return fake[i][1];
    return NULL;
}

static void what_terminfo_says_goes_first(void **state)
{
    (void)state;
    static const char bytes[] = "\033A\033[o\033[[A\033[3$\033\033[o\x7f\033[A\033[H";
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    input_learn(input, fake_capability);
    input_feed(input, bytes, sizeof bytes - 1);
    assert_string_equal(buf_text(&out), "Up Ctrl-Right F1 Shift-Left Ctrl-Alt-Right "
                                        "Backspace Up Home");
    input_free(input);
    buf_clear(&out);
}

static void any_bytes_are_survived(void **state)
{
    (void)state;
    uint64_t random = 99;
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    input_learn(input, fake_capability);
    for (int i = 0; i < 300000; i++) {
        static const char often[] = "\033[]O;:<012345679~uMPARz\\$\a\r\n";
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned pick = (unsigned)(random >> 40);
        char byte =
            pick & 1 ? often[(pick >> 1) % (sizeof often - 1)] : (char)(pick >> 9);
        input_feed(input, &byte, 1);
        if (pick % 37 == 0)
            input_timeout(input);
        buf_reset(&out);
    }
    input_pause(input);
    input_drop(input);
    input_resume(input);
    input_feed(input, "\033[201~\a", 7); /* the end of a paste, of a string */
    while (input_wait_ms(input) >= 0)
        input_timeout(input);
    buf_reset(&out);
    input_feed(input, "q", 1);
    assert_string_equal(buf_text(&out), "q");
    input_free(input);
    buf_clear(&out);
}

static void every_role_shows_without_colour(void **state)
{
    (void)state;
    struct look looks[STYLE_COUNT];
    static const struct palette_options mono = {.has_italic = false};
    palette_fill(looks, &mono);
    for (int style = 0; style < STYLE_COUNT; style++) {
        assert_int_equal(looks[style].foreground, LOOK_DEFAULT);
        assert_int_equal(looks[style].attributes & LOOK_ITALIC, 0);
        if (style != STYLE_TEXT)
            assert_int_not_equal(looks[style].attributes, 0);
    }
    static const enum style apart[] = {STYLE_TEXT,  STYLE_DIM,      STYLE_TITLE,
                                       STYLE_MATCH, STYLE_SELECTED, STYLE_ACCENT,
                                       STYLE_ERROR, STYLE_LINK,     STYLE_MARK};
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++)
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(looks[apart[i]].attributes, looks[apart[j]].attributes);
}

static void every_depth_of_colour_has_accent_and_warning(void **state)
{
    (void)state;
    static const int depths[] = {8, 16, 88, 256, 1 << 24};
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        for (int light = 0; light < 2; light++) {
            struct look looks[STYLE_COUNT];
            struct palette_options options = {depths[i], light, true};
            palette_fill(looks, &options);
            int32_t accent = looks[STYLE_ACCENT].foreground;
            int32_t warning = looks[STYLE_WARNING].foreground;
            assert_true(accent >= 0 && accent < depths[i]);
            assert_true(warning >= 0 && warning < depths[i]);
            assert_int_not_equal(accent, warning);
            assert_int_equal(looks[STYLE_ERROR].foreground, warning);
            assert_int_equal(looks[STYLE_TEXT].foreground, LOOK_DEFAULT);
        }
    }
}

static void the_ground_is_read_from_colorfgbg(void **state)
{
    (void)state;
    assert_false(palette_is_light(NULL));
    assert_false(palette_is_light(""));
    assert_false(palette_is_light("15;0"));
    assert_false(palette_is_light("7;8"));
    assert_true(palette_is_light("0;15"));
    assert_true(palette_is_light("0;default;15"));
    assert_true(palette_is_light("0;7"));
    assert_false(palette_is_light("0;"));
    assert_false(palette_is_light("0;default"));
}

static void ascii_stands_in_for_what_screens_draw(void **state)
{
    (void)state;
    static const struct {
        uint32_t cp, ascii;
    } pairs[] = {{0x2500, '-'}, {0x2502, '|'},   {0x253c, '+'}, {0x2593, '#'},
                 {0x2591, '.'}, {0x2026, '.'},   {0x25b6, '>'}, {'a', 'a'},
                 {0xe9, 0xe9},  {0x6f22, 0x6f22}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(palette_ascii(pairs[i].cp), pairs[i].ascii);
    for (uint32_t cp = 0x2500; cp < 0x25a0; cp++)
        assert_true(palette_ascii(cp) < 0x80);
}

static void text_goes_to_the_clipboard_as_base64(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"é", "w6k="},
                                           {"\xff\xfe\xfb", "//77"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct buf out = {0};
        char *expected = xasprintf("\033]52;c;%s\a", pairs[i][1]);
        assert_true(tty_copy_sequence(&out, pairs[i][0], strlen(pairs[i][0])));
        assert_string_equal(buf_text(&out), expected);
        free(expected);
        buf_clear(&out);
    }
}

static void too_long_a_text_is_not_sent_to_the_clipboard(void **state)
{
    (void)state;
    char *text = xcalloc(1, 60000);
    struct buf out = {0};
    assert_true(tty_copy_sequence(&out, text, 56244));
    assert_true(out.len - strlen("\033]52;c;\a") <= TTY_COPY_MAX);
    buf_reset(&out);
    assert_false(tty_copy_sequence(&out, text, 56245));
    assert_int_equal(out.len, 0);
    buf_clear(&out);
    free(text);
}

static void the_copy_of_stderr_is_given_back(void **state)
{
    (void)state;
    int copy = fcntl(fileno(stderr), F_DUPFD_CLOEXEC, 3), was = copy;
    tty_show_stderr(&copy);
    assert_int_equal(copy, -1);
    assert_int_equal(fcntl(was, F_GETFD), -1); /* closed */
    tty_show_stderr(&copy);                    /* none: nothing to do */
    assert_int_equal(copy, -1);
}

static void half_a_character_is_forgotten_in_silence_and_in_a_pause(void **state)
{
    (void)state;
    struct buf out = {0};
    struct input *input = input_new(note, &out);
    input_feed(input, "\xc3", 1);
    assert_int_equal(input_wait_ms(input), 500);
    input_timeout(input);
    assert_int_equal(input_wait_ms(input), -1);
    input_feed(input, "\xa9x", 2);
    input_feed(input, "\xc3", 1);
    input_pause(input);
    input_resume(input);
    input_feed(input, "\xa9y", 2);
    assert_string_equal(buf_text(&out), "x y");
    input_free(input);
    buf_clear(&out);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_keys_are_read),
        cmocka_unit_test(the_copy_of_stderr_is_given_back),
        cmocka_unit_test(half_a_character_is_forgotten_in_silence_and_in_a_pause),
        cmocka_unit_test(utf8_is_put_together_from_pieces),
        cmocka_unit_test(escape_alone_and_with_a_key),
        cmocka_unit_test(xterm_sequences_are_read),
        cmocka_unit_test(other_terminals_sequences_are_read),
        cmocka_unit_test(both_ways_to_report_any_key_are_read),
        cmocka_unit_test(unknown_sequences_never_act_as_keys),
        cmocka_unit_test(a_sequence_that_breaks_off_lets_the_next_key_through),
        cmocka_unit_test(a_lone_escape_waits_shortly_a_cut_sequence_longer),
        cmocka_unit_test(a_paste_comes_as_one_event_without_controls),
        cmocka_unit_test(a_paste_over_the_cap_is_refused_whole),
        cmocka_unit_test(a_paste_without_marks_is_no_command),
        cmocka_unit_test(keys_that_come_at_once_are_keys),
        cmocka_unit_test(text_waits_shortly_for_its_next_line),
        cmocka_unit_test(a_paste_without_marks_has_the_same_cap),
        cmocka_unit_test(what_came_behind_a_pause_waits_or_is_forgotten),
        cmocka_unit_test(the_wheel_is_read_and_other_buttons_are_not),
        cmocka_unit_test(a_cursor_position_is_no_key),
        cmocka_unit_test(what_terminfo_says_goes_first),
        cmocka_unit_test(any_bytes_are_survived),
        cmocka_unit_test(every_role_shows_without_colour),
        cmocka_unit_test(every_depth_of_colour_has_accent_and_warning),
        cmocka_unit_test(the_ground_is_read_from_colorfgbg),
        cmocka_unit_test(ascii_stands_in_for_what_screens_draw),
        cmocka_unit_test(text_goes_to_the_clipboard_as_base64),
        cmocka_unit_test(too_long_a_text_is_not_sent_to_the_clipboard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
