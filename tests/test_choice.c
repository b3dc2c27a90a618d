/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char good[] = "good", bad[] = "bad", other[] = "other";
static struct question_option options[] = {
    {good, good, NULL}, {bad, bad, NULL}, {other, other, NULL}};

static struct question ask(enum question_type type)
{
    return (struct question){.type = type, .options = options, .option_count = 3};
}

/* Chooses one after the other; owned. */
static char *choose(const struct question *question, const size_t *order, size_t count)
{
    char *text = NULL;
    for (size_t i = 0; i < count; i++) {
        struct value value = {.type = question->type, .text = text};
        char *next = choice_toggle(question, text ? &value : NULL, order[i]);
        free(text);
        text = next;
    }
    return text;
}

static void a_label_is_one_of_them(void **state)
{
    (void)state;
    struct question question = ask(QUESTION_LABEL);
    char *text = choose(&question, (size_t[]){0, 2}, 2);
    assert_string_equal(text, "other");
    free(text);
    assert_null(choose(&question, (size_t[]){1, 1}, 2));
}

static void several_labels_keep_the_order_of_the_options(void **state)
{
    (void)state;
    struct question question = ask(QUESTION_MULTI_LABEL);
    char *text = choose(&question, (size_t[]){2, 0}, 2);
    assert_string_equal(text, "[\"good\",\"other\"]");
    free(text);
    assert_null(choose(&question, (size_t[]){2, 2}, 2));
}

static void a_ranking_counts_in_the_order_of_choosing(void **state)
{
    (void)state;
    struct question question = ask(QUESTION_RANKING);
    int ranks[3];
    char *text = choose(&question, (size_t[]){2, 0, 1}, 3);
    struct value value = {.type = QUESTION_RANKING, .text = text};
    choice_read(&question, &value, ranks, 3);
    assert_int_equal(ranks[0], 2);
    assert_int_equal(ranks[1], 3);
    assert_int_equal(ranks[2], 1);
    free(text);
}

static void taking_back_a_rank_closes_the_gap(void **state)
{
    (void)state;
    struct question question = ask(QUESTION_RANKING);
    int ranks[3];
    char *text = choose(&question, (size_t[]){2, 0, 1, 0}, 4);
    struct value value = {.type = QUESTION_RANKING, .text = text};
    choice_read(&question, &value, ranks, 3);
    assert_int_equal(ranks[0], 0);
    assert_int_equal(ranks[1], 2);
    assert_int_equal(ranks[2], 1);
    free(text);
}

/* The ranks after one change of {other 1, good 2, bad 3}; owned text is freed. */
static void assert_ranks(struct question *question, char *text, int good_rank,
                         int bad_rank, int other_rank)
{
    int ranks[3];
    struct value value = {.type = QUESTION_RANKING, .text = text};
    choice_read(question, text ? &value : NULL, ranks, 3);
    assert_int_equal(ranks[0], good_rank);
    assert_int_equal(ranks[1], bad_rank);
    assert_int_equal(ranks[2], other_rank);
    free(text);
}

static void ranks_are_moved_and_tied(void **state)
{
    (void)state;
    struct question question = ask(QUESTION_RANKING);
    char *text = choose(&question, (size_t[]){2, 0, 1}, 3);
    struct value value = {.type = QUESTION_RANKING, .text = text};
    assert_ranks(&question, choice_move(&question, &value, 0, -1), 1, 3, 2);
    assert_ranks(&question, choice_move(&question, &value, 0, 1), 3, 2, 1);
    assert_ranks(&question, choice_move(&question, &value, 2, -1), 2, 3, 1);
    assert_ranks(&question, choice_move(&question, &value, 1, 1), 2, 3, 1);
    assert_ranks(&question, choice_tie(&question, &value, 0), 1, 2, 1);
    assert_ranks(&question, choice_tie(&question, &value, 2), 2, 3, 1);
    assert_ranks(&question, choice_rank(&question, &value, 1, 1), 2, 1, 1);
    assert_ranks(&question, choice_rank(&question, &value, 1, 0), 2, 0, 1);
    assert_ranks(&question, choice_move(&question, NULL, 1, -1), 0, 1, 0);
    free(text);
    text = choice_tie(&question, NULL, 1); /* there is none above it */
    assert_null(text);
    char tied[] = "[{\"value\":\"good\",\"rank\":1},{\"value\":\"bad\",\"rank\":1},"
                  "{\"value\":\"other\",\"rank\":7}]";
    value.text = tied; /* out of a tie, not past what is beside it */
    assert_ranks(&question, choice_move(&question, &value, 0, 1), 2, 1, 3);
    assert_ranks(&question, choice_move(&question, &value, 1, -1), 2, 1, 3);
    assert_ranks(&question, choice_move(&question, &value, 2, -1), 2, 2, 1);
}

static void what_is_suggested_may_come_first(void **state)
{
    (void)state;
    static const char *const scores[] = {NULL, "[0.5,0.9]"};
    static const size_t wanted[][3] = {{1, 2, 0}, {2, 1, 0}};
    char name[] = "q", list[] = "[\"bad\",\"other\"]";
    struct question question = ask(QUESTION_MULTI_LABEL);
    question.name = name;
    for (int i = 0; i < 2; i++) {
        size_t order[3];
        struct suggestion suggestion = {
            .value = {.question = name, .type = QUESTION_MULTI_LABEL, .text = list},
            .score = -1,
            .scores = (char *)(uintptr_t)scores[i]};
        question.puts_suggested_first = false;
        choice_order(&question, &suggestion, order);
        assert_int_equal(order[0], 0);
        question.puts_suggested_first = true;
        choice_order(&question, &suggestion, order);
        assert_memory_equal(order, wanted[i], sizeof order);
        choice_order(&question, NULL, order);
        assert_int_equal(order[0], 0);
    }
}

static void rubbish_means_nothing_chosen(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[1,null,{}]", "\"good\"",
                                        "[[\"good\"]]"};
    struct question question = ask(QUESTION_MULTI_LABEL);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int ranks[3] = {1, 1, 1};
        char text[32];
        memcpy(text, texts[i], strlen(texts[i]) + 1);
        struct value value = {.type = QUESTION_MULTI_LABEL, .text = text};
        choice_read(&question, &value, ranks, 3);
        assert_int_equal(ranks[0] + ranks[1] + ranks[2], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_is_one_of_them),
        cmocka_unit_test(several_labels_keep_the_order_of_the_options),
        cmocka_unit_test(a_ranking_counts_in_the_order_of_choosing),
        cmocka_unit_test(taking_back_a_rank_closes_the_gap),
        cmocka_unit_test(ranks_are_moved_and_tied),
        cmocka_unit_test(what_is_suggested_may_come_first),
        cmocka_unit_test(rubbish_means_nothing_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
