/* SPDX-License-Identifier: MIT
 *
 * The datasets of the store and of the servers, one a row: typing narrows the list, Enter
 * opens one.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "text/width.h"
#include "ui/parts.h"

#define PAGE_ROWS 10
#define COUNT_COLS 8
#define DONE_COLS 6
#define AGO_COLS 10
#define NAME_COLS_MIN 18
#define SERVER_COLS 24
#define DAY_MS (INT64_C(24) * 3600 * 1000)

enum { FIT_NAME, FIT_START, FIT_INSIDE, FITS };

/* How the filter stands in "WORKSPACE/NAME@SERVER"; FITS = not at all. */
static int fit_of(const struct datasets_list *list, const struct dataset_choice *choice)
{
    char all[512];
    const struct dataset *dataset = &choice->dataset;
    const char *filter = editbuf_text(list->filter), *name = dataset->name;
    if (strcasecmp(name, filter) == 0)
        return FIT_NAME;
    for (const char *at = name; *filter && (at = strcasestr(at, filter)); at++)
        if (at == name || strchr("-_/. ", at[-1]))
            return FIT_START;
    snprintf(all, sizeof all, "%.150s/%.200s@%s",
             dataset->workspace ? dataset->workspace : "", name,
             choice->server[0] ? choice->server : "local");
    return strcasestr(all, filter) ? FIT_INSIDE : FITS;
}

/* The choice in the row-th row that is shown; SIZE_MAX = there are fewer. */
static size_t choice_at(const struct datasets_list *list, size_t row)
{
    return row < list->count ? list->shown[row] : SIZE_MAX;
}

static void write_key(const struct dataset_choice *choice, char *out, size_t size)
{
    if (choice->dataset.remote_id)
        snprintf(out, size, "%s", choice->dataset.remote_id);
    else
        snprintf(out, size, "%lld", (long long)choice->dataset.row);
}

/* Puts in order what is shown, the best fit first, and follows the one in focus; returns
 * how many are shown. */
static size_t follow(struct datasets_list *list, const struct session *session)
{
    const struct dataset_choices *all = &session->datasets;
    char key[ID_TEXT];
    list->count = 0;
    list->shown = xreallocarray(list->shown, all->count + 1, sizeof *list->shown);
    for (int fit = 0; fit < FITS; fit++)
        for (size_t i = 0; i < all->count; i++)
            if (fit_of(list, &all->items[i]) == fit)
                list->shown[list->count++] = i;
    for (size_t row = 0; row < list->count; row++) {
        write_key(&all->items[list->shown[row]], key, sizeof key);
        if (strcmp(key, list->focused) == 0)
            list->focus = row;
    }
    list->focus = list_move(list->focus, list->count, 0);
    if (!*list->focused && list->count)
        write_key(&all->items[list->shown[list->focus]], list->focused,
                  sizeof list->focused);
    return list->count;
}

/* ---- keys ---- */

bool datasets_run(struct screen *screen, enum action action)
{
    if (action != ACTION_DATASETS)
        return false;
    app_list_datasets(screen->app);
    datasets_enter(screen);
    return true;
}

void datasets_enter(struct screen *screen)
{
    struct datasets_list *list = &screen->frame.datasets;
    editbuf_set(list->filter, "", 0);
    list->focus = 0;
    list->focused[0] = '\0';
    list->scroll = (struct scroll){0};
    screen->mode = MODE_DATASETS;
}

void datasets_move(struct screen *screen, long delta)
{
    struct datasets_list *list = &screen->frame.datasets;
    const struct session *session = screen_session(screen);
    size_t count = follow(list, session); /* the focus, too */
    list->focus = list_move(list->focus, count, delta);
    size_t at = choice_at(list, list->focus);
    if (at != SIZE_MAX)
        write_key(&session->datasets.items[at], list->focused, sizeof list->focused);
}

/* Typing and streams end when another dataset is opened: that is asked once, and what was
 * typed ahead for the other goes nowhere. */
static bool may_leave(struct screen *screen, const char *again)
{
    const struct session *session = screen_session(screen);
    bool has_run = screen->batch && !batch_is_over(screen->batch);
    bool is_free = !session->stream_count && !session->unsaved[0] && !has_run;
    if (is_free || screen->has_asked_quit)
        return true;
    screen->has_asked_quit = true;
    screen_go_deaf(screen);
    app_notify(screen->app, NOTICE_WARNING,
               "%s%s %s once more opens the other dataset; until then keys act on %s.",
               session->unsaved[0] ? "Not saved: "
               : has_run ? "A run is under way; it stops, and the same :run goes "
                           "on where it was."
                         : "An answer is still being written; it ends, and what came is "
                           "kept.",
               session->unsaved, again, session->dataset.name);
    return false;
}

