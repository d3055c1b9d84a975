/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h: what an engine knows, for the other files of this folder. */
#ifndef CLUTCH_HOST_ENGINE_H
#define CLUTCH_HOST_ENGINE_H

#include <pthread.h>

#include "clutch.h"
#include "host/template.h"

struct store;
struct snapshot;
struct point;
struct family;

/* The thread that does what is due; keeper.c has it. It is started when there may be something. */
struct keeper {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    pthread_t thread;
    bool started, stopping;
    uint64_t next_ns; /* when it looks again */
};

/* Sandboxes that are ready; pool.c has it. */
struct pool {
    pthread_mutex_t lock; /* taken with no other one, and none with it */
    pthread_cond_t wanted;
    pthread_t thread;
    bool started, stopping;
    struct clutch_sandbox *like;   /* what they are like; NULL when there is no pool */
    struct clutch_sandbox **ready; /* count of max */
    size_t count, lowest;          /* lowest: since it was judged */
    uint32_t min, max, target;
    uint64_t judged_ns, hits, misses;
};

/* Locks are taken in this order: engine->lock, then a sandbox's, then the template's, then the keeper's;
 * the store's comes last. No call of the store or the template is made with engine->lock. */
struct clutch_engine {
    pthread_mutex_t lock;
    pthread_cond_t quiet; /* calls has become 0 */
    unsigned references;  /* the caller's and one per sandbox in memory */
    unsigned calls;       /* calls that are inside; closing waits for them */
    _Atomic bool closed;
    void *by_id;                      /* tsearch tree of sandboxes in memory; book.c */
    struct clutch_sandbox *sandboxes; /* all of them, linked */
    struct store *store;              /* NULL once closed */
    struct keeper keeper;
    struct pool pool;

    pthread_mutex_t snapshot_lock; /* of the lists; taken after a turn */
    struct snapshot *snapshots;    /* guarded by it, as is the next */
    struct point *points;
    pthread_mutex_t family_lock;
    struct family *families; /* guarded by it */

    pthread_mutex_t start_lock; /* one thread at a time starts the template */
    struct template template;
    _Atomic int spare; /* spare.c has it */

    clutch_limits limits; /* no field zero */
    char *environment, *worker_path, *state_dir;
    char *cgroup;
    char **preload, **require, **disable;
    bool owns_state_dir;
    uint64_t open_timeout_ms;
    clutch_log_fn *log;
    void *log_user;
    clutch_change_fn *on_change;
    void *change_user;
    uint32_t retention_days;
    clutch_engine_info info;
};

/* Begins a call that uses the engine; CLOSED when it is closed. Any thread. */
int engine_enter(clutch_engine *engine, clutch_error *error);
void engine_leave(clutch_engine *engine);

/* Takes and drops a reference; with the last the engine is freed. */
void engine_retain(clutch_engine *engine);
void engine_release(clutch_engine *engine);

/* Starts the template if it is not running. Inside a call. */
int engine_ensure_template(clutch_engine *engine, clutch_error *error);

/* A thread that no signal of the host is for. False when there can be none. */
bool engine_start_thread(void *(*run)(void *), void *argument, pthread_t *out);

void engine_log(const clutch_engine *engine, uint32_t level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
