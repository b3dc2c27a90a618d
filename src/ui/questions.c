/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/questions.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text/sanitise.h"

/* "response-rating" and "response_rating" are named after what is asked, not of what. */
static const char *without_prefix(const char *name)
{
    static const char *const prefixes[] = {"response-", "response_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], len) == 0 && name[len] != '\0')
            return name + len;
    }
    return name;
}

void question_label(const struct question *question, char *out, size_t size)
{
    const char *name = without_prefix(question->name);
    sanitise_line(name, strlen(name), out, size);
    for (char *at = out; *at != '\0'; at++)
        if (*at == '-' || *at == '_')
            *at = ' ';
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
}

const char *question_asks(const struct question *question)
{
    if (question->description && question->description[0] != '\0')
        return question->description;
    return question->title ? question->title : question->name;
}

static const struct suggestion *find_suggestion(const struct session *session,
                                                const char *name)
{
    const struct record *record = &session->current;
    for (size_t i = 0; session->has_current && i < record->suggestion_count; i++)
        if (strcmp(record->suggestions[i].value.question, name) == 0)
            return &record->suggestions[i];
    return NULL;
}

void question_suggestion(const struct session *session, const struct question *question,
                         char *out, size_t size)
{
    const struct suggestion *found = find_suggestion(session, question->name);
    out[0] = '\0';
    if (!found)
        return;
    int used = 0;
    if (found->value.type == QUESTION_RATING)
        used = snprintf(out, size, "suggested %d", found->value.rating);
    else
        used = snprintf(out, size, "suggested: %s",
                        found->value.text ? found->value.text : "");
    if (found->agent && (size_t)used < size)
        used += snprintf(out + used, size - (size_t)used, " · %s", found->agent);
    if (found->score >= 0 && (size_t)used < size)
        snprintf(out + used, size - (size_t)used, " %.2f", found->score);
}

const struct value *question_value(const struct session *session,
                                   const struct question *question)
{
    if (!session->has_current)
        return NULL;
    return values_find(&session->current.response.values, question->name);
}

bool question_has_choices(const struct question *question)
{
    return question->type == QUESTION_RATING || question->type == QUESTION_LABEL ||
           question->type == QUESTION_MULTI_LABEL || question->type == QUESTION_RANKING;
}

bool question_is_editable(const struct question *question)
{
    return question->type == QUESTION_TEXT || question_has_choices(question);
}

size_t question_choice_count(const struct question *question)
{
    return question->type == QUESTION_RATING ? question->rating_count
                                             : question->option_count;
}

static size_t rating_index(const struct question *question, int rating)
{
    for (size_t i = 0; i < question->rating_count; i++)
        if (question->ratings[i] == rating)
            return i;
    return SIZE_MAX;
}

size_t question_choice_of_digit(const struct question *question, int digit)
{
    if (question->type == QUESTION_RATING) {
        size_t index = rating_index(question, digit);
        return index == SIZE_MAX && digit == 0 ? rating_index(question, 10) : index;
    }
    size_t place = digit == 0 ? 9 : (size_t)digit - 1;
    return place < question->option_count ? place : SIZE_MAX;
}

size_t question_next(const struct dataset *dataset, size_t index, int direction)
{
    size_t count = dataset->question_count;
    size_t step = direction > 0 ? 1 : count - 1;
    for (size_t i = 0, at = index; i + 1 < count; i++) {
        at = (at + step) % count;
        if (question_is_editable(&dataset->questions[at]))
            return at;
    }
    return index;
}

size_t question_first(const struct dataset *dataset)
{
    for (size_t i = 0; i < dataset->question_count; i++)
        if (question_has_choices(&dataset->questions[i]))
            return i;
    return 0;
}
