/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "base/xalloc.h"
#include "net/url.h"
#include "text/outside.h"

static const struct {
    enum endpoint_kind kind;
    const char *name;
    const char *path; /* what people paste along with the base */
} kinds[] = {
    {ENDPOINT_OPENAI_CHAT, "openai-chat", "/chat/completions"},
    {ENDPOINT_OPENAI_COMPLETIONS, "openai-completions", "/completions"},
    {ENDPOINT_OPENAI_RESPONSES, "openai-responses", "/responses"},
    {ENDPOINT_ANTHROPIC, "anthropic", "/messages"},
    {ENDPOINT_OLLAMA, "ollama", "/api/chat"},
    {ENDPOINT_CANNED, "canned", "/"},
};

void endpoint_init(struct endpoint *endpoint)
{
    *endpoint = (struct endpoint){
        .connect_timeout_ms = 10000,
        .first_token_timeout_ms = 300000,
        .idle_timeout_ms = 120000,
        .token_ms = 25,
    };
}

void endpoint_set_demo(struct endpoint *endpoint)
{
    endpoint->kind = ENDPOINT_CANNED;
    free(endpoint->name);
    endpoint->name = xstrdup("demo");
    if (!endpoint->defaults.model)
        endpoint->defaults.model = xstrdup("demo");
}

size_t endpoint_redact(const struct endpoint *endpoint, char *text, size_t len)
{
    len = secret_redact(&endpoint->key, text, len);
    return http_connection_redact(&endpoint->connection, text, len);
}

void endpoint_copy(struct endpoint *to, const struct endpoint *from)
{
    if (to == from)
        return;
    endpoint_clear(to);
    *to = *from;
    to->name = xstrdup_or_null(from->name);
    to->base_url = xstrdup_or_null(from->base_url);
    to->key_command = xstrdup_or_null(from->key_command);
    to->key = (struct secret){0};
    secret_copy(&to->key, &from->key);
    memset(&to->defaults, 0, sizeof to->defaults);
    sampling_copy(&to->defaults, &from->defaults);
    to->prices =
        from->price_count ? xcalloc(from->price_count, sizeof *to->prices) : NULL;
    for (size_t i = 0; i < from->price_count; i++) {
        to->prices[i] = from->prices[i];
        to->prices[i].model = xstrdup_or_null(from->prices[i].model);
    }
    to->connection = (struct http_connection){0};
    http_connection_copy(&to->connection, &from->connection);
}

void endpoint_clear(struct endpoint *endpoint)
{
    for (size_t i = 0; i < endpoint->price_count; i++)
        free(endpoint->prices[i].model);
    free(endpoint->prices);
    free(endpoint->name);
    free(endpoint->base_url);
    free(endpoint->key_command);
    secret_clear(&endpoint->key);
    sampling_clear(&endpoint->defaults);
    http_connection_clear(&endpoint->connection);
    memset(endpoint, 0, sizeof *endpoint);
}

enum status endpoint_add_price(struct endpoint *endpoint, const char *text,
                               struct err *err)
{
    static const struct number_limits limits = {false, 0, 1e9};
    size_t count = 0;
    char **words = words_split("price", text, &count, &(struct err){0});
    struct price price = {0};
    bool is_good = (count == 2 || count == 3) &&
                   number_read(words[count - 2], &limits, &price.in) &&
                   number_read(words[count - 1], &limits, &price.out);
    if (is_good) {
        price.model = count == 3 ? xstrdup(words[0]) : NULL;
        endpoint->prices = xreallocarray(endpoint->prices, endpoint->price_count + 1,
                                         sizeof *endpoint->prices);
        endpoint->prices[endpoint->price_count++] = price;
    }
    free(words);
    return is_good ? STATUS_OK
                   : err_set(err, STATUS_CONFIG,
                             "a price is MODEL IN OUT (or IN OUT, for every other "
                             "model), for a million tokens: gpt-4o-mini 0.15 0.60");
}

static size_t without_slashes(const char *url, size_t len)
{
    while (len && url[len - 1] == '/')
        len--;
    return len;
}

/* How much of url's path is the base, without what people paste along with it. */
static size_t base_length(const char *url, size_t len)
{
    static const char path[] = "/chat/completions";
    len = without_slashes(url, len);
    if (len >= sizeof path &&
        !strncmp(url + len - (sizeof path - 1), path, sizeof path - 1))
        len = without_slashes(url, len - (sizeof path - 1));
    return len;
}

enum status endpoint_set_url(struct endpoint *endpoint, const char *url, struct err *err)
{
    static const char blanks[] = " \t\r\n";
    url += strspn(url, blanks);
    size_t len = strcspn(url, blanks);
    if (url[len + strspn(url + len, blanks)])
        len = strlen(url); /* a blank inside: url_check says so */
    char *trimmed = xmemdup0(url, len);
    enum status status = url_check(trimmed, err);
    if (status == STATUS_OK) {
        size_t path = strcspn(trimmed, "?#");
        size_t query = strcspn(trimmed, "#") - path; /* Azure's api-version is one */
        free(endpoint->base_url);
        endpoint->base_url = xasprintf("%.*s%.*s", (int)base_length(trimmed, path),
                                       trimmed, (int)query, trimmed + path);
    }
    free(trimmed);
    return status;
}

const char *endpoint_kind_name(enum endpoint_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "";
}

bool endpoint_kind_parse(const char *name, enum endpoint_kind *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, name)) {
            *kind = kinds[i].kind;
            return true;
        }
    return false;
}
