/* SPDX-License-Identifier: Apache-2.0 */
/* store_execution.c: records of executions and activity, and how long they are kept.
 *
 * On disk each execution is written before the call returns. In memory, where there is nothing to survive,
 * they wait and are written together, since a transaction costs as much as a small execution; so does
 * activity, on disk too. */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/error.h"
#include "host/store_parts.h"

static const char what[] = "writing the records";

enum {
    WAIT_COUNT = 256,
    WAIT_BYTES = 4 << 20,
    WAIT_ACTIVITY_MS = 1000,
    KEEP_OF_ONE = 1000, /* in memory */
    KEEP_OF_ALL = 10000,
    KEEP_PAGES = 1 << 12, /* of 4 KiB, all records together */
    PURGE_EVERY_MS = 60000,
    PURGE_COUNT = 500,
};

/* ---- Previews ---- */

#define CUT_MARK "\xe2\x80\xa6[truncated]"

/* The elements joined with newlines, cut at the end of a character. A NUL has no place in a text that
 * ends with one. */
static char *preview(const struct store_execution *execution)
{
    struct buf text = {0};
    const size_t room = STORE_PREVIEW_BYTES - (sizeof CUT_MARK - 1);
    for (size_t i = 0; i < execution->output_count && text.length <= STORE_PREVIEW_BYTES; i++) {
        const clutch_output *element = &execution->output[i];
        size_t length = element->length > STORE_PREVIEW_BYTES + 1 ? STORE_PREVIEW_BYTES + 1 : element->length;
        if (i)
            buf_append(&text, "\n", 1);
        buf_append(&text, element->text, length);
    }
    bool cut = execution->output_omitted || text.length > STORE_PREVIEW_BYTES;
    if (!text.failed && cut) {
        text.length = text_cut((const char *)text.data, text.length, room);
        buf_append(&text, CUT_MARK, sizeof CUT_MARK - 1);
    }
    for (size_t i = 0; !text.failed && i < text.length; i++)
        if (!text.data[i])
            text.data[i] = ' ';
    if (!buf_append(&text, "", 1)) {
        buf_free(&text);
        return NULL;
    }
    return (char *)text.data;
}

/* ---- Writing ---- */

static bool add(struct store *store, int64_t key, const struct store_execution *execution,
                const char *shown, int64_t now_ms)
{
    struct store_binder binder = store_bind(store, STORE_ADD_EXECUTION);
    store_put_number(&binder, key);
    store_put_number(&binder, (int64_t)execution->serial);
    store_put_text(&binder, execution->kind ? execution->kind : "python");
    store_put_text(&binder, execution->source ? execution->source : "api");
    binder.fine = binder.fine && sqlite3_bind_blob64(binder.statement, ++binder.at,
                                                     execution->code_length ? execution->code : "",
                                                     execution->code_length, SQLITE_STATIC) == SQLITE_OK;
    store_put_text(&binder, shown);
    store_put_text(&binder, execution->error);
    store_put_number(&binder, execution->outcome);
    store_put_number(&binder, (int64_t)execution->wall_ns);
    store_put_number(&binder, execution->created_ms ? execution->created_ms : now_ms);
    store_put_number(&binder, execution->rolled_back);
    bool fine = store_run(&binder);
    if (binder.statement)
        sqlite3_clear_bindings(binder.statement); /* the code is the caller's */
    return fine;
}

static bool touch(struct store *store, const char *id, const struct store_time *at, uint64_t executions)
{
    struct store_binder binder = store_bind(store, STORE_TOUCH);
    store_put_text(&binder, id);
    store_put_time(&binder, at);
    store_put_number(&binder, (int64_t)executions);
    return store_run(&binder);
}

static bool trim_one(struct store *store, int64_t key)
{
    struct store_binder binder = store_bind(store, STORE_TRIM_SANDBOX);
    store_put_number(&binder, key);
    store_put_number(&binder, KEEP_OF_ONE);
    return store_run(&binder);
}

