/* SPDX-License-Identifier: Apache-2.0 */
/* pages.h: lists that are read page by page. */
#ifndef HTTP_PAGES_H
#define HTTP_PAGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "clutch.h"

struct request;

/* The query's limit, from 1 to most; usual when it has none. False when the reply is made. */
bool pages_limit(struct request *request, uint32_t most, uint32_t usual, uint32_t *out);

/* The query's cursor; NULL when it has none, or an empty one. Borrowed until the request ends. */
const char *pages_cursor(const struct request *request);

/* The query's page of the owner's sandboxes in these states (0: all but deleted), the newest first. False
 * when the reply is made; free it with clutch_sandbox_page_free. */
bool pages_sandboxes(struct request *request, uint32_t states, clutch_sandbox_page **out);

/* The item is moved. Returns the array, or NULL when either is or memory runs out. */
json_t *pages_append(json_t *array, json_t *item);

/* Answers {NAME: items, "next_cursor": ".."}, the latter only when there is more. items is moved. */
void pages_answer(struct request *request, const char *name, json_t *items, const char *next_cursor);

#endif
