/* SPDX-License-Identifier: Apache-2.0 */
/* test_tree.c: removing folders that a hostile process filled, without leaving them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/tree.h"

static char root[64];
static int root_fd;

/* In memory where that can be: thousands of folders take a disk seconds. */
static int make_root(void **state)
{
    (void)state;
    strcpy(root, access("/dev/shm", W_OK) == 0 ? "/dev/shm/clutch-tree-XXXXXX" : "/tmp/clutch-tree-XXXXXX");
    root_fd = mkdtemp(root) ? open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    return root_fd < 0;
}

static int remove_root(void **state)
{
    (void)state;
    close(root_fd);
    return tree_remove(AT_FDCWD, root);
}

static void make_file(int folder, const char *name)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static bool is_there(const char *name)
{
    struct stat about;
    return fstatat(root_fd, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

static void an_empty_folder_goes(void **state)
{
    (void)state;
    assert_int_equal(mkdirat(root_fd, "empty", 0700), 0);
    assert_int_equal(tree_remove(root_fd, "empty"), 0);
    assert_false(is_there("empty"));
}

static void a_file_or_link_of_that_name_goes(void **state)
{
    (void)state;
    make_file(root_fd, "file");
    assert_int_equal(symlinkat("/etc", root_fd, "link"), 0);
    assert_int_equal(tree_remove(root_fd, "file"), 0);
    assert_int_equal(tree_remove(root_fd, "link"), 0);
    assert_false(is_there("file") || is_there("link"));
}

static void what_is_not_there_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(tree_remove(root_fd, "nothing"), -1);
    assert_int_equal(errno, ENOENT);
}

static void links_are_removed_and_not_followed(void **state)
{
    (void)state;
    mkdirat(root_fd, "outside", 0700);
    make_file(root_fd, "outside/kept");
    mkdirat(root_fd, "tree", 0700);
    mkdirat(root_fd, "tree/sub", 0700);
    symlinkat("../outside", root_fd, "tree/link");
    symlinkat("../../outside", root_fd, "tree/sub/link");
    symlinkat("../..", root_fd, "tree/sub/up");
    assert_int_equal(tree_remove(root_fd, "tree"), 0);
    assert_false(is_there("tree"));
    assert_true(is_there("outside/kept"));
}

static void everything_below_goes_whatever_it_is(void **state)
{
    (void)state;
    mkdirat(root_fd, "tree", 0700);
    mkdirat(root_fd, "tree/locked", 0700);
    make_file(root_fd, "tree/locked/file");
    mkdirat(root_fd, "tree/locked/inner", 0700);
    make_file(root_fd, "tree/locked/inner/file");
    fchmodat(root_fd, "tree/locked/inner", 0, 0);
    fchmodat(root_fd, "tree/locked", 0, 0);
    mknodat(root_fd, "tree/fifo", S_IFIFO | 0600, 0);
    make_file(root_fd, "tree/.hidden");
    make_file(root_fd, "tree/line\nbreak");
    make_file(root_fd, "tree/\xff\xfe");
    make_file(root_fd, "tree/.clutch-0");
    mkdirat(root_fd, "tree/.clutch-1", 0700);
    mkdirat(root_fd, "tree/.clutch-1/.clutch-2", 0700);
    make_file(root_fd, "tree/.clutch-1/.clutch-2/f");
    assert_int_equal(tree_remove(root_fd, "tree"), 0);
    assert_false(is_there("tree"));
}

/* Neither a stack nor descriptors for each level. */
static void a_tree_of_any_depth_goes(void **state)
{
    (void)state;
    enum { DEPTH = 5000 };
    struct rlimit limit, few;
    getrlimit(RLIMIT_NOFILE, &limit);
    int at = root_fd;
    for (int i = 0; i < DEPTH; i++) {
        assert_int_equal(mkdirat(at, "deep", 0700), 0);
        int next = openat(at, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        make_file(next, "file");
        if (at != root_fd)
            close(at);
        at = next;
    }
    close(at);
    few = (struct rlimit){32, limit.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    int code = tree_remove(root_fd, "deep");
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(code, 0);
    assert_false(is_there("deep"));
}

static void a_wide_tree_goes(void **state)
{
    (void)state;
    mkdirat(root_fd, "wide", 0700);
    char name[64];
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "wide/%d", i);
        mkdirat(root_fd, name, 0700);
        snprintf(name, sizeof name, "wide/%d/f", i);
        make_file(root_fd, name);
    }
    assert_int_equal(tree_remove(root_fd, "wide"), 0);
    assert_false(is_there("wide"));
}

/* ---- While a hostile process changes it ---- */

static volatile bool stop;
static char outside[128]; /* by its whole path, so that it leads there from anywhere */

/* A folder and a link to the outside change places, under one name within the tree. */
static void *swap_again_and_again(void *unused)
{
    while (!stop) {
        symlinkat(outside, root_fd, "spare");
        mkdirat(root_fd, "race", 0700);
        mkdirat(root_fd, "race/a", 0700);
        mkdirat(root_fd, "race/a/full", 0700);
        for (int i = 0; i < 50 && !stop; i++)
            renameat2(root_fd, "spare", root_fd, "race/a", RENAME_EXCHANGE);
        tree_remove(root_fd, "spare");
    }
    return unused;
}

static void a_tree_that_is_changed_meanwhile_is_never_left(void **state)
{
    (void)state;
    mkdirat(root_fd, "outside", 0700);
    make_file(root_fd, "outside/kept");
    snprintf(outside, sizeof outside, "%s/outside", root);
    for (int round = 0; round < 20; round++) {
        pthread_t thread;
        stop = false;
        assert_int_equal(pthread_create(&thread, NULL, swap_again_and_again, NULL), 0);
        for (int i = 0; i < 20000 && is_there("outside/kept"); i++)
            tree_remove(root_fd, "race");
        stop = true;
        pthread_join(thread, NULL);
        assert_true(is_there("outside/kept"));
        tree_remove(root_fd, "race");
        tree_remove(root_fd, "spare");
    }
    assert_false(is_there("race"));
    assert_int_equal(tree_remove(root_fd, "outside"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_folder_goes),
        cmocka_unit_test(a_file_or_link_of_that_name_goes),
        cmocka_unit_test(what_is_not_there_is_an_error),
        cmocka_unit_test(links_are_removed_and_not_followed),
        cmocka_unit_test(everything_below_goes_whatever_it_is),
        cmocka_unit_test(a_tree_of_any_depth_goes),
        cmocka_unit_test(a_wide_tree_goes),
        cmocka_unit_test(a_tree_that_is_changed_meanwhile_is_never_left),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
