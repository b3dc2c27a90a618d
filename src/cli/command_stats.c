/* SPDX-License-Identifier: MIT
 *
 * sherd stats - what the answers to a dataset come to: as tables, or as one JSON object.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include <jansson.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "store/store_stats.h"

enum { LINE_COLS = 110 }; /* where the output is no terminal */

struct stats_call {
    struct stats *stats;
    struct err err;
    bool is_over;
    bool is_left; /* nobody waits any more */
};

static void on_stats(void *ctx, struct stats *stats, int64_t revision,
                     const struct err *err)
{
    struct stats_call *call = ctx;
    (void)revision;
    if (call->is_left) {
        stats_free(stats);
        free(call);
        return;
    }
    call->stats = stats;
    call->err = *err;
    call->is_over = true;
}

/* ---- JSON ---- */

static json_t *number_or_null(bool is_known, double number)
{
    return is_known ? json_real(number) : json_null();
}

/* part of whole; null when there is no whole. */
static json_t *ratio_or_null(int64_t part, int64_t whole)
{
    return whole > 0 ? json_real((double)part / (double)whole) : json_null();
}

static json_t *ms_or_null(int64_t ms)
{
    return ms >= 0 ? json_integer(ms) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return json_text(text && *text ? text : NULL);
}

static void set_ratings(json_t *object, const struct stats *stats,
                        const struct stats_ratings *ratings)
{
    json_t *counts = json_array();
    for (size_t i = 0; i < stats->rating_count; i++)
        json_array_append_new(counts, json_integer(ratings->counts[i]));
    json_object_set_new(object, "counts", counts);
    json_object_set_new(object, "rated", json_integer(ratings->count));
    json_object_set_new(object, "mean", ratio_or_null(ratings->sum, ratings->count));
}

static json_t *people_to_json(const struct stats *stats)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stats->person_count; i++) {
        const struct stats_person *person = &stats->people[i];
        json_t *object = json_object();
        json_object_set_new(object, "user", text_or_null(person->user));
        json_object_set_new(object, "name", text_or_null(person->name));
        for (int status = RESPONSE_DRAFT; status < RESPONSE_STATUS_COUNT; status++)
            json_object_set_new(object,
                                response_status_name((enum response_status)status),
                                json_integer(person->statuses[status]));
        set_ratings(object, stats, &person->ratings);
        json_object_set_new(object, "median_ms", ms_or_null(person->median_ms));
        json_object_set_new(object, "spent_ms", ms_or_null(person->spent_ms));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *models_to_json(const struct stats *stats)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stats->model_count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "model", text_or_null(stats->models[i].name));
        json_object_set_new(object, "records", json_integer(stats->models[i].records));
        set_ratings(object, stats, &stats->models[i].ratings);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *hours_to_json(const struct stats *stats)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stats->hour_count; i++) {
        const struct stats_hour *hour = &stats->hours[i];
        json_t *object = json_object();
        json_object_set_new(object, "from", time_to_json(hour->hour * 3600 * 1000));
        json_object_set_new(object, "answers", json_integer(hour->answers));
        json_object_set_new(object, "mean", ratio_or_null(hour->sum, hour->rated));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *lengths_to_json(const struct stats *stats)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stats->rating_count; i++)
        json_array_append_new(
            list,
            json_pack("{s:i,s:I,s:o}", "rating", stats->ratings[i], "count",
                      (json_int_t)stats->lengths[i].count, "median",
                      stats->lengths[i].count ? json_integer(stats->lengths[i].median)
                                              : json_null()));
    return json_pack("{s:o,s:o}", "rank_correlation",
                     number_or_null(stats->has_rho, stats->rho), "by_rating", list);
}

static void set_range(json_t *object, const struct agreement_range *range)
{
    json_object_set_new(object, "low", number_or_null(range->is_known, range->low));
    json_object_set_new(object, "high", number_or_null(range->is_known, range->high));
}

/* Of every two people who answered the same. */
static json_t *pairs_to_json(const struct stats *stats, const struct agreement *agreement)
{
    json_t *list = json_array();
    for (size_t i = 0; i < stats->person_count; i++) {
        for (size_t k = 0; k < i; k++) {
            struct agreement_pairs pairs = agreement_between(agreement, i, k);
            if (pairs.count > 0)
                json_array_append_new(list, json_pack("{s:[I,I],s:I,s:I}", "people",
                                                      (json_int_t)k, (json_int_t)i,
                                                      "answers", (json_int_t)pairs.count,
                                                      "equal", (json_int_t)pairs.equal));
        }
    }
    return list;
}

static void label_id(void *ctx, int64_t row, char *out, size_t size)
{
    struct record record = {0};
    char id[ID_TEXT] = "";
    if (store_get_record_row(ctx, row, &record, NULL) == STATUS_OK)
        id_format(&record.id, id);
    snprintf(out, size, "%s", id);
    record_clear(&record);
}

static json_t *lowest_to_json(struct store *store, const struct stats_question *question)
{
    json_t *list = json_array();
    for (size_t i = 0; i < question->lowest_count; i++) {
        char id[ID_TEXT];
        label_id(store, question->lowest[i].unit, id, sizeof id);
        json_array_append_new(list, json_pack("{s:s,s:f}", "record", id, "distance",
                                              question->lowest[i].distance));
    }
    return list;
}

