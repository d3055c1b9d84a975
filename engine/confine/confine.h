/* SPDX-License-Identifier: Apache-2.0 */
/* confine.h: what the kernel holds for a sandbox; two steps, prepare in the template and enter in
 * the sandbox. Knows nothing of Python or of sockets of ours.
 *
 * The order in the worker:
 *     template: interpreter and preloads are up, one thread -> confine_prepare
 *     template: for each sandbox                            -> confine_fork, in place of fork
 *     sandbox:  still one thread, no user code has run      -> confine_enter; threads, user code
 *     template: a sandbox has ended, not yet reaped         -> confine_end, then waitpid, confine_reaped
 * confine_enter comes before the sandbox's first thread: the kernel confines the calling thread and
 * what it starts afterwards, so a thread started before would stay free, and user code that shares
 * its memory could make it do anything. It fails when there is a second thread. */
#ifndef CLUTCH_CONFINE_H
#define CLUTCH_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What can hold a sandbox: X(name, bit, word, what it holds). */
#define CONFINE_FACILITIES(X)                                                                      \
    X(NO_NEW_PRIVS, 0, "no_new_privs", "no program that it starts gains privileges")               \
    X(CAPABILITIES, 1, "capabilities", "it has no capability and cannot gain one")                 \
    X(USER, 2, "user_namespace", "it has no power over processes and mounts of the host's user")   \
    X(PID, 3, "pid_namespace", "it sees no process of the host; all end with the template")        \
    X(MOUNT, 4, "mount_namespace", "files outside its own do not exist for it or are read-only")   \
    X(NETWORK, 5, "network_namespace", "there is no network device, not even a loopback")          \
    X(IPC, 6, "ipc_namespace", "System V and POSIX message objects of the host are out of reach")  \
    X(UTS, 7, "uts_namespace", "the host's name and control group are hidden")                     \
    X(LANDLOCK, 8, "landlock_files", "it opens only the files that it was given")                  \
    X(LANDLOCK_NETWORK, 9, "landlock_network", "TCP bind and connect are refused")                 \
    X(LANDLOCK_SCOPE, 10, "landlock_scope", "signals and abstract sockets stay inside")            \
    X(SECCOMP, 11, "seccomp", "system calls that analysis code does not need are refused")         \
    X(MEMORY, 12, "memory_limit", "memory has a bound at which Python raises MemoryError")         \
    X(THREADS, 13, "thread_limit", "threads and processes have a bound")                           \
    X(DISK, 14, "disk_limit", "bytes and files of the working directory have a bound")             \
    X(CGROUP, 15, "cgroup", "memory of every kind and processor time are accounted in a cgroup")   \
    X(DOOR, 16, "clone_door", "the host, and nobody else, can have a running sandbox copied")

#define CONFINE_FACILITY_ENUM(name, bit, word, holds) CONFINE_##name = 1u << bit,
enum confine_facility { CONFINE_FACILITIES(CONFINE_FACILITY_ENUM) };
#undef CONFINE_FACILITY_ENUM

#define CONFINE_FACILITY_COUNT 17
#define CONFINE_ALL ((1u << CONFINE_FACILITY_COUNT) - 1)

/* What must hold so that hostile code stays inside: a default for require. */
#define CONFINE_CORE                                                                               \
    (CONFINE_NO_NEW_PRIVS | CONFINE_CAPABILITIES | CONFINE_LANDLOCK | CONFINE_SECCOMP)

/* The word of a single facility bit, such as "landlock_files"; "unknown" for anything else. */
const char *confine_facility_word(uint32_t facility);

/* ---- What the machine gives ---- */

/* One line of the doctor's list. */
struct confine_capability {
    const char *name; /* lives as long as the process */
    bool available;
    char detail[120]; /* a version, a reason, a consequence */
};

#define CONFINE_CAPABILITIES_MAX 40

/* Tries everything out in short-lived child processes and fills out; changes nothing in the caller,
 * which has one thread. Takes some ten milliseconds. Returns the number of entries. */
size_t confine_probe(struct confine_capability *out, size_t max);

/* ---- Template ---- */

struct confine_options {
    uint32_t disable; /* facilities to leave out, for tests and for hosts that know better */
    uint32_t require; /* facilities without which prepare and enter fail */
    const char *const *read_only_paths; /* ended by NULL: what Python needs beside the system's
                                           libraries: the environment, the standard library */
    const char *writable_root; /* folder below which sandboxes have theirs, or NULL */
    const char *cgroup; /* a writable cgroup folder to make each sandbox's in, of version 2 or of
                           one of version 1's controllers; NULL: none, since joining one takes the
                           kernel some milliseconds */
    bool network;       /* some sandbox may be given the network */
    bool processes;     /* some sandbox may be allowed child processes */
};

/* What was prepared. */
struct confine_report {
    uint32_t held;    /* facilities that hold */
    uint32_t missing; /* facilities that the machine refused; those disabled are in neither */
    char detail[200]; /* why the first of the missing ones is missing; "" when none is */
};

/* In the template, once, after everything that starts threads or reads files outside the options'
 * paths, and before the first sandbox. The template stays outside of what it prepares, but
 * afterwards it cannot start threads, and its children are in another pid namespace: a small
 * process of ours is that namespace's first one and ends, with all sandboxes, when the template's
 * calling thread does. waitpid(-1) may therefore report a child that is no sandbox; when it does,
 * no sandbox is left. Returns 0, or -1 with errno set and one line in what. */
