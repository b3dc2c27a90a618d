/* SPDX-License-Identifier: MIT
 *
 * Pages over the record: help, facts, guidelines, what is unsent, statistics, the offer
 * to create the dataset.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/respond.h"
#include "app/suggest.h"
#include "base/words.h"
#include "text/page.h"
#include "text/worddiff.h"
#include "ui/parts.h"
#include "ui/questions.h"

/* ---- what stands on them ---- */

/* As Markdown: guidelines are written in it. */
static void write_guidelines(const struct view *view, struct buf *out)
{
    const struct dataset *dataset = &view->session->dataset;
    bool has_text = dataset->guidelines && dataset->guidelines[0] != '\0';
    buf_addf(out, "%s\n\n",
             has_text ? dataset->guidelines : "This dataset has no guidelines.");
    for (size_t i = 0; i < dataset->question_count; i++) {
        const struct question *question = &dataset->questions[i];
        char label[64];
        question_label(question, label, sizeof label);
        buf_addf(out, "- **%s**%s: %s\n", label,
                 question->is_required ? " (required)" : "", question_asks(question));
    }
}

static void write_question(const struct question *question, const char *head,
                           struct buf *out)
{
    static const char *const types[] = {
        [QUESTION_RATING] = "rating",      [QUESTION_TEXT] = "text",
        [QUESTION_LABEL] = "label",        [QUESTION_MULTI_LABEL] = "several labels",
        [QUESTION_RANKING] = "ranking",    [QUESTION_SPAN] = "span",
        [QUESTION_OTHER] = "another type",
    };
    buf_addf(out, "%-11s %s (%s", head, question->name, types[question->type]);
    if (question->type == QUESTION_RATING && question->rating_count > 0)
        buf_addf(out, " %d–%d", question->ratings[0],
                 question->ratings[question->rating_count - 1]);
    buf_addf(out, "%s)\n%-11s   %s\n", question->is_required ? ", required" : "", "",
             question_asks(question));
}

/* Exactly what would be created on the server, before it is. */
static void write_create(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct dataset *dataset = &session->dataset;
    if (!session->dataset_missing) {
        buf_add_text(out, "Nothing is missing on the server.\n");
        return;
    }
    buf_addf(out, "The server has no dataset of this name. Enter creates:\n\n");
    buf_addf(out, "%-11s %s\n", "server", session->server);
    buf_addf(out, "%-11s %s\n", "workspace",
             *session->missing_in ? session->missing_in : dataset->workspace);
    buf_addf(out, "%-11s %s\n", "dataset", dataset->name);
    for (size_t i = 0; i < dataset->field_count; i++) {
        const struct field *field = &dataset->fields[i];
        buf_addf(out, "%-11s %s (%s%s)\n", i == 0 ? "fields" : "", field->name,
                 field->type ? field->type : "text",
                 field->is_required ? ", required" : "");
    }
    for (size_t i = 0; i < dataset->question_count; i++)
        write_question(&dataset->questions[i], i == 0 ? "questions" : "", out);
    buf_addf(out, "%-11s %s\n", "guidelines",
             dataset->guidelines ? dataset->guidelines : "none");
    buf_addf(out, "%-11s %s\n", "metadata",
             dataset->allow_extra_metadata ? "any extra metadata is taken" : "none");
    buf_add_text(out, "\nEsc leaves the server as it is; your records stay here.\n");
}