/* Of answers to second showings with those before; null = there are none. */
static json_t *self_to_json(const struct stats_question *question)
{
    const struct agreement_pairs pairs = agreement_pairs(question->self);
    double alpha = 0;
    bool is_defined = agreement_alpha(question->self, question->metric, &alpha);
    if (pairs.count == 0)
        return json_null();
    json_t *object = json_pack(
        "{s:o,s:I,s:o}", "alpha", number_or_null(is_defined, alpha), "records",
        (json_int_t)pairs.count, "equal", ratio_or_null(pairs.equal, pairs.count));
    set_range(object, &question->self_range);
    return object;
}

static json_t *question_to_json(struct store *store, const struct stats *stats,
                                const struct stats_question *question)
{
    json_t *object = json_object();
    const struct agreement *agreement = question->agreement;
    const struct agreement_pairs pairs = agreement_pairs(agreement);
    double alpha = 0;
    bool is_defined = agreement_alpha(agreement, question->metric, &alpha);
    json_object_set_new(object, "question", text_or_null(question->question->name));
    json_object_set_new(object, "metric",
                        json_string(agreement_metric_name(question->metric)));
    json_object_set_new(object, "alpha", number_or_null(is_defined, alpha));
    set_range(object, &question->range);
    for (int metric = 0; metric < 3; metric++) {
        is_defined = agreement_alpha(agreement, (enum agreement_metric)metric, &alpha);
        json_object_set_new(object, agreement_metric_name((enum agreement_metric)metric),
                            number_or_null(is_defined, alpha));
    }
    json_object_set_new(object, "answers",
                        json_integer((json_int_t)agreement_answers(agreement)));
    json_object_set_new(object, "equal", ratio_or_null(pairs.equal, pairs.count));
    json_object_set_new(object, "pairs", pairs_to_json(stats, agreement));
    json_object_set_new(object, "self", self_to_json(question));
    json_object_set_new(object, "lowest", lowest_to_json(store, question));
    return object;
}

static json_t *stats_to_json(struct store *store, const struct stats *stats)
{
    json_t *object = json_object(), *ratings = json_array(), *questions = json_array();
    const struct question *rating = dataset_rating_question(&stats->dataset);
    double alpha = 0;
    bool is_defined = stats_alpha(stats, &alpha);
    for (size_t i = 0; i < stats->rating_count; i++)
        json_array_append_new(ratings, json_integer(stats->ratings[i]));
    for (size_t i = 0; i < stats->question_count; i++)
        json_array_append_new(questions,
                              question_to_json(store, stats, &stats->questions[i]));
    json_object_set_new(object, "dataset", text_or_null(stats->dataset.name));
    json_object_set_new(object, "records", json_integer((json_int_t)stats->row_count));
    json_object_set_new(object, "open", json_integer(stats->open));
    json_object_set_new(object, "left_ms", ms_or_null(stats->left_ms));
    json_object_set_new(object, "question", text_or_null(rating ? rating->name : NULL));
    json_object_set_new(object, "ratings", ratings);
    json_object_set_new(object, "people", people_to_json(stats));
    json_object_set_new(object, "models", models_to_json(stats));
    json_object_set_new(object, "hours", hours_to_json(stats));
    json_object_set_new(object, "length", lengths_to_json(stats));
    json_t *agreement = json_pack("{s:o,s:o}", "alpha", number_or_null(is_defined, alpha),
                                  "questions", questions);
    json_object_set_new(agreement, "decided", json_integer(stats->decided));
    set_range(agreement, &stats->range);
    json_object_set_new(object, "agreement", agreement);
    return object;
}

/* ---- the command ---- */

static void print_stats(struct cli *cli, const struct stats *stats)
{
    struct buf text = {0};
    if (cli->out.is_json) {
        output_json(&cli->out, stats_to_json(cli->store, stats));
        return;
    }
    stats_write(&(struct stats_page){.stats = stats,
                                     .columns = cli->out.columns ? (int)cli->out.columns
                                                                 : LINE_COLS,
                                     .is_plain = cli->settings->plain,
                                     .you = "",
                                     .label = label_id,
                                     .ctx = cli->store},
                &text);
    output_text(&cli->out, buf_text(&text));
    buf_clear(&text);
}

int command_stats(struct cli *cli)
{
    struct dataset dataset = {0};
    struct err err = {0};
    if (command_find_read(cli, &dataset, &err))
        return command_fail(&err);
    struct stats_call *call = xcalloc(1, sizeof *call);
    store_load_stats(cli->store, &dataset, on_stats, call);
    dataset_clear(&dataset);
    command_wait(cli, &call->is_over);
    if (!call->is_over) {
        call->is_left = true; /* the store, as it closes, still ends it */
        cli_say("Stopped before everything was counted.");
        return EXIT_FAILED;
    }
    int code = EXIT_DONE;
    if (call->stats)
        print_stats(cli, call->stats);
    else
        code = command_fail(&call->err);
    stats_free(call->stats);
    free(call);
    return code;
}
