/* SPDX-License-Identifier: MIT
 * What a selection finds, beside what a plain look at every record says. */
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
#include <sqlite3.h>

#include "base/xalloc.h"
#include "store/store_search.h"
#include "store/store_stats.h"
#include "tests/support/all_questions.h"
#include "tests/support/store_rig.h"

enum { RECORDS = 700, PEERS = 2 };

/* What a record of the test is made of. */
struct facts {
    int64_t row;
    int status, rating, length;
    int topic; /* 0 = no metadata at all */
    double share;
    int model;     /* 0 = none */
    int suggested; /* a rating; 0 = none */
    double score;
    bool is_flagged;
    bool has_enough; /* others have answered it as often as is asked for */
    bool is_loud;    /* "Shout" is in its text */
    int feedback;    /* 0 = none */
    int note;        /* likewise */
    int64_t inserted_ms, answered_ms;
    int inserted_us;
    int64_t updated_us; /* 0 = not told */
    int peers[PEERS];   /* ratings; 0 = none */
};

static const char *const topics[] = {"", "sea", "Sky", "deep sea"};
static const char *const models[] = {"", "smol", "gpt-4", "gpt-4o"};
static const char *const remarks[] = {"", "too short", "fine"};
static const char *const notes[] = {"", "Ask Kim", "odd"};

struct fixture {
    struct store_rig rig;
    struct dataset dataset;
    struct facts facts[RECORDS];
};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static void make_facts(struct facts *facts, uint64_t *seed)
{
    *facts = (struct facts){
        .status = (int)draw(seed, 4),
        .length = 5 + (int)draw(seed, 40),
        .topic = (int)draw(seed, 4),
        .share = (double)draw(seed, 8) / 4 - 1,
        .model = (int)draw(seed, 4),
        .suggested = (int)draw(seed, 4),
        .score = (double)draw(seed, 5) / 4,
        .is_flagged = draw(seed, 5) == 0,
        .has_enough = draw(seed, 4) == 0,
        .is_loud = draw(seed, 6) == 0,
        .inserted_ms = 1700000000000 + (int64_t)draw(seed, 5),
        .inserted_us = (int)draw(seed, 1000),
        .answered_ms = 1700000100000 + (int64_t)draw(seed, 50),
        .updated_us = 1700000100010000 + (int64_t)draw(seed, 30000),
    };
    facts->updated_us = draw(seed, 3) ? facts->updated_us : 0;
    facts->note = facts->status == RESPONSE_DISCARDED ? 0 : facts->topic % 3;
    facts->rating = facts->status == RESPONSE_PENDING ? 0 : (int)draw(seed, 6);
    facts->feedback = facts->status == RESPONSE_PENDING ? 0 : (int)draw(seed, 3);
    for (int i = 0; i < PEERS; i++)
        facts->peers[i] = (int)draw(seed, 6);
}

/* The answer has as many code points as facts say, two bytes each. */
static void make_record(struct record *record, const struct facts *facts)
{
    char text[200] = "", metadata[100];
    for (int i = 0; i < facts->length; i++)
        memcpy(text + 2 * (size_t)i, "é", 3);
    *record = (struct record){.inserted_ms = facts->inserted_ms,
                              .inserted_us = facts->inserted_us,
                              .updated_us = facts->updated_us};
    id_random(&record->id);
    record_set_field(record, "prompt", facts->is_loud ? "a SHOUT b" : "quiet",
                     facts->is_loud ? 9 : 5);
    record_set_field(record, "response", text, strlen(text));
    if (facts->model) /* mix is a text, or a number */
        snprintf(metadata, sizeof metadata,
                 "{\"topic\":\"%s\",\"share\":%.2f,\"model\":\"%s\",\"mix\":\"%s\"}",
                 topics[facts->topic], facts->share, models[facts->model],
                 models[facts->model]);
    else
        snprintf(metadata, sizeof metadata,
                 "{\"topic\":\"%s\",\"share\":%.2f,\"mix\":%.2f}", topics[facts->topic],
                 facts->share, facts->share);
    if (facts->topic)
        record->metadata_json = xstrdup(metadata);
    if (facts->suggested) {
        record->suggestions = xcalloc(1, sizeof *record->suggestions);
        record->suggestion_count = 1;
        record->suggestions[0] =
            (struct suggestion){.value = {.question = xstrdup("response-rating"),
                                          .type = QUESTION_RATING,
                                          .rating = facts->suggested},
                                .agent = xstrdup(facts->suggested == 1 ? "Bot" : "judge"),
                                .score = facts->score};
    }
    record->note = facts->note ? xstrdup(notes[facts->note]) : NULL;
    record->response.status = (enum response_status)facts->status;
    record->response.updated_ms = facts->answered_ms;
    if (facts->rating)
        values_set_rating(&record->response.values, "response-rating", facts->rating);
    if (facts->feedback)
        values_set_text(&record->response.values, "response-feedback", QUESTION_TEXT,
                        remarks[facts->feedback]);
    record->peers = xcalloc(PEERS, sizeof *record->peers);
    for (int i = 0; i < PEERS; i++) {
        if (!facts->peers[i])
            continue;
        struct peer *peer = &record->peers[record->peer_count++];
        peer->user = xasprintf("user %d", i);
        peer->response.status = RESPONSE_SUBMITTED;
        values_set_rating(&peer->response.values, "response-rating", facts->peers[i]);
    }
}

