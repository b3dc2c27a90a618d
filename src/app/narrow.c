/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/narrow.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "store/store_search.h"

enum { NAME_MAX_LEN = 40 };

struct narrowing {
    struct selection selection;  /* what is shown; empty = all */
    struct selecting *selecting; /* it is being looked for; NULL */
    struct selection wanted;     /* instead, unless its names are refused: */
    bool is_wanted, had_begun;   /* the first was not over by then */
    bool keeps_shown;            /* until that is over; so long it is kept here: */
    struct selected *selected;
    size_t selected_count, selected_capacity;
    bool takes_done;
    bool is_due;       /* the first that is found becomes the current one, */
    bool is_new_order; /* then the first of all, whatever was answered to it */
    bool has_no_order; /* no record has what it asks for */
    int64_t left;      /* unless one has gone elsewhere since */
    int64_t revision;  /* of the dataset, when it was looked at */
    int64_t words_revision;
};

/* ---- what is found ---- */

/* The first record that waits; when all have been looked at, any; of a new order the
 * first. */
static void arrive(struct app *app, bool is_over)
{
    const struct queue *queue = &app->session.queue;
    struct narrowing *now = app->narrowing;
    size_t index = now->is_new_order ? SIZE_MAX : queue_next_open(queue, SIZE_MAX);
    if (index == SIZE_MAX && (is_over || now->is_new_order) && queue->shown_count)
        index = queue->shown[0];
    if (index == SIZE_MAX && is_over) {
        char *doubt = selection_doubt(&now->selection);
        app_notify(app, NOTICE_INFO, "No record meets the filter%s; %s shows all.", doubt,
                   app_key_name(app, ACTION_SHOW_ALL).text);
        free(doubt);
    }
    if (index == SIZE_MAX)
        return;
    now->is_due = false;
    current_show(app, index);
    const char *order = app->session.order_text, *rest = order + strcspn(order, ",");
    bool is_of_people = now->selection.orders[0].kind == ORDER_DISAGREEMENT;
    if (now->is_new_order && !now->has_no_order)
        app_notify(app, NOTICE_INFO, "Ordered by %s: this is the first record.", order);
    else if (now->is_new_order && *rest)
        app_notify(app, NOTICE_INFO, "No record has what %.*s asks for: only by %s.",
                   (int)(rest - order), order, rest + 1);
    else if (now->is_new_order)
        app_notify(app, NOTICE_INFO, "Not ordered by %s: %s.", order,
                   is_of_people ? "you see one answer a record at most"
                                : "no record has what it asks for");
}

/* Mostly it stands where it stood in the store when it was found. */
static void show_one(struct queue *queue, const struct selected *selected)
{
    size_t index = selected->index;
    bool is_there = index < queue->count && queue->rows[index].row == selected->row;
    queue_show(queue, is_there ? index : queue_find(queue, selected->row));
}

static void drop_found(struct narrowing *now)
{
    free(now->selected);
    now->selected = NULL;
    now->selected_count = now->selected_capacity = 0;
}

static void show_found(struct app *app)
{
    struct narrowing *now = app->narrowing;
    struct queue *queue = &app->session.queue;
    size_t place = queue->place;
    queue_narrow(queue, now->takes_done);
    for (size_t i = 0; i < now->selected_count; i++)
        show_one(queue, &now->selected[i]);
    drop_found(now);
    queue_place_guest(queue, place, !now->selection.order_count);
}

static void begin(struct app *app, bool keeps_shown);
static void prepare(struct app *app, bool keeps_shown);
static void leave_others(struct app *app, bool is_new);
static void take_wanted(struct app *app);

