/* SPDX-License-Identifier: MIT
 * What records are put in order by, and the order: a heap. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/utf8.h"
#include "base/xalloc.h"
#include "store/search_parts.h"
#include "store/store_stats.h"

enum { GAP = 8, TEXT_MAX = 40 /* bytes of a suggested text that order */ };

/* Keys are compared as whole numbers: above those of all numbers are the places of texts,
 * which are compared by their bytes. */
#define KEY_TEXT (UINT64_C(0xFFF8) << 48)
#define KEY_NONE UINT64_MAX

/* ---- one key ---- */

static uint64_t key_of(double number)
{
    uint64_t bits;
    number += 0.0; /* of the two zeros one */
    memcpy(&bits, &number, sizeof bits);
    return !isfinite(number) ? KEY_NONE : bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* The same seed gives the same order, whatever comes behind. */
static double shuffled(uint64_t seed, int64_t row)
{
    uint64_t mixed = (uint64_t)row * 0x9E3779B97F4A7C15u ^ seed * 0xD1B54A32D192ED03u;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return (double)((mixed ^ mixed >> 31) >> 11);
}

static void key_text(struct ordering *ordering, const char *text, size_t len,
                     uint64_t *key)
{
    struct buf *texts = &ordering->texts;
    size_t hash = len;
    for (size_t i = 0; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    size_t *recent = &ordering->recent[hash % ORDERING_RECENT];
    const char *last = *recent > len ? texts->data + *recent - len - 1 : NULL;
    if (!last || last[len] || memcmp(last, text, len) != 0) {
        buf_add(texts, text, len);
        buf_add_byte(texts, 0);
        *recent = texts->len;
    }
    *key = KEY_TEXT + (*recent - len - 1);
}

/* Of suggestions as they are stored: a rating, of several values the first. */
static void key_value(struct ordering *ordering, const char *question,
                      const struct record *suggested, uint64_t *key)
{
    for (size_t i = 0; i < suggested->suggestion_count; i++) {
        const struct value *value = &suggested->suggestions[i].value;
        if (strcmp(value->question, question) != 0)
            continue;
        char *first = look_first(value);
        const char *text = first ? first : value->text;
        if (value->type == QUESTION_RATING)
            *key = key_of(value->rating);
        else if (text)
            key_text(ordering, text, strnlen(text, TEXT_MAX), key);
        free(first);
    }
}

static double highest_score(const char *question, const struct record *suggested)
{
    double most = -1, score;
    for (size_t i = 0; i < suggested->suggestion_count; i++)
        if (!question || !strcmp(suggested->suggestions[i].value.question, question))
            for (size_t k = 0; look_score(&suggested->suggestions[i], k, &score); k++)
                most = fmax(most, score);
    return most;
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
    [ORDER_VALUE] = "SELECT row, suggestions FROM record WHERE row BETWEEN ?1 AND ?2"
                    " AND suggestions IS NOT NULL",
    [ORDER_LENGTH] = "SELECT record, text FROM field WHERE record BETWEEN ?1 AND ?2"
                     " AND name = ?3 ORDER BY record",
    [ORDER_INSERTED] = "SELECT row, inserted_ms * 1000 + inserted_us FROM record"
                       " WHERE row BETWEEN ?1 AND ?2",
    [ORDER_UPDATED] = /* an answer of ours is a change there, too */
    "SELECT row, max(coalesce(updated_us, inserted_ms * 1000 + inserted_us), coalesce("
    "(SELECT updated_ms * 1000 FROM response WHERE record = row AND user = ''), 0))"
    " FROM record WHERE row BETWEEN ?1 AND ?2",
    [ORDER_ANSWERED] = "SELECT record, updated_ms FROM response"
                       " WHERE record BETWEEN ?1 AND ?2 AND user = '' AND status > 0",
    /* What was decided between the others is no answer beside them. */
    [ORDER_DISAGREEMENT] =
        "SELECT a.record, a.answers FROM response a JOIN record r ON r.row = a.record"
        " WHERE a.record BETWEEN ?1 AND ?2 AND a.status = 2 AND (a.user <> ''"
        " OR (EXISTS (SELECT 1 FROM response o WHERE o.record = a.record AND o.user > ''"
        " AND o.status = 2) AND NOT " IS_DECIDED ")) ORDER BY a.record",
};

static void take_key(struct ordering *ordering, const struct selection_order *order,
                     struct query *query, uint64_t *key)
{
    struct record suggested = {0};
    struct err ignored = {0};
    size_t len;
    double number = -1; /* nothing below 0 is there to sort by */
    const char *text = NULL;
    if (order->kind == ORDER_INSERTED || order->kind == ORDER_UPDATED ||
        order->kind == ORDER_ANSWERED)
        number = (double)query_get_int(query, 1);
    else
        text = query_peek_text(query, 1, &len);
    if (order->kind == ORDER_LENGTH) {
        number = (double)utf8_count(text, len);
    } else if (order->kind == ORDER_SCORE || order->kind == ORDER_VALUE) {
        codec_read_suggestions(&suggested, text, len, &ignored);
        if (order->kind == ORDER_VALUE)
            key_value(ordering, order->name, &suggested, key);
        else
            number = highest_score(order->name, &suggested);
        record_clear(&suggested);
    } else if (order->kind == ORDER_METADATA && !len) {
        text = query_peek_text(query, 3, &len);
        /* Whole, where SQLite does not find the name: it compares the bytes as they are
         * written, and its own signs in a name mislead it. */
        json_t *metadata = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
        const json_t *json = json_object_get(metadata, order->name);
        if (json_is_number(json))
            *key = key_of(json_number_value(json));
        else if (json_is_string(json))
            key_text(ordering, json_string_value(json), json_string_length(json), key);
        json_decref(metadata);
    } else if (order->kind == ORDER_METADATA && (*text == 'i' || *text == 'r')) {
        *key = key_of(sqlite3_column_double(query->stmt, 2)); /* integer, real */
    } else if (order->kind == ORDER_METADATA && !memcmp(text, "te", 2)) {
        text = query_peek_text(query, 2, &len); /* text, which "true" is not */
        key_text(ordering, text, len, key);
    }
    if (number >= 0)
        *key = key_of(number);
}

/* ---- the keys of many ---- */

static struct keyed *at(const struct ordering *ordering, size_t index)
{
    return (struct keyed *)(void *)(ordering->found + index * ordering->stride);
}

/* The rows of one record come one after the other; with NULL the last one ends. */
static void take_answers(struct ordering *ordering, struct query *query, uint64_t *key)
{
    static const struct values none;
    struct err ignored = {0};
    size_t len;
    if (key != ordering->answered) {
        double number = look_disagreement(ordering->dataset, ordering->answers,
                                          ordering->answer_count);
        if (number >= 0)
            *ordering->answered = key_of(1 - number);
        while (ordering->answer_count)
            values_clear(&ordering->answers[--ordering->answer_count]);
        ordering->answered = key;
    }
    if (!key)
        return;
    const char *text = query_peek_text(query, 1, &len);
    ordering->answers = xgrow(ordering->answers, ordering->answer_count,
                              &ordering->answer_capacity, sizeof none);
    struct values *values = &ordering->answers[ordering->answer_count++];
    *values = none;
    codec_read_values(values, text, len, &ignored);
    values_sort_items(values);
}

/* The k-th key of those from begin to end - 1, which stand close together. */
static void set_keys(struct ordering *ordering, struct db *db, size_t k, size_t begin,
                     size_t end)
{
    const struct selection_order *order = &ordering->selection->orders[k];
    const struct field *field = dataset_response_field(ordering->dataset);
    char *path =
        order->kind == ORDER_METADATA ? xasprintf("$.\"%s\"", order->name) : NULL;
    struct query query = query_start(db, key_queries[order->kind]);
    query_int(&query, ordering->first + at(ordering, begin)->ahead);
    query_int(&query, ordering->first + at(ordering, end - 1)->ahead);
    if (order->kind == ORDER_METADATA || order->kind == ORDER_LENGTH)
        query_text(&query, path ? path : field ? field->name : NULL);
    for (size_t next = begin; query_row(&query);) {
        /* the one of that row, among those from next to end */
        int64_t ahead = query_get_int(&query, 0) - ordering->first;
        while (next < end && at(ordering, next)->ahead < ahead)
            ++next;
        struct keyed *found = next < end ? at(ordering, next) : NULL;
        struct keyed *keyed = found && found->ahead == ahead ? found : NULL;
        if (keyed && order->kind == ORDER_DISAGREEMENT)
            take_answers(ordering, &query, &keyed->keys[k]);
        else if (keyed)
            take_key(ordering, order, &query, &keyed->keys[k]);
    }
    query_end_logged(&query);
    free(path);
    take_answers(ordering, NULL, NULL);
    for (; order->kind == ORDER_LENGTH && begin < end; begin++) { /* of another field */
        struct keyed *keyed = at(ordering, begin);
        struct look look = {.db = db, .dataset = ordering->dataset};
        look.row.row = ordering->first + keyed->ahead;
        if (keyed->keys[k] == KEY_NONE)
            keyed->keys[k] = key_of((double)look_length(&look));
    }
}

/* ---- the order ---- */

void ordering_start(struct ordering *ordering, const struct dataset *dataset,
                    const struct selection *selection)
{
    ordering->dataset = dataset;
    ordering->selection = selection;
    ordering->stride = sizeof(struct keyed) + selection->order_count * sizeof(uint64_t);
}

void ordering_add(struct ordering *ordering, size_t index, const struct queue_row *row)
{
    const struct selection *selection = ordering->selection;
    ordering->found =
        xgrow(ordering->found, ordering->count, &ordering->capacity, ordering->stride);
    struct keyed *keyed = at(ordering, ordering->count++);
    keyed->index = (uint32_t)index;
    keyed->ahead = (uint32_t)(row->row - ordering->first);
    for (size_t k = 0; k < selection->order_count; k++) {
        const struct selection_order *order = &selection->orders[k];
        keyed->keys[k] =
            order->kind == ORDER_DATASET  ? key_of((double)index)
            : order->kind == ORDER_RANDOM ? key_of(shuffled(order->seed, row->row))
            : order->kind == ORDER_RATING && row->rating >= 0 ? key_of(row->rating)
                                                              : KEY_NONE;
    }
}

void ordering_read(struct ordering *ordering, struct db *db, size_t from)
{
    for (size_t end; from < ordering->count; from = end) {
        for (end = from + 1; end < ordering->count; end++)
            if (at(ordering, end)->ahead - at(ordering, end - 1)->ahead > GAP)
                break;
        for (size_t k = 0; k < ordering->selection->order_count; k++)
            if (key_queries[ordering->selection->orders[k].kind])
                set_keys(ordering, db, k, from, end);
    }
}

/* What has no key comes last either way. */
static bool is_before(const struct ordering *ordering, const struct keyed *one,
                      const struct keyed *other)
{
    const char *texts = ordering->texts.data;
    for (size_t k = 0; k < ordering->selection->order_count; k++) {
        uint64_t a = one->keys[k], b = other->keys[k];
        bool has_both = a != KEY_NONE && b != KEY_NONE;
        int order = a < b ? -1 : a > b;
        if (order && has_both && a >= KEY_TEXT && b >= KEY_TEXT)
            order = strcmp(texts + (a - KEY_TEXT), texts + (b - KEY_TEXT));
        if (order)
            return (order < 0) !=
                   (has_both && ordering->selection->orders[k].is_descending);
    }
    return one->index < other->index;
}

/* The one at from finds its place in the heap, from to downwards: a sort by it needs no
 * memory, and one page of it no more time than for that page. */
static void sift(struct ordering *ordering, size_t to, size_t from)
{
    uint64_t held[1 + ORDERS_MAX];
    const struct keyed *keyed = memcpy(held, at(ordering, from), ordering->stride);
    for (size_t next = 2 * to + 1; next < ordering->count; next = 2 * to + 1) {
        if (next + 1 < ordering->count &&
            is_before(ordering, at(ordering, next + 1), at(ordering, next)))
            next++;
        if (!is_before(ordering, at(ordering, next), keyed))
            break;
        memcpy(at(ordering, to), at(ordering, next), ordering->stride);
        to = next;
    }
    memcpy(at(ordering, to), held, ordering->stride);
}

void ordering_settle(struct ordering *ordering)
{
    for (size_t i = ordering->count / 2; i-- > 0;)
        sift(ordering, i, i);
}

struct selected ordering_take(struct ordering *ordering)
{
    const struct keyed *first = at(ordering, 0);
    struct selected taken = {ordering->first + first->ahead, first->index,
                             first->keys[0] == KEY_NONE};
    ordering->count--;
    sift(ordering, 0, ordering->count);
    return taken;
}

size_t ordering_take_all(struct ordering *ordering, struct selected *out)
{
    size_t count = ordering->count;
    for (size_t i = 0; i < count; i++)
        out[i] = (struct selected){ordering->first + at(ordering, i)->ahead,
                                   at(ordering, i)->index, false};
    ordering->count = 0;
    return count;
}

void ordering_shrink(struct ordering *ordering)
{
    ordering->capacity = ordering->count + 1;
    ordering->found =
        xreallocarray(ordering->found, ordering->capacity, ordering->stride);
}

void ordering_clear(struct ordering *ordering)
{
    buf_clear(&ordering->texts);
    free(ordering->found);
    free(ordering->answers);
}
