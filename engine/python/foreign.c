/* SPDX-License-Identifier: Apache-2.0 */
/* foreign.c: Python code on threads that C code has started.
 *
 * PyGILState_Ensure gives such a thread a state of the main interpreter, whose modules and caches are
 * not those of the objects that it is about to call: imports find an empty sys.modules, and CPython
 * 3.12 and later, where each interpreter numbers versions of its types, end in a segmentation fault.
 * pyarrow's pool calls the classes of extension types so, and ctypes callbacks run so. Which
 * interpreter it is has no public setter, so the runtime's own structure is written. */
#define Py_BUILD_CORE 1
#include "python/foreign.h"

#include <internal/pycore_runtime.h>

void foreign_threads_to(PyInterpreterState *interpreter)
{
    _PyRuntime.gilstate.autoInterpreterState = interpreter;
}
