/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/paths.h"
#include "base/words.h"
#include "base/xalloc.h"
#include "config/settings.h"
#include "config/settings_parts.h"
#include "text/outside.h"

enum { KEY_LIMIT_MS = 20000, KEY_MAX_BYTES = 64 * 1024 };

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
    buf_wipe(text);
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

struct key_source *setting_find_source(const struct settings *settings,
                                       enum key_owner kind, const char *owner)
{
    for (size_t i = 0; i < settings->source_count; i++) {
        struct key_source *source = &settings->sources[i];
        if (source->kind == kind && !strcmp(source->owner, owner))
            return source;
    }
    return NULL;
}

struct key_source *setting_key_source(struct settings *settings, enum key_owner kind,
                                      const char *owner)
{
    struct key_source *known = setting_find_source(settings, kind, owner);
    if (known)
        return known;
    size_t count = settings->source_count++;
    settings->sources =
        xreallocarray(settings->sources, count + 1, sizeof *settings->sources);
    settings->sources[count] = (struct key_source){.kind = kind, .owner = xstrdup(owner)};
    return &settings->sources[count];
}

enum status settings_find_key(const struct settings *settings, enum key_owner kind,
                              const char *owner, struct secret *key, struct err *err)
{
    static const char *const words[] = {"endpoint", "server", "tool"};
    if (secret_is_set(key))
        return STATUS_OK;
    const struct key_source *source = setting_find_source(settings, kind, owner);
    if (!source)
        return STATUS_OK;
    if (source->variable) {
        secret_set(key, getenv(source->variable));
        if (!secret_is_set(key) && !source->file)
            return err_set(err, STATUS_CONFIG,
                           "The key of %s \"%s\" is to come from the environment "
                           "variable %s, which is not set.",
                           words[kind], owner, source->variable);
    }
    if (secret_is_set(key) || !source->file)
        return STATUS_OK;
    char *path = paths_expand(source->file);
    enum status status = read_key_file(path, key, err);
    free(path);
    return status;
}

/* ---- keys from a command ---- */

struct keyring {
    struct loop *loop;
    struct settings *settings; /* what a command gave is kept there; NULL = nowhere */
    int64_t limit_ms;
    struct key_fetch *first; /* runs; those behind it wait */
};

struct key_fetch {
    struct keyring *keyring;
    char *command;
    char **words;
    struct loop_child *child;  /* NULL = it could not be started */
    struct loop_watch *output; /* NULL = it has ended */
    struct loop_timer *timer;  /* the limit, or a failure to be told */
    int fd;
    int status;
    bool has_ended;
    struct buf text;
    struct err err;
    key_fn fn;
    void *ctx;
    struct key_fetch *next;
};

struct keyring *keyring_new(struct loop *loop, struct settings *settings,
                            int64_t limit_ms)
{
    struct keyring *keyring = xcalloc(1, sizeof *keyring);
    *keyring = (struct keyring){.loop = loop,
                                .settings = settings,
                                .limit_ms = limit_ms ? limit_ms : KEY_LIMIT_MS};
    return keyring;
}

/* The key of the at-th owner; *command is its own, or NULL. NULL at the end. */
static struct secret *key_at(struct settings *settings, size_t at, const char **command)
{
    size_t endpoints = settings->endpoint_count, servers = settings->server_count;
    struct secret *key = NULL;
    if (at < endpoints) {
        key = &settings->endpoints[at].key;
        *command = settings->endpoints[at].key_command;
    } else if ((at -= endpoints) < servers) {
        key = &settings->servers[at].key;
        *command = settings->servers[at].key_command;
    } else if ((at -= servers) < settings->tool_count) {
        key = &settings->tools[at]->key;
        *command = settings->tools[at]->key_command;
    }
    return key;
}

/* What the command gave before; NULL = it has not run. */
static const struct secret *known_key(const struct keyring *keyring, const char *command)
{
    const char *own;
    struct secret *key;
    for (size_t i = 0; keyring->settings && (key = key_at(keyring->settings, i, &own));
         i++)
        if (own && !strcmp(own, command) && secret_is_set(key))
            return key;
    return NULL;
}

static void keep_key(const struct keyring *keyring, const char *command,
                     const struct secret *from)
{
    const char *own;
    struct secret *key;
    for (size_t i = 0; keyring->settings && (key = key_at(keyring->settings, i, &own));
         i++)
        if (own && !strcmp(own, command))
            secret_copy(key, from);
}

static void close_output(struct key_fetch *fetch)
{
    if (!fetch->output)
        return;
    loop_watch_free(fetch->output);
    close(fetch->fd);
    fetch->output = NULL;
}

