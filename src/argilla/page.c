/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "argilla/page.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "json/json.h"
#include "json/values_json.h"

int64_t page_parse_time_us(const char *text)
{
    struct tm tm = {0};
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    if (!rest)
        return 0;
    int64_t fraction = 0, unit = 100000;
    if (*rest == '.')
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += (*rest - '0') * unit;
    return (int64_t)timegm(&tm) * 1000000 + fraction;
}

/* Ours when its external id is a UUID: records made by sherd, here or elsewhere, keep
 * one id. Else the server's own. */
static bool choose_id(struct record *record)
{
    return (record->external_id && id_parse(record->external_id, &record->id)) ||
           id_parse(record->remote_id, &record->id);
}

static void read_fields(struct record *record, const json_t *fields)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        if (json_is_string(value)) {
            record_set_field(record, name, json_string_value(value),
                             json_string_length(value));
        } else if (!json_is_null(value)) {
            char *text = json_print(value);
            record_set_field(record, name, text, strlen(text));
            free(text);
        }
    }
}

static void read_response(const struct page_context *context, struct record *record,
                          const json_t *responses)
{
    size_t i;
    const json_t *item;
    json_array_foreach(responses, i, item)
    {
        const char *user = json_get_text(item, "user_id", NULL);
        const char *status = json_get_text(item, "status", NULL);
        if ((user && strcmp(user, context->user_id) != 0) || !status ||
            !response_status_parse(status, &record->response.status))
            continue;
        values_from_json(&record->response.values, json_object_get(item, "values"),
                         context->dataset);
        record->response.updated_ms =
            page_parse_time_us(json_get_text(item, "updated_at", NULL)) / 1000;
        return;
    }
}

static bool read_suggestion(const struct page_context *context,
                            struct suggestion *suggestion, const json_t *item)
{
    const char *id = json_get_text(item, "question_id", NULL);
    const char *name = id ? json_get_text(context->question_names, id, NULL) : NULL;
    const json_t *value = json_object_get(item, "value");
    const json_t *score = json_object_get(item, "score");
    if (!name || !value || json_is_null(value))
        return false;
    value_from_json(&suggestion->value, name, value, context->dataset);
    suggestion->agent = json_dup_text(item, "agent");
    suggestion->score = json_is_number(score) ? json_number_value(score) : -1;
    return true;
}

static void read_suggestions(const struct page_context *context, struct record *record,
                             const json_t *suggestions)
{
    size_t count = json_array_size(suggestions);
    if (count == 0)
        return;
    record->suggestions = xcalloc(count, sizeof *record->suggestions);
    for (size_t i = 0; i < count; i++)
        if (read_suggestion(context, &record->suggestions[record->suggestion_count],
                            json_array_get(suggestions, i)))
            record->suggestion_count++;
}

bool page_read_record(const struct page_context *context, const json_t *item,
                      struct record *record, int64_t *order)
{
    const json_t *json = json_object_get(item, "record");
    *record = (struct record){.remote_id = json_dup_text(json, "id")};
    if (!record->remote_id)
        return false;
    record->external_id = json_dup_text(json, "external_id");
    if (!choose_id(record)) {
        record_clear(record);
        return false;
    }
    read_fields(record, json_object_get(json, "fields"));
    const json_t *metadata = json_object_get(json, "metadata");
    if (json_object_size(metadata) > 0)
        record->metadata_json = json_print(metadata);
    read_response(context, record, json_object_get(json, "responses"));
    read_suggestions(context, record, json_object_get(json, "suggestions"));
    *order = page_parse_time_us(json_get_text(json, "inserted_at", NULL));
    record->inserted_ms = *order / 1000;
    return true;
}
