/* SPDX-License-Identifier: MIT
 * The store: our answer and the server's meet, and neither is lost; what is gone from the
 * server is noticed. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "tests/support/store_rig.h"

#define SERVER "https://argilla.example"

/* ---- doing ---- */

/* rating 0 = pending. */
static struct response submitted(int rating)
{
    struct response response = {.status = rating ? RESPONSE_SUBMITTED : RESPONSE_PENDING};
    if (rating)
        values_set_rating(&response.values, "response-rating", rating);
    return response;
}

static void rate(struct store_rig *rig, const struct id *id, int rating)
{
    store_rig_put(rig, id, rating ? RESPONSE_SUBMITTED : RESPONSE_PENDING, rating, NULL,
                  CHANGE_SUBMIT, 0);
}

static void expect(struct store_rig *rig, const struct id *id, int rating)
{
    store_rig_expect(rig, id, rating ? RESPONSE_SUBMITTED : RESPONSE_PENDING, rating,
                     NULL);
}

static size_t due(struct store_rig *rig, enum outbox_kind kind, struct outbox_item *first)
{
    const struct outbox_query query = {.dataset_row = rig->dataset,
                                       .kind = kind,
                                       .is_due = true,
                                       .now_ms = rig->now_ms,
                                       .max = 9};
    struct outbox_item *items;
    size_t count;
    assert_int_equal(store_list_outbox(rig->store, &query, &items, &count, NULL),
                     STATUS_OK);
    if (count && first)
        *first = items[0];
    for (size_t i = 0; i < count; i++)
        outbox_item_clear(&items[i]);
    free(items);
    return count;
}

/* Sends what is due first, as the server has it then. */
static void send(struct store_rig *rig, enum outbox_kind kind, const char *remote_id,
                 int rating)
{
    struct outbox_item item;
    struct response sent = submitted(rating);
    assert_int_not_equal(due(rig, kind, &item), 0);
    struct id id = item.record;
    const struct outcome outcome = {.item = kind,
                                    .record = id,
                                    .version = item.version,
                                    .remote_id = remote_id,
                                    .sent = kind == OUTBOX_RESPONSE ? &sent : NULL};
    store_rig_ok(rig, store_settle_outbox(rig->store, &outcome, 1, &rig->err));
    response_clear(&sent);
}

/* A record of ours that the server has, with a rating that both have (0 = none). */
static struct id add_sent(struct store_rig *rig, const char *remote_id, int rating)
{
    struct id id = store_rig_add(rig, "p", "r");
    send(rig, OUTBOX_RECORD, remote_id, 0);
    if (rating) {
        rate(rig, &id, rating);
        send(rig, OUTBOX_RESPONSE, NULL, rating);
    }
    return id;
}

static enum meeting meet(struct store_rig *rig, const struct id *id, int rating)
{
    struct response theirs = submitted(rating);
    enum meeting meeting;
    err_clear(&rig->err);
    store_rig_ok(rig,
                 store_meet_response(rig->store, id, &theirs, NULL, &meeting, &rig->err));
    response_clear(&theirs);
    return meeting;
}

/* It goes out, and what becomes of it is not told. */
static enum meeting meet_sending(struct store_rig *rig, const struct id *id, int theirs,
                                 int ours)
{
    struct response there = submitted(theirs), here = submitted(ours);
    enum meeting meeting;
    err_clear(&rig->err);
    store_rig_ok(rig,
                 store_meet_response(rig->store, id, &there, &here, &meeting, &rig->err));
    response_clear(&there);
    response_clear(&here);
    return meeting;
}

static struct outbox_counts counts(struct store_rig *rig)
{
    struct outbox_counts found;
    store_count_outbox(rig->store, rig->dataset, &found);
    return found;
}

static unsigned flags(struct store_rig *rig, size_t index)
{
    size_t count;
    struct queue_row *rows = store_rig_queue(rig, &count);
    assert_true(index < count);
    unsigned found = rows[index].flags;
    free(rows);
    return found;
}

