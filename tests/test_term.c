/* SPDX-License-Identifier: MIT
 *
 * The terminal on a pty in this process, its bytes fed into libvterm.
 */
#include "config.h"

#include "term/term.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <unistr.h>
#include <vterm.h>

#include "base/buf.h"
#include "tests/support/pty.h"

struct rig {
    int master, slave;
    int saved_in, saved_out, saved_err; /* the test program's own; err -1 = kept */
    struct termios modes;
    VTerm *vterm;
    VTermScreen *screen;
    bool is_alternate, has_cursor;
    struct buf bytes; /* all that came from the terminal's user since the last look */
    unsigned marks;
    struct loop *loop;
    struct loop_timer *guard;
    struct term *term;
    struct cells cells;
    struct buf events;
    size_t event_count;
    bool leaves_on_e;
    int rows, cols; /* of the last EVENT_RESIZE */
};

static void on_event(void *ctx, const struct event *event)
{
    static const char *const names[] = {[EVENT_RESIZE] = "<resize>",
                                        [EVENT_HANGUP] = "<hangup>",
                                        [EVENT_RESUMED] = "<resumed>"};
    struct rig *rig = ctx;
    char name[40];
    rig->event_count++;
    if (rig->events.len)
        buf_add_byte(&rig->events, ' ');
    if (event->kind == EVENT_KEY) {
        key_format(event->key, name, sizeof name);
        buf_add_text(&rig->events, name);
        if (rig->leaves_on_e && event->key.code == 'e')
            term_leave(rig->term);
    } else if (event->kind == EVENT_PASTE) {
        buf_addf(&rig->events, "<paste:%s>", event->text);
    } else if (event->kind == EVENT_WHEEL) {
        buf_addf(&rig->events, "<wheel:%d>", event->delta);
    } else {
        buf_add_text(&rig->events, names[event->kind]);
    }
    if (event->kind == EVENT_RESIZE) {
        rig->rows = event->rows;
        rig->cols = event->cols;
    }
}

static int on_property(VTermProp property, VTermValue *value, void *ctx)
{
    struct rig *rig = ctx;
    if (property == VTERM_PROP_ALTSCREEN)
        rig->is_alternate = value->boolean;
    if (property == VTERM_PROP_CURSORVISIBLE)
        rig->has_cursor = value->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

static void set_size(struct rig *rig, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};
    ioctl(rig->master, TIOCSWINSZ, &size);
    if (rig->vterm && rows > 0 && cols > 0)
        vterm_set_size(rig->vterm, rows, cols);
}

static void on_guard(void *ctx)
{
    (void)ctx;
    fail_msg("the terminal did not answer in time");
}

static void take_stdio(struct rig *rig)
{
    rig->saved_in = dup(STDIN_FILENO);
    rig->saved_out = dup(STDOUT_FILENO);
    rig->saved_err = -1;
    fflush(stdout);
    dup2(rig->slave, STDIN_FILENO);
    dup2(rig->slave, STDOUT_FILENO);
}

static void give_stdio_back(struct rig *rig)
{
    dup2(rig->saved_in, STDIN_FILENO);
    dup2(rig->saved_out, STDOUT_FILENO);
    close(rig->saved_in);
    close(rig->saved_out);
}

static struct rig *rig_new(int rows, int cols)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_int_equal(openpty(&rig->master, &rig->slave, NULL, NULL, NULL), 0);
    fcntl(rig->master, F_SETFL, O_NONBLOCK);
    tcgetattr(rig->slave, &rig->modes);
    rig->vterm = vterm_new(rows, cols);
    vterm_set_utf8(rig->vterm, 1);
    rig->screen = vterm_obtain_screen(rig->vterm);
    vterm_screen_set_callbacks(rig->screen, &callbacks, rig);
    vterm_screen_enable_altscreen(rig->screen, 1);
    vterm_screen_reset(rig->screen, 1);
    set_size(rig, rows, cols);
    rig->loop = loop_new();
    rig->guard = loop_timer_new(rig->loop, on_guard, NULL);
    return rig;
}

static void open_with(struct rig *rig, struct term_options options)
{
    struct err err = {0};
    take_stdio(rig);
    enum status status = term_open(&rig->term, rig->loop, &options, on_event, rig, &err);
    if (status) {
        give_stdio_back(rig);
        fail_msg("%s", err.text);
    }
}