/* How it stands with the server as a whole. */
static void write_server(const struct view *view, struct buf *out)
{
    const struct sync_report *sync = &view->session->sync;
    const struct short_text key = view_key(view, ACTION_SYNC);
    if (sync->offline_since_ms != 0)
        buf_addf(out, "%s: offline since %s.", view->session->server,
                 view_time(sync->offline_since_ms).text);
    else if (sync->silent_since_ms != 0)
        buf_addf(out, "%s: sending; no reply since %s.", view->session->server,
                 view_time(sync->silent_since_ms).text);
    else
        buf_addf(out, "%s: %s", view->session->server,
                 sync->state == SYNC_STOPPED   ? "nothing is being sent."
                 : sync->state == SYNC_WAITING ? "waiting."
                 : sync->state == SYNC_RUNNING ? "sending…"
                                               : "connected.");
    if (sync->err.code)
        buf_addf(out, " %s", sync->err.text);
    if (view->session->dataset_missing)
        buf_addf(out, "\n%s", view->session->alone);
    if (sync->state == SYNC_WAITING)
        buf_addf(out, " It is tried again by itself; %s tries now.", key.text);
    if (sync->whole_ms != 0)
        buf_addf(out, " All of it was read at %s, since then what is new; %s reads all.",
                 view_time(sync->whole_ms).text, key.text);
    buf_add_text(out, "\n\n");
}

static void write_item(const struct unsent_item *item, struct buf *out)
{
    char number[32] = "-";
    if (item->number > 0)
        snprintf(number, sizeof number, "#%zu", item->number);
    buf_addf(out, "%-6s %-7s ", number,
             item->is_deletion ? "delete"
             : item->is_record ? "record"
                               : "answer");
    if (item->attempts > 1)
        buf_addf(out, "%d tries: ", item->attempts);
    if (item->is_deletion && item->due_ms > 0 && !item->reason)
        buf_addf(out, "at %s, or with the next sync; undo brings it back until then\n",
                 view_time(item->due_ms).text);
    else
        buf_addf(out, "%s\n",
                 item->reason     ? item->reason
                 : item->is_clash ? "changed on both sides"
                                  : "no answer of the server yet");
}

enum part { PART_REFUSED, PART_CLASH, PART_WAITING };

static void write_part(const struct unsent *unsent, enum part part, const char *title,
                       struct buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < unsent->count; i++) {
        const struct unsent_item *item = &unsent->items[i];
        enum part of = item->is_clash     ? PART_CLASH
                       : item->is_refused ? PART_REFUSED
                                          : PART_WAITING;
        if (of != part)
            continue;
        if (shown++ == 0)
            buf_addf(out, "%s\n", title);
        write_item(item, out);
    }
    if (shown > 0)
        buf_add_text(out, "\n");
}

/* What is not waiting, and yet not on the server. */
static void write_rest(const struct session *session, struct buf *out)
{
    const struct outbox_counts *counts = &session->sync.outbox;
    if (session->unsaved[0] != '\0')
        buf_addf(out, "Not saved, and so not sent: %s\n", session->unsaved);
    else if (session->unsent.count == 0)
        buf_addf(out, "Everything%s%s is on the server.\n",
                 counts->kept || counts->gone ? " else" : "",
                 session->elsewhere.count ? " of this dataset" : "");
    if (session->unsent.count == UNSENT_LISTED_MAX)
        buf_addf(out, "The first %d; `sherd outbox` lists all.\n", UNSENT_LISTED_MAX);
    if (counts->kept > 0)
        buf_addf(out,
                 "%zu kept here: cut off or failed, and not rated. Rate what is worth "
                 "it, or `sherd sync --unfinished` sends them as they are.\n",
                 counts->kept);
    if (counts->gone > 0) {
        const char *it = counts->gone == 1 ? "it" : "them";
        char *word = words_quote(session->dataset.name ? session->dataset.name : "");
        buf_addf(out,
                 "%zu gone: the server had %s and has %s no more. `sherd sync --dataset "
                 "%s --gone %s%s%s` drops %s here.\n",
                 counts->gone, it, it, word, session->can_log ? "send` makes " : "drop",
                 session->can_log ? it : "",
                 session->can_log ? " there anew, `--gone drop" : "", it);
        free(word);
    }
    if (session->elsewhere.count > 0)
        buf_addf(out, "%zu more wait in other datasets: %s.%s%s\n",
                 session->elsewhere.count, session->elsewhere.where,
                 session->elsewhere.on_server ? " `sherd sync` sends them." : "",
                 session->elsewhere.to_move
                     ? " `sherd dataset move` takes over what the deleted one had."
                     : "");
}

