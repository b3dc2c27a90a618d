/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "llm/prompts.h"

static int file_of(const void *bytes, size_t len)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fflush(file), 0);
    int fd = dup(fileno(file));
    fclose(file);
    return fd;
}

static void add_row(struct buf *log, const struct prompts_row *row)
{
    buf_addf(log, "%zu", row->line);
    for (size_t i = 0; i < row->column_count; i++)
        buf_addf(log, "|%s%s%.*s", row->columns[i].name,
                 row->columns[i].is_json ? ":=" : "=", (int)row->columns[i].len,
                 row->columns[i].text);
    for (size_t i = 0; i < row->message_count; i++)
        buf_addf(log, "|%s:%s", row->messages[i].role, row->messages[i].text);
    buf_addf(log, "\n");
}

/* All rows, a line each; the sentences of bad ones. Owned. */
static char *read_all(const void *bytes, size_t len, const char *name,
                      enum prompts_kind kind)
{
    int fd = file_of(bytes, len);
    struct prompts *prompts = prompts_new(fd, name, kind);
    struct buf log = {0};
    enum status status;
    do {
        struct prompts_row row;
        struct err err = {0};
        status = prompts_next(prompts, &row, &err);
        if (status == STATUS_OK)
            add_row(&log, &row);
        else if (status != STATUS_NOT_FOUND)
            buf_addf(&log, "! %s\n", err.text);
    } while (status == STATUS_OK || status == STATUS_USAGE);
    prompts_free(prompts);
    close(fd);
    return buf_take(&log);
}

static void expect(const char *name, enum prompts_kind kind, const char *text,
                   const char *rows)
{
    char *found = read_all(text, strlen(text), name, kind);
    assert_string_equal(found, rows);
    free(found);
}

static void a_line_of_text_is_a_prompt(void **state)
{
    (void)state;
    expect(
        "p.txt", PROMPTS_BY_NAME,
        "\xef\xbb\xbfOne\r\n\n \t \n Two \n{\"prompt\":1}\n\xe4\xb8\xad",
        "1|prompt=One\n4|prompt= Two \n5|prompt={\"prompt\":1}\n6|prompt=\xe4\xb8\xad\n");
    expect("p.txt", PROMPTS_BY_NAME, "", "");
    expect("p", PROMPTS_BY_NAME, "\n\n", "");
}

static void empty_lines_part_paragraphs(void **state)
{
    (void)state;
    expect("p.txt", PROMPTS_PARAGRAPHS, "\nOne\r\n two\n\n \nThree\n",
           "2|prompt=One\n two\n6|prompt=Three\n");
}

static void a_json_line_has_columns_or_a_conversation(void **state)
{
    (void)state;
    expect("p.jsonl", PROMPTS_BY_NAME,
           "{\"prompt\": \"One\"}\n\"Two\"\n{\"title\": \"T\", \"n\": 3, \"x\": null, "
           "\"l\": [1]}\n"
           "{\"messages\": [{\"role\": \"developer\", \"content\": \"Be.\"}, {\"role\": "
           "\"user\", \"content\": [{\"type\": \"text\", \"text\": \"Why?\"}]}]}\n",
           "1|prompt=One\n2|prompt=Two\n3|title=T|n:=3|l:=[1]\n4|system:Be.|user:Why?\n");
    /* as standard input has no name */
    expect("standard input", PROMPTS_BY_NAME, "{\"prompt\": \"One\"}\n",
           "1|prompt=One\n");
}

static void cells_may_hold_quotes_newlines_and_other_parts(void **state)
{
    (void)state;
    expect("p.csv", PROMPTS_BY_NAME,
           "\xef\xbb\xbftitle,lang\r\n\"A\r\n\"\"B\"\", C\", en \r\n\r\nlast,\"\"",
           "2|title=A\n\"B\", C|lang= en \n5|title=last|lang=\n");
    expect("p.csv", PROMPTS_BY_NAME, "a;b\n1,5;2\n", "2|a=1,5|b=2\n");
    expect("p.TSV", PROMPTS_BY_NAME, "a\tb\n1, 2\t3\n", "2|a=1, 2|b=3\n");
    expect("p.txt", PROMPTS_CSV, "prompt\nOne\n", "2|prompt=One\n");
}

