/* SPDX-License-Identifier: MIT
 * A selection as data: its keys and orders, what its values take, how it is written. */
#include "config.h"

#include "model/selection.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "model/queue.h"
#include "model/record.h"
#include "text/match.h"
#include "text/outside.h"

/* ---- keys ---- */

static const struct selection_key keys[] = {
    {"status", SELECT_STATUS, TAKES_STATUSES, 0},
    {"flag", SELECT_SIGN, TAKES_NOTHING, QUEUE_FLAGGED},
    {"changed", SELECT_SIGN, TAKES_NOTHING, QUEUE_CHANGED},
    {"completed", SELECT_SIGN, TAKES_NOTHING, QUEUE_COMPLETED},
    {"gone", SELECT_SIGN, TAKES_NOTHING, QUEUE_GONE},
    {"clash", SELECT_SIGN, TAKES_NOTHING, QUEUE_CLASH},
    {"failed", SELECT_SIGN, TAKES_NOTHING, QUEUE_FAILED},
    {"cut", SELECT_SIGN, TAKES_NOTHING, QUEUE_CUT},
    {"model", SELECT_MODEL, TAKES_TEXTS, 0},
    {"meta.", SELECT_METADATA, TAKES_ANY, 0},
    {"rating", SELECT_RATING, TAKES_NUMBERS, 0},
    {"label", SELECT_LABEL, TAKES_TEXTS, 0},
    {"feedback", SELECT_FEEDBACK, TAKES_TEXTS, 0},
    {"note", SELECT_NOTE, TAKES_NOTE, 0},
    {"answer.", SELECT_ANSWER, TAKES_ANY, 0},
    {"suggestion", SELECT_SUGGESTION, TAKES_ANY, 0},
    {"suggestion.", SELECT_SUGGESTION, TAKES_ANY, 0},
    {"score", SELECT_SCORE, TAKES_NUMBERS, 0},
    {"agent", SELECT_AGENT, TAKES_TEXTS, 0},
    {"length", SELECT_LENGTH, TAKES_NUMBERS, 0},
    {"field.", SELECT_FIELD, TAKES_TEXTS, 0},
    {"text", SELECT_TEXT, TAKES_TEXTS, 0},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

bool selection_has_name(const struct selection_key *key)
{
    return key->key[strlen(key->key) - 1] == '.';
}

const struct selection_key *selection_find_key(const char *key)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        size_t len = strlen(keys[i].key);
        if (strncmp(key, keys[i].key, len) == 0 &&
            selection_has_name(&keys[i]) == (key[len] != '\0'))
            return &keys[i];
    }
    return NULL;
}

bool selection_is_key(const char *name)
{
    return selection_find_key(name) || strcmp(name, "order") == 0;
}

const char *selection_nearest_key(const char *word, bool stands_alone)
{
    const char *words[KEY_COUNT + RESPONSE_STATUS_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (!stands_alone || keys[i].takes == TAKES_NOTHING ||
            keys[i].takes == TAKES_NOTE)
            words[count++] = keys[i].key;
    for (int status = 0; stands_alone && status < RESPONSE_STATUS_COUNT; status++)
        words[count++] = response_status_name((enum response_status)status);
    return nearest_word(word, words, count);
}

/* ---- orders ---- */

/* One that ends with a dot has a name behind it. */
static const struct {
    const char *name;
    enum order_kind kind;
} orders[] = {
    {"dataset", ORDER_DATASET},
    {"random", ORDER_RANDOM},
    {"meta.", ORDER_METADATA},
    {"score", ORDER_SCORE},
    {"suggestion.", ORDER_VALUE},
    {"rating", ORDER_RATING},
    {"length", ORDER_LENGTH},
    {"inserted", ORDER_INSERTED},
    {"updated", ORDER_UPDATED},
    {"answered", ORDER_ANSWERED},
    {"disagreement", ORDER_DISAGREEMENT},
};
enum { ORDER_COUNT = sizeof orders / sizeof orders[0] };

const char selection_order_words[] =
    "dataset, random, meta.NAME, score, suggestion.NAME, suggestion.NAME.score, rating, "
    "length, inserted, updated, answered, disagreement";

const char *selection_order_name(size_t index)
{
    return index < ORDER_COUNT ? orders[index].name : NULL;
}

bool selection_cut(char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);
    bool is_there = len > tail && strcmp(name + len - tail, end) == 0;
    if (is_there)
        name[len - tail] = '\0';
    return is_there;
}

