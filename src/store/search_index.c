/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/search_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unicase.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "store/store_search.h"

#define FORMAT 3
#define RECORDS_MIN 2000 /* a smaller dataset is looked through in no time */
#define SLICE_MS 250     /* of making the index at most, and as long a pause as it took */
#define PAUSE_MS 30      /* but so long, and before the first */
#define BUSY_MS 300      /* another process makes it */
#define LOG_PAGES_MAX 1000
#define GRAMS_MAX 64   /* of the words that the index is asked for */
#define STARTS_MAX 300 /* trigrams that begin with one or two signs */
#define LAST_SIGN "\xF4\x8F\xBF\xBF"

struct text_index {
    char *path;
    /* On the reading thread: */
    struct db *reader;
    unsigned reader_round;
    /* On the worker: */
    struct db *writer, *source;
    bool has_failed; /* once: a second time it is given up */
    /* On the loop: */
    struct worker *worker;
    struct loop_timer *timer;
    int64_t dataset;
    int64_t complete; /* the revision of it up to which all is there */
    bool is_running, is_asked;

    atomic_bool is_damaged;  /* to be made anew */
    atomic_bool is_given_up; /* in this session */
    atomic_uint round;       /* rises when the file is made anew */
};

/* ---- words ---- */

/* What the index is made of, and asked with: letters that PCRE takes for the same are the
 * same (the tokenizer's own table is older), and nothing that would end a text or swallow
 * a letter. */
static bool fold(void *ctx, const char *text, size_t len)
{
    struct buf *out = ctx;
    char bytes[UTF8_MAX];
    uint32_t cp;
    for (size_t at = 0, plain; at < len;) {
        for (plain = at; plain < len && text[plain] > 0;)
            plain++;
        buf_add(out, text + at, plain - at);
        at = plain;
        if (at == len)
            break;
        at += utf8_decode(text, len, at, &cp);
        if (cp == UTF8_BAD || cp == 0)
            buf_add_byte(out, ' ');
        else
            buf_add(out, bytes, utf8_encode(uc_tolower(uc_toupper(cp)), bytes));
    }
    buf_add_byte(out, '\n');
    return false;
}

static void add_gram(struct buf *out, const char *gram, size_t len, const char *before)
{
    buf_addf(out, "%s\"", out->len > 0 ? before : "");
    for (size_t at = 0; at < len; at++) {
        buf_add_byte(out, gram[at]);
        if (gram[at] == '"')
            buf_add_byte(out, '"');
    }
    buf_add_byte(out, '"');
}

/* All trigrams that begin with one or two signs; NULL when those are too many. */
static char *starts_expression(struct db *index, const char *signs, bool is_one)
{
    struct buf out = {0};
    size_t count = 0, len;
    char *last = xasprintf("%s" LAST_SIGN "%s", signs, is_one ? LAST_SIGN : "");
    struct query query = query_start(
        index, "SELECT term FROM terms WHERE term >= ? AND term <= ? LIMIT ?");
    query_text(&query, signs);
    query_text(&query, last);
    query_int(&query, STARTS_MAX + 1);
    for (; query_row(&query); count++) {
        const char *term = query_peek_text(&query, 0, &len);
        add_gram(&out, term, len, " OR ");
    }
    if (count == 0)
        add_gram(&out, last, strlen(last), ""); /* it is in no text */
    query_end_logged(&query);
    free(last);
    if (count <= STARTS_MAX)
        return buf_take(&out);
    buf_clear(&out);
    return NULL;
}

char *index_expression(struct db *index, const char *words)
{
    struct buf folded = {0}, out = {0};
    size_t starts[GRAMS_MAX + 4], count = 0;
    fold(&folded, words, strlen(words));
    folded.data[--folded.len] = '\0'; /* its newline */
    for (size_t at = 0; at < folded.len && count < GRAMS_MAX + 3; at++)
        if (((unsigned char)folded.data[at] & 0xC0) != 0x80)
            starts[count++] = at;
    starts[count] = folded.len;
    for (size_t i = 0; i + 3 <= count; i++)
        add_gram(&out, folded.data + starts[i], starts[i + 3] - starts[i], " AND ");
    char *expression = count > 2   ? buf_take(&out)
                       : count > 0 ? starts_expression(index, folded.data, count == 1)
                                   : NULL;
    buf_clear(&folded);
    return expression;
}

