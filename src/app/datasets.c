/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "config/settings_parts.h"
#include "text/outside.h"

enum { ID_START = 8, FITS_THERE = 8, FITS_CHOSEN = 4 /* the chosen server */ };

/* One configured server that is asked for its datasets. */
struct shelf {
    struct shelves *shelves;
    char *name, *url, *key_command;
    struct argilla *argilla;
    char counting[ID_TEXT]; /* the dataset whose counts are asked for */
    bool is_over;           /* it has listed them, or said why not */
};

struct shelves {
    struct app *app;
    struct http *http;
    struct keyring *keyring;
    struct loop_timer *timer;
    struct shelf *items;
    size_t count;
    char *wanted;       /* the name that is waited for; NULL */
    struct dataset now; /* the one that is read before it is opened */
    bool is_opening;
};

/* name NULL: it is known now where it is, or that it is nowhere. */
static void seek(struct app *app, const char *name)
{
    free(app->shelves->wanted);
    app->shelves->wanted = xstrdup_or_null(name);
    app->session.datasets.is_sought = name != NULL;
}

/* ---- names ---- */

/* How well the choice fits what was typed; 0 = not at all. */
static int fit(struct app *app, const struct dataset_choice *choice, const char *given)
{
    const struct dataset *dataset = &choice->dataset;
    struct err none = {0};
    const struct server_settings *chosen = setting_choose_server(app->settings, &none);
    const char *server = dataset->server ? dataset->server : "";
    const char *workspace = dataset->workspace ? dataset->workspace : "";
    const char *wanted = settings_workspace(app->settings, chosen);
    bool is_chosen = !strcmp(server, chosen && chosen->url ? chosen->url : "");
    size_t len = strlen(given);
    if (!place_is_called(app->settings, dataset, given) &&
        !(dataset->remote_id && len >= ID_START &&
          !strncasecmp(dataset->remote_id, given, len)))
        return 0;
    /* where --server is silent, what another of its addresses had may be opened, but no
     * namesake that is on no server */
    if (!strchr(given, '@') && !is_chosen && app->session.is_choosing &&
        app->settings->has_server && !(*server && *app->session.datasets.fault))
        return 0;
    return 1 + FITS_THERE * !dataset->is_gone + FITS_CHOSEN * is_chosen +
           2 * (wanted && !strcmp(wanted, workspace)) + (dataset->row != 0);
}

/* The only choice that fits best; SIZE_MAX = there is none, or several. */
static size_t find(struct app *app, const char *given, int *fits)
{
    const struct dataset_choices *list = &app->session.datasets;
    size_t found = SIZE_MAX;
    int best = 0;
    for (size_t i = 0; i < list->count; i++) {
        int now = fit(app, &list->items[i], given);
        if (now && now >= best)
            found = now > best ? i : SIZE_MAX;
        best = now > best ? now : best;
    }
    *fits = best;
    return found;
}

/* ---- the list ---- */

static struct dataset_choice *add(struct app *app, const struct dataset *dataset)
{
    struct dataset_choices *list = &app->session.datasets;
    list->items = xgrow(list->items, list->count, &list->room, sizeof *list->items);
    struct dataset_choice *choice = &list->items[list->count++];
    *choice = (struct dataset_choice){0};
    dataset_copy(&choice->dataset, dataset);
    app_name_server(app, dataset->server ? dataset->server : "", choice->server,
                    sizeof choice->server);
    return choice;
}

/* What was answered here counts; what was not read yet is pending. */
static void add_unread(struct dataset_choice *choice)
{
    size_t here = choice->sum.all,
           unread = choice->there > here ? choice->there - here : 0;
    choice->sum.counts[RESPONSE_PENDING] += unread;
    choice->sum.all += unread;
    choice->is_told |= unread || !choice->dataset.row;
}

/* row 0 = the store lacks it, or it is not known there yet. */
static struct dataset_choice *find_choice(struct app *app, int64_t row, const char *id)
{
    struct dataset_choices *list = &app->session.datasets;
    for (size_t i = 0; i < list->count; i++) {
        const struct dataset *one = &list->items[i].dataset;
        if (row && one->row ? row == one->row
                            : id && one->remote_id && !strcmp(id, one->remote_id))
            return &list->items[i];
    }
    return NULL;
}

static void on_sum(void *ctx, int64_t dataset_row, const struct queue_sum *sum,
                   const struct err *err)
{
    struct app *app = ctx;
    struct dataset_choice *choice = find_choice(app, dataset_row, NULL);
    if (choice && !app->is_closing && !err->code) {
        choice->sum = *sum;
        choice->has_counts = true;
        add_unread(choice);
    }
    app_changed(app);
}

