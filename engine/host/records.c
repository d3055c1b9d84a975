/* SPDX-License-Identifier: Apache-2.0 */
/* records.c: what is known of sandboxes, running or not. */
#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/own.h"
#include "host/book.h"
#include "host/error.h"
#include "host/keeper.h"
#include "host/options.h"
#include "host/store.h"
#include "host/undo.h"

_Static_assert(offsetof(struct store_sandbox, info) == 0, "an info is freed as the record that it begins");

void clutch_sandbox_info_free(clutch_sandbox_info *info)
{
    store_sandbox_free((struct store_sandbox *)(void *)info);
}

void clutch_sandbox_page_free(clutch_sandbox_page *page)
{
    store_page_free(page);
}

void clutch_record_page_free(clutch_record_page *page)
{
    free(page);
}

void clutch_change_page_free(clutch_change_page *page)
{
    free(page);
}

/* ---- Looking ---- */

static bool is_live(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    bool live = !sandbox->ended && !sandbox_is_dead(sandbox);
    pthread_mutex_unlock(&sandbox->lock);
    return live;
}

/* Not while somebody has the turn, who will notice himself. */
static bool has_ended_unnoticed(clutch_sandbox *sandbox)
{
    pthread_mutex_lock(&sandbox->lock);
    bool runs = sandbox->state == CLUTCH_STATE_RUNNING || sandbox->state == CLUTCH_STATE_PAUSED;
    bool ended = runs && !sandbox->busy && (sandbox->ended || sandbox_is_dead(sandbox));
    pthread_mutex_unlock(&sandbox->lock);
    return ended;
}

/* A process that ended by itself is noticed at the latest when somebody asks. */
static void notice_end(clutch_sandbox *sandbox)
{
    if (!has_ended_unnoticed(sandbox) || sandbox_take_turn(sandbox, SANDBOX_CHANGE, NULL))
        return;
    undo_notice_end(sandbox);
    sandbox_give_turn(sandbox);
}

int clutch_sandbox_describe(clutch_sandbox *sandbox, clutch_sandbox_info **out, clutch_error *error)
{
    struct store_sandbox *record;
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    notice_end(sandbox);
    code = store_get(sandbox->engine->store, sandbox->id, &record, error);
    engine_leave(sandbox->engine);
    if (code)
        return code;
    record->info.live = is_live(sandbox);
    *out = &record->info;
    return 0;
}

int clutch_engine_list(clutch_engine *engine, const clutch_list_options *options,
                       clutch_sandbox_page **out, clutch_error *error)
{
    clutch_list_options given;
    if (!engine || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "engine and out must not be NULL");
    int code = options_list(options, &given, error);
    if (code == 0)
        code = engine_enter(engine, error);
    if (code)
        return code;
    clutch_sandbox_page *page = NULL;
    code = store_list(engine->store, &given, NULL, &page, error);
    for (size_t i = 0; page && i < page->count; i++) {
        clutch_sandbox *sandbox = book_hold(engine, page->sandboxes[i]->id);
        if (!sandbox)
            continue;
        page->sandboxes[i]->live = is_live(sandbox);
        book_release(sandbox);
    }
    engine_leave(engine);
    if (code == 0)
        *out = page;
    return code;
}

int clutch_sandbox_log(clutch_sandbox *sandbox, uint32_t limit, const char *cursor,
                       clutch_record_page **out, clutch_error *error)
{
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = store_log(sandbox->engine->store, sandbox->id, limit, cursor, out, error);
    engine_leave(sandbox->engine);
    return code;
}

int clutch_sandbox_changes(clutch_sandbox *sandbox, uint32_t limit, const char *cursor,
                           clutch_change_page **out, clutch_error *error)
{
    if (!sandbox || !out)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and out must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    code = store_changes(sandbox->engine->store, sandbox->id, limit, cursor, out, error);
    engine_leave(sandbox->engine);
    return code;
}

/* ---- Changing ---- */

int clutch_sandbox_set_labels(clutch_sandbox *sandbox, const char *const *labels, clutch_error *error)
{
    if (!sandbox || !labels)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox and labels must not be NULL");
    int code = options_check_pairs(labels, "labels", error);
    if (code == 0)
        code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    char **copy = options_copy_list(labels);
    struct store_meta meta = {.labels = labels};
    code = copy ? store_set_meta(sandbox->engine->store, sandbox->id, &meta, error) : error_memory(error);
    if (code == 0) {
        pthread_mutex_lock(&sandbox->lock);
        char **before = sandbox->labels;
        sandbox->labels = copy;
        pthread_mutex_unlock(&sandbox->lock);
        copy = before;
    }
    free(copy);
    engine_leave(sandbox->engine);
    return code;
}

int clutch_sandbox_set_intervals(clutch_sandbox *sandbox, const clutch_intervals *intervals,
                                 clutch_error *error)
{
    clutch_intervals given;
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = options_intervals(intervals, &given, error);
    if (code == 0)
        code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    struct store_meta meta = {.intervals = &given};
    code = store_set_meta(sandbox->engine->store, sandbox->id, &meta, error);
    if (code == 0) {
        pthread_mutex_lock(&sandbox->lock);
        sandbox->intervals = given;
        pthread_mutex_unlock(&sandbox->lock);
        keeper_due(sandbox);
    }
    engine_leave(sandbox->engine);
    return code;
}

int clutch_sandbox_touch(clutch_sandbox *sandbox, clutch_error *error)
{
    if (!sandbox)
        return error_set(error, CLUTCH_E_INVALID, 0, "sandbox must not be NULL");
    int code = engine_enter(sandbox->engine, error);
    if (code)
        return code;
    pthread_mutex_lock(&sandbox->lock);
    sandbox->active_ns = clock_now_ns();
    pthread_mutex_unlock(&sandbox->lock);
    code = store_touch(sandbox->engine->store, sandbox->id, 0, error);
    engine_leave(sandbox->engine);
    return code;
}
