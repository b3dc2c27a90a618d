/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/llm.h"
#include "tests/support/net_stand.h"
#include "json/json.h"

#define CHUNK(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define FINISH "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define MARK "data: [DONE]\n\n"
#define SOON "retry-after-ms: 1\r\n"

struct fixture {
    struct net_stand net;
    struct endpoint endpoint;
    struct llm_memory *memory; /* NULL = each call is by itself */
};

struct answer {
    struct llm_call *call;
    struct buf text, reasoning;
    int texts, waits, ends;
    int64_t wait_ms;
    struct err wait_err, err;
    struct completion completion;
    enum llm_event_kind cancel_at; /* when the first of this kind comes … */
    bool cancels;                  /* … do this */
    bool is_inside;                /* of a function of llm */
    enum llm_fault fault;
    int64_t asked_ms;
    struct buf names;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    net_stand_start(&fixture->net, true);
    endpoint_init(&fixture->endpoint);
    fixture->endpoint.name = xstrdup("box");
    fixture->endpoint.base_url = xasprintf("%s/v1", fake_server_url(fixture->net.server));
    fixture->endpoint.defaults.model = xstrdup("m-asked");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    net_stand_end(&fixture->net);
    llm_memory_free(fixture->memory);
    endpoint_clear(&fixture->endpoint);
    free(fixture);
    return 0;
}

static void clear(struct answer *answer)
{
    buf_clear(&answer->text);
    buf_clear(&answer->reasoning);
    buf_clear(&answer->names);
    completion_clear(&answer->completion);
    *answer = (struct answer){0};
}

/* END comes with the loop's next turn, never from inside. */
static void cancel(struct answer *answer)
{
    answer->is_inside = true;
    llm_cancel(answer->call);
    llm_cancel(answer->call); /* twice is once */
    answer->is_inside = false;
}

static void react(struct answer *answer, enum llm_event_kind kind)
{
    if (kind == answer->cancel_at && answer->cancels)
        cancel(answer);
}

static void on_event(void *ctx, const struct llm_event *event)
{
    struct answer *answer = ctx;
    assert_int_equal(answer->ends, 0); /* nothing comes after END */
    assert_false(answer->is_inside);
    if (event->kind == LLM_TEXT) {
        buf_add(&answer->text, event->text, event->len);
        answer->texts++;
    } else if (event->kind == LLM_REASONING) {
        buf_add(&answer->reasoning, event->text, event->len);
    } else if (event->kind == LLM_WAITING) {
        answer->waits++;
        answer->wait_ms = event->wait_ms;
        answer->wait_err = *event->err;
    } else {
        answer->ends++;
        answer->fault = event->fault;
        answer->asked_ms = event->wait_ms;
        completion_copy(&answer->completion, event->completion);
        if (event->err)
            answer->err = *event->err;
    }
    react(answer, event->kind);
}

static void ask_with(struct fixture *fixture, struct answer *answer,
                     const struct sampling *sampling)
{
    struct llm_message message = {.role = "user", .text = "Hi \xff", .len = 4};
    struct llm_request request = {.endpoint = &fixture->endpoint,
                                  .messages = &message,
                                  .message_count = 1,
                                  .sampling = sampling,
                                  .memory = fixture->memory};
    answer->call = llm_start(fixture->net.http, fixture->net.loop, &clock_system,
                             &request, on_event, answer);
    assert_int_equal(answer->ends, 0); /* never from inside */
}

static void settle(struct fixture *fixture, struct answer *answer)
{
    while (!answer->ends)
        loop_turn(fixture->net.loop);
}

static void ask(struct fixture *fixture, struct answer *answer)
{
    ask_with(fixture, answer, NULL);
    settle(fixture, answer);
}

static struct fake_reply *queue_stream(struct fixture *fixture, const char *text)
{
    struct fake_reply *reply = fake_server_queue(fixture->net.server);
    fake_reply_stream(reply);
    fake_reply_text(reply, text);
    return reply;
}

static void queue_whole(struct fixture *fixture, const char *text)
{
    fake_reply_close(queue_stream(fixture, text));
}

static void queue_refusal(struct fixture *fixture, int code, const char *headers,
                          const char *body)
{
    fake_reply_http_with(fake_server_queue(fixture->net.server), code, headers, body,
                         strlen(body));
}

static json_t *sent_body(struct fixture *fixture, size_t at)
{
    const struct fake_request *request = fake_server_request(fixture->net.server, at);
    assert_non_null(request);
    json_t *body = json_parse(request->body, request->body_len, NULL);
    assert_non_null(body);
    return body;
}

static void check_sent(struct fixture *fixture, size_t at, const char *expected)
{
    json_t *body = sent_body(fixture, at);
    char *text = json_print(body);
    assert_string_equal(text, expected);
    free(text);
    json_decref(body);
}

#define MESSAGES "\"messages\":[{\"role\":\"user\",\"content\":\"Hi \xef\xbf\xbd\"}]"
#define STREAM "\"stream\":true,\"stream_options\":{\"include_usage\":true}"

static void only_what_was_set_is_sent(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    check_sent(fixture, 0, "{\"model\":\"m-asked\"," MESSAGES "," STREAM "}");
    const struct fake_request *request = fake_server_request(fixture->net.server, 0);
    assert_string_equal(request->path, "/v1/chat/completions");
    assert_null(fake_request_header(request, "Authorization"));
    assert_string_equal(buf_text(&answer.text), "Hello");
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    assert_string_equal(answer.completion.endpoint, "box");
    assert_int_equal(answer.completion.attempts, 1);
    assert_true(answer.completion.first_token_ms >= 0);
    assert_true(answer.completion.total_ms >= answer.completion.first_token_ms);
    assert_true(answer.completion.started_ms > INT64_C(1600000000000));
    assert_int_equal(answer.err.code, STATUS_OK);
    clear(&answer);
}

/* What each kind makes of the same question, and the header of its key. */
static void each_kind_writes_as_it_must(void **state)
{
    struct fixture *fixture = *state;
    char system[] = "Be brief.";
    struct sampling sampling = {.system_prompt = system,
                                .temperature = 0.5,
                                .has_temperature = true,
                                .seed = 7,
                                .has_seed = true,
                                .max_tokens = 50};
    static const struct {
        enum endpoint_kind kind;
        const char *path, *key_header, *key, *body;
    } rows[] = {
        {ENDPOINT_OPENAI_COMPLETIONS, "/v1/completions", "Authorization",
         "Bearer sk-hush-4711",
         "{\"model\":\"m-asked\",\"prompt\":\"Be brief.\\n\\nHi "
         "\xef\xbf\xbd\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
         "\"max_tokens\":50,\"temperature\":0.5,\"seed\":7}"},
        {ENDPOINT_OPENAI_RESPONSES, "/v1/responses", "Authorization",
         "Bearer sk-hush-4711",
         "{\"model\":\"m-asked\",\"input\":[{\"role\":\"user\",\"content\":\"Hi "
         "\xef\xbf\xbd\"}],\"stream\":true,\"instructions\":\"Be "
         "brief.\",\"max_output_tokens\":50,\"temperature\":0.5,\"store\":false}"},
        {ENDPOINT_ANTHROPIC, "/v1/messages", "x-api-key", "sk-hush-4711",
         "{\"model\":\"m-asked\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi "
         "\xef\xbf\xbd\"}],\"stream\":true,\"max_tokens\":50,\"system\":\"Be "
         "brief.\",\"temperature\":0.5}"},
        {ENDPOINT_OLLAMA, "/v1/api/chat", "Authorization", "Bearer sk-hush-4711",
         "{\"model\":\"m-asked\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
         "brief.\"},{\"role\":\"user\",\"content\":\"Hi "
         "\xef\xbf\xbd\"}],\"stream\":true,\"options\":{\"num_predict\":50,"
         "\"temperature\":0.5,\"seed\":7}}"},
    };
    secret_set(&fixture->endpoint.key, "sk-hush-4711");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = {0};
        fixture->endpoint.kind = rows[i].kind;
        queue_refusal(fixture, 400, NULL, "{\"error\":\"no\"}");
        ask_with(fixture, &answer, &sampling);
        settle(fixture, &answer);
        check_sent(fixture, i, rows[i].body);
        const struct fake_request *request = fake_server_request(fixture->net.server, i);
        char *key = fake_request_header(request, rows[i].key_header);
        char *version = fake_request_header(request, "anthropic-version");
        assert_string_equal(request->path, rows[i].path);
        assert_string_equal(key, rows[i].key);
        assert_int_equal(version != NULL, rows[i].kind == ENDPOINT_ANTHROPIC);
        free(version);
        free(key);
        clear(&answer);
    }
}

