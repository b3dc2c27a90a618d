/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/import.h"

#include <stdlib.h>
#include <string.h>

#include "app/choice.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "model/queue.h"
#include "json/dataset_json.h"

/* ---- what is wrong with a row ---- */

/* Half a sentence about one part of it; the line is put in front later. */
static enum status refuse(struct err *err, const char *part, const char *name,
                          const char *why)
{
    return err_set(err, STATUS_USAGE, "%s “%.120s” %s.", part, name, why);
}

/* ---- the parts of a record ---- */

static enum status find_question(const struct importer *import, const char *name,
                                 const struct question **question, struct err *err)
{
    *question = dataset_question(import->dataset, name);
    return *question ? STATUS_OK
                     : refuse(err, "the question", name, "is none of the dataset's");
}

/* Values as Argilla writes them: {"question": {"value": …}}, bare ones too. */
static enum status read_values(const struct importer *import, const struct record *record,
                               const json_t *values, struct response *response,
                               struct err *err)
{
    const char *name;
    json_t *entry, *clean = json_object();
    json_object_foreach((json_t *)(uintptr_t)values, name, entry)
    {
        const struct question *question;
        json_t *value = json_object_get(entry, "value");
        value = value || json_is_object(entry) ? value : entry;
        if (!value || json_is_null(value))
            continue;
        if (find_question(import, name, &question, err))
            break;
        const char *why = choice_value_fault(record, question, value);
        if (why && refuse(err, "the question", name, why))
            break;
        json_object_set_new(clean, name, json_pack("{s:O}", "value", value));
    }
    values_from_json(&response->values, clean, import->dataset);
    json_decref(clean);
    return err->code;
}

/* status NULL: submitted if it can be, else a draft; none without a value. */
static enum status settle_status(const struct importer *import, const char *status,
                                 struct response *response, struct err *err)
{
    const char *missing = dataset_missing_answer(import->dataset, &response->values);
    if (status && !response_status_parse(status, &response->status))
        return refuse(err, "the status", status,
                      "is not pending, draft, submitted or discarded");
    if (!status && response->values.count)
        response->status = missing ? RESPONSE_DRAFT : RESPONSE_SUBMITTED;
    if (response->status == RESPONSE_SUBMITTED)
        dataset_complete_values(import->dataset, &response->values);
    values_set_own(&response->values); /* also what equals a suggestion */
    if (response->status == RESPONSE_SUBMITTED && missing)
        return refuse(err, "the required question", missing,
                      "has no answer, but the response is submitted");
    return STATUS_OK;
}

/* The response of that user, of whom there may be more parts later. */
static struct response *response_of(const struct importer *import, struct record *record,
                                    const char *user, const char *name)
{
    if (import->me && strcmp(import->me, user) == 0)
        return &record->response;
    for (size_t i = 0; i < record->peer_count; i++)
        if (strcmp(record->peers[i].user, user) == 0)
            return &record->peers[i].response;
    record->peers =
        xreallocarray(record->peers, record->peer_count + 1, sizeof *record->peers);
    struct peer *peer = &record->peers[record->peer_count++];
    *peer = (struct peer){.user = xstrdup(user), .name = xstrdup_or_null(name)};
    return &peer->response;
}

/* [{"user_id", "status", "values"}], a whole response each: as export and Argilla's API
 * write them. */
static enum status read_whole_responses(const struct importer *import,
                                        struct record *record, const json_t *list,
                                        struct err *err)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *user = json_get_text(item, "user_id", NULL);
        char *nobody = xasprintf("unknown-%zu", i + 1);
        struct response *response = response_of(import, record, user ? user : nobody,
                                                json_get_text(item, "user_name", NULL));
        free(nobody);
        const json_t *values = json_object_get(item, "values");
        response->updated_ms = clock_parse_utc(json_get_text(item, "updated_at", NULL));
        if (read_values(import, record, values, response, err) ||
            settle_status(import, json_get_text(item, "status", NULL), response, err))
            return err->code;
    }
    return STATUS_OK;
}

