/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/react.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "llm/tool_parts.h"

const char *const react_stops[] = {"\nObservation:", "\n\tObservation:", NULL};

/* ---- the prompt ---- */

/* A tool takes one text here; one with several fields is told what that must hold. */
static void add_fields(struct buf *out, const char *schema)
{
    json_t *json = json_read(schema), *field;
    json_t *fields = json_object_get(json, "properties");
    const char *name;
    size_t count = 0;
    json_object_foreach(fields, name, field)
    {
        if (json_object_size(fields) > 1)
            buf_addf(out, "%s%s", count++ ? ", " : " Input: a JSON object with ", name);
    }
    buf_add_text(out, count ? ".\n" : "\n");
    json_decref(json);
}

void react_write(struct buf *out, const struct llm_tool *tools, size_t count,
                 const char *question, size_t len, const struct buf *steps)
{
    buf_add_text(out, "Answer the following questions as best you can. You have access "
                      "to the following tools:\n\n");
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s: %s", tools[i].name, tools[i].description);
        add_fields(out, tools[i].schema);
    }
    buf_add_text(out, "\nUse the following format:\n\n"
                      "Question: the input question you must answer\n"
                      "Thought: you should always think about what to do\n"
                      "Action: the action to take, should be one of [");
    for (size_t i = 0; i < count; i++)
        buf_addf(out, "%s%s", i ? ", " : "", tools[i].name);
    buf_add_text(out, "]\nAction Input: the input to the action\n"
                      "Observation: the result of the action\n"
                      "... (this Thought/Action/Action Input/Observation can repeat N "
                      "times)\n"
                      "Thought: I now know the final answer\n"
                      "Final Answer: the final answer to the original input question\n\n"
                      "Begin!\n\nQuestion: ");
    buf_add(out, question, len);
    buf_add_text(out, "\nThought:");
    buf_add(out, buf_text(steps), steps->len);
}

void react_add_step(struct buf *steps, const char *written, size_t len,
                    const char *observation, size_t observation_len)
{
    while (len && strchr(" \n\t", written[len - 1]))
        len--;
    buf_add(steps, written, len);
    buf_add_text(steps, "\nObservation: ");
    buf_add(steps, observation, observation_len);
    buf_add_text(steps, "\nThought:");
}

/* ---- reading: lines that begin with a label, and what stands behind each ---- */

enum label { NO_LABEL, QUESTION, THOUGHT, ACTION, INPUT, OBSERVATION, ANSWER };

struct piece {
    enum label label;
    const char *text; /* behind the colon */
    size_t len;
};

enum { MAX_PIECES = 64 };

static bool is_colon(const char *at, const char *end, size_t *bytes)
{
    static const char wide[] = "\xef\xbc\x9a"; /* ： */
    *bytes = at < end && *at == ':' ? 1 : 0;
    if (end - at >= 3 && !memcmp(at, wide, 3))
        *bytes = 3;
    return *bytes > 0;
}

/* Blanks, numbers and the marks of bold text: "**Action 2:**". */
static const char *skip_marks(const char *at, const char *end, const char *marks)
{
    while (at < end && *at && strchr(marks, *at))
        at++;
    return at;
}

/* The label at the start of a line; *behind is where its text begins. */
static enum label read_label(const char *line, const char *end, const char **behind)
{
    static const struct {
        const char *name;
        enum label label;
    } rows[] = {
        {"Action Input", INPUT},      {"Action_Input", INPUT},  {"ActionInput", INPUT},
        {"Action", ACTION},           {"Final Answer", ANSWER}, {"FinalAnswer", ANSWER},
        {"Observation", OBSERVATION}, {"Thought", THOUGHT},     {"Question", QUESTION}};
    const char *at = skip_marks(line, end, " \t*_#>-`");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].name), colon;
        if ((size_t)(end - at) < len || strncasecmp(at, rows[i].name, len) != 0)
            continue;
        const char *after = skip_marks(at + len, end, " \t*_`0123456789");
        if (!is_colon(after, end, &colon))
            continue;
        *behind = skip_marks(after + colon, end, "*_");
        return rows[i].label;
    }
    return NO_LABEL;
}

/* Cuts text where labels are; what comes before the first is a thought. Ends at an
 * observation or another question: those the model made up. */
