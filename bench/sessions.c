/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.c: what pausing, stopping, copying and undoing cost.
 *
 * Copies of a process stand beside a bare fork of a process with as much memory, in turns; stop and start
 * of a session beside writing, syncing and reading a file of its size in the same folder. */
#include "sessions.h"

#include <clutch.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"
#include "references.h"

enum { PAUSES = 200, COPIES = 30, STOPS = 5, CREATES = 100 };
enum { COPIES_OF_ONE = 10 }; /* a process cannot be cloned much more often */

static clutch_engine *engine;
static clutch_error error;

static void check(int code)
{
    if (code < 0) {
        fprintf(stderr, "bench: %s\n", error.message);
        exit(1);
    }
}

static clutch_sandbox *create(const clutch_sandbox_options *options)
{
    clutch_sandbox *sandbox;
    check(clutch_sandbox_create(engine, options, &sandbox, &error));
    return sandbox;
}

/* Returns whether the execution was rolled back. */
static bool run(clutch_sandbox *sandbox, const char *code)
{
    clutch_result *result;
    check(clutch_sandbox_run(sandbox, code, strlen(code), NULL, &result, &error));
    if (result->outcome != CLUTCH_OUTCOME_OK && !result->rolled_back) {
        fprintf(stderr, "bench: %s\n", result->error);
        exit(1);
    }
    bool rolled_back = result->rolled_back;
    clutch_result_free(result);
    return rolled_back;
}

/* A frame of so many MB of numbers, all of its pages written. */
static void fill(clutch_sandbox *sandbox, size_t mb)
{
    char code[200];
    snprintf(code, sizeof code,
             "import numpy, pandas\ndf = pandas.DataFrame(numpy.ones((%zu, 125000)).T, copy=False)", mb);
    run(sandbox, code);
}

static void bench_pause(FILE *log)
{
    struct samples pause = measure_new("pause", "clutch", "us");
    struct samples resume = measure_new("resume", "clutch", "us");
    clutch_sandbox *sandbox = create(NULL);
    for (int i = 0; i < PAUSES; i++) {
        double started = measure_now_us();
        check(clutch_sandbox_pause(sandbox, &error));
        measure_add(&pause, measure_now_us() - started);
        started = measure_now_us();
        check(clutch_sandbox_resume(sandbox, &error));
        measure_add(&resume, measure_now_us() - started);
    }
    clutch_sandbox_destroy(sandbox);
    measure_report(&pause, NULL, log);
    measure_report(&resume, NULL, log);
}

static void bench_stop(const char *folder, FILE *log)
{
    enum { MB = 1000 };
    struct samples stop = measure_new("stop_1gb", "clutch", "us");
    struct samples start = measure_new("start_1gb", "clutch", "us");
    struct samples written = measure_new("stop_1gb", "disk", "us");
    struct samples read = measure_new("start_1gb", "disk", "us");
    clutch_sandbox *sandbox = create(NULL);
    fill(sandbox, MB);
    for (int i = 0; i < STOPS; i++) {
        double started = measure_now_us();
        check(clutch_sandbox_stop(sandbox, NULL, NULL, &error));
        measure_add(&stop, measure_now_us() - started);
        started = measure_now_us();
        check(clutch_sandbox_start(sandbox, NULL, &error));
        measure_add(&start, measure_now_us() - started);
        measure_add(&written, references_write(folder, (size_t)MB * 1000 * 1000));
        measure_add(&read, references_read(folder, (size_t)MB * 1000 * 1000));
    }
    clutch_sandbox_destroy(sandbox);
    measure_report(&written, NULL, log);
    measure_report(&stop, &written, log);
    measure_report(&read, NULL, log);
    measure_report(&start, &read, log);
}

/* A sandbox with a frame of that size, in place of another one. */
static clutch_sandbox *renew(clutch_sandbox *before, uint32_t undo_depth, size_t mb)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.undo_depth = undo_depth;
    clutch_sandbox_destroy(before);
    clutch_sandbox *sandbox = create(&options);
    fill(sandbox, mb);
    return sandbox;
}

