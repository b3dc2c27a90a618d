/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sanitise.h"
#include "base/xalloc.h"
#include "model/selection.h"
#include "text/width.h"

#define COLS_WIDE 110
#define ROWS_MAX 4 /* of a sentence */

/* ---- the top line ---- */

static void join_count(char *line, size_t size, size_t count, const char *what)
{
    if (count > 0)
        view_join(line, size, "%s %s", view_count(count).text, what);
}

static void join_pull(char *line, size_t size, const struct sync_report *sync)
{
    if (sync->is_pulling && sync->pull_total > 0)
        view_join(line, size, "reading %s of %s", view_count(sync->pulled).text,
                  view_count(sync->pull_total).text);
    else if (sync->is_pulling)
        view_join(line, size, "reading");
}

/* In how many words: the most that fit are taken. */
enum detail { DETAIL_LEAST, DETAIL_LESS, DETAIL_ALL };

static void join_offline(char *line, size_t size, const struct sync_report *sync,
                         enum detail detail)
{
    if (sync->offline_since_ms != 0 && detail == DETAIL_LEAST)
        view_join(line, size, "offline");
    else if (sync->offline_since_ms != 0)
        view_join(line, size, "offline %s%s", detail == DETAIL_ALL ? "since " : "",
                  view_time(sync->offline_since_ms).text);
}

static const char *say_short(enum detail detail, const char *least, const char *whole)
{
    return detail == DETAIL_LEAST ? least : whole;
}

/* Without a server: what there is none for. */
static void write_local(const struct session *session, char *line, size_t size)
{
    const struct dataset *dataset = &session->dataset;
    bool has_home = dataset->server && *dataset->server;
    bool is_plain_local = !session->is_demo && !session->is_choosing && !*line;
    join_count(line, size, session->sync.outbox.unsent, "unsent");
    view_join(line, size, "%s",
              dataset->is_gone             ? "deleted there"
              : is_plain_local && has_home ? "no server"
              : is_plain_local             ? "local"
                                           : "");
}

/* How things stand with the server. */
static void write_link(const struct session *session, enum detail detail, char *line,
                       size_t size)
{
    const struct sync_report *sync = &session->sync;
    line[0] = '\0';
    if (session->is_read_only)
        view_join(line, size, "read-only");
    if (!session->has_server) {
        write_local(session, line, size);
        return;
    }
    if (detail != DETAIL_LEAST && sync->offline_since_ms == 0)
        join_pull(line, size, sync);
    join_count(line, size, sync->outbox.unsent, "unsent");
    join_count(line, size, sync->outbox.deleted,
               say_short(detail, "to del", "to delete"));
    join_count(line, size, sync->outbox.refused, "refused");
    join_count(line, size, sync->outbox.clashes, "to choose");
    join_count(line, size, sync->outbox.gone, "gone");
    join_count(line, size, sync->outbox.kept, say_short(detail, "kept", "kept here"));
    join_count(line, size, session->elsewhere.on_server,
               say_short(detail, "elsewhere", "unsent elsewhere"));
    join_count(line, size, session->elsewhere.to_move, "to move");
    join_offline(line, size, sync, detail);
    if (sync->silent_since_ms != 0 && sync->offline_since_ms == 0)
        view_join(line, size, "%s", say_short(detail, "silent", "no reply yet"));
    if (session->dataset_missing)
        view_join(line, size, "%s",
                  session->dataset.is_gone
                      ? say_short(detail, "deleted", "deleted on the server")
                      : say_short(detail, "no dataset", "not on the server"));
    else if (sync->state == SYNC_STOPPED)
        view_join(line, size, "%s", say_short(detail, "stopped", "not sending"));
    if (session->is_connected && !session->can_log)
        view_join(line, size, "%s", say_short(detail, "review", "review only"));
    if (line[0] == '\0')
        view_join(line, size, "%s",
                  !session->is_connected        ? "connecting…"
                  : !session->dataset.remote_id ? "opening…"
                  : session->unsaved[0] != '\0' ? "not saved"
                                                : "all sent");
}

/* The most words about the link that fit into cols. */
static void fit_link(const struct session *session, int cols, char *line, size_t size)
{
    for (enum detail detail = DETAIL_ALL;; detail--) {
        write_link(session, detail, line, size);
        if (detail == DETAIL_LEAST || width_of(line, strlen(line)) <= (size_t)cols)
            return;
    }
}

