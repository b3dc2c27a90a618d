/* SPDX-License-Identifier: MIT
 *
 * What is written: every change goes through here to the store. One that fails stays in
 * memory, in order, is said, and is tried again each second and before the next. "Saved"
 * is said only once the disk has the commit.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/xalloc.h"

enum { TYPED_MS = 250, AGAIN_MS = 1000 };

static void on_flushed(void *ctx, const struct err *err);

/* ---- what waits ---- */

static void remove_at(struct app *app, size_t index)
{
    struct unsaved *item = app->unsaved[index];
    response_clear(&item->response);
    response_clear(&item->seen);
    completion_clear(&item->completion);
    free(item->text);
    free(item->seen_note);
    free(item);
    app->unsaved_count--;
    memmove(&app->unsaved[index], &app->unsaved[index + 1],
            (app->unsaved_count - index) * sizeof *app->unsaved);
}

void unsaved_clear(struct app *app)
{
    while (app->unsaved_count)
        remove_at(app, app->unsaved_count - 1);
    free(app->unsaved);
    app->unsaved = NULL;
}

static struct unsaved *add(struct app *app, enum unsaved_kind kind,
                           const struct record *record)
{
    struct unsaved *item = xcalloc(1, sizeof *item);
    app->unsaved =
        xreallocarray(app->unsaved, app->unsaved_count + 1, sizeof(struct unsaved *));
    app->unsaved[app->unsaved_count++] = item;
    item->kind = kind;
    if (record) {
        item->record = record->id;
        app_record_label(app, record, item->label, sizeof item->label);
    } else {
        snprintf(item->label, sizeof item->label, "The prompt");
    }
    return item;
}

/* The last of its kind: what is asked for next goes on from it. */
struct unsaved *unsaved_find(const struct app *app, const struct id *record,
                             enum unsaved_kind kind)
{
    for (size_t i = app->unsaved_count; i-- > 0;) {
        struct unsaved *item = app->unsaved[i];
        if (item->kind == kind && id_equal(&item->record, record))
            return item;
    }
    return NULL;
}

bool unsaved_has_failed(const struct app *app)
{
    return app->fault.code != STATUS_OK;
}

static void lay_note(struct record *record, const char *text)
{
    free(record->note);
    record->note = utf8_is_blank(text, strlen(text)) ? NULL : xstrdup(text);
}

void unsaved_lay_over(struct app *app, struct record *record)
{
    const struct field *field = dataset_response_field(&app->session.dataset);
    const struct unsaved *item = unsaved_find(app, &record->id, UNSAVED_RESPONSE);
    if (item && item->is_clash) {
        record->has_clash = true;
        response_copy(&record->theirs, &record->response);
    }
    if (item)
        response_copy(&record->response, &item->response);
    item = unsaved_find(app, &record->id, UNSAVED_NOTE);
    if (item)
        lay_note(record, item->text);
    item = unsaved_find(app, &record->id, UNSAVED_COMPLETION);
    if (!item)
        return;
    record->has_completion = true;
    completion_copy(&record->completion, &item->completion);
    if (item->len)
        record_set_field(record, field ? field->name : "response", item->text, item->len);
}

/* ---- what the session says of it ---- */

static enum save_state save_state(const struct app *app)
{
    const struct session *session = &app->session;
    const struct id *id = &session->current.id;
    const struct unsaved *item = unsaved_find(app, id, UNSAVED_RESPONSE);
    if (!item)
        item = unsaved_find(app, id, UNSAVED_COMPLETION);
    if (!item)
        item = unsaved_find(app, id, UNSAVED_NOTE);
    if (item)
        return item->is_typed && !app->fault.code ? SAVE_RUNNING : SAVE_FAILED;
    if (app->shown_commit > store_flushed(app->store))
        return store_flush_fault(app->store)->code ? SAVE_FAILED : SAVE_RUNNING;
    return session->save == SAVE_NONE ? SAVE_NONE : SAVE_DONE;
}

/* The first cause stays on the screen until all that had failed is on disk. */
static void say_unsaved(struct app *app, const char *label, const char *is,
                        const char *why)
{
    struct session *session = &app->session;
    bool is_news = session->unsaved[0] == '\0';
    if (!is_news && !app->fault.code)
        return;
    snprintf(session->unsaved, sizeof session->unsaved, "%s: %s", label, why);
    if (is_news && !app->is_closing)
        app_notify(app, NOTICE_ERROR,
                   "%s %s not saved: %s All is kept here and written again by itself.",
                   label, is, why);
}