static void fill(struct fixture *fixture, uint64_t seed)
{
    struct store_rig *rig = &fixture->rig;
    struct record *records = xcalloc(RECORDS, sizeof *records);
    size_t added = 9;
    for (size_t i = 0; i < RECORDS; i++) {
        make_facts(&fixture->facts[i], &seed);
        make_record(&records[i], &fixture->facts[i]);
        records[i].dataset_row = rig->dataset;
    }
    store_rig_ok(rig,
                 store_import_records(rig->store, records, RECORDS, &added, &rig->err));
    assert_int_equal(added, RECORDS);
    store_rig_peek(rig);
    for (size_t i = 0; i < RECORDS; i++) {
        char sql[128];
        struct record back = {0};
        store_rig_ok(rig, store_get_record(rig->store, &records[i].id, &back, &rig->err));
        fixture->facts[i].row = back.row;
        snprintf(sql, sizeof sql,
                 "UPDATE record SET flags = flags | %d WHERE row = %lld RETURNING 1",
                 (fixture->facts[i].is_flagged ? QUEUE_FLAGGED : 0) |
                     (fixture->facts[i].has_enough ? QUEUE_COMPLETED : 0),
                 (long long)back.row);
        store_rig_number(rig, sql);
        record_clear(&back);
        record_clear(&records[i]);
    }
    store_rig_unpeek(rig);
    free(records);
}

static int set_up(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof *fixture);
    struct err err = {0};
    store_rig_start(&fixture->rig);
    store_rig_put_dataset(&fixture->rig, "d", "");
    store_rig_ok(&fixture->rig,
                 store_get_dataset(fixture->rig.store, fixture->rig.dataset,
                                   &fixture->dataset, &err));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    dataset_clear(&fixture->dataset);
    store_rig_end(&fixture->rig);
    free(fixture);
    return 0;
}

/* ---- what is expected ---- */

static bool is_rated(const struct facts *facts)
{
    return facts->status != RESPONSE_PENDING && facts->rating > 0;
}

static bool completed(const struct facts *facts)
{
    return facts->status == RESPONSE_PENDING && facts->has_enough;
}

static bool drafts_and_pending(const struct facts *facts)
{
    return facts->status == RESPONSE_DRAFT ||
           (facts->status == RESPONSE_PENDING && !facts->has_enough);
}

static bool flagged_not_submitted(const struct facts *facts)
{
    return facts->is_flagged && facts->status != RESPONSE_SUBMITTED;
}

static bool of_models(const struct facts *facts)
{
    return facts->topic && facts->model >= 2;
}

static bool of_exact_model(const struct facts *facts)
{
    return facts->topic && facts->model == 2;
}

static bool of_topics(const struct facts *facts)
{
    return facts->topic == 2 || facts->topic == 3;
}

static bool with_share(const struct facts *facts)
{
    return facts->topic && facts->share >= -0.5 && facts->share <= 0.25;
}

static bool rated_high(const struct facts *facts)
{
    return is_rated(facts) && (facts->rating >= 4 || facts->rating == 1);
}

static bool with_any_remark(const struct facts *facts)
{
    return facts->feedback > 0;
}

static bool loud(const struct facts *facts)
{
    return facts->is_loud;
}

static bool nothing(const struct facts *facts)
{
    return facts->row < 0;
}

