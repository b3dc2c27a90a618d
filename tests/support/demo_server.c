/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/demo_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <microhttpd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "llm/protocol.h"
#include "json/json.h"

/* ---- openai-chat from the other side: a request in, the pieces of the answer out ----
 */

enum stage {
    STAGE_ROLE,
    STAGE_TOKENS,
    STAGE_FINISH,
    STAGE_USAGE,
    STAGE_MARK,
    STAGE_OVER
};

struct reply {
    char *text;
    size_t len; /* bytes of text that are sent: max_tokens may cut it */
    size_t at;
    enum stage stage;
    int64_t created;
    json_int_t prompt_tokens, completion_tokens;
    bool is_stream;
    bool wants_usage;
    bool is_cut;
};

static size_t count_tokens(const char *text)
{
    size_t count = 0;
    for (size_t len; (len = canned_word(text)); text += len)
        count++;
    return count;
}

/* Bytes of the first max_tokens tokens; 0 = no limit. */
static size_t limit_tokens(const char *text, json_int_t max_tokens)
{
    const char *at = text;
    size_t len;
    for (json_int_t i = 0; (len = canned_word(at)); i++) {
        if (max_tokens > 0 && i >= max_tokens)
            break;
        at += len;
    }
    return (size_t)(at - text);
}

static const char *message_text(const json_t *message)
{
    const char *text = json_get_text(message, "content", NULL);
    return text ? text : "";
}

static json_int_t get_limit(const json_t *request)
{
    const json_t *limit = json_object_get(request, "max_completion_tokens");
    if (!limit)
        limit = json_object_get(request, "max_tokens");
    return json_integer_value(limit);
}

static struct reply *reply_from(const json_t *request, const json_t *messages,
                                unsigned turn)
{
    struct reply *reply = xcalloc(1, sizeof *reply);
    const json_t *seed = json_object_get(request, "seed");
    const json_t *options = json_object_get(request, "stream_options");
    size_t count = json_array_size(messages);
    for (size_t i = 0; i < count; i++)
        reply->prompt_tokens +=
            (json_int_t)count_tokens(message_text(json_array_get(messages, i)));
    if (json_is_integer(seed))
        turn = (unsigned)json_integer_value(seed);
    reply->text = canned_find(message_text(json_array_get(messages, count - 1)), turn);
    reply->len = limit_tokens(reply->text, get_limit(request));
    reply->is_cut = reply->text[reply->len] != '\0';
    reply->text[reply->len] = '\0';
    reply->completion_tokens = (json_int_t)count_tokens(reply->text);
    reply->is_stream = json_is_true(json_object_get(request, "stream"));
    reply->wants_usage = json_is_true(json_object_get(options, "include_usage"));
    reply->created = clock_wall_ms(&clock_system) / 1000;
    return reply;
}

static struct reply *reply_new(const char *body, size_t len, unsigned turn)
{
    json_t *request = json_parse(body, len, NULL);
    const json_t *messages = json_object_get(request, "messages");
    struct reply *reply =
        json_array_size(messages) ? reply_from(request, messages, turn) : NULL;
    json_decref(request);
    return reply;
}

static void reply_free(struct reply *reply)
{
    free(reply->text);
    free(reply);
}

static bool reply_is_stream(const struct reply *reply)
{
    return reply->is_stream;
}

static bool reply_is_over(const struct reply *reply)
{
    return reply->stage > STAGE_TOKENS;
}

static json_t *usage(const struct reply *reply)
{
    return json_pack("{sIsIsI}", "prompt_tokens", reply->prompt_tokens,
                     "completion_tokens", reply->completion_tokens, "total_tokens",
                     reply->prompt_tokens + reply->completion_tokens);
}

static const char *finish_reason(const struct reply *reply)
{
    return reply->is_cut ? "length" : "stop";
}

static void add_chunk(struct buf *out, const struct reply *reply, json_t *choices,
                      json_t *counts)
{
    json_t *chunk = json_pack(
        "{sssssIssso}", "id", "demo", "object", "chat.completion.chunk", "created",
        (json_int_t)reply->created, "model", "demo", "choices", choices);
    if (counts)
        json_object_set_new(chunk, "usage", counts);
    char *text = json_print(chunk);
    buf_addf(out, "data: %s\n\n", text);
    free(text);
    json_decref(chunk);
}

static json_t *choice(json_t *delta, const char *reason)
{
    return json_pack("[{sisoss?}]", "index", 0, "delta", delta, "finish_reason", reason);
}

static void put_role(struct reply *reply, struct buf *out)
{
    json_t *delta = json_pack("{ssss}", "role", "assistant", "content", "");
    add_chunk(out, reply, choice(delta, NULL), NULL);
    reply->stage = STAGE_TOKENS;
}

static void put_token(struct reply *reply, struct buf *out)
{
    const char *text = reply->text + reply->at;
    size_t len = canned_word(text);
    json_t *delta = json_pack("{so}", "content", json_new_text(text, len));
    add_chunk(out, reply, choice(delta, NULL), NULL);
    reply->at += len;
    if (reply->at >= reply->len)
        reply->stage = STAGE_FINISH;
}

