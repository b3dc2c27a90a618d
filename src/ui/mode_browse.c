/* SPDX-License-Identifier: MIT
 *
 * Reading and rating: a key is looked up in the keymap, an action in the table below.
 */
#include "config.h"

#include <stdint.h>

#include "ui/first_start.h"
#include "ui/layout.h"
#include "ui/screen_parts.h"

/* ---- rating ---- */

static void rate_1(struct screen *screen)
{
    answer_digit(screen, 1);
}

static void rate_2(struct screen *screen)
{
    answer_digit(screen, 2);
}

static void rate_3(struct screen *screen)
{
    answer_digit(screen, 3);
}

static void rate_4(struct screen *screen)
{
    answer_digit(screen, 4);
}

static void rate_5(struct screen *screen)
{
    answer_digit(screen, 5);
}

/* Index of the question that `f` opens; SIZE_MAX = the dataset has no text question. */
static size_t feedback_index(const struct session *session)
{
    const struct dataset *dataset = &session->dataset;
    const struct question *question = dataset_feedback_question(dataset);
    return question ? (size_t)(question - dataset->questions) : SIZE_MAX;
}

static void open_feedback(struct screen *screen)
{
    size_t index = feedback_index(screen_session(screen));
    if (index == SIZE_MAX)
        app_notify(screen->app, NOTICE_INFO, "This dataset asks for no text.");
    else
        feedback_enter(screen, index);
}

static void open_editor(struct screen *screen)
{
    open_feedback(screen);
    if (screen->mode == MODE_FEEDBACK)
        edit_outside(screen);
}

static void next_question(struct screen *screen)
{
    feedback_walk(screen, 1);
}

static void previous_question(struct screen *screen)
{
    feedback_walk(screen, -1);
}

static void discard(struct screen *screen)
{
    app_discard(screen->app);
}

static void draft(struct screen *screen)
{
    app_draft(screen->app);
}

static void undo(struct screen *screen)
{
    app_undo(screen->app);
}

static void redo(struct screen *screen)
{
    app_redo(screen->app);
}

/* ---- moving ---- */

static void next(struct screen *screen)
{
    app_go_next(screen->app);
}

static void previous(struct screen *screen)
{
    app_go_previous(screen->app);
}

static void next_open(struct screen *screen)
{
    app_go_next_open(screen->app);
}

static void go(struct screen *screen, size_t index)
{
    if (index != SIZE_MAX)
        app_go(screen->app, index);
}

static void first(struct screen *screen)
{
    const struct queue *queue = &screen_session(screen)->queue;
    if (queue->count > 0)
        go(screen, queue_shows(queue, 0) ? 0 : queue_next(queue, 0));
}

static void last(struct screen *screen)
{
    const struct queue *queue = &screen_session(screen)->queue;
    go(screen, queue_previous(queue, queue->count));
}

/* ---- scrolling ---- */

/* At the end of a text that still grows one wants to stay there. */
static void follow_end(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    bool is_streaming =
        session->has_current && session_stream(session, &session->current.id);
    screen->frame.record.scroll.follows =
        is_streaming && scroll_is_at_end(&screen->frame.record.scroll);
}

static void scroll_down(struct screen *screen)
{
    scroll_by(&screen->frame.record.scroll, 1);
    follow_end(screen);
}

static void scroll_up(struct screen *screen)
{
    scroll_by(&screen->frame.record.scroll, -1);
    follow_end(screen);
}

static void page_down(struct screen *screen)
{
    scroll_page(&screen->frame.record.scroll, 1);
    follow_end(screen);
}

static void page_up(struct screen *screen)
{
    scroll_page(&screen->frame.record.scroll, -1);
    follow_end(screen);
}

static void prompt_down(struct screen *screen)
{
    scroll_by(&screen->frame.record.prompt_scroll, 1);
}

static void prompt_up(struct screen *screen)
{
    scroll_by(&screen->frame.record.prompt_scroll, -1);
}

static void raw(struct screen *screen)
{
    screen->frame.record.is_raw = !screen->frame.record.is_raw;
}

/* ---- generating ---- */

static void regenerate(struct screen *screen)
{
    app_regenerate(screen->app);
}

static void cancel(struct screen *screen)
{
    app_cancel(screen->app);
}

/* ---- copying ---- */

static size_t count_characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static void copy_text(struct screen *screen, const char *text, size_t len,
                      const char *what)
{
    char characters[32];
    view_format_count(count_characters(text, len), characters, sizeof characters);
    if (len == 0)
        app_notify(screen->app, NOTICE_INFO, "There is no %s to copy yet.", what);
    else if (screen->terminal.copy(screen->terminal.ctx, text, len))
        app_notify(screen->app, NOTICE_DONE, "Copied the %s: %s characters.", what,
                   characters);
    else
        app_notify(screen->app, NOTICE_WARNING,
                   "The %s has %s characters: too long for a terminal's clipboard.", what,
                   characters);
}

static void copy_response(struct screen *screen)
{
    size_t len;
    const char *text = session_response(screen_session(screen), &len);
    copy_text(screen, text, len, "response");
}

static void copy_prompt(struct screen *screen)
{
    size_t len;
    const char *text = session_prompt(screen_session(screen), &len);
    copy_text(screen, text, len, "prompt");
}

