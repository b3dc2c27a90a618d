/* SPDX-License-Identifier: MIT
 *
 * Answers to one prompt: from one to the next, and beside each other to choose the
 * better.
 */
#include "config.h"

#include "app/respond.h"
#include "ui/parts.h"

static const struct comparison *comparison_of(const struct screen *screen)
{
    return &screen_session(screen)->comparison;
}

/* ---- keys ---- */

static void start_pane(struct screen *screen, size_t pair)
{
    const struct comparison *comparison = comparison_of(screen);
    struct compare_pane *pane = &screen->frame.compare;
    bool is_streaming = false;
    for (size_t i = 0; i < comparison->count; i++)
        is_streaming |=
            session_stream(screen_session(screen), &comparison->records[i].id) != NULL;
    pane->scroll = (struct scroll){.follows = is_streaming};
    pane->first = pane->here = 0;
    pane->pair = pair;
    pane->scale = 0;
}

static void leave(struct screen *screen)
{
    app_end_comparison(screen->app);
    screen->mode = screen->base = MODE_BROWSE;
}

bool compare_run(struct screen *screen, enum action action)
{
    switch (action) {
    case ACTION_COMPARE:
    case ACTION_DIFF:
        if (action == ACTION_DIFF && question_correction(screen_session(screen)))
            return false; /* the page of that */
        if (app_compare(screen->app)) {
            screen->mode = screen->base = MODE_COMPARE;
            start_pane(screen, action == ACTION_DIFF);
        }
        return true;
    case ACTION_NEXT_CANDIDATE:
    case ACTION_PREVIOUS_CANDIDATE:
        app_go_candidate(screen->app, action == ACTION_NEXT_CANDIDATE ? 1 : -1);
        return true;
    default:
        return false;
    }
}

/* What is compared is always about the record that is shown behind it, and stands over no
 * box. */
void compare_follow(struct screen *screen)
{
    const struct session *session = screen_session(screen);
    const struct comparison *comparison = &session->comparison;
    enum ui_mode mode = screen->mode;
    bool is_about = false, is_box = mode == MODE_FEEDBACK || mode == MODE_PROMPT ||
                                    mode == MODE_NOTE || mode == MODE_SETTINGS ||
                                    mode == MODE_OPTIONS || mode == MODE_SPAN ||
                                    mode == MODE_BULK; /* in the form's place */
    if (screen->base != MODE_COMPARE)
        return;
    for (size_t i = 0; session->has_current && i < comparison->candidate_count; i++)
        is_about |= comparison->candidates[i].row == session->current.row;
    if (is_about && !is_box)
        return;
    screen->base = MODE_BROWSE;
    if (screen->mode == MODE_COMPARE && !comparison->is_open)
        screen_interrupt(screen,
                         "What was compared is not as it was: the comparison is closed.");
    else if (screen->mode == MODE_COMPARE)
        screen->mode = MODE_BROWSE;
    app_end_comparison(screen->app);
}

static void pick(struct screen *screen, int chosen, int strength)
{
    if (!app_pick(screen->app, chosen, strength))
        return;
    screen->frame.compare.pair = 0; /* the names stand beside each other */
    screen->frame.compare.scale = 0;
}

/* The mark on the scale, which Enter takes: once one of the two is chosen it tells only
 * by how much; the other one needs its digit. */
static void move(struct screen *screen, int step)
{
    const struct comparison *comparison = comparison_of(screen);
    struct compare_pane *pane = &screen->frame.compare;
    int side = compare_side(comparison), scale = pane->scale;
    if (comparison->count != 2)
        return;
    if (!scale) /* one that is just better lies in the middle of its side */
        scale = side * (comparison->strength ? comparison->strength : 2);
    scale += step;
    if (scale < -PICK_STRENGTH_MAX || scale > PICK_STRENGTH_MAX || scale * side < 0 ||
        (side && !scale))
        scale -= step;
    pane->scale = scale;
}

