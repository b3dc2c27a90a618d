/* SPDX-License-Identifier: MIT
 *
 * What the configuration says of the way to a server: authorities, a client's
 * certificate, a proxy, headers.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "net/http_parts.h"
#include "net/url.h"

void http_connection_copy(struct http_connection *to, const struct http_connection *from)
{
    if (to == from)
        return;
    http_connection_clear(to);
    to->ca_file = xstrdup_or_null(from->ca_file);
    to->client_cert = xstrdup_or_null(from->client_cert);
    to->client_key = xstrdup_or_null(from->client_key);
    to->proxy = xstrdup_or_null(from->proxy);
    to->key_header = xstrdup_or_null(from->key_header);
    to->header_count = from->header_count;
    to->headers =
        from->header_count ? xcalloc(from->header_count, sizeof *to->headers) : NULL;
    for (size_t i = 0; i < from->header_count; i++) {
        to->headers[i].name = xstrdup(from->headers[i].name);
        secret_copy(&to->headers[i].value, &from->headers[i].value);
    }
}

void http_connection_clear(struct http_connection *connection)
{
    for (size_t i = 0; i < connection->header_count; i++) {
        free(connection->headers[i].name);
        secret_clear(&connection->headers[i].value);
    }
    free(connection->headers);
    free(connection->ca_file);
    free(connection->client_cert);
    free(connection->client_key);
    free(connection->proxy);
    free(connection->key_header);
    *connection = (struct http_connection){0};
}

static bool is_header_value(const char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
            return false;
    return true;
}

enum status http_connection_add_header(struct http_connection *connection,
                                       const char *line, struct err *err)
{
    /* what RFC 9110 calls a token */
    static const char in_name[] =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    line += strspn(line, " \t");
    size_t len = strcspn(line, ": \t");
    const char *colon = line + len + strspn(line + len, " \t");
    if (*colon != ':' || !len || strspn(line, in_name) < len)
        return err_set(err, STATUS_CONFIG,
                       "A header is written as Name: value, or Name: $VARIABLE.");
    if (!is_header_value(colon))
        return err_set(
            err, STATUS_CONFIG,
            "The header %.*s holds a control character. Write it again, as one line.",
            (int)len, line);
    size_t count = connection->header_count++;
    connection->headers =
        xreallocarray(connection->headers, count + 1, sizeof *connection->headers);
    connection->headers[count] = (struct http_header){.name = xmemdup0(line, len)};
    secret_set(&connection->headers[count].value, colon + 1);
    return STATUS_OK;
}

/* ---- what curl is told of it ---- */

static const char *variable(const char *name)
{
    const char *text = getenv(name);
    return text && *text ? text : NULL;
}

/* In both cases: curl itself does not read HTTP_PROXY. */
static const char *environment_proxy(const char *url)
{
    static const char *const plain[] = {"http_proxy", "HTTP_PROXY", "all_proxy",
                                        "ALL_PROXY"};
    static const char *const secure[] = {"https_proxy", "HTTPS_PROXY", "all_proxy",
                                         "ALL_PROXY"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof plain / sizeof *plain && !found; i++)
        found = variable(url_is_http(url) ? plain[i] : secure[i]);
    return found;
}

/* Whether NO_PROXY names the host. curl decides for itself; this is for our sentences. */
static bool goes_direct(const char *host)
{
    const char *list = variable("no_proxy");
    size_t host_len = strcspn(host, ":"); /* without its port */
    if (!list)
        list = variable("NO_PROXY");
    while (list && *list) {
        list += strspn(list, ", *.");
        size_t len = strcspn(list, ", ");
        bool is_tail = len && len <= host_len &&
                       !strncasecmp(host + host_len - len, list, len) &&
                       (len == host_len || host[host_len - len - 1] == '.');
        if (is_tail || (!len && list[-1] == '*'))
            return true;
        list += len;
    }
    return false;
}

static void put_header(struct http_call *call, const char *name, const char *prefix,
                       const char *value)
{
    /* curl takes "Name:" for one to leave out, and "Name;" for an empty one */
    char *line =
        *value ? xasprintf("%s: %s%s", name, prefix, value) : xasprintf("%s;", name);
    call->headers = curl_slist_append(call->headers, line);
    explicit_bzero(line, strlen(line));
    free(line);
}

/* name as the sentence says it: NULL = the key. */
static bool may_send(struct http_call *call, const struct http_request *request,
                     const char *name, const char *value)
{
    const char *what = name ? "header " : "key";
    if (!is_header_value(value))
        err_set(&call->reply.err, STATUS_CONFIG,
                "The %s%s for %s holds a line break or a control character. Set it "
                "again, as one line.",
                what, name ? name : "", call->host);
    else if (url_is_http(call->url) && !url_is_loopback(call->url) &&
             !request->allow_plain_key)
        err_set(&call->reply.err, STATUS_CONFIG,
                "The %s%s was not sent: %s is reached over plain http, where everybody "
                "on the way can read it. Use https, or set allow_plain_key = yes if that "
                "network is yours.",
                what, name ? name : "", call->host);
    return call->reply.err.code == STATUS_OK;
}

