/* SPDX-License-Identifier: MIT
 *
 * What every room may ask of the screen.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/choice.h"
#include "app/suggest.h"
#include "base/xalloc.h"
#include "ui/parts.h"
#include "ui/questions.h"

const struct session *screen_session(const struct screen *screen)
{
    return app_session(screen->app);
}

static const char *snippet(void *ctx, size_t index)
{
    return app_snippet(ctx, index);
}

static size_t number_of(void *ctx, const struct id *id)
{
    struct app *app = ctx;
    struct record record = {0};
    struct err err = {0};
    size_t index = SIZE_MAX;
    if (store_get_record(app_store(app), id, &record, &err) == STATUS_OK)
        index = queue_find(&app_session(app)->queue, record.row);
    record_clear(&record);
    return index == SIZE_MAX ? 0 : index + 1;
}

void screen_view(const struct screen *screen, struct view *view)
{
    const struct session *session = screen_session(screen);
    *view = (struct view){.session = session,
                          .record = session->has_current ? &session->current : NULL,
                          .number = session->queue.position + 1,
                          .keymap = &screen->keymap,
                          .trace = &screen->frame.trace,
                          .part = screen->frame.pager.part,
                          .config_path = screen->config_path,
                          .is_plain = screen->is_plain,
                          .mode = screen->mode,
                          .is_bulk = screen_is_bulk(screen),
                          .now_ms = clock_mono_ms(screen->clock),
                          .wall_ms = clock_wall_ms(screen->clock),
                          .snippet = snippet,
                          .number_of = number_of,
                          .ctx = screen->app};
}

bool screen_is_bulk(const struct screen *screen)
{
    enum ui_mode room = screen->under ? screen->under : screen->mode;
    return room == MODE_BULK ||
           (room == MODE_OPTIONS && screen->options_back == MODE_BULK);
}

struct form *screen_form(struct screen *screen)
{
    return screen_is_bulk(screen) ? &screen->frame.bulk.form : &screen->frame.form;
}

const struct record *screen_record(const struct screen *screen)
{
    return screen_is_bulk(screen) ? &screen->frame.bulk.record
                                  : &screen_session(screen)->current;
}

const struct question *screen_question(const struct screen *screen)
{
    const struct form *form =
        screen_is_bulk(screen) ? &screen->frame.bulk.form : &screen->frame.form;
    return question_at(&screen_session(screen)->dataset, form->focus);
}

bool screen_is_streaming(const struct screen *screen)
{
    const struct session *session = screen_session(screen);
    return session->has_current && session_stream(session, &session->current.id);
}

void screen_refuse_key(struct screen *screen, struct key key)
{
    char name[64], help[32];
    key_format(key, name, sizeof name);
    keymap_first_key(&screen->keymap, ACTION_HELP, help, sizeof help);
    app_notify(screen->app, NOTICE_INFO, "%s does nothing here; %s shows the keys.", name,
               help[0] != '\0' ? help : ":help");
}

void screen_go_deaf(struct screen *screen)
{
    screen->is_deaf = true;
    screen->deaf_ms = clock_mono_ms(screen->clock);
}

void screen_lay_over(struct screen *screen, enum ui_mode mode)
{
    bool is_room = screen->mode == MODE_SPAN || screen->mode == MODE_OPTIONS ||
                   screen->mode == MODE_MODELS || screen->mode == MODE_DATASETS ||
                   screen->mode == MODE_PHRASES || screen->mode == MODE_BULK;
    if (screen->mode != MODE_PAGER) /* from page to page */
        screen->under = is_room ? screen->mode : MODE_BROWSE;
    screen->mode = mode;
}

void screen_go_back(struct screen *screen)
{
    screen->mode = screen->under ? screen->under : screen->base;
    screen->under = MODE_BROWSE;
}

void screen_interrupt(struct screen *screen, const char *why)
{
    const struct notice *notice = &screen_session(screen)->notice;
    int64_t now = clock_mono_ms(screen->clock);
    bool is_told = notice->text[0] != '\0' && notice->until_ms > now &&
                   notice->kind != NOTICE_INFO && notice->kind != NOTICE_DONE;
    screen->frame.span.is_searching = false;
    if (screen->under) { /* what lies over it is read on */
        screen->under = MODE_BROWSE;
    } else {
        screen->mode = MODE_BROWSE;
        screen_go_deaf(screen);
        screen->deaf_ms = 0;
    }
    if (!is_told) /* what happened stands there already */
        app_notify(screen->app, NOTICE_WARNING, "%s", why);
}

void screen_keep_text(struct screen *screen, const char *question, const char *why)
{
    const struct editbuf *edit = screen->frame.form.edit;
    if (editbuf_len(edit) == 0)
        return;
    free(screen->orphan);
    free(screen->orphan_question);
    screen->orphan_question = xstrdup_or_null(question);
    screen->orphan = xmemdup0(editbuf_text(edit), editbuf_len(edit));
    screen->orphan_record = screen->written;
    app_notify(screen->app, NOTICE_WARNING,
               "%s What you wrote is kept: the next %s of its record opens with it.", why,
               question ? "text box" : "note");
}

void screen_keep_refused(struct screen *screen, const char *question)
{
    struct record record = {0};
    enum status status =
        store_get_record(app_store(screen->app), &screen->written, &record, NULL);
    const struct value *value =
        question ? values_find(&record.response.values, question) : NULL;
    const char *kept = question ? (value ? value->text : NULL) : record.note;
    if ((status != STATUS_OK || record.flags & QUEUE_DELETED) &&
        strcmp(kept ? kept : "", editbuf_text(screen->frame.form.edit)) != 0)
        screen_keep_text(screen, question,
                         "This record is deleted; undo brings it back.");
    record_clear(&record);
}

