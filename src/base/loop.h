/* SPDX-License-Identifier: MIT
 *
 * loop - the one event loop, thin over libuv: fds, timers, signals, children.
 *
 * Everything runs on the thread that calls loop_run. Handles are freed by the
 * loop after their stop function, never inside a callback. Rules in
 * docs/architecture.md.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_signal;
struct loop_child;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };

typedef void (*loop_fn)(void *ctx);
/* events: LOOP_READ | LOOP_WRITE, and LOOP_HANGUP when the other side is gone. */
typedef void (*loop_fd_fn)(void *ctx, int events);
typedef void (*loop_signal_fn)(void *ctx, int signal_number);
/* status as exit(3) gave it, or -signal when a signal ended the child. */
typedef void (*loop_child_fn)(void *ctx, int status);

struct loop *loop_new(void);
/* Everything must have been stopped before; runs the last close callbacks. */
void loop_free(struct loop *loop);

/* Runs until loop_stop, or until nothing is left to wait for. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Runs one turn: waits for at least one event and handles what is due. Returns
 * false when nothing is left to wait for. */
bool loop_turn(struct loop *loop);
/* Handles what is due, waits for nothing. */
void loop_poll(struct loop *loop);
/* Called before each wait: the place to paint once per turn. NULL stops it. */
void loop_on_idle(struct loop *loop, loop_fn fn, void *ctx);

/* A timer that is not running yet. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *ctx);
/* (Re)starts it: first after delay_ms, then every repeat_ms (0 = once). LOOP_THIS_TURN,
 * asked for from a timer, comes before the loop looks at anything else (libuv < 1.45). */
enum { LOOP_THIS_TURN = -1 };
void loop_timer_start(struct loop_timer *timer, int64_t delay_ms, int64_t repeat_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_running(const struct loop_timer *timer);
/* Whether the loop goes on for it alone; it does until told otherwise. */
void loop_timer_keep_loop(struct loop_timer *timer, bool keeps);
/* NULL is allowed, here and below. */
void loop_timer_free(struct loop_timer *timer);

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_fd_fn fn, void *ctx);
void loop_watch_set(struct loop_watch *watch, int events);
/* Must be called before the fd is closed. */
void loop_watch_free(struct loop_watch *watch);

struct loop_signal *loop_signal_new(struct loop *loop, int signal_number,
                                    loop_signal_fn fn, void *ctx);
void loop_signal_free(struct loop_signal *signal);

/* Runs argv[0] (looked up in PATH, no shell), with no signal ignored or blocked that is
 * so here, with stdin and stderr from /dev/null; its stdout is read through the returned
 * fd, which the caller closes. NULL and err when it cannot start. */
struct loop_child *loop_child_new(struct loop *loop, char **argv, int *stdout_fd,
                                  loop_child_fn fn, void *ctx, struct err *err);
/* Runs argv[0] in the foreground: stdin, stdout and stderr are ours. The loop goes on
 * meanwhile; the caller must have left the terminal. Until the child ends SIGINT and
 * SIGQUIT (Ctrl-C, Ctrl-\) are its own. NULL and err when it cannot start. */
struct loop_child *loop_child_new_foreground(struct loop *loop, char **argv,
                                             loop_child_fn fn, void *ctx,
                                             struct err *err);
struct loop_pipes {
    bool has_in;       /* else its stdin is /dev/null */
    bool joins_errors; /* its stderr goes the way of its stdout; else nowhere */
    int in, out;       /* our ends: they do not block, the caller closes them */
};
/* Runs argv[0] in a process group of its own, which Ctrl-C does not reach, with this
 * environment ("NAME=value", NULL at the end); sets pipes' in and out. Whatever it has
 * left running ends with it. NULL and err when it cannot start. */
struct loop_child *loop_child_new_group(struct loop *loop, char **argv, char **env,
                                        struct loop_pipes *pipes, loop_child_fn fn,
                                        void *ctx, struct err *err);
/* To the whole group. Does nothing once the child has ended. */
void loop_child_signal(struct loop_child *child, int signal_number);
/* Ends the child if it still runs (one in the foreground by SIGHUP). fn is not called. */
void loop_child_free(struct loop_child *child);

/* For libraries that speak libuv or another thread: the uv_loop_t behind it. */
void *loop_uv(struct loop *loop);

#endif
