/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct stream *session_stream(const struct session *session, const struct id *record)
{
    for (size_t i = 0; i < session->stream_count; i++) {
        if (id_equal(&session->streams[i]->record, record))
            return session->streams[i];
    }
    return NULL;
}

const char *session_role(const struct session *session)
{
    return session->role == ARGILLA_OWNER   ? "owner"
           : session->role == ARGILLA_ADMIN ? "admin"
                                            : "annotator";
}

const char *session_lacks_right(const struct session *session, enum action action)
{
    if (!session->has_server || session->can_log)
        return NULL;
    switch (action) {
    case ACTION_PROMPT:
    case ACTION_ASK_ON:
    case ACTION_REGENERATE:
        return "Adding records";
    case ACTION_CREATE:
        return "Creating a dataset";
    case ACTION_DELETE: /* what is only here goes with any key */
        return session->current.remote_id && !session->current.is_gone
                   ? "Deleting records"
                   : NULL;
    default:
        return NULL;
    }
}

size_t session_peers(const struct session *session, const struct peer *peers[PEERS_SHOWN],
                     size_t *hidden)
{
    const struct record *record = &session->current;
    bool is_shown = record->response.status == RESPONSE_SUBMITTED || session->decides;
    size_t count = 0, others = 0;
    for (size_t i = 0; session->has_current && i < record->peer_count; i++) {
        if (record->peers[i].response.status != RESPONSE_SUBMITTED)
            continue;
        if (is_shown && count < PEERS_SHOWN)
            peers[count++] = &record->peers[i];
        else
            others++;
    }
    if (hidden)
        *hidden = others;
    return count;
}

static const char *field_text(const struct record *record, const struct field *field,
                              const char *own, size_t *len)
{
    const struct record_field *found = field ? record_field(record, field->name) : NULL;
    if (!found)
        found = record_field(record, own);
    *len = found && found->text ? found->len : 0;
    return *len ? found->text : "";
}

const char *session_record_prompt(const struct session *session,
                                  const struct record *record, size_t *len)
{
    return field_text(record, dataset_prompt_field(&session->dataset), "prompt", len);
}

const char *session_record_response(const struct session *session,
                                    const struct record *record, size_t *len)
{
    const struct stream *stream = session_stream(session, &record->id);
    if (stream) {
        *len = stream->text.len;
        return buf_text(&stream->text);
    }
    return field_text(record, dataset_response_field(&session->dataset), "response", len);
}

const char *session_prompt(const struct session *session, size_t *len)
{
    *len = 0;
    return session->has_current ? session_record_prompt(session, &session->current, len)
                                : "";
}

const char *session_response(const struct session *session, size_t *len)
{
    *len = 0;
    return session->has_current ? session_record_response(session, &session->current, len)
                                : "";
}

const char *session_judged(const struct session *session, size_t *len)
{
    return dataset_response_field(&session->dataset) ? session_response(session, len)
                                                     : session_prompt(session, len);
}

bool session_say_changed(const struct session *session, char *out, size_t size)
{
    if (!session->has_current || session->is_again ||
        !session->current.response.is_changed)
        return false;
    bool is_draft = session->current.response.status == RESPONSE_DRAFT;
    snprintf(out, size, "#%zu was submitted and is %s since it was changed",
             session->queue.position + 1, is_draft ? "a draft" : "open");
    return true;
}

bool session_is_elsewhere(const struct session *session, const struct record *record)
{
    return record->has_completion && record->completion.state == COMPLETION_RUNNING &&
           !session_stream(session, &record->id);
}

bool session_has_answer(const struct session *session, const struct record *record)
{
    if (session_is_elsewhere(session, record))
        return false;
    if (!record->has_completion || session_stream(session, &record->id))
        return true;
    size_t len = 0;
    const char *text = session_record_response(session, record, &len);
    return !utf8_is_blank(text, len);
}

void session_clear_datasets(struct session *session)
{
    struct dataset_choices *list = &session->datasets;
    while (list->count)
        dataset_clear(&list->items[--list->count].dataset);
}

static int compare_datasets(const void *left, const void *right)
{
    const struct dataset_choice *a = left, *b = right;
    if (a->is_open != b->is_open)
        return a->is_open ? -1 : 1;
    if (a->touched_ms != b->touched_ms)
        return a->touched_ms > b->touched_ms ? -1 : 1;
    return strcmp(a->dataset.name, b->dataset.name);
}

void session_sort_datasets(struct session *session)
{
    struct dataset_choices *list = &session->datasets;
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_datasets);
}

void unsent_clear(struct unsent *unsent)
{
    for (size_t i = 0; i < unsent->count; i++)
        free(unsent->items[i].reason);
    free(unsent->items);
    *unsent = (struct unsent){0};
}

void comparison_clear(struct comparison *comparison)
{
    for (size_t i = 0; i < PICK_MAX; i++)
        record_clear(&comparison->records[i]);
    free(comparison->candidates);
    *comparison = (struct comparison){0};
}

size_t session_marked(const struct session *session, const char *endpoint,
                      const char *model)
{
    size_t at = 0;
    for (; at < session->marked_count; at++) {
        const struct model_mark *mark = &session->marked[at];
        if (!strcmp(mark->endpoint, endpoint) &&
            !strcmp(mark->model ? mark->model : "", model ? model : ""))
            break;
    }
    return at;
}

size_t session_mark_place(const struct session *session, int64_t row)
{
    const struct marks *marks = &session->marks;
    size_t low = 0, high = marks->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marks->rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool session_is_marked(const struct session *session, int64_t row)
{
    size_t at = session_mark_place(session, row);
    return at < session->marks.count && session->marks.rows[at] == row;
}

void session_clear_choices(struct session *session)
{
    for (size_t i = 0; i < session->choice_count; i++) {
        free(session->choices[i].endpoint);
        free(session->choices[i].model);
        free(session->choices[i].note);
    }
    session->choice_count = 0;
}

void session_clear(struct session *session)
{
    comparison_clear(&session->comparison);
    session_clear_choices(session);
    free(session->choices);
    session_clear_datasets(session);
    free(session->datasets.items);
    for (size_t i = 0; i < session->marked_count; i++) {
        free(session->marked[i].endpoint);
        free(session->marked[i].model);
    }
    free(session->marked);
    free(session->marks.rows);
    unsent_clear(&session->unsent);
    stats_free(session->stats);
    for (size_t i = 0; i < session->stream_count; i++) {
        buf_clear(&session->streams[i]->text);
        buf_clear(&session->streams[i]->reasoning);
        free(session->streams[i]);
    }
    free(session->streams);
    dataset_clear(&session->dataset);
    queue_clear(&session->queue);
    record_clear(&session->current);
    free(session->agent);
    free(session->filter_text);
    free(session->order_text);
    selection_words_clear(&session->words);
    free(session->progress.told.people);
    sampling_clear(&session->sampling);
    memset(session, 0, sizeof *session);
}