/* What the store has no more goes, what is new comes. Counting walks an index: not where
 * only a name is looked for. */
static void list_store(struct app *app, bool counts)
{
    struct dataset_choices *list = &app->session.datasets;
    struct dataset *here = NULL;
    size_t count = 0;
    struct err err = {0};
    list->news = app->session.news;
    if (store_list_datasets(app->store, &here, &count, &err) != STATUS_OK)
        app_notify_err(app, &err);
    for (size_t i = 0; i < count; i++) {
        struct dataset_choice *choice = find_choice(app, here[i].row, here[i].remote_id);
        if (!choice)
            choice = add(app, &here[i]);
        here[i].is_published |= choice->dataset.is_published;
        if (!choice->is_moved)
            dataset_copy(&choice->dataset, &here[i]);
        choice->dataset.row = here[i].row;
        choice->news = list->news;
        choice->is_open = here[i].row == app->session.dataset.row;
        if (counts && !choice->touched_ms)
            choice->touched_ms = store_touched_ms(app->store, here[i].row);
        if (counts)
            store_sum_dataset(app->store, here[i].row, on_sum, app);
    }
    datasets_free(here, count);
    for (size_t i = list->count; i-- > 0 && !err.code;)
        if (list->items[i].dataset.row && list->items[i].news != list->news) {
            dataset_clear(&list->items[i].dataset);
            list->items[i] = list->items[--list->count];
        }
    session_sort_datasets(&app->session);
}

/* ---- going over ---- */

static void go_over(struct app *app, int64_t row)
{
    struct dataset known = {0};
    struct err err = {0};
    if (store_get_dataset(app->store, row, &known, &err))
        app_notify_err(app, &err); /* forgotten at this moment */
    else
        app->session.datasets.next_row = row;
    dataset_clear(&known);
    app_changed(app);
}

static void on_loaded(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct shelf *shelf = ctx;
    struct app *app = shelf->shelves->app;
    struct dataset copy = {0};
    struct err why = {0};
    shelf->shelves->is_opening = false;
    if (err->code) {
        app_notify_err(app, err);
        return;
    }
    dataset_copy(&copy, dataset);
    setting_text(&copy.server, shelf->url);
    if (store_put_dataset(app->store, &copy, &copy.row, NULL, &why) != STATUS_OK)
        app_notify_err(app, &why);
    else
        go_over(app, copy.row);
    dataset_clear(&copy);
}

bool app_take_dataset(struct app *app, size_t at)
{
    const struct dataset_choice *choice = &app->session.datasets.items[at];
    struct shelves *shelves = app->shelves;
    struct shelf *shelf = NULL;
    if (choice->is_open)
        return false;
    seek(app, NULL);
    if (choice->dataset.row && !choice->is_moved) {
        go_over(app, choice->dataset.row);
        return true;
    }
    for (size_t i = 0; i < shelves->count && !shelf; i++)
        if (!strcmp(shelves->items[i].url, choice->dataset.server))
            shelf = &shelves->items[i];
    if (!shelf || shelves->is_opening)
        return true;
    shelves->is_opening = true;
    dataset_clear(&shelves->now);
    dataset_copy(&shelves->now, &choice->dataset);
    app_notify(app, NOTICE_INFO, "Opening \"%s\" on %s…", choice->dataset.name,
               choice->server);
    argilla_load_dataset(shelf->argilla, &shelves->now, on_loaded, shelf);
    return true;
}

static void say_none(struct app *app, const char *wanted, bool is_at)
{
    const struct dataset_choices *list = &app->session.datasets;
    const char **names = xcalloc(list->count + 1, sizeof *names);
    for (size_t i = 0; i < list->count; i++)
        names[i] = list->items[i].dataset.name;
    const char *near = nearest_word(wanted, names, list->count);
    const char *on = is_at ? " on " : "", *server = is_at ? app->settings->server : "";
    if (*list->fault)
        app_notify(app, NOTICE_ERROR,
                   "%s So it is not known whether there is a dataset \"%.120s\"%s%s; it "
                   "is not kept here.",
                   list->fault, wanted, on, server);
    else
        app_notify(app, NOTICE_ERROR, "There is no dataset \"%.120s\"%s%s. %s%.120s%s",
                   wanted, on, server,
                   near ? "Did you mean \"" : "The list has those that there are.",
                   near ? near : "", near ? "\"?" : "");
    free(names);
}

