/* SPDX-License-Identifier: MIT
 *
 * The dispatcher: an event to the room whose mode it is, an action to the room whose it
 * is.
 */
#include "config.h"

#include <ctype.h>

#include "app/current.h"
#include "app/respond.h"
#include "app/search.h"
#include "ui/bulk.h"
#include "ui/parts.h"
#include "ui/screen.h"

#define WHEEL_LINES 3
#define DEAF_MS 1000

/* ---- actions ---- */

/* What is not saved would be gone, and a run would stop: that is asked once. */
static void ask_quit(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    char key[32];
    app_end_text(screen->app);
    bool has_run = screen->batch && !batch_is_over(screen->batch);
    if ((session->unsaved[0] == '\0' && !has_run) || screen->has_asked_quit) {
        screen_quit(screen);
        return;
    }
    keymap_first_key(&screen->keymap, ACTION_QUIT, key, sizeof key);
    screen->has_asked_quit = true;
    const char *again = key[0] != '\0' ? key : ":quit";
    if (session->unsaved[0] != '\0')
        app_notify(screen->app, NOTICE_WARNING,
                   "Not saved: %s %s once more quits without saving.", session->unsaved,
                   again);
    else
        app_notify(screen->app, NOTICE_WARNING,
                   "A run is under way: %s once more quits, and the same :run goes on "
                   "where it was.",
                   again);
}

/* What no room does: things of the whole program. */
static void run_own(struct screen *screen, enum action action)
{
    switch (action) {
    case ACTION_UNDO:
        app_undo(screen->app);
        break;
    case ACTION_REDO:
        app_redo(screen->app);
        break;
    case ACTION_FLAG:
        app_toggle_flag(screen->app);
        break;
    case ACTION_FAST:
        app_set_fast(screen->app, !screen_session(screen)->is_fast);
        break;
    case ACTION_SYNC:
        app_sync(screen->app);
        break;
    case ACTION_PICK:
        if (screen_question(screen) && screen_question(screen)->type == QUESTION_SPAN)
            span_enter(screen);
        else
            options_enter(screen);
        break;
    case ACTION_SETTINGS:
        settings_enter(screen);
        break;
    case ACTION_COMMAND:
        command_enter(screen, screen->mode == MODE_BULK ? "bulk " : "");
        break;
    case ACTION_SUSPEND:
        prompt_keep(screen);
        screen->terminal.suspend(screen->terminal.ctx);
        break;
    case ACTION_REDRAW:
        screen->terminal.redraw(screen->terminal.ctx);
        break;
    case ACTION_QUIT:
        ask_quit(screen);
        break;
    default:
        if (action >= ACTION_RATE_1 && action <= ACTION_RATE_5)
            form_digit(screen, (int)action - ACTION_RATE_1 + 1);
        break;
    }
}

/* As a text opens when its question gets the focus. */
static void open_spans(struct screen *screen)
{
    const struct question *question = screen_question(screen);
    if (screen->mode == MODE_BROWSE && question && question->type == QUESTION_SPAN)
        span_enter(screen);
}

/* Who was refused a box, or a list of phrases, may be typing into it already. */
static void refuse_typing(struct screen *screen, enum action action)
{
    bool is_box = action == ACTION_FEEDBACK || action == ACTION_NOTE ||
                  action == ACTION_CORRECT || action == ACTION_EDITOR ||
                  action == ACTION_PROMPT || action == ACTION_ASK_ON ||
                  action == ACTION_SNIPPET;
    if (is_box && screen->mode == MODE_BROWSE && !screen->is_away)
        screen_go_deaf(screen);
}

