/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/respond.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/bulk_parts.h"
#include "app/current.h"
#include "base/xalloc.h"
#include "store/store_bulk.h"

struct undo_work {
    struct app *app;
    struct loop_timer *timer;
    struct walk walk;
    size_t undone, missed;
    const char *what; /* it was that is taken back */
    char reason[512]; /* why a bulk change was not finished; "" = a key asked */
};

void undo_put_phase(struct app *app, enum bulk_phase phase, size_t done, size_t total)
{
    struct bulk_shown *shown = &app->session.bulk;
    shown->phase = phase;
    shown->done = done;
    shown->total = total;
    app_changed(app);
}

void undo_took(struct app *app)
{
    unsaved_committed(app, true);
    app->on_pulled(app); /* the queue, and the record on the screen */
}

static void begin(struct undo_work *work, int64_t batch, bool is_redo, const char *reason)
{
    struct bulk_shown *shown = &work->app->session.bulk;
    work->walk = (struct walk){.dataset_row = work->app->session.dataset.row,
                               .is_redo = is_redo,
                               .batch = batch,
                               .most = SLICE_ROWS,
                               .slice_ms = SLICE_MS};
    work->undone = work->missed = 0;
    work->what = "";
    snprintf(work->reason, sizeof work->reason, "%s", reason);
    snprintf(shown->text, sizeof shown->text, "%s",
             is_redo ? "Making again" : "Taking back");
}

/* Only a rating is rated. */
static const char *word_of(const struct app *app, const struct undone *undone)
{
    const struct question *question =
        dataset_question(&app->session.dataset, undone->question);
    bool is_rating = question && question->type == QUESTION_RATING;
    return strcmp(undone->what, "rate") == 0 && !is_rating ? "change" : undone->what;
}

/* Takes in what a part of the walk has done. True when it is the last. */
static bool count_walked(struct undo_work *work, const struct undone *undone)
{
    work->undone += undone->count;
    work->missed += undone->missed;
    if (undone->count)
        work->what = word_of(work->app, undone);
    work->walk.batch = undone->batch;
    return !undone->batch;
}

static void go_on(struct undo_work *work, bool is_last, size_t total)
{
    struct app *app = work->app;
    undo_took(app);
    if (is_last) {
        char missed[160] = "";
        app->has_final = true;
        if (work->missed)
            snprintf(missed, sizeof missed,
                     " %zu %s changed since by others, or deleted for good, and left.",
                     work->missed, work->missed == 1 ? "was" : "were");
        if (work->reason[0] != '\0')
            app_notify(app, NOTICE_WARNING,
                       "A bulk change was not finished, so its %zu %s taken back.%s %s",
                       work->undone, work->undone == 1 ? "record is" : "records are",
                       missed, work->reason);
        else
            app_notify(app, NOTICE_DONE, "%s %s of %zu %s.%s",
                       work->walk.is_redo ? "Redid" : "Undid", work->what, work->undone,
                       work->undone == 1 ? "record" : "records", missed);
        undo_put_phase(app, BULK_NONE, 0, 0);
        app->on_undone(app);
    } else {
        undo_put_phase(app, BULK_WALKING, work->undone + work->missed, total);
        loop_timer_start(work->timer, PAUSE_MS, 0);
    }
}

static void walk_slice(void *ctx)
{
    struct undo_work *work = ctx;
    struct app *app = work->app;
    struct undone undone = {0};
    struct err err = {0};
    if (store_walk(app->store, &work->walk, &undone, &err) != STATUS_OK) {
        if (app->session.notice.text[0] == '\0')
            app_notify(app, NOTICE_ERROR, "Not all is taken back yet: %s", err.text);
        loop_timer_start(work->timer, AGAIN_MS, 0); /* a full disk has room again */
        return;
    }
    response_clear(&undone.response);
    bool is_last = count_walked(work, &undone);
    go_on(work, is_last, app->session.bulk.total);
}

bool undo_may_begin(struct app *app, const char *what)
{
    app->edit = 0;
    unsaved_write(app);
    if (app->session.bulk.phase != BULK_NONE)
        app_notify(app, NOTICE_WARNING,
                   "Wait until the change of many records is done: %zu of %zu are.",
                   app->session.bulk.done, app->session.bulk.total);
    else if (unsaved_has_failed(app)) /* else an older change would be taken back */
        app_notify(app, NOTICE_ERROR, "%s while %s", what, app->session.unsaved);
    else
        return true;
    return false;
}

/* ---- undo ---- */

/* Of choices between answers an earlier one counts again. */
static void say_undone(struct app *app, const struct undone *undone, bool is_redo,
                       const struct record *record)
{
    struct comparison *comparison = &app->session.comparison;
    char label[64], name[60], now[64] = "";
    app_record_label(app, record, label, sizeof label);
    if (strcmp(undone->what, "pick") == 0 && comparison->count) {
        compare_refresh(app);
        if (!comparison->is_decided)
            snprintf(now, sizeof now, "; no choice counts now");
        else if (comparison->chosen < 0)
            snprintf(now, sizeof now, "; they count as alike now");
        else
            snprintf(now, sizeof now, "; %d counts as %s now", comparison->chosen + 1,
                     comparison->count > 2 ? "the best" : "better");
    } else if (strcmp(undone->what, "pick") == 0) {
        snprintf(now, sizeof now, "; %s shows which choice counts now",
                 app_key_name(app, ACTION_COMPARE).text);
    }
    const struct question *question =
        dataset_question(&app->session.dataset, undone->question);
    if (question && !now[0])
        snprintf(now, sizeof now, ": %s", question_label(question, name, sizeof name));
    const char *what = question ? word_of(app, undone) : undone->what;
    app_notify(app, NOTICE_DONE, "%s %s of %s%s.", is_redo ? "Redid" : "Undid", what,
               label, now);
}

