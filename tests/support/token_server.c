/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/token_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/pty.h"

enum { MAX_CLIENTS = 128 };

struct client {
    int fd;
    int is_streaming;
    int64_t next_us;
    int tokens;
};

static void send_text(int fd, const char *text)
{
    ssize_t put = send(fd, text, strlen(text), MSG_NOSIGNAL);
    (void)put;
}

static void begin_stream(struct client *client)
{
    char request[65536];
    ssize_t got = read(client->fd, request, sizeof request);
    if (got <= 0) {
        close(client->fd);
        client->fd = -1;
        return;
    }
    if (client->is_streaming)
        return;
    send_text(client->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                          "Connection: close\r\n\r\n");
    client->is_streaming = 1;
    client->next_us = pty_now_us();
}

static void send_token(struct client *client, int token_ms)
{
    char chunk[200];
    snprintf(
        chunk, sizeof chunk,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word%d%s\"}}]}\n\n",
        client->tokens, client->tokens % 60 == 59 ? "\\n\\n" : " ");
    send_text(client->fd, chunk);
    client->tokens++;
    client->next_us += (int64_t)token_ms * 1000;
}

static void add_client(struct client *clients, int listener)
{
    int fd = accept(listener, NULL, NULL);
    for (int i = 0; fd >= 0 && i < MAX_CLIENTS; i++)
        if (clients[i].fd < 0) {
            clients[i] = (struct client){.fd = fd};
            return;
        }
}

static void serve(int listener, int token_ms)
{
    struct client clients[MAX_CLIENTS];
    for (int i = 0; i < MAX_CLIENTS; i++)
        clients[i].fd = -1;
    for (;;) {
        struct pollfd pollers[MAX_CLIENTS + 1] = {{.fd = listener, .events = POLLIN}};
        for (int i = 0; i < MAX_CLIENTS; i++)
            pollers[i + 1] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
        poll(pollers, MAX_CLIENTS + 1, 2);
        if (pollers[0].revents)
            add_client(clients, listener);
        for (int i = 0; i < MAX_CLIENTS; i++) {
            if (clients[i].fd >= 0 && pollers[i + 1].revents)
                begin_stream(&clients[i]);
            if (clients[i].fd >= 0 && clients[i].is_streaming &&
                clients[i].next_us <= pty_now_us())
                send_token(&clients[i], token_ms);
        }
    }
}

int token_server_start(struct token_server *server, int token_ms)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) ||
        listen(listener, MAX_CLIENTS) ||
        getsockname(listener, (struct sockaddr *)&address, &size))
        return 0;
    server->port = ntohs(address.sin_port);
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener, token_ms);
    }
    close(listener);
    return server->pid > 0;
}

void token_server_stop(struct token_server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}
