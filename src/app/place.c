/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/place.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/navigate.h"
#include "config/settings_parts.h"

enum { NUMBER_DIGITS = 7 }; /* more are the start of an id */

static bool is_number(const char *name)
{
    size_t len = strlen(name);
    return len <= NUMBER_DIGITS && strspn(name, "0123456789") == len;
}

/* Its index in the queue; SIZE_MAX = it is not there. */
static size_t find(struct app *app, const char *name, struct err *err)
{
    const struct queue *queue = &app->session.queue;
    if (is_number(name)) {
        size_t number = strtoul(name, NULL, 10);
        return number && number <= queue->count ? number - 1 : SIZE_MAX;
    }
    struct id id;
    struct record record = {0};
    size_t index = SIZE_MAX;
    if (store_find_record(app->store, app->session.dataset.row, name, &id, err) ==
            STATUS_OK &&
        store_get_record(app->store, &id, &record, err) == STATUS_OK)
        index = queue_find(queue, record.row);
    record_clear(&record);
    return index;
}

/* More records may come. */
static bool is_reading(const struct app *app)
{
    return app->is_loading_queue || app->is_link_due || app->is_linking ||
           (app->sync && sync_report(app->sync)->is_pulling);
}

bool app_goto(struct app *app, const char *name)
{
    struct err err = {0};
    size_t index = find(app, name, &err);
    setting_text(&app->wanted_record, NULL);
    if (index != SIZE_MAX)
        return app_go(app, index);
    if (is_reading(app)) {
        setting_text(&app->wanted_record, name);
        app_notify(app, NOTICE_INFO, "Record %.80s is not here yet: it is waited for.",
                   name);
    } else if (!app->session.queue.count) {
        app_notify(app, NOTICE_ERROR, "There is no record yet.");
    } else if (is_number(name)) {
        app_notify(app, NOTICE_ERROR, "There is no record %.80s; the last one is %zu.",
                   name, app->session.queue.count);
    } else {
        app_notify_err(app, &err);
    }
    return false;
}

void place_look_again(struct app *app)
{
    struct err err = {0};
    if (!app->wanted_record)
        return;
    size_t index = find(app, app->wanted_record, &err);
    if (index == SIZE_MAX && is_reading(app))
        return;
    char *name = app->wanted_record;
    app->wanted_record = NULL;
    app_goto(app, name);
    free(name);
}