static void on_selected(void *ctx, const struct selected *rows, size_t count,
                        bool is_over, const struct err *err)
{
    struct app *app = ctx;
    struct narrowing *now = app->narrowing;
    struct session *session = &app->session;
    struct queue *queue = &session->queue;
    if (is_over)
        now->selecting = NULL;
    if (app->is_closing)
        return;
    if (err->code != STATUS_OK)
        app_notify_err(app, err);
    if (now->is_wanted && err->code == STATUS_USAGE) {
        now->is_wanted = session->is_selecting = false;
        if (now->had_begun)
            begin(app, true);
        app_changed(app);
        return;
    }
    if (now->is_wanted && (count || is_over)) {
        char *before = selection_print_order(&now->selection);
        take_wanted(app);
        prepare(app, false);
        leave_others(app, strcmp(before, session->order_text) != 0);
        free(before);
    }
    if (count && !queue->shown_count)
        now->has_no_order = rows[0].is_last;
    for (size_t i = 0; i < count && now->keeps_shown; i++) {
        now->selected = xgrow(now->selected, now->selected_count, &now->selected_capacity,
                              sizeof *now->selected);
        now->selected[now->selected_count++] = rows[i];
    }
    for (size_t i = 0; i < count && !now->keeps_shown; i++)
        show_one(queue, &rows[i]);
    if (is_over && now->keeps_shown && err->code == STATUS_OK)
        show_found(app);
    session->is_selecting = !is_over;
    /* Nobody is torn out of a text, or from where he went. */
    now->is_due = now->is_due && !app->edit &&
                  (!session->has_current || session->current.row == now->left);
    if (now->is_due)
        arrive(app, is_over);
    now->is_due = now->is_due && !is_over;
    app_changed(app);
}

static void stop(struct app *app)
{
    struct narrowing *now = app->narrowing;
    store_select_cancel(now->selecting);
    now->selecting = NULL;
    now->is_wanted = app->session.is_selecting = false;
    drop_found(now);
}

static void prepare(struct app *app, bool keeps_shown)
{
    struct narrowing *now = app->narrowing;
    struct queue *queue = &app->session.queue;
    now->takes_done = selection_takes_done(&now->selection);
    now->keeps_shown = keeps_shown && queue->is_narrowed;
    if (!now->keeps_shown)
        queue_narrow(queue, now->takes_done);
    now->revision = store_revision(app->store, app->session.dataset.row);
    app->session.is_selecting = true;
}

/* keeps_shown: what is shown stays until all is looked at. */
static void begin(struct app *app, bool keeps_shown)
{
    struct narrowing *now = app->narrowing;
    struct session *session = &app->session;
    stop(app);
    if (selection_is_empty(&now->selection)) {
        queue_widen(&session->queue);
        return;
    }
    prepare(app, keeps_shown);
    now->selecting = store_select(app->store, &session->dataset, &now->selection, false,
                                  on_selected, app);
}

/* The record that was current when it began is to be one of those, of a new order its
 * first. */
static void leave_others(struct app *app, bool is_new)
{
    struct narrowing *now = app->narrowing;
    now->is_new_order = is_new && now->selection.order_count;
    now->is_due = now->is_new_order ||
                  (app->session.is_selecting && !app->wanted_record &&
                   !(now->left && store_is_selected(app->store, &app->session.dataset,
                                                    &now->selection, now->left)));
}

void narrow_start(struct app *app)
{
    struct narrowing *now = app->narrowing;
    now->had_begun = true;
    if (now->is_wanted)
        return; /* it takes the place of what was shown anyway */
    begin(app, true);
    now->left = app->session.has_current ? app->session.current.row : 0;
    leave_others(app, false);
}

void app_narrow_again(struct app *app)
{
    struct narrowing *now = app->narrowing;
    struct session *session = &app->session;
    if (session->is_queue_loaded && !now->selecting &&
        !selection_is_empty(&now->selection) &&
        now->revision != store_revision(app->store, session->dataset.row))
        begin(app, true);
}

void narrow_close(struct app *app)
{
    struct narrowing *now = app->narrowing;
    if (!now)
        return;
    store_select_cancel(now->selecting);
    selection_clear(&now->selection);
    selection_clear(&now->wanted);
    free(now->selected);
    free(now);
    app->narrowing = NULL;
}

/* ---- what is asked for ---- */

/* Notes are the dataset's; a name begins with a colon. */
static char *note_key(const struct app *app, const char *name)
{
    return xasprintf("filter:%lld%s", (long long)app->session.dataset.row, name);
}

static void put_note(struct app *app, const char *name, const char *line)
{
    char *key = note_key(app, name);
    struct err err = {0};
    if (!app->session.is_read_only && /* that was said at the start */
        store_put_note(app->store, key, *line ? line : NULL, &err) == STATUS_OK)
        unsaved_committed(app, false);
    else if (err.code)
        app_notify_err(app, &err);
    free(key);
}

