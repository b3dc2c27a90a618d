/* SPDX-License-Identifier: MIT
 *
 * However the program ends or stops, the terminal is as it was. Each case runs in a
 * job of a session of its own on a pty, as under a shell.
 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "term/term.h"
#include "tests/support/pty.h"

/* --- the job: a program with a screen --- */

struct job {
    struct loop *loop;
    struct term *term;
    struct cells cells;
    int resumed, hung_up;
};

static void on_event(void *ctx, const struct event *event)
{
    struct job *job = ctx;
    job->resumed += event->kind == EVENT_RESUMED;
    job->hung_up += event->kind == EVENT_HANGUP;
    if (event->kind == EVENT_RESUMED || event->kind == EVENT_HANGUP)
        loop_stop(job->loop);
}

static void show(struct job *job, const char *text)
{
    cells_resize(&job->cells, 5, 40);
    cells_text(&job->cells, 0, 0, 40, text, strlen(text), STYLE_TEXT);
    term_flush(job->term, &job->cells);
}

static void open_job(struct job *job)
{
    static const struct term_options options = {.mouse = true};
    struct err err = {0};
    *job = (struct job){.loop = loop_new()};
    if (term_open(&job->term, job->loop, &options, on_event, job, &err))
        _exit(99);
    term_title(job->term, "sherd");
    show(job, "before");
}

static int close_job(struct job *job, int code)
{
    term_close(job->term);
    loop_free(job->loop);
    cells_clear(&job->cells);
    return code;
}

static int ends_by_close(void)
{
    struct job job;
    open_job(&job);
    return close_job(&job, 0);
}

static int ends_by_exit(void)
{
    struct job job;
    open_job(&job);
    exit(3);
}

static int crash_signal; /* set before the fork */

static int ends_by_signal(void)
{
    struct job job;
    open_job(&job);
    raise(crash_signal);
    return 98;
}

static int ends_by_abort(void)
{
    struct job job;
    open_job(&job);
    abort();
}

static int ends_without_memory(void)
{
    struct job job;
    open_job(&job);
    free(xreallocarray(NULL, SIZE_MAX, 2));
    return 98;
}

static int crashes_while_away(void)
{
    struct job job;
    open_job(&job);
    term_leave(job.term);
    if (write(STDOUT_FILENO, "editor", 6) != 6)
        return 98;
    raise(SIGABRT);
    return 98;
}

static int forks_a_child_that_exits(void)
{
    struct job job;
    open_job(&job);
    pid_t child = fork();
    if (child == 0)
        exit(0); /* runs the atexit handlers of its parent */
    waitpid(child, NULL, 0);
    struct termios modes;
    tcgetattr(STDIN_FILENO, &modes);
    return close_job(&job, modes.c_lflag & ICANON ? 97 : 0);
}

static int suspends(void)
{
    struct job job;
    open_job(&job);
    term_suspend(job.term);
    show(&job, "again");
    struct termios modes;
    tcgetattr(STDIN_FILENO, &modes);
    bool is_raw = !(modes.c_lflag & (ICANON | ECHO | ISIG));
    loop_poll(job.loop);
    return close_job(&job, is_raw && job.resumed == 1 ? 0 : 97);
}

static int is_stopped_by(int number)
{
    struct job job;
    open_job(&job);
    kill(getpid(), number);
    loop_run(job.loop); /* until EVENT_RESUMED */
    show(&job, "again");
    struct termios modes;
    tcgetattr(STDIN_FILENO, &modes);
    bool is_raw = !(modes.c_lflag & (ICANON | ECHO | ISIG));
    return close_job(&job, is_raw && job.resumed == 1 ? 0 : 97);
}

static int is_stopped_from_outside(void)
{
    return is_stopped_by(SIGTSTP);
}

static int is_stopped_hard(void)
{
    return is_stopped_by(SIGSTOP);
}

static int is_hung_up_by_signal(void)
{
    struct job job;
    open_job(&job);
    raise(SIGHUP);
    loop_run(job.loop);
    return close_job(&job, job.hung_up == 1 ? 0 : 97);
}

/* --- the shell: starts the job, sees it stop and continues it --- */

static struct termios shell_modes;

static bool is_as_before(int tty)
{
    struct termios modes;
    tcgetattr(tty, &modes);
    return modes.c_lflag == shell_modes.c_lflag && modes.c_iflag == shell_modes.c_iflag &&
           modes.c_oflag == shell_modes.c_oflag;
}

static void spoil_and_continue(pid_t job, int tty)
{
    static const char prompt[] = "$ fg\r\n";
    ssize_t written = write(tty, prompt, sizeof prompt - 1);
    (void)written;
    tcsetattr(tty, TCSANOW, &shell_modes); /* a shell sets its own modes */
    tcsetpgrp(tty, job);
    kill(-job, SIGCONT);
}