static bool trim_all(struct store *store)
{
    struct store_binder binder = store_bind(store, STORE_TRIM_ALL);
    store_put_number(&binder, KEEP_OF_ALL);
    if (!store_run(&binder))
        return false;
    /* Large codes count for more: the older half goes until the rest fits. */
    for (int halvings = 0; halvings < 16; halvings++) {
        struct store_binder held = store_bind(store, STORE_PAGES);
        bool known = held.fine && sqlite3_step(held.statement) == SQLITE_ROW;
        int64_t pages = known ? sqlite3_column_int64(held.statement, 0) : 0;
        if (held.statement)
            sqlite3_reset(held.statement);
        if (!known || pages < KEEP_PAGES)
            return known;
        struct store_binder half = store_bind(store, STORE_TRIM_HALF);
        if (!store_run(&half))
            return false;
    }
    return true;
}

/* Sandboxes that run at the same time wait in turns; each is trimmed once. */
static bool is_last_of_its_sandbox(const struct store_waiting *item)
{
    for (const struct store_waiting *later = item->next; later; later = later->next)
        if (later->execution.code && strcmp(later->id, item->id) == 0)
            return false;
    return true;
}

bool store_parts_write_waiting(struct store *store)
{
    int64_t key = 0;
    bool executions = false;
    for (struct store_waiting *item = store->waiting; item; item = item->next) {
        const struct store_execution *execution = &item->execution;
        if (!touch(store, item->id, &item->at, execution->serial))
            return false;
        if (!execution->code)
            continue;
        executions = true;
        key = store_parts_key(store, item->id, true);
        if (key && !add(store, key, execution, item->preview, item->at.wall_ms))
            return false;
        if (key && is_last_of_its_sandbox(item) && !trim_one(store, key))
            return false;
    }
    return !executions || trim_all(store);
}

void store_parts_drop_waiting(struct store *store)
{
    while (store->waiting) {
        struct store_waiting *item = store->waiting;
        store->waiting = item->next;
        free(item->preview);
        free(item);
    }
    store->waiting_end = &store->waiting;
    store->waiting_count = store->waiting_bytes = 0;
}

/* ---- Waiting ---- */

static const char *keep(char **at, const char *text, size_t length)
{
    char *kept = *at;
    if (length)
        memcpy(kept, text, length);
    kept[length] = 0;
    *at += length + 1;
    return kept;
}

/* A copy of what is to be written; execution NULL is activity alone. */
static struct store_waiting *make_waiting(const char *id, const struct store_execution *execution)
{
    const struct store_execution none = {.serial = 0}, *from = execution ? execution : &none;
    const char *texts[] = {from->kind ? from->kind : "python", from->source ? from->source : "api",
                           from->error ? from->error : ""};
    size_t size = sizeof(struct store_waiting) + from->code_length + 1;
    for (size_t i = 0; execution && i < 3; i++)
        size += strlen(texts[i]) + 1;
    struct store_waiting *item = malloc(size);
    if (!item)
        return NULL;
    *item = (struct store_waiting){.execution = *from, .size = size};
    snprintf(item->id, sizeof item->id, "%s", id);
    if (!execution)
        return item;
    char *at = (char *)(item + 1);
    item->execution.code = keep(&at, from->code, from->code_length);
    item->execution.kind = keep(&at, texts[0], strlen(texts[0]));
    item->execution.source = keep(&at, texts[1], strlen(texts[1]));
    item->execution.error = keep(&at, texts[2], strlen(texts[2]));
    item->preview = preview(from);
    if (item->preview)
        return item;
    free(item);
    return NULL;
}

static void wait_in_line(struct store *store, struct store_waiting *item)
{
    *store->waiting_end = item;
    store->waiting_end = &item->next;
    store->waiting_count++;
    store->waiting_bytes += item->size;
}

int store_touch(struct store *store, const char *id, uint64_t executions, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    struct store_time now = store_parts_now(store);
    struct store_waiting *item = store->waiting;
    while (item && (item->execution.code || strcmp(item->id, id) != 0))
        item = item->next;
    int code = 0;
    if (!item) {
        item = make_waiting(id, NULL);
        if (item)
            wait_in_line(store, item);
        else
            code = error_memory(error);
    }
    if (item) {
        item->at = now;
        if (executions > item->execution.serial)
            item->execution.serial = executions;
    }
    if (code == 0 && (store->waiting_count >= WAIT_COUNT ||
                      now.boot_ms >= store->written_boot_ms + WAIT_ACTIVITY_MS)) {
        code = store_parts_settle(store, error);
        store->written_boot_ms = now.boot_ms;
        if (store->waiting_count >= WAIT_COUNT) /* the disk does not take them */
            store_parts_drop_waiting(store);
    }
    pthread_mutex_unlock(&store->lock);
    return code;
}

