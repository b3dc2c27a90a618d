/* SPDX-License-Identifier: MIT
 *
 * The outbox to the server. While one batch of records is on its way the next is made
 * ready: the server is never left without work, as with a plain client that posts
 * ready-made bodies. Responses go one batch at a time: the server's are read, met, and
 * only those that ours were made over are overwritten.
 */
#include "config.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "sync/state.h"

enum {
    AIM_MS = 1000, /* of a batch: a lost one costs little, and progress is seen */
    AIM_RESPONSES_MS = 10000, /* each costs a look at the server's as well */
    GROWTH = 4,
    PREPARE_DELAY_MS = 20, /* the request's bytes go out first */
    ELSEWHERE_MS = 1000    /* how often to look whether another process still sends */
};

static const size_t most[] = {
    [OUTBOX_RECORD] = 500, [OUTBOX_RESPONSE] = 100, [OUTBOX_DELETE] = 100};

/* A batch of items of one kind, from the outbox to what became of it. */
struct flight {
    struct sync *sync;
    struct flight *next;
    enum outbox_kind kind;
    struct outbox_item *items;
    struct record *records; /* the same order */
    size_t count;
    bool is_sent;       /* else it waits until the disk has what is in it */
    size_t *places;     /* responses: of each that was sent, in items */
    int64_t sent_at_ms; /* mono; when it came to be the first */
};

static void flight_free(struct flight *flight)
{
    for (size_t i = 0; flight->records && i < flight->count; i++)
        record_clear(&flight->records[i]);
    free(flight->records);
    outbox_items_free(flight->items, flight->count);
    free(flight->places);
    free(flight);
}

/* What is not settled yet comes again later: nothing that was sent does harm twice. */
static void drop_flights(struct sync *sync)
{
    while (sync->push.flights) {
        struct flight *flight = sync->push.flights;
        sync->push.flights = flight->next;
        argilla_cancel(sync->argilla, flight);
        store_forget(sync->store, flight);
        flight_free(flight);
    }
}

void push_release(struct sync *sync)
{
    if (sync->push.has_claim && !sync->push.flights)
        store_release_sending(sync->store, sync->dataset.row);
    sync->push.has_claim = sync->push.has_claim && sync->push.flights;
}

void push_free(struct sync *sync)
{
    drop_flights(sync);
    push_release(sync);
}

/* ---- what became of it ---- */

/* Writes down outcomes; what cannot be written counts as a failure, never as sent. */
static bool settle(struct sync *sync, const struct outcome *outcomes, size_t count)
{
    struct err err = {0};
    size_t confirmed = 0, records = 0;
    if (count > 0 &&
        store_settle_outbox(sync->store, outcomes, count, &err) != STATUS_OK) {
        sync_store_failed(sync, &err);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_confirmed = outcomes[i].kind == OUTCOME_CONFIRMED;
        confirmed += is_confirmed;
        records += is_confirmed && outcomes[i].item == OUTBOX_RECORD;
        /* what failed just now is not due again at once */
        if (outcomes[i].kind == OUTCOME_LATER && outcomes[i].next_try_ms > 0)
            sync->is_forced = false;
    }
    sync->report.sent += confirmed;
    if (records > 0 && sync->records_fn)
        sync->records_fn(sync->ctx, false);
    return true;
}

static struct outcome outcome_for(const struct outbox_item *item, enum outcome_kind kind)
{
    return (struct outcome){.kind = kind,
                            .item = item->kind,
                            .record = item->record,
                            .version = item->version};
}

static struct outcome outcome_of(const struct flight *flight, size_t at,
                                 const struct argilla_push_result *result)
{
    const struct outbox_item *item = &flight->items[at];
    struct outcome outcome = outcome_for(item, OUTCOME_REFUSED);
    outcome.error = result->err.text;
    if (result->err.code == STATUS_OK) {
        outcome.kind = OUTCOME_CONFIRMED;
        outcome.error = NULL;
        if (flight->kind == OUTBOX_RECORD)
            outcome.remote_id = result->remote_id;
        else
            outcome.sent = &result->response;
    } else if (result->err.code == STATUS_NOT_FOUND) {
        outcome.kind = OUTCOME_GONE;
    } else if (result->err.code == STATUS_BUSY) {
        outcome.kind = OUTCOME_LATER;
        outcome.next_try_ms = retry_at_ms(flight->sync->clock, item->attempts);
    }
    return outcome;
}

/* The server's own fault (500): maybe one record of the batch is to blame. Smaller ones
 * follow at once until it stands alone. */
