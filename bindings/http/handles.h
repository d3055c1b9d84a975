/* SPDX-License-Identifier: Apache-2.0 */
/* handles.h: sandboxes that code runs in, kept open, each with the runs that wait for it. The loop only. */
#ifndef HTTP_HANDLES_H
#define HTTP_HANDLES_H

#include <stddef.h>

#include "clutch.h"

struct run;

struct handle {
    clutch_sandbox *sandbox;
    struct run *running;
    struct run *first, **last; /* waiting */
    size_t waiting;
    unsigned uses;
    bool forgotten;
    struct handle *newer, *older; /* among those that nobody uses */
};

struct handles;
struct census;

struct handles *handles_new(void); /* NULL when memory runs out */

/* None may be in use. NULL is allowed. */
void handles_free(struct handles *handles);

/* By id; NULL when it is not open, or of another owner. Each result is in use until handles_leave. */
struct handle *handles_use(struct handles *handles, const char *owner, const char *id);

/* The sandbox is moved, and given back when there is a handle of it already. NULL when memory runs out. */
struct handle *handles_add(struct handles *handles, clutch_sandbox *sandbox);

void handles_leave(struct handles *handles, struct handle *handle);

/* It is not found any more, and ends when nobody uses it. */
void handles_forget(struct handles *handles, struct handle *handle);

/* The same by id, if it is open: the sandbox will not be used again. */
void handles_drop(struct handles *handles, const char *owner, const char *id);

/* Closes what nobody uses and leads to a sandbox that does not run: it would keep descriptors. */
void handles_sweep(struct handles *handles, struct census *census);

#endif
