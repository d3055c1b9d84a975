/* SPDX-License-Identifier: Apache-2.0 */
/* references.c: what the kernel itself charges, for comparison. */
#include "references.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static double fork_once(void)
{
    int ends[2];
    char byte;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        exit(1);
    double started = measure_now_us();
    pid_t pid = fork();
    if (pid == 0) {
        (void)!write(ends[1], "x", 1);
        _exit(0);
    }
    (void)!read(ends[0], &byte, 1);
    double elapsed = measure_now_us() - started;
    waitpid(pid, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    return elapsed;
}

int references_start_forker(size_t kib)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        exit(1);
    if (fork() == 0) {
        close(ends[0]);
        char *heap = mmap(NULL, kib * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (heap == MAP_FAILED)
            _exit(1);
        madvise(heap, kib * 1024, MADV_NOHUGEPAGE);
        memset(heap, 1, kib * 1024);
        char byte;
        while (read(ends[1], &byte, 1) == 1) {
            double elapsed = fork_once();
            (void)!write(ends[1], &elapsed, sizeof elapsed);
        }
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

double references_ask_forker(int forker)
{
    double elapsed = 0;
    if (write(forker, "x", 1) != 1 || read(forker, &elapsed, sizeof elapsed) != sizeof elapsed)
        exit(1);
    return elapsed;
}

int references_start_echo(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        exit(1);
    if (fork() == 0) {
        close(ends[0]);
        char bytes[64];
        ssize_t got;
        while ((got = read(ends[1], bytes, sizeof bytes)) > 0)
            (void)!write(ends[1], bytes, (size_t)got);
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

double references_ask_echo(int echo)
{
    char bytes[64] = {0};
    double started = measure_now_us();
    if (write(echo, bytes, sizeof bytes) != sizeof bytes || read(echo, bytes, sizeof bytes) <= 0)
        exit(1);
    return measure_now_us() - started;
}

static int open_file(const char *folder, int flags)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/reference", folder);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        exit(1);
    return fd;
}

enum { CHUNK = 1 << 20 };

double references_write(const char *folder, size_t bytes)
{
    char *chunk = malloc(CHUNK), path[4096];
    memset(chunk, 1, CHUNK);
    snprintf(path, sizeof path, "%s/reference", folder);
    unlink(path);
    int fd = open_file(folder, O_WRONLY | O_CREAT | O_EXCL);
    double started = measure_now_us();
    for (size_t done = 0; done < bytes; done += CHUNK)
        if (write(fd, chunk, CHUNK) != CHUNK)
            exit(1);
    if (fsync(fd) != 0)
        exit(1);
    double elapsed = measure_now_us() - started;
    close(fd);
    free(chunk);
    return elapsed;
}

double references_read(const char *folder, size_t bytes)
{
    char *chunk = malloc(CHUNK);
    int fd = open_file(folder, O_RDONLY);
    double started = measure_now_us();
    for (size_t done = 0; done < bytes; done += CHUNK)
        if (read(fd, chunk, CHUNK) != CHUNK)
            exit(1);
    double elapsed = measure_now_us() - started;
    close(fd);
    free(chunk);
    return elapsed;
}
