/* SPDX-License-Identifier: Apache-2.0 */
/* store_schema.c: the tables of the engine's records, and their versions. */
#include "host/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "host/error.h"
#include "host/store_parts.h"

/* "clut": tells a file of ours from any other one. */
#define APPLICATION 0x636c7574

/* What leads from each version to the next; never changed once released. Lists of strings are blobs in
 * which each string ends with NUL. Times are milliseconds. Names and ids are unique among those that
 * are not deleted (state 11); executions and changes belong to the row, since an id may come again. */
static const char *const migrations[] = {
    "CREATE TABLE boots (boot INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);"

    "CREATE TABLE sandboxes ("
    " key INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL,"
    " state INTEGER NOT NULL, reason TEXT NOT NULL, labels BLOB, env BLOB, limits TEXT NOT NULL,"
    " network INTEGER NOT NULL, rollback INTEGER NOT NULL, processes INTEGER NOT NULL,"
    " undo_depth INTEGER NOT NULL, auto_pause_s INTEGER NOT NULL, auto_stop_s INTEGER NOT NULL,"
    " auto_archive_s INTEGER NOT NULL, auto_delete_s INTEGER NOT NULL, lifetime_s INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_boot_ms INTEGER NOT NULL, changed_boot INTEGER NOT NULL, activity_ms INTEGER NOT NULL,"
    " activity_boot_ms INTEGER NOT NULL, activity_boot INTEGER NOT NULL, saved_ms INTEGER NOT NULL,"
    " saved_bytes INTEGER NOT NULL, executions INTEGER NOT NULL, origin TEXT NOT NULL,"
    " repository_url TEXT NOT NULL, repository_branch TEXT NOT NULL, current_branch TEXT NOT NULL,"
    " workdir TEXT NOT NULL, python_version TEXT NOT NULL, left_out BLOB,"
    " left_out_truncated INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX sandboxes_id ON sandboxes (id) WHERE state <> 11;"
    "CREATE UNIQUE INDEX sandboxes_name ON sandboxes (owner, name) WHERE state <> 11;"
    "CREATE INDEX sandboxes_every_id ON sandboxes (id);"
    "CREATE INDEX sandboxes_every_name ON sandboxes (name);"
    "CREATE INDEX sandboxes_activity ON sandboxes (activity_ms);"
    "CREATE INDEX sandboxes_owner_activity ON sandboxes (owner, activity_ms);"
    "CREATE INDEX sandboxes_updated ON sandboxes (updated_ms);"
    "CREATE INDEX sandboxes_deleted ON sandboxes (changed_ms) WHERE state = 11;"

    "CREATE TABLE labels ("
    " key TEXT NOT NULL, value TEXT NOT NULL,"
    " sandbox INTEGER NOT NULL REFERENCES sandboxes ON DELETE CASCADE,"
    " PRIMARY KEY (key, value, sandbox)) WITHOUT ROWID;"
    "CREATE INDEX labels_sandbox ON labels (sandbox);"

    "CREATE TABLE changes ("
    " key INTEGER PRIMARY KEY, sandbox INTEGER NOT NULL REFERENCES sandboxes ON DELETE CASCADE,"
    " was INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL);"
    "CREATE INDEX changes_sandbox ON changes (sandbox);"
    "CREATE INDEX changes_at ON changes (at_ms);"

    "CREATE TABLE executions ("
    " key INTEGER PRIMARY KEY, sandbox INTEGER NOT NULL REFERENCES sandboxes ON DELETE CASCADE,"
    " serial INTEGER NOT NULL, created_ms INTEGER NOT NULL, outcome INTEGER NOT NULL,"
    " wall_ns INTEGER NOT NULL, rolled_back INTEGER NOT NULL, kind TEXT NOT NULL,"
    " source TEXT NOT NULL, error TEXT NOT NULL, preview TEXT NOT NULL, code BLOB NOT NULL);"
    "CREATE INDEX executions_sandbox ON executions (sandbox);"
    "CREATE INDEX executions_created ON executions (created_ms);",
};

enum { VERSION = sizeof migrations / sizeof *migrations };

static const char what[] = "opening the records";

/* The number that a query of one row and column gives. */
static bool ask(struct store *store, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    bool fine = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    if (fine)
        *out = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK && fine;
}

static bool migrate(struct store *store, int64_t from)
{
    if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return false;
    for (int64_t version = from; version < VERSION; version++)
        if (sqlite3_exec(store->db, migrations[version], NULL, NULL, NULL) != SQLITE_OK)
            return false;
    char pragmas[96];
    snprintf(pragmas, sizeof pragmas, "PRAGMA user_version = %d; PRAGMA application_id = %d; COMMIT",
             VERSION, APPLICATION);
    return sqlite3_exec(store->db, pragmas, NULL, NULL, NULL) == SQLITE_OK;
}

/* The write-ahead log; a file of another journal mode is converted, once. */
static int use_log(struct store *store, clutch_error *error)
{
    sqlite3_stmt *statement = NULL;
    bool fine = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL) ==
                    SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    const char *mode = fine ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool wal = mode && strcmp(mode, "wal") == 0;
    if (sqlite3_finalize(statement) != SQLITE_OK || !fine)
        return store_parts_fail(store, what, error);
    return wal ? 0 : error_set(error, CLUTCH_E_DISK, 0, "%s: %s cannot have a write-ahead log", what,
                               store->path);
}

/* Numbers the boots of machines that this file has seen, so that each record needs only a number. */
static int find_boot(struct store *store, clutch_error *error)
{
    char id[64] = "";
    OWN_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, id, sizeof id - 1);
    id[got > 0 ? got : 0] = 0;
    id[strcspn(id, "\n")] = 0;
    if (!*id)
        return 0;
    sqlite3_stmt *statement = NULL;
    bool fine = true;
    static const char *const queries[] = {"INSERT OR IGNORE INTO boots (id) VALUES (?)",
                                          "SELECT boot FROM boots WHERE id = ?"};
    for (size_t i = 0; fine && i < 2; i++) {
        fine = sqlite3_prepare_v2(store->db, queries[i], -1, &statement, NULL) == SQLITE_OK &&
               sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC) == SQLITE_OK;
        int code = fine ? sqlite3_step(statement) : SQLITE_ERROR;
        if (code == SQLITE_ROW)
            store->boot = sqlite3_column_int64(statement, 0);
        fine = sqlite3_finalize(statement) == SQLITE_OK && fine;
    }
    return fine ? 0 : store_parts_fail(store, what, error);
}

int store_parts_schema(struct store *store, clutch_error *error)
{
    int64_t version, application, tables;
    if (!ask(store, "PRAGMA user_version", &version) ||
        !ask(store, "PRAGMA application_id", &application) ||
        !ask(store, "SELECT count(*) FROM sqlite_schema", &tables))
        return store_parts_fail(store, what, error);
    bool fresh = version == 0 && application == 0 && tables == 0;
    if (!fresh && (application != APPLICATION || version < 1))
        return error_set(error, CLUTCH_E_DAMAGED, 0,
                         "%s: %s is no file of clutch's, or damaged; put a copy in its place, or move it "
                         "away to begin anew", what, store->path);
    if (version > VERSION)
        return error_set(error, CLUTCH_E_NEWER, 0,
                         "%s: %s has version %lld and this clutch knows %d: use a newer clutch", what,
                         store->path, (long long)version, VERSION);
    int code = store->in_memory ? 0 : use_log(store, error);
    if (code == 0 && version < VERSION && !migrate(store, version))
        code = store_parts_fail(store, what, error);
    return code ? code : find_boot(store, error);
}
