/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "text/markdown.h"
#include "text/mdsource.h"
#include "text/page.h"
#include "text/width.h"

#define MARKDOWN_MAX ((size_t)256 << 10) /* bytes; longer texts are laid out raw */
#define KEEP_BYTES ((size_t)1 << 20)     /* memory a flow may keep for its next text */

enum flow_kind { FLOW_EMPTY, FLOW_RAW, FLOW_MARKDOWN, FLOW_RICH };

struct flow {
    enum flow_kind kind;
    int columns;
    struct buf source;
    struct wrap wrap;
    /* Raw: starts point into source, no text of its own. Else what it renders to. */
    struct lines lines;
    /* What more text at the end cannot change: this much of the source gave this
     * many lines and bytes of them. */
    size_t settled_source, settled_lines, settled_bytes;
};

struct flow *flow_new(void)
{
    return xcalloc(1, sizeof(struct flow));
}

void flow_free(struct flow *flow)
{
    if (!flow)
        return;
    buf_clear(&flow->source);
    wrap_clear(&flow->wrap);
    lines_clear(&flow->lines);
    free(flow);
}

static void start_over(struct flow *flow)
{
    if (flow->source.capacity > KEEP_BYTES) {
        buf_clear(&flow->source);
        lines_clear(&flow->lines);
    }
    buf_reset(&flow->source);
    lines_cut(&flow->lines, 0, 0);
    flow->settled_source = flow->settled_lines = flow->settled_bytes = 0;
}

/* Takes the new text in. Returns false when there is nothing to lay out again. */
static bool take(struct flow *flow, enum flow_kind kind, const char *text, size_t len,
                 int columns)
{
    if (len > UINT32_MAX) /* offsets are 32 bits; the readers' caps are far below */
        len = UINT32_MAX;
    size_t old = flow->source.len;
    bool is_same = flow->kind == kind && flow->columns == columns && len >= old &&
                   (old == 0 || memcmp(text, flow->source.data, old) == 0);
    if (is_same && len == old)
        return false;
    if (!is_same) {
        start_over(flow);
        old = 0;
    }
    flow->kind = kind;
    flow->columns = columns;
    if (len > old)
        buf_add(&flow->source, text + old, len - old);
    lines_cut(&flow->lines, flow->settled_lines, flow->settled_bytes);
    return true;
}

void flow_set_raw(struct flow *flow, const char *text, size_t len, int columns)
{
    if (columns < 1)
        columns = 1;
    if (!take(flow, FLOW_RAW, text, len, columns))
        return;
    struct wrap *wrap = &flow->wrap;
    wrap->text = flow->source.data;
    wrap->len = flow->source.len;
    wrap->columns = columns;
    bool is_settled = true;
    for (size_t at = flow->settled_source; at < wrap->len;) {
        lines_begin_at(&flow->lines, at);
        at = wrap_next(wrap, at);
        is_settled = is_settled && wrap->is_settled;
        if (is_settled) {
            flow->settled_source = at;
            flow->settled_lines = flow->lines.count;
        }
    }
}

void flow_set_markdown(struct flow *flow, const char *text, size_t len, int columns)
{
    if (len > MARKDOWN_MAX) {
        flow_set_raw(flow, text, len, columns);
        return;
    }
    if (columns < 1)
        columns = 1;
    if (!take(flow, FLOW_MARKDOWN, text, len, columns))
        return;
    bool is_settled = true;
    for (size_t at = flow->settled_source; at < flow->source.len;) {
        bool is_closed;
        const char *source = flow->source.data;
        size_t end = section_end(source, flow->source.len, at, &is_closed);
        markdown_render(source + at, end - at, columns, &flow->lines);
        at = end;
        is_settled = is_settled && is_closed;
        if (is_settled) {
            flow->settled_source = at;
            flow->settled_lines = flow->lines.count;
            flow->settled_bytes = flow->lines.rich.text.len;
        }
    }
}

void flow_set_rich(struct flow *flow, const struct rich *text, int columns)
{
    struct page page;
    start_over(flow);
    flow->kind = FLOW_RICH;
    page_init(&page, &flow->lines, columns < 1 ? 1 : columns);
    page_write(&page, text, false);
    page_clear(&page);
}

size_t flow_line_count(const struct flow *flow)
{
    return flow->lines.count;
}

static enum style style_at(const struct flow *flow, const struct cluster *cluster,
                           size_t at)
{
    if (cluster->cp[0] == 0xFFFD)
        return STYLE_MARK;
    return flow->kind != FLOW_RAW ? rich_style(&flow->lines.rich, at) : STYLE_TEXT;
}

/* Draws text[at, end) in the first row of area. */
static void draw_line(const struct flow *flow, struct cells *cells, struct rect area,
                      size_t at, size_t end)
{
    const struct buf *text =
        flow->kind == FLOW_RAW ? &flow->source : &flow->lines.rich.text;
    struct cluster cluster;
    for (int col = 0; at < end && col < area.cols; at += cluster.bytes) {
        sanitise_next(text->data, end, at, &cluster);
        if (cluster.kind == CLUSTER_NEWLINE)
            break;
        if (cluster.kind == CLUSTER_TAB) {
            col += WRAP_TAB - col % WRAP_TAB;
            continue;
        }
        if (col + cluster.width > area.cols)
            break;
        col += cells_put(cells, area.row, area.col + col, &cluster, text->data + at,
                         style_at(flow, &cluster, at));
    }
}

void flow_draw(const struct flow *flow, struct cells *cells, struct rect area,
               size_t first)
{
    const struct lines *lines = &flow->lines;
    size_t len = flow->kind == FLOW_RAW ? flow->source.len : lines->rich.text.len;
    for (; area.rows > 0 && first < lines->count; area.rows--, area.row++, first++) {
        size_t end = first + 1 < lines->count ? lines->start[first + 1] : len;
        draw_line(flow, cells, area, lines->start[first], end);
    }
}
