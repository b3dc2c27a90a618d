/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/batch_parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sanitise.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "json/json.h"
#include "json/readable.h"

enum {
    PROMPT_MAX = 8 * 1024 * 1024,
    FILTER_BITS = 1 << 25, /* enough for millions of rows, 4 MiB */
    FILTER_PROBES = 4
};

static struct template *read_template(const char *option, const char *text,
                                      struct err *err)
{
    struct template *made = template_new(text, strlen(text), err);
    err_prefix(err, "--%s", option);
    if (!made)
        err->code = STATUS_CONFIG; /* as where file and template do not fit */
    /* cppcheck-suppress CastIntegerToAddressAtReturn; the name is a keyword to it */
    return made;
}

static void add_var(struct rows_plan *plan, const char *given, struct err *err)
{
    const char *equals = strchr(given, '=');
    if (!equals || equals == given) {
        err_set(err, STATUS_USAGE, "--var takes name=value; “%.80s” is not that.", given);
        return;
    }
    char *text = xstrdup(given);
    text[equals - given] = '\0';
    plan->texts[plan->var_count] = text;
    plan->vars[plan->var_count++] = (struct template_value){
        .name = text, .text = text + (equals - given) + 1, .len = strlen(equals + 1)};
}

struct rows_plan *rows_plan_new(const struct batch_options *options, struct err *err)
{
    struct rows_plan *plan = xcalloc(1, sizeof *plan);
    struct err why = {0};
    char name[256];
    plan->name =
        xstrdup(sanitise_line(options->name, strlen(options->name), name, sizeof name));
    plan->file = xstrdup(options->name);
    plan->fd = fcntl(options->fd, F_DUPFD_CLOEXEC, 3);
    plan->kind = options->kind;
    plan->steps = xcalloc(options->step_count + 1, sizeof(struct template *));
    plan->vars = xcalloc(options->var_count + 1, sizeof *plan->vars);
    plan->texts = xcalloc(options->var_count + 1, sizeof *plan->texts);
    plan->meta = xcalloc(options->meta_count + 1, sizeof *plan->meta);
    if (options->template_text)
        plan->template = read_template("template", options->template_text, &why);
    for (size_t i = 0; i < options->step_count && !why.code; i++) {
        plan->steps[i] = read_template("then", options->steps[i], &why);
        plan->step_count += plan->steps[i] != NULL;
        buf_addf(&plan->step_texts, "|%s", options->steps[i]);
        if (!why.code && template_message_count(plan->steps[i]) != 1)
            err_set(&why, STATUS_CONFIG,
                    "--then takes a template of one message, not a conversation.");
        if (!why.code && !template_uses(plan->steps[i], "output"))
            err_set(&why, STATUS_CONFIG,
                    "--then \"%.60s\" does not use {output}, the answer before it.",
                    options->steps[i]);
    }
    for (size_t i = 0; i < options->var_count && !why.code; i++)
        add_var(plan, options->vars[i], &why);
    for (; plan->meta_count < options->meta_count; plan->meta_count++)
        plan->meta[plan->meta_count] = xstrdup(options->meta[plan->meta_count]);
    if (!why.code)
        return plan;
    rows_plan_free(plan);
    err_set(err, why.code, "%s", why.text);
    return NULL;
}

void rows_plan_free(struct rows_plan *plan)
{
    if (!plan)
        return;
    template_free(plan->template);
    for (size_t i = 0; i < plan->step_count; i++)
        template_free(plan->steps[i]);
    for (size_t i = 0; i < plan->var_count; i++)
        free(plan->texts[i]);
    for (size_t i = 0; i < plan->meta_count; i++)
        free(plan->meta[i]);
    buf_clear(&plan->step_texts);
    buf_clear(&plan->note);
    free(plan->steps);
    free(plan->vars);
    free(plan->texts);
    free(plan->meta);
    if (plan->fd >= 0)
        close(plan->fd);
    free(plan->twins);
    free(plan->filter);
    free(plan->name);
    free(plan->file);
    free(plan);
}

/* ---- whether file and templates fit ---- */

static bool is_used(const struct rows_plan *plan, const char *name)
{
    bool is_it = plan->template && template_uses(plan->template, name);
    for (size_t i = 0; i < plan->step_count && !is_it; i++)
        is_it = template_uses(plan->steps[i], name);
    return is_it;
}

