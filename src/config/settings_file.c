/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>

#include "base/buf.h"
#include "base/paths.h"
#include "base/xalloc.h"
#include "config/settings.h"
#include "config/settings_parts.h"
#include "text/outside.h"

enum {
    MAX_FILE = 1024 * 1024,
    MAX_LINE = 64 * 1024,
    MAX_NAME = 49 /* what inih keeps of a section or a key */
};

struct reader {
    struct setting_place place;
    const char *path;
    struct buf text;
    size_t at;         /* where the next line starts */
    size_t line_start; /* of the line that inih has now */
    int line;          /* its number */
    bool is_bad;
    bool has_sherd, has_keys, has_agent, has_snippets;
    struct named {
        int line;
        size_t column;
    } endpoint, server; /* where [sherd] names them; they may come later */
    struct err *err;
};

/* ---- sections ---- */

static enum status open_named(struct setting_place *place, const char *name,
                              struct err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    bool is_server = place->section == SECTION_SERVER;
    bool is_tool = place->section == SECTION_TOOL || place->section == SECTION_MCP;
    if (!*name || strspn(name, letters) < strlen(name))
        return err_set(err, STATUS_CONFIG,
                       "a name is made of letters, digits, - _ and ., such as [%s lab]",
                       is_tool     ? "tool"
                       : is_server ? "server"
                                   : "endpoint");
    if (!strcmp(name, "env"))
        return err_set(err, STATUS_CONFIG,
                       "the name \"env\" is kept for what the environment says");
    if (is_tool     ? setting_find_tool(place->settings, name) != NULL
        : is_server ? setting_find_server(place->settings, name) != NULL
                    : setting_find_endpoint(place->settings, name) != NULL)
        return err_set(err, STATUS_CONFIG, "there are two sections with this name");
    if (is_tool) {
        place->tool = setting_add_tool(place->settings, name);
        if (place->section == SECTION_MCP)
            place->tool->kind = TOOL_MCP;
    } else if (is_server) {
        place->server = setting_add_server(place->settings, name);
    } else {
        place->endpoint = setting_add_endpoint(place->settings, name);
    }
    return STATUS_OK;
}

static enum status open_section(struct setting_place *place, const char *header,
                                struct err *err)
{
    static const struct {
        const char *word;
        enum setting_section section;
        bool is_named;
    } kinds[] = {{"sherd", SECTION_SHERD, false},  {"keys", SECTION_KEYS, false},
                 {"agent", SECTION_AGENT, false},  {"endpoint", SECTION_ENDPOINT, true},
                 {"server", SECTION_SERVER, true}, {"tool", SECTION_TOOL, true},
                 {"mcp", SECTION_MCP, true},       {"snippets", SECTION_SNIPPETS, false}};
    static const char *const words[] = {"sherd", "keys", "endpoint", "server",
                                        "agent", "tool", "mcp",      "snippets"};
    char word[MAX_NAME + 1];
    size_t len = strcspn(header, " \t");
    memcpy(word, header, len);
    word[len] = '\0';
    const char *name = header + len + strspn(header + len, " \t");
    place->seen = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].word, word) != 0)
            continue;
        place->section = kinds[i].section;
        if (kinds[i].is_named)
            return open_named(place, name, err);
        return *name ? err_set(err, STATUS_CONFIG, "[%s] takes no name", word)
                     : STATUS_OK;
    }
    const char *near = nearest_word(word, words, sizeof words / sizeof *words);
    return err_set(
        err, STATUS_CONFIG, "there is no such section; %s%s%s",
        near ? "did you mean [" : "there are [sherd], [endpoint NAME], ",
        near ? near
             : "[server NAME], [agent], [tool NAME], [mcp NAME], [snippets] and [keys]",
        near ? "]?" : "");
}

/* ---- lines ---- */

static void refuse(struct reader *reader, size_t column, const char *what)
{
    reader->is_bad = true;
    size_t len = strlen(what);
    bool is_ended = len && strchr(".?!", what[len - 1]);
    err_set(reader->err, STATUS_CONFIG, "%s:%d:%zu: %s%s", reader->path, reader->line,
            column, what, is_ended ? "" : ".");
}

static size_t line_length(const struct reader *reader)
{
    const char *start = reader->text.data + reader->line_start;
    const char *end = memchr(start, '\n', reader->text.len - reader->line_start);
    return end ? (size_t)(end - start) : reader->text.len - reader->line_start;
}

