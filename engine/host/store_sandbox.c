/* SPDX-License-Identifier: Apache-2.0 */
/* store_sandbox.c: the record of one sandbox: writing it, changing it, finding it. */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "host/store_parts.h"

static const char what[] = "writing the records";

/* ---- Finding ---- */

/* The row of an id with what SQLite says of it: 0 is none or an error. */
static int64_t find_key(struct store *store, enum store_statement which, const char *id, uint32_t *state)
{
    struct store_binder binder = store_bind(store, which);
    store_put_text(&binder, id);
    int64_t key = 0;
    if (binder.fine && sqlite3_step(binder.statement) == SQLITE_ROW) {
        key = sqlite3_column_int64(binder.statement, 0);
        if (state)
            *state = (uint32_t)sqlite3_column_int64(binder.statement, 1);
    }
    if (binder.statement)
        sqlite3_reset(binder.statement);
    return key;
}

static int not_found(struct store *store, const char *id, clutch_error *error)
{
    int code = sqlite3_errcode(store->db);
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        return store_parts_fail(store, "reading the records", error);
    return error_set(error, CLUTCH_E_NOT_FOUND, 0, "there is no sandbox %.255s", id);
}

int64_t store_parts_key(struct store *store, const char *id, bool deleted_too)
{
    return find_key(store, deleted_too ? STORE_FIND_ANY : STORE_FIND_ID, id, NULL);
}

int store_parts_missing(struct store *store, const char *id, clutch_error *error)
{
    return not_found(store, id, error);
}

static int read_key(struct store *store, int64_t key, const char *id, struct store_sandbox **out,
                    clutch_error *error)
{
    struct store_binder binder = store_bind(store, STORE_GET);
    store_put_number(&binder, key);
    int code = binder.fine ? sqlite3_step(binder.statement) : SQLITE_ERROR;
    struct store_sandbox *row = code == SQLITE_ROW ? store_parts_read(binder.statement) : NULL;
    if (binder.statement)
        sqlite3_reset(binder.statement);
    if (!row)
        return code == SQLITE_ROW ? error_memory(error) : not_found(store, id, error);
    *out = row;
    return 0;
}

/* Whether the owner may see a row; so that a foreign one is as one that is not. */
static bool is_owned(struct store *store, int64_t key, const char *owner)
{
    if (!owner)
        return true;
    struct store_binder binder = store_bind(store, STORE_OWNED);
    store_put_number(&binder, key);
    store_put_text(&binder, owner);
    bool owned = binder.fine && sqlite3_step(binder.statement) == SQLITE_ROW;
    if (binder.statement)
        sqlite3_reset(binder.statement);
    return owned;
}

/* Sets *key to that of a name, 0 when there is none. */
static int find_name(struct store *store, const char *owner, const char *name, int64_t *key,
                     clutch_error *error)
{
    struct store_binder binder = store_bind(store, owner ? STORE_FIND_NAME : STORE_FIND_NAME_ANY);
    if (owner)
        store_put_text(&binder, owner);
    store_put_text(&binder, name);
    *key = 0;
    bool several = false;
    if (binder.fine && sqlite3_step(binder.statement) == SQLITE_ROW) {
        *key = sqlite3_column_int64(binder.statement, 0);
        several = sqlite3_step(binder.statement) == SQLITE_ROW;
    }
    if (binder.statement)
        sqlite3_reset(binder.statement);
    if (several)
        return error_set(error, CLUTCH_E_INVALID, 0,
                         "several owners have a sandbox named %.200s: give the owner or the id", name);
    return 0;
}

