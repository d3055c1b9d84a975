/* SPDX-License-Identifier: Apache-2.0 */
/* inside_tree.h: a working folder with everything in it, and whether two folders are the same. */
#ifndef CLUTCH_TESTS_INSIDE_TREE_H
#define CLUTCH_TESTS_INSIDE_TREE_H

#include <dirent.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "inside.h"

static inline int open_at(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static inline int make_dir(const char *path)
{
    assert_int_equal(mkdir(path, 0755), 0);
    return open_at(AT_FDCWD, path);
}

static inline void put_file(int folder, const char *name, const void *data, size_t length, mode_t mode)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, length), (ssize_t)length);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* size bytes of which only the few at these places are no hole. */
static inline void put_sparse(int folder, const char *name, off_t size, const off_t *places, size_t count)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && ftruncate(fd, size) == 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pwrite(fd, "data", 4, places[i]), 4);
    close(fd);
}

enum { KEPT_FILES = 7, KEPT_FOLDERS = 4, KEPT_LINKS = 4, LEFT_OUT = 5 };

/* What a working folder may hold: KEPT_.. of it is kept. */
static inline void fill_tree(int folder)
{
    char *large = malloc(3 << 20);
    for (size_t i = 0; i < 3 << 20; i++)
        large[i] = (char)(i * 2654435761u >> 13);
    put_file(folder, "large", large, 3 << 20, 0644);
    free(large);
    put_file(folder, "empty", "", 0, 0600);
    put_file(folder, "new\nline and \xff byte and \xe2\x82\xac", "odd", 3, 0640);
    put_file(folder, "run", "#!/bin/sh\n", 10, 04755);
    put_sparse(folder, "sparse", (off_t)4 << 30, (const off_t[]){0, (off_t)1 << 30, ((off_t)4 << 30) - 4}, 3);
    put_sparse(folder, "hole", 1 << 20, NULL, 0);
    assert_int_equal(mkdirat(folder, "sub", 0755), 0);
    assert_int_equal(mkdirat(folder, "sub/closed", 0755), 0);
    assert_int_equal(mkdirat(folder, "sub/empty", 0755), 0);
    put_file(folder, "sub/closed/inner", "inner", 5, 0400);
    assert_int_equal(fchmodat(folder, "sub/closed", 0555, 0), 0);
    char deep[201] = "";
    memset(deep, 'n', 200);
    assert_int_equal(mkdirat(folder, deep, 0700), 0);
    assert_int_equal(symlinkat("/etc/passwd", folder, "absolute"), 0);
    assert_int_equal(symlinkat("../../outside", folder, "upwards"), 0);
    assert_int_equal(symlinkat("sub/closed/inner", folder, "inwards"), 0);
    assert_int_equal(symlinkat(".", folder, "sub/itself"), 0);
    assert_int_equal(mkfifoat(folder, "pipe", 0600), 0);
    put_file(folder, "twice", "twice", 5, 0600);
    assert_int_equal(linkat(folder, "twice", folder, "sub/twice", 0), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/socket", folder);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_true(mknodat(folder, "device", S_IFCHR | 0600, makedev(1, 3)) == 0 ||
                mkfifoat(folder, "device", 0600) == 0);
}

static inline void assert_same_file(int a, int b, const char *name, off_t size)
{
    int one = openat(a, name, O_RDONLY | O_CLOEXEC), two = openat(b, name, O_RDONLY | O_CLOEXEC);
    assert_true(one >= 0 && two >= 0);
    static char x[1 << 16], y[1 << 16];
    for (off_t at = 0; at < size; at += (off_t)sizeof x) {
        off_t data = lseek(one, at, SEEK_DATA), other = lseek(two, at, SEEK_DATA);
        if (data < 0 && other < 0)
            break;
        off_t next = data < 0 || (other >= 0 && other < data) ? other : data;
        at = next > at ? next / (off_t)sizeof x * (off_t)sizeof x : at;
        ssize_t got = pread(one, x, sizeof x, at);
        assert_int_equal(pread(two, y, sizeof y, at), got);
        assert_memory_equal(x, y, (size_t)got);
    }
    close(one);
    close(two);
}

/* Whether b has what is kept of a; returns how many entries that are. */
static inline size_t assert_same_tree(int a, int b)
{
    size_t entries = 0;
    int fd = openat(b, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fdopendir(fd);
    struct dirent *item;
    while ((item = readdir(list))) {
        const char *name = item->d_name;
        struct stat one, two;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        entries++;
        assert_int_equal(fstatat(a, name, &one, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(fstatat(b, name, &two, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_equal(one.st_mode & S_IFMT, two.st_mode & S_IFMT);
        if (S_ISLNK(one.st_mode)) {
            char x[256] = "", y[256] = "";
            assert_true(readlinkat(a, name, x, 255) > 0 && readlinkat(b, name, y, 255) > 0);
            assert_string_equal(x, y);
            continue;
        }
        assert_int_equal(one.st_mode & 0777, two.st_mode & 07777);
        assert_int_equal(one.st_mtim.tv_sec, two.st_mtim.tv_sec);
        assert_int_equal(one.st_mtim.tv_nsec, two.st_mtim.tv_nsec);
        if (S_ISREG(one.st_mode)) {
            assert_int_equal(one.st_size, two.st_size);
            assert_true(two.st_blocks <= one.st_blocks + 256);
            assert_same_file(a, b, name, one.st_size);
        } else {
            int x = open_at(a, name), y = open_at(b, name);
            entries += assert_same_tree(x, y);
            close(x);
            close(y);
        }
    }
    closedir(list);
    return entries;
}

static inline size_t entries_of(int folder)
{
    size_t count = 0;
    DIR *list = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (readdir(list))
        count++;
    closedir(list);
    return count - 2;
}

/* A folder in a folder, deeper than anybody goes. Returns nothing; the teardown removes it. */
static inline void dig(int folder, unsigned levels)
{
    int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    for (unsigned i = 0; i < levels; i++) {
        assert_int_equal(mkdirat(at, "d", 0755), 0);
        int next = open_at(at, "d");
        close(at);
        at = next;
    }
    close(at);
}

#endif
