/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/http_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "net/retry.h"
#include "net/url.h"

enum { CONNECT_TIMEOUT_MS = 10000, MAX_BODY = 64 * 1024 * 1024, MAX_REDIRECTS = 5 };

struct http_call *http_call_new(const struct http_request *request,
                                const struct http_handler *handler)
{
    struct http_call *call = xcalloc(1, sizeof *call);
    call->handler = *handler;
    call->url = xstrdup(request->url);
    call->host = url_host(call->url);
    call->method = xstrdup(request->method);
    call->upload = request->body ? xmemdup0(request->body, request->body_len) : NULL;
    call->max_body = request->max_body ? request->max_body : MAX_BODY;
    call->connect_timeout_ms = request->connect_timeout_ms > 0
                                   ? request->connect_timeout_ms
                                   : CONNECT_TIMEOUT_MS;
    call->idle_timeout_ms = request->idle_timeout_ms;
    call->total_timeout_ms = request->total_timeout_ms;
    call->reply.retry_after_ms = -1;
    call->started_ms = clock_mono_ms(&clock_system);
    call->last_activity_ms = call->started_ms;
    buf_init(&call->body, call->max_body);
    return call;
}

void http_call_free(struct http_call *call)
{
    loop_timer_free(call->timer);
    curl_easy_cleanup(call->easy);
    for (struct curl_slist *at = call->headers; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data)); /* one of them is the key */
    curl_slist_free_all(call->headers);
    buf_clear(&call->body);
    free(call->url);
    free(call->host);
    free(call->method);
    free(call->upload);
    for (size_t i = 0; i < call->secret_count; i++)
        secret_clear(&call->secrets[i]);
    free(call->secrets);
    free(call->proxy);
    free(call->content_type);
    free(call->request_id);
    free(call->mcp_session);
    free(call);
}

static const char *header(const struct http_call *call, const char *name)
{
    struct curl_header *found;
    return curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK
               ? found->value
               : NULL;
}

static enum http_retry_hint retry_hint(const char *value)
{
    if (!value)
        return HTTP_RETRY_UNSAID;
    if (!strcasecmp(value, "true"))
        return HTTP_RETRY_YES;
    return strcasecmp(value, "false") ? HTTP_RETRY_UNSAID : HTTP_RETRY_NO;
}

static const char *redirect_target(const struct http_call *call)
{
    const char *target = NULL;
    if (call->reply.code < 301 || call->reply.code > 308)
        return NULL;
    curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &target);
    return target;
}

bool http_call_may_follow(const struct http_call *call)
{
    const char *target = redirect_target(call);
    bool keeps_method = call->reply.code == 307 || call->reply.code == 308;
    return target && call->redirects < MAX_REDIRECTS &&
           (keeps_method || !strcmp(call->method, "GET")) &&
           url_same_origin(call->url, target);
}

/* Each header line comes here; the empty one ends them. */
static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;
    size_t len = size * count;
    call->last_activity_ms = clock_mono_ms(&clock_system);
    bool is_end = len <= 2 && (line[0] == '\r' || line[0] == '\n');
    if (call->is_cancelled)
        return 0;
    if (!is_end || call->has_headers) /* trailers come after the body */
        return len;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &call->reply.code);
    if (call->reply.code < 200) /* 100 Continue, 103 Early Hints */
        return len;
    call->has_headers = true;
    call->is_redirect =
        header(call, "Location") && call->reply.code >= 301 && call->reply.code <= 308;
    struct http_reply *reply = &call->reply;
    const char *id = header(call, "x-request-id");
    const char *type = header(call, "Content-Type");
    free(call->content_type);
    free(call->request_id);
    free(call->mcp_session);
    call->mcp_session = xstrdup_or_null(header(call, "mcp-session-id"));
    call->content_type = xstrdup_or_null(type);
    call->request_id = xstrdup_or_null(id ? id : header(call, "request-id"));
    if (call->request_id)
        http_call_redact(call, call->request_id, strlen(call->request_id));
    reply->content_type = type ? call->content_type : "";
    reply->request_id = call->request_id ? call->request_id : "";
    reply->mcp_session = call->mcp_session ? call->mcp_session : "";
    reply->body = "";
    reply->retry_hint = retry_hint(header(call, "x-should-retry"));
    reply->retry_after_ms =
        retry_after_parse(header(call, "retry-after-ms"), header(call, "Retry-After"),
                          clock_wall_ms(&clock_system));
    if (call->handler.on_headers && !call->is_redirect)
        call->is_streamed = call->handler.on_headers(call->handler.ctx, &call->reply) &&
                            call->handler.on_data;
    return call->is_cancelled ? 0 : len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct http_call *call = ctx;
    size_t len = size * count;
    call->last_activity_ms = clock_mono_ms(&clock_system);
    if (call->is_cancelled)
        return CURL_WRITEFUNC_ERROR;
    if (call->is_streamed) {
        call->handler.on_data(call->handler.ctx, bytes, len);
        return call->is_cancelled ? CURL_WRITEFUNC_ERROR : len;
    }
    if (buf_add(&call->body, bytes, len))
        return len;
    err_set(&call->reply.err, STATUS_FULL,
            "The answer of %s is larger than %zu KiB and was not read to its end.",
            call->host, call->max_body / 1024);
    return CURL_WRITEFUNC_ERROR;
}

