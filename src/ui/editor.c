/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "text/editbuf.h"
#include "text/outside.h"

struct editor {
    struct loop_child *child; /* NULL when it has ended */
    char *directory;
    char *path;
    char *given; /* what was written into the file */
    size_t given_len;
    bool ends_line; /* the text itself has the newline at its end */
    editor_fn fn;
    void *ctx;
};

static const char *command(void)
{
    const char *name = getenv("VISUAL");
    if (!name || name[0] == '\0')
        name = getenv("EDITOR");
    return name && name[0] != '\0' ? name : "vi";
}

static enum status make_directory(struct editor *editor, struct err *err)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    if (!base || base[0] == '\0')
        base = getenv("TMPDIR");
    if (!base || base[0] == '\0')
        base = "/tmp";
    char *directory = xasprintf("%s/sherd-XXXXXX", base);
    if (!mkdtemp(directory)) {
        err_set(err, STATUS_IO,
                "A place for the editor's file could not be made in %s: %s.", base,
                strerror(errno));
        free(directory);
        return STATUS_IO;
    }
    editor->directory = directory;
    editor->path = paths_join(directory, "text.md");
    return STATUS_OK;
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, text, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        text += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static enum status write_file(const struct editor *editor, struct err *err)
{
    int fd = open(editor->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_good = fd >= 0 && write_all(fd, editor->given, editor->given_len);
    int reason = errno;
    if (fd >= 0 && close(fd) != 0 && is_good) {
        is_good = false;
        reason = errno;
    }
    if (!is_good)
        return err_set(err, STATUS_IO, "The editor's file could not be written: %s.",
                       strerror(reason));
    return STATUS_OK;
}

/* Reads at most what a text box takes. */
static enum status read_file(const struct editor *editor, struct buf *out,
                             struct err *err)
{
    int fd = open(editor->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, STATUS_IO, "The editor's file is gone: %s.", strerror(errno));
    char block[8192];
    ssize_t got;
    enum status status = STATUS_OK;
    while ((got = read(fd, block, sizeof block)) > 0 && status == STATUS_OK)
        if (!buf_add(out, block, (size_t)got))
            status = err_set(err, STATUS_FULL,
                             "The text from the editor is longer than 1 MiB; it was "
                             "not taken.");
    if (got < 0)
        status = err_set(err, STATUS_IO, "The editor's file could not be read: %s.",
                         strerror(errno));
    close(fd);
    return status;
}

static void remove_files(struct editor *editor)
{
    if (editor->path)
        unlink(editor->path);
    if (editor->directory)
        rmdir(editor->directory);
}

/* Somebody's work is in the file, and nobody has taken it. */
static bool holds_changes(const struct editor *editor)
{
    struct err err = {0};
    struct buf text;
    buf_init(&text, EDITBUF_MAX + 1);
    enum status status = read_file(editor, &text, &err);
    bool is_same = status == STATUS_OK && text.len == editor->given_len &&
                   memcmp(buf_text(&text), editor->given, text.len) == 0;
    buf_clear(&text);
    return !is_same && (status == STATUS_OK || status == STATUS_FULL);
}

/* The text without the newline that editors add; else a sentence that names the file
 * where there is something to be had from it. */
static enum status take(struct editor *editor, int exit_status, struct buf *text,
                        struct err *err)
{
    char how[64], where[512] = "the text stays as it was";
    if (exit_status == 0 && read_file(editor, text, err) == STATUS_OK &&
        outside_text(text, "$EDITOR", err) == STATUS_OK) {
        if (text->len > 0 && text->data[text->len - 1] == '\n' && !editor->ends_line)
            text->data[--text->len] = '\0';
        remove_files(editor);
        return STATUS_OK;
    }
    if (holds_changes(editor)) {
        snprintf(where, sizeof where, "what it wrote is kept in %s", editor->path);
    } else {
        remove_files(editor);
        if (access(editor->directory, F_OK) == 0) /* a file of its own is in it */
            snprintf(where, sizeof where, "what it left is kept in %s",
                     editor->directory);
    }
    if (exit_status == 0) {
        struct err why = *err;
        err_clear(err);
        return err_set(err, why.code, "%s For now %s.", why.text, where);
    }
    if (exit_status < 0)
        snprintf(how, sizeof how, "was ended by signal %d (%s)", -exit_status,
                 strsignal(-exit_status));
    else
        snprintf(how, sizeof how, "ended with an error");
    return err_set(err, STATUS_CANCELLED, "The editor (%.100s) %s; %s.", command(), how,
                   where);
}

static void ended(void *ctx, int exit_status)
{
    struct editor *editor = ctx;
    struct err err = {0};
    struct buf text;
    buf_init(&text, EDITBUF_MAX);
    loop_child_free(editor->child);
    editor->child = NULL;
    bool is_taken = take(editor, exit_status, &text, &err) == STATUS_OK;
    editor->fn(editor->ctx, is_taken ? buf_text(&text) : NULL, text.len, &err);
    buf_clear(&text);
}

/* No shell: "emacsclient -nw", "'/opt/my editor' +1". */
static enum status start_child(struct editor *editor, struct loop *loop, struct err *err)
{
    size_t count;
    char **argv = words_split("$EDITOR", command(), &count, err);
    if (!argv)
        return err->code;
    argv[count] = editor->path;
    editor->child = loop_child_new_foreground(loop, argv, ended, editor, err);
    free(argv);
    return editor->child ? STATUS_OK : STATUS_IO;
}

struct editor *editor_start(struct loop *loop, const char *text, size_t len, editor_fn fn,
                            void *ctx, struct err *err)
{
    struct editor *editor = xcalloc(1, sizeof *editor);
    editor->fn = fn;
    editor->ctx = ctx;
    editor->ends_line = len > 0 && text[len - 1] == '\n';
    editor->given_len = len + (len > 0 && !editor->ends_line);
    editor->given = xmemdup0(text, len);
    if (editor->given_len > len)
        editor->given[len] = '\n'; /* in the NUL's place: only compared by length */
    if (make_directory(editor, err) == STATUS_OK &&
        write_file(editor, err) == STATUS_OK &&
        start_child(editor, loop, err) == STATUS_OK)
        return editor;
    remove_files(editor);
    editor_free(editor);
    return NULL;
}

void editor_free(struct editor *editor)
{
    if (!editor)
        return;
    if (editor->child) {
        loop_child_free(editor->child);
        if (holds_changes(editor))
            log_line("the text from the editor is kept in %s", editor->path);
        else
            remove_files(editor);
    }
    free(editor->path);
    free(editor->directory);
    free(editor->given);
    free(editor);
}
