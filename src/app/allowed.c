/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/allowed.h"

#include <stdlib.h>
#include <string.h>

#include <unistr.h>

#include "base/xalloc.h"
#include "json/dataset_json.h"

#define SPANS_MAX 10000

static bool has_option(const struct question *question, const json_t *option)
{
    const char *text = json_string_value(option);
    for (size_t i = 0; text && i < question->option_count; i++)
        if (strcmp(question->options[i].value, text) == 0)
            return true;
    return false;
}

static const char *labels_fault(const struct question *question, const json_t *value)
{
    size_t count = json_array_size(value);
    for (size_t i = 0; i < count; i++) {
        const json_t *label = json_array_get(value, i);
        if (!has_option(question, label))
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
        if (!has_option(question, name))
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
        if (!has_option(question, json_object_get(item, "label")))
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
    size_t len = field    ? u8_mbsnlen((const uint8_t *)field->text, field->len)
                 : record ? 0
                          : SIZE_MAX;
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

const char *allowed_value_fault(const struct record *record,
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
        return has_option(question, value) ? NULL : "does not know this label";
    case QUESTION_MULTI_LABEL:
        return is_list ? labels_fault(question, value) : "takes a list";
    case QUESTION_RANKING:
        return is_list ? ranking_fault(question, value) : "takes a list";
    case QUESTION_SPAN:
        return is_list ? spans_fault(record, question, value) : "takes a list";
    case QUESTION_OTHER:
        break;
    }
    return NULL;
}

const struct question *allowed_find_fault(const struct dataset *dataset,
                                          const struct record *record,
                                          const struct values *values, bool to_submit,
                                          const char **why)
{
    const struct question *found = NULL;
    json_t *all = values_to_json(values);
    for (size_t i = 0; i < dataset->question_count && !found; i++) {
        const struct question *question = &dataset->questions[i];
        const json_t *value =
            json_object_get(json_object_get(all, question->name), "value");
        *why = NULL;
        if (value)
            *why = allowed_value_fault(record, question, value);
        else if (to_submit && question->is_required && question->type != QUESTION_SPAN)
            *why = "has no answer yet";
        if (value && !*why && to_submit && question->type == QUESTION_RANKING &&
            json_array_size(value) < question->option_count)
            *why = "ranks only some; rank all or none";
        found = *why ? question : NULL;
    }
    json_decref(all);
    return found;
}
