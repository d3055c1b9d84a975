/* SPDX-License-Identifier: Apache-2.0 */
/* confine.c: the order of the steps, in the template and in a sandbox. One kernel facility a file
 * does the work; what prepare found to hold must hold for every sandbox, or it is not started. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LANDLOCK_FACILITIES (CONFINE_LANDLOCK | CONFINE_LANDLOCK_NETWORK | CONFINE_LANDLOCK_SCOPE)

static struct {
    uint32_t held, require;
    uint32_t unclaimed; /* in use, though not all that the facility's word says holds */
    pid_t template;
    struct paths paths;
} prepared;

int what_failed(struct what *what, const char *format, ...)
{
    int saved = errno;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(what->text, sizeof(what->text), format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof(what->text))
        snprintf(what->text + length, sizeof(what->text) - (size_t)length, ": %s",
                 strerrordesc_np(saved));
    errno = saved;
    return -1;
}

int what_refused(struct what *what, int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what->text, sizeof(what->text), format, arguments);
    va_end(arguments);
    errno = code;
    return -1;
}

const char *confine_facility_word(uint32_t facility)
{
#define FACILITY_CASE(name, bit, word, holds)                                                      \
    case CONFINE_##name:                                                                           \
        return word;
    switch (facility) {
        CONFINE_FACILITIES(FACILITY_CASE)
    default:
        return "unknown";
    }
#undef FACILITY_CASE
}

/* The words of all bits, separated by commas. */
static void list_words(uint32_t facilities, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (unsigned bit = 0; bit < CONFINE_FACILITY_COUNT && length < size; bit++)
        if (facilities & (1u << bit))
            length += (size_t)snprintf(out + length, size - length, "%s%s", length ? ", " : "",
                                       confine_facility_word(1u << bit));
}

/* The kernel, asked to leave the thread group, refuses when there is one and otherwise does
 * nothing. */
static int require_one_thread(const char *step, struct what *what)
{
    if (unshare(CLONE_THREAD) < 0)
        return what_refused(what, EBUSY, "%s needs a process with one thread", step);
    return 0;
}

static int require_held(uint32_t missing, const char *detail, struct what *what)
{
    char words[120];
    if (!missing)
        return 0;
    list_words(missing, words, sizeof(words));
    return what_refused(what, ENOTSUP, "required but not given by this machine: %s%s%s%s", words,
                        detail[0] ? " (" : "", detail, detail[0] ? ")" : "");
}

/* ---- Template ---- */

/* Facilities that need nothing but a kernel that has them. */
static uint32_t plain_facilities(void)
{
    uint32_t held = CONFINE_CAPABILITIES | CONFINE_MEMORY | landlock_facilities();
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0)
        held |= CONFINE_NO_NEW_PRIVS;
    if (seccomp_available())
        held |= CONFINE_SECCOMP;
    return held;
}

/* Before version 3 Landlock does not stop a sandbox from truncating any file of its user. */
static bool truncation_is_open(uint32_t held)
{
    return held & CONFINE_LANDLOCK && landlock_abi() < 3 && !(held & CONFINE_MOUNT);
}

/* A sandbox reaches the file that the template was started from through /proc/self/exe, past its
 * own file tree. Where that is a file in a folder and the user's own, changing its mode must be
 * refused. */
static bool own_program_is_exposed(void)
{
    struct stat program;
    return stat("/proc/self/exe", &program) < 0 ||
           (program.st_nlink > 0 && program.st_uid == geteuid());
}