static void read_bytes(struct rig *rig)
{
    char bytes[4096];
    ssize_t count;
    while ((count = read(rig->master, bytes, sizeof bytes)) > 0) {
        buf_add(&rig->bytes, bytes, (size_t)count);
        vterm_input_write(rig->vterm, bytes, (size_t)count);
    }
}

/* A pty hands bytes on when it likes: a mark of our own says that all are here. */
static void settle(struct rig *rig)
{
    char mark[32];
    int len = snprintf(mark, sizeof mark, "\033]777;%u\a", ++rig->marks);
    assert_int_equal(write(rig->slave, mark, (size_t)len), len);
    struct pollfd ready = {.fd = rig->master, .events = POLLIN};
    while (!rig->bytes.data ||
           !memmem(rig->bytes.data, rig->bytes.len, mark, (size_t)len)) {
        assert_int_equal(poll(&ready, 1, 5000), 1);
        read_bytes(rig);
    }
    rig->bytes.len -= (size_t)len;
    rig->bytes.data[rig->bytes.len] = '\0';
}

static void assert_restored(struct rig *rig)
{
    struct termios modes;
    tcgetattr(rig->slave, &modes);
    assert_int_equal(modes.c_lflag, rig->modes.c_lflag);
    assert_int_equal(modes.c_iflag, rig->modes.c_iflag);
    assert_int_equal(modes.c_oflag, rig->modes.c_oflag);
    assert_false(rig->is_alternate);
    assert_true(rig->has_cursor);
}

static void close_term(struct rig *rig)
{
    term_close(rig->term);
    rig->term = NULL;
    settle(rig);
    give_stdio_back(rig);
}

static void rig_free(struct rig *rig)
{
    if (rig->term)
        close_term(rig);
    loop_timer_free(rig->guard);
    loop_free(rig->loop);
    vterm_free(rig->vterm);
    if (rig->master >= 0)
        close(rig->master);
    close(rig->slave);
    cells_clear(&rig->cells);
    buf_clear(&rig->bytes);
    buf_clear(&rig->events);
    free(rig);
}

static struct rig *rig_open(int rows, int cols)
{
    struct rig *rig = rig_new(rows, cols);
    open_with(rig, (struct term_options){0});
    cells_resize(&rig->cells, rows, cols);
    return rig;
}

static void show(struct rig *rig)
{
    buf_reset(&rig->bytes);
    term_flush(rig->term, &rig->cells);
    settle(rig);
}

static void put(struct rig *rig, int row, int col, const char *text, enum style style)
{
    cells_text(&rig->cells, row, col, rig->cells.cols - col, text, strlen(text), style);
}

static void assert_row(struct rig *rig, int row, const char *text)
{
    char found[1024] = "";
    int rows, cols;
    vterm_get_size(rig->vterm, &rows, &cols);
    VTermRect area = {row, row + 1, 0, cols};
    size_t len = vterm_screen_get_text(rig->screen, found, sizeof found - 1, area);
    while (len > 0 && found[len - 1] == ' ')
        len--;
    found[len] = '\0';
    assert_string_equal(found, text);
}

static VTermScreenCell cell_of(struct rig *rig, int row, int col)
{
    VTermScreenCell cell;
    vterm_screen_get_cell(rig->screen, (VTermPos){row, col}, &cell);
    return cell;
}

static void send_keys(struct rig *rig, const char *bytes, size_t len)
{
    assert_int_equal(write(rig->master, bytes, len), len);
}

/* Runs the loop until count events came in all. */
static void await_events(struct rig *rig, size_t count)
{
    loop_timer_start(rig->guard, 10000, 0);
    loop_poll(rig->loop); /* a turn with a timer that is due would wait after it */
    while (rig->event_count < count)
        loop_turn(rig->loop);
    loop_timer_stop(rig->guard);
}

static void assert_keys(struct rig *rig, const char *bytes, const char *events)
{
    size_t count = 1;
    for (const char *at = events; (at = strchr(at, ' ')); at++)
        count++;
    buf_reset(&rig->events);
    rig->event_count = 0;
    send_keys(rig, bytes, strlen(bytes));
    await_events(rig, count);
    assert_string_equal(buf_text(&rig->events), events);
}

static bool has_bytes(const struct rig *rig, const char *bytes)
{
    return rig->bytes.data && strstr(rig->bytes.data, bytes);
}

