/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "net/sse.h"

/* Events are noted as "type|data|error\n", NUL in data as "\0". */
static void note(void *ctx, const struct sse_event *event)
{
    struct buf *log = ctx;
    buf_addf(log, "%s|", event->type);
    for (size_t i = 0; i < event->len; i++)
        if (event->data[i])
            buf_add_byte(log, event->data[i]);
        else
            buf_add_text(log, "\\0");
    buf_addf(log, "|%s\n", event->error_field ? event->error_field : "");
}

/* Feeds input in two pieces cut at cut. */
static char *parse_cut(const char *input, size_t len, size_t cut)
{
    struct buf log = {0};
    struct sse sse;
    sse_init(&sse, note, &log);
    /* copies of the exact size let the sanitizers see a read past the end */
    char *first = xmemdup0(input, cut);
    char *second = xmemdup0(input + cut, len - cut);
    assert_true(sse_feed(&sse, first, cut));
    assert_true(sse_feed(&sse, second, len - cut));
    sse_end(&sse);
    sse_clear(&sse);
    free(first);
    free(second);
    return buf_take(&log);
}

static char *parse_bytewise(const char *input, size_t len)
{
    struct buf log = {0};
    struct sse sse;
    sse_init(&sse, note, &log);
    for (size_t i = 0; i < len; i++)
        assert_true(sse_feed(&sse, input + i, 1));
    sse_end(&sse);
    sse_clear(&sse);
    return buf_take(&log);
}

static void check_len(const char *input, size_t len, const char *expected)
{
    for (size_t cut = 0; cut <= len; cut++) {
        char *got = parse_cut(input, len, cut);
        assert_string_equal(got, expected);
        free(got);
    }
    char *got = parse_bytewise(input, len);
    assert_string_equal(got, expected);
    free(got);
}

static void check(const char *input, const char *expected)
{
    check_len(input, strlen(input), expected);
}

static void lines_may_end_in_lf_crlf_or_cr(void **state)
{
    (void)state;
    check("data: a\n\ndata: b\n\n", "message|a|\nmessage|b|\n");
    check("data: a\r\n\r\ndata: b\r\n\r\n", "message|a|\nmessage|b|\n");
    check("data: a\r\rdata: b\r\r", "message|a|\nmessage|b|\n");
    check("data: a\r\n\ndata: b\r\r\n", "message|a|\nmessage|b|\n");
}

static void one_blank_after_the_colon_is_dropped(void **state)
{
    (void)state;
    check("data:x\n\n", "message|x|\n");
    check("data: x\n\n", "message|x|\n");
    check("data:  x\n\n", "message| x|\n");
}

static void several_data_lines_are_joined(void **state)
{
    (void)state;
    check("data: a\ndata: b\ndata\ndata: c\n\n", "message|a\nb\n\nc|\n");
    /* the LF of a CRLF is no blank line between them */
    check("event: x\r\ndata: a\r\ndata: b\r\n\r\n", "x|a\nb|\n");
}

static void empty_data_is_an_event_and_no_data_is_none(void **state)
{
    (void)state;
    check("data:\n\n", "message||\n");
    check("event: ping\n\n", "");
    check("\n\n\n", "");
}

static void comments_and_unknown_fields_are_ignored(void **state)
{
    (void)state;
    check(": OPENROUTER PROCESSING\n\n:\n: ping\ndata: a\n: inside\ndata: b\nid: 7\n"
          "retry: 10\nData: no\nfoo\n\n",
          "message|a\nb|\n");
}

static void an_event_line_sets_the_type_once(void **state)
{
    (void)state;
    check("event: error\ndata: {}\n\ndata: x\n\n", "error|{}|\nmessage|x|\n");
}

static void an_error_line_is_told(void **state)
{
    (void)state;
    check("error: {\"code\":500}\n\ndata: [DONE]\n\n",
          "message||{\"code\":500}\nmessage|[DONE]|\n");
}

static void a_byte_order_mark_is_dropped_only_at_the_start(void **state)
{
    (void)state;
    check("\xef\xbb\xbf"
          "data: x\n\n",
          "message|x|\n");
    check("data: x\n\n\xef\xbb\xbf"
          "data: y\n\n",
          "message|x|\n");
}

static void the_end_delivers_an_unfinished_event(void **state)
{
    (void)state;
    check("data: a\n\ndata: [DONE]\n", "message|a|\nmessage|[DONE]|\n");
    check("data: a\n\ndata: [DONE]", "message|a|\nmessage|[DONE]|\n");
}

static void characters_cut_in_two_come_whole(void **state)
{
    (void)state;
    check("data: \xf0\x9f\x98\x80 \xe6\xbc\xa2\n\n",
          "message|\xf0\x9f\x98\x80 \xe6\xbc\xa2|\n");
}

static void data_may_hold_nul(void **state)
{
    (void)state;
    static const char input[] = "data: a\0b\n\n";
    check_len(input, sizeof input - 1, "message|a\\0b|\n");
}

static void a_long_line_comes_whole(void **state)
{
    (void)state;
    size_t len = 1024 * 1024;
    char *text = xmalloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    char *input = xasprintf("data: %s\n\n", text);
    char *expected = xasprintf("message|%s|\n", text);
    char *got = parse_cut(input, len + 8, len / 3);
    assert_string_equal(got, expected);
    free(got);
    free(expected);
    free(input);
    free(text);
}

static void an_endless_line_ends_the_stream(void **state)
{
    (void)state;
    struct buf log = {0};
    struct sse sse;
    sse_init(&sse, note, &log);
    static const char piece[1024 * 1024] = {'d'};
    size_t fed = 0;
    while (fed <= SSE_MAX_LINE && sse_feed(&sse, piece, sizeof piece))
        fed += sizeof piece;
    assert_int_equal(fed, SSE_MAX_LINE);
    assert_false(sse_feed(&sse, "\ndata: x\n\n", 10));
    sse_end(&sse);
    assert_int_equal(log.len, 0);
    sse_clear(&sse);
    buf_clear(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_may_end_in_lf_crlf_or_cr),
        cmocka_unit_test(one_blank_after_the_colon_is_dropped),
        cmocka_unit_test(several_data_lines_are_joined),
        cmocka_unit_test(empty_data_is_an_event_and_no_data_is_none),
        cmocka_unit_test(comments_and_unknown_fields_are_ignored),
        cmocka_unit_test(an_event_line_sets_the_type_once),
        cmocka_unit_test(an_error_line_is_told),
        cmocka_unit_test(a_byte_order_mark_is_dropped_only_at_the_start),
        cmocka_unit_test(the_end_delivers_an_unfinished_event),
        cmocka_unit_test(characters_cut_in_two_come_whole),
        cmocka_unit_test(data_may_hold_nul),
        cmocka_unit_test(a_long_line_comes_whole),
        cmocka_unit_test(an_endless_line_ends_the_stream),
    };
    return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
