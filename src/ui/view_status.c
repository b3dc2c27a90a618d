/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_status.h"

#include <stdio.h>
#include <string.h>

#include "text/sanitise.h"
#include "text/width.h"

#define COLS_WIDE 110

/* ---- the top line ---- */

static void join_count(char *line, size_t size, size_t count, const char *what)
{
    char number[32], text[64];
    if (count == 0)
        return;
    view_format_count(count, number, sizeof number);
    snprintf(text, sizeof text, "%s %s", number, what);
    view_join(line, size, text);
}

static void join_pull(char *line, size_t size, const struct sync_report *sync)
{
    char done[32], total[32], text[96];
    if (!sync->is_pulling)
        return;
    view_format_count(sync->pulled, done, sizeof done);
    view_format_count(sync->pull_total, total, sizeof total);
    if (sync->pull_total > 0)
        snprintf(text, sizeof text, "reading %s of %s", done, total);
    else
        snprintf(text, sizeof text, "reading");
    view_join(line, size, text);
}

static void join_offline(char *line, size_t size, const struct sync_report *sync)
{
    char time[16], text[32];
    if (sync->offline_since_ms == 0)
        return;
    view_format_time(sync->offline_since_ms, time, sizeof time);
    snprintf(text, sizeof text, "offline %s", time);
    view_join(line, size, text);
}

/* How things stand with the server, worst in the warning style. */
static void write_link(const struct session *session, char *line, size_t size,
                       enum style *style)
{
    const struct sync_report *sync = &session->sync;
    line[0] = '\0';
    *style = STYLE_DIM;
    if (!session->has_server) {
        view_join(line, size, session->is_demo ? "" : "local");
        return;
    }
    join_pull(line, size, sync);
    join_count(line, size, sync->outbox.unsent, "unsent");
    join_count(line, size, sync->outbox.refused, "refused");
    join_offline(line, size, sync);
    if (session->dataset_missing)
        view_join(line, size, "not on the server");
    else if (sync->state == SYNC_STOPPED)
        view_join(line, size, "not sending");
    if (session->is_connected && !session->can_log)
        view_join(line, size, "review only");
    bool is_wrong = sync->outbox.refused > 0 || sync->offline_since_ms != 0 ||
                    session->dataset_missing || sync->state == SYNC_STOPPED;
    *style = is_wrong ? STYLE_WARNING : STYLE_DIM;
    if (line[0] == '\0')
        view_join(line, size,
                  !session->is_connected        ? "connecting…"
                  : !session->dataset.remote_id ? "opening…"
                                                : "all sent");
}

static void write_name(const struct session *session, int cols, char *line, size_t size)
{
    char number[64];
    line[0] = '\0';
    view_join(line, size, session->dataset.name ? session->dataset.name : "");
    if (session->is_demo)
        view_join(line, size, cols >= VIEW_COLS_MEDIUM ? "demo, canned answers" : "demo");
    else if (cols >= COLS_WIDE && session->dataset.workspace && session->has_server)
        view_join(line, size, session->dataset.workspace);
    if (cols >= VIEW_COLS_MEDIUM && session->stream_count > 0) {
        snprintf(number, sizeof number, "%zu streaming", session->stream_count);
        view_join(line, size, number);
    }
}

/* Who and where, between the name and the progress, on wide screens. */
static void draw_account(const struct session *session, struct cells *cells,
                         struct rect room)
{
    char text[300] = "";
    if (session->has_server && session->user[0] != '\0')
        snprintf(text, sizeof text, "%s@%s", session->user, session->server);
    else if (session->has_server)
        snprintf(text, sizeof text, "%s", session->server);
    size_t account = strlen(text);
    if (session->has_endpoint && !session->is_demo)
        view_join(text, sizeof text, session->endpoint);
    if (width_of(text, strlen(text)) > (size_t)room.cols)
        text[account] = '\0'; /* half a name says less than none */
    if (room.cols > 0 && width_of(text, account) <= (size_t)room.cols)
        cells_string(cells, room.row, room.col, room.cols, text, STYLE_DIM);
}

/* Ends at end_col; returns the column where it starts. */
static int draw_progress(const struct session *session, struct cells *cells,
                         struct rect row, int end_col)
{
    const struct queue *queue = &session->queue;
    size_t done = queue->counts[RESPONSE_SUBMITTED] + queue->counts[RESPONSE_DISCARDED];
    int bar = row.cols < VIEW_COLS_MEDIUM ? 0 : row.cols < COLS_WIDE ? 10 : 20;
    char done_text[32], total[32], text[96];
    if (queue->count == 0)
        return end_col;
    view_format_count(done, done_text, sizeof done_text);
    view_format_count(queue->count, total, sizeof total);
    snprintf(text, sizeof text, row.cols < VIEW_COLS_MEDIUM ? "%s/%s" : "%s of %s done",
             done_text, total);
    if (bar > 0)
        view_bar(cells, row.row, end_col - bar, bar, done, queue->count);
    int text_end = end_col - (bar > 0 ? bar + 2 : 0);
    int used =
        cells_string_right(cells, row.row, text_end, row.cols / 2, text, STYLE_TEXT);
    return text_end - used;
}

