/* SPDX-License-Identifier: MIT
 *
 * stats - what the answers to a dataset come to: by person, by model, over time, against
 * the length of what was judged, and how far people agree.
 *
 * Fed one record at a time; a record that is fed again takes its own place, in a time
 * that does not grow with the number of answers. Only submitted answers are counted,
 * unless a member says so. What is "settled" is as of the last stats_settle.
 */
#ifndef MODEL_STATS_H
#define MODEL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/agreement.h"
#include "model/dataset.h"
#include "model/record.h"

/* Answers with a longer pause between are not one sitting. */
#define STATS_PAUSE_MS 300000

enum { STATS_LOWEST_MAX = 100 };

/* Ratings by their number's place in stats.ratings. */
struct stats_ratings {
    int64_t *counts;
    int64_t count;
    int64_t sum;
};

struct stats_person {
    char *user; /* their id on the server; "" = whoever uses this store */
    char *name; /* NULL = not said */
    int64_t statuses[RESPONSE_STATUS_COUNT];
    int64_t enough; /* of them those to records that have enough answers */
    struct stats_ratings ratings;
    int64_t *times; /* when they answered, wall clock */
    size_t time_count, time_capacity;
    int64_t *spans; /* for how long they looked at a record, as far as that is known */
    size_t span_count, span_capacity;
    /* Settled: */
    int64_t median_ms; /* of the spans; where none is known, from one answer to the next,
                        * pauses left out; -1 = not known */
    int64_t spent_ms;  /* all of these together */
};

struct stats_model {
    char *name; /* "" = not said */
    int64_t records;
    struct stats_ratings ratings;
};

struct stats_hour {
    int64_t hour; /* since 1970 */
    int64_t answers;
    int64_t rated;
    int64_t sum;
};

struct stats_name {
    char *text;
    int number;
};

/* A question whose answers can be compared: rating, label, labels, ranking. */
struct stats_question {
    const struct question *question;
    enum agreement_metric metric; /* what counts for it */
    struct agreement *agreement;
    struct agreement_range range;  /* settled */
    struct agreement_unit *lowest; /* settled: the first of agreement_lowest */
    size_t lowest_count;
    struct agreement *self;            /* of us with ourselves; by record */
    struct agreement_range self_range; /* settled */
    struct stats_name *names;          /* of labels, in order */
    size_t name_count, name_capacity;
};

/* Of the records with one rating; settled. */
struct stats_length {
    int64_t count;
    int64_t median; /* code points of what was judged */
};

struct stats_mark {
    size_t person;
    enum response_status status;
    int rating; /* its place; -1 = none */
    int64_t hour;
};

struct stats_row {
    int64_t row;
    size_t model;
    int64_t length;
    bool is_completed, is_decided;
    struct stats_mark *marks;
    size_t count;
};

struct stats {
    struct dataset dataset;
    int *ratings; /* of the first rating question, ascending; none = it has no such */
    size_t rating_count;
    struct stats_row *rows; /* ascending */
    size_t row_count, row_capacity;
    int64_t open;    /* records without a submitted or discarded answer of ours; not those
                        that others have answered often enough, unless we have a draft */
    int64_t enough;  /* records that have enough answers */
    int64_t decided; /* answers of ours that agreement leaves out: they knew the others */
    struct stats_person *people;
    size_t person_count, person_capacity;
    struct stats_model *models;
    size_t model_count, model_capacity;
    struct stats_hour *hours; /* ascending */
    size_t hour_count, hour_capacity;
    struct stats_question *questions;
    size_t question_count;
    /* Settled: */
    struct agreement_range range; /* over all questions */
    struct stats_length *lengths; /* by rating */
    bool has_rho;
    double rho;      /* rank correlation of length and rating */
    int64_t left_ms; /* until nothing is open, at our pace; -1 = not known */
};

struct stats *stats_new(const struct dataset *dataset);
void stats_free(struct stats *stats);

/* What there is to one record. */
struct stats_input {
    int64_t row;
    const char *model;          /* NULL = not said */
    int64_t length;             /* code points of what was judged */
    bool is_completed;          /* by others: QUEUE_COMPLETED */
    bool is_decided;            /* ours was chosen between those of others */
    const struct peer *answers; /* user "" is ours; labels in a fixed order */
    size_t count;
};
void stats_put(struct stats *stats, const struct stats_input *input);
/* It is there no more. */
void stats_drop(struct stats *stats, int64_t row);
/* Somebody answered at that time; for stats_settle. */
void stats_add_time(struct stats *stats, const char *user, const char *name,
                    int64_t wall_ms);
/* We looked at a record for so long until it was answered, without the pauses. */
void stats_add_span(struct stats *stats, int64_t span_ms);
/* Both submitted: what we answered to a record, and to its second showing. */
void stats_put_again(struct stats *stats, int64_t row, const struct response *first,
                     const struct response *second);
/* Records that are open for somebody else: neither done nor with enough answers. */
int64_t stats_left(const struct stats *stats, const struct stats_person *person);
/* Takes longer (a second with a million answers): not for the loop. */
void stats_settle(struct stats *stats);

/* Over all questions, up to date. False: not defined. */
bool stats_alpha(const struct stats *stats, double *alpha);

#endif