int store_find(struct store *store, const char *owner, const char *id_or_name,
               struct store_sandbox **out, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    int code = store_parts_settle(store, error);
    int64_t key = code ? 0 : store_parts_key(store, id_or_name, false);
    if (key && !is_owned(store, key, owner))
        key = 0;
    if (code == 0 && !key)
        code = find_name(store, owner, id_or_name, &key, error);
    if (code == 0)
        code = key ? read_key(store, key, id_or_name, out, error) : not_found(store, id_or_name, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

int store_get(struct store *store, const char *id, struct store_sandbox **out, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    int code = store_parts_settle(store, error);
    int64_t key = code ? 0 : store_parts_key(store, id, true);
    if (code == 0)
        code = key ? read_key(store, key, id, out, error) : not_found(store, id, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

/* ---- Inserting ---- */

static bool add_labels(struct store *store, int64_t key, const char *const *labels)
{
    for (; labels && *labels; labels++) {
        struct store_binder binder = store_bind(store, STORE_ADD_LABEL);
        const char *equals = strchr(*labels, '=');
        size_t length = equals ? (size_t)(equals - *labels) : strlen(*labels);
        binder.fine = binder.fine && sqlite3_bind_text(binder.statement, ++binder.at, *labels, (int)length,
                                                       SQLITE_TRANSIENT) == SQLITE_OK;
        store_put_text(&binder, equals ? equals + 1 : "");
        store_put_number(&binder, key);
        if (!store_run(&binder))
            return false;
    }
    return true;
}

static bool add_change(struct store *store, int64_t key, uint32_t from, uint32_t to, const char *reason,
                       int64_t at_ms)
{
    struct store_binder binder = store_bind(store, STORE_ADD_CHANGE);
    store_put_number(&binder, key);
    store_put_number(&binder, from);
    store_put_number(&binder, to);
    store_put_text(&binder, reason);
    store_put_number(&binder, at_ms);
    return store_run(&binder);
}

static bool insert(struct store *store, const struct store_sandbox *sandbox)
{
    const clutch_sandbox_info *info = &sandbox->info;
    struct store_binder binder = store_bind(store, STORE_INSERT);
    store_put_text(&binder, info->id);
    store_put_text(&binder, info->name);
    store_put_text(&binder, info->owner);
    store_put_number(&binder, info->state);
    store_put_text(&binder, info->reason);
    store_put_list(&binder, info->labels);
    store_put_list(&binder, sandbox->env);
    store_put_limits(&binder, &sandbox->limits);
    store_put_number(&binder, sandbox->network);
    store_put_number(&binder, sandbox->rollback);
    store_put_number(&binder, sandbox->processes);
    store_put_number(&binder, info->undo_depth);
    store_put_intervals(&binder, &info->intervals);
    store_put_number(&binder, info->created_ms);
    store_put_number(&binder, info->updated_ms);
    store_put_time(&binder, &sandbox->changed);
    store_put_time(&binder, &sandbox->activity);
    store_put_number(&binder, info->saved_ms);
    store_put_number(&binder, (int64_t)info->saved_bytes);
    store_put_number(&binder, (int64_t)info->executions);
    store_put_text(&binder, info->origin);
    store_put_text(&binder, info->repository_url);
    store_put_text(&binder, sandbox->repository_branch);
    store_put_text(&binder, info->current_branch);
    store_put_text(&binder, sandbox->workdir);
    store_put_text(&binder, sandbox->python_version);
    store_put_left_out(&binder, info->left_out, info->left_out_count);
    store_put_number(&binder, sandbox->left_out_truncated);
    if (!store_run(&binder))
        return false;
    int64_t key = sqlite3_last_insert_rowid(store->db);
    return add_labels(store, key, info->labels) &&
           add_change(store, key, 0, info->state, info->reason, sandbox->changed.wall_ms);
}

/* When a rule of uniqueness was broken, says which. */
static int insert_fail(struct store *store, const char *id, const char *name, clutch_error *error)
{
    if (sqlite3_extended_errcode(store->db) != SQLITE_CONSTRAINT_UNIQUE)
        return store_parts_fail(store, what, error);
    bool by_id = strstr(sqlite3_errmsg(store->db), "sandboxes.id") != NULL;
    store_parts_fail(store, what, NULL);
    return error_set(error, CLUTCH_E_EXISTS, 0, "a sandbox with the %s %.255s exists",
                     by_id ? "id" : "name", by_id ? id : name);
}

int store_insert(struct store *store, struct store_sandbox *sandbox, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    struct store_sandbox row = *sandbox;
    struct store_time now = store_parts_now(store);
    row.changed = row.activity = now;
    if (row.info.activity_ms)
        row.activity = (struct store_time){.wall_ms = row.info.activity_ms};
    row.info.created_ms = row.info.created_ms ? row.info.created_ms : now.wall_ms;
    row.info.updated_ms = row.info.updated_ms ? row.info.updated_ms : now.wall_ms;
    row.info.activity_ms = row.activity.wall_ms;
    row.info.changed_ms = now.wall_ms;
    int code = store_parts_begin(store, false, error);
    if (code == 0)
        code = insert(store, &row) ? store_parts_commit(store, false, error)
                                   : insert_fail(store, row.info.id, row.info.name, error);
    if (code == 0)
        *sandbox = row;
    pthread_mutex_unlock(&store->lock);
    return code;
}

/* ---- Changing ---- */

bool store_parts_change(struct store *store, int64_t key, uint32_t from, uint32_t to, const char *reason,
                        const struct store_time *now)
{
    struct store_binder binder = store_bind(store, STORE_SET_STATE);
    store_put_number(&binder, key);
    store_put_number(&binder, to);
    store_put_text(&binder, reason);
    store_put_time(&binder, now);
    return store_run(&binder) && add_change(store, key, from, to, reason, now->wall_ms);
}

static bool set_session(struct store *store, int64_t key, const struct store_session *session,
                        int64_t now_ms)
{
    if (session->saved) {
        struct store_binder saved = store_bind(store, STORE_SET_SESSION);
        store_put_number(&saved, key);
        store_put_number(&saved, session->saved_ms ? session->saved_ms : now_ms);
        store_put_number(&saved, (int64_t)session->saved_bytes);
        store_put_text(&saved, session->python_version);
        if (!store_run(&saved))
            return false;
    }
    struct store_binder binder = store_bind(store, STORE_SET_LEFT_OUT);
    store_put_number(&binder, key);
    store_put_left_out(&binder, session->left_out, session->left_out_count);
    store_put_number(&binder, session->left_out_truncated);
    return store_run(&binder);
}

/* With records in memory nothing is old, so it is the number of them that is bounded. */
static bool trim(struct store *store, int64_t newest)
{
    enum { EVERY = 256, CHANGES = 10000, DELETED = 1000 };
    if (!store->in_memory || newest % EVERY)
        return true;
    struct store_binder changes = store_bind(store, STORE_TRIM_CHANGES);
    store_put_number(&changes, CHANGES);
    struct store_binder deleted = store_bind(store, STORE_TRIM_DELETED);
    store_put_number(&deleted, DELETED);
    return store_run(&changes) && store_run(&deleted);
}

int store_set_state(struct store *store, const char *id, uint32_t state, const char *reason,
                    const struct store_session *session, clutch_change *made, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    struct store_time now = store_parts_now(store);
    bool durable = state == CLUTCH_STATE_STOPPED || state == CLUTCH_STATE_ARCHIVED;
    uint32_t from = 0;
    int code = store_parts_begin(store, durable, error);
    if (code == 0) {
        int64_t key = find_key(store, STORE_FIND_ID, id, &from);
        if (!key)
            code = not_found(store, id, error);
        else if (!store_parts_change(store, key, from, state, reason, &now) ||
                 !trim(store, sqlite3_last_insert_rowid(store->db)) ||
                 (session && !set_session(store, key, session, now.wall_ms)))
            code = store_parts_fail(store, what, error);
    }
    code = store_parts_end(store, durable, code, error);
    if (code == 0 && made)
        *made = (clutch_change){
            .id = id, .from = from, .to = state, .reason = reason, .at_ms = now.wall_ms};
    pthread_mutex_unlock(&store->lock);
    return code;
}

static bool set_meta(struct store *store, int64_t key, const struct store_meta *meta, int64_t now_ms)
{
    bool fine = true;
    if (meta->intervals) {
        struct store_binder binder = store_bind(store, STORE_SET_INTERVALS);
        store_put_number(&binder, key);
        store_put_intervals(&binder, meta->intervals);
        store_put_number(&binder, now_ms);
        fine = store_run(&binder);
    }
    if (fine && meta->labels) {
        struct store_binder drop = store_bind(store, STORE_DROP_LABELS);
        struct store_binder set = store_bind(store, STORE_SET_LABELS);
        store_put_number(&drop, key);
        store_put_number(&set, key);
        store_put_list(&set, meta->labels);
        store_put_number(&set, now_ms);
        fine = store_run(&drop) && store_run(&set) && add_labels(store, key, meta->labels);
    }
    const char *texts[] = {meta->current_branch, meta->name};
    for (size_t i = 0; fine && i < 2; i++) {
        if (!texts[i])
            continue;
        struct store_binder binder = store_bind(store, i ? STORE_SET_NAME : STORE_SET_BRANCH);
        store_put_number(&binder, key);
        store_put_text(&binder, texts[i]);
        store_put_number(&binder, now_ms);
        fine = store_run(&binder);
    }
    return fine;
}

int store_set_meta(struct store *store, const char *id, const struct store_meta *meta,
                   clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    int64_t now_ms = store_parts_now(store).wall_ms;
    int code = store_parts_begin(store, false, error);
    if (code == 0) {
        int64_t key = store_parts_key(store, id, false);
        if (!key)
            code = not_found(store, id, error);
        else if (!set_meta(store, key, meta, now_ms))
            code = insert_fail(store, id, meta->name ? meta->name : "", error);
    }
    code = store_parts_end(store, false, code, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

int store_remove(struct store *store, const char *id, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    int code = store_parts_begin(store, false, error);
    if (code == 0) {
        struct store_binder binder = store_bind(store, STORE_REMOVE);
        store_put_text(&binder, id);
        if (!store_run(&binder))
            code = store_parts_fail(store, what, error);
        else if (sqlite3_changes(store->db) == 0)
            code = error_set(error, CLUTCH_E_NOT_FOUND, 0, "there is no sandbox %.255s", id);
    }
    code = store_parts_end(store, false, code, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

const char *store_word(uint32_t state, int live)
{
    switch (state) {
    case CLUTCH_STATE_STOPPED:
    case CLUTCH_STATE_ARCHIVED:
    case CLUTCH_STATE_DELETED:
    case CLUTCH_STATE_FAILED:
        return "stopped";
    default:
        return live > 0 ? "running" : live == 0 ? "stale" : "unknown";
    }
}
