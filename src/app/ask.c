/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "app/ask.h"

#include <stdlib.h>
#include <string.h>

#include "app/app_parts.h"
#include "app/search.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "json/json.h"
#include "json/readable.h"

bool app_can_ask(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_endpoint && app->endpoint_err.code)
        app_notify_err(app, &app->endpoint_err);
    else if (!session->has_endpoint)
        app_notify(app, NOTICE_ERROR,
                   "No model endpoint is configured: set OPENAI_BASE_URL or "
                   "OPENAI_API_KEY, or add an [endpoint NAME] with a url to %s.",
                   app->settings->path ? app->settings->path : "the config file");
    else if (session->has_server && !session->can_log)
        app_notify(app, NOTICE_ERROR,
                   "Your key for %s is an annotator's, and only owners and admins may "
                   "add records. Reviewing works.",
                   session->server);
    else if (!dataset_takes_pairs(&session->dataset))
        app_notify(app, NOTICE_ERROR, "%s", complete_no_pairs);
    else if (unsaved_has_failed(app))
        app_notify(app, NOTICE_ERROR, "Nothing is asked that cannot be kept. %s",
                   session->unsaved);
    else
        return true;
    return false;
}

enum status complete_endpoint(struct app *app, const char *name, struct endpoint *out,
                              struct err *err)
{
    const char *ours = app->endpoint.name;
    const struct endpoint *found = &app->endpoint;
    if (name && (!ours || strcmp(name, ours) != 0))
        found = settings_endpoint(app->settings, name, err);
    if (found)
        endpoint_copy(out, found);
    return found ? STATUS_OK : err->code;
}

/* Asks, with the session's model where none was asked for. */
static bool start(struct app *app, const struct asked *what,
                  const struct sampling *sampling, bool is_shown)
{
    struct asked asked = *what;
    struct sampling chosen = {0};
    struct record record;
    enum claim claim = CLAIM_OURS;
    struct err err = {0};
    sampling_copy(&chosen, sampling ? sampling : &app->session.sampling);
    if (!chosen.model && app->session.sampling.model && !asked.endpoint)
        chosen.model = xstrdup(app->session.sampling.model);
    asked.sampling = &chosen;
    asked.run = app->run;
    enum status status = complete_start(app, &asked, &record, &claim, &err);
    sampling_clear(&chosen);
    bool is_asked = status == STATUS_OK && claim == CLAIM_OURS;
    if (is_asked && is_shown)
        current_show_record(app, &record);
    else if (status != STATUS_OK)
        app_notify(app, NOTICE_ERROR, "Not asked, since it cannot be kept: %s", err.text);
    else if (!is_asked)
        current_update(app, &record.id);
    if (status == STATUS_OK && claim == CLAIM_DONE)
        app_notify(app, NOTICE_INFO, "It was answered meanwhile.");
    if (status == STATUS_OK && claim == CLAIM_ELSEWHERE)
        app_notify(app, NOTICE_WARNING, "Another sherd is asking this prompt.");
    record_clear(&record);
    return is_asked;
}

static bool can_ask(struct app *app, const char *prompt, size_t len)
{
    if (!app_can_ask(app))
        return false;
    if (utf8_is_blank(prompt, len))
        app_notify(app, NOTICE_WARNING, "The prompt is empty.");
    return !utf8_is_blank(prompt, len);
}

bool app_ask(struct app *app, const char *prompt, size_t len,
             const struct sampling *sampling, const struct id *parent)
{
    struct asked asked = {.prompt = prompt, .len = len};
    if (parent)
        asked.parent = *parent;
    return can_ask(app, prompt, len) && start(app, &asked, sampling, true);
}

