/* SPDX-License-Identifier: MIT
 *
 * entity - what an HTML entity stands for. Source: the HTML standard's list, the
 * part of it that people write.
 */
#ifndef TEXT_ENTITY_H
#define TEXT_ENTITY_H

#include <stddef.h>

#define ENTITY_MAX 4 /* bytes */

/* Decodes "&amp;", "&#233;" or "&#xE9;" to UTF-8; returns the bytes, 0 when the
 * entity is not known. */
size_t entity_decode(const char *text, size_t len, char out[ENTITY_MAX]);

#endif
