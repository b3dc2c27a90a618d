/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/http.h"
#include "tests/support/fake_server.h"

enum { DEADLINE_MS = 20000, TICK_MS = 5 };

/* What a call told, kept beyond the callback. */
struct outcome {
    struct http_call *call;
    struct http *http;
    struct fake_server *server;
    struct buf body;
    struct buf pieces;
    int headers, done, dropped;
    int piece_count;
    long code;
    enum status status;
    int64_t retry_after_ms;
    enum http_retry_hint hint;
    char type[64];
    char id[64];
    char text[512];
    bool wants_stream;
    bool is_stopped;
    bool cancels_in_headers, cancels_in_data, cancels_in_done, sends_in_data,
        cancels_other;
    bool opens_gate;
    struct outcome *other; /* sent from on_data, or cancelled from on_done */
};

struct fixture {
    struct loop *loop;
    struct http *http;
    struct fake_server *server;
    struct loop_timer *deadline;
    int ticks;
    bool is_late;
};

/* Calls that were sent and have neither ended nor been stopped. */
static size_t under_way;

/* Wakes loop_turn, which goes on waiting after a timer was handled. */
static void tick(void *ctx)
{
    struct fixture *fixture = ctx;
    fixture->is_late = ++fixture->ticks > DEADLINE_MS / TICK_MS;
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    fixture->loop = loop_new();
    fixture->http = http_new(fixture->loop);
    fixture->server = fake_server_new();
    under_way = 0;
    fixture->deadline = loop_timer_new(fixture->loop, tick, fixture);
    loop_timer_start(fixture->deadline, TICK_MS, TICK_MS);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    http_free(fixture->http);
    loop_timer_free(fixture->deadline);
    loop_free(fixture->loop);
    fake_server_free(fixture->server);
    free(fixture);
    return 0;
}

static void send_url(struct fixture *fixture, struct outcome *outcome, const char *url);

static void stop_waiting(struct outcome *outcome)
{
    if (!outcome->done && !outcome->is_stopped)
        under_way--;
    outcome->is_stopped = true;
    http_cancel(outcome->call);
}

static bool on_headers(void *ctx, const struct http_reply *reply)
{
    struct outcome *outcome = ctx;
    outcome->headers++;
    outcome->code = reply->code;
    if (outcome->cancels_in_headers)
        stop_waiting(outcome);
    return outcome->wants_stream;
}

static void on_done(void *ctx, const struct http_reply *reply);

static void on_data(void *ctx, const char *bytes, size_t len)
{
    struct outcome *outcome = ctx;
    buf_add(&outcome->pieces, bytes, len);
    outcome->piece_count++;
    if (outcome->opens_gate)
        fake_server_open_gate(outcome->server);
    if (outcome->sends_in_data && !outcome->other->call) {
        struct http_request request = {.method = "GET",
                                       .url = fake_server_url(outcome->server)};
        struct http_handler handler = {on_headers, on_data, on_done, outcome->other,
                                       NULL};
        outcome->other->call = http_send(outcome->http, &request, &handler);
        under_way++;
    }
    if (outcome->cancels_in_data)
        stop_waiting(outcome);
    if (outcome->cancels_other)
        stop_waiting(outcome->other);
}

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct outcome *outcome = ctx;
    outcome->done++;
    under_way--;
    outcome->status = reply->status;
    outcome->code = reply->code;
    outcome->retry_after_ms = reply->retry_after_ms;
    outcome->hint = reply->retry_hint;
    buf_add(&outcome->body, reply->body, reply->body_len);
    snprintf(outcome->type, sizeof outcome->type, "%s", reply->content_type);
    snprintf(outcome->id, sizeof outcome->id, "%s", reply->request_id);
    snprintf(outcome->text, sizeof outcome->text, "%s", reply->err.text);
    if (outcome->cancels_in_done) {
        stop_waiting(outcome);
        if (outcome->other)
            stop_waiting(outcome->other);
    }
}

static void on_dropped(void *ctx)
{
    struct outcome *outcome = ctx;
    outcome->dropped++;
    under_way--;
}

