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
    " is_published, fields, questions, is_gone,"                                         \
    " (SELECT value FROM note WHERE key = 'dataset-more:' || row)"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* ---- which one ---- */

struct namesake {
    int64_t row; /* 0 = none */
    bool is_gone;
    bool has_remote;
};

/* Without a workspace any of that name will do; and a row that was made before the server
 * could be asked for its workspace is the one meant. One that is gone comes last. */
static struct namesake find_name(struct store *store, const struct dataset *dataset,
                                 int64_t other_than)
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
    struct namesake found = {0};
    if (query_row(&query))
        found = (struct namesake){.row = query_get_int(&query, 0),
                                  .is_gone = query_get_bool(&query, 1),
                                  .has_remote = query_get_bool(&query, 2)};
    query_end(&query, NULL);
    return found;
}

static void set_gone(struct store *store, int64_t row, bool is_gone)
{
    write_run(store, "UPDATE dataset SET is_gone = ? WHERE row = ?",
              NUMBERS(is_gone, row));
}

static void update_dataset(struct store *store, const struct dataset *dataset,
                           int64_t row)
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
    write_put(
        store,
        "UPDATE dataset SET server = ?, name = ?,"
        " workspace = coalesce(nullif(?, ''), workspace),"
        " remote_id = coalesce(?, remote_id), guidelines = ?, allow_extra_metadata = ?,"
        " is_published = ?, fields = ?, questions = ?, prompt_field = ?,"
        " response_field = ?, rating_question = ? WHERE row = ?",
        VALUES(TEXT(or_empty(dataset->server)), TEXT(dataset->name),
               TEXT(or_empty(dataset->workspace)), TEXT(dataset->remote_id),
               TEXT(dataset->guidelines), INT(dataset->allow_extra_metadata),
               INT(dataset->is_published), TEXT(fields_text), TEXT(questions_text),
               TEXT(prompt ? prompt->name : NULL), TEXT(response ? response->name : NULL),
               TEXT(rating ? rating->name : NULL), INT(row)));
    free(fields_text);
    free(questions_text);
    /* beside it as a note; a later reading may know less */
    write_put(store,
              "INSERT INTO note (key, value) SELECT 'dataset-more:' || ?1, ?2"
              " WHERE ?2 IS NOT NULL ON CONFLICT (key) DO UPDATE SET"
              " value = json_patch(value, excluded.value)",
              VALUES(INT(row), TEXT(dataset->more_json)));
}

/* Everything of dataset from belongs to dataset to; from ceases to be. */
static void merge(struct store *store, int64_t from, int64_t to)
{
    static const char *const moves[] = {
        "UPDATE record SET dataset = ?1, revision = ?3 WHERE dataset = ?2",
        "UPDATE step SET dataset = ?1 WHERE dataset = ?2 AND ?3",
        "UPDATE outbox SET dataset = ?1 WHERE dataset = ?2 AND ?3",
        "DELETE FROM outbox_count WHERE dataset = ?2 AND ?1 AND ?3",
        "DELETE FROM dataset WHERE row = ?2 AND ?1 AND ?3",
    };
    record_touch(store, 0); /* for the number alone */
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        write_run(store, moves[i], NUMBERS(to, from, store->revision));
    write_run(store,
              "UPDATE outbox_count SET (unsent, refused, clashes) = (SELECT"
              " coalesce(sum(NOT refused AND NOT clash), 0), coalesce(sum(refused), 0),"
              " coalesce(sum(clash), 0) FROM (SELECT max(is_refused) AS refused,"
              "  max(is_clash) AS clash FROM outbox WHERE dataset = ?1 GROUP BY record))"
              " WHERE dataset = ?1",
              NUMBERS(to));
}

/* The row that the dataset is (or mine, where it is not known yet; 0 = a new one); what
 * else was known by its name is merged into it, when it was only never asked for its id,
 * or else kept apart. */
static int64_t settle_row(struct store *store, const struct dataset *dataset,
                          int64_t mine, int64_t *replaced)
{
    struct query query =
        query_start(store->db, "SELECT row FROM dataset WHERE remote_id = ?");
    query_text(&query, dataset->remote_id);
    int64_t known = query_take_int(&query), row = known;
    struct namesake namesake = find_name(store, dataset, row);
    bool is_other = namesake.row && dataset->remote_id && namesake.has_remote;
    if (is_other && !namesake.is_gone)
        set_gone(store, namesake.row, true);
    if (is_other && (!row || !namesake.is_gone))
        *replaced = namesake.row;
    if (namesake.row && !is_other && row && !namesake.is_gone)
        merge(store, namesake.row, row);
    else if (namesake.row && !is_other && !row)
        row = namesake.row;
    if (!row)
        row = mine;
    if (known)
        set_gone(store, known, false); /* it is there */
    if (row)
        return row;
    write_put(store,
              "INSERT INTO dataset (server, workspace, name, allow_extra_metadata,"
              " is_published, fields, questions) VALUES (?, ?, ?, 0, 0, '[]', '[]')",
              VALUES(TEXT(or_empty(dataset->server)), TEXT(or_empty(dataset->workspace)),
                     TEXT(dataset->name)));
    return db_last_row(store->db);
}

enum status store_put_dataset(struct store *store, const struct dataset *dataset,
                              int64_t *row, int64_t *replaced, struct err *err)
{
    int64_t other = 0;
    write_begin(store);
    int64_t found = settle_row(store, dataset, 0, &other);
    update_dataset(store, dataset, found);
    enum status status = write_end(store, err);
    if (status == STATUS_OK && row)
        *row = found;
    if (replaced)
        *replaced = status == STATUS_OK ? other : 0;
    return status;
}

