/* SPDX-License-Identifier: MIT
 * Siblings, which of them a person preferred, and the pairs that follow. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/parts.h"

const char pick_kind[] = "pick";

/* ---- siblings ---- */

/* That record r of dataset d was asked the same as record ?1. */
#define SAME_PROMPT                                                                      \
    "(SELECT f.text FROM field f WHERE f.record = r.row"                                 \
    "  AND f.name = coalesce(d.prompt_field, 'prompt'))"                                 \
    " IS (SELECT f.text FROM field f WHERE f.record = ?1"                                \
    "  AND f.name = coalesce(d.prompt_field, 'prompt'))"                                 \
    " AND r.dataset = (SELECT dataset FROM record WHERE row = ?1)"

/* The record that completion.parent of row names; 0 = none. */
static int64_t find_parent(struct store *store, int64_t row)
{
    struct id id;
    struct query query =
        query_start(store->db, "SELECT parent FROM completion WHERE record = ?");
    query_int(&query, row);
    char *text = query_take_text(&query);
    bool is_known = text && text[0] != '\0' &&
                    store_find_record(store, 0, text, &id, NULL) == STATUS_OK;
    free(text);
    return is_known ? record_find_row(store, &id) : 0;
}

enum status store_list_siblings(struct store *store, int64_t row, size_t max,
                                int64_t **rows, size_t *count, struct err *err)
{
    *rows = xcalloc(max, sizeof **rows);
    *count = 0;
    read_begin(store);
    int64_t parent = find_parent(store, row);
    struct query query = query_start(
        store->db, "SELECT row FROM (SELECT r.row FROM record r JOIN dataset d ON d.row "
                   "= r.dataset WHERE r.flags & 64 = 0 AND r.row IN ("
                   " SELECT ?1 UNION SELECT ?2"
                   " UNION SELECT record FROM completion WHERE parent ="
                   "  (SELECT lower(hex(id)) FROM record WHERE row = ?1)"
                   " UNION SELECT record FROM completion WHERE parent ="
                   "  (SELECT parent FROM completion WHERE record = ?1))"
                   " AND " SAME_PROMPT
                   " ORDER BY r.row = ?1 DESC, r.row DESC LIMIT ?3) ORDER BY row");
    query_int(&query, row);
    query_int(&query, parent);
    query_int(&query, (int64_t)max);
    while (*count < max && query_row(&query))
        (*rows)[(*count)++] = query_get_int(&query, 0);
    query_end(&query, NULL);
    return read_end(store, err);
}

/* ---- picks ---- */

enum status store_put_pick(struct store *store, const struct pick *pick, struct err *err)
{
    static const struct response none;
    struct record_ref ref;
    write_begin(store);
    ref_find_row(store, pick->rows[pick->chosen < 0 ? 0 : pick->chosen], &ref);
    const struct event event = {
        .ref = &ref, .kind = pick_kind, .before = &none, .after = &none};
    int64_t number =
        pick->at_ms ? event_log(store, &event) : event_log_step(store, &event, 0);
    if (pick->at_ms)
        write_run(store, "UPDATE event SET at_ms = ? WHERE number = ?",
                  NUMBERS(pick->at_ms, number));
    write_run(store, "INSERT INTO pick (event, strength, seed) VALUES (?, ?, ?)",
              NUMBERS(number, pick->strength, (int64_t)pick->seed));
    for (size_t i = 0; i < pick->count; i++) {
        write_run(store,
                  "INSERT INTO pick_candidate (pick, place, record, is_chosen)"
                  " VALUES (?, ?, ?, ?)",
                  NUMBERS(number, (int64_t)i, pick->rows[i], (int)i == pick->chosen));
        record_touch(store, pick->rows[i]);
    }
    return write_end(store, err);
}

static enum status read_pick(struct store *store, int64_t event, struct pick *out,
                             struct err *err)
{
    *out = (struct pick){.chosen = -1};
    struct query query = query_start(
        store->db, "SELECT c.record, c.is_chosen, p.strength, p.seed, e.at_ms, r.id"
                   " FROM pick_candidate c JOIN pick p ON p.event = c.pick"
                   " JOIN event e ON e.number = c.pick"
                   " JOIN record r ON r.row = c.record"
                   " WHERE c.pick = ? ORDER BY c.place");
    query_int(&query, event);
    while (out->count < PICK_MAX && query_row(&query)) {
        if (query_get_bool(&query, 1))
            out->chosen = (int)out->count;
        out->strength = (int)query_get_int(&query, 2);
        out->seed = (uint64_t)query_get_int(&query, 3);
        out->at_ms = query_get_int(&query, 4);
        query_get_id(&query, 5, &out->ids[out->count]);
        out->rows[out->count++] = query_get_int(&query, 0);
    }
    return query_end(&query, err);
}

static bool is_about(const struct pick *pick, const int64_t *rows, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < pick->count; j++)
            found += pick->rows[j] == rows[i];
    return found == count && pick->count == count;
}

