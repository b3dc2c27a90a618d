/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/values_json.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "json/json.h"

static json_t *bare_value(const struct value *value)
{
    if (value->type == QUESTION_RATING)
        return json_integer(value->rating);
    const char *text = value->text ? value->text : "";
    if (value->type == QUESTION_TEXT || value->type == QUESTION_LABEL)
        return json_new_text(text, strlen(text));
    return json_parse(text, strlen(text), NULL);
}

json_t *values_to_json(const struct values *values)
{
    json_t *object = json_object();
    for (size_t i = 0; i < values->count; i++) {
        json_t *bare = bare_value(&values->items[i]);
        if (!bare)
            continue;
        json_t *entry = json_object();
        json_object_set_new(entry, "value", bare);
        json_object_set_new(object, values->items[i].question, entry);
    }
    return object;
}

static bool is_rating(const json_t *json)
{
    double number = json_number_value(json);
    return json_is_number(json) && number >= INT_MIN && number <= INT_MAX &&
           number == trunc(number);
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
    switch (type) {
    case QUESTION_RATING:
        return is_rating(json);
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

static enum question_type type_of(const char *question, const json_t *json,
                                  const struct dataset *dataset)
{
    const struct question *known = dataset ? dataset_question(dataset, question) : NULL;
    enum question_type type = known ? known->type : guess_type(json);
    return fits_type(type, json) ? type : QUESTION_OTHER;
}

void value_from_json(struct value *value, const char *question, const json_t *json,
                     const struct dataset *dataset)
{
    *value = (struct value){.question = xstrdup(question),
                            .type = type_of(question, json, dataset)};
    if (value->type == QUESTION_RATING)
        value->rating = (int)json_number_value(json);
    else if (value->type == QUESTION_TEXT || value->type == QUESTION_LABEL)
        value->text = xmemdup0(json_string_value(json), json_string_length(json));
    else
        value->text = json_print(json);
}

static void add_value(struct values *values, const struct value *value)
{
    if (value->type == QUESTION_RATING)
        values_set_rating(values, value->question, value->rating);
    else if (value->type == QUESTION_TEXT || value->type == QUESTION_LABEL)
        values_set_text(values, value->question, value->type, value->text);
    else
        values_set_json(values, value->question, value->type, value->text);
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
        add_value(values, &value);
        free(value.question);
        free(value.text);
    }
}
