/* SPDX-License-Identifier: MIT
 *
 * A screen's life, and when to paint it.
 */
#include "config.h"

#include "ui/screen.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/ask.h"
#include "app/current.h"
#include "app/respond.h"
#include "app/search.h"
#include "base/xalloc.h"
#include "ui/parts.h"

#define FRAME_MS 33
#define PLAIN_FRAME_MS 2000 /* a screen reader begins anew with each */

/* ---- painting ---- */

static void mark_dirty(void *ctx)
{
    struct screen *screen = ctx;
    screen->is_dirty = true;
}

/* Text that grows can wait for the next frame, another record (the first one after the
 * start) cannot. */
static void on_change(void *ctx)
{
    struct screen *screen = ctx;
    struct id now = screen_shown_record(screen);
    mark_dirty(screen);
    const struct notice *notice = &screen_session(screen)->notice;
    bool is_said = screen->is_plain && notice->text[0] != '\0' &&
                   notice->until_ms != screen->seen_notice_ms;
    screen->seen_notice_ms = notice->until_ms;
    if (screen_session(screen)->datasets.next_row)
        screen_quit(screen); /* main opens it */
    screen->is_urgent =
        screen->is_urgent || is_said || !id_equal(&now, &screen->seen_record);
}

/* The page of what is unsent follows the sending, an agent's its steps; both, and the
 * list of datasets, what other processes do. */
static void refresh_page(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    if (screen->mode == MODE_DATASETS)
        app_follow_datasets(screen->app);
    if (screen->mode != MODE_PAGER)
        return;
    if (screen->frame.pager.page == PAGER_TRACE)
        trace_refresh(screen);
    if (screen->frame.pager.page == PAGER_OUTBOX && session->unsent.news != session->news)
        app_list_unsent(screen->app);
}

/* Plain: what others see happen is said, in the one line at the bottom. */
static void tell_end(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    bool is_streaming = screen_is_streaming(screen);
    if (screen->was_streaming && !is_streaming && session->has_current &&
        id_equal(&screen->streamed, &session->current.id)) {
        app_notify(screen->app, NOTICE_INFO, "The answer of #%zu is %s.",
                   session->queue.position + 1,
                   session->current.completion.state == COMPLETION_DONE ? "complete"
                   : session->current.completion.state == COMPLETION_CUT
                       ? "cut off"
                       : "not there: it failed");
        screen->is_urgent = true;
    }
    screen->was_streaming = is_streaming;
    screen->streamed = screen_shown_record(screen);
}

/* What was drawn has the view's record in it. */
static bool shows_record(const struct screen *screen, const struct view *view)
{
    return view->record && view->mode != MODE_PAGER && view->mode != MODE_QUEUE &&
           view->mode != MODE_MODELS && view->mode != MODE_DATASETS &&
           !view->session->comparison.is_open &&
           !layout_is_too_small(screen->frame.cells.rows, screen->frame.cells.cols);
}

void screen_paint(struct screen *screen)
{
    int64_t now = clock_mono_ms(screen->clock);
    if (!screen->is_dirty || screen->is_away)
        return;
    int64_t due = screen->painted_ms + (screen->is_plain ? PLAIN_FRAME_MS : FRAME_MS);
    if (screen->is_plain)
        tell_end(screen);
    if (!screen->is_urgent && now < due) {
        loop_timer_start(screen->wake, due - now, 0);
        return;
    }
    screen->is_dirty = screen->is_urgent = false;
    screen->painted_ms = now;
    events_follow(screen);
    refresh_page(screen);
    bool has_people =
        screen->mode == MODE_PAGER && screen->frame.pager.page == PAGER_PEOPLE;
    if (has_people)
        app_ask_progress(screen->app);
    else if (screen_session(screen)->decides)
        app_decide(screen->app, false);
    app_show_stats(screen->app, has_people || (screen->mode == MODE_PAGER &&
                                               screen->frame.pager.page == PAGER_STATS));
    run_follow(screen);
    struct view view;
    screen_view(screen, &view);
    frame_draw(&screen->frame, &view);
    screen->terminal.flush(screen->terminal.ctx, &screen->frame.cells);
    if (shows_record(screen, &view))
        app_see_record(screen->app, !view_stream(&view) &&
                                        scroll_is_at_end(&screen->frame.record.scroll));
    int64_t next = frame_next_change(&view);
    if (next >= 0)
        loop_timer_start(screen->wake, next, 0);
    else
        loop_timer_stop(screen->wake);
}

/* ---- life ---- */

/* The prompt is on disk soon as well. */
static void autosave(void *ctx)
{
    prompt_keep(ctx);
}

struct screen *screen_new(struct app *app, const struct settings *settings,
                          const struct screen_terminal *terminal, int rows, int cols)
{
    struct screen *screen = xcalloc(1, sizeof *screen);
    screen->app = app;
    screen->terminal = *terminal;
    screen->clock = &clock_system;
    screen->settings = settings;
    screen->is_plain = settings->plain;
    screen->config_path = settings->path ? xstrdup(settings->path) : NULL;
    keymap_init(&screen->keymap, settings);
    frame_init(&screen->frame, rows, cols);
    screen->autosave = loop_timer_new(app_loop(app), autosave, screen);
    screen->number_timer = loop_timer_new(app_loop(app), form_end_number, screen);
    screen->wake = loop_timer_new(app_loop(app), mark_dirty, screen);
    screen->is_dirty = screen->is_urgent = true;
    page_start(screen);
    app_on_change(app, on_change, screen);
    app_answer_tools(app);
    const char *name = screen_session(screen)->dataset.name;
    screen->terminal.title(screen->terminal.ctx, name ? name : "sherd");
    if (screen_session(screen)->is_choosing)
        datasets_enter(screen);
    events_follow(screen);
    return screen;
}

void screen_free(struct screen *screen)
{
    if (!screen)
        return;
    batch_free(screen->batch);
    form_leave(screen); /* a signal may have ended us in the middle of a word */
    prompt_keep(screen);
    app_on_change(screen->app, NULL, NULL);
    editor_free(screen->editor);
    loop_timer_free(screen->autosave);
    loop_timer_free(screen->number_timer);
    loop_timer_free(screen->wake);
    former_clear(&screen->prompt_history);
    former_clear(&screen->command_history);
    former_clear(&screen->search_history);
    if (screen->tmux)
        close(screen->tmux_fd);
    loop_child_free(screen->tmux);
    free(screen->config_path);
    free(screen->writing);
    form_forget_questions(screen);
    free(screen->orphan);
    free(screen->orphan_question);
    frame_clear(&screen->frame);
    keymap_clear(&screen->keymap);
    free(screen);
}

void screen_use_clock(struct screen *screen, const struct clock *clock)
{
    screen->clock = clock;
}

void screen_use_runs(struct screen *screen, batch_line_fn start)
{
    screen->start_run = start;
}

bool screen_wants_quit(const struct screen *screen)
{
    return screen->wants_quit;
}

int64_t screen_next_dataset(const struct screen *screen)
{
    return screen->wants_quit ? screen_session(screen)->datasets.next_row : 0;
}

bool screen_wants_demo(const struct screen *screen)
{
    return screen->wants_demo;
}
