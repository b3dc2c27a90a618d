/* SPDX-License-Identifier: MIT
 * What models write where they are asked to think in text, right and wrong; the prompt
 * that asks for it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "llm/react.h"

struct sample {
    const char *text;
    enum react_kind kind;
    const char *tool;
    const char *input;
};

#define CALLS(text, tool, input)                                                         \
    {                                                                                    \
        text, REACT_CALL, tool, input                                                    \
    }
#define ANSWERS(text, input)                                                             \
    {                                                                                    \
        text, REACT_ANSWER, NULL, input                                                  \
    }
#define UNCLEAR(text, input)                                                             \
    {                                                                                    \
        text, REACT_UNCLEAR, NULL, input                                                 \
    }
#define NO_ANSWER "Invalid Format: Missing text after 'Final Answer:'"
#define NO_ACTION "Invalid Format: Missing 'Action:' after 'Thought:'"
#define NO_INPUT "Invalid Format: Missing 'Action Input:' after 'Action:'"

static const struct sample samples[] = {
    /* as asked */
    CALLS(" I should look it up.\nAction: search\nAction Input: first president of the "
          "USA",
          "search", "first president of the USA"),
    CALLS(" I need a number.\nAction: Calculator\nAction Input: 25^0.43", "Calculator",
          "25^0.43"),
    CALLS("Action: search\nAction Input: x\n", "search", "x"),
    CALLS(" y\nAction: search\nAction Input: \"Leo DiCaprio girlfriend\"", "search",
          "Leo DiCaprio girlfriend"),
    CALLS(" y\nAction: sql\nAction Input: SELECT \"a\" FROM \"b\"", "sql",
          "SELECT \"a\" FROM \"b\""),
    CALLS(" y\nAction: python\nAction Input: a = 1\nb = 2\nprint(a + b)", "python",
          "a = 1\nb = 2\nprint(a + b)"),
    ANSWERS(" I now know the final answer\nFinal Answer: George Washington.",
            "George Washington."),
    ANSWERS(" I now know the final answer.\nFinal Answer: One line\n\n- and a list\n- of "
            "two",
            "One line\n\n- and a list\n- of two"),
    ANSWERS("Final Answer: 42", "42"),
    ANSWERS(" I know.\nFinal Answer:\n42\n", "42"),
    /* stop sequences that were not heeded */
    CALLS(" y\nAction: search\nAction Input: x\nObservation: George\nThought: I "
          "know\nFinal Answer: George",
          "search", "x"),
    CALLS(" y\nAction: search\nAction Input: x\n\tObservation: a", "search", "x"),
    CALLS(" y\nAction: search\nAction Input: x\n**Observation:** a", "search", "x"),
    ANSWERS(" y\nFinal Answer: Paris\n\nQuestion: What is next?\nThought: hm\nAction: "
            "search\nAction Input: z",
            "Paris"),
    ANSWERS(" y\nFinal Answer: Paris\nThought: I wonder.\nAction: search\nAction Input: "
            "z",
            "Paris"),
    /* both at once: what comes first counts */
    CALLS(" y\nAction: search\nAction Input: x\nFinal Answer: George", "search", "x"),
    CALLS(" y\nAction: search\nAction Input: x\nThought: found\nFinal Answer: George",
          "search", "x"),
    /* labels in other clothes */
    CALLS(" y\nAction 1: search\nAction Input 1: x", "search", "x"),
    CALLS(" y\n**Action:** search\n**Action Input:** x", "search", "x"),
    CALLS(" y\n**Action**: `search`\n**Action Input**: `x`", "search", "x"),
    CALLS(" y\n- Action: search\n- Action Input: x", "search", "x"),
    CALLS(" y\n### Action: search\n### Action Input: x", "search", "x"),
    CALLS(" y\naction: search\naction input: x", "search", "x"),
    CALLS(" y\nACTION: search\nACTION INPUT: x", "search", "x"),
    CALLS(" y\nAction : search\nAction Input : x", "search", "x"),
    CALLS(" y\nAction\xef\xbc\x9asearch\nAction Input\xef\xbc\x9ax", "search", "x"),
    CALLS(" y\r\nAction: search\r\nAction Input: x\r\n", "search", "x"),
    CALLS(" y\nAction: [search]\nAction Input: x", "search", "x"),
    CALLS(" y\nAction: <search>\nAction Input: x", "search", "x"),
    CALLS(" y\nAction: \"search\"\nAction Input: 'x'", "search", "x"),
    CALLS(" y\nAction: search.\nAction Input: x", "search", "x"),
    CALLS(" y\nAction:\nsearch\nAction Input:\nx", "search", "x"),
    CALLS(" y\nAction: search\n\nAction Input: x", "search", "x"),
    CALLS(" y\nAction: search (to be sure)\nAction Input: x", "search", "x"),
    CALLS(" y\nAction: search\nI use it for the web.\nAction Input: x", "search", "x"),
    CALLS(" y\nAction_Input: a\nAction: search\nAction Input: x", "search", "x"),
    ANSWERS(" y\n**Final Answer:** *George*", "*George*"),
    ANSWERS(" y\nfinal answer: 42", "42"),
    /* on one line */
    CALLS(" y\nAction: search Action Input: x", "search", "x"),
    CALLS(" I must search. Action: search\nAction Input: x", "search", "x"),
    CALLS(" I must search. Action: search Action Input: x", "search", "x"),
    ANSWERS(" I know it. Final Answer: 42", "42"),
    /* other shapes of a call */
    CALLS(" y\nAction: search(\"x y\")", "search", "x y"),
    CALLS(" y\nAction: search[x y]", "search", "x y"),
    CALLS(" y\nAction:\n```json\n{\"action\": \"search\", \"action_input\": \"x\"}\n```",
          "search", "x"),
    CALLS(" y\nAction: {\"name\": \"search\", \"arguments\": {\"query\": \"x\"}}",
          "search", "{\"query\":\"x\"}"),
    CALLS("{\"tool\": \"search\", \"tool_input\": \"x\"}", "search", "x"),
    ANSWERS("```json\n{\"action\": \"Final Answer\", \"action_input\": \"42\"}\n```",
            "42"),
    CALLS(" y\nAction: search\nAction Input: {\"query\": \"x\"}", "search",
          "{\"query\": \"x\"}"),
    CALLS(" y\nAction: search\nAction Input: ```json\n{\"query\": \"x\"}\n```", "search",
          "{\"query\": \"x\"}"),
    CALLS(" y\nAction: time\nAction Input:", "time", ""),
    CALLS(" y\nAction: time\nAction Input: ", "time", ""),
    CALLS(" y\nAction: time()", "time", ""),
    /* no tool is wanted */
    ANSWERS(" y\nAction: None\nFinal Answer: 42", "42"),
    ANSWERS(" y\nAction: N/A\nAction Input: N/A\nFinal Answer: 42", "42"),
    ANSWERS(" y\nAction: No action needed\nFinal Answer: 42", "42"),
    /* a tool that is none is for the caller to refuse */
    CALLS(" y\nAction: I will use the search tool\nAction Input: x",
          "I will use the search tool", "x"),
    /* wrong */
    UNCLEAR("", NO_ACTION),
    UNCLEAR(" ", NO_ACTION),
    UNCLEAR(" George Washington was the first president.", NO_ACTION),
    UNCLEAR(" I should search.\nAction: search", NO_INPUT),
    UNCLEAR(" y\nAction:", NO_INPUT),
    UNCLEAR(" y\nAction: None", NO_INPUT),
    UNCLEAR(" y\nAction Input: x", NO_ACTION),
    UNCLEAR(" y\nObservation: George\nFinal Answer: George", NO_ACTION),
    UNCLEAR("{\"action\": ", NO_ACTION),
    UNCLEAR(" y\nAction: {\"action\": \"sea", NO_INPUT),
    UNCLEAR("Question: Who?\nThought: hm", NO_ACTION),
    UNCLEAR(" I know it.\nFinal Answer:", NO_ANSWER),
    UNCLEAR(" I know it.\nFinal Answer: \n", NO_ANSWER),
    UNCLEAR("\xff\xfe\x80 Action", NO_ACTION),
};

