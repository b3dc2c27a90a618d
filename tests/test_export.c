/* SPDX-License-Identifier: MIT
 * Export: each format to its last byte, what is left out and why. */
#include "config.h"

#include "cli/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/xalloc.h"
#include "tests/support/store_rig.h"

/* ---- the stand ---- */

struct stand {
    struct store_rig rig;
    struct dataset dataset;
    char *lines;    /* of the last export */
    char *manifest; /* its left_out */
    struct export export;
    size_t stops_after;    /* records; 0 = never */
    const char *meanwhile; /* SQL that another runs in the middle; NULL */
};

static int set_up(void **state)
{
    struct stand *stand = xcalloc(1, sizeof *stand);
    struct err err = {0};
    store_rig_start(&stand->rig);
    store_rig_put_dataset(&stand->rig, "langchain-dataset", "");
    assert_int_equal(
        store_get_dataset(stand->rig.store, stand->rig.dataset, &stand->dataset, &err),
        STATUS_OK);
    *state = stand;
    return 0;
}

static int tear_down(void **state)
{
    struct stand *stand = *state;
    dataset_clear(&stand->dataset);
    store_rig_end(&stand->rig);
    free(stand->lines);
    free(stand->manifest);
    free(stand);
    return 0;
}

/* Number n: ids end with it. */
static struct id id_of(int number)
{
    struct id id = {.bytes = {[6] = 0x40, [8] = 0x80}};
    id.bytes[15] = (uint8_t)number;
    return id;
}

/* An answer, asked again from record parent (0 = none). */
static void fill(struct record *record, struct stand *stand, int number,
                 const char *prompt, const char *response, int parent)
{
    struct id above = id_of(parent);
    store_rig_fill(&stand->rig, record, prompt, response, parent ? &above : NULL);
    record->id = id_of(number);
    record->inserted_ms = 1000;
}

static void answer(struct stand *stand, int number, const char *prompt,
                   const char *response, int parent)
{
    struct record record;
    fill(&record, stand, number, prompt, response, parent);
    store_rig_keep(&stand->rig, &record);
}

static void rate(struct stand *stand, int number, int rating)
{
    struct id id = id_of(number);
    store_rig_put(&stand->rig, &id, RESPONSE_SUBMITTED, rating, NULL, CHANGE_SUBMIT, 0);
}

/* Rows of the store are numbered as the records are added. */
static void pick(struct stand *stand, int64_t chosen, int64_t other, int strength)
{
    const struct pick pick = {
        .rows = {chosen, other}, .count = 2, .strength = strength, .chosen = 0};
    store_rig_ok(&stand->rig, store_put_pick(stand->rig.store, &pick, &stand->rig.err));
}

static bool is_stopped(void *ctx, size_t records)
{
    struct stand *stand = ctx;
    if (stand->meanwhile && records == 1)
        store_rig_number(&stand->rig, stand->meanwhile);
    return stand->stops_after && records >= stand->stops_after;
}

static enum status run(struct stand *stand, enum export_format format)
{
    size_t lines_len, manifest_len;
    struct err err = {0};
    free(stand->lines);
    free(stand->manifest);
    FILE *lines = open_memstream(&stand->lines, &lines_len);
    FILE *manifest = open_memstream(&stand->manifest, &manifest_len);
    struct output out, left_out;
    output_init(&out, lines, true);
    output_init(&left_out, manifest, true);
    stand->export.store = stand->rig.store;
    stand->export.dataset = &stand->dataset;
    stand->export.format = format;
    stand->export.out = &out;
    stand->export.manifest = &left_out;
    stand->export.is_stopped = is_stopped;
    stand->export.ctx = stand;
    stand->export.written = 0;
    memset(stand->export.left_out, 0, sizeof stand->export.left_out);
    enum status status = export_run(&stand->export, &err);
    output_finish(&out);
    output_finish(&left_out);
    fclose(lines);
    fclose(manifest);
    return status;
}

static void expect(struct stand *stand, enum export_format format, const char *lines)
{
    assert_int_equal(run(stand, format), STATUS_OK);
    assert_string_equal(stand->lines, lines);
}

