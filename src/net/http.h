/* SPDX-License-Identifier: MIT
 *
 * http - one request = one struct, callbacks, cancel; curl's multi on our loop.
 *
 * The only user of curl. Redirects are followed only on the same host and never
 * carry a key elsewhere. A key goes to plain http only on loopback unless
 * allow_plain_key. In the body of a refusal the key reads "[key]". No callback ever
 * comes from inside the call that asked for it.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"

struct http;
struct http_call;

/* "Name: value" of the configuration. A value of the form $NAME is that variable of the
 * environment, read when it is sent. Values may be secrets: they are never shown. */
struct http_header {
    char *name;
    struct secret value;
};

/* How one server is reached, beyond its address. All owned; zeroed = as usual. */
struct http_connection {
    char *ca_file;     /* PEM: the authorities to trust instead of the machine's */
    char *client_cert; /* PEM */
    char *client_key;  /* PEM; NULL = it is in client_cert */
    char *proxy; /* http://… or socks5h://…; "" = none; NULL = the environment's */
    char *key_header; /* carries the key; NULL = the protocol's own. "Authorization" gets
                       * "Bearer " in front, any other nothing */
    struct http_header *headers;
    size_t header_count;
};

/* Adds "Name: value"; the sentence of a refused one does not repeat the value. */
enum status http_connection_add_header(struct http_connection *connection,
                                       const char *line, struct err *err)
    __attribute__((warn_unused_result));
/* Whether its name says that it is a secret. */
bool http_header_is_secret(const struct http_header *header);
/* to is zeroed or filled before. */
void http_connection_copy(struct http_connection *to, const struct http_connection *from);
void http_connection_clear(struct http_connection *connection);
/* Takes the values of its headers out of len bytes of text, as secret_redact. */
size_t http_connection_redact(const struct http_connection *connection, char *text,
                              size_t len);

struct http_request {
    const char *method; /* "GET", "POST", "PUT", "DELETE" */
    const char *url;
    const char *body; /* NULL = none */
    size_t body_len;
    const char *accept;     /* NULL = "application/json" */
    const char *key_header; /* "Authorization" or "X-Argilla-Api-Key"; NULL = no key */
    const char *key_prefix; /* "Bearer " or "" */
    const struct secret *key;
    const char *const *headers; /* more of them, "Name: value", ended by NULL; or NULL */
    bool allow_plain_key;       /* to send it over http to another machine */
    const struct http_connection *connection; /* NULL = as usual */
    int64_t connect_timeout_ms;               /* 0 = 10 s */
    int64_t idle_timeout_ms;  /* no byte at all for so long; 0 = none. A caller that must
                               * not count comments keeps its own timer and cancels. */
    int64_t total_timeout_ms; /* for all of it; 0 = none */
    size_t max_body;          /* of a collected body; 0 = 64 MiB */
};

enum http_retry_hint { HTTP_RETRY_UNSAID, HTTP_RETRY_YES, HTTP_RETRY_NO };

struct http_reply {
    enum status status;       /* STATUS_OK: an answer came, whatever its code */
    long code;                /* HTTP status; 0 = no answer. Also set when the answer
                               * broke off after its headers */
    const char *content_type; /* "" = none. Borrowed, as all below */
    const char *body;         /* what was collected; "" when on_data took it */
    size_t body_len;
    int64_t retry_after_ms; /* -1 = not said; retry-after-ms before Retry-After */
    enum http_retry_hint retry_hint; /* x-should-retry */
    const char *request_id;          /* x-request-id or request-id; "" = none */
    const char *mcp_session;         /* mcp-session-id; "" = none */
    struct err err;                  /* the sentence when status is not OK */
};

struct http_handler {
    /* The headers are in; reply has code, content_type, retry_after. Return true to
     * get the body piece by piece through on_data, false to have it collected.
     * NULL = collect. */
    bool (*on_headers)(void *ctx, const struct http_reply *reply);
    void (*on_data)(void *ctx, const char *bytes, size_t len);
    /* Called exactly once, never from inside http_send. The call is gone after it. */
    void (*on_done)(void *ctx, const struct http_reply *reply);
    void *ctx;
    /* Instead of on_done when http_free ends the call, to free ctx; may be NULL. */
    void (*on_dropped)(void *ctx);
};

struct http *http_new(struct loop *loop);
/* Cancels what still runs (on_done is not called). Not from inside a callback of a
 * call; NULL is allowed. */
void http_free(struct http *http);

/* Copies everything it needs from request. Never NULL: what cannot be sent is told
 * through on_done. */
struct http_call *http_send(struct http *http, const struct http_request *request,
                            const struct http_handler *handler);
/* on_done will not be called. NULL is allowed. Safe inside this call's callbacks. */
void http_cancel(struct http_call *call);
/* The one that it runs on. */
struct loop *http_loop(const struct http *http);

/* What an HTML page calls itself, as it came and without blanks around it: its <title>,
 * else its first heading; also of a page that was cut off. *title_len 0 = it does not. */
const char *http_page_title(const char *html, size_t len, size_t *title_len);

#endif
