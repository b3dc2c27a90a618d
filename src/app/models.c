/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/ask.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "net/url.h"
#include "text/outside.h"

/* ---- asking all endpoints ---- */

struct catalogue {
    struct http *http;
    struct keyring *keyring;
    struct settings *settings;
    struct loop_timer *timer;
    struct offer *offers;
    size_t count;
    bool is_freeing;
    loop_fn changed;
    void *ctx;
};

static void finish(struct offer *offer, const struct err *err)
{
    struct catalogue *catalogue = offer->catalogue;
    offer->is_over = true;
    offer->err = *err;
    if (catalogue->changed && !catalogue->is_freeing)
        catalogue->changed(catalogue->ctx);
}

static void on_models(void *ctx, const struct err *err, const struct llm_model *models,
                      size_t count)
{
    struct offer *offer = ctx;
    offer->models = xcalloc(count + 1, sizeof *offer->models);
    offer->count = count;
    for (size_t i = 0; i < count; i++)
        offer->models[i] =
            (struct llm_model){.name = xstrdup(models[i].name),
                               .shutdown_date = xstrdup_or_null(models[i].shutdown_date)};
    finish(offer, err);
}

static void on_key(void *ctx, const char *command, const struct secret *key,
                   const struct err *err)
{
    struct offer *offer = ctx;
    (void)command;
    if (err->code) {
        finish(offer, err);
        return;
    }
    secret_copy(&offer->endpoint.key, key);
    llm_list_models(offer->catalogue->http, &offer->endpoint, on_models, offer);
}

static void ask_all(void *ctx)
{
    struct catalogue *catalogue = ctx;
    for (size_t i = 0; i < catalogue->count; i++) {
        struct offer *offer = &catalogue->offers[i];
        struct endpoint *endpoint = &offer->endpoint;
        struct err err = {0};
        if (endpoint->kind != ENDPOINT_CANNED && !endpoint->base_url)
            err_set(&err, STATUS_CONFIG, "It has no url: add one to its section.");
        if (err.code || settings_find_key(catalogue->settings, false, endpoint->name,
                                          &endpoint->key, &err) != STATUS_OK)
            finish(offer, &err);
        else if (endpoint->key_command && !secret_is_set(&endpoint->key))
            keyring_fetch(catalogue->keyring, endpoint->key_command, on_key, offer);
        else
            llm_list_models(catalogue->http, endpoint, on_models, offer);
    }
}

struct catalogue *catalogue_start(struct loop *loop, struct settings *settings,
                                  const char *name, loop_fn changed, void *ctx,
                                  struct err *err)
{
    /* what --endpoint URL names is known from here on */
    const struct endpoint *chosen = setting_choose_endpoint(settings, err);
    const struct endpoint *only = name ? setting_find_endpoint(settings, name) : NULL;
    if (err->code)
        return NULL;
    if (name && !only && chosen && !strcmp(chosen->name, name))
        only = chosen;
    if (name && !only && (!strstr(name, "://") || !url_check(name, err)))
        err_set(err, STATUS_NOT_FOUND,
                "There is no endpoint named \"%.120s\"; sherd endpoints lists them.",
                name);
    if (err->code)
        return NULL;
    struct catalogue *catalogue = xcalloc(1, sizeof *catalogue);
    catalogue->http = http_new(loop);
    catalogue->keyring = keyring_new(loop, settings, 0);
    catalogue->settings = settings;
    catalogue->changed = changed;
    catalogue->ctx = ctx;
    catalogue->offers = xcalloc(settings->endpoint_count + 1, sizeof *catalogue->offers);
    for (size_t i = 0; i < settings->endpoint_count; i++) {
        if (only && only != &settings->endpoints[i])
            continue;
        struct offer *offer = &catalogue->offers[catalogue->count++];
        offer->catalogue = catalogue;
        endpoint_copy(&offer->endpoint, &settings->endpoints[i]);
    }
    catalogue->timer = loop_timer_new(loop, ask_all, catalogue);
    loop_timer_start(catalogue->timer, 0, 0);
    return catalogue;
}

const struct offer *catalogue_offers(const struct catalogue *catalogue, size_t *count)
{
    *count = catalogue->count;
    return catalogue->offers;
}

bool catalogue_is_over(const struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->count; i++)
        if (!catalogue->offers[i].is_over)
            return false;
    return true;
}

void catalogue_free(struct catalogue *catalogue)
{
    if (!catalogue)
        return;
    catalogue->is_freeing = true;
    keyring_free(catalogue->keyring);
    http_free(catalogue->http);
    loop_timer_free(catalogue->timer);
    for (size_t i = 0; i < catalogue->count; i++) {
        struct offer *offer = &catalogue->offers[i];
        for (size_t k = 0; k < offer->count; k++) {
            free(offer->models[k].name);
            free(offer->models[k].shutdown_date);
        }
        free(offer->models);
        endpoint_clear(&offer->endpoint);
    }
    free(catalogue->offers);
    free(catalogue);
}

/* ---- one that is named ---- */

/* The endpoint has answered: what it does not list is asked all the same. */
static void on_checked(void *ctx)
{
    struct app *app = ctx;
    size_t count = 0;
    const struct offer *offer = catalogue_offers(app->check, &count);
    const char *model = app->session.sampling.model;
    if (!model || !count || !offer->is_over || !offer->count)
        return;
    const char **names = xcalloc(offer->count, sizeof *names);
    bool is_there = false;
    for (size_t i = 0; i < offer->count; i++) {
        size_t len = strlen(model);
        names[i] = offer->models[i].name;
        /* without its tag; and a server of one file takes any name */
        is_there |= strchr(names[i], '/') == names[i] || !strcmp(names[i], model) ||
                    (!strncmp(names[i], model, len) && names[i][len] == ':');
    }
    const char *near = nearest_word(model, names, offer->count);
    if (!is_there)
        app_notify(
            app, NOTICE_WARNING,
            "%.80s does not list a model \"%.80s\"%s%.80s%s It is asked for all the "
            "same; %s lists them.",
            offer->endpoint.name, model, near ? "; did you mean \"" : "",
            near ? near : "", near ? "\"?" : ".", app_key_name(app, ACTION_MODELS).text);
    free(names);
}

