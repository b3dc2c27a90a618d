/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/selection.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "model/queue.h"
#include "text/match.h"
#include "text/outside.h"

enum { TERMS_MAX = 64, VALUES_MAX = 256 };

static const char key_words[] =
    "status, flag, completed, gone, clash, failed, cut, changed, model, meta.NAME, "
    "rating, label, "
    "feedback, note, answer.NAME, suggestion.NAME, score, agent, length, order, text, "
    "and "
    "the fields: ";

/* ---- reading a line ---- */

struct reading {
    const char *line, *at;
    const struct dataset *dataset; /* NULL = any */
    struct selection *out;
    size_t place; /* of the fault */
    struct err *err;
};

/* Where from stands, in words: characters from 1. Owned. */
static char *describe_place(const struct reading *reading, const char *from)
{
    size_t number = 1, whole = strcspn(from, " "), len = whole > 40 ? 40 : whole;
    for (const char *at = reading->line; at < from; at++)
        number += ((unsigned char)*at & 0xC0) != 0x80;
    while (len < whole && ((unsigned char)from[len] & 0xC0) == 0x80)
        len--; /* no part of a character */
    return xasprintf("At %zu, \"%.*s%s\"", number, (int)len, from,
                     len < whole ? "…" : "");
}

static enum status refuse(struct reading *reading, const char *from, const char *format,
                          ...) __attribute__((format(__printf__, 3, 4)));
static enum status refuse(struct reading *reading, const char *from, const char *format,
                          ...)
{
    char *where = describe_place(reading, from), sentence[640];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    reading->place = (size_t)(from - reading->line);
    err_set(reading->err, STATUS_USAGE, "%s: %s.", where, sentence);
    free(where);
    return STATUS_USAGE;
}

/* One value, up to a comma or a blank. */
static enum status read_value(struct reading *reading, struct selection_value *value)
{
    const char *from = reading->at;
    struct buf text = {0};
    size_t pattern = match_pattern(from, " ,");
    *value = (struct selection_value){.is_quoted = *from == '"', .is_pattern = pattern};
    buf_add(&text, from, pattern);
    reading->at += value->is_quoted ? 1 : pattern;
    while (*reading->at &&
           (value->is_quoted ? *reading->at != '"' : !strchr(" ,", *reading->at))) {
        if (value->is_quoted && *reading->at == '\\' && reading->at[1])
            reading->at++;
        buf_add_byte(&text, *reading->at++);
    }
    bool is_open = value->is_quoted && *reading->at != '"';
    reading->at += value->is_quoted && !is_open;
    value->text = buf_take(&text);
    if (is_open)
        return refuse(reading, from, "this quote has no end");
    if (*reading->at && !strchr(" ,", *reading->at))
        return refuse(reading, from, "after a quote comes a comma or a blank");
    if (!value->text[0])
        return refuse(reading, from, "a value is missing");
    value->is_range = !value->is_quoted && selection_read_range(value);
    return STATUS_OK;
}

static enum status check_value(struct reading *reading, const char *from,
                               struct selection_term *term, enum selection_takes takes)
{
    struct selection_value *value = &term->values[term->count - 1];
    struct err fault = {0};
    enum response_status status;
    if (takes != TAKES_TEXTS && value->is_range && value->low > value->high)
        return refuse(reading, from, "the range holds nothing");
    if (takes == TAKES_NUMBERS && !value->is_range)
        return refuse(reading, from,
                      "here stands a number, or a range such as 2..4, 2.., >=2, <4");
    if (takes == TAKES_TEXTS || takes == TAKES_ANY) {
        value->match = selection_match(value, &fault);
        if (value->match)
            return STATUS_OK;
        fault.text[0] |= 0x20; /* its sentence is the end of another */
        fault.text[strlen(fault.text) - 1] = '\0';
        return refuse(reading, from, "%s", fault.text);
    }
    if (takes != TAKES_STATUSES)
        return STATUS_OK;
    if (!response_status_parse(value->text, &status))
        return refuse(reading, from,
                      "a status is pending, draft, submitted or discarded");
    term->mask |= 1u << status;
    return STATUS_OK;
}

static enum status read_values(struct reading *reading, struct selection_term *term,
                               enum selection_takes takes)
{
    for (;;) {
        const char *from = reading->at;
        if (term->count == VALUES_MAX)
            return refuse(reading, from, "that is too many values");
        term->values = xreallocarray(term->values, term->count + 1, sizeof *term->values);
        enum status status = read_value(reading, &term->values[term->count++]);
        if (status == STATUS_OK)
            status = check_value(reading, from, term, takes);
        if (status != STATUS_OK || *reading->at != ',')
            return status;
        reading->at++;
    }
}

