/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c: as which user a sandbox runs.
 *
 * An ordinary user's sandboxes run as that user. Root's run as a user who owns nothing on the
 * machine, where the kernel can map file owners: root's files in the sandbox's own folders and in
 * the environment then appear as that user's, and what it makes in its folders is root's on disk.
 * So nothing has to be handed over, a file of root's that another facility fails to protect is
 * still protected by its mode, and the kernel counts the sandbox's threads, which it does for no
 * process of root's. Where owners cannot be mapped (a network file system, a container), they stay
 * user 0 without capabilities. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above all ranges that systems assign; an engine's number is beside others' by its process id. */
#define FIRST_USER 1900000000u
#define USERS 4194304u /* process ids there can be */

#define SEEN_AS 1000u /* in the sandbox */
#define MAPPINGS_MAX 16

static uid_t own_user; /* 0: sandboxes stay who the template is */

/* Files of an owner appear as the sandboxes' own user's. The first one is for root's files; others
 * are for folders that the host gives and that are somebody else's. */
static struct mapping {
    uid_t uid;
    gid_t gid;
    int fd;
} mappings[MAPPINGS_MAX];
static size_t mapping_count;

static int write_map(pid_t pid, const char *name, unsigned owner)
{
    char path[40], line[40];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int length = snprintf(line, sizeof(line), "%u %u 1", owner, own_user);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = fd < 0 ? -1 : write(fd, line, (size_t)length);
    close(fd);
    return written == length ? 0 : -1;
}

/* A user namespace is how the kernel is told a mapping; a child makes it and ends. */
static int make_mapping(uid_t uid, gid_t gid)
{
    char path[40], ready = 0;
    int ends[2], fd = -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        ready = unshare(CLONE_NEWUSER) == 0;
        if (write(ends[1], &ready, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    if (pid > 0 && TEMP_FAILURE_RETRY(read(ends[0], &ready, 1)) == 1 && ready &&
        write_map(pid, "uid_map", uid) == 0 && write_map(pid, "gid_map", gid) == 0) {
        snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    close(ends[0]);
    if (pid > 0) {
        kill(pid, SIGKILL);
        TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    }
    return fd;
}

static const struct mapping *find_mapping(uid_t uid, gid_t gid)
{
    for (size_t i = 0; i < mapping_count; i++)
        if (mappings[i].uid == uid && mappings[i].gid == gid)
            return &mappings[i];
    return NULL;
}

static void add_mapping(uid_t uid, gid_t gid)
{
    if (find_mapping(uid, gid))
        return;
    int fd = make_mapping(uid, gid);
    if (fd < 0)
        return;
    if (mapping_count == MAPPINGS_MAX) { /* the oldest one goes, but for root's */
        close(mappings[1].fd);
        memmove(&mappings[1], &mappings[2], (MAPPINGS_MAX - 2) * sizeof(mappings[0]));
        mapping_count--;
    }
    mappings[mapping_count++] = (struct mapping){uid, gid, fd};
}

void identity_prepare(const char *folder)
{
    if (geteuid() != 0)
        return;
    own_user = FIRST_USER + (uid_t)getpid() % USERS;
    add_mapping(0, 0);
    identity_know(folder);
    int tree = mounts_copy(AT_FDCWD, folder, 0);
    if (tree < 0 || identity_map_owners(tree) < 0)
        own_user = 0;
    close(tree);
}

bool identity_is_own(void)
{
    return own_user != 0;
}

void identity_know(const char *folder)
{
    struct stat status;
    if (own_user && folder && stat(folder, &status) == 0)
        add_mapping(status.st_uid, status.st_gid);
}

int identity_map_owners(int tree)
{
    struct stat status;
    if (fstat(tree, &status) < 0)
        return -1;
    const struct mapping *mapping = find_mapping(status.st_uid, status.st_gid);
    if (!mapping) {
        errno = ENOENT;
        return -1;
    }
    struct mount_attr change = {.attr_set = MOUNT_ATTR_IDMAP};
    change.userns_fd = (unsigned)mapping->fd;
    return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &change, sizeof(change));
}

uid_t identity_seen_user(void)
{
    return own_user ? SEEN_AS : getuid();
}

gid_t identity_seen_group(void)
{
    return own_user ? SEEN_AS : getgid();
}

int identity_enter(const struct confine_policy *policy, bool owners_mapped,
                   struct identity *identity, struct what *what)
{
    uid_t uid = policy->uid ? policy->uid : owners_mapped ? own_user : 0;
    gid_t gid = policy->gid ? policy->gid : owners_mapped ? own_user : 0;
    identity->uid = policy->uid || !uid ? 0 : SEEN_AS;
    identity->gid = policy->gid || !gid ? 0 : SEEN_AS;
    if (gid != 0 && (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0))
        return what_failed(what, "change to group %u", gid);
    if (uid != 0 && setresuid(uid, uid, uid) < 0)
        return what_failed(what, "change to user %u", uid);
    /* The kernel withdraws its own /proc entries from a process whose user changes. */
    if ((uid != 0 || gid != 0) && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
        return what_failed(what, "PR_SET_DUMPABLE");
    return 0;
}