static void take(struct screen *screen, size_t choice)
{
    if (choice == SIZE_MAX)
        app_notify(screen->app, NOTICE_INFO, "There is no dataset to open here.");
    else if (may_leave(screen, "Enter") && !app_take_dataset(screen->app, choice))
        screen->mode = MODE_BROWSE; /* it is open */
}

bool datasets_open(struct screen *screen, const char *name)
{
    if (screen_session(screen)->is_demo)
        app_notify(screen->app, NOTICE_INFO, "The demo has this one dataset.");
    else if (!*name)
        return true;
    else if (may_leave(screen, "The same :open") && !app_take_named(screen->app, name))
        datasets_enter(screen);
    return false;
}

/* After the filter changed. */
static void go_to_best(struct datasets_list *list)
{
    list->focused[0] = '\0';
    list->focus = 0;
}

enum action datasets_key(struct screen *screen, struct key key)
{
    struct datasets_list *list = &screen->frame.datasets;
    const struct session *session = screen_session(screen);
    follow(list, session);
    if (key.code != KEYCODE_ENTER)
        screen->has_asked_quit = false;
    if (key.code == KEYCODE_ESCAPE && editbuf_len(list->filter)) {
        editbuf_set(list->filter, "", 0);
    } else if (key.code == KEYCODE_ESCAPE ||
               (key.code == 'c' && key.mods == KEY_CTRL_BIT)) {
        if (session->is_choosing)
            return ACTION_QUIT;
        screen->mode = screen->base;
    } else if (list_rows(key, PAGE_ROWS)) {
        datasets_move(screen, list_rows(key, PAGE_ROWS));
    } else if (key.code == KEYCODE_ENTER) {
        take(screen, choice_at(list, list->focus));
    } else if (key.code == 'r' && key.mods == KEY_CTRL_BIT) {
        app_list_datasets(screen->app);
    } else if (screen_edit_key(screen, list->filter, key) == EDIT_CHANGED) {
        go_to_best(list);
    }
    return ACTION_NONE;
}

void datasets_paste(struct screen *screen, const struct event *event)
{
    (void)edit_paste(screen->frame.datasets.filter, event, false);
    go_to_best(&screen->frame.datasets);
}

/* ---- drawing ---- */

static void write_ago(const struct view *view, int64_t ms, char *out, size_t size)
{
    int64_t ago = view->wall_ms - ms;
    out[0] = '\0';
    if (!ms)
        return;
    if (ago < 2 * INT64_C(60000))
        snprintf(out, size, "just now");
    else if (ago < 100 * INT64_C(60000)) /* two digits: the column has no room for more */
        snprintf(out, size, "%d min ago", (int)(ago / 60000));
    else if (ago < 2 * DAY_MS)
        snprintf(out, size, "%d h ago", (int)(ago / 3600000));
    else
        snprintf(out, size, "%d d ago", (int)(ago / DAY_MS));
}

static const char *where(const struct dataset_choice *choice)
{
    return choice->is_open           ? "open"
           : choice->dataset.is_gone ? "gone"
           : choice->dataset.row     ? "here"
                                     : "there";
}

/* What does not fit is left out, the name stays. */
struct columns {
    int name, place, where, counts, done, ago; /* 0 = not there */
};
enum { TEXT_NAME, TEXT_PLACE, TEXT_WHERE, TEXT_COUNTS, TEXT_DONE = 7, TEXT_AGO, TEXTS };

/* Of one name on two servers: one looks at the server first. */
static bool has_namesakes(const struct dataset_choices *all)
{
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(all->items[i].dataset.name, all->items[k].dataset.name) == 0 &&
                strcmp(all->items[i].server, all->items[k].server) != 0)
                return true;
    return false;
}

