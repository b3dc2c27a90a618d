/* SPDX-License-Identifier: MIT
 * A selection as data, and what its values take. */
#include "config.h"

#include "model/selection.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "model/record.h"

void selection_clear(struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        struct selection_term *term = &selection->terms[i];
        for (size_t k = 0; k < term->count; k++)
            free(term->values[k].text);
        free(term->values);
        free(term->name);
    }
    free(selection->terms);
    free(selection->order.name);
    *selection = (struct selection){0};
}

void selection_give(struct selection *selection, const struct selection_term *term)
{
    selection->terms =
        xreallocarray(selection->terms, selection->count + 1, sizeof *selection->terms);
    selection->terms[selection->count++] = *term;
}

void selection_copy(struct selection *to, const struct selection *from)
{
    struct selection copy = {.order = from->order};
    if (from->order.name)
        copy.order.name = xstrdup(from->order.name);
    for (size_t i = 0; i < from->count; i++) {
        struct selection_term term = from->terms[i];
        if (term.name)
            term.name = xstrdup(term.name);
        term.values = xcalloc(term.count + 1, sizeof *term.values);
        for (size_t k = 0; k < term.count; k++) {
            term.values[k] = from->terms[i].values[k];
            term.values[k].text = xstrdup(term.values[k].text);
        }
        selection_give(&copy, &term);
    }
    selection_clear(to);
    *to = copy;
}

bool selection_is_empty(const struct selection *selection)
{
    return !selection->count && selection->order.kind == ORDER_DATASET &&
           !selection->order.is_descending;
}

unsigned selection_statuses(const struct selection *selection)
{
    unsigned all = (1u << RESPONSE_STATUS_COUNT) - 1, mask = all;
    for (size_t i = 0; i < selection->count; i++) {
        const struct selection_term *term = &selection->terms[i];
        if (term->kind == SELECT_STATUS)
            mask &= term->is_excluded ? ~term->mask : term->mask;
    }
    return mask & all;
}

void selection_words_add(struct selection_words *words, enum word_kind kind,
                         const char *text)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].kind == kind && strcmp(words->items[i].text, text) == 0)
            return;
    words->items =
        xgrow(words->items, words->count, &words->capacity, sizeof *words->items);
    words->items[words->count++] = (struct selection_word){kind, xstrdup(text)};
}

void selection_words_clear(struct selection_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i].text);
    free(words->items);
    *words = (struct selection_words){0};
}

/* Without regard to case; a * stands for anything. */
static bool is_like(const char *text, const char *pattern)
{
    const char *star = NULL, *kept = text;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            kept = text;
        } else if (*pattern && strncasecmp(text, pattern, 1) == 0) {
            text++;
            pattern++;
        } else if (star) {
            pattern = star + 1;
            text = ++kept;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool selection_takes_text(const struct selection_term *term, const char *text)
{
    for (size_t i = 0; i < term->count; i++)
        if (term->values[i].is_quoted ? strcasecmp(text, term->values[i].text) == 0
                                      : is_like(text, term->values[i].text))
            return true;
    return false;
}

bool selection_takes_number(const struct selection_term *term, double number)
{
    for (size_t i = 0; i < term->count; i++) {
        const struct selection_value *value = &term->values[i];
        if (value->is_range && number >= value->low && number <= value->high &&
            !(value->is_above && number == value->low) &&
            !(value->is_below && number == value->high))
            return true;
    }
    return false;
}

bool selection_holds_text(const struct selection_term *term, const char *text, size_t len)
{
    for (size_t i = 0; i < term->count; i++) {
        const char *wanted = term->values[i].text;
        size_t size = strlen(wanted);
        for (size_t at = 0; at + size <= len; at++)
            if (strncasecmp(text + at, wanted, size) == 0)
                return true;
    }
    return false;
}
