/* SPDX-License-Identifier: MIT
 *
 * Every recorded byte log of tests/fixtures/llm: cut at every byte, fed byte by byte,
 * and sent over HTTP. A file is "key: value" lines, "----", and the bytes of the body.
 */
#include "config.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/llm.h"
#include "llm/protocol.h"
#include "tests/support/fake_server.h"

#define FIXTURES TOP_SRCDIR "/tests/fixtures/llm"

enum { TICK_MS = 5, DEADLINE_MS = 60000 };

struct quirk {
    char *name;
    char *file; /* all of it */
    const char *body;
    size_t body_len;
};

struct outcome {
    struct buf text, reasoning, calls;
    char *summary;
    struct err err;
    enum llm_error_class class;
    enum llm_fault fault;
    int64_t wait_ms;
};

static char *read_file(const char *path, size_t *len)
{
    struct buf buf = {0};
    char bytes[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_add(&buf, bytes, got);
    fclose(file);
    *len = buf.len;
    return buf_take(&buf);
}

static struct quirk load(const char *name)
{
    size_t len = 0;
    char *path = xasprintf(FIXTURES "/%s", name);
    struct quirk quirk = {.name = xstrdup(name), .file = read_file(path, &len)};
    char *divider = strstr(quirk.file, "----\n");
    assert_non_null(divider);
    quirk.body = divider + 5;
    quirk.body_len = len - (size_t)(quirk.body - quirk.file);
    *divider = '\0';
    free(path);
    return quirk;
}

static int is_fixture(const struct dirent *entry)
{
    return strstr(entry->d_name, ".txt") != NULL;
}

/* The value of a key with \n and \0 as bytes, NULL = not there. Owned. */
static char *expected(const struct quirk *quirk, const char *key)
{
    char *start = xasprintf("\n%s: ", key);
    const char *at = strstr(quirk->file, start);
    at = at ? at + strlen(start) : NULL;
    free(start);
    return at ? xmemdup0(at, strcspn(at, "\n")) : NULL;
}

static long expected_status(const struct quirk *quirk)
{
    char *text = expected(quirk, "status");
    long status = text ? strtol(text, NULL, 10) : 200;
    free(text);
    return status;
}

static void make_endpoint(struct endpoint *endpoint, const struct quirk *quirk,
                          const char *url)
{
    char *kind = expected(quirk, "kind");
    endpoint_init(endpoint);
    assert_true(endpoint_kind_parse(kind ? kind : "openai-chat", &endpoint->kind));
    free(kind);
    endpoint->name = xstrdup("box");
    endpoint->base_url = xstrdup(url);
    secret_set(&endpoint->key, "sk-hush-4711");
    endpoint->defaults.model = xstrdup("m-asked");
    char *limit = expected(quirk, "limit");
    endpoint->defaults.max_tokens = limit ? strtol(limit, NULL, 10) : 0;
    free(limit);
}

static void add_visible(struct buf *buf, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i])
            buf_add_byte(buf, text[i]);
        else
            buf_add_text(buf, "\\0");
}

static void on_piece(void *ctx, bool is_reasoning, const char *text, size_t len)
{
    struct outcome *outcome = ctx;
    assert_true(len > 0);
    add_visible(is_reasoning ? &outcome->reasoning : &outcome->text, text, len);
}

/* "id name arguments" of each, " & " between them. */
static void add_calls(struct buf *out, const struct llm_tool_call *calls, size_t count,
                      bool has_ids)
{
    for (size_t i = 0; i < count; i++)
        buf_addf(out, "%s%s%s%s %s", i ? " & " : "", has_ids ? calls[i].id : "",
                 has_ids ? " " : "", calls[i].name, calls[i].arguments);
}

static void clear(struct outcome *outcome)
{
    buf_clear(&outcome->text);
    buf_clear(&outcome->reasoning);
    buf_clear(&outcome->calls);
    free(outcome->summary);
}

