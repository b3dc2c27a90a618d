/* SPDX-License-Identifier: MIT
 * Reading: one record, all of a dataset, the queue, former prompts, notes. */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "store/parts.h"
#include "store/store_stats.h"

#define PROMPT_SCAN_MAX 4000 /* rows looked at for former prompts: a bounded wait */

/* ---- one record ---- */

/* A part that cannot be read is left out: the others are still worth seeing. */
static void log_unreadable(struct record *record, const char *what, const struct err *err)
{
    record->is_damaged = true;
    log_line("Record %s: its %s cannot be read: %s", id_text(&record->id).text, what,
             err->text);
}

static void read_columns(struct db *db, int64_t row, struct record *out)
{
    struct query query = query_start(
        db, "SELECT id, dataset, external_id, remote_id, metadata, suggestions,"
            " inserted_ms, is_gone, flags, note FROM record WHERE row = ?");
    query_int(&query, row);
    if (query_row(&query)) {
        size_t len;
        struct err fault = {0};
        const char *suggestions = query_peek_text(&query, 5, &len);
        query_get_id(&query, 0, &out->id);
        out->row = row;
        out->dataset_row = query_get_int(&query, 1);
        out->external_id = query_get_text(&query, 2, NULL);
        out->remote_id = query_get_text(&query, 3, NULL);
        out->metadata_json = query_get_text(&query, 4, NULL);
        out->inserted_ms = query_get_int(&query, 6);
        out->is_gone = query_get_bool(&query, 7);
        out->flags = (uint16_t)query_get_int(&query, 8);
        out->is_decided = query_get_int(&query, 8) & FLAG_DECIDED;
        out->is_completed = out->flags & QUEUE_COMPLETED;
        out->note = query_get_text(&query, 9, NULL);
        if (!query_is_null(&query, 5) &&
            codec_read_suggestions(out, suggestions, len, &fault) != STATUS_OK)
            log_unreadable(out, "suggestions", &fault);
    }
    query_end(&query, NULL);
}

void record_read_fields(struct db *db, int64_t row, struct record *out)
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
    query_end(&query, NULL);
}

static void read_peers(struct db *db, int64_t row, struct record *out)
{
    struct query query = query_start(
        db, "SELECT user, status, answers, updated_ms,"
            " (SELECT value FROM note WHERE key = 'user:' || user) FROM response"
            " WHERE record = ? AND user <> '' ORDER BY user");
    query_int(&query, row);
    while (query_row(&query)) {
        size_t len;
        struct err fault = {0};
        out->peers = xreallocarray(out->peers, out->peer_count + 1, sizeof *out->peers);
        struct peer *peer = &out->peers[out->peer_count++];
        *peer = (struct peer){.user = query_get_text(&query, 0, NULL),
                              .name = query_get_text(&query, 4, NULL)};
        const char *answers = query_peek_text(&query, 2, &len);
        peer->response.status = (enum response_status)query_get_int(&query, 1);
        peer->response.updated_ms = query_get_int(&query, 3);
        if (codec_read_values(&peer->response.values, answers, len, &fault) != STATUS_OK)
            log_unreadable(out, "responses of others", &fault);
    }
    query_end(&query, NULL);
}

