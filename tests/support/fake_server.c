/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/fake_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/fake_reply.h"

enum { TICK_MS = 2, MAX_REQUEST = 256 * 1024 * 1024 };

struct connection {
    struct fake_server *server;
    int fd;
    int number;
    size_t piece; /* 0 = as large as it goes */
    pthread_t thread;
    struct connection *next;
};

struct fake_server {
    int fd;
    int port;
    char *url;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all that follows */
    bool is_stopping;
    struct fake_reply *first, *last;
    fake_fn fn;
    void *ctx;
    pthread_mutex_t fn_lock; /* one responder call at a time */
    struct connection *connections;
    int connection_count;
    struct fake_request **requests;
    size_t request_count;
    size_t hangups;
    size_t gates_opened, gates_passed;
};

static bool is_stopping(struct fake_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool stopping = server->is_stopping;
    pthread_mutex_unlock(&server->lock);
    return stopping;
}

static bool hung_up(struct connection *connection)
{
    pthread_mutex_lock(&connection->server->lock);
    connection->server->hangups++;
    pthread_mutex_unlock(&connection->server->lock);
    return false;
}

/* Waits a tick; false when the client has gone. */
static bool tick(struct connection *connection)
{
    struct pollfd pollfd = {.fd = connection->fd, .events = POLLRDHUP};
    poll(&pollfd, 1, TICK_MS);
    return !(pollfd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

/* Until the other side's kernel has every byte, so that the next piece is a packet of
 * its own. */
static void drain(int fd)
{
    int left = 1;
    for (int i = 0; i < 1000 && left > 0; i++) {
        if (ioctl(fd, SIOCOUTQ, &left))
            return;
        if (left > 0)
            nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    }
}

static bool play_bytes(struct connection *connection, const struct step *step)
{
    size_t at = 0;
    while (at < step->len) {
        size_t len = step->len - at;
        if (connection->piece && len > connection->piece)
            len = connection->piece;
        ssize_t sent = send(connection->fd, step->bytes + at, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return hung_up(connection);
        at += (size_t)sent;
        if (connection->piece)
            drain(connection->fd);
    }
    return true;
}

static bool play_piece(struct connection *connection, const struct step *step)
{
    connection->piece = step->len;
    return true;
}

static bool pass_gate(struct fake_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool is_open = server->gates_passed < server->gates_opened;
    if (is_open)
        server->gates_passed++;
    pthread_mutex_unlock(&server->lock);
    return is_open;
}

static bool play_gate(struct connection *connection, const struct step *step)
{
    (void)step;
    while (!pass_gate(connection->server)) {
        if (is_stopping(connection->server))
            return false;
        if (!tick(connection))
            return hung_up(connection);
    }
    return true;
}

static bool play_pause(struct connection *connection, const struct step *step)
{
    (void)connection;
    struct timespec left = {.tv_sec = (time_t)(step->len / 1000),
                            .tv_nsec = (long)(step->len % 1000) * 1000000};
    while (nanosleep(&left, &left) && errno == EINTR)
        continue;
    return true;
}

static bool play_close(struct connection *connection, const struct step *step)
{
    (void)step;
    shutdown(connection->fd, SHUT_RDWR);
    return false;
}

static bool play_reset(struct connection *connection, const struct step *step)
{
    (void)step;
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return false; /* the close that follows sends the RST */
}

static bool play_stall(struct connection *connection, const struct step *step)
{
    (void)step;
    while (!is_stopping(connection->server))
        if (!tick(connection))
            return hung_up(connection);
    return false;
}

static bool (*const play[])(struct connection *, const struct step *) = {
    [STEP_BYTES] = play_bytes, [STEP_PIECE] = play_piece, [STEP_GATE] = play_gate,
    [STEP_PAUSE] = play_pause, [STEP_CLOSE] = play_close, [STEP_RESET] = play_reset,
    [STEP_STALL] = play_stall,
};

static bool receive_more(struct connection *connection, struct buf *buf)
{
    char bytes[65536];
    ssize_t got;
    do
        got = recv(connection->fd, bytes, sizeof bytes, 0);
    while (got < 0 && errno == EINTR);
    return got > 0 && buf_add(buf, bytes, (size_t)got);
}

char *fake_request_header(const struct fake_request *request, const char *name)
{
    size_t name_len = strlen(name);
    const char *line = strstr(request->head, "\r\n");
    for (; line && line[2]; line = strstr(line + 2, "\r\n")) {
        const char *at = line + 2;
        if (strncasecmp(at, name, name_len) != 0 || at[name_len] != ':')
            continue;
        at += name_len + 1;
        at += strspn(at, " \t");
        return xmemdup0(at, strcspn(at, "\r\n"));
    }
    return NULL;
}

static struct fake_request *parse_head(const char *head, size_t len)
{
    struct fake_request *request = xcalloc(1, sizeof *request);
    request->head = xmemdup0(head, len);
    size_t method = strcspn(request->head, " ");
    request->method = xmemdup0(request->head, method);
    const char *path = request->head + method + (request->head[method] == ' ');
    request->path = xmemdup0(path, strcspn(path, " \r\n"));
    return request;
}

static void free_request(struct fake_request *request)
{
    free(request->method);
    free(request->path);
    free(request->head);
    free(request->body);
    free(request);
}

/* Takes one request off the connection; buf keeps what was read too far. */
static struct fake_request *read_request(struct connection *connection, struct buf *buf)
{
    const char *end;
    while (!(end = strstr(buf_text(buf), "\r\n\r\n")))
        if (!receive_more(connection, buf))
            return NULL;
    struct fake_request *request = parse_head(buf->data, (size_t)(end + 4 - buf->data));
    buf_consume(buf, (size_t)(end + 4 - buf->data));
    char *length = fake_request_header(request, "Content-Length");
    request->body_len = length ? strtoul(length, NULL, 10) : 0;
    free(length);
    while (buf->len < request->body_len)
        if (!receive_more(connection, buf)) {
            free_request(request);
            return NULL;
        }
    request->body = xmemdup0(buf->data ? buf->data : "", request->body_len);
    buf_consume(buf, request->body_len);
    request->connection = connection->number;
    return request;
}

static void record(struct fake_server *server, struct fake_request *request)
{
    pthread_mutex_lock(&server->lock);
    server->requests = xreallocarray(server->requests, server->request_count + 1,
                                     sizeof *server->requests);
    server->requests[server->request_count++] = request;
    pthread_mutex_unlock(&server->lock);
}

static struct fake_reply *take_reply(struct fake_server *server,
                                     const struct fake_request *request)
{
    pthread_mutex_lock(&server->lock);
    struct fake_reply *reply = server->first;
    if (reply)
        server->first = reply->next;
    if (!server->first)
        server->last = NULL;
    fake_fn fn = server->fn;
    pthread_mutex_unlock(&server->lock);
    if (reply)
        return reply;

    reply = xcalloc(1, sizeof *reply);
    pthread_mutex_lock(&server->fn_lock);
    if (fn)
        fn(server->ctx, request, reply);
    else
        fake_reply_http(reply, 599, "text/plain", "no reply was scripted");
    pthread_mutex_unlock(&server->fn_lock);
    return reply;
}

static bool play_reply(struct connection *connection, const struct fake_reply *reply)
{
    connection->piece = 0;
    for (size_t i = 0; i < reply->count; i++)
        if (!play[reply->steps[i].kind](connection, &reply->steps[i]))
            return false;
    return true;
}

static void *serve(void *ctx)
{
    struct connection *connection = ctx;
    struct buf buf;
    buf_init(&buf, MAX_REQUEST);
    bool goes_on = true;
    while (goes_on) {
        struct fake_request *request = read_request(connection, &buf);
        if (!request)
            break;
        struct fake_reply *reply = take_reply(connection->server, request);
        record(connection->server, request);
        goes_on = play_reply(connection, reply);
        fake_reply_free(reply);
    }
    buf_clear(&buf);
    pthread_mutex_lock(&connection->server->lock);
    close(connection->fd);
    connection->fd = -1;
    pthread_mutex_unlock(&connection->server->lock);
    return NULL;
}

static void start_connection(struct fake_server *server, int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = xcalloc(1, sizeof *connection);
    connection->server = server;
    connection->fd = fd;
    pthread_mutex_lock(&server->lock);
    connection->number = server->connection_count++;
    if (pthread_create(&connection->thread, NULL, serve, connection)) {
        close(fd);
        free(connection);
    } else {
        connection->next = server->connections;
        server->connections = connection;
    }
    pthread_mutex_unlock(&server->lock);
}

static void *accept_all(void *ctx)
{
    struct fake_server *server = ctx;
    while (!is_stopping(server)) {
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            start_connection(server, fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
    return NULL;
}

static int listen_on_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&address, &len))
        abort(); /* a machine without loopback cannot run these tests */
    *port = ntohs(address.sin_port);
    return fd;
}

struct fake_server *fake_server_new(void)
{
    struct fake_server *server = xcalloc(1, sizeof *server);
    server->fd = listen_on_loopback(&server->port);
    server->url = xasprintf("http://127.0.0.1:%d", server->port);
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->fn_lock, NULL);
    if (pthread_create(&server->thread, NULL, accept_all, server))
        abort();
    return server;
}

/* Ends every thread: first no new connection can come, then each is woken. */
static void stop_threads(struct fake_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->is_stopping = true;
    pthread_mutex_unlock(&server->lock);
    shutdown(server->fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->fd);

    struct connection *connection = server->connections;
    while (connection) {
        pthread_mutex_lock(&server->lock);
        if (connection->fd >= 0)
            shutdown(connection->fd, SHUT_RDWR);
        pthread_mutex_unlock(&server->lock);
        pthread_join(connection->thread, NULL);
        struct connection *next = connection->next;
        free(connection);
        connection = next;
    }
}

void fake_server_free(struct fake_server *server)
{
    if (!server)
        return;
    stop_threads(server);
    while (server->first) {
        struct fake_reply *reply = server->first;
        server->first = reply->next;
        fake_reply_free(reply);
    }
    for (size_t i = 0; i < server->request_count; i++)
        free_request(server->requests[i]);
    free(server->requests);
    free(server->url);
    pthread_mutex_destroy(&server->lock);
    pthread_mutex_destroy(&server->fn_lock);
    free(server);
}

const char *fake_server_url(const struct fake_server *server)
{
    return server->url;
}

int fake_server_port(const struct fake_server *server)
{
    return server->port;
}

struct fake_reply *fake_server_queue(struct fake_server *server)
{
    struct fake_reply *reply = xcalloc(1, sizeof *reply);
    pthread_mutex_lock(&server->lock);
    if (server->last)
        server->last->next = reply;
    else
        server->first = reply;
    server->last = reply;
    pthread_mutex_unlock(&server->lock);
    return reply;
}

void fake_server_respond(struct fake_server *server, fake_fn fn, void *ctx)
{
    pthread_mutex_lock(&server->lock);
    server->fn = fn;
    server->ctx = ctx;
    pthread_mutex_unlock(&server->lock);
}

void fake_server_open_gate(struct fake_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->gates_opened++;
    pthread_mutex_unlock(&server->lock);
}

size_t fake_server_count(struct fake_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const struct fake_request *fake_server_request(struct fake_server *server, size_t at)
{
    pthread_mutex_lock(&server->lock);
    const struct fake_request *request =
        at < server->request_count ? server->requests[at] : NULL;
    pthread_mutex_unlock(&server->lock);
    return request;
}

size_t fake_server_hangups(struct fake_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t hangups = server->hangups;
    pthread_mutex_unlock(&server->lock);
    return hangups;
}
