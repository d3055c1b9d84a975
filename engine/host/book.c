/* SPDX-License-Identifier: Apache-2.0 */
/* book.c: the sandboxes that an engine has in memory, by id, and the handles on them. */
#include "host/book.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"

static int by_id(const void *a, const void *b)
{
    return strcmp(((const clutch_sandbox *)a)->id, ((const clutch_sandbox *)b)->id);
}

/* With engine->lock. */
static void unlink_sandbox(clutch_engine *engine, clutch_sandbox *sandbox)
{
    if (!sandbox->kept)
        return;
    sandbox->kept = false;
    tdelete(sandbox, &engine->by_id, by_id);
    if (sandbox->previous)
        sandbox->previous->next = sandbox->next;
    else
        engine->sandboxes = sandbox->next;
    if (sandbox->next)
        sandbox->next->previous = sandbox->previous;
    sandbox->next = sandbox->previous = NULL;
}

/* With engine->lock. */
static bool has_process(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    bool live = !sandbox->ended;
    pthread_mutex_unlock(&sandbox->lock);
    return live;
}

int book_insert(clutch_engine *engine, clutch_sandbox *sandbox, clutch_error *error)
{
    pthread_mutex_lock(&engine->lock);
    clutch_sandbox **found = tsearch(sandbox, &engine->by_id, by_id);
    bool mine = found && *found == sandbox;
    if (mine) {
        sandbox->kept = true;
        sandbox->previous = NULL;
        sandbox->next = engine->sandboxes;
        if (sandbox->next)
            sandbox->next->previous = sandbox;
        engine->sandboxes = sandbox;
    }
    pthread_mutex_unlock(&engine->lock);
    if (mine)
        return 0;
    return found ? error_set(error, CLUTCH_E_EXISTS, 0, "a sandbox with the id %s exists", sandbox->id)
                 : error_memory(error);
}

clutch_sandbox *book_hold(clutch_engine *engine, const char *id)
{
    pthread_mutex_lock(&engine->lock);
    clutch_sandbox *sandbox = engine->sandboxes, key;
    clutch_sandbox **found = NULL;
    if (sandbox && strlen(id) < sizeof key.id) {
        strcpy(key.id, id);
        found = tfind(&key, &engine->by_id, by_id);
    }
    sandbox = found ? *found : NULL;
    if (sandbox)
        sandbox->handles++;
    pthread_mutex_unlock(&engine->lock);
    return sandbox;
}

/* With engine->lock. */
static bool is_at_rest(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    uint32_t state = sandbox->state;
    pthread_mutex_unlock(&sandbox->lock);
    return state == CLUTCH_STATE_STOPPED || state == CLUTCH_STATE_ARCHIVED || state == CLUTCH_STATE_FAILED ||
           state == CLUTCH_STATE_DELETED;
}

clutch_sandbox **book_hold_running(clutch_engine *engine, size_t *count)
{
    pthread_mutex_lock(&engine->lock);
    size_t all = 0, running = 0;
    for (clutch_sandbox *sandbox = engine->sandboxes; sandbox; sandbox = sandbox->next)
        all++;
    clutch_sandbox **out = malloc((all + 1) * sizeof *out);
    for (clutch_sandbox *sandbox = engine->sandboxes; out && sandbox; sandbox = sandbox->next) {
        if (is_at_rest(sandbox))
            continue;
        sandbox->handles++;
        out[running++] = sandbox;
    }
    pthread_mutex_unlock(&engine->lock);
    *count = running;
    return out;
}

void book_strike(clutch_engine *engine, clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&engine->lock);
    unlink_sandbox(engine, sandbox);
    pthread_mutex_unlock(&engine->lock);
}

void book_release(clutch_sandbox *sandbox)
{
    clutch_engine *engine = sandbox->engine;
    pthread_mutex_lock(&engine->lock);
    bool last = --sandbox->handles == 0 && (engine->closed || !sandbox->kept || !has_process(sandbox));
    if (last)
        unlink_sandbox(engine, sandbox);
    pthread_mutex_unlock(&engine->lock);
    if (last)
        sandbox_discard(sandbox);
}

void book_clear(clutch_engine *engine)
{
    clutch_sandbox *idle = NULL, *next;
    pthread_mutex_lock(&engine->lock);
    for (clutch_sandbox *sandbox = engine->sandboxes; sandbox; sandbox = next) {
        next = sandbox->next;
        if (sandbox->handles > 0)
            continue;
        unlink_sandbox(engine, sandbox);
        sandbox->next = idle;
        idle = sandbox;
    }
    pthread_mutex_unlock(&engine->lock);
    for (; idle; idle = next) {
        next = idle->next;
        sandbox_discard(idle);
    }
}
