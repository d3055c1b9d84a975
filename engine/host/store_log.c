/* SPDX-License-Identifier: Apache-2.0 */
/* store_log.c: pages of a sandbox's executions and of its changes of state, newest first by their rows, so
 * that a clock that was set back does not mix them up. */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "host/store_parts.h"

enum { KIND_LOG = 100, KIND_CHANGES };
enum { PAGE_BYTES = 32 }; /* either page, and what follows it stays aligned */

/* Rows while they are read: their texts' places in `texts` stand where their addresses will. */
struct rows {
    struct buf rows, texts;
    size_t count;
    int64_t last_key;
    bool more;
};

static const char *keep(struct rows *rows, sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    size_t size = data ? (size_t)sqlite3_column_bytes(statement, column) : 0;
    const char *place = (const char *)(uintptr_t)rows->texts.length;
    if (size)
        buf_append(&rows->texts, data, size);
    buf_append(&rows->texts, "", 1);
    return place;
}

static void keep_record(struct rows *rows, sqlite3_stmt *row)
{
    clutch_record record = {
        .serial = (uint64_t)sqlite3_column_int64(row, 1),
        .kind = keep(rows, row, 2),
        .source = keep(rows, row, 3),
        .code = keep(rows, row, 4),
        .output_preview = keep(rows, row, 5),
        .error = keep(rows, row, 6),
        .outcome = (uint32_t)sqlite3_column_int64(row, 7),
        .wall_ns = (uint64_t)sqlite3_column_int64(row, 8),
        .created_ms = sqlite3_column_int64(row, 9),
        .rolled_back = sqlite3_column_int64(row, 10) != 0,
    };
    record.code_length = (size_t)sqlite3_column_bytes(row, 4);
    buf_append(&rows->rows, &record, sizeof record);
}

static void keep_change(struct rows *rows, sqlite3_stmt *row)
{
    clutch_change change = {
        .from = (uint32_t)sqlite3_column_int64(row, 1),
        .to = (uint32_t)sqlite3_column_int64(row, 2),
        .reason = keep(rows, row, 3),
        .at_ms = sqlite3_column_int64(row, 4),
    };
    buf_append(&rows->rows, &change, sizeof change);
}