static void put_finish(struct reply *reply, struct buf *out)
{
    add_chunk(out, reply, choice(json_object(), finish_reason(reply)), NULL);
    reply->stage = reply->wants_usage ? STAGE_USAGE : STAGE_MARK;
}

static void put_usage(struct reply *reply, struct buf *out)
{
    add_chunk(out, reply, json_array(), usage(reply));
    reply->stage = STAGE_MARK;
}

static void put_mark(struct reply *reply, struct buf *out)
{
    buf_add_text(out, "data: [DONE]\n\n");
    reply->stage = STAGE_OVER;
}

static bool reply_next(struct reply *reply, struct buf *out)
{
    static void (*const put[])(struct reply *, struct buf *) = {
        [STAGE_ROLE] = put_role,     [STAGE_TOKENS] = put_token,
        [STAGE_FINISH] = put_finish, [STAGE_USAGE] = put_usage,
        [STAGE_MARK] = put_mark,
    };
    if (reply->stage == STAGE_OVER)
        return false;
    put[reply->stage](reply, out);
    return true;
}

static char *print_and_free(json_t *json)
{
    char *text = json_print(json);
    json_decref(json);
    return text;
}

static char *reply_document(const struct reply *reply)
{
    json_t *message = json_pack("{ssso}", "role", "assistant", "content",
                                json_new_text(reply->text, reply->len));
    return print_and_free(json_pack(
        "{sssssIsss[{sisoss}]so}", "id", "demo", "object", "chat.completion", "created",
        (json_int_t)reply->created, "model", "demo", "choices", "index", 0, "message",
        message, "finish_reason", finish_reason(reply), "usage", usage(reply)));
}

static char *reply_models(void)
{
    return print_and_free(json_pack("{sss[{ssssss}]}", "object", "list", "data", "id",
                                    "demo", "object", "model", "owned_by", "sherd"));
}

static char *reply_error(const char *message)
{
    return print_and_free(json_pack("{s{ssss}}", "error", "message", message, "type",
                                    "invalid_request_error"));
}

/* ---- HTTP ---- */

enum { TOKEN_MS = 25, MAX_REQUEST = 4 * 1024 * 1024 };

struct demo_server {
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct loop_watch *watch; /* of the daemon's epoll */
    struct loop_timer *timer; /* when the daemon wants to run without an event */
    struct paced *streams;
    char *url;
    int64_t token_ms;
    unsigned turn; /* so that the same prompt gets another answer */
};

/* An answer on its way, paced by its timer: between two tokens the connection sleeps. */
struct paced {
    struct demo_server *demo;
    struct paced *previous, *next;
    struct MHD_Connection *connection;
    struct loop_timer *timer; /* NULL = as fast as it goes */
    struct reply *reply;
    struct buf out; /* not yet taken by the daemon */
    int due;        /* pieces that may go out */
    bool is_asleep;
};

static void pump(struct demo_server *demo)
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

static void wake(struct paced *stream)
{
    if (!stream->is_asleep)
        return;
    stream->is_asleep = false;
    MHD_resume_connection(stream->connection);
}

static void on_token_due(void *ctx)
{
    struct paced *stream = ctx;
    struct demo_server *demo = stream->demo; /* the stream may end in pump */
    stream->due++;
    wake(stream);
    pump(demo);
}

/* The daemon asks for bytes; 0 with the connection asleep means: later. */
static ssize_t read_stream(void *ctx, uint64_t position, char *out, size_t max)
{
    struct paced *stream = ctx;
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
    struct paced *stream = ctx;
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

static struct paced *stream_new(struct demo_server *demo,
                                struct MHD_Connection *connection, struct reply *reply)
{
    struct paced *stream = xcalloc(1, sizeof *stream);
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

static enum MHD_Result send_stream(struct demo_server *demo,
                                   struct MHD_Connection *connection, struct reply *reply)
{
    struct paced *stream = stream_new(demo, connection, reply);
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

static enum MHD_Result answer(struct demo_server *demo, struct MHD_Connection *connection,
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
    struct demo_server *demo = ctx;
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

static struct MHD_Daemon *start_daemon(struct demo_server *demo, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                            on_request, demo, MHD_OPTION_SOCK_ADDR, &address,
                            MHD_OPTION_NOTIFY_COMPLETED, on_request_over, NULL,
                            MHD_OPTION_END);
}

enum status demo_server_start(struct demo_server **out, struct loop *loop,
                              const struct demo_server_options *options, struct err *err)
{
    struct demo_server *demo = xcalloc(1, sizeof *demo);
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

void demo_server_stop(struct demo_server *demo)
{
    if (!demo)
        return;
    loop_watch_free(demo->watch);
    loop_timer_free(demo->timer);
    /* a daemon must not be stopped while a connection sleeps */
    for (struct paced *stream = demo->streams; stream; stream = stream->next)
        wake(stream);
    MHD_stop_daemon(demo->daemon);
    free(demo->url);
    free(demo);
}

const char *demo_server_url(const struct demo_server *demo)
{
    return demo->url;
}
