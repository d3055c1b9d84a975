/* SPDX-License-Identifier: Apache-2.0 */
/* point.c: an engine's warm starting points beside the template.
 *
 * A starting point is a recipe and, once a sandbox has been made by it, a snapshot of that sandbox as it
 * was when it was ready. It is user code that makes one ready, so this happens in the sandbox and not in
 * the template. */
#include "host/point.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "host/book.h"
#include "host/create.h"
#include "host/error.h"
#include "host/execution.h"
#include "host/hatch.h"
#include "host/kept_files.h"
#include "host/options.h"
#include "host/snapshot.h"

struct point {
    struct point *next;
    unsigned references; /* guarded by snapshot_lock: one is the list's */
    char *owner, *name, *setup, *files;
    char **preload;
    clutch_limits limits;
    uint32_t network;
    bool processes;
    struct snapshot *made; /* guarded by snapshot_lock; NULL before, and after its process has ended */
};

/* ---- Defining ---- */

/* With snapshot_lock, or in no list. */
static void drop(clutch_engine *engine, struct point *point)
{
    if (--point->references > 0)
        return;
    snapshot_drop(engine, point->made);
    free(point->owner);
    free(point->name);
    free(point->setup);
    free(point->files);
    free(point->preload);
    free(point);
}

static int take(clutch_engine *engine, const clutch_starting_point *given, struct point *point,
                clutch_error *error)
{
    static const char *const none[] = {NULL};
    if (!given->name || !*given->name || strlen(given->name) > LIMIT_NAME_BYTES)
        return error_set(error, CLUTCH_E_INVALID, 0, "a starting point needs a name of 1 to %zu bytes",
                         LIMIT_NAME_BYTES);
    if (options_count(given->preload, LIMIT_PRELOAD_COUNT) == SIZE_MAX)
        return error_set(error, CLUTCH_E_INVALID, 0, "more than %zu modules to preload",
                         LIMIT_PRELOAD_COUNT);
    int code = options_limits(given->limits, &engine->limits, &point->limits, error);
    if (code)
        return code;
    point->network = given->network;
    point->processes = given->processes;
    point->preload = options_copy_list(given->preload ? given->preload : none);
    bool fine = point->preload && sandbox_set_text(&point->name, given->name) &&
                sandbox_set_text(&point->owner, given->owner ? given->owner : "") &&
                sandbox_set_text(&point->setup, given->setup ? given->setup : "") &&
                (!given->files || sandbox_set_text(&point->files, given->files));
    return fine ? 0 : error_memory(error);
}

static struct point **find(clutch_engine *engine, const char *owner, const char *name)
{
    struct point **at = &engine->points;
    while (*at && (strcmp((*at)->owner, owner) != 0 || strcmp((*at)->name, name) != 0))
        at = &(*at)->next;
    return at;
}

int clutch_engine_define(clutch_engine *engine, const clutch_starting_point *point, clutch_error *error)
{
    clutch_starting_point given;
    if (!engine || !point)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine and point must not be NULL");
    int code = options_starting_point(point, &given, error);
    if (code == 0)
        code = engine_enter(engine, error);
    if (code)
        return code;
    struct point *made = calloc(1, sizeof *made);
    if (made)
        made->references = 1;
    code = made ? take(engine, &given, made, error) : error_memory(error);
    pthread_mutex_lock(&engine->snapshot_lock);
    if (code == 0) {
        struct point **at = find(engine, made->owner, made->name), *before = *at;
        made->next = before ? before->next : NULL;
        *at = made;
        if (before)
            drop(engine, before);
    } else if (made) {
        drop(engine, made);
    }
    pthread_mutex_unlock(&engine->snapshot_lock);
    engine_leave(engine);
    return code;
}

void point_finish(clutch_engine *engine)
{
    while (engine->points) {
        struct point *first = engine->points;
        engine->points = first->next;
        drop(engine, first);
    }
}

/* ---- The first sandbox of one ---- */

static int run(clutch_sandbox *sandbox, const struct point *point, const char *code_text,
               clutch_error *error)
{
    clutch_result *result;
    int code = execution_run_inside(sandbox, code_text, &result, error);
    if (code)
        return code;
    if (result->outcome != CLUTCH_OUTCOME_OK)
        code = error_set(error, CLUTCH_E_PRELOAD, 0, "the starting point %s cannot be made ready: %s",
                         point->name, result->error ? result->error : clutch_outcome_name(result->outcome));
    clutch_result_free(result);
    return code;
}

