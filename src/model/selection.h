/* SPDX-License-Identifier: MIT
 *
 * selection - which records of a dataset, and in what order: one line of terms, as a
 * person types it and as it is shown and kept.
 *
 *     status:draft,pending -flag meta.length:10..20 rating:>=4 sea "two words"
 *     prompt:/why/ order:-score
 *
 * Records must meet every term, of a term's values one; a "-" before a term takes those
 * that do not meet it. A value is a text (whole, without regard to case, * stands for
 * anything; or within a longer one, by text/match.h; in quotes where it holds blanks,
 * commas or such), a pattern as text/match.h has it ("/…/i"), a number, or a range of
 * numbers, both ends within: 10..20, 10.., ..20, >=10, >10, <=20, <20. Without an order
 * it is the dataset's; a "-" turns one of its keys round, a comma stands between two.
 */
#ifndef MODEL_SELECTION_H
#define MODEL_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/dataset.h"

/* In the order of what it costs to look. */
enum selection_kind {
    SELECT_STATUS, /* status:draft, of our response; "draft" alone is the same */
    SELECT_SIGN, /* flag, completed, gone, clash, failed, cut, changed: enum queue_flag */
    SELECT_RATING,     /* rating: of ours, the first rating question */
    SELECT_MODEL,      /* model:NAME that wrote it, or the metadata's "model" */
    SELECT_METADATA,   /* meta.NAME: */
    SELECT_LABEL,      /* label: of ours, any label question */
    SELECT_FEEDBACK,   /* feedback: text within ours, any text question */
    SELECT_NOTE,       /* note, note: text within the person's own */
    SELECT_ANSWER,     /* answer.NAME: ours, by its question; of a ranking the first */
    SELECT_SUGGESTION, /* suggestion:, suggestion.NAME: its value */
    SELECT_SCORE,      /* score:, suggestion.NAME.score: */
    SELECT_AGENT,      /* agent:, suggestion.NAME.agent: */
    SELECT_LENGTH,     /* length: code points of the response field */
    SELECT_FIELD,      /* field.NAME:, NAME: where no key is called so: text within it */
    SELECT_TEXT /* word, "text", text:TEXT in a field, metadata, our answers or note */
};

struct match;
struct selection_value {
    char *text;          /* as typed, without quotes, of a pattern with its slashes */
    struct match *match; /* what it looks for; NULL where no text is meant */
    bool is_quoted, is_pattern;
    bool is_range; /* of numbers; a single one too */
    double low, high;
    bool is_above, is_below; /* low, high itself is not in it */
};

struct selection_term {
    enum selection_kind kind;
    bool is_excluded;
    char *name;    /* of the metadata, question or field; NULL = any */
    char *where;   /* METADATA: its place in the line, for a refusal; owned */
    unsigned mask; /* STATUS: a bit for each; SIGN: enum queue_flag */
    struct selection_value *values;
    size_t count;
};

enum order_kind {
    ORDER_DATASET,
    ORDER_RANDOM,      /* random:SEED */
    ORDER_METADATA,    /* meta.NAME */
    ORDER_SCORE,       /* score, suggestion.NAME.score: the highest of them */
    ORDER_VALUE,       /* suggestion.NAME: a number, or its text's beginning */
    ORDER_RATING,      /* rating, ours */
    ORDER_LENGTH,      /* length */
    ORDER_INSERTED,    /* inserted */
    ORDER_UPDATED,     /* updated: changed, on the server or by our answer */
    ORDER_ANSWERED,    /* answered, by us */
    ORDER_DISAGREEMENT /* disagreement: the lowest agreement first */
};

enum { ORDERS_MAX = 3 }; /* eight bytes more a record each */

/* One that is copied belongs to the thread that it was copied for. */
struct selection {
    struct selection_term *terms;
    size_t count;
    /* What is equal by the first is ordered by the next. */
    struct selection_order {
        enum order_kind kind;
        char *name;  /* of the metadata or the question; NULL = any */
        char *where; /* METADATA: as above */
        bool is_descending;
        uint64_t seed; /* RANDOM; 0 = to be drawn */
    } orders[ORDERS_MAX];
    size_t order_count; /* 0 = the dataset's */
};

/* Replaces *out (a zeroed one is empty: all records). dataset: whose questions the names
 * must be; NULL = any. USAGE says the place in the line and what is allowed there; *place
 * (may be NULL) is its byte then, and *out is empty. */
