/* SPDX-License-Identifier: Apache-2.0 */
/* console.h: what the page needs beside the other families: sandboxes with all that is known of them. */
#ifndef HTTP_CONSOLE_H
#define HTTP_CONSOLE_H

struct request;

/* GET /console/v1/sandboxes, and POST to create one with undo. In the pool, as all of these. */
void console_list(struct request *request);
void console_create(struct request *request);

/* GET and DELETE /console/v1/sandboxes/{id} */
void console_get(struct request *request);
void console_delete(struct request *request);

/* POST /console/v1/sandboxes/{id}/... */
void console_start(struct request *request);
void console_stop(struct request *request);
void console_clone(struct request *request);
void console_undo(struct request *request);
void console_interrupt(struct request *request);

#endif
