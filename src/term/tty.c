/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool set_utf8_locale(void)
{
    static const char *const names[] = {"", "C.UTF-8", "C.utf8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !has_utf8(); i++)
        setlocale(LC_CTYPE, names[i]);
    return has_utf8();
}

enum status tty_check(struct err *err)
{
    const char *type = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, STATUS_IO,
                       "The screen needs a terminal, and standard %s is none. Start it "
                       "in a terminal, or use a command that needs no screen (sherd "
                       "--help lists them).",
                       isatty(STDIN_FILENO) ? "output" : "input");
    if (!type || !*type)
        return err_set(err, STATUS_CONFIG,
                       "TERM is not set, so nobody knows what this terminal can do. Set "
                       "it to its type, for example TERM=xterm-256color.");
    if (!set_utf8_locale())
        return err_set(err, STATUS_CONFIG,
                       "The locale is not UTF-8 and this machine has no C.UTF-8. Install "
                       "a UTF-8 locale and set LANG or LC_ALL to it.");
    return STATUS_OK;
}

int tty_open_input(void)
{
    char name[256];
    int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int fd = -1;
    if (ttyname_r(STDIN_FILENO, name, sizeof name) == 0)
        fd = open(name, flags);
    if (fd < 0)
        fd = open("/dev/tty", flags);
    return fd >= 0 ? fd : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

void tty_write(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, len);
        if (count > 0) {
            bytes += count;
            len -= (size_t)count;
        } else if (count < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (count == 0 || errno != EINTR) {
            return; /* it is gone; a hang-up tells */
        }
    }
}

bool tty_is_gone(int fd)
{
    struct pollfd state = {.fd = fd};
    return poll(&state, 1, 0) == 1 && state.revents & (POLLHUP | POLLERR | POLLNVAL);
}

int tty_hide_stderr(void)
{
    if (!isatty(STDERR_FILENO))
        return -1;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
        return -1;
    int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0)
        dup2(nowhere, STDERR_FILENO);
    close(nowhere);
    return copy;
}

void tty_show_stderr(int *copy)
{
    if (*copy < 0)
        return;
    dup2(*copy, STDERR_FILENO);
    close(*copy);
    *copy = -1;
}