static _Noreturn void shell(int tty, int (*scenario)(void), int report)
{
    int status;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    setsid();
    ioctl(tty, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(tty, fd);
    sigaction(SIGTTOU, &ignore, NULL);
    pid_t job = fork();
    if (job == 0) {
        struct sigaction normal = {.sa_handler = SIG_DFL};
        setpgid(0, 0);
        tcsetpgrp(tty, getpid());
        sigaction(SIGTTOU, &normal, NULL);
        sigaction(SIGINT, &normal, NULL); /* ignored when we run in the background */
        sigaction(SIGQUIT, &normal, NULL);
        exit(scenario());
    }
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        char word = WSTOPSIG(status) == SIGSTOP || is_as_before(tty) ? 'r' : 'x';
        ssize_t written = write(report, &word, 1);
        (void)written;
        spoil_and_continue(job, tty);
    }
    _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* --- the test: reads what reaches the terminal --- */

struct outcome {
    int code;       /* as a shell has it: 128 + signal */
    char stops[16]; /* 'r' for each stop with the terminal as it was */
    struct buf bytes;
    bool is_alternate, has_cursor;
    int mouse;
};

static int on_property(VTermProp property, VTermValue *value, void *ctx)
{
    struct outcome *outcome = ctx;
    if (property == VTERM_PROP_ALTSCREEN)
        outcome->is_alternate = value->boolean;
    if (property == VTERM_PROP_CURSORVISIBLE)
        outcome->has_cursor = value->boolean;
    if (property == VTERM_PROP_MOUSE)
        outcome->mouse = value->number;
    return 1;
}

static void interpret(struct outcome *outcome)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = on_property};
    VTerm *vterm = vterm_new(5, 40);
    VTermScreen *screen = vterm_obtain_screen(vterm);
    vterm_screen_set_callbacks(screen, &callbacks, outcome);
    vterm_screen_enable_altscreen(screen, 1);
    vterm_screen_reset(screen, 1);
    vterm_input_write(vterm, buf_text(&outcome->bytes), outcome->bytes.len);
    vterm_free(vterm);
}

/* Reads until the shell has ended, which closes its end of the report. */
static void read_all(struct outcome *outcome, int master, int report)
{
    char bytes[4096];
    struct pollfd ready[] = {{.fd = master, .events = POLLIN}, {.fd = report}};
    while (!(ready[1].revents & POLLHUP)) {
        if (poll(ready, 2, 10000) < 1)
            fail_msg("the job did not end; it wrote: %s", buf_text(&outcome->bytes));
        if (ready[0].revents & POLLIN) {
            ssize_t count = read(master, bytes, sizeof bytes);
            buf_add(&outcome->bytes, bytes, count > 0 ? (size_t)count : 0);
        }
    }
}

/* Then a pty may still have something on its way: our own mark comes last. */
static void read_rest(struct outcome *outcome, int master, int slave)
{
    static const char mark[] = "\033]777;end\a";
    char bytes[4096];
    struct pollfd ready = {.fd = master, .events = POLLIN};
    assert_int_equal(write(slave, mark, sizeof mark - 1), sizeof mark - 1);
    while (!strstr(buf_text(&outcome->bytes), mark)) {
        assert_int_equal(poll(&ready, 1, 10000), 1);
        ssize_t count = read(master, bytes, sizeof bytes);
        buf_add(&outcome->bytes, bytes, count > 0 ? (size_t)count : 0);
    }
    if (!outcome->bytes.data)
        return; /* cannot be: the mark came */
    outcome->bytes.len -= sizeof mark - 1;
    outcome->bytes.data[outcome->bytes.len] = '\0';
}

static void run(struct outcome *outcome, int (*scenario)(void))
{
    int master, slave, report[2];
    struct winsize size = {.ws_row = 5, .ws_col = 40};
    *outcome = (struct outcome){0};
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    assert_int_equal(pipe(report), 0);
    tcgetattr(slave, &shell_modes);
    pid_t child = fork();
    if (child == 0) {
        close(master);
        shell(slave, scenario, report[1]);
    }
    close(report[1]);
    read_all(outcome, master, report[0]);
    read_rest(outcome, master, slave);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    outcome->code = WEXITSTATUS(status);
    ssize_t count = read(report[0], outcome->stops, sizeof outcome->stops - 1);
    outcome->stops[count > 0 ? count : 0] = '\0';
    interpret(outcome);
    assert_true(is_as_before(slave));
    close(report[0]);
    close(slave);
    close(master);
}

/* Where the last such bytes are, counted from 1; 0 = nowhere. */
static size_t last_of(const struct outcome *outcome, const char *bytes)
{
    size_t found = 0;
    const char *text = buf_text(&outcome->bytes);
    for (const char *at = text; (at = strstr(at, bytes)); at++)
        found = (size_t)(at - text) + 1;
    return found;
}