static void run(struct screen *screen, enum action action)
{
    if (action != ACTION_NONE && action != ACTION_COMMAND && action != ACTION_QUIT)
        screen->has_asked_quit = false;
    const struct session *session = screen_session(screen);
    const char *what = session_lacks_right(session, action);
    if (what) {
        app_notify(screen->app, NOTICE_WARNING,
                   "%s needs the key of an owner or an admin; yours for %s is an "
                   "annotator's.",
                   what, session->server);
        refuse_typing(screen, action);
        return;
    }
    if (action != ACTION_NONE && !bulk_run(screen, action) && !form_run(screen, action) &&
        !browse_run(screen, action) && !compare_run(screen, action) &&
        !prompt_run(screen, action) && !page_run(screen, action) &&
        !queue_run(screen, action) && !models_run(screen, action) &&
        !datasets_run(screen, action) && !phrases_run(screen, action) &&
        !search_run(screen, action))
        run_own(screen, action);
    if (action == ACTION_NEXT_QUESTION || action == ACTION_PREVIOUS_QUESTION)
        open_spans(screen);
    refuse_typing(screen, action);
}

/* ---- events ---- */

void events_follow(struct screen *screen)
{
    struct id now = screen_shown_record(screen);
    if (!id_equal(&now, &screen->seen_record)) {
        screen->seen_record = now;
        screen->frame.pager.part = 0;
        form_start_record(screen);
        app_search_follow(screen->app);
    }
    form_follow(screen);
    compare_follow(screen);
    bulk_follow(screen);
    bool is_sought = screen_session(screen)->datasets.is_sought;
    if (screen->frame.datasets.was_sought && !is_sought)
        screen_go_deaf(screen);
    screen->frame.datasets.was_sought = is_sought;
}

/* What the window cannot show is not done: only leaving and painting. */
static void on_unseen_key(struct screen *screen, struct key key)
{
    bool is_typing = screen->mode != MODE_BROWSE && screen->mode != MODE_PAGER &&
                     screen->mode != MODE_QUEUE && screen->mode != MODE_COMPARE;
    enum action action = keymap_find(&screen->keymap, key);
    if (action == ACTION_QUIT || action == ACTION_REDRAW || action == ACTION_SUSPEND)
        run_own(screen, is_typing && key.mods == 0 ? ACTION_NONE : action);
}

/* Somebody types on who has not seen yet that the box is closed, or that the dataset to
 * be reviewed is not there. A pause or Esc ends it; of a box that is closed, a pause
 * after the first key, for it may have been long since when one types on. */
static bool is_typed_on(struct screen *screen, struct key key)
{
    int64_t now = clock_mono_ms(screen->clock);
    bool is_list = screen->mode == MODE_DATASETS;
    bool is_sought = is_list && screen_session(screen)->datasets.is_sought;
    bool is_first = screen->is_deaf && screen->deaf_ms == 0;
    screen->is_deaf = (screen->is_deaf || is_sought) &&
                      (screen->mode == MODE_BROWSE || is_list) &&
                      key.code != KEYCODE_ESCAPE &&
                      (is_sought || is_first || now - screen->deaf_ms < DEAF_MS);
    if (screen->is_deaf && is_first && screen_session(screen)->notice.until_ms <= now)
        app_notify(screen->app, NOTICE_WARNING,
                   "What was open here has ended, and that key did nothing. Keys work "
                   "again after Esc or a pause.");
    screen->deaf_ms = now;
    return screen->is_deaf;
}

/* Of each mode: who takes its keys, and a paste (NULL = nobody); of a list in which
 * letters look for something: who goes so many rows down. */
