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

/* NULL when it is none, or has more values, or names one twice. */
json_t *parse_json(const char *text, size_t length, size_t values_max);

#endif