/* ncurses itself loses this when it refuses a TERM; the program ends then. */
/* NOLINTNEXTLINE(readability-identifier-naming) */
const char *__lsan_default_suppressions(void);
/* NOLINTNEXTLINE(readability-identifier-naming) */
const char *__lsan_default_suppressions(void)
{
    return "leak:new_prescr";
}

/* --- the cases --- */

static void cells_reach_the_terminal_and_everything_is_put_back(void **state)
{
    (void)state;
    struct rig *rig = rig_open(24, 80);
    put(rig, 0, 1, "langchain-dataset", STYLE_TITLE);
    put(rig, 23, 79, "x", STYLE_TEXT);
    cells_set_cursor(&rig->cells, 3, 7);
    show(rig);
    assert_true(rig->is_alternate);
    assert_true(rig->has_cursor);
    assert_row(rig, 0, " langchain-dataset");
    assert_true(cell_of(rig, 0, 1).attrs.bold);
    assert_int_equal(cell_of(rig, 23, 79).chars[0], 'x');
    VTermPos cursor;
    vterm_state_get_cursorpos(vterm_obtain_state(rig->vterm), &cursor);
    assert_int_equal(cursor.row, 3);
    assert_int_equal(cursor.col, 7);
    cells_set_cursor(&rig->cells, -1, 0);
    show(rig);
    assert_false(rig->has_cursor);
    buf_reset(&rig->bytes);
    close_term(rig);
    assert_restored(rig);
    assert_true(has_bytes(rig, "\033[?2004l"));
    rig_free(rig);
}

static void wide_and_combining_text_stands_where_its_cells_are(void **state)
{
    (void)state;
    struct rig *rig = rig_open(4, 20);
    put(rig, 0, 0, "漢字 e\u0301x 👍 한|", STYLE_TEXT);
    show(rig);
    assert_row(rig, 0, "漢字 e\u0301x 👍 한|");
    assert_int_equal(cell_of(rig, 0, 13).chars[0], '|');
    put(rig, 0, 1, "y", STYLE_TEXT); /* the right half of the first one */
    show(rig);
    assert_row(rig, 0, " y字 e\u0301x 👍 한|");
    put(rig, 1, 19, "漢", STYLE_TEXT);
    put(rig, 0, 0, "plain again, no wide", STYLE_TEXT);
    show(rig);
    assert_row(rig, 0, "plain again, no wide");
    assert_row(rig, 1, "");
    rig_free(rig);
}

#define FAMILY "\U0001F468\u200D\U0001F469\u200D\U0001F467"
#define TONED "\U0001F44D\U0001F3FD"
#define FLAG "\U0001F1EE\U0001F1F9"

static void emoji_sequences_are_whole_where_the_terminal_can(void **state)
{
    (void)state;
    struct rig *rig = rig_open(4, 20);
    settle(rig);
    assert_true(has_bytes(rig, "\033[2;1H" FAMILY "\033[6n\033[2;1H" TONED
                               "\033[6n\033[2;1H" FLAG "\033[6n"));
    put(rig, 0, 0, FAMILY TONED FLAG "|", STYLE_TEXT);
    put(rig, 3, 0, "plain", STYLE_TEXT);
    cells_set_cursor(&rig->cells, 3, 5);
    show(rig);
    assert_row(rig, 0, "\U0001F468\U0001F44DIT|"); /* nothing is known of it yet */
    assert_true(cell_of(rig, 0, 0).attrs.reverse && cell_of(rig, 0, 5).attrs.reverse);
    assert_false(cell_of(rig, 0, 6).attrs.reverse);
    /* joined ones and flags take two columns, tones four */
    send_keys(rig, "\033[2;3R\033[2;5R\033[2;3Rk", 19);
    await_events(rig, 2);
    assert_string_equal(buf_text(&rig->events), "<resize> k");
    show(rig);
    assert_true(has_bytes(rig, "\033[1;1H\033[0m" FAMILY));
    assert_true(has_bytes(rig, "\033[1;5H\033[0m" FLAG "\0338"));
    assert_false(has_bytes(rig, TONED));
    VTermPos cursor; /* the cursor is where it was */
    vterm_state_get_cursorpos(vterm_obtain_state(rig->vterm), &cursor);
    assert_int_equal(cursor.row, 3);
    assert_int_equal(cursor.col, 5);
    put(rig, 0, 5, "x", STYLE_TEXT); /* half a flag is none */
    show(rig);
    assert_false(has_bytes(rig, FLAG));
    put(rig, 3, 0, "other", STYLE_TEXT);
    show(rig);
    assert_false(has_bytes(rig, FAMILY));                         /* only with its row */
    put(rig, 0, 0, "\U0001F468\u200D\U0001F4BB", STYLE_SELECTED); /* same first part */
    show(rig);
    assert_true(has_bytes(rig, "\033[1;1H\033[0;7m\U0001F468\u200D\U0001F4BB"));
    put(rig, 0, 0, FAMILY, STYLE_SELECTED);
    show(rig);
    assert_true(has_bytes(rig, FAMILY));
    send_keys(rig, "\033[2;3R", 6); /* nobody asked */
    assert_keys(rig, "j", "j");
    rig_free(rig);
    setenv("TERM", "tmux-256color", 1); /* no XT in its terminfo: it is asked, too */
    rig = rig_open(4, 20);
    settle(rig);
    assert_true(has_bytes(rig, "\033[2;1H" FAMILY "\033[6n"));
    send_keys(rig, "\033[2;3R\033[2;5R\033[2;3R", 18);
    await_events(rig, 1);
    put(rig, 0, 0, "\U0001F469\u200D\U0001F680太郎", STYLE_TEXT);
    show(rig);
    assert_true(has_bytes(rig, "\U0001F469\u200D\U0001F680"));
    rig_free(rig);
    setenv("TERM", "xterm-256color", 1);
}

