/* SPDX-License-Identifier: MIT
 *
 * output - standard output as data: text, tables, JSON lines; safe on a terminal.
 *
 * A terminal only gets what sanitise lets through; a pipe or file gets the bytes as
 * they are. A reader that went away (`| head`) ends the output without a word.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

struct output {
    FILE *file;
    bool is_terminal;
    bool is_json;       /* --json */
    size_t columns;     /* of the terminal; 0 = no limit */
    bool is_closed;     /* the reader went away: print nothing more */
    struct buf held;    /* the end of a stream that may still change its meaning */
    bool needs_newline; /* what was streamed last did not end its line */
    struct err err;     /* the first failed write */
};

/* Finds out what file is. */
void output_init(struct output *out, FILE *file, bool is_json);
/* Writes the rest; false with out->err when not everything could be written (a closed
 * reader is not a failure). */
bool output_finish(struct output *out);

/* Our own words, printed as they are. */
void output_text(struct output *out, const char *text);
/* A piece of foreign text; pieces may be cut anywhere. */
void output_stream(struct output *out, const char *text, size_t len);
/* Ends what was streamed, with a newline if it has none, and flushes. */
void output_end_stream(struct output *out);
/* One object on one line. Takes the reference. */
void output_json(struct output *out, json_t *object);
void output_flush(struct output *out);

/* One column of a table. */
struct column {
    const char *title;
    size_t width;  /* columns it takes; 0 = the rest of the line */
    bool is_right; /* numbers */
};
/* The titles, dim nothing: only on a terminal, so that a pipe gets rows alone. */
void output_titles(struct output *out, const struct column *columns, size_t count);
/* One row. Cells may hold anything: they become one line of safe text each; on a
 * terminal the last is cut to what fits, in a pipe nothing is cut. */
void output_row(struct output *out, const struct column *columns, size_t count,
                const char *const *cells);

#endif
