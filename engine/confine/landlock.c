/* SPDX-License-Identifier: Apache-2.0 */
/* landlock.c: which files a sandbox opens, which TCP ports, whom it signals. Rules hang on inodes,
 * so those for the shared paths come from descriptors that the template opened once, and hold
 * whether the sandbox sees the host's file tree or its own. What Landlock does not see (chmod,
 * utime, stat, extended attributes, sockets with a name in the file tree) is the matter of view.c
 * and syscalls.c. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine/kernel.h"

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | KERNEL_LANDLOCK_FS_TRUNCATE)
#define READ_TREE (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILE_RIGHTS (READ_FILE | WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE)

/* All but devices, sockets with names, and execution, which is added with child processes. */
#define OWN_TREE                                                                                   \
    (READ_TREE | WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |     \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_FIFO |    \
     LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

#define RIGHTS_OF_ABI_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static struct {
    int fd;
    enum path_kind kind;
    bool folder;
    bool etc; /* in the tree of view.c, /etc has nothing but what is in this list */
    dev_t device;
    ino_t inode;
} shared[PATHS_MAX];
static size_t shared_count;

int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

uint32_t landlock_facilities(void)
{
    int abi = landlock_abi();
    return (abi >= 1 ? CONFINE_LANDLOCK : 0u) | (abi >= 4 ? CONFINE_LANDLOCK_NETWORK : 0u) |
           (abi >= 6 ? CONFINE_LANDLOCK_SCOPE : 0u);
}

static bool is_shared(const struct stat *status)
{
    for (size_t i = 0; i < shared_count; i++)
        if (shared[i].device == status->st_dev && shared[i].inode == status->st_ino)
            return true;
    return false;
}

int landlock_prepare(const struct paths *paths, struct what *what)
{
    struct stat status;
    for (size_t i = 0; i < paths->count; i++) {
        const struct path *path = &paths->list[i];
        int fd = open(path->real, O_PATH | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &status) < 0)
            return what_failed(what, "%s", path->real);
        if (is_shared(&status)) { /* by another name */
            close(fd);
            continue;
        }
        shared[shared_count].fd = fd;
        shared[shared_count].kind = path->kind;
        shared[shared_count].folder = path->folder;
        shared[shared_count].etc = path_is_below(path->real, "/etc");
        shared[shared_count].device = status.st_dev;
        shared[shared_count++].inode = status.st_ino;
    }
    return 0;
}

