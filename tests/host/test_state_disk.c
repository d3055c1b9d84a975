/* SPDX-License-Identifier: Apache-2.0 */
/* test_state_disk.c: engines whose state folder is on a disk that is full, read-only or failing, is taken
 * away under them, or is another engine's. Calls say so, nothing acknowledged is lost, and all goes on when
 * the disk is well again. */
#include "sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- Disks ---- */

static bool may_mount;

/* Mounts are this program's alone; who is not root needs a namespace of his own for them. */
static void part_from_the_others(void)
{
    uid_t uid = getuid();
    gid_t gid = getgid();
    bool apart = unshare(CLONE_NEWNS) == 0;
    if (!apart && unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) {
        apart = true;
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", format("%u %u 1", uid, uid));
        write_file("/proc/self/gid_map", format("%u %u 1", gid, gid));
    }
    may_mount = apart && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static const char *disk; /* of the test that runs */

static void make_disk(unsigned kib)
{
    if (!may_mount)
        skip();
    disk = lasting_folder();
    assert_int_equal(mount("none", disk, "tmpfs", 0, format("size=%uk,mode=700", kib)), 0);
}

static void drop_disk(void)
{
    assert_int_equal(umount2(disk, MNT_DETACH), 0);
    assert_int_equal(rmdir(disk), 0);
}

/* Leaves not one byte. */
static void fill_disk(void)
{
    static char zeros[1 << 16];
    int fd = open(format("%s/filler", disk), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t size = sizeof zeros; size > 0; size /= 2)
        while (write(fd, zeros, size) > 0)
            continue;
    close(fd);
}

static bool is_remounted(void *flags)
{
    return mount("none", disk, NULL, MS_REMOUNT | *(unsigned long *)flags, "") == 0;
}

/* The kernel closes what processes that have ended had open a little later. */
static void remount(unsigned long flags)
{
    if (!eventually(is_remounted, &flags, 5000))
        fail_msg("mounting %s anew: %s", disk, strerror(errno));
}

/* In place of the C library's, for SQLite too: the one with this number from now on fails; 0: none does. */
static unsigned failing_sync;

static int count_sync(void)
{
    errno = EIO;
    return failing_sync && --failing_sync == 0 ? -1 : 0;
}

int fsync(int fd)
{
    (void)fd;
    return count_sync();
}

int fdatasync(int fd)
{
    (void)fd;
    return count_sync();
}

int syncfs(int fd)
{
    (void)fd;
    return count_sync();
}

/* ---- Engines and sandboxes ---- */

static clutch_sandbox *create_named(clutch_engine *engine, const char *name)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.name = name;
    return create(engine, &options);
}

static int stop(clutch_sandbox *sandbox, clutch_error *error)
{
    return clutch_sandbox_stop(sandbox, NULL, NULL, error);
}

static void drop(clutch_sandbox *sandbox)
{
    do_delete(sandbox);
    clutch_sandbox_release(sandbox);
}

static uint64_t records_of(clutch_sandbox *sandbox)
{
    clutch_record_page *page;
    clutch_error error = ERROR_UNTOUCHED;
    assert_worked(clutch_sandbox_log(sandbox, 200, NULL, &page, &error), &error);
    uint64_t count = page->count;
    clutch_record_page_free(page);
    return count;
}

/* Runs code that has to end well; whether it is in the records. */
static bool is_recorded(clutch_sandbox *sandbox, const char *code)
{
    clutch_result *result = run(sandbox, code);
    assert_outcome(result, CLUTCH_OUTCOME_OK);
    bool recorded = result->recorded;
    clutch_result_free(result);
    return recorded;
}

/* A running, a stopped and an archived sandbox; n is 1 in all, 2 in what runs and was not saved. */
static clutch_engine *three_sandboxes(clutch_sandbox **out)
{
    clutch_engine *engine = engine_on(disk);
    static const char *const names[] = {"running", "stopped", "archived"};
    for (int i = 0; i < 3; i++) {
        out[i] = create_named(engine, names[i]);
        do_run(out[i], "n = 1\nimport os\nopen('file', 'wb').write(os.urandom(300000))");
        do_stop(out[i]);
    }
    do_start(out[0]);
    do_run(out[0], "n = 2");
    do_archive(out[2]);
    return engine;
}

static void release_three(clutch_sandbox **sandboxes)
{
    for (int i = 0; i < 3; i++)
        clutch_sandbox_release(sandboxes[i]);
}

/* Whatever was wrong meanwhile: what runs goes on with what it has. */
static void assert_it_goes_on(clutch_sandbox *sandbox, const char *n)
{
    assert_state(sandbox, CLUTCH_STATE_RUNNING);
    assert_text(answer(sandbox, "print(n)"), n);
}