static size_t cut(const char *text, size_t len, struct piece *pieces, size_t *used)
{
    const char *end = text + len;
    size_t count = 1;
    pieces[0] = (struct piece){.label = THOUGHT, .text = text};
    *used = len;
    for (const char *line = text; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line)), *behind;
        const char *stop = next ? next : end;
        enum label label = read_label(line, stop, &behind);
        if (label == OBSERVATION || (label == QUESTION && line > text)) {
            *used = (size_t)(line - text);
            end = line;
        }
        if (label && label != OBSERVATION && label != QUESTION && count < MAX_PIECES) {
            pieces[count - 1].len = (size_t)(line - pieces[count - 1].text);
            pieces[count++] = (struct piece){.label = label, .text = behind};
        }
        line = next ? next + 1 : end;
    }
    struct piece *last = &pieces[count - 1];
    last->len = end > last->text ? (size_t)(end - last->text) : 0;
    return count;
}

static void trim(const char **text, size_t *len, const char *marks)
{
    while (*len && **text && strchr(marks, **text)) {
        ++*text;
        --*len;
    }
    while (*len && (*text)[*len - 1] && strchr(marks, (*text)[*len - 1]))
        --*len;
}

/* Takes a code fence off: its first line may name a language. */
static void trim_fence(const char **text, size_t *len)
{
    trim(text, len, " \t\r\n");
    if (*len < 6 || memcmp(*text, "```", 3) != 0)
        return;
    const char *line = memchr(*text, '\n', *len);
    size_t head = line ? (size_t)(line - *text) : 3;
    *text += head;
    *len -= head;
    trim(text, len, " \t\r\n`");
}

static char *read_input(const char *text, size_t len)
{
    trim_fence(&text, &len);
    if (len > 7 && !strncasecmp(text, "SELECT ", 7)) /* quotes belong to it */
        return xmemdup0(text, len);
    trim(&text, &len, " \t\r\n");
    bool is_quoted = len > 1 && (*text == '"' || *text == '\'' || *text == '`') &&
                     text[len - 1] == *text;
    if (is_quoted) {
        text++;
        len -= 2;
    } else {
        trim(&text, &len, "\"");
    }
    return xmemdup0(text, len);
}

static char *read_name(const char *text, size_t len)
{
    trim(&text, &len, " \t\r\n\"'`*[]<>().,");
    return xmemdup0(text, len);
}

static bool is_no_tool(const char *name)
{
    static const char *const words[] = {
        "",        "none", "n/a",     "na",           "no action",
        "nothing", "null", "no tool", "final answer", "finish"};
    bool is_none = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        is_none |= !strcasecmp(name, words[i]);
    return is_none || !strncasecmp(name, "none ", 5) ||
           !strncasecmp(name, "no action", 9);
}

static bool take_call(struct react *react, char *tool, char *input)
{
    react->kind = REACT_CALL;
    react->tool = tool;
    react->input = input;
    return true;
}

/* {"action": "search", "action_input": "x"}, as chat agents write it; names differ. */
static bool read_json_call(struct react *react, const char *text, size_t len)
{
    static const char *const names[] = {"action", "tool", "name", "tool_name"};
    static const char *const inputs[] = {"action_input", "input",      "arguments",
                                         "parameters",   "tool_input", "args"};
    trim_fence(&text, &len);
    json_t *json = len && *text == '{' ? json_parse(text, len, NULL) : NULL;
    const char *name = NULL;
    const json_t *input = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !name; i++)
        name = json_get_text(json, names[i], NULL);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs && !input; i++)
        input = json_object_get(json, inputs[i]);
    if (name && !strcasecmp(name, "final answer") && input) {
        react->kind = REACT_ANSWER;
        react->input =
            json_is_string(input) ? xstrdup(json_string_value(input)) : json_print(input);
    } else if (name) {
        take_call(react, xstrdup(name),
                  json_is_string(input) ? xstrdup(json_string_value(input))
                  : input               ? json_print(input)
                                        : xstrdup(""));
    }
    json_decref(json);
    return name && (react->kind != REACT_ANSWER || react->input);
}

/* search("who …"), search[who …] */
static bool read_written_call(struct react *react, const char *text, size_t len)
{
    trim(&text, &len, " \t\r\n`");
    size_t name = 0;
    while (name < len &&
           (isalnum((unsigned char)text[name]) || strchr("_-.", text[name])))
        name++;
    if (!name || name + 1 >= len || (text[name] != '(' && text[name] != '['))
        return false;
    const char shut = text[name] == '(' ? ')' : ']';
    const char *end = memrchr(text, shut, len);
    if (!end || end < text + name)
        return false;
    return take_call(react, xmemdup0(text, name),
                     read_input(text + name + 1, (size_t)(end - text) - name - 1));
}

static const char *find_inline(const struct piece *piece, const char *label)
{
    size_t len = strlen(label);
    for (size_t i = 0; i + len <= piece->len; i++)
        if (!strncasecmp(piece->text + i, label, len))
            return piece->text + i;
    return NULL;
}

