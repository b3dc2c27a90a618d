/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/choice.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "json/json.h"

/* Argilla writes [{"value": "a", "rank": 1}] for a ranking, ["a"] for labels. */
static int rank_in(const json_t *chosen, const char *option)
{
    size_t i;
    const json_t *item;
    json_array_foreach(chosen, i, item)
    {
        const char *name = json_is_string(item) ? json_string_value(item)
                                                : json_get_text(item, "value", NULL);
        if (name && strcmp(name, option) == 0)
            return json_is_string(item)
                       ? 1
                       : (int)json_integer_value(json_object_get(item, "rank"));
    }
    return 0;
}

void choice_read(const struct question *question, const struct value *value, int *ranks,
                 size_t count)
{
    memset(ranks, 0, count * sizeof *ranks);
    if (!value || !value->text)
        return;
    json_t *chosen = question->type != QUESTION_LABEL
                         ? json_parse(value->text, strlen(value->text), NULL)
                         : NULL;
    for (size_t i = 0; i < count && i < question->option_count; i++) {
        const char *option = question->options[i].value;
        ranks[i] = question->type == QUESTION_LABEL ? strcmp(option, value->text) == 0
                                                    : rank_in(chosen, option);
    }
    json_decref(chosen);
}

static json_t *new_item(const struct question *question, size_t option, int rank)
{
    const char *name = question->options[option].value;
    json_t *text = json_new_text(name, strlen(name));
    return question->type == QUESTION_RANKING
               ? json_pack("{s:o,s:i}", "value", text, "rank", rank)
               : text;
}

static char *print_array(const struct question *question, const int *ranks)
{
    json_t *array = json_array();
    for (size_t i = 0; i < question->option_count; i++)
        if (ranks[i] > 0)
            json_array_append_new(array, new_item(question, i, ranks[i]));
    char *text = json_array_size(array) > 0 ? json_print(array) : NULL;
    json_decref(array);
    return text;
}

char *choice_toggle(const struct question *question, const struct value *value,
                    size_t option)
{
    size_t count = question->option_count;
    int *ranks = xcalloc(count, sizeof *ranks);
    choice_read(question, value, ranks, count);
    int was = ranks[option], highest = 0;
    char *text = NULL;
    if (question->type == QUESTION_LABEL) {
        text = was ? NULL : xstrdup(question->options[option].value);
    } else {
        ranks[option] = 0;
        for (size_t i = 0; i < count; i++) {
            highest = ranks[i] > highest ? ranks[i] : highest;
            if (was && ranks[i] > was)
                ranks[i]--; /* moves up, so that no rank is left out */
        }
        if (!was)
            ranks[option] = question->type == QUESTION_RANKING ? highest + 1 : 1;
        text = print_array(question, ranks);
    }
    free(ranks);
    return text;
}

char *choice_rank(const struct question *question, const struct value *value,
                  size_t option, int rank)
{
    int *ranks = xcalloc(question->option_count, sizeof *ranks);
    choice_read(question, value, ranks, question->option_count);
    ranks[option] = rank;
    char *text = print_array(question, ranks);
    free(ranks);
    return text;
}

/* 1, 1, 5 becomes 1, 1, 2. */
static void count_anew(int *ranks, size_t count)
{
    int above = 0;
    for (int rank = 1;; rank++) {
        int next = 0;
        for (size_t i = 0; i < count; i++)
            if (ranks[i] > above && (!next || ranks[i] < next))
                next = ranks[i];
        if (!next)
            return;
        for (size_t i = 0; i < count; i++)
            ranks[i] = ranks[i] == next ? rank : ranks[i];
        above = rank;
    }
}

char *choice_move(const struct question *question, const struct value *value,
                  size_t option, int direction)
{
    size_t count = question->option_count;
    int *ranks = xcalloc(count, sizeof *ranks);
    size_t beside = 0;
    choice_read(question, value, ranks, count);
    int was = ranks[option];
    if (!was) {
        free(ranks);
        return choice_toggle(question, value, option);
    }
    count_anew(ranks, count);
    was = ranks[option];
    for (size_t i = 0; i < count; i++) {
        beside += i != option && ranks[i] == was;
        ranks[i] *= 2; /* room between them */
    }
    /* past the next ones, who are two away; or only out of the tie */
    ranks[option] += direction * (beside ? 1 : 3);
    if (ranks[option] < 1)
        ranks[option] = 1;
    count_anew(ranks, count);
    char *text = print_array(question, ranks);
    free(ranks);
    return text;
}

