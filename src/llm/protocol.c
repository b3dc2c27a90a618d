/* SPDX-License-Identifier: MIT
 *
 * Which kinds of endpoints there are, where each is asked, and which models it lists.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "llm/llm_parts.h"
#include "net/url.h"
#include "json/json.h"

const struct protocol *protocol_find(enum endpoint_kind kind)
{
    static const struct protocol *const all[] = {
        &protocol_openai_chat,      &protocol_openai_completions,
        &protocol_openai_responses, &protocol_anthropic,
        &protocol_ollama,           &protocol_canned};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->kind == kind)
            return all[i];
    return all[0];
}

char *protocol_url(const struct endpoint *endpoint, const char *path)
{
    const char *base = endpoint->base_url ? endpoint->base_url : "";
    size_t len = strcspn(base, "?");
    char *front = xmemdup0(base, len);
    char *joined = url_join(front, path);
    char *url = xasprintf("%s%s", joined, base + len);
    free(front);
    free(joined);
    return url;
}

/* ---- what several kinds write alike ---- */

static void add_message(json_t *messages, const char *role, const char *text, size_t len)
{
    json_t *message = json_object();
    json_object_set_new(message, "role", json_string(role));
    json_object_set_new(message, "content", json_new_text(text, len));
    json_array_append_new(messages, message);
}

/* The system prompt under the name that the endpoint takes, or in front of what the user
 * says. */
json_t *protocol_messages(const struct protocol_request *request)
{
    unsigned flags = request->wire->flags;
    json_t *messages = json_array();
    struct buf front = {0};
    for (size_t i = 0; i < request->message_count; i++) {
        const struct llm_message *message = &request->messages[i];
        bool is_system = !strcmp(message->role, "system");
        if (is_system && flags & WIRE_NO_SYSTEM) {
            buf_add(&front, message->text, message->len);
            buf_add_text(&front, "\n\n");
        } else if (front.len) {
            buf_add(&front, message->text, message->len);
            add_message(messages, message->role, front.data, front.len);
            buf_reset(&front);
        } else {
            add_message(messages,
                        is_system && flags & WIRE_DEVELOPER ? "developer" : message->role,
                        message->text, message->len);
        }
    }
    buf_clear(&front);
    return messages;
}

json_t *protocol_body(const struct protocol_request *request, const char *name,
                      json_t *asked)
{
    const char *model = request->sampling->model;
    json_t *body = json_object();
    if (model)
        json_object_set_new(body, "model", json_new_text(model, strlen(model)));
    json_object_set_new(body, name, asked);
    json_object_set_new(body, "stream",
                        json_boolean(!(request->wire->flags & WIRE_NO_STREAM)));
    return body;
}

char *protocol_system(const struct protocol_request *request)
{
    struct buf text = {0};
    for (size_t i = 0; i < request->message_count; i++) {
        const struct llm_message *message = &request->messages[i];
        if (strcmp(message->role, "system") != 0)
            continue;
        if (text.len)
            buf_add_text(&text, "\n\n");
        buf_add(&text, message->text, message->len);
    }
    return buf_take(&text);
}

json_t *protocol_turns(const struct protocol_request *request)
{
    json_t *messages = json_array();
    for (size_t i = 0; i < request->message_count; i++) {
        const struct llm_message *message = &request->messages[i];
        if (strcmp(message->role, "system") != 0)
            add_message(messages, message->role, message->text, message->len);
    }
    return messages;
}

/* ---- models ---- */

struct listing {
    struct endpoint endpoint;
    llm_models_fn fn;
    void *ctx;
    struct loop_timer *timer; /* where there is nobody to ask */
};

enum { MODELS_TIMEOUT_MS = 30000 };

