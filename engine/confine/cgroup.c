/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup.c: a control group for each sandbox, where the template can make one: below a version 2
 * folder that the host gives; else, for root, below the root of version 2 or below its own group of
 * version 1's pids. Version 2 bounds processes, memory of every kind and share of the processors;
 * version 1's pids only processes, which root's sandboxes need, whom no rlimit counts.
 *
 *     <base>/clutch-<template's pid>/<number of the sandbox>
 *
 * The template makes a group before it forks, the sandbox moves itself into it, and the template
 * removes it when the sandbox has ended. What a killed template left is removed by the next one. */
#include "confine/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "clutch-"
#define MEMORY_SLACK_BYTES (32u << 20) /* page tables, pipes, what else the kernel keeps for it */

static struct {
    enum cgroup_kind kind;
    int folder; /* the template's */
    int base;
    char name[40];
    bool memory, cpu;
    unsigned last; /* number of the group made last */
} state = {.folder = -1, .base = -1};

static int write_file(int folder, const char *group, const char *name, const char *text)
{
    char path[80];
    snprintf(path, sizeof(path), "%s%s%s", group, group[0] ? "/" : "", name);
    int fd = openat(folder, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = (ssize_t)strlen(text), written = write(fd, text, (size_t)length);
    int saved = errno;
    close(fd);
    errno = saved;
    return written == length ? 0 : -1;
}

static bool lists_word(int folder, const char *name, const char *word)
{
    char text[512], *rest = text;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    close(fd);
    if (length <= 0)
        return false;
    text[length] = '\0';
    for (char *part; (part = strsep(&rest, " \n"));)
        if (strcmp(part, word) == 0)
            return true;
    return false;
}

/* ---- Finding the base ---- */

/* Mount point of a cgroup file system, with the given word among its options for version 1. */
static bool find_mount(const char *type, const char *option, char *out, size_t size)
{
    char line[4096], point[PATH_MAX], kind[64], options[1024];
    bool found = false;
    FILE *mounts = fopen("/proc/self/mounts", "re");
    while (mounts && !found && fgets(line, sizeof(line), mounts)) {
        if (sscanf(line, "%*s %4095s %63s %1023s", point, kind, options) != 3 ||
            strcmp(kind, type) != 0)
            continue;
        char *rest = options;
        for (char *part; !found && option && (part = strsep(&rest, ","));)
            found = strcmp(part, option) == 0;
        found = found || !option;
    }
    if (mounts)
        fclose(mounts);
    return found && snprintf(out, size, "%s", point) < (int)size;
}

/* The template's own group in version 1's pids. */
static bool find_own_group(char *out, size_t size)
{
    char line[4096];
    bool found = false;
    FILE *groups = fopen("/proc/self/cgroup", "re");
    while (groups && !found && fgets(line, sizeof(line), groups)) {
        char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
        if (!path || strncmp(list + 1, "pids:", 5) != 0)
            continue;
        path[strcspn(path, "\n")] = '\0';
        found = snprintf(out, size, "%s", path + 1) < (int)size;
    }
    if (groups)
        fclose(groups);
    return found;
}

static int open_base(const struct confine_options *options, enum cgroup_kind *kind)
{
    char point[PATH_MAX], own[PATH_MAX], path[2 * PATH_MAX];
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    *kind = CGROUP_V2;
    if (options->cgroup)
        return open(options->cgroup, flags);
    errno = ENOENT;
    if (find_mount("cgroup2", NULL, point, sizeof(point))) {
        int base = open(point, flags);
        if (base >= 0 && faccessat(base, ".", W_OK, 0) == 0 &&
            lists_word(base, "cgroup.subtree_control", "pids"))
            return base;
        close(base);
    }
    *kind = CGROUP_V1_PIDS;
    if (!find_mount("cgroup", "pids", point, sizeof(point)) || !find_own_group(own, sizeof(own)))
        return -1;
    snprintf(path, sizeof(path), "%s%s", point, own);
    return open(path, flags);
}

/* ---- Making and removing groups ---- */

/* Removes the groups in a template's folder, which must have no processes, and the folder. */
static void remove_folder(int base, const char *name)
{
    int fd = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    if (folder)
        closedir(folder);
    unlinkat(base, name, AT_REMOVEDIR);
}

/* Removes what templates that are no more have left. */
static void sweep(int base)
{
    int fd = openat(base, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        pid_t pid = (pid_t)atol(entry->d_name + strlen(PREFIX));
        if (pid > 0 && kill(pid, 0) < 0 && errno == ESRCH)
            remove_folder(base, entry->d_name);
    }
    if (folder)
        closedir(folder);
}

/* Hands the controllers on, from the base to the template's folder and from there to the
 * sandboxes'. */
static int enable_controllers(void)
{
    if (state.kind != CGROUP_V2)
        return 0;
    if (write_file(state.base, "", "cgroup.subtree_control", "+pids") < 0 ||
        write_file(state.folder, "", "cgroup.subtree_control", "+pids") < 0)
        return -1;
    state.memory = write_file(state.base, "", "cgroup.subtree_control", "+memory") == 0 &&
                   write_file(state.folder, "", "cgroup.subtree_control", "+memory") == 0;
    state.cpu = write_file(state.base, "", "cgroup.subtree_control", "+cpu") == 0 &&
                write_file(state.folder, "", "cgroup.subtree_control", "+cpu") == 0;
    return 0;
}

enum cgroup_kind cgroup_prepare(const struct confine_options *options, struct what *why)
{
    state.base = open_base(options, &state.kind);
    if (state.base < 0) {
        what_failed(why, "cgroup %s", options->cgroup ? options->cgroup : "with process counts");
        return CGROUP_NONE;
    }
    sweep(state.base);
    snprintf(state.name, sizeof(state.name), PREFIX "%d", (int)getpid());
    if (mkdirat(state.base, state.name, 0755) == 0)
        state.folder = openat(state.base, state.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state.folder < 0 || enable_controllers() < 0) {
        what_failed(why, "cgroup %s", state.name);
        unlinkat(state.base, state.name, AT_REMOVEDIR);
        state.kind = CGROUP_NONE;
    }
    return state.kind;
}

bool cgroup_accounts_memory(void)
{
    return state.kind == CGROUP_V2 && state.memory;
}

static int write_number(const char *group, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    return write_file(state.folder, group, name, text);
}

/* What counts towards memory.max beyond memory_bytes: the template's pages that the sandbox writes
 * to, and a disk in memory. The rlimits come first, with a MemoryError; this one kills. */
static int write_memory(const char *group, const struct confine_limits *limits)
{
    uint64_t all, data, sum = MEMORY_SLACK_BYTES;
    if (!state.memory || !limit_is_set(limits->memory_bytes))
        return 0;
    if (rlimits_mapped_bytes(&all, &data) < 0)
        return -1;
    uint64_t disk = limit_is_set(limits->disk_bytes) ? limits->disk_bytes : 0;
    if (__builtin_add_overflow(limits->memory_bytes, disk, &sum) ||
        __builtin_add_overflow(sum, data + MEMORY_SLACK_BYTES, &sum))
        return 0;
    if (write_number(group, "memory.max", sum) < 0)
        return -1;
    return write_number(group, "memory.oom.group", 1);
}

static void name_group(char name[16], unsigned number)
{
    snprintf(name, 16, "%u", number);
}

int cgroup_make(const struct confine_policy *policy, unsigned *number)
{
    char group[16];
    const struct confine_limits *limits = &policy->limits;
    *number = 0;
    if (state.kind == CGROUP_NONE)
        return 0;
    name_group(group, ++state.last);
    if (mkdirat(state.folder, group, 0755) < 0)
        return -1;
    *number = state.last;
    if ((limit_is_set(limits->threads) && write_number(group, "pids.max", limits->threads) < 0) ||
        write_memory(group, limits) < 0 ||
        (state.cpu && limit_is_set(limits->cpu_weight) &&
         write_number(group, "cpu.weight", limits->cpu_weight) < 0)) {
        int saved = errno;
        cgroup_remove(number);
        errno = saved;
        return -1;
    }
    return 0;
}

int cgroup_join(unsigned number, struct what *what)
{
    char group[16];
    if (number == 0)
        return 0;
    name_group(group, number);
    if (write_file(state.folder, group, "cgroup.procs", "0") < 0)
        return what_failed(what, "cgroup");
    return 0;
}

void cgroup_remove(unsigned *number)
{
    char group[16];
    if (*number == 0)
        return;
    name_group(group, *number);
    if (unlinkat(state.folder, group, AT_REMOVEDIR) == 0 || errno == ENOENT)
        *number = 0;
}

void cgroup_finish(void)
{
    if (state.kind == CGROUP_NONE || state.base < 0)
        return;
    remove_folder(state.base, state.name);
    state.kind = CGROUP_NONE;
}
