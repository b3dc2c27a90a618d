/* SPDX-License-Identifier: MIT
 *
 * Why no whole answer came, in words.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "net/http_parts.h"
#include "net/url.h"

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
    {CURLE_SSL_CERTPROBLEM, STATUS_CONFIG, "Our certificate for ",
     " cannot be used. Check client_cert and client_key.", true},
    {CURLE_SSL_CONNECT_ERROR, STATUS_NETWORK, "No secure connection to ",
     " could be made. If it serves plain http, write http:// in its address.", true},
    {CURLE_BAD_CONTENT_ENCODING, STATUS_PROTOCOL, "The answer of ",
     " is compressed in a way that cannot be read.", true},
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

/* What to look at when a proxy is to blame. */
static const char *proxy_setting(const struct http_call *call)
{
    return call->is_own_proxy ? "Check proxy in its section of the config file"
                              : "Check http_proxy, https_proxy and no_proxy, or set "
                                "proxy in its section of the config file";
}

void http_fault_proxy_login(struct http_call *call)
{
    err_set(&call->reply.err, STATUS_CONFIG,
            "The proxy %s, on the way to %s, wants a user name and a password (407). Set "
            "proxy = http://NAME:PASSWORD@HOST:PORT.",
            call->proxy, call->host);
}

/* curl's own words: in plain English and the same for years, in its OpenSSL and in its
 * GnuTLS. */
static bool says(const struct http_call *call, const char *const *words)
{
    for (; *words; words++)
        if (strcasestr(call->why, *words))
            return true;
    return false;
}

/* A proxy that is dead or says no is named as the proxy: the server may be well. */
static bool set_proxy_fault(struct http_call *call, CURLcode result)
{
    static const char *const no_address[] = {"unsupported proxy", NULL};
    long code = 0;
    curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &code);
    if (!call->proxy)
        return false;
    if (says(call, no_address)) /* nor shown: it may hold a password */
        err_set(&call->reply.err, STATUS_CONFIG,
                "The proxy, on the way to %s, is no address of a proxy. Write it like "
                "http://HOST:PORT. %s.",
                call->host, proxy_setting(call));
    else if (code == 407)
        http_fault_proxy_login(call);
    else if (code >= 400)
        err_set(&call->reply.err, code >= 500 ? STATUS_NETWORK : STATUS_CONFIG,
                "The proxy %s does not let us through to %s (%ld). %s.", call->proxy,
                call->host, code, proxy_setting(call));
    else if (result == CURLE_COULDNT_RESOLVE_PROXY)
        err_set(&call->reply.err, STATUS_NETWORK,
                "No address is known for the proxy %s, on the way to %s. %s.",
                call->proxy, call->host, proxy_setting(call));
    else if (result == CURLE_COULDNT_CONNECT)
        err_set(&call->reply.err, STATUS_NETWORK,
                "The proxy %s, on the way to %s, does not answer. %s.", call->proxy,
                call->host, proxy_setting(call));
    else if (result == CURLE_PROXY)
        err_set(&call->reply.err, STATUS_NETWORK,
                "The proxy %s, on the way to %s, failed. %s.", call->proxy, call->host,
                proxy_setting(call));
    return call->reply.err.code != STATUS_OK;
}

/* Three faults of a certificate, three things to do. */
static bool set_certificate_fault(struct http_call *call, CURLcode result)
{
    static const char *const age[] = {"expired", "expiration", "not yet valid",
                                      "not activated", NULL};
    static const char *const name[] = {"subject name", "hostname mismatch",
                                       "ip address mismatch", "does not match", NULL};
    static const char *const wanted[] = {"certificate required", "alert bad certificate",
                                         "alert handshake failure", "alert unknown ca",
                                         NULL};
    struct err *err = &call->reply.err;
    if (result == CURLE_SSL_CACERT_BADFILE)
        err_set(
            err, STATUS_CONFIG,
            "The authorities to check the certificate of %s with cannot be read. %s%s.",
            call->host,
            call->ca_from ? "Check " : "Install ca-certificates, or set ca_file",
            call->ca_from ? call->ca_from : "");
    else if (result == CURLE_PEER_FAILED_VERIFICATION && says(call, age))
        err_set(err, STATUS_CONFIG,
                "The certificate of %s has expired, or is not valid yet. Check the date "
                "of this machine; if it is right, the server needs a new certificate.",
                call->host);
    else if (result == CURLE_PEER_FAILED_VERIFICATION && says(call, name))
        err_set(err, STATUS_CONFIG,
                "The certificate that %s shows was made for another name. Set url to the "
                "name that it was made for.",
                call->host);
    else if (result == CURLE_PEER_FAILED_VERIFICATION && call->ca_from)
        err_set(err, STATUS_CONFIG,
                "The certificate of %s comes from an authority that is not known here. "
                "If you trust it, add its certificate to %s%s.",
                call->host, call->ca_from,
                strcmp(call->ca_from, "ca_file") != 0 ? " (or set ca_file)" : "");
    else if (result == CURLE_PEER_FAILED_VERIFICATION)
        err_set(err, STATUS_CONFIG,
                "The certificate of %s comes from an authority that is not known here. "
                "If you trust it, set ca_file (or SSL_CERT_FILE) to a file with its "
                "certificate.",
                call->host);
    else if (says(call, wanted))
        err_set(err, STATUS_CONFIG,
                "%s wants a certificate of ours that it knows. Set client_cert and "
                "client_key.",
                call->host);
    return err->code != STATUS_OK;
}

