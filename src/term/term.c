/* SPDX-License-Identifier: MIT
 *
 * Input does not go through wgetch: it reads one byte per system call, waits in the
 * middle of an ESC, and keeps bytes back that poll knows nothing of. Bytes are read
 * here and decoded by input.c, which asks terminfo for this terminal's keys.
 */
#include "config.h"

#include "term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>

#include "base/buf.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "term/input.h"
#include "term/tty.h"

enum { READS_PER_TURN = 16 };

struct term {
    struct loop *loop;
    struct term_options options;
    event_fn fn;
    void *ctx;
    struct input *input;
    struct paint *paint; /* NULL = there is no screen yet */
    struct loop_watch *watch;
    struct loop_timer *timer; /* the end of a lone ESC, of a paste */
    struct loop_signal *winch, *stop, *resume, *hangup;
    struct termios modes; /* as we found them */
    int input_fd, input_flags;
    int stderr_copy;     /* -1 = stderr is not the terminal */
    char *title;         /* safe; NULL = never set */
    bool is_ansi;        /* takes ECMA-48 sequences */
    bool is_xterm_like;  /* takes xterm's too */
    int asked, answered; /* how wide emoji sequences are here */
    unsigned known;      /* those of two columns */
    bool is_away, is_hung_up;
    bool is_back; /* what was typed before we left comes next */
    int rows, cols;
};

/* --- how the terminal is told what we want, and to forget it again --- */

static void add_wishes(const struct term *term, struct buf *out)
{
    if (!term->is_ansi)
        return;
    buf_add_text(out, "\033[?2004h"); /* bracketed paste */
    if (term->options.mouse)
        buf_add_text(out, "\033[?1000h\033[?1002h\033[?1006h");
    if (term->is_xterm_like) /* modifyOtherKeys, or kitty's way: Ctrl-Enter */
        buf_add_text(out, "\033[>4;1m\033[>1u");
    if (term->title)
        buf_addf(out, "\033[22;2t\033]2;%s\a", term->title);
}

static void add_farewell(const struct term *term, struct buf *out)
{
    if (!term->is_ansi)
        return;
    if (term->title)
        buf_add_text(out, "\033[23;2t");
    if (term->is_xterm_like)
        buf_add_text(out, "\033[<u\033[>4m");
    if (term->options.mouse)
        buf_add_text(out, "\033[?1006l\033[?1002l\033[?1000l");
    buf_add_text(out, "\033[?2004l");
}

static void tell(const struct term *term, void (*add)(const struct term *, struct buf *))
{
    struct buf out = {0};
    add(term, &out);
    tty_write(buf_text(&out), out.len);
    buf_clear(&out);
}

static void arm_rescue(const struct term *term)
{
    static const char *const names[] = {"rmkx", "op", "sgr0", "cnorm", "rmcup"};
    struct buf reset = {.max = sizeof((struct rescue_plan *)0)->reset};
    if (term->paint) {
        add_farewell(term, &reset);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            /* a terminfo string without its "$<5>" delays */
            const char *name = names[i];
            const char *text = paint_capability(name);
            for (; text && *text; text++) {
                const char *end = strncmp(text, "$<", 2) == 0 ? strchr(text, '>') : NULL;
                if (end)
                    text = end;
                else
                    buf_add_byte(&reset, *text);
            }
        }
    }
    struct rescue_plan plan = {.tty = STDOUT_FILENO,
                               .stderr_copy = term->stderr_copy,
                               .modes = term->modes,
                               .reset_len = reset.len};
    memcpy(plan.reset, buf_text(&reset), reset.len);
    rescue_arm(&plan);
    buf_clear(&reset);
}

/* --- events --- */

static void emit(struct term *term, enum event_kind kind)
{
    struct event event = {.kind = kind, .rows = term->rows, .cols = term->cols};
    term->fn(term->ctx, &event);
}

static int clamp_side(int cells)
{
    return cells < PAINT_SIDE_MAX ? cells : PAINT_SIDE_MAX;
}

/* Says whether the size is another one. */
static bool update_size(struct term *term)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
        resizeterm(clamp_side(size.ws_row), clamp_side(size.ws_col));
    int rows, cols;
    getmaxyx(stdscr, rows, cols);
    bool has_changed = rows != term->rows || cols != term->cols;
    term->rows = rows;
    term->cols = cols;
    return has_changed;
}

static void await_more(struct term *term)
{
    int wait_ms = input_wait_ms(term->input);
    if (term->is_back)
        wait_ms = 0;
    if (wait_ms < 0 || term->is_away)
        loop_timer_stop(term->timer);
    else
        loop_timer_start(term->timer, wait_ms, 0);
}

static void on_silence(void *ctx)
{
    struct term *term = ctx;
    if (term->is_back) {
        term->is_back = false;
        input_resume(term->input);
    } else {
        input_timeout(term->input);
    }
    await_more(term);
}

