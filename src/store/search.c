/* SPDX-License-Identifier: MIT
 *
 * First what the index knows of, then what it does not have yet; without an index all
 * records, from the one that is shown on and round. Each slice sees the store as it is
 * then: what changes meanwhile is for the next search to find.
 */
#include "config.h"

#include "store/store_search.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "store/search_parts.h"

#define PORTION_MAX 4096
#define SLICE_MS 40 /* other long reads, and the screen's, come between */

enum part { PART_KNOWN, PART_NEW, PART_ALL, PART_DONE };

struct search {
    struct store *store;
    int64_t dataset;
    search_fn fn;
    void *ctx;
    atomic_bool is_stopped;
    bool is_under_way; /* a slice is with the reading thread */
    bool has_told;     /* of a hit */
    struct match *match;
    bool is_raw_same; /* words stand in JSON only where they stand in what it says */
    char *expression; /* for the index; NULL = it is no use */
    struct index_mark mark;
    int64_t revision;         /* when it began */
    int64_t since, since_row; /* PART_NEW: the last that was looked at */
    int64_t from;
    int64_t at, last; /* rows behind at, up to last */
    bool is_round;    /* the rows behind from are done */
    bool tells_lost;

    enum part part;
    int64_t *found, *lost; /* of this slice */
    size_t found_count, found_capacity, lost_count, lost_capacity;
    size_t hard;
    struct err err;
};

/* ---- one record ---- */

static void judge(struct search *search, struct query *query)
{
    int64_t row = query_get_int(query, 0);
    enum match_result result = MATCH_NONE;
    if (!query_get_bool(query, 3))
        result = find_in_texts(search->store->long_reader, query, search->match,
                               search->is_raw_same, &search->err);
    search->hard += result == MATCH_HARD;
    if (result == MATCH_FOUND) {
        search->found = xgrow(search->found, search->found_count, &search->found_capacity,
                              sizeof *search->found);
        search->found[search->found_count++] = row;
    } else if (search->tells_lost) {
        search->lost = xgrow(search->lost, search->lost_count, &search->lost_capacity,
                             sizeof *search->lost);
        search->lost[search->lost_count++] = row;
    }
}

/* ---- the parts, on the reading thread ---- */

static bool is_over(const struct search *search, int64_t end_ms)
{
    return atomic_load(&search->is_stopped) || atomic_load(&search->store->is_closing) ||
           search->found_count >= (search->has_told ? PORTION_MAX : 1) ||
           clock_mono_ms(&clock_system) >= end_ms;
}

static void next_part(struct search *search, enum part next)
{
    if (!search->is_round) {
        search->is_round = true;
        search->at = 0;
        search->last = search->from;
    } else {
        search->part = next;
    }
}

static void search_block(struct search *search, int64_t block, int64_t end_ms)
{
    int64_t last = block * INDEX_BLOCK + INDEX_BLOCK - 1;
    struct query query =
        query_start(search->store->long_reader,
                    "SELECT " TEXT_COLUMNS " FROM record r" TEXT_TABLES
                    " WHERE r.row > ? AND r.row <= ? AND r.dataset = ? ORDER BY r.row");
    query_int(&query, search->at > last - INDEX_BLOCK ? search->at : last - INDEX_BLOCK);
    query_int(&query, last < search->last ? last : search->last);
    query_int(&query, search->dataset);
    while (!is_over(search, end_ms) && query_row(&query)) {
        judge(search, &query);
        search->at = query_get_int(&query, 0);
    }
    query_end(&query, &search->err);
}

static void search_known(struct search *search, int64_t end_ms)
{
    struct index_mark mark;
    struct db *index = index_begin(search->store, search->dataset, &mark);
    if (!index || mark.made != search->mark.made) { /* made anew meanwhile */
        search->part = PART_ALL;
        search->is_round = false;
        search->at = search->from;
        search->last = INT64_MAX;
        if (index)
            db_rollback(index);
        return;
    }
    struct query known =
        query_start(index, "SELECT rowid FROM grams WHERE grams MATCH ? AND rowid >= ?"
                           " AND rowid <= ? ORDER BY rowid");
    query_text(&known, search->expression);
    query_int(&known, (search->at + 1) / INDEX_BLOCK);
    query_int(&known, search->last / INDEX_BLOCK);
    bool is_end = false;
    while (!is_over(search, end_ms) && !is_end) {
        is_end = !query_row(&known);
        if (!is_end)
            search_block(search, query_get_int(&known, 0), end_ms);
    }
    struct err fault = {0};
    if (query_end(&known, &fault) != STATUS_OK) {
        index_damaged(search->store, &fault);
        search->mark.made = -1; /* the next slice looks through all */
    } else if (is_end) {
        next_part(search, PART_NEW);
    }
    db_rollback(index);
}

