/* SPDX-License-Identifier: Apache-2.0 */
/* dataframe_pandas.c: finds pandas' types once, and reads attributes past user code's overrides. */
#include "python/dataframe_pandas.h"

#include "python/dataframe_array.h"

static struct dataframe_pandas pandas;
static bool names_ready, types_ready;

static bool intern_names(void)
{
#define NAME(field, name)                                                                  \
    if (!pandas.names.field && !(pandas.names.field = PyUnicode_InternFromString(name))) \
        return false;
    DATAFRAME_PANDAS_NAMES(NAME)
#undef NAME
    return true;
}

/* A new reference out of an imported module's dict. Never imports: that could run user code. */
static PyObject *find(const char *module_name, const char *name)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *module = modules ? PyDict_GetItemString(modules, module_name) : NULL;
    if (!module || !PyModule_Check(module))
        return NULL;
    return Py_XNewRef(PyDict_GetItemString(PyModule_GetDict(module), name));
}

static PyTypeObject *find_type(const char *module_name, const char *name)
{
    PyObject *found = find(module_name, name);
    if (found && !PyType_Check(found))
        Py_CLEAR(found);
    return (PyTypeObject *)found;
}

static PyObject *find_descriptor(PyTypeObject *type, PyObject *name)
{
    PyObject *found = PyObject_GetAttr((PyObject *)type, name);
    if (found && Py_TYPE(found)->tp_descr_get)
        return found;
    PyErr_Clear();
    Py_XDECREF(found);
    return NULL;
}

/* Before pandas 2 its name was value. */
static PyObject *find_value(PyTypeObject *type)
{
    PyObject *found = type ? find_descriptor(type, pandas.names.own_value) : NULL;
    return found || !type ? found : find_descriptor(type, pandas.names.value);
}

/* The types stay referenced as long as the process lives; so do the modules they are of. */
static bool find_types(void)
{
#define TYPE(field, module, name, needed)       \
    if (!pandas.field)                          \
        pandas.field = find_type(module, name); \
    if (needed && !pandas.field)                \
        return false;
    DATAFRAME_PANDAS_TYPES(TYPE)
#undef TYPE
    pandas.decimal_hash = pandas.decimal ? pandas.decimal->tp_hash : NULL;
    pandas.objects_size = find("pandas._libs.lib", "memory_usage_of_objects");
    pandas.array_empty = find("numpy", "empty");
    pandas.arrow_buffer = find("pyarrow.lib", "allocate_buffer");
    pandas.timestamp_value = find_value(pandas.timestamp);
    pandas.timedelta_value = find_value(pandas.timedelta);
    pandas.array_struct = find_descriptor(pandas.ndarray, pandas.names.array_struct);
    pandas.array_dtype = find_descriptor(pandas.ndarray, pandas.names.dtype);
    return pandas.array_struct && pandas.array_dtype;
}

const struct dataframe_pandas *dataframe_pandas_get(void)
{
    if (types_ready)
        return &pandas;
    if (!names_ready)
        names_ready = intern_names();
    types_ready = names_ready && find_types();
    PyErr_Clear();
    return types_ready ? &pandas : NULL;
}

PyObject *dataframe_pandas_read(PyObject *object, PyObject *name)
{
    PyObject *found = PyObject_GenericGetAttr(object, name);
    if (!found)
        PyErr_Clear();
    return found;
}

PyObject *dataframe_pandas_read_own(PyObject *object, PyObject *name)
{
    DATAFRAME_HELD PyObject *own = PyObject_GenericGetDict(object, NULL);
    PyObject *found = NULL;
    if (own && PyDict_Check(own))
        found = PyDict_GetItemWithError(own, name);
    Py_XINCREF(found);
    PyErr_Clear();
    return found;
}

bool dataframe_pandas_parts_get(PyObject *frame, struct dataframe_pandas_parts *out)
{
    /* A plain DataFrame has no property in front; reading it so leaves its dict in short form. */
    DATAFRAME_HELD PyObject *manager =
        Py_TYPE(frame) == pandas.frame ? dataframe_pandas_read(frame, pandas.names.mgr)
                                       : dataframe_pandas_read_own(frame, pandas.names.mgr);
    *out = (struct dataframe_pandas_parts){0};
    DATAFRAME_HELD PyObject *axes =
        manager ? dataframe_pandas_read(manager, pandas.names.axes) : NULL;
    if (!axes || !PyList_Check(axes) || PyList_GET_SIZE(axes) != 2)
        return false;
    out->columns = Py_NewRef(PyList_GET_ITEM(axes, 0));
    out->index = Py_NewRef(PyList_GET_ITEM(axes, 1));
    if (dataframe_pandas_is(out->columns, pandas.index) &&
        dataframe_pandas_is(out->index, pandas.index)) {
        PyObject *blocks = Py_TYPE(manager) == pandas.manager
                               ? dataframe_pandas_read(manager, pandas.names.blocks)
                               : NULL;
        if (blocks && PyTuple_Check(blocks))
            out->blocks = blocks;
        else
            Py_XDECREF(blocks);
        return true;
    }
    dataframe_pandas_parts_release(out);
    return false;
}

void dataframe_pandas_parts_release(struct dataframe_pandas_parts *parts)
{
    Py_CLEAR(parts->blocks);
    Py_CLEAR(parts->columns);
    Py_CLEAR(parts->index);
}

/* Without calling pandas where the labels' array can be looked at: a RangeIndex's range, the codes
 * of a MultiIndex's first level, or the array. */
Py_ssize_t dataframe_pandas_length(PyObject *axis)
{
    DATAFRAME_HELD PyObject *labels = NULL;
    if (dataframe_pandas_is(axis, pandas.range_index)) {
        labels = dataframe_pandas_read(axis, pandas.names.range);
    } else if (dataframe_pandas_is(axis, pandas.multi_index)) {
        DATAFRAME_HELD PyObject *codes = dataframe_pandas_read(axis, pandas.names.codes);
        if (codes && PyList_Check(codes) && PyList_GET_SIZE(codes) > 0)
            labels = Py_NewRef(PyList_GET_ITEM(codes, 0));
    } else {
        labels = dataframe_pandas_read(axis, pandas.names.data);
        if (labels && dataframe_pandas_is(labels, pandas.backed)) {
            PyObject *array = dataframe_pandas_read(labels, pandas.names.ndarray);
            if (array)
                Py_SETREF(labels, array);
        }
    }
    struct dataframe_array array;
    if (labels && dataframe_array_read(labels, &array))
        return array.shape[0];
    Py_ssize_t length = PyObject_Size(labels && PyRange_Check(labels) ? labels : axis);
    if (length < 0)
        PyErr_Clear();
    return length;
}
