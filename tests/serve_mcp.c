/* SPDX-License-Identifier: MIT
 * The fake MCP server on standard input and output: serve_mcp WORDS. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/fake_mcp.h"

int main(int argc, char **argv)
{
    struct fake_mcp mcp = {.words = argc > 1 ? argv[1] : ""};
    char *line = NULL;
    size_t size = 0;
    while (!mcp.wants_end && getline(&line, &size, stdin) > 0) {
        if (fake_mcp_is(&mcp, "noise"))
            printf("Listening…\n[1, 2]\n{\"jsonrpc\":\n\n"
                   "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n"
                   "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}\n"
                   "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"roots/list\"}\n"
                   "{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":{}}\n");
        char *text = fake_mcp_reply(&mcp, line);
        if (text)
            printf("%s\n", text);
        if (fake_mcp_is(&mcp, "growing") && mcp.calls == 1)
            printf("{\"jsonrpc\":\"2.0\",\"method\":"
                   "\"notifications/tools/list_changed\"}\n");
        fflush(stdout);
        free(text);
    }
    free(line);
    return mcp.wants_end ? 3 : 0;
}