static enum style link_style(const struct session *session)
{
    const struct sync_report *sync = &session->sync;
    bool is_wrong = session->is_read_only ||
                    (session->has_server &&
                     (sync->outbox.refused > 0 || sync->outbox.clashes > 0 ||
                      sync->outbox.gone > 0 || sync->offline_since_ms != 0 ||
                      session->dataset_missing || sync->state == SYNC_STOPPED));
    return is_wrong ? STYLE_WARNING : STYLE_DIM;
}

/* A part that has no room is left out. */
static void join_if_room(char *line, size_t size, const char *text, int cols)
{
    if (width_of(line, strlen(line)) + 3 + width_of(text, strlen(text)) <= (size_t)cols)
        view_join(line, size, "%s", text);
}

static void write_name(const struct view *view, int room, char *line, size_t size)
{
    const struct session *session = view->session;
    bool is_narrow = view->cols < VIEW_COLS_MEDIUM;
    char number[64];
    line[0] = '\0';
    view_join(line, size, "%s", session->dataset.name ? session->dataset.name : "");
    if (session->is_demo)
        join_if_room(line, size, is_narrow ? "demo" : "demo, canned answers", room);
    else if (view->cols >= COLS_WIDE && session->dataset.workspace && session->has_server)
        join_if_room(line, size, session->dataset.workspace, room);
    if (session->is_fast)
        join_if_room(line, size, "fast", room);
    snprintf(number, sizeof number, "%zu streaming", session->stream_count);
    if (!is_narrow && session->stream_count > 0)
        join_if_room(line, size, number, room);
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
        view_join(text, sizeof text, "%s", session->endpoint);
    if (width_of(text, strlen(text)) > (size_t)room.cols)
        text[account] = '\0'; /* half a name says less than none */
    if (room.cols > 0 && width_of(text, account) <= (size_t)room.cols)
        cells_string(cells, room.row, room.col, room.cols, text, STYLE_DIM);
}

/* Ends at end_col; returns the column where it starts. */
static int draw_progress(const struct view *view, struct cells *cells, struct rect row,
                         int end_col)
{
    const struct queue *queue = &view->session->queue;
    const size_t *counts = queue_counts(queue);
    size_t done = counts[RESPONSE_SUBMITTED] + counts[RESPONSE_DISCARDED];
    size_t all = queue_total(queue), enough = queue_completed(queue), gone = 0;
    for (size_t i = 0; queue->is_narrowed && !all && i < queue->shown_count; i++)
        gone += !(queue->rows[queue->shown[i]].flags & QUEUE_DELETED);
    if (!queue->has_filter && enough < all) /* nobody is asked for these */
        all -= enough;
    bool is_narrow = row.cols < VIEW_COLS_MEDIUM;
    int bar = is_narrow || view->is_plain ? 0 : row.cols < COLS_WIDE ? 10 : 20;
    char text[192];
    if (queue->count == 0 || !view->session->is_queue_loaded)
        return end_col;
    const struct short_text of = view_count(all);
    const struct short_text are =
        view_count(queue->has_filter ? counts[queue->filter] : done);
    if (queue->has_filter && is_narrow) /* what is counted is what one goes through */
        snprintf(text, sizeof text, "%s %s", response_status_name(queue->filter),
                 are.text);
    else if (queue->has_filter)
        snprintf(text, sizeof text, "only %s: %s of %s",
                 response_status_name(queue->filter), are.text, of.text);
    else if (gone > 0)
        snprintf(text, sizeof text, "%zu shown", gone);
    else
        snprintf(text, sizeof text, is_narrow ? "%s/%s" : "%s of %s done", are.text,
                 of.text);
    if (bar > 0)
        view_bar(cells, row.row, end_col - bar, bar, done, all);
    int text_end = end_col - (bar > 0 ? bar + 2 : 0);
    int used = cells_string_right(cells, row.row, text_end, row.cols / 2, text,
                                  queue->has_filter || queue->is_narrowed ? STYLE_ACCENT
                                                                          : STYLE_TEXT);
    return text_end - used;
}

