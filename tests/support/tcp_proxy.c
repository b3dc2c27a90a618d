/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"

struct link {
    struct tcp_proxy *proxy;
    int ends[2]; /* [PROXY_UP] the client's, [PROXY_DOWN] the server's: who sends */
    pthread_t thread;
    struct link *next;
};

struct tcp_proxy {
    int fd;
    int target_port;
    char *url;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all that follows */
    bool is_stopping;
    bool will_cut;
    enum proxy_way way;
    size_t left; /* bytes until the cut */
    size_t cuts;
    struct link *links;
};

static bool is_stopping(struct tcp_proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    bool stopping = proxy->is_stopping;
    pthread_mutex_unlock(&proxy->lock);
    return stopping;
}

/* How many of len bytes may pass; *cuts when the connection ends behind them. */
static size_t allow(struct tcp_proxy *proxy, enum proxy_way way, size_t len, bool *cuts)
{
    pthread_mutex_lock(&proxy->lock);
    *cuts = proxy->will_cut && proxy->way == way && len >= proxy->left;
    if (*cuts) {
        len = proxy->left;
        proxy->will_cut = false;
        proxy->cuts++;
    } else if (proxy->will_cut && proxy->way == way) {
        proxy->left -= len;
    }
    pthread_mutex_unlock(&proxy->lock);
    return len;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* Moves what is there one way; false when the connection is over. */
static bool pump(struct link *link, enum proxy_way way)
{
    char bytes[16384];
    ssize_t got = recv(link->ends[way], bytes, sizeof bytes, 0);
    if (got <= 0)
        return false;
    bool cuts = false;
    size_t len = allow(link->proxy, way, (size_t)got, &cuts);
    if (!send_all(link->ends[!way], bytes, len))
        return false;
    if (cuts) {
        struct linger linger = {.l_onoff = 1, .l_linger = 0};
        for (int i = 0; i < 2; i++)
            setsockopt(link->ends[i], SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
    return !cuts;
}

static void *run_link(void *ctx)
{
    struct link *link = ctx;
    bool goes_on = true;
    while (goes_on && !is_stopping(link->proxy)) {
        struct pollfd polls[2] = {{.fd = link->ends[0], .events = POLLIN},
                                  {.fd = link->ends[1], .events = POLLIN}};
        if (poll(polls, 2, 50) <= 0)
            continue;
        for (int way = PROXY_UP; goes_on && way <= PROXY_DOWN; way++)
            if (polls[way].revents)
                goes_on = pump(link, (enum proxy_way)way);
    }
    close(link->ends[0]);
    close(link->ends[1]);
    return NULL;
}

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void start_link(struct tcp_proxy *proxy, int client)
{
    struct sockaddr_in address = loopback(proxy->target_port);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address)) {
        close(server);
        close(client);
        return;
    }
    struct link *link = xcalloc(1, sizeof *link);
    *link = (struct link){.proxy = proxy, .ends = {client, server}};
    if (pthread_create(&link->thread, NULL, run_link, link))
        abort();
    pthread_mutex_lock(&proxy->lock);
    link->next = proxy->links;
    proxy->links = link;
    pthread_mutex_unlock(&proxy->lock);
}

static void *accept_all(void *ctx)
{
    struct tcp_proxy *proxy = ctx;
    for (;;) {
        int client = accept4(proxy->fd, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0 || is_stopping(proxy))
            return NULL;
        start_link(proxy, client);
    }
}

struct tcp_proxy *tcp_proxy_new(int target_port)
{
    struct tcp_proxy *proxy = xcalloc(1, sizeof *proxy);
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    pthread_mutex_init(&proxy->lock, NULL);
    proxy->target_port = target_port;
    proxy->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (proxy->fd < 0 || bind(proxy->fd, (struct sockaddr *)&address, len) ||
        listen(proxy->fd, 64) ||
        getsockname(proxy->fd, (struct sockaddr *)&address, &len))
        abort();
    proxy->url = xasprintf("http://127.0.0.1:%d", ntohs(address.sin_port));
    if (pthread_create(&proxy->thread, NULL, accept_all, proxy))
        abort();
    return proxy;
}

void tcp_proxy_free(struct tcp_proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->is_stopping = true;
    pthread_mutex_unlock(&proxy->lock);
    shutdown(proxy->fd, SHUT_RDWR);
    pthread_join(proxy->thread, NULL);
    close(proxy->fd);
    while (proxy->links) {
        struct link *link = proxy->links;
        proxy->links = link->next;
        pthread_join(link->thread, NULL);
        free(link);
    }
    pthread_mutex_destroy(&proxy->lock);
    free(proxy->url);
    free(proxy);
}

const char *tcp_proxy_url(const struct tcp_proxy *proxy)
{
    return proxy->url;
}

void tcp_proxy_cut(struct tcp_proxy *proxy, enum proxy_way way, size_t bytes)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->will_cut = true;
    proxy->way = way;
    proxy->left = bytes;
    pthread_mutex_unlock(&proxy->lock);
}

size_t tcp_proxy_cuts(struct tcp_proxy *proxy)
{
    pthread_mutex_lock(&proxy->lock);
    size_t cuts = proxy->cuts;
    pthread_mutex_unlock(&proxy->lock);
    return cuts;
}