static void clear(struct outcome *outcome)
{
    buf_clear(&outcome->body);
    buf_clear(&outcome->pieces);
}

static void send_request(struct fixture *fixture, struct outcome *outcome,
                         const struct http_request *request)
{
    struct http_handler handler = {on_headers, on_data, on_done, outcome, on_dropped};
    outcome->http = fixture->http;
    outcome->server = fixture->server;
    outcome->call = http_send(fixture->http, request, &handler);
    under_way++;
    assert_int_equal(outcome->done, 0); /* never from inside */
}

static void send_url(struct fixture *fixture, struct outcome *outcome, const char *url)
{
    struct http_request request = {.method = "GET", .url = url};
    send_request(fixture, outcome, &request);
}

static void settle(struct fixture *fixture)
{
    while (under_way && !fixture->is_late)
        loop_turn(fixture->loop);
    assert_false(fixture->is_late);
}

static void get(struct fixture *fixture, struct outcome *outcome)
{
    send_url(fixture, outcome, fake_server_url(fixture->server));
    settle(fixture);
    assert_int_equal(outcome->done, 1);
}

static void an_answer_is_collected(void **state)
{
    struct fixture *fixture = *state;
    fake_reply_http_with(
        fake_server_queue(fixture->server), 201,
        "Content-Type: text/plain\r\nX-Request-Id: req-7\r\n"
        "Retry-After: 3\r\nretry-after-ms: 40\r\nx-should-retry: true\r\n",
        "hello", 5);
    struct outcome outcome = {0};
    get(fixture, &outcome);
    assert_int_equal(outcome.status, STATUS_OK);
    assert_int_equal(outcome.code, 201);
    assert_string_equal(buf_text(&outcome.body), "hello");
    assert_string_equal(outcome.type, "text/plain");
    assert_string_equal(outcome.id, "req-7");
    assert_int_equal(outcome.retry_after_ms, 40);
    assert_int_equal(outcome.hint, HTTP_RETRY_YES);
    assert_string_equal(outcome.text, "");
    char *agent =
        fake_request_header(fake_server_request(fixture->server, 0), "user-agent");
    assert_string_equal(agent, "sherd/" PACKAGE_VERSION);
    free(agent);
    clear(&outcome);
}

static void a_body_is_posted_with_its_key(void **state)
{
    struct fixture *fixture = *state;
    fake_reply_http(fake_server_queue(fixture->server), 200, "application/json", "{}");
    struct secret key = {0};
    secret_set(&key, "sk-hush-4711");
    char *body = xmalloc(3000000);
    memset(body, 'x', 3000000);
    struct http_request request = {.method = "PUT",
                                   .url = fake_server_url(fixture->server),
                                   .body = body,
                                   .body_len = 3000000,
                                   .key_header = "Authorization",
                                   .key_prefix = "Bearer ",
                                   .key = &key};
    struct outcome outcome = {0};
    send_request(fixture, &outcome, &request);
    free(body); /* it was copied */
    secret_clear(&key);
    settle(fixture);
    const struct fake_request *got = fake_server_request(fixture->server, 0);
    assert_string_equal(got->method, "PUT");
    assert_int_equal(got->body_len, 3000000);
    char *sent = fake_request_header(got, "authorization");
    char *type = fake_request_header(got, "Content-Type");
    assert_string_equal(sent, "Bearer sk-hush-4711");
    assert_string_equal(type, "application/json");
    assert_null(fake_request_header(got, "Expect"));
    free(sent);
    free(type);
    clear(&outcome);
}

static void methods_without_a_body_are_sent_as_named(void **state)
{
    struct fixture *fixture = *state;
    static const char *const methods[] = {"DELETE", "POST", "GET", "PUT"};
    for (size_t i = 0; i < 4; i++) {
        fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "");
        struct http_request request = {.method = methods[i],
                                       .url = fake_server_url(fixture->server)};
        struct outcome outcome = {0};
        send_request(fixture, &outcome, &request);
        settle(fixture);
        assert_int_equal(outcome.status, STATUS_OK);
        const struct fake_request *got = fake_server_request(fixture->server, i);
        assert_string_equal(got->method, methods[i]);
        assert_int_equal(got->body_len, 0);
        clear(&outcome);
    }
}

