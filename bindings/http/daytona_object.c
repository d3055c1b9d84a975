/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_object.c: a sandbox as the Daytona family shows it.
 *
 * What the library does not know of a sandbox (its env, what was asked of it at its creation) the server
 * keeps in labels of its own. */
#include "daytona_object.h"

#include <string.h>

#include "config.h"
#include "daytona_rules.h"
#include "labels.h"
#include "request.h"
#include "sandboxes.h"

static const char *desired_of(uint32_t state)
{
    switch (state) {
    case CLUTCH_STATE_STOPPED:
    case CLUTCH_STATE_STOPPING: return "stopped";
    case CLUTCH_STATE_PAUSED: return "paused";
    case CLUTCH_STATE_ARCHIVED:
    case CLUTCH_STATE_ARCHIVING: return "archived";
    case CLUTCH_STATE_DELETING:
    case CLUTCH_STATE_DELETED: return "destroyed";
    default: return "started";
    }
}

static json_int_t minutes(uint32_t seconds)
{
    return (json_int_t)(seconds + 59) / 60;
}

/* -1: never, 0: at the stop. */
static json_int_t delete_minutes(const clutch_intervals *intervals)
{
    if (intervals->auto_delete_s == 0)
        return -1;
    return intervals->auto_delete_s == CLUTCH_AT_ONCE ? 0 : minutes(intervals->auto_delete_s);
}

/* What a label of the server's own holds as JSON, or what it stands for without. */
static json_t *kept(const clutch_sandbox_info *info, const char *label, json_t *usual)
{
    const char *text = labels_find(info->labels, label);
    json_t *value = text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    if (value == NULL)
        return usual;
    json_decref(usual);
    return value;
}

static bool put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static bool is_blocked(const clutch_sandbox_info *info)
{
    const char *text = labels_find(info->labels, LABEL_BLOCKED);
    return text != NULL && strcmp(text, "true") == 0;
}

static bool put_resources(json_t *object, const struct request *request, const clutch_sandbox_info *info)
{
    json_int_t memory_gib = (json_int_t)((request->server->config->memory_bytes + (1 << 30) - 1) >> 30);
    return put(object, "target", kept(info, LABEL_TARGET, json_string("local"))) &&
           put(object, "cpu", json_integer(1)) &&
           put(object, "gpu", json_integer(0)) &&
           put(object, "memory", kept(info, LABEL_MEMORY, json_integer(memory_gib))) &&
           put(object, "disk", json_integer(3));
}

static bool put_life(json_t *object, const clutch_sandbox_info *info)
{
    const clutch_intervals *intervals = &info->intervals;
    return put(object, "state", json_string(rules_state_name(info->state))) &&
           put(object, "desiredState", json_string(desired_of(info->state))) &&
           put(object, "autoStopInterval", json_integer(minutes(intervals->auto_stop_s))) &&
           put(object, "autoArchiveInterval", json_integer(minutes(intervals->auto_archive_s))) &&
           put(object, "autoDeleteInterval", json_integer(delete_minutes(intervals))) &&
           put(object, "createdAt", reply_time(info->created_ms)) &&
           put(object, "updatedAt", reply_time(info->updated_ms)) &&
           put(object, "lastActivityAt", reply_time(info->activity_ms)) &&
           (info->state != CLUTCH_STATE_FAILED || put(object, "errorReason", json_string(info->reason)));
}

json_t *daytona_object(const struct request *request, const clutch_sandbox_info *info)
{
    json_t *object = json_pack("{s:s,s:s,s:s}", "id", info->id, "organizationId", info->owner, "name",
                               info->name);
    bool network = request->server->config->network;
    bool fine = object != NULL &&
                put(object, "snapshot", kept(info, LABEL_SNAPSHOT, json_string(DAYTONA_SNAPSHOT))) &&
                put(object, "user", kept(info, LABEL_USER, json_string("daytona"))) &&
                put(object, "env", kept(info, LABEL_ENV, json_object())) &&
                put(object, "labels", labels_json(info->labels)) &&
                put(object, "public", json_false()) &&
                put(object, "networkBlockAll", json_boolean(!network || is_blocked(info))) &&
                put(object, "kvm", json_false()) && put_resources(object, request, info) &&
                put_life(object, info) && put(object, "volumes", json_array()) &&
                put(object, "runnerId", json_string("local")) &&
                put(object, "toolboxProxyUrl", json_sprintf("%s/toolbox", request->server->public_url));
    if (fine)
        return object;
    json_decref(object);
    return NULL;
}

bool daytona_open(struct request *request, clutch_sandbox **sandbox)
{
    const char *id_or_name = request_parameter(request, 0);
    clutch_error error;
    int code = clutch_sandbox_open(request->server->engine, request_owner(request), id_or_name, sandbox,
                                   &error);
    if (code == 0)
        return true;
    if (error.code == CLUTCH_E_NOT_FOUND || error.code == CLUTCH_E_INVALID)
        reply_error(request, 404, "Sandbox with ID or name %s not found", id_or_name);
    else
        reply_failure(request, &error);
    return false;
}

bool daytona_read_name(struct request *request, const json_t *body, bool required, const char **name)
{
    const json_t *value = json_object_get(body, "name");
    bool missing = value == NULL || json_is_null(value);
    *name = json_string_value(value);
    if ((missing && !required) || (json_string_length(value) > 0 && json_string_length(value) <= 255 &&
                                   strlen(*name) == json_string_length(value)))
        return true;
    reply_error(request, 400, "name must be a text of 1 to 255 bytes");
    return false;
}

void daytona_answer(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return;
    reply_json(request, 200, daytona_object(request, info));
    clutch_sandbox_info_free(info);
}
