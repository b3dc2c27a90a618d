/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/width.h"

#include <string.h>

#include <unilbrk.h>

#include "base/sanitise.h"
#include "base/utf8.h"

/* --- how wide --- */

static size_t width_at(size_t column, const struct cluster *cluster)
{
    if (cluster->kind == CLUSTER_TAB)
        return WRAP_TAB - column % WRAP_TAB;
    return cluster->width;
}

/* *used is what the bytes up to the one that is returned take. */
static size_t measure(const char *text, size_t len, size_t columns, size_t *used)
{
    struct cluster cluster;
    size_t at = 0;
    for (*used = 0; at < len; at += cluster.bytes) {
        sanitise_next(text, len, at, &cluster);
        size_t width = width_at(*used, &cluster);
        if (width > columns - *used)
            break;
        *used += width;
    }
    return at;
}

size_t width_of(const char *text, size_t len)
{
    size_t used;
    measure(text, len, SIZE_MAX, &used);
    return used;
}

size_t width_fit(const char *text, size_t len, size_t columns)
{
    size_t used;
    return measure(text, len, columns, &used);
}

void width_add_column(struct buf *out, const char *text, size_t columns)
{
    char line[256];
    sanitise_line(text, strlen(text), line, sizeof line);
    size_t len = strlen(line);
    bool is_cut = width_of(line, len) > columns;
    if (is_cut)
        len = width_fit(line, len, columns - 1);
    buf_add(out, line, len);
    buf_addf(out, "%s%*s", is_cut ? "…" : "",
             (int)(columns - width_of(line, len) - is_cut), "");
}

/* --- where a line ends --- */

/* What sanitise may read beyond a cluster before it knows that the cluster ended. */
#define LOOK_AHEAD UTF8_MAX

struct scan {
    size_t start;
    size_t at; /* where the scan stands */
    size_t column;
    struct cluster cluster; /* the one at `at` */
};

/* A blank that carries no mark. */
static bool is_blank(const struct wrap *wrap, size_t at)
{
    struct cluster cluster;
    if (at >= wrap->len || (wrap->text[at] != ' ' && wrap->text[at] != '\t'))
        return false;
    sanitise_next(wrap->text, wrap->len, at, &cluster);
    return cluster.bytes == 1;
}

static bool is_too_long(const struct scan *scan)
{
    return scan->at - scan->start >= WRAP_LINE_BYTES;
}

/* Goes on to the first cluster that does not fit, or to a newline, or to the end. */
static void scan_columns(const struct wrap *wrap, struct scan *scan)
{
    while (scan->at < wrap->len) {
        sanitise_next(wrap->text, wrap->len, scan->at, &scan->cluster);
        if (scan->cluster.kind == CLUSTER_NEWLINE || is_too_long(scan))
            return;
        size_t width = width_at(scan->column, &scan->cluster);
        if (scan->column + width > (size_t)wrap->columns && scan->at > scan->start)
            return;
        scan->column += width;
        scan->at += scan->cluster.bytes;
    }
}

/* Blanks at the edge belong to the line they end; so does a newline after them. */
static size_t skip_hanging(struct wrap *wrap, struct scan *scan)
{
    while (is_blank(wrap, scan->at) && !is_too_long(scan))
        scan->at++;
    if (scan->at < wrap->len) {
        sanitise_next(wrap->text, wrap->len, scan->at, &scan->cluster);
        if (scan->cluster.kind == CLUSTER_NEWLINE)
            scan->at += scan->cluster.bytes;
    }
    wrap->is_settled = scan->at + LOOK_AHEAD <= wrap->len;
    return scan->at;
}

static bool is_cluster_start(const struct wrap *wrap, size_t start, size_t at)
{
    if ((unsigned char)wrap->text[at] < 0x80)
        return true;
    struct cluster cluster;
    size_t from = start;
    while (from < at) {
        sanitise_next(wrap->text, wrap->len, from, &cluster);
        from += cluster.bytes;
    }
    return from == at;
}

/* The last place in (start, edge] where UAX 14 allows a break; edge if none. */
static size_t last_break(struct wrap *wrap, size_t start, size_t edge)
{
    uint32_t cp;
    size_t count = edge + utf8_decode(wrap->text, wrap->len, edge, &cp) - start;
    buf_reset(&wrap->breaks);
    while (wrap->breaks.len < count) {
        static const char zeros[256];
        buf_add(&wrap->breaks, zeros, sizeof zeros);
    }
    char *breaks = wrap->breaks.data;
    u8_possible_linebreaks((const uint8_t *)wrap->text + start, count, "UTF-8", breaks);
    for (size_t at = edge; at > start; at--) {
        if (breaks[at - start] == UC_BREAK_POSSIBLE && is_cluster_start(wrap, start, at))
            return at;
    }
    return edge;
}

size_t wrap_next(struct wrap *wrap, size_t start)
{
    struct scan scan = {.start = start, .at = start};
    scan_columns(wrap, &scan);
    wrap->is_settled = false;
    if (scan.at >= wrap->len)
        return wrap->len;
    wrap->is_settled = scan.at + scan.cluster.bytes + LOOK_AHEAD <= wrap->len;
    if (scan.cluster.kind == CLUSTER_NEWLINE)
        return scan.at + scan.cluster.bytes;
    if (is_too_long(&scan))
        return scan.at;
    if (is_blank(wrap, scan.at) && !wrap->cuts_words)
        return skip_hanging(wrap, &scan);
    return wrap->cuts_words ? scan.at : last_break(wrap, start, scan.at);
}

void wrap_clear(struct wrap *wrap)
{
    buf_clear(&wrap->breaks);
}
