/* SPDX-License-Identifier: Apache-2.0 */
/* clutch.c: the subjects clutch, unconfined (nothing confines its sandboxes) and hashing (it has not the
 * kernel's word on which pages were written): creating, executing, listing, memory. */
#include <clutch.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crowd.h"
#include "host.h"
#include "measure.h"
#include "sessions.h"

enum { REFILL_US = 5000, INTERRUPT_AFTER_US = 20000 };

/* What the bench's log begins with, one line of JSON. */
static void describe(void)
{
    const clutch_engine_info *info = clutch_engine_describe(host_engine());
    printf("{\"clutch\": \"%s\", \"python\": \"%s\", \"pandas\": \"%s\", \"numpy\": \"%s\", "
           "\"template_anonymous_kib\": %zu}\n",
           clutch_version(), info->python_version, info->pandas_version, info->numpy_version,
           measure_memory_kib(info->template_pid, "Anonymous:"));
}

static void create(const char *name, unsigned count)
{
    clutch_engine *engine = host_engine();
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        clutch_sandbox *sandbox = host_create(engine, NULL);
        measure_add(name, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
    }
}

static void first_dataframe(const char *name, unsigned count)
{
    clutch_engine *engine = host_engine();
    char *code = measure_work("first_dataframe");
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        clutch_sandbox *sandbox = host_create(engine, NULL);
        host_run(sandbox, code);
        measure_add(name, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
    }
    free(code);
}

/* Until the pool is as full as it wants to be, for a second at most. */
static void await_refill(clutch_engine *engine)
{
    clutch_pool_info pool;
    double started = measure_now_us();
    do {
        usleep(REFILL_US);
        clutch_engine_pool(engine, &pool);
    } while (pool.ready < pool.target && measure_now_us() < started + 1e6);
}

/* One at a time, with a rest in which the pool fills up again: what a host sees whose users come one by
 * one. burst_100_pooled tells what happens when they do not. */
static void pooled(const char *name, unsigned count)
{
    char *code = measure_work("first_dataframe");
    bool frame = strcmp(name, "first_dataframe_pooled") == 0;
    for (unsigned i = 0; i < count; i++) {
        clutch_engine *engine = host_pooled();
        await_refill(engine);
        double started = measure_now_us();
        clutch_sandbox *sandbox = host_create(engine, NULL);
        if (frame)
            host_run(sandbox, code);
        measure_add(name, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
    }
    free(code);
}

/* A sandbox that lasts as long as the subject, in which a figure's preparation has run once. */
static clutch_sandbox *prepared(const char *name)
{
    static struct {
        const char *name;
        clutch_sandbox *sandbox;
    } kept[16];
    char before[64];
    snprintf(before, sizeof before, "%s-before", name);
    for (int i = 0; i < 16; i++) {
        if (kept[i].name && strcmp(kept[i].name, name) == 0)
            return kept[i].sandbox;
        if (kept[i].name)
            continue;
        char *code = measure_work(before);
        kept[i].name = strdup(name);
        kept[i].sandbox = host_create(host_engine(), NULL);
        if (code)
            host_run(kept[i].sandbox, code);
        free(code);
        return kept[i].sandbox;
    }
    measure_fail("too many figures keep a sandbox");
}

/* Runs bench/work/NAME.py again and again in a sandbox that is warm. */
static void execute(const char *name, unsigned count)
{
    clutch_sandbox *sandbox = prepared(name);
    char *code = measure_work(name);
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        host_run(sandbox, code);
        measure_add(name, measure_now_us() - started);
    }
    free(code);
}

static void list_dataframes(const char *name, unsigned count)
{
    clutch_sandbox *sandbox = prepared(name);
    clutch_status *status;
    clutch_error error;
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        host_check(clutch_sandbox_status(sandbox, &status, &error), &error);
        measure_add(name, measure_now_us() - started);
        if (status->dataframe_count != 100 || status->dataframes[99].memory_bytes < 32000)
            measure_fail("the status does not tell of 100 frames");
        clutch_status_free(status);
    }
}

