/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/prompts.h"

#include <stdlib.h>
#include <string.h>

#include <unictype.h>

#include "base/utf8.h"
#include "base/xalloc.h"

enum { WIDTH_MAX = 100000 };

/* How a value is written, as Python's str.format does it with a string. */
struct form {
    char conversion; /* 'r', 'a', 's'; '\0' = none */
    char align;      /* '<', '>', '^' */
    uint32_t fill;
    size_t width, precision; /* characters; precision SIZE_MAX = all */
};

struct piece {
    char *text; /* owned; NULL = a variable */
    size_t len;
    size_t name;       /* of the variable */
    struct form *form; /* owned; NULL = as it is */
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

static bool is_align(uint32_t cp)
{
    return cp == '<' || cp == '>' || cp == '^' || cp == '=';
}

/* Digits at *at; SIZE_MAX when there are none or the number is too high. */
static size_t read_count(const char **at, const char *end)
{
    size_t value = 0;
    const char *start = *at;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at)
        value = value > WIDTH_MAX ? value : value * 10 + (size_t)(**at - '0');
    return *at == start || value > WIDTH_MAX ? SIZE_MAX : value;
}

/* [[fill]align][0][width][.precision][s] at at, which is the place of what is wrong
 * afterwards. NULL, or what is wrong. */
static const char *read_spec(struct form *form, const char **at, const char *end)
{
    uint32_t first = 0;
    size_t used = *at < end ? utf8_decode(*at, (size_t)(end - *at), 0, &first) : 0;
    if (used && *at + used < end && is_align((unsigned char)(*at)[used])) {
        form->fill = first;
        form->align = (*at)[used];
        *at += used + 1;
    } else if (used && is_align(first)) {
        form->align = *(*at)++;
    }
    *at -= form->align == '=';
    if (form->align == '=')
        return "The alignment = is for numbers, and values are texts here.";
    if (!form->fill) {
        form->fill = *at < end && **at == '0' ? '0' : ' ';
        *at += form->fill == '0';
    }
    if (*at < end && **at >= '0' && **at <= '9' &&
        (form->width = read_count(at, end)) == SIZE_MAX)
        return "The width is over 100000.";
    if (*at < end && **at == '.') {
        ++*at;
        if ((form->precision = read_count(at, end)) == SIZE_MAX)
            return "After the point stands how many characters are kept at most.";
    }
    *at += *at < end && **at == 's';
    return *at == end ? NULL
                      : "This is no format of a text, such as :>10 or :.200. Where "
                        "braces are meant as they are, as in JSON, write {{ and }}.";
}

/* What follows a name: "!r", ":>5", "!r:>5". */
static enum status read_form(struct reading *reading, const char *at, const char *end,
                             struct form **out, struct err *err)
{
    struct form form = {.align = '<', .precision = SIZE_MAX};
    const char *why = NULL;
    if (*at == '!') {
        form.conversion = at + 1 < end ? at[1] : '\0';
        at += form.conversion ? 2 : 1;
        if (!form.conversion || !strchr("rsa", form.conversion) ||
            (at < end && *at != ':'))
            why = "After ! stands r, s or a, then } or a format.";
    }
    if (!why && at < end) {
        at++;
        why = read_spec(&form, &at, end);
    }
    if (why)
        return refuse(reading, at, why, err);
    form.fill = form.fill ? form.fill : ' ';
    *out = memcpy(xmalloc(sizeof form), &form, sizeof form);
    return STATUS_OK;
}