void unsaved_refresh(struct app *app)
{
    struct session *session = &app->session;
    const struct err *flush = store_flush_fault(app->store);
    const struct unsaved *clash = NULL;
    for (size_t i = 0; i < app->unsaved_count && !clash; i++)
        if (app->unsaved[i]->is_clash)
            clash = app->unsaved[i];
    if (app->fault.code && app->unsaved_count) {
        char names[100] = "";
        size_t count = app_name_unsaved(app, 1, names, sizeof names);
        say_unsaved(app, names, count == 1 ? "is" : "are", app->fault.text);
    } else if (flush->code) {
        say_unsaved(app, "The last changes", "are", flush->text);
    } else if (clash) {
        snprintf(session->unsaved, sizeof session->unsaved,
                 "%s: another sherd has changed it; choose which one stays.",
                 clash->label);
    } else {
        session->unsaved[0] = '\0';
    }
    if (!session->has_current)
        return;
    session->save = save_state(app);
}

void unsaved_committed(struct app *app, bool is_current)
{
    if (is_current) {
        app->shown_commit = store_committed(app->store);
        if (app->session.save == SAVE_NONE)
            app->session.save = SAVE_RUNNING;
    }
    if (app->waits_for_flush)
        return;
    app->waits_for_flush = true;
    store_on_flushed(app->store, on_flushed, app);
}

static void on_flushed(void *ctx, const struct err *err)
{
    struct app *app = ctx;
    app->waits_for_flush = false;
    if (app->is_closing)
        return;
    if (err->code) {
        if (!loop_timer_is_running(app->unsaved_timer))
            loop_timer_start(app->unsaved_timer, AGAIN_MS, 0);
    } else {
        if (app->said[0] && store_flushed(app->store) >= app->said_commit) {
            /* what came since is news, and not yet read */
            if (app->session.notice.until_ms <= app->said_over_ms)
                app_notify(app, NOTICE_DONE, "%s", app->said);
            app->said[0] = '\0';
        }
        if (store_flushed(app->store) < store_committed(app->store))
            unsaved_committed(app, false);
        app->on_flushed(app);
    }
    unsaved_refresh(app);
    app_changed(app);
}

void unsaved_say_saved(struct app *app, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(app->said, sizeof app->said, fmt, args);
    va_end(args);
    app->said_commit = store_committed(app->store);
    app->said_over_ms = app->session.notice.until_ms;
    unsaved_committed(app, false);
}

/* ---- writing ---- */

/* The store has another response than the one that was seen. True when the item is to
 * wait for a choice; what was asked for since is part of it. */
static bool meet(struct app *app, size_t index)
{
    struct unsaved *item = app->unsaved[index];
    const struct unsaved *last = unsaved_find(app, &item->record, UNSAVED_RESPONSE);
    struct record stored = {0};
    if (last != item) {
        response_copy(&item->response, &last->response);
        item->change = last->change;
    }
    for (size_t i = app->unsaved_count - 1; i > index; i--) {
        const struct unsaved *later = app->unsaved[i];
        if (later->kind == UNSAVED_RESPONSE && id_equal(&later->record, &item->record))
            remove_at(app, i);
    }
    bool is_clash =
        store_get_record(app->store, &item->record, &stored, NULL) == STATUS_OK &&
        (stored.response.status != item->response.status ||
         !values_equal(&stored.response.values, &item->response.values));
    record_clear(&stored);
    item->is_clash = is_clash;
    if (is_clash)
        app_notify(app, NOTICE_WARNING,
                   "Another sherd has changed %s meanwhile. Yours is kept beside it: "
                   "choose which one stays.",
                   item->label);
    return is_clash;
}