/* The session's words of it. */
static void tell(struct app *app)
{
    struct session *session = &app->session;
    free(session->filter_text);
    free(session->order_text);
    session->filter_text = selection_print_terms(&app->narrowing->selection);
    session->order_text = selection_print_order(&app->narrowing->selection);
}

bool app_saved_filter(const struct app *app, size_t index, char **name, char **line)
{
    char *prefix = note_key(app, ":"), *key = store_find_note(app->store, prefix, index);
    bool is_there = key != NULL;
    *name = is_there ? xstrdup(key + strlen(prefix)) : NULL;
    if (line)
        *line = is_there ? store_get_note(app->store, key) : NULL;
    free(prefix);
    free(key);
    return is_there;
}

/* The names that were saved are known for completing. */
static void list_saved(struct app *app)
{
    char *name;
    selection_words_drop(&app->session.words, WORD_SAVED);
    for (size_t i = 0; app_saved_filter(app, i, &name, NULL); i++, free(name))
        selection_words_add(&app->session.words, WORD_SAVED, name);
}

static void on_words(void *ctx, const struct selection_words *words)
{
    struct app *app = ctx;
    selection_words_drop(&app->session.words, WORD_VALUE); /* a range may have grown */
    for (size_t i = 0; i < words->count && !app->is_closing; i++)
        selection_words_add(&app->session.words, words->items[i].kind,
                            words->items[i].text);
    app_changed(app);
}

void app_learn_words(struct app *app)
{
    int64_t now = store_revision(app->store, app->session.dataset.row);
    if (app->narrowing->words_revision != now)
        store_list_words(app->store, &app->session.dataset, on_words, app);
    app->narrowing->words_revision = now;
}

/* A filter that is one status follows every change, and needs no look at the store. */
static bool is_one_status(const struct selection *selection, enum response_status *status)
{
    unsigned statuses = selection_statuses(selection);
    const struct selection_term *term = selection->terms;
    for (int i = 0; i < RESPONSE_STATUS_COUNT; i++)
        if (statuses == 1u << i)
            *status = (enum response_status)i;
    return selection->count == 1 && term->kind == SELECT_STATUS &&
           !selection->order_count && statuses && !(statuses & (statuses - 1));
}

static char *saved_line(struct app *app, const char *name)
{
    char *key = note_key(app, name);
    char *line = store_get_note(app->store, key);
    free(key);
    if (!line)
        app_notify(app, NOTICE_ERROR,
                   "No filter was saved as %.40s; :filters lists them.", name + 1);
    return line;
}

static void keep(struct app *app)
{
    char *line = app_narrowed(app);
    tell(app);
    put_note(app, "", line);
    free(line);
    app_changed(app);
}

void app_filter(struct app *app, bool has_filter, enum response_status status)
{
    struct queue *queue = &app->session.queue;
    if (has_filter && !queue_counts(queue)[status] && !app->session.is_selecting) {
        app_notify(app, NOTICE_INFO, "There is no %s record%s.",
                   response_status_name(status),
                   queue->is_narrowed ? " in the filter" : "");
        return;
    }
    queue_set_filter(queue, has_filter, status);
    keep(app);
    if (!has_filter || queue_has_status(&queue->rows[queue->position], status))
        return;
    size_t index = queue_next(queue, queue->position);
    if (index == SIZE_MAX)
        index = queue_previous(queue, queue->position);
    if (index != SIZE_MAX)
        current_show(app, index);
}

static void take_wanted(struct app *app)
{
    struct narrowing *now = app->narrowing;
    now->is_wanted = now->is_due = false;
    selection_copy(&now->selection, &now->wanted);
    queue_set_filter(&app->session.queue, false, RESPONSE_PENDING);
    keep(app);
}

static void narrow_to(struct app *app, const struct selection *selection,
                      bool refuses_unknown)
{
    struct narrowing *now = app->narrowing;
    struct session *session = &app->session;
    enum response_status status = RESPONSE_PENDING;
    bool is_status = is_one_status(selection, &status);
    bool had_begun = now->selecting && (!now->is_wanted || now->had_begun);
    selection_copy(&now->wanted, is_status ? &(struct selection){0} : selection);
    struct id drawn;
    id_random(&drawn);
    selection_draw(&now->wanted, 1 + drawn.bytes[0] + 256u * drawn.bytes[1]);
    stop(app);
    now->left = session->has_current ? session->current.row : 0;
    if (!session->is_queue_loaded || selection_is_empty(&now->wanted)) {
        take_wanted(app);
        if (session->is_queue_loaded)
            begin(app, false);
    } else {
        now->is_wanted = session->is_selecting = true;
        now->had_begun = had_begun;
        now->selecting = store_select(app->store, &session->dataset, &now->wanted,
                                      refuses_unknown, on_selected, app);
    }
    if (is_status)
        app_filter(app, true, status);
    app_changed(app);
}