static bool will_try_smaller(const struct flight *flight, const struct err *err)
{
    struct sync *sync = flight->sync;
    if (flight->count < 2)
        return false;
    bool is_fault = err->code == STATUS_BUSY && argilla_last_code(sync->argilla) == 500;
    if (is_fault || err->code == STATUS_TIMEOUT)
        sync->push.sizes[flight->kind] = flight->count / 2;
    return is_fault;
}

/* An annotator's key may respond but not log: responses go on without the records. */
static bool goes_on_without_records(const struct flight *flight, const struct err *err)
{
    struct sync *sync = flight->sync;
    const struct argilla_identity *identity = argilla_identity(sync->argilla);
    if (err->code != STATUS_AUTH || argilla_last_code(sync->argilla) != 403 ||
        flight->kind != OUTBOX_RECORD || !identity ||
        identity->role != ARGILLA_ANNOTATOR ||
        store_refuse_records(sync->store, sync->dataset.row, err->text, NULL))
        return false;
    if (sync->records_fn)
        sync->records_fn(sync->ctx, false);
    return true;
}

/* Takes it out of the line; the caller frees it. */
static void unlink_flight(struct flight *flight)
{
    struct sync *sync = flight->sync;
    struct flight **link = &sync->push.flights;
    while (*link != flight)
        link = &(*link)->next;
    *link = flight->next;
    if (sync->push.flights)
        sync->push.flights->sent_at_ms = sync_mono_ms(sync);
}

static void flight_failed(struct flight *flight, const struct err *err)
{
    struct sync *sync = flight->sync;
    bool is_own = flight->count == 1 && err->code == STATUS_BUSY &&
                  argilla_last_code(sync->argilla) == 500;
    unlink_flight(flight);
    drop_flights(sync);
    if (!will_try_smaller(flight, err) && !goes_on_without_records(flight, err)) {
        /* due again when the gate opens; one that always fails stands back for others */
        if (is_own)
            sync_put_off(sync->store, sync->clock, flight->items, 1, err, 0);
        else
            sync_note_failure(sync->store, sync->clock, sync->dataset.row, err);
        sync_failed(sync, err);
    }
    flight_free(flight);
    sync_wake(sync, 0);
}

static void adapt_size(const struct flight *flight)
{
    struct sync *sync = flight->sync;
    int64_t took = sync_mono_ms(sync) - flight->sent_at_ms;
    size_t *size = &sync->push.sizes[flight->kind];
    if (flight->count < *size / 2)
        return;
    size_t aim = flight->kind == OUTBOX_RECORD ? AIM_MS : AIM_RESPONSES_MS;
    size_t ideal = flight->count * aim / (size_t)(took > 0 ? took : 1);
    size_t limit = flight->count * GROWTH;
    ideal = ideal < limit ? ideal : limit;
    ideal = ideal < most[flight->kind] ? ideal : most[flight->kind];
    *size = ideal > 0 ? ideal : 1;
}

static void on_pushed(void *ctx, const struct argilla_push_result *results, size_t count,
                      const struct err *err)
{
    struct flight *flight = ctx;
    struct sync *sync = flight->sync;
    if (err->code != STATUS_OK) {
        flight_failed(flight, err);
        return;
    }
    unlink_flight(flight);
    sync_succeeded(sync);
    adapt_size(flight);
    struct outcome *outcomes = xcalloc(count, sizeof *outcomes);
    for (size_t i = 0; i < count; i++)
        outcomes[i] =
            outcome_of(flight, flight->places ? flight->places[i] : i, &results[i]);
    if (!settle(sync, outcomes, count))
        drop_flights(sync);
    else if (flight->kind == OUTBOX_RECORD)
        sent_add(sync, results, count);
    free(outcomes);
    flight_free(flight);
    sync_wake(sync, sync->push.flights ? PREPARE_DELAY_MS : 0);
}

/* ---- responses: what the server has is met first ---- */

/* Sends those of a batch that go over what is there, found; count of them. */
static void send_ours(struct flight *flight, const struct argilla_own_response *found,
                      size_t count)
{
    struct sync *sync = flight->sync;
    struct argilla_response *ours = xcalloc(count, sizeof *ours);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = &flight->records[flight->places[i]];
        ours[i] =
            (struct argilla_response){.remote_id = record->remote_id,
                                      .response_id = found[flight->places[i]].response_id,
                                      .response = &record->response};
    }
    argilla_push_responses(sync->argilla, &sync->dataset, ours, count, on_pushed, flight);
    free(ours);
}

