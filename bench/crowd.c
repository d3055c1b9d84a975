/* SPDX-License-Identifier: Apache-2.0 */
/* crowd.c: tasks of a clutch subject with many sandboxes at once. */
#include "crowd.h"

#include <clutch.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "measure.h"

enum { BURST = 100, LIVE = 1000, PROBES = 100, PROCESSORS_MAX = 256 };

static clutch_sandbox **many(unsigned count)
{
    clutch_sandbox **sandboxes = calloc(count, sizeof(clutch_sandbox *));
    if (!sandboxes)
        measure_fail("out of memory");
    return sandboxes;
}

static void destroy(clutch_sandbox **sandboxes, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        clutch_sandbox_destroy(sandboxes[i]);
    free(sandboxes);
}

/* From nothing until so many sandboxes live and each has answered. */
void crowd_live(const char *name, unsigned count)
{
    clutch_engine *engine = host_engine();
    for (unsigned i = 0; i < count; i++) {
        clutch_sandbox **sandboxes = many(LIVE);
        double started = measure_now_us();
        for (unsigned j = 0; j < LIVE; j++)
            sandboxes[j] = host_create(engine, NULL);
        for (unsigned j = 0; j < LIVE; j++)
            host_run(sandboxes[j], "x = 1");
        measure_add(name, measure_now_us() - started);
        destroy(sandboxes, LIVE);
    }
}

struct creator {
    pthread_barrier_t *start;
    clutch_engine *engine;
    clutch_sandbox *sandbox;
    pthread_t thread;
};

static void *create_at_once(void *argument)
{
    struct creator *creator = argument;
    pthread_barrier_wait(creator->start);
    creator->sandbox = host_create(creator->engine, NULL);
    return NULL;
}

/* From the moment at which 100 threads ask for a sandbox until all have one. */
void crowd_burst(const char *name, unsigned count)
{
    clutch_engine *engine = strstr(name, "_pooled") ? host_pooled() : host_engine();
    for (unsigned i = 0; i < count; i++) {
        struct creator creators[BURST];
        pthread_barrier_t start;
        pthread_barrier_init(&start, NULL, BURST + 1);
        for (int j = 0; j < BURST; j++) {
            creators[j] = (struct creator){.start = &start, .engine = engine};
            if (pthread_create(&creators[j].thread, NULL, create_at_once, &creators[j]) != 0)
                measure_fail("no thread can be started");
        }
        double started = measure_now_us();
        pthread_barrier_wait(&start);
        for (int j = 0; j < BURST; j++)
            pthread_join(creators[j].thread, NULL);
        measure_add(name, measure_now_us() - started);
        for (int j = 0; j < BURST; j++)
            clutch_sandbox_destroy(creators[j].sandbox);
        pthread_barrier_destroy(&start);
    }
}

struct runner {
    clutch_sandbox *sandbox;
    double until;
    unsigned long executions;
    pthread_t thread;
};

static void *run_until(void *argument)
{
    struct runner *runner = argument;
    while (measure_now_us() < runner->until) {
        host_run(runner->sandbox, "x = 1");
        runner->executions++;
    }
    return NULL;
}

/* A thread and a sandbox per processor, each executing as fast as it can. */
void crowd_rate(const char *name, unsigned milliseconds)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct runner runners[PROCESSORS_MAX];
    if (processors > PROCESSORS_MAX)
        processors = PROCESSORS_MAX;
    for (long i = 0; i < processors; i++) {
        runners[i] = (struct runner){.sandbox = host_create(host_engine(), NULL)};
        host_run(runners[i].sandbox, "x = 1");
    }
    double started = measure_now_us();
    for (long i = 0; i < processors; i++) {
        runners[i].until = started + 1e3 * milliseconds;
        if (pthread_create(&runners[i].thread, NULL, run_until, &runners[i]) != 0)
            measure_fail("no thread can be started");
    }
    unsigned long executions = 0;
    for (long i = 0; i < processors; i++) {
        pthread_join(runners[i].thread, NULL);
        executions += runners[i].executions;
    }
    measure_add(name, (double)executions / (measure_now_us() - started) * 1e6);
    for (long i = 0; i < processors; i++)
        clutch_sandbox_destroy(runners[i].sandbox);
}

/* What one more create and an execution in a random one of the living cost. */
static void probe(clutch_sandbox **sandboxes, unsigned live, const char *create, const char *execute)
{
    for (int i = 0; i < PROBES; i++) {
        double started = measure_now_us();
        clutch_sandbox *one_more = host_create(host_engine(), NULL);
        measure_add(create, measure_now_us() - started);
        clutch_sandbox_destroy(one_more);
    }
    for (int i = 0; i < PROBES; i++) {
        clutch_sandbox *one = sandboxes[(unsigned)random() % live];
        double started = measure_now_us();
        host_run(one, "x = 1");
        measure_add(execute, measure_now_us() - started);
    }
}

void crowd_growth(const char *name, unsigned largest)
{
    clutch_sandbox **sandboxes = many(largest);
    unsigned live = 0;
    (void)name;
    for (const unsigned *size = measure_sizes; *size && *size <= largest; size++) {
        char create[32], execute[32];
        for (; live < *size; live++) {
            sandboxes[live] = host_create(host_engine(), NULL);
            host_run(sandboxes[live], "x = 1");
        }
        snprintf(create, sizeof create, "create_at_%u", live);
        snprintf(execute, sizeof execute, "execute_at_%u", live);
        probe(sandboxes, live, create, execute);
        for (unsigned i = 0; i < PROBES && i < live; i++)
            measure_add_at("private_kib", live,
                           measure_private_kib(clutch_sandbox_pid(sandboxes[(unsigned)random() % live])));
        measure_add_at("host_private_kib", live, measure_private_kib(getpid()));
    }
    destroy(sandboxes, live);
}

/* The same while so many live and as many others as there are processors burn them. */
void crowd_busy(const char *name, unsigned live)
{
    long burning = sysconf(_SC_NPROCESSORS_ONLN);
    clutch_sandbox **sandboxes = many(live), **burners = many((unsigned)burning);
    clutch_execution **executions = calloc((size_t)burning, sizeof(clutch_execution *));
    char *code = measure_work("interrupt");
    clutch_error error;
    (void)name;
    for (unsigned i = 0; i < live; i++)
        sandboxes[i] = host_create(host_engine(), NULL);
    for (long i = 0; i < burning; i++) {
        burners[i] = host_create(host_engine(), NULL);
        host_check(clutch_execution_start(burners[i], code, strlen(code), NULL, &executions[i], &error),
                   &error);
    }
    probe(sandboxes, live, "create_busy", "execute_busy");
    for (long i = 0; i < burning; i++)
        clutch_execution_free(executions[i]);
    destroy(burners, (unsigned)burning);
    destroy(sandboxes, live);
    free(executions);
    free(code);
}