static void add_missing(const struct rows *rows, const struct template *template,
                        bool is_step, struct buf *missing)
{
    size_t count;
    const char *const *names = template_names(template, &count);
    for (size_t i = 0; i < count; i++)
        if (!template_find(rows->values, rows->value_count, names[i]) &&
            !(is_step && !strcmp(names[i], "output")))
            buf_addf(missing, "%s{%.80s}", missing->len ? ", " : "", names[i]);
}

static void add_names(struct buf *out, const struct rows *rows, bool only_unused)
{
    const struct rows_plan *plan = rows->plan;
    for (size_t i = 0; i < rows->row.column_count; i++) {
        const char *name = rows->row.columns[i].name;
        bool is_kept = is_used(plan, name);
        for (size_t j = 0; j < plan->meta_count; j++)
            is_kept = is_kept || !strcmp(plan->meta[j], name);
        if (!only_unused || !is_kept)
            buf_addf(out, "%s%.80s", out->len ? ", " : "", name);
    }
}

static enum status check_names(struct rows *rows, struct err *err)
{
    struct rows_plan *plan = rows->plan;
    struct buf missing = {0}, names = {0};
    const struct prompts_row *row = &rows->row;
    buf_reset(&plan->note);
    add_names(&names, rows, false);
    if (plan->template)
        add_missing(rows, plan->template, false, &missing);
    for (size_t i = 0; i < plan->step_count; i++)
        add_missing(rows, plan->steps[i], true, &missing);
    if (missing.len)
        err_set(err, STATUS_CONFIG,
                "Nothing gives the template's %s: no column of %s (it has: %s) and no "
                "--var.",
                missing.data, plan->name, names.len ? names.data : "none");
    if (!plan->template && !row->message_count &&
        !template_find(row->columns, row->column_count, "prompt"))
        err_set(err, STATUS_CONFIG,
                "%s has no column \"prompt\": name its columns in a --template. It has: "
                "%s.",
                plan->name, names.len ? names.data : "none");
    for (size_t i = 0; i < plan->var_count; i++)
        if (!is_used(plan, plan->vars[i].name))
            err_set(err, STATUS_CONFIG, "--var %.80s: no template uses it.",
                    plan->vars[i].name);
    for (size_t i = 0; i < plan->meta_count; i++)
        if (!template_find(row->columns, row->column_count, plan->meta[i]))
            err_set(err, STATUS_CONFIG, "--meta %.80s: %s has no such column.",
                    plan->meta[i], plan->name);
    buf_reset(&names);
    if (plan->template)
        add_names(&names, rows, true);
    if (names.len)
        buf_addf(&plan->note, "Not used of %s: %s. --meta NAME keeps a column.",
                 plan->name, names.data);
    buf_clear(&names);
    buf_clear(&missing);
    return err->code;
}

/* ---- twins ---- */

static uint64_t hash(const char *text, size_t len)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        value = (value ^ (unsigned char)text[i]) * 0x100000001b3u;
    value ^= value >> 32;
    return value ? value : 1;
}

/* Its place among the twins; where it would be when it is none. */
static size_t twin_slot(const struct rows_plan *plan, uint64_t key)
{
    size_t at = (size_t)(key % plan->twin_capacity);
    while (plan->twins[at] && plan->twins[at] != key)
        at = (at + 1) % plan->twin_capacity;
    return at;
}

static void add_twin(struct rows_plan *plan, uint64_t key)
{
    if (plan->twin_count * 2 >= plan->twin_capacity) {
        struct rows_plan old = *plan;
        plan->twin_capacity = old.twin_capacity ? old.twin_capacity * 2 : 64;
        plan->twins = xcalloc(plan->twin_capacity, sizeof *plan->twins);
        for (size_t i = 0; i < old.twin_capacity; i++)
            if (old.twins[i])
                plan->twins[twin_slot(plan, old.twins[i])] = old.twins[i];
        free(old.twins);
    }
    size_t at = twin_slot(plan, key);
    plan->twin_count += !plan->twins[at];
    plan->twins[at] = key;
}