/* The numbers of the records that were left out for a reason, "3 7". */
static void expect_left_out(struct stand *stand, enum left_out why, const char *numbers)
{
    char found[200] = "";
    /* the list is JSON, however many are left out */
    char *list = xasprintf("[%s]", stand->manifest);
    json_t *json = json_loads(list, 0, NULL);
    size_t all = 0;
    for (int i = 0; i < LEFT_COUNT; i++)
        all += stand->export.left_out[i];
    if (!json || json_array_size(json) != all)
        fail_msg("%zu are left out: %s", all, list);
    json_decref(json);
    free(list);
    char *sought = xasprintf("\", \"why\": \"%s\"}", left_out_words(why));
    size_t count = 0;
    for (const char *at = stand->manifest; (at = strstr(at, sought)); at++, count++) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s%ld", used ? " " : "",
                 strtol(at - 2, NULL, 16));
    }
    free(sought);
    assert_string_equal(found, numbers);
    assert_int_equal(stand->export.left_out[why], count);
}

/* ---- the formats ---- */

static void pairs_of_picks_and_ratings_have_trl_s_columns(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "Why?", "Because.", 0);
    answer(stand, 2, "Why?", "Who \"knows\"?\n", 1);
    answer(stand, 3, "Why?", "No.", 1);
    answer(stand, 4, "Other", "Alone.", 0);
    rate(stand, 1, 4);
    rate(stand, 3, 1);
    pick(stand, 2, 1, 3);
    expect(stand, EXPORT_TRL_PREFERENCE,
           "{\"prompt\":\"Why?\",\"chosen\":\"Who \\\"knows\\\"?\\n\","
           "\"rejected\":\"Because.\",\"margin\":3.0}\n"
           "{\"prompt\":\"Why?\",\"chosen\":\"Because.\",\"rejected\":\"No.\","
           "\"margin\":3.0}\n");
    expect_left_out(stand, LEFT_UNPAIRED, "4");
    assert_int_equal(stand->export.written, 2);
}

/* They were asked at other times: pairs only where it is asked for. */
static void equal_prompts_make_pairs_when_asked_for(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "Why?", "One.", 0);
    answer(stand, 2, "Why", "Another prompt.", 0);
    answer(stand, 3, "Why?", "Three.", 0);
    answer(stand, 4, "Why?", "Four.", 3);
    answer(stand, 5, "Why?", "Not rated.", 0);
    rate(stand, 1, 4);
    rate(stand, 2, 1);
    rate(stand, 3, 2);
    rate(stand, 4, 4);
    static const char together[] = "{\"prompt\":\"Why?\",\"chosen\":\"Four.\","
                                   "\"rejected\":\"Three.\",\"margin\":2.0}\n";
    expect(stand, EXPORT_TRL_PREFERENCE, together);
    stand->export.by_prompt = true;
    char *all = xasprintf("{\"prompt\":\"Why?\",\"chosen\":\"One.\","
                          "\"rejected\":\"Three.\",\"margin\":2.0}\n%s",
                          together);
    expect(stand, EXPORT_TRL_PREFERENCE, all);
    free(all);
    expect_left_out(stand, LEFT_UNPAIRED, "2 5");
    pick(stand, 4, 3, 1); /* a choice goes before the ratings, and is told once */
    all = xasprintf("{\"prompt\":\"Why?\",\"chosen\":\"Four.\",\"rejected\":"
                    "\"Three.\",\"margin\":1.0}\n{\"prompt\":\"Why?\",\"chosen\":"
                    "\"One.\",\"rejected\":\"Three.\",\"margin\":2.0}\n");
    expect(stand, EXPORT_TRL_PREFERENCE, all);
    free(all);
}

static void a_choice_without_a_strength_has_the_least_margin(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "Why?", "Because.", 0);
    answer(stand, 2, "Why?", "No.", 1);
    pick(stand, 2, 1, 0);
    expect(stand, EXPORT_TRL_PREFERENCE,
           "{\"prompt\":\"Why?\",\"chosen\":\"No.\",\"rejected\":\"Because.\","
           "\"margin\":1.0}\n");
}

static void rate_as(struct stand *stand, int number, const char *user, int rating)
{
    char *sql = xasprintf(
        "INSERT INTO response (record, user, status, answers, updated_ms) SELECT row, "
        "'%s', 2, '{\"response-rating\":{\"type\":\"rating\",\"value\":%d}}', 1 FROM "
        "record WHERE substr(hex(id), 31) = '%02X' RETURNING 1",
        user, rating, number);
    store_rig_number(&stand->rig, sql);
    free(sql);
}

