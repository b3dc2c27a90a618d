/* SPDX-License-Identifier: MIT
 *
 * What commands read: files, pipes, standard input; the records that are asked for.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "store/store_search.h"
#include "text/match.h"
#include "text/outside.h"

enum {
    STDIN_MAX = 16 * 1024 * 1024,
    INPUT_POLL_MS = 100,  /* a signal between two looks at it waits so long at most */
    INPUT_QUIET_MS = 3000 /* then it is said that input is waited for */
};

/* Until there is something to read, or Ctrl-C. poll takes every kind of file, and is not
 * started again by the system after a signal. */
static enum status wait_for_input(struct cli *cli, int fd, int64_t *told_ms,
                                  struct err *err)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    bool is_ticking = false; /* a loop with nothing to wait for looks at no signals */
    struct loop_timer *timer = loop_timer_new(cli->loop, command_set_true, &is_ticking);
    loop_timer_start(timer, INPUT_POLL_MS, INPUT_POLL_MS);
    for (int ready = 0; !ready && !err->code;) {
        loop_poll(cli->loop);
        if (cli->is_stopped)
            err_set(err, STATUS_CANCELLED,
                    "Stopped while input was read: nothing was done.");
        else
            ready = poll(&wait, 1, INPUT_POLL_MS);
        if (ready < 0 && errno == EINTR)
            ready = 0;
        int64_t now = clock_mono_ms(&clock_system);
        if (*told_ms && now - *told_ms > INPUT_QUIET_MS && !isatty(fd)) {
            cli_say("Waiting for the end of the input; Ctrl-C stops.");
            *told_ms = 0;
        }
    }
    loop_timer_free(timer);
    return err->code;
}

/* Into text, or into the file spool when text is NULL. */
static enum status read_all(struct cli *cli, int fd, const char *name, struct buf *text,
                            int spool, struct err *err)
{
    char piece[65536];
    int64_t told_ms = clock_mono_ms(&clock_system);
    ssize_t got = 1;
    while (got && err->code == STATUS_OK &&
           !(cli && wait_for_input(cli, fd, &told_ms, err))) {
        got = read(fd, piece, sizeof piece);
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            err_set(err, STATUS_IO, "%.250s cannot be read: %s.", name, strerror(errno));
        else if (got > 0 && !text && write(spool, piece, (size_t)got) != got)
            err_set(err, STATUS_IO, "A temporary file cannot be written: %s.",
                    strerror(errno));
        else if (got > 0 && text && !buf_add(text, piece, (size_t)got))
            err_set(err, STATUS_FULL, "%.250s is over %zu MiB: split it.", name,
                    text->max >> 20);
    }
    return err->code;
}

enum status command_confirm(struct cli *cli, const char *question, struct err *err)
{
    char line[256] = "";
    int64_t told_ms = 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return err_set(err, STATUS_USAGE, "%s Nobody can be asked here: --yes does it.",
                       question);
    cli_say("%s y and Enter: yes; Enter alone: no.", question);
    if (wait_for_input(cli, STDIN_FILENO, &told_ms, err))
        return err->code;
    if (read(STDIN_FILENO, line, sizeof line) > 0 && (line[0] == 'y' || line[0] == 'Y'))
        return STATUS_OK;
    return err_set(err, STATUS_CANCELLED, "Nothing is changed.");
}

const char *command_input_name(const char *path)
{
    return strcmp(path, "-") != 0 ? path : "standard input";
}

/* "-" is standard input. */
static int open_input(const char *path, const char **name)
{
    *name = command_input_name(path);
    /* without a writer the opening of a FIFO would wait, through every signal */
    return *name != path ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                         : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

enum status command_read(struct cli *cli, const char *path, size_t max, struct buf *text,
                         struct err *err)
{
    const char *name;
    int fd = open_input(path, &name);
    if (fd < 0)
        return err_set(err, STATUS_IO, "%.250s cannot be opened: %s.", name,
                       strerror(errno));
    buf_init(text, max);
    enum status status = read_all(cli, fd, name, text, -1, err);
    close(fd);
    return status == STATUS_OK ? outside_text(text, name, err) : status;
}

enum status command_open_rows(struct cli *cli, const char *path, int *out,
                              struct err *err)
{
    const char *name;
    int fd = open_input(path, &name);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts))
        return err_set(err, STATUS_IO, "%.250s cannot be opened: %s.", name,
                       strerror(errno));
    *out = fd;
    /* what stands in the middle of its input begins there */
    if (S_ISREG(facts.st_mode) && lseek(fd, 0, SEEK_CUR) == 0)
        return STATUS_OK;
    FILE *spool = tmpfile();
    if (!spool) {
        close(fd);
        return err_set(err, STATUS_IO, "A temporary file cannot be made: %s.",
                       strerror(errno));
    }
    *out = fcntl(fileno(spool), F_DUPFD_CLOEXEC, 3);
    fclose(spool);
    enum status status = read_all(cli, fd, name, NULL, *out, err);
    close(fd);
    if (status != STATUS_OK)
        close(*out);
    return status;
}

enum status command_read_stdin(struct cli *cli, struct buf *text, struct err *err)
{
    enum status status = command_read(cli, "-", STDIN_MAX, text, err);
    if (status == STATUS_OK && text->len && text->data[text->len - 1] == '\n')
        text->data[--text->len] = '\0';
    return status;
}