void app_set_sampling(struct app *app, const struct sampling *sampling)
{
    struct sampling *own = &app->session.sampling;
    bool is_other =
        sampling->model && (!own->model || strcmp(own->model, sampling->model) != 0);
    struct err err = {0}; /* what cannot be asked cannot be checked */
    sampling_copy(own, sampling);
    app_changed(app);
    if (!is_other || !app->session.has_endpoint || app->endpoint.kind == ENDPOINT_CANNED)
        return;
    catalogue_free(app->check);
    app->check = catalogue_start(app->loop, app->settings, app->endpoint.name, on_checked,
                                 app, &err);
}

/* ---- the screen's list ---- */

static void add_choice(struct session *session, const struct offer *offer,
                       const char *model, const char *note)
{
    session->choices = xgrow(session->choices, session->choice_count,
                             &session->choice_room, sizeof *session->choices);
    session->choices[session->choice_count++] =
        (struct model_choice){.endpoint = xstrdup(offer->endpoint.name),
                              .model = xstrdup_or_null(model),
                              .note = xstrdup_or_null(note),
                              .is_fault = offer->err.code != STATUS_OK};
}

/* The endpoints in their order, each with its models, or one row without a model. What
 * was known before stays until all have answered once more. */
static void fill_choices(void *ctx)
{
    struct app *app = ctx;
    struct session *session = &app->session;
    size_t count = 0, awaited = 0;
    const struct offer *offers = catalogue_offers(app->catalogue, &count);
    for (size_t i = 0; i < count; i++)
        awaited += !offers[i].is_over;
    session->choices_awaited = awaited;
    app_changed(app);
    if (awaited && app->has_choices)
        return;
    app->has_choices = !awaited;
    session_clear_choices(session);
    for (size_t i = 0; i < count; i++) {
        const struct offer *offer = &offers[i];
        const char *own = offer->endpoint.defaults.model;
        if (!offer->is_over)
            add_choice(session, offer, own, "not answered yet");
        else if (offer->err.code)
            add_choice(session, offer, NULL, offer->err.text);
        else if (!offer->count)
            add_choice(session, offer, own, "lists no models");
        for (size_t k = 0; k < offer->count; k++) {
            const char *date = offer->models[k].shutdown_date;
            char *note = date ? xasprintf("closes on %s", date) : NULL;
            add_choice(session, offer, offer->models[k].name, note);
            free(note);
        }
    }
}

void app_list_models(struct app *app)
{
    struct err err = {0};
    const char *only = app->session.is_demo ? app->endpoint.name : NULL;
    catalogue_free(app->catalogue);
    app->catalogue = NULL;
    if (!only || settings_endpoint(app->settings, only, &err)) /* it gets a place there */
        app->catalogue =
            catalogue_start(app->loop, app->settings, only, fill_choices, app, &err);
    if (app->catalogue)
        fill_choices(app);
    else
        app_notify_err(app, &err);
}

bool app_use_model(struct app *app, size_t choice)
{
    struct session *session = &app->session;
    const struct model_choice *chosen = &session->choices[choice];
    struct endpoint endpoint = {0};
    struct err err = {0};
    if (chosen->is_fault)
        err_set(&err, STATUS_REFUSED, "%s", chosen->note);
    if (err.code ||
        complete_endpoint(app, chosen->endpoint, &endpoint, &err) != STATUS_OK) {
        app_notify_err(app, &err);
        return false;
    }
    endpoint_clear(&app->endpoint);
    app->endpoint = endpoint;
    session->has_endpoint = true;
    sanitise_line(endpoint.name, strlen(endpoint.name), session->endpoint,
                  sizeof session->endpoint);
    setting_text(&session->sampling.model, chosen->model);
    sampling_fill(&session->sampling, &app->endpoint.defaults);
    sampling_clear(&app->endpoint.defaults); /* the session's are what counts */
    app_notify(app, NOTICE_DONE, "Prompts go to %.80s%s%.100s from now on.",
               endpoint.name, chosen->model ? " and its model " : "",
               chosen->model ? chosen->model : "");
    app_changed(app);
    return true;
}

void app_mark_model(struct app *app, size_t choice)
{
    struct session *session = &app->session;
    const struct model_choice *chosen = &session->choices[choice];
    if (chosen->is_fault) {
        app_notify(app, NOTICE_WARNING, "%s", chosen->note);
        return;
    }
    size_t at = session_marked(session, chosen->endpoint, chosen->model);
    if (at < session->marked_count) {
        free(session->marked[at].endpoint);
        free(session->marked[at].model);
        session->marked_count--;
        memmove(&session->marked[at], &session->marked[at + 1],
                (session->marked_count - at) * sizeof *session->marked);
    } else {
        session->marked = xgrow(session->marked, session->marked_count,
                                &session->marked_room, sizeof *session->marked);
        session->marked[session->marked_count++] =
            (struct model_mark){.endpoint = xstrdup(chosen->endpoint),
                                .model = xstrdup_or_null(chosen->model)};
    }
    app_changed(app);
}
