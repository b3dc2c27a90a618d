/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/editword.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <unictype.h>
#include <uniwbrk.h>

#include "base/xalloc.h"
#include "text/utf8.h"

/* breaks[i] != 0: a segment starts at byte i. Owned. */
static char *segments(const char *text, size_t len)
{
    char *breaks = xcalloc(len + 1, 1);
    u8_wordbreaks((const uint8_t *)text, len, breaks);
    return breaks;
}

static bool is_word_at(const char *text, size_t len, size_t at)
{
    uint32_t cp;
    if (((unsigned char)text[at] & 0xc0) == 0x80)
        return false; /* inside a code point */
    utf8_decode(text, len, at, &cp);
    return uc_is_alnum(cp);
}

size_t edit_word_left(const char *text, size_t len, size_t at)
{
    char *breaks = segments(text, len);
    bool has_word = false;
    while (at > 0) {
        at--;
        has_word = has_word || is_word_at(text, len, at);
        if (has_word && breaks[at])
            break;
    }
    free(breaks);
    return at;
}

size_t edit_word_right(const char *text, size_t len, size_t at)
{
    char *breaks = segments(text, len);
    bool has_word = false;
    for (; at < len; at++) {
        if (has_word && breaks[at])
            break;
        has_word = has_word || is_word_at(text, len, at);
    }
    free(breaks);
    return at;
}