void view_status_draw(const struct view *view, struct cells *cells, struct rect row)
{
    const struct session *session = view->session;
    char link[160], name[256];
    enum style link_style;
    int end = row.col + row.cols;
    write_link(session, link, sizeof link, &link_style);
    int used = cells_string_right(cells, row.row, end, row.cols / 2, link, link_style);

    /* The progress keeps its place while the words after it change a little. */
    int reserve = row.cols < VIEW_COLS_MEDIUM || !session->has_server ? 0 : 12;
    int link_cols = used > reserve ? used : reserve;
    int start = draw_progress(session, cells, row, end - link_cols - (link_cols ? 2 : 0));

    write_name(session, row.cols, name, sizeof name);
    int name_cols =
        cells_string(cells, row.row, row.col, start - row.col - 2, name, STYLE_TITLE);
    int col = row.col + name_cols + 4;
    if (row.cols >= COLS_WIDE)
        draw_account(session, cells, (struct rect){row.row, col, 1, start - col - 2});
}

/* ---- the line near the bottom ---- */

bool view_notice_is_live(const struct view *view)
{
    const struct notice *notice = &view->session->notice;
    return (notice->text[0] != '\0' && notice->until_ms > view->now_ms) ||
           view->session->save == SAVE_FAILED;
}

static enum style notice_style(enum notice_kind kind)
{
    static const enum style styles[] = {[NOTICE_INFO] = STYLE_TEXT,
                                        [NOTICE_DONE] = STYLE_TEXT,
                                        [NOTICE_WARNING] = STYLE_WARNING,
                                        [NOTICE_ERROR] = STYLE_ERROR};
    return styles[kind];
}

/* An answer that still streams is not on disk to its last word. */
static bool is_streaming(const struct session *session)
{
    return session->has_current && session_stream(session, &session->current.id);
}

static const char *saved_text(const struct session *session)
{
    switch (session->save) {
    case SAVE_NONE:
        break;
    case SAVE_RUNNING:
        return "saving…";
    case SAVE_DONE:
        if (session->current.response.status == RESPONSE_DRAFT)
            return "draft saved";
        return is_streaming(session) ? "" : "saved";
    case SAVE_FAILED:
        return "NOT SAVED: the last change could not be written to disk";
    }
    return "";
}

/* The demo's one line about what to do next; afterwards nobody needs it. */
static const char *demo_hint(const struct view *view)
{
    const struct session *session = view->session;
    bool is_new = session->queue.counts[RESPONSE_SUBMITTED] == 0 &&
                  session->save == SAVE_NONE && session->has_current;
    if (!session->is_demo || !is_new || view->mode != MODE_BROWSE)
        return "";
    return "4 rates this answer, f says why, Enter submits; i asks something new.";
}

static void draw_trouble(const struct view *view, struct cells *cells, struct rect room)
{
    const struct sync_report *sync = &view->session->sync;
    bool is_told = sync->state == SYNC_WAITING || sync->state == SYNC_STOPPED;
    if (!view->session->has_server || !is_told || room.cols < 20)
        return;
    char text[sizeof sync->err.text];
    sanitise_line(sync->err.text, strlen(sync->err.text), text, sizeof text);
    cells_string_right(cells, room.row, room.col + room.cols, room.cols, text,
                       STYLE_WARNING);
}

/* Bytes of the words that fit into a row of cols; all of them when there is no blank. */
static size_t fit_words(const char *text, int cols)
{
    size_t len = strlen(text);
    size_t fits = width_fit(text, len, (size_t)cols);
    size_t end = fits;
    while (fits < len && end > 0 && text[end] != ' ')
        end--;
    return fits < len && end > 0 ? end : fits;
}

static void draw_notice(const struct notice *notice, struct cells *cells,
                        struct rect area)
{
    const char *text = notice->text;
    enum style style = notice_style(notice->kind);
    size_t first = fit_words(text, area.cols);
    if (area.rows > 1 && text[first] != '\0') {
        cells_fill(cells, (struct rect){area.row, 0, 1, cells->cols}, ' ', STYLE_TEXT);
        cells_text(cells, area.row, area.col, area.cols, text, first, style);
        text += first + (text[first] == ' ');
    }
    cells_string(cells, area.row + area.rows - 1, area.col, area.cols, text, style);
}

void view_notice_draw(const struct view *view, struct cells *cells, struct rect area)
{
    const struct session *session = view->session;
    const struct notice *notice = &session->notice;
    struct rect row = {area.row + area.rows - 1, area.col, 1, area.cols};
    if (notice->text[0] != '\0' && notice->until_ms > view->now_ms) {
        draw_notice(notice, cells, area);
        return;
    }
    const char *text = saved_text(session);
    if (text[0] == '\0')
        text = demo_hint(view);
    int used = cells_string(cells, row.row, row.col, row.cols, text,
                            session->save == SAVE_FAILED ? STYLE_ERROR : STYLE_DIM);
    used += used > 0 ? 2 : 0;
    draw_trouble(view, cells, (struct rect){row.row, row.col + used, 1, row.cols - used});
}
