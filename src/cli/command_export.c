/* SPDX-License-Identifier: MIT
 *
 * sherd export - the records of a dataset in a file: whole, or not at all.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/export.h"

enum { LOOK_EVERY = 256 }; /* records between two looks at signals */

/* ---- a file that takes its place when it is whole ---- */

struct target {
    char *path; /* where it goes */
    char *
        part; /* what is written meanwhile, beside it; NULL = a device: written at once */
    struct output out;
};

static enum status fail(const struct target *target, struct err *err)
{
    if (errno == EINTR) /* a signal, while a FIFO had no reader */
        return err_set(err, STATUS_CANCELLED, "Stopped.");
    return err_set(
        err, STATUS_IO,
        "%.200s cannot be written: %s. Check it and its folder, or name another file.",
        target->path, strerror(errno));
}

static FILE *open_part(struct target *target, const struct stat *there)
{
    char *folder = xstrdup(target->path), *name = xstrdup(target->path);
    target->part = xasprintf("%s/.%s.XXXXXX", dirname(folder), basename(name));
    free(folder);
    free(name);
    int fd = mkstemp(target->part);
    mode_t mask = umask(0);
    umask(mask);
    /* as a shell would make it, or as the one that is there already */
    if (fd >= 0 && fchmod(fd, there ? there->st_mode & 0777 : 0666 & ~mask) == 0)
        return fdopen(fd, "w");
    int why = errno;
    if (fd >= 0) {
        unlink(target->part);
        close(fd);
    }
    free(target->part);
    target->part = NULL;
    errno = why;
    return NULL;
}

static enum status open_target(struct target *target, const char *path, struct err *err)
{
    struct stat there;
    bool exists = stat(path, &there) == 0;
    FILE *file;
    char *resolved = exists ? realpath(path, NULL) : NULL;
    *target = (struct target){.path = xstrdup(resolved ? resolved : path)};
    free(resolved);
    if (exists && S_ISDIR(there.st_mode))
        errno = EISDIR;
    bool is_device = exists && !S_ISREG(there.st_mode);
    if (is_device)
        file = S_ISDIR(there.st_mode) ? NULL : fopen(path, "w");
    else
        file = open_part(target, exists ? &there : NULL);
    if (!file)
        return fail(target, err);
    output_init(&target->out, file, true);
    target->out.name = target->path;
    return STATUS_OK;
}

/* Puts it in its place, on disk; or, when is_whole is false, away. */
static enum status close_target(struct target *target, bool is_whole, struct err *err)
{
    FILE *file = target->out.file;
    enum status status = STATUS_OK;
    if (file && !output_finish(&target->out) && is_whole)
        status = err_set(err, target->out.err.code, "%s", target->out.err.text);
    if (file && is_whole && status == STATUS_OK && target->part && fsync(fileno(file)))
        status = fail(target, err);
    if (file && fclose(file) && is_whole && status == STATUS_OK)
        status = fail(target, err);
    if (target->part && is_whole && status == STATUS_OK &&
        rename(target->part, target->path))
        status = fail(target, err);
    if (target->part && (!is_whole || status != STATUS_OK)) {
        unlink(target->part);
    } else if (target->part) { /* the name is on disk with the folder */
        char *folder = xstrdup(target->path);
        int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0) {
            fsync(fd);
            close(fd);
        }
        free(folder);
    }
    free(target->path);
    free(target->part);
    *target = (struct target){0};
    return status;
}

/* ---- the command ---- */

struct exporting {
    struct cli *cli;
    struct progress progress;
    const char *unit;
    struct export export;
    struct target file, manifest;
};

static bool is_stopped(void *ctx, size_t records)
{
    struct exporting *exporting = ctx;
    char text[96];
    if (records % LOOK_EVERY)
        return exporting->cli->is_stopped;
    loop_poll(exporting->cli->loop);
    snprintf(text, sizeof text, "%zu looked at · %zu %ss written", records,
             exporting->export.written, exporting->unit);
    progress_show(&exporting->progress, text);
    return exporting->cli->is_stopped;
}

static void begin_manifest(struct exporting *exporting)
{
    struct output *out = &exporting->manifest.out;
    const struct export *export = &exporting->export;
    const char *const *given = exporting->cli->arguments->texts;
    char *where = dataset_where(export->dataset);
    json_t *head = json_object();
    json_set_text(head, "file", exporting->file.path);
    json_set_text(head, "format", export_format_name(export->format));
    json_set_text(head, "dataset", where);
    json_set_text(head, "status", given[OPTION_STATUS]);
    json_set_text(head, "filter", given[OPTION_FILTER]);
    json_set_text(head, "search", given[OPTION_SEARCH]);
    json_set_text(head, "order", given[OPTION_ORDER]);
    json_set_text(head, "by", given[OPTION_BY]);
    json_set_text(head, "sherd", PACKAGE_VERSION);
    char *text = json_dumps(head, 0);
    output_stream(out, text, strlen(text) - 1); /* goes on below */
    output_text(out, ", \"left_out\": [");
    json_decref(head);
    free(text);
    free(where);
}

