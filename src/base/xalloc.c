/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*exhausted_hook)(void);

void xalloc_on_exhausted(void (*fn)(void))
{
    exhausted_hook = fn;
}

static _Noreturn void exhausted(void)
{
    static const char text[] = "sherd: the machine has no memory left. What was shown as "
                               "saved is in the store; start sherd again to go on.\n";
    if (exhausted_hook)
        exhausted_hook();
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(1);
}

static void *checked(void *ptr)
{
    if (!ptr)
        exhausted();
    return ptr;
}

void *xmalloc(size_t size)
{
    return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *ptr, size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    if (count > SIZE_MAX / size)
        exhausted();
    return checked(realloc(ptr, count * size));
}

void *xgrow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 16;
    return xreallocarray(items, *capacity, size);
}

char *xstrdup(const char *text)
{
    return xmemdup0(text, strlen(text));
}

char *xstrdup_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

char *xmemdup0(const void *bytes, size_t len)
{
    char *copy = xmalloc(len + 1);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *xasprintf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = NULL;
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0)
        exhausted();
    return text;
}
