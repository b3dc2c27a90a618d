/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/pager.h"

#include "ui/record_facts.h"
#include "ui/view_create.h"
#include "ui/view_guidelines.h"
#include "ui/view_help.h"
#include "ui/view_keys.h"
#include "ui/view_outbox.h"

struct page_row {
    const char *title;
    void (*write)(const struct view *view, struct buf *out); /* NULL: draws itself */
    bool is_markdown;
};

static const struct page_row pages[] = {
    [PAGER_HELP] = {"Keys", NULL, false},
    [PAGER_FACTS] = {"Facts of the record", record_write_facts, false},
    [PAGER_GUIDELINES] = {"Guidelines", guidelines_write, true},
    [PAGER_CREATE] = {"Create the dataset on the server?", create_write, false},
    [PAGER_OUTBOX] = {"Not on the server yet", outbox_write, false},
};

void pager_init(struct pager *pager)
{
    *pager = (struct pager){.flow = flow_new()};
}

void pager_clear(struct pager *pager)
{
    flow_free(pager->flow);
    *pager = (struct pager){0};
}

void pager_open(struct pager *pager, enum pager_page page)
{
    pager->page = page;
    pager->scroll = (struct scroll){0};
}

static size_t lay_out(struct pager *pager, const struct view *view, int columns)
{
    const struct page_row *page = &pages[pager->page];
    struct buf text = {0};
    page->write(view, &text);
    if (page->is_markdown)
        flow_set_markdown(pager->flow, buf_text(&text), text.len, columns);
    else
        flow_set_raw(pager->flow, buf_text(&text), text.len, columns);
    buf_clear(&text);
    return flow_line_count(pager->flow);
}

static void draw_rule(const struct pager *pager, const struct view *view,
                      struct cells *cells, struct rect area)
{
    char place[64];
    view_format_place(view, &pager->scroll, place, sizeof place);
    view_rule(cells, (struct rect){area.row, area.col, 1, area.cols},
              pages[pager->page].title, place, STYLE_DIM);
}

void view_pager_draw(struct pager *pager, const struct view *view, struct cells *cells,
                     struct rect area)
{
    struct rect text = {area.row + 1, area.col, area.rows - 1, area.cols};
    if (text.cols > VIEW_TEXT_COLS_MAX)
        text.cols = VIEW_TEXT_COLS_MAX;
    bool is_help = pager->page == PAGER_HELP;
    size_t lines =
        is_help ? help_line_count(view, text.cols) : lay_out(pager, view, text.cols);
    scroll_fit(&pager->scroll, lines, (size_t)text.rows);
    draw_rule(pager, view, cells, area);
    if (is_help)
        view_help_draw(view, cells, text, pager->scroll.top);
    else
        flow_draw(pager->flow, cells, text, pager->scroll.top);
}

void view_pager_keys_draw(const struct pager *pager, const struct view *view,
                          struct cells *cells, struct rect row)
{
    static const struct key_hint offer[] = {
        {ACTION_NONE, "Enter", "create it"},
        {ACTION_NONE, "Esc", "not now"},
    };
    if (pager->page == PAGER_CREATE && view->session->dataset_missing)
        view_hints_draw(view, cells, row, offer, 2);
    else
        view_keys_draw(view, cells, row);
}
