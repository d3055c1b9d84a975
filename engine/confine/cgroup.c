/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup.c: a control group for each sandbox, below a folder that the host gives, of version 2 or
 * of one of version 1's controllers. It bounds what no rlimit sees: memory of every kind, the share
 * of the processors, and the threads of all users alike. Only on demand, since a process waits some
 * milliseconds for the kernel while it moves into one (less where version 2 is mounted with
 * favordynmods).
 *
 *     <folder>/clutch-<template's pid>/<number of the sandbox>
 *
 * The template makes a group before it forks, the sandbox moves itself into it, and the template
 * removes it when the sandbox has ended. What a killed template left is removed by the next one. */
#include "confine/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "clutch-"
#define MEMORY_SLACK_BYTES (32u << 20) /* page tables, pipes, what else the kernel keeps for it */

static struct {
    int base;   /* the host's folder */
    int folder; /* the template's in it */
    char name[40];
    const char *memory_file, *threads_file, *cpu_file; /* in a group; NULL: no such controller */
    unsigned last;                                     /* number of the group made last */
} state = {.base = -1, .folder = -1};

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

static int write_number(const char *group, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    return write_file(state.folder, group, name, text);
}

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

/* Version 2 hands controllers on from folder to folder, where asked to; version 1 has none to
 * ask. */
static void hand_on(int folder)
{
    static const char *const controllers[] = {"+pids", "+memory", "+cpu"};
    for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
        write_file(folder, "", "cgroup.subtree_control", controllers[i]);
}

/* The one of two files that a new group has. */
static const char *find_file(const char *group, const char *first, const char *second)
{
    char path[80];
    const char *const names[] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", group, names[i]);
        if (faccessat(state.folder, path, W_OK, 0) == 0)
            return names[i];
    }
    return NULL;
}

static void find_controllers(void)
{
    if (mkdirat(state.folder, "probe", 0755) < 0)
        return;
    state.memory_file = find_file("probe", "memory.max", "memory.limit_in_bytes");
    state.threads_file = find_file("probe", "pids.max", "pids.max");
    state.cpu_file = find_file("probe", "cpu.weight", "cpu.shares");
    unlinkat(state.folder, "probe", AT_REMOVEDIR);
}

int cgroup_prepare(const struct confine_options *options, struct what *why)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    state.base = open(options->cgroup, flags);
    if (state.base < 0)
        return what_failed(why, "cgroup %s", options->cgroup);
    sweep(state.base);
    hand_on(state.base);
    snprintf(state.name, sizeof(state.name), PREFIX "%d", (int)getpid());
    if (mkdirat(state.base, state.name, 0755) < 0)
        return what_failed(why, "cgroup %s/%s", options->cgroup, state.name);
    state.folder = openat(state.base, state.name, flags);
    if (state.folder < 0)
        return what_failed(why, "cgroup %s/%s", options->cgroup, state.name);
    hand_on(state.folder);
    find_controllers();
    if (!state.memory_file)
        return what_refused(why, ENOTSUP, "cgroup %s has no memory controller", options->cgroup);
    return 0;
}

bool cgroup_counts_memory(void)
{
    return state.memory_file;
}

bool cgroup_counts_threads(void)
{
    return state.threads_file;
}

bool cgroup_weighs_processors(void)
{
    return state.cpu_file != NULL;
}

/* What counts towards the group's memory beyond memory_bytes: the template's pages that the sandbox
 * writes to, and a disk in memory. The rlimits come first, with a MemoryError; this one kills. */
static int write_memory(const char *group, const struct confine_limits *limits)
{
    uint64_t all, data, sum;
    if (!state.memory_file || !limit_is_set(limits->memory_bytes))
        return 0;
    if (rlimits_mapped_bytes(&all, &data) < 0)
        return -1;
    uint64_t disk = limit_is_set(limits->disk_bytes) ? limits->disk_bytes : 0;
    if (__builtin_add_overflow(limits->memory_bytes, disk, &sum) ||
        __builtin_add_overflow(sum, data + MEMORY_SLACK_BYTES, &sum))
        return 0;
    return write_number(group, state.memory_file, sum);
}

static int write_limits(const char *group, const struct confine_limits *limits)
{
    if (state.threads_file && limit_is_set(limits->threads) &&
        write_number(group, state.threads_file, limits->threads) < 0)
        return -1;
    if (!state.cpu_file || !limit_is_set(limits->cpu_weight))
        return write_memory(group, limits);
    /* 100 of version 2 is 1024 of version 1. */
    uint64_t weight = strcmp(state.cpu_file, "cpu.shares") == 0 ? limits->cpu_weight * 1024 / 100
                                                                : limits->cpu_weight;
    if (write_number(group, state.cpu_file, weight) < 0)
        return -1;
    return write_memory(group, limits);
}

static void name_group(char name[16], unsigned number)
{
    snprintf(name, 16, "%u", number);
}

int cgroup_make(const struct confine_policy *policy, unsigned *number)
{
    char group[16];
    *number = 0;
    if (state.folder < 0)
        return 0;
    name_group(group, ++state.last);
    if (mkdirat(state.folder, group, 0755) < 0)
        return -1;
    *number = state.last;
    if (write_limits(group, &policy->limits) < 0) {
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
    if (state.folder < 0)
        return;
    remove_folder(state.base, state.name);
    close(state.folder);
    state.folder = -1;
}
