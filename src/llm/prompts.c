/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/prompts.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/sanitise.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "llm/llm_parts.h"
#include "json/json.h"

enum { ROW_MAX = 1024 * 1024, RECORD_MAX = 64 * 1024 * 1024 };

struct prompts {
    struct unpack *unpack;
    char name[256]; /* safe to show */
    enum prompts_kind kind;
    size_t line; /* of the one in text */
    struct buf text;
    struct buf paragraph;
    struct template_value *columns;
    size_t column_count, column_capacity;
    struct llm_message *messages;
    size_t message_count, message_capacity;

    json_t *json; /* the row's */
    bool keeps_json;
    bool is_array; /* the file is one */
    char **owned;  /* texts made for this row */
    size_t owned_count, owned_capacity;

    struct csv_parser csv;
    bool has_csv;
    bool has_row; /* csv has ended one */
    char **names; /* the header's */
    size_t name_count;
    struct buf cells; /* the row's bytes */
    size_t *ends;     /* of the cells in them */
    size_t cell_count, cell_capacity;
};

static enum prompts_kind kind_of(const char *name)
{
    static const struct {
        const char *ending;
        enum prompts_kind kind;
    } kinds[] = {{".txt", PROMPTS_TEXT},     {".jsonl", PROMPTS_JSONL},
                 {".ndjson", PROMPTS_JSONL}, {".json", PROMPTS_JSONL},
                 {".csv", PROMPTS_CSV},      {".tsv", PROMPTS_TSV},
                 {".tab", PROMPTS_TSV}};
    size_t len = strlen(name);
    if (len > 3 && !strcasecmp(name + len - 3, ".gz"))
        len -= 3;
    else if (len > 4 && !strcasecmp(name + len - 4, ".zst"))
        len -= 4;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t end = strlen(kinds[i].ending);
        if (len > end && !strncasecmp(name + len - end, kinds[i].ending, end))
            return kinds[i].kind;
    }
    return PROMPTS_BY_NAME;
}

struct prompts *prompts_new(int fd, const char *name, enum prompts_kind kind)
{
    struct prompts *prompts = xcalloc(1, sizeof *prompts);
    sanitise_line(name, strlen(name), prompts->name, sizeof prompts->name);
    prompts->unpack = unpack_new(fd, prompts->name);
    prompts->kind = kind ? kind : kind_of(name);
    buf_init(&prompts->text, ROW_MAX);
    buf_init(&prompts->paragraph, ROW_MAX);
    buf_init(&prompts->cells, ROW_MAX);
    return prompts;
}

void prompts_keep_json(struct prompts *prompts)
{
    prompts->keeps_json = true;
    prompts->text.max = prompts->cells.max = RECORD_MAX;
}

static void clear_row(struct prompts *prompts)
{
    for (size_t i = 0; i < prompts->owned_count; i++)
        free(prompts->owned[i]);
    prompts->owned_count = prompts->column_count = prompts->message_count = 0;
    json_decref(prompts->json);
    prompts->json = NULL;
    buf_reset(&prompts->cells);
    prompts->cell_count = 0;
    prompts->has_row = false;
}

void prompts_free(struct prompts *prompts)
{
    if (!prompts)
        return;
    clear_row(prompts);
    for (size_t i = 0; i < prompts->name_count; i++)
        free(prompts->names[i]);
    if (prompts->has_csv)
        csv_free(&prompts->csv);
    unpack_free(prompts->unpack);
    buf_clear(&prompts->text);
    buf_clear(&prompts->paragraph);
    buf_clear(&prompts->cells);
    free(prompts->columns);
    free(prompts->messages);
    free(prompts->owned);
    free(prompts->names);
    free(prompts->ends);
    free(prompts);
}

static enum status refuse(const struct prompts *prompts, size_t line, const char *why,
                          struct err *err)
{
    return err_set(err, STATUS_USAGE, "%s:%zu: %s", prompts->name, line, why);
}

