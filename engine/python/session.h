/* SPDX-License-Identifier: Apache-2.0 */
/* session.h: what __main__ holds, to pickles and back. */
#ifndef CLUTCH_PYTHON_SESSION_H
#define CLUTCH_PYTHON_SESSION_H

#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All: on the main thread of the subinterpreter, GIL held; they leave no exception set. */

/* In the template, after the preloads. False with an exception set. */
bool session_prepare(void);

/* In a sandbox before user code: how it differs from what the template held. env has count "KEY=VALUE"
 * strings. False when memory ran out. */
bool session_enter(const char *const *env, size_t count, const char *workdir);

/* Receives something that was left out: three texts in UTF-8 without line breaks. */
typedef void session_row_fn(void *user, const char *name, const char *type, const char *reason);

enum session_end {
    SESSION_DONE = 0,
    SESSION_INTERRUPTED = 1,
    SESSION_STOPPED = 2, /* the sink did not take what it was given */
    SESSION_UNREADABLE = 3,
    SESSION_NO_MEMORY = 4,
};

/* Takes pickles one after the other; tell is how many bytes it has taken. */
struct session_sink {
    bool (*take)(void *user, const void *data, size_t length);
    uint64_t (*tell)(void *user);
    void *user;
};

struct session_saved {
    uint64_t variables;
    PyObject *manifest; /* bytes */
    PyObject *buffers;  /* list of contiguous memoryviews */
};

/* Pickles what user code has put into __main__; its own code (__reduce__) runs meanwhile, between
 * interrupt_begin and interrupt_end of the caller's. Release *out whatever is returned. */
enum session_end session_save(const struct session_sink *sink, uint64_t serial, session_row_fn *row,
                              void *user, struct session_saved *out);
void session_saved_release(struct session_saved *saved);

struct session_stored {
    const void *pickles, *manifest;
    size_t pickles_bytes, manifest_bytes;
    PyObject *buffers;   /* list of bytearray, which become the arrays' memory */
    const char *python;  /* the version that pickled */
};

/* Brings it all back; rows tell what was left out then and now. pickles and manifest are not used
 * after it. */
enum session_end session_load(const struct session_stored *stored, session_row_fn *row, void *user,
                              uint64_t *variables);

#endif
