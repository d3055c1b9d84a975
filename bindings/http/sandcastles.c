/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles.c: the TextQL family: a sandbox made, restarted, looked at, and code run in it. */
#include "sandcastles.h"

#include <string.h>

#include "config.h"
#include "execution.h"
#include "present.h"
#include "request.h"
#include "sandboxes.h"

/* ---- POST /v2/sandcastles ---- */

static void answer_started(struct request *request, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return;
    reply_json(request, 201, json_pack("{s:s,s:o}", "sandbox_id", info->id, "created_at",
                                       reply_time(info->created_ms)));
    clutch_sandbox_info_free(info);
}

static bool create(struct request *request, clutch_sandbox **out)
{
    enum { KEPT_S = 30 * 86400 };
    clutch_intervals intervals = CLUTCH_INTERVALS_TEXTQL;
    intervals.auto_delete_s = KEPT_S;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    options.intervals = &intervals;
    return sandboxes_create(request, &options, out);
}

void sandcastles_start(struct request *request)
{
    json_t *body = request_json(request, true);
    if (body == NULL)
        return;
    json_t *id = json_object_get(body, "sandbox_id");
    clutch_sandbox *sandbox = NULL;
    bool fine;
    if (id == NULL || json_is_null(id)) {
        fine = create(request, &sandbox);
    } else if (!json_is_string(id) || strlen(json_string_value(id)) != json_string_length(id)) {
        reply_error(request, 404, "sandbox_id is malformed");
        return;
    } else {
        fine = sandboxes_open(request, json_string_value(id), &sandbox) &&
               sandboxes_start(request, sandbox);
    }
    if (fine)
        answer_started(request, sandbox);
    clutch_sandbox_release(sandbox);
}

/* ---- GET /v2/sandcastles/{id} ---- */

void sandcastles_status(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_status *status;
    clutch_error error;
    if (!sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (clutch_sandbox_status(sandbox, &status, &error) < 0) {
        reply_failure(request, &error);
    } else {
        reply_json(request, 200, present_status(status));
        clutch_status_free(status);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- POST /v2/sandcastles/{id}/execute ---- */

static void finish(struct request *request, const clutch_result *result)
{
    reply_json(request, 200, present_result(request, execution_sandbox(request), result));
}

/* The documents know no 409 here. */
static void fail(struct request *request, const clutch_error *error)
{
    if (error->code == CLUTCH_E_STATE || error->code == CLUTCH_E_ENDED)
        reply_error(request, 400, "the sandbox does not run: restart it with POST /v2/sandcastles and its "
                    "sandbox_id");
    else if (error->code == CLUTCH_E_TOO_LARGE)
        reply_error(request, 400, "%s", error->message);
    else
        reply_failure(request, error);
}

static void execute(struct request *request)
{
    struct execution_wish wish = {.id_or_name = request_parameter(request, 0), .source = "platform_api",
                                  .finish = finish, .fail = fail};
    execution_begin_body(request, &wish);
}

void sandcastles_execute(struct request *request)
{
    execution_parse(request, execute);
}
