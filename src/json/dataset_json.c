/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/dataset_json.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <unistr.h>

#include "base/xalloc.h"

json_t *field_to_json(const struct field *field)
{
    const char *type = field->type ? field->type : "text";
    const char *known = field->settings_json;
    json_t *settings = json_read(known);
    if (!json_is_object(settings)) {
        json_decref(settings);
        settings = json_object();
    }
    json_object_set_new(settings, "type", json_text(type));
    if (strcmp(type, "text") == 0 || strcmp(type, "chat") == 0)
        json_object_set_new(settings, "use_markdown", json_boolean(field->use_markdown));
    return json_pack("{s:o,s:o,s:b,s:o}", "name", json_text(field->name), "title",
                     json_text(field->title ? field->title : field->name), "required",
                     (int)field->is_required, "settings", settings);
}

int dataset_min_submitted(const struct dataset *dataset)
{
    const char *text = dataset->more_json;
    json_t *more = json_read(text);
    const json_t *least =
        json_object_get(json_object_get(more, "distribution"), "min_submitted");
    json_int_t count = json_integer_value(least);
    json_decref(more);
    return count > 0 && count < INT_MAX ? (int)count : 0;
}

static json_t *question_settings(const struct question *question)
{
    const char *known = question->settings_json;
    json_t *settings = json_read(known);
    if (json_is_object(settings))
        return settings;
    json_decref(settings);
    const char *type = question_type_name(question->type);
    if (question->type == QUESTION_TEXT)
        return json_pack("{s:s,s:b}", "type", type, "use_markdown", 0);
    json_t *options = json_array();
    for (size_t i = 0; i < question->rating_count; i++)
        json_array_append_new(options, json_pack("{s:i}", "value", question->ratings[i]));
    for (size_t i = 0; i < question->option_count; i++)
        json_array_append_new(options,
                              json_pack("{s:o,s:o}", "value",
                                        json_text(question->options[i].value), "text",
                                        json_text(question->options[i].text)));
    return json_pack("{s:s,s:o}", "type", type, "options", options);
}

json_t *question_to_json(const struct question *question)
{
    /* an empty description is refused by every server */
    const char *description = question->description;
    return json_pack(
        "{s:o,s:o,s:o,s:b,s:o}", "name", json_text(question->name), "title",
        json_text(question->title ? question->title : question->name), "description",
        json_text(description && *description ? description : NULL), "required",
        (int)question->is_required, "settings", question_settings(question));
}

static char *title_of(const json_t *item)
{
    char *title = json_dup_text(item, "title");
    return title ? title : json_dup_text(item, "name");
}

void dataset_fields_from_json(struct dataset *dataset, const json_t *array)
{
    dataset_clear_fields(dataset);
    size_t size = json_array_size(array);
    dataset->fields = size ? xcalloc(size, sizeof *dataset->fields) : NULL;
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(array, i);
        if (json_get_text(item, "name", NULL)) {
            struct field *field = &dataset->fields[dataset->field_count++];
            const json_t *settings = json_object_get(item, "settings");
            char *type = json_dup_text(settings, "type");
            *field = (struct field){
                .name = json_dup_text(item, "name"),
                .title = title_of(item),
                .is_required = json_is_true(json_object_get(item, "required")),
                .use_markdown = json_is_true(json_object_get(settings, "use_markdown")),
                .type = type ? type : xstrdup("text")};
            if (strcmp(field->type, "image") == 0 || strcmp(field->type, "custom") == 0)
                field->settings_json = json_print(settings);
        }
    }
}

static void read_options(struct question *question, const json_t *options)
{
    size_t size = json_array_size(options);
    question->options = size ? xcalloc(size, sizeof *question->options) : NULL;
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(options, i);
        char *value = json_dup_text(item, "value");
        if (!value)
            continue;
        char *text = json_dup_text(item, "text");
        question->options[question->option_count++] =
            (struct question_option){.value = value,
                                     .text = text ? text : xstrdup(value),
                                     .description = json_dup_text(item, "description")};
    }
}

static void read_question(struct question *question, const json_t *item)
{
    const json_t *settings = json_object_get(item, "settings");
    *question = (struct question){
        .name = json_dup_text(item, "name"),
        .title = title_of(item),
        .description = json_dup_text(item, "description"),
        .is_required = json_is_true(json_object_get(item, "required")),
        .type = question_type_parse(json_get_text(settings, "type", NULL)),
        .settings_json = json_is_object(settings) ? json_print(settings) : NULL};
    const json_t *options = json_object_get(settings, "options");
    json_int_t visible = json_integer_value(json_object_get(settings, "visible_options"));
    question->visible_options = visible > 0 ? (size_t)visible : 0;
    question->puts_suggested_first =
        json_text_is(settings, "options_order", "suggestion");
    question->use_markdown = json_is_true(json_object_get(settings, "use_markdown"));
    question->allows_overlap =
        json_is_true(json_object_get(settings, "allow_overlapping"));
    question->field = json_dup_text(settings, "field");
    if (question->type == QUESTION_RATING) {
        size_t size = json_array_size(options);
        question->ratings = size ? xcalloc(size, sizeof *question->ratings) : NULL;
        for (size_t i = 0; i < size; i++) {
            const json_t *value = json_object_get(json_array_get(options, i), "value");
            json_int_t rating = json_integer_value(value);
            if (json_is_integer(value) && rating >= INT_MIN && rating <= INT_MAX)
                question->ratings[question->rating_count++] = (int)rating;
        }
    } else {
        read_options(question, options);
    }
}

