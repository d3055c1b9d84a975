/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c: copies of running sandboxes: parked ones to begin with, and live ones.
 *
 * A snapshot is a copied process that waits, and a copy of the files. A sandbox that begins with it is a
 * copy of that process in turn, with folders of its own. */
#include "host/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/book.h"
#include "host/clone.h"
#include "host/create.h"
#include "host/error.h"
#include "host/family.h"
#include "host/hatch.h"
#include "host/kept_files.h"
#include "host/lifecycle.h"
#include "host/options.h"
#include "host/place.h"
#include "host/point.h"
#include "host/spare.h"
#include "host/undo.h"

void snapshot_init(clutch_engine *engine)
{
    pthread_mutex_init(&engine->snapshot_lock, NULL);
    pthread_mutex_init(&engine->family_lock, NULL);
}

void snapshot_free(clutch_engine *engine)
{
    pthread_mutex_destroy(&engine->snapshot_lock);
    pthread_mutex_destroy(&engine->family_lock);
}

struct snapshot *snapshot_retain(struct snapshot *snapshot)
{
    if (snapshot)
        snapshot->references++;
    return snapshot;
}

void snapshot_drop(clutch_engine *engine, struct snapshot *snapshot)
{
    int status;
    if (!snapshot || --snapshot->references > 0)
        return;
    process_bury(&snapshot->process, &engine->template, &status);
    process_close(&snapshot->process);
    family_sweep(engine);
    if (snapshot->files_dir)
        tree_remove(AT_FDCWD, snapshot->files_dir);
    char *const texts[] = {snapshot->owner, snapshot->name, snapshot->files_dir, snapshot->repository_url,
                           snapshot->current_branch};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    pthread_mutex_destroy(&snapshot->turn);
    free(snapshot);
}

void snapshot_finish(clutch_engine *engine)
{
    while (engine->snapshots) {
        struct snapshot *first = engine->snapshots;
        engine->snapshots = first->next;
        snapshot_drop(engine, first);
    }
    point_finish(engine);
}

/* ---- Taking ---- */

static char *new_folder(clutch_engine *engine)
{
    static _Atomic unsigned counter;
    OWN_MEMORY char *folder = place_path(engine, "snapshots");
    if (!folder || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return NULL;
    return place_path(engine, "snapshots/%u", counter++);
}

static int copy_process(clutch_engine *engine, struct process *origin, const struct clone_options *options,
                        struct process *out, clutch_error *error)
{
    process_init(out);
    int code = clone_process(engine, origin, options, out, error);
    if (code == CLUTCH_E_PROTOCOL || code == CLUTCH_E_TIMEOUT)
        process_kill(origin); /* whoever uses it next finds it so */
    return code;
}

int snapshot_take(clutch_sandbox *sandbox, bool settles, struct snapshot **out, clutch_error *error)
{
    clutch_engine *engine = sandbox->engine;
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return error_memory(error);
    process_init(&snapshot->process);
    snapshot->references = 1;
    pthread_mutex_init(&snapshot->turn, NULL);
    snapshot->limits = sandbox->limits;
    snapshot->network = sandbox->network;
    snapshot->processes = sandbox->processes;
    snapshot->serial = sandbox->serial;
    snapshot->files_dir = new_folder(engine);
    bool fine = snapshot->files_dir && sandbox_set_text(&snapshot->repository_url, sandbox->repository_url) &&
                sandbox_set_text(&snapshot->current_branch, sandbox->current_branch);
    int code = fine ? kept_files_take(sandbox, snapshot->files_dir, error)
                    : error_set(error, CLUTCH_E_DISK, errno, "a folder for the snapshot");
    struct clone_options options = {
        .kind = CLONE_SAME,
        .settles = settles,
        .threads = settles ? sandbox->limits.threads : 0,
        .timeout_ms = LIMIT_CLONE_TIMEOUT_MS};
    if (code == 0)
        code = family_note(sandbox, error);
    if (code == 0)
        code = copy_process(engine, &sandbox->process, &options, &snapshot->process, error);
    if (code == 0)
        code = clone_wake(&snapshot->process, error);
    if (code)
        snapshot_drop(engine, snapshot);
    else
        *out = snapshot;
    return code;
}

/* With snapshot_lock. Where it is in the list, or where it would be. */
static struct snapshot **find(clutch_engine *engine, const char *owner, const char *name)
{
    struct snapshot **at = &engine->snapshots;
    while (*at && (strcmp((*at)->owner, owner) != 0 || strcmp((*at)->name, name) != 0))
        at = &(*at)->next;
    if (*at && process_is_dead(&(*at)->process)) { /* with the template, or by somebody's hand */
        struct snapshot *gone = *at;
        *at = gone->next;
        snapshot_drop(engine, gone);
        return find(engine, owner, name);
    }
    return at;
}

int snapshot_check_folders(const clutch_sandbox *origin, clutch_error *error)
{
    if (origin->disk_fd < 0 && !origin->keeps_workdir)
        return 0;
    return error_set(error, CLUTCH_E_UNSUPPORTED, 0, "sandbox %s cannot be copied: its files %s", origin->id,
                     origin->disk_fd < 0 ? "are in a folder that the host gave"
                                         : "live in memory, because of disk_bytes or disk_files");
}

/* Puts it into the list, or looks whether it could be put there. */
static int enlist(clutch_engine *engine, const char *owner, const char *name, struct snapshot *made,
                  clutch_error *error)
{
    pthread_mutex_lock(&engine->snapshot_lock);
    struct snapshot **at = find(engine, owner, name);
    bool exists = *at != NULL;
    if (!exists)
        *at = made;
    pthread_mutex_unlock(&engine->snapshot_lock);
    return exists ? error_set(error, CLUTCH_E_EXISTS, 0,
                              "a snapshot with the name %s exists: delete it first", name)
                  : 0;
}

/* With the turn. */
static int snapshot_named(clutch_sandbox *sandbox, const char *name, clutch_error *error)
{
    clutch_engine *engine = sandbox->engine;
    struct snapshot *made;
    int code = enlist(engine, sandbox->owner, name, NULL, error);
    if (code)
        return code;
    undo_notice_end(sandbox);
    code = lifecycle_begin(sandbox, LIFECYCLE_COPY, "", error);
    if (code == 0)
        code = snapshot_check_folders(sandbox, error);
    if (code == 0)
        code = snapshot_take(sandbox, false, &made, error);
    if (code)
        return code;
    bool fine = sandbox_set_text(&made->owner, sandbox->owner) && sandbox_set_text(&made->name, name);
    code = fine ? enlist(engine, made->owner, made->name, made, error) : error_memory(error);
    if (code)
        snapshot_drop(engine, made);
    return code;
}

int clutch_sandbox_snapshot(clutch_sandbox *sandbox, const char *name, clutch_error *error)
{
    if (!sandbox || !name || !*name || strlen(name) > LIMIT_NAME_BYTES)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "sandbox must not be NULL, and the name of 1 to %zu bytes", LIMIT_NAME_BYTES);
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, error);
    if (code == 0) {
        code = snapshot_named(sandbox, name, error);
        sandbox_give_turn(sandbox);
    }
    engine_leave(sandbox->engine);
    return code;
}

