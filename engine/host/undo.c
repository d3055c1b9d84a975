/* SPDX-License-Identifier: Apache-2.0 */
/* undo.c: checkpoints of a sandbox, and going back to them.
 *
 * A checkpoint is a copy of the process, made before an execution and left alone until it is wanted; it
 * shares memory with it page by page. Going back means that the sandbox goes on in that copy. The files of
 * the working folder are kept with it where the file system shares blocks between copies of a file, so
 * that this costs little, too. */
#include "host/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/clone.h"
#include "host/earlier.h"
#include "host/error.h"
#include "host/kept_files.h"
#include "host/lifecycle.h"
#include "host/place.h"
#include "host/store.h"

/* ---- Making ---- */

/* A parked process has nothing to finish: its end, which takes the kernel a millisecond, need not be waited
 * for. */
static void drop(clutch_sandbox *sandbox, struct checkpoint *checkpoint)
{
    process_forget(&checkpoint->process, &sandbox->engine->template);
    if (checkpoint->files_dir)
        tree_remove(AT_FDCWD, checkpoint->files_dir);
    free(checkpoint->files_dir);
}

static void drop_oldest(clutch_sandbox *sandbox)
{
    drop(sandbox, &sandbox->checkpoints[0]);
    sandbox->checkpoint_count--;
    memmove(sandbox->checkpoints, sandbox->checkpoints + 1,
            sandbox->checkpoint_count * sizeof *sandbox->checkpoints);
}

/* Gives the checkpoint that is being made a copy of the files, or none when they cannot be kept cheaply. */
static void keep_files(clutch_sandbox *sandbox, struct checkpoint *checkpoint)
{
    checkpoint->no_files = kept_files_none(sandbox);
    if (checkpoint->no_files)
        return;
    OWN_MEMORY char *folder = place_path(sandbox->engine, PLACE_HOME "/undo", sandbox->id);
    OWN_MEMORY char *path = place_path(sandbox->engine, PLACE_HOME "/undo/%llu", sandbox->id,
                                       (unsigned long long)sandbox->serial);
    if (!folder || !path || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return;
    if (kept_files_take_whole(sandbox, path, NULL) == 0) {
        checkpoint->files_dir = path;
        path = NULL;
    }
}

/* It will be made: nothing refuses it any more. While the kernel copies one process, another one ends. */
static void make_room(void *user)
{
    clutch_sandbox *sandbox = user;
    size_t depth = sandbox->undo_depth ? sandbox->undo_depth : 1;
    for (size_t i = 0; i + depth <= sandbox->checkpoint_count; i++)
        process_forget(&sandbox->checkpoints[i].process, &sandbox->engine->template);
}

static int make(clutch_sandbox *sandbox, clutch_error *error)
{
    struct checkpoint *grown =
        realloc(sandbox->checkpoints, (sandbox->checkpoint_count + 1) * sizeof *grown);
    if (!grown)
        return error_memory(error);
    sandbox->checkpoints = grown;
    struct clone_options options = {.kind = CLONE_SAME,
                                    .timeout_ms = LIMIT_CLONE_TIMEOUT_MS,
                                    .before = make_room,
                                    .user = sandbox};
    struct checkpoint *checkpoint = &grown[sandbox->checkpoint_count];
    *checkpoint = (struct checkpoint){.serial = sandbox->serial};
    process_init(&checkpoint->process);
    int code = clone_process(sandbox->engine, &sandbox->process, &options, &checkpoint->process, error);
    if (code == CLUTCH_E_PROTOCOL || code == CLUTCH_E_TIMEOUT)
        sandbox_kill(sandbox); /* the execution will find it so */
    if (code)
        return code;
    keep_files(sandbox, checkpoint);
    sandbox->checkpoint_count++;
    return 0;
}

int undo_prepare(clutch_sandbox *sandbox, bool wanted, bool *made, clutch_error *error)
{
    *made = false;
    if (!wanted && sandbox->undo_depth == 0) {
        undo_forget(sandbox);
        return 0;
    }
    int code = make(sandbox, error);
    while (sandbox->checkpoint_count > 0 && sandbox->checkpoints[0].process.pid == 0)
        drop_oldest(sandbox);
    *made = code == 0;
    return code;
}

/* All at once, and then each is waited for: no process of the sandbox's is left. */
void undo_forget(clutch_sandbox *sandbox)
{
    int status;
    for (size_t i = 0; i < sandbox->checkpoint_count; i++)
        process_kill(&sandbox->checkpoints[i].process);
    while (sandbox->checkpoint_count > 0) {
        struct checkpoint *newest = &sandbox->checkpoints[--sandbox->checkpoint_count];
        process_bury(&newest->process, &sandbox->engine->template, &status);
        process_close(&newest->process);
        drop(sandbox, newest);
    }
}

/* ---- Going back ---- */

void undo_record(clutch_sandbox *sandbox, uint64_t serial, uint32_t *count)
{
    clutch_error fault;
    int marked = store_roll_back(sandbox->engine->store, sandbox->id, serial + 1, &fault);
    if (marked < 0)
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING, "an undo of sandbox %s is not recorded: %s",
                   sandbox->id, fault.message);
    if (count)
        *count = marked < 0 ? 0 : (uint32_t)marked;
}