static void ratings_of_all_count_when_asked_for(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "Why?", "One.", 0);
    answer(stand, 2, "Why?", "Two.", 1);
    answer(stand, 3, "Why?", "Three.", 1);
    rate(stand, 1, 5);
    rate_as(stand, 1, "ann", 4);
    rate_as(stand, 2, "ann", 1);
    rate_as(stand, 2, "bob", 1);
    rate_as(stand, 2, "cy", 5);
    rate_as(stand, 3, "ann", 2);
    rate_as(stand, 3, "bob", 5);
    expect(stand, EXPORT_TRL_UNPAIRED,
           "{\"prompt\":\"Why?\",\"completion\":\"One.\",\"label\":true}\n");
    expect_left_out(stand, LEFT_UNJUDGED, "2 3");
    stand->export.by = RATINGS_MEAN;
    expect(stand, EXPORT_TRL_UNPAIRED,
           "{\"prompt\":\"Why?\",\"completion\":\"One.\",\"label\":true}\n"
           "{\"prompt\":\"Why?\",\"completion\":\"Two.\",\"label\":false}\n"
           "{\"prompt\":\"Why?\",\"completion\":\"Three.\",\"label\":true}\n");
    stand->export.by = RATINGS_MAJORITY; /* of a tie nothing */
    expect(stand, EXPORT_TRL_PREFERENCE, "");
    expect_left_out(stand, LEFT_UNPAIRED, "1 2 3");
    rate_as(stand, 1, "bob", 4);
    expect(stand, EXPORT_TRL_PREFERENCE,
           "{\"prompt\":\"Why?\",\"chosen\":\"One.\",\"rejected\":\"Two.\","
           "\"margin\":3.0}\n");
    expect(stand, EXPORT_TRL_UNPAIRED,
           "{\"prompt\":\"Why?\",\"completion\":\"One.\",\"label\":true}\n"
           "{\"prompt\":\"Why?\",\"completion\":\"Two.\",\"label\":false}\n");
    expect_left_out(stand, LEFT_UNRATED, "3");
    stand->export.by = RATINGS_MEAN;
    stand->export.by_prompt = true;
    answer(stand, 4, "Why?", "Four.", 0);
    rate_as(stand, 4, "ann", 3);
    rate_as(stand, 3, "cy", 5); /* 4.33, 2.33, 4, 3 */
    assert_int_equal(run(stand, EXPORT_OPENAI_DPO), STATUS_OK);
    assert_int_equal(stand->export.written, 6);
    rate(stand, 2, 5); /* decided: theirs were known, and are overruled */
    store_rig_number(&stand->rig, "UPDATE record SET flags = flags | 256 WHERE"
                                  " substr(hex(id), 31) = '02' RETURNING 1");
    expect(stand, EXPORT_TRL_UNPAIRED,
           "{\"prompt\":\"Why?\",\"completion\":\"One.\",\"label\":true}\n"
           "{\"prompt\":\"Why?\",\"completion\":\"Two.\",\"label\":true}\n"
           "{\"prompt\":\"Why?\",\"completion\":\"Three.\",\"label\":true}\n");
}

static void single_answers_are_labelled_by_rating_then_by_choice(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "a", "good", 0);
    answer(stand, 2, "b", "bad", 0);
    answer(stand, 3, "c", "middling", 0);
    answer(stand, 4, "d", "chosen", 0);
    answer(stand, 5, "d", "not chosen", 4);
    answer(stand, 6, "e", "unrated", 0);
    rate(stand, 1, 4);
    rate(stand, 2, 2);
    rate(stand, 3, 3);
    pick(stand, 4, 5, 0);
    expect(stand, EXPORT_TRL_UNPAIRED,
           "{\"prompt\":\"a\",\"completion\":\"good\",\"label\":true}\n"
           "{\"prompt\":\"b\",\"completion\":\"bad\",\"label\":false}\n"
           "{\"prompt\":\"d\",\"completion\":\"chosen\",\"label\":true}\n"
           "{\"prompt\":\"d\",\"completion\":\"not chosen\",\"label\":false}\n");
    expect_left_out(stand, LEFT_MIDDLE, "3");
    expect_left_out(stand, LEFT_UNJUDGED, "6");
    expect(stand, EXPORT_TRL_PROMPT_COMPLETION,
           "{\"prompt\":\"a\",\"completion\":\"good\"}\n"
           "{\"prompt\":\"d\",\"completion\":\"chosen\"}\n");
    expect_left_out(stand, LEFT_BAD, "2 5");
}