static void a_grid_of_another_size_is_cut_or_filled_up(void **state)
{
    (void)state;
    struct rig *rig = rig_open(4, 10);
    cells_resize(&rig->cells, 6, 30);
    put(rig, 0, 0, "012345678漢 and more", STYLE_TEXT);
    put(rig, 5, 0, "below", STYLE_TEXT);
    cells_set_cursor(&rig->cells, 5, 29);
    show(rig);
    assert_row(rig, 0, "012345678");
    assert_false(rig->has_cursor);
    cells_resize(&rig->cells, 1, 3);
    put(rig, 0, 0, "abc", STYLE_TEXT);
    show(rig);
    assert_row(rig, 0, "abc");
    assert_row(rig, 3, "");
    rig_free(rig);
}

static void a_typed_key_costs_few_bytes(void **state)
{
    (void)state;
    struct rig *rig = rig_open(24, 80);
    for (int row = 0; row < 24; row++)
        put(rig, row, 0,
            "The keeper lit the lamp, not for the ships, but for himself. "
            "Said nothing, twice",
            STYLE_TEXT);
    put(rig, 12, 0,
        "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
        STYLE_TEXT);
    cells_set_cursor(&rig->cells, 10, 40);
    show(rig);
    size_t whole = rig->bytes.len;
    put(rig, 10, 40, "x", STYLE_TEXT);
    cells_set_cursor(&rig->cells, 10, 41);
    show(rig);
    size_t one = rig->bytes.len;
    assert_true(one >= 1 && one <= 40);
    put(rig, 12, 76, "字", STYLE_TEXT);
    cells_set_cursor(&rig->cells, 12, 78);
    show(rig);
    size_t wide = rig->bytes.len;
    assert_true(wide >= 1 && wide <= 200);
    assert_true(
        has_bytes(rig, "漢字漢字漢字")); /* such a row is written from its start */
    show(rig);
    assert_int_equal(rig->bytes.len, 0);
    rig_free(rig); /* before anything is printed: stdout was the terminal */
    print_message("# bytes: frame %zu, key %zu, key in a row of wide text %zu\n", whole,
                  one, wide);
}

static void redraw_paints_over_what_disturbed_the_screen(void **state)
{
    (void)state;
    struct rig *rig = rig_open(3, 20);
    put(rig, 1, 0, "text", STYLE_TEXT);
    show(rig);
    assert_int_equal(write(rig->slave, "\033[1;1Hrubbish", 13), 13);
    settle(rig);
    assert_row(rig, 0, "rubbish");
    term_redraw(rig->term);
    show(rig);
    assert_row(rig, 0, "");
    assert_row(rig, 1, "text");
    rig_free(rig);
}

