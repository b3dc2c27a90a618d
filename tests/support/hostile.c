/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/hostile.h"

#include <string.h>

#include "base/xalloc.h"

struct item {
    const char *name;
    const char *bytes;
    size_t len;
};

#define ITEM(name, text)                                                                 \
    {                                                                                    \
        name, text, sizeof(text) - 1                                                     \
    }

static const struct item written[] = {
    /* C0 */
    ITEM("nul", "a\0b"),
    ITEM("bell", "ding\adong"),
    ITEM("backspace", "safe\b\b\b\bevil"),
    ITEM("carriage return overwrite", "you owe 10\ryou owe 99"),
    ITEM("vertical tab and form feed", "a\vb\fc"),
    ITEM("shift out and in", "\016lqqk\017"),
    ITEM("delete", "a\177b"),
    ITEM("every C0",
         "\001\002\003\004\005\006\007\010\013\014\016\017\020\021\022\023\024"
         "\025\026\027\030\031\032\033\034\035\036\037"),
    ITEM("xon xoff", "\023stopped\021"),
    ITEM("enquiry answerback", "\005"),
    /* ESC x */
    ITEM("reset", "\033c"),
    ITEM("reverse index", "\033M\033M\033D\033E"),
    ITEM("save and restore cursor", "\0337\0338"),
    ITEM("alignment pattern", "\033#8"),
    ITEM("character sets", "\033(0lqqqk\033)B\033*0\033+0\033%G\033%@"),
    ITEM("keypad modes", "\033=\033>"),
    ITEM("single shifts", "\033N!\033O!"),
    ITEM("locking shifts", "\033n\033o\033|\033}\033~"),
    ITEM("eight bit controls on", "\033 G\033 F"),
    ITEM("lone escape at the end", "text\033"),
    ITEM("escape escape", "\033\033[31m"),
    /* CSI */
    ITEM("clear screen", "\033[2J\033[3J\033[H"),
    ITEM("colours", "\033[31;1;4mred\033[0m\033[38;2;1;2;3m\033[48;5;9m"),
    ITEM("concealed", "\033[8mhidden\033[28m"),
    ITEM("cursor moves", "\033[10;10H\033[A\033[B\033[C\033[D\033[5G\033[99d"),
    ITEM("insert and delete", "\033[5L\033[5M\033[5P\033[5@\033[5X\033[4h"),
    ITEM("scroll region", "\033[2;3r\033[5S\033[5T"),
    ITEM("alternate screen off", "\033[?1049l\033[?47l"),
    ITEM("mouse on", "\033[?1000h\033[?1003h\033[?1006h"),
    ITEM("paste mode", "\033[?2004l\033[200~rm -rf\n\033[201~"),
    ITEM("cursor hidden", "\033[?25l\033[?12h\033[5 q"),
    ITEM("device reports", "\033[c\033[>c\033[=c\033[5n\033[6n\033[?6n\033[x"),
    ITEM("window reports", "\033[21t\033[20t\033[18t\033[8;1;1t\033[2t\033[9;1t"),
    ITEM("repeat", "x\033[9999999b"),
    ITEM("soft reset", "\033[!p\033[61\"p"),
    ITEM("modify keys", "\033[>4;2m\033[>1u\033[=1;1u\033[<u"),
    ITEM("synchronised output", "\033[?2026h"),
    ITEM("print screen", "\033[i\033[5i\033[4i"),
    ITEM("csi without an end", "\033[31"),
    ITEM("csi huge numbers", "\033[99999999999999999999;99999999999999999999H"),
    ITEM("csi sub parameters", "\033[4:3m\033[58:2::1:2:3m"),
    /* OSC */
    ITEM("title", "\033]0;owned\007\033]1;icon\007\033]2;title\033\\"),
    ITEM("link", "\033]8;;http://evil.example/\033\\good\033]8;;\033\\"),
    ITEM("clipboard write", "\033]52;c;cm0gLXJmIH4=\007"),
    ITEM("clipboard read", "\033]52;c;?\007"),
    ITEM("palette",
         "\033]4;0;rgb:ff/ff/ff\007\033]10;?\007\033]11;#000000\007\033]104\007"),
    ITEM("working directory", "\033]7;file://host/etc\007"),
    ITEM("notification", "\033]9;hello\007\033]777;notify;a;b\007\033]99;;x\033\\"),
    ITEM("iterm file",
         "\033]1337;File=name=eA==;inline=1:eA==\007\033]1337;ClearScrollback\007"),
    ITEM("shell marks", "\033]133;A\007\033]633;A\007"),
    ITEM("font", "\033]50;?\007"),
    ITEM("log file", "\033]46;/tmp/x\007"),
    ITEM("osc without an end", "\033]0;never ends"),
    ITEM("tmux title", "\033kname\033\\"),
    /* DCS, APC, PM, SOS */
    ITEM("dcs request status", "\033P$q\"p\033\\\033P+q544e\033\\"),
    ITEM("dcs sixel", "\033Pq#0;2;0;0;0#0~~@@\033\\"),
    ITEM("dcs user keys", "\033P1;1|17/6c73\033\\"),
    ITEM("dcs tmux passthrough", "\033Ptmux;\033\033]52;c;eA==\007\033\\"),
    ITEM("dcs without an end", "\033Pq"),
    ITEM("apc kitty picture", "\033_Ga=T,f=24;AAAA\033\\"),
    ITEM("pm", "\033^private\033\\"),
    ITEM("sos", "\033Xstring\033\\"),
    /* C1 as one byte, and as UTF-8 */
    ITEM("c1 bytes", "\x9b"
                     "2J\x9d"
                     "0;t\x9c\x90"
                     "q\x9c\x9f"
                     "x\x9c\x9e"
                     "x\x9c\x98"
                     "x\x9c"
                     "\x8e!\x8f!\x85\x84\x8d"),
    ITEM("c1 in utf-8", "\xC2\x9b"
                        "2J\xC2\x9d"
                        "0;t\xC2\x9c\xC2\x90q\xC2\x9c\xC2\x9f\xC2\x9e"
                        "\xC2\x98\xC2\x8e!\xC2\x8f!\xC2\x85\xC2\x84\xC2\x80"),
    ITEM("escape hidden in broken utf-8", "\xE2\033[2J\xF0\x9F\033]0;x\007\xC3\033c"),
    /* bidi and zero width */
    ITEM("bidi override", "abc\u202Efdp.exe\u202C"),
    ITEM("bidi embeddings", "\u202A\u202B\u202D\u202Cx"),
    ITEM("bidi isolates", "\u2066\u2067\u2068x\u2069"),
    ITEM("bidi marks", "\u200Ex\u200Fy\u061Cz"),
    ITEM("zero width", "pass\u200Bword\u2060\uFEFF\u200C\u200D"),
    ITEM("deprecated format", "\u206A\u206B\u206C\u206D\u206E\u206Fx"),
    ITEM("invisible operators", "a\u2061\u2062\u2063\u2064b"),
    ITEM("tag characters",
         "\U0001F3F4\U000E0067\U000E0062\U000E007F \U000E0041\U000E0001x"),
    ITEM("interlinear annotation", "\uFFF9a\uFFFAb\uFFFBc"),
    ITEM("soft hyphens", "s\u00ADh\u00ADy"),
    ITEM("variation selectors", "x\uFE00\uFE0Fy\U000E0100\U000E01EFz\u180B"),
    ITEM("hangul fillers", "\u115F\u1160\u3164\uFFA0"),
    ITEM("musical controls", "\U0001D173x\U0001D17A"),
    ITEM("shorthand controls", "\U0001BCA0x\U0001BCA3"),
    ITEM("hieroglyph controls", "\U00013430\U00013431\U00013438"),
    ITEM("line separators", "a\u2028b\u2029c\xC2\x85"
                            "d"),
    ITEM("grapheme joiner", "a\u034F\u0301b\u034F"),
    ITEM("khmer inherent vowels", "\u17B4\u17B5x"),
    /* widths that terminals quarrel about */
    ITEM("family", "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466|"),
    ITEM("skin tone", "\U0001F44D\U0001F3FD|\U0001F3FD|x\U0001F3FD|"),
    ITEM("flags", "\U0001F1EE\U0001F1F9\U0001F1EE|\U0001F1F9|"),
    ITEM("keycaps", "1\uFE0F\u20E3#\u20E3|\u20E3"),
    ITEM("heart with selector", "\u2764\uFE0F|\u2764\uFE0E|"),
    ITEM("lone marks", "\u0301\u0302|\n\u0308x\t\u0327\u200B\u0301"),
    ITEM("marks over controls", "\033\u0301\x80\u0301\n\u0301"),
    ITEM("spacing marks", "\u0915\u093F\u1000\u1031\u102C \u093F"),
    ITEM("enclosing marks", "a\u20DD\u20E0\u0488\u0489"),
    ITEM("jamo", "\u1112\u1161\u11AB\u1161\u11A8x\u1161"),
    ITEM("private use", "\uE000\uF8FF\U000F0000\U0010FFFD"),
    ITEM("noncharacters", "\uFDD0\uFFFE\uFFFF\U0001FFFF\U0010FFFF"),
    ITEM("unassigned", "\u0378\U0001FFF0\U00030000x"),
    ITEM("object replacement", "\uFFFC\uFFFD"),
    /* broken UTF-8 */
    ITEM("overlong slash", "\xC0\xAF\xE0\x80\xAF\xF0\x80\x80\xAF\xF8\x80\x80\x80\xAF"),
    ITEM("overlong escape", "\xC0\x9B[2J\xE0\x80\x9B[2J\xF0\x80\x80\x9B[2J"),
    ITEM("overlong nul", "\xC0\x80"),
    ITEM("surrogates", "\xED\xA0\x80\xED\xBF\xBF\xED\xA0\xBD\xED\xB8\x80"),
    ITEM("above the last", "\xF4\x90\x80\x80\xF7\xBF\xBF\xBF\xFB\xBF\xBF\xBF\xBF"
                           "\xFD\xBF\xBF\xBF\xBF\xBF"),
    ITEM("bytes fe and ff", "\xFE\xFF\xFE\xFF"),
    ITEM("lone continuations", "\x80\xBF\x80\xBF\x9B"),
    ITEM("latin-1", "caf\xE9 na\xEFve"),
};

