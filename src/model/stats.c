/* SPDX-License-Identifier: MIT
 * Counting: a record's answers are added, and taken off again when it changes. */
#include "config.h"

#include "model/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

enum { HOUR_MS = 3600 * 1000 };

/* ---- what there is ---- */

struct stats *stats_new(const struct dataset *dataset)
{
    struct stats *stats = xcalloc(1, sizeof *stats);
    dataset_copy(&stats->dataset, dataset);
    dataset = &stats->dataset;
    const struct question *rating = dataset_rating_question(dataset);
    if (rating) {
        stats->rating_count = rating->rating_count;
        stats->ratings = xcalloc(rating->rating_count, sizeof *stats->ratings);
        memcpy(stats->ratings, rating->ratings,
               rating->rating_count * sizeof *stats->ratings);
        qsort(stats->ratings, stats->rating_count, sizeof *stats->ratings, compare_ints);
    }
    stats->lengths = xcalloc(stats->rating_count, sizeof *stats->lengths);
    stats->questions = xcalloc(dataset->question_count, sizeof *stats->questions);
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        bool is_rating = question->type == QUESTION_RATING;
        if (!is_rating && question->type != QUESTION_LABEL &&
            question->type != QUESTION_MULTI_LABEL && question->type != QUESTION_RANKING)
            continue;
        stats->questions[stats->question_count++] = (struct stats_question){
            .question = question,
            .metric = is_rating ? AGREEMENT_ORDINAL : AGREEMENT_NOMINAL,
            .agreement = agreement_new(is_rating ? question->ratings : NULL,
                                       is_rating ? question->rating_count : 0),
            .self = agreement_new(is_rating ? question->ratings : NULL,
                                  is_rating ? question->rating_count : 0),
        };
    }
    return stats;
}

void stats_free(struct stats *stats)
{
    if (!stats)
        return;
    for (size_t i = 0; i < stats->row_count; i++)
        free(stats->rows[i].marks);
    for (size_t i = 0; i < stats->person_count; i++) {
        free(stats->people[i].user);
        free(stats->people[i].name);
        free(stats->people[i].ratings.counts);
        free(stats->people[i].times);
        free(stats->people[i].spans);
    }
    for (size_t i = 0; i < stats->model_count; i++) {
        free(stats->models[i].name);
        free(stats->models[i].ratings.counts);
    }
    for (size_t i = 0; i < stats->question_count; i++) {
        struct stats_question *question = &stats->questions[i];
        agreement_free(question->agreement);
        agreement_free(question->self);
        for (size_t k = 0; k < question->name_count; k++)
            free(question->names[k].text);
        free(question->names);
        free(question->lowest);
    }
    free(stats->questions);
    free(stats->people);
    free(stats->models);
    free(stats->hours);
    free(stats->rows);
    free(stats->ratings);
    free(stats->lengths);
    dataset_clear(&stats->dataset);
    free(stats);
}

/* ---- finding ---- */

static size_t find_person(struct stats *stats, const char *user, const char *name)
{
    size_t at = 0;
    while (at < stats->person_count && strcmp(stats->people[at].user, user) != 0)
        at++;
    if (at == stats->person_count) {
        stats->people = xgrow(stats->people, stats->person_count++,
                              &stats->person_capacity, sizeof *stats->people);
        stats->people[at] = (struct stats_person){.user = xstrdup(user), .median_ms = -1};
        stats->people[at].ratings.counts =
            xcalloc(stats->rating_count, sizeof *stats->people->ratings.counts);
    }
    if (name && !stats->people[at].name)
        stats->people[at].name = xstrdup(name);
    return at;
}

static size_t find_model(struct stats *stats, const char *name)
{
    size_t at = 0;
    while (at < stats->model_count && strcmp(stats->models[at].name, name) != 0)
        at++;
    if (at == stats->model_count) {
        stats->models = xgrow(stats->models, stats->model_count++, &stats->model_capacity,
                              sizeof *stats->models);
        stats->models[at] = (struct stats_model){.name = xstrdup(name)};
        stats->models[at].ratings.counts =
            xcalloc(stats->rating_count, sizeof *stats->models->ratings.counts);
    }
    return at;
}