static void assert_put_back(struct outcome *outcome)
{
    assert_true(last_of(outcome, "before") > 0);
    assert_false(outcome->is_alternate);
    assert_true(outcome->has_cursor);
    assert_int_equal(outcome->mouse, 0);
    assert_true(last_of(outcome, "\033[?2004l") > last_of(outcome, "\033[?2004h"));
    assert_true(last_of(outcome, "\033[<u") > last_of(outcome, "\033[>1u"));
    assert_true(last_of(outcome, "\033[>4m") > last_of(outcome, "\033[>4;1m"));
    assert_true(last_of(outcome, "\033[23;2t") > last_of(outcome, "\033[22;2t"));
    buf_clear(&outcome->bytes);
}

static void a_normal_end_puts_it_back(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, ends_by_close);
    assert_int_equal(outcome.code, 0);
    assert_put_back(&outcome);
}

static void exit_from_anywhere_puts_it_back(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, ends_by_exit);
    assert_int_equal(outcome.code, 3);
    assert_put_back(&outcome);
}

static void every_fatal_signal_puts_it_back(void **state)
{
    (void)state;
    static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE,
                                  SIGILL,  SIGTERM, SIGINT, SIGQUIT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct outcome outcome;
        crash_signal = numbers[i];
        run(&outcome, ends_by_signal);
        assert_int_not_equal(outcome.code, 0);
        assert_int_not_equal(outcome.code, 98);
        assert_int_not_equal(outcome.code, 99);
        assert_put_back(&outcome);
    }
}

static void abort_puts_it_back_and_is_still_an_abort(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, ends_by_abort);
    assert_int_equal(outcome.code, 128 + SIGABRT);
    assert_put_back(&outcome);
}

static void the_sentence_about_memory_is_seen_after_the_screen(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, ends_without_memory);
    assert_int_equal(outcome.code, 1);
    assert_true(last_of(&outcome, "no memory left") > last_of(&outcome, "\033[?1049l"));
    assert_put_back(&outcome);
}

static void a_crash_while_an_editor_has_the_screen_writes_nothing(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, crashes_while_away);
    assert_int_equal(outcome.code, 128 + SIGABRT);
    assert_true(last_of(&outcome, "editor") == outcome.bytes.len - 5);
    assert_put_back(&outcome);
}

static void a_forked_child_leaves_it_alone(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, forks_a_child_that_exits);
    assert_int_equal(outcome.code, 0);
    assert_put_back(&outcome);
}

static void assert_came_back(int (*scenario)(void))
{
    struct outcome outcome;
    run(&outcome, scenario);
    assert_int_equal(outcome.code, 0);
    assert_string_equal(outcome.stops, "r");
    size_t prompt = last_of(&outcome, "$ fg");
    assert_true(prompt > 0);
    assert_true(last_of(&outcome, "again") > prompt);
    assert_true(last_of(&outcome, "\033[?2004h") > prompt);
    assert_put_back(&outcome);
}

/* Its default action for SIGTSTP is to go on. */
static void skip_under_valgrind(void)
{
    if (getenv("SHERD_UNDER_VALGRIND"))
        skip();
}

static void suspending_stops_the_job_and_comes_back(void **state)
{
    (void)state;
    skip_under_valgrind();
    assert_came_back(suspends);
}

static void a_stop_signal_from_outside_is_the_same(void **state)
{
    (void)state;
    skip_under_valgrind();
    assert_came_back(is_stopped_from_outside);
}

static void after_a_stop_that_nobody_can_see_it_repaints(void **state)
{
    (void)state;
    assert_came_back(is_stopped_hard);
}

static void a_hang_up_signal_is_an_event(void **state)
{
    (void)state;
    struct outcome outcome;
    run(&outcome, is_hung_up_by_signal);
    assert_int_equal(outcome.code, 0);
    assert_put_back(&outcome);
}

int main(void)
{
    if (pty_is_missing())
        return 0;
    struct rlimit no_core = {0, 0};
    setlocale(LC_ALL, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    setrlimit(RLIMIT_CORE, &no_core);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_normal_end_puts_it_back),
        cmocka_unit_test(exit_from_anywhere_puts_it_back),
        cmocka_unit_test(every_fatal_signal_puts_it_back),
        cmocka_unit_test(abort_puts_it_back_and_is_still_an_abort),
        cmocka_unit_test(the_sentence_about_memory_is_seen_after_the_screen),
        cmocka_unit_test(a_crash_while_an_editor_has_the_screen_writes_nothing),
        cmocka_unit_test(a_forked_child_leaves_it_alone),
        cmocka_unit_test(suspending_stops_the_job_and_comes_back),
        cmocka_unit_test(a_stop_signal_from_outside_is_the_same),
        cmocka_unit_test(after_a_stop_that_nobody_can_see_it_repaints),
        cmocka_unit_test(a_hang_up_signal_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
