/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "store/store.h"
#include "json/json.h"

enum { BATCH_BYTES = 4 * 1024 * 1024 }; /* of fields: a batch is written in one go */

/* Rows without an id that were met in this file, by their content: the second of two that
 * are alike is a record of its own. */
struct met {
    struct id *ids;
    size_t *times;
    size_t count, capacity;
};

struct reading {
    struct import *import;
    struct import_batch batch;
    struct met met;
    json_t *picks; /* each once, by its text: their records may stand further on */
};

/* ---- which record it is ---- */

/* How often this content was met before. */
static size_t meet(struct met *met, const struct id *id)
{
    if (met->count * 2 >= met->capacity) {
        struct met old = *met;
        met->capacity = old.capacity ? old.capacity * 2 : 256;
        met->count = 0;
        met->ids = xcalloc(met->capacity, sizeof *met->ids);
        met->times = xcalloc(met->capacity, sizeof *met->times);
        for (size_t i = 0; i < old.capacity; i++)
            for (size_t n = 0; old.times && n < old.times[i]; n++)
                (void)meet(met, &old.ids[i]);
        free(old.ids);
        free(old.times);
    }
    size_t at;
    memcpy(&at, id->bytes + 8, sizeof at);
    for (at %= met->capacity; met->times[at] && !id_equal(&met->ids[at], id);)
        at = (at + 1) % met->capacity;
    met->count += met->times[at] == 0;
    met->ids[at] = *id;
    return met->times[at]++;
}

/* One of ours is our id, any other text the external id. */
static void read_ids(struct reading *reading, struct record *record, const json_t *row)
{
    const json_t *given = json_object_get(row, "id");
    const char *external = json_get_text(row, "external_id", NULL);
    const char *remote = json_get_text(row, "_server_id", NULL);
    char *number = json_is_integer(given) ? json_print(given) : NULL, back[ID_TEXT];
    const char *own = number ? number : json_string_value(given);
    bool is_ours = own && id_parse(own, &record->id);
    if (is_ours) {
        id_format(&record->id, back);
        is_ours = strcmp(back, own) == 0;
    }
    if (own && !is_ours && !external && *own)
        external = own;
    if (external && *external && !(is_ours && strcmp(external, own) == 0))
        record->external_id = xstrdup(external);
    record->remote_id =
        xstrdup_or_null(remote ? remote : json_get_text(row, "remote_id", NULL));
    static const struct id nobody;
    char *content = json_dumps(row, JSON_SORT_KEYS | JSON_COMPACT);
    if (!is_ours && record->external_id) {
        id_by_name(&record->id, &nobody, content, content ? strlen(content) : 0);
    } else if (!is_ours) {
        id_by_name(&record->id, &nobody, content, content ? strlen(content) : 0);
        size_t times = meet(&reading->met, &record->id);
        struct id first = record->id;
        if (times > 0)
            id_by_name(&record->id, &first, &times, sizeof times);
    }
    free(content);
    free(number);
}

/* ---- flat rows ---- */

/* Columns that are neither a field nor a question, even where one is called so: export
 * gives such a question's ".answer" behind its name. */
