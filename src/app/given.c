/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/given.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <unistr.h>

#include "app/choice.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "text/outside.h"
#include "text/width.h"
#include "json/dataset_json.h"

enum { NAMED_MAX = 30 }; /* options that a refusal lists */

/* ---- VALUE as JSON; what cannot be read is left to the check ---- */

/* The option's value: by it, or by what it is called. */
static json_t *read_option(const struct question *question, const char *text, size_t len)
{
    char *name = xmemdup0(text, len);
    const char *found = name;
    for (size_t i = 0; i < question->option_count; i++)
        if (strcasecmp(question->options[i].text, name) == 0)
            found = question->options[i].value;
    if (question_find_option(question, name))
        found = name;
    json_t *option = json_text(found);
    free(name);
    return option;
}

static json_t *read_span(const struct question *question, const char *text, size_t len)
{
    static const struct number_limits place = {true, 0, INT_MAX};
    char *copy = xmemdup0(text, len), *places = strrchr(copy, ':');
    char *dash = places ? strchr(places, '-') : NULL;
    double start = 0, end = 0;
    json_t *span = NULL;
    if (dash)
        *dash = '\0';
    if (dash && number_read(places + 1, &place, &start) &&
        number_read(dash + 1, &place, &end))
        span = json_pack("{s:o,s:I,s:I}", "label",
                         read_option(question, copy, (size_t)(places - copy)), "start",
                         (json_int_t)start, "end", (json_int_t)end);
    free(copy);
    return span;
}