enum status store_get_pick(struct store *store, const int64_t *rows, size_t count,
                           struct pick *out, struct err *err)
{
    int64_t event = INT64_MAX;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && event) {
        status = db_find(
            store->db,
            "SELECT coalesce(max(c.pick), 0) FROM pick_candidate c JOIN pick p"
            " ON p.event = c.pick WHERE c.record = ? AND c.pick < ? AND p.is_undone = 0",
            NUMBERS(rows[0], event), &event, err);
        if (status == STATUS_OK && event)
            status = read_pick(store, event, out, err);
        if (status == STATUS_OK && event && is_about(out, rows, count))
            return STATUS_OK;
    }
    *out = (struct pick){.chosen = -1};
    return status;
}

enum status store_list_picks(struct store *store, int64_t row, struct pick **picks,
                             size_t *count, struct err *err)
{
    int64_t event = 0;
    enum status status = STATUS_OK;
    *picks = NULL;
    for (*count = 0; status == STATUS_OK;) {
        status = db_find(
            store->db,
            "SELECT coalesce(min(c.pick), 0) FROM pick_candidate c JOIN pick p"
            " ON p.event = c.pick WHERE c.record = ? AND c.pick > ? AND p.is_undone = 0",
            NUMBERS(row, event), &event, err);
        if (status != STATUS_OK || !event)
            break;
        *picks = xreallocarray(*picks, *count + 1, sizeof **picks);
        status = read_pick(store, event, &(*picks)[(*count)++], err);
    }
    return status;
}

/* ---- pairs ---- */

/* Whether a pick after this event says which of the two is better, or that they are
 * alike: of three or four it says nothing of two that were both not chosen. */
static enum status is_judged(struct store *store, int64_t a, int64_t b, int64_t after,
                             bool *is_judged, struct err *err)
{
    int64_t event = 0;
    enum status status = db_find(
        store->db,
        "SELECT p.event FROM pick_candidate a JOIN pick_candidate b ON b.pick = a.pick"
        " JOIN pick p ON p.event = a.pick WHERE a.record = ? AND b.record = ?"
        " AND a.pick > ? AND p.is_undone = 0 AND (a.is_chosen OR b.is_chosen OR NOT"
        "  EXISTS (SELECT 1 FROM pick_candidate c WHERE c.pick = a.pick"
        "  AND c.is_chosen)) LIMIT 1",
        NUMBERS(a, b, after), &event, err);
    *is_judged = event != 0;
    return status;
}

/* What goes through the pairs. */
struct pairs {
    struct store *store;
    int64_t dataset;
    store_rating_fn rating; /* NULL = ours */
    store_pair_fn fn;
    void *ctx;
    bool goes_on;
};

static enum status each_picked(struct pairs *pairs, struct err *err)
{
    struct store *store = pairs->store;
    int64_t event = 0;
    struct pick pick;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && pairs->goes_on) {
        status =
            db_find(store->db,
                    "SELECT p.event FROM pick p JOIN event e ON e.number = p.event"
                    " JOIN record r ON r.row = e.record WHERE p.event > ?"
                    " AND r.dataset = ? AND p.is_undone = 0 ORDER BY p.event LIMIT 1",
                    NUMBERS(event, pairs->dataset), &event, err);
        if (status != STATUS_OK || !event)
            return status;
        status = read_pick(store, event, &pick, err);
        for (size_t i = 0; status == STATUS_OK && pairs->goes_on && i < pick.count; i++) {
            bool is_over = pick.chosen < 0 || (int)i == pick.chosen;
            if (!is_over)
                status = is_judged(store, pick.rows[pick.chosen], pick.rows[i], event,
                                   &is_over, err);
            if (status == STATUS_OK && !is_over)
                pairs->goes_on = pairs->fn(
                    pairs->ctx, &(struct store_pair){.chosen = pick.rows[pick.chosen],
                                                     .rejected = pick.rows[i],
                                                     .is_picked = true,
                                                     .margin = pick.strength});
        }
    }
    return status;
}

struct rated {
    int64_t row;
    double rating;
};

/* The first columns: row, our rating. False: it has none that counts. */
static bool read_rated(const struct pairs *pairs, struct query *query, struct rated *out)
{
    *out = (struct rated){query_get_int(query, 0), (double)query_get_int(query, 1)};
    if (pairs->rating)
        out->rating = pairs->rating(pairs->ctx, out->row);
    return out->rating >= 0;
}

/* The next record that may have siblings; *has_rating = it counts itself. */
static enum status next_rated(const struct pairs *pairs, struct rated *at,
                              bool *has_rating, struct err *err)
{
    struct query query = query_start(
        pairs->store->db, "SELECT row, rating FROM record INDEXED BY record_queue"
                          " WHERE dataset = ? AND row > ?"
                          " AND (? OR (status = 2 AND rating >= 0))"
                          " AND flags & 64 = 0 ORDER BY row LIMIT 1");
    query_int(&query, pairs->dataset);
    query_int(&query, at->row);
    query_int(&query, pairs->rating != NULL);
    *at = (struct rated){0};
    *has_rating = query_row(&query) && read_rated(pairs, &query, at);
    return query_end(&query, err);
}

