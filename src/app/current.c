/* SPDX-License-Identifier: MIT
 *
 * The record on the screen, the only copy of it in memory, and its row in the queue; and
 * how it is looked at.
 */
#include "config.h"

#include "app/current.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/suggest.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "store/store_stats.h"

/* How it is looked at. */
struct pace {
    bool is_seen; /* the record on the screen, and since when, monotonic: */
    int64_t seen_ms;
    bool is_end_seen;
    int64_t end_ms;
    int64_t paused_ms;
    int64_t key_ms; /* the last key, monotonic */
    int hasty;      /* answers in a row that came faster than one reads */
    int suggested;  /* of them, the last that were just what was suggested */
};

/* Of second showings. */
struct again {
    int64_t dataset;        /* that since is about; 0 = not counted yet */
    int64_t since;          /* answers since the last second showing */
    struct response *steps; /* of the one that is on: every state that there was */
    size_t count;
    size_t at; /* the state that is shown */
};

struct looking {
    struct pace pace;
    struct again again;
};

enum { PLACE_DELAY_MS = 2000, ELSEWHERE_MS = 2000 };

static int rating_of(const struct app *app, const struct response *response)
{
    const struct question *question = dataset_rating_question(&app->session.dataset);
    const struct value *value =
        question ? values_find(&response->values, question->name) : NULL;
    return value && value->type == QUESTION_RATING ? value->rating : -1;
}

static uint16_t flags_of(const struct session *session, const struct record *record)
{
    /* the others follow from what is unsaved, too */
    unsigned kept = record->flags & (QUEUE_FLAGGED | QUEUE_DELETED | QUEUE_COMPLETED);
    unsigned flags = 0;
    if (record->has_completion && record->completion.state == COMPLETION_RUNNING)
        flags = QUEUE_STREAMING;
    else if (record->has_completion && record->completion.state != COMPLETION_DONE)
        flags = session_has_answer(session, record) ? QUEUE_CUT : QUEUE_FAILED;
    if (record->has_clash)
        flags |= QUEUE_CLASH;
    if (record->is_gone)
        flags |= QUEUE_GONE;
    if (record->note)
        flags |= QUEUE_NOTED;
    if (record->response.is_changed && record->response.status == RESPONSE_DRAFT)
        flags |= QUEUE_CHANGED;
    return (uint16_t)(flags | kept);
}

static void count_siblings(struct app *app)
{
    struct session *session = &app->session;
    int64_t *rows = NULL;
    session->sibling_number = session->sibling_count = 0;
    if (!app->loads_queue || !session->has_current)
        return;
    store_list_siblings(app->store, session->current.row, CANDIDATES_MAX, &rows,
                        &session->sibling_count, NULL);
    for (size_t i = 0; i < session->sibling_count; i++)
        if (rows[i] == session->current.row)
            session->sibling_number = i + 1;
    free(rows);
}

/* Whether it is another answer to the current one's prompt, perhaps a new one. */
static bool is_sibling(const struct session *session, const struct record *record)
{
    const struct id *parent = &record->completion.parent;
    const struct id *other = &session->current.completion.parent;
    return session->has_current && record->has_completion && !id_is_zero(parent) &&
           (id_equal(parent, &session->current.id) || id_equal(parent, other));
}

void current_put_row(struct app *app, const struct record *record)
{
    const struct response *response = &record->response;
    struct queue *queue = &app->session.queue;
    bool is_hidden = app->session.is_again && record == &app->session.current;
    if (record->dataset_row != app->session.dataset.row || is_hidden)
        return;
    if (record->row != app->session.current.row && is_sibling(&app->session, record))
        count_siblings(app);
    struct queue_row row = {.row = record->row,
                            .status = (uint8_t)response->status,
                            .flags = flags_of(&app->session, record)};
    const struct unsaved *item = unsaved_find(app, &record->id, UNSAVED_RESPONSE);
    bool is_final =
        response->status == RESPONSE_SUBMITTED || response->status == RESPONSE_DISCARDED;
    if (item && is_final) /* it counts as done once the store has it */
        row.status = RESPONSE_DRAFT;
    size_t index = queue_add(queue, &row);
    enum response_status status = (enum response_status)queue->rows[index].status;
    queue_set_status(queue, index, status, rating_of(app, response));
}