static const struct {
    enum action (*key)(struct screen *screen, struct key key);
    void (*paste)(struct screen *screen, const struct event *event);
    void (*move)(struct screen *screen, long delta);
} rooms[MODE_COUNT] = {
    [MODE_BROWSE] = {browse_key, NULL, NULL},
    [MODE_FEEDBACK] = {form_key, form_paste, NULL},
    [MODE_PROMPT] = {prompt_key, prompt_paste, NULL},
    [MODE_COMMAND] = {command_key, command_paste, NULL},
    [MODE_SETTINGS] = {settings_key, settings_paste, NULL},
    [MODE_PAGER] = {page_key, NULL, NULL},
    [MODE_QUEUE] = {queue_key, NULL, NULL},
    [MODE_COMPARE] = {compare_key, NULL, NULL},
    [MODE_MODELS] = {models_key, models_paste, models_move},
    [MODE_DATASETS] = {datasets_key, datasets_paste, datasets_move},
    [MODE_PHRASES] = {phrases_key, NULL, NULL},
    [MODE_OPTIONS] = {options_key, options_paste, options_move},
    [MODE_SEARCH] = {search_key, search_paste, NULL},
    [MODE_SPAN] = {span_key, NULL, NULL},
    [MODE_BULK] = {bulk_key, bulk_paste, NULL},
    [MODE_NOTE] = {prompt_key, prompt_paste, NULL},
};

/* In a list letters look for something; the key of help is none of them. */
static bool asks_for_help(const struct screen *screen, struct key key)
{
    bool is_letter = key.mods == 0 && key.code < KEYCODE_BASE &&
                     (key.code >= 0x80 || isalnum((int)key.code));
    return rooms[screen->mode].move && !is_letter &&
           keymap_find(&screen->keymap, key) == ACTION_HELP;
}

static void on_key(struct screen *screen, struct key key)
{
    if (layout_is_too_small(screen->frame.cells.rows, screen->frame.cells.cols)) {
        on_unseen_key(screen, key);
        return;
    }
    if (is_typed_on(screen, key))
        return;
    app_dismiss_notice(screen->app);
    app_see_key(screen->app);
    if (bulk_answers(screen, key))
        return;
    if (screen->mode == MODE_BROWSE && key.code == KEYCODE_ESCAPE)
        app_search(screen->app, NULL, NULL); /* its marks have done their work */
    run(screen,
        asks_for_help(screen, key) ? ACTION_HELP : rooms[screen->mode].key(screen, key));
    if (screen->mode == MODE_BROWSE)
        screen->base = MODE_BROWSE;
}

static void on_paste(struct screen *screen, const struct event *event)
{
    if (layout_is_too_small(screen->frame.cells.rows, screen->frame.cells.cols))
        return;
    app_dismiss_notice(screen->app);
    app_see_key(screen->app);
    if (rooms[screen->mode].paste)
        rooms[screen->mode].paste(screen, event);
    else
        screen_refuse_paste(screen);
}

static void on_wheel(struct screen *screen, int delta)
{
    if (layout_is_too_small(screen->frame.cells.rows, screen->frame.cells.cols))
        return;
    if (screen->mode == MODE_QUEUE) {
        run(screen, delta > 0 ? ACTION_NEXT : ACTION_PREVIOUS);
        return;
    }
    if (rooms[screen->mode].move) {
        rooms[screen->mode].move(screen, delta);
        return;
    }
    struct scroll *scroll = screen->mode == MODE_PAGER     ? &screen->frame.pager.scroll
                            : screen->mode == MODE_COMPARE ? &screen->frame.compare.scroll
                            : screen->mode == MODE_SPAN
                                ? &screen->frame.span.scroll
                                : record_pane_scroll(&screen->frame.record);
    screen->frame.span.is_wheeled = screen->mode == MODE_SPAN;
    scroll_by(scroll, (long)delta * WHEEL_LINES);
    scroll->follows = false;
}

/* Another record, or another set of them; a box that keeps what is typed is left as by
 * Esc. */
static void on_click_beside(struct screen *screen, const struct spot *spot)
{
    const struct queue *queue = &screen_session(screen)->queue;
    struct key escape = {.code = KEYCODE_ESCAPE};
    bool was_whole = screen->mode == MODE_QUEUE;
    size_t place = (size_t)spot->value;
    (void)bulk_answers(screen, escape);
    while (screen->mode == MODE_FEEDBACK || screen->mode == MODE_NOTE ||
           screen->mode == MODE_PROMPT || screen->mode == MODE_BULK)
        (void)rooms[screen->mode].key(screen, escape);
    if (screen->mode != MODE_BROWSE && screen->mode != MODE_QUEUE) {
        app_notify(screen->app, NOTICE_WARNING, "Esc leaves what is open here first.");
        return;
    }
    if (spot->kind == SPOT_STATUS)
        run(screen, (enum action)(ACTION_SHOW_PENDING + (int)spot->value));
    else if (was_whole && queue->position == place)
        screen->mode = MODE_BROWSE; /* the second click opens it */
    else
        app_go(screen->app, place);
}

