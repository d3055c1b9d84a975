/* SPDX-License-Identifier: Apache-2.0 */
/* test_store_faults.c: the engine's records through kills, damage and failing disks. */
#include "inside_store.h"

#include <signal.h>
#include <sqlite3.h>

/* ---- Taking over ---- */

static void a_dead_engines_sandboxes_come_to_rest(void **state)
{
    (void)state;
    static const uint32_t states[][2] = {
        {CLUTCH_STATE_RUNNING, CLUTCH_STATE_STOPPED},    {CLUTCH_STATE_STOPPED, 0},
        {CLUTCH_STATE_CREATING, CLUTCH_STATE_DELETED},   {CLUTCH_STATE_PAUSED, CLUTCH_STATE_STOPPED},
        {CLUTCH_STATE_STOPPING, CLUTCH_STATE_STOPPED},   {CLUTCH_STATE_STARTING, CLUTCH_STATE_STOPPED},
        {CLUTCH_STATE_ARCHIVING, CLUTCH_STATE_STOPPED},  {CLUTCH_STATE_ARCHIVED, 0},
        {CLUTCH_STATE_RESTORING, CLUTCH_STATE_ARCHIVED}, {CLUTCH_STATE_DELETING, CLUTCH_STATE_DELETED},
        {CLUTCH_STATE_DELETED, 0},                       {CLUTCH_STATE_FAILED, 0},
        {CLUTCH_STATE_ARCHIVING, CLUTCH_STATE_ARCHIVED}, {CLUTCH_STATE_RESTORING, CLUTCH_STATE_STOPPED}};
    enum { COUNT = sizeof states / sizeof *states };
    struct store *store = open_store(inside_folder);
    assert_int_equal(mkdir(in("archives"), 0700), 0);
    for (unsigned i = 0; i < COUNT; i++) {
        insert(store, i);
        set_state(store, i, states[i][0]);
        if (states[i][1] == CLUTCH_STATE_ARCHIVED)
            close(creat(in(say("archives/%s.clutch", id_of(i))), 0600));
    }
    store_close(store);
    for (unsigned opening = 0; opening < 3; opening++) {
        store = NULL;
        assert_fine(store_open(inside_folder, 30, &store, &error), &error);
        size_t count;
        const struct store_taken *taken = store_taken(store, &count);
        assert_int_equal(count, opening == 2 ? 2 : 10); /* two are to be deleted first */
        for (size_t i = 0; i < count; i++) {
            unsigned number = (unsigned)atoi(taken[i].id + 24);
            assert_int_equal(taken[i].from, states[number][0]);
            assert_int_equal(taken[i].to, states[number][1]);
        }
        if (opening > 0)
            assert_fine(store_take_over(store, &error), &error);
        for (unsigned i = 0; i < COUNT; i++) {
            bool moves = opening > 0 && states[i][1] && states[i][1] != CLUTCH_STATE_DELETED;
            assert_state(store, i, states[i][moves]);
        }
        struct store_sandbox *row = get(store, 0);
        assert_string_equal(row->info.reason, opening ? "the engine ended without stopping it" : "asked");
        store_sandbox_free(row);
        store_close(store);
    }
}

/* A writer tells in a pipe what it was told is written; it is killed at some moment. */
static void write_until_killed(int out, unsigned round)
{
    struct store *store = NULL;
    if (store_open(inside_folder, 30, &store, &error) != 0)
        _exit(1);
    for (unsigned i = 1;; i++) {
        unsigned number = round * 100000 + i, told[2] = {number, 0};
        struct store_sandbox sandbox = sandbox_of(number);
        if (store_insert(store, &sandbox, &error) != 0)
            _exit(1);
        for (told[1] = 0; told[1] < 5; told[1]++)
            if (write(out, told, sizeof told) != sizeof told ||
                add(store, number, told[1] + 1, "print(1)") != 0)
                _exit(1);
        if (i % 3 == 0 && store_set_state(store, sandbox.info.id, CLUTCH_STATE_STOPPED, "stopped", NULL, NULL,
                                          &error) != 0)
            _exit(1);
        told[1] = i % 3 == 0 ? 6 : 5;
        if (write(out, told, sizeof told) != sizeof told)
            _exit(1);
    }
}

