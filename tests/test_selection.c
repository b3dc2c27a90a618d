/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "model/queue.h"
#include "model/selection.h"

/* The guide's questions and one with labels. */
static int set_up(void **state)
{
    struct dataset *dataset = xcalloc(1, sizeof *dataset);
    dataset_init_guide(dataset, "d", "w", "");
    dataset->questions = xreallocarray(dataset->questions, dataset->question_count + 1,
                                       sizeof *dataset->questions);
    struct question *question = &dataset->questions[dataset->question_count++];
    *question = (struct question){.name = xstrdup("tone"),
                                  .title = xstrdup("Tone"),
                                  .type = QUESTION_LABEL,
                                  .option_count = 2};
    question->options = xcalloc(2, sizeof *question->options);
    question->options[0] = (struct question_option){.value = xstrdup("warm"),
                                                    .text = xstrdup("Warm and kind")};
    question->options[1] = (struct question_option){.value = xstrdup("ice cold"),
                                                    .text = xstrdup("Ice cold")};
    *state = dataset;
    return 0;
}

static int tear_down(void **state)
{
    dataset_clear(*state);
    free(*state);
    return 0;
}

/* Read, written, read again: the line as it is written. */
static void expect(void **state, const char *line, const char *written)
{
    struct selection selection = {0}, again = {0};
    struct err err = {0};
    if (selection_parse(&selection, line, *state, NULL, &err) != STATUS_OK)
        fail_msg("%s: %s", line, err.text);
    char *text = selection_print(&selection);
    assert_string_equal(text, written);
    assert_int_equal(selection_parse(&again, text, *state, NULL, &err), STATUS_OK);
    assert_int_equal(again.count, selection.count);
    assert_int_equal(again.order_count, selection.order_count);
    free(text);
    text = selection_print(&again);
    assert_string_equal(text, written);
    free(text);
    selection_copy(&again, &selection);
    text = selection_print(&again);
    assert_string_equal(text, written);
    free(text);
    selection_clear(&selection);
    selection_clear(&again);
}