bool app_narrow(struct app *app, const char *line)
{
    struct selection selection = {0};
    struct err err = {0};
    char *name = *line == '@' ? xasprintf(":%s", line + 1) : NULL;
    char *saved = name ? saved_line(app, name) : NULL;
    free(name);
    if (*line == '@' && !saved)
        return false;
    const char *text = saved ? saved : strcmp(line, "all") ? line : "";
    enum status status =
        selection_parse(&selection, text, &app->session.dataset, NULL, &err);
    /* what a server is still telling may have any metadata */
    if (status == STATUS_OK)
        narrow_to(app, &selection, !saved && !app->session.sync.is_pulling);
    else
        app_notify_err(app, &err);
    free(saved);
    selection_clear(&selection);
    return status == STATUS_OK;
}

bool app_order(struct app *app, const char *order)
{
    struct narrowing *now = app->narrowing;
    struct selection selection = {0};
    struct err err = {0};
    selection_copy(&selection, now->is_wanted ? &now->wanted : &now->selection);
    bool is_read = !selection_parse_order(&selection, order, &app->session.dataset, &err);
    if (is_read)
        narrow_to(app, &selection, !app->session.sync.is_pulling);
    else
        app_notify_err(app, &err);
    selection_clear(&selection);
    return is_read;
}

char *app_narrowed(const struct app *app)
{
    const struct queue *queue = &app->session.queue;
    char *line = selection_print(&app->narrowing->selection);
    if (!queue->has_filter)
        return line;
    char *whole = xasprintf("status:%s%s%s", response_status_name(queue->filter),
                            *line ? " " : "", line);
    free(line);
    return whole;
}

void narrow_open(struct app *app)
{
    struct session *session = &app->session;
    struct selection selection = {0};
    struct err err = {0};
    char *key = note_key(app, "");
    char *line = store_get_note(app->store, key);
    free(key);
    if (!app->narrowing)
        app->narrowing = xcalloc(1, sizeof *app->narrowing);
    stop(app); /* of another dataset */
    list_saved(app);
    if (!line || !session->dataset.row || !app->loads_queue)
        ; /* nothing is narrowed */
    else if (selection_parse(&selection, line, &session->dataset, NULL, &err)) {
        selection_clear(
            &app->narrowing->selection); /* that before other questions came */
        tell(app);
        app_notify(app, NOTICE_WARNING, "The filter of last time is off: %.300s",
                   err.text);
    } else {
        enum response_status status = RESPONSE_PENDING;
        if (is_one_status(&selection, &status))
            queue_set_filter(&session->queue, true, status);
        else
            selection_copy(&app->narrowing->selection, &selection);
        tell(app);
    }
    free(line);
    selection_clear(&selection);
}

/* ---- by name ---- */

static void put_saved(struct app *app, const char *name, const char *line)
{
    char *place = xasprintf(":%s", name);
    put_note(app, place, line);
    list_saved(app);
    free(place);
}

void app_save_narrowed(struct app *app, const char *name)
{
    if (!*name || strlen(name) > NAME_MAX_LEN || strpbrk(name, " @:")) {
        app_notify(app, NOTICE_ERROR,
                   ":save needs a name of one word, such as :save hard; then "
                   ":filter @hard shows it again.");
        return;
    }
    char *line = app_narrowed(app);
    put_saved(app, name, line);
    if (*line)
        app_notify(app, NOTICE_DONE, "Saved: :filter @%s is \"%.300s\".", name, line);
    else
        app_notify(app, NOTICE_DONE, "Everything is shown: nothing is saved as %s.",
                   name);
    free(line);
}

void app_forget_filter(struct app *app, const char *name)
{
    put_saved(app, name, "");
    app_notify(app, NOTICE_DONE, "The filter %.40s is forgotten.", name);
}
