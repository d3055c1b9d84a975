/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_copy.c: the Daytona family: copies of sandboxes, and what is known of their descent.
 *
 * A fork carries its parent's id as a label of the server's own, by which forks are found. */
#include "daytona_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daytona_object.h"
#include "daytona_rules.h"
#include "labels.h"
#include "pages.h"
#include "request.h"
#include "sandboxes.h"

enum { GENERATIONS_MAX = 64 };

/* ---- POST /sandbox/{idOrName}/fork ---- */

/* All labels of the parent's but that of its own parent, and one that names it. */
static const char **labels_of_fork(const clutch_sandbox_info *info, char **own)
{
    size_t count = 0, used = 0;
    while (info->labels != NULL && info->labels[count] != NULL)
        count++;
    const char **labels = calloc(count + 2, sizeof *labels);
    if (labels == NULL || asprintf(own, LABEL_PARENT "=%s", info->id) < 0) {
        free(labels);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        if (strncmp(info->labels[i], LABEL_PARENT "=", strlen(LABEL_PARENT "=")) != 0)
            labels[used++] = info->labels[i];
    labels[used] = *own;
    return labels;
}

static void fork_it(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info,
                    const char *name)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_sandbox *copy;
    char *own = NULL;
    const char **labels = labels_of_fork(info, &own);
    if (labels == NULL) {
        reply_error(request, 500, "no memory is left");
        return;
    }
    options.name = name;
    options.labels = labels;
    options.intervals = &info->intervals;
    if (sandboxes_clone(request, sandbox, &options, &copy)) {
        daytona_answer(request, copy);
        clutch_sandbox_release(copy);
    }
    free(labels);
    free(own);
}

/* Opens a sandbox that has to be started. Both are owned. */
static bool open_started(struct request *request, clutch_sandbox **sandbox, clutch_sandbox_info **info)
{
    if (!daytona_open(request, sandbox))
        return false;
    if (sandboxes_describe(request, *sandbox, info)) {
        if (rules_allow(request, *info, RULES_BIT(RUNNING), "Sandbox is not started"))
            return true;
        clutch_sandbox_info_free(*info);
    }
    clutch_sandbox_release(*sandbox);
    return false;
}

void daytona_fork(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    const char *name = NULL;
    json_t *body = request_json(request, true);
    if (body == NULL || !daytona_read_name(request, body, false, &name) ||
        !open_started(request, &sandbox, &info))
        return;
    fork_it(request, sandbox, info, name);
    clutch_sandbox_info_free(info);
    clutch_sandbox_release(sandbox);
}

/* ---- POST /sandbox/{idOrName}/snapshot ---- */

/* It always has the memory too, whatever includeMemory says: it is a copy of the process. */
void daytona_snapshot(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    clutch_error error;
    const char *name = NULL;
    json_t *body = request_json(request, false);
    if (body == NULL || !daytona_read_name(request, body, true, &name) ||
        !open_started(request, &sandbox, &info))
        return;
    clutch_sandbox_info_free(info);
    if (clutch_sandbox_snapshot(sandbox, name, &error) == 0)
        daytona_answer(request, sandbox);
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

/* ---- Descent ---- */

/* The first page of forks that live, which is owned; NULL when the reply is made. */
static clutch_sandbox_page *list_forks(struct request *request, const char *id, uint32_t limit,
                                       const char *cursor)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    clutch_sandbox_page *page = NULL;
    clutch_error error;
    char label[300];
    snprintf(label, sizeof label, LABEL_PARENT "=%s", id);
    const char *const labels[] = {label, NULL};
    options.owner = request_owner(request);
    options.labels = labels;
    options.order = CLUTCH_ORDER_CREATED;
    options.limit = limit;
    options.cursor = cursor;
    if (clutch_engine_list(request->server->engine, &options, &page, &error) < 0)
        reply_failure(request, &error);
    return page;
}

bool daytona_has_no_forks(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info)
{
    (void)sandbox;
    clutch_sandbox_page *page = list_forks(request, info->id, 1, NULL);
    if (page == NULL)
        return false;
    if (page->count > 0)
        reply_error(request, 400, "Sandbox has forks: delete them first");
    clutch_sandbox_page_free(page);
    return request->reply.status == 0;
}

void daytona_forks(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!daytona_open(request, &sandbox))
        return;
    json_t *items = json_array();
    clutch_sandbox_page *page = NULL, *before = NULL;
    do {
        page = list_forks(request, clutch_sandbox_id(sandbox), 200, page != NULL ? page->next_cursor : NULL);
        clutch_sandbox_page_free(before);
        for (size_t i = 0; page != NULL && i < page->count; i++)
            items = pages_append(items, daytona_object(request, page->sandboxes[i]));
        before = page;
    } while (page != NULL && page->next_cursor != NULL);
    clutch_sandbox_page_free(page);
    if (request->reply.status == 0)
        reply_json(request, 200, items);
    else
        json_decref(items);
    clutch_sandbox_release(sandbox);
}

/* Goes to the parent: *sandbox is released, and the parent, if there is one that lives, in its place. Its
 * object, or NULL. */
static json_t *go_up(struct request *request, clutch_sandbox **sandbox)
{
    const char *id = clutch_sandbox_label(*sandbox, LABEL_PARENT);
    clutch_sandbox *parent = NULL;
    clutch_sandbox_info *info;
    json_t *object = NULL;
    clutch_engine *engine = request->server->engine;
    if (id != NULL && clutch_sandbox_open(engine, request_owner(request), id, &parent, NULL) == 0 &&
        clutch_sandbox_describe(parent, &info, NULL) == 0) {
        object = daytona_object(request, info);
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(*sandbox);
    *sandbox = parent;
    return object;
}

void daytona_parent(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!daytona_open(request, &sandbox))
        return;
    json_t *object = go_up(request, &sandbox);
    if (object != NULL)
        reply_json(request, 200, object);
    else
        reply_error(request, 404, "Sandbox has no parent");
    clutch_sandbox_release(sandbox);
}

void daytona_ancestors(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!daytona_open(request, &sandbox))
        return;
    json_t *items = json_array(), *object;
    for (int i = 0; i < GENERATIONS_MAX && (object = go_up(request, &sandbox)) != NULL; i++)
        items = pages_append(items, object);
    reply_json(request, 200, items);
    clutch_sandbox_release(sandbox);
}
