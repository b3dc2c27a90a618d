/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fake_argilla.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "tests/support/fake_argilla_paths.h"
#include "json/json.h"

static void write_answer(struct exchange *exchange, struct fake_reply *reply,
                         const enum fake_cut *cut)
{
    char *body =
        exchange->answer ? json_dumps(exchange->answer, JSON_COMPACT) : xstrdup("");
    if (!cut) {
        fake_reply_http(reply, exchange->code, "application/json", body);
    } else if (*cut == FAKE_CUT_MIDDLE) {
        char *head = xasprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Content-Length: %zu\r\n\r\n",
                               strlen(body));
        fake_reply_text(reply, head);
        fake_reply_bytes(reply, body, strlen(body) / 2);
        free(head);
    }
    if (cut)
        fake_reply_reset(reply);
    free(body);
}

static bool takes_cut(struct fake_argilla *fake, bool is_writing)
{
    if (!is_writing || !fake->will_cut || fake->cut_after-- > 0)
        return false;
    fake->will_cut = false;
    return true;
}

static bool takes_hold(struct fake_argilla *fake, const struct fake_request *request,
                       bool is_writing)
{
    /* a page of a pull, not one of the other searches */
    bool is_search =
        strstr(request->path, fake->version[0] == '1' ? "/records?" : "/search?offset=");
    bool *hold = is_writing ? &fake->will_hold : &fake->will_hold_search;
    bool is_mark = is_search && strstr(request->path, "limit=1&"); /* no page */
    if (!*hold || (!is_writing && !is_search) || is_mark)
        return false;
    if (is_writing && fake->hold_after-- > 0)
        return false;
    *hold = false;
    return true;
}

static void respond(void *ctx, const struct fake_request *request,
                    struct fake_reply *reply)
{
    struct fake_argilla *fake = ctx;
    struct exchange exchange = {.fake = fake, .request = request};
    pthread_mutex_lock(&fake->lock);
    bool is_writing = fake_argilla_writes(request);
    bool is_cut = takes_cut(fake, is_writing);
    bool passes = fake->fails > 0 && fake->passes > 0;
    fake->passes -= passes;
    if (fake->fails > 0 && !passes) {
        fake->fails--;
        fake_reply_http_with(reply, fake->fail_code, fake->fail_headers, fake->fail_body,
                             strlen(fake->fail_body));
    } else if (is_cut && fake->cut == FAKE_CUT_BEFORE) {
        fake_reply_reset(reply);
    } else {
        exchange.body =
            json_loadb(request->body, request->body_len, JSON_ALLOW_NUL, NULL);
        fake_argilla_run(&exchange);
        if (is_cut && fake->cut == FAKE_CUT_CLASH) {
            json_decref(exchange.answer);
            exchange.answer =
                json_pack("{s:{s:s,s:{s:s}}}", "detail", "code",
                          "argilla.api.errors::GenericServerError", "params", "type",
                          "sqlalchemy.exc.IntegrityError");
            exchange.code = 500;
            is_cut = false;
        }
        if (takes_hold(fake, request, is_writing))
            fake_reply_gate(reply);
        write_answer(&exchange, reply, is_cut ? &fake->cut : NULL);
        json_decref(exchange.body);
        json_decref(exchange.answer);
    }
    pthread_mutex_unlock(&fake->lock);
}

/* ---- the test's side ---- */

struct fake_argilla *fake_argilla_new(const char *version)
{
    struct fake_argilla *fake = xcalloc(1, sizeof *fake);
    pthread_mutex_init(&fake->lock, NULL);
    fake->version = xstrdup(version);
    fake->role = xstrdup("owner");
    fake->key = xstrdup(FAKE_ARGILLA_KEY);
    fake->datasets = json_array();
    fake->workspaces = json_pack("[{s:s},{s:s}]", "name", "argilla", "name", "other");
    fake_argilla_set_id(json_array_get(fake->workspaces, 0));
    fake_argilla_set_id(json_array_get(fake->workspaces, 1));
    fake->server = fake_server_new();
    fake_server_respond(fake->server, respond, fake);
    return fake;
}

