/* SPDX-License-Identifier: Apache-2.0 */
/* pristine.c: entries of dictionaries that every execution finds as they were. */
#include "python/pristine.h"

enum { ENTRIES = 512 }; /* there are some 160 builtins */

static struct {
    PyObject *dictionary, *name, *value;
} entries[ENTRIES];
static size_t entry_count;

static bool keep(PyObject *dictionary, PyObject *name, PyObject *value)
{
    if (entry_count == ENTRIES) {
        PyErr_SetString(PyExc_MemoryError, "ENTRIES is too small");
        return false;
    }
    entries[entry_count].dictionary = dictionary;
    entries[entry_count].name = Py_NewRef(name);
    entries[entry_count].value = Py_NewRef(value);
    entry_count++;
    return true;
}

bool pristine_keep(PyObject *dictionary, const char *name, PyObject *value)
{
    PyObject *key = PyUnicode_InternFromString(name);
    bool kept = key && keep(dictionary, key, value);
    Py_XDECREF(key);
    return kept;
}

static bool is_kept(const PyObject *dictionary, PyObject *name)
{
    for (size_t i = 0; i < entry_count; i++)
        if (entries[i].dictionary == dictionary && PyUnicode_Compare(entries[i].name, name) == 0)
            return true;
    return false;
}

bool pristine_keep_all(PyObject *dictionary)
{
    PyObject *name, *value;
    for (Py_ssize_t at = 0; PyDict_Next(dictionary, &at, &name, &value);)
        if (!is_kept(dictionary, name) && !keep(dictionary, name, value))
            return false;
    return true;
}

void pristine_restore(void)
{
    for (size_t i = 0; i < entry_count; i++)
        if (PyDict_GetItemWithError(entries[i].dictionary, entries[i].name) != entries[i].value)
            PyDict_SetItem(entries[i].dictionary, entries[i].name, entries[i].value);
    PyErr_Clear();
}
