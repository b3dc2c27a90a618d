/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/sanitise.h"
#include "base/utf8.h"
#include "base/xalloc.h"

/* ---- one after the other ---- */

/* False, with a notice, when there is nothing beside the current record. */
static bool list_siblings(struct app *app, int64_t **rows, size_t *count)
{
    struct session *session = &app->session;
    struct err err = {0};
    bool may_ask = !session_lacks_right(session, ACTION_REGENERATE);
    *rows = NULL;
    if (!session->has_current) {
        current_say_empty(app);
        return false;
    }
    if (store_list_siblings(app->store, session->current.row, CANDIDATES_MAX, rows, count,
                            &err) != STATUS_OK)
        app_notify_err(app, &err);
    else if (*count < 2)
        app_notify(app, NOTICE_INFO, "This is the only answer to its prompt%s%s%s.",
                   may_ask ? "; " : "",
                   may_ask ? app_key_name(app, ACTION_REGENERATE).text : "",
                   may_ask ? " asks for another" : "");
    else
        return true;
    free(*rows);
    *rows = NULL;
    return false;
}

bool app_go_candidate(struct app *app, int step)
{
    int64_t *rows;
    size_t count, at = 0;
    if (!list_siblings(app, &rows, &count))
        return false;
    while (at + 1 < count && rows[at] != app->session.current.row)
        at++;
    at = (at + (step > 0 ? 1 : count - 1)) % count;
    size_t index = queue_find(&app->session.queue, rows[at]);
    free(rows);
    if (index == SIZE_MAX || !current_show(app, index))
        return false;
    app_notify(app, NOTICE_INFO, "Answer %zu of %zu to this prompt; %s compares them.",
               at + 1, count, app_key_name(app, ACTION_COMPARE).text);
    return true;
}

/* ---- beside each other ---- */

void app_end_comparison(struct app *app)
{
    comparison_clear(&app->session.comparison);
    app_changed(app);
}

/* False, with a notice, when it is gone. */
static bool read_record(struct app *app, int64_t row, struct record *record)
{
    struct err err = {0};
    bool is_read = store_get_record_row(app->store, row, record, &err) == STATUS_OK;
    if (is_read)
        unsaved_lay_over(app, record);
    else
        app_notify_err(app, &err);
    return is_read;
}

/* The start of an answer, to know it by; nothing of who wrote it. */
static void fill_candidate(struct app *app, int64_t row, struct candidate *candidate)
{
    struct record record = {0};
    size_t len;
    read_record(app, row, &record);
    const char *text = session_record_response(&app->session, &record, &len);
    size_t index = queue_find(&app->session.queue, row);
    candidate->row = row;
    candidate->number = index == SIZE_MAX ? 0 : index + 1;
    sanitise_line(text, len < 400 ? len : 400, candidate->start, sizeof candidate->start);
    record_clear(&record);
}

/* What another process has changed, too. */
static void read_pick(struct app *app)
{
    struct comparison *comparison = &app->session.comparison;
    struct pick pick;
    int64_t rows[PICK_MAX];
    for (size_t i = 0; i < comparison->count; i++)
        rows[i] = comparison->records[i].row;
    store_get_pick(app->store, rows, comparison->count, &pick, NULL);
    comparison->is_decided = pick.count > 0;
    comparison->chosen = -1;
    comparison->strength = pick.strength;
    for (size_t i = 0; pick.chosen >= 0 && i < comparison->count; i++)
        if (rows[i] == pick.rows[pick.chosen])
            comparison->chosen = (int)i;
}

/* Fisher-Yates, with the numbers of splitmix64. */
static void shuffle(int64_t *rows, size_t count, uint64_t seed)
{
    for (size_t left = count; left > 1; left--) {
        uint64_t mixed = seed += 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
        size_t other = (size_t)((mixed ^ mixed >> 31) % left);
        int64_t row = rows[left - 1];
        rows[left - 1] = rows[other];
        rows[other] = row;
    }
}

static void show(struct app *app, int64_t *rows, size_t count)
{
    struct comparison *comparison = &app->session.comparison;
    struct pick pick;
    struct id id;
    store_get_pick(app->store, rows, count, &pick, NULL);
    id_by_name(&id, store_id(app->store), rows, count * sizeof *rows);
    memcpy(&comparison->seed, id.bytes, sizeof comparison->seed);
    if (pick.count) {
        comparison->seed = pick.seed;
        memcpy(rows, pick.rows, count * sizeof *rows);
    } else {
        shuffle(rows, count, comparison->seed);
    }
    comparison->count = count;
    for (size_t i = 0; i < count; i++)
        read_record(app, rows[i], &comparison->records[i]);
    read_pick(app);
    app_changed(app);
}