static void a_stream_comes_piece_by_piece_as_it_is_sent(void **state)
{
    struct fixture *fixture = *state;
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_stream(reply);
    fake_reply_text(reply, "one ");
    fake_reply_gate(reply); /* opened by the first piece: it came before the second */
    fake_reply_text(reply, "two");
    fake_reply_close(reply);
    struct outcome outcome = {.wants_stream = true, .opens_gate = true};
    get(fixture, &outcome);
    assert_int_equal(outcome.headers, 1);
    assert_true(outcome.piece_count >= 2);
    assert_string_equal(buf_text(&outcome.pieces), "one two");
    assert_string_equal(buf_text(&outcome.body), "");
    clear(&outcome);
}

static void many_calls_run_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcomes[20] = {{0}};
    for (int i = 0; i < 20; i++) {
        struct fake_reply *reply = fake_server_queue(fixture->server);
        fake_reply_gate(reply);
        fake_reply_http(reply, 200, "text/plain", "x");
        send_url(fixture, &outcomes[i], fake_server_url(fixture->server));
    }
    while (fake_server_count(fixture->server) < 20 && !fixture->is_late)
        loop_turn(fixture->loop); /* all are asked before one is answered */
    for (int i = 0; i < 20; i++)
        fake_server_open_gate(fixture->server);
    settle(fixture);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(outcomes[i].code, 200);
        clear(&outcomes[i]);
    }
}

static void a_connection_is_used_again(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++) {
        fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "x");
        struct outcome outcome = {0};
        get(fixture, &outcome);
        clear(&outcome);
    }
    assert_int_equal(fake_server_request(fixture->server, 2)->connection, 0);
}

static void cancelling_in_any_callback_is_safe(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcomes[3] = {
        {.cancels_in_headers = true},
        {.cancels_in_data = true, .wants_stream = true},
        {.cancels_in_done = true},
    };
    for (int i = 0; i < 3; i++) {
        fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "hello");
        send_url(fixture, &outcomes[i], fake_server_url(fixture->server));
        settle(fixture);
        clear(&outcomes[i]);
    }
    assert_int_equal(outcomes[0].done, 0);
    assert_int_equal(outcomes[0].headers, 1);
    assert_int_equal(outcomes[1].done, 0);
    assert_int_equal(outcomes[1].piece_count, 1);
    assert_int_equal(outcomes[2].done, 1);
}

static void cancelling_outside_closes_the_connection(void **state)
{
    struct fixture *fixture = *state;
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_stream(reply);
    fake_reply_stall(reply);
    struct outcome outcome = {.wants_stream = true};
    send_url(fixture, &outcome, fake_server_url(fixture->server));
    while (!outcome.headers && !fixture->is_late)
        loop_turn(fixture->loop);
    stop_waiting(&outcome);
    http_cancel(NULL);
    while (!fake_server_hangups(fixture->server) && !fixture->is_late)
        loop_turn(fixture->loop);
    assert_int_equal(fake_server_hangups(fixture->server), 1);
    assert_int_equal(outcome.done, 0);
    clear(&outcome);
}

static void one_call_may_cancel_another(void **state)
{
    struct fixture *fixture = *state;
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_gate(reply);
    fake_reply_http(reply, 200, "text/plain", "x");
    fake_reply_stall(fake_server_queue(fixture->server));
    struct outcome stalled = {0};
    struct outcome first = {.cancels_in_done = true, .other = &stalled};
    send_url(fixture, &first, fake_server_url(fixture->server));
    while (!fake_server_count(fixture->server))
        loop_poll(fixture->loop);
    send_url(fixture, &stalled, fake_server_url(fixture->server));
    fake_server_open_gate(fixture->server);
    settle(fixture);
    assert_int_equal(first.done, 1);
    assert_int_equal(stalled.done, 0);
    clear(&first);
    clear(&stalled);
}