void dataset_questions_from_json(struct dataset *dataset, const json_t *array)
{
    dataset_clear_questions(dataset);
    size_t size = json_array_size(array);
    dataset->questions = size ? xcalloc(size, sizeof *dataset->questions) : NULL;
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(array, i);
        if (json_get_text(item, "name", NULL))
            read_question(&dataset->questions[dataset->question_count++], item);
    }
}

/* ---- values ---- */

static json_t *bare_value(const struct value *value)
{
    if (value->type == QUESTION_RATING)
        return json_integer(value->rating);
    const char *text = value->text ? value->text : "";
    if (value->type == QUESTION_TEXT || value->type == QUESTION_LABEL)
        return json_text(text);
    return json_read(text);
}

/* ---- metadata ---- */

static bool is_within(const json_t *settings, double number)
{
    const json_t *min = json_object_get(settings, "min");
    const json_t *max = json_object_get(settings, "max");
    return (!json_is_number(min) || number >= json_number_value(min)) &&
           (!json_is_number(max) || number <= json_number_value(max));
}

static bool is_term(const json_t *settings, const json_t *value)
{
    const json_t *terms = json_object_get(settings, "values");
    size_t i;
    const json_t *term;
    json_array_foreach(terms, i, term)
    {
        if (json_equal(term, value))
            return true;
    }
    return json_is_string(value) && !json_is_array(terms);
}

json_t *metadata_fit(const json_t *property, json_t *value)
{
    const json_t *settings = json_object_get(property, "settings");
    const char *type = json_get_text(settings, "type", NULL);
    double number = json_number_value(value);
    if (!type)
        return json_incref(value);
    if (strcmp(type, "terms") == 0)
        return is_term(settings, value) ? json_incref(value) : NULL;
    if (strcmp(type, "integer") == 0)
        return json_is_integer(value) && is_within(settings, number) ? json_incref(value)
                                                                     : NULL;
    if (strcmp(type, "float") == 0) /* 5 is refused there, 5.0 is not */
        return json_is_number(value) && is_within(settings, number) ? json_real(number)
                                                                    : NULL;
    return json_incref(value);
}

/* ---- values ---- */

json_t *values_to_json(const struct values *values)
{
    json_t *object = json_object();
    for (size_t i = 0; i < values->count; i++) {
        json_t *bare = bare_value(&values->items[i]);
        if (!bare)
            continue;
        json_object_set_new(object, values->items[i].question,
                            json_pack("{s:o}", "value", bare));
    }
    return object;
}

/* What an array or another value looks like when no dataset says what it is. */
static enum question_type guess_type(const json_t *json)
{
    if (json_is_integer(json))
        return QUESTION_RATING;
    if (json_is_string(json))
        return QUESTION_TEXT;
    const json_t *first = json_array_get(json, 0);
    if (json_is_string(first))
        return QUESTION_MULTI_LABEL;
    if (json_object_get(first, "rank"))
        return QUESTION_RANKING;
    return json_object_get(first, "start") ? QUESTION_SPAN : QUESTION_OTHER;
}

static bool fits_type(enum question_type type, const json_t *json)
{
    double number = json_number_value(json);
    switch (type) {
    case QUESTION_RATING:
        return json_is_number(json) && number >= INT_MIN && number <= INT_MAX &&
               number == trunc(number);
    case QUESTION_TEXT:
    case QUESTION_LABEL:
        return json_is_string(json);
    case QUESTION_MULTI_LABEL:
    case QUESTION_RANKING:
    case QUESTION_SPAN:
        return json_is_array(json);
    case QUESTION_OTHER:
        break;
    }
    return true;
}

void value_from_json(struct value *value, const char *question, const json_t *json,
                     const struct dataset *dataset)
{
    const struct question *known = dataset ? dataset_question(dataset, question) : NULL;
    enum question_type type = known ? known->type : guess_type(json);
    *value = (struct value){.question = xstrdup(question),
                            .type = fits_type(type, json) ? type : QUESTION_OTHER};
    if (value->type == QUESTION_RATING)
        value->rating = (int)json_number_value(json);
    else if (value->type == QUESTION_TEXT || value->type == QUESTION_LABEL)
        value->text = xmemdup0(json_string_value(json), json_string_length(json));
    else
        value->text = json_print(json);
}

