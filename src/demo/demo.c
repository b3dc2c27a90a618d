/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "demo/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "demo/reply.h"

enum { TOKEN_MS = 25, MAX_REQUEST = 4 * 1024 * 1024 };

struct demo {
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct loop_watch *watch; /* of the daemon's epoll */
    struct loop_timer *timer; /* when the daemon wants to run without an event */
    struct stream *streams;
    char *url;
    int64_t token_ms;
    unsigned turn; /* so that the same prompt gets another answer */
};

/* An answer on its way, paced by its timer: between two tokens the connection sleeps. */
struct stream {
    struct demo *demo;
    struct stream *previous, *next;
    struct MHD_Connection *connection;
    struct loop_timer *timer; /* NULL = as fast as it goes */
    struct reply *reply;
    struct buf out; /* not yet taken by the daemon */
    int due;        /* pieces that may go out */
    bool is_asleep;
};

static void pump(struct demo *demo)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    MHD_run(demo->daemon);
    if (MHD_get_timeout(demo->daemon, &wait_ms) == MHD_YES)
        loop_timer_start(demo->timer, wait_ms < 60000 ? (int64_t)wait_ms : 60000, 0);
    else
        loop_timer_stop(demo->timer);
}

static void on_ready(void *ctx, int events)
{
    (void)events;
    pump(ctx);
}

static void on_timer(void *ctx)
{
    pump(ctx);
}

static void wake(struct stream *stream)
{
    if (!stream->is_asleep)
        return;
    stream->is_asleep = false;
    MHD_resume_connection(stream->connection);
}

static void on_token_due(void *ctx)
{
    struct stream *stream = ctx;
    struct demo *demo = stream->demo; /* the stream may end in pump */
    stream->due++;
    wake(stream);
    pump(demo);
}

/* The daemon asks for bytes; 0 with the connection asleep means: later. */
static ssize_t read_stream(void *ctx, uint64_t position, char *out, size_t max)
{
    struct stream *stream = ctx;
    (void)position;
    if (stream->out.len == 0) {
        if (stream->timer && stream->due == 0 && !reply_is_over(stream->reply)) {
            stream->is_asleep = true;
            MHD_suspend_connection(stream->connection);
            return 0;
        }
        stream->due -= stream->due > 0;
        if (!reply_next(stream->reply, &stream->out))
            return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t len = stream->out.len < max ? stream->out.len : max;
    memcpy(out, stream->out.data, len);
    buf_consume(&stream->out, len);
    return (ssize_t)len;
}

static void free_stream(void *ctx)
{
    struct stream *stream = ctx;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        stream->demo->streams = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    loop_timer_free(stream->timer);
    reply_free(stream->reply);
    buf_clear(&stream->out);
    free(stream);
}

static struct stream *stream_new(struct demo *demo, struct MHD_Connection *connection,
                                 struct reply *reply)
{
    struct stream *stream = xcalloc(1, sizeof *stream);
    stream->demo = demo;
    stream->connection = connection;
    stream->reply = reply;
    stream->next = demo->streams;
    if (stream->next)
        stream->next->previous = stream;
    demo->streams = stream;
    if (demo->token_ms > 0) {
        stream->timer = loop_timer_new(demo->loop, on_token_due, stream);
        loop_timer_start(stream->timer, demo->token_ms, demo->token_ms);
    }
    return stream;
}

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned code,
                             const char *type, struct MHD_Response *response)
{
    MHD_add_response_header(response, "Content-Type", type);
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_stream(struct demo *demo, struct MHD_Connection *connection,
                                   struct reply *reply)
{
    struct stream *stream = stream_new(demo, connection, reply);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 4096, read_stream, stream, free_stream);
    return queue(connection, MHD_HTTP_OK, "text/event-stream", response);
}

static enum MHD_Result send_document(struct MHD_Connection *connection, unsigned code,
                                     char *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
    return queue(connection, code, "application/json", response);
}

