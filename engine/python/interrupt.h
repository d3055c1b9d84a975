/* SPDX-License-Identifier: Apache-2.0 */
/* interrupt.h: raising KeyboardInterrupt in running user code. */
#ifndef CLUTCH_PYTHON_INTERRUPT_H
#define CLUTCH_PYTHON_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

/* On the thread that runs user code, GIL held, once in a sandbox. */
void interrupt_prepare(void);

/* Same thread, GIL held: user code of this execution begins, and ends. */
void interrupt_begin(uint64_t serial);
void interrupt_end(void);

/* The same for what is no execution; interrupt_last_serial does not tell of it. */
void interrupt_begin_aside(uint64_t serial);

/* Same thread, GIL held: the caller acts on the interrupt that waits, so it is not raised any more. */
void interrupt_deliver(void);

/* Same thread, GIL held: user code has ended, what follows is the engine's look at what it left. */
void interrupt_report(void);

/* Whether an interrupt was raised in the execution that runs or ran last; and whether that was after
 * interrupt_report. Same thread. */
bool interrupt_was_raised(void);
bool interrupt_was_late(void);

/* The execution that runs now, 0 when none does. Any thread. */
uint64_t interrupt_serial(void);

/* The execution that began last, whether it still runs or not. Any thread. */
uint64_t interrupt_last_serial(void);

/* The next execution has serial 1 whatever has run here before. No other thread may run. */
void interrupt_count_anew(void);

/* On any other thread, without the GIL: raises KeyboardInterrupt in the execution if it still runs.
 * Waits for the GIL, so for C code that does not release it. */
void interrupt_raise(uint64_t serial);

/* Whether an interrupt waits to be delivered: then a blocking call on the main thread has to return.
 * Any thread, without the GIL. */
bool interrupt_pending(void);

/* Whether the calling thread, which runs user code, waits without the GIL: then it is Python code that
 * waits for a lock, and not CPython itself. */
bool interrupt_may_give_up_lock(void);

/* The thread state that holds the GIL, on 3.12 and later only if it is the calling thread's; NULL or
 * another one when the calling thread does not hold it. Any thread. */
struct _ts *interrupt_current_state(void);

#endif