static bool rated_high_and_loud(const struct facts *facts)
{
    return is_rated(facts) && facts->rating >= 4 && facts->is_loud;
}

static bool with_note(const struct facts *facts)
{
    return facts->note > 0;
}

static bool without_note(const struct facts *facts)
{
    return facts->note == 0;
}

static bool with_note_of_kim(const struct facts *facts)
{
    return facts->note == 1;
}

static bool with_remark(const struct facts *facts)
{
    return facts->feedback == 1;
}

static bool suggested_by_bot(const struct facts *facts)
{
    return facts->suggested == 1 && facts->score > 0.25;
}

static bool suggested_twice(const struct facts *facts)
{
    return facts->suggested == 2 || facts->suggested == 3;
}

static bool long_and_loud(const struct facts *facts)
{
    return facts->length >= 20 && facts->is_loud;
}

static bool everything(const struct facts *facts)
{
    return facts->row > 0;
}

/* Keys to sort by; HUGE_VAL = the last. */
static double by_rating(const struct facts *facts)
{
    return is_rated(facts) ? facts->rating : HUGE_VAL;
}

static double by_score_down(const struct facts *facts)
{
    return facts->suggested ? -facts->score : HUGE_VAL;
}

static double by_share(const struct facts *facts)
{
    return facts->topic ? facts->share : HUGE_VAL;
}

static double by_topic_down(const struct facts *facts)
{
    static const double places[] = {HUGE_VAL, -2, -0.5, -1}; /* Sky < deep sea < sea */
    return places[facts->topic];
}

static double by_mix(const struct facts *facts)
{
    static const double places[] = {0, 13, 11, 12}; /* gpt-4 < gpt-4o < smol */
    return !facts->topic ? HUGE_VAL : facts->model ? places[facts->model] : facts->share;
}

static double by_mix_down(const struct facts *facts)
{
    return facts->topic ? -by_mix(facts) : HUGE_VAL;
}

static double by_length_down(const struct facts *facts)
{
    return -facts->length;
}

static double by_inserted(const struct facts *facts)
{
    return (double)(facts->inserted_ms * 1000 + facts->inserted_us);
}

static double by_answered_down(const struct facts *facts)
{
    return facts->status ? -(double)facts->answered_ms : HUGE_VAL;
}

static double by_disagreement(const struct facts *facts)
{
    int all[PEERS + 1], count = 0;
    double sum = 0;
    for (int i = 0; i < PEERS; i++)
        if (facts->peers[i])
            all[count++] = facts->peers[i];
    if (facts->status == RESPONSE_SUBMITTED && facts->rating)
        all[count++] = facts->rating;
    if (count < 2)
        return HUGE_VAL;
    for (int a = 0; a < count; a++)
        for (int b = 0; b < a; b++)
            sum += (all[a] - all[b]) * (all[a] - all[b]);
    return -sum / (count * (count - 1) / 2.0);
}

/* The one of the keys before the other: each has few values that differ. */
static double with(double first, double second)
{
    return first == HUGE_VAL ? 1e12 + (second == HUGE_VAL ? 1e3 : second)
                             : first * 1e6 + (second == HUGE_VAL ? 1e3 : second);
}

static double by_rating_and_length_down(const struct facts *facts)
{
    return with(by_rating(facts), -facts->length);
}

static double by_rating_down_and_topic(const struct facts *facts)
{
    static const double places[] = {HUGE_VAL, 3, 1, 2}; /* Sky < deep sea < sea */
    return with(is_rated(facts) ? -facts->rating : HUGE_VAL, places[facts->topic]);
}

static double by_topic_share_and_row_down(const struct facts *facts)
{
    static const double places[] = {0, 3, 1, 2};
    return facts->topic
               ? places[facts->topic] * 1e6 + facts->share * 1e4 - (double)facts->row
               : 1e12 - (double)facts->row;
}

static double by_value_and_score_down(const struct facts *facts)
{
    return facts->suggested ? with(facts->suggested, -facts->score) : HUGE_VAL;
}

static double by_updated(const struct facts *facts)
{
    double told = facts->updated_us ? (double)facts->updated_us : by_inserted(facts);
    return fmax(told, facts->status ? (double)facts->answered_ms * 1000 : 0);
}

static double backwards(const struct facts *facts)
{
    return -(double)facts->row;
}