void http_fault_set(struct http_call *call, CURLcode result)
{
    bool is_told = set_proxy_fault(call, result) || set_certificate_fault(call, result);
    if (!is_told && result == CURLE_COULDNT_CONNECT) {
        long reason = 0;
        curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &reason);
        if (reason == ECONNREFUSED || reason == 0)
            err_set(
                &call->reply.err, STATUS_NETWORK,
                "Nothing listens at %s. Start the server there, or set another address.",
                call->host);
        else
            err_set(&call->reply.err, STATUS_NETWORK,
                    "%s cannot be reached: %s. Check the address and the network.",
                    call->host, strerror((int)reason));
    } else if (!is_told && result == CURLE_OPERATION_TIMEDOUT) {
        err_set(&call->reply.err, STATUS_TIMEOUT,
                "%s did not take the connection within %" PRId64
                " s. Check the address and the network, or raise connect_timeout.",
                call->host, (call->connect_timeout_ms + 999) / 1000);
    } else if (!is_told) {
        const struct fault *fault = find_fault(result);
        if (fault->says_why)
            err_set(&call->reply.err, fault->status, "%s%s%s (%s)", fault->before,
                    call->host, fault->after, curl_easy_strerror(result));
        else
            err_set(&call->reply.err, fault->status, "%s%s%s", fault->before, call->host,
                    fault->after);
    }
}

void http_fault_late(struct http_call *call)
{
    int64_t spent = clock_mono_ms(&clock_system) - call->started_ms;
    if (call->total_timeout_ms > 0 && spent >= call->total_timeout_ms)
        err_set(&call->reply.err, STATUS_TIMEOUT,
                "%s has not finished its answer within %" PRId64
                " s. Try again, or look at its log.",
                call->host, (call->total_timeout_ms + 999) / 1000);
    else
        err_set(&call->reply.err, STATUS_TIMEOUT,
                "%s has sent nothing for %" PRId64 " s. Try again, or look at its log.",
                call->host, (call->idle_timeout_ms + 999) / 1000);
}

/* The query is left out: it could hold a token. */
void http_fault_redirect(struct http_call *call, const char *target, bool is_circle)
{
    char safe[200], *place = xmemdup0(target, strcspn(target, "?#"));
    sanitise_line(place, http_call_redact(call, place, strlen(place)), safe, sizeof safe);
    free(place);
    if (is_circle)
        err_set(&call->reply.err, STATUS_CONFIG,
                "%s redirects in a circle, at last to %s. Set the address to where the "
                "service is.",
                call->host, safe);
    else if (url_same_origin(target, call->url))
        err_set(&call->reply.err, STATUS_CONFIG,
                "%s redirects to %s, which is not followed for a %s. Set the address to "
                "where it leads.",
                call->host, safe, call->method);
    else
        err_set(&call->reply.err, STATUS_CONFIG,
                "%s redirects to %s. Keys are not carried to another place: if it is the "
                "right one, set the address to it.",
                call->host, safe);
}

const char *http_page_title(const char *html, size_t len, size_t *title_len)
{
    static const char *const tags[] = {"<title", "<h1", "<h2", "<h3"};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        const char *at = strcasestr(html, tags[i]);
        at = at ? memchr(at, '>', len - (size_t)(at - html)) : NULL;
        if (!at)
            continue;
        at += 1 + strspn(at + 1, " \t\r\n");
        *title_len = strcspn(at, "<");
        while (*title_len > 0 && strchr(" \t\r\n", at[*title_len - 1]))
            (*title_len)--;
        if (*title_len > 0)
            return at;
    }
    *title_len = 0;
    return html;
}
