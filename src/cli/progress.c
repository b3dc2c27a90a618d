/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text/width.h"

void progress_init(struct progress *progress, FILE *file)
{
    *progress = (struct progress){0};
    struct winsize size;
    int fd = fileno(file);
    if (fd < 0 || !isatty(fd))
        return;
    progress->file = file;
    bool is_known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    progress->columns = is_known ? size.ws_col : 80;
}

static void put(const struct progress *progress, const char *text, size_t len)
{
    /* a terminal that went away must not stop the work */
    (void)!fwrite(text, 1, len, progress->file);
}

static void put_blanks(const struct progress *progress, size_t count)
{
    while (count--)
        put(progress, " ", 1);
}

void progress_show(struct progress *progress, const char *text)
{
    if (!progress->file)
        return;
    /* the last column stays free: some terminals wrap on it */
    size_t len = width_fit(text, strlen(text), progress->columns - 1);
    size_t width = width_of(text, len);
    put(progress, "\r", 1);
    put(progress, text, len);
    if (progress->shown > width)
        put_blanks(progress, progress->shown - width);
    progress->shown = width;
    fflush(progress->file);
}

void progress_clear(struct progress *progress)
{
    if (!progress->file || !progress->shown)
        return;
    put(progress, "\r", 1);
    put_blanks(progress, progress->shown);
    put(progress, "\r", 1);
    progress->shown = 0;
    fflush(progress->file);
}

static void add_part(char *out, size_t size, const char *what, size_t count)
{
    size_t len = strlen(out);
    if (count && len < size)
        snprintf(out + len, size - len, " · %zu %s", count, what);
}

void progress_format(const struct batch_progress *counts, int64_t elapsed_ms, char *out,
                     size_t size)
{
    snprintf(out, size, "%zu of %zu done", counts->done, counts->total);
    add_part(out, size, "there already", counts->skipped);
    add_part(out, size, "failed", counts->failed);
    add_part(out, size, "running", counts->running);
    size_t made = counts->done > counts->skipped ? counts->done - counts->skipped : 0;
    size_t len = strlen(out);
    if (!made || elapsed_ms < 1000 || len >= size)
        return;
    double per_ms = (double)made / (double)elapsed_ms;
    double left_s = (double)(counts->total - counts->done) / per_ms / 1000;
    snprintf(out + len, size - len, " · %.1f a second · %.0f s left", per_ms * 1000,
             left_s);
}