/* All samples of one target. */
static size_t ask_target(struct app *app, const struct asked *group,
                         const struct ask_target *target, const struct endpoint *endpoint,
                         int samples, const struct sampling *sampling)
{
    struct sampling chosen = {0};
    size_t count = 0;
    bool is_ours = !strcmp(endpoint->name, app->endpoint.name);
    sampling_copy(&chosen, sampling ? sampling : &app->session.sampling);
    if (target->model || !is_ours)
        setting_text(&chosen.model,
                     target->model ? target->model : endpoint->defaults.model);
    else if (!chosen.model)
        setting_text(&chosen.model, app->session.sampling.model);
    for (int sample = 0; sample < samples; sample++) {
        struct asked asked = *group;
        asked.endpoint = endpoint;
        asked.sample = sample;
        bool is_head = id_is_zero(&group->parent) && !sample;
        if (!is_head) {
            asked.parent = group->id;
            asked.id = (struct id){0};
        }
        if (start(app, &asked, &chosen, is_head))
            count++;
        else if (is_head)
            break; /* the others would have no parent */
    }
    sampling_clear(&chosen);
    return count;
}

/* What is asked of each; the first record is shown, and is the parent of the others. */
static size_t ask_group(struct app *app, const struct asked *what,
                        const struct ask_target *targets, size_t count, int samples,
                        const struct sampling *sampling)
{
    struct endpoint *endpoints = xcalloc(count + 1, sizeof *endpoints);
    struct err err = {0};
    size_t asked_count = 0;
    for (size_t i = 0; i < count && !err.code; i++)
        (void)complete_endpoint(app, targets[i].endpoint, &endpoints[i], &err);
    struct asked group = *what;
    id_random(&group.id);
    if (err.code)
        app_notify_err(app, &err);
    for (size_t i = 0; i < count && !err.code && (!i || asked_count); i++) {
        asked_count +=
            ask_target(app, &group, &targets[i], &endpoints[i], samples, sampling);
        group.parent = group.id;
    }
    if (asked_count > 1)
        app_notify(app, NOTICE_INFO,
                   "%zu answers are asked for; %s puts them side by side.", asked_count,
                   app_key_name(app, ACTION_COMPARE).text);
    for (size_t i = 0; i < count; i++)
        endpoint_clear(&endpoints[i]);
    free(endpoints);
    return asked_count;
}

struct ask_target *app_marked_targets(const struct app *app, size_t *count)
{
    const struct session *session = &app->session;
    struct ask_target *targets = xcalloc(session->marked_count + 1, sizeof *targets);
    for (size_t i = 0; i < session->marked_count; i++)
        targets[i] =
            (struct ask_target){session->marked[i].endpoint, session->marked[i].model};
    *count = session->marked_count;
    return targets;
}

size_t app_ask_many(struct app *app, const char *prompt, size_t len,
                    const struct ask_target *targets, size_t count, int samples,
                    const struct sampling *sampling)
{
    struct asked asked = {.prompt = prompt, .len = len};
    return can_ask(app, prompt, len)
               ? ask_group(app, &asked, targets, count, samples, sampling)
               : 0;
}

/* ---- a conversation ---- */

/* What asked borrows while it is asked. */
struct talk {
    struct llm_messages messages;
    char *json;
    struct buf text; /* as people read it */
};

static void talk_put(struct talk *talk, const json_t *messages, enum endpoint_kind kind,
                     struct asked *asked)
{
    size_t i;
    const json_t *message;
    *talk = (struct talk){.json = json_print(messages)};
    conversation_write(messages, &talk->text);
    asked->prompt = buf_text(&talk->text);
    asked->len = talk->text.len;
    asked->conversation = talk->json;
    if (kind == ENDPOINT_OPENAI_COMPLETIONS && json_array_size(messages) > 1) {
        /* it only goes on with a text: with what comes after this */
        char *text = xasprintf("%s\n\nAssistant:", asked->prompt);
        llm_messages_add(
            &talk->messages,
            &(struct llm_message){.role = "user", .text = text, .len = strlen(text)});
        free(text);
    } else {
        json_array_foreach(messages, i, message)
        {
            const char *role = json_get_text(message, "role", NULL);
            struct llm_message item = {.role = role ? role : "user"};
            item.text = json_get_text(message, "content", &item.len);
            llm_messages_add(&talk->messages, &item);
        }
    }
    asked->messages = talk->messages.items;
    asked->message_count = talk->messages.count;
}

