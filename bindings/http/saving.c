/* SPDX-License-Identifier: Apache-2.0 */
/* saving.c: stops all sandboxes that run, on the pool's threads, so that their variables last. */
#include "saving.h"

#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "log.h"
#include "request.h"

struct item {
    struct job job;
    struct saving *saving;
    clutch_sandbox *sandbox;
    bool added;
};

struct saving {
    struct server *server;
    struct item *items;
    size_t count, room, left;
    uint32_t each_ms;
};

/* ---- One ---- */

static void stop(void *user)
{
    struct item *item = user;
    clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
    clutch_error error;
    options.timeout_ms = item->saving->each_ms;
    if (clutch_sandbox_stop(item->sandbox, &options, NULL, &error) < 0 && error.code != CLUTCH_E_NOT_FOUND)
        log_trouble(NULL, clutch_error_name(error.code), error.message);
    clutch_sandbox_release(item->sandbox);
}

static void stopped(void *user)
{
    struct item *item = user;
    item->saving->left--;
}

static bool add(struct saving *saving, const clutch_sandbox_info *info)
{
    if (saving->count == saving->room) {
        size_t room = 2 * saving->room + 64;
        struct item *items = realloc(saving->items, room * sizeof *items);
        if (items == NULL)
            return false;
        saving->items = items;
        saving->room = room;
    }
    struct item *item = &saving->items[saving->count];
    *item = (struct item){.job = {.work = stop, .done = stopped, .group = request_group(info->owner)}};
    if (clutch_sandbox_open(saving->server->engine, info->owner, info->id, &item->sandbox, NULL) == 0)
        saving->count++;
    return true;
}

/* ---- All ---- */

static bool collect(struct saving *saving, clutch_error *error)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    clutch_sandbox_page *page, *before = NULL;
    bool fine = true;
    options.states = 1u << CLUTCH_STATE_RUNNING | 1u << CLUTCH_STATE_PAUSED | 1u << CLUTCH_STATE_STOPPING;
    options.order = CLUTCH_ORDER_CREATED;
    options.limit = 200;
    *error = (clutch_error){.code = CLUTCH_E_MEMORY, .message = "no memory is left to save sandboxes"};
    do {
        int code = clutch_engine_list(saving->server->engine, &options, &page, error);
        clutch_sandbox_page_free(before);
        if (code < 0)
            return false;
        for (size_t i = 0; i < page->count && fine; i++)
            fine = add(saving, page->sandboxes[i]);
        options.cursor = page->next_cursor;
        before = page;
    } while (fine && page->next_cursor != NULL);
    clutch_sandbox_page_free(page);
    return fine;
}

struct saving *saving_begin(struct server *server, uint64_t each_ms)
{
    struct saving *saving = calloc(1, sizeof *saving);
    clutch_error error;
    if (saving == NULL)
        return NULL;
    saving->server = server;
    saving->each_ms = each_ms > 0 && each_ms <= UINT32_MAX ? (uint32_t)each_ms : 1;
    if (!collect(saving, &error)) /* then those are saved that were found */
        log_trouble(NULL, clutch_error_name(error.code), error.message);
    saving->left = saving->count;
    for (size_t i = 0; i < saving->count; i++) {
        saving->items[i].saving = saving;
        saving->items[i].job.user = &saving->items[i];
    }
    return saving;
}

size_t saving_left(struct saving *saving)
{
    uint64_t full = 0; /* a group that takes no more now */
    for (size_t i = 0; i < saving->count; i++) {
        struct item *item = &saving->items[i];
        if (item->added || item->job.group == full)
            continue;
        item->added = jobs_add(saving->server->jobs, &item->job);
        if (!item->added)
            full = item->job.group;
    }
    return saving->left;
}

void saving_free(struct saving *saving)
{
    if (saving == NULL)
        return;
    free(saving->items);
    free(saving);
}
