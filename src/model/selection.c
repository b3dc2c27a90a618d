/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "model/queue.h"
#include "text/match.h"
#include "text/nearest.h"
#include "text/number.h"

enum { TERMS_MAX = 64, VALUES_MAX = 256 };

/* ---- the words ---- */

enum takes {
    TAKES_NOTHING,
    TAKES_STATUSES,
    TAKES_NUMBERS,
    TAKES_TEXTS,
    TAKES_ANY,
    TAKES_NOTE /* texts, or nothing */
};

/* A key that ends with a dot has a name behind it. */
static const struct key_row {
    const char *key;
    enum selection_kind kind;
    enum takes takes;
    unsigned mask;
} keys[] = {
    {"status", SELECT_STATUS, TAKES_STATUSES, 0},
    {"flag", SELECT_SIGN, TAKES_NOTHING, QUEUE_FLAGGED},
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
    {"text", SELECT_TEXT, TAKES_TEXTS, 0},
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static const struct {
    const char *name;
    enum order_kind kind;
} orders[] = {
    {"dataset", ORDER_DATASET},   {"random", ORDER_RANDOM},
    {"meta.", ORDER_METADATA},    {"score", ORDER_SCORE},
    {"suggestion.", ORDER_SCORE}, {"rating", ORDER_RATING},
    {"length", ORDER_LENGTH},     {"inserted", ORDER_INSERTED},
    {"answered", ORDER_ANSWERED}, {"disagreement", ORDER_DISAGREEMENT},
};
enum { ORDER_COUNT = sizeof orders / sizeof orders[0] };

static bool is_named(const char *key)
{
    return key[strlen(key) - 1] == '.';
}

static const char key_words[] =
    "status, flag, completed, gone, clash, failed, cut, model, meta.NAME, rating, label, "
    "feedback, note, "
    "answer.NAME, suggestion.NAME, score, agent, length, order, or a \"text\"";
static const char order_words[] =
    "dataset, random, meta.NAME, score, suggestion.NAME.score, rating, length, inserted, "
    "answered, disagreement";

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
    size_t number = 1, len = strcspn(from, " ");
    for (const char *at = reading->line; at < from; at++)
        number += ((unsigned char)*at & 0xC0) != 0x80;
    return xasprintf("At %zu, \"%.*s%s\"", number, (int)(len > 40 ? 40 : len), from,
                     len > 40 ? "…" : "");
}

static enum status refuse(struct reading *reading, const char *from, const char *sentence,
                          const char *allowed)
{
    char *where = describe_place(reading, from);
    reading->place = (size_t)(from - reading->line);
    err_set(reading->err, STATUS_USAGE, "%s: %s%s.", where, sentence, allowed);
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
        return refuse(reading, from, "this quote has no end", "");
    if (*reading->at && !strchr(" ,", *reading->at))
        return refuse(reading, from, "after a quote comes a comma or a blank", "");
    if (!value->text[0])
        return refuse(reading, from, "a value is missing", "");
    value->is_range = !value->is_quoted && selection_read_range(value);
    if (value->is_range && value->low > value->high)
        return refuse(reading, from, "the range holds nothing", "");
    return STATUS_OK;
}

static enum status check_value(struct reading *reading, const char *from,
                               struct selection_term *term, enum takes takes)
{
    struct selection_value *value = &term->values[term->count - 1];
    struct err fault = {0};
    enum response_status status;
    if (takes == TAKES_NUMBERS && !value->is_range)
        return refuse(reading, from,
                      "here stands a number, or a range such as 2..4, 2.., >=2, <4", "");
    if (takes == TAKES_TEXTS || takes == TAKES_ANY) {
        value->match = selection_match(value, &fault);
        if (value->match)
            return STATUS_OK;
        fault.text[0] |= 0x20; /* its sentence is the end of another */
        fault.text[strlen(fault.text) - 1] = '\0';
        return refuse(reading, from, fault.text, "");
    }
    if (takes != TAKES_STATUSES)
        return STATUS_OK;
    if (!response_status_parse(value->text, &status))
        return refuse(reading, from, "a status is pending, draft, submitted or discarded",
                      "");
    term->mask |= 1u << status;
    return STATUS_OK;
}