/* Where the limit must be said, and only there. */
static void a_limit_is_written_where_it_must_be(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum endpoint_kind kind;
        const char *name;
        json_int_t limit;
    } rows[] = {{ENDPOINT_OPENAI_COMPLETIONS, "max_tokens", 256},
                {ENDPOINT_ANTHROPIC, "max_tokens", 16000},
                {ENDPOINT_OPENAI_RESPONSES, "max_output_tokens", 0},
                {ENDPOINT_OLLAMA, "options", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = {0};
        fixture->endpoint.kind = rows[i].kind;
        queue_refusal(fixture, 400, NULL, "{\"error\":\"no\"}");
        ask(fixture, &answer);
        json_t *body = sent_body(fixture, i);
        const json_t *limit = json_object_get(body, rows[i].name);
        assert_int_equal(json_integer_value(limit), rows[i].limit);
        assert_int_equal(limit != NULL, rows[i].limit > 0);
        json_decref(body);
        clear(&answer);
    }
}

static void a_deprecated_temperature_is_left_out(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct sampling sampling = {.temperature = 0.5, .has_temperature = true};
    fixture->endpoint.kind = ENDPOINT_ANTHROPIC;
    queue_refusal(fixture, 400, NULL,
                  "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                  "\"message\":\"temperature is deprecated for this model\"}}");
    queue_refusal(fixture, 200, "Content-Type: application/json\r\n",
                  "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":"
                  "\"Hello\"}],\"stop_reason\":\"end_turn\"}");
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "Hello");
    assert_false(answer.completion.sampling.has_temperature);
    json_t *body = sent_body(fixture, 1);
    assert_null(json_object_get(body, "temperature"));
    json_decref(body);
    clear(&answer);
}

/* Thinking counts in it, so it is high where nobody set it; older models write less. */
static void older_models_of_anthropic_are_asked_for_less(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->endpoint.kind = ENDPOINT_ANTHROPIC;
    queue_refusal(fixture, 400, NULL,
                  "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                  "\"message\":\"max_tokens: 16000 > 4096, which is the maximum allowed "
                  "number of output tokens for claude-3-haiku\"}}");
    queue_refusal(fixture, 200, "Content-Type: application/json\r\n",
                  "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":"
                  "\"Hello\"}],\"stop_reason\":\"end_turn\"}");
    ask(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "Hello");
    json_t *body = sent_body(fixture, 1);
    assert_int_equal(json_integer_value(json_object_get(body, "max_tokens")), 4096);
    json_decref(body);
    clear(&answer);
}

static void a_refused_prefill_is_followed_by_a_user(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    const struct llm_message messages[] = {
        {.role = "user", .text = "Hi", .len = 2},
        {.role = "assistant", .text = "Once", .len = 4}};
    struct llm_request request = {
        .endpoint = &fixture->endpoint, .messages = messages, .message_count = 2};
    fixture->endpoint.kind = ENDPOINT_ANTHROPIC;
    queue_refusal(fixture, 400, NULL,
                  "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                  "\"message\":\"This model does not support assistant message prefill. "
                  "The conversation must end with a user message.\"}}");
    queue_refusal(fixture, 200, "Content-Type: application/json\r\n",
                  "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":"
                  "\"Hello\"}],\"stop_reason\":\"end_turn\"}");
    answer.call = llm_start(fixture->net.http, fixture->net.loop, &clock_system, &request,
                            on_event, &answer);
    settle(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "Hello");
    json_t *body = sent_body(fixture, 1);
    const json_t *last = json_array_get(json_object_get(body, "messages"), 2);
    assert_string_equal(json_get_text(last, "role", NULL), "user");
    json_decref(body);
    clear(&answer);
}