struct http_call *models_send(struct http *http, const struct endpoint *endpoint,
                              const struct http_handler *handler)
{
    const struct protocol *protocol = protocol_find(endpoint->kind);
    if (!protocol->models_path)
        return NULL;
    struct wire wire;
    wire_init(&wire, endpoint);
    char *url = protocol_url(endpoint, protocol->models_path);
    struct http_request request = {
        .method = "GET",
        .url = url,
        .headers = protocol->headers,
        .key_header = wire.key_header ? wire.key_header : protocol->key_header,
        .key_prefix = wire.key_header ? wire.key_prefix : protocol->key_prefix,
        .key = &endpoint->key,
        .allow_plain_key = endpoint->allow_plain_key,
        .connection = &endpoint->connection,
        .connect_timeout_ms = endpoint->connect_timeout_ms,
        .idle_timeout_ms = endpoint->connect_timeout_ms,
        .total_timeout_ms = MODELS_TIMEOUT_MS,
        .max_body = (size_t)16 << 20,
    };
    struct http_call *call = http_send(http, &request, handler);
    free(url);
    return call;
}

static const json_t *model_list(const json_t *root)
{
    const json_t *list = json_object_get(root, "data");
    if (!list)
        list = json_object_get(root, "models");
    return list ? list : root;
}

static const char *model_name(const json_t *item, size_t *len)
{
    static const char *const keys[] = {"id", "name", "model"};
    const char *name = json_is_string(item) ? json_string_value(item) : NULL;
    if (name)
        *len = json_string_length(item);
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !name; i++)
        name = json_get_text(item, keys[i], len);
    return name;
}

char *models_name(const char *body, size_t len, size_t at)
{
    json_t *root = json_parse(body, len, NULL);
    size_t name_len = 0;
    const char *name = model_name(json_array_get(model_list(root), at), &name_len);
    char *copy = name ? xmemdup0(name, name_len) : NULL;
    json_decref(root);
    return copy;
}

static void add_names(struct buf *names, const json_t *list)
{
    char safe[256];
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t len = 0;
        const char *name = model_name(json_array_get(list, i), &len);
        if (name)
            buf_addf(names, "%s%s", names->len ? "\n" : "",
                     sanitise_line(name, len, safe, sizeof safe));
    }
}

static void tell(struct listing *listing, const struct http_reply *reply)
{
    struct buf names = {0};
    struct verdict verdict = {0};
    json_t *root = NULL;
    if (reply->status != STATUS_OK)
        verdict_of_transport(&verdict, &listing->endpoint, &reply->err);
    else if (reply->code < 300)
        root = json_parse(reply->body, reply->body_len, NULL);
    if (reply->status == STATUS_OK && !json_is_array(model_list(root))) {
        struct llm_error error;
        llm_error_from_body(&error, reply->body, reply->body_len, &listing->endpoint);
        verdict_of_error(&verdict, &error, reply->code, reply->retry_after_ms,
                         &listing->endpoint, NULL);
    }
    add_names(&names, model_list(root));
    listing->fn(listing->ctx, &verdict.err, buf_text(&names));
    json_decref(root);
    buf_clear(&names);
}

static void free_listing(void *ctx)
{
    struct listing *listing = ctx;
    endpoint_clear(&listing->endpoint);
    loop_timer_free(listing->timer);
    free(listing);
}

static void on_nobody_asked(void *ctx)
{
    const struct listing *listing = ctx;
    const char *model = listing->endpoint.defaults.model;
    struct err err = {0};
    listing->fn(listing->ctx, &err, model ? model : "");
    free_listing(ctx);
}

static void on_models(void *ctx, const struct http_reply *reply)
{
    tell(ctx, reply);
    free_listing(ctx);
}

void llm_list_models(struct http *http, const struct endpoint *endpoint, llm_models_fn fn,
                     void *ctx)
{
    struct listing *listing = xcalloc(1, sizeof *listing);
    endpoint_copy(&listing->endpoint, endpoint);
    listing->fn = fn;
    listing->ctx = ctx;
    struct http_handler handler = {
        .on_done = on_models, .on_dropped = free_listing, .ctx = listing};
    if (models_send(http, endpoint, &handler))
        return;
    listing->timer = loop_timer_new(http_loop(http), on_nobody_asked, listing);
    loop_timer_start(listing->timer, 0, 0);
}
