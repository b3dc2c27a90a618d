/* SPDX-License-Identifier: MIT
 *
 * url - the few questions we ask of a URL.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>

#include "base/err.h"

/* base without trailing slashes + path ("/v1/x"). Owned. */
char *url_join(const char *base, const char *path);
/* localhost, 127.0.0.0/8, ::1, and 0.0.0.0 or ::, which lead there. */
bool url_is_loopback(const char *url);
bool url_is_http(const char *url); /* plain http:// */
/* Refuses what is not http(s)://host…, or holds a user name or password. */
enum status url_check(const char *url, struct err *err)
    __attribute__((warn_unused_result));
/* "host:port" for a sentence, without path and query; no port on https' own. Owned. */
char *url_host(const char *url);
/* The same scheme, host and port: a key that one may see, the other may see too. */
bool url_same_origin(const char *a, const char *b);
/* Equal but for a port that the scheme means anyway, or a lone / at the end. */
bool url_same(const char *a, const char *b);
/* Percent-encodes one path or query component. Owned. */
char *url_escape(const char *text);

#endif
