/* SPDX-License-Identifier: MIT
 *
 * The form "Your answer": ratings, labels and rankings with digits, texts in a box. app
 * has every letter at once and the store at most 250 ms later.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/respond.h"
#include "app/suggest.h"
#include "base/xalloc.h"
#include "ui/parts.h"
#include "ui/questions.h"

/* A refused submit puts the focus where something is missing. */
static void submit(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    form_leave(screen);
    if (app_submit(screen->app) || !session->has_current)
        return;
    const char *why;
    const struct question *question = app_find_fault(screen->app, &why);
    if (question)
        screen->frame.form.focus = (size_t)(question - session->dataset.questions);
}

/* ---- writing ---- */

static const char asks_otherwise[] = "The dataset asks other things now.";
static const char is_another[] = "Another record is shown now.";

static void after_edit(struct screen *screen, enum edit_outcome outcome)
{
    const struct question *question = screen_question(screen);
    if (outcome == EDIT_FULL)
        app_notify(screen->app, NOTICE_WARNING,
                   "That is too long: a text holds at most 1 MiB. Nothing was inserted.");
    if (outcome != EDIT_CHANGED || !question)
        return;
    struct value value = {.question = question->name,
                          .type = QUESTION_TEXT,
                          .text = xstrdup(editbuf_text(screen->frame.form.edit)),
                          .own = 1};
    app_set_value(screen->app, &value, SET_TYPED);
    free(value.text);
}

static void open_text(struct screen *screen, size_t index)
{
    const struct session *session = screen_session(screen);
    if (!session->has_current || index >= session->dataset.question_count) {
        app_notify(screen->app, NOTICE_INFO, "There is no record to write about yet.");
        return;
    }
    if (!app_can_respond(screen->app))
        return;
    const struct value *value =
        suggest_value(&session->current, &session->dataset.questions[index]);
    const char *text = value && value->text ? value->text : "";
    bool takes_orphan =
        screen->orphan && screen->orphan_question &&
        id_equal(&screen->orphan_record, &session->current.id) &&
        (text[0] == '\0' ||
         !strcmp(session->dataset.questions[index].name, screen->orphan_question));
    text = takes_orphan ? screen->orphan : text;
    editbuf_set(screen->frame.form.edit, text, strlen(text));
    if (screen->mode != MODE_FEEDBACK)
        screen->choice_focus = screen->frame.form.focus;
    screen->frame.form.focus = index;
    screen->frame.form.is_preview = false;
    screen->mode = MODE_FEEDBACK;
    free(screen->writing);
    screen->writing = xstrdup(session->dataset.questions[index].name);
    screen->written = session->current.id;
    app_begin_text(screen->app, &session->dataset.questions[index]);
    if (takes_orphan) {
        after_edit(screen, EDIT_CHANGED);
        free(screen->orphan);
        screen->orphan = NULL;
    }
}

/* The question that `f` means. */
static void open_feedback(struct screen *screen)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *question = dataset_feedback_question(dataset);
    if (question)
        open_text(screen, (size_t)(question - dataset->questions));
    else
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no text.");
}

void form_insert(struct screen *screen, const char *text)
{
    struct editbuf *edit = screen->frame.form.edit;
    bool was_writing = screen->mode == MODE_FEEDBACK;
    if (!was_writing)
        open_feedback(screen);
    if (screen->mode != MODE_FEEDBACK)
        return;
    size_t at = editbuf_cursor(edit);
    bool needs_blank = at > 0 && !strchr(" \t\n", editbuf_text(edit)[at - 1]);
    char *joined = xasprintf("%s%s", needs_blank ? " " : "", text);
    after_edit(screen, editbuf_insert(edit, joined, strlen(joined), true) ? EDIT_CHANGED
                                                                          : EDIT_FULL);
    free(joined);
    if (!was_writing)
        form_leave(screen);
}

/* The answer as it should be: starts from the answer as it is. */
static void open_correction(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct dataset *dataset = &session->dataset;
    const struct question *question =
        dataset_correction_question(dataset, session->correction);
    size_t len;
    const char *text = session_judged(session, &len);
    if (!question) {
        app_notify(screen->app, NOTICE_INFO,
                   "This dataset has no question for a correction: that is a text "
                   "question named \"response-correction\", or the one that "
                   "correction_question names in the configuration.");
        return;
    }
    open_text(screen, (size_t)(question - dataset->questions));
    /* Only what is changed becomes an answer. */
    if (screen->mode == MODE_FEEDBACK && !suggest_value(&session->current, question) &&
        editbuf_len(screen->frame.form.edit) == 0)
        editbuf_set(screen->frame.form.edit, text, len);
}

