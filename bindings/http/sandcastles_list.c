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

/* Reads on until there are `limit` of them, or their codes are long together: a page may have fewer items
 * than its limit though another one follows. *last is the page that tells where to go on, and is owned. */
static int collect(clutch_sandbox *sandbox, const char *cursor, uint32_t limit, json_t *items,
                   clutch_record_page **last, clutch_error *error)
{
    enum { STEP = 4, BYTES = 8 << 20 };
    size_t bytes = 0;
    *last = NULL;
    do {
        clutch_record_page *page;
        uint32_t wanted = limit < STEP ? limit : STEP;
        int code = clutch_sandbox_log(sandbox, wanted, *last != NULL ? (*last)->next_cursor : cursor, &page,
                                      error);
        if (code < 0)
            return code;
        clutch_record_page_free(*last);
        *last = page;
        for (size_t i = 0; i < page->count; i++) {
            bytes += page->records[i].code_length;
            if (json_array_append_new(items, entry(&page->records[i])) != 0) {
                *error = (clutch_error){.code = CLUTCH_E_MEMORY, .message = "no memory is left"};
                return CLUTCH_E_MEMORY;
            }
        }
        limit -= wanted;
    } while (limit > 0 && bytes < BYTES && (*last)->next_cursor != NULL);
    return 0;
}

void sandcastles_log(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_record_page *last;
    clutch_error error;
    uint32_t limit;
    if (!pages_limit(request, 200, 50, &limit) ||
        !sandboxes_open(request, request_parameter(request, 0), &sandbox))
        return;
    json_t *items = json_array();
    if (collect(sandbox, pages_cursor(request), limit, items, &last, &error) == 0) {
        pages_answer(request, "executions", items, last->next_cursor);
    } else {
        json_decref(items);
        reply_failure(request, &error);
    }
    clutch_record_page_free(last);
    clutch_sandbox_release(sandbox);
}

/* ---- GET /v2/connectors ---- */

/* There are none: sandboxes have files. Clients want the list to be there. */
void sandcastles_connectors(struct request *request)
{
    reply_json(request, 200, json_array());
}