/* The endpoint does not know of them, or was told and goes on all the same. */
static void a_stop_sequence_ends_the_answer_whoever_keeps_to_it(void **state)
{
    struct fixture *fixture = *state;
    static const char *const stop[] = {"\nObservation", "END", NULL};
    static const struct {
        const char *pieces;
        const char *text;
    } rows[] = {
        {CHUNK("Look\\nObs") CHUNK("ervation: x") CHUNK("more"), "Look"},
        {CHUNK("Look\\nObs") CHUNK("tacle.") FINISH MARK, "Look\nObstacle."},
        {CHUNK("Look\\n") FINISH MARK, "Look\n"},
        {CHUNK("aEN") CHUNK("END") CHUNK("END"), "aEN"},
        {CHUNK("xEND\\nObservation"), "x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = {0};
        struct llm_message message = {.role = "user", .text = "Hi", .len = 2};
        struct llm_request request = {.endpoint = &fixture->endpoint,
                                      .messages = &message,
                                      .message_count = 1,
                                      .stop = stop};
        queue_whole(fixture, rows[i].pieces);
        answer.call = llm_start(fixture->net.http, fixture->net.loop, &clock_system,
                                &request, on_event, &answer);
        settle(fixture, &answer);
        assert_string_equal(buf_text(&answer.text), rows[i].text);
        assert_int_equal(answer.completion.state, COMPLETION_DONE);
        assert_string_equal(answer.completion.finish_reason, "stop");
        clear(&answer);
    }
}

static void settings_go_over_the_endpoints_own(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    char model[] = "m-flag", system[] = "Be brief.";
    struct sampling sampling = {.model = model,
                                .system_prompt = system,
                                .seed = 7,
                                .has_seed = true,
                                .max_tokens = 50};
    fixture->endpoint.defaults.temperature = 0.5;
    fixture->endpoint.defaults.has_temperature = true;
    fixture->endpoint.defaults.max_tokens = 9;
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    check_sent(
        fixture, 0,
        "{\"model\":\"m-flag\",\"messages\":[{\"role\":\"system\",\"content\":\"Be "
        "brief.\"},{\"role\":\"user\",\"content\":\"Hi \xef\xbf\xbd\"}]," STREAM
        ",\"max_tokens\":50,\"temperature\":0.5,\"seed\":7}");
    assert_string_equal(answer.completion.sampling.model, "m-flag");
    assert_true(answer.completion.sampling.has_temperature);
    clear(&answer);
}

static void the_key_goes_into_the_header_only(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    secret_set(&fixture->endpoint.key, "sk-hush-4711");
    queue_refusal(fixture, 401, NULL,
                  "{\"error\":{\"message\":\"Bad key sk-hush-4711\"}}");
    ask(fixture, &answer);
    const struct fake_request *request = fake_server_request(fixture->net.server, 0);
    char *sent = fake_request_header(request, "Authorization");
    assert_string_equal(sent, "Bearer sk-hush-4711");
    assert_null(strstr(request->path, "hush"));
    assert_null(strstr(request->body, "hush"));
    assert_int_equal(answer.err.code, STATUS_AUTH);
    assert_string_equal(answer.err.text,
                        "The endpoint box refused the key (401: Bad key [key]). Set "
                        "api_key_env, api_key_file or api_key_cmd in its section of the "
                        "config file.");
    assert_string_equal(answer.completion.error, answer.err.text);
    free(sent);
    clear(&answer);
}

/* Half of it would not be found any more. */
static void a_key_is_taken_out_before_anything_is_cut(void **state)
{
    struct fixture *fixture = *state;
    static const char *const forms[][2] = {
        {"data: {\"error\":{\"message\":\"", "\"}}\n\n"},
        {"data: {\"error\":{\"message\":\"\",\"code\":\"", "\"}}\n\n"},
        {"data: {\"detail\":\"", "\"}\n\n"},
        {"event: error\ndata: ", "\n\n"},
        {"<title>", "</title>"}};
    static const char key[] =
        "sk-hush-4711-which-is-a-long-one-of-fifty-eight-bytes-0123";
    secret_set(&fixture->endpoint.key, key);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        for (int pad = 20; pad < 330; pad += 31) {
            struct answer answer = {0};
            char *body = xasprintf("%s invalid_request %0*d %s%s", forms[i][0], pad, 0,
                                   key, forms[i][1]);
            fake_reply_http(fake_server_queue(fixture->net.server), 200,
                            "text/event-stream", body);
            ask(fixture, &answer);
            assert_non_null(strstr(answer.err.text, "00000"));
            assert_null(strstr(answer.err.text, "sk-hush"));
            assert_null(strstr(answer.completion.error, "sk-hush"));
            free(body);
            clear(&answer);
        }
}

static void a_missing_key_is_told_from_a_wrong_one(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    free(fixture->endpoint.name);
    fixture->endpoint.name = xstrdup("env");
    queue_refusal(fixture, 401, NULL, "{\"error\":\"no auth\"}");
    ask(fixture, &answer);
    assert_string_equal(
        answer.err.text,
        "The endpoint env wants a key and none is set (401: no auth). Set "
        "OPENAI_API_KEY, or add an [endpoint NAME] with its url and api_key_cmd to the "
        "config file.");
    clear(&answer);
    answer = (struct answer){0};
    free(fixture->endpoint.name); /* of --endpoint URL: it has no section */
    fixture->endpoint.name = xstrdup("http://127.0.0.1:1/v1");
    queue_refusal(fixture, 401, NULL, "{\"error\":\"no auth\"}");
    ask(fixture, &answer);
    assert_non_null(strstr(answer.err.text, "Add an [endpoint NAME] with its url and"));
    clear(&answer);
}

static void a_passing_fault_is_tried_again_when_the_server_says(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    queue_refusal(fixture, 429, "retry-after-ms: 3\r\nRetry-After: 100\r\n",
                  "{\"error\":{\"message\":\"Slow down\"}}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 1);
    assert_int_equal(answer.wait_ms, 3);
    assert_int_equal(answer.wait_err.code, STATUS_BUSY);
    assert_non_null(strstr(answer.wait_err.text, "(429: Slow down)"));
    assert_string_equal(buf_text(&answer.text), "Hello");
    assert_int_equal(answer.completion.attempts, 2);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    clear(&answer);
}

static void attempts_end_with_the_last_reason(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    for (int i = 0; i < 9; i++)
        queue_refusal(fixture, 500, SOON, "{\"error\":{\"message\":\"boom\"}}");
    ask(fixture, &answer);
    assert_int_equal(answer.completion.attempts, 4);
    assert_int_equal(fake_server_count(fixture->net.server), 4);
    assert_int_equal(answer.completion.state, COMPLETION_FAILED);
    assert_string_equal(
        answer.err.text,
        "The endpoint box failed (500: boom). Try again, or look at its log.");
    clear(&answer);
}

static void too_long_a_wait_is_not_waited_for(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    queue_refusal(fixture, 429, "Retry-After: 3600\r\n", "{}");
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 0);
    assert_int_equal(answer.completion.state, COMPLETION_FAILED);
    clear(&answer);
}

static void nothing_is_tried_again_after_the_first_piece(void **state)
{
    struct fixture *fixture = *state;
    static const char *const starts[] = {
        CHUNK("Once"), "data: {\"choices\":[{\"delta\":{\"reasoning\":\"Hm\"}}]}\n\n"};
    for (size_t i = 0; i < 2; i++) {
        struct answer answer = {0};
        struct fake_reply *reply = queue_stream(fixture, starts[i]);
        fake_reply_text(reply,
                        "data: {\"error\":{\"message\":\"boom\",\"code\":500}}\n\n");
        fake_reply_close(reply);
        ask(fixture, &answer);
        assert_int_equal(answer.waits, 0);
        assert_int_equal(answer.completion.attempts, 1);
        assert_int_equal(answer.completion.state,
                         i == 0 ? COMPLETION_CUT : COMPLETION_FAILED);
        assert_string_equal(buf_text(&answer.text), i == 0 ? "Once" : "");
        clear(&answer);
    }
}

static void an_error_before_the_first_piece_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct fake_reply *reply = queue_stream(
        fixture, "data: {\"error\":{\"message\":\"boom\",\"code\":500}}\n\n");
    fake_reply_stall(reply); /* the error counts at once, not at the end */
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 1);
    assert_string_equal(buf_text(&answer.text), "Hello");
    clear(&answer);
}

static void a_reset_before_the_answer_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fake_reply_reset(fake_server_queue(fixture->net.server));
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 1);
    assert_true(answer.wait_ms > 300 && answer.wait_ms <= 500);
    assert_non_null(strstr(answer.wait_err.text, "The endpoint box: "));
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    clear(&answer);
}

/* The connection is reset when the first text has come. */
static void reset_after_a_text(struct fixture *fixture, struct answer *answer,
                               struct fake_reply *reply)
{
    fake_reply_gate(reply);
    fake_reply_reset(reply);
    ask_with(fixture, answer, NULL);
    while (!answer->texts)
        loop_turn(fixture->net.loop);
    fake_server_open_gate(fixture->net.server);
    settle(fixture, answer);
}

static void a_reset_in_the_middle_keeps_the_text(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct fake_reply *reply = queue_stream(fixture, CHUNK("Once"));
    reset_after_a_text(fixture, &answer, reply);
    assert_int_equal(answer.completion.state, COMPLETION_CUT);
    assert_int_equal(answer.err.code, STATUS_NETWORK);
    assert_string_equal(buf_text(&answer.text), "Once");
    clear(&answer);
}

