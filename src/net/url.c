/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/url.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/sanitise.h"
#include "base/xalloc.h"

/* A part of a URL, owned; NULL when the URL or the part is not there. */
static char *url_part(const char *url, CURLUPart part, unsigned flags)
{
    CURLU *parsed = curl_url();
    char *found = NULL, *copy = NULL;
    if (parsed && !curl_url_set(parsed, CURLUPART_URL, url, 0) &&
        !curl_url_get(parsed, part, &found, flags))
        copy = xstrdup(found);
    curl_free(found);
    curl_url_cleanup(parsed);
    return copy;
}

char *url_join(const char *base, const char *path)
{
    size_t len = strlen(base);
    while (len && base[len - 1] == '/')
        len--;
    return xasprintf("%.*s%s", (int)len, base, path);
}

static bool is_this_machine(const struct in_addr *four)
{
    return ntohl(four->s_addr) >> 24 == 127 || four->s_addr == 0;
}

/* A client that is sent to 0.0.0.0 or [::] comes to itself. */
static bool is_loopback_host(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    char inner[INET6_ADDRSTRLEN] = "";
    size_t len = strlen(host);
    if (!strcasecmp(host, "localhost") || !strcasecmp(host, "localhost."))
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return is_this_machine(&four);
    if (*host != '[' || len - 2 >= sizeof inner)
        return false;
    memcpy(inner, host + 1, len - 2);
    if (inet_pton(AF_INET6, inner, &six) != 1)
        return false;
    memcpy(&four, six.s6_addr + 12, sizeof four);
    return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six) ||
           (IN6_IS_ADDR_V4MAPPED(&six) && is_this_machine(&four));
}

bool url_is_loopback(const char *url)
{
    char *host = url_part(url, CURLUPART_HOST, 0);
    bool is_loopback = host && is_loopback_host(host);
    free(host);
    return is_loopback;
}

bool url_is_http(const char *url)
{
    return !strncasecmp(url, "http://", 7);
}

/* What is wrong with it, or NULL. */
static const char *fault_of(const char *url)
{
    if (!url_is_http(url) && strncasecmp(url, "https://", 8) != 0)
        return "does not start with http:// or https://";
    CURLU *parsed = curl_url();
    char *host = NULL;
    CURLUcode code = parsed ? curl_url_set(parsed, CURLUPART_URL, url, 0) : CURLUE_OK;
    bool has_host = !code && !curl_url_get(parsed, CURLUPART_HOST, &host, 0) && *host;
    curl_free(host);
    curl_url_cleanup(parsed);
    /* of some bad ports curl says something else, or nothing */
    const char *start = strstr(url, "://") + 3, *end = start + strcspn(start, "/?#");
    const char *colon = memrchr(start, ':', (size_t)(end - start));
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    long port = digits ? strtol(colon + 1, NULL, 10) : 1;
    bool is_port = digits && colon > start && colon + 1 + digits == end;
    if (code == CURLUE_BAD_PORT_NUMBER || (is_port && (port < 1 || port > 65535)))
        return "has a port that does not exist: it is a number from 1 to 65535";
    if (has_host)
        return NULL;
    return "holds no host, or a character that an address cannot hold";
}

static bool holds_login(const char *url)
{
    char *user = url_part(url, CURLUPART_USER, 0);
    char *password = url_part(url, CURLUPART_PASSWORD, 0);
    bool holds = user || password;
    free(user);
    free(password);
    return holds;
}

enum status url_check(const char *url, struct err *err)
{
    const char *fault = fault_of(url);
    if (fault && !strchr(url, '@'))
        return err_set(err, STATUS_CONFIG,
                       "The address \"%.160s\" %s. Write it like http://localhost:8080.",
                       url, fault);
    if (!fault && (!strchr(url, '@') || !holds_login(url))) /* asked for each request */
        return STATUS_OK;
    /* what stands before the @ may be a secret: the address is not repeated */
    return err_set(err, STATUS_CONFIG,
                   "The address holds a user name or a password. Take what stands before "
                   "the @ out and set the key in its own setting.");
}

char *url_host(const char *url)
{
    unsigned flags = url_is_http(url) ? CURLU_DEFAULT_PORT : CURLU_NO_DEFAULT_PORT;
    char *host = NULL, *port = NULL, safe[300];
    CURLU *parsed = curl_url();
    if (parsed && !curl_url_set(parsed, CURLUPART_URL, url, 0)) {
        curl_url_get(parsed, CURLUPART_HOST, &host, 0);
        curl_url_get(parsed, CURLUPART_PORT, &port, flags);
    }
    sanitise_line(host ? host : "?", host ? strlen(host) : 1, safe, sizeof safe);
    char *text = port ? xasprintf("%s:%s", safe, port) : xstrdup(safe);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return text;
}

static bool same_part(const char *a, const char *b, CURLUPart part)
{
    char *one = url_part(a, part, CURLU_DEFAULT_PORT);
    char *other = url_part(b, part, CURLU_DEFAULT_PORT);
    bool is_same = one && other && !strcasecmp(one, other);
    free(one);
    free(other);
    return is_same;
}

bool url_same_origin(const char *a, const char *b)
{
    return same_part(a, b, CURLUPART_SCHEME) && same_part(a, b, CURLUPART_HOST) &&
           same_part(a, b, CURLUPART_PORT);
}

bool url_same(const char *a, const char *b)
{
    char *one = url_part(a, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    char *other = url_part(b, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    bool is_same = one && other && !strcmp(one, other);
    free(one);
    free(other);
    return is_same;
}

char *url_escape(const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, (int)strlen(text));
    char *copy = xstrdup(escaped ? escaped : "");
    curl_free(escaped);
    return copy;
}
