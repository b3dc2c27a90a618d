/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/view_outbox.h"

#include <stdio.h>
#include <string.h>

#include "text/sanitise.h"

static void write_reason(struct buf *out, const char *reason)
{
    char safe[1024];
    sanitise_line(reason, strlen(reason), safe, sizeof safe);
    buf_add_text(out, safe);
}

/* How it stands with the server as a whole. */
static void write_server(const struct view *view, struct buf *out)
{
    const struct sync_report *sync = &view->session->sync;
    char time[16], key[32];
    if (sync->offline_since_ms != 0) {
        view_format_time(sync->offline_since_ms, time, sizeof time);
        buf_addf(out, "%s: offline since %s.", view->session->server, time);
    } else {
        buf_addf(out, "%s: %s", view->session->server,
                 sync->state == SYNC_STOPPED   ? "nothing is being sent."
                 : sync->state == SYNC_WAITING ? "waiting."
                 : sync->state == SYNC_RUNNING ? "sending…"
                                               : "connected.");
    }
    if (sync->err.code) {
        buf_add_text(out, " ");
        write_reason(out, sync->err.text);
    }
    keymap_first_key(view->keymap, ACTION_SYNC, key, sizeof key);
    if (sync->state == SYNC_WAITING)
        buf_addf(out, " It is tried again by itself; %s tries now.",
                 key[0] != '\0' ? key : ":sync");
    buf_add_text(out, "\n\n");
}

static void write_item(const struct unsent_item *item, struct buf *out)
{
    char number[32] = "-";
    if (item->number > 0)
        snprintf(number, sizeof number, "#%zu", item->number);
    buf_addf(out, "%-6s %-7s ", number, item->is_record ? "record" : "answer");
    if (item->attempts > 1)
        buf_addf(out, "%d tries: ", item->attempts);
    write_reason(out, item->reason ? item->reason : "not tried yet");
    buf_add_text(out, "\n");
}

static void write_part(const struct unsent *unsent, bool is_refused, const char *title,
                       struct buf *out)
{
    size_t shown = 0;
    for (size_t i = 0; i < unsent->count; i++) {
        if (unsent->items[i].is_refused != is_refused)
            continue;
        if (shown++ == 0)
            buf_addf(out, "%s\n", title);
        write_item(&unsent->items[i], out);
    }
    if (shown > 0)
        buf_add_text(out, "\n");
}

void outbox_write(const struct view *view, struct buf *out)
{
    const struct session *session = view->session;
    const struct unsent *unsent = &session->unsent;
    char key[32], title[160];
    if (!session->has_server) {
        buf_add_text(out, "No server is configured: everything stays in the local "
                          "store.\nARGILLA_API_URL names a server.\n");
        return;
    }
    write_server(view, out);
    keymap_first_key(view->keymap, ACTION_SYNC, key, sizeof key);
    snprintf(title, sizeof title, "Refused by the server; %s sends them once more:",
             key[0] != '\0' ? key : ":sync");
    write_part(unsent, true, title, out);
    write_part(unsent, false,
               session->sync.state == SYNC_STOPPED ? "Waiting until that is mended:"
                                                   : "Waiting; sent without your doing:",
               out);
    if (unsent->count == 0)
        buf_add_text(out, "Everything is on the server.\n");
    if (unsent->count == UNSENT_LISTED_MAX)
        buf_addf(out, "These are the first %d; `sherd outbox` lists all.\n",
                 UNSENT_LISTED_MAX);
}