static void every_output_is_read_as_it_was_meant(void **state)
{
    (void)state;
    assert_true(sizeof samples / sizeof *samples >= 40);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *sample = &samples[i];
        struct react react;
        react_read(&react, sample->text, strlen(sample->text));
        if (react.kind != sample->kind || strcmp(react.input, sample->input) != 0 ||
            !react.tool != !sample->tool ||
            (react.tool && strcmp(react.tool, sample->tool) != 0))
            fail_msg("\"%s\": kind %d, tool \"%s\", input \"%s\"", sample->text,
                     react.kind, react.tool ? react.tool : "", react.input);
        assert_true(react.used <= strlen(sample->text));
        react_clear(&react);
    }
}

/* Every prefix of every output is read without a fault (valgrind and ASan watch). */
static void a_text_may_end_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (size_t len = 0; len <= strlen(samples[i].text); len++) {
            char part[512];
            struct react react;
            memcpy(part, samples[i].text, len);
            react_read(&react, part, len);
            assert_non_null(react.input);
            assert_true(react.used <= len);
            react_clear(&react);
        }
    char many[4096];
    size_t len = 0;
    while (len + 10 < sizeof many) {
        memcpy(many + len, "Thought:\n", 9);
        len += 9;
    }
    struct react react;
    react_read(&react, many, len);
    assert_int_equal(react.kind, REACT_UNCLEAR);
    react_clear(&react);
}