static enum status read_parted_responses(const struct importer *import,
                                         struct record *record, const json_t *responses,
                                         struct err *err)
{
    const char *name;
    json_t *list, *users = json_object();
    json_object_foreach((json_t *)(uintptr_t)responses, name, list)
    {
        for (size_t i = 0; i < json_array_size(list); i++) {
            /* {"question": [{"value", "user_id", "status"}]}: as Argilla's client exports
             * them */
            const json_t *item = json_array_get(list, i);
            const char *user = json_get_text(item, "user_id", NULL);
            if (!user)
                user = "unknown-1";
            json_t *of_user = json_object_get(users, user);
            if (!of_user) {
                of_user = json_pack("{s:s, s:{}}", "user_id", user, "values");
                json_object_set_new(users, user, of_user);
            }
            json_t *status = json_object_get(item, "status");
            json_t *value = json_object_get(item, "value");
            if (json_is_string(status))
                json_object_set(of_user, "status", status);
            if (value)
                json_object_set_new(json_object_get(of_user, "values"), name,
                                    json_pack("{s:O}", "value", value));
        }
    }
    json_t *whole = json_array();
    json_object_foreach(users, name, list) json_array_append(whole, list);
    enum status status = read_whole_responses(import, record, whole, err);
    json_decref(whole);
    json_decref(users);
    return status;
}

/* {"question": {"value", "score", "agent", "type"}}, or a list of them with the
 * question's name in each. */
static enum status read_suggestions(const struct importer *import, struct record *record,
                                    const json_t *suggestions, struct err *err)
{
    const char *name;
    json_t *entry, *named = json_object();
    size_t i;
    json_array_foreach(suggestions, i, entry)
    {
        const char *question = json_get_text(entry, "question_name", NULL);
        json_object_set(named, question ? question : "?", entry);
    }
    if (json_is_object(suggestions))
        json_object_update(named, (json_t *)(uintptr_t)suggestions);
    record->suggestions =
        xcalloc(json_object_size(named) + 1, sizeof *record->suggestions);
    json_object_foreach(named, name, entry)
    {
        const struct question *question;
        const json_t *value = json_object_get(entry, "value");
        if (!value || json_is_null(value))
            continue;
        if (find_question(import, name, &question, err))
            break;
        const char *why = choice_value_fault(record, question, value);
        if (why && refuse(err, "the suggestion for", name, why))
            break;
        struct suggestion *suggestion = &record->suggestions[record->suggestion_count++];
        value_from_json(&suggestion->value, name, value, import->dataset);
        suggestion_read_facts(suggestion, entry);
    }
    json_decref(named);
    return err->code;
}

static enum status read_fields(const struct importer *import, struct record *record,
                               const json_t *fields, struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        char *text =
            json_is_string(value) || json_is_null(value) ? NULL : json_print(value);
        if (!dataset_field(import->dataset, name)) {
            free(text);
            return refuse(err, "the field", name, "is none of the dataset's");
        }
        if (json_is_string(value))
            record_set_field(record, name, json_string_value(value),
                             json_string_length(value));
        else if (text)
            record_set_field(record, name, text, strlen(text));
        free(text);
    }
    for (size_t i = 0; i < import->dataset->field_count; i++) {
        const struct field *field = &import->dataset->fields[i];
        if (field->is_required && !record_field(record, field->name))
            return refuse(err, "the field", field->name, "is missing");
    }
    return record->field_count ? STATUS_OK
                               : err_set(err, STATUS_USAGE, "it has no field at all.");
}

static void read_completion(struct record *record, const json_t *completion)
{
    if (!json_is_object(completion))
        return;
    completion_from_json(&record->completion, completion);
    record->has_completion = true;
    const char *state = json_get_text(completion, "state", NULL);
    if (record->completion.state == COMPLETION_RUNNING) /* nobody asks for it here */
        record->completion.state = state ? COMPLETION_CUT : COMPLETION_DONE;
}