void form_leave(struct screen *screen)
{
    if (screen->mode != MODE_FEEDBACK)
        return;
    app_end_text(screen->app);
    screen_keep_refused(screen, screen->writing);
    screen->frame.form.focus = screen->choice_focus;
    screen->mode = MODE_BROWSE;
}

/* The question that is being written, or its record, is gone from the screen. */
static void leave_orphan(struct screen *screen, const char *why)
{
    screen_interrupt(screen, why);
    screen_keep_text(screen, screen->writing, why);
}

void form_start_record(struct screen *screen)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    enum ui_mode room = screen->under ? screen->under : screen->mode;
    bool is_filters = room == MODE_PHRASES && screen->frame.phrases.has_filters;
    if (room == MODE_FEEDBACK && !dataset_question(dataset, screen->writing)) {
        leave_orphan(screen, asks_otherwise);
    } else if (room == MODE_OPTIONS || room == MODE_SPAN || is_filters) {
        screen_interrupt(screen, is_another);
    } else if (room == MODE_FEEDBACK || room == MODE_PHRASES || room == MODE_NOTE) {
        app_end_text(screen->app);
        screen_interrupt(screen, "Another record is shown now; what you wrote is saved "
                                 "with the one before.");
        if (room != MODE_PHRASES || screen->frame.phrases.is_writing)
            screen_keep_refused(screen, room == MODE_NOTE ? NULL : screen->writing);
    }
    screen->number = 0;
    screen->frame.form.focus = question_first(dataset);
    screen->choice_focus = screen->frame.form.focus;
}

/* Whether the mode is one in which this type of question is answered. */
static bool is_open_as(const struct screen *screen, enum ui_mode room,
                       const struct question *question)
{
    if (question->type == QUESTION_SPAN) /* and its labels are options */
        return room == MODE_SPAN || screen->options_back == MODE_SPAN;
    if (room == MODE_OPTIONS)
        return question_has_choices(question) && question_choice_count(question) > 0;
    return question->type == QUESTION_TEXT;
}

void form_forget_questions(struct screen *screen)
{
    for (size_t i = 0; i < screen->seen_count; i++)
        free(screen->seen_questions[i]);
    free(screen->seen_questions);
    screen->seen_questions = NULL;
    screen->seen_count = 0;
}

/* They stand elsewhere, perhaps: what has the focus keeps it. */
static void follow_questions(struct screen *screen)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    size_t count = dataset->question_count;
    size_t *const places[] = {&screen->frame.form.focus, &screen->choice_focus};
    bool is_same = screen->seen_count == count;
    for (size_t i = 0; is_same && i < count; i++)
        is_same = strcmp(screen->seen_questions[i], dataset->questions[i].name) == 0;
    if (is_same)
        return;
    for (size_t i = 0; i < 2; i++) {
        const struct question *question =
            *places[i] < screen->seen_count
                ? dataset_question(dataset, screen->seen_questions[*places[i]])
                : NULL;
        *places[i] =
            question ? (size_t)(question - dataset->questions) : question_first(dataset);
    }
    screen->number = 0;
    form_forget_questions(screen);
    screen->seen_questions = xcalloc(count + 1, sizeof *screen->seen_questions);
    for (; screen->seen_count < count; screen->seen_count++)
        screen->seen_questions[screen->seen_count] =
            xstrdup(dataset->questions[screen->seen_count].name);
}

void form_follow(struct screen *screen)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    size_t *focus = &screen->frame.form.focus;
    enum ui_mode room = screen->under ? screen->under : screen->mode;
    follow_questions(screen);
    if (room != MODE_FEEDBACK && room != MODE_OPTIONS && room != MODE_SPAN)
        return;
    const struct question *question = dataset_question(dataset, screen->writing);
    if (question && is_open_as(screen, room, question)) {
        if (screen->frame.options.focus >= question_choice_count(question))
            screen->frame.options.focus = 0; /* it has fewer options now */
        return;
    }
    if (room == MODE_OPTIONS || room == MODE_SPAN) {
        *focus = screen->choice_focus;
        screen_interrupt(screen, asks_otherwise);
        return;
    }
    *focus = screen->choice_focus = question_first(dataset);
    leave_orphan(screen, asks_otherwise);
}

/* The next (+1) or former (-1) question; a text is opened at once. */
static void walk(struct screen *screen, int direction)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    size_t from = screen->frame.form.focus;
    form_leave(screen);
    if (dataset->question_count == 0)
        return;
    size_t next = question_next(dataset, from, direction);
    if (dataset->questions[next].type == QUESTION_TEXT)
        open_text(screen, next);
    else
        screen->frame.form.focus = next;
}