struct row {
    const char *line;
    bool (*meets)(const struct facts *facts);
    double (*key)(const struct facts *facts);
};

static const struct row rows[] = {
    {"", everything, NULL},
    {"status:draft,pending", drafts_and_pending, NULL},
    {"completed", completed, NULL},
    {"flag -submitted", flagged_not_submitted, NULL},
    {"model:gpt*", of_models, NULL},
    {"model:GPT-4", of_exact_model, NULL},
    {"meta.topic:sky,\"deep sea\"", of_topics, NULL},
    {"meta.share:-0.5..0.25", with_share, NULL},
    {"rating:>=4,1", rated_high, NULL},
    {"answer.response-rating:>=4,1", rated_high, NULL},
    {"note", with_note, NULL},
    {"-note", without_note, NULL},
    {"note:kim", with_note_of_kim, NULL},
    {"note:/^ask \\w+$/i,nobody", with_note_of_kim, NULL},
    {"\"Ask Kim\"", with_note_of_kim, NULL}, /* and it is among the texts */
    {"feedback:short", with_remark, NULL},
    {"feedback:SHORT", nothing, NULL}, /* a capital is one */
    {"feedback:/SHORT/i", with_remark, NULL},
    {"feedback:/^too s|i.e$/", with_any_remark, NULL},
    {"answer.response-feedback:/t{1}oo/", with_remark, NULL},
    {"/\\bshout\\b/", loud, NULL},
    {"-/\\bquiet$/", loud, NULL},
    {"\"too short\"", with_remark, NULL},                /* what we answered */
    {"\"model: gpt\",/^model: gpt-4/", of_models, NULL}, /* a line of the metadata */
    {"model:/^GPT-4O?$/i", of_models, NULL},
    {"meta.topic:/^sky$/,/deep/", of_topics, NULL},
    {"answer.response-feedback:\"too short\"", with_remark, NULL},
    {"agent:bot score:>0.25", suggested_by_bot, NULL},
    {"suggestion.response-rating.agent:bot suggestion.response-rating.score:>0.25",
     suggested_by_bot, NULL},
    {"suggestion:2,3", suggested_twice, NULL},
    {"suggestion.response-rating:2..3", suggested_twice, NULL},
    {"\"shout\" length:20..", long_and_loud, NULL},
    {"order:rating", everything, by_rating},
    {"flag -submitted order:-score", flagged_not_submitted, by_score_down},
    {"order:meta.share", everything, by_share},
    {"order:-meta.topic", everything, by_topic_down},
    {"order:meta.mix", everything, by_mix},
    {"order:-meta.mix", everything, by_mix_down},
    {"order:-length", everything, by_length_down},
    {"order:inserted", everything, by_inserted},
    {"order:-answered", everything, by_answered_down},
    {"order:disagreement", everything, by_disagreement},
    {"order:-dataset", everything, backwards},
    {"order:rating,-length", everything, by_rating_and_length_down},
    {"order:-rating,meta.topic", everything, by_rating_down_and_topic},
    {"order:meta.topic,meta.share,-dataset", everything, by_topic_share_and_row_down},
    {"order:suggestion.response-rating,-score", everything, by_value_and_score_down},
    {"response:/^é{20,}$/ \"shout\"", long_and_loud, NULL},
    {"prompt:shout", loud, NULL},
    {"-prompt:quiet", loud, NULL},
    {"field.prompt:SHOUT,nothing", loud, NULL},
    {"response:shout", nothing, NULL}, /* it is in the other */
    {"order:updated", everything, by_updated},
    {"shout", loud, NULL},
    {"a -quiet shout b", loud, NULL}, /* all of them */
    {"\"shout\" order:rating,-length", loud, by_rating_and_length_down},
    {"rating:>=4 /shout/ order:-dataset", rated_high_and_loud, backwards},
    {"rating:>=4 text:shout order:rating", rated_high_and_loud, by_rating},
    {"\"shout\" length:20.. order:-length", long_and_loud, by_length_down},
    {"model:gpt* order:inserted", of_models, by_inserted},
    {"model:gpt* order:-meta.topic", of_models, by_topic_down},
    {"\"too short\" order:-score", with_remark, by_score_down},
};

struct expected {
    double key;
    int64_t row;
};

