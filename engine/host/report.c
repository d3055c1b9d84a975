/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: results and states as the JSON of the seed services' replies. */
#include "clutch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/error.h"

/* jansson takes a reference in every case; a NULL value makes the call fail. */
static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *output_array(const clutch_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < result->output_count; i++) {
        const clutch_output *element = &result->output[i];
        if (json_array_append_new(array, json_stringn(element->text, element->length)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *files_array(const clutch_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < result->file_count; i++) {
        const clutch_file *file = &result->files[i];
        json_t *row = json_object();
        if (!row || !put(row, "name", json_string(file->name)) ||
            !put(row, "url", json_string(file->url)) ||
            !put(row, "mime_type", json_string(file->mime_type)) ||
            json_array_append(array, row) != 0) {
            json_decref(array);
            array = NULL;
        }
        json_decref(row);
    }
    return array;
}

static json_t *dataframes_array(const clutch_dataframe *dataframes, size_t count, bool with_memory)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
        json_t *row = json_object();
        if (!row || !put(row, "name", json_string(dataframes[i].name)) ||
            !put(row, "num_rows", json_integer(dataframes[i].rows)) ||
            !put(row, "num_cols", json_integer(dataframes[i].columns)) ||
            (with_memory &&
             !put(row, "memory_usage_bytes", json_integer(dataframes[i].memory_bytes))) ||
            json_array_append(array, row) != 0) {
            json_decref(array);
            array = NULL;
        }
        json_decref(row);
    }
    return array;
}

/* Writes and frees the object. */
static int write_json(json_t *object, bool fine, char **out, clutch_error *error)
{
    char *text = object && fine ? json_dumps(object, JSON_PRESERVE_ORDER) : NULL;
    json_decref(object);
    if (!text)
        return error_memory(error);
    *out = text;
    return 0;
}

int clutch_result_json(const clutch_result *result, char **out, clutch_error *error)
{
    json_t *object = json_object();
    bool failed = result->error != NULL;
    bool fine = put(object, "output", failed ? json_null() : output_array(result)) &&
                (!failed || put(object, "error", json_string(result->error))) &&
                put(object, "execution_time_ms", json_integer((json_int_t)(result->wall_ns / 1000000))) &&
                put(object, "files", files_array(result)) &&
                put(object, "dataframes",
                    dataframes_array(result->dataframes, result->dataframe_count, false));
    return write_json(object, fine, out, error);
}

static unsigned long long in_units(uint64_t bytes, uint64_t unit)
{
    return bytes / unit + (bytes % unit >= (unit + 1) / 2);
}

/* Memory for people: three digits and a decimal unit. In whole numbers, since the host's locale may
 * write a fraction with a comma. */
static json_t *memory_text(uint64_t bytes)
{
    static const char *const names[] = {"B", "kB", "MB", "GB", "TB"};
    size_t name = 0;
    uint64_t unit = 1;
    while (in_units(bytes, unit) >= 1000 && name + 1 < sizeof names / sizeof names[0]) {
        unit *= 1000;
        name++;
    }
    char text[32];
    unsigned long long tenths = name == 0 ? 1000 : in_units(bytes, unit / 10);
    if (tenths < 1000)
        snprintf(text, sizeof text, "%llu.%llu %s", tenths / 10, tenths % 10, names[name]);
    else
        snprintf(text, sizeof text, "%llu %s", in_units(bytes, unit), names[name]);
    return json_string(text);
}

int clutch_status_json(const clutch_status *status, char **out, clutch_error *error)
{
    bool running = status->state == CLUTCH_STATE_RUNNING;
    json_t *object = json_object();
    bool fine = put(object, "status", json_string(running ? "running" : "stopped"));
    if (running)
        fine = fine && put(object, "memory_usage", memory_text(status->memory_bytes)) &&
               put(object, "dataframes",
                   dataframes_array(status->dataframes, status->dataframe_count, true));
    return write_json(object, fine, out, error);
}

void clutch_free(void *memory)
{
    free(memory);
}
