/* SPDX-License-Identifier: MIT
 * Statistics over a store: loaded, and followed as answers come, change and go. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/app.h"
#include "base/xalloc.h"
#include "store/store_stats.h"
#include "tests/support/store_rig.h"

struct loaded {
    struct stats *stats;
    int64_t revision;
    bool is_over;
};

static void on_stats(void *ctx, struct stats *stats, int64_t revision,
                     const struct err *err)
{
    struct loaded *loaded = ctx;
    assert_int_equal(err->code, STATUS_OK);
    *loaded = (struct loaded){stats, revision, true};
}

static struct loaded load(struct store_rig *rig)
{
    struct loaded loaded = {0};
    struct dataset dataset = {0};
    store_rig_ok(rig, store_get_dataset(rig->store, rig->dataset, &dataset, &rig->err));
    store_load_stats(rig->store, &dataset, on_stats, &loaded);
    dataset_clear(&dataset);
    while (!loaded.is_over)
        loop_turn(rig->loop);
    return loaded;
}

static void follow(struct store_rig *rig, struct loaded *loaded)
{
    store_rig_ok(rig, store_follow_stats(rig->store, loaded->stats, &loaded->revision,
                                         100, &rig->err));
}

/* What the server has of record number at, by two others; rating 0 = none of it. */
static void pull(struct store_rig *rig, int at, int anns, int bens)
{
    static const char *const users[] = {"u-ann", "u-ben"}, *const names[] = {"ann",
                                                                             "ben"};
    const int ratings[] = {anns, bens};
    int64_t number = 0;
    struct record record = {.has_peers = true};
    record.remote_id = xasprintf("11111111-0000-4000-8000-%012d", at);
    record.metadata_json =
        xstrdup(at % 2 ? "{\"model\":\"m-1\"}" : "{\"model\":\"m-2\"}");
    record_set_field(&record, "prompt", "Why?", 4);
    char *text = xasprintf("%*s", at * 10, "because");
    record_set_field(&record, "response", text, strlen(text));
    free(text);
    record.peers = xcalloc(2, sizeof *record.peers);
    for (int i = 0; i < 2; i++) {
        struct peer *peer = &record.peers[record.peer_count];
        if (!ratings[i])
            continue;
        *peer = (struct peer){.user = xstrdup(users[i]), .name = xstrdup(names[i])};
        peer->response.status = RESPONSE_SUBMITTED;
        peer->response.updated_ms = (int64_t)(at + 1) * 20000;
        values_set_rating(&peer->response.values, "response-rating", ratings[i]);
        record.peer_count++;
    }
    store_rig_ok(rig, store_begin_pull(rig->store, &number, &rig->err));
    store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, number, &record, 1, NULL,
                                       &rig->err));
    record_clear(&record);
}

static struct id id_of(struct store_rig *rig, int64_t row)
{
    struct record record = {0};
    store_rig_ok(rig, store_get_record_row(rig->store, row, &record, &rig->err));
    struct id id = record.id;
    record_clear(&record);
    return id;
}

static void label(void *ctx, int64_t row, char *out, size_t size)
{
    (void)ctx;
    snprintf(out, size, "#%lld", (long long)row);
}

static char *page_of(const struct stats *stats)
{
    struct buf text = {0};
    const struct stats_page page = {
        .stats = stats, .columns = 80, .you = "", .label = label};
    stats_write(&page, &text);
    return buf_take(&text);
}

static void assert_page(const struct stats *stats, const char *words, bool is_there)
{
    char *text = page_of(stats);
    if ((strstr(text, words) != NULL) != is_there)
        fail_msg("“%s” %s in:\n%s", words, is_there ? "is not" : "is", text);
    free(text);
}