/* ---- meeting ---- */

static enum meeting wanted_meeting(int base, int ours, int theirs)
{
    if (ours == theirs)
        return MEETING_SAME;
    if (ours == base)
        return MEETING_TAKEN;
    return theirs == base ? MEETING_OURS : MEETING_CLASH;
}

static void expect_theirs(struct store_rig *rig, const struct id *id, bool has_clash,
                          int theirs)
{
    struct record record = {0};
    store_get_record(rig->store, id, &record, NULL);
    assert_int_equal(record.has_clash, has_clash);
    if (has_clash) {
        const struct value *value = values_find(&record.theirs.values, "response-rating");
        assert_int_equal(value ? value->rating : 0, theirs);
    }
    record_clear(&record);
}

/* What was last seen of the server, what we have, what the server has: each 0 (none) to
 * 2; and what must come of it. */
static void meet_once(struct store_rig *rig, int base, int ours, int theirs)
{
    char remote_id[16];
    snprintf(remote_id, sizeof remote_id, "r-%d%d%d", base, ours, theirs);
    enum meeting wanted = wanted_meeting(base, ours, theirs);
    size_t clashes = counts(rig).clashes;
    struct id id = add_sent(rig, remote_id, base);
    if (ours != base)
        rate(rig, &id, ours);
    size_t waiting = due(rig, OUTBOX_RESPONSE, NULL);
    enum meeting met = meet(rig, &id, theirs);
    if (met != wanted)
        fail_msg("base %d, ours %d, theirs %d: %d", base, ours, theirs, met);
    expect(rig, &id, wanted == MEETING_TAKEN ? theirs : ours);
    /* Only over the version that is known it is sent. */
    size_t waits = wanted == MEETING_OURS;
    assert_int_equal(due(rig, OUTBOX_RESPONSE, NULL), waits + waiting - (ours != base));
    assert_int_equal(counts(rig).clashes, clashes + (wanted == MEETING_CLASH));
    expect_theirs(rig, &id, wanted == MEETING_CLASH, theirs);
    if (waits)
        send(rig, OUTBOX_RESPONSE, NULL, ours);
    /* And the same again changes nothing. */
    uint64_t committed = store_committed(rig->store);
    assert_int_equal(meet(rig, &id, waits ? ours : theirs),
                     wanted == MEETING_CLASH ? MEETING_CLASH : MEETING_SAME);
    assert_int_equal(store_committed(rig->store), committed);
}

static void every_meeting_of_two_answers_comes_to_what_it_must(void **state)
{
    struct store_rig *rig = *state;
    for (int base = 0; base < 3; base++)
        for (int ours = 0; ours < 3; ours++)
            for (int theirs = 0; theirs < 3; theirs++)
                meet_once(rig, base, ours, theirs);
    assert_int_equal(counts(rig).clashes, 6);
}

static void a_clash_is_settled_by_keeping_ours(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 1);
    rate(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    assert_int_equal(flags(rig, 0), QUEUE_CLASH);
    assert_int_equal(counts(rig).unsent, 0);
    rate(rig, &id, 4); /* changing ours does not choose */
    assert_int_equal(counts(rig).clashes, 1);
    assert_int_equal(due(rig, OUTBOX_RESPONSE, NULL), 0);
    store_rig_ok(rig, store_choose_response(rig->store, &id, true, &rig->err));
    expect(rig, &id, 4);
    assert_int_equal(flags(rig, 0), 0);
    assert_int_equal(counts(rig).clashes, 0);
    assert_int_equal(counts(rig).unsent, 1);
    assert_int_equal(meet(rig, &id, 2), MEETING_OURS); /* over what was chosen against */
    send(rig, OUTBOX_RESPONSE, NULL, 4);
    assert_int_equal(meet(rig, &id, 4), MEETING_SAME);
    assert_int_equal(store_choose_response(rig->store, &id, true, &rig->err),
                     STATUS_NOT_FOUND);
}