/* Takes the record's content over; it is empty then. */
static void take(struct app *app, struct record *record)
{
    struct session *session = &app->session;
    unsaved_lay_over(app, record);
    if (session->is_again && id_equal(&record->id, &session->current.id)) {
        response_copy(&record->response, &session->current.response);
        record->has_clash = false;
    }
    record_clear(&session->current);
    session->current = *record;
    session->current.suggestion_use = session->suggestion_use;
    session->has_current = true;
    memset(record, 0, sizeof *record);
    const struct id *id = &session->current.id;
    const struct unsaved *item = unsaved_find(app, id, UNSAVED_RESPONSE);
    session->is_clash_here = item && item->is_clash;
    if (session_is_elsewhere(session, &session->current) && !app->is_closing)
        loop_timer_start(app->elsewhere_timer, ELSEWHERE_MS, ELSEWHERE_MS);
    else
        loop_timer_stop(app->elsewhere_timer);
}

/* For the record in that row. */
static void leave(struct app *app, int64_t row)
{
    char changed[128];
    if (row != app->session.current.row &&
        session_say_changed(&app->session, changed, sizeof changed))
        app_notify(app, NOTICE_WARNING, "%s; %s there submits it.", changed,
                   app_key_name(app, ACTION_SUBMIT).text);
    app->edit = 0;
    if (app->unsaved_count)
        unsaved_write(app);
    app->shown_commit = 0;
    app->session.save = SAVE_NONE;
    app->session.is_again = app->seeks_open = false;
    app->looking->pace.is_seen = app->looking->pace.is_end_seen = false;
    app->looking->pace.paused_ms = 0;
}

static void arrive(struct app *app)
{
    count_siblings(app);
    unsaved_refresh(app);
    if (!app->is_closing && app->session.is_queue_loaded)
        loop_timer_start(app->place_timer, PLACE_DELAY_MS, 0);
    app_changed(app);
}

bool current_show(struct app *app, size_t index)
{
    struct queue *queue = &app->session.queue;
    struct record record = {0};
    struct err err = {0};
    leave(app, queue->rows[index].row);
    queue_go(queue, index);
    if (store_get_record_row(app->store, queue->rows[index].row, &record, &err) ==
        STATUS_OK) {
        take(app, &record);
    } else {
        app->session.has_current = false;
        app_notify_err(app, &err);
    }
    arrive(app);
    return app->session.has_current;
}

void current_show_record(struct app *app, const struct record *record)
{
    struct record copy = {0};
    leave(app, record->row);
    record_copy(&copy, record);
    take(app, &copy);
    current_put_row(app, &app->session.current);
    size_t index = queue_find(&app->session.queue, app->session.current.row);
    if (index != SIZE_MAX)
        queue_go(&app->session.queue, index);
    arrive(app);
}

void current_show_again(struct app *app, int64_t row, const struct response *answers)
{
    struct record record = {0};
    struct err err = {0};
    if (store_get_record_row(app->store, row, &record, &err) != STATUS_OK) {
        current_show(app, app->session.queue.position);
        return;
    }
    leave(app, row);
    take(app, &record); /* it may have come with what is not written yet */
    app->session.is_again = true;
    response_clear(&app->session.current.response);
    if (answers)
        response_copy(&app->session.current.response, answers);
    app->session.current.has_clash = false;
    arrive(app);
}

void current_update(struct app *app, const struct id *id)
{
    struct session *session = &app->session;
    struct record record = {0};
    bool is_current = session->has_current && id_equal(&session->current.id, id);
    if (!is_current && !app->loads_queue)
        return;
    if (store_get_record(app->store, id, &record, NULL) != STATUS_OK)
        return;
    if (is_current) {
        take(app, &record);
        current_put_row(app, &session->current);
    } else {
        unsaved_lay_over(app, &record);
        current_put_row(app, &record);
    }
    for (size_t i = 0; i < session->comparison.count; i++)
        if (id_equal(&session->comparison.records[i].id, id))
            record_copy(&session->comparison.records[i],
                        is_current ? &session->current : &record);
    record_clear(&record);
    unsaved_refresh(app);
    app_changed(app);
}

void current_read(struct app *app)
{
    struct id id = app->session.current.id;
    if (app->session.has_current)
        current_update(app, &id);
}

void current_say_empty(struct app *app)
{
    if (session_lacks_right(&app->session, ACTION_PROMPT))
        app_notify(app, NOTICE_INFO, "There is no record yet.");
    else
        app_notify(app, NOTICE_INFO, "There is no record yet: %s writes a prompt.",
                   app_key_name(app, ACTION_PROMPT).text);
}

