/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/halves.h"

#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 6 }; /* \ud83d */

/* The unit of an escape that starts here; 0 = there is none. */
static unsigned read_escape(const char *at, const char *end)
{
    if (end - at < ESCAPE || at[0] != '\\' || at[1] != 'u')
        return 0;
    char digits[5] = {at[2], at[3], at[4], at[5], '\0'};
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return 0;
    return (unsigned)strtoul(digits, NULL, 16);
}

static bool is_first(unsigned unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_second(unsigned unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

bool halves_concern(const struct halves *halves, const char *json, size_t len)
{
    return halves->waiting || memmem(json, len, "\\ud", 3) ||
           memmem(json, len, "\\uD", 3);
}

/* Copies a text from behind its opening quote to its closing one; returns where it
 * ended. */
static const char *join_text(struct halves *halves, unsigned *next, const char *at,
                             const char *end, struct buf *out)
{
    if (halves->waiting && is_second(read_escape(at, end))) {
        buf_addf(out, "\\u%04x", halves->waiting);
        halves->is_lost = false;
    }
    while (at < end && *at != '"') {
        unsigned unit = read_escape(at, end);
        size_t step = *at != '\\' ? 1 : unit ? ESCAPE : 2;
        if (step > (size_t)(end - at))
            step = (size_t)(end - at);
        if (is_first(unit) && at + step < end && at[step] == '"')
            *next = unit;
        else
            buf_add(out, at, step);
        at += step;
    }
    return at;
}

/* Only a text that goes on where the last one ended can tell that a half is lost: its
 * own piece decides, so that fields beside it (ids, roles) do not. */
void halves_join(struct halves *halves, const char *json, size_t len, struct buf *out)
{
    const char *end = json + len;
    unsigned next = 0;
    halves->is_lost = halves->waiting != 0;
    for (const char *at = json; at < end;) {
        bool is_text = *at == '"';
        buf_add_byte(out, *at++);
        if (!is_text)
            continue;
        at = join_text(halves, &next, at, end, out);
        if (at < end)
            buf_add_byte(out, *at++);
    }
    if (!halves->is_lost)
        halves->waiting = 0;
    if (next) {
        halves->waiting = next;
        halves->is_lost = false; /* one at most is told */
    }
}

bool halves_take_lost(struct halves *halves)
{
    bool is_lost = halves->is_lost && halves->waiting;
    if (is_lost)
        *halves = (struct halves){0};
    return is_lost;
}

bool halves_end(struct halves *halves)
{
    halves->is_lost = true;
    return halves_take_lost(halves);
}
