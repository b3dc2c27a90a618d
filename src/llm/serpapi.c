/* SPDX-License-Identifier: MIT
 *
 * serpapi - a web search through SerpAPI, and what of its reply is the answer: looked for
 * in the order of LangChain's wrapper. Source: llm-protocols.md §2.3. The demo's search,
 * too.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "llm/tool_parts.h"
#include "net/url.h"

#define SERPAPI_URL "https://serpapi.com/search.json"
#define NO_RESULT "No good search result found"

char *serpapi_url(const struct tool_settings *settings, const char *query)
{
    const char *base = settings->url ? settings->url : SERPAPI_URL;
    char *q = url_escape(query);
    char *key = url_escape(settings->key.text ? settings->key.text : "");
    char *url = xasprintf("%s%cengine=google&google_domain=google.com&gl=us&hl=en&output="
                          "json&q=%s&api_key=%s",
                          base, strchr(base, '?') ? '&' : '?', q, key);
    explicit_bzero(key, strlen(key));
    free(q);
    free(key);
    return url;
}

/* ---- what of it is the answer ---- */

static bool is_link(const char *text)
{
    return !strncasecmp(text, "http://", 7) || !strncasecmp(text, "https://", 8);
}

static void add_line(struct buf *out, const char *text)
{
    if (out->len && *text)
        buf_add_byte(out, '\n');
    buf_add_text(out, text);
}

/* Any value in words: objects as "key: value, …" without addresses and pictures. */
static void add_value(struct buf *out, json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    bool is_first = true;
    if (json_is_string(value)) {
        buf_add_text(out, json_string_value(value));
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, member)
        {
            buf_add_text(out, i ? ", " : "");
            add_value(out, member);
        }
    } else if (json_is_object(value)) {
        json_object_foreach(value, key, member)
        {
            const char *text = json_string_value(member);
            bool is_noise = (text && is_link(text)) || strstr(key, "link") ||
                            strstr(key, "thumbnail") || json_is_null(member);
            if (is_noise)
                continue;
            buf_addf(out, "%s%s: ", is_first ? "" : ", ", key);
            add_value(out, member);
            is_first = false;
        }
    } else if (value) {
        char *text = json_print(value);
        buf_add_text(out, text);
        free(text);
    }
}

/* The first so many of a list, a line each. */
static bool add_list(struct buf *out, json_t *list, size_t most)
{
    size_t before = out->len;
    for (size_t i = 0; i < json_array_size(list) && i < most; i++) {
        struct buf line = {0};
        add_value(&line, json_array_get(list, i));
        add_line(out, buf_text(&line));
        buf_clear(&line);
    }
    return out->len > before;
}

static bool read_box(struct buf *out, const json_t *root)
{
    static const char *const members[] = {"result", "answer", "snippet",
                                          "snippet_highlighted_words"};
    json_t *box = json_object_get(root, "answer_box_list"), *member;
    const char *key;
    if (!box)
        box = json_object_get(root, "answer_box");
    if (json_is_array(box))
        box = json_array_get(box, 0);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        member = json_object_get(box, members[i]);
        if (!member || json_is_null(member))
            continue;
        add_value(out, member);
        return true;
    }
    json_object_foreach(box, key, member)
    { /* what is plain in it */
        const char *text = json_string_value(member);
        if (json_is_object(member) || json_is_array(member) || json_is_null(member) ||
            (text && is_link(text)))
            continue;
        buf_addf(out, "%s%s: ", out->len ? ", " : "", key);
        add_value(out, member);
    }
    return out->len > 0;
}

/* Kinds of results that are told as they are, each in the place where Google has it. */
static bool read_special(struct buf *out, const json_t *root)
{
    static const struct {
        const char *name, *inside;
        size_t most;
    } rows[] = {
        {"events_results", NULL, 10},        {"sports_results", NULL, 1},
        {"top_stories", NULL, 10},           {"news_results", NULL, 10},
        {"jobs_results", "jobs", 10},        {"shopping_results", NULL, 3},
        {"questions_and_answers", NULL, 10}, {"popular_destinations", "destinations", 10},
        {"top_sights", "sights", 10}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *found = json_object_get(root, rows[i].name);
        if (rows[i].inside)
            found = json_object_get(found, rows[i].inside);
        if (json_is_object(found)) {
            add_value(out, found);
            return true;
        }
        if (!strcmp(rows[i].name, "shopping_results") &&
            !json_object_get(json_array_get(found, 0), "title"))
            continue;
        if (add_list(out, found, rows[i].most))
            return true;
    }
    const json_t *images = json_object_get(root, "images_results");
    for (size_t i = 0; i < json_array_size(images) && i < 10; i++) {
        const char *thumbnail =
            json_get_text(json_array_get(images, i), "thumbnail", NULL);
        add_line(out, thumbnail ? thumbnail : "");
    }
    return out->len > 0;
}

