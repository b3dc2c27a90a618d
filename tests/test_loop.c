/* SPDX-License-Identifier: MIT
 * The loop and its worker: order, timers, fds, children. */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/worker.h"

struct seen {
    struct loop *loop;
    int count;
    int order[8];
    int flags;
    int status;
};

static void count_up(void *ctx)
{
    ((struct seen *)ctx)->count++;
}

static void a_timer_fires_once_unless_it_repeats(void **state)
{
    (void)state;
    struct seen once = {0}, thrice = {0};
    struct loop *loop = loop_new();
    struct loop_timer *single = loop_timer_new(loop, count_up, &once);
    struct loop_timer *repeated = loop_timer_new(loop, count_up, &thrice);
    loop_timer_start(single, 0, 0);
    assert_false(loop_timer_is_running(repeated));
    loop_timer_start(repeated, 0, 1);
    assert_true(loop_timer_is_running(single));
    while (thrice.count < 3)
        assert_true(loop_turn(loop));
    assert_int_equal(once.count, 1);
    assert_false(loop_timer_is_running(single));
    assert_true(loop_timer_is_running(repeated));
    loop_timer_stop(repeated);
    assert_false(loop_timer_is_running(repeated));
    loop_timer_free(single);
    loop_timer_free(repeated);
    loop_timer_free(NULL);
    loop_free(loop);
}

/* The loop's own time is the one of its turn's start. */
static void a_timer_counts_from_its_start(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    struct loop_timer *timer = loop_timer_new(seen.loop, count_up, &seen);
    int64_t start = clock_mono_ms(&clock_system);
    while (clock_mono_ms(&clock_system) < start + 40)
        continue;
    start = clock_mono_ms(&clock_system);
    loop_timer_start(timer, 30, 0);
    while (!seen.count)
        loop_turn(seen.loop);
    assert_true(clock_mono_ms(&clock_system) >= start + 29);
    loop_timer_free(timer);
    loop_free(seen.loop);
}

static void keep_alive(void *ctx)
{
    (void)ctx;
}

static void a_loop_with_nothing_to_do_ends(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct worker *worker = worker_new(loop);
    struct loop_signal *watched = loop_signal_new(loop, SIGUSR1, NULL, NULL);
    struct loop_timer *aside = loop_timer_new(loop, keep_alive, NULL);
    loop_timer_start(aside, 60000, 0);
    loop_timer_keep_loop(aside, false);
    alarm(20);
    loop_run(loop); /* neither a signal nor a timer aside is waited for */
    alarm(0);
    loop_timer_keep_loop(aside, true);
    loop_timer_start(aside, 0, 0);
    assert_true(loop_turn(loop) || !loop_timer_is_running(aside));
    loop_signal_free(watched);
    loop_timer_free(aside);
    worker_free(worker);
    loop_free(loop);
}

static void on_fd(void *ctx, int events)
{
    struct seen *seen = ctx;
    seen->flags |= events;
    loop_stop(seen->loop);
}

static void a_watch_tells_reading_and_hang_up(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct seen seen = {.loop = loop_new()};
    struct loop_watch *watch = loop_watch_new(seen.loop, ends[0], on_fd, &seen);
    loop_watch_set(watch, LOOP_READ | LOOP_HANGUP);
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_run(seen.loop);
    assert_int_equal(seen.flags & LOOP_READ, LOOP_READ);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    seen.flags = 0;
    close(ends[1]);
    loop_run(seen.loop);
    assert_int_equal(seen.flags & LOOP_HANGUP, LOOP_HANGUP);
    loop_watch_free(watch);
    loop_free(seen.loop);
    close(ends[0]);
}

static void on_signal(void *ctx, int number)
{
    struct seen *seen = ctx;
    seen->status = number;
    loop_stop(seen->loop);
}

static void a_signal_comes_through_the_loop(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    struct loop_signal *watched = loop_signal_new(seen.loop, SIGUSR1, on_signal, &seen);
    struct loop_timer *alive = loop_timer_new(seen.loop, keep_alive, NULL);
    loop_timer_start(alive, 60000, 0);
    raise(SIGUSR1);
    loop_run(seen.loop);
    assert_int_equal(seen.status, SIGUSR1);
    loop_signal_free(watched);
    loop_timer_free(alive);
    loop_free(seen.loop);
}

static void on_child(void *ctx, int status)
{
    struct seen *seen = ctx;
    seen->status = status;
    seen->count++;
}

static void a_child_gives_its_output_and_status(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    char sh[] = "sh", flag[] = "-c", script[] = "echo out; exit 7";
    char *argv[] = {sh, flag, script, NULL};
    int fd = -1;
    struct err err = {0};
    struct loop_child *child =
        loop_child_new(seen.loop, argv, &fd, on_child, &seen, &err);
    assert_non_null(child);
    while (!seen.count)
        loop_turn(seen.loop);
    char text[8] = "";
    assert_int_equal(read(fd, text, sizeof text - 1), 4);
    assert_string_equal(text, "out\n");
    assert_int_equal(seen.status, 7);
    close(fd);
    loop_child_free(child);
    loop_free(seen.loop);
}