bool form_click(struct screen *screen, size_t index)
{
    const struct question *question =
        question_at(&screen_session(screen)->dataset, index);
    if (!question || (screen->mode == MODE_FEEDBACK && screen->frame.form.focus == index))
        return false;
    form_leave(screen);
    if (screen->mode != MODE_BROWSE)
        return false;
    screen->frame.form.focus = index;
    if (question->type == QUESTION_TEXT)
        open_text(screen, index);
    return question_has_choices(question);
}

static void take_edited(struct screen *screen, const char *text, size_t len)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    const struct question *question =
        screen->writing ? dataset_question(dataset, screen->writing) : NULL;
    struct id now = screen_shown_record(screen);
    bool is_here = id_equal(&now, &screen->written);
    struct editbuf *edit = screen->frame.form.edit;
    bool is_new =
        text && (len != editbuf_len(edit) || memcmp(text, editbuf_text(edit), len) != 0);
    if (is_new && screen->mode == MODE_FEEDBACK) {
        editbuf_set(edit, text, len);
        if (is_here && question && question->type == QUESTION_TEXT) {
            screen->frame.form.focus = (size_t)(question - dataset->questions);
            after_edit(screen, EDIT_CHANGED);
        } else { /* much may have come while it was open */
            leave_orphan(screen, is_here ? asks_otherwise : is_another);
        }
    }
    if (screen->edits_from_browse)
        form_leave(screen);
    screen->edits_from_browse = false;
}

/* True when the key is about the preview alone; any other ends it. */
static bool preview_key(struct screen *screen, struct key key)
{
    struct form *form = &screen->frame.form;
    struct scroll *scroll = &form->preview;
    const struct question *question = screen_question(screen);
    bool is_ours = key.code == 't' && key.mods == KEY_CTRL_BIT;
    if (is_ours && !form->is_preview && question && !question->use_markdown) {
        app_notify(screen->app, NOTICE_INFO,
                   "This question takes a text as it is written, no Markdown.");
    } else if (is_ours) {
        form->is_preview = !form->is_preview;
        *scroll = (struct scroll){0};
    } else if (form->is_preview && key.mods == 0 &&
               (key.code == KEYCODE_UP || key.code == KEYCODE_DOWN)) {
        scroll_by(scroll, key.code == KEYCODE_UP ? -1 : 1);
        is_ours = true;
    } else if (form->is_preview && key.mods == 0 &&
               (key.code == KEYCODE_PAGE_UP || key.code == KEYCODE_PAGE_DOWN)) {
        scroll_page(scroll, key.code == KEYCODE_PAGE_UP ? -1 : 1);
        is_ours = true;
    } else if (form->is_preview) {
        form->is_preview = false;
        is_ours = key.code == KEYCODE_ESCAPE && key.mods == 0;
    }
    return is_ours;
}

enum action form_key(struct screen *screen, struct key key)
{
    struct editbuf *edit = screen->frame.form.edit;
    bool is_ctrl = key.mods == KEY_CTRL_BIT;
    bool is_enter = key.code == KEYCODE_ENTER;
    if (preview_key(screen, key))
        return ACTION_NONE;
    if ((key.code == KEYCODE_ESCAPE && key.mods == 0) || (key.code == 'c' && is_ctrl)) {
        form_leave(screen);
    } else if ((is_enter && key.mods == 0) || (key.code == 'j' && is_ctrl)) {
        after_edit(screen, edit_newline(edit));
    } else if (is_enter) {
        submit(screen); /* with Ctrl or Alt: Esc Enter comes as Alt-Enter */
    } else if (key.code == KEYCODE_TAB) {
        return key.mods & KEY_SHIFT_BIT ? ACTION_PREVIOUS_QUESTION : ACTION_NEXT_QUESTION;
    } else if (key.mods == KEY_ALT_BIT &&
               keymap_find(&screen->keymap, (struct key){.code = key.code}) ==
                   ACTION_SNIPPET) {
        return ACTION_SNIPPET; /* without Alt it is a letter of the text */
    } else if (key.code == 'x' && is_ctrl) {
        screen_edit(screen, edit, take_edited);
    } else {
        enum edit_outcome outcome = edit_key(edit, key);
        if (outcome == EDIT_UNKNOWN)
            screen_refuse_key(screen, key);
        after_edit(screen, outcome);
    }
    return ACTION_NONE;
}

