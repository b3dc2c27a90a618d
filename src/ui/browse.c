/* SPDX-License-Identifier: MIT
 *
 * Reading: moving between records, scrolling, copying, asking again, choosing between two
 * versions (clash.c draws them); and what stands in the record's place while there is
 * none.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/ask.h"
#include "app/respond.h"
#include "ui/parts.h"
#include "ui/questions.h"

#define DEMO_KEY 'D'

/* ---- moving ---- */

static void go(struct screen *screen, size_t index)
{
    if (index != SIZE_MAX)
        app_go(screen->app, index);
}

static bool run_move(struct screen *screen, enum action action)
{
    const struct session *session = screen_session(screen);
    const struct queue *queue = &session->queue;
    switch (action) {
    case ACTION_NEXT:
        app_go_next(screen->app);
        return true;
    case ACTION_PREVIOUS:
        app_go_previous(screen->app);
        return true;
    case ACTION_NEXT_OPEN:
        app_go_next_open(screen->app);
        return true;
    case ACTION_FIRST:
        if (queue->count > 0)
            go(screen, queue_next(queue, SIZE_MAX));
        return true;
    case ACTION_LAST:
        if (session->is_queue_loaded) /* else its first rows are all that is here */
            go(screen, queue_previous(queue, queue->count));
        else
            app_notify(screen->app, NOTICE_INFO, "The records are still being read.");
        return true;
    default:
        return false;
    }
}

/* ---- scrolling ---- */

static bool run_scroll(struct screen *screen, enum action action)
{
    struct record_pane *pane = &screen->frame.record;
    struct scroll *scroll = record_pane_scroll(pane);
    if (screen_scrolls(scroll, action)) {
        /* At the end of a text that still grows one wants to stay there. */
        scroll->follows = scroll == &pane->scroll && screen_is_streaming(screen) &&
                          scroll_is_at_end(scroll);
        return true;
    }
    switch (action) {
    case ACTION_PROMPT_DOWN:
        scroll_by(&pane->prompt_scroll, 1);
        return true;
    case ACTION_PROMPT_UP:
        scroll_by(&pane->prompt_scroll, -1);
        return true;
    case ACTION_PROMPT_PAGE_DOWN:
        scroll_page(&pane->prompt_scroll, 1);
        return true;
    case ACTION_PROMPT_PAGE_UP:
        scroll_page(&pane->prompt_scroll, -1);
        return true;
    case ACTION_RAW:
        pane->is_raw = !pane->is_raw;
        return true;
    default:
        return false;
    }
}

/* ---- copying ---- */

/* tmux keeps what programs inside it send for the clipboard to itself unless told. */
static void tmux_said(void *ctx, int exit_status)
{
    struct screen *screen = ctx;
    char said[64] = "";
    ssize_t got = read(screen->tmux_fd, said, sizeof said - 1);
    close(screen->tmux_fd);
    loop_child_free(screen->tmux);
    screen->tmux = NULL;
    if (exit_status == 0 && got > 0 && strncmp(said, "on", 2) != 0)
        app_notify(screen->app, NOTICE_WARNING,
                   "The %s was sent, but tmux keeps it from the clipboard. In "
                   "~/.tmux.conf \"set -g set-clipboard on\" lets it through; now: "
                   "\"tmux set -g set-clipboard on\".",
                   screen->copied);
}

static void say_copied(struct screen *screen, const char *what, const char *characters)
{
    char program[] = "tmux", verb[] = "show-options", how[] = "-sv",
         option[] = "set-clipboard";
    char *ask[] = {program, verb, how, option, NULL};
    const char *inside = getenv("TMUX");
    struct err err = {0};
    app_notify(screen->app, NOTICE_DONE,
               "The %s is sent to the terminal's clipboard: %s characters.", what,
               characters);
    screen->copied = what;
    if (inside && inside[0] != '\0' && !screen->tmux)
        screen->tmux = loop_child_new(app_loop(screen->app), ask, &screen->tmux_fd,
                                      tmux_said, screen, &err);
}

static void copy(struct screen *screen, const struct field *field, const char *what)
{
    struct view view;
    size_t len, count = 0;
    screen_view(screen, &view);
    const char *text = view_field(&view, field, &len);
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    const struct short_text characters = view_count(count);
    if (len == 0)
        app_notify(screen->app, NOTICE_INFO, "There is no %s to copy yet.", what);
    else if (screen->terminal.copy(screen->terminal.ctx, text, len))
        say_copied(screen, what, characters.text);
    else
        app_notify(screen->app, NOTICE_WARNING,
                   "The %s has %s characters: too long for a terminal's clipboard.", what,
                   characters.text);
}

/* The command, which is right for everybody, to the clipboard; the address, which counts
 * by what oneself has answered, to a browser where one is. */
