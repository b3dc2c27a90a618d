/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/protocol.h"
#include "tests/support/net_stand.h"

struct fixture {
    struct net_stand net;
    struct llm_memory *memory;
    int64_t token_ms;
};

struct answer {
    struct buf text;
    int pieces;
    bool is_over;
    struct completion completion;
    struct buf names;
};

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    net_stand_start(&fixture->net, false);
    fixture->memory = llm_memory_new();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    net_stand_end(&fixture->net);
    llm_memory_free(fixture->memory);
    free(fixture);
    return 0;
}

static void on_event(void *ctx, const struct llm_event *event)
{
    struct answer *answer = ctx;
    if (event->kind == LLM_TEXT) {
        buf_add(&answer->text, event->text, event->len);
        answer->pieces++;
    } else if (event->kind == LLM_END) {
        answer->is_over = true;
        completion_copy(&answer->completion, event->completion);
    }
}

static struct llm_call *ask(struct fixture *fixture, const char *prompt,
                            const struct sampling *sampling, struct answer *answer)
{
    struct endpoint endpoint;
    endpoint_init(&endpoint);
    endpoint_set_demo(&endpoint);
    endpoint.token_ms = fixture->token_ms;
    struct llm_message message = {.role = "user", .text = prompt, .len = strlen(prompt)};
    struct llm_request request = {.endpoint = &endpoint,
                                  .messages = &message,
                                  .message_count = 1,
                                  .sampling = sampling,
                                  .memory = fixture->memory};
    struct llm_call *call = llm_start(fixture->net.http, fixture->net.loop, &clock_system,
                                      &request, on_event, answer);
    endpoint_clear(&endpoint);
    return call;
}

static void settle(struct fixture *fixture, const struct answer *answer)
{
    while (!answer->is_over)
        loop_turn(fixture->net.loop);
}

static void clear(struct answer *answer)
{
    buf_clear(&answer->text);
    buf_clear(&answer->names);
    completion_clear(&answer->completion);
    *answer = (struct answer){0};
}

static void check_answered(struct fixture *fixture, const char *prompt, const char *words)
{
    struct answer answer = {0};
    ask(fixture, prompt, NULL, &answer);
    settle(fixture, &answer);
    assert_int_equal(answer.completion.state, COMPLETION_DONE);
    assert_string_equal(answer.completion.finish_reason, "stop");
    assert_string_equal(answer.completion.model_used, "demo");
    assert_true(answer.completion.prompt_tokens > 0 || !*prompt);
    assert_true(answer.completion.completion_tokens > 5);
    assert_int_equal(answer.completion.completion_tokens, answer.pieces);
    const char *text = buf_text(&answer.text);
    assert_non_null(strstr(text, words));
    const char *label = strstr(text, CANNED_LABEL);
    assert_non_null(label);
    assert_string_equal(label, CANNED_LABEL); /* it is the last line */
    clear(&answer);
}

static void the_tutorials_prompts_are_answered(void **state)
{
    struct fixture *fixture = *state;
    check_answered(fixture, "Tell me a joke", "cache");
    check_answered(fixture, "Tell me a poem", "Clay");
    check_answered(
        fixture,
        "You are a playwright. Given the title of play, it is your job to write "
        "a synopsis for that title.\nTitle: Tragedy at sunset on the beach\n"
        "Playwright: This is a synopsis for the above play:",
        "friends");
    check_answered(fixture,
                   "Who is Leo DiCaprio's girlfriend? What is her current age raised to "
                   "the 0.43 power?",
                   "0.43");
}

static void anything_else_is_answered_with_its_topic(void **state)
{
    struct fixture *fixture = *state;
    check_answered(fixture, "Why is the sky \x1b[31mblue?", "blue?");
    check_answered(fixture,
                   "\xe9\x99\xb6\xe5\x99\xa8\xe6\x98\xaf\xe4\xbb\x80\xe4\xb9\x88",
                   "\xe9\x99\xb6\xe5\x99\xa8");
    check_answered(fixture, "", "nothing");
}

static void asking_again_gives_another_answer(void **state)
{
    struct fixture *fixture = *state;
    struct answer first = {0}, second = {0};
    ask(fixture, "Tell me a joke", NULL, &first);
    settle(fixture, &first);
    ask(fixture, "Tell me a joke", NULL, &second);
    settle(fixture, &second);
    assert_string_not_equal(buf_text(&first.text), buf_text(&second.text));
    clear(&first);
    clear(&second);
}

static void the_same_seed_gives_the_same_answer(void **state)
{
    struct fixture *fixture = *state;
    struct sampling sampling = {.seed = 2, .has_seed = true};
    struct answer first = {0}, second = {0};
    ask(fixture, "Tell me a joke", &sampling, &first);
    settle(fixture, &first);
    ask(fixture, "Tell me a joke", &sampling, &second);
    settle(fixture, &second);
    assert_string_equal(buf_text(&first.text), buf_text(&second.text));
    clear(&first);
    clear(&second);
}