/* "a, b": labels; "a, b = c": ranks; "person:0-3": spans. */
static json_t *read_list(const struct question *question, const char *text)
{
    bool is_ranking = question->type == QUESTION_RANKING;
    json_t *list = json_array();
    int rank = 1;
    for (const char *at = text; *at != '\0' && list;) {
        size_t len = strcspn(at, is_ranking ? ",=" : ","), from = strspn(at, " ");
        const char *end = at + len;
        size_t used = from < len ? len - from : 0;
        while (used > 0 && at[from + used - 1] == ' ')
            used--;
        json_t *item = question->type == QUESTION_SPAN
                           ? read_span(question, at + from, used)
                           : read_option(question, at + from, used);
        if (item && is_ranking)
            item = json_pack("{s:o,s:i}", "value", item, "rank", rank);
        rank += *end == ',';
        at = *end ? end + 1 : end;
        if (item && json_array_append_new(list, item) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

/* New; NULL = it is none of this type. */
static json_t *read_value(const struct question *question, const char *text)
{
    static const struct number_limits any = {true, INT_MIN, INT_MAX};
    double number = 0;
    if (question->type == QUESTION_RATING)
        return number_read(text, &any, &number) ? json_integer((json_int_t)number) : NULL;
    if (question->type == QUESTION_TEXT)
        return json_text(text);
    if (question->type == QUESTION_LABEL)
        return read_option(question, text, strlen(text));
    return text[0] == '[' || question->type == QUESTION_OTHER ? json_read(text)
                                                              : read_list(question, text);
}

/* ---- refusals ---- */

static void refuse_value(const struct question *question, const struct record *record,
                         const char *text, const char *why, struct err *err)
{
    struct buf takes = {0};
    const struct record_field *field =
        record && question->field ? record_field(record, question->field) : NULL;
    size_t len = field ? u8_mbsnlen((const uint8_t *)field->text, field->len) : 0;
    char ratings[128];
    buf_add_text(&takes, " It takes ");
    if (question->type == QUESTION_RATING)
        buf_add_text(&takes,
                     question_describe_ratings(question, ratings, sizeof ratings));
    else if (question->type == QUESTION_LABEL)
        buf_add_text(&takes, "one of ");
    else if (question->type == QUESTION_MULTI_LABEL)
        buf_add_text(&takes, "some, with commas between, of ");
    else if (question->type == QUESTION_RANKING)
        buf_add_text(&takes, "in their order, the best first, with a comma between ranks "
                             "and = between equals: ");
    else if (question->type == QUESTION_SPAN)
        buf_addf(&takes,
                 "LABEL:START-END, with commas between, in the %zu characters of “%s”, "
                 "of the labels ",
                 len, question->field ? question->field : "");
    else
        buf_add_text(&takes, question->type == QUESTION_TEXT ? "a text" : "JSON");
    for (size_t i = 0; i < question->option_count && i < NAMED_MAX; i++)
        buf_addf(&takes, "%s%s", i ? ", " : "", question->options[i].value);
    if (question->option_count > NAMED_MAX)
        buf_addf(&takes, " and %zu more", question->option_count - NAMED_MAX);
    buf_add_text(&takes, ".");
    err_set(err, STATUS_USAGE, "“%.60s” %s: “%.78s”.%s", question->name,
            why ? why : "does not take this", text, buf_text(&takes));
    buf_clear(&takes);
}

static void refuse_question(const struct dataset *dataset, const char *name,
                            struct err *err)
{
    struct buf names = {0};
    for (size_t i = 0; dataset->questions && i < dataset->question_count; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", dataset->questions[i].name);
    err_set(err, STATUS_USAGE, "The dataset has no question “%.78s”; it asks %s.", name,
            buf_text(&names));
    buf_clear(&names);
}

/* ---- reading ---- */

enum status given_read(const struct dataset *dataset, const struct record *record,
                       const struct question *question, const char *text,
                       struct values *values, struct err *err)
{
    if (text[0] == '\0') {
        values_remove(values, question->name);
        return STATUS_OK;
    }
    json_t *json = read_value(question, text);
    const char *why = json ? choice_value_fault(record, question, json) : NULL;
    struct value value = {0};
    if (!json || why) {
        refuse_value(question, record, text, why, err);
    } else {
        value_from_json(&value, question->name, json, dataset);
        values_set(values, &value);
    }
    free(value.question);
    free(value.text);
    json_decref(json);
    return err->code;
}

const struct question *given_question(const struct dataset *dataset, const char *given,
                                      const char **text, struct err *err)
{
    const char *equals = strchr(given, '=');
    if (!equals) {
        err_set(err, STATUS_USAGE, "An answer is QUESTION=VALUE; “%.60s” has no “=”.",
                given);
        return NULL;
    }
    char *name = xmemdup0(given, (size_t)(equals - given)), label[64];
    const struct question *question = dataset_question(dataset, name);
    for (size_t i = 0; !question && i < dataset->question_count; i++)
        if (strcasecmp(question_label(&dataset->questions[i], label, sizeof label),
                       name) == 0)
            question = &dataset->questions[i];
    if (!question)
        refuse_question(dataset, name, err);
    *text = equals + 1;
    free(name);
    return question;
}

/* ---- to many records ---- */

/* The value's text with the labels that old has besides, those first. Owned. */
static char *join_labels(const struct question *question, const struct value *old,
                         const struct value *value)
{
    size_t count = question->option_count;
    int *ranks = xcalloc(2 * count + 1, sizeof *ranks);
    struct value all = {.type = value->type};
    choice_read(question, value, ranks, count);
    choice_read(question, old, ranks + count, count);
    all.text = old ? xstrdup_or_null(old->text) : NULL;
    for (size_t i = 0; i < count; i++) {
        char *before = all.text;
        if (!ranks[i] || ranks[count + i])
            continue;
        all.text = choice_toggle(question, &all, i);
        free(before);
    }
    free(ranks);
    return all.text ? all.text : xstrdup("");
}

/* Of labels and ranks in whatever order. */
static bool is_same(const struct question *question, const struct value *a,
                    const struct value *b)
{
    size_t count = question->option_count;
    int *ranks = xcalloc(2 * count + 1, sizeof *ranks);
    choice_read(question, a, ranks, count);
    choice_read(question, b, ranks + count, count);
    bool has_choices =
        question->type == QUESTION_MULTI_LABEL || question->type == QUESTION_RANKING;
    bool is_equal = has_choices ? !memcmp(ranks, ranks + count, count * sizeof *ranks)
                                : value_equal(a, b);
    free(ranks);
    return is_equal;
}

bool given_put(const struct values *given, bool adds, const struct dataset *dataset,
               const struct values *now, struct values *values)
{
    bool is_new = false;
    for (size_t i = 0; i < given->count; i++) {
        struct value value = given->items[i];
        const struct question *question = dataset_question(dataset, value.question);
        if (!question)
            continue;
        bool joins = adds && question->type == QUESTION_MULTI_LABEL;
        const struct value *old = values_find(now, question->name);
        if (joins)
            value.text =
                join_labels(question, values_find(values, question->name), &value);
        bool is_gone = value.type != QUESTION_RATING && !*value.text;
        is_new = is_new || (old ? is_gone || !is_same(question, old, &value) : !is_gone);
        if (is_gone)
            values_remove(values, question->name);
        else
            values_set(values, &value);
        if (joins)
            free(value.text);
    }
    return is_new;
}

void given_write(const struct values *given, const struct dataset *dataset,
                 struct buf *out)
{
    enum { ROOM = 120, TEXT_COLS = 32 };
    for (size_t i = 0; i < given->count; i++) {
        const struct value *value = &given->items[i];
        const struct question *question = dataset_question(dataset, value->question);
        char label[64], line[160];
        struct buf words = {0};
        if (!question)
            continue;
        if (out->len > ROOM) {
            buf_addf(out, " and %zu more", given->count - i);
            return;
        }
        bool is_gone = value->type != QUESTION_RATING && !*value->text;
        if (is_gone)
            buf_add_text(&words, "nothing");
        else
            choice_write(question, value, NULL, &words);
        sanitise_line(buf_text(&words), words.len, line, sizeof line);
        buf_clear(&words);
        size_t fit = width_fit(line, strlen(line), TEXT_COLS);
        bool is_text = value->type == QUESTION_TEXT && !is_gone, is_cut = line[fit];
        buf_addf(out, "%s%s %s%.*s%s%s", out->len ? ", " : "",
                 question_label(question, label, sizeof label), is_text ? "“" : "",
                 (int)fit, line, is_cut ? "…" : "", is_text ? "”" : "");
    }
}