int undo_go_back(clutch_sandbox *sandbox, bool *files, clutch_error *error)
{
    size_t count = sandbox->checkpoint_count;
    struct checkpoint *newest = count ? &sandbox->checkpoints[count - 1] : NULL;
    int status;
    *files = false;
    if (!newest || process_is_dead(&newest->process))
        return error_set(error, CLUTCH_E_ENDED, 0, "the checkpoint of sandbox %s has ended", sandbox->id);
    int code = clone_wake(&newest->process, error);
    if (code)
        return code;
    sandbox_bury(sandbox, &status);
    code = sandbox_adopt(sandbox, &newest->process, error);
    if (code == 0 && (newest->files_dir || newest->no_files))
        *files = kept_files_give(sandbox, newest->files_dir, true, NULL) == 0;
    undo_record(sandbox, newest->serial, NULL);
    sandbox->checkpoint_count--;
    drop(sandbox, newest);
    return code;
}

bool undo_survive(clutch_sandbox *sandbox, const char *reason, bool *files)
{
    clutch_error error;
    bool closed = sandbox->engine->closed;
    while (sandbox->checkpoint_count > 0 && !closed) {
        size_t count = sandbox->checkpoint_count;
        if (undo_go_back(sandbox, files, &error) == 0) {
            if (sandbox->state == CLUTCH_STATE_PAUSED) /* a checkpoint is not */
                lifecycle_move(sandbox, CLUTCH_STATE_RUNNING, "%s", reason);
            return true;
        }
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING, "sandbox %s cannot be taken back: %s", sandbox->id,
                   error.message);
        if (!sandbox->ended)
            break;
        if (sandbox->checkpoint_count == count) /* an older one may do */
            drop(sandbox, &sandbox->checkpoints[--sandbox->checkpoint_count]);
    }
    if (sandbox->ended)
        lifecycle_ended(sandbox, closed ? "the engine was closed without stopping it" : reason);
    return false;
}

void undo_notice_end(clutch_sandbox *sandbox)
{
    int status;
    bool files;
    if (sandbox->state != CLUTCH_STATE_RUNNING && sandbox->state != CLUTCH_STATE_PAUSED)
        return;
    if (!sandbox->ended && !sandbox_is_dead(sandbox))
        return;
    sandbox_bury(sandbox, &status);
    if (undo_survive(sandbox, "its process ended by itself", &files))
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING,
                   "the process of sandbox %s ended by itself: it goes on from its last checkpoint",
                   sandbox->id);
}

/* With the turn. */
static int undo(clutch_sandbox *sandbox, uint32_t steps, clutch_undone *out, clutch_error *error)
{
    int begun = lifecycle_begin(sandbox, LIFECYCLE_UNDO, "", error);
    if (begun)
        return begun;
    if (sandbox->state == CLUTCH_STATE_STOPPED)
        return earlier_go_back(sandbox, steps, out, error);
    size_t count = sandbox->checkpoint_count;
    if (steps > count)
        return error_set(error, CLUTCH_E_NOT_FOUND, 0,
                         "sandbox %s has %zu checkpoints and not %u: raise undo_depth to keep more",
                         sandbox->id, count, steps);
    while (sandbox->checkpoint_count > count - steps + 1)
        drop(sandbox, &sandbox->checkpoints[--sandbox->checkpoint_count]);
    uint64_t serial = sandbox->checkpoints[sandbox->checkpoint_count - 1].serial;
    bool files;
    int code = undo_go_back(sandbox, &files, error);
    if (code)
        return code;
    if (out)
        *out = (clutch_undone){.steps = (uint32_t)(sandbox->serial - serial),
                               .left = (uint32_t)sandbox->checkpoint_count,
                               .files_rolled_back = files};
    return 0;
}

int clutch_sandbox_undo(clutch_sandbox *sandbox, uint32_t steps, clutch_undone *out, clutch_error *error)
{
    if (!sandbox || steps == 0)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL, and steps not 0");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = sandbox_take_turn(sandbox, SANDBOX_CHANGE, error);
    if (code == 0) {
        code = undo(sandbox, steps, out, error);
        sandbox_give_turn(sandbox);
    }
    engine_leave(sandbox->engine);
    return code;
}
