/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/width.h"

#include "text/sanitise.h"

#define TAB_STOP 8

static size_t column_after(const struct cluster *cluster, size_t column)
{
    if (cluster->kind == CLUSTER_TAB)
        return column + TAB_STOP - column % TAB_STOP;
    return column + cluster->width;
}

size_t width_of(const char *text, size_t len)
{
    struct cluster cluster;
    size_t column = 0;
    for (size_t at = 0; at < len; at += cluster.bytes) {
        sanitise_next(text, len, at, &cluster);
        column = column_after(&cluster, column);
    }
    return column;
}

size_t width_fit(const char *text, size_t len, size_t columns)
{
    struct cluster cluster;
    size_t column = 0;
    for (size_t at = 0; at < len; at += cluster.bytes) {
        sanitise_next(text, len, at, &cluster);
        column = column_after(&cluster, column);
        if (column > columns)
            return at;
    }
    return len;
}
