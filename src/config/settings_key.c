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
#include "base/paths.h"
#include "base/words.h"
#include "base/worker.h"
#include "base/xalloc.h"
#include "config/settings.h"
#include "config/settings_parts.h"
#include "text/outside.h"

enum { KEY_LIMIT_MS = 20000, POLL_MS = 100, KEY_MAX_BYTES = 64 * 1024 };

/* ---- keys from a variable or a file ---- */

/* The first line: password managers put remarks below it. Wipes the text. */
static enum status take_first_line(struct secret *key, struct buf *text, const char *name,
                                   struct err *err)
{
    enum status status = outside_text(text, name, err);
    if (status == STATUS_OK && text->data) {
        text->data[strcspn(text->data, "\n")] = '\0';
        secret_set(key, text->data);
    }
    if (text->data)
        explicit_bzero(text->data, text->capacity);
    buf_clear(text);
    return status == STATUS_OK ? status : STATUS_CONFIG;
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
    /* a FIFO without a writer would wait here for ever */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, STATUS_CONFIG, "The key file %s cannot be opened: %s.", path,
                       strerror(errno));
    enum status status = check_key_file(fd, path, err);
    char piece[4096];
    ssize_t len = status == STATUS_OK ? read(fd, piece, sizeof piece) : 0;
    close(fd);
    if (status != STATUS_OK)
        return status;
    if (len < 0)
        return err_set(err, STATUS_IO, "The key file %s cannot be read.", path);
    struct buf text = {0};
    buf_add(&text, piece, (size_t)len);
    explicit_bzero(piece, sizeof piece);
    status = take_first_line(key, &text, path, err);
    if (status == STATUS_OK && !secret_is_set(key))
        return err_set(err, STATUS_CONFIG, "The key file %s is empty.", path);
    return status;
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
    char *path = paths_expand(source->file);
    enum status status = read_key_file(path, key, err);
    free(path);
    return status;
}

/* ---- keys from a command ---- */

static enum status spawn(char **words, const char *name, pid_t *child, int *output,
                         struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return err_set(err, STATUS_IO, "%s cannot be started: %s.", name,
                       strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* it would inherit that we ignore SIGPIPE, and what this thread blocks */
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawnp(child, words[0], &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return err_set(err, STATUS_CONFIG, "api_key_cmd: %s cannot be started: %s.", name,
                       strerror(failed));
    }
    *output = ends[0];
    return STATUS_OK;
}

/* How long it may take, and what ends it early. */
struct patience {
    const char *name; /* of the command */
    int64_t limit_ms;
    int64_t end_ms;
    const atomic_bool *stop;
};

static enum status check_patience(const struct patience *patience, struct err *err)
{
    if (patience->stop && atomic_load(patience->stop))
        return err_set(err, STATUS_CANCELLED, "api_key_cmd: %s was stopped.",
                       patience->name);
    if (clock_mono_ms(&clock_system) < patience->end_ms)
        return STATUS_OK;
    return err_set(err, STATUS_TIMEOUT, "api_key_cmd: %s did not end within %g s.",
                   patience->name, (double)patience->limit_ms / 1000);
}

static enum status collect(int fd, struct buf *out, const struct patience *patience,
                           struct err *err)
{
    while (check_patience(patience, err) == STATUS_OK) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = poll(&wait, 1, POLL_MS);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        char piece[4096];
        ssize_t len = ready < 0 ? -1 : read(fd, piece, sizeof piece);
        bool is_too_long = len > 0 && !buf_add(out, piece, (size_t)len);
        explicit_bzero(piece, sizeof piece);
        if (is_too_long)
            return err_set(err, STATUS_FULL, "api_key_cmd: %s printed more than %d KiB.",
                           patience->name, KEY_MAX_BYTES / 1024);
        if (!len)
            return STATUS_OK;
        if (len < 0 && errno != EINTR)
            return err_set(err, STATUS_IO, "api_key_cmd: %s: %s.", patience->name,
                           strerror(errno));
    }
    return err->code;
}