static void max_tokens_cuts_the_answer(void **state)
{
    struct fixture *fixture = *state;
    struct sampling sampling = {.max_tokens = 4};
    struct answer answer = {0};
    ask(fixture, "Tell me a joke", &sampling, &answer);
    settle(fixture, &answer);
    assert_int_equal(answer.completion.completion_tokens, 4);
    assert_int_equal(answer.pieces, 4);
    assert_string_equal(answer.completion.finish_reason, "length");
    clear(&answer);
}

static void tokens_come_one_by_one_in_their_time(void **state)
{
    struct fixture *fixture = *state;
    struct sampling sampling = {.max_tokens = 6};
    struct answer answer = {0};
    fixture->token_ms = 5;
    ask(fixture, "Tell me a poem", &sampling, &answer);
    settle(fixture, &answer);
    assert_int_equal(answer.pieces, 6);
    /* five pauses at least; how much longer it took is the machine's affair */
    assert_true(answer.completion.total_ms >= 5 * 5);
    clear(&answer);
}

static void many_answers_stream_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct answer answers[16] = {{{0}, 0, false, {0}, {0}}};
    fixture->token_ms = 2;
    for (int i = 0; i < 16; i++)
        ask(fixture, "Tell me a joke", NULL, &answers[i]);
    for (int i = 0; i < 16; i++) {
        settle(fixture, &answers[i]);
        assert_int_equal(answers[i].completion.state, COMPLETION_DONE);
        clear(&answers[i]);
    }
}

static void one_that_is_stopped_disturbs_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct answer gone = {0};
    fixture->token_ms = 2;
    struct llm_call *call = ask(fixture, "Tell me a poem", NULL, &gone);
    while (gone.pieces < 2)
        loop_turn(fixture->net.loop);
    llm_cancel(call);
    assert_false(gone.is_over);
    settle(fixture, &gone);
    assert_int_equal(gone.completion.state, COMPLETION_CUT);
    assert_int_equal(gone.pieces, 2);
    check_answered(fixture, "Tell me a joke", "");
    clear(&gone);
}

static void on_names(void *ctx, const struct err *err, const struct llm_model *models,
                     size_t count)
{
    struct answer *answer = ctx;
    assert_int_equal(err->code, STATUS_OK);
    for (size_t i = 0; i < count; i++)
        buf_addf(&answer->names, "%s%s%s%s", i ? "\n" : "", models[i].name,
                 models[i].shutdown_date ? " until " : "",
                 models[i].shutdown_date ? models[i].shutdown_date : "");
    answer->is_over = true;
}

static void its_model_is_listed(void **state)
{
    struct fixture *fixture = *state;
    struct answer answer = {0};
    struct endpoint endpoint;
    endpoint_init(&endpoint);
    endpoint_set_demo(&endpoint);
    llm_list_models(fixture->net.http, &endpoint, on_names, &answer);
    assert_false(answer.is_over); /* not from inside */
    settle(fixture, &answer);
    assert_string_equal(buf_text(&answer.names), "demo");
    endpoint_clear(&endpoint);
    clear(&answer);
}

static void pairs_are_there_to_be_rated(void **state)
{
    (void)state;
    size_t count = 0;
    const struct llm_demo_pair *pairs = llm_demo_pairs(&count);
    assert_true(count >= 8);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(pairs[i].prompt) > 0);
        assert_true(strlen(pairs[i].response) > 0);
    }
}

static void take_piece(void *ctx, bool is_reasoning, const char *text, size_t len)
{
    struct buf *sizes = ctx;
    assert_false(is_reasoning);
    assert_true(((unsigned char)*text & 0xc0) != 0x80);
    buf_addf(sizes, "%zu ", len);
}

static void tokens_do_not_cut_characters(void **state)
{
    (void)state;
    struct endpoint endpoint;
    struct stream stream;
    struct buf sizes = {0};
    struct sampling sampling = {.max_tokens = 6};
    struct llm_message message = {
        .role = "user",
        .text = "\xe9\x99\xb6\xe5\x99\xa8\xe6\x98\xaf\xe4\xbb\x80\xe4\xb9\x88",
        .len = 15};
    struct protocol_request request = {
        .messages = &message, .message_count = 1, .sampling = &sampling};
    endpoint_init(&endpoint);
    stream_init(&stream, &protocol_canned, &endpoint, take_piece, &sizes);
    void *answer = protocol_canned.begin(&request);
    while (protocol_canned.next(answer, &stream))
        continue;
    stream_end(&stream);
    /* You asked: "four characters" and "one more".\n\n */
    assert_string_equal(buf_text(&sizes), "4 7 13 7 5 9 ");
    assert_int_equal(stream.prompt_tokens, 2);
    protocol_canned.free(answer);
    stream_clear(&stream);
    endpoint_clear(&endpoint);
    buf_clear(&sizes);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_tutorials_prompts_are_answered),
        CASE(anything_else_is_answered_with_its_topic),
        CASE(asking_again_gives_another_answer),
        CASE(the_same_seed_gives_the_same_answer),
        CASE(max_tokens_cuts_the_answer),
        CASE(tokens_come_one_by_one_in_their_time),
        CASE(many_answers_stream_at_once),
        CASE(one_that_is_stopped_disturbs_nobody),
        CASE(its_model_is_listed),
        cmocka_unit_test(pairs_are_there_to_be_rated),
        cmocka_unit_test(tokens_do_not_cut_characters),
    };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
