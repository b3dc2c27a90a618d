/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "json/json.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/sanitise.h"
#include "base/xalloc.h"

struct mender {
    const char *text;
    size_t len;
    size_t at;
    struct buf out;
};

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

uint32_t json_escape_at(const char *text, size_t len)
{
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return UINT32_MAX;
    const char digits[] = {text[2], text[3], text[4], text[5], '\0'};
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return UINT32_MAX;
    return (uint32_t)strtoul(digits, NULL, 16);
}

static uint32_t escape_at(const struct mender *mender, size_t at)
{
    return at < mender->len ? json_escape_at(mender->text + at, mender->len - at)
                            : UINT32_MAX;
}

static void mend_backslash(struct mender *mender, bool is_key)
{
    uint32_t unit = escape_at(mender, mender->at);
    if (unit != UINT32_MAX) {
        /* copies the \uXXXX escape (or pair of them) at the current place */
        size_t width = 6;
        bool is_bad = is_low(unit) || (is_key && unit == 0);
        if (unit >= 0xD800 && unit <= 0xDBFF) { /* the first half of a pair */
            is_bad = !is_low(escape_at(mender, mender->at + 6));
            width = is_bad ? 6 : 12;
        }
        if (is_bad)
            buf_add_text(&mender->out, "\\ufffd");
        else
            buf_add(&mender->out, mender->text + mender->at, width);
        mender->at += width;
        return;
    }
    size_t left = mender->len - mender->at;
    buf_add(&mender->out, mender->text + mender->at, left < 2 ? left : 2);
    mender->at += left < 2 ? left : 2;
}

/* True if the string that starts at the current quote is a member's name. */
static bool is_member_name(const struct mender *mender)
{
    size_t at = mender->at + 1;
    while (at < mender->len && mender->text[at] != '"')
        at += mender->text[at] == '\\' ? 2 : 1;
    for (at++; at < mender->len; at++)
        if (!strchr(" \t\r\n", mender->text[at]) || mender->text[at] == '\0')
            return mender->text[at] == ':';
    return false;
}

static void mend_string(struct mender *mender)
{
    bool is_key = is_member_name(mender);
    buf_add_byte(&mender->out, mender->text[mender->at++]);
    while (mender->at < mender->len) {
        unsigned char c = (unsigned char)mender->text[mender->at];
        if (c == '\\') {
            mend_backslash(mender, is_key);
            continue;
        }
        mender->at++;
        if (c < 0x20)
            buf_addf(&mender->out, "\\u%04x", is_key && c == 0 ? 0xFFFD : c);
        else
            buf_add_byte(&mender->out, (char)c);
        if (c == '"')
            return;
    }
}

/* True if no double can hold it. */
static bool is_too_large(const char *digits, size_t len)
{
    char *number = xmemdup0(digits, len);
    char *point = strchr(number, '.');
    if (point)
        *point = localeconv()->decimal_point[0];
    errno = 0;
    double value = strtod(number, NULL);
    free(number);
    return errno == ERANGE && fabs(value) > 1;
}

static bool fits_integer(const char *digits, size_t len)
{
    char *number = xmemdup0(digits, len);
    errno = 0;
    (void)strtoll(number, NULL, 10);
    free(number);
    return errno == 0;
}

/* A run of letters, digits and signs outside strings: a number or a word. */
static void mend_word(struct mender *mender)
{
    static const char in_word[] =
        "+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *word = mender->text + mender->at;
    size_t len = 0;
    bool is_integer = true;
    for (; mender->at + len < mender->len && word[len]; len++) {
        if (!strchr(in_word, word[len]))
            break;
        is_integer = is_integer && strchr("-0123456789", word[len]);
    }
    mender->at += len;
    const char *name = word[0] == '-' || word[0] == '+' ? word + 1 : word;
    size_t name_len = len - (size_t)(name - word);
    bool is_name = (name_len == 3 && !memcmp(name, "NaN", 3)) ||
                   (name_len == 8 && !memcmp(name, "Infinity", 8));
    bool is_number = name_len > 0 && name[0] >= '0' && name[0] <= '9';
    if (is_name || (is_number && is_too_large(word, len)))
        buf_add_text(&mender->out, "null");
    else
        buf_add(&mender->out, word, len);
    if (is_number && is_integer && !is_too_large(word, len) && !fits_integer(word, len))
        buf_add_text(&mender->out, ".0");
}

