/* SPDX-License-Identifier: Apache-2.0 */
/* inprocess.c: the subject inprocess: the same code by PyRun_String in a process of its own Python, with no
 * wall around it. What is printed is collected and taken, as the other subjects do. */
#include <Python.h>

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

enum { INTERRUPT_AFTER_US = 20000 };

static PyObject *globals, *take_output;

static void check(const void *made)
{
    if (!made) {
        PyErr_Print();
        measure_fail("the Python in this process raised an exception");
    }
}

static void start_python(const char *executable)
{
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    config.install_signal_handlers = 1;
    PyConfig_SetBytesString(&config, &config.executable, executable);
    PyConfig_SetBytesString(&config, &config.program_name, executable);
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        measure_fail(status.err_msg ? status.err_msg : "Python does not start");
    globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    check(PyRun_String("import io, sys\n"
                       "def take_output():\n"
                       "    text = sys.stdout.getvalue()\n"
                       "    sys.stdout.seek(0)\n"
                       "    sys.stdout.truncate()\n"
                       "    return text\n"
                       "sys.stdout = io.StringIO()\n",
                       Py_file_input, globals, globals));
    take_output = PyDict_GetItemString(globals, "take_output");
}

/* Returns whether it ended without an exception. */
static bool run(const char *code)
{
    PyObject *done = PyRun_String(code, Py_file_input, globals, globals);
    bool fine = done != NULL;
    Py_XDECREF(done);
    if (!fine && !PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        check(NULL);
    PyErr_Clear();
    PyObject *text = PyObject_CallNoArgs(take_output);
    check(text);
    Py_ssize_t length;
    check(PyUnicode_AsUTF8AndSize(text, &length));
    Py_DECREF(text);
    return fine;
}

static void prepare(const char *name)
{
    static const char *done[16];
    char before[64];
    int i = 0;
    for (; i < 15 && done[i]; i++)
        if (strcmp(done[i], name) == 0)
            return;
    done[i] = strdup(name);
    snprintf(before, sizeof before, "%s-before", name);
    char *code = measure_work(before);
    if (code)
        run(code);
    free(code);
}

static void execute(const char *name, unsigned count)
{
    prepare(name);
    char *code = measure_work(name);
    for (unsigned i = 0; i < count; i++) {
        double started = measure_now_us();
        run(code);
        measure_add(name, measure_now_us() - started);
    }
    free(code);
}

/* One process, one lock: as many threads as one likes make it no faster. */
static void rate(const char *name, unsigned milliseconds)
{
    double started = measure_now_us();
    unsigned long executions = 0;
    for (; measure_now_us() < started + 1e3 * milliseconds; executions++)
        run("x = 1");
    measure_add(name, (double)executions / (measure_now_us() - started) * 1e6);
}

static void *interrupt_later(void *moment)
{
    usleep(INTERRUPT_AFTER_US);
    *(double *)moment = measure_now_us();
    kill(getpid(), SIGINT);
    return NULL;
}

static void interrupt(const char *name, unsigned count)
{
    char *code = measure_work(name);
    for (unsigned i = 0; i < count; i++) {
        double moment;
        pthread_t other;
        if (pthread_create(&other, NULL, interrupt_later, &moment) != 0)
            measure_fail("no thread can be started");
        bool fine = run(code);
        double ended = measure_now_us();
        pthread_join(other, NULL);
        if (fine)
            measure_fail("the loop was not interrupted");
        measure_add(name, ended - moment);
    }
    free(code);
}

int main(int count, char **arguments)
{
    static const struct task tasks[] = {
        {"execute_warm", execute}, {"print_1", execute}, {"print_10000", execute}, {"output_1mib", execute},
        {"groupby_1m", execute}, {"list_100_dataframes", execute}, {"executions_per_s", rate},
        {"interrupt", interrupt}, {NULL, NULL},
    };
    if (count != 2)
        measure_fail("usage: bench-inprocess PYTHON");
    start_python(arguments[1]);
    return measure_serve(tasks);
}
