/* SPDX-License-Identifier: MIT
 * Import: what export wrote comes back whole in another store; what Argilla's client
 * exports; rows that the dataset does not take. */
#include "config.h"

#include "cli/import.h"

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

#include "base/xalloc.h"
#include "cli/export.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_rig.h"
#include "json/dataset_json.h"
#include "json/json.h"

/* ---- the stand ---- */

struct stand {
    struct store_rig rig;
    struct dataset dataset;
    char *lines;       /* of the last export */
    struct buf faults; /* of the last import, a line each */
    struct import import;
    size_t stops_after; /* batches; 0 = never */
};

static const char questions[] =
    "[{\"name\":\"score\",\"required\":true,\"settings\":{\"type\":\"rating\","
    "\"options\":"
    "[{\"value\":0},{\"value\":5},{\"value\":10}]}},"
    "{\"name\":\"why\",\"settings\":{\"type\":\"text\"}},"
    "{\"name\":\"one\",\"settings\":{\"type\":\"label_selection\",\"options\":"
    "[{\"value\":\"a\",\"text\":\"A\"},{\"value\":\"b\",\"text\":\"B\"}]}},"
    "{\"name\":\"some\",\"settings\":{\"type\":\"multi_label_selection\",\"options\":"
    "[{\"value\":\"a\",\"text\":\"A\"},{\"value\":\"b\",\"text\":\"B\"}]}},"
    "{\"name\":\"order\",\"settings\":{\"type\":\"ranking\",\"options\":"
    "[{\"value\":\"a\",\"text\":\"A\"},{\"value\":\"b\",\"text\":\"B\"}]}},"
    "{\"name\":\"parts\",\"settings\":{\"type\":\"span\",\"field\":\"text\",\"options\":"
    "[{\"value\":\"x\",\"text\":\"X\"}],\"allow_overlapping\":true}}]";
static const char fields[] =
    "[{\"name\":\"text\",\"required\":true,\"settings\":{\"type\":\"text\"}},"
    "{\"name\":\"talk\",\"settings\":{\"type\":\"chat\"}}]";

static void open_stand(struct stand *stand)
{
    json_t *json;
    struct err err = {0};
    store_rig_start(&stand->rig);
    store_rig_put_dataset(&stand->rig, "every", "");
    assert_int_equal(
        store_get_dataset(stand->rig.store, stand->rig.dataset, &stand->dataset, &err),
        STATUS_OK);
    dataset_fields_from_json(&stand->dataset,
                             json = json_parse(fields, strlen(fields), NULL));
    json_decref(json);
    dataset_questions_from_json(&stand->dataset,
                                json = json_parse(questions, strlen(questions), NULL));
    json_decref(json);
    store_rig_ok(&stand->rig, store_put_dataset(stand->rig.store, &stand->dataset, NULL,
                                                NULL, &stand->rig.err));
}

static void close_stand(struct stand *stand)
{
    dataset_clear(&stand->dataset);
    store_rig_end(&stand->rig);
    buf_clear(&stand->faults);
    free(stand->lines);
    *stand = (struct stand){0};
}

static int set_up(void **state)
{
    struct stand *stand = xcalloc(1, sizeof *stand);
    open_stand(stand);
    *state = stand;
    return 0;
}

static int tear_down(void **state)
{
    close_stand(*state);
    free(*state);
    return 0;
}

static bool never_stops(void *ctx, size_t records)
{
    (void)ctx;
    (void)records;
    return false;
}

static const char *export_as(struct stand *stand, enum export_format format)
{
    size_t len;
    struct err err = {0};
    free(stand->lines);
    FILE *lines = open_memstream(&stand->lines, &len);
    struct output out;
    output_init(&out, lines, true);
    struct export export = {.store = stand->rig.store,
                            .dataset = &stand->dataset,
                            .format = format,
                            .out = &out,
                            .is_stopped = never_stops};
    assert_int_equal(export_run(&export, &err), STATUS_OK);
    output_finish(&out);
    fclose(lines);
    return stand->lines;
}

static bool is_stopped(void *ctx)
{
    struct stand *stand = ctx;
    return stand->stops_after && stand->import.added >= stand->stops_after;
}

