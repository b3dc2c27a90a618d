/* SPDX-License-Identifier: MIT
 *
 * tool_command - a program of the user's as a tool: words with {field} in them, no shell,
 * a time limit, an output cap.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/words.h"
#include "base/xalloc.h"
#include "llm/tool_parts.h"

enum {
    GRACE_MS = 2000,      /* between SIGTERM and SIGKILL */
    BYTES_A_CHARACTER = 4 /* of UTF-8, at most */
};

/* ---- the template ---- */

/* The {field} that starts at or behind text; its name in out. NULL = there is none. */
static const char *next_field(const char *text, char *out, size_t size,
                              const char **behind)
{
    for (const char *at = strchr(text, '{'); at; at = strchr(at, '{')) {
        size_t len = strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789_-");
        if (at[1] == '{') { /* "{{" is one "{" */
            at += 2;
        } else if (len && len < size && at[1 + len] == '}') {
            memcpy(out, at + 1, len);
            out[len] = '\0';
            *behind = at + len + 2;
            return at;
        } else {
            at++;
        }
    }
    return NULL;
}

json_t *command_schema(const struct tool_settings *settings)
{
    json_t *fields = json_object(), *required = json_array();
    char name[64];
    const char *behind = settings->command;
    while (next_field(behind, name, sizeof name, &behind)) {
        if (json_object_get(fields, name))
            continue;
        json_object_set_new(fields, name, json_pack("{s:s}", "type", "string"));
        json_array_append_new(required, json_string(name));
    }
    return json_pack("{s:s, s:o, s:o}", "type", "object", "properties", fields,
                     "required", required);
}

enum status command_check(const struct tool_settings *settings, const json_t *schema,
                          struct err *err)
{
    char name[64];
    const char *behind = settings->command;
    size_t first = strcspn(behind, " \t"), at = 0;
    const json_t *fields = json_object_get(schema, "properties");
    for (const char *start; (start = next_field(behind, name, sizeof name, &behind));) {
        at = (size_t)(start - settings->command);
        if (at < first)
            return err_set(err, STATUS_CONFIG,
                           "The tool \"%s\": the program itself cannot be {%s}.",
                           settings->name, name);
        if (!json_object_get(fields, name))
            return err_set(err, STATUS_CONFIG,
                           "The tool \"%s\": its command has {%s}, which its schema has "
                           "not.",
                           settings->name, name);
    }
    return STATUS_OK;
}

/* The word with its fields filled; NULL when only an absent field stands in it. Owned. */
static char *fill_word(const char *word, const json_t *arguments)
{
    struct buf out = {0};
    char name[64];
    const char *at = word, *behind;
    bool is_absent = false;
    for (const char *start; (start = next_field(at, name, sizeof name, &behind));) {
        const json_t *given = json_object_get(arguments, name);
        char *value = json_is_string(given)           ? xstrdup(json_string_value(given))
                      : given && !json_is_null(given) ? json_print(given)
                                                      : NULL;
        buf_add(&out, at, (size_t)(start - at));
        buf_add_text(&out, value ? value : "");
        is_absent |= !value && start == word && !*behind;
        free(value);
        at = behind;
    }
    buf_add_text(&out, at);
    char *filled = buf_take(&out);
    if (!is_absent)
        return filled;
    free(filled);
    return NULL;
}

/* ---- the environment ---- */

/* Of a variable. */
static bool is_secret_name(const char *name, size_t len)
{
    static const char *const words[] = {"KEY",     "TOKEN", "SECRET", "PASSW",
                                        "CREDENT", "AUTH",  "COOKIE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t at = 0, width = strlen(words[i]); at + width <= len; at++)
            if (!strncasecmp(name + at, words[i], width))
                return true;
    return false;
}

size_t tool_redact(const struct tool_settings *settings, char *text, size_t len)
{
    char **const lists[] = {settings->environment, environ};
    len = secret_redact(&settings->key, text, len);
    len = http_connection_redact(&settings->connection, text, len);
    for (size_t i = 0; i < 2; i++)
        for (char **each = lists[i]; each && *each; each++) {
            size_t name = strcspn(*each, "=");
            bool is_given = !i || words_has(settings->pass, *each, name);
            if (is_given && (*each)[name] && is_secret_name(*each, name))
                len = secret_redact(&(struct secret){*each + name + 1}, text, len);
        }
    return len;
}

char **command_environment(const char *pass, char **more)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    size_t room = count + 1;
    for (size_t i = 0; more && more[i]; i++)
        room++;
    char **copy = xcalloc(room, sizeof *copy);
    for (; more && *more; more++) /* the first of a name counts */
        copy[kept++] = xstrdup(*more);
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(environ[i], "=");
        if (!is_secret_name(environ[i], len) || words_has(pass, environ[i], len))
            copy[kept++] = xstrdup(environ[i]);
    }
    return copy;
}

