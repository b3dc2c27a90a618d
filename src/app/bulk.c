/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bulk_parts.h"
#include "app/choice.h"
#include "app/given.h"
#include "app/suggest.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "store/store_bulk.h"

struct bulk_work {
    struct app *app;
    struct loop_timer *timer;
    struct bulk_order order;
    int64_t *rows;
    struct bulk_seen *seen; /* beside each of them */
    size_t count, at;
    size_t left;    /* so many of the first rows are those that were left as they were */
    bool has_marks; /* rows are those that are marked */
    size_t before[RESPONSE_STATUS_COUNT]; /* what those are now that it changes */
    bool is_suggested; /* what is suggested is taken beside what is given */
    char refused[160]; /* the first that is: " (#3: Rating does not …)"; "" = none */
    struct bulk bulk;
};

/* ---- what the change makes of a response ---- */

void app_copy_form(const struct app *app, struct values *given)
{
    const struct dataset *dataset = &app->session.dataset;
    values_clear(given);
    suggest_values(&app->session.current, dataset, given);
    for (size_t i = 0; i < dataset->question_count; i++)
        if (dataset->questions[i].type == QUESTION_SPAN)
            values_remove(given, dataset->questions[i].name);
    values_set_own(given);
}

static void keep_refused(struct bulk_work *work, int64_t row,
                         const struct question *question, const char *why)
{
    char label[64];
    question_label(question, label, sizeof label);
    if (work->refused[0] == '\0')
        snprintf(work->refused, sizeof work->refused, " (#%zu: %s %s)",
                 queue_find(&work->app->session.queue, row) + 1, label, why);
}

/* Whether values has any that neither is there now nor given. */
static bool has_suggested(const struct bulk_work *work, const struct response *now,
                          const struct values *values)
{
    bool has_any = false;
    for (size_t i = 0; i < values->count && !has_any; i++) {
        const char *name = values->items[i].question;
        has_any =
            !values_find(&now->values, name) && !values_find(&work->order.given, name);
    }
    return has_any;
}

/* As the same key does in the form: it starts from what that shows, a discard does not.
 */
static enum bulk_fate change(void *ctx, const struct record *seen, struct response *next)
{
    static const enum response_status statuses[] = {
        [VERB_SUBMIT] = RESPONSE_SUBMITTED,
        [VERB_DISCARD] = RESPONSE_DISCARDED,
        [VERB_DRAFT] = RESPONSE_DRAFT,
        [VERB_CLEAR] = RESPONSE_PENDING,
    };
    struct bulk_work *work = ctx;
    const struct dataset *dataset = &work->app->session.dataset;
    enum bulk_verb verb = work->order.verb;
    const char *why;
    struct record shown = *seen;
    const struct response *now = &seen->response;
    shown.suggestion_use = work->app->session.suggestion_use;
    response_copy(next, now);
    if (verb != VERB_DISCARD && verb != VERB_CLEAR)
        suggest_values(&shown, dataset, &next->values);
    bool is_suggested = has_suggested(work, now, &next->values);
    if (work->order.takes_suggestions)
        suggest_add(&shown, dataset, &next->values);
    bool is_new =
        work->order.takes_suggestions && !values_equal(&next->values, &now->values);
    is_new = given_put(&work->order.given, work->order.adds, dataset, &now->values,
                       &next->values) ||
             is_new;
    if (verb != VERB_GIVE)
        next->status = statuses[verb];
    else if (is_new)
        next->status = RESPONSE_DRAFT;
    if (next->status == now->status && !is_new)
        return BULK_SAME;
    if (next->status == RESPONSE_SUBMITTED) {
        dataset_complete_values(dataset, &next->values);
        const struct question *bad =
            choice_find_fault(dataset, seen, &next->values, true, &why);
        if (bad && !values_find(&next->values, bad->name))
            return BULK_INCOMPLETE;
        if (bad) {
            keep_refused(work, seen->row, bad, why);
            return BULK_REFUSED;
        }
    }
    next->is_changed = next->status == RESPONSE_DRAFT &&
                       response_is_changed(now, next, verb == VERB_DRAFT);
    work->before[now->status]++;
    work->is_suggested = work->is_suggested || is_suggested;
    return BULK_DONE;
}

/* ---- its words ---- */

/* "Discard", "discarded", "Discarding"; "Give Rating 4 to and discard", … */
enum tense { TENSE_ASK, TENSE_DONE, TENSE_DOING, TENSES };

