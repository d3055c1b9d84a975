/* SPDX-License-Identifier: Apache-2.0 */
/* store_row.c: values into a statement's parameters, and a record out of a row. */
#include "host/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/store_parts.h"

/* ---- Writing values ---- */

struct store_binder store_bind(struct store *store, enum store_statement which)
{
    sqlite3_stmt *statement = store_parts_statement(store, which);
    return (struct store_binder){.statement = statement, .fine = statement != NULL};
}

void store_put_number(struct store_binder *binder, int64_t number)
{
    binder->fine = binder->fine &&
                   sqlite3_bind_int64(binder->statement, ++binder->at, number) == SQLITE_OK;
}

void store_put_text(struct store_binder *binder, const char *text)
{
    binder->fine = binder->fine && sqlite3_bind_text(binder->statement, ++binder->at, text ? text : "", -1,
                                                     SQLITE_TRANSIENT) == SQLITE_OK;
}

static void put_blob(struct store_binder *binder, struct buf *blob)
{
    binder->fine = binder->fine && !blob->failed &&
                   sqlite3_bind_blob64(binder->statement, ++binder->at,
                                       blob->length ? blob->data : (const uint8_t *)"", blob->length,
                                       SQLITE_TRANSIENT) == SQLITE_OK;
    buf_free(blob);
}

void store_put_list(struct store_binder *binder, const char *const *list)
{
    struct buf blob = {0};
    for (; list && *list; list++)
        buf_append(&blob, *list, strlen(*list) + 1);
    put_blob(binder, &blob);
}

void store_put_left_out(struct store_binder *binder, const clutch_left_out *rows, size_t count)
{
    struct buf blob = {0};
    for (size_t i = 0; i < count; i++) {
        const char *texts[] = {rows[i].name, rows[i].type, rows[i].reason};
        for (size_t j = 0; j < 3; j++)
            buf_append(&blob, texts[j] ? texts[j] : "", texts[j] ? strlen(texts[j]) + 1 : 1);
    }
    put_blob(binder, &blob);
}

void store_put_time(struct store_binder *binder, const struct store_time *time)
{
    store_put_number(binder, time->wall_ms);
    store_put_number(binder, time->boot_ms);
    store_put_number(binder, time->boot);
}

void store_put_intervals(struct store_binder *binder, const clutch_intervals *intervals)
{
    store_put_number(binder, intervals->auto_pause_s);
    store_put_number(binder, intervals->auto_stop_s);
    store_put_number(binder, intervals->auto_archive_s);
    store_put_number(binder, intervals->auto_delete_s);
    store_put_number(binder, intervals->lifetime_s);
}

bool store_run(struct store_binder *binder)
{
    return binder->fine && store_parts_step(binder->statement);
}

/* ---- Limits: "wall_ms=60000 cpu_ms=-1 ..", so that versions may know more or fewer of them ---- */

static const struct {
    const char *name;
    size_t offset;
} limit_fields[] = {
#define FIELD(name) {#name, offsetof(clutch_limits, name)}
    FIELD(wall_ms),      FIELD(cpu_ms),       FIELD(grace_ms),   FIELD(output_bytes),
    FIELD(code_bytes),   FIELD(memory_bytes), FIELD(file_bytes), FIELD(open_files),
    FIELD(threads),      FIELD(disk_bytes),   FIELD(disk_files),
    FIELD(cpu_weight),
#undef FIELD
};
#define LIMIT_FIELDS (sizeof limit_fields / sizeof *limit_fields)

static uint64_t *limit_field(const clutch_limits *limits, size_t i)
{
    return (uint64_t *)(void *)((char *)(uintptr_t)limits + limit_fields[i].offset);
}

void store_put_limits(struct store_binder *binder, const clutch_limits *limits)
{
    char text[LIMIT_FIELDS * 40] = "";
    size_t used = 0;
    for (size_t i = 0; i < LIMIT_FIELDS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s=%lld", i ? " " : "",
                                 limit_fields[i].name, (long long)*limit_field(limits, i));
    store_put_text(binder, text);
}

static void read_limits(const char *text, clutch_limits *out)
{
    *out = (clutch_limits)CLUTCH_LIMITS_INIT;
    for (const char *at = text; *at; at += strcspn(at, " "), at += *at == ' ')
        for (size_t i = 0; i < LIMIT_FIELDS; i++) {
            size_t length = strlen(limit_fields[i].name);
            if (strncmp(at, limit_fields[i].name, length) == 0 && at[length] == '=')
                *limit_field(out, i) = (uint64_t)strtoll(at + length + 1, NULL, 10);
        }
}

/* ---- Reading ---- */

static size_t count_strings(const char *data, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += !data[i];
    return count;
}