static enum MHD_Result answer(struct demo *demo, struct MHD_Connection *connection,
                              const char *path, const struct buf *body)
{
    if (!strcmp(path, "GET /v1/models"))
        return send_document(connection, MHD_HTTP_OK, reply_models());
    if (strcmp(path, "POST /v1/chat/completions") != 0)
        return send_document(connection, MHD_HTTP_NOT_FOUND,
                             reply_error("The demo has no such path."));
    struct reply *reply = reply_new(buf_text(body), body->len, demo->turn);
    if (!reply)
        return send_document(connection, MHD_HTTP_BAD_REQUEST,
                             reply_error("The request is no JSON with messages."));
    demo->turn++;
    if (reply_is_stream(reply))
        return send_stream(demo, connection, reply);
    char *document = reply_document(reply);
    reply_free(reply);
    return send_document(connection, MHD_HTTP_OK, document);
}

/* Called first with nothing, then with each part of the body, at last with no part.
 * libmicrohttpd's type: NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *part, size_t *part_len,
                                  void **request_ctx)
{
    struct demo *demo = ctx;
    struct buf *body = *request_ctx;
    (void)version;
    if (!body) {
        body = xcalloc(1, sizeof *body);
        buf_init(body, MAX_REQUEST);
        *request_ctx = body;
        return MHD_YES;
    }
    if (*part_len) {
        bool fits = buf_add(body, part, *part_len);
        *part_len = 0;
        return fits ? MHD_YES : MHD_NO;
    }
    char *what = xasprintf("%s %s", method, path);
    enum MHD_Result result = answer(demo, connection, what, body);
    free(what);
    return result;
}

static void on_request_over(void *ctx, struct MHD_Connection *connection,
                            void **request_ctx, enum MHD_RequestTerminationCode why)
{
    struct buf *body = *request_ctx;
    (void)ctx;
    (void)connection;
    (void)why;
    if (body)
        buf_clear(body);
    free(body);
    *request_ctx = NULL;
}

static struct MHD_Daemon *start_daemon(struct demo *demo, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                            on_request, demo, MHD_OPTION_SOCK_ADDR, &address,
                            MHD_OPTION_NOTIFY_COMPLETED, on_request_over, NULL,
                            MHD_OPTION_END);
}

enum status demo_start(struct demo **out, struct loop *loop,
                       const struct demo_options *options, struct err *err)
{
    struct demo *demo = xcalloc(1, sizeof *demo);
    demo->loop = loop;
    demo->token_ms = options->token_ms < 0 ? TOKEN_MS : options->token_ms;
    errno = 0;
    demo->daemon = start_daemon(demo, options->port);
    if (!demo->daemon) {
        const char *why = errno ? strerror(errno) : "no reason was given";
        free(demo);
        return err_set(err, STATUS_NETWORK,
                       "The demo endpoint cannot listen on 127.0.0.1 port %d: %s.",
                       options->port, why);
    }
    int fd = MHD_get_daemon_info(demo->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    int port = MHD_get_daemon_info(demo->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    demo->url = xasprintf("http://127.0.0.1:%d/v1", port);
    demo->watch = loop_watch_new(loop, fd, on_ready, demo);
    demo->timer = loop_timer_new(loop, on_timer, demo);
    loop_watch_set(demo->watch, LOOP_READ);
    *out = demo;
    return STATUS_OK;
}

void demo_stop(struct demo *demo)
{
    if (!demo)
        return;
    loop_watch_free(demo->watch);
    loop_timer_free(demo->timer);
    /* a daemon must not be stopped while a connection sleeps */
    for (struct stream *stream = demo->streams; stream; stream = stream->next)
        wake(stream);
    MHD_stop_daemon(demo->daemon);
    free(demo->url);
    free(demo);
}

const char *demo_url(const struct demo *demo)
{
    return demo->url;
}