static void openai_s_pairs_have_the_conversation_and_the_system_prompt(void **state)
{
    struct stand *stand = *state;
    static const char transcript[] = "User: Hi\n\nAssistant: Hello.\n\nUser: Bye";
    for (int i = 1; i <= 3; i++) {
        struct record record;
        char text[8];
        snprintf(text, sizeof text, "A%d", i);
        fill(&record, stand, i, transcript, text, i > 1);
        record.completion.messages =
            xstrdup("[{\"role\":\"user\",\"content\":\"Hi\"},"
                    "{\"role\":\"assistant\",\"content\":\"Hello.\"},"
                    "{\"role\":\"user\",\"content\":\"Bye\"}]");
        record.completion.sampling.system_prompt = xstrdup(i < 3 ? "Be kind." : "Be.");
        store_rig_keep(&stand->rig, &record);
    }
    pick(stand, 1, 2, 0);
    pick(stand, 3, 2, 0);
#define CONVERSATION                                                                     \
    "{\"role\":\"user\",\"content\":\"Hi\"},"                                            \
    "{\"role\":\"assistant\",\"content\":\"Hello.\"},"                                   \
    "{\"role\":\"user\",\"content\":\"Bye\"}]},"
    expect(stand, EXPORT_OPENAI_DPO,
           "{\"input\":{\"messages\":[{\"role\":\"system\",\"content\":\"Be "
           "kind.\"}," CONVERSATION
           "\"preferred_output\":[{\"role\":\"assistant\",\"content\":\"A1\"}],"
           "\"non_preferred_output\":[{\"role\":\"assistant\",\"content\":\"A2\"}]}\n"
           "{\"input\":{\"messages\":[" CONVERSATION
           "\"preferred_output\":[{\"role\":\"assistant\",\"content\":\"A3\"}],"
           "\"non_preferred_output\":[{\"role\":\"assistant\",\"content\":\"A2\"}]}\n");
#undef CONVERSATION
    pick(stand, 1, 2, 2);
    assert_int_equal(run(stand, EXPORT_TRL_PREFERENCE), STATUS_OK);
    assert_non_null(strstr(stand->lines, "{\"prompt\":\"User: Hi\\n\\nAssistant: "
                                         "Hello.\\n\\nUser: Bye\",\"chosen\":\"A1\","));
}

/* Only the prompt of a chat field is taken apart. */
static void a_list_in_a_field_of_text_is_one_message(void **state)
{
    struct stand *stand = *state;
    static const char list[] = "[{\"role\":\"user\",\"content\":\"Hi\"}]";
    answer(stand, 1, list, "A1", 0);
    answer(stand, 2, list, "A2", 1);
    pick(stand, 1, 2, 0);
    expect(stand, EXPORT_OPENAI_DPO,
           "{\"input\":{\"messages\":[{\"role\":\"user\",\"content\":"
           "\"[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"Hi\\\"}]\"}]},"
           "\"preferred_output\":[{\"role\":\"assistant\",\"content\":\"A1\"}],"
           "\"non_preferred_output\":[{\"role\":\"assistant\",\"content\":\"A2\"}]}\n");
}

static void csv_quotes_and_names_every_column(void **state)
{
    struct stand *stand = *state;
    struct record record;
    fill(&record, stand, 1, "a, \"b\"\nc", "", 0);
    record_set_field(&record, "response", "\xff ok", 4);
    record.has_completion = false;
    record.metadata_json = xstrdup("{\"k\":1}");
    store_rig_keep(&stand->rig, &record);
    struct id id = id_of(1);
    store_rig_put(&stand->rig, &id, RESPONSE_SUBMITTED, 4, "fine, \"really\"",
                  CHANGE_SUBMIT, 0);
    assert_int_equal(run(stand, EXPORT_CSV), STATUS_OK);
    const char *end = strstr(stand->lines, "\"1970-01-01T00:00:01.000Z\"");
    assert_non_null(end);
    assert_memory_equal(
        stand->lines,
        "\"id\",\"status\",\"prompt\",\"response\",\"response-rating\","
        "\"response-feedback\",\"metadata\",\"completion\",\"suggestions\","
        "\"responses\",\"external_id\",\"inserted_at\",\"updated_at\",\"viewing\","
        "\"clash\",\"picks\",\"marks\"\n"
        "\"00000000-0000-4000-8000-000000000001\",\"submitted\",\"a, \"\"b\"\"\nc\","
        "\"\xef\xbf\xbd ok\",\"4\",\"fine, "
        "\"\"really\"\"\",\"{\"\"k\"\":1}\",\"\",\"{}\",\"[]\","
        "\"00000000-0000-4000-8000-000000000001\",",
        (size_t)(end - stand->lines));
}

