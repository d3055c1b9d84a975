/* SPDX-License-Identifier: Apache-2.0 */
/* daytona.c: the Daytona family: a sandbox made, and looked at. */
#include "daytona.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "daytona_object.h"
#include "intervals.h"
#include "labels.h"
#include "request.h"
#include "sandboxes.h"

/* ---- POST /sandbox ---- */

/* What is kept of the body as labels of the server's own. */
static const struct {
    const char *name, *label;
    json_type type;
} kept[] = {
    {"env", LABEL_ENV, JSON_OBJECT},
    {"user", LABEL_USER, JSON_STRING},
    {"target", LABEL_TARGET, JSON_STRING},
    {"snapshot", LABEL_SNAPSHOT, JSON_STRING},
    {"memory", LABEL_MEMORY, JSON_INTEGER},
};

enum { KEPT = sizeof kept / sizeof kept[0], KEPT_BYTES = 255 };

/* The body's value of that name; NULL when there is none. */
static json_t *given(const json_t *body, const char *name)
{
    json_t *value = json_object_get(body, name);
    return json_is_null(value) ? NULL : value;
}

/* What no sandbox of this server can have. Left aside it would be a sandbox with another image, with none of
 * its data, or with more network than was asked for. */
static const char *const beyond[] = {
    "buildInfo", "volumes", "secrets", "networkAllowList", "domainAllowList", "outboundProxyUrl",
    "linkedSandbox", "gpu", "kvm", "autoPauseInterval", "ttlMinutes",
};

static bool is_asked_for(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
    case JSON_FALSE: return false;
    case JSON_INTEGER: return json_integer_value(value) != 0;
    case JSON_STRING: return json_string_length(value) > 0;
    case JSON_ARRAY: return json_array_size(value) > 0;
    case JSON_OBJECT: return json_object_size(value) > 0;
    default: return true;
    }
}

static bool can_be_had(struct request *request, const json_t *body)
{
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        const json_t *value = given(body, beyond[i]);
        if (value != NULL && is_asked_for(value)) {
            reply_error(request, 422, "Sandboxes of this server cannot have %s: leave it out", beyond[i]);
            return false;
        }
    }
    return true;
}

/* own gets texts, ended by NULL, to be freed. */
static bool keep(struct request *request, const json_t *body, char *own[KEPT + 2])
{
    size_t count = 0;
    for (size_t i = 0; i < KEPT; i++) {
        const json_t *value = given(body, kept[i].name);
        char *text = NULL;
        if (value == NULL)
            continue;
        if (json_typeof(value) != kept[i].type) {
            reply_error(request, 400, "%s is of another type than it must be", kept[i].name);
            return false;
        }
        if (json_string_length(value) > KEPT_BYTES) {
            reply_error(request, 400, "%s is longer than %d bytes", kept[i].name, KEPT_BYTES);
            return false;
        }
        text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        bool fine = text != NULL && asprintf(&own[count], "%s=%s", kept[i].label, text) >= 0;
        free(text);
        if (!fine) {
            own[count] = NULL;
            reply_error(request, 500, "no memory is left");
            return false;
        }
        count++;
    }
    const json_t *blocked = given(body, "networkBlockAll");
    if (blocked != NULL)
        own[count] = strdup(json_is_true(blocked) ? LABEL_BLOCKED "=true" : LABEL_BLOCKED "=false");
    return true;
}

static bool read_texts(struct request *request, const json_t *body, char ***labels, char ***env)
{
    char *own[KEPT + 2] = {NULL};
    json_t *wanted = given(body, "labels"), *none = wanted == NULL ? json_object() : NULL;
    json_t *variables = given(body, "env");
    bool bare = variables == NULL || (json_is_object(variables) && json_object_size(variables) == 0);
    bool fine = keep(request, body, own) &&
                (*labels = labels_read(request, none != NULL ? none : wanted, (const char *const *)own)) !=
                    NULL &&
                (bare || (*env = labels_read(request, variables, NULL)) != NULL);
    json_decref(none);
    for (size_t i = 0; own[i] != NULL; i++)
        free(own[i]);
    return fine;
}

/* What may be less than the server gives, but not more. cpu and disk are the server's in any case, and the
 * reply tells them. */
static bool read_limits(struct request *request, const json_t *body, clutch_limits *limits,
                        clutch_sandbox_options *options)
{
    json_int_t most = (json_int_t)(request->server->config->memory_bytes >> 30);
    const json_t *memory = given(body, "memory"), *blocked = given(body, "networkBlockAll");
    if (memory != NULL && (json_integer_value(memory) < 1 || json_integer_value(memory) > most)) {
        reply_error(request, 400, "memory must be whole GiB from 1 to %lld", (long long)most);
        return false;
    }
    if (blocked != NULL && !json_is_boolean(blocked)) {
        reply_error(request, 400, "networkBlockAll must be true or false");
        return false;
    }
    if (given(body, "snapshot") != NULL && (memory != NULL || json_is_true(blocked)) &&
        strcmp(json_string_value(given(body, "snapshot")) ?: "", DAYTONA_SNAPSHOT) != 0) {
        reply_error(request, 422, "A sandbox has the memory and the network of its snapshot: leave them out");
        return false;
    }
    limits->memory_bytes = (uint64_t)json_integer_value(memory) << 30;
    options->limits = limits;
    options->network = json_is_true(blocked) ? CLUTCH_NETWORK_NONE : CLUTCH_NETWORK_ALL;
    return true;
}

void daytona_create(struct request *request)
{
    json_t *body = request_json(request, true);
    clutch_intervals intervals = CLUTCH_INTERVALS_DAYTONA;
    clutch_limits limits = CLUTCH_LIMITS_INIT;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_sandbox *sandbox;
    char **labels = NULL, **env = NULL;
    if (body == NULL || !daytona_read_name(request, body, false, &options.name) ||
        !can_be_had(request, body) || !intervals_read(request, body, &intervals) ||
        !read_limits(request, body, &limits, &options))
        return;
    const char *snapshot = json_string_value(given(body, "snapshot"));
    if (read_texts(request, body, &labels, &env)) {
        options.snapshot = snapshot != NULL && strcmp(snapshot, DAYTONA_SNAPSHOT) != 0 ? snapshot : NULL;
        options.intervals = &intervals;
        options.labels = (const char *const *)labels;
        options.env = env != NULL && env[0] != NULL ? (const char *const *)env : NULL;
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