static void on_read(void *ctx, const struct argilla_own_response *found, size_t count,
                    const struct err *err)
{
    struct flight *flight = ctx;
    struct sync *sync = flight->sync;
    struct err fault = {0};
    if (err->code != STATUS_OK) {
        flight_failed(flight, err);
        return;
    }
    sync_succeeded(sync);
    struct outcome *outcomes = xcalloc(count, sizeof *outcomes);
    size_t ended = 0, sending = 0;
    bool has_changes = false;
    flight->places = xcalloc(count, sizeof *flight->places);
    for (size_t i = 0; i < count && fault.code == STATUS_OK; i++) {
        enum meeting meeting = MEETING_OURS;
        struct outcome outcome = outcome_for(
            &flight->items[i], found[i].is_gone ? OUTCOME_GONE : OUTCOME_CONFIRMED);
        outcome.sent = found[i].is_gone ? NULL : &found[i].response;
        if (!found[i].is_gone &&
            store_meet_response(sync->store, &outcome.record, &found[i].response,
                                &flight->records[i].response, &meeting,
                                &fault) != STATUS_OK)
            break;
        if (found[i].is_gone || meeting == MEETING_SAME || meeting == MEETING_TAKEN)
            outcomes[ended++] = outcome;
        else if (meeting == MEETING_OURS)
            flight->places[sending++] = i;
        has_changes |=
            found[i].is_gone || meeting == MEETING_TAKEN || meeting == MEETING_CLASH;
    }
    if (fault.code != STATUS_OK)
        sync_store_failed(sync, &fault);
    bool is_fine = fault.code == STATUS_OK && settle(sync, outcomes, ended);
    free(outcomes);
    if (has_changes && sync->records_fn)
        sync->records_fn(sync->ctx, false);
    if (is_fine && sending > 0) {
        flight->sent_at_ms = sync_mono_ms(sync);
        send_ours(flight, found, sending);
        return;
    }
    unlink_flight(flight);
    flight_free(flight);
    sync_wake(sync, 0);
}

/* ---- deletions ---- */

static void on_deleted(void *ctx, const struct argilla_push_result *results, size_t count,
                       const struct err *err)
{
    struct flight *flight = ctx;
    struct sync *sync = flight->sync;
    (void)results, (void)count;
    /* This key may not: the answers go out all the same. */
    bool is_refused = err->code == STATUS_AUTH && argilla_last_code(sync->argilla) == 403;
    if (err->code != STATUS_OK && !is_refused && err->code != STATUS_REFUSED) {
        flight_failed(flight, err);
        return;
    }
    unlink_flight(flight);
    sync_succeeded(sync);
    adapt_size(flight);
    struct outcome *outcomes = xcalloc(flight->count, sizeof *outcomes);
    for (size_t i = 0; i < flight->count; i++) {
        outcomes[i] =
            outcome_for(&flight->items[i],
                        err->code == STATUS_OK ? OUTCOME_CONFIRMED : OUTCOME_REFUSED);
        outcomes[i].error = err->code == STATUS_OK ? NULL : err->text;
    }
    settle(sync, outcomes, flight->count);
    free(outcomes);
    flight_free(flight);
    sync_wake(sync, 0);
}

/* ---- sending ---- */

static void send_flight(struct flight *flight)
{
    struct sync *sync = flight->sync;
    flight->is_sent = true;
    flight->sent_at_ms = sync_mono_ms(sync);
    if (flight->kind != OUTBOX_RECORD) {
        const char **ids = xcalloc(flight->count, sizeof *ids);
        for (size_t i = 0; i < flight->count; i++)
            ids[i] = flight->records[i].remote_id ? flight->records[i].remote_id : "";
        if (flight->kind == OUTBOX_RESPONSE)
            argilla_read_responses(sync->argilla, &sync->dataset, ids, flight->count,
                                   on_read, flight);
        else
            argilla_delete_records(sync->argilla, &sync->dataset, ids, flight->count,
                                   on_deleted, flight);
        free(ids);
        return;
    }
    const struct record **list = xcalloc(flight->count, sizeof *list);
    for (size_t i = 0; i < flight->count; i++)
        list[i] = &flight->records[i];
    argilla_push_records(sync->argilla, &sync->dataset, list, flight->count, sync->strip,
                         on_pushed, flight);
    free(list);
}

static void on_flushed(void *ctx, const struct err *err)
{
    struct flight *flight = ctx;
    struct sync *sync = flight->sync;
    if (err->code == STATUS_OK) {
        send_flight(flight);
        sync_wake(sync, PREPARE_DELAY_MS);
        return;
    }
    unlink_flight(flight);
    flight_free(flight);
    sync_store_failed(sync, err);
    sync_wake(sync, 0);
}

