/* SPDX-License-Identifier: MIT
 *
 * The trace: what an agent did on the way to the record's answer, a step a line, each
 * unfolded by Enter; and the user's word where a tool waits for it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "ui/parts.h"

void trace_pane_init(struct trace_pane *pane)
{
    *pane = (struct trace_pane){.flow = flow_new()};
}

static void clear_items(struct trace_pane *pane)
{
    for (size_t i = 0; i < pane->count; i++) {
        free(pane->items[i].tool);
        free(pane->items[i].text);
    }
    free(pane->items);
    pane->items = NULL;
    pane->count = 0;
}

void trace_pane_clear(struct trace_pane *pane)
{
    clear_items(pane);
    flow_free(pane->flow);
}

/* ---- what is shown ---- */

static void add_item(void *ctx, const struct trace_step *step)
{
    struct trace_pane *pane = ctx;
    pane->items = xreallocarray(pane->items, pane->count + 1, sizeof *pane->items);
    pane->items[pane->count++] =
        (struct trace_item){.kind = step->kind,
                            .took_ms = step->took_ms,
                            .tool = xstrdup_or_null(step->tool),
                            .text = xmemdup0(step->text, step->len),
                            .len = step->len,
                            .is_error = step->is_error};
}

/* What is unfolded stays so while steps are added. */
void trace_refresh(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct id *record = &session->current.id;
    const struct stream *stream =
        session->has_current ? session_stream(session, record) : NULL;
    struct trace_pane *pane = &screen->frame.trace, before = *pane;
    size_t seen = stream ? stream->steps : 0;
    if (!session->has_current)
        return;
    bool is_same = id_equal(&pane->record, record);
    int64_t asked_ms = session->current.completion.started_ms;
    if (is_same && pane->seen == seen && pane->was_streaming == !!stream &&
        pane->asked_ms == asked_ms && pane->news == session->news)
        return;
    pane->items = NULL;
    pane->count = 0;
    struct err err = {0};
    if (store_each_step(app_store(screen->app), record, add_item, pane, &err))
        app_notify(screen->app, NOTICE_ERROR, "%s", err.text);
    for (size_t i = 0; is_same && i < pane->count && i < before.count; i++)
        pane->items[i].is_open = before.items[i].is_open;
    bool was_last = before.cursor + 1 >= before.count;
    if (!is_same)
        pane->cursor = 0;
    else if (was_last || pane->cursor >= pane->count)
        pane->cursor = pane->count ? pane->count - 1 : 0;
    pane->record = *record;
    pane->seen = seen;
    pane->was_streaming = stream != NULL;
    pane->asked_ms = asked_ms;
    pane->news = session->news;
    pane->follows = before.follows || !is_same || pane->count != before.count;
    clear_items(&before);
}

static void add_text(const struct trace_item *item, struct buf *out)
{
    const char *end = item->text + item->len;
    for (const char *at = item->text; at < end;) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((line ? line : end) - at);
        buf_add_text(out, "    ");
        buf_add(out, at, len);
        buf_add_text(out, "\n");
        at += len + (line != NULL);
    }
}

static void add_head(const struct view *view, size_t index, struct buf *out)
{
    const struct trace_item *item = &view->trace->items[index];
    char name[40], text[400];
    const char *what = item->kind == TRACE_THOUGHT ? "thought"
                       : item->kind == TRACE_END   ? "stopped"
                       : item->kind == TRACE_RESULT
                           ? item->is_error ? "refused" : "result"
                       : item->tool ? item->tool
                                    : "call";
    size_t room = view->cols > 44 ? (size_t)view->cols - 24 : 20;
    sanitise_line(what, strlen(what), name, sizeof name);
    buf_addf(out, "%c %c %-10s ", index == view->trace->cursor ? '>' : ' ',
             item->is_open ? '-' : '+', name);
    if (!item->is_open)
        buf_addf(out, "%s ",
                 sanitise_line(item->text, item->len, text,
                               room < sizeof text ? room : sizeof text));
    buf_addf(out, "%s\n", item->took_ms >= 0 ? view_seconds(item->took_ms).text : "");
}

static void write_steps(const struct view *view, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        add_head(view, i, out);
        if (view->trace->items[i].is_open)
            add_text(&view->trace->items[i], out);
    }
}

void trace_write(const struct view *view, struct buf *out)
{
    const struct stream *stream = view_stream(view);
    write_steps(view, view->trace->count, out);
    if (stream && stream->asks[0])
        buf_addf(out,
                 "\nThe agent wants to run: %s\ny runs it, a runs this and all that "
                 "follow, n refuses.\n",
                 stream->asks);
    else if (stream && stream->doing[0])
        buf_addf(out, "\nRunning: %s\n", stream->doing);
    else if (stream && stream->is_agent)
        buf_add_text(out, "\nThe model is asked.\n");
    else if (!view->trace->count)
        buf_add_text(out, "No agent wrote this answer: there are no steps.\n");
}

/* The step under the cursor stays in view. */
void trace_follow(const struct view *view, struct scroll *scroll, int columns, int rows)
{
    const struct trace_pane *pane = view->trace;
    struct buf front = {0};
    if (!pane->follows || !pane->count)
        return;
    write_steps(view, pane->cursor, &front);
    flow_set_raw(pane->flow, buf_text(&front), front.len, columns);
    size_t line = front.len ? flow_line_count(pane->flow) : 0;
    if (line > 0 && front.data[front.len - 1] == '\n')
        line--; /* the empty line behind the last */
    buf_clear(&front);
    if (line < scroll->top)
        scroll->top = line;
    else if (line + 2 > scroll->top + (size_t)rows)
        scroll->top = line + 2 - (size_t)rows;
}

/* ---- keys ---- */

static bool decide(struct screen *screen, struct key key)
{
    const struct session *session = screen_session(screen);
    const struct stream *stream =
        session->has_current ? session_stream(session, &session->current.id) : NULL;
    bool is_word = key.code == 'y' || key.code == 'n' || key.code == 'a';
    if (!stream || !stream->asks[0] || key.mods || !is_word)
        return false;
    app_decide_tool(screen->app, &session->current.id, key.code != 'n', key.code == 'a');
    return true;
}

bool trace_key(struct screen *screen, struct key key, enum action action)
{
    struct trace_pane *pane = &screen->frame.trace;
    if (decide(screen, key))
        return true;
    pane->follows = true;
    if (key.code == KEYCODE_ENTER && pane->count) {
        pane->items[pane->cursor].is_open = !pane->items[pane->cursor].is_open;
    } else if (action == ACTION_SCROLL_DOWN) {
        pane->cursor += pane->cursor + 1 < pane->count;
    } else if (action == ACTION_SCROLL_UP) {
        pane->cursor -= pane->cursor > 0;
    } else {
        pane->follows = false; /* pages are turned */
        return false;
    }
    return true;
}

void trace_hints(const struct view *view, struct hints *hints)
{
    const struct stream *stream = view_stream(view);
    if (stream && stream->asks[0]) {
        hints_add_key(hints, "y", "run it");
        hints_add_key(hints, "a", "run all");
        hints_add_key(hints, "n", "refuse");
    }
    hints_add_key(hints, "Enter", "unfold");
}