static int prepare_steps(const struct confine_options *options, uint32_t wanted, struct what *why,
                         struct what *what)
{
    uint32_t joined = 0;
    uint32_t held = plain_facilities() & wanted;
    if (paths_collect(&prepared.paths, options, what) < 0 ||
        namespaces_prepare(options, &prepared.paths, wanted, &joined, why, what) < 0)
        return -1;
    held |= joined;
    if (held & CONFINE_LANDLOCK && landlock_prepare(&prepared.paths, what) < 0)
        return -1;
    if (truncation_is_open(held)) {
        prepared.unclaimed = CONFINE_LANDLOCK;
        held &= ~(uint32_t)CONFINE_LANDLOCK;
        what_refused(why, ENOTSUP, "before Linux 6.2 Landlock lets files be truncated");
    }
    if (held & CONFINE_MOUNT)
        held |= CONFINE_DISK & wanted;
    sandboxes_prepare(held & CONFINE_MOUNT ? namespaces_open_tree() : -1);
    bool counted = held & CONFINE_USER && (geteuid() != 0 || identity_is_own());
    struct what cgroup_why = {""};
    if (wanted & CONFINE_CGROUP && options->cgroup &&
        cgroup_prepare(options, &cgroup_why) < 0 && !why->text[0])
        *why = cgroup_why;
    if (cgroup_counts_memory())
        held |= CONFINE_CGROUP;
    if (counted || cgroup_counts_threads())
        held |= CONFINE_THREADS & wanted;
    else if (wanted & CONFINE_THREADS && !why->text[0] && geteuid() == 0)
        what_refused(why, ENOTSUP, "threads of root are counted only in a cgroup");
    if (wanted & CONFINE_DOOR && (held & DOOR_NEEDS) == DOOR_NEEDS)
        held |= CONFINE_DOOR;
    else if (wanted & CONFINE_DOOR && !why->text[0])
        what_refused(why, ENOTSUP, "copies need a pid namespace, seccomp and Landlock's scopes (Linux 6.12)");
    copies_prepare(held, &prepared.paths);
    prepared.held = held;
    bool read_only = held & CONFINE_MOUNT && !own_program_is_exposed();
    return held & CONFINE_SECCOMP ? seccomp_prepare(options, held, read_only, what) : 0;
}

int confine_prepare(const struct confine_options *options, struct confine_report *report,
                    char *what_text, size_t what_size)
{
    struct what what = {""}, why = {""};
    uint32_t wanted = CONFINE_ALL & ~options->disable;
    prepared.template = getpid();
    prepared.require = options->require;
    int result = require_one_thread("confine_prepare", &what);
    if (result == 0)
        result = prepare_steps(options, wanted, &why, &what);
    if (result == 0) {
        uint32_t asked = options->cgroup ? wanted : wanted & ~(uint32_t)CONFINE_CGROUP;
        report->held = prepared.held;
        report->missing = asked & ~prepared.held;
        snprintf(report->detail, sizeof(report->detail), "%s", report->missing ? why.text : "");
        result = require_held(options->require & ~prepared.held, report->detail, &what);
    }
    if (result < 0 && what_size > 0)
        snprintf(what_text, what_size, "%s", what.text);
    return result;
}

void confine_finish(void)
{
    namespaces_finish();
    cgroup_finish();
}

/* ---- Sandbox ---- */

/* A working directory inside a folder that all sandboxes read would be open to all of them. */
static int check_folders(const struct confine_policy *policy, struct what *what)
{
    const char *const folders[] = {policy->workdir, policy->tmpdir};
    if (!policy->workdir)
        return what_refused(what, EINVAL, "a sandbox needs a working directory");
    for (size_t i = 0; i < 2; i++) {
        if (!folders[i])
            continue;
        if (folders[i][0] != '/' || !folders[i][1])
            return what_refused(what, EINVAL, "%s cannot be a sandbox's folder", folders[i]);
        for (size_t j = 0; j < prepared.paths.count; j++)
            if (prepared.paths.list[j].folder &&
                path_is_below(folders[i], prepared.paths.list[j].real))
                return what_refused(what, EINVAL,
                                    "every sandbox can read %s, so %s must not be in it",
                                    prepared.paths.list[j].real, folders[i]);
    }
    return 0;
}

/* Limits that the policy asks for and nothing holds. */
static uint32_t missing_limits(const struct confine_policy *policy, uint32_t held)
{
    const struct confine_limits *limits = &policy->limits;
    uint32_t asked = limit_is_set(limits->memory_bytes) ? CONFINE_MEMORY : 0u;
    if (limit_is_set(limits->threads))
        asked |= CONFINE_THREADS;
    if (limit_is_set(limits->disk_bytes) || limit_is_set(limits->disk_files))
        asked |= CONFINE_DISK;
    return asked & ~held;
}

