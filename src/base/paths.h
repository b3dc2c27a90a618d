/* SPDX-License-Identifier: MIT
 *
 * paths - where the user's files are: the XDG base directories.
 * Source: XDG Base Directory Specification 0.8.
 */
#ifndef BASE_PATHS_H
#define BASE_PATHS_H

#include "base/err.h"

/* $VARIABLE/sherd/NAME, such as XDG_DATA_HOME; without it fallback (".local/share") in
 * the home directory. Owned by the caller. */
char *paths_xdg(const char *variable, const char *fallback, const char *name);
/* dir "/" name; name alone when it is absolute. Owned. */
char *paths_join(const char *dir, const char *name);
/* "~/x" in the home directory, anything else as it is. Owned. */
char *paths_expand(const char *path);

/* Creates the directory that holds path, and those above it, mode 0700. */
enum status paths_make_parent(const char *path, struct err *err)
    __attribute__((warn_unused_result));

#endif
