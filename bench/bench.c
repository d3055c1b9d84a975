/* SPDX-License-Identifier: Apache-2.0 */
/* bench.c: what clutch costs, beside what the kernel itself charges for the like, in one run.
 *
 * Two references take turns with clutch, so that all see the same machine: a bare fork of a process
 * with as much anonymous memory as the template has, timed until the child's first byte arrives; and a
 * byte sent to another process and back over a socket pair. Figures are medians; ratios hold on other
 * machines, microseconds do not. */
#include <clutch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "measure.h"
#include "references.h"
#include "sessions.h"

enum { CREATES = 200, WARM = 20000, OUTPUTS = 50, IDLE = 50, UNTOUCHED = 20 };

static clutch_engine *engine, *bare_engine; /* the second confines nothing, to show what that costs */
static clutch_error error;

static void check(int code)
{
    if (code < 0) {
        fprintf(stderr, "bench: %s\n", error.message);
        exit(1);
    }
}

static clutch_sandbox *create_in(clutch_engine *in)
{
    clutch_sandbox *sandbox;
    check(clutch_sandbox_create(in, NULL, &sandbox, &error));
    return sandbox;
}

static clutch_sandbox *create(void)
{
    return create_in(engine);
}

static clutch_engine *open_unconfined(void)
{
    static const char *const none[] = {NULL};
    const clutch_engine_info *info = clutch_engine_describe(engine);
    const char *all[64 + 1] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < info->facility_count && count < 64; i++)
        if (info->facilities[i].held)
            all[count++] = info->facilities[i].name;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.require = none;
    options.disable = all;
    clutch_engine *opened;
    check(clutch_engine_open(&options, &opened, &error));
    return opened;
}

/* Runs code that must not fail. */
static void run(clutch_sandbox *sandbox, const char *code, const clutch_execute_options *options)
{
    clutch_result *result;
    check(clutch_sandbox_run(sandbox, code, strlen(code), options, &result, &error));
    if (result->outcome != CLUTCH_OUTCOME_OK) {
        fprintf(stderr, "bench: %s\n", result->error);
        exit(1);
    }
    clutch_result_free(result);
}

/* Sums up to two rows of a process's smaps_rollup. */
static size_t memory_kib(int pid, const char *row, const char *other)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    size_t total = 0;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, row, strlen(row)) == 0 || (other && strncmp(line, other, strlen(other)) == 0))
            total += strtoul(strchr(line, ':') + 1, NULL, 10);
    if (file)
        fclose(file);
    return total;
}

/* ---- Figures ---- */