static void expect_choice(struct store_rig *rig, const struct id *id, int ours,
                          int theirs)
{
    expect(rig, id, ours);
    expect_theirs(rig, id, true, theirs);
    assert_int_equal(counts(rig).clashes, 1);
    assert_int_equal(due(rig, OUTBOX_RESPONSE, NULL), 0);
}

/* Mine (5) and theirs (2) stay what they are, whichever of them was chosen first, sent or
 * not, met by pulls; and each goes over what the server has when it is chosen. */
static void choose_again(struct store_rig *rig, int turn)
{
    bool keeps = turn & 1, is_sent = keeps && (turn & 2), keeps_then = turn & 4;
    char remote_id[16];
    snprintf(remote_id, sizeof remote_id, "r-%d", turn);
    struct id id = add_sent(rig, remote_id, 1);
    int server = is_sent ? 5 : 2, wanted = keeps_then ? 5 : 2;
    rate(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    store_rig_ok(rig, store_choose_response(rig->store, &id, keeps, &rig->err));
    if (is_sent)
        send(rig, OUTBOX_RESPONSE, NULL, 5);
    for (int i = 0; i < 2; i++) { /* undone, and again after redo */
        assert_int_equal(store_rig_undo(rig), STATUS_OK);
        assert_string_equal(rig->undone.what, "choose");
        expect_choice(rig, &id, 5, 2);
        assert_int_equal(meet(rig, &id, server), MEETING_CLASH);
        expect_choice(rig, &id, 5, 2);
        if (i == 0) {
            assert_int_equal(store_rig_redo(rig), STATUS_OK);
            expect(rig, &id, keeps ? 5 : 2);
            expect_theirs(rig, &id, false, 0);
        }
    }
    store_rig_ok(rig, store_choose_response(rig->store, &id, keeps_then, &rig->err));
    expect(rig, &id, wanted);
    assert_int_equal(meet(rig, &id, server),
                     server == wanted ? MEETING_SAME : MEETING_OURS);
    assert_int_equal(due(rig, OUTBOX_RESPONSE, NULL), server != wanted);
    if (server != wanted)
        send(rig, OUTBOX_RESPONSE, NULL, wanted);
    assert_int_equal(counts(rig).clashes + counts(rig).unsent, 0);
}

static void a_choice_that_is_undone_is_open_again(void **state)
{
    struct store_rig *rig = *state;
    for (int turn = 0; turn < 8; turn++)
        choose_again(rig, turn);
}

/* A third answer takes theirs' place; mine goes over whatever comes to be there. */
static void an_open_choice_shows_what_comes_meanwhile(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 1);
    rate(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    store_rig_ok(rig, store_choose_response(rig->store, &id, true, &rig->err));
    send(rig, OUTBOX_RESPONSE, NULL, 5);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_int_equal(meet(rig, &id, 3), MEETING_CLASH);
    expect_choice(rig, &id, 5, 3);
    assert_int_equal(store_rig_redo(rig), STATUS_CONFLICT); /* it is another choice */
    rig->err = (struct err){0};
    rate(rig, &id, 4); /* changing ours does not choose */
    assert_int_equal(meet(rig, &id, 3), MEETING_CLASH);
    expect_choice(rig, &id, 4, 3);
    store_rig_ok(rig, store_choose_response(rig->store, &id, true, &rig->err));
    assert_int_equal(meet(rig, &id, 3), MEETING_OURS);
    send(rig, OUTBOX_RESPONSE, NULL, 4);
    expect(rig, &id, 4);
}

static void a_clash_is_settled_by_taking_theirs_and_that_can_be_undone(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 1);
    rate(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    store_rig_ok(rig, store_choose_response(rig->store, &id, false, &rig->err));
    expect(rig, &id, 2);
    assert_int_equal(flags(rig, 0), 0);
    assert_int_equal(counts(rig).clashes, 0);
    assert_int_equal(counts(rig).unsent, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "choose");
    expect(rig, &id, 5);
    expect_theirs(rig, &id, true, 2);
    assert_int_equal(counts(rig).clashes, 1);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    store_rig_ok(rig, store_choose_response(rig->store, &id, true, &rig->err));
    assert_int_equal(counts(rig).unsent, 1);
    assert_int_equal(meet(rig, &id, 2), MEETING_OURS);
}

static void
a_clash_that_is_met_while_ours_is_on_its_way_ends_with_its_arrival(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item item;
    struct record record = {0};
    struct id id = add_sent(rig, "r-1", 1);
    rate(rig, &id, 5);
    assert_int_equal(due(rig, OUTBOX_RESPONSE, &item), 1);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    struct response sent = submitted(5);
    const struct outcome outcome = {
        .item = OUTBOX_RESPONSE, .record = id, .version = item.version, .sent = &sent};
    store_rig_ok(rig, store_settle_outbox(rig->store, &outcome, 1, &rig->err));
    assert_int_equal(counts(rig).clashes, 0);
    assert_int_equal(flags(rig, 0), 0);
    store_get_record(rig->store, &id, &record, NULL);
    assert_false(record.has_clash);
    assert_int_equal(meet(rig, &id, 5), MEETING_SAME);
    record_clear(&record);
    response_clear(&sent);
}

static void a_clash_ends_when_both_say_the_same_or_the_server_goes_back(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 1);
    rate(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    assert_int_equal(meet(rig, &id, 3), MEETING_CLASH); /* another one meanwhile */
    assert_int_equal(meet(rig, &id, 5), MEETING_SAME);
    assert_int_equal(counts(rig).clashes, 0);
    assert_int_equal(counts(rig).unsent, 0);
    rate(rig, &id, 4);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    assert_int_equal(meet(rig, &id, 5), MEETING_OURS);
    assert_int_equal(counts(rig).clashes, 0);
    assert_int_equal(counts(rig).unsent, 1);
    assert_int_equal(flags(rig, 0), 0);
}

static void an_undo_does_not_reach_over_what_the_server_changed(void **state)
{
    struct store_rig *rig = *state;
    struct id other = store_rig_add(rig, "other", "1");
    store_rig_put(rig, &other, RESPONSE_DISCARDED, 0, NULL, CHANGE_DISCARD, 0);
    send(rig, OUTBOX_RECORD, "r-0", 0);
    send(rig, OUTBOX_RESPONSE, NULL, 0);
    struct id id = add_sent(rig, "r-1", 5);
    assert_int_equal(meet(rig, &id, 2), MEETING_TAKEN);
    assert_int_equal(store_rig_undo(rig), STATUS_CONFLICT);
    assert_non_null(strstr(rig->err.text, "changed elsewhere"));
    expect(rig, &id, 2);
    assert_int_equal(counts(rig).unsent, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK); /* the one before */
    store_rig_expect(rig, &other, RESPONSE_PENDING, 0, NULL);
}

static void an_answer_that_was_deleted_on_the_server_can_be_sent_again(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 5);
    assert_int_equal(meet(rig, &id, 0), MEETING_TAKEN);
    expect(rig, &id, 0);
    assert_int_equal(counts(rig).unsent, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_string_equal(rig->undone.what, "deletion on the server");
    expect(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 0), MEETING_OURS);
    send(rig, OUTBOX_RESPONSE, NULL, 5);
    assert_int_equal(counts(rig).unsent, 0);
}