/* ---- asking ---- */

static void read_mark(struct db *index, int64_t dataset, struct index_mark *mark,
                      struct id *id, struct err *err)
{
    struct query query =
        query_start(index, "SELECT made, revision, row, id FROM about LEFT JOIN mark"
                           " ON dataset = ? WHERE format = ?");
    query_int(&query, dataset);
    query_int(&query, FORMAT);
    *mark = (struct index_mark){0};
    if (query_row(&query)) {
        mark->made = query_get_int(&query, 0);
        mark->revision = query_get_int(&query, 1);
        mark->row = query_get_int(&query, 2);
        query_get_id(&query, 3, id);
    }
    query_end(&query, err);
}

/* A store that was put back from a copy has not what the index has seen. */
static bool fits(struct db *db, const struct index_mark *mark, const struct id *id)
{
    int64_t revision = 0;
    struct id there = *id;
    db_number(db, "SELECT value FROM counter WHERE name = 'revision'", &revision, NULL);
    struct query query = query_start(db, "SELECT id FROM record WHERE row = ?");
    query_int(&query, mark->row);
    if (query_row(&query))
        query_get_id(&query, 0, &there);
    query_end_logged(&query);
    return mark->revision <= revision && (!mark->row || id_equal(id, &there));
}

void index_damaged(struct store *store, const struct err *err)
{
    if (err->code == STATUS_OK || err->code == STATUS_BUSY)
        return;
    log_line("The index of the texts is made anew: %s", err->text);
    atomic_store(&store->index->is_damaged, true);
}

struct db *index_begin(struct store *store, int64_t dataset, struct index_mark *mark)
{
    struct text_index *index = store->index;
    struct err err = {0};
    struct id id = {{0}};
    unsigned round = atomic_load(&index->round);
    *mark = (struct index_mark){0};
    if (index->reader && index->reader_round != round) {
        db_close(index->reader);
        index->reader = NULL;
    }
    if (atomic_load(&index->is_damaged) || access(index->path, R_OK) != 0)
        return NULL;
    index->reader_round = round;
    if (!index->reader &&
        db_open(&index->reader, index->path, store->vfs,
                store->is_frozen ? DB_FROZEN : DB_READ, &err) != STATUS_OK)
        return NULL;
    int64_t tables = 0; /* none: another process is about to make them */
    if (db_begin_read(index->reader, &err) == STATUS_OK)
        db_number(index->reader, "SELECT count(*) FROM sqlite_schema", &tables, &err);
    if (tables > 0)
        read_mark(index->reader, dataset, mark, &id, &err);
    bool is_fine = err.code == STATUS_OK && mark->made && mark->revision > 0;
    if (is_fine && !fits(store->long_reader, mark, &id)) {
        err_set(&err, STATUS_IO, "It is not of this store as it is now.");
        is_fine = false;
    }
    if (is_fine)
        return index->reader;
    db_rollback(index->reader);
    index_damaged(store, &err);
    return NULL;
}

/* ---- making it ---- */

struct slice {
    struct store *store;
    int64_t dataset;
    int64_t revision; /* of the mark at the end */
    int64_t took_ms;
    bool is_busy, has_more;
};

static void remove_file(struct text_index *index)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    db_close(index->writer);
    index->writer = NULL;
    for (size_t i = 0; i < 3; i++) {
        char *path = xasprintf("%s%s", index->path, ends[i]);
        unlink(path);
        free(path);
    }
    atomic_fetch_add(&index->round, 1);
}

