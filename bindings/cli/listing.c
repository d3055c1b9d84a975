/* SPDX-License-Identifier: Apache-2.0 */
/* listing.c: what is recorded of sessions, as tables or as JSON, on standard output.
 *
 * Names, reasons and code are other people's: tables show them as one line each, JSON in full. */
#include "listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format.h"
#include "kept.h"
#include "memory.h"
#include "print.h"
#include "session.h"

enum { PAGE_ROWS = 200, NAME_BYTES = 64, LINE_BYTES = 256 };

__attribute__((format(printf, 1, 2))) static void print_row(const char *format, ...)
{
    char line[2048];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    print_line(STDOUT_FILENO, line);
}

/* ---- JSON ---- */

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, *text != '\0' ? json_string(text) : json_null());
}

static void set_time(json_t *object, const char *key, int64_t ms)
{
    char text[32];
    set_text(object, key, format_time_utc(text, sizeof text, ms));
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
    json_object_set_new(object, key, json_integer((json_int_t)number));
}

static int print_json(json_t *object)
{
    char *text = object != NULL ? json_dumps(object, 0) : NULL;
    json_decref(object);
    if (text == NULL) {
        print_notice("no memory left");
        return STATUS_ENGINE;
    }
    print_line(STDOUT_FILENO, text);
    free(text);
    return STATUS_FINE;
}

static json_t *session_json(const clutch_sandbox_info *info)
{
    json_t *object = json_object(), *labels = json_object();
    for (const char *const *label = info->labels; label != NULL && *label != NULL; label++) {
        char *key = memory_copy(*label, strcspn(*label, "="));
        json_object_set_new(labels, key, json_string(strchr(*label, '=') + 1));
        free(key);
    }
    set_text(object, "id", info->id);
    set_text(object, "name", info->name);
    set_text(object, "owner", info->owner);
    set_text(object, "state", clutch_state_name(info->state));
    set_text(object, "reason", info->reason);
    set_time(object, "created_at", info->created_ms);
    set_time(object, "updated_at", info->updated_ms);
    set_time(object, "last_activity_at", info->activity_ms);
    set_time(object, "saved_at", info->saved_ms);
    set_number(object, "saved_bytes", info->saved_bytes);
    set_number(object, "executions", info->executions);
    json_object_set_new(object, "labels", labels);
    set_text(object, "origin", info->origin);
    set_text(object, "repository_url", info->repository_url);
    set_text(object, "current_branch", info->current_branch);
    json_object_set_new(object, "left_out",
                        kept_left_out_json(info->left_out, info->left_out_count));
    return object;
}

static json_t *record_json(const clutch_record *record)
{
    json_t *object = json_object();
    set_number(object, "serial", record->serial);
    set_text(object, "kind", record->kind);
    set_text(object, "source", record->source);
    json_object_set_new(object, "code", json_stringn(record->code, record->code_length));
    json_object_set_new(object, "output_preview", json_string(record->output_preview));
    set_text(object, "error", record->error);
    set_text(object, "outcome", clutch_outcome_name(record->outcome));
    set_number(object, "duration_ms", record->wall_ns / 1000000);
    set_time(object, "created_at", record->created_ms);
    json_object_set_new(object, "rolled_back", json_boolean(record->rolled_back));
    return object;
}

/* ---- ls ---- */

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* printf counts bytes, a terminal characters. */
static int padding(const char *text, size_t width)
{
    size_t own = width_of(text);
    return own < width ? (int)(width - own) : 0;
}

static void print_table_row(const clutch_sandbox_info *info, size_t name_width, size_t owner_width)
{
    char name[NAME_BYTES], owner[NAME_BYTES], updated[32], size[32];
    format_line(name, sizeof name, info->name);
    format_line(owner, sizeof owner, info->owner);
    print_row("%s%*s  %-8s  %s%*s  %-19s  %10" PRIu64 "  %9s", name, padding(name, name_width), "",
              clutch_state_name(info->state), owner, padding(owner, owner_width), "",
              format_time(updated, sizeof updated, info->updated_ms), info->executions,
              format_size(size, sizeof size, info->saved_bytes));
}

static void widen(size_t *width, const char *text)
{
    char shown[NAME_BYTES];
    size_t own = width_of(format_line(shown, sizeof shown, text));
    if (own > *width)
        *width = own;
}

struct pages {
    clutch_sandbox_page **items;
    size_t count;
};

static int read_pages(clutch_engine *engine, struct pages *pages)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    options.limit = PAGE_ROWS;
    do {
        clutch_sandbox_page *page;
        clutch_error error;
        if (clutch_engine_list(engine, &options, &page, &error) < 0)
            return session_complain(&error);
        pages->items = memory_grow(pages->items, (pages->count + 1) * sizeof *pages->items);
        pages->items[pages->count++] = page;
        options.cursor = page->next_cursor;
    } while (options.cursor != NULL);
    return STATUS_FINE;
}

