/* SPDX-License-Identifier: Apache-2.0 */
/* refusal.c: what the kernel refused to user code, and in which line.
 *
 * engine/worker/refused.c sees system calls fail on their way through the C library and notes them
 * here, from whatever thread and mostly without the GIL, which is taken for a moment to find the line.
 * A call that does not go through the C library's functions is not seen. */
#include <Python.h>

#include "python/refusal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "python/execute.h"
#include "python/interrupt.h"

struct refusal {
    enum refusal_kind kind;
    uint32_t line;
    char *what;
};

static struct {
    pthread_mutex_t lock;
    struct refusal list[LIMIT_REFUSALS];
    size_t count, total;
    bool active, processes;
} refusals = {.lock = PTHREAD_MUTEX_INITIALIZER};

void refusal_prepare(bool processes)
{
    refusals.active = true;
    refusals.processes = processes;
}

/* The innermost line of the executed code on the calling thread, 0 when there is none. GIL held. */
static uint32_t line_here(PyThreadState *state)
{
    uint32_t line = 0;
    PyFrameObject *frame = PyThreadState_GetFrame(state);
    while (frame) {
        PyCodeObject *code = PyFrame_GetCode(frame);
        bool ours = execute_is_running(code->co_filename);
        Py_DECREF(code);
        if (ours) {
            line = (uint32_t)PyFrame_GetLineNumber(frame);
            break;
        }
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    Py_XDECREF(frame);
    return line;
}

/* As above, with or without the GIL. */
static uint32_t find_line(void)
{
    PyThreadState *state = PyGILState_GetThisThreadState();
    if (!state)
        return 0;
    bool held = interrupt_current_state() == state;
    if (!held)
        PyEval_RestoreThread(state);
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    uint32_t line = line_here(state);
    PyErr_Restore(type, error, traceback);
    if (!held)
        PyEval_SaveThread();
    return line;
}

static void add(enum refusal_kind kind, const char *what, uint32_t line)
{
    for (size_t i = 0; i < refusals.count; i++) {
        const struct refusal *known = &refusals.list[i];
        if (known->kind == kind && known->line == line && strcmp(known->what, what) == 0)
            return;
    }
    refusals.total++;
    char *copy = refusals.count < LIMIT_REFUSALS ? strndup(what, LIMIT_REFUSAL_BYTES) : NULL;
    if (copy)
        refusals.list[refusals.count++] = (struct refusal){kind, line, copy};
}

void refusal_note(enum refusal_kind kind, const char *what)
{
    /* Finding the line, or the allocation, must not note anything itself. */
    static __thread bool noting;
    if (!refusals.active || noting)
        return;
    int error = errno;
    noting = true;
    uint32_t line = find_line();
    pthread_mutex_lock(&refusals.lock);
    add(kind, what, line);
    pthread_mutex_unlock(&refusals.lock);
    noting = false;
    errno = error;
}

/* Python's own ways to a new process begin with calls that cannot be watched (vfork returns twice), but
 * each is announced by an audit event. */
void refusal_look_at(const char *event, void *arguments)
{
    static const char *const starting[] = {"subprocess.Popen", "os.system", "os.posix_spawn",
                                           "os.exec", "os.fork", "os.forkpty", "pty.spawn"};
    if (!refusals.active || refusals.processes)
        return;
    for (size_t i = 0; i < sizeof starting / sizeof starting[0]; i++) {
        if (strcmp(event, starting[i]) != 0)
            continue;
        PyObject *first = PyTuple_Check((PyObject *)arguments) && PyTuple_GET_SIZE(arguments)
                              ? PyTuple_GET_ITEM(arguments, 0)
                              : NULL;
        const char *name = NULL;
        if (first && PyUnicode_Check(first))
            name = PyUnicode_AsUTF8(first);
        else if (first && PyBytes_Check(first))
            name = PyBytes_AS_STRING(first);
        PyErr_Clear();
        refusal_note(REFUSAL_PROCESS, name ? name : event);
        return;
    }
}

size_t refusal_take(refusal_row_fn *row, void *user)
{
    pthread_mutex_lock(&refusals.lock);
    for (size_t i = 0; i < refusals.count; i++) {
        if (row)
            row(user, refusals.list[i].kind, refusals.list[i].what, refusals.list[i].line);
        free(refusals.list[i].what);
    }
    size_t total = refusals.total;
    refusals.count = refusals.total = 0;
    pthread_mutex_unlock(&refusals.lock);
    return total;
}
