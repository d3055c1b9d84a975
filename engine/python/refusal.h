/* SPDX-License-Identifier: Apache-2.0 */
/* refusal.h: what the kernel refused to user code, and in which line. */
#ifndef CLUTCH_PYTHON_REFUSAL_H
#define CLUTCH_PYTHON_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum refusal_kind { REFUSAL_NETWORK = 1, REFUSAL_FILE = 2, REFUSAL_PROCESS = 3, REFUSAL_SYSCALL = 4 };

/* In a sandbox, once, before user code. With processes false, attempts of Python code to start one are
 * noted as they are made. */
void refusal_prepare(bool processes);

/* Notes one. Any thread, with or without the GIL or a thread state; leaves errno as it is. The same
 * thing in the same line is noted once; what is beyond the limit is counted only. */
void refusal_note(enum refusal_kind kind, const char *what);

/* For the audit hook of the subinterpreter: looks at events that start processes. GIL held. */
void refusal_look_at(const char *event, void *arguments);

typedef void refusal_row_fn(void *user, enum refusal_kind kind, const char *what, uint32_t line);

/* Hands out what was noted since the last call and forgets it; returns how many there were in all.
 * row may be NULL. Main thread. */
size_t refusal_take(refusal_row_fn *row, void *user);

#endif
