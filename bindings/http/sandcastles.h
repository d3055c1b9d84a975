/* SPDX-License-Identifier: Apache-2.0 */
/* sandcastles.h: the TextQL family, /v2/sandcastles. */
#ifndef HTTP_SANDCASTLES_H
#define HTTP_SANDCASTLES_H

struct request;

void sandcastles_start(struct request *request);   /* POST /v2/sandcastles */
void sandcastles_status(struct request *request);  /* GET /v2/sandcastles/{id} */
void sandcastles_execute(struct request *request); /* POST /v2/sandcastles/{id}/execute */

#endif
