/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles_list.c: the TextQL family: what there is, what ran, and the end. */
#include "sandcastles_list.h"

#include <string.h>

#include "clutch.h"
#include "pages.h"
#include "request.h"
#include "sandboxes.h"

#define BIT(state) (1u << CLUTCH_STATE_##state)

enum {
    ASLEEP = BIT(STOPPED) | BIT(ARCHIVING) | BIT(ARCHIVED) | BIT(FAILED),
    AWAKE = BIT(RUNNING) | BIT(PAUSED) | BIT(CREATING) | BIT(STARTING) | BIT(RESTORING) | BIT(STOPPING),
};

/* ---- GET /v2/sandcastles ---- */

static bool read_states(struct request *request, uint32_t *states)
{
    const char *text = request_query(request, "status");
    if (text == NULL || strcmp(text, "running") == 0)
        *states = AWAKE;
    else if (strcmp(text, "stopped") == 0)
        *states = ASLEEP;
    else if (strcmp(text, "all") == 0)
        *states = AWAKE | ASLEEP;
    else
        reply_error(request, 400, "status must be running, stopped or all");
    return request->reply.status == 0;
}

static json_t *summary(const clutch_sandbox_info *info)
{
    bool awake = AWAKE & (1u << info->state);
    json_t *item = json_pack("{s:s,s:s,s:o}", "sandbox_id", info->id, "status", awake ? "running" : "stopped",
                             "started_at", reply_time(info->created_ms));
    if (!awake && item != NULL)
        (void)json_object_set_new(item, "released_at", reply_time(info->changed_ms));
    return item;
}

void sandcastles_list(struct request *request)
{
    clutch_sandbox_page *page;
    uint32_t states = 0;
    if (!read_states(request, &states) || !pages_sandboxes(request, states, &page))
        return;
    json_t *items = json_array();
    for (size_t i = 0; i < page->count; i++)
        items = pages_append(items, summary(page->sandboxes[i]));
    pages_answer(request, "sandboxes", items, page->next_cursor);
    clutch_sandbox_page_free(page);
}

/* ---- DELETE /v2/sandcastles/{id} ---- */

/* The process ends; what is saved of it is there for a restart. */
void sandcastles_stop(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (clutch_sandbox_stop(sandbox, NULL, NULL, &error) == 0 || error.code == CLUTCH_E_STATE)
        reply_json(request, 200, json_pack("{s:b}", "success", 1));
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

/* ---- GET /v2/sandcastles/{id}/executions ---- */

static json_t *entry(const clutch_record *record)
{
    return json_pack("{s:o,s:s,s:s,s:o,s:s,s:s,s:I,s:o}", "id",
                     json_sprintf("%llu", (unsigned long long)record->serial), "kind", record->kind, "source",
                     record->source, "input", json_stringn(record->code, record->code_length),
                     "output_preview", record->output_preview, "error", record->error, "duration_ms",
                     (json_int_t)(record->wall_ns / 1000000), "created_at", reply_time(record->created_ms));
}

void sandcastles_log(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_record_page *page;
    clutch_error error;
    uint32_t limit;
    if (!pages_limit(request, 200, 50, &limit) ||
        !sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    if (clutch_sandbox_log(sandbox, limit, pages_cursor(request), &page, &error) < 0) {
        reply_failure(request, &error);
    } else {
        json_t *items = json_array();
        for (size_t i = 0; i < page->count; i++)
            items = pages_append(items, entry(&page->records[i]));
        pages_answer(request, "executions", items, page->next_cursor);
        clutch_record_page_free(page);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- GET /v2/connectors ---- */

/* There are none: sandboxes have files. Clients want the list to be there. */
void sandcastles_connectors(struct request *request)
{
    reply_json(request, 200, json_array());
}
