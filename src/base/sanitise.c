/* SPDX-License-Identifier: MIT
 *
 * The rule behind every case: a cell never holds anything that a terminal could
 * obey, reorder, join to its neighbour, or measure in another way than wcwidth does.
 */
#include "config.h"

#include "base/sanitise.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include <unictype.h>
#include <unigbrk.h>

#include "base/buf.h"
#include "base/utf8.h"

#define EMOJI_BYTES_MAX 64                /* Unicode's own sequences have 35 at most */
#define CLUSTER_LIMIT ((size_t)512 << 10) /* bytes; reading one again must stay cheap */
#define ZERO_WIDTH_JOINER 0x200DU
#define BLACK_FLAG 0x1F3F4U
#define KEYCAP 0x20E3U
#define DOTTED_CIRCLE 0x25CCU /* carries a mark that has no base of its own */
#define BLACK_SQUARE 0x25A0U  /* for a skin tone alone: next to an emoji it would join */
#define ELLIPSIS "\xE2\x80\xA6"
#define ELLIPSIS_BYTES 3
#define WORD_LOSS 16 /* bytes of a line that are given up to end it with a whole word */

struct range {
    uint32_t first, last;
};

/* What the cluster so far allows to follow. */
struct joiner {
    bool is_pictograph;
    bool is_hangul; /* or the circle that carries a lone part of a syllable */
    bool is_half_flag;
    bool takes_tags; /* a black flag */
    bool was_zwj;    /* the last code point was a joiner in an emoji sequence */
};

static bool in_range(uint32_t cp, uint32_t first, uint32_t last)
{
    return cp >= first && cp <= last;
}

/* Code points that draw nothing, or that change how their neighbours are drawn
 * (U+20E3 makes a digit a keycap). */
static bool is_hidden(uint32_t cp)
{
    static const struct range hidden[] = {
        {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x061C, 0x061C},   {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},   {0x2060, 0x206F},
        {0x20E3, 0x20E3},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
        {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (cp <= hidden[i].last)
            return cp >= hidden[i].first;
    }
    return false;
}

static bool is_hangul_filler(uint32_t cp)
{
    return cp == 0x115F || cp == 0x1160 || cp == 0x3164 || cp == 0xFFA0;
}

static bool is_skin_tone(uint32_t cp)
{
    return in_range(cp, 0x1F3FB, 0x1F3FF);
}

static bool is_flag_letter(uint32_t cp)
{
    return in_range(cp, 0x1F1E6, 0x1F1FF);
}

static uint32_t flag_letter(uint32_t cp)
{
    return 'A' + (cp - 0x1F1E6);
}

/* Scripts with no marks of their own in these ranges: most of the world's text. */
static bool is_plain_wide(uint32_t cp)
{
    return in_range(cp, 0x4E00, 0x9FFF) || in_range(cp, 0x3041, 0x3096) ||
           in_range(cp, 0x30A1, 0x30FA);
}

static bool is_plain_narrow(uint32_t cp)
{
    return in_range(cp, 0x20, 0x7E) || (in_range(cp, 0xA0, 0x2FF) && cp != 0xAD) ||
           in_range(cp, 0x400, 0x482);
}

static bool is_mark(uint32_t cp)
{
    return uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_M);
}

static void cluster_set(struct cluster *cluster, enum cluster_kind kind, uint32_t cp,
                        unsigned width)
{
    cluster->kind = (uint8_t)kind;
    cluster->cp[0] = cp;
    cluster->count = 1;
    cluster->width = (uint8_t)width;
    cluster->lacks = 0;
}

static void cluster_add(struct cluster *cluster, uint32_t cp, int width)
{
    if (width < 0 || cluster->count == CLUSTER_MAX)
        return;
    cluster->cp[cluster->count++] = cp;
    cluster->width = (uint8_t)(cluster->width + width);
}

static void set_letter(struct cluster *cluster, uint32_t cp)
{
    int width = wcwidth((wchar_t)cp);
    int property = uc_graphemeclusterbreak_property(cp);
    bool joins = property == GBP_EXTEND || property == GBP_SPACINGMARK;
    if (width < 0 || uc_is_general_category_withtable(cp, UC_CATEGORY_MASK_Co))
        cluster_set(cluster, CLUSTER_TEXT, UTF8_REPLACEMENT, 1);
    else if (width > 0 && !(joins && is_mark(cp)))
        cluster_set(cluster, CLUSTER_TEXT, cp, (unsigned)width);
    else { /* a mark without a base gets one, or it would join the neighbour's */
        cluster_set(cluster, CLUSTER_TEXT, DOTTED_CIRCLE, 1);
        cluster_add(cluster, cp, width);
    }
}