static void every_term_comes_back_as_it_was(void **state)
{
    static const char *const lines[] = {
        "",
        "status:draft,pending",
        "-status:submitted",
        "flag",
        "-flag gone clash failed cut changed",
        "model:smollm2,gpt*",
        "meta.topic:a,b meta.length:10..20,40",
        "meta.share:0.5.. meta.a.b:-3..-1",
        "rating:>=4",
        "rating:..3,>4,<2,<=1,5",
        "label:warm,\"ice cold\"",
        "feedback:short answer.tone:warm answer.response-rating:1..2",
        "note -note:\"ask Kim\",/kim/i",
        "suggestion:warm suggestion.tone:warm",
        "suggestion.tone.score:0.5.. suggestion.tone.agent:bot",
        "score:<0.2 agent:bot",
        "length:100..",
        "\"some text\",\"or \\\"this\\\"\"",
        "lighthouse keeper -storm",
        "light,house,\"a b\"",
        "text:model -text:draft text:all text:@x text:-x text:a:b",
        "/two words, or \\/ one/i,other -/灯.守/s",
        "feedback:/too (short|long)/ model:/^gpt-\\d/,smol meta.topic:/se?a/",
        "prompt:word response:\"two words\",/re/i -prompt:x",
        "status:draft order:-score",
        "order:random:17",
        "order:meta.topic",
        "order:suggestion.tone.score",
        "order:-rating",
        "order:length",
        "order:inserted",
        "order:-answered",
        "order:disagreement",
        "order:-dataset",
        "order:rating,-length,random:3",
        "flag order:-suggestion.tone,suggestion.tone.score,-updated",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        expect(state, lines[i], lines[i]);
}

static void what_means_the_same_is_written_alike(void **state)
{
    expect(state, "  draft   flag ", "status:draft flag");
    expect(state, "-discarded", "-status:discarded");
    expect(state, "order:dataset", "");
    expect(state, "order:-rating,dataset", "order:-rating");
    expect(state, "order:random flag", "flag order:random");
    expect(state, "label:\"warm\"", "label:\"warm\"");
    expect(state, "text:/re/", "/re/");
    expect(state, "9..3 prompt:9..3", "9..3 prompt:9..3"); /* no range */
    expect(state, "field.prompt:/re/", "prompt:/re/");
    expect(state, "-text:flat", "-text:flat"); /* flag? */
    expect(state, "text:word -text:or,model", "word -or,model");
    expect(state, "日本 don't 5\" x*", "日本 don't \"5\\\"\" x*");
    expect(state, "meta.path:/usr flag /x/", "meta.path:/usr flag /x/"); /* a pattern */
    expect(state, "meta.path:/usr,/bin flag", "meta.path:\"/usr\",\"/bin\" flag");
    expect(state, "\"/re/\"", "\"/re/\""); /* no pattern */
}

static void expect_refused(void **state, const char *line, size_t place, const char *part)
{
    struct selection selection = {0};
    struct err err = {0};
    size_t at = 0;
    assert_int_equal(selection_parse(&selection, line, *state, &at, &err), STATUS_USAGE);
    if (at != place || !strstr(err.text, part))
        fail_msg("%s: at %zu: %s", line, at, err.text);
    assert_int_equal(selection.count, 0);
    assert_true(selection_is_empty(&selection));
}

static void what_cannot_be_read_is_refused_at_its_place(void **state)
{
    expect_refused(state, "flag colour:red", 5, "At 6, \"colour:red\": there is no such");
    expect_refused(state, "flag colour:red", 5, "meta.NAME");
    expect_refused(state, "stauts:draft", 0, "\"status\" perhaps");
    expect_refused(state, "status:open", 7, "pending, draft, submitted or discarded");
    expect_refused(state, "status:draft,", 13, "a value is missing");
    expect_refused(state, "status:draft,,pending", 13, "a value is missing");
    expect_refused(state, "model", 0, "a colon and a value are missing");
    expect_refused(state, "flag:yes", 0, "this stands alone");
    expect_refused(state, "flag,gone", 0, "this stands alone");
    expect_refused(state, "model,flag:x", 0, "a colon and a value are missing");
    expect_refused(state, "rating:good", 7, "here stands a number, or a range");
    expect_refused(state, "length:", 7, "a value is missing");
    expect_refused(state, "score:\"0.5\"", 6, "here stands a number");
    expect_refused(state, "meta.x:4..2", 7, "the range holds nothing");
    expect_refused(state, "rating:4..2", 7, "the range holds nothing");
    expect_refused(state, "rating:..", 7, "here stands a number");
    expect_refused(state, "\"open", 0, "this quote has no end");
    expect_refused(state, "label:\"a\"b", 6, "after a quote comes a comma or a blank");
    expect_refused(state, "answer.mood:sad", 0,
                   "response-rating, response-feedback, tone");
    expect_refused(state, "suggestion.mood:sad", 0, "there is no such question");
    expect_refused(state, "suggestion.mood.score:1", 0, "there is no such question");
    expect_refused(state, "answer.response-rating:good", 23, "here stands a number");
    expect_refused(state, "meta.:a", 0, "there is no such term");
    expect_refused(state, "order:size", 6, "an order is dataset, random, meta.NAME");
    expect_refused(state, "order:", 6, "an order is");
    expect_refused(state, "order:random:0", 6, "an order is");
    expect_refused(state, "order:suggestion.mood.score", 6, "no such question");
    expect_refused(state, "order:rating,", 13, "an order is");
    expect_refused(state, "order:rating,size", 13, "At 14, \"size\": an order is");
    expect_refused(state, "order:random,rating", 13, "nothing is left to be ordered");
    expect_refused(state, "order:-dataset,rating", 15, "nothing is left to be ordered");
    expect_refused(state, "order:rating,score,length,answered", 26, "too many");
    expect_refused(state, "order:rating,suggestion.mood", 13, "no such question");
    expect_refused(state, "order:rating order:score", 19, "there is an order already");
    expect_refused(state, "flag /a(b/", 5,
                   "At 6, \"/a(b/\": this is no pattern: missing closing parenthesis, "
                   "behind its character 3.");
    expect_refused(state, "\"日本\" feedback:/[日/", 18, "At 15, \"/[日/\": this is no");
    expect_refused(state, "flag /ab", 5, "this pattern has no end");
    expect_refused(state, "rating:/4/", 7, "here stands a number");
    expect_refused(state, "status:/draft/", 7, "a status is pending");
    expect_refused(state, "日本 text", 7, "At 4, \"text\": a colon and a value");
    expect_refused(state, "text", 0, "or quotes, to look for it");
    expect_refused(state, "日日日日日日日日日日日日日日:x", 0,
                   "\"日日日日日日日日日日日日日…\": there is no such term");
    expect_refused(state, "-flat", 1, "\"flag\" perhaps; or quotes, to look for it");
    expect_refused(state, "-submited,x", 1, "\"submitted\" perhaps");
    expect_refused(state, "flag prompts:x", 5, "and the fields: prompt, response.");
    expect_refused(state, "field.prompts:x", 0,
                   "no such field; there are prompt, response.");
    expect_refused(state, "prompt:", 7, "a value is missing");
    expect_refused(state, "prompt:/a(b/", 7, "this is no pattern");
    expect_refused(state, "light,", 6, "a value is missing");
    expect_refused(state, "-", 1, "a value is missing");
    expect_refused(state, "http://a", 0, "there is no such term");
    expect_refused(state, "\"日本\" x:", 9, "At 6, \"x:\"");
}

static void a_dataset_without_the_question_refuses_its_term(void **state)
{
    (void)state;
    struct dataset empty = {0};
    void *none = &empty;
    expect_refused(&none, "rating:4", 0, "no rating question");
    expect_refused(&none, "label:x", 0, "no label question");
    expect_refused(&none, "feedback:x", 0, "no text question");
    expect_refused(&none, "order:rating", 6, "no rating question");
    void *any = NULL;
    expect(&any, "rating:4 label:x answer.what:1", "rating:4 label:x answer.what:1");
}

/* The filter wins; the field has a sure name. */
static void a_field_that_is_called_like_a_term_has_a_name_of_its_own(void **state)
{
    (void)state;
    struct dataset dataset = {0};
    void *given = &dataset;
    dataset.field_count = 3;
    dataset.fields = xcalloc(dataset.field_count, sizeof *dataset.fields);
    dataset.fields[0].name = xstrdup("model");
    dataset.fields[1].name = xstrdup("order");
    dataset.fields[2].name = xstrdup("body");
    expect(&given, "model:x field.model:y", "model:x field.model:y");
    expect(&given, "field.order:x field.body:x", "field.order:x body:x");
    struct selection selection = {0};
    struct err err = {0};
    assert_int_equal(
        selection_parse(&selection, "model:a field.model:b body:c", &dataset, NULL, &err),
        STATUS_OK);
    assert_int_equal(selection.terms[0].kind, SELECT_MODEL);
    assert_int_equal(selection.terms[1].kind, SELECT_FIELD);
    assert_string_equal(selection.terms[1].name, "model");
    assert_string_equal(selection.terms[2].name, "body");
    selection_clear(&selection);
    dataset_clear(&dataset);
}

static void expect_doubt(const char *line, const char *expected)
{
    struct selection selection = {0};
    struct err err = {0};
    assert_int_equal(selection_parse(&selection, line, NULL, NULL, &err), STATUS_OK);
    char *doubt = selection_doubt(&selection);
    assert_string_equal(doubt, expected);
    free(doubt);
    selection_clear(&selection);
}

static void a_word_that_was_meant_to_be_a_term_is_doubted(void **state)
{
    (void)state;
    expect_doubt("sea pendign", " (was \"pendign\" to be pending?)");
    expect_doubt("flg", " (was \"flg\" to be flag?)");
    expect_doubt("lighthouse flag model:x \"flga\" /flga/", "");
}

static bool takes(const char *line, const char *text, double number)
{
    struct selection selection = {0};
    struct err err = {0};
    assert_int_equal(selection_parse(&selection, line, NULL, NULL, &err), STATUS_OK);
    bool is_taken = text ? selection_takes_text(&selection.terms[0], text)
                         : selection_takes_number(&selection.terms[0], number);
    selection_clear(&selection);
    return is_taken;
}

static void a_line_takes_the_place_of_another_and_a_fault_leaves_nothing(void **state)
{
    struct selection selection = {0};
    struct err err = {0};
    size_t place = 9;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            selection_parse(&selection, "flag order:rating", *state, &place, &err),
            STATUS_OK);
    char *line = selection_print(&selection);
    assert_string_equal(line, "flag order:rating");
    assert_int_equal(place, 0);
    free(line);
    assert_int_equal(
        selection_parse(&selection, "draft order:length grim:x", *state, &place, &err),
        STATUS_USAGE);
    assert_int_equal(selection.count, 0);
    assert_int_equal(selection.order_count, 0);
    assert_int_equal(place, 19);
}

