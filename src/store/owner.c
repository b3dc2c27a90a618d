/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/xalloc.h"

#define START_FIELD 22 /* of /proc/PID/stat, proc(5): ticks from boot to start */

static size_t read_file(const char *path, char *out, size_t size)
{
    ssize_t len = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, out, size - 1);
        close(fd);
    }
    out[len > 0 ? len : 0] = '\0';
    return len > 0 ? (size_t)len : 0;
}

/* "-" where the system does not say. */
static void read_boot(char out[ID_TEXT])
{
    if (read_file("/proc/sys/kernel/random/boot_id", out, ID_TEXT) != ID_TEXT - 1)
        memcpy(out, "-", 2);
}

/* 0 where the system does not say. */
static unsigned long long read_start(long pid)
{
    char path[64], stat[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (!read_file(path, stat, sizeof stat))
        return 0;
    /* The name of the program, field 2, may hold blanks and brackets. */
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < START_FIELD; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

char *owner_new(void)
{
    char boot[ID_TEXT], token[ID_TEXT];
    struct id id;
    read_boot(boot);
    id_random(&id);
    id_format(&id, token);
    long pid = (long)getpid();
    return xasprintf("%s %ld %llu %s", boot, pid, read_start(pid), token);
}

/* owner is "BOOT PID START TOKEN". */
static bool still_runs(const char *owner)
{
    char boot[ID_TEXT];
    read_boot(boot);
    size_t len = strlen(boot);
    if (strncmp(owner, boot, len) != 0 || owner[len] != ' ')
        return false; /* before the last boot */
    char *end;
    long pid = strtol(owner + len + 1, &end, 10);
    if (pid <= 0 || pid == (long)getpid())
        return false;
    if (kill((pid_t)pid, 0) && errno == ESRCH)
        return false;
    return strtoull(end, NULL, 10) == read_start(pid);
}

bool owner_is_alive(const char *owner, const char *self)
{
    return owner && (strcmp(owner, self) == 0 || still_runs(owner));
}
