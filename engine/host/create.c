/* SPDX-License-Identifier: Apache-2.0 */
/* create.c: how sandboxes come to be, and handles on them. */
#include "host/create.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/own.h"
#include "host/book.h"
#include "host/delete.h"
#include "host/error.h"
#include "host/hatch.h"
#include "host/keeper.h"
#include "host/lifecycle.h"
#include "host/options.h"
#include "host/place.h"
#include "host/pool.h"
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

/* What is on its way to another state is in the book, but for a moment at its beginning and end. */
static bool wait_a_moment(const struct store_sandbox *record, unsigned *patience)
{
    static const struct timespec moment = {0, 100000};
    if (!lifecycle_is_passing(record->info.state) || *patience == 0)
        return false;
    --*patience;
    nanosleep(&moment, NULL);
    return true;
}

/* EXISTS when the record that it was made of is not the latest any more, or another thread was faster. */
static int enter_in_book(clutch_engine *engine, clutch_sandbox *made, clutch_error *error)
{
    struct store_sandbox *record;
    uint32_t state = made->state;
    made->busy = made->changing = true;
    int code = book_insert(engine, made, error);
    if (code) {
        sandbox_discard(made);
        return code;
    }
    code = store_get(engine->store, made->id, &record, error);
    if (code == 0) {
        pthread_mutex_lock(&made->lock);
        made->state = record->info.state;
        pthread_mutex_unlock(&made->lock);
        store_sandbox_free(record);
    }
    bool current = code == 0 && made->state == state;
    if (!current)
        book_strike(engine, made);
    sandbox_give_turn(made);
    if (!current)
        book_release(made);
    return code || current ? code : error_set(error, CLUTCH_E_EXISTS, 0, "the sandbox has changed");
}

/* An id may be written in capitals, as it may when it is given. */
static int find(clutch_engine *engine, const char *owner, const char *id_or_name,
                struct store_sandbox **record, clutch_error *error)
{
    char id[37];
    clutch_error fault;
    int code = store_find(engine->store, owner, id_or_name, record, &fault);
    if (code == CLUTCH_E_NOT_FOUND && sandbox_take_id(id, id_or_name, NULL) == 0 &&
        strcmp(id, id_or_name) != 0)
        code = store_find(engine->store, owner, id, record, &fault);
    if (code && error)
        *error = fault;
    return code;
}

int create_handle(clutch_engine *engine, const char *owner, const char *id_or_name,
                  clutch_sandbox **out, clutch_error *error)
{
    for (unsigned patience = 1000;;) {
        struct store_sandbox *record;
        int code = find(engine, owner, id_or_name, &record, error);
        if (code)
            return code;
        clutch_sandbox *sandbox = book_hold(engine, record->info.id), *made = NULL;
        if (!sandbox && wait_a_moment(record, &patience)) {
            store_sandbox_free(record);
            continue;
        }
        if (!sandbox) {
            code = from_record(engine, record, &made, error);
            if (code == 0)
                code = enter_in_book(engine, made, error);
            if (code == 0)
                sandbox = made;
        }
        store_sandbox_free(record);
        if (code == CLUTCH_E_EXISTS)
            continue;
        if (code == 0)
            *out = sandbox;
        return code;
    }
}

/* ---- Beginning and end ---- */

int create_begin(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    struct store_sandbox record;
    create_record(sandbox, &record);
    record.info.reason = reason;
    int code = store_insert(sandbox->engine->store, &record, error);
    if (code)
        return code;
    sandbox->busy = sandbox->changing = true;
    code = book_insert(sandbox->engine, sandbox, error);
    if (code) {
        sandbox->busy = sandbox->changing = false;
        store_remove(sandbox->engine->store, sandbox->id, NULL);
    } else {
        lifecycle_tell(sandbox, 0, reason, record.info.created_ms);
    }
    return code;
}

int create_end(clutch_sandbox *sandbox, int code, const char *reason, clutch_error *error)
{
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
        lifecycle_tell(sandbox, CLUTCH_STATE_CREATING, error ? error->message : "it could not be created",
                       store_now(sandbox->engine->store).wall_ms);
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

/* It is running at once: there is one record and one change to tell of. */
static int from_pool(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox *ready,
                     clutch_sandbox **out, clutch_error *error)
{
    clutch_sandbox_options named = *options;
    named.id = ready->id;
    clutch_sandbox *sandbox;
    int code = sandbox_new(engine, &named, &sandbox, error);
    if (code) {
        pool_put(engine, ready);
        return code;
    }
    sandbox->state = CLUTCH_STATE_RUNNING;
    code = create_begin(sandbox, "create was called", error);
    if (code) {
        pool_put(engine, ready);
        book_release(sandbox);
        return code;
    }
    code = pool_hand_over(ready, sandbox, error);
    if (code)
        return create_end(sandbox, code, NULL, error);
    sandbox_give_turn(sandbox);
    keeper_due(sandbox);
    *out = sandbox;
    return 0;
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
    clutch_sandbox *sandbox, *ready = pool_take(engine, options);
    if (ready)
        return from_pool(engine, options, ready, out, error);
    code = sandbox_new(engine, options, &sandbox, error);
    if (code)
        return code;
    bool checked_out = options->repository != NULL;
    if (checked_out && !sandbox_set_text(&sandbox->repository_url, repository.url))
        code = error_memory(error);
    if (code == 0)
        code = create_begin(sandbox, "create was called", error);
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

/* Created because there is none. */
static int make(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                clutch_session_report **report, clutch_error *error)
{
    int code = create(engine, options, out, error);
    if (code)
        return code;
    *report = session_report_empty((*out)->serial, "");
    if (*report)
        (*report)->ready = CLUTCH_READY_CREATED;
    else
        book_release(*out);
    return *report ? 0 : error_memory(error);
}

static bool is_deleted(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    bool deleted = sandbox->state == CLUTCH_STATE_DELETED;
    pthread_mutex_unlock(&sandbox->lock);
    return deleted;
}

/* Found or made; a sandbox may come and go meanwhile. */
static int find_or_make(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                        clutch_session_report **report, clutch_error *error)
{
    enum { TRIES = 64 };
    const char *owner = options->owner ? options->owner : "";
    const char *name = options->name ? options->name : options->id;
    int code = CLUTCH_E_INVALID;
    for (int tries = 0; tries < TRIES; tries++) {
        code = create_handle(engine, owner, name, out, error);
        if (code == CLUTCH_E_NOT_FOUND) {
            code = make(engine, options, out, report, error);
            if (code != CLUTCH_E_EXISTS)
                return code;
            continue;
        }
        if (code)
            return code;
        code = start_sandbox(*out, "ensure was called", report, error);
        if (code == 0)
            return 0;
        bool gone = is_deleted(*out);
        book_release(*out);
        if (!gone)
            return code;
    }
    return code;
}

static int ensure(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                  clutch_session_report **report, clutch_error *error)
{
    uint64_t begun_ns = clock_now_ns();
    clutch_sandbox *sandbox;
    clutch_session_report *made = NULL;
    clutch_error fault;
    int code = find_or_make(engine, options, &sandbox, &made, &fault);
    if (code && error)
        *error = fault;
    if (code)
        return code;
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