/* The columns of a row in their order, and the block into which their texts go. */
struct reader {
    sqlite3_stmt *row;
    int at;
    char *text;
    void **pointers; /* to where the next list of pointers goes */
};

static int64_t get_number(struct reader *reader)
{
    return sqlite3_column_int64(reader->row, reader->at++);
}

static const char *get_text(struct reader *reader)
{
    const void *data = sqlite3_column_blob(reader->row, reader->at);
    size_t length = (size_t)sqlite3_column_bytes(reader->row, reader->at++);
    char *text = reader->text;
    if (data)
        memcpy(text, data, length);
    text[data ? length : 0] = 0;
    reader->text += length + 1;
    return text;
}

static const char *const *get_list(struct reader *reader, size_t *count)
{
    size_t length = (size_t)sqlite3_column_bytes(reader->row, reader->at);
    const char *text = get_text(reader);
    const char **list = (const char **)(void *)reader->pointers;
    size_t strings = count_strings(text, length);
    for (size_t i = 0; i < strings; i++, text += strlen(text) + 1)
        list[i] = text;
    list[strings] = NULL;
    reader->pointers += strings + 1;
    if (count)
        *count = strings;
    return list;
}

static void get_time(struct reader *reader, struct store_time *out)
{
    out->wall_ms = get_number(reader);
    out->boot_ms = get_number(reader);
    out->boot = get_number(reader);
}

static void read_info(struct reader *reader, struct store_sandbox *out)
{
    clutch_sandbox_info *info = &out->info;
    info->id = get_text(reader);
    info->name = get_text(reader);
    info->owner = get_text(reader);
    info->state = (uint32_t)get_number(reader);
    info->reason = get_text(reader);
    info->labels = get_list(reader, NULL);
    out->env = get_list(reader, NULL);
    read_limits(get_text(reader), &out->limits);
    out->network = (uint32_t)get_number(reader);
    out->rollback = (uint32_t)get_number(reader);
    out->processes = get_number(reader) != 0;
    info->undo_depth = (uint32_t)get_number(reader);
    info->intervals = (clutch_intervals)CLUTCH_INTERVALS_INIT;
    info->intervals.auto_pause_s = (uint32_t)get_number(reader);
    info->intervals.auto_stop_s = (uint32_t)get_number(reader);
    info->intervals.auto_archive_s = (uint32_t)get_number(reader);
    info->intervals.auto_delete_s = (uint32_t)get_number(reader);
    info->intervals.lifetime_s = (uint32_t)get_number(reader);
    info->created_ms = get_number(reader);
    info->updated_ms = get_number(reader);
    get_time(reader, &out->changed);
    get_time(reader, &out->activity);
    info->changed_ms = out->changed.wall_ms;
    info->activity_ms = out->activity.wall_ms;
    info->saved_ms = get_number(reader);
    info->saved_bytes = (uint64_t)get_number(reader);
    info->executions = (uint64_t)get_number(reader);
    info->origin = get_text(reader);
    info->repository_url = get_text(reader);
    out->repository_branch = get_text(reader);
    info->current_branch = get_text(reader);
    out->workdir = get_text(reader);
    out->python_version = get_text(reader);
    size_t strings;
    const char *const *left_out = get_list(reader, &strings);
    clutch_left_out *rows = (clutch_left_out *)(uintptr_t)left_out; /* three strings each, in its order */
    info->left_out_count = strings / 3;
    info->left_out = rows;
    out->left_out_truncated = get_number(reader) != 0;
}

_Static_assert(sizeof(clutch_left_out) == 3 * sizeof(char *), "it is read as three strings in a row");

struct store_sandbox *store_parts_read(sqlite3_stmt *row)
{
    /* Texts are asked for first: that may convert a value, after which its length is known. */
    size_t texts = 0, pointers = 0;
    int columns = sqlite3_column_count(row);
    for (int i = 0; i < columns; i++) {
        if (sqlite3_column_type(row, i) == SQLITE_INTEGER)
            continue;
        const char *data = sqlite3_column_blob(row, i);
        size_t length = (size_t)sqlite3_column_bytes(row, i);
        texts += length + 1;
        pointers += 1 + (data ? count_strings(data, length) : 0);
    }
    /* A damaged file may have a number where a text was. */
    texts += (size_t)columns * 32;
    pointers += (size_t)columns * 2;
    struct store_sandbox *out = malloc(sizeof *out + pointers * sizeof(void *) + texts);
    if (!out)
        return NULL;
    *out = (struct store_sandbox){.info.live = false};
    struct reader reader = {.row = row, .at = 1, .pointers = (void **)(void *)(out + 1)};
    reader.text = (char *)(reader.pointers + pointers);
    read_info(&reader, out);
    return out;
}

void store_sandbox_free(struct store_sandbox *sandbox)
{
    free(sandbox);
}
