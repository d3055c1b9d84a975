/* SPDX-License-Identifier: Apache-2.0 */
/* reseed.c: numpy's global random state, made anew in a few microseconds.
 *
 * numpy.random.seed() without an argument does it through a dozen objects and writes to some hundred
 * kilobytes of shared memory, in every sandbox. All that changes by it is the Mersenne Twister's state
 * behind the bit generator's capsule (numpy/random/bitgen.h is its public form): 624 words and a position.
 * That they are where they are taken to be is checked once, against what numpy itself says they are. */
#include "python/reseed.h"

#include <Python.h>

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

enum { WORDS = 624 };

struct twister {
    uint32_t key[WORDS];
    int position;
};

static struct twister *twister;

/* What this process made of it last. */
static uint32_t made_of_it[4];

static PyObject *global_generator(void)
{
    PyObject *module = PyDict_GetItemString(PyImport_GetModuleDict(), "numpy.random.mtrand");
    return module ? PyObject_GetAttrString(module, "_rand") : NULL;
}

/* bitgen_t begins with the pointer to the state. */
static struct twister *state_of(PyObject *generator)
{
    PyObject *bits = PyObject_GetAttrString(generator, "_bit_generator");
    PyObject *capsule = bits ? PyObject_GetAttrString(bits, "capsule") : NULL;
    void **bitgen = capsule ? PyCapsule_GetPointer(capsule, "BitGenerator") : NULL;
    struct twister *state = bitgen ? *bitgen : NULL;
    Py_XDECREF(bits);
    Py_XDECREF(capsule);
    return state;
}

/* get_state() is ("MT19937", the key as an array, position, ..). */
static bool is_as_numpy_says(PyObject *generator, const struct twister *state)
{
    PyObject *said = PyObject_CallMethod(generator, "get_state", NULL);
    bool same = false;
    Py_buffer key = {0};
    if (said && PyTuple_Check(said) && PyTuple_GET_SIZE(said) >= 3 &&
        PyObject_GetBuffer(PyTuple_GET_ITEM(said, 1), &key, PyBUF_SIMPLE) == 0) {
        same = key.len == (Py_ssize_t)sizeof state->key &&
               memcmp(key.buf, state->key, sizeof state->key) == 0 &&
               PyLong_AsLong(PyTuple_GET_ITEM(said, 2)) == state->position;
        PyBuffer_Release(&key);
    }
    Py_XDECREF(said);
    return same;
}

void reseed_prepare(void)
{
    PyObject *generator = global_generator();
    struct twister *state = generator ? state_of(generator) : NULL;
    if (state && is_as_numpy_says(generator, state))
        twister = state;
    Py_XDECREF(generator);
    PyErr_Clear();
}

/* The first word counts with its highest bit alone; a state of zeros only would stay so. */
bool reseed_numpy(void)
{
    if (!twister || getrandom(twister->key, sizeof twister->key, 0) != (ssize_t)sizeof twister->key)
        return false;
    twister->key[0] = UINT32_C(1) << 31;
    twister->position = WORDS;
    memcpy(made_of_it, twister->key + 1, sizeof made_of_it);
    return true;
}

/* Drawing from it or setting it changes these words; so does what keeps half a draw for the next. */
bool reseed_is_untouched(void)
{
    PyObject *generator = twister ? global_generator() : NULL;
    bool untouched = generator && state_of(generator) == twister && twister->position == WORDS &&
                     memcmp(made_of_it, twister->key + 1, sizeof made_of_it) == 0;
    Py_XDECREF(generator);
    PyErr_Clear();
    return untouched;
}