/* What stands there is what the click means; a list's row is taken by the second. */
static void on_click(struct screen *screen, int row, int col)
{
    const struct cells *cells = &screen->frame.cells;
    const struct spot *spot = cells_spot(cells, row, col, -1), *question;
    if (!spot)
        return;
    uint64_t value = spot->value;
    size_t place = (size_t)value; /* of what is no key */
    struct key enter = {.code = KEYCODE_ENTER};
    bool (*click)(struct screen * screen, size_t question) =
        screen->mode == MODE_BULK ? bulk_click : form_click;
    switch ((enum spot_kind)spot->kind) {
    case SPOT_KEY:
        on_key(screen,
               (struct key){.code = (uint32_t)value, .mods = (uint8_t)(value >> 32)});
        break;
    case SPOT_QUEUE:
    case SPOT_STATUS:
        on_click_beside(screen, spot);
        break;
    case SPOT_QUESTION:
        if (!click(screen, place))
            open_spans(screen);
        break;
    case SPOT_CHOICE:
        question = cells_spot(cells, row, col, SPOT_QUESTION);
        if (question && click(screen, (size_t)question->value) &&
            place < question_choice_count(screen_question(screen)))
            form_choose(screen, place);
        break;
    case SPOT_ITEM:
        if (screen->mode == MODE_MODELS && screen->frame.models.focus != place)
            models_move(screen, (long)place - (long)screen->frame.models.focus);
        else if (screen->mode == MODE_DATASETS && screen->frame.datasets.focus != place)
            datasets_move(screen, (long)place - (long)screen->frame.datasets.focus);
        else if (screen->mode == MODE_OPTIONS && screen->frame.options.focus != place)
            screen->frame.options.focus = place;
        else if (screen->mode == MODE_SPAN)
            span_take(screen, place);
        else
            on_key(screen, enter);
        break;
    case SPOT_TEXT:
        span_press(screen, row, col);
        break;
    }
}

void screen_handle(struct screen *screen, const struct event *event)
{
    bool is_input = event->kind == EVENT_KEY || event->kind == EVENT_PASTE ||
                    event->kind == EVENT_CLICK || event->kind == EVENT_DRAG;
    if (event->kind == EVENT_DRAG && screen->mode != MODE_SPAN)
        return; /* there are many, and elsewhere they mean nothing */
    screen->is_dirty = screen->is_urgent = true;
    if (is_input && screen->is_away)
        return;           /* meant for the editor */
    if (!screen->is_away) /* what it has is taken first */
        events_follow(screen);
    switch (event->kind) {
    case EVENT_KEY:
        on_key(screen, event->key);
        break;
    case EVENT_PASTE:
        on_paste(screen, event);
        break;
    case EVENT_RESIZE:
        cells_resize(&screen->frame.cells, event->rows, event->cols);
        break;
    case EVENT_POSITION: /* term's own */
        break;
    case EVENT_WHEEL:
        on_wheel(screen, event->delta);
        break;
    case EVENT_CLICK:
        on_click(screen, event->rows - 1, event->cols - 1);
        break;
    case EVENT_DRAG:
        span_drag(screen, event->rows - 1, event->cols - 1, event->delta);
        break;
    case EVENT_HANGUP:
        screen_quit(screen);
        break;
    case EVENT_RESUMED:
        screen->terminal.redraw(screen->terminal.ctx);
        break;
    }
    if (!screen->is_away)
        events_follow(screen);
}