static uint64_t rights_handled(int abi)
{
    uint64_t rights = RIGHTS_OF_ABI_1;
    if (abi >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        rights |= KERNEL_LANDLOCK_FS_TRUNCATE;
    if (abi >= 5)
        rights |= KERNEL_LANDLOCK_FS_IOCTL_DEV;
    return rights;
}

static int add_rule(int ruleset, int fd, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static uint64_t rights_of(enum path_kind kind, bool folder)
{
    switch (kind) {
    case PATH_SINK:
        return READ_FILE | WRITE_FILE;
    case PATH_RANDOM:
        return READ_FILE;
    default:
        return (folder ? READ_TREE : READ_FILE) | LANDLOCK_ACCESS_FS_EXECUTE;
    }
}

/* A rule for a path that only the sandbox can name; *kept receives the descriptor when not NULL. */
static int add_named(int ruleset, const char *name, uint64_t rights, int *kept, struct what *what)
{
    int fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return what_failed(what, "%s", name);
    if (add_rule(ruleset, fd, rights) < 0) {
        what_failed(what, "Landlock rule for %s", name);
        close(fd);
        return -1;
    }
    if (kept)
        *kept = fd;
    else
        close(fd);
    return 0;
}

/* Of /proc its own entries. The kernel forgets unused inodes of /proc and makes new ones, without
 * the rule, so a descriptor keeps this one. With child processes, whose entries cannot be known,
 * all of /proc: its mount then shows only processes inside. */
static int add_own_processes(int ruleset, bool all, int *pinned_fd, struct what *what)
{
    return all ? add_named(ruleset, "/proc", READ_TREE, NULL, what)
               : add_named(ruleset, "/proc/self", READ_TREE, pinned_fd, what);
}

/* Both folders are mounts in one folder of the view, in which nothing else is. A rule for that one covers
 * what takes their places in the view of a copy: the kernel looks for rules from a file upwards, through
 * mounts, and asks neither a mount's origin nor the folder that it covers. */
static int add_places(int ruleset, const struct confine_policy *policy, uint64_t rights, struct what *what)
{
    char folder[PATH_MAX];
    const char *end = strrchr(policy->workdir, '/'), *other = policy->tmpdir ? policy->tmpdir : "";
    size_t length = (size_t)(end - policy->workdir);
    if (length == 0 || length >= sizeof(folder) || strncmp(policy->workdir, other, length) != 0 ||
        strrchr(other, '/') != other + length)
        return 0;
    memcpy(folder, policy->workdir, length);
    folder[length] = '\0';
    return add_named(ruleset, folder, rights, NULL, what);
}

static int add_files(int ruleset, const struct confine_policy *policy, uint64_t handled, uint32_t held,
                     int *pinned_fd, struct what *what)
{
    bool view = held & CONFINE_MOUNT;
    const uint64_t execute = LANDLOCK_ACCESS_FS_EXECUTE;
    uint64_t usable = policy->processes ? handled : handled & ~execute;
    uint64_t own = (OWN_TREE | execute) & usable;
    for (size_t i = 0; i < shared_count; i++) {
        if ((shared[i].kind == PATH_PROGRAM && !policy->processes) ||
            (shared[i].kind == PATH_NETWORK && !policy->network) || (view && shared[i].etc))
            continue;
        uint64_t rights = rights_of(shared[i].kind, shared[i].folder) & usable;
        if (add_rule(ruleset, shared[i].fd, rights) < 0)
            return what_failed(what, "Landlock rule %zu", i);
    }
    if (view && add_named(ruleset, "/etc", READ_TREE, NULL, what) < 0)
        return -1;
    if (policy->tmpdir && add_named(ruleset, policy->tmpdir, own, NULL, what) < 0)
        return -1;
    if (add_named(ruleset, policy->workdir, own, NULL, what) < 0)
        return -1;
    if (view && held & CONFINE_DOOR && add_places(ruleset, policy, own, what) < 0)
        return -1;
    return add_own_processes(ruleset, view && policy->processes, pinned_fd, what);
}

int landlock_enter_again(uint64_t number)
{
    struct kernel_landlock_ruleset handled = {
        .scoped = KERNEL_LANDLOCK_SCOPE_ABSTRACT_UNIX | KERNEL_LANDLOCK_SCOPE_SIGNAL};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0, 0, 0, number);
    if (ruleset < 0)
        return -1;
    int result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0, 0, 0, 0, number);
    int saved = errno;
    close(ruleset);
    errno = saved;
    return result;
}

int landlock_enter(const struct confine_policy *policy, uint32_t held, int *pinned_fd,
                   struct what *what)
{
    int abi = landlock_abi();
    struct kernel_landlock_ruleset handled = {0};
    size_t size = abi >= 6   ? sizeof(handled)
                  : abi >= 4 ? offsetof(struct kernel_landlock_ruleset, scoped)
                             : offsetof(struct kernel_landlock_ruleset, handled_access_net);
    if (held & CONFINE_LANDLOCK)
        handled.handled_access_fs = rights_handled(abi);
    if (held & CONFINE_LANDLOCK_NETWORK && !policy->network)
        handled.handled_access_net = KERNEL_LANDLOCK_NET_BIND_TCP | KERNEL_LANDLOCK_NET_CONNECT_TCP;
    if (held & CONFINE_LANDLOCK_SCOPE)
        handled.scoped = KERNEL_LANDLOCK_SCOPE_ABSTRACT_UNIX | KERNEL_LANDLOCK_SCOPE_SIGNAL;
    *pinned_fd = -1;
    if (!handled.handled_access_fs && !handled.handled_access_net && !handled.scoped)
        return 0;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0);
    if (ruleset < 0)
        return what_failed(what, "Landlock ruleset");
    int result = 0;
    if (handled.handled_access_fs)
        result = add_files(ruleset, policy, handled.handled_access_fs, held, pinned_fd, what);
    /* Refusals are not written to the host's audit log: a sandbox could fill it. */
    const unsigned quiet = KERNEL_LANDLOCK_LOG_SAME_EXEC_OFF | KERNEL_LANDLOCK_LOG_SUBDOMAINS_OFF;
    if (result == 0 && syscall(SYS_landlock_restrict_self, ruleset, abi >= 7 ? quiet : 0) < 0)
        result = what_failed(what, "Landlock");
    close(ruleset);
    return result;
}