static void on_bad(void *ctx, const struct err *err)
{
    buf_addf(&((struct stand *)ctx)->faults, "%s\n", err->text);
}

static bool on_busy(void *ctx, struct err *err)
{
    (void)ctx;
    fail_msg("nobody else has the store: %s", err->text);
    return false;
}

static enum status import_text(struct stand *stand, const char *name, const char *text)
{
    struct err err = {0};
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fflush(file);
    buf_reset(&stand->faults);
    stand->import = (struct import){.store = stand->rig.store,
                                    .dataset = &stand->dataset,
                                    .fd = fileno(file),
                                    .name = name,
                                    .me = "me",
                                    .is_stopped = is_stopped,
                                    .on_bad = on_bad,
                                    .on_busy = on_busy,
                                    .ctx = stand};
    enum status status = import_run(&stand->import, &err);
    fclose(file);
    if (status != STATUS_OK)
        on_bad(stand, &err);
    return status;
}

static void expect_import(struct stand *stand, const char *name, const char *text,
                          size_t added, const char *faults)
{
    assert_int_equal(import_text(stand, name, text), STATUS_OK);
    assert_string_equal(buf_text(&stand->faults), faults);
    assert_int_equal(stand->import.added, added);
}

/* One of everything. */
static const char whole[] =
    "{\"id\":\"00000000-0000-4000-8000-000000000001\",\"fields\":{\"text\":\"日本 "
    "👩‍👩‍👧 "
    "e\\u0301\\u0000.\",\"talk\":[{\"role\":\"user\",\"content\":\"Hi\\nthere\"}]},"
    "\"metadata\":{\"lang\":\"ja\",\"n\":5,\"f\":5.0,\"deep\":{\"a\":[1,null]}},"
    "\"suggestions\":{\"score\":{\"value\":10,\"score\":0.25,\"agent\":\"judge\","
    "\"type\":\"model\"},\"some\":{\"value\":[\"b\",\"a\"],\"score\":[0.5,0.75]},"
    "\"parts\":{\"value\":[{\"start\":0,\"end\":2,\"label\":\"x\",\"score\":0.5}]}},"
    "\"status\":\"submitted\",\"values\":{\"score\":{\"value\":0},\"why\":{\"value\":"
    "\"\\\"so\\\",\\nand so\"},\"one\":{\"value\":\"b\"},\"some\":{\"value\":[\"a\"]},"
    "\"order\":{\"value\":[{\"value\":\"a\",\"rank\":1},{\"value\":\"b\",\"rank\":1}]},"
    "\"parts\":{\"value\":[{\"start\":3,\"end\":8,\"label\":\"x\"}]}},"
    "\"responses\":[{\"user_id\":\"u1\",\"user_name\":\"Ann\",\"status\":\"submitted\","
    "\"values\":{\"score\":{\"value\":5}},\"updated_at\":\"2026-01-31T12:00:00.123Z\"},"
    "{\"user_id\":\"u2\",\"user_name\":null,\"status\":\"draft\",\"values\":{\"why\":"
    "{\"value\":\"?\"}},\"updated_at\":null},{\"user_id\":\"u3\",\"user_name\":\"Bob\","
    "\"status\":\"discarded\",\"values\":{},\"updated_at\":null}],"
    "\"completion\":{\"state\":\"cut\",\"endpoint\":\"e\",\"model\":\"m\","
    "\"model_used\":\"m-1\",\"system_prompt\":\"Be.\",\"temperature\":0.5,\"seed\":7,"
    "\"finish_reason\":\"refusal\",\"error\":\"why\",\"reasoning\":\"r\",\"messages\":"
    "[{\"role\":\"user\",\"content\":\"Hi\"}],\"started_ms\":1700000000000,"
    "\"time_to_first_token_ms\":3,\"total_time_ms\":9,\"prompt_tokens\":1,"
    "\"completion_tokens\":2,\"attempts\":2,"
    "\"run_id\":\"00000000-0000-4000-8000-0000000000aa\","
    "\"parent_id\":\"00000000-0000-4000-8000-0000000000bb\",\"sample\":3},"
    "\"external_id\":\"row-1\",\"inserted_at\":\"2026-01-30T12:00:00.001Z\","
    "\"updated_at\":\"2026-01-31T12:00:00.456Z\",\"viewing\":{\"shown_at\":"
    "\"2026-01-31T11:59:00.001Z\",\"end_at\":null,\"answered_at\":"
    "\"2026-01-31T12:00:00.456Z\",\"paused_ms\":0},\"flagged\":true,\"decided\":true,"
    "\"note\":\"ask \\\"Kim\\\",\\n\\u001b[2J 漢字\"}\n";