/* Nothing more will come: what waits for more bytes is taken as it is. */
static void finish_input(struct term *term)
{
    while (!term->is_away && (term->is_back || input_wait_ms(term->input) >= 0))
        on_silence(term);
}

static void hang_up(struct term *term)
{
    if (term->is_hung_up)
        return;
    finish_input(term);
    term->is_hung_up = true;
    loop_watch_set(term->watch, 0);
    loop_timer_stop(term->timer);
    emit(term, EVENT_HANGUP);
}

static void on_readable(void *ctx, int events)
{
    struct term *term = ctx;
    char bytes[4096];
    (void)events; /* read tells all there is */
    for (int i = 0; i < READS_PER_TURN && !term->is_away; i++) {
        ssize_t count = read(term->input_fd, bytes, sizeof bytes);
        bool is_empty = count < 0 && (errno == EAGAIN || errno == EINTR);
        if (count > 0)
            input_feed(term->input, bytes, (size_t)count);
        else if (!is_empty && (count < 0 || tty_is_gone(term->input_fd)))
            hang_up(term);
        if (count <= 0)
            break;
    }
    if (!term->is_hung_up)
        await_more(term);
}

void term_read_rest(struct term *term)
{
    if (term->is_hung_up || term->is_away)
        return;
    on_readable(term, LOOP_READ);
    finish_input(term);
}

static void on_winch(void *ctx, int number)
{
    struct term *term = ctx;
    (void)number;
    if (term->is_away || !update_size(term))
        return;
    paint_forget(term->paint);
    emit(term, EVENT_RESIZE);
}

static void on_stop(void *ctx, int number)
{
    (void)number;
    term_suspend(ctx);
}

/* Somebody stopped us in a way we could not see, and a shell had the terminal. */
static void on_resume(void *ctx, int number)
{
    struct term *term = ctx;
    (void)number;
    if (term->is_away)
        return;
    term_leave(term);
    term_return(term);
}

static void on_hangup(void *ctx, int number)
{
    (void)number;
    term_read_rest(ctx);
    hang_up(ctx);
}

static void watch_stopping(struct term *term)
{
    term->stop = loop_signal_new(term->loop, SIGTSTP, on_stop, term);
    term->resume = loop_signal_new(term->loop, SIGCONT, on_resume, term);
}

static void unwatch_stopping(struct term *term)
{
    loop_signal_free(term->stop);
    loop_signal_free(term->resume);
    term->stop = term->resume = NULL;
}

/* --- opening --- */

/* Sequences that terminals draw in two columns or as their parts: asked once, at the
 * start, under the first frame. Who does not answer gets what stands for them. */
static const struct {
    const char *text;
    unsigned bit;
} samples[] = {{"\U0001F468\u200D\U0001F469\u200D\U0001F467", SEQUENCE_JOINED},
               {"\U0001F44D\U0001F3FD", SEQUENCE_TONE},
               {"\U0001F1EE\U0001F1F9", SEQUENCE_FLAG}};

enum { SAMPLE_COUNT = sizeof samples / sizeof samples[0], SAMPLE_COLUMNS = 2 };

static void add_questions(const struct term *term, struct buf *out)
{
    (void)term;
    buf_add_text(out, "\0337");
    for (int i = 0; i < SAMPLE_COUNT;
         i++) /* row 2: an answer about row 1 looks like F3 */
        buf_addf(out, "\033[2;1H%s\033[6n", samples[i].text);
    buf_add_text(out, "\033[2;1H\033[K\0338");
}

static void on_input_event(void *ctx, const struct event *event)
{
    struct term *term = ctx;
    if (event->kind != EVENT_POSITION) {
        term->fn(term->ctx, event);
    } else if (term->answered < term->asked) {
        if (event->cols == 1 + SAMPLE_COLUMNS)
            term->known |= samples[term->answered].bit;
        if (++term->answered == term->asked && term->known) {
            paint_know(term->paint, term->known);
            emit(term, EVENT_RESIZE); /* of the same size: all is painted */
        }
    }
}

static struct term *new_term(struct loop *loop, const struct term_options *options,
                             event_fn fn, void *ctx)
{
    struct term *term = xcalloc(1, sizeof *term);
    term->loop = loop;
    term->options = *options;
    term->fn = fn;
    term->ctx = ctx;
    term->stderr_copy = -1;
    term->input_fd = tty_open_input();
    term->input_flags = fcntl(term->input_fd, F_GETFL);
    term->input = input_new(on_input_event, term);
    tcgetattr(STDIN_FILENO, &term->modes);
    return term;
}

