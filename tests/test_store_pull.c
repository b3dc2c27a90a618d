/* SPDX-License-Identifier: MIT
 * The store: taking over what the server has. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/store_rig.h"

#define SERVER "https://argilla.example"
#define REMOTE "11111111-0000-4000-8000-000000000001"

static struct record theirs(const char *remote_id, const char *external_id,
                            const char *response)
{
    struct record record = {0};
    record.remote_id = xstrdup(remote_id);
    record.external_id = xstrdup_or_null(external_id);
    record_set_field(&record, "prompt", "their prompt", 12);
    record_set_field(&record, "response", response, strlen(response));
    return record;
}

static void answer(struct record *record, enum response_status status, int rating,
                   int64_t updated_ms)
{
    response_clear(&record->response);
    record->response.status = status;
    record->response.updated_ms = updated_ms;
    if (rating)
        values_set_rating(&record->response.values, "response-rating", rating);
}

/* Of a page of a pull that goes on. */
static struct pulled take(struct store_rig *rig, int64_t number,
                          const struct record *record)
{
    struct pulled pulled;
    store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, number, record, 1,
                                       &pulled, &rig->err));
    return pulled;
}

static int64_t begin(struct store_rig *rig)
{
    int64_t number = 0;
    store_rig_ok(rig, store_begin_pull(rig->store, &number, &rig->err));
    return number;
}

/* A whole pull of one record. */
static struct pulled pull(struct store_rig *rig, const struct record *record)
{
    return take(rig, begin(rig), record);
}

static void get_row(struct store_rig *rig, int64_t row, struct record *out)
{
    struct err err = {0};
    if (store_get_record_row(rig->store, row, out, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

static int64_t count_records(struct store_rig *rig)
{
    return store_rig_number(rig, "SELECT count(*) FROM record");
}

static void their_records_are_added_once_and_kept_fresh(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "first"), back = {0};
    record.suggestions = xcalloc(1, sizeof *record.suggestions);
    record.suggestion_count = 1;
    record.suggestions[0] = (struct suggestion){
        .value = {.question = xstrdup("response-rating"), .rating = 5},
        .agent = xstrdup("gpt"),
        .score = 0.5};
    answer(&record, RESPONSE_SUBMITTED, 3, 5);
    pull(rig, &record);
    pull(rig, &record);
    assert_int_equal(count_records(rig), 1);
    get_row(rig, 1, &back);
    assert_string_equal(back.remote_id, REMOTE);
    assert_string_equal(record_field(&back, "response")->text, "first");
    assert_int_equal(back.response.status, RESPONSE_SUBMITTED);
    assert_int_equal(back.suggestion_count, 1);
    assert_int_equal(back.suggestions[0].value.rating, 5);
    assert_string_equal(back.suggestions[0].agent, "gpt");
    assert_true(back.suggestions[0].score > 0.49 && back.suggestions[0].score < 0.51);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox"), 0);
    struct id id = back.id;

    record_set_field(&record, "response", "changed", 7);
    answer(&record, RESPONSE_PENDING, 0, 0);
    pull(rig, &record);
    get_row(rig, 1, &back);
    assert_true(id_equal(&back.id, &id));
    assert_string_equal(record_field(&back, "response")->text, "changed");
    assert_int_equal(back.response.status, RESPONSE_PENDING); /* taken back elsewhere */
    record_clear(&record);
    record_clear(&back);
}

static void a_note_stays_while_a_pull_replaces_its_record(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "first"), back = {0};
    pull(rig, &record);
    get_row(rig, 1, &back);
    store_rig_ok(
        rig, store_note_record(rig->store, &back.id, "mine", NULL, 0, NULL, &rig->err));
    record_set_field(&record, "response", "changed", 7);
    record.metadata_json = xstrdup("{\"k\":1}");
    answer(&record, RESPONSE_SUBMITTED, 3, 5);
    record.is_completed = true;
    pull(rig, &record);
    get_row(rig, 1, &back);
    assert_string_equal(record_field(&back, "response")->text, "changed");
    assert_string_equal(back.metadata_json, "{\"k\":1}");
    assert_string_equal(back.note, "mine");
    assert_int_equal(back.flags & QUEUE_NOTED, QUEUE_NOTED);
    begin(rig); /* a whole one, which does not see it: gone from the server */
    store_rig_number(rig,
                     "UPDATE record SET is_gone = 1, flags = flags | 16 RETURNING 1");
    store_rig_ok(rig, store_note_record(rig->store, &back.id, "and more", "mine", 0, NULL,
                                        &rig->err));
    get_row(rig, 1, &back);
    assert_string_equal(back.note, "and more");
    record_clear(&record);
    record_clear(&back);
}

static void our_record_is_known_by_the_id_it_was_sent_with(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "our prompt", "  our text\n");
    char name[ID_TEXT];
    id_format(&id, name);
    struct record record = theirs(REMOTE, name, "our text"), back = {0};
    pull(rig, &record);
    assert_int_equal(count_records(rig), 1);
    assert_int_equal(store_get_record(rig->store, &id, &back, NULL), STATUS_OK);
    assert_string_equal(back.remote_id, REMOTE);
    /* The server's copy was stripped; ours stays as it came. */
    assert_string_equal(record_field(&back, "response")->text, "  our text\n");
    record_clear(&record);
    record_clear(&back);
}