/* An answer that was taken back here while the server has another. */
static void a_taking_back_goes_out_only_over_the_version_that_was_seen(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 5);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_int_equal(meet(rig, &id, 5), MEETING_OURS);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    assert_int_equal(counts(rig).clashes, 1);
    store_rig_ok(rig, store_choose_response(rig->store, &id, false, &rig->err));
    expect(rig, &id, 2);
}

/* It waits for a person: why it could not be sent before is no news any more. */
/* What went out and was not told of is ours when it is met, but only at the next meeting:
 * the same answer later is somebody's. */
static void what_was_sent_untold_is_known_again_once(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "remote", 1);
    rate(rig, &id, 4);
    assert_int_equal(meet_sending(rig, &id, 1, 4), MEETING_OURS);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH); /* the 4 was not stored */
    store_rig_ok(rig, store_choose_response(rig->store, &id, true, &rig->err));
    rate(rig, &id, 5);
    assert_int_equal(meet(rig, &id, 4), MEETING_CLASH);
    expect_theirs(rig, &id, true, 4);
}

static void a_clash_forgets_why_it_was_not_sent(void **state)
{
    struct store_rig *rig = *state;
    struct outbox_item item;
    struct id id = add_sent(rig, "r-1", 5);
    rate(rig, &id, 4);
    assert_int_equal(due(rig, OUTBOX_RESPONSE, &item), 1);
    const struct outcome later = {.kind = OUTCOME_LATER,
                                  .item = OUTBOX_RESPONSE,
                                  .record = id,
                                  .version = item.version,
                                  .next_try_ms = rig->now_ms + 99,
                                  .error = "Nothing listens there."};
    store_rig_ok(rig, store_settle_outbox(rig->store, &later, 1, &rig->err));
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM outbox WHERE is_clash"
                                           " AND last_error IS NULL AND attempts = 0"),
                     1);
}