static void a_bad_row_is_named_and_passed_over(void **state)
{
    (void)state;
    expect("p.txt", PROMPTS_BY_NAME, "a\nb\xff\nc\n",
           "1|prompt=a\n! p.txt:2:2: this byte is no UTF-8 text.\n3|prompt=c\n");
    expect(
        "p.jsonl", PROMPTS_BY_NAME, "{\n[1]\n{\"messages\": []}\n\"ok\"\n",
        "! p.jsonl:1: this line is no JSON object: one object a line, such as "
        "{\"prompt\": \"Tell me a joke\"}.\n! p.jsonl:2: this line is no JSON object: "
        "one object a line, such as {\"prompt\": \"Tell me a joke\"}.\n! p.jsonl:3: its "
        "messages are no list, or empty.\n4|prompt=ok\n");
    static const char *const bad[] = {
        "{\"content\": \"a\"}", "{\"role\": \"tool\", \"content\": \"a\"}",
        "{\"role\": \"user\"}", "{\"role\": \"user\", \"content\": 1}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *line = xasprintf("{\"messages\": [{\"role\": \"user\", \"content\": "
                               "\"\"}, %s]}\n\"ok\"\n",
                               bad[i]);
        expect("p.jsonl", PROMPTS_BY_NAME, line,
               "! p.jsonl:1: a message needs a role (system, user or assistant) and a "
               "content.\n2|prompt=ok\n");
        free(line);
    }
    expect(
        "p.csv", PROMPTS_BY_NAME, "a,b\n1\n1,2,3\n4,5\n\"x,1\n",
        "! p.csv:2: this row has 1 column, the first line names 2.\n! p.csv:3: this row "
        "has 3 columns, the first line names 2.\n4|a=4|b=5\n! p.csv:5: a quote is opened "
        "here and never closed.\n");
}

static void a_row_has_a_limit(void **state)
{
    (void)state;
    size_t len = 1024 * 1024;
    char *text = xmalloc(len + 8);
    memset(text, 'x', len + 8);
    memcpy(text + len, "\ny\n", 4);
    char *found = read_all(text, len + 3, "p.txt", PROMPTS_BY_NAME);
    assert_int_equal(strlen(found), strlen("1|prompt=\n2|prompt=y\n") + len);
    free(found);
    memcpy(text + len, "x\ny\n", 5);
    found = read_all(text, len + 4, "p.txt", PROMPTS_BY_NAME);
    assert_string_equal(found,
                        "! p.txt:1: this line is longer than 1 MiB.\n2|prompt=y\n");
    free(found);
    free(text);
}

static void two_columns_of_one_name_are_refused(void **state)
{
    (void)state;
    expect("p.csv", PROMPTS_BY_NAME, "prompt,lang,prompt\na,b,c\n",
           "! p.csv:1: the columns 1 and 3 are both called prompt: give one another "
           "name.\n");
    expect("p.csv", PROMPTS_BY_NAME, "prompt,,\na,b,c\n", "2|prompt=a|=b|=c\n");
    expect("p.jsonl", PROMPTS_BY_NAME,
           "{\"prompt\": \"a\", \"prompt\": \"b\"}\n{\"prompt\": \"c\"}\n",
           "! p.jsonl:1:24: a name stands twice in this row (duplicate object key near "
           "'\"prompt\"').\n2|prompt=c\n");
}

static void what_is_packed_is_unpacked(void **state)
{
    (void)state;
    char text[] = "title\none\ntwo\n";
    static const char rows[] = "2|title=one\n3|title=two\n";
    unsigned char packed[512];
    z_stream gzip = {.next_in = (unsigned char *)&text[0],
                     .avail_in = sizeof text - 1,
                     .next_out = packed,
                     .avail_out = sizeof packed};
    assert_int_equal(deflateInit2(&gzip, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    size_t len = sizeof packed - gzip.avail_out;
    deflateEnd(&gzip);
    char *found = read_all(packed, len, "p.csv.gz", PROMPTS_BY_NAME);
    assert_string_equal(found, rows);
    free(found);
    memcpy(packed + len, packed, len); /* as "cat a.gz b.gz" makes it */
    found = read_all(packed, 2 * len, "p.csv.gz", PROMPTS_BY_NAME);
    assert_string_equal(found, "2|title=one\n3|title=two\n4|title=title\n5|title=one\n"
                               "6|title=two\n");
    free(found);
    found = read_all(packed, len - 9, "p.csv.gz", PROMPTS_BY_NAME);
    assert_non_null(strstr(found, "p.csv.gz ends in the middle"));
    free(found);
    packed[len / 2] ^= 0x55;
    found = read_all(packed, len, "p.csv.gz", PROMPTS_BY_NAME);
    assert_non_null(strstr(found, "p.csv.gz is damaged"));
    free(found);
    len = ZSTD_compress(packed, sizeof packed, text, sizeof text - 1, 3);
    found = read_all(packed, len, "p.csv.zst", PROMPTS_BY_NAME);
    assert_string_equal(found, rows);
    free(found);
    found = read_all(packed, len, "standard input", PROMPTS_CSV);
    assert_string_equal(found, rows);
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_text_is_a_prompt),
        cmocka_unit_test(empty_lines_part_paragraphs),
        cmocka_unit_test(a_json_line_has_columns_or_a_conversation),
        cmocka_unit_test(cells_may_hold_quotes_newlines_and_other_parts),
        cmocka_unit_test(a_bad_row_is_named_and_passed_over),
        cmocka_unit_test(a_row_has_a_limit),
        cmocka_unit_test(two_columns_of_one_name_are_refused),
        cmocka_unit_test(what_is_packed_is_unpacked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