int confine_prepare(const struct confine_options *options, struct confine_report *report,
                    char *what, size_t what_size);

/* In the template, prepared: a descriptor for poll, on which something happens (POLLHUP) when that
 * first process ends, whoever ended it: all sandboxes end with it, and no other can be made. -1 where
 * there is none. */
int confine_lifeline(void);

/* ---- Sandbox ---- */

/* Resource limits of one sandbox; 0 and UINT64_MAX are no limit. */
struct confine_limits {
    uint64_t memory_bytes; /* address space beyond what the process maps on entry */
    uint64_t file_bytes;   /* size of any one file that it writes; EFBIG beyond */
    uint64_t open_files;   /* descriptors open at once; EMFILE beyond */
    uint64_t stack_bytes;  /* growth of the first thread's stack */
    uint64_t threads;      /* threads and processes at once, with the first one; EAGAIN beyond */
    uint64_t disk_bytes;   /* of working directory and temporary folder together; ENOSPC beyond.
                              With this or the next one both live in memory, see disk_fd */
    uint64_t disk_files;   /* files and folders in both together; ENOSPC beyond */
    uint64_t cpu_weight;   /* 1 to 10000, 100 is everyone's; outside of a cgroup no more than that */
};

struct confine_policy {
    struct confine_limits limits;
    const char *workdir;  /* read-write; absolute, without symbolic links in it */
    const char *tmpdir;   /* the same, for temporary files; also seen as /tmp; or NULL */
    const int *keep_fds;  /* descriptors to keep open; all others are closed */
    size_t keep_fd_count;
    uint32_t uid, gid;    /* user to be when the template is root, who must own the two folders;
                             0: one that owns nothing, where the kernel can map the owners of the
                             folders, else user 0 without capabilities */
    bool network;         /* the host's network; else none */
    bool processes;       /* child processes; else none */
};

/* Applied to a sandbox; missing counts what its limits asked for and does not hold. */
struct confine_entered {
    uint32_t held;
    uint32_t missing;
    int disk_fd; /* with a disk limit: the working directory, which only this descriptor shows to
                    the host; the caller sends it there and closes it. Else -1 */
    int door_fd; /* the filter's listener, see base/door.h, which is the caller's in the same way. -1
                    where CONFINE_DOOR does not hold */
};

/* In the template: fork() for a sandbox, with what has to be done around it. Returns as fork
 * does. */
pid_t confine_fork(const struct confine_policy *policy);

/* In a sandbox: everything, in order, and then nothing can be undone. The working directory is the
 * current one afterwards. Returns 0, or -1 with errno set and one line in what: the process must
 * then end without running user code. */
int confine_enter(const struct confine_policy *policy, struct confine_entered *entered, char *what,
                  size_t what_size);

/* In the template: a copy of origin's process, with namespaces of its own, is being made; it will have
 * folders, of which the fields workdir and tmpdir count. This makes them ready meanwhile; what fails is
 * told by confine_copy. confine_expect_none takes it back. */
void confine_expect(pid_t origin, const struct confine_policy *folders);
void confine_expect_none(pid_t origin);

/* In the template, when it has answered: waits for the end of what was started for copies and has done its
 * work. Until then it counts as a process of the copy's user. */
void confine_sweep(void);

/* In the template, while the copy of a sandbox's process waits to be let in: makes it a sandbox of its
 * own, which outlives its origin. One apart, which was expected, sees its own folders at the places of its
 * origin's. Returns 0, or -1 with errno set, which is ESRCH when it is no child of the template's, and one
 * line in what: the copy must then end. */
int confine_copy(pid_t copy, uint32_t birth, pid_t origin, bool apart, char *what, size_t what_size);

/* In a copy with namespaces of its own, before it asks to be let in: gives up what powers its user
 * namespace gave it, and what else ties it to its origin. number is as base/door.h has it. Returns 0, or -1
 * with errno set. */
int confine_part(uint64_t number);

/* Before user code runs: it may have so many threads and processes from now on, if it could have more. 0: as
 * many as before. Returns 0, or -1 with errno set. */
int confine_limit_threads(uint64_t threads);

/* In a process that was copied so and goes on: what it does reaches the copy no more. The kernel allows
 * some fourteen times. Returns 0, or -1 with errno set. */
int confine_keep_apart(uint64_t number);

/* In the template, when a sandbox has ended or is to end, and before it is reaped: ends it with all of its
 * process group, such as child processes, and takes away what it had. birth: of a copy, else 0. False, and
 * nothing is done, when no such process is a sandbox that confine_reaped was not called for: the number may
 * be any process's by now. */
bool confine_end(pid_t sandbox, uint32_t birth);

/* It was waited for, and its number may be another's. */
void confine_reaped(pid_t sandbox);

/* In the template, before it ends: ends and reaps all its children and removes what would stay
 * behind on the machine. What a template that was killed left is removed by the next one's
 * confine_prepare. */
void confine_finish(void);

/* Applies only the resource limits to the calling process, which is a fresh sandbox and has one
 * thread. Returns 0, or -1 with errno set and *what naming the facility. */
int confine_limits_apply(const struct confine_limits *limits, const char **what);

#endif
