/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_prompt.h"

#include <stdio.h>

int prompt_measure(struct editbuf *edit, int columns, int at_least)
{
    editbuf_layout(edit, columns);
    size_t lines = editbuf_line_count(edit);
    int rows = lines < PROMPT_ROWS_MAX ? (int)lines : PROMPT_ROWS_MAX;
    return rows > at_least ? rows : at_least;
}

static void write_settings(const struct prompt_view *prompt,
                           const struct session *session, char *out, size_t size)
{
    const struct sampling *sampling = prompt->sampling;
    char text[64];
    out[0] = '\0';
    if (!session->has_endpoint) {
        view_join(out, size, "no model endpoint");
        return;
    }
    view_join(out, size, sampling->model ? sampling->model : session->endpoint);
    if (sampling->has_temperature) {
        snprintf(text, sizeof text, "T %.3g", sampling->temperature);
        view_join(out, size, text);
    }
    if (sampling->max_tokens > 0) {
        snprintf(text, sizeof text, "max %lld", (long long)sampling->max_tokens);
        view_join(out, size, text);
    }
    if (sampling->system_prompt)
        view_join(out, size, "system prompt");
    if (prompt->is_own)
        view_join(out, size, "this one only");
}

void view_prompt_draw(const struct prompt_view *prompt, const struct view *view,
                      struct cells *cells, struct rect rule, struct rect area)
{
    char settings[256];
    write_settings(prompt, view->session, settings, sizeof settings);
    view_rule(cells, rule, "New prompt", settings,
              view->session->has_endpoint ? STYLE_DIM : STYLE_WARNING);
    editbuf_draw(prompt->edit, cells, area, STYLE_TEXT, true);
}
