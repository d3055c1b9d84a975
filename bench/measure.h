/* SPDX-License-Identifier: Apache-2.0 */
/* measure.h: how a subject of the bench takes its tasks and hands back what it measured.
 *
 * A subject reads lines "TASK COUNT" from standard input and answers each with one line on standard
 * output: {"figure": [value, ..], ..}, or null when it has no such task. It works only when it is asked,
 * so that subjects take turns on the same machine. */
#ifndef CLUTCH_BENCH_MEASURE_H
#define CLUTCH_BENCH_MEASURE_H

#include <stddef.h>

struct task {
    const char *name;
    void (*run)(const char *name, unsigned count);
};

/* Microseconds of the monotonic clock. */
double measure_now_us(void);

/* Three milliseconds in which what was let go before may end: that is not what is measured next. */
void measure_rest(void);

/* Adds one value to a figure of the answer to come. */
void measure_add(const char *figure, double value);

/* The same for a figure that is measured at several sizes: FIGURE_at_SIZE. */
void measure_add_at(const char *figure, unsigned size, double value);

/* Answers until standard input ends. The last task has no name. */
int measure_serve(const struct task *tasks);

/* Says why on standard error and ends the subject. */
void measure_fail(const char *why) __attribute__((noreturn));

/* What bench/work/NAME.py holds, without the line of its licence; NULL when there is no such file. The
 * caller frees it. */
char *measure_work(const char *name);

/* Private memory of a process, by smaps_rollup. */
double measure_private_kib(int pid);

/* One row of a process's smaps_rollup, such as "Anonymous:". */
size_t measure_memory_kib(int pid, const char *row);

/* The sizes at which growth is measured, up to one of them; ended by 0. */
extern const unsigned measure_sizes[];

#endif
