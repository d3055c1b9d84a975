/* SPDX-License-Identifier: Apache-2.0 */
/* interpreter.c: CPython in the template, and the one subinterpreter in which all user code runs.
 *
 * Theory of operation. numpy and pandas can live in one interpreter per process only, and it may be
 * any. Ours is a legacy subinterpreter, which shares the GIL and the allocator with the main one;
 * the main interpreter stays empty. Sandboxes are made by plain fork() without CPython's own fork
 * hooks, which end a process whose current interpreter is not the main one. What those hooks would
 * have mended is mended by interpreter_enter().
 *
 * On CPython 3.11 PyGILState_Ensure, which numpy calls for every floating point warning, finds the
 * thread state that was bound first to the calling OS thread. Were that the main interpreter's, it
 * would wait for the GIL that its own thread holds. So Python is initialised on a helper thread
 * that ends, and the main thread's first thread state is the subinterpreter's. */
#include "python/interpreter.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "python/enter.h"
#include "python/foreign.h"
#include "python/heap.h"
#include "python/message.h"
#include "python/refusal.h"

static const char prelude_source[] = {
#include "prelude.inc"
    , 0};

static PyThreadState *main_state; /* of the main interpreter, which stays empty */
static PyObject *prelude;         /* the prelude's globals; never freed */
static volatile bool in_sandbox;  /* the audit hook acts only there */

/* ---- Start ---- */

struct start {
    const char *executable;
    PyThreadState *main_state;
    char *message;
    size_t size;
    bool failed;
};

/* os.fork in a subinterpreter ends the child with a fatal error, so it is refused beforehand. Runs in
 * every interpreter; an audit hook cannot be removed by Python code. */
static int on_event(const char *event, PyObject *arguments, void *unused)
{
    (void)unused;
    if (!in_sandbox)
        return 0;
    refusal_look_at(event, arguments);
    if (strncmp(event, "os.fork", 7) != 0)
        return 0;
    PyObject *error = Py_BuildValue("(is)", 38 /* ENOSYS */,
                                    "fork is not available in a sandbox: use threads, or ask the "
                                    "host for another sandbox");
    if (error) {
        PyErr_SetObject(PyExc_OSError, error);
        Py_DECREF(error);
    }
    return -1;
}

static PyStatus configure(PyConfig *config, const char *executable)
{
    PyConfig_InitIsolatedConfig(config);
    config->install_signal_handlers = 0;
    config->site_import = 1;
    config->user_site_directory = 0;
    config->write_bytecode = 0;
    config->pathconfig_warnings = 0;
    config->buffered_stdio = 1;
    PyStatus status = PyConfig_SetBytesString(config, &config->executable, executable);
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(config, &config->program_name, executable);
    return status;
}

/* On the helper thread, which ends before any other Python thread exists. */
static void *initialise(void *argument)
{
    struct start *start = argument;
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&before);
    PyConfig config;
    if (!PyStatus_Exception(status)) {
        PySys_AddAuditHook(on_event, NULL);
        status = configure(&config, start->executable);
        if (!PyStatus_Exception(status))
            status = Py_InitializeFromConfig(&config);
        PyConfig_Clear(&config);
    }
    start->failed = PyStatus_Exception(status);
    if (start->failed)
        snprintf(start->message, start->size, "Python cannot start with %s: %s", start->executable,
                 status.err_msg ? status.err_msg : "it asked to exit");
    else
        start->main_state = PyEval_SaveThread();
    return NULL;
}

/* A virtual environment of another CPython version would fail later and obscurely. */
static enum interpreter_fault check_environment(const char *environment, char *message, size_t size)
{
    char path[4096];
    struct stat about;
    if (stat(environment, &about) != 0 || !S_ISDIR(about.st_mode)) {
        snprintf(message, size, "the environment %s is not a folder: give a virtual environment's "
                                "folder or a prefix such as /usr", environment);
        return INTERPRETER_BAD_ENVIRONMENT;
    }
    snprintf(path, sizeof path, "%s/bin/python3", environment);
    if (access(path, X_OK) != 0) {
        snprintf(message, size, "the environment %s has no bin/python3: give a virtual environment's "
                                "folder or a prefix such as /usr", environment);
        return INTERPRETER_BAD_ENVIRONMENT;
    }
    snprintf(path, sizeof path, "%s/pyvenv.cfg", environment);
    if (access(path, F_OK) != 0)
        return INTERPRETER_FINE;
    snprintf(path, sizeof path, "%s/lib/python%d.%d", environment, PY_MAJOR_VERSION,
             PY_MINOR_VERSION);
    if (stat(path, &about) == 0)
        return INTERPRETER_FINE;
    snprintf(message, size, "the environment %s is not one of Python %d.%d, which this worker runs: "
                            "make it with python%d.%d -m venv", environment, PY_MAJOR_VERSION,
             PY_MINOR_VERSION, PY_MAJOR_VERSION, PY_MINOR_VERSION);
    return INTERPRETER_BAD_ENVIRONMENT;
}

static void preload_numpy(void);

static bool run_prelude(void)
{
    prelude = PyDict_New();
    PyObject *code = Py_CompileString(prelude_source, "<clutch>", Py_file_input);
    PyObject *done = NULL;
    if (prelude && code && PyDict_SetItemString(prelude, "__builtins__", PyEval_GetBuiltins()) == 0)
        done = PyEval_EvalCode(code, prelude, prelude);
    Py_XDECREF(code);
    Py_XDECREF(done);
    return done != NULL;
}