/* The next line, without a byte order mark and the CR at its end. */
static enum status next_line(struct prompts *prompts, struct err *err)
{
    struct err why = {0};
    enum status status = unpack_line(prompts->unpack, &prompts->text, &why);
    prompts->line++;
    if (status == STATUS_FULL)
        return refuse(prompts, prompts->line, why.text, err);
    if (status != STATUS_OK)
        return why.code ? err_set(err, why.code, "%s", why.text) : status;
    if (prompts->line == 1 && prompts->text.len >= 3 &&
        !memcmp(prompts->text.data, "\xef\xbb\xbf", 3))
        buf_consume(&prompts->text, 3);
    if (prompts->text.len && prompts->text.data[prompts->text.len - 1] == '\r')
        prompts->text.data[--prompts->text.len] = '\0';
    const char *text = buf_text(&prompts->text);
    size_t bad = utf8_check(text, prompts->text.len);
    const char *nul = memchr(text, '\0', bad);
    if (bad == prompts->text.len && !nul)
        return STATUS_OK;
    return err_set(err, STATUS_USAGE, "%s:%zu:%zu: this byte is no UTF-8 text.",
                   prompts->name, prompts->line, (nul ? (size_t)(nul - text) : bad) + 1);
}

static bool is_blank(const struct buf *text)
{
    return strspn(buf_text(text), " \t\r") == text->len;
}

static void add_column(struct prompts *prompts, const char *name, const char *text,
                       size_t len, bool is_json)
{
    prompts->columns = xgrow(prompts->columns, prompts->column_count,
                             &prompts->column_capacity, sizeof *prompts->columns);
    prompts->columns[prompts->column_count++] = (struct template_value){
        .name = name, .text = text, .len = len, .is_json = is_json};
}

/* ---- paragraphs ---- */

/* Goes on with what the first line of the paragraph has brought. */
static enum status next_paragraph(struct prompts *prompts, struct prompts_row *row,
                                  struct err *err)
{
    bool fits = true;
    enum status status = STATUS_OK;
    buf_reset(&prompts->paragraph);
    while (status == STATUS_OK) {
        if (is_blank(&prompts->text) && prompts->paragraph.len)
            break;
        if (is_blank(&prompts->text))
            row->line = prompts->line + 1;
        else
            fits = fits &&
                   (!prompts->paragraph.len || buf_add_byte(&prompts->paragraph, '\n')) &&
                   buf_add(&prompts->paragraph, prompts->text.data, prompts->text.len);
        status = next_line(prompts, err);
    }
    if (status == STATUS_NOT_FOUND && prompts->paragraph.len)
        status = STATUS_OK;
    if (status == STATUS_OK && !fits)
        return refuse(prompts, row->line, "this paragraph is longer than 1 MiB.", err);
    add_column(prompts, "prompt", buf_text(&prompts->paragraph), prompts->paragraph.len,
               false);
    return status;
}

/* ---- JSON lines ---- */

static char *own(struct prompts *prompts, char *text)
{
    prompts->owned = xgrow(prompts->owned, prompts->owned_count, &prompts->owned_capacity,
                           sizeof *prompts->owned);
    return prompts->owned[prompts->owned_count++] = text;
}

/* A message's content: a string, or parts with texts. NULL when it is neither. */
static const char *content_text(struct prompts *prompts, const json_t *content)
{
    struct buf text = {0};
    size_t i;
    const json_t *part;
    if (json_is_string(content))
        return json_string_value(content);
    if (!json_is_array(content))
        return NULL;
    json_array_foreach(content, i, part)
        buf_add_text(&text, json_is_string(json_object_get(part, "text"))
                                ? json_string_value(json_object_get(part, "text"))
                                : "");
    return own(prompts, buf_take(&text));
}

static enum status take_messages(struct prompts *prompts, const json_t *list,
                                 struct err *err)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *role = json_string_value(json_object_get(item, "role"));
        const char *text = content_text(prompts, json_object_get(item, "content"));
        if (role && !strcmp(role, "developer"))
            role = "system";
        if (!role || !text ||
            (strcmp(role, "system") != 0 && strcmp(role, "user") != 0 &&
             strcmp(role, "assistant") != 0))
            return refuse(
                prompts, prompts->line,
                "a message needs a role (system, user or assistant) and a content.", err);
        prompts->messages = xgrow(prompts->messages, prompts->message_count,
                                  &prompts->message_capacity, sizeof *prompts->messages);
        prompts->messages[prompts->message_count++] =
            (struct llm_message){.role = role, .text = text, .len = strlen(text)};
    }
    if (prompts->message_count)
        return STATUS_OK;
    return refuse(prompts, prompts->line, "its messages are no list, or empty.", err);
}

