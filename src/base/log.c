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

bool log_is_open(void)
{
    return log_fd >= 0;
}

static void blank_controls(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

void log_line(const char *fmt, ...)
{
    if (log_fd < 0)
        return;
    char text[1024];
    clock_format_utc(clock_wall_ms(&clock_system), text, sizeof text);
    size_t at = strlen(text);
    text[at++] = ' ';
    va_list args;
    va_start(args, fmt);
    vsnprintf(text + at, sizeof text - at - 1, fmt, args);
    va_end(args);
    blank_controls(text);
    size_t len = strlen(text);
    text[len++] = '\n';
    ssize_t written = write(log_fd, text, len);
    (void)written; /* a full disk must not stop the work; the store reports it */
}
