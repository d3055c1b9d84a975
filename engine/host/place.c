/* SPDX-License-Identifier: Apache-2.0 */
/* place.c: where things are in the state folder, and changing them so that a crash does no harm. */
#include "host/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "host/error.h"

char *place_path(const clutch_engine *engine, const char *format, ...)
{
    char *tail, *path;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&tail, format, arguments);
    va_end(arguments);
    if (length < 0)
        return NULL;
    if (asprintf(&path, "%s/%s", engine->state_dir, tail) < 0)
        path = NULL;
    free(tail);
    return path;
}

int place_make_folder(const char *path, bool again)
{
    if (mkdir(path, 0700) != 0 && !(again && errno == EEXIST))
        return -1;
    return chmod(path, 0700); /* the umask takes bits away */
}

static int fail(clutch_error *error, const char *path)
{
    int fault = errno;
    return error_set(error, fault == EMFILE || fault == ENFILE ? CLUTCH_E_SYSTEM : CLUTCH_E_DISK, fault,
                     "writing %s", path);
}

static bool passing_name(const char *path, char name[PATH_MAX])
{
    if (snprintf(name, PATH_MAX, "%s.new", path) < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

int place_begin(const char *path, clutch_error *error)
{
    char name[PATH_MAX];
    if (!passing_name(path, name))
        return fail(error, path);
    unlink(name);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 ? fd : fail(error, path);
}

int place_sync(const char *path)
{
    OWN_MEMORY char *folder = strdup(path);
    if (!folder)
        return -1;
    *strrchr(folder, '/') = 0;
    OWN_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fsync(fd) : -1;
}

int place_finish(const char *path, int fd, clutch_error *error)
{
    char name[PATH_MAX];
    if (!passing_name(path, name))
        return fail(error, path);
    if (fsync(fd) == 0 && rename(name, path) == 0 && place_sync(path) == 0)
        return 0;
    int code = fail(error, path);
    unlink(name);
    return code;
}

void place_abandon(const char *path)
{
    char name[PATH_MAX];
    if (passing_name(path, name))
        unlink(name);
}
