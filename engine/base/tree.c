/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c: removing a folder and all below it without ever leaving it. */
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* A folder that its owner made unreadable still has to go. The change of mode goes through the open
 * folder, since the name may have become a link to something else by now. */
static void make_accessible(int dirfd, const char *name)
{
    OWN_FD int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd >= 0)
        (void)!chmod(path, 0700);
}

static int open_folder(int dirfd, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    int fd = openat(dirfd, name, flags);
    if (fd < 0 && errno == EACCES) {
        make_accessible(dirfd, name);
        fd = openat(dirfd, name, flags);
    }
    return fd;
}

/* A tree of any depth is flattened step by step: a folder found below `top` is first moved into
 * `top` itself under a free number, then emptied there. So neither the stack nor the descriptors
 * grow with the depth of a hostile tree. */
static int lift(int top, int folder, const char *name, unsigned long *number)
{
    make_accessible(folder, name);
    for (int attempts = 0; attempts < 1000; attempts++) {
        char lifted[32];
        snprintf(lifted, sizeof lifted, ".clutch-%lu", (*number)++);
        if (renameat2(folder, name, top, lifted, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

/* Empties the folder fd: files go, folders are lifted into top, or emptied in place when fd is top's
 * child already. Returns how many entries went or moved, and notes the first error. */
static int empty(int top, int fd, unsigned long *number, int *error)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries) {
        if (copy >= 0)
            close(copy);
        *error = *error ? *error : errno;
        return 0;
    }
    rewinddir(entries);
    int progress = 0;
    struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (is_dots(entry->d_name))
            continue;
        if (unlinkat(fd, entry->d_name, 0) == 0 || unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0 ||
            (fd != top && lift(top, fd, entry->d_name, number) == 0))
            progress++;
        else if (fd != top && !*error)
            *error = errno;
    }
    closedir(entries);
    return progress;
}

/* One pass over top: empties and removes each folder in it. */
static int pass(int top, dev_t device, unsigned long *number, int *error)
{
    int progress = empty(top, top, number, error);
    int copy = fcntl(top, F_DUPFD_CLOEXEC, 0);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries) {
        if (copy >= 0)
            close(copy);
        return progress;
    }
    rewinddir(entries);
    struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (is_dots(entry->d_name))
            continue;
        OWN_FD int fd = open_folder(top, entry->d_name);
        struct stat about;
        if (fd < 0 || fstat(fd, &about) != 0) {
            *error = *error ? *error : errno;
            continue;
        }
        if (about.st_dev != device) {
            *error = *error ? *error : EXDEV;
            continue;
        }
        fchmod(fd, 0700);
        progress += empty(top, fd, number, error);
        if (unlinkat(top, entry->d_name, AT_REMOVEDIR) == 0)
            progress++;
    }
    closedir(entries);
    return progress;
}

int tree_remove(int dirfd, const char *name)
{
    if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
        return 0;
    if (errno == ENOTDIR)
        return unlinkat(dirfd, name, 0);
    if (errno != ENOTEMPTY && errno != EEXIST)
        return -1;
    OWN_FD int top = open_folder(dirfd, name);
    struct stat about;
    if (top < 0 || fstat(top, &about) != 0)
        return -1;
    fchmod(top, 0700);
    unsigned long number = 0;
    int error = 0;
    while (pass(top, about.st_dev, &number, &error) > 0) {
        if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
            return 0;
    }
    if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
        return 0;
    errno = error ? error : errno;
    return -1;
}

int tree_empty(int dirfd, const char *name)
{
    OWN_FD int top = open_folder(dirfd, name);
    struct stat about;
    if (top < 0 || fstat(top, &about) != 0)
        return -1;
    unsigned long number = 0;
    int error = 0;
    while (pass(top, about.st_dev, &number, &error) > 0)
        continue;
    errno = error;
    return error ? -1 : 0;
}