static void values_take_texts_and_ranges(void **state)
{
    (void)state;
    assert_true(takes("model:gpt", "GPT", 0));
    assert_false(takes("model:gpt", "gpt-4", 0));
    assert_true(takes("model:gpt*", "gpt-4", 0));
    assert_true(takes("model:*mol*2", "SmolLM2", 0));
    assert_false(takes("model:*mol*2", "SmolLM3", 0));
    assert_true(takes("model:a,b", "b", 0));
    assert_true(takes("model:\"a*\"", "a*", 0));
    assert_false(takes("model:\"a*\"", "ab", 0));
    assert_true(takes("model:*", "", 0));
    assert_true(takes("model:/^gpt-\\d$/", "GPT-4", 0));
    assert_false(takes("model:/^GPT-\\d$/", "gpt-4", 0));
    assert_true(takes("model:/^GPT-\\d$/i", "gpt-4", 0));
    assert_false(takes("model:\"/gpt/\"", "gpt", 0));
    assert_true(takes("score:0.5..0.7", NULL, 0.5));
    assert_true(takes("score:0.5..0.7", NULL, 0.7));
    assert_false(takes("score:0.5..0.7", NULL, 0.71));
    assert_false(takes("score:>0.5", NULL, 0.5));
    assert_true(takes("score:>=0.5", NULL, 0.5));
    assert_false(takes("score:<0.5", NULL, 0.5));
    assert_true(takes("score:<=0.5", NULL, 0.5));
    assert_true(takes("score:..-1", NULL, -7));
    assert_true(takes("score:3", NULL, 3));
    assert_false(takes("score:3", NULL, 3.5));
}

