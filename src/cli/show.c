/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "model/queue.h"
#include "json/dataset_json.h"

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
        metadata = json_read(record->metadata_json);
    return metadata ? metadata : json_null();
}

static const struct value *value_of(const struct record *record,
                                    const struct question *question)
{
    return question ? values_find(&record->response.values, question->name) : NULL;
}

static json_t *suggestions_to_json(const struct record *record)
{
    json_t *object = json_object();
    for (size_t i = 0; i < record->suggestion_count; i++) {
        json_t *entry = suggestion_to_json(&record->suggestions[i]);
        if (json_object_get(entry, "value"))
            json_object_set(object, record->suggestions[i].value.question, entry);
        json_decref(entry);
    }
    return object;
}

static json_t *peers_to_json(const struct record *record)
{
    json_t *array = json_array();
    for (size_t i = 0; i < record->peer_count; i++) {
        const struct peer *peer = &record->peers[i];
        json_array_append_new(
            array, json_pack("{s:o, s:o, s:s, s:o, s:o}", "user_id",
                             json_text(peer->user), "user_name", json_text(peer->name),
                             "status", response_status_name(peer->response.status),
                             "values", values_to_json(&peer->response.values),
                             "updated_at", time_to_json(peer->response.updated_ms)));
    }
    return array;
}

static json_t *viewing_to_json(const struct viewing *viewing)
{
    if (!viewing->shown_ms)
        return json_null();
    return json_pack("{s:o,s:o,s:o,s:I}", "shown_at", time_to_json(viewing->shown_ms),
                     "end_at", time_to_json(viewing->end_ms), "answered_at",
                     time_to_json(viewing->answered_ms), "paused_ms",
                     (json_int_t)viewing->paused_ms);
}

json_t *record_to_json(const struct record *record, const struct dataset *dataset)
{
    char id[ID_TEXT];
    const struct value *rating = value_of(record, dataset_rating_question(dataset));
    const struct value *feedback = value_of(record, dataset_feedback_question(dataset));
    id_format(&record->id, id);
    /* the server's record has its UUID as our id, and perhaps no external id at all */
    const char *external = record->external_id ? record->external_id
                           : record->remote_id && !strcasecmp(record->remote_id, id)
                               ? NULL
                               : id;
    const struct {
        const char *name;
        json_t *value;
    } members[] = {
        {"id", json_string(id)},
        {"dataset", json_text(dataset->name)},
        {"status", json_string(response_status_name(record->response.status))},
        {"rating", rating ? json_integer(rating->rating) : json_null()},
        {"feedback", json_text(feedback ? feedback->text : NULL)},
        {"values", values_to_json(&record->response.values)},
        {"prompt", field_text(record, dataset_prompt_field(dataset))},
        {"response", field_text(record, dataset_response_field(dataset))},
        {"fields", fields_to_json(record)},
        {"metadata", metadata_to_json(record)},
        {"completion",
         record->has_completion ? completion_to_json(&record->completion) : json_null()},
        {"suggestions", suggestions_to_json(record)},
        {"responses", peers_to_json(record)},
        {"flagged", json_boolean(record->flags & QUEUE_FLAGGED)},
        {"changed", json_boolean(record->response.is_changed)},
        {"decided", json_boolean(record->is_decided)},
        {"note", json_text(record->note)},
        {"external_id", json_text(external)},
        {"remote_id", json_text(record->remote_id)},
        {"inserted_at", time_to_json(record->inserted_ms)},
        {"updated_at", time_to_json(record->response.updated_ms)},
        {"viewing", viewing_to_json(&record->response.viewing)},
        {"clash", record->has_clash
                      ? json_pack("{s:s,s:o,s:o}", "status",
                                  response_status_name(record->theirs.status), "values",
                                  values_to_json(&record->theirs.values), "updated_at",
                                  time_to_json(record->theirs.updated_ms))
                      : json_null()},
    };
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        json_object_set_new(object, members[i].name, members[i].value);
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
    bool is_open = record->response.status == RESPONSE_PENDING;
    bool is_done = !record->has_completion || record->completion.state == COMPLETION_DONE;
    const char *status = record->has_clash ? "to choose"
                         : is_open && !is_done
                             ? completion_state_name(record->completion.state)
                             : response_status_name(record->response.status);
    const char *cells[COLUMN_COUNT] = {id, status, number, prompt ? prompt->text : ""};
    output_row(out, columns, COLUMN_COUNT, cells);
}

void record_print_json(struct output *out, const struct record *record,
                       const struct dataset *dataset)
{
    if (out->is_json)
        output_json(out, record_to_json(record, dataset));
}

/* ---- datasets ---- */

static const struct column page[] = {{"", 10, false}, {"", 0, false}};
static const struct column rows[] = {
    {"DATASET", 28, false}, {"WORKSPACE", 16, false}, {"SERVER", 0, false}};
enum { PAGE_COLUMNS = 2, ROW_COLUMNS = 3 };

