/* SPDX-License-Identifier: Apache-2.0 */
/* store_list.c: pages of sandboxes. A page begins after a row's place in the order, not after a count of
 * rows, so that it stays right while rows come and go. */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"
#include "host/store_parts.h"

/* Ordered by its row, creation does not mind a clock that was set back. */
static const struct order {
    const char *column;
    bool rises, is_text;
} orders[] = {
    [CLUTCH_ORDER_ACTIVITY] = {"s.activity_ms", false, false},
    [CLUTCH_ORDER_CREATED] = {"s.key", false, false},
    [CLUTCH_ORDER_UPDATED] = {"s.updated_ms", false, false},
    [CLUTCH_ORDER_NAME] = {"s.name", true, true},
};

/* A query that grows, and what its parameters are to be. */
struct query {
    struct buf sql, values;
    size_t count;
};

struct value {
    const char *text; /* NULL: the number counts */
    size_t length;
    int64_t number;
};

static void add(struct query *query, const char *sql)
{
    buf_append(&query->sql, sql, strlen(sql));
}

static void add_number(struct query *query, const char *sql, int64_t number)
{
    struct value value = {.number = number};
    add(query, sql);
    buf_append(&query->values, &value, sizeof value);
}

/* text is borrowed until the query has been run. */
static void add_text(struct query *query, const char *sql, const char *text, size_t length)
{
    struct value value = {.text = text, .length = length};
    add(query, sql);
    buf_append(&query->values, &value, sizeof value);
}

static void add_states(struct query *query, uint32_t states)
{
    if (!states) {
        add(query, " AND s.state <> 11");
        return;
    }
    char part[32];
    add(query, " AND s.state IN (0");
    for (unsigned state = 1; state < 32; state++)
        if (states >> state & 1) {
            snprintf(part, sizeof part, ",%u", state);
            add(query, part);
        }
    add(query, ")");
    if (!(states >> CLUTCH_STATE_DELETED & 1))
        add(query, " AND s.state <> 11"); /* lets the index of names be used */
}

/* Names that begin with a prefix are those from it to the next text that does not. */
static void add_prefix(struct query *query, const char *prefix, char *after)
{
    size_t length = strlen(prefix);
    add_text(query, " AND s.name >= ?", prefix, length);
    memcpy(after, prefix, length);
    while (length && (unsigned char)after[length - 1] == 0xff)
        length--;
    if (!length)
        return;
    after[length - 1]++;
    add_text(query, " AND s.name < ?", after, length);
}

static void add_labels(struct query *query, const char *const *labels)
{
    for (; labels && *labels; labels++) {
        size_t length = strcspn(*labels, "=");
        const char *value = (*labels)[length] ? *labels + length + 1 : "";
        add_text(query, " AND s.key IN (SELECT sandbox FROM labels WHERE key = ?", *labels, length);
        add_text(query, " AND value = ?)", value, strlen(value));
    }
}

static void add_range(struct query *query, const struct store_range *range)
{
    if (range->created_from_ms)
        add_number(query, " AND s.created_ms >= ?", range->created_from_ms);
    if (range->created_to_ms)
        add_number(query, " AND s.created_ms <= ?", range->created_to_ms);
    if (range->activity_from_ms)
        add_number(query, " AND s.activity_ms >= ?", range->activity_from_ms);
    if (range->activity_to_ms)
        add_number(query, " AND s.activity_ms <= ?", range->activity_to_ms);
}

static void add_order(struct query *query, const struct order *order, bool rises,
                      const struct store_place *after, uint32_t limit)
{
    char part[96];
    if (after) {
        snprintf(part, sizeof part, " AND (%s, s.key) %s (?,", order->column, rises ? ">" : "<");
        if (order->is_text)
            add_text(query, part, after->text, strlen(after->text));
        else
            add_number(query, part, after->number);
        add_number(query, "?)", after->key);
    }
    const char *way = rises ? "ASC" : "DESC";
    snprintf(part, sizeof part, " ORDER BY %s %s, s.key %s LIMIT %u", order->column, way, way, limit);
    add(query, part);
}

static sqlite3_stmt *prepare(struct store *store, struct query *query)
{
    sqlite3_stmt *statement = NULL;
    if (query->sql.failed || query->values.failed ||
        sqlite3_prepare_v2(store->db, (const char *)query->sql.data, (int)query->sql.length, &statement,
                           NULL) != SQLITE_OK)
        return NULL;
    const struct value *values = (const struct value *)(const void *)query->values.data;
    bool fine = true;
    for (int i = 0; fine && i < (int)(query->values.length / sizeof *values); i++)
        fine = (values[i].text ? sqlite3_bind_text(statement, i + 1, values[i].text, (int)values[i].length,
                                                   SQLITE_TRANSIENT)
                               : sqlite3_bind_int64(statement, i + 1, values[i].number)) == SQLITE_OK;
    if (fine)
        return statement;
    sqlite3_finalize(statement);
    return NULL;
}