static int make_ready(clutch_sandbox *sandbox, const struct point *point, clutch_error *error)
{
    int code = 0;
    for (char **module = point->preload; code == 0 && *module; module++) {
        OWN_MEMORY char *text = NULL;
        if (asprintf(&text, "import importlib as _clutch_importlib\n"
                            "_clutch_importlib.import_module('%s')\ndel _clutch_importlib", *module) < 0)
            text = NULL;
        if (strspn(*module, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") !=
            strlen(*module))
            code = error_set(error, CLUTCH_E_INVALID, 0, "\"%.64s\" is no module's name", *module);
        else
            code = text ? run(sandbox, point, text, error) : error_memory(error);
    }
    if (code == 0 && *point->setup)
        code = run(sandbox, point, point->setup, error);
    sandbox->serial = 0; /* the first execution is its user's */
    return code;
}

/* As far as that is known before there is a process. */
static bool can_be_copied(const clutch_sandbox *sandbox)
{
    const clutch_engine_info *info = clutch_engine_describe(sandbox->engine);
    const clutch_limits *limits = &sandbox->limits;
    if (limits->disk_bytes != CLUTCH_UNLIMITED || limits->disk_files != CLUTCH_UNLIMITED)
        return false; /* its folders will be in memory */
    for (size_t i = 0; i < info->facility_count; i++)
        if (strcmp(info->facilities[i].name, "clone_door") == 0)
            return info->facilities[i].held;
    return false;
}

/* The kernel counts what copies of a process have with what that has, against a limit that is had from it. So
 * this one may have as many as all of them together while it is made ready. Then it is a copy, too, and each
 * of them lowers that before its user's code runs; so does this one where it cannot be copied. */
static int hatch_family(clutch_sandbox *sandbox, clutch_error *error)
{
    const uint64_t threads = sandbox->limits.threads;
    if (threads < LIMIT_FAMILY_THREADS && can_be_copied(sandbox))
        sandbox->limits.threads = LIMIT_FAMILY_THREADS;
    int code = hatch_process(sandbox, error);
    sandbox->limits.threads = threads;
    return code;
}

static int bring_up(clutch_sandbox *sandbox, const struct point *point, clutch_error *error)
{
    int code = hatch_folders(sandbox, NULL, false, error);
    if (code == 0)
        code = hatch_family(sandbox, error);
    if (code == 0 && point->files)
        code = kept_files_give(sandbox, point->files, false, error);
    return code ? code : make_ready(sandbox, point, error);
}

/* For the next ones. Where there can be none they do the work again. */
static int leave_copy(clutch_sandbox *sandbox, struct point *point, clutch_error *error)
{
    clutch_engine *engine = sandbox->engine;
    struct snapshot *made;
    clutch_error fault;
    int code = snapshot_check_folders(sandbox, &fault);
    if (code == 0)
        code = snapshot_take(sandbox, true, &made, &fault);
    int moved = code ? 0 : snapshot_move(sandbox, made, error);
    if (moved) {
        snapshot_drop(engine, made);
        return moved;
    }
    if (code == CLUTCH_E_UNCLONABLE || code == CLUTCH_E_UNSUPPORTED) {
        engine_log(engine, CLUTCH_LOG_WARNING, "the starting point %s cannot be kept warm: %s", point->name,
                   fault.message);
        return 0;
    }
    if (code) /* the sandbox may have more threads yet than it should */
        return error_set(error, code, fault.sys_errno, "the starting point %s cannot be kept: %s",
                         point->name, fault.message);
    pthread_mutex_lock(&engine->snapshot_lock);
    struct snapshot *before = point->made;
    point->made = made;
    pthread_mutex_unlock(&engine->snapshot_lock);
    snapshot_drop(engine, before);
    return 0;
}

static int make_first(clutch_engine *engine, struct point *point, const clutch_sandbox_options *options,
                      clutch_sandbox **out, clutch_error *error)
{
    clutch_sandbox_options given = *options;
    given.limits = &point->limits;
    given.network = point->network;
    given.processes = point->processes;
    clutch_sandbox *sandbox;
    int code = sandbox_new(engine, &given, &sandbox, error);
    if (code)
        return code;
    code = create_begin(sandbox, "create was called", error);
    if (code == 0) {
        code = bring_up(sandbox, point, error);
        if (code == 0)
            code = leave_copy(sandbox, point, error);
        code = create_end(sandbox, code, "create was called", error);
    }
    if (code)
        book_release(sandbox);
    else
        *out = sandbox;
    return code;
}

int point_create(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                 clutch_error *error)
{
    const char *owner = options->owner ? options->owner : "";
    pthread_mutex_lock(&engine->snapshot_lock);
    struct point *point = *find(engine, owner, options->starting_point);
    if (point)
        point->references++;
    bool warm = point && point->made && !process_is_dead(&point->made->process);
    struct snapshot *made = warm ? snapshot_retain(point->made) : NULL;
    pthread_mutex_unlock(&engine->snapshot_lock);
    int code = warm ? snapshot_spawn(engine, made, options, out, error) : 0;
    snapshot_drop(engine, made);
    if (!point)
        return error_set(error, CLUTCH_E_NOT_FOUND, 0, "there is no starting point %.255s",
                         options->starting_point);
    if (!warm)
        code = make_first(engine, point, options, out, error);
    pthread_mutex_lock(&engine->snapshot_lock);
    drop(engine, point);
    pthread_mutex_unlock(&engine->snapshot_lock);
    return code;
}
