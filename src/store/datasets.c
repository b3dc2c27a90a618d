/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "store/job.h"
#include "store/outbox.h"
#include "store/store.h"
#include "json/dataset_json.h"
#include "json/json.h"

#define DATASET_COLUMNS                                                                  \
    "row, server, workspace, name, remote_id, guidelines, allow_extra_metadata,"         \
    " is_published, fields, questions"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static char *print_array(json_t *array)
{
    char *text = json_print(array);
    json_decref(array);
    return text;
}

static char *print_fields(const struct dataset *dataset)
{
    json_t *array = json_array();
    for (size_t i = 0; i < dataset->field_count; i++)
        json_array_append_new(array, field_to_json(&dataset->fields[i]));
    return print_array(array);
}

static char *print_questions(const struct dataset *dataset)
{
    json_t *array = json_array();
    for (size_t i = 0; i < dataset->question_count; i++)
        json_array_append_new(array, question_to_json(&dataset->questions[i]));
    return print_array(array);
}

/* ---- putting ---- */

/* Without a workspace any of that name will do; and a row that was made before the
 * server could be asked for its workspace is the one meant. */
static enum status find_row(struct db *db, const struct dataset *dataset, int64_t *row,
                            struct err *err)
{
    const char *workspace = or_empty(dataset->workspace);
    struct query query =
        query_start(db, "SELECT row FROM dataset WHERE server = ? AND name = ?"
                        " AND (workspace = ? OR workspace = '' OR ? = '')"
                        " ORDER BY workspace = ? DESC, row LIMIT 1");
    query_text(&query, or_empty(dataset->server));
    query_text(&query, dataset->name);
    query_text(&query, workspace);
    query_text(&query, workspace);
    query_text(&query, workspace);
    *row = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}

static enum status insert_dataset(struct db *db, const struct dataset *dataset,
                                  int64_t *row, struct err *err)
{
    struct query query = query_start(
        db, "INSERT INTO dataset (server, workspace, name, allow_extra_metadata,"
            " is_published, fields, questions) VALUES (?, ?, ?, 0, 0, '[]', '[]')");
    query_text(&query, or_empty(dataset->server));
    query_text(&query, or_empty(dataset->workspace));
    query_text(&query, dataset->name);
    enum status status = query_run(&query, err);
    *row = db_last_row(db);
    return status;
}

static void give_names(struct query *query, const struct dataset *dataset)
{
    const struct field *prompt = dataset_prompt_field(dataset);
    const struct field *response = dataset_response_field(dataset);
    const struct question *rating = dataset_rating_question(dataset);
    query_text(query, prompt ? prompt->name : NULL);
    query_text(query, response ? response->name : NULL);
    query_text(query, rating ? rating->name : NULL);
}

static enum status update_dataset(struct db *db, const struct dataset *dataset,
                                  int64_t row, struct err *err)
{
    char *fields = print_fields(dataset), *questions = print_questions(dataset);
    struct query query = query_start(
        db, "UPDATE dataset SET workspace = coalesce(nullif(?, ''), workspace),"
            " remote_id = coalesce(?, remote_id), guidelines = ?,"
            " allow_extra_metadata = ?, is_published = ?, fields = ?, questions = ?,"
            " prompt_field = ?, response_field = ?, rating_question = ? WHERE row = ?");
    query_text(&query, or_empty(dataset->workspace));
    query_text(&query, dataset->remote_id);
    query_text(&query, dataset->guidelines);
    query_int(&query, dataset->allow_extra_metadata);
    query_int(&query, dataset->is_published);
    query_text(&query, fields);
    query_text(&query, questions);
    give_names(&query, dataset);
    query_int(&query, row);
    enum status status = query_run(&query, err);
    free(fields);
    free(questions);
    return status;
}

static enum status is_remade(struct db *db, const struct dataset *dataset, int64_t row,
                             bool *answer, struct err *err)
{
    struct query query = query_start(
        db, "SELECT 1 FROM dataset WHERE row = ?1 AND server <> '' AND remote_id <> ?2");
    query_int(&query, row);
    query_text(&query, dataset->remote_id);
    *answer = query_row(&query);
    return query_end(&query, err);
}

