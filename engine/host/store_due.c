/* SPDX-License-Identifier: Apache-2.0 */
/* store_due.c: which stopped sandboxes are to be archived or deleted by now. */
#include "host/store.h"

#include <stdio.h>

#include "host/error.h"
#include "host/store_parts.h"

/* How long it is until an interval has passed, 0 when it has; UINT64_MAX when there is none. */
static uint64_t left_ms(int64_t interval_s, int64_t passed_ms)
{
    if (interval_s <= 0 || interval_s >= (int64_t)CLUTCH_AT_ONCE)
        return UINT64_MAX;
    return interval_s * 1000 > passed_ms ? (uint64_t)(interval_s * 1000 - passed_ms) : 0;
}

static int64_t passed_ms(const struct store_time *now, const struct store_time *since)
{
    bool steady = since->boot != 0 && since->boot == now->boot;
    int64_t passed = steady ? now->boot_ms - since->boot_ms : now->wall_ms - since->wall_ms;
    return passed < 0 ? 0 : passed;
}

/* One row; returns whether something is due. */
static bool look(sqlite3_stmt *row, const struct store_time *now, struct store_dormant *out,
                 uint64_t *next_ms)
{
    struct store_time since = {sqlite3_column_int64(row, 4), sqlite3_column_int64(row, 5),
                               sqlite3_column_int64(row, 6)};
    int64_t passed = passed_ms(now, &since);
    int64_t archive_s = sqlite3_column_int64(row, 2), delete_s = sqlite3_column_int64(row, 3);
    bool stopped = sqlite3_column_int64(row, 1) == CLUTCH_STATE_STOPPED;
    uint64_t archive_ms = stopped ? left_ms(archive_s, passed) : UINT64_MAX;
    uint64_t delete_ms = left_ms(delete_s, passed);
    uint64_t first_ms = delete_ms < archive_ms ? delete_ms : archive_ms;
    if (first_ms > 0 && first_ms < *next_ms)
        *next_ms = first_ms;
    if (first_ms > 0)
        return false;
    const char *id = (const char *)sqlite3_column_text(row, 0);
    snprintf(out->id, sizeof out->id, "%s", id ? id : "");
    out->deletes = delete_ms == 0;
    out->after_s = (uint32_t)(out->deletes ? delete_s : archive_s);
    return true;
}

int store_due(struct store *store, struct store_dormant *out, int maximum, uint64_t *next_ms,
              clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    struct store_time now = store_parts_now(store);
    sqlite3_stmt *row = store_parts_statement(store, STORE_DUE);
    int count = 0, code = row ? SQLITE_ROW : SQLITE_NOMEM;
    *next_ms = UINT64_MAX;
    while (code == SQLITE_ROW && count < maximum && (code = sqlite3_step(row)) == SQLITE_ROW)
        count += look(row, &now, &out[count], next_ms);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        count = store_parts_fail(store, "finding what is due", error);
    if (row)
        sqlite3_reset(row);
    pthread_mutex_unlock(&store->lock);
    return count;
}