static struct columns fit_columns(int cols, bool shows_server)
{
    struct columns columns = {.where = 7, .counts = 1, .done = DONE_COLS};
    int left = cols - 2 - columns.where - COUNT_COLS - DONE_COLS - NAME_COLS_MIN;
    int server = shows_server ? SERVER_COLS : 0;
    if (left >= 3 * COUNT_COLS + server) {
        columns.counts = RESPONSE_STATUS_COUNT;
        left -= 3 * COUNT_COLS;
    }
    if (left >= AGO_COLS + 1 + server) {
        columns.ago = AGO_COLS + 1;
        left -= columns.ago;
    }
    columns.place = left < 20 ? 0 : left < 60 ? left / 2 + 4 : 34;
    if (shows_server && columns.place < SERVER_COLS)
        columns.place = left < 0 ? 0 : left < SERVER_COLS ? left : SERVER_COLS;
    columns.name = NAME_COLS_MIN + left - columns.place;
    return columns;
}

static void draw_row(const struct columns *columns, struct cells *cells, struct rect row,
                     const char *const *texts, enum style style, enum style dim)
{
    int col = row.col + 2;
    cells_string(cells, row.row, col, columns->name - 1, texts[TEXT_NAME], style);
    col += columns->name;
    if (columns->place)
        cells_string(cells, row.row, col, columns->place - 1, texts[TEXT_PLACE], dim);
    col += columns->place;
    cells_string(cells, row.row, col, columns->where - 1, texts[TEXT_WHERE], dim);
    col += columns->where;
    for (int i = 0; i < columns->counts; i++) {
        col += COUNT_COLS;
        cells_string_right(cells, row.row, col, COUNT_COLS, texts[TEXT_COUNTS + i],
                           style);
    }
    cells_string_right(cells, row.row, col + columns->done, columns->done - 1,
                       texts[TEXT_DONE], style);
    col += columns->done + columns->ago;
    if (columns->ago)
        cells_string_right(cells, row.row, col, columns->ago - 1, texts[TEXT_AGO], dim);
}

/* "12,345", "1.2 M" */
static struct short_text short_count(size_t count)
{
    struct short_text out = view_count(count);
    if (count >= 1000000)
        snprintf(out.text, sizeof out.text, "%.1f M", (double)count / 1e6);
    return out;
}

static void draw_choice(const struct view *view, const struct columns *columns,
                        struct cells *cells, struct rect row, size_t at, bool is_here,
                        bool shows_server)
{
    const struct dataset_choice *choice = &view->session->datasets.items[at];
    const struct dataset *dataset = &choice->dataset;
    char place[160], ago[32], done[24] = "";
    struct short_text counts[RESPONSE_STATUS_COUNT] = {0};
    const size_t *sums = choice->sum.counts;
    bool is_local = choice->server[0] == '\0';
    const char *workspace = is_local             ? "local"
                            : dataset->workspace ? dataset->workspace
                                                 : "";
    if (shows_server && !is_local)
        snprintf(place, sizeof place, "%s, %.60s", choice->server, workspace);
    else
        snprintf(place, sizeof place, "%.60s%s%s", workspace, is_local ? "" : " on ",
                 choice->server);
    for (int i = 0; i < RESPONSE_STATUS_COUNT; i++) {
        bool is_told = choice->is_told && (i == RESPONSE_PENDING || !dataset->row);
        snprintf(counts[i].text, sizeof counts[i].text, "%s%.24s", is_told ? "~" : "",
                 choice->has_counts ? short_count(sums[i]).text : "");
    }
    if (choice->sum.all)
        snprintf(done, sizeof done, "%zu %%",
                 (sums[RESPONSE_SUBMITTED] + sums[RESPONSE_DISCARDED]) * 100 /
                     choice->sum.all);
    write_ago(view, choice->touched_ms, ago, sizeof ago);
    const char *const texts[TEXTS] = {dataset->name,  place,          where(choice),
                                      counts[0].text, counts[1].text, counts[2].text,
                                      counts[3].text, done,           ago};
    enum style style = is_here ? STYLE_SELECTED : STYLE_TEXT;
    if (is_here)
        view_mark_row(view, cells, row);
    draw_row(columns, cells, row, texts, style, is_here ? style : STYLE_DIM);
}

static void write_state(const struct dataset_choices *datasets, char *out, size_t size)
{
    bool is_told = false; /* it counts in its index, which may be behind */
    for (size_t i = 0; i < datasets->count; i++)
        is_told |= datasets->items[i].is_told;
    snprintf(out, size, "%s", is_told ? "~ server's count" : "");
    if (datasets->awaited)
        snprintf(out, size, "%zu %s still to answer", datasets->awaited,
                 datasets->awaited == 1 ? "server" : "servers");
    else if (datasets->fault[0])
        snprintf(out, size, "not all could be read");
}