static enum status put(struct app *app, const struct unsaved *item, struct err *err)
{
    enum status status = STATUS_OK;
    bool is_over = false;
    switch (item->kind) {
    case UNSAVED_RESPONSE:
        return store_put_response(app->store, &item->record, &item->response, &item->seen,
                                  item->change, item->edit, err);
    case UNSAVED_COMPLETION:
        return store_put_completion(app->store, &item->record, item->text, item->len,
                                    &item->completion, err);
    case UNSAVED_PROMPT:
        return store_put_own_note(app->store, "prompt", item->text, err);
    case UNSAVED_NOTE:
        status = store_note_record(app->store, &item->record, item->text, item->seen_note,
                                   item->edit, &is_over, err);
    }
    if (is_over)
        app_notify(app, NOTICE_WARNING,
                   "Another sherd had changed the note of %s: yours took its place; %s "
                   "brings back the other.",
                   item->label, app_key_name(app, ACTION_UNDO).text);
    return status;
}

/* False when it failed and stays first. A refusal ends it: it would come again. */
static bool write_at(struct app *app, size_t *index)
{
    struct unsaved *item = app->unsaved[*index];
    struct id id = item->record;
    struct err err = {0};
    item->is_typed = false;
    enum status status = put(app, item, &err);
    bool is_settled = status == STATUS_OK || status == STATUS_CONFLICT ||
                      status == STATUS_REFUSED || status == STATUS_NOT_FOUND;
    if (!is_settled) {
        for (size_t i = *index; i < app->unsaved_count; i++)
            app->unsaved[i]->is_late = true; /* these wait behind it */
        app->fault = err;
        return false;
    }
    if (status == STATUS_OK) {
        bool is_end = item->kind != UNSAVED_COMPLETION ||
                      item->completion.state != COMPLETION_RUNNING;
        unsaved_committed(app, is_end && app->session.has_current &&
                                   id_equal(&app->session.current.id, &id));
        bool is_draft =
            item->kind == UNSAVED_RESPONSE && item->response.status == RESPONSE_DRAFT;
        app->has_draft |= is_draft;
        app->has_final |= is_end && !is_draft && item->kind < UNSAVED_PROMPT;
    } else if (status == STATUS_CONFLICT && item->kind == UNSAVED_RESPONSE) {
        if (meet(app, *index)) {
            app->on_put(app, &id);
            return true;
        }
    } else if (item->kind == UNSAVED_RESPONSE || item->kind == UNSAVED_NOTE) {
        app_notify_err(app, &err);
    } else {
        log_line("%s: %s", item->label, err.text);
    }
    bool is_late = item->is_late;
    remove_at(app, *index);
    if (status != STATUS_OK || is_late)
        app->on_put(app, &id);
    return true;
}

/* No choice yet: should we be killed, undo brings it. False when it failed. */
static bool set_aside(struct app *app, size_t *index)
{
    struct unsaved *item = app->unsaved[(*index)++];
    struct err err = {0};
    item->is_typed = false;
    if (item->is_aside)
        return true;
    if (store_set_aside(app->store, &item->record, &item->response, &item->step, &err) !=
        STATUS_OK) {
        app->fault = err;
        return false;
    }
    item->is_aside = true;
    unsaved_committed(app, false);
    return true;
}

bool unsaved_write(struct app *app)
{
    size_t index = 0;
    app->fault = (struct err){0};
    while (index < app->unsaved_count) {
        bool is_clash = app->unsaved[index]->is_clash;
        if (!(is_clash ? set_aside(app, &index) : write_at(app, &index)))
            break;
    }
    if (app->fault.code && !app->is_closing)
        loop_timer_start(app->unsaved_timer, AGAIN_MS, 0);
    else if (!app->fault.code)
        loop_timer_stop(app->unsaved_timer);
    if (!app->fault.code && store_flush_fault(app->store)->code)
        unsaved_committed(app, false); /* to hear when it is mended */
    unsaved_refresh(app);
    app_changed(app);
    return !app->unsaved_count;
}

static void put_response(struct app *app, const struct record *record,
                         const struct response *response, enum change_kind kind,
                         int64_t edit, bool is_typed)
{
    struct unsaved *item = unsaved_find(app, &record->id, UNSAVED_RESPONSE);
    bool is_joined = item && (item->is_clash || (edit && item->edit == edit));
    if (!is_joined) {
        item = add(app, UNSAVED_RESPONSE, record);
        response_copy(&item->seen, &record->response);
        item->is_typed = is_typed;
    }
    response_copy(&item->response, response);
    item->change = kind;
    item->edit = edit;
    item->is_aside = false;
}

bool unsaved_put_response(struct app *app, const struct record *record,
                          const struct response *response, enum change_kind kind,
                          int64_t edit)
{
    put_response(app, record, response, kind, edit, false);
    unsaved_write(app);
    return !unsaved_find(app, &record->id, UNSAVED_RESPONSE);
}

