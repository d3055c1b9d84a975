/* SPDX-License-Identifier: Apache-2.0 */
/* parse.c: JSON of others, who may want to harm. */
#include "parse.h"

bool parse_is_small(const char *text, size_t length, size_t values_max)
{
    size_t values = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted)
            i += text[i] == '\\';
        else
            values += text[i] == ',' || text[i] == '[' || text[i] == '{';
    return values <= values_max;
}

json_t *parse_any(const char *text, size_t length, json_error_t *error)
{
    enum { FLAGS = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };
    json_error_t own;
    error = error != NULL ? error : &own;
    json_t *json = json_loadb(text, length, FLAGS, error);
    if (json == NULL && json_error_code(error) == json_error_numeric_overflow)
        json = json_loadb(text, length, FLAGS | JSON_DECODE_INT_AS_REAL, error);
    return json;
}

json_t *parse_json(const char *text, size_t length, size_t values_max)
{
    return parse_is_small(text, length, values_max) ? parse_any(text, length, NULL) : NULL;
}
