/* SPDX-License-Identifier: Apache-2.0 */
/* attacked.c: runs each file in a sandbox of its own and prints its output; for tests/attack.
 *
 *     attacked [--free] [--disk BYTES] FILE...    --free: with every facility switched off */
#include <clutch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB ((uint64_t)1 << 20)

static clutch_error error;

static int fail(const char *what)
{
    fprintf(stderr, "attacked: %s: %s\n", what, error.message);
    return 1;
}

static char *load(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = malloc(MIB);
    *length = text ? fread(text, 1, MIB, file) : 0;
    fclose(file);
    return text;
}

/* What confines is listed by an engine that is confined. */
static int open_free(clutch_engine **out)
{
    static const char *const none[] = {NULL};
    const char *held[64 + 1] = {NULL};
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    clutch_engine *confined;
    options.require = none;
    if (clutch_engine_open(&options, &confined, &error) < 0)
        return -1;
    const clutch_engine_info *info = clutch_engine_describe(confined);
    size_t count = 0;
    for (size_t i = 0; i < info->facility_count && count < 64; i++)
        if (info->facilities[i].held)
            held[count++] = info->facilities[i].name;
    options.disable = held;
    int code = clutch_engine_open(&options, out, &error);
    clutch_engine_close(confined);
    return code;
}

/* One file in one sandbox; an end without an answer is told. */
static int attack(clutch_engine *engine, const clutch_sandbox_options *options, const char *path)
{
    clutch_sandbox *sandbox;
    clutch_result *result;
    size_t length;
    char *code = load(path, &length);
    if (!code || clutch_sandbox_create(engine, options, &sandbox, &error) < 0) {
        free(code);
        return fail(path);
    }
    if (clutch_sandbox_run(sandbox, code, length, NULL, &result, &error) == 0) {
        for (size_t i = 0; i < result->output_count; i++)
            puts(result->output[i].text);
        if (result->outcome != CLUTCH_OUTCOME_OK)
            fprintf(stderr, "attacked: %s: %s\n", path, result->error);
        clutch_result_free(result);
    } else {
        fail(path);
    }
    clutch_sandbox_destroy(sandbox);
    free(code);
    return 0;
}

int main(int count, char **arguments)
{
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_engine *engine;
    int at = 1;
    bool free_of_all = at < count && strcmp(arguments[at], "--free") == 0;
    options.limits = &limits;
    options.processes = free_of_all;
    options.network = free_of_all ? CLUTCH_NETWORK_ALL : CLUTCH_NETWORK_NONE;
    limits.wall_ms = 20000;
    limits.memory_bytes = free_of_all ? CLUTCH_UNLIMITED : 512 * MIB;
    limits.file_bytes = free_of_all ? CLUTCH_UNLIMITED : 256 * MIB;
    limits.open_files = free_of_all ? CLUTCH_UNLIMITED : 256;
    limits.threads = free_of_all ? CLUTCH_UNLIMITED : 64;
    at += free_of_all;
    if (at + 1 < count && strcmp(arguments[at], "--disk") == 0) {
        limits.disk_bytes = strtoull(arguments[at + 1], NULL, 10);
        limits.disk_files = 1000;
        at += 2;
    }
    if ((free_of_all ? open_free(&engine) : clutch_engine_open(NULL, &engine, &error)) < 0)
        return fail("the engine");
    int failed = 0;
    for (; at < count; at++) {
        failed |= attack(engine, &options, arguments[at]);
        fflush(stdout);
    }
    clutch_engine_close(engine);
    return failed;
}