/* Not anew with each key, so that a steady typist is saved as well. */
static void wait_for_pause(struct app *app)
{
    if (!loop_timer_is_running(app->unsaved_timer))
        loop_timer_start(app->unsaved_timer, TYPED_MS, 0);
    unsaved_refresh(app);
}

void unsaved_type_response(struct app *app, const struct record *record,
                           const struct response *response, int64_t edit)
{
    put_response(app, record, response, CHANGE_FEEDBACK, edit, true);
    wait_for_pause(app);
}

bool unsaved_put_completion(struct app *app, const struct record *record,
                            const char *text, size_t len,
                            const struct completion *completion)
{
    struct unsaved *item = unsaved_find(app, &record->id, UNSAVED_COMPLETION);
    if (!item) {
        item = add(app, UNSAVED_COMPLETION, record);
        snprintf(item->label, sizeof item->label, "The answer");
    }
    free(item->text);
    item->text = xmemdup0(text, len);
    item->len = len;
    completion_copy(&item->completion, completion);
    unsaved_write(app);
    return !unsaved_find(app, &record->id, UNSAVED_COMPLETION);
}

/* In the place of the one that waits. */
static struct unsaved *put_text(struct app *app, enum unsaved_kind kind,
                                const struct record *record, const char *text)
{
    static const struct id none = {{0}};
    char *copy = xstrdup(text); /* text may be the one that is kept */
    struct unsaved *item = unsaved_find(app, record ? &record->id : &none, kind);
    if (!item)
        item = add(app, kind, record);
    free(item->text);
    item->text = copy;
    return item;
}

bool app_keep_prompt(struct app *app, const char *text)
{
    struct id none = put_text(app, UNSAVED_PROMPT, NULL, text)->record;
    unsaved_write(app);
    return !unsaved_find(app, &none, UNSAVED_PROMPT);
}

void unsaved_type_note(struct app *app, struct record *record, const char *text,
                       const char *seen, int64_t edit)
{
    struct unsaved *item = put_text(app, UNSAVED_NOTE, record, text);
    if (!item->seen_note) {
        item->seen_note = xstrdup(utf8_is_blank(seen, strlen(seen)) ? "" : seen);
        item->is_typed = true;
    }
    item->edit = edit;
    lay_note(record, text);
    wait_for_pause(app);
}

/* ---- a clash within the store ---- */

bool unsaved_choose(struct app *app, const struct id *record, bool keeps_ours)
{
    struct unsaved *item = unsaved_find(app, record, UNSAVED_RESPONSE);
    struct record stored = {0};
    struct err err = {0};
    if (!item || !item->is_clash)
        return false;
    int64_t step = item->step;
    enum status status = store_get_record(app->store, record, &stored, &err);
    if (status == STATUS_OK && keeps_ours) {
        response_copy(&item->seen, &stored.response);
        item->is_clash = false;
        item->edit = 0;
    } else if (status == STATUS_OK) {
        /* ours first, so that undo brings it back */
        status = store_put_response(app->store, record, &item->response, &stored.response,
                                    item->change, 0, &err);
        if (status == STATUS_OK)
            status =
                store_put_response(app->store, record, &stored.response, &item->response,
                                   change_kind_to(stored.response.status), 0, &err);
        for (size_t i = app->unsaved_count; status == STATUS_OK && i-- > 0;)
            if (app->unsaved[i] == item)
                remove_at(app, i);
        app->has_final = true;
        unsaved_committed(app, true);
    }
    record_clear(&stored);
    if (status != STATUS_OK)
        app_notify_err(app, &err);
    unsaved_write(app);
    if (step && status == STATUS_OK && !unsaved_find(app, record, UNSAVED_RESPONSE) &&
        store_set_aside(app->store, record, NULL, &step, &err) != STATUS_OK)
        log_line("%s", err.text); /* one undo more than needed */
    app->on_put(app, record);
    return true;
}

enum status app_make_dataset(struct app *app, struct err *err)
{
    struct dataset *dataset = &app->session.dataset;
    if (dataset->row || dataset_expect_name(dataset->name, err))
        return err->code;
    return store_put_dataset(app->store, dataset, &dataset->row, NULL, err);
}
