/* SPDX-License-Identifier: Apache-2.0 */
/* options.c: the caller's options, checked and with defaults filled in. */
#include "host/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "host/error.h"

#define INIT(type, function, value)                                                                \
    void function(type *options)                                                                   \
    {                                                                                              \
        static const type standard = value; /* copied as bytes: padding too is always the same */  \
        memcpy(options, &standard, sizeof standard);                                               \
    }
INIT(clutch_limits, clutch_limits_init, CLUTCH_LIMITS_INIT)
INIT(clutch_engine_options, clutch_engine_options_init, CLUTCH_ENGINE_OPTIONS_INIT)
INIT(clutch_sandbox_options, clutch_sandbox_options_init, CLUTCH_SANDBOX_OPTIONS_INIT)
INIT(clutch_execute_options, clutch_execute_options_init, CLUTCH_EXECUTE_OPTIONS_INIT)
INIT(clutch_intervals, clutch_intervals_init, CLUTCH_INTERVALS_INIT)
INIT(clutch_repository, clutch_repository_init, CLUTCH_REPOSITORY_INIT)
INIT(clutch_stop_options, clutch_stop_options_init, CLUTCH_STOP_OPTIONS_INIT)
INIT(clutch_starting_point, clutch_starting_point_init, CLUTCH_STARTING_POINT_INIT)
INIT(clutch_list_options, clutch_list_options_init, CLUTCH_LIST_OPTIONS_INIT)
#undef INIT

/* Every version's struct begins with the fields of the version before, so a smaller one is filled up
 * with zeros. A larger one is refused: it may hold wishes that this library does not know. */
static int copy_sized(const void *options, size_t size, void *out, const char *what,
                      clutch_error *error)
{
    memset(out, 0, size);
    if (options) {
        size_t given;
        memcpy(&given, options, sizeof given);
        if (given < sizeof given || given > size)
            return error_set(error, CLUTCH_E_INVALID, 0,
                             "%s has a struct_size of %zu and this library knows up to %zu: start from "
                             "the INIT macro, or link a newer library", what, given, size);
        memcpy(out, options, given);
    }
    memcpy(out, &size, sizeof size);
    return 0;
}

int options_engine(const clutch_engine_options *options, clutch_engine_options *out,
                   clutch_error *error)
{
    return copy_sized(options, sizeof *out, out, "clutch_engine_options", error);
}

int options_sandbox(const clutch_sandbox_options *options, clutch_sandbox_options *out,
                    clutch_error *error)
{
    return copy_sized(options, sizeof *out, out, "clutch_sandbox_options", error);
}

int options_intervals(const clutch_intervals *options, clutch_intervals *out, clutch_error *error)
{
    return copy_sized(options, sizeof *out, out, "clutch_intervals", error);
}

int options_repository(const clutch_repository *options, clutch_repository *out, clutch_error *error)
{
    int code = copy_sized(options, sizeof *out, out, "clutch_repository", error);
    if (code == 0 && out->timeout_ms == 0)
        out->timeout_ms = LIMIT_REPOSITORY_TIMEOUT_MS_DEFAULT;
    if (code == 0 && out->size_bytes == 0)
        out->size_bytes = LIMIT_REPOSITORY_BYTES_DEFAULT;
    return code;
}

int options_stop(const clutch_stop_options *options, clutch_stop_options *out, clutch_error *error)
{
    int code = copy_sized(options, sizeof *out, out, "clutch_stop_options", error);
    if (code == 0 && out->timeout_ms == 0)
        out->timeout_ms = LIMIT_STOP_TIMEOUT_MS_DEFAULT;
    return code;
}

int options_starting_point(const clutch_starting_point *options, clutch_starting_point *out,
                           clutch_error *error)
{
    return copy_sized(options, sizeof *out, out, "clutch_starting_point", error);
}

int options_list(const clutch_list_options *options, clutch_list_options *out, clutch_error *error)
{
    return copy_sized(options, sizeof *out, out, "clutch_list_options", error);
}

