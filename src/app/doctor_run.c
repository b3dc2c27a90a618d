/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/doctor.h"

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
#include "config/settings_parts.h"

enum { MIN_COLS = 40, MIN_ROWS = 10, MIN_FREE_MIB = 100 };

const char *doctor_state_name(enum doctor_state state)
{
    static const char *const names[] = {"ok", "warn", "fail"};
    return names[state];
}

static void set_name(struct doctor *doctor, const char *kind, const char *name)
{
    char safe[128];
    sanitise_line(name, strlen(name), safe, sizeof safe);
    snprintf(doctor->name, sizeof doctor->name, "%s%s%s", kind, *safe ? " " : "", safe);
}

void doctor_say(struct doctor *doctor, enum doctor_state state, const char *fmt, ...)
{
    char text[1024], safe[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    sanitise_line(text, strlen(text), safe, sizeof safe);
    if (state > doctor->worst)
        doctor->worst = state;
    struct doctor_check check = {.name = doctor->name, .state = state, .text = safe};
    if (!doctor->is_freeing) {
        doctor->fn(doctor->ctx, &check);
        loop_timer_start(doctor->timer, 0, 0);
    }
}

/* ---- checks without a network ---- */

/* As term does: the screen works where C.UTF-8 does, whatever LANG says. */
static void check_locale(struct doctor *doctor)
{
    const char *codeset = nl_langinfo(CODESET);
    locale_t other = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!strcmp(codeset, "UTF-8"))
        doctor_say(doctor, DOCTOR_OK, "The locale is UTF-8.");
    else if (other)
        doctor_say(
            doctor, DOCTOR_WARN,
            "The locale's character set is %s; C.UTF-8 is used for it. Set LANG or "
            "LC_ALL to one that ends in UTF-8.",
            codeset);
    else
        doctor_say(doctor, DOCTOR_FAIL,
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

static void check_terminal(struct doctor *doctor)
{
    const char *term = getenv("TERM");
    struct winsize size = {0};
    int fd = isatty(STDOUT_FILENO)   ? STDOUT_FILENO
             : isatty(STDERR_FILENO) ? STDERR_FILENO
                                     : STDIN_FILENO;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size))
        doctor_say(doctor, DOCTOR_WARN,
                   "This is no terminal: commands work, the screen needs one.");
    else if (!term || !*term || !strcmp(term, "dumb"))
        doctor_say(doctor, DOCTOR_FAIL,
                   "TERM is %s: set it to what your terminal is, such as "
                   "xterm-256color.",
                   term && *term ? term : "not set");
    else if (size.ws_col < MIN_COLS || size.ws_row < MIN_ROWS)
        doctor_say(doctor, DOCTOR_WARN,
                   "The terminal is %d×%d: make it at least %d×%d for the screen.",
                   size.ws_col, size.ws_row, MIN_COLS, MIN_ROWS);
    else
        doctor_say(doctor, DOCTOR_OK, "%s, %d×%d, %s.", term, size.ws_col, size.ws_row,
                   describe_colours(doctor->settings));
}

static void check_config(struct doctor *doctor)
{
    const struct settings *settings = doctor->settings;
    const char *path = settings->path ? settings->path : "the configuration file";
    struct stat facts;
    if (doctor->file_err.code)
        doctor_say(doctor, DOCTOR_FAIL, "%s", doctor->file_err.text);
    else if (!settings->path || stat(settings->path, &facts))
        doctor_say(doctor, DOCTOR_OK,
                   "There is no file %s; the environment and the defaults are used.",
                   path);
    else if (facts.st_mode & 022)
        doctor_say(doctor, DOCTOR_WARN,
                   "%s can be changed by others: run chmod go-w on it.", path);
    else
        doctor_say(doctor, DOCTOR_OK,
                   "%s is read (mode %03o): %zu endpoint%s, %zu server%s, with the "
                   "environment's.",
                   path, (unsigned)facts.st_mode & 0777u, settings->endpoint_count,
                   settings->endpoint_count == 1 ? "" : "s", settings->server_count,
                   settings->server_count == 1 ? "" : "s");
}

static void on_store_checked(void *ctx, const struct store_health *health,
                             const struct err *err)
{
    struct doctor *doctor = ctx;
    const char *path = store_path(doctor->store);
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
        doctor_say(doctor, DOCTOR_FAIL, "%s", err->text);
    else if (is_open)
        doctor_say(doctor, DOCTOR_WARN,
                   "%s is whole, but others can change what is in its folder: run chmod "
                   "go-w %s.",
                   path, folder);
    else if (mib >= 0 && mib < MIN_FREE_MIB)
        doctor_say(doctor, DOCTOR_WARN,
                   "%s is whole, but only %lld MiB are free there: make room, or move "
                   "it with --store.",
                   path, mib);
    else
        doctor_say(doctor, DOCTOR_OK,
                   "%s is whole and can be written: %lld record%s in %lld dataset%s, "
                   "schema %lld, %lld MiB free.",
                   path, (long long)health->records, health->records == 1 ? "" : "s",
                   (long long)health->datasets, health->datasets == 1 ? "" : "s",
                   (long long)health->version, mib);
    free(folder);
}

