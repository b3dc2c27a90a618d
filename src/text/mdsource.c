/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/markdown.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/xalloc.h"

/* --- what is shown of it --- */

#define REPLACEMENT "\xEF\xBF\xBD"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || (unsigned char)byte >= 0x80;
}

/* The bytes of an item's number at `at`, which is counted anew when shown. */
static size_t number_length(const struct mdsource *source, size_t at)
{
    size_t end = at;
    if (at > 0 && is_letter(source->text.data[at - 1]))
        return 0;
    while (end < source->text.len && is_digit(source->text.data[end]))
        end++;
    bool has_mark = end < source->text.len &&
                    (source->text.data[end] == '.' || source->text.data[end] == ')');
    bool has_blank =
        end + 1 >= source->text.len || strchr(" \t\n", source->text.data[end + 1]);
    return has_mark && has_blank ? end - at : 0;
}

static void skip_to_letter(struct mdsource *source)
{
    while (source->at < source->text.len) {
        size_t number = number_length(source, source->at);
        if (number == 0 && is_letter(source->text.data[source->at]))
            return;
        source->at += number > 0 ? number : 1;
    }
}

void mdsource_init(struct mdsource *source, const char *text, size_t len)
{
    *source = (struct mdsource){0};
    /* Valid UTF-8 with plain newlines and no controls, guarded against definitions. */
    struct buf *out = &source->text;
    long more = 0;
    uint32_t cp;
    for (size_t at = 0, bytes; at < len; at += bytes) {
        bytes = utf8_decode(text, len, at, &cp);
        bool is_newline = cp == '\r';
        if (is_newline && at + 1 < len && text[at + 1] == '\n')
            bytes = 2;
        if (is_newline)
            buf_add_byte(out, '\n');
        else if (cp == UTF8_BAD || cp == 0x7F || (cp < 0x20 && cp != '\n' && cp != '\t'))
            buf_add_text(out, REPLACEMENT);
        else
            buf_add(out, text + at, bytes);
        if (cp == ']' && at + 1 < len && text[at + 1] == ':')
            buf_add_byte(out, MDSOURCE_GUARD);
        long now = (long)out->len - (long)(at + bytes);
        if (now == more)
            continue;
        more = now;
        source->shift = xgrow(source->shift, source->shift_count, &source->shift_capacity,
                              sizeof *source->shift);
        source->shift[source->shift_count++] = (struct mdsource_shift){out->len, more};
    }
    skip_to_letter(source);
}

void mdsource_feed(struct mdsource *source, const char *text, size_t len)
{
    for (size_t i = 0; i < len && source->at < source->text.len; i++) {
        if (text[i] != source->text.data[source->at])
            continue;
        source->at++;
        skip_to_letter(source);
    }
}

