/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#define ESC 0x1b
#define BEL 0x07
#define ESCAPE_MS 25   /* how long a lone ESC waits */
#define SILENCE_MS 500 /* ends a paste, or a sequence whose end got lost */
#define BURST_MS 150   /* ends a paste that has no marks */
#define UNSURE_MS 50   /* how long a line that may be pasted waits for the next one */
#define SEQUENCE_MAX 64

static const char paste_end[] = "\033[201~";

enum input_state {
    STATE_GROUND,
    STATE_ESCAPE,
    STATE_CSI,
    STATE_SS3,
    STATE_X10_MOUSE, /* three raw bytes after "CSI M" */
    STATE_STRING,    /* OSC, DCS, APC, PM, SOS: an answer nobody asked for */
    STATE_STRING_ESCAPE,
    STATE_PASTE, /* between the terminal's marks */
    STATE_BURST  /* without marks, until it is silent */
};

struct known {
    char *sequence; /* without its ESC */
    struct key key;
};

struct input {
    event_fn fn;
    void *ctx;
    enum input_state state;
    unsigned mods;               /* Alt, from an ESC before */
    char sequence[SEQUENCE_MAX]; /* after ESC; longer ones are cut, not kept */
    size_t len;                  /* bytes that came after ESC */
    char point[UTF8_MAX];
    size_t point_len, point_need; /* need 0 = not inside a code point */
    struct buf paste;
    bool paste_is_cut, paste_was_cr;
    size_t paste_match; /* bytes of paste_end seen */
    struct known *known;
    size_t known_count;
    struct buf waiting; /* bytes that came */
    size_t taken;       /* how many of them are decoded */
    size_t key_bytes;   /* how many after these are surely keys */
    bool is_unsure;     /* what waits may become a paste */
    bool is_paused;
};

struct input *input_new(event_fn fn, void *ctx)
{
    struct input *input = xcalloc(1, sizeof *input);
    input->fn = fn;
    input->ctx = ctx;
    buf_init(&input->paste, INPUT_PASTE_MAX);
    return input;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    for (size_t i = 0; i < input->known_count; i++)
        free(input->known[i].sequence);
    free(input->known);
    buf_clear(&input->paste);
    buf_clear(&input->waiting);
    free(input);
}

static void add_known(void *ctx, const char *sequence, struct key key)
{
    struct input *input = ctx;
    size_t len = strlen(sequence);
    bool is_start = strcmp(sequence, "\033[") == 0 || strcmp(sequence, "\033O") == 0;
    if (sequence[0] != ESC || len < 2 || len > SEQUENCE_MAX || is_start)
        return;
    input->known =
        xreallocarray(input->known, input->known_count + 1, sizeof *input->known);
    input->known[input->known_count++] =
        (struct known){.sequence = xstrdup(sequence + 1), .key = key};
}

void input_learn(struct input *input, const char *(*capability)(const char *name))
{
    sequence_of_terminfo(capability, add_known, input);
}

static void back_to_ground(struct input *input)
{
    input->state = STATE_GROUND;
    input->mods = 0;
}

static void emit_key(struct input *input, struct key key)
{
    struct event event = {.kind = EVENT_KEY,
                          .key = key_make(key.code, key.mods | input->mods)};
    input->mods = 0;
    input->state = STATE_GROUND;
    input->fn(input->ctx, &event);
}

static void emit_code(struct input *input, uint32_t code)
{
    emit_key(input, (struct key){.code = code});
}

static void start_paste(struct input *input, enum input_state state)
{
    back_to_ground(input);
    input->state = state;
    input->paste_is_cut = input->paste_was_cr = false;
    input->paste_match = 0;
}

static void emit_paste(struct input *input)
{
    struct buf text = input->paste;
    bool is_cut = input->paste_is_cut;
    struct event event = {.kind = EVENT_PASTE,
                          .text = is_cut ? "" : buf_text(&text),
                          .len = is_cut ? 0 : text.len,
                          .is_cut = is_cut};
    buf_init(&input->paste, INPUT_PASTE_MAX);
    back_to_ground(input);
    input->fn(input->ctx, &event);
    buf_clear(&text);
}