static enum status read_values(struct reading *reading, struct selection_term *term,
                               enum takes takes)
{
    for (;;) {
        const char *from = reading->at;
        if (term->count == VALUES_MAX)
            return refuse(reading, from, "that is too many values", "");
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

static enum status refuse_question(struct reading *reading, const char *from)
{
    const struct dataset *dataset = reading->dataset;
    struct buf names = {.max = 200};
    for (size_t i = 0; i < dataset->question_count; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", dataset->questions[i].name);
    enum status status =
        refuse(reading, from, "there is no such question; there are ", buf_text(&names));
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
                              struct selection_term *term, enum takes *takes)
{
    const struct dataset *dataset = reading->dataset;
    bool is_question = term->kind == SELECT_ANSWER || term->kind == SELECT_SUGGESTION ||
                       term->kind == SELECT_SCORE || term->kind == SELECT_AGENT;
    if (term->kind == SELECT_METADATA)
        term->where = describe_place(reading, from);
    if (!dataset)
        return STATUS_OK;
    if (term->kind == SELECT_RATING && !dataset_rating_question(dataset))
        return refuse(reading, from, "the dataset has no rating question", "");
    if (term->kind == SELECT_LABEL &&
        !has_question(dataset, 1u << QUESTION_LABEL | 1u << QUESTION_MULTI_LABEL))
        return refuse(reading, from, "the dataset has no label question", "");
    if (term->kind == SELECT_FEEDBACK && !has_question(dataset, 1u << QUESTION_TEXT))
        return refuse(reading, from, "the dataset has no text question", "");
    if (!is_question || !term->name)
        return STATUS_OK;
    const struct question *question = dataset_question(dataset, term->name);
    if (!question)
        return refuse_question(reading, from);
    if (term->kind == SELECT_ANSWER)
        *takes = question->type == QUESTION_RATING ? TAKES_NUMBERS : TAKES_TEXTS;
    return STATUS_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len > tail && strcmp(text + len - tail, end) == 0;
}

/* What stands before the colon; NULL when it is no key. */
static const struct key_row *find_key(const char *key, struct selection_term *term)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        size_t len = strlen(keys[i].key);
        const struct key_row *row = &keys[i];
        bool has_name = is_named(row->key);
        if (strncmp(key, row->key, len) != 0 || has_name != (key[len] != '\0'))
            continue;
        const char *name = key + len;
        size_t name_len = strlen(name);
        term->kind = row->kind;
        term->mask = row->mask;
        if (has_name && term->kind == SELECT_SUGGESTION && ends_with(name, ".score")) {
            row = find_key("score", term);
            name_len -= strlen(".score");
        } else if (has_name && term->kind == SELECT_SUGGESTION &&
                   ends_with(name, ".agent")) {
            row = find_key("agent", term);
            name_len -= strlen(".agent");
        }
        term->name = has_name ? xmemdup0(name, name_len) : NULL;
        return row;
    }
    return NULL;
}

/* ---- terms ---- */

static enum status read_order(struct reading *reading)
{
    const char *from = reading->at;
    struct selection_order *order = &reading->out->order;
    *order = (struct selection_order){.is_descending = *from == '-'};
    reading->at += strcspn(reading->at, " ");
    char *word = xmemdup0(from + order->is_descending,
                          (size_t)(reading->at - from) - order->is_descending);
    char *seed = strncmp(word, "random:", 7) == 0 ? word + 6 : NULL;
    double number = 0;
    static const struct number_limits seeds = {.is_whole = true, .min = 1, .max = 1e15};
    bool is_found = !seed || number_read(seed + 1, &seeds, &number);
    if (seed)
        *seed = '\0';
    size_t found = 0;
    for (; found < ORDER_COUNT; found++) {
        size_t len = strlen(orders[found].name);
        if (strncmp(word, orders[found].name, len) == 0 &&
            is_named(orders[found].name) == (word[len] != '\0'))
            break;
    }
    is_found = is_found && found < ORDER_COUNT;
    if (is_found) {
        order->kind = orders[found].kind;
        order->seed = (uint64_t)number;
        const char *name = word + strlen(orders[found].name);
        size_t len =
            strlen(name) - (order->kind == ORDER_SCORE && ends_with(name, ".score")
                                ? strlen(".score")
                                : 0);
        order->name = *name ? xmemdup0(name, len) : NULL;
    }
    free(word);
    if (!is_found)
        return refuse(reading, from, "an order is ", order_words);
    if (reading->dataset && order->kind == ORDER_SCORE && order->name &&
        !dataset_question(reading->dataset, order->name))
        return refuse_question(reading, from);
    if (reading->dataset && order->kind == ORDER_RATING &&
        !dataset_rating_question(reading->dataset))
        return refuse(reading, from, "the dataset has no rating question", "");
    if (order->kind == ORDER_METADATA)
        order->where = describe_place(reading, from);
    return STATUS_OK;
}

static enum status refuse_key(struct reading *reading, const char *from, const char *key)
{
    const char *words[KEY_COUNT];
    char sentence[128];
    for (size_t i = 0; i < KEY_COUNT; i++)
        words[i] = keys[i].key;
    const char *near = nearest_word(key, words, KEY_COUNT);
    snprintf(sentence, sizeof sentence, "there is no such term%s%s%s; there are ",
             near ? ", \"" : "", near ? near : "", near ? "\" perhaps" : "");
    return refuse(reading, from, sentence, key_words);
}

/* key: a status, or a name with its values behind a colon. */
static enum status read_key(struct reading *reading, struct selection_term *term)
{
    const char *from = reading->at;
    size_t len = strcspn(from, ":, ");
    enum response_status status_alone;
    char *key = xmemdup0(from, len);
    bool is_status = from[len] != ':' && response_status_parse(key, &status_alone);
    const struct key_row *row =
        is_status ? find_key("status", term) : find_key(key, term);
    enum takes takes = row ? row->takes : TAKES_NOTHING;
    if (takes == TAKES_NOTE)
        takes = from[len] == ':' ? TAKES_TEXTS : TAKES_NOTHING;
    enum status status = STATUS_OK;
    if (!row)
        status = refuse_key(reading, from, key);
    else if (!is_status && takes == TAKES_NOTHING && !strchr(" ", from[len]))
        status = refuse(reading, from, "this stands alone", "");
    else if (!is_status && takes != TAKES_NOTHING && from[len] != ':')
        status = refuse(reading, from, "a colon and a value are missing", "");
    else
        status = check_name(reading, from, term, &takes);
    free(key);
    if (status != STATUS_OK)
        return status;
    reading->at += is_status ? 0 : len + (from[len] == ':');
    return takes == TAKES_NOTHING ? STATUS_OK : read_values(reading, term, takes);
}

static enum status read_term(struct reading *reading)
{
    struct selection *out = reading->out;
    if (strncmp(reading->at, "order:", 6) == 0) {
        reading->at += 6;
        if (out->order.kind != ORDER_DATASET)
            return refuse(reading, reading->at, "there is an order already", "");
        return read_order(reading);
    }
    if (out->count == TERMS_MAX)
        return refuse(reading, reading->at, "that is too many terms", "");
    selection_give(out, &(struct selection_term){0});
    struct selection_term *term = &out->terms[out->count - 1];
    term->is_excluded = *reading->at == '-';
    reading->at += term->is_excluded;
    if (*reading->at != '"' && *reading->at != '/')
        return read_key(reading, term);
    if (*reading->at == '/' && !match_pattern(reading->at, " ,"))
        return refuse(reading, reading->at, "this pattern has no end", "");
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
    free(out->order.name);
    free(out->order.where);
    enum status status = read_order(&reading);
    reading.at += strspn(reading.at, " ");
    return status == STATUS_OK && *reading.at
               ? refuse(&reading, reading.at, "this is no part of an order", "")
               : status;
}

/* ---- writing a line ---- */

static void print_value(struct buf *out, const struct selection_value *value)
{
    bool is_path = *value->text == '/' && !strchr(value->text, '*');
    if (value->is_pattern ||
        (!value->is_quoted && !is_path && !strpbrk(value->text, " ,\""))) {
        buf_add_text(out, value->text);
        return;
    }
    buf_add_byte(out, '"');
    for (const char *at = value->text; *at; at++)
        buf_addf(out, "%s%c", strchr("\"\\", *at) ? "\\" : "", *at);
    buf_add_byte(out, '"');
}

static void print_key(struct buf *out, const struct selection_term *term)
{
    if (term->kind == SELECT_TEXT && term->count &&
        (term->values[0].is_quoted || term->values[0].is_pattern))
        return;
    if (term->name && (term->kind == SELECT_SCORE || term->kind == SELECT_AGENT)) {
        buf_addf(out, "suggestion.%s.%s", term->name,
                 term->kind == SELECT_SCORE ? "score" : "agent");
    } else {
        size_t i = 0;
        while (keys[i].kind != term->kind ||
               (keys[i].mask && keys[i].mask != term->mask) ||
               is_named(keys[i].key) != (term->name != NULL))
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
            print_value(&out, &term->values[k]);
        }
    }
    return buf_take(&out);
}

char *selection_print_order(const struct selection *selection)
{
    const struct selection_order *order = &selection->order;
    struct buf out = {0};
    size_t i = 0;
    if (order->kind == ORDER_DATASET && !order->is_descending)
        return buf_take(&out);
    while (orders[i].kind != order->kind ||
           is_named(orders[i].name) != (order->name != NULL))
        i++;
    buf_addf(&out, "%s%s%s%s", order->is_descending ? "-" : "", orders[i].name,
             order->name ? order->name : "",
             order->kind == ORDER_SCORE && order->name ? ".score" : "");
    if (order->kind == ORDER_RANDOM && order->seed)
        buf_addf(&out, ":%" PRIu64, order->seed);
    return buf_take(&out);
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
