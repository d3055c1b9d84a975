/* SPDX-License-Identifier: Apache-2.0 */
/* create.c: how sandboxes come to be, and handles on them. */
#include "host/create.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/own.h"
#include "host/book.h"
#include "host/delete.h"
#include "host/error.h"
#include "host/hatch.h"
#include "host/lifecycle.h"
#include "host/options.h"
#include "host/place.h"
#include "host/repository.h"
#include "host/session_report.h"
#include "host/snapshot.h"
#include "host/start.h"

/* ---- Records ---- */

void create_record(const clutch_sandbox *sandbox, struct store_sandbox *out)
{
    *out = (struct store_sandbox){
        .info = {.id = sandbox->id,
                 .name = sandbox->name,
                 .owner = sandbox->owner,
                 .state = sandbox->state,
                 .labels = (const char *const *)sandbox->labels,
                 .executions = sandbox->serial,
                 .intervals = sandbox->intervals,
                 .undo_depth = sandbox->undo_depth,
                 .origin = sandbox->origin,
                 .repository_url = sandbox->repository_url,
                 .current_branch = sandbox->current_branch},
        .env = (const char *const *)sandbox->env,
        .limits = sandbox->limits,
        .network = sandbox->network,
        .rollback = sandbox->rollback,
        .processes = sandbox->processes,
        .workdir = sandbox->keeps_workdir ? sandbox->workdir : "",
        .repository_branch = sandbox->current_branch,
        .python_version = "",
    };
}

/* An object for a sandbox that is only in the store, so that it has no process. */
static int from_record(clutch_engine *engine, const struct store_sandbox *record, clutch_sandbox **out,
                       clutch_error *error)
{
    const clutch_sandbox_info *info = &record->info;
    clutch_sandbox_options options = {.struct_size = sizeof options,
                                      .id = info->id,
                                      .name = info->name,
                                      .owner = info->owner,
                                      .env = record->env,
                                      .labels = info->labels,
                                      .limits = &record->limits,
                                      .network = record->network,
                                      .processes = record->processes,
                                      .intervals = &info->intervals,
                                      .undo_depth = info->undo_depth,
                                      .rollback = record->rollback};
    clutch_sandbox *sandbox;
    int code = sandbox_new(engine, &options, &sandbox, error);
    if (code)
        return code;
    sandbox->state = info->state;
    sandbox->serial = info->executions;
    sandbox->has_home = info->state != CLUTCH_STATE_ARCHIVED;
    bool fine = sandbox_set_text(&sandbox->origin, info->origin) &&
                sandbox_set_text(&sandbox->repository_url, info->repository_url) &&
                sandbox_set_text(&sandbox->current_branch, info->current_branch);
    if (record->workdir[0]) {
        fine = fine && sandbox_set_text(&sandbox->workdir, record->workdir);
        sandbox->keeps_workdir = true;
    }
    if (!fine) {
        sandbox_discard(sandbox);
        return error_memory(error);
    }
    *out = sandbox;
    return 0;
}

int create_handle(clutch_engine *engine, const char *owner, const char *id_or_name,
                  clutch_sandbox **out, clutch_error *error)
{
    for (;;) {
        struct store_sandbox *record;
        int code = store_find(engine->store, owner, id_or_name, &record, error);
        if (code)
            return code;
        clutch_sandbox *sandbox = book_hold(engine, record->info.id), *made = NULL;
        if (!sandbox) {
            code = from_record(engine, record, &made, error);
            if (code == 0) {
                code = book_insert(engine, made, error);
                if (code)
                    sandbox_discard(made);
                else
                    sandbox = made;
            }
        }
        store_sandbox_free(record);
        if (code == CLUTCH_E_EXISTS)
            continue; /* another thread was faster: it is in the book now */
        if (code == 0)
            *out = sandbox;
        return code;
    }
}

/* ---- Beginning and end ---- */

int create_begin(clutch_sandbox *sandbox, clutch_error *error)
{
    struct store_sandbox record;
    create_record(sandbox, &record);
    int code = store_insert(sandbox->engine->store, &record, error);
    if (code)
        return code;
    sandbox->busy = sandbox->changing = true;
    code = book_insert(sandbox->engine, sandbox, error);
    if (code) {
        sandbox->busy = sandbox->changing = false;
        store_remove(sandbox->engine->store, sandbox->id, NULL);
    }
    return code;
}

int create_end(clutch_sandbox *sandbox, int code, const char *reason, clutch_error *error)
{
    (void)error;
    if (code == 0) {
        lifecycle_move(sandbox, CLUTCH_STATE_RUNNING, "%s", reason);
    } else {
        sandbox_part(sandbox);
        hatch_remove_folders(sandbox);
        store_remove(sandbox->engine->store, sandbox->id, NULL);
        pthread_mutex_lock(&sandbox->lock);
        sandbox->state = CLUTCH_STATE_DELETED;
        pthread_mutex_unlock(&sandbox->lock);
        book_strike(sandbox->engine, sandbox);
    }
    sandbox_give_turn(sandbox);
    return code;
}

/* ---- Creating ---- */

static int check_out(clutch_sandbox *sandbox, const clutch_repository *given, clutch_error *error)
{
    OWN_MEMORY char *cache_dir = place_path(sandbox->engine, "repositories");
    if (!cache_dir)
        return error_memory(error);
    struct repository_options options = {.url = given->url,
                                         .branch = given->branch,
                                         .username = given->username,
                                         .password = given->password,
                                         .cache_dir = cache_dir,
                                         .workdir = sandbox->workdir,
                                         .timeout_ms = given->timeout_ms,
                                         .size_max_bytes = given->size_bytes};
    char branch[REPOSITORY_BRANCH_BYTES];
    int code = repository_check_out(&options, branch, error);
    if (code)
        return code;
    if (!sandbox_set_text(&sandbox->current_branch, branch))
        return error_memory(error);
    struct store_meta meta = {.current_branch = branch};
    return store_set_meta(sandbox->engine->store, sandbox->id, &meta, error);
}