static char *say_verb(const struct bulk_work *work, enum tense tense)
{
    static const char *const words[][TENSES] = {
        [VERB_SUBMIT] = {"Submit", "submitted", "Submitting"},
        [VERB_DISCARD] = {"Discard", "discarded", "Discarding"},
        [VERB_DRAFT] = {"Make drafts of", "kept as drafts", "Keeping as drafts"},
        [VERB_CLEAR] = {"Take your answers away from", "cleared", "Clearing"},
        [VERB_FLAG] = {"Flag", "flagged", "Flagging"},
        [VERB_UNFLAG] = {"Take the flags off", "not flagged any more", "Unflagging"},
        [VERB_DELETE] = {"Delete", "deleted", "Deleting"},
    };
    static const char *const asks[][2] = {
        [VERB_GIVE] = {"Give", "to"},
        [VERB_SUBMIT] = {"Give and submit", "for"},
        [VERB_DISCARD] = {"Give", "to and discard"},
        [VERB_DRAFT] = {"Give", "to and make drafts of"},
    };
    const struct bulk_order *order = &work->order;
    struct buf what = {0};
    if (order->takes_suggestions)
        buf_add_text(&what, "what is suggested");
    given_write(&order->given, &work->app->session.dataset, &what);
    if (what.len && work->is_suggested && !order->takes_suggestions)
        buf_add_text(&what, " and what is suggested");
    const char *then = order->verb == VERB_GIVE ? "" : words[order->verb][tense];
    const char *const *around =
        what.len && order->verb <= VERB_DRAFT ? asks[order->verb] : NULL;
    char *verb = !around ? xstrdup(then)
                 : tense == TENSE_ASK
                     ? xasprintf("%s %s %s", around[0], buf_text(&what), around[1])
                 : tense == TENSE_DONE
                     ? xasprintf("given %s%s%s", buf_text(&what), *then ? ", " : "", then)
                     : xasprintf("Giving %s", buf_text(&what));
    buf_clear(&what);
    return verb;
}

/* " Left as they are: 3 without an answer, 2 being written."; "" when there are none. */
static void say_left(const struct bulk_work *work, char *out, size_t size)
{
    static const char *const whys[BULK_FATE_COUNT] = {
        [BULK_SAME] = "as asked for already",
        [BULK_FAILED] = "without an answer to judge",
        [BULK_STREAMING] = "still being written",
        [BULK_CLASH] = "with two answers to choose from",
        [BULK_INCOMPLETE] = "without a required answer",
        [BULK_REFUSED] = "with an answer that is refused",
        [BULK_ABSENT] = "deleted",
        [BULK_MEANWHILE] = "answered meanwhile",
    };
    const size_t *counts = work->bulk.counts;
    size_t len = 0;
    out[0] = '\0';
    for (int fate = BULK_DONE + 1; fate < BULK_FATE_COUNT && len + 1 < size; fate++)
        if (counts[fate])
            len +=
                (size_t)snprintf(out + len, size - len, "%s%zu %s%s",
                                 len ? ", " : " Left as they are: ", counts[fate],
                                 whys[fate], fate == BULK_REFUSED ? work->refused : "");
    if (len && len + 1 < size)
        snprintf(out + len, size - len, ".");
}

/* What a deletion does, and until when it can be taken back. */
static void say_deletion(const struct app *app, char *out, size_t size)
{
    struct key_name undo = app_key_name(app, ACTION_UNDO);
    int minutes = STORE_DELETE_DELAY_MS / 60000;
    if (app->session.has_server)
        snprintf(out, size,
                 " Here at once; on the server after %d minutes, or with %s. Until then "
                 "%s takes it back.",
                 minutes, app_key_name(app, ACTION_SYNC).text, undo.text);
    else
        snprintf(out, size,
                 " %s takes it back for %d minutes; the next start after that is final.",
                 undo.text, minutes);
}

/* ---- in slices ---- */

static void end_work(struct bulk_work *work)
{
    struct app *app = work->app;
    free(work->rows);
    free(work->seen);
    work->rows = NULL;
    work->seen = NULL;
    work->count = work->at = work->left = 0;
    loop_timer_stop(work->timer);
    undo_put_phase(app, BULK_NONE, 0, 0);
}

/* ", with what is suggested, changing 2 submitted and 1 discarded" */
static void say_closed(const struct bulk_work *work, char *out, size_t size)
{
    size_t submitted = work->before[RESPONSE_SUBMITTED];
    size_t discarded = work->before[RESPONSE_DISCARDED];
    bool is_told = work->order.given.count || work->order.takes_suggestions;
    char counts[2][40] = {""};
    if (submitted)
        snprintf(counts[0], sizeof counts[0], "%zu submitted%s", submitted,
                 discarded ? " and " : "");
    if (discarded)
        snprintf(counts[1], sizeof counts[1], "%zu discarded", discarded);
    snprintf(out, size, "%s%s%s%s",
             work->is_suggested && !is_told ? ", with what is suggested" : "",
             submitted || discarded ? ", changing " : "", counts[0], counts[1]);
}

