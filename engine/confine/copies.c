/* SPDX-License-Identifier: Apache-2.0 */
/* copies.c: copies of a sandbox's process.
 *
 * Theory of operation. A copy is made by clone(2) in the sandbox, which the host lets pass (base/door.h),
 * and has all that confines its origin: namespaces, Landlock's domain, filter, limits. It is a child of
 * the template, which gives it a process group and an entry of its own, so that it outlives its origin.
 *
 * A copy with folders of its own has a user and a mount namespace of its own as well. It cannot mount
 * anything: Landlock forbids it. So while it waits to be let in, a helper of the template, which Landlock
 * does not hold, goes into these namespaces and mounts the new folders where the old ones are seen. What
 * needs no copy the helper does before there is one, in the time in which the kernel makes it.
 *
 * The helper shares the template's memory, as forking all of that would take milliseconds, and with it the
 * C library's data of the thread, errno for one. So the two take turns: while one runs, the other waits. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 256 * 1024 };

static uint32_t prepared_held;
static const struct paths *prepared_paths;

void copies_prepare(uint32_t held, const struct paths *paths)
{
    prepared_held = held;
    prepared_paths = paths;
}

/* What is made ready for a copy of one sandbox, and the helper that does it. */
struct placement {
    struct placement *next;
    enum { UNUSED, EXPECTED, LEAVING } use; /* LEAVING: the helper exits, and is to be reaped */
    _Atomic uint32_t turn;
    pid_t helper, origin, copy; /* copy: 0 when there will be none */
    int origin_fd, proc;        /* a pidfd; the template's /proc */
    char *workdir, *tmpdir;
    char *stack;
    const struct mount_points *points;
    int result, error;
    struct what what;
};

enum { TURN_TEMPLATE, TURN_HELPER }; /* who runs; the other waits */

static struct placement *placements; /* never freed: as many as were expected at once */

/* ---- The helper ---- */