bool current_has_to_choose(struct app *app)
{
    if (!app->session.has_current || !app->session.current.has_clash)
        return false;
    app_notify(app, NOTICE_WARNING, "Choose first: %s keeps yours, %s takes the other.",
               app_key_name(app, ACTION_KEEP_MINE).text,
               app_key_name(app, ACTION_TAKE_THEIRS).text);
    return true;
}

/* ---- how it is looked at ---- */

/* Silent reading, a minute: 238 words, the mean of 190 studies (Brysbaert 2019); where
 * words are not apart, 357 characters of Japanese, 255 of Chinese (IReST,
 * Trauzettel-Klosinski and Dietz 2012). */
enum { WORDS = 238, JAPANESE = 357, CHINESE = 255, MINUTE_MS = 60000 };
enum {
    PAUSE_MS = 60000,       /* a longer stretch without a key is a pause */
    GLANCE_MS = 2000,       /* what is read in less says nothing about haste */
    COUNTED_MAX = 64 * 1024 /* bytes of a field: more of it cannot be read that fast */
};

/* ---- one record ---- */

void app_see_record(struct app *app, bool is_end)
{
    struct pace *pace = &app->looking->pace;
    int64_t now = clock_mono_ms(app->clock);
    if (!app->session.has_current)
        return;
    if (!pace->is_seen)
        pace->seen_ms = now;
    if (is_end && !pace->is_end_seen)
        pace->end_ms = now;
    pace->is_seen = true;
    pace->is_end_seen = pace->is_end_seen || is_end;
}

void app_see_key(struct app *app)
{
    struct pace *pace = &app->looking->pace;
    int64_t now = clock_mono_ms(app->clock);
    int64_t since = pace->key_ms > pace->seen_ms ? pace->key_ms : pace->seen_ms;
    if (pace->is_seen && now - since > PAUSE_MS)
        pace->paused_ms += now - since;
    pace->key_ms = now;
    app->seeks_open = false;
}

/* Back from now: the wall clock may have been set meanwhile. */
void pace_take(const struct app *app, struct viewing *out)
{
    const struct pace *pace = &app->looking->pace;
    int64_t mono = clock_mono_ms(app->clock), wall = clock_wall_ms(app->clock);
    *out = (struct viewing){0};
    if (!pace->is_seen)
        return;
    out->answered_ms = wall;
    out->shown_ms = wall - (mono - pace->seen_ms);
    out->end_ms = pace->is_end_seen ? wall - (mono - pace->end_ms) : 0;
    out->paused_ms = pace->paused_ms;
}

/* ---- haste ---- */

static int64_t reading_ms(const char *text, size_t len)
{
    int64_t words = 0, kana = 0, han = 0;
    bool was_word = false;
    if (len > COUNTED_MAX)
        len = COUNTED_MAX;
    for (size_t at = 0; at < len;) {
        uint32_t cp;
        at += utf8_decode(text, len, at, &cp);
        bool is_kana = (cp >= 0x3040 && cp <= 0x30FF) || (cp >= 0x31F0 && cp <= 0x31FF) ||
                       (cp >= 0xFF66 && cp <= 0xFF9D);
        bool is_han = (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF) ||
                      (cp >= 0x20000 && cp <= 0x3FFFF);
        bool is_word = cp > ' ' && !is_kana && !is_han && (cp < 0x3000 || cp > 0x303F) &&
                       (cp < 0xFF00 || cp > 0xFF0F);
        kana += is_kana;
        han += is_han;
        words += is_word && !was_word;
        was_word = is_word;
    }
    return words * MINUTE_MS / WORDS +
           (kana + han) * MINUTE_MS / (kana > 0 ? JAPANESE : CHINESE);
}

static bool is_as_suggested(const struct app *app)
{
    const struct session *session = &app->session;
    const struct record *record = &session->current;
    struct values suggested = {0};
    suggest_add(record, &session->dataset, &suggested);
    bool is_any = suggested.count > 0 && session->suggestion_use != SUGGESTIONS_HIDDEN;
    dataset_complete_values(&session->dataset, &suggested);
    bool is_same = is_any && values_equal(&suggested, &record->response.values);
    values_clear(&suggested);
    return is_same;
}

