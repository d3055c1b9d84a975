/* SPDX-License-Identifier: Apache-2.0 */
/* interpreter.h: CPython in the template, and the one subinterpreter in which all user code runs. */
#ifndef CLUTCH_PYTHON_INTERPRETER_H
#define CLUTCH_PYTHON_INTERPRETER_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

enum interpreter_fault {
    INTERPRETER_FINE = 0,
    INTERPRETER_BAD_ENVIRONMENT = 1,
    INTERPRETER_BAD_PRELOAD = 2,
};

/* Starts Python with the environment's packages and makes the subinterpreter, which is then current
 * on the calling thread: the main thread of the template, with no other thread alive. On failure
 * message holds one line. Once per process. */
enum interpreter_fault interpreter_start(const char *environment, char *message, size_t size);

/* Imports a module in the subinterpreter. GIL held; leaves no exception set. */
enum interpreter_fault interpreter_preload(const char *module, char *message, size_t size);

/* After the preloads: collects garbage and moves what is left out of the collector's sight, so that
 * a sandbox's collections do not write to every inherited page. GIL held. False when Python's own modules
 * are not as they are known here. */
bool interpreter_settle(void);

/* Does what most sessions begin with: in the template, so that what this imports and caches is there; in a
 * sandbox that waits for its first execution, so that it has pages of its own where this writes. GIL held. */
void interpreter_rehearse(int times);

/* The version of an imported module, "" when it is not imported. GIL held; leaves no exception set. */
void interpreter_module_version(const char *module, char *out, size_t size);

/* Fills out, ended by NULL, with the folders that Python reads: the environment, the standard library,
 * what is on sys.path. Absolute and existing; they live as long as the process. GIL held. */
void interpreter_paths(const char **out, size_t maximum);

/* In a fresh sandbox: see enter.h. */
bool interpreter_enter(const char *const *env, size_t count, const char *workdir);

/* A function of the prelude. Borrowed; NULL with no exception set when there is none. GIL held. */
PyObject *interpreter_prelude(const char *name);

#endif
