/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "config/settings.h"
#include "config/settings_parts.h"
#include "text/sanitise.h"

enum { KEY_LIMIT_MS = 20000, POLL_MS = 100, KEY_MAX_BYTES = 64 * 1024, MAX_WORDS = 64 };

/* ---- keys from a variable or a file ---- */

/* The first line: password managers put remarks below it. */
static void take_first_line(struct secret *key, char *text)
{
    text[strcspn(text, "\r\n")] = '\0';
    secret_set(key, text);
}

static enum status check_key_file(int fd, const char *path, struct err *err)
{
    struct stat facts;
    if (fstat(fd, &facts))
        return err_set(err, STATUS_IO, "The key file %s cannot be read: %s.", path,
                       strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return err_set(err, STATUS_CONFIG, "The key file %s is not a file.", path);
    if (facts.st_mode & 077)
        return err_set(err, STATUS_CONFIG,
                       "The key file %s can be read by others: run chmod 600 %s.", path,
                       path);
    return STATUS_OK;
}

static enum status read_key_file(const char *path, struct secret *key, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set(err, STATUS_CONFIG, "The key file %s cannot be opened: %s.", path,
                       strerror(errno));
    enum status status = check_key_file(fd, path, err);
    char text[4096];
    ssize_t len = status == STATUS_OK ? read(fd, text, sizeof text - 1) : 0;
    close(fd);
    if (status != STATUS_OK)
        return status;
    if (len < 0)
        return err_set(err, STATUS_IO, "The key file %s cannot be read.", path);
    text[len] = '\0';
    take_first_line(key, text);
    explicit_bzero(text, sizeof text);
    if (!secret_is_set(key))
        return err_set(err, STATUS_CONFIG, "The key file %s is empty.", path);
    return STATUS_OK;
}

enum status settings_find_key(const struct settings *settings, bool is_server,
                              const char *owner, struct secret *key, struct err *err)
{
    if (secret_is_set(key))
        return STATUS_OK;
    const struct key_source *source = NULL;
    for (size_t i = 0; i < settings->source_count && !source; i++) {
        const struct key_source *each = &settings->sources[i];
        if (each->is_server == is_server && !strcmp(each->owner, owner))
            source = each;
    }
    if (!source)
        return STATUS_OK;
    if (source->variable) {
        secret_set(key, getenv(source->variable));
        if (!secret_is_set(key) && !source->file)
            return err_set(err, STATUS_CONFIG,
                           "The key of %s \"%s\" is to come from the environment "
                           "variable %s, which is not set.",
                           is_server ? "server" : "endpoint", owner, source->variable);
    }
    if (secret_is_set(key) || !source->file)
        return STATUS_OK;
    char *path = setting_expand_home(source->file);
    enum status status = read_key_file(path, key, err);
    free(path);
    return status;
}

/* ---- keys from a command ---- */

static char *skip_blanks(char *at)
{
    return at + strspn(at, " \t");
}

/* Moves one word from *at to put, without its quotes: they keep blanks, and a backslash
 * keeps the next byte outside '…'. Returns the quote that has no end, or 0. */
static char take_word(char **at, char *put)
{
    char quote = '\0';
    char *from = *at;
    for (; *from && (quote || !strchr(" \t", *from)); from++) {
        if (*from == quote)
            quote = '\0';
        else if (!quote && strchr("'\"", *from))
            quote = *from;
        else
            *put++ = *from == '\\' && quote != '\'' && from[1] ? *++from : *from;
    }
    *at = *from ? from + 1 : from;
    *put = '\0';
    return quote;
}

/* Splits in place; how many words, 0 with err when it cannot. */
static size_t split_words(char *text, char **words, struct err *err)
{
    size_t count = 0;
    for (char *at = skip_blanks(text); *at; at = skip_blanks(at)) {
        if (count == MAX_WORDS) {
            err_set(err, STATUS_CONFIG, "api_key_cmd has more than %d words.", MAX_WORDS);
            return 0;
        }
        words[count++] = at;
        char quote = take_word(&at, at);
        if (quote) {
            err_set(err, STATUS_CONFIG, "api_key_cmd has a %c without its end.", quote);
            return 0;
        }
    }
    words[count] = NULL;
    if (!count)
        err_set(err, STATUS_CONFIG, "api_key_cmd is empty.");
    return count;
}

static enum status spawn(char **words, pid_t *child, int *output, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return err_set(err, STATUS_IO, "%s cannot be started: %s.", words[0],
                       strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawnp(child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return err_set(err, STATUS_CONFIG, "api_key_cmd: %s cannot be started: %s.",
                       words[0], strerror(failed));
    }
    *output = ends[0];
    return STATUS_OK;
}

static enum status collect(int fd, struct buf *out, const char *name,
                           const atomic_bool *stop, struct err *err)
{
    int64_t end = clock_mono_ms(&clock_system) + KEY_LIMIT_MS;
    for (;;) {
        int64_t left = end - clock_mono_ms(&clock_system);
        if (stop && atomic_load(stop))
            return err_set(err, STATUS_CANCELLED, "api_key_cmd: %s was stopped.", name);
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int slice = (int)(left > POLL_MS ? POLL_MS : left);
        int ready = left > 0 ? poll(&wait, 1, slice) : 0;
        if ((ready < 0 && errno == EINTR) || (!ready && left > slice))
            continue;
        if (ready <= 0)
            return err_set(err, STATUS_TIMEOUT,
                           "api_key_cmd: %s did not end within %d s.", name,
                           KEY_LIMIT_MS / 1000);
        char piece[4096];
        ssize_t len = read(fd, piece, sizeof piece);
        bool is_too_long = len > 0 && !buf_add(out, piece, (size_t)len);
        explicit_bzero(piece, sizeof piece);
        if (is_too_long)
            return err_set(err, STATUS_FULL, "api_key_cmd: %s printed more than %d KiB.",
                           name, KEY_MAX_BYTES / 1024);
        if (!len)
            return STATUS_OK;
        if (len < 0 && errno != EINTR)
            return err_set(err, STATUS_IO, "api_key_cmd: %s: %s.", name, strerror(errno));
    }
}

static enum status judge_end(pid_t child, bool was_read, const char *name,
                             struct err *err)
{
    if (!was_read)
        kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!was_read)
        return err->code;
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return STATUS_OK;
    return err_set(err, STATUS_CONFIG,
                   "api_key_cmd: %s failed (%s %d). Run it by hand to see why.", name,
                   WIFEXITED(status) ? "exit code" : "signal",
                   WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static enum status run_words(char **words, struct secret *key, const atomic_bool *stop,
                             struct err *err)
{
    pid_t child = 0;
    int output = -1;
    enum status status = spawn(words, &child, &output, err);
    if (status != STATUS_OK)
        return status;
    struct err why = {0};
    struct buf text;
    buf_init(&text, KEY_MAX_BYTES);
    bool was_read = collect(output, &text, words[0], stop, &why) == STATUS_OK;
    close(output);
    status = judge_end(child, was_read, words[0], &why);
    if (status == STATUS_OK) {
        char *all = buf_take(&text);
        take_first_line(key, all);
        explicit_bzero(all, strlen(all));
        free(all);
        if (!secret_is_set(key))
            status =
                err_set(&why, STATUS_CONFIG, "api_key_cmd: %s printed no key.", words[0]);
    }
    if (text.data)
        explicit_bzero(text.data, text.len);
    buf_clear(&text);
    if (status != STATUS_OK)
        err_set(err, status, "%s", why.text);
    return status;
}

enum status setting_run_key_command(const char *command, struct secret *key,
                                    const atomic_bool *stop, struct err *err)
{
    if (secret_is_set(key))
        return STATUS_OK;
    char *text = xstrdup(command);
    char *words[MAX_WORDS + 1];
    enum status status = STATUS_CONFIG;
    if (split_words(text, words, err)) {
        char safe[128];
        sanitise_line(words[0], strlen(words[0]), safe, sizeof safe);
        status = strcmp(safe, words[0])
                     ? err_set(err, STATUS_CONFIG,
                               "api_key_cmd: %s is no name of a command.", safe)
                     : run_words(words, key, stop, err);
    }
    free(text);
    return status;
}

enum status settings_fetch_key(const char *command, struct secret *key, struct err *err)
{
    return setting_run_key_command(command, key, NULL, err);
}