static double time_of_run(clutch_sandbox *sandbox)
{
    double started = measure_now_us();
    run(sandbox, "x = 1");
    return measure_now_us() - started;
}

/* What one size costs to copy, to keep before an execution, and to go back to. */
static void bench_copies(const char *names[3], size_t mb, size_t template_kib, FILE *log)
{
    struct samples clone = measure_new(names[0], "clutch", "us");
    struct samples bare = measure_new(names[0], "fork", "us");
    struct samples checkpoint = measure_new(names[1], "clutch", "us");
    struct samples back = measure_new(names[2], "clutch", "us");
    int forker = references_start_forker(template_kib + mb * 1000);
    clutch_sandbox *cloned = NULL, *plain = renew(NULL, 0, mb), *keeping = renew(NULL, 1, mb);
    for (int i = 0; i < COPIES; i++) {
        clutch_sandbox *copy;
        if (i % COPIES_OF_ONE == 0)
            cloned = renew(cloned, 0, mb);
        double started = measure_now_us();
        check(clutch_sandbox_clone(cloned, NULL, &copy, &error));
        measure_add(&clone, measure_now_us() - started);
        clutch_sandbox_destroy(copy);
        double without = time_of_run(plain);
        measure_add(&checkpoint, time_of_run(keeping) - without);
        measure_add(&bare, references_ask_forker(forker));
    }
    for (int i = 0; i < COPIES; i++) {
        run(keeping, "x = 1");
        double started = measure_now_us();
        check(clutch_sandbox_undo(keeping, 1, NULL, &error));
        measure_add(&back, measure_now_us() - started);
    }
    clutch_sandbox_destroy(cloned);
    clutch_sandbox_destroy(plain);
    clutch_sandbox_destroy(keeping);
    close(forker);
    measure_report(&bare, NULL, log);
    measure_report(&clone, &bare, log);
    measure_report(&checkpoint, &bare, log);
    measure_report(&back, &bare, log);
}

static void bench_starting_point(FILE *log)
{
    struct samples plain = measure_new("create_from_point", "plain", "us");
    struct samples warm = measure_new("create_from_point", "clutch", "us");
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    point.name = "warm";
    point.setup = "import numpy, pandas\ndf = pandas.DataFrame({'a': range(1000)})";
    check(clutch_engine_define(engine, &point, &error));
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.starting_point = "warm";
    clutch_sandbox_destroy(create(&options));
    for (int i = 0; i < CREATES; i++) {
        double started = measure_now_us();
        clutch_sandbox *sandbox = create(NULL);
        measure_add(&plain, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
        started = measure_now_us();
        sandbox = create(&options);
        measure_add(&warm, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
    }
    measure_report(&plain, NULL, log);
    measure_report(&warm, &plain, log);
}

void sessions_bench(const char *beside, size_t template_kib, FILE *log)
{
    static const char *names[][3] = {
        {"clone_10mb", "checkpoint_10mb", "roll_back_10mb"},
        {"clone_100mb", "checkpoint_100mb", "roll_back_100mb"},
        {"clone_1gb", "checkpoint_1gb", "roll_back_1gb"},
    };
    static const size_t sizes_mb[] = {10, 100, 1000};
    char folder[4096];
    snprintf(folder, sizeof folder, "%s-state", beside);
    if (mkdir(folder, 0700) != 0) {
        fprintf(stderr, "bench: the folder %s cannot be made: remove it first\n", folder);
        exit(1);
    }
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.memory_bytes = (uint64_t)16 << 30;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = folder;
    options.limits = &limits;
    check(clutch_engine_open(&options, &engine, &error));
    bench_pause(log);
    bench_stop(folder, log);
    bench_starting_point(log);
    for (size_t i = 0; i < 3; i++)
        bench_copies(names[i], sizes_mb[i], template_kib, log);
    clutch_engine_close(engine);
    char command[5000];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "bench: the folder %s is left\n", folder);
}