static void roles_have_colours_on_the_default_ground(void **state)
{
    (void)state;
    struct rig *rig = rig_open(2, 10);
    put(rig, 0, 0, "a", STYLE_ACCENT);
    put(rig, 0, 1, "w", STYLE_WARNING);
    put(rig, 0, 2, "t", STYLE_TEXT);
    show(rig);
    VTermScreenCell accent = cell_of(rig, 0, 0), warning = cell_of(rig, 0, 1);
    assert_true(VTERM_COLOR_IS_INDEXED(&accent.fg));
    assert_int_equal(accent.fg.indexed.idx, 73);
    assert_int_equal(warning.fg.indexed.idx, 215);
    assert_true(VTERM_COLOR_IS_DEFAULT_BG(&accent.bg));
    VTermScreenCell text = cell_of(rig, 0, 2);
    assert_true(VTERM_COLOR_IS_DEFAULT_FG(&text.fg));
    rig_free(rig);
}

static void light_and_colourless_terminals_get_their_own_look(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 10);
    cells_resize(&rig->cells, 2, 10);
    put(rig, 0, 0, "a", STYLE_ACCENT);
    setenv("COLORFGBG", "0;15", 1);
    open_with(rig, (struct term_options){0});
    show(rig);
    assert_int_equal(cell_of(rig, 0, 0).fg.indexed.idx, 30);
    close_term(rig);
    open_with(rig, (struct term_options){.look = {.dark = true}});
    show(rig);
    assert_int_equal(cell_of(rig, 0, 0).fg.indexed.idx, 73);
    close_term(rig);
    unsetenv("COLORFGBG");
    open_with(rig, (struct term_options){.look = {.no_color = true}});
    show(rig);
    VTermScreenCell cell = cell_of(rig, 0, 0);
    assert_true(VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
    assert_true(cell.attrs.bold && cell.attrs.underline);
    assert_false(has_bytes(rig, "[38;"));
    close_term(rig);
    setenv("TERM", "vt220", 1);
    open_with(rig, (struct term_options){0});
    show(rig);
    cell = cell_of(rig, 0, 0);
    assert_true(VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
    close_term(rig);
    open_with(rig, (struct term_options){.look = {.color = true}});
    show(rig);
    cell = cell_of(rig, 0, 0);
    assert_int_equal(cell.fg.indexed.idx, 6);
    assert_true(VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
    setenv("TERM", "xterm-256color", 1);
    rig_free(rig);
}

static void ascii_has_no_box_characters(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 10);
    cells_resize(&rig->cells, 2, 10);
    put(rig, 0, 0, "─│▓░▶…é", STYLE_RULE);
    open_with(rig, (struct term_options){.look = {.ascii = true}});
    show(rig);
    assert_row(rig, 0, "-|#.>.é");
    rig_free(rig);
}

static void keys_come_through_the_loop(void **state)
{
    (void)state;
    struct rig *rig = rig_open(24, 80);
    assert_keys(rig, "4f\r\n\t", "4 f Enter Ctrl-J Tab");
    assert_keys(rig, "\x03\x1a\x13\x11", "Ctrl-C Ctrl-Z Ctrl-S Ctrl-Q");
    assert_keys(rig, "\033OA\033[1;5C\033[13;5u", "Up Ctrl-Right Ctrl-Enter");
    assert_keys(rig, "\033", "Esc");
    assert_keys(rig, "\033x漢", "Alt-x 漢");
    assert_keys(rig, "\033[99;99zk", "k");
    assert_keys(rig, "\033[200~a\rb\033[201~", "<paste:a\nb>");
    assert_keys(rig, "\033[200~lost", "<paste:lost>"); /* half a second of silence */
    assert_keys(rig, "j", "j");
    rig_free(rig);
}

static void the_wheel_is_only_taken_when_asked_for(void **state)
{
    (void)state;
    struct rig *rig = rig_new(4, 20);
    open_with(rig, (struct term_options){.mouse = true});
    settle(rig);
    assert_true(has_bytes(rig, "\033[?1006h"));
    assert_true(has_bytes(rig, "\033[?1002h"));
    assert_keys(rig, "\033[<65;1;1M", "<wheel:1>");
    close_term(rig);
    assert_true(has_bytes(rig, "\033[?1002l\033[?1000l"));
    buf_reset(&rig->bytes);
    open_with(rig, (struct term_options){0});
    settle(rig);
    assert_false(has_bytes(rig, "\033[?1002h") || has_bytes(rig, "\033[?1006h"));
    rig_free(rig);
}

static void a_new_size_is_told_and_painted(void **state)
{
    (void)state;
    struct rig *rig = rig_open(24, 80);
    static const int sizes[][2] = {{30, 100}, {5, 12},  {1, 1},
                                   {2, 300},  {300, 2}, {24, 80}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int rows, cols;
        rig->event_count = 0;
        set_size(rig, sizes[i][0], sizes[i][1]);
        raise(SIGWINCH); /* this pty is not our controlling terminal */
        await_events(rig, 1);
        assert_int_equal(rig->rows, sizes[i][0]);
        assert_int_equal(rig->cols, sizes[i][1]);
        term_size(rig->term, &rows, &cols);
        assert_int_equal(rows, sizes[i][0]);
        assert_int_equal(cols, sizes[i][1]);
        cells_resize(&rig->cells, rows, cols);
        put(rig, rows - 1, 0, "漢last", STYLE_ACCENT);
        cells_set_cursor(&rig->cells, rows - 1, cols - 1);
        show(rig);
    }
    assert_row(rig, 23, "漢last");
    rig_free(rig);
}

static void no_size_and_a_mad_size_are_survived(void **state)
{
    (void)state;
    struct rig *rig = rig_new(24, 80);
    int rows, cols;
    set_size(rig, 0, 0);
    open_with(rig, (struct term_options){0});
    term_size(rig->term, &rows, &cols);
    assert_int_equal(rows, 24);
    assert_int_equal(cols, 80);
    close_term(rig);
    static const struct {
        const char *lines, *columns;
        int rows, cols;
    } environments[] = {{"30", "100", 30, 100},
                        {"30", NULL, 30, 80},
                        {"x", "-4", 24, 80},
                        {"0", "99999999999", 24, 1000}};
    for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++) {
        setenv("LINES", environments[i].lines, 1);
        if (environments[i].columns)
            setenv("COLUMNS", environments[i].columns, 1);
        open_with(rig, (struct term_options){0});
        term_size(rig->term, &rows, &cols);
        close_term(rig);
        unsetenv("LINES");
        unsetenv("COLUMNS");
        assert_int_equal(rows, environments[i].rows);
        assert_int_equal(cols, environments[i].cols);
    }
    setenv("LINES", "7", 1); /* of another terminal: this one's own size is told */
    set_size(rig, 10, 20);
    open_with(rig, (struct term_options){0});
    term_size(rig->term, &rows, &cols);
    unsetenv("LINES");
    assert_int_equal(rows, 10);
    struct winsize mad = {.ws_row = 65535, .ws_col = 65535};
    ioctl(rig->master, TIOCSWINSZ, &mad);
    raise(SIGWINCH);
    await_events(rig, 1);
    assert_int_equal(rig->rows, 1000);
    assert_int_equal(rig->cols, 1000);
    rig_free(rig);
}