/* Every member of what was put in is in what came out, and alike. */
static void expect_within(const char *in, const char *out)
{
    const char *name;
    json_t *was = json_parse(in, strlen(in), NULL), *value;
    json_t *is = json_parse(out, strcspn(out, "\n"), NULL);
    assert_non_null(was);
    assert_non_null(is);
    json_object_foreach(was, name, value)
    {
        json_t *now = json_object_get(is, name), *talk = json_object_get(value, "talk");
        if (json_is_array(talk)) { /* a chat is the text of its JSON */
            char *text = json_print(talk);
            json_object_set_new(value, "talk", json_string(text));
            free(text);
        }
        char *one = json_dumps(value, JSON_SORT_KEYS | JSON_ENCODE_ANY),
             *two = json_dumps(now, JSON_SORT_KEYS | JSON_ENCODE_ANY);
        assert_string_equal(one, two);
        free(one);
        free(two);
    }
    json_decref(was);
    json_decref(is);
}

static void round_trip(struct stand *stand, enum export_format format, const char *name)
{
    struct stand other = {0};
    char *first = xstrdup(export_as(stand, EXPORT_JSONL));
    const char *file = export_as(stand, format);
    open_stand(&other);
    expect_import(&other, name, file, 2, "");
    assert_string_equal(export_as(&other, EXPORT_JSONL), first);
    expect_import(&other, name, file, 0, "");
    assert_int_equal(other.import.known, 2);
    assert_string_equal(export_as(&other, EXPORT_JSONL), first);
    struct undone undone = {0}; /* what came is nobody's step */
    assert_int_equal(
        store_undo(other.rig.store, other.rig.dataset, &undone, &other.rig.err),
        STATUS_NOT_FOUND);
    err_clear(&other.rig.err);
    store_rig_check(&other.rig);
    close_stand(&other);
    free(first);
}

/* The first of the two was better, then they were alike, and then the first again. */
static void pick_three_times(struct stand *stand)
{
    struct record record = {0};
    struct pick pick = {.count = 2, .seed = UINT64_MAX};
    for (size_t i = 0; i < 2; i++) {
        struct id id = {.bytes = {[6] = 0x40, [8] = 0x80, [15] = (uint8_t)(i + 1)}};
        store_rig_ok(&stand->rig, store_get_record(stand->rig.store, &id, &record, NULL));
        pick.rows[1 - i] = record.row;
        record_clear(&record);
    }
    for (int i = 0; i < 3; i++) {
        pick.chosen = i == 1 ? -1 : 1;
        pick.strength = i == 1 ? 0 : 3;
        stand->rig.now_ms += 1000;
        store_rig_ok(&stand->rig, store_put_pick(stand->rig.store, &pick, NULL));
    }
}

/* ---- the tests ---- */

static void a_round_trip_loses_nothing(void **state)
{
    struct stand *stand = *state;
    expect_import(stand, "in.jsonl", whole, 1, "");
    expect_within(whole, export_as(stand, EXPORT_JSONL));
    expect_import(stand, "in.jsonl",
                  "{\"id\":\"00000000-0000-4000-8000-000000000002\",\"fields\":"
                  "{\"text\":\"\"},\"status\":\"draft\",\"changed\":true,"
                  "\"values\":{\"score\":{\"value\":5}}}\n",
                  1, "");
    assert_non_null(strstr(export_as(stand, EXPORT_JSONL), "\"changed\":true"));
    pick_three_times(stand);
    assert_non_null(
        strstr(export_as(stand, EXPORT_JSONL),
               "\"picks\":[{\"at\":\"2023-11-14T22:13:21.000Z\",\"records\":["
               "\"00000000-0000-4000-8000-000000000002\","
               "\"00000000-0000-4000-8000-000000000001\"],\"chosen\":"
               "\"00000000-0000-4000-8000-000000000001\",\"strength\":3,\"seed\":-1},"));
    round_trip(stand, EXPORT_JSONL, "out.jsonl");
}

