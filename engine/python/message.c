/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: Python exceptions as one line for the host's errors. */
#include <Python.h>

#include "python/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void message_of_exception(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(out, size, format, arguments);
    va_end(arguments);
    if (used < 0 || (size_t)used >= size)
        used = (int)strlen(out);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    const char *shown = text ? PyUnicode_AsUTF8(text) : NULL;
    const char *name = type && PyType_Check(type) ? ((PyTypeObject *)type)->tp_name : "unknown";
    snprintf(out + used, size - (size_t)used, "%s: %s", name, shown ? shown : "");
    for (char *at = out; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
}
