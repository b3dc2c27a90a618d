/* SPDX-License-Identifier: MIT
 *
 * Pages over the record, and the queue over the whole screen.
 */
#include "config.h"

#include "ui/screen_parts.h"

#define QUEUE_PAGE 10

void page_enter(struct screen *screen, enum pager_page page)
{
    pager_open(&screen->frame.pager, page);
    screen->mode = MODE_PAGER;
}

static bool is_back(const struct screen *screen, struct key key)
{
    return key.code == KEYCODE_ESCAPE || key.code == KEYCODE_ENTER ||
           keymap_find(&screen->keymap, key) == ACTION_QUIT;
}

static const enum action openers[] = {
    [PAGER_HELP] = ACTION_HELP,
    [PAGER_FACTS] = ACTION_FACTS,
    [PAGER_GUIDELINES] = ACTION_GUIDELINES,
    [PAGER_CREATE] = ACTION_CREATE,
    [PAGER_OUTBOX] = ACTION_OUTBOX,
};

/* The key that opened a page closes it as well. */
static bool closes_page(const struct screen *screen, struct key key)
{
    return is_back(screen, key) ||
           keymap_find(&screen->keymap, key) == openers[screen->frame.pager.page];
}

/* The key of another page goes there at once. */
static bool changes_page(struct screen *screen, enum action action)
{
    for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++) {
        if (openers[i] == action) {
            browse_run(screen, action);
            return true;
        }
    }
    return false;
}

/* What a page may do beside being read. */
static bool runs_on_page(struct screen *screen, enum action action)
{
    bool is_ours = action == ACTION_SYNC && screen->frame.pager.page == PAGER_OUTBOX;
    if (is_ours || action == ACTION_REDRAW || action == ACTION_SUSPEND)
        browse_run(screen, action);
    return is_ours || action == ACTION_REDRAW || action == ACTION_SUSPEND;
}

static bool scroll_page_by_action(struct scroll *scroll, enum action action)
{
    switch (action) {
    case ACTION_SCROLL_DOWN:
        return scroll_by(scroll, 1), true;
    case ACTION_SCROLL_UP:
        return scroll_by(scroll, -1), true;
    case ACTION_PAGE_DOWN:
        return scroll_page(scroll, 1), true;
    case ACTION_PAGE_UP:
        return scroll_page(scroll, -1), true;
    case ACTION_FIRST:
        return scroll_by(scroll, -(long)scroll->lines), true;
    case ACTION_LAST:
        return scroll_by(scroll, (long)scroll->lines), true;
    default:
        return false;
    }
}

void page_key(struct screen *screen, struct key key)
{
    bool creates = screen->frame.pager.page == PAGER_CREATE &&
                   screen_session(screen)->dataset_missing && key.code == KEYCODE_ENTER;
    if (creates)
        app_create_dataset(screen->app);
    enum action action = keymap_find(&screen->keymap, key);
    if (closes_page(screen, key))
        screen->mode = MODE_BROWSE;
    else if (!scroll_page_by_action(&screen->frame.pager.scroll, action) &&
             !changes_page(screen, action) && !runs_on_page(screen, action))
        screen_refuse_key(screen, key);
}

static void move_by(struct screen *screen, bool (*step)(struct app *app), int times)
{
    for (int i = 0; i < times && step(screen->app); i++) {
    }
}

void queue_key(struct screen *screen, struct key key)
{
    enum action action = keymap_find(&screen->keymap, key);
    if (is_back(screen, key) || action == ACTION_QUEUE) {
        screen->mode = MODE_BROWSE;
    } else if (action == ACTION_SCROLL_DOWN) {
        move_by(screen, app_go_next, 1);
    } else if (action == ACTION_SCROLL_UP) {
        move_by(screen, app_go_previous, 1);
    } else if (action == ACTION_PAGE_DOWN) {
        move_by(screen, app_go_next, QUEUE_PAGE);
    } else if (action == ACTION_PAGE_UP) {
        move_by(screen, app_go_previous, QUEUE_PAGE);
    } else if (action == ACTION_NEXT || action == ACTION_PREVIOUS ||
               action == ACTION_FIRST || action == ACTION_LAST ||
               action == ACTION_NEXT_OPEN) {
        browse_run(screen, action);
    } else {
        screen_refuse_key(screen, key);
    }
}
