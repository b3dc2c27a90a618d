/* SPDX-License-Identifier: MIT
 * What several people answered: others' responses as they were pulled, all of them for
 * statistics, how ours came about, and what we answered to the same record again. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/xalloc.h"
#include "store/parts.h"
#include "store/store_stats.h"
#include "json/json.h"

/* ---- as pulled ---- */

/* What the store has of one of them is what record says. */
static bool is_known(struct query *query, const struct record *record)
{
    char *user = query_get_text(query, 0, NULL),
         *answers = query_get_text(query, 2, NULL);
    char *name = query_get_text(query, 3, NULL);
    bool is_found = false;
    for (size_t i = 0; i < record->peer_count; i++) {
        const struct peer *peer = &record->peers[i];
        if (strcmp(user, peer->user) != 0)
            continue;
        char *theirs = codec_print_values(&peer->response.values);
        is_found = query_get_int(query, 1) == (int64_t)peer->response.status &&
                   strcmp(answers, theirs) == 0 &&
                   (!peer->name || (name && strcmp(name, peer->name) == 0));
        free(theirs);
        break;
    }
    free(user);
    free(answers);
    free(name);
    return is_found;
}

static void write_peer(struct store *store, int64_t row, const struct peer *peer)
{
    char *answers = codec_print_values(&peer->response.values);
    write_put(store,
              "INSERT OR REPLACE INTO response (record, user, status, answers,"
              " updated_ms) VALUES (?, ?, ?, ?, ?)",
              VALUES(INT(row), TEXT(peer->user), INT(peer->response.status),
                     TEXT(answers), INT(peer->response.updated_ms)));
    free(answers);
    if (!peer->name)
        return;
    write_put(store, "INSERT OR REPLACE INTO note (key, value) VALUES ('user:' || ?, ?)",
              VALUES(TEXT(peer->user), TEXT(peer->name)));
}

bool record_put_peers(struct store *store, int64_t row, const struct record *record)
{
    size_t count = 0;
    bool is_equal = true;
    struct query query = query_start(
        store->db, "SELECT user, status, answers,"
                   " (SELECT value FROM note WHERE key = 'user:' || user) FROM response"
                   " WHERE record = ? AND user <> '' AND pull >= 0");
    query_int(&query, row);
    for (; query_row(&query); count++)
        is_equal = is_equal && is_known(&query, record);
    query_end(&query, NULL);
    if (is_equal && count == record->peer_count)
        return false;
    write_run(store, "DELETE FROM response WHERE record = ? AND user <> '' AND pull >= 0",
              NUMBERS(row));
    for (size_t i = 0; i < record->peer_count; i++)
        write_peer(store, row, &record->peers[i]);
    return true;
}

/* ---- for statistics ---- */

/* An answer a row, a record's together. */
#define ANSWERS(where)                                                                   \
    "SELECT r.row,"                                                                      \
    " coalesce(CASE WHEN json_valid(c.facts) THEN"                                       \
    "   coalesce(CASE WHEN json_extract(c.facts, '$.model_used') GLOB '/*'"              \
    "     OR json_extract(c.facts, '$.model_used') LIKE '%_.gguf' THEN"                  \
    "     json_extract(c.facts, '$.model') END," /* as completion_model */               \
    "    json_extract(c.facts, '$.model_used'),"                                         \
    "    json_extract(c.facts, '$.model')) END,"                                         \
    "  CASE WHEN json_valid(r.metadata) THEN json_extract(r.metadata, '$.model') END),"  \
    " CASE WHEN a.status = 2 THEN" /* of what was judged alone: it reads the text */     \
    "  (SELECT length(f.text) FROM field f WHERE f.record = r.row"                       \
    "   ORDER BY f.name IS ? DESC, f.position DESC LIMIT 1) END,"                        \
    " a.user, a.status, a.answers, a.updated_ms,"                                        \
    " (SELECT value FROM note WHERE key = 'user:' || a.user), r.flags & 128,"            \
    " " IS_DECIDED " FROM record r " where " LEFT JOIN completion c ON c.record = r.row" \
    " LEFT JOIN response a ON a.record = r.row AND a.status > 0"

/* Labels are a set, a ranking is one of places, spans are one: the same answer is the
 * same text. */
