/* SPDX-License-Identifier: MIT
 * The store: searching, with an index and without, beside looking at every text. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <unicase.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "store/store_search.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"
#include "text/match.h"
#include "json/readable.h"

#define RECORDS 2200 /* enough for an index */
#define PATIENCE_MS 60000

/* ---- searching ---- */

struct result {
    int64_t *rows;
    size_t count, capacity;
    size_t lost, portions, hard;
    int64_t revision;
    bool is_done;
    struct err err;
};

static void on_portion(void *ctx, const struct search_portion *portion)
{
    struct result *result = ctx;
    for (size_t i = 0; i < portion->found_count; i++) {
        result->rows =
            xgrow(result->rows, result->count, &result->capacity, sizeof(int64_t));
        result->rows[result->count++] = portion->found[i];
    }
    result->portions++;
    result->lost += portion->lost_count;
    result->hard = portion->hard;
    result->is_done = portion->is_end;
    result->revision = portion->revision;
    if (portion->err)
        result->err = *portion->err;
}

static int by_row(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted, each once. */
static struct result search(struct store_rig *rig, const char *typed, int64_t from,
                            int64_t since)
{
    const struct search_query query = {
        .dataset_row = rig->dataset, .from_row = from, .since = since, .typed = typed};
    struct result result = {0};
    struct err err = {0};
    if (!store_search(rig->store, &query, on_portion, &result, &err))
        fail_msg("%s", err.text);
    while (!result.is_done)
        loop_turn(rig->loop);
    size_t kept = 0;
    if (result.count > 0)
        qsort(result.rows, result.count, sizeof(int64_t), by_row);
    for (size_t i = 0; i < result.count; i++)
        if (i == 0 || result.rows[i] != result.rows[i - 1])
            result.rows[kept++] = result.rows[i];
    result.count = kept;
    return result;
}

static size_t count(struct store_rig *rig, const char *typed)
{
    struct result result = search(rig, typed, 0, 0);
    assert_int_equal(result.err.code, STATUS_OK);
    free(result.rows);
    return result.count;
}

/* ---- by brute force ---- */

struct brute {
    struct match *match;
    int64_t rows[2 * RECORDS + 100];
    size_t count;
};

struct looking {
    struct brute *brutes;
    size_t count;
};

static bool is_in(struct match *match, const char *text, size_t len)
{
    struct match_hit hit;
    return text && match_find(match, text, len, 0, &hit) == MATCH_FOUND;
}

static bool look(void *ctx, const struct record *record)
{
    const struct looking *looking = ctx;
    const struct values *values = &record->response.values;
    size_t len;
    char *metadata = readable_metadata(record->metadata_json, &len);
    for (size_t k = 0; k < looking->count; k++) {
        struct brute *brute = &looking->brutes[k];
        bool is_found = is_in(brute->match, metadata, len);
        for (size_t i = 0; i < record->field_count && !is_found; i++)
            is_found = is_in(brute->match, record->fields[i].text, record->fields[i].len);
        for (size_t i = 0; i < values->count && !is_found; i++)
            is_found = values->items[i].text && is_in(brute->match, values->items[i].text,
                                                      strlen(values->items[i].text));
        if (is_found)
            brute->rows[brute->count++] = record->row;
    }
    free(metadata);
    return true;
}

/* Each of them finds what a look at every text finds. */
static void compare_list(struct store_rig *rig, const char *const *typed, size_t count)
{
    struct err err = {0};
    struct looking looking = {xcalloc(count, sizeof(struct brute)), count};
    for (size_t i = 0; i < count; i++)
        looking.brutes[i].match = match_parse(typed[i], &err);
    err_clear(&rig->err);
    store_rig_ok(rig, store_each_record(rig->store, rig->dataset, false, RESPONSE_PENDING,
                                        look, &looking, &rig->err));
    for (size_t i = 0; i < count; i++) {
        const struct brute *brute = &looking.brutes[i];
        struct result result = search(rig, typed[i], (int64_t)(i * 190), 0);
        assert_int_equal(result.err.code, STATUS_OK);
        if (result.count != brute->count ||
            (brute->count &&
             memcmp(result.rows, brute->rows, brute->count * sizeof(int64_t)) != 0))
            fail_msg("\"%s\": %zu records found, %zu have it", typed[i], result.count,
                     brute->count);
        free(result.rows);
        match_free(brute->match);
    }
    free(looking.brutes);
}

static void compare(struct store_rig *rig, const char *typed)
{
    compare_list(rig, &typed, 1);
}

/* ---- a store of random texts ---- */

static size_t below(uint64_t *state, size_t limit)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (size_t)((*state * 2685821657736338717u) >> 33) % limit;
}

