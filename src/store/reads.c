/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/codec.h"
#include "store/job.h"
#include "store/responses.h"

#define PROMPT_SCAN_MAX 4000 /* rows looked at for former prompts: a bounded wait */

/* ---- one record ---- */

static enum status read_columns(struct db *db, int64_t row, struct record *out,
                                struct err *err)
{
    struct query query = query_start(
        db, "SELECT id, dataset, external_id, remote_id, metadata, suggestions,"
            " inserted_ms FROM record WHERE row = ?");
    query_int(&query, row);
    enum status status = STATUS_OK;
    if (query_row(&query)) {
        size_t len;
        char *suggestions = query_get_text(&query, 5, &len);
        query_get_id(&query, 0, &out->id);
        out->row = row;
        out->dataset_row = query_get_int(&query, 1);
        out->external_id = query_get_text(&query, 2, NULL);
        out->remote_id = query_get_text(&query, 3, NULL);
        out->metadata_json = query_get_text(&query, 4, NULL);
        out->inserted_ms = query_get_int(&query, 6);
        if (suggestions)
            status = codec_read_suggestions(out, suggestions, len, err);
        free(suggestions);
    }
    enum status ended = query_end(&query, err);
    return ended == STATUS_OK ? status : ended;
}

static enum status read_fields(struct db *db, int64_t row, struct record *out,
                               struct err *err)
{
    struct query query = query_start(
        db, "SELECT name, text FROM field WHERE record = ? ORDER BY position");
    query_int(&query, row);
    while (query_row(&query)) {
        out->fields =
            xreallocarray(out->fields, out->field_count + 1, sizeof *out->fields);
        struct record_field *field = &out->fields[out->field_count++];
        field->name = query_get_text(&query, 0, NULL);
        field->text = query_get_text(&query, 1, &field->len);
    }
    return query_end(&query, err);
}

static enum status read_completion(struct db *db, int64_t row, struct record *out,
                                   struct err *err)
{
    struct query query =
        query_start(db, "SELECT state, facts FROM completion WHERE record = ?");
    query_int(&query, row);
    enum status status = STATUS_OK;
    out->has_completion = query_row(&query);
    if (out->has_completion) {
        size_t len;
        char *facts = query_get_text(&query, 1, &len);
        status = codec_read_completion(&out->completion, facts, len, err);
        out->completion.state = (enum completion_state)query_get_int(&query, 0);
        free(facts);
    }
    enum status ended = query_end(&query, err);
    return ended == STATUS_OK ? status : ended;
}

static enum status read_record(struct db *db, int64_t row, struct record *out,
                               struct err *err)
{
    enum status status = read_columns(db, row, out, err);
    if (status == STATUS_OK)
        status = read_fields(db, row, out, err);
    if (status == STATUS_OK)
        status = read_completion(db, row, out, err);
    if (status == STATUS_OK)
        status = response_read(db, row, &out->response, NULL, err);
    return status;
}

enum status store_get_record_row(struct store *store, int64_t row, struct record *out,
                                 struct err *err)
{
    struct err fault = {0}; /* the readers below need one */
    record_clear(out);
    enum status status = db_begin_read(store->reader, &fault);
    if (status == STATUS_OK)
        status = read_record(store->reader, row, out, &fault);
    db_rollback(store->reader);
    if (status != STATUS_OK) {
        record_clear(out);
        return err_set(err, status, "%s", fault.text);
    }
    if (!out->row)
        return err_set(err, STATUS_NOT_FOUND,
                       "There is no record number %lld in the store.", (long long)row);
    return STATUS_OK;
}

static enum status find_row(struct db *db, const struct id *id, int64_t *row,
                            struct err *err)
{
    struct query query = query_start(db, "SELECT row FROM record WHERE id = ?");
    query_id(&query, id);
    *row = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}

enum status store_get_record(struct store *store, const struct id *id, struct record *out,
                             struct err *err)
{
    int64_t row;
    record_clear(out);
    enum status status = find_row(store->reader, id, &row, err);
    if (status == STATUS_OK && row)
        return store_get_record_row(store, row, out, err);
    if (status != STATUS_OK)
        return status;
    char text[ID_TEXT];
    id_format(id, text);
    return err_set(err, STATUS_NOT_FOUND, "There is no record %s in the store.", text);
}

