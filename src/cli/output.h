/* SPDX-License-Identifier: MIT
 *
 * output - standard output as data: text, tables, JSON lines, safe on a terminal; words
 * on standard error, and the exit codes that go with them.
 *
 * A terminal only gets what sanitise lets through; a pipe or file gets the bytes as
 * they are. A reader that went away (`| head`) ends the output without a word.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

struct output {
    FILE *file;
    const char *name; /* of the file, for sentences; NULL = standard output */
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

/* ---- standard error ---- */

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_CONFIG = 3,
    EXIT_UNSENT = 4
};

/* "sherd: SENTENCE" on stderr, safe to show whatever it holds. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Why something is tried again, and when. */
void cli_say_retry(const char *why, int64_t wait_ms);
/* The exit code that belongs to a failure. */
enum exit_code cli_exit_code(enum status status);

/* One line that is written over, on a terminal only. */
struct progress {
    FILE *file;   /* NULL = not a terminal: shows nothing */
    size_t shown; /* columns on the line now */
    size_t columns;
};

/* No terminal, or file NULL (as with --plain: a screen reader would read the line each
 * time that it is written over): it shows nothing. */
void progress_init(struct progress *progress, FILE *file);
/* Our own words; cut to the terminal's width. */
void progress_show(struct progress *progress, const char *text);
/* Blanks the line, so that other words can be printed. */
void progress_clear(struct progress *progress);

#endif