static void *cancel_later(void *moment)
{
    usleep(INTERRUPT_AFTER_US);
    *(double *)moment = measure_now_us();
    clutch_sandbox_cancel(prepared("interrupt"));
    return NULL;
}

/* From the cancel until the result is there; the sandbox must have kept its variables. */
static void interrupt(const char *name, unsigned count)
{
    clutch_sandbox *sandbox = prepared(name);
    char *code = measure_work(name);
    clutch_error error;
    host_run(sandbox, "kept = 1");
    for (unsigned i = 0; i < count; i++) {
        double moment;
        pthread_t canceller;
        clutch_result *result;
        if (pthread_create(&canceller, NULL, cancel_later, &moment) != 0)
            measure_fail("no thread can be started");
        host_check(clutch_sandbox_run(sandbox, code, strlen(code), NULL, &result, &error), &error);
        double ended = measure_now_us();
        pthread_join(canceller, NULL);
        if (result->outcome != CLUTCH_OUTCOME_CANCELLED)
            measure_fail("the loop was not interrupted");
        clutch_result_free(result);
        measure_add(name, ended - moment);
        host_run(sandbox, "kept");
    }
    free(code);
}

static void memory(const char *name, unsigned count)
{
    clutch_sandbox **sandboxes = calloc(count, sizeof(clutch_sandbox *));
    (void)name;
    for (unsigned i = 0; i < count; i++)
        sandboxes[i] = host_create(host_engine(), NULL);
    for (unsigned i = 0; i < count; i++)
        measure_add("idle_private_kib", measure_private_kib(clutch_sandbox_pid(sandboxes[i])));
    for (unsigned i = 0; i < count; i++)
        host_work(sandboxes[i], "first_dataframe");
    for (unsigned i = 0; i < count; i++)
        measure_add("used_private_kib", measure_private_kib(clutch_sandbox_pid(sandboxes[i])));
    for (unsigned i = 0; i < count; i++)
        clutch_sandbox_destroy(sandboxes[i]);
    free(sandboxes);
}

/* What an execution costs beside a frame of 1 GB that it does not touch. */
static void untouched(const char *name, unsigned count)
{
    clutch_sandbox *sandbox = host_create(host_keeping(), NULL);
    host_run(sandbox, "megabytes = 1000");
    host_work(sandbox, "frame");
    host_work(sandbox, "execute_warm");
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        host_run(sandbox, "x = 1");
        measure_add(name, measure_now_us() - started);
    }
    clutch_sandbox_destroy(sandbox);
}

int main(int count, char **arguments)
{
    static const struct task tasks[] = {
        {"create", create},
        {"first_dataframe", first_dataframe},
        {"create_pooled", pooled},
        {"first_dataframe_pooled", pooled},
        {"burst_100_pooled", crowd_burst},
        {"execute_warm", execute},
        {"print_1", execute},
        {"print_10000", execute},
        {"output_1mib", execute},
        {"groupby_1m", execute},
        {"list_100_dataframes", list_dataframes},
        {"interrupt", interrupt},
        {"memory", memory},
        {"untouched_1gb", untouched},
        {"live_1000", crowd_live},
        {"burst_100", crowd_burst},
        {"executions_per_s", crowd_rate},
        {"growth", crowd_growth},
        {"busy", crowd_busy},
        {"pause", sessions_pause},
        {"stop_1gb", sessions_stop},
        {"create_from_point", sessions_from_point},
        {"copies_10mb", sessions_copies},
        {"copies_100mb", sessions_copies},
        {"copies_1gb", sessions_copies},
        {"template", sessions_template},
        {NULL, NULL},
    };
    if (count != 3)
        measure_fail("usage: bench-clutch SUBJECT|describe FOLDER");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    bool only_describe = strcmp(arguments[1], "describe") == 0;
    host_open(only_describe ? "clutch" : arguments[1], arguments[2]);
    if (only_describe)
        describe();
    int status = only_describe ? 0 : measure_serve(tasks);
    host_close();
    return status;
}
