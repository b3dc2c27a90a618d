/* SPDX-License-Identifier: MIT
 * Hostile answers end to end: an endpoint streams them, the real program shows them on a
 * terminal. The bytes that reach the terminal hold no trick; the store keeps the
 * original. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/loop.h"
#include "base/sanitise.h"
#include "base/xalloc.h"
#include "model/dataset.h"
#include "model/record.h"
#include "store/store.h"
#include "tests/support/fake_server.h"
#include "tests/support/hostile.h"
#include "tests/support/pty.h"

enum { ROWS = 24, COLS = 80, WAIT_MS = 20000 };

static char folder[] = "/tmp/sherd-hostile-XXXXXX";
static char store_file[64];

/* One SSE chunk whose content is these bytes: JSON escapes for what JSON demands, every
 * other byte as it is, bad UTF-8 too. */
static void add_chunk(struct buf *out, const char *text, size_t len)
{
    buf_add_text(out, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == '"' || byte == '\\')
            buf_addf(out, "\\u%04x", byte);
        else
            buf_add_byte(out, text[i]);
    }
    buf_add_text(out, "\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},"
                      "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
}

static void queue_answer(struct fake_server *server, const char *text, size_t len,
                         size_t piece)
{
    struct buf body = {0};
    add_chunk(&body, text, len);
    struct fake_reply *reply = fake_server_queue(server);
    fake_reply_stream(reply);
    if (piece)
        fake_reply_piece(reply, piece);
    fake_reply_bytes(reply, body.data, body.len);
    fake_reply_close(reply);
    buf_clear(&body);
}

static struct pty *start_program(const char *url)
{
    const char *program = getenv("SHERD_BIN");
    assert_non_null(program);
    const char *words[] = {program,      "--local", "--store", store_file,
                           "--endpoint", url,       "--model", "hostile"};
    char *argv[sizeof words / sizeof *words + 1] = {NULL};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        argv[i] = xstrdup(words[i]);
    struct pty *pty = pty_start(argv, ROWS, COLS);
    for (int i = 0; argv[i]; i++)
        free(argv[i]);
    assert_non_null(pty);
    return pty;
}

static _Noreturn void fail_with_screen(struct pty *pty, const char *what)
{
    print_message("%s; the screen:\n", what);
    for (int row = 0; row < ROWS; row++)
        print_message("%s\n", pty_row(pty, row));
    fail();
    abort();
}

static void ask(struct pty *pty, size_t number, const char *name)
{
    char text[64];
    snprintf(text, sizeof text, "iitem %zu\r", number);
    pty_write(pty, text, strlen(text));
    snprintf(text, sizeof text, "Prompt #%zu ", number);
    if (!pty_wait(pty, text, false, WAIT_MS))
        fail_with_screen(pty, name);
    if (!pty_wait(pty, "streaming", true, WAIT_MS))
        fail_with_screen(pty, name);
}

/* The end of a control sequence that term may send, or NULL when it is none of them. */
static const char *skip_own_sequence(const char *at, const char *end)
{
    static const char question[] = "\0337\033[2;1H", asked[] = "\033[K\0338";
    if (end - at >= 8 && memcmp(at, question, 8) == 0) { /* how wide emoji are */
        const char *stop = memmem(at, (size_t)(end - at), asked, 5);
        return stop ? stop + 5 : NULL;
    }
    if (end - at >= 2 && strchr("78=>McHM", at[1]))
        return at + 2;
    if (end - at >= 3 && (at[1] == '(' || at[1] == ')') && strchr("B0", at[2]))
        return at + 3;
    if (end - at >= 4 && at[1] == ']' && (at[2] == '0' || at[2] == '2') && at[3] == ';') {
        const char *stop = memchr(at, '\a', (size_t)(end - at));
        return stop ? stop + 1 : NULL;
    }
    if (end - at < 3 || at[1] != '[')
        return NULL;
    at += 2;
    while (at < end && strchr("0123456789;:?<>=!$", *at))
        at++;
    return at < end && strchr("mHJKhlrdGABCDXP@LMSTbtu", *at) ? at + 1 : NULL;
}

static bool is_trick(uint32_t cp)
{
    return (cp >= 0x80 && cp < 0xa0) || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
           cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) || cp == 0xad ||
           (cp >= 0xe0000 && cp <= 0xe0fff) || (cp >= 0xfe00 && cp <= 0xfe0f);
}

static uint32_t decode(const unsigned char *at, size_t left, size_t *used)
{
    size_t need = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    assert_true(at[0] >= 0xc2 && need <= left); /* the terminal gets valid UTF-8 only */
    uint32_t cp = at[0] & (0xffu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        assert_int_equal(at[i] & 0xc0, 0x80);
        cp = cp << 6 | (at[i] & 0x3f);
    }
    *used = need;
    return cp;
}