static size_t indent(const char *line, size_t len)
{
    size_t at = 0;
    while (at < len && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
        at++;
    return at;
}

static void check_header(struct reader *reader, const char *line, size_t len, size_t at)
{
    const char *end = memchr(line + at, ']', len - at);
    size_t name_len = end ? (size_t)(end - (line + at)) - 1 : 0;
    if (!end || name_len > MAX_NAME) {
        refuse(reader, at + 1,
               end ? "this section's name is too long" : "this section has no closing ]");
        return;
    }
    char header[MAX_NAME + 1];
    memcpy(header, line + at + 1, name_len);
    header[name_len] = '\0';
    struct err why = {0};
    enum status status = open_section(&reader->place, header, &why);
    bool *had = reader->place.section == SECTION_SHERD      ? &reader->has_sherd
                : reader->place.section == SECTION_KEYS     ? &reader->has_keys
                : reader->place.section == SECTION_AGENT    ? &reader->has_agent
                : reader->place.section == SECTION_SNIPPETS ? &reader->has_snippets
                                                            : NULL;
    if (status != STATUS_OK)
        refuse(reader, at + 2, why.text);
    else if (had && *had)
        refuse(reader, at + 2, "this section was there before");
    else if (had)
        *had = true;
}

/* inih reads through this: it sees the line before inih does, so that sections without
 * a key and long lines are refused with their place. */
static char *read_line(char *out, int size, void *stream)
{
    struct reader *reader = stream;
    if (reader->is_bad || reader->at >= reader->text.len)
        return NULL;
    reader->line_start = reader->at;
    reader->line++;
    size_t len = line_length(reader);
    const char *line = reader->text.data + reader->line_start;
    size_t at = indent(line, len);
    if (len + 2 > (size_t)size || len > MAX_LINE - 8)
        refuse(reader, MAX_LINE - 7, "this line is too long");
    else if (at < len && line[at] == '[')
        check_header(reader, line, len, at);
    if (reader->is_bad)
        return NULL;
    memcpy(out, line, len);
    memcpy(out + len, "\n", 2);
    reader->at = reader->line_start + len + 1;
    return out;
}

static size_t value_column(const struct reader *reader)
{
    const char *line = reader->text.data + reader->line_start;
    size_t len = line_length(reader);
    size_t at = 0;
    while (at < len && line[at] != '=' && line[at] != ':')
        at++;
    at += at < len;
    return at + indent(line + at, len - at) + 1;
}

static int take_setting(void *user, const char *section, const char *name,
                        const char *value)
{
    (void)section; /* check_header has it, also when it is empty */
    struct reader *reader = user;
    struct err why = {0};
    const char *line = reader->text.data + reader->line_start;
    size_t column = indent(line, line_length(reader)) + 1;
    if (!reader->place.section)
        refuse(reader, column, "a section such as [sherd] must come first");
    reader->place.line = reader->line;
    enum status status =
        reader->is_bad ? STATUS_OK : setting_put(&reader->place, name, value, &why);
    bool is_name = status == STATUS_NOT_FOUND || status == STATUS_EXISTS;
    struct named here = {reader->line, value_column(reader)};
    if (reader->place.section == SECTION_SHERD && !strcmp(name, "endpoint"))
        reader->endpoint = here;
    if (reader->place.section == SECTION_SHERD && !strcmp(name, "server"))
        reader->server = here;
    if (status != STATUS_OK)
        refuse(reader, is_name ? column : value_column(reader) + reader->place.offset,
               why.text);
    return !reader->is_bad;
}

/* A name without a section is refused where it stands. "env" is what the environment
 * says, "demo" is built in. */
static void check_names(struct reader *reader)
{
    struct settings *settings = reader->place.settings;
    const char *endpoint = settings->endpoint, *server = settings->server;
    bool is_endpoint = reader->endpoint.line && !setting_is_url(endpoint) &&
                       strcmp(endpoint, "env") != 0 && strcmp(endpoint, "demo") != 0 &&
                       !setting_find_endpoint(settings, endpoint);
    bool is_server = reader->server.line && !setting_is_url(server) &&
                     strcmp(server, "env") != 0 && !setting_find_server(settings, server);
    if (reader->is_bad || (!is_endpoint && !is_server))
        return;
    struct named place = is_endpoint ? reader->endpoint : reader->server;
    char what[200];
    const char *given = is_endpoint ? endpoint : server;
    snprintf(what, sizeof what, "there is no section [%s %.60s] in this file",
             is_endpoint ? "endpoint" : "server", given);
    reader->line = place.line;
    refuse(reader, place.column, what);
}

/* ---- the file ---- */

static enum status load(struct reader *reader, bool may_be_absent)
{
    int fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && errno == ENOENT && may_be_absent)
        return STATUS_NOT_FOUND;
    if (fd < 0)
        return err_set(reader->err, STATUS_CONFIG,
                       "The configuration file %s cannot be opened: %s.", reader->path,
                       strerror(errno));
    struct stat facts = {0};
    fstat(fd, &facts);
    reader->place.mode = facts.st_mode;
    char piece[8192];
    ssize_t len = 0;
    bool fits = true;
    while (fits && (len = read(fd, piece, sizeof piece)) > 0)
        fits = buf_add(&reader->text, piece, (size_t)len);
    close(fd);
    if (len < 0)
        return err_set(reader->err, STATUS_CONFIG,
                       "The configuration file %s cannot be read.", reader->path);
    if (!fits)
        return err_set(reader->err, STATUS_CONFIG,
                       "The configuration file %s is over 1 MiB.", reader->path);
    return outside_text(&reader->text, reader->path, reader->err) ? STATUS_CONFIG
                                                                  : STATUS_OK;
}

static enum status parse(struct reader *reader)
{
    /* Debian's inih has its options as variables; these are read only here. */
    ini_use_stack = false;
    ini_max_line = MAX_LINE;
    ini_initial_alloc = MAX_LINE;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_stop_on_first_error = true;
    int bad_line = ini_parse_stream(read_line, reader, take_setting, reader);
    if (bad_line && !reader->is_bad)
        refuse(reader, 1,
               "this line is neither a [section] nor a setting \"name = value\" nor a # "
               "comment");
    check_names(reader);
    return reader->is_bad ? STATUS_CONFIG : STATUS_OK;
}

enum status settings_read_file(struct settings *settings, const char *path,
                               struct err *err)
{
    char *place =
        path ? xstrdup(path) : paths_xdg("XDG_CONFIG_HOME", ".config", "config");
    free(settings->path);
    settings->path = place;
    struct err why = {0};
    struct reader reader = {.place.settings = settings, .path = place, .err = &why};
    buf_init(&reader.text, MAX_FILE);
    enum status status = load(&reader, !path);
    if (status == STATUS_OK && reader.text.len)
        status = parse(&reader);
    buf_wipe(&reader.text);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    return status == STATUS_OK ? status : err_set(err, STATUS_CONFIG, "%s", why.text);
}
