/* SPDX-License-Identifier: Apache-2.0 */
/* sessions.c: tasks of a clutch subject: pausing, stopping, copying, undoing, and bigger templates. */
#include "sessions.h"

#include <clutch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "measure.h"

enum { COPIES_OF_ONE = 10 }; /* a process cannot be cloned much more often */

void sessions_pause(const char *name, unsigned count)
{
    clutch_sandbox *sandbox = host_create(host_engine(), NULL);
    clutch_error error;
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        host_check(clutch_sandbox_pause(sandbox, &error), &error);
        measure_add(name, measure_now_us() - started);
        started = measure_now_us();
        host_check(clutch_sandbox_resume(sandbox, &error), &error);
        measure_add("resume", measure_now_us() - started);
    }
    clutch_sandbox_destroy(sandbox);
}

/* A sandbox with a frame of so many MB of numbers, all of its pages written. */
static clutch_sandbox *filled(uint32_t undo_depth, unsigned megabytes)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    char code[64];
    options.undo_depth = undo_depth;
    clutch_sandbox *sandbox = host_create(host_keeping(), &options);
    snprintf(code, sizeof code, "megabytes = %u", megabytes);
    host_run(sandbox, code);
    host_work(sandbox, "frame");
    return sandbox;
}

void sessions_stop(const char *name, unsigned count)
{
    clutch_sandbox *sandbox = filled(0, 1000);
    clutch_error error;
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        host_check(clutch_sandbox_stop(sandbox, NULL, NULL, &error), &error);
        measure_add(name, measure_now_us() - started);
        started = measure_now_us();
        host_check(clutch_sandbox_start(sandbox, NULL, &error), &error);
        measure_add("start_1gb", measure_now_us() - started);
    }
    clutch_sandbox_destroy(sandbox);
}

void sessions_from_point(const char *name, unsigned count)
{
    static bool defined;
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_error error;
    point.name = "warm";
    point.setup = "import numpy, pandas\ndf = pandas.DataFrame({'a': range(1000)})";
    options.starting_point = "warm";
    if (!defined) {
        host_check(clutch_engine_define(host_engine(), &point, &error), &error);
        clutch_sandbox_destroy(host_create(host_engine(), &options));
        defined = true;
    }
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        clutch_sandbox *sandbox = host_create(host_engine(), &options);
        measure_add(name, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
    }
}

/* What it costs to copy a session of one size, to keep it and execute x = 1, and to go back. */
void sessions_copies(const char *name, unsigned count)
{
    const char *size = strchr(name, '_') + 1;
    unsigned megabytes = strcmp(size, "1gb") == 0 ? 1000 : (unsigned)atoi(size);
    char clone[32], checkpoint[32], roll_back[32];
    clutch_error error;
    snprintf(clone, sizeof clone, "clone_%s", size);
    snprintf(checkpoint, sizeof checkpoint, "checkpoint_%s", size);
    snprintf(roll_back, sizeof roll_back, "roll_back_%s", size);
    clutch_sandbox *origin = filled(0, megabytes), *keeping = filled(1, megabytes);
    clutch_sandbox *undone = filled(1, megabytes);
    for (unsigned i = 0; i < count; i++) {
        clutch_sandbox *copy;
        if (i > 0 && i % COPIES_OF_ONE == 0) {
            clutch_sandbox_destroy(origin);
            origin = filled(0, megabytes);
        }
        measure_rest();
        double started = measure_now_us();
        host_check(clutch_sandbox_clone(origin, NULL, &copy, &error), &error);
        measure_add(clone, measure_now_us() - started);
        clutch_sandbox_destroy(copy);
        measure_rest();
        started = measure_now_us();
        host_run(keeping, "x = 1");
        measure_add(checkpoint, measure_now_us() - started);
        host_run(undone, "x = 1");
        measure_rest();
        started = measure_now_us();
        host_check(clutch_sandbox_undo(undone, 1, NULL, &error), &error);
        measure_add(roll_back, measure_now_us() - started);
    }
    clutch_sandbox_destroy(origin);
    clutch_sandbox_destroy(keeping);
    clutch_sandbox_destroy(undone);
}

/* What a create costs when the template has so many MB more, in small pieces as Python's heap has them. */
static void create_in_template(unsigned megabytes, unsigned count)
{
    clutch_starting_point point = CLUTCH_STARTING_POINT_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    char setup[128], figure[32];
    clutch_error error;
    snprintf(setup, sizeof setup, "ballast = [b'x' * 50000 for piece in range(%u)]", megabytes * 20);
    snprintf(figure, sizeof figure, "create_template_%u", megabytes);
    point.name = "ballast";
    point.setup = setup;
    options.starting_point = "ballast";
    clutch_engine_options plain = CLUTCH_ENGINE_OPTIONS_INIT;
    clutch_engine *engine = host_open_with(&plain);
    host_check(clutch_engine_define(engine, &point, &error), &error);
    clutch_sandbox_destroy(host_create(engine, &options));
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        clutch_sandbox *sandbox = host_create(engine, &options);
        measure_add(figure, measure_now_us() - started);
        clutch_sandbox_destroy(sandbox);
    }
    clutch_engine_close(engine);
}

void sessions_template(const char *name, unsigned count)
{
    (void)name;
    for (const unsigned *size = (const unsigned[]){50, 200, 1000, 0}; *size; size++)
        create_in_template(*size, count);
}
