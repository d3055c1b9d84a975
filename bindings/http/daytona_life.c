/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_life.c: the Daytona family: a sandbox's way from one state to another.
 *
 * The rules are the family's, which are narrower than the library's: that starts failed sandboxes again,
 * waits for what passes by itself, and takes a stop of what is stopped for done. */
#include "daytona_life.h"

#include <string.h>

#include "daytona_copy.h"
#include "daytona_object.h"
#include "daytona_rules.h"
#include "request.h"
#include "sandboxes.h"
#include "toolbox.h"

/* One way. do_it answers for its failure; it is told apart by request->reply. */
struct way {
    uint32_t from;
    const char *refusal;
    bool (*may)(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info);
    void (*go)(struct request *request, clutch_sandbox *sandbox);
};

static void answer(struct request *request, clutch_sandbox *sandbox, const struct way *way)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return;
    bool may = rules_allow(request, info, way->from, way->refusal) &&
               (way->may == NULL || way->may(request, sandbox, info));
    clutch_sandbox_info_free(info);
    if (!may)
        return;
    way->go(request, sandbox);
    if (request->reply.status == 0)
        daytona_answer(request, sandbox);
}

static void take(struct request *request, const struct way *way)
{
    clutch_sandbox *sandbox;
    if (!daytona_open(request, &sandbox))
        return;
    answer(request, sandbox, way);
    clutch_sandbox_release(sandbox);
}

/* ---- POST /sandbox/{idOrName}/start, /recover ---- */

static bool is_sound(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info)
{
    (void)sandbox;
    if (info->state != CLUTCH_STATE_FAILED)
        return true;
    reply_error(request, 400, "Sandbox is in an errored state");
    return false;
}

static void start(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return;
    if (info->state != CLUTCH_STATE_RUNNING && info->state != CLUTCH_STATE_PAUSED)
        toolbox_leave(request, info->id); /* of the time before the stop */
    clutch_sandbox_info_free(info);
    (void)sandboxes_start(request, sandbox);
}

void daytona_start(struct request *request)
{
    static const struct way way = {
        RULES_BIT(RUNNING) | RULES_BIT(STOPPED) | RULES_BIT(PAUSED) | RULES_BIT(ARCHIVED) |
            RULES_BIT(ARCHIVING) | RULES_BIT(FAILED),
        "Sandbox is not in valid state", is_sound, start,
    };
    take(request, &way);
}

void daytona_recover(struct request *request)
{
    static const struct way way = {RULES_BIT(FAILED), "Sandbox is not in an error state", NULL, start};
    take(request, &way);
}

/* ---- POST /sandbox/{idOrName}/stop, /pause ---- */

static void stop(struct request *request, clutch_sandbox *sandbox)
{
    clutch_stop_options options = CLUTCH_STOP_OPTIONS_INIT;
    clutch_error error;
    const char *force = request_query(request, "force");
    options.discard = force != NULL && strcmp(force, "true") == 0;
    if (clutch_sandbox_stop(sandbox, &options, NULL, &error) < 0)
        reply_failure(request, &error);
    else
        toolbox_leave(request, clutch_sandbox_id(sandbox));
}

void daytona_stop(struct request *request)
{
    static const struct way way = {RULES_BIT(RUNNING) | RULES_BIT(PAUSED),
                                   "Sandbox is not in a stoppable state", NULL, stop};
    take(request, &way);
}

static void pause_it(struct request *request, clutch_sandbox *sandbox)
{
    clutch_error error;
    if (clutch_sandbox_pause(sandbox, &error) < 0)
        reply_failure(request, &error);
}

void daytona_pause(struct request *request)
{
    static const struct way way = {RULES_BIT(RUNNING), "Sandbox is not started", NULL, pause_it};
    take(request, &way);
}

/* ---- POST /sandbox/{idOrName}/archive ---- */

static bool is_lasting(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info)
{
    (void)sandbox;
    if (!rules_is_ephemeral(info))
        return true;
    reply_error(request, 400, "Ephemeral sandboxes cannot be archived");
    return false;
}

static void archive(struct request *request, clutch_sandbox *sandbox)
{
    clutch_error error;
    if (clutch_sandbox_archive(sandbox, &error) < 0)
        reply_failure(request, &error);
}

void daytona_archive(struct request *request)
{
    static const struct way way = {RULES_BIT(STOPPED), "Sandbox is not stopped", is_lasting, archive};
    take(request, &way);
}

/* ---- POST /sandbox/{idOrName}/resize ---- */

/* Limits are those of the process, from its first to its last moment. */
static void resize(struct request *request, clutch_sandbox *sandbox)
{
    (void)sandbox;
    reply_error(request, 422, "Sandboxes of this server cannot be resized: create one with other resources");
}

void daytona_resize(struct request *request)
{
    static const struct way way = {RULES_BIT(RUNNING) | RULES_BIT(STOPPED),
                                   "Sandbox is not in a resizable state", NULL, resize};
    take(request, &way);
}

/* ---- DELETE /sandbox/{idOrName} ---- */

static void delete_it(struct request *request, clutch_sandbox *sandbox)
{
    clutch_error error;
    if (clutch_sandbox_delete(sandbox, &error) < 0)
        reply_failure(request, &error);
    else
        toolbox_leave(request, clutch_sandbox_id(sandbox));
}

void daytona_delete(struct request *request)
{
    static const struct way way = {RULES_BIT(RUNNING) | RULES_BIT(STOPPED) | RULES_BIT(PAUSED) |
                                       RULES_BIT(ARCHIVED) | RULES_BIT(FAILED),
                                   "Sandbox cannot be deleted", daytona_has_no_forks, delete_it};
    take(request, &way);
}
