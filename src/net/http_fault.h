/* SPDX-License-Identifier: MIT
 *
 * http_fault - why no whole answer came, in words. For net/http only.
 */
#ifndef NET_HTTP_FAULT_H
#define NET_HTTP_FAULT_H

#include <curl/curl.h>

#include "base/err.h"
#include "net/http_call.h"

/* Sets reply.err from curl's result, unless it is set already. Returns its code. */
enum status http_fault_set(struct http_call *call, CURLcode result);
void http_fault_idle(struct http_call *call);
void http_fault_too_large(struct http_call *call);
/* A redirect that is not followed: says where it wanted to go. */
void http_fault_redirect(struct http_call *call, const char *target);
/* A key that would travel in the clear, or holds what a header cannot. */
void http_fault_plain_key(struct http_call *call);
void http_fault_bad_key(struct http_call *call);

#endif
