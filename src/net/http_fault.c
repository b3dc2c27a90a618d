/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/http_fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "net/url.h"
#include "text/sanitise.h"

/* Each sentence gets the host once; curl's own words follow where they help. */
static const struct fault {
    CURLcode result;
    enum status status;
    const char *before;
    const char *after;
    bool says_why;
} faults[] = {
    {CURLE_COULDNT_RESOLVE_HOST, STATUS_NETWORK, "No address is known for ",
     ". Check the name and the network.", false},
    {CURLE_COULDNT_RESOLVE_PROXY, STATUS_NETWORK, "The way to ",
     " leads through a proxy whose name is not known. Check http_proxy and https_proxy.",
     false},
    {CURLE_GOT_NOTHING, STATUS_NETWORK, "",
     " closed the connection without an answer. Try again, or look at its log.", false},
    {CURLE_PARTIAL_FILE, STATUS_NETWORK, "The answer of ",
     " broke off before its end. Try again.", false},
    {CURLE_RECV_ERROR, STATUS_NETWORK, "The connection to ", " broke. Try again.", true},
    {CURLE_SEND_ERROR, STATUS_NETWORK, "The connection to ",
     " broke while sending. Try again.", true},
    {CURLE_HTTP2_STREAM, STATUS_NETWORK, "The connection to ", " broke. Try again.",
     true},
    {CURLE_HTTP2, STATUS_NETWORK, "The connection to ", " broke. Try again.", true},
    {CURLE_WEIRD_SERVER_REPLY, STATUS_PROTOCOL, "What listens at ",
     " does not speak HTTP. Check host and port.", false},
    {CURLE_UNSUPPORTED_PROTOCOL, STATUS_PROTOCOL, "What listens at ",
     " does not speak HTTP as we know it. Check host and port.", false},
    {CURLE_PEER_FAILED_VERIFICATION, STATUS_CONFIG, "The certificate of ",
     " is not trusted here. Check the address, or add its authority to this machine.",
     true},
    {CURLE_SSL_CACERT_BADFILE, STATUS_CONFIG, "The certificates to check ",
     " with cannot be read. Install ca-certificates.", true},
    {CURLE_SSL_CONNECT_ERROR, STATUS_NETWORK, "No secure connection to ",
     " could be made. If it serves plain http, write http:// in its address.", true},
    {CURLE_BAD_CONTENT_ENCODING, STATUS_PROTOCOL, "The answer of ",
     " is compressed in a way that cannot be read.", true},
    {CURLE_PROXY, STATUS_NETWORK, "The way to ",
     " leads through a proxy that failed. Check http_proxy and https_proxy.", true},
};

static const struct fault other = {CURLE_OK, STATUS_NETWORK, "The request to ",
                                   " failed. Try again.", true};

static const struct fault *find_fault(CURLcode result)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].result == result)
            return &faults[i];
    return &other;
}

static void set_no_connection(struct http_call *call, const char *host)
{
    long reason = 0;
    curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &reason);
    if (reason == ECONNREFUSED || reason == 0)
        err_set(&call->reply.err, STATUS_NETWORK,
                "Nothing listens at %s. Start the server there, or set another address.",
                host);
    else
        err_set(&call->reply.err, STATUS_NETWORK,
                "%s cannot be reached: %s. Check the address and the network.", host,
                strerror((int)reason));
}

static void set_from_table(struct http_call *call, const char *host, CURLcode result)
{
    const struct fault *fault = find_fault(result);
    const char *why = curl_easy_strerror(result);
    char safe[120];
    sanitise_line(why, strlen(why), safe, sizeof safe);
    if (fault->says_why)
        err_set(&call->reply.err, fault->status, "%s%s%s (%s)", fault->before, host,
                fault->after, safe);
    else
        err_set(&call->reply.err, fault->status, "%s%s%s", fault->before, host,
                fault->after);
}

enum status http_fault_set(struct http_call *call, CURLcode result)
{
    char *host = url_host(call->url);
    if (result == CURLE_COULDNT_CONNECT)
        set_no_connection(call, host);
    else if (result == CURLE_OPERATION_TIMEDOUT)
        err_set(&call->reply.err, STATUS_TIMEOUT,
                "%s did not take the connection within %" PRId64
                " s. Check the address and the network, or raise connect_timeout.",
                host, (call->connect_timeout_ms + 999) / 1000);
    else
        set_from_table(call, host, result);
    free(host);
    return call->reply.err.code;
}

void http_fault_idle(struct http_call *call)
{
    char *host = url_host(call->url);
    err_set(&call->reply.err, STATUS_TIMEOUT,
            "%s has sent nothing for %" PRId64 " s. Try again, or look at its log.", host,
            (call->idle_timeout_ms + 999) / 1000);
    free(host);
}

void http_fault_too_large(struct http_call *call)
{
    char *host = url_host(call->url);
    err_set(&call->reply.err, STATUS_FULL,
            "The answer of %s is larger than %zu KiB and was not read to its end.", host,
            call->max_body / 1024);
    free(host);
}

/* The query is left out: it could hold a token. */
void http_fault_redirect(struct http_call *call, const char *target)
{
    char *host = url_host(call->url);
    char safe[200];
    sanitise_line(target, strcspn(target, "?#"), safe, sizeof safe);
    if (url_same_origin(target, call->url))
        err_set(&call->reply.err, STATUS_CONFIG,
                "%s redirects to %s, which is not followed for a %s. Set the address to "
                "where it leads.",
                host, safe, call->method);
    else
        err_set(&call->reply.err, STATUS_CONFIG,
                "%s redirects to %s. Keys are not carried to another place: if it is the "
                "right one, set the address to it.",
                host, safe);
    free(host);
}

void http_fault_plain_key(struct http_call *call)
{
    char *host = url_host(call->url);
    err_set(&call->reply.err, STATUS_CONFIG,
            "The key was not sent: %s is reached over plain http, where everybody on the "
            "way can read it. Use https, or set allow_plain_key = yes if that network is "
            "yours.",
            host);
    free(host);
}

void http_fault_bad_key(struct http_call *call)
{
    char *host = url_host(call->url);
    err_set(&call->reply.err, STATUS_CONFIG,
            "The key for %s holds a line break or a control character. Set it again, "
            "as one line.",
            host);
    free(host);
}