/* ---- the records that are asked for ---- */

struct selection_wait {
    int64_t *rows;
    size_t count, capacity;
    bool is_over, has_no_order;
    struct err *err;
};

static void take_selected(void *ctx, const struct selected *rows, size_t count,
                          bool is_over, const struct err *err)
{
    struct selection_wait *wait = ctx;
    wait->has_no_order |= count && !wait->count && rows[0].is_last;
    for (size_t i = 0; i < count; i++) {
        wait->rows = xgrow(wait->rows, wait->count, &wait->capacity, sizeof *wait->rows);
        wait->rows[wait->count++] = rows[i].row;
    }
    wait->is_over = is_over;
    if (err->code)
        *wait->err = *err;
}

/* False when nothing is selected. */
static bool read_selection(const struct cli *cli, const struct dataset *dataset,
                           struct selection *out, struct err *err)
{
    const char *const *texts = cli->arguments->texts;
    const char *filter = texts[OPTION_FILTER], *search = texts[OPTION_SEARCH],
               *order = texts[OPTION_ORDER];
    if (filter && selection_parse(out, filter, dataset, NULL, err))
        err_prefix(err, "--filter");
    else if (filter && !out->count && cli->arguments->command == COMMAND_DELETE)
        err_set(err, STATUS_USAGE, /* an empty variable of a script, most of the time */
                "--filter: “%.80s” leaves nothing out: it would be every record of "
                "%.120s. Say which are meant.",
                filter, dataset->name);
    if (search && !err->code) {
        /* --search as a term of the filter */
        struct selection_term term = {
            .kind = SELECT_TEXT, .values = xcalloc(1, sizeof *term.values), .count = 1};
        term.values[0].text = xstrdup(search);
        term.values[0].is_pattern = match_pattern(search, "") != 0;
        term.values[0].match = selection_match(&term.values[0], err);
        selection_give(out, &term);
        err_prefix(err, "--search");
    }
    if (order && !err->code &&
        (out->order_count ? err_set(err, STATUS_USAGE, "--filter has an order already.")
                          : selection_parse_order(out, order, dataset, err)))
        err_prefix(err, "--order");
    selection_draw(out, 1); /* not by chance */
    return filter || search || order;
}

enum status command_select(struct cli *cli, const struct dataset *dataset, int64_t **rows,
                           size_t *count, struct err *err)
{
    const char *const *texts = cli->arguments->texts;
    struct selection selection = {0};
    struct selection_wait wait = {.err = err};
    *rows = NULL;
    *count = 0;
    if (read_selection(cli, dataset, &selection, err) && !err->code) {
        struct selecting *selecting =
            store_select(cli->store, dataset, &selection, true, take_selected, &wait);
        command_wait(cli, &wait.is_over);
        if (!wait.is_over) {
            store_select_cancel(selecting);
            err_set(err, STATUS_CANCELLED, "Stopped.");
        }
        if (err->code == STATUS_USAGE) /* metadata that nothing has */
            err_prefix(err, texts[OPTION_FILTER] ? "--filter" : "--order");
        if (wait.has_no_order)
            cli_say(selection.order_count > 1
                        ? "No record has what the order asks for first."
                        : "Nothing is ordered: no record has what the order asks for.");
        char *doubt = wait.count ? xstrdup("") : selection_doubt(&selection);
        if (*doubt)
            cli_say("No record meets the filter%s.", doubt);
        free(doubt);
        *rows = wait.rows ? wait.rows : xcalloc(1, sizeof **rows);
        *count = wait.count;
    }
    selection_clear(&selection);
    return err->code;
}

enum status command_expect_there(struct cli *cli, const struct dataset *dataset,
                                 struct err *err)
{
    struct dataset now = {0};
    struct err missing = {0};
    if (!err->code &&
        store_get_dataset(cli->store, dataset->row, &now, &missing) == STATUS_NOT_FOUND)
        err_set(err, STATUS_CONFLICT,
                "The dataset %.120s was forgotten here or moved meanwhile: it was not "
                "read to its end.",
                dataset->name);
    dataset_clear(&now);
    return err->code;
}

enum status command_each_record(struct cli *cli, const struct dataset *dataset,
                                const enum response_status *status, store_record_fn fn,
                                void *ctx, struct err *err)
{
    struct record record = {0};
    int64_t *rows = NULL;
    size_t count = 0;
    bool goes_on = true;
    if (command_select(cli, dataset, &rows, &count, err) == STATUS_OK && !rows)
        (void)store_each_record(cli->store, dataset->row, status != NULL,
                                status ? *status : RESPONSE_PENDING, fn, ctx, err);
    (void)command_expect_there(cli, dataset, err);
    for (size_t i = 0; rows && goes_on && i < count && !err->code; i++) {
        struct err fault = {0}; /* NOT_FOUND: it was deleted since */
        if (store_get_record_row(cli->store, rows[i], &record, &fault) != STATUS_OK)
            *err = fault.code == STATUS_NOT_FOUND ? *err : fault;
        else if (!status || record_has_status(&record, *status))
            goes_on = fn(ctx, &record);
    }
    record_clear(&record);
    free(rows);
    return err->code;
}
