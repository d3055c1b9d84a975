/* SPDX-License-Identifier: Apache-2.0 */
/* enter.c: the first steps of a forked child in Python.
 *
 * They run in every sandbox before it is ready, and each page of shared memory that they write to is copied:
 * that is most of what they cost. So what can be done once is done in the template (settle() in prelude.py),
 * and the rest here, with what it needs at hand, instead of in Python code, which counts references to
 * all it goes by. */
#include "python/enter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "python/interpreter.h"
#include "python/reseed.h"

static struct {
    PyObject *environ;     /* the dict of bytes behind os.environ */
    PyObject *path;        /* sys.path */
    PyObject *main_thread; /* threading's object */
    PyObject *seed;        /* of the random module's generator: the method in C, bound */
    PyObject *seed_numpy;  /* what to call where reseed.c does not know the place, else NULL */
} entrance;

bool enter_prepare(void)
{
    PyObject *found = PyObject_CallNoArgs(interpreter_prelude("entrance"));
    if (!found || !PyArg_ParseTuple(found, "O!O!OO|O", &PyDict_Type, &entrance.environ, &PyList_Type,
                                    &entrance.path, &entrance.main_thread, &entrance.seed,
                                    &entrance.seed_numpy))
        return false; /* the tuple is kept, and with it all of these */
    reseed_prepare();
    return true;
}

static bool set_variable(const char *item)
{
    const char *equals = strchr(item, '=');
    if (!equals)
        return true;
    PyObject *key = PyBytes_FromStringAndSize(item, equals - item);
    PyObject *value = PyBytes_FromString(equals + 1);
    bool fine = key && value && PyDict_SetItem(entrance.environ, key, value) == 0 &&
                setenv(PyBytes_AS_STRING(key), equals + 1, 1) == 0;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return fine;
}

/* What a fork must not share. */
static bool differ(void)
{
    PyObject *done = PyObject_CallNoArgs(entrance.seed);
    if (done && !reseed_numpy() && entrance.seed_numpy)
        Py_SETREF(done, PyObject_CallNoArgs(entrance.seed_numpy));
    PyObject *id = PyLong_FromLong(gettid());
    bool fine = done && id && PyObject_SetAttrString(entrance.main_thread, "_native_id", id) == 0;
    Py_XDECREF(done);
    Py_XDECREF(id);
    return fine;
}

/* A module's attribute that is there and not None. */
static bool has(const char *module_name, const char *attribute)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), module_name);
    PyObject *value = module ? PyObject_GetAttrString(module, attribute) : NULL;
    bool there = value && value != Py_None;
    Py_XDECREF(value);
    PyErr_Clear();
    return there;
}

void enter_copy(void)
{
    bool simple = !has("uuid", "_last_timestamp") && !has("uuid", "_node") &&
                  (!has("numpy.random.mtrand", "_rand") || reseed_is_untouched());
    PyObject *done;
    if (simple) {
        done = PyObject_CallNoArgs(entrance.seed);
        PyObject_SetAttrString(PyCFunction_GET_SELF(entrance.seed), "gauss_next", Py_None);
        reseed_numpy();
    } else {
        done = PyObject_CallNoArgs(interpreter_prelude("reseed"));
    }
    Py_XDECREF(done);
    PyErr_Clear();
}

bool enter(const char *const *env, size_t count, const char *workdir)
{
    bool fine = differ();
    for (size_t i = 0; fine && i < count; i++)
        fine = set_variable(env[i]);
    PyObject *folder = fine ? PyUnicode_DecodeFSDefault(workdir) : NULL;
    fine = folder && PyList_Insert(entrance.path, 0, folder) == 0;
    Py_XDECREF(folder);
    PyErr_Clear();
    PyGC_Enable();
    return fine;
}
