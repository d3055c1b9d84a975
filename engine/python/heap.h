/* SPDX-License-Identifier: Apache-2.0 */
/* heap.h: the template's heap, on few and large pages. */
#ifndef CLUTCH_PYTHON_HEAP_H
#define CLUTCH_PYTHON_HEAP_H

#include <stdbool.h>

/* Before Python is initialised: objects that live until the fork get one place. */
void heap_prepare(void);

/* When the template is warm, has one thread and the GIL, and will not run Python again nor fork for
 * itself: what it has allocated comes onto huge pages where the kernel makes them, and later objects go
 * elsewhere. */
void heap_settle(void);

/* In a sandbox that is to be copied often: what user code has split comes onto large pages again, which is
 * memory of its own then. The first begins; the second does one page each time, so that something else
 * may be done between, and is false when there is no more to do. It comes back to those that were busy. */
void heap_settle_again(void);
bool heap_settle_more(void);

#endif