void form_paste(struct screen *screen, const struct event *event)
{
    screen->frame.form.is_preview = false;
    after_edit(screen, edit_paste(screen->frame.form.edit, event, true));
}

bool form_run(struct screen *screen, enum action action)
{
    switch (action) {
    case ACTION_FEEDBACK:
        open_feedback(screen);
        return true;
    case ACTION_EDITOR:
        screen->edits_from_browse = screen->mode != MODE_FEEDBACK;
        open_feedback(screen);
        if (screen->mode != MODE_FEEDBACK)
            screen->edits_from_browse = false;
        else
            screen_edit(screen, screen->frame.form.edit, take_edited);
        return true;
    case ACTION_CORRECT:
        open_correction(screen);
        return true;
    case ACTION_PICK:
        if (!screen_question(screen) || screen_question(screen)->type != QUESTION_TEXT)
            return false; /* choose.c has it */
        open_text(screen, screen->frame.form.focus);
        return true;
    case ACTION_NEXT_QUESTION:
        walk(screen, 1);
        return true;
    case ACTION_PREVIOUS_QUESTION:
        walk(screen, -1);
        return true;
    case ACTION_SUBMIT:
        submit(screen);
        return true;
    case ACTION_SUGGESTION:
        app_take_suggestions(screen->app, screen_question(screen));
        return true;
    case ACTION_DISCARD:
        app_discard(screen->app);
        return true;
    case ACTION_DRAFT:
        app_draft(screen->app);
        return true;
    default:
        return false;
    }
}

/* ---- hints ---- */

/* "1–5", "1–3", "0–9": the digits that the question in focus takes. */
static void write_digits(const struct view *view, char *out, size_t size)
{
    const struct question *question = view->question;
    size_t count = question_choice_count(question);
    bool is_rating = question->type == QUESTION_RATING;
    int first = is_rating ? question->ratings[0] : 1;
    int last = is_rating ? question->ratings[count - 1] : (int)count;
    if (is_rating && first == 1 && last == 5)
        keymap_rating_keys(view->keymap, out, size);
    else if (first < 1 || last > 9)
        snprintf(out, size, "0–9");
    else
        snprintf(out, size, "%d–%d", first, last);
}

void form_writing_hints(const struct form *form, const struct view *view,
                        struct hints *hints)
{
    char snippet[32], phrases[48];
    if (form->is_preview) {
        hints_add_key(hints, "Esc", "go on writing");
        hints_add_key(hints, "Esc Enter", "submit");
        hints_add_key(hints, "↑ ↓", "scroll");
        return;
    }
    hints_add_key(hints, "Esc", "done");
    hints_add_key(hints, "Esc Enter", "submit");
    hints_add_key(hints, "Ctrl-X", "editor");
    if (view->question && view->question->use_markdown)
        hints_add_key(hints, "Ctrl-T", "as Markdown");
    hints_add_key(hints, "Tab", "next question");
    keymap_first_key(view->keymap, ACTION_SNIPPET, snippet, sizeof snippet);
    snprintf(phrases, sizeof phrases, "Esc %s", snippet);
    if (snippet[0] != '\0' && snippet[1] == '\0')
        hints_add_key(hints, phrases, "phrases");
    hints_add_key(hints, "Ctrl-Z", "undo");
    hints_add_key(hints, "Ctrl-W", "delete word");
}

void form_hints(const struct view *view, struct hints *hints)
{
    const struct dataset *dataset = &view->session->dataset;
    const struct question *question = view->question;
    bool has_many = dataset->question_count > 2;
    char digits[72];
    if (question && question_has_choices(question) &&
        question_choice_count(question) > 0) {
        write_digits(view, digits, sizeof digits);
        hints_add_key(hints, digits,
                      question->type == QUESTION_RATING    ? "rate"
                      : question->type == QUESTION_RANKING ? "rank"
                                                           : "choose");
        bool is_long = question_choice_count(question) > 10;
        if (is_long || question->type == QUESTION_RANKING)
            hints_add(hints, view, ACTION_PICK, is_long ? "find" : "order");
    }
    if (question && question->type == QUESTION_SPAN)
        hints_add(hints, view, ACTION_PICK, "mark");
    if (question && suggest_find(view->record, question) &&
        !suggest_is_same(view->record, question, SIZE_MAX))
        hints_add(hints, view, ACTION_SUGGESTION, "suggested");
    if (has_many)
        hints_add(hints, view, ACTION_NEXT_QUESTION, "next");
    if (dataset_feedback_question(dataset))
        hints_add(hints, view, ACTION_FEEDBACK,
                  has_many || view->cols < VIEW_COLS_MEDIUM ? "text" : "feedback");
}