void command_free_environment(char **environment)
{
    for (size_t i = 0; environment[i]; i++)
        free(environment[i]);
    free(environment);
}

/* ---- one run ---- */

struct tool_run {
    struct loop_child *child; /* NULL when it has ended and was told */
    struct loop_watch *watch;
    struct loop_timer *timer;
    int fd;
    struct buf out;
    int64_t timeout_ms;
    bool is_late; /* TERM was sent: the time is over */
    bool is_full; /* it has printed more than is read */
    bool is_shut; /* nothing more can be read */
    bool has_ended;
    int status;
    tool_fn fn;
    void *ctx;
};

static void tell(void *ctx)
{
    struct tool_run *run = ctx;
    struct buf text = {0};
    bool is_error = run->is_late || (run->status && !run->is_full);
    buf_add(&text, buf_text(&run->out), run->out.len);
    if (is_error && text.len && text.data[text.len - 1] != '\n')
        buf_add_text(&text, "\n");
    if (run->is_late)
        buf_addf(&text, "The tool did not end within %g s and was stopped.",
                 (double)run->timeout_ms / 1000);
    else if (is_error)
        buf_addf(&text, "The tool failed (%s %d).",
                 run->status < 0 ? "signal" : "exit code",
                 run->status < 0 ? -run->status : run->status);
    run->fn(run->ctx, &(struct tool_result){is_error, buf_text(&text), text.len});
    buf_clear(&text);
}

/* Both its end and the end of its output: what it wrote last counts, too. */
static void settle(struct tool_run *run)
{
    if (run->has_ended && run->is_shut)
        tell(run);
}

static void on_readable(void *ctx, int events)
{
    struct tool_run *run = ctx;
    char piece[8192];
    ssize_t len;
    (void)events;
    while ((len = read(run->fd, piece, sizeof piece)) > 0)
        if (!buf_add(&run->out, piece, (size_t)len) && !run->is_full) {
            buf_add(&run->out, piece, run->out.max - run->out.len);
            run->is_full = true;
            loop_child_signal(run->child, SIGKILL);
        }
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    loop_watch_set(run->watch, 0);
    run->is_shut = true;
    settle(run);
}

static void on_end(void *ctx, int status)
{
    struct tool_run *run = ctx;
    run->has_ended = true;
    run->status = status;
    /* what got away from its group may hold the pipe open */
    loop_timer_start(run->timer, GRACE_MS, 0);
    settle(run);
}

static void on_late(void *ctx)
{
    struct tool_run *run = ctx;
    run->is_shut |= run->has_ended;
    if (run->has_ended) {
        settle(run);
        return;
    }
    loop_child_signal(run->child, run->is_late ? SIGKILL : SIGTERM);
    run->is_late = true;
    loop_timer_start(run->timer, GRACE_MS, 0);
}

struct tool_run *command_start(struct loop *loop, const struct tool_settings *settings,
                               const json_t *arguments, tool_fn fn, void *ctx,
                               struct err *err)
{
    size_t count = 0, filled = 0;
    char **words = words_split("command", settings->command, &count, err);
    if (!words)
        return NULL;
    char **argv = xcalloc(count + 1, sizeof *argv);
    char **env = command_environment(settings->pass, NULL);
    for (size_t i = 0; i < count; i++)
        if ((argv[filled] = fill_word(words[i], arguments)))
            filled++;
    struct tool_run *run = xcalloc(1, sizeof *run);
    *run = (struct tool_run){
        .fn = fn, .ctx = ctx, .fd = -1, .timeout_ms = settings->timeout_ms};
    buf_init(&run->out, (size_t)settings->max_output * BYTES_A_CHARACTER);
    struct loop_pipes pipes = {.joins_errors = true};
    run->child = loop_child_new_group(loop, argv, env, &pipes, on_end, run, err);
    if (run->child) {
        run->fd = pipes.out;
        run->watch = loop_watch_new(loop, run->fd, on_readable, run);
        loop_watch_set(run->watch, LOOP_READ);
        run->timer = loop_timer_new(loop, on_late, run);
        loop_timer_start(run->timer, settings->timeout_ms, 0);
    } else {
        command_free(run);
        run = NULL;
    }
    command_free_environment(env);
    for (size_t i = 0; i < filled; i++)
        free(argv[i]);
    free(argv);
    free(words);
    return run;
}

void command_free(struct tool_run *run)
{
    if (!run)
        return;
    loop_child_free(run->child);
    loop_watch_free(run->watch);
    loop_timer_free(run->timer);
    if (run->fd >= 0)
        close(run->fd);
    buf_clear(&run->out);
    free(run);
}
