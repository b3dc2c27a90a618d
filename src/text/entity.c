/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/entity.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

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

static bool is_scalar(uint32_t cp)
{
    return cp > 0 && cp < 0x110000 && (cp < 0xD800 || cp > 0xDFFF);
}

/* Digits up to the ';', UTF8_REPLACEMENT for a number that is no character. */
static uint32_t read_number(const char *digits, size_t len, uint32_t base)
{
    uint32_t cp = 0;
    for (size_t i = 0; i < len && cp < 0x110000; i++) {
        uint32_t byte = (unsigned char)digits[i];
        cp = cp * base + (byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10);
    }
    return is_scalar(cp) ? cp : UTF8_REPLACEMENT;
}

size_t entity_decode(const char *text, size_t len, char out[ENTITY_MAX])
{
    if (len < 3 || text[0] != '&' || text[len - 1] != ';')
        return 0;
    if (len > 4 && text[1] == '#' && (text[2] | 0x20) == 'x')
        return utf8_encode(read_number(text + 3, len - 4, 16), out);
    if (text[1] == '#')
        return utf8_encode(read_number(text + 2, len - 3, 10), out);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        const char *name = entities[i].name;
        if (strlen(name) == len - 2 && memcmp(name, text + 1, len - 2) == 0)
            return utf8_encode(entities[i].cp, out);
    }
    return 0;
}