static void a_reset_after_the_end_does_no_harm(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct fake_reply *reply = queue_stream(fixture, CHUNK("Hello") FINISH);
    reset_after_a_text(fixture, &answer, reply);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    clear(&answer);
}

static void a_connection_left_open_does_not_hold_the_answer(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fake_reply_stall(queue_stream(fixture, CHUNK("Hello") FINISH MARK));
    ask(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    /* the wait for the end is not counted as the model's time */
    assert_true(answer.completion.total_ms < 900);
    clear(&answer);
}

#define STOPPED(text)                                                                    \
    "data: {\"choices\":[{\"delta\":{\"content\":\"" text                                \
    "\"},\"finish_reason\":\"stop\"}]}\n\n"

/* Words further apart than the wait for the end. */
static void a_reason_on_every_piece_closes_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const starts[] = {
        STOPPED("one") STOPPED(" two"),
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"},"
        "\"finish_reason\":\"tool_calls\"}]}\n\n" CHUNK("one") CHUNK(" two"),
        "data: {\"choices\":[{\"delta\":{\"reasoning\":\"Hm\"},\"finish_reason\":"
        "\"stop\"}]}\n\n",
        STOPPED("one")};
    static const char *const texts[] = {"one two three", "one two three", " three",
                                        "one three"};
    enum { CASES = sizeof starts / sizeof *starts };
    struct answer answers[CASES];
    memset(answers, 0, sizeof answers);
    for (size_t i = 0; i < CASES; i++) {
        struct fake_reply *reply = queue_stream(fixture, starts[i]);
        fake_reply_pause(reply, 1400);
        fake_reply_text(reply, STOPPED(" three") MARK);
        fake_reply_close(reply);
        ask_with(fixture, &answers[i], NULL);
        while (fake_server_count(fixture->net.server) <= i)
            loop_turn(fixture->net.loop); /* so that each gets its own reply */
    }
    for (size_t i = 0; i < CASES; i++) {
        settle(fixture, &answers[i]);
        assert_string_equal(buf_text(&answers[i].text), texts[i]);
        assert_int_equal(answers[i].completion.state, COMPLETION_DONE);
        clear(&answers[i]);
    }
}

/* One reason, alone and last, and then silence: usage and the end get a second, counted
 * from the last piece. */
static void the_end_is_waited_for_from_the_last_piece_on(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->endpoint.idle_timeout_ms = 3000;
    struct fake_reply *reply = queue_stream(fixture, CHUNK("a") FINISH);
    for (int i = 0; i < 3; i++) {
        fake_reply_pause(reply, 600);
        fake_reply_text(reply, CHUNK("b"));
    }
    fake_reply_text(reply, FINISH MARK);
    fake_reply_stall(reply);
    ask(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "abbb");
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    assert_true(answer.completion.total_ms >= 1800 && answer.completion.total_ms < 2700);
    clear(&answer);
}

/* Where reasons tell nothing, a connection that breaks may have broken any word. */
static void a_reset_after_an_early_reason_cuts_the_answer(void **state)
{
    struct fixture *fixture = *state;
    static const char *const starts[] = {STOPPED("one"),
                                         CHUNK("one") FINISH CHUNK(" two")};
    for (size_t i = 0; i < 2; i++) {
        struct answer answer = {0};
        struct fake_reply *reply = queue_stream(fixture, starts[i]);
        fake_reply_gate(reply);
        fake_reply_reset(reply);
        ask_with(fixture, &answer, NULL);
        while (answer.texts <= (int)i)
            loop_turn(fixture->net.loop);
        fake_server_open_gate(fixture->net.server);
        settle(fixture, &answer);
        assert_int_equal(answer.completion.state, COMPLETION_CUT);
        assert_int_equal(answer.err.code, STATUS_NETWORK);
        clear(&answer);
    }
}

/* A reason alone, behind what was called: nothing came with it. */
static void a_reset_after_calls_and_their_reason_does_no_harm(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct fake_reply *reply = queue_stream(
        fixture,
        CHUNK("one") "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
                     "\"id\":\"c1\",\"function\":{\"name\":\"now\",\"arguments\":"
                     "\"{}\"}}]}}]}\n\n" FINISH);
    reset_after_a_text(fixture, &answer, reply);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    assert_int_equal(answer.err.code, STATUS_OK);
    clear(&answer);
}

static void what_is_held_back_comes_before_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fake_reply_stall(
        queue_stream(fixture, CHUNK("<thin") "data: {\"error\":\"bad_request\"}\n\n"));
    ask(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "<thin");
    assert_int_equal(answer.completion.state, COMPLETION_CUT);
    clear(&answer);
}

static void think_stays_where_it_is_wanted(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0}, kept = {0};
    queue_whole(fixture, CHUNK("<think>Hm</think>Four") FINISH MARK);
    ask(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "Four");
    assert_string_equal(buf_text(&answer.reasoning), "Hm");
    assert_string_equal(answer.completion.reasoning, "Hm");
    fixture->endpoint.keeps_think = true;
    queue_whole(fixture, CHUNK("<think>Hm</think>Four") FINISH MARK);
    ask(fixture, &kept);
    assert_string_equal(buf_text(&kept.text), "<think>Hm</think>Four");
    assert_null(kept.completion.reasoning);
    clear(&answer);
    clear(&kept);
}

static void check_fault(struct fixture *fixture, int code, const char *headers,
                        const char *body, enum llm_fault fault, int64_t asked_ms,
                        const char *words)
{
    struct answer answer = {0};
    queue_refusal(fixture, code, headers, body);
    ask(fixture, &answer);
    assert_int_equal(answer.fault, fault);
    assert_int_equal(answer.asked_ms, asked_ms);
    assert_int_equal(answer.waits, 0);
    if (!strstr(answer.err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", answer.err.text, words);
    clear(&answer);
}

static void a_fault_says_what_the_next_prompts_may_expect(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    check_fault(fixture, 429, "Retry-After: 3600\r\n", "{}", LLM_FAULT_CERTAIN, 3600000,
                "It asks not to be called again for 60 min.");
    check_fault(fixture, 429, "Retry-After: 121\r\n",
                "{\"error\":{\"message\":\"quota\"}}", LLM_FAULT_CERTAIN, 121000,
                "limits how often it may be asked (429: quota). It asks not to be called "
                "again for 3 min.");
    check_fault(fixture, 429, "Retry-After: 86400\r\n", "{}", LLM_FAULT_CERTAIN, 86400000,
                "for 24 h.");
    check_fault(fixture, 429, NULL, "{\"error\":{\"message\":\"no quota\"}}",
                LLM_FAULT_CERTAIN, -1, "quota or the credit is used up");
    check_fault(fixture, 401, NULL, "{}", LLM_FAULT_CERTAIN, -1, "key");
    check_fault(fixture, 402, NULL, "{}", LLM_FAULT_CERTAIN, -1, "no credit");
    check_fault(fixture, 400, NULL, "{}", LLM_FAULT_LIKELY, -1, "refused");
    check_fault(fixture, 400, NULL, "{\"error\":\"too long\"}", LLM_FAULT_PASSING, -1,
                "so long a prompt");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.fault, LLM_FAULT_NONE);
    clear(&answer);
}

static void a_wait_in_the_words_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    queue_refusal(fixture, 429, NULL,
                  "{\"error\":{\"message\":\"exceeded rate limit, retry after 20 ms: "
                  "quotaincrease\"}}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 1);
    assert_int_equal(answer.wait_ms, 20);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    clear(&answer);
}

#define NO_SYSTEM(words)                                                                 \
    "{\"error\":{\"message\":\"" words "\",\"type\":\"invalid_request_error\"}}"

static void a_refused_system_role_is_said_otherwise(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0}, next = {0};
    char system[] = "Be brief.";
    struct sampling sampling = {.system_prompt = system};
    fixture->memory = llm_memory_new();
    queue_refusal(fixture, 400, NULL,
                  "{\"error\":{\"message\":\"Unsupported value: 'messages[0].role' does "
                  "not support 'system' with this model.\",\"param\":"
                  "\"messages[0].role\",\"code\":\"unsupported_value\"}}");
    queue_refusal(fixture, 400, NULL, NO_SYSTEM("unknown role: developer"));
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    check_sent(fixture, 1,
               "{\"model\":\"m-asked\",\"messages\":[{\"role\":\"developer\","
               "\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":"
               "\"Hi \xef\xbf\xbd\"}]," STREAM "}");
    static const char merged[] =
        "{\"model\":\"m-asked\",\"messages\":[{\"role\":\"user\",\"content\":"
        "\"Be brief.\\n\\nHi \xef\xbf\xbd\"}]," STREAM "}";
    check_sent(fixture, 2, merged);
    assert_string_equal(buf_text(&answer.text), "Hello");
    ask_with(fixture, &next, &sampling); /* and is not tried a second time */
    settle(fixture, &next);
    check_sent(fixture, 3, merged);
    assert_int_equal(next.completion.attempts, 1);
    clear(&answer);
    clear(&next);
}

