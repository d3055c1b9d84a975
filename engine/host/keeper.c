/* SPDX-License-Identifier: Apache-2.0 */
/* keeper.c: the engine's one thread, which does what sandboxes' intervals ask for.
 *
 * Theory of operation. For each sandbox there is a moment at which something is due, or never. The thread
 * sleeps until the first of these, looks at all sandboxes, does what is due and finds the next moment. A
 * sandbox in memory is judged by the monotonic clock. One that is only in the store is judged by the
 * store's, which goes by the machine's steady clock as long as it is not restarted. An engine in which no
 * interval is set has no such thread. */
#include "host/keeper.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "host/archiving.h"
#include "host/book.h"
#include "host/create.h"
#include "host/delete.h"
#include "host/pause.h"
#include "host/stop.h"
#include "host/store.h"

#define SECOND_NS (1000 * CLOCK_MS)

/* How often it looks even so: records get old, and a busy sandbox is looked at again. */
#define ROUND_NS (3600 * SECOND_NS)
#define AGAIN_NS SECOND_NS

/* ---- What is due ---- */

enum task { TASK_NONE, TASK_PAUSE, TASK_STOP, TASK_ARCHIVE, TASK_DELETE };

struct due {
    enum task task;
    uint64_t at_ns; /* CLOCK_NEVER: nothing */
    uint32_t after_s;
    const char *what; /* "idle for" */
};

static void sooner(struct due *due, enum task task, uint64_t since_ns, uint32_t after_s, const char *what)
{
    if (after_s == 0 || after_s == CLUTCH_AT_ONCE)
        return;
    uint64_t at_ns = since_ns + after_s * SECOND_NS;
    if (at_ns < due->at_ns)
        *due = (struct due){task, at_ns, after_s, what};
}

/* With the sandbox's lock. */
static struct due due_of(const clutch_sandbox *sandbox)
{
    struct due due = {.at_ns = CLOCK_NEVER};
    const clutch_intervals *intervals = &sandbox->intervals;
    bool running = sandbox->state == CLUTCH_STATE_RUNNING;
    if (!running && sandbox->state != CLUTCH_STATE_PAUSED)
        return due;
    uint64_t active_ns = sandbox->busy && !sandbox->looking ? clock_now_ns() : sandbox->active_ns;
    sooner(&due, TASK_STOP, sandbox->started_ns, intervals->lifetime_s, "it has run for");
    sooner(&due, TASK_STOP, active_ns, intervals->auto_stop_s, "idle for");
    if (running)
        sooner(&due, TASK_PAUSE, active_ns, intervals->auto_pause_s, "idle for");
    return due;
}

/* ---- Doing it ---- */

static void act(clutch_sandbox *sandbox, const struct due *due)
{
    char reason[64];
    snprintf(reason, sizeof reason, "%s %u s", due->what, due->after_s);
    clutch_error error;
    int code = 0;
    switch (due->task) {
    case TASK_PAUSE:
        code = pause_sandbox(sandbox, reason, &error);
        break;
    case TASK_STOP:
        code = stop_sandbox(sandbox, NULL, reason, NULL, &error);
        break;
    case TASK_ARCHIVE:
        code = archiving_pack(sandbox, reason, &error);
        break;
    case TASK_DELETE:
        code = delete_sandbox(sandbox, reason, &error);
        break;
    case TASK_NONE:
        break;
    }
    if (code)
        engine_log(sandbox->engine, CLUTCH_LOG_WARNING, "%s, but: %s", reason, error.message);
}

static uint64_t look_at_live(clutch_engine *engine)
{
    uint64_t next_ns = CLOCK_NEVER;
    size_t count;
    clutch_sandbox **live = book_hold_running(engine, &count);
    for (size_t i = 0; live && i < count; i++) {
        pthread_mutex_lock(&live[i]->lock);
        struct due due = due_of(live[i]);
        pthread_mutex_unlock(&live[i]->lock);
        if (due.at_ns <= clock_now_ns()) {
            act(live[i], &due);
            due.at_ns = clock_now_ns() + AGAIN_NS;
        }
        if (due.at_ns < next_ns)
            next_ns = due.at_ns;
        book_release(live[i]);
    }
    free(live);
    return live ? next_ns : clock_now_ns() + AGAIN_NS;
}

static void act_on_dormant(clutch_engine *engine, const struct store_dormant *row)
{
    clutch_error error;
    clutch_sandbox *sandbox;
    if (create_handle(engine, NULL, row->id, &sandbox, &error))
        return;
    struct due due = {.task = row->deletes ? TASK_DELETE : TASK_ARCHIVE, .after_s = row->after_s,
                      .what = "stopped for"};
    act(sandbox, &due);
    book_release(sandbox);
}