static void leaving_gives_the_terminal_back_and_returning_repaints(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    put(rig, 2, 3, "here", STYLE_TEXT);
    show(rig);
    buf_reset(&rig->bytes);
    term_leave(rig->term);
    settle(rig);
    assert_restored(rig);
    assert_true(has_bytes(rig, "\033[?2004l"));
    show(rig); /* nothing while we are away */
    assert_int_equal(rig->bytes.len, 0);
    set_size(rig, 6, 30);
    term_return(rig->term);
    assert_string_equal(buf_text(&rig->events), "<resize> <resumed>");
    settle(rig);
    assert_true(has_bytes(rig, "\033[?2004h"));
    show(rig);
    assert_true(rig->is_alternate);
    assert_row(rig, 2, "   here");
    assert_keys(rig, "q", "q");
    rig_free(rig);
}

static void keys_typed_ahead_of_the_editor_are_kept(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    rig->leaves_on_e = true;
    assert_keys(rig, "eab", "e");
    buf_reset(&rig->events);
    rig->event_count = 0;
    term_return(rig->term);
    /* first the caller takes the editor's text, then come the keys */
    assert_string_equal(buf_text(&rig->events), "<resumed>");
    await_events(rig, 3);
    assert_string_equal(buf_text(&rig->events), "<resumed> a b");
    rig_free(rig);
}