static void write_outbox(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct unsent *unsent = &session->unsent;
    char title[256];
    if (session->has_server)
        write_server(view, out);
    else
        buf_addf(out, "%s\n\n", session->alone);
    snprintf(title, sizeof title, "Refused by the server; %s sends them once more:",
             view_key(view, ACTION_SYNC).text);
    write_part(unsent, PART_REFUSED, title, out);
    snprintf(title, sizeof title,
             "Two versions; in the record %s keeps yours, %s takes the other:",
             view_key(view, ACTION_KEEP_MINE).text,
             view_key(view, ACTION_TAKE_THEIRS).text);
    write_part(unsent, PART_CLASH, title, out);
    write_part(unsent, PART_WAITING,
               session->sync.state == SYNC_STOPPED || !session->has_server
                   ? "Waiting until that is mended:"
                   : "Waiting; sent without your doing:",
               out);
    if (session->has_server)
        write_rest(session, out);
}

static void label_number(void *ctx, int64_t row, char *out, size_t size)
{
    const struct session *session = ctx;
    size_t index = queue_find(&session->queue, row);
    if (index == SIZE_MAX)
        snprintf(out, size, "a new one");
    else
        snprintf(out, size, "#%zu", index + 1);
}

static void write_stats(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    if (!session->stats) {
        buf_add_text(out, "Counting…\n");
        return;
    }
    stats_write(
        &(struct stats_page){
            .stats = session->stats,
            .columns = view->cols < VIEW_TEXT_COLS_MAX ? view->cols : VIEW_TEXT_COLS_MAX,
            .is_plain = view->is_plain,
            .you = session->user,
            .label = label_number,
            .ctx = (void *)(uintptr_t)session,
        },
        out);
}

static const struct page_row {
    enum action opener;
    const char *title;
    void (*write)(const struct view *view, struct buf *out); /* NULL: draws itself */
    bool is_markdown;
} pages[] = {
    [PAGER_HELP] = {ACTION_HELP, "Keys", NULL, false},
    [PAGER_FACTS] = {ACTION_FACTS, "Facts of the record", facts_write, false},
    [PAGER_GUIDELINES] = {ACTION_GUIDELINES, "Guidelines", write_guidelines, true},
    [PAGER_CORRECTION] = {ACTION_DIFF, "The correction: [-taken out-] {+put in+}", NULL,
                          false},
    [PAGER_CREATE] = {ACTION_CREATE, "Create the dataset on the server?", write_create,
                      false},
    [PAGER_OUTBOX] = {ACTION_OUTBOX, "Not on the server yet", write_outbox, false},
    [PAGER_STATS] = {ACTION_STATS, "Statistics", write_stats, false},
    [PAGER_PEOPLE] = {ACTION_PEOPLE, "People", people_write, false},
    [PAGER_TRACE] = {ACTION_TRACE, "What the agent did", trace_write, false},
    [PAGER_RUN] = {ACTION_RUN, "Run", run_write, false},
};
#define PAGE_COUNT (sizeof pages / sizeof pages[0])

/* ---- keys ---- */

void pager_open(struct pager *pager, enum pager_page page)
{
    pager->page = page;
    pager->scroll = (struct scroll){0};
    pager->part = 0;
}

/* ---- guidelines beside the record ---- */

#define BESIDE_NOTE "guidelines-beside"

void page_start(struct screen *screen)
{
    char *note = store_get_note(app_store(screen->app), BESIDE_NOTE);
    screen->frame.beside.is_on = note != NULL;
    free(note);
}

/* Kept between sessions; one that cannot be kept loses nothing. */
static void put_beside(struct screen *screen, bool has_beside)
{
    screen->frame.beside.is_on = has_beside;
    store_put_note(app_store(screen->app), BESIDE_NOTE, has_beside ? "yes" : NULL, NULL);
}