/* ---- Pages ---- */

/* A page with its own copy of what it points to. */
struct page {
    clutch_sandbox_page page;
    char cursor[STORE_CURSOR_BYTES];
    clutch_sandbox_info *rows[];
};

void store_page_free(clutch_sandbox_page *page)
{
    for (size_t i = 0; page && i < page->count; i++)
        store_sandbox_free((struct store_sandbox *)(void *)page->sandboxes[i]);
    free(page);
}

/* One row more than asked for is read: it says that there is a next page. */
static bool fetch(sqlite3_stmt *statement, struct page *page, uint32_t limit, struct store_place *last)
{
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && page->page.count < limit) {
        struct store_sandbox *row = store_parts_read(statement);
        if (!row)
            return false;
        page->rows[page->page.count++] = &row->info;
        last->key = sqlite3_column_int64(statement, 0);
    }
    if (code == SQLITE_ROW)
        page->page.next_cursor = page->cursor;
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static void place_of(const clutch_sandbox_info *info, uint32_t order, struct store_place *out)
{
    out->number = order == CLUTCH_ORDER_ACTIVITY  ? info->activity_ms
                  : order == CLUTCH_ORDER_UPDATED ? info->updated_ms
                                                  : out->key;
    if (order == CLUTCH_ORDER_NAME)
        snprintf(out->text, sizeof out->text, "%s", info->name);
}

static int read_page(struct store *store, struct query *query, uint32_t order, uint32_t kind,
                     uint32_t limit, clutch_sandbox_page **out, clutch_error *error)
{
    struct page *page = calloc(1, sizeof *page + limit * sizeof *page->rows);
    if (!page)
        return error_memory(error);
    page->page.sandboxes = page->rows;
    sqlite3_stmt *statement = prepare(store, query);
    struct store_place last = {.kind = kind};
    bool fine = statement && fetch(statement, page, limit, &last);
    int code = fine ? 0 : store_parts_fail(store, "listing the records", error);
    sqlite3_finalize(statement);
    if (code) {
        store_page_free(&page->page);
        return code;
    }
    if (page->page.next_cursor) {
        place_of(page->rows[page->page.count - 1], order, &last);
        store_parts_cursor(&last, page->cursor);
    }
    *out = &page->page;
    return 0;
}

int store_list(struct store *store, const clutch_list_options *given, const struct store_range *range,
               clutch_sandbox_page **out, clutch_error *error)
{
    if (given->order >= sizeof orders / sizeof *orders)
        return error_set(error, CLUTCH_E_INVALID, 0, "there is no order %u", given->order);
    if (given->name_prefix && strlen(given->name_prefix) > LIMIT_NAME_BYTES)
        return error_set(error, CLUTCH_E_INVALID, 0, "name_prefix is longer than %zu bytes",
                         LIMIT_NAME_BYTES);
    const struct order *order = &orders[given->order];
    bool rises = order->rises != given->ascending;
    uint32_t limit, kind = 1 + given->order * 2 + rises;
    struct store_place after;
    int code = store_parts_limit(given->limit, &limit, error);
    if (code == 0 && given->cursor)
        code = store_parts_uncursor(given->cursor, kind, &after, error);
    if (code)
        return code;
    struct query query = {0};
    char beyond[LIMIT_NAME_BYTES + 1];
    add(&query, "SELECT " STORE_COLUMNS " FROM sandboxes s WHERE 1");
    if (given->owner)
        add_text(&query, " AND s.owner = ?", given->owner, strlen(given->owner));
    add_states(&query, given->states);
    add_labels(&query, given->labels);
    if (given->name_prefix && *given->name_prefix)
        add_prefix(&query, given->name_prefix, beyond);
    if (range)
        add_range(&query, range);
    add_order(&query, order, rises, given->cursor ? &after : NULL, limit + 1);
    pthread_mutex_lock(&store->lock);
    code = store_parts_settle(store, error);
    if (code == 0)
        code = read_page(store, &query, given->order, kind, limit, out, error);
    pthread_mutex_unlock(&store->lock);
    buf_free(&query.sql);
    buf_free(&query.values);
    return code;
}