static void a_foreign_external_id_matches_too(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, "row-17", "a");
    pull(rig, &record);
    free(record.remote_id); /* deleted on the server and logged again */
    record.remote_id = xstrdup("11111111-0000-4000-8000-000000000002");
    pull(rig, &record);
    assert_int_equal(count_records(rig), 1);
    record_clear(&record);
}

static void what_waits_here_wins_over_the_server(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "a"), back = {0};
    answer(&record, RESPONSE_SUBMITTED, 1, 5);
    pull(rig, &record);
    get_row(rig, 1, &back);
    store_rig_put(rig, &back.id, RESPONSE_SUBMITTED, 5, NULL, CHANGE_SUBMIT, 0);
    answer(&record, RESPONSE_SUBMITTED, 2, rig->now_ms + 1000000);
    pull(rig, &record);
    store_rig_expect(rig, &back.id, RESPONSE_SUBMITTED, 5, NULL);
    record_clear(&record);
    record_clear(&back);
}

static void settle_response(struct store_rig *rig)
{
    const struct outbox_query query = {.dataset_row = rig->dataset,
                                       .kind = OUTBOX_RESPONSE,
                                       .is_due = true,
                                       .now_ms = rig->now_ms,
                                       .max = 9};
    struct outbox_item *items;
    size_t count;
    store_list_outbox(rig->store, &query, &items, &count, NULL);
    assert_int_equal(count, 1);
    const struct outcome outcome = {
        .item = OUTBOX_RESPONSE, .record = items[0].record, .version = items[0].version};
    store_rig_ok(rig, store_settle_outbox(rig->store, &outcome, 1, &rig->err));
    outbox_item_clear(&items[0]);
    free(items);
}

static void a_page_read_before_our_send_does_not_take_our_answer_away(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "a"), back = {0};
    pull(rig, &record);
    int64_t number = begin(rig);
    get_row(rig, 1, &back);
    store_rig_put(rig, &back.id, RESPONSE_SUBMITTED, 5, NULL, CHANGE_SUBMIT, 0);
    settle_response(rig);
    take(rig, number, &record); /* no response in it */
    store_rig_expect(rig, &back.id, RESPONSE_SUBMITTED, 5, NULL);
    answer(&record, RESPONSE_DRAFT, 1, rig->now_ms + 1000000);
    take(rig, number, &record); /* an older one in it, whatever its clock says */
    store_rig_expect(rig, &back.id, RESPONSE_SUBMITTED, 5, NULL);
    /* The next pull knows better. */
    take(rig, begin(rig), &record);
    store_rig_expect(rig, &back.id, RESPONSE_DRAFT, 1, NULL);
    record_clear(&record);
    record_clear(&back);
}

static void
an_answer_from_the_web_page_is_taken_and_logged_whatever_the_clock(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "a"), back = {0};
    pull(rig, &record);
    get_row(rig, 1, &back);
    store_rig_put(rig, &back.id, RESPONSE_SUBMITTED, 5, NULL, CHANGE_SUBMIT, 0);
    settle_response(rig);
    answer(&record, RESPONSE_SUBMITTED, 2, 1); /* a clock that is years behind */
    assert_int_equal(pull(rig, &record).changed, 1);
    store_rig_expect(rig, &back.id, RESPONSE_SUBMITTED, 2, NULL);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM event WHERE kind ="
                                           " 'pull'"),
                     1);
    size_t count;
    struct queue_row *rows = store_rig_queue(rig, &count);
    assert_int_equal(rows[0].rating, 2);
    free(rows);
    /* Undo does not overwrite what was not seen. */
    assert_int_equal(store_rig_undo(rig), STATUS_CONFLICT);
    store_rig_expect(rig, &back.id, RESPONSE_SUBMITTED, 2, NULL);
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
    record_clear(&record);
    record_clear(&back);
}

