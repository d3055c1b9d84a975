/* SPDX-License-Identifier: Apache-2.0 */
/* recoup.h: the Recoup family, /api/sandbox: one sandbox for each session of an agent. */
#ifndef HTTP_RECOUP_H
#define HTTP_RECOUP_H

struct request;

void recoup_create(struct request *request);    /* POST /api/sandbox */
void recoup_status(struct request *request);    /* GET /api/sandbox/status */
void recoup_reconnect(struct request *request); /* GET /api/sandbox/reconnect */
void recoup_extend(struct request *request);    /* POST /api/sandbox/extend */
void recoup_activity(struct request *request);  /* POST /api/sandbox/activity */
void recoup_pause(struct request *request);     /* POST /api/sandbox/snapshot */
void recoup_restore(struct request *request);   /* PUT /api/sandbox/snapshot */

#endif