int options_execute(const clutch_execute_options *options, clutch_execute_options *out,
                    clutch_error *error)
{
    int code = copy_sized(options, sizeof *out, out, "clutch_execute_options", error);
    if (code == 0 && out->when_busy > CLUTCH_BUSY_REFUSE)
        code = error_set(error, CLUTCH_E_INVALID, 0, "when_busy is %u: use a CLUTCH_BUSY_ constant",
                         out->when_busy);
    if (code == 0 && out->filename && strlen(out->filename) > LIMIT_NAME_BYTES)
        code = error_set(error, CLUTCH_E_INVALID, 0, "the file name is longer than %zu bytes",
                         LIMIT_NAME_BYTES);
    if (code == 0 && out->filename &&
        text_valid_prefix(out->filename, strlen(out->filename)) != strlen(out->filename))
        code = error_set(error, CLUTCH_E_INVALID, 0, "the file name \"%.64s\" is not UTF-8",
                         out->filename);
    return code;
}

clutch_limits options_default_limits(void)
{
    return (clutch_limits){.struct_size = sizeof(clutch_limits),
                           .wall_ms = LIMIT_WALL_MS_DEFAULT,
                           .cpu_ms = CLUTCH_UNLIMITED,
                           .grace_ms = LIMIT_GRACE_MS_DEFAULT,
                           .output_bytes = LIMIT_OUTPUT_BYTES_DEFAULT,
                           .code_bytes = LIMIT_CODE_BYTES_DEFAULT,
                           .memory_bytes = LIMIT_MEMORY_BYTES_DEFAULT,
                           .file_bytes = LIMIT_FILE_BYTES_DEFAULT,
                           .open_files = LIMIT_OPEN_FILES_DEFAULT,
                           .threads = LIMIT_THREADS_DEFAULT,
                           .disk_bytes = CLUTCH_UNLIMITED,
                           .disk_files = CLUTCH_UNLIMITED,
                           .cpu_weight = LIMIT_CPU_WEIGHT_DEFAULT};
}

int options_limits(const clutch_limits *limits, const clutch_limits *defaults, clutch_limits *out,
                   clutch_error *error)
{
    clutch_limits given;
    int code = copy_sized(limits, sizeof given, &given, "clutch_limits", error);
    if (code)
        return code;
#define FILL(field)                                                                                \
    if (given.field == 0)                                                                          \
        given.field = defaults->field;
    FILL(wall_ms)
    FILL(cpu_ms)
    FILL(grace_ms)
    FILL(output_bytes)
    FILL(code_bytes)
    FILL(memory_bytes)
    FILL(file_bytes)
    FILL(open_files)
    FILL(threads)
    FILL(disk_bytes)
    FILL(disk_files)
    FILL(cpu_weight)
#undef FILL
    if (given.cpu_weight > LIMIT_CPU_WEIGHT_MAX)
        return error_set(error, CLUTCH_E_INVALID, 0, "a cpu_weight of %llu: it is 1 to %u",
                         (unsigned long long)given.cpu_weight, (unsigned)LIMIT_CPU_WEIGHT_MAX);
    if (given.code_bytes > LIMIT_CODE_BYTES_MAX)
        given.code_bytes = LIMIT_CODE_BYTES_MAX;
    *out = given;
    return 0;
}

size_t options_count(const char *const *list, size_t maximum)
{
    size_t count = 0;
    while (list && list[count])
        if (++count > maximum)
            return SIZE_MAX;
    return count;
}

char **options_copy_list(const char *const *list)
{
    size_t count = options_count(list, SIZE_MAX - 1), bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += strlen(list[i]) + 1;
    char **copy = malloc((count + 1) * sizeof *copy + bytes);
    if (!copy)
        return NULL;
    char *at = (char *)(copy + count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i] = at;
        at = stpcpy(at, list[i]) + 1;
    }
    copy[count] = NULL;
    return copy;
}

int options_check_pairs(const char *const *list, const char *what, clutch_error *error)
{
    if (options_count(list, LIMIT_ENV_COUNT) == SIZE_MAX)
        return error_set(error, CLUTCH_E_INVALID, 0, "%s has more than %zu entries", what,
                         LIMIT_ENV_COUNT);
    size_t bytes = 0;
    for (size_t i = 0; list && list[i]; i++) {
        const char *equals = strchr(list[i], '=');
        if (!equals || equals == list[i])
            return error_set(error, CLUTCH_E_INVALID, 0,
                             "%s has the entry \"%.64s\": write KEY=VALUE", what, list[i]);
        bytes += strlen(list[i]);
    }
    if (bytes > LIMIT_ENV_BYTES)
        return error_set(error, CLUTCH_E_INVALID, 0, "%s is larger than %zu bytes", what,
                         LIMIT_ENV_BYTES);
    return 0;
}