/* The first code point of a cluster. Returns false when nothing may follow it. */
static bool set_base(struct cluster *cluster, uint32_t cp)
{
    if (cp == '\t' || cp == '\n' || cp == 0x2028 || cp == 0x2029) {
        cluster_set(cluster, cp == '\t' ? CLUSTER_TAB : CLUSTER_NEWLINE, ' ', 1);
        return false;
    }
    if (cp == UTF8_BAD || cp < 0x20 || in_range(cp, 0x7F, 0x9F)) {
        cluster_set(cluster, CLUSTER_TEXT, UTF8_REPLACEMENT, 1);
        return false;
    }
    if (is_plain_wide(cp)) {
        cluster_set(cluster, CLUSTER_TEXT, cp, 2);
    } else if (is_plain_narrow(cp)) {
        cluster_set(cluster, CLUSTER_TEXT, cp, 1);
    } else if (is_hidden(cp)) {
        *cluster = (struct cluster){.kind = CLUSTER_HIDDEN};
        return false;
    } else if (is_hangul_filler(cp)) {
        cluster_set(cluster, CLUSTER_TEXT, ' ', 1);
    } else if (is_flag_letter(cp)) {
        cluster_set(cluster, CLUSTER_TEXT, flag_letter(cp), 1);
    } else if (is_skin_tone(cp)) {
        cluster_set(cluster, CLUSTER_TEXT, BLACK_SQUARE, 1);
    } else {
        set_letter(cluster, cp);
    }
    return true;
}

static bool is_hangul(uint32_t cp)
{
    int property = uc_graphemeclusterbreak_property(cp);
    return property == GBP_L || property == GBP_V || property == GBP_T ||
           property == GBP_LV || property == GBP_LVT;
}

static struct joiner joiner_of(uint32_t cp)
{
    struct joiner joiner = {.is_half_flag = is_flag_letter(cp),
                            .takes_tags = cp == BLACK_FLAG};
    if (is_plain_wide(cp) || (is_plain_narrow(cp) && cp != 0xA9 && cp != 0xAE))
        return joiner;
    joiner.is_pictograph = uc_is_property_extended_pictographic(cp);
    joiner.is_hangul = cp == DOTTED_CIRCLE || (is_hangul(cp) && !is_hangul_filler(cp));
    return joiner;
}

/* The parts of an emoji sequence after the first emoji: taken in, not shown. */
static bool joins_emoji(struct cluster *cluster, struct joiner *joiner, uint32_t cp)
{
    bool was_zwj = joiner->was_zwj;
    joiner->was_zwj = false;
    if (cp == ZERO_WIDTH_JOINER) {
        joiner->was_zwj = joiner->is_pictograph;
        return true;
    }
    unsigned lacks = 0;
    if (is_skin_tone(cp))
        lacks = joiner->is_pictograph ? SEQUENCE_TONE : 0;
    else if (was_zwj && uc_is_property_extended_pictographic(cp))
        lacks = SEQUENCE_JOINED;
    else if (joiner->takes_tags && in_range(cp, 0xE0020, 0xE007F))
        lacks = SEQUENCE_TONE;
    cluster->lacks = (uint8_t)(cluster->lacks | lacks);
    return lacks != 0;
}

static bool joins_mark(const struct joiner *joiner, uint32_t cp, int width)
{
    switch (uc_graphemeclusterbreak_property(cp)) {
    case GBP_V:
    case GBP_T:
        return joiner->is_hangul && width == 0 && !is_hangul_filler(cp);
    case GBP_EXTEND:
    case GBP_SPACINGMARK:
        return !is_skin_tone(cp);
    case GBP_CONTROL:
        return false;
    default:
        return width == 0 && is_mark(cp);
    }
}

/* Adds cp to the cluster if it belongs there. */
static bool join(struct cluster *cluster, struct joiner *joiner, uint32_t cp)
{
    if (cp < 0x300 || cp == UTF8_BAD || is_plain_wide(cp))
        return false;
    if (is_flag_letter(cp)) {
        if (!joiner->is_half_flag)
            return false;
        joiner->is_half_flag = false;
        cluster_add(cluster, flag_letter(cp), 1);
        cluster->lacks = SEQUENCE_FLAG;
        return true;
    }
    joiner->is_half_flag = false;
    if (joins_emoji(cluster, joiner, cp))
        return true;
    int width = wcwidth((wchar_t)cp);
    if (!joins_mark(joiner, cp, width))
        return false;
    if (cp == KEYCAP)
        cluster->lacks = SEQUENCE_KEYCAP;
    else if (!is_hidden(cp))
        cluster_add(cluster, cp, width);
    return true;
}

static void read_cluster(const char *text, size_t len, size_t at, struct cluster *cluster)
{
    uint32_t cp;
    size_t end = at + utf8_decode(text, len, at, &cp);
    bool can_grow = set_base(cluster, cp);
    if (can_grow && end < len && (unsigned char)text[end] >= 0x80) {
        struct joiner joiner = joiner_of(cp);
        while (end < len && end - at < CLUSTER_LIMIT) {
            size_t bytes = utf8_decode(text, len, end, &cp);
            if (!join(cluster, &joiner, cp))
                break;
            end += bytes;
        }
    }
    cluster->bytes = end - at;
}