enum status term_open(struct term **out, struct loop *loop,
                      const struct term_options *options, event_fn fn, void *ctx,
                      struct err *err)
{
    enum status status = tty_check(err);
    *out = NULL;
    if (status)
        return status;
    struct term *term = new_term(loop, options, fn, ctx);
    /* before newterm: ncurses leaves a signal alone that has a handler */
    arm_rescue(term);
    xalloc_on_exhausted(rescue_now);
    term->winch = loop_signal_new(loop, SIGWINCH, on_winch, term);
    term->hangup = loop_signal_new(loop, SIGHUP, on_hangup, term);
    watch_stopping(term);
    status = paint_open(&term->paint, &options->look, err);
    if (status) {
        term_close(term);
        return status;
    }
    const char *place = paint_capability("cup");
    term->is_ansi = strncmp(place, "\033[", 2) == 0;
    term->is_xterm_like = term->is_ansi && tigetflag("XT") == 1;
    input_learn(term->input, paint_capability);
    update_size(term);
    term->stderr_copy = tty_hide_stderr();
    arm_rescue(term);
    tell(term, add_wishes);
    /* terminfo has no XT for these, but they tell where the cursor is, and work in one */
    const char *type = getenv("TERM");
    bool is_multiplexer =
        type && (strncmp(type, "tmux", 4) == 0 || strncmp(type, "screen", 6) == 0);
    if ((term->is_xterm_like || is_multiplexer) && !options->look.ascii &&
        term->rows > 2 && term->cols > 10) {
        tell(term, add_questions);
        term->asked = SAMPLE_COUNT;
    }
    term->timer = loop_timer_new(loop, on_silence, term);
    term->watch = loop_watch_new(loop, term->input_fd, on_readable, term);
    if (term->watch) {
        loop_watch_set(term->watch, LOOP_READ | LOOP_HANGUP);
        *out = term;
        return STATUS_OK;
    }
    term_close(term);
    return err_set(err, STATUS_IO, "The terminal cannot be watched for input.");
}

void term_close(struct term *term)
{
    if (!term)
        return;
    if (!term->is_away && term->paint) {
        tell(term, add_farewell);
        endwin();
    }
    rescue_end();
    xalloc_on_exhausted(NULL);
    tty_show_stderr(&term->stderr_copy);
    loop_watch_free(term->watch);
    loop_timer_free(term->timer);
    loop_signal_free(term->winch);
    loop_signal_free(term->hangup);
    unwatch_stopping(term);
    if (term->input_fd >= 0) {
        fcntl(term->input_fd, F_SETFL, term->input_flags);
        close(term->input_fd);
    }
    paint_free(term->paint);
    input_free(term->input);
    free(term->title);
    free(term);
}

void term_size(const struct term *term, int *rows, int *cols)
{
    *rows = term->rows;
    *cols = term->cols;
}

void term_flush(struct term *term, const struct cells *cells)
{
    if (!term->is_away && !term->is_hung_up)
        paint_flush(term->paint, cells);
}

void term_redraw(struct term *term)
{
    paint_forget(term->paint);
}

/* --- away and back --- */

void term_leave(struct term *term)
{
    if (term->is_away)
        return;
    term->is_away = true;
    loop_watch_set(term->watch, 0);
    loop_timer_stop(term->timer);
    input_pause(term->input);
    term->is_back = false;
    tell(term, add_farewell);
    endwin();
    rescue_disarm();
    tty_show_stderr(&term->stderr_copy);
    fcntl(term->input_fd, F_SETFL, term->input_flags);
}

void term_return(struct term *term)
{
    if (!term->is_away)
        return;
    term->is_away = false;
    term->stderr_copy = tty_hide_stderr();
    arm_rescue(term);
    fcntl(term->input_fd, F_SETFL, term->input_flags | O_NONBLOCK);
    doupdate(); /* curses' own way back from endwin */
    tell(term, add_wishes);
    paint_forget(term->paint);
    if (update_size(term))
        emit(term, EVENT_RESIZE);
    if (!term->is_hung_up)
        loop_watch_set(term->watch, LOOP_READ | LOOP_HANGUP);
    term->is_back = true; /* the caller may have a text to take from its child first */
    emit(term, EVENT_RESUMED);
    await_more(term);
}

bool term_drop_typed(struct term *term)
{
    return input_drop(term->input);
}

void term_suspend(struct term *term)
{
    bool was_away = term->is_away;
    term_leave(term);
    unwatch_stopping(term);
    /* the whole job stops, as it would if the terminal itself had read the Ctrl-Z */
    kill(0, SIGTSTP);
    watch_stopping(term);
    if (!was_away)
        term_return(term);
}

bool term_copy(struct term *term, const char *text, size_t len)
{
    struct buf out = {0};
    bool fits = tty_copy_sequence(&out, text, len);
    if (fits && term->is_ansi && !term->is_away)
        tty_write(out.data, out.len);
    buf_clear(&out);
    return fits && term->is_ansi;
}

void term_title(struct term *term, const char *text)
{
    char line[256];
    struct buf out = {0};
    if (!term->is_xterm_like)
        return;
    sanitise_line(text, strlen(text), line, sizeof line);
    if (!term->title)
        buf_add_text(&out, "\033[22;2t"); /* keep the old one */
    buf_addf(&out, "\033]2;%s\a", line);
    free(term->title);
    term->title = xstrdup(line);
    if (!term->is_away) {
        tty_write(out.data, out.len);
        arm_rescue(term);
    }
    buf_clear(&out);
}
