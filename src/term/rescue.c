/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/rescue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define RESET_MAX 512
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

static struct {
    volatile sig_atomic_t is_armed;
    bool has_signals, has_exit;
    bool is_taken[TAKEN_COUNT];
    struct sigaction before[TAKEN_COUNT];
    pid_t owner; /* a forked child must not touch the terminal */
    int tty, stderr_copy;
    struct termios modes;
    char reset[RESET_MAX];
    size_t reset_len;
    char stack[STACK_SIZE]; /* for a handler after a stack overflow */
    stack_t stack_before;
} rescue;

void rescue_now(void)
{
    if (!rescue.is_armed || getpid() != rescue.owner)
        return;
    rescue.is_armed = 0;
    ssize_t written = write(rescue.tty, rescue.reset, rescue.reset_len);
    (void)written;
    tcsetattr(rescue.tty, TCSANOW, &rescue.modes);
    if (rescue.stderr_copy >= 0)
        dup2(rescue.stderr_copy, STDERR_FILENO);
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

static void take_signals(void)
{
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

void rescue_arm(const struct rescue_plan *plan)
{
    rescue.is_armed = 0;
    rescue.owner = getpid();
    rescue.tty = plan->tty;
    rescue.stderr_copy = plan->stderr_copy;
    rescue.modes = plan->modes;
    rescue.reset_len = strnlen(plan->reset, RESET_MAX);
    memcpy(rescue.reset, plan->reset, rescue.reset_len);
    if (!rescue.has_signals)
        take_signals();
    if (!rescue.has_exit)
        atexit(rescue_now);
    rescue.has_exit = true;
    rescue.is_armed = 1;
}

void rescue_disarm(void)
{
    rescue.is_armed = 0;
}

void rescue_end(void)
{
    rescue.is_armed = 0;
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