/* ---- names ---- */

static const char no_question[] = "there is no such question; there are ";

/* With the names that there are. */
static enum status refuse_name(struct reading *reading, const char *from,
                               const char *sentence, bool of_fields)
{
    const struct dataset *dataset = reading->dataset;
    struct buf names = {.max = 200};
    size_t count = !dataset    ? 0
                   : of_fields ? dataset->field_count
                               : dataset->question_count;
    for (size_t i = 0; i < count; i++)
        buf_addf(&names, "%s%s", i ? ", " : "",
                 of_fields ? dataset->fields[i].name : dataset->questions[i].name);
    enum status status =
        refuse(reading, from, "%s%s", sentence, count ? buf_text(&names) : "none");
    buf_clear(&names);
    return status;
}

static bool has_question(const struct dataset *dataset, unsigned types)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        if (types & 1u << dataset->questions[i].type)
            return true;
    return false;
}

/* That the dataset has what the term is about; narrows what values it takes. */
static enum status check_name(struct reading *reading, const char *from,
                              struct selection_term *term, enum selection_takes *takes)
{
    const struct dataset *dataset = reading->dataset;
    bool is_question = term->kind == SELECT_ANSWER || term->kind == SELECT_SUGGESTION ||
                       term->kind == SELECT_SCORE || term->kind == SELECT_AGENT;
    if (term->kind == SELECT_METADATA)
        term->where = describe_place(reading, from);
    if (!dataset)
        return STATUS_OK;
    if (term->kind == SELECT_RATING && !dataset_rating_question(dataset))
        return refuse(reading, from, "the dataset has no rating question");
    if (term->kind == SELECT_LABEL &&
        !has_question(dataset, 1u << QUESTION_LABEL | 1u << QUESTION_MULTI_LABEL))
        return refuse(reading, from, "the dataset has no label question");
    if (term->kind == SELECT_FEEDBACK && !has_question(dataset, 1u << QUESTION_TEXT))
        return refuse(reading, from, "the dataset has no text question");
    if (term->kind == SELECT_FIELD && !dataset_field(dataset, term->name))
        return refuse_name(reading, from, "there is no such field; there are ", true);
    if (!is_question || !term->name)
        return STATUS_OK;
    const struct question *question = dataset_question(dataset, term->name);
    if (!question)
        return refuse_name(reading, from, no_question, false);
    if (term->kind == SELECT_ANSWER)
        *takes = question->type == QUESTION_RATING ? TAKES_NUMBERS : TAKES_TEXTS;
    return STATUS_OK;
}

/* What it is about; a field's name alone, too. */
static const struct selection_key *read_name(const struct reading *reading,
                                             const char *key, struct selection_term *term)
{
    const struct selection_key *row = selection_find_key(key);
    const char *name = row ? key + strlen(row->key) : key;
    if (!row && reading->dataset && dataset_field(reading->dataset, key))
        row = selection_find_key("field.x");
    if (row && selection_has_name(row))
        term->name = xstrdup(name);
    if (row && term->name && row->kind == SELECT_SUGGESTION)
        row = selection_cut(term->name, ".score")   ? selection_find_key("score")
              : selection_cut(term->name, ".agent") ? selection_find_key("agent")
                                                    : row;
    if (row) {
        term->kind = row->kind;
        term->mask = row->mask;
    }
    return row;
}

/* ---- terms ---- */

/* Its keys, with commas between them. */
static enum status read_orders(struct reading *reading)
{
    const struct dataset *dataset = reading->dataset;
    struct selection *out = reading->out;
    for (;;) {
        const char *from = reading->at;
        size_t len = strcspn(from, ", ");
        if (out->order_count == ORDERS_MAX)
            return refuse(reading, from, "that is too many orders");
        if (out->order_count && selection_is_total(out))
            return refuse(reading, from, "nothing is left to be ordered here");
        struct selection_order *order = &out->orders[out->order_count];
        if (!selection_read_order(order, from, len))
            return refuse(reading, from, "an order is %s", selection_order_words);
        out->order_count++;
        if (order->kind == ORDER_METADATA)
            order->where = describe_place(reading, from);
        if (dataset && (order->kind == ORDER_SCORE || order->kind == ORDER_VALUE) &&
            order->name && !dataset_question(dataset, order->name))
            return refuse_name(reading, from, no_question, false);
        if (dataset && order->kind == ORDER_RATING && !dataset_rating_question(dataset))
            return refuse(reading, from, "the dataset has no rating question");
        reading->at += len;
        if (*reading->at != ',')
            break;
        reading->at++;
    }
    const struct selection_order *last = &out->orders[out->order_count - 1];
    if (last->kind == ORDER_DATASET && !last->is_descending)
        out->order_count--; /* as always */
    return STATUS_OK;
}

