/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/golden.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "tests/support/drawn.h"

static char *path_of(const char *name)
{
    return xasprintf("%s/tests/golden/%s.txt", TOP_SRCDIR, name);
}

static void read_file(const char *path, struct buf *out)
{
    char block[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        buf_add(out, block, got);
    fclose(file);
}

static void write_file(const char *path, const struct buf *text)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(text->data, 1, text->len, file) != text->len || fclose(file) != 0)
        fail_msg("%s cannot be written: %s", path, strerror(errno));
}

/* Only the rows that differ, "-" as it was, "+" as it is. */
static void print_difference(const char *was, const char *is)
{
    for (int row = 1; *was != '\0' || *is != '\0'; row++) {
        size_t was_len = strcspn(was, "\n");
        size_t is_len = strcspn(is, "\n");
        if (was_len != is_len || memcmp(was, is, is_len) != 0)
            print_error("row %d\n- %.*s\n+ %.*s\n", row, (int)was_len, was, (int)is_len,
                        is);
        was += was_len + (was[was_len] == '\n');
        is += is_len + (is[is_len] == '\n');
    }
}

static void compare(const char *name, const struct buf *is)
{
    char *path = path_of(name);
    struct buf was = {0};
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && update[0] == '1')
        write_file(path, is);
    read_file(path, &was);
    bool is_same = was.len == is->len && memcmp(buf_text(&was), is->data, is->len) == 0;
    if (!is_same)
        print_difference(buf_text(&was), buf_text(is));
    buf_clear(&was);
    free(path);
    if (!is_same)
        fail_msg(
            "the screen is not as in tests/golden/%s.txt; UPDATE_GOLDEN=1 rewrites it",
            name);
}

void golden_check(const char *name, const struct cells *cells)
{
    struct buf text = {0};
    cells_dump(cells, &text);
    buf_add_text(&text, "\n");
    cells_dump_styles(cells, &text);
    compare(name, &text);
    buf_clear(&text);
}