static void one_call_may_cancel_another_from_its_data(void **state)
{
    struct fixture *fixture = *state;
    fake_reply_stall(fake_server_queue(fixture->server));
    struct outcome stalled = {0};
    struct outcome second = {
        .wants_stream = true, .cancels_other = true, .other = &stalled};
    send_url(fixture, &stalled, fake_server_url(fixture->server));
    while (!fake_server_count(fixture->server))
        loop_turn(fixture->loop);
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "x");
    send_url(fixture, &second, fake_server_url(fixture->server));
    settle(fixture);
    while (!fake_server_hangups(fixture->server) && !fixture->is_late)
        loop_turn(fixture->loop);
    assert_int_equal(fake_server_hangups(fixture->server), 1); /* it does not live on */
    assert_int_equal(second.done, 1);
    assert_int_equal(stalled.done, 0);
    clear(&second);
    clear(&stalled);
}

static void a_call_may_be_sent_from_inside_a_callback(void **state)
{
    struct fixture *fixture = *state;
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "one");
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "two");
    struct outcome second = {0};
    struct outcome first = {
        .wants_stream = true, .sends_in_data = true, .other = &second};
    get(fixture, &first);
    assert_string_equal(buf_text(&second.body), "two");
    clear(&first);
    clear(&second);
}

static void closing_while_calls_run_drops_them(void **state)
{
    struct fixture *fixture = *state;
    fake_reply_stall(fake_server_queue(fixture->server));
    struct outcome running = {0}, refused = {0};
    send_url(fixture, &running, fake_server_url(fixture->server));
    send_url(fixture, &refused, "nonsense");
    loop_turn(fixture->loop);
    int told = refused.done; /* it may have been its turn */
    http_free(fixture->http);
    fixture->http = NULL;
    assert_int_equal(running.done, 0);
    assert_int_equal(running.dropped, 1);
    assert_int_equal(refused.dropped, 1 - told);
    assert_int_equal(refused.done, told);
    clear(&running);
    clear(&refused);
}

static void check_fault(struct fixture *fixture, const char *url, enum status status,
                        const char *words)
{
    struct outcome outcome = {0};
    send_url(fixture, &outcome, url);
    settle(fixture);
    assert_int_equal(outcome.done, 1);
    assert_int_equal(outcome.status, status);
    assert_non_null(strstr(outcome.text, words));
    clear(&outcome);
}

static void what_cannot_be_reached_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *gone = fake_server_new();
    char *url = xasprintf("%s/v1", fake_server_url(gone));
    char *words = xasprintf("Nothing listens at 127.0.0.1:%d.", fake_server_port(gone));
    fake_server_free(gone);
    check_fault(fixture, url, STATUS_NETWORK, words);
    free(words);
    free(url);
    check_fault(fixture, "http://no-such-name.invalid/", STATUS_NETWORK,
                "No address is known for no-such-name.invalid");
    check_fault(fixture, "localhost:80", STATUS_CONFIG, "does not start with http");
}

