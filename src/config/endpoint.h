/* SPDX-License-Identifier: MIT
 *
 * endpoint - where a model is: kind, address, key, defaults, limits.
 */
#ifndef CONFIG_ENDPOINT_H
#define CONFIG_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "model/sampling.h"
#include "net/http.h"

enum endpoint_kind {
    ENDPOINT_OPENAI_CHAT,        /* POST BASE/chat/completions */
    ENDPOINT_OPENAI_COMPLETIONS, /* POST BASE/completions: text goes on, no chat */
    ENDPOINT_OPENAI_RESPONSES,   /* POST BASE/responses */
    ENDPOINT_ANTHROPIC,          /* POST BASE/messages */
    ENDPOINT_OLLAMA,             /* POST BASE/api/chat */
    ENDPOINT_CANNED /* the demo: no network, no url, and its answers say so */
};

/* For a million tokens, in any currency. */
struct price {
    char *model; /* NULL = every other one */
    double in, out;
};

struct endpoint {
    char *name; /* in the config; "env" when it comes from the environment */
    enum endpoint_kind kind;
    char *base_url; /* ends before /chat/completions, no trailing slash */
    struct secret key;
    char *key_command; /* api_key_cmd: run once, when the key is first needed; NULL */
    struct sampling defaults;
    struct http_connection connection;
    int64_t connect_timeout_ms;
    int64_t first_token_timeout_ms; /* long: a local model may load first */
    int64_t idle_timeout_ms; /* between two pieces of content; comments don't count */
    bool allow_plain_key;
    bool keeps_think; /* think = keep: <think>…</think> stays in the answer's text */
    struct price *prices;
    size_t price_count;
    int64_t token_ms; /* CANNED: between two words; 0 = as fast as it goes */
};

void endpoint_init(struct endpoint *endpoint); /* default limits: 10 s, 300 s, 120 s */
/* Makes it the demo's: kind, name "demo", model. */
void endpoint_set_demo(struct endpoint *endpoint);
void endpoint_copy(struct endpoint *to, const struct endpoint *from);
void endpoint_clear(struct endpoint *endpoint);
/* Strips a pasted "/chat/completions" and trailing slashes; checks the URL. */
enum status endpoint_set_url(struct endpoint *endpoint, const char *url, struct err *err)
    __attribute__((warn_unused_result));
/* "MODEL IN OUT" or "IN OUT". */
enum status endpoint_add_price(struct endpoint *endpoint, const char *text,
                               struct err *err) __attribute__((warn_unused_result));
/* Takes its key and the values of its headers out of len bytes of text, as
 * secret_redact. */
size_t endpoint_redact(const struct endpoint *endpoint, char *text, size_t len);
const char *endpoint_kind_name(enum endpoint_kind kind); /* "openai-chat" */
bool endpoint_kind_parse(const char *name, enum endpoint_kind *kind);

#endif
