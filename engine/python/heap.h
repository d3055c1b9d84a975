/* SPDX-License-Identifier: Apache-2.0 */
/* heap.h: the template's heap, on few and large pages. */
#ifndef CLUTCH_PYTHON_HEAP_H
#define CLUTCH_PYTHON_HEAP_H

/* Before Python is initialised: objects that live until the fork get one place. */
void heap_prepare(void);

/* When the template is warm, has one thread and the GIL, and will not run Python again nor fork for
 * itself: what it has allocated comes onto huge pages where the kernel makes them, and later objects go
 * elsewhere. */
void heap_settle(void);

#endif