static const char *const pieces[] = {
    "lamp",
    "Keeper",
    " ",
    " ",
    "\n",
    "灯",
    "台",
    "守り",
    "東京",
    "京都",
    "Grüße",
    "GRÜSSE",
    "e\u0301te",
    "été",
    "\u212Aelvin",
    "ſtone",
    "\U0001F468\u200D\U0001F469",
    "\U0001F600",
    "\xFF",
    "\xE3\x81",
    "**bold**",
    "\"quoted\"",
    "back\\slash",
    "a:b",
    "ΑΣΣΟΣ",
    "ασσος",
    "ꙊЛ",
    "\u10D0\u10D1\u10D2",
    "x",
};
#define PIECES (sizeof pieces / sizeof pieces[0])

static void add_random(uint64_t *state, struct buf *text, size_t most)
{
    for (size_t i = 1 + below(state, most); i > 0; i--) {
        const char *piece = pieces[below(state, PIECES)];
        buf_add(text, piece, strlen(piece));
        if (below(state, 40) == 0)
            buf_add(text, "", 1); /* a NUL */
    }
}

static void fill(struct store_rig *rig, size_t total)
{
    uint64_t random = 88172645463325252u;
    size_t added;
    struct record *records = xcalloc(total, sizeof *records);
    struct buf text = {0};
    for (size_t i = 0; i < total; i++) {
        struct record *record = &records[i];
        record->dataset_row = rig->dataset;
        id_random(&record->id);
        buf_reset(&text);
        buf_addf(&text, "number %zu ", i);
        add_random(&random, &text, 10);
        record_set_field(record, "prompt", text.data, text.len);
        buf_reset(&text);
        add_random(&random, &text, 30);
        record_set_field(record, "response", text.data, text.len);
        if (i % 7 == 0) {
            buf_reset(&text);
            buf_addf(&text, "remark%zu \"%s\"", i, i % 2 ? "灯台" : "Été");
            record->response.status = RESPONSE_DRAFT;
            values_set_text(&record->response.values, "response-feedback", QUESTION_TEXT,
                            buf_text(&text));
        }
        if (i % 11 == 0)
            record->metadata_json = xasprintf(
                "{\"model\":\"m%zu\",\"note\":\"l\\u0061mp-\\\"%zu\\\"\"}", i, i);
    }
    store_rig_ok(rig,
                 store_import_records(rig->store, records, total, &added, &rig->err));
    for (size_t i = 0; i < total; i++)
        record_clear(&records[i]);
    free(records);
    buf_clear(&text);
}

