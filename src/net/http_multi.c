/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/http.h"

#include <stdlib.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/http_parts.h"

struct http {
    struct loop *loop;
    CURLM *multi;             /* NULL until the first request: starting takes a while */
    struct loop_timer *timer; /* curl's */
    struct http_call *calls;
    bool is_in_curl;  /* curl is calling us: it must not be called back */
    bool has_waiting; /* calls were cancelled or sent meanwhile */
};

struct socket_watch {
    struct http *http;
    curl_socket_t fd;
    struct loop_watch *watch;
};

static void act(struct http *http, curl_socket_t fd, int events);

static void on_socket_event(void *ctx, int events)
{
    const struct socket_watch *socket = ctx;
    int flags = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
                (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0) |
                (events & LOOP_HANGUP ? CURL_CSELECT_ERR : 0);
    act(socket->http, socket->fd, flags);
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *ctx,
                            void *socket_ctx)
{
    struct http *http = ctx;
    struct socket_watch *socket = socket_ctx;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket)
            loop_watch_free(socket->watch);
        free(socket);
        curl_multi_assign(http->multi, fd, NULL);
        return 0;
    }
    if (!socket) {
        socket = xcalloc(1, sizeof *socket);
        socket->http = http;
        socket->fd = fd;
        socket->watch = loop_watch_new(http->loop, fd, on_socket_event, socket);
        curl_multi_assign(http->multi, fd, socket);
    }
    if (!socket->watch)
        return -1;
    loop_watch_set(socket->watch, (what & CURL_POLL_IN ? LOOP_READ : 0) |
                                      (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
    return 0;
}

static int on_timeout_wanted(CURLM *multi, long timeout_ms, void *ctx)
{
    struct http *http = ctx;
    (void)multi;
    if (timeout_ms < 0)
        loop_timer_stop(http->timer);
    else
        loop_timer_start(http->timer, timeout_ms ? timeout_ms : LOOP_THIS_TURN, 0);
    return 0;
}

static void on_curl_timeout(void *ctx)
{
    act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static void stop_curl(struct http *http)
{
    if (!http->multi)
        return;
    curl_multi_cleanup(http->multi);
    curl_global_cleanup();
    http->multi = NULL;
}

struct http *http_new(struct loop *loop)
{
    struct http *http = xcalloc(1, sizeof *http);
    http->loop = loop;
    http->timer = loop_timer_new(loop, on_curl_timeout, http);
    return http;
}

static void leave_curl(struct http_call *call)
{
    if (call->is_running)
        curl_multi_remove_handle(call->http->multi, call->easy);
    call->is_running = false;
}

static void drop(struct http_call *call)
{
    leave_curl(call);
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    http_call_free(call);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (http->calls) {
        struct http_handler handler = http->calls->handler;
        drop(http->calls);
        if (handler.on_dropped)
            handler.on_dropped(handler.ctx);
    }
    stop_curl(http);
    loop_timer_free(http->timer);
    free(http);
}

static void finish(struct http_call *call, CURLcode result)
{
    leave_curl(call);
    http_call_finish(call, result);
    const char *id = call->reply.request_id;
    log_line("http %s %s: %ld after %lld ms%s%.80s %s", call->method, call->host,
             call->reply.code,
             (long long)(clock_mono_ms(&clock_system) - call->started_ms),
             *id ? " id " : "", id, call->reply.err.text);
    call->is_done = true;
    if (!call->is_cancelled && call->handler.on_done)
        call->handler.on_done(call->handler.ctx, &call->reply);
    drop(call);
}

static void on_call_timer(void *ctx);

static void arm_timer(struct http_call *call, int64_t ms)
{
    if (!call->timer)
        call->timer = loop_timer_new(call->http->loop, on_call_timer, call);
    loop_timer_start(call->timer, ms, 0);
}

/* A call that curl does not have any more, or would not take, ends with the next turn. */
static void fail(struct http_call *call, CURLMcode code)
{
    leave_curl(call);
    err_set(&call->reply.err, STATUS_IO,
            "The request to %s cannot be made: %s. Try again; if it goes on, start anew.",
            call->host, curl_multi_strerror(code));
    arm_timer(call, 0);
}

static void start_running(struct http_call *call)
{
    CURLMcode code = curl_multi_add_handle(call->http->multi, call->easy);
    call->is_running = code == CURLM_OK;
    if (!call->is_running)
        fail(call, code);
}

static void act(struct http *http, curl_socket_t fd, int events)
{
    int still_running, left;
    http->is_in_curl = true;
    CURLMcode code = curl_multi_socket_action(http->multi, fd, events, &still_running);
    http->is_in_curl = false;
    if (http->has_waiting) { /* cancelled or sent while curl was calling us */
        http->has_waiting = false;
        for (struct http_call *call = http->calls, *next; call; call = next) {
            next = call->next;
            if (call->is_cancelled)
                drop(call);
            else if (call->easy && !call->is_running && call->reply.err.code == STATUS_OK)
                start_running(call);
        }
    }
    if (code != CURLM_OK) { /* it does nothing more: the next request gets a new one */
        for (struct http_call *call = http->calls; call; call = call->next)
            if (call->is_running)
                fail(call, code);
        stop_curl(http);
        return;
    }

    CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        struct http_call *call = NULL;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        if (result != CURLE_OK || !http_call_may_follow(call)) {
            finish(call, result);
            continue;
        }
        leave_curl(call);
        http_call_redirect(call);
        start_running(call);
    }
}

/* Milliseconds until the idle limit or the total one, <= 0 = it has passed; INT64_MAX =
 * there is none. */
static int64_t time_left(const struct http_call *call)
{
    int64_t end = INT64_MAX;
    if (call->idle_timeout_ms > 0)
        end = call->last_activity_ms + call->idle_timeout_ms;
    if (call->total_timeout_ms > 0 && call->started_ms + call->total_timeout_ms < end)
        end = call->started_ms + call->total_timeout_ms;
    return end == INT64_MAX ? end : end - clock_mono_ms(&clock_system);
}

/* A limit may have come; or a call that was never sent is to be told. */
static void on_call_timer(void *ctx)
{
    struct http_call *call = ctx;
    if (call->reply.err.code != STATUS_OK) {
        finish(call, CURLE_OK);
        return;
    }
    int64_t left = time_left(call);
    if (left > 0) {
        arm_timer(call, left);
        return;
    }
    http_fault_late(call);
    finish(call, CURLE_OPERATION_TIMEDOUT);
}

struct http_call *http_send(struct http *http, const struct http_request *request,
                            const struct http_handler *handler)
{
    if (!http->multi) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        http->multi = curl_multi_init();
        curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
        curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
        curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
        curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    }
    struct http_call *call = http_call_new(request, handler);
    call->http = http;
    call->next = http->calls;
    call->link = &http->calls;
    if (call->next)
        call->next->link = &call->next;
    http->calls = call;
    enum status status = http_call_prepare(call, request);
    if (status != STATUS_OK)
        arm_timer(call, 0);
    else if (time_left(call) < INT64_MAX)
        arm_timer(call, time_left(call));
    if (status == STATUS_OK && !http->is_in_curl)
        start_running(call);
    http->has_waiting |= http->is_in_curl;
    return call;
}

void http_cancel(struct http_call *call)
{
    if (!call || call->is_cancelled)
        return;
    call->is_cancelled = true;
    call->http->has_waiting |= call->http->is_in_curl;
    if (!call->is_done && !call->http->is_in_curl)
        drop(call);
}

struct loop *http_loop(const struct http *http)
{
    return http->loop;
}
