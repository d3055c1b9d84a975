/* SPDX-License-Identifier: Apache-2.0 */
/* error.c: filling the caller's clutch_error, and the names of codes. */
#include "host/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

_Static_assert(sizeof(clutch_error) == 512, "the error is part of the binary interface");

/* One line of UTF-8, whatever the caller's strings in it hold and wherever it was cut. */
static void make_one_line(char *text)
{
    size_t length = strlen(text);
    length -= text_cut_tail(text, length);
    text[length] = 0;
    for (size_t at = 0; at < length; at++) {
        at += text_valid_prefix(text + at, length - at);
        if (at < length)
            text[at] = '?';
    }
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
}

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
    make_one_line(error->message);
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

#define WORD(name, number, word)                                                                   \
    case number:                                                                                   \
        return word;
#define WORD_OF(function, list)                                                                    \
    const char *function(uint32_t number)                                                          \
    {                                                                                              \
        switch (number) {                                                                          \
            list(WORD) default : return "unknown";                                                 \
        }                                                                                          \
    }
WORD_OF(clutch_outcome_name, CLUTCH_OUTCOMES)
WORD_OF(clutch_limit_name, CLUTCH_LIMITS)
WORD_OF(clutch_refusal_name, CLUTCH_REFUSALS)
WORD_OF(clutch_state_name, CLUTCH_STATES)
#undef WORD_OF
#undef WORD

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