static int compare(const void *a, const void *b)
{
    const struct expected *one = a, *other = b;
    if (one->key != other->key)
        return one->key < other->key ? -1 : 1;
    return (one->row > other->row) - (one->row < other->row);
}

static struct selection parse(const struct fixture *fixture, const char *line)
{
    struct selection selection = {0};
    struct err err = {0};
    if (selection_parse(&selection, line, &fixture->dataset, NULL, &err) != STATUS_OK)
        fail_msg("%s: %s", line, err.text);
    return selection;
}

/* What came of a store_select. */
struct taken {
    int64_t rows[RECORDS];
    size_t count, portions;
    bool is_over;
    const struct fixture *fixture;
};

static void take(void *ctx, const struct selected *selected, size_t count, bool is_over,
                 const struct err *err)
{
    struct taken *taken = ctx;
    assert_int_equal(err->code, STATUS_OK);
    assert_false(taken->is_over);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(taken->fixture->facts[selected[i].index].row, selected[i].row);
        taken->rows[taken->count++] = selected[i].row;
    }
    taken->portions += count > 0;
    taken->is_over = is_over;
}

static void check(struct fixture *fixture, const struct row *row)
{
    struct store_rig *rig = &fixture->rig;
    struct expected *expected = xcalloc(RECORDS, sizeof *expected);
    struct selection selection = parse(fixture, row->line);
    struct taken *taken = xcalloc(1, sizeof *taken);
    size_t wanted = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        const struct facts *facts = &fixture->facts[i];
        bool is_met = row->meets(facts);
        if (is_met)
            expected[wanted++] =
                (struct expected){row->key ? row->key(facts) : 0, facts->row};
        if (i % 10 == 0)
            assert_int_equal(
                store_is_selected(rig->store, &fixture->dataset, &selection, facts->row),
                is_met);
    }
    qsort(expected, wanted, sizeof *expected, compare);
    taken->fixture = fixture;
    store_select(rig->store, &fixture->dataset, &selection, true, take, taken);
    while (!taken->is_over)
        loop_turn(rig->loop);
    if (taken->count != wanted)
        fail_msg("%s: %zu, not %zu", row->line, taken->count, wanted);
    for (size_t i = 0; i < wanted; i++)
        if (taken->rows[i] != expected[i].row)
            fail_msg("%s: at %zu", row->line, i);
    free(taken);
    free(expected);
    selection_clear(&selection);
}

static void every_selection_finds_what_a_plain_look_finds(void **state)
{
    struct fixture *fixture = *state;
    fill(fixture, 7);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(fixture, &rows[i]);
}

static size_t select_now(struct fixture *fixture, const char *line, int64_t *out)
{
    struct selection selection = parse(fixture, line);
    struct taken *taken = xcalloc(1, sizeof *taken);
    taken->fixture = fixture;
    store_select(fixture->rig.store, &fixture->dataset, &selection, true, take, taken);
    while (!taken->is_over)
        loop_turn(fixture->rig.loop);
    size_t count = taken->count;
    memcpy(out, taken->rows, count * sizeof *out);
    free(taken);
    selection_clear(&selection);
    return count;
}

static void a_seed_shuffles_always_alike(void **state)
{
    struct fixture *fixture = *state;
    static int64_t first[RECORDS], again[RECORDS], other[RECORDS];
    fill(fixture, 11);
    assert_int_equal(select_now(fixture, "order:random:5", first), RECORDS);
    assert_int_equal(select_now(fixture, "order:random:5", again), RECORDS);
    assert_int_equal(select_now(fixture, "order:random:6", other), RECORDS);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    size_t stayed = 0, places[RECORDS] = {0};
    for (size_t i = 0; i < RECORDS; i++) {
        stayed += first[i] == fixture->facts[i].row;
        places[first[i] - fixture->facts[0].row]++;
    }
    for (size_t i = 0; i < RECORDS; i++)
        assert_int_equal(places[i], 1);
    assert_true(stayed < 20);
    /* A part keeps its order among the others. */
    size_t count = select_now(fixture, "flag order:random:5", other), at = 0;
    for (size_t i = 0; i < RECORDS && at < count; i++)
        at += first[i] == other[at];
    assert_int_equal(at, count);
}

