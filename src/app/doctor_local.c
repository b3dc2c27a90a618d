/* SPDX-License-Identifier: MIT
 *
 * What the doctor can see without a network, and how it says what it saw.
 */
#include "config.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/doctor_parts.h"
#include "base/sanitise.h"
#include "base/xalloc.h"

enum { MIN_COLS = 40, MIN_ROWS = 10, MIN_FREE_MIB = 100 };

void doctor_say(struct check *check, enum doctor_state state, const char *fmt, ...)
{
    struct doctor *doctor = check->doctor;
    char text[1024], safe[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (doctor->is_freeing)
        return;
    check->text = xstrdup(sanitise_line(text, strlen(text), safe, sizeof safe));
    check->state = state;
    if (state > doctor->worst)
        doctor->worst = state;
    loop_timer_start(doctor->timer, 0, 0);
}

void doctor_fail(struct check *check, const struct err *err)
{
    bool is_denied = err->code == STATUS_AUTH || err->code == STATUS_CONFIG;
    doctor_say(check, is_denied ? DOCTOR_DENIED : DOCTOR_FAIL, "%s", err->text);
}

/* As term does: the screen works where C.UTF-8 does, whatever LANG says. */
void doctor_check_locale(struct check *check)
{
    const char *codeset = nl_langinfo(CODESET);
    locale_t other = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!strcmp(codeset, "UTF-8"))
        doctor_say(check, DOCTOR_OK, "The locale is UTF-8.");
    else if (other)
        doctor_say(check, DOCTOR_WARN,
                   "The locale's character set is %s; C.UTF-8 is used for it. Set LANG "
                   "or LC_ALL to one that ends in UTF-8.",
                   codeset);
    else
        doctor_say(check, DOCTOR_FAIL,
                   "The locale's character set is %s, and there is no C.UTF-8: install a "
                   "UTF-8 locale and set LANG to it.",
                   codeset);
    if (other)
        freelocale(other);
}

static const char *describe_colours(const struct settings *settings)
{
    const char *depth = getenv("COLORTERM");
    if (settings->colour == COLOUR_NEVER)
        return "without colour";
    return depth && (!strcmp(depth, "truecolor") || !strcmp(depth, "24bit"))
               ? "with 24-bit colour"
               : "with the colours that TERM says";
}

void doctor_check_terminal(struct check *check)
{
    const char *term = getenv("TERM");
    struct winsize size = {0};
    int fd = isatty(STDOUT_FILENO)   ? STDOUT_FILENO
             : isatty(STDERR_FILENO) ? STDERR_FILENO
                                     : STDIN_FILENO;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size))
        doctor_say(check, DOCTOR_WARN,
                   "This is no terminal: commands work, the screen needs one.");
    else if (!term || !*term || !strcmp(term, "dumb"))
        doctor_say(check, DOCTOR_FAIL,
                   "TERM is %s: set it to what your terminal is, such as xterm-256color.",
                   term && *term ? term : "not set");
    else if (size.ws_col < MIN_COLS || size.ws_row < MIN_ROWS)
        doctor_say(check, DOCTOR_WARN,
                   "The terminal is %d×%d: make it at least %d×%d for the screen.",
                   size.ws_col, size.ws_row, MIN_COLS, MIN_ROWS);
    else
        doctor_say(check, DOCTOR_OK, "%s, %d×%d, %s.", term, size.ws_col, size.ws_row,
                   describe_colours(check->doctor->settings));
}

void doctor_check_config(struct check *check)
{
    const struct settings *settings = check->doctor->settings;
    const char *path = settings->path ? settings->path : "the configuration file";
    struct stat facts;
    if (check->doctor->file_err.code)
        doctor_fail(check, &check->doctor->file_err);
    else if (!settings->path || stat(settings->path, &facts))
        doctor_say(check, DOCTOR_OK,
                   "There is no file %s; the environment and the defaults are used.",
                   path);
    else if (facts.st_mode & 022)
        doctor_say(check, DOCTOR_WARN,
                   "%s can be changed by others: run chmod go-w on it.", path);
    else
        doctor_say(check, DOCTOR_OK,
                   "%s is read (mode %03o): %zu endpoint%s, %zu server%s, with the "
                   "environment's.",
                   path, (unsigned)facts.st_mode & 0777u, settings->endpoint_count,
                   settings->endpoint_count == 1 ? "" : "s", settings->server_count,
                   settings->server_count == 1 ? "" : "s");
}

static void on_store_checked(void *ctx, const struct store_health *health,
                             const struct err *err)
{
    struct check *check = ctx;
    const char *path = store_path(check->doctor->store);
    const char *slash = strrchr(path, '/');
    size_t len = slash && slash > path ? (size_t)(slash - path) : 1;
    char *folder = slash ? xmemdup0(path, len) : xstrdup(".");
    struct statvfs space;
    struct stat facts = {0};
    long long mib = -1;
    if (!statvfs(folder, &space))
        mib = (long long)(space.f_bavail * space.f_frsize / (UINT64_C(1) << 20));
    /* with the sticky bit, as in /tmp, nobody can put another file in its place */
    bool is_open =
        !stat(folder, &facts) && facts.st_mode & 022 && !(facts.st_mode & S_ISVTX);
    if (err->code)
        doctor_fail(check, err);
    else if (is_open)
        doctor_say(check, DOCTOR_WARN,
                   "%s is whole, but others can change what is in its folder: run chmod "
                   "go-w %s.",
                   path, folder);
    else if (mib >= 0 && mib < MIN_FREE_MIB)
        doctor_say(check, DOCTOR_WARN,
                   "%s is whole, but only %lld MiB are free there: make room, or move it "
                   "with --store.",
                   path, mib);
    else
        doctor_say(check, DOCTOR_OK,
                   "%s is whole and can be written: %lld record%s in %lld dataset%s, "
                   "schema %lld, %lld MiB free.",
                   path, (long long)health->records, health->records == 1 ? "" : "s",
                   (long long)health->datasets, health->datasets == 1 ? "" : "s",
                   (long long)health->version, mib);
    free(folder);
}

/* A store that is not there yet is made: what must work is just that. */
void doctor_check_store(struct check *check)
{
    struct err err = {0};
    struct store_options options = {.path = check->doctor->settings->store,
                                    .clock = check->doctor->clock};
    if (store_open(&check->doctor->store, check->doctor->loop, &options, &err) !=
        STATUS_OK)
        doctor_fail(check, &err);
    else if (access(store_path(check->doctor->store), W_OK))
        doctor_say(check, DOCTOR_FAIL,
                   "%s cannot be written: give yourself write permission, or choose "
                   "another place with --store.",
                   store_path(check->doctor->store));
    else {
        /* endpoints may have been mended: what they refused is tried once more */
        (void)!store_put_note(check->doctor->store, "lessons", "{}", NULL);
        store_check(check->doctor->store, on_store_checked, check);
    }
}