static void show_web(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    struct buf command = {0}, address = {0};
    place_count(screen->app);
    place_command(session, &command);
    bool has_address = place_address(session, &address);
    bool is_open = has_address && place_browse(screen->app, buf_text(&address));
    bool is_copied =
        screen->terminal.copy(screen->terminal.ctx, buf_text(&command), command.len);
    app_notify(screen->app, NOTICE_INFO, "%s%s · %s%s%s", buf_text(&command),
               is_copied ? " · copied" : "",
               has_address ? "for you on the web: " : "it is on no server",
               buf_text(&address), is_open ? " · opening" : "");
    buf_clear(&command);
    buf_clear(&address);
}

bool browse_run(struct screen *screen, enum action action)
{
    const struct dataset *dataset = &screen_session(screen)->dataset;
    switch (action) {
    case ACTION_REGENERATE:
        app_regenerate(screen->app);
        return true;
    case ACTION_CANCEL:
        app_cancel(screen->app);
        return true;
    case ACTION_KEEP_MINE:
    case ACTION_TAKE_THEIRS:
        if (!app_choose_response(screen->app, action == ACTION_KEEP_MINE))
            app_notify(screen->app, NOTICE_INFO,
                       "There is no other version of this answer to choose from.");
        return true;
    case ACTION_COPY:
        copy(screen, dataset_response_field(dataset), "response");
        return true;
    case ACTION_WEB:
        show_web(screen);
        return true;
    case ACTION_COPY_PROMPT:
        copy(screen, dataset_prompt_field(dataset), "prompt");
        return true;
    default:
        return run_move(screen, action) || run_scroll(screen, action);
    }
}

enum action browse_key(struct screen *screen, struct key key)
{
    enum action action = keymap_find(&screen->keymap, key);
    if (key.code == DEMO_KEY && key.mods == 0 &&
        browse_is_first_start(screen_session(screen))) {
        screen->wants_demo = true;
        return ACTION_QUIT;
    }
    if (action == ACTION_QUIT && key.code == 'c' && key.mods == KEY_CTRL_BIT &&
        screen_is_streaming(screen))
        return ACTION_CANCEL; /* the second one quits */
    if (action == ACTION_NONE && key.mods == 0 && key.code >= '0' && key.code <= '9')
        form_digit(screen, (int)(key.code - '0'));
    else if (action == ACTION_NONE && key.code != KEYCODE_ESCAPE)
        screen_refuse_key(screen, key);
    return action;
}

/* ---- no record ---- */

bool browse_is_first_start(const struct session *session)
{
    return !session->has_endpoint && !session->has_server && session->is_queue_loaded &&
           session->queue.count == 0;
}

static void draw_lines(struct cells *cells, struct rect area, const char *const *lines,
                       size_t count)
{
    for (size_t i = 0; i < count && (int)i < area.rows; i++)
        cells_string(cells, area.row + (int)i, area.col, area.cols, lines[i], STYLE_TEXT);
}

/* The file as people write it: "~/.config/sherd/config". */
static void write_config_path(const struct view *view, char *out, size_t size)
{
    const char *path = view->config_path ? view->config_path : "";
    const char *home = getenv("HOME");
    size_t len = home ? strlen(home) : 0;
    if (len > 1 && strncmp(path, home, len) == 0 && path[len] == '/')
        snprintf(out, size, "~%s", path + len);
    else
        snprintf(out, size, "%s", path);
}

static void draw_first_start(const struct view *view, struct cells *cells,
                             struct rect area)
{
    char path[256], both[320], or [300];
    write_config_path(view, path, sizeof path);
    snprintf(both, sizeof both, "Both can stand in %s; `sherd doctor` checks them.",
             path);
    snprintf(or, sizeof or, "Or %s.", path);
    /* The narrow form says the same in lines of at most 38 columns. */
    const char *const wide[] = {
        "No model endpoint: set OPENAI_BASE_URL (and OPENAI_API_KEY if it needs one).",
        "No Argilla server: set ARGILLA_API_URL and ARGILLA_API_KEY, or work without.",
        both,
        "Press D to try the demo now: no network, no key, nothing is kept.",
    };
    const char *const narrow[] = {
        "No model: set OPENAI_BASE_URL.",
        "No Argilla: set ARGILLA_API_URL.",
        or
        , "Press D for the demo.",
    };
    draw_lines(cells, area, area.cols >= 76 ? wide : narrow, 4);
}

