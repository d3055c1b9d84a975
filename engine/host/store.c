/* SPDX-License-Identifier: Apache-2.0 */
/* store.c: opening and closing the engine's records, their transactions, their time and their errors.
 *
 * The file has one user: the engine that holds the lock of its folder. So SQLite keeps the file locked
 * too, and its index of the write-ahead log in memory of its own; nothing is mapped that a truncated
 * file could take away. A commit hands its bytes to the kernel, where they survive the death of this
 * process; what must also survive the machine's is committed with the disk's word for it. */
#include "host/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "host/error.h"
#include "host/store_parts.h"

enum { STORE_BUSY_MS = 2000 };

/* ---- Time ---- */

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct store_time system_now(void *user)
{
    (void)user;
    return (struct store_time){.wall_ms = clock_ms(CLOCK_REALTIME), .boot_ms = clock_ms(CLOCK_BOOTTIME)};
}

struct store_time store_parts_now(const struct store *store)
{
    struct store_time now = store->now(store->now_user);
    now.boot = store->boot;
    return now;
}

void store_set_clock(struct store *store, store_clock_fn *now, void *user)
{
    pthread_mutex_lock(&store->lock);
    store->now = now;
    store->now_user = user;
    store->opened = store_parts_now(store);
    store->purge_boot_ms = store->opened.boot_ms;
    pthread_mutex_unlock(&store->lock);
}

struct store_time store_now(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    struct store_time now = store_parts_now(store);
    pthread_mutex_unlock(&store->lock);
    return now;
}

int64_t store_elapsed_ms(struct store *store, const struct store_time *since)
{
    struct store_time now = store_now(store);
    bool steady = since->boot != 0 && since->boot == now.boot;
    int64_t passed = steady ? now.boot_ms - since->boot_ms : now.wall_ms - since->wall_ms;
    return passed < 0 ? 0 : passed;
}

/* ---- Errors ---- */

static int disk_fail(struct store *store, const char *what, int fault, const char *why,
                     clutch_error *error)
{
    return error_set(error, CLUTCH_E_DISK, fault, "%s: %s %s", what, store->path, why);
}

static bool is_disks_fault(int fault)
{
    return fault == EROFS || fault == ENOSPC || fault == EDQUOT || fault == EIO;
}

static int say(struct store *store, int code, int fault, const char *what, clutch_error *error)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return error_memory(error);
    case SQLITE_FULL:
        return disk_fail(store, what, 0, "has no room: the disk is full", error);
    case SQLITE_READONLY:
        return disk_fail(store, what, 0, "cannot be written: it is read-only", error);
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_NOMEM)
            return error_memory(error);
        return disk_fail(store, what, fault, "cannot be read or written", error);
    case SQLITE_CANTOPEN:
        return error_set(error, is_disks_fault(fault) ? CLUTCH_E_DISK : CLUTCH_E_SYSTEM, fault,
                         "%s: %s cannot be opened", what, store->path);
    case SQLITE_ERROR: /* a query of ours that does not fit the tables: they are not as we made them */
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return error_set(error, CLUTCH_E_DAMAGED, 0,
                         "%s: %s is damaged (%s); put a copy in its place, or move it away to begin anew",
                         what, store->path, sqlite3_errstr(code));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(error, CLUTCH_E_LOCKED, 0, "%s: another program uses %s", what, store->path);
    case SQLITE_TOOBIG:
        return error_set(error, CLUTCH_E_TOO_LARGE, 0, "%s: a text is larger than 1,000,000,000 bytes",
                         what);
    default:
        return error_set(error, CLUTCH_E_SYSTEM, 0, "%s: %s: %s", what, store->path,
                         sqlite3_errstr(code));
    }
}