static struct stats_hour *find_hour(struct stats *stats, int64_t hour)
{
    size_t at = stats->hour_count;
    while (at > 0 && stats->hours[at - 1].hour > hour)
        at--;
    if (at > 0 && stats->hours[at - 1].hour == hour)
        return &stats->hours[at - 1];
    stats->hours = xgrow(stats->hours, stats->hour_count, &stats->hour_capacity,
                         sizeof *stats->hours);
    memmove(&stats->hours[at + 1], &stats->hours[at],
            (stats->hour_count++ - at) * sizeof *stats->hours);
    stats->hours[at] = (struct stats_hour){.hour = hour};
    return &stats->hours[at];
}

/* Where the row is or would be; they mostly come in order. */
static size_t find_row(const struct stats *stats, int64_t row)
{
    size_t low = 0, high = stats->row_count;
    if (high > 0 && stats->rows[high - 1].row < row)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stats->rows[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A label's number, given to it when it is first met. */
static int find_name(struct stats_question *question, const char *text)
{
    size_t low = 0, high = question->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(question->names[middle].text, text);
        if (order == 0)
            return question->names[middle].number;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    question->names = xgrow(question->names, question->name_count,
                            &question->name_capacity, sizeof *question->names);
    memmove(&question->names[low + 1], &question->names[low],
            (question->name_count - low) * sizeof *question->names);
    question->names[low] =
        (struct stats_name){.text = xstrdup(text), .number = (int)question->name_count};
    return (int)question->name_count++;
}

/* ---- counting ---- */

static void count_rating(const struct stats *stats, struct stats_ratings *ratings,
                         int rating, int by)
{
    ratings->counts[rating] += by;
    ratings->count += by;
    ratings->sum += by * (int64_t)stats->ratings[rating];
}

/* Adds a record (by = 1) or takes it off (-1). */
static void count_row(struct stats *stats, const struct stats_row *row, int by)
{
    bool is_done = row->is_completed;
    stats->models[row->model].records += by;
    for (size_t i = 0; i < row->count; i++) {
        const struct stats_mark *mark = &row->marks[i];
        struct stats_person *person = &stats->people[mark->person];
        bool is_ours = person->user[0] == '\0';
        if (is_ours)
            is_done = mark->status >= RESPONSE_SUBMITTED;
        person->statuses[mark->status] += by;
        person->enough += row->is_completed ? by : 0;
        if (mark->status != RESPONSE_SUBMITTED)
            continue;
        stats->decided += is_ours && row->is_decided ? by : 0;
        struct stats_hour *hour = find_hour(stats, mark->hour);
        hour->answers += by;
        if (mark->rating < 0)
            continue;
        hour->rated += by;
        hour->sum += by * (int64_t)stats->ratings[mark->rating];
        count_rating(stats, &person->ratings, mark->rating, by);
        count_rating(stats, &stats->models[row->model].ratings, mark->rating, by);
    }
    stats->open += is_done ? 0 : by;
    stats->enough += row->is_completed ? by : 0;
}

int64_t stats_left(const struct stats *stats, const struct stats_person *person)
{
    return (int64_t)stats->row_count - person->statuses[RESPONSE_SUBMITTED] -
           person->statuses[RESPONSE_DISCARDED] - (stats->enough - person->enough);
}

static int rating_place(const struct stats *stats, const struct response *response)
{
    const struct question *question = dataset_rating_question(&stats->dataset);
    const struct value *value =
        question ? values_find(&response->values, question->name) : NULL;
    if (!value || value->type != QUESTION_RATING)
        return -1;
    for (size_t i = 0; i < stats->rating_count; i++)
        if (stats->ratings[i] == value->rating)
            return (int)i;
    return -1;
}

/* An answer as agreement counts it; false = it has none. */
static bool find_answer(struct stats_question *question, const struct response *response,
                        int *answer)
{
    const struct value *value = values_find(&response->values, question->question->name);
    if (!value || value->type != question->question->type)
        return false;
    *answer = value->type == QUESTION_RATING ? value->rating
              : value->text                  ? find_name(question, value->text)
                                             : -1;
    return true;
}

void stats_put_again(struct stats *stats, int64_t row, const struct response *first,
                     const struct response *second)
{
    int one, other;
    for (size_t i = 0; i < stats->question_count; i++) {
        struct stats_question *question = &stats->questions[i];
        if (!find_answer(question, first, &one) || !find_answer(question, second, &other))
            continue;
        agreement_put(question->self, row, 0, one);
        agreement_put(question->self, row, 1, other);
    }
}

static void take_off(struct stats *stats, struct stats_row *row)
{
    count_row(stats, row, -1);
    for (size_t i = 0; i < row->count; i++)
        for (size_t k = 0; k < stats->question_count; k++)
            agreement_remove(stats->questions[k].agreement, row->row,
                             row->marks[i].person);
    free(row->marks);
    *row = (struct stats_row){.row = row->row};
}

void stats_put(struct stats *stats, const struct stats_input *input)
{
    size_t at = find_row(stats, input->row);
    if (at < stats->row_count && stats->rows[at].row == input->row) {
        take_off(stats, &stats->rows[at]);
    } else {
        stats->rows = xgrow(stats->rows, stats->row_count, &stats->row_capacity,
                            sizeof *stats->rows);
        memmove(&stats->rows[at + 1], &stats->rows[at],
                (stats->row_count++ - at) * sizeof *stats->rows);
    }
    struct stats_row *row = &stats->rows[at];
    *row =
        (struct stats_row){.row = input->row,
                           .model = find_model(stats, input->model ? input->model : ""),
                           .length = input->length,
                           .is_completed = input->is_completed,
                           .is_decided = input->is_decided};
    if (input->count > 0)
        row->marks = xcalloc(input->count, sizeof *row->marks);
    for (size_t i = 0; i < input->count; i++) {
        const struct peer *answer = &input->answers[i];
        const struct response *response = &answer->response;
        size_t person = find_person(stats, answer->user, answer->name);
        row->marks[row->count++] =
            (struct stats_mark){.person = person,
                                .status = response->status,
                                .rating = rating_place(stats, response),
                                .hour = response->updated_ms / HOUR_MS};
        bool is_decided = input->is_decided && answer->user[0] == '\0';
        if (response->status != RESPONSE_SUBMITTED || is_decided)
            continue;
        int given;
        for (size_t k = 0; k < stats->question_count; k++)
            if (find_answer(&stats->questions[k], response, &given))
                agreement_put(stats->questions[k].agreement, input->row, person, given);
    }
    count_row(stats, row, 1);
}

void stats_drop(struct stats *stats, int64_t row)
{
    size_t at = find_row(stats, row);
    if (at == stats->row_count || stats->rows[at].row != row)
        return;
    take_off(stats, &stats->rows[at]);
    memmove(&stats->rows[at], &stats->rows[at + 1],
            (--stats->row_count - at) * sizeof *stats->rows);
}

void stats_add_span(struct stats *stats, int64_t span_ms)
{
    size_t at = find_person(stats, "", NULL);
    struct stats_person *person = &stats->people[at];
    person->spans = xgrow(person->spans, person->span_count, &person->span_capacity,
                          sizeof *person->spans);
    person->spans[person->span_count++] = span_ms;
}

void stats_add_time(struct stats *stats, const char *user, const char *name,
                    int64_t wall_ms)
{
    size_t at = find_person(stats, user, name); /* may move them */
    struct stats_person *person = &stats->people[at];
    person->times = xgrow(person->times, person->time_count, &person->time_capacity,
                          sizeof *person->times);
    person->times[person->time_count++] = wall_ms;
}