enum status store_get_record_row(struct store *store, int64_t row, struct record *out,
                                 struct err *err)
{
    struct standing standing = {0};
    record_clear(out);
    read_begin(store);
    read_columns(store->db, row, out);
    record_read_fields(store->db, row, out);
    struct query query = query_start(
        store->db,
        "SELECT state, facts, owner IS NOT NULL FROM completion WHERE record = ?");
    query_int(&query, row);
    out->has_completion = query_row(&query);
    if (out->has_completion) {
        size_t len;
        struct err fault = {0};
        const char *facts = query_peek_text(&query, 1, &len);
        if (codec_read_completion(&out->completion, facts, len, &fault) != STATUS_OK) {
            completion_init(&out->completion);
            log_unreadable(out, "run facts", &fault);
        }
        out->completion.state = (enum completion_state)query_get_int(&query, 0);
        out->is_written = query_get_bool(&query, 2);
    }
    query_end(&query, NULL);
    read_peers(store->db, row, out);
    standing_read(store, row, &standing);
    out->response = standing.ours; /* they move over */
    viewing_read(store->db, row, &out->response);
    out->theirs = standing.theirs;
    out->has_clash = standing.has_theirs;
    out->is_damaged |= standing.is_damaged;
    response_clear(&standing.base);
    response_clear(&standing.sent);
    if (!out->row)
        err_set(&store->fault, STATUS_NOT_FOUND,
                "There is no record number %lld in the store.", (long long)row);
    enum status status = read_end(store, err);
    if (status != STATUS_OK)
        record_clear(out);
    return status;
}

int64_t record_find_row(struct store *store, const struct id *id)
{
    struct query query = query_start(store->db, "SELECT row FROM record WHERE id = ?");
    query_id(&query, id);
    return query_take_int(&query);
}

enum status store_get_record(struct store *store, const struct id *id, struct record *out,
                             struct err *err)
{
    struct query query = query_start(store->db, "SELECT row FROM record WHERE id = ?");
    query_id(&query, id);
    int64_t row = query_row(&query) ? query_get_int(&query, 0) : 0;
    enum status status = query_end(&query, err);
    record_clear(out);
    if (status == STATUS_OK)
        status =
            row ? store_get_record_row(store, row, out, err) : say_no_record(id, err);
    return status;
}

/* ---- all records of a dataset ---- */

static enum status next_row(struct store *store, int64_t dataset, int status_wanted,
                            int64_t *row, struct err *err)
{
    return db_find(
        store->db,
        "SELECT row FROM record INDEXED BY record_queue WHERE dataset = ?1 AND row > ?2"
        " AND (?3 < 0 OR status = ?3) AND flags & 64 = 0"
        " AND NOT (?3 = 0 AND flags & 128) ORDER BY row LIMIT 1",
        NUMBERS(dataset, *row, status_wanted), row, err);
}

