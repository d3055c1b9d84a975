/* SPDX-License-Identifier: Apache-2.0 */
/* host.h: what the tasks of a clutch subject share: its engines, and calls that must not fail. */
#ifndef CLUTCH_BENCH_HOST_H
#define CLUTCH_BENCH_HOST_H

#include <clutch.h>

/* Opens the subject's engine. state_dir is an empty folder on a disk, for what is stopped and started. */
void host_open(const char *subject, const char *state_dir);
void host_close(void);

/* Without a pool; with one; and one with a state_dir and room for big frames. Opened at their first use. */
clutch_engine *host_engine(void);
clutch_engine *host_pooled(void);
clutch_engine *host_keeping(void);
const char *host_folder(void);

/* A new engine of the subject's kind, for the caller to close. */
clutch_engine *host_open_with(const clutch_engine_options *base);

void host_check(int code, const clutch_error *error);
clutch_sandbox *host_create(clutch_engine *engine, const clutch_sandbox_options *options);
void host_run(clutch_sandbox *sandbox, const char *code);

/* Runs bench/work/NAME.py. */
void host_work(clutch_sandbox *sandbox, const char *name);

#endif