/* ---- within one store ---- */

static void a_change_over_an_answer_that_was_not_seen_is_refused(void **state)
{
    struct store_rig *rig = *state;
    struct id id = store_rig_add(rig, "p", "r");
    struct response seen = submitted(0), next = submitted(4), other = submitted(2);
    values_set_text(&next.values, "response-feedback", QUESTION_TEXT, "mine");
    rate(rig, &id, 2); /* from another pane */
    err_clear(&rig->err);
    assert_int_equal(
        store_put_response(rig->store, &id, &next, &seen, CHANGE_FEEDBACK, 1, &rig->err),
        STATUS_CONFLICT);
    assert_non_null(strstr(rig->err.text, "nothing was overwritten"));
    expect(rig, &id, 2);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM event"), 1);
    /* What is there already need not have been seen. */
    err_clear(&rig->err);
    store_rig_ok(rig, store_put_response(rig->store, &id, &other, &seen, CHANGE_RATE, 0,
                                         &rig->err));
    store_rig_ok(rig, store_put_response(rig->store, &id, &next, &other, CHANGE_FEEDBACK,
                                         1, &rig->err));
    store_rig_expect(rig, &id, RESPONSE_SUBMITTED, 4, "mine");
    response_clear(&next);
    response_clear(&other);
}

/* ---- pulls ---- */

static struct record theirs(const char *remote_id, const char *external_id, int rating)
{
    struct record record = {.remote_id = xstrdup(remote_id),
                            .external_id = xstrdup_or_null(external_id),
                            .response = submitted(rating)};
    record_set_field(&record, "prompt", remote_id, strlen(remote_id));
    record_set_field(&record, "response", "text", 4);
    return record;
}

static int64_t begin(struct store_rig *rig)
{
    int64_t pull = 0;
    store_rig_ok(rig, store_begin_pull(rig->store, &pull, &rig->err));
    return pull;
}

static struct pulled take(struct store_rig *rig, int64_t pull, const char *remote_id,
                          const char *external_id, int rating)
{
    struct record record = theirs(remote_id, external_id, rating);
    struct pulled pulled;
    store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, pull, &record, 1,
                                       &pulled, &rig->err));
    record_clear(&record);
    return pulled;
}

static size_t end(struct store_rig *rig, int64_t pull)
{
    size_t gone = 99;
    store_rig_ok(rig, store_end_pull(rig->store, rig->dataset, pull, &gone, &rig->err));
    return gone;
}

