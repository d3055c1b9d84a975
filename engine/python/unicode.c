/* SPDX-License-Identifier: Apache-2.0 */
/* unicode.c: Python strings as UTF-8. */
#include "python/unicode.h"

#include <string.h>

#include "base/text.h"

/* The slow way, for text with lone surrogates: a copy in which they are replaced. */
static PyObject *without_surrogates(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    Py_UCS4 *copy = PyUnicode_AsUCS4Copy(text);
    if (!copy)
        return NULL;
    for (Py_ssize_t i = 0; i < length; i++)
        if (copy[i] >= 0xd800 && copy[i] <= 0xdfff)
            copy[i] = 0xfffd;
    PyObject *clean = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, copy, length);
    PyMem_Free(copy);
    return clean;
}

/* Not PyUnicode_AsUTF8: that keeps the encoded form in the string, which changes its size. */
static PyObject *encode(PyObject *text)
{
    PyObject *bytes = PyUnicode_AsUTF8String(text);
    if (bytes || !PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return bytes;
    PyErr_Clear();
    PyObject *clean = without_surrogates(text);
    bytes = clean ? PyUnicode_AsUTF8String(clean) : NULL;
    Py_XDECREF(clean);
    return bytes;
}

bool unicode_append(struct buf *out, PyObject *text)
{
    return unicode_append_cut(out, text, SIZE_MAX);
}

bool unicode_append_cut(struct buf *out, PyObject *text, size_t maximum)
{
    if (PyUnicode_IS_ASCII(text)) {
        size_t length = (size_t)PyUnicode_GET_LENGTH(text);
        return buf_append(out, PyUnicode_1BYTE_DATA(text), length < maximum ? length : maximum);
    }
    PyObject *bytes = encode(text);
    if (!bytes)
        return false;
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    const char *data = PyBytes_AS_STRING(bytes);
    bool fine = buf_append(out, data, text_cut(data, length, maximum));
    Py_DECREF(bytes);
    return fine;
}

bool unicode_append_string(struct buf *out, PyObject *text, size_t maximum)
{
    size_t start = out->length;
    if (!unicode_append_cut(out, text, maximum))
        return false;
    if (out->length == start || !memchr(out->data + start, 0, out->length - start))
        return true;
    struct buf clean = {0};
    for (size_t at = start; at < out->length; at++)
        buf_append(&clean, out->data[at] ? (char *)&out->data[at] : "\xef\xbf\xbd", out->data[at] ? 1 : 3);
    out->length = start;
    const char *data = (const char *)clean.data;
    bool fine = !clean.failed && buf_append(out, data, text_cut(data, clean.length, maximum));
    buf_free(&clean);
    return fine;
}
