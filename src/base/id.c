/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/id.h"

#include <string.h>

#include <uuid/uuid.h>

void id_random(struct id *id)
{
    uuid_generate_random(id->bytes);
}

void id_by_name(struct id *id, const struct id *parent, const void *name, size_t len)
{
    uuid_generate_sha1(id->bytes, parent->bytes, name, len);
}

void id_format(const struct id *id, char out[ID_TEXT])
{
    uuid_unparse_lower(id->bytes, out);
}

struct id_text id_text(const struct id *id)
{
    struct id_text out = {""};
    id_format(id, out.text);
    return out;
}

bool id_parse(const char *text, struct id *id)
{
    return uuid_parse(text, id->bytes) == 0;
}

bool id_equal(const struct id *a, const struct id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool id_is_zero(const struct id *id)
{
    static const struct id zero;
    return id_equal(id, &zero);
}