static void a_template_without_a_system_role_is_asked_without(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0}, refused = {0};
    char system[] = "Be brief.";
    struct sampling sampling = {.system_prompt = system};
    queue_refusal(fixture, 500, NULL, NO_SYSTEM("System role not supported"));
    queue_refusal(fixture, 400, NULL, NO_SYSTEM("role user is not supported"));
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    assert_int_equal(fake_server_count(fixture->net.server), 2); /* there it ends */
    assert_int_equal(answer.completion.state, COMPLETION_FAILED);
    /* Gemini knows neither role for some of its models */
    clear(&answer);
    queue_refusal(fixture, 400, NULL,
                  NO_SYSTEM("Developer instruction is not enabled for models/gemma"));
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    assert_string_equal(buf_text(&answer.text), "Hello");
    assert_int_equal(answer.completion.attempts, 2);
    check_sent(fixture, 3,
               "{\"model\":\"m-asked\",\"messages\":[{\"role\":\"user\",\"content\":"
               "\"Be brief.\\n\\nHi \xef\xbf\xbd\"}]," STREAM "}");
    /* without a system prompt nothing can be said otherwise */
    queue_refusal(fixture, 400, NULL, NO_SYSTEM("System role not supported"));
    ask(fixture, &refused);
    assert_int_equal(fake_server_count(fixture->net.server), 5);
    clear(&answer);
    clear(&refused);
}

static void a_model_that_is_loading_is_asked_until_it_is_ready(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    for (int i = 0; i < 8; i++)
        queue_refusal(fixture, 503, SOON,
                      "{\"error\":{\"code\":503,\"message\":\"Loading model\"}}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 8);   /* more than the attempts at anything else */
    assert_int_equal(answer.wait_ms, 1); /* as it asked for */
    assert_non_null(strstr(answer.wait_err.text, "is loading its model"));
    assert_string_equal(buf_text(&answer.text), "Hello");
    clear(&answer);
}

static void a_model_that_never_loads_is_given_up(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->endpoint.first_token_timeout_ms = 60;
    for (int i = 0; i < 200; i++)
        queue_refusal(fixture, 503, "retry-after-ms: 5\r\n",
                      "{\"error\":{\"message\":\"Loading model\"}}");
    ask(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_FAILED);
    assert_true(answer.waits > 0 && answer.waits < 199);
    clear(&answer);
}

static void a_refused_parameter_is_changed_and_sent_again(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct sampling sampling = {
        .temperature = 0.5, .has_temperature = true, .max_tokens = 5};
    queue_refusal(fixture, 400, NULL,
                  "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens'. Use "
                  "'max_completion_tokens' instead.\",\"param\":\"max_tokens\","
                  "\"code\":\"unsupported_parameter\"}}");
    queue_refusal(fixture, 400, NULL,
                  "{\"error\":{\"message\":\"Unsupported value\",\"param\":"
                  "\"temperature\",\"code\":\"unsupported_value\"}}");
    queue_refusal(fixture, 422, NULL,
                  "{\"message\":\"Extra inputs are not permitted: stream_options\"}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    check_sent(fixture, 3,
               "{\"model\":\"m-asked\"," MESSAGES
               ",\"stream\":true,\"max_completion_tokens\":5}");
    assert_string_equal(buf_text(&answer.text), "Hello");
    assert_int_equal(answer.waits, 0);
    /* the record says what was really asked for */
    assert_false(answer.completion.sampling.has_temperature);
    assert_int_equal(answer.completion.sampling.max_tokens, 5);
    clear(&answer);
}

#define REFUSED_OPTIONS                                                                  \
    "{\"error\":{\"message\":\"Unknown parameter\",\"param\":\"stream_options\"}}"

static void what_a_refusal_taught_is_remembered(void **state)
{
    struct fixture *fixture = *state;
    struct answer first = {0}, second = {0}, other = {0};
    char model[] = "m-other";
    struct sampling another = {.model = model};
    fixture->memory = llm_memory_new();
    queue_refusal(fixture, 400, NULL, REFUSED_OPTIONS);
    for (int i = 0; i < 3; i++)
        queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &first);
    ask(fixture, &second);
    assert_int_equal(first.completion.attempts, 2);
    assert_int_equal(second.completion.attempts, 1);
    check_sent(fixture, 2, "{\"model\":\"m-asked\"," MESSAGES ",\"stream\":true}");
    ask_with(fixture, &other, &another); /* of another model nothing is known */
    settle(fixture, &other);
    check_sent(fixture, 3, "{\"model\":\"m-other\"," MESSAGES "," STREAM "}");
    clear(&first);
    clear(&second);
    clear(&other);
}

static void note_lesson(void *ctx)
{
    ++*(int *)ctx;
}

/* Also under a system prompt that stands in the messages, by another process's memory. */
static void what_a_refusal_taught_outlives_the_session(void **state)
{
    struct fixture *fixture = *state;
    struct answer first = {0}, second = {0};
    int lessons = 0;
    int64_t now = clock_wall_ms(&clock_system);
    fixture->memory = llm_memory_new();
    llm_memory_watch(fixture->memory, note_lesson, &lessons);
    queue_refusal(fixture, 400, NULL, REFUSED_OPTIONS);
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &first);
    assert_int_equal(lessons, 1);
    char *saved = llm_memory_save(fixture->memory);
    assert_null(strstr(saved, "127.0.0.1")); /* an address may hold a secret */
    llm_memory_free(fixture->memory);
    fixture->memory = llm_memory_new();
    llm_memory_load(fixture->memory, "[nonsense", now);
    llm_memory_load(fixture->memory,
                    "{\"x\":1,\"00000000-0000-0000-0000-000000000000\":7}", now);
    llm_memory_load(fixture->memory, saved, now + 1000);
    ask(fixture, &second);
    assert_int_equal(second.completion.attempts, 1);
    check_sent(fixture, 2, "{\"model\":\"m-asked\"," MESSAGES ",\"stream\":true}");
    clear(&first);
    clear(&second);
    /* for a month: the server may have learned, too */
    llm_memory_free(fixture->memory);
    fixture->memory = llm_memory_new();
    llm_memory_load(fixture->memory, saved, now + (int64_t)31 * 24 * 3600 * 1000);
    char *rest = llm_memory_save(fixture->memory);
    assert_string_equal(rest, "{}");
    free(rest);
    free(saved);
}

