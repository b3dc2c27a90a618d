/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/pty.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vterm.h>

#include "base/buf.h"
#include "base/xalloc.h"

struct pty {
    int fd;
    pid_t pid;
    int rows, cols;
    VTerm *vterm;
    VTermScreen *screen;
    struct buf bytes;
    struct buf row;
    int status;
    bool has_ended;
};

int64_t pty_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool pty_is_missing(void)
{
    int ours, theirs;
    if (openpty(&ours, &theirs, NULL, NULL, NULL) != 0) {
        printf("1..0 # SKIP no pseudo-terminal can be opened here\n");
        return true;
    }
    close(ours);
    close(theirs);
    return false;
}

struct pty *pty_start(char *const argv[], int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows,
                           .ws_col = (unsigned short)cols};
    int fd;
    pid_t pid = forkpty(&fd, NULL, NULL, &size);
    if (pid < 0)
        return NULL;
    if (pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execvp(argv[0], argv);
        _exit(127);
    }
    struct pty *pty = xcalloc(1, sizeof *pty);
    *pty = (struct pty){.fd = fd, .pid = pid, .rows = rows, .cols = cols};
    pty->vterm = vterm_new(rows, cols);
    vterm_set_utf8(pty->vterm, 1);
    pty->screen = vterm_obtain_screen(pty->vterm);
    vterm_screen_enable_altscreen(pty->screen, 1);
    vterm_screen_reset(pty->screen, 1);
    return pty;
}

void pty_free(struct pty *pty)
{
    if (!pty)
        return;
    if (!pty->has_ended) {
        kill(pty->pid, SIGKILL);
        waitpid(pty->pid, NULL, 0);
    }
    close(pty->fd);
    vterm_free(pty->vterm);
    buf_clear(&pty->bytes);
    buf_clear(&pty->row);
    free(pty);
}

pid_t pty_pid(const struct pty *pty)
{
    return pty->pid;
}

void pty_write(struct pty *pty, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(pty->fd, bytes, len);
        if (put < 0 && errno != EINTR)
            return;
        if (put > 0) {
            bytes += put;
            len -= (size_t)put;
        }
        if (len)
            pty_read(pty, 0); /* a full pty: the program waits for us to read */
    }
}

bool pty_read(struct pty *pty, int timeout_ms)
{
    struct pollfd poller = {.fd = pty->fd, .events = POLLIN};
    if (poll(&poller, 1, timeout_ms) <= 0)
        return true;
    char bytes[65536];
    ssize_t got = read(pty->fd, bytes, sizeof bytes);
    if (got <= 0)
        return false;
    buf_add(&pty->bytes, bytes, (size_t)got);
    vterm_input_write(pty->vterm, bytes, (size_t)got);
    return true;
}

static void add_utf8(struct buf *out, uint32_t cp)
{
    if (cp < 0x80) {
        buf_add_byte(out, (char)cp);
    } else if (cp < 0x800) {
        buf_add_byte(out, (char)(0xc0 | cp >> 6));
        buf_add_byte(out, (char)(0x80 | (cp & 0x3f)));
    } else if (cp < 0x10000) {
        buf_add_byte(out, (char)(0xe0 | cp >> 12));
        buf_add_byte(out, (char)(0x80 | (cp >> 6 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (cp & 0x3f)));
    } else {
        buf_add_byte(out, (char)(0xf0 | (cp >> 18 & 7)));
        buf_add_byte(out, (char)(0x80 | (cp >> 12 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (cp >> 6 & 0x3f)));
        buf_add_byte(out, (char)(0x80 | (cp & 0x3f)));
    }
}

const char *pty_row(struct pty *pty, int row)
{
    buf_reset(&pty->row);
    for (int col = 0; col < pty->cols; col++) {
        VTermScreenCell cell;
        VTermPos at = {.row = row, .col = col};
        if (!vterm_screen_get_cell(pty->screen, at, &cell) ||
            cell.chars[0] == (uint32_t)-1)
            continue;
        add_utf8(&pty->row, cell.chars[0] ? cell.chars[0] : ' ');
        for (int i = 1; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            add_utf8(&pty->row, cell.chars[i]);
    }
    while (pty->row.len && pty->row.data[pty->row.len - 1] == ' ')
        pty->row.data[--pty->row.len] = '\0';
    return buf_text(&pty->row);
}

bool pty_shows(struct pty *pty, const char *text)
{
    for (int row = 0; row < pty->rows; row++)
        if (strstr(pty_row(pty, row), text))
            return true;
    return false;
}

bool pty_wait(struct pty *pty, const char *text, bool is_gone, int timeout_ms)
{
    int64_t deadline = pty_now_us() + (int64_t)timeout_ms * 1000;
    while (pty_shows(pty, text) == is_gone) {
        int64_t left = deadline - pty_now_us();
        if (left <= 0)
            return false;
        if (!pty_read(pty, (int)(left / 1000) + 1))
            return pty_shows(pty, text) != is_gone;
    }
    return true;
}

const char *pty_bytes(const struct pty *pty, size_t *len)
{
    *len = pty->bytes.len;
    return buf_text(&pty->bytes);
}

void pty_forget(struct pty *pty)
{
    buf_reset(&pty->bytes);
}

int pty_end(struct pty *pty)
{
    int64_t deadline = pty_now_us() + 15000000;
    int status = 0;
    while (waitpid(pty->pid, &status, WNOHANG) == 0) {
        if (pty_now_us() > deadline)
            return -1;
        pty_read(pty, 5);
    }
    pty->has_ended = true;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

long pty_prompt(struct pty *pty)
{
    for (int row = 0; row < pty->rows; row++) {
        const char *at = strstr(pty_row(pty, row), "Prompt #");
        if (!at)
            continue;
        long number = 0;
        for (at += strlen("Prompt #"); (*at >= '0' && *at <= '9') || *at == ','; at++)
            if (*at != ',') /* between thousands */
                number = number * 10 + (*at - '0');
        return number;
    }
    return -1;
}

_Noreturn void pty_give_up(struct pty *pty, const char *what)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    for (int row = 0; pty && row < pty->rows; row++)
        fprintf(stderr, "%s\n", pty_row(pty, row));
    exit(1);
}

int pty_by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}
