/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/memory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct lesson {
    char *url;
    char *model; /* "" = none was named */
    unsigned flags;
    bool has_flags;
    char *first_model; /* that the endpoint offers; only where model is ""; NULL */
};

struct llm_memory {
    size_t running;
    struct lesson *lessons;
    size_t count;
};

struct llm_memory *llm_memory_new(void)
{
    return xcalloc(1, sizeof(struct llm_memory));
}

void llm_memory_free(struct llm_memory *memory)
{
    if (!memory)
        return;
    for (size_t i = 0; i < memory->count; i++) {
        free(memory->lessons[i].url);
        free(memory->lessons[i].model);
        free(memory->lessons[i].first_model);
    }
    free(memory->lessons);
    free(memory);
}

void llm_memory_begin(struct llm_memory *memory)
{
    if (memory)
        memory->running++;
}

void llm_memory_end(struct llm_memory *memory)
{
    if (memory)
        memory->running--;
}

bool llm_memory_is_alone(const struct llm_memory *memory)
{
    return !memory || memory->running <= 1;
}

static struct lesson *find(const struct llm_memory *memory,
                           const struct endpoint *endpoint, const char *model)
{
    const char *url = endpoint->base_url ? endpoint->base_url : "";
    for (size_t i = 0; i < memory->count; i++) {
        struct lesson *lesson = &memory->lessons[i];
        if (!strcmp(lesson->url, url) && !strcmp(lesson->model, model ? model : ""))
            return lesson;
    }
    return NULL;
}

bool llm_memory_find(const struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model, unsigned *flags)
{
    const struct lesson *lesson = memory ? find(memory, endpoint, model) : NULL;
    if (!lesson || !lesson->has_flags)
        return false;
    *flags = lesson->flags;
    return true;
}

static struct lesson *find_or_add(struct llm_memory *memory,
                                  const struct endpoint *endpoint, const char *model)
{
    struct lesson *lesson = find(memory, endpoint, model);
    if (lesson)
        return lesson;
    memory->lessons =
        xreallocarray(memory->lessons, memory->count + 1, sizeof *memory->lessons);
    lesson = &memory->lessons[memory->count++];
    *lesson =
        (struct lesson){.url = xstrdup(endpoint->base_url ? endpoint->base_url : ""),
                        .model = xstrdup(model ? model : "")};
    return lesson;
}

void llm_memory_keep(struct llm_memory *memory, const struct endpoint *endpoint,
                     const char *model, unsigned flags)
{
    if (!memory)
        return;
    struct lesson *lesson = find_or_add(memory, endpoint, model);
    lesson->flags = flags;
    lesson->has_flags = true;
}

const char *llm_memory_model(const struct llm_memory *memory,
                             const struct endpoint *endpoint)
{
    const struct lesson *lesson = memory ? find(memory, endpoint, NULL) : NULL;
    return lesson ? lesson->first_model : NULL;
}

void llm_memory_keep_model(struct llm_memory *memory, const struct endpoint *endpoint,
                           const char *model)
{
    if (!memory)
        return;
    struct lesson *lesson = find_or_add(memory, endpoint, NULL);
    free(lesson->first_model);
    lesson->first_model = xstrdup_or_null(model);
}
