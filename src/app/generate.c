/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "base/xalloc.h"
#include "text/sanitise.h"

static void say_no_endpoint(struct app *app)
{
    if (app->endpoint_err.code)
        app_notify_err(app, &app->endpoint_err);
    else
        app_notify(app, NOTICE_ERROR,
                   "No model endpoint is configured: set OPENAI_BASE_URL or "
                   "OPENAI_API_KEY, or add an [endpoint NAME] with a url to %s.",
                   app->settings->path ? app->settings->path : "the config file");
}

bool app_can_ask(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_endpoint)
        say_no_endpoint(app);
    else if (session->has_server && !session->can_log)
        app_notify(app, NOTICE_ERROR,
                   "Your key for %s is an annotator's, and only owners and admins may "
                   "add records. Reviewing works.",
                   session->server);
    else if (!dataset_takes_pairs(&session->dataset))
        app_notify(app, NOTICE_ERROR,
                   "This dataset has no text fields for a prompt and its response, or "
                   "needs others too: it can be reviewed, not added to.");
    else
        return true;
    return false;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!strchr(" \t\r\n", text[i]) || !text[i])
            return false;
    }
    return true;
}

/* What is sent: what was asked for, with the session's model when none was. */
static void choose_sampling(const struct app *app, const struct sampling *asked,
                            struct sampling *out)
{
    memset(out, 0, sizeof *out);
    sampling_copy(out, asked ? asked : &app->session.sampling);
    if (!out->model && app->session.sampling.model)
        out->model = xstrdup(app->session.sampling.model);
}

static bool start(struct app *app, const struct answer_spec *asked,
                  const struct sampling *sampling)
{
    struct answer_spec spec = *asked;
    struct sampling chosen;
    struct err err = {0};
    choose_sampling(app, sampling, &chosen);
    spec.sampling = &chosen;
    spec.run = app->run;
    struct flight *flight = answer_start(app, &spec, &err);
    sampling_clear(&chosen);
    if (flight)
        app_show_flight(app, flight);
    else
        app_notify_err(app, &err);
    return flight != NULL;
}

bool app_ask(struct app *app, const char *prompt, size_t len,
             const struct sampling *sampling, const struct id *parent)
{
    if (!app_can_ask(app))
        return false;
    if (is_blank(prompt, len)) {
        app_notify(app, NOTICE_WARNING, "The prompt is empty.");
        return false;
    }
    struct answer_spec spec = {.prompt = prompt, .len = len};
    id_random(&spec.id);
    if (parent)
        spec.parent = *parent;
    return start(app, &spec, sampling);
}

static bool may_ask_in_place(const struct record *record, size_t response_len)
{
    return record->has_completion && record->completion.state == COMPLETION_FAILED &&
           !response_len && !record->remote_id;
}

bool app_regenerate(struct app *app)
{
    const struct session *session = &app->session;
    const struct record *current = &session->current;
    if (!session->has_current) {
        app_say_empty(app);
        return false;
    }
    if (session_stream(session, &current->id)) {
        app_notify(app, NOTICE_INFO, "This answer still streams; %s stops it.",
                   app_key_name(app, ACTION_CANCEL).text);
        return false;
    }
    size_t response_len = 0;
    session_response(session, &response_len);
    size_t len = 0;
    const char *text = session_prompt(session, &len);
    if (!may_ask_in_place(current, response_len)) {
        char *prompt = xmemdup0(text, len); /* the current record is about to change */
        struct id parent = current->id;
        bool is_asked = app_ask(app, prompt, len, NULL, &parent);
        free(prompt);
        return is_asked;
    }
    if (!app_can_ask(app))
        return false;
    struct answer_spec spec = {.id = current->id, .prompt = text, .len = len};
    spec.parent = current->completion.parent;
    spec.sample = current->completion.sample;
    spec.is_again = true;
    return start(app, &spec, NULL);
}

bool app_cancel(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_current || !session_stream(session, &session->current.id)) {
        app_notify(app, NOTICE_INFO, "No answer streams into this record.");
        return false;
    }
    struct id record = session->current.id;
    answer_cancel(app, &record);
    return true;
}

void app_set_sampling(struct app *app, const struct sampling *sampling)
{
    sampling_copy(&app->session.sampling, sampling);
    app_changed(app);
}
