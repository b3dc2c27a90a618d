/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/first_start.h"

#include <stdio.h>

bool first_start_applies(const struct session *session)
{
    return !session->has_endpoint && !session->has_server && session->is_queue_loaded &&
           session->queue.count == 0;
}

static void draw_lines(struct cells *cells, struct rect area, const char *const *lines,
                       size_t count)
{
    for (size_t i = 0; i < count && (int)i < area.rows; i++)
        cells_string(cells, area.row + (int)i, area.col, area.cols, lines[i], STYLE_TEXT);
}

static void draw_first_start(struct cells *cells, struct rect area)
{
    /* The narrow form says the same in lines of at most 38 columns. */
    static const char *const wide[] = {
        "No model endpoint: set OPENAI_BASE_URL (and OPENAI_API_KEY if it needs one).",
        "No Argilla server: set ARGILLA_API_URL and ARGILLA_API_KEY, or work without.",
        "Both can stand in ~/.config/sherd/config; `sherd doctor` checks them.",
        "Press D to try the demo now: no network, no key, nothing is kept.",
    };
    static const char *const narrow[] = {
        "No model: set OPENAI_BASE_URL.",
        "No Argilla: set ARGILLA_API_URL.",
        "Or ~/.config/sherd/config.",
        "Press D for the demo.",
    };
    draw_lines(cells, area, area.cols >= 76 ? wide : narrow, 4);
}

static void draw_missing(const struct view *view, struct cells *cells, struct rect area)
{
    char key[32], dataset[400], offer[200];
    keymap_first_key(view->keymap, ACTION_CREATE, key, sizeof key);
    snprintf(dataset, sizeof dataset, "%s has no dataset \"%s\".", view->session->server,
             view->session->dataset.name);
    snprintf(offer, sizeof offer, "%s shows what would be created, and asks.", key);
    const char *const lines[] = {dataset, offer,
                                 "Until then records are kept here and sent later."};
    draw_lines(cells, area, lines, 3);
}

static void draw_empty(const struct view *view, struct cells *cells, struct rect area)
{
    const struct session *session = view->session;
    char key[32], ask[200];
    keymap_first_key(view->keymap, ACTION_PROMPT, key, sizeof key);
    if (!session->has_endpoint)
        snprintf(ask, sizeof ask,
                 "No model endpoint is configured: OPENAI_BASE_URL names one.");
    else if (session->has_server && session->is_connected && !session->can_log)
        snprintf(ask, sizeof ask, "Your key may rate records, but not add any.");
    else
        snprintf(ask, sizeof ask, "%s writes the first prompt.", key);
    bool is_opening = session->has_server && session->sync.offline_since_ms == 0 &&
                      session->sync.state != SYNC_STOPPED &&
                      (!session->is_connected || !session->dataset.remote_id);
    bool is_waiting = !session->is_queue_loaded || session->sync.is_pulling || is_opening;
    const char *const lines[] = {is_waiting ? "Reading records…" : "No record yet.", ask};
    draw_lines(cells, area, lines, 2);
}

void view_first_start_draw(const struct view *view, struct cells *cells, struct rect area)
{
    if (first_start_applies(view->session))
        draw_first_start(cells, area);
    else if (view->session->dataset_missing)
        draw_missing(view, cells, area);
    else
        draw_empty(view, cells, area);
}
