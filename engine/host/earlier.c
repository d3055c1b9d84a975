/* SPDX-License-Identifier: Apache-2.0 */
/* earlier.c: saved variables that a later stop has replaced, and going back to them.
 *
 * Checkpoints are processes and end with the sandbox's. What lasts is files: before a stop puts a new
 * session in the place of the old one, the old one gets a second name, the serial of the last execution
 * that is in it. Going back is renaming it. */
#include "host/earlier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/tree.h"
#include "host/error.h"
#include "host/kept_files.h"
#include "host/place.h"
#include "host/store.h"
#include "host/undo.h"

#define FILES ".files" /* behind the name: what the working folder was like */

struct kept {
    uint64_t serials[LIMIT_UNDO_DEPTH + 2]; /* the oldest first */
    size_t count;
};

static char *folder_of(const clutch_sandbox *sandbox)
{
    return place_path(sandbox->engine, PLACE_EARLIER, sandbox->id);
}

static char *path_of(const clutch_sandbox *sandbox, uint64_t serial, const char *ending)
{
    return place_path(sandbox->engine, PLACE_EARLIER "/%llu%s", sandbox->id, (unsigned long long)serial,
                      ending);
}

static int by_serial(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void list(const clutch_sandbox *sandbox, struct kept *kept)
{
    kept->count = 0;
    OWN_MEMORY char *path = folder_of(sandbox);
    DIR *folder = path ? opendir(path) : NULL;
    const size_t most = sizeof kept->serials / sizeof *kept->serials;
    for (struct dirent *entry; folder && kept->count < most && (entry = readdir(folder));) {
        char *end;
        uint64_t serial = strtoull(entry->d_name, &end, 10);
        if (*end == '\0' && end != entry->d_name)
            kept->serials[kept->count++] = serial;
    }
    if (folder)
        closedir(folder);
    qsort(kept->serials, kept->count, sizeof *kept->serials, by_serial);
}

static void drop(const clutch_sandbox *sandbox, uint64_t serial)
{
    OWN_MEMORY char *session = path_of(sandbox, serial, "");
    OWN_MEMORY char *files = path_of(sandbox, serial, FILES);
    if (session)
        unlink(session);
    if (files)
        tree_remove(AT_FDCWD, files);
}

/* ---- Keeping ---- */

static int give_name(const clutch_sandbox *sandbox)
{
    OWN_MEMORY char *folder = folder_of(sandbox);
    OWN_MEMORY char *session = place_path(sandbox->engine, PLACE_SESSION, sandbox->id);
    OWN_MEMORY char *name = path_of(sandbox, sandbox->saved_serial, "");
    if (!folder || !session || !name || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return -1;
    unlink(name);
    return link(session, name) != 0 && errno != ENOENT ? -1 : 0;
}

void earlier_keep(clutch_sandbox *sandbox)
{
    struct kept kept;
    size_t depth = sandbox->undo_depth ? sandbox->undo_depth : 1;
    bool wanted = sandbox->undo_depth > 0 || sandbox->checkpoint_count > 0;
    if (sandbox->serial == sandbox->saved_serial)
        return;
    if (!wanted) {
        OWN_MEMORY char *folder = folder_of(sandbox);
        if (folder)
            tree_remove(AT_FDCWD, folder);
    } else if (give_name(sandbox) != 0) {
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING,
                   "what was saved of sandbox %s before cannot be kept for an undo: %s", sandbox->id,
                   strerror(errno));
    }
    list(sandbox, &kept);
    for (size_t i = 0; i + depth < kept.count; i++)
        drop(sandbox, kept.serials[i]);
}

void earlier_keep_files(clutch_sandbox *sandbox)
{
    struct checkpoint *first = sandbox->checkpoint_count ? &sandbox->checkpoints[0] : NULL;
    if (!first || first->serial != sandbox->saved_serial)
        return;
    OWN_MEMORY char *path = path_of(sandbox, first->serial, FILES);
    if (path && first->no_files)
        mkdir(path, 0700);
    else if (path && first->files_dir && rename(first->files_dir, path) == 0) {
        free(first->files_dir);
        first->files_dir = NULL;
    }
}

/* ---- Going back ---- */

/* An interruption between the first two leaves the variables back and the records as they were. */
static int put_back(clutch_sandbox *sandbox, uint64_t serial, bool *files, clutch_error *error)
{
    OWN_MEMORY char *session = place_path(sandbox->engine, PLACE_SESSION, sandbox->id);
    OWN_MEMORY char *name = path_of(sandbox, serial, "");
    OWN_MEMORY char *kept_files = path_of(sandbox, serial, FILES);
    if (!session || !name || !kept_files)
        return error_memory(error);
    if (rename(name, session) != 0 || place_sync(session) != 0)
        return error_set(error, CLUTCH_E_DISK, errno, "putting back what was saved in %s", name);
    *files = access(kept_files, F_OK) == 0 && kept_files_give(sandbox, kept_files, true, NULL) == 0;
    return 0;
}

int earlier_go_back(clutch_sandbox *sandbox, uint32_t steps, clutch_undone *out, clutch_error *error)
{
    struct kept kept;
    clutch_undone undone = {0};
    list(sandbox, &kept);
    if (steps > kept.count)
        return error_set(error, CLUTCH_E_NOT_FOUND, 0,
                         "sandbox %s is stopped and keeps what was saved at %zu earlier stops, not %u: "
                         "undo_depth or checkpoints have it kept",
                         sandbox->id, kept.count, steps);
    uint64_t serial = kept.serials[kept.count - steps];
    int code = put_back(sandbox, serial, &undone.files_rolled_back, error);
    if (code)
        return code;
    for (size_t i = kept.count - steps; i < kept.count; i++)
        drop(sandbox, kept.serials[i]);
    sandbox->saved_serial = serial;
    undo_record(sandbox, serial, &undone.steps);
    undone.left = (uint32_t)(kept.count - steps);
    if (out)
        *out = undone;
    return 0;
}
