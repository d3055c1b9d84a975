/* SPDX-License-Identifier: Apache-2.0 */
/* view.c: the file tree of the sandboxes.
 *
 * Theory of operation. The first process of the pid namespace, in a mount namespace of its own,
 * mounts an empty file system, places in it the paths of paths.c read-only and under their own
 * names, a /proc that shows a process only itself, and a few files of our own in /etc, and makes
 * that its root. Each sandbox joins that namespace, copies it, and adds its two folders
 * (folders.c); the copy is read-only but for these, while the template still adds mount points to
 * the original. Nothing else exists in the copy, and nothing else in it can be changed, not even by
 * chmod, which Landlock does not see. Needs Linux 5.12. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOUNT_READ_ONLY (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)
#define LINKS_MAX 40 /* as the kernel follows */

/* Makes the folders above path, which is absolute and without links, below root. */
static int make_parents(int root, const char *path)
{
    char part[PATH_MAX];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = (size_t)(slash - path) - 1;
        if (length >= sizeof(part)) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(part, path + 1, length);
        part[length] = '\0';
        if (mkdirat(root, part, 0755) < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int make_folder(int root, const char *path)
{
    if (make_parents(root, path) < 0)
        return -1;
    return mkdirat(root, path + 1, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

static int make_file(int root, const char *path, const char *text)
{
    if (make_parents(root, path) < 0)
        return -1;
    int fd = openat(root, path + 1, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
    if (fd < 0)
        return -1;
    ssize_t length = (ssize_t)strlen(text);
    int result = write(fd, text, (size_t)length) == length ? 0 : -1;
    close(fd);
    return result;
}

/* Repeats below root the symbolic links that lead from name to the file it means. */
static int repeat_links(int root, const char *name)
{
    char pending[2 * PATH_MAX], next[2 * PATH_MAX], target[PATH_MAX], walked[PATH_MAX] = "";
    snprintf(pending, sizeof(pending), "%s", name);
    for (int links = 0; links < LINKS_MAX;) {
        size_t skip = strspn(pending, "/");
        size_t length = strcspn(pending + skip, "/");
        if (length == 0)
            return 0;
        const char *part = pending + skip, *rest = part + length;
        size_t end = strlen(walked);
        if (length == 2 && strncmp(part, "..", 2) == 0) {
            char *slash = strrchr(walked, '/');
            *(slash ? slash : walked) = '\0';
        } else if (length != 1 || *part != '.') {
            if (end + length + 2 > sizeof(walked))
                break;
            snprintf(walked + end, sizeof(walked) - end, "/%.*s", (int)length, part);
        }
        ssize_t size = readlink(walked, target, sizeof(target) - 1);
        if (size > 0) {
            target[size] = '\0';
            if (make_parents(root, walked) < 0 ||
                (symlinkat(target, root, walked + 1) < 0 && errno != EEXIST && errno != EROFS))
                return -1;
            walked[target[0] == '/' ? 0 : end] = '\0';
            snprintf(next, sizeof(next), "%s%s", target, rest);
            links++;
        } else {
            snprintf(next, sizeof(next), "%s", rest);
        }
        memcpy(pending, next, sizeof(next));
    }
    errno = ELOOP;
    return -1;
}

static bool is_device(const struct path *path)
{
    return path->kind == PATH_SINK || path->kind == PATH_RANDOM;
}

/* Places one path, unless a folder placed before shows it already. */
static int place_path(int root, const struct path *path)
{
    struct stat wanted, there;
    if (stat(path->real, &wanted) < 0)
        return -1;
    bool shown = fstatat(root, path->real + 1, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                 there.st_dev == wanted.st_dev && there.st_ino == wanted.st_ino;
    if (!shown) {
        int made = path->folder ? make_folder(root, path->real) : make_file(root, path->real, "");
        if (made < 0)
            return -1;
        uint64_t attributes = MOUNT_READ_ONLY;
        if (!is_device(path))
            attributes |= MOUNT_ATTR_NODEV;
        int tree = mounts_copy(AT_FDCWD, path->real, attributes);
        if (tree >= 0 && path->own && identity_is_own())
            identity_map_owners(tree); /* where that fails, the files' modes must allow reading */
        int result = tree < 0 ? -1
                              : move_mount(tree, "", root, path->real + 1, MOVE_MOUNT_F_EMPTY_PATH);
        int saved = errno;
        close(tree);
        errno = saved;
        if (result < 0)
            return -1;
    }
    return repeat_links(root, path->name);
}

/* Files that programs expect, with nothing of the host's in them. */
static int make_own_files(int root, const struct confine_options *options, struct what *what)
{
    char users[160], groups[80];
    unsigned uid = identity_seen_user(), gid = identity_seen_group();
    snprintf(users, sizeof(users), "%s:x:%u:%u::/tmp:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
             uid == 0 ? "root" : "sandbox", uid, gid);
    snprintf(groups, sizeof(groups), "%s:x:%u:\nnogroup:x:65534:\n", gid == 0 ? "root" : "sandbox",
             gid);
    const struct {
        const char *path, *text;
    } files[] = {
        {"/etc/passwd", users},
        {"/etc/group", groups},
        {"/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"},
        {"/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
    };
    const struct {
        const char *path, *target;
    } links[] = {
        {"dev/fd", "/proc/self/fd"},       {"dev/stdin", "/proc/self/fd/0"},
        {"dev/stdout", "/proc/self/fd/1"}, {"dev/stderr", "/proc/self/fd/2"},
        {"dev/shm", "/tmp"},
    };
    static const char *const folders[] = {"/dev", "/proc", "/tmp", "/var", "/var/tmp", "/etc"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (make_folder(root, folders[i]) < 0)
            return what_failed(what, "file tree: %s", folders[i]);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (!(options->network && strcmp(files[i].path, "/etc/hosts") == 0) &&
            make_file(root, files[i].path, files[i].text) < 0)
            return what_failed(what, "file tree: %s", files[i].path);
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        if (symlinkat(links[i].target, root, links[i].path) < 0 && errno != EEXIST)
            return what_failed(what, "file tree: %s", links[i].path);
    return 0;
}

/* A /proc of the pid namespace in which a process sees no other that it could not trace. Where the
 * kernel does not let it be mounted (a container that covers parts of its own /proc), the
 * host's. */
static int place_processes(int root, int host_proc)
{
    static const char *const hiding[] = {"hidepid", "ptraceable", "subset", "pid", NULL};
    int mount = mounts_new("proc", hiding,
                          MOUNT_READ_ONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    int result = move_mount(mount < 0 ? host_proc : mount, "", root, "proc",
                            MOVE_MOUNT_F_EMPTY_PATH);
    int saved = errno;
    close(mount);
    errno = saved;
    return result;
}

static int make_root(int root, const struct confine_options *options, struct what *what)
{
    if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
        return what_failed(what, "pivot_root");
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return what_failed(what, "the host's file tree cannot be unmounted");
    if (options->writable_root && make_folder(root, options->writable_root) < 0)
        return what_failed(what, "file tree: %s", options->writable_root);
    return 0;
}

int view_build(const struct confine_options *options, const struct paths *paths, struct what *what)
{
    static const char *const small[] = {"mode", "0755", "size", "16m", "nr_inodes", "100k", NULL};
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return what_failed(what, "private mounts");
    int root = mounts_new("tmpfs", small, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    if (root < 0)
        return what_failed(what, "file tree: tmpfs");
    /* pivot_root wants it in the tree; /proc is a folder that nothing else is placed from. */
    int host_proc = mounts_copy(AT_FDCWD, "/proc", MOUNT_READ_ONLY | MOUNT_ATTR_NODEV);
    int result = move_mount(root, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH) < 0
                     ? what_failed(what, "file tree: root")
                     : 0;
    if (result == 0)
        result = make_own_files(root, options, what);
    for (size_t i = 0; i < paths->count && result == 0; i++)
        if (place_path(root, &paths->list[i]) < 0)
            result = what_failed(what, "file tree: %s", paths->list[i].name);
    if (result == 0 && place_processes(root, host_proc) < 0)
        result = what_failed(what, "file tree: /proc");
    if (result == 0)
        result = make_root(root, options, what);
    close(host_proc);
    close(root);
    return result;
}