static void broken_answers_are_named(void **state)
{
    struct fixture *fixture = *state;
    const char *url = fake_server_url(fixture->server);
    fake_reply_close(fake_server_queue(fixture->server));
    check_fault(fixture, url, STATUS_NETWORK, "closed the connection without an answer");
    fake_reply_reset(fake_server_queue(fixture->server));
    check_fault(fixture, url, STATUS_NETWORK, "broke");
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_text(reply, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    fake_reply_close(reply);
    check_fault(fixture, url, STATUS_NETWORK, "broke off before its end");
    reply = fake_server_queue(fixture->server);
    fake_reply_text(reply,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    fake_reply_close(reply);
    check_fault(fixture, url, STATUS_NETWORK, "Try again");
    reply = fake_server_queue(fixture->server);
    fake_reply_text(reply, "SSH-2.0-OpenSSH_9.2\r\n");
    fake_reply_close(reply);
    check_fault(fixture, url, STATUS_PROTOCOL, "does not speak HTTP");
}

static void an_answer_cut_short_keeps_its_code_and_pieces(void **state)
{
    struct fixture *fixture = *state;
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_text(reply, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    fake_reply_close(reply);
    struct outcome outcome = {.wants_stream = true};
    get(fixture, &outcome);
    assert_int_equal(outcome.status, STATUS_NETWORK);
    assert_int_equal(outcome.code, 200);
    assert_string_equal(buf_text(&outcome.pieces), "half");
    clear(&outcome);
}

static void silence_ends_at_the_idle_limit(void **state)
{
    struct fixture *fixture = *state;
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_stream(reply);
    fake_reply_text(reply, "x");
    fake_reply_stall(reply);
    struct http_request request = {
        .method = "GET", .url = fake_server_url(fixture->server), .idle_timeout_ms = 60};
    struct outcome outcome = {.wants_stream = true};
    send_request(fixture, &outcome, &request);
    settle(fixture);
    assert_int_equal(outcome.status, STATUS_TIMEOUT);
    assert_non_null(strstr(outcome.text, "has sent nothing for 1 s"));
    assert_string_equal(buf_text(&outcome.pieces), "x");
    clear(&outcome);
}

/* A byte now and then feeds the idle limit for ever. */
static void a_trickle_ends_at_the_total_limit(void **state)
{
    struct fixture *fixture = *state;
    struct fake_reply *reply = fake_server_queue(fixture->server);
    fake_reply_text(reply, "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n");
    for (int i = 0; i < 4000; i++) {
        fake_reply_text(reply, " ");
        fake_reply_pause(reply, 20);
    }
    struct http_request request = {.method = "GET",
                                   .url = fake_server_url(fixture->server),
                                   .idle_timeout_ms = 5000,
                                   .total_timeout_ms = 150};
    struct outcome outcome = {0};
    send_request(fixture, &outcome, &request);
    settle(fixture);
    assert_int_equal(outcome.status, STATUS_TIMEOUT);
    assert_non_null(strstr(outcome.text, "has not finished its answer within 1 s"));
    clear(&outcome);
}

/* Stands in front of curl's: fails as often as it is told. */
static int refusals, breakdowns;

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
    CURLMcode (*real)(CURLM *, CURL *);
    void *symbol = dlsym(RTLD_NEXT, "curl_multi_add_handle");
    memcpy(&real, &symbol, sizeof real);
    return refusals > 0 && refusals-- ? CURLM_OUT_OF_MEMORY : real(multi, easy);
}

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *left)
{
    CURLMcode (*real)(CURLM *, curl_socket_t, int, int *);
    void *symbol = dlsym(RTLD_NEXT, "curl_multi_socket_action");
    memcpy(&real, &symbol, sizeof real);
    CURLMcode code = real(multi, fd, events, left);
    return breakdowns > 0 && breakdowns-- ? CURLM_ABORTED_BY_CALLBACK : code;
}

static void what_curl_does_not_take_ends_all_the_same(void **state)
{
    struct fixture *fixture = *state;
    struct outcome refused = {0}, inner = {0};
    refusals = 1;
    send_url(fixture, &refused, fake_server_url(fixture->server));
    settle(fixture);
    assert_int_equal(refused.done, 1);
    assert_int_equal(refused.status, STATUS_IO);
    assert_non_null(strstr(refused.text, "cannot be made: Out of memory"));
    /* one that is sent from inside a callback is taken later: then it ends, too */
    struct outcome outer = {.wants_stream = true, .sends_in_data = true, .other = &inner};
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "x");
    send_url(fixture, &outer, fake_server_url(fixture->server));
    refusals = 1;
    settle(fixture);
    assert_int_equal(outer.done, 1);
    assert_int_equal(inner.done, 1);
    assert_int_equal(inner.status, STATUS_IO);
    clear(&refused);
    clear(&outer);
    clear(&inner);
}

static void when_curl_breaks_down_calls_end_and_the_next_one_works(void **state)
{
    struct fixture *fixture = *state;
    struct outcome lost = {0}, lost_too = {0}, next = {0};
    fake_reply_stall(fake_server_queue(fixture->server));
    fake_reply_stall(fake_server_queue(fixture->server));
    send_url(fixture, &lost, fake_server_url(fixture->server));
    send_url(fixture, &lost_too, fake_server_url(fixture->server));
    breakdowns = 1;
    settle(fixture);
    assert_int_equal(lost.status, STATUS_IO);
    assert_int_equal(lost_too.status, STATUS_IO);
    fake_server_free(fixture->server);
    fixture->server = fake_server_new();
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "again");
    get(fixture, &next);
    assert_string_equal(buf_text(&next.body), "again");
    clear(&lost);
    clear(&lost_too);
    clear(&next);
}

