/* SPDX-License-Identifier: MIT
 * Datasets: which one is which, and moving records between them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "store/parts.h"
#include "json/dataset_json.h"
#include "json/json.h"

#define DATASET_COLUMNS                                                                  \
    "row, server, workspace, name, remote_id, guidelines, allow_extra_metadata,"         \
    " is_published, fields, questions, is_gone"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* ---- which one ---- */

static enum status find_remote(struct store *store, const char *remote_id, int64_t *row,
                               struct err *err)
{
    *row = 0;
    if (!remote_id)
        return STATUS_OK;
    struct query query =
        query_start(store->db, "SELECT row FROM dataset WHERE remote_id = ?");
    query_text(&query, remote_id);
    if (query_row(&query))
        *row = query_get_int(&query, 0);
    return query_end(&query, err);
}

struct namesake {
    int64_t row; /* 0 = none */
    bool is_gone;
    bool has_remote;
};

/* Without a workspace any of that name will do; and a row that was made before the server
 * could be asked for its workspace is the one meant. One that is gone comes last. */
static enum status find_name(struct store *store, const struct dataset *dataset,
                             int64_t other_than, struct namesake *found, struct err *err)
{
    struct query query = query_start(
        store->db,
        "SELECT row, is_gone, remote_id IS NOT NULL FROM dataset WHERE server = ?1"
        " AND name = ?2 AND (workspace = ?3 OR workspace = '' OR ?3 = '') AND row <> ?4"
        " ORDER BY is_gone, workspace = ?3 DESC, CASE WHEN is_gone THEN -row ELSE row END"
        " LIMIT 1");
    query_text(&query, or_empty(dataset->server));
    query_text(&query, dataset->name);
    query_text(&query, or_empty(dataset->workspace));
    query_int(&query, other_than);
    *found = (struct namesake){0};
    if (query_row(&query)) {
        found->row = query_get_int(&query, 0);
        found->is_gone = query_get_bool(&query, 1);
        found->has_remote = query_get_bool(&query, 2);
    }
    return query_end(&query, err);
}

static enum status set_gone(struct store *store, int64_t row, bool is_gone,
                            struct err *err)
{
    return db_run(store->db, "UPDATE dataset SET is_gone = ? WHERE row = ?",
                  NUMBERS(is_gone, row), err);
}

static enum status insert_dataset(struct store *store, const struct dataset *dataset,
                                  int64_t *row, struct err *err)
{
    struct query query = query_start(
        store->db, "INSERT INTO dataset (server, workspace, name, allow_extra_metadata,"
                   " is_published, fields, questions) VALUES (?, ?, ?, 0, 0, '[]',"
                   " '[]')");
    query_text(&query, or_empty(dataset->server));
    query_text(&query, or_empty(dataset->workspace));
    query_text(&query, dataset->name);
    enum status status = query_run(&query, err);
    *row = db_last_row(store->db);
    return status;
}

static enum status update_dataset(struct store *store, const struct dataset *dataset,
                                  int64_t row, struct err *err)
{
    const struct field *prompt = dataset_prompt_field(dataset);
    const struct field *response = dataset_response_field(dataset);
    const struct question *rating = dataset_rating_question(dataset);
    json_t *fields = json_array(), *questions = json_array();
    for (size_t i = 0; i < dataset->field_count; i++)
        json_array_append_new(fields, field_to_json(&dataset->fields[i]));
    for (size_t i = 0; i < dataset->question_count; i++)
        json_array_append_new(questions, question_to_json(&dataset->questions[i]));
    char *fields_text = json_print_new(fields),
         *questions_text = json_print_new(questions);
    struct query query = query_start(
        store->db,
        "UPDATE dataset SET server = ?, name = ?,"
        " workspace = coalesce(nullif(?, ''), workspace),"
        " remote_id = coalesce(?, remote_id), guidelines = ?, allow_extra_metadata = ?,"
        " is_published = ?, fields = ?, questions = ?, prompt_field = ?,"
        " response_field = ?, rating_question = ? WHERE row = ?");
    query_text(&query, or_empty(dataset->server));
    query_text(&query, dataset->name);
    query_text(&query, or_empty(dataset->workspace));
    query_text(&query, dataset->remote_id);
    query_text(&query, dataset->guidelines);
    query_int(&query, dataset->allow_extra_metadata);
    query_int(&query, dataset->is_published);
    query_text(&query, fields_text);
    query_text(&query, questions_text);
    query_text(&query, prompt ? prompt->name : NULL);
    query_text(&query, response ? response->name : NULL);
    query_text(&query, rating ? rating->name : NULL);
    query_int(&query, row);
    enum status status = query_run(&query, err);
    free(fields_text);
    free(questions_text);
    return status;
}

