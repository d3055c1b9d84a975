/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.c: the subjects fork, pingpong and disk: what the kernel itself charges for the like.
 *
 * fork: a process with as much memory as clutch's template forks, until the child's first byte arrives.
 * pingpong: a few bytes sent to another process and back. disk: a file of that size written and synced,
 * and read again. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum { BURST = 100, LIVE = 1000, PROBES = 100, CHUNK = 1 << 20, PROCESSORS_MAX = 256 };

static const char *folder;

static void make_pair(int ends[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        measure_fail("no socket pair can be made");
}

static void allocate(size_t kib)
{
    char *heap = mmap(NULL, kib * 1024, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (heap == MAP_FAILED)
        measure_fail("no memory");
    madvise(heap, kib * 1024, MADV_NOHUGEPAGE);
    memset(heap, 1, kib * 1024);
}

/* ---- fork ---- */

struct child {
    pid_t pid;
    int fd; /* sends back what it gets */
};

static void echo(int fd)
{
    char bytes[64];
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        (void)!write(fd, bytes, (size_t)got);
    _exit(0);
}

/* Returns at once; the child's first byte is still to come. */
static struct child start(void)
{
    int ends[2];
    make_pair(ends);
    pid_t pid = fork();
    if (pid < 0)
        measure_fail("no process can be forked");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)!write(ends[1], "x", 1);
        echo(ends[1]);
    }
    close(ends[1]);
    return (struct child){pid, ends[0]};
}

static void await(struct child child)
{
    char byte;
    if (read(child.fd, &byte, 1) != 1)
        measure_fail("a forked child has ended");
}

static double ping(int fd)
{
    char bytes[64] = {0};
    double started = measure_now_us();
    if (write(fd, bytes, sizeof bytes) != sizeof bytes || read(fd, bytes, sizeof bytes) <= 0)
        measure_fail("a forked child has ended");
    return measure_now_us() - started;
}

static void end(struct child child)
{
    kill(child.pid, SIGKILL);
    waitpid(child.pid, NULL, 0);
    close(child.fd);
}

static double time_of_fork(void)
{
    double started = measure_now_us();
    struct child child = start();
    await(child);
    double elapsed = measure_now_us() - started;
    end(child);
    return elapsed;
}

static void create(const char *name, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        measure_add(name, time_of_fork());
}

/* So many at once, and then an answer of each if that is wanted. */
static double time_of_crowd(unsigned size, int answers)
{
    struct child *children = calloc(size, sizeof(struct child));
    double started = measure_now_us();
    for (unsigned i = 0; i < size; i++)
        children[i] = start();
    for (unsigned i = 0; i < size; i++)
        await(children[i]);
    for (unsigned i = 0; answers && i < size; i++)
        ping(children[i].fd);
    double elapsed = measure_now_us() - started;
    for (unsigned i = 0; i < size; i++)
        end(children[i]);
    free(children);
    return elapsed;
}

static void burst(const char *name, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        measure_add(name, time_of_crowd(BURST, 0));
}

static void live(const char *name, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        measure_add(name, time_of_crowd(LIVE, 1));
}

static void memory(const char *name, unsigned count)
{
    (void)name;
    for (unsigned i = 0; i < count; i++) {
        struct child child = start();
        await(child);
        measure_add("idle_private_kib", measure_private_kib(child.pid));
        end(child);
    }
}

static void growth(const char *name, unsigned largest)
{
    struct child *children = calloc(largest, sizeof(struct child));
    unsigned alive = 0;
    (void)name;
    for (const unsigned *size = measure_sizes; *size && *size <= largest; size++) {
        for (; alive < *size; alive++) {
            children[alive] = start();
            await(children[alive]);
        }
        for (int i = 0; i < PROBES; i++)
            measure_add_at("create", alive, time_of_fork());
        for (int i = 0; i < PROBES; i++)
            measure_add_at("execute", alive, ping(children[(unsigned)random() % alive].fd));
        for (unsigned i = 0; i < PROBES && i < alive; i++)
            measure_add_at("private_kib", alive, measure_private_kib(children[i].pid));
    }
    for (unsigned i = 0; i < alive; i++)
        end(children[i]);
    free(children);
}

/* The same while so many live and as many others as there are processors burn them. */
static void busy(const char *name, unsigned live_ones)
{
    long burning = sysconf(_SC_NPROCESSORS_ONLN);
    struct child *children = calloc(live_ones, sizeof(struct child));
    pid_t burners[PROCESSORS_MAX];
    (void)name;
    if (burning > PROCESSORS_MAX)
        burning = PROCESSORS_MAX;
    for (unsigned i = 0; i < live_ones; i++)
        await(children[i] = start());
    for (long i = 0; i < burning; i++)
        if ((burners[i] = fork()) == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;)
                ;
        }
    for (int i = 0; i < PROBES; i++)
        measure_add("create_busy", time_of_fork());
    for (int i = 0; i < PROBES; i++)
        measure_add("execute_busy", ping(children[(unsigned)random() % live_ones].fd));
    for (long i = 0; i < burning; i++) {
        kill(burners[i], SIGKILL);
        waitpid(burners[i], NULL, 0);
    }
    for (unsigned i = 0; i < live_ones; i++)
        end(children[i]);
    free(children);
}