void fake_argilla_free(struct fake_argilla *fake)
{
    if (!fake)
        return;
    fake_server_free(fake->server);
    json_decref(fake->workspaces);
    json_decref(fake->datasets);
    free(fake->version);
    free(fake->role);
    free(fake->key);
    free(fake->fail_headers);
    free(fake->fail_body);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

const char *fake_argilla_url(const struct fake_argilla *fake)
{
    return fake_server_url(fake->server);
}

struct fake_server *fake_argilla_server(struct fake_argilla *fake)
{
    return fake->server;
}

static void set_text(struct fake_argilla *fake, char **text, const char *value)
{
    pthread_mutex_lock(&fake->lock);
    free(*text);
    *text = xstrdup(value);
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_set_version(struct fake_argilla *fake, const char *version)
{
    set_text(fake, &fake->version, version);
}

void fake_argilla_set_role(struct fake_argilla *fake, const char *role)
{
    set_text(fake, &fake->role, role);
}

void fake_argilla_set_key(struct fake_argilla *fake, const char *key)
{
    set_text(fake, &fake->key, key);
}

void fake_argilla_cut(struct fake_argilla *fake, size_t after, enum fake_cut cut)
{
    pthread_mutex_lock(&fake->lock);
    fake->will_cut = true;
    fake->cut_after = after;
    fake->cut = cut;
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_fail(struct fake_argilla *fake, size_t count, int code,
                       const char *headers, const char *body)
{
    set_text(fake, &fake->fail_headers, headers);
    set_text(fake, &fake->fail_body, body);
    pthread_mutex_lock(&fake->lock);
    fake->fails = count;
    fake->fail_code = code;
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_pass(struct fake_argilla *fake, size_t count)
{
    pthread_mutex_lock(&fake->lock);
    fake->passes = count;
    pthread_mutex_unlock(&fake->lock);
}

size_t fake_argilla_fails_left(struct fake_argilla *fake)
{
    pthread_mutex_lock(&fake->lock);
    size_t left = fake->fails;
    pthread_mutex_unlock(&fake->lock);
    return left;
}

void fake_argilla_hold(struct fake_argilla *fake, size_t after)
{
    pthread_mutex_lock(&fake->lock);
    fake->will_hold = true;
    fake->hold_after = after;
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_hold_search(struct fake_argilla *fake)
{
    pthread_mutex_lock(&fake->lock);
    fake->will_hold_search = true;
    pthread_mutex_unlock(&fake->lock);
}

static json_t *guide_part(const char *name, bool is_required, json_t *settings)
{
    json_t *part =
        json_pack("{s:s,s:s,s:n,s:b,s:o}", "name", name, "title", name, "description",
                  "required", is_required, "settings", settings);
    fake_argilla_set_id(part);
    return part;
}

static json_t *text_settings(void)
{
    return json_pack("{s:s,s:b}", "type", "text", "use_markdown", 0);
}

const char *fake_argilla_add_dataset(struct fake_argilla *fake, const char *name)
{
    pthread_mutex_lock(&fake->lock);
    json_t *body = json_pack("{s:s,s:O,s:n}", "name", name, "workspace_id",
                             json_object_get(json_array_get(fake->workspaces, 0), "id"),
                             "guidelines");
    json_t *dataset = fake_argilla_new_dataset(fake, body);
    json_decref(body);
    json_t *fields = json_object_get(dataset, "fields");
    json_array_append_new(fields, guide_part("prompt", true, text_settings()));
    json_array_append_new(fields, guide_part("response", true, text_settings()));
    json_t *questions = json_object_get(dataset, "questions");
    json_array_append_new(
        questions, guide_part("response-rating", true,
                              json_pack("{s:s,s:[{s:i},{s:i},{s:i},{s:i},{s:i}]}", "type",
                                        "rating", "options", "value", 1, "value", 2,
                                        "value", 3, "value", 4, "value", 5)));
    json_array_append_new(questions,
                          guide_part("response-feedback", false, text_settings()));
    json_t *head = json_object_get(dataset, "head");
    json_object_set_new(head, "status", json_string("ready"));
    const char *id = json_string_value(json_object_get(head, "id"));
    pthread_mutex_unlock(&fake->lock);
    return id;
}

void fake_argilla_add_record(struct fake_argilla *fake, const char *dataset,
                             const char *prompt, const char *response)
{
    pthread_mutex_lock(&fake->lock);
    json_t *item =
        json_pack("{s:{s:s,s:s}}", "fields", "prompt", prompt, "response", response);
    fake_argilla_put_record(
        fake, fake_argilla_find(fake->datasets, "head", "name", dataset), item);
    json_decref(item);
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_answer(struct fake_argilla *fake, const char *dataset, size_t at,
                         const char *status, int rating)
{
    pthread_mutex_lock(&fake->lock);
    json_t *records = json_object_get(
        fake_argilla_find(fake->datasets, "head", "name", dataset), "records");
    json_t *item = json_pack("{s:s,s:{s:{s:i}}}", "status", status, "values",
                             "response-rating", "value", rating);
    fake_argilla_put_response(fake, json_array_get(records, at), item);
    json_decref(item);
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_rename_workspace(struct fake_argilla *fake, const char *from,
                                   const char *to)
{
    pthread_mutex_lock(&fake->lock);
    size_t i;
    json_t *workspace;
    json_array_foreach(fake->workspaces, i, workspace)
    {
        if (json_text_is(workspace, "name", from))
            json_object_set_new(workspace, "name", json_string(to));
    }
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_drop_workspaces(struct fake_argilla *fake)
{
    pthread_mutex_lock(&fake->lock);
    json_array_clear(fake->workspaces);
    pthread_mutex_unlock(&fake->lock);
}

void fake_argilla_edit(struct fake_argilla *fake, const char *dataset,
                       void (*fn)(json_t *dataset))
{
    pthread_mutex_lock(&fake->lock);
    fn(fake_argilla_find(fake->datasets, "head", "name", dataset));
    pthread_mutex_unlock(&fake->lock);
}

json_t *fake_argilla_dataset(struct fake_argilla *fake, const char *name)
{
    pthread_mutex_lock(&fake->lock);
    json_t *dataset =
        json_deep_copy(fake_argilla_find(fake->datasets, "head", "name", name));
    pthread_mutex_unlock(&fake->lock);
    return dataset;
}

size_t fake_argilla_count(struct fake_argilla *fake, const char *method, const char *path)
{
    size_t count = 0, all = fake_server_count(fake->server);
    for (size_t i = 0; i < all; i++) {
        const struct fake_request *request = fake_server_request(fake->server, i);
        if (strcmp(request->method, method) == 0 &&
            strncmp(request->path, path, strlen(path)) == 0)
            count++;
    }
    return count;
}
