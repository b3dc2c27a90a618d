/* SPDX-License-Identifier: MIT
 *
 * tcp_proxy - a byte pump on loopback before a real server, that breaks connections
 * where it is told to. One thread accepts, one runs each connection.
 */
#ifndef TESTS_TCP_PROXY_H
#define TESTS_TCP_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct tcp_proxy;

enum proxy_way { PROXY_UP, PROXY_DOWN }; /* to the server; to the client */

struct tcp_proxy *tcp_proxy_new(int target_port); /* on 127.0.0.1 */
void tcp_proxy_free(struct tcp_proxy *proxy);
const char *tcp_proxy_url(const struct tcp_proxy *proxy);
/* When bytes more have gone that way, both ends are reset, once. DOWN with 0: the server
 * has answered, and not one byte of it arrives. */
void tcp_proxy_cut(struct tcp_proxy *proxy, enum proxy_way way, size_t bytes);
/* How many connections were cut so far. */
size_t tcp_proxy_cuts(struct tcp_proxy *proxy);

#endif