enum status store_next_record(struct store *store, int64_t dataset_row, int64_t *row,
                              struct err *err)
{
    return next_row(store, dataset_row, -1, row, err);
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

/* ---- prompts ---- */

bool store_get_snippet(struct store *store, int64_t row, char *out, size_t size)
{
    /* As a blob: substr of a text would end at a NUL and count code points. */
    struct query query = query_start(
        store->db, "SELECT substr(CAST(f.text AS BLOB), 1, ?)"
                   " FROM field f JOIN record r ON r.row = f.record"
                   " JOIN dataset d ON d.row = r.dataset WHERE f.record = ?"
                   " ORDER BY f.name IS d.prompt_field DESC, f.position LIMIT 1");
    query_int(&query, (int64_t)size);
    query_int(&query, row);
    size_t len = 0;
    bool is_found = query_row(&query);
    char *text = is_found ? query_get_text(&query, 0, &len) : NULL;
    query_end_logged(&query);
    if (text && len >= size) /* at a code point */
        for (len = size - 1; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
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
    /* A batch's run has an id made from its name (version 5), a session's is random. */
    static const char sql[] =
        "SELECT f.text FROM record r INDEXED BY record_ours JOIN dataset d"
        " ON d.row = r.dataset JOIN field f ON f.record = r.row"
        " AND f.name = d.prompt_field LEFT JOIN completion c ON c.record = r.row"
        " WHERE r.is_pulled = 0 AND (substr(coalesce(c.run, ''), 13, 1) = '5') = ?"
        " ORDER BY r.row DESC LIMIT ?";
    char **list = xcalloc(max, sizeof *list);
    size_t length = 0;
    enum status status = STATUS_OK;
    for (int is_batch = 0; is_batch <= 1 && status == STATUS_OK; is_batch++) {
        struct query query = query_start(store->db, sql);
        query_int(&query, is_batch);
        query_int(&query, PROMPT_SCAN_MAX);
        while (length < max && query_row(&query)) {
            char *text = query_get_text(&query, 0, NULL);
            if (is_listed(list, length, text))
                free(text);
            else
                list[length++] = text;
        }
        status = query_end(&query, err);
    }
    *out = list;
    *count = length;
    return status;
}

enum status store_list_remarks(struct store *store, int64_t dataset_row,
                               const char *question, size_t max, char ***out,
                               size_t *count, struct err *err)
{
    char **list = xcalloc(max, sizeof *list);
    struct query query = query_start(
        store->db,
        "SELECT text FROM (SELECT j.value ->> '$.value' AS text FROM"
        "  (SELECT e.after FROM event e JOIN record r ON r.row = e.record"
        "   WHERE e.kind = 'submit' AND r.dataset = ?1 AND json_valid(e.after)"
        "   AND e.number > (SELECT max(number) FROM event) - 20000"
        "   ORDER BY e.number DESC LIMIT 1000) s, json_each(s.after, '$.values') j"
        "  WHERE j.key = ?2)"
        " WHERE length(text) BETWEEN 2 AND 300"
        " GROUP BY text HAVING count(*) > 1 ORDER BY count(*) DESC, text LIMIT ?3");
    query_int(&query, dataset_row);
    query_text(&query, question);
    query_int(&query, (int64_t)max);
    *count = 0;
    while (*count < max && query_row(&query))
        list[(*count)++] = query_get_text(&query, 0, NULL);
    *out = list;
    return query_end(&query, err);
}

/* ---- by prefix ---- */

/* The first and the last id that start with prefix. False when it cannot be one. */
static bool id_range(const char *prefix, struct id *first, struct id *last)
{
    static const char hex[] = "0123456789abcdef";
    size_t digits = 0;
    memset(first->bytes, 0, sizeof first->bytes);
    memset(last->bytes, 0xff, sizeof last->bytes);
    for (; *prefix; prefix++) {
        if (*prefix == '-')
            continue;
        const char *at = strchr(hex, tolower((unsigned char)*prefix));
        if (!at || digits == 2 * sizeof first->bytes)
            return false;
        unsigned digit = (unsigned)(at - hex);
        unsigned shift = digits % 2 ? 0 : 4;
        uint8_t *low = &first->bytes[digits / 2], *high = &last->bytes[digits / 2];
        *low = (uint8_t)(*low | digit << shift);
        *high = (uint8_t)((*high & ~(0xfu << shift)) | digit << shift);
        digits++;
    }
    return digits > 0;
}

/* How many records a query finds, the first one's id in out. */
static int take_ids(struct query *query, struct id *out, struct err *err)
{
    int found = 0;
    for (; query_row(query); found++)
        if (found == 0)
            query_get_id(query, 0, out);
    return query_end(query, err) == STATUS_OK ? found : -1;
}

/* By the name that others gave it: the whole external id, or a start of the server's. */
static int find_by_their_name(struct store *store, int64_t dataset_row, const char *name,
                              struct id *out, struct err *err)
{
    static const char *const sql[] = {
        "SELECT id FROM record INDEXED BY record_external WHERE external_id = ?2"
        " AND (?1 = 0 OR dataset = ?1) LIMIT 2",
        "SELECT id FROM record INDEXED BY record_remote WHERE remote_id >= lower(?2)"
        " AND remote_id < lower(?2) || '~' AND (?1 = 0 OR dataset = ?1) LIMIT 2"};
    int found = 0;
    for (size_t i = 0; i < 2 && !found && *name; i++) {
        struct query query = query_start(store->db, sql[i]);
        query_int(&query, dataset_row);
        query_text(&query, name);
        found = take_ids(&query, out, err);
    }
    return found;
}

enum status store_find_record(struct store *store, int64_t dataset_row, const char *name,
                              struct id *out, struct err *err)
{
    struct id first, last;
    int found = 0;
    bool is_ours = id_range(name, &first, &last);
    if (is_ours) {
        struct query query =
            query_start(store->db, "SELECT id FROM record WHERE id BETWEEN ?2 AND ?3"
                                   " AND (?1 = 0 OR dataset = ?1) LIMIT 2");
        query_int(&query, dataset_row);
        query_id(&query, &first);
        query_id(&query, &last);
        found = take_ids(&query, out, err);
    }
    if (!found)
        found = find_by_their_name(store, dataset_row, name, out, err);
    if (found < 0 || found == 1)
        return found < 0 && err ? err->code : found < 0 ? STATUS_IO : STATUS_OK;
    if (found)
        return err_set(err, STATUS_USAGE,
                       "More than one record's id starts with %.40s: give more digits.",
                       name);
    if (is_ours)
        return err_set(err, STATUS_NOT_FOUND, "No record's id starts with %.40s.", name);
    return err_set(err, STATUS_USAGE,
                   "No record is called %.40s. A record is named by its id as \"sherd "
                   "records\" prints it, by the server's id, by the first digits (0-9, "
                   "a-f) of either, or by its whole external id; "
                   "--record and :goto take its number, too.",
                   name);
}

/* ---- notes ---- */

char *store_get_note(struct store *store, const char *key)
{
    struct query query = query_start(store->db, "SELECT value FROM note WHERE key = ?");
    query_text(&query, key);
    char *value = query_row(&query) ? query_get_text(&query, 0, NULL) : NULL;
    query_end_logged(&query);
    return value;
}

char *store_find_note(struct store *store, const char *prefix, size_t index)
{
    struct query query = query_start(
        store->db, "SELECT key FROM note WHERE substr(key, 1, length(?1)) = ?1"
                   " AND key >= ?1 ORDER BY key LIMIT 1 OFFSET ?2");
    query_text(&query, prefix);
    query_int(&query, (int64_t)index);
    return query_take_text(&query);
}

enum status store_put_note(struct store *store, const char *key, const char *value,
                           struct err *err)
{
    write_begin(store);
    struct query query = query_start(
        store->db, value ? "INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)"
                         : "DELETE FROM note WHERE key = ?");
    query_text(&query, key);
    if (value)
        query_text(&query, value);
    query_run(&query, NULL);
    return write_end(store, err);
}

enum status store_put_own_note(struct store *store, const char *key, const char *value,
                               struct err *err)
{
    char *own = xasprintf("%s %s", key, store->owner);
    enum status status = store_put_note(store, own, value && *value ? value : NULL, err);
    free(own);
    return status;
}

char *store_take_note(struct store *store, const char *key, size_t *left)
{
    char *own = xasprintf("%s %s", key, store->owner), *value = NULL, *from = NULL;
    const size_t skip = strlen(key);
    struct query query = /* "!" is behind " "; a row is as new as its last change */
        query_start(store->db, "SELECT key, value FROM note WHERE key >= ?1"
                               " AND key < ?1 || '!' ORDER BY key <> ?2, rowid DESC");
    query_text(&query, key);
    query_text(&query, own);
    for (*left = 0; query_row(&query);) {
        char *name = query_get_text(&query, 0, NULL);
        bool is_ours = !strcmp(name, own) || !name[skip] ||
                       !owner_is_alive(name + skip + 1, store->owner);
        *left += is_ours && value;
        if (is_ours && !value) {
            value = query_get_text(&query, 1, NULL);
            from = xstrdup(name);
        }
        free(name);
    }
    query_end_logged(&query);
    if (from && strcmp(from, own) != 0) { /* where that is refused it is a copy */
        write_begin(store);
        write_put(store, "UPDATE OR REPLACE note SET key = ? WHERE key = ?",
                  VALUES(TEXT(own), TEXT(from)));
        write_end(store, NULL);
    }
    free(from);
    free(own);
    return value;
}