static enum status put_dataset(struct writing *writing, void *args)
{
    const struct dataset *dataset = args;
    int64_t row = 0;
    bool remade = false;
    enum status status = find_row(writing->db, dataset, &row, writing->err);
    if (status == STATUS_OK && !row)
        status = insert_dataset(writing->db, dataset, &row, writing->err);
    if (status == STATUS_OK)
        status = is_remade(writing->db, dataset, row, &remade, writing->err);
    if (status == STATUS_OK)
        status = update_dataset(writing->db, dataset, row, writing->err);
    if (status == STATUS_OK && remade)
        status = outbox_forget_remote(writing->db, row, writing->err);
    writing->result->dataset_row = row;
    return status;
}

static void free_dataset(void *args)
{
    dataset_clear(args);
    free(args);
}

void store_put_dataset(struct store *store, const struct dataset *dataset,
                       store_done_fn done, void *ctx)
{
    static const struct job_kind kind = {put_dataset, free_dataset, true};
    struct dataset *copy = xcalloc(1, sizeof *copy);
    dataset_copy(copy, dataset);
    job_submit(store, &kind, copy, done, ctx);
}

/* ---- reading ---- */

static enum status read_array(struct query *query, int column, json_t **array,
                              struct err *err)
{
    size_t len;
    char *text = query_get_text(query, column, &len);
    *array = json_parse(text ? text : "[]", text ? len : 2, err);
    free(text);
    return *array ? STATUS_OK : STATUS_IO;
}

static enum status read_dataset(struct query *query, struct dataset *out, struct err *err)
{
    json_t *fields = NULL, *questions = NULL;
    out->row = query_get_int(query, 0);
    out->server = query_get_text(query, 1, NULL);
    out->workspace = query_get_text(query, 2, NULL);
    out->name = query_get_text(query, 3, NULL);
    out->remote_id = query_get_text(query, 4, NULL);
    out->guidelines = query_get_text(query, 5, NULL);
    out->allow_extra_metadata = query_get_bool(query, 6);
    out->is_published = query_get_bool(query, 7);
    enum status status = read_array(query, 8, &fields, err);
    if (status == STATUS_OK)
        status = read_array(query, 9, &questions, err);
    if (status == STATUS_OK) {
        dataset_fields_from_json(out, fields);
        dataset_questions_from_json(out, questions);
    }
    json_decref(fields);
    json_decref(questions);
    return status;
}

enum status store_find_dataset(struct store *store, const char *server,
                               const char *workspace, const char *name,
                               struct dataset *out, struct err *err)
{
    dataset_clear(out);
    struct query query = query_start(
        store->reader, "SELECT " DATASET_COLUMNS " FROM dataset WHERE server = ?"
                       " AND name = ? AND (workspace = ? OR ? IS NULL)"
                       " ORDER BY row LIMIT 1");
    query_text(&query, or_empty(server));
    query_text(&query, name);
    query_text(&query, workspace);
    query_text(&query, workspace);
    enum status status = STATUS_NOT_FOUND;
    if (query_row(&query))
        status = read_dataset(&query, out, err);
    enum status ended = query_end(&query, err);
    return ended == STATUS_OK ? status : ended;
}

enum status store_list_datasets(struct store *store, struct dataset **out, size_t *count,
                                struct err *err)
{
    struct dataset *list = NULL;
    size_t length = 0;
    enum status status = STATUS_OK;
    struct query query = query_start(store->reader, "SELECT " DATASET_COLUMNS
                                                    " FROM dataset ORDER BY row");
    while (status == STATUS_OK && query_row(&query)) {
        list = xreallocarray(list, length + 1, sizeof *list);
        memset(&list[length], 0, sizeof *list);
        status = read_dataset(&query, &list[length++], err);
    }
    enum status ended = query_end(&query, err);
    *out = list;
    *count = length;
    return ended == STATUS_OK ? status : ended;
}
