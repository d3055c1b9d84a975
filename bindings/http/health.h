/* SPDX-License-Identifier: Apache-2.0 */
/* health.h: whether the server lives, and whether it takes work. */
#ifndef HTTP_HEALTH_H
#define HTTP_HEALTH_H

struct request;

void health_live(struct request *request);  /* GET /healthz */
void health_ready(struct request *request); /* GET /readyz */

#endif
