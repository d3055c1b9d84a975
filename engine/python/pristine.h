/* SPDX-License-Identifier: Apache-2.0 */
/* pristine.h: entries of dictionaries that every execution finds as they were. */
#ifndef CLUTCH_PYTHON_PRISTINE_H
#define CLUTCH_PYTHON_PRISTINE_H

#include <Python.h>

#include <stdbool.h>

/* In the template, GIL held: from the next pristine_restore on the dictionary, which stays alive, has this
 * value there. False with an exception set. */
bool pristine_keep(PyObject *dictionary, const char *name, PyObject *value);

/* The same for all that is in the dictionary now, but for what is kept there otherwise. */
bool pristine_keep_all(PyObject *dictionary);

/* Puts back those that are missing or another object; GIL held. Nothing is written where nothing has changed:
 * a page that is written to after a fork is copied. */
void pristine_restore(void);

#endif
