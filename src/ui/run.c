/* SPDX-License-Identifier: MIT
 *
 * A run on the screen: ":run FILE …" starts it, its page shows it, and it goes on while
 * records are rated.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/sanitise.h"
#include "text/width.h"
#include "ui/parts.h"

/* ---- what it tells ---- */

static void put_text(char *out, size_t size, const char *text, size_t len)
{
    size_t end = text ? strcspn(text, "\n") : 0;
    sanitise_line(text ? text : "", end < len ? end : len, out, size);
}

static void add_line(struct screen *screen, const struct batch_event *event)
{
    struct run_shown *run = &screen->frame.run;
    struct run_line *line = &run->lines[run->count++ % RUN_LINES];
    *line = (struct run_line){.line = event->line, .tokens = -1, .ms = -1};
    put_text(line->model, sizeof line->model, event->model,
             event->model ? strlen(event->model) : 0);
    if (event->err)
        snprintf(line->error, sizeof line->error, "%.199s", event->err->text);
    if (!event->record)
        return;
    size_t len = 0;
    const char *prompt =
        session_record_prompt(screen_session(screen), event->record, &len);
    line->record = event->record->id;
    line->tokens = event->record->completion.completion_tokens;
    line->ms = event->record->completion.total_ms;
    put_text(line->prompt, sizeof line->prompt, prompt, len);
}

static void on_event(void *ctx, const struct batch_event *event)
{
    struct screen *screen = ctx;
    if (event->outcome == BATCH_LOGGED || event->outcome == BATCH_FAILED ||
        event->outcome == BATCH_BAD_ROW)
        add_line(screen, event);
    else if (event->outcome == BATCH_NOTE)
        app_notify(screen->app, NOTICE_INFO, "%s", event->err->text);
}

/* ---- keys ---- */

bool run_begin(struct screen *screen, const char *line)
{
    struct run_shown *run = &screen->frame.run;
    struct err err = {0};
    if (screen->batch && !batch_is_over(screen->batch)) {
        app_notify(screen->app, NOTICE_WARNING,
                   "A run is under way; it can be stopped on its page.");
        return true;
    }
    struct batch *batch =
        screen->start_run ? screen->start_run(screen->app, line, on_event, screen, &err)
                          : NULL;
    if (!batch) {
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
        return false;
    }
    batch_free(screen->batch);
    screen->batch = batch;
    *run = (struct run_shown){.progress = batch_progress(batch),
                              .started_ms = clock_mono_ms(screen->clock)};
    put_text(run->name, sizeof run->name, line, strlen(line));
    return true;
}

void run_stop(struct screen *screen)
{
    if (!screen->batch || batch_is_over(screen->batch)) {
        app_notify(screen->app, NOTICE_INFO, "No run is under way.");
        return;
    }
    batch_cancel(screen->batch);
    app_notify(screen->app, NOTICE_DONE,
               "The run is stopped; the same :run goes on where it was.");
}

/* "" = all was done. */
static void format_left(const struct batch_progress *counts, char *out, size_t size)
{
    out[0] = '\0';
    if (counts->total > counts->done)
        snprintf(out, size, "Stopped with %zu to go; the same :run goes on.",
                 counts->total - counts->done);
}

void run_follow(struct screen *screen)
{
    struct run_shown *run = &screen->frame.run;
    if (!screen->batch || run->is_over || !batch_is_over(screen->batch))
        return;
    char counts[256], left[96];
    batch_format_end(run->progress, counts, sizeof counts);
    format_left(run->progress, left, sizeof left);
    run->is_over = true;
    run->ended_ms = clock_mono_ms(screen->clock);
    run->fault = *batch_fault(screen->batch);
    if (run->fault.code)
        app_notify(screen->app, NOTICE_ERROR, "The run has ended: %s", run->fault.text);
    else
        app_notify(screen->app, NOTICE_DONE, "The run has ended: %s%s%s", counts,
                   left[0] ? " " : "", left);
}

/* ---- drawing ---- */

static void write_row(struct buf *out, const struct view *view, const struct id *record,
                      int64_t ms, int64_t tokens, const char *model, const char *text)
{
    char number[32] = "-", count[32] = "";
    size_t at = view->number_of(view->ctx, record);
    if (at > 0)
        snprintf(number, sizeof number, "#%zu", at);
    if (tokens >= 0)
        snprintf(count, sizeof count, "%lld tok", (long long)tokens);
    /* a row is a line */
    size_t room = view->cols > 46 ? (size_t)view->cols - 46 : 1;
    if (room > VIEW_TEXT_COLS_MAX - 46)
        room = VIEW_TEXT_COLS_MAX - 46;
    size_t model_len = width_fit(model, strlen(model), 14);
    buf_addf(out, "%7s %8s %9s  %.*s%*s  ", number, ms >= 0 ? view_seconds(ms).text : "",
             count, (int)model_len, model, 14 - (int)width_of(model, model_len), "");
    buf_add(out, text, width_fit(text, strlen(text), room));
    buf_add_text(out, "\n");
}

static void write_streams(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    if (session->stream_count > 0)
        buf_add_text(out, "Being answered\n");
    for (size_t i = 0; i < session->stream_count; i++) {
        const struct stream *stream = session->streams[i];
        size_t number = view->number_of(view->ctx, &stream->record);
        const char *prompt = number > 0 ? view->snippet(view->ctx, number - 1) : "";
        write_row(out, view, &stream->record, view->now_ms - stream->started_ms,
                  stream->pieces, "", stream->waiting[0] ? stream->waiting : prompt);
    }
}

static void write_ended(const struct view *view, bool is_failed, struct buf *out)
{
    const struct run_shown *run = view->run;
    size_t kept = run->count < RUN_LINES ? run->count : RUN_LINES, shown = 0;
    for (size_t i = 0; i < kept; i++) {
        const struct run_line *line = &run->lines[(run->count - 1 - i) % RUN_LINES];
        if ((line->error[0] != '\0') != is_failed)
            continue;
        if (shown++ == 0)
            buf_add_text(out, is_failed ? "\nFailed, the last first\n"
                                        : "\nLogged, the last first\n");
        if (!is_failed)
            write_row(out, view, &line->record, line->ms, line->tokens, line->model,
                      line->prompt);
        else if (line->line)
            buf_addf(out, "line %zu: %s\n", line->line, line->error);
        else
            buf_addf(out, "%s\n", line->error);
    }
}

void run_write(const struct view *view, struct buf *out)
{
    const struct run_shown *run = view->run;
    char text[320];
    if (!run->progress) {
        buf_add_text(out, "There is no run. :run FILE starts one, with the options of "
                          "\"sherd run\":\n\n  :run prompts.txt --samples 3\n  :run "
                          "rows.csv --template \"Tell me about {title}\"\n");
        return;
    }
    int64_t end = run->is_over ? run->ended_ms : view->now_ms;
    batch_format(run->progress, view->session, end - run->started_ms, text, sizeof text);
    buf_addf(out, "%s\n%s\n", run->name, text);
    if (run->fault.code)
        buf_addf(out, "%s\n", run->fault.text);
    format_left(run->progress, text, sizeof text);
    if (run->is_over && !run->fault.code)
        buf_addf(out, "%s\n", text[0] ? text : "It has ended.");
    buf_add_text(out, "\n");
    write_streams(view, out);
    write_ended(view, true, out);
    write_ended(view, false, out);
}
