/* SPDX-License-Identifier: Apache-2.0 */
/* drive.h: running the executions of a script, one after another in one sandbox.
 *
 * The fields of `# option:` are
 *     wall_ms, cpu_ms, grace_ms, output_bytes   limits of this execution
 *     filename, allow_incomplete                as in clutch_execute_options
 *     cancel_after_ms                           when to cancel it, counted from its start or, with
 *     cancel_on                                 from the output element that is this text
 *     memory_bytes, processes                   options of the sandbox, in its first execution
 *     code                                      what runs in place of the script's text: an array
 *                                               of strings, [string, times] and {"hex": "ff.."}
 * After an execution that ended the sandbox the next ones run in a fresh one. */
#ifndef CORPUS_DRIVE_H
#define CORPUS_DRIVE_H

#include "check.h"
#include "clutch.h"
#include "script.h"

/* Runs a script that has no fault, and reports what does not hold. Bounded in time. */
void drive_script(clutch_engine *engine, const struct script *script, struct report *report);

/* The first requirement of the script that this engine does not meet, NULL when there is none. */
const char *drive_missing(clutch_engine *engine, const struct script *script);

#endif
