/* SPDX-License-Identifier: Apache-2.0 */
/* namespaces.c: user, pid, mount, network, ipc, uts and cgroup namespaces.
 *
 * Theory of operation. An ordinary user's template moves into a user namespace, in which it may
 * make the others; a root template needs none for that. It then starts the holder: the first
 * process of a new pid namespace in which all sandboxes will be, and the only one in the other
 * namespaces until sandboxes join them through its pidfd, in one call of some 20 microseconds where
 * making a network namespace alone takes 400. The template itself stays outside, so that its
 * children's process ids are the host's and kill, waitpid and pidfd_open work as ever.
 *
 *     host's namespaces:   host -- template            sees all of its children
 *     the engine's own:            |-- holder (pid 1)   builds the file tree, then waits
 *                                  |-- sandbox          in a further user namespace of its own
 *                                  `-- sandbox
 *
 * The kernel ends every process of a pid namespace when its first one ends, and the holder has
 * asked to be killed when the template ends. No user code runs in the holder, so nothing that a
 * sandbox does can take that back. The user namespace of each sandbox gives it a count of threads
 * of its own, and power over nothing. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLDER_FACILITIES                                                                          \
    (CONFINE_PID | CONFINE_MOUNT | CONFINE_NETWORK | CONFINE_IPC | CONFINE_UTS)

/* What the holder tells the template when it is ready. */
struct holder_report {
    uint32_t held;
    int joinable; /* CLONE_NEW* flags */
    struct what why;
};

static pid_t holder_pid;
static int holder_fd = -1; /* pidfd */
static int lifeline = -1;  /* a pipe into which only the holder could write */
static int holder_flags;

static int write_entry(int self, const char *name, const char *text)
{
    int fd = openat(self, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = (ssize_t)strlen(text);
    ssize_t written = write(fd, text, (size_t)length);
    int saved = errno;
    close(fd);
    errno = saved;
    return written == length ? 0 : -1;
}

int namespaces_own_user(int self, uid_t uid, gid_t gid, struct what *what)
{
    char users[48], groups[48];
    snprintf(users, sizeof(users), "%u %u 1", uid ? uid : geteuid(), geteuid());
    snprintf(groups, sizeof(groups), "%u %u 1", gid ? gid : getegid(), getegid());
    if (unshare(CLONE_NEWUSER) < 0)
        return what_failed(what, "user namespace");
    if (write_entry(self, "setgroups", "deny") < 0 || write_entry(self, "uid_map", users) < 0 ||
        write_entry(self, "gid_map", groups) < 0)
        return what_failed(what, "user namespace: identity");
    return 0;
}

static bool may_make_namespaces(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    return syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
}

/* ---- The holder ---- */

/* Makes one namespace for the sandboxes to join; what the machine refuses is noted and left out. */
static void hold(struct holder_report *report, uint32_t facility, int flag, const char *name)
{
    if (unshare(flag) == 0) {
        report->held |= facility;
        report->joinable |= flag;
    } else if (!report->why.text[0]) {
        what_failed(&report->why, "%s namespace", name);
    }
}

static void hold_wanted(const struct confine_options *options, const struct paths *paths,
                        uint32_t wanted, struct holder_report *report)
{
    struct what why;
    if (wanted & CONFINE_NETWORK)
        hold(report, CONFINE_NETWORK, CLONE_NEWNET, "network");
    if (wanted & CONFINE_IPC)
        hold(report, CONFINE_IPC, CLONE_NEWIPC, "ipc");
    if (wanted & CONFINE_UTS) {
        hold(report, CONFINE_UTS, CLONE_NEWUTS, "uts");
        if (report->held & CONFINE_UTS && sethostname("clutch", 6) < 0)
            report->held &= ~(uint32_t)CONFINE_UTS;
        if (unshare(CLONE_NEWCGROUP) == 0)
            report->joinable |= CLONE_NEWCGROUP;
    }
    if (wanted & CONFINE_MOUNT) {
        hold(report, CONFINE_MOUNT, CLONE_NEWNS, "mount");
        if (report->held & CONFINE_MOUNT && view_build(options, paths, &why) < 0) {
            report->held &= ~(uint32_t)CONFINE_MOUNT;
            report->joinable &= ~CLONE_NEWNS;
            report->why = why;
        }
    }
}

/* The holder runs no more than a few lines from then on, while the template goes on to replace what both
 * have in common, which only the holder would still keep in memory. Its stack and its thread's own
 * variables stay. */
static void forget_memory(void)
{
    enum { RANGES_MAX = 64 };
    const uintptr_t smallest = (uintptr_t)1 << 20;
    struct { uintptr_t begin, end; } ranges[RANGES_MAX];
    const uintptr_t kept[] = {(uintptr_t)ranges, (uintptr_t)&errno};
    size_t count = 0;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && count < RANGES_MAX && fgets(line, sizeof(line), maps)) {
        uintptr_t begin, end;
        char rights[5];
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, rights) != 3 ||
            strcmp(rights, "rw-p") != 0 || end - begin < smallest || (kept[0] >= begin && kept[0] < end) ||
            (kept[1] >= begin && kept[1] < end))
            continue;
        ranges[count].begin = begin;
        ranges[count++].end = end;
    }
    if (maps)
        fclose(maps);
    for (size_t i = 0; i < count; i++)
        madvise((void *)ranges[i].begin, ranges[i].end - ranges[i].begin, MADV_DONTNEED);
}