void values_from_json(struct values *values, const json_t *json,
                      const struct dataset *dataset)
{
    values_clear(values);
    const char *question;
    json_t *entry;
    json_object_foreach((json_t *)(uintptr_t)json, question, entry)
    {
        const json_t *bare = json_object_get(entry, "value");
        if (!bare || json_is_null(bare))
            continue;
        struct value value;
        value_from_json(&value, question, bare, dataset);
        values_set(values, &value);
        free(value.question);
        free(value.text);
    }
}

/* ---- suggestions ---- */

json_t *suggestion_to_json(const struct suggestion *suggestion)
{
    json_t *object = json_object(), *bare = bare_value(&suggestion->value);
    if (bare)
        json_object_set_new(object, "value", bare);
    json_set_text(object, "agent", suggestion->agent);
    json_set_text(object, "type", suggestion->type);
    if (suggestion->scores)
        json_object_set_new(object, "score", json_read(suggestion->scores));
    else if (suggestion->score >= 0)
        json_object_set_new(object, "score", json_real(suggestion->score));
    return object;
}

void suggestion_read_facts(struct suggestion *suggestion, const json_t *object)
{
    const json_t *score = json_object_get(object, "score");
    suggestion->agent = json_dup_text(object, "agent");
    suggestion->type = json_dup_text(object, "type");
    suggestion->score = json_is_number(score) ? json_number_value(score) : -1;
    suggestion->scores = json_is_array(score) ? json_print(score) : NULL;
}

/* ---- spans ---- */

static int compare_spans(const void *a, const void *b)
{
    const struct span *one = a, *other = b;
    if (one->start != other->start)
        return one->start < other->start ? -1 : 1;
    if (one->end != other->end)
        return one->end > other->end ? -1 : 1;
    return strcmp(one->label, other->label);
}

void spans_clear(struct spans *spans)
{
    for (size_t i = 0; i < spans->count; i++)
        free(spans->items[i].label);
    free(spans->items);
    *spans = (struct spans){0};
}

static struct span *append_span(struct spans *spans, const char *label)
{
    spans->items = xreallocarray(spans->items, spans->count + 1, sizeof *spans->items);
    struct span *span = &spans->items[spans->count++];
    *span = (struct span){.label = xstrdup(label)};
    return span;
}

/* Where each code point starts, and the text ends; owned. */
static size_t *find_points(const char *text, size_t len, size_t *count)
{
    size_t *points = xcalloc(len + 1, sizeof *points);
    *count = 0;
    for (size_t at = 0; at < len; at++)
        if (((unsigned char)text[at] & 0xC0) != 0x80)
            points[(*count)++] = at;
    points[*count] = len;
    return points;
}

void spans_read(struct spans *spans, const struct value *value, const char *text,
                size_t len)
{
    spans_clear(spans);
    const char *json = value && value->text ? value->text : "";
    json_t *list = json_read(json), *item;
    size_t i, count = 0,
              *points = json_array_size(list) ? find_points(text, len, &count) : NULL;
    json_array_foreach(list, i, item)
    {
        const char *label = json_get_text(item, "label", NULL);
        json_int_t start = json_integer_value(json_object_get(item, "start"));
        json_int_t end = json_integer_value(json_object_get(item, "end"));
        if (!label || start < 0 || end < 0)
            continue;
        struct span *span = append_span(spans, label);
        span->start = (size_t)start;
        span->end = (size_t)end;
        if (points && start < end && (size_t)end <= count) {
            span->from = points[start];
            span->to = points[end];
        }
    }
    if (spans->count)
        qsort(spans->items, spans->count, sizeof *spans->items, compare_spans);
    free(points);
    json_decref(list);
}

char *spans_print(const struct spans *spans)
{
    json_t *list = json_array();
    for (size_t i = 0; i < spans->count; i++) {
        const struct span *span = &spans->items[i];
        json_array_append_new(
            list, json_pack("{s:o,s:I,s:I}", "label", json_text(span->label), "start",
                            (json_int_t)span->start, "end", (json_int_t)span->end));
    }
    return json_print_new(list);
}

void spans_remove(struct spans *spans, size_t index)
{
    free(spans->items[index].label);
    spans->count--;
    memmove(&spans->items[index], &spans->items[index + 1],
            (spans->count - index) * sizeof *spans->items);
}

size_t spans_add(struct spans *spans, const char *text, size_t from, size_t to,
                 const char *label, bool may_overlap)
{
    size_t start = u8_mbsnlen((const uint8_t *)text, from);
    size_t end = start + u8_mbsnlen((const uint8_t *)text + from, to - from);
    size_t before = spans->count;
    for (size_t i = spans->count; i-- > 0;) {
        const struct span *span = &spans->items[i];
        bool is_same =
            span->start == start && span->end == end && strcmp(span->label, label) == 0;
        if (is_same || (!may_overlap && span->start < end && start < span->end))
            spans_remove(spans, i);
    }
    size_t gone = before - spans->count;
    struct span *span = append_span(spans, label);
    *span = (struct span){start, end, from, to, span->label};
    qsort(spans->items, spans->count, sizeof *spans->items, compare_spans);
    return gone;
}
