/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/xalloc.h"

void secret_protect_process(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void secret_set(struct secret *secret, const char *text)
{
    secret_clear(secret);
    if (!text)
        return;
    while (is_blank(*text))
        text++;
    size_t len = strlen(text);
    while (len && is_blank(text[len - 1]))
        len--;
    if (len)
        secret->text = xmemdup0(text, len);
}

void secret_copy(struct secret *secret, const struct secret *from)
{
    secret_set(secret, from->text);
}

void secret_clear(struct secret *secret)
{
    if (secret->text) {
        explicit_bzero(secret->text, strlen(secret->text));
        free(secret->text);
    }
    secret->text = NULL;
}

bool secret_is_set(const struct secret *secret)
{
    return secret->text != NULL;
}

size_t secret_redact(const struct secret *secret, char *text, size_t len)
{
    enum { SHORTEST = 8 };
    static const char mark[] = "[key]";
    char *end = text + len, *key = secret->text;
    for (size_t width; key && (width = strlen(key)) >= SHORTEST;) {
        for (char *at = text; (at = memmem(at, (size_t)(end - at), key, width));) {
            memmove(at + sizeof mark - 1, at + width, (size_t)(end - at) - width + 1);
            memcpy(at, mark, sizeof mark - 1);
            at += sizeof mark - 1;
            end -= width - (sizeof mark - 1);
        }
        key = strchr(key, ' ');
        key = key ? key + 1 : NULL;
    }
    return (size_t)(end - text);
}