static enum status refuse_key(struct reading *reading, const char *from, const char *key)
{
    char sentence[512];
    const char *near = selection_nearest_key(key, false);
    snprintf(sentence, sizeof sentence, "there is no such term%s%s%s; there are %s",
             near ? ", \"" : "", near ? near : "", near ? "\" perhaps" : "", key_words);
    return refuse_name(reading, from, sentence, true);
}

/* A word alone is looked for in the texts; without it, all but a few are taken: a slip is
 * not to do that. */
static enum status read_word(struct reading *reading, const char *word,
                             struct selection_term *term)
{
    const char *near = term->is_excluded ? selection_nearest_key(word, true) : NULL;
    if (near)
        return refuse(reading, reading->at, "\"%s\" perhaps; or quotes, to look for it",
                      near);
    term->kind = SELECT_TEXT;
    return read_values(reading, term, TAKES_TEXTS);
}

/* key: a status, or a name with its values behind a colon. */
static enum status read_key(struct reading *reading, struct selection_term *term)
{
    const char *from = reading->at;
    size_t len = strcspn(from, ":, ");
    enum response_status status_alone;
    char *key = xmemdup0(from, len);
    bool has_colon = from[len] == ':';
    bool is_status = !has_colon && response_status_parse(key, &status_alone);
    bool is_word = !has_colon && !is_status && !selection_find_key(key);
    const struct selection_key *row =
        is_word ? NULL : read_name(reading, is_status ? "status" : key, term);
    enum selection_takes takes = row ? row->takes : TAKES_NOTHING;
    if (takes == TAKES_NOTE)
        takes = has_colon ? TAKES_TEXTS : TAKES_NOTHING;
    enum status status = STATUS_OK;
    if (is_word)
        status = read_word(reading, key, term);
    else if (!row)
        status = refuse_key(reading, from, key);
    else if (!is_status && takes == TAKES_NOTHING && !strchr(" ", from[len]))
        status = refuse(reading, from, "this stands alone");
    else if (!is_status && takes != TAKES_NOTHING && !has_colon)
        status = refuse(reading, from,
                        "a colon and a value are missing, or quotes, to look for it");
    else
        status = check_name(reading, from, term, &takes);
    free(key);
    if (status != STATUS_OK || is_word)
        return status;
    reading->at += is_status ? 0 : len + has_colon;
    return takes == TAKES_NOTHING ? STATUS_OK : read_values(reading, term, takes);
}

static enum status read_term(struct reading *reading)
{
    struct selection *out = reading->out;
    if (strncmp(reading->at, "order:", 6) == 0) {
        reading->at += 6;
        if (out->order_count)
            return refuse(reading, reading->at, "there is an order already");
        return read_orders(reading);
    }
    if (out->count == TERMS_MAX)
        return refuse(reading, reading->at, "that is too many terms");
    selection_give(out, &(struct selection_term){0});
    struct selection_term *term = &out->terms[out->count - 1];
    term->is_excluded = *reading->at == '-';
    reading->at += term->is_excluded;
    if (*reading->at != '"' && *reading->at != '/')
        return read_key(reading, term);
    if (*reading->at == '/' && !match_pattern(reading->at, " ,"))
        return refuse(reading, reading->at, "this pattern has no end");
    term->kind = SELECT_TEXT;
    return read_values(reading, term, TAKES_TEXTS);
}

enum status selection_parse(struct selection *out, const char *line,
                            const struct dataset *dataset, size_t *place, struct err *err)
{
    struct reading reading = {line, line, dataset, out, 0, err};
    enum status status = STATUS_OK;
    selection_clear(out);
    for (;;) {
        reading.at += strspn(reading.at, " ");
        if (*reading.at == '\0' || status != STATUS_OK)
            break;
        status = read_term(&reading);
    }
    if (status != STATUS_OK)
        selection_clear(out);
    if (place)
        *place = reading.place;
    return status;
}

enum status selection_parse_order(struct selection *out, const char *order,
                                  const struct dataset *dataset, struct err *err)
{
    struct reading reading = {order, order, dataset, out, 0, err};
    selection_clear_order(out);
    enum status status = read_orders(&reading);
    reading.at += strspn(reading.at, " ");
    return status == STATUS_OK && *reading.at
               ? refuse(&reading, reading.at, "this is no part of an order")
               : status;
}