/* Two prompts at once are refused for different things: both lessons stay. */
static void lessons_of_prompts_at_once_are_joined(void **state)
{
    struct fixture *fixture = *state;
    struct answer first = {0}, second = {0}, third = {0};
    struct sampling sampling = {.temperature = 0.5, .has_temperature = true};
    fixture->memory = llm_memory_new();
    queue_refusal(fixture, 400, NULL, REFUSED_OPTIONS);
    queue_refusal(fixture, 400, NULL,
                  "{\"error\":{\"message\":\"Unknown parameter\",\"param\":"
                  "\"temperature\"}}");
    for (int i = 0; i < 3; i++)
        queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask_with(fixture, &first, &sampling);
    ask_with(fixture, &second, &sampling);
    settle(fixture, &first);
    settle(fixture, &second);
    ask_with(fixture, &third, &sampling);
    settle(fixture, &third);
    assert_int_equal(third.completion.attempts, 1);
    check_sent(fixture, 4, "{\"model\":\"m-asked\"," MESSAGES ",\"stream\":true}");
    clear(&first);
    clear(&second);
    clear(&third);
}

/* As llama-cpp-python ends a stream when another request comes. */
#define INTERRUPTED                                                                      \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"},"               \
    "\"finish_reason\":null}]}\n\n" MARK

static void interrupted_before_the_first_piece_it_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->memory = llm_memory_new();
    queue_whole(fixture, CHUNK("Before") FINISH MARK);
    ask(fixture, &answer); /* one that is over does not count */
    clear(&answer);
    queue_whole(fixture, INTERRUPTED);
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 1);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    assert_string_equal(buf_text(&answer.text), "Hello");
    clear(&answer);
}

static void interrupted_by_another_of_ours_it_is_not(void **state)
{
    struct fixture *fixture = *state;
    struct answer ours = {0}, answer = {0};
    fixture->memory = llm_memory_new();
    fake_reply_gate(queue_stream(fixture, CHUNK("Still")));
    queue_whole(fixture, INTERRUPTED);
    ask_with(fixture, &ours, NULL);
    while (!ours.texts)
        loop_turn(fixture->net.loop);
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 0);
    assert_int_equal(answer.completion.state, COMPLETION_FAILED);
    assert_non_null(strstr(answer.err.text, "one at a time"));
    cancel(&ours);
    settle(fixture, &ours);
    fake_server_open_gate(fixture->net.server);
    clear(&ours);
    clear(&answer);
}

static void a_parameter_refused_under_both_names_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct sampling sampling = {.max_tokens = 5};
    queue_refusal(fixture, 400, NULL, "{\"error\":\"max_tokens is not supported\"}");
    queue_refusal(fixture, 400, NULL,
                  "{\"error\":\"max_completion_tokens is not supported\"}");
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    assert_int_equal(fake_server_count(fixture->net.server), 2);
    assert_non_null(strstr(answer.err.text, "max_completion_tokens is not supported"));
    clear(&answer);
}

static void what_was_shown_is_not_asked_for_otherwise(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct sampling sampling = {.temperature = 0.5, .has_temperature = true};
    queue_whole(fixture, CHUNK("Once") "data: {\"error\":{\"code\":400,\"message\":"
                                       "\"temperature is not supported\"}}\n\n");
    ask_with(fixture, &answer, &sampling);
    settle(fixture, &answer);
    assert_int_equal(fake_server_count(fixture->net.server), 1);
    assert_int_equal(answer.completion.state, COMPLETION_CUT);
    assert_string_equal(buf_text(&answer.text), "Once");
    clear(&answer);
}

static void a_server_that_cannot_stream_is_asked_without(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    queue_refusal(fixture, 400, NULL,
                  "{\"error\":{\"message\":\"must be verified to stream\",\"param\":"
                  "\"stream\",\"code\":\"unsupported_value\"}}");
    queue_refusal(fixture, 200, NULL,
                  "{\"choices\":[{\"message\":{\"content\":\"Hello\"}}]}");
    ask(fixture, &answer);
    check_sent(fixture, 1, "{\"model\":\"m-asked\"," MESSAGES ",\"stream\":false}");
    assert_string_equal(buf_text(&answer.text), "Hello");
    clear(&answer);
}

/* Comments every few milliseconds for much longer than any limit of the tests. */
static void queue_comments(struct fake_reply *reply)
{
    for (int i = 0; i < 400; i++) {
        fake_reply_text(reply, ": ping\n\n");
        fake_reply_pause(reply, 5);
    }
    fake_reply_close(reply);
}

static void comments_do_not_stand_for_a_first_token(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->endpoint.first_token_timeout_ms = 80;
    queue_comments(queue_stream(
        fixture, "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":"
                 "\"\"}}]}\n\n"));
    ask(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_FAILED);
    assert_int_equal(answer.err.code, STATUS_TIMEOUT);
    assert_non_null(strstr(answer.err.text, "has not begun its answer within 1 s"));
    assert_non_null(strstr(answer.err.text, "first_token_timeout"));
    assert_int_equal(answer.waits, 0);
    clear(&answer);
}

static void comments_do_not_stand_for_text(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->endpoint.idle_timeout_ms = 80;
    queue_comments(queue_stream(fixture, CHUNK("Once")));
    ask(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_CUT);
    assert_non_null(strstr(answer.err.text, "has sent no more text for 1 s"));
    assert_non_null(strstr(answer.err.text, "idle_timeout"));
    assert_string_equal(buf_text(&answer.text), "Once");
    clear(&answer);
}

static void new_text_feeds_the_idle_limit(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fixture->endpoint.idle_timeout_ms = 300;
    struct fake_reply *reply = queue_stream(fixture, CHUNK("a"));
    for (int i = 0; i < 40; i++) {
        fake_reply_pause(reply, 10);
        fake_reply_text(reply, CHUNK("b"));
    }
    fake_reply_text(reply, FINISH MARK);
    fake_reply_close(reply);
    ask(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    assert_true(answer.completion.total_ms > 300);
    clear(&answer);
}

static void check_cancelled(struct answer *answer, const char *text)
{
    assert_int_equal(answer->ends, 1);
    assert_int_equal(answer->completion.state, COMPLETION_CUT);
    assert_string_equal(answer->completion.finish_reason, "cancelled");
    assert_string_equal(buf_text(&answer->text), text);
    assert_int_equal(answer->err.code, STATUS_CANCELLED);
    clear(answer);
}

static void cancelling_ends_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    ask_with(fixture, &answer, NULL);
    cancel(&answer); /* before anything was sent */
    settle(fixture, &answer);
    check_cancelled(&answer, "");
    assert_int_equal(fake_server_count(fixture->net.server), 0);

    fake_reply_stall(queue_stream(fixture, CHUNK("Once")));
    ask_with(fixture, &answer, NULL);
    while (!answer.texts)
        loop_turn(fixture->net.loop);
    cancel(&answer);
    settle(fixture, &answer);
    check_cancelled(&answer, "Once");
    while (!fake_server_hangups(fixture->net.server)) /* which stops the model, too */
        loop_turn(fixture->net.loop);
}

