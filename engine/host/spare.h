/* SPDX-License-Identifier: Apache-2.0 */
/* spare.h: one set of folders ahead of the next sandbox.
 *
 * Making a sandbox's folders takes a disk's file system as long as a tenth of all that a create does. So
 * they are made while a create waits for the sandbox's process, for the create after it, which only has to
 * rename them. Any thread; failures are silent, since a create without them makes its own. */
#ifndef CLUTCH_HOST_SPARE_H
#define CLUTCH_HOST_SPARE_H

#include <limits.h>

#include "host/engine.h"

/* True if a new home_dir is there now, with folders "work" and "tmp" in it, of mode 0700 and empty but for
 * the way. */
bool spare_take(clutch_engine *engine, const char *home_dir);

/* Makes the next one, unless it is there. */
void spare_make(clutch_engine *engine);

/* In a sandbox its temporary folder is /tmp too, and a state folder below that has to be found in it. The
 * folder that confine/folders.c makes in it for this when it is not there; false when none is needed. */
bool spare_way(const clutch_engine *engine, const char *tmpdir, char path[PATH_MAX]);

/* When the engine is closed. */
void spare_remove(clutch_engine *engine);

#endif