/* What stands between braces. */
static enum status take_name(struct reading *reading, const char *name, size_t whole,
                             struct err *err)
{
    struct template *template = reading->template;
    struct form *form = NULL;
    size_t len = 0;
    while (len < whole && name[len] != '!' && name[len] != ':')
        len++;
    if (!len || strspn(name, "0123456789") >= len)
        return refuse(reading, name, "{} and {0} have no name: write {title}.", err);
    for (size_t i = 0; i < len; i++)
        if (strchr(".[]\"\n", name[i]))
            return refuse(reading, name,
                          "This is no name of a variable. Where braces are meant as they "
                          "are, as in JSON, write {{ and }}.",
                          err);
    if (len < whole && read_form(reading, name + len, name + whole, &form, err))
        return err->code;
    end_literal(reading);
    size_t at = 0;
    while (at < template->name_count && (strlen(template->names[at]) != len ||
                                         memcmp(template->names[at], name, len) != 0))
        at++;
    if (at == template->name_count) {
        template->names = xreallocarray(template->names, at + 1, sizeof *template->names);
        template->names[template->name_count++] = xmemdup0(name, len);
    }
    *add_piece(template) = (struct piece){.name = at, .form = form};
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
                          memchr(name, ':', len) && name + len < end
                              ? "A format has no variable in it here. Where braces are "
                                "meant as they are, as in JSON, write {{ and }}."
                              : "A { that is not closed: write {{ where one is meant.",
                          err);
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
    enum status status;
    const char *end = text + len;
    end -= len && end[-1] == '\n';
    if (role_at(text, end)) {
        status = read_messages(&reading, text, end, &why);
    } else {
        add_message(reading.template, "user");
        status = read_braces(&reading, text, end, &why);
    }
    buf_clear(&reading.literal);
    if (status == STATUS_OK)
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
        for (size_t j = 0; j < template->messages[i].count; j++) {
            free(template->messages[i].pieces[j].text);
            free(template->messages[i].pieces[j].form);
        }
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

/* As Python's repr() and ascii() write a string. */
static void write_quoted(struct buf *out, const char *text, size_t len, bool is_ascii)
{
    bool has_single = memchr(text, '\'', len), has_double = memchr(text, '"', len);
    uint32_t quote = has_single && !has_double ? '"' : '\'', cp;
    buf_add_byte(out, (char)quote);
    for (size_t at = 0, used; at < len; at += used) {
        used = utf8_decode(text, len, at, &cp);
        const char *known = cp < 0x80 ? strchr("\tt\nn\rr", (int)cp) : NULL;
        bool is_shown =
            cp < 0x80 ? cp >= ' ' && cp < 0x7f
                      : !is_ascii && !uc_is_general_category_withtable(
                                         cp, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z);
        if (cp == quote || cp == '\\')
            buf_addf(out, "\\%c", (char)cp);
        else if (cp < ' ' && cp && known)
            buf_addf(out, "\\%c", known[1]);
        else if (is_shown || cp == UTF8_BAD)
            buf_add(out, text + at, used);
        else
            buf_addf(out,
                     cp < 0x100     ? "\\x%02x"
                     : cp < 0x10000 ? "\\u%04x"
                                    : "\\U%08x",
                     (unsigned)cp);
    }
    buf_add_byte(out, (char)quote);
}

/* False when out is full. */
static bool write_formed(struct buf *out, const struct form *form,
                         const struct template_value *value)
{
    struct buf quoted = {0};
    const char *text = value->text;
    size_t len = value->len, chars = 0, end = 0;
    uint32_t cp;
    char fill[UTF8_MAX];
    size_t fill_len = utf8_encode(form->fill, fill);
    if ((form->conversion == 'r' || form->conversion == 'a') && !value->is_json) {
        write_quoted(&quoted, text, len, form->conversion == 'a');
        text = buf_text(&quoted);
        len = quoted.len;
    }
    for (; end < len && chars < form->precision; chars++)
        end += utf8_decode(text, len, end, &cp);
    size_t pad = form->width > chars ? form->width - chars : 0;
    size_t before = form->align == '>' ? pad : form->align == '^' ? pad / 2 : 0;
    bool fits = true;
    for (size_t i = 0; i < before && fits; i++)
        fits = buf_add(out, fill, fill_len);
    fits = fits && buf_add(out, text, end);
    for (size_t i = before; i < pad && fits; i++)
        fits = buf_add(out, fill, fill_len);
    buf_clear(&quoted);
    return fits;
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
        fits = value && piece->form ? write_formed(out, piece->form, value)
                                    : buf_add(out, value ? value->text : piece->text,
                                              value ? value->len : piece->len);
    }
    return fits ? STATUS_OK
                : err_set(err, STATUS_FULL, "The prompt is longer than %zu MiB.",
                          out->max >> 20);
}