/* No reader of CSV takes a NUL: without it. */
static void a_round_trip_by_csv_loses_nothing(void **state)
{
    struct stand *stand = *state;
    char *text = xstrdup(whole), *nul = strstr(text, "\\u0000");
    memmove(nul, nul + 6, strlen(nul + 6) + 1);
    expect_import(stand, "in.jsonl", text, 1, "");
    free(text);
    expect_import(stand, "in.jsonl",
                  "{\"id\":\"00000000-0000-4000-8000-000000000002\",\"fields\":"
                  "{\"text\":\"12\"},\"status\":\"draft\",\"changed\":true,"
                  "\"values\":{\"score\":{\"value\":5}}}\n",
                  1, "");
    pick_three_times(stand);
    round_trip(stand, EXPORT_CSV, "out.csv");
}

static void what_argillas_client_exports_is_read(void **state)
{
    struct stand *stand = *state;
    expect_import(
        stand, "records.json",
        "[{\"id\":\"ext 1\",\"fields\":{\"text\":\"t\"},\"metadata\":{\"k\":1},"
        "\"suggestions\":{\"score\":{\"value\":5,\"score\":0.5,\"agent\":\"m\"}},"
        "\"responses\":{\"score\":[{\"value\":10,\"user_id\":\"me\"},{\"value\":0,"
        "\"user_id\":\"u2\"}],\"why\":[{\"value\":\"x\",\"user_id\":\"u2\"}]},"
        "\"vectors\":{},\"status\":\"completed\",\"_server_id\":"
        "\"00000000-0000-4000-8000-0000000000cc\"}, \n {\"id\":\"2\",\"fields\":"
        "{\"text\":\"u\"},\"status\":\"pending\"}]\n",
        2, "");
    char *nested = xstrdup(export_as(stand, EXPORT_JSONL));
    expect_within("{\"status\":\"submitted\",\"values\":{\"score\":{\"value\":10}},"
                  "\"external_id\":\"ext 1\",\"metadata\":{\"k\":1},\"suggestions\":"
                  "{\"score\":{\"value\":5,\"score\":0.5,\"agent\":\"m\"}},\"responses\":"
                  "[{\"user_id\":\"u2\",\"user_name\":null,\"status\":\"submitted\","
                  "\"values\":{\"score\":{\"value\":0},\"why\":{\"value\":\"x\"}},"
                  "\"updated_at\":null}]}",
                  nested);
    struct stand other = {0};
    open_stand(&other);
    expect_import(
        &other, "flat.jsonl",
        "{\"id\":\"ext 1\",\"status\":\"completed\",\"_server_id\":"
        "\"00000000-0000-4000-8000-0000000000cc\",\"text\":\"t\",\"k\":1,"
        "\"score.responses\":[10,0],\"score.responses.users\":[\"me\",\"u2\"],"
        "\"score.responses.status\":[\"submitted\",\"submitted\"],\"why.responses\":"
        "[\"x\"],\"why.responses.users\":[\"u2\"],\"why.responses.status\":"
        "[\"submitted\"],\"score.suggestion\":5,\"score.suggestion.score\":0.5,"
        "\"score.suggestion.agent\":\"m\",\"one.suggestion\":null}\n",
        1, "");
    const char *flat = export_as(&other, EXPORT_JSONL);
    expect_within("{\"status\":\"submitted\",\"values\":{\"score\":{\"value\":10}},"
                  "\"external_id\":\"ext 1\",\"metadata\":{\"k\":1},\"suggestions\":"
                  "{\"score\":{\"value\":5,\"score\":0.5,\"agent\":\"m\"}},\"responses\":"
                  "[{\"user_id\":\"u2\",\"user_name\":null,\"status\":\"submitted\","
                  "\"values\":{\"score\":{\"value\":0},\"why\":{\"value\":\"x\"}},"
                  "\"updated_at\":null}]}",
                  flat);
    close_stand(&other);
    free(nested);
}