/* ---- pages ---- */

static void facts(struct screen *screen)
{
    page_enter(screen, PAGER_FACTS);
}

static void guidelines(struct screen *screen)
{
    page_enter(screen, PAGER_GUIDELINES);
}

static void help(struct screen *screen)
{
    page_enter(screen, PAGER_HELP);
}

static void outbox(struct screen *screen)
{
    app_list_unsent(screen->app);
    page_enter(screen, PAGER_OUTBOX);
}

static void create(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    if (!session->has_server)
        app_notify(screen->app, NOTICE_INFO,
                   "No Argilla server is configured: ARGILLA_API_URL names one.");
    else if (!session->dataset_missing)
        app_notify(screen->app, NOTICE_INFO, "%s",
                   session->is_connected ? "The dataset is on the server already."
                                         : "The server has not answered yet.");
    else
        page_enter(screen, PAGER_CREATE);
}

static void queue(struct screen *screen)
{
    if (screen->frame.cells.cols >= LAYOUT_COLS_WIDE)
        screen->frame.hides_queue = !screen->frame.hides_queue;
    else
        screen->mode = MODE_QUEUE;
}

/* ---- the rest ---- */

static void send_now(struct screen *screen)
{
    app_sync(screen->app);
}

static void suspend(struct screen *screen)
{
    prompt_keep(screen);
    screen->terminal.suspend(screen->terminal.ctx);
}

static void redraw(struct screen *screen)
{
    screen->terminal.redraw(screen->terminal.ctx);
}

static void (*const runs[ACTION_COUNT])(struct screen *screen) = {
    [ACTION_RATE_1] = rate_1,
    [ACTION_RATE_2] = rate_2,
    [ACTION_RATE_3] = rate_3,
    [ACTION_RATE_4] = rate_4,
    [ACTION_RATE_5] = rate_5,
    [ACTION_FEEDBACK] = open_feedback,
    [ACTION_NEXT_QUESTION] = next_question,
    [ACTION_PREVIOUS_QUESTION] = previous_question,
    [ACTION_SUBMIT] = answer_submit,
    [ACTION_DISCARD] = discard,
    [ACTION_DRAFT] = draft,
    [ACTION_UNDO] = undo,
    [ACTION_REDO] = redo,
    [ACTION_NEXT] = next,
    [ACTION_PREVIOUS] = previous,
    [ACTION_NEXT_OPEN] = next_open,
    [ACTION_FIRST] = first,
    [ACTION_LAST] = last,
    [ACTION_SCROLL_DOWN] = scroll_down,
    [ACTION_SCROLL_UP] = scroll_up,
    [ACTION_PAGE_DOWN] = page_down,
    [ACTION_PAGE_UP] = page_up,
    [ACTION_PROMPT_DOWN] = prompt_down,
    [ACTION_PROMPT_UP] = prompt_up,
    [ACTION_PROMPT] = prompt_enter,
    [ACTION_REGENERATE] = regenerate,
    [ACTION_CANCEL] = cancel,
    [ACTION_SETTINGS] = settings_enter,
    [ACTION_RAW] = raw,
    [ACTION_COPY] = copy_response,
    [ACTION_COPY_PROMPT] = copy_prompt,
    [ACTION_EDITOR] = open_editor,
    [ACTION_FACTS] = facts,
    [ACTION_GUIDELINES] = guidelines,
    [ACTION_QUEUE] = queue,
    [ACTION_SYNC] = send_now,
    [ACTION_OUTBOX] = outbox,
    [ACTION_CREATE] = create,
    [ACTION_COMMAND] = command_enter,
    [ACTION_HELP] = help,
    [ACTION_SUSPEND] = suspend,
    [ACTION_REDRAW] = redraw,
    [ACTION_QUIT] = screen_quit,
};

void browse_run(struct screen *screen, enum action action)
{
    if (runs[action])
        runs[action](screen);
}

static bool takes_demo(struct screen *screen, struct key key)
{
    if (key.code != FIRST_START_DEMO_KEY || key.mods != 0 ||
        !first_start_applies(screen_session(screen)))
        return false;
    screen->wants_demo = true;
    screen_quit(screen);
    return true;
}

void browse_key(struct screen *screen, struct key key)
{
    enum action action = keymap_find(&screen->keymap, key);
    if (takes_demo(screen, key))
        return;
    if (action != ACTION_NONE)
        browse_run(screen, action);
    else if (key.mods == 0 && key.code >= '0' && key.code <= '9')
        answer_digit(screen, (int)(key.code - '0'));
    else if (key.code != KEYCODE_ESCAPE)
        screen_refuse_key(screen, key);
}

void browse_paste(struct screen *screen, const struct event *event)
{
    char feedback[32], prompt[32];
    (void)event;
    keymap_first_key(&screen->keymap, ACTION_FEEDBACK, feedback, sizeof feedback);
    keymap_first_key(&screen->keymap, ACTION_PROMPT, prompt, sizeof prompt);
    app_notify(screen->app, NOTICE_WARNING,
               "Pasted text is taken in the feedback box or the prompt: press %s or %s "
               "first.",
               feedback, prompt);
}