/* ---- all records of a dataset ---- */

static enum status next_row(struct store *store, int64_t dataset, int status_wanted,
                            int64_t *row, struct err *err)
{
    struct query query = query_start(
        store->reader, "SELECT row FROM record WHERE dataset = ?1 AND row > ?2"
                       " AND (?3 < 0 OR status = ?3) ORDER BY row LIMIT 1");
    query_int(&query, dataset);
    query_int(&query, *row);
    query_int(&query, status_wanted);
    *row = query_row(&query) ? query_get_int(&query, 0) : 0;
    return query_end(&query, err);
}

enum status store_each_record(struct store *store, int64_t dataset_row, bool has_filter,
                              enum response_status filter, store_record_fn fn, void *ctx,
                              struct err *err)
{
    /* No statement stays open while fn runs: it may read and write as it likes. */
    struct record record = {0};
    int64_t row = 0;
    bool goes_on = true;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && goes_on) {
        status = next_row(store, dataset_row, has_filter ? (int)filter : -1, &row, err);
        if (status != STATUS_OK || !row)
            break;
        status = store_get_record_row(store, row, &record, err);
        if (status == STATUS_OK)
            goes_on = fn(ctx, &record);
    }
    record_clear(&record);
    return status;
}

/* ---- the queue ---- */

struct queue_read {
    struct store *store;
    int64_t dataset;
    struct queue_row *rows;
    size_t count;
    struct err err;
    store_rows_fn fn;
    void *ctx;
};

static struct queue_row *add_row(struct queue_read *read, size_t *capacity)
{
    if (read->count == *capacity) {
        *capacity = *capacity ? *capacity + *capacity / 2 : 256;
        read->rows = xreallocarray(read->rows, *capacity, sizeof *read->rows);
    }
    return &read->rows[read->count++];
}

static void read_rows(struct queue_read *read, struct db *db)
{
    size_t capacity = 0;
    struct query query =
        query_start(db, "SELECT row, status, rating, flags FROM record"
                        " INDEXED BY record_queue WHERE dataset = ? ORDER BY row");
    query_int(&query, read->dataset);
    while (query_row(&query)) {
        struct queue_row *row = add_row(read, &capacity);
        *row = (struct queue_row){.row = query_get_int(&query, 0),
                                  .status = (uint8_t)query_get_int(&query, 1),
                                  .rating = (int8_t)query_get_int(&query, 2),
                                  .flags = (uint8_t)query_get_int(&query, 3)};
    }
    query_end(&query, &read->err);
}

static void run_queue_read(void *ctx)
{
    struct queue_read *read = ctx;
    struct store *store = read->store;
    enum status status = STATUS_OK;
    if (!store->long_reader)
        status =
            db_open(&store->long_reader, store->path, store->vfs, DB_READ, &read->err);
    if (status == STATUS_OK)
        read_rows(read, store->long_reader);
}

static void end_queue_read(void *ctx)
{
    struct queue_read *read = ctx;
    if (read->err.code != STATUS_OK) {
        free(read->rows);
        read->rows = NULL;
        read->count = 0;
    }
    read->fn(read->ctx, read->rows, read->count, &read->err);
    free(read);
}

void store_load_queue(struct store *store, int64_t dataset_row, store_rows_fn fn,
                      void *ctx)
{
    struct queue_read *read = xcalloc(1, sizeof *read);
    *read =
        (struct queue_read){.store = store, .dataset = dataset_row, .fn = fn, .ctx = ctx};
    if (!store->reading)
        store->reading = worker_new(store->loop);
    worker_submit(store->reading, run_queue_read, end_queue_read, read);
}

/* ---- prompts ---- */

static size_t cut_at_code_point(const char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && len - start < 3 &&
           ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return len;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xf8   ? 1
                  : lead >= 0xf0 ? 4
                  : lead >= 0xe0 ? 3
                  : lead >= 0xc0 ? 2
                                 : 1;
    return need > len - start + 1 ? start - 1 : len;
}