/* The whole sentence, for its end says what to do; returns the rows that it takes, and
 * with is_measured draws nothing. */
static int draw_fault(const struct dataset_choices *datasets, struct cells *cells,
                      struct rect rows, bool is_measured)
{
    struct wrap wrap = {.text = datasets->fault,
                        .len = datasets->awaited ? 0 : strlen(datasets->fault),
                        .columns = rows.cols > 8 ? rows.cols - 4 : 4};
    char line[sizeof datasets->fault];
    int count = 0;
    for (size_t at = 0, end; at < wrap.len && count < rows.rows; at = end, count++) {
        end = wrap_next(&wrap, at);
        snprintf(line, sizeof line, "%.*s", (int)(end - at), wrap.text + at);
        if (!is_measured)
            cells_string(cells, rows.row + count, rows.col + 2, rows.cols - 2, line,
                         STYLE_WARNING);
    }
    wrap_clear(&wrap);
    return count;
}

/* Why no row is shown: a server that is away may have some. */
static void draw_nothing(const struct dataset_choices *datasets, struct cells *cells,
                         struct rect rows)
{
    const char *why = "There is no dataset yet: “sherd dataset create” makes one.";
    struct rect room = {rows.row, rows.col + 2, rows.rows, rows.cols - 2};
    if (datasets->count) {
        why = "No dataset has this in its name.";
    } else if (datasets->awaited) {
        why = "Reading…";
    } else if (datasets->fault[0]) {
        rows.rows--; /* the last one says what that means */
        room.row += draw_fault(datasets, cells, rows, false);
        why = "What is there is not known; no dataset is kept here. Ctrl-R asks again.";
    }
    cells_string(cells, room.row, room.col, room.cols, why, STYLE_DIM);
}

void datasets_draw(struct datasets_list *list, const struct view *view,
                   struct cells *cells, struct rect area)
{
    const struct session *session = view->session;
    size_t count = follow(list, session);
    struct rect rows = {area.row + 3, area.col, area.rows - 3, area.cols};
    struct scroll *scroll = &list->scroll;
    bool shows_server = has_namesakes(&session->datasets);
    const char *const titles[TEXTS] = {"Name",    shows_server ? "Server" : "Workspace",
                                       "Where",   "Pending",
                                       "Draft",   "Submit.",
                                       "Discard", "Done",
                                       "Touched"};
    struct columns columns = fit_columns(area.cols, shows_server);
    char state[400];
    struct rect fault = {rows.row, rows.col, rows.rows - 1, rows.cols};
    fault.rows = count ? draw_fault(&session->datasets, cells, fault, true) : 0;
    rows.rows -= fault.rows;
    fault.row += rows.rows;
    scroll_fit(scroll, count, (size_t)rows.rows);
    scroll_show(scroll, list->focus);
    write_state(&session->datasets, state, sizeof state);
    view_rule(cells, area, "Datasets", state,
              *session->datasets.fault && !session->datasets.awaited ? STYLE_WARNING
                                                                     : STYLE_DIM);
    view_edit(list->filter, "filter ", cells,
              (struct rect){area.row + 1, area.col, 1, area.cols});
    draw_row(&columns, cells, (struct rect){area.row + 2, area.col, 1, area.cols}, titles,
             STYLE_DIM, STYLE_DIM);
    for (int i = 0; i < rows.rows && scroll->top + (size_t)i < count; i++) {
        size_t row = scroll->top + (size_t)i;
        cells_add_spot(cells, (struct rect){rows.row + i, rows.col, 1, rows.cols},
                       SPOT_ITEM, row);
        draw_choice(view, &columns, cells,
                    (struct rect){rows.row + i, rows.col, 1, rows.cols},
                    choice_at(list, row), row == list->focus, shows_server);
    }
    draw_fault(&session->datasets, cells, fault, false);
    if (!count)
        draw_nothing(&session->datasets, cells, rows);
}

void datasets_hints(const struct view *view, struct hints *hints)
{
    hints_add_key(hints, "Enter", "open");
    hints_add_key(hints, "↑ ↓", "move");
    hints_add_key(hints, "letters", "filter");
    hints_add_key(hints, "Ctrl-R", "look again");
    hints_add_key(hints, "Esc", view->session->is_choosing ? "quit" : "back");
    hints_add(hints, view, ACTION_HELP, "help");
}
