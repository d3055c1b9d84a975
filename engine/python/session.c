/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: what __main__ holds, to pickles and back. The work is done in session.py.
 *
 * cloudpickle, which session.py needs in every environment, is compiled into the worker as source. */
#define PY_SSIZE_T_CLEAN
#include "python/session.h"

#include "python/execute.h"
#include "python/interpreter.h"
#include "python/interrupt.h"

static const char session_source[] = {
#include "session.inc"
    , 0};
static const char cloudpickle_source[] = {
#include "cloudpickle.inc"
    , 0};

static PyObject *functions; /* globals of session.py; never freed */
static PyObject *base;      /* its dict of what a fresh sandbox has */

static PyObject *call(const char *name, PyObject *arguments)
{
    PyObject *function = functions ? PyDict_GetItemString(functions, name) : NULL;
    return function && arguments ? PyObject_CallObject(function, arguments) : NULL;
}

bool session_prepare(void)
{
    functions = PyDict_New();
    PyObject *code = Py_CompileString(session_source, "<clutch>", Py_file_input);
    PyObject *done = NULL, *arguments = NULL;
    if (functions && code &&
        PyDict_SetItemString(functions, "__builtins__", PyEval_GetBuiltins()) == 0)
        done = PyEval_EvalCode(code, functions, functions);
    Py_XDECREF(code);
    if (done) {
        execute_restore(); /* print and the streams are what they will be */
        arguments = Py_BuildValue("(s)", cloudpickle_source);
        Py_SETREF(done, call("prepare", arguments));
    }
    Py_XDECREF(arguments);
    Py_XDECREF(done);
    base = functions ? PyDict_GetItemString(functions, "_base") : NULL;
    return done != NULL && base;
}

/* Only notes what it is given, since pages that this writes to are copied; session.py makes of it what it
 * needs when it needs it. */
bool session_enter(const char *const *env, size_t count, const char *workdir)
{
    PyObject *folder = PyUnicode_DecodeFSDefault(workdir), *list = PyList_New((Py_ssize_t)count);
    bool fine = folder && list;
    for (size_t i = 0; fine && i < count; i++) {
        PyObject *item = PyUnicode_DecodeFSDefault(env[i]);
        fine = item != NULL;
        if (fine)
            PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    }
    fine = fine && PyDict_SetItemString(base, "workdir", folder) == 0 &&
           PyDict_SetItemString(base, "env", list) == 0;
    Py_XDECREF(folder);
    Py_XDECREF(list);
    PyErr_Clear();
    return fine;
}

/* ---- What session.py calls ---- */

static const struct session_sink *sink; /* while it saves */
static bool sink_failed;

static PyObject *sink_write(PyObject *self, PyObject *data)
{
    (void)self;
    Py_buffer view;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) != 0)
        return NULL;
    bool taken = sink && !sink_failed && sink->take(sink->user, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    if (taken)
        Py_RETURN_NONE;
    sink_failed = true;
    PyObject *stop = PyDict_GetItemString(functions, "Stop");
    PyErr_SetNone(stop ? stop : PyExc_MemoryError);
    return NULL;
}

static PyObject *sink_tell(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyLong_FromUnsignedLongLong(sink ? sink->tell(sink->user) : 0);
}

static PyObject *was_interrupted(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyBool_FromLong(interrupt_was_raised());
}

static PyMethodDef write_method = {"write", sink_write, METH_O, NULL};
static PyMethodDef tell_method = {"tell", sink_tell, METH_NOARGS, NULL};
static PyMethodDef interrupted_method = {"interrupted", was_interrupted, METH_NOARGS, NULL};

/* ---- Rows ---- */

static const char *text_of(PyObject *row, Py_ssize_t at)
{
    PyObject *item = PyList_Check(row) && PyList_GET_SIZE(row) == 3 ? PyList_GET_ITEM(row, at) : NULL;
    const char *text = item && PyUnicode_Check(item) ? PyUnicode_AsUTF8(item) : NULL;
    PyErr_Clear(); /* lone surrogates */
    return text ? text : "?";
}