static void a_pull_counts_what_it_brought(void **state)
{
    struct store_rig *rig = *state;
    int64_t pull = begin(rig);
    struct pulled first = take(rig, pull, "r-1", NULL, 3);
    assert_int_equal(first.added, 1);
    assert_int_equal(first.changed, 0);
    pull = begin(rig);
    int64_t since = store_revision(rig->store, rig->dataset);
    struct pulled same = take(rig, pull, "r-1", NULL, 3);
    assert_int_equal(same.added + same.changed + same.clashes, 0);
    assert_int_equal(store_revision(rig->store, rig->dataset), since);
    struct pulled rated = take(rig, pull, "r-1", NULL, 4);
    assert_int_equal(rated.changed, 1);
    assert_true(store_revision(rig->store, rig->dataset) > since);
    struct record record = {0};
    store_get_record_row(rig->store, 1, &record, NULL);
    rate(rig, &record.id, 5);
    struct pulled clash = take(rig, begin(rig), "r-1", NULL, 1);
    assert_int_equal(clash.clashes, 1);
    assert_int_equal(clash.changed, 0);
    expect(rig, &record.id, 5);
    record_clear(&record);
}

static void what_a_whole_pull_has_not_seen_is_gone(void **state)
{
    struct store_rig *rig = *state;
    int64_t pull = begin(rig);
    take(rig, pull, "r-1", NULL, 3);
    take(rig, pull, "r-2", NULL, 3);
    struct id mine = store_rig_add(rig, "p", "r"); /* not sent: not gone */
    assert_int_equal(end(rig, pull), 0);
    pull = begin(rig);
    take(rig, pull, "r-1", NULL, 3);
    send(rig, OUTBOX_RECORD, "r-3", 0); /* since the pull began: it need not see it */
    int64_t since = store_revision(rig->store, rig->dataset);
    assert_int_equal(end(rig, pull), 1);
    assert_true(store_revision(rig->store, rig->dataset) > since);
    assert_int_equal(counts(rig).gone, 1);
    assert_int_equal(flags(rig, 0), 0);
    assert_int_equal(flags(rig, 1), QUEUE_GONE);
    assert_int_equal(flags(rig, 2), 0);
    struct record record = {0};
    store_get_record_row(rig->store, 2, &record, NULL);
    assert_true(record.is_gone);
    rate(rig, &record.id, 5); /* nothing to send it to */
    assert_int_equal(counts(rig).unsent, 0);
    pull = begin(rig); /* it is there again */
    take(rig, pull, "r-1", NULL, 3);
    take(rig, pull, "r-2", NULL, 3);
    take(rig, pull, "r-3", NULL, 0);
    assert_int_equal(end(rig, pull), 0);
    assert_int_equal(counts(rig).gone, 0);
    assert_int_equal(flags(rig, 1), 0);
    expect(rig, &record.id, 5);
    assert_int_equal(counts(rig).unsent, 1);
    expect(rig, &mine, 0);
    record_clear(&record);
}

/* Deleted and made anew under the same external id, at any time we were not looking: the
 * new one has no answer of ours, so ours goes out, or is a choice; it is never taken
 * away. */
static void a_record_that_was_made_anew_gets_our_answer(void **state)
{
    struct store_rig *rig = *state;
    for (int round = 0; round < 6; round++) {
        bool was_seen_gone = round % 2 == 1;
        int there = round < 2 ? 0 : round < 4 ? 5 : 2;
        char name[] = "made anew 0";
        name[sizeof name - 2] = (char)('0' + round);
        store_rig_put_dataset(rig, name, SERVER);
        int64_t pull = begin(rig);
        take(rig, pull, "r-1", "row-1", 5);
        assert_int_equal(end(rig, pull), 0);
        struct record record = {0};
        size_t count = 0;
        struct queue_row *rows = store_rig_queue(rig, &count);
        store_get_record_row(rig->store, rows[0].row, &record, NULL);
        free(rows);
        if (was_seen_gone) {
            pull = begin(rig);
            assert_int_equal(end(rig, pull), 1);
        }
        pull = begin(rig);
        struct pulled pulled = take(rig, pull, "r-2", "row-1", there);
        assert_int_equal(end(rig, pull), 0);
        expect(rig, &record.id, 5);
        assert_int_equal(counts(rig).gone, 0);
        assert_int_equal(pulled.clashes, there == 2);
        assert_int_equal(counts(rig).clashes, there == 2);
        assert_int_equal(counts(rig).unsent, there == 0);
        assert_int_equal(due(rig, OUTBOX_RESPONSE, NULL), there == 0);
        record_clear(&record);
    }
}