/* "search Action Input: x" on one line; at is where the name begins. */
static bool read_inline_call(struct react *react, const struct piece *piece)
{
    static const char label[] = "Action Input:";
    const char *input = find_inline(piece, label);
    if (!input)
        return false;
    const char *rest = input + sizeof label - 1;
    return take_call(react, read_name(piece->text, (size_t)(input - piece->text)),
                     read_input(rest, piece->len - (size_t)(rest - piece->text)));
}

/* The action of pieces[at]; false when it names none or has no input. */
static bool read_action(struct react *react, const struct piece *pieces, size_t count,
                        size_t at)
{
    const struct piece *action = &pieces[at];
    if (read_inline_call(react, action) ||
        read_json_call(react, action->text, action->len))
        return true;
    const char *text = action->text;
    size_t len = action->len, word = 0;
    trim(&text, &len, " \t\r\n");
    while (word < len && !strchr("(\n", text[word]))
        word++;
    char *name = read_name(text, word);
    bool is_none = is_no_tool(name);
    bool has_input = at + 1 < count && pieces[at + 1].label == INPUT;
    if (has_input && !is_none) {
        const struct piece *input = &pieces[at + 1];
        react->used = (size_t)(input->text + input->len - pieces[0].text);
        return take_call(react, name, read_input(input->text, input->len));
    }
    free(name);
    return !is_none && read_written_call(react, text, len);
}

static void take_answer(struct react *react, const char *text, size_t len)
{
    trim(&text, &len, " \t\r\n");
    react->kind = len ? REACT_ANSWER : REACT_UNCLEAR;
    react->input = len ? xmemdup0(text, len)
                       : xstrdup("Invalid Format: Missing text after 'Final Answer:'");
}

/* Labels that stand in the middle of a line. */
static bool read_inline(struct react *react, const struct piece *pieces, size_t count)
{
    static const char action[] = "Action:", answer[] = "Final Answer:";
    for (size_t i = 0; i < count; i++) {
        const char *end = pieces[i].text + pieces[i].len;
        const char *at = find_inline(&pieces[i], action);
        struct piece rest = {ACTION, at ? at + sizeof action - 1 : end, 0};
        rest.len = (size_t)(end - rest.text);
        struct piece both[2] = {rest, i + 1 < count ? pieces[i + 1] : (struct piece){0}};
        if (at && read_action(react, both, 2, 0))
            return true;
        at = find_inline(&pieces[i], answer);
        if (at) {
            take_answer(react, at + sizeof answer - 1,
                        (size_t)(end - at) - (sizeof answer - 1));
            return true;
        }
    }
    return false;
}

void react_read(struct react *react, const char *text, size_t len)
{
    struct piece pieces[MAX_PIECES];
    *react = (struct react){.kind = REACT_UNCLEAR};
    size_t count = cut(text, len, pieces, &react->used);
    bool has_action = false;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].label == ACTION && read_action(react, pieces, count, i))
            return;
        has_action |= pieces[i].label == ACTION;
        if (pieces[i].label == ANSWER) {
            take_answer(react, pieces[i].text, pieces[i].len);
            return;
        }
    }
    if (read_inline(react, pieces, count) ||
        (count == 1 && read_json_call(react, pieces[0].text, pieces[0].len)))
        return;
    react->input =
        xstrdup(has_action ? "Invalid Format: Missing 'Action Input:' after 'Action:'"
                           : "Invalid Format: Missing 'Action:' after 'Thought:'");
}

size_t react_show(struct react_shown *shown, bool is_text, const struct buf *text,
                  size_t came)
{
    const char *all = buf_text(text);
    struct piece pieces[MAX_PIECES];
    size_t used, to = text->len, from = shown->from + shown->len;
    bool may_begin = shown->from || memchr(all + to - came, ':', came);
    if (is_text && !shown->len) { /* the marks behind the label may still come */
        size_t count = may_begin ? cut(all, text->len, pieces, &used) : 0, at = 0;
        while (at < count && pieces[at].label != ANSWER && pieces[at].label != ACTION)
            at++;
        if (at == count || pieces[at].label == ACTION)
            return 0;
        from = (size_t)(pieces[at].text - all);
        from += strspn(all + from, " \t\r\n");
        shown->from = from;
    }
    while (to > from && strchr(" \t\r\n", all[to - 1]))
        to--;
    return to > from ? to - from : 0;
}

void react_clear(struct react *react)
{
    free(react->tool);
    free(react->input);
    *react = (struct react){0};
}