/* Checks what begins before stop; the last sequence may still be on its way. */
static size_t assert_clean(const char *start, size_t stop, size_t len)
{
    const char *bytes = start, *end = start + len;
    while (bytes < start + stop) {
        unsigned char byte = (unsigned char)*bytes;
        if (byte == 0x1b) {
            const char *next = skip_own_sequence(bytes, end);
            if (!next) {
                print_message("a foreign sequence reached the terminal: ESC %.20s\n",
                              bytes + 1);
                fail();
                return 0;
            }
            bytes = next;
        } else if (byte < 0x80) {
            assert_true(byte >= 0x20 || strchr("\r\n\b\a\t\016\017", byte));
            assert_int_not_equal(byte, 0x7f);
            bytes++;
        } else {
            size_t used;
            assert_false(is_trick(
                decode((const unsigned char *)bytes, (size_t)(end - bytes), &used)));
            bytes += used;
        }
    }
    return (size_t)(bytes - start);
}

struct kept {
    size_t at;
    size_t wrong;
};

/* What a JSON document can carry of these bytes: bad UTF-8 is U+FFFD there. */
static bool check_kept(void *ctx, const struct record *record)
{
    struct kept *kept = ctx;
    const char *name;
    size_t len, wanted_len;
    const char *text = hostile_item(kept->at++, &name, &len);
    char *wanted = sanitise_utf8(text, len, &wanted_len);
    const struct record_field *field = record_field(record, "response");
    if (!field || field->len != wanted_len ||
        memcmp(field->text, wanted, wanted_len) != 0) {
        print_message("the store has not the original of: %s\n", name);
        kept->wrong++;
    }
    free(wanted);
    return true;
}

static void assert_store_keeps_originals(void)
{
    struct loop *loop = loop_new();
    struct store *store;
    struct err err = {0};
    struct store_options options = {.path = store_file, .clock = &clock_system};
    assert_int_equal(store_open(&store, loop, &options, &err), STATUS_OK);
    struct dataset *datasets;
    size_t count;
    assert_int_equal(store_list_datasets(store, &datasets, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    struct kept kept = {0};
    store_each_record(store, datasets[0].row, false, RESPONSE_PENDING, check_kept, &kept,
                      &err);
    assert_int_equal(kept.at, hostile_count());
    assert_int_equal(kept.wrong, 0);
    dataset_clear(&datasets[0]);
    free(datasets);
    store_close(store);
    loop_free(loop);
}

/* From byte clean on; returns how far it is clean now. */
static size_t assert_output_clean(struct pty *pty, size_t clean, bool has_ended)
{
    size_t len;
    const char *bytes = pty_bytes(pty, &len);
    size_t stop = has_ended ? len : len < 64 ? 0 : len - 64;
    return stop > clean ? clean + assert_clean(bytes + clean, stop - clean, len - clean)
                        : clean;
}

static void hostile_answers_do_nothing_but_show(void **state)
{
    (void)state;
    struct fake_server *server = fake_server_new();
    char url[128];
    snprintf(url, sizeof url, "%s/v1", fake_server_url(server));
    struct pty *pty = start_program(url);
    if (!pty_wait(pty, "langchain-dataset", false, WAIT_MS))
        fail_with_screen(pty, "the program did not start");
    size_t clean = 0;
    for (size_t i = 0; i < hostile_count(); i++) {
        const char *name;
        size_t len;
        const char *text = hostile_item(i, &name, &len);
        int64_t begin = pty_now_us();
        queue_answer(server, text, len, len < HOSTILE_SMALL ? 61 : 0);
        ask(pty, i + 1, name);
        pty_write(pty, "mm", 2); /* raw and rendered */
        pty_write(pty, "?", 1);
        if (!pty_wait(pty, "While reading", false, WAIT_MS))
            fail_with_screen(pty, name);
        pty_write(pty, "q", 1); /* closes the page only */
        if (!pty_wait(pty, "While reading", true, WAIT_MS))
            fail_with_screen(pty, name);
        clean = assert_output_clean(pty, clean, false);
        if (getenv("SHERD_TIMES"))
            fprintf(stderr, "%7.1f ms %s\n", (double)(pty_now_us() - begin) / 1000, name);
    }
    pty_write(pty, "q", 1);
    assert_int_equal(pty_end(pty), 0);
    assert_output_clean(pty, clean, true);
    pty_free(pty);
    fake_server_free(server);
    assert_store_keeps_originals();
}

static int make_folder(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    if (!mkdtemp(folder))
        return -1;
    snprintf(store_file, sizeof store_file, "%s/store.db", folder);
    return setenv("HOME", folder, 1);
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    if (pty_is_missing())
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_answers_do_nothing_but_show),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