int clutch_snapshot_delete(clutch_engine *engine, const char *owner, const char *name, clutch_error *error)
{
    if (!engine || !name)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine and name must not be NULL");
    int code = engine_enter(engine, error);
    if (code)
        return code;
    pthread_mutex_lock(&engine->snapshot_lock);
    struct snapshot **at = find(engine, owner ? owner : "", name), *gone = *at;
    if (gone)
        *at = gone->next;
    pthread_mutex_unlock(&engine->snapshot_lock);
    if (gone)
        snapshot_drop(engine, gone);
    else
        code = error_set(error, CLUTCH_E_NOT_FOUND, 0, "there is no snapshot %s", name);
    engine_leave(engine);
    return code;
}

/* ---- Live copies ---- */

/* What a copy cannot have otherwise than its origin. */
static int check_options(const clutch_sandbox_options *options, clutch_error *error)
{
    if (!options->env && !options->workdir && !options->limits && !options->network && !options->processes &&
        !options->repository)
        return 0;
    return error_set(error, CLUTCH_E_INVALID, 0,
                     "a copy has its origin's env, workdir, limits, network, processes and repository: "
                     "leave them out of the options");
}

/* What a new copy is made of. */
struct source {
    struct process *process;
    const char *files_dir; /* NULL: those of sandbox */
    clutch_sandbox *sandbox; /* NULL: a snapshot */
    uint64_t serial;
};

static int copy_files(clutch_sandbox *copy, const struct source *source, clutch_error *error)
{
    if (source->files_dir)
        return kept_files_give(copy, source->files_dir, false, error);
    return kept_files_copy(source->sandbox, copy, error);
}

static void make_spare(void *engine)
{
    spare_make(engine);
}

/* With folders and a timer: its process. */
static int make_process(clutch_sandbox *copy, const struct source *source, struct process *out,
                        clutch_error *error)
{
    struct clone_options options = {.kind = CLONE_APART,
                                    .reseed = true,
                                    .goes_on = source->sandbox != NULL,
                                    .threads = copy->limits.threads,
                                    .workdir = copy->workdir,
                                    .tmpdir = copy->tmpdir,
                                    .timeout_ms = LIMIT_CLONE_TIMEOUT_MS,
                                    .meanwhile = make_spare,
                                    .user = copy->engine};
    int code = source->sandbox ? family_note(source->sandbox, error) : 0;
    return code ? code : copy_process(copy->engine, source->process, &options, out, error);
}

