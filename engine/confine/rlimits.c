/* SPDX-License-Identifier: Apache-2.0 */
/* rlimits.c: the limits that the kernel counts per process. They are set soft and hard at once, so
 * that only a process with CAP_SYS_RESOURCE, which no sandbox has, could raise them again.
 *
 * Memory is RLIMIT_AS and RLIMIT_DATA, both relative to what the fork inherited. RLIMIT_AS alone
 * counts shared anonymous memory, mapped files and memory files, which RLIMIT_DATA does not see;
 * RLIMIT_DATA alone keeps a process from turning address space that the template only reserved
 * (malloc arenas, mapped libraries) into memory of its own. At either bound mmap and brk fail with
 * ENOMEM, which Python raises as MemoryError with its state intact. */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static bool is_limited(uint64_t value)
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

/* Pages that the process maps, and of them those that are private and writable. Allocates nothing:
 * the process has just been forked. */
static int pages_mapped(uint64_t *all, uint64_t *data)
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
    unsigned long long size = 0, writable = 0;
    if (sscanf(text, "%llu %*u %*u %*u %*u %llu", &size, &writable) != 2) {
        errno = EPROTO;
        return -1;
    }
    *all = size;
    *data = writable;
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
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (pages_mapped(&all, &data) < 0)
        return -1;
    if (rlimit_lower(RLIMIT_AS, saturating_add(all * page, memory_bytes)) < 0)
        return -1;
    return rlimit_lower(RLIMIT_DATA, saturating_add(data * page, memory_bytes));
}

/* Limits that no sandbox has a use for: no core files with the user's data in them, no POSIX
 * message queues (kernel memory), no real-time scheduling, no locked memory beyond a little. */
static const struct {
    int resource;
    uint64_t value;
    const char *name;
} fixed_limits[] = {
    {RLIMIT_CORE, 0, "RLIMIT_CORE"},
    {RLIMIT_MSGQUEUE, 0, "RLIMIT_MSGQUEUE"},
    {RLIMIT_RTPRIO, 0, "RLIMIT_RTPRIO"},
    {RLIMIT_MEMLOCK, 64 * 1024, "RLIMIT_MEMLOCK"},
};

int confine_limits_apply(const struct confine_limits *limits, const char **what)
{
    for (size_t i = 0; i < sizeof(fixed_limits) / sizeof(fixed_limits[0]); i++) {
        *what = fixed_limits[i].name;
        if (rlimit_lower(fixed_limits[i].resource, fixed_limits[i].value) < 0)
            return -1;
    }
    *what = "RLIMIT_FSIZE";
    if (is_limited(limits->file_bytes)) {
        /* Without this the kernel would end the process where EFBIG tells it the same. */
        signal(SIGXFSZ, SIG_IGN);
        if (rlimit_lower(RLIMIT_FSIZE, limits->file_bytes) < 0)
            return -1;
    }
    *what = "RLIMIT_NOFILE";
    if (is_limited(limits->open_files) && rlimit_lower(RLIMIT_NOFILE, limits->open_files) < 0)
        return -1;
    *what = "RLIMIT_STACK";
    if (is_limited(limits->stack_bytes) && rlimit_lower(RLIMIT_STACK, limits->stack_bytes) < 0)
        return -1;
    *what = "RLIMIT_AS";
    if (is_limited(limits->memory_bytes) && limit_memory(limits->memory_bytes) < 0)
        return -1;
    return 0;
}
