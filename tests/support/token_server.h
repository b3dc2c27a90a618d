/* SPDX-License-Identifier: MIT
 *
 * token_server - a model endpoint in a process of its own that streams one word every
 * so many milliseconds on each connection until the client goes away.
 */
#ifndef TESTS_TOKEN_SERVER_H
#define TESTS_TOKEN_SERVER_H

#include <sys/types.h>

struct token_server {
    pid_t pid;
    int port;
};

/* False when it cannot start. */
int token_server_start(struct token_server *server, int token_ms);
void token_server_stop(struct token_server *server);

#endif