static bool is_other_member(const char *name, const json_t *value)
{
    if (!strcmp(name, "clash") || !strcmp(name, "picks") || !strcmp(name, "marks"))
        return json_is_array(value) || json_is_object(value); /* else somebody's own */
    static const char *const names[] = {
        "id",          "external_id", "_server_id", "remote_id",  "status",
        "inserted_at", "updated_at",  "metadata",   "completion", "suggestions",
        "responses",   "vectors",     "viewing"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The question that a column "NAME.what" is about; NULL when it is none. */
static const struct question *question_of(const struct dataset *dataset,
                                          const char *column, const char **what)
{
    for (size_t i = 0; i < dataset->question_count; i++) {
        const char *name = dataset->questions[i].name;
        size_t len = strlen(name);
        if (strncmp(column, name, len) != 0 || column[len] != '.')
            continue;
        *what = column + len + 1;
        return &dataset->questions[i];
    }
    return NULL;
}

static json_t *member(json_t *object, const char *name)
{
    if (!json_object_get(object, name))
        json_object_set_new(object, name, json_object());
    return json_object_get(object, name);
}

/* Responses of one question in three lists: values, users, statuses. */
static void add_responses(json_t *responses, const struct question *question,
                          const char *what, const json_t *list)
{
    const char *key = strcmp(what, "responses.users") == 0    ? "user_id"
                      : strcmp(what, "responses.status") == 0 ? "status"
                                                              : "value";
    size_t i;
    json_t *value, *of_question = json_object_get(responses, question->name);
    if (!of_question) {
        of_question = json_array();
        json_object_set_new(responses, question->name, of_question);
    }
    json_array_foreach((json_t *)(uintptr_t)list, i, value)
    {
        if (json_array_size(of_question) <= i)
            json_array_append_new(of_question, json_object());
        json_object_set(json_array_get(of_question, i), key, value);
    }
}

/* ---- choices between records ---- */

static int compare_times(const void *a, const void *b)
{
    int64_t one = clock_parse_utc(json_get_text(*(json_t *const *)a, "at", NULL));
    int64_t other = clock_parse_utc(json_get_text(*(json_t *const *)b, "at", NULL));
    return one < other ? -1 : one > other;
}

/* False when it is none, or its records are not all here. */
static bool read_pick(const struct import *import, const json_t *json, struct pick *pick)
{
    const json_t *ids = json_object_get(json, "records"), *id;
    const json_t *chosen = json_object_get(json, "chosen");
    size_t i;
    *pick = (struct pick){
        .chosen = -1,
        .strength = (int)json_integer_value(json_object_get(json, "strength")),
        .seed = (uint64_t)json_integer_value(json_object_get(json, "seed")),
        .at_ms = clock_parse_utc(json_get_text(json, "at", NULL))};
    json_array_foreach(ids, i, id)
    {
        struct id own;
        struct record record = {0};
        if (i == PICK_MAX || !json_is_string(id) ||
            !id_parse(json_string_value(id), &own))
            return false;
        store_get_record(import->store, &own, &record, NULL);
        bool is_here = record.dataset_row == import->dataset->row && record.row;
        pick->rows[pick->count++] = record.row;
        record_clear(&record);
        if (!is_here)
            return false;
        if (json_equal(id, chosen))
            pick->chosen = (int)i;
    }
    bool is_tie = json_is_null(chosen) && pick->chosen < 0;
    return pick->count > 1 && pick->at_ms > 0 && pick->strength >= 0 &&
           pick->strength <= PICK_STRENGTH_MAX && (is_tie || pick->chosen >= 0);
}

static bool is_known_pick(const struct import *import, const struct pick *pick)
{
    struct pick *known = NULL;
    size_t count = 0;
    bool is_known = false;
    store_list_picks(import->store, pick->rows[0], &known, &count, NULL);
    for (size_t i = 0; i < count; i++)
        is_known |= known[i].at_ms == pick->at_ms && known[i].count == pick->count &&
                    memcmp(known[i].rows, pick->rows, sizeof pick->rows) == 0;
    free(known);
    return is_known;
}

/* In the order in which they were made: a later one is what counts. */
static enum status write_picks(struct reading *reading, struct err *err)
{
    struct import *import = reading->import;
    size_t count = 0;
    enum status status = STATUS_OK;
    json_t **picks = xcalloc(json_object_size(reading->picks) + 1, sizeof *picks);
    json_t *json;
    const char *text;
    json_object_foreach(reading->picks, text, json) picks[count++] = json;
    qsort(picks, count, sizeof *picks, compare_times);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct pick pick;
        if (!read_pick(import, picks[i], &pick) || is_known_pick(import, &pick))
            continue;
        while ((status = store_put_pick(import->store, &pick, err)) == STATUS_BUSY &&
               import->on_busy(import->ctx, err))
            ;
    }
    free(picks);
    return status;
}

/* A flat row as one whose parts have members of their own. */
static json_t *nest(const struct dataset *dataset, const json_t *row)
{
    json_t *nested = json_object(), *value, *fields = json_object(),
           *values = json_object(), *extra = json_object();
    const char *name, *what = "";
    json_object_foreach((json_t *)(uintptr_t)row, name, value)
    {
        const struct question *question = dataset_question(dataset, name);
        if (json_is_null(value))
            continue;
        if (dataset_field(dataset, name)) {
            json_object_set(fields, name, value);
        } else if (is_other_member(name, value) ||
                   (!question && (!strcmp(name, "flagged") || !strcmp(name, "decided") ||
                                  !strcmp(name, "changed")))) {
            json_object_set(nested, name, value);
        } else if (question) {
            json_object_set_new(values, name, json_pack("{s:O}", "value", value));
        } else if (!(question = question_of(dataset, name, &what))) {
            json_object_set(extra, name, value);
        } else if (strcmp(what, "answer") == 0) {
            json_object_set_new(values, question->name,
                                json_pack("{s:O}", "value", value));
        } else if (strncmp(what, "responses", 9) == 0) {
            add_responses(member(nested, "responses"), question, what, value);
        } else if (strncmp(what, "suggestion", 10) == 0) {
            const char *dot = strchr(what, '.');
            json_object_set(member(member(nested, "suggestions"), question->name),
                            dot ? dot + 1 : "value", value);
        }
    }
    const json_t *metadata = json_object_get(nested, "metadata");
    if (json_is_object(metadata))
        json_object_update(extra, (json_t *)(uintptr_t)metadata);
    json_object_set_new(nested, "fields", fields);
    json_object_set_new(nested, "metadata", extra);
    json_object_set_new(nested, "values", values);
    return nested;
}

/* A cell as the JSON that it stands for; NULL = nothing. */
static json_t *read_cell(const struct dataset *dataset, const struct template_value *cell)
{
    const struct field *field = dataset_field(dataset, cell->name);
    const char *what = "value";
    const struct question *question = dataset_question(dataset, cell->name);
    if (!question && (question = question_of(dataset, cell->name, &what)) &&
        (strcmp(what, "answer") == 0 || strcmp(what, "suggestion") == 0))
        what = "value";
    if (!cell->len)
        return field && field->is_required ? json_string("") : NULL;
    bool is_text =
        field || strcmp(cell->name, "id") == 0 ||
        strcmp(cell->name, "external_id") == 0 ||
        (question && strcmp(what, "value") == 0 &&
         (question->type == QUESTION_TEXT || question->type == QUESTION_LABEL));
    json_t *json = is_text ? NULL
                           : json_loadb(cell->text, cell->len,
                                        JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    return json ? json : json_new_text(cell->text, cell->len);
}

/* ---- a row ---- */

static enum status take_row(struct reading *reading, const struct prompts_row *row,
                            struct err *err)
{
    struct import *import = reading->import;
    struct record *record = &reading->batch.records[reading->batch.count];
    struct err why = {0};
    json_t *flat = NULL, *nested = NULL;
    if (!row->json) {
        flat = json_object();
        for (size_t i = 0; i < row->column_count; i++)
            json_object_set_new(flat, row->columns[i].name,
                                read_cell(import->dataset, &row->columns[i]));
    }
    const json_t *json = row->json ? row->json : flat;
    if (!json_is_object(json_object_get(json, "fields")))
        json = nested = nest(import->dataset, json);
    const struct importer importer = {.dataset = import->dataset, .me = import->me};
    enum status status = import_read(&importer, json, record, &why);
    if (status == STATUS_OK) {
        read_ids(reading, record, json);
        size_t i;
        json_t *pick;
        json_array_foreach(json_object_get(json, "picks"), i, pick)
        {
            char *text = json_dumps(pick, JSON_SORT_KEYS | JSON_COMPACT);
            json_object_set(reading->picks, text, pick);
            free(text);
        }
    }
    json_decref(nested);
    json_decref(flat);
    if (status != STATUS_OK) {
        record_clear(record);
        return err_set(err, STATUS_USAGE, "%s:%zu: %s", import->name, row->line,
                       why.text);
    }
    import->answered += record->response.status != RESPONSE_PENDING;
    import->others += record->peer_count;
    import_batch_keep(&reading->batch);
    return STATUS_OK;
}

void import_batch_keep(struct import_batch *batch)
{
    const struct record *record = &batch->records[batch->count++];
    for (size_t i = 0; i < record->field_count; i++)
        batch->bytes += record->fields[i].len;
}

bool import_batch_is_full(const struct import_batch *batch)
{
    return batch->count == sizeof batch->records / sizeof batch->records[0] ||
           batch->bytes >= BATCH_BYTES;
}

enum status import_batch_write(struct import_batch *batch, const struct import *import,
                               size_t *added, struct err *err)
{
    *added = 0;
    if (import->is_stopped(import->ctx))
        err_set(err, STATUS_CANCELLED, "Stopped.");
    if (batch->count && !batch->records[0].dataset_row && !err->code &&
        import->make_dataset(import->ctx, err) == STATUS_OK)
        for (size_t i = 0; i < batch->count; i++)
            batch->records[i].dataset_row = import->dataset->row;
    while (batch->count && !err->code &&
           store_import_records(import->store, batch->records, batch->count, added,
                                err) == STATUS_BUSY &&
           import->on_busy(import->ctx, err))
        ;
    *added = err->code ? 0 : *added; /* all or none */
    for (; batch->count; batch->count--)
        record_clear(&batch->records[batch->count - 1]);
    batch->bytes = 0;
    return err->code;
}

enum status import_run(struct import *import, struct err *err)
{
    struct reading *reading = xcalloc(1, sizeof *reading);
    struct prompts *prompts = prompts_new(import->fd, import->name, import->kind);
    struct prompts_row row;
    enum status status = STATUS_OK;
    reading->import = import;
    reading->picks = json_object();
    prompts_keep_json(prompts);
    while (status == STATUS_OK) {
        struct err bad = {0};
        status = prompts_next(prompts, &row, &bad);
        if (status == STATUS_OK)
            status = take_row(reading, &row, &bad);
        import->rows += status == STATUS_OK || status == STATUS_USAGE;
        if (status == STATUS_USAGE) {
            import->bad++;
            import->on_bad(import->ctx, &bad);
            status = STATUS_OK;
        } else if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            err_set(err, status, "%s", bad.text);
        }
        size_t count = reading->batch.count, added;
        if (import_batch_is_full(&reading->batch) || status != STATUS_OK ||
            import->rows % 256 == 0) { /* a file of bad rows can be stopped, too */
            struct err fault = {0};
            if (import_batch_write(&reading->batch, import, &added, &fault) &&
                (!err->code || status == STATUS_OK)) {
                *err = fault;
                status = fault.code;
            }
            import->added += added;
            import->known += fault.code ? 0 : count - added;
        }
    }
    prompts_free(prompts);
    if (status == STATUS_NOT_FOUND && !err->code)
        (void)write_picks(reading, err);
    json_decref(reading->picks);
    free(reading->met.ids);
    free(reading->met.times);
    free(reading);
    return status == STATUS_NOT_FOUND && !err->code ? STATUS_OK : err->code;
}
