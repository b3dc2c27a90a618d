/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static const char *const type_names[] = {
    [QUESTION_RATING] = "rating",
    [QUESTION_TEXT] = "text",
    [QUESTION_LABEL] = "label_selection",
    [QUESTION_MULTI_LABEL] = "multi_label_selection",
    [QUESTION_RANKING] = "ranking",
    [QUESTION_SPAN] = "span",
    [QUESTION_OTHER] = "other",
};

const char *question_type_name(enum question_type type)
{
    return type_names[type];
}

enum question_type question_type_parse(const char *name)
{
    int type = QUESTION_RATING;
    while (type < QUESTION_OTHER && (!name || strcmp(type_names[type], name) != 0))
        type++;
    return (enum question_type)type;
}

static void clear_value(struct value *value)
{
    free(value->question);
    free(value->text);
    *value = (struct value){0};
}

static struct value *find_or_add(struct values *values, const char *question)
{
    const struct value *found = values_find(values, question);
    if (found)
        return &values->items[found - values->items];
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

void values_set(struct values *values, const struct value *value)
{
    if (value->type == QUESTION_RATING)
        values_set_rating(values, value->question, value->rating);
    else
        values_set_text(values, value->question, value->type, value->text);
    if (value->own && values_find(values, value->question))
        find_or_add(values, value->question)->own |= value->own;
}

void values_set_own(struct values *values)
{
    for (size_t i = 0; i < values->count; i++)
        values->items[i].own = UINT64_MAX;
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

/* Bytes of the element of a JSON list that begins there. */
static size_t element_len(const char *at)
{
    size_t len = 0;
    bool is_text = false;
    for (int depth = 0; at[len]; len++) {
        if (is_text && at[len] == '\\' && at[len + 1])
            len++;
        else if (at[len] == '"')
            is_text = !is_text;
        else if (!is_text && !depth && (at[len] == ',' || at[len] == ']'))
            break;
        else if (!is_text)
            depth += strchr("{[", at[len]) ? 1 : strchr("}]", at[len]) ? -1 : 0;
    }
    return len;
}

static int count_elements(const char *list, const char *wanted, size_t wanted_len)
{
    int count = 0;
    for (size_t at = 1, len; list[at]; at += len + 1) {
        len = element_len(list + at);
        count += len == wanted_len && strncmp(list + at, wanted, len) == 0;
        if (list[at + len] != ',')
            break;
    }
    return count;
}

/* Labels, ranks and spans are sets: another client may list them in another order. */
static bool is_same_set(const char *a, const char *b)
{
    bool is_same = *a == '[' && *b == '[' && strlen(a) == strlen(b);
    for (size_t at = 1, len; is_same && a[at]; at += len + 1) {
        len = element_len(a + at);
        is_same = count_elements(a, a + at, len) == count_elements(b, a + at, len);
        if (a[at + len] != ',')
            break;
    }
    return is_same;
}

bool value_equal(const struct value *a, const struct value *b)
{
    bool is_set = a->type == QUESTION_MULTI_LABEL || a->type == QUESTION_RANKING ||
                  a->type == QUESTION_SPAN;
    return a->type == b->type && a->rating == b->rating && !a->text == !b->text &&
           (!a->text || strcmp(a->text, b->text) == 0 ||
            (is_set && is_same_set(a->text, b->text)));
}

bool values_equal(const struct values *a, const struct values *b)
{
    bool is_equal = a->count == b->count;
    for (size_t i = 0; is_equal && i < a->count; i++) {
        const struct value *other = values_find(b, a->items[i].question);
        is_equal = other && value_equal(&a->items[i], other);
    }
    return is_equal;
}

void values_clear(struct values *values)
{
    for (size_t i = 0; i < values->count; i++)
        clear_value(&values->items[i]);
    free(values->items);
    *values = (struct values){0};
}