static void search_new(struct search *search, int64_t end_ms)
{
    struct query query =
        query_start(search->store->long_reader,
                    "SELECT " TEXT_COLUMNS
                    ", r.revision FROM record r INDEXED BY record_revision" TEXT_TABLES
                    " WHERE r.dataset = ?1 AND r.revision >= ?2"
                    " AND (r.revision, r.row) > (?2, ?3) ORDER BY r.revision, r.row");
    query_int(&query, search->dataset);
    query_int(&query, search->since);
    query_int(&query, search->since_row);
    while (!is_over(search, end_ms)) {
        if (!query_row(&query)) {
            search->part = PART_DONE;
            break;
        }
        judge(search, &query);
        search->since = query_get_int(&query, 5);
        search->since_row = query_get_int(&query, 0);
    }
    query_end(&query, &search->err);
}

static void search_all(struct search *search, int64_t end_ms)
{
    struct query query = query_start(
        search->store->long_reader,
        "SELECT " TEXT_COLUMNS " FROM record r INDEXED BY record_queue" TEXT_TABLES
        " WHERE r.dataset = ? AND r.row > ? AND r.row <= ? ORDER BY r.row");
    query_int(&query, search->dataset);
    query_int(&query, search->at);
    query_int(&query, search->last);
    while (!is_over(search, end_ms)) {
        if (!query_row(&query)) {
            next_part(search, PART_DONE);
            break;
        }
        judge(search, &query);
        search->at = query_get_int(&query, 0);
    }
    query_end(&query, &search->err);
}

/* What is to be done is known once the store is seen. */
static void begin(struct search *search)
{
    struct store *store = search->store;
    record_revision(store->long_reader, search->dataset, &search->revision, &search->err);
    if (search->since > 0) {
        search->part = PART_NEW;
        search->since_row = INT64_MAX;
        return;
    }
    const char *words = match_words(search->match);
    struct db *index = *words ? index_begin(store, search->dataset, &search->mark) : NULL;
    if (index)
        search->expression = index_expression(index, words);
    search->part = search->expression ? PART_KNOWN : PART_ALL;
    search->since = search->mark.revision;
    search->since_row = search->mark.row;
    search->at = search->from;
    search->last = INT64_MAX;
    if (index)
        db_rollback(index);
}

static void run_slice(void *ctx)
{
    struct search *search = ctx;
    struct store *store = search->store;
    int64_t end_ms = clock_mono_ms(&clock_system) + SLICE_MS;
    struct db *db = store_long_reader(store, &search->err);
    if (!db || atomic_load(&search->is_stopped) ||
        db_begin_read(db, &search->err) != STATUS_OK)
        return;
    if (!search->revision)
        begin(search);
    while (search->part != PART_DONE && search->err.code == STATUS_OK &&
           !is_over(search, end_ms)) {
        if (search->part == PART_KNOWN)
            search_known(search, end_ms);
        else if (search->part == PART_NEW)
            search_new(search, end_ms);
        else
            search_all(search, end_ms);
    }
    db_rollback(db);
}

/* ---- on the loop ---- */

static void search_free(struct search *search)
{
    match_free(search->match);
    free(search->expression);
    free(search->found);
    free(search->lost);
    free(search);
}

static void end_slice(void *ctx)
{
    struct search *search = ctx;
    search->is_under_way = false;
    if (atomic_load(&search->is_stopped) || atomic_load(&search->store->is_closing)) {
        search_free(search);
        return;
    }
    bool is_end = search->part == PART_DONE || search->err.code != STATUS_OK;
    const struct search_portion portion = {
        .found = search->found,
        .found_count = search->found_count,
        .lost = search->lost,
        .lost_count = search->lost_count,
        .hard = search->hard,
        .is_end = is_end,
        .revision = search->revision,
        .err = search->err.code != STATUS_OK ? &search->err : NULL,
    };
    search->has_told = search->has_told || search->found_count > 0;
    search->is_under_way = true; /* so that it is not freed below our feet */
    search->fn(search->ctx, &portion);
    search->is_under_way = false;
    if (is_end || atomic_load(&search->is_stopped)) {
        search_free(search);
        return;
    }
    search->found_count = search->lost_count = 0;
    search->is_under_way = true;
    store_read_long(search->store, run_slice, end_slice, search);
}

struct search *store_search(struct store *store, const struct search_query *query,
                            search_fn fn, void *ctx, struct err *err)
{
    struct match *match = match_parse(query->typed, err);
    if (!match)
        return NULL;
    struct search *search = xcalloc(1, sizeof *search);
    const char *words = match_words(match);
    search->store = store;
    search->dataset = query->dataset_row;
    search->fn = fn;
    search->ctx = ctx;
    search->match = match;
    search->is_raw_same = strcmp(words, query->typed) == 0 && !strpbrk(words, ":\n");
    search->since = query->since;
    search->from = query->from_row;
    search->tells_lost = query->since > 0;
    index_follow(store, query->dataset_row);
    search->is_under_way = true;
    store_read_long(store, run_slice, end_slice, search);
    return search;
}

void store_search_stop(struct search *search)
{
    atomic_store(&search->is_stopped, true);
    if (!search->is_under_way)
        search_free(search);
}