/* A record is there again with the choice that was open when it went. */
static void a_choice_outlasts_that_its_record_was_away(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 5);
    rate(rig, &id, 4);
    assert_int_equal(meet(rig, &id, 2), MEETING_CLASH);
    assert_int_equal(end(rig, begin(rig)), 1);
    assert_int_equal(take(rig, begin(rig), "r-1", NULL, 2).clashes, 1);
    assert_int_equal(counts(rig).clashes, 1);
    assert_int_equal(due(rig, OUTBOX_RESPONSE, NULL), 0);
    expect(rig, &id, 4);
}

static void what_is_gone_can_be_dropped(void **state)
{
    struct store_rig *rig = *state;
    struct gone_counts dropped = {0};
    struct record record = {0};
    struct id id = add_sent(rig, "r-1", 5), kept = add_sent(rig, "r-2", 4);
    int64_t pull = begin(rig);
    take(rig, pull, "r-2", NULL, 4);
    assert_int_equal(end(rig, pull), 1);
    store_rig_ok(rig, store_drop_gone(rig->store, rig->dataset, &dropped, &rig->err));
    assert_int_equal(dropped.records, 1);
    assert_int_equal(store_get_record(rig->store, &id, &record, NULL), STATUS_NOT_FOUND);
    expect(rig, &kept, 4);
    assert_int_equal(counts(rig).gone, 0);
    assert_int_equal(store_rig_undo(rig), STATUS_OK);
    assert_true(id_equal(&rig->undone.record, &kept));
    assert_int_equal(store_rig_undo(rig), STATUS_NOT_FOUND);
}

static void what_is_gone_can_be_sent_again_as_new(void **state)
{
    struct store_rig *rig = *state;
    size_t sent = 0;
    struct id id = add_sent(rig, "r-1", 5);
    add_sent(rig, "r-2", 0);
    int64_t pull = begin(rig);
    take(rig, pull, "r-2", NULL, 0);
    assert_int_equal(end(rig, pull), 1);
    assert_int_equal(counts(rig).unsent, 0);
    store_rig_ok(rig, store_send_gone(rig->store, rig->dataset, &sent, &rig->err));
    assert_int_equal(sent, 1);
    assert_int_equal(counts(rig).unsent, 1);
    assert_int_equal(counts(rig).gone, 0);
    assert_int_equal(flags(rig, 0), 0);
    send(rig, OUTBOX_RECORD, "r-9", 0);
    assert_int_equal(meet(rig, &id, 0), MEETING_OURS); /* the new one has none */
    send(rig, OUTBOX_RESPONSE, NULL, 5);
    assert_int_equal(counts(rig).unsent, 0);
    expect(rig, &id, 5);
}

static void a_record_that_the_server_says_is_gone_is_marked(void **state)
{
    struct store_rig *rig = *state;
    struct id id = add_sent(rig, "r-1", 0);
    rate(rig, &id, 5);
    const struct outcome outcome = {
        .kind = OUTCOME_GONE, .item = OUTBOX_RESPONSE, .record = id};
    store_rig_ok(rig, store_settle_outbox(rig->store, &outcome, 1, &rig->err));
    assert_int_equal(counts(rig).gone, 1);
    assert_int_equal(counts(rig).unsent, 0);
    assert_int_equal(flags(rig, 0), QUEUE_GONE);
    expect(rig, &id, 5);
}

