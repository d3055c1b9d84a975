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

json_t *parse_json(const char *text, size_t length, size_t values_max)
{
    return parse_is_small(text, length, values_max)
               ? json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL)
               : NULL;
}