/* In the first walk: what the filter has seen before may be a twin. */
static void note_twin(struct rows_plan *plan, uint64_t key)
{
    bool is_seen = true;
    uint64_t step = (key >> 17) | 1;
    if (!plan->filter)
        plan->filter = xcalloc(FILTER_BITS / 8, 1);
    for (uint64_t i = 0; i < FILTER_PROBES; i++) {
        uint64_t bit = (key + i * step) % FILTER_BITS;
        unsigned char mask = (unsigned char)(1u << (bit % 8));
        is_seen = is_seen && (plan->filter[bit / 8] & mask);
        plan->filter[bit / 8] |= mask;
    }
    if (is_seen)
        add_twin(plan, key);
}

static void find_twin(struct rows *rows)
{
    struct rows_plan *plan = rows->plan;
    uint64_t key = hash(rows->prompt, rows->len);
    rows->twin = 0;
    if (rows->is_check) {
        note_twin(plan, key);
    } else if (plan->twin_count) {
        if (!rows->twins)
            rows->twins = xcalloc(plan->twin_capacity, sizeof *rows->twins);
        size_t at = twin_slot(plan, key);
        if (plan->twins[at])
            rows->twin = rows->twins[at]++;
    }
}

/* ---- a walk ---- */

void rows_init(struct rows *rows, struct rows_plan *plan, bool is_check)
{
    size_t count = plan->template ? template_message_count(plan->template) : 0;
    *rows = (struct rows){.plan = plan, .is_check = is_check, .is_first = is_check};
    rows->prompts = prompts_new(plan->fd, plan->file, plan->kind);
    rows->made = xcalloc(count + 1, sizeof *rows->made);
    rows->texts = xcalloc(count + 1, sizeof *rows->texts);
    for (size_t i = 0; i < count; i++)
        buf_init(&rows->texts[i], PROMPT_MAX);
}

void rows_clear(struct rows *rows)
{
    if (!rows->plan)
        return;
    const struct template *template = rows->plan->template;
    for (size_t i = 0; template && i < template_message_count(template); i++)
        buf_clear(&rows->texts[i]);
    buf_clear(&rows->described);
    prompts_free(rows->prompts);
    free(rows->texts);
    free(rows->made);
    free(rows->values);
    free(rows->twins);
    *rows = (struct rows){0};
}

/* The messages as JSON. New reference. */
static json_t *list_messages(const struct rows *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->message_count; i++)
        conversation_add(list, rows->messages[i].role, rows->messages[i].text,
                         rows->messages[i].len);
    return list;
}

static enum status make_messages(struct rows *rows, struct err *err)
{
    const struct template *template = rows->plan->template;
    rows->messages = rows->made;
    rows->message_count = template_message_count(template);
    for (size_t i = 0; i < rows->message_count; i++) {
        struct buf *text = &rows->texts[i];
        buf_reset(text);
        if (template_write(template, i, rows->values, rows->value_count, text, err))
            return err->code;
        rows->made[i] = (struct llm_message){
            .role = template_role(template, i), .text = buf_text(text), .len = text->len};
    }
    return STATUS_OK;
}

static enum status make_prompt(struct rows *rows, struct err *err)
{
    const struct template_value *column =
        template_find(rows->row.columns, rows->row.column_count, "prompt");
    rows->message_count = rows->row.message_count;
    rows->messages = rows->message_count ? rows->row.messages : NULL;
    if (rows->plan->template && make_messages(rows, err))
        return err->code;
    if (rows->message_count == 1 && !strcmp(rows->messages->role, "user")) {
        rows->prompt = rows->messages->text;
        rows->len = rows->messages->len;
        rows->message_count = 0;
        rows->messages = NULL;
    } else if (rows->message_count) {
        json_t *list = list_messages(rows);
        buf_reset(&rows->described);
        conversation_write(list, &rows->described);
        json_decref(list);
        rows->prompt = buf_text(&rows->described);
        rows->len = rows->described.len;
    } else if (column) {
        rows->prompt = column->text;
        rows->len = column->len;
    } else {
        return err_set(err, STATUS_NOT_FOUND, "it has no \"prompt\".");
    }
    struct buf missing = {0};
    for (size_t i = 0; i < rows->plan->step_count; i++)
        add_missing(rows, rows->plan->steps[i], true, &missing);
    if (missing.len)
        err_set(err, STATUS_USAGE, "it has nothing for %.200s of --then.", missing.data);
    buf_clear(&missing);
    if (!err->code && utf8_is_blank(rows->prompt, rows->len))
        err_set(err, STATUS_USAGE, "its prompt is empty.");
    return err->code;
}