static void what_the_dataset_refuses_is_named(void **state)
{
    static const struct {
        const char *row, *why;
    } rows[] = {
        {"\"fields\":{}", "the field “text” is missing."},
        {"\"fields\":{\"text\":\"t\",\"other\":\"o\"}",
         "the field “other” is none of the dataset's."},
        {"\"text\":\"t\",\"score\":4", "the question “score” does not take this rating."},
        {"\"text\":\"t\",\"score\":1e300",
         "the question “score” does not take this rating."},
        {"\"text\":\"t\",\"one\":\"c\"", "the question “one” does not know this label."},
        {"\"text\":\"t\",\"some\":\"a\"", "the question “some” takes a list."},
        {"\"text\":\"t\",\"some\":[\"a\",1]",
         "the question “some” has a label that it does not know."},
        {"\"text\":\"t\",\"order\":[{\"value\":\"a\",\"rank\":0}]",
         "the question “order” has a rank that is no number from 1."},
        {"\"text\":\"日本\",\"parts\":[{\"start\":1,\"end\":3,\"label\":\"x\"}]",
         "the question “parts” has a span that is not in its text."},
        {"\"text\":\"t\",\"why\":5", "the question “why” takes a text."},
        {"\"fields\":{\"text\":\"t\"},\"values\":{\"zip\":{\"value\":1}}",
         "the question “zip” is none of the dataset's."},
        {"\"text\":\"t\",\"status\":\"done\"",
         "the status “done” is not pending, draft, submitted or discarded."},
        {"\"text\":\"t\",\"status\":\"submitted\",\"why\":\"w\"",
         "the required question “score” has no answer, but the response is submitted."},
        {"\"text\":\"t\",\"responses\":[{\"user_id\":\"u\",\"status\":\"done\"}]",
         "the status “done” is not pending, draft, submitted or discarded."},
        {"\"text\":\"t\",\"responses\":{\"score\":[{\"user_id\":\"u\",\"value\":4}]}",
         "the question “score” does not take this rating."},
        {"\"text\":\"t\",\"score.suggestion\":4",
         "the suggestion for “score” does not take this rating."},
    };
    struct stand *stand = *state;
    struct buf text = {0}, faults = {0};
    size_t count = sizeof rows / sizeof rows[0];
    for (size_t i = 0; i < count; i++) {
        buf_addf(&text, "{%s}\n{\"text\":\"good %zu\"}\n", rows[i].row, i);
        buf_addf(&faults, "rows.jsonl:%zu: %s\n", 2 * i + 1, rows[i].why);
    }
    buf_add_text(&text, "{\"text\":\n[]\n");
    buf_addf(&faults,
             "rows.jsonl:%zu: this line is no JSON object.\n"
             "rows.jsonl:%zu: this line is no JSON object.\n",
             2 * count + 1, 2 * count + 2);
    expect_import(stand, "rows.jsonl", buf_text(&text), count, buf_text(&faults));
    assert_int_equal(stand->import.bad, count + 2);
    buf_clear(&text);
    buf_clear(&faults);
}

static void a_broken_array_is_named_and_what_came_before_kept(void **state)
{
    struct stand *stand = *state;
    assert_int_equal(import_text(stand, "a.json", "[{\"text\":\"t\"},\n{\"text\":\"u\""),
                     STATUS_IO);
    assert_string_equal(buf_text(&stand->faults),
                        "a.json:2: the file ends in this item of its array; it cannot be "
                        "read on from there.\n");
    assert_int_equal(stand->import.added, 1);
    assert_int_equal(import_text(stand, "a.json", "[{\"text\":\"t\"}, 5, {}]"),
                     STATUS_IO);
    assert_string_equal(
        buf_text(&stand->faults),
        "a.json:1: this item of the array is no JSON object; it cannot be "
        "read on from there.\n");
    assert_int_equal(stand->import.known, 1);
}

/* Two that are alike are two records; the file again adds none; nor does it after a stop.
 */