const char *pace_haste(struct app *app, const struct viewing *viewing)
{
    struct pace *pace = &app->looking->pace;
    const struct record *record = &app->session.current;
    int64_t needed = 0;
    for (size_t i = 0; i < record->field_count; i++)
        needed += reading_ms(record->fields[i].text, record->fields[i].len);
    if (!app->settings->pace_note || !viewing->shown_ms || needed < GLANCE_MS)
        return NULL;
    /* pauses too: what was read in one is read */
    bool is_fast = viewing->answered_ms - viewing->shown_ms < needed;
    pace->hasty = is_fast ? pace->hasty + 1 : 0;
    pace->suggested = is_fast && is_as_suggested(app) ? pace->suggested + 1 : 0;
    return !is_fast || pace->hasty % PACE_ROW != 0 ? NULL
           : pace->suggested >= PACE_ROW ? "are as suggested, faster than one reads"
                                         : "came faster than one reads";
}

/* ---- once more: when ---- */

enum { DISTANCE = 30 }; /* answers at least between the first showing and the second */

static void again_clear(struct app *app)
{
    struct again *again = &app->looking->again;
    while (again->count)
        response_clear(&again->steps[--again->count]);
    free(again->steps);
    again->steps = NULL;
    again->at = 0;
}

int64_t again_due(struct app *app)
{
    struct again *again = &app->looking->again;
    const struct session *session = &app->session;
    int64_t every = app->settings->again, row = session->dataset.row, found = 0;
    struct id random;
    if (!every || session->is_read_only)
        return 0;
    if (again->dataset != row) { /* the answer just given is among them */
        if (store_count_since_again(app->store, row, every, &again->since, NULL))
            return 0;
        again->dataset = row;
    } else {
        again->since++;
    }
    if (again->since < every)
        return 0;
    id_random(&random);
    const struct again_wish wish = {.dataset = row,
                                    .distance = DISTANCE,
                                    .span = every,
                                    .spread = random.bytes[0] * 256 + random.bytes[1]};
    if (store_find_again(app->store, &wish, &found, NULL) == STATUS_OK && found)
        again->since = 0;
    again_clear(app);
    return found;
}

/* ---- once more: what is answered meanwhile ---- */

void again_change(struct app *app, const struct response *next, bool is_joined)
{
    struct again *again = &app->looking->again;
    struct response *current = &app->session.current.response;
    if (!is_joined || again->at == 0) {
        while (again->count > again->at)
            response_clear(&again->steps[--again->count]);
        again->steps = xreallocarray(again->steps, again->at + 2, sizeof *again->steps);
        memset(&again->steps[again->at], 0, 2 * sizeof *again->steps);
        response_copy(&again->steps[again->at++], current);
        again->count = again->at + 1;
    }
    response_copy(&again->steps[again->at], next);
    response_copy(current, next);
    app_changed(app);
}

bool again_step(struct app *app, bool is_undo)
{
    struct again *again = &app->looking->again;
    if (!app->session.is_again ||
        (is_undo ? again->at == 0 : again->at + 1 >= again->count))
        return false;
    again->at += is_undo ? (size_t)-1 : 1;
    response_copy(&app->session.current.response, &again->steps[again->at]);
    app_notify(app, NOTICE_DONE, "%s.", is_undo ? "Undid it" : "Redid it");
    return true;
}

/* ---- once more: its end ---- */

bool again_end(struct app *app, const struct response *answer)
{
    struct err err = {0};
    if (answer->status >= RESPONSE_SUBMITTED &&
        store_put_again(app->store, &app->session.current.id, answer, &err)) {
        app_notify_err(app, &err);
        return false;
    }
    unsaved_committed(app, false);
    current_show(app, app->session.queue.position);
    return true;
}

void again_undone(struct app *app, const struct undone *undone, bool is_undo)
{
    struct response draft = {0};
    app->looking->again.dataset = 0; /* counted anew */
    again_clear(app);
    response_copy(&draft, &undone->response);
    draft.status = draft.values.count ? RESPONSE_DRAFT : RESPONSE_PENDING;
    if (is_undo)
        current_show_again(app, undone->record_row, &draft);
    else
        current_show(app, app->session.queue.position);
    response_clear(&draft);
}

/* ---- life ---- */

void current_open(struct app *app)
{
    app->looking = xcalloc(1, sizeof *app->looking);
}

void current_close(struct app *app)
{
    again_clear(app);
    free(app->looking);
    app->looking = NULL;
}