static enum status next_json(struct prompts *prompts, struct prompts_row *row,
                             struct err *err)
{
    if (is_blank(&prompts->text))
        return STATUS_OK;
    if (prompts->keeps_json) {
        prompts->json = json_parse(prompts->text.data, prompts->text.len, NULL);
        row->json = prompts->json;
        return json_is_object(row->json)
                   ? STATUS_OK
                   : refuse(prompts, prompts->line, "this line is no JSON object.", err);
    }
    json_error_t wrong;
    prompts->json = json_loadb(prompts->text.data, prompts->text.len,
                               JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &wrong);
    if (!prompts->json && json_error_code(&wrong) == json_error_duplicate_key)
        return err_set(err, STATUS_USAGE,
                       "%s:%zu:%d: a name stands twice in this row (%.80s).",
                       prompts->name, prompts->line, wrong.column, wrong.text);
    if (json_is_string(prompts->json)) {
        add_column(prompts, "prompt", json_string_value(prompts->json),
                   json_string_length(prompts->json), false);
        return STATUS_OK;
    }
    if (!json_is_object(prompts->json))
        return refuse(prompts, prompts->line,
                      "this line is no JSON object: one object a line, such as "
                      "{\"prompt\": \"Tell me a joke\"}.",
                      err);
    const char *name;
    json_t *value;
    json_object_foreach(prompts->json, name, value)
    {
        if (!strcmp(name, "messages")) {
            if (take_messages(prompts, value, err))
                return err->code;
        } else if (json_is_string(value)) {
            add_column(prompts, name, json_string_value(value), json_string_length(value),
                       false);
        } else if (!json_is_null(value)) {
            char *text = own(prompts, json_print(value));
            add_column(prompts, name, text, strlen(text), true);
        }
    }
    return STATUS_OK;
}

/* ---- CSV and TSV ---- */

static void on_cell(void *bytes, size_t len, void *ctx)
{
    struct prompts *prompts = ctx;
    prompts->ends = xgrow(prompts->ends, prompts->cell_count, &prompts->cell_capacity,
                          sizeof *prompts->ends);
    buf_add(&prompts->cells, bytes, len);
    buf_add_byte(&prompts->cells, '\0');
    prompts->ends[prompts->cell_count++] = prompts->cells.len;
}

static void on_row(int end, void *ctx)
{
    (void)end;
    ((struct prompts *)ctx)->has_row = true;
}

static int is_no_space(unsigned char byte)
{
    (void)byte;
    return 0;
}

static void start_csv(struct prompts *prompts)
{
    unsigned char delimiter = prompts->csv.delim_char;
    if (prompts->has_csv)
        csv_free(&prompts->csv);
    (void)csv_init(&prompts->csv, CSV_STRICT_FINI); /* takes no memory */
    csv_set_space_func(&prompts->csv, is_no_space);
    if (!prompts->has_csv) {
        /* as a spreadsheet writes it where the comma divides numbers */
        const char *text = buf_text(&prompts->text);
        bool is_semicolon = !strchr(text, ',') && strchr(text, ';');
        delimiter = prompts->kind == PROMPTS_TSV ? '\t' : is_semicolon ? ';' : ',';
    }
    csv_set_delim(&prompts->csv, delimiter);
    prompts->has_csv = true;
}

/* Feeds lines until a row has ended. The first is in text. */
static enum status read_cells(struct prompts *prompts, size_t line, struct err *err)
{
    size_t taken = 0;
    enum status status = STATUS_OK;
    if (!prompts->has_csv)
        start_csv(prompts);
    while (status == STATUS_OK) {
        taken += prompts->text.len + 1;
        csv_parse(&prompts->csv, buf_text(&prompts->text), prompts->text.len, on_cell,
                  on_row, prompts);
        csv_parse(&prompts->csv, "\n", 1, on_cell, on_row, prompts);
        if (prompts->has_row)
            return STATUS_OK;
        if (taken >= prompts->text.max) {
            start_csv(prompts);
            return refuse(prompts, line, "this row is too long: a quote may be missing.",
                          err);
        }
        status = next_line(prompts, err);
    }
    start_csv(prompts);
    if (status != STATUS_NOT_FOUND)
        return status;
    return refuse(prompts, line, "a quote is opened here and never closed.", err);
}