static void rows_without_an_id_are_known_again(void **state)
{
    struct stand *stand = *state;
    struct buf text = {0};
    for (int i = 0; i < 700; i++)
        buf_addf(&text, "{\"text\":\"row %d\",\"lang\":\"de\"}\n", i / 2);
    stand->stops_after = 1;
    assert_int_equal(import_text(stand, "x.jsonl", buf_text(&text)), STATUS_CANCELLED);
    assert_int_equal(stand->import.added, 256);
    stand->stops_after = 0;
    expect_import(stand, "y.jsonl", buf_text(&text), 700 - 256, "");
    assert_int_equal(stand->import.known, 256);
    expect_import(stand, "y.jsonl", buf_text(&text), 0, "");
    assert_int_equal(store_rig_number(&stand->rig, "SELECT count(*) FROM record"), 700);
    /* by what is in them, wherever they stand */
    expect_import(stand, "z.jsonl",
                  "{\"text\":\"row 1\",\"lang\":\"de\"}\n{\"text\":\"new\"}\n", 1, "");
    buf_clear(&text);
}

/* Its own id comes from what is in it: two people with one file have the same record. */
static void a_row_with_a_foreign_id_has_one_of_its_own(void **state)
{
    struct stand *stand = *state;
    static const char two[] = "{\"text\":\"t\",\"external_id\":\"a-1\"}\n"
                              "{\"text\":\"t\",\"external_id\":\"a-2\"}\n";
    struct id first[2], again[2];
    for (int store = 0; store < 2; store++) {
        expect_import(stand, "in.jsonl", two, 2, "");
        expect_import(stand, "in.jsonl", two, 0, "");
        for (int i = 0; i < 2; i++) {
            struct record record = {0};
            store_rig_ok(&stand->rig, store_get_record_row(stand->rig.store, i + 1,
                                                           &record, &stand->rig.err));
            assert_string_equal(record.external_id, i ? "a-2" : "a-1");
            (store ? again : first)[i] = record.id;
            record_clear(&record);
        }
        if (store == 0) {
            close_stand(stand);
            open_stand(stand);
        }
    }
    assert_false(id_is_zero(&first[0]));
    assert_false(id_equal(&first[0], &first[1]));
    assert_memory_equal(first, again, sizeof first);
}

/* The id is another record's there: a copy of its own, known again by its external id. */
static void another_dataset_of_the_store_gets_copies(void **state)
{
    struct stand *stand = *state;
    expect_import(stand, "in.jsonl", whole, 1, "");
    char *lines = xstrdup(export_as(stand, EXPORT_JSONL));
    free(stand->dataset.name);
    stand->dataset.name = xstrdup("copy");
    store_rig_ok(&stand->rig,
                 store_put_dataset(stand->rig.store, &stand->dataset, &stand->dataset.row,
                                   NULL, &stand->rig.err));
    expect_import(stand, "in.jsonl", lines, 1, "");
    expect_import(stand, "in.jsonl", lines, 0, "");
    assert_int_equal(store_rig_number(&stand->rig, "SELECT count(*) FROM record"), 2);
    free(lines);
}

/* What is imported is no step of undo; what the dataset has is not written over. */
static void what_is_there_stays_as_it_is(void **state)
{
    struct stand *stand = *state;
    expect_import(stand, "in.jsonl", whole, 1, "");
    assert_int_equal(store_rig_undo(&stand->rig), STATUS_NOT_FOUND);
    err_clear(&stand->rig.err);
    char *text = xstrdup(whole), *at = strstr(text, "\"score\":{\"value\":0}");
    memcpy(at, "\"score\":{\"value\":5}", 19);
    char *before = xstrdup(export_as(stand, EXPORT_JSONL));
    expect_import(stand, "in.jsonl", text, 0, "");
    assert_string_equal(export_as(stand, EXPORT_JSONL), before);
    free(before);
    memcpy(strstr(text, "ask "), "tell", 4);
    struct id id = {.bytes = {[6] = 0x40, [8] = 0x80, [15] = 1}};
    for (int i = 0; i < 2; i++) { /* over a note of ours, and where we have none */
        store_rig_ok(&stand->rig,
                     store_note_record(stand->rig.store, &id, i ? "" : "mine", NULL, 0,
                                       NULL, &stand->rig.err));
        before = xstrdup(export_as(stand, EXPORT_JSONL));
        assert_non_null(strstr(before, i ? "\"note\":null" : "\"note\":\"mine\""));
        expect_import(stand, "in.jsonl", text, 0, "");
        assert_string_equal(export_as(stand, EXPORT_JSONL), before);
        free(before);
    }
    free(text);
}