void status_draw(const struct view *view, struct cells *cells, struct rect row)
{
    const struct session *session = view->session;
    char link[160], name[256];
    int end = row.col + row.cols;
    /* On a narrow screen it is worth more than the end of the name. */
    int most = row.cols < VIEW_COLS_MEDIUM ? row.cols * 3 / 5 : row.cols / 2;
    fit_link(session, most, link, sizeof link);
    int used = cells_string_right(cells, row.row, end, most, link, link_style(session));

    /* The progress keeps its place while the words after it change a little. */
    int reserve = row.cols < VIEW_COLS_MEDIUM || !session->has_server ? 0 : 12;
    int link_cols = used > reserve ? used : reserve;
    int start = draw_progress(view, cells, row, end - link_cols - (link_cols ? 2 : 0));

    int room = start - row.col - 2;
    write_name(view, room, name, sizeof name);
    int name_cols = cells_string(cells, row.row, row.col, room, name, STYLE_TITLE);
    int col = row.col + name_cols + 4;
    if (row.cols >= COLS_WIDE)
        draw_account(session, cells, (struct rect){row.row, col, 1, start - col - 2});
}

/* ---- the line near the bottom ---- */

bool status_has_notice(const struct view *view)
{
    const struct notice *notice = &view->session->notice;
    return view->session->bulk.phase != BULK_NONE ||
           (notice->text[0] != '\0' && notice->until_ms > view->now_ms) ||
           view->session->unsaved[0] != '\0';
}

static const char *saved_text(const struct view *view)
{
    bool is_draft = view->record && view->record->response.status == RESPONSE_DRAFT;
    switch (view->session->save) {
    case SAVE_NONE:
        break;
    case SAVE_RUNNING:
        return view->is_plain ? "" : "saving…";
    case SAVE_DONE:
        /* A completion that still streams is not on disk to its last word. */
        return is_draft ? "draft saved" : view_stream(view) ? "" : "saved";
    case SAVE_FAILED:
        return "NOT SAVED";
    }
    return "";
}

/* The demo's one line about what to do next; afterwards nobody needs it. */
static const char *demo_hint(const struct view *view)
{
    const struct session *session = view->session;
    bool is_new = session->queue.counts[RESPONSE_SUBMITTED] == 0 &&
                  session->save == SAVE_NONE && view->record;
    if (!session->is_demo || !is_new || view->mode != MODE_BROWSE)
        return "";
    return view->cols >= 72
               ? "4 rates this answer, f says why, Enter submits; i asks something new."
               : "4 rates, f says why, Enter submits.";
}

/* Why nothing is sent; while the server is merely away, the top line says enough. */
static bool draw_trouble(const struct view *view, struct cells *cells, struct rect room)
{
    const struct session *session = view->session;
    const struct sync_report *sync = &session->sync;
    bool is_told = (sync->state == SYNC_WAITING && sync->offline_since_ms == 0) ||
                   sync->state == SYNC_STOPPED || sync->outbox.refused > 0;
    if (!session->has_server || session->dataset_missing || !is_told)
        return false;
    char text[sizeof sync->err.text];
    snprintf(text, sizeof text, "%s", sync->err.text);
    if (text[0] == '\0' || width_of(text, strlen(text)) > (size_t)room.cols)
        snprintf(text, sizeof text, "%s shows what is not sent, and why",
                 view_key(view, ACTION_OUTBOX).text);
    if (width_of(text, strlen(text)) > (size_t)room.cols)
        return false;
    cells_string_right(cells, room.row, room.col + room.cols, room.cols, text,
                       STYLE_WARNING);
    return true;
}

/* ---- sentences ---- */

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

/* Grows upwards from the last row of area, over what stands there, to at most `most`
 * rows. */
static void draw_sentence(const char *text, enum style style, struct cells *cells,
                          struct rect area, int most)
{
    size_t starts[ROWS_MAX] = {0};
    int rows = 0;
    for (size_t at = 0; rows < most && (rows == 0 || text[at] != '\0'); rows++) {
        starts[rows] = at;
        at += fit_words(text + at, area.cols);
        at += text[at] == ' ';
    }
    for (int i = 0; i < rows; i++) {
        int row = area.row + area.rows - rows + i;
        const char *from = text + starts[i];
        cells_fill(cells, (struct rect){row, 0, 1, cells->cols}, ' ', STYLE_TEXT);
        if (i + 1 < rows)
            cells_text(cells, row, area.col, area.cols, from, fit_words(from, area.cols),
                       style);
        else
            cells_string(cells, row, area.col, area.cols, from, style);
    }
}

