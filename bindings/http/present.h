/* SPDX-License-Identifier: Apache-2.0 */
/* present.h: what the library knows, as the JSON of the TextQL family. NULL when memory runs out. */
#ifndef HTTP_PRESENT_H
#define HTTP_PRESENT_H

#include <jansson.h>

#include "clutch.h"

struct request;

/* {"output": [..] or null, "error": "..", "execution_time_ms": n, "files": [..], "dataframes": [..]} */
json_t *present_result(const struct request *request, const char *id, const clutch_result *result);

/* {"status": "..", "memory_usage": "..", "dataframes": [..]} */
json_t *present_status(const clutch_status *status);

#endif