static void keys_typed_ahead_of_the_editor_can_be_dropped(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    rig->leaves_on_e = true;
    assert_keys(rig, "e\rab", "e");
    buf_reset(&rig->events);
    rig->event_count = 0;
    assert_true(term_drop_typed(rig->term));
    term_return(rig->term);
    assert_false(term_drop_typed(rig->term));
    send_keys(rig, "k", 1);
    await_events(rig, 2);
    assert_string_equal(buf_text(&rig->events), "<resumed> k");
    rig_free(rig);
}

static void what_waits_is_taken_at_an_end(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    send_keys(rig, "red\rblue", 8);
    loop_turn(rig->loop);
    term_read_rest(rig->term);
    assert_string_equal(buf_text(&rig->events), "<paste:red\nblue>");
    buf_reset(&rig->events);
    send_keys(rig, "yes", 3);
    loop_turn(rig->loop);
    close(rig->slave);
    close(rig->master);
    rig->master = -1;
    rig->event_count = 0;
    await_events(rig, 4);
    assert_string_equal(buf_text(&rig->events), "y e s <hangup>");
    term_close(rig->term);
    rig->term = NULL;
    give_stdio_back(rig);
    rig->slave = dup(STDIN_FILENO);
    rig_free(rig);
}

static void a_terminal_that_went_away_is_told_once(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    show(rig);
    close(rig->slave); /* the terminal's own two stay */
    close(rig->master);
    rig->master = -1;
    await_events(rig, 1);
    assert_string_equal(buf_text(&rig->events), "<hangup>");
    loop_poll(rig->loop);
    loop_poll(rig->loop);
    put(rig, 0, 0, "nobody sees this", STYLE_TEXT);
    term_flush(rig->term, &rig->cells);
    assert_int_equal(rig->event_count, 1);
    term_close(rig->term);
    rig->term = NULL;
    give_stdio_back(rig);
    rig->slave = dup(STDIN_FILENO);
    rig_free(rig);
}

static void the_title_is_safe_and_the_old_one_comes_back(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    settle(rig);
    buf_reset(&rig->bytes);
    term_title(rig->term, "a\033]0;evil\a\u202e漢");
    settle(rig);
    assert_true(has_bytes(rig, "\033[22;2t\033]2;a\ufffd]0;evil\ufffd漢\a"));
    buf_reset(&rig->bytes);
    close_term(rig);
    assert_true(has_bytes(rig, "\033[23;2t"));
    rig_free(rig);
}

static void text_is_copied_by_osc_52(void **state)
{
    (void)state;
    struct rig *rig = rig_open(5, 20);
    char *large = calloc(1, 60000);
    settle(rig);
    assert_true(term_copy(rig->term, "foo", 3));
    settle(rig);
    assert_true(has_bytes(rig, "\033]52;c;Zm9v\a"));
    assert_false(term_copy(rig->term, large, 60000));
    free(large);
    rig_free(rig);
}

static void what_goes_to_stderr_does_not_reach_the_screen(void **state)
{
    (void)state;
    struct rig *rig = rig_new(5, 40);
    int own = dup(STDERR_FILENO);
    dup2(rig->slave, STDERR_FILENO);
    open_with(rig, (struct term_options){0});
    ssize_t hidden = write(STDERR_FILENO, "a warning", 9);
    settle(rig);
    bool is_hidden = !has_bytes(rig, "a warning");
    close_term(rig);
    ssize_t shown = write(STDERR_FILENO, "an error", 8);
    settle(rig);
    dup2(own, STDERR_FILENO);
    close(own);
    assert_true(is_hidden && hidden == 9 && shown == 8);
    assert_true(has_bytes(rig, "an error"));
    rig_free(rig);
}

static void assert_refused(struct rig *rig, const char *word)
{
    struct err err = {0};
    static const struct term_options options = {0};
    take_stdio(rig);
    enum status status = term_open(&rig->term, rig->loop, &options, on_event, rig, &err);
    if (rig->saved_in >= 0)
        give_stdio_back(rig);
    assert_int_not_equal(status, STATUS_OK);
    assert_null(rig->term);
    if (!strstr(err.text, word))
        fail_msg("\"%s\" does not say %s", err.text, word);
    struct termios modes;
    tcgetattr(rig->slave, &modes);
    assert_int_equal(modes.c_lflag, rig->modes.c_lflag);
}

