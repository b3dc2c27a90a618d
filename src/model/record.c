/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "model/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/dataset.h"

static const char *const status_names[RESPONSE_STATUS_COUNT] = {
    [RESPONSE_PENDING] = "pending",
    [RESPONSE_DRAFT] = "draft",
    [RESPONSE_SUBMITTED] = "submitted",
    [RESPONSE_DISCARDED] = "discarded",
};

void record_copy(struct record *to, const struct record *from)
{
    if (to == from)
        return;
    struct record copy = *from;
    copy.external_id = xstrdup_or_null(from->external_id);
    copy.remote_id = xstrdup_or_null(from->remote_id);
    copy.metadata_json = xstrdup_or_null(from->metadata_json);
    copy.note = xstrdup_or_null(from->note);
    copy.completion = (struct completion){0};
    copy.response = copy.theirs = (struct response){0};
    copy.fields = NULL;
    copy.suggestions = NULL;
    copy.field_count = copy.suggestion_count = copy.peer_count = 0;
    for (size_t i = 0; i < from->field_count; i++)
        record_set_field(&copy, from->fields[i].name, from->fields[i].text,
                         from->fields[i].len);
    if (from->suggestion_count) {
        copy.suggestions = xcalloc(from->suggestion_count, sizeof *copy.suggestions);
        copy.suggestion_count = from->suggestion_count;
        for (size_t k = 0; k < from->suggestion_count; k++) {
            struct suggestion *suggestion = &copy.suggestions[k];
            *suggestion = from->suggestions[k];
            suggestion->value.question = xstrdup_or_null(suggestion->value.question);
            suggestion->value.text = xstrdup_or_null(suggestion->value.text);
            suggestion->agent = xstrdup_or_null(suggestion->agent);
            suggestion->type = xstrdup_or_null(suggestion->type);
            suggestion->scores = xstrdup_or_null(suggestion->scores);
        }
    }
    completion_copy(&copy.completion, &from->completion);
    response_copy(&copy.response, &from->response);
    response_copy(&copy.theirs, &from->theirs);
    copy.peers = xcalloc(from->peer_count, sizeof *copy.peers);
    for (; copy.peer_count < from->peer_count; copy.peer_count++) {
        const struct peer *peer = &from->peers[copy.peer_count];
        struct peer *other = &copy.peers[copy.peer_count];
        other->user = xstrdup(peer->user);
        other->name = xstrdup_or_null(peer->name);
        response_copy(&other->response, &peer->response);
    }
    record_clear(to);
    *to = copy;
}

void record_clear(struct record *record)
{
    free(record->external_id);
    free(record->remote_id);
    for (size_t i = 0; i < record->field_count; i++) {
        free(record->fields[i].name);
        free(record->fields[i].text);
    }
    free(record->fields);
    free(record->metadata_json);
    free(record->note);
    for (size_t i = 0; i < record->suggestion_count; i++) {
        free(record->suggestions[i].value.question);
        free(record->suggestions[i].value.text);
        free(record->suggestions[i].agent);
        free(record->suggestions[i].type);
        free(record->suggestions[i].scores);
    }
    free(record->suggestions);
    completion_clear(&record->completion);
    response_clear(&record->response);
    response_clear(&record->theirs);
    for (size_t i = 0; i < record->peer_count; i++)
        peer_clear(&record->peers[i]);
    free(record->peers);
    *record = (struct record){0};
}

void response_copy(struct response *to, const struct response *from)
{
    if (to == from)
        return;
    response_clear(to);
    to->status = from->status;
    to->is_changed = from->is_changed;
    to->updated_ms = from->updated_ms;
    to->viewing = from->viewing;
    values_copy(&to->values, &from->values);
}

bool response_is_changed(const struct response *now, const struct response *next,
                         bool is_on_purpose)
{
    return next->status <= RESPONSE_DRAFT &&
           (now->status == RESPONSE_SUBMITTED || now->is_changed) &&
           (!is_on_purpose || !values_equal(&now->values, &next->values));
}

void response_clear(struct response *response)
{
    values_clear(&response->values);
    *response = (struct response){0};
}

void peer_clear(struct peer *peer)
{
    free(peer->user);
    free(peer->name);
    response_clear(&peer->response);
    *peer = (struct peer){0};
}

const struct record_field *record_field(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (strcmp(record->fields[i].name, name) == 0)
            return &record->fields[i];
    return NULL;
}

void record_set_field(struct record *record, const char *name, const char *text,
                      size_t len)
{
    char *copy = xmemdup0(text, len); /* text may be the field's own */
    const struct record_field *found = record_field(record, name);
    size_t at = found ? (size_t)(found - record->fields) : record->field_count;
    if (!found) {
        record->fields =
            xreallocarray(record->fields, ++record->field_count, sizeof *record->fields);
        record->fields[at] = (struct record_field){.name = xstrdup(name)};
    }
    struct record_field *field = &record->fields[at];
    free(field->text);
    field->text = copy;
    field->len = len;
}

bool record_has_status(const struct record *record, enum response_status status)
{
    return record->response.status == status &&
           !(status == RESPONSE_PENDING && record->is_completed);
}

const char *response_status_name(enum response_status status)
{
    return status_names[status];
}

bool response_status_parse(const char *name, enum response_status *status)
{
    for (int i = 0; i < RESPONSE_STATUS_COUNT; i++) {
        if (strcmp(name, status_names[i]) != 0)
            continue;
        *status = (enum response_status)i;
        return true;
    }
    return false;
}

/* Which most have given, by how often each was; -1 = none, or several. */
static int most_given(const struct question *question, const size_t *counts)
{
    int most = -1;
    size_t best = 0;
    for (size_t k = 0; k < question->rating_count; k++) {
        if (counts[k] < best || counts[k] == 0)
            continue;
        most = counts[k] > best ? question->ratings[k] : -1;
        best = counts[k];
    }
    return most;
}

double record_rating(const struct record *record, const struct question *question,
                     enum ratings_by by)
{
    if (!question)
        return -1;
    size_t *counts = xcalloc(question->rating_count + 1, sizeof *counts);
    bool is_final = record->is_decided && record->response.status == RESPONSE_SUBMITTED;
    size_t others = by == RATINGS_MINE || is_final ? 0 : record->peer_count, count = 0;
    double sum = 0;
    for (size_t i = 0; i <= others; i++) {
        const struct response *response =
            i < others ? &record->peers[i].response : &record->response;
        const struct value *value = values_find(&response->values, question->name);
        if (!value || response->status != RESPONSE_SUBMITTED)
            continue;
        sum += value->rating;
        count++;
        for (size_t k = 0; k < question->rating_count; k++)
            counts[k] += question->ratings[k] == value->rating;
    }
    int most = most_given(question, counts);
    free(counts);
    return by == RATINGS_MAJORITY ? most : count ? sum / (double)count : -1;
}
