/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "text/markdown.h"
#include "text/match.h"
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
    struct match_hit *hits; /* in order, none over another */
    size_t hit_count, hit_capacity;
    size_t chosen;
    uint64_t found_number; /* of the match that found them; 0 = they are to be found */
    bool is_whole;         /* these are all */
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
    free(flow->hits);
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
    flow->found_number = 0;
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
        markdown_render(source, at, end, columns, &flow->lines);
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
    flow->hit_count = 0;
    page_init(&page, &flow->lines, columns < 1 ? 1 : columns);
    page_write(&page, text, false);
    page_clear(&page);
}

size_t flow_line_count(const struct flow *flow)
{
    return flow->lines.count;
}

/* ---- hits ---- */

bool flow_find(struct flow *flow, struct match *match, uint64_t number)
{
    struct match_hit hit;
    enum match_result result = MATCH_NONE;
    if (match && flow->found_number == number)
        return flow->is_whole;
    flow->found_number = match ? number : 0;
    flow->hit_count = 0;
    flow->chosen = SIZE_MAX;
    int64_t end_ms = clock_thread_ms() + MATCH_MS;
    for (size_t at = 0; match && flow->hit_count < FLOW_HITS_MAX; at = hit.end) {
        result = match_find(match, flow->source.data, flow->source.len, at, &hit);
        if (result != MATCH_FOUND)
            break;
        flow->hits =
            xgrow(flow->hits, flow->hit_count, &flow->hit_capacity, sizeof *flow->hits);
        flow->hits[flow->hit_count++] = hit;
        if (clock_thread_ms() > end_ms)
            break;
    }
    flow->is_whole = result == MATCH_NONE;
    return flow->is_whole;
}

size_t flow_hit_count(const struct flow *flow)
{
    return flow->hit_count;
}

void flow_choose_hit(struct flow *flow, size_t index)
{
    flow->chosen = index;
}