/* path NULL: standard output. */
static void say_outcome(const struct exporting *exporting, const char *path,
                        bool has_manifest)
{
    const struct export *export = &exporting->export;
    struct buf text = {0};
    size_t sum = 0;
    buf_addf(&text, "Wrote %zu %s%s", export->written, exporting->unit,
             export->written == 1 ? "" : "s");
    if (path)
        buf_addf(&text, " to %s", path);
    for (int i = LEFT_IN + 1; i < LEFT_COUNT; i++) {
        if (export->left_out[i])
            buf_addf(&text, "%s%zu %s", sum ? ", " : "; left out: ", export->left_out[i],
                     left_out_words((enum left_out)i));
        sum += export->left_out[i];
    }
    if (sum && has_manifest)
        buf_addf(&text, "; %s.manifest.json names them", path);
    bool is_mine = export->by == RATINGS_MINE && export->left_out[LEFT_UNJUDGED];
    bool is_alone = !export->by_prompt && export->left_out[LEFT_UNPAIRED];
    cli_say("%s.%s%s", buf_text(&text),
            is_mine ? " --by mean or majority counts everybody's ratings." : "",
            is_alone
                ? " --pairs equal-prompt also pairs answers that were not asked together."
                : "");
    buf_clear(&text);
}

static enum status open_files(struct exporting *exporting, const char *path,
                              struct err *err)
{
    struct export *export = &exporting->export;
    export->out = &exporting->cli->out;
    if (!path)
        return STATUS_OK;
    if (open_target(&exporting->file, path, err))
        return err->code;
    export->out = &exporting->file.out;
    if (!exporting->file.part) /* a device has no manifest beside it */
        return STATUS_OK;
    char *beside = xasprintf("%s.manifest.json", exporting->file.path);
    enum status status = open_target(&exporting->manifest, beside, err);
    free(beside);
    if (status != STATUS_OK)
        return status;
    export->manifest = &exporting->manifest.out;
    begin_manifest(exporting);
    return STATUS_OK;
}

/* The manifest first: who sees the file finds it. */
static void close_files(struct exporting *exporting, struct err *err)
{
    struct output *out = &exporting->file.out;
    if (err->code == STATUS_OK && exporting->export.manifest) {
        const struct export *export = &exporting->export;
        json_t *counts = json_object();
        for (int i = LEFT_IN + 1; i < LEFT_COUNT; i++)
            if (export->left_out[i])
                json_object_set_new(counts, left_out_words((enum left_out)i),
                                    json_integer((json_int_t) export->left_out[i]));
        json_t *tail = json_pack("{s:I, s:o}", "written", (json_int_t) export->written,
                                 "counts", counts);
        char *text = json_dumps(tail, 0);
        output_text(&exporting->manifest.out, "\n ], ");
        output_text(&exporting->manifest.out, text + 1);
        output_text(&exporting->manifest.out, "\n");
        json_decref(tail);
        free(text);
    }
    if (out->file)
        output_flush(out);
    if (err->code == STATUS_OK && out->err.code)
        *err = out->err;
    (void)close_target(&exporting->manifest, err->code == STATUS_OK, err);
    (void)close_target(&exporting->file, err->code == STATUS_OK, err);
}

/* What the format has no use for. */
static enum status check_format(const struct arguments *arguments,
                                enum export_format format, struct err *err)
{
    const struct {
        enum option_id option;
        bool is_used;
    } uses[] = {{OPTION_PAIRS, export_has_pairs(format)},
                {OPTION_BY, format != EXPORT_JSONL && format != EXPORT_CSV},
                {OPTION_ORDER, !export_has_pairs(format)},
                {OPTION_JSON, format != EXPORT_CSV}};
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if (arguments_has(arguments, uses[i].option) && !uses[i].is_used)
            return err_set(err, STATUS_USAGE, "--%s has no meaning for --format %s.",
                           option_row(uses[i].option)->name, export_format_name(format));
    return STATUS_OK;
}

int command_export(struct cli *cli)
{
    const struct arguments *arguments = cli->arguments;
    const char *path = arguments->texts[OPTION_OUTPUT];
    struct dataset dataset = {0};
    struct err err = {0};
    int64_t *rows = NULL;
    struct exporting exporting = {
        .cli = cli,
        .export = {.dataset = &dataset,
                   .has_status = arguments_has(arguments, OPTION_STATUS),
                   .status = (enum response_status)arguments->numbers[OPTION_STATUS],
                   .format = (enum export_format)arguments->numbers[OPTION_FORMAT],
                   .by = (enum ratings_by)arguments->numbers[OPTION_BY],
                   .by_prompt = arguments->numbers[OPTION_PAIRS] != 0,
                   .is_stopped = is_stopped,
                   .ctx = &exporting}};
    struct export *export = &exporting.export;
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    if (check_format(arguments, export->format, &err) ||
        command_find_read(cli, &dataset, &err) ||
        command_select(cli, &dataset, &rows, &export->row_count, &err))
        return command_fail(&err);
    export->store = cli->store;
    export->rows = rows;
    exporting.unit = export_has_pairs(export->format) ? "pair" : "record";
    progress_init(&exporting.progress, cli->settings->plain ? NULL : stderr);
    if (open_files(&exporting, path, &err) == STATUS_OK)
        (void)export_run(export, &err);
    progress_clear(&exporting.progress);
    close_files(&exporting, &err);
    dataset_clear(&dataset);
    free(rows);
    if (err.code == STATUS_CANCELLED) {
        cli_say("Stopped%s.", path ? ": the file is as it was" : "");
        return EXIT_FAILED;
    }
    if (err.code)
        return command_fail(&err);
    output_flush(&cli->out);
    if (!cli->out.is_closed && !cli->out.err.code)
        say_outcome(&exporting, path, export->manifest != NULL);
    return export->left_out[LEFT_DAMAGED] ? EXIT_FAILED : EXIT_DONE;
}