enum status rows_next(struct rows *rows, struct err *err)
{
    struct err why = {0};
    enum status status = prompts_next(rows->prompts, &rows->row, err);
    if (status == STATUS_NOT_FOUND && rows->is_check) {
        free(rows->plan->filter);
        rows->plan->filter = NULL;
        if (rows->is_first && rows->odd.code)
            return err_set(err, rows->odd.code, "%s", rows->odd.text);
    }
    if (status != STATUS_OK)
        return status;
    rows->line = rows->row.line;
    const struct rows_plan *plan = rows->plan;
    size_t count = rows->row.column_count + plan->var_count;
    if (count > rows->value_capacity) {
        rows->values = xreallocarray(rows->values, count, sizeof *rows->values);
        rows->value_capacity = count;
    }
    rows->value_count = count;
    if (rows->row.column_count)
        memcpy(rows->values, rows->row.columns,
               rows->row.column_count * sizeof *rows->values);
    if (plan->var_count)
        memcpy(rows->values + rows->row.column_count, plan->vars,
               plan->var_count * sizeof *rows->values);
    bool is_bad = make_prompt(rows, &why) != STATUS_OK;
    bool is_odd = is_bad && rows->row.has_own_names;
    if (rows->is_first && !(is_odd && rows->odd.code) &&
        check_names(rows, is_odd ? &rows->odd : err) && !is_odd)
        return err->code;
    rows->is_first &= is_odd;
    if (is_bad)
        return err_set(err, STATUS_USAGE, "%s:%zu: %s", rows->plan->name, rows->line,
                       why.text);
    find_twin(rows);
    return STATUS_OK;
}

char *rows_conversation(const struct rows *rows)
{
    if (!rows->messages)
        return NULL;
    json_t *list = list_messages(rows);
    char *text = json_print(list);
    json_decref(list);
    return text;
}

char *rows_metadata(const struct rows *rows)
{
    const struct rows_plan *plan = rows->plan;
    if (!plan->meta_count)
        return NULL;
    json_t *object = json_object();
    for (size_t i = 0; i < plan->meta_count; i++) {
        const struct template_value *value =
            template_find(rows->row.columns, rows->row.column_count, plan->meta[i]);
        if (value)
            json_object_set_new(object, plan->meta[i],
                                value->is_json ? json_loadb(value->text, value->len,
                                                            JSON_DECODE_ANY, NULL)
                                               : json_stringn(value->text, value->len));
    }
    char *text = json_print(object);
    json_decref(object);
    return text;
}

struct template_value *rows_keep(const struct rows *rows, size_t *count)
{
    size_t size = rows->value_count * sizeof *rows->values;
    for (size_t i = 0; i < rows->value_count; i++)
        size += strlen(rows->values[i].name) + rows->values[i].len + 2;
    struct template_value *kept = xcalloc(size + 1, 1);
    char *at = (char *)(kept + rows->value_count);
    for (size_t i = 0; i < rows->value_count; i++) {
        kept[i] = rows->values[i];
        kept[i].name = at;
        at = stpcpy(at, rows->values[i].name) + 1;
        kept[i].text = at;
        memcpy(at, rows->values[i].text, kept[i].len);
        at += kept[i].len + 1;
    }
    *count = rows->value_count;
    return kept;
}

bool rows_step(const struct rows_plan *plan, size_t step,
               const struct template_value *values, size_t count, const char *output,
               size_t len, struct buf *out)
{
    struct template_value *all = xcalloc(count + 1, sizeof *all);
    all[0] = (struct template_value){.name = "output", .text = output, .len = len};
    if (count)
        memcpy(all + 1, values, count * sizeof *all);
    bool is_whole =
        template_write(plan->steps[step], 0, all, count + 1, out, NULL) == STATUS_OK;
    free(all);
    return is_whole;
}