/* What is waited for may be here now. Nobody has chosen and there is but one: that. */
static void look_for_wanted(struct shelves *shelves)
{
    struct app *app = shelves->app;
    struct dataset_choices *list = &app->session.datasets;
    int fits = 0;
    if (!shelves->wanted) {
        if (app->session.is_choosing && !list->awaited && list->count == 1)
            app_take_dataset(app, 0);
        return;
    }
    size_t at = find(app, shelves->wanted, &fits);
    bool is_at = app->session.is_choosing && app->settings->has_server;
    /* another server may have a better one, too */
    if (list->awaited && (at == SIZE_MAX || fits < FITS_THERE + FITS_CHOSEN))
        return;
    if (at != SIZE_MAX && app_take_dataset(app, at))
        return;
    if (at != SIZE_MAX)
        app_notify(app, NOTICE_INFO, "That is the one that is open.");
    else if (fits)
        app_notify(app, NOTICE_WARNING,
                   "Several datasets are called \"%.120s\": take one of them here.",
                   shelves->wanted);
    else
        say_none(app, shelves->wanted, is_at);
    seek(app, NULL);
}

/* ---- asking the servers ---- */

static void count_next(struct shelf *shelf);

static void on_counts(void *ctx, const size_t *counts, const struct err *err)
{
    struct shelf *shelf = ctx;
    struct app *app = shelf->shelves->app;
    struct dataset_choice *choice = find_choice(app, 0, shelf->counting);
    if (err->code || !choice) /* a courtesy: the list does without */
        return;
    for (int i = 0; i < RESPONSE_STATUS_COUNT; i++) {
        choice->there += counts[i];
        if (!choice->dataset.row && i != RESPONSE_PENDING)
            choice->sum.all += choice->sum.counts[i] = counts[i];
    }
    choice->has_counts |= !choice->dataset.row;
    if (choice->has_counts)
        add_unread(choice);
    app_changed(app);
    count_next(shelf);
}

static void count_next(struct shelf *shelf)
{
    struct dataset_choices *list = &shelf->shelves->app->session.datasets;
    for (size_t i = 0; i < list->count; i++) {
        struct dataset_choice *choice = &list->items[i];
        const struct dataset *dataset = &choice->dataset;
        if (!choice->is_there || choice->is_asked || !dataset->is_published ||
            !dataset->remote_id || strcmp(dataset->server, shelf->url) != 0)
            continue;
        choice->is_asked = true;
        snprintf(shelf->counting, sizeof shelf->counting, "%s", dataset->remote_id);
        argilla_count_responses(shelf->argilla, dataset, on_counts, shelf);
        return;
    }
}

static void end(struct shelf *shelf, const struct err *err)
{
    struct dataset_choices *list = &shelf->shelves->app->session.datasets;
    if (shelf->is_over)
        return;
    shelf->is_over = true;
    list->awaited--;
    if (err->code)
        snprintf(list->fault, sizeof list->fault, "%.399s",
                 app_name_fault(shelf->shelves->app, shelf->url, err).text);
    app_changed(shelf->shelves->app);
    look_for_wanted(shelf->shelves);
}

static void on_listed(void *ctx, const struct dataset *datasets, size_t count,
                      const struct err *err)
{
    struct shelf *shelf = ctx;
    struct app *app = shelf->shelves->app;
    for (size_t i = 0; !err->code && i < count; i++) {
        struct dataset_choice *choice = find_choice(app, 0, datasets[i].remote_id);
        if (!choice)
            choice = add(app, &datasets[i]);
        if (strcmp(choice->dataset.server, shelf->url) != 0 &&
            place_is_elsewhere(app, &choice->dataset)) {
            choice->is_moved = true;
            setting_text(&choice->dataset.server, shelf->url);
            app_name_server(app, shelf->url, choice->server, sizeof choice->server);
        }
        choice->is_there = true;
        choice->dataset.is_published = datasets[i].is_published;
        if (datasets[i].active_ms > choice->touched_ms)
            choice->touched_ms = datasets[i].active_ms;
    }
    session_sort_datasets(&app->session);
    if (!err->code)
        count_next(shelf);
    end(shelf, err);
}

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    (void)command;
    struct shelf *shelf = ctx;
    struct shelves *shelves = shelf->shelves;
    const struct server_settings *server =
        setting_find_server(shelves->app->settings, shelf->name);
    if (err->code) {
        end(shelf, err);
        return;
    }
    shelf->argilla = argilla_new(shelves->http, shelves->app->loop, shelf->url, key,
                                 server->allow_plain_key);
    argilla_use(shelf->argilla, &server->connection, server->key_place,
                server->url_place);
    argilla_list_datasets(shelf->argilla, on_listed, shelf);
}

