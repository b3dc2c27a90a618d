/* SPDX-License-Identifier: MIT
 *
 * id - identifiers, UUIDs: random (v4) and by name (v5). Source: RFC 9562.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_TEXT 37 /* 36 characters and a NUL */

struct id {
    uint8_t bytes[16];
};

void id_random(struct id *id);
/* The same bytes under the same parent give the same id, on every machine. */
void id_by_name(struct id *id, const struct id *parent, const void *name, size_t len);
void id_format(const struct id *id, char out[ID_TEXT]);
/* The same, to be used where it is made: id_text(id).text. */
struct id_text {
    char text[ID_TEXT];
};
struct id_text id_text(const struct id *id);
bool id_parse(const char *text, struct id *id);
bool id_equal(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);

#endif
