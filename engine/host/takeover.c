/* SPDX-License-Identifier: Apache-2.0 */
/* takeover.c: tidying up what an engine that ended without closing has left in the state folder.
 *
 * The store has decided by then what becomes of each sandbox (store_taken); here the folders follow, and
 * only then it is recorded: a crash meanwhile leaves the same to do again. */
#include "host/takeover.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/error.h"
#include "host/place.h"
#include "host/pool.h"
#include "host/store.h"

/* tmp/ is nobody's any more, and what is half-written never counted. */
static int tidy_stopped(clutch_engine *engine, const char *id, clutch_error *error)
{
    OWN_MEMORY char *tmpdir = place_path(engine, PLACE_HOME "/tmp", id);
    OWN_MEMORY char *session = place_path(engine, PLACE_SESSION, id);
    OWN_MEMORY char *work = place_path(engine, PLACE_WORK ".new", id);
    OWN_MEMORY char *archive = place_path(engine, PLACE_ARCHIVE, id);
    if (!tmpdir || !session || !work || !archive)
        return error_memory(error);
    tree_remove(AT_FDCWD, tmpdir);
    tree_remove(AT_FDCWD, work);
    place_abandon(session);
    place_abandon(archive);
    unlink(archive);
    return 0;
}

static int tidy_home(clutch_engine *engine, const char *id, clutch_error *error)
{
    OWN_MEMORY char *home = place_path(engine, PLACE_HOME, id);
    if (!home)
        return error_memory(error);
    tree_remove(AT_FDCWD, home);
    return 0;
}

static int tidy(clutch_engine *engine, const struct store_taken *taken, clutch_error *error)
{
    const char *id = taken->id;
    if (taken->to == CLUTCH_STATE_ARCHIVED)
        return tidy_home(engine, id, error);
    int code = tidy_stopped(engine, id, error);
    if (code || taken->to != CLUTCH_STATE_DELETED)
        return code;
    code = tidy_home(engine, id, error);
    if (code)
        return code;
    if (taken->from == CLUTCH_STATE_CREATING)
        return store_remove(engine->store, id, error);
    return store_set_state(engine->store, id, CLUTCH_STATE_DELETED, "its deletion was completed", NULL, NULL,
                           error);
}

int takeover_tidy(clutch_engine *engine, clutch_error *error)
{
    size_t count;
    const struct store_taken *taken = store_taken(engine->store, &count);
    for (size_t i = 0; i < count; i++) {
        int code = tidy(engine, &taken[i], error);
        if (code)
            return code;
    }
    pool_tidy(engine);
    OWN_MEMORY char *snapshots = place_path(engine, "snapshots");
    if (!snapshots)
        return error_memory(error);
    tree_remove(AT_FDCWD, snapshots);
    return store_take_over(engine->store, error);
}