void browse_draw_empty(const struct view *view, struct cells *cells, struct rect area)
{
    const struct session *session = view->session;
    char first[400], second[200];
    const char *const lines[] = {first, second,
                                 "Until then records are kept here and sent later."};
    if (browse_is_first_start(session)) {
        draw_first_start(view, cells, area);
        return;
    }
    if (session->dataset_missing) {
        snprintf(first, sizeof first, "%s has no dataset \"%s\".", session->server,
                 session->dataset.name);
        snprintf(second, sizeof second, "%s shows what would be created, and asks.",
                 view_key(view, ACTION_CREATE).text);
        if (session_lacks_right(session, ACTION_CREATE))
            snprintf(second, sizeof second, "An owner or an admin can create it.");
        draw_lines(cells, area, lines, 3);
        return;
    }
    bool is_opening = session->has_server && session->sync.offline_since_ms == 0 &&
                      session->sync.state != SYNC_STOPPED &&
                      (!session->is_connected || !session->dataset.remote_id);
    bool is_waiting = !session->is_queue_loaded || session->sync.is_pulling || is_opening;
    snprintf(first, sizeof first, "%s",
             is_waiting ? "Reading records…" : "No record yet.");
    if (session->has_server && !session->can_log)
        snprintf(second, sizeof second, "Your key may rate records, but not add any.");
    else if (!session->has_endpoint)
        snprintf(second, sizeof second,
                 "No model endpoint is configured: OPENAI_BASE_URL names one.");
    else
        snprintf(second, sizeof second, "%s writes the first prompt.",
                 view_key(view, ACTION_PROMPT).text);
    draw_lines(cells, area, lines, 2);
}

/* ---- hints ---- */

static bool has_failed(const struct view *view)
{
    size_t len;
    view_field(view, dataset_response_field(&view->session->dataset), &len);
    return view->record->has_completion &&
           view->record->completion.state == COMPLETION_FAILED && len == 0;
}

static void hint_record(const struct view *view, struct hints *hints)
{
    bool is_narrow = view->cols < VIEW_COLS_MEDIUM;
    bool is_streaming = view_stream(view) != NULL;
    form_hints(view, hints);
    if (is_narrow && is_streaming)
        hints_add(hints, view, ACTION_CANCEL, "stop");
    hints_add(hints, view, ACTION_SUBMIT, "submit");
    hints_add(hints, view, ACTION_DISCARD, "discard");
    hints_add(hints, view, ACTION_UNDO, "undo");
    if (view->session->sibling_count > 1)
        hints_add(hints, view, ACTION_COMPARE, "compare");
    hints_add(hints, view, ACTION_PROMPT, "ask");
    /* These two stand in the same place: nothing moves when a stream ends. */
    if (is_streaming && !is_narrow)
        hints_add(hints, view, ACTION_CANCEL, "stop");
    else if (!is_streaming)
        hints_add(hints, view, ACTION_REGENERATE, "again");
    hints_add(hints, view, ACTION_PREVIOUS, "back");
    hints_add(hints, view, ACTION_NEXT, "next");
    hints_add(hints, view, ACTION_DRAFT, "draft");
    hints_add(hints, view, ACTION_RAW, "raw");
    hints_add(hints, view, ACTION_COPY, "copy");
    hints_add(hints, view, ACTION_ASK_ON, "ask on");
    hints_add(hints, view, ACTION_EDITOR, "editor");
    hints_add(hints, view, ACTION_QUEUE, "queue");
}

void browse_hints(const struct view *view, struct hints *hints)
{
    const struct session *session = view->session;
    if (browse_is_first_start(session)) {
        hints_add_key(hints, "D", "demo");
    } else {
        if (session->dataset_missing)
            hints_add(hints, view, ACTION_CREATE, "create");
        if (!view->record) {
            hints_add(hints, view, ACTION_PROMPT, "write a prompt");
        } else if (has_failed(view)) {
            hints_add(hints, view, ACTION_REGENERATE, "try again");
            hints_add(hints, view, ACTION_PROMPT, "ask");
            hints_add(hints, view, ACTION_DISCARD, "discard");
            hints_add(hints, view, ACTION_NEXT, "next");
            hints_add(hints, view, ACTION_UNDO, "undo");
        } else if (clash_is_shown(view)) { /* nothing else of it until one is chosen */
            hints_add(hints, view, ACTION_KEEP_MINE, "keep yours");
            hints_add(hints, view, ACTION_TAKE_THEIRS, "take the other");
            hints_add(hints, view, ACTION_FACTS, "both whole");
            hints_add(hints, view, ACTION_PREVIOUS, "back");
            hints_add(hints, view, ACTION_NEXT, "next");
            hints_add(hints, view, ACTION_QUEUE, "queue");
        } else {
            hint_record(view, hints);
        }
    }
    hints_add(hints, view, ACTION_COMMAND, "command");
    if (!browse_is_first_start(session) && !view->record)
        hints_add(hints, view, ACTION_SYNC, "look again");
    hints_add(hints, view, ACTION_QUIT, "quit");
    hints_add(hints, view, ACTION_HELP, "help");
}