/* Only to see that an upload moves. */
static int on_progress(void *ctx, curl_off_t down_total, curl_off_t down,
                       curl_off_t up_total, curl_off_t up)
{
    struct http_call *call = ctx;
    (void)down_total;
    (void)up_total;
    if (down + up != call->moved)
        call->last_activity_ms = clock_mono_ms(&clock_system);
    call->moved = down + up;
    return 0;
}

static void set_headers(struct http_call *call, const struct http_request *request)
{
    const struct http_connection *way = request->connection;
    const char *accept = request->accept ? request->accept : "application/json";
    http_connection_header(call, request, "Accept", "", accept, false);
    if (call->upload)
        http_connection_header(call, request, "Content-Type", "", "application/json",
                               false);
    for (const char *const *line = request->headers; line && *line; line++)
        call->headers = curl_slist_append(call->headers, *line);
    if (request->key_header && request->key && secret_is_set(request->key)) {
        const char *name = way && way->key_header ? way->key_header : request->key_header;
        const char *prefix = request->key_prefix ? request->key_prefix : "";
        if (way && way->key_header)
            prefix = strcasecmp(name, "Authorization") ? "" : "Bearer ";
        http_connection_header(call, request, name, prefix, request->key->text, true);
    }
    /* curl would wait a second for a "100 Continue" before each large body */
    call->headers = curl_slist_append(call->headers, "Expect:");
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_options(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    bool is_stream = request->accept && strstr(request->accept, "event-stream");
    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)call->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sherd/" PACKAGE_VERSION);
    /* a compressed stream arrives late; but one that was sent unasked is decoded */
    /* the answer to a PUT echoes what was sent: packing it costs Argilla's server a
     * third of a bulk call */
    bool is_plain = is_stream || !strcmp(request->method, "PUT");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, is_plain ? "identity" : "");
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->why);
}

enum status http_call_prepare(struct http_call *call, const struct http_request *request)
{
    if (url_check(call->url, &call->reply.err) != STATUS_OK)
        return call->reply.err.code;
    call->easy = curl_easy_init();
    if (!call->easy)
        return err_set(&call->reply.err, STATUS_IO, "The HTTP library does not start.");
    set_options(call, request);
    CURL *easy = call->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, (void *)call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)call);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, (void *)call);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    bool is_get = !strcmp(call->method, "GET");
    bool is_post = !strcmp(call->method, "POST");
    if (call->upload || is_post) {
        curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(call->upload ? request->body_len : 0));
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS,
                         call->upload ? call->upload : "");
    }
    if (!is_post && (!is_get || call->upload))
        curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, call->method);
    http_connection_use(call, request);
    set_headers(call, request);
    return call->reply.err.code;
}

void http_call_redirect(struct http_call *call)
{
    char *target = xstrdup(redirect_target(call));
    free(call->url);
    free(call->host);
    call->url = target;
    call->host = url_host(target);
    call->redirects++;
    call->has_headers = call->is_redirect = false;
    call->moved = 0;
    buf_reset(&call->body);
    curl_easy_setopt(call->easy, CURLOPT_URL, call->url);
}

void http_call_finish(struct http_call *call, CURLcode result)
{
    struct http_reply *reply = &call->reply;
    const char *target = call->easy && result == CURLE_OK ? redirect_target(call) : NULL;
    if (target)
        http_fault_redirect(call, target, call->redirects >= MAX_REDIRECTS);
    else if (reply->code == 407 && call->proxy)
        http_fault_proxy_login(call);
    else if (result != CURLE_OK)
        http_fault_set(call, result);
    reply->status = reply->err.code;
    reply->content_type = call->content_type ? call->content_type : "";
    reply->request_id = call->request_id ? call->request_id : "";
    reply->mcp_session = call->mcp_session ? call->mcp_session : "";
    if (reply->code >= 400 && call->body.len)
        call->body.len = http_call_redact(call, call->body.data, call->body.len);
    reply->body = buf_text(&call->body);
    reply->body_len = call->body.len;
}