/* The same answers counted anew. */
static void assert_as_loaded(struct store_rig *rig, const struct stats *stats)
{
    struct loaded fresh = load(rig);
    double alpha = 7, other = 7;
    assert_int_equal(stats_alpha(stats, &alpha), stats_alpha(fresh.stats, &other));
    assert_true(fabs(alpha - other) < 1e-12);
    assert_int_equal(stats->row_count, fresh.stats->row_count);
    assert_int_equal(stats->open, fresh.stats->open);
    for (size_t i = 0; i < fresh.stats->person_count; i++) {
        const struct stats_person *wanted = &fresh.stats->people[i];
        size_t at = 0;
        while (at < stats->person_count &&
               strcmp(stats->people[at].user, wanted->user) != 0)
            at++;
        assert_true(at < stats->person_count);
        assert_int_equal(stats->people[at].ratings.sum, wanted->ratings.sum);
        assert_int_equal(stats->people[at].ratings.count, wanted->ratings.count);
    }
    stats_free(fresh.stats);
}

static void an_empty_dataset_says_so(void **state)
{
    struct store_rig *rig = *state;
    struct loaded loaded = load(rig);
    double alpha;
    assert_false(stats_alpha(loaded.stats, &alpha));
    assert_page(loaded.stats, "0 records, 0 open for you.\nNobody has answered yet.",
                true);
    assert_page(loaded.stats, "Agreement", false);
    stats_free(loaded.stats);
}

static void one_rater_has_ratings_and_no_agreement(void **state)
{
    struct store_rig *rig = *state;
    for (int i = 0; i < 3; i++) {
        struct id id = store_rig_add(rig, "p", "r");
        rig->now_ms += 10000;
        if (i < 2)
            store_rig_put(rig, &id, RESPONSE_SUBMITTED, 4, NULL, CHANGE_SUBMIT, 0);
    }
    struct loaded loaded = load(rig);
    assert_int_equal(loaded.stats->people[0].ratings.count, 2);
    assert_int_equal(loaded.stats->people[0].median_ms, 10000);
    assert_int_equal(loaded.stats->left_ms, 10000);
    assert_page(loaded.stats, "3 records, 1 open for you: 10 s at your pace.", true);
    assert_page(loaded.stats, "Agreement needs two people", true);
    assert_page(loaded.stats, "(not said)", true); /* no model */
    stats_free(loaded.stats);
}

/* One person's answer to a record. */
static void put(struct stats *stats, int64_t row, int64_t length, const char *user,
                enum response_status status, int rating, int64_t at_ms)
{
    char who[8];
    snprintf(who, sizeof who, "%s", user);
    struct peer peer = {.user = who, .response = {.status = status, .updated_ms = at_ms}};
    if (rating)
        values_set_rating(&peer.response.values, "response-rating", rating);
    stats_put(stats, &(struct stats_input){
                         .row = row, .length = length, .answers = &peer, .count = 1});
    values_clear(&peer.response.values);
}

static struct stats *stats_of_guide(void)
{
    struct dataset dataset = {0};
    dataset_init_guide(&dataset, "d", "w", "");
    struct stats *stats = stats_new(&dataset);
    dataset_clear(&dataset);
    return stats;
}

/* From answer to answer, in one sitting; or as long as a record was looked at. */
static void pace_is_of_one_sitting(void **state)
{
    (void)state;
    static const int64_t times[] = {1310000, 1000000, 1010000, 1010000, 1610001, 1612001};
    struct stats *stats = stats_of_guide();
    for (int64_t row = 1; row <= 3; row++)
        put(stats, row, 1, "", RESPONSE_PENDING, 0, 0);
    stats_add_time(stats, "", NULL, 1000000);
    stats_settle(stats);
    assert_int_equal(stats->people[0].median_ms, -1);
    assert_int_equal(stats->people[0].spent_ms, 0);
    assert_int_equal(stats->left_ms, -1);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        stats_add_time(stats, "ann", "Ann", times[i]);
    stats_settle(stats);
    /* 10 s, 5 min and 2 s: what is at once and what is longer is none */
    assert_string_equal(stats->people[1].name, "Ann");
    assert_int_equal(stats->people[1].median_ms, 10000);
    assert_int_equal(stats->people[1].spent_ms, 312000);
    assert_int_equal(stats->left_ms, -1); /* theirs is not our pace */
    stats_add_time(stats, "", NULL, 1007000);
    stats_settle(stats);
    assert_int_equal(stats->left_ms, 3 * 7000);
    static const int64_t spans[][3] = {/* a span, their median, all together */
                                       {9000, 9000, 9000},
                                       {1000, 9000, 10000},
                                       {5000, 5000, 15000},
                                       {500, 5000, 15500}};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        stats_add_span(stats, spans[i][0]);
        stats_settle(stats);
        assert_int_equal(stats->people[0].median_ms, spans[i][1]);
        assert_int_equal(stats->people[0].spent_ms, spans[i][2]);
    }
    put(stats, 2, 1, "", RESPONSE_DISCARDED, 0, 0);
    stats_settle(stats);
    assert_int_equal(stats->left_ms, 2 * 5000);
    stats_free(stats);
}