static int bring_up(clutch_sandbox *sandbox, const char *workdir, const clutch_repository *repository,
                    clutch_error *error)
{
    int code = hatch_folders(sandbox, workdir, false, error);
    if (code == 0 && repository)
        code = check_out(sandbox, repository, error);
    if (code == 0)
        code = hatch_process(sandbox, error);
    return code ? code : hatch_fill(sandbox, error);
}

/* What is given where the process and the files come from. */
static int check_origins(const clutch_sandbox_options *options, clutch_repository *repository,
                         clutch_error *error)
{
    int origins = !!options->snapshot + !!options->starting_point;
    if (origins > 1 || (origins && (options->repository || options->workdir)))
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "of snapshot and starting_point only one can be given, and without workdir and "
                         "repository");
    if (!options->repository)
        return 0;
    int code = options_repository(options->repository, repository, error);
    if (code == 0 && !repository->url)
        code = error_set(error, CLUTCH_E_INVALID, 0, "the repository has no url");
    return code;
}

/* Inside a call. */
static int create(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                  clutch_error *error)
{
    clutch_repository repository;
    int code = check_origins(options, &repository, error);
    if (code == 0)
        code = engine_ensure_template(engine, error);
    if (code)
        return code;
    if (options->snapshot || options->starting_point)
        return snapshot_create(engine, options, out, error);
    clutch_sandbox *sandbox;
    code = sandbox_new(engine, options, &sandbox, error);
    if (code)
        return code;
    bool checked_out = options->repository != NULL;
    if (checked_out && !sandbox_set_text(&sandbox->repository_url, repository.url))
        code = error_memory(error);
    if (code == 0)
        code = create_begin(sandbox, error);
    if (code == 0)
        code = create_end(sandbox,
                          bring_up(sandbox, options->workdir, checked_out ? &repository : NULL, error),
                          "create was called", error);
    if (code)
        book_release(sandbox);
    else
        *out = sandbox;
    return code;
}

int clutch_sandbox_create(clutch_engine *engine, const clutch_sandbox_options *options,
                          clutch_sandbox **out, clutch_error *error)
{
    clutch_sandbox_options given;
    if (!engine || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine and out must not be NULL");
    int code = options_sandbox(options, &given, error);
    if (code == 0)
        code = engine_enter(engine, error);
    if (code)
        return code;
    code = create(engine, &given, out, error);
    engine_leave(engine);
    return code;
}

/* ---- Handles ---- */

int clutch_sandbox_open(clutch_engine *engine, const char *owner, const char *id_or_name,
                        clutch_sandbox **out, clutch_error *error)
{
    if (!engine || !id_or_name || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine, id_or_name and out must not be NULL");
    int code = engine_enter(engine, error);
    if (code)
        return code;
    code = create_handle(engine, owner, id_or_name, out, error);
    engine_leave(engine);
    return code;
}

/* Found, or created because there is none; a sandbox may come and go meanwhile. */
static int find_or_create(clutch_engine *engine, const clutch_sandbox_options *options, uint32_t *ready,
                          clutch_sandbox **out, clutch_error *error)
{
    enum { TRIES = 8 };
    const char *owner = options->owner ? options->owner : "";
    const char *name = options->name ? options->name : options->id;
    int code = CLUTCH_E_INVALID;
    for (int tries = 0; tries < TRIES; tries++) {
        *ready = CLUTCH_READY_FOUND;
        code = create_handle(engine, owner, name, out, error);
        if (code != CLUTCH_E_NOT_FOUND)
            return code;
        *ready = CLUTCH_READY_CREATED;
        code = create(engine, options, out, error);
        if (code != CLUTCH_E_EXISTS)
            return code;
    }
    return code;
}

static int ensure(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                  clutch_session_report **report, clutch_error *error)
{
    uint64_t begun_ns = clock_now_ns();
    uint32_t ready;
    clutch_sandbox *sandbox;
    int code = find_or_create(engine, options, &ready, &sandbox, error);
    if (code)
        return code;
    clutch_session_report *made = NULL;
    if (ready == CLUTCH_READY_CREATED)
        code = (made = session_report_empty(sandbox->serial, "")) ? 0 : error_memory(error);
    else
        code = start_sandbox(sandbox, "ensure was called", &made, error);
    if (code) {
        book_release(sandbox);
        return code;
    }
    if (ready == CLUTCH_READY_CREATED)
        made->ready = ready;
    made->took_ns = clock_now_ns() - begun_ns;
    if (report)
        *report = made;
    else
        clutch_session_report_free(made);
    *out = sandbox;
    return 0;
}

int clutch_sandbox_ensure(clutch_engine *engine, const clutch_sandbox_options *options,
                          clutch_sandbox **out, clutch_session_report **report, clutch_error *error)
{
    clutch_sandbox_options given;
    if (!engine || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine and out must not be NULL");
    int code = options_sandbox(options, &given, error);
    if (code)
        return code;
    if (!given.name && !given.id)
        return error_set(error, CLUTCH_E_INVALID, 0, "the options have neither a name nor an id to find");
    code = engine_enter(engine, error);
    if (code)
        return code;
    code = ensure(engine, &given, out, report, error);
    engine_leave(engine);
    return code;
}

void clutch_sandbox_release(clutch_sandbox *sandbox)
{
    if (sandbox)
        book_release(sandbox);
}