void sanitise_next(const char *text, size_t len, size_t at, struct cluster *cluster)
{
    unsigned char byte = (unsigned char)text[at];
    bool is_alone = at + 1 >= len || (unsigned char)text[at + 1] < 0x80;
    if (byte == '\r') {
        cluster_set(cluster, CLUSTER_NEWLINE, ' ', 1);
        cluster->bytes = at + 1 < len && text[at + 1] == '\n' ? 2 : 1;
    } else if (is_alone && byte >= 0x20 && byte < 0x7F) {
        cluster_set(cluster, CLUSTER_TEXT, byte, 1);
        cluster->bytes = 1;
    } else {
        read_cluster(text, len, at, cluster);
    }
}

size_t sanitise_encode(const struct cluster *cluster, char out[CLUSTER_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < cluster->count; i++)
        used += utf8_encode(cluster->cp[i], out + used);
    return used;
}

/* The cluster at text[at] for a text that no grid is measured by: an emoji sequence is
 * whole, as long as it can be one. room: for any other. */
static const char *encode_whole(const char *text, size_t at,
                                const struct cluster *cluster, char *room, size_t *count)
{
    if (cluster->lacks && cluster->bytes <= EMOJI_BYTES_MAX) {
        *count = cluster->bytes;
        return text + at;
    }
    *count = sanitise_encode(cluster, room);
    return room;
}

char *sanitise_line(const char *text, size_t len, char *out, size_t size)
{
    struct cluster cluster;
    char room[CLUSTER_BYTES];
    size_t used = 0;
    size_t cut = 0;  /* where "…" still fits */
    size_t word = 0; /* the last such place after a whole word */
    if (size == 0)
        return out;
    for (size_t at = 0; at < len; at += cluster.bytes) {
        sanitise_next(text, len, at, &cluster);
        size_t count;
        const char *bytes = encode_whole(text, at, &cluster, room, &count);
        if (used + count > size - 1) {
            /* not in the middle of a word, unless it is a long one */
            used = cut - word < WORD_LOSS && word > 0 ? word : cut;
            if (size - 1 >= ELLIPSIS_BYTES) {
                memcpy(out + used, ELLIPSIS, ELLIPSIS_BYTES);
                used += ELLIPSIS_BYTES;
            }
            break;
        }
        memcpy(out + used, bytes, count);
        used += count;
        if (used + ELLIPSIS_BYTES <= size - 1) {
            if (count == 1 && bytes[0] == ' ' && cut == used - count)
                word = cut;
            cut = used;
        }
    }
    out[used] = '\0';
    return out;
}

void sanitise_list(const char *text, size_t len, struct buf *out)
{
    enum { LIST_MAX = 20 };
    struct cluster cluster;
    size_t start = out->len;
    int count = 0;
    for (size_t at = 0; at < len && count < LIST_MAX; at += cluster.bytes) {
        struct buf line = {0};
        sanitise_next(text, len, at, &cluster);
        if (!cluster.lacks && cluster.kind != CLUSTER_HIDDEN)
            continue;
        for (size_t i = at; i < at + cluster.bytes && line.len < 200;) {
            uint32_t cp;
            i += utf8_decode(text, len, i, &cp);
            buf_addf(&line, "%sU+%04X", line.len ? " " : "", (unsigned)cp);
        }
        buf_add_byte(&line, '\n');
        const char *before = buf_text(out) + start;
        for (const char *same; (same = strstr(before, line.data)); before = same + 1)
            if (same == buf_text(out) + start || same[-1] == '\n')
                break;
        if (!strstr(before, line.data)) {
            buf_add(out, line.data, line.len);
            count++;
        }
        buf_clear(&line);
    }
}

char *sanitise_copy(const char *text, size_t len)
{
    struct buf copy = {0};
    struct cluster cluster;
    char room[CLUSTER_BYTES];
    for (size_t at = 0; at < len; at += cluster.bytes) {
        size_t count;
        sanitise_next(text, len, at, &cluster);
        const char *bytes = encode_whole(text, at, &cluster, room, &count);
        if (cluster.kind == CLUSTER_NEWLINE)
            buf_add_byte(&copy, '\n');
        else
            buf_add(&copy, bytes, count);
    }
    return buf_take(&copy);
}

char *sanitise_utf8(const char *text, size_t len, size_t *out_len)
{
    struct buf copy = {0};
    size_t at = 0;
    while (at < len) {
        size_t good = utf8_check(text + at, len - at);
        buf_add(&copy, text + at, good);
        at += good;
        if (at < len) {
            buf_add_text(&copy, "\xEF\xBF\xBD");
            at++;
        }
    }
    if (out_len)
        *out_len = copy.len;
    return buf_take(&copy);
}