bool selection_read_order(struct selection_order *out, const char *typed, size_t len)
{
    static const struct number_limits seeds = {.is_whole = true, .min = 1, .max = 1e15};
    bool is_descending = len && *typed == '-', is_found = false;
    char *word = xmemdup0(typed + is_descending, len - is_descending);
    char *seed = strncmp(word, "random:", 7) == 0 ? word + 6 : NULL;
    double number = 0;
    *out = (struct selection_order){.is_descending = is_descending};
    bool is_right = !seed || number_read(seed + 1, &seeds, &number);
    if (seed)
        *seed = '\0';
    for (size_t i = 0; i < ORDER_COUNT && is_right && !is_found; i++) {
        size_t name_len = strlen(orders[i].name);
        char *name = word + name_len;
        bool has_name = orders[i].name[name_len - 1] == '.';
        is_found =
            strncmp(word, orders[i].name, name_len) == 0 && has_name == (*name != 0);
        if (!is_found)
            continue;
        out->kind = orders[i].kind;
        out->seed = (uint64_t)number;
        if (out->kind == ORDER_VALUE && selection_cut(name, ".score"))
            out->kind = ORDER_SCORE;
        out->name = has_name ? xstrdup(name) : NULL;
    }
    free(word);
    return is_found;
}

char *selection_print_order(const struct selection *selection)
{
    struct buf out = {0};
    for (size_t k = 0; k < selection->order_count; k++) {
        const struct selection_order *order = &selection->orders[k];
        bool is_score = order->kind == ORDER_SCORE && order->name;
        size_t i = 0;
        while (orders[i].kind != (is_score ? ORDER_VALUE : order->kind))
            i++;
        buf_addf(&out, "%s%s%s%s%s", k ? "," : "", order->is_descending ? "-" : "",
                 orders[i].name, order->name ? order->name : "",
                 is_score ? ".score" : "");
        if (order->kind == ORDER_RANDOM && order->seed)
            buf_addf(&out, ":%" PRIu64, order->seed);
    }
    return buf_take(&out);
}

bool selection_is_total(const struct selection *selection)
{
    enum order_kind last = selection->order_count
                               ? selection->orders[selection->order_count - 1].kind
                               : ORDER_DATASET;
    return last == ORDER_DATASET || last == ORDER_RANDOM;
}

void selection_draw(struct selection *selection, uint64_t seed)
{
    for (size_t i = 0; i < selection->order_count; i++)
        if (selection->orders[i].kind == ORDER_RANDOM && !selection->orders[i].seed)
            selection->orders[i].seed = seed;
}

void selection_clear_order(struct selection *selection)
{
    for (size_t i = 0; i < ORDERS_MAX; i++) {
        free(selection->orders[i].name);
        free(selection->orders[i].where);
        selection->orders[i] = (struct selection_order){0};
    }
    selection->order_count = 0;
}

/* ---- terms ---- */

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
    selection_clear_order(selection);
    *selection = (struct selection){0};
}

void selection_give(struct selection *selection, const struct selection_term *term)
{
    selection->terms =
        xreallocarray(selection->terms, selection->count + 1, sizeof *selection->terms);
    selection->terms[selection->count++] = *term;
}