static void a_question_called_like_a_field_has_a_column_of_its_own(void **state)
{
    struct stand *stand = *state;
    free(stand->dataset.questions[0].name);
    stand->dataset.questions[0].name = xstrdup("prompt");
    free(stand->dataset.questions[1].name);
    stand->dataset.questions[1].name = xstrdup("status");
    expect(stand, EXPORT_CSV,
           "\"id\",\"status\",\"prompt\",\"response\",\"prompt.answer\","
           "\"status.answer\",\"metadata\",\"completion\",\"suggestions\","
           "\"responses\",\"external_id\",\"inserted_at\",\"updated_at\",\"viewing\","
           "\"clash\",\"picks\",\"marks\"\n");
}

static void jsonl_has_every_record_as_records_prints_it(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "a", "one", 0);
    answer(stand, 2, "b", "two", 0);
    rate(stand, 2, 5);
    assert_int_equal(run(stand, EXPORT_JSONL), STATUS_OK);
    assert_int_equal(stand->export.written, 2);
    assert_non_null(strstr(stand->lines, "\"status\":\"pending\",\"rating\":null"));
    assert_non_null(strstr(stand->lines, "\"status\":\"submitted\",\"rating\":5"));
    assert_non_null(strstr(stand->lines, "\"clash\":null,\"picks\":[]"));
    pick(stand, 1, 2, 2);
    assert_int_equal(run(stand, EXPORT_JSONL), STATUS_OK);
    assert_non_null(strstr(stand->lines, "\"strength\":2,"));
    struct undone undone = {0};
    store_rig_ok(&stand->rig, store_undo(stand->rig.store, stand->rig.dataset, &undone,
                                         &stand->rig.err));
    response_clear(&undone.response);
    assert_int_equal(run(stand, EXPORT_JSONL), STATUS_OK);
    assert_null(strstr(stand->lines, "\"strength\""));
    stand->export.has_status = true;
    stand->export.status = RESPONSE_SUBMITTED;
    assert_int_equal(run(stand, EXPORT_JSONL), STATUS_OK);
    assert_int_equal(stand->export.written, 1);
    expect_left_out(stand, LEFT_STATUS, "1");
}

/* ---- what is left out ---- */

static void what_a_trainer_cannot_use_is_left_out_with_the_reason(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "a", "discarded", 0);
    answer(stand, 2, "", "no prompt", 0);
    answer(stand, 3, "b", " \n", 0);
    struct record record;
    enum claim claim;
    fill(&record, stand, 4, "c", "growing", 0);
    store_rig_ok(&stand->rig, store_claim_completion(stand->rig.store, &record, &claim,
                                                     &stand->rig.err));
    record_clear(&record);
    answer(stand, 5, "d", "same", 0);
    answer(stand, 6, "d", "same", 5);
    struct id id = id_of(1);
    store_rig_put(&stand->rig, &id, RESPONSE_DISCARDED, 1, NULL, CHANGE_DISCARD, 0);
    pick(stand, 5, 6, 0); /* of two that are the same there is nothing to learn */
    expect(stand, EXPORT_TRL_PREFERENCE, "");
    expect_left_out(stand, LEFT_DISCARDED, "1");
    expect_left_out(stand, LEFT_NO_PROMPT, "2");
    expect_left_out(stand, LEFT_NO_ANSWER, "3");
    expect_left_out(stand, LEFT_UNFINISHED, "4");
    expect_left_out(stand, LEFT_ALIKE, "5 6");
}