static void ask(struct bulk_work *work)
{
    struct app *app = work->app;
    struct bulk_shown *shown = &app->session.bulk;
    const size_t *counts = work->bulk.counts;
    char left[400], more[200] = "", again[128] = "";
    say_left(work, left, sizeof left);
    if (!counts[BULK_DONE]) {
        app_notify(app, NOTICE_INFO, "There is nothing to change.%s", left);
        end_work(work);
        return;
    }
    if (work->order.verb == VERB_DELETE)
        say_deletion(app, more, sizeof more);
    size_t done = work->before[RESPONSE_SUBMITTED] + work->before[RESPONSE_DISCARDED];
    if (work->order.verb == VERB_SUBMIT || work->order.verb == VERB_DISCARD || !done)
        say_closed(work, again, sizeof again);
    else
        snprintf(again, sizeof again, ", %zu of which %s done and %s again", done,
                 done == 1 ? "is" : "are", done == 1 ? "opens" : "open");
    char *verb = say_verb(work, TENSE_ASK);
    if (work->order.is_current)
        snprintf(shown->text, sizeof shown->text, "%s #%zu? y: yes; any other key: no.%s",
                 verb, app->session.queue.position + 1, more);
    else
        snprintf(shown->text, sizeof shown->text,
                 "%s %zu %s%s%s? y: yes; any other key: no.%s%s", verb, counts[BULK_DONE],
                 work->has_marks ? "marked " : "",
                 counts[BULK_DONE] == 1 ? "record" : "records", again, more, left);
    free(verb);
    undo_put_phase(app, BULK_ASKING, 0, counts[BULK_DONE]);
}

static void say_done(struct bulk_work *work)
{
    struct app *app = work->app;
    const size_t *counts = work->bulk.counts;
    char left[400], *verb = say_verb(work, TENSE_DONE);
    say_left(work, left, sizeof left);
    app->has_final = true;
    if (work->has_marks) /* the next change is about what this one left */
        app_mark_only(app, work->rows, work->left);
    unsaved_say_saved(app, "%zu %s %s and saved; %s takes it back.%s%s",
                      counts[BULK_DONE], counts[BULK_DONE] == 1 ? "record" : "records",
                      verb, app_key_name(app, ACTION_UNDO).text,
                      !work->has_marks ? ""
                      : work->left     ? " Their marks are off."
                                       : " The marks are off.",
                      left);
    free(verb);
}

/* The next of them: counted, or changed. */
static void write_slice(void *ctx)
{
    struct bulk_work *work = ctx;
    struct app *app = work->app;
    bool is_trial = work->bulk.is_trial;
    struct err err = {0};
    size_t left = work->count - work->at, count = left < SLICE_ROWS ? left : SLICE_ROWS;
    work->bulk.seen = work->seen + work->at;
    enum status status = store_put_bulk(app->store, &work->bulk, work->rows + work->at,
                                        count, count == left, &err);
    if (status == STATUS_BUSY && !app->is_closing) {
        loop_timer_start(work->timer, AGAIN_MS, 0);
        return;
    }
    if (status != STATUS_OK) {
        app_notify(app, NOTICE_ERROR, "Nothing is changed: %s", err.text);
        end_work(work);
        if (work->bulk.batch) /* all or nothing */
            undo_take_back(app, work->bulk.batch, work->bulk.counts[BULK_DONE], err.text);
        return;
    }
    for (size_t i = work->at; !is_trial && i < work->at + work->bulk.taken; i++)
        if (work->seen[i].fate != BULK_DONE && work->seen[i].fate != BULK_ABSENT)
            work->rows[work->left++] = work->rows[i];
    work->at += work->bulk.taken;
    if (!is_trial)
        undo_took(app);
    if (work->at < work->count) {
        undo_put_phase(app, app->session.bulk.phase, work->at, work->count);
        loop_timer_start(work->timer, PAUSE_MS, 0);
    } else if (is_trial) {
        ask(work);
    } else {
        say_done(work);
        navigate_leave_deleted(app);
        end_work(work);
    }
}

/* ---- the change ---- */

/* What it is about, into work->rows. */
static void gather(struct bulk_work *work)
{
    const struct session *session = &work->app->session;
    const struct queue *queue = &session->queue;
    const struct marks *marks = &session->marks;
    work->has_marks = marks->count > 0 && !work->order.is_current;
    work->rows = xcalloc(queue->count + marks->count + 1, sizeof *work->rows);
    work->seen = xcalloc(queue->count + marks->count + 1, sizeof *work->seen);
    if (work->order.is_current)
        work->rows[work->count++] = session->current.row;
    for (size_t i = 0; work->has_marks && i < marks->count; i++)
        if (queue_find(queue, marks->rows[i]) != SIZE_MAX)
            work->rows[work->count++] = marks->rows[i];
    bool is_of_all = !work->has_marks && !work->order.is_current;
    for (size_t i = 0; is_of_all && i < queue->count; i++)
        if (bulk_is_shown(queue, i))
            work->rows[work->count++] = queue->rows[i].row;
}

