/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/choice.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <unistr.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "json/dataset_json.h"

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
    json_t *chosen = question->type != QUESTION_LABEL ? json_read(value->text) : NULL;
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
    json_t *text = json_text(name);
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
    json_t *list = question->puts_suggested_first ? json_read(text) : NULL;
    json_t *scores = json_read(each);
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

static void write_item(const struct question *question, const json_t *item,
                       struct buf *out)
{
    const char *name = json_is_string(item) ? json_string_value(item)
                                            : json_get_text(item, "value", NULL);
    const char *label = json_get_text(item, "label", NULL);
    const json_t *rank = json_object_get(item, "rank");
    buf_add_text(out, question_option_text(question, name ? name : label ? label : "?"));
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
    json_t *items = is_list ? json_read(text) : NULL;
    json_t *each = json_read(scores);
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
        buf_add_text(out, question_option_text(question, text));
    json_decref(items);
    json_decref(each);
}

char *choice_word_response(const char *start, const struct dataset *dataset,
                           const struct response *response)
{
    struct buf words = {0}, *out = &words;
    buf_addf(out, "%s%s", start, response_status_name(response->status));
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct value *value = values_find(&response->values, question->name);
        if (!value)
            continue;
        buf_add_text(out, ", ");
        choice_write(question, value, NULL, out);
    }
    char line[200];
    sanitise_line(buf_text(out), words.len, line, sizeof line);
    buf_clear(out);
    return xstrdup(line);
}

/* ---- what the servers take ---- */

#define SPANS_MAX 10000

static const char *labels_fault(const struct question *question, const json_t *value)
{
    size_t count = json_array_size(value);
    for (size_t i = 0; i < count; i++) {
        const json_t *label = json_array_get(value, i);
        if (!question_find_option(question, json_string_value(label)))
            return "has a label that it does not know";
        for (size_t k = 0; k < i; k++)
            if (json_equal(label, json_array_get(value, k)))
                return "has a label twice";
    }
    return count > 0 ? NULL : "takes no empty list";
}

static const char *ranking_fault(const struct question *question, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        const json_t *name = json_object_get(item, "value");
        const json_t *rank = json_object_get(item, "rank");
        if (!question_find_option(question, json_string_value(name)))
            return "ranks something that it does not know";
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_object_get(json_array_get(value, k), "value"), name))
                return "ranks something twice";
        if (rank && !json_is_null(rank) && json_integer_value(rank) < 1)
            return "has a rank that is no number from 1";
    }
    return NULL;
}

/* from and to have a place for each span. */
static const char *read_spans(const struct question *question, const json_t *value,
                              size_t text_len, size_t *from, size_t *to)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *item = json_array_get(value, i);
        const json_t *start = json_object_get(item, "start"),
                     *end = json_object_get(item, "end");
        json_int_t left = json_integer_value(start), right = json_integer_value(end);
        if (!question_find_option(question,
                                  json_string_value(json_object_get(item, "label"))))
            return "has a span with a label that it does not know";
        if (!json_is_integer(start) || !json_is_integer(end) || left < 0 ||
            left >= right || (size_t)right > text_len)
            return "has a span that is not in its text";
        from[i] = (size_t)left;
        to[i] = (size_t)right;
        for (size_t k = 0; !question->allows_overlap && k < i; k++)
            if (from[i] < to[k] && from[k] < to[i])
                return "has two spans on the same letters";
    }
    return NULL;
}

static const char *spans_fault(const struct record *record,
                               const struct question *question, const json_t *value)
{
    const struct record_field *field =
        question->field ? record_field(record, question->field) : NULL;
    size_t len = field ? u8_mbsnlen((const uint8_t *)field->text, field->len) : 0;
    size_t count = json_array_size(value);
    if (count > SPANS_MAX)
        return "has more than 10,000 spans";
    size_t *from = xcalloc(count + 1, sizeof *from);
    size_t *to = xcalloc(count + 1, sizeof *to);
    const char *why = read_spans(question, value, len, from, to);
    free(from);
    free(to);
    return why;
}

const char *choice_value_fault(const struct record *record,
                               const struct question *question, const json_t *value)
{
    json_int_t number = json_integer_value(value);
    bool is_list = json_is_array(value);
    switch (question->type) {
    case QUESTION_RATING:
        return json_is_integer(value) && number >= -1000000 && number <= 1000000 &&
                       question_allows_rating(question, (int)number)
                   ? NULL
                   : "does not take this rating";
    case QUESTION_TEXT:
        return json_is_string(value) ? NULL : "takes a text";
    case QUESTION_LABEL:
        return question_find_option(question, json_string_value(value))
                   ? NULL
                   : "does not know this label";
    case QUESTION_MULTI_LABEL:
        return is_list ? labels_fault(question, value) : "takes a list";
    case QUESTION_RANKING:
        return is_list ? ranking_fault(question, value) : "takes a list";
    case QUESTION_SPAN:
        return !is_list ? "takes a list"
               : record ? spans_fault(record, question, value)
                        : NULL;
    case QUESTION_OTHER:
        break;
    }
    return NULL;
}

const char *choice_fault(const struct record *record, const struct question *question,
                         const struct value *value, bool to_submit)
{
    struct value copy = *value;
    json_t *json = values_to_json(&(struct values){.items = &copy, .count = 1});
    const json_t *bare = json_object_get(json_object_get(json, value->question), "value");
    const char *why = choice_value_fault(record, question, bare);
    if (!why && to_submit && question->type == QUESTION_RANKING &&
        json_array_size(bare) < question->option_count)
        why = "ranks only some; rank all or none";
    json_decref(json);
    return why;
}

const struct question *choice_find_fault(const struct dataset *dataset,
                                         const struct record *record,
                                         const struct values *values, bool to_submit,
                                         const char **why)
{
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct value *value = values_find(values, question->name);
        bool is_missing = !value && to_submit && question->is_required &&
                          question->type != QUESTION_SPAN;
        *why = value        ? choice_fault(record, question, value, to_submit)
               : is_missing ? "has no answer yet"
                            : NULL;
        if (*why)
            return question;
    }
    return NULL;
}
