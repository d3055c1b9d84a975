/* SPDX-License-Identifier: Apache-2.0 */
/* contexts.c: the Daytona family's interpreter contexts. */
#include "contexts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"
#include "pages.h"
#include "request.h"
#include "sandboxes.h"
#include "toolbox.h"

enum { CONTEXTS_MAX = 32, KEPT_S = 86400 };

#define DEFAULT_CONTEXT "default"

static const char *const is_context[] = {LABEL_HELPER "=context", NULL};

/* ---- What a context is ---- */

static const char *folder_of(const clutch_sandbox_info *info)
{
    return labels_find(info->labels, LABEL_CONTEXT);
}

static json_t *object_of(const clutch_sandbox_info *info)
{
    return json_pack("{s:s,s:s,s:o,s:b,s:s}", "id", info->id, "cwd", folder_of(info), "createdAt",
                     reply_time(info->created_ms), "active", info->state == CLUTCH_STATE_RUNNING, "language",
                     "python");
}

static bool refuse(struct request *request, const char *id)
{
    reply_error(request, 404, "context '%s' not found", id);
    return false;
}

static bool open_context(struct request *request, const char *sandbox, const char *id, clutch_sandbox **out)
{
    char owner[TOOLBOX_OWNER];
    (void)toolbox_owner(request, sandbox, owner);
    if (clutch_sandbox_open(request->server->engine, owner, id, out, NULL) < 0)
        return refuse(request, id);
    if (clutch_sandbox_label(*out, LABEL_CONTEXT) != NULL)
        return true;
    clutch_sandbox_release(*out);
    return refuse(request, id);
}

/* All of a sandbox's, whatever other helpers it has; a page has room for more than there can be. */
static clutch_sandbox_page *all_of(struct request *request, const char *sandbox)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    clutch_sandbox_page *page = NULL;
    clutch_error error;
    char owner[TOOLBOX_OWNER];
    options.owner = toolbox_owner(request, sandbox, owner);
    options.labels = is_context;
    options.order = CLUTCH_ORDER_CREATED;
    options.ascending = true;
    options.limit = 200;
    if (clutch_engine_list(request->server->engine, &options, &page, &error) < 0)
        reply_failure(request, &error);
    return page;
}

/* ---- The folder ---- */

/* Goes there; in the sandbox, which knows best what it may. */
static bool enter_folder(struct request *request, clutch_sandbox *context, const char *folder)
{
    clutch_execute_options options = CLUTCH_EXECUTE_OPTIONS_INIT;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_result *result;
    clutch_error error = {.code = CLUTCH_E_MEMORY};
    char *code = toolbox_code("__import__('os').chdir(", folder, ")");
    limits.wall_ms = 5000;
    options.limits = &limits;
    options.source = "context";
    int failure = code != NULL ? clutch_sandbox_run(context, code, strlen(code), &options, &result, &error)
                               : CLUTCH_E_MEMORY;
    free(code);
    if (failure < 0) {
        reply_failure(request, &error);
        return false;
    }
    bool fine = result->outcome == CLUTCH_OUTCOME_OK;
    if (!fine)
        reply_error(request, 400, "cwd: the context cannot go there: %s", result->error);
    clutch_result_free(result);
    return fine;
}

/* ---- POST /toolbox/{id}/process/interpreter/context ---- */

static bool read_body(struct request *request, const char **folder)
{
    json_t *body = request_json(request, true);
    if (body == NULL)
        return false;
    const json_t *cwd = json_object_get(body, "cwd"), *language = json_object_get(body, "language");
    if (language != NULL && !json_is_null(language) &&
        (!json_is_string(language) || strcmp(json_string_value(language), "python") != 0)) {
        reply_error(request, 400, "language must be python");
        return false;
    }
    *folder = json_string_value(cwd);
    if (cwd == NULL || json_is_null(cwd) ||
        (*folder != NULL && json_string_length(cwd) < 4096 && strlen(*folder) == json_string_length(cwd)))
        return true;
    reply_error(request, 400, "cwd must be the path of a folder");
    return false;
}