/* Before the next order by a suggestion that its question's name alone would say: one
 * that is called as another order is keeps its whole key. */
static char *find_prefix(char *order, size_t prefix)
{
    for (size_t len = 0; *order; order += len + (order[len] == ',')) {
        len = strcspn(order, ",");
        char *key = order + (*order == '-'), *end = order + len;
        if (strncmp(key, "suggestion.", prefix) != 0)
            continue;
        struct selection_order other = {0};
        bool is_other =
            selection_read_order(&other, key + prefix, (size_t)(end - key) - prefix);
        free(other.name);
        if (!is_other)
            return key;
    }
    return NULL;
}

/* "filter: status:draft meta.topic:sea  order: -score", on the right; where that is too
 * much the orders by suggestions are their questions' names. */
static void draw_filter(const struct session *session, struct cells *cells,
                        struct rect room)
{
    const size_t prefix = strlen("suggestion.");
    const char *terms = session->filter_text ? session->filter_text : "";
    char *order = xstrdup(session->order_text ? session->order_text : "");
    char *text = NULL, *found;
    do {
        free(text);
        text = xasprintf("%s%s%s%s%s%s", *terms ? "filter: " : "", terms,
                         *terms && *order ? "  " : "", *order ? "order: " : "", order,
                         session->is_selecting ? " …" : "");
        bool is_wide = width_of(text, strlen(text)) > (size_t)room.cols;
        found = is_wide ? find_prefix(order, prefix) : NULL;
        if (found)
            memmove(found, found + prefix, strlen(found) - prefix + 1);
    } while (found);
    free(order);
    char safe[512];
    sanitise_line(text, strlen(text), safe, sizeof safe);
    cells_string_right(cells, room.row, room.col + room.cols, room.cols, safe,
                       STYLE_ACCENT);
    free(text);
}

/* Whether all is saved, else what to do next; beside it why nothing is sent, or what is
 * shown. */
static void draw_state(const struct view *view, struct cells *cells, struct rect row)
{
    /* What is typed elsewhere than in the record is not meant. */
    bool is_about_record =
        view->mode != MODE_PROMPT && view->mode != MODE_SETTINGS && !view->is_bulk;
    const char *text = is_about_record ? saved_text(view) : "";
    if (text[0] == '\0')
        text = demo_hint(view);
    int used = cells_string(cells, row.row, row.col, row.cols, text, STYLE_DIM);
    used += used > 0 ? 2 : 0;
    struct rect room = {row.row, row.col + used, 1, row.cols - used};
    if (room.cols > 0 && !draw_trouble(view, cells, room))
        draw_filter(view->session, cells, room);
}

void status_draw_notice(const struct view *view, struct cells *cells, struct rect area)
{
    static const enum style styles[] = {[NOTICE_INFO] = STYLE_TEXT,
                                        [NOTICE_DONE] = STYLE_TEXT,
                                        [NOTICE_WARNING] = STYLE_WARNING,
                                        [NOTICE_ERROR] = STYLE_ERROR};
    const struct session *session = view->session;
    const struct notice *notice = &session->notice;
    char bulk[700];
    bool is_told = notice->text[0] != '\0' && notice->until_ms > view->now_ms;
    bool is_stuck = is_told && notice->kind == NOTICE_ERROR;
    if (session->bulk.phase == BULK_ASKING ||
        (session->bulk.phase != BULK_NONE && !is_stuck)) {
        draw_sentence(bulk_sentence(session, bulk, sizeof bulk), STYLE_WARNING, cells,
                      area, ROWS_MAX);
    } else if (is_told) {
        draw_sentence(notice->text, styles[notice->kind], cells, area, ROWS_MAX);
    } else if (session->unsaved[0] != '\0') {
        char text[sizeof session->unsaved + 16];
        snprintf(text, sizeof text, "NOT SAVED: %s", session->unsaved);
        draw_sentence(text, STYLE_ERROR, cells, area, area.rows);
    } else {
        area.row += area.rows - 1;
        draw_state(view, cells, (struct rect){area.row, area.col, 1, area.cols});
    }
}
