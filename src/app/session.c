/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/session.h"

#include <stdlib.h>
#include <string.h>

struct stream *session_stream(const struct session *session, const struct id *record)
{
    for (size_t i = 0; i < session->stream_count; i++) {
        if (id_equal(&session->streams[i]->record, record))
            return session->streams[i];
    }
    return NULL;
}

static const char *field_text(const struct session *session, const struct field *field,
                              size_t *len)
{
    const struct record_field *found = NULL;
    if (session->has_current && field)
        found = record_field(&session->current, field->name);
    *len = found && found->text ? found->len : 0;
    return *len ? found->text : "";
}

const char *session_prompt(const struct session *session, size_t *len)
{
    return field_text(session, dataset_prompt_field(&session->dataset), len);
}

const char *session_response(const struct session *session, size_t *len)
{
    if (session->has_current) {
        const struct stream *stream = session_stream(session, &session->current.id);
        if (stream) {
            *len = stream->text.len;
            return buf_text(&stream->text);
        }
    }
    return field_text(session, dataset_response_field(&session->dataset), len);
}

static void free_stream(struct stream *stream)
{
    buf_clear(&stream->text);
    buf_clear(&stream->reasoning);
    free(stream);
}

void unsent_clear(struct unsent *unsent)
{
    for (size_t i = 0; i < unsent->count; i++)
        free(unsent->items[i].reason);
    free(unsent->items);
    *unsent = (struct unsent){0};
}

void session_clear(struct session *session)
{
    unsent_clear(&session->unsent);
    for (size_t i = 0; i < session->stream_count; i++)
        free_stream(session->streams[i]);
    free(session->streams);
    dataset_clear(&session->dataset);
    queue_clear(&session->queue);
    record_clear(&session->current);
    sampling_clear(&session->sampling);
    memset(session, 0, sizeof *session);
}
