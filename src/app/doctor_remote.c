/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/doctor_parts.h"
#include "base/sanitise.h"
#include "llm/llm.h"
#include "net/url.h"

/* ---- an endpoint: does GET models answer, is the key taken, is the model there ---- */

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (const char *at = text; *at; at++)
        count += *at == '\n' || !at[1];
    return count;
}

static bool has_line(const char *text, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = text; *at;) {
        size_t end = strcspn(at, "\n");
        if (end == len && !memcmp(at, line, len))
            return true;
        at += end + (at[end] == '\n');
    }
    return false;
}

static void judge_models(struct doctor *doctor, const char *host, const char *names)
{
    const struct endpoint *endpoint = &doctor->endpoint;
    const struct sampling *flags = &doctor->settings->sampling;
    const char *model = flags->model ? flags->model : endpoint->defaults.model;
    size_t count = count_lines(names);
    char first[128];
    sanitise_line(names, strcspn(names, "\n"), first, sizeof first);
    if (!model && count == 1)
        doctor_say(doctor, DOCTOR_OK, "%s answers; its model is %s.", host, first);
    else if (!model)
        doctor_say(doctor, DOCTOR_WARN,
                   "%s answers with %zu models and none is chosen: set model, such as "
                   "%s.",
                   host, count, count ? first : "its name");
    else if (count && !has_line(names, model))
        doctor_say(doctor, DOCTOR_WARN,
                   "%s answers, but does not list the model %s; it lists %s%s.", host,
                   model, first, count > 1 ? " and others" : "");
    else
        doctor_say(doctor, DOCTOR_OK, "%s answers%s; the model is %s.", host,
                   secret_is_set(&endpoint->key) ? " and takes the key" : "", model);
}

static void on_models(void *ctx, const struct err *err, const char *names)
{
    struct doctor *doctor = ctx;
    char *host = url_host(doctor->endpoint.base_url);
    if (err->code == STATUS_AUTH)
        doctor_say(doctor, DOCTOR_FAIL, "%s%s", err->text,
                   secret_is_set(&doctor->endpoint.key)
                       ? ""
                       : " There is no key: set api_key_env, api_key_file or "
                         "api_key_cmd.");
    else if (err->code)
        doctor_say(doctor, DOCTOR_FAIL, "%s", err->text);
    else
        judge_models(doctor, host, names ? names : "");
    free(host);
}

static void ask_models(struct doctor *doctor)
{
    llm_list_models(doctor->http, &doctor->endpoint, on_models, doctor);
}

static void on_endpoint_key(void *ctx)
{
    struct doctor *doctor = ctx;
    if (doctor->key_err.code) {
        doctor_say(doctor, DOCTOR_FAIL, "%s", doctor->key_err.text);
        return;
    }
    secret_copy(&doctor->endpoint.key, &doctor->key);
    ask_models(doctor);
}

void doctor_check_endpoint(struct doctor *doctor, size_t index)
{
    struct endpoint *endpoint = &doctor->settings->endpoints[index];
    struct err err = {0};
    if (endpoint->kind == ENDPOINT_CANNED) {
        doctor_say(doctor, DOCTOR_OK, "Its answers are canned: no network, no key.");
        return;
    }
    if (!endpoint->base_url) {
        doctor_say(doctor, DOCTOR_FAIL, "It has no url: add one to its section.");
        return;
    }
    if (settings_find_key(doctor->settings, false, endpoint->name, &endpoint->key,
                          &err) != STATUS_OK) {
        doctor_say(doctor, DOCTOR_FAIL, "%s", err.text);
        return;
    }
    endpoint_copy(&doctor->endpoint, endpoint);
    if (endpoint->key_command && !secret_is_set(&endpoint->key))
        doctor_fetch_key(doctor, endpoint->key_command, on_endpoint_key);
    else
        ask_models(doctor);
}

/* ---- a server: version, who we are, workspace, dataset ---- */

static const char *role_name(enum argilla_role role)
{
    static const char *const names[] = {[ARGILLA_OWNER] = "owner",
                                        [ARGILLA_ADMIN] = "admin",
                                        [ARGILLA_ANNOTATOR] = "annotator"};
    return names[role];
}

static void on_dataset(void *ctx, const struct dataset *dataset, const struct err *err)
{
    struct doctor *doctor = ctx;
    const struct argilla_identity *identity = argilla_identity(doctor->argilla);
    const char *role = role_name(identity->role);
    if (err->code == STATUS_NOT_FOUND)
        doctor_say(doctor, DOCTOR_WARN, "Argilla %s takes the key of %s (%s). %s",
                   identity->version, identity->username, role, err->text);
    else if (err->code)
        doctor_say(doctor, DOCTOR_FAIL, "%s", err->text);
    else if (identity->role == ARGILLA_ANNOTATOR)
        doctor_say(doctor, DOCTOR_WARN,
                   "Argilla %s takes the key of %s, an annotator: %s in %s can be "
                   "reviewed, new records need an owner's or admin's key.",
                   identity->version, identity->username, dataset->name,
                   dataset->workspace);
    else
        doctor_say(doctor, DOCTOR_OK,
                   "Argilla %s takes the key of %s (%s); %s is in the workspace %s.",
                   identity->version, identity->username, role, dataset->name,
                   dataset->workspace);
}

static void on_identity(void *ctx, const struct argilla_identity *identity,
                        const struct err *err)
{
    struct doctor *doctor = ctx;
    (void)identity;
    if (err->code)
        doctor_say(doctor, DOCTOR_FAIL, "%s", err->text);
    else
        argilla_open_dataset(doctor->argilla, doctor->settings->dataset,
                             settings_workspace(doctor->settings, doctor->server),
                             on_dataset, doctor);
}

static void say_hello(struct doctor *doctor, const struct secret *key)
{
    if (!secret_is_set(key)) {
        doctor_say(doctor, DOCTOR_FAIL,
                   "There is no key for %s: set ARGILLA_API_KEY, or api_key_env, "
                   "api_key_file or api_key_cmd.",
                   doctor->server->url);
        return;
    }
    if (doctor->argilla)
        argilla_free(doctor->argilla);
    doctor->argilla = argilla_new(doctor->http, doctor->loop, doctor->server->url, key,
                                  doctor->server->allow_plain_key);
    argilla_use(doctor->argilla, &doctor->server->connection);
    argilla_connect(doctor->argilla, on_identity, doctor);
}

static void on_server_key(void *ctx)
{
    struct doctor *doctor = ctx;
    if (doctor->key_err.code)
        doctor_say(doctor, DOCTOR_FAIL, "%s", doctor->key_err.text);
    else
        say_hello(doctor, &doctor->key);
}

void doctor_check_server(struct doctor *doctor, size_t index)
{
    struct server_settings *server = &doctor->settings->servers[index];
    struct err err = {0};
    doctor->server = server;
    if (!server->url)
        doctor_say(doctor, DOCTOR_FAIL, "It has no url: add one to its section.");
    else if (settings_find_key(doctor->settings, true, server->name, &server->key,
                               &err) != STATUS_OK)
        doctor_say(doctor, DOCTOR_FAIL, "%s", err.text);
    else if (secret_is_set(&server->key))
        say_hello(doctor, &server->key);
    else if (server->key_command)
        doctor_fetch_key(doctor, server->key_command, on_server_key);
    else
        say_hello(doctor, &doctor->settings->spare_server_key);
}