static void the_log_is_safe_from_a_servers_words(void **state)
{
    struct fixture *fixture = *state;
    char path[] = "/tmp/sherd-test-log-XXXXXX";
    char text[4096] = "";
    struct err err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(log_open(path, &err), STATUS_OK);
    fake_reply_http_with(fake_server_queue(fixture->server), 200,
                         "x-request-id: id\xe2\x80\xae\x1b]0;owned\r\n", "", 0);
    struct outcome outcome = {0};
    get(fixture, &outcome);
    log_close();
    assert_true(read(fd, text, sizeof text - 1) > 0);
    close(fd);
    unlink(path);
    assert_non_null(strstr(text, "200 after"));
    assert_null(strstr(text, "\xe2\x80\xae")); /* turns the line around */
    assert_null(strchr(text, '\x1b'));
    clear(&outcome);
}

static void a_body_over_the_cap_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char *large = xcalloc(1, 5001);
    memset(large, 'x', 5000);
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", large);
    struct http_request request = {
        .method = "GET", .url = fake_server_url(fixture->server), .max_body = 4096};
    struct outcome outcome = {0};
    send_request(fixture, &outcome, &request);
    settle(fixture);
    assert_int_equal(outcome.status, STATUS_FULL);
    assert_non_null(strstr(outcome.text, "larger than 4 KiB"));
    free(large);
    clear(&outcome);
}

static void check_plain_key(struct fixture *fixture, const char *url, const char *text,
                            bool is_allowed, struct outcome *outcome)
{
    struct secret key = {0};
    secret_set(&key, text);
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .key_header = "X-Argilla-Api-Key",
                                   .key_prefix = "",
                                   .key = &key,
                                   .allow_plain_key = is_allowed};
    send_request(fixture, outcome, &request);
    settle(fixture);
    secret_clear(&key);
    assert_int_equal(outcome->done, 1);
    assert_null(strstr(outcome->text, "sk-hush-4711"));
    clear(outcome);
}

static void a_key_is_not_sent_in_the_clear_to_another_machine(void **state)
{
    struct fixture *fixture = *state;
    struct outcome refused = {0}, allowed = {0};
    check_plain_key(fixture, "http://no-such-name.invalid/", "sk-hush-4711", false,
                    &refused);
    assert_int_equal(refused.status, STATUS_CONFIG);
    assert_non_null(strstr(refused.text, "allow_plain_key"));
    check_plain_key(fixture, "http://no-such-name.invalid/", "sk-hush-4711", true,
                    &allowed);
    assert_int_equal(allowed.status, STATUS_NETWORK); /* it was tried */
}

static void a_key_cannot_smuggle_a_header(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcome = {0};
    check_plain_key(fixture, fake_server_url(fixture->server), "sk-hush\r\nX-Evil: 1",
                    false, &outcome);
    assert_int_equal(outcome.status, STATUS_CONFIG);
    assert_int_equal(fake_server_count(fixture->server), 0);
}

static void redirect(struct fake_server *server, int code, const char *to)
{
    char *headers = xasprintf("Location: %s\r\n", to);
    fake_reply_http_with(fake_server_queue(server), code, headers, "moved", 5);
    free(headers);
}

static void a_redirect_on_the_same_host_is_followed(void **state)
{
    struct fixture *fixture = *state;
    redirect(fixture->server, 302, "/there");
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "found");
    struct outcome outcome = {0};
    get(fixture, &outcome);
    assert_string_equal(buf_text(&outcome.body), "found");
    assert_int_equal(outcome.headers, 1);
    assert_string_equal(fake_server_request(fixture->server, 1)->path, "/there");
    clear(&outcome);
}