/* Nothing is added that the disk did not take. */
static void a_full_disk_takes_none_of_a_batch(void **state)
{
    struct stand *stand = *state;
    struct buf text = {0};
    store_rig_close(&stand->rig);
    stand->rig.vfs = "fault";
    store_rig_reopen(&stand->rig);
    for (int i = 0; i < 300; i++)
        buf_addf(&text, "{\"fields\":{\"text\":\"%0900d\"},\"external_id\":\"%d\"}\n", i,
                 i);
    fault_vfs_arm(FAULT_WRITE, 3, true);
    assert_int_equal(import_text(stand, "in.jsonl", buf_text(&text)), STATUS_FULL);
    assert_non_null(strstr(buf_text(&stand->faults), "the disk is full"));
    assert_int_equal(stand->import.added, 0);
    assert_int_equal(stand->import.known, 0);
    fault_vfs_arm(0, 0, false);
    assert_string_equal(export_as(stand, EXPORT_JSONL), "");
    expect_import(stand, "in.jsonl", buf_text(&text), 300, "");
    buf_clear(&text);
}

/* Somebody's own column, or a blank one, is no note. */
static void a_column_called_note_is_metadata(void **state)
{
    struct stand *stand = *state;
    expect_import(stand, "in.csv",
                  "text,note,marks\na,hm,\nb,,\"[{\"\"note\"\":\"\" \"\"}]\"\n", 2, "");
    const char *out = export_as(stand, EXPORT_JSONL);
    assert_non_null(strstr(out, "\"metadata\":{\"note\":\"hm\"}"));
    const char *none = strstr(out, "\"note\":null");
    assert_non_null(none);
    assert_non_null(strstr(none + 1, "\"note\":null"));
}

/* A pull from a server that does not know them takes nobody's answer away. */
static void answers_of_a_file_outlive_a_pull(void **state)
{
    struct stand *stand = *state;
    struct err err = {0};
    struct pulled pulled = {0};
    int64_t pull = 0;
    expect_import(stand, "in.jsonl", whole, 1, "");
    struct record theirs = {0};
    assert_int_equal(store_get_record_row(stand->rig.store, 1, &theirs, &err), STATUS_OK);
    assert_int_equal(theirs.peer_count, 3);
    theirs.has_peers = true;
    theirs.peers[0].user[0] = 'v'; /* the server has one, of somebody else */
    theirs.peer_count = 1;
    theirs.remote_id = xstrdup("00000000-0000-4000-8000-0000000000dd");
    assert_int_equal(store_begin_pull(stand->rig.store, &pull, &err), STATUS_OK);
    assert_int_equal(store_apply_pull(stand->rig.store, stand->rig.dataset, pull, &theirs,
                                      1, &pulled, &err),
                     STATUS_OK);
    theirs.peer_count = 3;
    record_clear(&theirs);
    assert_int_equal(store_get_record_row(stand->rig.store, 1, &theirs, &err), STATUS_OK);
    assert_int_equal(theirs.peer_count, 4);
    record_clear(&theirs);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    fault_vfs_register();
    const struct CMUnitTest tests[] = {
        CASE(a_round_trip_loses_nothing),
        CASE(a_round_trip_by_csv_loses_nothing),
        CASE(what_argillas_client_exports_is_read),
        CASE(what_the_dataset_refuses_is_named),
        CASE(a_broken_array_is_named_and_what_came_before_kept),
        CASE(rows_without_an_id_are_known_again),
        CASE(a_row_with_a_foreign_id_has_one_of_its_own),
        CASE(another_dataset_of_the_store_gets_copies),
        CASE(what_is_there_stays_as_it_is),
        CASE(a_full_disk_takes_none_of_a_batch),
        CASE(a_column_called_note_is_metadata),
        CASE(answers_of_a_file_outlive_a_pull),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