static bool may_delete(struct app *app, bool is_current)
{
    const struct session *session = &app->session;
    if (is_current ? !session_lacks_right(session, ACTION_DELETE)
                   : !session->has_server || session->can_log)
        return true;
    app_notify(app, NOTICE_WARNING,
               "Your key is an annotator's: it may answer records, not delete them. An "
               "owner or an admin may; %s discards it for you.",
               app_key_name(app, ACTION_DISCARD).text);
    return false;
}

bool app_ask_bulk(struct app *app, const struct bulk_order *order)
{
    static const enum change_kind kinds[] = {
        [VERB_GIVE] = CHANGE_RATE,       [VERB_SUBMIT] = CHANGE_SUBMIT,
        [VERB_DISCARD] = CHANGE_DISCARD, [VERB_DRAFT] = CHANGE_DRAFT,
        [VERB_CLEAR] = CHANGE_CLEAR, /* the others are no answers */
    };
    struct bulk_work *work = app->bulk_work;
    bool is_delete = order->verb == VERB_DELETE, is_answer = order->verb < VERB_FLAG;
    bool takes = order->takes_suggestions && order->verb == VERB_GIVE;
    if (!undo_may_begin(app, "Nothing is changed") ||
        (is_delete && !may_delete(app, order->is_current)))
        return false;
    if (!app->session.is_queue_loaded || !app->session.has_current) {
        current_say_empty(app);
        return false;
    }
    if (app->session.is_selecting && !app->session.marks.count && !order->is_current) {
        app_notify(app, NOTICE_WARNING, "The filter has not looked at all records yet.");
        return false;
    }
    values_clear(&work->order.given);
    work->order = *order;
    work->order.given = (struct values){0};
    values_copy(&work->order.given, &order->given);
    memset(work->before, 0, sizeof work->before);
    work->is_suggested = false;
    work->refused[0] = '\0';
    work->bulk = (struct bulk){
        .kind = takes ? CHANGE_SUGGESTION : kinds[is_answer ? order->verb : VERB_CLEAR],
        .change = is_answer ? change : NULL,
        .flag = order->verb == VERB_FLAG     ? 1
                : order->verb == VERB_UNFLAG ? -1
                                             : 0,
        .ctx = work,
        .slice_ms = SLICE_MS,
        .is_trial = true};
    gather(work);
    if (!work->count) {
        app_notify(app, NOTICE_INFO, "The queue shows no record that could be changed.");
        end_work(work);
        return false;
    }
    snprintf(app->session.bulk.text, sizeof app->session.bulk.text, "Counting");
    undo_put_phase(app, BULK_COUNTING, 0, work->count);
    write_slice(work);
    return app->session.bulk.phase != BULK_NONE;
}

void app_decide_bulk(struct app *app, bool is_yes)
{
    struct bulk_work *work = app->bulk_work;
    struct bulk_shown *shown = &app->session.bulk;
    if (shown->phase != BULK_ASKING)
        return;
    if (!is_yes || !unsaved_write(app)) {
        app_notify(app, NOTICE_INFO, "Nothing is changed.");
        end_work(work);
        return;
    }
    work->at = 0;
    work->refused[0] = '\0';
    work->bulk.is_trial = false;
    memset(work->bulk.counts, 0, sizeof work->bulk.counts);
    char *verb = say_verb(work, TENSE_DOING);
    snprintf(shown->text, sizeof shown->text, "%s", verb);
    free(verb);
    undo_put_phase(app, BULK_WRITING, 0, work->count);
    write_slice(work);
}

/* ---- life ---- */

void bulk_open(struct app *app)
{
    struct bulk_work *work = xcalloc(1, sizeof *work);
    app->bulk_work = work;
    work->app = app;
    work->timer = loop_timer_new(app->loop, write_slice, work);
    if (app->loads_queue && !app->session.is_read_only)
        store_purge_deleted(app->store, NULL);
}

void bulk_finish(struct app *app)
{
    struct bulk_work *work = app->bulk_work;
    size_t before = SIZE_MAX;
    while (work && app->session.bulk.phase == BULK_WRITING && work->at != before) {
        before = work->at;
        write_slice(work);
    }
}

void bulk_leave(struct app *app)
{
    enum bulk_phase phase = app->session.bulk.phase;
    if (phase == BULK_COUNTING || phase == BULK_ASKING)
        end_work(app->bulk_work);
    else
        bulk_finish(app);
}

void bulk_close(struct app *app)
{
    struct bulk_work *work = app->bulk_work;
    if (!work)
        return;
    loop_timer_free(work->timer);
    values_clear(&work->order.given);
    free(work->rows);
    free(work->seen);
    free(work);
}