static void take_back(struct app *app, bool is_redo)
{
    struct undo_work *work = app->undo_work;
    struct undone undone = {0};
    struct record record = {0};
    struct err err = {0};
    if (again_step(app, !is_redo))
        return;
    if (!undo_may_begin(app, "Nothing is taken back"))
        return;
    /* A choice that was taken back can be made again. */
    if (!(is_redo && !app->session.is_clash_here) && current_has_to_choose(app))
        return;
    begin(work, 0, is_redo, "");
    enum status status = store_walk(app->store, &work->walk, &undone, &err);
    if (status == STATUS_OK && undone.count + undone.missed + undone.left > 1) {
        size_t total = undone.count + undone.missed + undone.left;
        bool is_last = count_walked(work, &undone);
        go_on(work, is_last, total);
        response_clear(&undone.response);
        return;
    }
    if (status == STATUS_OK)
        status = store_get_record(app->store, &undone.record, &record, &err);
    if (status == STATUS_NOT_FOUND || status == STATUS_CONFLICT) {
        app_notify(app, NOTICE_INFO, "%s", err.text);
    } else if (status != STATUS_OK) {
        app_notify_err(app, &err);
    } else {
        const struct record *shown = undone.is_again ? &app->session.current : &record;
        if (undone.is_again)
            again_undone(app, &undone, !is_redo);
        else
            current_show_record(app, &record);
        say_undone(app, &undone, is_redo, shown);
        app->has_final = true;
        unsaved_committed(app, true);
        unsaved_refresh(app);
        app->on_undone(app);
    }
    record_clear(&record);
    response_clear(&undone.response);
    app_changed(app);
}

void app_undo(struct app *app)
{
    take_back(app, false);
}

void app_redo(struct app *app)
{
    take_back(app, true);
}

void undo_take_back(struct app *app, int64_t batch, size_t count, const char *reason)
{
    struct undo_work *work = app->undo_work;
    begin(work, batch, false, reason);
    undo_put_phase(app, BULK_WALKING, 0, count);
    loop_timer_start(work->timer, PAUSE_MS, 0);
}

/* ---- life ---- */

void undo_open(struct app *app)
{
    struct undo_work *work = xcalloc(1, sizeof *work);
    int64_t batch = 0;
    app->undo_work = work;
    work->app = app;
    work->timer = loop_timer_new(app->loop, walk_slice, work);
    if (app->loads_queue && !app->session.is_read_only)
        store_find_cut_bulk(app->store, app->session.dataset.row, &batch, NULL);
    if (batch)
        undo_take_back(app, batch, 0, "The sherd that was at it has ended.");
}

void undo_finish(struct app *app)
{
    struct undo_work *work = app->undo_work;
    size_t before = SIZE_MAX;
    while (work && app->session.bulk.phase == BULK_WALKING &&
           work->undone + work->missed != before) {
        before = work->undone + work->missed;
        walk_slice(work);
    }
}

void undo_close(struct app *app)
{
    if (app->undo_work)
        loop_timer_free(app->undo_work->timer);
    free(app->undo_work);
}

/* ---- steps that are no answer: a flag, a note ---- */

void app_toggle_flag(struct app *app)
{
    const struct session *session = &app->session;
    struct id id = session->current.id;
    bool is_flagged = session->has_current && !(session->current.flags & QUEUE_FLAGGED);
    struct err err = {0};
    char label[64];
    if (!session->has_current) {
        current_say_empty(app);
        return;
    }
    app_end_text(app);
    if (store_put_flag(app->store, &id, is_flagged, &err) != STATUS_OK) {
        app_notify_err(app, &err);
        return;
    }
    unsaved_committed(app, true);
    current_update(app, &id);
    app_notify(app, NOTICE_DONE, "%s %s; %s takes that back.",
               app_record_label(app, &session->current, label, sizeof label),
               is_flagged ? "is flagged" : "is not flagged any more",
               app_key_name(app, ACTION_UNDO).text);
}

void app_set_note(struct app *app, const struct id *id, const char *text,
                  const char *seen)
{
    struct record *current = &app->session.current, other = {0};
    struct err err = {0};
    if (!app->edit)
        app->edit = ++app->last_edit;
    if (app->session.has_current && id_equal(id, &current->id)) {
        unsaved_type_note(app, current, text, seen, app->edit);
        current_put_row(app, current);
    } else if (store_get_record(app->store, id, &other, &err) == STATUS_OK) {
        unsaved_type_note(app, &other, text, seen, app->edit);
    } else {
        app_notify_err(app, &err);
    }
    record_clear(&other);
    app_changed(app);
}

/* ---- a clash ---- */

bool app_choose_response(struct app *app, bool keeps_ours)
{
    struct session *session = &app->session;
    struct id id = session->current.id;
    struct err err = {0};
    if (!session->has_current || !session->current.has_clash)
        return false;
    app->edit = 0;
    unsaved_write(app);
    if (!unsaved_choose(app, &id, keeps_ours)) {
        if (store_choose_response(app->store, &id, keeps_ours, &err) != STATUS_OK)
            app_notify_err(app, &err);
        app->has_final = true;
        unsaved_committed(app, true);
        current_read(app);
    }
    if (!err.code && !session->current.has_clash)
        app_notify(app, NOTICE_DONE, "%s; %s opens the choice again.",
                   keeps_ours ? "Yours stays" : "Theirs stays",
                   app_key_name(app, ACTION_UNDO).text);
    return true;
}