static void a_list_has_a_score_for_each_of_its_values(void **state)
{
    static const char *const scores[] = {"[0.25,0.9]", "[0.5]", "[]"};
    struct fixture *fixture = *state;
    static int64_t found[RECORDS];
    fill(fixture, 3);
    all_questions(&fixture->dataset);
    store_rig_peek(&fixture->rig);
    store_rig_number(&fixture->rig, "UPDATE record SET suggestions = NULL RETURNING 1");
    for (size_t i = 0; i < 3; i++) {
        char *sql = xasprintf(
            "UPDATE record SET suggestions = '[{\"values\":{\"parts\":{\"type\":\"span\","
            "\"value\":[{\"label\":\"%s\",\"start\":0,\"end\":1}]}},\"score\":%s}]'"
            " WHERE row = %lld RETURNING 1",
            i ? "person" : "place", scores[i], (long long)fixture->facts[i + 4].row);
        store_rig_number(&fixture->rig, sql);
        free(sql);
    }
    store_rig_unpeek(&fixture->rig);
    assert_int_equal(select_now(fixture, "score:>0.6", found), 1);
    assert_int_equal(found[0], fixture->facts[4].row);
    assert_int_equal(select_now(fixture, "suggestion.parts.score:0.2..0.5", found), 2);
    select_now(fixture, "order:-suggestion.parts.score", found);
    assert_int_equal(found[0], fixture->facts[4].row);
    assert_int_equal(found[1], fixture->facts[5].row);
    select_now(fixture, "order:suggestion.parts,-score", found);
    assert_int_equal(found[0], fixture->facts[5].row); /* person */
    assert_int_equal(found[1], fixture->facts[6].row);
    assert_int_equal(found[2], fixture->facts[4].row);
}

static int count_statement(unsigned what, void *count, void *statement, void *sql)
{
    (void)what;
    (void)statement;
    (void)sql;
    ++*(size_t *)count;
    return 0;
}

static size_t
    statements; /* of every connection that was opened since the tracing began */

static int trace(sqlite3 *db, char **fault, const void *api)
{
    (void)fault;
    (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_statement, &statements);
}

/* Asked for one at a time, what 100,000 are ordered by took a second. */
static void what_an_order_is_by_is_asked_for_many_records_at_once(void **state)
{
    static const char *const lines[] = {"order:meta.topic",
                                        "order:-score",
                                        "order:length",
                                        "order:inserted",
                                        "order:answered",
                                        "order:disagreement",
                                        "rating:4.. order:length",
                                        "order:suggestion.response-rating",
                                        "order:updated",
                                        "order:rating,meta.topic,length"};
    struct fixture *fixture = *state;
    int64_t found[RECORDS];
    fill(fixture, 7);
    sqlite3_auto_extension((void (*)(void))trace); /* the reader's comes with the first */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        statements = 0;
        assert_true(select_now(fixture, lines[i], found) > RECORDS / 10);
        assert_true(statements >= 3 && statements <= RECORDS / 5);
    }
    sqlite3_cancel_auto_extension((void (*)(void))trace);
}

/* The terms are looked at in the order, where that costs less. */
static void the_first_of_an_order_comes_before_the_rest_is_looked_at(void **state)
{
    static const char *const lines[] = {
        "/shout|quiet/ order:-dataset", "text:t order:random:3",
        "text:t order:-rating",         "/shout|quiet/ order:meta.topic",
        "model:* order:inserted",       "text:t order:-rating,inserted"};
    struct fixture *fixture = *state;
    fill(fixture, 5);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct selection selection = parse(fixture, lines[i]);
        struct taken *taken = xcalloc(1, sizeof *taken);
        taken->fixture = fixture;
        store_select(fixture->rig.store, &fixture->dataset, &selection, true, take,
                     taken);
        while (!taken->is_over)
            loop_turn(fixture->rig.loop);
        if (taken->portions < 2 || taken->count < 300)
            fail_msg("%s: %zu in %zu", lines[i], taken->count, taken->portions);
        free(taken);
        selection_clear(&selection);
    }
}

/* The answers of ours and of another to one record, in the place of what there were. */
static void put_two(struct fixture *fixture, size_t at, const char *ours,
                    const char *theirs)
{
    char *sql = xasprintf(
        "INSERT INTO response (record, user, status, answers, updated_ms) VALUES"
        " (%lld, '', 2, '%s', 1), (%lld, 'ann', 2, '%s', 1) RETURNING 1",
        (long long)fixture->facts[at].row, ours, (long long)fixture->facts[at].row,
        theirs);
    store_rig_number(&fixture->rig, sql);
    free(sql);
}

