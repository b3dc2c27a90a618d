/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/ask.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"

bool app_can_ask(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_endpoint && app->endpoint_err.code)
        app_notify_err(app, &app->endpoint_err);
    else if (!session->has_endpoint)
        app_notify(app, NOTICE_ERROR,
                   "No model endpoint is configured: set OPENAI_BASE_URL or "
                   "OPENAI_API_KEY, or add an [endpoint NAME] with a url to %s.",
                   app->settings->path ? app->settings->path : "the config file");
    else if (session->has_server && !session->can_log)
        app_notify(app, NOTICE_ERROR,
                   "Your key for %s is an annotator's, and only owners and admins may "
                   "add records. Reviewing works.",
                   session->server);
    else if (!dataset_takes_pairs(&session->dataset))
        app_notify(app, NOTICE_ERROR, "%s", complete_no_pairs);
    else if (unsaved_has_failed(app))
        app_notify(app, NOTICE_ERROR, "Nothing is asked that cannot be kept. %s",
                   session->unsaved);
    else
        return true;
    return false;
}

/* Asks, with the session's model where none was asked for. */
static bool start(struct app *app, const struct asked *what,
                  const struct sampling *sampling, bool is_shown)
{
    struct asked asked = *what;
    struct sampling chosen = {0};
    struct record record;
    enum claim claim = CLAIM_OURS;
    struct err err = {0};
    sampling_copy(&chosen, sampling ? sampling : &app->session.sampling);
    if (!chosen.model && app->session.sampling.model && !asked.endpoint)
        chosen.model = xstrdup(app->session.sampling.model);
    asked.sampling = &chosen;
    asked.run = app->run;
    enum status status = complete_start(app, &asked, &record, &claim, &err);
    sampling_clear(&chosen);
    bool is_asked = status == STATUS_OK && claim == CLAIM_OURS;
    if (is_asked && is_shown)
        current_show_record(app, &record);
    else if (status != STATUS_OK)
        app_notify(app, NOTICE_ERROR, "Not asked, since it cannot be kept: %s", err.text);
    else if (!is_asked)
        current_update(app, &record.id);
    if (status == STATUS_OK && claim == CLAIM_DONE)
        app_notify(app, NOTICE_INFO, "It was answered meanwhile.");
    if (status == STATUS_OK && claim == CLAIM_ELSEWHERE)
        app_notify(app, NOTICE_WARNING, "Another sherd is asking this prompt.");
    record_clear(&record);
    return is_asked;
}

static bool can_ask(struct app *app, const char *prompt, size_t len)
{
    if (!app_can_ask(app))
        return false;
    if (session_is_blank(prompt, len))
        app_notify(app, NOTICE_WARNING, "The prompt is empty.");
    return !session_is_blank(prompt, len);
}

bool app_ask(struct app *app, const char *prompt, size_t len,
             const struct sampling *sampling, const struct id *parent)
{
    struct asked asked = {.prompt = prompt, .len = len};
    if (parent)
        asked.parent = *parent;
    return can_ask(app, prompt, len) && start(app, &asked, sampling, true);
}

/* All samples of one target. */
static size_t ask_target(struct app *app, const struct asked *group,
                         const struct ask_target *target, const struct endpoint *endpoint,
                         int samples, const struct sampling *sampling)
{
    struct sampling chosen = {0};
    size_t count = 0;
    bool is_ours = !strcmp(endpoint->name, app->endpoint.name);
    sampling_copy(&chosen, sampling ? sampling : &app->session.sampling);
    if (target->model || !is_ours)
        setting_text(&chosen.model,
                     target->model ? target->model : endpoint->defaults.model);
    else if (!chosen.model)
        setting_text(&chosen.model, app->session.sampling.model);
    for (int sample = 0; sample < samples; sample++) {
        struct asked asked = *group;
        asked.endpoint = endpoint;
        asked.sample = sample;
        bool is_head = id_is_zero(&group->parent) && !sample;
        if (!is_head) {
            asked.parent = group->id;
            asked.id = (struct id){0};
        }
        if (start(app, &asked, &chosen, is_head))
            count++;
        else if (is_head)
            break; /* the others would have no parent */
    }
    sampling_clear(&chosen);
    return count;
}

size_t app_ask_many(struct app *app, const char *prompt, size_t len,
                    const struct ask_target *targets, size_t count, int samples,
                    const struct sampling *sampling)
{
    if (!can_ask(app, prompt, len))
        return 0;
    struct endpoint *endpoints = xcalloc(count + 1, sizeof *endpoints);
    struct err err = {0};
    size_t asked_count = 0;
    for (size_t i = 0; i < count && !err.code; i++)
        (void)complete_endpoint(app, targets[i].endpoint, &endpoints[i], &err);
    struct asked group = {.prompt = prompt, .len = len};
    id_random(&group.id);
    if (err.code)
        app_notify_err(app, &err);
    for (size_t i = 0; i < count && !err.code && (!i || asked_count); i++) {
        asked_count +=
            ask_target(app, &group, &targets[i], &endpoints[i], samples, sampling);
        group.parent = group.id;
    }
    for (size_t i = 0; i < count; i++)
        endpoint_clear(&endpoints[i]);
    free(endpoints);
    return asked_count;
}

bool app_regenerate(struct app *app)
{
    const struct session *session = &app->session;
    const struct record *current = &session->current;
    if (!session->has_current) {
        current_say_empty(app);
        return false;
    }
    if (session_stream(session, &current->id)) {
        app_notify(app, NOTICE_INFO, "This answer still streams; %s stops it.",
                   app_key_name(app, ACTION_CANCEL).text);
        return false;
    }
    if (session_is_elsewhere(session, current)) {
        app_notify(app, NOTICE_INFO, "Another sherd is writing this answer.");
        return false;
    }
    if (!app_can_ask(app))
        return false;
    /* asked again in place when there is nothing that a sibling would stand beside */
    bool is_in_place = !session_has_answer(session, current) && !current->remote_id &&
                       (current->response.status == RESPONSE_PENDING ||
                        current->response.status == RESPONSE_DRAFT);
    struct asked asked = {0};
    const char *text = session_prompt(session, &asked.len);
    char *prompt = xmemdup0(text, asked.len); /* the current record is about to change */
    asked.prompt = prompt;
    if (is_in_place) {
        asked.id = current->id;
        asked.parent = current->completion.parent;
        asked.sample = current->completion.sample;
    } else {
        asked.parent = current->id;
    }
    bool is_asked = start(app, &asked, NULL, true);
    free(prompt);
    return is_asked;
}

bool app_cancel(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_current || !session_stream(session, &session->current.id)) {
        app_notify(app, NOTICE_INFO, "No answer streams into this record.");
        return false;
    }
    struct id record = session->current.id;
    complete_cancel(app, &record);
    return true;
}

void app_set_sampling(struct app *app, const struct sampling *sampling)
{
    sampling_copy(&app->session.sampling, sampling);
    app_changed(app);
}
