/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/support/all_questions.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "json/dataset_json.h"

static const char questions[] =
    "[{\"name\":\"score\",\"required\":true,\"description\":\"How good is it?\","
    "\"settings\":{\"type\":\"rating\",\"options\":[{\"value\":0},{\"value\":1},"
    "{\"value\":2},{\"value\":3},{\"value\":4},{\"value\":5},{\"value\":6},"
    "{\"value\":7},{\"value\":8},{\"value\":9},{\"value\":10}]}},"
    "{\"name\":\"why\",\"settings\":{\"type\":\"text\",\"use_markdown\":true}},"
    "{\"name\":\"faults\",\"settings\":{\"type\":\"multi_label_selection\","
    "\"options_order\":\"suggestion\",\"options\":["
    "{\"value\":\"long\",\"text\":\"Too long\",\"description\":\"Over 200 words\"},"
    "{\"value\":\"wrong\",\"text\":\"Wrong\"},{\"value\":\"rude\",\"text\":\"Rude\"},"
    "{\"value\":\"dull\",\"text\":\"Dull\"}]}},"
    "{\"name\":\"order\",\"settings\":{\"type\":\"ranking\",\"options\":["
    "{\"value\":\"a\",\"text\":\"Alpha\"},{\"value\":\"b\",\"text\":\"Beta\"},"
    "{\"value\":\"c\",\"text\":\"Gamma\"}]}},"
    "{\"name\":\"parts\",\"settings\":{\"type\":\"span\",\"field\":\"response\","
    "\"allow_overlapping\":false,\"options\":[{\"value\":\"person\",\"text\":\"Person\"},"
    "{\"value\":\"place\",\"text\":\"Place\"},{\"value\":\"time\",\"text\":\"Time\"}]}},"
    "{\"name\":\"marks\",\"settings\":{\"type\":\"span\",\"field\":\"prompt\","
    "\"allow_overlapping\":true,\"options\":[";

json_t *all_questions_json(void)
{
    struct buf text = {0};
    buf_add_text(&text, questions);
    for (int name = 'a'; name <= 'l'; name++)
        buf_addf(&text, "%s{\"value\":\"%c\",\"text\":\"mark %c\"}",
                 name > 'a' ? "," : "", name, name);
    buf_add_text(&text,
                 "]}},{\"name\":\"topic\",\"settings\":{\"type\":\"label_selection\","
                 "\"visible_options\":5,\"options\":[");
    for (int i = 1; i <= 300; i++)
        buf_addf(&text, "%s{\"value\":\"t%d\",\"text\":\"topic %d\"}", i > 1 ? "," : "",
                 i, i);
    buf_add_text(&text, "]}}]");
    json_t *json = json_parse(buf_text(&text), text.len, NULL);
    buf_clear(&text);
    return json;
}

void all_questions(struct dataset *dataset)
{
    json_t *json = all_questions_json();
    dataset_questions_from_json(dataset, json);
    json_decref(json);
}

void add_option(struct question *question, const char *text)
{
    question->options = xreallocarray(question->options, question->option_count + 1,
                                      sizeof *question->options);
    question->options[question->option_count++] =
        (struct question_option){.value = xstrdup(text), .text = xstrdup(text)};
}

struct question *add_question(struct dataset *dataset, const char *name,
                              enum question_type type)
{
    dataset->questions = xreallocarray(dataset->questions, dataset->question_count + 1,
                                       sizeof *dataset->questions);
    struct question *question = &dataset->questions[dataset->question_count++];
    *question =
        (struct question){.name = xstrdup(name), .title = xstrdup(name), .type = type};
    return question;
}
