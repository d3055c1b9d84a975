/* SPDX-License-Identifier: Apache-2.0 */
/* console_object.c: sandboxes and results as the JSON of the page. */
#include "console_object.h"

#include "links.h"
#include "pages.h"
#include "request.h"

const char console_look[] = "internal";

static json_t *text_or_null(const char *text)
{
    return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

/* A size that is not known is null. */
static json_t *size_or_null(int64_t bytes)
{
    return bytes >= 0 ? json_integer(bytes) : json_null();
}

static json_t *frames_of(const clutch_dataframe *frames, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        array = pages_append(array, json_pack("{s:s,s:I,s:I,s:o}", "name", frames[i].name, "rows",
                                              (json_int_t)frames[i].rows, "columns",
                                              (json_int_t)frames[i].columns, "memory_bytes",
                                              size_or_null(frames[i].memory_bytes)));
    return array;
}

json_t *console_sandbox(const clutch_sandbox_info *info, const clutch_status *status)
{
    bool runs = status != NULL && status->state == CLUTCH_STATE_RUNNING;
    return json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:I,s:o,s:I,s:o,s:b,s:o}", "id", info->id, "name", info->name,
                     "state", clutch_state_name(status != NULL ? status->state : info->state), "reason",
                     info->reason, "created_at", reply_time(info->created_ms), "activity_at",
                     reply_time(info->activity_ms), "executions", (json_int_t)info->executions, "origin",
                     text_or_null(info->origin), "undo_depth", (json_int_t)info->undo_depth, "memory_bytes",
                     runs ? json_integer((json_int_t)status->memory_bytes) : json_null(), "executing",
                     (int)(runs && status->executing), "dataframes",
                     runs ? frames_of(status->dataframes, status->dataframe_count) : json_array());
}

json_t *console_output(const clutch_output *element)
{
    return json_pack("{s:o,s:s}", "output", json_stringn(element->text, element->length), "stream",
                     element->stream == CLUTCH_STDERR ? "stderr" : "stdout");
}

static json_t *files_of(const struct request *request, const char *id, const clutch_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->file_count; i++) {
        const clutch_file *file = &result->files[i];
        array = pages_append(array, json_pack("{s:s,s:o,s:s,s:I}", "name", file->name, "url",
                                              links_make(request, id, file->name), "mime_type",
                                              file->mime_type, "size_bytes", (json_int_t)file->size_bytes));
    }
    return array;
}

static json_t *refusals_of(const clutch_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->refusal_count; i++) {
        const clutch_refusal *refusal = &result->refusals[i];
        array = pages_append(array, json_pack("{s:s,s:s,s:I}", "kind", clutch_refusal_name(refusal->kind),
                                              "what", refusal->what, "line", (json_int_t)refusal->line));
    }
    return array;
}

json_t *console_result(const struct request *request, const char *id, const clutch_result *result)
{
    return json_pack("{s:s,s:o,s:o,s:o,s:I,s:o,s:o,s:s,s:I,s:I,s:b,s:b,s:o,s:o,s:o}", "outcome",
                     clutch_outcome_name(result->outcome), "error", text_or_null(result->error), "type",
                     text_or_null(result->exception_type), "message", text_or_null(result->exception_message),
                     "line", (json_int_t)result->line, "traceback", text_or_null(result->traceback), "value",
                     text_or_null(result->value), "limit", clutch_limit_name(result->limit), "duration_us",
                     (json_int_t)(result->wall_ns / 1000), "omitted_bytes",
                     (json_int_t)result->omitted_bytes, "sandbox_ended", (int)result->sandbox_ended,
                     "rolled_back", (int)result->rolled_back, "files", files_of(request, id, result),
                     "dataframes", frames_of(result->dataframes, result->dataframe_count), "refusals",
                     refusals_of(result));
}
