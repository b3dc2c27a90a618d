/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/batch.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "text/sanitise.h"
#include "text/utf8.h"

enum { MAX_LINE = 1024 * 1024, MAX_FILE = 512 * 1024 * 1024 };

struct reading {
    const char *name; /* of the file, safe to show */
    struct batch_prompt *prompts;
    size_t count;
    size_t capacity;
    size_t line;
};

static enum status refuse(const struct reading *reading, size_t column, const char *what,
                          struct err *err)
{
    return err_set(err, STATUS_USAGE, "%s:%zu:%zu: %s", reading->name, reading->line,
                   column, what);
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return true;
}

static void add(struct reading *reading, const char *text, size_t len)
{
    if (reading->count == reading->capacity) {
        reading->capacity = reading->capacity ? reading->capacity * 2 : 64;
        reading->prompts =
            xreallocarray(reading->prompts, reading->capacity, sizeof *reading->prompts);
    }
    reading->prompts[reading->count++] = (struct batch_prompt){
        .text = xmemdup0(text, len), .len = len, .line = reading->line};
}

static enum status take_line(struct reading *reading, const char *text, size_t len,
                             struct err *err)
{
    if (len && text[len - 1] == '\r')
        len--;
    if (len > MAX_LINE)
        return refuse(reading, MAX_LINE + 1, "this line is longer than 1 MiB.", err);
    const char *nul = memchr(text, '\0', len);
    if (nul)
        return refuse(reading, (size_t)(nul - text) + 1,
                      "there is a NUL byte here; is this a text file?", err);
    size_t bad = utf8_check(text, len);
    if (bad < len)
        return refuse(reading, bad + 1, "this is not UTF-8.", err);
    if (!is_blank(text, len))
        add(reading, text, len);
    return STATUS_OK;
}

static enum status split(struct reading *reading, const char *text, size_t len,
                         struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* a byte order mark is no prompt */
    size_t at = len >= 3 && !memcmp(text, mark, 3) ? 3 : 0;
    enum status status = STATUS_OK;
    while (at < len && status == STATUS_OK) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end ? (size_t)(end - (text + at)) : len - at;
        reading->line++;
        status = take_line(reading, text + at, line_len, err);
        at += line_len + 1;
    }
    return status;
}

static enum status load(const char *path, const char *name, struct buf *text,
                        struct err *err)
{
    bool is_stdin = !strcmp(path, "-");
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set(err, STATUS_IO, "%s cannot be opened: %s.", name, strerror(errno));
    char piece[65536];
    ssize_t len = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (len = read(fd, piece, sizeof piece)) != 0) {
        if (len < 0 && errno != EINTR)
            status =
                err_set(err, STATUS_IO, "%s cannot be read: %s.", name, strerror(errno));
        else if (len > 0 && !buf_add(text, piece, (size_t)len))
            status = err_set(err, STATUS_FULL, "%s is over 512 MiB: split it.", name);
    }
    close(fd);
    return status;
}

enum status batch_read_prompts(const char *path, struct batch_prompt **out, size_t *count,
                               struct err *err)
{
    char name[256];
    const char *shown = strcmp(path, "-") != 0 ? path : "standard input";
    sanitise_line(shown, strlen(shown), name, sizeof name);
    struct reading reading = {.name = name};
    struct buf text;
    buf_init(&text, MAX_FILE);
    enum status status = load(path, name, &text, err);
    if (status == STATUS_OK)
        status = split(&reading, buf_text(&text), text.len, err);
    buf_clear(&text);
    if (status != STATUS_OK) {
        batch_free_prompts(reading.prompts, reading.count);
        reading = (struct reading){0};
    }
    *out = reading.prompts;
    *count = reading.count;
    return status;
}

void batch_free_prompts(struct batch_prompt *prompts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(prompts[i].text);
    free(prompts);
}