/* With the lock. */
static int add_waiting(struct store *store, const char *id, const struct store_execution *execution,
                       clutch_error *error)
{
    struct store_waiting *item = make_waiting(id, execution);
    if (!item)
        return error_memory(error);
    item->at = store_parts_now(store);
    wait_in_line(store, item);
    if (store->waiting_count < WAIT_COUNT && store->waiting_bytes < WAIT_BYTES)
        return 0;
    int code = store_parts_settle(store, error);
    if (code)
        store_parts_drop_waiting(store);
    return code;
}

static int add_now(struct store *store, const char *id, const struct store_execution *execution,
                   clutch_error *error)
{
    char *shown = preview(execution);
    if (!shown)
        return error_memory(error);
    struct store_time now = store_parts_now(store);
    int code = store_parts_begin(store, false, error);
    if (code == 0) {
        int64_t key = store_parts_key(store, id, true);
        if (!key)
            code = store_parts_missing(store, id, error);
        else if (!add(store, key, execution, shown, now.wall_ms) ||
                 !touch(store, id, &now, execution->serial))
            code = store_parts_fail(store, what, error);
        code = store_parts_end(store, false, code, error);
    }
    free(shown);
    return code;
}

int store_add_execution(struct store *store, const char *id, const struct store_execution *execution,
                        clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    int code = store->in_memory ? add_waiting(store, id, execution, error)
                                : add_now(store, id, execution, error);
    pthread_mutex_unlock(&store->lock);
    return code;
}

int store_roll_back(struct store *store, const char *id, uint64_t serial, clutch_error *error)
{
    pthread_mutex_lock(&store->lock);
    int count = 0, code = store_parts_begin(store, false, error);
    if (code == 0) {
        int64_t key = store_parts_key(store, id, true);
        struct store_binder binder = store_bind(store, STORE_ROLL_BACK);
        store_put_number(&binder, key);
        store_put_number(&binder, (int64_t)serial);
        if (!key)
            code = store_parts_missing(store, id, error);
        else if (!store_run(&binder))
            code = store_parts_fail(store, what, error);
        count = sqlite3_changes(store->db);
        code = store_parts_end(store, false, code, error);
    }
    pthread_mutex_unlock(&store->lock);
    return code ? code : count;
}

/* ---- Age ---- */

/* Returns how many rows went, or -1. */
static int purge_some(struct store *store, enum store_statement which, int64_t before_ms)
{
    struct store_binder binder = store_bind(store, which);
    store_put_number(&binder, before_ms);
    store_put_number(&binder, PURGE_COUNT);
    return store_run(&binder) ? sqlite3_changes(store->db) : -1;
}

/* Time goes on from the opening by the steady clock: one that jumps years ahead takes nothing away. */
int store_purge(struct store *store, clutch_error *error)
{
    static const enum store_statement all[] = {STORE_PURGE_EXECUTIONS, STORE_PURGE_CHANGES,
                                               STORE_PURGE_DELETED};
    pthread_mutex_lock(&store->lock);
    int64_t boot_ms = store_parts_now(store).boot_ms;
    if (boot_ms < store->purge_boot_ms || !store->retention_days) {
        pthread_mutex_unlock(&store->lock);
        return 0;
    }
    int64_t wall_ms = store->opened.wall_ms + (boot_ms - store->opened.boot_ms);
    int64_t before_ms = wall_ms - (int64_t)store->retention_days * 86400000;
    bool more = false;
    int code = store_parts_begin(store, false, error);
    for (size_t i = 0; code == 0 && i < sizeof all / sizeof *all; i++) {
        int gone = purge_some(store, all[i], before_ms);
        more = more || gone >= PURGE_COUNT;
        if (gone < 0)
            code = store_parts_fail(store, "removing old records", error);
    }
    code = store_parts_end(store, false, code, error);
    if (!more)
        store->purge_boot_ms = boot_ms + PURGE_EVERY_MS;
    pthread_mutex_unlock(&store->lock);
    return code;
}
