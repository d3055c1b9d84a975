/* SPDX-License-Identifier: Apache-2.0 */
/* console.c: what the page needs beside the other families: sandboxes, and what its buttons do. */
#include "console.h"

#include <string.h>

#include "clutch.h"
#include "console_object.h"
#include "pages.h"
#include "request.h"
#include "sandboxes.h"

enum { UNDO_DEPTH = 16 };

/* ---- Looking ---- */

/* Of one that runs; NULL when it does not, or cannot tell. */
static clutch_status *look(clutch_sandbox *sandbox, const clutch_sandbox_info *info)
{
    clutch_status *status = NULL;
    if (info->state == CLUTCH_STATE_RUNNING && clutch_sandbox_status(sandbox, &status, NULL) < 0)
        return NULL;
    return status;
}

static json_t *present(struct request *request, const clutch_sandbox_info *info)
{
    clutch_sandbox *sandbox;
    clutch_status *status = NULL;
    if (clutch_sandbox_open(request->server->engine, request_owner(request), info->id, &sandbox, NULL) == 0) {
        status = look(sandbox, info);
        clutch_sandbox_release(sandbox);
    }
    json_t *item = console_sandbox(info, status);
    clutch_status_free(status);
    return item;
}

void console_list(struct request *request)
{
    clutch_sandbox_page *page;
    if (!pages_sandboxes(request, 0, &page))
        return;
    json_t *items = json_array();
    for (size_t i = 0; i < page->count; i++)
        items = pages_append(items, present(request, page->sandboxes[i]));
    json_t *reply = json_pack("{s:s,s:b,s:o}", "organisation", request_owner(request), "may_write",
                              (int)request->key->may_write, "sandboxes", items);
    if (reply != NULL && page->next_cursor != NULL)
        (void)json_object_set_new(reply, "next_cursor", json_string(page->next_cursor));
    reply_json(request, 200, reply);
    clutch_sandbox_page_free(page);
}

static void answer(struct request *request, unsigned status, clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (!sandboxes_describe(request, sandbox, &info))
        return;
    clutch_status *seen = look(sandbox, info);
    reply_json(request, status, console_sandbox(info, seen));
    clutch_status_free(seen);
    clutch_sandbox_info_free(info);
}

static bool open_one(struct request *request, clutch_sandbox **out)
{
    return sandboxes_open(request, request_parameter(request, 0), out);
}

void console_get(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!open_one(request, &sandbox))
        return;
    answer(request, 200, sandbox);
    clutch_sandbox_release(sandbox);
}

/* ---- Making ---- */

/* The body's name, NULL when it has none. False when the reply is made. */
static bool read_name(struct request *request, const char **out)
{
    json_t *body = request_json(request, true);
    if (body == NULL)
        return false;
    json_t *name = json_object_get(body, "name");
    *out = json_string_value(name);
    if (name == NULL || json_is_null(name))
        return true;
    size_t length = json_string_length(name);
    if (json_is_string(name) && length > 0 && length < 256 && strlen(*out) == length)
        return true;
    reply_error(request, 400, "name must be a text of 1 to 255 bytes");
    return false;
}

void console_create(struct request *request)
{
    static const clutch_intervals intervals = CLUTCH_INTERVALS_TEXTQL;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_sandbox *sandbox;
    if (!read_name(request, &options.name))
        return;
    options.intervals = &intervals;
    options.undo_depth = UNDO_DEPTH;
    if (!sandboxes_create(request, &options, &sandbox))
        return;
    answer(request, 201, sandbox);
    clutch_sandbox_release(sandbox);
}

void console_clone(struct request *request)
{
    static const clutch_intervals intervals = CLUTCH_INTERVALS_TEXTQL;
    clutch_sandbox_options options = CLUTCH_SANDBOX_OPTIONS_INIT;
    clutch_sandbox *sandbox, *copy;
    if (!read_name(request, &options.name) || !open_one(request, &sandbox))
        return;
    options.intervals = &intervals;
    options.undo_depth = UNDO_DEPTH;
    if (sandboxes_clone(request, sandbox, &options, &copy)) {
        answer(request, 201, copy);
        clutch_sandbox_release(copy);
    }
    clutch_sandbox_release(sandbox);
}

/* ---- Starting, stopping, ending ---- */

void console_start(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!open_one(request, &sandbox))
        return;
    if (sandboxes_start(request, sandbox))
        answer(request, 200, sandbox);
    clutch_sandbox_release(sandbox);
}

void console_stop(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!open_one(request, &sandbox))
        return;
    if (clutch_sandbox_stop(sandbox, NULL, NULL, &error) == 0)
        answer(request, 200, sandbox);
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

void console_delete(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_error error;
    if (!open_one(request, &sandbox))
        return;
    if (clutch_sandbox_delete(sandbox, &error) == 0)
        reply_json(request, 200, json_pack("{s:b}", "success", 1));
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}

void console_interrupt(struct request *request)
{
    clutch_sandbox *sandbox;
    if (!open_one(request, &sandbox))
        return;
    clutch_sandbox_cancel(sandbox);
    reply_json(request, 200, json_pack("{s:b}", "success", 1));
    clutch_sandbox_release(sandbox);
}

/* ---- Undo ---- */

enum { RECORDS = 2 * UNDO_DEPTH };

/* The newest execution that was somebody's wish, and whether it has been taken back; 0: there is none. */
static uint64_t newest(clutch_sandbox *sandbox, uint64_t serial, bool *taken_back)
{
    clutch_record_page *page;
    uint64_t found = 0;
    *taken_back = true;
    if (clutch_sandbox_log(sandbox, RECORDS, NULL, &page, NULL) < 0)
        return 0;
    for (size_t i = 0; i < page->count && found == 0; i++) {
        const clutch_record *record = &page->records[i];
        bool wanted = serial != 0 ? record->serial == serial
                                  : !record->rolled_back && strcmp(record->source, console_look) != 0;
        if (!wanted)
            continue;
        found = record->serial;
        *taken_back = record->rolled_back;
    }
    clutch_record_page_free(page);
    return found;
}

/* The page's looks at dataframes are executions too, which may have checkpoints: they are taken back on the
 * way to the last execution that was asked for. */
static int undo(clutch_sandbox *sandbox, clutch_undone *out, clutch_error *error)
{
    bool taken_back;
    uint64_t serial = newest(sandbox, 0, &taken_back);
    int code = clutch_sandbox_undo(sandbox, 1, out, error);
    for (int i = 0; i < UNDO_DEPTH && code == 0 && serial != 0; i++) {
        (void)newest(sandbox, serial, &taken_back);
        if (taken_back)
            break;
        code = clutch_sandbox_undo(sandbox, 1, out, error);
    }
    return code;
}

void console_undo(struct request *request)
{
    clutch_sandbox *sandbox;
    clutch_undone undone;
    clutch_error error;
    if (!open_one(request, &sandbox))
        return;
    if (undo(sandbox, &undone, &error) == 0)
        reply_json(request, 200, json_pack("{s:I,s:b}", "left", (json_int_t)undone.left, "files_rolled_back",
                                           (int)undone.files_rolled_back));
    else if (error.code == CLUTCH_E_NOT_FOUND)
        reply_error(request, 409, "there is nothing to take back");
    else
        reply_failure(request, &error);
    clutch_sandbox_release(sandbox);
}
