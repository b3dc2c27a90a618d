/* SPDX-License-Identifier: MIT
 *
 * Which models an endpoint lists, and which kind an address speaks.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "llm/protocol.h"

struct listing {
    struct endpoint endpoint;
    llm_models_fn fn;
    void *ctx;
    struct loop_timer *timer; /* where there is nobody to ask */
};

enum { MODELS_TIMEOUT_MS = 30000 };

/* body NULL = GET. */
static struct http_call *send(struct http *http, const struct endpoint *endpoint,
                              const char *path, const char *body,
                              const struct http_handler *handler)
{
    const struct protocol *protocol = protocol_find(endpoint->kind);
    struct wire wire;
    wire_init(&wire, endpoint);
    char *url = protocol_url(endpoint, path);
    struct http_request request = {
        .method = body ? "POST" : "GET",
        .url = url,
        .body = body,
        .body_len = body ? strlen(body) : 0,
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

struct http_call *models_send(struct http *http, const struct endpoint *endpoint,
                              const struct http_handler *handler)
{
    const char *path = protocol_find(endpoint->kind)->models_path;
    return path ? send(http, endpoint, path, NULL, handler) : NULL;
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

/* A day as text, or the seconds of one. */
static char *shutdown_date(const json_t *item)
{
    static const char *const keys[] = {"shutdown_date", "deprecation", "expiration_date"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = json_object_get(item, keys[i]);
        const char *text = json_string_value(value);
        time_t seconds = (time_t)json_integer_value(value);
        struct tm tm;
        char day[sizeof "2026-12-31"];
        if (text && *text)
            return xmemdup0(text, strcspn(text, "T "));
        if (seconds > 0 && gmtime_r(&seconds, &tm) &&
            strftime(day, sizeof day, "%Y-%m-%d", &tm))
            return xstrdup(day);
    }
    return NULL;
}

static void free_listing(void *ctx)
{
    struct listing *listing = ctx;
    endpoint_clear(&listing->endpoint);
    loop_timer_free(listing->timer);
    free(listing);
}

static void on_models(void *ctx, const struct http_reply *reply)
{
    struct listing *listing = ctx;
    struct verdict verdict = {0};
    json_t *root = NULL;
    if (reply->status != STATUS_OK)
        verdict_of_transport(&verdict, &listing->endpoint, &reply->err);
    else if (reply->code < 300)
        root = json_parse(reply->body, reply->body_len, NULL);
    const json_t *list = model_list(root);
    if (reply->status == STATUS_OK && !json_is_array(list)) {
        struct llm_error error;
        llm_error_from_body(&error, reply->body, reply->body_len, &listing->endpoint);
        verdict_of_error(&verdict, &error, reply->code, reply->retry_after_ms,
                         &listing->endpoint, NULL);
    }
    struct llm_model *models = xcalloc(json_array_size(list), sizeof *models);
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        size_t len = 0;
        const char *name = model_name(item, &len);
        if (name)
            models[count++] = (struct llm_model){.name = xmemdup0(name, len),
                                                 .shutdown_date = shutdown_date(item)};
    }
    listing->fn(listing->ctx, &verdict.err, models, count);
    while (count--) {
        free(models[count].name);
        free(models[count].shutdown_date);
    }
    free(models);
    json_decref(root);
    free_listing(listing);
}

static void on_nobody_asked(void *ctx)
{
    const struct listing *listing = ctx;
    const struct llm_model model = {.name = listing->endpoint.defaults.model};
    struct err err = {0};
    listing->fn(listing->ctx, &err, &model, model.name ? 1 : 0);
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

/* ---- kinds: an empty request is refused where the path is, else not found ---- */

struct search {
    struct http *http;
    struct endpoint endpoint; /* as it is tried */
    char *base_url;           /* as configured */
    enum endpoint_kind kind;  /* likewise */
    size_t tries;
    llm_kind_fn fn;
    void *ctx;
};

static void free_search(void *ctx)
{
    struct search *search = ctx;
    endpoint_clear(&search->endpoint);
    free(search->base_url);
    free(search);
}

static void on_tried(void *ctx, const struct http_reply *reply);

/* Its own kind at its own address, the other kinds there, then the same with or without
 * /v1 at the end. */
static void try_next(struct search *search)
{
    static const enum endpoint_kind kinds[] = {
        ENDPOINT_OPENAI_CHAT, ENDPOINT_OPENAI_COMPLETIONS, ENDPOINT_OPENAI_RESPONSES,
        ENDPOINT_ANTHROPIC, ENDPOINT_OLLAMA};
    enum { KINDS = sizeof kinds / sizeof *kinds, ROUND = KINDS + 1 };
    struct endpoint *endpoint = &search->endpoint;
    size_t at = search->tries % ROUND, len = strlen(search->base_url);
    bool has_v1 = len > 3 && !strcmp(search->base_url + len - 3, "/v1");
    if (search->tries == (size_t)2 * ROUND) {
        search->fn(search->ctx, NULL);
        free_search(search);
        return;
    }
    if (search->tries++ == ROUND) {
        free(endpoint->base_url);
        endpoint->base_url = has_v1 ? xmemdup0(search->base_url, len - 3)
                                    : xasprintf("%s/v1", search->base_url);
    }
    endpoint->kind = at ? kinds[at - 1] : search->kind;
    struct http_handler handler = {
        .on_done = on_tried, .on_dropped = free_search, .ctx = search};
    send(search->http, endpoint, protocol_find(endpoint->kind)->path, "{}", &handler);
}

static void on_tried(void *ctx, const struct http_reply *reply)
{
    struct search *search = ctx;
    bool is_told = reply->status == STATUS_OK && reply->code != 401 && reply->code != 403;
    const char *body = reply->body ? reply->body : "";
    bool is_page = body[strspn(body, " \t\r\n")] == '<';
    struct llm_error error;
    llm_error_from_body(&error, body, strlen(body), &search->endpoint);
    /* Ollama misses the model that was not named */
    bool is_gone = reply->code == 404 && !llm_error_has(&error, "model", true);
    bool is_there = is_told && !is_page && !is_gone && reply->code != 405 &&
                    reply->code != 410 && reply->code != 501;
    if (is_told && !is_there) {
        try_next(search);
        return;
    }
    search->fn(search->ctx, is_there ? &search->endpoint : NULL);
    free_search(search);
}

void llm_find_kind(struct http *http, const struct endpoint *endpoint, llm_kind_fn fn,
                   void *ctx)
{
    struct search *search = xcalloc(1, sizeof *search);
    search->http = http;
    endpoint_copy(&search->endpoint, endpoint);
    search->base_url = xstrdup(endpoint->base_url);
    search->kind = endpoint->kind;
    search->fn = fn;
    search->ctx = ctx;
    try_next(search);
}