#define WRITTEN (sizeof written / sizeof written[0])

/* Valid sequences of each length; each is also given cut at every byte. */
static const char *const whole[] = {
    "\u00E9",     "\u20AC",     "\u202E",
    "\U0001F600", "\U000E0041", "\U0001F468\u200D\U0001F469",
};

#define WHOLE (sizeof whole / sizeof whole[0])
#define CUTS_MAX (WHOLE * 16)

struct pattern {
    const char *name, *start, *repeated;
    size_t size;
};

/* Large items: start once, then repeated until size. */
static const struct pattern patterns[] = {
    {"100,000 combining marks", "a", "\u0301", 1 + HOSTILE_MARKS * 2},
    {"100,000 marks with no base", "", "\u0327", HOSTILE_MARKS * 2},
    {"a huge line", "", "lorem ipsum dolor ", HOSTILE_HUGE},
    {"a huge word", "", "x", HOSTILE_HUGE},
    {"a huge wide line", "", "\u6F22\u5B57", HOSTILE_HUGE / 4},
    {"a huge emoji sequence", "", "\U0001F468\u200D", HOSTILE_HUGE},
    {"a huge run of joiners", "\U0001F468", "\u200D", HOSTILE_HUGE / 4},
    {"a huge run of flags", "", "\U0001F1EE", HOSTILE_HUGE / 4},
    {"a huge run of escapes", "", "\033[2J", HOSTILE_HUGE / 4},
    {"a huge run of bad bytes", "", "\xFF", HOSTILE_HUGE / 4},
    {"a huge run of zero width", "", "\u200B", HOSTILE_HUGE / 4},
    {"a huge run of newlines", "", "\n", HOSTILE_HUGE / 4},
    {"deep quotes", "", "> ", 20000},
    {"deep lists", "", "- ", 20000},
    {"open brackets", "", "[", 50000},
    {"open emphasis", "", "*a **b ", 50000},
    {"open backticks", "", "` `` ``` ", 50000},
    {"wide table", "|", "a|", 20000},
};