static void sort_items(struct value *value)
{
    struct err ignored = {0};
    json_t *array = json_parse(value->text, strlen(value->text), &ignored), *item;
    json_t *set = json_object();
    size_t i;
    json_array_foreach(array, i, item)
    {
        char *text = json_print(item);
        json_object_set_new(set, text, json_true());
        free(text);
    }
    char *sorted = json_dumps(set, JSON_SORT_KEYS | JSON_COMPACT);
    if (sorted && json_is_array(array)) {
        free(value->text);
        value->text = xstrdup(sorted);
    }
    free(sorted);
    json_decref(set);
    json_decref(array);
}

void values_sort_items(struct values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        struct value *value = &values->items[i];
        if ((value->type == QUESTION_MULTI_LABEL || value->type == QUESTION_RANKING ||
             value->type == QUESTION_SPAN) &&
            value->text)
            sort_items(value);
    }
}

enum status store_mark_decided(struct store *store, int64_t record, struct err *err)
{
    write_begin(store);
    record_put_flag(store, record, FLAG_DECIDED, true);
    return write_end(store, err);
}

int64_t store_count_others(struct store *store, int64_t record)
{
    int64_t count = 0;
    (void)db_find(
        store->db,
        "SELECT count(*) FROM response WHERE record = ? AND user <> '' AND status = 2",
        NUMBERS(record), &count, NULL);
    return count;
}

int64_t store_count_before(struct store *store, int64_t record)
{
    int64_t count = 0;
    (void)db_find(
        store->db,
        "SELECT count(*) FROM record r, (SELECT dataset, status, inserted_ms ms,"
        " inserted_us us FROM record WHERE row = ?1) AS me"
        " WHERE r.dataset = me.dataset AND r.status = me.status"
        " AND r.flags & 80 = 0 AND NOT (r.status = 0 AND r.flags & 128)"
        " AND (r.inserted_ms, r.inserted_us, r.row) < (me.ms, me.us, ?1)",
        NUMBERS(record), &count, NULL);
    return count;
}

/* The answers of one record on their way into stats. */
struct gathering {
    struct store *store;
    struct stats *stats;
    bool has_times;
    bool is_found; /* a record at least */
    struct stats_input input;
    struct peer *answers;
    size_t capacity;
    char *model;
};

static void put_gathered(struct gathering *gathering)
{
    struct stats_input *input = &gathering->input;
    input->answers = gathering->answers;
    input->model = gathering->model;
    if (input->row) {
        stats_put(gathering->stats, input);
        gathering->is_found = true;
    }
    for (size_t i = 0; i < input->count; i++)
        peer_clear(&gathering->answers[i]);
    free(gathering->model);
    gathering->model = NULL;
    *input = (struct stats_input){0};
}

/* sql: ANSWERS of what number says. */
static enum status gather(struct gathering *gathering, struct db *db, const char *sql,
                          int64_t number, struct err *err)
{
    struct stats_input *input = &gathering->input;
    const struct field *judged = dataset_response_field(&gathering->stats->dataset);
    struct query query = query_start(db, sql);
    query_text(&query, judged ? judged->name : NULL);
    query_int(&query, number);
    while (!atomic_load(&gathering->store->is_closing) && query_row(&query)) {
        int64_t row = query_get_int(&query, 0);
        if (row != input->row) {
            put_gathered(gathering);
            input->row = row;
            gathering->model = query_get_text(&query, 1, NULL);
            input->is_completed = query_get_int(&query, 8) != 0;
            input->is_decided = query_get_bool(&query, 9);
        }
        if (!query_is_null(&query, 2))
            input->length = query_get_int(&query, 2);
        if (query_is_null(&query, 3))
            continue;
        gathering->answers = xgrow(gathering->answers, input->count, &gathering->capacity,
                                   sizeof *gathering->answers);
        struct peer *answer = &gathering->answers[input->count++];
        size_t len;
        struct err ignored = {0};
        const char *answers = query_peek_text(&query, 5, &len);
        *answer = (struct peer){.user = query_get_text(&query, 3, NULL),
                                .name = query_get_text(&query, 7, NULL)};
        answer->response.status = (enum response_status)query_get_int(&query, 4);
        answer->response.updated_ms = query_get_int(&query, 6);
        if (codec_read_values(&answer->response.values, answers, len, &ignored) ==
            STATUS_OK)
            values_sort_items(&answer->response.values);
        bool is_theirs = answer->user[0] != '\0';
        if (gathering->has_times && is_theirs &&
            answer->response.status >= RESPONSE_SUBMITTED)
            stats_add_time(gathering->stats, answer->user, answer->name,
                           answer->response.updated_ms);
    }
    put_gathered(gathering);
    free(gathering->answers);
    return query_end(&query, err);
}

