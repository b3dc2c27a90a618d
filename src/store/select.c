/* SPDX-License-Identifier: MIT
 * Which records a selection asks for, and their order: one walk over the dataset. */
#include "config.h"

#include "store/store_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "store/search_parts.h"
#include "store/store_stats.h"

enum { STEP = 256, PAGE = 16384, RECENT = 1024, SLICE_MS = 15, GAP = 8 };

/* ---- the order ---- */

/* Small, for there may be a million. */
struct keyed {
    double number; /* INFINITY = there is nothing to sort by; of a text its place */
    uint32_t index : 31;
    uint32_t is_text : 1;
    uint32_t ahead; /* its row, counted from the first record's */
};

struct selecting {
    struct store *store;
    struct dataset dataset;
    struct selection selection;
    store_selected_fn fn;
    void *ctx;
    atomic_bool is_cancelled;
    bool knows_names; /* all metadata that is named is there */
    struct naming naming;

    int64_t row;  /* the last that was looked at */
    size_t index; /* of the next */
    bool is_walked, has_first;
    bool orders_first;   /* the costly terms are looked at in the order */
    struct keyed *found; /* once all are there a heap, if they are in an order */
    size_t count, capacity;
    int64_t first; /* record's row */
    struct buf texts;
    size_t recent[RECENT];  /* places in texts, behind them: the same is kept once */
    struct keyed *answered; /* whose answers these are */
    struct values *answers;
    size_t answer_count, answer_capacity;
    struct selected *page;
    size_t page_count;
    struct err err;
};

/* Of suggestions as they are stored; -1 = none. */
static double score_of(const char *text, size_t len, const char *question)
{
    struct record record = {0};
    struct err ignored = {0};
    double most = -1;
    codec_read_suggestions(&record, text, len, &ignored);
    for (size_t i = 0; i < record.suggestion_count; i++)
        if (!question || !strcmp(record.suggestions[i].value.question, question))
            most = fmax(most, record.suggestions[i].score);
    record_clear(&record);
    return most;
}

/* The same seed gives the same order, whatever comes behind. */
static double shuffled(uint64_t seed, int64_t row)
{
    uint64_t mixed = (uint64_t)row * 0x9E3779B97F4A7C15u ^ seed * 0xD1B54A32D192ED03u;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return (double)((mixed ^ mixed >> 31) >> 11);
}