static int count_open(void)
{
    int count = 0;
    for (int fd = 0; fd < 64; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void a_child_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    char name[] = "sherd-no-such-program";
    char *argv[] = {name, NULL};
    int fd = -1;
    struct err err = {0};
    int open_ones = count_open();
    assert_null(loop_child_new(loop, argv, &fd, on_child, NULL, &err));
    struct loop_pipes pipes = {.has_in = true};
    assert_null(loop_child_new_group(loop, argv, NULL, &pipes, on_child, NULL, &err));
    assert_int_equal(count_open(), open_ones); /* no end of a pipe stays open */
    assert_non_null(strstr(err.text, "sherd-no-such-program"));
    loop_free(loop);
}

static void a_child_inherits_no_ignored_or_blocked_signal(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    char sh[] = "sh", flag[] = "-c", script[] = "kill -PIPE $$; echo alive";
    char *argv[] = {sh, flag, script, NULL};
    int fd = -1;
    struct err err = {0};
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGPIPE);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    struct sigaction ignore = {.sa_handler = SIG_IGN}, own;
    sigaction(SIGPIPE, &ignore, &own);
    struct loop_child *child =
        loop_child_new(seen.loop, argv, &fd, on_child, &seen, &err);
    sigaction(SIGPIPE, &own, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    while (!seen.count)
        loop_turn(seen.loop);
    assert_int_equal(seen.status, -SIGPIPE);
    close(fd);
    loop_child_free(child);
    loop_free(seen.loop);
}

/* Reads until every holder of the other end is gone. */
static size_t read_all(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t got;
    while ((got = read(fd, text + len, size - 1 - len)) != 0) {
        if (got > 0)
            len += (size_t)got;
        else
            poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1);
    }
    text[len] = '\0';
    close(fd);
    return len;
}

static void a_group_is_talked_to_and_has_its_own_environment(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    char sh[] = "sh", flag[] = "-c", script[] = "read a; echo $a $B $HOME; echo bad >&2";
    char *argv[] = {sh, flag, script, NULL};
    char given[] = "B=two";
    char *env[] = {given, NULL};
    char text[64];
    struct loop_pipes pipes = {.has_in = true, .joins_errors = true};
    struct err err = {0};
    struct loop_child *child =
        loop_child_new_group(seen.loop, argv, env, &pipes, on_child, &seen, &err);
    assert_non_null(child);
    assert_int_equal(write(pipes.in, "one\n", 4), 4);
    close(pipes.in);
    while (!seen.count)
        loop_turn(seen.loop);
    read_all(pipes.out, text, sizeof text);
    assert_string_equal(text, "one two\nbad\n");
    loop_child_free(child);
    loop_free(seen.loop);
}

/* The read ends only when the sleeper is gone, too. */
static void what_a_group_left_running_ends_with_it(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    char sh[] = "sh", flag[] = "-c";
    char leaves[] = "sleep 60 & exit 0", stays[] = "trap '' TERM; sleep 60 & wait";
    char *argv[] = {sh, flag, leaves, NULL};
    char text[8];
    struct loop_pipes pipes = {0};
    struct err err = {0};
    struct loop_child *child =
        loop_child_new_group(seen.loop, argv, environ, &pipes, on_child, &seen, &err);
    while (!seen.count)
        loop_turn(seen.loop);
    read_all(pipes.out, text, sizeof text);
    loop_child_free(child);
    argv[2] = stays;
    child = loop_child_new_group(seen.loop, argv, environ, &pipes, on_child, &seen, &err);
    loop_child_signal(child, SIGTERM);
    loop_child_free(child);
    read_all(pipes.out, text, sizeof text);
    loop_free(seen.loop);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(seen.count, 1);
}