static void hours_and_statuses_follow_what_is_put_and_dropped(void **state)
{
    (void)state;
    enum { HOUR = 3600000 };
    struct stats *stats = stats_of_guide();
    put(stats, 20, 1, "ann", RESPONSE_SUBMITTED, 5, 3 * HOUR - 1);
    put(stats, 30, 1, "ann", RESPONSE_SUBMITTED, 0, 3 * HOUR);
    put(stats, 10, 1, "ann", RESPONSE_DRAFT, 4, 3 * HOUR);
    put(stats, 40, 1, "ben", RESPONSE_SUBMITTED, 2, 2 * HOUR);
    assert_int_equal(stats->row_count, 4);
    assert_int_equal(stats->rows[0].row, 10);
    assert_int_equal(stats->hour_count, 2);
    assert_int_equal(stats->hours[0].hour, 2);
    assert_int_equal(stats->hours[0].answers, 2);
    assert_int_equal(stats->hours[0].sum, 7);
    assert_int_equal(stats->hours[1].answers, 1);
    assert_int_equal(stats->hours[1].rated, 0);
    assert_int_equal(stats->people[0].statuses[RESPONSE_SUBMITTED], 2);
    assert_int_equal(stats->people[0].statuses[RESPONSE_DRAFT], 1);
    assert_int_equal(stats_left(stats, &stats->people[0]), 2);
    assert_int_equal(stats->open, 4); /* for us, who answered none */
    put(stats, 20, 1, "ann", RESPONSE_DISCARDED, 5, 3 * HOUR);
    stats_drop(stats, 40);
    stats_drop(stats, 41); /* is not there */
    stats_drop(stats, 25);
    assert_int_equal(stats->row_count, 3);
    assert_int_equal(stats->hours[0].answers, 0);
    assert_int_equal(stats->hours[0].sum, 0);
    assert_int_equal(stats->people[0].ratings.count, 0);
    assert_int_equal(stats->people[1].ratings.sum, 0);
    assert_int_equal(stats->models[0].records, 3);
    assert_int_equal(stats->models[0].ratings.count, 0);
    assert_int_equal(stats_left(stats, &stats->people[0]), 1);
    assert_int_equal(stats->open, 3);
    /* what was chosen between others' is ours, and no agreement */
    struct peer ours = {.user = (char[]){""}, .response.status = RESPONSE_SUBMITTED};
    values_set_rating(&ours.response.values, "response-rating", 4);
    for (int is_decided = 1; is_decided >= 0; is_decided--) {
        stats_put(stats,
                  &(struct stats_input){
                      .row = 50, .is_decided = is_decided, .answers = &ours, .count = 1});
        assert_int_equal(stats->decided, is_decided);
        assert_int_equal(agreement_answers(stats->questions[0].agreement), 0);
    }
    values_clear(&ours.response.values);
    stats_free(stats);
}

