/* SPDX-License-Identifier: Apache-2.0 */
/* delete.c: a sandbox's end for good.
 *
 * The record says DELETING first and DELETED when nothing is left, so that the next engine completes what
 * a crash interrupts. What cannot be recorded is deleted all the same: a full disk must not keep anybody
 * from making room. */
#include "host/delete.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/own.h"
#include "host/book.h"
#include "host/error.h"
#include "host/family.h"
#include "host/hatch.h"
#include "host/lifecycle.h"
#include "host/place.h"
#include "host/undo.h"

void delete_with_turn(clutch_sandbox *sandbox, const char *reason)
{
    clutch_error fault;
    int begun = lifecycle_begin(sandbox, LIFECYCLE_DELETE, reason, &fault);
    if (begun == 1)
        return;
    if (begun)
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING, "sandbox %s is deleted without a record of it: %s",
                   sandbox->id, fault.message);
    undo_forget(sandbox);
    sandbox_part(sandbox);
    hatch_remove_folders(sandbox);
    family_sweep(sandbox->engine);
    OWN_MEMORY char *archive = place_path(sandbox->engine, PLACE_ARCHIVE, sandbox->id);
    if (archive) {
        unlink(archive);
        place_abandon(archive);
    }
    lifecycle_move(sandbox, CLUTCH_STATE_DELETED, "%s", reason);
    book_strike(sandbox->engine, sandbox); /* only now: nobody finds a record without it */
}

int delete_sandbox(clutch_sandbox *sandbox, const char *reason, clutch_error *error)
{
    int code = sandbox_seize_turn(sandbox, true, error);
    if (code)
        return code;
    delete_with_turn(sandbox, reason);
    sandbox_give_turn(sandbox);
    return code;
}

int clutch_sandbox_delete(clutch_sandbox *sandbox, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = delete_sandbox(sandbox, "delete was called", error);
    engine_leave(sandbox->engine);
    return code;
}

void clutch_sandbox_destroy(clutch_sandbox *sandbox)
{
    if (!sandbox)
        return;
    clutch_engine *engine = sandbox->engine;
    if (engine_enter(engine, NULL) == 0) {
        clutch_error error;
        if (delete_sandbox(sandbox, "destroy was called", &error))
            engine_log(engine, CLUTCH_LOG_WARNING, "%s", error.message);
        engine_leave(engine);
    }
    book_release(sandbox);
}