/* What the ratings of two say, where they differ and nobody chose. */
static enum status tell_rated(struct pairs *pairs, struct rated a, struct rated b,
                              struct err *err)
{
    bool is_over = a.rating == b.rating;
    enum status status =
        is_over ? STATUS_OK : is_judged(pairs->store, a.row, b.row, 0, &is_over, err);
    struct rated high = a.rating > b.rating ? a : b, low = a.rating > b.rating ? b : a;
    if (status == STATUS_OK && !is_over)
        pairs->goes_on = pairs->fn(
            pairs->ctx, &(struct store_pair){.chosen = high.row,
                                             .rejected = low.row,
                                             .margin = high.rating - low.rating});
    return status;
}

/* All that answer the same prompt, siblings or not. */
static enum status each_equal(struct pairs *pairs, struct err *err)
{
    struct rated *group = NULL;
    size_t count = 0, room = 0;
    enum status status = STATUS_OK;
    struct query query = query_start(
        pairs->store->db,
        "SELECT r.row, r.rating, f.text IS lag(f.text) OVER (ORDER BY f.text, r.row)"
        " FROM record r JOIN dataset d ON d.row = r.dataset JOIN field f"
        " ON f.record = r.row AND f.name = coalesce(d.prompt_field, 'prompt')"
        " WHERE r.dataset = ? AND (? OR (r.status = 2 AND r.rating >= 0))"
        " ORDER BY f.text, r.row");
    query_int(&query, pairs->dataset);
    query_int(&query, pairs->rating != NULL);
    while (status == STATUS_OK && pairs->goes_on && query_row(&query)) {
        struct rated at;
        if (!query_get_bool(&query, 2))
            count = 0;
        if (!read_rated(pairs, &query, &at))
            continue;
        for (size_t i = 0; status == STATUS_OK && pairs->goes_on && i < count; i++)
            status = tell_rated(pairs, at, group[i], err);
        group = xgrow(group, count, &room, sizeof *group);
        group[count++] = at;
    }
    free(group);
    enum status ended = query_end(&query, err);
    return status == STATUS_OK ? ended : status;
}

static enum status each_rated(struct pairs *pairs, struct err *err)
{
    struct rated at = {0}, *others = NULL;
    bool has_rating;
    size_t count = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && pairs->goes_on) {
        status = next_rated(pairs, &at, &has_rating, err);
        if (status != STATUS_OK || !at.row)
            break;
        if (!has_rating)
            continue;
        /* The siblings of a record that come after it or were asked from it, submitted
         * with a rating: so every pair of siblings is met once. */
        struct query query = query_start(
            pairs->store->db,
            "SELECT r.row, r.rating FROM record r JOIN dataset d ON d.row = r.dataset"
            " WHERE r.row IN (SELECT record FROM completion WHERE parent ="
            "  (SELECT lower(hex(id)) FROM record WHERE row = ?1)"
            " UNION SELECT record FROM completion WHERE record > ?1 AND parent ="
            "  (SELECT parent FROM completion WHERE record = ?1))"
            " AND r.row <> ?1 AND (?2 OR (r.status = 2 AND r.rating >= 0))"
            " AND r.flags & 64 = 0 AND " SAME_PROMPT " ORDER BY r.row");
        query_int(&query, at.row);
        query_int(&query, pairs->rating != NULL);
        count = 0;
        while (query_row(&query)) {
            others = xreallocarray(others, count + 1, sizeof *others);
            count += read_rated(pairs, &query, &others[count]);
        }
        status = query_end(&query, err);
        for (size_t i = 0; status == STATUS_OK && pairs->goes_on && i < count; i++)
            status = tell_rated(pairs, at, others[i], err);
    }
    free(others);
    return status;
}

enum status store_each_pair(struct store *store, int64_t dataset_row, bool by_prompt,
                            store_rating_fn rating, store_pair_fn fn, void *ctx,
                            struct err *err)
{
    struct pairs pairs = {.store = store,
                          .dataset = dataset_row,
                          .rating = rating,
                          .fn = fn,
                          .ctx = ctx,
                          .goes_on = true};
    enum status status = each_picked(&pairs, err);
    if (status == STATUS_OK)
        status = by_prompt ? each_equal(&pairs, err) : each_rated(&pairs, err);
    return status;
}

enum status store_get_verdict(struct store *store, int64_t row, enum verdict *verdict,
                              struct err *err)
{
    struct query query = query_start(
        store->db,
        "SELECT c.is_chosen FROM pick_candidate c JOIN pick p"
        " ON p.event = c.pick WHERE c.record = ? AND p.is_undone = 0 AND EXISTS"
        " (SELECT 1 FROM pick_candidate o WHERE o.pick = c.pick"
        "  AND o.is_chosen) ORDER BY c.pick DESC LIMIT 1");
    query_int(&query, row);
    *verdict = VERDICT_NONE;
    if (query_row(&query))
        *verdict = query_get_bool(&query, 0) ? VERDICT_CHOSEN : VERDICT_REJECTED;
    return query_end(&query, err);
}

/* ---- a snapshot ---- */

enum status store_begin_reading(struct store *store, struct err *err)
{
    return db_hold(store->db, err);
}

void store_end_reading(struct store *store)
{
    db_let_go(store->db);
}
