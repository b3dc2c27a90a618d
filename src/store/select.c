/* SPDX-License-Identifier: MIT
 * Which records a selection asks for, and their order: one walk over the dataset. */
#include "config.h"

#include "store/store_select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "store/look.h"

enum { STEP = 256, PAGE = 16384, SLICE_MS = 15 };

/* ---- the order ---- */

/* Small, for there may be a million. */
struct keyed {
    double number; /* INFINITY = there is nothing to sort by: the last */
    uint32_t index;
    uint32_t ahead; /* its row, counted from the first record's */
};

/* A text to sort by, of found[at]; until all are there its place among them. */
struct word {
    union {
        const char *text;
        size_t place;
    };
    size_t at;
};

struct selecting {
    struct store *store;
    struct dataset dataset;
    struct selection selection;
    store_selected_fn fn;
    void *ctx;
    atomic_bool is_cancelled;

    int64_t row;  /* the last that was looked at */
    size_t index; /* of the next */
    bool is_walked, has_first;
    struct keyed *found;
    size_t count, capacity;
    int64_t first; /* record's row */
    struct buf texts;
    struct word *words;
    size_t word_count, word_capacity;
    struct selected *page;
    size_t page_count, given;
    bool is_over;
    struct err err;
};

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
            else
                sum += one->text && other->text && strcmp(one->text, other->text) != 0;
        }
    }
    return pairs ? sum / (double)pairs : -1;
}

/* From 0 to 1: the mean distance of two answers, of the question where it is greatest;
 * -1 where not two have answered. Free texts differ always and are left out. */
static double disagreement_of(const struct look *look)
{
    struct values *all = NULL;
    size_t count = 0, len;
    double most = -1;
    struct query query = query_start(
        look->db, "SELECT answers FROM response WHERE record = ? AND status = 2");
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
        if (question->type != QUESTION_TEXT && question->type != QUESTION_SPAN)
            most = fmax(most, disagreement_on(question, all, count));
    }
    for (size_t i = 0; i < count; i++)
        values_clear(&all[i]);
    free(all);
    return most;
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
    if (json_is_number(json)) {
        key->number = json_number_value(json);
    } else if (json_is_string(json)) {
        selecting->words = xgrow(selecting->words, selecting->word_count,
                                 &selecting->word_capacity, sizeof *selecting->words);
        selecting->words[selecting->word_count++] =
            (struct word){.place = selecting->texts.len, .at = selecting->count};
        buf_add(&selecting->texts, json_string_value(json),
                strlen(json_string_value(json)) + 1);
    }
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
        struct query query =
            query_start(look->db, "SELECT inserted_ms FROM record WHERE row = ?");
        query_int(&query, look->row.row);
        number = (double)query_take_int(&query);
        break;
    }
    case ORDER_ANSWERED:
        look_ours(look);
        number = look->answered_ms ? (double)look->answered_ms : -1;
        break;
    case ORDER_DISAGREEMENT:
        number = disagreement_of(look);
        number = number < 0 ? -1 : 1 - number;
        break;
    }
    if (number >= 0)
        key->number = number;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

/* Texts come behind numbers, by their bytes. */
static void number_texts(struct selecting *selecting)
{
    struct word *words = selecting->words;
    size_t count = selecting->word_count;
    double rank = 1e300;
    for (size_t i = 0; i < count; i++)
        words[i].text = selecting->texts.data + words[i].place;
    qsort(words, count, sizeof *words, compare_words);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(words[i].text, words[i - 1].text) != 0)
            rank = nextafter(rank, HUGE_VAL);
        selecting->found[words[i].at].number = rank;
    }
    free(words);
    selecting->words = NULL;
    buf_clear(&selecting->texts);
}

