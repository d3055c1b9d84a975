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
    case CLUTCH_STATE_CREATING:
        return CLUTCH_STATE_FAILED;
    case CLUTCH_STATE_DELETING:
        return CLUTCH_STATE_DELETED;
    case CLUTCH_STATE_ARCHIVING:
    case CLUTCH_STATE_RESTORING:
        return has_archive(state_dir, id) ? CLUTCH_STATE_ARCHIVED : CLUTCH_STATE_STOPPED;
    default:
        return CLUTCH_STATE_STOPPED;
    }
}

struct restless {
    int64_t key;
    struct store_taken taken;
};

static bool collect(struct store *store, const char *state_dir, struct buf *out)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db,
                                  "SELECT key, id, state FROM sandboxes WHERE state NOT IN (2, 8, 11, 12)",
                                  -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = SQLITE_OK;
        const char *id = (const char *)sqlite3_column_text(statement, 1);
        struct restless row = {.key = sqlite3_column_int64(statement, 0)};
        snprintf(row.taken.id, sizeof row.taken.id, "%s", id ? id : "");
        row.taken.from = (uint32_t)sqlite3_column_int64(statement, 2);
        row.taken.to = becomes(row.taken.from, state_dir, row.taken.id);
        if (row.taken.to && !buf_append(out, &row, sizeof row))
            code = SQLITE_NOMEM;
    }
    int closed = sqlite3_finalize(statement);
    return code == SQLITE_DONE && closed == SQLITE_OK;
}

int store_parts_take_over(struct store *store, const char *state_dir, clutch_error *error)
{
    static const char reason[] = "the engine ended without stopping it";
    struct buf rows = {0};
    if (!collect(store, state_dir, &rows)) {
        buf_free(&rows);
        return store_parts_fail(store, what, error);
    }
    const struct restless *restless = (const struct restless *)(const void *)rows.data;
    size_t count = rows.length / sizeof *restless;
    store->taken = calloc(count ? count : 1, sizeof *store->taken);
    struct store_time now = store_parts_now(store);
    int code = store->taken ? 0 : error_memory(error);
    if (code == 0 && count)
        code = store_parts_begin(store, true, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        store->taken[i] = restless[i].taken;
        if (restless[i].taken.to != CLUTCH_STATE_DELETED &&
            !store_parts_change(store, restless[i].key, restless[i].taken.from, restless[i].taken.to,
                                reason, &now))
            code = store_parts_fail(store, what, error);
    }
    if (code == 0 && count)
        code = store_parts_commit(store, true, error);
    if (code == 0)
        store->taken_count = count;
    buf_free(&rows);
    return code;
}