/* Equal lengths share a rank; of two in the middle the longer is the median. */
static void lengths_are_told_by_rating(void **state)
{
    (void)state;
    static const int given[][2] = {{10, 1}, {10, 2}, {20, 1}, {40, 2}, {40, 5}, {5, 1}};
    struct stats *stats = stats_of_guide();
    put(stats, 1, 10, "ann", RESPONSE_SUBMITTED, 3, 0);
    for (int k = 0; k < 2; k++) { /* one rating of all, then one length */
        put(stats, 2, k ? 10 : 20, "ann", RESPONSE_SUBMITTED, k ? 4 : 3, 0);
        stats_settle(stats);
        assert_false(stats->has_rho);
        assert_true(stats->rho == 0);
    }
    put(stats, 2, 20, "ann", RESPONSE_SUBMITTED, 4, 0);
    stats_settle(stats);
    assert_true(stats->has_rho && stats->rho == 1);
    stats_drop(stats, 2);
    stats_drop(stats, 1);
    for (int i = 0; i < 6; i++)
        put(stats, i + 1, given[i][0], "ann", RESPONSE_SUBMITTED, given[i][1], 0);
    put(stats, 9, 1000, "ann", RESPONSE_DRAFT, 5, 0);
    stats_settle(stats);
    assert_int_equal(stats->lengths[0].count, 3);
    assert_int_equal(stats->lengths[0].median, 10);
    assert_int_equal(stats->lengths[1].count, 2);
    assert_int_equal(stats->lengths[1].median, 40);
    assert_int_equal(stats->lengths[2].count, 0);
    assert_int_equal(stats->lengths[4].median, 40);
    /* ranks of the lengths: 0, 1.5, 1.5, 3, 4.5, 4.5; of the ratings: 1, 1, 1, 3.5, 3.5,
     * 5 */
    assert_true(stats->has_rho);
    assert_true(fabs(stats->rho - 10.5 / sqrt(16.5 * 15)) < 1e-12);
    stats_free(stats);
}

static void the_path_of_a_file_is_no_other_model(void **state)
{
    struct store_rig *rig = *state;
    static const char *const told[] = {NULL, "/models/a-q8_0.gguf", "a.GGUF", "small"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct record record = {.dataset_row = rig->dataset, .has_completion = true};
        id_random(&record.id);
        completion_init(&record.completion);
        record.completion.state = COMPLETION_DONE;
        record.completion.sampling.model = xstrdup("small");
        record.completion.model_used = xstrdup_or_null(told[i]);
        record_set_field(&record, "prompt", "Why?", 4);
        record_set_field(&record, "response", "So.", 3);
        store_rig_ok(rig, store_add_record(rig->store, &record, true, NULL, &rig->err));
        store_rig_put(rig, &record.id, RESPONSE_SUBMITTED, 3, NULL, CHANGE_SUBMIT, 0);
        record_clear(&record);
    }
    struct loaded loaded = load(rig);
    assert_int_equal(loaded.stats->model_count, 1);
    assert_string_equal(loaded.stats->models[0].name, "small");
    assert_int_equal(loaded.stats->models[0].ratings.count, 4);
    stats_free(loaded.stats);
}

static void what_has_enough_is_left_to_nobody(void **state)
{
    struct store_rig *rig = *state;
    pull(rig, 1, 4, 4);
    pull(rig, 2, 4, 0);
    pull(rig, 3, 0, 0);
    pull(rig, 4, 0, 0);
    store_rig_peek(rig);
    store_rig_number(rig, "UPDATE record SET flags = flags | 128 WHERE row < 3 RETURNING"
                          " 1");
    store_rig_unpeek(rig);
    struct loaded loaded = load(rig);
    const struct stats *stats = loaded.stats;
    assert_string_equal(stats->people[0].name, "ann");
    assert_int_equal(stats_left(stats, &stats->people[0]), 2);
    assert_string_equal(stats->people[1].name,
                        "ben"); /* who is too late for the second */
    assert_int_equal(stats_left(stats, &stats->people[1]), 2);
    stats_free(loaded.stats);
}