static bool read_rows(struct store *store, enum store_statement which, int64_t key, int64_t before,
                      uint32_t limit, struct rows *out)
{
    struct store_binder binder = store_bind(store, which);
    store_put_number(&binder, key);
    store_put_number(&binder, before);
    store_put_number(&binder, (int64_t)limit + 1);
    int code = binder.fine ? SQLITE_ROW : SQLITE_ERROR;
    while (binder.fine && (code = sqlite3_step(binder.statement)) == SQLITE_ROW && out->count < limit) {
        if (which == STORE_LOG)
            keep_record(out, binder.statement);
        else
            keep_change(out, binder.statement);
        out->last_key = sqlite3_column_int64(binder.statement, 0);
        out->count++;
    }
    out->more = code == SQLITE_ROW;
    if (binder.statement)
        sqlite3_reset(binder.statement);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* One block: the page, the cursor, the rows, the texts. Returns it, and where the rows and texts are. */
static void *join(struct rows *rows, size_t page_size, uint32_t kind, const char **cursor, void **out_rows,
                  char **out_texts)
{
    buf_append(&rows->texts, "", 1);
    buf_reserve(&rows->rows, 1);
    if (rows->rows.failed || rows->texts.failed)
        return NULL;
    char *block = malloc(page_size + STORE_CURSOR_BYTES + rows->rows.length + rows->texts.length);
    if (!block)
        return NULL;
    char *place = block + page_size;
    *cursor = rows->more ? place : NULL;
    if (rows->more)
        store_parts_cursor(&(struct store_place){.kind = kind, .key = rows->last_key}, place);
    *out_rows = place + STORE_CURSOR_BYTES;
    *out_texts = place + STORE_CURSOR_BYTES + rows->rows.length;
    memcpy(*out_rows, rows->rows.data, rows->rows.length);
    memcpy(*out_texts, rows->texts.data, rows->texts.length);
    return block;
}

_Static_assert(STORE_CURSOR_BYTES % 16 == 0, "rows follow it");
_Static_assert(sizeof(clutch_record_page) <= PAGE_BYTES && sizeof(clutch_change_page) <= PAGE_BYTES,
               "a page has room");

static const char *at(const char *texts, const char *place)
{
    return texts + (uintptr_t)place;
}

static clutch_record_page *join_log(struct rows *rows)
{
    const char *cursor;
    void *list;
    char *texts;
    clutch_record_page *page = join(rows, PAGE_BYTES, KIND_LOG, &cursor, &list,
                                    &texts);
    if (!page)
        return NULL;
    clutch_record *records = list;
    for (size_t i = 0; i < rows->count; i++) {
        records[i].kind = at(texts, records[i].kind);
        records[i].source = at(texts, records[i].source);
        records[i].code = at(texts, records[i].code);
        records[i].output_preview = at(texts, records[i].output_preview);
        records[i].error = at(texts, records[i].error);
    }
    *page = (clutch_record_page){.count = rows->count, .records = records, .next_cursor = cursor};
    return page;
}

static clutch_change_page *join_changes(struct rows *rows, const char *id)
{
    const char *cursor;
    void *list;
    char *texts;
    const char *kept = (const char *)(uintptr_t)rows->texts.length;
    buf_append(&rows->texts, id, strlen(id) + 1);
    clutch_change_page *page = join(rows, PAGE_BYTES, KIND_CHANGES, &cursor, &list,
                                    &texts);
    if (!page)
        return NULL;
    clutch_change *changes = list;
    for (size_t i = 0; i < rows->count; i++) {
        changes[i].id = at(texts, kept);
        changes[i].reason = at(texts, changes[i].reason);
    }
    *page = (clutch_change_page){.count = rows->count, .changes = changes, .next_cursor = cursor};
    return page;
}

/* The rows of a page, of one kind or the other. */
static int fetch(struct store *store, const char *id, uint32_t limit, const char *cursor, bool log,
                 struct rows *out, clutch_error *error)
{
    struct store_place before = {.key = INT64_MAX};
    int code = store_parts_limit(limit, &limit, error);
    if (code == 0 && cursor)
        code = store_parts_uncursor(cursor, log ? KIND_LOG : KIND_CHANGES, &before, error);
    if (code)
        return code;
    pthread_mutex_lock(&store->lock);
    code = store_parts_settle(store, error);
    int64_t key = code ? 0 : store_parts_key(store, id, true);
    if (code == 0 && !key)
        code = store_parts_missing(store, id, error);
    if (code == 0 && !read_rows(store, log ? STORE_LOG : STORE_CHANGES, key, before.key, limit, out))
        code = store_parts_fail(store, "reading the records", error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

int store_log(struct store *store, const char *id, uint32_t limit, const char *cursor,
              clutch_record_page **out, clutch_error *error)
{
    struct rows rows = {0};
    int code = fetch(store, id, limit, cursor, true, &rows, error);
    clutch_record_page *page = code ? NULL : join_log(&rows);
    buf_free(&rows.rows);
    buf_free(&rows.texts);
    if (page)
        *out = page;
    return code == 0 && !page ? error_memory(error) : code;
}

int store_changes(struct store *store, const char *id, uint32_t limit, const char *cursor,
                  clutch_change_page **out, clutch_error *error)
{
    struct rows rows = {0};
    int code = fetch(store, id, limit, cursor, false, &rows, error);
    clutch_change_page *page = code ? NULL : join_changes(&rows, id);
    buf_free(&rows.rows);
    buf_free(&rows.texts);
    if (page)
        *out = page;
    return code == 0 && !page ? error_memory(error) : code;
}
