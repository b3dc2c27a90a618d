/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uv.h>

#include "base/xalloc.h"

enum { KEYBOARD_SIGNALS = 2 };
static const int keyboard_signals[KEYBOARD_SIGNALS] = {SIGINT, SIGQUIT};

struct loop {
    uv_loop_t uv;
    uv_prepare_t prepare;
    loop_fn idle_fn;
    void *idle_ctx;
};

struct loop_timer {
    uv_timer_t uv;
    loop_fn fn;
    void *ctx;
};

struct loop_watch {
    uv_poll_t uv;
    loop_fd_fn fn;
    void *ctx;
};

struct loop_signal {
    uv_signal_t uv;
    loop_signal_fn fn;
    void *ctx;
};

struct loop_child {
    uv_process_t uv;
    loop_child_fn fn;
    void *ctx;
    bool has_ended;
    bool is_foreground; /* has the terminal, and so its INT and QUIT */
    bool is_group;
    struct sigaction ours[KEYBOARD_SIGNALS]; /* what we do on them else */
};

static void on_prepare(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    if (loop->idle_fn)
        loop->idle_fn(loop->idle_ctx);
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    uv_loop_init(&loop->uv);
    uv_prepare_init(&loop->uv, &loop->prepare);
    loop->prepare.data = loop;
    uv_prepare_start(&loop->prepare, on_prepare);
    uv_unref((uv_handle_t *)&loop->prepare);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    loop->idle_fn = NULL;
    uv_close((uv_handle_t *)&loop->prepare, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        ; /* one that was asked to stop before it ran closes nothing */
    uv_loop_close(&loop->uv);
    free(loop);
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

bool loop_turn(struct loop *loop)
{
    return uv_run(&loop->uv, UV_RUN_ONCE) != 0;
}

void loop_poll(struct loop *loop)
{
    uv_ref(
        (uv_handle_t *)&loop->prepare); /* a loop that waits for nothing looks at none */
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    uv_unref((uv_handle_t *)&loop->prepare);
}

void loop_on_idle(struct loop *loop, loop_fn fn, void *ctx)
{
    loop->idle_fn = fn;
    loop->idle_ctx = ctx;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_timer(uv_timer_t *uv)
{
    struct loop_timer *timer = uv->data;
    timer->fn(timer->ctx);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fn, void *ctx)
{
    struct loop_timer *timer = xcalloc(1, sizeof *timer);
    *timer = (struct loop_timer){.fn = fn, .ctx = ctx};
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    return timer;
}

void loop_timer_start(struct loop_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
    /* libuv counts from its cached time, which is stale after a long callback. That time
     * itself stays: moved on here, timers that start each other would be one turn. */
    uint64_t now = uv_hrtime() / 1000000, cached = uv_now(timer->uv.loop);
    uint64_t late = now > cached && delay_ms != LOOP_THIS_TURN ? now - cached : 0;
    uv_timer_start(&timer->uv, on_timer, late + (uint64_t)(delay_ms > 0 ? delay_ms : 0),
                   (uint64_t)(repeat_ms > 0 ? repeat_ms : 0));
}

void loop_timer_stop(struct loop_timer *timer)
{
    uv_timer_stop(&timer->uv);
}

bool loop_timer_is_running(const struct loop_timer *timer)
{
    return uv_is_active((const uv_handle_t *)&timer->uv);
}

void loop_timer_keep_loop(struct loop_timer *timer, bool keeps)
{
    if (keeps)
        uv_ref((uv_handle_t *)&timer->uv);
    else
        uv_unref((uv_handle_t *)&timer->uv);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->uv, free_handle);
}

static void on_poll(uv_poll_t *uv, int status, int events)
{
    struct loop_watch *watch = uv->data;
    int flags =
        (events & UV_READABLE ? LOOP_READ : 0) | (events & UV_WRITABLE ? LOOP_WRITE : 0);
    if (status < 0 || events & UV_DISCONNECT)
        flags |= LOOP_HANGUP;
    watch->fn(watch->ctx, flags);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_fd_fn fn, void *ctx)
{
    struct loop_watch *watch = xcalloc(1, sizeof *watch);
    *watch = (struct loop_watch){.fn = fn, .ctx = ctx};
    if (uv_poll_init(&loop->uv, &watch->uv, fd)) {
        free(watch);
        return NULL;
    }
    watch->uv.data = watch;
    return watch;
}

void loop_watch_set(struct loop_watch *watch, int events)
{
    int flags =
        (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);
    if (!flags && !(events & LOOP_HANGUP))
        uv_poll_stop(&watch->uv);
    else
        uv_poll_start(&watch->uv, flags | (events & LOOP_HANGUP ? UV_DISCONNECT : 0),
                      on_poll);
}

void loop_watch_free(struct loop_watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->uv, free_handle);
}

static void on_signal(uv_signal_t *uv, int signal_number)
{
    struct loop_signal *signal = uv->data;
    signal->fn(signal->ctx, signal_number);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signal_number,
                                    loop_signal_fn fn, void *ctx)
{
    struct loop_signal *signal = xcalloc(1, sizeof *signal);
    *signal = (struct loop_signal){.fn = fn, .ctx = ctx};
    uv_signal_init(&loop->uv, &signal->uv);
    signal->uv.data = signal;
    uv_signal_start(&signal->uv, on_signal, signal_number);
    uv_unref((uv_handle_t *)&signal->uv);
    return signal;
}

void loop_signal_free(struct loop_signal *signal)
{
    if (signal)
        uv_close((uv_handle_t *)&signal->uv, free_handle);
}

/* The terminal sends Ctrl-C to everybody on it. As with system(3), who waits for the
 * child ignores it meanwhile. */
static void heed_keyboard(struct loop_child *child)
{
    for (int i = 0; i < KEYBOARD_SIGNALS && child->is_foreground; i++)
        sigaction(keyboard_signals[i], &child->ours[i], NULL);
    child->is_foreground = false;
}

static void on_exit_status(uv_process_t *uv, int64_t status, int signal_number)
{
    struct loop_child *child = uv->data;
    child->has_ended = true;
    heed_keyboard(child);
    if (child->is_group)
        kill(-uv->pid, SIGKILL); /* what it has left behind */
    if (child->fn)
        child->fn(child->ctx, signal_number ? -signal_number : (int)status);
}

static struct loop_child *spawn(struct loop *loop, char **argv, char **env,
                                uv_stdio_container_t stdio[3],
                                const struct loop_child *what, struct err *err)
{
    struct loop_child *child = xcalloc(1, sizeof *child);
    *child = *what;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (int i = 0; i < KEYBOARD_SIGNALS && child->is_foreground; i++)
        sigaction(keyboard_signals[i], &ignore, &child->ours[i]);
    uv_process_options_t options = {.exit_cb = on_exit_status,
                                    .file = argv[0],
                                    .args = argv,
                                    .env = env,
                                    .flags = child->is_group ? UV_PROCESS_DETACHED : 0,
                                    .stdio_count = 3,
                                    .stdio = stdio};
    int failed = uv_spawn(&loop->uv, &child->uv, &options);
    child->uv.data = child;
    if (!failed)
        return child;
    heed_keyboard(child);
    uv_close((uv_handle_t *)&child->uv, free_handle);
    err_set(err, STATUS_IO, "%s cannot be started: %s.", argv[0], uv_strerror(failed));
    return NULL;
}

struct loop_child *loop_child_new(struct loop *loop, char **argv, int *stdout_fd,
                                  loop_child_fn fn, void *ctx, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
        err_set(err, STATUS_IO, "%s cannot be started: %s.", argv[0], strerror(errno));
        return NULL;
    }
    uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE},
                                     {.flags = UV_INHERIT_FD, .data.fd = ends[1]},
                                     {.flags = UV_IGNORE}};
    struct loop_child what = {.fn = fn, .ctx = ctx};
    struct loop_child *child = spawn(loop, argv, NULL, stdio, &what, err);
    close(ends[1]);
    if (child)
        *stdout_fd = ends[0];
    else
        close(ends[0]);
    return child;
}

