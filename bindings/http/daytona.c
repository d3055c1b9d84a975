/* SPDX-License-Identifier: Apache-2.0 */
/* daytona.c: the Daytona family: a sandbox made, looked at, and started. */
#include "daytona.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daytona_object.h"
#include "labels.h"
#include "request.h"
#include "sandboxes.h"

/* ---- POST /sandbox ---- */

/* Minutes as the library's seconds; *out stays as it is when the body has none. */
static bool read_interval(struct request *request, const json_t *body, const char *name, json_int_t least,
                          uint32_t *out)
{
    enum { MOST = 10 * 366 * 24 * 60 };
    const json_t *value = json_object_get(body, name);
    if (value == NULL || json_is_null(value))
        return true;
    json_int_t minutes = json_integer_value(value);
    if (!json_is_integer(value) || minutes < least || minutes > MOST) {
        reply_error(request, 400, "%s must be whole minutes from %lld to %d", name, (long long)least, MOST);
        return false;
    }
    *out = minutes > 0 ? (uint32_t)minutes * 60 : 0;
    if (least < 0)
        *out = minutes < 0 ? 0 : minutes == 0 ? CLUTCH_AT_ONCE : *out;
    return true;
}

static bool read_intervals(struct request *request, const json_t *body, clutch_intervals *intervals)
{
    *intervals = (clutch_intervals)CLUTCH_INTERVALS_DAYTONA;
    return read_interval(request, body, "autoStopInterval", 0, &intervals->auto_stop_s) &&
           read_interval(request, body, "autoArchiveInterval", 0, &intervals->auto_archive_s) &&
           read_interval(request, body, "autoDeleteInterval", -1, &intervals->auto_delete_s);
}

/* Labels, and env both as labels of the server's own and as what the sandbox gets; each NULL when the body
 * has none. */
static bool read_texts(struct request *request, const json_t *body, char ***labels, char ***env)
{
    json_t *wanted = json_object_get(body, "labels"), *variables = json_object_get(body, "env");
    char *text = NULL, *label = NULL;
    bool fine = variables == NULL || json_is_null(variables) ||
                (*env = labels_read(request, variables, NULL)) != NULL;
    if (fine && *env != NULL)
        fine = (text = json_dumps(variables, JSON_COMPACT)) != NULL &&
               asprintf(&label, LABEL_ENV "=%s", text) >= 0;
    const char *const own[] = {label, NULL};
    json_t *none = wanted == NULL || json_is_null(wanted) ? json_object() : NULL;
    if (fine)
        fine = (*labels = labels_read(request, none != NULL ? none : wanted, own)) != NULL;
    json_decref(none);
    free(text);
    free(label);
    return fine;
}

void daytona_create(struct request *request)
{
    json_t *body = request_json(request, true), *name = json_object_get(body, "name");
    clutch_intervals intervals;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_sandbox *sandbox;
    char **labels = NULL, **env = NULL;
    if (body == NULL || !read_intervals(request, body, &intervals))
        return;
    if (name != NULL && (!json_is_string(name) || json_string_length(name) == 0 ||
                         strlen(json_string_value(name)) != json_string_length(name))) {
        reply_error(request, 400, "name must be a text of at least one character");
        return;
    }
    if (read_texts(request, body, &labels, &env)) {
        options.name = json_string_value(name);
        options.intervals = &intervals;
        options.labels = (const char *const *)labels;
        options.env = (const char *const *)env;
        if (sandboxes_create(request, &options, &sandbox)) {
            daytona_answer(request, sandbox);
            clutch_sandbox_release(sandbox);
        }
    }
    labels_free(labels);
    labels_free(env);
}

/* ---- GET /sandbox/{idOrName} ---- */

void daytona_get(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!daytona_open(request, &sandbox))
        return;
    daytona_answer(request, sandbox);
    clutch_sandbox_release(sandbox);
}

/* ---- POST /sandbox/{idOrName}/start ---- */

/* The library starts failed sandboxes again, and waits for what passes by itself; here neither is so. */
static bool may_start(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    uint32_t state = info->state;
    clutch_sandbox_info_free(info);
    switch (state) {
    case CLUTCH_STATE_RUNNING:
    case CLUTCH_STATE_STOPPED:
    case CLUTCH_STATE_PAUSED:
    case CLUTCH_STATE_ARCHIVED:
    case CLUTCH_STATE_ARCHIVING: return true;
    case CLUTCH_STATE_FAILED: reply_error(request, 400, "Sandbox is in an errored state"); return false;
    default: reply_error(request, 409, "Sandbox state change in progress"); return false;
    }
}

void daytona_start(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!daytona_open(request, &sandbox))
        return;
    if (may_start(request, sandbox) && sandboxes_start(request, sandbox))
        daytona_answer(request, sandbox);
    clutch_sandbox_release(sandbox);
}