static void talk_clear(struct talk *talk)
{
    llm_messages_clear(&talk->messages);
    free(talk->json);
    buf_clear(&talk->text);
}

static bool can_ask_on(struct app *app, const struct record *record)
{
    size_t len;
    const char *text = session_record_response(&app->session, record, &len);
    if (session_stream(&app->session, &record->id) ||
        session_is_elsewhere(&app->session, record))
        app_notify(app, NOTICE_INFO, "The answer is still being written.");
    else if (utf8_is_blank(text, len))
        app_notify(app, NOTICE_INFO, "There is no answer to ask on from: %s asks again.",
                   app_key_name(app, ACTION_REGENERATE).text);
    else
        return true;
    return false;
}

bool app_ask_on(struct app *app, const struct id *id, const char *text, size_t len,
                const struct ask_target *targets, size_t count,
                const struct sampling *sampling)
{
    const struct dataset *dataset = &app->session.dataset;
    struct record record = {0};
    struct endpoint endpoint = {0};
    struct err err = {0}, gone = {0};
    struct asked asked = {0};
    struct talk talk;
    size_t answer_len;
    bool is_asked = false;
    if (!can_ask(app, text, len))
        return false;
    if (store_get_record(app->store, id, &record, &err) != STATUS_OK) {
        app_notify_err(app, &err);
        return false;
    }
    unsaved_lay_over(app, &record);
    const struct completion *completion = &record.completion;
    const char *answer = session_record_response(&app->session, &record, &answer_len);
    if (can_ask_on(app, &record)) {
        /* by who wrote the last answer, unless that endpoint is not known any more */
        bool is_known =
            record.has_completion && completion->endpoint &&
            complete_endpoint(app, completion->endpoint, &endpoint, &gone) == STATUS_OK;
        json_t *messages = conversation_of(&record, dataset);
        conversation_add(messages, "assistant", answer, answer_len);
        conversation_add(messages, "user", text, len);
        enum endpoint_kind kind = count      ? ENDPOINT_OPENAI_CHAT
                                  : is_known ? endpoint.kind
                                             : app->endpoint.kind;
        talk_put(&talk, messages, kind, &asked);
        if (!count && is_known) {
            asked.endpoint = &endpoint;
            sampling = sampling ? sampling : &completion->sampling;
        }
        is_asked = count > 0 ? ask_group(app, &asked, targets, count, 1, sampling) > 0
                             : start(app, &asked, sampling, true);
        talk_clear(&talk);
        json_decref(messages);
    }
    endpoint_clear(&endpoint);
    record_clear(&record);
    return is_asked;
}

bool app_regenerate(struct app *app)
{
    const struct session *session = &app->session;
    const struct record *current = &session->current;
    if (!session->has_current) {
        current_say_empty(app);
        return false;
    }
    if (session_stream(session, &current->id)) {
        app_notify(app, NOTICE_INFO, "This answer still streams; %s stops it.",
                   app_key_name(app, ACTION_CANCEL).text);
        return false;
    }
    if (session_is_elsewhere(session, current)) {
        app_notify(app, NOTICE_INFO, "Another sherd is writing this answer.");
        return false;
    }
    if (!app_can_ask(app))
        return false;
    /* asked again in place when there is nothing that a sibling would stand beside */
    bool is_in_place = !session_has_answer(session, current) && !current->remote_id &&
                       (current->response.status == RESPONSE_PENDING ||
                        current->response.status == RESPONSE_DRAFT);
    struct asked asked = {.parent = current->completion.parent};
    struct talk talk;
    json_t *messages = conversation_of(current, &session->dataset);
    talk_put(&talk, messages, app->endpoint.kind, &asked);
    if (json_array_size(messages) == 1) { /* a prompt and no more */
        asked.messages = NULL;
        asked.conversation = NULL;
    }
    if (is_in_place) {
        asked.id = current->id;
        asked.sample = current->completion.sample;
    } else if (id_is_zero(&asked.parent)) {
        asked.parent = current->id;
    }
    bool is_asked = start(app, &asked, NULL, true);
    json_decref(messages);
    talk_clear(&talk);
    return is_asked;
}