/* What was made up is not handed back as if it had been observed. */
static void what_the_model_made_up_is_left_out(void **state)
{
    (void)state;
    static const char text[] = " y\nAction: search\nAction Input: x\nObservation: lies";
    static const char both[] = " y\nAction: search\nAction Input: x\nFinal Answer: lies";
    struct react react;
    react_read(&react, text, strlen(text));
    assert_int_equal(react.used, strlen(text) - strlen("Observation: lies") - 1 + 1);
    react_clear(&react);
    react_read(&react, both, strlen(both));
    assert_null(memmem(both, react.used, "lies", 4));
    react_clear(&react);
}

static void the_prompt_is_langchains(void **state)
{
    (void)state;
    static const struct llm_tool tools[] = {
        {"search", "finds things", "{}"},
        {"sum", "adds.", "{\"properties\":{\"a\":{},\"b\":{}}}"}};
    struct buf out = {0}, steps = {0};
    static const char written[] = " hm\nAction: search\nAction Input: x\n";
    react_add_step(&steps, written, strlen(written), "seen", 4);
    react_write(&out, tools, 2, "Who?", 4, &steps);
    assert_string_equal(
        buf_text(&out),
        "Answer the following questions as best you can. You have access to the "
        "following tools:\n\nsearch: finds things\nsum: adds. Input: a JSON object with "
        "a, b.\n\nUse the "
        "following format:\n\nQuestion: the input question you must answer\nThought: you "
        "should always think about what to do\nAction: the action to take, should be one "
        "of [search, sum]\nAction Input: the input to the action\nObservation: "
        "the result of the action\n... (this Thought/Action/Action Input/Observation can "
        "repeat N times)\nThought: I now know the final answer\nFinal Answer: the final "
        "answer to the original input question\n\nBegin!\n\nQuestion: Who?\nThought: "
        "hm\nAction: search\nAction Input: x\nObservation: seen\nThought:");
    buf_clear(&out);
    buf_clear(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_output_is_read_as_it_was_meant),
        cmocka_unit_test(a_text_may_end_anywhere),
        cmocka_unit_test(what_the_model_made_up_is_left_out),
        cmocka_unit_test(the_prompt_is_langchains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