static void a_redirected_post_keeps_its_body_only_where_http_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct http_request request = {.method = "POST",
                                   .url = fake_server_url(fixture->server),
                                   .body = "{}",
                                   .body_len = 2};
    redirect(fixture->server, 307, "/v1/");
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "ok");
    struct outcome kept = {0};
    send_request(fixture, &kept, &request);
    settle(fixture);
    assert_int_equal(kept.code, 200);
    assert_string_equal(fake_server_request(fixture->server, 1)->body, "{}");

    redirect(fixture->server, 301, "/v1/");
    struct outcome refused = {0};
    send_request(fixture, &refused, &request);
    settle(fixture);
    assert_int_equal(refused.status, STATUS_CONFIG);
    assert_non_null(strstr(refused.text, "not followed for a POST"));
    clear(&kept);
    clear(&refused);
}

static void a_redirect_elsewhere_is_named_and_not_followed(void **state)
{
    struct fixture *fixture = *state;
    struct fake_server *other = fake_server_new();
    char *there = xasprintf("%s/login?token=hush", fake_server_url(other));
    redirect(fixture->server, 302, there);
    struct outcome outcome = {0};
    get(fixture, &outcome);
    assert_int_equal(outcome.status, STATUS_CONFIG);
    assert_non_null(strstr(outcome.text, fake_server_url(other)));
    assert_null(strstr(outcome.text, "hush"));
    assert_int_equal(fake_server_count(other), 0);
    free(there);
    fake_server_free(other);
    clear(&outcome);
}

/* Whole, and no half of it where a text is cut. */
static void a_key_that_a_server_repeats_is_neither_told_nor_logged(void **state)
{
    struct fixture *fixture = *state;
    char path[] = "/tmp/sherd-test-log-XXXXXX";
    char text[4096] = "";
    struct secret key = {0};
    struct err err = {0};
    int fd = mkstemp(path);
    assert_int_equal(log_open(path, &err), STATUS_OK);
    secret_set(&key, "sk-hush-4711-and-so-on");
    struct http_request request = {
        .method = "GET", .url = fake_server_url(fixture->server), .key = &key};
    request.key_header = "Authorization";
    for (int pad = 60; pad <= 200; pad += 7) {
        struct outcome outcome = {0};
        char *headers =
            xasprintf("X-Request-Id: %0*d-sk-hush-4711-and-so-on\r\n"
                      "Location: http://far.invalid/%0*d-sk-hush-4711-and-so-on\r\n",
                      pad, 0, pad, 0);
        fake_reply_http_with(fake_server_queue(fixture->server), 302, headers, "", 0);
        send_request(fixture, &outcome, &request);
        settle(fixture);
        assert_non_null(strstr(outcome.text, "redirects to http://far.invalid/0000"));
        assert_null(strstr(outcome.text, "sk-"));
        assert_null(strstr(outcome.id, "sk-"));
        free(headers);
        clear(&outcome);
    }
    log_close();
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_non_null(strstr(text, " id 0000"));
    assert_null(strstr(text, "sk-"));
    close(fd);
    unlink(path);
    secret_clear(&key);
}

static void a_circle_of_redirects_ends(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 10; i++)
        redirect(fixture->server, 302, "/again");
    struct outcome outcome = {0};
    get(fixture, &outcome);
    assert_int_equal(outcome.status, STATUS_CONFIG);
    assert_non_null(strstr(outcome.text, "redirects in a circle, at last to"));
    assert_int_equal(fake_server_count(fixture->server), 6);
    clear(&outcome);
}

static void check_gzip(struct fixture *fixture, const char *method, const char *accept,
                       const char *asked)
{
    static const char text[] = "data: hello\n\n";
    static const unsigned char packed[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b,
        0x49, 0x2c, 0x49, 0xb4, 0x52, 0xc8, 0x48, 0xcd, 0xc9, 0xc9, 0xe7,
        0xe2, 0x02, 0x00, 0x1d, 0x73, 0x9d, 0xd4, 0x0d, 0x00, 0x00, 0x00};
    size_t before = fake_server_count(fixture->server);
    fake_reply_http_with(fake_server_queue(fixture->server), 200,
                         "Content-Encoding: gzip\r\n", packed, sizeof packed);
    struct http_request request = {
        .method = method, .url = fake_server_url(fixture->server), .accept = accept};
    struct outcome outcome = {0};
    send_request(fixture, &outcome, &request);
    settle(fixture);
    assert_string_equal(buf_text(&outcome.body), text);
    char *sent = fake_request_header(fake_server_request(fixture->server, before),
                                     "Accept-Encoding");
    assert_non_null(strstr(sent, asked));
    free(sent);
    clear(&outcome);
}

