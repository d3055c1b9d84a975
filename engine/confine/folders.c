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
#define HIDDEN_MAX 8

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

/* What the new /tmp would hide: folders of the old one that lead to the sandbox's own two or to
 * what it may read. */
struct hidden {
    struct {
        char name[NAME_MAX + 1];
        int mount;
    } list[HIDDEN_MAX];
    size_t count;
};

/* Takes the folder of /tmp that a path leads through, if it does and is not taken yet. */
static int take_hidden(struct hidden *hidden, int tmp, const char *path)
{
    char name[NAME_MAX + 1];
    if (strncmp(path, "/tmp/", 5) != 0)
        return 0;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(path + 5, "/"), path + 5);
    for (size_t i = 0; i < hidden->count; i++)
        if (strcmp(hidden->list[i].name, name) == 0)
            return 0;
    if (hidden->count == HIDDEN_MAX) {
        errno = E2BIG;
        return -1;
    }
    int mount = mounts_copy(tmp, name, MOUNT_ATTR_RDONLY);
    if (mount < 0)
        return -1;
    strcpy(hidden->list[hidden->count].name, name);
    hidden->list[hidden->count++].mount = mount;
    return 0;
}

static int take_all_hidden(struct hidden *hidden, const struct confine_policy *policy,
                           const struct paths *paths)
{
    int tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = take_hidden(hidden, tmp, policy->workdir);
    if (result == 0)
        result = take_hidden(hidden, tmp, policy->tmpdir);
    for (size_t i = 0; i < paths->count && result == 0; i++)
        result = take_hidden(hidden, tmp, paths->list[i].real);
    int saved = errno;
    close(tmp);
    errno = saved;
    return result;
}

/* Makes a name again in the new /tmp, as a mount point for what it led to. No link is followed: the
 * folder may hold those of a former user. */
static int put_again(int tmp, int mount, const char *name)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS};
    if (mkdirat(tmp, name, 0700) < 0 && errno != EEXIST)
        return -1;
    int again = (int)syscall(SYS_openat2, tmp, name, &how, sizeof(how));
    if (again < 0)
        return -1;
    int result = move_mount(mount, "", again, "",
                            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    int saved = errno;
    close(again);
    errno = saved;
    return result;
}

/* The temporary folder becomes /tmp, in which names that led through the old one still do. */
static int put_slash_tmp(int mount, const struct confine_policy *policy, const struct paths *paths)
{
    struct hidden hidden = {.count = 0};
    int result = take_all_hidden(&hidden, policy, paths);
    if (result == 0)
        result = move_mount(mount, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH);
    for (size_t i = 0; i < hidden.count && result == 0; i++)
        result = put_again(mount, hidden.list[i].mount, hidden.list[i].name);
    int saved = errno;
    for (size_t i = 0; i < hidden.count; i++)
        close(hidden.list[i].mount);
    errno = saved;
    return result;
}

static int put(int mount, const char *path)
{
    return move_mount(mount, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int folders_enter(const struct confine_policy *policy, const struct paths *paths,
                  struct folders *folders, int *disk_fd, struct what *what)
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
    if (policy->tmpdir && put_slash_tmp(folders->slash_tmp, policy, paths) < 0)
        return what_failed(what, "temporary folder at /tmp");
    if (policy->tmpdir && put(folders->tmpdir, policy->tmpdir) < 0)
        return what_failed(what, "temporary folder %s", policy->tmpdir);
    if (put(folders->workdir, policy->workdir) < 0)
        return what_failed(what, "working directory %s", policy->workdir);
    if (has_disk_limit(limits) && limit_files(folders->workdir, limits->disk_files) < 0)
        return what_failed(what, "limit of files");
    return 0;
}
