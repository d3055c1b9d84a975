/* SPDX-License-Identifier: Apache-2.0 */
/* store_takeover.c: what becomes of sandboxes whose engine ended without closing. */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/error.h"
#include "host/store_parts.h"

static const char what[] = "taking over the records";

/* An archive is renamed into place when whole, and removed after its folder has been restored: so while
 * it is there it is all of the sandbox, and else the folder is. */
static bool has_archive(const char *state_dir, const char *id)
{
    char *path = NULL;
    if (asprintf(&path, "%s/archives/%s.clutch", state_dir, id) < 0)
        return false;
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* 0: it is at rest. */
static uint32_t becomes(uint32_t state, const char *state_dir, const char *id)
{
    switch (state) {
    case CLUTCH_STATE_STOPPED:
    case CLUTCH_STATE_ARCHIVED:
    case CLUTCH_STATE_DELETED:
    case CLUTCH_STATE_FAILED:
        return 0;
    case CLUTCH_STATE_CREATING: /* nobody ever had a handle on it */
    case CLUTCH_STATE_DELETING:
        return CLUTCH_STATE_DELETED;
    case CLUTCH_STATE_ARCHIVING:
    case CLUTCH_STATE_RESTORING:
        return has_archive(state_dir, id) ? CLUTCH_STATE_ARCHIVED : CLUTCH_STATE_STOPPED;
    default:
        return CLUTCH_STATE_STOPPED;
    }
}

/* It becomes the name of folders that are removed. */
static bool is_id(const char *id)
{
    return id && strlen(id) == 36 && strspn(id, "0123456789abcdef-") == 36;
}

static bool collect(struct store *store, const char *state_dir, struct buf *out)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db,
                                  "SELECT id, state FROM sandboxes WHERE state NOT IN (2, 8, 11, 12)", -1,
                                  &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = SQLITE_OK;
        const char *id = (const char *)sqlite3_column_text(statement, 0);
        if (!is_id(id))
            continue;
        struct store_taken row = {.from = (uint32_t)sqlite3_column_int64(statement, 1)};
        snprintf(row.id, sizeof row.id, "%s", id);
        row.to = becomes(row.from, state_dir, row.id);
        if (row.to && !buf_append(out, &row, sizeof row))
            code = SQLITE_NOMEM;
    }
    int closed = sqlite3_finalize(statement);
    return code == SQLITE_DONE && closed == SQLITE_OK;
}

int store_parts_look_for_taken(struct store *store, const char *state_dir, clutch_error *error)
{
    struct buf rows = {0};
    if (!collect(store, state_dir, &rows)) {
        buf_free(&rows);
        return store_parts_fail(store, what, error);
    }
    size_t count = rows.length / sizeof *store->taken;
    store->taken = calloc(count ? count : 1, sizeof *store->taken);
    if (store->taken && count)
        memcpy(store->taken, rows.data, count * sizeof *store->taken);
    buf_free(&rows);
    if (!store->taken)
        return error_memory(error);
    store->taken_count = count;
    return 0;
}

const struct store_taken *store_taken(const struct store *store, size_t *count)
{
    *count = store->taken_count;
    return store->taken;
}

int store_take_over(struct store *store, clutch_error *error)
{
    static const char reason[] = "the engine ended without stopping it";
    if (store->taken_count == 0)
        return 0;
    pthread_mutex_lock(&store->lock);
    struct store_time now = store_parts_now(store);
    int code = store_parts_begin(store, true, error);
    for (size_t i = 0; code == 0 && i < store->taken_count; i++) {
        const struct store_taken *taken = &store->taken[i];
        int64_t key = taken->to == CLUTCH_STATE_DELETED ? 0 : store_parts_key(store, taken->id, false);
        if (key && !store_parts_change(store, key, taken->from, taken->to, reason, &now))
            code = store_parts_fail(store, what, error);
    }
    code = store_parts_end(store, true, code, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}