static void keep_secret(struct http_call *call, const char *value)
{
    size_t count = call->secret_count++;
    call->secrets = xreallocarray(call->secrets, count + 1, sizeof *call->secrets);
    call->secrets[count] = (struct secret){0};
    secret_set(&call->secrets[count], value);
}

size_t http_call_redact(const struct http_call *call, char *text, size_t len)
{
    for (size_t i = 0; i < call->secret_count; i++)
        len = secret_redact(&call->secrets[i], text, len);
    return len;
}

void http_connection_header(struct http_call *call, const struct http_request *request,
                            const char *name, const char *prefix, const char *value,
                            bool is_secret)
{
    const struct http_connection *way = request->connection;
    for (size_t i = 0; way && i < way->header_count; i++)
        if (!strcasecmp(way->headers[i].name, name))
            return;
    if (is_secret && !may_send(call, request, NULL, value))
        return;
    if (is_secret)
        keep_secret(call, value);
    put_header(call, name, prefix, value);
}

/* NULL = a variable that is not set. */
static const char *header_value(const struct http_header *header)
{
    const char *text = header->value.text ? header->value.text : "";
    bool is_variable =
        *text == '$' && text[1] &&
        strspn(text + 1,
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
            strlen(text + 1);
    return is_variable ? getenv(text + 1) : text;
}

bool http_header_is_secret(const struct http_header *header)
{
    static const char *const words[] = {"auth", "key", "token", "secret", "cookie"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(header->name, words[i]))
            return true;
    return false;
}

/* What comes from the environment is taken for one, whatever its name. */
static bool is_secret_header(const struct http_header *header)
{
    return http_header_is_secret(header) ||
           (header->value.text && *header->value.text == '$');
}

static void use_headers(struct http_call *call, const struct http_request *request)
{
    const struct http_connection *way = request->connection;
    for (size_t i = 0; way && i < way->header_count; i++) {
        const struct http_header *header = &way->headers[i];
        const char *value = header_value(header);
        if (!value) {
            err_set(&call->reply.err, STATUS_CONFIG,
                    "The header %s for %s is to come from %s, which is not set in the "
                    "environment. Set it, or write the value itself.",
                    header->name, call->host, header->value.text);
            return;
        }
        if (is_secret_header(header)) {
            if (!may_send(call, request, header->name, value))
                return;
            keep_secret(call, value);
        }
        put_header(call, header->name, "", value);
    }
}

size_t http_connection_redact(const struct http_connection *connection, char *text,
                              size_t len)
{
    for (size_t i = 0; i < connection->header_count; i++) {
        const char *value = header_value(&connection->headers[i]);
        struct secret secret = {0};
        if (!value || !is_secret_header(&connection->headers[i]))
            continue;
        secret_set(&secret, value);
        len = secret_redact(&secret, text, len);
        secret_clear(&secret);
    }
    return len;
}

void http_connection_use(struct http_call *call, const struct http_request *request)
{
    const struct http_connection *way = request->connection;
    const char *proxy = way ? way->proxy : NULL;
    call->is_own_proxy = proxy != NULL;
    if (proxy) /* said for this server: NO_PROXY does not count */
        curl_easy_setopt(call->easy, CURLOPT_NOPROXY, "");
    else
        proxy = url_is_loopback(call->url) ? "" : environment_proxy(call->url);
    if (proxy)
        curl_easy_setopt(call->easy, CURLOPT_PROXY, proxy);
    if (proxy && *proxy && (call->is_own_proxy || !goes_direct(call->host))) {
        char *url = xasprintf("%s%s", strstr(proxy, "://") ? "" : "http://", proxy);
        call->proxy = url_host(url);
        free(url);
    }
    /* curl's library does not look at these variables, though everybody expects it to */
    static const char *const names[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
    const char *file = way ? way->ca_file : NULL;
    const char *folder = file ? NULL : variable("SSL_CERT_DIR");
    if (file)
        call->ca_from = "ca_file";
    for (size_t i = 0; i < sizeof names / sizeof *names && !file; i++)
        if ((file = variable(names[i])))
            call->ca_from = names[i];
    if (file) {
        curl_easy_setopt(call->easy, CURLOPT_CAINFO, file);
        curl_easy_setopt(call->easy, CURLOPT_PROXY_CAINFO, file);
    }
    if (folder) {
        curl_easy_setopt(call->easy, CURLOPT_CAPATH, folder);
        curl_easy_setopt(call->easy, CURLOPT_PROXY_CAPATH, folder);
    }
    if (way && way->client_cert)
        curl_easy_setopt(call->easy, CURLOPT_SSLCERT, way->client_cert);
    if (way && way->client_key)
        curl_easy_setopt(call->easy, CURLOPT_SSLKEY, way->client_key);
    use_headers(call, request);
}
