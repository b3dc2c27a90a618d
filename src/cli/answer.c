/* SPDX-License-Identifier: MIT
 *
 * Answers as options of a command give them, to questions of every type, checked as on
 * the screen.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <unistr.h>

#include "app/choice.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "text/number.h"
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
    for (size_t i = 0; i < question->option_count; i++)
        if (strcmp(question->options[i].value, name) == 0)
            found = name;
    json_t *option = json_new_text(found, strlen(found));
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
        return json_new_text(text, strlen(text));
    if (question->type == QUESTION_LABEL)
        return read_option(question, text, strlen(text));
    return text[0] == '[' || question->type == QUESTION_OTHER
               ? json_parse(text, strlen(text), NULL)
               : read_list(question, text);
}

/* ---- refusals ---- */

static void add_options(const struct question *question, struct buf *out)
{
    for (size_t i = 0; i < question->option_count && i < NAMED_MAX; i++)
        buf_addf(out, "%s%s", i ? ", " : "", question->options[i].value);
    if (question->option_count > NAMED_MAX)
        buf_addf(out, " and %zu more", question->option_count - NAMED_MAX);
}

static void add_what_it_takes(const struct question *question,
                              const struct record *record, struct buf *out)
{
    const struct record_field *field =
        record && question->field ? record_field(record, question->field) : NULL;
    size_t len = field ? u8_mbsnlen((const uint8_t *)field->text, field->len) : 0;
    char ratings[128];
    buf_add_text(out, " It takes ");
    if (question->type == QUESTION_RATING)
        buf_add_text(out, question_describe_ratings(question, ratings, sizeof ratings));
    else if (question->type == QUESTION_LABEL)
        buf_add_text(out, "one of ");
    else if (question->type == QUESTION_MULTI_LABEL)
        buf_add_text(out, "some, with commas between, of ");
    else if (question->type == QUESTION_RANKING)
        buf_add_text(out, "in their order, the best first, with a comma between ranks "
                          "and = between equals: ");
    else if (question->type == QUESTION_SPAN)
        buf_addf(out,
                 "LABEL:START-END, with commas between, in the %zu characters of “%s”, "
                 "of the labels ",
                 len, question->field ? question->field : "");
    else
        buf_add_text(out, question->type == QUESTION_TEXT ? "a text" : "JSON");
    add_options(question, out);
    buf_add_text(out, ".");
}

static enum status refuse_value(const struct question *question,
                                const struct record *record, const char *text,
                                const char *why, struct err *err)
{
    struct buf takes = {0};
    add_what_it_takes(question, record, &takes);
    err_set(err, STATUS_USAGE, "“%.60s” %s: “%.78s”.%s", question->name,
            why ? why : "does not take this", text, buf_text(&takes));
    buf_clear(&takes);
    return err->code;
}

static enum status refuse_question(const struct dataset *dataset, const char *name,
                                   struct err *err)
{
    struct buf names = {0};
    for (size_t i = 0; dataset->questions && i < dataset->question_count; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", dataset->questions[i].name);
    err_set(err, STATUS_USAGE, "The dataset has no question “%.78s”; it asks %s.", name,
            buf_text(&names));
    buf_clear(&names);
    return err->code;
}

/* ---- one answer, then all ---- */

static enum status set_value(const struct dataset *dataset, const struct record *record,
                             const struct question *question, const char *text,
                             struct response *response, struct err *err)
{
    if (text[0] == '\0') {
        values_remove(&response->values, question->name);
        return STATUS_OK;
    }
    json_t *json = read_value(question, text);
    const char *why = json ? choice_value_fault(record, question, json) : NULL;
    struct value value = {0};
    if (!json || why) {
        refuse_value(question, record, text, why, err);
    } else {
        value_from_json(&value, question->name, json, dataset);
        values_set(&response->values, &value);
    }
    free(value.question);
    free(value.text);
    json_decref(json);
    return err->code;
}

/* "QUESTION=VALUE", the at-th option that was given. */
static enum status set_given(const struct arguments *arguments, size_t at,
                             const struct dataset *dataset, const struct record *record,
                             struct response *response, struct err *err)
{
    const char *given = arguments->list[at].text, *equals = strchr(given, '=');
    if (!equals)
        return err_set(err, STATUS_USAGE,
                       "--answer takes QUESTION=VALUE; “%.60s” has no “=”.", given);
    for (size_t i = 0; i < at; i++)
        if (arguments->list[i].option == OPTION_ANSWER &&
            strncmp(arguments->list[i].text, given, (size_t)(equals - given) + 1) == 0)
            return err_set(err, STATUS_USAGE, "“%.*s” is answered twice.",
                           (int)(equals - given), given);
    char *name = xmemdup0(given, (size_t)(equals - given)), label[64];
    const struct question *question = dataset_question(dataset, name);
    for (size_t i = 0; !question && i < dataset->question_count; i++)
        if (strcasecmp(question_label(&dataset->questions[i], label, sizeof label),
                       name) == 0)
            question = &dataset->questions[i];
    enum status status =
        question ? set_value(dataset, record, question, equals + 1, response, err)
                 : refuse_question(dataset, name, err);
    free(name);
    return status;
}

static enum status set_all(const struct answer *answer, const struct dataset *dataset,
                           const struct record *record, struct response *response,
                           struct err *err)
{
    const struct question *rating = dataset_rating_question(dataset);
    const struct question *feedback = dataset_feedback_question(dataset);
    if (answer->rating && !rating)
        return err_set(err, STATUS_USAGE, "The dataset has no rating question.");
    if (answer->rating &&
        set_value(dataset, record, rating, answer->rating, response, err))
        return err->code;
    if (answer->feedback && !feedback)
        return err_set(err, STATUS_USAGE, "The dataset has no question for feedback.");
    if (answer->feedback)
        values_set_text(&response->values, feedback->name, QUESTION_TEXT,
                        answer->feedback);
    for (size_t i = 0; i < answer->arguments->list_count; i++)
        if (answer->arguments->list[i].option == OPTION_ANSWER &&
            set_given(answer->arguments, i, dataset, record, response, err))
            return err->code;
    return STATUS_OK;
}

bool answer_is_given(const struct answer *answer)
{
    return answer->rating || answer->feedback ||
           arguments_has(answer->arguments, OPTION_ANSWER);
}

enum status answer_apply(const struct answer *answer, const struct dataset *dataset,
                         const struct record *record, struct response *response,
                         struct err *err)
{
    char label[64];
    const char *why;
    if (set_all(answer, dataset, record, response, err))
        return err->code;
    response->status = answer->status;
    if (answer->status != RESPONSE_SUBMITTED)
        return STATUS_OK;
    dataset_complete_values(dataset, &response->values);
    const struct question *question =
        choice_find_fault(dataset, record, &response->values, true, &why);
    if (!question)
        return STATUS_OK;
    question_label(question, label, sizeof label);
    if (values_find(&response->values, question->name))
        return err_set(err, STATUS_USAGE, "“%s” %s; --draft keeps it unfinished.", label,
                       why);
    return err_set(err, STATUS_USAGE,
                   "“%s” must be answered before a record can be submitted; --draft "
                   "keeps it unfinished.",
                   label);
}
