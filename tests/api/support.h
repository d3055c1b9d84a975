/* SPDX-License-Identifier: Apache-2.0 */
/* support.h: what the tests of the C interface share.
 *
 * A test program is two processes: a parent that only watches, and the child that runs the tests and is
 * the host. The parent adopts every orphan below it, so that "no process of ours is left" is a question
 * about the parent's children; and it gives the host a TMPDIR of its own, so that "no folder is left" is
 * a question about that folder. The last test of every program asks both. */
#ifndef CLUTCH_TESTS_SUPPORT_H
#define CLUTCH_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#include "clutch.h"

#define TEST(function) cmocka_unit_test(function)

/* Runs the tests, and then one that finds out whether they left anything behind; for main to return. */
#define RUN_TESTS(tests) support_run(#tests, tests, sizeof(tests) / sizeof(tests)[0])
int support_run(const char *name, const struct CMUnitTest *tests, size_t count);

/* True in a build with sanitizers, whose own memory and time count too. */
bool support_sanitized(void);

/* ---- Engines and sandboxes; a failure fails the test ---- */

/* One engine with all defaults, opened when first asked for, closed by the last test. */
clutch_engine *the_engine(void);

/* Ends that engine earlier; the next the_engine opens another. */
void close_the_engine(void);

/* An engine without preloads, which opens faster. options may be NULL. */
clutch_engine *open_bare(const clutch_engine_options *options);

clutch_sandbox *create(clutch_engine *engine, const clutch_sandbox_options *options);
clutch_sandbox *fresh(void); /* in the_engine(), all defaults */

clutch_result *run(clutch_sandbox *sandbox, const char *code); /* whatever the outcome */
clutch_result *run_with(clutch_sandbox *sandbox, const char *code,
                        const clutch_execute_options *options);

/* Runs code that has to end well, and drops the result. */
void do_run(clutch_sandbox *sandbox, const char *code);

/* Runs code that has to end well and print one element; its text, valid until the next call. */
const char *answer(clutch_sandbox *sandbox, const char *code);

clutch_execution *start(clutch_sandbox *sandbox, const char *code);
clutch_result *wait_for(clutch_execution *execution); /* and frees the execution */

clutch_status *look_at(clutch_sandbox *sandbox);

/* ---- Claims ---- */

/* NULL is a text that equals only NULL. */
#define assert_text(actual, expected) support_assert_text(actual, expected, __FILE__, __LINE__)
void support_assert_text(const char *actual, const char *expected, const char *file, int line);

#define assert_holds(text, part) support_assert_holds(text, part, __FILE__, __LINE__)
void support_assert_holds(const char *text, const char *part, const char *file, int line);

#define assert_outcome(result, outcome) support_assert_outcome(result, outcome, __FILE__, __LINE__)
void support_assert_outcome(const clutch_result *result, uint32_t outcome, const char *file, int line);

/* A call failed with a code, and its error says so: that code, one line of UTF-8, not empty. */
#define assert_refused(code, expected, error)                                                      \
    support_assert_refused(code, expected, error, __FILE__, __LINE__)
void support_assert_refused(int code, int expected, const clutch_error *error, const char *file,
                            int line);

/* A call worked and its error, filled with ERROR_UNTOUCHED before, was not written. */
#define ERROR_UNTOUCHED {77, 77, "untouched"}
#define assert_worked(code, error) support_assert_worked(code, error, __FILE__, __LINE__)
void support_assert_worked(int code, const clutch_error *error, const char *file, int line);

/* A pointer that no call hands out: outputs are untouched on failure. */
#define UNTOUCHED ((void *)0x5a5a)

/* ---- Time, processes, descriptors, folders ---- */

uint64_t now_ms(void);
void sleep_ms(unsigned duration_ms);

/* Asks until the answer is true; false when it still is not after so long. */
bool eventually(bool (*is_so)(void *user), void *user, unsigned patience_ms);

pid_t parent_of(pid_t pid); /* 0 when there is no such process */

/* Processes whose parent is pid, zombies included. Writes at most maximum of them. */
size_t children_of(pid_t pid, pid_t *out, size_t maximum);

/* Living orphans of this host: its templates, and what templates that died left behind. */
size_t orphan_count(void);
bool no_orphan_is_left(unsigned patience_ms);

/* The letter of its main thread's state: R is running or ready to; 0 when there is no such process. */
char process_state(pid_t pid);

/* Whether a process exists and is no zombie. */
bool is_alive(pid_t pid);
bool dies(pid_t pid, unsigned patience_ms);

size_t descriptor_count(void);
size_t resident_bytes(void);

/* Entries of a folder, without . and .. */
size_t entry_count(const char *folder);
size_t home_count(const char *state_dir); /* without the folders for the next sandbox */

bool file_exists(const char *path);
void write_file(const char *path, const char *text);

/* Text made with printf's rules, valid until the 64th call after this one. */
const char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/* The path of a helper program of tests/programs. */
const char *program(const char *name);

/* A new folder below TMPDIR, removed by remove_tree. */
const char *make_folder(void);
void remove_tree(const char *path);

#endif