enum edit_outcome screen_edit_key(struct screen *screen, struct editbuf *edit,
                                  struct key key)
{
    enum edit_outcome outcome = edit_key(edit, key);
    if (outcome == EDIT_UNKNOWN)
        screen_refuse_key(screen, key);
    return outcome;
}

void screen_refuse_paste(struct screen *screen)
{
    char feedback[32], prompt[32];
    keymap_first_key(&screen->keymap, ACTION_FEEDBACK, feedback, sizeof feedback);
    keymap_first_key(&screen->keymap, ACTION_PROMPT, prompt, sizeof prompt);
    bool may_ask = !session_lacks_right(screen_session(screen), ACTION_PROMPT);
    app_notify(screen->app, NOTICE_WARNING,
               "Pasted text is taken in the feedback box%s: press %s%s%s first.",
               may_ask ? " or the prompt" : "", feedback, may_ask ? " or " : "",
               may_ask ? prompt : "");
}

bool screen_scrolls(struct scroll *scroll, enum action action)
{
    switch (action) {
    case ACTION_SCROLL_DOWN:
        scroll_by(scroll, 1);
        return true;
    case ACTION_SCROLL_UP:
        scroll_by(scroll, -1);
        return true;
    case ACTION_PAGE_DOWN:
        scroll_page(scroll, 1);
        return true;
    case ACTION_PAGE_UP:
        scroll_page(scroll, -1);
        return true;
    case ACTION_FIRST:
        scroll_by(scroll, -(long)scroll->lines);
        return true;
    case ACTION_LAST:
        scroll_by(scroll, (long)scroll->lines);
        return true;
    default:
        return false;
    }
}

struct id screen_shown_record(const struct screen *screen)
{
    const struct session *session = screen_session(screen);
    return session->has_current ? session->current.id : (struct id){0};
}

void screen_quit(struct screen *screen)
{
    screen->wants_quit = true;
    loop_stop(app_loop(screen->app));
}

static void give_value(struct values *values, const struct value *value, enum set_how how)
{
    const struct value *old = values_find(values, value->question);
    if (how == SET_TOGGLE && old && value_equal(old, value))
        values_remove(values, value->question);
    else
        values_set(values, value); /* without a text it takes it out */
}

void screen_set_value(struct screen *screen, const struct value *value, enum set_how how)
{
    const struct session *session = screen_session(screen);
    const struct question *question =
        dataset_question(&session->dataset, value->question);
    struct id record = session->current.id;
    int64_t told_ms = session->notice.until_ms;
    char label[64];
    if (screen_is_bulk(screen))
        give_value(&screen->frame.bulk.record.response.values, value, how);
    else
        app_set_value(screen->app, value, how);
    if (!screen->is_plain || session->notice.until_ms != told_ms ||
        !id_equal(&record, &session->current.id))
        return;
    const struct value *now = suggest_value(screen_record(screen), question);
    struct buf text = {0};
    if (now)
        choice_write(question, now, NULL, &text);
    app_notify(screen->app, NOTICE_INFO, "%s: %s.",
               question_label(question, label, sizeof label),
               now ? buf_text(&text) : "no answer");
    buf_clear(&text);
}

/* ---- $EDITOR ---- */

/* What was typed before it came up comes from the terminal when we are back: after the
 * text is taken, and not at all when there is none, for it was meant for the edited one.
 */
static void editor_ended(void *ctx, const char *text, size_t len, const struct err *err)
{
    struct screen *screen = ctx;
    editor_free(screen->editor);
    screen->editor = NULL;
    screen->is_away = !text;
    screen->take_edited(screen, text, len);
    screen->terminal.come_back(screen->terminal.ctx, !text);
    screen->is_away = false;
    screen->is_dirty = screen->is_urgent = true;
    if (!text)
        app_notify(screen->app, NOTICE_ERROR, "%s", err->text);
}

void screen_edit(struct screen *screen, const struct editbuf *edit,
                 void (*take)(struct screen *screen, const char *text, size_t len))
{
    struct err err = {0};
    screen->take_edited = take;
    screen->terminal.leave(screen->terminal.ctx);
    screen->is_away = true;
    screen->editor = editor_start(app_loop(screen->app), editbuf_text(edit),
                                  editbuf_len(edit), editor_ended, screen, &err);
    if (!screen->editor)
        editor_ended(screen, NULL, 0, &err);
}

bool screen_rank_next(struct screen *screen, int digit)
{
    const struct session *session = screen_session(screen);
    const struct question *question = screen_question(screen);
    if (!question || question->type != QUESTION_RANKING || !session->has_current)
        return false;
    const struct value *now = suggest_value(screen_record(screen), question);
    size_t option = 0;
    while (option < question->option_count && now && now->own & VALUE_OWN(option))
        option++;
    if (digit < 1 || (size_t)digit > question->option_count)
        app_notify(screen->app, NOTICE_WARNING, "There is no rank %d.", digit);
    else if (option == question->option_count)
        app_notify(screen->app, NOTICE_INFO,
                   "Every option has a rank of yours: the list of them changes it.");
    else {
        struct value next = {.question = question->name,
                             .type = question->type,
                             .text = choice_rank(question, now, option, digit),
                             .own = VALUE_OWN(option)};
        screen_set_value(screen, &next, SET_VALUE);
        free(next.text);
    }
    return true;
}
