/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "ui/frame.h"

#include <stdio.h>
#include <string.h>

#define KEY_COLS 18
#define KEYS_SIZE 160
#define COLS_FOR_TWO 64 /* narrower: what a key does stands below it */

/* A fixed line: keys NULL = a heading, text "" = a blank line. */
struct help_row {
    const char *keys;
    const char *text;
    const char *name; /* of the action, as [keys] takes it; NULL = it is none */
};

static const struct {
    const char *keys, *text;
} typing[] = {
    {"0–9", "in other datasets: a choice by its number"},
    {"", "A rating or a label moves on to the next open question."},
    {"", ""},
    {NULL, "In the list of records"},
    {"p d s x", "only pending, draft, submitted, discarded"},
    {"a", "all of them again"},
    {"Tab", "to the next of these; / by its name"},
    {"w W", "mark it, or all to here from the last: B, :bulk"},
    {"Enter Esc", "back to the record"},
    {"★★···~", "a draft; without the ~ it is submitted"},
    {"✕", "nothing came, or (cut) only a part; – discarded"},
    {"! ?", "two versions of your answer; gone from the server"},
    {"✓✓", "others have answered it as often as is wanted"},
    {"⚑ ✎", "flagged; with a note of yours"},
    {"", ""},
    {NULL, "While typing what is searched for"},
    {"words", "small letters find capitals too, a capital only itself"},
    {"pattern/", "a pattern (PCRE2): it ends in a slash"},
    {"Up Down", "former searches"},
    {"Enter Esc", "to the first place; back (on the record, Esc ends it)"},
    {"", ""},
    {NULL, "While writing feedback (all letters are text)"},
    {"Esc", "done; what you wrote is saved as you type"},
    {"Esc Enter", "submit, the same as Ctrl-Enter where the terminal knows it"},
    {"Enter", "new line"},
    {"Tab Shift-Tab", "done, and on to the next or the former question"},
    {"Ctrl-X", "go on in $EDITOR"},
    {"Ctrl-T", "as Markdown, where the question takes it; Esc goes on"},
    {"", ""},
    {NULL, "While writing a prompt"},
    {"Enter", "send"},
    {"Alt-Enter Ctrl-J", "new line"},
    {"Up Down", "former prompts, from the first or last line"},
    {"Ctrl-O", "settings of this one request"},
    {"Ctrl-X", "go on in $EDITOR"},
    {"Esc", "keep the text for later"},
    {"", ""},
    {NULL, "While answers stand beside each other"},
    {"1–4", "this one is better; 0: they are alike"},
    {"Left Right Enter", "of two, by how much: 1 to 3"},
    {"=", "the words in which two differ; once more, the next two"},
    {"Tab Shift-Tab", "the others, where not all have room"},
    {"j k Space", "scroll all of them"},
    {"u Ctrl-R", "undo and redo the choice"},
    {"Enter", "after the choice: the next open record"},
    {"Esc c", "back"},
    {"", ""},
    {NULL, "In the form for many records (B)"},
    {"1–9 Tab p", "as in the form of one; Delete takes an answer out"},
    {"", "Submit, draft, discard, by their keys: all, asked first"},
    {"B", "fill it in as the form of this record is"},
    {":", "flag, unflag, clear, delete them; Esc leaves"},
    {"", ""},
    {NULL, "On the page of people"},
    {"c", "decide: the answers of others are shown before yours"},
    {"1–9", "that person's answer becomes yours; Enter submits it"},
    {"Tab 1–9", "of one question only; then of the next"},
    {"h l u", "the record before, the next one, undo"},
    {"", ""},
    {NULL, "On the page of what an agent did"},
    {"Enter", "unfold a step, or fold it"},
    {"y a n", "a tool that is asked for: run it, run all, refuse"},
    {"", ""},
    {NULL, "On the other pages"},
    {"j k Space", "scroll; the key of another page goes there"},
    {"Esc Enter", "back, and so does the page's own key"},
    {"", ""},
    {NULL, "In the list of models (letters filter it)"},
    {"Enter", "prompts go there from now on"},
    {"Space", "mark it: the next prompts and :run go to all marked ones"},
    {"", ""},
    {NULL, "In the list of datasets (letters filter it)"},
    {"Enter", "open it"},
    {"Ctrl-R", "ask the servers again"},
    {"", ""},
    {NULL, "In the list of phrases, or of saved filters"},
    {"1–9 a–z", "this one"},
    {"Enter Delete", "a filter: take it; twice: forget it"},
    {"", ""},
    {NULL, "In the list of options (p; letters find one)"},
    {"Enter", "take it, or take it back; Space does it and stays"},
    {"1–9 Space", "of a ranking: this rank, and on; the next rank"},
    {"Shift-Up K", "and one place up; Shift-Down J down; = a tie"},
    {"", ""},
    {NULL, "While spans are marked (p or Tab on their question)"},
    {"Left Right h l", "by word; with Shift, or H L, by letter"},
    {"( ) Up Down", "by sentence; by line; Home End"},
    {"Space", "open a span; once more: its label"},
    {"1–9 Enter", "this label; Enter lists all. Again takes it back"},
    {"n N", "the next span, the one before: a digit relabels"},
    {"/", "find in the text; n N go from place to place then"},
    {"x", "remove the span that the mark is on"},
    {"click drag", "mark a word, or open a span; twice: the last label"},
    {"", ""},
    {NULL, "Editing, in every text"},
    {"Left Right", "by letter; with Ctrl, or Alt-B Alt-F, by word"},
    {"Home End", "of the line; also Ctrl-A Ctrl-E"},
    {"Ctrl-Home Ctrl-End", "of the text"},
    {"Backspace Delete", "a letter; also Ctrl-H Ctrl-D"},
    {"Ctrl-W Alt-D", "delete the word before, the word after"},
    {"Ctrl-U Ctrl-K", "delete to the start, to the end of the line"},
    {"Ctrl-Y", "put back what was deleted last"},
    {"Ctrl-Z Alt-Z", "undo, redo"},
    {"", ""},
    {NULL, "Commands"},
    {":", "Tab completes; every action's name is a command"},
    {":goto 12 or :12", "record number 12 of this store; for others the id"},
    {":filter draft sea", "a status, words …; all; :order KEY,-KEY"},
    {":model NAME", "and :temperature :max-tokens :seed :system TEXT"},
    {":rate 4", "a rating, also one above 5"},
    {":choose TEXT", "an option of the question in focus"},
    {":note TEXT", "your own note on the record, in one line"},
    {":agent TOOL …", "the next prompts are an agent's; :agent off ends that"},
    {":run FILE …", "ask a file's prompts, with the options of sherd run"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The rating keys share one row. */
#define ACTION_ROWS ((size_t)ACTION_COUNT - 5)

#define ROWS (1 + ACTION_ROWS + COUNT(typing))

/* Row index of the whole page; keys is filled for actions. */
static struct help_row row_at(const struct view *view, size_t index, char *keys,
                              size_t size)
{
    if (index == 0)
        return (struct help_row){NULL, "While reading and rating", "in [keys]"};
    index--;
    if (index >= ACTION_ROWS) {
        index -= ACTION_ROWS;
        return (struct help_row){typing[index].keys, typing[index].text, NULL};
    }
    const struct question *rating = dataset_rating_question(&view->session->dataset);
    if (index == 0 && (!rating || !rating->rating_count)) /* digits choose: see below */
        return (struct help_row){0};
    int first = index ? 1 : rating->ratings[0];
    int last = index ? 5 : rating->ratings[rating->rating_count - 1];
    if (first != 1 || last != 5) {
        snprintf(keys, size, "%d–%d", first, last > 9 ? 9 : last);
        return (struct help_row){keys,
                                 last > 9 ? "rate; the same digit clears; :rate 10"
                                          : "rate; the same digit clears",
                                 NULL};
    }
    if (index == 0) {
        keymap_rating_keys(view->keymap, keys, size);
        return (struct help_row){keys[0] != '\0' ? keys : ":rate 4",
                                 "rate; the same digit clears", "rate-1 … rate-5"};
    }
    enum action action = (enum action)(ACTION_RATE_5 + index);
    if (session_lacks_right(view->session, action))
        return (struct help_row){0};
    keymap_keys(view->keymap, action, keys, size);
    if (keys[0] == '\0')
        snprintf(keys, size, ":%s", action_name(action));
    return (struct help_row){keys, action_text(action), action_name(action)};
}

static size_t rows_of(struct help_row row, int columns)
{
    if (!row.text) /* not offered */
        return 0;
    return row.keys && row.keys[0] != '\0' && columns < COLS_FOR_TWO ? 2 : 1;
}

size_t help_line_count(const struct view *view, int columns)
{
    size_t lines = 0;
    char keys[KEYS_SIZE];
    for (size_t i = 0; i < ROWS; i++)
        lines += rows_of(row_at(view, i, keys, sizeof keys), columns);
    return lines;
}

size_t help_line_of(const struct view *view, int columns, enum ui_mode mode,
                    enum pager_page page)
{
    static const char *const headings[MODE_COUNT] = {
        [MODE_QUEUE] = "In the list of records",
        [MODE_COMPARE] = "While answers stand beside",
        [MODE_MODELS] = "In the list of models",
        [MODE_DATASETS] = "In the list of datasets",
        [MODE_PHRASES] = "In the list of phrases",
        [MODE_OPTIONS] = "In the list of options",
        [MODE_BULK] = "In the form for many records",
        [MODE_SPAN] = "While spans are marked"};
    const char *heading = mode != MODE_PAGER     ? headings[mode]
                          : page == PAGER_PEOPLE ? "On the page of people"
                          : page == PAGER_TRACE  ? "On the page of what"
                                                 : "On the other pages";
    size_t lines = 0;
    char keys[KEYS_SIZE];
    for (size_t i = 0; heading && i < ROWS; i++) {
        struct help_row row = row_at(view, i, keys, sizeof keys);
        if (!row.keys && row.text && strstr(row.text, heading))
            return lines;
        lines += rows_of(row, columns);
    }
    return 0;
}

static void draw_row(struct cells *cells, struct rect area, struct help_row row)
{
    if (row.name)
        cells_string_right(cells, area.row, area.col + area.cols, area.cols, row.name,
                           STYLE_DIM);
    if (!row.keys) {
        cells_string(cells, area.row, area.col, area.cols, row.text, STYLE_HEADING);
        return;
    }
    int used =
        cells_string(cells, area.row, area.col + 1, area.cols - 1, row.keys, STYLE_KEY);
    if (rows_of(row, area.cols) == 2) {
        cells_string(cells, area.row + 1, area.col + 2, area.cols - 2, row.text,
                     STYLE_TEXT);
        return;
    }
    int col = used < KEY_COLS ? KEY_COLS + 2 : used + 3;
    cells_string(cells, area.row, area.col + col, area.cols - col, row.text, STYLE_TEXT);
}

void help_draw(const struct view *view, struct cells *cells, struct rect area,
               size_t first)
{
    struct rect clip = cells->clip;
    cells->clip = area;
    size_t line = 0;
    char keys[KEYS_SIZE];
    for (size_t i = 0; i < ROWS && line < first + (size_t)area.rows; i++) {
        struct help_row row = row_at(view, i, keys, sizeof keys);
        size_t rows = rows_of(row, area.cols);
        if (rows > 0 && line + rows > first) {
            struct rect at = {area.row + (int)line - (int)first, area.col, (int)rows,
                              area.cols};
            draw_row(cells, at, row);
        }
        line += rows;
    }
    cells->clip = clip;
}
