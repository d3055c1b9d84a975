/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.h: copies of running sandboxes: parked ones to begin with, and live ones. */
#ifndef CLUTCH_HOST_SNAPSHOT_H
#define CLUTCH_HOST_SNAPSHOT_H

#include "host/sandbox.h"

/* A parked copy of a sandbox. Its owner and name are NULL when it belongs to a starting point. */
struct snapshot {
    struct snapshot *next; /* guarded by engine->snapshot_lock */
    _Atomic unsigned references;
    pthread_mutex_t turn; /* whose holder copies it: once at a time, and for as long as its process takes */
    char *owner, *name;
    struct process process;
    char *files_dir; /* copy of the working folder */
    clutch_limits limits;
    uint32_t network;
    bool processes;
    uint64_t serial;
    char *repository_url, *current_branch;
};

void snapshot_init(clutch_engine *engine);

/* Ends all snapshots and starting points. The engine is closed, and nobody inside. */
void snapshot_finish(clutch_engine *engine);
void snapshot_free(clutch_engine *engine);

/* clutch_sandbox_create from a snapshot or a starting point. Inside a call. */
int snapshot_create(clutch_engine *engine, const clutch_sandbox_options *options, clutch_sandbox **out,
                    clutch_error *error);

/* UNSUPPORTED when copies of its process cannot have folders of their own in place of its. */
int snapshot_check_folders(const clutch_sandbox *origin, clutch_error *error);

/* With the sandbox's turn: a parked copy of it in no list. One that settles takes memory of its own, as much
 * as the template has, so that sandboxes are made of it as fast as of that. */
int snapshot_take(clutch_sandbox *sandbox, bool settles, struct snapshot **out, clutch_error *error);

/* Has the sandbox of which it was just taken go on in a copy of it, with its own folders; with its turn, and
 * nobody else knows of the snapshot. */
int snapshot_move(clutch_sandbox *sandbox, struct snapshot *snapshot, clutch_error *error);

/* Another reference to it; with engine->snapshot_lock, or a reference. NULL is allowed. */
struct snapshot *snapshot_retain(struct snapshot *snapshot);

/* Ends one that is in no list with its last reference. NULL is allowed. */
void snapshot_drop(clutch_engine *engine, struct snapshot *snapshot);

/* A new running sandbox as a copy of it. With a reference and no lock: its process may take its time. */
int snapshot_spawn(clutch_engine *engine, struct snapshot *snapshot, const clutch_sandbox_options *options,
                   clutch_sandbox **out, clutch_error *error);

#endif