static void summarise(struct outcome *outcome, struct stream *stream,
                      const struct verdict *verdict)
{
    /* an id that is made up is another one each time */
    for (size_t i = 0; i < stream->call_count; i++)
        if (!stream->calls[i].id)
            stream->calls[i].id = xstrdup("-");
    if (verdict->state == COMPLETION_DONE)
        add_calls(&outcome->calls, stream_calls(stream), stream->call_count, true);
    const char *kept = stream_kept(stream, buf_text(&outcome->reasoning));
    outcome->err = verdict->err;
    outcome->class = verdict->class;
    outcome->fault = verdict->fault;
    outcome->wait_ms = verdict->wait_ms;
    outcome->summary = xasprintf(
        "%s|%s|%s|%s|%lld %lld|%s|%s|%s|%s", completion_state_name(verdict->state),
        buf_text(&outcome->text), buf_text(&outcome->reasoning),
        stream->finish_reason ? stream->finish_reason : "-",
        (long long)stream->prompt_tokens, (long long)stream->completion_tokens,
        stream->model ? stream->model : "-", verdict->err.text, buf_text(&outcome->calls),
        kept ? kept : "-");
}

/* Feeds the body in pieces: up to cut, then step bytes at a time. */
static void parse(const struct quirk *quirk, size_t cut, size_t step,
                  struct outcome *outcome)
{
    struct stream stream;
    struct endpoint endpoint;
    struct verdict verdict;
    make_endpoint(&endpoint, quirk, "http://127.0.0.1:1");
    stream_init(&stream, protocol_find(endpoint.kind), &endpoint, on_piece, outcome);
    char *calls = expected(quirk, "calls");
    stream.takes_calls = calls != NULL;
    stream.max_tokens = endpoint.defaults.max_tokens;
    free(calls);
    for (size_t at = 0; at < quirk->body_len;) {
        size_t len = at < cut ? cut - at : step;
        if (len > quirk->body_len - at)
            len = quirk->body_len - at;
        char *piece = xmemdup0(quirk->body + at, len);
        assert_true(stream_feed(&stream, piece, len));
        free(piece);
        at += len;
    }
    stream_end(&stream);
    verdict_of_stream(&verdict, &stream, NULL);
    summarise(outcome, &stream, &verdict);
    stream_clear(&stream);
    endpoint_clear(&endpoint);
}

static void parse_refusal(const struct quirk *quirk, struct outcome *outcome)
{
    struct stream stream;
    struct endpoint endpoint;
    struct verdict verdict;
    struct llm_error error;
    make_endpoint(&endpoint, quirk, "http://127.0.0.1:1");
    stream_init(&stream, protocol_find(endpoint.kind), &endpoint, on_piece, outcome);
    char *body = xmemdup0(quirk->body, quirk->body_len);
    llm_error_from_body(&error, body, quirk->body_len, &endpoint);
    verdict_of_error(&verdict, &error, expected_status(quirk), -1, &endpoint, "m-asked");
    summarise(outcome, &stream, &verdict);
    free(body);
    stream_clear(&stream);
    endpoint_clear(&endpoint);
}

static void check_text(const struct quirk *quirk, const char *key, const char *fallback,
                       const char *got)
{
    char *want = expected(quirk, key);
    if (want || fallback)
        if (strcmp(want ? want : fallback, got) != 0)
            fail_msg("%s: %s is \"%s\", not \"%s\"", quirk->name, key, got,
                     want ? want : fallback);
    free(want);
}

static void check_part(const struct quirk *quirk, const char *key, const char *text)
{
    char *want = expected(quirk, key);
    if (want && !strstr(text, want))
        fail_msg("%s: \"%s\" does not say \"%s\"", quirk->name, text, want);
    free(want);
}

static const char *class_name(enum llm_error_class class)
{
    static const char *const names[] = {"lasting", "passing", "loading"};
    return names[class];
}

static const char *fault_name(enum llm_fault fault)
{
    static const char *const names[] = {"none", "passing", "likely", "certain"};
    return names[fault];
}

static void check_no_key(const struct quirk *quirk, const char *text)
{
    if (strstr(text, "sk-h")) /* nor half of it */
        fail_msg("%s: the key is in \"%s\"", quirk->name, text);
}

