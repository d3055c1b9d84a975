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

/* Notes the folder of /tmp that a path leads through, if it does. The sandbox's own /tmp will hide
 * it. */
static int note_hidden(struct hidden *hidden, const char *path)
{
    char name[NAME_MAX + 1];
    if (!path || strncmp(path, "/tmp/", 5) != 0)
        return 0;
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(path + 5, "/"), path + 5);
    for (size_t i = 0; i < hidden->count; i++)
        if (strcmp(hidden->names[i], name) == 0)
            return 0;
    if (hidden->count == HIDDEN_MAX) {
        errno = E2BIG;
        return -1;
    }
    strcpy(hidden->names[hidden->count++], name);
    return 0;
}

static int note_all_hidden(struct hidden *hidden, const struct confine_policy *policy,
                           const struct paths *paths)
{
    hidden->count = 0;
    int result = note_hidden(hidden, policy->workdir);
    if (result == 0)
        result = note_hidden(hidden, policy->tmpdir);
    for (size_t i = 0; i < paths->count && result == 0; i++)
        result = note_hidden(hidden, paths->list[i].real);
    return result;
}

static int make_names(int folder, const struct hidden *hidden)
{
    for (size_t i = 0; i < hidden->count; i++)
        if (mkdirat(folder, hidden->names[i], 0700) < 0 && errno != EEXIST)
            return -1;
    return 0;
}

static void close_folders(struct folders *folders)
{
    close(folders->workdir);
    close(folders->tmpdir);
    close(folders->slash_tmp);
    folders->workdir = folders->tmpdir = folders->slash_tmp = -1;
}

/* A mount of a folder, in which names are made before its owner changes. */
static int take_one(int folder, const char *path, const struct hidden *names, bool *owners_mapped)
{
    int mount = mounts_copy(folder, path, OWN_MOUNT);
    if (mount < 0 || (names && make_names(mount, names) < 0))
        return -1;
    if (*owners_mapped && identity_map_owners(mount) < 0)
        *owners_mapped = false;
    return mount;
}

static int take_all(const struct confine_policy *policy, struct folders *folders, struct what *what)
{
    bool *mapped = &folders->owners_mapped;
    folders->workdir = take_one(AT_FDCWD, policy->workdir, NULL, mapped);
    if (folders->workdir < 0)
        return what_failed(what, "working directory %s", policy->workdir);
    if (!policy->tmpdir)
        return 0;
    folders->tmpdir = take_one(AT_FDCWD, policy->tmpdir, NULL, mapped);
    folders->slash_tmp = take_one(AT_FDCWD, policy->tmpdir, &folders->hidden, mapped);
    if (folders->tmpdir < 0 || folders->slash_tmp < 0)
        return what_failed(what, "temporary folder %s", policy->tmpdir);
    return 0;
}

/* Where the owners of one of the folders cannot be mapped, those of none are. */
int folders_take(const struct confine_policy *policy, const struct paths *paths,
                 struct folders *folders, struct what *what)
{
    bool wanted = identity_is_own() && !policy->uid;
    folders->workdir = folders->tmpdir = folders->slash_tmp = -1;
    folders->owners_mapped = wanted;
    if (note_all_hidden(&folders->hidden, policy, paths) < 0)
        return what_failed(what, "more than %d folders below /tmp", HIDDEN_MAX);
    if (has_disk_limit(&policy->limits))
        return 0;
    if (take_all(policy, folders, what) < 0)
        return -1;
    if (folders->owners_mapped == wanted)
        return 0;
    close_folders(folders);
    return take_all(policy, folders, what);
}

/* Makes one of the two folders of a limited disk, with names in it, and returns a mount of it. What
 * the template's user makes in it appears as the sandbox's. */
static int part_of_disk(int disk, const char *name, const struct confine_policy *policy,
                        const struct hidden *names, bool *owners_mapped)
{
    if (mkdirat(disk, name, 0700) < 0 && errno != EEXIST)
        return -1;
    if ((policy->uid || policy->gid) && fchownat(disk, name, policy->uid, policy->gid, 0) < 0)
        return -1;
    return take_one(disk, name, names, owners_mapped);
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

/* The disk has to be in the tree for its two folders to have mounts of their own: at /tmp, where
 * the temporary one then covers it. Unmounting it would wait for the kernel. */
static int make_disk(const struct confine_policy *policy, struct folders *folders, int *disk_fd)
{
    bool *mapped = &folders->owners_mapped;
    int disk = new_disk(&policy->limits);
    if (disk < 0 || move_mount(disk, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -1;
    folders->workdir = part_of_disk(disk, "work", policy, NULL, mapped);
    folders->tmpdir = part_of_disk(disk, "tmp", policy, NULL, mapped);
    folders->slash_tmp = part_of_disk(disk, "tmp", policy, &folders->hidden, mapped);
    if (folders->workdir < 0 || folders->tmpdir < 0 || folders->slash_tmp < 0)
        return -1;
    *disk_fd = openat(disk, "work", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    close(disk);
    return *disk_fd < 0 ? -1 : 0;
}

/* Puts what a name led to on the same name in the new /tmp, following no link: the folder may hold
 * those of a former user. */
static int put_again(int tmp, int mount, const char *name)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS};
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

int folders_lead(const struct hidden *hidden, int led_to[HIDDEN_MAX])
{
    int result = 0, tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < hidden->count; i++) {
        led_to[i] = mounts_copy(tmp, hidden->names[i], MOUNT_ATTR_RDONLY);
        if (led_to[i] < 0)
            result = -1;
    }
    int saved = errno;
    close(tmp);
    errno = saved;
    return result;
}

/* The temporary folder becomes /tmp, in which names that led through the old one still do. */
static int put_slash_tmp(int mount, const struct hidden *hidden, const int led_to[HIDDEN_MAX])
{
    int result = move_mount(mount, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH);
    for (size_t i = 0; i < hidden->count && result == 0; i++)
        result = put_again(mount, led_to[i], hidden->names[i]);
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
    int led_to[HIDDEN_MAX];
    if (folders_lead(&folders->hidden, led_to) < 0)
        return what_failed(what, "folders below /tmp");
    if (has_disk_limit(limits) && make_disk(policy, folders, disk_fd) < 0)
        return what_failed(what, "disk in memory");
    if (folders->slash_tmp >= 0 && put_slash_tmp(folders->slash_tmp, &folders->hidden, led_to) < 0)
        return what_failed(what, "temporary folder at /tmp");
    if (policy->tmpdir && put(folders->tmpdir, policy->tmpdir) < 0)
        return what_failed(what, "temporary folder %s", policy->tmpdir);
    if (put(folders->workdir, policy->workdir) < 0)
        return what_failed(what, "working directory %s", policy->workdir);
    if (has_disk_limit(limits) && limit_files(folders->workdir, limits->disk_files) < 0)
        return what_failed(what, "limit of files");
    return 0;
}

int folders_replace(const struct folders *folders, const struct mount_points *points,
                    const int led_to[HIDDEN_MAX], struct what *what)
{
    if (put_slash_tmp(folders->slash_tmp, &folders->hidden, led_to) < 0)
        return what_failed(what, "temporary folder at /tmp");
    if (put(folders->tmpdir, points->paths[1]) < 0)
        return what_failed(what, "temporary folder at %s", points->paths[1]);
    if (put(folders->workdir, points->paths[0]) < 0)
        return what_failed(what, "working directory at %s", points->paths[0]);
    return 0;
}
