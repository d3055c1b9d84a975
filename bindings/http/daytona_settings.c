/* SPDX-License-Identifier: Apache-2.0 */
/* daytona_settings.c: the Daytona family: what is changed of a sandbox in whatever state it is. */
#include "daytona_settings.h"

#include <errno.h>
#include <stdlib.h>

#include "daytona_object.h"
#include "intervals.h"
#include "labels.h"
#include "request.h"
#include "sandboxes.h"

/* ---- PUT /sandbox/{idOrName}/labels ---- */

static void set_labels(struct request *request, clutch_sandbox *sandbox, const clutch_sandbox_info *info)
{
    clutch_error error;
    char **labels = labels_read(request, json_object_get(request->json, "labels"), info->labels);
    if (labels == NULL)
        return;
    if (clutch_sandbox_set_labels(sandbox, (const char *const *)labels, &error) < 0)
        reply_failure(request, &error);
    else
        daytona_answer(request, sandbox);
    labels_free(labels);
}

void daytona_set_labels(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    if (request_json(request, false) == NULL || !daytona_open(request, &sandbox))
        return;
    if (sandboxes_describe(request, sandbox, &info)) {
        set_labels(request, sandbox, info);
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- POST /sandbox/{idOrName}/autostop/{minutes} and the like ---- */

static bool read_minutes(struct request *request, json_int_t *out)
{
    const char *text = request_parameter(request, 1);
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0')
        return true;
    reply_error(request, 400, "the interval must be whole minutes");
    return false;
}

static void set_interval(struct request *request, const struct interval *interval)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    clutch_error error;
    json_int_t minutes;
    if (!read_minutes(request, &minutes) || !daytona_open(request, &sandbox))
        return;
    if (sandboxes_describe(request, sandbox, &info)) {
        clutch_intervals intervals = info->intervals;
        clutch_sandbox_info_free(info);
        if (intervals_set(request, interval, minutes, &intervals)) {
            if (clutch_sandbox_set_intervals(sandbox, &intervals, &error) < 0)
                reply_failure(request, &error);
            else
                daytona_answer(request, sandbox);
        }
    }
    clutch_sandbox_release(sandbox);
}

void daytona_set_autostop(struct request *request)
{
    set_interval(request, &interval_stop);
}

void daytona_set_autoarchive(struct request *request)
{
    set_interval(request, &interval_archive);
}

void daytona_set_autodelete(struct request *request)
{
    set_interval(request, &interval_delete);
}

/* ---- POST /sandbox/{idOrName}/last-activity ---- */

void daytona_touch(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!daytona_open(request, &sandbox))
        return;
    if (clutch_sandbox_touch(sandbox, &error) < 0)
        reply_failure(request, &error);
    else
        daytona_answer(request, sandbox);
    clutch_sandbox_release(sandbox);
}