/* Everything of dataset from belongs to dataset to; from ceases to be. */
static enum status merge(struct store *store, int64_t from, int64_t to, struct err *err)
{
    static const char *const moves[] = {
        "UPDATE record SET dataset = ?1, revision = ?3 WHERE dataset = ?2",
        "UPDATE step SET dataset = ?1 WHERE dataset = ?2 AND ?3",
        "UPDATE outbox SET dataset = ?1 WHERE dataset = ?2 AND ?3",
        "DELETE FROM outbox_count WHERE dataset = ?2 AND ?1 AND ?3",
        "DELETE FROM dataset WHERE row = ?2 AND ?1 AND ?3",
    };
    enum status status = record_touch(store, 0, err); /* for the number alone */
    for (size_t i = 0; status == STATUS_OK && i < sizeof moves / sizeof moves[0]; i++) {
        status = db_run(store->db, moves[i], NUMBERS(to, from, store->revision), err);
    }
    return status == STATUS_OK ? outbox_recount(store, to, err) : status;
}

/* The row that the dataset is (or mine, where it is not known yet; 0 = a new one); what
 * else was known by its name is merged into it, when it was only never asked for its id,
 * or else kept apart. */
static enum status settle_row(struct store *store, const struct dataset *dataset,
                              int64_t mine, int64_t *row, int64_t *replaced,
                              struct err *err)
{
    struct namesake namesake;
    enum status status = find_remote(store, dataset->remote_id, row, err);
    if (status == STATUS_OK)
        status = find_name(store, dataset, *row, &namesake, err);
    if (status != STATUS_OK)
        return status;
    bool is_other = namesake.row && dataset->remote_id && namesake.has_remote;
    if (is_other && !namesake.is_gone)
        status = set_gone(store, namesake.row, true, err);
    if (is_other && (!*row || !namesake.is_gone))
        *replaced = namesake.row;
    if (status != STATUS_OK)
        return status;
    if (namesake.row && !is_other && *row && !namesake.is_gone)
        return merge(store, namesake.row, *row, err);
    if (namesake.row && !is_other && !*row)
        *row = namesake.row;
    if (!*row)
        *row = mine;
    return *row ? STATUS_OK : insert_dataset(store, dataset, row, err);
}

enum status store_put_dataset(struct store *store, const struct dataset *dataset,
                              int64_t *row, int64_t *replaced, struct err *err)
{
    int64_t found = 0, other = 0;
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = settle_row(store, dataset, 0, &found, &other, err);
    if (status == STATUS_OK)
        status = update_dataset(store, dataset, found, err);
    status = write_end(store, status, err);
    if (status == STATUS_OK && row)
        *row = found;
    if (replaced)
        *replaced = status == STATUS_OK ? other : 0;
    return status;
}

enum status store_mark_dataset(struct store *store, int64_t dataset_row, bool is_gone,
                               struct err *err)
{
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    return write_end(store, set_gone(store, dataset_row, is_gone, err), err);
}

/* ---- moving ---- */

static enum status expect_dataset(struct store *store, int64_t dataset, struct err *err)
{
    int64_t found = 0;
    enum status status = db_find(store->db, "SELECT row FROM dataset WHERE row = ?",
                                 NUMBERS(dataset), &found, err);
    if (status != STATUS_OK || found)
        return status;
    return err_set(err, STATUS_NOT_FOUND, "There is no dataset number %lld in the store.",
                   (long long)dataset);
}