/* Without room for it the page is opened. */
static bool beside_run(struct screen *screen, enum action action)
{
    int cols = screen->frame.cells.cols;
    if (action == ACTION_QUEUE && !screen->is_plain &&
        layout_is_beside_left(cols, screen->frame.beside.is_on)) {
        put_beside(screen, false); /* it stands in the queue's place */
        screen->frame.hides_queue = false;
        return true;
    }
    if (action != ACTION_BESIDE)
        return false;
    if (cols >= LAYOUT_COLS_WIDE && !screen->is_plain) {
        put_beside(screen, !screen->frame.beside.is_on);
        screen->mode = screen->base = MODE_BROWSE;
        return true;
    }
    app_notify(screen->app, NOTICE_INFO,
               screen->is_plain
                   ? "Two texts beside each other cannot be read aloud: this is the page."
                   : "Guidelines stand beside the record from %d columns on; this is the "
                     "page.",
               LAYOUT_COLS_WIDE);
    pager_open(&screen->frame.pager, PAGER_GUIDELINES);
    screen->mode = MODE_PAGER;
    return true;
}

bool page_run(struct screen *screen, enum action action)
{
    const struct session *session = screen_session(screen);
    size_t page = 0;
    if (beside_run(screen, action))
        return true;
    while (page < PAGE_COUNT && pages[page].opener != action)
        page++;
    if (page == PAGE_COUNT)
        return false;
    if (action == ACTION_OUTBOX)
        app_list_unsent(screen->app);
    if (action == ACTION_PEOPLE)
        app_read_people(screen->app);
    if (action == ACTION_TRACE) {
        screen->frame.trace.seen = SIZE_MAX; /* read anew */
        trace_refresh(screen);
    }
    if (action == ACTION_CREATE && !session->dataset_missing) {
        app_create_dataset(screen->app); /* which says why not */
    } else {
        enum pager_page left = screen->frame.pager.page;
        pager_open(&screen->frame.pager, (enum pager_page)page);
        if (page == PAGER_FACTS)
            place_count(screen->app);
        if (page == PAGER_HELP) {
            struct view view;
            screen_view(screen, &view);
            screen->frame.pager.scroll.top =
                help_line_of(&view, screen->frame.cells.cols, screen->mode, left);
        }
        screen_lay_over(screen, MODE_PAGER);
    }
    return true;
}

enum action page_key(struct screen *screen, struct key key)
{
    struct pager *pager = &screen->frame.pager;
    enum action action = keymap_find_scroll(&screen->keymap, key);
    if (pager->page == PAGER_TRACE && trace_key(screen, key, action))
        return ACTION_NONE;
    if (pager->page == PAGER_PEOPLE && people_key(screen, key, action))
        return ACTION_NONE;
    if (key.code == KEYCODE_ENTER && pager->page == PAGER_CREATE &&
        screen_session(screen)->dataset_missing)
        app_create_dataset(screen->app);
    if (action == ACTION_CANCEL && pager->page == PAGER_RUN) {
        run_stop(screen);
        return ACTION_NONE;
    }
    /* The key that opened a page closes it as well. */
    if (key.code == KEYCODE_ESCAPE || key.code == KEYCODE_ENTER ||
        action == ACTION_QUIT || action == pages[pager->page].opener) {
        screen_go_back(screen);
        return ACTION_NONE;
    }
    if (screen_scrolls(&pager->scroll, action))
        return ACTION_NONE;
    /* The key of another page goes there at once. */
    for (size_t i = 0; i < PAGE_COUNT; i++)
        if (pages[i].opener == action)
            return action;
    bool is_walking = action == ACTION_NEXT || action == ACTION_PREVIOUS ||
                      action == ACTION_NEXT_OPEN || action == ACTION_UNDO ||
                      action == ACTION_REDO;
    bool is_elsewhere = action == ACTION_COMMAND || action == ACTION_BESIDE;
    if ((is_walking && pager->page == PAGER_PEOPLE) || (is_elsewhere && !screen->under) ||
        action == ACTION_REDRAW || action == ACTION_SUSPEND ||
        (action == ACTION_SYNC &&
         (pager->page == PAGER_OUTBOX || pager->page == PAGER_PEOPLE)))
        return action;
    screen_refuse_key(screen, key);
    return ACTION_NONE;
}

