/* SPDX-License-Identifier: Apache-2.0 */
/* host.c: what the tasks of a clutch subject share: its engines, and calls that must not fail. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum { FACILITIES = 64 };

static clutch_engine *plain, *pooled, *keeping;
static const char *folder;
static const char *disabled[FACILITIES + 1];
static bool unconfined;

void host_check(int code, const clutch_error *error)
{
    if (code < 0)
        measure_fail(error->message);
}

clutch_engine *host_open_with(const clutch_engine_options *base)
{
    static const char *const none[] = {NULL};
    clutch_engine_options options = *base;
    clutch_engine *engine;
    clutch_error error;
    if (unconfined)
        options.require = none;
    if (disabled[0])
        options.disable = disabled;
    host_check(clutch_engine_open(&options, &engine, &error), &error);
    return engine;
}

/* Everything that confines a sandbox here. */
static void disable_all(void)
{
    clutch_engine *engine;
    clutch_error error;
    size_t count = 0;
    host_check(clutch_engine_open(NULL, &engine, &error), &error);
    const clutch_engine_info *info = clutch_engine_describe(engine);
    for (size_t i = 0; i < info->facility_count && count < FACILITIES; i++)
        if (info->facilities[i].held)
            disabled[count++] = strdup(info->facilities[i].name);
    clutch_engine_close(engine);
}

void host_open(const char *subject, const char *state_dir)
{
    folder = state_dir;
    unconfined = strcmp(subject, "unconfined") == 0;
    if (unconfined)
        disable_all();
    else if (strcmp(subject, "hashing") == 0)
        disabled[0] = "page_write_tracking";
    else if (strcmp(subject, "clutch") != 0)
        measure_fail("subjects are clutch, unconfined and hashing");
}

clutch_engine *host_engine(void)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    return plain ? plain : (plain = host_open_with(&options));
}

clutch_engine *host_pooled(void)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.pool_min = 4;
    options.pool_max = 16;
    return pooled ? pooled : (pooled = host_open_with(&options));
}

clutch_engine *host_keeping(void)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    limits.memory_bytes = (uint64_t)16 << 30;
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = folder;
    options.limits = &limits;
    return keeping ? keeping : (keeping = host_open_with(&options));
}

const char *host_folder(void)
{
    return folder;
}

void host_close(void)
{
    clutch_engine_close(plain);
    clutch_engine_close(pooled);
    clutch_engine_close(keeping);
}

clutch_sandbox *host_create(clutch_engine *engine, const clutch_sandbox_options *options)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    host_check(clutch_sandbox_create(engine, options, &sandbox, &error), &error);
    return sandbox;
}

void host_run(clutch_sandbox *sandbox, const char *code)
{
    clutch_result *result;
    clutch_error error;
    host_check(clutch_sandbox_run(sandbox, code, strlen(code), NULL, &result, &error), &error);
    if (result->outcome != CLUTCH_OUTCOME_OK)
        measure_fail(result->error);
    clutch_result_free(result);
}

void host_work(clutch_sandbox *sandbox, const char *name)
{
    char *code = measure_work(name);
    if (!code)
        measure_fail(name);
    host_run(sandbox, code);
    free(code);
}
