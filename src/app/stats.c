/* SPDX-License-Identifier: MIT
 * Loading beside the loop, following on it. */
#include "config.h"

#include "app/app_parts.h"
#include "store/store_stats.h"

/* What is settled at the end of a load is loaded anew after a change, so seldom that it
 * takes a tenth of one core at most. */
enum { LOOK_MS = 500, FOLLOWED_MAX = 100, REST_TIMES = 10, RETRY_MS = 5000 };

static void drop(struct app *app)
{
    stats_free(app->session.stats);
    app->session.stats = NULL;
}

static void on_stats(void *ctx, struct stats *stats, int64_t revision,
                     const struct err *err)
{
    struct app *app = ctx;
    int64_t now = clock_mono_ms(app->clock);
    app->is_loading_stats = false;
    if (app->is_closing || !app->shows_stats) {
        stats_free(stats);
        return;
    }
    app->have_stats_failed = !stats;
    if (!stats) {
        app->stats_due_ms = now + RETRY_MS;
        app_notify_err(app, err);
        return;
    }
    drop(app);
    app->session.stats = stats;
    app->stats_revision = revision;
    app->has_unsettled = false;
    app->stats_due_ms = now + (now - app->stats_began_ms) * REST_TIMES;
    app_changed(app);
}

/* The statistics there are of the dataset as it is. */
static bool has_stats(const struct app *app)
{
    const struct stats *stats = app->session.stats;
    return stats && stats->dataset.row == app->session.dataset.row &&
           dataset_asks_same(&stats->dataset, &app->session.dataset);
}

static void look(void *ctx)
{
    struct app *app = ctx;
    struct err err = {0};
    int64_t before = app->stats_revision;
    if (app->is_loading_stats || !app->shows_stats)
        return;
    bool is_whole = has_stats(app) && store_follow_stats(app->store, app->session.stats,
                                                         &app->stats_revision,
                                                         FOLLOWED_MAX, &err) == STATUS_OK;
    if (is_whole && app->stats_revision != before) {
        app->has_unsettled = true;
        app_changed(app);
    }
    int64_t now = clock_mono_ms(app->clock);
    bool may_wait = has_stats(app) || app->have_stats_failed;
    if ((is_whole && !app->has_unsettled) || (may_wait && now < app->stats_due_ms))
        return;
    app->is_loading_stats = true;
    app->stats_began_ms = now;
    store_load_stats(app->store, &app->session.dataset, on_stats, app);
}

void app_show_stats(struct app *app, bool is_shown)
{
    if (is_shown == app->shows_stats)
        return;
    app->shows_stats = is_shown;
    if (!app->stats_timer)
        app->stats_timer = loop_timer_new(app->loop, look, app);
    if (is_shown) {
        app->have_stats_failed = false;
        loop_timer_start(app->stats_timer, LOOK_MS, LOOK_MS);
        look(app);
    } else {
        loop_timer_stop(app->stats_timer);
        drop(app);
    }
}