static void external_ids_that_differ_in_case_are_two_records(void **state)
{
    struct store_rig *rig = *state;
    static const char lower[] = "aaaaaaaa-0000-4000-8000-00000000000a";
    static const char upper[] = "AAAAAAAA-0000-4000-8000-00000000000A";
    for (int round = 0; round < 2; round++) {
        int64_t pull = begin(rig);
        take(rig, pull, "r-1", round ? lower : upper, 1);
        take(rig, pull, "r-2", round ? upper : lower, 2);
        assert_int_equal(end(rig, pull), 0);
        store_rig_put_dataset(rig, "the other way round", SERVER);
    }
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM record"), 4);
    assert_int_equal(store_rig_number(rig, "SELECT count(DISTINCT id) FROM record"), 4);
    struct record record = {0};
    store_get_record_row(rig->store, 1, &record, NULL);
    assert_string_equal(record.external_id, upper);
    record_clear(&record);
}

static void suggestions_metadata_and_fields_of_theirs_stay_fresh(void **state)
{
    struct store_rig *rig = *state;
    struct record record = theirs("r-1", "row-1", 0), back = {0};
    struct pulled pulled;
    int64_t pull = begin(rig);
    record.metadata_json = xstrdup("{\"a\":1}");
    for (int round = 0; round < 5; round++) {
        if (round == 1) {
            free(record.metadata_json);
            record.metadata_json = xstrdup("{\"a\":2}");
        } else if (round == 2) {
            record_set_field(&record, "response", "other", 5);
        } else if (round == 3) {
            record.suggestions = xcalloc(1, sizeof *record.suggestions);
            record.suggestion_count = 1;
            record.suggestions[0].value.question = xstrdup("response-rating");
            record.suggestions[0].value.rating = 2;
        } else if (round == 4) {
            record_set_field(&record, "more", "x", 1);
        }
        store_rig_ok(rig, store_apply_pull(rig->store, rig->dataset, pull, &record, 1,
                                           &pulled, &rig->err));
        assert_int_equal(pulled.changed, round > 0);
    }
    store_get_record_row(rig->store, 1, &back, NULL);
    assert_string_equal(back.metadata_json, "{\"a\":2}");
    assert_string_equal(record_field(&back, "response")->text, "other");
    assert_string_equal(record_field(&back, "more")->text, "x");
    assert_int_equal(back.suggestion_count, 1);
    assert_int_equal(store_rig_number(rig, "SELECT count(*) FROM record"), 1);
    record_clear(&record);
    record_clear(&back);
}

#define CASE(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, store_rig_set_up, store_rig_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_meeting_of_two_answers_comes_to_what_it_must),
        CASE(a_clash_is_settled_by_keeping_ours),
        CASE(a_clash_is_settled_by_taking_theirs_and_that_can_be_undone),
        CASE(a_choice_that_is_undone_is_open_again),
        CASE(an_open_choice_shows_what_comes_meanwhile),
        CASE(a_clash_that_is_met_while_ours_is_on_its_way_ends_with_its_arrival),
        CASE(a_clash_ends_when_both_say_the_same_or_the_server_goes_back),
        CASE(what_was_sent_untold_is_known_again_once),
        CASE(a_clash_forgets_why_it_was_not_sent),
        CASE(an_undo_does_not_reach_over_what_the_server_changed),
        CASE(an_answer_that_was_deleted_on_the_server_can_be_sent_again),
        CASE(a_taking_back_goes_out_only_over_the_version_that_was_seen),
        CASE(a_change_over_an_answer_that_was_not_seen_is_refused),
        CASE(a_pull_counts_what_it_brought),
        CASE(what_a_whole_pull_has_not_seen_is_gone),
        CASE(a_record_that_was_made_anew_gets_our_answer),
        CASE(a_choice_outlasts_that_its_record_was_away),
        CASE(what_is_gone_can_be_dropped),
        CASE(what_is_gone_can_be_sent_again_as_new),
        CASE(a_record_that_the_server_says_is_gone_is_marked),
        CASE(external_ids_that_differ_in_case_are_two_records),
        CASE(suggestions_metadata_and_fields_of_theirs_stay_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
