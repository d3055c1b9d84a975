/* SPDX-License-Identifier: Apache-2.0 */
/* folders.c: a sandbox's own two folders in its copy of the shared file tree, writable, under their
 * own names, and the temporary one as /tmp too. With a disk limit they are not the host's folders
 * but lie in a file system in memory, whose size and number of files the kernel bounds for anyone,
 * root or not; the host then sees them through the descriptor alone. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OWN_MOUNT (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define SPARE_FILES 256 /* more than the folders above the two can be */

static bool has_disk_limit(const struct confine_limits *limits)
{
    return limit_is_set(limits->disk_bytes) || limit_is_set(limits->disk_files);
}

/* ---- Template: mount points ---- */

/* Makes a folder and those above it; *kept tells how much of the path was there before. */
static int make_point(int tree, const char *path, size_t *kept)
{
    char part[PATH_MAX];
    const size_t length = strlen(path);
    if (length >= sizeof(part)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    *kept = length;
    memcpy(part, path, length + 1);
    for (size_t above = 0; above < length;) {
        size_t end = above + 1 + strcspn(path + above + 1, "/");
        part[end] = '\0';
        if (mkdirat(tree, part + 1, 0755) == 0)
            *kept = *kept == length ? above : *kept;
        else if (errno != EEXIST)
            return -1;
        part[end] = path[end];
        above = end;
    }
    return 0;
}

int folders_make(int tree, const struct confine_policy *policy, struct mount_points *points)
{
    const char *const paths[2] = {policy->workdir, policy->tmpdir};
    *points = (struct mount_points){0};
    for (size_t i = 0; i < 2 && tree >= 0; i++) {
        if (!paths[i] || paths[i][0] != '/')
            continue;
        points->paths[i] = strdup(paths[i]);
        if (!points->paths[i] || make_point(tree, paths[i], &points->kept[i]) < 0)
            return -1;
    }
    return 0;
}

/* The one made last goes first. Folders that others use are not empty and stay. */
void folders_remove(int tree, struct mount_points *points)
{
    for (size_t i = 2; i-- > 0;) {
        char *path = points->paths[i];
        for (size_t end = path ? strlen(path) : 0; end > points->kept[i];) {
            path[end] = '\0';
            unlinkat(tree, path + 1, AT_REMOVEDIR);
            end = (size_t)(strrchr(path, '/') - path);
        }
        free(path);
        points->paths[i] = NULL;
    }
}

/* ---- Sandbox ---- */

int folders_take(const struct confine_policy *policy, struct folders *folders, struct what *what)
{
    *folders = (struct folders){-1, -1, -1};
    if (has_disk_limit(&policy->limits))
        return 0;
    folders->workdir = mounts_copy(AT_FDCWD, policy->workdir, OWN_MOUNT);
    if (folders->workdir < 0)
        return what_failed(what, "working directory %s", policy->workdir);
    if (!policy->tmpdir)
        return 0;
    folders->tmpdir = mounts_copy(AT_FDCWD, policy->tmpdir, OWN_MOUNT);
    folders->slash_tmp = mounts_copy(AT_FDCWD, policy->tmpdir, OWN_MOUNT);
    if (folders->tmpdir < 0 || folders->slash_tmp < 0)
        return what_failed(what, "temporary folder %s", policy->tmpdir);
    return 0;
}

/* Makes one of the two folders of a limited disk and returns a mount of it. */
static int part_of_disk(int disk, const char *name, const struct confine_policy *policy)
{
    if (mkdirat(disk, name, 0700) < 0 && errno != EEXIST)
        return -1;
    if ((policy->uid || policy->gid) && fchownat(disk, name, policy->uid, policy->gid, 0) < 0)
        return -1;
    return mounts_copy(disk, name, OWN_MOUNT);
}

/* A file system in memory of the limited size, which the kernel rounds up to whole pages. */
static int new_disk(const struct confine_limits *limits)
{
    char size[24] = "0", files[24] = "0"; /* 0 is no limit */
    if (limit_is_set(limits->disk_bytes))
        snprintf(size, sizeof(size), "%llu", (unsigned long long)limits->disk_bytes);
    if (limit_is_set(limits->disk_files))
        snprintf(files, sizeof(files), "%llu",
                 (unsigned long long)limits->disk_files + SPARE_FILES);
    const char *const options[] = {"mode", "0755", "size", size, "nr_inodes", files, NULL};
    return mounts_new("tmpfs", options, OWN_MOUNT);
}

/* Leaves the limited number of files beside what is there already: the folders themselves. */
static int limit_files(int mount, uint64_t disk_files)
{
    struct statfs status;
    char files[24];
    if (!limit_is_set(disk_files))
        return 0;
    if (fstatfs(mount, &status) < 0)
        return -1;
    snprintf(files, sizeof(files), "%llu",
             (unsigned long long)(status.f_files - status.f_ffree + disk_files));
    int context = fspick(mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
    if (context < 0)
        return -1;
    int result = fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", files, 0);
    if (result == 0)
        result = fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
    int saved = errno;
    close(context);
    errno = saved;
    return result;
}

/* The disk is in the tree, at /tmp, only until its two folders have mounts of their own. */
static int make_disk(const struct confine_policy *policy, struct folders *folders, int *disk_fd)
{
    int disk = new_disk(&policy->limits);
    if (disk < 0 || move_mount(disk, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -1;
    folders->workdir = part_of_disk(disk, "work", policy);
    folders->tmpdir = part_of_disk(disk, "tmp", policy);
    folders->slash_tmp = part_of_disk(disk, "tmp", policy);
    if (folders->workdir < 0 || folders->tmpdir < 0 || folders->slash_tmp < 0)
        return -1;
    *disk_fd = openat(disk, "work", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = *disk_fd < 0 ? -1 : umount2("/tmp", MNT_DETACH);
    close(disk);
    return result;
}

/* The first folder below /tmp of a name that lies there; "" for any other name. */
static void first_below_tmp(const char *path, char first[NAME_MAX + 1])
{
    first[0] = '\0';
    if (path_is_below(path, "/tmp"))
        snprintf(first, NAME_MAX + 1, "%.*s", (int)strcspn(path + 5, "/"), path + 5);
}

/* What /tmp will hide of the names that lead to the sandbox's own folders. */
static int take_hidden(const char *first)
{
    int tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int hidden = mounts_copy(tmp, first, MOUNT_ATTR_RDONLY);
    int saved = errno;
    close(tmp);
    errno = saved;
    return hidden;
}

/* Makes the name again in the new /tmp, as a mount point for what it led to. No link is followed:
 * the folder may hold those of a former user. */
static int put_again(int tmp, int hidden, const char *first)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS};
    if (mkdirat(tmp, first, 0700) < 0 && errno != EEXIST)
        return -1;
    int again = (int)syscall(SYS_openat2, tmp, first, &how, sizeof(how));
    if (again < 0)
        return -1;
    int result = move_mount(hidden, "", again, "",
                            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    int saved = errno;
    close(again);
    errno = saved;
    return result;
}

/* The temporary folder becomes /tmp, where the names of the sandbox's two folders go on leading to
 * them, though they may lie below different folders of the old /tmp. */
static int put_slash_tmp(int mount, const struct confine_policy *policy)
{
    char first[2][NAME_MAX + 1];
    int hidden[2] = {-1, -1}, result = 0;
    first_below_tmp(policy->workdir, first[0]);
    first_below_tmp(policy->tmpdir, first[1]);
    if (strcmp(first[0], first[1]) == 0)
        first[1][0] = '\0';
    for (size_t i = 0; i < 2 && result == 0; i++)
        if (first[i][0] && (hidden[i] = take_hidden(first[i])) < 0)
            result = -1;
    if (result == 0)
        result = move_mount(mount, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH);
    for (size_t i = 0; i < 2 && result == 0; i++)
        if (first[i][0])
            result = put_again(mount, hidden[i], first[i]);
    int saved = errno;
    close(hidden[0]);
    close(hidden[1]);
    errno = saved;
    return result;
}

static int put(int mount, const char *path)
{
    return move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int folders_enter(const struct confine_policy *policy, struct folders *folders, int *disk_fd,
                  struct what *what)
{
    if (unshare(CLONE_NEWNS) < 0)
        return what_failed(what, "mount namespace");
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = root < 0 ? -1 : mounts_set_read_only(root);
    close(root);
    if (result < 0)
        return what_failed(what, "file tree: read-only");
    const struct confine_limits *limits = &policy->limits;
    if (has_disk_limit(limits) && make_disk(policy, folders, disk_fd) < 0)
        return what_failed(what, "disk in memory");
    if (policy->tmpdir && put_slash_tmp(folders->slash_tmp, policy) < 0)
        return what_failed(what, "temporary folder at /tmp");
    if (policy->tmpdir && put(folders->tmpdir, policy->tmpdir) < 0)
        return what_failed(what, "temporary folder %s", policy->tmpdir);
    if (put(folders->workdir, policy->workdir) < 0)
        return what_failed(what, "working directory %s", policy->workdir);
    if (has_disk_limit(limits) && limit_files(folders->workdir, limits->disk_files) < 0)
        return what_failed(what, "limit of files");
    return 0;
}