enum status store_move_records(struct store *store, int64_t from, int64_t to,
                               size_t *count, struct err *err)
{
    int64_t moved = 0;
    if (from == to)
        return err_set(err, STATUS_USAGE,
                       "A dataset cannot be moved into itself: name another one.");
    enum status status = write_begin(store, err);
    if (status != STATUS_OK)
        return status;
    status = expect_dataset(store, from, err);
    if (status == STATUS_OK)
        status = expect_dataset(store, to, err);
    if (status == STATUS_OK) {
        status = db_find(store->db, "SELECT count(*) FROM record WHERE dataset = ?",
                         NUMBERS(from), &moved, err);
    }
    /* For the other server, or the other dataset of it, they are new. */
    if (status == STATUS_OK)
        status = outbox_send_anew(store, from, false, err);
    if (status == STATUS_OK) {
        status =
            db_run(store->db, "DELETE FROM outbox WHERE dataset = ?", NUMBERS(from), err);
    }
    if (status == STATUS_OK)
        status = merge(store, from, to, err);
    if (status == STATUS_OK)
        status = outbox_put_all(store, to, err);
    status = write_end(store, status, err);
    if (count)
        *count = status == STATUS_OK ? (size_t)moved : 0;
    return status;
}

enum status store_link_dataset(struct store *store, int64_t dataset_row,
                               const char *server, const char *workspace,
                               const char *remote_id, int64_t *row, struct err *err)
{
    struct dataset linked = {0};
    int64_t target = 0, replaced = 0;
    enum status status = store_get_dataset(store, dataset_row, &linked, err);
    if (status == STATUS_OK && linked.server[0])
        status = err_set(err, STATUS_REFUSED,
                         "This dataset is on a server already; only a local one can be "
                         "moved to a server.");
    if (status == STATUS_OK)
        status = write_begin(store, err);
    if (status != STATUS_OK) {
        dataset_clear(&linked);
        return status;
    }
    free(linked.server);
    free(linked.workspace);
    linked.server = xstrdup(server);
    linked.workspace = xstrdup(or_empty(workspace));
    linked.remote_id = xstrdup_or_null(remote_id);
    status = settle_row(store, &linked, dataset_row, &target, &replaced, err);
    if (status == STATUS_OK && target != dataset_row)
        status = merge(store, dataset_row, target, err);
    if (status == STATUS_OK) {
        struct query query =
            query_start(store->db, "UPDATE dataset SET server = ?, workspace = ?,"
                                   " remote_id = coalesce(?, remote_id) WHERE row = ?");
        query_text(&query, linked.server);
        query_text(&query, linked.workspace);
        query_text(&query, remote_id);
        query_int(&query, target);
        status = query_run(&query, err);
    }
    if (status == STATUS_OK)
        status = outbox_put_all(store, target, err);
    dataset_clear(&linked);
    status = write_end(store, status, err);
    if (status == STATUS_OK && row)
        *row = target;
    return status;
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
    out->is_gone = query_get_bool(query, 10);
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
        store->db, "SELECT " DATASET_COLUMNS " FROM dataset WHERE server = ?"
                   " AND name = ? AND (workspace = ? OR ? IS NULL)"
                   " ORDER BY is_gone, CASE WHEN is_gone THEN -row ELSE row END LIMIT 1");
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

enum status store_get_dataset(struct store *store, int64_t dataset_row,
                              struct dataset *out, struct err *err)
{
    dataset_clear(out);
    struct query query =
        query_start(store->db, "SELECT " DATASET_COLUMNS " FROM dataset WHERE row = ?");
    query_int(&query, dataset_row);
    bool is_found = query_row(&query);
    enum status status = is_found ? read_dataset(&query, out, err) : STATUS_OK;
    enum status ended = query_end(&query, err);
    if (ended != STATUS_OK || is_found)
        return ended == STATUS_OK ? status : ended;
    return err_set(err, STATUS_NOT_FOUND, "There is no dataset number %lld in the store.",
                   (long long)dataset_row);
}

enum status store_list_datasets(struct store *store, struct dataset **out, size_t *count,
                                struct err *err)
{
    struct dataset *list = NULL;
    size_t length = 0;
    enum status status = STATUS_OK;
    struct query query =
        query_start(store->db, "SELECT " DATASET_COLUMNS " FROM dataset ORDER BY row");
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
