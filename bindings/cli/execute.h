/* SPDX-License-Identifier: Apache-2.0 */
/* execute.h: one execution from its start to its end, with Ctrl-C, and what is said about how it
 * ended. */
#ifndef CLI_EXECUTE_H
#define CLI_EXECUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "clutch.h"

/* Runs code and waits. The first Ctrl-C cancels it, the second kills it and its sandbox; so do a
 * reader of standard output who has gone, and a signal to end. Returns 0 with *out set, owned; 0
 * with *out NULL when it was killed here; or the library's error. */
int execute_code(clutch_sandbox *sandbox, const char *code, size_t length,
                 const clutch_execute_options *options, clutch_result **out, clutch_error *error);

/* Whether scripts are to see a failure: neither its end nor sys.exit(0). */
bool execute_failed(const clutch_result *result);

/* Says on standard error what is not in the output: traceback, limit, signal, what was left out.
 * name is the execution's; NULL: there is only one at a time, and its exit status goes without
 * saying. */
void execute_report(const clutch_result *result, const char *name);

#endif
