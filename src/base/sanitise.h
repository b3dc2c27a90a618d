/* SPDX-License-Identifier: MIT
 *
 * sanitise - untrusted bytes to safe clusters: the only way text gets on a screen,
 * into a log line or into an error sentence.
 *
 * No control, bidi or zero-width trick comes through; bad UTF-8 becomes U+FFFD;
 * what terminals draw differently is reduced to what all agree on (at most four marks; in
 * a cell emoji sequences to their first emoji, flags to letters).
 */
#ifndef BASE_SANITISE_H
#define BASE_SANITISE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CLUSTER_MAX 5 /* code points: a base and four marks, as ncurses' CCHARW_MAX */
#define CLUSTER_BYTES (CLUSTER_MAX * 4) /* of its UTF-8 */

enum cluster_kind {
    CLUSTER_TEXT,
    CLUSTER_TAB,     /* caller puts spaces to its next stop */
    CLUSTER_NEWLINE, /* LF, CRLF, CR, U+2028, U+2029 */
    CLUSTER_HIDDEN   /* nothing to draw (zero-width, dropped) ; width 0 */
};

/* The sum of wcwidth over cp is width: a code point with a width of its own (a
 * spacing mark, a flag's second letter) takes a cell of its own. */
struct cluster {
    uint32_t cp[CLUSTER_MAX];
    uint8_t count; /* code points used; TAB and NEWLINE have a blank, HIDDEN none */
    uint8_t width; /* columns: 0 (hidden), 1, 2; more when a base has spacing marks */
    uint8_t kind;  /* enum cluster_kind */
    uint8_t lacks; /* SEQUENCE_* bits of what cp does not show; 0 = cp is all of it */
    size_t bytes;  /* how many input bytes it covers, >= 1 */
};

/* Emoji sequences: cp has what every terminal shows, and width is that of the first part
 * (a flag's two letters), which is also what terminals that know such sequences give
 * them. Who can ask the terminal may show all the cluster's bytes in these columns. */
enum {
    SEQUENCE_JOINED = 1, /* by U+200D: a family */
    SEQUENCE_TONE = 2,   /* a skin tone, or tags: the flag of Wales */
    SEQUENCE_FLAG = 4,   /* two regional indicators */
    SEQUENCE_KEYCAP = 8, /* U+20E3: no two terminals agree on its width */
};

/* Reads the cluster that starts at text[at] (at < len). Linear over the whole
 * text; ASCII takes a fast path. */
void sanitise_next(const char *text, size_t len, size_t at, struct cluster *cluster);

/* Writes the cluster's code points as UTF-8 (no NUL); returns the bytes. */
size_t sanitise_encode(const struct cluster *cluster, char out[CLUSTER_BYTES]);

/* One line of safe text for a sentence: newlines and tabs become blanks, at most
 * size - 1 bytes, cut with "…" after a word, or at a cluster. Returns out. */
char *sanitise_line(const char *text, size_t len, char *out, size_t size);

/* Adds what text has that a screen may not show as it is: a line for each emoji sequence
 * and each character that draws nothing, as "U+1F44D U+1F3FD", each once, 20 at most. */
void sanitise_list(const char *text, size_t len, struct buf *out);

/* Safe text of any number of lines (\n kept, tabs to blanks). Owned. */
char *sanitise_copy(const char *text, size_t len);

/* Valid UTF-8 with every bad byte replaced by U+FFFD and nothing else changed,
 * for JSON. Owned; *out_len is set when not NULL. */
char *sanitise_utf8(const char *text, size_t len, size_t *out_len);

#endif