static void roll_back(struct store *store)
{
    if (sqlite3_get_autocommit(store->db))
        return;
    sqlite3_stmt *statement = store_parts_statement(store, STORE_ROLLBACK);
    if (!statement || !store_parts_step(statement))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_parts_fail(struct store *store, const char *what, clutch_error *error)
{
    int code = sqlite3_extended_errcode(store->db), fault = sqlite3_system_errno(store->db);
    /* Nothing went wrong with SQLite: then memory did. */
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        code = SQLITE_NOMEM;
    code = say(store, code, fault, what, error);
    roll_back(store);
    return code;
}

/* ---- Statements and transactions ---- */

sqlite3_stmt *store_parts_statement(struct store *store, enum store_statement which)
{
#define SQL(name, sql) sql,
    static const char *const texts[] = {STORE_STATEMENTS(SQL)};
#undef SQL
    sqlite3_stmt **statement = &store->statements[which];
    if (!*statement &&
        sqlite3_prepare_v3(store->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
            SQLITE_OK)
        return NULL;
    sqlite3_reset(*statement);
    return *statement;
}

bool store_parts_step(sqlite3_stmt *statement)
{
    if (!statement)
        return false;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        ; /* a pragma's answer */
    return sqlite3_reset(statement) == SQLITE_OK && code == SQLITE_DONE;
}

/* A file that somebody removed would take all that is written with it. */
static bool has_moved(struct store *store)
{
    int moved = 0;
    return !store->in_memory &&
           sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved;
}

int store_parts_begin(struct store *store, bool durable, clutch_error *error)
{
    static const char what[] = "writing the records";
    if (has_moved(store))
        return disk_fail(store, what, 0, "was removed or replaced while in use", error);
    durable = durable && !store->in_memory;
    if (durable && !store_parts_step(store_parts_statement(store, STORE_SYNC_MORE)))
        return store_parts_fail(store, what, error);
    if (!store_parts_step(store_parts_statement(store, STORE_BEGIN)) || !store_parts_write_waiting(store))
        return store_parts_fail(store, what, error);
    return 0;
}

int store_parts_commit(struct store *store, bool durable, clutch_error *error)
{
    int code = 0;
    if (!store_parts_step(store_parts_statement(store, STORE_COMMIT)))
        code = store_parts_fail(store, "writing the records", error);
    else
        store_parts_drop_waiting(store);
    /* Staying careful for longer than needed would only be slow. */
    if (durable && !store->in_memory)
        (void)store_parts_step(store_parts_statement(store, STORE_SYNC_LESS));
    return code;
}

int store_parts_end(struct store *store, bool durable, int code, clutch_error *error)
{
    if (code == 0)
        return store_parts_commit(store, durable, error);
    roll_back(store);
    if (durable && !store->in_memory)
        (void)store_parts_step(store_parts_statement(store, STORE_SYNC_LESS));
    return code;
}

int store_parts_settle(struct store *store, clutch_error *error)
{
    if (!store->waiting)
        return 0;
    int code = store_parts_begin(store, false, error);
    if (code == 0)
        code = store_parts_commit(store, false, error);
    /* On disk only times of activity wait: a disk that is full keeps nobody from reading. */
    return store->in_memory ? code : 0;
}

/* ---- Opening ---- */

static void note_holder(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, text, (size_t)length, 0);
}

static int locked(const char *state_dir, int fd, clutch_error *error)
{
    char text[32] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    int holder = got > 0 ? atoi(text) : 0;
    if (holder > 0)
        return error_set(error, CLUTCH_E_LOCKED, 0,
                         "the engine of process %d uses the state folder %s: close it, or take another "
                         "folder", holder, state_dir);
    return error_set(error, CLUTCH_E_LOCKED, 0,
                     "another engine uses the state folder %s: close it, or take another folder",
                     state_dir);
}

static int take_lock(struct store *store, const char *state_dir, clutch_error *error)
{
    OWN_MEMORY char *path = NULL;
    if (asprintf(&path, "%s/lock", state_dir) < 0) {
        path = NULL;
        return error_memory(error);
    }
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock_fd < 0)
        return error_set(error, is_disks_fault(errno) ? CLUTCH_E_DISK : CLUTCH_E_SYSTEM, errno,
                         "the state folder's file %s cannot be written", path);
    while (flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EWOULDBLOCK)
            return locked(state_dir, store->lock_fd, error);
        return error_set(error, CLUTCH_E_SYSTEM, errno, "the state folder's file %s cannot be locked",
                         path);
    }
    note_holder(store->lock_fd);
    return 0;
}

/* Made here so that nobody else may ever read it: its companions get its mode. SQLite has not opened it
 * yet, so that closing it drops no lock. */
static int make_file(const char *path, clutch_error *error)
{
    OWN_FD int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0)
        return error_set(error, is_disks_fault(errno) ? CLUTCH_E_DISK : CLUTCH_E_SYSTEM, errno,
                         "the records' file %s", path);
    if (!S_ISREG(about.st_mode))
        return error_set(error, CLUTCH_E_DAMAGED, 0, "%s is no regular file", path);
    if ((about.st_mode & 077) && fchmod(fd, 0600) != 0)
        return error_set(error, CLUTCH_E_SYSTEM, errno, "the mode of %s", path);
    return 0;
}

static int open_database(struct store *store, clutch_error *error)
{
    static const char what[] = "opening the records";
    int code = store->in_memory ? 0 : make_file(store->path, error);
    if (code)
        return code;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int result = sqlite3_open_v2(store->in_memory ? ":memory:" : store->path, &store->db, flags, NULL);
    if (!store->db)
        return error_memory(error);
    if (result != SQLITE_OK)
        return store_parts_fail(store, what, error);
    sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (sqlite3_exec(store->db,
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = ON;"
                     "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
                     "PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216",
                     NULL, NULL, NULL) != SQLITE_OK)
        return store_parts_fail(store, what, error);
    return store_parts_schema(store, error);
}

static int open_store(struct store *store, const char *state_dir, clutch_error *error)
{
    store->in_memory = !state_dir;
    if (!state_dir)
        store->path = strdup("the memory");
    else if (asprintf(&store->path, "%s/clutch.db", state_dir) < 0)
        store->path = NULL;
    if (!store->path)
        return error_memory(error);
    int code = state_dir ? take_lock(store, state_dir, error) : 0;
    if (code == 0)
        code = open_database(store, error);
    if (code)
        return code;
    store->opened = store_parts_now(store);
    store->purge_boot_ms = store->opened.boot_ms;
    return state_dir ? store_parts_look_for_taken(store, state_dir, error) : 0;
}

int store_open(const char *state_dir, uint32_t retention_days, struct store **out, clutch_error *error)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return error_memory(error);
    pthread_mutex_init(&store->lock, NULL);
    store->lock_fd = -1;
    store->now = system_now;
    store->waiting_end = &store->waiting;
    store->retention_days = retention_days;
    int code = open_store(store, state_dir, error);
    if (code) {
        store_close(store);
        return code;
    }
    *out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->db && !store->in_memory)
        (void)store_parts_settle(store, NULL);
    store_parts_drop_waiting(store);
    for (size_t i = 0; i < STORE_STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close_v2(store->db);
    own_close(&store->lock_fd);
    pthread_mutex_destroy(&store->lock);
    free(store->taken);
    free(store->path);
    free(store);
}
