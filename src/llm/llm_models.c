/* SPDX-License-Identifier: MIT
 *
 * Which models an endpoint lists.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "llm/protocol.h"

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
