/* SPDX-License-Identifier: Apache-2.0 */
/* heap.h: the template's heap, on few and large pages. */
#ifndef CLUTCH_PYTHON_HEAP_H
#define CLUTCH_PYTHON_HEAP_H

/* Before Python is initialised: objects that live until the fork get one place. */
void heap_prepare(void);

/* When the template is warm and has one thread: what it has allocated comes onto huge pages where the
 * kernel makes them, and later objects go elsewhere. */
void heap_settle(void);

#endif