static void statuses_that_are_let_through(void **state)
{
    static const struct {
        const char *line;
        unsigned mask;
    } rows[] = {{"", 15},
                {"draft,pending", 1u << RESPONSE_DRAFT | 1u << RESPONSE_PENDING},
                {"status:draft,pending", 1u << RESPONSE_DRAFT | 1u << RESPONSE_PENDING},
                {"-draft", 15u & ~(1u << RESPONSE_DRAFT)},
                {"status:draft,pending -pending", 1u << RESPONSE_DRAFT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct selection selection = {0};
        struct err err = {0};
        enum status status =
            selection_parse(&selection, rows[i].line, *state, NULL, &err);
        if (rows[i].mask || !*rows[i].line)
            assert_int_equal(selection_statuses(&selection), rows[i].mask);
        else
            assert_int_not_equal(status, STATUS_OK);
        selection_clear(&selection);
    }
}

/* Enter goes on to what is done only where it was asked for. */
static void what_is_done_is_gone_through_where_it_is_asked_for(void **state)
{
    static const struct {
        const char *line;
        bool takes_done;
    } rows[] = {{"", false},           {"pending,draft", false},
                {"submitted", true},   {"pending,discarded", true},
                {"-pending", true},    {"-submitted,discarded", false},
                {"completed", true},   {"flag completed", true},
                {"-completed", false}, {"flag gone", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct selection selection = {0};
        struct err err = {0};
        if (selection_parse(&selection, rows[i].line, *state, NULL, &err) ||
            selection_takes_done(&selection) != rows[i].takes_done)
            fail_msg("%s: %s", rows[i].line, err.text);
        selection_clear(&selection);
    }
}

static bool holds(const char *line, const char *text)
{
    struct selection selection = {0};
    struct err err = {0};
    if (selection_parse(&selection, line, NULL, NULL, &err) != STATUS_OK)
        fail_msg("%s: %s", line, err.text);
    bool is_held = selection_holds_text(&selection.terms[0], text, strlen(text));
    selection_clear(&selection);
    return is_held;
}

static void a_text_is_looked_for_as_a_search_looks(void **state)
{
    (void)state;
    assert_true(holds("\"GRÜßE\"", "viele GRÜßE"));
    assert_true(holds("text:grüße", "viele GRÜßE")); /* not a to z alone */
    assert_false(holds("text:Moon", "the moon"));
    assert_true(holds("text:灯台", "東京の灯台"));
    assert_true(holds("text:京,灯", "灯台"));
    assert_true(holds("/灯.守/", "灯台守"));
    assert_true(holds("/^b$/", "a\nb\nc"));
}

static void an_order_alone_takes_the_place_of_another(void **state)
{
    struct selection selection = {0};
    struct err err = {0};
    assert_int_equal(
        selection_parse(&selection, "flag order:meta.topic", *state, NULL, &err),
        STATUS_OK);
    assert_int_equal(selection_parse_order(&selection, "-score", *state, &err),
                     STATUS_OK);
    char *line = selection_print(&selection);
    assert_string_equal(line, "flag order:-score");
    free(line);
    assert_int_equal(
        selection_parse_order(&selection, "length,-meta.topic", *state, &err), STATUS_OK);
    line = selection_print(&selection);
    assert_string_equal(line, "flag order:length,-meta.topic");
    free(line);
    assert_int_equal(selection_parse_order(&selection, "score flag", *state, &err),
                     STATUS_USAGE);
    assert_non_null(strstr(err.text, "At 7, \"flag\""));
    selection_clear(&selection);
}

/* All ways to go on, a line each. */
static void expect_ways(void **state, const char *line, const char *ways)
{
    struct selection_words words = {0};
    char out[200], all[2000] = "";
    selection_words_add(&words, WORD_SAVED, "hard");
    selection_words_add(&words, WORD_METADATA, "topic");
    selection_words_add(&words, WORD_METADATA, "topic");
    selection_words_add(&words, WORD_MODEL, "smollm2");
    selection_words_add(&words, WORD_AGENT, "bot");
    selection_words_add(&words, WORD_VALUE, "topic:sea");
    selection_words_add(&words, WORD_VALUE, "topic:the \"sea\"");
    selection_words_add(&words, WORD_VALUE, "topic:C*");
    selection_words_add(&words, WORD_VALUE, "topics:sky");
    selection_words_add(&words, WORD_VALUE, "length:-3..1200");
    for (size_t i = 0; selection_complete(line, i, *state, &words, out, sizeof out); i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s|", out);
    assert_string_equal(all, ways);
    selection_words_clear(&words);
}

static void what_may_follow_is_completed(void **state)
{
    expect_ways(state, "dr", "draft|");
    expect_ways(state, "-fl", "-flag|");
    expect_ways(state, "me", "meta.topic:|");
    expect_ways(state, "@", "@hard|");
    expect_ways(state, "flag @", "");
    expect_ways(state, "al", "all|");
    expect_ways(state, "status:s", "status:submitted|");
    expect_ways(state, "status:draft,p", "status:draft,pending|");
    expect_ways(state, "flag model:S", "flag model:smollm2|");
    expect_ways(state, "agent:", "agent:bot|");
    expect_ways(state, "suggestion.tone.a", "suggestion.tone.agent:|");
    expect_ways(state, "suggestion.tone.agent:b", "suggestion.tone.agent:bot|");
    expect_ways(state, "meta.topic:",
                "meta.topic:sea|meta.topic:\"the \\\"sea\\\"\"|meta.topic:\"C*\"|");
    expect_ways(state, "flag -meta.topic:x,S", "flag -meta.topic:x,sea|");
    expect_ways(state, "meta.length:", "meta.length:-3..1200|");
    expect_ways(state, "meta.top:", "");
    expect_ways(state, "rating:4,",
                "rating:4,1|rating:4,2|rating:4,3|rating:4,4|rating:4,5|");
    expect_ways(state, "answer.response-rating:3", "answer.response-rating:3|");
    expect_ways(state, "suggestion:",
                "suggestion:1|suggestion:2|suggestion:3|suggestion:4|"
                "suggestion:5|suggestion:warm|suggestion:\"ice cold\"|");
    expect_ways(state, "label:", "label:warm|label:\"ice cold\"|");
    expect_ways(state, "label:\"ice", "label:\"ice cold\"|");
    expect_ways(state, "-answer.tone:w", "-answer.tone:warm|");
    expect_ways(state, "suggestion.tone:w", "suggestion.tone:warm|");
    expect_ways(state, "answer.to", "answer.tone:|");
    expect_ways(state, "\"a b", "");
    expect_ways(state, "/a fl", "");
    expect_ways(state, "-/a, b/ fl", "-/a, b/ flag|");
    expect_ways(state, "feedback:/a b/i,/c me", "");
    expect_ways(state, "order:di", "order:disagreement|");
    expect_ways(state, "flag order:-m", "flag order:-meta.topic|");
    expect_ways(state, "order:suggestion.t",
                "order:suggestion.tone|order:suggestion.tone.score|");
    expect_ways(state, "order:-rating,-up", "order:-rating,-updated|");
    expect_ways(state, "pr", "prompt:|");
    expect_ways(state, "flag prompt:", "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_term_comes_back_as_it_was),
        CASE(what_means_the_same_is_written_alike),
        CASE(what_cannot_be_read_is_refused_at_its_place),
        CASE(a_dataset_without_the_question_refuses_its_term),
        CASE(a_field_that_is_called_like_a_term_has_a_name_of_its_own),
        CASE(a_word_that_was_meant_to_be_a_term_is_doubted),
        CASE(a_line_takes_the_place_of_another_and_a_fault_leaves_nothing),
        CASE(values_take_texts_and_ranges),
        CASE(a_text_is_looked_for_as_a_search_looks),
        CASE(an_order_alone_takes_the_place_of_another),
        CASE(statuses_that_are_let_through),
        CASE(what_is_done_is_gone_through_where_it_is_asked_for),
        CASE(what_may_follow_is_completed),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
