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
static struct question_option options[] = {{good, good}, {bad, bad}, {other, other}};

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

static void half_a_ranking_is_found(void **state)
{
    (void)state;
    static const size_t order[] = {2, 0, 1};
    char name[] = "order";
    struct question question = ask(QUESTION_RANKING);
    question.name = name;
    struct dataset dataset = {.questions = &question, .question_count = 1};
    struct values values = {0};
    assert_null(choice_half_ranked(&dataset, &values));
    for (size_t count = 1; count <= 3; count++) {
        char *text = choose(&question, order, count);
        values_set_json(&values, name, QUESTION_RANKING, text);
        const struct question *found = choice_half_ranked(&dataset, &values);
        assert_ptr_equal(found, count < 3 ? &question : NULL);
        free(text);
    }
    values_clear(&values);
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
        cmocka_unit_test(half_a_ranking_is_found),
        cmocka_unit_test(rubbish_means_nothing_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
