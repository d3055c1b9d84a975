/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox.c: what the Daytona family's toolbox has in common. */
#include "toolbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "daytona_object.h"
#include "daytona_rules.h"
#include "labels.h"
#include "request.h"
#include "sandboxes.h"

/* ---- The sandbox ---- */

/* It was not stopped: that would have gone by way of another state. */
static bool has_died(clutch_sandbox *sandbox)
{
    clutch_change_page *page;
    if (clutch_sandbox_changes(sandbox, 1, NULL, &page, NULL) < 0)
        return false;
    bool died = page->count > 0 && page->changes[0].to == CLUTCH_STATE_STOPPED &&
                page->changes[0].from == CLUTCH_STATE_RUNNING;
    clutch_change_page_free(page);
    return died;
}

static bool make_ready(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    bool died = info->state == CLUTCH_STATE_STOPPED && has_died(sandbox);
    bool fine = died || rules_allow(request, info, RULES_BIT(RUNNING), "Sandbox is not started");
    clutch_sandbox_info_free(info);
    return fine && (!died || sandboxes_start(request, sandbox));
}

bool toolbox_open(struct request *request, clutch_sandbox **sandbox)
{
    if (!daytona_open(request, sandbox))
        return false;
    if (make_ready(request, *sandbox))
        return true;
    clutch_sandbox_release(*sandbox);
    return false;
}

/* ---- Helpers ---- */

const char *toolbox_owner(const struct request *request, const char *id, char owner[TOOLBOX_OWNER])
{
    snprintf(owner, TOOLBOX_OWNER, "%s %s", request_owner(request), id);
    return owner;
}

/* What the sandbox was created with, and more. */
static char **environment_of(struct request *request, const clutch_sandbox_info *info, const json_t *envs)
{
    const char *text = labels_find(info->labels, LABEL_ENV);
    json_t *all = text != NULL ? json_loads(text, 0, NULL) : NULL;
    if (all == NULL)
        all = json_object();
    if (envs != NULL)
        (void)json_object_update(all, (json_t *)envs);
    char **environment = labels_read(request, all, NULL);
    json_decref(all);
    return environment;
}

/* A snapshot's sandbox has the network of the one that the snapshot was taken of, which is not known here: it
 * counts as blocked unless its creation said that it is not. */
static bool is_blocked(const clutch_sandbox_info *info)
{
    const char *text = labels_find(info->labels, LABEL_BLOCKED);
    const char *snapshot = labels_find(info->labels, LABEL_SNAPSHOT);
    if (text != NULL)
        return strcmp(text, "true") == 0;
    return snapshot != NULL && strcmp(snapshot, "\"" DAYTONA_SNAPSHOT "\"") != 0;
}

bool toolbox_help(struct request *request, clutch_sandbox *sandbox, const json_t *envs,
                  const char *const *labels, const clutch_intervals *intervals, clutch_sandbox **helper)
{
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_info *info;
    char owner[TOOLBOX_OWNER];
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    char **environment = environment_of(request, info, envs);
    const char *memory = labels_find(info->labels, LABEL_MEMORY);
    bool blocked = is_blocked(info);
    limits.memory_bytes = memory != NULL ? strtoull(memory, NULL, 10) << 30 : 0;
    clutch_sandbox_info_free(info);
    if (environment == NULL)
        return false;
    options.env = (const char *const *)environment;
    options.limits = &limits;
    options.network = blocked ? CLUTCH_NETWORK_NONE : CLUTCH_NETWORK_ALL;
    options.labels = labels;
    options.intervals = intervals;
    options.workdir = clutch_sandbox_workdir(sandbox);
    bool fine = sandboxes_help(request, toolbox_owner(request, clutch_sandbox_id(sandbox), owner), &options,
                               helper);
    labels_free(environment);
    return fine;
}

void toolbox_leave(struct request *request, const char *id)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    clutch_engine *engine = request->server->engine;
    clutch_sandbox_page *page;
    clutch_sandbox *helper;
    char owner[TOOLBOX_OWNER];
    options.owner = toolbox_owner(request, id, owner);
    options.limit = 200;
    size_t count = options.limit;
    while (count == options.limit && clutch_engine_list(engine, &options, &page, NULL) == 0) {
        count = 0;
        for (size_t i = 0; i < page->count; i++)
            if (clutch_sandbox_open(engine, owner, page->sandboxes[i]->id, &helper, NULL) == 0) {
                count += clutch_sandbox_delete(helper, NULL) == 0;
                clutch_sandbox_release(helper);
            }
        clutch_sandbox_page_free(page);
    }
}

/* ---- Bodies ---- */

bool toolbox_read_envs(struct request *request, const json_t *body, const json_t **envs)
{
    const json_t *value = json_object_get(body, "envs");
    if (value == NULL)
        value = json_object_get(body, "env");
    *envs = NULL;
    if (value == NULL || json_is_null(value))
        return true;
    char **texts = labels_read(request, value, NULL);
    if (texts == NULL)
        return false;
    labels_free(texts);
    *envs = value;
    return true;
}

bool toolbox_read_timeout(struct request *request, const json_t *body, uint64_t usual_s, uint64_t *wall_ms)
{
    uint64_t most_ms = request->server->config->execution_ms;
    const json_t *value = json_object_get(body, "timeout");
    double seconds = value == NULL || json_is_null(value) ? (double)usual_s : json_number_value(value);
    if (value != NULL && !json_is_null(value) && (!json_is_number(value) || !(seconds >= 0))) {
        reply_error(request, 400, "timeout must be a number of seconds that is not negative");
        return false;
    }
    *wall_ms = seconds == 0 || seconds * 1000 > (double)most_ms ? most_ms : (uint64_t)(seconds * 1000);
    if (*wall_ms == 0)
        *wall_ms = 1;
    return true;
}

char *toolbox_code(const char *before, const char *text, const char *after)
{
    size_t length = strlen(text), room = strlen(before) + 2 * length + strlen(after) + 64;
    char *code = malloc(room), *hex = malloc(2 * length + 1);
    if (code != NULL && hex != NULL) {
        digest_hex(text, length, hex);
        snprintf(code, room, "%sbytes.fromhex('%s').decode()%s", before, hex, after);
    } else {
        free(code);
        code = NULL;
    }
    free(hex);
    return code;
}
