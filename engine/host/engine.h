/* SPDX-License-Identifier: Apache-2.0 */
/* engine.h: what an engine knows, for the other files of this folder. */
#ifndef CLUTCH_HOST_ENGINE_H
#define CLUTCH_HOST_ENGINE_H

#include <pthread.h>

#include "clutch.h"
#include "host/template.h"

/* Locks are taken in this order: engine->lock, then a sandbox's, then the template's. */
struct clutch_engine {
    pthread_mutex_t lock;
    pthread_cond_t quiet; /* calls has become 0 */
    unsigned references;  /* the caller's and one per sandbox */
    unsigned calls;       /* calls that are inside; closing waits for them */
    _Atomic bool closed;
    void *by_id, *by_name;          /* tsearch trees of sandboxes */
    struct clutch_sandbox *sandboxes; /* all of them, linked */

    pthread_mutex_t start_lock; /* one thread at a time starts the template */
    struct template template;

    clutch_limits limits; /* no field zero */
    char *environment, *worker_path, *state_dir;
    char *cgroup;
    char **preload, **require, **disable;
    bool owns_state_dir;
    uint64_t open_timeout_ms;
    clutch_log_fn *log;
    void *log_user;
    clutch_engine_info info;
};

/* Begins a call that uses the engine; CLOSED when it is closed. Any thread. */
int engine_enter(clutch_engine *engine, clutch_error *error);
void engine_leave(clutch_engine *engine);

/* Drops a reference; the last frees the engine. */
void engine_release(clutch_engine *engine);

/* Starts the template if it is not running. Inside a call. */
int engine_ensure_template(clutch_engine *engine, clutch_error *error);

/* Puts a sandbox into the engine's books and takes a reference; EXISTS when its id or name is taken.
 * engine_forget undoes it. */
int engine_remember(clutch_engine *engine, struct clutch_sandbox *sandbox, clutch_error *error);
void engine_forget(clutch_engine *engine, struct clutch_sandbox *sandbox);

void engine_log(const clutch_engine *engine, uint32_t level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
