/* SPDX-License-Identifier: Apache-2.0 */
/* unicode.h: Python strings as UTF-8. */
#ifndef CLUTCH_PYTHON_UNICODE_H
#define CLUTCH_PYTHON_UNICODE_H

#include <Python.h>

#include <stdbool.h>

#include "base/buf.h"

/* Appends text, a str, as UTF-8; lone surrogates become U+FFFD. False when memory ran out, with or
 * without an exception set. GIL held; leaves the string as it is. */
bool unicode_append(struct buf *out, PyObject *text);

/* The same for at most maximum bytes, cut between two characters. */
bool unicode_append_cut(struct buf *out, PyObject *text, size_t maximum);

/* The same for a string that a NUL will end: those in it become U+FFFD. */
bool unicode_append_string(struct buf *out, PyObject *text, size_t maximum);

#endif
