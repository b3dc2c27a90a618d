/* SPDX-License-Identifier: MIT
 *
 * fake_server - a scripted HTTP server on loopback, for tests of every client.
 *
 * Raw sockets, so that bytes can be cut, stalled, closed or reset anywhere. Each
 * request takes the next queued reply; when none is left, the responder is asked;
 * without one the answer is 599. Requests are recorded. Threads: one that accepts,
 * one for each connection; every function here may be called from the test's thread.
 *
 *     struct fake_server *server = fake_server_new();
 *     fake_reply_http(fake_server_queue(server), 200, "application/json", "{}");
 *     struct fake_reply *stream = fake_server_queue(server);
 *     fake_reply_stream(stream);                  head of an event stream
 *     fake_reply_text(stream, "data: {}\n\n");
 *     fake_reply_gate(stream);                    until fake_server_open_gate
 *     fake_reply_reset(stream);
 */
#ifndef TESTS_FAKE_SERVER_H
#define TESTS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_server;
struct fake_reply;

struct fake_request {
    char *method;
    char *path; /* with the query */
    char *head; /* request line and header lines as they came */
    char *body; /* NUL-terminated */
    size_t body_len;
    int connection; /* 0 = the first one accepted */
};

/* Fills reply; runs on a connection's thread, one call at a time. */
typedef void (*fake_fn)(void *ctx, const struct fake_request *request,
                        struct fake_reply *reply);

struct fake_server *fake_server_new(void); /* 127.0.0.1, any free port */
void fake_server_free(struct fake_server *server);
const char *fake_server_url(const struct fake_server *server); /* no trailing slash */
int fake_server_port(const struct fake_server *server);

/* An empty reply for the next request that has none. Fill it before the request. */
struct fake_reply *fake_server_queue(struct fake_server *server);
void fake_server_respond(struct fake_server *server, fake_fn fn, void *ctx);

/* Steps of a reply, played in the order they were added. After the last one the
 * connection waits for the next request, unless a step ended it. */
void fake_reply_bytes(struct fake_reply *reply, const void *bytes, size_t len);
void fake_reply_text(struct fake_reply *reply, const char *text);
/* A whole answer with Content-Length. headers: more lines, each with \r\n, or NULL. */
void fake_reply_http(struct fake_reply *reply, int code, const char *content_type,
                     const char *body);
void fake_reply_http_with(struct fake_reply *reply, int code, const char *headers,
                          const void *body, size_t len);
/* "HTTP/1.1 200 OK", text/event-stream, ended by closing. */
void fake_reply_stream(struct fake_reply *reply);
/* From here on bytes go out in pieces of so many, each a packet of its own. */
void fake_reply_piece(struct fake_reply *reply, size_t size);
/* Waits until fake_server_open_gate was called once more than gates were passed. */
void fake_reply_gate(struct fake_reply *reply);
void fake_reply_pause(struct fake_reply *reply, int64_t ms); /* benchmarks only */
void fake_reply_close(struct fake_reply *reply);             /* FIN */
void fake_reply_reset(struct fake_reply *reply);             /* RST */
void fake_reply_stall(struct fake_reply *reply); /* silent until the client goes */

void fake_server_open_gate(struct fake_server *server);

/* What came. The pointers live as long as the server. */
size_t fake_server_count(struct fake_server *server);
const struct fake_request *fake_server_request(struct fake_server *server, size_t at);
/* Value of a header, any case; NULL when absent. free() it. */
char *fake_request_header(const struct fake_request *request, const char *name);
/* How many times the client closed a connection while a reply was being played. */
size_t fake_server_hangups(struct fake_server *server);

#endif