/* Idle for as long as the sandbox may be, its variables are saved until it is used again, a day at most. */
static bool make(struct request *request, clutch_sandbox *sandbox, const char *folder, clutch_sandbox **out)
{
    clutch_intervals intervals = CLUTCH_INTERVALS_INIT;
    clutch_sandbox_info *info;
    char *label = NULL;
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    intervals.auto_stop_s = info->intervals.auto_stop_s;
    intervals.auto_delete_s = KEPT_S;
    clutch_sandbox_info_free(info);
    const char *cwd = folder != NULL ? folder : clutch_sandbox_workdir(sandbox);
    if (asprintf(&label, LABEL_CONTEXT "=%s", cwd) < 0) {
        reply_error(request, 500, "no memory is left");
        return false;
    }
    const char *const labels[] = {is_context[0], label, NULL};
    bool fine = toolbox_help(request, sandbox, NULL, labels, &intervals, out);
    free(label);
    if (!fine || folder == NULL || enter_folder(request, *out, folder))
        return fine;
    clutch_sandbox_destroy(*out);
    return false;
}

static void create(struct request *request, clutch_sandbox *sandbox, const char *folder)
{
    clutch_sandbox *context;
    clutch_sandbox_info *info;
    clutch_sandbox_page *page = all_of(request, clutch_sandbox_id(sandbox));
    if (page == NULL)
        return;
    size_t count = page->count;
    clutch_sandbox_page_free(page);
    if (count >= CONTEXTS_MAX) {
        reply_error(request, 429, "a sandbox has at most %d contexts: delete some", CONTEXTS_MAX);
        return;
    }
    if (!make(request, sandbox, folder, &context))
        return;
    if (sandboxes_describe(request, context, &info)) {
        reply_json(request, 200, object_of(info));
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(context);
}

void contexts_create(struct request *request)
{
    clutch_sandbox *sandbox;
    const char *folder;
    if (!read_body(request, &folder) || !toolbox_open(request, &sandbox))
        return;
    create(request, sandbox, folder);
    clutch_sandbox_release(sandbox);
}

/* ---- GET, DELETE ---- */

void contexts_list(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!toolbox_open(request, &sandbox))
        return;
    clutch_sandbox_page *page = all_of(request, clutch_sandbox_id(sandbox));
    json_t *items = json_array();
    for (size_t i = 0; page != NULL && i < page->count; i++)
        items = pages_append(items, object_of(page->sandboxes[i]));
    if (page != NULL)
        reply_json(request, 200, json_pack("{s:o}", "contexts", items));
    clutch_sandbox_page_free(page);
    clutch_sandbox_release(sandbox);
}

void contexts_delete(struct request *request)
{
    clutch_sandbox *sandbox, *context;
    clutch_error error;
    const char *id = request_parameter(request, 1);
    if (!toolbox_open(request, &sandbox))
        return;
    if (strcmp(id, DEFAULT_CONTEXT) == 0) {
        reply_error(request, 400, "the default context cannot be deleted");
    } else if (open_context(request, clutch_sandbox_id(sandbox), id, &context)) {
        if (clutch_sandbox_delete(context, &error) < 0)
            reply_failure(request, &error);
        else
            reply_json(request, 200, json_pack("{s:s}", "message", "Context deleted successfully"));
        clutch_sandbox_release(context);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- For the interpreter ---- */

bool contexts_ready(struct request *request, const char *sandbox, const char *id)
{
    clutch_sandbox *context;
    clutch_sandbox_info *info;
    if (!open_context(request, sandbox, id, &context))
        return false;
    bool fine = sandboxes_describe(request, context, &info);
    if (fine) {
        if (info->state != CLUTCH_STATE_RUNNING)
            fine = sandboxes_start(request, context) && enter_folder(request, context, folder_of(info));
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(context);
    return fine;
}