/* Near-JSON made JSON: what servers emit and jansson refuses.
 * Source: reference/llm-protocols.md §1.11.
 *
 * Bad UTF-8 and lone surrogate escapes become U+FFFD, raw control bytes in strings
 * become escapes, NaN and Infinity (and numbers beyond a double) become null, integers
 * beyond 64 bits become reals. All else is left as it is. Owned; *out_len is set. */
static char *mend(const char *text, size_t len, size_t *out_len)
{
    size_t clean_len = 0;
    char *clean = sanitise_utf8(text, len, &clean_len);
    struct mender mender = {.text = clean, .len = clean_len};
    while (mender.at < mender.len) {
        char c = mender.text[mender.at];
        if (c == '"')
            mend_string(&mender);
        else if (c && strchr("+-0123456789NIntf", c))
            mend_word(&mender);
        else
            buf_add_byte(&mender.out, mender.text[mender.at++]);
    }
    free(clean);
    *out_len = mender.out.len;
    return buf_take(&mender.out);
}

static json_t *decode(const char *text, size_t len, json_error_t *error)
{
    return json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, error);
}

json_t *json_parse(const char *text, size_t len, struct err *err)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark, from Windows */
    if (len >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    json_error_t error;
    json_t *json = decode(text, len, &error);
    if (json)
        return json;
    size_t mended_len = 0;
    char *mended = mend(text, len, &mended_len);
    json_error_t ignored;
    json = decode(mended, mended_len, &ignored);
    free(mended);
    if (json)
        return json;
    err_set(err, STATUS_PROTOCOL, "Not valid JSON at line %d, column %d: %s.", error.line,
            error.column, error.text);
    return NULL;
}

const char *json_get_text(const json_t *object, const char *key, size_t *len)
{
    const json_t *member = json_object_get(object, key);
    if (len)
        *len = json_string_length(member);
    return json_string_value(member);
}

bool json_text_is(const json_t *object, const char *key, const char *text)
{
    const char *found = json_get_text(object, key, NULL);
    return found && text && strcmp(found, text) == 0;
}

json_t *json_find(const json_t *array, const char *key, const char *text)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (json_text_is(json_array_get(array, i), key, text))
            return json_array_get(array, i);
    return NULL;
}

char *json_dup_text(const json_t *object, const char *key)
{
    size_t len;
    const char *text = json_get_text(object, key, &len);
    return text ? xmemdup0(text, len) : NULL;
}

json_t *json_new_text(const char *text, size_t len)
{
    json_t *json = json_stringn(text, len);
    if (json)
        return json;
    size_t clean_len = 0;
    char *clean = sanitise_utf8(text, len, &clean_len);
    json = json_stringn(clean, clean_len);
    free(clean);
    return json;
}

json_t *json_text(const char *text)
{
    return text ? json_new_text(text, strlen(text)) : json_null();
}

void json_set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_text(text));
}

json_t *json_read(const char *text)
{
    return text ? json_parse(text, strlen(text), NULL) : NULL;
}

/* The real of len bytes at from goes to to, in the fewest digits that read back as equal;
 * its new length, never more. */
static size_t put_real(char *to, const char *from, size_t len)
{
    double number = strtod(from, NULL);
    char text[40];
    json_t *real = json_real(number);
    for (size_t digits = 15; digits < 17; digits++) {
        size_t count = json_dumpb(real, text, sizeof text - 1,
                                  JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
        text[count < sizeof text ? count : 0] = '\0';
        if (count < len && strtod(text, NULL) == number) {
            from = text;
            len = count;
            break;
        }
    }
    memmove(to, from, len);
    json_decref(real);
    return len;
}

char *json_print_as(const json_t *json, size_t flags)
{
    /* jansson has one number of digits for all: 17 lose none, but 0.9 gets all of them,
     * too. What is no longer than that many bytes is as short as it can be. */
    char *text = json_dumps(json, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    char *to = text;
    bool in_string = false;
    for (const char *from = text; from && *from;) {
        size_t len = in_string ? 0 : strspn(from, "+-.0123456789e"), put = len;
        if (len > 17 && memchr(from, '.', len)) {
            put = put_real(to, from, len);
        } else {
            if (len == 0) { /* an escape is two bytes */
                put = len = in_string && *from == '\\' ? 2 : 1;
                in_string ^= *from == '"';
            }
            memmove(to, from, len);
        }
        from += len;
        to += put;
    }
    if (text)
        *to = '\0';
    return text ? text : xstrdup("null");
}

char *json_print(const json_t *json)
{
    return json_print_as(json, JSON_COMPACT);
}

char *json_print_new(json_t *json)
{
    char *text = json_print(json);
    json_decref(json);
    return text;
}
