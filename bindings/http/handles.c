/* SPDX-License-Identifier: Apache-2.0 */
/* handles.c: sandboxes that code runs in, kept open. */
#include "handles.h"

#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "table.h"

enum { UNUSED_MAX = 1024 };

struct handles {
    struct table open; /* by id */
    struct handle *newest, *oldest;
    size_t unused;
};

struct handles *handles_new(void)
{
    return calloc(1, sizeof(struct handles));
}

static void put_aside(struct handles *handles, struct handle *handle)
{
    handle->newer = NULL;
    handle->older = handles->newest;
    *(handles->newest != NULL ? &handles->newest->newer : &handles->oldest) = handle;
    handles->newest = handle;
    handles->unused++;
}

static void take_back(struct handles *handles, struct handle *handle)
{
    *(handle->newer != NULL ? &handle->newer->older : &handles->newest) = handle->older;
    *(handle->older != NULL ? &handle->older->newer : &handles->oldest) = handle->newer;
    handles->unused--;
}

static void end(struct handle *handle)
{
    clutch_sandbox_release(handle->sandbox);
    free(handle);
}

void handles_free(struct handles *handles)
{
    if (handles == NULL)
        return;
    while (handles->newest != NULL) {
        struct handle *handle = handles->newest;
        take_back(handles, handle);
        end(handle);
    }
    table_clear(&handles->open);
    free(handles);
}

static void close_unused(struct handles *handles, struct handle *handle)
{
    take_back(handles, handle);
    (void)table_take(&handles->open, clutch_sandbox_id(handle->sandbox));
    end(handle);
}

static struct handle *use(struct handles *handles, struct handle *handle)
{
    if (handle->uses++ == 0)
        take_back(handles, handle);
    return handle;
}

struct handle *handles_use(struct handles *handles, const char *owner, const char *id)
{
    struct handle *handle = table_find(&handles->open, id);
    if (handle == NULL || strcmp(clutch_sandbox_owner(handle->sandbox), owner) != 0)
        return NULL;
    return use(handles, handle);
}

struct handle *handles_add(struct handles *handles, clutch_sandbox *sandbox)
{
    const char *id = clutch_sandbox_id(sandbox);
    struct handle *handle = table_find(&handles->open, id);
    if (handle != NULL) {
        clutch_sandbox_release(sandbox);
        return use(handles, handle);
    }
    handle = calloc(1, sizeof *handle);
    if (handle == NULL || !table_put(&handles->open, id, handle)) {
        free(handle);
        clutch_sandbox_release(sandbox);
        return NULL;
    }
    handle->sandbox = sandbox;
    handle->last = &handle->first;
    handle->uses = 1;
    return handle;
}

void handles_leave(struct handles *handles, struct handle *handle)
{
    if (--handle->uses > 0)
        return;
    if (handle->forgotten) {
        end(handle);
        return;
    }
    put_aside(handles, handle);
    if (handles->unused > UNUSED_MAX)
        close_unused(handles, handles->oldest);
}

void handles_sweep(struct handles *handles, struct census *census)
{
    for (struct handle *handle = handles->newest, *older; handle != NULL; handle = older) {
        older = handle->older;
        if (!census_runs(census, clutch_sandbox_id(handle->sandbox)))
            close_unused(handles, handle);
    }
}

void handles_forget(struct handles *handles, struct handle *handle)
{
    if (handle->forgotten)
        return;
    handle->forgotten = true;
    (void)table_take(&handles->open, clutch_sandbox_id(handle->sandbox));
}

void handles_drop(struct handles *handles, const char *owner, const char *id)
{
    struct handle *handle = handles_use(handles, owner, id);
    if (handle == NULL)
        return;
    handles_forget(handles, handle);
    handles_leave(handles, handle);
}
