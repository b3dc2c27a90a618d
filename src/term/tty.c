/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static bool has_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

enum status tty_check(struct err *err)
{
    const char *type = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, STATUS_IO,
                       "The screen needs a terminal, and standard %s is none. Start it "
                       "in a terminal, or use a command that needs no screen (sherd "
                       "--help lists them).",
                       isatty(STDIN_FILENO) ? "output" : "input");
    if (!type || !*type)
        return err_set(err, STATUS_CONFIG,
                       "TERM is not set, so nobody knows what this terminal can do. Set "
                       "it to its type, for example TERM=xterm-256color.");
    static const char *const names[] = {"", "C.UTF-8", "C.utf8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !has_utf8(); i++)
        setlocale(LC_CTYPE, names[i]);
    if (!has_utf8())
        return err_set(err, STATUS_CONFIG,
                       "The locale is not UTF-8 and this machine has no C.UTF-8. Install "
                       "a UTF-8 locale and set LANG or LC_ALL to it.");
    return STATUS_OK;
}

int tty_open_input(void)
{
    char name[256];
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = -1;
    if (ttyname_r(STDIN_FILENO, name, sizeof name) == 0)
        fd = open(name, flags);
    if (fd < 0)
        fd = open("/dev/tty", flags);
    return fd >= 0 ? fd : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

void tty_write(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, len);
        if (count > 0) {
            bytes += count;
            len -= (size_t)count;
        } else if (count < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (count == 0 || errno != EINTR) {
            return; /* it is gone; a hang-up tells */
        }
    }
}

bool tty_is_gone(int fd)
{
    struct pollfd state = {.fd = fd};
    return poll(&state, 1, 0) == 1 && state.revents & (POLLHUP | POLLERR | POLLNVAL);
}

int tty_hide_stderr(void)
{
    if (!isatty(STDERR_FILENO))
        return -1;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
        return -1;
    int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0)
        dup2(nowhere, STDERR_FILENO);
    close(nowhere);
    return copy;
}

void tty_show_stderr(int *copy)
{
    if (*copy < 0)
        return;
    dup2(*copy, STDERR_FILENO);
    close(*copy);
    *copy = -1;
}

/* --- what is copied --- */

bool tty_copy_sequence(struct buf *out, const char *text, size_t len)
{
    if (len > TTY_COPY_MAX / 4 * 3)
        return false;
    buf_add_text(out, "\033]52;c;");
    buf_add_base64(out, text, len);
    buf_add_byte(out, '\a');
    return true;
}

/* --- put back at an end that nobody chose --- */

#define STACK_SIZE 32768

/* A crash is always ours. The others are only taken when nobody handles them: then
 * the default, which ends the program, would leave the terminal as it is. */
static const struct {
    int number;
    bool is_crash;
} taken[] = {
    {SIGSEGV, true}, {SIGABRT, true},  {SIGBUS, true},  {SIGFPE, true},
    {SIGILL, true},  {SIGTERM, false}, {SIGINT, false}, {SIGQUIT, false},
};

enum { TAKEN_COUNT = sizeof taken / sizeof taken[0] };

/* A signal may come at any instant and on any thread: the plan in force is whole, is
 * exchanged by one atomic store, and is taken only once. */
static struct rescue_plan plans[2];
static _Atomic(const struct rescue_plan *) in_force;

static struct {
    bool has_signals, has_exit;
    bool is_taken[TAKEN_COUNT];
    struct sigaction before[TAKEN_COUNT];
    pid_t owner;                         /* a forked child must not touch the terminal */
    _Alignas(16) char stack[STACK_SIZE]; /* for a handler after a stack overflow */
    stack_t stack_before;
} rescue;

void rescue_now(void)
{
    if (getpid() != rescue.owner)
        return;
    const struct rescue_plan *plan = atomic_exchange(&in_force, NULL);
    if (!plan)
        return;
    ssize_t written = write(plan->tty, plan->reset, plan->reset_len);
    (void)written;
    tcsetattr(plan->tty, TCSANOW, &plan->modes);
    if (plan->stderr_copy >= 0)
        dup2(plan->stderr_copy, STDERR_FILENO);
}

static void on_fatal(int number)
{
    int saved_errno = errno;
    rescue_now();
    for (int i = 0; i < TAKEN_COUNT; i++)
        if (taken[i].number == number)
            sigaction(number, &rescue.before[i], NULL);
    /* blocked until we return; then whoever was there before gets it */
    raise(number);
    errno = saved_errno;
}

void rescue_arm(const struct rescue_plan *wanted)
{
    struct rescue_plan *plan = &plans[atomic_load(&in_force) == &plans[0]];
    *plan = *wanted;
    rescue.owner = getpid();
    if (!rescue.has_signals) {
        stack_t stack = {.ss_sp = rescue.stack, .ss_size = sizeof rescue.stack};
        struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
        sigemptyset(&action.sa_mask);
        sigaltstack(&stack, &rescue.stack_before);
        for (int i = 0; i < TAKEN_COUNT; i++) {
            struct sigaction *before = &rescue.before[i];
            sigaction(taken[i].number, NULL, before);
            rescue.is_taken[i] = taken[i].is_crash || before->sa_handler == SIG_DFL;
            if (rescue.is_taken[i])
                sigaction(taken[i].number, &action, NULL);
        }
        rescue.has_signals = true;
    }
    if (!rescue.has_exit)
        atexit(rescue_now);
    rescue.has_exit = true;
    atomic_store(&in_force, plan);
}

void rescue_disarm(void)
{
    atomic_store(&in_force, NULL);
}

void rescue_end(void)
{
    rescue_disarm();
    if (!rescue.has_signals)
        return;
    for (int i = 0; i < TAKEN_COUNT; i++) {
        struct sigaction now;
        sigaction(taken[i].number, NULL, &now);
        if (rescue.is_taken[i] && now.sa_handler == on_fatal)
            sigaction(taken[i].number, &rescue.before[i], NULL);
    }
    sigaltstack(&rescue.stack_before, NULL);
    rescue.has_signals = false;
}