static bool is_quoted(const struct selection_value *value)
{
    bool is_path = *value->text == '/' && !strchr(value->text, '*');
    return !value->is_pattern &&
           (value->is_quoted || is_path || strpbrk(value->text, " ,\""));
}

void selection_print_value(struct buf *out, const struct selection_value *value)
{
    if (!is_quoted(value)) {
        buf_add_text(out, value->text);
        return;
    }
    buf_add_byte(out, '"');
    for (const char *at = value->text; *at; at++)
        buf_addf(out, "%s%c", strchr("\"\\", *at) ? "\\" : "", *at);
    buf_add_byte(out, '"');
}

struct match *selection_match(const struct selection_value *value, struct err *err)
{
    return value->is_pattern ? match_parse(value->text, err)
                             : match_new(value->text, err);
}

void selection_copy(struct selection *to, const struct selection *from)
{
    struct selection copy = {.order_count = from->order_count};
    for (size_t i = 0; i < from->order_count; i++) {
        copy.orders[i] = from->orders[i];
        copy.orders[i].name = xstrdup_or_null(from->orders[i].name);
        copy.orders[i].where = xstrdup_or_null(from->orders[i].where);
    }
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
    return !selection->count && !selection->order_count;
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

/* ---- the line ---- */

/* A text stands alone where it is taken for nothing else then. */
static bool stands_alone(const struct selection_term *term)
{
    enum response_status status;
    if (term->kind != SELECT_TEXT || !term->count)
        return false;
    const char *text = term->values[0].text;
    if (term->values[0].is_pattern || is_quoted(&term->values[0]))
        return true;
    return !strchr("-@/", *text) && !strchr(text, ':') && strcmp(text, "all") != 0 &&
           !selection_find_key(text) && !response_status_parse(text, &status) &&
           !(term->is_excluded && selection_nearest_key(text, true));
}

static void print_key(struct buf *out, const struct selection_term *term)
{
    if (stands_alone(term))
        return;
    if (term->kind == SELECT_FIELD && !selection_is_key(term->name)) {
        buf_add_text(out, term->name);
    } else if (term->name && (term->kind == SELECT_SCORE || term->kind == SELECT_AGENT)) {
        buf_addf(out, "suggestion.%s.%s", term->name,
                 term->kind == SELECT_SCORE ? "score" : "agent");
    } else {
        size_t i = 0;
        while (keys[i].kind != term->kind ||
               (keys[i].mask && keys[i].mask != term->mask) ||
               selection_has_name(&keys[i]) != (term->name != NULL))
            i++;
        buf_addf(out, "%s%s", keys[i].key, term->name ? term->name : "");
    }
    if (term->count)
        buf_add_byte(out, ':');
}

char *selection_print_terms(const struct selection *selection)
{
    struct buf out = {0};
    for (size_t i = 0; i < selection->count; i++) {
        const struct selection_term *term = &selection->terms[i];
        buf_addf(&out, "%s%s", i ? " " : "", term->is_excluded ? "-" : "");
        print_key(&out, term);
        for (size_t k = 0; k < term->count; k++) {
            buf_addf(&out, "%s", k ? "," : "");
            selection_print_value(&out, &term->values[k]);
        }
    }
    return buf_take(&out);
}

char *selection_doubt(const struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        const struct selection_value *first = selection->terms[i].values;
        bool is_word = selection->terms[i].kind == SELECT_TEXT && !first->is_pattern &&
                       !first->is_quoted;
        const char *near = is_word ? selection_nearest_key(first->text, true) : NULL;
        if (near)
            return xasprintf(" (was \"%.40s\" to be %s?)", first->text, near);
    }
    return xstrdup("");
}

char *selection_print(const struct selection *selection)
{
    char *terms = selection_print_terms(selection);
    char *order = selection_print_order(selection);
    char *line = xasprintf("%s%s%s%s", terms, *terms && *order ? " " : "",
                           *order ? "order:" : "", order);
    free(terms);
    free(order);
    return line;
}