static void print_table(const struct pages *pages)
{
    size_t name_width = strlen("NAME"), owner_width = strlen("OWNER");
    for (size_t i = 0; i < pages->count; i++) {
        for (size_t k = 0; k < pages->items[i]->count; k++) {
            widen(&name_width, pages->items[i]->sandboxes[k]->name);
            widen(&owner_width, pages->items[i]->sandboxes[k]->owner);
        }
    }
    print_row("%-*s  STATE     %-*s  UPDATED              EXECUTIONS      SAVED", (int)name_width,
              "NAME", (int)owner_width, "OWNER");
    for (size_t i = 0; i < pages->count; i++)
        for (size_t k = 0; k < pages->items[i]->count; k++)
            print_table_row(pages->items[i]->sandboxes[k], name_width, owner_width);
}

int listing_sessions(clutch_engine *engine, bool json)
{
    struct pages pages = {NULL, 0};
    int status = read_pages(engine, &pages);
    if (status == STATUS_FINE && !json)
        print_table(&pages);
    for (size_t i = 0; status == STATUS_FINE && json && i < pages.count; i++)
        for (size_t k = 0; status == STATUS_FINE && k < pages.items[i]->count; k++)
            status = print_json(session_json(pages.items[i]->sandboxes[k]));
    for (size_t i = 0; i < pages.count; i++)
        clutch_sandbox_page_free(pages.items[i]);
    free(pages.items);
    return status;
}

/* ---- status ---- */

static void print_fact(const char *key, const char *text)
{
    char line[LINE_BYTES * 2];
    if (*text != '\0')
        print_row("%-12s%s", key, format_line(line, sizeof line, text));
}

static void print_facts(const clutch_sandbox_info *info)
{
    char text[LINE_BYTES * 4], time[32], size[32];
    print_fact("name", info->name);
    print_fact("id", info->id);
    print_fact("owner", info->owner);
    snprintf(text, sizeof text, "%s: %s", clutch_state_name(info->state), info->reason);
    print_fact("state", text);
    print_fact("created", format_time(text, sizeof text, info->created_ms));
    print_fact("updated", format_time(text, sizeof text, info->updated_ms));
    snprintf(text, sizeof text, "%s, %s", format_time(time, sizeof time, info->saved_ms),
             format_size(size, sizeof size, info->saved_bytes));
    print_fact("saved", info->saved_ms > 0 ? text : "never");
    snprintf(text, sizeof text, "%" PRIu64, info->executions);
    print_fact("executions", text);
    print_fact("origin", info->origin);
    print_fact("repository", info->repository_url);
    print_fact("branch", info->current_branch);
    for (const char *const *label = info->labels; label != NULL && *label != NULL; label++)
        print_fact("label", *label);
    for (size_t i = 0; i < info->left_out_count; i++) {
        const clutch_left_out *left_out = &info->left_out[i];
        snprintf(text, sizeof text, "%s (%s): %s", left_out->name, left_out->type, left_out->reason);
        print_fact("left out", text);
    }
}

int listing_session(clutch_sandbox *sandbox, bool json)
{
    clutch_sandbox_info *info;
    clutch_error error;
    if (clutch_sandbox_describe(sandbox, &info, &error) < 0)
        return session_complain(&error);
    int status = STATUS_FINE;
    if (json)
        status = print_json(session_json(info));
    else
        print_facts(info);
    clutch_sandbox_info_free(info);
    return status;
}

/* ---- log ---- */

static void print_record(const clutch_record *record)
{
    char code[LINE_BYTES], created[32], outcome[64];
    snprintf(outcome, sizeof outcome, "%s%s", clutch_outcome_name(record->outcome),
             record->rolled_back ? ", undone" : "");
    print_row("%6" PRIu64 "  %-19s  %-17s  %7" PRIu64 " ms  %s", record->serial,
              format_time(created, sizeof created, record->created_ms), outcome,
              record->wall_ns / 1000000, format_line(code, 80, record->code));
}

static int print_records(const clutch_record_page *page, bool json)
{
    int status = STATUS_FINE;
    for (size_t i = 0; status == STATUS_FINE && i < page->count; i++) {
        if (json)
            status = print_json(record_json(&page->records[i]));
        else
            print_record(&page->records[i]);
    }
    return status;
}

int listing_log(clutch_sandbox *sandbox, bool json)
{
    char *cursor = NULL;
    int status = STATUS_FINE;
    if (!json)
        print_row("     #  BEGAN                OUTCOME                  TIME  CODE");
    do {
        clutch_record_page *page;
        clutch_error error;
        int failure = clutch_sandbox_log(sandbox, PAGE_ROWS, cursor, &page, &error);
        free(cursor);
        cursor = NULL;
        if (failure < 0)
            return session_complain(&error);
        status = print_records(page, json);
        if (page->next_cursor != NULL)
            cursor = memory_copy(page->next_cursor, strlen(page->next_cursor));
        clutch_record_page_free(page);
    } while (status == STATUS_FINE && cursor != NULL && print_stdout_errno() == 0);
    free(cursor);
    return status;
}