/* Another store's, or an older format: empty. */
static enum status prepare(struct store *store, struct err *err)
{
    struct db *db = store->index->writer;
    int64_t made = 0;
    enum status status = db_exec(db,
                                 "PRAGMA cache_size = -2048; PRAGMA synchronous = NORMAL;"
                                 "PRAGMA journal_mode = WAL",
                                 err);
    if (status == STATUS_OK)
        status = db_begin(db, err);
    if (status == STATUS_OK)
        status = db_exec(db,
                         "CREATE TABLE IF NOT EXISTS about (made INTEGER,"
                         " format INTEGER, store BLOB)",
                         err);
    struct query query =
        query_start(db, "SELECT made FROM about WHERE format = ? AND store = ?");
    query_int(&query, FORMAT);
    query_id(&query, &store->id);
    made = status == STATUS_OK && query_row(&query) ? query_get_int(&query, 0) : 0;
    query_end(&query, NULL);
    if (status == STATUS_OK && !made)
        status = db_exec(db,
                         "DROP TABLE IF EXISTS mark; DROP TABLE IF EXISTS terms;"
                         "DROP TABLE IF EXISTS grams;"
                         "CREATE TABLE mark (dataset INTEGER PRIMARY KEY,"
                         " revision INTEGER, row INTEGER, id BLOB);"
                         "CREATE VIRTUAL TABLE grams USING fts5 (text, content = '',"
                         " tokenize = 'trigram', detail = none, columnsize = 0);"
                         "CREATE VIRTUAL TABLE terms USING fts5vocab (grams, row);"
                         "DELETE FROM about",
                         err);
    query = query_start(db, "INSERT INTO about (made, format, store) SELECT"
                            " abs(random()) + 1, ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM"
                            " about)");
    query_int(&query, FORMAT);
    query_id(&query, &store->id);
    enum status added = query_run(&query, err);
    status = status == STATUS_OK ? added : status;
    return status == STATUS_OK ? db_commit(db, err) : status;
}

static enum status open_files(struct store *store, struct err *err)
{
    struct text_index *index = store->index;
    enum status status = STATUS_OK;
    if (atomic_exchange(&index->is_damaged, false))
        remove_file(index);
    if (!index->source)
        status = db_open(&index->source, store->path, store->vfs, DB_READ, err);
    if (index->writer || status != STATUS_OK)
        return status;
    status = db_make_file(index->path, err);
    if (status == STATUS_OK)
        status = db_open(&index->writer, index->path, store->vfs, DB_FLUSH, err);
    if (status == STATUS_OK)
        status = prepare(store, err);
    if (status != STATUS_OK) {
        db_close(index->writer);
        index->writer = NULL;
    }
    return status;
}

/* What has been collected of a block of records. */
static enum status add_block(struct text_index *index, int64_t block, struct buf *text,
                             struct err *err)
{
    if (text->len == 0)
        return STATUS_OK;
    buf_add_byte(text, '\n'); /* so that its last sign begins a trigram */
    struct query query =
        query_start(index->writer, "INSERT INTO grams (rowid, text) VALUES (?, ?)");
    query_int(&query, block);
    query_bytes_as_text(&query, text->data, text->len);
    enum status status = query_run(&query, err);
    buf_reset(text);
    return status;
}

/* In a transaction of the index: from the mark on, for as long as a slice is. */
static enum status add_records(struct slice *slice, struct err *err)
{
    struct store *store = slice->store;
    struct text_index *index = store->index;
    struct index_mark mark;
    struct id id = {{0}};
    struct buf text = {0};
    int64_t end_ms = clock_mono_ms(&clock_system) + SLICE_MS;
    read_mark(index->writer, slice->dataset, &mark, &id, err);
    enum status status = err->code ? err->code : db_begin_read(index->source, err);
    struct query query = query_start(
        index->source,
        "SELECT " TEXT_COLUMNS ", r.revision, r.id FROM record r INDEXED BY"
        " record_revision" TEXT_TABLES " WHERE r.dataset = ?1 AND r.revision >= ?2"
        " AND (r.revision, r.row) > (?2, ?3) ORDER BY r.revision, r.row");
    query_int(&query, slice->dataset);
    query_int(&query, mark.revision);
    query_int(&query, mark.row);
    int64_t block = 0;
    while (status == STATUS_OK && !slice->has_more && query_row(&query)) {
        mark.row = query_get_int(&query, 0);
        if (mark.row / INDEX_BLOCK != block)
            status = add_block(index, block, &text, err);
        block = mark.row / INDEX_BLOCK;
        each_text(index->source, &query, NULL, fold, &text, err);
        mark.revision = query_get_int(&query, 5);
        query_get_id(&query, 6, &id);
        slice->has_more =
            clock_mono_ms(&clock_system) >= end_ms || atomic_load(&store->is_closing);
    }
    if (status == STATUS_OK)
        status = add_block(index, block, &text, err);
    enum status read = err->code != STATUS_OK ? err->code : STATUS_OK;
    if (query_end(&query, err) != STATUS_OK)
        read = err->code;
    slice->revision = mark.revision;
    db_rollback(index->source);
    buf_clear(&text);
    struct query put = query_start(
        index->writer, "INSERT OR REPLACE INTO mark (dataset, revision, row, id)"
                       " VALUES (?, ?, ?, ?)");
    query_int(&put, slice->dataset);
    query_int(&put, mark.revision);
    query_int(&put, mark.row);
    query_id(&put, &id);
    enum status written = query_run(&put, err);
    return status != STATUS_OK ? status : read != STATUS_OK ? read : written;
}