/* The holder's life. It has a copy of the template's memory and none of its descriptors but answer, so
 * that it keeps no end of the host's pipes open. Orphans of the pid namespace are its children and are
 * reaped by the kernel. A template that died before the holder asked to die with it is noticed by
 * the write. */
static void holder_run(int answer, const struct confine_options *options, const struct paths *paths,
                       uint32_t wanted)
{
    sigset_t all;
    struct holder_report report = {0};
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_NAME, "clutch-holder", 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    hold_wanted(options, paths, wanted, &report);
    if (answer > 0)
        syscall(SYS_close_range, 0, (unsigned)answer - 1, 0);
    syscall(SYS_close_range, (unsigned)answer + 1, ~0u, 0);
    struct what what;
    if (privileges_drop(true, &what) < 0 || privileges_seal(&what) < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
        write(answer, &report, sizeof(report)) != (ssize_t)sizeof(report))
        _exit(1);
    forget_memory();
    /* answer stays open: that it closes tells the template of our end. */
    for (;;)
        pause();
}

static int start_holder(const struct confine_options *options, const struct paths *paths,
                        uint32_t wanted, struct holder_report *report, struct what *what)
{
    int answer[2];
    if (pipe2(answer, O_CLOEXEC) < 0)
        return what_failed(what, "pipe");
    pid_t pid = fork();
    if (pid == 0)
        holder_run(answer[1], options, paths, wanted);
    int saved = errno;
    close(answer[1]);
    ssize_t length = pid < 0 ? -1 : TEMP_FAILURE_RETRY(read(answer[0], report, sizeof(*report)));
    if (length != (ssize_t)sizeof(*report)) {
        close(answer[0]);
        errno = pid < 0 ? saved : ECHILD;
        return what_failed(what, "the process that holds the namespaces");
    }
    holder_pid = pid;
    lifeline = answer[0];
    holder_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return holder_fd < 0 ? what_failed(what, "pidfd_open") : 0;
}

/* ---- The template ---- */

/* Does what a sandbox will do, in a child that ends at once. Returns the facilities that it found
 * not to work. */
static uint32_t try_out(uint32_t held)
{
    pid_t pid = fork();
    if (pid < 0)
        return held;
    if (pid == 0) {
        struct what what;
        int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct identity identity;
        const struct confine_policy policy = {0};
        if (namespaces_join(held, false, &what) < 0 ||
            identity_enter(&policy, identity_is_own(), &identity, &what) < 0)
            _exit(1);
        _exit(held & CONFINE_USER &&
                      namespaces_own_user(self, identity.uid, identity.gid, &what) < 0
                  ? 2
                  : 0);
    }
    int status = 0;
    if (TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)) != pid || !WIFEXITED(status))
        return held;
    switch (WEXITSTATUS(status)) {
    case 0:
        return 0;
    case 2:
        return CONFINE_USER;
    default:
        return held & ~(uint32_t)CONFINE_PID;
    }
}