static void nothing_written_is_lost_when_the_host_is_killed(void **state)
{
    (void)state;
    srand(1);
    size_t checked = 0;
    for (unsigned round = 1; round <= 100; round++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);
        pid_t child = fork();
        if (child == 0)
            write_until_killed(ends[1], round);
        close(ends[1]);
        usleep(5000 + (useconds_t)(rand() % 25000));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct store *store = open_store(inside_folder);
        unsigned told[2];
        while (read(ends[0], told, sizeof told) == sizeof told) {
            if (told[1] < 5 && told[1] > 0) /* the next telling covers it */
                continue;
            struct store_sandbox *row = get(store, told[0]);
            assert_int_equal(row->info.state, CLUTCH_STATE_STOPPED);
            if (told[1] >= 5) {
                clutch_record_page *page = log_of(store, told[0], 0, NULL);
                assert_int_equal(page->count, 5);
                free(page);
            }
            if (told[1] == 6)
                assert_string_equal(row->info.reason, "stopped");
            store_sandbox_free(row);
            checked++;
        }
        close(ends[0]);
        store_close(store);
    }
    print_message("# %zu tellings held\n", checked);
    assert_true(checked > 100);
}

/* ---- Faults ---- */

static void a_second_engine_is_told_who_has_the_folder(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder), *second = NULL;
    assert_fails(store_open(inside_folder, 30, &second, &error), CLUTCH_E_LOCKED, &error);
    assert_non_null(strstr(error.message, say("process %d", getpid())));
    store_close(store);
    store_close(open_store(inside_folder));
    sqlite3 *other;
    assert_int_equal(sqlite3_open(in("clutch.db"), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_fails(store_open(inside_folder, 30, &second, &error), CLUTCH_E_LOCKED, &error);
    sqlite3_close(other);
    assert_null(second);
}

static void alter(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(in("clutch.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_newer_file_and_a_foreign_one_are_refused(void **state)
{
    (void)state;
    store_close(open_store(inside_folder));
    alter("PRAGMA user_version = 999");
    struct store *store = NULL;
    assert_fails(store_open(inside_folder, 30, &store, &error), CLUTCH_E_NEWER, &error);
    alter("PRAGMA user_version = 1; PRAGMA application_id = 5");
    assert_fails(store_open(inside_folder, 30, &store, &error), CLUTCH_E_DAMAGED, &error);
    FILE *file = fopen(in("clutch.db"), "w");
    fputs("this is a text and no database at all, and long enough to be looked at more closely than that",
          file);
    fclose(file);
    assert_fails(store_open(inside_folder, 30, &store, &error), CLUTCH_E_DAMAGED, &error);
    assert_non_null(strstr(error.message, "clutch.db"));
    struct stat about;
    assert_int_equal(stat(in("clutch.db"), &about), 0);
    assert_true(about.st_size > 80);
    assert_null(store);
}

static void damage_anywhere_is_an_error_or_nothing(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder);
    for (unsigned number = 1; number <= 200; number++) {
        insert(store, number);
        assert_fine(add(store, number, 1, "pass"), &error);
    }
    store_close(store);
    static char good[1 << 20], bad[1 << 20];
    int fd = open(in("clutch.db"), O_RDONLY);
    ssize_t size = read(fd, good, sizeof good);
    close(fd);
    assert_true(size > 50000);
    srand(2);
    unsigned refused = 0;
    for (unsigned round = 0; round < 300; round++) {
        memcpy(bad, good, (size_t)size);
        for (unsigned i = 0; i < 1 + round % 40; i++)
            bad[round % 3 ? (size_t)rand() % (size_t)size : (size_t)rand() % 4096] = (char)rand();
        fd = open(in("clutch.db"), O_WRONLY | O_TRUNC);
        assert_int_equal(write(fd, bad, (size_t)size), size);
        close(fd);
        store = NULL;
        int code = store_open(inside_folder, 30, &store, &error);
        for (unsigned number = 1; code == 0 && number <= 200; number += 20) {
            struct store_sandbox *row = NULL;
            clutch_record_page *page = NULL;
            code = store_find(store, NULL, say("name-%05u", number), &row, &error);
            store_sandbox_free(row);
            code = code ? code : store_log(store, id_of(number), 0, NULL, &page, &error);
            free(page);
            code = code ? code : add(store, number, 2, "pass");
        }
        clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
        clutch_sandbox_page *page = NULL;
        code = code ? code : store_list(store, &options, NULL, &page, &error);
        store_page_free(page);
        if (code != 0 && code != CLUTCH_E_DAMAGED && code != CLUTCH_E_NEWER && code != CLUTCH_E_NOT_FOUND)
            print_error("round %u: %d %s\n", round, code, error.message);
        assert_true(code == 0 || code == CLUTCH_E_DAMAGED || code == CLUTCH_E_NEWER ||
                    code == CLUTCH_E_NOT_FOUND);
        refused += code == CLUTCH_E_DAMAGED;
        store_close(store);
        assert_int_equal(access(in("clutch.db"), F_OK), 0);
        unlink(in("clutch.db-wal"));
    }
    print_message("# %u of 300 damaged files were refused\n", refused);
    assert_true(refused > 30);
}

static void a_full_disk_loses_nothing_written(void **state)
{
    (void)state;
    if (!mount_small(600, 0))
        return;
    struct store *store = open_store(inside_folder);
    insert(store, 1);
    static char code[20001];
    memset(code, '#', 20000);
    unsigned serial = 1;
    while (add(store, 1, serial, code) == 0)
        assert_true(serial++ < 1000);
    assert_int_equal(error.code, CLUTCH_E_DISK);
    assert_fails(store_set_state(store, id_of(1), CLUTCH_STATE_STOPPED, code, NULL, NULL, &error),
                 CLUTCH_E_DISK, &error);
    assert_state(store, 1, CLUTCH_STATE_RUNNING);
    assert_fine(store_touch(store, id_of(1), 0, &error), &error);
    clutch_record_page *page = log_of(store, 1, 200, NULL);
    assert_int_equal(page->records[0].serial, serial - 1);
    free(page);
    assert_int_equal(mount("none", inside_folder, "tmpfs", MS_REMOUNT, "size=4m"), 0);
    assert_fine(add(store, 1, serial, code), &error);
    store_close(store);
    store = open_store(inside_folder);
    page = log_of(store, 1, 200, NULL);
    assert_int_equal(page->count, serial);
    free(page);
    store_close(store);
}

static void a_read_only_disk_is_a_disks_error(void **state)
{
    (void)state;
    if (!mount_small(4000, 0))
        return;
    struct store *store = open_store(inside_folder);
    insert(store, 1);
    store_close(store);
    assert_int_equal(mount("none", inside_folder, "tmpfs", MS_REMOUNT | MS_RDONLY, ""), 0);
    store = NULL;
    assert_fails(store_open(inside_folder, 30, &store, &error), CLUTCH_E_DISK, &error);
    assert_null(store);
    assert_fails(store_open(in("missing"), 30, &store, &error), CLUTCH_E_SYSTEM, &error);
}

static void a_folder_removed_while_in_use_is_noticed(void **state)
{
    (void)state;
    const char *folder = in("state");
    assert_int_equal(mkdir(folder, 0700), 0);
    struct store *store = open_store(folder);
    insert(store, 1);
    assert_int_equal(tree_remove(AT_FDCWD, folder), 0);
    assert_fails(add(store, 1, 1, "pass"), CLUTCH_E_DISK, &error);
    struct store_sandbox sandbox = sandbox_of(2);
    assert_fails(store_insert(store, &sandbox, &error), CLUTCH_E_DISK, &error);
    store_close(store);
}

/* In place of the C library's, for SQLite too. */
static bool syncs_fail;
static unsigned syncs;

int fdatasync(int fd)
{
    (void)fd;
    syncs++;
    errno = EIO;
    return syncs_fail ? -1 : 0;
}

int fsync(int fd)
{
    return fdatasync(fd);
}

static void a_stop_that_is_not_on_the_disk_is_not_acknowledged(void **state)
{
    (void)state;
    struct store *store = open_store(inside_folder);
    insert(store, 1);
    unsigned before = syncs;
    assert_fine(add(store, 1, 1, "pass"), &error);
    assert_int_equal(syncs, before); /* the kernel has it, and that survives this process */
    syncs_fail = true;
    assert_fails(store_set_state(store, id_of(1), CLUTCH_STATE_STOPPED, "asked", NULL, NULL, &error),
                 CLUTCH_E_DISK, &error);
    assert_true(syncs > before);
    assert_state(store, 1, CLUTCH_STATE_RUNNING);
    syncs_fail = false;
    set_state(store, 1, CLUTCH_STATE_STOPPED);
    store_close(store);
    store = open_store(inside_folder);
    assert_state(store, 1, CLUTCH_STATE_STOPPED);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dead_engines_sandboxes_come_to_rest),
        TEST(nothing_written_is_lost_when_the_host_is_killed),
        TEST(a_second_engine_is_told_who_has_the_folder),
        TEST(a_newer_file_and_a_foreign_one_are_refused),
        TEST(damage_anywhere_is_an_error_or_nothing),
        TEST(a_full_disk_loses_nothing_written),
        TEST(a_read_only_disk_is_a_disks_error),
        TEST(a_folder_removed_while_in_use_is_noticed),
        TEST(a_stop_that_is_not_on_the_disk_is_not_acknowledged),
    };
    return cmocka_run_group_tests_name("host/test_store_faults", tests, NULL, NULL);
}