static void read_knowledge(struct buf *out, json_t *graph)
{
    const char *title = json_get_text(graph, "title", NULL), *key;
    const char *description = json_get_text(graph, "description", NULL);
    json_t *member;
    add_line(out, description ? description : "");
    json_object_foreach(graph, key, member)
    {
        size_t len = strlen(key);
        const char *text = json_string_value(member);
        bool is_told = !strcmp(key, "title") || !strcmp(key, "description") ||
                       (len > 6 && !strcmp(key + len - 6, "_stick")) ||
                       (len > 5 && !strcmp(key + len - 5, "_link"));
        if (!text || is_told || is_link(text))
            continue;
        char *line = xasprintf("%s %s: %s.", title ? title : "", key, text);
        add_line(out, line);
        free(line);
    }
}

/* "Google hasn't returned any results" is told as an error, and is none. */
static bool read_error(struct buf *out, const json_t *root, long code)
{
    const char *error = json_get_text(root, "error", NULL);
    if (!error && code < 400)
        return false;
    if (error && code < 400 && strstr(error, "returned any results"))
        buf_add_text(out, NO_RESULT);
    else if (error)
        buf_addf(out, "SerpAPI answered: %s", error);
    else
        buf_addf(out, "SerpAPI answered with HTTP %ld.", code);
    return true;
}

bool serpapi_read(const struct http_reply *reply, struct buf *out)
{
    if (reply->status != STATUS_OK) {
        buf_addf(out, "The search failed: %s", reply->err.text);
        return false;
    }
    json_t *root = json_parse(reply->body, reply->body_len, NULL);
    bool is_error = read_error(out, root, reply->code);
    bool is_fine = !is_error || !strcmp(buf_text(out), NO_RESULT);
    if (!is_error && !json_is_object(root)) {
        buf_add_text(out, "The search failed: what came is no JSON.");
        is_fine = false;
    } else if (!is_error && !read_box(out, root) && !read_special(out, root)) {
        json_t *local = json_object_get(root, "local_results");
        json_t *guide = json_pack("[O*]", json_object_get(root, "buying_guide"));
        read_knowledge(out, json_object_get(root, "knowledge_graph"));
        const json_t *results = json_object_get(root, "organic_results");
        static const char *const members[] = {"snippet", "snippet_highlighted_words",
                                              "rich_snippet", "rich_snippet_table",
                                              "link"};
        for (size_t i = 0; i < json_array_size(results); i++) {
            const json_t *result = json_array_get(results, i);
            json_t *member = NULL;
            for (size_t j = 0; j < sizeof members / sizeof *members && !member; j++)
                member = json_object_get(result, members[j]);
            struct buf line = {0};
            add_value(&line, member);
            add_line(out, buf_text(&line));
            buf_clear(&line);
        }
        add_list(out, guide, 1);
        json_decref(guide);
        add_list(out, json_is_array(local) ? local : json_object_get(local, "places"),
                 10);
        if (!out->len)
            buf_add_text(out, NO_RESULT);
    }
    json_decref(root);
    return is_fine;
}

/* ---- the demo's ---- */

const char *canned_search(const char *query)
{
    static const struct {
        const char *words[3]; /* all of them stand in the query */
        const char *page;
    } pages[] = {
        {{"first president", NULL},
         "George Washington (February 22, 1732 – December 14, 1799) was an American "
         "Founding Father and the first president of the United States, serving from "
         "1789 to 1797."},
        {{"bieber", "born", NULL},
         "Justin Drew Bieber, born March 1, 1994, is a Canadian singer."},
        {{"super bowl", "1994", NULL},
         "Super Bowl XXVIII was played on January 30, 1994. The Dallas Cowboys defeated "
         "the Buffalo Bills, 30–13."},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        bool has_all = true;
        for (size_t j = 0; pages[i].words[j]; j++)
            has_all = has_all && strcasestr(query, pages[i].words[j]);
        if (has_all)
            return pages[i].page;
    }
    return NO_RESULT;
}