static void a_pulled_record_lets_a_waiting_response_go(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "p", "r");
    char name[ID_TEXT];
    id_format(&id, name);
    store_rig_put(rig, &id, RESPONSE_SUBMITTED, 5, NULL, CHANGE_SUBMIT, 0);
    struct record record = theirs(REMOTE, name, "r");
    pull(rig, &record); /* the answer to our push was lost, the record is there */
    settle_response(rig);
    record_clear(&record);
}

static void add_peer(struct record *record, const char *user, const char *name,
                     int rating)
{
    record->has_peers = true;
    record->peers =
        xreallocarray(record->peers, record->peer_count + 1, sizeof *record->peers);
    struct peer *peer = &record->peers[record->peer_count++];
    *peer = (struct peer){.user = xstrdup(user), .name = xstrdup_or_null(name)};
    peer->response.status = RESPONSE_SUBMITTED;
    values_set_rating(&peer->response.values, "response-rating", rating);
}

static int64_t count_peers(struct store_rig *rig)
{
    return store_rig_number(rig, "SELECT count(*) FROM response WHERE user <> ''");
}

/* A page that was read before knows nothing of it; a later pull has it again. */
static void what_left_the_server_during_a_pull_is_gone_until_the_next(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "first"), back = {0};
    pull(rig, &record);
    get_row(rig, 1, &back);
    int64_t number = begin(rig);
    const struct outcome gone = {
        .item = OUTBOX_RESPONSE, .kind = OUTCOME_GONE, .record = back.id};
    store_rig_ok(rig, store_settle_outbox(rig->store, &gone, 1, &rig->err));
    record_set_field(&record, "response", "late", 4);
    for (int i = 0; i < 2; i++) {
        take(rig, i ? begin(rig) : number, &record);
        assert_int_equal(store_rig_number(rig, "SELECT is_gone FROM record"), i == 0);
        get_row(rig, 1, &back);
        assert_string_equal(record_field(&back, "response")->text, i ? "late" : "first");
    }
    assert_int_equal(count_records(rig), 1);
    record_clear(&record);
    record_clear(&back);
}

static void what_others_answered_is_kept_beside_ours(void **state)
{
    struct store_rig *rig = *state;
    struct record first = theirs(REMOTE, NULL, "text"), later = {0}, back = {0};
    answer(&first, RESPONSE_SUBMITTED, 2, 1);
    record_copy(&later, &first);
    add_peer(&first, "u-2", "ben", 4);
    add_peer(&first, "u-1", NULL, 5);
    pull(rig, &first);
    assert_int_equal(count_peers(rig), 2);
    char *name = store_get_note(rig->store, "user:u-2");
    assert_string_equal(name, "ben");
    free(name);
    int64_t revision = store_revision(rig->store, rig->dataset);
    pull(rig, &first); /* nothing new */
    assert_int_equal(store_revision(rig->store, rig->dataset), revision);
    pull(rig, &later); /* by a key that does not see them */
    assert_int_equal(count_peers(rig), 2);
    get_row(rig, 1, &back);
    assert_int_equal(back.response.values.items[0].rating, 2);
    add_peer(&later, "u-1", "ann", 1); /* the other was taken back there */
    struct pulled pulled = pull(rig, &later);
    assert_int_equal(pulled.changed, 0); /* the record is as it was */
    assert_true(store_revision(rig->store, rig->dataset) > revision);
    assert_int_equal(count_peers(rig), 1);
    assert_int_equal(store_rig_number(rig, "SELECT json_extract(answers,"
                                           " '$.response-rating.value') FROM response"
                                           " WHERE user = 'u-1'"),
                     1);
    get_row(rig, 1, &back);
    assert_int_equal(back.response.status, RESPONSE_SUBMITTED);
    record_clear(&first);
    record_clear(&later);
    record_clear(&back);
}

static void the_same_server_record_may_be_in_two_datasets(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs(REMOTE, NULL, "a");
    pull(rig, &record);
    store_rig_put_dataset(rig, "copy", SERVER);
    pull(rig, &record);
    assert_int_equal(count_records(rig), 2);
    record_clear(&record);
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, store_rig_set_up, store_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(their_records_are_added_once_and_kept_fresh),
        CASE(a_note_stays_while_a_pull_replaces_its_record),
        CASE(our_record_is_known_by_the_id_it_was_sent_with),
        CASE(a_foreign_external_id_matches_too),
        CASE(what_waits_here_wins_over_the_server),
        CASE(a_page_read_before_our_send_does_not_take_our_answer_away),
        CASE(an_answer_from_the_web_page_is_taken_and_logged_whatever_the_clock),
        CASE(a_pulled_record_lets_a_waiting_response_go),
        CASE(the_same_server_record_may_be_in_two_datasets),
        CASE(what_left_the_server_during_a_pull_is_gone_until_the_next),
        CASE(what_others_answered_is_kept_beside_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