static size_t line_at(const struct flow *flow, size_t at)
{
    const struct lines *lines = &flow->lines;
    size_t low = 0, high = lines->count; /* the last line that starts at or before at */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->start[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

size_t flow_hit_line(const struct flow *flow, size_t index)
{
    const struct match_hit *hit = &flow->hits[index];
    const struct rich *rich = &flow->lines.rich;
    if (flow->kind == FLOW_RAW)
        return line_at(flow, hit->start);
    for (size_t i = 0; i < rich->run_count; i++) {
        const struct rich_run *run = &rich->run[i];
        size_t end = i + 1 < rich->run_count ? run[1].start : rich->text.len;
        if (run->source == RICH_NONE || run->source >= hit->end ||
            run->source + (end - run->start) <= hit->start)
            continue;
        size_t into = hit->start > run->source ? hit->start - run->source : 0;
        return line_at(flow, run->start + into);
    }
    return SIZE_MAX;
}

/* The hit that covers any of the source's bytes [at, end); NULL. */
static const struct match_hit *hit_at(const struct flow *flow, size_t at, size_t end)
{
    size_t low = 0, high = flow->hit_count; /* the first that ends behind at */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (flow->hits[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < flow->hit_count && flow->hits[low].start < end ? &flow->hits[low] : NULL;
}

/* ---- drawing ---- */

static enum style style_at(const struct flow *flow, const struct cluster *cluster,
                           size_t at)
{
    if (flow->hit_count > 0) {
        size_t source = flow->kind == FLOW_RAW ? at : rich_source(&flow->lines.rich, at);
        size_t bytes =
            cluster->cp[0] == 0xFFFD ? 1 : cluster->bytes; /* it may stand for one */
        const struct match_hit *hit =
            source != RICH_NONE ? hit_at(flow, source, source + bytes) : NULL;
        if (hit)
            return (size_t)(hit - flow->hits) == flow->chosen ? STYLE_SELECTED
                                                              : STYLE_MATCH;
    }
    if (cluster->cp[0] == 0xFFFD)
        return STYLE_MARK;
    return flow->kind != FLOW_RAW ? rich_style(&flow->lines.rich, at) : STYLE_TEXT;
}

void flow_draw(const struct flow *flow, struct cells *cells, struct rect area,
               size_t first)
{
    const struct lines *lines = &flow->lines;
    size_t len = flow->kind == FLOW_RAW ? flow->source.len : lines->rich.text.len;
    for (; area.rows > 0 && first < lines->count; area.rows--, area.row++, first++) {
        size_t end = first + 1 < lines->count ? lines->start[first + 1] : len;
        /* text[at, end) in the first row of area */
        size_t at = lines->start[first];
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
}

/* ---- marked stretches ---- */

#define LABEL_COLUMNS 24

/* A mark's start or its end. */
struct border {
    size_t at;
    bool is_start;
    size_t mark;
    size_t other; /* where the mark's other end is */
};

/* At one place: ends before starts, inner ends and outer starts first. */
static int compare(const void *a, const void *b)
{
    const struct border *one = a, *two = b;
    if (one->at != two->at)
        return one->at < two->at ? -1 : 1;
    if (one->is_start != two->is_start)
        return one->is_start ? 1 : -1;
    if (one->other != two->other)
        return one->other > two->other ? -1 : 1;
    if (one->mark == two->mark)
        return 0;
    return (one->mark < two->mark) == one->is_start ? -1 : 1;
}

static void add_shift(struct marked *marked, size_t at)
{
    marked->shifts =
        xgrow(marked->shifts, marked->count, &marked->capacity, sizeof *marked->shifts);
    marked->shifts[marked->count++] = (struct marked_shift){at, marked->rich.text.len};
}

static void add_label(struct rich *rich, const char *label)
{
    size_t len = strlen(label), fit = width_fit(label, len, LABEL_COLUMNS);
    rich_add_text(rich, "|", STYLE_DIM);
    for (size_t i = 0; i < fit; i++) /* a line of the text is not to end in it */
        rich_add(rich, label[i] == '\n' ? " " : label + i, 1, STYLE_DIM);
    rich_add_text(rich, fit < len ? "…" : "", STYLE_DIM);
}

static enum style style_of(const struct stretch *marks, const size_t *open, size_t count)
{
    size_t last = 0;
    for (size_t i = 1; i < count; i++)
        last = open[i] > open[last] ? i : last;
    return count > 0 ? marks[open[last]].style : STYLE_TEXT;
}

static size_t close_mark(size_t *open, size_t count, size_t mark)
{
    for (size_t i = 0; i < count; i++)
        if (open[i] == mark) {
            open[i] = open[count - 1];
            return count - 1;
        }
    return count;
}

void marked_make(struct marked *marked, const char *text, size_t len,
                 const struct stretch *marks, size_t count)
{
    struct border *borders = xcalloc(2 * count + 1, sizeof *borders);
    size_t *open = xcalloc(count + 1, sizeof *open);
    size_t border_count = 0, open_count = 0, done = 0;
    rich_cut(&marked->rich, 0);
    marked->count = 0;
    add_shift(marked, 0);
    for (size_t i = 0; i < count; i++) {
        if (marks[i].start >= marks[i].end || marks[i].end > len)
            continue;
        borders[border_count++] = (struct border){marks[i].start, true, i, marks[i].end};
        borders[border_count++] = (struct border){marks[i].end, false, i, marks[i].start};
    }
    qsort(borders, border_count, sizeof *borders, compare);
    for (size_t i = 0; i < border_count; i++) {
        const struct border *border = &borders[i];
        const struct stretch *mark = &marks[border->mark];
        rich_add(&marked->rich, text + done, border->at - done,
                 style_of(marks, open, open_count));
        done = border->at;
        if (border->is_start) {
            rich_add_text(&marked->rich, mark->open, STYLE_DIM);
            open[open_count++] = border->mark;
        } else {
            open_count = close_mark(open, open_count, border->mark);
            if (mark->label)
                add_label(&marked->rich, mark->label);
            rich_add_text(&marked->rich, mark->close, STYLE_DIM);
        }
        add_shift(marked, done);
    }
    rich_add(&marked->rich, text + done, len - done, STYLE_TEXT);
    free(borders);
    free(open);
}

size_t marked_place(const struct marked *marked, size_t at)
{
    size_t i = marked->count;
    while (i > 1 && marked->shifts[i - 1].text > at)
        i--;
    return i > 0 ? marked->shifts[i - 1].rich + at - marked->shifts[i - 1].text : at;
}

size_t marked_text(const struct marked *marked, size_t place)
{
    size_t i = marked->count;
    while (i > 1 && marked->shifts[i - 1].rich > place)
        i--;
    if (i == 0)
        return place;
    size_t at = marked->shifts[i - 1].text + place - marked->shifts[i - 1].rich;
    return i < marked->count && at > marked->shifts[i].text ? marked->shifts[i].text : at;
}

void marked_clear(struct marked *marked)
{
    rich_clear(&marked->rich);
    free(marked->shifts);
    *marked = (struct marked){0};
}
