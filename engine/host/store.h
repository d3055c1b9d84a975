/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: the engine's records in SQLite: sandboxes, their changes of state, their executions.
 *
 * One engine has the store of a state folder, and one thread at a time is inside it: every function here
 * may be called from any thread and holds the store's own lock, which is the last one taken. A call that
 * returned 0 has been written: no kill of this process takes it back. What says that a sandbox is stopped
 * or archived has reached the disk as well, with all that was written before it. Texts given may be
 * NULL for "", and texts read are never NULL. Errors: DISK full, read-only, failing or the file taken
 * away; DAMAGED; NEWER; LOCKED; MEMORY; SYSTEM. A call that failed has changed nothing. */
#ifndef CLUTCH_HOST_STORE_H
#define CLUTCH_HOST_STORE_H

#include "clutch.h"

struct store;

/* A moment. Within one boot of the machine time is counted by a clock that nobody can set. */
struct store_time {
    int64_t wall_ms; /* since 1970 */
    int64_t boot_ms; /* since the machine started */
    int64_t boot;    /* which start that was, as the store counts them; 0: not known */
};

/* ---- Opening ---- */

/* Opens state_dir/clutch.db, or records in memory when state_dir is NULL, and finds out what an engine that
 * ended without closing has left: see store_taken. LOCKED when another engine has the folder. */
int store_open(const char *state_dir, uint32_t retention_days, struct store **out, clutch_error *error);

/* NULL is allowed. Nothing else may be inside. */
void store_close(struct store *store);

/* A sandbox that had not come to rest when the last engine ended, and what is to become of it. First its
 * folders are to follow, and those that are to be DELETED be deleted or removed here too; then
 * store_take_over records the rest at once. A crash before that changes nothing: all is found again. An
 * archive counts as made once archives/<id>.clutch exists: it is renamed into place when whole, and
 * removed after its folder has been restored. What the other one of the two left is the caller's to
 * remove. */
struct store_taken {
    char id[37];
    uint32_t from, to; /* STOPPED, ARCHIVED or DELETED */
};

/* Those of this opening, borrowed until store_close. */
const struct store_taken *store_taken(const struct store *store, size_t *count);
int store_take_over(struct store *store, clutch_error *error);

/* Takes the time from now(user) instead, for tests; boot of what it gives is filled in here. */
typedef struct store_time store_clock_fn(void *user);
void store_set_clock(struct store *store, store_clock_fn *now, void *user);

/* The time now, and how much of it has passed since then: by the steady clock within one boot, otherwise
 * by the wall clock, never negative. */
struct store_time store_now(struct store *store);
int64_t store_elapsed_ms(struct store *store, const struct store_time *since);

/* ---- Sandboxes ---- */

/* All that is recorded of one. In a record that was read every pointer is borrowed from it; info.live is
 * false. */
struct store_sandbox {
    clutch_sandbox_info info;
    const char *const *env; /* "KEY=VALUE" ended by NULL */
    clutch_limits limits;
    uint32_t network, rollback;
    bool processes;
    bool left_out_truncated;
    const char *workdir; /* "" unless the host gave one */
    const char *repository_branch;
    const char *python_version; /* that saved the session */
    struct store_time activity, changed; /* the same moments as in info */
};

/* Records a new sandbox and its first change, from 0 to info.state. Sets the times of *sandbox that are 0
 * in info to now. EXISTS when another that is not deleted has its id, or its owner its name. */
int store_insert(struct store *store, struct store_sandbox *sandbox, clutch_error *error);

/* Reads one that is not deleted, by id, else by name. An owner sees only its own: NOT_FOUND. NULL is any
 * owner; INVALID when several owners have the name. *out is owned, free it with store_sandbox_free. */
int store_find(struct store *store, const char *owner, const char *id_or_name,
               struct store_sandbox **out, clutch_error *error);

/* Reads the one of that id, the newest, deleted or not. */
int store_get(struct store *store, const char *id, struct store_sandbox **out, clutch_error *error);

/* NULL is allowed. */
void store_sandbox_free(struct store_sandbox *sandbox);

