/* SPDX-License-Identifier: Apache-2.0 */
/* recoup_session.c: what the Recoup family calls a session, as a sandbox: its name, its state, its times. */
#include "recoup_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "labels.h"
#include "recoup.h"
#include "request.h"
#include "sandboxes.h"

enum { EXTENSION_S = 20 * 60 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* ---- Names ---- */

bool recoup_check_session(struct request *request, const char *session)
{
    if (*session != '\0' && strlen(session) + strlen("session-") < RECOUP_NAME)
        return true;
    reply_error(request, 400, "sessionId must have 1 to 247 bytes");
    return false;
}

void recoup_name(const char *session, char name[RECOUP_NAME])
{
    snprintf(name, RECOUP_NAME, "session-%s", session);
}

bool recoup_find(struct request *request, const char *session, clutch_sandbox **out)
{
    char name[RECOUP_NAME];
    recoup_name(session, name);
    return clutch_sandbox_open(request->server->engine, request_owner(request), name, out, NULL) == 0;
}

/* ---- Activation ---- */

static bool is_active(const clutch_sandbox_info *info)
{
    return info->state == CLUTCH_STATE_RUNNING;
}

/* Activations so far; the first is the creation. */
static unsigned version_of(const clutch_sandbox_info *info)
{
    const char *text = labels_find(info->labels, LABEL_VERSION);
    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 1;
}

bool recoup_activate(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return false;
    bool active = is_active(info);
    unsigned version = version_of(info);
    clutch_error error;
    bool fine = true;
    if (active) {
        fine = clutch_sandbox_touch(sandbox, &error) == 0;
        if (!fine)
            reply_failure(request, &error);
    } else {
        char text[16];
        snprintf(text, sizeof text, "%u", version + 1);
        fine = sandboxes_start(request, sandbox) && labels_set(request, sandbox, info, LABEL_VERSION, text);
    }
    clutch_sandbox_info_free(info);
    return fine;
}

int64_t recoup_expires(const clutch_sandbox_info *info)
{
    return info->changed_ms + info->intervals.lifetime_s * INT64_C(1000);
}

/* ---- What a session is doing ---- */

static const char *state_name(uint32_t state)
{
    switch (state) {
    case CLUTCH_STATE_CREATING: return "provisioning";
    case CLUTCH_STATE_RUNNING:
    case CLUTCH_STATE_PAUSED: return "active";
    case CLUTCH_STATE_STOPPING: return "hibernating";
    case CLUTCH_STATE_STARTING:
    case CLUTCH_STATE_RESTORING: return "restoring";
    case CLUTCH_STATE_ARCHIVING:
    case CLUTCH_STATE_ARCHIVED: return "archived";
    case CLUTCH_STATE_FAILED: return "failed";
    default: return "hibernated";
    }
}

static bool has_snapshot(const clutch_sandbox_info *info)
{
    return info->saved_ms != 0 || info->state == CLUTCH_STATE_STOPPED ||
           info->state == CLUTCH_STATE_ARCHIVED;
}

static json_t *time_of(const clutch_sandbox_info *info, int64_t ms)
{
    return is_active(info) && ms > 0 ? json_integer(ms) : json_null();
}

static json_t *lifecycle_of(const clutch_sandbox_info *info)
{
    int64_t idle_ms = info->intervals.auto_stop_s * INT64_C(1000);
    bool expires = info->intervals.lifetime_s != 0;
    return json_pack("{s:I,s:s,s:I,s:o,s:o}", "serverTime", (json_int_t)now_ms(), "state",
                     state_name(info->state), "lastActivityAt", (json_int_t)info->activity_ms,
                     "hibernateAfter", time_of(info, idle_ms > 0 ? info->activity_ms + idle_ms : 0),
                     "sandboxExpiresAt", time_of(info, expires ? recoup_expires(info) : 0));
}

/* The session that the query or the body names. False when the reply is made. */
static bool open_session(struct request *request, const char *session, clutch_sandbox **sandbox)
{
    if (session == NULL || *session == '\0') {
        reply_error(request, 400, "Missing sessionId");
        return false;
    }
    if (recoup_find(request, session, sandbox))
        return true;
    reply_error(request, 404, "Session not found");
    return false;
}

static bool open_by_query(struct request *request, clutch_sandbox **sandbox)
{
    return open_session(request, request_query(request, "sessionId"), sandbox);
}

static bool open_by_body(struct request *request, clutch_sandbox **sandbox)
{
    json_t *body = request_json(request, true);
    return body != NULL &&
           open_session(request, json_string_value(json_object_get(body, "sessionId")), sandbox);
}

/* ---- GET /api/sandbox/status ---- */

void recoup_status(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    if (!open_by_query(request, &sandbox))
        return;
    if (sandboxes_describe(request, sandbox, &info)) {
        bool expires = info->intervals.lifetime_s != 0;
        bool active = is_active(info) && (!expires || recoup_expires(info) > now_ms() + RECOUP_MARGIN_MS);
        reply_json(request, 200,
                   json_pack("{s:s,s:b,s:I,s:o}", "status", active ? "active" : "no_sandbox", "hasSnapshot",
                             has_snapshot(info), "lifecycleVersion", (json_int_t)version_of(info),
                             "lifecycle", lifecycle_of(info)));
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- GET /api/sandbox/reconnect ---- */

/* Looks at the process itself, not at the records. */
static bool is_alive(clutch_sandbox *sandbox)
{
    clutch_status *status;
    if (clutch_sandbox_status(sandbox, &status, NULL) < 0)
        return false;
    bool alive = status->state == CLUTCH_STATE_RUNNING;
    clutch_status_free(status);
    return alive;
}

void recoup_reconnect(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    if (!open_by_query(request, &sandbox))
        return;
    bool alive = is_alive(sandbox);
    if (sandboxes_describe(request, sandbox, &info)) {
        json_t *reply = json_pack("{s:s,s:b,s:o}", "status", alive ? "connected" : "expired", "hasSnapshot",
                                  has_snapshot(info), "lifecycle", lifecycle_of(info));
        if (alive && reply != NULL && info->intervals.lifetime_s != 0)
            (void)json_object_set_new(reply, "expiresAt", json_integer(recoup_expires(info)));
        reply_json(request, 200, reply);
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- POST /api/sandbox/extend, /activity ---- */

static void extend(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info)
{
    clutch_intervals intervals = info->intervals;
    clutch_error error;
    if (!is_active(info) || intervals.lifetime_s == 0) {
        reply_error(request, 400, "Sandbox not initialized");
        return;
    }
    intervals.lifetime_s += EXTENSION_S;
    if (clutch_sandbox_set_intervals(sandbox, &intervals, &error) < 0 ||
        clutch_sandbox_touch(sandbox, &error) < 0) {
        reply_failure(request, &error);
        return;
    }
    reply_json(request, 200,
               json_pack("{s:b,s:I,s:I}", "success", 1, "expiresAt",
                         (json_int_t)(recoup_expires(info) + EXTENSION_S * INT64_C(1000)), "extendedBy",
                         (json_int_t)EXTENSION_S * 1000));
}

void recoup_extend(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    if (!open_by_body(request, &sandbox))
        return;
    if (sandboxes_describe(request, sandbox, &info)) {
        extend(request, sandbox, info);
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(sandbox);
}

void recoup_activity(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!open_by_body(request, &sandbox))
        return;
    if (clutch_sandbox_touch(sandbox, &error) == 0)
        reply_json(request, 200, json_pack("{s:b}", "success", 1));
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

/* ---- POST and PUT /api/sandbox/snapshot: to sleep and back ---- */

void recoup_pause(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!open_by_body(request, &sandbox))
        return;
    if (clutch_sandbox_stop(sandbox, NULL, NULL, &error) == 0)
        reply_json(request, 200, json_pack("{s:s,s:I}", "snapshotId", clutch_sandbox_name(sandbox),
                                           "createdAt", (json_int_t)now_ms()));
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

void recoup_restore(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    if (!open_by_body(request, &sandbox))
        return;
    if (sandboxes_describe(request, sandbox, &info)) {
        bool running = is_active(info);
        clutch_sandbox_info_free(info);
        if (running)
            reply_json(request, 200, json_pack("{s:b,s:b}", "success", 1, "alreadyRunning", 1));
        else if (recoup_activate(request, sandbox))
            reply_json(request, 200, json_pack("{s:b,s:s}", "success", 1, "restoredFrom",
                                               clutch_sandbox_name(sandbox)));
    }
    clutch_sandbox_release(sandbox);
}
