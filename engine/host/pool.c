/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c: sandboxes that are ready before anybody asks for one.
 *
 * Theory of operation. A thread keeps as many as are wanted ready: forked, confined, and having rehearsed
 * what sessions begin with, so that the pages that this writes to are their own already. Each has an id
 * and folders by that id, and becomes a sandbox when a create wants one of its kind: then it gets a name,
 * an owner and a record, which costs microseconds. How many are wanted follows demand, between the two
 * bounds of the options: a create that finds none doubles it, a while in which many stayed lowers it.
 *
 * In a state folder that lasts, the folder of a ready one holds a mark until its record is made, so that
 * the next engine after a crash can tell it from a sandbox's. */
#include "host/pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/tree.h"
#include "host/error.h"
#include "host/hatch.h"
#include "host/options.h"
#include "host/place.h"
#include "host/store.h"

#define PERIOD_NS (5000 * CLOCK_MS) /* after which it is judged whether so many are needed */
#define IDLE_NS (3600000 * CLOCK_MS)
#define RETRY_NS (1000 * CLOCK_MS)  /* after one that could not be made */

/* ---- Options ---- */

int pool_init(clutch_engine *engine, const clutch_engine_options *options, clutch_error *error)
{
    struct pool *pool = &engine->pool;
    if (options->pool_min > options->pool_max || options->pool_max > LIMIT_POOL)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "pool_min is %u and pool_max %u: the first must not be more, and the second at "
                         "most %u", options->pool_min, options->pool_max, LIMIT_POOL);
    if (options->pool_max == 0)
        return 0;
    clutch_sandbox_options like;
    int code = options_sandbox(options->pool_sandbox, &like, error);
    if (code)
        return code;
    if (like.id || like.name || like.workdir || like.repository || like.snapshot || like.starting_point)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "pool_sandbox can have limits, env, network and processes; what one sandbox alone "
                         "has is given to its create");
    pool->ready = calloc(options->pool_max, sizeof *pool->ready);
    if (!pool->ready)
        return error_memory(error);
    pool->min = options->pool_min;
    pool->max = options->pool_max;
    pool->target = pool->min ? pool->min : 1;
    return sandbox_new(engine, &like, &pool->like, error);
}

static bool same_lists(char *const *left, const char *const *right)
{
    size_t i = 0;
    for (; left[i] && right && right[i]; i++)
        if (strcmp(left[i], right[i]) != 0)
            return false;
    return !left[i] && !(right && right[i]);
}

/* What a process has for good; all else is the host's to know. */
static bool same_limits(const clutch_limits *left, const clutch_limits *right)
{
    return left->memory_bytes == right->memory_bytes && left->file_bytes == right->file_bytes &&
           left->open_files == right->open_files && left->threads == right->threads &&
           left->disk_bytes == right->disk_bytes && left->disk_files == right->disk_files &&
           left->cpu_weight == right->cpu_weight;
}

static bool fits(const clutch_sandbox *like, const clutch_sandbox_options *options)
{
    clutch_limits limits;
    return !options->id && !options->workdir && !options->repository && !options->snapshot &&
           !options->starting_point && options->network == like->network &&
           options->processes == like->processes && same_lists(like->env, options->env) &&
           options_limits(options->limits, &like->engine->limits, &limits, NULL) == 0 &&
           same_limits(&limits, &like->limits);
}

/* ---- One of them ---- */

static char *mark_of(const clutch_sandbox *ready)
{
    return ready->engine->owns_state_dir ? NULL : place_path(ready->engine, PLACE_READY, ready->id);
}

static bool set_mark(const clutch_sandbox *ready, clutch_error *error)
{
    OWN_MEMORY char *mark = mark_of(ready);
    OWN_FD int fd = mark ? open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (ready->engine->owns_state_dir || fd >= 0)
        return true;
    error_set(error, CLUTCH_E_DISK, errno, "the folder of a sandbox in the pool");
    return false;
}

static void discard(clutch_sandbox *ready)
{
    sandbox_part(ready);
    hatch_remove_folders(ready);
    sandbox_discard(ready);
}

static clutch_sandbox *make(clutch_engine *engine, clutch_error *error)
{
    const clutch_sandbox *like = engine->pool.like;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.env = (const char *const *)like->env;
    options.limits = &like->limits;
    options.network = like->network;
    options.processes = like->processes;
    clutch_sandbox *ready;
    if (engine_ensure_template(engine, error) || sandbox_new(engine, &options, &ready, error))
        return NULL;
    ready->rehearses = true;
    if (hatch_folders(ready, NULL, false, error) == 0 && set_mark(ready, error) &&
        hatch_process(ready, error) == 0)
        return ready;
    discard(ready);
    return NULL;
}

int pool_hand_over(clutch_sandbox *ready, clutch_sandbox *sandbox, clutch_error *error)
{
    OWN_MEMORY char *mark = mark_of(ready);
    if (mark)
        unlink(mark);
    sandbox->has_home = true;
    ready->has_home = false;
    pthread_mutex_lock(&sandbox->lock);
    sandbox->timer_fd = own_take(&ready->timer_fd);
    sandbox->disk_fd = own_take(&ready->disk_fd);
    sandbox->active_ns = sandbox->started_ns = clock_now_ns();
    pthread_mutex_unlock(&sandbox->lock);
    int code = sandbox_adopt(sandbox, &ready->process, error);
    ready->ended = true;
    sandbox_discard(ready);
    return code;
}

/* ---- The pool ---- */

