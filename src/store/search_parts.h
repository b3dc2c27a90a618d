/* SPDX-License-Identifier: MIT
 *
 * search_parts - what a search and a selection share: the texts of a record, one record
 * on the way through a selection, and the index of texts.
 */
#ifndef STORE_SEARCH_PARTS_H
#define STORE_SEARCH_PARTS_H

#include <jansson.h>

#include "base/buf.h"
#include "model/selection.h"
#include "store/parts.h"
#include "store/store_search.h"
#include "text/match.h"

/* ---- codec.c: what is looked through: its fields, its metadata a line each, what we
 * answered, our note ---- */

/* Columns 0 to 4 of a query that these read from; 3: it is deleted. */
#define TEXT_COLUMNS "r.row, r.metadata, p.answers, r.flags & 64, r.note"
#define TEXT_TABLES " LEFT JOIN response p ON p.record = r.row AND p.user = ''"

/* Calls fn with each text of the record that query stands at, until fn is true. words:
 * texts in which they do not stand may be passed over; NULL = none. */
typedef bool (*text_fn)(void *ctx, const char *text, size_t len);
void each_text(struct db *db, struct query *query, struct match *words, text_fn fn,
               void *ctx, struct err *err);
/* Whether it stands in one of them. is_raw_same: it stands in JSON only where it stands
 * in what that says. */
enum match_result find_in_texts(struct db *db, struct query *query, struct match *match,
                                bool is_raw_same, struct err *err);

/* ---- look.c: its parts are read when a term, or the order, asks for them ---- */

struct look {
    struct db *db; /* of the thread that looks */
    const struct dataset *dataset;
    struct queue_row row;
    bool has_metadata, has_suggestions, has_ours;
    json_t *metadata, *facts;
    struct record suggested; /* nothing else of it */
    struct values ours;
};

/* Whether it meets every term up to this kind. */
bool look_meets(struct look *look, const struct selection *selection,
                enum selection_kind last);
/* Code points of the response field. */
int64_t look_length(const struct look *look);
/* From 0 to 1: the mean distance of two answers (their sets sorted), over all questions
 * that two have answered; -1 where there is none. Free texts differ always and are left
 * out. */
double look_disagreement(const struct dataset *dataset, const struct values *all,
                         size_t count);
/* Borrowed. */
json_t *look_metadata(struct look *look);
const struct record *look_suggestions(struct look *look);
const char *look_model(struct look *look); /* who wrote it; NULL = not said */
void look_end(struct look *look);

/* Of several values the first: what a ranking puts first, a span's label, a label. Owned;
 * NULL = it is no such value, or empty. */
char *look_first(const struct value *value);

/* The index-th of its scores, of which a list of values may have one each; false: it has
 * not so many. */
bool look_score(const struct suggestion *suggestion, size_t index, double *score);

/* ---- order.c: what was found, in the order of a selection ---- */

enum { ORDERING_RECENT = 1024 };

/* Small, for there may be a million. */
struct keyed {
    uint32_t index;  /* in the dataset's order */
    uint32_t ahead;  /* its row, counted from the first record's */
    uint64_t keys[]; /* for each of the orders */
};

struct ordering {
    const struct dataset *dataset; /* borrowed */
    const struct selection *selection;
    int64_t first; /* record's row */
    char *found;   /* struct keyed, each of stride bytes; once all are there a heap */
    size_t stride, count, capacity;
    struct buf texts;
    size_t
        recent[ORDERING_RECENT]; /* places in texts, behind them: the same is kept once */
    uint64_t *answered;          /* whose answers these are */
    struct values *answers;
    size_t answer_count, answer_capacity;
};

void ordering_start(struct ordering *ordering, const struct dataset *dataset,
                    const struct selection *selection);
/* Behind those that are there; the keys that its row does not tell are read at once for
 * all from one on. */
void ordering_add(struct ordering *ordering, size_t index, const struct queue_row *row);
void ordering_read(struct ordering *ordering, struct db *db, size_t from);
/* All are there: from now on the first can be taken out, one after the other. */
void ordering_settle(struct ordering *ordering);
struct selected ordering_take(struct ordering *ordering);
/* As they came, instead; returns how many. */
size_t ordering_take_all(struct ordering *ordering, struct selected *out);
void ordering_shrink(struct ordering *ordering); /* gives back what is not used */
void ordering_clear(struct ordering *ordering);

/* ---- words.c ---- */

/* How far the looking for the metadata that a selection names has come. */
struct naming {
    size_t at;   /* the term; the orders come behind them */
    int64_t row; /* the last that was looked at for it */
};
/* Goes on with it until end_ms. True: the dataset has it all, as a declared property or
 * in a record, or has no record yet; err: it has not, with the names that there are. */
bool look_up_names(struct naming *naming, struct db *db, const struct dataset *dataset,
                   const struct selection *selection, int64_t end_ms, struct err *err);

/* ---- search_index.c: a file of the trigrams of records' texts, beside the store ----
 *
 * One row for so many records, which halves its size: whoever asks looks at the records
 * themselves. So a changed record is added again, and what was taken out of it stays in
 * the index until that is made anew. The mark
 * (revision, row) says how far it goes in the order of the changes. */

#define INDEX_BLOCK 8 /* records, by their row: block n has those from n * 8 on */

struct index_mark {
    int64_t made; /* a random number of the file; 0 = there is no index */
    int64_t revision, row;
};

/* On the reading thread. A reading transaction of the index (db_rollback ends it), NULL
 * when there is none that can be used; mark is as of then. */
struct db *index_begin(struct store *store, int64_t dataset, struct index_mark *mark);
/* What it was asked failed. */
void index_damaged(struct store *store, const struct err *err);
/* What the index is asked with, owned; NULL = it is no use for these words. One or two
 * signs are asked for by the trigrams that begin with them, where those are few. */
char *index_expression(struct db *index, const char *words);

/* On the loop: goes on making the dataset's index, in idle time. */
void index_follow(struct store *store, int64_t dataset);
void index_close(struct store *store);

#endif