/* What a stop has saved or a start has brought back. */
struct store_session {
    bool saved;                  /* the next three count; else they stay as they are */
    int64_t saved_ms;            /* 0: now */
    uint64_t saved_bytes;
    const char *python_version;
    size_t left_out_count;
    const clutch_left_out *left_out;
    bool left_out_truncated;
};

/* Changes the state, which may be any, and records the change; with session, which may be NULL, that too.
 * A change of state is activity. Fills *made, which may be NULL: id and reason in it are those given. */
int store_set_state(struct store *store, const char *id, uint32_t state, const char *reason,
                    const struct store_session *session, clutch_change *made, clutch_error *error);

/* What a host may change; NULL stays as it is. */
struct store_meta {
    const char *name; /* EXISTS when the owner has another of that name */
    const char *const *labels;
    const clutch_intervals *intervals;
    const char *current_branch;
};
int store_set_meta(struct store *store, const char *id, const struct store_meta *meta,
                   clutch_error *error);

/* Records activity now, and that executions have been started unless that is 0. Costs next to nothing: it
 * is written with the next thing that is, or a second later at the next call. */
int store_touch(struct store *store, const char *id, uint64_t executions, clutch_error *error);

/* Removes the records of it wholly, with changes and executions. One that is only deleted keeps them for
 * retention_days. */
int store_remove(struct store *store, const char *id, clutch_error *error);

/* A stopped or archived sandbox to which something should happen by its intervals. */
struct store_dormant {
    char id[37];
    bool deletes;     /* else it is archived */
    uint32_t after_s; /* the interval that has passed */
};

/* Those that are due, at most maximum of them; returns how many, and sets *next_ms to how long it is until
 * the next one is due, UINT64_MAX for never. */
int store_due(struct store *store, struct store_dormant *out, int maximum, uint64_t *next_ms,
              clutch_error *error);

/* ---- Lists: pages, newest first unless said otherwise ---- */

/* In milliseconds since 1970, both ends included; 0 is no end. */
struct store_range {
    int64_t created_from_ms, created_to_ms, activity_from_ms, activity_to_ms;
};

/* options as of clutch_engine_list; range may be NULL. Each of *out is the info of a store_sandbox, in
 * which the caller may set live. *out is owned, free it with store_page_free. */
int store_list(struct store *store, const clutch_list_options *options, const struct store_range *range,
               clutch_sandbox_page **out, clutch_error *error);
void store_page_free(clutch_sandbox_page *page);

/* limit and cursor as of clutch_sandbox_log. id may be of a deleted sandbox. *out is one block: free
 * it with free. */
int store_changes(struct store *store, const char *id, uint32_t limit, const char *cursor,
                  clutch_change_page **out, clutch_error *error);
int store_log(struct store *store, const char *id, uint32_t limit, const char *cursor,
              clutch_record_page **out, clutch_error *error);

/* ---- Executions ---- */

#define STORE_PREVIEW_BYTES ((size_t)16384)

struct store_execution {
    uint64_t serial;
    const char *kind;   /* default "python" */
    const char *source; /* default "api" */
    const char *code;
    size_t code_length;
    const clutch_output *output; /* of which the start is kept as preview */
    size_t output_count;
    bool output_omitted; /* it was cut already */
    const char *error;
    uint32_t outcome;
    uint64_t wall_ns;
    int64_t created_ms; /* 0: now */
    bool rolled_back;
};

/* Records an execution, which is activity, and its serial as the number of executions. Only with
 * records in memory it is kept back and written with up to 255 others; there the newest 1,000 of a
 * sandbox are kept, 10,000 in all. */
int store_add_execution(struct store *store, const char *id, const struct store_execution *execution,
                        clutch_error *error);

/* Marks the executions with this serial and later ones as rolled back. Returns how many that were. */
int store_roll_back(struct store *store, const char *id, uint64_t serial, clutch_error *error);

/* Removes what is older than retention_days: executions, changes, deleted sandboxes. May be called often:
 * it looks once a minute and takes some at a time. */
int store_purge(struct store *store, clutch_error *error);

/* ---- Words ---- */

/* "running", "stale" (recorded as running, but no process), "unknown" (recorded as running, and nobody
 * knows) or "stopped". live is 1, 0 or -1 for not known. */
const char *store_word(uint32_t state, int live);

#endif
