/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/output.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/sanitise.h"
#include "text/width.h"
#include "json/json.h"

/* A held cluster longer than this is let go: no real one is. */
enum { HELD_MAX = 256, GAP = 2 };

static size_t terminal_columns(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        return size.ws_col;
    return 80;
}

void output_init(struct output *out, FILE *file, bool is_json)
{
    *out = (struct output){.file = file, .is_json = is_json};
    int fd = fileno(file);
    out->is_terminal = fd >= 0 && isatty(fd);
    if (out->is_terminal)
        out->columns = terminal_columns(fd);
}

static void note_failure(struct output *out)
{
    if (errno == EPIPE) {
        out->is_closed = true;
    } else if (errno == EINTR) { /* a signal, while it waited for the reader */
        __fpurge(out->file);     /* or the end of the program would wait for it again */
        err_set(&out->err, STATUS_CANCELLED, "Stopped before all of it was written.");
    } else {
        err_set(&out->err, STATUS_IO, "%.200s cannot be written: %s.",
                out->name ? out->name : "Standard output", strerror(errno));
    }
}

static void write_bytes(struct output *out, const char *bytes, size_t len)
{
    if (out->is_closed || out->err.code || !len)
        return;
    out->needs_newline = bytes[len - 1] != '\n';
    /* in parts that a pipe takes whole or not at all: a signal breaks off the wait */
    for (size_t part; len && !out->is_closed && !out->err.code; len -= part) {
        part = len < PIPE_BUF ? len : PIPE_BUF;
        if (fwrite(bytes, 1, part, out->file) != part)
            note_failure(out);
        bytes += part;
    }
}

void output_flush(struct output *out)
{
    if (!out->is_closed && !out->err.code && fflush(out->file))
        note_failure(out);
}

bool output_finish(struct output *out)
{
    output_end_stream(out);
    buf_clear(&out->held);
    return out->err.code == STATUS_OK;
}

void output_text(struct output *out, const char *text)
{
    write_bytes(out, text, strlen(text));
}

/* Bytes at the end that are the start of a code point whose rest is still to come. */
static size_t unfinished_bytes(const struct buf *held)
{
    size_t most = held->len < 3 ? held->len : 3;
    for (size_t back = 1; back <= most; back++) {
        unsigned char byte = (unsigned char)held->data[held->len - back];
        size_t whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        if (whole > 1 || byte < 0x80)
            return whole > back ? back : 0;
    }
    return 0;
}

/* Bytes in front of the last cluster: it may grow by the next piece. */
static size_t settled_bytes(const struct buf *held)
{
    size_t at = 0, last = 0, whole = held->len - unfinished_bytes(held);
    while (at < whole) {
        struct cluster cluster;
        sanitise_next(held->data, whole, at, &cluster);
        last = at;
        at += cluster.bytes;
    }
    return held->len - last > HELD_MAX ? held->len : last;
}

static void write_safe(struct output *out, size_t len)
{
    char *safe = sanitise_copy(buf_text(&out->held), len);
    write_bytes(out, safe, strlen(safe));
    free(safe);
    buf_consume(&out->held, len);
}

void output_stream(struct output *out, const char *text, size_t len)
{
    if (!out->is_terminal) {
        write_bytes(out, text, len);
    } else {
        buf_add(&out->held, text, len);
        write_safe(out, settled_bytes(&out->held));
    }
    output_flush(out);
}

void output_end_stream(struct output *out)
{
    if (out->held.len)
        write_safe(out, out->held.len);
    if (out->needs_newline)
        write_bytes(out, "\n", 1);
    output_flush(out);
}