enum interpreter_fault interpreter_start(const char *environment, char *message, size_t size)
{
    enum interpreter_fault fault = check_environment(environment, message, size);
    if (fault)
        return fault;
    char executable[4096];
    snprintf(executable, sizeof executable, "%s/bin/python3", environment);
    struct start start = {.executable = executable, .message = message, .size = size};
    heap_prepare();
    pthread_t helper;
    if (pthread_create(&helper, NULL, initialise, &start) != 0) {
        snprintf(message, size, "no thread can be started for Python's initialisation");
        return INTERPRETER_BAD_ENVIRONMENT;
    }
    pthread_join(helper, NULL);
    if (start.failed)
        return INTERPRETER_BAD_ENVIRONMENT;
    main_state = start.main_state;
    PyEval_RestoreThread(main_state);
    if (!Py_NewInterpreter()) {
        snprintf(message, size, "Python %s cannot make a subinterpreter", Py_GetVersion());
        return INTERPRETER_BAD_ENVIRONMENT;
    }
    foreign_threads_to(PyInterpreterState_Get());
    if (!run_prelude()) {
        message_of_exception(message, size, "the environment %s lacks what clutch needs: ",
                             environment);
        return INTERPRETER_BAD_ENVIRONMENT;
    }
    preload_numpy();
    return INTERPRETER_FINE;
}

PyObject *interpreter_prelude(const char *name)
{
    PyObject *function = PyDict_GetItemString(prelude, name);
    PyErr_Clear();
    return function;
}

/* ---- Preloads ---- */

/* From CPython 3.13 on (gh-117953) an extension's init function runs in the main interpreter first,
 * whoever imports it. Those that ask there for numpy's C interface, as one of pandas' does, would
 * import numpy a second time, which numpy refuses. So the main interpreter is shown the modules that
 * lead to the interface: a table of C functions, the same for all. No code runs there with them. */
static void show_numpy_to_main(void)
{
    PyObject *ours = PyImport_GetModuleDict(), *name, *module;
    PyThreadState *our_state = PyThreadState_Swap(main_state);
    PyObject *theirs = PyImport_GetModuleDict();
    Py_ssize_t at = 0;
    while (PyDict_Next(ours, &at, &name, &module)) {
        const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
        if (text && (strcmp(text, "numpy") == 0 || strncmp(text, "numpy.", 6) == 0))
            PyDict_SetItem(theirs, name, module);
    }
    PyErr_Clear();
    PyThreadState_Swap(our_state);
}

/* Therefore numpy comes first, and also when nothing is to be preloaded, if it is there at all. */
static void preload_numpy(void)
{
    if (PY_VERSION_HEX < 0x030d0000)
        return;
    PyObject *done = PyObject_CallFunction(interpreter_prelude("preload"), "s", "numpy");
    Py_XDECREF(done);
    PyErr_Clear();
    show_numpy_to_main();
}

enum interpreter_fault interpreter_preload(const char *module, char *message, size_t size)
{
    PyObject *done = PyObject_CallFunction(interpreter_prelude("preload"), "s", module);
    if (!done) {
        message_of_exception(message, size, "the module %s cannot be preloaded: ", module);
        return INTERPRETER_BAD_PRELOAD;
    }
    Py_DECREF(done);
    return INTERPRETER_FINE;
}

bool interpreter_settle(void)
{
    PyObject *done = PyObject_CallNoArgs(interpreter_prelude("settle"));
    bool fine = done && enter_prepare();
    Py_XDECREF(done);
    PyErr_Clear();
    return fine;
}

void interpreter_rehearse(int times)
{
    PyObject *done = PyObject_CallFunction(interpreter_prelude("rehearse"), "i", times);
    Py_XDECREF(done);
    PyErr_Clear();
}

void interpreter_module_version(const char *module, char *out, size_t size)
{
    out[0] = 0;
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *found = modules ? PyDict_GetItemString(modules, module) : NULL;
    PyObject *version = found ? PyObject_GetAttrString(found, "__version__") : NULL;
    const char *text = version && PyUnicode_Check(version) ? PyUnicode_AsUTF8(version) : NULL;
    if (text)
        snprintf(out, size, "%s", text);
    Py_XDECREF(version);
    PyErr_Clear();
}

void interpreter_paths(const char **out, size_t maximum)
{
    PyObject *list = PyObject_CallNoArgs(interpreter_prelude("paths"));
    Py_ssize_t count = list && PyList_Check(list) ? PyList_GET_SIZE(list) : 0;
    size_t taken = 0;
    for (Py_ssize_t i = 0; i < count && taken < maximum; i++) {
        PyObject *bytes = PyUnicode_EncodeFSDefault(PyList_GET_ITEM(list, i));
        char *copy = bytes ? strdup(PyBytes_AS_STRING(bytes)) : NULL;
        if (copy)
            out[taken++] = copy;
        Py_XDECREF(bytes);
    }
    out[taken] = NULL;
    Py_XDECREF(list);
    PyErr_Clear();
}

/* ---- In the sandbox ---- */

bool interpreter_enter(const char *const *env, size_t count, const char *workdir)
{
    in_sandbox = true;
    return enter(env, count, workdir);
}
