/* SPDX-License-Identifier: Apache-2.0 */
/* copies.c: copies of a sandbox's process.
 *
 * Theory of operation. A copy is made by clone(2) in the sandbox, which the host lets pass (base/door.h),
 * and has all that confines its origin: namespaces, Landlock's domain, filter, limits. It is a child of
 * the template, which gives it a process group and an entry of its own, so that it outlives its origin.
 *
 * A copy with folders of its own has a user and a mount namespace of its own as well. It cannot mount
 * anything: Landlock forbids it. So while it waits to be let in, a helper of the template, which Landlock
 * does not hold, goes into these namespaces and mounts the new folders where the old ones are seen. The
 * helper shares the template's memory for its short life, as forking all of that would take milliseconds;
 * it is alone with it, since the template waits. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_BYTES = 256 * 1024 };

static uint32_t prepared_held;
static const struct paths *prepared_paths;

void copies_prepare(uint32_t held, const struct paths *paths)
{
    prepared_held = held;
    prepared_paths = paths;
}

/* What the helper is told and tells. */
struct replacement {
    pid_t copy, origin;
    int copy_fd, origin_fd, proc; /* pidfds; the template's /proc */
    const struct confine_policy *policy;
    const struct mount_points *points;
    int result, error;
    struct what what;
};

/* The copy's ids, as its origin has them. Where that is refused it goes without: it owns the same files,
 * and is shown as nobody. */
static void map_ids(const struct replacement *replacement)
{
    static const char *const names[] = {"setgroups", "uid_map", "gid_map"};
    char texts[3][48] = {"deny", "", ""};
    snprintf(texts[1], sizeof(texts[1]), "%u %u 1", identity_seen_user(), identity_seen_user());
    snprintf(texts[2], sizeof(texts[2]), "%u %u 1", identity_seen_group(), identity_seen_group());
    for (size_t i = 0; i < 3; i++) {
        char path[48];
        snprintf(path, sizeof(path), "%d/%s", (int)replacement->copy, names[i]);
        int fd = openat(replacement->proc, path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return;
        ssize_t written = write(fd, texts[i], strlen(texts[i]));
        close(fd);
        if (written < 0)
            return;
    }
}

static int replace_steps(struct replacement *replacement)
{
    struct folders folders;
    int led_to[HIDDEN_MAX];
    struct what *what = &replacement->what;
    if (folders_take(replacement->policy, prepared_paths, &folders, what) < 0)
        return -1;
    if (namespaces_join_tree() < 0 || folders_lead(&folders.hidden, led_to) < 0)
        return what_failed(what, "the sandboxes' file tree");
    if (setns(replacement->origin_fd, CLONE_NEWUSER) < 0)
        return what_failed(what, "the origin's user namespace");
    map_ids(replacement);
    if (setns(replacement->copy_fd, CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return what_failed(what, "the copy's namespaces");
    return folders_replace(&folders, replacement->points, led_to, what);
}

/* In the helper, in the template's memory: nothing here may change what the template needs. */
static int replace(void *argument)
{
    struct replacement *replacement = argument;
    replacement->result = replace_steps(replacement);
    replacement->error = errno;
    _exit(0);
}

/* Descriptors that the helper opens are its own: it shares memory, not the table. */
static int run_helper(struct replacement *replacement)
{
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return what_failed(&replacement->what, "memory");
    replacement->result = -1;
    replacement->error = ECHILD;
    pid_t pid = clone(replace, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, replacement);
    int status;
    if (pid > 0)
        waitpid(pid, &status, 0);
    int saved = pid > 0 ? replacement->error : errno;
    munmap(stack, STACK_BYTES);
    errno = saved;
    return pid < 0 ? what_failed(&replacement->what, "a helper process") : replacement->result;
}

static int give_folders(pid_t copy, pid_t origin, const struct confine_policy *policy,
                        const struct mount_points *points, struct what *what)
{
    const uint32_t needed = CONFINE_MOUNT | CONFINE_USER;
    if ((prepared_held & needed) != needed || !points->paths[0] || !points->paths[1])
        return what_refused(what, ENOTSUP, "a copy's own folders need a mount and a user namespace");
    identity_know(policy->workdir);
    identity_know(policy->tmpdir);
    struct replacement replacement = {
        .copy = copy, .origin = origin, .policy = policy, .points = points,
        .copy_fd = (int)syscall(SYS_pidfd_open, copy, 0),
        .origin_fd = (int)syscall(SYS_pidfd_open, origin, 0),
        .proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    int result = -1;
    if (replacement.copy_fd >= 0 && replacement.origin_fd >= 0 && replacement.proc >= 0)
        result = run_helper(&replacement);
    else
        what_failed(&replacement.what, "the copy");
    int saved = errno;
    close(replacement.copy_fd);
    close(replacement.origin_fd);
    close(replacement.proc);
    *what = replacement.what;
    errno = saved;
    return result;
}

int confine_copy(pid_t copy, pid_t origin, const struct confine_policy *folders, char *what_text,
                 size_t what_size)
{
    struct what what = {""};
    const struct mount_points *points = NULL;
    int result = sandboxes_add_copy(copy, origin, &points);
    if (result < 0)
        what_failed(&what, "the copy of process %d", (int)origin);
    else if (setpgid(copy, copy) < 0)
        result = what_failed(&what, "the copy's process group");
    else if (folders)
        result = give_folders(copy, origin, folders, points, &what);
    if (result < 0 && what_size > 0)
        snprintf(what_text, what_size, "%s", what.text);
    return result;
}

/* ---- In the copy ---- */

int confine_part(uint64_t number)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &header, none, 0, 0, 0, number) < 0)
        return -1;
    return landlock_enter_again(number);
}

int confine_keep_apart(uint64_t number)
{
    return landlock_enter_again(number);
}
