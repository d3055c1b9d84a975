/* SPDX-License-Identifier: Apache-2.0 */
/* pristine.c: entries of dictionaries that every execution finds as they were. */
#include "python/pristine.h"

enum { ENTRIES = 16 };

static struct {
    PyObject *dictionary, *name, *value;
} entries[ENTRIES];
static size_t entry_count;

bool pristine_keep(PyObject *dictionary, const char *name, PyObject *value)
{
    PyObject *key = PyUnicode_InternFromString(name);
    if (!key)
        return false;
    if (entry_count == ENTRIES) {
        Py_DECREF(key);
        PyErr_SetString(PyExc_MemoryError, "ENTRIES is too small");
        return false;
    }
    entries[entry_count].dictionary = dictionary;
    entries[entry_count].name = key;
    entries[entry_count].value = Py_NewRef(value);
    entry_count++;
    return true;
}

void pristine_restore(void)
{
    for (size_t i = 0; i < entry_count; i++)
        if (PyDict_GetItemWithError(entries[i].dictionary, entries[i].name) != entries[i].value)
            PyDict_SetItem(entries[i].dictionary, entries[i].name, entries[i].value);
    PyErr_Clear();
}