static uint64_t look_at_dormant(clutch_engine *engine)
{
    enum { ROWS = 64 };
    struct store_dormant rows[ROWS];
    uint64_t next_ms = UINT64_MAX;
    clutch_error error;
    int count = store_due(engine->store, rows, ROWS, &next_ms, &error);
    if (count < 0) {
        engine_log(engine, CLUTCH_LOG_WARNING, "what is due is not known: %s", error.message);
        return clock_now_ns() + 60 * AGAIN_NS;
    }
    for (int i = 0; i < count; i++)
        act_on_dormant(engine, &rows[i]);
    return count ? clock_now_ns() + AGAIN_NS : clock_after_ms(clock_now_ns(), next_ms);
}

/* ---- The thread ---- */

static uint64_t look(clutch_engine *engine)
{
    if (engine_enter(engine, NULL))
        return CLOCK_NEVER;
    uint64_t live_ns = look_at_live(engine), dormant_ns = look_at_dormant(engine);
    keeper_purge(engine);
    engine_leave(engine);
    return live_ns < dormant_ns ? live_ns : dormant_ns;
}

/* With the lock. */
static void sleep_until_due(struct keeper *keeper)
{
    while (!keeper->stopping && keeper->next_ns > clock_now_ns()) {
        struct timespec until = {(time_t)(keeper->next_ns / SECOND_NS),
                                 (long)(keeper->next_ns % SECOND_NS)};
        pthread_cond_clockwait(&keeper->woken, &keeper->lock, CLOCK_MONOTONIC, &until);
    }
}

static void *keep(void *argument)
{
    clutch_engine *engine = argument;
    struct keeper *keeper = &engine->keeper;
    pthread_mutex_lock(&keeper->lock);
    for (;;) {
        sleep_until_due(keeper);
        if (keeper->stopping)
            break;
        keeper->next_ns = clock_now_ns() + ROUND_NS; /* what becomes due meanwhile lowers it */
        pthread_mutex_unlock(&keeper->lock);
        uint64_t next_ns = look(engine);
        pthread_mutex_lock(&keeper->lock);
        if (next_ns < keeper->next_ns)
            keeper->next_ns = next_ns;
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

/* With the lock. */
static void start(clutch_engine *engine)
{
    struct keeper *keeper = &engine->keeper;
    keeper->started = engine_start_thread(keep, engine, &keeper->thread);
    if (!keeper->started)
        engine_log(engine, CLUTCH_LOG_WARNING, "no thread can be started: intervals are not kept");
}

static void wake_at(clutch_engine *engine, uint64_t at_ns)
{
    struct keeper *keeper = &engine->keeper;
    if (at_ns == CLOCK_NEVER)
        return;
    pthread_mutex_lock(&keeper->lock);
    if (at_ns < keeper->next_ns) {
        keeper->next_ns = at_ns;
        if (!keeper->started && !keeper->stopping)
            start(engine);
        pthread_cond_signal(&keeper->woken);
    }
    pthread_mutex_unlock(&keeper->lock);
}

void keeper_init(clutch_engine *engine)
{
    pthread_mutex_init(&engine->keeper.lock, NULL);
    pthread_cond_init(&engine->keeper.woken, NULL);
    engine->keeper.next_ns = CLOCK_NEVER;
}

void keeper_purge(clutch_engine *engine)
{
    clutch_error error;
    if (store_purge(engine->store, &error))
        engine_log(engine, CLUTCH_LOG_WARNING, "old records stay: %s", error.message);
}

void keeper_look(clutch_engine *engine)
{
    struct store_dormant first;
    uint64_t next_ms;
    if (engine->owns_state_dir)
        return;
    keeper_purge(engine);
    if (store_due(engine->store, &first, 1, &next_ms, NULL) != 0)
        next_ms = 0; /* something is due, or the thread finds out what is wrong */
    if (next_ms != UINT64_MAX)
        wake_at(engine, clock_after_ms(clock_now_ns(), next_ms));
}

void keeper_due(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    struct due due = due_of(sandbox);
    const clutch_intervals *intervals = &sandbox->intervals;
    bool stopped = sandbox->state == CLUTCH_STATE_STOPPED, archived = sandbox->state == CLUTCH_STATE_ARCHIVED;
    uint64_t now_ns = clock_now_ns();
    if (stopped)
        sooner(&due, TASK_ARCHIVE, now_ns, intervals->auto_archive_s, "");
    if (stopped || archived)
        sooner(&due, TASK_DELETE, now_ns, intervals->auto_delete_s, "");
    pthread_mutex_unlock(&sandbox->lock);
    wake_at(sandbox->engine, due.at_ns);
}

void keeper_finish(clutch_engine *engine)
{
    struct keeper *keeper = &engine->keeper;
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    bool started = keeper->started;
    pthread_cond_signal(&keeper->woken);
    pthread_mutex_unlock(&keeper->lock);
    if (started)
        pthread_join(keeper->thread, NULL);
}

void keeper_free(clutch_engine *engine)
{
    pthread_mutex_destroy(&engine->keeper.lock);
    pthread_cond_destroy(&engine->keeper.woken);
}