static void bench_create(int forker, FILE *log)
{
    struct samples ours = measure_new("create", "clutch", "us");
    struct samples bare = measure_new("create", "fork", "us");
    struct samples open = measure_new("create", "unconfined", "us");
    struct samples frame = measure_new("first_dataframe", "clutch", "us");
    for (int i = 0; i < CREATES; i++) {
        double started = measure_now_us();
        clutch_sandbox *free_one = create_in(bare_engine);
        measure_add(&open, measure_now_us() - started);
        clutch_sandbox_destroy(free_one);
        started = measure_now_us();
        clutch_sandbox *sandbox = create();
        measure_add(&ours, measure_now_us() - started);
        run(sandbox, "import pandas as pd\n"
                     "df = pd.DataFrame({'key': ['a', 'b', 'a'], 'value': [1, 2, 3]})\n"
                     "print(df.groupby('key').sum())", NULL);
        measure_add(&frame, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
        measure_add(&bare, references_ask_forker(forker));
    }
    measure_report(&bare, NULL, log);
    measure_report(&open, &bare, log);
    measure_report(&ours, &bare, log);
    measure_report(&frame, &bare, log);
}

static void bench_warm(int echo, FILE *log)
{
    struct samples ours = measure_new("execute_warm", "clutch", "us");
    struct samples bare = measure_new("execute_warm", "pingpong", "us");
    struct samples open = measure_new("execute_warm", "unconfined", "us");
    clutch_sandbox *sandbox = create(), *free_one = create_in(bare_engine);
    for (int i = 0; i < WARM; i++) {
        double started = measure_now_us();
        run(sandbox, "x = 1", NULL);
        measure_add(&ours, measure_now_us() - started);
        started = measure_now_us();
        run(free_one, "x = 1", NULL);
        measure_add(&open, measure_now_us() - started);
        measure_add(&bare, references_ask_echo(echo));
    }
    clutch_sandbox_destroy(sandbox);
    clutch_sandbox_destroy(free_one);
    measure_report(&bare, NULL, log);
    measure_report(&open, &bare, log);
    measure_report(&ours, &bare, log);
}

static void bench_output(FILE *log)
{
    struct samples whole = measure_new("output_1mib", "clutch", "us");
    struct samples lines = measure_new("print_10000", "clutch", "us");
    clutch_sandbox *sandbox = create();
    for (int i = 0; i < OUTPUTS; i++) {
        double started = measure_now_us();
        run(sandbox, "print('x' * (1 << 20))", NULL);
        measure_add(&whole, measure_now_us() - started);
        started = measure_now_us();
        run(sandbox, "for i in range(10000): print(i)", NULL);
        measure_add(&lines, measure_now_us() - started);
    }
    clutch_sandbox_destroy(sandbox);
    measure_report(&whole, NULL, log);
    measure_report(&lines, NULL, log);
}

/* What an execution costs beside a frame of 1 GB that it does not touch: with the kernel's word on which
 * pages were written, and without, by reading it. */
static void bench_untouched(FILE *log)
{
    static const char *const disable[] = {"page_write_tracking", NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    clutch_engine *hashing;
    options.disable = disable;
    check(clutch_engine_open(&options, &hashing, &error));
    struct samples tracked = measure_new("untouched_1gb", "clutch", "us");
    struct samples hashed = measure_new("untouched_1gb", "hashing", "us");
    clutch_engine *engines[] = {engine, hashing};
    for (int side = 0; side < 2; side++) {
        clutch_sandbox *sandbox = create_in(engines[side]);
        run(sandbox, "import numpy, pandas\n"
                     "df = pandas.DataFrame(numpy.ones((4, 1 << 25)).T, columns=list('abcd'))", NULL);
        for (int i = 0; i < UNTOUCHED; i++) {
            double started = measure_now_us();
            run(sandbox, "x = 1", NULL);
            measure_add(side ? &hashed : &tracked, measure_now_us() - started);
        }
        clutch_sandbox_destroy(sandbox);
    }
    clutch_engine_close(hashing);
    measure_report(&hashed, NULL, log);
    measure_report(&tracked, &hashed, log);
}

static void bench_memory(FILE *log)
{
    struct samples idle = measure_new("idle_private_kib", "clutch", "KiB");
    clutch_sandbox *sandboxes[IDLE];
    for (int i = 0; i < IDLE; i++)
        sandboxes[i] = create();
    for (int i = 0; i < IDLE; i++)
        measure_add(&idle, (double)memory_kib(clutch_sandbox_pid(sandboxes[i]), "Private_Clean:",
                                              "Private_Dirty:"));
    for (int i = 0; i < IDLE; i++)
        clutch_sandbox_destroy(sandboxes[i]);
    measure_report(&idle, NULL, log);
}

int main(int count, char **arguments)
{
    FILE *log = count > 1 ? fopen(arguments[1], "w") : NULL;
    if (!log) {
        fprintf(stderr, "usage: bench FILE.jsonl\n");
        return 2;
    }
    int echo = references_start_echo();
    check(clutch_engine_open(NULL, &engine, &error));
    bare_engine = open_unconfined();
    const clutch_engine_info *info = clutch_engine_describe(engine);
    size_t kib = memory_kib(info->template_pid, "Anonymous:", NULL);
    int forker = references_start_forker(kib);
    struct utsname machine;
    uname(&machine);
    fprintf(log, "{\"clutch\": \"%s\", \"kernel\": \"%s\", \"machine\": \"%s\", \"processors\": %ld, "
                 "\"python\": \"%s\", \"pandas\": \"%s\", \"template_anonymous_kib\": %zu}\n",
            clutch_version(), machine.release, machine.machine, sysconf(_SC_NPROCESSORS_ONLN),
            info->python_version, info->pandas_version, kib);
    printf("Python %s, pandas %s, kernel %s, template %zu KiB anonymous\n", info->python_version,
           info->pandas_version, machine.release, kib);
    printf("%-18s %-10s %10s %10s unit\n", "figure", "subject", "p50", "p99");
    bench_create(forker, log);
    bench_warm(echo, log);
    bench_output(log);
    bench_memory(log);
    bench_untouched(log);
    clutch_engine_close(bare_engine);
    clutch_engine_close(engine);
    sessions_bench(arguments[1], kib, log);
    return fclose(log) == 0 ? 0 : 1;
}