/* JSON escapes C0 only; a terminal obeys C1 and bidi controls too. */
static char *json_line(const struct output *out, const json_t *object)
{
    char *line = json_print(object);
    if (!line || !out->is_terminal)
        return line;
    char *safe = sanitise_copy(line, strlen(line));
    bool is_safe = !strcmp(safe, line);
    free(safe);
    if (is_safe)
        return line;
    free(line);
    line = json_print_as(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    struct buf escaped = {0};
    for (const char *at = line; at && *at; at++) /* DEL is ASCII and no text */
        buf_add_text(&escaped, *at == 0x7f ? "\\u007f" : (const char[]){*at, '\0'});
    free(line);
    return buf_take(&escaped);
}

void output_json(struct output *out, json_t *object)
{
    char *line = json_line(out, object);
    if (line) {
        write_bytes(out, line, strlen(line));
        write_bytes(out, "\n", 1);
    }
    free(line);
    json_decref(object);
}

/* Room for the cell; SIZE_MAX = as long as it is. */
static size_t cell_room(const struct output *out, const struct column *column,
                        size_t used)
{
    if (column->width)
        return out->is_terminal ? column->width : SIZE_MAX;
    if (!out->columns)
        return SIZE_MAX;
    return out->columns > used + 1 ? out->columns - used : 1;
}

static void add_cell(const struct output *out, struct buf *line,
                     const struct column *column, const char *text, bool is_last)
{
    char *safe = sanitise_copy(text, strlen(text));
    for (char *at = safe; (at = strchr(at, '\n'));)
        *at = ' '; /* a cell is one line */
    size_t room = cell_room(out, column, width_of(buf_text(line), line->len));
    size_t width = width_of(safe, strlen(safe));
    size_t pad = column->width > width ? column->width - width : 0;
    if (column->is_right)
        buf_addf(line, "%*s", (int)pad, "");
    if (width <= room) {
        buf_add_text(line, safe);
    } else {
        buf_add(line, safe, width_fit(safe, strlen(safe), room - 1));
        buf_add_text(line, "…");
    }
    if (!is_last)
        buf_addf(line, "%*s", (int)(GAP + (column->is_right ? 0 : pad)), "");
    free(safe);
}

void output_row(struct output *out, const struct column *columns, size_t count,
                const char *const *cells)
{
    struct buf line = {0};
    for (size_t i = 0; i < count; i++)
        add_cell(out, &line, &columns[i], cells[i], i + 1 == count);
    buf_add_byte(&line, '\n');
    write_bytes(out, line.data, line.len);
    buf_clear(&line);
}

void output_titles(struct output *out, const struct column *columns, size_t count)
{
    const char *titles[16];
    if (!out->is_terminal || count > sizeof titles / sizeof titles[0])
        return;
    for (size_t i = 0; i < count; i++)
        titles[i] = columns[i].title;
    output_row(out, columns, count, titles);
}

/* ---- standard error ---- */

void cli_say(const char *fmt, ...)
{
    char text[2048], safe[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "sherd: %s\n", sanitise_line(text, strlen(text), safe, sizeof safe));
}

void cli_say_retry(const char *why, int64_t wait_ms)
{
    long long seconds = wait_ms > 0 ? (wait_ms + 999) / 1000 : 0;
    if (seconds > 0)
        cli_say("%s It is tried again in %lld s.", why, seconds);
    else
        cli_say("%s It is tried again.", why);
}

enum exit_code cli_exit_code(enum status status)
{
    if (status == STATUS_OK)
        return EXIT_DONE;
    if (status == STATUS_USAGE)
        return EXIT_USAGE;
    return status == STATUS_AUTH || status == STATUS_CONFIG ? EXIT_CONFIG : EXIT_FAILED;
}

void progress_init(struct progress *progress, FILE *file)
{
    *progress = (struct progress){0};
    int fd = file ? fileno(file) : -1;
    if (fd < 0 || !isatty(fd))
        return;
    progress->file = file;
    progress->columns = terminal_columns(fd);
}

void progress_show(struct progress *progress, const char *text)
{
    if (!progress->file)
        return;
    /* the last column stays free: some terminals wrap on it */
    size_t len = width_fit(text, strlen(text), progress->columns - 1);
    size_t width = width_of(text, len);
    size_t rest = progress->shown > width ? progress->shown - width : 0;
    /* a terminal that went away must not stop the work */
    (void)fprintf(progress->file, "\r%.*s%*s", (int)len, text, (int)rest, "");
    progress->shown = width;
    fflush(progress->file);
}

void progress_clear(struct progress *progress)
{
    if (!progress->file || !progress->shown)
        return;
    (void)fprintf(progress->file, "\r%*s\r", (int)progress->shown, "");
    progress->shown = 0;
    fflush(progress->file);
}