static int compare_keys(const void *a, const void *b)
{
    const struct keyed *one = a, *other = b;
    if (one->number != other->number)
        return one->number < other->number ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

static bool is_sorted(const struct selecting *selecting)
{
    const struct selection_order *order = &selecting->selection.order;
    return order->kind != ORDER_DATASET || order->is_descending;
}

static void sort(struct selecting *selecting)
{
    if (selecting->texts.len)
        number_texts(selecting);
    if (selecting->selection.order.is_descending)
        for (size_t i = 0; i < selecting->count; i++)
            if (isfinite(selecting->found[i].number))
                selecting->found[i].number = -selecting->found[i].number;
    if (selecting->count)
        qsort(selecting->found, selecting->count, sizeof *selecting->found, compare_keys);
}

/* ---- the walk ---- */

static void look_at(struct selecting *selecting, struct db *db,
                    const struct queue_row *row)
{
    struct look look = {.db = db, .dataset = &selecting->dataset, .row = *row};
    if (selecting->index == 0)
        selecting->first = row->row;
    if (row->row - selecting->first > UINT32_MAX)
        err_set(&selecting->err, STATUS_FULL,
                "The store has held too many records for a filter.");
    if (look_meets_all(&look, &selecting->selection)) {
        struct keyed key = {.number = HUGE_VAL,
                            .index = (uint32_t)selecting->index,
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
        sort(selecting);
}

/* What is ready to be handed out. */
static void fill_page(struct selecting *selecting)
{
    size_t left = selecting->count - selecting->given;
    bool is_ready = selecting->is_walked || !is_sorted(selecting);
    selecting->page_count = is_ready ? left < PAGE ? left : PAGE : 0;
    selecting->page = xreallocarray(selecting->page, selecting->page_count + 1,
                                    sizeof *selecting->page);
    for (size_t i = 0; i < selecting->page_count; i++) {
        const struct keyed *key = &selecting->found[selecting->given++];
        selecting->page[i] = (struct selected){selecting->first + key->ahead, key->index};
    }
    selecting->is_over = selecting->is_walked && selecting->given == selecting->count;
    if (is_sorted(selecting))
        return;
    selecting->count -= selecting->given;
    if (selecting->count)
        memmove(selecting->found, selecting->found + selecting->given,
                selecting->count * sizeof *selecting->found);
    selecting->given = 0;
}

static void run_slice(void *ctx)
{
    struct selecting *selecting = ctx;
    struct store *store = selecting->store;
    int64_t end_ms = clock_mono_ms(&clock_system) + SLICE_MS;
    if (!selecting->is_walked) {
        struct db *db = store_long_reader(store, &selecting->err);
        if (!db || db_begin_read(db, &selecting->err) != STATUS_OK)
            return;
        bool waits_for_first = !is_sorted(selecting) && !selecting->has_first;
        do
            step(selecting, db);
        while (!selecting->is_walked && selecting->err.code == STATUS_OK &&
               !(waits_for_first && selecting->count) &&
               !atomic_load(&store->is_closing) &&
               !atomic_load(&selecting->is_cancelled) &&
               clock_mono_ms(&clock_system) < end_ms);
        selecting->has_first |= selecting->count > 0;
        db_rollback(db);
    }
    fill_page(selecting);
}

static void selecting_free(struct selecting *selecting)
{
    dataset_clear(&selecting->dataset);
    selection_clear(&selecting->selection);
    buf_clear(&selecting->texts);
    free(selecting->words);
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
    bool is_over = selecting->is_over || is_failed || atomic_load(&store->is_closing);
    if (!is_cancelled)
        selecting->fn(selecting->ctx, selecting->page,
                      is_failed ? 0 : selecting->page_count, is_over, &selecting->err);
    if (is_over || atomic_load(&selecting->is_cancelled))
        selecting_free(selecting);
    else
        store_read_long(store, run_slice, end_slice, selecting);
}

static struct selecting *selecting_new(struct store *store, const struct dataset *dataset,
                                       const struct selection *selection)
{
    struct selecting *selecting = xcalloc(1, sizeof *selecting);
    selecting->store = store;
    dataset_copy(&selecting->dataset, dataset);
    selection_copy(&selecting->selection, selection);
    return selecting;
}

struct selecting *store_select(struct store *store, const struct dataset *dataset,
                               const struct selection *selection, store_selected_fn fn,
                               void *ctx)
{
    struct selecting *selecting = selecting_new(store, dataset, selection);
    selecting->fn = fn;
    selecting->ctx = ctx;
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
    struct look look = {.db = store->db, .dataset = dataset};
    struct query query =
        query_start(store->db, "SELECT row, status, rating, flags FROM record"
                               " WHERE dataset = ? AND row = ?");
    query_int(&query, dataset->row);
    query_int(&query, row);
    bool is_met = query_row(&query);
    read_row(&query, &look.row);
    query_end_logged(&query);
    is_met = is_met && look_meets_all(&look, selection);
    look_end(&look);
    return is_met;
}

enum status store_select_now(struct store *store, const struct dataset *dataset,
                             const struct selection *selection, int64_t **rows,
                             size_t *count, struct err *err)
{
    struct selecting *selecting = selecting_new(store, dataset, selection);
    enum status status = db_begin_read(store->db, err);
    while (status == STATUS_OK && !selecting->is_walked &&
           selecting->err.code == STATUS_OK)
        step(selecting, store->db);
    db_rollback(store->db);
    if (status == STATUS_OK && selecting->err.code != STATUS_OK)
        status = err_set(err, selecting->err.code, "%s", selecting->err.text);
    *count = status == STATUS_OK ? selecting->count : 0;
    *rows = xcalloc(*count + 1, sizeof **rows);
    for (size_t i = 0; i < *count; i++)
        (*rows)[i] = selecting->first + selecting->found[i].ahead;
    selecting_free(selecting);
    return status;
}

/* ---- names ---- */

enum { WORDS_MS = 100, NAMES_MAX = 200 };

struct wording {
    struct store *store;
    int64_t dataset;
    struct selection_words words;
    store_words_fn fn;
    void *ctx;
};

static void take_words(struct look *look, struct selection_words *words)
{
    const char *name, *model = look_model(look);
    json_t *value;
    if (model)
        selection_words_add(words, WORD_MODEL, model);
    json_object_foreach(look_metadata(look), name, value)
        selection_words_add(words, WORD_METADATA, name);
    const struct record *record = look_suggestions(look);
    for (size_t i = 0; i < record->suggestion_count; i++)
        if (record->suggestions[i].agent)
            selection_words_add(words, WORD_AGENT, record->suggestions[i].agent);
}

static void run_words(void *ctx)
{
    struct wording *wording = ctx;
    struct err ignored = {0};
    struct db *db = store_long_reader(wording->store, &ignored);
    int64_t end_ms = clock_mono_ms(&clock_system) + WORDS_MS;
    if (!db || db_begin_read(db, &ignored) != STATUS_OK)
        return;
    struct query query = query_start(db, "SELECT row FROM record INDEXED BY record_queue"
                                         " WHERE dataset = ? ORDER BY row DESC");
    query_int(&query, wording->dataset);
    while (!atomic_load(&wording->store->is_closing) &&
           wording->words.count < NAMES_MAX && query_row(&query) &&
           clock_mono_ms(&clock_system) < end_ms) {
        struct look look = {.db = db, .row = {.row = query_get_int(&query, 0)}};
        take_words(&look, &wording->words);
        look_end(&look);
    }
    query_end_logged(&query);
    db_rollback(db);
}

static void end_words(void *ctx)
{
    struct wording *wording = ctx;
    wording->fn(wording->ctx, &wording->words);
    selection_words_clear(&wording->words);
    free(wording);
}

void store_list_words(struct store *store, int64_t dataset_row, store_words_fn fn,
                      void *ctx)
{
    struct wording *wording = xcalloc(1, sizeof *wording);
    *wording =
        (struct wording){.store = store, .dataset = dataset_row, .fn = fn, .ctx = ctx};
    store_read_long(store, run_words, end_words, wording);
}
