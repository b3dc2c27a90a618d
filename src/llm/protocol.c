/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "llm/protocol.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "net/url.h"

const struct protocol *protocol_find(enum endpoint_kind kind)
{
    static const struct protocol *const all[] = {&protocol_openai_chat};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->kind == kind)
            return all[i];
    return all[0];
}

char *protocol_url(const struct endpoint *endpoint, const char *path)
{
    const char *base = endpoint->base_url ? endpoint->base_url : "";
    size_t len = strcspn(base, "?");
    char *front = xmemdup0(base, len);
    char *joined = url_join(front, path);
    char *url = xasprintf("%s%s", joined, base + len);
    free(front);
    free(joined);
    return url;
}