enum status selection_parse(struct selection *out, const char *line,
                            const struct dataset *dataset, size_t *place, struct err *err)
    __attribute__((warn_unused_result));
/* The order alone, "-score,length", in place of the one that out has; the terms stay. */
enum status selection_parse_order(struct selection *out, const char *order,
                                  const struct dataset *dataset, struct err *err)
    __attribute__((warn_unused_result));
/* Takes end off the name, if it ends so behind something. */
bool selection_cut(char *name, const char *end);
/* One key of an order, "-score"; false: it is none. *out is owned. */
bool selection_read_order(struct selection_order *out, const char *typed, size_t len);
extern const char selection_order_words[]; /* all, for a sentence */
/* The index-th, or NULL; one that ends with a dot has a name behind it. */
const char *selection_order_name(size_t index);
/* The seed of a random order that has none. */
void selection_draw(struct selection *selection, uint64_t seed);
/* Nothing is equal by the last of its orders. */
bool selection_is_total(const struct selection *selection);
/* The line that means the same. terms without the order, the order's value ("-score"; ""
 * when it is the dataset's), all. Owned. */
char *selection_print_terms(const struct selection *selection);
char *selection_print_order(const struct selection *selection);
char *selection_print(const struct selection *selection);
void selection_copy(struct selection *to, const struct selection *from);
void selection_clear(struct selection *selection);
void selection_clear_order(struct selection *selection);
/* All records in the dataset's order. */
bool selection_is_empty(const struct selection *selection);
/* Its text as a range: "10..20", "10..", "..20", ">=10", ">10", "<=20", "<20", "10".
 * False: it is none. */
bool selection_read_range(struct selection_value *value);
/* What a value that is a text looks for, owned; NULL as match_parse has it. */
struct match *selection_match(const struct selection_value *value, struct err *err);
/* A field of this name is "field.NAME". */
bool selection_is_key(const char *name);
/* Where nothing was found: that a word may have been meant to be a term, for the end of a
 * sentence; "" = no word. Owned. */
char *selection_doubt(const struct selection *selection);
/* A value as it is written. */
struct buf;
void selection_print_value(struct buf *out, const struct selection_value *value);
/* Adds a term; its name and values are the selection's from now on. */
void selection_give(struct selection *selection, const struct selection_term *term);
/* The statuses that the terms let through, a bit for each. */
unsigned selection_statuses(const struct selection *selection);
/* Records that nobody waits for are asked for, and so gone through. */
bool selection_takes_done(const struct selection *selection);

/* ---- what a line is read with ---- */

enum selection_takes {
    TAKES_NOTHING,
    TAKES_STATUSES,
    TAKES_NUMBERS,
    TAKES_TEXTS,
    TAKES_NOTE, /* nothing, or texts */
    TAKES_ANY
};
struct selection_key {
    const char *key; /* one that ends with a dot has a name behind it */
    enum selection_kind kind;
    enum selection_takes takes;
    unsigned mask;
};
/* The one that stands before a colon, or alone; NULL = it is none. */
const struct selection_key *selection_find_key(const char *typed);
bool selection_has_name(const struct selection_key *key);
/* The term that a mistyped one was meant to be; NULL = not known. */
const char *selection_nearest_key(const char *word, bool stands_alone);

/* Names that are known, for completing. */
enum word_kind {
    WORD_SAVED,
    WORD_METADATA,
    WORD_VALUE, /* of metadata: "NAME:VALUE", of numbers their range */
    WORD_MODEL,
    WORD_AGENT
};
struct selection_words {
    struct selection_word {
        enum word_kind kind;
        char *text;
    } * items;
    size_t count, capacity;
};
/* Does nothing when it is there. */
void selection_words_add(struct selection_words *words, enum word_kind kind,
                         const char *text);
void selection_words_drop(struct selection_words *words, enum word_kind kind);
void selection_words_clear(struct selection_words *words);
/* The index-th way to complete the end of line, written as a whole line; "@NAME" stands
 * for a saved one. False when there are not so many. words: NULL = none are known. */
bool selection_complete(const char *line, size_t index, const struct dataset *dataset,
                        const struct selection_words *words, char *out, size_t size);

/* Whether a text, or a number, is what one of the term's values asks for. */
bool selection_takes_text(const struct selection_term *term, const char *text);
/* One of them stands within it. */
bool selection_holds_text(const struct selection_term *term, const char *text,
                          size_t len);
bool selection_takes_number(const struct selection_term *term, double number);

#endif
