/* SPDX-License-Identifier: Apache-2.0 */
/* kept.c: what people are told about what a session has kept and what not.
 *
 * The names, types and reasons come from the session's own code, which nobody trusts. */
#include "kept.h"

#include <inttypes.h>
#include <string.h>

#include "format.h"
#include "print.h"

enum { WORD_BYTES = 200, LINE_BYTES = 600 };

static const char *ready_name(uint32_t ready)
{
    static const char *const names[] = {[CLUTCH_READY_CREATED] = "created",
                                        [CLUTCH_READY_FOUND] = "found",
                                        [CLUTCH_READY_RESUMED] = "resumed",
                                        [CLUTCH_READY_STARTED] = "started",
                                        [CLUTCH_READY_RESTORED] = "restored"};
    bool known = ready < sizeof names / sizeof names[0] && names[ready] != NULL;
    return known ? names[ready] : "unknown";
}

static void print_row(const char *words, const clutch_left_out *left_out)
{
    char name[WORD_BYTES], type[WORD_BYTES], reason[LINE_BYTES];
    print_notice("%s: %s (%s): %s", words, format_line(name, sizeof name, left_out->name),
                 format_line(type, sizeof type, left_out->type),
                 format_line(reason, sizeof reason, left_out->reason));
}

static void print_left_out(const char *words, const clutch_session_report *report)
{
    for (size_t i = 0; i < report->left_out_count; i++)
        print_row(words, &report->left_out[i]);
    if (report->left_out_truncated)
        print_notice("%s: and more", words);
}

void kept_print_begun(const char *name, const clutch_session_report *report)
{
    bool was_saved = report->ready == CLUTCH_READY_STARTED || report->ready == CLUTCH_READY_RESTORED;
    char why[LINE_BYTES];
    if (report->ready == CLUTCH_READY_CREATED)
        print_notice("session '%s' is new", name);
    if (was_saved && !report->saved)
        print_notice("session '%s' begins without variables: %s", name,
                     format_line(why, sizeof why, report->why_not_saved));
    print_left_out("not brought back", report);
}

void kept_print_stopped(const char *name, const clutch_session_report *report)
{
    char why[LINE_BYTES];
    if (!report->saved)
        print_notice("session '%s' was not saved: %s", name,
                     format_line(why, sizeof why, report->why_not_saved));
    print_left_out("not kept", report);
}

void kept_print_archived(clutch_sandbox *sandbox)
{
    clutch_sandbox_info *info;
    if (clutch_sandbox_describe(sandbox, &info, NULL) < 0)
        return;
    for (size_t i = 0; i < info->left_out_count; i++)
        if (strncmp(info->left_out[i].name, "file ", strlen("file ")) == 0)
            print_row("not kept", &info->left_out[i]);
    clutch_sandbox_info_free(info);
}

/* How many of its newest executions began after the last save; more than a page is "many". */
static size_t count_unsaved(clutch_sandbox *sandbox, int64_t saved_ms)
{
    clutch_record_page *page;
    if (clutch_sandbox_log(sandbox, 200, NULL, &page, NULL) < 0)
        return 0;
    size_t count = 0;
    for (size_t i = 0; i < page->count; i++)
        count += page->records[i].created_ms > saved_ms && !page->records[i].rolled_back;
    clutch_record_page_free(page);
    return count;
}

void kept_print_unsaved(clutch_engine *engine, const char *owner, const char *name)
{
    clutch_sandbox *sandbox;
    clutch_sandbox_info *info;
    char reason[LINE_BYTES];
    if (clutch_sandbox_open(engine, owner, name, &sandbox, NULL) < 0)
        return;
    if (clutch_sandbox_describe(sandbox, &info, NULL) == 0) {
        size_t count = count_unsaved(sandbox, info->saved_ms);
        if (count > 0)
            print_notice("session '%s' was not saved after its last %zu execution%s: %s; "
                         "clutch log %s shows what ran",
                         name, count, count == 1 ? "" : "s",
                         format_line(reason, sizeof reason, info->reason), name);
        clutch_sandbox_info_free(info);
    }
    clutch_sandbox_release(sandbox);
}

json_t *kept_left_out_json(const clutch_left_out *left_out, size_t count)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "name", left_out[i].name, "type",
                                              left_out[i].type, "reason", left_out[i].reason));
    return rows;
}

json_t *kept_begun_json(clutch_sandbox *sandbox, const clutch_session_report *report)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:o}", "name", clutch_sandbox_name(sandbox), "id",
                     clutch_sandbox_id(sandbox), "ready", ready_name(report->ready), "ready_ms",
                     (json_int_t)(report->took_ns / 1000000), "left_out",
                     kept_left_out_json(report->left_out, report->left_out_count));
}
