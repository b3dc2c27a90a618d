/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text/match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <unictype.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#define STEPS_MAX 20000    /* tried from one start before a pattern is too hard */
#define FIRST_WINDOW 16    /* bytes in which a hit may start, before the clock is seen */
#define LAST_WINDOW 262144 /* and later */
#define HEAP_KIB 4096
#define STACK_BYTES ((size_t)256 << 10)

struct match {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
    bool is_pattern;
    char *words;
};

/* Letters that a pattern's escapes are made of do not count. */
static bool has_capital(bool is_pattern, const char *text, size_t len)
{
    uint32_t cp = 0;
    bool is_escaped = false;
    for (size_t at = 0; at < len;) {
        at += utf8_decode(text, len, at, &cp);
        if (!is_escaped && cp != UTF8_BAD && uc_is_upper(cp))
            return true;
        is_escaped = is_pattern && cp == '\\' && !is_escaped;
    }
    return false;
}

/* The bytes of the pattern's part at `at`: a class, a count, an escape, a character. */
static size_t part_length(const char *text, size_t len, size_t at)
{
    uint32_t cp;
    const char *close;
    size_t end = at + 1;
    if (text[at] == '\\' && end < len)
        return 1 + utf8_decode(text, len, end, &cp);
    if (text[at] == '{' && (close = memchr(text + at, '}', len - at)))
        return (size_t)(close + 1 - text) - at;
    if (text[at] != '[')
        return utf8_decode(text, len, at, &cp);
    end += end < len && text[end] == '^';
    end += end < len && text[end] == ']';
    while (end < len && text[end] != ']')
        end += text[end] == '\\' ? 2 : 1;
    return end < len ? end + 1 - at : len - at;
}

/* What can be said of a pattern part by part: no alternatives, no groups that are more
 * than brackets, no escapes with something behind their letter. */