static void cancelling_from_inside_an_event_is_safe(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {.cancels = true, .cancel_at = LLM_TEXT};
    queue_whole(fixture, CHUNK("Once") CHUNK(" upon") FINISH MARK);
    ask(fixture, &answer);
    check_cancelled(&answer, "Once");

    answer = (struct answer){.cancels = true, .cancel_at = LLM_WAITING};
    queue_refusal(fixture, 500, SOON, "{}");
    ask(fixture, &answer);
    check_cancelled(&answer, "");

    answer = (struct answer){.cancels = true, .cancel_at = LLM_END};
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    clear(&answer);
}

static void cancelling_text_of_the_last_bytes_is_safe(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {.cancels = true, .cancel_at = LLM_TEXT};
    /* no last line end: the text comes when the connection closes */
    queue_whole(fixture, "data: {\"choices\":[{\"delta\":{\"content\":\"Once\"}}]}");
    ask(fixture, &answer);
    check_cancelled(&answer, "Once");
}

static void what_cannot_be_reached_is_named_while_it_is_tried(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {.cancels = true, .cancel_at = LLM_WAITING};
    struct fake_server *gone = fake_server_new();
    char *words = xasprintf("The endpoint box: Nothing listens at 127.0.0.1:%d.",
                            fake_server_port(gone));
    free(fixture->endpoint.base_url);
    fixture->endpoint.base_url = xstrdup(fake_server_url(gone));
    fake_server_free(gone);
    ask(fixture, &answer);
    assert_non_null(strstr(answer.wait_err.text, words));
    free(words);
    clear(&answer);
}

static void a_key_kept_back_is_not_tried_again(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    secret_set(&fixture->endpoint.key, "sk-hush-4711");
    free(fixture->endpoint.base_url);
    fixture->endpoint.base_url = xstrdup("http://model.invalid/v1");
    ask(fixture, &answer);
    assert_int_equal(answer.waits, 0);
    assert_int_equal(answer.err.code, STATUS_CONFIG);
    assert_non_null(strstr(answer.err.text, "allow_plain_key"));
    clear(&answer);
}

static void without_a_model_the_first_one_is_taken(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    sampling_clear(&fixture->endpoint.defaults);
    queue_refusal(fixture, 200, NULL, "{\"data\":[{\"id\":\"smol\"},{\"id\":\"big\"}]}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    assert_string_equal(fake_server_request(fixture->net.server, 0)->path, "/v1/models");
    check_sent(fixture, 1, "{\"model\":\"smol\"," MESSAGES "," STREAM "}");
    assert_string_equal(answer.completion.sampling.model, "smol");
    clear(&answer);
}

static void the_first_model_is_asked_for_once_until_it_fails(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"/v1/models", "/v1/chat/completions",
                                        "/v1/chat/completions", "/v1/models"};
    fixture->memory = llm_memory_new();
    sampling_clear(&fixture->endpoint.defaults);
    queue_refusal(fixture, 200, NULL, "{\"data\":[{\"id\":\"smol\"}]}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    queue_refusal(fixture, 404, NULL, "{\"error\":{\"message\":\"no model smol\"}}");
    queue_refusal(fixture, 200, NULL, "{\"data\":[{\"id\":\"big\"}]}");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    for (int i = 0; i < 3; i++) {
        struct answer answer = {0};
        ask(fixture, &answer);
        if (i == 2)
            assert_string_equal(answer.completion.sampling.model, "big");
        clear(&answer);
    }
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_string_equal(fake_server_request(fixture->net.server, i)->path, paths[i]);
}

static void without_a_list_of_models_it_is_asked_without_one(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    sampling_clear(&fixture->endpoint.defaults);
    queue_refusal(fixture, 404, NULL, "<html>");
    queue_whole(fixture, CHUNK("Hello") FINISH MARK);
    ask(fixture, &answer);
    check_sent(fixture, 1, "{" MESSAGES "," STREAM "}");
    clear(&answer);
}

static void many_answers_stream_at_once(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 8 };
    struct answer answers[COUNT];
    memset(answers, 0, sizeof answers);
    for (int i = 0; i < COUNT; i++) {
        struct fake_reply *reply = queue_stream(fixture, CHUNK("a"));
        fake_reply_gate(reply);
        fake_reply_text(reply, CHUNK("b") FINISH MARK);
        fake_reply_close(reply);
        ask_with(fixture, &answers[i], NULL);
    }
    for (int i = 0; i < COUNT; i++)
        while (!answers[i].texts)
            loop_turn(fixture->net.loop); /* each has begun before one can end */
    for (int i = 0; i < COUNT; i++)
        fake_server_open_gate(fixture->net.server);
    for (int i = 0; i < COUNT; i++) {
        settle(fixture, &answers[i]);
        assert_string_equal(buf_text(&answers[i].text), "ab");
        clear(&answers[i]);
    }
}

static void on_names(void *ctx, const struct err *err, const struct llm_model *models,
                     size_t count)
{
    struct answer *answer = ctx;
    answer->ends++;
    answer->err = *err;
    for (size_t i = 0; i < count; i++)
        buf_addf(&answer->names, "%s%s%s%s", i ? "\n" : "", models[i].name,
                 models[i].shutdown_date ? " until " : "",
                 models[i].shutdown_date ? models[i].shutdown_date : "");
}

static void check_names(struct fixture *fixture, int code, const char *body,
                        const char *expected, const char *words)
{
    struct answer answer = {0};
    queue_refusal(fixture, code, NULL, body);
    llm_list_models(fixture->net.http, &fixture->endpoint, on_names, &answer);
    assert_int_equal(answer.ends, 0);
    settle(fixture, &answer);
    assert_string_equal(buf_text(&answer.names), expected);
    if (*words)
        assert_non_null(strstr(answer.err.text, words));
    else
        assert_string_equal(answer.err.text, "");
    clear(&answer);
}

static void models_are_listed_in_every_shape(void **state)
{
    struct fixture *fixture = *state;
    check_names(fixture, 200, "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}", "a\nb", "");
    check_names(fixture, 200, "[{\"id\":\"a\"},{\"id\":\"b\\u001b\\nc\"}]", "a\nb\x1b\nc",
                ""); /* as it is: whoever shows it makes it safe */
    check_names(fixture, 200,
                "{\"data\":[{\"id\":\"a\",\"shutdown_date\":\"2026-12-01\"},{\"id\":"
                "\"b\",\"shutdown_date\":null},{\"id\":\"c\",\"deprecation\":"
                "\"2027-01-31T00:00:00Z\"},{\"id\":\"d\",\"shutdown_date\":1798675200}]}",
                "a until 2026-12-01\nb\nc until 2027-01-31\nd until 2026-12-31", "");
    check_names(fixture, 200, "{\"models\":[{\"name\":\"a\"}]}", "a", "");
    check_names(fixture, 200, "{\"data\":[]}", "", "");
    check_names(fixture, 401, "{\"error\":\"no\"}", "", "wants a key");
    check_names(fixture, 200, "<html><title>Login</title>", "", "a web page titled");
    secret_set(&fixture->endpoint.key, "sk-hush-4711");
    check_names(fixture, 401, "{\"error\":\"no sk-hush-4711\"}", "",
                "The endpoint box refused the key (401: no [key])");
}

