/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles_list.h: the TextQL family: what there is, what ran, and the end. In the pool. */
#ifndef HTTP_SANDCASTLES_LIST_H
#define HTTP_SANDCASTLES_LIST_H

struct request;

void sandcastles_list(struct request *request);       /* GET /v2/sandcastles */
void sandcastles_stop(struct request *request);       /* DELETE /v2/sandcastles/{id} */
void sandcastles_log(struct request *request);        /* GET /v2/sandcastles/{id}/executions */
void sandcastles_connectors(struct request *request); /* GET /v2/connectors */

#endif