static int bring_up(clutch_sandbox *copy, const struct source *source, clutch_error *error)
{
    struct process process;
    int code = hatch_folders(copy, NULL, false, error);
    if (code == 0)
        code = hatch_timer(copy, error);
    if (code == 0)
        code = copy_files(copy, source, error);
    if (code == 0)
        code = make_process(copy, source, &process, error);
    return code ? code : sandbox_adopt(copy, &process, error);
}

/* options are checked and have what the origin decides. */
static int spawn(clutch_engine *engine, const struct source *source, const clutch_sandbox_options *options,
                 const char *const texts[3], clutch_sandbox **out, clutch_error *error)
{
    const char *reason = source->sandbox ? "clone was called" : "create was called";
    clutch_sandbox *copy;
    int code = sandbox_new(engine, options, &copy, error);
    if (code)
        return code;
    copy->serial = source->serial; /* it counts on, also in the records */
    if (!sandbox_set_text(&copy->origin, texts[0]) || !sandbox_set_text(&copy->repository_url, texts[1]) ||
        !sandbox_set_text(&copy->current_branch, texts[2]))
        code = error_memory(error);
    if (code == 0)
        code = create_begin(copy, reason, error);
    if (code == 0)
        code = create_end(copy, bring_up(copy, source, error), reason, error);
    if (code)
        book_release(copy);
    else
        *out = copy;
    return code;
}

int snapshot_spawn(clutch_engine *engine, struct snapshot *snapshot, const clutch_sandbox_options *options,
                   clutch_sandbox **out, clutch_error *error)
{
    clutch_sandbox_options given = *options;
    given.limits = &snapshot->limits;
    given.network = snapshot->network;
    given.processes = snapshot->processes;
    struct source source = {.process = &snapshot->process, .files_dir = snapshot->files_dir,
                            .serial = snapshot->serial};
    const char *const texts[] = {"", snapshot->repository_url, snapshot->current_branch};
    pthread_mutex_lock(&snapshot->turn);
    int code = spawn(engine, &source, &given, texts, out, error);
    pthread_mutex_unlock(&snapshot->turn);
    return code;
}

int snapshot_move(clutch_sandbox *sandbox, struct snapshot *snapshot, clutch_error *error)
{
    struct source source = {.process = &snapshot->process};
    struct process process;
    int status, code = make_process(sandbox, &source, &process, error);
    if (code)
        return code;
    sandbox_bury(sandbox, &status);
    return sandbox_adopt(sandbox, &process, error);
}

int snapshot_create(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                    clutch_error *error)
{
    int code = check_options(options, error);
    if (code)
        return code;
    if (options->starting_point)
        return point_create(engine, options, out, error);
    pthread_mutex_lock(&engine->snapshot_lock);
    const char *owner = options->owner ? options->owner : "";
    struct snapshot *snapshot = snapshot_retain(*find(engine, owner, options->snapshot));
    pthread_mutex_unlock(&engine->snapshot_lock);
    code = snapshot ? snapshot_spawn(engine, snapshot, options, out, error)
                    : error_set(error, CLUTCH_E_NOT_FOUND, 0,
                                "there is no snapshot %.255s, or it has ended with its template",
                                options->snapshot);
    snapshot_drop(engine, snapshot);
    return code;
}

/* With the origin's turn. */
static int clone_sandbox(clutch_sandbox *origin, const clutch_sandbox_options *options, clutch_sandbox **out,
                         clutch_error *error)
{
    undo_notice_end(origin);
    int begun = lifecycle_begin(origin, LIFECYCLE_COPY, "", error);
    if (begun == 0)
        begun = snapshot_check_folders(origin, error);
    if (begun)
        return begun;
    clutch_sandbox_options given = *options;
    given.owner = given.owner ? given.owner : origin->owner;
    given.env = (const char *const *)origin->env;
    given.limits = &origin->limits;
    given.network = origin->network;
    given.processes = origin->processes;
    if (!given.undo_depth && !options->rollback) {
        given.undo_depth = origin->undo_depth;
        given.rollback = origin->rollback;
    }
    struct source source = {.process = &origin->process, .sandbox = origin, .serial = origin->serial};
    const char *const texts[] = {origin->id, origin->repository_url, origin->current_branch};
    return spawn(origin->engine, &source, &given, texts, out, error);
}

int clutch_sandbox_clone(clutch_sandbox *sandbox, const clutch_sandbox_options *options,
                         clutch_sandbox **out, clutch_error *error)
{
    clutch_sandbox_options given;
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int code = options_sandbox(options, &given, error);
    if (code == 0)
        code = check_options(&given, error);
    if (code == 0 && (given.snapshot || given.starting_point))
        code = error_set(error, CLUTCH_E_INVALID, 0, "a clone has no other snapshot or starting point");
    if (code == 0)
        code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, error);
    if (code == 0) {
        code = clone_sandbox(sandbox, &given, out, error);
        sandbox_give_turn(sandbox);
    }
    engine_leave(sandbox->engine);
    return code;
}