/* What was answered to second showings, beside the response of that time. */
static enum status read_again(struct db *db, struct stats *stats, struct err *err)
{
    struct query query =
        query_start(db, "SELECT a.record, e.before, e.after FROM again a JOIN event e"
                        " ON e.number = a.event JOIN record r ON r.row = a.record"
                        " WHERE r.dataset = ? AND a.is_undone = 0 ORDER BY a.event");
    query_int(&query, stats->dataset.row);
    while (query_row(&query)) {
        struct response both[2] = {0};
        for (int i = 0; i < 2; i++) {
            size_t len;
            struct err ignored = {0};
            const char *text = query_peek_text(&query, 1 + i, &len);
            if (codec_read_response(&both[i], text, len, &ignored) == STATUS_OK)
                values_sort_items(&both[i].values);
        }
        if (both[0].status == RESPONSE_SUBMITTED && both[1].status == RESPONSE_SUBMITTED)
            stats_put_again(stats, query_get_int(&query, 0), &both[0], &both[1]);
        response_clear(&both[0]);
        response_clear(&both[1]);
    }
    return query_end(&query, err);
}

struct stats_read {
    struct store *store;
    struct stats *stats;
    int64_t revision;
    struct err err;
    store_stats_fn fn;
    void *ctx;
};

static void run_stats_read(void *ctx)
{
    static const char all_answers[] =
        ANSWERS("INDEXED BY record_queue") " WHERE r.dataset = ? AND r.is_gone = 0 AND "
                                           "r.flags & 64 = 0 ORDER "
                                           "BY r.row, a.user";
    struct stats_read *read = ctx;
    struct stats *stats = read->stats;
    struct db *db = store_long_reader(read->store, &read->err);
    if (!db || db_begin_read(db, &read->err) != STATUS_OK)
        return;
    struct gathering gathering = {
        .store = read->store, .stats = stats, .has_times = true};
    enum status status =
        record_revision(db, stats->dataset.row, &read->revision, &read->err);
    if (status == STATUS_OK) {
        /* Of others the server tells when they answered, of us the log. */
        struct query query =
            query_start(db, "SELECT e.at_ms FROM event e JOIN record r ON r.row ="
                            " e.record WHERE r.dataset = ? AND e.kind IN ('submit',"
                            " 'discard') ORDER BY e.number");
        query_int(&query, stats->dataset.row);
        while (query_row(&query))
            stats_add_time(stats, "", NULL, query_get_int(&query, 0));
        status = query_end(&query, &read->err);
    }
    if (status == STATUS_OK) {
        /* One with a pause in it says nothing of the pace: it may have been read
         * meanwhile. */
        struct query query = query_start(
            db, "SELECT v.answered_ms - v.shown_ms FROM viewing v JOIN record r"
                " ON r.row = v.record WHERE r.dataset = ? AND v.paused_ms = 0"
                " AND v.answered_ms > v.shown_ms");
        query_int(&query, stats->dataset.row);
        while (query_row(&query))
            stats_add_span(stats, query_get_int(&query, 0));
        status = query_end(&query, &read->err);
    }
    if (status == STATUS_OK)
        status = read_again(db, stats, &read->err);
    if (status == STATUS_OK)
        gather(&gathering, db, all_answers, stats->dataset.row, &read->err);
    db_rollback(db);
    if (atomic_load(&read->store->is_closing))
        err_set(&read->err, STATUS_CANCELLED,
                "The statistics were not counted to the end.");
    else
        stats_settle(stats);
}

static void end_stats_read(void *ctx)
{
    struct stats_read *read = ctx;
    if (read->err.code != STATUS_OK) {
        stats_free(read->stats);
        read->stats = NULL;
    }
    read->fn(read->ctx, read->stats, read->revision, &read->err);
    free(read);
}

void store_load_stats(struct store *store, const struct dataset *dataset,
                      store_stats_fn fn, void *ctx)
{
    struct stats_read *read = xcalloc(1, sizeof *read);
    *read = (struct stats_read){
        .store = store, .stats = stats_new(dataset), .fn = fn, .ctx = ctx};
    store_read_long(store, run_stats_read, end_stats_read, read);
}