static bool is_simple(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char next = i + 1 < len ? text[i + 1] : '\0';
        if (text[i] == '|' || (text[i] == '(' && (next == '?' || next == '*')))
            return false;
        if (text[i] != '\\')
            continue;
        bool is_alnum = (next >= '0' && next <= '9') ||
                        ((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
        if ((unsigned char)next >= 0x80 || (is_alnum && !strchr("dDwWsSbBhHvVRn", next)))
            return false;
        i++;
    }
    return true;
}

/* The longest run of plain characters outside of all brackets. */
static char *plain_words(const char *text, size_t len)
{
    char run[MATCH_LENGTH_MAX + 1], best[MATCH_LENGTH_MAX + 1] = "";
    size_t used = 0, longest = 0;
    int depth = 0;
    for (size_t at = 0, part; at < len && is_simple(text, len); at += part) {
        part = part_length(text, len, at);
        bool is_escape = text[at] == '\\';
        const char *plain = text + at + is_escape;
        char next = at + part < len ? text[at + part] : '\0';
        depth += (text[at] == '(') - (text[at] == ')');
        bool is_plain = depth == 0 && (is_escape ? !strchr("dDwWsSbBhHvVRn", *plain)
                                                 : !strchr(".^$*+?()[]{}", *plain));
        bool is_needed = !next || !strchr("*?{", next);
        if (is_plain && is_needed) {
            memcpy(run + used, plain, part - is_escape);
            used += part - is_escape;
        }
        if (used > longest) {
            memcpy(best, run, used);
            best[longest = used] = '\0';
        }
        if (!is_plain || !is_needed || next == '+')
            used = 0;
    }
    return xstrdup(best);
}

/* flags: letters behind a pattern. */
static enum status compile(struct match *match, const char *text, size_t len,
                           const char *flags, struct err *err)
{
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    options |= match->is_pattern ? PCRE2_UCP | PCRE2_MULTILINE | PCRE2_USE_OFFSET_LIMIT |
                                       PCRE2_NEVER_BACKSLASH_C
                                 : PCRE2_LITERAL;
    bool has_case = has_capital(match->is_pattern, text, len) || strchr(flags, 'c');
    if (!has_case || strchr(flags, 'i'))
        options |= PCRE2_CASELESS;
    if (strchr(flags, 's'))
        options |= PCRE2_DOTALL;
    int code;
    size_t at;
    match->code = pcre2_compile((PCRE2_SPTR)text, len, options, &code, &at, NULL);
    if (!match->code) {
        PCRE2_UCHAR why[120];
        size_t number = 0;
        pcre2_get_error_message(code, why, sizeof why);
        for (size_t i = 0; i < at; i++)
            number += ((unsigned char)text[i] & 0xC0) != 0x80;
        return err_set(err, STATUS_USAGE,
                       "This is no pattern: %s, behind its character %zu.",
                       (const char *)why, number);
    }
    pcre2_jit_compile(match->code, PCRE2_JIT_COMPLETE); /* else it is interpreted */
    match->data = pcre2_match_data_create(1, NULL);
    match->limits = pcre2_match_context_create(NULL);
    if (!match->data || !match->limits)
        return err_set(err, STATUS_IO, "There is no memory left to search with.");
    pcre2_set_match_limit(match->limits, STEPS_MAX);
    pcre2_set_heap_limit(match->limits, HEAP_KIB);
    if (match->is_pattern)
        match->stack = pcre2_jit_stack_create(32 << 10, STACK_BYTES, NULL);
    if (match->stack)
        pcre2_jit_stack_assign(match->limits, NULL, match->stack);
    return STATUS_OK;
}

static struct match *make(bool is_pattern, const char *text, size_t len,
                          const char *flags, struct err *err)
{
    if (len == 0 || len > MATCH_LENGTH_MAX) {
        err_set(err, STATUS_USAGE,
                len == 0 ? "There is nothing to look for."
                         : "What is looked for can have %d bytes at most.",
                MATCH_LENGTH_MAX);
        return NULL;
    }
    struct match *match = xcalloc(1, sizeof *match);
    match->is_pattern = is_pattern;
    if (compile(match, text, len, flags, err) != STATUS_OK) {
        match_free(match);
        return NULL;
    }
    match->words = is_pattern ? plain_words(text, len) : xmemdup0(text, len);
    return match;
}

size_t match_pattern(const char *text, const char *ends)
{
    for (size_t at = 1; text[0] == '/' && text[at]; at++) {
        size_t end = at + 1 + strspn(text + at + 1, "ics");
        if (text[at] == '/' && at > 1 && strchr(ends, text[end]))
            return end;
        at += text[at] == '\\' && text[at + 1];
    }
    return 0;
}

struct match *match_parse(const char *typed, struct err *err)
{
    if (!match_pattern(typed, ""))
        return match_new(typed, err);
    const char *close = strrchr(typed, '/');
    return make(true, typed + 1, (size_t)(close - typed) - 1, close + 1, err);
}

struct match *match_new(const char *words, struct err *err)
{
    return make(false, words, strlen(words), "", err);
}

void match_free(struct match *match)
{
    if (!match)
        return;
    pcre2_match_data_free(match->data);
    pcre2_match_context_free(match->limits);
    pcre2_jit_stack_free(match->stack);
    pcre2_code_free(match->code);
    free(match->words);
    free(match);
}

/* Steps are counted from each start anew: so the starts are bounded too, few at first,
 * and the clock is looked at in between. */
enum match_result match_find(struct match *match, const char *text, size_t len,
                             size_t from, struct match_hit *hit)
{
    int64_t end_ms = 0;
    size_t window = match->is_pattern ? FIRST_WINDOW : len;
    while (from < len) {
        size_t last = len - from > window ? from + window : len;
        while (last < len && ((unsigned char)text[last] & 0xC0) == 0x80)
            last++;
        if (match->is_pattern)
            pcre2_set_offset_limit(match->limits, last);
        int code = pcre2_match(match->code, (PCRE2_SPTR)text, len, from, PCRE2_NOTEMPTY,
                               match->data, match->limits);
        if (code >= 0) {
            const size_t *found = pcre2_get_ovector_pointer(match->data);
            *hit = (struct match_hit){found[0], found[1]};
            /* \K and lookbehinds may turn them round */
            return hit->start < hit->end && hit->start >= from ? MATCH_FOUND : MATCH_HARD;
        }
        if (code != PCRE2_ERROR_NOMATCH)
            return MATCH_HARD;
        from = last;
        window = window < LAST_WINDOW ? window * 2 : window;
        if (from == len)
            break;
        if (end_ms == 0)
            end_ms = clock_thread_ms() + MATCH_MS;
        else if (clock_thread_ms() > end_ms)
            return MATCH_HARD;
    }
    return MATCH_NONE;
}

const char *match_words(const struct match *match)
{
    return match->words;
}
