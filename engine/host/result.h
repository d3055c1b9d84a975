/* SPDX-License-Identifier: Apache-2.0 */
/* result.h: building the result of an execution from what the worker says. */
#ifndef CLUTCH_HOST_RESULT_H
#define CLUTCH_HOST_RESULT_H

#include "base/buf.h"
#include "clutch.h"
#include "wire/message.h"

/* A result under construction. The public struct comes first. */
struct result {
    clutch_result public;
    struct buf text;     /* all output text; offsets in elements until result_finish */
    struct buf elements; /* clutch_output */
    bool element_open;   /* the last element goes on in the next OUTPUT */
    uint64_t kept_bytes;
    void **owned;        /* strings and arrays to free */
    size_t owned_count, owned_capacity;
};

struct result *result_new(void);

enum result_put { RESULT_PUT, RESULT_NO_MEMORY, RESULT_TOO_MUCH, RESULT_MALFORMED };

/* Adds a piece of output. TOO_MUCH when the worker sends more than maximum bytes or more elements than
 * there may be. When an element is whole, *whole is it, borrowed until the next call; otherwise its
 * text is NULL. */
enum result_put result_output(struct result *result, const struct wire_output *output,
                              uint64_t maximum, clutch_output *whole);

/* Takes texts and lists from a DONE message. workdir is for the files' URLs. */
enum result_put result_done(struct result *result, const struct wire_done *done, const char *workdir);

/* Sets a string field to a copy. False when memory ran out. */
bool result_string(struct result *result, const char **field, const char *text, size_t length);
bool result_format(struct result *result, const char **field, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Sets the output's addresses; after it the result is handed out. */
void result_finish(struct result *result);

/* Makes an array of a list of dataframes; *out is one block, names in it, that free frees. Outputs are
 * untouched when it is malformed or memory ran out. */
enum result_put result_dataframes(struct wire_list list, const clutch_dataframe **out,
                                  size_t *count);

#endif
