/* SPDX-License-Identifier: Apache-2.0 */
/* family.c: folders that must stay because copies of their sandbox live. */
#include "host/family.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/door.h"
#include "host/error.h"
#include "host/place.h"

/* Of one sandbox that was copied. The door, which all of a family have, tells whether any of it lives. */
struct family {
    struct family *next;
    char id[37];
    struct door *door;
    char *home; /* to be removed; NULL while the sandbox has it */
    bool over;
};

/* With the lock: whether a process has the door, beside those rows. */
static bool lives(const clutch_engine *engine, const struct door *door)
{
    unsigned rows = 0;
    for (const struct family *family = engine->families; family; family = family->next)
        rows += family->door == door;
    return door_references(door) > rows;
}

int family_note(clutch_sandbox *sandbox, clutch_error *error)
{
    clutch_engine *engine = sandbox->engine;
    struct door *door = sandbox->process.door;
    if (!door)
        return 0; /* it will not be copied */
    pthread_mutex_lock(&engine->family_lock);
    struct family *family = engine->families;
    while (family && (family->door != door || strcmp(family->id, sandbox->id) != 0))
        family = family->next;
    bool known = family != NULL;
    if (!known && (family = calloc(1, sizeof *family))) {
        memcpy(family->id, sandbox->id, sizeof family->id);
        family->door = door_retain(door);
        family->next = engine->families;
        engine->families = family;
    }
    pthread_mutex_unlock(&engine->family_lock);
    return family ? 0 : error_memory(error);
}

/* Everything but the two places themselves. */
static void empty_home(const clutch_sandbox *sandbox)
{
    OWN_MEMORY char *session = place_path(sandbox->engine, PLACE_SESSION, sandbox->id);
    OWN_MEMORY char *undo = place_path(sandbox->engine, PLACE_HOME "/undo", sandbox->id);
    tree_empty(AT_FDCWD, sandbox->tmpdir);
    if (!sandbox->keeps_workdir)
        tree_empty(AT_FDCWD, sandbox->workdir);
    if (session)
        unlink(session);
    if (undo)
        tree_remove(AT_FDCWD, undo);
}

bool family_keeps_home(clutch_sandbox *sandbox)
{
    clutch_engine *engine = sandbox->engine;
    bool kept = false;
    pthread_mutex_lock(&engine->family_lock);
    for (struct family *family = engine->families; family; family = family->next) {
        if (strcmp(family->id, sandbox->id) != 0 || !lives(engine, family->door) || family->home)
            continue;
        family->home = strdup(sandbox->home_dir);
        kept = true; /* without memory for its name it stays until the folder is used again */
    }
    pthread_mutex_unlock(&engine->family_lock);
    if (kept)
        empty_home(sandbox);
    return kept;
}

/* Takes out those that are over; all of them if asked. */
static struct family *take_over(clutch_engine *engine, bool all)
{
    struct family *over = NULL;
    pthread_mutex_lock(&engine->family_lock);
    for (struct family *family = engine->families; family; family = family->next)
        family->over = all || !lives(engine, family->door);
    for (struct family **at = &engine->families; *at;) {
        struct family *family = *at;
        if (!family->over) {
            at = &family->next;
            continue;
        }
        *at = family->next;
        family->next = over;
        over = family;
    }
    pthread_mutex_unlock(&engine->family_lock);
    return over;
}

static void sweep(clutch_engine *engine, bool all)
{
    struct family *next;
    for (struct family *family = take_over(engine, all); family; family = next) {
        next = family->next;
        if (family->home)
            tree_remove(AT_FDCWD, family->home);
        door_release(family->door);
        free(family->home);
        free(family);
    }
}

void family_sweep(clutch_engine *engine)
{
    sweep(engine, false);
}

void family_finish(clutch_engine *engine)
{
    sweep(engine, true);
}
