/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sanitise.h"

static int log_fd = -1;

enum status log_open(const char *path, struct err *err)
{
    log_close();
    log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log_fd < 0)
        return err_set(err, STATUS_IO, "The log file %s cannot be opened: %s.", path,
                       strerror(errno));
    return STATUS_OK;
}

void log_close(void)
{
    if (log_fd >= 0)
        close(log_fd);
    log_fd = -1;
}

void log_line(const char *fmt, ...)
{
    if (log_fd < 0)
        return;
    char raw[2048], text[1024];
    clock_format_utc(clock_wall_ms(&clock_system), raw, sizeof raw);
    size_t at = strlen(raw);
    raw[at++] = ' ';
    va_list args;
    va_start(args, fmt);
    vsnprintf(raw + at, sizeof raw - at, fmt, args);
    va_end(args);
    sanitise_line(raw, strlen(raw), text, sizeof text - 1);
    size_t len = strlen(text);
    text[len++] = '\n';
    ssize_t written = write(log_fd, text, len);
    (void)written; /* a full disk must not stop the work; the store reports it */
}