/* The template's own moves, after which its next child is the holder. */
static uint32_t move_template(uint32_t wanted, const char *folder, struct what *why)
{
    struct what what;
    uint32_t usable = wanted;
    if (!may_make_namespaces()) {
        int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (!(wanted & CONFINE_USER)) {
            usable = 0;
            what_refused(&what, EPERM, "no other namespace for a user without a user namespace");
        } else if (namespaces_own_user(self, 0, 0, &what) < 0) {
            usable = 0;
        }
        close(self);
        if (usable == 0) {
            *why = what;
            return 0;
        }
    }
    /* A copy of the host's mounts, from which a sandbox may take its folders; later mounts of the
     * host still appear in it. */
    if (usable & CONFINE_MOUNT && (unshare(CLONE_NEWNS) < 0 ||
                                   mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)) {
        what_failed(why, "mount namespace");
        usable &= ~(uint32_t)CONFINE_MOUNT;
    }
    if (usable & CONFINE_MOUNT && usable & CONFINE_USER)
        identity_prepare(folder);
    if (usable & CONFINE_PID && unshare(CLONE_NEWPID) < 0) {
        what_failed(why, "pid namespace");
        usable &= ~(uint32_t)CONFINE_PID;
    }
    return usable;
}

int namespaces_prepare(const struct confine_options *options, const struct paths *paths,
                       uint32_t wanted, uint32_t *held, struct what *why, struct what *what)
{
    struct holder_report report = {0};
    *held = 0;
    wanted &= HOLDER_FACILITIES | CONFINE_USER;
    if (!wanted)
        return 0;
    const char *folder = options->writable_root ? options->writable_root : "/tmp";
    uint32_t usable = move_template(wanted, folder, why);
    if (!usable)
        return 0;
    if (usable & HOLDER_FACILITIES) {
        if (start_holder(options, paths, usable, &report, what) < 0)
            return -1;
        holder_flags = report.joinable;
        if (report.why.text[0])
            *why = report.why;
    }
    *held = report.held | (usable & (CONFINE_PID | CONFINE_USER));
    uint32_t broken = try_out(*held);
    if (broken && !why->text[0])
        what_refused(why, EPERM, "joining the namespaces is refused");
    *held &= ~broken;
    return 0;
}

int namespaces_join(uint32_t held, bool network, struct what *what)
{
    int flags = holder_flags & CLONE_NEWCGROUP;
    if (held & CONFINE_MOUNT)
        flags |= CLONE_NEWNS;
    if (held & CONFINE_NETWORK && !network)
        flags |= CLONE_NEWNET;
    if (held & CONFINE_IPC)
        flags |= CLONE_NEWIPC;
    if (held & CONFINE_UTS)
        flags |= CLONE_NEWUTS;
    if (flags && setns(holder_fd, flags) < 0)
        return what_failed(what, "joining the namespaces");
    return 0;
}

/* The holder's pidfd would not do: the first process of a pid namespace counts as ended only when all
 * others have been reaped, but its descriptors are closed at once. */
int confine_lifeline(void)
{
    return lifeline;
}

/* The first process of a pid namespace ends only when all others have been reaped, so every child
 * is. */
void namespaces_finish(void)
{
    if (holder_fd < 0)
        return;
    syscall(SYS_pidfd_send_signal, holder_fd, SIGKILL, NULL, 0);
    pid_t pid;
    do
        pid = waitpid(-1, NULL, 0);
    while (pid != holder_pid && (pid > 0 || errno == EINTR));
    close(holder_fd);
    holder_fd = -1;
}

int namespaces_open_tree(void)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/%d/root", (int)holder_pid);
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int namespaces_join_tree(void)
{
    return setns(holder_fd, CLONE_NEWNS);
}
