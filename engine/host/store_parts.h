/* SPDX-License-Identifier: Apache-2.0 */
/* store_parts.h: what the files of the store share. All of it is used with store->lock held. */
#ifndef CLUTCH_HOST_STORE_PARTS_H
#define CLUTCH_HOST_STORE_PARTS_H

#include <pthread.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "base/limits.h"
#include "host/store.h"

/* The columns of a record, in the order in which store_parts_read reads them. */
#define STORE_COLUMNS                                                                              \
    "s.key, s.id, s.name, s.owner, s.state, s.reason, s.labels, s.env, s.limits, s.network,"       \
    " s.rollback, s.processes, s.undo_depth, s.auto_pause_s, s.auto_stop_s, s.auto_archive_s,"     \
    " s.auto_delete_s, s.lifetime_s, s.created_ms, s.updated_ms, s.changed_ms, s.changed_boot_ms," \
    " s.changed_boot, s.activity_ms, s.activity_boot_ms, s.activity_boot, s.saved_ms,"             \
    " s.saved_bytes, s.executions, s.origin, s.repository_url, s.repository_branch,"               \
    " s.current_branch, s.workdir, s.python_version, s.left_out, s.left_out_truncated"

/* Statements that are prepared once: X(NAME, sql). */
#define STORE_STATEMENTS(X)                                                                        \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(SYNC_MORE, "PRAGMA synchronous = FULL")                                                      \
    X(SYNC_LESS, "PRAGMA synchronous = NORMAL")                                                    \
    X(INSERT,                                                                                      \
      "INSERT INTO sandboxes (id, name, owner, state, reason, labels, env, limits, network,"       \
      " rollback, processes, undo_depth, auto_pause_s, auto_stop_s, auto_archive_s, auto_delete_s,"  \
      " lifetime_s, created_ms, updated_ms, changed_ms, changed_boot_ms, changed_boot, activity_ms,"  \
      " activity_boot_ms, activity_boot, saved_ms, saved_bytes, executions, origin, repository_url,"  \
      " repository_branch, current_branch, workdir, python_version, left_out, left_out_truncated)"  \
      " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")            \
    X(GET, "SELECT " STORE_COLUMNS " FROM sandboxes s WHERE s.key = ?")                             \
    X(OWNED, "SELECT 1 FROM sandboxes WHERE key = ? AND owner = ?")                                \
    X(FIND_ID, "SELECT key, state FROM sandboxes WHERE id = ? AND state <> 11")       \
    X(FIND_ANY, "SELECT key, state FROM sandboxes WHERE id = ?"                                    \
                " ORDER BY key DESC LIMIT 1")                                                      \
    X(FIND_NAME, "SELECT key FROM sandboxes WHERE owner = ? AND name = ? AND state <> 11")         \
    X(FIND_NAME_ANY, "SELECT key FROM sandboxes WHERE name = ? AND state <> 11 LIMIT 2")           \
    X(SET_STATE,                                                                                   \
      "UPDATE sandboxes SET state = ?2, reason = ?3, updated_ms = ?4, changed_ms = ?4,"            \
      " changed_boot_ms = ?5, changed_boot = ?6, activity_ms = ?4, activity_boot_ms = ?5,"         \
      " activity_boot = ?6 WHERE key = ?1")                                                        \
    X(SET_SESSION, "UPDATE sandboxes SET saved_ms = ?2, saved_bytes = ?3, python_version = ?4"     \
                   " WHERE key = ?1")                                                              \
    X(SET_LEFT_OUT, "UPDATE sandboxes SET left_out = ?2, left_out_truncated = ?3 WHERE key = ?1")  \
    X(ADD_CHANGE, "INSERT INTO changes (sandbox, was, state, reason, at_ms) VALUES (?,?,?,?,?)")   \
    X(SET_NAME, "UPDATE sandboxes SET name = ?2, updated_ms = ?3 WHERE key = ?1")                  \
    X(SET_LABELS, "UPDATE sandboxes SET labels = ?2, updated_ms = ?3 WHERE key = ?1")              \
    X(SET_INTERVALS,                                                                               \
      "UPDATE sandboxes SET auto_pause_s = ?2, auto_stop_s = ?3, auto_archive_s = ?4,"             \
      " auto_delete_s = ?5, lifetime_s = ?6, updated_ms = ?7 WHERE key = ?1")                      \
    X(SET_BRANCH, "UPDATE sandboxes SET current_branch = ?2, updated_ms = ?3 WHERE key = ?1")      \
    X(TOUCH,                                                                                       \
      "UPDATE sandboxes SET activity_ms = ?2, activity_boot_ms = ?3, activity_boot = ?4,"          \
      " executions = max(executions, ?5) WHERE id = ?1 AND state <> 11")                           \
    X(DUE,                                                                                         \
      "SELECT id, state, auto_archive_s, auto_delete_s, changed_ms, changed_boot_ms, changed_boot" \
      " FROM sandboxes WHERE state IN (2, 8) AND (auto_archive_s > 0 OR auto_delete_s > 0)")       \
    X(DROP_LABELS, "DELETE FROM labels WHERE sandbox = ?")                                         \
    X(ADD_LABEL, "INSERT OR REPLACE INTO labels (key, value, sandbox) VALUES (?,?,?)")             \
    X(REMOVE, "DELETE FROM sandboxes WHERE id = ?")                                                \
    X(ADD_EXECUTION,                                                                               \
      "INSERT INTO executions (sandbox, serial, kind, source, code, preview, error, outcome,"      \
      " wall_ns, created_ms, rolled_back) VALUES (?,?,?,?,?,?,?,?,?,?,?)")                         \
    X(ROLL_BACK, "UPDATE executions SET rolled_back = 1 WHERE sandbox = ? AND serial >= ?"         \
      " AND rolled_back = 0")                                                                      \
    X(LOG,                                                                                         \
      "SELECT key, serial, kind, source, code, preview, error, outcome, wall_ns, created_ms,"      \
      " rolled_back FROM executions WHERE sandbox = ? AND key < ? ORDER BY key DESC LIMIT ?")      \
    X(CHANGES,                                                                                     \
      "SELECT key, was, state, reason, at_ms FROM changes WHERE sandbox = ? AND key < ?"           \
      " ORDER BY key DESC LIMIT ?")                                                                \
    X(TRIM_SANDBOX,                                                                                \
      "DELETE FROM executions WHERE sandbox = ?1 AND key <= (SELECT key FROM executions"           \
      " WHERE sandbox = ?1 ORDER BY key DESC LIMIT 1 OFFSET ?2)")                                  \
    X(TRIM_ALL, "DELETE FROM executions WHERE key <= (SELECT max(key) FROM executions) - ?")       \
    X(TRIM_HALF, "DELETE FROM executions WHERE key <= (SELECT (min(key) + max(key)) / 2 FROM executions)") \
    X(PAGES, "SELECT (SELECT page_count FROM pragma_page_count) -"                                 \
             " (SELECT freelist_count FROM pragma_freelist_count)")                                \
    X(TRIM_CHANGES, "DELETE FROM changes WHERE key <= (SELECT max(key) FROM changes) - ?")         \
    X(TRIM_DELETED,                                                                                \
      "DELETE FROM sandboxes WHERE state = 11 AND key <= (SELECT key FROM sandboxes"               \
      " WHERE state = 11 ORDER BY key DESC LIMIT 1 OFFSET ?)")                                     \
    X(PURGE_EXECUTIONS,                                                                            \
      "DELETE FROM executions WHERE key IN (SELECT key FROM executions WHERE created_ms < ?"       \
      " ORDER BY created_ms LIMIT ?)")                                                             \
    X(PURGE_CHANGES,                                                                               \
      "DELETE FROM changes WHERE key IN (SELECT key FROM changes WHERE at_ms < ?"                  \
      " ORDER BY at_ms LIMIT ?)")                                                                  \
    X(PURGE_DELETED,                                                                               \
      "DELETE FROM sandboxes WHERE key IN (SELECT key FROM sandboxes WHERE state = 11"             \
      " AND changed_ms < ? LIMIT ?)")