static void gzip_is_read_but_asked_for_only_where_it_helps(void **state)
{
    check_gzip(*state, "GET", NULL, "gzip");
    check_gzip(*state, "PUT", NULL, "identity");
    check_gzip(*state, "GET", "text/event-stream", "identity");
}

static void loopback_is_reached_without_the_proxy(void **state)
{
    struct fixture *fixture = *state;
    setenv("http_proxy", "http://no-such-proxy.invalid:3128", 1);
    fake_reply_http(fake_server_queue(fixture->server), 200, "text/plain", "direct");
    struct outcome outcome = {0};
    get(fixture, &outcome);
    assert_string_equal(buf_text(&outcome.body), "direct");
    clear(&outcome);
    check_fault(fixture, "http://no-such-name.invalid/", STATUS_NETWORK, "proxy");
    unsetenv("http_proxy");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Where nothing answers because nothing may be asked, nobody is told to start a server.
 */
static void what_cannot_be_reached_is_told_with_its_reason(void **state)
{
    struct fixture *fixture = *state;
    struct outcome outcome = {0};
    send_url(fixture, &outcome, "http://255.255.255.255:9/");
    settle(fixture);
    assert_int_equal(outcome.status, STATUS_NETWORK);
    assert_non_null(strstr(outcome.text, "255.255.255.255"));
    assert_non_null(strstr(outcome.text, " cannot be reached: "));
    assert_non_null(strstr(outcome.text, ". Check the address and the network."));
    clear(&outcome);
}

int main(void)
{
    /* a proxy of the machine must not have a say in these */
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("all_proxy");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const struct CMUnitTest tests[] = {
        CASE(what_cannot_be_reached_is_told_with_its_reason),
        CASE(an_answer_is_collected),
        CASE(a_body_is_posted_with_its_key),
        CASE(methods_without_a_body_are_sent_as_named),
        CASE(a_stream_comes_piece_by_piece_as_it_is_sent),
        CASE(many_calls_run_at_once),
        CASE(a_connection_is_used_again),
        CASE(cancelling_in_any_callback_is_safe),
        CASE(cancelling_outside_closes_the_connection),
        CASE(one_call_may_cancel_another),
        CASE(one_call_may_cancel_another_from_its_data),
        CASE(a_call_may_be_sent_from_inside_a_callback),
        CASE(closing_while_calls_run_drops_them),
        CASE(what_cannot_be_reached_is_named),
        CASE(broken_answers_are_named),
        CASE(an_answer_cut_short_keeps_its_code_and_pieces),
        CASE(silence_ends_at_the_idle_limit),
        CASE(a_trickle_ends_at_the_total_limit),
        CASE(what_curl_does_not_take_ends_all_the_same),
        CASE(when_curl_breaks_down_calls_end_and_the_next_one_works),
        CASE(the_log_is_safe_from_a_servers_words),
        CASE(a_body_over_the_cap_is_refused),
        CASE(a_key_is_not_sent_in_the_clear_to_another_machine),
        CASE(a_key_cannot_smuggle_a_header),
        CASE(a_redirect_on_the_same_host_is_followed),
        CASE(a_redirected_post_keeps_its_body_only_where_http_says_so),
        CASE(a_redirect_elsewhere_is_named_and_not_followed),
        CASE(a_key_that_a_server_repeats_is_neither_told_nor_logged),
        CASE(a_circle_of_redirects_ends),
        CASE(gzip_is_read_but_asked_for_only_where_it_helps),
        CASE(loopback_is_reached_without_the_proxy),
    };
    int failed = cmocka_run_group_tests_name("http", tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
