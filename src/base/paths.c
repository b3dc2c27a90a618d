/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/paths.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"

static const char *home(void)
{
    const char *dir = getenv("HOME");
    if (dir && dir[0] == '/')
        return dir;
    const struct passwd *entry = getpwuid(getuid());
    return entry && entry->pw_dir ? entry->pw_dir : "/";
}

char *paths_xdg(const char *variable, const char *fallback, const char *name)
{
    const char *base = getenv(variable);
    if (base && base[0] == '/') /* the specification: a relative path is ignored */
        return xasprintf("%s/sherd/%s", base, name);
    return xasprintf("%s/%s/sherd/%s", home(), fallback, name);
}

char *paths_join(const char *dir, const char *name)
{
    return name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", dir, name);
}

char *paths_expand(const char *path)
{
    return strncmp(path, "~/", 2) ? xstrdup(path) : paths_join(home(), path + 2);
}

enum status paths_make_parent(const char *path, struct err *err)
{
    char *copy = xstrdup(path);
    enum status status = STATUS_OK;
    for (char *slash = strchr(copy + 1, '/'); slash && status == STATUS_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) && errno != EEXIST)
            status = err_set(err, STATUS_IO, "The directory %s cannot be made: %s.", copy,
                             strerror(errno));
        *slash = '/';
    }
    free(copy);
    return status;
}
