/* SPDX-License-Identifier: Apache-2.0 */
/* inside.h: what tests of single files of the host share. They need no engine, only folders. */
#ifndef CLUTCH_TESTS_INSIDE_H
#define CLUTCH_TESTS_INSIDE_H

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/own.h"
#include "base/tree.h"
#include "clutch.h"

#define TEST(function) cmocka_unit_test_setup_teardown(function, inside_setup, inside_teardown)

/* A new folder per test, and the test's place in it. */
static char inside_folder[64];

static inline int inside_setup(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(inside_folder, sizeof inside_folder, "%.40s/clutch-test-XXXXXX", base ? base : "/tmp");
    return mkdtemp(inside_folder) ? 0 : -1;
}

static inline int inside_teardown(void **state)
{
    (void)state;
    umount2(inside_folder, MNT_DETACH);
    return tree_remove(AT_FDCWD, inside_folder);
}

/* Text made with printf's rules, valid until the 16th call after this one. */
static inline const char *say(const char *pattern, ...)
{
    static char texts[16][512];
    static unsigned next;
    char *text = texts[next++ % 16];
    va_list arguments;
    va_start(arguments, pattern);
    vsnprintf(text, sizeof texts[0], pattern, arguments);
    va_end(arguments);
    return text;
}

static inline const char *in(const char *name)
{
    return say("%s/%s", inside_folder, name);
}

static inline uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A call failed with a code, its error says so in one line. */
#define assert_fails(call, expected, error)                                                        \
    do {                                                                                           \
        memset(error, 0, sizeof *(error));                                                         \
        int got_ = (call);                                                                         \
        if (got_ != (expected))                                                                    \
            print_error("%d: %s\n", got_, (error)->message);                                       \
        assert_int_equal(got_, expected);                                                          \
        assert_int_equal((error)->code, expected);                                                 \
        assert_true((error)->message[0] && !strchr((error)->message, '\n'));                       \
    } while (0)

#define assert_fine(call, error)                                                                   \
    do {                                                                                           \
        int got_ = (call);                                                                         \
        if (got_)                                                                                  \
            print_error("%d: %s\n", got_, (error)->message);                                       \
        assert_int_equal(got_, 0);                                                                 \
    } while (0)

/* Mounts a memory of so many KiB on the test's folder; false, and a line, where that is not allowed. */
static inline bool mount_small(unsigned kib, unsigned long flags)
{
    if (mount("none", inside_folder, "tmpfs", flags, say("size=%uk,mode=700", kib)) == 0)
        return true;
    print_message("# skipped: a small file system cannot be mounted: %s\n", strerror(errno));
    return false;
}

#endif
