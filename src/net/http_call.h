/* SPDX-License-Identifier: MIT
 *
 * http_call - one request under way: curl's easy handle, what came so far, and the
 * reply that is made of it. For net/http only.
 */
#ifndef NET_HTTP_CALL_H
#define NET_HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/loop.h"
#include "net/http.h"

struct http_call {
    struct http *http;
    struct http_call *previous, *next;
    CURL *easy; /* NULL = it was refused before curl saw it */
    struct curl_slist *headers;
    struct http_handler handler;
    char *url;
    char *method;
    char *upload;
    size_t max_body;
    int64_t connect_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t last_activity_ms;
    int64_t started_ms;
    curl_off_t moved;         /* bytes both ways, to see progress of an upload */
    struct loop_timer *timer; /* the idle limit, or a refusal to be told */
    struct buf body;
    char *content_type;
    char *request_id;
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
/* Milliseconds until the idle limit, <= 0 = it has passed. */
int64_t http_call_idle_left(const struct http_call *call);

#endif