size_t mdsource_find(const struct mdsource *source, const char *text)
{
    uintptr_t start = (uintptr_t)source->text.data, at = (uintptr_t)text - start;
    if ((uintptr_t)text < start || at >= source->text.len)
        return SIZE_MAX;
    size_t low = 0, high = source->shift_count; /* the last shift at or before */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (source->shift[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return at - (size_t)(low > 0 ? source->shift[low - 1].more : 0);
}

void mdsource_clear(struct mdsource *source)
{
    buf_clear(&source->text);
    free(source->shift);
    *source = (struct mdsource){0};
}

/* --- where it can be cut --- */

/* A line that starts in the first column after an empty line ends every block but
 * two: a fenced code block, and a list, which it may continue with another item.
 * Where this scanner is unsure it does not cut; that only costs speed. */

struct line {
    const char *text; /* after its indentation */
    size_t len;       /* without its newline */
    size_t indent;
};

struct fence {
    char mark; /* '`', '~'; 0 = none is open */
    size_t length, indent;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* "- ", "12. " and the like; the bytes they take, 0 if the line is no item. */
static size_t marker_length(const struct line *line)
{
    size_t at = 0;
    while (at < line->len && at < 10 && is_digit(line->text[at]))
        at++;
    if (at == line->len)
        return 0;
    if (strchr(at > 0 ? ".)" : "-+*", line->text[at]) == NULL || line->text[at] == '\0')
        return 0;
    at++;
    return at == line->len || is_blank(line->text[at]) ? at : 0;
}

/* Steps over what can stand before a fence: quote bars and list markers. */
static struct line skip_containers(struct line line)
{
    for (;;) {
        size_t skip = line.len > 0 && line.text[0] == '>' ? 1 : marker_length(&line);
        while (skip > 0 && skip < line.len && is_blank(line.text[skip]))
            skip++;
        if (skip == 0 || skip >= line.len)
            return line;
        line.text += skip;
        line.len -= skip;
        line.indent += skip;
    }
}

static void follow_fence(struct fence *fence, struct line line)
{
    line = skip_containers(line);
    if (line.len == 0)
        return;
    char mark = line.text[0];
    size_t count = 0;
    while (count < line.len && line.text[count] == mark)
        count++;
    if (fence->mark != 0) {
        bool closes = mark == fence->mark && count >= fence->length &&
                      count == line.len && line.indent <= fence->indent + 3;
        if (closes)
            fence->mark = 0;
        return;
    }
    bool is_tick = mark == '`' && !memchr(line.text + count, '`', line.len - count);
    if (count >= 3 && (is_tick || mark == '~'))
        *fence = (struct fence){mark, count, line.indent};
}

size_t section_end(const char *text, size_t len, size_t start, bool *is_closed)
{
    struct fence fence = {0};
    bool is_list = false;
    bool has_text = false;
    bool was_blank = false;
    for (size_t at = start; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t end = newline ? (size_t)(newline - text) : len;
        struct line line = {.text = text + at, .len = end - at};
        while (line.len > 0 && is_blank(line.text[line.len - 1]))
            line.len--;
        while (line.len > 0 && is_blank(line.text[0])) {
            line.text++;
            line.len--;
            line.indent++;
        }
        bool goes_on = line.indent > 0 || (is_list && marker_length(&line) > 0);
        if (has_text && was_blank && line.len > 0 && fence.mark == 0 && !goes_on) {
            *is_closed = newline != NULL;
            return at;
        }
        if (line.len > 0 && !has_text)
            is_list = marker_length(&line) > 0;
        has_text = has_text || line.len > 0;
        was_blank = line.len == 0;
        follow_fence(&fence, line);
        at = newline ? end + 1 : len;
    }
    *is_closed = false;
    return len;
}

/* --- entities --- */

struct entity {
    const char *name;
    uint16_t cp;
};

static const struct entity entities[] = {
    {"amp", '&'},       {"lt", '<'},        {"gt", '>'},        {"quot", '"'},
    {"apos", '\''},     {"nbsp", 0xA0},     {"iexcl", 0xA1},    {"cent", 0xA2},
    {"pound", 0xA3},    {"yen", 0xA5},      {"sect", 0xA7},     {"copy", 0xA9},
    {"laquo", 0xAB},    {"not", 0xAC},      {"reg", 0xAE},      {"deg", 0xB0},
    {"plusmn", 0xB1},   {"sup2", 0xB2},     {"sup3", 0xB3},     {"micro", 0xB5},
    {"para", 0xB6},     {"middot", 0xB7},   {"raquo", 0xBB},    {"frac14", 0xBC},
    {"frac12", 0xBD},   {"frac34", 0xBE},   {"iquest", 0xBF},   {"Agrave", 0xC0},
    {"Auml", 0xC4},     {"Ccedil", 0xC7},   {"Eacute", 0xC9},   {"Ntilde", 0xD1},
    {"Ouml", 0xD6},     {"times", 0xD7},    {"Uuml", 0xDC},     {"szlig", 0xDF},
    {"agrave", 0xE0},   {"aacute", 0xE1},   {"acirc", 0xE2},    {"auml", 0xE4},
    {"aring", 0xE5},    {"aelig", 0xE6},    {"ccedil", 0xE7},   {"egrave", 0xE8},
    {"eacute", 0xE9},   {"ecirc", 0xEA},    {"euml", 0xEB},     {"iacute", 0xED},
    {"ntilde", 0xF1},   {"oacute", 0xF3},   {"ocirc", 0xF4},    {"ouml", 0xF6},
    {"divide", 0xF7},   {"oslash", 0xF8},   {"uacute", 0xFA},   {"uuml", 0xFC},
    {"alpha", 0x3B1},   {"beta", 0x3B2},    {"gamma", 0x3B3},   {"delta", 0x3B4},
    {"epsilon", 0x3B5}, {"theta", 0x3B8},   {"lambda", 0x3BB},  {"mu", 0x3BC},
    {"pi", 0x3C0},      {"sigma", 0x3C3},   {"phi", 0x3C6},     {"omega", 0x3C9},
    {"Delta", 0x394},   {"Sigma", 0x3A3},   {"Omega", 0x3A9},   {"ensp", 0x2002},
    {"emsp", 0x2003},   {"thinsp", 0x2009}, {"ndash", 0x2013},  {"mdash", 0x2014},
    {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"sbquo", 0x201A},  {"ldquo", 0x201C},
    {"rdquo", 0x201D},  {"bdquo", 0x201E},  {"dagger", 0x2020}, {"bull", 0x2022},
    {"hellip", 0x2026}, {"permil", 0x2030}, {"prime", 0x2032},  {"lsaquo", 0x2039},
    {"rsaquo", 0x203A}, {"euro", 0x20AC},   {"trade", 0x2122},  {"larr", 0x2190},
    {"uarr", 0x2191},   {"rarr", 0x2192},   {"darr", 0x2193},   {"harr", 0x2194},
    {"lArr", 0x21D0},   {"rArr", 0x21D2},   {"forall", 0x2200}, {"exist", 0x2203},
    {"empty", 0x2205},  {"isin", 0x2208},   {"sum", 0x2211},    {"minus", 0x2212},
    {"radic", 0x221A},  {"infin", 0x221E},  {"cap", 0x2229},    {"cup", 0x222A},
    {"int", 0x222B},    {"asymp", 0x2248},  {"ne", 0x2260},     {"equiv", 0x2261},
    {"le", 0x2264},     {"ge", 0x2265},     {"sub", 0x2282},    {"sup", 0x2283},
    {"check", 0x2713},  {"star", 0x2606},   {"starf", 0x2605},  {"lbrack", '['},
    {"rbrack", ']'},    {"ast", '*'},       {"lowbar", '_'},    {"grave", '`'},
    {"vert", '|'},      {"num", '#'},       {"bsol", '\\'},     {"lbrace", '{'},
    {"rbrace", '}'},    {"dollar", '$'},    {"percnt", '%'},    {"commat", '@'},
};

/* Digits up to the ';', UTF8_REPLACEMENT for a number that is no character. */
static uint32_t read_number(const char *digits, int base)
{
    unsigned long cp = strtoul(digits, NULL, base);
    bool is_scalar = cp > 0 && cp < 0x110000 && (cp < 0xD800 || cp > 0xDFFF);
    return is_scalar ? (uint32_t)cp : UTF8_REPLACEMENT;
}

size_t entity_decode(const char *text, size_t len, char out[ENTITY_MAX])
{
    if (len < 3 || text[0] != '&' || text[len - 1] != ';')
        return 0;
    if (len > 4 && text[1] == '#' && (text[2] | 0x20) == 'x')
        return utf8_encode(read_number(text + 3, 16), out);
    if (text[1] == '#')
        return utf8_encode(read_number(text + 2, 10), out);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        const char *name = entities[i].name;
        if (strlen(name) == len - 2 && memcmp(name, text + 1, len - 2) == 0)
            return utf8_encode(entities[i].cp, out);
    }
    return 0;
}