_Static_assert(CLUTCH_STATE_DELETED == 11 && CLUTCH_STATE_STOPPED == 2 && CLUTCH_STATE_ARCHIVED == 8,
               "statements and indexes have this number written out");

#define STORE_STATEMENT_ENUM(name, sql) STORE_##name,
enum store_statement { STORE_STATEMENTS(STORE_STATEMENT_ENUM) STORE_STATEMENT_COUNT };
#undef STORE_STATEMENT_ENUM

/* With records in memory: what waits to be written together. */
struct store_waiting {
    struct store_waiting *next;
    char id[37];
    struct store_time at;
    struct store_execution execution; /* code NULL: only activity, and its serial; texts follow */
    char *preview;
    size_t size;
};

struct store {
    pthread_mutex_t lock;
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENT_COUNT];
    bool in_memory;
    char *path; /* of clutch.db, or a word for it */
    int lock_fd;
    int64_t boot;
    uint32_t retention_days;

    store_clock_fn *now;
    void *now_user;
    struct store_time opened; /* counts retention by the steady clock from here */
    int64_t purge_boot_ms;    /* when purging looks again */
    int64_t written_boot_ms;  /* when activity was last written */

    struct store_waiting *waiting, **waiting_end;
    size_t waiting_count, waiting_bytes;

    struct store_taken *taken;
    size_t taken_count;
};

