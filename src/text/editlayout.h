/* SPDX-License-Identifier: MIT
 *
 * editlayout - where the visual lines of an edited text start, and its words (UAX 29:
 * a segment with a letter or a digit; what is between is passed over).
 *
 * A line's end depends only on the text from its start on, so after an edit the
 * lines are found again from just before it until they meet the old ones: a key
 * in a large text costs a few lines, and gives what a fresh layout would give.
 */
#ifndef TEXT_EDITLAYOUT_H
#define TEXT_EDITLAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct edit_offsets {
    size_t *at;
    size_t count, capacity;
};

struct edit_layout {
    struct edit_offsets start;  /* of each visual line; the first is 0 */
    struct edit_offsets fresh;  /* scratch: lines found after an edit */
    struct edit_offsets border; /* scratch: grapheme borders of one line */
    char *breaks; /* scratch: what u8_possible_linebreaks says of one line */
    size_t breaks_size;
    int columns; /* >= 1; the last one is kept for the cursor */
};

struct edit_span {
    size_t at;      /* where the edit was */
    size_t removed; /* bytes of the old text that went */
    size_t added;   /* bytes of the new text that came */
};

void edit_layout_clear(struct edit_layout *layout);
void edit_layout_all(struct edit_layout *layout, const char *text, size_t len,
                     int columns);
/* text is the new text. */
void edit_layout_update(struct edit_layout *layout, const char *text, size_t len,
                        struct edit_span span);
/* The line that shows position; at a soft wrap the second one. */
size_t edit_layout_line_at(const struct edit_layout *layout, size_t position);
/* Where the line ends: the next one's start, its newline counted in. */
size_t edit_layout_end(const struct edit_layout *layout, size_t line, size_t len);

/* The end of the grapheme that starts at text[at] (at < len). */
size_t edit_grapheme_end(const char *text, size_t len, size_t at);
/* Columns of the grapheme text[at..end) when it starts at column col. */
int edit_grapheme_width(const char *text, size_t at, size_t end, int col);

/* The start of the word that at is in or after; 0 when there is none. */
size_t edit_word_left(const char *text, size_t len, size_t at);
/* The end of the word that at is in or before; len when there is none. */
size_t edit_word_right(const char *text, size_t len, size_t at);

/* Letters (graphemes), words and sentences of any text, to move a mark by.
 *
 * Letters and words follow UAX 29, as libunistring has it; in Japanese text a word is a
 * run of one script, since there only a dictionary knows more. A word is a segment with
 * more than blanks and punctuation. Sentences end as UAX 29 has it, in short: at a line's
 * end, at 。！？ and ! ?, and at a full stop before a blank that no small letter follows.
 * What is between words or sentences is passed over.
 */
enum segment_unit { SEGMENT_LETTER, SEGMENT_WORD, SEGMENT_SENTENCE };

/* A zeroed struct is empty. */
struct segments {
    size_t len;
    unsigned char *bits; /* of each byte, and of the end: what starts there */
};

/* Valid UTF-8. Replaces what is there. */
void segments_make(struct segments *segments, const char *text, size_t len);
void segments_clear(struct segments *segments);

/* The first unit that ends after at (direction 1), or the last that starts before at
 * (-1). False when there is none; *start and *end then stay. */
bool segments_find(const struct segments *segments, enum segment_unit unit, size_t at,
                   int direction, size_t *start, size_t *end);

#endif
