/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/sanitise.h"

void cli_say(const char *fmt, ...)
{
    char text[2048], safe[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "sherd: %s\n", sanitise_line(text, strlen(text), safe, sizeof safe));
}

void cli_say_retry(const char *why, int64_t wait_ms)
{
    long long seconds = wait_ms > 0 ? (wait_ms + 999) / 1000 : 0;
    if (seconds > 0)
        cli_say("%s It is tried again in %lld s.", why, seconds);
    else
        cli_say("%s It is tried again.", why);
}

enum exit_code cli_exit_code(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_DONE;
    case STATUS_USAGE:
        return EXIT_USAGE;
    case STATUS_AUTH:
    case STATUS_CONFIG:
        return EXIT_CONFIG;
    case STATUS_CANCELLED:
    case STATUS_NOT_FOUND:
    case STATUS_EXISTS:
    case STATUS_IO:
    case STATUS_NETWORK:
    case STATUS_TIMEOUT:
    case STATUS_PROTOCOL:
    case STATUS_REFUSED:
    case STATUS_BUSY:
    case STATUS_FULL:
        break;
    }
    return EXIT_FAILED;
}