static void rig_start(struct store_rig *rig, size_t total)
{
    store_rig_start(rig);
    store_rig_put_dataset(rig, "searched", "");
    fill(rig, total);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

/* False when it never comes. */
static bool wait_for_index(struct store_rig *rig)
{
    struct loop_timer *timer = loop_timer_new(rig->loop, nothing, NULL);
    int64_t end = clock_mono_ms(&clock_system) + PATIENCE_MS;
    loop_timer_start(timer, 20, 20);
    free(search(rig, "begin", 0, 0).rows);
    while (!store_search_is_indexed(rig->store, rig->dataset) &&
           clock_mono_ms(&clock_system) < end)
        loop_turn(rig->loop);
    loop_timer_free(timer);
    return store_search_is_indexed(rig->store, rig->dataset);
}

static const char *const words[] = {
    "lamp",
    "LAMP",
    "灯",
    "灯台",
    "東京京都",
    "grüße",
    "été",
    "kelvin",
    "stone",
    "bold**",
    "\"quo",
    "k\\s",
    "a:b",
    "σσος",
    "ꙋл",
    "zebra",
    "e\u0301te",
    "\U0001F468\u200D",
    "number 1711",
    "remark70 ",
    "/lamp.*灯台/",
    "/number 4\\d\\d /",
    "/\\bx\\b/",
    "keeperlamp",
    "Keeper",
    "\u10D0\u10D1\u10D2x",
    "守り東",
    "/[\\x{1F600}-\\x{1F64F}]/",
    "り",
    "京",
    "x",
    "\"",
    "zq",
    "É",
    "m\"",
    "/台.*?りx/",
};

static void compare_all(struct store_rig *rig)
{
    compare_list(rig, words, sizeof words / sizeof words[0]);
}

/* ---- the cases ---- */

static void what_is_found_is_what_is_there(void **state)
{
    (void)state;
    struct store_rig rig;
    char path[160];
    rig_start(&rig, RECORDS);
    compare_all(&rig);
    assert_true(wait_for_index(&rig));
    snprintf(path, sizeof path, "%s-search", rig.path);
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    int file = open(path, O_RDONLY);
    compare_all(&rig);
    store_rig_reopen(&rig);
    compare_all(&rig);
    assert_true(wait_for_index(&rig));
    assert_int_equal(fstat(file, &facts), 0);
    assert_int_equal(facts.st_nlink, 1); /* no word has made it anew */
    close(file);

    /* what changes and what is new is found at once, and what was taken out is not */
    struct id id = store_rig_add(&rig, "a xylophone", "lampkeeper");
    store_rig_put(&rig, &id, RESPONSE_DRAFT, 0, "the best xylophone's feedback",
                  CHANGE_FEEDBACK, 1);
    assert_int_equal(count(&rig, "xylophone's"), 1);
    store_rig_put(&rig, &id, RESPONSE_DRAFT, 0, "another", CHANGE_FEEDBACK, 2);
    assert_int_equal(count(&rig, "xylophone's"), 0);
    assert_int_equal(count(&rig, "XYLOPHONE"), 0);
    assert_int_equal(count(&rig, "xylophone"), 1);
    store_rig_ok(&rig,
                 store_note_record(rig.store, &id, "Ask Quux", NULL, 0, NULL, &rig.err));
    assert_int_equal(count(&rig, "quux"), 1);
    assert_true(wait_for_index(&rig));
    assert_int_equal(count(&rig, "xylophone's"), 0);
    assert_int_equal(count(&rig, "quux"), 1);
    store_rig_ok(&rig, store_note_record(rig.store, &id, "", NULL, 0, NULL, &rig.err));
    assert_int_equal(count(&rig, "quux"), 0);
    compare_all(&rig);
    store_rig_end(&rig);
}

static void metadata_is_searched_as_it_reads(void **state)
{
    (void)state;
    struct store_rig rig;
    rig_start(&rig, 300);
    assert_int_equal(count(&rig, "lamp-\"22\""), 1);
    assert_int_equal(count(&rig, "model: m33"), 1);
    assert_int_equal(count(&rig, "/^note: lamp-\"4\\d\"$/"), 1);
    store_rig_end(&rig);
}

static void only_what_changed_is_looked_at_again(void **state)
{
    (void)state;
    struct store_rig rig;
    rig_start(&rig, 300);
    struct id id = store_rig_add(&rig, "one xylophone", "of many");
    struct result first = search(&rig, "xylophone", 0, 0);
    assert_int_equal(first.count, 1);
    struct result none = search(&rig, "xylophone", 0, first.revision);
    assert_int_equal(none.count + none.lost, 0);
    store_rig_put(&rig, &id, RESPONSE_DRAFT, 3, NULL, CHANGE_RATE, 0);
    store_rig_add(&rig, "two", "of many");
    struct result changed = search(&rig, "xylophone", 0, first.revision);
    assert_int_equal(changed.count, 1);
    assert_int_equal(changed.lost, 1);
    free(first.rows);
    free(none.rows);
    free(changed.rows);
    store_rig_end(&rig);
}

/* The first hit comes before all have been looked at, and from where one is on. */
struct first {
    struct search *search;
    int64_t row;
    size_t portions;
};

static void on_first(void *ctx, const struct search_portion *portion)
{
    struct first *first = ctx;
    assert_int_equal(portion->found_count, 1);
    assert_false(portion->is_end);
    first->row = portion->found[0];
    first->portions++;
    store_search_stop(first->search);
    first->search = NULL;
}

static void the_first_hit_comes_at_once_and_the_rest_can_be_left(void **state)
{
    (void)state;
    struct store_rig rig;
    struct first first = {0};
    rig_start(&rig, RECORDS);
    const struct search_query query = {
        .dataset_row = rig.dataset, .from_row = 1500, .typed = "lamp"};
    first.search = store_search(rig.store, &query, on_first, &first, NULL);
    while (first.search)
        loop_turn(rig.loop);
    assert_true(first.row > 1500 && first.row < 1520);
    first.search = store_search(rig.store, &query, on_first, &first, NULL);
    store_search_stop(first.search); /* by typing on */
    for (int i = 0; i < 20; i++)
        loop_poll(rig.loop);
    assert_int_equal(first.portions, 1);
    store_search(rig.store, &query, on_first, &first, NULL); /* and by quitting */
    store_rig_end(&rig);
}

static void a_damaged_index_is_made_anew(void **state)
{
    (void)state;
    struct store_rig rig;
    char path[160];
    rig_start(&rig, RECORDS);
    assert_true(wait_for_index(&rig));
    snprintf(path, sizeof path, "%s-search", rig.path);
    for (int round = 0; round < 4; round++) {
        store_rig_close(&rig);
        int fd = open(path, O_RDWR);
        struct stat facts;
        assert_int_equal(fstat(fd, &facts), 0);
        char *rubbish = xcalloc(1, (size_t)facts.st_size);
        memset(rubbish, 0xA5, (size_t)facts.st_size);
        if (round == 0) /* no database */
            assert_true(pwrite(fd, rubbish, 100, 0) == 100);
        else if (round == 1) /* no pages but the first */
            assert_true(pwrite(fd, rubbish, (size_t)facts.st_size - 4096, 4096) > 0);
        else if (round == 2) /* cut off */
            assert_int_equal(ftruncate(fd, facts.st_size / 2), 0);
        else /* nothing in it */
            assert_int_equal(ftruncate(fd, 0), 0);
        close(fd);
        free(rubbish);
        store_rig_reopen(&rig);
        compare(&rig, "lamp");
        compare(&rig, "keeperlamp");
        assert_true(wait_for_index(&rig));
        compare(&rig, "keeperlamp");
    }
    store_rig_end(&rig);
}

/* A word that the index has not is not looked for in the records that it knows. */
static void what_the_index_knows_is_not_looked_through_again(void **state)
{
    (void)state;
    struct store_rig rig;
    char path[160];
    sqlite3 *index;
    rig_start(&rig, RECORDS);
    assert_true(wait_for_index(&rig));
    assert_int_not_equal(count(&rig, "keeperlamp"), 0);
    store_rig_close(&rig);
    snprintf(path, sizeof path, "%s-search", rig.path);
    assert_int_equal(sqlite3_open(path, &index), SQLITE_OK);
    assert_int_equal(sqlite3_exec(index,
                                  "INSERT INTO grams (grams) VALUES ('delete-all')", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(index);
    store_rig_reopen(&rig);
    assert_int_equal(count(&rig, "keeperlamp"), 0);
    store_rig_add(&rig, "a keeperlamp", "is new");
    assert_int_equal(count(&rig, "keeperlamp"), 1);
    store_rig_end(&rig);
}

/* As when a copy of the store is put back: what the index saw is not what is there. */
static void an_index_of_another_store_is_not_believed(void **state)
{
    (void)state;
    struct store_rig one, other;
    char from[160], to[160], command[400];
    rig_start(&one, RECORDS);
    assert_true(wait_for_index(&one));
    rig_start(&other, RECORDS + 1);
    struct id id = store_rig_add(&other, "a xylophone", "plays");
    (void)id;
    store_rig_close(&one);
    snprintf(from, sizeof from, "%s-search", one.path);
    snprintf(to, sizeof to, "%s-search", other.path);
    snprintf(command, sizeof command, "cp %s %s", from, to);
    assert_int_equal(system(command), 0);
    compare(&other, "xylophone");
    compare(&other, "keeperlamp");
    store_rig_end(&one);
    store_rig_end(&other);
}

static void a_full_disk_ends_the_index_and_not_the_search(void **state)
{
    (void)state;
    struct store_rig rig;
    char path[160];
    fault_vfs_register();
    store_rig_start_closed(&rig);
    rig.vfs = "fault";
    store_rig_reopen(&rig);
    store_rig_put_dataset(&rig, "searched", "");
    fill(&rig, RECORDS);
    assert_int_equal(store_flush(rig.store, &rig.err), STATUS_OK);
    snprintf(path, sizeof path, "%s-search", rig.path);
    for (long n = 1; n < 40; n += 6) {
        fault_vfs_arm(FAULT_WRITE, n, true);
        free(search(&rig, "begin", 0, 0).rows);
        struct loop_timer *timer = loop_timer_new(rig.loop, nothing, NULL);
        loop_timer_start(timer, 5, 5);
        int64_t end = clock_mono_ms(&clock_system) + PATIENCE_MS;
        while ((!fault_vfs_struck() || access(path, F_OK) == 0) &&
               clock_mono_ms(&clock_system) < end)
            loop_turn(rig.loop);
        assert_true(access(path, F_OK) != 0); /* its room is the store's */
        loop_timer_free(timer);
        compare(&rig, "lamp");
        fault_vfs_arm(0, 0, false);
        struct id id = store_rig_add(&rig, "saved all the same", "yes");
        (void)id;
        end = clock_mono_ms(&clock_system) + 50;
        free(search(&rig, "begin", 0, 0).rows); /* this process tries it no more */
        while (n == 1 && clock_mono_ms(&clock_system) < end)
            loop_poll(rig.loop);
        assert_true(access(path, F_OK) != 0);
        assert_false(store_search_is_indexed(rig.store, rig.dataset));
        store_rig_reopen(&rig);
    }
    assert_true(wait_for_index(&rig));
    compare(&rig, "saved all the same");
    store_rig_end(&rig);
}

/* Root may write anything: another user looks. */
static void an_index_whose_files_do_not_open_is_begun_again(void **state)
{
    (void)state;
    struct store_rig rig;
    char path[160];
    fault_vfs_register();
    store_rig_start_closed(&rig);
    rig.vfs = "fault";
    store_rig_reopen(&rig);
    store_rig_put_dataset(&rig, "searched", "");
    fill(&rig, RECORDS);
    snprintf(path, sizeof path, "%s-search", rig.path);
    for (long n = 1; n < 5; n++) {
        free(search(&rig, "begin", 0, 0).rows); /* its own connection is open */
        fault_vfs_arm(FAULT_OPEN, n, false);
        assert_true(wait_for_index(&rig));
        fault_vfs_arm(0, 0, false);
        compare(&rig, "keeperlamp");
        store_rig_close(&rig);
        unlink(path);
        store_rig_reopen(&rig);
    }
    store_rig_end(&rig);
}

static void a_store_that_can_only_be_read_is_searched(void **state)
{
    (void)state;
    struct store_rig rig;
    int status = -1;
    rig_start(&rig, RECORDS);
    for (int has_index = 0; has_index <= 1; has_index++) {
        if (has_index)
            assert_true(wait_for_index(&rig));
        store_rig_close(&rig);
        assert_int_equal(chmod(rig.path, 0444), 0);
        assert_int_equal(chmod(rig.dir, 0555), 0);
        pid_t child = fork();
        if (child == 0) {
            struct store_rig own = rig;
            own.loop = loop_new();
            if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
                _exit(9);
            store_rig_reopen(&own);
            if (!store_is_read_only(own.store))
                _exit(8);
            compare_all(&own);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(chmod(rig.dir, 0700), 0);
        assert_int_equal(chmod(rig.path, 0600), 0);
        store_rig_reopen(&rig);
    }
    store_rig_end(&rig);
}

/* A child searches, and so makes the index, until it is killed. */
static pid_t index_elsewhere(struct store_rig *rig)
{
    struct store_rig own;
    pid_t child = store_rig_fork(rig, &own);
    if (child != 0)
        return child;
    store_rig_reopen(&own);
    struct loop_timer *timer = loop_timer_new(own.loop, nothing, NULL);
    loop_timer_start(timer, 20, 20);
    do {
        free(search(&own, "begin", 0, 0).rows); /* asks for what others wrote meanwhile */
        loop_turn(own.loop);
    } while (!store_search_is_indexed(own.store, own.dataset));
    _exit(0);
}

static void killed_while_it_is_made_it_goes_on_from_there(void **state)
{
    (void)state;
    struct store_rig rig;
    rig_start(&rig, RECORDS);
    store_rig_close(&rig);
    for (useconds_t round = 0; round < 12; round++) {
        pid_t child = index_elsewhere(&rig);
        int64_t end = clock_mono_ms(&clock_system) + 120 + (int64_t)round * 30;
        while (clock_mono_ms(&clock_system) < end)
            ;
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    store_rig_reopen(&rig);
    compare_all(&rig);
    assert_true(wait_for_index(&rig));
    compare_all(&rig);
    store_rig_end(&rig);
}

static void two_processes_make_one_index(void **state)
{
    (void)state;
    struct store_rig rig;
    rig_start(&rig, RECORDS);
    store_rig_close(&rig);
    pid_t children[2] = {index_elsewhere(&rig), index_elsewhere(&rig)};
    store_rig_reopen(&rig);
    static const char *const both[] = {"meanwhile", "keeperlamp"};
    for (int i = 0; i < 40; i++) {
        char prompt[40];
        snprintf(prompt, sizeof prompt, "meanwhile %d", i);
        store_rig_add(&rig, prompt, "lamp");
        assert_int_equal(count(&rig, "meanwhile"), i + 1);
    }
    compare_list(&rig, both, 2);
    assert_true(wait_for_index(&rig));
    compare_all(&rig);
    for (int i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_true(store_search_is_indexed(rig.store, rig.dataset));
    compare(&rig, "meanwhile 39");
    store_rig_end(&rig);
}

/* Whatever PCRE takes for the same letter, the index has under the same. */
static void every_letter_is_found_in_either_case(void **state)
{
    (void)state;
    struct store_rig rig;
    store_rig_start(&rig);
    store_rig_put_dataset(&rig, "searched", "");
    struct record *records = xcalloc(RECORDS * 2, sizeof *records);
    size_t total = 0, added;
    uint32_t cps[RECORDS * 2];
    for (uint32_t cp = 0x41; cp < 0x1F000 && total < RECORDS * 2; cp++) {
        if ((cp >= 0xD800 && cp < 0xE000) ||
            (uc_tolower(cp) == cp && uc_toupper(cp) == cp && uc_totitle(cp) == cp))
            continue;
        char text[16] = "qq";
        size_t len = 2 + utf8_encode(cp, text + 2);
        memcpy(text + len, "qq", 2);
        records[total].dataset_row = rig.dataset;
        id_random(&records[total].id);
        record_set_field(&records[total], "prompt", text, len + 2);
        cps[total++] = cp;
    }
    while (total < RECORDS) /* so that there is an index */ {
        records[total].dataset_row = rig.dataset;
        id_random(&records[total].id);
        record_set_field(&records[total], "prompt", "plain", 5);
        cps[total++] = 0;
    }
    store_rig_ok(&rig, store_import_records(rig.store, records, total, &added, &rig.err));
    assert_true(wait_for_index(&rig));
    char *typed[RECORDS];
    size_t count = 0;
    for (size_t i = 0; i < total; i += 7) {
        char letter[UTF8_MAX + 1] = "";
        if (cps[i])
            utf8_encode(cps[i], letter);
        typed[count++] = xasprintf("qq%sqq", letter);
    }
    compare_list(&rig, (const char *const *)typed, count);
    for (size_t i = 0; i < count; i++)
        free(typed[i]);
    for (size_t i = 0; i < RECORDS * 2; i++)
        record_clear(&records[i]);
    free(records);
    store_rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_is_what_is_there),
        cmocka_unit_test(metadata_is_searched_as_it_reads),
        cmocka_unit_test(only_what_changed_is_looked_at_again),
        cmocka_unit_test(the_first_hit_comes_at_once_and_the_rest_can_be_left),
        cmocka_unit_test(a_damaged_index_is_made_anew),
        cmocka_unit_test(what_the_index_knows_is_not_looked_through_again),
        cmocka_unit_test(an_index_of_another_store_is_not_believed),
        cmocka_unit_test(a_full_disk_ends_the_index_and_not_the_search),
        cmocka_unit_test(an_index_whose_files_do_not_open_is_begun_again),
        cmocka_unit_test(a_store_that_can_only_be_read_is_searched),
        cmocka_unit_test(killed_while_it_is_made_it_goes_on_from_there),
        cmocka_unit_test(two_processes_make_one_index),
        cmocka_unit_test(every_letter_is_found_in_either_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