/* Ctrl-C and Ctrl-\ in an editor go to all that are on the terminal. */
static void a_foreground_child_has_the_keyboards_signals(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()}, interrupt = {.loop = seen.loop};
    struct loop_signal *watched =
        loop_signal_new(seen.loop, SIGINT, on_signal, &interrupt);
    struct loop_timer *alive = loop_timer_new(seen.loop, keep_alive, NULL);
    loop_timer_start(alive, 60000, 0);
    char sh[] = "sh", flag[] = "-c";
    char script[] = "kill -INT $PPID; kill -QUIT $PPID; exit 3";
    char *argv[] = {sh, flag, script, NULL};
    struct err err = {0};
    struct loop_child *child =
        loop_child_new_foreground(seen.loop, argv, on_child, &seen, &err);
    while (!seen.count)
        loop_turn(seen.loop);
    assert_int_equal(seen.status, 3);
    loop_child_free(child);
    assert_int_equal(interrupt.status, 0);
    char own[] = "kill -INT $$; exit 3"; /* it is not ignored there */
    argv[2] = own;
    child = loop_child_new_foreground(seen.loop, argv, on_child, &seen, &err);
    while (seen.count < 2)
        loop_turn(seen.loop);
    assert_int_equal(seen.status, -SIGINT);
    raise(SIGINT); /* ours again, already when it ends */
    while (!interrupt.status)
        loop_turn(seen.loop);
    loop_child_free(child);
    char sleeper[] = "exec sleep 60";
    argv[2] = sleeper;
    interrupt.status = 0;
    child = loop_child_new_foreground(seen.loop, argv, on_child, &seen, &err);
    loop_child_free(child); /* and when it is given up */
    raise(SIGINT);
    int status; /* it hung up; nobody waits for it any more */
    assert_true(waitpid(-1, &status, 0) > 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
    while (!interrupt.status)
        loop_turn(seen.loop);
    loop_timer_free(alive);
    loop_signal_free(watched);
    loop_free(seen.loop);
}

static void on_wake(void *ctx)
{
    (*(int *)ctx)++;
}

static void an_idle_loop_sleeps(void **state)
{
    (void)state;
    int ends[2], wakes = 0;
    assert_int_equal(pipe(ends), 0);
    struct seen seen = {.loop = loop_new()};
    struct loop_watch *watch = loop_watch_new(seen.loop, ends[0], on_fd, &seen);
    loop_watch_set(watch, LOOP_READ | LOOP_HANGUP);
    struct loop_signal *watched = loop_signal_new(seen.loop, SIGUSR1, on_signal, &seen);
    struct loop_timer *stopped = loop_timer_new(seen.loop, keep_alive, NULL);
    loop_timer_start(stopped, 1, 1);
    loop_timer_stop(stopped);
    struct worker *worker = worker_new(seen.loop);
    struct seen end = {.loop = seen.loop};
    struct loop_timer *once = loop_timer_new(seen.loop, count_up, &end);
    loop_timer_start(once, 100, 0);
    loop_on_idle(seen.loop, on_wake, &wakes);
    while (!end.count)
        loop_turn(seen.loop);
    assert_true(wakes >= 1 && wakes <= 4);
    worker_free(worker);
    loop_timer_free(once);
    loop_timer_free(stopped);
    loop_signal_free(watched);
    loop_watch_free(watch);
    loop_free(seen.loop);
    close(ends[0]);
    close(ends[1]);
}

struct job {
    struct seen *seen;
    int number;
};

static void run_job(void *ctx)
{
    struct job *job = ctx;
    job->number += 10;
}

static void done_job(void *ctx)
{
    struct job *job = ctx;
    job->seen->order[job->seen->count++] = job->number;
}

static void jobs_run_and_end_in_order(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    struct worker *worker = worker_new(seen.loop);
    struct job jobs[8];
    for (int i = 0; i < 8; i++) {
        jobs[i] = (struct job){&seen, i};
        worker_submit(worker, run_job, done_job, &jobs[i]);
    }
    loop_run(
        seen.loop); /* a worker with jobs keeps the loop alive, an idle one does not */
    assert_int_equal(seen.count, 8);
    for (int i = 0; i < 8; i++)
        assert_int_equal(seen.order[i], i + 10);
    worker_free(worker);
    loop_free(seen.loop);
}

static void freeing_a_worker_finishes_its_jobs(void **state)
{
    (void)state;
    struct seen seen = {.loop = loop_new()};
    struct worker *worker = worker_new(seen.loop);
    struct job job = {&seen, 1};
    worker_submit(worker, run_job, done_job, &job);
    worker_free(worker);
    assert_int_equal(seen.count, 1);
    loop_free(seen.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timer_fires_once_unless_it_repeats),
        cmocka_unit_test(a_timer_counts_from_its_start),
        cmocka_unit_test(a_loop_with_nothing_to_do_ends),
        cmocka_unit_test(a_watch_tells_reading_and_hang_up),
        cmocka_unit_test(a_signal_comes_through_the_loop),
        cmocka_unit_test(a_child_gives_its_output_and_status),
        cmocka_unit_test(a_child_that_is_not_there_is_named),
        cmocka_unit_test(a_child_inherits_no_ignored_or_blocked_signal),
        cmocka_unit_test(a_group_is_talked_to_and_has_its_own_environment),
        cmocka_unit_test(what_a_group_left_running_ends_with_it),
        cmocka_unit_test(a_foreground_child_has_the_keyboards_signals),
        cmocka_unit_test(an_idle_loop_sleeps),
        cmocka_unit_test(jobs_run_and_end_in_order),
        cmocka_unit_test(freeing_a_worker_finishes_its_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