static void free_fetch(struct key_fetch *fetch)
{
    close_output(fetch);
    loop_child_free(fetch->child);
    loop_timer_free(fetch->timer);
    buf_wipe(&fetch->text);
    free(fetch->words);
    free(fetch->command);
    free(fetch);
}

static void start_first(struct keyring *keyring);

static void finish(struct key_fetch *fetch)
{
    struct secret key = {0};
    struct err *err = &fetch->err;
    const struct secret *known = known_key(fetch->keyring, fetch->command);
    if (known) {
        secret_copy(&key, known);
        *err = (struct err){0};
    } else if (!err->code && fetch->status)
        err_set(err, STATUS_CONFIG,
                "api_key_cmd: %s failed (%s %d). Run it by hand to see why.",
                fetch->words[0], fetch->status < 0 ? "signal" : "exit code",
                abs(fetch->status));
    if (!known && !err->code &&
        !take_first_line(&key, &fetch->text, "api_key_cmd", err) && !secret_is_set(&key))
        err_set(err, STATUS_CONFIG, "api_key_cmd: %s printed no key.", fetch->words[0]);
    if (!known && !err->code)
        keep_key(fetch->keyring, fetch->command, &key);
    fetch->keyring->first = fetch->next;
    start_first(fetch->keyring);
    fetch->fn(fetch->ctx, fetch->command, &key, err);
    secret_clear(&key);
    free_fetch(fetch);
}

static void on_output(void *ctx, int events)
{
    struct key_fetch *fetch = ctx;
    char piece[4096];
    (void)events;
    ssize_t len = read(fetch->fd, piece, sizeof piece);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len < 0)
        err_set(&fetch->err, STATUS_IO, "api_key_cmd: %s: %s.", fetch->words[0],
                strerror(errno));
    else if (len > 0 && !buf_add(&fetch->text, piece, (size_t)len))
        err_set(&fetch->err, STATUS_FULL, "api_key_cmd: %s printed more than %d KiB.",
                fetch->words[0], KEY_MAX_BYTES / 1024);
    explicit_bzero(piece, sizeof piece);
    if (len <= 0)
        close_output(fetch);
    if (fetch->err.code || (!fetch->output && fetch->has_ended))
        finish(fetch);
}

static void on_exit_status(void *ctx, int status)
{
    struct key_fetch *fetch = ctx;
    fetch->has_ended = true;
    fetch->status = status;
    if (!fetch->output)
        finish(fetch);
}

/* Its output may be closed and it may live on: the limit holds for that too. */
static void on_due(void *ctx)
{
    struct key_fetch *fetch = ctx;
    if (fetch->child)
        err_set(&fetch->err, STATUS_TIMEOUT, "api_key_cmd: %s did not end within %g s.",
                fetch->words[0], (double)fetch->keyring->limit_ms / 1000);
    finish(fetch);
}

static void start_first(struct keyring *keyring)
{
    struct key_fetch *fetch = keyring->first;
    struct err why = {0};
    size_t count = 0;
    if (!fetch)
        return;
    bool is_known = known_key(keyring, fetch->command) != NULL;
    if (!is_known)
        fetch->words = words_split("api_key_cmd", fetch->command, &count, &fetch->err);
    if (fetch->words)
        fetch->child = loop_child_new(keyring->loop, fetch->words, &fetch->fd,
                                      on_exit_status, fetch, &why);
    if (fetch->child) {
        fetch->output = loop_watch_new(keyring->loop, fetch->fd, on_output, fetch);
        loop_watch_set(fetch->output, LOOP_READ);
    } else if (!is_known) {
        err_set(&fetch->err, STATUS_CONFIG, "api_key_cmd: %s", why.text);
    }
    fetch->timer = loop_timer_new(keyring->loop, on_due, fetch);
    loop_timer_start(fetch->timer, fetch->child ? keyring->limit_ms : 0, 0);
}

void keyring_fetch(struct keyring *keyring, const char *command, key_fn fn, void *ctx)
{
    struct key_fetch *fetch = xcalloc(1, sizeof *fetch), **at = &keyring->first;
    *fetch = (struct key_fetch){
        .keyring = keyring, .command = xstrdup(command), .fn = fn, .ctx = ctx};
    buf_init(&fetch->text, KEY_MAX_BYTES);
    while (*at)
        at = &(*at)->next;
    *at = fetch;
    if (fetch == keyring->first)
        start_first(keyring);
}

bool keyring_is_busy(const struct keyring *keyring)
{
    return keyring->first != NULL;
}

void keyring_free(struct keyring *keyring)
{
    while (keyring->first) {
        struct key_fetch *fetch = keyring->first;
        keyring->first = fetch->next;
        free_fetch(fetch);
    }
    free(keyring);
}
