/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static void clear_value(struct value *value)
{
    free(value->question);
    free(value->text);
    *value = (struct value){0};
}

static struct value *find_or_add(struct values *values, const char *question)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i].question, question) == 0)
            return &values->items[i];
    values->items =
        xreallocarray(values->items, values->count + 1, sizeof *values->items);
    struct value *value = &values->items[values->count++];
    *value = (struct value){0};
    value->question = xstrdup(question);
    return value;
}

static void set(struct values *values, const char *question, enum question_type type,
                const char *text)
{
    char *copy = xstrdup_or_null(text); /* text may be the value's own */
    struct value *value = find_or_add(values, question);
    free(value->text);
    value->type = type;
    value->rating = 0;
    value->text = copy;
}

const struct value *values_find(const struct values *values, const char *question)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i].question, question) == 0)
            return &values->items[i];
    return NULL;
}

void values_set_rating(struct values *values, const char *question, int rating)
{
    set(values, question, QUESTION_RATING, NULL);
    find_or_add(values, question)->rating = rating;
}

void values_set_text(struct values *values, const char *question, enum question_type type,
                     const char *text)
{
    if (!text || (text[0] == '\0' && type == QUESTION_TEXT))
        values_remove(values, question);
    else
        set(values, question, type, text);
}

void values_set_json(struct values *values, const char *question, enum question_type type,
                     const char *json)
{
    if (json)
        set(values, question, type, json);
    else
        values_remove(values, question);
}

bool values_remove(struct values *values, const char *question)
{
    for (size_t i = 0; i < values->count; i++) {
        if (strcmp(values->items[i].question, question) != 0)
            continue;
        clear_value(&values->items[i]);
        values->count--;
        memmove(&values->items[i], &values->items[i + 1],
                (values->count - i) * sizeof *values->items);
        return true;
    }
    return false;
}

void values_copy(struct values *to, const struct values *from)
{
    if (to == from)
        return;
    values_clear(to);
    to->items = from->count ? xcalloc(from->count, sizeof *to->items) : NULL;
    to->count = from->count;
    for (size_t i = 0; i < from->count; i++) {
        to->items[i] = from->items[i];
        to->items[i].question = xstrdup(from->items[i].question);
        to->items[i].text = xstrdup_or_null(from->items[i].text);
    }
}

static bool value_equal(const struct value *a, const struct value *b)
{
    if (a->type != b->type || a->rating != b->rating || !a->text != !b->text)
        return false;
    return !a->text || strcmp(a->text, b->text) == 0;
}

bool values_equal(const struct values *a, const struct values *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct value *other = values_find(b, a->items[i].question);
        if (!other || !value_equal(&a->items[i], other))
            return false;
    }
    return true;
}

void values_clear(struct values *values)
{
    for (size_t i = 0; i < values->count; i++)
        clear_value(&values->items[i]);
    free(values->items);
    *values = (struct values){0};
}