static const char *cell_at(const struct prompts *prompts, size_t at, size_t *len)
{
    size_t start = at ? prompts->ends[at - 1] : 0;
    *len = prompts->ends[at] - start - 1;
    return prompts->cells.data + start;
}

static enum status next_cells(struct prompts *prompts, struct prompts_row *row,
                              struct err *err)
{
    if (!prompts->text.len)
        return STATUS_OK;
    enum status status = read_cells(prompts, row->line, err);
    size_t len;
    if (status == STATUS_OK && !prompts->names) {
        prompts->names = xcalloc(prompts->cell_count, sizeof *prompts->names);
        for (; prompts->name_count < prompts->cell_count; prompts->name_count++)
            prompts->names[prompts->name_count] =
                xstrdup(cell_at(prompts, prompts->name_count, &len));
        /* which of two would be meant? */
        for (size_t i = 0; i < prompts->name_count; i++)
            for (size_t j = 0; j < i; j++)
                if (*prompts->names[i] && !strcmp(prompts->names[i], prompts->names[j]))
                    return err_set(
                        err, STATUS_CONFIG,
                        "%s:%zu: the columns %zu and %zu are both called %.80s: "
                        "give one another name.",
                        prompts->name, row->line, j + 1, i + 1, prompts->names[i]);
        return STATUS_OK;
    }
    if (status == STATUS_OK && prompts->cell_count != prompts->name_count)
        status = err_set(err, STATUS_USAGE,
                         "%s:%zu: this row has %zu column%s, the first line names %zu.",
                         prompts->name, row->line, prompts->cell_count,
                         prompts->cell_count == 1 ? "" : "s", prompts->name_count);
    for (size_t i = 0; i < prompts->cell_count && status == STATUS_OK; i++) {
        const char *text = cell_at(prompts, i, &len);
        add_column(prompts, prompts->names[i], text, len, false);
    }
    return status;
}

/* ---- all ---- */

static enum status read_row(struct prompts *prompts, struct prompts_row *row,
                            struct err *err)
{
    clear_row(prompts);
    if (prompts->keeps_json && !prompts->line && !prompts->is_array &&
        (prompts->kind == PROMPTS_JSONL || prompts->kind == PROMPTS_BY_NAME))
        prompts->is_array = unpack_begins_array(prompts->unpack);
    if (prompts->is_array) {
        enum status read =
            unpack_item(prompts->unpack, RECORD_MAX, &prompts->json, &prompts->line, err);
        row->json = prompts->json;
        row->line = prompts->line;
        return read;
    }
    enum status status = next_line(prompts, err);
    row->line = prompts->line;
    if (status != STATUS_OK)
        return status;
    if (prompts->kind == PROMPTS_BY_NAME)
        prompts->kind = *buf_text(&prompts->text) == '{' ? PROMPTS_JSONL : PROMPTS_TEXT;
    switch (prompts->kind) {
    case PROMPTS_JSONL:
        return next_json(prompts, row, err);
    case PROMPTS_CSV:
    case PROMPTS_TSV:
        return next_cells(prompts, row, err);
    case PROMPTS_PARAGRAPHS:
        return next_paragraph(prompts, row, err);
    default:
        if (!is_blank(&prompts->text))
            add_column(prompts, "prompt", prompts->text.data, prompts->text.len, false);
        return STATUS_OK;
    }
}

enum status prompts_next(struct prompts *prompts, struct prompts_row *row,
                         struct err *err)
{
    enum status status;
    *row = (struct prompts_row){0};
    do
        status = read_row(prompts, row, err);
    while (status == STATUS_OK && !prompts->column_count && !prompts->message_count &&
           !row->json);
    row->columns = prompts->columns;
    row->column_count = prompts->column_count;
    row->messages = prompts->messages;
    row->message_count = prompts->message_count;
    row->has_own_names = prompts->kind == PROMPTS_JSONL;
    return status;
}