static void run_slice(void *ctx)
{
    struct slice *slice = ctx;
    struct text_index *index = slice->store->index;
    struct err err = {0};
    bool is_complete;
    int64_t began_ms = clock_mono_ms(&clock_system);
    enum status status = open_files(slice->store, &err);
    if (status == STATUS_OK)
        status = db_begin(index->writer, &err);
    if (status == STATUS_OK)
        status = add_records(slice, &err);
    if (status == STATUS_OK)
        status = db_commit(index->writer, &err);
    if (status == STATUS_OK &&
        (!slice->has_more || db_log_pages(index->writer) >= LOG_PAGES_MAX))
        status = db_checkpoint(index->writer, false, &is_complete, &err);
    slice->is_busy = status == STATUS_BUSY;
    slice->took_ms = clock_mono_ms(&clock_system) - began_ms;
    if (index->writer)
        db_rollback(index->writer);
    if (status == STATUS_OK || status == STATUS_BUSY)
        return;
    /* The room is the store's; what cannot be read is no use. */
    bool is_again = status != STATUS_FULL && !index->has_failed;
    log_line("The index of the texts is %s: %s",
             is_again ? "made anew" : "given up for now", err.text);
    remove_file(index);
    index->has_failed = true;
    slice->has_more = is_again;
    atomic_store(&index->is_given_up, !is_again);
}

static void end_slice(void *ctx);

static void begin_slice(void *ctx)
{
    struct store *store = ctx;
    struct text_index *index = store->index;
    if (index->is_running || atomic_load(&index->is_given_up))
        return;
    struct slice *slice = xcalloc(1, sizeof *slice);
    *slice = (struct slice){.store = store, .dataset = index->dataset};
    index->is_running = true;
    index->is_asked = false;
    worker_submit(index->worker, run_slice, end_slice, slice);
}

static void end_slice(void *ctx)
{
    struct slice *slice = ctx;
    struct text_index *index = slice->store->index;
    index->is_running = false;
    if (!slice->has_more && slice->revision > 0)
        index->complete = slice->revision;
    int64_t pause = slice->is_busy ? BUSY_MS : slice->took_ms;
    if ((slice->has_more || slice->is_busy || index->is_asked) &&
        !atomic_load(&slice->store->is_closing))
        loop_timer_start(index->timer, pause > PAUSE_MS ? pause : PAUSE_MS, 0);
    free(slice);
}

void index_follow(struct store *store, int64_t dataset)
{
    int64_t is_large = 0;
    if (!store->index) {
        store->index = xcalloc(1, sizeof *store->index);
        store->index->path = xasprintf("%s-search", store->path);
        store->index->worker = worker_new(store->loop);
        store->index->timer = loop_timer_new(store->loop, begin_slice, store);
        loop_timer_keep_loop(store->index->timer, false);
    }
    struct text_index *index = store->index;
    db_find(store->db,
            "SELECT 1 FROM record INDEXED BY record_queue WHERE dataset = ?"
            " LIMIT 1 OFFSET ?",
            NUMBERS(dataset, RECORDS_MIN), &is_large, NULL);
    if (!is_large || store->is_read_only || store->is_throwaway)
        return;
    if (index->dataset != dataset)
        index->complete = 0;
    index->dataset = dataset;
    index->is_asked = true;
    if (!loop_timer_is_running(index->timer))
        loop_timer_start(index->timer, PAUSE_MS, 0);
}

bool store_search_is_indexed(struct store *store, int64_t dataset_row)
{
    const struct text_index *index = store->index;
    return index && index->dataset == dataset_row && !atomic_load(&index->is_given_up) &&
           index->complete == store_revision(store, dataset_row);
}

void index_close(struct store *store)
{
    struct text_index *index = store->index;
    if (!index)
        return;
    worker_free(index->worker);
    loop_timer_free(index->timer);
    db_close(index->reader);
    db_close(index->writer);
    db_close(index->source);
    free(index->path);
    free(index);
    store->index = NULL;
}
