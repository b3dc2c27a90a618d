/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/record_output.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "json/completion_json.h"
#include "json/json.h"
#include "json/values_json.h"

static const struct column columns[] = {
    {"RECORD", SHORT_ID - 1, false},
    {"STATUS", 9, false},
    {"RATING", 6, true},
    {"PROMPT", 0, false},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

void record_short_id(const struct id *id, char out[SHORT_ID])
{
    char text[ID_TEXT];
    id_format(id, text);
    memcpy(out, text, SHORT_ID - 1);
    out[SHORT_ID - 1] = '\0';
}

json_t *time_to_json(int64_t wall_ms)
{
    char text[32];
    if (wall_ms <= 0)
        return json_null();
    clock_format_utc(wall_ms, text, sizeof text);
    return json_string(text);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_new_text(text, strlen(text)) : json_null();
}

static json_t *field_text(const struct record *record, const struct field *field)
{
    const struct record_field *found = field ? record_field(record, field->name) : NULL;
    return found ? json_new_text(found->text, found->len) : json_null();
}

static json_t *fields_to_json(const struct record *record)
{
    json_t *object = json_object();
    for (size_t i = 0; i < record->field_count; i++)
        json_object_set_new(object, record->fields[i].name,
                            json_new_text(record->fields[i].text, record->fields[i].len));
    return object;
}

static json_t *metadata_to_json(const struct record *record)
{
    json_t *metadata = NULL;
    if (record->metadata_json)
        metadata = json_parse(record->metadata_json, strlen(record->metadata_json), NULL);
    return metadata ? metadata : json_null();
}

static const struct value *value_of(const struct record *record,
                                    const struct question *question)
{
    return question ? values_find(&record->response.values, question->name) : NULL;
}

static void set_answers(json_t *object, const struct record *record,
                        const struct dataset *dataset)
{
    const struct value *rating = value_of(record, dataset_rating_question(dataset));
    const struct value *feedback = value_of(record, dataset_feedback_question(dataset));
    const char *status = response_status_name(record->response.status);
    json_object_set_new(object, "status", json_string(status));
    json_object_set_new(object, "rating",
                        rating ? json_integer(rating->rating) : json_null());
    json_object_set_new(object, "feedback",
                        text_or_null(feedback ? feedback->text : NULL));
    json_object_set_new(object, "values", values_to_json(&record->response.values));
}

json_t *record_to_json(const struct record *record, const struct dataset *dataset)
{
    char id[ID_TEXT];
    json_t *object = json_object();
    id_format(&record->id, id);
    json_object_set_new(object, "id", json_string(id));
    json_object_set_new(object, "dataset", text_or_null(dataset->name));
    set_answers(object, record, dataset);
    json_object_set_new(object, "prompt",
                        field_text(record, dataset_prompt_field(dataset)));
    json_object_set_new(object, "response",
                        field_text(record, dataset_response_field(dataset)));
    json_object_set_new(object, "fields", fields_to_json(record));
    json_object_set_new(object, "metadata", metadata_to_json(record));
    json_object_set_new(object, "completion",
                        record->has_completion ? completion_to_json(&record->completion)
                                               : json_null());
    json_object_set_new(object, "external_id",
                        json_string(record->external_id ? record->external_id : id));
    json_object_set_new(object, "remote_id", text_or_null(record->remote_id));
    json_object_set_new(object, "inserted_at", time_to_json(record->inserted_ms));
    json_object_set_new(object, "updated_at", time_to_json(record->response.updated_ms));
    return object;
}

void record_print_titles(struct output *out)
{
    if (!out->is_json)
        output_titles(out, columns, COLUMN_COUNT);
}

void record_print_row(struct output *out, const struct record *record,
                      const struct dataset *dataset)
{
    if (out->is_json) {
        output_json(out, record_to_json(record, dataset));
        return;
    }
    char id[SHORT_ID], number[16] = "-";
    const struct value *rating = value_of(record, dataset_rating_question(dataset));
    const struct field *field = dataset_prompt_field(dataset);
    const struct record_field *prompt = field ? record_field(record, field->name) : NULL;
    record_short_id(&record->id, id);
    if (rating)
        snprintf(number, sizeof number, "%d", rating->rating);
    const char *cells[COLUMN_COUNT] = {id, response_status_name(record->response.status),
                                       number, prompt ? prompt->text : ""};
    output_row(out, columns, COLUMN_COUNT, cells);
}

void record_print_json(struct output *out, const struct record *record,
                       const struct dataset *dataset)
{
    if (out->is_json)
        output_json(out, record_to_json(record, dataset));
}
