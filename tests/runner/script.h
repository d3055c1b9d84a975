/* SPDX-License-Identifier: Apache-2.0 */
/* script.h: a corpus script, read from its file: executions, and what is expected of each.
 *
 * Executions are separated by lines that are exactly `# ---`. A line `# key: JSON` anywhere in an
 * execution, beginning in the first column, is an expectation (check.h has the keys) or one of
 *     # requires: NAME[<OP>VERSION]   `python`, or a package; the script is skipped without it
 *     # option: {...}                 how this execution is run; drive.h has the fields
 *     # must_fail: [KEY, ...]         only with --must-fail: the keys that have to be complained of
 * These lines are part of the code that runs, as comments. Any other key is a fault of the script.
 */
#ifndef CORPUS_SCRIPT_H
#define CORPUS_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct step {
    const char *code; /* inside the script's text */
    size_t code_length;
    json_t *expected; /* object: key to JSON */
    json_t *options;  /* object */
};

struct script {
    char *text;
    size_t length;
    struct step *steps;
    size_t step_count;
    json_t *required;  /* array of strings */
    json_t *must_fail; /* array of strings */
    char fault[512];   /* what is wrong with the script itself; "" when nothing is */
};

/* Reads a script. A fault is noted in it and is no error; only memory running out gives NULL. */
struct script *script_read(const char *path);

void script_free(struct script *script);

#endif
