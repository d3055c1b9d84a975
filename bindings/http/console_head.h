/* SPDX-License-Identifier: Apache-2.0 */
/* console_head.h: the first rows of a dataframe. */
#ifndef HTTP_CONSOLE_HEAD_H
#define HTTP_CONSOLE_HEAD_H

struct request;

/* POST /console/v1/sandboxes/{id}/head {"name": "df", "rows": 10}. Runs a look inside the sandbox, as an
 * execution of its own. On the loop. */
void console_head(struct request *request);

#endif
