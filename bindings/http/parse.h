/* SPDX-License-Identifier: Apache-2.0 */
/* parse.h: JSON of others, who may want to harm. Any thread. */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { PARSE_VALUES_MAX = 100000 };

/* Whether a JSON text has at most so many values. Small values take up to a hundred times their text in
 * memory: a long text is fine, a long list is not. */
bool parse_is_small(const char *text, size_t length, size_t values_max);

/* NULL when it is none, or names a value twice. Where a number does not fit, all of them become
 * floating-point ones. error may be NULL. */
json_t *parse_any(const char *text, size_t length, json_error_t *error);

/* The same, NULL too when there are more values. */
json_t *parse_json(const char *text, size_t length, size_t values_max);

#endif