/* Where the sandbox is: a control group, a process group, namespaces with its own file tree. */
static int enter_places(const struct confine_policy *policy, uint32_t held, int *disk_fd,
                        struct what *what)
{
    struct folders folders;
    folders.owners_mapped = false;
    struct identity identity;
    int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (self < 0)
        return what_failed(what, "/proc/self");
    if (cgroup_join(sandboxes_own_group(), what) < 0)
        return -1;
    if (setpgid(0, 0) < 0)
        return what_failed(what, "process group");
    if (held & CONFINE_MOUNT && folders_take(policy, &prepared.paths, &folders, what) < 0)
        return -1;
    if (namespaces_join(held, policy->network, what) < 0)
        return -1;
    if (held & CONFINE_MOUNT && folders_enter(policy, &folders, disk_fd, what) < 0)
        return -1;
    if (identity_enter(policy, folders.owners_mapped, &identity, what) < 0)
        return -1;
    return held & CONFINE_USER ? namespaces_own_user(self, identity.uid, identity.gid, what) : 0;
}

/* The kernel counts the threads of a user in a user namespace, but not user 0's. */
static int limit_threads(uint64_t threads, uint32_t *held, struct what *what)
{
    bool counted = *held & CONFINE_USER && geteuid() != 0;
    if (counted && limit_is_set(threads) && rlimits_threads(threads) < 0)
        return what_failed(what, "RLIMIT_NPROC");
    if (!counted && !cgroup_counts_threads())
        *held &= ~(uint32_t)CONFINE_THREADS;
    return 0;
}

static int enter_limits(const struct confine_policy *policy, uint32_t *held, struct what *what)
{
    struct confine_limits limits = policy->limits;
    const char *name = "";
    if (!(*held & CONFINE_MEMORY))
        limits.memory_bytes = 0;
    if (confine_limits_apply(&limits, &name) < 0)
        return what_failed(what, "%s", name);
    if (limit_is_set(limits.cpu_weight) && !cgroup_weighs_processors() &&
        rlimits_niceness(limits.cpu_weight) < 0)
        return what_failed(what, "niceness");
    return *held & CONFINE_THREADS ? limit_threads(limits.threads, held, what) : 0;
}

static int enter_steps(const struct confine_policy *policy, struct confine_entered *entered,
                       struct what *what)
{
    uint32_t held = prepared.held;
    int pinned_fd = -1;
    struct confine_policy places = *policy;
    if (!(held & CONFINE_DISK))
        places.limits.disk_bytes = places.limits.disk_files = 0;
    if (require_one_thread("confine_enter", what) < 0 || check_folders(policy, what) < 0 ||
        enter_places(&places, held, &entered->disk_fd, what) < 0 ||
        enter_limits(policy, &held, what) < 0)
        return -1;
    if (held & CONFINE_CAPABILITIES && privileges_drop(policy->processes, what) < 0)
        return -1;
    if (held & (CONFINE_NO_NEW_PRIVS | LANDLOCK_FACILITIES | CONFINE_SECCOMP) &&
        privileges_seal(what) < 0)
        return -1;
    if (privileges_die_with_parent(prepared.template, held & CONFINE_PID, what) < 0)
        return -1;
    if (chdir(policy->workdir) < 0)
        return what_failed(what, "working directory %s", policy->workdir);
    uint32_t rules = held | prepared.unclaimed;
    if (rules & LANDLOCK_FACILITIES && landlock_enter(policy, rules, &pinned_fd, what) < 0)
        return -1;
    if (descriptors_close_others(policy, pinned_fd, entered->disk_fd, what) < 0)
        return -1;
    if (held & CONFINE_SECCOMP && seccomp_enter(policy, &entered->door_fd, what) < 0)
        return -1;
    entered->held = policy->network ? held & ~(uint32_t)(CONFINE_NETWORK | CONFINE_LANDLOCK_NETWORK)
                                    : held;
    entered->missing = missing_limits(policy, held);
    return require_held(prepared.require & entered->missing, "", what);
}

int confine_enter(const struct confine_policy *policy, struct confine_entered *entered,
                  char *what_text, size_t what_size)
{
    struct what what = {""};
    *entered = (struct confine_entered){.disk_fd = -1, .door_fd = -1};
    int result = enter_steps(policy, entered, &what);
    if (result < 0 && what_size > 0)
        snprintf(what_text, what_size, "%s", what.text);
    return result;
}