char *choice_tie(const struct question *question, const struct value *value,
                 size_t option)
{
    size_t count = question->option_count;
    int *ranks = xcalloc(count, sizeof *ranks), above = 0;
    choice_read(question, value, ranks, count);
    for (size_t i = 0; i < count; i++)
        if (i != option && ranks[i] > above &&
            (!ranks[option] || ranks[i] <= ranks[option]))
            above = ranks[i];
    if (above)
        ranks[option] = above;
    count_anew(ranks, count);
    char *text = print_array(question, ranks);
    free(ranks);
    return text;
}

struct placed {
    size_t option;
    double score; /* -1 = it is not suggested */
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *one = a, *other = b;
    if (one->score != other->score)
        return one->score < other->score ? 1 : -1;
    return one->option < other->option ? -1 : 1;
}

void choice_order(const struct question *question, const struct suggestion *suggested,
                  size_t *order)
{
    size_t count = question->option_count;
    const char *text = suggested && suggested->value.text ? suggested->value.text : "";
    const char *each = suggested && suggested->scores ? suggested->scores : "";
    json_t *list =
        question->puts_suggested_first ? json_parse(text, strlen(text), NULL) : NULL;
    json_t *scores = json_parse(each, strlen(each), NULL);
    struct placed *placed = xcalloc(count + 1, sizeof *placed);
    for (size_t i = 0; i < count; i++) {
        placed[i] = (struct placed){i, -1};
        for (size_t k = 0; k < json_array_size(list); k++) {
            const char *name = json_string_value(json_array_get(list, k));
            if (name && strcmp(name, question->options[i].value) == 0)
                placed[i].score = json_number_value(json_array_get(scores, k));
        }
    }
    if (list)
        qsort(placed, count, sizeof *placed, compare_placed);
    for (size_t i = 0; i < count; i++)
        order[i] = placed[i].option;
    json_decref(scores);
    json_decref(list);
    free(placed);
}

/* ---- in words ---- */

static const char *option_text(const struct question *question, const char *value)
{
    for (size_t i = 0; i < question->option_count; i++)
        if (strcmp(question->options[i].value, value) == 0)
            return question->options[i].text;
    return value;
}

static void write_item(const struct question *question, const json_t *item,
                       struct buf *out)
{
    const char *name = json_is_string(item) ? json_string_value(item)
                                            : json_get_text(item, "value", NULL);
    const char *label = json_get_text(item, "label", NULL);
    const json_t *rank = json_object_get(item, "rank");
    buf_add_text(out, option_text(question, name ? name : label ? label : "?"));
    if (json_is_integer(rank))
        buf_addf(out, " #%d", (int)json_integer_value(rank));
    if (label)
        buf_addf(out, " %d–%d", (int)json_integer_value(json_object_get(item, "start")),
                 (int)json_integer_value(json_object_get(item, "end")));
}

void choice_write(const struct question *question, const struct value *value,
                  const char *scores, struct buf *out)
{
    bool is_list = value->type == QUESTION_MULTI_LABEL ||
                   value->type == QUESTION_RANKING || value->type == QUESTION_SPAN;
    const char *text = value->text ? value->text : "";
    json_t *items = is_list ? json_parse(text, strlen(text), NULL) : NULL;
    json_t *each = scores ? json_parse(scores, strlen(scores), NULL) : NULL;
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        const json_t *score = json_array_get(each, i);
        buf_add_text(out, i > 0 ? ", " : "");
        write_item(question, item, out);
        if (json_is_number(score))
            buf_addf(out, " %.2f", json_number_value(score));
    }
    if (value->type == QUESTION_RATING)
        buf_addf(out, "%d", value->rating);
    else if (!json_is_array(items))
        buf_add_text(out, option_text(question, text));
    json_decref(items);
    json_decref(each);
}
