/* SPDX-License-Identifier: MIT
 *
 * Fuzzes sanitise, flow, an edited text and the input decoder: nothing crashes, no
 * unsafe cell, grown equals fresh, undo gives the start, all input is decoded.
 *
 * With clang -fsanitize=fuzzer (and -DFUZZING) a libFuzzer target. Without it a
 * program that replays the files given, or else the kept corpus.
 */
#include "config.h"

#include <dirent.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "term/input.h"
#include "tests/support/drawn.h"
#include "text/editbuf.h"
#include "text/flow.h"

#define ROWS_MAX 400

/* libFuzzer's names. NOLINTBEGIN(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* NOLINTEND(readability-identifier-naming) */

static void require(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_sanitise(const char *text, size_t len)
{
    struct cluster cluster;
    size_t at = 0;
    while (at < len) {
        sanitise_next(text, len, at, &cluster);
        require(cluster.bytes >= 1 && cluster.bytes <= len - at);
        at += cluster.bytes;
    }
    char *once = sanitise_copy(text, len);
    char *twice = sanitise_copy(once, strlen(once));
    require(strcmp(once, twice) == 0);
    free(once);
    free(twice);
    size_t fixed_len;
    free(sanitise_utf8(text, len, &fixed_len));
    char line[64];
    sanitise_line(text, len, line, sizeof line);
    require(strlen(line) < sizeof line && !strchr(line, '\n'));
}

static void check_cell(const struct cell *cell)
{
    require(cell->width <= 2);
    if (cell->width > 0)
        require(wcwidth((wchar_t)cell->cp[0]) == cell->width);
    for (size_t i = 1; cell->width > 0 && i < CLUSTER_MAX && cell->cp[i]; i++)
        require(wcwidth((wchar_t)cell->cp[i]) == 0);
}

static char *draw(const struct flow *flow, int columns)
{
    struct cells cells = {0};
    struct buf out = {0};
    size_t count = flow_line_count(flow);
    int rows = count < ROWS_MAX ? (int)count : ROWS_MAX;
    cells_resize(&cells, rows, columns);
    flow_draw(flow, &cells, (struct rect){0, 0, rows, columns}, count - (size_t)rows);
    for (int i = 0; i < rows * columns; i++)
        check_cell(&cells.cell[i]);
    cells_dump(&cells, &out);
    cells_dump_styles(&cells, &out);
    cells_clear(&cells);
    return buf_take(&out);
}

static void check_flow(const char *text, size_t len, int columns, bool is_markdown)
{
    void (*set)(struct flow *, const char *, size_t, int) =
        is_markdown ? flow_set_markdown : flow_set_raw;
    struct flow *fresh = flow_new();
    struct flow *grown = flow_new();
    set(fresh, text, len, columns);
    for (size_t part = 1; part <= 4; part++)
        set(grown, text, len / 4 * part, columns);
    set(grown, text, len, columns);
    char *expected = draw(fresh, columns);
    char *got = draw(grown, columns);
    require(strcmp(got, expected) == 0);
    free(got);
    free(expected);
    flow_free(grown);
    flow_free(fresh);
}

static void on_event(void *ctx, const struct event *event)
{
    size_t *seen = ctx;
    *seen += event->kind == EVENT_PASTE ? event->len : 1;
    require(event->kind != EVENT_PASTE || strlen(event->text) <= event->len);
}

/* The same bytes in reads of every size: they end decoded, and none is made up. */
static void check_input(const char *bytes, size_t len, size_t step)
{
    size_t seen = 0;
    struct input *input = input_new(on_event, &seen);
    for (size_t at = 0; at < len; at += step) {
        input_feed(input, bytes + at, step < len - at ? step : len - at);
        if (at % 7 == 6)
            input_timeout(input);
    }
    for (int i = 0; i < 8 && input_wait_ms(input) >= 0; i++)
        input_timeout(input);
    require(input_wait_ms(input) < 0 && !input_drop(input));
    require(seen <= len);
    size_t before = seen;
    input_feed(input, "q", 1);
    require(seen == before + 1);
    input_free(input);
}

static void check_edit(const char *text, size_t len)
{
    struct editbuf *edit = editbuf_new();
    for (size_t at = 0; at < len; at += 3) {
        size_t part = len - at < 3 ? len - at : 3;
        editbuf_insert(edit, text + at, part, text[at] & 1);
        if (text[at] & 2)
            editbuf_move(edit, (enum editbuf_move)((unsigned char)text[at] % 10));
        if ((text[at] & 12) == 12)
            editbuf_delete(edit, (enum editbuf_move)((unsigned char)text[at] % 4));
    }
    char *whole = xstrdup(editbuf_text(edit));
    while (editbuf_undo(edit))
        continue;
    require(editbuf_len(edit) == 0);
    while (editbuf_redo(edit))
        continue;
    require(strcmp(editbuf_text(edit), whole) == 0);
    free(whole);
    editbuf_free(edit);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setlocale(LC_ALL, "C.UTF-8");
    return 0;
}

/* The first byte is the width, the rest the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    int columns = data[0] % 120 + 1;
    char *text = xmemdup0(data + 1, size - 1);
    check_sanitise(text, size - 1);
    check_flow(text, size - 1, columns, false);
    check_flow(text, size - 1, columns, true);
    check_edit(text, size - 1);
    check_input(text, size - 1, data[0] % 40U + 1);
    check_input(text, size - 1, size);
    free(text);
    return 0;
}

#ifndef FUZZING
static bool replay(const char *path)
{
    struct buf input = {0};
    char bytes[4096];
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "fuzz_text: cannot open %s\n", path);
        return false;
    }
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buf_add(&input, bytes, count);
    fclose(file);
    /* cut at every byte: each file is as good as its length in inputs */
    for (size_t len = 1; len <= input.len; len += 1 + len / 64)
        LLVMFuzzerTestOneInput((const uint8_t *)input.data, len);
    LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&input), input.len);
    buf_clear(&input);
    return true;
}

static int replay_corpus(void)
{
    static const char corpus[] = TOP_SRCDIR "/tests/corpus/text";
    int count = 0;
    DIR *dir = opendir(corpus);
    if (!dir)
        return 0;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = xasprintf("%s/%s", corpus, entry->d_name);
        count += replay(path);
        free(path);
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    if (argc == 1)
        count = replay_corpus();
    printf("fuzz_text: %d inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
#endif