static void check_sentence(const struct quirk *quirk, const struct err *err)
{
    check_part(quirk, "error", err->text);
    check_part(quirk, "error2", err->text);
    check_no_key(quirk, err->text);
    for (const char *at = err->text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            fail_msg("%s: a control byte is in the sentence", quirk->name);
}

static void check_outcome(const struct quirk *quirk, const struct outcome *outcome)
{
    char *parts = xstrdup(outcome->summary);
    char *bar = strchr(parts, '|');
    *bar = '\0';
    check_text(quirk, "state", NULL, parts);
    check_text(quirk, "text", "", buf_text(&outcome->text));
    check_text(quirk, "reasoning", "", buf_text(&outcome->reasoning));
    check_text(quirk, "calls", "", buf_text(&outcome->calls));
    check_text(quirk, "class", NULL, class_name(outcome->class));
    check_text(quirk, "fault", NULL, fault_name(outcome->fault));
    char *wait = xasprintf("%lld", (long long)outcome->wait_ms);
    check_text(quirk, "wait", NULL, wait);
    free(wait);
    check_sentence(quirk, &outcome->err);
    check_no_key(quirk, outcome->summary);
    bool is_done = !strcmp(parts, "done");
    if (is_done != (outcome->err.code == STATUS_OK))
        fail_msg("%s: %s with \"%s\"", quirk->name, parts, outcome->err.text);
    char *finish = expected(quirk, "finish"), *tokens = expected(quirk, "tokens");
    char *model = expected(quirk, "model");
    char *tail = xasprintf("|%s|%s|", finish ? finish : "-", tokens ? tokens : "-1 -1");
    bool is_refusal = expected_status(quirk) >= 300;
    if (!is_refusal && !strstr(outcome->summary, tail))
        fail_msg("%s: \"%s\" lacks \"%s\"", quirk->name, outcome->summary, tail);
    if (model && !strstr(outcome->summary, model))
        fail_msg("%s: model is not %s", quirk->name, model);
    check_text(quirk, "kept", NULL, strrchr(outcome->summary, '|') + 1);
    free(model);
    free(tail);
    free(tokens);
    free(finish);
    free(parts);
}

static void check_same(const struct quirk *quirk, size_t cut, size_t step,
                       const struct outcome *whole)
{
    struct outcome outcome = {0};
    parse(quirk, cut, step, &outcome);
    if (strcmp(outcome.summary, whole->summary) != 0)
        fail_msg("%s cut at %zu, then by %zu:\n%s\nnot\n%s", quirk->name, cut, step,
                 outcome.summary, whole->summary);
    clear(&outcome);
}

static void check_cuts(const struct quirk *quirk)
{
    struct outcome whole = {0};
    if (expected_status(quirk) >= 300) {
        parse_refusal(quirk, &whole);
        check_outcome(quirk, &whole);
        clear(&whole);
        return;
    }
    parse(quirk, quirk->body_len, 1, &whole);
    check_outcome(quirk, &whole);
    for (size_t cut = 0; cut < quirk->body_len; cut++)
        check_same(quirk, cut, quirk->body_len, &whole);
    check_same(quirk, 0, 1, &whole);
    clear(&whole);
}

static int for_each_quirk(void (*check)(const struct quirk *))
{
    struct dirent **entries;
    int count = scandir(FIXTURES, &entries, is_fixture, alphasort);
    assert_true(count > 80);
    for (int i = 0; i < count; i++) {
        struct quirk quirk = load(entries[i]->d_name);
        check(&quirk);
        free(quirk.name);
        free(quirk.file);
        free(entries[i]);
    }
    free(entries);
    return count;
}

static void every_quirk_is_read_wherever_it_is_cut(void **state)
{
    (void)state;
    for_each_quirk(check_cuts);
}

struct wire_outcome {
    struct outcome outcome;
    struct completion completion;
    bool is_over;
    int waits, ticks;
};

static void on_event(void *ctx, const struct llm_event *event)
{
    struct wire_outcome *got = ctx;
    if (event->kind == LLM_TEXT)
        add_visible(&got->outcome.text, event->text, event->len);
    else if (event->kind == LLM_REASONING)
        add_visible(&got->outcome.reasoning, event->text, event->len);
    else if (event->kind == LLM_WAITING)
        got->waits++;
    else
        got->is_over = true;
    if (event->kind != LLM_END)
        return;
    completion_copy(&got->completion, event->completion);
    add_calls(&got->outcome.calls, event->calls, event->call_count, false);
    for (size_t i = 0; i < event->call_count; i++)
        assert_true(*event->calls[i].id);
    if (event->err)
        got->outcome.err = *event->err;
}

static void on_tick(void *ctx)
{
    struct wire_outcome *got = ctx;
    assert_true(++got->ticks < DEADLINE_MS / TICK_MS);
}

static void ask(const struct quirk *quirk, const char *url, struct wire_outcome *got)
{
    struct loop *loop = loop_new();
    struct http *http = http_new(loop);
    struct loop_timer *timer = loop_timer_new(loop, on_tick, got);
    struct endpoint endpoint;
    make_endpoint(&endpoint, quirk, url);
    struct llm_message message = {.role = "user", .text = "Hi", .len = 2};
    struct llm_request request = {
        .endpoint = &endpoint, .messages = &message, .message_count = 1};
    struct llm_tool tool = {"look", "", "{}"};
    char *calls = expected(quirk, "calls");
    request.tools = calls ? &tool : NULL;
    request.tool_count = calls ? 1 : 0;
    free(calls);
    loop_timer_start(timer, TICK_MS, TICK_MS);
    llm_start(http, loop, &clock_system, &request, on_event, got);
    while (!got->is_over)
        loop_turn(loop);
    endpoint_clear(&endpoint);
    http_free(http);
    loop_timer_free(timer);
    loop_free(loop);
}

/* Runs on a thread of the server. */
static void give_quirk(void *ctx, const struct fake_request *request,
                       struct fake_reply *reply)
{
    const struct quirk *quirk = ctx;
    (void)request;
    char *type = expected(quirk, "type");
    char *head = xasprintf("HTTP/1.1 %ld X\r\nContent-Type: %s\r\n"
                           "x-should-retry: false\r\nConnection: close\r\n\r\n",
                           expected_status(quirk), type ? type : "text/event-stream");
    fake_reply_text(reply, head);
    fake_reply_piece(reply, 61);
    fake_reply_bytes(reply, quirk->body, quirk->body_len);
    fake_reply_close(reply);
    free(head);
    free(type);
}

static void check_over_http(const struct quirk *quirk)
{
    char *class = expected(quirk, "class");
    bool is_loading = class && !strcmp(class, "loading");
    free(class);
    if (is_loading)
        return; /* is asked again for minutes: test_llm has a shorter one */
    struct fake_server *server = fake_server_new();
    struct quirk copy = *quirk;
    fake_server_respond(server, give_quirk, &copy);
    struct wire_outcome got = {.is_over = false};
    ask(quirk, fake_server_url(server), &got);
    check_text(quirk, "state", NULL, completion_state_name(got.completion.state));
    check_text(quirk, "text", "", buf_text(&got.outcome.text));
    check_text(quirk, "reasoning", "", buf_text(&got.outcome.reasoning));
    check_text(quirk, "finish", NULL,
               got.completion.finish_reason ? got.completion.finish_reason : "-");
    check_sentence(quirk, &got.outcome.err);
    assert_int_equal(got.waits, 0);
    assert_true(got.completion.total_ms >= 0);
    clear(&got.outcome);
    completion_clear(&got.completion);
    fake_server_free(server);
}

static void every_quirk_is_read_over_http(void **state)
{
    (void)state;
    for_each_quirk(check_over_http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_quirk_is_read_wherever_it_is_cut),
        cmocka_unit_test(every_quirk_is_read_over_http),
    };
    return cmocka_run_group_tests_name("llm_quirks", tests, NULL, NULL);
}
