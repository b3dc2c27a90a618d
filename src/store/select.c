/* SPDX-License-Identifier: MIT
 * Which records a selection asks for, and their order: one walk over the dataset. */
#include "config.h"

#include "store/store_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "store/search_parts.h"
#include "store/store_stats.h"
#include "json/json.h"

enum { STEP = 256, PAGE = 16384, RECENT = 1024, SLICE_MS = 15 };

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
    size_t recent[RECENT]; /* places in texts, behind them: the same is kept once */
    struct selected *page;
    size_t page_count;
    struct err err;
};

/* Of sets, as values_sort_items writes them: what only one of both has, of all. */
static double distance_of_sets(const char *one, const char *other)
{
    json_t *a = json_parse(one, strlen(one), NULL);
    json_t *b = json_parse(other, strlen(other), NULL), *item;
    const char *key;
    size_t both = 0, all = json_object_size(a) + json_object_size(b);
    json_object_foreach(a, key, item) both += json_object_get(b, key) != NULL;
    all -= both;
    json_decref(a);
    json_decref(b);
    return all ? 1 - (double)both / (double)all : 0;
}

static double disagreement_on(const struct question *question, const struct values *all,
                              size_t count)
{
    const int *ratings = question->ratings;
    double sum = 0, span = 1;
    size_t pairs = 0;
    for (size_t i = 0; i < question->rating_count; i++)
        span = fmax(span, ratings[i] - ratings[0]);
    for (size_t a = 0; a < count; a++) {
        const struct value *one = values_find(&all[a], question->name);
        for (size_t b = 0; one && b < a; b++) {
            const struct value *other = values_find(&all[b], question->name);
            if (!other || other->type != one->type)
                continue;
            pairs++;
            if (one->type == QUESTION_RATING)
                sum += pow((one->rating - other->rating) / span, 2);
            else if (one->text && other->text)
                sum += one->type == QUESTION_LABEL
                           ? strcmp(one->text, other->text) != 0
                           : distance_of_sets(one->text, other->text);
        }
    }
    return pairs ? sum / (double)pairs : -1;
}

/* From 0 to 1: the mean distance of two answers, over all questions that two have
 * answered; -1 where there is none. Free texts differ always and are left out. */
static double disagreement_of(const struct look *look)
{
    struct values *all = NULL;
    size_t count = 0, len;
    double sum = 0;
    size_t answered = 0;
    struct query query =
        query_start(look->db, "SELECT a.answers FROM response a JOIN record r"
                              " ON r.row = a.record WHERE a.record = ? AND a.status = 2"
                              " AND NOT (a.user = '' AND " IS_DECIDED ")");
    query_int(&query, look->row.row);
    while (query_row(&query)) {
        struct err ignored = {0};
        char *answers = query_get_text(&query, 0, &len);
        all = xreallocarray(all, count + 1, sizeof *all);
        all[count] = (struct values){0};
        codec_read_values(&all[count], answers, len, &ignored);
        values_sort_items(&all[count++]);
        free(answers);
    }
    query_end_logged(&query);
    for (size_t i = 0; i < look->dataset->question_count; i++) {
        const struct question *question = &look->dataset->questions[i];
        double distance =
            question->type == QUESTION_TEXT ? -1 : disagreement_on(question, all, count);
        sum += distance < 0 ? 0 : distance;
        answered += distance >= 0;
    }
    for (size_t i = 0; i < count; i++)
        values_clear(&all[i]);
    free(all);
    return answered ? sum / (double)answered : -1;
}

static double score_of(struct look *look, const char *question)
{
    const struct record *record = look_suggestions(look);
    double most = -1;
    for (size_t i = 0; i < record->suggestion_count; i++)
        if (!question || !strcmp(record->suggestions[i].value.question, question))
            most = fmax(most, record->suggestions[i].score);
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

static void key_metadata(struct selecting *selecting, struct look *look,
                         struct keyed *key)
{
    const json_t *json =
        json_object_get(look_metadata(look), selecting->selection.order.name);
    if (json_is_number(json))
        key->number = json_number_value(json);
    key->is_text = json_is_string(json);
    if (!key->is_text)
        return;
    const char *text = json_string_value(json);
    size_t len = strlen(text) + 1, hash = len;
    for (size_t i = 0; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    size_t *recent = &selecting->recent[hash % RECENT];
    if (*recent < len || memcmp(selecting->texts.data + *recent - len, text, len) != 0) {
        buf_add(&selecting->texts, text, len);
        *recent = selecting->texts.len;
    }
    key->number = (double)(*recent - len);
}

static void set_key(struct selecting *selecting, struct look *look, struct keyed *key)
{
    const struct selection_order *order = &selecting->selection.order;
    double number = -1; /* nothing below 0 is there to sort by */
    switch (order->kind) {
    case ORDER_DATASET:
        number = key->index;
        break;
    case ORDER_RANDOM:
        number = shuffled(order->seed, look->row.row);
        break;
    case ORDER_METADATA:
        key_metadata(selecting, look, key);
        return;
    case ORDER_SCORE:
        number = score_of(look, order->name);
        break;
    case ORDER_RATING:
        number = look->row.rating;
        break;
    case ORDER_LENGTH:
        number = (double)look_length(look);
        break;
    case ORDER_INSERTED: {
        struct query query = query_start(
            look->db,
            "SELECT inserted_ms * 1000 + inserted_us FROM record WHERE row = ?");
        query_int(&query, look->row.row);
        number = (double)query_take_int(&query);
        break;
    }
    case ORDER_ANSWERED:
        number = (double)look_answered(look);
        break;
    case ORDER_DISAGREEMENT:
        number = disagreement_of(look);
        number = number < 0 ? -1 : 1 - number;
        break;
    }
    if (number >= 0)
        key->number = number;
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
    bool is_cheaper = false;
    for (size_t i = 0; i < selection->count; i++)
        is_cheaper |= selection->terms[i].kind > costs[selection->order.kind];
    return is_cheaper;
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
    return (struct selected){selecting->first + first.ahead, first.index};
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
        struct keyed key = {.number = HUGE_VAL,
                            .index = selecting->index & INT32_MAX,
                            .ahead = (uint32_t)(row->row - selecting->first)};
        if (is_sorted(selecting))
            set_key(selecting, &look, &key);
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
                                            .flags = (uint8_t)query_get_int(query, 3)});
}

/* Some records further. */
static void step(struct selecting *selecting, struct db *db)
{
    struct queue_row rows[STEP];
    size_t count = 0;
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
            (struct selected){selecting->first + key->ahead, key->index};
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
    atomic_store(&selecting->is_cancelled, true);
}

bool store_is_selected(struct store *store, const struct dataset *dataset,
                       const struct selection *selection, int64_t row)
{
    return is_met(store->db, dataset, selection, row);
}