/* ---- store.c ---- */

/* What SQLite said last, as an error of ours; `what` was to be done. Rolls back what was begun. */
int store_parts_fail(struct store *store, const char *what, clutch_error *error);

/* A prepared statement, reset and without bindings; NULL when it cannot be had. */
sqlite3_stmt *store_parts_statement(struct store *store, enum store_statement which);

/* Runs a statement that gives no rows, and resets it. */
bool store_parts_step(sqlite3_stmt *statement);

/* A transaction. What waits is written with it. durable: it has reached the disk when it ends. */
int store_parts_begin(struct store *store, bool durable, clutch_error *error);
int store_parts_commit(struct store *store, bool durable, clutch_error *error);

/* The time now, without the lock's help. */
struct store_time store_parts_now(const struct store *store);

/* Writes what waits, if anything does. Before reading. */
int store_parts_settle(struct store *store, clutch_error *error);

/* Commits when code is 0, else rolls back; returns code or the commit's. */
int store_parts_end(struct store *store, bool durable, int code, clutch_error *error);

/* ---- store_schema.c ---- */

/* Makes or migrates the tables, and finds the boot's number. */
int store_parts_schema(struct store *store, clutch_error *error);

/* ---- store_takeover.c ---- */

/* At the opening: fills store->taken. */
int store_parts_look_for_taken(struct store *store, const char *state_dir, clutch_error *error);

/* ---- store_row.c ---- */

/* Fills a statement's parameters in their order; whether all went well is asked at the end. */
struct store_binder {
    sqlite3_stmt *statement;
    int at;
    bool fine;
};

struct store_binder store_bind(struct store *store, enum store_statement which);
void store_put_number(struct store_binder *binder, int64_t number);
void store_put_text(struct store_binder *binder, const char *text);
void store_put_list(struct store_binder *binder, const char *const *list);
void store_put_left_out(struct store_binder *binder, const clutch_left_out *rows, size_t count);
void store_put_time(struct store_binder *binder, const struct store_time *time);
void store_put_intervals(struct store_binder *binder, const clutch_intervals *intervals);
void store_put_limits(struct store_binder *binder, const clutch_limits *limits);
bool store_run(struct store_binder *binder);

/* A record of the statement's row, in one block; NULL when memory ran out. */
struct store_sandbox *store_parts_read(sqlite3_stmt *row);

/* ---- store_sandbox.c ---- */

/* The row of an id, 0 when there is none or it cannot be looked for; store_parts_missing tells. */
int64_t store_parts_key(struct store *store, const char *id, bool deleted_too);
int store_parts_missing(struct store *store, const char *id, clutch_error *error);

/* Changes the state of the row key and records it. Inside a transaction. */
bool store_parts_change(struct store *store, int64_t key, uint32_t from, uint32_t to,
                        const char *reason, const struct store_time *now);

/* ---- store_execution.c ---- */

/* Writes what waits. Inside a transaction. */
bool store_parts_write_waiting(struct store *store);
void store_parts_drop_waiting(struct store *store);

/* ---- store_cursor.c ---- */

/* A place in a list, as text for the caller: the kind of list, the row, and what the list is ordered by:
 * a number or a text. */
struct store_place {
    uint32_t kind;
    int64_t key, number;
    char text[LIMIT_NAME_BYTES + 1];
};

enum { STORE_CURSOR_BYTES = 800 };
void store_parts_cursor(const struct store_place *place, char cursor[STORE_CURSOR_BYTES]);

/* The reverse; INVALID for anything but a cursor of that kind. */
int store_parts_uncursor(const char *cursor, uint32_t kind, struct store_place *out, clutch_error *error);

/* What a caller's limit means: 0 is 50; INVALID above 200. */
int store_parts_limit(uint32_t limit, uint32_t *out, clutch_error *error);

#endif