struct loop_child *loop_child_new_foreground(struct loop *loop, char **argv,
                                             loop_child_fn fn, void *ctx, struct err *err)
{
    uv_stdio_container_t stdio[3];
    for (int fd = 0; fd < 3; fd++)
        stdio[fd] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fd};
    struct loop_child what = {.fn = fn, .ctx = ctx, .is_foreground = true};
    return spawn(loop, argv, NULL, stdio, &what, err);
}

struct loop_child *loop_child_new_group(struct loop *loop, char **argv, char **env,
                                        struct loop_pipes *pipes, loop_child_fn fn,
                                        void *ctx, struct err *err)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    struct loop_child *child = NULL;
    if ((pipes->has_in && pipe2(in, O_CLOEXEC)) || pipe2(out, O_CLOEXEC)) {
        err_set(err, STATUS_IO, "%s cannot be started: %s.", argv[0], strerror(errno));
    } else {
        const uv_stdio_container_t none = {.flags = UV_IGNORE};
        const uv_stdio_container_t to = {.flags = UV_INHERIT_FD, .data.fd = out[1]};
        const uv_stdio_container_t from = {.flags = UV_INHERIT_FD, .data.fd = in[0]};
        uv_stdio_container_t stdio[3] = {pipes->has_in ? from : none, to,
                                         pipes->joins_errors ? to : none};
        struct loop_child what = {.fn = fn, .ctx = ctx, .is_group = true};
        child = spawn(loop, argv, env, stdio, &what, err);
    }
    int ours[2] = {in[1], out[0]}, theirs[2] = {in[0], out[1]};
    for (int i = 0; i < 2; i++) {
        if (theirs[i] >= 0)
            close(theirs[i]);
        if (child && ours[i] >= 0) /* only our end: the child's is its own to set */
            fcntl(ours[i], F_SETFL, fcntl(ours[i], F_GETFL) | O_NONBLOCK);
        else if (ours[i] >= 0)
            close(ours[i]);
    }
    pipes->in = child ? in[1] : -1;
    pipes->out = child ? out[0] : -1;
    return child;
}

void loop_child_signal(struct loop_child *child, int signal_number)
{
    if (!child->has_ended)
        kill(child->is_group ? -child->uv.pid : child->uv.pid, signal_number);
}

void loop_child_free(struct loop_child *child)
{
    if (!child)
        return;
    child->fn = NULL;
    if (!child->has_ended && child->is_foreground) { /* an editor can save what it has */
        uv_process_kill(&child->uv, SIGHUP);
    } else if (!child->has_ended) {
        kill(child->is_group ? -child->uv.pid : child->uv.pid, SIGKILL);
        while (waitpid(child->uv.pid, NULL, 0) < 0 && errno == EINTR)
            ; /* nobody else will */
    }
    heed_keyboard(child);
    uv_close((uv_handle_t *)&child->uv, free_handle);
}

void *loop_uv(struct loop *loop)
{
    return &loop->uv;
}
