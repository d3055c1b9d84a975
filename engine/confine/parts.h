/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h: the steps behind confine_prepare and confine_enter, grouped by the file that defines
 * them. A step that fails sets errno and writes one line to what. *_prepare runs in the template,
 * *_enter in a sandbox that has one thread; whatever *_prepare opens is close-on-exec and stays
 * open in the template, and confine_enter closes it in the sandbox. */
#ifndef CLUTCH_CONFINE_PARTS_H
#define CLUTCH_CONFINE_PARTS_H

#include "confine/confine.h"

#define WHAT_MAX 200

/* The line in which a step tells its failure. */
struct what {
    char text[WHAT_MAX];
};

/* Writes the line, with errno's text behind it, and returns -1 with errno as it was. */
int what_failed(struct what *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a fact that no errno explains; sets errno to code. */
int what_refused(struct what *what, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- paths.c: what of the file tree a sandbox may see ---- */

enum path_kind {
    PATH_LIBRARY,  /* read; a folder or a file */
    PATH_PROGRAM,  /* read and execute, with child processes only */
    PATH_NETWORK,  /* read, with the network only */
    PATH_RANDOM,   /* device: read */
    PATH_SINK,     /* device: read and write */
};

struct path {
    char *name;          /* as it was given: may have symbolic links in it */
    char *real;          /* without them */
    enum path_kind kind;
    bool folder;
    bool own; /* from the options, not the system's */
};

#define PATHS_MAX 128

struct paths {
    struct path list[PATHS_MAX]; /* a folder comes before what is below it */
    size_t count;
};

/* The system's paths and the options', those that exist. */
int paths_collect(struct paths *paths, const struct confine_options *options, struct what *what);

void paths_free(struct paths *paths);

/* Whether path is folder or below it; both absolute and without symbolic links. */
bool path_is_below(const char *path, const char *folder);

/* ---- namespaces.c: user, pid, mount, network, ipc and uts namespaces ---- */

/* Makes what the machine gives of the wanted facilities; *held tells which, *why what is amiss with
 * the first that is not. */
int namespaces_prepare(const struct confine_options *options, const struct paths *paths,
                       uint32_t wanted, uint32_t *held, struct what *why, struct what *what);

/* Joins what was prepared; held is what confine_prepare found to hold. */
int namespaces_join(uint32_t held, bool network, struct what *what);

/* Moves into a new user namespace in which the process has these ids (0: those it has) and there
 * are no others. self is /proc/self, opened while /proc was writable. */
int namespaces_own_user(int self, uid_t uid, gid_t gid, struct what *what);

/* The root of the sandboxes' file tree as the template may change it, or -1. */
int namespaces_open_tree(void);

/* Moves the calling process into the mount namespace in which that tree is. */
int namespaces_join_tree(void);

/* Ends the pid namespace and every sandbox in it. */
void namespaces_finish(void);

/* ---- mounts.c: mounts as descriptors ---- */

/* A new mount that is not in the file tree yet; options are pairs of strings ended by NULL. Returns
 * its descriptor, or -1 with errno set, as do the others. */
int mounts_new(const char *type, const char *const *options, uint64_t attributes);

/* A copy of a part of the file tree, with all that is mounted in it, that is not in the tree yet;
 * path may be empty for the folder itself. */
int mounts_copy(int folder, const char *path, uint64_t attributes);

int mounts_set_read_only(int mount);

/* ---- view.c: the file tree of the sandboxes ---- */

/* In the first process of the pid namespace, in its own mount namespace: builds the tree. */
int view_build(const struct confine_options *options, const struct paths *paths, struct what *what);

/* ---- folders.c: a sandbox's own two folders in its copy of that tree ---- */

/* Folders in the shared tree on which a sandbox mounts its own, and which the template made. */
struct mount_points {
    char *paths[2]; /* workdir and tmpdir */
    size_t kept[2]; /* how much of each path was there before */
};

/* In the template; tree is the root of the sandboxes' file tree. */
int folders_make(int tree, const struct confine_policy *policy, struct mount_points *points);
void folders_remove(int tree, struct mount_points *points);

#define HIDDEN_MAX 8

/* Folders of one sandbox, taken out of the template's file tree. */
struct folders {
    int workdir; /* mounts that are not in a tree, or -1 */
    int tmpdir;
    int slash_tmp;
    bool owners_mapped;
    struct hidden { /* folders of /tmp that lead to these two or to what it may read */
        char names[HIDDEN_MAX][256];
        size_t count;
    } hidden;
};

/* In the sandbox, before it joins the mount namespace, whose tree holds paths. */
int folders_take(const struct confine_policy *policy, const struct paths *paths,
                 struct folders *folders, struct what *what);

/* After it: puts them into its own copy of the tree. *disk_fd as in struct confine_entered. */
int folders_enter(const struct confine_policy *policy, struct folders *folders, int *disk_fd,
                  struct what *what);

/* Takes what names in /tmp lead to, before another /tmp hides it. */
int folders_lead(const struct hidden *hidden, int led_to[HIDDEN_MAX]);

/* In the file tree of a copy: puts folders, and what leads to them, where its origin's were. */
int folders_replace(const struct folders *folders, const struct mount_points *points,
                    const int led_to[HIDDEN_MAX], struct what *what);

/* ---- landlock.c: which files it opens, which ports, which signals ---- */

int landlock_abi(void); /* 0 when there is none */
uint32_t landlock_facilities(void);
int landlock_prepare(const struct paths *paths, struct what *what);

/* A domain within the domain: no signal leaves it, and what is in the outer one alone cannot be traced
 * from it. number is as base/door.h has it. */
int landlock_enter_again(uint64_t number);

/* held is what holds for the sandbox. The descriptor that must stay open is returned in *pinned_fd,
 * or -1. */
int landlock_enter(const struct confine_policy *policy, uint32_t held, int *pinned_fd,
                   struct what *what);

/* ---- identity.c: as which user it runs ---- */

/* In the template, in its own mount namespace: finds out whether owners of files can be mapped,
 * with folder as the example. */
void identity_prepare(const char *folder);
bool identity_is_own(void); /* they can: sandboxes run as a user of their own */
void identity_know(const char *folder); /* its owner's files can be mapped from now on */

/* Makes the files of the owner of a mount, which is not in the tree yet, appear as the sandboxes'
 * own user's. */
int identity_map_owners(int tree);

/* Who a sandbox is in its own eyes. */
uid_t identity_seen_user(void);
gid_t identity_seen_group(void);

/* The ids to have inside the user namespace; 0: the same as outside. */
struct identity {
    uid_t uid;
    gid_t gid;
};

/* In the sandbox: changes to its user. owners_mapped tells whether that worked for its folders. */
int identity_enter(const struct confine_policy *policy, bool owners_mapped,
                   struct identity *identity, struct what *what);

/* ---- privileges.c: capabilities, no_new_privs ---- */

int privileges_drop(bool programs, struct what *what); /* programs: it may start some */
int privileges_seal(struct what *what); /* no_new_privs */
int privileges_die_with_parent(pid_t parent, bool in_pid_namespace, struct what *what);

/* ---- seccomp.c and syscalls.c: which system calls ---- */

bool seccomp_available(void);

/* In the template, last of all: builds the filters and loads the one that it shares with its
 * sandboxes. held and read_only (no file outside its own folders can be changed) tell what other
 * facilities already cover. */
int seccomp_prepare(const struct confine_options *options, uint32_t held, bool read_only,
                    struct what *what);

/* *door_fd receives the listener that lets it be copied, or -1. */
int seccomp_enter(const struct confine_policy *policy, int *door_fd, struct what *what);

enum call_when { /* a row applies when all of its conditions do */
    WHEN_ALWAYS = 0,
    WHEN_PROCESSES = 1 << 0, /* with child processes */
    WHEN_NO_PROCESSES = 1 << 1,
    WHEN_NETWORK = 1 << 2, /* with the network */
    WHEN_NO_NETWORK = 1 << 3,
    WHEN_READ_ONLY = 1 << 4, /* files outside the sandbox's folders are on read-only mounts */
    WHEN_WRITABLE = 1 << 5,
    WHEN_SIGNALS_LEAVE = 1 << 6, /* no other facility keeps signals inside */
    WHEN_NO_DOOR = 1 << 7,       /* it cannot be copied; a copy has another process id */
};

#define CALL_VALUES_MAX 14

/* A test of one argument. */
struct call_test {
    enum {
        TEST_NONE,
        TEST_MASKED,      /* (argument & mask) is one of the values; of the lower 32 bits, which are
                             all that the kernel reads of these arguments */
        TEST_NOT_OWN_PID, /* argument is anything but the calling process's id */
    } kind;
    unsigned argument;
    uint32_t mask;
    uint32_t values[CALL_VALUES_MAX];
    size_t value_count;
};

/* One row: calls that are allowed or answered with an errno, and why. */
struct call_rule {
    const char *why;
    uint32_t when;             /* call_when bits */
    int answer;                /* 0: allowed; else the errno */
    struct call_test tests[2]; /* both; the second has one value */
    const int *calls;          /* ended by -1 */
};

struct call_table {
    const struct call_rule *rows;
    size_t count;
};

extern const struct call_table base_calls, sandbox_calls, never_calls;

/* ---- copies.c: copies of a sandbox's process ---- */

/* What has to hold for the door, and for a copy with folders of its own. */
#define DOOR_NEEDS                                                                                 \
    (CONFINE_NO_NEW_PRIVS | CONFINE_PID | CONFINE_LANDLOCK_SCOPE | CONFINE_SECCOMP)

/* In the template: held is what confine_prepare found to hold. */
void copies_prepare(uint32_t held, const struct paths *paths);

/* ---- rlimits.c ---- */

bool limit_is_set(uint64_t value);

/* Bounds threads and processes of the innermost user namespace; the kernel exempts user 0. */
int rlimits_threads(uint64_t threads);

/* From 100 downwards; more changes nothing. */
int rlimits_niceness(uint64_t cpu_weight);

/* Memory that the process maps, and of it what is private and writable. */
int rlimits_mapped_bytes(uint64_t *all, uint64_t *data);

/* ---- cgroup.c ---- */

/* In the template; 0, or -1 with the reason in why. */
int cgroup_prepare(const struct confine_options *options, struct what *why);
bool cgroup_counts_memory(void);
bool cgroup_counts_threads(void);
bool cgroup_weighs_processors(void);
int cgroup_make(const struct confine_policy *policy, unsigned *number); /* 0: there is none */
void cgroup_remove(unsigned *number); /* left as it is when something in it still lives */
void cgroup_finish(void);

/* In the sandbox: */
int cgroup_join(unsigned number, struct what *what);

/* ---- sandboxes.c: what the template keeps for each sandbox ---- */

/* tree is the root of the sandboxes' file tree, or -1. */
void sandboxes_prepare(int tree);
unsigned sandboxes_own_group(void); /* in the sandbox: its cgroup's number, 0 when there is none */

/* A copy uses the folders of origin, which has not been reaped. points are borrowed from it. */
int sandboxes_add_copy(pid_t copy, uint32_t birth, pid_t origin, const struct mount_points **points);

/* ---- descriptors.c ---- */

/* Closes all descriptors but those that the policy keeps and two more, each of which may be -1. */
int descriptors_close_others(const struct confine_policy *policy, int pinned_fd, int disk_fd,
                             struct what *what);

#endif
