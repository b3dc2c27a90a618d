/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sanitise.h"

enum status err_set(struct err *err, enum status code, const char *fmt, ...)
{
    if (!err || err->code != STATUS_OK)
        return code;
    err->code = code;
    char text[2 * sizeof err->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    sanitise_line(text, strlen(text), err->text, sizeof err->text);
    return code;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
    if (!err || err->code == STATUS_OK)
        return;
    char front[128];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof front, fmt, args);
    va_end(args);
    char text[sizeof front + 2 + sizeof err->text];
    snprintf(text, sizeof text, "%s: %s", front, err->text);
    sanitise_line(text, strlen(text), err->text, sizeof err->text);
}

void err_clear(struct err *err)
{
    if (err)
        memset(err, 0, sizeof *err);
}