/* A newer change of what is on its way must not overtake it. */
static bool is_under_way(const struct sync *sync, const struct outbox_item *item)
{
    for (const struct flight *flight = sync->push.flights; flight; flight = flight->next)
        for (size_t i = 0; flight->kind == item->kind && i < flight->count; i++)
            if (id_equal(&flight->items[i].record, &item->record))
                return true;
    return false;
}

/* Typing must not send each letter. */
static bool is_delayed_draft(struct sync *sync, const struct record *record,
                             enum outbox_kind kind)
{
    int64_t wait = sync->drafts_from - sync_mono_ms(sync);
    if (kind != OUTBOX_RESPONSE || record->response.status != RESPONSE_DRAFT || wait <= 0)
        return false;
    sync_wake(sync, wait);
    return true;
}

/* What is due of one kind; count 0 = nothing. */
static struct flight *load(struct sync *sync, enum outbox_kind kind, int64_t now_ms,
                           struct err *err)
{
    struct flight *flight = xcalloc(1, sizeof *flight);
    struct outbox_query query = {.dataset_row = sync->dataset.row,
                                 .kind = kind,
                                 .is_due = true,
                                 .now_ms = now_ms,
                                 .max = sync->push.sizes[kind]};
    for (const struct flight *other = sync->push.flights; other; other = other->next)
        query.max += other->count;
    size_t count = 0;
    *flight = (struct flight){.sync = sync, .kind = kind};
    if (store_list_outbox(sync->store, &query, &flight->items, &count, err) != STATUS_OK)
        return flight;
    flight->records = xcalloc(count, sizeof *flight->records);
    for (size_t i = 0; i < count; i++) {
        struct outbox_item *item = &flight->items[i];
        struct record *record = &flight->records[flight->count];
        bool is_wanted =
            flight->count < sync->push.sizes[kind] && !is_under_way(sync, item) &&
            !(err->code) &&
            store_get_record(sync->store, &item->record, record, err) == STATUS_OK &&
            !is_delayed_draft(sync, record, kind);
        if (is_wanted) {
            flight->items[flight->count++] = *item;
            continue;
        }
        outbox_item_clear(item);
        record_clear(record);
    }
    return flight;
}

/* Records first: a response needs its record on the server. */
static struct flight *load_next(struct sync *sync, struct err *err)
{
    bool is_alone = !sync->push.flights;
    struct flight *flight = NULL;
    for (int pass = 0; pass < (is_alone && sync->is_forced ? 2 : 1); pass++) {
        /* what failed before comes after all that never did */
        int64_t now = pass == 0 ? clock_wall_ms(sync->clock) : INT64_MAX;
        for (int kind = OUTBOX_RECORD; kind <= OUTBOX_DELETE; kind++) {
            if (kind == OUTBOX_DELETE) /* has its time, in which undo reaches it */
                now = clock_wall_ms(sync->clock);
            if (kind != OUTBOX_RECORD && !is_alone)
                continue;
            flight = load(sync, (enum outbox_kind)kind, now, err);
            if (flight->count > 0 && err->code == STATUS_OK)
                return flight;
            flight_free(flight);
            if (err->code != STATUS_OK)
                return NULL;
        }
    }
    return NULL;
}

static bool may_send(struct sync *sync, struct err *err)
{
    struct push *push = &sync->push;
    sync->report.is_elsewhere = false;
    if (push->has_claim)
        return true;
    if (store_claim_sending(sync->store, sync->dataset.row, &push->has_claim, err) !=
        STATUS_OK)
        return false;
    if (!push->has_claim) {
        sync->report.is_elsewhere = true;
        sync_wake(sync, ELSEWHERE_MS);
    }
    return push->has_claim;
}

void push_step(struct sync *sync)
{
    struct push *push = &sync->push;
    struct err err = {0};
    bool is_first = !push->flights;
    sync->report.is_elsewhere = false;
    if (!is_first && (push->flights->next || push->flights->kind != OUTBOX_RECORD ||
                      !push->flights->is_sent))
        return;
    uint64_t commit = store_committed(sync->store);
    struct flight *flight = load_next(sync, &err);
    if (flight && !may_send(sync, &err)) {
        flight_free(flight);
        flight = NULL;
    }
    if (err.code != STATUS_OK)
        sync_store_failed(sync, &err);
    if (!flight)
        return;
    struct flight **link = &push->flights;
    while (*link)
        link = &(*link)->next;
    *link = flight;
    if (store_flushed(sync->store) >= commit) {
        send_flight(flight);
        if (is_first && flight->kind == OUTBOX_RECORD)
            sync_wake(sync, PREPARE_DELAY_MS);
    } else {
        store_on_flushed(sync->store, on_flushed, flight);
    }
}
