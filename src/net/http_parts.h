/* SPDX-License-Identifier: MIT
 *
 * http_parts - one request under way: curl's easy handle, what came so far, the reply
 * that is made of it, and why none came, in words. For net/http only.
 */
#ifndef NET_HTTP_PARTS_H
#define NET_HTTP_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/loop.h"
#include "net/http.h"

struct http_call {
    struct http *http;
    struct http_call *next, **link; /* to the next one, and what leads to this one */
    CURL *easy;                     /* NULL = it was refused before curl saw it */
    struct curl_slist *headers;
    struct http_handler handler;
    char *url;
    char *host; /* of url, for sentences */
    char *method;
    char *upload;
    size_t max_body;
    int64_t connect_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t total_timeout_ms;
    int64_t last_activity_ms;
    int64_t started_ms;
    curl_off_t moved;         /* bytes both ways, to see progress of an upload */
    struct loop_timer *timer; /* the limits, or a refusal to be told */
    char *proxy;              /* host of the one that it goes through; NULL = none */
    bool is_own_proxy;        /* the configuration names it, not the environment */
    const char *ca_from;      /* what names the authorities; NULL = the machine's own */
    struct secret *secrets;   /* that go out in its headers */
    size_t secret_count;
    char why[CURL_ERROR_SIZE]; /* curl's own words */
    struct buf body;
    char *content_type;
    char *request_id;
    char *mcp_session;
    struct http_reply reply; /* err may be set early: it then wins */
    int redirects;
    bool is_running; /* curl has it */
    bool has_headers;
    bool is_redirect;  /* this answer is only a way to the next */
    bool is_streamed;  /* the handler takes the body piece by piece */
    bool is_cancelled; /* nobody wants to hear of it */
    bool is_done;
};

struct http_call *http_call_new(const struct http_request *request,
                                const struct http_handler *handler);
void http_call_free(struct http_call *call);
/* Makes the easy handle. Not OK: reply.err says why it must not be sent. */
enum status http_call_prepare(struct http_call *call, const struct http_request *request);
/* Points it to where the server sent us and forgets the answer. */
void http_call_redirect(struct http_call *call);
/* Whether the redirect just received may be followed with the same key and body. */
bool http_call_may_follow(const struct http_call *call);
/* Fills reply from what came and from how curl ended. */
void http_call_finish(struct http_call *call, CURLcode result);

/* ---- the way there: authorities, certificate, proxy, headers ---- */

/* Tells curl of it. reply.err says why it must not be sent. */
void http_connection_use(struct http_call *call, const struct http_request *request);
/* A header of ours, unless the configuration has that name. A key's value is a secret. */
void http_connection_header(struct http_call *call, const struct http_request *request,
                            const char *name, const char *prefix, const char *value,
                            bool is_secret);
/* Takes what went out as a secret out of len bytes of text, as secret_redact. */
size_t http_call_redact(const struct http_call *call, char *text, size_t len);

/* ---- why no whole answer came ---- */

/* Sets reply.err from curl's result, unless it is set already. */
void http_fault_set(struct http_call *call, CURLcode result);
/* The total limit has passed, or the idle one. */
void http_fault_late(struct http_call *call);
/* A redirect that is not followed: says where it wanted to go. */
void http_fault_redirect(struct http_call *call, const char *target, bool is_circle);
/* 407: the proxy wants to know who asks. */
void http_fault_proxy_login(struct http_call *call);

#endif