bool app_cancel(struct app *app)
{
    const struct session *session = &app->session;
    if (!session->has_current || !session_stream(session, &session->current.id)) {
        app_notify(app, NOTICE_INFO, "No answer streams into this record.");
        return false;
    }
    struct id record = session->current.id;
    complete_cancel(app, &record);
    return true;
}

/* ---- what was typed before: prompts, commands, searches ---- */

enum { MAX_PROMPTS = 200, MAX_LINES = 200 };

static void clear_texts(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct texts){0};
}

void history_clear(struct app *app)
{
    clear_texts(&app->prompts);
    clear_texts(&app->lines[LINES_COMMANDS]);
    clear_texts(&app->lines[LINES_SEARCHES]);
}

void app_put_prompt_away(struct app *app, const char *text)
{
    bool is_empty = *text == '\0';
    if (app_keep_prompt(app, text) && !is_empty)
        unsaved_say_saved(app, "The prompt is kept for later.");
}

char *app_kept_prompt(struct app *app)
{
    static const struct id none = {{0}};
    const struct unsaved *item = unsaved_find(app, &none, UNSAVED_PROMPT);
    size_t left = 0;
    char *text = item && *item->text ? xstrdup(item->text)
                                     : store_take_note(app->store, "prompt", &left);
    if (left)
        app_notify(app, NOTICE_INFO,
                   "%zu more prompt%s left unsent: the next one comes when this one is "
                   "sent or cleared.",
                   left, left == 1 ? " was" : "s were");
    return text ? text : xstrdup("");
}

char *const *app_former_prompts(struct app *app, size_t *count)
{
    struct err err = {0};
    clear_texts(&app->prompts);
    if (store_list_prompts(app->store, MAX_PROMPTS, &app->prompts.items,
                           &app->prompts.count, &err) != STATUS_OK) {
        app->prompts = (struct texts){0};
        app_notify_err(app, &err);
    }
    *count = app->prompts.count;
    return app->prompts.items;
}

static void add_line(struct texts *texts, const char *line, size_t len)
{
    texts->items = xreallocarray(texts->items, texts->count + 1, sizeof *texts->items);
    texts->items[texts->count++] = xmemdup0(line, len);
}

static const char *const line_notes[] = {"commands", "searches"};

/* One note, one line each, newest first. */
char *const *app_former_lines(struct app *app, enum lines_kind kind, size_t *count)
{
    struct texts *texts = &app->lines[kind];
    char *note = texts->items ? NULL : store_get_note(app->store, line_notes[kind]);
    if (!texts->items)
        texts->items = xcalloc(1, sizeof *texts->items);
    for (const char *at = note; at && *at;) {
        size_t len = strcspn(at, "\n");
        add_line(texts, at, len);
        at += len + (at[len] == '\n');
    }
    free(note);
    *count = texts->count;
    return texts->items;
}

void app_keep_line(struct app *app, enum lines_kind kind, const char *text)
{
    struct texts fresh = {0};
    struct buf note = {0};
    size_t count;
    if (!*text || strchr(text, '\n'))
        return;
    char *const *former = app_former_lines(app, kind, &count);
    add_line(&fresh, text, strlen(text));
    for (size_t i = 0; i < count && fresh.count < MAX_LINES; i++)
        if (strcmp(former[i], text) != 0)
            add_line(&fresh, former[i], strlen(former[i]));
    clear_texts(&app->lines[kind]);
    app->lines[kind] = fresh;
    for (size_t i = 0; i < fresh.count; i++)
        buf_addf(&note, "%s\n", fresh.items[i]);
    if (store_put_note(app->store, line_notes[kind], buf_text(&note), NULL) == STATUS_OK)
        unsaved_committed(app, false); /* a line that is forgotten loses nothing */
    buf_clear(&note);
}
