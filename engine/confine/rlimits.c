/* SPDX-License-Identifier: Apache-2.0 */
/* rlimits.c: the limits that the kernel counts per process. They are set soft and hard at once, so
 * that only a process with CAP_SYS_RESOURCE, which no sandbox has, could raise them again.
 *
 * Memory is RLIMIT_AS and RLIMIT_DATA, both relative to what the fork inherited. RLIMIT_AS alone
 * counts shared anonymous memory, mapped files and memory files, which RLIMIT_DATA does not see;
 * RLIMIT_DATA alone keeps a process from turning address space that the template only reserved
 * (malloc arenas, mapped libraries) into memory of its own. At either bound mmap and brk fail with
 * ENOMEM, which Python raises as MemoryError with its state intact. */
#include "confine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

bool limit_is_set(uint64_t value)
{
    return value != 0 && value != UINT64_MAX;
}

/* Lowers a limit to value, or leaves it where it is when it is lower already. */
static int rlimit_lower(int resource, uint64_t value)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0)
        return -1;
    if (limit.rlim_max > value)
        limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit);
}

/* Allocates nothing: the process has just been forked. */
int rlimits_mapped_bytes(uint64_t *all, uint64_t *data)
{
    char text[256];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, text, sizeof(text) - 1);
    int saved = errno;
    close(fd);
    errno = saved;
    if (length <= 0)
        return -1;
    text[length] = '\0';
    uint64_t pages[6] = {0}; /* size, resident, shared, text, lib, data */
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    char *at = text;
    for (size_t i = 0; i < 6; i++)
        pages[i] = strtoull(at, &at, 10);
    *all = pages[0] * page;
    *data = pages[5] * page;
    return 0;
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static int limit_memory(uint64_t memory_bytes)
{
    uint64_t all, data;
    if (rlimits_mapped_bytes(&all, &data) < 0)
        return -1;
    if (rlimit_lower(RLIMIT_AS, saturating_add(all, memory_bytes)) < 0)
        return -1;
    return rlimit_lower(RLIMIT_DATA, saturating_add(data, memory_bytes));
}

int rlimits_threads(uint64_t threads)
{
    return rlimit_lower(RLIMIT_NPROC, threads);
}

/* Each level is worth a quarter more or less than the next; threads begin with what their creator has. */
int rlimits_niceness(uint64_t cpu_weight)
{
    int nice = 0;
    for (double weight = 100; nice < 19 && (double)cpu_weight < weight * 0.9; nice++)
        weight *= 0.8;
    return nice > 0 ? setpriority(PRIO_PROCESS, 0, nice) : 0;
}

/* Limits that no sandbox has a use for: no core files with the user's data in them, no POSIX
 * message queues (kernel memory), no real-time scheduling, little locked memory, few queued signals
 * and timers. */
static const struct {
    int resource;
    uint64_t value;
    const char *name;
} fixed_limits[] = {
    {RLIMIT_CORE, 0, "RLIMIT_CORE"},
    {RLIMIT_MSGQUEUE, 0, "RLIMIT_MSGQUEUE"},
    {RLIMIT_RTPRIO, 0, "RLIMIT_RTPRIO"},
    {RLIMIT_MEMLOCK, 64 * 1024, "RLIMIT_MEMLOCK"},
    {RLIMIT_SIGPENDING, 1024, "RLIMIT_SIGPENDING"},
};

int confine_limits_apply(const struct confine_limits *limits, const char **what)
{
    for (size_t i = 0; i < sizeof(fixed_limits) / sizeof(fixed_limits[0]); i++) {
        *what = fixed_limits[i].name;
        if (rlimit_lower(fixed_limits[i].resource, fixed_limits[i].value) < 0)
            return -1;
    }
    *what = "RLIMIT_FSIZE";
    if (limit_is_set(limits->file_bytes)) {
        /* Without this the kernel would end the process where EFBIG tells it the same. */
        signal(SIGXFSZ, SIG_IGN);
        if (rlimit_lower(RLIMIT_FSIZE, limits->file_bytes) < 0)
            return -1;
    }
    *what = "RLIMIT_NOFILE";
    if (limit_is_set(limits->open_files) && rlimit_lower(RLIMIT_NOFILE, limits->open_files) < 0)
        return -1;
    *what = "RLIMIT_STACK";
    if (limit_is_set(limits->stack_bytes) && rlimit_lower(RLIMIT_STACK, limits->stack_bytes) < 0)
        return -1;
    *what = "RLIMIT_AS";
    if (limit_is_set(limits->memory_bytes) && limit_memory(limits->memory_bytes) < 0)
        return -1;
    return 0;
}
