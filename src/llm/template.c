/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct piece {
    char *text; /* owned; NULL = a variable */
    size_t len;
    size_t name; /* of the variable */
};

struct message {
    const char *role;
    struct piece *pieces;
    size_t count;
};

struct template
{
    struct message *messages;
    size_t count;
    char **names;
    size_t name_count;
};

static const char *const roles[] = {"system", "user", "assistant"};

/* ---- reading ---- */

/* Where a template is being read. */
struct reading {
    struct template *template;
    const char *start;
    struct buf literal;
};

static enum status refuse(const struct reading *reading, const char *at, const char *why,
                          struct err *err)
{
    size_t line = 1, column = 1;
    for (const char *text = reading->start; text < at; text++) {
        column = *text == '\n' ? 1 : column + 1;
        line += *text == '\n';
    }
    return err_set(err, STATUS_USAGE, "%zu:%zu: %s", line, column, why);
}

static struct piece *add_piece(struct template *template)
{
    struct message *message = &template->messages[template->count - 1];
    message->pieces =
        xreallocarray(message->pieces, message->count + 1, sizeof *message->pieces);
    message->pieces[message->count] = (struct piece){0};
    return &message->pieces[message->count++];
}

static void end_literal(struct reading *reading)
{
    if (!reading->literal.len)
        return;
    struct piece *piece = add_piece(reading->template);
    piece->len = reading->literal.len;
    piece->text = buf_take(&reading->literal);
}

/* The name of the line "--- ROLE" at text; NULL when it is none. */
static const char *role_at(const char *text, const char *end)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        size_t len = strlen(roles[i]);
        if ((size_t)(end - text) >= len + 4 && !memcmp(text, "--- ", 4) &&
            !memcmp(text + 4, roles[i], len) &&
            (text + 4 + len == end || text[4 + len] == '\n'))
            return roles[i];
    }
    return NULL;
}

static void add_message(struct template *template, const char *role)
{
    template->messages = xreallocarray(template->messages, template->count + 1,
                                       sizeof *template->messages);
    template->messages[template->count++] = (struct message){.role = role};
}

/* What stands between braces. */
static enum status take_name(struct reading *reading, const char *name, size_t len,
                             struct err *err)
{
    struct template *template = reading->template;
    if (!len || strspn(name, "0123456789") >= len)
        return refuse(reading, name, "{} and {0} have no name: write {title}.", err);
    for (size_t i = 0; i < len; i++) {
        if (name[i] == ':' || name[i] == '!')
            return refuse(reading, name,
                          "A variable takes no format after its name. Where braces are "
                          "meant as they are, as in JSON, write {{ and }}.",
                          err);
        if (strchr(".[]\"\n", name[i]))
            return refuse(reading, name,
                          "This is no name of a variable. Where braces are meant as they "
                          "are, as in JSON, write {{ and }}.",
                          err);
    }
    end_literal(reading);
    size_t at = 0;
    while (at < template->name_count && (strlen(template->names[at]) != len ||
                                         memcmp(template->names[at], name, len) != 0))
        at++;
    if (at == template->name_count) {
        template->names = xreallocarray(template->names, at + 1, sizeof *template->names);
        template->names[template->name_count++] = xmemdup0(name, len);
    }
    add_piece(template)->name = at;
    return STATUS_OK;
}

static enum status read_braces(struct reading *reading, const char *text, const char *end,
                               struct err *err)
{
    while (text < end) {
        const char *at = text;
        while (at < end && *at != '{' && *at != '}')
            at++;
        buf_add(&reading->literal, text, (size_t)(at - text));
        if (at == end)
            break;
        if (at + 1 < end && at[1] == *at) {
            buf_add(&reading->literal, at, 1);
            text = at + 2;
            continue;
        }
        if (*at == '}')
            return refuse(reading, at, "A single }: write }} where one is meant.", err);
        const char *name = at + 1;
        size_t len = 0;
        while (name + len < end && name[len] != '}' && name[len] != '{')
            len++;
        if (name + len == end || name[len] == '{')
            return refuse(reading, at,
                          "A { that is not closed: write {{ where one is meant.", err);
        if (take_name(reading, name, len, err))
            return err->code;
        text = name + len + 1;
    }
    end_literal(reading);
    return STATUS_OK;
}

/* A message goes up to the next "--- ROLE"; the newline before that is not its own. */
static enum status read_messages(struct reading *reading, const char *text,
                                 const char *end, struct err *err)
{
    while (text < end) {
        const char *role = role_at(text, end);
        add_message(reading->template, role);
        text += strlen(role) + 4;
        text += text < end;
        const char *stop = text;
        while (stop < end && !role_at(stop, end)) {
            const char *newline = memchr(stop, '\n', (size_t)(end - stop));
            stop = newline ? newline + 1 : end;
        }
        bool has_newline = stop < end && stop > text;
        if (read_braces(reading, text, stop - has_newline, err))
            return err->code;
        text = stop;
    }
    return STATUS_OK;
}

struct template *template_new(const char *text, size_t len, struct err *err)
{
    struct reading reading = {.template = xcalloc(1, sizeof *reading.template),
                              .start = text};
    struct err why = {0};
    const char *end = text + len;
    end -= len && end[-1] == '\n';
    if (role_at(text, end)) {
        (void)read_messages(&reading, text, end, &why);
    } else {
        add_message(reading.template, "user");
        (void)read_braces(&reading, text, end, &why);
    }
    buf_clear(&reading.literal);
    if (!why.code)
        return reading.template;
    template_free(reading.template);
    err_set(err, why.code, "%s", why.text);
    return NULL;
}

void template_free(struct template *template)
{
    if (!template)
        return;
    for (size_t i = 0; i < template->count; i++) {
        for (size_t j = 0; j < template->messages[i].count; j++)
            free(template->messages[i].pieces[j].text);
        free(template->messages[i].pieces);
    }
    for (size_t i = 0; i < template->name_count; i++)
        free(template->names[i]);
    free(template->names);
    free(template->messages);
    free(template);
}

/* ---- writing ---- */

const char *const *template_names(const struct template *template, size_t *count)
{
    *count = template->name_count;
    return (const char *const *)template->names;
}

bool template_uses(const struct template *template, const char *name)
{
    for (size_t i = 0; i < template->name_count; i++)
        if (!strcmp(template->names[i], name))
            return true;
    return false;
}

size_t template_message_count(const struct template *template)
{
    return template->count;
}

const char *template_role(const struct template *template, size_t message)
{
    return template->messages[message].role;
}

const struct template_value *template_find(const struct template_value *values,
                                           size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(values[i].name, name))
            return &values[i];
    return NULL;
}

enum status template_write(const struct template *template, size_t message,
                           const struct template_value *values, size_t count,
                           struct buf *out, struct err *err)
{
    const struct message *from = &template->messages[message];
    bool fits = true;
    for (size_t i = 0; i < from->count && fits; i++) {
        const struct piece *piece = &from->pieces[i];
        const char *name = piece->text ? NULL : template->names[piece->name];
        const struct template_value *value =
            name ? template_find(values, count, name) : NULL;
        if (name && !value)
            return err_set(err, STATUS_NOT_FOUND,
                           "The variable {%.80s} of the template has no value.", name);
        fits = buf_add(out, value ? value->text : piece->text,
                       value ? value->len : piece->len);
    }
    return fits ? STATUS_OK
                : err_set(err, STATUS_FULL, "The prompt is longer than %zu MiB.",
                          out->max >> 20);
}
