/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/utf8.h"

#include <string.h>

#include <unistr.h>

size_t utf8_decode(const char *text, size_t len, size_t at, uint32_t *cp)
{
    const uint8_t *bytes = (const uint8_t *)text + at;
    if (bytes[0] < 0x80) {
        *cp = bytes[0];
        return 1;
    }
    int used = u8_mbtouc(cp, bytes, len - at);
    /* The library answers U+FFFD for bad bytes, and also for a real U+FFFD. */
    if (*cp == UTF8_REPLACEMENT && (used != 3 || memcmp(bytes, "\xEF\xBF\xBD", 3) != 0)) {
        *cp = UTF8_BAD;
        return 1;
    }
    return (size_t)used;
}

size_t utf8_encode(uint32_t cp, char out[UTF8_MAX])
{
    int used = u8_uctomb((uint8_t *)out, cp, UTF8_MAX);
    return used > 0 ? (size_t)used : 0;
}

size_t utf8_check(const char *text, size_t len)
{
    /* in brackets: newer versions have a macro of that name, which casts const away */
    const uint8_t *bad = (u8_check)((const uint8_t *)text, len);
    return bad ? (size_t)((const char *)bad - text) : len;
}

size_t utf8_count(const char *text, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t count = len, at = 0;
    for (uint64_t eight; at + sizeof eight <= len; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        count -= ((eight >> 7 & ~eight >> 6 & ones) * ones) >> 56; /* that follow */
    }
    for (; at < len; at++)
        count -= (text[at] & 0xc0) == 0x80;
    return count;
}

bool utf8_is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!text[i] || !strchr(" \t\r\n\v\f", text[i]))
            return false;
    }
    return true;
}