/* Its output may be closed and it may live on: the limit holds for that too. */
static enum status wait_for_end(pid_t child, const struct patience *patience,
                                struct err *err)
{
    int status = 0;
    pid_t ended = 0;
    for (int wait_ms = 1; err->code == STATUS_OK; wait_ms += wait_ms < POLL_MS) {
        ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR) ||
            check_patience(patience, err))
            break;
        poll(NULL, 0, wait_ms);
    }
    if (err->code) {
        kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
        return err->code;
    }
    if (ended == child && WIFEXITED(status) && !WEXITSTATUS(status))
        return STATUS_OK;
    return err_set(err, STATUS_CONFIG,
                   "api_key_cmd: %s failed (%s %d). Run it by hand to see why.",
                   patience->name, WIFEXITED(status) ? "exit code" : "signal",
                   WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static enum status run_words(char **words, struct secret *key, struct patience *patience,
                             struct err *err)
{
    pid_t child = 0;
    int output = -1;
    patience->end_ms = clock_mono_ms(&clock_system) + patience->limit_ms;
    enum status status = spawn(words, patience->name, &child, &output, err);
    if (status != STATUS_OK)
        return status;
    struct buf text;
    buf_init(&text, KEY_MAX_BYTES);
    (void)collect(output, &text, patience, err);
    close(output);
    status = wait_for_end(child, patience, err);
    struct err unread = {0};
    enum status read = take_first_line(key, &text, "api_key_cmd", &unread);
    if (status != STATUS_OK)
        secret_clear(key);
    else if (read != STATUS_OK)
        status = err_set(err, read, "%s", unread.text);
    else if (!secret_is_set(key))
        status = err_set(err, STATUS_CONFIG, "api_key_cmd: %s printed no key.",
                         patience->name);
    return status;
}

enum status setting_run_key_command(const char *command, struct secret *key,
                                    int64_t limit_ms, const atomic_bool *stop,
                                    struct err *err)
{
    size_t count = 0;
    struct err why = {0};
    if (secret_is_set(key))
        return STATUS_OK;
    char **words = words_split("api_key_cmd", command, &count, &why);
    if (words) {
        struct patience patience = {.name = words[0],
                                    .limit_ms = limit_ms ? limit_ms : KEY_LIMIT_MS,
                                    .stop = stop};
        (void)run_words(words, key, &patience, &why);
    }
    free(words);
    return why.code ? err_set(err, why.code, "%s", why.text) : STATUS_OK;
}

/* ---- on a thread ---- */

struct keyring {
    struct loop *loop;
    struct worker *worker; /* NULL until the first command */
    atomic_bool stop;
};

struct key_fetch {
    struct keyring *keyring;
    char *command;
    struct secret key;
    struct err err;
    key_fn fn;
    void *ctx;
};

struct keyring *keyring_new(struct loop *loop)
{
    struct keyring *keyring = xcalloc(1, sizeof *keyring);
    keyring->loop = loop;
    return keyring;
}

static void run_fetch(void *ctx)
{
    struct key_fetch *fetch = ctx;
    if (setting_run_key_command(fetch->command, &fetch->key, 0, &fetch->keyring->stop,
                                &fetch->err))
        secret_clear(&fetch->key);
}

static void end_fetch(void *ctx)
{
    struct key_fetch *fetch = ctx;
    if (!atomic_load(&fetch->keyring->stop))
        fetch->fn(fetch->ctx, fetch->command, &fetch->key, &fetch->err);
    secret_clear(&fetch->key);
    free(fetch->command);
    free(fetch);
}

void keyring_fetch(struct keyring *keyring, const char *command, key_fn fn, void *ctx)
{
    if (!keyring->worker)
        keyring->worker = worker_new(keyring->loop);
    struct key_fetch *fetch = xcalloc(1, sizeof *fetch);
    *fetch = (struct key_fetch){
        .keyring = keyring, .command = xstrdup(command), .fn = fn, .ctx = ctx};
    worker_submit(keyring->worker, run_fetch, end_fetch, fetch);
}

bool keyring_is_busy(const struct keyring *keyring)
{
    return keyring->worker && worker_pending(keyring->worker);
}

void keyring_free(struct keyring *keyring)
{
    atomic_store(&keyring->stop, true);
    if (keyring->worker)
        worker_free(keyring->worker);
    free(keyring);
}