static void what_is_no_use_as_a_terminal_is_refused_with_a_sentence(void **state)
{
    (void)state;
    struct rig *rig = rig_new(5, 40);
    setenv("TERM", "dumb", 1);
    assert_refused(rig, "cursor");
    setenv("TERM", "no-such\033[31m", 1);
    assert_refused(rig, "unknown on this machine");
    setenv("TERM", "", 1);
    assert_refused(rig, "TERM is not set");
    setenv("TERM", "xterm-256color", 1);
    int own = rig->slave;
    rig->slave = open("/dev/null", O_RDWR);
    struct err err = {0};
    static const struct term_options options = {0};
    take_stdio(rig);
    enum status status = term_open(&rig->term, rig->loop, &options, on_event, rig, &err);
    give_stdio_back(rig);
    assert_int_equal(status, STATUS_IO);
    assert_non_null(strstr(err.text, "needs a terminal"));
    close(rig->slave);
    rig->slave = own;
    rig_free(rig);
}

static void a_locale_without_utf8_is_replaced(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C");
    setenv("LC_ALL", "C", 1);
    struct rig *rig = rig_open(3, 20);
    put(rig, 0, 0, "漢字é", STYLE_TEXT);
    show(rig);
    assert_row(rig, 0, "漢字é");
    rig_free(rig);
    setenv("LC_ALL", "C.UTF-8", 1);
    setlocale(LC_ALL, "C.UTF-8");
}

static void other_terminal_types_work(void **state)
{
    (void)state;
    static const char *const types[] = {"xterm",         "linux", "vt100", "screen",
                                        "tmux-256color", "rxvt",  "vt220", "ansi"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        setenv("TERM", types[i], 1);
        struct rig *rig = rig_open(5, 30);
        for (int style = 0; style < STYLE_COUNT; style++)
            put(rig, 1, style, "x", (enum style)style);
        put(rig, 4, 0, "last", STYLE_TEXT);
        show(rig);
        assert_row(rig, 4, "last");
        assert_row(rig, 1, "xxxxxxxxxxxxxxxxxx");
        assert_keys(rig, "k\033[A", "k Up");
        close_term(rig);
        struct termios modes;
        tcgetattr(rig->slave, &modes);
        assert_int_equal(modes.c_lflag, rig->modes.c_lflag);
        rig_free(rig);
    }
    setenv("TERM", "xterm-256color", 1);
}

int main(void)
{
    if (pty_is_missing())
        return 0;
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    unsetenv("COLORFGBG");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_reach_the_terminal_and_everything_is_put_back),
        cmocka_unit_test(wide_and_combining_text_stands_where_its_cells_are),
        cmocka_unit_test(emoji_sequences_are_whole_where_the_terminal_can),
        cmocka_unit_test(a_grid_of_another_size_is_cut_or_filled_up),
        cmocka_unit_test(a_typed_key_costs_few_bytes),
        cmocka_unit_test(redraw_paints_over_what_disturbed_the_screen),
        cmocka_unit_test(roles_have_colours_on_the_default_ground),
        cmocka_unit_test(light_and_colourless_terminals_get_their_own_look),
        cmocka_unit_test(ascii_has_no_box_characters),
        cmocka_unit_test(keys_come_through_the_loop),
        cmocka_unit_test(the_wheel_is_only_taken_when_asked_for),
        cmocka_unit_test(a_new_size_is_told_and_painted),
        cmocka_unit_test(no_size_and_a_mad_size_are_survived),
        cmocka_unit_test(leaving_gives_the_terminal_back_and_returning_repaints),
        cmocka_unit_test(keys_typed_ahead_of_the_editor_are_kept),
        cmocka_unit_test(keys_typed_ahead_of_the_editor_can_be_dropped),
        cmocka_unit_test(what_waits_is_taken_at_an_end),
        cmocka_unit_test(a_terminal_that_went_away_is_told_once),
        cmocka_unit_test(the_title_is_safe_and_the_old_one_comes_back),
        cmocka_unit_test(text_is_copied_by_osc_52),
        cmocka_unit_test(what_goes_to_stderr_does_not_reach_the_screen),
        cmocka_unit_test(what_is_no_use_as_a_terminal_is_refused_with_a_sentence),
        cmocka_unit_test(a_locale_without_utf8_is_replaced),
        cmocka_unit_test(other_terminal_types_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
