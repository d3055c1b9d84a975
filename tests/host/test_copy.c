/* SPDX-License-Identifier: Apache-2.0 */
/* test_copy.c: copies of working folders, hostile ones too. */
#include "inside_tree.h"

#include <pthread.h>
#include <sys/syscall.h>

#include "host/copy.h"

static clutch_error error;

static void everything_that_can_be_kept_is_copied(void **state)
{
    (void)state;
    int from = make_dir(in("from")), to = make_dir(in("to"));
    fill_tree(from);
    struct copy_report report;
    assert_fine(copy_tree(from, to, 1 << 30, &report, &error), &error);
    assert_int_equal(assert_same_tree(from, to), KEPT_FILES + KEPT_FOLDERS + KEPT_LINKS);
    assert_int_equal(report.files, KEPT_FILES);
    assert_int_equal(report.folders, KEPT_FOLDERS);
    assert_int_equal(report.links, KEPT_LINKS);
    assert_int_equal(report.left_out.count, LEFT_OUT);
    assert_true(report.cheap == copy_is_cheap(from));
    assert_true(report.cheap || (report.bytes > 3 << 20 && report.bytes < 4 << 20));
    clutch_left_out *rows = walk_left_out_rows(&report.left_out);
    assert_string_equal(rows[1].name, "pipe");
    assert_string_equal(rows[1].type, "pipe");
    bool hard_link = false;
    for (size_t i = 0; i < LEFT_OUT; i++)
        hard_link = hard_link || strcmp(rows[i].name, "sub/twice") == 0;
    assert_true(hard_link);
    free(rows);
    walk_left_out_free(&report.left_out);
    close(from);
    close(to);
}

static void more_than_allowed_is_refused(void **state)
{
    (void)state;
    int from = make_dir(in("from")), to = make_dir(in("to"));
    put_file(from, "file", "0123456789", 10, 0600);
    struct copy_report report;
    if (copy_is_cheap(from))
        return;
    assert_fails(copy_tree(from, to, 9, &report, &error), CLUTCH_E_TOO_LARGE, &error);
    assert_int_equal(unlinkat(to, "file", 0), 0);
    assert_fails(copy_tree(from, to, 0, &report, &error), CLUTCH_E_TOO_LARGE, &error);
    assert_int_equal(unlinkat(to, "file", 0), 0);
    assert_fine(copy_tree(from, to, 10, &report, &error), &error);
    assert_false(report.cheap);
    assert_int_equal(report.bytes, 10);
    close(from);
    close(to);
}

static void an_empty_folder_is_cheap(void **state)
{
    (void)state;
    int from = make_dir(in("from")), to = make_dir(in("to"));
    put_file(from, "empty", "", 0, 0600);
    struct copy_report report;
    assert_fine(copy_tree(from, to, 0, &report, &error), &error);
    assert_true(report.cheap);
    close(from);
    close(to);
}

static void a_deep_folder_ends_somewhere(void **state)
{
    (void)state;
    int from = make_dir(in("from")), to = make_dir(in("to"));
    dig(from, 1000);
    struct copy_report report;
    assert_fine(copy_tree(from, to, 0, &report, &error), &error);
    assert_int_equal(report.folders, WALK_DEPTH - 1);
    assert_int_equal(report.left_out.count, 1);
    walk_left_out_free(&report.left_out);
    close(from);
    close(to);
}

static void a_full_disk_is_a_disks_error(void **state)
{
    (void)state;
    if (!mount_small(1000, 0))
        return;
    int from = make_dir(in("from")), to = make_dir(in("to"));
    char *large = calloc(1, 600000);
    put_file(from, "large", large, 600000, 0600);
    free(large);
    struct copy_report report;
    assert_fails(copy_tree(from, to, 1 << 30, &report, &error), CLUTCH_E_DISK, &error);
    close(from);
    close(to);
}

/* A process that swaps a folder, a file and links to the world outside as fast as it can. */
static _Atomic bool stop;

static void *swap(void *user)
{
    int folder = *(int *)user;
    for (unsigned i = 0; !stop; i++) {
        syscall(SYS_renameat2, folder, "folder", folder, "link", 2); /* RENAME_EXCHANGE */
        syscall(SYS_renameat2, folder, "file", folder, "outward", 2);
        syscall(SYS_renameat2, folder, "fifo", folder, "file", 2);
        int fd = openat(folder, "growing", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        (void)!write(fd, "more", 4);
        (void)!ftruncate(fd, i % 50 ? (off_t)(i % 7) * 1000 : 0);
        close(fd);
    }
    return NULL;
}

/* Nothing of what lies outside may come into any copy. */
static void search(int folder)
{
    DIR *list = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct dirent *item;
    while ((item = readdir(list))) {
        struct stat about;
        char text[64] = "";
        if (item->d_name[0] == '.' || fstatat(folder, item->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISREG(about.st_mode)) {
            int fd = openat(folder, item->d_name, O_RDONLY | O_CLOEXEC);
            (void)!read(fd, text, sizeof text - 1);
            close(fd);
            assert_null(strstr(text, "secret"));
        } else if (S_ISDIR(about.st_mode)) {
            int fd = open_at(folder, item->d_name);
            search(fd);
            close(fd);
        }
    }
    closedir(list);
}

static void names_that_change_meanwhile_lead_nowhere(void **state)
{
    (void)state;
    int outside = make_dir(in("outside")), from = make_dir(in("from"));
    put_file(outside, "secret", "secret", 6, 0600);
    assert_int_equal(mkdirat(from, "folder", 0755), 0);
    put_file(from, "file", "mine", 4, 0600);
    assert_int_equal(mkfifoat(from, "fifo", 0600), 0);
    assert_int_equal(symlinkat("../outside", from, "link"), 0);
    assert_int_equal(symlinkat("../outside/secret", from, "outward"), 0);
    pthread_t thread;
    stop = false;
    assert_int_equal(pthread_create(&thread, NULL, swap, &from), 0);
    uint64_t until = now_us() + 1500000;
    unsigned rounds = 0;
    for (; now_us() < until; rounds++) {
        const char *name = say("to-%u", rounds);
        int to = make_dir(in(name));
        struct copy_report report;
        int code = copy_tree(from, to, 1 << 30, &report, &error);
        assert_int_equal(code, 0);
        walk_left_out_free(&report.left_out);
        search(to);
        close(to);
    }
    stop = true;
    pthread_join(thread, NULL);
    assert_true(rounds > 50);
    close(outside);
    close(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_can_be_kept_is_copied),
        TEST(more_than_allowed_is_refused),
        TEST(an_empty_folder_is_cheap),
        TEST(a_deep_folder_ends_somewhere),
        TEST(a_full_disk_is_a_disks_error),
        TEST(names_that_change_meanwhile_lead_nowhere),
    };
    return cmocka_run_group_tests_name("host/test_copy", tests, NULL, NULL);
}