#define FAULTS "\"faults\":{\"type\":\"multi_label_selection\",\"value\":"
#define PARTS(end)                                                                       \
    "\"parts\":{\"type\":\"span\",\"value\":[{\"label\":\"person\",\"start\":0,"         \
    "\"end\":" end "}]}"
#define ORDER(a, b, c)                                                                   \
    "\"order\":{\"type\":\"ranking\",\"value\":[{\"value\":\"a\",\"rank\":" a            \
    "},{\"value\":\"b\",\"rank\":" b "},{\"value\":\"c\",\"rank\":" c "}]}"
#define SCORE(number) "\"score\":{\"type\":\"rating\",\"value\":" number "}"

static void what_differs_in_most_questions_stands_first(void **state)
{
    struct fixture *fixture = *state;
    static int64_t found[RECORDS];
    fill(fixture, 17);
    all_questions(&fixture->dataset);
    store_rig_peek(&fixture->rig);
    store_rig_number(&fixture->rig, "DELETE FROM response RETURNING 1");
    put_two(fixture, 0, "{" SCORE("5") "," FAULTS "[\"long\"]}," PARTS("3") "}",
            "{" SCORE("5") "," FAULTS "[\"wrong\",\"long\"]}," PARTS("3") "}");
    put_two(fixture, 1, "{" SCORE("10") "," FAULTS "[\"long\"]}," PARTS("3") "}",
            "{" SCORE("1") "," FAULTS "[\"wrong\"]}," PARTS("4") "}");
    put_two(fixture, 2, "{" SCORE("5") "," FAULTS "[\"long\"]}," PARTS("3") "}",
            "{" SCORE("5") "," FAULTS "[\"wrong\",\"long\"]}," PARTS("4") "}");
    put_two(fixture, 3, "{" SCORE("10") "}", "{" SCORE("0") "}"); /* ours is a copy */
    store_rig_unpeek(&fixture->rig);
    struct err err = {0};
    store_rig_ok(&fixture->rig,
                 store_mark_decided(fixture->rig.store, fixture->facts[3].row, &err));
    select_now(fixture, "order:disagreement", found);
    assert_int_equal(found[0], fixture->facts[1].row);
    assert_int_equal(found[1], fixture->facts[2].row);
    assert_int_equal(found[2], fixture->facts[0].row);
}

/* By any of several labels, by the label of a span, by what a ranking puts first. */
static void a_list_is_met_by_what_stands_in_it(void **state)
{
    struct fixture *fixture = *state;
    static int64_t found[RECORDS];
    static const struct {
        const char *line;
        size_t first, count; /* of the three records with answers */
    } lists[] = {
        {"answer.faults:long", 0, 2},   {"answer.faults:wrong", 1, 1},
        {"answer.faults:rude", 0, 0},   {"answer.parts:person", 0, 1},
        {"answer.parts:place", 1, 1},   {"answer.order:b", 0, 1},
        {"answer.order:a", 1, 2},       {"answer.order:c", 0, 0},
        {"answer.topic:t2", 2, 1},      {"answer.topic:t1", 0, 0},
        {"answer.why:lamp", 2, 1},      {"answer.score:10", 2, 1},
        {"-answer.faults:wrong", 0, 2},
    };
    fill(fixture, 19);
    all_questions(&fixture->dataset);
    store_rig_peek(&fixture->rig);
    store_rig_number(&fixture->rig, "DELETE FROM response RETURNING 1");
    store_rig_number(&fixture->rig, "DELETE FROM record WHERE row > (SELECT min(row) + 2"
                                    " FROM record) RETURNING 1");
    put_two(fixture, 0, "{" FAULTS "[\"long\"]}," PARTS("3") "," ORDER("2", "1", "2") "}",
            "{}");
    put_two(fixture, 1,
            "{" FAULTS "[\"wrong\",\"long\"]},\"parts\":{\"type\":\"span\",\"value\":"
            "[{\"label\":\"place\",\"start\":0,\"end\":1}]}," ORDER("1", "2", "3") "}",
            "{}");
    put_two(fixture, 2,
            "{" SCORE("10") ",\"topic\":{\"type\":\"label_selection\",\"value\":\"t2\"},"
                            "\"why\":{\"type\":\"text\",\"value\":\"A lamp.\"}," ORDER(
                                "1", "3", "2") "}",
            "{}");
    store_rig_unpeek(&fixture->rig);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        size_t count = select_now(fixture, lists[i].line, found);
        if (count != lists[i].count)
            fail_msg("%s: %zu", lists[i].line, count);
        if (count)
            assert_int_equal(found[0], fixture->facts[lists[i].first].row);
    }
}

