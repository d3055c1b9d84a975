/* SPDX-License-Identifier: Apache-2.0 */
/* result.c: building the result of an execution from what the worker says. */
#include "host/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "host/files.h"
#include "wire/codec.h"

struct result *result_new(void)
{
    return calloc(1, sizeof(struct result));
}

void clutch_result_free(clutch_result *public)
{
    if (!public)
        return;
    struct result *result = (struct result *)public;
    buf_free(&result->text);
    buf_free(&result->elements);
    for (size_t i = 0; i < result->owned_count; i++)
        free(result->owned[i]);
    free(result->owned);
    free(result);
}

/* Makes the result the owner of memory, which is freed at once when that does not work. */
static bool own(struct result *result, void *memory)
{
    if (!memory)
        return false;
    if (result->owned_count == result->owned_capacity) {
        size_t capacity = result->owned_capacity ? 2 * result->owned_capacity : 8;
        void **owned = realloc(result->owned, capacity * sizeof *owned);
        if (!owned) {
            free(memory);
            return false;
        }
        result->owned = owned;
        result->owned_capacity = capacity;
    }
    result->owned[result->owned_count++] = memory;
    return true;
}

bool result_string(struct result *result, const char **field, const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    if (!own(result, copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = 0;
    *field = copy;
    return true;
}

bool result_format(struct result *result, const char **field, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0 || !own(result, text))
        return false;
    *field = text;
    return true;
}

/* ---- Output ---- */

/* While the result is built, an element's text is an offset in the disguise of a pointer: the text's
 * memory may move. */
static clutch_output *last_element(struct result *result)
{
    return (clutch_output *)(void *)(result->elements.data + result->elements.length) - 1;
}

static bool begin_element(struct result *result, uint32_t stream)
{
    clutch_output element = {(const char *)(uintptr_t)result->text.length, 0, stream};
    return buf_append(&result->elements, &element, sizeof element);
}

enum result_put result_output(struct result *result, const struct wire_output *output,
                              uint64_t maximum, clutch_output *whole)
{
    *whole = (clutch_output){0};
    if (result->kept_bytes + output->text.length > maximum)
        return RESULT_TOO_MUCH;
    if (!result->element_open) {
        if (result->elements.length / sizeof(clutch_output) >= LIMIT_OUTPUT_ELEMENTS)
            return RESULT_TOO_MUCH;
        if (!begin_element(result, output->stream))
            return RESULT_NO_MEMORY;
    }
    clutch_output *element = last_element(result);
    if (element->stream != output->stream)
        return RESULT_TOO_MUCH;
    /* Room for a final NUL too, so that an element can always be ended. */
    if (!buf_reserve(&result->text, output->text.length + 1))
        return RESULT_NO_MEMORY;
    buf_append(&result->text, output->text.data, output->text.length);
    result->kept_bytes += output->text.length;
    element->length += output->text.length;
    result->element_open = output->more;
    if (output->more)
        return RESULT_PUT;
    buf_append(&result->text, "", 1);
    *whole = *element;
    whole->text = (const char *)result->text.data + (uintptr_t)element->text;
    return RESULT_PUT;
}

void result_finish(struct result *result)
{
    if (result->element_open)
        buf_append(&result->text, "", 1);
    result->public.output_count = result->elements.length / sizeof(clutch_output);
    clutch_output *elements = (clutch_output *)(void *)result->elements.data;
    for (size_t i = 0; i < result->public.output_count; i++)
        elements[i].text = (const char *)result->text.data + (uintptr_t)elements[i].text;
    result->public.output = elements;
}

/* ---- Lists ---- */

static bool list_is_used_up(const struct wire_list *list)
{
    return list->count == 0 && list->length == 0;
}

enum result_put result_dataframes(struct wire_list list, const clutch_dataframe **out,
                                  size_t *count)
{
    const size_t rows_count = list.count;
    clutch_dataframe *rows = malloc(rows_count * (sizeof *rows + 1) + list.length + 1);
    if (!rows)
        return RESULT_NO_MEMORY;
    char *names = (char *)(rows + rows_count);
    struct wire_dataframe row;
    for (size_t i = 0; codec_next_dataframe(&list, &row); i++) {
        rows[i] = (clutch_dataframe){names, row.rows, row.columns, row.memory_bytes};
        memcpy(names, row.name.data, row.name.length);
        names[row.name.length] = 0;
        names += row.name.length + 1;
    }
    if (!list_is_used_up(&list)) {
        free(rows);
        return RESULT_MALFORMED;
    }
    *out = rows;
    *count = rows_count;
    return RESULT_PUT;
}

static enum result_put take_files(struct result *result, struct wire_list list, const char *workdir)
{
    size_t count = list.count;
    clutch_file *files = calloc(count ? count : 1, sizeof *files);
    if (!own(result, files))
        return RESULT_NO_MEMORY;
    struct wire_file row;
    size_t taken = 0;
    while (codec_next_file(&list, &row)) {
        clutch_file *file = &files[taken];
        if (!files_name_is_fine(row.name.data, row.name.length))
            return RESULT_MALFORMED;
        char *url = files_url(workdir, row.name.data, row.name.length);
        if (!own(result, url) ||
            !result_string(result, &file->name, row.name.data, row.name.length))
            return RESULT_NO_MEMORY;
        file->url = url;
        file->mime_type = files_mime_type(file->name);
        file->size_bytes = row.size_bytes;
        taken++;
    }
    result->public.files = files;
    result->public.file_count = taken;
    return list_is_used_up(&list) ? RESULT_PUT : RESULT_MALFORMED;
}

static enum result_put take_refusals(struct result *result, struct wire_list list)
{
    clutch_refusal *refusals = calloc(list.count ? list.count : 1, sizeof *refusals);
    if (!own(result, refusals))
        return RESULT_NO_MEMORY;
    struct wire_refusal_row row;
    size_t taken = 0;
    while (codec_next_refusal(&list, &row)) {
        refusals[taken] = (clutch_refusal){.kind = row.kind, .line = row.line};
        if (!result_string(result, &refusals[taken].what, row.what.data, row.what.length))
            return RESULT_NO_MEMORY;
        taken++;
    }
    result->public.refusals = refusals;
    result->public.refusal_count = taken;
    return list_is_used_up(&list) ? RESULT_PUT : RESULT_MALFORMED;
}

enum result_put result_done(struct result *result, const struct wire_done *done, const char *workdir)
{
    clutch_result *public = &result->public;
    public->omitted_bytes = done->omitted_bytes;
    public->omitted_elements = done->omitted_elements;
    public->cpu_ns = done->cpu_ns;
    public->memory_peak_bytes = done->memory_peak_bytes;
    public->line = done->line;
    public->files_truncated = done->truncated & 1;
    public->dataframes_truncated = done->truncated & 2;
    public->refusals_truncated = done->truncated & 4;
    bool fine = true;
#define TAKE(field, from)                                                                          \
    fine = fine && result_string(result, &public->field, done->from.data, done->from.length);
    if (done->has_error) {
        TAKE(error, error)
        TAKE(exception_type, type)
        TAKE(exception_message, message)
        TAKE(traceback, traceback)
    }
    if (done->has_value)
        TAKE(value, value)
#undef TAKE
    if (!fine)
        return RESULT_NO_MEMORY;
    enum result_put put = take_files(result, done->files, workdir);
    if (put == RESULT_PUT)
        put = take_refusals(result, done->refusals);
    const clutch_dataframe *rows = NULL;
    if (put == RESULT_PUT)
        put = result_dataframes(done->dataframes, &rows, &public->dataframe_count);
    if (put == RESULT_PUT && !own(result, (void *)rows))
        put = RESULT_NO_MEMORY;
    public->dataframes = rows;
    return put;
}