/* One answer further, where not all have room. */
static void turn(struct screen *screen, int step)
{
    const struct comparison *comparison = comparison_of(screen);
    struct compare_pane *pane = &screen->frame.compare;
    size_t places = comparison->count - pane->in_view + 1;
    if (places > 1 && !pane->pair)
        pane->first = (pane->first + (step > 0 ? 1 : places - 1)) % places;
    else
        app_notify(screen->app, NOTICE_INFO, "All answers are in view.");
}

static void accept(struct screen *screen)
{
    const struct comparison *comparison = comparison_of(screen);
    int scale = screen->frame.compare.scale;
    if (scale) {
        pick(screen, scale > 0, scale > 0 ? scale : -scale);
    } else if (comparison->is_decided) {
        leave(screen);
        app_go_next_open(screen->app);
    } else {
        app_notify(screen->app, NOTICE_INFO,
                   "A digit chooses one, 0 says that they are alike.");
    }
}

static enum action list_key(struct screen *screen, struct key key, enum action action)
{
    struct compare_pane *pane = &screen->frame.compare;
    size_t last = comparison_of(screen)->candidate_count - 1;
    if (key.code == ' ' && key.mods == 0)
        app_mark_candidate(screen->app, pane->here);
    else if (key.code == KEYCODE_ENTER && app_compare_marked(screen->app))
        start_pane(screen, 0);
    else if (action == ACTION_SCROLL_DOWN)
        pane->here += pane->here < last;
    else if (action == ACTION_SCROLL_UP)
        pane->here -= pane->here > 0;
    else if (action == ACTION_FIRST || action == ACTION_LAST)
        pane->here = action == ACTION_FIRST ? 0 : last;
    else if (key.code != KEYCODE_ENTER)
        screen_refuse_key(screen, key);
    return ACTION_NONE;
}

static enum action shown_key(struct screen *screen, struct key key, enum action action)
{
    const struct comparison *comparison = comparison_of(screen);
    struct compare_pane *pane = &screen->frame.compare;
    size_t one, other;
    if (action == ACTION_UNDO || action == ACTION_REDO)
        pane->scale = 0;
    if (key.mods == 0 && key.code >= '0' && key.code <= '0' + comparison->count)
        pick(screen, (int)(key.code - '0') - 1, 0);
    else if (key.code == KEYCODE_ENTER)
        accept(screen);
    else if (key.code == KEYCODE_TAB)
        turn(screen, (key.mods & KEY_SHIFT_BIT) ? -1 : 1);
    else if (action == ACTION_DIFF)
        pane->pair = compare_pair(comparison->count, pane->pair + 1, &one, &other)
                         ? pane->pair + 1
                         : 0;
    else if (action == ACTION_NEXT || action == ACTION_PREVIOUS)
        move(screen, action == ACTION_NEXT ? 1 : -1);
    else if (action == ACTION_UNDO || action == ACTION_REDO || action == ACTION_RAW ||
             (action >= ACTION_PROMPT_DOWN && action <= ACTION_PROMPT_PAGE_UP))
        return action;
    else if (!screen_scrolls(&pane->scroll, action))
        screen_refuse_key(screen, key);
    pane->scroll.follows = pane->scroll.follows && scroll_is_at_end(&pane->scroll);
    return ACTION_NONE;
}

enum action compare_key(struct screen *screen, struct key key)
{
    enum action action = keymap_find_scroll(&screen->keymap, key);
    switch (action) {
    case ACTION_COMPARE:
    case ACTION_QUIT:
        leave(screen);
        return ACTION_NONE;
    case ACTION_COMMAND:
    case ACTION_HELP:
    case ACTION_GUIDELINES:
    case ACTION_REDRAW:
    case ACTION_SUSPEND:
        return action;
    default:
        break;
    }
    if (key.code == KEYCODE_ESCAPE) {
        leave(screen);
        return ACTION_NONE;
    }
    return comparison_of(screen)->count > 0 ? shown_key(screen, key, action)
                                            : list_key(screen, key, action);
}
