/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/rich.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "text/sanitise.h"
#include "text/wrap.h"

static void add_run(struct rich *rich, enum style style)
{
    if (rich->run_count > 0 && rich->run[rich->run_count - 1].style == style)
        return;
    if (rich->run_count == rich->run_capacity) {
        rich->run_capacity = rich->run_capacity ? rich->run_capacity * 2 : 16;
        rich->run = xreallocarray(rich->run, rich->run_capacity, sizeof *rich->run);
    }
    rich->run[rich->run_count++] =
        (struct rich_run){(uint32_t)rich->text.len, (uint8_t)style};
}

void rich_add(struct rich *rich, const char *text, size_t len, enum style style)
{
    if (len == 0)
        return;
    add_run(rich, style);
    buf_add(&rich->text, text, len);
}

void rich_add_text(struct rich *rich, const char *text, enum style style)
{
    rich_add(rich, text, strlen(text), style);
}

void rich_add_blanks(struct rich *rich, int count, enum style style)
{
    for (int i = 0; i < count; i++)
        rich_add(rich, " ", 1, style);
}

void rich_cut(struct rich *rich, size_t len)
{
    while (rich->run_count > 0 && rich->run[rich->run_count - 1].start >= len)
        rich->run_count--;
    rich->text.len = len;
    if (rich->text.data)
        rich->text.data[len] = '\0';
}

void rich_clear(struct rich *rich)
{
    buf_clear(&rich->text);
    free(rich->run);
    *rich = (struct rich){0};
}

enum style rich_style(const struct rich *rich, size_t at)
{
    size_t low = 0; /* the answer is the run before the first that starts after at */
    size_t high = rich->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rich->run[middle].start <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? STYLE_TEXT : (enum style)rich->run[low - 1].style;
}

static int copy_cluster(const struct cluster *cluster, int column, enum style style,
                        struct rich *to)
{
    if (cluster->kind == CLUSTER_TAB) {
        int width = WRAP_TAB - column % WRAP_TAB;
        rich_add_blanks(to, width, style);
        return width;
    }
    char bytes[CLUSTER_BYTES];
    rich_add(to, bytes, sanitise_encode(cluster, bytes), style);
    return cluster->width;
}

int rich_copy(const struct rich *from, size_t start, size_t end, int columns,
              struct rich *to)
{
    struct cluster cluster;
    int column = 0;
    for (size_t at = start; at < end; at += cluster.bytes) {
        sanitise_next(from->text.data, end, at, &cluster);
        bool is_over = column > 0 && column + cluster.width > columns;
        if (cluster.kind == CLUSTER_NEWLINE || is_over)
            break;
        column += copy_cluster(&cluster, column, rich_style(from, at), to);
    }
    return column;
}

void lines_begin_at(struct lines *lines, size_t start)
{
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? lines->capacity * 2 : 32;
        lines->start = xreallocarray(lines->start, lines->capacity, sizeof *lines->start);
    }
    lines->start[lines->count++] = (uint32_t)start;
}

void lines_begin(struct lines *lines)
{
    lines_begin_at(lines, lines->rich.text.len);
}

void lines_cut(struct lines *lines, size_t count, size_t len)
{
    lines->count = count;
    rich_cut(&lines->rich, len);
}

void lines_clear(struct lines *lines)
{
    rich_clear(&lines->rich);
    free(lines->start);
    *lines = (struct lines){0};
}
