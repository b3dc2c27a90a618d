/* SPDX-License-Identifier: MIT
 *
 * What the configuration says of the way to a server: authorities, a client's
 * certificate, a proxy, headers.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "net/http.h"

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

/* What RFC 9110 calls a token. */
static bool is_header_name(const char *name, size_t len)
{
    static const char marks[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return len > 0 && strspn(name, marks) >= len;
}

enum status http_connection_add_header(struct http_connection *connection,
                                       const char *line, struct err *err)
{
    line += strspn(line, " \t");
    size_t len = strcspn(line, ": \t");
    const char *colon = line + len + strspn(line + len, " \t");
    if (*colon != ':' || !is_header_name(line, len))
        return err_set(err, STATUS_CONFIG,
                       "A header is written as Name: value, or Name: $VARIABLE.");
    for (const char *at = colon; *at; at++)
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
            return err_set(
                err, STATUS_CONFIG,
                "The header %.*s holds a control character. Write it again, as "
                "one line.",
                (int)len, line);
    size_t count = connection->header_count++;
    connection->headers =
        xreallocarray(connection->headers, count + 1, sizeof *connection->headers);
    connection->headers[count] = (struct http_header){.name = xmemdup0(line, len)};
    secret_set(&connection->headers[count].value, colon + 1);
    return STATUS_OK;
}