/* ---- drawing ---- */

static size_t lay_out_correction(struct pager *pager, const struct view *view,
                                 int columns)
{
    const struct value *value = question_correction(view->session);
    struct rich text = {0};
    size_t len;
    const char *answer = session_judged(view->session, &len);
    if (value && value->text)
        worddiff_write(answer, len, value->text, strlen(value->text), &text);
    flow_set_rich(pager->flow, &text, columns);
    rich_clear(&text);
    return flow_line_count(pager->flow);
}

/* Written anew each time: what has not changed costs the flow nothing. */
static size_t lay_out(struct pager *pager, const struct view *view, int columns)
{
    const struct page_row *page = &pages[pager->page];
    struct buf text = {0};
    if (pager->page == PAGER_CORRECTION)
        return lay_out_correction(pager, view, columns);
    if (!page->write)
        return help_line_count(view, columns);
    page->write(view, &text);
    if (page->is_markdown)
        flow_set_markdown(pager->flow, buf_text(&text), text.len, columns);
    else
        flow_set_raw(pager->flow, buf_text(&text), text.len, columns);
    buf_clear(&text);
    return flow_line_count(pager->flow);
}

void pager_draw(struct pager *pager, const struct view *view, struct cells *cells,
                struct rect area)
{
    const struct page_row *page = &pages[pager->page];
    struct rect text = {area.row + 1, area.col, area.rows - 1, area.cols};
    if (text.cols > VIEW_TEXT_COLS_MAX && pager->page != PAGER_PEOPLE) /* a table */
        text.cols = VIEW_TEXT_COLS_MAX;
    size_t lines = lay_out(pager, view, text.cols);
    if (pager->page == PAGER_TRACE)
        trace_follow(view, &pager->scroll, text.cols, text.rows);
    scroll_fit(&pager->scroll, lines, (size_t)text.rows);
    view_rule(cells, area, page->title, view_place(view, &pager->scroll).text, STYLE_DIM);
    if (view->is_plain)
        cells_set_cursor(cells, text.row, text.col);
    if (page->write || pager->page == PAGER_CORRECTION)
        flow_draw(pager->flow, cells, text, pager->scroll.top);
    else
        help_draw(view, cells, text, pager->scroll.top);
}

void beside_draw(struct beside *beside, const struct view *view, struct cells *cells,
                 const struct layout *layout)
{
    struct buf text = {0};
    char more[96] = "";
    struct rect area = layout->beside;
    write_guidelines(view, &text);
    flow_set_markdown(beside->flow, buf_text(&text), text.len, area.cols);
    buf_clear(&text);
    if (flow_line_count(beside->flow) > (size_t)area.rows)
        snprintf(more, sizeof more, "%s shows all",
                 view_key(view, ACTION_GUIDELINES).text);
    view_rule(cells, layout->beside_rule, "Guidelines", more, STYLE_DIM);
    view_flow(beside->flow, cells, area);
}

void pager_hints(const struct pager *pager, const struct view *view, struct hints *hints)
{
    if (pager->page == PAGER_CREATE && view->session->dataset_missing) {
        hints_add_key(hints, "Enter", "create it");
        hints_add_key(hints, "Esc", "not now");
        return;
    }
    if (pager->page == PAGER_TRACE)
        trace_hints(view, hints);
    if (pager->page == PAGER_PEOPLE)
        people_hints(view, hints);
    hints_add_key(hints, "Esc", "back");
    if (pager->page == PAGER_RUN && view->run->progress && !view->run->is_over)
        hints_add(hints, view, ACTION_CANCEL, "stop it");
    hints_add(hints, view, ACTION_SCROLL_DOWN, "down");
    hints_add(hints, view, ACTION_SCROLL_UP, "up");
    hints_add(hints, view, ACTION_PAGE_DOWN, "page");
}