/* In a turn of its own. A key that the link has got already is not asked for again. */
static void ask_all(void *ctx)
{
    struct shelves *shelves = ctx;
    const struct app *app = shelves->app;
    struct settings *settings = app->settings;
    for (size_t i = 0; i < shelves->count; i++) {
        struct shelf *shelf = &shelves->items[i];
        struct server_settings *server = setting_find_server(settings, shelf->name);
        struct err err = {0};
        const struct secret *key = &server->key;
        if (settings_find_server_key(settings, server, &err)) {
            end(shelf, &err);
            continue;
        }
        if (app->server.name && !strcmp(app->server.name, shelf->name))
            key = &app->server.key;
        if (!secret_is_set(key) && shelf->key_command)
            keyring_fetch(shelves->keyring, shelf->key_command, on_key, shelf);
        else
            on_key(shelf, NULL, key, &err);
    }
    look_for_wanted(shelves);
}

void datasets_close(struct app *app)
{
    struct shelves *shelves = app->shelves;
    if (!shelves)
        return;
    keyring_free(shelves->keyring);
    for (size_t i = 0; i < shelves->count; i++) {
        argilla_free(shelves->items[i].argilla);
        free(shelves->items[i].name);
        free(shelves->items[i].url);
        free(shelves->items[i].key_command);
    }
    http_free(shelves->http);
    loop_timer_free(shelves->timer);
    dataset_clear(&shelves->now);
    free(shelves->items);
    free(shelves->wanted);
    free(shelves);
    app->shelves = NULL;
}

void app_follow_datasets(struct app *app)
{
    if (app->session.datasets.news != app->session.news)
        list_store(app, true);
}

void app_list_datasets(struct app *app)
{
    struct settings *settings = app->settings;
    struct dataset_choices *list = &app->session.datasets;
    struct err none = {0};
    datasets_close(app);
    (void)setting_choose_server(settings, &none); /* --server URL is known from here on */
    struct shelves *shelves = app->shelves = xcalloc(1, sizeof *shelves);
    shelves->app = app;
    shelves->http = http_new(app->loop);
    shelves->keyring = keyring_new(app->loop, app->settings, 0);
    shelves->items = xcalloc(settings->server_count + 1, sizeof *shelves->items);
    bool has_servers = !settings->is_local && !app->session.is_demo;
    for (size_t i = 0; has_servers && i < settings->server_count; i++) {
        const struct server_settings *server = &settings->servers[i];
        if (server->url)
            shelves->items[shelves->count++] =
                (struct shelf){.shelves = shelves,
                               .name = xstrdup(server->name),
                               .url = xstrdup(server->url),
                               .key_command = xstrdup_or_null(server->key_command)};
    }
    session_clear_datasets(&app->session);
    list_store(app, true);
    list->awaited = shelves->count;
    list->fault[0] = '\0';
    shelves->timer = loop_timer_new(app->loop, ask_all, shelves);
    loop_timer_start(shelves->timer, 0, 0);
    app_changed(app);
}

bool app_take_named(struct app *app, const char *name)
{
    int fits = 0;
    app_list_datasets(app);
    size_t at = find(app, name, &fits);
    const struct dataset_choice *items = app->session.datasets.items;
    if (at != SIZE_MAX && !items[at].is_open &&
        place_is_elsewhere(app, &items[at].dataset))
        at = SIZE_MAX;
    if (at == SIZE_MAX)
        seek(app, name);
    else if (!app_take_dataset(app, at))
        app_notify(app, NOTICE_INFO, "That is the one that is open.");
    return at != SIZE_MAX;
}

int64_t datasets_choose(struct app *app, const char *name, const char *record)
{
    const struct dataset_choices *list = &app->session.datasets;
    int64_t home = place_home(app, record, name != NULL);
    size_t at = SIZE_MAX;
    int fits = 0;
    app->session.is_choosing = true;
    session_clear_datasets(&app->session);
    list_store(app, false);
    const struct dataset_choice *choice = home ? find_choice(app, home, NULL) : NULL;
    if (choice && fit(app, choice, name ? name : choice->dataset.name))
        at = (size_t)(choice - list->items);
    if (at == SIZE_MAX && name)
        at = find(app, name, &fits);
    if (at != SIZE_MAX && name && place_is_elsewhere(app, &list->items[at].dataset))
        at = SIZE_MAX;
    app->session.is_choosing = at == SIZE_MAX;
    return at == SIZE_MAX ? 0 : app->session.datasets.items[at].dataset.row;
}
