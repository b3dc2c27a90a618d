/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/clipboard.h"

#include <stdint.h>

static void add_group(struct buf *out, const unsigned char *bytes, size_t len)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t group = (uint32_t)bytes[0] << 16;
    if (len > 1)
        group |= (uint32_t)bytes[1] << 8;
    if (len > 2)
        group |= bytes[2];
    char text[4] = {digits[group >> 18], digits[group >> 12 & 63],
                    len > 1 ? digits[group >> 6 & 63] : '=',
                    len > 2 ? digits[group & 63] : '='};
    buf_add(out, text, sizeof text);
}

bool clipboard_sequence(struct buf *out, const char *text, size_t len)
{
    if (len > CLIPBOARD_MAX / 4 * 3)
        return false;
    buf_add_text(out, "\033]52;c;");
    for (size_t at = 0; at < len; at += 3)
        add_group(out, (const unsigned char *)text + at, len - at < 3 ? len - at : 3);
    buf_add_byte(out, '\a');
    return true;
}