enum status store_mark_dataset(struct store *store, int64_t dataset_row, bool is_gone,
                               struct err *err)
{
    write_begin(store);
    set_gone(store, dataset_row, is_gone);
    return write_end(store, err);
}

/* ---- moving ---- */

static enum status say_absent(int64_t row, struct err *err)
{
    return err_set(err, STATUS_NOT_FOUND, "There is no dataset number %lld in the store.",
                   (long long)row);
}

void dataset_expect(struct store *store, int64_t row)
{
    if (!write_find(store, "SELECT row FROM dataset WHERE row = ?", NUMBERS(row)))
        say_absent(row, &store->fault);
}

/* A server knows a record by its external id, else by ours: two would be one there. */
static void expect_apart(struct store *store, int64_t from, int64_t to)
{
    struct query query = query_start(
        store->db,
        "WITH known (dataset, name) AS (SELECT dataset, coalesce(external_id, lower("
        " printf('%s-%s-%s-%s-%s', substr(hex(id), 1, 8), substr(hex(id), 9, 4),"
        " substr(hex(id), 13, 4), substr(hex(id), 17, 4), substr(hex(id), 21))))"
        " FROM record WHERE dataset IN (?1, ?2))"
        " SELECT count(*), (SELECT name FROM dataset WHERE row = ?2) FROM"
        " (SELECT name FROM known WHERE dataset = ?1"
        "  INTERSECT SELECT name FROM known WHERE dataset = ?2)");
    query_int(&query, from);
    query_int(&query, to);
    int64_t count = query_row(&query) ? query_get_int(&query, 0) : 0;
    char *name = count ? query_get_text(&query, 1, NULL) : NULL;
    query_end(&query, NULL);
    if (count)
        err_set(&store->fault, STATUS_REFUSED,
                "Nothing is moved: %.150s has %lld of these records already. “sherd "
                "export” to a file and “sherd import” of it add those that it has not.",
                name, (long long)count);
    free(name);
}

enum status store_move_records(struct store *store, int64_t from, int64_t to,
                               size_t *count, struct err *err)
{
    if (from == to)
        return err_set(err, STATUS_USAGE,
                       "A dataset cannot be moved into itself: name another one.");
    write_begin(store);
    dataset_expect(store, from);
    dataset_expect(store, to);
    expect_apart(store, from, to);
    int64_t moved =
        write_find(store, "SELECT count(*) FROM record WHERE dataset = ?", NUMBERS(from));
    /* For the other server, or the other dataset of it, they are new. */
    outbox_send_anew(store, from, false);
    write_run(store, "DELETE FROM outbox WHERE dataset = ?", NUMBERS(from));
    merge(store, from, to);
    outbox_put_all(store, to);
    enum status status = write_end(store, err);
    if (count)
        *count = status == STATUS_OK ? (size_t)moved : 0;
    return status;
}

enum status store_forget_dataset(struct store *store, int64_t dataset_row,
                                 struct err *err)
{
    write_begin(store);
    dataset_expect(store, dataset_row);
    write_run(store, "UPDATE record SET is_gone = 1 WHERE dataset = ?",
              NUMBERS(dataset_row));
    drop_gone(store, dataset_row, false);
    drop_gone(store, dataset_row, true);
    write_run(store, "DELETE FROM outbox_count WHERE dataset = ?", NUMBERS(dataset_row));
    write_run(store,
              "DELETE FROM note WHERE key IN ('dataset-more:' || ?1, 'pull:' || ?1, "
              "'sent:' || ?1)",
              NUMBERS(dataset_row));
    write_run(store, "DELETE FROM dataset WHERE row = ?", NUMBERS(dataset_row));
    return write_end(store, err);
}

enum status store_link_dataset(struct store *store, int64_t dataset_row,
                               const char *server, const char *workspace,
                               const char *remote_id, int64_t *row, struct err *err)
{
    struct dataset linked = {0};
    int64_t replaced = 0;
    enum status status = store_get_dataset(store, dataset_row, &linked, err);
    if (status == STATUS_OK && linked.server[0])
        status = err_set(err, STATUS_REFUSED,
                         "This dataset is on a server already; only a local one can be "
                         "moved to a server.");
    if (status != STATUS_OK) {
        dataset_clear(&linked);
        return status;
    }
    free(linked.server);
    free(linked.workspace);
    linked.server = xstrdup(server);
    linked.workspace = xstrdup(or_empty(workspace));
    linked.remote_id = xstrdup_or_null(remote_id);
    write_begin(store);
    int64_t target = settle_row(store, &linked, dataset_row, &replaced);
    if (target != dataset_row) {
        expect_apart(store, dataset_row, target);
        merge(store, dataset_row, target);
    }
    write_put(store,
              "UPDATE dataset SET server = ?, workspace = ?,"
              " remote_id = coalesce(?, remote_id) WHERE row = ?",
              VALUES(TEXT(linked.server), TEXT(linked.workspace), TEXT(remote_id),
                     INT(target)));
    outbox_put_all(store, target);
    dataset_clear(&linked);
    status = write_end(store, err);
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
    out->more_json = query_get_text(query, 11, NULL);
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
    return say_absent(dataset_row, err);
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

int64_t store_touched_ms(struct store *store, int64_t dataset_row)
{
    int64_t touched_ms = 0;
    db_find(store->db,
            "SELECT max(coalesce((SELECT at_ms FROM event WHERE number = (SELECT"
            " max(event) FROM step INDEXED BY step_order WHERE dataset = ?1"
            " AND is_undone = 0)), 0), coalesce((SELECT inserted_ms FROM record"
            " INDEXED BY record_queue WHERE dataset = ?1 ORDER BY row DESC"
            " LIMIT 1), 0))",
            NUMBERS(dataset_row), &touched_ms, NULL);
    return touched_ms;
}