static void give_rows(PyObject *rows, session_row_fn *row, void *user)
{
    for (Py_ssize_t i = 0; PyList_Check(rows) && i < PyList_GET_SIZE(rows); i++) {
        PyObject *item = PyList_GET_ITEM(rows, i);
        row(user, text_of(item, 0), text_of(item, 1), text_of(item, 2));
    }
}

/* Why a call ended with an exception, which is dropped. */
static enum session_end end_of_exception(void)
{
    bool memory = PyErr_ExceptionMatches(PyExc_MemoryError);
    PyErr_Clear();
    if (interrupt_was_raised())
        return SESSION_INTERRUPTED;
    if (sink_failed)
        return SESSION_STOPPED;
    return memory ? SESSION_NO_MEMORY : SESSION_UNREADABLE;
}

/* ---- Saving and loading ---- */

enum session_end session_save(const struct session_sink *to, uint64_t serial, session_row_fn *row,
                              void *user, struct session_saved *out)
{
    *out = (struct session_saved){0};
    execute_restore();
    sink = to;
    sink_failed = false;
    PyObject *arguments = Py_BuildValue(
        "(NNNOO{s:K,s:i})", PyCFunction_New(&write_method, NULL), PyCFunction_New(&tell_method, NULL),
        PyCFunction_New(&interrupted_method, NULL), execute_globals(),
        interpreter_prelude("_sources"), "serial", (unsigned long long)serial, "future_flags",
        execute_future_flags());
    PyObject *saved = call("save", arguments);
    Py_XDECREF(arguments);
    PyObject *manifest, *buffers, *rows;
    unsigned long long variables;
    if (!saved || !PyArg_ParseTuple(saved, "SO!O!K", &manifest, &PyList_Type, &buffers, &PyList_Type,
                                    &rows, &variables)) {
        sink = NULL;
        Py_XDECREF(saved);
        return end_of_exception();
    }
    sink = NULL;
    *out = (struct session_saved){variables, Py_NewRef(manifest), Py_NewRef(buffers)};
    give_rows(rows, row, user);
    Py_DECREF(saved);
    return interrupt_was_raised() ? SESSION_INTERRUPTED : SESSION_DONE;
}

void session_saved_release(struct session_saved *saved)
{
    Py_CLEAR(saved->manifest);
    Py_CLEAR(saved->buffers);
}

/* What the manifest has carried for this file. */
static void take_extra(PyObject *extra)
{
    PyObject *flags = PyDict_Check(extra) ? PyDict_GetItemString(extra, "future_flags") : NULL;
    long value = flags && PyLong_Check(flags) ? PyLong_AsLong(flags) : 0;
    if (value > 0)
        execute_set_future_flags((int)value);
    PyErr_Clear();
}

enum session_end session_load(const struct session_stored *stored, session_row_fn *row, void *user,
                              uint64_t *variables)
{
    execute_restore();
    sink_failed = false;
    PyObject *pickles = PyMemoryView_FromMemory((char *)stored->pickles,
                                                (Py_ssize_t)stored->pickles_bytes, PyBUF_READ);
    PyObject *arguments =
        Py_BuildValue("(Ny#ONOOs)", pickles, stored->manifest, (Py_ssize_t)stored->manifest_bytes,
                      stored->buffers, PyCFunction_New(&interrupted_method, NULL), execute_globals(),
                      interpreter_prelude("remember_source"), stored->python);
    PyObject *loaded = call("load", arguments);
    Py_XDECREF(arguments);
    PyObject *rows, *extra;
    unsigned long long count;
    if (!loaded || !PyArg_ParseTuple(loaded, "O!KO", &PyList_Type, &rows, &count, &extra)) {
        Py_XDECREF(loaded);
        return end_of_exception();
    }
    *variables = count;
    give_rows(rows, row, user);
    take_extra(extra);
    Py_DECREF(loaded);
    return interrupt_was_raised() ? SESSION_INTERRUPTED : SESSION_DONE;
}