static void people_and_models_are_told_apart(void **state)
{
    struct store_rig *rig = *state;
    for (int at = 1; at <= 4; at++)
        pull(rig, at, at, at == 4 ? 1 : at);
    struct id first = id_of(rig, 1);
    store_rig_put(rig, &first, RESPONSE_SUBMITTED, 1, NULL, CHANGE_SUBMIT, 0);
    struct loaded loaded = load(rig);
    const struct stats *stats = loaded.stats;
    assert_int_equal(stats->person_count, 3);
    assert_string_equal(stats->people[0].user, "");
    assert_string_equal(stats->people[1].name, "ann");
    assert_int_equal(stats->people[1].ratings.sum, 10);
    assert_int_equal(stats->people[1].median_ms, 20000);
    assert_int_equal(stats->people[1].spent_ms, 60000);
    assert_int_equal(stats->model_count, 2);
    assert_string_equal(stats->models[0].name, "m-1");
    assert_int_equal(stats->models[0].ratings.sum, 1 + 1 + 1 + 3 + 3);
    assert_int_equal(stats->open, 3);
    assert_int_equal(stats->hours[0].answers, 8);
    /* the longer the better: 1, 2 and 3 agree, 4 is torn between 4 and 1 */
    assert_true(stats->has_rho && stats->rho > 0.5 && stats->rho < 1);
    struct agreement_unit *units;
    assert_int_equal(
        agreement_lowest(stats->questions[0].agreement, AGREEMENT_ORDINAL, &units), 4);
    assert_int_equal(units[0].unit, 4);
    free(units);
    assert_page(stats, "furthest apart    #4\n", true);
    assert_page(stats, "ben               100 % of 1   75 % of 4", true);
    stats_free(loaded.stats);
}

static void rank_correlation_is_spearmans(void **state)
{
    struct store_rig *rig = *state;
    const int ratings[] = {1, 3, 2, 5, 4}; /* against 1 to 5: 1 - 6 * 4 / (5 * 24) */
    for (int at = 1; at <= 5; at++)
        pull(rig, at, ratings[at - 1], 0);
    struct loaded loaded = load(rig);
    assert_true(fabs(loaded.stats->rho - 0.8) < 1e-12);
    assert_page(loaded.stats, "rank correlation 0.80, no clear relation.", true);
    assert_int_equal(loaded.stats->lengths[0].median, 10);
    assert_int_equal(loaded.stats->lengths[4].median, 40);
    stats_free(loaded.stats);
}

static void what_changes_is_followed_as_if_loaded_anew(void **state)
{
    struct store_rig *rig = *state;
    for (int at = 1; at <= 6; at++)
        pull(rig, at, 1 + at % 5, 1 + at % 3);
    struct loaded loaded = load(rig);
    struct id id = id_of(rig, 2);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 5, NULL, CHANGE_SUBMIT, 0);
    follow(rig, &loaded);
    assert_as_loaded(rig, loaded.stats);
    assert_int_equal(loaded.stats->open, 5);
    pull(rig, 7, 4, 0); /* a record comes */
    pull(rig, 3, 0, 2); /* an answer is taken back, the other one changes */
    pull(rig, 4, 5, 5);
    follow(rig, &loaded);
    assert_as_loaded(rig, loaded.stats);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    follow(rig, &loaded);
    assert_as_loaded(rig, loaded.stats);
    assert_int_equal(loaded.stats->open, 7);
    int64_t number = 0; /* a pull that sees none of them: all are gone */
    store_rig_ok(rig, store_begin_pull(rig->store, &number, &rig->err));
    store_rig_ok(rig, store_end_pull(rig->store, rig->dataset, number, NULL, &rig->err));
    follow(rig, &loaded);
    assert_int_equal(loaded.stats->row_count, 0);
    assert_as_loaded(rig, loaded.stats);
    stats_free(loaded.stats);
}