#define PATTERNS (sizeof patterns / sizeof patterns[0])

static struct item cuts[CUTS_MAX];
static size_t cut_count;
static struct item large[PATTERNS];

static void make_cuts(void)
{
    if (cut_count > 0)
        return;
    for (size_t i = 0; i < WHOLE; i++) {
        size_t len = strlen(whole[i]);
        for (size_t end = 1; end < len && cut_count < CUTS_MAX; end++) {
            char *bytes =
                xasprintf("ab%.*scd%.*s", (int)end, whole[i], (int)end, whole[i]);
            char *name = xasprintf("utf-8 item %zu cut after %zu bytes", i, end);
            cuts[cut_count++] = (struct item){name, bytes, strlen(bytes)};
        }
    }
}

static const struct item *make_large(size_t i)
{
    const struct pattern *pattern = &patterns[i];
    if (large[i].bytes)
        return &large[i];
    size_t start = strlen(pattern->start);
    size_t step = strlen(pattern->repeated);
    size_t len = start + (pattern->size - start) / step * step;
    char *bytes = xmalloc(len);
    memcpy(bytes, pattern->start, start);
    for (size_t at = start; at < len; at += step)
        memcpy(bytes + at, pattern->repeated, step);
    large[i] = (struct item){pattern->name, bytes, len};
    return &large[i];
}

size_t hostile_count(void)
{
    make_cuts();
    return WRITTEN + cut_count + PATTERNS;
}

const char *hostile_item(size_t i, const char **name, size_t *len)
{
    make_cuts();
    const struct item *item;
    if (i < WRITTEN)
        item = &written[i];
    else if (i < WRITTEN + cut_count)
        item = &cuts[i - WRITTEN];
    else
        item = make_large(i - WRITTEN - cut_count);
    *name = item->name;
    *len = item->len;
    return item->bytes;
}