static void key_text(struct selecting *selecting, const char *text, size_t len,
                     struct keyed *key)
{
    struct buf *texts = &selecting->texts;
    size_t hash = len;
    for (size_t i = 0; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    size_t *recent = &selecting->recent[hash % RECENT];
    const char *last = *recent > len ? texts->data + *recent - len - 1 : NULL;
    if (!last || last[len] || memcmp(last, text, len) != 0) {
        buf_add(texts, text, len);
        buf_add_byte(texts, 0);
        *recent = texts->len;
    }
    key->is_text = true;
    key->number = (double)(*recent - len - 1);
}

/* Whole, where SQLite does not find the name: it compares the bytes as they are written,
 * and its own signs in a name mislead it. */
static void key_metadata(struct selecting *selecting, const char *text, size_t len,
                         struct keyed *key)
{
    json_t *metadata = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
    const json_t *json = json_object_get(metadata, selecting->selection.order.name);
    if (json_is_number(json))
        key->number = json_number_value(json);
    else if (json_is_string(json))
        key_text(selecting, json_string_value(json), json_string_length(json), key);
    json_decref(metadata);
}

/* What the orders are by, of the records from ?1 to ?2: asked for each of them alone it
 * takes three to ten times as long. */
static const char *const key_queries[] = {
    [ORDER_METADATA] =
        "SELECT row, CASE WHEN json_valid(metadata) THEN json_type(metadata, ?3) END,"
        " CASE WHEN json_valid(metadata) THEN json_extract(metadata, ?3) END, metadata"
        " FROM record WHERE row BETWEEN ?1 AND ?2 AND metadata IS NOT NULL",
    [ORDER_SCORE] = "SELECT row, suggestions FROM record WHERE row BETWEEN ?1 AND ?2"
                    " AND suggestions IS NOT NULL",
    [ORDER_LENGTH] = "SELECT record, text FROM field WHERE record BETWEEN ?1 AND ?2"
                     " AND name = ?3 ORDER BY record",
    [ORDER_INSERTED] = "SELECT row, inserted_ms * 1000 + inserted_us FROM record"
                       " WHERE row BETWEEN ?1 AND ?2",
    [ORDER_ANSWERED] = "SELECT record, updated_ms FROM response"
                       " WHERE record BETWEEN ?1 AND ?2 AND user = '' AND status > 0",
    /* What was decided between the others is no answer beside them. */
    [ORDER_DISAGREEMENT] =
        "SELECT a.record, a.answers FROM response a JOIN record r ON r.row = a.record"
        " WHERE a.record BETWEEN ?1 AND ?2 AND a.status = 2 AND (a.user <> ''"
        " OR (EXISTS (SELECT 1 FROM response o WHERE o.record = a.record AND o.user > ''"
        " AND o.status = 2) AND NOT " IS_DECIDED ")) ORDER BY a.record",
};

static void take_key(struct selecting *selecting, struct query *query, struct keyed *key)
{
    const struct selection_order *order = &selecting->selection.order;
    size_t len;
    double number = -1; /* nothing below 0 is there to sort by */
    if (order->kind == ORDER_METADATA) {
        const char *type = query_peek_text(query, 1, &len);
        if (len && (*type == 'i' || *type == 'r')) { /* integer, real */
            key->number = sqlite3_column_double(query->stmt, 2);
        } else if (len && !memcmp(type, "te", 2)) { /* text, which "true" is not */
            const char *text = query_peek_text(query, 2, &len);
            key_text(selecting, text, len, key);
        } else if (!len) {
            const char *text = query_peek_text(query, 3, &len);
            key_metadata(selecting, text, len, key);
        }
        return;
    }
    if (order->kind == ORDER_SCORE || order->kind == ORDER_LENGTH) {
        const char *text = query_peek_text(query, 1, &len);
        number = order->kind == ORDER_LENGTH ? (double)utf8_count(text, len)
                                             : score_of(text, len, order->name);
    } else {
        number = (double)query_get_int(query, 1);
    }
    if (number >= 0)
        key->number = number;
}
/* The key of that row, among those from *at to end. */
static struct keyed *find_key(const struct selecting *selecting, size_t *at, size_t end,
                              int64_t row)
{
    int64_t ahead = row - selecting->first;
    while (*at < end && selecting->found[*at].ahead < ahead)
        ++*at;
    return *at < end && selecting->found[*at].ahead == ahead ? &selecting->found[*at]
                                                             : NULL;
}

/* The rows of one record come one after the other; with NULL the last one ends. */
static void take_answers(struct selecting *selecting, struct query *query,
                         struct keyed *key)
{
    static const struct values none;
    struct err ignored = {0};
    size_t len;
    if (key != selecting->answered) {
        double number = look_disagreement(&selecting->dataset, selecting->answers,
                                          selecting->answer_count);
        if (number >= 0)
            selecting->answered->number = 1 - number;
        while (selecting->answer_count)
            values_clear(&selecting->answers[--selecting->answer_count]);
        selecting->answered = key;
    }
    if (!key)
        return;
    const char *text = query_peek_text(query, 1, &len);
    selecting->answers = xgrow(selecting->answers, selecting->answer_count,
                               &selecting->answer_capacity, sizeof none);
    struct values *values = &selecting->answers[selecting->answer_count++];
    *values = none;
    codec_read_values(values, text, len, &ignored);
    values_sort_items(values);
}

/* Of the records found[at] to found[end - 1], which stand close together. */
static void set_keys(struct selecting *selecting, struct db *db, size_t at, size_t end)
{
    const struct selection_order *order = &selecting->selection.order;
    const struct field *field = dataset_response_field(&selecting->dataset);
    char *path =
        order->kind == ORDER_METADATA ? xasprintf("$.\"%s\"", order->name) : NULL;
    struct query query = query_start(db, key_queries[order->kind]);
    query_int(&query, selecting->first + selecting->found[at].ahead);
    query_int(&query, selecting->first + selecting->found[end - 1].ahead);
    if (order->kind == ORDER_METADATA || order->kind == ORDER_LENGTH)
        query_text(&query, path ? path : field ? field->name : NULL);
    for (size_t next = at; query_row(&query);) {
        struct keyed *key = find_key(selecting, &next, end, query_get_int(&query, 0));
        if (key && order->kind == ORDER_DISAGREEMENT)
            take_answers(selecting, &query, key);
        else if (key)
            take_key(selecting, &query, key);
    }
    query_end_logged(&query);
    free(path);
    take_answers(selecting, NULL, NULL);
    for (; order->kind == ORDER_LENGTH && at < end; at++) { /* it has another field */
        struct keyed *key = &selecting->found[at];
        struct look look = {.db = db, .dataset = &selecting->dataset};
        look.row.row = selecting->first + key->ahead;
        if (!isfinite(key->number))
            key->number = (double)look_length(&look);
    }
}

static bool is_sorted(const struct selecting *selecting)
{
    const struct selection_order *order = &selecting->selection.order;
    return order->kind != ORDER_DATASET || order->is_descending;
}

/* The first record is there soonest when the cheaper of the two comes first. */
static bool is_order_cheaper(const struct selection *selection)
{
    static const enum selection_kind costs[] = {
        [ORDER_DATASET] = SELECT_RATING,   [ORDER_RANDOM] = SELECT_RATING,
        [ORDER_RATING] = SELECT_RATING,    [ORDER_INSERTED] = SELECT_RATING,
        [ORDER_ANSWERED] = SELECT_RATING,  [ORDER_METADATA] = SELECT_AGENT,
        [ORDER_SCORE] = SELECT_AGENT,      [ORDER_LENGTH] = SELECT_LENGTH,
        [ORDER_DISAGREEMENT] = SELECT_TEXT};
    for (size_t i = 0; i < selection->count; i++)
        if (selection->terms[i].kind > costs[selection->order.kind])
            return true;
    return false;
}

/* Texts come behind numbers, by their bytes; what has neither comes last either way. */
static bool is_before(const struct selecting *selecting, const struct keyed *one,
                      const struct keyed *other)
{
    const char *texts = selecting->texts.data;
    bool has_one = one->is_text || isfinite(one->number);
    bool has_other = other->is_text || isfinite(other->number);
    int order = one->is_text - other->is_text;
    if (has_one != has_other)
        return has_one;
    if (!order && one->number != other->number)
        order = one->is_text
                    ? strcmp(texts + (size_t)one->number, texts + (size_t)other->number)
                : one->number < other->number ? -1
                                              : 1;
    return order ? (order < 0) != selecting->selection.order.is_descending
                 : one->index < other->index;
}

/* key finds its place in the heap, from at downwards: a sort by it needs no memory, and
 * one page of it no more time than for that page. */
static void sift(struct selecting *selecting, size_t at, struct keyed key)
{
    struct keyed *found = selecting->found;
    for (size_t next = 2 * at + 1; next < selecting->count; next = 2 * at + 1) {
        if (next + 1 < selecting->count &&
            is_before(selecting, &found[next + 1], &found[next]))
            next++;
        if (!is_before(selecting, &found[next], &key))
            break;
        found[at] = found[next];
        at = next;
    }
    found[at] = key;
}

/* Takes the first of those that are in an order out. */
static struct selected take_first(struct selecting *selecting)
{
    const struct keyed first = selecting->found[0];
    selecting->count--;
    sift(selecting, 0, selecting->found[selecting->count]);
    return (struct selected){selecting->first + first.ahead, first.index,
                             !first.is_text && !isfinite(first.number)};
}

/* ---- the walk ---- */

static void look_at(struct selecting *selecting, struct db *db,
                    const struct queue_row *row)
{
    struct look look = {.db = db, .dataset = &selecting->dataset, .row = *row};
    if (selecting->index == 0)
        selecting->first = row->row;
    if (row->row - selecting->first > INT32_MAX)
        err_set(&selecting->err, STATUS_FULL,
                "The store has held too many records for a filter.");
    if (look_meets(&look, &selecting->selection,
                   selecting->orders_first ? SELECT_RATING : SELECT_TEXT)) {
        const struct selection_order *order = &selecting->selection.order;
        struct keyed key = {.number = HUGE_VAL,
                            .index = selecting->index & INT32_MAX,
                            .ahead = (uint32_t)(row->row - selecting->first)};
        if (order->kind == ORDER_DATASET)
            key.number = key.index;
        else if (order->kind == ORDER_RANDOM)
            key.number = shuffled(order->seed, row->row);
        else if (order->kind == ORDER_RATING && row->rating >= 0)
            key.number = row->rating;
        selecting->found = xgrow(selecting->found, selecting->count, &selecting->capacity,
                                 sizeof *selecting->found);
        selecting->found[selecting->count++] = key;
    }
    look_end(&look);
    selecting->row = row->row;
    selecting->index++;
}

static void read_row(struct query *query, struct queue_row *row)
{
    *row =
        queue_as_counted((struct queue_row){.row = query_get_int(query, 0),
                                            .status = (uint8_t)query_get_int(query, 1),
                                            .rating = (int8_t)query_get_int(query, 2),
                                            .flags = (uint16_t)query_get_int(query, 3)});
}

/* Some records further. */
static void step(struct selecting *selecting, struct db *db)
{
    struct queue_row rows[STEP];
    size_t count = 0, before = selecting->count;
    struct query query =
        query_start(db, "SELECT row, status, rating, flags FROM record"
                        " INDEXED BY record_queue WHERE dataset = ? AND row > ?"
                        " ORDER BY row LIMIT ?");
    query_int(&query, selecting->dataset.row);
    query_int(&query, selecting->row);
    query_int(&query, STEP);
    while (count < STEP && query_row(&query))
        read_row(&query, &rows[count++]);
    if (query_end(&query, &selecting->err) != STATUS_OK)
        return;
    for (size_t i = 0; i < count; i++)
        look_at(selecting, db, &rows[i]);
    const struct keyed *found = selecting->found;
    bool has_query = key_queries[selecting->selection.order.kind] != NULL;
    for (size_t at = before, end; has_query && at < selecting->count; at = end) {
        for (end = at + 1; end < selecting->count; end++)
            if (found[end].ahead - found[end - 1].ahead > GAP)
                break;
        set_keys(selecting, db, at, end);
    }
    selecting->is_walked = count < STEP;
    if (selecting->is_walked && is_sorted(selecting))
        for (size_t at = selecting->count / 2; at-- > 0;)
            sift(selecting, at, selecting->found[at]);
}

static bool is_met(struct db *db, const struct dataset *dataset,
                   const struct selection *selection, int64_t row)
{
    struct look look = {.db = db, .dataset = dataset};
    struct query query = query_start(db, "SELECT row, status, rating, flags FROM record"
                                         " WHERE dataset = ? AND row = ?");
    query_int(&query, dataset->row);
    query_int(&query, row);
    bool is_met = query_row(&query);
    if (is_met)
        read_row(&query, &look.row);
    query_end_logged(&query);
    is_met = is_met && look_meets(&look, selection, SELECT_TEXT);
    look_end(&look);
    return is_met;
}

/* Some of what was found are handed out: in the order, once all are there. */
static void hand_out(struct selecting *selecting, struct db *db)
{
    bool is_heap = is_sorted(selecting);
    if (is_heap && !selecting->is_walked)
        return;
    for (size_t i = 0; !is_heap && i < selecting->count; i++) {
        const struct keyed *key = &selecting->found[i];
        selecting->page[selecting->page_count++] =
            (struct selected){selecting->first + key->ahead, key->index, false};
    }
    if (!is_heap)
        selecting->count = 0;
    for (size_t i = 0; i < STEP && selecting->count > 0; i++) {
        struct selected first = take_first(selecting);
        if (!selecting->orders_first ||
            is_met(db, &selecting->dataset, &selecting->selection, first.row))
            selecting->page[selecting->page_count++] = first;
    }
}

static bool is_over(const struct selecting *selecting)
{
    return selecting->is_walked && selecting->count == 0;
}

static void run_slice(void *ctx)
{
    struct selecting *selecting = ctx;
    struct store *store = selecting->store;
    struct err *err = &selecting->err;
    int64_t end_ms = clock_mono_ms(&clock_system) + SLICE_MS;
    selecting->page_count = 0;
    struct db *db = store_long_reader(store, err);
    if (!db || db_begin_read(db, err) != STATUS_OK)
        return;
    if (!selecting->knows_names)
        selecting->knows_names =
            look_up_names(&selecting->naming, db, &selecting->dataset,
                          &selecting->selection, end_ms, err);
    while (selecting->knows_names && err->code == STATUS_OK && !is_over(selecting) &&
           !(selecting->page_count && !selecting->has_first) &&
           selecting->page_count + STEP <= PAGE && !atomic_load(&store->is_closing) &&
           !atomic_load(&selecting->is_cancelled) &&
           clock_mono_ms(&clock_system) < end_ms) {
        if (!selecting->is_walked)
            step(selecting, db);
        hand_out(selecting, db);
    }
    selecting->has_first |= selecting->page_count > 0;
    db_rollback(db);
    if (selecting->is_walked) /* whoever takes them needs the memory now */
        selecting->found = xreallocarray(selecting->found, selecting->count + 1,
                                         sizeof *selecting->found);
}

static void selecting_free(struct selecting *selecting)
{
    dataset_clear(&selecting->dataset);
    selection_clear(&selecting->selection);
    buf_clear(&selecting->texts);
    free(selecting->found);
    free(selecting->answers);
    free(selecting->page);
    free(selecting);
}

static void end_slice(void *ctx)
{
    struct selecting *selecting = ctx;
    struct store *store = selecting->store;
    bool is_cancelled = atomic_load(&selecting->is_cancelled);
    bool is_failed = selecting->err.code != STATUS_OK;
    bool ends = is_over(selecting) || is_failed || atomic_load(&store->is_closing);
    if (!is_cancelled)
        selecting->fn(selecting->ctx, selecting->page,
                      is_failed ? 0 : selecting->page_count, ends, &selecting->err);
    if (ends || atomic_load(&selecting->is_cancelled))
        selecting_free(selecting);
    else
        store_read_long(store, run_slice, end_slice, selecting);
}

struct selecting *store_select(struct store *store, const struct dataset *dataset,
                               const struct selection *selection, bool refuses_unknown,
                               store_selected_fn fn, void *ctx)
{
    struct selecting *selecting = xcalloc(1, sizeof *selecting);
    selecting->store = store;
    selecting->fn = fn;
    selecting->ctx = ctx;
    selecting->knows_names = !refuses_unknown;
    dataset_copy(&selecting->dataset, dataset);
    selection_copy(&selecting->selection, selection);
    selecting->page = xcalloc(PAGE, sizeof *selecting->page);
    selecting->orders_first = is_sorted(selecting) && is_order_cheaper(selection);
    store_read_long(store, run_slice, end_slice, selecting);
    return selecting;
}

void store_select_cancel(struct selecting *selecting)
{
    if (selecting)
        atomic_store(&selecting->is_cancelled, true);
}

bool store_is_selected(struct store *store, const struct dataset *dataset,
                       const struct selection *selection, int64_t row)
{
    return is_met(store->db, dataset, selection, row);
}