static void a_pair_needs_both_of_its_answers(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "Why?", "Because.", 0);
    answer(stand, 2, "Why?", "No.", 1);
    answer(stand, 3, "Why?", "Well.", 1);
    struct id id = id_of(2);
    pick(stand, 1, 2, 0);
    pick(stand, 1, 3, 0);
    store_rig_put(&stand->rig, &id, RESPONSE_DISCARDED, 1, NULL, CHANGE_DISCARD, 0);
    assert_int_equal(run(stand, EXPORT_TRL_PREFERENCE), STATUS_OK);
    assert_int_equal(stand->export.written, 1);
    expect_left_out(stand, LEFT_DISCARDED, "2");
    expect_left_out(stand, LEFT_UNPAIRED, "");
}

static void answers_with_the_same_text_are_no_pair_and_that_is_said(void **state)
{
    struct stand *stand = *state;
    answer(stand, 1, "Why?", "Because.", 0);
    answer(stand, 2, "Why?", "Because.", 1);
    answer(stand, 3, "Who?", "You.", 0);
    rate(stand, 1, 5);
    rate(stand, 2, 1);
    rate(stand, 3, 1);
    expect(stand, EXPORT_TRL_PREFERENCE, "");
    expect_left_out(stand, LEFT_ALIKE, "1 2");
    expect_left_out(stand, LEFT_UNPAIRED, "3");
}

static void a_damaged_record_is_left_out_and_named(void **state)
{
    struct stand *stand = *state;
    for (int i = 1; i <= 4; i++) {
        answer(stand, i, "Why?", "Because.", 0);
        rate(stand, i, 5);
    }
    store_rig_number(
        &stand->rig,
        "UPDATE response SET answers = '{\"bro' WHERE record = 2 RETURNING 1");
    store_rig_number(&stand->rig,
                     "UPDATE completion SET facts = '' WHERE record = 3 RETURNING 1");
    for (int format = 0; format < EXPORT_FORMATS; format++) {
        assert_int_equal(run(stand, (enum export_format)format), STATUS_OK);
        expect_left_out(stand, LEFT_DAMAGED, "2 3");
    }
}

/* ---- long ones ---- */

static void a_stop_ends_it_in_the_middle(void **state)
{
    struct stand *stand = *state;
    for (int i = 1; i <= 20; i++)
        answer(stand, i, "Why?", "Because.", 0);
    stand->stops_after = 5;
    assert_int_equal(run(stand, EXPORT_JSONL), STATUS_CANCELLED);
    assert_int_equal(stand->export.written, 5);
    answer(stand, 21, "Why?", "The store is free again.", 0);
}

static void it_shows_the_store_as_it_was_at_one_moment(void **state)
{
    struct stand *stand = *state;
    for (int i = 1; i <= 4; i++)
        answer(stand, i, "Why?", "Because.", 0);
    stand->meanwhile = "UPDATE field SET text = 'changed' RETURNING 1";
    assert_int_equal(run(stand, EXPORT_CSV), STATUS_OK);
    assert_null(strstr(stand->lines, "changed"));
    stand->meanwhile = NULL;
    assert_int_equal(run(stand, EXPORT_CSV), STATUS_OK);
    assert_non_null(strstr(stand->lines, "changed"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(pairs_of_picks_and_ratings_have_trl_s_columns),
        CASE(equal_prompts_make_pairs_when_asked_for),
        CASE(ratings_of_all_count_when_asked_for),
        CASE(a_choice_without_a_strength_has_the_least_margin),
        CASE(single_answers_are_labelled_by_rating_then_by_choice),
        CASE(openai_s_pairs_have_the_conversation_and_the_system_prompt),
        CASE(a_list_in_a_field_of_text_is_one_message),
        CASE(csv_quotes_and_names_every_column),
        CASE(a_question_called_like_a_field_has_a_column_of_its_own),
        CASE(jsonl_has_every_record_as_records_prints_it),
        CASE(what_a_trainer_cannot_use_is_left_out_with_the_reason),
        CASE(a_pair_needs_both_of_its_answers),
        CASE(answers_with_the_same_text_are_no_pair_and_that_is_said),
        CASE(a_damaged_record_is_left_out_and_named),
        CASE(a_stop_ends_it_in_the_middle),
        CASE(it_shows_the_store_as_it_was_at_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