/* On a disk that is well, with a new engine. */
static void assert_all_is_there(const char *running, const char *stopped, const char *archived)
{
    clutch_engine *engine = engine_on(disk);
    const char *const names[] = {"running", "stopped", "archived"};
    const char *const values[] = {running, stopped, archived};
    for (int i = 0; i < 3; i++) {
        clutch_sandbox *sandbox = open_it(engine, NULL, names[i]);
        do_start(sandbox);
        assert_text(answer(sandbox, "print(n, len(open('file', 'rb').read()))"),
                    format("%s 300000", values[i]));
        do_stop(sandbox);
        clutch_sandbox_release(sandbox);
    }
    clutch_engine_close(engine);
}

/* ---- A disk that takes nothing ---- */

static void assert_nothing_can_be_written(clutch_engine *engine, clutch_sandbox **three)
{
    clutch_error error;
    clutch_sandbox *none = UNTOUCHED;
    uint64_t before = records_of(three[0]);
    bool recorded = is_recorded(three[0], "n = 3");
    assert_int_equal(records_of(three[0]), before + recorded);
    assert_refused(stop(three[0], &error), CLUTCH_E_DISK, &error);
    assert_it_goes_on(three[0], "3");
    assert_refused(clutch_sandbox_archive(three[1], &error), CLUTCH_E_DISK, &error);
    assert_state(three[1], CLUTCH_STATE_STOPPED);
    assert_refused(clutch_sandbox_start(three[2], NULL, &error), CLUTCH_E_DISK, &error);
    assert_state(three[2], CLUTCH_STATE_ARCHIVED);
    assert_refused(clutch_sandbox_create(engine, NULL, &none, &error), CLUTCH_E_DISK, &error);
    assert_ptr_equal(none, UNTOUCHED);
    static const char *const labels[] = {"KEY=VALUE", NULL};
    assert_refused(clutch_sandbox_set_labels(three[1], labels, &error), CLUTCH_E_DISK, &error);
    assert_null(clutch_sandbox_label(three[1], "KEY"));
}

static void a_full_disk_loses_nothing_and_deleting_makes_room(void **state)
{
    (void)state;
    make_disk(6000);
    clutch_sandbox *three[3];
    clutch_engine *engine = three_sandboxes(three);
    clutch_sandbox *large = create_named(engine, "large");
    do_run(large, "open('file', 'wb').write(bytes(1 << 20))");
    fill_disk();
    assert_nothing_can_be_written(engine, three);
    drop(large);
    do_stop(three[0]);
    do_start(three[0]);
    assert_text(answer(three[0], "print(n)"), "3");
    clutch_sandbox *none;
    clutch_error error;
    assert_refused(clutch_sandbox_open(engine, NULL, "large", &none, &error), CLUTCH_E_NOT_FOUND, &error);
    uint64_t before = records_of(three[0]);
    release_three(three);
    clutch_engine_close(engine);
    assert_int_equal(unlink(format("%s/filler", disk)), 0);
    assert_all_is_there("3", "1", "1");
    engine = engine_on(disk);
    assert_refused(clutch_sandbox_open(engine, NULL, "large", &none, &error), CLUTCH_E_NOT_FOUND, &error);
    three[0] = open_it(engine, NULL, "running");
    assert_true(records_of(three[0]) >= before);
    clutch_sandbox_release(three[0]);
    clutch_engine_close(engine);
    drop_disk();
}