/* Forks of a process that has so much more memory: a helper, so that this one stays as it is. */
static void larger(const char *figure, unsigned megabytes, bool rests, unsigned count)
{
    int ends[2];
    double value;
    make_pair(ends);
    pid_t helper = fork();
    if (helper == 0) {
        allocate((size_t)megabytes * 1000);
        for (unsigned i = 0; i < count; i++) {
            if (rests)
                measure_rest();
            value = time_of_fork();
            (void)!write(ends[1], &value, sizeof value);
        }
        _exit(0);
    }
    close(ends[1]);
    while (read(ends[0], &value, sizeof value) == sizeof value)
        measure_add(figure, value);
    close(ends[0]);
    waitpid(helper, NULL, 0);
}

static void copies(const char *name, unsigned count)
{
    char figure[32];
    const char *size = strchr(name, '_') + 1;
    snprintf(figure, sizeof figure, "clone_%s", size);
    larger(figure, strcmp(size, "1gb") == 0 ? 1000 : (unsigned)atoi(size), true, count);
}

static void template(const char *name, unsigned count)
{
    (void)name;
    for (const unsigned *size = (const unsigned[]){50, 200, 1000, 0}; *size; size++) {
        char figure[32];
        snprintf(figure, sizeof figure, "create_template_%u", *size);
        larger(figure, *size, false, count);
    }
}

/* ---- pingpong ---- */

static void pingpong(const char *name, unsigned count)
{
    static struct child peer;
    if (!peer.pid) {
        peer = start();
        await(peer);
    }
    for (unsigned i = 0; i < count; i++)
        measure_add(name, ping(peer.fd));
}

struct pinger {
    struct child peer;
    double until;
    unsigned long pings;
    pthread_t thread;
};

static void *ping_until(void *argument)
{
    struct pinger *pinger = argument;
    while (measure_now_us() < pinger->until) {
        ping(pinger->peer.fd);
        pinger->pings++;
    }
    return NULL;
}

static void rate(const char *name, unsigned milliseconds)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct pinger pingers[PROCESSORS_MAX];
    unsigned long pings = 0;
    if (processors > PROCESSORS_MAX)
        processors = PROCESSORS_MAX;
    double started = measure_now_us();
    for (long i = 0; i < processors; i++) {
        pingers[i] = (struct pinger){.peer = start(), .until = started + 1e3 * milliseconds};
        await(pingers[i].peer);
        if (pthread_create(&pingers[i].thread, NULL, ping_until, &pingers[i]) != 0)
            measure_fail("no thread can be started");
    }
    for (long i = 0; i < processors; i++) {
        pthread_join(pingers[i].thread, NULL);
        pings += pingers[i].pings;
    }
    measure_add(name, (double)pings / (measure_now_us() - started) * 1e6);
    for (long i = 0; i < processors; i++)
        end(pingers[i].peer);
}

/* ---- disk ---- */

static void write_and_read(const char *name, unsigned count)
{
    char *chunk = malloc(CHUNK), path[4096];
    memset(chunk, 1, CHUNK);
    snprintf(path, sizeof path, "%s/reference", folder);
    for (unsigned i = 0; i < count; i++) {
        unlink(path);
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        double started = measure_now_us();
        for (size_t done = 0; done < (size_t)1000 * 1000 * 1000; done += CHUNK)
            if (write(fd, chunk, CHUNK) != CHUNK)
                measure_fail("the disk takes no file of 1 GB");
        if (fsync(fd) != 0)
            measure_fail("the disk takes no file of 1 GB");
        measure_add(name, measure_now_us() - started);
        lseek(fd, 0, SEEK_SET);
        started = measure_now_us();
        while (read(fd, chunk, CHUNK) > 0)
            ;
        measure_add("start_1gb", measure_now_us() - started);
        close(fd);
        unlink(path);
    }
    free(chunk);
}

int main(int count, char **arguments)
{
    static const struct task fork_tasks[] = {
        {"create", create}, {"burst_100", burst}, {"live_1000", live}, {"memory", memory},
        {"growth", growth}, {"copies_10mb", copies}, {"copies_100mb", copies}, {"copies_1gb", copies},
        {"template", template}, {"busy", busy}, {NULL, NULL},
    };
    static const struct task pingpong_tasks[] = {
        {"execute_warm", pingpong}, {"executions_per_s", rate}, {NULL, NULL},
    };
    static const struct task disk_tasks[] = {{"stop_1gb", write_and_read}, {NULL, NULL}};
    if (count != 3)
        measure_fail("usage: bench-kernel fork KIB|pingpong KIB|disk FOLDER");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    folder = arguments[2];
    if (strcmp(arguments[1], "disk") == 0)
        return measure_serve(disk_tasks);
    if (strcmp(arguments[1], "pingpong") == 0)
        return measure_serve(pingpong_tasks);
    allocate(strtoul(arguments[2], NULL, 10));
    return measure_serve(fork_tasks);
}