static size_t point_size(unsigned char lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

static void feed_continuation(struct input *input, unsigned char byte)
{
    uint32_t cp;
    input->point[input->point_len++] = (char)byte;
    if (input->point_len < input->point_need)
        return;
    input->point_need = 0;
    utf8_decode(input->point, input->point_len, 0, &cp);
    if (cp != UTF8_BAD && cp > 0x9f)
        emit_code(input, cp);
    input->mods = 0;
}

static void feed_character(struct input *input, unsigned char byte)
{
    input->state = STATE_GROUND;
    if (byte < 0x20 || byte == 0x7f) {
        emit_key(input, sequence_control(byte));
    } else if (byte < 0x80) {
        emit_code(input, byte);
    } else {
        input->point_need = point_size(byte);
        input->point[0] = (char)byte;
        input->point_len = 1;
        if (input->point_need == 0)
            input->mods = 0;
    }
}

static void feed_ground(struct input *input, unsigned char byte)
{
    if (input->point_need > 0 && (byte & 0xc0) == 0x80) {
        feed_continuation(input, byte);
        return;
    }
    if (input->point_need > 0) { /* cut short: it is dropped */
        input->point_need = 0;
        input->mods = 0;
    }
    if (byte == ESC) {
        input->state = STATE_ESCAPE;
        input->len = 0;
    } else {
        feed_character(input, byte);
    }
}

static void keep(struct input *input, unsigned char byte)
{
    if (input->len < SEQUENCE_MAX)
        input->sequence[input->len] = (char)byte;
    input->len++;
}

/* Emits the key when the terminal's own entry has the bytes so far. */
static bool take_known(struct input *input)
{
    for (size_t i = 0; i < input->known_count; i++) {
        const char *sequence = input->known[i].sequence;
        if (strlen(sequence) == input->len &&
            memcmp(sequence, input->sequence, input->len) == 0) {
            emit_key(input, input->known[i].key);
            return true;
        }
    }
    return false;
}

static void feed_escape(struct input *input, unsigned char byte)
{
    if (byte == ESC) { /* two Esc, or Alt with a key that sends a sequence */
        if (input->mods & KEY_ALT_BIT) {
            input->mods = 0;
            emit_code(input, KEYCODE_ESCAPE);
            input->state = STATE_ESCAPE;
        }
        input->mods = KEY_ALT_BIT;
        return;
    }
    keep(input, byte);
    if (byte == '[' || byte == 'O') {
        input->state = byte == '[' ? STATE_CSI : STATE_SS3;
    } else if (byte && strchr("]P^_X", byte)) {
        input->state = STATE_STRING;
    } else if (!take_known(input)) {
        if (input->mods & KEY_ALT_BIT) {
            input->mods = 0;
            emit_code(input, KEYCODE_ESCAPE);
        }
        input->mods = KEY_ALT_BIT;
        feed_character(input, byte);
    }
}

static void finish_sequence(struct input *input)
{
    struct key key;
    size_t len = input->len;
    bool is_start = len == 5 && memcmp(input->sequence, "[200~", len) == 0;
    struct event event = {.kind = EVENT_POSITION};
    bool is_mouse = len <= SEQUENCE_MAX && sequence_mouse(input->sequence, len, &event);
    bool is_position = len <= SEQUENCE_MAX &&
                       sequence_position(input->sequence, len, &event.rows, &event.cols);
    if (is_start) {
        start_paste(input, STATE_PASTE);
    } else if (is_mouse || is_position) {
        event.kind = is_position ? EVENT_POSITION : event.kind;
        back_to_ground(input);
        input->fn(input->ctx, &event);
    } else if (len <= SEQUENCE_MAX && sequence_key(input->sequence, len, &key)) {
        emit_key(input, key);
    } else {
        back_to_ground(input);
    }
}

/* Takes a byte of a sequence in; false when it ended with it, or before. */
static bool goes_on(struct input *input, unsigned char byte)
{
    if (byte < 0x20 || byte > 0x7e) { /* cannot stand in one: what came so far was none */
        back_to_ground(input);
        feed_ground(input, byte);
        return false;
    }
    keep(input, byte);
    return !take_known(input);
}

static void feed_csi(struct input *input, unsigned char byte)
{
    if (!goes_on(input, byte))
        return;
    bool is_first = input->len == 2;
    if (is_first && byte == 'M') {
        input->state = STATE_X10_MOUSE;
    } else if (byte >= 0x40 && !(is_first && byte == '[')) {
        finish_sequence(input); /* "CSI [" is the Linux console's, with one more byte */
    }
}

static void feed_string(struct input *input, unsigned char byte)
{
    input->len++;
    if (byte == BEL)
        back_to_ground(input);
    else if (byte == ESC)
        input->state = STATE_STRING_ESCAPE;
}

static void feed_string_escape(struct input *input, unsigned char byte)
{
    back_to_ground(input);
    if (byte == '\\')
        return;
    feed_ground(input, ESC);
    feed_escape(input, byte);
}

static void add_pasted(struct input *input, unsigned char byte)
{
    bool was_cr = input->paste_was_cr;
    input->paste_was_cr = byte == '\r';
    if (byte == '\n' && was_cr)
        return;
    if (byte == '\r')
        byte = '\n';
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
        return;
    if (!input->paste_is_cut && !buf_add_byte(&input->paste, (char)byte)) {
        input->paste_is_cut = true;
        buf_clear(&input->paste);
    }
}

static void feed_paste(struct input *input, unsigned char byte)
{
    if (byte == (unsigned char)paste_end[input->paste_match]) {
        input->paste_match++;
        if (!paste_end[input->paste_match])
            emit_paste(input);
        return;
    }
    for (size_t i = 0; i < input->paste_match; i++)
        add_pasted(input, (unsigned char)paste_end[i]);
    input->paste_match = byte == ESC;
    if (byte != ESC)
        add_pasted(input, byte);
}

static void feed_byte(struct input *input, unsigned char byte)
{
    switch (input->state) {
    case STATE_GROUND:
        feed_ground(input, byte);
        break;
    case STATE_ESCAPE:
        feed_escape(input, byte);
        break;
    case STATE_CSI:
        feed_csi(input, byte);
        break;
    case STATE_SS3:
        if (goes_on(input, byte) && (byte < '0' || byte > '9'))
            finish_sequence(input);
        break;
    case STATE_X10_MOUSE:
        keep(input, byte);
        if (input->len == 5)
            back_to_ground(input);
        break;
    case STATE_STRING:
        feed_string(input, byte);
        break;
    case STATE_STRING_ESCAPE:
        feed_string_escape(input, byte);
        break;
    case STATE_PASTE:
        feed_paste(input, byte);
        break;
    case STATE_BURST:
        add_pasted(input, byte);
        break;
    }
}

/* --- pastes without marks: see input.h --- */

static bool is_text(unsigned char byte)
{
    return byte == '\t' || byte == '\r' || byte == '\n' || (byte >= 0x20 && byte != 0x7f);
}

/* Looks at the text that waits up to the next control. False: it has to wait longer. */
static bool judge_waiting(struct input *input)
{
    const char *text = input->waiting.data + input->taken;
    size_t all = input->waiting.len - input->taken;
    size_t len = 0;
    while (len < all && is_text((unsigned char)text[len]))
        len++;
    enum sequence_verdict verdict = len < 3 ? IS_KEYS : sequence_judge(text, len);
    if (verdict == IS_UNSURE && len == all && len < INPUT_PASTE_MAX) {
        input->is_unsure = true;
        return false;
    }
    if (verdict == IS_PASTE)
        start_paste(input, STATE_BURST);
    else
        input->key_bytes = len ? len : 1;
    return true;
}

/* Decodes what waits. An event's function may pause, resume and drop meanwhile. */
static void decode(struct input *input)
{
    while (input->taken < input->waiting.len && !input->is_paused) {
        bool is_start = input->state == STATE_GROUND && input->point_need == 0;
        if (is_start && !input->key_bytes && !judge_waiting(input))
            break;
        unsigned char byte = (unsigned char)input->waiting.data[input->taken++];
        if (input->key_bytes)
            input->key_bytes--;
        feed_byte(input, byte);
    }
    buf_consume(&input->waiting, input->taken);
    input->taken = 0;
}

void input_feed(struct input *input, const char *bytes, size_t len)
{
    if (len == 0)
        return;
    if (input->state == STATE_BURST && input->waiting.len == 0 &&
        !is_text((unsigned char)bytes[0]))
        emit_paste(input);
    input->is_unsure = false;
    buf_add(&input->waiting, bytes, len);
    decode(input);
}

int input_wait_ms(const struct input *input)
{
    if (input->is_unsure)
        return UNSURE_MS;
    switch (input->state) {
    case STATE_GROUND:
        return input->point_need > 0 ? SILENCE_MS : -1;
    case STATE_ESCAPE:
        return ESCAPE_MS;
    case STATE_CSI:
    case STATE_SS3:
    case STATE_STRING:
        /* nobody types more than ESC and one key this fast: the rest is on its way,
         * and must not be taken for keys when it comes late */
        return input->len > 1 ? SILENCE_MS : 4 * ESCAPE_MS;
    case STATE_BURST:
        return BURST_MS;
    default:
        return SILENCE_MS;
    }
}

void input_timeout(struct input *input)
{
    enum input_state state = input->state;
    bool is_double = input->mods & KEY_ALT_BIT;
    if (input->is_unsure) {
        input->is_unsure = false;
        input->key_bytes = input->waiting.len;
    } else if (state == STATE_PASTE || state == STATE_BURST) {
        emit_paste(input);
    } else if (state == STATE_ESCAPE) {
        input->mods = 0;
        emit_code(input, KEYCODE_ESCAPE);
        if (is_double)
            emit_code(input, KEYCODE_ESCAPE);
    } else if (state != STATE_GROUND && input->len == 1) {
        input->mods = KEY_ALT_BIT;
        emit_code(input, (unsigned char)input->sequence[0]);
    } else {
        back_to_ground(input);
        input->point_need = 0;
    }
    decode(input);
}

void input_pause(struct input *input)
{
    input->is_paused = true;
    if (input->state == STATE_PASTE || input->state == STATE_BURST)
        return; /* its rest must not come as keys */
    back_to_ground(input);
    input->point_need = 0;
}

void input_resume(struct input *input)
{
    input->is_paused = input->is_unsure = false;
    decode(input);
}

bool input_drop(struct input *input)
{
    bool had_some = input->waiting.len > input->taken;
    buf_reset(&input->waiting);
    input->taken = input->key_bytes = 0;
    return had_some;
}
