/* SPDX-License-Identifier: Apache-2.0 */
/* copy.c: copying a folder that a sandbox fills, sharing the disk's blocks where that can be done. */
#include "host/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/full.h"
#include "base/own.h"
#include "host/error.h"

enum { CHUNK_BYTES = 1 << 20 };

static const char what[] = "the copy of";

struct copying {
    int folders[WALK_DEPTH + 1]; /* of the copy, those that hold what is visited */
    uint64_t maximum;
    struct copy_report *report;
    char *chunk; /* where the kernel does not copy by itself */
};

bool copy_is_cheap(int folder)
{
    OWN_FD int from = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    OWN_FD int to = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return from >= 0 && to >= 0 && pwrite(from, "x", 1, 0) == 1 && ioctl(to, FICLONE, from) == 0;
}

/* ---- Files ---- */

/* Returns how much was copied, 0 at the end of a file that has shrunk, -1 on an error. */
static ssize_t copy_some(struct copying *copying, int from, int to, off_t at, size_t length)
{
    off_t in = at, out = at;
    ssize_t got = copy_file_range(from, &in, to, &out, length, 0);
    if (got >= 0 || (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP &&
                     errno != EPERM))
        return got;
    if (!copying->chunk && !(copying->chunk = malloc(CHUNK_BYTES)))
        return -1;
    do
        got = pread(from, copying->chunk, length < CHUNK_BYTES ? length : CHUNK_BYTES, at);
    while (got < 0 && errno == EINTR);
    if (got > 0 && full_pwrite(to, copying->chunk, (size_t)got, at) != 0)
        return -1;
    return got;
}

static int too_large(const struct copying *copying, clutch_error *error)
{
    if (!copying->maximum)
        return error_set(error, CLUTCH_E_TOO_LARGE, 0, "the file system cannot share the files' blocks");
    return error_set(error, CLUTCH_E_TOO_LARGE, 0, "the working folder has more than %llu bytes to copy",
                     (unsigned long long)copying->maximum);
}

/* The data from at to end, which has no hole as far as the file system says. */
static int copy_extent(struct copying *copying, const struct walk_entry *file, int to, off_t at, off_t end,
                       clutch_error *error)
{
    while (at < end) {
        uint64_t left = copying->maximum - copying->report->bytes, wanted = (uint64_t)(end - at);
        if (!left)
            return too_large(copying, error);
        wanted = wanted < left ? wanted : left;
        ssize_t got = copy_some(copying, file->fd, to, at, wanted < 1 << 30 ? wanted : 1 << 30);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return walk_fail(error, errno, what, file->path);
        if (got == 0)
            break;
        at += got;
        copying->report->bytes += (uint64_t)got;
    }
    return 0;
}

/* What the file had when it was opened; what is added meanwhile is not waited for. */
static int copy_data(struct copying *copying, const struct walk_entry *file, int to, clutch_error *error)
{
    off_t size = file->about.st_size, at = 0;
    if (size == 0)
        return 0;
    if (ioctl(to, FICLONE, file->fd) == 0)
        return 0;
    copying->report->cheap = false;
    if (ftruncate(to, size) != 0)
        return walk_fail(error, errno, what, file->path);
    while (at < size) {
        off_t data = lseek(file->fd, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            break; /* a hole to the end */
        off_t hole = data < 0 ? -1 : lseek(file->fd, data, SEEK_HOLE);
        if (data < 0 || hole < 0 || hole <= data) { /* holes are not told here */
            data = at;
            hole = size;
        }
        if (hole > size)
            hole = size;
        int code = data < hole ? copy_extent(copying, file, to, data, hole, error) : 0;
        if (code)
            return code;
        at = hole;
    }
    return 0;
}

/* As it was: but for what would give its owner's power away, or what this process may not give. */
static void copy_about(int fd, const struct stat *about)
{
    if (geteuid() == 0 && about->st_uid != 0)
        (void)!fchown(fd, about->st_uid, about->st_gid);
    (void)!fchmod(fd, about->st_mode & 0777);
    const struct timespec times[] = {about->st_atim, about->st_mtim};
    (void)!futimens(fd, times);
}

static int copy_file(const struct walk_entry *file, void *user, clutch_error *error)
{
    struct copying *copying = user;
    OWN_FD int to = openat(copying->folders[file->depth], file->name,
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return walk_fail(error, errno, what, file->path);
    int code = copy_data(copying, file, to, error);
    copy_about(to, &file->about);
    copying->report->files++;
    return code;
}

/* ---- Folders and links ---- */

static int enter(const struct walk_entry *folder, void *user, clutch_error *error)
{
    struct copying *copying = user;
    int parent = copying->folders[folder->depth];
    if (mkdirat(parent, folder->name, 0700) != 0)
        return walk_fail(error, errno, what, folder->path);
    int fd = walk_open(parent, folder->name, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return walk_fail(error, errno, what, folder->path);
    copying->folders[folder->depth + 1] = fd;
    copying->report->folders++;
    return 0;
}

static int leave(const struct walk_entry *folder, void *user, clutch_error *error)
{
    (void)error;
    struct copying *copying = user;
    copy_about(copying->folders[folder->depth + 1], &folder->about);
    own_close(&copying->folders[folder->depth + 1]);
    return 0;
}

static int copy_link(const struct walk_entry *link, void *user, clutch_error *error)
{
    struct copying *copying = user;
    int parent = copying->folders[link->depth];
    if (symlinkat(link->target, parent, link->name) != 0)
        return walk_fail(error, errno, what, link->path);
    if (geteuid() == 0 && link->about.st_uid != 0)
        (void)!fchownat(parent, link->name, link->about.st_uid, link->about.st_gid, AT_SYMLINK_NOFOLLOW);
    copying->report->links++;
    return 0;
}

int copy_tree(int from, int to, uint64_t maximum, struct copy_report *report, clutch_error *error)
{
    *report = (struct copy_report){.cheap = true};
    struct copying copying = {.maximum = maximum, .report = report};
    for (size_t i = 0; i <= WALK_DEPTH; i++)
        copying.folders[i] = -1;
    copying.folders[0] = to;
    struct walk_visitor visitor = {.enter = enter, .leave = leave, .file = copy_file, .link = copy_link,
                                   .user = &copying, .left_out = &report->left_out};
    int code = walk_tree(from, &visitor, error);
    for (size_t i = 1; i <= WALK_DEPTH; i++)
        own_close(&copying.folders[i]);
    free(copying.chunk);
    return code;
}