/* A file that is open for writing keeps its disk from becoming read-only: so all but the records does. */
static void freeze(const char *folder)
{
    assert_int_equal(mount(folder, folder, NULL, MS_BIND, NULL), 0);
    assert_int_equal(mount("none", folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
}

static void a_read_only_disk_loses_nothing(void **state)
{
    (void)state;
    make_disk(20000);
    clutch_sandbox *three[3];
    clutch_error error;
    clutch_engine *engine = three_sandboxes(three);
    const char *home = format("%s/%s", disk, clutch_sandbox_id(three[0]));
    const char *archives = format("%s/archives", disk);
    freeze(home);
    freeze(archives);
    assert_true(is_recorded(three[0], "n = 3"));
    assert_refused(stop(three[0], &error), CLUTCH_E_DISK, &error);
    assert_it_goes_on(three[0], "3");
    assert_refused(clutch_sandbox_archive(three[1], &error), CLUTCH_E_DISK, &error);
    assert_state(three[1], CLUTCH_STATE_STOPPED);
    assert_int_equal(umount(home), 0);
    assert_int_equal(umount(archives), 0);
    do_stop(three[0]);
    release_three(three);
    clutch_engine_close(engine);
    remount(MS_RDONLY);
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    options.state_dir = disk;
    clutch_engine *none = UNTOUCHED;
    assert_refused(clutch_engine_open(&options, &none, &error), CLUTCH_E_DISK, &error);
    remount(0);
    assert_all_is_there("3", "1", "1");
    drop_disk();
}

/* ---- A disk that does not sync ---- */

static void a_sync_that_fails_is_no_stop(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    clutch_engine *engine = engine_on(folder);
    clutch_sandbox *sandbox = create_named(engine, "it");
    clutch_error error;
    unsigned failures = 0;
    for (unsigned value = 1; value < 50; value++) {
        do_run(sandbox, format("n = %u", value));
        failing_sync = value;
        int code = stop(sandbox, &error);
        bool reached = failing_sync == 0;
        failing_sync = 0;
        if (code == 0 && !reached)
            break;
        if (code) {
            assert_refused(code, CLUTCH_E_DISK, &error);
            failures++;
        }
        assert_state(sandbox, code ? CLUTCH_STATE_RUNNING : CLUTCH_STATE_STOPPED);
        if (code == 0)
            do_start(sandbox);
        assert_text(answer(sandbox, "print(n)"), format("%u", value));
    }
    print_message("# %u stops failed\n", failures);
    assert_in_range(failures, 2, 40);
    assert_state(sandbox, CLUTCH_STATE_STOPPED);
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    remove_tree(folder);
}

static void a_sync_that_fails_is_no_archive(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    clutch_engine *engine = engine_on(folder);
    clutch_sandbox *sandbox = create_named(engine, "it");
    do_run(sandbox, "n = 5");
    do_stop(sandbox);
    clutch_error error;
    unsigned failures = 0;
    for (unsigned number = 1; number < 50; number++) {
        failing_sync = number;
        int code = clutch_sandbox_archive(sandbox, &error);
        bool reached = failing_sync == 0;
        if (code) {
            assert_refused(code, CLUTCH_E_DISK, &error);
            failing_sync = 0;
            failures++;
            assert_state(sandbox, CLUTCH_STATE_STOPPED);
            assert_int_equal(entry_count(format("%s/archives", folder)), 0);
            continue;
        }
        failing_sync = number; /* of the start */
        code = clutch_sandbox_start(sandbox, NULL, &error);
        failing_sync = 0;
        if (code) {
            assert_refused(code, CLUTCH_E_DISK, &error);
            assert_state(sandbox, CLUTCH_STATE_ARCHIVED);
            do_start(sandbox);
        }
        assert_text(answer(sandbox, "print(n)"), "5");
        do_stop(sandbox);
        if (!reached)
            break;
    }
    print_message("# %u archives failed\n", failures);
    assert_in_range(failures, 2, 40);
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    remove_tree(folder);
}

/* ---- Folders that go ---- */

static void a_removed_folder_is_noticed(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    clutch_error error;
    clutch_engine *engine = engine_on(folder);
    clutch_sandbox *runs = create(engine, NULL), *rests = create(engine, NULL), *other = create(engine, NULL);
    do_run(runs, "n = 1");
    do_run(rests, "n = 1");
    do_run(other, "n = 1");
    do_stop(rests);
    remove_tree(format("%s/%s", folder, clutch_sandbox_id(runs)));
    assert_refused(stop(runs, &error), CLUTCH_E_DISK, &error);
    assert_it_goes_on(runs, "1");
    remove_tree(format("%s/%s", folder, clutch_sandbox_id(rests)));
    for (int i = 0; i < 2; i++) {
        assert_refused(clutch_sandbox_start(rests, NULL, &error), CLUTCH_E_DAMAGED, &error);
        assert_state(rests, CLUTCH_STATE_FAILED);
    }
    drop(runs);
    drop(rests);
    do_stop(other);
    do_start(other);
    assert_text(answer(other, "print(n)"), "1");
    drop(other);
    assert_true(entry_count(folder) <= 4); /* the lock, the records and their log */
    clutch_engine_close(engine);
    remove_tree(folder);
}

static void removed_archives_are_noticed(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    clutch_error error;
    clutch_engine *engine = engine_on(folder);
    clutch_sandbox *gone = create(engine, NULL), *other = create(engine, NULL);
    do_run(gone, "open('file', 'w').write('text')");
    do_stop(gone);
    do_archive(gone);
    const char *kept = format("%s/kept", folder), *archives = format("%s/archives", folder);
    assert_int_equal(rename(archives, kept), 0);
    for (int i = 0; i < 2; i++)
        assert_refused(clutch_sandbox_start(gone, NULL, &error), CLUTCH_E_DAMAGED, &error);
    do_stop(other);
    do_archive(other);
    do_start(other);
    drop(other);
    remove_tree(archives);
    assert_int_equal(rename(kept, archives), 0);
    do_start(gone); /* it was only away */
    assert_text(answer(gone, "print(open('file').read())"), "text");
    do_stop(gone);
    do_archive(gone);
    remove_tree(archives);
    drop(gone);
    clutch_engine_close(engine);
    remove_tree(folder);
}

static void a_removed_state_folder_is_noticed(void **state)
{
    (void)state;
    clutch_error error;
    clutch_sandbox *none = UNTOUCHED;
    const char *folder = lasting_folder();
    clutch_engine *engine = engine_on(folder);
    clutch_sandbox *runs = create(engine, NULL), *rests = create(engine, NULL);
    do_run(runs, "n = 1");
    do_run(rests, "n = 1");
    do_stop(rests);
    remove_tree(folder);
    assert_refused(stop(runs, &error), CLUTCH_E_DISK, &error);
    assert_false(is_recorded(runs, "n += 1"));
    assert_it_goes_on(runs, "2");
    assert_refused(clutch_sandbox_start(rests, NULL, &error), CLUTCH_E_DISK, &error);
    assert_refused(clutch_sandbox_archive(rests, &error), CLUTCH_E_DISK, &error);
    assert_refused(clutch_sandbox_create(engine, NULL, &none, &error), CLUTCH_E_DISK, &error);
    assert_int_equal(mkdir(folder, 0700), 0);
    clutch_engine *second = engine_on(folder); /* it is another folder */
    clutch_sandbox *new = create_named(second, "new");
    do_run(new, "n = 1");
    assert_refused(clutch_sandbox_create(engine, NULL, &none, &error), CLUTCH_E_DISK, &error);
    drop(runs);
    drop(rests);
    clutch_engine_close(engine);
    do_stop(new);
    do_start(new);
    assert_text(answer(new, "print(n)"), "1");
    clutch_sandbox_release(new);
    clutch_engine_close(second);
    remove_tree(folder);
}

/* ---- Two engines ---- */

static void assert_locked(const char *folder, pid_t holder)
{
    clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
    clutch_engine *none = UNTOUCHED;
    clutch_error error;
    options.state_dir = folder;
    assert_refused(clutch_engine_open(&options, &none, &error), CLUTCH_E_LOCKED, &error);
    assert_ptr_equal(none, UNTOUCHED);
    assert_holds(error.message, format("%d", (int)holder));
}

/* A host of its own, which says when it has opened the folder. */
static pid_t other_host(const char *folder)
{
    int ends[2];
    char byte;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t host = fork();
    if (host == 0) {
        static const char *const nothing[] = {NULL};
        clutch_engine_options options = CLUTCH_ENGINE_OPTIONS_INIT;
        clutch_engine *engine;
        options.state_dir = folder;
        options.preload = nothing;
        if (clutch_engine_open(&options, &engine, NULL) != 0 || write(ends[1], "o", 1) != 1)
            _exit(1);
        pause();
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return host;
}

static void one_folder_has_one_engine(void **state)
{
    (void)state;
    const char *folder = lasting_folder();
    pid_t host = other_host(folder);
    assert_locked(folder, host);
    kill(host, SIGKILL);
    assert_int_equal(waitpid(host, NULL, 0), host);
    clutch_engine *engine = engine_on(folder); /* at once */
    clutch_sandbox *sandbox = create_named(engine, "it");
    do_run(sandbox, "n = 1");
    const char *link = format("%s-link", folder);
    assert_int_equal(symlink(folder, link), 0);
    assert_locked(folder, getpid());
    assert_locked(link, getpid());
    assert_locked(format("%s/../%s/.", folder, strrchr(folder, '/') + 1), getpid());
    assert_it_goes_on(sandbox, "1");
    do_stop(sandbox);
    clutch_sandbox_release(sandbox);
    clutch_engine_close(engine);
    engine = engine_on(link);
    sandbox = open_it(engine, NULL, "it");
    do_start(sandbox);
    assert_text(answer(sandbox, "print(n)"), "1");
    drop(sandbox);
    clutch_engine_close(engine);
    assert_int_equal(unlink(link), 0);
    remove_tree(folder);
}

int main(void)
{
    part_from_the_others();
    static const struct CMUnitTest tests[] = {
        TEST(a_full_disk_loses_nothing_and_deleting_makes_room),
        TEST(a_read_only_disk_loses_nothing),
        TEST(a_sync_that_fails_is_no_stop),
        TEST(a_sync_that_fails_is_no_archive),
        TEST(a_removed_folder_is_noticed),
        TEST(removed_archives_are_noticed),
        TEST(a_removed_state_folder_is_noticed),
        TEST(one_folder_has_one_engine),
    };
    return RUN_TESTS(tests);
}
