/* SPDX-License-Identifier: MIT
 *
 * stats - the statistics of the open dataset, for a page that follows the answers, and as
 * text for anybody who has some.
 */
#ifndef APP_STATS_H
#define APP_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/stats.h"

struct app;

/* While shown, session.stats is there soon and follows, whoever answers; the loop never
 * waits for it. Asked for as often as one likes. */
void app_show_stats(struct app *app, bool is_shown);

/* How a record is called, by its row: "#12", or the start of its id. */
enum { STATS_LABEL = 14 };
typedef void (*stats_label_fn)(void *ctx, int64_t row, char *out, size_t size);
struct stats_page {
    const struct stats *stats;
    int columns;     /* that a line may take */
    bool is_plain;   /* words instead of bars */
    const char *you; /* our name; "" = not known */
    stats_label_fn label;
    void *ctx;
};
/* Safe to show. */
void stats_write(const struct stats_page *page, struct buf *out);

#endif
