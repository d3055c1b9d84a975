/* SPDX-License-Identifier: Apache-2.0 */
/* pages.c: lists that are read page by page. */
#include "pages.h"

#include <stdlib.h>
#include <string.h>

#include "request.h"

bool pages_limit(struct request *request, uint32_t most, uint32_t usual, uint32_t *out)
{
    const char *text = request_query(request, "limit");
    if (text == NULL) {
        *out = usual;
        return true;
    }
    size_t length = strlen(text);
    unsigned long number = length <= 9 ? strtoul(text, NULL, 10) : 0;
    if (strspn(text, "0123456789") != length || number < 1 || number > most) {
        reply_error(request, 400, "limit must be a number from 1 to %u", most);
        return false;
    }
    *out = (uint32_t)number;
    return true;
}

const char *pages_cursor(const struct request *request)
{
    const char *text = request_query(request, "cursor");
    return text != NULL && *text != '\0' ? text : NULL;
}

bool pages_sandboxes(struct request *request, uint32_t states, clutch_sandbox_page **out)
{
    clutch_list_options options = CLUTCH_LIST_OPTIONS_INIT;
    clutch_error error;
    if (!pages_limit(request, 200, 50, &options.limit))
        return false;
    options.owner = request_owner(request);
    options.states = states;
    options.order = CLUTCH_ORDER_CREATED;
    options.cursor = pages_cursor(request);
    if (clutch_engine_list(request->server->engine, &options, out, &error) == 0)
        return true;
    reply_failure(request, &error);
    return false;
}

json_t *pages_append(json_t *array, json_t *item)
{
    if (array != NULL && item != NULL && json_array_append_new(array, item) == 0)
        return array;
    json_decref(array);
    return NULL;
}

void pages_answer(struct request *request, const char *name, json_t *items, const char *next_cursor)
{
    json_t *reply = json_pack("{s:o}", name, items);
    if (reply != NULL && next_cursor != NULL)
        (void)json_object_set_new(reply, "next_cursor", json_string(next_cursor));
    reply_json(request, 200, reply);
}