static clutch_sandbox *pop(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    clutch_sandbox *taken = pool->count > 0 ? pool->ready[--pool->count] : NULL;
    if (pool->count < pool->lowest)
        pool->lowest = pool->count;
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

clutch_sandbox *pool_take(clutch_engine *engine, const clutch_sandbox_options *options)
{
    struct pool *pool = &engine->pool;
    if (!pool->like || !fits(pool->like, options))
        return NULL;
    clutch_sandbox *taken;
    while ((taken = pop(pool)) && sandbox_is_dead(taken)) /* as when the template has died */
        discard(taken);
    pthread_mutex_lock(&pool->lock);
    if (taken) {
        pool->hits++;
    } else {
        pool->misses++;
        pool->target = pool->target * 2 < pool->max ? pool->target * 2 : pool->max;
    }
    pthread_cond_signal(&pool->wanted);
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

/* With the lock. */
static bool push(struct pool *pool, clutch_sandbox *ready)
{
    if (pool->stopping || pool->count >= pool->max)
        return false;
    pool->ready[pool->count++] = ready;
    return true;
}

void pool_put(clutch_engine *engine, clutch_sandbox *ready)
{
    pthread_mutex_lock(&engine->pool.lock);
    bool kept = push(&engine->pool, ready);
    pthread_mutex_unlock(&engine->pool.lock);
    if (!kept)
        discard(ready);
}

static uint32_t floor_of(const struct pool *pool)
{
    return pool->min ? pool->min : 1;
}

/* What nobody took in a while is half given up. With the lock. */
static void judge(struct pool *pool)
{
    uint64_t now_ns = clock_now_ns();
    if (now_ns - pool->judged_ns < PERIOD_NS)
        return;
    uint32_t spare = (uint32_t)(pool->lowest + 1) / 2, floor = floor_of(pool);
    pool->target = pool->target > floor + spare ? pool->target - spare : floor;
    pool->lowest = pool->count;
    pool->judged_ns = now_ns;
}

static void sleep_until(struct pool *pool, uint64_t until_ns)
{
    struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
    pthread_cond_clockwait(&pool->wanted, &pool->lock, CLOCK_MONOTONIC, &until);
}

/* False when none could be made. Without the lock. */
static bool add(clutch_engine *engine)
{
    clutch_error error;
    if (engine_enter(engine, &error))
        return false;
    clutch_sandbox *made = make(engine, &error);
    engine_leave(engine);
    if (made)
        pool_put(engine, made);
    else if (!engine->closed)
        engine_log(engine, CLUTCH_LOG_WARNING, "the pool cannot be filled: %s", error.message);
    return made;
}

static void *fill(void *argument)
{
    clutch_engine *engine = argument;
    struct pool *pool = &engine->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping) {
        judge(pool);
        bool too_many = pool->count > pool->target;
        if (pool->count == pool->target) {
            bool judged = pool->target > floor_of(pool);
            sleep_until(pool, (judged ? pool->judged_ns : clock_now_ns() + IDLE_NS) + PERIOD_NS);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        clutch_sandbox *surplus = too_many ? pop(pool) : NULL;
        if (surplus)
            discard(surplus);
        bool fine = surplus || add(engine);
        pthread_mutex_lock(&pool->lock);
        if (!fine && !pool->stopping)
            sleep_until(pool, clock_now_ns() + RETRY_NS);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

void pool_start(clutch_engine *engine)
{
    struct pool *pool = &engine->pool;
    if (!pool->like)
        return;
    pool->judged_ns = clock_now_ns();
    pool->started = engine_start_thread(fill, engine, &pool->thread);
    if (!pool->started)
        engine_log(engine, CLUTCH_LOG_WARNING, "no thread can be started: the pool stays empty");
}

void clutch_engine_pool(clutch_engine *engine, clutch_pool_info *out)
{
    struct pool *pool = &engine->pool;
    pthread_mutex_lock(&pool->lock);
    *out = (clutch_pool_info){.ready = (uint32_t)pool->count,
                              .target = pool->like ? pool->target : 0,
                              .hits = pool->hits,
                              .misses = pool->misses};
    pthread_mutex_unlock(&pool->lock);
}

/* ---- The end ---- */

void pool_finish(clutch_engine *engine)
{
    struct pool *pool = &engine->pool;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_signal(&pool->wanted);
    pthread_mutex_unlock(&pool->lock);
    if (pool->started)
        pthread_join(pool->thread, NULL);
    for (size_t i = 0; i < pool->count; i++)
        process_kill(&pool->ready[i]->process);
    while (pool->count > 0)
        discard(pool->ready[--pool->count]);
    if (pool->like)
        sandbox_discard(pool->like);
    pool->like = NULL;
}

void pool_free(clutch_engine *engine)
{
    pthread_mutex_destroy(&engine->pool.lock);
    pthread_cond_destroy(&engine->pool.wanted);
    free(engine->pool.ready);
}

void pool_tidy(const clutch_engine *engine)
{
    DIR *folder = opendir(engine->state_dir);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct store_sandbox *record;
        OWN_MEMORY char *mark = place_path(engine, PLACE_READY, entry->d_name);
        if (entry->d_name[0] == '.' || !mark || access(mark, F_OK) != 0)
            continue;
        int code = store_get(engine->store, entry->d_name, &record, NULL);
        if (code == 0) {
            store_sandbox_free(record);
            unlink(mark);
        } else if (code == CLUTCH_E_NOT_FOUND) {
            tree_remove(dirfd(folder), entry->d_name);
        }
    }
    if (folder)
        closedir(folder);
}
