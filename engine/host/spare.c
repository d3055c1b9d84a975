/* SPDX-License-Identifier: Apache-2.0 */
/* spare.c: one set of folders ahead of the next sandbox. */
#include "host/spare.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/place.h"

enum { SPARE_NONE, SPARE_READY, SPARE_BUSY };

bool spare_take(clutch_engine *engine, const char *home_dir)
{
    int ready = SPARE_READY;
    if (!atomic_compare_exchange_strong(&engine->spare, &ready, SPARE_BUSY))
        return false;
    OWN_MEMORY char *path = place_path(engine, PLACE_SPARE);
    bool taken = path && renameat2(AT_FDCWD, path, AT_FDCWD, home_dir, RENAME_NOREPLACE) == 0;
    atomic_store(&engine->spare, SPARE_NONE);
    return taken;
}

bool spare_way(const clutch_engine *engine, const char *tmpdir, char path[PATH_MAX])
{
    static const char above[] = "/tmp/";
    if (strncmp(engine->state_dir, above, strlen(above)) != 0)
        return false;
    const char *rest = engine->state_dir + strlen(above);
    int length = snprintf(path, PATH_MAX, "%s/%.*s", tmpdir, (int)strcspn(rest, "/"), rest);
    return length < PATH_MAX;
}

/* One of a former engine may be there, as empty as when it was made. */
static bool make_folder(const char *path)
{
    return place_make_folder(path, true) == 0;
}

static bool make_all(const clutch_engine *engine)
{
    char way[PATH_MAX];
    OWN_MEMORY char *home = place_path(engine, PLACE_SPARE);
    OWN_MEMORY char *tmpdir = place_path(engine, PLACE_SPARE "/tmp");
    OWN_MEMORY char *workdir = place_path(engine, PLACE_SPARE "/work");
    return home && tmpdir && workdir && make_folder(home) && make_folder(tmpdir) && make_folder(workdir) &&
           (!spare_way(engine, tmpdir, way) || make_folder(way));
}

void spare_make(clutch_engine *engine)
{
    int none = SPARE_NONE;
    if (atomic_compare_exchange_strong(&engine->spare, &none, SPARE_BUSY))
        atomic_store(&engine->spare, make_all(engine) ? SPARE_READY : SPARE_NONE);
}

void spare_remove(clutch_engine *engine)
{
    OWN_MEMORY char *path = place_path(engine, PLACE_SPARE);
    if (path)
        tree_remove(AT_FDCWD, path);
    atomic_store(&engine->spare, SPARE_NONE);
}