bool store_get_snippet(struct store *store, int64_t row, char *out, size_t size)
{
    /* As a blob: substr of a text would end at a NUL and count code points. */
    struct query query = query_start(
        store->reader, "SELECT substr(CAST(f.text AS BLOB), 1, ?)"
                       " FROM field f JOIN record r ON r.row = f.record"
                       " JOIN dataset d ON d.row = r.dataset WHERE f.record = ?"
                       " ORDER BY f.name IS d.prompt_field DESC, f.position LIMIT 1");
    query_int(&query, (int64_t)size);
    query_int(&query, row);
    size_t len = 0;
    bool is_found = query_row(&query);
    char *text = is_found ? query_get_text(&query, 0, &len) : NULL;
    query_end_logged(&query);
    if (text && len >= size)
        len = cut_at_code_point(text, size - 1);
    if (text)
        memcpy(out, text, len);
    out[len] = '\0';
    free(text);
    return is_found;
}

static bool is_listed(char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

enum status store_list_prompts(struct store *store, size_t max, char ***out,
                               size_t *count, struct err *err)
{
    char **list = xcalloc(max, sizeof *list);
    size_t length = 0;
    struct query query = query_start(
        store->reader, "SELECT f.text FROM record r INDEXED BY record_ours JOIN dataset "
                       "d ON d.row = r.dataset"
                       " JOIN field f ON f.record = r.row AND f.name = d.prompt_field"
                       " WHERE r.is_pulled = 0 ORDER BY r.row DESC LIMIT ?");
    query_int(&query, PROMPT_SCAN_MAX);
    while (length < max && query_row(&query)) {
        char *text = query_get_text(&query, 0, NULL);
        if (is_listed(list, length, text))
            free(text);
        else
            list[length++] = text;
    }
    *out = list;
    *count = length;
    return query_end(&query, err);
}

/* ---- by prefix ---- */

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* The first and the last id that start with prefix. False when it cannot be one. */
static bool id_range(const char *prefix, struct id *first, struct id *last)
{
    size_t digits = 0;
    memset(first->bytes, 0, sizeof first->bytes);
    memset(last->bytes, 0xff, sizeof last->bytes);
    for (; *prefix; prefix++) {
        if (*prefix == '-')
            continue;
        int digit = hex_digit(*prefix);
        if (digit < 0 || digits == 2 * sizeof first->bytes)
            return false;
        unsigned shift = digits % 2 ? 0 : 4;
        uint8_t *low = &first->bytes[digits / 2], *high = &last->bytes[digits / 2];
        *low = (uint8_t)(*low | (unsigned)digit << shift);
        *high = (uint8_t)((*high & ~(0xfu << shift)) | (unsigned)digit << shift);
        digits++;
    }
    return digits > 0;
}

enum status store_find_record(struct store *store, int64_t dataset_row,
                              const char *prefix, struct id *out, struct err *err)
{
    struct id first, last;
    if (!id_range(prefix, &first, &last))
        return err_set(
            err, STATUS_USAGE,
            "A record is named by its id, or by the first digits (0-9, a-f) of "
            "it, as \"sherd records\" prints them.");
    struct query query =
        query_start(store->reader, "SELECT id FROM record WHERE id BETWEEN ?2 AND ?3"
                                   " AND (?1 = 0 OR dataset = ?1) LIMIT 2");
    query_int(&query, dataset_row);
    query_id(&query, &first);
    query_id(&query, &last);
    int found = 0;
    for (; query_row(&query); found++)
        if (found == 0)
            query_get_id(&query, 0, out);
    enum status status = query_end(&query, err);
    if (status != STATUS_OK || found == 1)
        return status;
    if (found == 0)
        return err_set(err, STATUS_NOT_FOUND, "No record's id starts with %.40s.",
                       prefix);
    return err_set(err, STATUS_USAGE,
                   "More than one record's id starts with %.40s: give more digits.",
                   prefix);
}
