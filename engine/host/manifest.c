/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.c: what an archive says of its sandbox, as JSON. */
#include "host/manifest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "host/create.h"
#include "host/error.h"
#include "host/options.h"

/* The limits by their names. */
static const struct limit {
    const char *name;
    size_t offset;
} limits[] = {
#define LIMIT(name) {#name, offsetof(clutch_limits, name)}
    LIMIT(wall_ms),      LIMIT(cpu_ms),     LIMIT(grace_ms),   LIMIT(output_bytes),
    LIMIT(code_bytes),   LIMIT(memory_bytes), LIMIT(file_bytes), LIMIT(open_files),
    LIMIT(threads),      LIMIT(disk_bytes), LIMIT(disk_files),
    LIMIT(cpu_weight),
#undef LIMIT
};

enum { LIMITS = sizeof limits / sizeof limits[0] };

static uint64_t *limit_of(clutch_limits *of, size_t i)
{
    return (uint64_t *)(void *)((char *)of + limits[i].offset);
}

/* ---- Writing ---- */

static json_t *list(const char *const *items)
{
    json_t *array = json_array();
    for (; array && items && *items; items++)
        json_array_append_new(array, json_string(*items));
    return array;
}

/* Unlimited ones are left out: JSON's numbers end before. */
static json_t *write_limits(const clutch_limits *given)
{
    clutch_limits copy = *given;
    json_t *object = json_object();
    for (size_t i = 0; object && i < LIMITS; i++)
        if (*limit_of(&copy, i) <= INT64_MAX)
            json_object_set_new(object, limits[i].name, json_integer((json_int_t)*limit_of(&copy, i)));
    return object;
}

char *manifest_write(const struct store_sandbox *record, size_t *length)
{
    const clutch_sandbox_info *info = &record->info;
    const clutch_intervals *intervals = &info->intervals;
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:i, s:i, s:{s:I, s:I, s:I,"
        " s:I, s:I}}",
        "version", 1, "id", info->id, "name", info->name, "owner", info->owner, "labels",
        list(info->labels), "env", list(record->env), "limits", write_limits(&record->limits), "executions",
        (json_int_t)info->executions, "created_ms", (json_int_t)info->created_ms, "saved_ms",
        (json_int_t)info->saved_ms, "origin", info->origin, "repository_url", info->repository_url,
        "current_branch", info->current_branch, "python_version", record->python_version, "undo_depth",
        (int)info->undo_depth, "rollback", (int)record->rollback, "intervals", "auto_pause_s",
        (json_int_t)intervals->auto_pause_s, "auto_stop_s", (json_int_t)intervals->auto_stop_s,
        "auto_archive_s", (json_int_t)intervals->auto_archive_s, "auto_delete_s",
        (json_int_t)intervals->auto_delete_s, "lifetime_s", (json_int_t)intervals->lifetime_s);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    *length = text ? strlen(text) : 0;
    return text;
}

/* ---- Reading ---- */

/* Each missing or mistyped part is as if it were not there. */
static const char *text_of(const json_t *root, const char *key)
{
    const char *text = json_string_value(json_object_get(root, key));
    return text ? text : "";
}

static uint32_t number_of(const json_t *root, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(root, key));
    return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* Borrowed strings; the array is owned. NULL when memory ran out. */
static const char **list_of(const json_t *root, const char *key)
{
    const json_t *array = json_object_get(root, key);
    size_t count = json_array_size(array), held = 0;
    const char **items = calloc(count + 1, sizeof *items);
    for (size_t i = 0; items && i < count; i++) {
        const char *item = json_string_value(json_array_get(array, i));
        if (item)
            items[held++] = item;
    }
    return items;
}

static clutch_limits limits_of(const json_t *root, const clutch_limits *most)
{
    clutch_limits out = *most;
    const json_t *object = json_object_get(root, "limits");
    for (size_t i = 0; i < LIMITS; i++) {
        json_int_t number = json_integer_value(json_object_get(object, limits[i].name));
        if (number > 0 && (uint64_t)number < *limit_of(&out, i))
            *limit_of(&out, i) = (uint64_t)number;
    }
    return out;
}

static clutch_intervals intervals_of(const json_t *root)
{
    const json_t *object = json_object_get(root, "intervals");
    return (clutch_intervals){sizeof(clutch_intervals),
                              number_of(object, "auto_pause_s"),
                              number_of(object, "auto_stop_s"),
                              number_of(object, "auto_archive_s"),
                              number_of(object, "auto_delete_s"),
                              number_of(object, "lifetime_s")};
}

static int make(clutch_engine *engine, const json_t *root, const char *owner, const char *name,
                clutch_sandbox **out, clutch_error *error)
{
    const char **labels = list_of(root, "labels"), **env = list_of(root, "env");
    clutch_limits given = limits_of(root, &engine->limits);
    clutch_intervals intervals = intervals_of(root);
    uint32_t depth = number_of(root, "undo_depth");
    clutch_sandbox_options options = {
        .struct_size = sizeof options,
        .id = text_of(root, "id"),
        .name = name ? name : text_of(root, "name"),
        .owner = owner,
        .env = env,
        .labels = labels,
        .limits = &given,
        .intervals = &intervals,
        .undo_depth = depth < LIMIT_UNDO_DEPTH ? depth : LIMIT_UNDO_DEPTH,
        .rollback = number_of(root, "rollback") == CLUTCH_ROLLBACK_FAILURE ? CLUTCH_ROLLBACK_FAILURE
                                                                           : CLUTCH_ROLLBACK_DEATH,
    };
    int code = labels && env ? sandbox_new(engine, &options, out, error) : error_memory(error);
    free(labels);
    free(env);
    if (code)
        return code == CLUTCH_E_INVALID ? CLUTCH_E_DAMAGED : code;
    json_int_t serial = json_integer_value(json_object_get(root, "executions"));
    (*out)->serial = serial > 0 ? (uint64_t)serial : 0;
    if (sandbox_set_text(&(*out)->origin, text_of(root, "origin")) &&
        sandbox_set_text(&(*out)->repository_url, text_of(root, "repository_url")) &&
        sandbox_set_text(&(*out)->current_branch, text_of(root, "current_branch")))
        return 0;
    sandbox_discard(*out);
    return error_memory(error);
}

int manifest_read(clutch_engine *engine, const char *text, size_t length, const char *owner,
                  const char *name, clutch_sandbox **out, clutch_error *error)
{
    json_error_t fault;
    json_t *root = json_loadb(text, length, 0, &fault);
    if (!json_is_object(root)) {
        json_decref(root);
        return error_set(error, CLUTCH_E_DAMAGED, 0, "the archive's record is no JSON object: %.100s",
                         fault.text);
    }
    int code = number_of(root, "version") > 1
                   ? error_set(error, CLUTCH_E_NEWER, 0,
                               "the archive's record has version %u, and this clutch knows 1",
                               number_of(root, "version"))
                   : make(engine, root, owner, name, out, error);
    if (code && error)
        error->code = code;
    json_decref(root);
    return code;
}
