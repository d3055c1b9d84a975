/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt.c: raising KeyboardInterrupt in running user code.
 *
 * Signals and pending calls do not reach a subinterpreter; an asynchronous exception does. It is set
 * by another thread under the GIL and delivered between two bytecodes of the thread that runs user
 * code. A blocking call in that thread is ended by engine/worker/blocking.c. */
#include <Python.h>

#include "python/interrupt.h"

#include <stdatomic.h>

static PyThreadState *user_state;    /* of the thread that runs user code */
static unsigned long user_thread;    /* its ident, as PyThreadState_SetAsyncExc wants it */
static _Atomic uint64_t running;     /* serial of the execution, 0 when none; written under the GIL */
static _Atomic uint64_t begun_last;  /* the same, but it stays when the execution has ended */
static bool raised, reporting, late; /* guarded by the GIL */

void interrupt_prepare(void)
{
    user_state = PyThreadState_Get();
    user_thread = user_state->thread_id;
}

void interrupt_begin(uint64_t serial)
{
    raised = reporting = late = false;
    atomic_store(&begun_last, serial);
    atomic_store(&running, serial);
}

void interrupt_begin_aside(uint64_t serial)
{
    raised = reporting = late = false;
    atomic_store(&running, serial);
}

void interrupt_deliver(void)
{
    if (user_state->async_exc)
        PyThreadState_SetAsyncExc(user_thread, NULL);
}

void interrupt_end(void)
{
    atomic_store(&running, 0);
    /* One that came too late must not hit the engine's own work or the next execution. */
    interrupt_deliver();
}

void interrupt_report(void)
{
    reporting = true;
}

bool interrupt_was_raised(void)
{
    return raised;
}

bool interrupt_was_late(void)
{
    return late;
}

void interrupt_count_anew(void)
{
    atomic_store(&begun_last, 0);
}

uint64_t interrupt_serial(void)
{
    return atomic_load(&running);
}

uint64_t interrupt_last_serial(void)
{
    return atomic_load(&begun_last);
}

void interrupt_raise(uint64_t serial)
{
    if (!serial || atomic_load(&running) != serial)
        return;
    PyThreadState *state = PyThreadState_New(user_state->interp);
    if (!state)
        return;
    PyEval_RestoreThread(state);
    if (atomic_load(&running) == serial) {
        raised = true;
        late = late || reporting;
        PyThreadState_SetAsyncExc(user_thread, PyExc_KeyboardInterrupt);
    }
    PyThreadState_Clear(state);
    PyThreadState_DeleteCurrent();
}

bool interrupt_pending(void)
{
    /* A racy read of a pointer, used as a hint: whoever asks will ask again. */
    return user_state && __atomic_load_n(&user_state->async_exc, __ATOMIC_RELAXED) != NULL;
}

struct _ts *interrupt_current_state(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return PyThreadState_GetUnchecked();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

bool interrupt_may_give_up_lock(void)
{
    return interrupt_current_state() != user_state;
}
