/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "text/editbuf.h"
#include "text/sanitise.h"

#define ARGUMENTS_MAX 16

struct editor {
    struct loop_child *child;
    char *directory;
    char *path;
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

static enum status write_file(const struct editor *editor, const char *text, size_t len,
                              struct err *err)
{
    int fd = open(editor->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_good = fd >= 0 && write_all(fd, text, len) &&
                   (len == 0 || text[len - 1] == '\n' || write_all(fd, "\n", 1));
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
    free(editor->path);
    free(editor->directory);
    editor->path = editor->directory = NULL;
}

static void ended(void *ctx, int exit_status)
{
    struct editor *editor = ctx;
    struct err err = {0};
    struct buf text;
    buf_init(&text, EDITBUF_MAX);
    if (exit_status != 0) {
        char name[128];
        const char *run = command();
        err_set(&err, STATUS_CANCELLED,
                "The editor (%s) ended with an error; the text stays as it was.",
                sanitise_line(run, strlen(run), name, sizeof name));
    } else if (read_file(editor, &text, &err) == STATUS_OK && text.len > 0 &&
               text.data[text.len - 1] == '\n') {
        text.len--;
        text.data[text.len] = '\0';
    }
    remove_files(editor);
    editor->fn(editor->ctx, err.code == STATUS_OK ? buf_text(&text) : NULL, text.len,
               &err);
    buf_clear(&text);
}

static enum status start_child(struct editor *editor, struct loop *loop, struct err *err)
{
    char *words = xstrdup(command());
    char *argv[ARGUMENTS_MAX + 2];
    size_t count = 0;
    char *rest = words;
    for (char *word = strsep(&rest, " "); word && count < ARGUMENTS_MAX;
         word = strsep(&rest, " "))
        if (word[0] != '\0')
            argv[count++] = word;
    argv[count++] = editor->path;
    argv[count] = NULL;
    editor->child = loop_child_new_foreground(loop, argv, ended, editor, err);
    free(words);
    return editor->child ? STATUS_OK : STATUS_IO;
}

struct editor *editor_start(struct loop *loop, const char *text, size_t len, editor_fn fn,
                            void *ctx, struct err *err)
{
    struct editor *editor = xcalloc(1, sizeof *editor);
    editor->fn = fn;
    editor->ctx = ctx;
    if (make_directory(editor, err) == STATUS_OK &&
        write_file(editor, text, len, err) == STATUS_OK &&
        start_child(editor, loop, err) == STATUS_OK)
        return editor;
    err_prefix(err, "$EDITOR");
    editor_free(editor);
    return NULL;
}

void editor_free(struct editor *editor)
{
    if (!editor)
        return;
    loop_child_free(editor->child);
    remove_files(editor);
    free(editor);
}