static enum status follow_record(struct store *store, struct stats *stats, int64_t row,
                                 struct err *err)
{
    static const char one_record[] = ANSWERS(
        "") " WHERE r.row = ? AND r.is_gone = 0 AND r.flags & 64 = 0 ORDER BY a.user";
    struct gathering gathering = {.store = store, .stats = stats};
    enum status status = gather(&gathering, store->db, one_record, row, err);
    if (status == STATUS_OK && !gathering.is_found)
        stats_drop(stats, row);
    return status;
}

struct changed_rows {
    int64_t *rows;
    size_t count, most;
};

static void take_changed(void *ctx, const struct queue_row *row)
{
    struct changed_rows *changed = ctx;
    if (changed->count < changed->most)
        changed->rows[changed->count] = row->row;
    changed->count++;
}

enum status store_follow_stats(struct store *store, struct stats *stats,
                               int64_t *revision, size_t most, struct err *err)
{
    struct changed_rows changed = {.rows = xcalloc(most, sizeof(int64_t)), .most = most};
    int64_t now = store_revision(store, stats->dataset.row);
    enum status status = store_each_change(store, stats->dataset.row, *revision,
                                           take_changed, &changed, err);
    if (status == STATUS_OK && changed.count > most)
        status = err_set(err, STATUS_BUSY, "Too much has changed to be followed.");
    for (size_t i = 0; status == STATUS_OK && i < changed.count; i++)
        status = follow_record(store, stats, changed.rows[i], err);
    if (status == STATUS_OK)
        *revision = now;
    free(changed.rows);
    return status;
}

/* ---- oneself again ---- */

const char again_kind[] = "again";

enum status store_put_again(struct store *store, const struct id *record,
                            const struct response *answer, struct err *err)
{
    struct record_ref ref;
    struct standing standing = {0};
    write_begin(store);
    ref_find(store, record, &ref);
    standing_read(store, ref.row, &standing);
    const struct event event = {
        .ref = &ref, .kind = again_kind, .before = &standing.ours, .after = answer};
    int64_t number = event_log_step(store, &event, 0);
    write_run(store, "INSERT INTO again (event, record) VALUES (?, ?)",
              NUMBERS(number, ref.row));
    standing_clear(&standing);
    return write_end(store, err);
}

/* Of the last answers to whatever dataset: a bound, wherever one went. The joins go the
 * way that is written: with many records SQLite would begin at these. */
#define LATEST                                                                           \
    " FROM (SELECT record, answered_ms FROM viewing INDEXED BY viewing_time"             \
    "  WHERE answered_ms > ?2 ORDER BY answered_ms DESC LIMIT 500) v"                    \
    " CROSS JOIN record r ON r.row = v.record WHERE r.dataset = ?1"

enum status store_count_since_again(struct store *store, int64_t dataset, int64_t most,
                                    int64_t *count, struct err *err)
{
    int64_t last_ms = 0;
    enum status status =
        db_find(store->db,
                "SELECT e.at_ms FROM again a CROSS JOIN record r ON r.row = a.record"
                " CROSS JOIN event e ON e.number = a.event WHERE r.dataset = ?"
                " AND a.is_undone = 0 ORDER BY a.event DESC LIMIT 1",
                NUMBERS(dataset), &last_ms, err);
    if (status != STATUS_OK)
        return status;
    return db_find(store->db, "SELECT count(*) FROM (SELECT 1" LATEST " LIMIT ?3)",
                   NUMBERS(dataset, last_ms, most), count, err);
}

enum status store_find_again(struct store *store, const struct again_wish *wish,
                             int64_t *row, struct err *err)
{
#define AGED                                                                             \
    " FROM (SELECT r.row, r.status, r.flags" LATEST                                      \
    "  ORDER BY v.answered_ms DESC LIMIT ?4 OFFSET ?3) o WHERE o.status = 2"             \
    " AND o.flags & 88 = 0" /* a clash, gone, deleted */                                 \
    " AND NOT EXISTS (SELECT 1 FROM again a WHERE a.record = o.row)"
    int64_t count = 0;
    *row = 0;
    enum status status =
        db_find(store->db, "SELECT count(*)" AGED,
                NUMBERS(wish->dataset, 0, wish->distance, wish->span), &count, err);
    if (status != STATUS_OK || !count)
        return status;
    return db_find(
        store->db, "SELECT o.row" AGED " LIMIT 1 OFFSET ?5",
        NUMBERS(wish->dataset, 0, wish->distance, wish->span, wish->spread % count), row,
        err);
#undef AGED
#undef LATEST
}