/* What every dataset object has; a list from a server knows no more. */
static json_t *names_to_json(const struct dataset *dataset)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:b}", "name", json_text(dataset->name),
                     "workspace", json_text(dataset->workspace), "server",
                     json_text(dataset->server ? dataset->server : ""), "remote_id",
                     json_text(dataset->remote_id), "gone", (int)dataset->is_gone);
}

static json_t *dataset_to_json(const struct dataset *dataset)
{
    json_t *object = names_to_json(dataset);
    json_t *fields = json_array(), *questions = json_array();
    for (size_t i = 0; i < dataset->field_count; i++)
        json_array_append_new(fields, field_to_json(&dataset->fields[i]));
    for (size_t i = 0; i < dataset->question_count; i++)
        json_array_append_new(questions, question_to_json(&dataset->questions[i]));
    json_object_update_new(object, json_pack("{s:o, s:b, s:o, s:o}", "guidelines",
                                             json_text(dataset->guidelines),
                                             "allow_extra_metadata",
                                             (int)dataset->allow_extra_metadata, "fields",
                                             fields, "questions", questions));
    const char *text = dataset->more_json;
    json_t *more = json_read(text);
    json_object_update(object, more);
    json_decref(more);
    return object;
}

static void print_line(struct output *out, const char *label, const char *text)
{
    const char *cells[PAGE_COLUMNS] = {label, text};
    output_row(out, page, PAGE_COLUMNS, cells);
}

static const char *type_name(enum question_type type)
{
    static const char *const names[] = {
        [QUESTION_RATING] = "rating",   [QUESTION_TEXT] = "text",
        [QUESTION_LABEL] = "label",     [QUESTION_MULTI_LABEL] = "several labels",
        [QUESTION_RANKING] = "ranking", [QUESTION_SPAN] = "spans",
        [QUESTION_OTHER] = "other"};
    return names[type];
}

static void print_question(struct output *out, const struct question *question)
{
    struct buf text = {0};
    buf_addf(&text, "%s (%s", question->name, type_name(question->type));
    for (size_t i = 0; i < question->rating_count; i++)
        buf_addf(&text, " %d", question->ratings[i]);
    for (size_t i = 0; i < question->option_count; i++)
        buf_addf(&text, "%s %s", i ? "," : "", question->options[i].value);
    buf_addf(&text, ", %s)", question->is_required ? "required" : "optional");
    const char *asks = question->description ? question->description : question->title;
    if (asks)
        buf_addf(&text, ": %s", asks);
    print_line(out, "Question", buf_text(&text));
    buf_clear(&text);
}

static void print_more(struct output *out, const struct dataset *dataset)
{
    const char *text = dataset->more_json;
    json_t *more = json_read(text), *property;
    int wanted = dataset_min_submitted(dataset);
    size_t i;
    json_array_foreach(json_object_get(more, "metadata_properties"), i, property)
    {
        const char *name = json_get_text(property, "name", NULL);
        const char *type =
            json_get_text(json_object_get(property, "settings"), "type", NULL);
        char *line = xasprintf("%s (%s)", name ? name : "", type ? type : "");
        print_line(out, "Metadata", line);
        free(line);
    }
    json_decref(more);
    if (!wanted)
        return;
    char *line = xasprintf("%d to each record", wanted);
    print_line(out, "Answers", line);
    free(line);
}

void dataset_print(struct output *out, const struct dataset *dataset)
{
    if (out->is_json) {
        output_json(out, dataset_to_json(dataset));
        return;
    }
    size_t width = out->columns;
    out->columns = 0; /* a description is never cut */
    const char *server = dataset->server && *dataset->server ? dataset->server : "none";
    print_line(out, "Dataset", dataset->name);
    print_line(out, "Workspace", dataset->workspace ? dataset->workspace : "");
    print_line(out, "Server", server);
    for (size_t i = 0; i < dataset->field_count; i++) {
        struct buf text = {0};
        buf_addf(&text, "%s (%s, %s)", dataset->fields[i].name,
                 dataset->fields[i].type ? dataset->fields[i].type : "text",
                 dataset->fields[i].is_required ? "required" : "optional");
        print_line(out, "Field", buf_text(&text));
        buf_clear(&text);
    }
    for (size_t i = 0; i < dataset->question_count; i++)
        print_question(out, &dataset->questions[i]);
    print_more(out, dataset);
    const char *line = dataset->guidelines;
    for (const char *label = "Guidelines"; line; label = "") {
        size_t len = strcspn(line, "\n");
        char *text = xmemdup0(line, len);
        print_line(out, label, text);
        free(text);
        line = line[len] ? line + len + 1 : NULL;
    }
    out->columns = width;
}

void dataset_print_row(struct output *out, const struct dataset *dataset, bool is_first)
{
    if (out->is_json) {
        output_json(out, names_to_json(dataset));
        return;
    }
    char *where = dataset_where(dataset);
    const char *cells[ROW_COLUMNS] = {
        dataset->name, dataset->workspace ? dataset->workspace : "",
        where + strlen(dataset->name) + 1}; /* both joined by an "@" name it */
    if (is_first)
        output_titles(out, rows, ROW_COLUMNS);
    output_row(out, rows, ROW_COLUMNS, cells);
    free(where);
}