/* A store that is not there yet is made: what must work is just that. */
static void check_store(struct doctor *doctor)
{
    struct err err = {0};
    struct store_options options = {.path = doctor->settings->store,
                                    .clock = doctor->clock};
    if (store_open(&doctor->store, doctor->loop, &options, &err) != STATUS_OK)
        doctor_say(doctor, DOCTOR_FAIL, "%s", err.text);
    else if (access(store_path(doctor->store), W_OK))
        doctor_say(doctor, DOCTOR_FAIL,
                   "%s cannot be written: give yourself write permission, or choose "
                   "another place with --store.",
                   store_path(doctor->store));
    else
        store_check(doctor->store, on_store_checked, doctor);
}

/* ---- keys ---- */

static void run_key(void *ctx)
{
    struct doctor *doctor = ctx;
    (void)setting_run_key_command(doctor->command, &doctor->key, 0, &doctor->stop,
                                  &doctor->key_err);
}

static void finish_key(void *ctx)
{
    struct doctor *doctor = ctx;
    free(doctor->command);
    doctor->command = NULL;
    if (!doctor->is_freeing)
        doctor->on_key(doctor);
    secret_clear(&doctor->key);
}

void doctor_fetch_key(struct doctor *doctor, const char *command, loop_fn on_key)
{
    if (!doctor->worker)
        doctor->worker = worker_new(doctor->loop);
    doctor->command = xstrdup(command);
    doctor->on_key = on_key;
    err_clear(&doctor->key_err);
    worker_submit(doctor->worker, run_key, finish_key, doctor);
}

/* ---- one after the other ---- */

static const struct {
    const char *name;
    void (*run)(struct doctor *doctor);
} local_checks[] = {{"locale", check_locale},
                    {"terminal", check_terminal},
                    {"config", check_config},
                    {"store", check_store}};

enum { LOCAL_CHECKS = sizeof local_checks / sizeof *local_checks };

static void check_remote(struct doctor *doctor, size_t index)
{
    const struct settings *settings = doctor->settings;
    size_t endpoints = doctor->endpoint_count ? doctor->endpoint_count : 1;
    size_t servers = doctor->server_count ? doctor->server_count : 1;
    if (index < endpoints) {
        set_name(doctor, "endpoint",
                 doctor->endpoint_count ? settings->endpoints[index].name : "");
        if (doctor->endpoint_count)
            doctor_check_endpoint(doctor, index);
        else
            doctor_say(
                doctor, DOCTOR_WARN,
                "No model endpoint is configured: set OPENAI_BASE_URL or OPENAI_API_KEY, "
                "or add an [endpoint NAME] with a url to %s.",
                settings->path ? settings->path : "the config file");
    } else if (index - endpoints < servers) {
        index -= endpoints;
        set_name(doctor, "server",
                 doctor->server_count ? settings->servers[index].name : "");
        if (doctor->server_count)
            doctor_check_server(doctor, index);
        else
            doctor_say(
                doctor, DOCTOR_OK,
                "No Argilla server is configured; everything stays in the local store. "
                "ARGILLA_API_URL and ARGILLA_API_KEY name one.");
    } else {
        doctor->is_over = true;
    }
}

static void run_next(void *ctx)
{
    struct doctor *doctor = ctx;
    size_t index = doctor->next++;
    if (index < LOCAL_CHECKS) {
        set_name(doctor, local_checks[index].name, "");
        local_checks[index].run(doctor);
    } else {
        check_remote(doctor, index - LOCAL_CHECKS);
    }
}

/* What --endpoint URL and --server URL name is checked too: asking makes them known. */
static void choose(struct doctor *doctor)
{
    struct err err = {0};
    setting_choose_endpoint(doctor->settings, &err);
    setting_choose_server(doctor->settings, &err);
    if (err.code && !doctor->file_err.code)
        doctor->file_err = err;
    doctor->endpoint_count = doctor->settings->endpoint_count;
    doctor->server_count =
        doctor->settings->is_local ? 0 : doctor->settings->server_count;
}

struct doctor *doctor_start(struct loop *loop, const struct clock *clock,
                            struct settings *settings, const struct err *file_err,
                            doctor_fn fn, void *ctx)
{
    struct doctor *doctor = xcalloc(1, sizeof *doctor);
    doctor->loop = loop;
    doctor->clock = clock;
    doctor->settings = settings;
    if (file_err)
        doctor->file_err = *file_err;
    doctor->fn = fn;
    doctor->ctx = ctx;
    doctor->http = http_new(loop);
    doctor->timer = loop_timer_new(loop, run_next, doctor);
    choose(doctor);
    loop_timer_start(doctor->timer, 0, 0);
    return doctor;
}

bool doctor_is_over(const struct doctor *doctor)
{
    return doctor->is_over;
}

enum doctor_state doctor_worst(const struct doctor *doctor)
{
    return doctor->worst;
}

void doctor_settle(struct doctor *doctor, const volatile bool *stop)
{
    while (!doctor->is_over && !(stop && *stop) && loop_turn(doctor->loop))
        ;
}

void doctor_free(struct doctor *doctor)
{
    if (!doctor)
        return;
    doctor->is_freeing = true;
    atomic_store(&doctor->stop, true);
    if (doctor->worker)
        worker_free(doctor->worker);
    if (doctor->argilla)
        argilla_free(doctor->argilla);
    http_free(doctor->http);
    if (doctor->store)
        store_close(doctor->store);
    loop_timer_free(doctor->timer);
    endpoint_clear(&doctor->endpoint);
    secret_clear(&doctor->key);
    free(doctor);
}