static void on_kind(void *ctx, const struct endpoint *found)
{
    struct answer *answer = ctx;
    answer->ends++;
    if (found)
        buf_addf(&answer->names, "%s %s", endpoint_kind_name(found->kind),
                 found->base_url);
}

/* Answers an empty request at one path only, as servers do; runs on the server's thread.
 */
static void only_there(void *ctx, const struct fake_request *request,
                       struct fake_reply *reply)
{
    bool is_there = !strcmp(request->path, ctx);
    bool is_ollama = is_there && !strcmp(request->path, "/v1/completions");
    fake_reply_http(reply, is_there && !is_ollama ? 400 : 404, "application/json",
                    is_ollama ? "{\"error\":{\"message\":\"model '' not found\"}}"
                              : "{\"error\":\"it is empty\"}");
}

static void the_kind_that_an_address_speaks_is_found(void **state)
{
    struct fixture *fixture = *state;
    static char paths[][24] = {"/v1/chat/completions",
                               "/v1/messages",
                               "/v1/responses",
                               "/v1/completions",
                               "/api/chat",
                               "/chat/completions",
                               "/nowhere"};
    static const char *const kinds[] = {
        "openai-chat", "anthropic", "openai-responses", "openai-completions", "ollama",
        "openai-chat", NULL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct answer answer = {0};
        fake_server_respond(fixture->net.server, only_there, paths[i]);
        llm_find_kind(fixture->net.http, &fixture->endpoint, on_kind, &answer);
        assert_int_equal(answer.ends, 0);
        settle(fixture, &answer);
        char *expected =
            kinds[i] ? xasprintf("%s %s%s", kinds[i],
                                 fake_server_url(fixture->net.server), i < 4 ? "/v1" : "")
                     : xstrdup("");
        assert_string_equal(buf_text(&answer.names), expected);
        free(expected);
        clear(&answer);
    }
}

static time_t seconds_ahead;

/* Stands before the system's, for libuv and curl as well: time can be made to pass. */
int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*get)(clockid_t, struct timespec *);
    if (!get) {
        void *found = dlsym(RTLD_NEXT, "clock_gettime");
        memcpy(&get, &found, sizeof get);
    }
    int result = get(id, now);
    now->tv_sec += seconds_ahead;
    return result;
}

/* However lively it is: nobody waits half a minute for it. */
static void a_list_of_models_has_half_a_minute(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct fake_reply *reply = fake_server_queue(fixture->net.server);
    fake_reply_text(reply, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{");
    fake_reply_stall(reply);
    fixture->endpoint.connect_timeout_ms = 100000; /* silence is not what ends it */
    llm_list_models(fixture->net.http, &fixture->endpoint, on_names, &answer);
    while (!fake_server_count(fixture->net.server))
        loop_turn(fixture->net.loop);
    seconds_ahead = 40;
    settle(fixture, &answer);
    seconds_ahead = 0;
    assert_non_null(strstr(answer.err.text, "has not finished its answer within 30 s"));
    clear(&answer);
}

static void a_list_of_models_may_be_dropped(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    fake_reply_stall(fake_server_queue(fixture->net.server));
    llm_list_models(fixture->net.http, &fixture->endpoint, on_names, &answer);
    http_free(fixture->net.http); /* leak checkers see whether it was freed */
    fixture->net.http = NULL;
    assert_int_equal(answer.ends, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(only_what_was_set_is_sent),
        CASE(each_kind_writes_as_it_must),
        CASE(a_limit_is_written_where_it_must_be),
        CASE(a_deprecated_temperature_is_left_out),
        CASE(older_models_of_anthropic_are_asked_for_less),
        CASE(a_refused_prefill_is_followed_by_a_user),
        CASE(a_stop_sequence_ends_the_answer_whoever_keeps_to_it),
        CASE(settings_go_over_the_endpoints_own),
        CASE(the_key_goes_into_the_header_only),
        CASE(a_key_is_taken_out_before_anything_is_cut),
        CASE(a_missing_key_is_told_from_a_wrong_one),
        CASE(a_passing_fault_is_tried_again_when_the_server_says),
        CASE(attempts_end_with_the_last_reason),
        CASE(too_long_a_wait_is_not_waited_for),
        CASE(nothing_is_tried_again_after_the_first_piece),
        CASE(an_error_before_the_first_piece_is_tried_again),
        CASE(a_reset_before_the_answer_is_tried_again),
        CASE(a_reset_in_the_middle_keeps_the_text),
        CASE(a_reset_after_the_end_does_no_harm),
        CASE(a_connection_left_open_does_not_hold_the_answer),
        CASE(a_reason_on_every_piece_closes_nothing),
        CASE(the_end_is_waited_for_from_the_last_piece_on),
        CASE(a_reset_after_an_early_reason_cuts_the_answer),
        CASE(a_reset_after_calls_and_their_reason_does_no_harm),
        CASE(what_is_held_back_comes_before_an_error),
        CASE(think_stays_where_it_is_wanted),
        CASE(a_fault_says_what_the_next_prompts_may_expect),
        CASE(a_wait_in_the_words_is_kept),
        CASE(a_refused_system_role_is_said_otherwise),
        CASE(a_template_without_a_system_role_is_asked_without),
        CASE(a_model_that_is_loading_is_asked_until_it_is_ready),
        CASE(a_model_that_never_loads_is_given_up),
        CASE(a_refused_parameter_is_changed_and_sent_again),
        CASE(what_a_refusal_taught_is_remembered),
        CASE(what_a_refusal_taught_outlives_the_session),
        CASE(lessons_of_prompts_at_once_are_joined),
        CASE(interrupted_before_the_first_piece_it_is_tried_again),
        CASE(interrupted_by_another_of_ours_it_is_not),
        CASE(a_parameter_refused_under_both_names_is_told),
        CASE(what_was_shown_is_not_asked_for_otherwise),
        CASE(a_server_that_cannot_stream_is_asked_without),
        CASE(comments_do_not_stand_for_a_first_token),
        CASE(comments_do_not_stand_for_text),
        CASE(new_text_feeds_the_idle_limit),
        CASE(cancelling_ends_it_at_once),
        CASE(cancelling_from_inside_an_event_is_safe),
        CASE(cancelling_text_of_the_last_bytes_is_safe),
        CASE(what_cannot_be_reached_is_named_while_it_is_tried),
        CASE(a_key_kept_back_is_not_tried_again),
        CASE(without_a_model_the_first_one_is_taken),
        CASE(the_first_model_is_asked_for_once_until_it_fails),
        CASE(without_a_list_of_models_it_is_asked_without_one),
        CASE(many_answers_stream_at_once),
        CASE(models_are_listed_in_every_shape),
        CASE(the_kind_that_an_address_speaks_is_found),
        CASE(a_list_of_models_has_half_a_minute),
        CASE(a_list_of_models_may_be_dropped),
    };
    return cmocka_run_group_tests_name("llm", tests, NULL, NULL);
}
