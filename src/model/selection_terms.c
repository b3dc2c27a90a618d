/* SPDX-License-Identifier: MIT
 * A selection as data, and what its values take. */
#include "config.h"

#include "model/selection.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "model/queue.h"
#include "model/record.h"
#include "text/match.h"
#include "text/number.h"

void selection_clear(struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        struct selection_term *term = &selection->terms[i];
        for (size_t k = 0; k < term->count; k++) {
            match_free(term->values[k].match);
            free(term->values[k].text);
        }
        free(term->values);
        free(term->name);
        free(term->where);
    }
    free(selection->terms);
    free(selection->order.name);
    free(selection->order.where);
    *selection = (struct selection){0};
}

void selection_give(struct selection *selection, const struct selection_term *term)
{
    selection->terms =
        xreallocarray(selection->terms, selection->count + 1, sizeof *selection->terms);
    selection->terms[selection->count++] = *term;
}

struct match *selection_match(const struct selection_value *value, struct err *err)
{
    return value->is_pattern ? match_parse(value->text, err)
                             : match_new(value->text, err);
}

void selection_copy(struct selection *to, const struct selection *from)
{
    struct selection copy = {.order = from->order};
    copy.order.name = xstrdup_or_null(from->order.name);
    copy.order.where = xstrdup_or_null(from->order.where);
    for (size_t i = 0; i < from->count; i++) {
        struct selection_term term = from->terms[i];
        term.name = xstrdup_or_null(term.name);
        term.where = xstrdup_or_null(term.where);
        term.values = xcalloc(term.count + 1, sizeof *term.values);
        for (size_t k = 0; k < term.count; k++) {
            struct selection_value *value = &term.values[k];
            *value = from->terms[i].values[k];
            value->text = xstrdup(value->text);
            value->match = value->match ? selection_match(value, NULL) : NULL;
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

bool selection_takes_done(const struct selection *selection)
{
    unsigned done = 1u << RESPONSE_SUBMITTED | 1u << RESPONSE_DISCARDED;
    unsigned statuses = selection_statuses(selection);
    bool takes_done = statuses != 15 && (statuses & done);
    for (size_t i = 0; i < selection->count; i++)
        takes_done |= selection->terms[i].kind == SELECT_SIGN &&
                      !selection->terms[i].is_excluded &&
                      selection->terms[i].mask == QUEUE_COMPLETED;
    return takes_done;
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

void selection_words_drop(struct selection_words *words, enum word_kind kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].kind == kind)
            free(words->items[i].text);
        else
            words->items[kept++] = words->items[i];
    words->count = kept;
}

void selection_words_clear(struct selection_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i].text);
    free(words->items);
    *words = (struct selection_words){0};
}

static bool read_number(const char *text, double *out)
{
    static const struct number_limits any = {.min = -DBL_MAX, .max = DBL_MAX};
    return number_read(text, &any, out);
}

bool selection_read_range(struct selection_value *value)
{
    const char *text = value->text, *dots = strstr(text, "..");
    bool is_bound = *text == '<' || *text == '>';
    value->low = -DBL_MAX;
    value->high = DBL_MAX;
    if (is_bound) {
        bool is_with = text[1] == '=';
        double *bound = *text == '<' ? &value->high : &value->low;
        value->is_above = *text == '>' && !is_with;
        value->is_below = *text == '<' && !is_with;
        return read_number(text + 1 + is_with, bound);
    }
    if (!dots) {
        bool is_number = read_number(text, &value->low);
        value->high = value->low;
        return is_number;
    }
    char *low = xmemdup0(text, (size_t)(dots - text));
    bool is_range = (low[0] || dots[2]) && (!low[0] || read_number(low, &value->low)) &&
                    (!dots[2] || read_number(dots + 2, &value->high));
    free(low);
    return is_range;
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

static bool is_found(const struct selection_value *value, const char *text, size_t len)
{
    struct match_hit hit;
    return value->match && match_find(value->match, text, len, 0, &hit) == MATCH_FOUND;
}

bool selection_takes_text(const struct selection_term *term, const char *text)
{
    for (size_t i = 0; i < term->count; i++) {
        const struct selection_value *value = &term->values[i];
        if (value->is_pattern  ? is_found(value, text, strlen(text))
            : value->is_quoted ? strcasecmp(text, value->text) == 0
                               : is_like(text, value->text))
            return true;
    }
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
    for (size_t i = 0; i < term->count; i++)
        if (is_found(&term->values[i], text, len))
            return true;
    return false;
}