bool app_compare(struct app *app)
{
    struct comparison *comparison = &app->session.comparison;
    int64_t *rows;
    size_t count;
    comparison_clear(comparison);
    if (!list_siblings(app, &rows, &count))
        return false;
    comparison->is_open = true;
    comparison->candidates = xcalloc(count, sizeof *comparison->candidates);
    comparison->candidate_count = count;
    for (size_t i = 0; i < count; i++)
        fill_candidate(app, rows[i], &comparison->candidates[i]);
    if (count <= PICK_MAX)
        show(app, rows, count);
    free(rows);
    app_changed(app);
    return true;
}

void app_mark_candidate(struct app *app, size_t index)
{
    struct comparison *comparison = &app->session.comparison;
    if (index < comparison->candidate_count)
        comparison->candidates[index].is_marked =
            !comparison->candidates[index].is_marked;
    app_changed(app);
}

bool app_compare_marked(struct app *app)
{
    const struct comparison *comparison = &app->session.comparison;
    int64_t rows[PICK_MAX];
    size_t count = 0;
    for (size_t i = 0; i < comparison->candidate_count; i++) {
        if (!comparison->candidates[i].is_marked)
            continue;
        if (count < PICK_MAX)
            rows[count] = comparison->candidates[i].row;
        count++;
    }
    if (count < 2 || count > PICK_MAX)
        app_notify(app, NOTICE_WARNING, "Mark two to %d of them; %zu %s marked.",
                   PICK_MAX, count, count == 1 ? "is" : "are");
    else
        show(app, rows, count);
    return count >= 2 && count <= PICK_MAX;
}

/* ---- the choice ---- */

/* Text that is more than white space, and that nobody else is still writing. */
static bool has_text(const struct app *app, const struct record *record)
{
    size_t len;
    const char *text = session_record_response(&app->session, record, &len);
    return session_has_answer(&app->session, record) && !utf8_is_blank(text, len);
}

static bool can_pick(struct app *app, int chosen)
{
    const struct comparison *comparison = &app->session.comparison;
    int others = 0;
    if (chosen >= (int)comparison->count)
        return false;
    for (size_t i = 0; i < comparison->count; i++)
        others += (int)i != chosen && has_text(app, &comparison->records[i]);
    if (chosen >= 0 && !has_text(app, &comparison->records[chosen]))
        app_notify(app, NOTICE_WARNING, "There is no answer %d to choose%s.", chosen + 1,
                   session_stream(&app->session, &comparison->records[chosen].id) ? " yet"
                                                                                  : "");
    else if (others < (chosen < 0 ? 2 : 1))
        app_notify(app, NOTICE_WARNING, "There is no other answer to compare it with.");
    else
        return true;
    return false;
}

bool app_pick(struct app *app, int chosen, int strength)
{
    struct comparison *comparison = &app->session.comparison;
    struct err err = {0};
    char label[64];
    if (!comparison->count || !can_pick(app, chosen))
        return false;
    struct pick pick = {.count = comparison->count,
                        .chosen = chosen,
                        .strength = chosen < 0 ? 0 : strength,
                        .seed = comparison->seed};
    for (size_t i = 0; i < pick.count; i++)
        pick.rows[i] = comparison->records[i].row;
    unsaved_write(app); /* what was changed before is undone after it */
    if (store_put_pick(app->store, &pick, &err) != STATUS_OK) {
        app_notify(app, NOTICE_ERROR, "The choice is not kept: %s", err.text);
        return false;
    }
    read_pick(app);
    if (chosen < 0)
        snprintf(label, sizeof label, "Alike");
    else
        app_record_label(app, &comparison->records[chosen], label, sizeof label);
    unsaved_say_saved(app, "%s%s, saved; %s takes it back.", label,
                      chosen < 0 ? "" : " is better",
                      app_key_name(app, ACTION_UNDO).text);
    app_changed(app);
    return true;
}

void compare_refresh(struct app *app)
{
    struct comparison *comparison = &app->session.comparison;
    if (!comparison->count || app->is_closing)
        return;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct queue *queue = &app->session.queue;
        int64_t row = comparison->records[i].row;
        size_t at = queue_find(queue, row);
        if (!read_record(app, row, &comparison->records[i]) ||
            (at != SIZE_MAX && queue->rows[at].flags & QUEUE_DELETED)) {
            app_end_comparison(app);
            return;
        }
    }
    read_pick(app);
    app_changed(app);
}