/* Ours came about on a screen. */
static void read_viewing(struct viewing *viewing, const json_t *json)
{
    viewing->shown_ms = clock_parse_utc(json_get_text(json, "shown_at", NULL));
    viewing->end_ms = clock_parse_utc(json_get_text(json, "end_at", NULL));
    viewing->answered_ms = clock_parse_utc(json_get_text(json, "answered_at", NULL));
    viewing->paused_ms = json_integer_value(json_object_get(json, "paused_ms"));
}

/* What a declared property of the dataset refuses would be lost on the way. */
static enum status read_metadata(const struct importer *import, struct record *record,
                                 json_t *metadata, struct err *err)
{
    const char *more = import->dataset->more_json, *name;
    json_t *value, *json = json_read(more);
    json_object_foreach(metadata, name, value)
    {
        const json_t *property =
            json_find(json_object_get(json, "metadata_properties"), "name", name);
        json_t *fit = property ? metadata_fit(property, value) : NULL;
        if (property && !fit && !err->code) {
            char *has = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
            char *takes = json_print(json_object_get(property, "settings"));
            char *why = xasprintf("is %.80s; the dataset takes %.200s", has ? has : "?",
                                  takes ? takes : "other values");
            refuse(err, "the metadata", name, why);
            free(has);
            free(takes);
            free(why);
        }
        json_decref(fit);
    }
    json_decref(json);
    if (json_object_size(metadata) > 0)
        record->metadata_json = json_print(metadata);
    return err->code;
}

/* ---- all of it ---- */

/* A member of its own, or one of the marks of a CSV. */
static const json_t *find_mark(const json_t *row, const char *name)
{
    size_t i;
    const json_t *mark, *found = json_object_get(row, name);
    json_array_foreach(json_object_get(row, "marks"), i, mark)
    {
        if (json_is_string(mark) && !strcmp(json_string_value(mark), name))
            found = json_true();
        else if (json_object_get(mark, name))
            found = json_object_get(mark, name);
    }
    return found;
}

enum status import_read(const struct importer *import, const json_t *row,
                        struct record *record, struct err *err)
{
    const json_t *responses = json_object_get(row, "responses");
    const char *status = json_get_text(row, "status", NULL);
    const json_t *values = json_object_get(row, "values");
    *record = (struct record){.dataset_row = import->dataset->row};
    if (read_fields(import, record, json_object_get(row, "fields"), err) ||
        read_metadata(import, record, json_object_get(row, "metadata"), err))
        return err->code;
    record->inserted_ms = clock_parse_utc(json_get_text(row, "inserted_at", NULL));
    if (json_is_true(find_mark(row, "flagged")))
        record->flags |= QUEUE_FLAGGED;
    record->is_decided = json_is_true(find_mark(row, "decided"));
    record->response.is_changed = json_is_true(find_mark(row, "changed"));
    const char *note = json_string_value(find_mark(row, "note"));
    if (note && !utf8_is_blank(note, strlen(note)))
        record->note = xstrdup(note);
    read_completion(record, json_object_get(row, "completion"));
    if (read_suggestions(import, record, json_object_get(row, "suggestions"), err) ||
        read_values(import, record, values, &record->response, err))
        return err->code;
    /* Argilla's is the record's: pending, completed */
    bool is_own = values && !json_object_get(row, "_server_id");
    if (settle_status(import, is_own ? status : NULL, &record->response, err))
        return err->code;
    record->response.updated_ms = clock_parse_utc(json_get_text(row, "updated_at", NULL));
    read_viewing(&record->response.viewing, json_object_get(row, "viewing"));
    if (json_is_object(responses) ? read_parted_responses(import, record, responses, err)
                                  : read_whole_responses(import, record, responses, err))
        return err->code;
    return STATUS_OK;
}
