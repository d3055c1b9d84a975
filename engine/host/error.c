/* SPDX-License-Identifier: Apache-2.0 */
/* error.c: filling the caller's clutch_error, and the names of codes. */
#include "host/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(clutch_error) == 512, "the error is part of the binary interface");

int error_set(clutch_error *error, int code, int sys_errno, const char *format, ...)
{
    if (!error)
        return code;
    *error = (clutch_error){.code = code, .sys_errno = sys_errno};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->message);
    char text[128];
    if (sys_errno)
        snprintf(error->message + used, sizeof error->message - used, ": %s",
                 strerror_r(sys_errno, text, sizeof text));
    for (char *at = error->message; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    return code;
}

int error_memory(clutch_error *error)
{
    return error_set(error, CLUTCH_E_MEMORY, ENOMEM, "the host has no memory left");
}

const char *clutch_error_name(int code)
{
    switch (code) {
    case CLUTCH_OK:
        return "OK";
#define NAME(name, number, sentence)                                                               \
    case number:                                                                                   \
        return #name;
        CLUTCH_ERRORS(NAME)
#undef NAME
    default:
        return "UNKNOWN";
    }
}

const char *clutch_error_sentence(int code)
{
    switch (code) {
    case CLUTCH_OK:
        return "it worked";
#define SENTENCE(name, number, sentence)                                                           \
    case number:                                                                                   \
        return sentence;
        CLUTCH_ERRORS(SENTENCE)
#undef SENTENCE
    default:
        return "no such code";
    }
}

const char *clutch_outcome_name(uint32_t outcome)
{
    switch (outcome) {
#define WORD(name, number, word)                                                                   \
    case number:                                                                                   \
        return word;
        CLUTCH_OUTCOMES(WORD)
#undef WORD
    default:
        return "unknown";
    }
}

const char *clutch_limit_name(uint32_t limit)
{
    switch (limit) {
#define WORD(name, number, word)                                                                   \
    case number:                                                                                   \
        return word;
        CLUTCH_LIMITS(WORD)
#undef WORD
    default:
        return "unknown";
    }
}

const char *clutch_version(void)
{
    return CLUTCH_VERSION;
}

uint32_t clutch_version_number(void)
{
    return CLUTCH_VERSION_NUMBER;
}

const char *clutch_built_with(void)
{
    return "Python " CLUTCH_BUILT_PYTHON ", environment " CLUTCH_BUILT_ENVIRONMENT;
}
