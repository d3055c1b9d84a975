/* SPDX-License-Identifier: Apache-2.0 */
/* present.c: what the library knows, as the JSON of the TextQL family. */
#include "present.h"

#include "links.h"
#include "pages.h"
#include "request.h"

static json_t *output_of(const clutch_result *result)
{
    if (result->error != NULL)
        return json_null();
    json_t *array = json_array();
    for (size_t i = 0; i < result->output_count && array != NULL; i++)
        array = pages_append(array, json_stringn(result->output[i].text, result->output[i].length));
    return array;
}

static json_t *files_of(const struct request *request, const char *id, const clutch_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->file_count && array != NULL; i++) {
        const clutch_file *file = &result->files[i];
        array = pages_append(array, json_pack("{s:s,s:o,s:s}", "name", file->name, "url",
                                        links_make(request, id, file->name), "mime_type", file->mime_type));
    }
    return array;
}

/* Clients read the numbers of a status into 32 bits, those of an execution into 64. */
static json_int_t number_of(int64_t number, bool is_status)
{
    return is_status && number > INT32_MAX ? INT32_MAX : (json_int_t)number;
}

static json_t *dataframes_of(const clutch_dataframe *dataframes, size_t count, bool is_status)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count && array != NULL; i++) {
        const clutch_dataframe *frame = &dataframes[i];
        json_t *item = json_pack("{s:s,s:I,s:I}", "name", frame->name, "num_rows",
                                 number_of(frame->rows, is_status), "num_cols",
                                 number_of(frame->columns, is_status));
        if (is_status && item != NULL)
            (void)json_object_set_new(item, "memory_usage_bytes", json_integer(frame->memory_bytes));
        array = pages_append(array, item);
    }
    return array;
}

json_t *present_result(const struct request *request, const char *id, const clutch_result *result)
{
    json_t *reply = json_pack("{s:o,s:I,s:o,s:o}", "output", output_of(result), "execution_time_ms",
                              (json_int_t)(result->wall_ns / 1000000), "files",
                              files_of(request, id, result), "dataframes",
                              dataframes_of(result->dataframes, result->dataframe_count, false));
    if (reply == NULL || result->error == NULL ||
        json_object_set_new(reply, "error", json_string(result->error)) == 0)
        return reply;
    json_decref(reply);
    return NULL;
}

static json_t *memory_text(uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    return json_sprintf(unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
}

json_t *present_status(const clutch_status *status)
{
    if (status->state != CLUTCH_STATE_RUNNING && status->state != CLUTCH_STATE_PAUSED)
        return json_pack("{s:s}", "status", "stopped");
    return json_pack("{s:s,s:o,s:o}", "status", "running", "memory_usage", memory_text(status->memory_bytes),
                     "dataframes", dataframes_of(status->dataframes, status->dataframe_count, true));
}
