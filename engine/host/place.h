/* SPDX-License-Identifier: Apache-2.0 */
/* place.h: where things are in the state folder, and changing them so that a crash does no harm.
 *
 *     <id>/work, <id>/tmp      a sandbox's folders
 *     <id>/session             its saved variables
 *     <id>/ready               marks one in the pool, which nobody has got yet
 *     <id>/earlier/<serial>    those that an undo can bring back
 *     spare/                   the next sandbox's folders
 *     archives/<id>.clutch     all of an archived one
 *     snapshots/<n>/...        files of snapshots; they do not outlive the engine
 *     repositories/            bare copies
 *     clutch.db, lock          the store's
 *
 * What is written anew has the ending ".new" until it is whole and synced, and is then renamed. */
#ifndef CLUTCH_HOST_PLACE_H
#define CLUTCH_HOST_PLACE_H

#include "host/engine.h"

/* A path below the state folder. Owned, free it with free; NULL when memory ran out. */
char *place_path(const clutch_engine *engine, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#define PLACE_HOME "%s"
#define PLACE_WORK "%s/work"
#define PLACE_SESSION "%s/session"
#define PLACE_READY "%s/ready"
#define PLACE_EARLIER "%s/earlier"
#define PLACE_SPARE "spare"
#define PLACE_ARCHIVE "archives/%s.clutch"

/* Makes a folder of mode 0700, whatever the host's umask is; with again one that exists is fine. Returns 0,
 * or -1 with errno. */
int place_make_folder(const char *path, bool again);

/* A new empty file at path with ".new" behind it, open for reading and writing; a failure is DISK. */
int place_begin(const char *path, clutch_error *error);

/* Syncs the file, renames it into place and syncs the folder. On failure it is gone; what was there before
 * stays. DISK. */
int place_finish(const char *path, int fd, clutch_error *error);

/* Syncs the folder that path is in. Returns 0, or -1 with errno. */
int place_sync(const char *path);

/* Removes the unfinished file. */
void place_abandon(const char *path);

#endif
