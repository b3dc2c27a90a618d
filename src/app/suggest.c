/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/suggest.h"

#include <stdlib.h>
#include <string.h>

#include "app/choice.h"
#include "base/xalloc.h"

/* ---- which ---- */

/* The choices that a value names, as choice_read has them; owned. */
static int *read_ranks(const struct question *question, const struct value *value,
                       size_t *chosen)
{
    int *ranks = xcalloc(question->option_count + 1, sizeof *ranks);
    choice_read(question, value, ranks, question->option_count);
    for (size_t i = *chosen = 0; i < question->option_count; i++)
        *chosen += ranks[i] > 0;
    return ranks;
}

/* The dataset may have changed since it was suggested. */
static bool fits(const struct question *question, const struct value *value)
{
    if (value->type != question->type)
        return false;
    if (question->type == QUESTION_RATING)
        return question_allows_rating(question, value->rating);
    if (!value->text || value->text[0] == '\0')
        return false;
    size_t chosen = 1;
    if (question->type == QUESTION_LABEL || question->type == QUESTION_MULTI_LABEL ||
        question->type == QUESTION_RANKING)
        free(read_ranks(question, value, &chosen));
    return chosen > 0;
}

const struct suggestion *suggest_find(const struct record *record,
                                      const struct question *question)
{
    if (!record || (record->suggestion_use == SUGGESTIONS_HIDDEN &&
                    record->response.status != RESPONSE_SUBMITTED))
        return NULL;
    for (size_t i = 0; i < record->suggestion_count; i++) {
        const struct suggestion *suggestion = &record->suggestions[i];
        if (strcmp(suggestion->value.question, question->name) == 0)
            return fits(question, &suggestion->value) ? suggestion : NULL;
    }
    return NULL;
}

/* ---- what an answer starts from ---- */

bool suggest_is_start(const struct record *record, const struct question *question)
{
    return record && record->suggestion_use == SUGGESTIONS_START &&
           record->response.status == RESPONSE_PENDING && !record->has_clash &&
           suggest_find(record, question);
}

const struct value *suggest_value(const struct record *record,
                                  const struct question *question)
{
    if (suggest_is_start(record, question))
        return &suggest_find(record, question)->value;
    return record ? values_find(&record->response.values, question->name) : NULL;
}

bool suggest_has_start(const struct record *record, const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        if (record->suggestion_use == SUGGESTIONS_START &&
            suggest_find(record, &dataset->questions[i]))
            return true;
    return false;
}

void suggest_values(const struct record *record, const struct dataset *dataset,
                    struct values *out)
{
    values_copy(out, &record->response.values);
    for (size_t i = 0; i < dataset->question_count; i++)
        if (suggest_is_start(record, &dataset->questions[i]))
            values_set(out, suggest_value(record, &dataset->questions[i]));
}

void suggest_add(const struct record *record, const struct dataset *dataset,
                 struct values *out)
{
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct suggestion *suggestion = suggest_find(record, question);
        if (suggestion && !values_find(out, question->name))
            values_set(out, &suggestion->value);
    }
}

bool suggest_waits(const struct record *record, const struct dataset *dataset,
                   const struct values *values)
{
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        const struct suggestion *found = suggest_find(record, question);
        const struct value *value = values_find(values, question->name);
        if (question->is_required && record->suggestion_use == SUGGESTIONS_START &&
            found && value && !value->own && value_equal(value, &found->value))
            return true;
    }
    return false;
}

bool suggest_is_same(const struct record *record, const struct question *question,
                     size_t choice)
{
    const struct suggestion *suggestion = suggest_find(record, question);
    const struct value *value = suggest_value(record, question);
    if (!suggestion || !value || value->type != question->type)
        return false;
    if (question->type == QUESTION_RATING)
        return value->rating == suggestion->value.rating &&
               (choice == SIZE_MAX || question->ratings[choice] == value->rating);
    if (question->type == QUESTION_LABEL || question->type == QUESTION_MULTI_LABEL ||
        question->type == QUESTION_RANKING) {
        size_t count;
        int *ranks = read_ranks(question, value, &count);
        int *suggested = read_ranks(question, &suggestion->value, &count);
        bool is_same =
            choice != SIZE_MAX
                ? ranks[choice] && ranks[choice] == suggested[choice]
                : !memcmp(ranks, suggested, question->option_count * sizeof *ranks);
        free(ranks);
        free(suggested);
        return is_same;
    }
    return value->text && strcmp(value->text, suggestion->value.text) == 0;
}

bool suggest_is_untouched(const struct record *record, const struct question *question,
                          size_t choice)
{
    const struct value *value = suggest_value(record, question);
    return value && record->suggestion_use == SUGGESTIONS_START &&
           record->response.status <= RESPONSE_DRAFT &&
           !(value->own & VALUE_OWN(choice)) && suggest_is_same(record, question, choice);
}

/* ---- in words ---- */

void suggest_write(const struct record *record, const struct question *question,
                   bool is_whole, struct buf *out)
{
    const struct suggestion *suggestion = suggest_find(record, question);
    if (!suggestion)
        return;
    buf_add_text(out, "suggested");
    bool has_scores = suggestion->scores && suggestion->scores[0] != '\0';
    if (!is_whole && suggest_is_same(record, question, SIZE_MAX) && !has_scores)
        ; /* it is there to be seen */
    else if (question->type == QUESTION_RATING)
        buf_addf(out, " %d", suggestion->value.rating);
    else {
        buf_add_text(out, ": ");
        choice_write(question, &suggestion->value, suggestion->scores, out);
    }
    if (suggestion->agent)
        buf_addf(out, " · %s", suggestion->agent);
    if (suggestion->score >= 0)
        buf_addf(out, "%s %.2f", suggestion->agent ? "" : " ·", suggestion->score);
}
