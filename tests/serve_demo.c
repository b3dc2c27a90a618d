/* SPDX-License-Identifier: MIT
 *
 * serve_demo [TOKEN_MS]: the demo's texts as an endpoint, for scripts. Prints its URL and
 * serves until it is interrupted.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/demo_server.h"

static void on_signal(void *ctx, int signal_number)
{
    (void)signal_number;
    loop_stop(ctx);
}

int main(int argc, char **argv)
{
    struct loop *loop = loop_new();
    struct demo_server *server = NULL;
    struct demo_server_options options = {.token_ms = -1};
    struct err err = {0};
    if (argc > 1)
        options.token_ms = strtol(argv[1], NULL, 10);
    if (demo_server_start(&server, loop, &options, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    struct loop_signal *interrupt = loop_signal_new(loop, SIGINT, on_signal, loop);
    struct loop_signal *end = loop_signal_new(loop, SIGTERM, on_signal, loop);
    puts(demo_server_url(server));
    fflush(stdout);
    loop_run(loop);
    loop_signal_free(interrupt);
    loop_signal_free(end);
    demo_server_stop(server);
    loop_free(loop);
    return 0;
}