static void too_much_at_once_is_loaded_anew(void **state)
{
    struct store_rig *rig = *state;
    struct loaded loaded = load(rig);
    int64_t before = loaded.revision;
    for (int at = 1; at <= 3; at++)
        pull(rig, at, 1, 2);
    assert_int_equal(
        store_follow_stats(rig->store, loaded.stats, &loaded.revision, 2, &rig->err),
        STATUS_BUSY);
    assert_int_equal(loaded.revision, before);
    err_clear(&rig->err);
    store_rig_ok(rig, store_follow_stats(rig->store, loaded.stats, &loaded.revision, 3,
                                         &rig->err)); /* not one more than that */
    assert_true(loaded.revision > before);
    assert_as_loaded(rig, loaded.stats);
    stats_free(loaded.stats);
}

/* Several labels are a set: their order says nothing. */
static void labels_agree_in_any_order(void **state)
{
    static const char *const sets[] = {"[\"a\",\"b\"]", "[\"b\",\"a\"]", "[\"a\"]"};
    struct store_rig *rig = *state;
    struct dataset dataset = {0};
    store_rig_ok(rig, store_get_dataset(rig->store, rig->dataset, &dataset, &rig->err));
    dataset.questions[1].type = QUESTION_MULTI_LABEL;
    dataset.questions[1].option_count = 0;
    int64_t number = 0;
    for (int at = 1; at <= 2; at++) {
        struct record record = {.has_peers = true};
        record.remote_id = xasprintf("11111111-0000-4000-8000-%012d", at);
        record.peers = xcalloc(2, sizeof *record.peers);
        for (int i = 0; i < 2; i++) {
            struct peer *peer = &record.peers[record.peer_count++];
            peer->user = xasprintf("u-%d", i);
            peer->response.status = RESPONSE_SUBMITTED;
            values_set_text(&peer->response.values, "response-feedback",
                            QUESTION_MULTI_LABEL, sets[at == 1 ? i : 2]);
        }
        store_rig_ok(rig, store_begin_pull(rig->store, &number, &rig->err));
        store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, number, &record, 1,
                                           NULL, &rig->err));
        record_clear(&record);
    }
    struct loaded loaded = {0};
    store_load_stats(rig->store, &dataset, on_stats, &loaded);
    while (!loaded.is_over)
        loop_turn(rig->loop);
    double alpha = 0;
    assert_int_equal(loaded.stats->question_count, 2);
    assert_true(
        agreement_alpha(loaded.stats->questions[1].agreement, AGREEMENT_NOMINAL, &alpha));
    assert_true(alpha == 1);
    stats_free(loaded.stats);
    dataset_clear(&dataset);
}

static void on_cut_off(void *ctx, struct stats *stats, int64_t revision,
                       const struct err *err)
{
    struct loaded *loaded = ctx;
    (void)revision;
    loaded->is_over = true;
    assert_int_equal(stats == NULL, err->code != STATUS_OK);
    stats_free(stats);
}

/* Whoever leaves does not wait until all is counted; the call still ends. */
static void closing_cuts_a_load_off(void **state)
{
    struct store_rig *rig = *state;
    struct loaded loaded = {0};
    struct dataset dataset = {0};
    for (int at = 1; at <= 50; at++)
        pull(rig, at, 1, 2);
    store_rig_ok(rig, store_get_dataset(rig->store, rig->dataset, &dataset, &rig->err));
    store_load_stats(rig->store, &dataset, on_cut_off, &loaded);
    dataset_clear(&dataset);
    store_rig_reopen(rig);
    assert_true(loaded.is_over);
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, store_rig_set_up, store_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_empty_dataset_says_so),
        CASE(one_rater_has_ratings_and_no_agreement),
        cmocka_unit_test(pace_is_of_one_sitting),
        cmocka_unit_test(hours_and_statuses_follow_what_is_put_and_dropped),
        cmocka_unit_test(lengths_are_told_by_rating),
        CASE(the_path_of_a_file_is_no_other_model),
        CASE(what_has_enough_is_left_to_nobody),
        CASE(people_and_models_are_told_apart),
        CASE(rank_correlation_is_spearmans),
        CASE(what_changes_is_followed_as_if_loaded_anew),
        CASE(too_much_at_once_is_loaded_anew),
        CASE(labels_agree_in_any_order),
        CASE(closing_cuts_a_load_off),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