static void give_turn(struct placement *placement, uint32_t turn)
{
    atomic_store(&placement->turn, turn);
    syscall(SYS_futex, &placement->turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void wait_for_turn(struct placement *placement, uint32_t turn, const struct timespec *at_most)
{
    while (atomic_load(&placement->turn) != turn) {
        long woken = syscall(SYS_futex, &placement->turn, FUTEX_WAIT_PRIVATE, !turn, at_most, NULL, 0);
        if (at_most && woken < 0 && errno == ETIMEDOUT)
            return;
    }
}

/* The copy's ids, as its origin has them. Where that is refused it goes without: it owns the same files,
 * and is shown as nobody. */
static void map_ids(const struct placement *placement)
{
    static const char *const names[] = {"setgroups", "uid_map", "gid_map"};
    char texts[3][48] = {"deny", "", ""};
    snprintf(texts[1], sizeof(texts[1]), "%u %u 1", identity_seen_user(), identity_seen_user());
    snprintf(texts[2], sizeof(texts[2]), "%u %u 1", identity_seen_group(), identity_seen_group());
    for (size_t i = 0; i < 3; i++) {
        char path[48];
        snprintf(path, sizeof(path), "%d/%s", (int)placement->copy, names[i]);
        int fd = openat(placement->proc, path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return;
        ssize_t written = write(fd, texts[i], strlen(texts[i]));
        close(fd);
        if (written < 0)
            return;
    }
}

/* Without the copy: its folders, as mounts that are in no tree yet. */
static int take_folders(struct placement *placement, struct folders *folders, int led_to[HIDDEN_MAX])
{
    const struct confine_policy policy = {.workdir = placement->workdir, .tmpdir = placement->tmpdir};
    if (folders_take(&policy, prepared_paths, folders, &placement->what) < 0)
        return -1;
    if (namespaces_join_tree() < 0 || folders_lead(&folders->hidden, led_to) < 0)
        return what_failed(&placement->what, "the sandboxes' file tree");
    return 0;
}

/* Into the copy's user and mount namespace. The helper is in the sandboxes' pid namespace, where the copy has
 * another number; the template's /proc knows it by the template's. */
static int join_copy(const struct placement *placement)
{
    static const char *const names[] = {"user", "mnt"};
    int fds[2] = {-1, -1}, result = 0;
    for (size_t i = 0; i < 2; i++) {
        char path[48];
        snprintf(path, sizeof(path), "%d/ns/%s", (int)placement->copy, names[i]);
        fds[i] = openat(placement->proc, path, O_RDONLY | O_CLOEXEC);
        if (fds[i] < 0)
            return -1;
    }
    for (size_t i = 0; i < 2 && result == 0; i++)
        result = setns(fds[i], i == 0 ? CLONE_NEWUSER : CLONE_NEWNS);
    return result; /* it exits soon, and they are closed then */
}

/* With the copy, which waits. */
static int put_folders(struct placement *placement, const struct folders *folders,
                       const int led_to[HIDDEN_MAX])
{
    struct what *what = &placement->what;
    if (setns(placement->origin_fd, CLONE_NEWUSER) < 0)
        return what_failed(what, "the origin's user namespace");
    map_ids(placement);
    if (join_copy(placement) < 0)
        return what_failed(what, "the copy's namespaces");
    return folders_replace(folders, placement->points, led_to, what);
}

/* In the template's memory: nothing here may change what the template needs. */
static int help(void *argument)
{
    struct placement *placement = argument;
    struct folders folders;
    int led_to[HIDDEN_MAX];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    placement->result = take_folders(placement, &folders, led_to);
    placement->error = errno;
    give_turn(placement, TURN_TEMPLATE);
    wait_for_turn(placement, TURN_HELPER, NULL);
    if (placement->result == 0 && placement->copy > 0) {
        placement->result = put_folders(placement, &folders, led_to);
        placement->error = errno;
    }
    give_turn(placement, TURN_TEMPLATE);
    _exit(0);
}

/* ---- Turns of the template ---- */

/* Lets the helper run until it has done what it has to, or is gone. */
static void let_help(struct placement *placement)
{
    const struct timespec moment = {0, 100 * 1000 * 1000};
    int status;
    for (;;) {
        wait_for_turn(placement, TURN_TEMPLATE, &moment);
        if (atomic_load(&placement->turn) == TURN_TEMPLATE)
            return;
        if (waitpid(placement->helper, &status, WNOHANG) == placement->helper)
            break;
    }
    placement->helper = 0;
    placement->result = what_refused(&placement->what, ECHILD, "the helper that mounts folders has ended");
    placement->error = ECHILD;
}

static void clear(struct placement *placement)
{
    if (placement->origin_fd >= 0)
        close(placement->origin_fd);
    if (placement->proc >= 0)
        close(placement->proc);
    free(placement->workdir);
    free(placement->tmpdir);
    placement->workdir = placement->tmpdir = NULL;
    placement->use = placement->helper > 0 ? LEAVING : UNUSED;
}

/* Lets the helper put the folders, or go if there is no copy. */
static void leave(struct placement *placement)
{
    if (placement->helper > 0) {
        give_turn(placement, TURN_HELPER);
        let_help(placement);
    }
    clear(placement);
}

static struct placement *find(pid_t origin)
{
    struct placement *placement = placements;
    while (placement && (placement->use != EXPECTED || placement->origin != origin))
        placement = placement->next;
    return placement;
}

void confine_sweep(void)
{
    for (struct placement *placement = placements; placement; placement = placement->next)
        if (placement->use == LEAVING) {
            while (waitpid(placement->helper, NULL, 0) < 0 && errno == EINTR)
                continue;
            placement->use = UNUSED;
        }
}

/* One that is not used, with a stack that forked sandboxes do not get a copy of. */
static struct placement *unused(void)
{
    for (struct placement *placement = placements; placement; placement = placement->next)
        if (placement->use == UNUSED)
            return placement;
    struct placement *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    made->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made->stack == MAP_FAILED) {
        free(made);
        return NULL;
    }
    madvise(made->stack, STACK_BYTES, MADV_DONTFORK);
    made->next = placements;
    placements = made;
    return made;
}

/* Without a helper its result says why. */
static void start_helper(struct placement *placement, const struct confine_policy *folders)
{
    const uint32_t needed = CONFINE_MOUNT | CONFINE_USER;
    placement->result = -1;
    if ((prepared_held & needed) != needed) {
        what_refused(&placement->what, ENOTSUP, "a copy's own folders need a mount and a user namespace");
        placement->error = ENOTSUP;
        return;
    }
    identity_know(folders->workdir);
    identity_know(folders->tmpdir);
    placement->workdir = strdup(folders->workdir);
    placement->tmpdir = strdup(folders->tmpdir);
    placement->origin_fd = (int)syscall(SYS_pidfd_open, placement->origin, 0);
    placement->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    atomic_store(&placement->turn, TURN_HELPER);
    if (placement->workdir && placement->tmpdir && placement->origin_fd >= 0 && placement->proc >= 0)
        placement->helper = clone(help, placement->stack + STACK_BYTES, CLONE_VM | SIGCHLD, placement);
    if (placement->helper > 0) {
        let_help(placement);
        return;
    }
    placement->helper = 0;
    placement->error = errno;
    what_failed(&placement->what, "a helper process");
}

/* ---- Copies ---- */

void confine_expect(pid_t origin, const struct confine_policy *folders)
{
    struct placement *placement = find(origin);
    if (placement)
        leave(placement);
    placement = unused();
    if (!placement)
        return; /* the copy will be refused */
    placement->origin = origin;
    placement->helper = placement->copy = 0;
    placement->origin_fd = placement->proc = -1;
    placement->what = (struct what){""};
    placement->use = EXPECTED;
    start_helper(placement, folders);
}

void confine_expect_none(pid_t origin)
{
    struct placement *placement = find(origin);
    if (placement)
        leave(placement);
}

static int give_folders(struct placement *placement, pid_t copy, const struct mount_points *points,
                        struct what *what)
{
    if (placement->result == 0 && (!points->paths[0] || !points->paths[1]))
        return what_refused(what, ENOTSUP, "the origin has no folders");
    placement->copy = copy;
    placement->points = points;
    leave(placement);
    *what = placement->what;
    errno = placement->error;
    return placement->result;
}

int confine_copy(pid_t copy, uint32_t birth, pid_t origin, bool apart, char *what_text, size_t what_size)
{
    struct what what = {""};
    const struct mount_points *points = NULL;
    struct placement *placement = find(origin);
    int result = setpgid(copy, copy); /* refused, with ESRCH, unless it is our child */
    if (result < 0)
        what_failed(&what, "the copy's process group");
    else if ((result = sandboxes_add_copy(copy, birth, origin, &points)) < 0)
        what_failed(&what, "the copy of process %d", (int)origin);
    else if (apart && !placement)
        result = what_refused(&what, ENOMEM, "memory for a copy's folders");
    else if (apart)
        result = give_folders(placement, copy, points, &what);
    int saved = errno;
    confine_expect_none(origin);
    if (result < 0 && what_size > 0)
        snprintf(what_text, what_size, "%s", what.text);
    errno = saved;
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

int confine_limit_threads(uint64_t threads)
{
    return limit_is_set(threads) ? rlimits_threads(threads) : 0;
}

int confine_keep_apart(uint64_t number)
{
    return landlock_enter_again(number);
}
