/* SPDX-License-Identifier: Apache-2.0 */
/* console_object.h: sandboxes and results as the JSON of the page. NULL when memory runs out. */
#ifndef HTTP_CONSOLE_OBJECT_H
#define HTTP_CONSOLE_OBJECT_H

#include <jansson.h>

#include "clutch.h"

struct request;

/* The word by which the records know what the page's own looks ran. */
extern const char console_look[];

/* status may be NULL: what only a running sandbox knows is null then. */
json_t *console_sandbox(const clutch_sandbox_info *info, const clutch_status *status);

json_t *console_output(const clutch_output *element);

/* All but the output, which has been told. */
json_t *console_result(const struct request *request, const char *id, const clutch_result *result);

#endif