struct ending {
    struct err err;
    size_t count;
    bool is_over;
};

static void judge(void *ctx, const struct selected *selected, size_t count, bool is_over,
                  const struct err *err)
{
    struct ending *ending = ctx;
    (void)selected;
    ending->err = *err;
    ending->count += count;
    ending->is_over = is_over;
}

static struct ending look_for(struct fixture *fixture, const char *line, bool refuses)
{
    struct selection selection = parse(fixture, line);
    struct ending ending = {0};
    store_select(fixture->rig.store, &fixture->dataset, &selection, refuses, judge,
                 &ending);
    while (!ending.is_over)
        loop_turn(fixture->rig.loop);
    selection_clear(&selection);
    return ending;
}

static void metadata_that_nothing_has_is_refused_before_any_record(void **state)
{
    struct fixture *fixture = *state;
    char sql[128];
    assert_int_equal(look_for(fixture, "meta.rare:1", true).err.code, STATUS_OK);
    fill(fixture, 13); /* "rare" stands in the oldest alone */
    store_rig_peek(&fixture->rig);
    snprintf(sql, sizeof sql,
             "UPDATE record SET metadata = '{\"rare\":1}' WHERE row = %lld RETURNING 1",
             (long long)fixture->facts[0].row);
    store_rig_number(&fixture->rig, sql);
    store_rig_unpeek(&fixture->rig);
    assert_int_equal(look_for(fixture, "meta.rare:1 order:meta.rare", true).count, 1);
    struct ending ending = look_for(fixture, "flag -meta.topik:sea", true);
    assert_int_equal(ending.err.code, STATUS_USAGE);
    assert_int_equal(ending.count, 0);
    if (!strstr(ending.err.text, "At 7, \"meta.topik:sea\": no record has this metadata, "
                                 "\"topic\" perhaps; there are "))
        fail_msg("%s", ending.err.text);
    ending = look_for(fixture, "meta.topic:sea order:-meta.shares", true);
    if (!strstr(ending.err.text, "At 22, \"-meta.shares\": no record has this metadata"))
        fail_msg("%s", ending.err.text);
    ending = look_for(fixture, "-meta.topik:sea", false); /* not asked */
    assert_int_equal(ending.err.code, STATUS_OK);
    assert_int_equal(ending.count, RECORDS);
}

static void what_is_called_off_tells_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct taken *taken = xcalloc(1, sizeof *taken);
    struct selection selection = parse(fixture, "");
    fill(fixture, 3);
    taken->is_over = true; /* take would fail */
    store_select_cancel(store_select(fixture->rig.store, &fixture->dataset, &selection,
                                     false, take, taken));
    /* The reading thread does one after the other. */
    size_t count;
    free(store_rig_queue(&fixture->rig, &count));
    assert_int_equal(taken->count, 0);
    selection_clear(&selection);
    free(taken);
}

static void a_store_that_closes_ends_it(void **state)
{
    struct fixture *fixture = *state;
    struct taken *taken = xcalloc(1, sizeof *taken);
    struct selection selection = parse(fixture, "length:20..");
    fill(fixture, 3);
    taken->fixture = fixture;
    store_select(fixture->rig.store, &fixture->dataset, &selection, false, take, taken);
    store_rig_close(&fixture->rig);
    assert_true(taken->is_over);
    selection_clear(&selection);
    free(taken);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_selection_finds_what_a_plain_look_finds),
        CASE(what_differs_in_most_questions_stands_first),
        CASE(a_list_is_met_by_what_stands_in_it),
        CASE(a_seed_shuffles_always_alike),
        CASE(a_list_has_a_score_for_each_of_its_values),
        CASE(what_an_order_is_by_is_asked_for_many_records_at_once),
        CASE(the_first_of_an_order_comes_before_the_rest_is_looked_at),
        CASE(metadata_that_nothing_has_is_refused_before_any_record),
        CASE(what_is_called_off_tells_nobody),
        CASE(a_store_that_closes_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
